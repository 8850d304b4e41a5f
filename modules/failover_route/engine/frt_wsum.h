/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sums of a set's effective weights: a Fenwick tree (Fenwick 1994) over
 * its destinations, so that a weighted draw, and the first destination with
 * any weight, cost the logarithm of the set's size. One writer at a time; any
 * number of readers, who may see a change half made and so must check what
 * they drew.
 */
#ifndef FRT_WSUM_H
#define FRT_WSUM_H

#include "frt_gen.h"

/* The share of its weight a destination gets now, 0..FRT_SHARE_FULL: by its
 * record's word, but in a shadow set health changes nothing. */
uint32_t frt_dst_share(const frt_dst_t *dst);
/* Sum of the weights of the first n destinations. */
uint64_t frt_wsum_prefix(const frt_set_t *set, uint32_t n);
/* The destination in which the running sum passes point (0-based: the first
 * whose prefix sum is greater than point), FRT_NONE if point is beyond. */
uint32_t frt_wsum_find(const frt_set_t *set, uint64_t point);
/* The first destination from index on that has weight, or FRT_NONE. Passes
 * over none that has had weight all the while, even amid a change. */
uint32_t frt_wsum_first(const frt_set_t *set, uint32_t from);

#endif
