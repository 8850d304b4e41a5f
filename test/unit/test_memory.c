/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared memory a destination, by the table as it is: every byte that freezing,
 * attaching and publishing ask for is counted. At most 512 for one that is
 * loaded and probed, and no more after reloads; what calls leave behind comes
 * with the first of them, and its failing costs counts and nothing else.
 */
// needs: modules/failover_route/frt_lock.c modules/failover_route/frt_shm.c modules/failover_route/frt_slab.c modules/failover_route/frt_away.c
#include "fixture.h"
#include "frt_shm.h"

#include <pthread.h>

#define MANY 10000u
#define BUDGET 512u		 /* bytes, of one that is loaded and probed */
#define WITH_CALLS 1024u /* of one that has had calls */

/* Shared memory: what is out, and the most that ever was. Aligned to 8 bytes and no
 * more, as Kamailio's allocators do it. */
static struct
{
	pthread_mutex_t lock;
	size_t live, peak, pieces;
	bool empty;		/* there is none left */
	size_t fail_in; /* so many requests from now; 0: none fails */
	uint32_t errors;
} shm = {.lock = PTHREAD_MUTEX_INITIALIZER};

void *shm_malloc(size_t size)
{
	bool fails = shm.empty || (shm.fail_in > 0 && --shm.fail_in == 0);
	size_t *p = fails ? NULL : malloc(sizeof(*p) + size);

	if(!p)
		return NULL;
	p[0] = size;
	pthread_mutex_lock(&shm.lock);
	shm.live += size;
	shm.pieces++;
	if(shm.live > shm.peak)
		shm.peak = shm.live;
	pthread_mutex_unlock(&shm.lock);
	return p + 1;
}

void shm_free(void *p)
{
	pthread_mutex_lock(&shm.lock);
	shm.live -= ((size_t *)p)[-1];
	shm.pieces--;
	pthread_mutex_unlock(&shm.lock);
	free((size_t *)p - 1);
}

void *pkg_malloc(size_t size)
{
	return malloc(size);
}

void pkg_free(void *p)
{
	free(p);
}

int get_max_procs(void)
{
	return 4;
}

void frt_stub_error(void)
{
	shm.errors++;
}

static size_t empty_table; /* what the table itself takes */

static int begin(void **state)
{
	(void)state;
	shm.empty = false;
	shm.errors = 0;
	assert_int_equal(shm.live, 0);
	assert_int_equal(frt_table_init(), 0);
	assert_int_equal(frt_table_init_procs(), 0);
	empty_table = shm.live;
	return 0;
}

/* Nothing is left behind, whatever a test did. */
static int end(void **state)
{
	(void)state;
	frt_table_destroy();
	assert_int_equal(shm.live, 0);
	return 0;
}

/* Destinations from first on, n of them, in one set. The names are as long as
 * an operator's are. */
static void fill(fx_t *fx, uint32_t first, uint32_t n, unsigned weight)
{
	char id[32], uri[64];
	uint32_t i;

	for(i = first; i < first + n; i++) {
		snprintf(id, sizeof(id), "us-east-%05u", i);
		snprintf(uri, sizeof(uri), "sip:10.%u.%u.%u:5060;transport=tcp",
				i >> 16, i >> 8 & 255, i & 255);
		fx_dst_uri(fx, id, uri, 1, weight);
	}
}

/* A reload with what is in the draft, as frt_reload.c makes it. */
static int publish(fx_t *fx)
{
	frt_gen_t *g;
	int err;

	assert_true(frt_table_reload_trylock());
	err = frt_gen_freeze(fx->draft, frt_mem_shm(), frt_table_next_seq(), &g);
	if(err == 0) {
		err = frt_table_attach(g);
		if(err)
			frt_table_discard(g);
		else
			frt_table_publish(g);
	}
	frt_table_reload_unlock();
	return err;
}

static void load(uint32_t first, uint32_t n, unsigned weight)
{
	fx_t fx;

	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fill(&fx, first, n, weight);
	assert_int_equal(publish(&fx), 0);
	frt_draft_free(fx.draft);
	fx.draft = NULL;
}

static double each(uint32_t n)
{
	return (double)(shm.live - empty_table) / n;
}

/* The prober's doing, for each: a probe that failed, and then a good one. */
static void probe_all(void)
{
	frt_set_conf_t conf;
	frt_health_rules_t rules = {.health = &conf.health, .probe = &conf.probe};
	frt_gen_t *g = frt_table_enter();
	frt_transition_t tr;
	uint32_t i;

	frt_set_conf_default(&conf);
	for(i = 0; i < g->ndsts; i++) {
		frt_rec_t *rec = g->dsts[i].rec;
		frt_obs_t bad = frt_obs_of_probe(&conf.probe, FRT_LOCAL, 408, 2000);
		frt_obs_t good = frt_obs_of_probe(&conf.probe, FRT_REMOTE, 200, 12);

		frt_health_observe_locked(
				rec, &rules, &bad, frt_now_ms(), frt_random(), &tr);
		frt_health_observe_locked(
				rec, &rules, &good, frt_now_ms(), frt_random(), &tr);
		frt_hist_add(&rec->rtt, FRT_HIST_RTT, 12);
		atomic_fetch_add(&rec->n.probes, 2);
	}
	frt_table_leave();
}

/* What was saved before the machine was last started keeps its age. */
static void test_memory_time_begins_long_before_the_machine(void **state)
{
	(void)state;
	assert_true(frt_now_ms() > 5ull * 365 * 86400 * 1000);
	assert_true(frt_now_ms() < 50ull * 365 * 86400 * 1000);
}

static frt_rec_t *rec_at(uint32_t i)
{
	frt_rec_t *rec = frt_table_enter()->dsts[i].rec;

	frt_table_leave();
	return rec;
}

static void test_memory_loaded_and_probed_is_within_the_budget(void **state)
{
	(void)state;
	load(0, MANY, 10);
	probe_all();
	print_message("%.0f bytes a destination, of these its record %zu\n",
			each(MANY), sizeof(frt_rec_t));
	assert_between(each(MANY), 1, BUDGET);
}

/* Records stay, generations go: the new one is beside the old for the moment
 * of the reload only. */
static void test_memory_is_the_same_after_reloads(void **state)
{
	size_t once;
	int i;

	(void)state;
	load(0, MANY, 10);
	once = shm.live;
	shm.peak = 0;
	for(i = 0; i < 5; i++)
		load(0, MANY, 10);
	assert_int_equal(shm.live, once);
	assert_between(shm.peak, once, once * 3 / 2);
	for(i = 0; i < 5; i++)
		load(0, MANY, 20 + (unsigned)i);
	assert_int_equal(shm.live, once);
}

/* What comes and goes: the block of the first load stays for those of it that
 * stay, and the newcomers' goes with the last of them. */
static void test_memory_comes_back_when_destinations_go(void **state)
{
	size_t once;

	(void)state;
	load(0, MANY, 10);
	once = shm.live;
	load(0, MANY + 1000, 10);
	assert_between(each(MANY + 1000), 1, BUDGET);
	load(0, MANY, 10);
	assert_int_equal(shm.live, once);
	load(MANY, 10, 10);
	assert_between(each(10), 1, 2 * BUDGET);
}

/* Half of them others each time, and some that always stay: they do not hold
 * the memory of those that have gone. */
static void test_memory_some_that_stay_keep_no_others(void **state)
{
	uint32_t i;

	(void)state;
	for(i = 0; i < 20; i++) {
		load(i * MANY / 2, MANY, 10);
		assert_between(each(MANY), 1, BUDGET);
	}
}

static void test_memory_old_table_goes_with_its_last_reader(void **state)
{
	frt_gen_t *old;
	size_t once;

	(void)state;
	load(0, MANY, 10);
	once = shm.live;
	old = frt_table_enter();
	load(0, MANY, 10);
	frt_table_reap();
	assert_between(shm.live, once + 1, once * 3 / 2);
	assert_int_equal(old->ndsts, MANY);
	frt_table_leave();
	frt_table_reap();
	assert_int_equal(shm.live, once);
}

static void test_memory_of_calls_comes_with_the_first(void **state)
{
	size_t idle, pieces;
	uint32_t i;

	(void)state;
	load(0, MANY, 10);
	idle = shm.live;
	pieces = shm.pieces;
	for(i = 0; i < MANY; i++)
		frt_table_act(rec_at(i));
	assert_int_equal(shm.pieces, pieces + MANY);
	assert_int_equal(shm.live, idle + MANY * sizeof(frt_act_t));
	print_message("%.0f bytes a destination with calls\n", each(MANY));
	assert_between(each(MANY), 1, WITH_CALLS);
	for(i = 0; i < MANY; i++)
		frt_table_act(rec_at(i));
	load(0, MANY, 10);
	assert_int_equal(shm.pieces, pieces + MANY);
	assert_int_equal(shm.errors, 0);
}

/* One that began before there was memory is counted nowhere, and ends so. */
static void test_memory_none_left_loses_counts_and_no_call(void **state)
{
	frt_plan_t plan = {.max = 3};
	frt_attempt_t *a, *b;
	frt_rec_t *rec;

	(void)state;
	load(0, 10, 10);
	rec = rec_at(0);
	shm.empty = true;
	frt_table_act(rec);
	frt_table_act(rec);
	frt_table_act(rec_at(1));
	assert_int_equal(shm.errors, 1);
	a = frt_plan_add(&plan, rec, 1000);
	frt_attempt_waits(a, 1, true, 1000);
	frt_act_count(rec, attempts);
	assert_false(frt_rec_silent(rec, 9000));
	assert_null(frt_act(rec));
	assert_int_equal(atomic_load(&frt_act_seen(rec)->n.attempts), 0);

	shm.empty = false;
	frt_table_act(rec);
	b = frt_plan_add(&plan, rec, 1000);
	frt_attempt_waits(b, 1, true, 1000);
	frt_act_count(rec, attempts);
	assert_int_equal(atomic_load(&frt_act_seen(rec)->n.attempts), 1);
	frt_attempt_count(a, ok);
	frt_attempt_count(b, failed);
	assert_int_equal(atomic_load(&frt_act_seen(rec)->n.ok), 0);
	assert_int_equal(atomic_load(&frt_act_seen(rec)->n.failed), 1);
	frt_attempt_heard(a, FRT_FOR_REPLY);
	frt_attempt_over(a);
	assert_int_equal(atomic_load(&frt_act(rec)->quiet[0].open), 1);
	frt_attempt_over(b);
	assert_int_equal(atomic_load(&frt_act(rec)->quiet[0].open), 0);

	shm.empty = true;
	frt_table_act(rec_at(1));
	assert_int_equal(shm.errors, 2);
}

/* Taken away by one reload and brought back by another, with a call under way:
 * it is the same one. Without, nothing is left of it. */
static void test_memory_of_one_with_calls_waits_for_its_return(void **state)
{
	frt_rec_t *rec;
	size_t once;
	int i;

	(void)state;
	load(0, 10, 10);
	once = shm.live;
	rec = rec_at(3);
	frt_rec_ref(rec);
	atomic_store(&rec->calls, 2);
	for(i = 0; i < 3; i++) {
		load(20, 10, 10);
		load(40, 10, 10);
		load(0, 10, 10);
		assert_ptr_equal(rec_at(3), rec);
		assert_int_equal(atomic_load(&rec->calls), 2);
	}
	load(20, 10, 10);
	atomic_store(&rec->calls, 0);
	frt_rec_unref(rec);
	load(0, 10, 10);
	assert_int_equal(atomic_load(&rec_at(3)->calls), 0);
	load(0, 10, 10);
	assert_int_equal(shm.live, once);
}

/* What the operator wanted of it was of before: now the source has put it there. */
static void test_memory_of_one_that_returns_has_the_sources_admin(void **state)
{
	frt_transition_t tr;
	frt_rec_t *rec;

	(void)state;
	load(0, 10, 10);
	rec = rec_at(3);
	atomic_store(&rec->calls, 1);
	frt_health_admin_locked(rec, FRT_DRAIN, 1000, &tr);
	load(20, 10, 10);
	load(0, 10, 10);
	assert_ptr_equal(rec_at(3), rec);
	assert_int_equal(FRT_WORD_ADMIN(atomic_load(&rec->word)), FRT_READY);
	atomic_store(&rec->calls, 0);
}

/* Every piece of a reload is refused in turn: each time nothing has changed. */
static void test_memory_none_at_each_step_of_a_reload(void **state)
{
	frt_draft_dst_t *dst;
	frt_gen_t *old;
	size_t before, step;
	fx_t fx;

	(void)state;
	load(0, 10, 10);
	before = shm.live;
	old = frt_table_enter();
	frt_table_leave();
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_HASH);
	fill(&fx, 5, 150, 10);
	for(dst = fx.set->dsts; dst; dst = dst->next)
		dst->max_cps = 5;
	fx_set(&fx, "others", FRT_WEIGHTED);
	fill(&fx, 0, 3, 10);
	for(step = 1;; step++) {
		shm.fail_in = step;
		if(publish(&fx) == 0)
			break;
		assert_int_equal(shm.fail_in, 0);
		assert_ptr_equal(frt_table_enter(), old);
		frt_table_leave();
		/* those that are in both have their rings already */
		assert_true(shm.live <= before + 5 * sizeof(frt_rate_t));
		assert_int_equal(atomic_load(&rec_at(7)->refs), 1);
	}
	shm.fail_in = 0;
	assert_true(step > 150);
	assert_int_equal(frt_table_next_seq(), 3);
	frt_draft_free(fx.draft);
}

#define WORKERS 4
#define RACES 500

static pthread_barrier_t together;
static frt_rec_t *racing[RACES];

static void *first_call(void *arg)
{
	uint32_t i;

	(void)arg;
	for(i = 0; i < RACES; i++) {
		pthread_barrier_wait(&together);
		frt_act_need(racing[i], frt_mem_shm());
		frt_act_count(racing[i], attempts);
	}
	return NULL;
}

static void test_memory_first_calls_at_once_make_one_block(void **state)
{
	pthread_t workers[WORKERS];
	size_t pieces;
	uint32_t i;

	(void)state;
	load(0, RACES, 10);
	for(i = 0; i < RACES; i++)
		racing[i] = rec_at(i);
	pieces = shm.pieces;
	pthread_barrier_init(&together, NULL, WORKERS);
	for(i = 0; i < WORKERS; i++)
		pthread_create(&workers[i], NULL, first_call, NULL);
	for(i = 0; i < WORKERS; i++)
		pthread_join(workers[i], NULL);
	pthread_barrier_destroy(&together);
	assert_int_equal(shm.pieces, pieces + RACES);
	for(i = 0; i < RACES; i++)
		assert_int_equal(
				atomic_load(&frt_act_seen(racing[i])->n.attempts), WORKERS);
}

#define TABLE_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			TABLE_TEST(test_memory_loaded_and_probed_is_within_the_budget),
			TABLE_TEST(test_memory_time_begins_long_before_the_machine),
			TABLE_TEST(test_memory_is_the_same_after_reloads),
			TABLE_TEST(test_memory_comes_back_when_destinations_go),
			TABLE_TEST(test_memory_some_that_stay_keep_no_others),
			TABLE_TEST(test_memory_old_table_goes_with_its_last_reader),
			TABLE_TEST(test_memory_of_calls_comes_with_the_first),
			TABLE_TEST(test_memory_of_one_with_calls_waits_for_its_return),
			TABLE_TEST(test_memory_of_one_that_returns_has_the_sources_admin),
			TABLE_TEST(test_memory_none_at_each_step_of_a_reload),
			TABLE_TEST(test_memory_none_left_loses_counts_and_no_call),
			TABLE_TEST(test_memory_first_calls_at_once_make_one_block),
	};
	return UNIT_MAIN(tests);
}
