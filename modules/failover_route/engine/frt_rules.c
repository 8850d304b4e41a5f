/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules of one step, by the sums of now.
 */
#include "frt_rules.h"
#include "frt_wsum.h"

/* max-eject: may traffic take this one down as well? The first of a tier
 * always, and any while a later tier can take the calls. */
static bool capped(const frt_dst_t *dst)
{
	const frt_tier_t *tier = &dst->set->tiers[dst->tier];
	uint64_t ready = atomic_load_explicit(&tier->ready, memory_order_relaxed);
	uint64_t out = atomic_load_explicit(&tier->ejected, memory_order_relaxed);

	return out > 0
		   && (out + frt_dst_full(dst)) * 100
					  > ready * dst->set->conf.health.max_eject_pct
		   && frt_wsum_first(dst->set, tier->end) == FRT_NONE;
}

/* Would its return move calls back to it? Only then may it have to wait for the
 * failback delay and windows. */
static bool is_failback(const frt_dst_t *dst)
{
	const frt_set_t *set = dst->set;
	uint32_t at = frt_wsum_first(set, 0), i;

	if(at == FRT_NONE)
		return false;
	/* what is full has calls, though it weighs nothing */
	for(i = 0; i <= dst->tier; i++) {
		if(atomic_load_explicit(&set->tiers[i].full, memory_order_relaxed))
			return false;
	}
	if(set->conf.strategy == FRT_ORDERED)
		return at > (uint32_t)(dst - set->dsts);
	return at >= set->tiers[dst->tier].end;
}

void frt_rules_of(const frt_dst_t *dst, bool probing, uint16_t week_min,
		frt_health_rules_t *rules)
{
	static const frt_probe_conf_t no_probe = {.enabled = false};

	rules->health = &dst->set->conf.health;
	/* where nobody probes, no return may wait for a probe */
	rules->probe = probing ? &dst->set->conf.probe : &no_probe;
	rules->profile = dst->set->conf.profile;
	rules->capped = capped(dst);
	rules->needed = !is_failback(dst);
	rules->week_min = week_min;
}
