/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plan of a call: what it has tried, how each attempt ended, and how far
 * it may still go. Must not know how a message is sent, nor the table beyond
 * the records it refers to.
 *
 * A plan is touched by one process at a time for its steps (the one that holds
 * the transaction); only `ended` of an attempt is raced for, by a reply and a
 * timer, and so is atomic: whoever sets it counts the outcome.
 */
#ifndef FRT_PLAN_H
#define FRT_PLAN_H

#include "frt_act.h"
#include "frt_policy.h"
#include "frt_rec.h"

/* Why an attempt was ended before its timer. */
typedef enum frt_moved
{
	FRT_MOVED_NOT,
	FRT_MOVED_DOWN,		   /* its destination went down */
	FRT_MOVED_CLOSED,	   /* its connection was closed */
	FRT_MOVED_UNREACHABLE, /* ICMP said so of its packet */
	FRT_MOVED_HURRIED,	   /* the host's timer ran ahead of time */
} frt_moved_t;

/* What an attempt waits for, and a destination falls silent by. */
typedef enum frt_waits_for
{
	FRT_FOR_REPLY,	 /* an INVITE: any at all */
	FRT_FOR_PROGRESS /* the same: beyond 100 */
} frt_waits_for_t;

typedef struct frt_attempt
{
	frt_rec_t *rec; /* holds a reference */
	frt_set_rec_t
			*set; /* the same: where it counts; the call's may be another */
	uint64_t start_ms;
	_Atomic uint8_t ended; /* its outcome was taken */
	uint8_t sent;		   /* it went out on `branch` */
	uint8_t token;		   /* the trial's (frt_health.h); 0: none */
	uint8_t panic;		   /* tried although down: none was usable */
	uint8_t heard;		   /* any reply came */
	uint8_t trying;		   /* a 100 came */
	uint8_t provisional;   /* a 101..199 came */
	uint8_t origin;		   /* frt_origin_t of the final code */
	uint16_t code;		   /* final code, 0 while open */
	uint16_t route;		   /* frt_route_t once ended */
	int16_t branch;		   /* tm's branch, -1 before it is sent */
	uint8_t beside;		   /* made at once with the one before: a fork */
	uint8_t counted;	   /* rec's frt_act_t was there when it began */
	uint8_t cut;		   /* earlier ones left it less than a try-timeout */
	uint8_t udp;		   /* its destination is one for UDP */
	uint16_t said;		   /* its code, while the host shows another; or 0 */
	uint32_t ticks;		   /* the host's timer when it began */
	uint32_t timeout_ms;   /* the try-timeout it was given */
	uint32_t progress_ms;  /* the progress-timeout it was given; 0: none */
	uint32_t late_tag;	   /* hash of the To tag that got our BYE, 0: none */
	uint64_t left_key;	   /* its branch, once left: frt_late.h; 0: not */
	_Atomic uint8_t moved; /* frt_moved_t */
	_Atomic uint8_t waits; /* for what: bit per frt_waits_for_t, and its end */
	uint16_t cseq;		   /* once left: its frt_dialog_cseq() */
	frt_wait_t wait;	   /* see frt_flight.h */
} frt_attempt_t;

typedef struct frt_plan
{
	frt_set_rec_t *set; /* holds a reference; NULL: no plan yet */
	uint32_t gen_seq;	/* generation of the latest choice */
	uint16_t n;			/* attempts made */
	uint8_t max;		/* n may not pass this */
	uint8_t won;		/* 1 + index of the attempt answered by 2xx; 0: none */
	uint64_t start_ms;
	uint64_t deadline_ms; /* absolute; no new attempt from then on */
	uint64_t user;		  /* hash of the called user, 0: unknown */
	uint64_t key;		  /* hash strategy's key */
	uint32_t ident[2];	  /* where the host finds the transaction */
	frt_attempt_t tries[FRT_ATTEMPTS_MAX];
} frt_plan_t;

/* Gives a zeroed plan its set, or a used one another set: what was tried stays
 * tried, attempts (up to FRT_ATTEMPTS_MAX in all) and deadline start afresh. */
void frt_plan_begin(frt_plan_t *p, frt_set_rec_t *set,
		const frt_set_conf_t *conf, uint64_t now_ms);
/* The deadline is this time, if it was later. */
void frt_plan_end_by(frt_plan_t *p, uint64_t at_ms);
/* Less than this before the deadline is no time for one more attempt. It is a
 * tick of Kamailio's timers, and they may be early by one: an attempt that the
 * deadline ended was the last. */
#define FRT_TRY_LEAST_MS 63u

/* May another attempt be made? 0, FRT_E_ATTEMPTS or FRT_E_DEADLINE. */
int frt_plan_may_try(const frt_plan_t *p, uint64_t now_ms);
/* May the request, changed, go to this attempt's destination once more? It may
 * where that has refused it with a final reply and the policy did not send the
 * call on (a challenge: RFC 3261 section 22.2), once for each code. 0,
 * FRT_E_INVAL, FRT_E_EXHAUSTED, FRT_E_ATTEMPTS or FRT_E_DEADLINE. */
int frt_plan_may_repeat(
		const frt_plan_t *p, const frt_attempt_t *a, uint64_t now_ms);
/* Such an attempt is to be one more than max-attempts. */
void frt_plan_extend(frt_plan_t *p);
/* Is the latest attempt at a destination that the call has had before? */
bool frt_plan_repeats(const frt_plan_t *p);
/* Notes a new attempt, open, in the plan's set, with the references to both that
 * the caller holds. */
frt_attempt_t *frt_plan_add(frt_plan_t *p, frt_rec_t *rec, uint64_t now_ms);
/* Gives a new attempt of the plan its try-timeout: the set's, or with adaptive
 * an INVITE gets what the destination's own times to a 100 suggest, while the
 * first reply to another method is its answer; not past the deadline and at
 * least 1 ms. resend_ms: when a request that was lost is sent again (RFC
 * 3261's T1), which is waited for; 0 where none is lost. */
void frt_plan_time(const frt_plan_t *p, const frt_set_conf_t *conf,
		frt_attempt_t *a, bool invite, uint32_t resend_ms, uint64_t now_ms);
/* The progress-timeout of an attempt that starts now at rec, 0: none. The
 * set's; with adaptive twice what the destination's own times to an 18x or 2xx
 * suggest once enough are known, within progress-timeout-min and the set's
 * progress-timeout (answer-timeout where that is off). What was learned doubles
 * for each attempt of the call that ended in silence (RFC 6298 section 5.5),
 * and where the call could not go elsewhere the set's counts alone: a number
 * that is slow everywhere must get through. */
uint32_t frt_plan_progress(const frt_plan_t *p, const frt_set_conf_t *conf,
		const frt_rec_t *rec, bool elsewhere);
/* The latest attempt made; of a fork (parallel), one of several. */
frt_attempt_t *frt_plan_last(frt_plan_t *p);
/* Index of the first attempt that was made at once with the last: its own,
 * where there is no fork; 0 where there is no attempt. */
uint32_t frt_plan_fork(const frt_plan_t *p);
/* Has the call gone on to elsewhere from where it was sent first? */
bool frt_plan_moved(const frt_plan_t *p);
/* Has any destination answered the call, and not by the 503 of one that does not
 * work? Then it has been somewhere: a phone that is off (480) is no outage. */
bool frt_plan_answered(const frt_plan_t *p);
/* May the call go on? next if all of the latest attempts have ended and the
 * policy said so of each; one that says stop stops the call. */
frt_route_t frt_plan_route(const frt_plan_t *p);
/* The attempt that tells where the call is: the one that was answered, else
 * the last. n must not be 0. */
const frt_attempt_t *frt_plan_shown(const frt_plan_t *p);
frt_attempt_t *frt_plan_of_branch(frt_plan_t *p, int branch);
/* Counts one of FRT_COUNTERS at its destination. One that began without room
 * for it is counted nowhere, even if there is some by then: what has ended is
 * never more than what began. */
#define frt_attempt_count(a, name)          \
	do {                                    \
		const frt_attempt_t *try_ = (a);    \
		if(try_->counted)                   \
			frt_act_count(try_->rec, name); \
	} while(0)
/* Claims the right to count an attempt's outcome: true exactly once. */
bool frt_attempt_end(frt_attempt_t *a, frt_origin_t origin, int code);
/* It is about to be sent, to this called user (0: unknown): counts an INVITE
 * among those that wait at its destination. */
void frt_attempt_waits(
		frt_attempt_t *a, uint64_t user, bool invite, uint64_t now_ms);
/* What it waited for has come: a sign of life. Any process, any number of
 * times. */
void frt_attempt_heard(frt_attempt_t *a, frt_waits_for_t what);
/* It waits for nothing more. Must have happened before the plan's memory goes;
 * any number of times. */
void frt_attempt_over(frt_attempt_t *a);
/* An INVITE's silence counts in its destination's times: else one that got slower
 * than its own timeout would never be heard again. But not of one that is down
 * meanwhile: there it was to be expected, and its trial begins with the times it
 * had. */
void frt_attempt_silent(frt_attempt_t *a, uint64_t now_ms);
/* Notes why it is ended before its time; false if another process has done so. */
bool frt_attempt_move(frt_attempt_t *a, frt_moved_t why);
/* It goes on after all, unless it is ended for something else. */
void frt_attempt_stay(frt_attempt_t *a, frt_moved_t why);
/* If it is ended now, by us, is that before it had its time: because its
 * destination went down or its connection closed, the timer ran ahead, or the call's earlier
 * attempts had used most of its deadline? Then it shows nothing. */
bool frt_attempt_cut_short(const frt_attempt_t *a, bool invite);
/* The host's timer has counted so much since it began. By how much is that more
 * than has passed, as when the clock it goes by is set forward? 0: so little that
 * its end shows something. */
uint64_t frt_attempt_ahead_ms(
		const frt_attempt_t *a, uint64_t counted_ms, uint64_t now_ms);
/* Attempts sent there later than this one got what it waits for. */
bool frt_attempt_passed_by(const frt_attempt_t *a);
/* May a call live on the way there: has an INVITE been heard of that has not
 * ended, or does one wait that may be the first to be heard, as none that was sent
 * since the last sign of life has been given up? */
bool frt_rec_alive(const frt_rec_t *rec);
/* The destination has fallen silent, by its own response times: see
 * frt_quiet.h. Nearly always a look at two numbers. */
bool frt_rec_silent(const frt_rec_t *rec, uint64_t now_ms);
/* Lists the records tried, at most FRT_ATTEMPTS_MAX; returns how many. */
uint32_t frt_plan_tried(const frt_plan_t *p, frt_rec_t **out);
/* The best final code of all ended attempts for the caller, by RFC 3261
 * section 16.7; 0 if none has ended. Of a destination that was tried once more
 * what it said first is no answer. One that said nothing in time counts with the
 * code that the host has for silence, 408 as a rule. */
int frt_plan_best(const frt_plan_t *p, int silence);
/* Is that code what stands for those that said nothing, and no destination's? */
bool frt_plan_is_silence(const frt_plan_t *p, int code, int silence);
/* What that text may need, with its NUL: an id, ":503" and ">" for each. */
#define FRT_PLAN_PATH_MAX (FRT_ATTEMPTS_MAX * (FRT_DST_ID_MAX + 5))
/* Writes "gw1:503>gw2:200"; an open attempt has no code yet: "gw1:503>gw2".
 * Those tried at once: "gw1:503+gw2>gw3:200"; one that was cancelled because
 * another answered gets no code. */
void frt_plan_path(const frt_plan_t *p, frt_buf_t *out);
/* The call was answered by this attempt's 2xx; NULL: by a branch that is none
 * of the plan's. */
void frt_plan_win(frt_plan_t *p, const frt_attempt_t *a);
/* The latest attempt that has ended, or NULL. */
const frt_attempt_t *frt_plan_ended(const frt_plan_t *p);
/* Writes why it ended so (of a fork, what stopped the call if anything did):
 * "503", "no reply in 4 s", "no answer" (it rang),
 * "transport error", "unreachable (ICMP)", "connection closed", "went down";
 * nothing if none has ended. */
void frt_plan_reason(const frt_plan_t *p, frt_buf_t *out);

#endif
