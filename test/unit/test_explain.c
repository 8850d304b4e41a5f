/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Explaining a choice: it is the choice that would be made, and each other
 * destination says why it is not.
 */
#include "fixture.h"
#include "frt_budget.h"
#include "frt_cap.h"
#include "frt_explain.h"
#include "frt_plan.h"
#include "frt_rto.h"

static frt_explain_t explain(fx_t *fx, const char *key)
{
	frt_explain_t e;

	frt_explain(fx_only(fx), fx_str(key), 1000, &fx->rnd, &e);
	return e;
}

static const char *choice_text(const frt_explain_t *e)
{
	static char mem[256];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_explain_choice_text(e, &b);
	return mem;
}

static const char *dst_text(
		fx_t *fx, const frt_explain_t *e, const char *id, uint32_t *share)
{
	static char mem[256];
	const frt_dst_t *dst = fx_at(fx, id);
	uint32_t word = atomic_load(&dst->rec->word), permille;
	frt_held_t held = {.by = FRT_HELD_NOT};
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	assert_int_equal(frt_explain_dst_text(e, dst, word, &dst->rec->h.reason,
							 &held, &permille, &b),
			frt_health_usable(word));
	if(share)
		*share = permille;
	return mem;
}

static void test_explain_says_shares_of_the_first_tier(void **state)
{
	frt_explain_t e;
	uint32_t share;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	e = explain(&fx, "");
	assert_int_equal(e.usable, 2);
	assert_int_equal(e.choice->priority, 1);
	assert_string_equal(choice_text(&e),
			"drawn by weight; the next draw may differ (2 usable in "
			"priority 1)");
	assert_non_null(
			strstr(dst_text(&fx, &e, "d0", &share), "share 70 % of its tier"));
	assert_int_equal(share, 700);
	assert_non_null(
			strstr(dst_text(&fx, &e, "d1", &share), "share 30 % of its tier"));
	assert_string_equal(dst_text(&fx, &e, "d2", &share),
			"in a later tier (priority 2): priority 1 still has usable "
			"destinations");
	assert_int_equal(share, 0);
	fx_end(&fx);
}

static void test_explain_says_why_one_is_down(void **state)
{
	frt_explain_t e;
	uint32_t share;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_down(fx_at(&fx, "d0"));
	fx_word(fx_at(&fx, "d1"),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d2"));
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 2; no destination of a "
			"better tier is usable");
	assert_non_null(
			strstr(dst_text(&fx, &e, "d0", &share), "down (traffic): "));
	assert_int_equal(share, 0);
	assert_string_equal(
			dst_text(&fx, &e, "d1", NULL), "drained by the operator");
	assert_string_equal(dst_text(&fx, &e, "d2", &share),
			"usable; share 100 % of its tier; this one would be chosen");
	assert_int_equal(share, 1000);
	fx_end(&fx);
}

static void test_explain_says_what_is_passed_over(void **state)
{
	const char *why = "usable; passed over for the moment: several calls wait "
					  "there, and none has had a reply since";
	const char *ids[] = {"d0", "d1"};
	frt_explain_t e;
	uint64_t user;
	fx_t fx;
	int i;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_only(&fx)->conf.adaptive = true;
	for(i = 0; i < 2; i++) {
		frt_rec_t *rec = fx_at(&fx, ids[i])->rec;

		for(user = 0; user < 20; user++)
			frt_rto_sample(&frt_act(rec)->rto, 10);
		for(user = 1; user <= 3; user++)
			frt_quiet_sent(&frt_act(rec)->quiet[FRT_FOR_REPLY], user, 1);
	}
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d2"));
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 2; what is usable of a "
			"better tier is silent or spills");
	assert_string_equal(dst_text(&fx, &e, "d0", NULL), why);
	assert_string_equal(dst_text(&fx, &e, "d1", NULL), why);
	fx_end(&fx);
}

/* What is full is usable by its own line: the choice's does not say otherwise,
 * and the shares are those of the others. */
static void test_explain_says_who_is_full(void **state)
{
	uint32_t full = FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL)
					| FRT_WORD_FULL_BIT;
	frt_rate_t rate = {0};
	frt_explain_t e;
	uint32_t share;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_word(fx_at(&fx, "d0"), full);
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d1"));
	assert_string_equal(choice_text(&e),
			"the only usable and not full destination of priority 1");
	fx_word(fx_at(&fx, "d1"), full);
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d2"));
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 2; what is usable of a "
			"better tier is full");
	fx_up(fx_at(&fx, "d0"));
	fx_up(fx_at(&fx, "d1"));
	fx_at(&fx, "d0")->max_cps = 1;
	assert_true(frt_rate_take_locked(&rate, 1, 1000));
	atomic_store(&fx_at(&fx, "d0")->rec->rate, &rate);
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d1"));
	assert_string_equal(choice_text(&e),
			"the only usable and not full destination of priority 1");
	dst_text(&fx, &e, "d1", &share);
	assert_int_equal(share, 1000);
	atomic_store(&fx_at(&fx, "d0")->rec->rate, NULL);
	fx_end(&fx);
}

static void test_explain_says_when_nothing_is_usable(void **state)
{
	frt_explain_t e;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_down(fx_at(&fx, "d2"));
	e = explain(&fx, "");
	assert_null(e.choice);
	assert_string_equal(choice_text(&e), "no destination is usable");
	assert_non_null(strstr(dst_text(&fx, &e, "d2", NULL), "down (traffic)"));
	fx_end(&fx);
}

static void test_explain_says_that_a_set_is_empty(void **state)
{
	frt_explain_t e;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_freeze(&fx);
	e = explain(&fx, "");
	assert_null(e.choice);
	assert_string_equal(choice_text(&e), "the set has no destinations");
	fx_end(&fx);
}

static void test_explain_slow_start_has_a_small_share(void **state)
{
	frt_explain_t e;
	uint32_t share;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_ramp(fx_at(&fx, "d1"), 100);
	e = explain(&fx, "");
	assert_non_null(
			strstr(dst_text(&fx, &e, "d1", &share), "share 4.1 % of its tier"));
	assert_int_equal(share, 41);
	fx_end(&fx);
}

static void test_explain_ordered_names_the_one_before(void **state)
{
	frt_explain_t e;
	uint32_t share;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_ORDERED);
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d0"));
	assert_string_equal(choice_text(&e),
			"the first usable one in the order given (2 usable in priority "
			"1)");
	assert_string_equal(dst_text(&fx, &e, "d1", &share),
			"usable; comes after d0 in the order given");
	assert_int_equal(share, 0);
	assert_string_equal(dst_text(&fx, &e, "d0", &share),
			"usable; this one would be chosen");
	assert_int_equal(share, 1000);
	fx_end(&fx);
}

/* What explain says of a key is where a call with that key goes. */
static void test_explain_hash_key_is_the_calls_choice(void **state)
{
	frt_explain_t e;
	char key[16];
	fx_t fx;
	int i;

	(void)state;
	fx_two_tiers(&fx, FRT_HASH);
	for(i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "+49%d", i);
		e = explain(&fx, key);
		assert_true(e.keyed);
		assert_ptr_equal(e.choice,
				fx_choose_tried(&fx, frt_choose_key(fx_str(key)), NULL, 0));
	}
	assert_non_null(strstr(choice_text(&e), "the key's own destination"));
	e = explain(&fx, "");
	assert_non_null(strstr(choice_text(&e), "random key"));
	fx_end(&fx);
}

static void test_explain_does_not_move_the_turn(void **state)
{
	frt_explain_t e;
	fx_t fx;
	int i;

	(void)state;
	fx_two_tiers(&fx, FRT_ROUND_ROBIN);
	for(i = 0; i < 50; i++) {
		e = explain(&fx, "");
		assert_ptr_equal(explain(&fx, "").choice, e.choice);
		assert_ptr_equal(fx_choose(&fx), e.choice);
	}
	fx_end(&fx);
}

/* The share of the set's calls; its tier's in *tier. */
static uint32_t share(
		fx_t *fx, const frt_explain_t *e, const char *id, uint32_t *tier)
{
	const frt_dst_t *dst = fx_at(fx, id);
	uint32_t permille;

	dst_text(fx, e, id, &permille);
	*tier = frt_explain_tier_share(e, &e->set->tiers[dst->tier]);
	return frt_explain_share(e, dst, permille);
}

static void test_explain_shares_are_of_the_sets_calls(void **state)
{
	frt_explain_t e;
	uint32_t tier, in_tier;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	e = explain(&fx, "");
	assert_int_equal(share(&fx, &e, "d0", &tier), 700);
	assert_int_equal(tier, 1000);
	assert_int_equal(share(&fx, &e, "d1", &tier), 300);
	assert_int_equal(share(&fx, &e, "d2", &tier), 0);
	assert_int_equal(tier, 0);
	fx_only(&fx)->conf.spill = true;
	fx_down(fx_at(&fx, "d0"));
	e = explain(&fx, "");
	assert_int_equal(share(&fx, &e, "d0", &tier), 0);
	assert_int_equal(share(&fx, &e, "d1", &tier), 420);
	assert_int_equal(tier, 420);
	assert_int_equal(share(&fx, &e, "d2", &tier), 580);
	/* of its own tier's calls it gets all */
	dst_text(&fx, &e, "d2", &in_tier);
	assert_int_equal(in_tier, 1000);
	assert_int_equal(tier, 580);
	fx_only(&fx)->conf.spill = false;
	e = explain(&fx, "");
	assert_int_equal(share(&fx, &e, "d1", &tier), 1000);
	assert_int_equal(share(&fx, &e, "d2", &tier), 0);
	fx_down(fx_at(&fx, "d1"));
	e = explain(&fx, "");
	assert_int_equal(share(&fx, &e, "d1", &tier), 0);
	assert_int_equal(tier, 0);
	assert_int_equal(share(&fx, &e, "d2", &tier), 1000);
	assert_int_equal(tier, 1000);
	fx_end(&fx);
}

static void test_explain_says_what_spills_or_why_nothing_does(void **state)
{
	frt_explain_t e;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_only(&fx)->conf.spill = true;
	fx_down(fx_at(&fx, "d0"));
	e = explain(&fx, "");
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 1; spill: the tier has "
			"lost weight and keeps 42 % of its calls, the rest go to the next");
	fx_only(&fx)->conf.spill = false;
	e = explain(&fx, "");
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 1; spill is off: the tier "
			"has lost weight and keeps all of its calls");
	fx_only(&fx)->conf.spill = true;
	fx_down(fx_at(&fx, "d2"));
	e = explain(&fx, "");
	assert_string_equal(choice_text(&e),
			"the only usable destination of priority 1; the tier has lost "
			"weight, but there is no later one to spill to");
	fx_end(&fx);
}

static void test_explain_says_panic(void **state)
{
	frt_explain_t e;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_only(&fx)->conf.panic = true;
	fx_down(fx_at(&fx, "d0"));
	fx_down(fx_at(&fx, "d1"));
	fx_word(fx_at(&fx, "d2"),
			FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
	atomic_store(&fx_at(&fx, "d0")->rec->failed_ms, 1);
	e = explain(&fx, "");
	assert_ptr_equal(e.choice, fx_at(&fx, "d1"));
	assert_non_null(strstr(choice_text(&e), "panic: no destination is usable"));
	assert_non_null(strstr(dst_text(&fx, &e, "d1", NULL),
			"would be tried all the same; down (traffic)"));
	assert_null(strstr(dst_text(&fx, &e, "d0", NULL), "all the same"));
	assert_string_equal(
			dst_text(&fx, &e, "d2", NULL), "drained by the operator");
	fx_end(&fx);
}

static void test_explain_says_what_is_left_of_the_budget(void **state)
{
	_Atomic uint64_t *budget;
	char mem[200];
	frt_buf_t b;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	budget = &fx_only(&fx)->rec->budget;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_explain_budget_text(fx_only(&fx), 5000, &b);
	assert_string_equal(mem, "60 retries left");
	while(frt_budget_take(budget, 3, 5000))
		;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_explain_budget_text(fx_only(&fx), 5000, &b);
	assert_string_equal(mem,
			"used up: a call whose destination refuses it gets that answer; "
			"more with each call (20 %) and second (3)");
	fx_end(&fx);
}

static void test_explain_says_that_a_shadow_is_one(void **state)
{
	const frt_dst_t *dst;
	uint32_t permille;
	frt_explain_t e;
	char mem[200];
	frt_buf_t b;
	fx_t fx;

	(void)state;
	fx_two_tiers(&fx, FRT_WEIGHTED);
	fx_only(&fx)->conf.shadow = true;
	fx_down(fx_at(&fx, "d0"));
	e = explain(&fx, "");
	assert_int_equal(e.usable, 2);
	dst = fx_at(&fx, "d0");
	frt_buf_init(&b, mem, sizeof(mem));
	assert_true(frt_explain_dst_text(&e, dst, atomic_load(&dst->rec->word),
			&dst->rec->h.reason, &(frt_held_t){.by = FRT_HELD_NOT}, &permille,
			&b));
	assert_int_equal(permille, 700);
	assert_non_null(strstr(mem, " (shadow: gets calls all the same); share"));
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_explain_shares_are_of_the_sets_calls),
			UNIT_TEST(test_explain_says_what_spills_or_why_nothing_does),
			UNIT_TEST(test_explain_says_panic),
			UNIT_TEST(test_explain_says_what_is_left_of_the_budget),
			UNIT_TEST(test_explain_says_that_a_shadow_is_one),
			UNIT_TEST(test_explain_says_shares_of_the_first_tier),
			UNIT_TEST(test_explain_says_why_one_is_down),
			UNIT_TEST(test_explain_says_what_is_passed_over),
			UNIT_TEST(test_explain_says_who_is_full),
			UNIT_TEST(test_explain_says_when_nothing_is_usable),
			UNIT_TEST(test_explain_says_that_a_set_is_empty),
			UNIT_TEST(test_explain_slow_start_has_a_small_share),
			UNIT_TEST(test_explain_ordered_names_the_one_before),
			UNIT_TEST(test_explain_hash_key_is_the_calls_choice),
			UNIT_TEST(test_explain_does_not_move_the_turn),
	};
	return UNIT_MAIN(tests);
}
