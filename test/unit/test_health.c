/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a destination goes down: what counts as evidence, what is not enough,
 * and how long it is held. test_health_return.c is about coming back.
 */
#include "health_world.h"

static void test_health_third_timeout_goes_down(void **state)
{
	(void)state;
	timed_out(ANNA);
	later(100);
	timed_out(BERT);
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_health(FRT_UP);
	later(112);
	timed_out(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
	assert_int_equal(w.t.reason.since_ms, 212);
	assert_int_equal(w.t.reason.origin, FRT_LOCAL);
	assert_int_equal(w.t.reason.timeout_ms, 4000);
	assert_between(w.t.reason.hold_ms, 30000, 33000);
	assert_true(flag(FRT_TRAFFIC));
	assert_int_equal(share(), 0);
	assert_int_equal(FRT_WORD_SHARE(word()), 0);
	assert_int_equal(w.rec.h.since_ms, w.now_ms);
	assert_int_equal(w.rec.h.due_ms, w.rec.h.hold_until_ms);
	assert_int_equal(atomic_load(&w.rec.n.transitions), 1);
}

static void test_health_one_poison_number_takes_nothing_down(void **state)
{
	(void)state;
	for(int i = 0; i < 50; i++) {
		timed_out(ANNA);
		later(200);
	}
	assert_health(FRT_UP);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

static void test_health_unknown_users_are_no_second_user(void **state)
{
	(void)state;
	for(int i = 0; i < 10; i++)
		timed_out(i % 2 ? ANNA : 0);
	assert_health(FRT_UP);
	/* nor do they make a known one forgotten */
	timed_out(0);
	timed_out(BERT);
	assert_health(FRT_DOWN);
}

static void test_health_two_users_remembered_among_repeats(void **state)
{
	(void)state;
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(BERT);
	assert_health(FRT_DOWN);
}

static void test_health_second_user_must_fail_within_the_window(void **state)
{
	(void)state;
	timed_out(BERT);
	later(60001);
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_UP);
	timed_out(BERT);
	assert_health(FRT_DOWN);
}

static void test_health_failed_probe_completes_the_evidence(void **state)
{
	(void)state;
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_UP);
	later(500);
	probe_failed();
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
	assert_int_equal(w.t.reason.since_ms, 500);
	assert_int_equal(w.t.reason.timeout_ms, 4000);
	assert_true(flag(FRT_TRAFFIC));
	assert_false(flag(FRT_PROBE));
}

static void test_health_probe_failed_among_the_fails_counts(void **state)
{
	(void)state;
	timed_out(ANNA);
	later(10);
	probe_failed();
	probe_good();
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_DOWN);
}

static void test_health_probe_failed_before_the_fails_does_not_count(
		void **state)
{
	(void)state;
	probe_failed();
	later(1);
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_UP);
}

static void test_health_last_probe_and_pending_evidence_set_both_flags(
		void **state)
{
	(void)state;
	w.probe.fall = 1;
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	probe_failed();
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_true(flag(FRT_TRAFFIC) && flag(FRT_PROBE));
}

static void test_health_transport_errors_need_no_second_user(void **state)
{
	(void)state;
	refused(ANNA);
	refused(ANNA);
	assert_health(FRT_UP);
	refused(ANNA);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.origin, FRT_TRANSPORT);
}

static void test_health_only_the_last_fail_need_be_of_transport(void **state)
{
	(void)state;
	refused(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_UP);
	refused(ANNA);
	assert_health(FRT_DOWN);
	assert_int_equal(w.t.reason.count, 4);
	assert_int_equal(w.t.reason.mixed & FRT_MIXED_KIND, FRT_MIXED_KIND);
}

static void test_health_success_ends_the_run(void **state)
{
	(void)state;
	answered();
	answered();
	for(int i = 0; i < 20; i++) {
		timed_out(ANNA);
		timed_out(BERT);
		answered();
		answered();
		answered();
	}
	assert_health(FRT_UP);
}

static void test_health_weak_fail_and_ignore_do_not_end_the_run(void **state)
{
	(void)state;
	for(int i = 0; i < 20; i++)
		answered();
	timed_out(ANNA);
	replied_480(ANNA);
	timed_out(BERT);
	ignored();
	assert_health(FRT_UP);
	timed_out(ANNA);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
}

static void test_health_run_counts_since_the_success(void **state)
{
	(void)state;
	timed_out(ANNA);
	later(1000);
	for(int i = 0; i < 9; i++)
		answered();
	later(1000);
	timed_out(ANNA);
	later(300);
	timed_out(BERT);
	timed_out(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.since_ms, 300);
}

static void test_health_half_of_the_attempts_failed_goes_down(void **state)
{
	(void)state;
	answered();
	answered();
	answered();
	replied_480(ANNA);
	later(700);
	replied_480(BERT);
	assert_health(FRT_UP);
	replied_480(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_RATE);
	assert_int_equal(w.t.reason.count, 3);
	assert_int_equal(w.t.reason.attempts, 6);
	assert_int_equal(w.t.reason.code, 480);
	assert_int_equal(w.t.reason.since_ms, 700);
}

static void test_health_less_than_half_failed_stays_up(void **state)
{
	(void)state;
	for(int i = 0; i < 30; i++) {
		answered();
		answered();
		replied_480(i % 2 ? ANNA : BERT);
		later(100);
	}
	assert_health(FRT_UP);
}

static void test_health_ignored_attempts_are_not_counted(void **state)
{
	(void)state;
	for(int i = 0; i < 100; i++)
		ignored();
	replied_480(ANNA);
	replied_480(BERT);
	replied_480(ANNA);
	assert_health(FRT_DOWN);
	assert_int_equal(w.t.reason.attempts, 3);
}

static void test_health_evidence_leaves_after_the_window(void **state)
{
	(void)state;
	timed_out(ANNA);
	timed_out(BERT);
	later(60001);
	timed_out(ANNA);
	assert_health(FRT_UP);
	later(52000);
	timed_out(BERT);
	assert_health(FRT_UP);
	timed_out(BERT);
	assert_health(FRT_DOWN);
	assert_int_equal(w.t.reason.since_ms, 52000);
}

static void test_health_first_fail_is_known_until_it_leaves(void **state)
{
	(void)state;
	assert_int_equal(w.rec.h.first_fail_ms, 0);
	timed_out(ANNA);
	assert_int_equal(w.rec.h.first_fail_ms, w.now_ms);
	later(20003);
	timed_out(ANNA);
	assert_int_equal(w.rec.h.first_fail_ms, w.now_ms - 20003);
	later(50000);
	answered();
	assert_int_equal(w.rec.h.first_fail_ms, w.now_ms - 50000);
	later(50000);
	answered();
	assert_int_equal(w.rec.h.first_fail_ms, 0);
}

static void test_health_a_busy_trunk_keeps_its_share_of_fails(void **state)
{
	(void)state;
	/* more in one slice than its counters hold, one in three failing */
	for(int i = 0; i < 100000; i++) {
		answered();
		answered();
		replied_480(i % 2 ? ANNA : BERT);
	}
	assert_health(FRT_UP);
	/* and as many failing again take it down */
	for(int i = 0; i < 100000; i++)
		replied_480(i % 2 ? ANNA : BERT);
	assert_health(FRT_DOWN);
}

static void test_health_fall_of_one(void **state)
{
	(void)state;
	w.conf.fall = 1;
	timed_out(ANNA);
	assert_health(FRT_UP);
	refused(ANNA);
	assert_health(FRT_DOWN);
}

static void test_health_strict_goes_down_at_the_first(void **state)
{
	static const int codes[] = {408, 480, 503, 504};

	for(size_t i = 0; i < 4; i++) {
		world_setup(state);
		w.rules.profile = FRT_PROFILE_STRICT;
		call(FRT_V_WEAK, FRT_REMOTE, codes[i], ANNA, false);
		assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRICT);
		assert_int_equal(w.t.reason.code, codes[i]);
	}
	world_setup(state);
	w.rules.profile = FRT_PROFILE_STRICT;
	timed_out(ANNA);
	assert_health(FRT_DOWN);
	world_setup(state);
	w.rules.profile = FRT_PROFILE_STRICT;
	refused(ANNA);
	assert_health(FRT_DOWN);
}

static void test_health_strict_is_about_four_codes_and_real_fails(void **state)
{
	(void)state;
	w.rules.profile = FRT_PROFILE_STRICT;
	call(FRT_V_WEAK, FRT_REMOTE, 500, ANNA, false);
	call(FRT_V_IGNORE, FRT_REMOTE, 503, ANNA, false);
	call(FRT_V_OK, FRT_REMOTE, 480, ANNA, false);
	assert_health(FRT_UP);
}

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
			{FRT_REGISTER, FRT_WHY_REGISTER}, {FRT_QUALITY, FRT_WHY_QUALITY},
			{FRT_PEER, FRT_WHY_PEER}};

	for(size_t i = 0; i < 4; i++) {
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
	said(FRT_QUALITY, FRT_V_STRONG);
	said(FRT_RESOLVE, FRT_V_STRONG);
	assert_int_equal(w.change, FRT_UNCHANGED);
	said(FRT_RESOLVE, FRT_V_OK);
	assert_false(flag(FRT_RESOLVE));
	assert_true(flag(FRT_QUALITY));
	assert_health(FRT_DOWN);
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

static void test_health_late_answers_while_down_change_nothing(void **state)
{
	(void)state;
	probe_failed();
	probe_failed();
	probe_failed();
	for(int i = 0; i < 10; i++)
		timed_out(i % 2 ? ANNA : BERT);
	answered();
	retry_after(1);
	assert_health(FRT_DOWN);
	assert_false(flag(FRT_TRAFFIC));
	assert_int_equal(w.rec.h.downs, 1);
}

static void test_health_evidence_is_spent_by_going_down(void **state)
{
	(void)state;
	w.probe.enabled = false;
	w.conf.window_ms = 600000;
	fall_by_traffic();
	pass_hold();
	trial_ends(FRT_V_OK, 200);
	assert_health(FRT_RAMP);
	timed_out(ANNA);
	timed_out(ANNA);
	timed_out(ANNA);
	assert_health(FRT_RAMP);
	timed_out(BERT);
	assert_change(FRT_RAMP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 4);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_health_third_timeout_goes_down),
			WORLD_TEST(test_health_one_poison_number_takes_nothing_down),
			WORLD_TEST(test_health_unknown_users_are_no_second_user),
			WORLD_TEST(test_health_two_users_remembered_among_repeats),
			WORLD_TEST(test_health_second_user_must_fail_within_the_window),
			WORLD_TEST(test_health_failed_probe_completes_the_evidence),
			WORLD_TEST(test_health_probe_failed_among_the_fails_counts),
			WORLD_TEST(
					test_health_probe_failed_before_the_fails_does_not_count),
			WORLD_TEST(
					test_health_last_probe_and_pending_evidence_set_both_flags),
			WORLD_TEST(test_health_transport_errors_need_no_second_user),
			WORLD_TEST(test_health_only_the_last_fail_need_be_of_transport),
			WORLD_TEST(test_health_success_ends_the_run),
			WORLD_TEST(test_health_weak_fail_and_ignore_do_not_end_the_run),
			WORLD_TEST(test_health_run_counts_since_the_success),
			WORLD_TEST(test_health_half_of_the_attempts_failed_goes_down),
			WORLD_TEST(test_health_less_than_half_failed_stays_up),
			WORLD_TEST(test_health_ignored_attempts_are_not_counted),
			WORLD_TEST(test_health_evidence_leaves_after_the_window),
			WORLD_TEST(test_health_first_fail_is_known_until_it_leaves),
			WORLD_TEST(test_health_a_busy_trunk_keeps_its_share_of_fails),
			WORLD_TEST(test_health_fall_of_one),
			WORLD_TEST(test_health_strict_goes_down_at_the_first),
			WORLD_TEST(test_health_strict_is_about_four_codes_and_real_fails),
			WORLD_TEST(test_health_retry_after_goes_down_as_told),
			WORLD_TEST(test_health_retry_after_while_down_extends_the_hold),
			WORLD_TEST(test_health_failed_probes_in_a_row_go_down),
			WORLD_TEST(test_health_good_probe_never_clears_what_calls_showed),
			WORLD_TEST(test_health_other_sources_count_at_once),
			WORLD_TEST(test_health_each_source_clears_only_its_own_flag),
			WORLD_TEST(test_health_second_source_begins_no_second_hold),
			WORLD_TEST(test_health_late_answers_while_down_change_nothing),
			WORLD_TEST(test_health_evidence_is_spent_by_going_down),
			WORLD_TEST(test_health_operator_takes_down_without_a_hold),
			WORLD_TEST(test_health_admin_is_apart_from_health),
			WORLD_TEST(test_health_starts_as_the_configuration_says),
			WORLD_TEST(test_health_unknown_source_is_ignored),
	};

	return UNIT_MAIN(tests);
}
