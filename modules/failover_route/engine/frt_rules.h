/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the health machine has to know of a destination's set for one step: its
 * configuration, and how things stand there now. Must not know who steps.
 */
#ifndef FRT_RULES_H
#define FRT_RULES_H

#include "frt_gen.h"
#include "frt_health.h"

/* Fills the rules. probing: does anybody probe at all? week_min: local time,
 * minutes since Sunday 00:00, only looked at where the set has failback
 * windows. No lock; the generation must stay valid while *rules is used. */
void frt_rules_of(const frt_dst_t *dst, bool probing, uint16_t week_min,
		frt_health_rules_t *rules);

#endif
