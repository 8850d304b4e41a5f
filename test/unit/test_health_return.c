/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a destination comes back: good probes, trial, slow start. How long a
 * hold is, is in test_health_time.c.
 */
#include "health_world.h"

static void test_return_waits_for_the_hold_and_good_probes(void **state)
{
	(void)state;
	fall_by_traffic();
	probe_good();
	pass(hold_left() - 1);
	assert_health(FRT_DOWN);
	pass(1);
	assert_health(FRT_DOWN);
	assert_int_equal(w.rec.h.due_ms, 0);
	probe_good();
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
	assert_true(flag(FRT_TRAFFIC));
	assert_int_equal(hold_left(), 0);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

static void test_return_needs_good_probes_in_a_row_since_it_went_down(
		void **state)
{
	(void)state;
	probe_good();
	probe_good();
	fall_by_traffic();
	pass(hold_left());
	assert_health(FRT_DOWN);
	probe_good();
	probe_failed();
	probe_good();
	assert_health(FRT_DOWN);
	probe_good();
	assert_health(FRT_TRIAL);
}

static void test_return_at_the_holds_end_if_probes_were_good(void **state)
{
	(void)state;
	fall_by_traffic();
	probe_good();
	probe_good();
	assert_health(FRT_DOWN);
	pass(hold_left());
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
}

static void test_return_by_time_alone_without_probing(void **state)
{
	(void)state;
	w.probe.enabled = false;
	fall_by_traffic();
	pass(hold_left());
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
}

static void test_return_when_probing_was_turned_off_meanwhile(void **state)
{
	(void)state;
	probe_failed();
	probe_failed();
	probe_failed();
	assert_health(FRT_DOWN);
	w.probe.enabled = false;
	pass(hold_left());
	assert_change(FRT_DOWN, FRT_RAMP, FRT_PROBE, FRT_WHY_HOLD_OVER);
	assert_int_equal(FRT_WORD_FLAGS(word()), 0);
}

static void test_return_without_traffics_flag_needs_no_trial(void **state)
{
	(void)state;
	probe_failed();
	probe_failed();
	probe_failed();
	probe_good();
	assert_true(flag(FRT_PROBE));
	probe_good();
	assert_false(flag(FRT_PROBE));
	assert_health(FRT_DOWN);
	pass(hold_left());
	assert_change(FRT_DOWN, FRT_RAMP, FRT_PROBE, FRT_WHY_PROBE);
	assert_true(w.t.reason.good);
	assert_int_equal(w.t.reason.count, 2);
}

static void test_return_straight_to_up_without_a_ramp(void **state)
{
	(void)state;
	w.conf.ramp_ms = 0;
	probe_failed();
	probe_failed();
	probe_failed();
	pass_hold();
	assert_change(FRT_DOWN, FRT_UP, FRT_PROBE, FRT_WHY_PROBE);
	reach_trial();
	trial_ends(FRT_V_OK, 200);
	assert_change(FRT_TRIAL, FRT_UP, FRT_TRAFFIC, FRT_WHY_TRIAL_OK);
	assert_int_equal(w.rec.h.due_ms, 0);
}

static void test_return_waits_for_every_other_flag(void **state)
{
	(void)state;
	fall_by_traffic();
	said(FRT_RESOLVE, FRT_V_STRONG);
	pass_hold();
	assert_health(FRT_DOWN);
	said(FRT_RESOLVE, FRT_V_OK);
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
}

static void test_return_from_retry_after_needs_no_probes(void **state)
{
	(void)state;
	retry_after(7);
	pass(6999);
	assert_health(FRT_DOWN);
	pass(1);
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
	trial_ends(FRT_V_STRONG, 503);
	assert_int_equal(w.rec.h.blackout, 0);
	pass(hold_left());
	assert_health(FRT_DOWN);
}

static void test_trial_has_one_token(void **state)
{
	uint8_t token, none;

	(void)state;
	reach_trial();
	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	assert_true(token);
	assert_int_equal(share(), 0);
	assert_false(frt_health_usable(word()));
	assert_false(frt_health_trial_take_locked(&w.rec, &none));
	assert_false(none);
	frt_health_trial_release_locked(&w.rec, token);
	assert_int_equal(share(), FRT_SHARE_FULL);
	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	assert_true(token);
}

/* A call of the trial before, which a failed probe ended, is late: it neither
 * decides this trial nor gives its token back. */
static void test_trial_is_not_decided_by_an_earlier_trial(void **state)
{
	uint8_t before, token;

	(void)state;
	reach_trial();
	frt_health_trial_take_locked(&w.rec, &before);
	for(int i = 0; i < 3; i++)
		probe_failed();
	assert_health(FRT_DOWN);
	pass_hold();
	assert_health(FRT_TRIAL);
	frt_health_trial_take_locked(&w.rec, &token);
	assert_int_not_equal(token, before);
	observe(&(frt_obs_t){
			.verdict = FRT_V_OK, .code = 200, .invite = true, .trial = before});
	assert_health(FRT_TRIAL);
	observe(&(frt_obs_t){.verdict = FRT_V_IGNORE, .trial = before});
	frt_health_trial_release_locked(&w.rec, before);
	assert_int_equal(FRT_WORD_BUSY(word()), 1);
	observe(&(frt_obs_t){
			.verdict = FRT_V_OK, .code = 200, .invite = true, .trial = token});
	assert_health(FRT_RAMP);
}

/* It was out of the table while its trial call ended: nobody told it. */
static void test_trial_begins_anew_with_its_return_to_the_table(void **state)
{
	uint8_t lost, token;

	(void)state;
	reach_trial();
	frt_health_trial_take_locked(&w.rec, &lost);
	assert_false(frt_health_usable(word()));
	frt_health_back_locked(&w.rec);
	assert_health(FRT_TRIAL);
	assert_int_equal(w.rec.h.probe_good, 0);
	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	assert_true(token && token != lost);
	frt_health_trial_release_locked(&w.rec, lost);
	assert_false(frt_health_usable(word()));
}

static void test_trial_token_is_not_needed_elsewhere(void **state)
{
	uint32_t before = word();
	uint8_t token = 1;

	(void)state;
	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	assert_false(token);
	frt_health_trial_release_locked(&w.rec, token);
	assert_int_equal(word(), before);
}

static void test_trial_good_call_begins_the_ramp(void **state)
{
	(void)state;
	reach_trial();
	trial_ends(FRT_V_OK, 200);
	assert_change(FRT_TRIAL, FRT_RAMP, FRT_TRAFFIC, FRT_WHY_TRIAL_OK);
	assert_false(flag(FRT_TRAFFIC));
	assert_int_equal(share(), FRT_SHARE_FULL / 10);
}

static void test_trial_failed_call_doubles_the_hold(void **state)
{
	(void)state;
	reach_trial();
	trial_ends(FRT_V_WEAK, 480);
	assert_change(FRT_TRIAL, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_TRIAL_FAIL);
	assert_true(flag(FRT_TRAFFIC));
	assert_between(w.t.reason.hold_ms, 60000, 66000);
	assert_int_equal(w.t.reason.code, 480);
	assert_int_equal(w.rec.h.downs, 2);
	assert_int_equal(FRT_WORD_BUSY(word()), 0);
}

static void test_trial_ignored_call_gives_the_token_back(void **state)
{
	(void)state;
	reach_trial();
	trial_ends(FRT_V_IGNORE, 500);
	assert_int_equal(w.change, FRT_SHARE);
	assert_health(FRT_TRIAL);
	assert_int_equal(share(), FRT_SHARE_FULL);
	/* a second word from the same call is not the trial's */
	call(FRT_V_STRONG, FRT_REMOTE, 503, ANNA, true);
	assert_health(FRT_TRIAL);
}

static void test_trial_of_calls_is_not_decided_by_a_good_message(void **state)
{
	uint8_t token;

	(void)state;
	reach_trial();
	for(int i = 0; i < 3; i++) {
		assert_true(frt_health_trial_take_locked(&w.rec, &token));
		message(FRT_V_OK, ANNA, true);
		assert_int_equal(w.change, FRT_SHARE);
		assert_health(FRT_TRIAL);
		assert_true(frt_health_usable(word()));
		assert_true(flag(FRT_TRAFFIC));
	}
	/* a failed one, or a failed probe, makes them no less calls' */
	frt_health_trial_take_locked(&w.rec, &token);
	message(FRT_V_STRONG, ANNA, true);
	assert_health(FRT_DOWN);
	pass_hold();
	for(int i = 0; i < 3; i++)
		probe_failed();
	assert_health(FRT_DOWN);
	pass_hold();
	frt_health_trial_take_locked(&w.rec, &token);
	message(FRT_V_OK, ANNA, true);
	assert_health(FRT_TRIAL);
	trial_ends(FRT_V_OK, 200);
	assert_health(FRT_RAMP);
}

static void one_message_decides(void)
{
	uint8_t token;

	pass_hold();
	assert_health(FRT_TRIAL);
	frt_health_trial_take_locked(&w.rec, &token);
	message(FRT_V_OK, ANNA, true);
	assert_health(FRT_RAMP);
}

static void test_trial_of_messages_is_decided_by_one(void **state)
{
	(void)state;
	replied_480(ANNA);
	later(61000);
	for(int i = 0; i < 3; i++)
		message(FRT_V_STRONG, i % 2 ? ANNA : BERT, false);
	one_message_decides();
}

/* The INVITE's fail has long left the window, which was never without one. */
static void test_trial_of_messages_is_none_of_an_old_call(void **state)
{
	int i, j;

	(void)state;
	replied_480(ANNA);
	for(i = 0; i < 40; i++) {
		later(30000);
		for(j = 0; j < 20; j++)
			message(FRT_V_OK, BERT, false);
		message(FRT_V_WEAK, ANNA, false);
	}
	assert_health(FRT_UP);
	for(i = 0; i < 60 && FRT_WORD_HEALTH(word()) == FRT_UP; i++)
		message(FRT_V_WEAK, i % 2 ? ANNA : BERT, false);
	assert_change(FRT_UP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_RATE);
	one_message_decides();
}

static void test_trial_retry_after_is_a_hold_as_told(void **state)
{
	uint8_t token;

	(void)state;
	reach_trial();
	frt_health_trial_take_locked(&w.rec, &token);
	retry_after(5);
	assert_change(FRT_TRIAL, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_BLACKOUT);
	assert_int_equal(w.t.reason.hold_ms, 5000);
	assert_int_equal(w.rec.h.downs, 1);
	pass(5000);
	assert_health(FRT_TRIAL);
	assert_int_equal(share(), FRT_SHARE_FULL);
	trial_ends(FRT_V_OK, 200);
	assert_int_equal(w.rec.h.blackout, 0);
}

static void test_trial_is_not_decided_by_earlier_calls(void **state)
{
	uint8_t token;

	(void)state;
	reach_trial();
	frt_health_trial_take_locked(&w.rec, &token);
	answered();
	assert_health(FRT_TRIAL);
	for(int i = 0; i < 5; i++)
		timed_out(i % 2 ? ANNA : BERT);
	ignored();
	assert_health(FRT_TRIAL);
	assert_int_equal(FRT_WORD_BUSY(word()), 1);
	call(FRT_V_OK, FRT_REMOTE, 200, ANNA, true);
	assert_health(FRT_RAMP);
	/* what came late is forgotten with the trial */
	refused(ANNA);
	refused(BERT);
	assert_health(FRT_RAMP);
}

static void test_trial_ends_when_a_source_speaks_against(void **state)
{
	uint8_t token;

	(void)state;
	reach_trial();
	frt_health_trial_take_locked(&w.rec, &token);
	probe_failed();
	probe_failed();
	assert_health(FRT_TRIAL);
	probe_failed();
	assert_change(FRT_TRIAL, FRT_DOWN, FRT_PROBE, FRT_WHY_PROBE);
	assert_between(w.t.reason.hold_ms, 60000, 66000);
	/* the trial's own call ends after all: late, and no proof */
	call(FRT_V_OK, FRT_REMOTE, 200, ANNA, true);
	assert_health(FRT_DOWN);
	assert_true(flag(FRT_TRAFFIC));
}

static void test_ramp_grows_in_twenty_steps(void **state)
{
	uint32_t last, steps = 0;
	uint64_t start;

	(void)state;
	reach_ramp();
	start = w.now_ms;
	last = share();
	assert_int_equal(last, 100);
	while(FRT_WORD_HEALTH(word()) == FRT_RAMP) {
		w.now_ms = w.rec.h.due_ms;
		tick();
		steps++;
		assert_int_equal(share(), 100 + 900 * steps / 20);
		assert_true(share() > last);
		last = share();
		assert_int_equal(w.now_ms, start + 1000 * steps);
		if(steps < 20)
			assert_int_equal(w.change, FRT_SHARE);
	}
	assert_int_equal(steps, 20);
	assert_change(FRT_RAMP, FRT_UP, FRT_TRAFFIC, FRT_WHY_RAMP_OVER);
	assert_int_equal(share(), FRT_SHARE_FULL);
	assert_int_equal(w.rec.h.due_ms, 0);
}

static void test_ramp_of_odd_lengths_ends_on_time(void **state)
{
	static const uint32_t lengths[] = {1, 7, 19, 20, 21, 999, 60001};

	for(size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		world_setup(state);
		w.conf.ramp_ms = lengths[i];
		reach_ramp();
		pass(lengths[i] - 1);
		assert_health(FRT_RAMP);
		pass(1);
		assert_health(FRT_UP);
	}
}

static void test_ramp_tick_too_early_changes_nothing(void **state)
{
	(void)state;
	reach_ramp();
	later(999);
	tick();
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_int_equal(share(), 100);
}

static void test_ramp_fall_doubles_the_hold(void **state)
{
	(void)state;
	reach_ramp();
	pass(5000);
	timed_out(ANNA);
	timed_out(BERT);
	timed_out(ANNA);
	assert_change(FRT_RAMP, FRT_DOWN, FRT_TRAFFIC, FRT_WHY_STRONG);
	assert_between(w.t.reason.hold_ms, 60000, 66000);
	assert_int_equal(share(), 0);
}

static void test_operator_up_ends_the_hold_and_tries_at_once(void **state)
{
	(void)state;
	fall_by_traffic();
	pass(1000);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_change(FRT_DOWN, FRT_TRIAL, FRT_TRAFFIC, FRT_WHY_HOLD_OVER);
	/* the favour was for once */
	trial_ends(FRT_V_STRONG, 503);
	pass(hold_left());
	assert_health(FRT_DOWN);
}

static void test_operator_up_clears_no_other_source(void **state)
{
	(void)state;
	probe_failed();
	probe_failed();
	probe_failed();
	said(FRT_OPERATOR, FRT_V_OK);
	assert_true(flag(FRT_PROBE));
	pass(1000);
	assert_health(FRT_DOWN);
	assert_int_equal(w.rec.h.due_ms, 0);
	probe_good();
	probe_good();
	assert_change(FRT_DOWN, FRT_RAMP, FRT_PROBE, FRT_WHY_PROBE);
}

static void test_operator_up_is_up_at_once_if_nothing_else_is_wrong(
		void **state)
{
	(void)state;
	said(FRT_OPERATOR, FRT_V_STRONG);
	pass(1000);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_change(FRT_DOWN, FRT_UP, FRT_OPERATOR, FRT_WHY_OPERATOR);
	assert_true(w.t.reason.good);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

static void test_operator_down_and_up_leave_traffics_flag(void **state)
{
	(void)state;
	fall_by_traffic();
	said(FRT_OPERATOR, FRT_V_STRONG);
	pass_hold();
	assert_health(FRT_DOWN);
	said(FRT_OPERATOR, FRT_V_OK);
	pass(0);
	assert_health(FRT_TRIAL);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_health(FRT_TRIAL);
	trial_ends(FRT_V_OK, 200);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_change(FRT_RAMP, FRT_UP, FRT_OPERATOR, FRT_WHY_OPERATOR);
}

static uint32_t left_alone_ms(void)
{
	uint32_t told = atomic_load(&w.rec.told_ms);

	return told ? told - (uint32_t)w.now_ms : 0;
}

/* In panic it is tried although it is down, and asks for peace then. */
static void test_health_retry_after_while_down_is_left_alone_in_panic(
		void **state)
{
	(void)state;
	fall_by_traffic();
	assert_int_equal(left_alone_ms(), 0);
	retry_after(5);
	assert_in_range(left_alone_ms(), 5000, 5001);
	assert_true(w.t.panic);
	assert_true(hold_left() >= 30000);
	retry_after(2);
	assert_in_range(left_alone_ms(), 5000, 5001);
	assert_false(w.t.panic);
	/* somebody looks when it is over, though the hold is not */
	assert_int_equal(w.rec.h.due_ms, w.now_ms + 5000);
	pass(1000);
	probe_failed();
	tick();
	assert_false(w.t.panic);
	pass(4000);
	assert_int_equal(left_alone_ms(), 0);
	assert_true(w.t.panic);
	assert_int_equal(w.rec.h.due_ms, w.now_ms + hold_left());
	/* what the operator says is down is not tried either */
	said(FRT_OPERATOR, FRT_V_STRONG);
	assert_int_equal(w.change, FRT_UNCHANGED);
	assert_true(w.t.panic);
	said(FRT_OPERATOR, FRT_V_STRONG);
	assert_false(w.t.panic);
}

static void test_health_retry_after_once_over_does_not_keep_panic_away(
		void **state)
{
	(void)state;
	retry_after(3);
	assert_in_range(left_alone_ms(), 3000, 3001);
	said(FRT_RESOLVE, FRT_V_STRONG);
	pass(3001);
	assert_health(FRT_DOWN);
	assert_int_equal(left_alone_ms(), 0);
	retry_after(30);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_int_equal(left_alone_ms(), 0);
}

/* Calls are well elsewhere: the better tier's return waits. */
static void test_health_failback_delay_holds_the_return(void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	fall_by_traffic();
	pass_hold();
	probe_good();
	probe_good();
	tick();
	assert_health(FRT_DOWN);
	pass(44000);
	assert_health(FRT_DOWN);
	pass(1001);
	assert_health(FRT_TRIAL);
}

static void test_health_failback_does_not_wait_where_it_is_needed(void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	w.conf.nwindows = 1;
	w.conf.windows[0] = (frt_window_t){120, 300, 0};
	w.rules.needed = true;
	fall_by_traffic();
	pass_hold();
	probe_good();
	probe_good();
	tick();
	assert_health(FRT_TRIAL);
}

static void test_health_failback_waits_for_its_window(void **state)
{
	(void)state;
	w.conf.nwindows = 1;
	w.conf.windows[0] = (frt_window_t){120, 300, 0};
	w.rules.week_min = 3 * 1440 + 60;
	fall_by_traffic();
	pass_hold();
	probe_good();
	probe_good();
	pass(60000);
	assert_health(FRT_DOWN);
	assert_true(w.rec.h.due_ms > w.now_ms); /* it is looked at again */
	w.rules.week_min = 3 * 1440 + 120;
	pass(10001);
	assert_health(FRT_TRIAL);
}

static void test_health_failback_does_not_wait_once_the_operator_says_up(
		void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	w.conf.nwindows = 1;
	w.conf.windows[0] = (frt_window_t){120, 300, 0};
	fall_by_traffic();
	pass_hold();
	tick();
	assert_health(FRT_DOWN);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_health(FRT_TRIAL);
}

/* The others may fail while one that is well waits for its time. */
static void test_health_failback_ends_its_wait_once_it_is_needed(void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	fall_by_traffic();
	pass_hold();
	pass(10000);
	assert_health(FRT_DOWN);
	w.rules.needed = true;
	pass(2001);
	assert_health(FRT_TRIAL);
}

static void test_health_failback_delay_begins_anew_at_a_failed_probe(
		void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	w.probe.rise = 1;
	fall_by_traffic();
	pass_hold();
	pass(40000);
	probe_failed();
	probe_good();
	pass(44000);
	assert_health(FRT_DOWN);
	pass(1001);
	assert_health(FRT_TRIAL);
}

static void test_health_failback_delay_begins_anew_at_a_bad_report(void **state)
{
	(void)state;
	w.conf.failback_delay_ms = 45000;
	fall_by_traffic();
	pass_hold();
	pass(40000);
	said(FRT_PEER, FRT_V_STRONG);
	said(FRT_PEER, FRT_V_OK);
	pass(44000);
	assert_health(FRT_DOWN);
	pass(1001);
	assert_health(FRT_TRIAL);
}

/* A gateway that answers every other call with 503 has nearly no calls in the
 * end: each return is paid with a longer hold. */
static void test_health_alternating_gateway_settles(void **state)
{
	uint64_t end, up = 0, fails = 0, calls = 0, downs = 0;
	uint32_t turn = 0;
	uint8_t token;

	(void)state;
	w.probe.enabled = false;
	w.conf.ramp_ms = 0;
	/* an hour at a call a second */
	for(end = w.now_ms + 3600000; w.now_ms < end; pass(1000)) {
		if(!frt_health_usable(word()))
			continue;
		assert_true(frt_health_trial_take_locked(&w.rec, &token));
		up++;
		calls++;
		observe(&(frt_obs_t){.source = FRT_TRAFFIC,
				.verdict = turn & 1 ? FRT_V_OK : FRT_V_STRONG,
				.origin = FRT_REMOTE,
				.code = turn & 1 ? 200 : 503,
				.invite = true,
				.trial = token,
				.user = ANNA + turn % 7});
		fails += !(turn & 1);
		turn++;
		downs += w.change == FRT_CHANGED && w.t.to == FRT_DOWN;
	}
	assert_between(calls, 6, 120);
	assert_true(fails <= calls / 2 + 12);
	/* 30 + 60 + 120 + 240 + 300 ... s: not more than once in five minutes */
	assert_between(downs, 4, 20);
	assert_between(w.rec.h.downs, 5, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_health_alternating_gateway_settles),
			WORLD_TEST(test_return_waits_for_the_hold_and_good_probes),
			WORLD_TEST(
					test_return_needs_good_probes_in_a_row_since_it_went_down),
			WORLD_TEST(test_return_at_the_holds_end_if_probes_were_good),
			WORLD_TEST(test_return_by_time_alone_without_probing),
			WORLD_TEST(test_return_when_probing_was_turned_off_meanwhile),
			WORLD_TEST(test_return_without_traffics_flag_needs_no_trial),
			WORLD_TEST(test_return_straight_to_up_without_a_ramp),
			WORLD_TEST(test_return_waits_for_every_other_flag),
			WORLD_TEST(test_return_from_retry_after_needs_no_probes),
			WORLD_TEST(test_trial_has_one_token),
			WORLD_TEST(test_trial_is_not_decided_by_an_earlier_trial),
			WORLD_TEST(test_trial_begins_anew_with_its_return_to_the_table),
			WORLD_TEST(test_trial_token_is_not_needed_elsewhere),
			WORLD_TEST(test_trial_good_call_begins_the_ramp),
			WORLD_TEST(test_trial_failed_call_doubles_the_hold),
			WORLD_TEST(test_trial_ignored_call_gives_the_token_back),
			WORLD_TEST(test_trial_of_calls_is_not_decided_by_a_good_message),
			WORLD_TEST(test_trial_of_messages_is_decided_by_one),
			WORLD_TEST(test_trial_of_messages_is_none_of_an_old_call),
			WORLD_TEST(test_trial_retry_after_is_a_hold_as_told),
			WORLD_TEST(test_trial_is_not_decided_by_earlier_calls),
			WORLD_TEST(test_trial_ends_when_a_source_speaks_against),
			WORLD_TEST(test_ramp_grows_in_twenty_steps),
			WORLD_TEST(test_ramp_of_odd_lengths_ends_on_time),
			WORLD_TEST(test_ramp_tick_too_early_changes_nothing),
			WORLD_TEST(test_ramp_fall_doubles_the_hold),
			WORLD_TEST(test_operator_up_ends_the_hold_and_tries_at_once),
			WORLD_TEST(test_operator_up_clears_no_other_source),
			WORLD_TEST(test_operator_up_is_up_at_once_if_nothing_else_is_wrong),
			WORLD_TEST(test_operator_down_and_up_leave_traffics_flag),
			WORLD_TEST(
					test_health_retry_after_while_down_is_left_alone_in_panic),
			WORLD_TEST(
					test_health_retry_after_once_over_does_not_keep_panic_away),
			WORLD_TEST(test_health_failback_delay_holds_the_return),
			WORLD_TEST(test_health_failback_does_not_wait_where_it_is_needed),
			WORLD_TEST(test_health_failback_waits_for_its_window),
			WORLD_TEST(
					test_health_failback_does_not_wait_once_the_operator_says_up),
			WORLD_TEST(test_health_failback_ends_its_wait_once_it_is_needed),
			WORLD_TEST(
					test_health_failback_delay_begins_anew_at_a_failed_probe),
			WORLD_TEST(test_health_failback_delay_begins_anew_at_a_bad_report),
	};

	return UNIT_MAIN(tests);
}
