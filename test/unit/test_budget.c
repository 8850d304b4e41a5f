/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The retry budget: a share of the calls and a floor a second, and no more.
 */
#include "frt_budget.h"
#include "unit.h"

static uint32_t drain(_Atomic uint64_t *bucket, uint32_t min_cps, uint64_t now)
{
	uint32_t n = 0;

	while(frt_budget_take(bucket, min_cps, now))
		n++;
	return n;
}

static void test_budget_starts_full(void **state)
{
	_Atomic uint64_t bucket = 0;

	(void)state;
	assert_int_equal(frt_budget_left(bucket, 3, 1000), 60);
	assert_int_equal(drain(&bucket, 3, 1000), 60);
	assert_int_equal(frt_budget_left(bucket, 3, 1000), 0);
}

static void test_budget_fills_by_the_second(void **state)
{
	_Atomic uint64_t bucket = 0;

	(void)state;
	drain(&bucket, 3, 1000);
	assert_int_equal(drain(&bucket, 3, 3001), 6);
	assert_int_equal(drain(&bucket, 3, 3002), 0);
	/* a long quiet does not save up more than a full bucket */
	assert_int_equal(drain(&bucket, 3, 100000000), 60);
}

/* However often it is looked at. */
static void test_budget_fills_under_load(void **state)
{
	_Atomic uint64_t bucket = 0;
	uint64_t now;

	(void)state;
	drain(&bucket, 100, 1000);
	for(now = 1001; now <= 2000; now++)
		frt_budget_call(&bucket, 0, 100, now);
	assert_int_equal(frt_budget_left(bucket, 100, 2000), 100);
	/* where the clock's low half is 0 an empty bucket is not a new one */
	drain(&bucket, 0, 1ull << 32);
	assert_int_equal(frt_budget_left(bucket, 0, 1ull << 32), 0);
}

static void test_budget_grants_a_share_of_the_calls(void **state)
{
	_Atomic uint64_t bucket = 0;
	uint32_t i;

	(void)state;
	drain(&bucket, 0, 1000);
	for(i = 0; i < 100; i++)
		frt_budget_call(&bucket, 20, 0, 1000);
	assert_int_equal(drain(&bucket, 0, 1000), 20);
	frt_budget_call(&bucket, 0, 0, 1000);
	assert_int_equal(drain(&bucket, 0, 1000), 0);
}

static void test_budget_a_clock_set_back_grants_nothing(void **state)
{
	_Atomic uint64_t bucket = 0;

	(void)state;
	drain(&bucket, 3, 5000);
	assert_int_equal(drain(&bucket, 3, 1000), 0);
}

static void test_budget_holds_for_any_input(void **state)
{
	_Atomic uint64_t bucket = 0;
	frt_rand_t rnd = {.state = 7};
	uint32_t i;

	(void)state;
	for(i = 0; i < 100000; i++) {
		uint32_t min = (uint32_t)frt_rand_next(&rnd);
		uint64_t now = frt_rand_next(&rnd);

		frt_budget_call(&bucket, (uint32_t)frt_rand_below(&rnd, 101), min, now);
		frt_budget_take(&bucket, min, now);
		assert_true(frt_budget_left(bucket, 0, now) <= UINT32_MAX / 2000);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_budget_starts_full),
			UNIT_TEST(test_budget_fills_by_the_second),
			UNIT_TEST(test_budget_fills_under_load),
			UNIT_TEST(test_budget_grants_a_share_of_the_calls),
			UNIT_TEST(test_budget_a_clock_set_back_grants_nothing),
			UNIT_TEST(test_budget_holds_for_any_input),
	};

	return UNIT_MAIN(tests);
}
