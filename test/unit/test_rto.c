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
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 4000);
	feed(&rto, 10, FRT_RTO_SAMPLES - 1);
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 4000);
	feed(&rto, 10, 1);
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 500);
}

static void test_rto_settles_at_the_time_and_a_tick(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	feed(&rto, 800, 100);
	assert_between(frt_rto_timeout(rto, 0, 100, 4000), 850, 880);
}

static void test_rto_waits_longer_after_each_silence(void **state)
{
	_Atomic uint64_t rto = 0;
	uint32_t was, now;
	int i;

	(void)state;
	feed(&rto, 20, 50);
	was = frt_rto_timeout(rto, 0, 500, 4000);
	assert_int_equal(was, 500);
	/* calls that waited at the same time say the same: no more than once */
	frt_rto_silence(&rto, was);
	frt_rto_silence(&rto, was);
	frt_rto_silence(&rto, 100);
	assert_between(frt_rto_timeout(rto, 0, 500, 4000), 750, 800);
	for(i = 0; i < 8; i++) {
		now = frt_rto_timeout(rto, 0, 500, 4000);
		frt_rto_silence(&rto, now);
	}
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 4000);
	assert_between(frt_rto_ms(rto), 80, 100); /* the samples are as they were */
}

static void test_rto_is_as_before_when_heard_again(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	feed(&rto, 20, 50);
	frt_rto_silence(&rto, 1000);
	feed(&rto, 20, 1);
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 500);
	frt_rto_silence(&rto, 1000);
	frt_rto_calm(&rto);
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 500);
	/* one that got slower is given its time */
	frt_rto_silence(&rto, 1000);
	feed(&rto, 1400, 1);
	assert_true(frt_rto_timeout(rto, 0, 500, 4000) > 1400);
}

static void test_rto_silence_alone_is_no_sample(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	frt_rto_silence(&rto, UINT64_MAX);
	assert_int_equal(frt_rto_ms(rto), 0);
	feed(&rto, 10, FRT_RTO_SAMPLES);
	assert_between(frt_rto_timeout(rto, 0, 1, 4000), 73, 90);
	frt_rto_silence(&rto, UINT64_MAX);
	assert_between(frt_rto_timeout(rto, 0, 1, UINT32_MAX), 60000, 66000);
	frt_rto_silence(&rto, 0);
	assert_between(frt_rto_timeout(rto, 0, 1, UINT32_MAX), 60000, 66000);
}

static void test_rto_extra_comes_on_top(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	assert_int_equal(frt_rto_timeout(rto, 500, 500, 4000), 4000);
	feed(&rto, 10, 50);
	assert_between(frt_rto_timeout(rto, 500, 500, 4000), 570, 590);
	assert_int_equal(frt_rto_timeout(rto, 5000, 500, 4000), 4000);
}

/* One callee in ten is far away: an estimate that followed the latest calls
 * would have forgotten it after ten near ones. */
static void test_rto_of_varied_times_remembers_the_rare_long_one(void **state)
{
	_Atomic uint64_t fast = 0, varied = 0;
	uint64_t ms;
	int i;

	(void)state;
	for(i = 0; i < 200; i++) {
		ms = i % 10 ? 20 : 3000;
		frt_rto_sample(&fast, ms);
		frt_rto_sample_varied(&varied, ms);
		if(i > 20 && i % 10 == 9)
			assert_true(2 * frt_rto_ms(varied) > 3000);
	}
	assert_true(2 * frt_rto_ms(fast) < 3000);
}

static void test_rto_spread_widens_it(void **state)
{
	_Atomic uint64_t rto = 0;
	int i;

	(void)state;
	for(i = 0; i < 100; i++)
		frt_rto_sample(&rto, i % 2 ? 100 : 900);
	assert_between(frt_rto_timeout(rto, 0, 100, 9000), 1500, 2600);
}

static void test_rto_holds_for_any_sample(void **state)
{
	_Atomic uint64_t rto = 0;
	frt_rand_t rnd = {.state = 3};
	int i;

	(void)state;
	for(i = 0; i < 100000; i++) {
		frt_rto_sample(&rto, frt_rand_next(&rnd) >> frt_rand_below(&rnd, 64));
		assert_between(frt_rto_timeout(rto, 0, 500, 4000), 500, 4000);
	}
	feed(&rto, UINT64_MAX, 300);
	assert_int_equal(frt_rto_timeout(rto, 0, 500, 4000), 4000);
}

static void test_rto_is_known_after_eight_samples(void **state)
{
	_Atomic uint64_t rto = 0;

	(void)state;
	assert_int_equal(frt_rto_ms(rto), 0);
	feed(&rto, 10, 7);
	assert_int_equal(frt_rto_ms(rto), 0);
	feed(&rto, 10, 1);
	assert_true(frt_rto_ms(rto) > 0);
	feed(&rto, 10, 1000);
	assert_true(frt_rto_ms(rto) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_rto_is_known_after_eight_samples),
			UNIT_TEST(test_rto_is_the_maximum_until_enough_is_known),
			UNIT_TEST(test_rto_settles_at_the_time_and_a_tick),
			UNIT_TEST(test_rto_waits_longer_after_each_silence),
			UNIT_TEST(test_rto_is_as_before_when_heard_again),
			UNIT_TEST(test_rto_silence_alone_is_no_sample),
			UNIT_TEST(test_rto_extra_comes_on_top),
			UNIT_TEST(test_rto_of_varied_times_remembers_the_rare_long_one),
			UNIT_TEST(test_rto_spread_widens_it),
			UNIT_TEST(test_rto_holds_for_any_sample),
	};

	return UNIT_MAIN(tests);
}
