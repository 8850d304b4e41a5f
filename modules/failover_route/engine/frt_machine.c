/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The health machine's table and its actions.
 *
 *            up      down    trial   ramp
 *   flag     down    -       down    down     a source's flag was set
 *   told     told    longer  told    told     blackout: Retry-After
 *   op-down  bare    -       bare    bare     the operator's flag was set
 *   call-ok  -       back    back    -        the trial call was good, or one
 *                                             that was tried in panic
 *   call-bad -       -       down    -        the trial call failed
 *   try      -       trial   -       -        hold over, traffic's flag set
 *   return   -       back    -       -        hold over, no flag set
 *   op-up    -       up      up      up       operator's flag gone, no other
 *   ramped   -       -       -       up       the ramp's time is over
 *
 *   down: hold doubled; told: hold as told; longer: the hold in force is
 *   lengthened; bare: no hold; back: to ramp, or to up if there is no ramp
 */
#include "frt_machine.h"

#include "frt_act.h"
#include "frt_evidence.h"

#define FRT_RAMP_STEPS 20
#define FRT_RAMP_START (FRT_SHARE_FULL / 10)
#define FRT_DOWNS_MAX 32 /* 1 ms doubled so often exceeds any hold_max_ms */
/* Workers read the clock before they take the lock, so times arrive a little
 * out of order; what is older by more than this is a clock set back. */
#define FRT_CLOCK_SLACK_MS 1000

typedef enum frt_action
{
	DO_NOTHING = 0,
	DO_DOWN,
	DO_DOWN_TOLD,
	DO_DOWN_BARE,
	DO_HOLD_LONGER,
	DO_TRIAL,
	DO_BACK,
	DO_UP
} frt_action_t;

static const uint8_t machine[EV_count][frt_health_count] = {
		[EV_FLAG] = {DO_DOWN, DO_NOTHING, DO_DOWN, DO_DOWN},
		[EV_TOLD] = {DO_DOWN_TOLD, DO_HOLD_LONGER, DO_DOWN_TOLD, DO_DOWN_TOLD},
		[EV_OP_DOWN] = {DO_DOWN_BARE, DO_NOTHING, DO_DOWN_BARE, DO_DOWN_BARE},
		[EV_CALL_OK] = {DO_NOTHING, DO_BACK, DO_BACK, DO_NOTHING},
		[EV_CALL_BAD] = {DO_NOTHING, DO_NOTHING, DO_DOWN, DO_NOTHING},
		[EV_TRY] = {DO_NOTHING, DO_TRIAL, DO_NOTHING, DO_NOTHING},
		[EV_RETURN] = {DO_NOTHING, DO_BACK, DO_NOTHING, DO_NOTHING},
		[EV_OP_UP] = {DO_NOTHING, DO_UP, DO_UP, DO_UP},
		[EV_RAMPED] = {DO_NOTHING, DO_NOTHING, DO_NOTHING, DO_UP},
};

uint64_t frt_time_after(uint64_t now_ms, uint64_t ms)
{
	uint64_t t = ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + ms;

	return t ? t : 1;
}

uint64_t frt_time_since(uint64_t now_ms, uint64_t then_ms)
{
	return now_ms > then_ms ? now_ms - then_ms : 0;
}

void frt_time_shift(uint64_t *t, uint64_t back)
{
	if(*t)
		*t = *t > back ? *t - back : 1;
}

/* What is a little late counts as now. If the clock was set back, every stored
 * time goes back with it, so that a hold lasts as long as it had left. */
uint64_t frt_clock_step(frt_rec_t *rec, uint64_t now_ms)
{
	frt_health_rec_t *h = &rec->h;
	frt_act_t *act;
	uint64_t back = frt_time_since(h->seen_ms, now_ms);

	if(back > 0 && back <= FRT_CLOCK_SLACK_MS)
		return h->seen_ms;
	h->seen_ms = now_ms;
	if(back == 0)
		return now_ms;
	frt_time_shift(&h->since_ms, back);
	frt_time_shift(&h->ready_ms, back);
	frt_time_shift(&h->hold_until_ms, back);
	frt_time_shift(&h->told_ms, back);
	frt_time_shift(&h->due_ms, back);
	act = frt_act(rec);
	if(act)
		frt_evidence_shift(&act->e, back);
	return now_ms;
}

uint32_t frt_word_load(const frt_rec_t *rec)
{
	return atomic_load_explicit(&rec->word, memory_order_relaxed);
}

void frt_word_store(frt_rec_t *rec, uint32_t word)
{
	atomic_store_explicit(&rec->word, word, memory_order_release);
}

void frt_told_store(frt_rec_t *rec, uint64_t now_ms)
{
	uint32_t told = rec->h.told_ms > now_ms ? (uint32_t)rec->h.told_ms | 1 : 0;

	atomic_store_explicit(&rec->told_ms, told, memory_order_relaxed);
}

static bool told_left(const frt_rec_t *rec)
{
	return atomic_load_explicit(&rec->told_ms, memory_order_relaxed) != 0;
}

void frt_step_begin(frt_step_t *s, uint64_t now_ms)
{
	frt_act_t *act = frt_act(s->rec);

	s->h = &s->rec->h;
	s->e = act ? &act->e : NULL;
	s->now_ms = frt_clock_step(s->rec, now_ms);
	s->word = frt_word_load(s->rec);
	s->health = FRT_WORD_HEALTH(s->word);
	s->busy = FRT_WORD_BUSY(s->word);
	s->flags = FRT_WORD_FLAGS(s->word);
	s->share = FRT_WORD_SHARE(s->word);
	s->shed = FRT_WORD_SHED(s->word);
}

/* Do the sums, or what the tier counts, change with the word? What is full
 * weighs nothing, and is counted only while it is usable. */
static bool weighs_otherwise(uint32_t was, uint32_t is)
{
	if(was == is)
		return false;
	return frt_health_share(was) != frt_health_share(is)
		   || frt_health_usable(was) != frt_health_usable(is)
		   || ((was ^ is) & FRT_WORD(0, 0, 0, 1u << FRT_TRAFFIC, 0));
}

frt_change_t frt_step_end(frt_step_t *s)
{
	frt_health_t from = FRT_WORD_HEALTH(s->word);
	frt_admin_t admin = FRT_WORD_ADMIN(s->word);
	uint32_t word = FRT_WORD(s->health, admin, s->busy, s->flags, s->share)
					| FRT_WORD_SHED_BITS(s->shed)
					| (s->word & FRT_WORD_FULL_BIT);
	bool left = told_left(s->rec);

	if(word != s->word)
		frt_word_store(s->rec, word);
	frt_told_store(s->rec, s->now_ms);
	s->out->panic =
			left != told_left(s->rec)
			|| ((word ^ s->word) & FRT_WORD(0, 0, 0, 1u << FRT_OPERATOR, 0));
	s->out->shed_from = (uint8_t)FRT_WORD_SHED(s->word);
	s->out->shed_to = (uint8_t)s->shed;
	if(from == s->health)
		return weighs_otherwise(s->word, word) ? FRT_SHARE : FRT_UNCHANGED;
	s->out->from = from;
	s->out->to = s->health;
	s->out->admin_from = admin;
	s->out->admin_to = admin;
	s->out->source = (frt_source_t)s->h->source;
	s->out->reason = s->h->reason;
	atomic_fetch_add_explicit(&s->rec->n.transitions, 1, memory_order_relaxed);
	return FRT_CHANGED;
}

/* min(hold_ms * 2^(n-1), hold_max_ms) */
static uint32_t hold_base(const frt_health_conf_t *conf, uint32_t n)
{
	uint64_t ms = conf->hold_ms;

	while(n-- > 1 && ms < conf->hold_max_ms)
		ms *= 2;
	return ms < conf->hold_max_ms ? (uint32_t)ms : conf->hold_max_ms;
}

/* Counts one more down, after forgetting one for each hold_max_ms spent up.
 * Not beyond the longest hold: a bad week must not be remembered for a year. */
static void downs_grow(frt_step_t *s)
{
	const frt_health_conf_t *conf = s->rules->health;
	frt_health_rec_t *h = s->h;
	uint64_t good = frt_time_since(s->now_ms, h->since_ms);

	if(s->health == FRT_UP && h->downs > 0) {
		uint64_t forget = good / frt_at_least_1(conf->hold_max_ms);
		h->downs = forget < h->downs ? (uint16_t)(h->downs - forget) : 0;
	}
	if(h->downs == 0
			|| (h->downs < FRT_DOWNS_MAX
					&& hold_base(conf, h->downs) < conf->hold_max_ms))
		h->downs++;
}

/* The next hold, with up to 10 % more, so that destinations that went down
 * together do not come back together. */
static uint64_t hold_next(frt_step_t *s)
{
	uint64_t base;

	downs_grow(s);
	base = hold_base(s->rules->health, s->h->downs);
	return base + frt_rand_below(s->rnd, base / 10 + 1);
}

static void enter(frt_step_t *s, frt_health_t health, frt_source_t source,
		const frt_reason_t *reason)
{
	frt_health_rec_t *h = s->h;
	/* the flag is of before, and so are those who set it */
	bool stays = (s->health == FRT_TRIAL || s->health == FRT_DOWN)
				 && (s->flags & 1u << FRT_TRAFFIC) && h->reason.invite;

	if(s->health == FRT_TRIAL || health == FRT_DOWN) {
		if(s->e)
			frt_evidence_clear(s->e);
		s->shed = 0;
	}
	s->health = health;
	s->busy = 0;
	/* what calls of the last time bring is late from here on */
	if(health == FRT_DOWN || health == FRT_TRIAL)
		h->spell = frt_spell_after(h->spell);
	s->share = FRT_SHARE_FULL;
	h->since_ms = s->now_ms;
	h->hold_until_ms = 0;
	h->told_ms = 0;
	/* what it sheds does not end by itself: somebody has to look */
	h->due_ms = s->shed ? frt_time_after(s->now_ms, 0) : 0;
	h->source = (uint8_t)source;
	h->reason = *reason;
	h->reason.invite |= stays;
	if(health == FRT_UP || health == FRT_RAMP) {
		h->blackout = 0;
		h->waived = 0;
	}
}

static void enter_down(frt_step_t *s, frt_source_t source,
		const frt_reason_t *reason, uint64_t hold_ms)
{
	frt_health_rec_t *h = s->h;

	enter(s, FRT_DOWN, source, reason);
	s->share = 0;
	h->probe_good = 0;
	h->ready_ms = 0;
	h->blackout = reason->why == FRT_WHY_BLACKOUT;
	h->waived = 0;
	/* Due even without a hold: a hold of 0 ends at the next tick. */
	h->due_ms = frt_time_after(s->now_ms, hold_ms);
	h->hold_until_ms = hold_ms ? h->due_ms : 0;
	h->told_ms = h->blackout ? h->due_ms : 0;
	h->reason.hold_ms = hold_ms < UINT32_MAX ? (uint32_t)hold_ms : UINT32_MAX;
}

void frt_step_ramp(frt_step_t *s)
{
	uint64_t ramp = frt_at_least_1(s->rules->health->ramp_ms);
	uint64_t spent = frt_time_since(s->now_ms, s->h->since_ms);
	uint64_t k = spent * FRT_RAMP_STEPS / ramp;
	uint64_t next = ((k + 1) * ramp + FRT_RAMP_STEPS - 1) / FRT_RAMP_STEPS;

	s->share = (uint32_t)(FRT_RAMP_START
						  + (FRT_SHARE_FULL - FRT_RAMP_START) * k
									/ FRT_RAMP_STEPS);
	s->h->due_ms = frt_time_after(s->h->since_ms, next);
}

uint64_t frt_step_hold_due(const frt_step_t *s)
{
	const frt_health_rec_t *h = s->h;

	return h->told_ms > s->now_ms && h->told_ms < h->hold_until_ms
				   ? h->told_ms
				   : h->hold_until_ms;
}

static void hold_longer(frt_step_t *s, uint32_t ms)
{
	uint64_t until = frt_time_after(s->now_ms, ms);

	if(until > s->h->hold_until_ms)
		s->h->hold_until_ms = until;
	if(until > s->h->told_ms)
		s->h->told_ms = until;
	s->h->due_ms = frt_step_hold_due(s);
}

void frt_step_fire(frt_step_t *s, frt_event_t event, frt_source_t source,
		const frt_reason_t *reason, uint32_t told_ms)
{
	bool ramp = s->rules->health->ramp_ms > 0;

	/* Down, and something new speaks against it: its wait for the return
	 * begins anew. */
	if(event == EV_FLAG || event == EV_TOLD || event == EV_OP_DOWN)
		s->h->ready_ms = 0;
	switch((frt_action_t)machine[event][s->health]) {
		case DO_NOTHING:
			break;
		case DO_DOWN:
			enter_down(s, source, reason, hold_next(s));
			break;
		case DO_DOWN_TOLD:
			enter_down(s, source, reason, frt_at_least_1(told_ms));
			break;
		case DO_DOWN_BARE:
			enter_down(s, source, reason, 0);
			break;
		case DO_HOLD_LONGER:
			hold_longer(s, told_ms);
			break;
		case DO_TRIAL:
			enter(s, FRT_TRIAL, source, reason);
			break;
		case DO_BACK:
			enter(s, ramp ? FRT_RAMP : FRT_UP, source, reason);
			if(ramp)
				frt_step_ramp(s);
			break;
		case DO_UP:
			enter(s, FRT_UP, source, reason);
			break;
	}
}
