/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated world: the model of the module in utils/sim, tables of random
 * shape, destinations whose true state only the world knows, operators, and
 * what must hold of all of it. One seed decides everything: equal seeds, equal
 * worlds. See README.md.
 */
#ifndef FRT_SIM_WORLD_H
#define FRT_SIM_WORLD_H

#include "sim.h"

#include <setjmp.h>

#define SIM_SETS 3
#define SIM_DSTS 10	 /* of a set */
#define SIM_ADDRS 16 /* next hops; destinations of two sets may share one */
#define SIM_CALLS 256
#define SIM_USERS 20 /* user 0's calls are answered by nobody */
#define SIM_SOON_MS 200
#define SIM_BEGUN 8 /* attempts remembered; more than any max-cps */

/* A configuration before it is a draft. */
typedef struct sim_dst
{
	char id[16];
	uint32_t addr;
	uint16_t priority;
	uint16_t weight;
	frt_admin_t admin;
	uint32_t max_calls;
	uint32_t max_cps;
} sim_dst_t;

typedef struct sim_set
{
	char id[16];
	frt_set_conf_t conf;
	bool rule; /* a rule of its own: 503 is weak */
	uint32_t ndsts;
	sim_dst_t dsts[SIM_DSTS];
	sim_dst_t gone; /* the latest that was removed */
} sim_set_t;

typedef struct sim_spec
{
	uint32_t nsets;
	sim_set_t sets[SIM_SETS];
} sim_spec_t;

/* A record, and what the checks know of it. Times are the engine's. */
typedef struct known
{
	sim_rec_t base;
	uint32_t refs;	   /* recounted: references, */
	uint32_t waiting;  /* attempts without outcome, */
	uint32_t tokens;   /* and of these, with the token of this trial */
	bool out;		   /* the latest event was dst-down */
	uint64_t quiet_ms; /* it asked not to be tried before then */
	uint64_t peace_ms; /* the same, however the clock was set */
	uint64_t
			begun_ms[SIM_BEGUN]; /* its latest attempts under max-cps, by the */
	uint64_t begun_t[SIM_BEGUN]; /* clock and in the world's own time */
	uint32_t nbegun;
	uint64_t refused_ms;   /* a trial failed: no call before then */
	uint64_t clear_ms;	   /* since when nothing speaks against it; 0 */
	uint64_t recovered_ms; /* since when it should be back; 0 */
} known_t;

/* A set's record, and an upper bound of its retries. */
typedef struct known_set
{
	sim_set_rec_t base;
	int64_t retries;	/* thousandths that may still be spent */
	uint64_t filled_ms; /* 0: not begun */
	uint32_t pct, min;
} known_set_t;

typedef struct world
{
	sim_world_t sim;
	uint64_t seed;
	bool broken;
	char what[512]; /* the invariant that broke */
	jmp_buf end;

	uint64_t high_ms; /* the highest the engine's clock has been */
	uint64_t back_ms; /* all it was set back */
	uint64_t end_t;	  /* no call begins later */
	bool healing;
	size_t live;	/* pieces of memory out */
	size_t fail_in; /* this request gets nothing; 0: none */

	sim_spec_t spec;
	uint32_t names; /* destinations ever named */
	sim_hop_t hops[SIM_ADDRS];
	uint32_t call_gap_ms;

	/* what came to pass, for the summary */
	uint32_t ncalls, ndowns, ntrials, nbacks, npanics, nreloads, nlower;
} world_t;

static inline world_t *world_of(const sim_world_t *w)
{
	return (world_t *)w;
}

static inline known_t *known(frt_rec_t *rec)
{
	return (known_t *)rec;
}

/* --- world.c: the order of events ---------------------------------------- */

void sim_world_run(world_t *w, uint64_t seed);

/* --- shapes.c: tables ---------------------------------------------------- */

void sim_spec_make(sim_world_t *w);
/* Changes the configuration somewhere. */
void sim_spec_change(sim_world_t *w);
/* Reloads: 0 or an frt_err_t, after which nothing has changed. */
int sim_spec_load(sim_world_t *w);

/* --- truth.c: what destinations do --------------------------------------- */

void sim_truth_make(sim_world_t *w);
/* Something breaks, or is mended. */
void sim_truth_change(sim_world_t *w);
/* All is mended. */
void sim_truth_heal(sim_world_t *w);
/* sim_ops_t's invite. */
bool sim_truth_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt);

/* --- operator.c: what people do ------------------------------------------ */

void sim_operator_act(sim_world_t *w);
/* Everything is mended, whoever was taken out is put back; but for some. */
void sim_operator_heal(sim_world_t *w);

/* --- checks.c: what must hold of choices and steps (sim_ops_t) ------------ */

void sim_check_choice(sim_world_t *w, const sim_choice_t *c);
void sim_check_attempt(
		sim_world_t *w, const frt_dst_t *dst, const frt_attempt_t *a);
void sim_check_budget(sim_world_t *w, const frt_set_t *set, bool retry);
void sim_check_step(sim_world_t *w, const sim_step_t *s);
/* A transition is told: dst-down and dst-up alternate. */
void sim_check_told(
		sim_world_t *w, const frt_dst_t *dst, const frt_transition_t *tr);

/* --- invariants.c: what must hold ---------------------------------------- */

/* After every event. */
void sim_check_world(sim_world_t *w);
/* After all has healed. */
void sim_check_recovered(sim_world_t *w);
/* When no call is left. */
void sim_check_quiet(sim_world_t *w);

#endif
