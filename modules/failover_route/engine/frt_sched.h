/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The prober's schedule: which next hop is due for a probe when, which probes
 * are under way, and when each destination's health wants to be told the time.
 * Must not know how a probe is sent, nor a clock. Used by one process only; no
 * lock.
 *
 * A target is one next hop: all destinations of all sets with the same address,
 * port, transport, socket, method, number, From, outbound proxy, Max-Forwards
 * and answer-from share its probes.
 * Destinations are named by their index in the generation the schedule was
 * loaded from; targets keep their number from load to load, so a reload
 * neither restarts nor bunches anything.
 *
 * A target waits (for its time), flies (a probe is under way), and then its
 * probe has ended; the caller says so with frt_sched_ended(). A probe that is a
 * test call may stay open after that, until it is cancelled or hung up: the
 * next one waits for it, and so does the target, should a reload take its last
 * destination.
 */
#ifndef FRT_SCHED_H
#define FRT_SCHED_H

#include "frt_gen.h"
#include "frt_heap.h"
#include "frt_pace.h"
#include "frt_throttle.h"

typedef enum frt_target_state
{
	FRT_TARGET_FREE,
	FRT_TARGET_WAITING,
	FRT_TARGET_FLYING
} frt_target_state_t;

typedef struct frt_target
{
	uint64_t key;		/* hash of what makes the next hop */
	uint64_t slot_ms;	/* when the regular probe is due, but for the jitter */
	uint64_t sent_ms;	/* when the latest probe went out; 0: never */
	uint64_t ended_ms;	/* when the latest one ended; 0: never */
	uint64_t silent_ms; /* sent_ms of that, if nobody answered; else 0 (host) */
	uint32_t first;		/* its first destination; FRT_NONE: none */
	uint32_t chain;		/* next in its bucket, or next free; FRT_NONE: end */
	uint32_t gap_ms;	/* its share of the throttle's load */
	uint32_t interval_ms; /* the shortest of its destinations */
	uint32_t fast_ms;	  /* the shortest of its destinations */
	uint32_t timeout_ms;  /* the longest of its destinations */
	uint32_t floor_ms;	  /* between two that nobody ordered; 0: any time */
	uint64_t open_ms;	  /* its test call is over by then; 0: it has none */
	uint32_t call[2];	  /* and which one that is (host) */
	uint16_t tag;		  /* number of the latest probe */
	uint8_t state;		  /* frt_target_state_t */
	bool steady;		  /* at the regular pace, in step with the others */
	bool put_off;		  /* was due while its test call was open */
	bool fresh;			  /* new in this load */
	bool seen;			  /* in this load */
	bool unsent;		  /* the latest probe could not be sent (host) */
	bool ordered;		  /* the operator asked for the next one (host) */
	bool full; /* a destination was, when the latest went out (host) */
} frt_target_t;

typedef struct frt_sched
{
	const frt_mem_t *mem;
	bool probing; /* false: no targets, only the passing of time */
	uint32_t seq; /* of the generation loaded; 0: none */
	uint32_t ndsts;
	uint32_t room;		 /* of the next two arrays */
	uint32_t *target_of; /* by destination; FRT_NONE: not probed */
	uint32_t *next_of;	 /* by destination: the target's next; FRT_NONE */
	frt_heap_t ticks;	 /* of destinations */
	frt_target_t *targets;
	uint32_t ntargets;
	uint32_t cap;
	uint32_t free; /* first free target, FRT_NONE: none */
	uint32_t *buckets;
	uint32_t mask;
	frt_heap_t regular; /* waiting targets ... */
	frt_heap_t urgent;	/* ... and those that hurry; each is in one */
	frt_heap_t flying;	/* by the time the probe is given up */
	frt_throttle_t throttle;
	bool urgent_last; /* who had the latest turn, when both were due */
} frt_sched_t;

/* rate: probes a second at most. */
void frt_sched_init(
		frt_sched_t *s, const frt_mem_t *mem, uint32_t rate, bool probing);
/* Frees all memory; the schedule is empty then, and may be loaded again. */
void frt_sched_free(frt_sched_t *s);

/* Brings the schedule to a generation. Known targets keep their time and their
 * probe under way, those without destinations go, new ones are spread evenly.
 * All ticks are forgotten: the caller sets them. FRT_E_NOMEM, or FRT_E_RANGE
 * beyond FRT_SCHED_TARGETS_MAX; then the schedule is empty. */
int frt_sched_load(
		frt_sched_t *s, const frt_gen_t *g, uint64_t now_ms, frt_rand_t *rnd);
#define FRT_SCHED_TARGETS_MAX (1u << 22)

/* When something may be due: not before now_ms; UINT64_MAX if nothing is. */
uint64_t frt_sched_next(const frt_sched_t *s, uint64_t now_ms);

/* A destination's health is due then; 0: no more. */
void frt_sched_tick_set(frt_sched_t *s, uint32_t dst, uint64_t due_ms);
/* Takes one destination whose health is due. */
bool frt_sched_tick_pop(frt_sched_t *s, uint64_t now_ms, uint32_t *dst);

/* Asks for a probe of a destination's next hop out of turn: at once if
 * by_operator, else not sooner than half a fast-interval after the last one
 * ended, nor than the floor. Nothing happens while one is under way. False if
 * it is not probed. */
bool frt_sched_hurry(
		frt_sched_t *s, uint32_t dst, bool by_operator, uint64_t now_ms);

/* Takes one target whose probe is due and may go out now; it flies from here
 * on, until its timeout. *id names the probe. */
bool frt_sched_fly(
		frt_sched_t *s, uint64_t now_ms, uint32_t *target, uint32_t *id);
/* Its sending took until now: the timeout counts from here. */
void frt_sched_sent(frt_sched_t *s, uint32_t target, uint64_t now_ms);
/* The target whose probe this is; false if it is no longer waited for. */
bool frt_sched_answer(const frt_sched_t *s, uint32_t id, uint32_t *target);
/* The target's probe is a test call, which is over at until_ms at the latest. */
void frt_sched_opened(frt_sched_t *s, uint32_t target, uint64_t until_ms);
/* The target whose open test call this is; false if it is over. */
bool frt_sched_open(const frt_sched_t *s, uint32_t id, uint32_t *target);
/* The target's test call is over: the next one may follow. */
void frt_sched_over(frt_sched_t *s, uint32_t target, uint64_t now_ms);
/* Takes one target whose probe was not answered in time. */
bool frt_sched_overdue(frt_sched_t *s, uint64_t now_ms, uint32_t *target);
/* The target's probe has ended, and this is its pace now. */
void frt_sched_ended(frt_sched_t *s, uint32_t target, frt_pace_t pace,
		uint64_t now_ms, frt_rand_t *rnd);
/* After a load: a destination's pace is this now. If its next hop is not at the
 * regular pace, and waits for longer than that, it is probed within it. */
void frt_sched_sooner(frt_sched_t *s, uint32_t dst, frt_pace_t pace,
		uint64_t now_ms, frt_rand_t *rnd);
/* When the target's next probe is due; 0 while one is under way. */
uint64_t frt_sched_due(const frt_sched_t *s, uint32_t target);

/* Between frt_sched.c and frt_sched_load.c. */

/* What of the interval passes on average from one regular probe to the next,
 * in percent. With the jitter to both sides a gap is never longer than the
 * interval. */
#define FRT_SCHED_PERIOD_PCT 94
/* That, of an interval. */
uint32_t frt_sched_period_ms(uint32_t interval_ms);
/* Makes a target wait until due_ms, at the given pace. */
void frt_sched_wait(
		frt_sched_t *s, uint32_t target, uint64_t due_ms, uint32_t gap_ms);
/* Takes a target out of all heaps and the load. */
void frt_sched_leave(frt_sched_t *s, uint32_t target);

#endif
