/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking at sets without touching them.
 */
#include "frt_look.h"
#include "frt_health.h"
#include "frt_wsum.h"

static uint32_t word_of(const frt_dst_t *dst)
{
	return dst->rec ? frt_dst_word(dst)
					: FRT_WORD(FRT_DOWN, FRT_READY, 0, 0, 0);
}

static bool on_trial(uint32_t word)
{
	return FRT_WORD_HEALTH(word) == FRT_TRIAL
		   && FRT_WORD_ADMIN(word) == FRT_READY;
}

/* The first of the tiers before end that carries all it may. */
static const frt_tier_t *full_tier(const frt_set_t *set, uint32_t end)
{
	uint32_t i;

	for(i = 0; i < end; i++) {
		if(atomic_load_explicit(&set->tiers[i].full, memory_order_relaxed))
			return &set->tiers[i];
	}
	return NULL;
}

bool frt_look_set_up(const frt_set_t *set)
{
	uint32_t i;

	if(frt_wsum_prefix(set, set->ndsts) > 0)
		return true;
	if(full_tier(set, set->ntiers))
		return true;
	for(i = 0; i < set->ndsts; i++) {
		if(on_trial(word_of(&set->dsts[i])))
			return true;
	}
	return false;
}

const frt_tier_t *frt_look_tier(const frt_set_t *set)
{
	uint32_t at = frt_wsum_first(set, 0), end = set->ntiers;
	const frt_tier_t *full;

	while(at != FRT_NONE) {
		const frt_dst_t *dst = &set->dsts[at];
		uint32_t word = word_of(dst);

		if(frt_health_usable(word) && !on_trial(word)) {
			end = dst->tier;
			break;
		}
		at = frt_wsum_first(set, at + 1);
	}
	full = full_tier(set, end);
	if(full)
		return full;
	return end < set->ntiers ? &set->tiers[end] : NULL;
}

uint32_t frt_look_weight(const frt_dst_t *dst, uint32_t word)
{
	uint32_t share = frt_health_share(word);
	uint32_t weight =
			(dst->weight * share + FRT_SHARE_FULL / 2) / FRT_SHARE_FULL;

	return weight == 0 && share > 0 && dst->weight > 0 ? 1 : weight;
}
