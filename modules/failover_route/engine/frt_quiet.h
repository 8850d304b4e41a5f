/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A destination that has fallen silent, seen before any timer says so: some
 * INVITEs to different users wait there, and since the first of them was sent
 * nobody has had a reply. That is enough to send new calls elsewhere for the
 * moment, and too little for a verdict: under loss a retransmission may yet be
 * answered. The first reply of any kind ends it, and so does the end of the
 * last that waits. Must not know calls, health or a clock.
 *
 * Kept twice for each destination: for attempts without any reply, and for
 * those that have not got beyond a 100. No lock: of two calls at once one may
 * be counted late, which costs a call at most.
 */
#ifndef FRT_QUIET_H
#define FRT_QUIET_H

#include "frt_base.h"

#include <stdatomic.h>

/* So many attempts in a row. */
#define FRT_QUIET_RUN 3u

typedef struct frt_quiet
{
	_Atomic uint32_t open; /* attempts that wait */
	_Atomic uint32_t run;  /* attempts sent since the last sign of life */
	_Atomic uint32_t
			user; /* called by the first of the run: half of the hash */
	_Atomic uint32_t users; /* 1: more than one */
	/* when the run had enough attempts, to more than one user; 0: it has not */
	_Atomic uint64_t since_ms;
	/* when the youngest attempt that was heard had been sent; 0: never */
	_Atomic uint64_t heard_ms;
} frt_quiet_t;

/* An attempt is sent; user is half of the hash of whom it calls
 * (frt_hash_half()), and 0 unknown, and nobody's. */
void frt_quiet_sent(frt_quiet_t *q, uint32_t user, uint64_t now_ms);
/* A sign of life came, on an attempt sent then. */
void frt_quiet_heard(frt_quiet_t *q, uint64_t sent_ms);
/* An attempt waits no more: heard, ended, given up. Once for each sent. */
void frt_quiet_over(frt_quiet_t *q);
/* Is it silent, where patience_ms would be long enough to be heard? Never with
 * a patience of 0, which is unknown. */
bool frt_quiet_is(const frt_quiet_t *q, uint32_t patience_ms, uint64_t now_ms);
/* Do attempts wait, and was none of the run given up? */
bool frt_quiet_hopes(const frt_quiet_t *q);
/* Was an attempt heard that had been sent later than this? */
bool frt_quiet_heard_since(const frt_quiet_t *q, uint64_t sent_ms);

#endif
