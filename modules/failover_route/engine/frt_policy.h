/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one outcome of an attempt means: where this call goes (route) and what
 * it says about the destination (verdict). Pure functions of the outcome and
 * the set's rules. Must not know health, calls or messages.
 */
#ifndef FRT_POLICY_H
#define FRT_POLICY_H

#include "frt_conf.h"

#define FRT_RETRY_AFTER_NONE (-1)
#define FRT_CAUSE_NONE (-1)

/* How one attempt ended. */
typedef struct frt_outcome
{
	frt_origin_t origin;
	uint16_t code;		   /* 408 for our timer, 503 for the transport */
	bool invite;		   /* the request was an INVITE */
	bool provisional;	   /* 18x (101..199) was seen; a 100 does not count */
	bool trying;		   /* a 100 was seen */
	bool cancelled;		   /* the caller cancelled */
	bool cut_short;		   /* ended before its time, and not for itself */
	int32_t reason_cause;  /* FRT_CAUSE_NONE, or Reason: ...;cause=N */
	int64_t retry_after_s; /* FRT_RETRY_AFTER_NONE, or as received */
} frt_outcome_t;

typedef struct frt_decision
{
	frt_route_t route;
	frt_verdict_t verdict;
	/* It shows something of calls: no other method does, nor a challenge (401,
	 * 407), which a hop may give that then refuses them all. */
	bool invite;
	uint32_t blackout_ms; /* with FRT_V_BLACKOUT: clamped to 1 s .. hold_max */
	uint32_t told_ms;	  /* the same as Retry-After had it; 0: it had none */
} frt_decision_t;

/* Decides by the set's rules (the first that matches), then by the built-in
 * table of design section 6. After an 18x the route is stop, unless the set's
 * after_ringing says next and the code would fail over, or it came in the moment
 * when the attempt was cut short; a cancelled call never
 * goes on; one that was cut short always may: no rule can override these. No
 * lock, no allocation. */
void frt_policy_decide(const frt_set_conf_t *conf, const frt_rule_t *rules,
		uint32_t nrules, const frt_outcome_t *o, frt_decision_t *out);

/* The better of two final codes for the caller: RFC 3261 section 16.7, step 6
 * (6xx first, then the lowest class; in 4xx 401, 407, 415, 420 and 484 win).
 * 0 stands for none. */
int frt_policy_better(int a, int b);
/* The code the caller may see: a 503 becomes 500 (RFC 3261 section 16.7). */
int frt_policy_outward(int code);
/* The standard reason phrase of a status code, "Failure" if unknown. */
const char *frt_policy_phrase(int code);

/* Scans a raw SIP message's headers for Retry-After (RFC 3261 section
 * 20.33). Returns seconds, saturated to INT32_MAX, or FRT_RETRY_AFTER_NONE if
 * absent or not a number. Reads at most len bytes and only the headers. */
int64_t frt_hdr_retry_after(const char *msg, size_t len);
/* The cause of a Reason header (RFC 3326), preferring protocol Q.850 over SIP;
 * FRT_CAUSE_NONE if absent or malformed. */
int32_t frt_hdr_reason_cause(const char *msg, size_t len);

#endif
