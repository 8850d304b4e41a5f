/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for choosing whatever the strategy - tiers, tried ones, who is
 * not usable - and the strategies weighted, ordered, least-calls
 * and fastest. Round-robin and hash have files of their own.
 */
#include "fixture.h"
#include "frt_wsum.h"

#define CHOICES 10000u

static uint32_t random_word(fx_t *fx)
{
	static const uint32_t words[] = {
			FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0),
			FRT_WORD(FRT_DOWN, FRT_READY, 0, 2, FRT_SHARE_FULL),
			FRT_WORD(FRT_TRIAL, FRT_READY, 0, 1, FRT_SHARE_FULL),
			FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL),
			FRT_WORD(FRT_RAMP, FRT_READY, 0, 0, 1),
			FRT_WORD(FRT_RAMP, FRT_MAINT, 0, 0, 500),
	};

	return words[frt_rand_below(&fx->rnd, sizeof(words) / sizeof(words[0]))];
}

static bool among(const frt_dst_t *dst, frt_rec_t *const *tried, uint32_t n)
{
	uint32_t i;

	for(i = 0; i < n; i++) {
		if(tried[i] == dst->rec)
			return true;
	}
	return false;
}

/* What the choice must be, by looking at every destination: an error, or 0 and
 * the tier. */
static int plain_choice(const frt_set_t *set, frt_rec_t *const *tried,
		uint32_t ntried, uint32_t *tier)
{
	int err = FRT_E_NONE_USABLE;
	uint32_t i;

	for(i = 0; i < set->ndsts; i++) {
		const frt_dst_t *dst = &set->dsts[i];

		if(!frt_health_usable(atomic_load(&dst->rec->word)))
			continue;
		if(!among(dst, tried, ntried)) {
			*tier = dst->tier;
			return 0;
		}
		err = FRT_E_EXHAUSTED;
	}
	return err;
}

static void check_choice(fx_t *fx, frt_rec_t *const *tried, uint32_t ntried)
{
	const frt_set_t *set = fx_only(fx);
	frt_wish_t wish = {
			.key = frt_rand_next(&fx->rnd), .tried = tried, .ntried = ntried};
	frt_dst_t *dst = NULL;
	uint32_t tier = 0;
	int expected = plain_choice(set, tried, ntried, &tier);

	assert_int_equal(frt_choose(set, &wish, &fx->rnd, &dst), expected);
	if(ntried == 0)
		assert_int_equal(frt_choose_sure(set), expected == 0);
	if(expected)
		return;
	assert_non_null(dst);
	assert_ptr_equal(dst->set, set);
	assert_int_equal(dst->tier, tier);
	assert_false(among(dst, tried, ntried));
	assert_true(frt_health_usable(atomic_load(&dst->rec->word)));
}

static void random_set(fx_t *fx, frt_strategy_t strategy, uint32_t n)
{
	uint32_t i;

	fx_begin(fx);
	fx->rnd.state += n * 100 + strategy;
	fx_set(fx, "a", strategy);
	for(i = 0; i < n; i++)
		fx_dst(fx, (unsigned)frt_rand_below(&fx->rnd, 4),
				(unsigned)frt_rand_below(&fx->rnd, 3)
						* (unsigned)frt_rand_below(&fx->rnd, 50));
	fx_freeze(fx);
}

/* In every state, by every strategy: a usable one that was not tried, of the
 * first tier that has one; else the right error. */
static void test_choose_first_tier_that_has_an_untried_usable_one(void **state)
{
	uint32_t s, n, round, i, ntried;
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	fx_t fx;

	(void)state;
	for(s = 0; s < frt_strategy_count; s++) {
		for(n = 1; n < 14; n++) {
			random_set(&fx, (frt_strategy_t)s, n);
			for(round = 0; round < 150; round++) {
				fx_word(&fx_only(&fx)->dsts[frt_rand_below(&fx.rnd, n)],
						random_word(&fx));
				ntried =
						(uint32_t)frt_rand_below(&fx.rnd, FRT_ATTEMPTS_MAX + 1);
				for(i = 0; i < ntried; i++)
					tried[i] = &fx.recs[frt_rand_below(&fx.rnd, n)];
				check_choice(&fx, tried, ntried);
			}
			fx_end(&fx);
		}
	}
}

static void test_choose_falls_to_the_next_tier_and_back(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 2, FRT_WEIGHT_MAX);
	fx_dst(&fx, 1, 0);
	fx_dst(&fx, 3, 1);
	fx_freeze(&fx);
	assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d1"));
	assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d0"));
	assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d2"));
	fx_down(fx_at(&fx, "d2"));
	assert_null(fx_choose(&fx));
	fx_up(fx_at(&fx, "d1"));
	assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d1"));
	fx_end(&fx);
}

static void test_choose_decides_with_health_now(void **state)
{
	frt_rec_t *tried[1];
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ORDERED);
	fx_dsts(&fx, 3, 1, 1);
	fx_freeze(&fx);
	tried[0] = fx_choose(&fx)->rec;
	assert_ptr_equal(tried[0], fx_at(&fx, "d0")->rec);
	fx_down(fx_at(&fx, "d1"));
	assert_ptr_equal(fx_choose_tried(&fx, 0, tried, 1), fx_at(&fx, "d2"));
	fx_end(&fx);
}

static void test_choose_failover_walks_through_all_exactly_once(void **state)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	frt_wish_t wish = {.key = 77, .tried = tried, .ntried = 0, .dry = false};
	frt_dst_t *dst;
	uint32_t s, i;
	fx_t fx;

	(void)state;
	for(s = 0; s < frt_strategy_count; s++) {
		fx_begin(&fx);
		fx_set(&fx, "a", (frt_strategy_t)s);
		for(i = 0; i < FRT_ATTEMPTS_MAX; i++)
			fx_dst(&fx, 1 + i / 5, i * i);
		fx_freeze(&fx);
		for(wish.ntried = 0; wish.ntried < FRT_ATTEMPTS_MAX;) {
			assert_int_equal(frt_choose(fx_only(&fx), &wish, &fx.rnd, &dst), 0);
			assert_false(among(dst, tried, wish.ntried));
			assert_int_equal(dst->tier, wish.ntried / 5);
			tried[wish.ntried++] = dst->rec;
		}
		assert_int_equal(frt_choose(fx_only(&fx), &wish, &fx.rnd, &dst),
				FRT_E_EXHAUSTED);
		fx_end(&fx);
	}
}

static void test_choose_tells_exhausted_from_none_usable(void **state)
{
	frt_rec_t *tried[1];
	frt_wish_t wish = {.key = 0, .tried = tried, .ntried = 1, .dry = false};
	frt_dst_t *dst;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 2, 1, 1);
	fx_freeze(&fx);
	tried[0] = fx_at(&fx, "d0")->rec;
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(
			frt_choose(fx_only(&fx), &wish, &fx.rnd, &dst), FRT_E_EXHAUSTED);
	fx_down(fx_at(&fx, "d0"));
	assert_int_equal(
			frt_choose(fx_only(&fx), &wish, &fx.rnd, &dst), FRT_E_NONE_USABLE);
	fx_end(&fx);
}

static void test_choose_heeds_only_its_own_sets_tried_ones(void **state)
{
	frt_rec_t stranger;
	frt_rec_t *tried[4];
	fx_t fx;

	(void)state;
	memset(&stranger, 0, sizeof(stranger));
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ORDERED);
	fx_dsts(&fx, 2, 1, 1);
	fx_set(&fx, "b", FRT_ORDERED);
	fx_dsts(&fx, 2, 1, 1);
	fx_freeze(&fx);
	tried[0] = &stranger;
	tried[1] = fx.gen->sets[1].dsts[0].rec;
	tried[2] = fx.gen->sets[0].dsts[0].rec;
	tried[3] = fx.gen->sets[0].dsts[0].rec;
	assert_ptr_equal(
			fx_choose_tried(&fx, 0, tried, 2), &fx.gen->sets[0].dsts[0]);
	assert_ptr_equal(
			fx_choose_tried(&fx, 0, tried, 4), &fx.gen->sets[0].dsts[1]);
	fx_end(&fx);
}

/* Chooses often; each destination must get its due to half a percent. A call's
 * further draws are independent, so it takes more of them to see that. */
static void check_shares_tried(
		fx_t *fx, const double *due, frt_rec_t *const *tried, uint32_t ntried)
{
	const frt_set_t *set = fx_only(fx);
	uint32_t *count = calloc(set->ndsts, sizeof(*count));
	uint32_t i, choices = ntried ? 10 * CHOICES : CHOICES;
	double sum = 0;

	assert_non_null(count);
	for(i = 0; i < choices; i++)
		count[fx_index(fx_choose_tried(fx, i, tried, ntried))]++;
	for(i = 0; i < set->ndsts; i++)
		sum += due[i];
	for(i = 0; i < set->ndsts; i++) {
		double share = (double)count[i] / choices;

		assert_between(share, due[i] / sum - 0.005, due[i] / sum + 0.005);
		if(due[i] == 0)
			assert_int_equal(count[i], 0);
	}
	free(count);
}

static void check_shares(fx_t *fx, const double *due)
{
	check_shares_tried(fx, due, NULL, 0);
}

static void check_weights(
		const unsigned *weights, const double *due, uint32_t n)
{
	uint32_t i, seed;
	fx_t fx;

	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	for(i = 0; i < n; i++)
		fx_dst(&fx, 1, weights[i]);
	fx_freeze(&fx);
	for(seed = 0; seed < 20; seed++) {
		fx.rnd.state = frt_hash_mix(seed);
		check_shares(&fx, due);
	}
	fx_end(&fx);
}

static void test_choose_weighted_shares_are_exact(void **state)
{
	(void)state;
	check_weights((unsigned[]){1}, (double[]){1}, 1);
	check_weights((unsigned[]){1, 1}, (double[]){1, 1}, 2);
	check_weights((unsigned[]){50, 50, 1}, (double[]){50, 50, 1}, 3);
	check_weights((unsigned[]){10, 20, 70}, (double[]){10, 20, 70}, 3);
	check_weights((unsigned[]){150, 150, 300}, (double[]){1, 1, 2}, 3);
	check_weights(
			(unsigned[]){65535, 1, 65535}, (double[]){65535, 1, 65535}, 3);
}

/* RFC 2782: a draw in [0, sum] gives the zeros one chance in sum + 1. */
static void test_choose_weight_zero_has_a_very_small_chance(void **state)
{
	(void)state;
	check_weights((unsigned[]){10, 0}, (double[]){10, 1}, 2);
	check_weights((unsigned[]){0, 19, 0}, (double[]){0.5, 19, 0.5}, 3);
	check_weights((unsigned[]){0}, (double[]){1}, 1);
}

static void test_choose_all_weights_zero_is_equal_shares(void **state)
{
	(void)state;
	check_weights((unsigned[]){0, 0, 0}, (double[]){1, 1, 1}, 3);
	check_weights((unsigned[]){0, 0, 0, 0, 0}, (double[]){1, 1, 1, 1, 1}, 5);
}

static void test_choose_weighted_thousand_destinations(void **state)
{
	uint32_t i, count[1000] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	for(i = 0; i < 1000; i++)
		fx_dst(&fx, 1, i % 10);
	fx_freeze(&fx);
	for(i = 0; i < 45 * CHOICES; i++)
		count[fx_index(fx_choose(&fx))]++;
	/* 100 turns for each unit of weight, give or take a few */
	for(i = 0; i < 1000; i++)
		assert_between(count[i], i % 10 ? (i % 10) * 100.0 - 6 : 0,
				(i % 10) * 100.0 + 6);
	fx_end(&fx);
}

/* Each worker has a random source of its own. */
static void test_choose_weighted_shares_hold_over_many_workers(void **state)
{
	frt_rand_t worker[16];
	frt_wish_t wish = {.key = 0, .tried = NULL, .ntried = 0, .dry = false};
	uint32_t i, count[2] = {0};
	frt_dst_t *dst;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 60);
	fx_dst(&fx, 1, 40);
	fx_freeze(&fx);
	for(i = 0; i < 16; i++)
		worker[i].state = i;
	for(i = 0; i < CHOICES; i++) {
		assert_int_equal(
				frt_choose(fx_only(&fx), &wish, &worker[i * 7 % 16], &dst), 0);
		count[fx_index(dst)]++;
	}
	assert_between(count[0], 5950, 6050);
	fx_end(&fx);
}

/* No pattern in which a worker's calls come may upset the shares: here every
 * k-th of its draws is this set's. */
static void test_choose_weighted_shares_hold_for_every_kth_draw(void **state)
{
	uint32_t k, i, j, count;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	for(k = 1; k <= 24; k++) {
		count = 0;
		for(i = 0; i < CHOICES; i++) {
			count += fx_index(fx_choose(&fx));
			for(j = 1; j < k; j++)
				frt_rand_next(&fx.rnd);
		}
		assert_between(count, CHOICES / 2 - 50, CHOICES / 2 + 50);
	}
	fx_end(&fx);
}

static void test_choose_cuts_out_tried_ones_exactly(void **state)
{
	static const unsigned weights[] = {3, 9998, 1, 0, 1, 200};
	double due[6];
	frt_rec_t *tried[7];
	uint32_t i, mask, n;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	for(i = 0; i < 6; i++)
		fx_dst(&fx, 1, weights[i]);
	fx_freeze(&fx);
	for(mask = 1; mask < 63; mask++) {
		n = 0;
		for(i = 0; i < 6; i++) {
			uint32_t at = i * 5 % 6; /* not in ascending order */
			bool cut = mask >> i & 1;

			due[at] = cut ? 0 : weights[at] ? weights[at] : 1;
			if(cut)
				tried[n++] = fx_only(&fx)->dsts[at].rec;
		}
		tried[n] = tried[mask % n]; /* tried twice counts once */
		check_shares_tried(&fx, due, tried, n + mask % 2);
	}
	fx_end(&fx);
}

static void test_choose_cuts_out_twelve_of_a_thousand(void **state)
{
	double due[1000];
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	for(i = 0; i < 1000; i++) {
		due[i] = i % 80 == 7 ? FRT_WEIGHT_MAX : i % 50 == 3 ? 20 : 1;
		fx_dst(&fx, 1, (unsigned)due[i]);
	}
	fx_freeze(&fx);
	for(i = 0; i < FRT_ATTEMPTS_MAX; i++) {
		due[7 + 80 * i] = 0;
		tried[(i * 5) % FRT_ATTEMPTS_MAX] = &fx.recs[7 + 80 * i];
	}
	fx_down(&fx_only(&fx)->dsts[967]); /* the thirteenth heavy one */
	due[967] = 0;
	check_shares_tried(&fx, due, tried, FRT_ATTEMPTS_MAX);
	fx_end(&fx);
}

static void test_choose_slow_start_takes_its_share(void **state)
{
	double due[] = {30, 10, 60};
	unsigned share;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 30);
	fx_dst(&fx, 1, 10);
	fx_dst(&fx, 1, 60);
	fx_freeze(&fx);
	for(share = 100; share <= FRT_SHARE_FULL; share += 45) {
		fx_ramp(fx_at(&fx, "d2"), share);
		due[2] = 60.0 * share / FRT_SHARE_FULL;
		check_shares(&fx, due);
	}
	fx_end(&fx);
}

static void test_choose_lost_share_goes_to_all_others_by_weight(void **state)
{
	double due[] = {4, 0, 12, 1};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 4);
	fx_dst(&fx, 1, 83);
	fx_dst(&fx, 1, 12);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	fx_down(fx_at(&fx, "d1"));
	check_shares(&fx, due);
	fx_up(fx_at(&fx, "d1"));
	due[1] = 83;
	check_shares(&fx, due);
	fx_end(&fx);
}

static void test_choose_ordered_takes_the_first_usable_as_given(void **state)
{
	frt_rec_t *tried[2];
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_ORDERED);
	fx_dst(&fx, 1, 0);
	fx_dst(&fx, 1, FRT_WEIGHT_MAX);
	fx_dst(&fx, 1, 1);
	fx_dst(&fx, 0, 0);
	fx_freeze(&fx);
	for(i = 0; i < 100; i++)
		assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d3"));
	fx_down(fx_at(&fx, "d3"));
	for(i = 0; i < 100; i++)
		assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d0"));
	tried[0] = fx_at(&fx, "d1")->rec;
	tried[1] = fx_at(&fx, "d0")->rec;
	assert_ptr_equal(fx_choose_tried(&fx, 0, tried, 2), fx_at(&fx, "d2"));
	fx_down(fx_at(&fx, "d0"));
	assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d1"));
	fx_end(&fx);
}

static void test_choose_least_calls_prefers_the_less_loaded(void **state)
{
	uint32_t i, count[4] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_LEAST_CALLS);
	fx_dsts(&fx, 4, 1, 10);
	fx_freeze(&fx);
	atomic_store(&fx_at(&fx, "d2")->rec->calls, 100);
	for(i = 0; i < CHOICES; i++)
		count[fx_index(fx_choose(&fx))]++;
	/* only when both draws meet it: one in 16 */
	assert_between(count[2], 500, 750);
	fx_end(&fx);
}

static void test_choose_least_calls_evens_out_calls_by_weight(void **state)
{
	static const unsigned weights[] = {10, 20, 30, 40};
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_LEAST_CALLS);
	for(i = 0; i < 4; i++)
		fx_dst(&fx, 1, weights[i]);
	fx_freeze(&fx);
	atomic_store(&fx_at(&fx, "d0")->rec->calls, 1000);
	for(i = 0; i < CHOICES; i++)
		atomic_fetch_add(&fx_choose(&fx)->rec->calls, 1);
	for(i = 0; i < 4; i++)
		assert_between(fx_only(&fx)->dsts[i].rec->calls,
				weights[i] * 110.0 * 0.97, weights[i] * 110.0 * 1.03);
	fx_end(&fx);
}

static void test_choose_fastest_prefers_the_faster(void **state)
{
	uint32_t i, count[3] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_FASTEST);
	fx_dsts(&fx, 3, 1, 1);
	fx_freeze(&fx);
	atomic_store(&fx_act(fx_at(&fx, "d0"))->pdd_ms, 900);
	atomic_store(&fx_act(fx_at(&fx, "d1"))->pdd_ms, 20);
	atomic_store(&fx_act(fx_at(&fx, "d2"))->pdd_ms, 300);
	for(i = 0; i < CHOICES; i++)
		count[fx_index(fx_choose(&fx))]++;
	assert_between(count[0], CHOICES / 9 - 200, CHOICES / 9 + 200);
	assert_between(count[1], CHOICES * 5 / 9 - 250, CHOICES * 5 / 9 + 250);
	fx_end(&fx);
}

/* One that never rang may be one that refuses all: it gets its share, no more. */
static void test_choose_fastest_does_not_prefer_the_unknown(void **state)
{
	uint32_t i, count[3] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_FASTEST);
	fx_dsts(&fx, 2, 1, 1);
	fx_freeze(&fx);
	atomic_store(&fx_act(fx_at(&fx, "d0"))->pdd_ms, 900);
	for(i = 0; i < CHOICES; i++)
		count[fx_index(fx_choose(&fx))]++;
	assert_between(count[0], CHOICES / 2 - 250, CHOICES / 2 + 250);
	fx_end(&fx);
}

/* The word is changed first, the sums a moment later. */
static void test_choose_believes_the_word_when_the_sums_lag(void **state)
{
	frt_dst_t *heavy;
	uint32_t i, count[3] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, FRT_WEIGHT_MAX);
	fx_dst(&fx, 1, 1);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	heavy = fx_at(&fx, "d0");
	atomic_store(&heavy->rec->word, FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0));
	for(i = 0; i < 1000; i++)
		count[fx_index(fx_choose(&fx))]++;
	assert_int_equal(count[0], 0);
	/* here a walk decides, not a draw: both must still be met */
	assert_between(count[1], 200, 800);
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	assert_null(fx_choose(&fx));
	fx_end(&fx);
}

/* What was the last one has just gone: a call that finds weight there all the same
 * has not tried all, as panic or the caps must know. */
static void test_choose_tells_why_not_by_the_word_when_the_sums_lag(
		void **state)
{
	static const struct
	{
		uint32_t word;
		int err;
	} rows[] = {{FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0), FRT_E_NONE_USABLE},
			{FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL),
					FRT_E_NONE_USABLE},
			{FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL),
					FRT_E_NONE_USABLE},
			{FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL)
							| FRT_WORD_FULL_BIT,
					FRT_E_FULL}};
	frt_wish_t wish = {.key = 1};
	frt_dst_t *dst;
	uint32_t s, i;
	fx_t fx;

	(void)state;
	for(s = 0; s < frt_strategy_count; s++) {
		for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			fx_begin(&fx);
			fx_set(&fx, "a", (frt_strategy_t)s);
			fx_dst(&fx, 1, 5);
			fx_freeze(&fx);
			atomic_store(&fx_at(&fx, "d0")->rec->word, rows[i].word);
			assert_int_equal(frt_choose(fx_only(&fx), &wish, &fx.rnd, &dst),
					rows[i].err);
			fx_end(&fx);
		}
	}
}

/* A destination that this call has tried comes back, and the worker that says
 * so is interrupted between two nodes of the sums. */
static void test_choose_finds_the_other_one_amid_a_change(void **state)
{
	frt_rec_t *tried[1];
	uint32_t priority;
	fx_t fx;

	(void)state;
	for(priority = 1; priority <= 2; priority++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_WEIGHTED);
		fx_dst(&fx, 1, 5);
		fx_dst(&fx, priority, 5);
		fx_freeze(&fx);
		fx_down(fx_at(&fx, "d0"));
		tried[0] = fx_at(&fx, "d0")->rec;
		atomic_store(&tried[0]->word,
				FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL));
		atomic_fetch_add(
				&fx_only(&fx)->sums[1], frt_dst_full(fx_at(&fx, "d0")));
		assert_ptr_equal(fx_choose_tried(&fx, 0, tried, 1), fx_at(&fx, "d1"));
		fx_end(&fx);
	}
}

/* Removed by one reload and back by another: its key is what counts. */
static void test_choose_knows_a_tried_one_that_came_back(void **state)
{
	frt_rec_t was = {.set = FRT_STR("a"), .id = FRT_STR("d0")};
	frt_rec_t *tried[] = {&was};
	fx_t fx;
	int i;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 2, 1, 10);
	fx_freeze(&fx);
	was.at[0] = was.at[1] = FRT_NONE;
	for(i = 0; i < 100; i++)
		assert_ptr_equal(fx_choose_tried(&fx, 0, tried, 1), fx_at(&fx, "d1"));
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_choose_first_tier_that_has_an_untried_usable_one),
			UNIT_TEST(test_choose_falls_to_the_next_tier_and_back),
			UNIT_TEST(test_choose_decides_with_health_now),
			UNIT_TEST(test_choose_failover_walks_through_all_exactly_once),
			UNIT_TEST(test_choose_tells_exhausted_from_none_usable),
			UNIT_TEST(test_choose_heeds_only_its_own_sets_tried_ones),
			UNIT_TEST(test_choose_weighted_shares_are_exact),
			UNIT_TEST(test_choose_weight_zero_has_a_very_small_chance),
			UNIT_TEST(test_choose_all_weights_zero_is_equal_shares),
			UNIT_TEST(test_choose_weighted_thousand_destinations),
			UNIT_TEST(test_choose_weighted_shares_hold_over_many_workers),
			UNIT_TEST(test_choose_weighted_shares_hold_for_every_kth_draw),
			UNIT_TEST(test_choose_cuts_out_tried_ones_exactly),
			UNIT_TEST(test_choose_cuts_out_twelve_of_a_thousand),
			UNIT_TEST(test_choose_slow_start_takes_its_share),
			UNIT_TEST(test_choose_lost_share_goes_to_all_others_by_weight),
			UNIT_TEST(test_choose_ordered_takes_the_first_usable_as_given),
			UNIT_TEST(test_choose_least_calls_prefers_the_less_loaded),
			UNIT_TEST(test_choose_least_calls_evens_out_calls_by_weight),
			UNIT_TEST(test_choose_fastest_prefers_the_faster),
			UNIT_TEST(test_choose_fastest_does_not_prefer_the_unknown),
			UNIT_TEST(test_choose_believes_the_word_when_the_sums_lag),
			UNIT_TEST(test_choose_tells_why_not_by_the_word_when_the_sums_lag),
			UNIT_TEST(test_choose_finds_the_other_one_amid_a_change),
			UNIT_TEST(test_choose_knows_a_tried_one_that_came_back),
	};

	return UNIT_MAIN(tests);
}
