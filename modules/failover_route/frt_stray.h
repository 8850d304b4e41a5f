/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The late 2xx of a destination that the call has left: passed on where the
 * caller still waits (RFC 3261 section 16.7), and else kept from the caller
 * and ended with ACK and BYE (section 13.2.2.4), so that the telephone that
 * answered does not stay off the hook. Also when the transaction has gone.
 * Must not know why a call left a destination.
 */
#ifndef FRT_STRAY_H
#define FRT_STRAY_H

#include "frt_call.h"
#include "engine/frt_icmp.h"

/* mod_init: makes the memory of branches left. 0 or -1. */
int frt_stray_init(void);
void frt_stray_destroy(void);

/* A 2xx to the INVITE came on a branch: decides, and keeps tm from relaying
 * what must not reach the caller. No lock held. True if it is the call's answer
 * from now on. */
bool frt_stray_in(frt_call_t *call, struct cell *t, int branch, sip_msg_t *rpl);
/* The attempt has ended without a final response of its destination. tm's
 * reply lock is held. */
void frt_stray_left(frt_call_t *call, struct cell *t, frt_attempt_t *a);
/* The 2xx that was to be the answer is none if tm has given up its branch before it took
 * it. tm's reply lock is held. */
void frt_stray_lost(frt_call_t *call, struct cell *t);
/* tm is about to cancel all branches but this attempt's: what is still open
 * there is over, whatever comes of it. */
void frt_stray_others(frt_call_t *call, struct cell *t, const frt_attempt_t *a);
/* The transaction goes: what was left is remembered. */
void frt_stray_forget(const frt_call_t *call);

/* A test call is about to be made: from now on a 2xx may be the answer of one,
 * and is ended like those of branches left. */
void frt_stray_calling(void);
/* The branch of a test call. Any process. */
void frt_stray_expect(const frt_branch_t *via);

/* Sends what is to be sent: the prober's process, where it may wait for a
 * name. */
void frt_stray_work(void);

#endif
