/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long holds are, and what time may do to a record.
 */
#include "health_world.h"

static void test_hold_doubles_up_to_its_maximum(void **state)
{
	static const uint32_t holds[] = {30000, 60000, 120000, 240000, 300000};

	(void)state;
	fall_by_traffic();
	for(int i = 0; i < 40; i++) {
		uint32_t base = holds[i < 4 ? i : 4];
		assert_between(w.t.reason.hold_ms, base, base + base / 10);
		assert_int_equal(hold_left(), w.t.reason.hold_ms);
		pass_hold();
		assert_health(FRT_TRIAL);
		trial_ends(FRT_V_STRONG, 503);
	}
}

static void test_hold_is_jittered(void **state)
{
	uint32_t least = UINT32_MAX, most = 0;

	for(uint64_t seed = 0; seed < 200; seed++) {
		world_setup(state);
		w.rnd.state = seed;
		fall_by_traffic();
		least = w.t.reason.hold_ms < least ? w.t.reason.hold_ms : least;
		most = w.t.reason.hold_ms > most ? w.t.reason.hold_ms : most;
	}
	assert_between(least, 30000, 30100);
	assert_between(most, 32900, 33000);
}

/* Down three times, then up for as long as told, then down once more. */
static uint32_t hold_after_up(void **state, uint64_t up_ms)
{
	world_setup(state);
	reach_trial();
	trial_ends(FRT_V_STRONG, 503);
	pass_hold();
	trial_ends(FRT_V_STRONG, 503);
	pass_hold();
	trial_ends(FRT_V_OK, 200);
	pass(20000);
	assert_health(FRT_UP);
	pass(up_ms);
	fall_by_traffic();
	return w.t.reason.hold_ms;
}

static void test_hold_decays_while_up(void **state)
{
	(void)state;
	assert_between(hold_after_up(state, 0), 240000, 264000);
	assert_between(hold_after_up(state, 299999), 240000, 264000);
	assert_between(hold_after_up(state, 300000), 120000, 132000);
	assert_between(hold_after_up(state, 600000), 60000, 66000);
	assert_between(hold_after_up(state, 900000), 30000, 33000);
	assert_between(hold_after_up(state, 86400000), 30000, 33000);
}

static void test_hold_of_any_configured_size(void **state)
{
	static const uint32_t sizes[] = {
			0, 1, 2, 3000, UINT32_MAX / 2, UINT32_MAX / 2 + 1, UINT32_MAX};
	size_t n = sizeof(sizes) / sizeof(sizes[0]);

	for(size_t i = 0; i < n * n; i++) {
		world_setup(state);
		w.probe.enabled = false;
		w.conf.hold_ms = sizes[i / n];
		w.conf.hold_max_ms = sizes[i % n];
		fall_by_traffic();
		for(int again = 0; again < 50; again++) {
			uint64_t max = w.conf.hold_max_ms;
			uint64_t hold = w.rec.h.due_ms - w.now_ms;
			assert_true(hold <= max + max / 10);
			assert_true(w.rec.h.downs <= 32);
			pass(hold);
			assert_health(FRT_TRIAL);
			trial_ends(FRT_V_STRONG, 503);
		}
	}
}

static void test_time_set_back_lengthens_no_hold(void **state)
{
	uint32_t left;

	(void)state;
	w.probe.enabled = false;
	fall_by_traffic();
	pass(10000);
	tick();
	left = hold_left();
	w.now_ms = 5;
	assert_int_equal(hold_left(), left);
	answered();
	assert_int_equal(w.rec.h.due_ms, w.now_ms + left);
	tick();
	assert_int_equal(hold_left(), left);
	assert_int_equal(w.rec.h.due_ms, w.now_ms + left);
	pass(left);
	assert_health(FRT_TRIAL);
}

static void test_time_set_back_takes_everything_with_it(void **state)
{
	(void)state;
	reach_ramp();
	pass(1500);
	tick();
	w.now_ms = 600000;
	tick();
	assert_int_equal(share(), 145);
	assert_int_equal(w.rec.h.due_ms, w.now_ms + 500);
	pass(18500);
	assert_health(FRT_UP);
	timed_out(ANNA);
	later(50000);
	answered();
	/* the fail is 50 s old, and is so still by the other clock */
	w.now_ms = 300000;
	timed_out(BERT);
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms - 50000);
	later(10001);
	answered();
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms - 10001);
}

static void test_time_set_back_makes_no_evidence_new(void **state)
{
	(void)state;
	probe_failed();
	timed_out(BERT);
	w.now_ms = 500000;
	ignored();
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms);
	later(60001);
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_UP);
}

static void test_time_a_little_out_of_order_shortens_no_hold(void **state)
{
	uint64_t until;

	(void)state;
	fall_by_traffic();
	until = w.rec.h.hold_until_ms;
	for(int i = 0; i < 1000; i++) {
		w.now_ms += i % 2 ? 3 : -3;
		timed_out(ANNA);
	}
	assert_int_equal(w.rec.h.hold_until_ms, until);
}

static void test_time_standing_still_neither_hangs_nor_returns(void **state)
{
	(void)state;
	fall_by_traffic();
	for(int i = 0; i < 1000; i++) {
		probe_good();
		tick();
	}
	assert_health(FRT_DOWN);
	assert_true(w.rec.h.due_ms > w.now_ms);
}

static void test_time_may_begin_at_zero_and_end_at_the_last(void **state)
{
	static const uint64_t starts[] = {0, 1, UINT64_MAX - 1, UINT64_MAX};

	for(size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		world_setup(state);
		w.now_ms = starts[i];
		frt_health_init(&w.rec, FRT_READY, w.now_ms);
		timed_out(ANNA);
		timed_out(ANNA);
		timed_out(ANNA);
		assert_health(FRT_UP);
		probe_failed();
		assert_health(FRT_DOWN);
		assert_true(w.rec.h.due_ms != 0);
		assert_true(w.rec.h.hold_until_ms >= w.now_ms);
		w.now_ms = starts[i] < 2 ? 40000 : UINT64_MAX;
		tick();
		probe_good();
		probe_good();
		assert_health(FRT_TRIAL);
	}
}

/* Whatever order things come in, and whatever the clock does: the word stays
 * sound, and left alone with good news it comes back. */
static void test_hostile_time_always_comes_back(void **state)
{
	frt_rand_t r = {.state = 99};

	for(int run = 0; run < 300; run++) {
		world_setup(state);
		w.conf.hold_ms = (uint32_t)frt_rand_next(&r) >> frt_rand_below(&r, 32);
		w.conf.hold_max_ms =
				(uint32_t)frt_rand_next(&r) >> frt_rand_below(&r, 32);
		w.conf.window_ms =
				(uint32_t)frt_rand_next(&r) >> frt_rand_below(&r, 32);
		w.conf.ramp_ms = (uint32_t)frt_rand_next(&r) >> frt_rand_below(&r, 32);
		for(int i = 0; i < 300; i++) {
			frt_obs_t o = {.source = frt_rand_below(&r, frt_source_count),
					.verdict = frt_rand_below(&r, frt_verdict_count),
					.origin = frt_rand_below(&r, frt_origin_count),
					.code = 503,
					.trial = frt_rand_below(&r, 2) ? w.rec.h.spell : 0,
					.user = frt_rand_below(&r, 3),
					.blackout_ms = (uint32_t)frt_rand_next(&r)};
			uint8_t token;
			w.now_ms = frt_rand_next(&r) >> frt_rand_below(&r, 64);
			frt_health_trial_take_locked(&w.rec, &token);
			observe(&o);
			tick();
			assert_true((share() == 0) == !frt_health_usable(word()));
			assert_true(w.rec.h.downs <= 32);
		}
		w.now_ms = 1u << 31;
		for(frt_source_t s = FRT_PROBE; s < frt_source_count; s++) {
			for(int i = 0; i < 3; i++)
				said(s, FRT_V_OK);
		}
		tick();
		if(FRT_WORD_HEALTH(word()) == FRT_TRIAL) {
			frt_health_trial_release_locked(&w.rec, w.rec.h.spell);
			trial_ends(FRT_V_OK, 200);
		}
		pass(w.conf.ramp_ms);
		assert_health(FRT_UP);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_hold_doubles_up_to_its_maximum),
			WORLD_TEST(test_hold_is_jittered),
			WORLD_TEST(test_hold_decays_while_up),
			WORLD_TEST(test_hold_of_any_configured_size),
			WORLD_TEST(test_time_set_back_lengthens_no_hold),
			WORLD_TEST(test_time_set_back_takes_everything_with_it),
			WORLD_TEST(test_time_set_back_makes_no_evidence_new),
			WORLD_TEST(test_time_a_little_out_of_order_shortens_no_hold),
			WORLD_TEST(test_time_standing_still_neither_hangs_nor_returns),
			WORLD_TEST(test_time_may_begin_at_zero_and_end_at_the_last),
			WORLD_TEST(test_hostile_time_always_comes_back),
	};

	return UNIT_MAIN(tests);
}
