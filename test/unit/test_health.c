/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How calls take a destination down: what counts as evidence, and what is not
 * enough. The other sources are in test_health_sources.c.
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

/* A line with losses: each timeout comes long after the answers of those that
 * were sent later. It is a fail, but none of a run. */
static void test_health_timeouts_passed_by_others_are_no_run(void **state)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_STRONG,
			.origin = FRT_LOCAL,
			.code = 408,
			.invite = true,
			.passed_by = true};

	(void)state;
	for(int i = 0; i < 20; i++)
		answered();
	for(int i = 0; i < 19; i++) {
		obs.user = i % 2 ? ANNA : BERT;
		observe(&obs);
		assert_health(FRT_UP);
	}
	/* half of all attempts is too much all the same */
	obs.user = ANNA;
	observe(&obs);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_RATE);
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

/* A gateway that answers every MESSAGE and refuses every call. */
static void test_health_a_message_does_not_end_the_run_of_invites(void **state)
{
	(void)state;
	for(int i = 0; i < 3; i++) {
		for(int k = 0; k < 9; k++)
			message(FRT_V_OK, ANNA, false);
		assert_health(FRT_UP);
		replied_503(i % 2 ? ANNA : BERT);
	}
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
	assert_true(w.t.reason.invite);
}

static void test_health_a_message_ends_the_run_of_messages(void **state)
{
	(void)state;
	for(int i = 0; i < 20; i++) {
		message(FRT_V_STRONG, i % 2 ? ANNA : BERT, false);
		message(FRT_V_OK, ANNA, false);
		message(FRT_V_OK, ANNA, false);
	}
	assert_health(FRT_UP);
	/* what is left of a mixed run is what calls showed */
	replied_503(ANNA);
	message(FRT_V_STRONG, BERT, false);
	message(FRT_V_OK, ANNA, false);
	message(FRT_V_STRONG, BERT, false);
	assert_health(FRT_UP);
	replied_503(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
	assert_true(w.t.reason.invite);
}

/* What begins with the first of the calls does not begin with a message that
 * failed before, and whose run has ended: a probe that failed in between is no
 * evidence of what came after it. */
static void test_health_a_run_of_invites_begins_with_an_invite(void **state)
{
	(void)state;
	message(FRT_V_STRONG, ANNA, false);
	later(100);
	probe_failed();
	later(100);
	replied_503(ANNA);
	for(int i = 0; i < 9; i++)
		message(FRT_V_OK, ANNA, false);
	replied_503(ANNA);
	replied_503(ANNA);
	assert_health(FRT_UP);
	later(12);
	replied_503(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 4);
	assert_int_equal(w.t.reason.since_ms, 12);
}

/* A message is the first of a run that calls go on with. */
static void test_health_a_mixed_run_begins_with_its_first(void **state)
{
	(void)state;
	message(FRT_V_STRONG, ANNA, false);
	later(100);
	replied_503(ANNA);
	later(100);
	message(FRT_V_STRONG, BERT, false);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.since_ms, 200);
}

/* A slice of a window of days is longer than its counter holds in ms. */
static void test_health_first_of_a_run_in_a_window_of_days(void **state)
{
	(void)state;
	w.conf.window_ms = 8 * 86400000;
	answered();
	later(50000000);
	timed_out(ANNA);
	later(20000000);
	timed_out(ANNA);
	timed_out(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_between(w.t.reason.since_ms, 20000000, 20001318);
}

/* An old call does not keep the run for ever. */
static void test_health_the_run_of_invites_leaves_with_the_window(void **state)
{
	(void)state;
	replied_503(ANNA);
	replied_503(BERT);
	later(61000);
	message(FRT_V_STRONG, ANNA, false);
	for(int i = 0; i < 9; i++)
		message(FRT_V_OK, ANNA, false);
	assert_int_equal(w.act.e.fail.count, 0);
	message(FRT_V_STRONG, ANNA, false);
	message(FRT_V_STRONG, BERT, false);
	assert_health(FRT_UP);
	message(FRT_V_STRONG, BERT, false);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_false(w.t.reason.invite);
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

/* A reload with another window: fails of the old slices must not seem so old
 * that a probe of long ago failed after them. */
static void test_health_a_changed_window_begins_anew(void **state)
{
	(void)state;
	w.conf.window_ms = 2000;
	probe_failed();
	later(6500);
	timed_out(ANNA);
	later(350);
	timed_out(ANNA);
	w.conf.window_ms = 60000;
	later(15000);
	timed_out(ANNA);
	assert_health(FRT_UP);
	timed_out(ANNA);
	timed_out(BERT);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_int_equal(w.t.reason.count, 3);
}

static void test_health_first_fail_is_known_until_it_leaves(void **state)
{
	(void)state;
	assert_int_equal(w.act.e.first_fail_ms, 0);
	timed_out(ANNA);
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms);
	later(20003);
	timed_out(ANNA);
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms - 20003);
	later(50000);
	answered();
	assert_int_equal(w.act.e.first_fail_ms, w.now_ms - 50000);
	later(50000);
	answered();
	assert_int_equal(w.act.e.first_fail_ms, 0);
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

/* There was no memory for what calls leave behind: nothing to count in, so
 * nothing adds up; what is enough alone still is. */
static void test_health_without_room_for_evidence(void **state)
{
	(void)state;
	atomic_store(&w.rec.act, NULL);
	for(int i = 0; i < 5; i++)
		timed_out(i % 2 ? ANNA : BERT);
	answered();
	ignored();
	probe_failed();
	pass(120000);
	assert_health(FRT_UP);
	w.rules.profile = FRT_PROFILE_STRICT;
	timed_out(ANNA);
	assert_health(FRT_DOWN);
	pass_hold();
	assert_health(FRT_TRIAL);
	trial_ends(FRT_V_OK, 200);
	assert_health(FRT_RAMP);
	retry_after(20);
	assert_health(FRT_DOWN);
	w.now_ms -= 60000; /* the clock is set back */
	tick();
	assert_health(FRT_DOWN);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_health_without_room_for_evidence),
			WORLD_TEST(test_health_third_timeout_goes_down),
			WORLD_TEST(test_health_timeouts_passed_by_others_are_no_run),
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
			WORLD_TEST(test_health_a_message_does_not_end_the_run_of_invites),
			WORLD_TEST(test_health_a_message_ends_the_run_of_messages),
			WORLD_TEST(test_health_a_run_of_invites_begins_with_an_invite),
			WORLD_TEST(test_health_a_mixed_run_begins_with_its_first),
			WORLD_TEST(test_health_first_of_a_run_in_a_window_of_days),
			WORLD_TEST(test_health_the_run_of_invites_leaves_with_the_window),
			WORLD_TEST(test_health_weak_fail_and_ignore_do_not_end_the_run),
			WORLD_TEST(test_health_run_counts_since_the_success),
			WORLD_TEST(test_health_half_of_the_attempts_failed_goes_down),
			WORLD_TEST(test_health_less_than_half_failed_stays_up),
			WORLD_TEST(test_health_ignored_attempts_are_not_counted),
			WORLD_TEST(test_health_evidence_leaves_after_the_window),
			WORLD_TEST(test_health_a_changed_window_begins_anew),
			WORLD_TEST(test_health_first_fail_is_known_until_it_leaves),
			WORLD_TEST(test_health_a_busy_trunk_keeps_its_share_of_fails),
			WORLD_TEST(test_health_fall_of_one),
			WORLD_TEST(test_health_strict_goes_down_at_the_first),
			WORLD_TEST(test_health_strict_is_about_four_codes_and_real_fails),
			WORLD_TEST(test_health_late_answers_while_down_change_nothing),
			WORLD_TEST(test_health_evidence_is_spent_by_going_down),
	};

	return UNIT_MAIN(tests);
}
