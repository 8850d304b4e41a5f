/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A destination that falls silent is seen before the first timer, one that is
 * only slow, far away or behind a line with losses is not, or for a moment.
 */
#include "frt_plan.h"
#include "frt_rto.h"
#include "unit.h"

#include <string.h>

#define ANN 7u
#define BOB 9u
#define PATIENCE 64u

static void sent(frt_quiet_t *q, uint64_t user, uint64_t now_ms, int n)
{
	while(n-- > 0)
		frt_quiet_sent(q, user, now_ms);
}

static void test_quiet_three_calls_to_two_users_and_no_reply(void **state)
{
	frt_quiet_t q = {0};

	(void)state;
	sent(&q, ANN, 1000, 2);
	assert_false(frt_quiet_is(&q, PATIENCE, 5000));
	sent(&q, BOB, 1100, 1);
	assert_false(frt_quiet_is(&q, PATIENCE, 1100));
	assert_false(frt_quiet_is(&q, PATIENCE, 1163));
	assert_true(frt_quiet_is(&q, PATIENCE, 1164));
	assert_false(frt_quiet_is(&q, 0, 5000)); /* nobody knows how long */
}

static void test_quiet_one_user_is_not_enough(void **state)
{
	frt_quiet_t q = {0};

	(void)state;
	sent(&q, ANN, 1000, 20);
	sent(&q, 0, 1000, 20); /* nobody knows who */
	assert_false(frt_quiet_is(&q, PATIENCE, 9000));
	sent(&q, BOB, 9000, 1);
	assert_true(frt_quiet_is(&q, PATIENCE, 9064));
}

static void test_quiet_users_are_told_apart_from_the_first_known_on(
		void **state)
{
	frt_quiet_t q = {0};

	(void)state;
	sent(&q, 0, 1000, 2);
	sent(&q, ANN, 1000, 1);
	assert_false(frt_quiet_is(&q, PATIENCE, 9000));
	sent(&q, BOB, 1000, 1);
	assert_true(frt_quiet_is(&q, PATIENCE, 9000));
}

static void test_quiet_any_reply_ends_it(void **state)
{
	frt_quiet_t q = {0};

	(void)state;
	sent(&q, ANN, 1000, 2);
	sent(&q, BOB, 1000, 2);
	assert_true(frt_quiet_is(&q, PATIENCE, 2000));
	frt_quiet_heard(&q, 1000);
	frt_quiet_over(&q);
	assert_false(frt_quiet_is(&q, PATIENCE, 2000));
	/* and what was sent before it does not count again */
	sent(&q, ANN, 2000, 1);
	sent(&q, BOB, 2000, 1);
	assert_false(frt_quiet_is(&q, PATIENCE, 9000));
	sent(&q, BOB, 9000, 1);
	assert_false(frt_quiet_is(&q, PATIENCE, 9063));
	assert_true(frt_quiet_is(&q, PATIENCE, 9064));
}

static void test_quiet_lasts_as_long_as_somebody_waits(void **state)
{
	frt_quiet_t q = {0};
	int i;

	(void)state;
	sent(&q, ANN, 1000, 2);
	sent(&q, BOB, 1000, 2);
	for(i = 0; i < 4; i++) {
		assert_true(frt_quiet_is(&q, PATIENCE, 2000));
		frt_quiet_over(&q);
	}
	assert_false(frt_quiet_is(&q, PATIENCE, 2000));
	sent(&q, ANN, 3000, 1);
	assert_false(frt_quiet_is(&q, PATIENCE, 9000));
}

/* --- attempts ---------------------------------------------------------------- */

#define CALLS 6u

typedef struct frt_scene
{
	frt_rec_t rec;
	frt_act_t act;
	frt_plan_t plans[CALLS];
	frt_attempt_t *a[CALLS];
} scene_t;

/* A destination that answers in 5 ms and rings after 1 s. */
static void known(scene_t *s)
{
	int i;

	memset(s, 0, sizeof(*s));
	atomic_init(&s->rec.act, &s->act);
	for(i = 0; i < 40; i++) {
		frt_rto_sample(&s->act.rto, 5);
		frt_rto_sample_varied(&s->act.ring, 1000);
	}
}

static void place(scene_t *s, uint64_t now_ms)
{
	uint32_t i;

	for(i = 0; i < CALLS; i++) {
		s->a[i] = frt_plan_add(&s->plans[i], &s->rec, now_ms);
		frt_attempt_waits(s->a[i], 100 + i, true, now_ms);
	}
}

/* What makes a timeout one of a run: nobody who came later was answered. */
static void test_quiet_attempt_that_was_passed_by(void **state)
{
	scene_t s;

	(void)state;
	known(&s);
	place(&s, 1000);
	assert_false(frt_attempt_passed_by(s.a[0]));
	frt_attempt_heard(s.a[1], FRT_FOR_REPLY); /* of the same time */
	assert_false(frt_attempt_passed_by(s.a[0]));
	s.a[2]->start_ms = 1100;
	s.a[0]->trying = 1;
	frt_attempt_heard(s.a[2], FRT_FOR_REPLY);
	assert_true(frt_attempt_passed_by(s.a[1]));
	assert_false(frt_attempt_passed_by(s.a[2]));
	assert_false(frt_attempt_passed_by(s.a[0])); /* it waits for ringing */
	frt_attempt_heard(s.a[2], FRT_FOR_PROGRESS);
	assert_true(frt_attempt_passed_by(s.a[0]));
	/* an old one's answer, late, says nothing of the younger */
	frt_attempt_heard(s.a[0], FRT_FOR_REPLY);
	assert_false(frt_attempt_passed_by(s.a[2]));
}

static void test_quiet_destination_that_answers_nothing(void **state)
{
	scene_t s;

	(void)state;
	known(&s);
	place(&s, 1000);
	assert_false(frt_rec_silent(&s.rec, 1060));
	assert_true(frt_rec_silent(&s.rec, 1080));
}

static void test_quiet_destination_of_which_nothing_is_known(void **state)
{
	scene_t s;

	(void)state;
	memset(&s, 0, sizeof(s));
	place(&s, 1000);
	assert_false(frt_rec_silent(&s.rec, 100000));
}

static void test_quiet_destination_that_says_100_and_no_more(void **state)
{
	scene_t s;
	uint32_t i;

	(void)state;
	known(&s);
	place(&s, 1000);
	for(i = 0; i < CALLS; i++)
		frt_attempt_heard(s.a[i], FRT_FOR_REPLY);
	assert_false(frt_rec_silent(&s.rec, 1900));
	assert_true(frt_rec_silent(&s.rec, 2200));
	/* one rings: the others may yet */
	frt_attempt_heard(s.a[2], FRT_FOR_PROGRESS);
	assert_false(frt_rec_silent(&s.rec, 2200));
}

/* The first reply to them is the answer, which may take longer than a 100. */
static void test_quiet_other_methods_are_not_waited_for(void **state)
{
	scene_t s;
	uint32_t i;

	(void)state;
	known(&s);
	for(i = 0; i < CALLS; i++) {
		s.a[i] = frt_plan_add(&s.plans[i], &s.rec, 1000);
		frt_attempt_waits(s.a[i], 100 + i, false, 1000);
	}
	assert_false(frt_rec_silent(&s.rec, 100000));
	for(i = 0; i < CALLS; i++) {
		frt_attempt_heard(s.a[i], FRT_FOR_REPLY);
		frt_attempt_over(s.a[i]);
	}
	assert_int_equal(atomic_load(&s.act.quiet[FRT_FOR_REPLY].open), 0);
}

/* A reply, a timer and the end of the call in any order and number. */
static void test_quiet_each_attempt_is_counted_off_once(void **state)
{
	scene_t s;
	uint32_t i;

	(void)state;
	known(&s);
	place(&s, 1000);
	for(i = 0; i < CALLS; i++) {
		if(i % 2)
			frt_attempt_heard(s.a[i], FRT_FOR_REPLY);
		if(i % 3)
			frt_attempt_heard(s.a[i], FRT_FOR_PROGRESS);
		frt_attempt_over(s.a[i]);
		frt_attempt_heard(s.a[i], FRT_FOR_PROGRESS);
		frt_attempt_over(s.a[i]);
	}
	for(i = 0; i < 2; i++)
		assert_int_equal(atomic_load(&s.act.quiet[i].open), 0);
}

static void test_quiet_call_lives_until_its_end_or_until_another_waited_in_vain(
		void **state)
{
	scene_t s;
	uint32_t i;

	(void)state;
	known(&s);
	assert_false(frt_rec_alive(&s.rec));
	place(&s, 1000);
	assert_true(frt_rec_alive(&s.rec));
	frt_attempt_over(s.a[0]); /* given up: the others are no better */
	assert_false(frt_rec_alive(&s.rec));
	frt_attempt_heard(s.a[1], FRT_FOR_REPLY);
	assert_true(frt_rec_alive(&s.rec));
	frt_attempt_heard(s.a[1], FRT_FOR_PROGRESS);
	for(i = 2; i < CALLS; i++) {
		frt_attempt_over(s.a[i]);
		assert_true(frt_rec_alive(&s.rec));
	}
	frt_attempt_over(s.a[1]);
	assert_false(frt_rec_alive(&s.rec));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_quiet_three_calls_to_two_users_and_no_reply),
			UNIT_TEST(test_quiet_one_user_is_not_enough),
			UNIT_TEST(test_quiet_users_are_told_apart_from_the_first_known_on),
			UNIT_TEST(test_quiet_any_reply_ends_it),
			UNIT_TEST(test_quiet_lasts_as_long_as_somebody_waits),
			UNIT_TEST(test_quiet_attempt_that_was_passed_by),
			UNIT_TEST(test_quiet_destination_that_answers_nothing),
			UNIT_TEST(test_quiet_destination_of_which_nothing_is_known),
			UNIT_TEST(test_quiet_destination_that_says_100_and_no_more),
			UNIT_TEST(test_quiet_other_methods_are_not_waited_for),
			UNIT_TEST(test_quiet_each_attempt_is_counted_off_once),
			UNIT_TEST(
					test_quiet_call_lives_until_its_end_or_until_another_waited_in_vain),
	};

	return UNIT_MAIN(tests);
}
