/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The adaptive try-timeout: RFC 6298's estimator, within the set's bounds.
 */
#include "frt_rto.h"
#include "unit.h"

static void feed(_Atomic uint64_t *rto, uint64_t ms, int n)
{
	while(n-- > 0)
		frt_rto_sample(rto, ms);
}

static void test_rto_is_the_maximum_until_enough_is_known(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	assert_int_equal(frt_rto_timeout(rto, 500, 4000), 4000);
	feed(&rto, 10, FRT_RTO_SAMPLES - 1);
	assert_int_equal(frt_rto_timeout(rto, 500, 4000), 4000);
	feed(&rto, 10, 1);
	assert_int_equal(frt_rto_timeout(rto, 500, 4000), 500);
}

static void test_rto_settles_at_the_time_and_a_tick(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	feed(&rto, 800, 100);
	assert_between(frt_rto_timeout(rto, 100, 4000), 850, 880);
}

static void test_rto_follows_a_destination_that_gets_slower(void **state)
{
	_Atomic uint64_t rto = 0;
	uint32_t was;
	int i;

	(void)state;
	feed(&rto, 20, 50);
	was = frt_rto_timeout(rto, 100, 4000);
	/* each silence counts as twice the timeout: soon it waits long enough */
	for(i = 0; i < 8; i++)
		frt_rto_sample(&rto, 2 * frt_rto_timeout(rto, 100, 4000));
	assert_true(frt_rto_timeout(rto, 100, 4000) > 4 * was);
}

static void test_rto_spread_widens_it(void **state)
{
	_Atomic uint64_t rto = 0;
	int i;

	(void)state;
	for(i = 0; i < 100; i++)
		frt_rto_sample(&rto, i % 2 ? 100 : 900);
	assert_between(frt_rto_timeout(rto, 100, 9000), 1500, 2600);
}

static void test_rto_holds_for_any_sample(void **state)
{
	_Atomic uint64_t rto = 0;
	frt_rand_t rnd = {.state = 3};
	int i;

	(void)state;
	for(i = 0; i < 100000; i++) {
		frt_rto_sample(&rto, frt_rand_next(&rnd) >> frt_rand_below(&rnd, 64));
		assert_between(frt_rto_timeout(rto, 500, 4000), 500, 4000);
	}
	feed(&rto, UINT64_MAX, 300);
	assert_int_equal(frt_rto_timeout(rto, 500, 4000), 4000);
}

static void test_rto_is_known_after_eight_samples(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	assert_false(frt_rto_known(rto));
	feed(&rto, 10, 7);
	assert_false(frt_rto_known(rto));
	feed(&rto, 10, 1);
	assert_true(frt_rto_known(rto));
	feed(&rto, 10, 1000);
	assert_true(frt_rto_known(rto));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_rto_is_known_after_eight_samples),
			UNIT_TEST(test_rto_is_the_maximum_until_enough_is_known),
			UNIT_TEST(test_rto_settles_at_the_time_and_a_tick),
			UNIT_TEST(test_rto_follows_a_destination_that_gets_slower),
			UNIT_TEST(test_rto_spread_widens_it),
			UNIT_TEST(test_rto_holds_for_any_sample),
	};

	return UNIT_MAIN(tests);
}
