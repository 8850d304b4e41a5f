/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Never black-hole: panic when nothing is usable, and spill when a tier has
 * lost more than its over-provisioning makes up for; and passing over what has
 * fallen silent.
 */
#include "fixture.h"
#include "frt_panic.h"
#include "frt_plan.h"
#include "frt_rto.h"

#define CALLS 20000u

static void two_tiers(fx_t *fx, unsigned n1, unsigned n2)
{
	unsigned i;

	fx_begin(fx);
	fx_set(fx, "a", FRT_WEIGHTED);
	fx->set->conf.spill = true;
	fx->set->conf.panic = true;
	for(i = 0; i < n1; i++)
		fx_dst(fx, 1, 10);
	for(i = 0; i < n2; i++)
		fx_dst(fx, 2, 10);
	fx_freeze(fx);
}

static void failed_at(frt_dst_t *dst, uint32_t ms)
{
	atomic_store(&dst->rec->failed_ms, ms);
}

static frt_dst_t *panic_pick(fx_t *fx, frt_rec_t **tried, uint32_t n, int want)
{
	frt_wish_t wish = {.tried = tried, .ntried = n};
	frt_dst_t *dst = NULL;
	bool panic;

	assert_int_equal(frt_choose_anyway(
							 fx_only(fx), &wish, 10000, &fx->rnd, &dst, &panic),
			want);
	if(want == 0)
		assert_true(panic);
	return dst;
}

static void test_panic_tries_the_least_recently_failed(void **state)
{
	frt_rec_t *tried[3];
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 1);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	failed_at(fx_at(&fx, "d0"), 9000);
	failed_at(fx_at(&fx, "d1"), 3000);
	failed_at(fx_at(&fx, "d2"), 6000);
	assert_ptr_equal(panic_pick(&fx, NULL, 0, 0), fx_at(&fx, "d1"));
	tried[0] = fx_at(&fx, "d1")->rec;
	assert_ptr_equal(panic_pick(&fx, tried, 1, 0), fx_at(&fx, "d2"));
	tried[1] = fx_at(&fx, "d2")->rec;
	assert_ptr_equal(panic_pick(&fx, tried, 2, 0), fx_at(&fx, "d0"));
	tried[2] = fx_at(&fx, "d0")->rec;
	panic_pick(&fx, tried, 3, FRT_E_EXHAUSTED);
	fx_end(&fx);
}

/* Another worker's clock reading may be a little ahead of ours: that failed
 * just now, not 49 days ago. */
static void test_panic_takes_a_fail_ahead_of_its_clock_for_the_latest(
		void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 0);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	failed_at(fx_at(&fx, "d0"), 10501);
	failed_at(fx_at(&fx, "d1"), 9001);
	assert_ptr_equal(panic_pick(&fx, NULL, 0, 0), fx_at(&fx, "d1"));
	fx_end(&fx);
}

static void test_panic_leaves_what_the_operator_took_out(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 1);
	fx_word(fx_at(&fx, "d0"),
			FRT_WORD(FRT_DOWN, FRT_DRAIN, 0, 1u << FRT_TRAFFIC, 0));
	fx_word(fx_at(&fx, "d1"), FRT_WORD(FRT_DOWN, FRT_MAINT, 0, 0, 0));
	fx_word(fx_at(&fx, "d2"),
			FRT_WORD(FRT_DOWN, FRT_READY, 0,
					1u << FRT_TRAFFIC | 1u << FRT_OPERATOR, 0));
	assert_false(frt_panic_possible(fx_only(&fx), 1));
	panic_pick(&fx, NULL, 0, FRT_E_NONE_USABLE);
	fx_end(&fx);
}

/* Removed by one reload and back by another: its key is what counts. */
static void test_panic_knows_a_tried_one_that_came_back(void **state)
{
	frt_rec_t was = {.set = FRT_STR("a"), .id = FRT_STR("d0")};
	frt_rec_t *tried[] = {&was};
	fx_t fx;

	(void)state;
	two_tiers(&fx, 1, 0);
	was.at[0] = was.at[1] = FRT_NONE;
	fx_down(fx_at(&fx, "d0"));
	panic_pick(&fx, tried, 1, FRT_E_EXHAUSTED);
	fx_end(&fx);
}

/* As long as its Retry-After lasts, and not a moment longer: everything else
 * is down, too. */
static void test_panic_leaves_a_retry_after_while_it_lasts(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 1, 0);
	fx_down(fx_at(&fx, "d0"));
	atomic_store(&fx_at(&fx, "d0")->rec->told_ms, 10001);
	panic_pick(&fx, NULL, 0, FRT_E_NONE_USABLE);
	atomic_store(&fx_at(&fx, "d0")->rec->told_ms, 9999);
	assert_ptr_equal(panic_pick(&fx, NULL, 0, 0), fx_at(&fx, "d0"));
	fx_end(&fx);
}

static void test_panic_is_not_while_one_is_usable(void **state)
{
	frt_wish_t wish = {.ntried = 0};
	frt_dst_t *dst;
	bool panic;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 1, 1);
	fx_down(fx_at(&fx, "d0"));
	assert_int_equal(
			frt_choose_anyway(fx_only(&fx), &wish, 1, &fx.rnd, &dst, &panic),
			0);
	assert_false(panic);
	assert_ptr_equal(dst, fx_at(&fx, "d1"));
	fx_end(&fx);
}

static void test_panic_off_finds_none(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 1, 0);
	fx_only(&fx)->conf.panic = false;
	fx_down(fx_at(&fx, "d0"));
	panic_pick(&fx, NULL, 0, FRT_E_NONE_USABLE);
	fx_end(&fx);
}

/* How many of CALLS go to the second tier, in permille. */
static uint32_t second_tier(fx_t *fx)
{
	uint32_t i, n = 0;

	for(i = 0; i < CALLS; i++)
		n += fx_choose(fx)->priority == 2;
	return n * 1000 / CALLS;
}

static void test_spill_begins_beyond_the_over_provisioning(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 10, 2);
	assert_int_equal(second_tier(&fx), 0);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(second_tier(&fx), 0); /* 80 % x 1.4 is enough */
	fx_down(fx_at(&fx, "d2"));
	fx_down(fx_at(&fx, "d3"));
	fx_down(fx_at(&fx, "d4"));
	assert_between(second_tier(&fx), 280, 320); /* 50 % x 1.4 = 70 % stay */
	fx_end(&fx);
}

static void test_spill_off_keeps_to_the_tier(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 4, 1);
	fx_only(&fx)->conf.spill = false;
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	assert_int_equal(second_tier(&fx), 0);
	fx_end(&fx);
}

static void test_spill_does_not_count_what_the_operator_took_out(void **state)
{
	fx_t fx;

	(void)state;
	two_tiers(&fx, 4, 1);
	fx_word(fx_at(&fx, "d0"),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
	fx_word(fx_at(&fx, "d1"),
			FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, FRT_SHARE_FULL));
	assert_int_equal(second_tier(&fx), 0);
	fx_end(&fx);
}

/* A call that was spilled and finds the later tier tried comes back. */
static void test_spill_comes_back_when_nothing_is_further_on(void **state)
{
	frt_rec_t *tried[1];
	uint32_t i;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 4, 1);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	tried[0] = fx_at(&fx, "d4")->rec;
	for(i = 0; i < 1000; i++)
		assert_ptr_equal(fx_choose_tried(&fx, 0, tried, 1), fx_at(&fx, "d3"));
	fx_end(&fx);
}

/* A shadow set says what it would do, and does nothing of it. */
static void test_shadow_sends_calls_where_health_would_not(void **state)
{
	uint32_t i, n = 0;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 1);
	fx_only(&fx)->conf.shadow = true;
	fx_down(fx_at(&fx, "d0"));
	for(i = 0; i < CALLS; i++)
		n += fx_choose(&fx) == fx_at(&fx, "d0");
	assert_between(n, CALLS * 48 / 100, CALLS * 52 / 100);
	fx_word(fx_at(&fx, "d0"),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
	for(i = 0; i < 100; i++)
		assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d1"));
	fx_end(&fx);
}

/* Most of a large set is in maintenance: the few that are left are found
 * wherever the search begins. */
static void test_panic_finds_the_few_that_may_be_tried(void **state)
{
	frt_rec_t *tried[2];
	uint32_t i;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 200, 0);
	for(i = 0; i < 200; i++)
		fx_word(&fx_only(&fx)->dsts[i],
				FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, FRT_SHARE_FULL));
	assert_false(frt_panic_possible(fx_only(&fx), 1));
	fx_down(fx_at(&fx, "d77"));
	fx_down(fx_at(&fx, "d78"));
	failed_at(fx_at(&fx, "d77"), 9000);
	failed_at(fx_at(&fx, "d78"), 3000);
	for(i = 0; i < 500; i++) {
		assert_true(frt_panic_possible(fx_only(&fx), i));
		assert_ptr_equal(panic_pick(&fx, NULL, 0, 0), fx_at(&fx, "d78"));
	}
	tried[0] = fx_at(&fx, "d78")->rec;
	for(i = 0; i < 500; i++)
		assert_ptr_equal(panic_pick(&fx, tried, 1, 0), fx_at(&fx, "d77"));
	tried[1] = fx_at(&fx, "d77")->rec;
	panic_pick(&fx, tried, 2, FRT_E_EXHAUSTED);
	fx_end(&fx);
}

/* However small the weights: two of four equals keep 70 %. */
static void test_spill_is_exact_for_any_weight(void **state)
{
	static const unsigned weights[] = {0, 1, 2, 100, 65535};
	unsigned w, i;
	fx_t fx;

	(void)state;
	for(w = 0; w < sizeof(weights) / sizeof(weights[0]); w++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_WEIGHTED);
		fx.set->conf.spill = true;
		for(i = 0; i < 5; i++)
			fx_dst(&fx, i < 4 ? 1 : 2, weights[w]);
		fx_freeze(&fx);
		fx_down(fx_at(&fx, "d0"));
		assert_int_equal(
				frt_spill_kept(fx_only(&fx), fx_only(&fx)->tiers), 1000);
		fx_down(fx_at(&fx, "d1"));
		assert_int_equal(
				frt_spill_kept(fx_only(&fx), fx_only(&fx)->tiers), 700);
		fx_end(&fx);
	}
}

/* The first has all of the calls: that its spare is down takes none away. */
static void test_ordered_tier_does_not_spill(void **state)
{
	fx_t fx;
	int i;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ORDERED);
	fx.set->conf.spill = true;
	for(i = 0; i < 3; i++)
		fx_dst(&fx, i < 2 ? 1 : 2, 1);
	fx_freeze(&fx);
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(
			frt_spill_kept(fx_only(&fx), fx_only(&fx)->tiers), FRT_SHARE_FULL);
	fx_end(&fx);
}

/* Three calls to two users wait there; it answers in 10 ms otherwise. */
static void falls_silent(frt_dst_t *dst)
{
	uint64_t user;
	int i;

	for(i = 0; i < 20; i++)
		frt_rto_sample(&fx_act(dst)->rto, 10);
	for(user = 1; user <= 3; user++)
		frt_quiet_sent(&fx_act(dst)->quiet[FRT_FOR_REPLY], user, 9000);
}

static frt_dst_t *pick(fx_t *fx, bool dry)
{
	frt_wish_t wish = {.key = 77, .dry = dry};
	frt_dst_t *dst = NULL;
	bool panic;

	assert_int_equal(frt_choose_anyway(
							 fx_only(fx), &wish, 10000, &fx->rnd, &dst, &panic),
			0);
	assert_false(panic);
	return dst;
}

static void test_silent_is_passed_over_while_another_is_usable(void **state)
{
	uint32_t i;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 1);
	fx_only(&fx)->conf.adaptive = true;
	falls_silent(fx_at(&fx, "d0"));
	for(i = 0; i < 100; i++)
		assert_ptr_equal(pick(&fx, true), fx_at(&fx, "d1"));
	assert_int_equal(atomic_load(&fx_act(fx_at(&fx, "d0"))->n.avoided), 0);
	falls_silent(fx_at(&fx, "d1"));
	for(i = 0; i < 100; i++)
		assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d2"));
	assert_int_equal(
			atomic_load(&fx_act(fx_at(&fx, "d0"))->n.avoided)
					+ atomic_load(&fx_act(fx_at(&fx, "d1"))->n.avoided),
			100);
	/* all of them: as if none were */
	falls_silent(fx_at(&fx, "d2"));
	for(i = 0; i < 100; i++)
		assert_ptr_not_equal(pick(&fx, false), fx_at(&fx, "d2"));
	frt_quiet_heard(&fx_act(fx_at(&fx, "d0"))->quiet[FRT_FOR_REPLY], 9000);
	for(i = 0; i < 100; i++)
		assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d0"));
	fx_end(&fx);
}

static void test_silent_is_not_passed_over_where_it_must_not(void **state)
{
	frt_dst_t *first;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 1, 1);
	falls_silent(fx_at(&fx, "d0"));
	assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d0")); /* not adaptive */
	fx_only(&fx)->conf.adaptive = true;
	assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d1"));
	fx_only(&fx)->conf.shadow = true;
	assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d0"));
	fx_only(&fx)->conf.shadow = false;
	/* a trial call is one at a time anyway */
	fx_word(fx_at(&fx, "d0"),
			FRT_WORD(FRT_TRIAL, FRT_READY, 0, 0, FRT_SHARE_FULL));
	assert_ptr_equal(pick(&fx, false), fx_at(&fx, "d0"));
	fx_end(&fx);

	/* keys stay where they are: who registered there is there */
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_HASH);
	fx_dst(&fx, 1, 10);
	fx_dst(&fx, 1, 10);
	fx_freeze(&fx);
	fx_only(&fx)->conf.adaptive = true;
	first = pick(&fx, false);
	falls_silent(first);
	assert_ptr_equal(pick(&fx, false), first);
	fx_end(&fx);
}

static void test_silent_never_one_that_the_call_has_tried(void **state)
{
	frt_wish_t wish = {0};
	frt_rec_t *tried[1];
	frt_dst_t *dst;
	bool panic;
	fx_t fx;

	(void)state;
	two_tiers(&fx, 2, 0);
	fx_only(&fx)->conf.adaptive = true;
	tried[0] = fx_at(&fx, "d0")->rec;
	wish.tried = tried;
	wish.ntried = 1;
	falls_silent(fx_at(&fx, "d1"));
	assert_int_equal(frt_choose_anyway(
							 fx_only(&fx), &wish, 10000, &fx.rnd, &dst, &panic),
			0);
	assert_ptr_equal(dst, fx_at(&fx, "d1"));
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_spill_is_exact_for_any_weight),
			UNIT_TEST(test_ordered_tier_does_not_spill),
			UNIT_TEST(test_panic_finds_the_few_that_may_be_tried),
			UNIT_TEST(test_panic_tries_the_least_recently_failed),
			UNIT_TEST(
					test_panic_takes_a_fail_ahead_of_its_clock_for_the_latest),
			UNIT_TEST(test_panic_leaves_what_the_operator_took_out),
			UNIT_TEST(test_panic_knows_a_tried_one_that_came_back),
			UNIT_TEST(test_panic_leaves_a_retry_after_while_it_lasts),
			UNIT_TEST(test_panic_is_not_while_one_is_usable),
			UNIT_TEST(test_panic_off_finds_none),
			UNIT_TEST(test_spill_begins_beyond_the_over_provisioning),
			UNIT_TEST(test_spill_off_keeps_to_the_tier),
			UNIT_TEST(test_spill_does_not_count_what_the_operator_took_out),
			UNIT_TEST(test_spill_comes_back_when_nothing_is_further_on),
			UNIT_TEST(test_shadow_sends_calls_where_health_would_not),
			UNIT_TEST(test_silent_is_passed_over_while_another_is_usable),
			UNIT_TEST(test_silent_is_not_passed_over_where_it_must_not),
			UNIT_TEST(test_silent_never_one_that_the_call_has_tried),
	};

	return UNIT_MAIN(tests);
}
