/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hash strategy's tree: who draws a key, in what shares, and how few keys
 * another configuration moves.
 */
#include "fixture.h"
#include "frt_htree.h"

#define KEYS 100000u

static uint32_t owner(const fx_t *fx, uint32_t tier, uint64_t key)
{
	const frt_set_t *set = fx_only(fx);

	return frt_htree_find(set, &set->tiers[tier], frt_hash_mix(key));
}

static void test_htree_is_built_for_hash_only(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 10, 1, 1);
	fx_freeze(&fx);
	assert_null(fx_only(&fx)->hnodes);
	fx_end(&fx);
	fx_begin(&fx);
	fx_set(&fx, "empty", FRT_HASH);
	fx_freeze(&fx);
	assert_null(fx_choose_key(&fx, 1));
	fx_end(&fx);
}

static void test_htree_holds_each_destination_once(void **state)
{
	static const uint32_t sizes[] = {1, 2, 63, 64, 65, 5000};
	const frt_set_t *set;
	uint32_t s, i, leaves;
	uint64_t sum;
	fx_t fx;

	(void)state;
	for(s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		fx_hash(&fx, sizes[s], 9);
		fx_freeze(&fx);
		set = fx_only(&fx);
		leaves = 0;
		sum = 0;
		for(i = 0; i < 2 * set->ndsts; i++) {
			const frt_hnode_t *node = &set->hnodes[i];

			if(node->weight == 0 || node->n > 0)
				continue;
			assert_true(node->first < set->ndsts);
			assert_int_equal(
					node->weight, frt_dst_full(&set->dsts[node->first]));
			sum += node->weight;
			leaves++;
		}
		assert_int_equal(leaves, sizes[s]);
		assert_int_equal(sum, set->hnodes[set->tiers[0].root].weight);
		fx_end(&fx);
	}
}

static void test_htree_stays_in_its_tier(void **state)
{
	const frt_set_t *set;
	uint32_t t, at;
	uint64_t key;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_HASH);
	fx_dsts(&fx, 1, 3, 5);
	fx_dsts(&fx, 20, 1, 5);
	fx_dsts(&fx, 7, 2, 0);
	fx_freeze(&fx);
	set = fx_only(&fx);
	for(t = 0; t < set->ntiers; t++) {
		for(key = 0; key < 5000; key++) {
			at = owner(&fx, t, key);
			assert_between(at, set->tiers[t].first, set->tiers[t].end - 1);
		}
	}
	fx_end(&fx);
}

static void test_htree_shares_follow_the_weights(void **state)
{
	static const unsigned weights[] = {10, 0, 20, 1, 65, 0, 4};
	const frt_set_t *set;
	uint32_t count[7] = {0};
	uint64_t key, total;
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_HASH);
	for(i = 0; i < 7; i++)
		fx_dst(&fx, 1, weights[i]);
	fx_freeze(&fx);
	set = fx_only(&fx);
	total = set->hnodes[set->tiers[0].root].weight;
	for(key = 0; key < KEYS; key++)
		count[owner(&fx, 0, key)]++;
	for(i = 0; i < 7; i++) {
		double due = (double)frt_dst_full(&set->dsts[i]) / (double)total;

		assert_between((double)count[i] / KEYS, due - 0.005, due + 0.005);
	}
	fx_end(&fx);
}

static void test_htree_thousand_destinations_share_evenly(void **state)
{
	uint32_t count[1000] = {0};
	uint32_t i;
	uint64_t key;
	fx_t fx;

	(void)state;
	fx_hash(&fx, 1000, 1);
	fx_freeze(&fx);
	for(key = 0; key < 2 * KEYS; key++)
		count[owner(&fx, 0, key)]++;
	for(i = 0; i < 1000; i++) /* 200 each; 5 standard deviations */
		assert_between(count[i], 130, 270);
	fx_end(&fx);
}

/* How many of the keys two tables give to destinations of other names. */
static uint32_t keys_moved(const fx_t *a, const fx_t *b, uint32_t keys)
{
	uint32_t key, moved = 0;

	for(key = 0; key < keys; key++) {
		const frt_dst_t *x = &fx_only(a)->dsts[owner(a, 0, key)];
		const frt_dst_t *y = &fx_only(b)->dsts[owner(b, 0, key)];

		moved += !frt_str_eq(x->id, y->id);
	}
	return moved;
}

static void test_htree_order_in_the_file_moves_no_key(void **state)
{
	uint32_t i;
	char id[16];
	fx_t a, b;

	(void)state;
	fx_hash(&a, 300, 1);
	fx_freeze(&a);
	fx_begin(&b);
	fx_set(&b, "a", FRT_HASH);
	for(i = 300; i-- > 0;) {
		snprintf(id, sizeof(id), "d%u", i);
		fx_dst_uri(&b, id, "sip:gw.example.net", 1, 1);
	}
	fx_freeze(&b);
	assert_int_equal(keys_moved(&a, &b, 20000), 0);
	fx_end(&b);
	fx_end(&a);
}

/* Of one more destination's share, how many times as much moves. */
static double moved_by_one_more(uint32_t n, uint32_t spread, uint32_t keys)
{
	uint64_t total, extra;
	uint32_t moved;
	fx_t a, b;

	fx_hash(&a, n, spread);
	fx_freeze(&a);
	fx_hash(&b, n, spread);
	fx_dst_uri(&b, "newcomer", "sip:192.0.2.99", 1, 2);
	fx_freeze(&b);
	moved = keys_moved(&a, &b, keys);
	total = fx_only(&b)->hnodes[fx_only(&b)->tiers[0].root].weight;
	extra = frt_dst_full(fx_at(&b, "newcomer"));
	fx_end(&b);
	fx_end(&a);
	return (double)moved / keys / ((double)extra / (double)total);
}

static void test_htree_one_more_destination_moves_about_its_share(void **state)
{
	(void)state;
	assert_between(moved_by_one_more(1, 1, 20000), 0.95, 1.05);
	assert_between(moved_by_one_more(2, 3, 20000), 0.95, 1.05);
	assert_between(moved_by_one_more(10, 1, KEYS), 0.9, 1.5);
	assert_between(moved_by_one_more(10, 7, KEYS), 0.9, 1.5);
	assert_between(moved_by_one_more(50, 1, KEYS), 0.85, 2);
	assert_between(moved_by_one_more(200, 5, KEYS), 0.8, 2.2);
	assert_between(moved_by_one_more(1000, 1, 2 * KEYS), 0.7, 2.5);
}

static void test_htree_one_more_takes_keys_by_its_weight(void **state)
{
	uint32_t key, got = 0;
	fx_t fx;

	(void)state;
	fx_hash(&fx, 30, 1);
	fx_dst_uri(&fx, "newcomer", "sip:192.0.2.99", 1, 10);
	fx_freeze(&fx);
	for(key = 0; key < KEYS; key++)
		got += owner(&fx, 0, key) == 30;
	assert_between((double)got / KEYS, 0.245, 0.255);
	fx_end(&fx);
}

/* Doubling a weight takes keys from all others and loses none; at most those
 * that share a branch of the tree with it gain a few as well. */
static void test_htree_more_weight_only_gains_keys(void **state)
{
	uint32_t key, lost = 0, gained = 0, others = 0;
	fx_t a, b;

	(void)state;
	fx_hash(&a, 12, 1);
	fx_freeze(&a);
	fx_hash(&b, 12, 1);
	b.set->dsts->weight = 2;
	fx_freeze(&b);
	for(key = 0; key < KEYS; key++) {
		uint32_t x = owner(&a, 0, key), y = owner(&b, 0, key);

		lost += x == 0 && y != 0;
		gained += x != 0 && y == 0;
		others += x != y && x != 0 && y != 0;
	}
	assert_int_equal(lost, 0);
	assert_between(others, 0, gained / 2);
	assert_between((double)gained / KEYS, 2 / 13.0 - 1 / 12.0 - 0.005,
			2 / 13.0 - 1 / 12.0 + 0.005);
	fx_end(&b);
	fx_end(&a);
}

/* The state file and the other proxy of a pair rely on this. */
static void test_htree_answers_are_the_same_in_every_build(void **state)
{
	static const uint32_t expected[] = {
			41, 63, 49, 31, 16, 56, 88, 89, 11, 31, 15, 8, 98, 1, 85, 17};
	uint32_t key;
	fx_t fx;

	(void)state;
	fx_hash(&fx, 100, 3);
	fx_freeze(&fx);
	for(key = 0; key < sizeof(expected) / sizeof(expected[0]); key++)
		assert_int_equal(owner(&fx, 0, key), expected[key]);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_htree_is_built_for_hash_only),
			UNIT_TEST(test_htree_holds_each_destination_once),
			UNIT_TEST(test_htree_stays_in_its_tier),
			UNIT_TEST(test_htree_shares_follow_the_weights),
			UNIT_TEST(test_htree_thousand_destinations_share_evenly),
			UNIT_TEST(test_htree_order_in_the_file_moves_no_key),
			UNIT_TEST(test_htree_one_more_destination_moves_about_its_share),
			UNIT_TEST(test_htree_one_more_takes_keys_by_its_weight),
			UNIT_TEST(test_htree_more_weight_only_gains_keys),
			UNIT_TEST(test_htree_answers_are_the_same_in_every_build),
	};

	return UNIT_MAIN(tests);
}
