/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Between a draw and what it takes, other calls may be quicker: what becomes of
 * the one that comes second.
 */
// needs: modules/failover_route/frt_draw.c
#include "fixture.h"
#include "frt_admit.h"
#include "frt_draw.h"
#include "frt_overload.h"

#define TRIAL(busy) FRT_WORD(FRT_TRIAL, FRT_READY, busy, 1, FRT_SHARE_FULL)

static struct
{
	fx_t fx;
	frt_call_t call;
	uint32_t thieves; /* calls that are quicker to a trial's token */
	bool give_back;	  /* and have ended before we draw again */
	uint32_t asked;	  /* for a place */
	frt_drawn_t out;
} d;

frt_rand_t *frt_random(void)
{
	return &d.fx.rnd;
}

int frt_overload_admit(
		const frt_dst_t *dst, sip_msg_t *msg, uint64_t draw, uint64_t now_ms)
{
	(void)dst;
	(void)msg;
	(void)draw;
	(void)now_ms;
	return 0;
}

int frt_admit(frt_dst_t *dst, bool panic, uint64_t now_ms, uint8_t *token)
{
	uint32_t word = atomic_load(&dst->rec->word);

	(void)now_ms;
	d.asked++;
	*token = 0;
	if(FRT_WORD_HEALTH(word) != FRT_TRIAL)
		return 0;
	if(d.thieves && !panic) {
		d.thieves--;
		atomic_store(&dst->rec->word, TRIAL(!d.give_back));
		return FRT_E_BUSY;
	}
	*token = FRT_WORD_BUSY(word) ? 0 : 7;
	return 0;
}

static void begin(uint32_t dsts)
{
	memset(&d, 0, sizeof(d));
	fx_begin(&d.fx);
	fx_set(&d.fx, "a", FRT_WEIGHTED)->conf.panic = true;
	fx_dsts(&d.fx, dsts, 1, 10);
	fx_freeze(&d.fx);
}

static int draw(void)
{
	return frt_draw(&d.call, NULL, fx_only(&d.fx), NULL, 1000, &d.out);
}

/* The only one is on trial, and its token is another call's: this one is not
 * lost, it goes where any later call goes. */
static void test_draw_second_to_the_trial_goes_on_in_panic(void **state)
{
	(void)state;
	begin(1);
	fx_word(fx_at(&d.fx, "d0"), TRIAL(0));
	d.thieves = 1;
	assert_int_equal(draw(), 0);
	assert_true(d.out.panic);
	assert_int_equal(d.out.token, 0);
	assert_int_equal(d.asked, 2);
	fx_end(&d.fx);
}

static void test_draw_second_to_the_trial_goes_to_another(void **state)
{
	(void)state;
	begin(2);
	fx_word(fx_at(&d.fx, "d0"), TRIAL(0));
	fx_down(fx_at(&d.fx, "d1"));
	fx_ramp(fx_at(&d.fx, "d1"), 1); /* hardly ever drawn first */
	d.thieves = 1;
	while(d.thieves)
		assert_int_equal(draw(), 0);
	assert_false(d.out.panic);
	assert_ptr_equal(d.out.dst, fx_at(&d.fx, "d1"));
	fx_end(&d.fx);
}

static void test_draw_takes_a_token_that_came_back(void **state)
{
	(void)state;
	begin(1);
	fx_word(fx_at(&d.fx, "d0"), TRIAL(0));
	d.thieves = 3;
	d.give_back = true;
	assert_int_equal(draw(), 0);
	assert_false(d.out.panic);
	assert_int_equal(d.out.token, 7);
	fx_end(&d.fx);
}

static void test_draw_is_never_without_end(void **state)
{
	(void)state;
	begin(1);
	fx_word(fx_at(&d.fx, "d0"), TRIAL(0));
	d.thieves = UINT32_MAX;
	d.give_back = true;
	assert_int_equal(draw(), FRT_E_EXHAUSTED);
	assert_in_range(d.asked, 2, 20);
	fx_end(&d.fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_draw_second_to_the_trial_goes_on_in_panic),
			UNIT_TEST(test_draw_second_to_the_trial_goes_to_another),
			UNIT_TEST(test_draw_takes_a_token_that_came_back),
			UNIT_TEST(test_draw_is_never_without_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
