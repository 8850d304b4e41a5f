/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The word: 8 bits how many samples (saturating), 28 bits SRTT and 28 bits
 * RTTVAR, both in eighths of a ms.
 */
#include "frt_rto.h"

#define BITS 28
#define MASK ((1u << BITS) - 1)
#define TICK_MS 63u

static uint64_t cap(uint64_t v)
{
	return v < MASK ? v : MASK;
}

static uint64_t pack(uint64_t n, uint64_t srtt, uint64_t var)
{
	return n << (2 * BITS) | cap(srtt) << BITS | cap(var);
}

void frt_rto_sample(_Atomic uint64_t *rto, uint64_t ms)
{
	uint64_t was = atomic_load_explicit(rto, memory_order_relaxed);
	uint64_t n = was >> (2 * BITS), srtt = was >> BITS & MASK;
	uint64_t var = was & MASK;
	uint64_t r = cap(ms < MASK ? ms * 8 : MASK);
	uint64_t off = r > srtt ? r - srtt : srtt - r;

	if(n == 0)
		was = pack(1, r, r / 2);
	else
		was = pack(
				n < 255 ? n + 1 : n, (srtt * 7 + r) / 8, (var * 3 + off) / 4);
	atomic_store_explicit(rto, was, memory_order_relaxed);
}

bool frt_rto_known(uint64_t rto)
{
	return rto >> (2 * BITS) >= FRT_RTO_SAMPLES;
}

uint32_t frt_rto_timeout(uint64_t rto, uint32_t min_ms, uint32_t max_ms)
{
	uint64_t srtt = rto >> BITS & MASK, var = rto & MASK;
	uint64_t spread = 4 * var / 8, ms;

	if(!frt_rto_known(rto))
		return max_ms;
	ms = srtt / 8 + (spread > TICK_MS ? spread : TICK_MS);
	if(ms < min_ms)
		ms = min_ms;
	return ms < max_ms ? (uint32_t)ms : max_ms;
}
