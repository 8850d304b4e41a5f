/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The hash strategy's tree: weighted rendezvous (Thaler and Ravishankar 1998)
 * at a cost that hardly grows. The destinations of a tier hang in a radix tree
 * by the hash of their id, 64 ways at each node; at a node every child draws
 * a time from the key, its own name and the weight below it, and the earliest
 * wins. A name depends only on the ids below, so adding one destination to
 * the file changes only the nodes above it: up to 64 destinations it moves
 * hardly more than its own share, with thousands about twice that.
 *
 * Health does not change the tree: a key whose destination is out draws again
 * with the next of its own hashes. So a lost destination moves only its own
 * keys, spread over all others by weight, and they come back with it.
 */
#ifndef FRT_HTREE_H
#define FRT_HTREE_H

#include "frt_gen.h"

/* Builds the trees of a set with strategy hash; nothing for others. mem is
 * used for scratch only. Returns 0 or FRT_E_NOMEM. */
int frt_htree_build(frt_set_t *set, const frt_mem_t *mem);
/* The destination (index in the set) the hashed key draws in a tier by
 * configured weights. */
uint32_t frt_htree_find(
		const frt_set_t *set, const frt_tier_t *tier, uint64_t key);

#endif
