/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Choosing while other workers change words and sums: what is chosen was
 * usable at some moment of the choice, and a destination that is up all the
 * time is always found. Run it also with the thread sanitizer.
 */
#include "fixture.h"

#include <pthread.h>

#define CHOOSERS 3
#define WRITERS 2
#define FLICKERING 24 /* half in the first tier, half in the second */
#define SECONDS_EACH 0.2

/* The set's destinations: flickering ones, then these. */
enum
{
	NEVER_UP = FLICKERING, /* first tier */
	DRAINED,			   /* first tier */
	ROCK,				   /* second tier, always up */
	SPARE,				   /* third tier, always up */
	DSTS
};

typedef struct arena
{
	fx_t fx;
	frt_dst_t *dst[DSTS];
	/* odd while its word is being changed */
	_Atomic uint32_t version[DSTS];
	pthread_mutex_t leaf_lock;
	atomic_bool stop;
	_Atomic uint32_t choices;
	/* what went wrong */
	_Atomic uint32_t failed, unusable, repeated, too_low;
} arena_t;

typedef struct worker
{
	arena_t *arena;
	frt_rand_t rnd;
	pthread_t thread;
} worker_t;

static uint32_t index_of(const arena_t *a, const frt_dst_t *dst)
{
	uint32_t i;

	for(i = 0; i < DSTS && a->dst[i] != dst; i++)
		;
	return i;
}

/* One change of health: the word, and then the sums, under the leaf lock. */
static void *write_words(void *arg)
{
	static const uint32_t words[] = {
			FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL),
			FRT_WORD(FRT_RAMP, FRT_READY, 0, 0, 100),
			FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0),
			FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, FRT_SHARE_FULL),
			FRT_WORD(FRT_DOWN, FRT_READY, 0, 2, FRT_SHARE_FULL)};
	worker_t *w = arg;
	arena_t *a = w->arena;

	while(!atomic_load(&a->stop)) {
		uint32_t i = (uint32_t)frt_rand_below(&w->rnd, FLICKERING);
		uint32_t k = (uint32_t)frt_rand_below(&w->rnd, 5);

		pthread_mutex_lock(&a->leaf_lock);
		atomic_fetch_add(&a->version[i], 1);
		atomic_store(&a->dst[i]->rec->word, words[k]);
		atomic_fetch_add(&a->version[i], 1);
		frt_gen_weigh_one_locked(a->dst[i]);
		pthread_mutex_unlock(&a->leaf_lock);
	}
	return NULL;
}

/* True if the destination stayed as it was, unusable, through the choice. */
static bool never_usable(const arena_t *a, uint32_t i, uint32_t version)
{
	uint32_t word = atomic_load(&a->dst[i]->rec->word);

	return version % 2 == 0 && atomic_load(&a->version[i]) == version
		   && !frt_health_usable(word);
}

static void choose_once(worker_t *w)
{
	arena_t *a = w->arena;
	uint32_t version[DSTS], i, n = (uint32_t)frt_rand_below(&w->rnd, 4);
	frt_rec_t *tried[4];
	frt_wish_t wish = {
			.key = frt_rand_next(&w->rnd), .tried = tried, .ntried = n};
	bool no_rock = false;
	frt_dst_t *dst = NULL;

	for(i = 0; i < n; i++) {
		uint32_t at = (uint32_t)frt_rand_below(&w->rnd, ROCK + 1);

		tried[i] = a->dst[at]->rec;
		no_rock |= at == ROCK;
	}
	for(i = 0; i < DSTS; i++)
		version[i] = atomic_load(&a->version[i]);
	atomic_fetch_add(&a->choices, 1);
	if(frt_choose(fx_only(&a->fx), &wish, &w->rnd, &dst) != 0) {
		atomic_fetch_add(&a->failed, 1);
		return;
	}
	i = index_of(a, dst);
	if(never_usable(a, i, version[i]))
		atomic_fetch_add(&a->unusable, 1);
	if(i == SPARE && !no_rock)
		atomic_fetch_add(&a->too_low, 1);
	for(i = 0; i < n; i++) {
		if(tried[i] == dst->rec)
			atomic_fetch_add(&a->repeated, 1);
	}
}

static void *choose_on(void *arg)
{
	worker_t *w = arg;

	while(!atomic_load(&w->arena->stop))
		choose_once(w);
	return NULL;
}

static void build(arena_t *a, frt_strategy_t strategy)
{
	char id[16];
	uint32_t i;

	memset(a, 0, sizeof(*a));
	pthread_mutex_init(&a->leaf_lock, NULL);
	fx_begin(&a->fx);
	fx_set(&a->fx, "a", strategy);
	for(i = 0; i < FLICKERING; i++)
		fx_dst(&a->fx, 1 + i % 2, i % 5);
	fx_dst(&a->fx, 1, 9);
	fx_dst(&a->fx, 1, 9);
	fx_dst(&a->fx, 2, 1);
	fx_dst(&a->fx, 3, 100);
	fx_freeze(&a->fx);
	for(i = 0; i < DSTS; i++) {
		snprintf(id, sizeof(id), "d%u", i);
		a->dst[i] = fx_at(&a->fx, id);
	}
	fx_down(a->dst[NEVER_UP]);
	fx_word(a->dst[DRAINED], FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, FRT_SHARE_FULL));
}

/* No change may be lost or counted twice. */
static void check_sums(arena_t *a)
{
	const frt_set_t *set = fx_only(&a->fx);
	uint64_t kept[DSTS + 1];
	uint32_t i;

	for(i = 0; i <= set->ndsts; i++)
		kept[i] = atomic_load(&set->sums[i]);
	frt_gen_weigh(a->fx.gen);
	for(i = 0; i <= set->ndsts; i++)
		assert_int_equal(kept[i], atomic_load(&set->sums[i]));
}

static void run(arena_t *a)
{
	worker_t workers[CHOOSERS + WRITERS];
	struct timespec pause = {0, (long)(SECONDS_EACH * 1e9)};
	uint32_t i;

	for(i = 0; i < CHOOSERS + WRITERS; i++) {
		workers[i].arena = a;
		workers[i].rnd.state = frt_hash_mix(i);
		assert_int_equal(
				pthread_create(&workers[i].thread, NULL,
						i < CHOOSERS ? choose_on : write_words, &workers[i]),
				0);
	}
	nanosleep(&pause, NULL);
	atomic_store(&a->stop, true);
	for(i = 0; i < CHOOSERS + WRITERS; i++)
		pthread_join(workers[i].thread, NULL);
}

static void test_choose_race_in_every_strategy(void **state)
{
	static arena_t a;
	uint32_t s;

	(void)state;
	for(s = 0; s < FRT_PARALLEL; s++) {
		build(&a, (frt_strategy_t)s);
		run(&a);
		print_message("%s: %u choices\n", frt_strategy_name((frt_strategy_t)s),
				a.choices);
		assert_true(a.choices > 100);
		assert_int_equal(a.failed, 0);
		assert_int_equal(a.unusable, 0);
		assert_int_equal(a.repeated, 0);
		assert_int_equal(a.too_low, 0);
		check_sums(&a);
		pthread_mutex_destroy(&a.leaf_lock);
		fx_end(&a.fx);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_choose_race_in_every_strategy),
	};

	return UNIT_MAIN(tests);
}
