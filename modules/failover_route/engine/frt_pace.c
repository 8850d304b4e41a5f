/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How often to probe, and how a probe repeats itself; see frt_pace.h.
 */
#include "frt_pace.h"

/* So long a destination that went down is probed quickly: it may be a restart.
 */
#define FRT_PACE_FRESH_MS 60000u

uint32_t frt_pace_floor_ms(const frt_probe_conf_t *conf)
{
	return frt_probe_calls(conf) ? FRT_PACE_CALL_MIN_MS : 0;
}

static uint32_t at_least(const frt_probe_conf_t *conf, uint32_t ms)
{
	uint32_t least = frt_pace_floor_ms(conf);

	if(least < FRT_PACE_MIN_MS)
		least = FRT_PACE_MIN_MS;
	return ms > least ? ms : least;
}

uint32_t frt_pace_interval_ms(const frt_probe_conf_t *conf)
{
	return at_least(conf, conf->interval_ms);
}

uint32_t frt_pace_fast_ms(const frt_probe_conf_t *conf)
{
	uint32_t ms = frt_pace_interval_ms(conf);

	if(conf->fast_interval_ms < ms)
		ms = conf->fast_interval_ms;
	return at_least(conf, ms);
}

/* Down, and no good probe yet. */
static uint32_t down_gap(const frt_health_rec_t *h,
		const frt_probe_conf_t *conf, uint64_t now_ms)
{
	uint32_t fast = frt_pace_fast_ms(conf);
	uint32_t gap =
			conf->down_interval_ms > fast ? conf->down_interval_ms : fast;
	uint64_t lead = ((uint64_t)conf->rise + 1) * fast + conf->timeout_ms;
	uint64_t left = h->hold_until_ms > now_ms ? h->hold_until_ms - now_ms : 0;

	if(now_ms < h->since_ms + FRT_PACE_FRESH_MS)
		return fast;
	if(left == 0)
		return gap;
	if(left <= lead + fast)
		return fast;
	return left - lead < gap ? (uint32_t)(left - lead) : gap;
}

frt_pace_t frt_pace_locked(
		const frt_rec_t *rec, const frt_probe_conf_t *conf, uint64_t now_ms)
{
	const frt_health_rec_t *h = &rec->h;
	uint32_t word = atomic_load_explicit(&rec->word, memory_order_relaxed);
	uint32_t rise = conf->rise ? conf->rise : 1;
	frt_pace_t steady = {frt_pace_interval_ms(conf), true};
	frt_pace_t fast = {frt_pace_fast_ms(conf), false};

	if(FRT_WORD_HEALTH(word) != FRT_DOWN)
		return h->probe_bad ? fast : steady;
	if(h->probe_good >= rise)
		return steady;
	if(h->probe_good)
		return fast;
	return (frt_pace_t){down_gap(h, conf, now_ms), false};
}

frt_pace_t frt_pace_quicker(frt_pace_t a, frt_pace_t b)
{
	return b.gap_ms < a.gap_ms ? b : a;
}

/* Timers tick each 62.5 ms, and each retransmission may be a tick late. */
#define FRT_TICK_MS 63
#define FRT_T1_MAX 60000u

static bool t1_fits(uint64_t timeout_ms, uint32_t t1, uint32_t t2)
{
	uint64_t at = t1, step = t1, early = 2 * FRT_TICK_MS;

	while(at < timeout_ms + 4 * FRT_TICK_MS) {
		if(at + early > timeout_ms)
			return false;
		step = 2 * step < t2 ? 2 * step : t2;
		at += step;
		early += FRT_TICK_MS;
	}
	return true;
}

uint32_t frt_pace_t1_ms(uint32_t timeout_ms, uint32_t t1_ms, uint32_t t2_ms)
{
	uint32_t t1 = t1_ms ? t1_ms : 1;
	uint32_t t2 = t2_ms > FRT_TICK_MS ? t2_ms : FRT_TICK_MS;

	while(t1 <= timeout_ms && !t1_fits(timeout_ms, t1, t2))
		t1 += 10;
	/* None fits, or none was meant to: then none close behind the end. */
	if(t1 > timeout_ms && t1 < timeout_ms + 5 * FRT_TICK_MS)
		t1 = timeout_ms + 5 * FRT_TICK_MS;
	return t1 < FRT_T1_MAX ? t1 : FRT_T1_MAX;
}
