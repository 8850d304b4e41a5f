/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Caps of a destination: max-calls (calls in progress) and max-cps (calls
 * begun in any second). A destination at its cap is passed over, not marked
 * down. Must not know what a call is nor when one ends: whoever takes a place
 * gives it back.
 *
 * max-calls is exact: places are taken by compare and swap. The word's "full"
 * bit only follows the count, so that a full destination weighs nothing and
 * choosing costs the same when all but a few are full.
 */
#ifndef FRT_CAP_H
#define FRT_CAP_H

#include "frt_rec.h"

/* Takes a place; max 0: no cap, always true. False: all max are taken. No
 * lock. *moved: the word's full bit has to follow, frt_cap_follow_locked(). */
bool frt_cap_take(frt_rec_t *rec, uint32_t max, bool *moved);
/* Gives a place back. True: the word's full bit has to follow. No lock. */
bool frt_cap_give(frt_rec_t *rec);
/* Sets the word's full bit to what the count says now, under the record's
 * lock. True if it changed: weigh. max is max-calls of now, 0: no cap. */
bool frt_cap_follow_locked(frt_rec_t *rec, uint32_t max);

#define FRT_RATE_MARKS 64

/* When the latest calls began, for max-cps: a ring of marks, one for each
 * call, or for each per-th where max-cps is above 62; a window of one second
 * then holds at most max-cps calls, and may refuse the last 1.7 % of them. */
typedef struct frt_rate
{
	_Atomic uint64_t last_ms;				/* when the latest began */
	_Atomic uint32_t n;						/* calls since it was begun */
	_Atomic uint32_t per;					/* calls to a mark; 0: not begun */
	_Atomic uint32_t marks[FRT_RATE_MARKS]; /* ms, low 32 bits */
} frt_rate_t;

/* Would a call be within max_cps (> 0) now? No lock; a hint. r NULL: yes. */
bool frt_rate_room(const frt_rate_t *r, uint32_t max_cps, uint64_t now_ms);
/* Counts a call if it is within max_cps (> 0); false if it is not. Under the
 * record's lock. */
bool frt_rate_take_locked(frt_rate_t *r, uint32_t max_cps, uint64_t now_ms);

#endif
