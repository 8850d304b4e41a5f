/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Relaying and failing over: frt_relay in one line, and the same in steps.
 * All return 1 or a negative frt_err_t (never 0, which would end the script).
 */
#ifndef FRT_RELAY_H
#define FRT_RELAY_H

#include "frt_call.h"

/* mod_init: watches the end of failure routes. 0 or -1. */
int frt_relay_init(void);

/* Chooses, relays and fails over by itself. Request and failure routes.
 * Requests of a dialog, ACK and CANCEL are relayed where they belong. Returns
 * 1 when the request is taken care of (sent, absorbed as a retransmission, or
 * answered because every destination refused it at once); FRT_E_NOSET,
 * FRT_E_NONE_USABLE and so on when nothing was sent and no reply was made. */
int frt_relay(sip_msg_t *msg, str *set, str *key);
/* Chooses only; the script relays. */
int frt_select(sip_msg_t *msg, str *set, str *key);
/* Chooses the next one of the set selected before. */
int frt_next(sip_msg_t *msg);
/* In a failure route: chooses the destination that has just refused the request
 * once more; the script, which has changed the request, relays it. */
int frt_again(sip_msg_t *msg);
/* In a failure route: 1 if the policy says "next" for what just happened; else
 * FRT_E_STOP or FRT_E_CANCELLED. Limits are frt_next()'s to say. */
int frt_should_failover(sip_msg_t *msg);

/* Ends the latest attempt if it is one of a script that has no callback to end
 * it: it was not sent, or tm could not send it. */
void frt_relay_settle(frt_call_t *call, struct cell *t);
/* The same for any of them, only where tm could not send it: it was a failure. */
void frt_relay_unsent(frt_call_t *call, struct cell *t, frt_attempt_t *a);

/* tm's TMCB_ON_FAILURE: every branch has failed. tm's reply lock is held. */
void frt_relay_on_failure(
		frt_call_t *call, struct cell *t, struct tmcb_params *ps);
/* The same moment, later: fails over, or gives up. */
void frt_relay_go_on(frt_call_t *call, struct cell *t, struct tmcb_params *ps);
/* tm's TMCB_ON_BRANCH_FAILURE, for branches at once: one has failed, others
 * may be open. tm's reply lock is held. */
void frt_relay_on_branch_failure(
		frt_call_t *call, struct cell *t, struct tmcb_params *ps);

#endif
