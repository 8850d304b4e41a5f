/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hash strategy with health: a key keeps its destination, a lost one moves
 * only its own keys, by weight to all others, and gets them back.
 */
#include "fixture.h"

#define KEYS 20000u

/* Who has each key now. */
typedef struct owners
{
	uint32_t of[KEYS];
} owners_t;

static void note(fx_t *fx, owners_t *o)
{
	uint32_t key;

	for(key = 0; key < KEYS; key++)
		o->of[key] = fx_index(fx_choose_key(fx, key));
}

static uint32_t count(const owners_t *o, uint32_t at)
{
	uint32_t key, n = 0;

	for(key = 0; key < KEYS; key++)
		n += o->of[key] == at;
	return n;
}

/* Keys that moved although neither owner is `at`. */
static uint32_t strangers(const owners_t *a, const owners_t *b, uint32_t at)
{
	uint32_t key, n = 0;

	for(key = 0; key < KEYS; key++)
		n += a->of[key] != b->of[key] && a->of[key] != at && b->of[key] != at;
	return n;
}

/* Keys that `at` had in a and has no more in b. */
static uint32_t lost(const owners_t *a, const owners_t *b, uint32_t at)
{
	uint32_t key, n = 0;

	for(key = 0; key < KEYS; key++)
		n += a->of[key] == at && b->of[key] != at;
	return n;
}

static void hash_set(fx_t *fx, uint32_t n, uint32_t spread)
{
	fx_hash(fx, n, spread);
	fx_freeze(fx);
}

static void test_hash_same_key_same_destination(void **state)
{
	static owners_t a, b;
	fx_t fx;

	(void)state;
	hash_set(&fx, 10, 4);
	note(&fx, &a);
	fx.rnd.state = 99;
	note(&fx, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	fx_end(&fx);
}

static void test_hash_same_key_same_destination_after_reload(void **state)
{
	static owners_t a, b;
	fx_t fx;

	(void)state;
	hash_set(&fx, 10, 4);
	note(&fx, &a);
	fx_end(&fx);
	hash_set(&fx, 10, 4);
	note(&fx, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	fx_end(&fx);
}

static void test_hash_lost_destination_moves_only_its_own_keys(void **state)
{
	static owners_t all, some;
	uint32_t i;
	fx_t fx;

	(void)state;
	hash_set(&fx, 10, 3);
	note(&fx, &all);
	for(i = 0; i < 10; i++) {
		fx_down(&fx_only(&fx)->dsts[i]);
		note(&fx, &some);
		assert_int_equal(count(&some, i), 0);
		assert_int_equal(strangers(&all, &some, i), 0);
		fx_up(&fx_only(&fx)->dsts[i]);
	}
	note(&fx, &some);
	assert_memory_equal(&all, &some, sizeof(all));
	fx_end(&fx);
}

/* The dispatcher gives them all to one neighbour. */
static void test_hash_lost_share_is_spread_over_all_others(void **state)
{
	static owners_t all, some;
	uint32_t i, gone, got, key;
	double due;
	fx_t fx;

	(void)state;
	hash_set(&fx, 6, 3); /* 1 2 3 1 2 3 */
	note(&fx, &all);
	fx_down(fx_at(&fx, "d2"));
	note(&fx, &some);
	gone = count(&all, 2);
	assert_between(gone, KEYS / 4 - 300, KEYS / 4 + 300);
	for(i = 0; i < 6; i++) {
		got = 0;
		for(key = 0; key < KEYS; key++)
			got += all.of[key] == 2 && some.of[key] == i;
		due = i == 2 ? 0 : (1 + i % 3) / 9.0;
		assert_between((double)got / gone, due - 0.025, due + 0.025);
	}
	fx_end(&fx);
}

static void test_hash_drained_busy_or_down_is_the_same(void **state)
{
	static const uint32_t words[] = {
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL)};
	static owners_t down, other;
	uint32_t i;
	fx_t fx;

	(void)state;
	hash_set(&fx, 5, 1);
	fx_down(fx_at(&fx, "d3"));
	note(&fx, &down);
	for(i = 0; i < 3; i++) {
		fx_word(fx_at(&fx, "d3"), words[i]);
		note(&fx, &other);
		assert_memory_equal(&down, &other, sizeof(down));
	}
	fx_end(&fx);
}

static void test_hash_second_loss_moves_only_its_own_keys_too(void **state)
{
	static owners_t one, two;
	fx_t fx;

	(void)state;
	hash_set(&fx, 8, 2);
	fx_down(fx_at(&fx, "d1"));
	note(&fx, &one);
	fx_down(fx_at(&fx, "d6"));
	note(&fx, &two);
	assert_int_equal(strangers(&one, &two, 6), 0);
	fx_up(fx_at(&fx, "d1"));
	fx_up(fx_at(&fx, "d6"));
	fx_down(fx_at(&fx, "d6"));
	fx_down(fx_at(&fx, "d1"));
	note(&fx, &one);
	assert_memory_equal(&one, &two, sizeof(one));
	fx_end(&fx);
}

/* Also when most of the tier is out, and its keys draw often in vain. */
static void test_hash_mass_outage_keeps_the_rest_stable(void **state)
{
	static owners_t one, two;
	uint32_t i;
	fx_t fx;

	(void)state;
	hash_set(&fx, 40, 1);
	for(i = 0; i < 34; i++)
		fx_down(&fx_only(&fx)->dsts[i]);
	note(&fx, &one);
	for(i = 34; i < 40; i++)
		assert_between(count(&one, i), KEYS / 6 - 500, KEYS / 6 + 500);
	fx_down(fx_at(&fx, "d36"));
	note(&fx, &two);
	assert_between(strangers(&one, &two, 36), 0, KEYS / 1000);
	fx_end(&fx);
}

static void test_hash_lone_survivor_takes_every_key(void **state)
{
	uint32_t i, key;
	fx_t fx;

	(void)state;
	hash_set(&fx, 1000, 1);
	for(i = 0; i < 1000; i++) {
		if(i != 707)
			fx_down(&fx_only(&fx)->dsts[i]);
	}
	for(key = 0; key < 500; key++)
		assert_int_equal(fx_index(fx_choose_key(&fx, key)), 707);
	fx_end(&fx);
}

static void test_hash_slow_start_takes_back_a_growing_part(void **state)
{
	static owners_t before, now;
	uint32_t share, full;
	fx_t fx;

	(void)state;
	hash_set(&fx, 4, 1);
	note(&fx, &before);
	full = count(&before, 0);
	fx_down(fx_at(&fx, "d0"));
	note(&fx, &before);
	for(share = 100; share <= FRT_SHARE_FULL; share += 100) {
		fx_ramp(fx_at(&fx, "d0"), share);
		note(&fx, &now);
		assert_int_equal(strangers(&before, &now, 0), 0);
		assert_int_equal(lost(&before, &now, 0), 0);
		/* its effective weight among three others of weight 1 */
		assert_between((double)count(&now, 0) / KEYS,
				share / (3000.0 + share) - 0.01,
				share / (3000.0 + share) + 0.01);
		before = now;
	}
	assert_int_equal(count(&now, 0), full);
	fx_end(&fx);
}

static void test_hash_failover_of_a_key_is_stable_too(void **state)
{
	frt_rec_t *tried[2];
	uint32_t key, i, second[5] = {0};
	frt_dst_t *dst;
	fx_t fx;

	(void)state;
	hash_set(&fx, 5, 1);
	for(key = 0; key < KEYS; key++) {
		uint64_t hash = frt_hash_mix(key);

		tried[0] = fx_choose_tried(&fx, hash, NULL, 0)->rec;
		dst = fx_choose_tried(&fx, hash, tried, 1);
		assert_ptr_not_equal(dst->rec, tried[0]);
		assert_ptr_equal(fx_choose_tried(&fx, hash, tried, 1), dst);
		tried[1] = dst->rec;
		second[fx_index(dst)]++;
		assert_ptr_not_equal(
				fx_choose_tried(&fx, hash, tried, 2)->rec, tried[0]);
	}
	for(i = 0; i < 5; i++)
		assert_between(second[i], KEYS / 5 - 300, KEYS / 5 + 300);
	fx_end(&fx);
}

/* Whoever is down has its keys where its calls would fail over to. */
static void test_hash_failover_goes_where_the_keys_go(void **state)
{
	frt_rec_t *tried[1];
	uint32_t key;
	fx_t fx;

	(void)state;
	hash_set(&fx, 7, 2);
	for(key = 0; key < 3000; key++) {
		uint64_t hash = frt_hash_mix(key);
		frt_dst_t *first = fx_choose_tried(&fx, hash, NULL, 0), *next;

		tried[0] = first->rec;
		next = fx_choose_tried(&fx, hash, tried, 1);
		fx_down(first);
		assert_ptr_equal(fx_choose_tried(&fx, hash, NULL, 0), next);
		fx_up(first);
	}
	fx_end(&fx);
}

static void test_hash_tier_comes_back_with_its_keys(void **state)
{
	static owners_t before, out, back;
	uint32_t i, key;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_HASH);
	fx_dsts(&fx, 3, 1, 1);
	fx_dsts(&fx, 3, 2, 1);
	fx_freeze(&fx);
	note(&fx, &before);
	for(i = 0; i < 3; i++)
		fx_down(&fx_only(&fx)->dsts[i]);
	note(&fx, &out);
	for(key = 0; key < KEYS; key++)
		assert_between(out.of[key], 3, 5);
	for(i = 0; i < 3; i++)
		fx_up(&fx_only(&fx)->dsts[i]);
	note(&fx, &back);
	assert_memory_equal(&before, &back, sizeof(before));
	fx_end(&fx);
}

/* Many keys differ in one character only. */
static void test_hash_like_keys_are_spread(void **state)
{
	uint32_t i, n[4] = {0};
	char key[32];
	fx_t fx;

	(void)state;
	hash_set(&fx, 4, 1);
	for(i = 0; i < KEYS; i++) {
		snprintf(key, sizeof(key), "+49301234%05u", i);
		n[fx_index(
				fx_choose_tried(&fx, frt_choose_key(fx_str(key)), NULL, 0))]++;
	}
	for(i = 0; i < 4; i++)
		assert_between(n[i], KEYS / 4 - 300, KEYS / 4 + 300);
	assert_int_equal(
			frt_choose_key(FRT_STR("a")), frt_choose_key(FRT_STR("a")));
	assert_int_not_equal(
			frt_choose_key(FRT_STR("a")), frt_choose_key(FRT_STR("b")));
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_hash_same_key_same_destination),
			UNIT_TEST(test_hash_same_key_same_destination_after_reload),
			UNIT_TEST(test_hash_lost_destination_moves_only_its_own_keys),
			UNIT_TEST(test_hash_lost_share_is_spread_over_all_others),
			UNIT_TEST(test_hash_drained_busy_or_down_is_the_same),
			UNIT_TEST(test_hash_second_loss_moves_only_its_own_keys_too),
			UNIT_TEST(test_hash_mass_outage_keeps_the_rest_stable),
			UNIT_TEST(test_hash_lone_survivor_takes_every_key),
			UNIT_TEST(test_hash_slow_start_takes_back_a_growing_part),
			UNIT_TEST(test_hash_failover_of_a_key_is_stable_too),
			UNIT_TEST(test_hash_failover_goes_where_the_keys_go),
			UNIT_TEST(test_hash_tier_comes_back_with_its_keys),
			UNIT_TEST(test_hash_like_keys_are_spread),
	};

	return UNIT_MAIN(tests);
}
