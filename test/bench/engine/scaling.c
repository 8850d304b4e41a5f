/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What callers hold up among themselves when all of them go to one destination
 * of one set: each thread chooses, takes a place, ends the call well and gives
 * the place back, as fast as it can. Beside it the floor, which is as many bare
 * additions to one shared word: what sharing anything costs this machine.
 * Threads stand for worker processes, as caches and locks know no difference.
 * The lock is of the kind that Kamailio's is: it spins, then yields.
 *
 * Prints "threads, processor ns of a call, of the floor, locks found taken and
 * yields in a million calls", apart by tabs.
 *
 * usage: scaling THREADS...
 */
#include "../../unit/fixture.h"
#include "frt_cap.h"
#include "frt_rules.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#define CALLS 1000000u /* of each thread */
#define SPINS 1024	   /* as Kamailio's ADAPTIVE_WAIT_LOOPS */
#define SHARED 4 /* words that one call writes atomically, its lock's too */
#define THREADS_MAX 64

typedef struct worker
{
	_Alignas(FRT_CACHE_LINE) pthread_t thread;
	const frt_set_t *set;
	_Atomic uint64_t *floor; /* NULL: calls */
	frt_rand_t rnd;
	uint64_t cpu_ns;
	uint64_t taken; /* locks that were not free at once */
	uint64_t yields;
} worker_t;

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void lock(worker_t *w, frt_rec_t *rec)
{
	int spins = SPINS;

	if(!__atomic_exchange_n(&rec->host_lock, 1, __ATOMIC_ACQUIRE))
		return;
	w->taken++;
	while(__atomic_exchange_n(&rec->host_lock, 1, __ATOMIC_ACQUIRE)) {
		if(spins-- > 0)
			continue;
		w->yields++;
		sched_yield();
	}
}

static void unlock(frt_rec_t *rec)
{
	__atomic_store_n(&rec->host_lock, 0, __ATOMIC_RELEASE);
}

static void call(worker_t *w, uint64_t now_ms)
{
	static const frt_obs_t good = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_OK,
			.origin = FRT_REMOTE,
			.code = 200,
			.invite = true};
	frt_wish_t wish = {.key = 0};
	frt_health_rules_t rules;
	frt_transition_t tr = {0};
	frt_dst_t *dst;
	bool moved;

	if(frt_choose(w->set, &wish, &w->rnd, &dst) != 0)
		abort();
	frt_cap_take(dst->rec, dst->max_calls, &moved);
	frt_rules_of(dst, true, 0, &rules);
	lock(w, dst->rec);
	frt_health_observe_locked(dst->rec, &rules, &good, now_ms, &w->rnd, &tr);
	unlock(dst->rec);
	frt_cap_give(dst->rec);
}

static void *run(void *arg)
{
	worker_t *w = arg;
	uint64_t from = cpu_ns();
	uint32_t i, k;

	for(i = 0; i < CALLS; i++) {
		if(!w->floor)
			call(w, 1000 + i / 1000);
		for(k = 0; w->floor && k < SHARED; k++)
			atomic_fetch_add(w->floor, 1);
	}
	w->cpu_ns = cpu_ns() - from;
	return NULL;
}

/* All threads at once; what they used, in sum. */
static worker_t measure(fx_t *fx, unsigned threads, _Atomic uint64_t *floor)
{
	static worker_t workers[THREADS_MAX];
	worker_t sum = {.set = NULL};
	unsigned i;

	for(i = 0; i < threads; i++) {
		workers[i] =
				(worker_t){.set = fx_only(fx), .floor = floor, .rnd = {i + 1}};
		if(pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0)
			abort();
	}
	for(i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		sum.cpu_ns += workers[i].cpu_ns;
		sum.taken += workers[i].taken;
		sum.yields += workers[i].yields;
	}
	return sum;
}

int main(int argc, char **argv)
{
	static _Alignas(FRT_CACHE_LINE) _Atomic uint64_t word;
	fx_t fx;
	int i;

	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	for(i = 1; i < argc; i++) {
		unsigned n = (unsigned)strtoul(argv[i], NULL, 10);
		double all = (double)n * CALLS;
		worker_t floor, calls;

		if(n == 0 || n > THREADS_MAX)
			return 2;
		floor = measure(&fx, n, &word);
		calls = measure(&fx, n, NULL);
		printf("%u\t%.1f\t%.1f\t%.0f\t%.0f\n", n, (double)calls.cpu_ns / all,
				(double)floor.cpu_ns / all, (double)calls.taken / all * 1e6,
				(double)calls.yields / all * 1e6);
	}
	fx_end(&fx);
	return 0;
}
