/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm's branches of a call: which are attempts of ours, which the script's own.
 * Those that one t_forward_nonack() made are a step; tm marks the first of them.
 * Must not send or answer anything. With the reply lock, or while the request's
 * first process has the transaction to itself.
 */
#ifndef FRT_BRANCH_H
#define FRT_BRANCH_H

#include "frt_call.h"

/* tm's branch of the attempt; NULL if it made none. */
const struct ua_client *frt_branch_uac(
		const frt_attempt_t *a, const struct cell *t);
/* Right after the send: is the branch that has the attempt's number its own?
 * Where tm could not make that, one of the others has it, which the script had
 * appended for the same step. */
bool frt_branch_is_own(const frt_attempt_t *a, sip_msg_t *msg,
		const struct cell *t, unsigned int others);
/* Was it sent, or to be sent, otherwise than its destination takes it? What is too
 * long for UDP goes another way by the core's udp_mtu, and beyond 64 kB nowhere. As
 * long as no reply has come it shows nothing of the destination. */
bool frt_branch_is_astray(const frt_attempt_t *a, const struct cell *t);
/* Has somebody other than the caller cancelled it, as by tm.cancel or
 * t_cancel_callid()? When its timer fires, or a refusal comes: tm has sent its CANCEL
 * by then, or, where nothing had come that could be cancelled, repeats the request no
 * more. Over TCP it would not have anyway, so there the latter does not show; nor where
 * tm goes on repeating it: cancel_b_method 1, which tm.cancel follows since 6.0.7 and
 * 6.1.4. */
bool frt_branch_is_cancelled(const frt_attempt_t *a, const struct cell *t);
/* Is any branch of this one's step an attempt of ours? */
bool frt_branch_is_ours(frt_call_t *call, const struct cell *t, int branch);
/* Is the latest step the script's own, and did any of it go out? */
bool frt_branch_script_went_on(frt_call_t *call, const struct cell *t);
/* Is it none at all, but what tm waits for where the script has suspended the
 * transaction? */
bool frt_branch_is_blind(const struct cell *t, int branch);
/* Has tm room for one more? It has so many a transaction (max_branches), the
 * script's own among them. */
bool frt_branch_any_room(const struct cell *t);
/* Is there one that tm waits for? What a CANCEL has kept from being sent has no
 * timer, and nobody ends it. */
bool frt_branch_any_open(const struct cell *t);
/* RFC 3261 section 16.7 step 5: has a branch that the script added to ours been
 * refused by a 6xx? The callee wants no call anywhere. In a failure. */
bool frt_branch_declined(frt_call_t *call, const struct cell *t);
/* What the attempt was refused with, as an onreply_route has left it: the policy went
 * by what the destination said, but the caller gets this. 0 while it is open. */
int frt_branch_said(const frt_attempt_t *a, const struct cell *t);
/* frt_plan_best(), as said; where nobody answers what tm says then. */
int frt_branch_best(const frt_call_t *call);
/* While a failure route runs: tm tells the script the lowest code of all, our own
 * 408 before a 486. Has it tell the one that the caller is to get, where it does not
 * by itself, and keeps what it had. With the reply lock. */
void frt_branch_say_best(frt_call_t *call, struct cell *t);
void frt_branch_say_own(frt_call_t *call, struct cell *t);
/* The attempt has been refused by a 4xx, which the caller would rather have than
 * what attempts before it ended with: tm forgets that. It picks the lowest code, a
 * 408 of its own before a 422, and what we would answer instead has some of the
 * refusal's headers, but neither its To tag nor its body. With or without the reply
 * lock. */
void frt_branch_forget_worse(
		frt_call_t *call, struct cell *t, const frt_attempt_t *a);
/* tm runs the failure route of the branch whose reply it picks, which may be one
 * of the first n, as we have it keep those: gives them that of the latest. */
void frt_branch_pass_route(struct cell *t, int n);

#endif
