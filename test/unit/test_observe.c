/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From evidence to a change: what the rules of the moment are. Failback
 * windows by the clock on the wall, across midnight and when summer time comes
 * and goes; which return is a failback at all; the ejection cap; what a shadow
 * set leaves undone.
 */
// needs: modules/failover_route/frt_observe.c
#include "frt_flight.h"
#include "frt_observe.h"
#include "frt_params.h"
#include "frt_stats.h"
#include "host.h"

#include <time.h>

static frt_params_t params;
static frt_rand_t rnd;
static uint32_t moved;		 /* errands for the rescuer */
static uint32_t told;		 /* transitions */
static uint32_t transitions; /* counted as statistics */
static uint32_t kicked[4];	 /* by frt_kick_t */
static uint32_t panic_told;
static frt_source_t panic_by;
static frt_transition_t last;

const frt_params_t *frt_params(void)
{
	return &params;
}

frt_rand_t *frt_random(void)
{
	return &rnd;
}

void frt_stats_count(frt_stat_t stat)
{
	assert_int_equal(stat, FRT_STAT_TRANSITIONS);
	transitions++;
}

void frt_table_weigh(frt_rec_t *rec)
{
	frt_dst_t *dst = frt_gen_dst_of(host.gen, rec);

	assert_int_equal(rec->host_lock, 0);
	if(dst)
		frt_gen_weigh_one_locked(dst);
}

void frt_event_transition(const frt_dst_t *dst, const frt_transition_t *tr)
{
	assert_int_equal(dst->rec->host_lock, 0);
	told++;
	assert_int_equal(transitions, told); /* counted before it is told */
	last = *tr;
}

void frt_event_shed(const frt_dst_t *dst, const frt_transition_t *tr)
{
	(void)dst;
	(void)tr;
}

void frt_event_panic(const frt_dst_t *dst, frt_source_t source)
{
	assert_int_equal(dst->rec->host_lock, 0);
	panic_told++;
	panic_by = source;
}

void frt_event_overload(const frt_dst_t *dst, uint32_t loss)
{
	(void)dst;
	(void)loss;
}

void frt_flight_down(frt_rec_t *rec)
{
	(void)rec;
	moved++;
}

bool frt_wake_kick(frt_rec_t *rec, frt_kick_t kick)
{
	assert_int_equal(rec->host_lock, 0);
	kicked[kick]++;
	return true;
}

/* d0 and d1 in priority 1, d2 in priority 2; nobody probes; holds of 1 s. */
static void begin(fx_t *fx, const char *window)
{
	frt_health_conf_t *health;

	fx_begin(fx);
	fx_set(fx, "carriers", FRT_WEIGHTED);
	health = &fx->set->conf.health;
	fx->set->conf.probe.enabled = false;
	health->hold_ms = 1000;
	health->hold_max_ms = 1000;
	health->ramp_ms = 0;
	assert_int_equal(frt_windows_parse(fx_str(window), health->windows,
							 FRT_WINDOWS_MAX, &health->nwindows),
			0);
	fx_dst(fx, 1, 10);
	fx_dst(fx, 1, 10);
	fx_dst(fx, 2, 10);
	fx_freeze(fx);
	host_begin(fx->gen);
	moved = told = transitions = 0;
	rnd.state = 1;
}

static frt_health_t health_of(fx_t *fx, const char *id)
{
	return FRT_WORD_HEALTH(atomic_load(&fx_at(fx, id)->rec->word));
}

static void refused(fx_t *fx, const char *id, int times)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_STRONG,
			.origin = FRT_TRANSPORT,
			.code = 503,
			.invite = true};

	while(times-- > 0)
		frt_observe(fx_at(fx, id)->rec, &obs);
}

static void falls(fx_t *fx, const char *id)
{
	refused(fx, id, 3);
	assert_int_equal(health_of(fx, id), FRT_DOWN);
}

/* So much later, on both clocks. */
static void later(uint64_t ms)
{
	host.now_ms += ms;
	host.wall_ms += ms;
}

static bool returns(fx_t *fx, const char *id)
{
	frt_observe_tick(fx_at(fx, id)->rec);
	return health_of(fx, id) != FRT_DOWN;
}

/* The clock on the wall says so, in seconds since 1970. */
static void wall(uint64_t s)
{
	host.wall_ms = s * 1000;
}

static void zone(const char *name)
{
	assert_int_equal(setenv("TZ", name, 1), 0);
	tzset();
}

/* Does a return wait then, with this window, in Central Europe? Both tiers'
 * worth of calls are on the second tier meanwhile. */
static bool waits(const char *window, uint64_t utc_s)
{
	bool back;
	fx_t fx;

	begin(&fx, window);
	wall(utc_s);
	falls(&fx, "d0");
	falls(&fx, "d1");
	host.now_ms += 2000;
	back = returns(&fx, "d0");
	fx_end(&fx);
	return !back;
}

/* Central Europe by rule: no zone database is needed. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"
#define H 3600u
#define MIN 60u
#define JAN_15 1768435200u /* Thursday 2026-01-15 00:00 UTC */
#define MAR_29 \
	1774742400u /* Sunday 2026-03-29 00:00 UTC: 02:00 becomes 03:00 */
#define OCT_25 \
	1792886400u /* Sunday 2026-10-25 00:00 UTC: 03:00 becomes 02:00 */

static void test_observe_window_is_local_time(void **state)
{
	(void)state;
	zone(BERLIN);
	assert_true(waits("02:00-05:00", JAN_15 + 1 * H - MIN));
	assert_false(waits("02:00-05:00", JAN_15 + 1 * H));
	assert_false(waits("02:00-05:00", JAN_15 + 4 * H - MIN));
	assert_true(waits("02:00-05:00", JAN_15 + 4 * H));
}

static void test_observe_window_across_midnight(void **state)
{
	(void)state;
	zone(BERLIN);
	/* 22:00 on Wednesday, midnight, 06:00 on Thursday */
	assert_true(waits("22:00-06:00", JAN_15 - 3 * H - MIN));
	assert_false(waits("22:00-06:00", JAN_15 - 3 * H));
	assert_false(waits("22:00-06:00", JAN_15 - 1 * H));
	assert_false(waits("22:00-06:00", JAN_15 + 5 * H - MIN));
	assert_true(waits("22:00-06:00", JAN_15 + 5 * H));
	/* it belongs to the day it begins on */
	assert_false(waits("Wed 22:00-06:00", JAN_15 + 2 * H));
	assert_true(waits("Thu 22:00-06:00", JAN_15 + 2 * H));
	assert_false(waits("Thu 22:00-06:00", JAN_15 + 22 * H));
}

static void test_observe_window_when_summer_time_begins(void **state)
{
	(void)state;
	zone(BERLIN);
	/* 01:59 CET is followed by 03:00 CEST */
	assert_true(waits("03:00-04:00", MAR_29 + 1 * H - MIN));
	assert_false(waits("03:00-04:00", MAR_29 + 1 * H));
	assert_true(waits("03:00-04:00", MAR_29 + 2 * H));
	/* an hour shorter, but whole at both ends */
	assert_false(waits("Sun 00:00-05:00", MAR_29 - 1 * H));
	assert_false(waits("Sun 00:00-05:00", MAR_29 + 3 * H - MIN));
	assert_true(waits("Sun 00:00-05:00", MAR_29 + 3 * H));
	/* inside the hour left out: not that day, but the next */
	assert_true(waits("02:15-02:45", MAR_29 + 1 * H - MIN));
	assert_true(waits("02:15-02:45", MAR_29 + 1 * H + 30 * MIN));
	assert_false(waits("02:15-02:45", MAR_29 + 24 * H + 30 * MIN));
	/* the night into it, and the days after, by the new time */
	assert_false(waits("Sat 22:00-06:00", MAR_29 + 4 * H - MIN));
	assert_true(waits("Sat 22:00-06:00", MAR_29 + 4 * H));
	assert_false(waits("Mon 02:00-05:00", MAR_29 + 24 * H));
}

static void test_observe_window_when_summer_time_ends(void **state)
{
	(void)state;
	zone(BERLIN);
	/* 02:59 CEST is followed by 02:00 CET: open twice, closed at three */
	assert_true(waits("02:00-03:00", OCT_25 - MIN));
	assert_false(waits("02:00-03:00", OCT_25));
	assert_false(waits("02:00-03:00", OCT_25 + 1 * H - MIN));
	assert_false(waits("02:00-03:00", OCT_25 + 1 * H));
	assert_false(waits("02:00-03:00", OCT_25 + 2 * H - MIN));
	assert_true(waits("02:00-03:00", OCT_25 + 2 * H));
	assert_false(waits("Sat 22:00-06:00", OCT_25 + 5 * H - MIN));
	assert_true(waits("Sat 22:00-06:00", OCT_25 + 5 * H));
}

/* It opens while the destination waits. */
static void test_observe_window_is_looked_at_again(void **state)
{
	uint64_t due;
	fx_t fx;

	(void)state;
	zone(BERLIN);
	begin(&fx, "02:00-05:00");
	wall(JAN_15 + 1 * H - 65);
	falls(&fx, "d0");
	falls(&fx, "d1");
	later(1200);
	while((due = frt_observe_tick(fx_at(&fx, "d0")->rec)) != 0) {
		assert_true(due > host.now_ms && due <= host.now_ms + 10000);
		later(due - host.now_ms);
		assert_true(host.wall_ms < (JAN_15 + 1 * H + 11) * 1000ull);
	}
	assert_int_equal(health_of(&fx, "d0"), FRT_TRIAL);
	assert_true(host.wall_ms >= (JAN_15 + 1 * H) * 1000ull);
	fx_end(&fx);
}

/* Where calls stay in the tier, or are in a worse one's absence, nothing
 * falls back. */
static void test_observe_only_a_better_tiers_return_waits(void **state)
{
	fx_t fx;

	(void)state;
	zone("UTC");
	begin(&fx, "02:00-05:00");
	wall(JAN_15 + 12 * H);
	falls(&fx, "d0");
	falls(&fx, "d2");
	later(2000);
	assert_true(returns(&fx, "d0")); /* d1 has its calls: the same tier */
	assert_true(returns(&fx, "d2")); /* a spare */
	falls(&fx, "d1");
	later(2000);
	assert_true(returns(&fx, "d1"));
	fx_end(&fx);

	begin(&fx, "02:00-05:00");
	wall(JAN_15 + 12 * H);
	falls(&fx, "d0");
	falls(&fx, "d1");
	later(2000);
	assert_false(returns(&fx, "d0"));
	assert_false(returns(&fx, "d1"));
	falls(&fx, "d2");
	assert_true(returns(&fx, "d0")); /* needed */
	fx_end(&fx);
}

/* In the order given, each is a tier of its own. */
static void test_observe_ordered_returns_are_failbacks(void **state)
{
	fx_t fx;

	(void)state;
	zone("UTC");
	begin(&fx, "02:00-05:00");
	fx_only(&fx)->conf.strategy = FRT_ORDERED;
	wall(JAN_15 + 12 * H);
	falls(&fx, "d0");
	falls(&fx, "d1");
	later(2000);
	assert_false(returns(&fx, "d0"));
	wall(JAN_15 + 3 * H);
	assert_true(returns(&fx, "d0"));
	wall(JAN_15 + 12 * H);
	assert_true(returns(&fx, "d1"));
	fx_end(&fx);
}

static void test_observe_cap_spares_only_without_a_later_tier(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx, "");
	falls(&fx, "d2");
	falls(&fx, "d0"); /* half of the tier, and the first always may */
	refused(&fx, "d1", 10);
	assert_int_equal(health_of(&fx, "d1"), FRT_UP);
	assert_int_equal(fx_at(&fx, "d1")->rec->h.spared, 1);
	later(2000);
	assert_true(returns(&fx, "d2"));
	refused(&fx, "d1", 1);
	assert_int_equal(health_of(&fx, "d1"), FRT_DOWN);
	assert_int_equal(fx_at(&fx, "d1")->rec->h.spared, 0);
	fx_end(&fx);
}

static void test_observe_going_down_moves_waiting_calls_but_a_shadows(
		void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx, "");
	falls(&fx, "d0");
	assert_int_equal(moved, 1);
	assert_int_equal(told, 1);
	refused(&fx, "d0", 3);
	assert_int_equal(moved, 1);
	fx_only(&fx)->conf.shadow = true;
	falls(&fx, "d1");
	assert_int_equal(moved, 1);
	assert_int_equal(told, 2);
	assert_int_equal(last.to, FRT_DOWN);
	fx_end(&fx);
}

/* It stays down: nothing else would be told. */
static void test_observe_what_panic_may_try_is_told(void **state)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_BLACKOUT,
			.origin = FRT_REMOTE,
			.code = 503,
			.invite = true,
			.blackout_ms = 500};
	fx_t fx;

	(void)state;
	begin(&fx, "02:00-05:00");
	falls(&fx, "d0");
	panic_told = 0;
	frt_observe(fx_at(&fx, "d0")->rec, &obs);
	assert_int_equal(panic_told, 1);
	assert_int_equal(panic_by, FRT_TRAFFIC);
	later(500);
	assert_false(returns(&fx, "d0"));
	assert_int_equal(panic_told, 2);
	obs = (frt_obs_t){.source = FRT_OPERATOR, .verdict = FRT_V_STRONG};
	frt_observe(fx_at(&fx, "d0")->rec, &obs);
	assert_int_equal(panic_told, 3);
	assert_int_equal(panic_by, FRT_OPERATOR);
	assert_int_equal(told, 1);
	fx_end(&fx);
}

/* Nothing was sent in the meantime: what is known of it is old. */
static void test_observe_probes_at_once_what_leaves_maint(void **state)
{
	frt_rec_t *rec;
	fx_t fx;

	(void)state;
	begin(&fx, "02:00-05:00");
	fx_only(&fx)->conf.probe.enabled = true;
	rec = fx_at(&fx, "d0")->rec;
	memset(kicked, 0, sizeof(kicked));
	frt_observe_admin(rec, FRT_DRAIN);
	frt_observe_admin(rec, FRT_MAINT);
	assert_int_equal(kicked[FRT_KICK_PROBE], 0);
	rec->h.probe_bad = 2;
	rec->h.probe_good = 1;
	frt_observe_admin(rec, FRT_MAINT);
	assert_int_equal(kicked[FRT_KICK_PROBE], 0);
	assert_int_equal(rec->h.probe_bad, 2);
	frt_observe_admin(rec, FRT_READY);
	assert_int_equal(kicked[FRT_KICK_PROBE], 1);
	assert_int_equal(rec->h.probe_bad, 0);
	assert_int_equal(rec->h.probe_good, 0);
	frt_observe_admin(rec, FRT_DRAIN);
	frt_observe_admin(rec, FRT_READY);
	assert_int_equal(kicked[FRT_KICK_PROBE], 1);
	fx_only(&fx)->conf.probe.enabled = false;
	frt_observe_admin(rec, FRT_MAINT);
	frt_observe_admin(rec, FRT_READY);
	assert_int_equal(kicked[FRT_KICK_PROBE], 1);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_observe_window_is_local_time),
			UNIT_TEST(test_observe_window_across_midnight),
			UNIT_TEST(test_observe_window_when_summer_time_begins),
			UNIT_TEST(test_observe_window_when_summer_time_ends),
			UNIT_TEST(test_observe_window_is_looked_at_again),
			UNIT_TEST(test_observe_only_a_better_tiers_return_waits),
			UNIT_TEST(test_observe_ordered_returns_are_failbacks),
			UNIT_TEST(test_observe_cap_spares_only_without_a_later_tier),
			UNIT_TEST(
					test_observe_going_down_moves_waiting_calls_but_a_shadows),
			UNIT_TEST(test_observe_probes_at_once_what_leaves_maint),
			UNIT_TEST(test_observe_what_panic_may_try_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
