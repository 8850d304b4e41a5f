/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The mutable records of the table: one per (set, destination) and one per
 * set. They live apart from generations, are reference-counted, and are
 * carried from one generation to the next by key, so a reload never rewrites
 * live state. Must not know generations' layout or the host.
 *
 * Who may touch what:
 *   word      read by anyone without a lock; written under the record's lock
 *   counters  atomic, anyone
 *   health    under the record's lock only
 *   act       set once, by compare and swap; see frt_act_t below
 *
 * Most destinations of a large table are idle most of the time, so a record has
 * only what one without calls needs. What calls leave behind is in a block of
 * its own, made with the first of them: see frt_act.h.
 */
#ifndef FRT_REC_H
#define FRT_REC_H

#include "frt_base.h"
#include "frt_conf.h"
#include "frt_hist.h"
#include "frt_quiet.h"

#include <stdatomic.h>
#include <stddef.h>

#define FRT_CACHE_LINE 64
#define FRT_SHARE_FULL 1000 /* a share is in permille of the weight */
/* Shedding takes twentieths off the share, and leaves a tenth of it. */
#define FRT_SHED_STEPS 20u
#define FRT_SHED_MAX 18u

/* Evidence of the last window, in slices of window/8, so that old evidence
 * leaves in steps and no list grows. strong and others are a run: see
 * frt_evidence_ok(). */
#define FRT_SLICES 8
typedef struct frt_slice
{
	uint16_t attempts;
	uint16_t fails;
	uint16_t apart; /* fails but those that repeat the user before them */
	uint8_t strong; /* strong fails of INVITEs, up to 255 */
	uint8_t others; /* the same of other methods */
	/* the first of each, from the slice's start, in units of frt_evidence.c */
	uint16_t fail_at;
	uint16_t strong_at;
	uint16_t others_at;
} frt_slice_t;

/* Why the record is as it is; turned into words by frt_reason_text(). */
#define FRT_WHY_LIST(X)                                 \
	X(FRT_WHY_START, "start")                           \
	X(FRT_WHY_STRONG, "consecutive strong fails")       \
	X(FRT_WHY_RATE, "failure rate")                     \
	X(FRT_WHY_STRICT, "strict profile")                 \
	X(FRT_WHY_BLACKOUT, "Retry-After")                  \
	X(FRT_WHY_PROBE, "failed probes")                   \
	X(FRT_WHY_OPERATOR, "operator")                     \
	X(FRT_WHY_QUALITY, "quality report")                \
	X(FRT_WHY_RESOLVE, "name does not resolve")         \
	X(FRT_WHY_HOLD_OVER, "hold over")                   \
	X(FRT_WHY_TRIAL_OK, "trial call good")              \
	X(FRT_WHY_TRIAL_FAIL, "trial call failed")          \
	X(FRT_WHY_RAMP_OVER, "ramp done")                   \
	X(FRT_WHY_ADMIN, "administrative state")            \
	X(FRT_WHY_RESTORED, "restored from the state file") \
	X(FRT_WHY_REGISTER, "registration lost")            \
	X(FRT_WHY_PEER, "reported by a peer")
FRT_ENUM_DECL(frt_why, FRT_WHY_LIST)

/* "3 consecutive INVITE timeouts (4 s each)" is said only of fails alike. */
#define FRT_MIXED_KIND 1u
#define FRT_MIXED_TIMEOUT 2u

/* The numbers behind a reason. */
typedef struct frt_reason
{
	frt_why_t why;
	frt_origin_t origin; /* of the last failure */
	uint16_t code;		 /* of the last failure; 0: none */
	uint16_t count;		 /* how many fails */
	uint16_t attempts;	 /* of how many, for FRT_WHY_RATE */
	bool invite;		 /* INVITEs are among what failed */
	bool good;			 /* it speaks for the destination, not against */
	uint8_t mixed;		 /* of FRT_MIXED_*: what the counted fails differ in */
	uint32_t timeout_ms; /* the try-timeout or probe timeout behind it */
	uint32_t since_ms;	 /* from the first failure to the change; of a blackout
						  * what Retry-After had, 0: it had none */
	uint32_t hold_ms;	 /* the hold it began, 0: none */
} frt_reason_t;

/* The latest fail, and what the fails of its run differ in. */
typedef struct frt_fail
{
	uint32_t timeout_ms;
	uint16_t code;
	uint16_t count; /* of the run */
	uint8_t origin; /* frt_origin_t */
	uint8_t mixed;	/* of FRT_MIXED_* */
	bool invite;
	uint8_t calls; /* bit per slice: an INVITE is among its fails */
} frt_fail_t;

/* What calls showed of late, see frt_evidence.h. What only fails write comes
 * first: frt_act_t says why. */
typedef struct frt_evidence
{
	uint64_t first_fail_ms;	 /* first of the fails now counted; 0: none */
	uint64_t user_ms[2];	 /* when the users below last failed */
	uint64_t probe_fail_ms;	 /* last failed probe; 0: never */
	uint32_t user[2];		 /* the two latest called users; 0: none */
	frt_fail_t fail;		 /* the latest */
	uint32_t window_ms;		 /* the slices are an eighth of it; 0: none yet */
	uint64_t slice_start_ms; /* start of slices[slice] */
	frt_slice_t slices[FRT_SLICES];
	uint8_t slice;
} frt_evidence_t;

/* The state machine's memory; all times are the caller's monotonic ms. */
typedef struct frt_health_rec
{
	uint64_t since_ms;		/* when health last changed */
	uint64_t ready_ms;		/* down: since when only failback holds it */
	uint64_t hold_until_ms; /* 0: no hold */
	uint64_t told_ms;		/* down: its Retry-After ends then; 0: none */
	uint64_t due_ms;		/* when frt_health_tick_locked() is due; 0: never */
	uint64_t seen_ms;		/* the latest time it was told; see frt_machine.c */
	frt_reason_t reason;	/* of the last change */
	uint16_t downs;			/* n of the hold's 2^(n-1) */
	uint16_t probe_good;	/* good probes in a row */
	uint16_t probe_bad;		/* failed probes in a row */
	uint16_t quality_bad;	/* bad reports in a row */
	uint16_t quality_good;	/* good reports in a row */
	uint8_t spell;			/* numbers its times in down and trial; never 0 */
	uint8_t spared;			/* would be down, but max-eject of its tier is */
	uint8_t blackout;		/* down for a Retry-After: returns without probes */
	uint8_t waived;			/* the operator said up: no probes, no delay */
	uint8_t source;			/* frt_source_t behind the last change */
} frt_health_rec_t;

#define FRT_COUNTERS(X) \
	X(attempts)         \
	X(ok)               \
	X(failed)           \
	X(timeouts)         \
	X(ignored)          \
	X(full)             \
	X(oc_passed)        \
	X(failovers)        \
	X(failovers_to)     \
	X(rescued)          \
	X(late)             \
	X(avoided)          \
	X(code_1xx)         \
	X(code_2xx)         \
	X(code_3xx)         \
	X(code_4xx)         \
	X(code_5xx)         \
	X(code_6xx)         \
	X(code_408)         \
	X(code_480)         \
	X(code_503)         \
	X(code_504)

typedef struct frt_counters
{
#define FRT_X(name) _Atomic uint32_t name;
	FRT_COUNTERS(FRT_X)
#undef FRT_X
} frt_counters_t;

/* What one without calls counts, too. */
#define FRT_REC_COUNTERS(X) \
	X(probes)               \
	X(probes_failed)        \
	X(transitions)

typedef struct frt_rec_counters
{
#define FRT_X(name) _Atomic uint32_t name;
	FRT_REC_COUNTERS(FRT_X)
#undef FRT_X
} frt_rec_counters_t;

/* The packed word a chooser reads: everything it needs in one load. */
#define FRT_WORD_HEALTH(w) ((frt_health_t)((w)&0x7u))
#define FRT_WORD_ADMIN(w) ((frt_admin_t)(((w) >> 3) & 0x3u))
#define FRT_WORD_BUSY(w) (((w) >> 5) & 0x1u)	 /* a trial call is in flight */
#define FRT_WORD_FULL(w) (((w) >> 6) & 0x1u)	 /* max-calls is reached */
#define FRT_WORD_FLAGS(w) (((w) >> 8) & 0xffu)	 /* bit per frt_source_t */
#define FRT_WORD_SHARE(w) (((w) >> 16) & 0x3ffu) /* permille, ready or not */
#define FRT_WORD_SHED(w) (((w) >> 26) & 0x1fu)	 /* in twentieths of it */
#define FRT_WORD_SHED_BITS(shed) ((uint32_t)(shed) << 26)
#define FRT_WORD(health, admin, busy, flags, share)                      \
	((uint32_t)(health) | (uint32_t)(admin) << 3 | (uint32_t)(busy) << 5 \
			| (uint32_t)(flags) << 8 | (uint32_t)(share) << 16)

/* Not of FRT_WORD(): it goes by the count of calls (frt_cap.h), and every other
 * change of the word leaves it as it is. */
#define FRT_WORD_FULL_BIT (1u << 6)

/* The overload control a destination asks for; see frt_oc.h. */
typedef struct frt_oc
{
	_Atomic uint64_t now; /* what is in force, and until when */
	/* under the record's lock */
	uint64_t seq;
	uint64_t seq_until_ms; /* until then a lower one is late; 0: none yet */
	uint64_t due_ms;	   /* when it may be over; 0: nothing has begun */
} frt_oc_t;

/* One attempt's place in its destination's list. */
typedef enum frt_waits
{
	FRT_WAIT_NEW,	 /* not sent yet */
	FRT_WAIT_LISTED, /* in the list */
	FRT_WAIT_TAKEN,	 /* the rescuer is looking at it */
	FRT_WAIT_OVER	 /* a reply came, or it has ended: never again */
} frt_waits_t;

typedef struct frt_wait
{
	struct frt_wait *prev;
	struct frt_wait *next;
	uint8_t state;	/* frt_waits_t */
	uint8_t at;		/* index of the attempt in its plan */
	uint8_t stream; /* it went out over TCP or TLS */
	uint8_t anyway; /* chosen although the destination was down */
} frt_wait_t;

/* What calls leave behind at a destination: made with the first (frt_act.h),
 * and freed with the record. Not aligned to cache lines, which would cost most
 * of one: instead it begins with what only fails write, so that what every call
 * writes shares no line with the block before it. */
typedef struct frt_act
{
	frt_evidence_t e; /* under the record's lock */
	/* under the wait lock, see frt_flight.h: attempts that wait there without
	 * any reply, oldest first; the two numbers are read by anyone */
	_Atomic uint32_t waiting;
	_Atomic uint32_t streams; /* of these, over TCP or TLS */
	long wait_lock;
	frt_wait_t *wait_first;
	frt_wait_t *wait_last;
	/* atomic, anyone */
	frt_quiet_t quiet[2];	 /* by frt_waits_for_t, frt_plan.h */
	_Atomic uint64_t rto;	 /* frt_rto.h: until the first reply */
	_Atomic uint64_t ring;	 /* frt_rto.h: INVITE until the first 18x or 2xx */
	_Atomic uint32_t pdd_ms; /* smoothed post-dial delay */
	_Atomic uint32_t open;	 /* INVITEs that were sent and have not ended */
	frt_counters_t n;
	frt_hist_t pdd; /* post-dial delays */
	/* under the record's lock; .now is read by anyone */
	frt_oc_t oc;
} frt_act_t;

/* Shared memory hands out multiples of 8: so far the line of whatever lies
 * before may reach. */
_Static_assert(offsetof(frt_act_t, e.slice_start_ms) >= FRT_CACHE_LINE - 8,
		"what each call writes shares a cache line with another block");

typedef struct frt_rec
{
	/* read by every chooser; written where a call begins and ends */
	_Alignas(FRT_CACHE_LINE) _Atomic uint32_t word;
	_Atomic uint32_t refs;
	_Atomic uint32_t calls; /* in progress: exact, whatever memory there is */
	uint8_t conf_admin;		/* frt_admin_t the source said last; reload only */
	uint32_t at[2]; /* index in generation.dsts, by the generation's parity */
	_Atomic(frt_act_t *) act; /* NULL: no call yet. By frt_act.h only */
	frt_str_t set;			  /* key; text lives in the same block */
	frt_str_t id;

	/* without a lock: probes and panic */
	_Alignas(FRT_CACHE_LINE) _Atomic uint32_t probe_rtt_ms;
	_Atomic uint32_t told_ms; /* not for panic until then: low 32 bits, 0: no */
	_Atomic uint32_t failed_ms; /* when it last failed: low 32 bits, 0: never */
	frt_rec_counters_t n;
	frt_hist_t rtt; /* of good probes; the prober only */

	/* under the lock */
	_Alignas(FRT_CACHE_LINE) long host_lock; /* the host's lock lives here */
	void *owner; /* the block it was carved from (host); once */
	/* max-cps: frt_cap.h; NULL while there is none. Set by a reload, once. */
	_Atomic(struct frt_rate *) rate;
	frt_health_rec_t h;
} frt_rec_t;

/* One per set; carried over by id. */
typedef struct frt_set_rec
{
	_Alignas(FRT_CACHE_LINE) _Atomic uint32_t refs;
	_Atomic uint32_t down; /* 1: the last event said set-down */
	/* the best tier in use when last looked (frt_event_words.c); 0: not yet */
	_Atomic uint64_t tier_place;
	void *owner;
	frt_str_t id;
	uint32_t at[2]; /* index in generation.sets, by the generation's parity */
	_Alignas(FRT_CACHE_LINE) _Atomic uint64_t turn; /* round-robin */
	_Atomic uint32_t calls;
	_Atomic uint32_t failovers;
	_Atomic uint32_t panic;		  /* 1: the last event said panic-on */
	_Atomic uint64_t budget;	  /* frt_budget.h */
	_Atomic uint32_t over_budget; /* retries refused */
	_Atomic uint32_t exhausted;	  /* calls for which no destination was left */
} frt_set_rec_t;

#endif
