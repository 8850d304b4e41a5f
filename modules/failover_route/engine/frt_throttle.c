/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The limits on probes; see frt_throttle.h. Integers only: the same everywhere
 * and over any length of time.
 */
#include "frt_throttle.h"

#define FRT_ONE 1000u /* one probe, in credit */
#define FRT_LOAD_UNIT 1000000000ull
#define FRT_EVEN_MAX_US 100000u
/* From so many probes a second on rounds are long. */
#define FRT_MANY 100u
#define FRT_LONG_MS 50u

void frt_throttle_init(frt_throttle_t *t, uint32_t rate)
{
	*t = (frt_throttle_t){.rate = rate ? rate : 1, .even_us = FRT_EVEN_MAX_US};
	t->credit = FRT_ONE;
}

void frt_throttle_even(frt_throttle_t *t, uint32_t shortest_ms)
{
	uint64_t us = (uint64_t)shortest_ms * (1000 / 100);

	t->even_us = us < FRT_EVEN_MAX_US ? (uint32_t)us : FRT_EVEN_MAX_US;
}

uint64_t frt_throttle_share(uint32_t gap_ms)
{
	return FRT_LOAD_UNIT / (gap_ms ? gap_ms : 1);
}

uint32_t frt_throttle_round_ms(const frt_throttle_t *t)
{
	return t->load < FRT_MANY * (FRT_LOAD_UNIT / 1000) ? FRT_THROTTLE_ROUND_MS
													   : FRT_LONG_MS;
}

/* A round, and a little: the rate holds over any step of this length. */
static uint32_t step_ms(const frt_throttle_t *t)
{
	return frt_throttle_round_ms(t) / 5 * 6;
}

/* What may be saved up: one step's worth, but at least one probe. */
static uint64_t credit_max(const frt_throttle_t *t)
{
	uint64_t max = (uint64_t)t->rate * step_ms(t);

	return max > FRT_ONE ? max : FRT_ONE;
}

static uint64_t credit_now(const frt_throttle_t *t, uint64_t now_ms)
{
	uint64_t max = credit_max(t);
	uint64_t ms = now_ms > t->credit_ms ? now_ms - t->credit_ms : 0;

	if(ms > max / t->rate)
		return max;
	return t->credit + ms * t->rate < max ? t->credit + ms * t->rate : max;
}

/* The room between two regular probes: four fifths of what it would be if they
 * were perfectly even. Less would let them bunch, more would make them late. */
static uint64_t room_us(const frt_throttle_t *t)
{
	uint64_t us = t->load ? 1000 * FRT_LOAD_UNIT / 5 * 4 / t->load : 0;

	return us < t->even_us ? us : t->even_us;
}

uint64_t frt_throttle_ready(
		const frt_throttle_t *t, bool regular, uint64_t now_ms)
{
	uint64_t credit = credit_now(t, now_ms);
	uint64_t at = now_ms;
	uint64_t even_ms = t->next_us / 1000 + (t->next_us % 1000 ? 1 : 0);

	if(credit < FRT_ONE)
		at += (FRT_ONE - credit + t->rate - 1) / t->rate;
	return regular && even_ms > at ? even_ms : at;
}

void frt_throttle_take(frt_throttle_t *t, bool regular, uint64_t now_ms)
{
	uint64_t credit = credit_now(t, now_ms);
	uint64_t room = room_us(t);
	uint64_t now_us = now_ms * 1000;
	uint64_t late_us = frt_throttle_round_ms(t) * 1000ull;

	t->credit = credit > FRT_ONE ? credit - FRT_ONE : 0;
	t->credit_ms = now_ms;
	if(!regular)
		return;
	/* Who wakes up late makes a round good with the next one, but no more: in
	 * any 100 ms there are never twice as many as on average. */
	if(t->next_us + late_us < now_us)
		t->next_us = now_us - late_us;
	t->next_us += room;
}
