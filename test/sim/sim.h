/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated world: the engine as it is, a thin model of the host around it,
 * a clock that only moves when told, and destinations whose true state only
 * the simulation knows. One seed decides everything: equal seeds, equal
 * worlds. See README.md.
 *
 * World time (w->t) is what passes; the engine's clock is world time plus a
 * skew, which jumps.
 */
#ifndef FRT_SIM_H
#define FRT_SIM_H

#include "frt_gen.h"
#include "frt_health.h"
#include "frt_plan.h"
#include "frt_sched.h"

#include <setjmp.h>

#define SIM_SETS 3
#define SIM_DSTS 10	 /* of a set */
#define SIM_ADDRS 16 /* next hops; destinations of two sets may share one */
#define SIM_CALLS 256
#define SIM_USERS 20  /* user 0's calls are answered by nobody */
#define SIM_KICKS 512 /* more are a fault of the simulation */
#define SIM_SOON_MS 200
#define SIM_BEGUN 8 /* attempts remembered; more than any max-cps */

/* The truth about a next hop. */
#define SIM_TRUTHS(X)                                                    \
	X(SIM_HEALTHY, "healthy")		/* answers everything */             \
	X(SIM_DEAD, "dead")				/* answers nothing */                \
	X(SIM_REFUSED, "refused")		/* port closed */                    \
	X(SIM_LIMPING, "limping")		/* OPTIONS 200, INVITE 503 */        \
	X(SIM_DEAF, "deaf")				/* OPTIONS 200, INVITE unanswered */ \
	X(SIM_TRYING, "trying")			/* 100, then silence */              \
	X(SIM_BROWNOUT, "brownout")		/* some INVITEs 503 or unanswered */ \
	X(SIM_OVERLOADED, "overloaded") /* 503 with Retry-After */           \
	X(SIM_FLAPPING, "flapping")		/* dead and healthy in turns */      \
	X(SIM_SLOW, "slow")				/* answers late, some too late */    \
	X(SIM_SHY, "shy")				/* INVITE 200, OPTIONS unanswered */
FRT_ENUM_DECL(sim_truth, SIM_TRUTHS)

typedef struct sim_hop
{
	sim_truth_t truth;
	uint32_t percent;	/* brownout: of its INVITEs */
	uint32_t period_ms; /* flapping */
	bool stream;		/* a refused send fails at once; else ICMP says so */
} sim_hop_t;

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

/* A record, and what the simulation knows of it. Times are the engine's. */
typedef struct sim_rec
{
	frt_rec_t rec;
	struct sim_rec *next; /* of all alive */
	char set[16];
	char id[16];
	uint32_t addr;
	uint32_t open;	   /* attempts begun and not ended */
	uint32_t refs;	   /* recounted: references, */
	uint32_t waiting;  /* attempts without outcome, */
	uint32_t tokens;   /* and of these, with the token of this trial */
	bool out;		   /* the latest event was dst-down */
	uint64_t quiet_ms; /* it asked not to be tried before then */
	uint64_t peace_ms; /* the same, however the clock was set */
	uint64_t begun_ms[SIM_BEGUN]; /* its latest attempts under max-cps */
	uint32_t nbegun;
	uint64_t refused_ms;   /* a trial failed: no call before then */
	uint64_t clear_ms;	   /* since when nothing speaks against it; 0 */
	uint64_t recovered_ms; /* since when it should be back; 0 */
} sim_rec_t;

/* A set's record, and an upper bound of its retries. */
typedef struct sim_set_rec
{
	frt_set_rec_t rec;
	struct sim_set_rec *next;
	char id[16];
	int64_t retries;	/* thousandths that may still be spent */
	uint64_t filled_ms; /* 0: not begun */
	uint32_t pct, min;
} sim_set_rec_t;

typedef struct sim_call
{
	frt_plan_t plan;
	bool used;
	bool over; /* answered or given up; tm keeps it a while */
	bool hung_up;
	bool invite;
	uint32_t life;					  /* tells apart who used the slot */
	uint32_t user;					  /* number of the called one */
	uint32_t timer[FRT_ATTEMPTS_MAX]; /* number of the timer that counts */
} sim_call_t;

#define SIM_EVENTS(X)              \
	X(SIM_CALL, "call")            \
	X(SIM_REPLY, "reply")          \
	X(SIM_TIMER, "timer")          \
	X(SIM_MOVE, "move")            \
	X(SIM_HANGUP, "hangup")        \
	X(SIM_FREE, "free")            \
	X(SIM_PROBED, "probe reply")   \
	X(SIM_CHANGE, "truth changes") \
	X(SIM_OPERATOR, "operator")    \
	X(SIM_HEAL, "heal")
FRT_ENUM_DECL(sim_kind, SIM_EVENTS)

typedef struct sim_event
{
	uint64_t t;
	uint64_t seq; /* ties are broken by age */
	sim_kind_t kind;
	uint32_t call, life, attempt;
	uint32_t id;   /* of a probe, or a timer's number */
	int code;	   /* of a reply; of a move frt_moved_t */
	int64_t retry; /* Retry-After, s */
} sim_event_t;

typedef struct sim_kick
{
	frt_rec_t *rec;
	bool probe;
} sim_kick_t;

typedef struct sim_world
{
	uint64_t seed;
	bool verbose;
	bool broken;
	char what[512]; /* the invariant that broke */
	jmp_buf end;

	frt_rand_t fate; /* the simulation's draws */
	frt_rand_t rnd;	 /* the engine's draws */
	uint64_t t;
	uint64_t skew;	  /* the engine's clock is this much ahead */
	uint64_t high_ms; /* the highest the engine's clock has been */
	uint64_t back_ms; /* all it was set back */
	uint32_t week_min;
	uint32_t step;
	uint64_t end_t; /* no call begins later */
	bool healing;

	sim_event_t *events; /* a heap by time */
	uint32_t nevents, room;
	uint64_t seq;

	frt_mem_t mem;
	size_t live;	/* pieces of memory out */
	size_t fail_in; /* this request gets nothing; 0: none */

	sim_spec_t spec;
	uint32_t names; /* destinations ever named */
	bool probing;	/* the module's parameter */
	frt_gen_t *gen;
	sim_rec_t *recs;
	sim_set_rec_t *set_recs;
	frt_sched_t sched;
	uint64_t probe_retry_ms; /* the schedule was out of memory */
	sim_kick_t kicks[SIM_KICKS];
	uint32_t nkicks;

	sim_hop_t hops[SIM_ADDRS];
	uint32_t loss; /* of messages, permille */
	uint32_t call_gap_ms;
	sim_call_t calls[SIM_CALLS];
	uint32_t top; /* no call is used from here on */

	/* what came to pass, for the summary */
	uint32_t ncalls, ndowns, ntrials, nbacks, npanics, nreloads, nlower;
} sim_world_t;

/* --- main.c: drawing, memory, saying ------------------------------------- */

/* Uniform in [0, n), from what the simulation draws. */
uint32_t sim_draw(sim_world_t *w, uint32_t n);
/* True in so many of a hundred. */
bool sim_chance(sim_world_t *w, uint32_t percent);
/* One line of the trace, where it is wanted. */
void sim_say(sim_world_t *w, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
/* An invariant broke: ends the world. */
void sim_broken(sim_world_t *w, const char *fmt, ...)
		__attribute__((format(printf, 2, 3), noreturn));
/* The engine's clock. */
uint64_t sim_now(const sim_world_t *w);

/* --- world.c: the order of events ---------------------------------------- */

void sim_world_run(sim_world_t *w, uint64_t seed);
/* Frees what a broken world left. */
void sim_world_free(sim_world_t *w);
/* An event in so many ms; the caller fills in the rest. */
sim_event_t *sim_later(sim_world_t *w, sim_kind_t kind, uint64_t in_ms);

/* --- table.c: shapes, generations and records (frt_shm.c, frt_reload.c) -- */

void sim_spec_make(sim_world_t *w);
/* Changes the configuration somewhere. */
void sim_spec_change(sim_world_t *w);
/* Reloads: 0 or an frt_err_t, after which nothing has changed. */
int sim_table_load(sim_world_t *w);
void sim_table_drop(sim_world_t *w);
void sim_weigh(sim_world_t *w, frt_rec_t *rec);
void sim_rec_ref(frt_rec_t *rec);
void sim_rec_unref(sim_world_t *w, frt_rec_t *rec);
void sim_set_rec_unref(sim_world_t *w, frt_set_rec_t *rec);
static inline sim_rec_t *sim_rec_of(frt_rec_t *rec)
{
	return (sim_rec_t *)rec;
}

/* --- truth.c: what destinations do --------------------------------------- */

void sim_truth_make(sim_world_t *w);
/* Something breaks, or is mended. */
void sim_truth_change(sim_world_t *w);
/* The truth of now: flapping is one or the other. */
sim_truth_t sim_truth_now(const sim_world_t *w, uint32_t addr);
/* Plans the replies to an attempt that went out. False: it could not be
 * sent. */
bool sim_truth_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt);
/* Plans the reply to a probe. False: it could not be sent. */
bool sim_truth_probe(sim_world_t *w, uint32_t addr, uint32_t id);

/* --- host.c: evidence to change (frt_observe.c, frt_event_words.c) ------- */

void sim_rules_of(
		sim_world_t *w, const frt_dst_t *dst, frt_health_rules_t *rules);
void sim_observe(sim_world_t *w, frt_rec_t *rec, const frt_obs_t *obs);
uint64_t sim_tick(sim_world_t *w, frt_rec_t *rec);
bool sim_admin(sim_world_t *w, frt_rec_t *rec, frt_admin_t admin);
/* A place for a call, its token with it (frt_admit.c); and the place back. */
int sim_admit(sim_world_t *w, frt_dst_t *dst, bool panic, uint8_t *token);
void sim_leave(sim_world_t *w, frt_rec_t *rec);
void sim_release(sim_world_t *w, frt_rec_t *rec, uint8_t token);
void sim_kick(sim_world_t *w, frt_rec_t *rec, bool probe);

/* --- prober.c: probes and ticks (frt_probe.c) ---------------------------- */

/* Does all that is due. */
void sim_prober_run(sim_world_t *w);
/* The engine's time of what is due next. */
uint64_t sim_prober_next(const sim_world_t *w);
void sim_prober_result(sim_world_t *w, const sim_event_t *ev);

/* --- call.c: calls (frt_call.c, frt_relay.c, frt_reply.c, frt_rescue.c) -- */

void sim_call_new(sim_world_t *w);
void sim_call_event(sim_world_t *w, const sim_event_t *ev);
/* The destination went down: what waits there moves on. */
void sim_call_rescue(sim_world_t *w, frt_rec_t *rec);

/* --- operator.c: what people do ------------------------------------------ */

void sim_operator_act(sim_world_t *w);
/* Everything is mended, whoever was taken out is put back; but for some. */
void sim_operator_heal(sim_world_t *w);

/* --- invariants.c: what must hold ---------------------------------------- */

/* A choice as made, before the token is taken. */
typedef struct sim_choice
{
	const frt_set_t *set;
	const frt_dst_t *dst;
	frt_rec_t *const *tried;
	uint32_t ntried;
	bool panic;
	int err; /* nothing was chosen; dst is NULL */
} sim_choice_t;

void sim_check_choice(sim_world_t *w, const sim_choice_t *c);
/* An attempt begins; its token is in it. */
void sim_check_attempt(
		sim_world_t *w, const frt_dst_t *dst, const frt_attempt_t *a);
/* A call begins, or goes on at the cost of a retry. */
void sim_check_budget(sim_world_t *w, const frt_set_t *set, bool retry);
/* The machine made one step; obs is NULL for a tick. */
typedef struct sim_step
{
	const frt_dst_t *dst;
	const frt_obs_t *obs;
	const frt_health_rules_t *rules;
	uint32_t before;	/* the word */
	frt_health_rec_t h; /* as it was */
	uint64_t ejected;	/* of its tier, as it was */
	frt_change_t change;
	const frt_transition_t *tr;
} sim_step_t;
void sim_check_step(sim_world_t *w, const sim_step_t *s);
/* A transition is told: dst-down and dst-up alternate. */
void sim_check_told(
		sim_world_t *w, const frt_rec_t *rec, const frt_transition_t *tr);
/* After every event. */
void sim_check_world(sim_world_t *w);
/* After all has healed. */
void sim_check_recovered(sim_world_t *w);
/* When no call is left. */
void sim_check_quiet(sim_world_t *w);

#endif
