/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Caps: max-calls and max-cps are exact, what is full is passed over and
 * neither down nor lost to the tier.
 */
#include "fixture.h"
#include "frt_cap.h"
#include "frt_explain.h"
#include "frt_look.h"
#include "frt_panic.h"

#include <pthread.h>

/* --- max-cps against the plain definition --------------------------------- */

#define HISTORY 100000

/* Calls begun in the second that ends now. */
static uint32_t in_second(const uint64_t *begun, uint32_t n, uint64_t now)
{
	uint32_t count = 0;

	while(n-- > 0 && now - begun[n] < 1000)
		count++;
	return count;
}

static void check_rate(uint32_t max, uint32_t mean_gap_us, bool exact)
{
	static uint64_t begun[HISTORY], ideal[HISTORY];
	frt_rand_t rnd = {.state = max};
	uint64_t us = 5000000000u; /* low 32 bits of the ms are in use */
	uint32_t n = 0, nideal = 0, i, wrong = 0, refused = 0, over = 0;
	frt_rate_t rate;

	memset(&rate, 0, sizeof(rate));
	for(i = 0; i < 60000; i++) {
		uint64_t now;
		bool room, want;

		us += frt_rand_below(&rnd, 2 * (uint64_t)mean_gap_us + 1);
		now = us / 1000;
		want = in_second(begun, n, now) < max;
		room = frt_rate_room(&rate, max, now);
		assert_int_equal(frt_rate_take_locked(&rate, max, now), room);
		if(room)
			begun[n++] = now;
		if(in_second(ideal, nideal, now) < max)
			ideal[nideal++] = now;
		over += room && !want;
		wrong += room != want;
		refused += !room;
	}
	assert_int_equal(over, 0);
	if(exact)
		assert_int_equal(wrong, 0);
	/* the cap was reached, and not by much too early */
	assert_true(refused > 0);
	assert_true(n <= nideal && (nideal - n) * 50 <= nideal);
}

static void test_cap_rate_is_exact_up_to_62_a_second(void **state)
{
	static const uint32_t caps[] = {1, 2, 3, 10, 50, 61, 62};
	uint32_t i;

	(void)state;
	for(i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		check_rate(caps[i], 1000000 / caps[i] * 2 / 3, true);
		check_rate(caps[i], 1000000 / caps[i] / 10, true);
	}
}

static void test_cap_rate_never_lets_one_more_through(void **state)
{
	static const uint32_t caps[] = {63, 64, 100, 1000, 4321, 20000};
	uint32_t i;

	(void)state;
	for(i = 0; i < sizeof(caps) / sizeof(caps[0]); i++)
		check_rate(caps[i], 1000000 / caps[i] / 2, false);
}

static void test_cap_rate_survives_the_clocks_wrap(void **state)
{
	uint64_t now = UINT32_MAX - 500u;
	frt_rate_t rate;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	assert_true(frt_rate_take_locked(&rate, 2, now));
	assert_true(frt_rate_take_locked(&rate, 2, now + 600));
	assert_false(frt_rate_take_locked(&rate, 2, now + 999));
	assert_true(frt_rate_take_locked(&rate, 2, now + 1000));
	/* another process's clock reading, a little behind */
	assert_false(frt_rate_room(&rate, 2, now + 590));
	/* idle for 49 days: a whole turn of the marks */
	now += 1000 + (1ull << 32);
	assert_true(frt_rate_room(&rate, 2, now - 5000));
	assert_true(frt_rate_room(&rate, 2, now));
	assert_true(frt_rate_take_locked(&rate, 2, now + 500));
	assert_true(frt_rate_take_locked(&rate, 2, now + 600));
	assert_false(frt_rate_take_locked(&rate, 2, now + 700));
}

static void test_cap_rate_turns_its_count_back(void **state)
{
	uint64_t now = 1000;
	frt_rate_t rate;
	uint32_t i;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	for(i = 0; i < 300000; i++, now += 500) {
		assert_true(frt_rate_take_locked(&rate, 2, now));
		assert_int_equal(frt_rate_room(&rate, 2, now), i == 0);
	}
	assert_true(rate.n < 100000);
}

static void test_cap_rate_begins_anew_with_another_cap(void **state)
{
	frt_rate_t rate;
	uint32_t i;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	for(i = 0; i < 5; i++)
		assert_true(frt_rate_take_locked(&rate, 5, 1000));
	assert_false(frt_rate_take_locked(&rate, 5, 1500));
	/* the same marks: exact at once */
	assert_true(frt_rate_take_locked(&rate, 6, 1500));
	assert_false(frt_rate_take_locked(&rate, 4, 1500));
	/* other marks */
	assert_true(frt_rate_take_locked(&rate, 1000, 1500));
	assert_true(frt_rate_room(NULL, 1, 1500));
}

/* --- places ----------------------------------------------------------------- */

#define THREADS 4
#define ROUNDS 20000
#define PLACES 3

typedef struct rush
{
	frt_rec_t rec;
	pthread_mutex_t lock; /* the record's */
	_Atomic uint32_t taken, refused, over;
} rush_t;

static void follow(rush_t *r)
{
	pthread_mutex_lock(&r->lock);
	frt_cap_follow_locked(&r->rec, PLACES);
	pthread_mutex_unlock(&r->lock);
}

static void *rush(void *arg)
{
	rush_t *r = arg;
	int i;

	for(i = 0; i < ROUNDS; i++) {
		bool moved, ok = frt_cap_take(&r->rec, PLACES, &moved);

		if(moved)
			follow(r);
		if(!ok) {
			atomic_fetch_add(&r->refused, 1);
			continue;
		}
		atomic_fetch_add(&r->taken, 1);
		if(atomic_load(&r->rec.calls) > PLACES)
			atomic_fetch_add(&r->over, 1);
		if(frt_cap_give(&r->rec))
			follow(r);
	}
	return NULL;
}

static void test_cap_places_are_exact_among_many(void **state)
{
	static rush_t r;
	pthread_t threads[THREADS];
	int i;

	(void)state;
	memset(&r, 0, sizeof(r));
	pthread_mutex_init(&r.lock, NULL);
	frt_health_init(&r.rec, FRT_READY, 0);
	for(i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, rush, &r), 0);
	for(i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(r.over, 0);
	assert_int_equal(r.rec.calls, 0);
	/* not left full by a race */
	assert_int_equal(FRT_WORD_FULL(r.rec.word), 0);
	assert_int_equal(r.taken + r.refused, THREADS * ROUNDS);
	pthread_mutex_destroy(&r.lock);
}

static void test_cap_without_a_cap_only_counts(void **state)
{
	static frt_rec_t rec;
	bool moved;
	int i;

	(void)state;
	memset(&rec, 0, sizeof(rec));
	for(i = 0; i < 100; i++) {
		assert_true(frt_cap_take(&rec, 0, &moved));
		assert_false(moved);
	}
	assert_int_equal(rec.calls, 100);
	assert_false(frt_cap_give(&rec));
	assert_int_equal(rec.calls, 99);
}

/* --- choosing ------------------------------------------------------------------ */

static void two_tiers(fx_t *fx, frt_strategy_t strategy)
{
	fx_two_tiers(fx, strategy);
	fx_only(fx)->conf.spill = true;
	fx_only(fx)->conf.panic = true;
}

/* As the host does it: take all places, and follow. */
static void fill(fx_t *fx, const char *id)
{
	frt_dst_t *dst = fx_at(fx, id);

	dst->max_calls = 1;
	dst->rec->calls = 1;
	assert_true(frt_cap_follow_locked(dst->rec, 1));
	frt_gen_weigh_one_locked(dst);
}

static void leave(fx_t *fx, const char *id)
{
	frt_dst_t *dst = fx_at(fx, id);

	assert_true(frt_cap_give(dst->rec));
	assert_true(frt_cap_follow_locked(dst->rec, 1));
	frt_gen_weigh_one_locked(dst);
}

static int pick(fx_t *fx, uint64_t now_ms, frt_dst_t **dst, bool *panic)
{
	frt_wish_t wish = {.key = frt_rand_next(&fx->rnd), .now_ms = now_ms};

	return frt_choose_anyway(fx_only(fx), &wish, now_ms, &fx->rnd, dst, panic);
}

static void test_cap_full_is_passed_over_in_every_strategy(void **state)
{
	fx_t fx;
	uint32_t s, i;

	(void)state;
	for(s = 0; s < FRT_PARALLEL; s++) {
		two_tiers(&fx, (frt_strategy_t)s);
		fill(&fx, "d0");
		for(i = 0; i < 200; i++)
			assert_ptr_equal(fx_choose_key(&fx, i), fx_at(&fx, "d1"));
		fill(&fx, "d1");
		for(i = 0; i < 200; i++)
			assert_ptr_equal(fx_choose_key(&fx, i), fx_at(&fx, "d2"));
		leave(&fx, "d0");
		for(i = 0; i < 200; i++)
			assert_ptr_equal(fx_choose_key(&fx, i), fx_at(&fx, "d0"));
		fx_end(&fx);
	}
}

static void test_cap_all_full_is_no_panic_and_no_set_down(void **state)
{
	frt_dst_t *dst;
	bool panic;
	fx_t fx;

	(void)state;
	two_tiers(&fx, FRT_WEIGHTED);
	fill(&fx, "d0");
	fill(&fx, "d1");
	fx_down(fx_at(&fx, "d2"));
	assert_int_equal(pick(&fx, 1000, &dst, &panic), FRT_E_FULL);
	assert_true(frt_look_set_up(fx_only(&fx)));
	assert_ptr_equal(frt_look_tier(fx_only(&fx)), &fx_only(&fx)->tiers[0]);
	/* down and full: nothing carries calls any more */
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(pick(&fx, 1000, &dst, &panic), 0);
	assert_true(panic);
	assert_false(frt_look_set_up(fx_only(&fx)));
	fx_end(&fx);
}

/* A tier of which half is full still has its calls: none spill for that. */
static void test_cap_full_does_not_spill_the_tier(void **state)
{
	uint32_t i;
	fx_t fx;

	(void)state;
	two_tiers(&fx, FRT_WEIGHTED);
	fill(&fx, "d0");
	assert_int_equal(frt_spill_kept(fx_only(&fx), &fx_only(&fx)->tiers[0]),
			FRT_SHARE_FULL);
	for(i = 0; i < 1000; i++)
		assert_ptr_equal(fx_choose(&fx), fx_at(&fx, "d1"));
	assert_ptr_equal(frt_look_tier(fx_only(&fx)), &fx_only(&fx)->tiers[0]);
	fx_end(&fx);
}

/* What one has no room for is shared by the others as their weights say. */
static void test_cap_surge_follows_weights(void **state)
{
	uint32_t i, n[3] = {0, 0, 0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 100);
	fx_dst(&fx, 1, 30);
	fx_dst(&fx, 1, 10);
	fx_freeze(&fx);
	fill(&fx, "d0");
	for(i = 0; i < 10000; i++)
		n[fx_index(fx_choose(&fx))]++;
	assert_int_equal(n[0], 0);
	assert_in_range(n[1], 7450, 7550);
	fx_end(&fx);
}

static void test_cap_rate_is_seen_by_choosing(void **state)
{
	frt_dst_t *dst;
	frt_rate_t rate;
	bool panic;
	uint32_t i;
	fx_t fx;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	two_tiers(&fx, FRT_WEIGHTED);
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	fx_at(&fx, "d0")->max_cps = 2;
	atomic_store(&fx_at(&fx, "d0")->rec->rate, &rate);
	for(i = 0; i < 2; i++) {
		assert_int_equal(pick(&fx, 1000, &dst, &panic), 0);
		assert_true(frt_rate_take_locked(&rate, 2, 1000));
	}
	assert_int_equal(pick(&fx, 1500, &dst, &panic), FRT_E_FULL);
	assert_false(frt_choose_sure(fx_only(&fx)));
	fx_up(fx_at(&fx, "d2"));
	assert_int_equal(pick(&fx, 1500, &dst, &panic), 0);
	assert_ptr_equal(dst, fx_at(&fx, "d2"));
	assert_int_equal(pick(&fx, 2000, &dst, &panic), 0);
	assert_ptr_equal(dst, fx_at(&fx, "d0"));
	fx_end(&fx);
}

/* --- what is kept, and what is said -------------------------------------------- */

static void test_cap_the_full_bit_survives_health(void **state)
{
	static const frt_health_conf_t health = {
			.fall = 1, .window_ms = 60000, .hold_ms = 1000};
	static const frt_probe_conf_t probe = {.enabled = false};
	frt_health_rules_t rules = {.health = &health, .probe = &probe};
	frt_obs_t down = {.source = FRT_OPERATOR, .verdict = FRT_V_STRONG};
	frt_transition_t tr;
	frt_rand_t rnd = {.state = 1};
	fx_t fx;

	(void)state;
	two_tiers(&fx, FRT_WEIGHTED);
	fill(&fx, "d0");
	frt_health_observe_locked(
			fx_at(&fx, "d0")->rec, &rules, &down, 1000, &rnd, &tr);
	assert_int_equal(FRT_WORD_FULL(fx_at(&fx, "d0")->rec->word), 1);
	frt_health_admin_locked(fx_at(&fx, "d0")->rec, FRT_DRAIN, 1000, &tr);
	assert_int_equal(FRT_WORD_FULL(fx_at(&fx, "d0")->rec->word), 1);
	fx_end(&fx);
}

static const char *why(fx_t *fx, const char *id, uint64_t now_ms, bool *usable)
{
	static char mem[256];
	frt_dst_t *dst = fx_at(fx, id);
	frt_explain_t e;
	frt_buf_t b;
	uint32_t share;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_explain(fx_only(fx), fx_str(""), now_ms, &fx->rnd, &e);
	*usable = frt_explain_dst_text(&e, dst, dst->rec->word, &dst->rec->h.reason,
			&(frt_held_t){.by = FRT_HELD_NOT}, &share, &b);
	return mem;
}

static void test_cap_explained(void **state)
{
	char mem[256];
	frt_explain_t e;
	frt_rate_t rate;
	frt_buf_t b;
	bool usable;
	fx_t fx;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	two_tiers(&fx, FRT_WEIGHTED);
	fill(&fx, "d0");
	assert_string_equal(why(&fx, "d0", 1000, &usable),
			"usable, but full: max-calls is reached");
	assert_false(usable);
	fx_at(&fx, "d1")->max_cps = 1;
	atomic_store(&fx_at(&fx, "d1")->rec->rate, &rate);
	assert_true(frt_rate_take_locked(&rate, 1, 1000));
	/* calls go to the second tier meanwhile */
	assert_string_equal(why(&fx, "d1", 1500, &usable),
			"usable, but full: max-cps of 1 is reached");
	assert_false(usable);
	fill(&fx, "d2");
	frt_explain(fx_only(&fx), fx_str(""), 1500, &fx.rnd, &e);
	frt_buf_init(&b, mem, sizeof(mem));
	frt_explain_choice_text(&e, &b);
	assert_string_equal(mem, "every usable destination is full");
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_cap_rate_is_exact_up_to_62_a_second),
			UNIT_TEST(test_cap_rate_never_lets_one_more_through),
			UNIT_TEST(test_cap_rate_survives_the_clocks_wrap),
			UNIT_TEST(test_cap_rate_turns_its_count_back),
			UNIT_TEST(test_cap_rate_begins_anew_with_another_cap),
			UNIT_TEST(test_cap_places_are_exact_among_many),
			UNIT_TEST(test_cap_without_a_cap_only_counts),
			UNIT_TEST(test_cap_full_is_passed_over_in_every_strategy),
			UNIT_TEST(test_cap_all_full_is_no_panic_and_no_set_down),
			UNIT_TEST(test_cap_full_does_not_spill_the_tier),
			UNIT_TEST(test_cap_surge_follows_weights),
			UNIT_TEST(test_cap_rate_is_seen_by_choosing),
			UNIT_TEST(test_cap_the_full_bit_survives_health),
			UNIT_TEST(test_cap_explained),
	};

	return UNIT_MAIN(tests);
}
