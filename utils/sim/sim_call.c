/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls: choose, take the token, note the attempt, send; reply, timer or
 * transport; policy, outcome, observation; and on to the next. The order is
 * that of frt_call.c, frt_relay.c, frt_reply.c and frt_rescue.c. One
 * destination after the other: parallel is not modelled.
 */
#include "sim.h"
#include "frt_act.h"
#include "frt_budget.h"
#include "frt_panic.h"
#include "frt_rto.h"

#include <stdlib.h>
#include <string.h>

static frt_set_t *set_of_call(sim_world_t *w, const sim_call_t *call)
{
	return frt_gen_set(w->gen, call->plan.set->id);
}

static uint32_t answer_ms(sim_world_t *w, const sim_call_t *call)
{
	const frt_set_t *set = set_of_call(w, call);

	return set ? set->conf.answer_timeout_ms : 60000;
}

/* --- outcomes -------------------------------------------------------------- */

/* The two counters that frt_call_choose() raised, and ours. Of a call that was
 * answered the dialog, where there is one, keeps the place. */
static void attempt_ends(sim_world_t *w, frt_attempt_t *a, bool answered)
{
	sim_rec_t *r = sim_rec_of(a->rec);

	frt_attempt_over(a);
	if(answered && w->talk.min) {
		sim_rec_ref(a->rec);
		sim_later(w, SIM_BYE, sim_draw_range(w, w->talk))->rec = a->rec;
	} else {
		sim_leave(w, a->rec);
	}
	atomic_fetch_sub(&a->set->calls, 1);
	if(r->open == 0)
		sim_broken(w, "%s/%s: an attempt ended twice", r->set, r->id);
	r->open--;
}

/* frt_reply_drop() */
static void drop(sim_world_t *w, frt_attempt_t *a)
{
	if(!frt_attempt_end(a, FRT_LOCAL, 0))
		return;
	a->route = FRT_ROUTE_NEXT;
	frt_attempt_count(a, ignored);
	attempt_ends(w, a, false);
	if(a->token)
		sim_release(w, a->rec, a->token);
	a->token = 0;
}

static void observe(sim_world_t *w, sim_call_t *call, frt_attempt_t *a,
		const frt_outcome_t *o, const frt_decision_t *d)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = d->verdict,
			.origin = o->origin,
			.code = o->code,
			.invite = d->invite,
			.passed_by = o->origin == FRT_LOCAL && frt_attempt_passed_by(a),
			.trial = a->token,
			.panic = a->panic,
			.user = call->plan.user,
			.blackout_ms = d->blackout_ms,
			.told_ms = d->told_ms,
			.timeout_ms = a->timeout_ms};

	a->token = 0;
	sim_observe(w, a->rec, &obs);
}

static void decide(sim_world_t *w, const frt_attempt_t *a,
		const frt_outcome_t *o, frt_decision_t *out)
{
	const frt_dst_t *dst = frt_gen_dst_of(w->gen, a->rec);
	frt_set_conf_t conf;

	if(dst) {
		frt_policy_decide(
				&dst->set->conf, dst->set->rules, dst->set->nrules, o, out);
		return;
	}
	frt_set_conf_default(&conf);
	frt_policy_decide(&conf, NULL, 0, o, out);
}

static void count_outcome(frt_attempt_t *a, frt_verdict_t verdict)
{
	if(verdict == FRT_V_OK)
		frt_attempt_count(a, ok);
	else if(verdict == FRT_V_IGNORE)
		frt_attempt_count(a, ignored);
	else
		frt_attempt_count(a, failed);
}

/* frt_reply_end() */
static void end(
		sim_world_t *w, sim_call_t *call, frt_attempt_t *a, frt_outcome_t *o)
{
	frt_decision_t d;

	if(!frt_attempt_end(a, o->origin, o->code))
		return;
	o->trying = a->trying;
	o->provisional = a->provisional;
	decide(w, a, o, &d);
	a->route = (uint16_t)d.route;
	count_outcome(a, d.verdict);
	if(o->origin == FRT_LOCAL && o->invite && !o->cancelled && !o->cut_short
			&& !a->provisional)
		frt_attempt_silent(a, sim_now(w));
	sim_say(w, "call %u: %s/%s ends %d %s: %s", call->index, a->rec->set.s,
			a->rec->id.s, o->code, frt_origin_name(o->origin),
			frt_verdict_name(d.verdict));
	attempt_ends(w, a, o->origin == FRT_REMOTE && o->invite && o->code < 300);
	if(w->ops->outcome)
		w->ops->outcome(w, call, a, &d);
	if(!(d.verdict == FRT_V_OK && a->provisional))
		observe(w, call, a, o, &d);
}

static frt_outcome_t outcome(
		const sim_call_t *call, frt_origin_t origin, int code)
{
	return (frt_outcome_t){.origin = origin,
			.code = (uint16_t)code,
			.invite = call->invite,
			.cancelled = call->hung_up,
			.reason_cause = FRT_CAUSE_NONE,
			.retry_after_s = FRT_RETRY_AFTER_NONE};
}

/* --- choosing ---------------------------------------------------------------- */

/* is_retry() of frt_call.c */
static bool is_retry(sim_world_t *w, const frt_attempt_t *left)
{
	frt_moved_t moved = (frt_moved_t)atomic_load(&left->moved);

	if(moved == FRT_MOVED_CLOSED || moved == FRT_MOVED_DOWN)
		return false;
	return left->panic
		   || (frt_gen_dst_of(w->gen, left->rec)
				   && frt_health_usable(atomic_load(&left->rec->word)));
}

/* spend() of frt_call.c */
static int spend(sim_world_t *w, sim_call_t *call, frt_set_t *set)
{
	const frt_set_conf_t *conf = &set->conf;
	frt_attempt_t *left = frt_plan_last(&call->plan);
	uint64_t now = sim_now(w);

	if(!left) {
		frt_budget_call(
				&set->rec->budget, conf->retry_pct, conf->retry_min, now);
		if(w->ops->budget)
			w->ops->budget(w, set, false);
		return 0;
	}
	if(!is_retry(w, left) || !frt_any_left(&call->plan, set, now, &w->rnd))
		return 0;
	if(!frt_budget_take(&set->rec->budget, conf->retry_min, now))
		return conf->shadow ? 0 : FRT_E_BUDGET;
	if(w->ops->budget)
		w->ops->budget(w, set, true);
	return 0;
}

/* frt_draw() */
static int choose(sim_world_t *w, sim_call_t *call, frt_set_t *set,
		sim_choice_t *c, uint8_t *token)
{
	static frt_rec_t *tried[FRT_PASSED_MAX];
	frt_wish_t wish = {
			.key = call->plan.key, .tried = tried, .now_ms = sim_now(w)};
	int refused = 0;
	frt_dst_t *dst;

	wish.ntried = frt_plan_tried(&call->plan, tried);
	for(;;) {
		*c = (sim_choice_t){.set = set, .tried = tried};
		c->ntried = wish.ntried;
		c->err = frt_choose_anyway(
				set, &wish, sim_now(w), &w->rnd, &dst, &c->panic);
		c->dst = c->err ? NULL : dst;
		if(w->ops->choice)
			w->ops->choice(w, c);
		if(c->err)
			return refused ? refused : c->err;
		c->err = sim_admit(w, dst, c->panic, token);
		if(c->err == 0)
			return 0;
		if(c->err == FRT_E_FULL)
			refused = c->err;
		if(wish.ntried == FRT_PASSED_MAX)
			return refused ? refused : FRT_E_EXHAUSTED;
		tried[wish.ntried++] = dst->rec;
	}
}

/* RFC 3261's T1: when tm sends again what was lost. */
static uint32_t resend_ms(const frt_dst_t *dst)
{
	return dst->proto == FRT_PROTO_UDP || dst->proto == FRT_PROTO_ANY ? 500 : 0;
}

/* attempt() of frt_call.c */
static void attempt(
		sim_world_t *w, sim_call_t *call, const sim_choice_t *c, uint8_t token)
{
	frt_plan_t *p = &call->plan;
	const frt_set_t *set = c->set;
	frt_attempt_t *a;

	sim_rec_ref(c->dst->rec);
	frt_act_need(c->dst->rec, &w->mem);
	a = frt_plan_add(p, c->dst->rec, sim_now(w));
	a->progress_ms = frt_plan_progress(p, &set->conf, a->rec,
			set->conf.adaptive && frt_any_usable(p, set, sim_now(w), &w->rnd));
	a->token = token;
	a->panic = c->panic;
	frt_plan_time(
			p, &set->conf, a, call->invite, resend_ms(c->dst), sim_now(w));
	frt_attempt_waits(a, p->user, call->invite, sim_now(w));
	frt_attempt_count(a, attempts);
	atomic_fetch_add(&a->set->calls, 1);
	sim_rec_of(a->rec)->open++;
	sim_say(w, "call %u tries %s/%s%s%s", call->index, a->rec->set.s,
			a->rec->id.s, token ? ", on trial" : "", c->panic ? ", panic" : "");
	if(w->ops->attempt)
		w->ops->attempt(w, c->dst, a);
}

/* frt_call_choose() */
static int call_choose(sim_world_t *w, sim_call_t *call)
{
	frt_plan_t *p = &call->plan;
	frt_set_t *set = set_of_call(w, call);
	int err = frt_plan_may_try(p, sim_now(w));
	sim_choice_t c;
	uint8_t token;

	if(err || !set)
		return err ? err : FRT_E_NOSET;
	err = spend(w, call, set);
	if(err == 0)
		err = choose(w, call, set, &c, &token);
	if(err || !c.dst)
		return err;
	attempt(w, call, &c, token);
	return 0;
}

/* --- a call's way ------------------------------------------------------------ */

/* Most timers are put off before they are due: one event looks at the latest.
 * Only the last attempt has one, as the others have ended. */
static void look_in(sim_world_t *w, sim_call_t *call, uint64_t in_ms)
{
	sim_event_t *ev = sim_later(w, SIM_TIMER, in_ms);

	ev->call = call->index;
	ev->life = call->life;
	call->look_t = ev->t;
}

static void arm(sim_world_t *w, sim_call_t *call, uint32_t ms)
{
	/* tm's ticks */
	uint64_t in_ms = (uint64_t)ms + sim_draw(w, 63);

	call->due_t = w->t + in_ms;
	if(call->look_t <= w->t || call->look_t > call->due_t)
		look_in(w, call, in_ms);
}

/* call_free() */
static void call_free(sim_world_t *w, sim_call_t *call)
{
	uint32_t i;

	for(i = 0; i < call->plan.n; i++)
		drop(w, &call->plan.tries[i]);
	for(i = 0; i < call->plan.n; i++)
		sim_rec_unref(w, call->plan.tries[i].rec);
	sim_set_rec_unref(w, call->plan.set);
	call->used = false;
	call->life++;
	call->next = w->free_call;
	w->free_call = call->index;
	w->nopen--;
}

/* err: why no other destination was tried, or 0. */
static void finish(sim_world_t *w, sim_call_t *call, int err)
{
	sim_event_t *ev;

	if(call->over)
		return;
	call->over = true;
	if(w->ops->over)
		w->ops->over(w, call, err);
	if(!w->linger_ms) {
		call_free(w, call);
		return;
	}
	/* tm keeps the transaction a while: late replies find it */
	ev = sim_later(w, SIM_FREE, sim_draw(w, w->linger_ms));
	ev->call = call->index;
	ev->life = call->life;
}

/* send_last() of frt_relay.c: true if it is on its way. */
static bool send_last(sim_world_t *w, sim_call_t *call)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);
	uint32_t at = call->plan.n - 1u;
	frt_outcome_t o;

	a->branch = (int16_t)at;
	a->sent = 1;
	if(w->ops->invite(w, call, at)) {
		arm(w, call, a->timeout_ms);
		return true;
	}
	o = outcome(call, FRT_TRANSPORT, 503);
	end(w, call, a, &o);
	return false;
}

/* forward() of frt_relay.c */
static void forward(sim_world_t *w, sim_call_t *call)
{
	int err;

	do {
		err = call_choose(w, call);
		if(err) {
			sim_say(w, "call %u gives up: %s", call->index, frt_err_name(err));
			break;
		}
		/* a script's own route may drop it, or not relay what it selected */
		if(w->sloppy && sim_chance(w, 1)) {
			drop(w, frt_plan_last(&call->plan));
			break;
		}
		if(send_last(w, call))
			return;
	} while(frt_plan_last(&call->plan)->route == FRT_ROUTE_NEXT);
	finish(w, call, err);
}

/* frt_again(), and choose_again() of frt_call.c. True if the request, changed, is
 * on its way. */
static bool again(sim_world_t *w, sim_call_t *call, const frt_attempt_t *a)
{
	frt_dst_t *dst = frt_gen_dst_of(w->gen, a->rec);
	sim_choice_t c = {.dst = dst, .panic = a->panic};
	uint8_t token;

	if(!call->has_key || (a->code != 401 && a->code != 407) || !dst
			|| frt_plan_may_repeat(&call->plan, a, sim_now(w))
			|| (!a->panic && !frt_takes_again(dst))
			|| sim_admit(w, dst, a->panic, &token))
		return false;
	c.set = dst->set;
	frt_plan_extend(&call->plan);
	attempt(w, call, &c, token);
	return send_last(w, call);
}

/* An attempt has ended: on to the next, or that was it. */
static void move_on(sim_world_t *w, sim_call_t *call, const frt_attempt_t *a)
{
	if(call->over || a != frt_plan_last(&call->plan)
			|| (!call->hung_up && again(w, call, a)))
		return;
	if(!call->hung_up && frt_plan_last(&call->plan)->route == FRT_ROUTE_NEXT)
		forward(w, call);
	else
		finish(w, call, 0);
}

/* A free slot, all zero but its number and life; NULL: there is none. */
static sim_call_t *slot(sim_world_t *w)
{
	sim_call_t *call;
	uint32_t i, life;

	if(w->max_calls && w->nopen >= w->max_calls)
		return NULL;
	if(w->free_call == SIM_NONE) {
		i = w->ncalls / SIM_CHUNK;
		/* grows by doubling: at powers of two */
		if((i & (i - 1)) == 0)
			w->chunks =
					sim_grow(w, w->chunks, i ? 2 * i : 1, sizeof(*w->chunks));
		w->chunks[i] = sim_grow(w, NULL, SIM_CHUNK, sizeof(*call));
		memset(w->chunks[i], 0, SIM_CHUNK * sizeof(*call));
		w->ncalls += SIM_CHUNK;
		for(i = w->ncalls; i-- > w->ncalls - SIM_CHUNK;) {
			call = sim_call_at(w, i);
			call->index = i;
			call->next = w->free_call;
			w->free_call = i;
		}
	}
	call = sim_call_at(w, w->free_call);
	w->free_call = call->next;
	i = call->index;
	life = call->life;
	/* the plan zeroes an attempt when it is made */
	memset(call, 0, offsetof(sim_call_t, plan.tries));
	call->index = i;
	call->life = life;
	return call;
}

/* relay_routed() and relay_new() of frt_relay.c */
sim_call_t *sim_call_new(sim_world_t *w, frt_set_t *set, int *err)
{
	frt_wish_t wish = {.dry = true, .now_ms = sim_now(w)};
	sim_call_t *call;
	frt_dst_t *dst;
	bool panic;

	*err = frt_choose_anyway(set, &wish, sim_now(w), &w->rnd, &dst, &panic);
	if(*err)
		return NULL;
	call = slot(w);
	if(!call) {
		w->no_slot++;
		return NULL;
	}
	call->used = true;
	w->nopen++;
	atomic_fetch_add(&set->rec->refs, 1);
	frt_plan_begin(&call->plan, set->rec, &set->conf, sim_now(w));
	return call;
}

void sim_call_go(sim_world_t *w, sim_call_t *call)
{
	forward(w, call);
}

void sim_call_hang_up(sim_world_t *w, const sim_call_t *call, uint32_t in_ms)
{
	sim_event_t *ev = sim_later(w, SIM_HANGUP, in_ms);

	ev->call = call->index;
	ev->life = call->life;
}

/* progress() of frt_reply.c */
static void progress(sim_world_t *w, sim_call_t *call, uint32_t at, int code)
{
	frt_attempt_t *a = &call->plan.tries[at];
	frt_decision_t d = {FRT_ROUTE_STOP, FRT_V_OK, call->invite, 0, 0};
	frt_outcome_t o = outcome(call, FRT_REMOTE, code);
	frt_act_t *act = frt_act(a->rec);

	if(a->provisional)
		return;
	a->provisional = 1;
	if(!call->rang_ms)
		call->rang_ms = sim_now(w);
	if(call->invite && act)
		frt_rto_sample_varied(&act->ring, sim_now(w) - a->start_ms);
	o.cancelled = false;
	observe(w, call, a, &o, &d);
	arm(w, call, answer_ms(w, call));
}

/* frt_reply_in() */
static void reply_in(sim_world_t *w, sim_call_t *call, const sim_event_t *ev)
{
	frt_attempt_t *a = &call->plan.tries[ev->attempt];
	frt_act_t *act = frt_act(a->rec);
	frt_outcome_t o;

	if(a->ended)
		return;
	if(!a->heard && act && call->invite)
		frt_rto_sample(&act->rto, sim_now(w) - a->start_ms);
	a->heard = 1;
	frt_attempt_heard(a, FRT_FOR_REPLY);
	atomic_store(&a->moved, FRT_MOVED_NOT);
	if(call->invite && ev->code > 100)
		frt_attempt_heard(a, FRT_FOR_PROGRESS);
	if(ev->code == 100) {
		a->trying = 1;
		arm(w, call, a->progress_ms ? a->progress_ms : answer_ms(w, call));
		return;
	}
	if(ev->code < 200) {
		progress(w, call, ev->attempt, ev->code);
		return;
	}
	o = outcome(call, FRT_REMOTE, ev->code);
	o.retry_after_s = ev->retry;
	if(ev->code < 300 && !call->rang_ms)
		call->rang_ms = sim_now(w);
	end(w, call, a, &o);
	move_on(w, call, a);
}

/* timed_out() of frt_relay.c */
static void timed_out(sim_world_t *w, sim_call_t *call, frt_attempt_t *a)
{
	frt_moved_t moved = (frt_moved_t)atomic_load(&a->moved);
	frt_outcome_t o = outcome(call, FRT_LOCAL, 408);

	if(a->ended)
		return;
	if(moved == FRT_MOVED_CLOSED || moved == FRT_MOVED_UNREACHABLE)
		o = outcome(call, FRT_TRANSPORT, 503);
	o.cut_short = frt_attempt_cut_short(a, o.invite);
	end(w, call, a, &o);
	move_on(w, call, a);
}

/* has_elsewhere() of frt_rescue.c */
static bool has_elsewhere(sim_world_t *w, sim_call_t *call)
{
	frt_set_t *set = set_of_call(w, call);

	return call->hung_up
		   || (set && frt_any_usable(&call->plan, set, sim_now(w), &w->rnd));
}

/* move() of frt_rescue.c, and tm's timer that it makes fire. */
static void move(sim_world_t *w, sim_call_t *call, const sim_event_t *ev)
{
	frt_attempt_t *a = &call->plan.tries[ev->attempt];

	if(a->ended || a->heard || call->over)
		return;
	if(ev->code == FRT_MOVED_DOWN
			&& (FRT_WORD_HEALTH(atomic_load(&a->rec->word)) != FRT_DOWN
					|| !has_elsewhere(w, call)))
		return;
	atomic_store(&a->moved, (uint8_t)ev->code);
	timed_out(w, call, a);
}

static int older(const void *a, const void *b)
{
	const sim_call_t *x = *(sim_call_t *const *)a, *y = *(sim_call_t *const *)b;
	uint64_t tx = x->plan.tries[x->plan.n - 1].start_ms;
	uint64_t ty = y->plan.tries[y->plan.n - 1].start_ms;

	if(tx != ty)
		return tx < ty ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The oldest first, FRT_RESCUE_BATCH of frt_rescue.c in one of its ticks. */
void sim_call_rescue(sim_world_t *w, frt_rec_t *rec)
{
	sim_call_t **list = sim_grow(w, NULL, w->nopen + 1, sizeof(*list));
	uint32_t n = 0, i;

	for(i = 0; i < w->ncalls; i++) {
		sim_call_t *call = sim_call_at(w, i);
		frt_attempt_t *a = call->used ? frt_plan_last(&call->plan) : NULL;

		if(a && a->rec == rec && !a->ended && !a->heard && !a->panic)
			list[n++] = call;
	}
	qsort(list, n, sizeof(*list), older);
	for(i = 0; i < n; i++) {
		sim_event_t *ev =
				sim_later(w, SIM_MOVE, 62 * (i / 32) + 1 + sim_draw(w, 62));

		ev->call = list[i]->index;
		ev->life = list[i]->life;
		ev->attempt = (uint8_t)(list[i]->plan.n - 1u);
		ev->code = FRT_MOVED_DOWN;
	}
	free(list);
}

/* The caller's CANCEL: whoever is there answers 487, else the timer does. */
static void hang_up(sim_world_t *w, sim_call_t *call)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);
	sim_event_t *ev;

	if(call->over || !a || a->ended)
		return;
	call->hung_up = true;
	if(!a->heard)
		return;
	ev = sim_later(w, SIM_REPLY, 10 + sim_draw(w, 50));
	ev->call = call->index;
	ev->life = call->life;
	ev->attempt = call->plan.n - 1u;
	ev->code = 487;
	ev->retry = FRT_RETRY_AFTER_NONE;
}

/* It looks again if it was put off, but for one that is looked at sooner. */
static void timer(sim_world_t *w, sim_call_t *call, const sim_event_t *ev)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);

	if(!a || a->ended)
		return;
	if(w->t >= call->due_t)
		timed_out(w, call, a);
	else if(call->look_t == ev->t)
		look_in(w, call, call->due_t - w->t);
}

void sim_call_event(sim_world_t *w, const sim_event_t *ev)
{
	sim_call_t *call = sim_call_at(w, ev->call);

	if(!call->used || call->life != ev->life)
		return;
	switch(ev->kind) {
		case SIM_REPLY:
			reply_in(w, call, ev);
			break;
		case SIM_TIMER:
			timer(w, call, ev);
			break;
		case SIM_MOVE:
			move(w, call, ev);
			break;
		case SIM_HANGUP:
			hang_up(w, call);
			break;
		default:
			call_free(w, call);
			break;
	}
}
