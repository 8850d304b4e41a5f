/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Choosing a destination: by the health of now, tier by tier (RFC 2782:
 * the lowest priority first), by the set's strategy within a tier, never one
 * that the call has tried. Takes no lock; costs the logarithm of the set's
 * size. Must not know calls beyond the records they tried, nor SIP.
 */
#ifndef FRT_CHOOSE_H
#define FRT_CHOOSE_H

#include "frt_gen.h"

/* Of one call: what it tried, and what had no room for it. */
#define FRT_PASSED_MAX (3 * FRT_ATTEMPTS_MAX)

typedef struct frt_wish
{
	uint64_t key;			 /* hash strategy: the key's hash */
	frt_rec_t *const *tried; /* not to be chosen again */
	uint32_t ntried;		 /* at most FRT_PASSED_MAX are looked at */
	bool dry;				 /* explain: do not move the round-robin turn */
	uint64_t now_ms;		 /* for max-cps; 0: not looked at */
} frt_wish_t;

/* The hash of a key, for frt_wish_t: the same for every call and for explain,
 * and never 0. */
uint64_t frt_choose_key(frt_str_t key);

/* A tier that has lost weight still takes 1.4 times what is left of it: its
 * over-provisioning (design section 7). */
#define FRT_SPILL_PCT 140u

/* Has a tier of the set shares that it could lose? Not with parallel, ordered. */
bool frt_spill_knows(const frt_set_t *set);
/* The share of its calls, in permille, that a tier keeps now; what is above
 * goes on to the next tier that has weight. */
uint32_t frt_spill_kept(const frt_set_t *set, const frt_tier_t *tier);
/* The same without asking whether the set spills at all. */
uint32_t frt_spill_share(const frt_set_t *set, const frt_tier_t *tier);

/* Returns 0 and the destination; FRT_E_NONE_USABLE if none could be used even
 * without the tried ones, FRT_E_EXHAUSTED if all usable ones were tried,
 * FRT_E_FULL if all usable ones that were not are at max-calls or max-cps. A
 * place is not taken: that is the caller's (frt_cap.h). */
int frt_choose(const frt_set_t *set, const frt_wish_t *wish, frt_rand_t *rnd,
		frt_dst_t **out);
/* True if a call that has tried nothing certainly finds one; false: ask for it.
 * Costs less than a choice. */
bool frt_choose_sure(const frt_set_t *set);
/* May a call that has begun there send its request once more? It may while the
 * destination is drained. */
bool frt_takes_again(const frt_dst_t *dst);
/* Parallel: one more of the tier of first, a destination of the set. 0 or
 * FRT_E_EXHAUSTED. Drawing one after the other takes the whole tier, or as
 * many as are wanted, drawn by weight. */
int frt_choose_beside(const frt_set_t *set, const frt_wish_t *wish,
		const frt_dst_t *first, frt_rand_t *rnd, frt_dst_t **out);

#endif
