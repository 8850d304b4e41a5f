/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The bucket: the upper half of the word is when it was last filled (ms), the
 * lower how many thousandths of a retry are in it. 0 is a new, full bucket.
 */
#include "frt_budget.h"

#define FULL_SECONDS 10u /* a full bucket holds so many seconds' minimum ... */
#define FULL_LEAST 60u	 /* ... and at least so many retries */

static uint32_t full(uint32_t min_cps)
{
	uint64_t retries = (uint64_t)min_cps * FULL_SECONDS;

	if(retries < FULL_LEAST)
		retries = FULL_LEAST;
	return retries > UINT32_MAX / 2000 ? UINT32_MAX / 2
									   : (uint32_t)retries * 1000;
}

static uint32_t level(uint64_t bucket, uint32_t min_cps, uint32_t now)
{
	uint64_t in = (uint32_t)bucket;
	uint32_t since = now - (uint32_t)(bucket >> 32);

	if(bucket == 0)
		return full(min_cps);
	/* another process's clock reading, a little ahead */
	if(since > INT32_MAX)
		since = 0;
	in += (uint64_t)since * min_cps;
	return in < full(min_cps) ? (uint32_t)in : full(min_cps);
}

static uint64_t pack(uint32_t now, uint32_t in)
{
	/* never 0, which is a new bucket */
	return (uint64_t)(now || in ? now : 1) << 32 | in;
}

void frt_budget_call(_Atomic uint64_t *bucket, uint32_t pct, uint32_t min_cps,
		uint64_t now_ms)
{
	uint64_t was = atomic_load_explicit(bucket, memory_order_relaxed);
	uint64_t now, in;

	do {
		in = (uint64_t)level(was, min_cps, (uint32_t)now_ms) + pct * 10u;
		/* nearly always: it is full and stays so, nothing to write */
		if(in >= full(min_cps))
			now = 0;
		else
			now = pack((uint32_t)now_ms, (uint32_t)in);
		if(now == was)
			return;
	} while(!atomic_compare_exchange_weak(bucket, &was, now));
}

bool frt_budget_take(
		_Atomic uint64_t *bucket, uint32_t min_cps, uint64_t now_ms)
{
	uint64_t was = atomic_load_explicit(bucket, memory_order_relaxed);
	uint32_t in;

	do {
		in = level(was, min_cps, (uint32_t)now_ms);
		if(in < 1000)
			return false;
	} while(!atomic_compare_exchange_weak(
			bucket, &was, pack((uint32_t)now_ms, in - 1000)));
	return true;
}

uint32_t frt_budget_left(uint64_t bucket, uint32_t min_cps, uint64_t now_ms)
{
	return level(bucket, min_cps, (uint32_t)now_ms) / 1000;
}
