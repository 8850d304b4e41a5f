/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Gradual shedding: the part of its calls a destination gives up for its
 * failure rate, before it is down. Rates are 10 % to 50 %, at 20 attempts.
 */
#include "health_world.h"

static int shed_setup(void **state)
{
	int err = world_setup(state);

	w.conf.fall = 100; /* what takes it down is another test's */
	w.conf.shed_from_pct = 10;
	w.conf.shed_to_pct = 50;
	w.conf.shed_volume = 20;
	return err;
}

#define SHED_TEST(f) cmocka_unit_test_setup(f, shed_setup)

static uint32_t shed_pct(void)
{
	return frt_health_shed_pct(word());
}

/* n calls in which `fails` of each `of` fail, spread evenly; every one of them
 * to another number. Returns how often the share changed. */
static int calls(int n, int fails, int of)
{
	static uint64_t user = 5000;
	int changes = 0;

	for(int i = 0; i < n; i++) {
		later(10);
		if(i * fails % of < fails)
			replied_503(++user);
		else
			answered();
		changes += w.change == FRT_SHARE;
	}
	return changes;
}

static void test_shed_quarter_of_failures_sheds_a_share(void **state)
{
	(void)state;
	calls(200, 1, 4);
	/* (25 - 10) / (50 - 10) = 37.5 %, in twentieths */
	assert_in_range(shed_pct(), 35, 40);
	assert_int_equal(share(), (100 - shed_pct()) * 10);
	assert_health(FRT_UP);
}

static void test_shed_grows_with_the_rate(void **state)
{
	static const struct
	{
		int fails, of;
		uint32_t pct;
	} cases[] = {{1, 100, 0}, {1, 20, 0}, {1, 10, 0}, {3, 20, 10}, {3, 10, 50},
			{2, 5, 75}, {49, 100, 90}};
	void *none = NULL;

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		shed_setup(&none);
		calls(2 * cases[i].of, 0, 1); /* no high rate at the very start */
		calls(4000, cases[i].fails, cases[i].of);
		assert_in_range(shed_pct(), cases[i].pct ? cases[i].pct - 5 : 0,
				cases[i].pct ? cases[i].pct + 5 : 0);
	}
}

static void test_shed_needs_the_volume(void **state)
{
	(void)state;
	calls(19, 1, 4);
	assert_int_equal(shed_pct(), 0);
	assert_int_equal(w.rec.h.due_ms, 0);
	calls(10, 1, 4);
	assert_in_range(shed_pct(), 20, 60);
}

static void test_shed_volume_0_is_off(void **state)
{
	(void)state;
	w.conf.shed_volume = 0;
	calls(1000, 2, 5);
	assert_int_equal(shed_pct(), 0);
}

static void test_shed_one_user_sheds_nothing(void **state)
{
	(void)state;
	for(int i = 0; i < 200; i++) {
		later(10);
		if(i % 3 == 0)
			replied_503(ANNA);
		else
			answered();
	}
	assert_int_equal(shed_pct(), 0);
	/* nor with the odd other fail in between: it is still one number */
	replied_503(BERT);
	for(int i = 0; i < 20; i++)
		replied_503(ANNA);
	replied_503(BERT);
	assert_int_equal(shed_pct(), 0);
}

static void test_shed_transport_errors_need_no_user(void **state)
{
	(void)state;
	for(int i = 0; i < 100; i++) {
		if(i % 4 == 0)
			refused(ANNA);
		else
			answered();
	}
	assert_in_range(shed_pct(), 30, 40);
}

static void test_shed_never_takes_the_last_tenth(void **state)
{
	(void)state;
	w.rules.capped = true; /* max-eject keeps it up */
	w.conf.fall = 3;
	calls(500, 1, 1);
	assert_health(FRT_UP);
	assert_int_equal(shed_pct(), 90);
	assert_int_equal(share(), 100);
}

static void test_shed_window_forgets_without_traffic(void **state)
{
	(void)state;
	calls(200, 3, 10);
	assert_int_equal(shed_pct(), 50);
	assert_true(w.rec.h.due_ms > w.now_ms);
	pass(w.conf.window_ms + 10000);
	assert_int_equal(shed_pct(), 0);
	assert_int_equal(share(), FRT_SHARE_FULL);
	assert_int_equal(w.rec.h.due_ms, 0);
	assert_int_equal(w.change, FRT_SHARE);
	assert_int_equal(w.t.shed_to, 0);
	assert_true(w.t.shed_from > 0);
}

static void test_shed_good_calls_bring_it_back(void **state)
{
	(void)state;
	calls(200, 3, 10);
	calls(4000, 0, 1);
	assert_int_equal(shed_pct(), 0);
}

static void test_shed_says_when_it_begins_and_why(void **state)
{
	(void)state;
	calls(20, 1, 4);
	while(w.t.shed_to == 0)
		calls(1, 1, 1);
	assert_int_equal(w.change, FRT_SHARE);
	assert_int_equal(w.t.shed_from, 0);
	assert_int_equal(w.t.shed.why, FRT_WHY_RATE);
	assert_int_equal(w.t.shed.code, 503);
	assert_true(w.t.shed.count >= 5 && w.t.shed.attempts >= 20);
}

/* A rate at the threshold must neither re-weigh at each call nor begin and end
 * all the time. */
static void test_shed_does_not_flutter(void **state)
{
	int begins = 0, changes = 0;
	frt_rand_t rnd = {.state = 7};

	(void)state;
	for(uint32_t permille = 100; permille <= 300; permille += 100) {
		for(int i = 0; i < 20000; i++) {
			pass(50);
			if(frt_rand_below(&rnd, 1000) < permille)
				replied_503(6000 + (uint64_t)i);
			else
				answered();
			changes += w.change == FRT_SHARE;
			begins += w.change == FRT_SHARE && w.t.shed_from == 0;
		}
	}
	assert_in_range(begins, 1, 12);
	assert_in_range(changes, 1, 1000);
}

/* Of what it sheds there are fewer attempts to judge by. */
static void test_shed_holds_at_its_own_low_volume(void **state)
{
	int ended = 0;

	(void)state;
	w.rules.capped = true;
	calls(40, 2, 5);
	for(int i = 0; i < 200; i++) {
		pass(1000 * FRT_SHARE_FULL / share());
		calls(1, i % 5 < 2, 1);
		ended += shed_pct() == 0;
	}
	assert_int_equal(ended, 0);
}

static void test_shed_takes_its_part_of_the_ramp(void **state)
{
	(void)state;
	w.conf.fall = 3;
	reach_ramp();
	assert_int_equal(shed_pct(), 0);
	w.conf.fall = 100;
	pass(10000);
	calls(40, 1, 4);
	assert_health(FRT_RAMP);
	assert_int_equal(FRT_WORD_SHARE(word()), 550);
	assert_int_equal(share(), 550 * (100 - shed_pct()) / 100);
	assert_in_range(shed_pct(), 20, 60);
	pass(5000);
	assert_int_equal(FRT_WORD_SHARE(word()), 775);
	pass(10000);
	assert_health(FRT_UP);
	pass(2 * w.conf.window_ms);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

/* Nobody looks at what it sheds but the tick. */
static void test_shed_ends_after_the_operator_ends_the_ramp(void **state)
{
	(void)state;
	w.conf.fall = 3;
	reach_ramp();
	w.conf.fall = 100;
	calls(40, 1, 4);
	assert_health(FRT_RAMP);
	assert_true(shed_pct() > 0);
	said(FRT_OPERATOR, FRT_V_OK);
	assert_health(FRT_UP);
	assert_int_not_equal(w.rec.h.due_ms, 0);
	pass(2 * w.conf.window_ms);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

static void test_shed_ends_when_it_goes_down(void **state)
{
	(void)state;
	calls(100, 3, 10);
	assert_true(shed_pct() > 0);
	w.conf.fall = 3;
	timed_out(ANNA);
	timed_out(BERT);
	timed_out(ANNA);
	assert_health(FRT_DOWN);
	assert_int_equal(shed_pct(), 0);
	assert_true(w.t.shed_from > 0);
	assert_int_equal(w.t.shed_to, 0);
	pass_hold();
	assert_health(FRT_TRIAL);
	assert_int_equal(share(), FRT_SHARE_FULL);
}

static void test_shed_outlives_drain(void **state)
{
	(void)state;
	calls(100, 3, 10);
	frt_health_admin_locked(&w.rec, FRT_DRAIN, w.now_ms, &w.t);
	assert_int_equal(share(), 0);
	frt_health_admin_locked(&w.rec, FRT_READY, w.now_ms, &w.t);
	assert_int_equal(shed_pct(), 50);
	assert_int_equal(share(), 500);
}

static void test_shed_ends_when_a_reload_turns_it_off(void **state)
{
	(void)state;
	calls(100, 3, 10);
	w.conf.shed_volume = 0;
	tick();
	assert_int_equal(w.change, FRT_SHARE);
	assert_int_equal(shed_pct(), 0);
}

static void test_shed_survives_a_clock_set_back(void **state)
{
	(void)state;
	calls(100, 3, 10);
	w.now_ms -= 500000;
	tick();
	assert_int_equal(shed_pct(), 50);
	pass(w.conf.window_ms + 10000);
	assert_int_equal(shed_pct(), 0);
}

static void test_shed_survives_full_slices(void **state)
{
	(void)state;
	w.conf.window_ms = 86400000;
	for(int i = 0; i < 300000; i++) {
		if(i % 4 == 0)
			replied_503(7000 + (uint64_t)i);
		else
			answered();
	}
	assert_in_range(shed_pct(), 30, 40);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			SHED_TEST(test_shed_quarter_of_failures_sheds_a_share),
			SHED_TEST(test_shed_grows_with_the_rate),
			SHED_TEST(test_shed_needs_the_volume),
			SHED_TEST(test_shed_volume_0_is_off),
			SHED_TEST(test_shed_one_user_sheds_nothing),
			SHED_TEST(test_shed_transport_errors_need_no_user),
			SHED_TEST(test_shed_never_takes_the_last_tenth),
			SHED_TEST(test_shed_window_forgets_without_traffic),
			SHED_TEST(test_shed_good_calls_bring_it_back),
			SHED_TEST(test_shed_says_when_it_begins_and_why),
			SHED_TEST(test_shed_does_not_flutter),
			SHED_TEST(test_shed_holds_at_its_own_low_volume),
			SHED_TEST(test_shed_takes_its_part_of_the_ramp),
			SHED_TEST(test_shed_ends_after_the_operator_ends_the_ramp),
			SHED_TEST(test_shed_ends_when_it_goes_down),
			SHED_TEST(test_shed_outlives_drain),
			SHED_TEST(test_shed_ends_when_a_reload_turns_it_off),
			SHED_TEST(test_shed_survives_a_clock_set_back),
			SHED_TEST(test_shed_survives_full_slices),
	};

	return UNIT_MAIN(tests);
}
