/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How fast probes may go out. Two limits: no more than the operator's rate
 * whatever happens, and regular probes evenly, a little faster than they fall
 * due, so that however many fall due together there is never a burst. Must not
 * know what is probed, nor a clock.
 */
#ifndef FRT_THROTTLE_H
#define FRT_THROTTLE_H

#include "frt_base.h"

typedef struct frt_throttle
{
	uint32_t rate;		/* at most so many probes a second; at least 1 */
	uint32_t even_us;	/* regular probes are never held up longer than this */
	uint64_t load;		/* sum of frt_throttle_share() of all that is probed */
	uint64_t credit;	/* thousandths of a probe that may go now */
	uint64_t credit_ms; /* when credit was reckoned */
	uint64_t next_us;	/* no regular probe before this */
} frt_throttle_t;

/* Starts with room for one probe, and no load. */
void frt_throttle_init(frt_throttle_t *t, uint32_t rate);
/* Holds regular probes up by at most a hundredth of the shortest gap, so that
 * being even does not cost an interval. */
void frt_throttle_even(frt_throttle_t *t, uint32_t shortest_ms);
/* What one thing probed each gap_ms adds to load. */
uint64_t frt_throttle_share(uint32_t gap_ms);
#define FRT_THROTTLE_ROUND_MS 10u
/* Whoever sends does it in rounds of at least so many ms: that, and longer the
 * more probes there are, as to get up for each costs more than the probe. */
uint32_t frt_throttle_round_ms(const frt_throttle_t *t);
/* When the next probe may go out: a regular one, or one that hurries. Not
 * before now_ms. */
uint64_t frt_throttle_ready(
		const frt_throttle_t *t, bool regular, uint64_t now_ms);
/* Counts one that goes out now. */
void frt_throttle_take(frt_throttle_t *t, bool regular, uint64_t now_ms);

#endif
