/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A reply and a timer that come at once, in two processes: one ends the attempt. So do
 * the rescuer, which comes too late, and a timer that ran ahead of time.
 */
#include "frt_plan.h"
#include "unit.h"

#include <pthread.h>
#include <sched.h>

#define THREADS 2
#define ROUNDS 100000

typedef struct racer
{
	bool (*step)(int number, frt_attempt_t *a);
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
		r->won[i] = r->step(r->number, &raced[i]);
	}
	return NULL;
}

static racer_t racers[THREADS];

static void run(bool (*step)(int number, frt_attempt_t *a))
{
	int t;

	memset(raced, 0, sizeof(raced));
	atomic_store(&arrived, 0);
	for(t = 0; t < THREADS; t++) {
		racers[t].number = t;
		racers[t].step = step;
		assert_int_equal(
				pthread_create(&racers[t].thread, NULL, race, &racers[t]), 0);
	}
	for(t = 0; t < THREADS; t++)
		pthread_join(racers[t].thread, NULL);
}

static bool end(int number, frt_attempt_t *a)
{
	return frt_attempt_end(a, FRT_REMOTE, 500 + number);
}

static void test_attempt_end_is_true_once_among_threads(void **state)
{
	int t, i, wins;

	(void)state;
	run(end);
	for(i = 0; i < ROUNDS; i++) {
		for(wins = t = 0; t < THREADS; t++) {
			wins += racers[t].won[i];
			if(racers[t].won[i])
				assert_int_equal(raced[i].code, 500 + t);
		}
		assert_int_equal(wins, 1);
	}
}

/* Thread 0 is the timer. */
static bool move(int number, frt_attempt_t *a)
{
	if(number == 0)
		return frt_attempt_move(a, FRT_MOVED_HURRIED);
	if(!frt_attempt_move(a, FRT_MOVED_DOWN))
		return false;
	frt_attempt_stay(a, FRT_MOVED_DOWN);
	return true;
}

static void test_attempt_hurried_stays_so_beside_a_rescue_too_late(void **state)
{
	int i;

	(void)state;
	run(move);
	for(i = 0; i < ROUNDS; i++)
		assert_int_equal(raced[i].moved,
				racers[0].won[i] ? FRT_MOVED_HURRIED : FRT_MOVED_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_attempt_end_is_true_once_among_threads),
			UNIT_TEST(test_attempt_hurried_stays_so_beside_a_rescue_too_late),
	};

	return UNIT_MAIN(tests);
}
