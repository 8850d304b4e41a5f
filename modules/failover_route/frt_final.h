/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The caller's final answer where nothing more is tried. Must not choose a
 * destination, nor send a request.
 */
#ifndef FRT_FINAL_H
#define FRT_FINAL_H

#include "frt_call.h"

/* mod_init: watches the end of failure routes. 0 or -1. */
int frt_final_init(void);

/* Answers with the best of what came back (RFC 3261 section 16.7), if nothing is open
 * and the caller has no answer yet. */
void frt_final_unsent(frt_call_t *call, struct cell *t, sip_msg_t *msg);
/* In a failure: the same, unless tm relays what is as good, or the script has gone
 * on by itself. tm's reply lock is held. */
void frt_final_answer(frt_call_t *call, struct cell *t, sip_msg_t *msg);
/* In a failure of a call that the script goes on with: the same, where it had
 * suspended the transaction and nobody went on in time, unless a failure_route
 * follows. */
void frt_final_waited(frt_call_t *call, struct cell *t, sip_msg_t *msg);
/* Answers 487 where the caller has hung up and nothing is open. */
void frt_final_cancelled(sip_msg_t *msg, struct cell *t);

#endif
