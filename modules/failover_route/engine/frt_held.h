/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a destination that is down waits for before it may come back: the same
 * conditions, in the same order, as the return step of the health machine
 * (frt_health.c), looked at and not acted on, and put in words. Must not know
 * who asks.
 */
#ifndef FRT_HELD_H
#define FRT_HELD_H

#include "frt_health.h"

typedef enum frt_held_by
{
	FRT_HELD_NOT,	 /* it is not down */
	FRT_HELD_HOLD,	 /* left_ms of the hold */
	FRT_HELD_SOURCE, /* a flag that its source has to clear */
	FRT_HELD_PROBES, /* good of rise good probes in a row */
	FRT_HELD_DELAY,	 /* left_ms of failback-delay */
	FRT_HELD_WINDOW, /* no failback window is open */
	FRT_HELD_SOON,	 /* nothing more: it is about to be tried, or to return */
} frt_held_by_t;

typedef struct frt_held
{
	frt_held_by_t by;
	uint32_t left_ms;
	frt_source_t source;
	uint16_t good;
	uint16_t rise;
} frt_held_t;

/* Looks. The record's lock held; rules as for a step now (frt_rules.h). */
void frt_held_look_locked(const frt_rec_t *rec, const frt_health_rules_t *rules,
		uint64_t now_ms, frt_held_t *out);
/* Adds "; 12 s of the hold left", "; waits for good probes: 1 of 2" and so on;
 * nothing for FRT_HELD_NOT. No lock. */
void frt_held_text(const frt_held_t *held, frt_buf_t *out);

#endif
