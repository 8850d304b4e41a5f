/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The health state machine: an observation, an operator's wish or the passing
 * of time goes in, a transition comes out. One flag per source; a source sets
 * and clears only its own. Must not know calls, messages, probes' transport
 * or a clock. Every function named _locked needs the record's lock held; none
 * logs, allocates or calls out.
 *
 *   health  event                                   next   what happens
 *   up      a source's flag is set                  down   hold, downs+1
 *   up      Retry-After                             down   hold as told
 *   down    hold over, no flag but traffic, probes  trial  if traffic's flag
 *           good (rise in a row, where enabled)            or a blackout
 *   down    the same, traffic's flag not set        ramp   (up if ramp is 0)
 *   down    operator's flag cleared, no other       up     at once
 *   trial   its call is good                        ramp   traffic flag goes
 *   trial   its call failed, or a flag is set       down   hold doubled
 *   ramp    ramp time over                          up
 *   ramp    a source's flag is set                  down   hold doubled
 */
#ifndef FRT_HEALTH_H
#define FRT_HEALTH_H

#include "frt_rec.h"

/* What an observation did to a record. */
typedef enum frt_change
{
	FRT_UNCHANGED = 0,
	FRT_CHANGED = 1, /* health or admin changed: *out is filled */
	FRT_SHARE = 2	 /* only the share of the weight changed */
} frt_change_t;

/* One piece of evidence from one source. */
typedef struct frt_obs
{
	frt_source_t source;
	frt_verdict_t verdict;
	frt_origin_t origin;
	uint16_t code;		  /* status code behind it, 0: none */
	bool invite;		  /* an INVITE; other methods: RFC 4320 */
	uint8_t trial;		  /* the token the attempt was given; 0: none */
	bool passed_by;		  /* timed out, but later attempts were answered */
	bool panic;			  /* tried although it was down: none was usable */
	uint64_t user;		  /* hash of the called user; 0: unknown */
	uint32_t blackout_ms; /* with FRT_V_BLACKOUT */
	uint32_t told_ms;	  /* the same as Retry-After had it; 0: it had none */
	uint32_t timeout_ms;  /* try-timeout of the attempt or of the probe */
} frt_obs_t;

/* What the end of a probe shows: one that was answered too late for this
 * destination was not answered, and of other answers ok and not-ok say which
 * are good. rtt_ms is of FRT_REMOTE only. */
frt_obs_t frt_obs_of_probe(const frt_probe_conf_t *conf, frt_origin_t origin,
		uint16_t code, uint64_t rtt_ms);

/* What changed; by value, so that words are made after the lock is gone. shed
 * and panic are filled by every observation and tick, the rest on
 * FRT_CHANGED. */
typedef struct frt_transition
{
	frt_health_t from;
	frt_health_t to;
	frt_admin_t admin_from;
	frt_admin_t admin_to;
	frt_source_t source;
	frt_reason_t reason;
	uint8_t shed_from; /* twentieths */
	uint8_t shed_to;
	frt_reason_t shed; /* the rate behind shed_to, if that is not 0 */
	bool panic; /* panic may try it now and might not before, or vice versa */
} frt_transition_t;

/* What a transition is to those who watch: -1 the destination went out of
 * service (dst-down), 1 it came back into service (dst-up), 0 neither. In
 * service is who is ready and up or on slow start, so the two alternate,
 * whatever health and the operator do to each other. No lock. */
int frt_health_told(const frt_transition_t *tr);

/* Everything of the configuration the machine needs. */
typedef struct frt_health_rules
{
	const frt_health_conf_t *health;
	const frt_probe_conf_t *probe; /* enabled=false: holds end by time alone */
	frt_profile_t profile;
	bool needed; /* no better or equal tier is in use: no failback delay */
	uint16_t week_min; /* local time, minutes since Sunday 00:00 */
	bool capped;	   /* max-eject is reached: traffic may not take it down */
} frt_health_rules_t;

/* A record's first state: up, or as the configuration's admin says. */
void frt_health_init(frt_rec_t *rec, frt_admin_t admin, uint64_t now_ms);

/* The same for a name that stands for nothing yet: down, by its own flag. */
void frt_health_init_unresolved(
		frt_rec_t *rec, frt_admin_t admin, uint64_t now_ms);

/* Applies one observation. Returns FRT_CHANGED with *out filled, FRT_SHARE or
 * FRT_UNCHANGED. */
frt_change_t frt_health_observe_locked(frt_rec_t *rec,
		const frt_health_rules_t *rules, const frt_obs_t *obs, uint64_t now_ms,
		frt_rand_t *rnd, frt_transition_t *out);

/* Applies the passing of time: ends holds, moves the ramp. Sets h.due_ms to
 * when it wants to be called next (0: only after the next observation). */
frt_change_t frt_health_tick_locked(frt_rec_t *rec,
		const frt_health_rules_t *rules, uint64_t now_ms, frt_rand_t *rnd,
		frt_transition_t *out);

/* Nobody probes it any more, or nobody did: the row of probes begins anew. */
void frt_health_unprobed_locked(frt_rec_t *rec);

/* It was out of the table, and with it what came of its trial and of probes:
 * both begin anew. */
void frt_health_back_locked(frt_rec_t *rec);

/* Changes the operator's wish. FRT_UNCHANGED if it is so already. */
frt_change_t frt_health_admin_locked(frt_rec_t *rec, frt_admin_t admin,
		uint64_t now_ms, frt_transition_t *out);

/* Takes the trial's token for a new attempt. True if the record is not on
 * trial or the token was free; false if another call has it. The share changes
 * with the token. *token numbers the trial, or, of a record that is down and
 * tried in panic, this time down: it goes with the attempt's outcome, so that
 * a late one decides nothing in another trial. 0: up or ramp, or false. */
bool frt_health_trial_take_locked(frt_rec_t *rec, uint8_t *token);
/* Gives the token back without a verdict (the attempt ended "ignore"). */
void frt_health_trial_release_locked(frt_rec_t *rec, uint8_t token);

/* May a new attempt go here, by the record's word alone? Whether there is room
 * for it is another matter: frt_cap.h. No lock needed. */
bool frt_health_usable(uint32_t word);
/* The share of its weight the destination gets now, 0..FRT_SHARE_FULL: 0 when
 * not usable, or full. No lock needed. */
uint32_t frt_health_share(uint32_t word);

/* The part of its calls that it sheds, percent. No lock needed. */
static inline uint32_t frt_health_shed_pct(uint32_t word)
{
	return FRT_WORD_SHED(word) * 100 / FRT_SHED_STEPS;
}

/* What is left of the hold, ms. */
uint32_t frt_health_hold_left_locked(const frt_rec_t *rec, uint64_t now_ms);

/* Writes the sentence of a reason, as in "3 consecutive INVITE timeouts (4 s
 * each); 212 ms since first; hold 30 s". No lock. */
void frt_reason_text(const frt_reason_t *reason, frt_buf_t *out);
/* Adds "; sheds 25 % of its calls for its failure rate", if it does. */
void frt_health_shed_text(uint32_t word, frt_buf_t *out);
/* Writes why a record is not used now, or "usable", in words an operator
 * knows: "down (traffic): ...", "drained by the operator". No lock; works on
 * copies. */
void frt_health_why_text(
		uint32_t word, const frt_reason_t *reason, frt_buf_t *out);

#endif
