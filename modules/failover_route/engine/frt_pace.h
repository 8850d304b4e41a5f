/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How often a destination deserves a probe, by its health: now and then while
 * it is well, quickly while something changes, seldom when it has been down
 * for long. Pure functions; must not know targets, schedules or messages.
 */
#ifndef FRT_PACE_H
#define FRT_PACE_H

#include "frt_rec.h"

#define FRT_PACE_MIN_MS 10		   /* no interval is shorter than this */
#define FRT_PACE_CALL_MIN_MS 10000 /* nor, for test calls, than this */

typedef struct frt_pace
{
	uint32_t gap_ms; /* the next probe at most so long after the last */
	bool steady;	 /* the regular interval, kept in step with the others */
} frt_pace_t;

/* The pace of one destination. The record's lock is held.
 *
 *   up, ramp, trial  no failed probe          interval, steady
 *                    the last one failed      fast-interval
 *   down             proved alive by probes   interval, steady
 *                    a good probe, not yet rise  fast-interval
 *                    for less than a minute   fast-interval
 *                    the hold is nearly over  fast-interval, so that `rise`
 *                                             good probes can be in by then
 *                    otherwise                down-interval
 *
 * fast-interval counts as at most interval, so that a dead destination is
 * noticed within fall x interval + timeout. */
frt_pace_t frt_pace_locked(
		const frt_rec_t *rec, const frt_probe_conf_t *conf, uint64_t now_ms);
/* The quicker of two. */
frt_pace_t frt_pace_quicker(frt_pace_t a, frt_pace_t b);

/* fast-interval as it counts, see above. */
uint32_t frt_pace_fast_ms(const frt_probe_conf_t *conf);
uint32_t frt_pace_interval_ms(const frt_probe_conf_t *conf);
/* The shortest time between the starts of two probes that nobody ordered, or 0
 * where the intervals alone decide. */
uint32_t frt_pace_floor_ms(const frt_probe_conf_t *conf);

/* The first retransmission interval T1 (RFC 3261 section 17.1.2.2) for a probe
 * that is given up after timeout_ms: t1_ms, or as little more as it takes for
 * no retransmission to fall near the end, where it would no longer count but
 * might still go out. t2_ms is the longest interval. */
uint32_t frt_pace_t1_ms(uint32_t timeout_ms, uint32_t t1_ms, uint32_t t2_ms);

#endif
