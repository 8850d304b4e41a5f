/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The best response: tm's where that will do, else one of our own.
 */
#include "frt_branch.h"
#include "frt_final.h"
#include "frt_keep.h"
#include "frt_path.h"
#include "frt_relay.h"
#include "frt_tm.h"

#include "engine/frt_scan.h"

#include "../../core/data_lump_rpl.h"
#include "../../core/script_cb.h"

#include <stdio.h>

/* What a refusal says besides its code: why, until when, and what would be taken (RFC
 * 3261 section 20, RFC 3326, 4028, 6665). */
static const char *const told[] = {"Reason", "Retry-After", "Warning",
		"Error-Info", "Min-SE", "Min-Expires", "Unsupported", "Require",
		"Accept", "Accept-Encoding", "Accept-Language", "Allow", "Allow-Events",
		"WWW-Authenticate", "Proxy-Authenticate"};

/* As tm has kept it, or as it has just come in. With the reply lock: else it may be
 * another process's. NULL: tm has dropped it. */
static const struct sip_msg *reply_of(
		const frt_call_t *call, const struct cell *t, int code)
{
	const frt_plan_t *p = &call->plan;
	uint32_t i;

	for(i = p->n; i-- > 0;) {
		const frt_attempt_t *a = &p->tries[i];
		const struct ua_client *uac = frt_branch_uac(a, t);

		if(a->origin == FRT_REMOTE && frt_branch_said(a, t) == code && uac
				&& uac->reply && uac->reply != FAKED_REPLY)
			return uac->reply;
	}
	return NULL;
}

/* Not if the script's onreply_route has taken it out, nor the end of a message that is
 * cut off: another header would go on in that line. */
static bool may_pass(const struct sip_msg *rpl, const frt_scan_t *line)
{
	const struct lump *l;

	for(l = rpl->add_rm; l; l = l->next) {
		const char *from = rpl->buf + l->u.offset;

		if(l->op == LUMP_DEL && from < line->end && from + l->len > line->p)
			return false;
	}
	return line->end[-1] == '\n';
}

static bool pass_on(const struct sip_msg *rpl, const char *name, sip_msg_t *msg)
{
	frt_scan_t all = frt_scan_begin(rpl->buf, rpl->len), line;
	frt_str_t header = frt_str_of(name);

	while(frt_scan_header(&all, header, &line)) {
		if(may_pass(rpl, &line)
				&& !add_lump_rpl(msg, (char *)line.p, (int)(line.end - line.p),
						LUMP_RPL_HDR))
			return false;
	}
	return true;
}

/* Has the script given the answer that header? */
static bool is_said(const sip_msg_t *msg, const char *name)
{
	const struct lump_rpl *l;

	for(l = msg->reply_lump; l; l = l->next) {
		frt_scan_t text = frt_scan_begin(l->text.s, (size_t)l->text.len), line;

		if((l->flags & LUMP_RPL_HDR)
				&& frt_scan_header(&text, frt_str_of(name), &line))
			return true;
	}
	return false;
}

/* tm relays another reply than the best: what that says goes with ours. */
static void speak_for(
		frt_call_t *call, struct cell *t, sip_msg_t *msg, int code)
{
	const struct sip_msg *rpl;
	bool whole = true;
	size_t i;

	frt_tm_lock(t);
	rpl = reply_of(call, t, code);
	for(i = 0; rpl && i < sizeof(told) / sizeof(told[0]); i++) {
		if(!is_said(msg, told[i]))
			whole = pass_on(rpl, told[i], msg) && whole;
	}
	frt_tm_unlock(t);
	if(!whole)
		LM_ERR("no memory for the headers that the refusal had: the answer "
			   "goes without\n");
}

/* The caller's final answer, made by us: the best of what came back. tm knows
 * by the route whether its reply lock is held. */
static void final_best(frt_call_t *call, sip_msg_t *msg)
{
	int code = frt_branch_best(call);
	str silence = frt_tm_silence_reason();
	char phrase[64];

	frt_call_say(call);
	if(frt_plan_is_silence(&call->plan, code, frt_tm_silence_code())) {
		snprintf(phrase, sizeof(phrase), "%.*s", silence.len, silence.s);
	} else {
		code = code < 300 ? 500 : frt_policy_outward(code);
		snprintf(phrase, sizeof(phrase), "%s", frt_policy_phrase(code));
	}
	frt_path_answer(call, msg);
	if(call->cell)
		speak_for(call, call->cell, msg, code);
	/* what the script has set, as it would hold for what tm relays: acc asks */
	if(call->cell && call->cell->uas.request)
		call->cell->uas.request->flags = msg->flags;
	if(frt_tm()->t_reply(msg, (unsigned int)code, phrase) < 0)
		LM_ERR("cannot answer the caller with %d\n", code);
	/* it has taken the flag of what it has written */
	if(call->cell && call->cell->uas.request)
		msg->flags = call->cell->uas.request->flags;
}

/* None of ours could be sent. What the script has appended went out; it may be waited
 * for, or its answer have been relayed by now. */
void frt_final_unsent(frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	frt_tm_lock(t);
	if(t->uas.status < 200 && !frt_branch_any_open(t))
		final_best(call, msg);
	frt_tm_unlock(t);
}

/* The caller hung up while a request was on its way out, and it did not get out:
 * tm has seen a branch to wait for, and has no timer for it. */
void frt_final_cancelled(sip_msg_t *msg, struct cell *t)
{
	frt_tm_lock(t);
	if(t->nr_of_outgoings > 0 && !frt_branch_any_open(t) && t->uas.status < 200
			&& frt_tm()->t_reply(msg, 487, (char *)frt_policy_phrase(487)) < 0)
		LM_ERR("cannot answer the caller with 487\n");
	frt_tm_unlock(t);
}

/* Nothing more to try: the caller gets the best response (RFC 3261 section
 * 16.7). tm relays the reply it has picked, which may be of a worse class: it
 * ranks its own 408 last, and has dropped earlier replies where the script
 * went on by itself. */
void frt_final_answer(frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	int best = frt_branch_best(call);
	int picked = frt_tm()->t_get_picked_branch();
	int code = picked >= 0 ? t->uac[picked].last_received : 0;
	frt_attempt_t *a = frt_plan_of_branch(&call->plan, picked);
	bool waited = picked >= 0 && frt_branch_is_blind(t, picked);
	bool silent = waited || (a && a->origin == FRT_LOCAL);
	bool stopped = frt_plan_route(&call->plan) == FRT_ROUTE_STOP;

	if(t->uas.status >= 200 || was_cancelled(t) || best == 0)
		return;
	if(frt_branch_any_open(t) || frt_branch_script_went_on(call, t))
		return; /* relayed elsewhere meanwhile */
	/* one that the script added to ours was better, or one of before, if tm is
	 * told to keep them */
	if(picked >= 0 && !a && !waited
			&& (frt_branch_is_ours(call, t, picked)
					|| (frt_tm_keeps_replies()
							&& frt_policy_better(best, code) == code)))
		return;
	/* of a 503 it would make a 500 */
	if(best / 100 != code / 100
			|| (best != code && (silent || stopped || code == 503))
			|| !frt_path_is_told(call, a))
		final_best(call, msg);
}

void frt_final_waited(frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	int picked = frt_tm()->t_get_picked_branch();

	if(frt_branch_is_blind(t, t->nr_of_outgoings - 1)
			&& (picked < 0 || t->uac[picked].on_failure == 0))
		frt_final_answer(call, t, msg);
}

/* The end of any failure route: if the script has found nothing more, by itself or
 * by frt_relay, the same holds. */
static int on_failure_route_end(
		struct sip_msg *msg, unsigned int flags, void *bar)
{
	struct cell *t = frt_tm()->t_gett();
	frt_call_t *call = frt_call_of_cell(t);

	(void)flags;
	(void)bar;
	if(!call || !call->plan.set)
		return 1;
	frt_keep_suspended(call, t);
	if(!call->automatic && call->plan.n > 0)
		frt_relay_unsent(call, t, frt_plan_last(&call->plan));
	/* the challenge that it has taken up is no answer any more; of those tried
	 * at once each was a step of tm's */
	if(!call->automatic && frt_plan_repeats(&call->plan)
			&& frt_branch_any_open(t) && !frt_branch_script_went_on(call, t))
		frt_tm_drop_replies(msg, call->forked ? "a" : "l");
	/* branches that did not get out replace no answer */
	else if(!frt_branch_any_open(t) && !frt_branch_script_went_on(call, t))
		frt_tm_drop_replies(msg, "n");
	frt_final_answer(call, t, msg);
	return 1;
}

int frt_final_init(void)
{
	return register_script_cb(
			on_failure_route_end, POST_SCRIPT_CB | FAILURE_CB, 0);
}
