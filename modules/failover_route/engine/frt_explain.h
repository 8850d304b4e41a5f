/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Explaining a choice: which destination would be taken now, by which rule,
 * and for each other one why not. Asks frt_choose() itself, so what is said
 * is what would be done. Takes no lock. Must not know who asks.
 */
#ifndef FRT_EXPLAIN_H
#define FRT_EXPLAIN_H

#include "frt_choose.h"
#include "frt_held.h"

typedef struct frt_explain
{
	const frt_set_t *set;
	const frt_dst_t *choice; /* NULL: none */
	const frt_tier_t *tier;	 /* the choice's */
	uint64_t total;			 /* the tier's weight now, in units of the sums */
	uint32_t usable;		 /* destinations of the tier with any of it */
	bool keyed;				 /* a key was given */
	bool panic;				 /* none is usable: the choice is panic's */
	bool full;				 /* no choice: those that are usable are full */
	uint64_t now_ms;
} frt_explain_t;

/* Makes the choice a new call would get, without moving any turn. key may be
 * empty. The set's generation must stay valid while *out is used. */
void frt_explain(const frt_set_t *set, frt_str_t key, uint64_t now_ms,
		frt_rand_t *rnd, frt_explain_t *out);
/* Writes why this one (or none) was chosen. */
void frt_explain_choice_text(const frt_explain_t *e, frt_buf_t *out);
/* Writes what is left of the set's retry budget. */
void frt_explain_budget_text(
		const frt_set_t *set, uint64_t now_ms, frt_buf_t *out);
/* Writes why one that run time has taken out of the set is not used. */
void frt_explain_removed_text(frt_buf_t *out);
/* Writes why a destination is, or is not, the one; word, reason and held are
 * copies of its record's. Returns whether it can be used; *share_permille is its
 * share of what its tier gets now, 0 in one that gets nothing. */
bool frt_explain_dst_text(const frt_explain_t *e, const frt_dst_t *dst,
		uint32_t word, const frt_reason_t *reason, const frt_held_t *held,
		uint32_t *share_permille, frt_buf_t *out);
/* The share of the set's calls, in permille, that a tier gets now: what the
 * tiers before it spill, less what it spills itself. */
uint32_t frt_explain_tier_share(const frt_explain_t *e, const frt_tier_t *tier);
/* The same of one destination; in_tier is its share as frt_explain_dst_text()
 * gives it. */
uint32_t frt_explain_share(
		const frt_explain_t *e, const frt_dst_t *dst, uint32_t in_tier);

#endif
