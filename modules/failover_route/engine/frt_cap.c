/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Caps: places, and the ring of marks. See the header.
 */
#include "frt_cap.h"

#define SECOND_MS 1000u
#define AHEAD_MS 60000u /* of another process's clock reading */
#define LAPS 1024u		/* laps of the ring before n is turned back */

bool frt_cap_take(frt_rec_t *rec, uint32_t max, bool *moved)
{
	uint32_t calls = atomic_load_explicit(&rec->calls, memory_order_relaxed);

	*moved = false;
	if(max == 0) {
		atomic_fetch_add(&rec->calls, 1);
		return true;
	}
	do {
		if(calls >= max) {
			*moved = !FRT_WORD_FULL(atomic_load(&rec->word));
			return false;
		}
	} while(!atomic_compare_exchange_weak(&rec->calls, &calls, calls + 1));
	*moved = calls + 1 >= max;
	return true;
}

/* Sequentially consistent, as in frt_cap_follow_locked(): either it sees the
 * call gone, or we see the bit. */
bool frt_cap_give(frt_rec_t *rec)
{
	atomic_fetch_sub(&rec->calls, 1);
	return FRT_WORD_FULL(atomic_load(&rec->word));
}

bool frt_cap_follow_locked(frt_rec_t *rec, uint32_t max)
{
	bool was = FRT_WORD_FULL(atomic_load(&rec->word)), is = was, full;

	for(;;) {
		full = max > 0 && atomic_load(&rec->calls) >= max;
		if(full == is)
			return is != was;
		if(full)
			atomic_fetch_or(&rec->word, FRT_WORD_FULL_BIT);
		else
			atomic_fetch_and(&rec->word, ~FRT_WORD_FULL_BIT);
		is = full; /* and once more: a call may have ended meanwhile */
	}
}

/* Two marks are not enough to look back a whole second over: the one being
 * filled, and the one that is older than what is asked. */
static uint32_t per_mark(uint32_t max_cps)
{
	uint32_t most = FRT_RATE_MARKS - 2;

	return max_cps / most + (max_cps % most != 0);
}

/* For a second: then nothing before counts, whatever its mark would say, which
 * comes round again after 49 days. */
static bool idle(const frt_rate_t *r, uint64_t now_ms)
{
	return now_ms >= atomic_load_explicit(&r->last_ms, memory_order_relaxed)
							 + SECOND_MS;
}

bool frt_rate_room(const frt_rate_t *r, uint32_t max_cps, uint64_t now_ms)
{
	uint32_t n, per, since, at;

	if(!r)
		return true;
	n = atomic_load_explicit(&r->n, memory_order_relaxed);
	per = per_mark(max_cps);
	if(n < max_cps
			|| atomic_load_explicit(&r->per, memory_order_relaxed) != per)
		return true;
	if(idle(r, now_ms))
		return true;
	/* the call max_cps before this one, or one a little later that has a mark */
	at = (n - max_cps + per - 1) / per % FRT_RATE_MARKS;
	since = (uint32_t)now_ms
			- atomic_load_explicit(&r->marks[at], memory_order_relaxed);
	return since >= SECOND_MS && since <= UINT32_MAX - AHEAD_MS;
}

bool frt_rate_take_locked(frt_rate_t *r, uint32_t max_cps, uint64_t now_ms)
{
	uint32_t per = per_mark(max_cps), lap = per * FRT_RATE_MARKS;
	uint32_t n = atomic_load_explicit(&r->n, memory_order_relaxed);

	if(atomic_load_explicit(&r->per, memory_order_relaxed) != per) {
		/* new, or a reload has changed max-cps by much */
		atomic_store_explicit(&r->per, per, memory_order_relaxed);
		n = 0;
	} else if(idle(r, now_ms)) {
		n = 0;
	} else if(!frt_rate_room(r, max_cps, now_ms)) {
		return false;
	}
	if(n % per == 0)
		atomic_store_explicit(&r->marks[n / per % FRT_RATE_MARKS],
				(uint32_t)now_ms, memory_order_relaxed);
	/* whole laps less: the ring looks the same */
	if(++n >= LAPS * lap)
		n -= (LAPS - 2) * lap;
	atomic_store_explicit(&r->n, n, memory_order_relaxed);
	/* another process may be a little ahead */
	if(now_ms > atomic_load_explicit(&r->last_ms, memory_order_relaxed))
		atomic_store_explicit(&r->last_ms, now_ms, memory_order_relaxed);
	return true;
}
