/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The word: 5 bits how many samples (saturating), 11 bits what a silence
 * demands in 32 ms, 24 bits SRTT and 24 bits RTTVAR, both in eighths of a ms.
 */
#include "frt_rto.h"

#define BITS 24
#define MASK ((1u << BITS) - 1)
#define N_MAX 31u
#define LEAST_BITS 11
#define LEAST_MASK ((1u << LEAST_BITS) - 1)
#define LEAST_UNIT_MS 32u
#define TICK_MS 63u

static uint64_t cap(uint64_t v)
{
	return v < MASK ? v : MASK;
}

static uint64_t samples_of(uint64_t rto)
{
	return rto >> (2 * BITS + LEAST_BITS);
}

static uint64_t least_of(uint64_t rto)
{
	return (rto >> (2 * BITS) & LEAST_MASK) * LEAST_UNIT_MS;
}

static uint64_t with_least(uint64_t rto, uint64_t least)
{
	return (rto & ~((uint64_t)LEAST_MASK << (2 * BITS))) | least << (2 * BITS);
}

static uint64_t pack(uint64_t n, uint64_t srtt, uint64_t var)
{
	return n << (2 * BITS + LEAST_BITS) | cap(srtt) << BITS | cap(var);
}

/* One part of `srtt_part` of the new sample, one of `var_part` of its
 * distance. */
static void sample(_Atomic uint64_t *rto, uint64_t ms, uint64_t srtt_part,
		uint64_t var_part)
{
	uint64_t was = atomic_load_explicit(rto, memory_order_relaxed);
	uint64_t n = samples_of(was), srtt = was >> BITS & MASK;
	uint64_t var = was & MASK;
	uint64_t r = cap(ms < MASK ? ms * 8 : MASK);
	uint64_t off = r > srtt ? r - srtt : srtt - r;

	if(n == 0)
		was = pack(1, r, r / 2);
	else
		was = pack(n < N_MAX ? n + 1 : n,
				(srtt * (srtt_part - 1) + r) / srtt_part,
				(var * (var_part - 1) + off) / var_part);
	atomic_store_explicit(rto, was, memory_order_relaxed);
}

void frt_rto_sample(_Atomic uint64_t *rto, uint64_t ms)
{
	sample(rto, ms, 8, 4);
}

void frt_rto_sample_varied(_Atomic uint64_t *rto, uint64_t ms)
{
	uint64_t n = samples_of(atomic_load_explicit(rto, memory_order_relaxed));

	sample(rto, ms, n + 1, n + 1);
}

void frt_rto_silence(_Atomic uint64_t *rto, uint64_t ms)
{
	uint64_t was = atomic_load_explicit(rto, memory_order_relaxed);
	uint64_t least = ms < LEAST_MASK * LEAST_UNIT_MS
							 ? ms * 3 / 2 / LEAST_UNIT_MS + 1
							 : LEAST_MASK;

	if(least > LEAST_MASK)
		least = LEAST_MASK;
	if(least * LEAST_UNIT_MS > least_of(was))
		atomic_store_explicit(
				rto, with_least(was, least), memory_order_relaxed);
}

void frt_rto_calm(_Atomic uint64_t *rto)
{
	uint64_t was = atomic_load_explicit(rto, memory_order_relaxed);

	atomic_store_explicit(rto, with_least(was, 0), memory_order_relaxed);
}

uint32_t frt_rto_ms(uint64_t rto)
{
	uint64_t srtt = rto >> BITS & MASK, var = rto & MASK;
	uint64_t spread = 4 * var / 8;

	if(samples_of(rto) < FRT_RTO_SAMPLES)
		return 0;
	return (uint32_t)(srtt / 8 + (spread > TICK_MS ? spread : TICK_MS));
}

uint32_t frt_rto_timeout(
		uint64_t rto, uint32_t extra_ms, uint32_t min_ms, uint32_t max_ms)
{
	uint64_t ms = frt_rto_ms(rto);

	if(ms == 0)
		return max_ms;
	ms += extra_ms;
	if(ms < least_of(rto))
		ms = least_of(rto);
	if(ms < min_ms)
		ms = min_ms;
	return ms < max_ms ? (uint32_t)ms : max_ms;
}
