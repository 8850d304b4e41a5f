/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The schedule as time passes: what is due, what flies, what comes next. How
 * targets come from a generation is in frt_sched_load.c.
 *
 * Regular probes keep to a grid: a target's slots lie one period apart, and
 * each probe goes out a little before or after its slot. So targets that were
 * spread evenly stay so for ever, which random gaps would not do.
 */
#include "frt_sched.h"

#include <string.h>

#define FRT_JITTER_PCT 5 /* of the interval, from the earliest to the latest */
#define FRT_ID_TARGET_BITS 22
#define FRT_ID_TARGET_MASK ((1u << FRT_ID_TARGET_BITS) - 1)

void frt_sched_init(
		frt_sched_t *s, const frt_mem_t *mem, uint32_t rate, bool probing)
{
	memset(s, 0, sizeof(*s));
	s->mem = mem;
	s->probing = probing;
	s->free = FRT_NONE;
	frt_throttle_init(&s->throttle, rate);
}

void frt_sched_free(frt_sched_t *s)
{
	const frt_mem_t *mem = s->mem;

	frt_mem_free(mem, s->target_of);
	frt_mem_free(mem, s->next_of);
	frt_mem_free(mem, s->targets);
	frt_mem_free(mem, s->buckets);
	frt_heap_free(&s->ticks, mem);
	frt_heap_free(&s->regular, mem);
	frt_heap_free(&s->urgent, mem);
	frt_heap_free(&s->flying, mem);
	frt_sched_init(s, mem, s->throttle.rate, s->probing);
}

uint32_t frt_sched_period_ms(uint32_t interval_ms)
{
	uint64_t ms = (uint64_t)interval_ms * FRT_SCHED_PERIOD_PCT / 100;

	return ms ? (uint32_t)ms : 1;
}

static void set_gap(frt_sched_t *s, frt_target_t *t, uint32_t gap_ms)
{
	if(t->gap_ms)
		s->throttle.load -= frt_throttle_share(t->gap_ms);
	t->gap_ms = gap_ms;
	if(t->gap_ms)
		s->throttle.load += frt_throttle_share(t->gap_ms);
}

void frt_sched_leave(frt_sched_t *s, uint32_t target)
{
	frt_heap_set(&s->regular, target, 0);
	frt_heap_set(&s->urgent, target, 0);
	frt_heap_set(&s->flying, target, 0);
	set_gap(s, &s->targets[target], 0);
}

void frt_sched_wait(
		frt_sched_t *s, uint32_t target, uint64_t due_ms, uint32_t gap_ms)
{
	frt_target_t *t = &s->targets[target];

	t->state = FRT_TARGET_WAITING;
	set_gap(s, t, gap_ms);
	frt_heap_set(&s->regular, target, due_ms ? due_ms : 1);
}

uint64_t frt_sched_next(const frt_sched_t *s, uint64_t now_ms)
{
	uint64_t next = frt_heap_first(&s->ticks);
	uint64_t due = frt_heap_first(&s->flying);
	uint64_t ready;

	next = due < next ? due : next;
	due = frt_heap_first(&s->urgent);
	if(due < next) {
		ready = frt_throttle_ready(&s->throttle, false, now_ms);
		next = due > ready ? due : ready;
	}
	due = frt_heap_first(&s->regular);
	if(due < next) {
		ready = frt_throttle_ready(&s->throttle, true, now_ms);
		due = due > ready ? due : ready;
		next = due < next ? due : next;
	}
	return next > now_ms ? next : now_ms;
}

void frt_sched_tick_set(frt_sched_t *s, uint32_t dst, uint64_t due_ms)
{
	if(dst < s->ndsts)
		frt_heap_set(&s->ticks, dst, due_ms);
}

bool frt_sched_tick_pop(frt_sched_t *s, uint64_t now_ms, uint32_t *dst)
{
	return frt_heap_pop(&s->ticks, now_ms, dst);
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

bool frt_sched_hurry(
		frt_sched_t *s, uint32_t dst, bool by_operator, uint64_t now_ms)
{
	uint32_t target = dst < s->ndsts ? s->target_of[dst] : FRT_NONE;
	frt_target_t *t;
	uint64_t at = now_ms ? now_ms : 1;
	uint64_t due;

	if(target == FRT_NONE)
		return false;
	t = &s->targets[target];
	if(t->state == FRT_TARGET_FLYING)
		return true;
	if(!by_operator && t->ended_ms) {
		at = later(at, t->ended_ms + t->fast_ms / 2);
		at = later(at, t->sent_ms + t->floor_ms);
	}
	due = frt_sched_due(s, target);
	frt_heap_set(&s->regular, target, 0);
	frt_heap_set(&s->urgent, target, at < due ? at : due);
	return true;
}

/* Whose turn it is. When both wait for the throttle they alternate, so that a
 * storm of failing calls cannot end the regular probes. */
static frt_heap_t *turn(frt_sched_t *s, uint64_t now_ms)
{
	bool urgent = frt_heap_first(&s->urgent) <= now_ms
				  && frt_throttle_ready(&s->throttle, false, now_ms) <= now_ms;
	bool regular = frt_heap_first(&s->regular) <= now_ms
				   && frt_throttle_ready(&s->throttle, true, now_ms) <= now_ms;

	if(urgent && regular)
		urgent = !s->urgent_last;
	if(!urgent && !regular)
		return NULL;
	s->urgent_last = urgent;
	return urgent ? &s->urgent : &s->regular;
}

/* Never two test calls at once: it waits for the end of the one before. */
static bool put_off(frt_sched_t *s, uint32_t target, uint64_t now_ms)
{
	frt_target_t *t = &s->targets[target];

	t->put_off = t->open_ms > now_ms;
	if(t->put_off)
		frt_heap_set(&s->regular, target, t->open_ms);
	return t->put_off;
}

bool frt_sched_fly(
		frt_sched_t *s, uint64_t now_ms, uint32_t *target, uint32_t *id)
{
	frt_heap_t *from;
	frt_target_t *t;

	do {
		from = turn(s, now_ms);
		if(!from || !frt_heap_pop(from, now_ms, target))
			return false;
	} while(put_off(s, *target, now_ms));
	frt_throttle_take(&s->throttle, from == &s->regular, now_ms);
	t = &s->targets[*target];
	t->state = FRT_TARGET_FLYING;
	t->sent_ms = now_ms;
	t->open_ms = 0;
	t->tag++;
	frt_heap_set(&s->flying, *target, now_ms + t->timeout_ms);
	*id = *target | (uint32_t)t->tag << FRT_ID_TARGET_BITS;
	return true;
}

void frt_sched_sent(frt_sched_t *s, uint32_t target, uint64_t now_ms)
{
	frt_target_t *t = &s->targets[target];

	if(t->state != FRT_TARGET_FLYING)
		return;
	t->sent_ms = now_ms;
	frt_heap_set(&s->flying, target, now_ms + t->timeout_ms);
}

/* The target whose latest probe this is. */
static bool is_latest(const frt_sched_t *s, uint32_t id, uint32_t *target)
{
	*target = id & FRT_ID_TARGET_MASK;
	return *target < s->cap
		   && (uint32_t)s->targets[*target].tag << FRT_ID_TARGET_BITS
					  == (id & ~FRT_ID_TARGET_MASK);
}

bool frt_sched_answer(const frt_sched_t *s, uint32_t id, uint32_t *target)
{
	return is_latest(s, id, target)
		   && s->targets[*target].state == FRT_TARGET_FLYING;
}

void frt_sched_opened(frt_sched_t *s, uint32_t target, uint64_t until_ms)
{
	s->targets[target].open_ms = until_ms;
}

bool frt_sched_open(const frt_sched_t *s, uint32_t id, uint32_t *target)
{
	return is_latest(s, id, target) && s->targets[*target].open_ms;
}

void frt_sched_over(frt_sched_t *s, uint32_t target, uint64_t now_ms)
{
	frt_target_t *t = &s->targets[target];

	t->open_ms = 0;
	if(t->put_off && t->state == FRT_TARGET_WAITING) {
		frt_heap_set(&s->urgent, target, 0);
		frt_heap_set(&s->regular, target, now_ms ? now_ms : 1);
	}
	t->put_off = false;
}

bool frt_sched_overdue(frt_sched_t *s, uint64_t now_ms, uint32_t *target)
{
	return frt_heap_pop(&s->flying, now_ms, target);
}

/* Moves the slot on; returns when the next regular probe is due. */
static uint64_t next_slot(
		frt_target_t *t, uint32_t period, uint32_t interval, frt_rand_t *rnd)
{
	uint64_t jitter = (uint64_t)interval * FRT_JITTER_PCT / 100;
	uint64_t due;

	/* A probe out of turn, well ahead of the slot, leaves it where it is. */
	if(t->slot_ms <= t->sent_ms + period / 4)
		t->slot_ms += period;
	/* It was late, or the interval is another one now. */
	if(t->slot_ms < t->sent_ms + period / 2
			|| t->slot_ms > t->sent_ms + period + period / 4)
		t->slot_ms = t->sent_ms + period;
	due = t->slot_ms - jitter / 2 + frt_rand_below(rnd, jitter + 1);
	return due < t->sent_ms + interval ? due : t->sent_ms + interval;
}

void frt_sched_ended(frt_sched_t *s, uint32_t target, frt_pace_t pace,
		uint64_t now_ms, frt_rand_t *rnd)
{
	frt_target_t *t = &s->targets[target];
	uint32_t period = frt_sched_period_ms(pace.gap_ms);
	uint64_t due;

	frt_heap_set(&s->flying, target, 0);
	t->ended_ms = now_ms;
	if(!pace.steady) {
		/* Counted from the probe's start: its timeout is part of the gap. */
		due = t->sent_ms + pace.gap_ms
			  - frt_rand_below(rnd, pace.gap_ms / 20 + 1);
		t->slot_ms = due;
	} else if(!t->steady) {
		/* Back from an upheaval that may have gathered many: anywhere. */
		due = t->sent_ms + 1 + frt_rand_below(rnd, period);
		t->slot_ms = due;
	} else {
		due = next_slot(t, period, pace.gap_ms, rnd);
	}
	t->steady = pace.steady;
	due = later(due, t->sent_ms + t->floor_ms);
	frt_sched_wait(s, target, later(due, now_ms + 1), period);
}

void frt_sched_sooner(frt_sched_t *s, uint32_t dst, frt_pace_t pace,
		uint64_t now_ms, frt_rand_t *rnd)
{
	uint32_t target = dst < s->ndsts ? s->target_of[dst] : FRT_NONE;
	uint64_t due = target == FRT_NONE ? 0 : frt_heap_due(&s->regular, target);
	frt_target_t *t;

	if(due <= now_ms + pace.gap_ms)
		return;
	t = &s->targets[target];
	if(t->steady || t->put_off)
		return;
	/* many may be so: anywhere */
	due = now_ms + 1 + frt_rand_below(rnd, pace.gap_ms);
	t->slot_ms = later(due, t->sent_ms + t->floor_ms);
	frt_sched_wait(s, target, t->slot_ms, frt_sched_period_ms(pace.gap_ms));
}

uint64_t frt_sched_due(const frt_sched_t *s, uint32_t target)
{
	uint64_t due = frt_heap_due(&s->regular, target);

	return due ? due : frt_heap_due(&s->urgent, target);
}
