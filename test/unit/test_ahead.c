/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host's timer and the time that has passed: when is the first ahead?
 */
#include "frt_plan.h"
#include "unit.h"

static uint64_t ahead(uint64_t counted_ms, int64_t passed_ms)
{
	frt_attempt_t a = {.start_ms = 1000000};

	return frt_attempt_ahead_ms(
			&a, counted_ms, (uint64_t)(1000000 + passed_ms));
}

static void test_ahead_ticks_and_a_late_timer_are_none(void **state)
{
	(void)state;
	assert_int_equal(ahead(4000, 3938), 0);
	assert_int_equal(ahead(4000, 4200), 0);
	assert_int_equal(ahead(4000, 60000), 0);
	assert_int_equal(ahead(0, 0), 0);
}

static void test_ahead_a_timer_put_right_is_one_if_much_was_not_waited(
		void **state)
{
	(void)state;
	assert_int_equal(ahead(500, 250), 0);
	assert_int_equal(ahead(500, 249), 251);
	assert_int_equal(ahead(60000, 45000), 0);
	assert_int_equal(ahead(60000, 44999), 15001);
}

static void test_ahead_a_clock_set_forward(void **state)
{
	(void)state;
	assert_int_equal(ahead(3600000, 300), 3599700);
	/* the other clock was set back, too */
	assert_int_equal(ahead(3600000, -1), 3600000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_ahead_ticks_and_a_late_timer_are_none),
			UNIT_TEST(
					test_ahead_a_timer_put_right_is_one_if_much_was_not_waited),
			UNIT_TEST(test_ahead_a_clock_set_forward),
	};

	return UNIT_MAIN(tests);
}
