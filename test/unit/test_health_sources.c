/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What takes a destination down besides failed calls: probes, Retry-After, the
 * other sources and the operator; each with a flag of its own.
 */
#include "health_world.h"

static void test_health_retry_after_goes_down_as_told(void **state)
{
	(void)state;
	retry_after(120);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_BLACKOUT);
	assert_int_equal(w.t.reason.hold_ms, 120000);
	assert_int_equal(w.rec.h.downs, 0);
	assert_int_equal(w.rec.h.blackout, 1);
	assert_true(flag(FRT_TRAFFIC));
	assert_int_equal(
			frt_health_hold_left_locked(&w.rec, w.now_ms + 20000), 100000);
}

static void test_health_retry_after_while_down_extends_the_hold(void **state)
{
	(void)state;
	fall_by_traffic();
	retry_after(1);
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_between(frt_health_hold_left_locked(&w.rec, w.now_ms), 30000, 33000);
	retry_after(120);
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_int_equal(frt_health_hold_left_locked(&w.rec, w.now_ms), 120000);
	assert_int_equal(w.rec.h.due_ms, w.now_ms + 120000);
	/* it was calls that took it down: probes must still be good */
	pass(120000);
	assert_health(FRT_DOWN);
}

static void test_health_failed_probes_in_a_row_go_down(void **state)
{
	(void)state;
	probe_failed();
	probe_failed();
	probe_good();
	probe_failed();
	probe_failed();
	assert_health(FRT_UP);
	probe_failed();
	assert_change(FRT_UP, FRT_DOWN, FRT_PROBE, FRT_WHY_PROBE);
	assert_int_equal(w.t.reason.count, 3);
	assert_int_equal(w.t.reason.timeout_ms, 2000);
	assert_true(flag(FRT_PROBE));
	assert_false(flag(FRT_TRAFFIC));
}

static void test_health_good_probe_never_clears_what_calls_showed(void **state)
{
	(void)state;
	fall_by_traffic();
	for(int i = 0; i < 1000; i++) {
		probe_good();
		pass(1000);
		assert_true(flag(FRT_TRAFFIC));
	}
	assert_health(FRT_TRIAL);
}

static void test_health_other_sources_count_at_once(void **state)
{
	static const struct
	{
		frt_source_t source;
		frt_why_t why;
	} rows[] = {{FRT_RESOLVE, FRT_WHY_RESOLVE},
			{FRT_REGISTER, FRT_WHY_REGISTER}, {FRT_PEER, FRT_WHY_PEER}};

	for(size_t i = 0; i < 3; i++) {
		for(int strong = 0; strong < 2; strong++) {
			world_setup(state);
			said(rows[i].source, FRT_V_IGNORE);
			assert_health(FRT_UP);
			said(rows[i].source, strong ? FRT_V_STRONG : FRT_V_WEAK);
			assert_change(FRT_UP, FRT_DOWN, rows[i].source, rows[i].why);
			assert_int_equal(FRT_WORD_FLAGS(word()), 1u << rows[i].source);
		}
	}
}

static void test_health_each_source_clears_only_its_own_flag(void **state)
{
	(void)state;
	said(FRT_REGISTER, FRT_V_STRONG);
	said(FRT_RESOLVE, FRT_V_STRONG);
	assert_int_equal(w.change, FRT_UNCHANGED);
	said(FRT_RESOLVE, FRT_V_OK);
	assert_false(flag(FRT_RESOLVE));
	assert_true(flag(FRT_REGISTER));
	assert_health(FRT_DOWN);
}

/* Reports stray: three bad ones in a row take it down, two good ones clear. */
static void test_health_quality_has_a_fall_and_a_rise(void **state)
{
	(void)state;
	said(FRT_QUALITY, FRT_V_STRONG);
	said(FRT_QUALITY, FRT_V_STRONG);
	said(FRT_QUALITY, FRT_V_OK);
	said(FRT_QUALITY, FRT_V_STRONG);
	said(FRT_QUALITY, FRT_V_STRONG);
	assert_health(FRT_UP);
	said(FRT_QUALITY, FRT_V_STRONG);
	assert_change(FRT_UP, FRT_DOWN, FRT_QUALITY, FRT_WHY_QUALITY);
	assert_int_equal(w.t.reason.count, 3);
	said(FRT_QUALITY, FRT_V_OK);
	assert_true(flag(FRT_QUALITY));
	said(FRT_QUALITY, FRT_V_OK);
	assert_false(flag(FRT_QUALITY));
}

/* Without calls there is no report that could clear it: the hold does. */
static void test_health_quality_ends_with_the_hold(void **state)
{
	int i;

	(void)state;
	w.probe.enabled = false;
	for(i = 0; i < 3; i++)
		said(FRT_QUALITY, FRT_V_STRONG);
	assert_health(FRT_DOWN);
	pass_hold();
	tick();
	assert_health(FRT_RAMP);
	assert_false(flag(FRT_QUALITY));
	said(FRT_QUALITY, FRT_V_STRONG); /* and counts afresh */
	assert_health(FRT_RAMP);
}

static void test_health_second_source_begins_no_second_hold(void **state)
{
	uint64_t until;

	(void)state;
	fall_by_traffic();
	until = w.rec.h.hold_until_ms;
	later(5000);
	probe_failed();
	probe_failed();
	probe_failed();
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_true(flag(FRT_PROBE));
	assert_int_equal(w.rec.h.hold_until_ms, until);
	assert_int_equal(w.rec.h.downs, 1);
	assert_string_equal(
			frt_why_name(w.rec.h.reason.why), frt_why_name(FRT_WHY_STRONG));
}

static void test_health_operator_takes_down_without_a_hold(void **state)
{
	(void)state;
	said(FRT_OPERATOR, FRT_V_STRONG);
	assert_change(FRT_UP, FRT_DOWN, FRT_OPERATOR, FRT_WHY_OPERATOR);
	assert_int_equal(w.t.reason.hold_ms, 0);
	assert_int_equal(w.rec.h.downs, 0);
	probe_good();
	probe_good();
	pass(600000);
	assert_health(FRT_DOWN);
}

static void test_health_admin_is_apart_from_health(void **state)
{
	(void)state;
	w.change = frt_health_admin_locked(&w.rec, FRT_DRAIN, w.now_ms, &w.t);
	assert_int_equal(w.change, FRT_CHANGED);
	assert_int_equal(w.t.from, FRT_UP);
	assert_int_equal(w.t.to, FRT_UP);
	assert_int_equal(w.t.admin_from, FRT_READY);
	assert_int_equal(w.t.admin_to, FRT_DRAIN);
	assert_int_equal(w.t.source, FRT_OPERATOR);
	assert_int_equal(w.t.reason.why, FRT_WHY_ADMIN);
	assert_false(frt_health_usable(word()));
	assert_int_equal(share(), 0);
	assert_int_equal(FRT_WORD_SHARE(word()), FRT_SHARE_FULL);
	assert_int_equal(atomic_load(&w.rec.n.transitions), 1);
	assert_int_equal(frt_health_admin_locked(&w.rec, FRT_DRAIN, w.now_ms, &w.t),
			FRT_UNCHANGED);

	fall_by_traffic();
	assert_int_equal(w.t.admin_from, FRT_DRAIN);
	assert_int_equal(w.t.admin_to, FRT_DRAIN);
	frt_health_admin_locked(&w.rec, FRT_READY, w.now_ms, &w.t);
	assert_health(FRT_DOWN);
	assert_int_equal(w.rec.h.reason.why, FRT_WHY_STRONG);
	assert_int_equal(share(), 0);
}

static void test_health_starts_as_the_configuration_says(void **state)
{
	(void)state;
	assert_health(FRT_UP);
	assert_int_equal(share(), FRT_SHARE_FULL);
	assert_int_equal(w.rec.h.due_ms, 0);
	frt_health_init(&w.rec, FRT_MAINT, w.now_ms);
	assert_health(FRT_UP);
	assert_int_equal(share(), 0);
}

static void test_health_unknown_source_is_ignored(void **state)
{
	(void)state;
	said(frt_source_count, FRT_V_STRONG);
	said((frt_source_t)200, FRT_V_STRONG);
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_health(FRT_UP);
}

/* max-eject of its tier is reached: live calls may not take it down, a probe
 * may. */
static void test_health_capped_is_spared_by_traffic_only(void **state)
{
	int i;

	(void)state;
	w.rules.capped = true;
	for(i = 0; i < 5; i++) {
		timed_out(i % 2 ? ANNA : BERT);
		later(100);
	}
	assert_health(FRT_UP);
	assert_int_equal(w.rec.h.spared, 1);
	for(i = 0; i < 3; i++)
		probe_failed();
	assert_health(FRT_DOWN);
	assert_true(flag(FRT_PROBE));
	assert_false(flag(FRT_TRAFFIC));
}

/* Tried in panic and good: a live call is proof, the hold is over. */
static void test_health_a_call_in_panic_brings_it_back(void **state)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_OK,
			.code = 180,
			.invite = true,
			.user = ANNA};
	int i;

	(void)state;
	for(i = 0; i < 3; i++)
		timed_out(i % 2 ? ANNA : BERT);
	assert_health(FRT_DOWN);
	assert_true(atomic_load(&w.rec.failed_ms) != 0);
	observe(&obs);
	assert_health(FRT_DOWN); /* a late answer proves nothing */
	obs.panic = true;
	observe(&obs);
	assert_health(FRT_DOWN); /* nor one from before it was down */
	assert_true(frt_health_trial_take_locked(&w.rec, &obs.trial));
	observe(&obs);
	assert_health(FRT_RAMP);
	assert_false(flag(FRT_TRAFFIC));
}

/* It asked to be left alone, and a call from before that was good. */
static void test_health_a_call_in_panic_leaves_the_retry_after(void **state)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_OK,
			.invite = true,
			.panic = true};

	(void)state;
	fall_by_traffic();
	frt_health_trial_take_locked(&w.rec, &obs.trial);
	retry_after(5);
	observe(&obs);
	assert_health(FRT_DOWN);
	assert_true(flag(FRT_TRAFFIC));
	later(5000);
	obs.invite = false; /* nor does a MESSAGE speak for calls */
	observe(&obs);
	assert_health(FRT_DOWN);
	obs.invite = true;
	observe(&obs);
	assert_health(FRT_RAMP);
}

/* The flag is gone though it stays down: who counts what live calls took down
 * must hear of it. */
static void test_health_a_call_in_panic_leaves_the_other_flags(void **state)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_OK,
			.invite = true,
			.panic = true};
	int i;

	(void)state;
	for(i = 0; i < 3; i++)
		timed_out(i % 2 ? ANNA : BERT);
	for(i = 0; i < 3; i++)
		probe_failed();
	assert_true(flag(FRT_PROBE));
	frt_health_trial_take_locked(&w.rec, &obs.trial);
	observe(&obs);
	assert_health(FRT_DOWN);
	assert_false(flag(FRT_TRAFFIC));
	assert_true(flag(FRT_PROBE));
	assert_int_equal(w.change, FRT_SHARE);
}

/* It weighs nothing while it is full, but its tier counts what is full and
 * usable. */
static void test_health_a_token_back_while_full_is_told_to_the_sums(
		void **state)
{
	uint8_t token = 0;

	(void)state;
	reach_trial();
	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	atomic_fetch_or(&w.rec.word, FRT_WORD_FULL_BIT);
	call(FRT_V_IGNORE, FRT_REMOTE, 500, ANNA, true);
	assert_int_equal(w.change, FRT_SHARE);
	assert_int_equal(FRT_WORD_BUSY(word()), 0);
}

static void test_health_told_alternates(void **state)
{
	static const struct
	{
		frt_health_t from, to;
		frt_admin_t admin_from, admin_to;
		int told;
	} t[] = {{FRT_UP, FRT_DOWN, FRT_READY, FRT_READY, -1},
			{FRT_DOWN, FRT_TRIAL, FRT_READY, FRT_READY, 0},
			{FRT_TRIAL, FRT_DOWN, FRT_READY, FRT_READY, 0},
			{FRT_TRIAL, FRT_RAMP, FRT_READY, FRT_READY, 1},
			{FRT_RAMP, FRT_UP, FRT_READY, FRT_READY, 0},
			{FRT_UP, FRT_UP, FRT_READY, FRT_DRAIN, -1},
			{FRT_UP, FRT_DOWN, FRT_DRAIN, FRT_DRAIN, 0},
			{FRT_DOWN, FRT_DOWN, FRT_DRAIN, FRT_MAINT, 0},
			{FRT_DOWN, FRT_RAMP, FRT_MAINT, FRT_MAINT, 0},
			{FRT_RAMP, FRT_RAMP, FRT_MAINT, FRT_READY, 1}};

	(void)state;
	for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		frt_transition_t tr = {.from = t[i].from,
				.to = t[i].to,
				.admin_from = t[i].admin_from,
				.admin_to = t[i].admin_to};

		assert_int_equal(frt_health_told(&tr), t[i].told);
	}
}

static void test_health_end_of_a_probe_is_judged_by_its_destination(
		void **state)
{
	static const struct
	{
		frt_origin_t origin;
		uint16_t code;
		uint64_t rtt_ms;
		frt_verdict_t verdict;
		frt_origin_t as;
		uint16_t as_code;
	} t[] = {
			{FRT_REMOTE, 200, 500, FRT_V_OK, FRT_REMOTE, 200},
			{FRT_REMOTE, 200, 501, FRT_V_STRONG, FRT_LOCAL, 408},
			{FRT_REMOTE, 404, 0, FRT_V_OK, FRT_REMOTE, 404},
			{FRT_REMOTE, 503, 0, FRT_V_STRONG, FRT_REMOTE, 503},
			{FRT_REMOTE, 301, 0, FRT_V_STRONG, FRT_REMOTE, 301},
			{FRT_LOCAL, 408, 0, FRT_V_STRONG, FRT_LOCAL, 408},
			{FRT_LOCAL, 200, 0, FRT_V_STRONG, FRT_LOCAL, 200},
			{FRT_TRANSPORT, 503, 0, FRT_V_STRONG, FRT_TRANSPORT, 503},
	};
	frt_probe_conf_t conf = {.timeout_ms = 500};
	size_t i;

	(void)state;
	assert_int_equal(frt_codes_parse(FRT_STR("2xx 4xx 503"), &conf.ok), 0);
	assert_int_equal(frt_codes_parse(FRT_STR("503"), &conf.not_ok), 0);
	for(i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		frt_obs_t obs =
				frt_obs_of_probe(&conf, t[i].origin, t[i].code, t[i].rtt_ms);

		assert_int_equal(obs.source, FRT_PROBE);
		assert_int_equal(obs.verdict, t[i].verdict);
		assert_int_equal(obs.origin, t[i].as);
		assert_int_equal(obs.code, t[i].as_code);
		assert_int_equal(obs.timeout_ms, 500);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_health_retry_after_goes_down_as_told),
			WORLD_TEST(test_health_retry_after_while_down_extends_the_hold),
			WORLD_TEST(test_health_failed_probes_in_a_row_go_down),
			WORLD_TEST(test_health_good_probe_never_clears_what_calls_showed),
			WORLD_TEST(test_health_other_sources_count_at_once),
			WORLD_TEST(test_health_each_source_clears_only_its_own_flag),
			WORLD_TEST(test_health_second_source_begins_no_second_hold),
			WORLD_TEST(test_health_operator_takes_down_without_a_hold),
			WORLD_TEST(test_health_admin_is_apart_from_health),
			WORLD_TEST(test_health_starts_as_the_configuration_says),
			WORLD_TEST(test_health_unknown_source_is_ignored),
			WORLD_TEST(test_health_capped_is_spared_by_traffic_only),
			WORLD_TEST(test_health_a_call_in_panic_brings_it_back),
			WORLD_TEST(test_health_quality_has_a_fall_and_a_rise),
			WORLD_TEST(test_health_quality_ends_with_the_hold),
			WORLD_TEST(test_health_a_call_in_panic_leaves_the_retry_after),
			WORLD_TEST(test_health_a_call_in_panic_leaves_the_other_flags),
			WORLD_TEST(test_health_a_token_back_while_full_is_told_to_the_sums),
			WORLD_TEST(test_health_told_alternates),
			WORLD_TEST(test_health_end_of_a_probe_is_judged_by_its_destination),
	};

	return UNIT_MAIN(tests);
}
