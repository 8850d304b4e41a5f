/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long until the next probe, by health, and when a probe repeats itself.
 */
#include "unit.h"

#include "frt_pace.h"

static frt_rec_t a_rec(frt_health_t health, uint16_t good, uint16_t bad,
		uint64_t since, uint64_t hold_until)
{
	frt_rec_t r;

	memset(&r, 0, sizeof(r));
	r.word = FRT_WORD(health, FRT_READY, 0, 0, FRT_SHARE_FULL);
	r.h.probe_good = good;
	r.h.probe_bad = bad;
	r.h.since_ms = since;
	r.h.hold_until_ms = hold_until;
	return r;
}

static void test_pace_follows_health(void **state)
{
	static const frt_probe_conf_t conf = {.enabled = true,
			.method = {"OPTIONS", 7},
			.interval_ms = 30000,
			.fast_interval_ms = 2000,
			.down_interval_ms = 60000,
			.timeout_ms = 2000,
			.rise = 2,
			.fall = 3};
	static const struct
	{
		frt_health_t health;
		uint16_t good, bad;
		uint64_t since, hold;
		uint32_t gap;
		bool steady;
	} rows[] = {
			{FRT_UP, 5, 0, 0, 0, 30000, true},
			{FRT_UP, 0, 1, 0, 0, 2000, false},
			{FRT_RAMP, 5, 0, 0, 0, 30000, true},
			{FRT_TRIAL, 0, 2, 0, 0, 2000, false},
			/* proved alive: waits for its hold */
			{FRT_DOWN, 2, 0, 990000, 1200000, 30000, true},
			{FRT_DOWN, 1, 0, 100000, 0, 2000, false},
			{FRT_DOWN, 0, 9, 940001, 1200000, 2000, false},
			{FRT_DOWN, 0, 9, 940000, 1200000, 60000, false},
			{FRT_DOWN, 0, 9, 100000, 0, 60000, false},
			/* the hold ends in 50 s: awake 8 s before that */
			{FRT_DOWN, 0, 9, 100000, 1050000, 42000, false},
			{FRT_DOWN, 0, 9, 100000, 1008500, 2000, false},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		frt_rec_t r = a_rec(rows[i].health, rows[i].good, rows[i].bad,
				rows[i].since, rows[i].hold);
		frt_pace_t p = frt_pace_locked(&r, &conf, 1000000);

		if(p.gap_ms != rows[i].gap || p.steady != rows[i].steady)
			fail_msg("row %zu: %u %d", i, p.gap_ms, p.steady);
	}
}

/* Where a transaction of tm retransmits: T1, then doubling up to T2. */
static void test_pace_no_retransmission_near_the_end(void **state)
{
	(void)state;
	assert_int_equal(frt_pace_t1_ms(2000, 500, 4000), 500);
	assert_true(frt_pace_t1_ms(500, 500, 4000) > 750);
	assert_true(frt_pace_t1_ms(100, 500, 4000) >= 500);
	for(uint32_t timeout = 100; timeout <= 32000; timeout += 50) {
		uint32_t t1 = frt_pace_t1_ms(timeout, 500, 4000);
		uint64_t at = t1, step = t1;

		assert_true(t1 >= 500 && t1 < 60000);
		while(at < (uint64_t)timeout + 250) {
			assert_true(at + 125 <= timeout);
			step = step * 2 < 4000 ? step * 2 : 4000;
			at += step;
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_pace_follows_health),
			UNIT_TEST(test_pace_no_retransmission_near_the_end),
	};
	return UNIT_MAIN(tests);
}
