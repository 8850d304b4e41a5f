/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two files of invariants share: the simulation's own reckoning of
 * what the engine also reckons.
 */
#ifndef FRT_SIM_CHECKS_H
#define FRT_SIM_CHECKS_H

#include "world.h"

/* May a new attempt go there, by its word? */
bool sim_usable(uint32_t word);
/* What a destination weighs now. */
uint64_t sim_weight(const frt_dst_t *dst);

#endif
