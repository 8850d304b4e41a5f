/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sums of effective weights against a plain array, over random changes,
 * and in the middle of one.
 */
#include "fixture.h"
#include "frt_wsum.h"

#define SIZES 11
static const uint32_t sizes[SIZES] = {1, 2, 3, 5, 7, 8, 9, 64, 65, 333, 1000};

/* What a destination should weigh, said without the engine's arithmetic. */
static uint64_t plain_weight(const frt_dst_t *dst)
{
	const frt_tier_t *tier = &dst->set->tiers[dst->tier];
	uint64_t full = (uint64_t)dst->weight << 16;
	uint64_t permille = frt_health_share(atomic_load(&dst->rec->word));
	uint64_t now;
	uint32_t i, zeros = 0;

	for(i = tier->first; i < tier->end; i++)
		zeros += dst->set->dsts[i].weight == 0;
	if(full == 0)
		full = zeros > 65536 ? 1 : 65536 / zeros;
	now = full * permille / 1000;
	return now == 0 && permille > 0 ? 1 : now;
}

static void random_word(fx_t *fx, const frt_dst_t *dst)
{
	switch(frt_rand_below(&fx->rnd, 7)) {
		case 0:
		case 1:
			fx_down(dst);
			break;
		case 2:
			fx_ramp(dst, (unsigned)frt_rand_below(&fx->rnd, 1001));
			break;
		case 3:
			fx_word(dst, FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
			break;
		case 4:
			fx_word(dst, FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL));
			break;
		default:
			fx_up(dst);
	}
}

static unsigned random_weight(fx_t *fx)
{
	switch(frt_rand_below(&fx->rnd, 4)) {
		case 0:
			return 0;
		case 1:
			return FRT_WEIGHT_MAX;
		default:
			return (unsigned)frt_rand_below(&fx->rnd, 1000);
	}
}

static void mixed_set(fx_t *fx, uint32_t n)
{
	uint32_t i;

	fx_begin(fx);
	fx_set(fx, "a", FRT_WEIGHTED);
	for(i = 0; i < n; i++)
		fx_dst(fx, 1 + (unsigned)frt_rand_below(&fx->rnd, 3),
				random_weight(fx));
	fx_freeze(fx);
}

/* Prefix sums, and what find and first must say, from the plain weights. */
static void check_against_plain(fx_t *fx)
{
	const frt_set_t *set = fx_only(fx);
	uint64_t sum = 0;
	uint32_t i, next = 0;

	for(i = 0; i < set->ndsts; i++) {
		uint64_t w = plain_weight(&set->dsts[i]);

		assert_int_equal(frt_wsum_prefix(set, i), sum);
		if(w > 0) {
			assert_int_equal(frt_wsum_find(set, sum), i);
			assert_int_equal(frt_wsum_find(set, sum + w - 1), i);
			assert_int_equal(
					frt_wsum_find(set, sum + frt_rand_below(&fx->rnd, w)), i);
			for(; next <= i; next++)
				assert_int_equal(frt_wsum_first(set, next), i);
		}
		sum += w;
	}
	assert_int_equal(frt_wsum_prefix(set, set->ndsts), sum);
	assert_int_equal(frt_wsum_find(set, sum), FRT_NONE);
	assert_int_equal(frt_wsum_find(set, UINT64_MAX), FRT_NONE);
	for(; next <= set->ndsts + 1; next++)
		assert_int_equal(frt_wsum_first(set, next), FRT_NONE);
	assert_int_equal(frt_wsum_first(set, FRT_NONE), FRT_NONE);
}

static void test_wsum_agrees_with_plain_sums_after_random_changes(void **state)
{
	uint32_t s, round, k;
	fx_t fx;

	(void)state;
	for(s = 0; s < SIZES; s++) {
		mixed_set(&fx, sizes[s]);
		check_against_plain(&fx);
		for(round = 0; round < 40; round++) {
			for(k = 0; k <= sizes[s] / 10; k++)
				random_word(&fx,
						&fx_only(&fx)->dsts[frt_rand_below(&fx.rnd, sizes[s])]);
			check_against_plain(&fx);
		}
		fx_end(&fx);
	}
}

static void test_wsum_one_by_one_equals_weighing_anew(void **state)
{
	uint64_t *kept;
	const frt_set_t *set;
	uint32_t s, i, k;
	fx_t fx;

	(void)state;
	for(s = 0; s < SIZES; s++) {
		mixed_set(&fx, sizes[s]);
		set = fx_only(&fx);
		for(k = 0; k < 5 * sizes[s]; k++)
			random_word(&fx, &set->dsts[frt_rand_below(&fx.rnd, sizes[s])]);
		kept = malloc((sizes[s] + 1) * sizeof(*kept));
		for(i = 0; i <= sizes[s]; i++)
			kept[i] = atomic_load(&set->sums[i]);
		frt_gen_weigh(fx.gen);
		for(i = 0; i <= sizes[s]; i++)
			assert_int_equal(kept[i], atomic_load(&set->sums[i]));
		free(kept);
		fx_end(&fx);
	}
}

static void test_wsum_weighing_twice_changes_nothing(void **state)
{
	fx_t fx;

	(void)state;
	mixed_set(&fx, 100);
	frt_gen_weigh(fx.gen);
	frt_gen_weigh_one_locked(&fx_only(&fx)->dsts[42]);
	frt_gen_weigh_one_locked(&fx_only(&fx)->dsts[42]);
	check_against_plain(&fx);
	fx_end(&fx);
}

static void test_wsum_of_all_down_is_nothing(void **state)
{
	const frt_set_t *set;
	uint32_t s, i;
	fx_t fx;

	(void)state;
	for(s = 0; s < SIZES; s++) {
		mixed_set(&fx, sizes[s]);
		set = fx_only(&fx);
		for(i = 0; i < set->ndsts; i++)
			fx_down(&set->dsts[i]);
		assert_int_equal(frt_wsum_prefix(set, set->ndsts), 0);
		assert_int_equal(frt_wsum_find(set, 0), FRT_NONE);
		check_against_plain(&fx);
		fx_up(&set->dsts[set->ndsts - 1]);
		assert_int_equal(frt_wsum_first(set, 0), set->ndsts - 1);
		fx_end(&fx);
	}
}

static void test_wsum_without_records_is_nothing(void **state)
{
	fx_t fx;

	(void)state;
	mixed_set(&fx, 10);
	fx_only(&fx)->dsts[3].rec = NULL;
	frt_gen_weigh(fx.gen);
	assert_int_equal(
			frt_wsum_prefix(fx_only(&fx), 4), frt_wsum_prefix(fx_only(&fx), 3));
	fx_end(&fx);
}

static void test_wsum_of_an_empty_set_finds_none(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "empty", FRT_WEIGHTED);
	fx_freeze(&fx);
	assert_int_equal(frt_wsum_prefix(fx_only(&fx), 0), 0);
	assert_int_equal(frt_wsum_find(fx_only(&fx), 0), FRT_NONE);
	assert_int_equal(frt_wsum_first(fx_only(&fx), 0), FRT_NONE);
	assert_null(fx_choose(&fx));
	fx_end(&fx);
}

static void test_wsum_heaviest_weights_do_not_overflow(void **state)
{
	const frt_set_t *set;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 20000, 1, FRT_WEIGHT_MAX);
	fx_freeze(&fx);
	set = fx_only(&fx);
	assert_int_equal(frt_wsum_prefix(set, set->ndsts),
			20000ull * FRT_WEIGHT_MAX * FRT_WEIGHT_UNIT);
	assert_int_equal(
			frt_wsum_find(set, frt_wsum_prefix(set, set->ndsts) - 1), 19999);
	fx_end(&fx);
}

/* RFC 2782's zeros share one unit; a usable one keeps some of it even when
 * there are many of them and it is on slow start. */
static void test_wsum_zero_weights_on_slow_start_keep_a_chance(void **state)
{
	static const uint32_t many[] = {9000, 70000};
	const frt_set_t *set;
	uint32_t k, i;
	fx_t fx;

	(void)state;
	for(k = 0; k < 2; k++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_WEIGHTED);
		fx_dsts(&fx, many[k], 1, 0);
		fx_freeze(&fx);
		set = fx_only(&fx);
		for(i = 0; i < set->ndsts; i++)
			fx_ramp(&set->dsts[i], 100);
		assert_int_equal(frt_wsum_first(set, 0), 0);
		assert_int_equal(frt_wsum_prefix(set, many[k]), many[k]);
		assert_non_null(fx_choose(&fx));
		fx_end(&fx);
	}
}

/* Changes one destination node by node, as a worker that is interrupted
 * between nodes would, and looks after each step: no destination that was up
 * all the while may be passed over. */
static void change_in_steps(fx_t *fx, uint32_t at, bool up)
{
	frt_set_t *set = fx_only(fx);
	const frt_dst_t *dst = &set->dsts[at];
	uint64_t before = plain_weight(dst), delta;
	uint32_t node, from, steady;

	atomic_store(&dst->rec->word,
			up ? FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL)
			   : FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0));
	delta = plain_weight(dst) - before;
	for(node = at + 1; node <= set->ndsts; node += node & (~node + 1)) {
		atomic_fetch_add(&set->sums[node], delta);
		for(from = 0; from < set->ndsts; from++) {
			uint32_t found = frt_wsum_first(set, from);

			for(steady = from; steady < set->ndsts; steady++) {
				if(steady != at && plain_weight(&set->dsts[steady]) > 0)
					break;
			}
			assert_true(found >= from);
			assert_true(found <= steady || steady == set->ndsts);
		}
	}
	set->leaves[at] += delta;
}

static void test_wsum_half_made_change_hides_no_other_destination(void **state)
{
	uint32_t k, i, at;
	fx_t fx;

	(void)state;
	for(k = 0; k < 60; k++) {
		mixed_set(&fx, 2 + k % 17);
		for(i = 0; i < fx.ndsts; i++) {
			if(frt_rand_below(&fx.rnd, 2))
				fx_down(&fx_only(&fx)->dsts[i]);
		}
		for(i = 0; i < 40; i++) {
			at = (uint32_t)frt_rand_below(&fx.rnd, fx.ndsts);
			change_in_steps(
					&fx, at, plain_weight(&fx_only(&fx)->dsts[at]) == 0);
		}
		check_against_plain(&fx);
		fx_end(&fx);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_wsum_agrees_with_plain_sums_after_random_changes),
			UNIT_TEST(test_wsum_one_by_one_equals_weighing_anew),
			UNIT_TEST(test_wsum_weighing_twice_changes_nothing),
			UNIT_TEST(test_wsum_of_all_down_is_nothing),
			UNIT_TEST(test_wsum_without_records_is_nothing),
			UNIT_TEST(test_wsum_of_an_empty_set_finds_none),
			UNIT_TEST(test_wsum_heaviest_weights_do_not_overflow),
			UNIT_TEST(test_wsum_zero_weights_on_slow_start_keep_a_chance),
			UNIT_TEST(test_wsum_half_made_change_hides_no_other_destination),
	};

	return UNIT_MAIN(tests);
}
