/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * strategy="parallel" in the engine: all usable ones of the best tier are
 * chosen, one after the other; what the plan of a call makes of attempts that
 * were made at once; explain's words.
 */
#include "fixture.h"
#include "frt_explain.h"
#include "frt_plan.h"

#define WEIGHED 20000u

static frt_plan_t plan;

/* Chooses as many as max at once, as a call does. Returns how many; their
 * indexes as a mask. */
static uint32_t choose_all(fx_t *fx, uint32_t max, uint64_t *mask)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	const frt_dst_t *first = fx_choose(fx);
	frt_wish_t wish = {.tried = tried};
	frt_dst_t *dst;

	*mask = 0;
	if(!first)
		return 0;
	tried[wish.ntried++] = first->rec;
	*mask |= 1ull << fx_index(first);
	while(wish.ntried < max
			&& frt_choose_beside(fx_only(fx), &wish, first, &fx->rnd, &dst)
					   == 0) {
		assert_int_equal(*mask >> fx_index(dst) & 1, 0);
		assert_true(frt_health_usable(atomic_load(&dst->rec->word)));
		*mask |= 1ull << fx_index(dst);
		tried[wish.ntried++] = dst->rec;
	}
	return wish.ntried;
}

/* Three, three and two destinations. */
static void three_tiers(fx_t *fx)
{
	fx_begin(fx);
	fx_set(fx, "a", FRT_PARALLEL);
	fx_dst(fx, 1, 10);
	fx_dst(fx, 1, 0);
	fx_dst(fx, 1, 500);
	fx_dsts(fx, 3, 2, 1);
	fx_dsts(fx, 2, 3, 1);
	fx_freeze(fx);
}

static void test_parallel_takes_all_usable_of_the_best_tier(void **state)
{
	uint64_t mask;
	fx_t fx;
	int i;

	(void)state;
	three_tiers(&fx);
	for(i = 0; i < 50; i++) {
		assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 3);
		assert_int_equal(mask, 7);
	}
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 2);
	assert_int_equal(mask, 5);
	/* on slow start it is in; taken out by the operator, or with its trial's
	 * call away, it is not */
	fx_ramp(fx_at(&fx, "d1"), 10);
	fx_word(fx_at(&fx, "d0"),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
	fx_word(fx_at(&fx, "d2"),
			FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL));
	assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 1);
	assert_int_equal(mask, 2);
	fx_end(&fx);
}

static void test_parallel_next_tier_only_when_the_first_has_none(void **state)
{
	uint64_t mask;
	fx_t fx;
	int i;

	(void)state;
	three_tiers(&fx);
	for(i = 0; i < 3; i++)
		fx_down(&fx_only(&fx)->dsts[i]);
	fx_down(fx_at(&fx, "d4"));
	assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 2);
	assert_int_equal(mask, 0x28);
	for(i = 3; i < 8; i++)
		fx_down(&fx_only(&fx)->dsts[i]);
	assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 0);
	fx_end(&fx);
}

/* A tier larger than max-attempts: each is in by its weight. */
static void test_parallel_draws_by_weight_who_is_in(void **state)
{
	uint32_t in[5] = {0}, i, d;
	uint64_t mask;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_PARALLEL);
	for(i = 0; i < 5; i++)
		fx_dst(&fx, 1, i == 4 ? 400 : 100);
	fx_dst(&fx, 2, 100);
	fx_freeze(&fx);
	for(i = 0; i < WEIGHED; i++) {
		assert_int_equal(choose_all(&fx, 2, &mask), 2);
		for(d = 0; d < 5; d++)
			in[d] += mask >> d & 1;
	}
	/* the heavy one: 1/2 at first, else 4/7: 11/14; the others share 17/14 */
	assert_between(in[4], WEIGHED * 77 / 100, WEIGHED * 80 / 100);
	for(d = 0; d < 4; d++)
		assert_between(in[d], WEIGHED * 28 / 100, WEIGHED * 33 / 100);
	fx_end(&fx);
}

/* Who is left gets no more calls than before. */
static void test_parallel_tier_that_has_lost_weight_does_not_spill(void **state)
{
	uint64_t mask;
	fx_t fx;
	int i;

	(void)state;
	three_tiers(&fx);
	fx_only(&fx)->conf.spill = true;
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d2"));
	for(i = 0; i < 200; i++) {
		assert_int_equal(choose_all(&fx, FRT_ATTEMPTS_MAX, &mask), 1);
		assert_int_equal(mask, 2);
	}
	assert_int_equal(frt_spill_kept(fx_only(&fx), &fx_only(&fx)->tiers[0]),
			FRT_SHARE_FULL);
	fx_end(&fx);
}

/* Attempt number i of names gw0.. */
static frt_attempt_t *attempt(bool beside, int code, frt_route_t route)
{
	static const char *const names[] = {
			"gw0", "gw1", "gw2", "gw3", "gw4", "gw5"};
	static frt_rec_t recs[6];
	frt_rec_t *rec = &recs[plan.n];
	frt_attempt_t *a = frt_plan_add(&plan, rec, 1000);

	rec->id = fx_str(names[rec - recs]);
	a->beside = beside;
	a->sent = 1;
	a->branch = (int16_t)(plan.n - 1);
	if(code)
		assert_true(frt_attempt_end(a, FRT_REMOTE, code));
	a->route = (uint16_t)route;
	return a;
}

static void begin(void)
{
	memset(&plan, 0, sizeof(plan));
	plan.max = FRT_ATTEMPTS_MAX;
}

static void check_words(const char *path, const char *reason)
{
	char text[128];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_plan_path(&plan, &b);
	assert_string_equal(text, path);
	frt_buf_init(&b, text, sizeof(text));
	frt_plan_reason(&plan, &b);
	assert_string_equal(text, reason);
}

static void test_fork_begins_with_the_first_of_those_made_at_once(void **state)
{
	(void)state;
	begin();
	assert_int_equal(frt_plan_fork(&plan), 0);
	attempt(false, 503, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_fork(&plan), 0);
	attempt(true, 503, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_fork(&plan), 0);
	attempt(false, 503, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_fork(&plan), 2);
	attempt(true, 0, FRT_ROUTE_STOP);
	attempt(true, 0, FRT_ROUTE_STOP);
	assert_int_equal(frt_plan_fork(&plan), 2);
	check_words("gw0:503+gw1:503>gw2:503+gw3+gw4", "503");
}

static void test_fork_goes_on_when_all_have_failed(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin();
	assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_STOP);
	a = attempt(false, 0, FRT_ROUTE_STOP);
	attempt(true, 503, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_STOP); /* one is open */
	assert_true(frt_attempt_end(a, FRT_LOCAL, 408));
	assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_STOP); /* not judged */
	a->route = FRT_ROUTE_NEXT;
	assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_NEXT);
	check_words("gw0:408+gw1:503", "503");
	/* what was stopped before stops nothing any more */
	a->route = FRT_ROUTE_STOP;
	attempt(false, 500, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_NEXT);
}

/* The refusal is what the caller hears and what the log says, whoever was
 * first. */
static void test_fork_stops_for_one_refusal(void **state)
{
	int at;

	(void)state;
	for(at = 0; at < 3; at++) {
		begin();
		attempt(false, 480, FRT_ROUTE_NEXT);
		attempt(false, at == 0 ? 486 : 480,
				at == 0 ? FRT_ROUTE_STOP : FRT_ROUTE_NEXT);
		attempt(true, at == 1 ? 486 : 503,
				at == 1 ? FRT_ROUTE_STOP : FRT_ROUTE_NEXT);
		attempt(true, at == 2 ? 486 : 408,
				at == 2 ? FRT_ROUTE_STOP : FRT_ROUTE_NEXT);
		assert_int_equal(frt_plan_route(&plan), FRT_ROUTE_STOP);
		assert_int_equal(frt_plan_best(&plan, 408), 486);
		check_words(at == 0	  ? "gw0:480>gw1:486+gw2:503+gw3:408"
					: at == 1 ? "gw0:480>gw1:480+gw2:486+gw3:408"
							  : "gw0:480>gw1:480+gw2:503+gw3:486",
				"486");
	}
	/* two of them: the better one (RFC 3261 section 16.7) */
	begin();
	attempt(false, 407, FRT_ROUTE_STOP);
	attempt(true, 404, FRT_ROUTE_STOP);
	attempt(true, 480, FRT_ROUTE_NEXT);
	assert_int_equal(frt_plan_best(&plan, 408), 407);
	/* a better class than the refusal's */
	begin();
	attempt(false, 302, FRT_ROUTE_STOP);
	attempt(true, 486, FRT_ROUTE_STOP);
	assert_int_equal(frt_plan_best(&plan, 408), 302);
}

static void test_explain_parallel_says_all_at_once(void **state)
{
	char text[256];
	uint32_t share;
	frt_explain_t e;
	frt_buf_t b;
	fx_t fx;

	(void)state;
	three_tiers(&fx);
	frt_explain(fx_only(&fx), fx_str(""), 1, &fx.rnd, &e);
	frt_buf_init(&b, text, sizeof(text));
	frt_explain_choice_text(&e, &b);
	assert_string_equal(text, "all at once (3 usable in priority 1)");
	frt_buf_init(&b, text, sizeof(text));
	assert_true(frt_explain_dst_text(&e, fx_at(&fx, "d0"),
			atomic_load(&fx_at(&fx, "d0")->rec->word),
			&fx_at(&fx, "d0")->rec->h.reason, &(frt_held_t){.by = FRT_HELD_NOT},
			&share, &b));
	assert_string_equal(text,
			"usable; share 100 % of its tier; tried at once with the rest of "
			"its tier");
	assert_int_equal(share, 1000);
	fx_only(&fx)->conf.max_attempts = 2;
	frt_explain(fx_only(&fx), fx_str(""), 1, &fx.rnd, &e);
	frt_buf_init(&b, text, sizeof(text));
	frt_explain_choice_text(&e, &b);
	assert_string_equal(
			text, "2 at once, drawn by weight (3 usable in priority 1)");
	/* alone it is chosen like any other */
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d2"));
	frt_explain(fx_only(&fx), fx_str(""), 1, &fx.rnd, &e);
	frt_buf_init(&b, text, sizeof(text));
	frt_explain_choice_text(&e, &b);
	assert_string_equal(text, "the only usable destination of priority 1");
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_parallel_takes_all_usable_of_the_best_tier),
			UNIT_TEST(test_parallel_next_tier_only_when_the_first_has_none),
			UNIT_TEST(test_parallel_draws_by_weight_who_is_in),
			UNIT_TEST(test_parallel_tier_that_has_lost_weight_does_not_spill),
			UNIT_TEST(test_fork_begins_with_the_first_of_those_made_at_once),
			UNIT_TEST(test_fork_goes_on_when_all_have_failed),
			UNIT_TEST(test_fork_stops_for_one_refusal),
			UNIT_TEST(test_explain_parallel_says_all_at_once),
	};

	return UNIT_MAIN(tests);
}
