/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Overload control (RFC 7339): a destination asks, in the Via of its replies,
 * that a part of the calls be kept away from it for a while. Here are what the
 * parameters say, what is in force, and whether a call may go. Only the
 * default algorithm, "loss", is known. Must not know calls, sets, nor who
 * else may keep a call away.
 *
 *   oc           percent of the calls to keep away, 0..100; 0: none
 *   oc-algo      "loss"; without it, that is what is meant
 *   oc-validity  ms; 500 without it; 0 ends the control
 *   oc-seq       numbers what is said: what is not newer is late
 */
#ifndef FRT_OC_H
#define FRT_OC_H

#include "frt_rec.h"

/* What one reply says. */
typedef struct frt_oc_said
{
	uint8_t loss; /* percent, 0..100 */
	bool has_seq;
	uint32_t validity_ms;
	uint64_t seq; /* in 1/100000 */
} frt_oc_said_t;

/* Reads the topmost Via of a raw reply, which is our own: the next hop has put
 * its parameters there (RFC 7339 section 4). False if it asks for nothing: no
 * oc, an oc without a value (it only supports it), another algorithm, or a
 * value that is out of range or malformed. */
bool frt_oc_parse(const char *msg, size_t len, frt_oc_said_t *out);

typedef enum frt_oc_change
{
	FRT_OC_SAME,
	FRT_OC_BEGUN, /* the first for FRT_OC_QUIET_MS that asks for less */
	FRT_OC_OVER	  /* for so long it has not asked for less */
} frt_oc_change_t;

/* Servers near their limit ask on and off: one story, told once. */
#define FRT_OC_QUIET_MS 10000u
/* What was said so long after the control's end is not late: a server that
 * numbers anew since its restart is believed again (RFC 3261: 64 * T1). */
#define FRT_OC_SEQ_KEPT_MS 32000u

/* Takes in what a reply said; max_ms clamps its validity. Record lock held.
 * FRT_OC_BEGUN or FRT_OC_SAME. */
frt_oc_change_t frt_oc_told_locked(frt_oc_t *oc, const frt_oc_said_t *said,
		uint32_t max_ms, uint64_t now_ms);
/* The passing of time: FRT_OC_OVER once when it is over, else FRT_OC_SAME. To
 * be called at oc->due_ms (0: never). Control itself ends by the clock, whether
 * this is called or not. Record lock held. */
frt_oc_change_t frt_oc_tick_locked(frt_oc_t *oc, uint64_t now_ms);

/* The percent of the calls that are to be kept away now; 0: no control. No
 * lock. */
uint32_t frt_oc_loss(const frt_oc_t *oc, uint64_t now_ms);
/* May a call go there? draw: random, and one for all that a call asks of a
 * destination, or its failing over would get it in after all. No lock. */
bool frt_oc_admit(const frt_oc_t *oc, uint64_t now_ms, uint64_t draw);

/* Is a call spared (RFC 7339 section 5.10.1)? Emergency calls, by the R-URI:
 * urn:service:sos and what is below it (RFC 5031) ... */
bool frt_oc_is_emergency(frt_str_t uri);
/* ... and requests with a Resource-Priority (RFC 4412), raw. */
bool frt_oc_has_priority(const char *msg, size_t len);

#endif
