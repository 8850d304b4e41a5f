/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A call's plan: bookkeeping of its attempts.
 */
#include "frt_plan.h"
#include "frt_act.h"
#include "frt_machine.h"
#include "frt_rto.h"

#include <string.h>

/* Timers count in ticks, and are put right by a few at a time. */
#define FRT_AHEAD_LEAST_MS 250u

void frt_plan_begin(frt_plan_t *p, frt_set_rec_t *set,
		const frt_set_conf_t *conf, uint64_t now_ms)
{
	uint32_t max = p->n + conf->max_attempts;

	p->set = set;
	p->max = (uint8_t)(max < FRT_ATTEMPTS_MAX ? max : FRT_ATTEMPTS_MAX);
	p->start_ms = now_ms;
	p->deadline_ms = now_ms + conf->deadline_ms;
}

void frt_plan_end_by(frt_plan_t *p, uint64_t at_ms)
{
	if(p->deadline_ms > at_ms)
		p->deadline_ms = at_ms;
}

static bool is_late(const frt_plan_t *p, uint64_t now_ms)
{
	return now_ms >= p->deadline_ms
		   || p->deadline_ms - now_ms < FRT_TRY_LEAST_MS;
}

int frt_plan_may_try(const frt_plan_t *p, uint64_t now_ms)
{
	if(p->n >= p->max)
		return FRT_E_ATTEMPTS;
	return p->n > 0 && is_late(p, now_ms) ? FRT_E_DEADLINE : 0;
}

int frt_plan_may_repeat(
		const frt_plan_t *p, const frt_attempt_t *a, uint64_t now_ms)
{
	uint32_t i;

	if(!a->ended || a->origin != FRT_REMOTE || a->code < 300
			|| a->route != FRT_ROUTE_STOP)
		return FRT_E_INVAL;
	for(i = 0; i < p->n; i++) {
		const frt_attempt_t *b = &p->tries[i];

		if(b != a && b->rec == a->rec && b->code == a->code)
			return FRT_E_EXHAUSTED;
	}
	if(p->n >= FRT_ATTEMPTS_MAX)
		return FRT_E_ATTEMPTS;
	return is_late(p, now_ms) ? FRT_E_DEADLINE : 0;
}

void frt_plan_extend(frt_plan_t *p)
{
	if(p->max < FRT_ATTEMPTS_MAX)
		p->max++;
}

bool frt_plan_repeats(const frt_plan_t *p)
{
	uint32_t i;

	for(i = 0; i + 1 < p->n; i++) {
		if(p->tries[i].rec == p->tries[p->n - 1].rec)
			return true;
	}
	return false;
}

frt_attempt_t *frt_plan_add(frt_plan_t *p, frt_rec_t *rec, uint64_t now_ms)
{
	frt_attempt_t *a;

	if(p->n >= FRT_ATTEMPTS_MAX)
		return NULL;
	a = &p->tries[p->n];
	*a = (frt_attempt_t){.rec = rec,
			.set = p->set,
			.counted = frt_act(rec) != NULL,
			.start_ms = now_ms,
			.branch = -1,
			.wait.at = (uint8_t)p->n,
			/* who looks before the outcome is judged must not go on */
			.route = FRT_ROUTE_STOP};
	p->n++;
	return a;
}

void frt_plan_time(const frt_plan_t *p, const frt_set_conf_t *conf,
		frt_attempt_t *a, bool invite, uint32_t resend_ms, uint64_t now_ms)
{
	uint64_t left = p->deadline_ms > now_ms ? p->deadline_ms - now_ms : 1;
	const frt_act_t *act = frt_act(a->rec);
	uint32_t ms = conf->try_timeout_ms;

	if(conf->adaptive && invite && act)
		ms = frt_rto_timeout(
				atomic_load_explicit(&act->rto, memory_order_relaxed),
				resend_ms, conf->try_timeout_min_ms, ms);
	/* A deadline below the try-timeout cuts the first attempt, too; but there
	 * it is nobody else's time that is over. */
	a->cut = frt_plan_moved(p) && ms > left;
	if(ms > left)
		ms = (uint32_t)left;
	a->timeout_ms = ms ? ms : 1;
}

uint32_t frt_plan_progress(const frt_plan_t *p, const frt_set_conf_t *conf,
		const frt_rec_t *rec, bool elsewhere)
{
	uint32_t most = conf->progress_timeout_ms, known, i;
	uint64_t ring, ms;

	if(!conf->adaptive || !elsewhere)
		return most;
	ring = atomic_load_explicit(&frt_act_seen(rec)->ring, memory_order_relaxed);
	known = frt_rto_ms(ring);
	if(known == 0)
		return most;
	if(most == 0)
		most = conf->answer_timeout_ms;
	/* twice, because it varies with the callee: a phone far away is no fault */
	ms = frt_rto_timeout(ring, known, conf->progress_timeout_min_ms, most);
	for(i = 0; i < p->n; i++) {
		if(p->tries[i].code && p->tries[i].origin == FRT_LOCAL && ms < most)
			ms *= 2;
	}
	return ms < most ? (uint32_t)ms : most;
}

frt_attempt_t *frt_plan_last(frt_plan_t *p)
{
	return p->n ? &p->tries[p->n - 1] : NULL;
}

uint32_t frt_plan_fork(const frt_plan_t *p)
{
	uint32_t i = p->n ? p->n - 1u : 0;

	while(i > 0 && p->tries[i].beside)
		i--;
	return i;
}

bool frt_plan_answered(const frt_plan_t *p)
{
	uint32_t i;

	for(i = 0; i < p->n; i++) {
		if(p->tries[i].code && p->tries[i].code != 503
				&& p->tries[i].origin == FRT_REMOTE)
			return true;
	}
	return false;
}

bool frt_plan_moved(const frt_plan_t *p)
{
	uint32_t i = frt_plan_fork(p);

	while(i-- > 0) {
		if(p->tries[i].rec != p->tries[p->n - 1].rec)
			return true;
	}
	return false;
}

frt_route_t frt_plan_route(const frt_plan_t *p)
{
	uint32_t i;

	for(i = frt_plan_fork(p); i < p->n; i++) {
		if(!p->tries[i].ended || p->tries[i].route != FRT_ROUTE_NEXT)
			return FRT_ROUTE_STOP;
	}
	return p->n ? FRT_ROUTE_NEXT : FRT_ROUTE_STOP;
}

void frt_plan_win(frt_plan_t *p, const frt_attempt_t *a)
{
	p->won = a ? (uint8_t)(a - p->tries + 1) : 0;
}

const frt_attempt_t *frt_plan_shown(const frt_plan_t *p)
{
	return &p->tries[(p->won ? p->won : p->n) - 1];
}

frt_attempt_t *frt_plan_of_branch(frt_plan_t *p, int branch)
{
	uint32_t i;

	for(i = p->n; i-- > 0;) {
		if(p->tries[i].sent && p->tries[i].branch == branch)
			return &p->tries[i];
	}
	return NULL;
}

bool frt_attempt_end(frt_attempt_t *a, frt_origin_t origin, int code)
{
	uint8_t open = 0;

	if(!atomic_compare_exchange_strong(&a->ended, &open, 1))
		return false;
	a->origin = (uint8_t)origin;
	a->code = (uint16_t)code;
	return true;
}

#define FRT_UNTIL_END (1u << (FRT_FOR_PROGRESS + 1)) /* of an attempt's waits */

static void waits_no_more(frt_attempt_t *a, uint8_t bits)
{
	/* A reply and a timer may come at once: one of them counts. Who was counted
	 * has the block to count in. */
	uint8_t was = atomic_fetch_and(&a->waits, (uint8_t)~bits) & bits;
	frt_act_t *act = frt_act(a->rec);

	if(was & 1u << FRT_FOR_REPLY)
		frt_quiet_over(&act->quiet[FRT_FOR_REPLY]);
	if(was & 1u << FRT_FOR_PROGRESS)
		frt_quiet_over(&act->quiet[FRT_FOR_PROGRESS]);
	if(was & FRT_UNTIL_END) /* the last: see frt_rec_alive() */
		atomic_fetch_sub(&act->open, 1);
}

void frt_attempt_waits(
		frt_attempt_t *a, uint64_t user, bool invite, uint64_t now_ms)
{
	frt_act_t *act = frt_act(a->rec);
	uint32_t half;

	if(!a->counted || !invite)
		return;
	half = frt_hash_half(user);
	frt_quiet_sent(&act->quiet[FRT_FOR_REPLY], half, now_ms);
	frt_quiet_sent(&act->quiet[FRT_FOR_PROGRESS], half, now_ms);
	atomic_fetch_add(&act->open, 1);
	atomic_store(&a->waits,
			1u << FRT_FOR_REPLY | 1u << FRT_FOR_PROGRESS | FRT_UNTIL_END);
}

void frt_attempt_heard(frt_attempt_t *a, frt_waits_for_t what)
{
	frt_act_t *act = frt_act(a->rec);

	if(!act)
		return;
	frt_quiet_heard(&act->quiet[what], a->start_ms);
	waits_no_more(a, (uint8_t)(1u << what));
}

void frt_attempt_over(frt_attempt_t *a)
{
	waits_no_more(a, UINT8_MAX);
}

void frt_attempt_silent(frt_attempt_t *a, uint64_t now_ms)
{
	frt_act_t *act = frt_act(a->rec);

	if(!act
			|| (FRT_WORD_HEALTH(atomic_load(&a->rec->word)) == FRT_DOWN
					&& !a->panic))
		return;
	if(!a->trying)
		frt_rto_silence(&act->rto, a->timeout_ms);
	else if(a->progress_ms)
		frt_rto_silence(&act->ring, now_ms - a->start_ms);
}

bool frt_attempt_move(frt_attempt_t *a, frt_moved_t why)
{
	uint8_t was = FRT_MOVED_NOT;

	return atomic_compare_exchange_strong(&a->moved, &was, (uint8_t)why);
}

void frt_attempt_stay(frt_attempt_t *a, frt_moved_t why)
{
	uint8_t was = (uint8_t)why;

	atomic_compare_exchange_strong(&a->moved, &was, FRT_MOVED_NOT);
}

bool frt_attempt_cut_short(const frt_attempt_t *a, bool invite)
{
	switch((frt_moved_t)atomic_load(&a->moved)) {
		case FRT_MOVED_DOWN:
		case FRT_MOVED_HURRIED:
			return true;
		case FRT_MOVED_CLOSED:
			/* observed once for all; a trial is about this very call */
			return !a->token;
		case FRT_MOVED_UNREACHABLE:
			return false;
		default:
			/* an INVITE's time is another after a reply, and whole */
			return a->cut && !(invite && a->heard);
	}
}

uint64_t frt_attempt_ahead_ms(
		const frt_attempt_t *a, uint64_t counted_ms, uint64_t now_ms)
{
	uint64_t ahead =
			frt_time_since(counted_ms, frt_time_since(now_ms, a->start_ms));

	return ahead > FRT_AHEAD_LEAST_MS && ahead > counted_ms / 4 ? ahead : 0;
}

bool frt_attempt_passed_by(const frt_attempt_t *a)
{
	const frt_act_t *act = frt_act_seen(a->rec);

	return frt_quiet_heard_since(
			&act->quiet[a->trying ? FRT_FOR_PROGRESS : FRT_FOR_REPLY],
			a->start_ms);
}

static bool silent(const frt_act_t *act, frt_waits_for_t what,
		const _Atomic uint64_t *times, uint64_t now_ms)
{
	uint64_t rto = atomic_load_explicit(times, memory_order_relaxed);

	return frt_quiet_is(&act->quiet[what], frt_rto_ms(rto), now_ms);
}

bool frt_rec_alive(const frt_rec_t *rec)
{
	const frt_act_t *act = frt_act_seen(rec);
	const frt_quiet_t *q = &act->quiet[FRT_FOR_REPLY];
	/* in this order: one that is heard meanwhile is among both */
	uint32_t open = atomic_load(&act->open);

	return frt_quiet_hopes(q) || open > atomic_load(&q->open);
}

bool frt_rec_silent(const frt_rec_t *rec, uint64_t now_ms)
{
	const frt_act_t *act = frt_act(rec);

	return act
		   && (silent(act, FRT_FOR_REPLY, &act->rto, now_ms)
				   || silent(act, FRT_FOR_PROGRESS, &act->ring, now_ms));
}

uint32_t frt_plan_tried(const frt_plan_t *p, frt_rec_t **out)
{
	uint32_t i;

	for(i = 0; i < p->n; i++)
		out[i] = p->tries[i].rec;
	return p->n;
}

/* Was the destination tried once more, and has that ended? */
static bool was_repeated(const frt_plan_t *p, const frt_attempt_t *a)
{
	const frt_attempt_t *b;

	for(b = a + 1; b < &p->tries[p->n]; b++) {
		if(b->rec == a->rec && b->code)
			return true;
	}
	return false;
}

static int code_of(const frt_attempt_t *a, int silence)
{
	return a->origin == FRT_LOCAL && a->code ? silence : a->code;
}

static int best_of(const frt_plan_t *p, bool remote, int best, int silence)
{
	const frt_attempt_t *a;

	for(a = p->tries; a < &p->tries[p->n]; a++) {
		if((a->origin == FRT_REMOTE) == remote && !was_repeated(p, a))
			best = frt_policy_better(best, code_of(a, silence));
	}
	return best;
}

int frt_plan_best(const frt_plan_t *p, int silence)
{
	int best, stop = 0;
	uint32_t i;

	/* what a destination said before what we made up for one that did not */
	best = best_of(p, false, best_of(p, true, 0, silence), silence);
	/* of one class, the one that the policy took for the answer */
	for(i = frt_plan_fork(p); i < p->n; i++) {
		const frt_attempt_t *a = &p->tries[i];

		if(a->origin == FRT_REMOTE && a->route == FRT_ROUTE_STOP
				&& a->code / 100 == best / 100)
			stop = frt_policy_better(stop, a->code);
	}
	return stop ? stop : best;
}

bool frt_plan_is_silence(const frt_plan_t *p, int code, int silence)
{
	bool silent = false;
	uint32_t i;

	for(i = 0; i < p->n; i++) {
		const frt_attempt_t *a = &p->tries[i];

		if(a->origin == FRT_REMOTE && a->code == code)
			return false;
		silent = silent || (a->origin == FRT_LOCAL && a->code);
	}
	return silent && code == silence;
}

/* ":200"; each call has one, for which printf() takes longer than all else. */
static void add_code(frt_buf_t *out, uint16_t code)
{
	char text[6];
	uint32_t at = sizeof(text);

	for(; code; code /= 10)
		text[--at] = (char)('0' + code % 10);
	text[--at] = ':';
	frt_buf_add_str(out, (frt_str_t){text + at, (uint32_t)sizeof(text) - at});
}

void frt_plan_path(const frt_plan_t *p, frt_buf_t *out)
{
	uint32_t i;

	for(i = 0; i < p->n; i++) {
		if(i)
			frt_buf_add(out, p->tries[i].beside ? "+" : ">");
		frt_buf_add_str(out, p->tries[i].rec->id);
		if(p->tries[i].code)
			add_code(out, p->tries[i].code);
	}
}

const frt_attempt_t *frt_plan_ended(const frt_plan_t *p)
{
	uint32_t i;

	for(i = p->n; i-- > 0;) {
		if(p->tries[i].code)
			return &p->tries[i];
	}
	return NULL;
}

static const char *transport_text(const frt_attempt_t *a)
{
	switch((frt_moved_t)atomic_load(&a->moved)) {
		case FRT_MOVED_CLOSED:
			return "connection closed";
		case FRT_MOVED_UNREACHABLE:
			return "unreachable (ICMP)";
		default:
			return "transport error";
	}
}

void frt_plan_reason(const frt_plan_t *p, frt_buf_t *out)
{
	const frt_attempt_t *a = NULL;
	uint32_t i;

	for(i = 0; i < p->n; i++) {
		if(p->tries[i].code >= 300)
			a = &p->tries[i];
	}
	for(i = frt_plan_fork(p); i < p->n; i++) {
		if(p->tries[i].code >= 300 && p->tries[i].route == FRT_ROUTE_STOP)
			a = &p->tries[i];
	}
	if(!a)
		return;
	if(a->origin == FRT_TRANSPORT) {
		frt_buf_add(out, "%s", transport_text(a));
	} else if(a->origin == FRT_LOCAL && a->provisional) {
		frt_buf_add(out, "no answer");
	} else if(a->origin == FRT_LOCAL && a->moved == FRT_MOVED_DOWN) {
		frt_buf_add(out, "went down");
	} else if(a->origin == FRT_LOCAL && a->moved == FRT_MOVED_HURRIED) {
		frt_buf_add(out, "the clock was set forward");
	} else if(a->origin == FRT_LOCAL) {
		frt_buf_add(out, "no reply in ");
		frt_buf_add_ms(out, a->timeout_ms);
	} else {
		frt_buf_add(out, "%u", a->code);
	}
}
