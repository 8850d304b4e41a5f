/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Passive observation: what tm's callbacks show of every attempt, whichever
 * way it was routed, turned into outcomes, verdicts and counters. Must not
 * know how the next destination is tried (frt_relay.h).
 */
#ifndef FRT_REPLY_H
#define FRT_REPLY_H

#include "frt_call.h"

/* In mod_init. Returns 0, or -1 without memory. */
int frt_reply_init(void);
/* A reply came in: TMCB_RESPONSE_IN. No lock of tm is held. */
void frt_reply_in(frt_call_t *call, struct cell *t, struct tmcb_params *ps);
/* How an attempt ended, as far as its transaction knows: the method, and whether
 * the caller has cancelled. Neither Reason nor Retry-After. */
frt_outcome_t frt_reply_outcome(
		struct cell *t, frt_origin_t origin, uint16_t code);
/* Ends an attempt: judges the outcome, counts it once, observes. What came
 * before the end (o's trying and provisional) is filled in from the attempt. */
void frt_reply_end(frt_call_t *call, frt_attempt_t *a, frt_outcome_t *o);
/* Ends one attempt without a verdict: it never went out, or is cancelled for
 * another's sake. The call may try the next. */
void frt_reply_drop(frt_call_t *call, frt_attempt_t *a);
/* The transaction, or the message, has gone: attempts still open end without
 * a verdict. */
void frt_reply_abandon(frt_call_t *call);

#endif
