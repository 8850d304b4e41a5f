/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Round-robin: exact over a round, smooth within it, fair to the others when
 * one is down, slow or fails.
 */
#include "fixture.h"

static void rr_set(fx_t *fx, const unsigned *weights, uint32_t n)
{
	uint32_t i;

	fx_begin(fx);
	fx_set(fx, "a", FRT_ROUND_ROBIN);
	for(i = 0; i < n; i++)
		fx_dst(fx, 1, weights[i]);
	fx_freeze(fx);
}

static void test_round_robin_equal_weights_take_turns_in_order(void **state)
{
	uint32_t n, i, k;
	fx_t fx;

	(void)state;
	for(n = 1; n < 20; n++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_ROUND_ROBIN);
		fx_dsts(&fx, n, 1, n * 3 % 5);
		fx_freeze(&fx);
		k = fx_index(fx_choose(&fx));
		for(i = 1; i < 5 * n; i++)
			assert_int_equal(fx_index(fx_choose(&fx)), (k + i) % n);
		fx_end(&fx);
	}
}

static void check_rounds(fx_t *fx, const unsigned *weights, uint32_t n)
{
	uint32_t i, k, round, turns = 0;
	uint32_t *count = calloc(n, sizeof(*count));

	assert_non_null(count);
	for(i = 0; i < n; i++)
		turns += weights[i];
	for(round = 1; round <= 4; round++) {
		for(k = 0; k < turns; k++)
			count[fx_index(fx_choose(fx))]++;
		for(i = 0; i < n; i++)
			assert_int_equal(count[i], round * weights[i]);
	}
	free(count);
}

static void test_round_robin_is_exact_in_every_round(void **state)
{
	static const unsigned sets[][4] = {{5, 1, 1, 0}, {3, 2, 1, 0}, {1, 2, 0, 0},
			{7, 11, 13, 17}, {100, 1, 0, 0}, {65535, 65534, 3, 1}};
	uint32_t s, n;
	fx_t fx;

	(void)state;
	for(s = 0; s < sizeof(sets) / sizeof(sets[0]); s++) {
		for(n = 0; n < 4 && sets[s][n]; n++)
			;
		rr_set(&fx, sets[s], n);
		check_rounds(&fx, sets[s], n);
		fx_end(&fx);
	}
}

static void test_round_robin_common_factor_makes_the_round_short(void **state)
{
	fx_t fx;

	(void)state;
	rr_set(&fx, (unsigned[]){500, 100, 100}, 3);
	check_rounds(&fx, (unsigned[]){5, 1, 1}, 3);
	fx_end(&fx);
}

static void test_round_robin_weight_zero_has_one_turn(void **state)
{
	fx_t fx;

	(void)state;
	rr_set(&fx, (unsigned[]){6, 0, 4}, 3);
	check_rounds(&fx, (unsigned[]){6, 1, 4}, 3);
	fx_end(&fx);
}

/* Over any run of choices a destination has its share of them, give or take
 * at most `slack`: the greatest of |turns - share * length|. */
static void check_smooth(fx_t *fx, uint32_t turns, double slack)
{
	const frt_set_t *set = fx_only(fx);
	double *ahead = calloc(set->ndsts * 3, sizeof(*ahead));
	double *low = ahead + set->ndsts, *high = low + set->ndsts;
	uint64_t total = 0;
	uint32_t i, k, at;

	assert_non_null(ahead);
	for(i = 0; i < set->ndsts; i++)
		total += frt_dst_full(&set->dsts[i]);
	for(k = 0; k < turns; k++) {
		at = fx_index(fx_choose(fx));
		for(i = 0; i < set->ndsts; i++) {
			ahead[i] += (i == at)
						- (double)frt_dst_full(&set->dsts[i]) / (double)total;
			low[i] = ahead[i] < low[i] ? ahead[i] : low[i];
			high[i] = ahead[i] > high[i] ? ahead[i] : high[i];
			assert_between(high[i] - low[i], 0, slack);
		}
	}
	free(ahead);
}

static void test_round_robin_is_smooth(void **state)
{
	unsigned weights[10];
	uint32_t s, i, n, heaviest;
	frt_rand_t rnd = {.state = 5};
	fx_t fx;

	(void)state;
	for(s = 0; s < 300; s++) {
		n = 2 + (uint32_t)frt_rand_below(&rnd, 9);
		heaviest = s % 3 == 0 ? 300 : s % 3 == 1 ? 12 : 4;
		for(i = 0; i < n; i++)
			weights[i] = 1 + (unsigned)frt_rand_below(&rnd, heaviest);
		rr_set(&fx, weights, n);
		check_smooth(&fx, 2000, heaviest > 50 ? 4 : 3);
		fx_end(&fx);
	}
}

static void test_round_robin_light_ones_are_spread(void **state)
{
	uint32_t i, at, last = 0, least = 99;
	fx_t fx;

	(void)state;
	/* nobody has two of 1 + 1 in a row, and A never more than 4 in a row */
	rr_set(&fx, (unsigned[]){5, 1, 1}, 3);
	for(i = 0; i < 70; i++) {
		at = fx_index(fx_choose(&fx));
		if(at == 0)
			continue;
		if(i > 0 && i - last < least && last > 0)
			least = i - last;
		assert_true(i - last <= 5);
		last = i;
	}
	assert_true(least >= 2);
	fx_end(&fx);
}

static void test_round_robin_others_rotate_when_one_is_down(void **state)
{
	fx_t fx;

	(void)state;
	rr_set(&fx, (unsigned[]){2, 5, 2, 3}, 4);
	fx_choose(&fx);
	fx_down(fx_at(&fx, "d1"));
	atomic_store(&fx_only(&fx)->rec->turn, 0);
	check_rounds(&fx, (unsigned[]){2, 0, 2, 3}, 4);
	fx_up(fx_at(&fx, "d1"));
	atomic_store(&fx_only(&fx)->rec->turn, 12 * 7);
	check_rounds(&fx, (unsigned[]){2, 5, 2, 3}, 4);
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d3"));
	atomic_store(&fx_only(&fx)->rec->turn, 7 * 7 * 2);
	check_rounds(&fx, (unsigned[]){1, 0, 1, 0}, 4);
	fx_end(&fx);
}

static void check_shares(fx_t *fx, uint32_t choices, double slack)
{
	const frt_set_t *set = fx_only(fx);
	uint32_t *count = calloc(set->ndsts, sizeof(*count));
	double total = 0, weight;
	uint32_t i;

	assert_non_null(count);
	for(i = 0; i < choices; i++)
		count[fx_index(fx_choose(fx))]++;
	for(i = 0; i < set->ndsts; i++)
		total += (double)frt_dst_full(&set->dsts[i])
				 * frt_health_share(set->dsts[i].rec->word);
	for(i = 0; i < set->ndsts; i++) {
		weight = (double)frt_dst_full(&set->dsts[i])
				 * frt_health_share(set->dsts[i].rec->word);
		assert_between((double)count[i] / choices, weight / total - slack,
				weight / total + slack);
	}
	free(count);
}

/* Spans of a part of a unit must not hide behind where the turns point. */
static void test_round_robin_slow_start_takes_its_share(void **state)
{
	unsigned share, k;
	fx_t fx;

	(void)state;
	for(share = 100; share < FRT_SHARE_FULL; share += 75) {
		rr_set(&fx, (unsigned[]){1, 1, 1}, 3);
		for(k = 0; k < 3; k++) {
			fx_ramp(&fx_only(&fx)->dsts[k], share);
			check_shares(&fx, 3000, 0.01);
			fx_up(&fx_only(&fx)->dsts[k]);
		}
		fx_end(&fx);
		rr_set(&fx, (unsigned[]){5, 2, 1, 0}, 4);
		fx_ramp(&fx_only(&fx)->dsts[0], share);
		fx_ramp(&fx_only(&fx)->dsts[3], 1000 - share);
		check_shares(&fx, 5000, 0.01);
		fx_end(&fx);
	}
}

/* Ten at a tenth make up one unit: none of them may get all its turns. */
static void test_round_robin_many_on_slow_start_share_alike(void **state)
{
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ROUND_ROBIN);
	fx_dsts(&fx, 12, 1, 4);
	fx_freeze(&fx);
	for(i = 1; i < 11; i++)
		fx_ramp(&fx_only(&fx)->dsts[i], 100);
	check_shares(&fx, 3000, 0.01);
	fx_end(&fx);
}

/* d0 answers every call with an error: its calls go on to the others, which
 * must not push one of them out of its turn again and again. */
static void test_round_robin_failing_one_leaves_the_others_alike(void **state)
{
	uint32_t n, i, first[8], second[8], calls = 7000;
	frt_rec_t *tried[1];
	frt_dst_t *dst;
	fx_t fx;

	(void)state;
	for(n = 3; n <= 7; n++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_ROUND_ROBIN);
		fx_dsts(&fx, n, 1, 1);
		fx_freeze(&fx);
		memset(first, 0, sizeof(first));
		memset(second, 0, sizeof(second));
		for(i = 0; i < calls; i++) {
			dst = fx_choose(&fx);
			first[fx_index(dst)]++;
			if(fx_index(dst) > 0)
				continue;
			tried[0] = dst->rec;
			second[fx_index(fx_choose_tried(&fx, 0, tried, 1))]++;
		}
		for(i = 0; i < n; i++)
			assert_between(first[i], calls / n - 1, calls / n + 1);
		for(i = 1; i < n; i++)
			assert_between((double)second[i] / first[0], 0.96 / (n - 1),
					1.04 / (n - 1));
		assert_int_equal(second[0], 0);
		fx_end(&fx);
	}
}

static void check_failing(const unsigned *weights, uint32_t n)
{
	uint32_t i, second[4] = {0}, first = 0, others = 0;
	frt_rec_t *tried[1];
	frt_dst_t *dst;
	fx_t fx;

	rr_set(&fx, weights, n);
	for(i = 1; i < n; i++)
		others += weights[i];
	for(i = 0; i < 8000; i++) {
		dst = fx_choose(&fx);
		if(fx_index(dst) > 0)
			continue;
		first++;
		tried[0] = dst->rec;
		second[fx_index(fx_choose_tried(&fx, 0, tried, 1))]++;
	}
	for(i = 1; i < n; i++)
		assert_between((double)second[i] / first,
				(double)weights[i] / others - 0.02,
				(double)weights[i] / others + 0.02);
	fx_end(&fx);
}

static void test_round_robin_failed_calls_go_on_by_weight(void **state)
{
	uint32_t w;

	(void)state;
	for(w = 1; w < 20; w++) {
		check_failing((unsigned[]){w, 1, 1}, 3);
		check_failing((unsigned[]){w, 3, 1}, 3);
		check_failing((unsigned[]){w, 2, 5, 1}, 4);
	}
}

static void test_round_robin_lone_one_on_slow_start_is_chosen(void **state)
{
	fx_t fx;

	(void)state;
	rr_set(&fx, (unsigned[]){7, 3}, 2);
	fx_down(fx_at(&fx, "d0"));
	fx_ramp(fx_at(&fx, "d1"), 100);
	assert_int_equal(fx_index(fx_choose(&fx)), 1);
	assert_int_equal(fx_index(fx_choose(&fx)), 1);
	fx_end(&fx);
}

static void test_round_robin_explain_moves_no_turn(void **state)
{
	frt_wish_t dry = {.dry = true};
	frt_dst_t *next;
	uint32_t i;
	fx_t fx;

	(void)state;
	rr_set(&fx, (unsigned[]){3, 2, 2}, 3);
	for(i = 0; i < 20; i++) {
		assert_int_equal(frt_choose(fx_only(&fx), &dry, &fx.rnd, &next), 0);
		assert_int_equal(frt_choose(fx_only(&fx), &dry, &fx.rnd, &next), 0);
		assert_ptr_equal(fx_choose(&fx), next);
	}
	fx_end(&fx);
}

static void test_round_robin_tiers_are_kept_apart(void **state)
{
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ROUND_ROBIN);
	fx_dsts(&fx, 2, 1, 1);
	fx_dsts(&fx, 3, 2, 1);
	fx_freeze(&fx);
	for(i = 0; i < 10; i++)
		assert_int_equal(fx_index(fx_choose(&fx)), i % 2);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	for(; i < 40; i++)
		assert_int_equal(fx_index(fx_choose(&fx)), 2 + i % 3);
	fx_end(&fx);
}

/* The heaviest round there is: exact over its start at least. */
static void test_round_robin_endless_rounds_are_still_even(void **state)
{
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ROUND_ROBIN);
	for(i = 0; i < 2000; i++)
		fx_dst(&fx, 1, i % 3 ? FRT_WEIGHT_MAX - i : 0);
	fx_freeze(&fx);
	check_shares(&fx, 20000, 0.0002);
	atomic_store(&fx_only(&fx)->rec->turn, UINT64_MAX - 100);
	check_shares(&fx, 20000, 0.0002);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_round_robin_equal_weights_take_turns_in_order),
			UNIT_TEST(test_round_robin_is_exact_in_every_round),
			UNIT_TEST(test_round_robin_common_factor_makes_the_round_short),
			UNIT_TEST(test_round_robin_weight_zero_has_one_turn),
			UNIT_TEST(test_round_robin_is_smooth),
			UNIT_TEST(test_round_robin_light_ones_are_spread),
			UNIT_TEST(test_round_robin_others_rotate_when_one_is_down),
			UNIT_TEST(test_round_robin_slow_start_takes_its_share),
			UNIT_TEST(test_round_robin_many_on_slow_start_share_alike),
			UNIT_TEST(test_round_robin_failing_one_leaves_the_others_alike),
			UNIT_TEST(test_round_robin_failed_calls_go_on_by_weight),
			UNIT_TEST(test_round_robin_lone_one_on_slow_start_is_chosen),
			UNIT_TEST(test_round_robin_explain_moves_no_turn),
			UNIT_TEST(test_round_robin_tiers_are_kept_apart),
			UNIT_TEST(test_round_robin_endless_rounds_are_still_even),
	};

	return UNIT_MAIN(tests);
}
