/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A reply and a timer that come at once, in two processes: one ends the attempt.
 */
#include "frt_plan.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#define THREADS 2
#define ROUNDS 100000

typedef struct racer
{
	int number;
	pthread_t thread;
	bool won[ROUNDS];
} racer_t;

static frt_attempt_t raced[ROUNDS];
static _Atomic uint32_t arrived;

/* Each round begins when all are there; then one waits a little, each round
 * differently, so that in some of them they meet. */
static void *race(void *arg)
{
	racer_t *r = arg;
	volatile uint32_t wait;
	uint32_t i, spins;

	for(i = 0; i < ROUNDS; i++) {
		atomic_fetch_add(&arrived, 1);
		for(spins = 0; atomic_load(&arrived) < (i + 1) * THREADS; spins++) {
			if(spins > 1000)
				sched_yield();
		}
		for(wait = r->number ? i % 64 * 2 : 0; wait > 0; wait--)
			;
		r->won[i] = frt_attempt_end(&raced[i], FRT_REMOTE, 500 + r->number);
	}
	return NULL;
}

static void test_attempt_end_is_true_once_among_threads(void **state)
{
	static racer_t racers[THREADS];
	int t, i, wins;

	(void)state;
	for(t = 0; t < THREADS; t++) {
		racers[t].number = t;
		assert_int_equal(
				pthread_create(&racers[t].thread, NULL, race, &racers[t]), 0);
	}
	for(t = 0; t < THREADS; t++)
		pthread_join(racers[t].thread, NULL);
	for(i = 0; i < ROUNDS; i++) {
		for(wins = t = 0; t < THREADS; t++) {
			wins += racers[t].won[i];
			if(racers[t].won[i])
				assert_int_equal(raced[i].code, 500 + t);
		}
		assert_int_equal(wins, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_attempt_end_is_true_once_among_threads),
	};

	return UNIT_MAIN(tests);
}
