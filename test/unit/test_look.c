/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a set looks like from the outside: up or down, the tier calls use, what
 * a destination weighs now.
 */
#include "fixture.h"
#include "frt_look.h"

static void fx_trial(const frt_dst_t *dst, unsigned busy)
{
	fx_word(dst, FRT_WORD(FRT_TRIAL, FRT_READY, busy, 1u << FRT_TRAFFIC,
						 FRT_SHARE_FULL));
}

static void fx_maint(const frt_dst_t *dst)
{
	fx_word(dst, FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, FRT_SHARE_FULL));
}

static int priority(const fx_t *fx)
{
	const frt_tier_t *tier = frt_look_tier(fx_only(fx));

	return tier ? tier->priority : 0;
}

static void test_look_set_is_down_when_nothing_is_usable(void **state)
{
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	assert_true(frt_look_set_up(fx_only(&fx)));
	fx_down(fx_at(&fx, "d0"));
	fx_maint(fx_at(&fx, "d1"));
	assert_true(frt_look_set_up(fx_only(&fx)));
	fx_down(fx_at(&fx, "d2"));
	assert_false(frt_look_set_up(fx_only(&fx)));
	fx_end(&fx);
}

static void test_look_set_stays_up_while_a_trial_call_is_away(void **state)
{
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_trial(fx_at(&fx, "d2"), 0);
	assert_true(frt_look_set_up(fx_only(&fx)));
	fx_trial(fx_at(&fx, "d2"), 1);
	assert_true(frt_look_set_up(fx_only(&fx)));
	fx_end(&fx);
}

static void test_look_tier_ignores_trials(void **state)
{
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	assert_int_equal(priority(&fx), 1);
	fx_down(fx_at(&fx, "d0"));
	assert_int_equal(priority(&fx), 1);
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(priority(&fx), 2);
	fx_trial(fx_at(&fx, "d0"), 0);
	assert_int_equal(priority(&fx), 2);
	fx_ramp(fx_at(&fx, "d0"), 100);
	assert_int_equal(priority(&fx), 1);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d2"));
	assert_int_equal(priority(&fx), 0);
	fx_end(&fx);
}

static void test_look_weight_is_rounded_but_never_to_nothing(void **state)
{
	static const struct
	{
		unsigned weight, share, want;
	} cases[] = {{70, 1000, 70}, {70, 100, 7}, {10, 250, 3}, {10, 240, 2},
			{1, 100, 1}, {1, 1, 1}, {0, 1000, 0}, {65535, 1000, 65535},
			{65535, 999, 65469}};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		frt_dst_t dst = {.weight = (uint16_t)cases[i].weight};
		uint32_t word = FRT_WORD(FRT_RAMP, FRT_READY, 0, 0, cases[i].share);

		assert_int_equal(frt_look_weight(&dst, word), cases[i].want);
		word = FRT_WORD(FRT_RAMP, FRT_DRAIN, 0, 0, cases[i].share);
		assert_int_equal(frt_look_weight(&dst, word), 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_look_set_is_down_when_nothing_is_usable),
			UNIT_TEST(test_look_set_stays_up_while_a_trial_call_is_away),
			UNIT_TEST(test_look_tier_ignores_trials),
			UNIT_TEST(test_look_weight_is_rounded_but_never_to_nothing),
	};
	return UNIT_MAIN(tests);
}
