/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs worlds: sim [-v] [-s SEED] [-n WORLDS] [-k FILE]. A seed that fails is
 * printed with the command that replays it, and kept in FILE. The last line
 * has the sums.
 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GIVE_UP 20 /* failing worlds */

static void *mem_get(void *ctx, size_t size)
{
	world_t *w = ctx;
	void *p;

	if(w->fail_in && --w->fail_in == 0)
		return NULL;
	p = aligned_alloc(FRT_CACHE_LINE,
			(size + FRT_CACHE_LINE - 1) / FRT_CACHE_LINE * FRT_CACHE_LINE);
	if(!p)
		abort();
	w->live++;
	return p;
}

static void mem_put(void *ctx, void *p)
{
	world_t *w = ctx;

	w->live -= p != NULL;
	free(p);
}

/* What came to pass in all worlds: a simulation in which nothing happens
 * proves nothing. */
typedef struct sums
{
	uint64_t steps, calls, downs, trials, backs, panics, reloads, lower;
} sums_t;

static void add(sums_t *s, const world_t *w)
{
	s->steps += w->sim.step;
	s->calls += w->ncalls;
	s->downs += w->ndowns;
	s->trials += w->ntrials;
	s->backs += w->nbacks;
	s->panics += w->npanics;
	s->reloads += w->nreloads;
	s->lower += w->nlower;
}

static bool world_ok(world_t *w, uint64_t seed, bool verbose)
{
	memset(w, 0, sizeof(*w));
	w->sim.verbose = verbose;
	w->sim.mem = (frt_mem_t){mem_get, mem_put, w};
	if(setjmp(w->end) == 0)
		sim_world_run(w, seed);
	if(w->broken)
		printf("seed %llu, step %u, %.3f s: %s\n    replay: make sim SEED=%llu"
			   " V=1\n",
				(unsigned long long)w->seed, w->sim.step,
				(double)w->sim.t / 1000, w->what, (unsigned long long)w->seed);
	sim_free(&w->sim);
	return !w->broken;
}

static void keep(const char *file, uint64_t seed)
{
	FILE *f = file ? fopen(file, "a") : NULL;

	if(!f)
		return;
	fprintf(f, "%llu\n", (unsigned long long)seed);
	fclose(f);
}

int main(int argc, char **argv)
{
	static world_t w;
	uint64_t seed = 1, n = 1, passed = 0, failed = 0;
	const char *file = NULL;
	bool verbose = false;
	sums_t s = {0};

	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "-v") == 0)
			verbose = true;
		else if(i + 1 < argc && strcmp(argv[i], "-s") == 0)
			seed = strtoull(argv[++i], NULL, 10);
		else if(i + 1 < argc && strcmp(argv[i], "-n") == 0)
			n = strtoull(argv[++i], NULL, 10);
		else if(i + 1 < argc && strcmp(argv[i], "-k") == 0)
			file = argv[++i];
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for(; n > 0 && failed < GIVE_UP; n--, seed++) {
		if(world_ok(&w, seed, verbose)) {
			passed++;
		} else {
			failed++;
			keep(file, seed);
		}
		add(&s, &w);
	}
	printf("%llu steps, %llu calls, %llu downs, %llu trials (%llu good), "
		   "%llu panic calls, %llu to a lower tier, %llu reloads\n",
			(unsigned long long)s.steps, (unsigned long long)s.calls,
			(unsigned long long)s.downs, (unsigned long long)s.trials,
			(unsigned long long)s.backs, (unsigned long long)s.panics,
			(unsigned long long)s.lower, (unsigned long long)s.reloads);
	printf("%llu passed, %llu failed\n", (unsigned long long)passed,
			(unsigned long long)failed);
	return failed > 0;
}
