/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From tm's callbacks to observations. A reply and a timer may come at once in
 * two processes: whoever ends the attempt first counts its outcome.
 */
#include "frt_admit.h"
#include "frt_branch.h"
#include "frt_flight.h"
#include "frt_msg.h"
#include "frt_overload.h"
#include "frt_reply.h"
#include "frt_stats.h"
#include "frt_stray.h"
#include "frt_tm.h"
#include "engine/frt_rto.h"

#include "../../core/script_cb.h"

#include <string.h>

static void count(_Atomic uint32_t *n)
{
	atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

/* Of the destination, and of all together. */
#define count_both(a, name, stat)   \
	do {                            \
		frt_attempt_count(a, name); \
		frt_stats_count(stat);      \
	} while(0)

static void count_code(frt_counters_t *n, int code)
{
	_Atomic uint32_t *classes[] = {&n->code_1xx, &n->code_2xx, &n->code_3xx,
			&n->code_4xx, &n->code_5xx, &n->code_6xx};

	if(code >= 100 && code < 700)
		count(classes[code / 100 - 1]);
	if(code == 408)
		count(&n->code_408);
	else if(code == 480)
		count(&n->code_480);
	else if(code == 503)
		count(&n->code_503);
	else if(code == 504)
		count(&n->code_504);
}

static void count_outcome(
		frt_attempt_t *a, const frt_outcome_t *o, frt_verdict_t verdict)
{
	if(o->origin == FRT_REMOTE && a->counted)
		count_code(&frt_act(a->rec)->n, o->code);
	else if(o->origin == FRT_LOCAL && verdict != FRT_V_IGNORE)
		count_both(a, timeouts, FRT_STAT_TIMEOUTS);
	if(verdict == FRT_V_OK)
		count_both(a, ok, FRT_STAT_OK);
	else if(verdict == FRT_V_IGNORE)
		count_both(a, ignored, FRT_STAT_IGNORED);
	else
		count_both(a, failed, FRT_STAT_FAILED);
}

/* What frt_call_choose() counted. Of a call that was answered the dialog, where
 * there is one, keeps the places. */
static void call_ends(frt_call_t *call, frt_attempt_t *a, sip_msg_t *answer)
{
	frt_attempt_over(a);
	if(answer && frt_dialog_hold(call->held, a->rec, a->set, answer)) {
		/* the timer may have been quicker meanwhile: see frt_relay.c */
		if(call->won != a->branch + 1)
			frt_dialog_let_go(call->held, a->rec);
		return;
	}
	frt_admit_leave(a->rec);
	atomic_fetch_sub_explicit(&a->set->calls, 1, memory_order_relaxed);
}

/* The first 18x, or a 2xx without: smoothed over about eight calls, and for an
 * INVITE what its progress-timeout is learned from. */
static void note_delay(frt_rec_t *rec, uint64_t ms, bool invite)
{
	uint32_t now = ms < UINT32_MAX / 8 ? (uint32_t)ms : UINT32_MAX / 8;
	frt_act_t *act = frt_act(rec);
	uint32_t old;

	if(!act)
		return;
	old = atomic_load_explicit(&act->pdd_ms, memory_order_relaxed);
	frt_hist_add(&act->pdd, FRT_HIST_PDD, ms);
	if(invite)
		frt_rto_sample_varied(&act->ring, ms);
	if(now == 0)
		now = 1;
	atomic_store_explicit(&act->pdd_ms, old ? (old * 7 + now) / 8 : now,
			memory_order_relaxed);
}

/* The set the attempt's destination is in now; of one that was removed
 * meanwhile the one it was. NULL after a reload without either. */
static const frt_set_t *set_of(const frt_gen_t *g, const frt_attempt_t *a)
{
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, a->rec) : NULL;

	if(dst)
		return dst->set;
	return g ? frt_gen_set_of(g, a->set) : NULL;
}

static void decide(const frt_gen_t *g, const frt_attempt_t *a,
		const frt_outcome_t *o, frt_decision_t *out)
{
	const frt_set_t *set = set_of(g, a);
	frt_set_conf_t conf;

	if(set) {
		frt_policy_decide(&set->conf, set->rules, set->nrules, o, out);
		return;
	}
	frt_set_conf_default(&conf);
	frt_policy_decide(&conf, NULL, 0, o, out);
}

static void observe(frt_call_t *call, frt_attempt_t *a, const frt_outcome_t *o,
		const frt_decision_t *d)
{
	frt_obs_t obs;

	memset(&obs, 0, sizeof(obs));
	obs.source = FRT_TRAFFIC;
	obs.verdict = d->verdict;
	obs.origin = o->origin;
	obs.code = o->code;
	obs.invite = d->invite;
	obs.passed_by = o->origin == FRT_LOCAL && frt_attempt_passed_by(a);
	obs.trial = a->token;
	obs.panic = a->panic;
	obs.user = call->plan.user;
	obs.blackout_ms = d->blackout_ms;
	obs.told_ms = d->told_ms;
	obs.timeout_ms = a->timeout_ms;
	a->token = 0;
	frt_observe(a->rec, &obs);
}

/* answer: the 2xx that answers an INVITE, or NULL. */
static void end(
		frt_call_t *call, frt_attempt_t *a, frt_outcome_t *o, sip_msg_t *answer)
{
	frt_decision_t d;

	frt_flight_over(a);
	if(!frt_attempt_end(a, o->origin, o->code))
		return;
	o->trying = a->trying;
	o->provisional = a->provisional;
	decide(frt_table_enter(), a, o, &d);
	frt_table_leave();
	a->route = (uint16_t)d.route;
	count_outcome(a, o, d.verdict);
	if(o->origin == FRT_LOCAL && o->invite && !o->cancelled && !o->cut_short
			&& !a->provisional)
		frt_attempt_silent(a, frt_now_ms());
	call_ends(call, a, answer);
	/* the 18x has said ok already: say it once */
	if(!(d.verdict == FRT_V_OK && a->provisional))
		observe(call, a, o, &d);
}

frt_outcome_t frt_reply_outcome(
		struct cell *t, frt_origin_t origin, uint16_t code)
{
	return (frt_outcome_t){.origin = origin,
			.code = code,
			.invite = is_invite(t) != 0,
			.cancelled = was_cancelled(t) != 0,
			.reason_cause = FRT_CAUSE_NONE,
			.retry_after_s = FRT_RETRY_AFTER_NONE};
}

void frt_reply_end(frt_call_t *call, frt_attempt_t *a, frt_outcome_t *o)
{
	end(call, a, o, NULL);
}

/* A provisional reply to one of several branches at once. tm sets the branch's
 * timer when it is done with the reply, to a time that all branches share and
 * any process may change until then; so it is set again after that. */
static struct
{
	bool is;
	uint32_t ident[2];
	int branch;
} rung; /* this process's */

/* It has had several branches at once, or is about to have the second; or its
 * script has sent several. */
static bool at_once(const frt_call_t *call)
{
	const frt_plan_t *p = &call->plan;
	uint32_t i, open = 0;

	for(i = 0; !call->automatic && i < p->n; i++)
		open += !p->tries[i].ended;
	return call->forked || call->parallel || open > 1;
}

static void note_rung(const struct cell *t, int branch)
{
	rung.is = true;
	rung.ident[0] = t->hash_index;
	rung.ident[1] = t->label;
	rung.branch = branch;
}

/* What a branch that was heard of is waited for; 0: what tm says. */
static uint32_t wait_of(const frt_attempt_t *a)
{
	const frt_set_t *set;
	uint32_t ms = a->progress_ms;

	if(a->provisional || ms == 0) {
		set = set_of(frt_table_enter(), a);
		ms = set ? set->conf.answer_timeout_ms : 0;
		frt_table_leave();
	}
	return ms;
}

/* After the reply: tm has set its timer. */
static int on_reply_done(sip_msg_t *rpl, unsigned int flags, void *bar)
{
	struct cell *t;
	frt_call_t *call;
	frt_attempt_t *a;
	uint32_t ms;

	(void)rpl;
	(void)flags;
	(void)bar;
	if(!rung.is)
		return 1;
	rung.is = false;
	t = frt_tm_get(rung.ident);
	call = t ? frt_call_of_cell(t) : NULL;
	a = call ? frt_plan_of_branch(&call->plan, rung.branch) : NULL;
	ms = a && !a->ended ? wait_of(a) : 0;
	if(ms)
		frt_tm_wait(t, rung.branch, ms);
	if(t)
		frt_tm_put(t);
	return 1;
}

int frt_reply_init(void)
{
	return register_script_cb(on_reply_done, POST_SCRIPT_CB | ONREPLY_CB, 0);
}

/* 18x: the hop is alive, and the caller may hear ringing from now on. */
static void progress(frt_call_t *call, frt_attempt_t *a, struct cell *t,
		struct tmcb_params *ps)
{
	frt_outcome_t o = frt_reply_outcome(t, FRT_REMOTE, (uint16_t)ps->code);
	frt_decision_t d = {FRT_ROUTE_STOP, FRT_V_OK, o.invite, 0, 0};
	const frt_set_t *set;

	if(a->provisional)
		return;
	a->provisional = 1;
	note_delay(a->rec, frt_now_ms() - a->start_ms, o.invite);
	frt_attempt_count(a, code_1xx);
	observe(call, a, &o, &d);
	set = set_of(frt_table_enter(), a);
	/* the progress timer has done its work: now the answer's */
	if(set && a->progress_ms && o.invite) {
		if(!at_once(call))
			frt_tm()->set_fr(ps->rpl, set->conf.answer_timeout_ms, 0);
		frt_tm_wait(t, a->branch, set->conf.answer_timeout_ms);
	}
	frt_table_leave();
}

static bool is_for_cancel(struct cell *t, sip_msg_t *rpl)
{
	return is_invite(t) && frt_msg_cseq_method(rpl) == METHOD_CANCEL;
}

/* Of an INVITE tm itself sets the timer anew, but only after the script's
 * onreply_route, which may take long: here it is set before. Once it has fired there
 * is no way back: the call goes on elsewhere, as it would have a moment before. */
static void take_back(struct cell *t, frt_attempt_t *a, int code)
{
	uint8_t was;

	if(code < 200 && frt_tm_fired(t, a->branch)) {
		/* once it is done with the timeout: see frt_tm_cancel_not() */
		if(!is_invite(t)) {
			frt_tm_lock(t);
			frt_tm_unlock(t);
			frt_tm_cancel_not(t, a->branch);
		}
		return;
	}
	was = atomic_exchange(&a->moved, FRT_MOVED_NOT);
	if(code >= 200 || (was == FRT_MOVED_NOT && !is_invite(t)))
		return;
	frt_tm_unfire(t, a->branch, a->timeout_ms);
	if(frt_tm_fired(t, a->branch))
		atomic_store(&a->moved, was);
}

/* The first sign of life: it waits no more, and is not to be moved. heard
 * comes first: see frt_rescue.c. */
static void first_reply(struct cell *t, frt_attempt_t *a, int code)
{
	frt_act_t *act = frt_act(a->rec);

	a->heard = 1;
	/* to another method it is the answer, which takes what it takes */
	if(act && is_invite(t))
		frt_rto_sample(&act->rto, frt_now_ms() - a->start_ms);
	frt_attempt_heard(a, FRT_FOR_REPLY);
	frt_flight_over(a);
	take_back(t, a, code);
}

/* Its places were given back when it was left: the dialog, where there is one,
 * keeps them after all. */
static void answers_late(frt_call_t *call, frt_attempt_t *a, sip_msg_t *rpl)
{
	if(!call->held)
		return;
	frt_admit_present(a->rec);
	count(&a->set->calls);
	if(frt_dialog_hold(call->held, a->rec, a->set, rpl))
		return;
	frt_admit_leave(a->rec);
	atomic_fetch_sub_explicit(&a->set->calls, 1, memory_order_relaxed);
}

/* A reply to an attempt that has ended; wins: it is the call's answer. */
static void too_late(frt_call_t *call, frt_attempt_t *a, struct cell *t,
		const struct tmcb_params *ps, bool wins)
{
	if(wins)
		answers_late(call, a, ps->rpl);
	/* who has refused after all will not answer later */
	if(ps->code >= 300)
		a->left_key = 0;
	if(ps->code < 200 && !is_invite(t))
		frt_tm_cancel_not(t, a->branch);
}

/* By a final code of 300 or more. */
static void refused(
		frt_call_t *call, struct cell *t, const frt_attempt_t *a, int code)
{
	/* RFC 3261 section 16.7 step 5: a 6xx cancels all others */
	if(code >= 600 && call->forked && !(t->flags & T_DISABLE_6xx))
		frt_stray_others(call, t, a);
	if(code / 100 == 4 && call->automatic)
		frt_branch_forget_worse(call, t, a);
}

static void final(frt_call_t *call, frt_attempt_t *a, struct cell *t,
		const struct tmcb_params *ps, bool cancelled)
{
	frt_outcome_t o = frt_reply_outcome(t, FRT_REMOTE, (uint16_t)ps->code);

	o.cancelled = o.cancelled || cancelled;
	/* they say why it was refused, or till when (RFC 3326, RFC 3261 20.33) */
	if(ps->code >= 300) {
		o.reason_cause = frt_hdr_reason_cause(ps->rpl->buf, ps->rpl->len);
		o.retry_after_s = frt_hdr_retry_after(ps->rpl->buf, ps->rpl->len);
	}
	if(ps->code < 300 && !a->provisional)
		note_delay(a->rec, frt_now_ms() - a->start_ms, o.invite);
	end(call, a, &o, o.invite && ps->code < 300 ? ps->rpl : NULL);
	if(ps->code >= 300)
		refused(call, t, a, ps->code);
}

/* Its 2xx is the call's answer. Of one that was left the dialog counts as it did. */
static void answers(frt_call_t *call, const frt_attempt_t *a, struct cell *t,
		sip_msg_t *rpl)
{
	if(a == frt_plan_last(&call->plan))
		return;
	frt_tm_lock(t);
	frt_dialog_cseq(rpl, a->cseq);
	frt_tm_unlock(t);
}

void frt_reply_in(frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	int branch = frt_tm()->t_gett_branch();
	frt_attempt_t *a = frt_plan_of_branch(&call->plan, branch);
	bool wins = false, cancelled;

	if(!ps->rpl || ps->rpl == FAKED_REPLY || is_for_cancel(t, ps->rpl))
		return;
	if(is_invite(t) && ps->code >= 200 && ps->code < 300)
		wins = frt_stray_in(call, t, branch, ps->rpl);
	if(!a)
		return;
	frt_overload_heard(a->rec, ps->rpl);
	if(wins)
		answers(call, a, t, ps->rpl);
	if(a->ended) {
		too_late(call, a, t, ps, wins);
		return;
	}
	/* before it is heard. A 487 says so itself: the policy has its word on it */
	cancelled =
			ps->code >= 200 && ps->code != 487 && frt_branch_is_cancelled(a, t);
	if(!a->heard)
		first_reply(t, a, ps->code);
	if(is_invite(t) && ps->code > 100)
		frt_attempt_heard(a, FRT_FOR_PROGRESS);
	if(ps->code < 200) {
		if(is_invite(t) && at_once(call))
			note_rung(t, branch);
		if(ps->code == 100)
			a->trying = 1;
		else
			progress(call, a, t, ps);
		return;
	}
	final(call, a, t, ps, cancelled);
}

void frt_reply_drop(frt_call_t *call, frt_attempt_t *a)
{
	frt_flight_over(a);
	if(!frt_attempt_end(a, FRT_LOCAL, 0))
		return;
	a->route = FRT_ROUTE_NEXT;
	count_both(a, ignored, FRT_STAT_IGNORED);
	call_ends(call, a, NULL);
	if(a->token)
		frt_observe_release(a->rec, a->token);
	a->token = 0;
}

void frt_reply_abandon(frt_call_t *call)
{
	uint32_t i;

	for(i = 0; i < call->plan.n; i++)
		frt_reply_drop(call, &call->plan.tries[i]);
}
