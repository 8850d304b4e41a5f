/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Admission: after a destination was chosen, may this call go there? It takes
 * a place within max-calls and max-cps, and the trial's token; what is refused
 * is chosen around, not marked down. Must not know how a call is sent nor how
 * it ends: frt_call.h takes, frt_reply.h and frt_dialog.h give back.
 */
#ifndef FRT_ADMIT_H
#define FRT_ADMIT_H

#include "frt_observe.h"

/* Takes a place (counts a call in progress) and the token. 0; FRT_E_FULL: no
 * place; FRT_E_BUSY: on trial, and another call has the token. panic: of a
 * destination that is down, where the token does not matter. In a set that
 * only watches (shadow) nobody is refused. No lock may be held; between
 * frt_table_enter() and frt_table_leave(). */
int frt_admit(frt_dst_t *dst, bool panic, uint64_t now_ms, uint8_t *token);
/* Counts a call that is there already, whatever the cap; no lock held. */
void frt_admit_present(frt_rec_t *rec);
/* Gives the place back, once; any process, no lock held. */
void frt_admit_leave(frt_rec_t *rec);

#endif
