/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a set looks like from the outside right now: whether it can take a
 * call, which tier calls use, what a destination weighs. Reads words and sums
 * only, takes no lock; the answers may be a moment old. Must not know who
 * asks.
 */
#ifndef FRT_LOOK_H
#define FRT_LOOK_H

#include "frt_gen.h"

/* Can the set take calls? False when no destination has weight, none is full,
 * and none is on trial (a trial whose token is away has no weight for that moment). Costs
 * the logarithm of the set's size while any has weight. */
bool frt_look_set_up(const frt_set_t *set);
/* The best tier that has a destination in use, trials not counted: they get
 * one call at a time, the others still go elsewhere. One that is full is in
 * use. NULL if there is none. */
const frt_tier_t *frt_look_tier(const frt_set_t *set);
/* The destination's weight times its share, rounded, at least 1 while it has
 * any of both; 0 when it is not usable. */
uint32_t frt_look_weight(const frt_dst_t *dst, uint32_t word);

#endif
