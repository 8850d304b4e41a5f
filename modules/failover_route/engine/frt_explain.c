/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Choices in words.
 */
#include "frt_explain.h"
#include "frt_act.h"
#include "frt_budget.h"
#include "frt_cap.h"
#include "frt_health.h"
#include "frt_oc.h"
#include "frt_panic.h"
#include "frt_wsum.h"

static uint64_t span(const frt_set_t *set, uint32_t from, uint32_t to)
{
	uint64_t a = frt_wsum_prefix(set, from), b = frt_wsum_prefix(set, to);

	return b > a ? b - a : 0;
}

static uint64_t weight_of(const frt_set_t *set, const frt_dst_t *dst)
{
	uint32_t at = (uint32_t)(dst - set->dsts);

	return span(set, at, at + 1);
}

static bool in_rate(const frt_explain_t *e, const frt_dst_t *dst)
{
	return dst->max_cps == 0
		   || frt_rate_room(
				   atomic_load(&dst->rec->rate), dst->max_cps, e->now_ms);
}

/* What it weighs for the next call: max-cps is not in the sums. */
static uint64_t weight_now(const frt_explain_t *e, const frt_dst_t *dst)
{
	return in_rate(e, dst) ? weight_of(e->set, dst) : 0;
}

/* Is one of them well, and full? */
static bool any_full(const frt_explain_t *e, uint32_t from, uint32_t to)
{
	for(; from < to; from++) {
		const frt_dst_t *dst = &e->set->dsts[from];
		uint32_t word = frt_dst_word(dst);

		if(frt_health_usable(word) && (FRT_WORD_FULL(word) || !in_rate(e, dst)))
			return true;
	}
	return false;
}

void frt_explain(const frt_set_t *set, frt_str_t key, uint64_t now_ms,
		frt_rand_t *rnd, frt_explain_t *out)
{
	frt_wish_t wish = {.dry = true};
	frt_dst_t *choice = NULL;
	uint32_t i;
	int err;

	*out = (frt_explain_t){.set = set, .keyed = key.len > 0, .now_ms = now_ms};
	wish.now_ms = now_ms;
	wish.key = out->keyed ? frt_choose_key(key) : frt_rand_next(rnd);
	err = frt_choose_anyway(set, &wish, now_ms, rnd, &choice, &out->panic);
	out->full = err == FRT_E_FULL;
	if(err)
		return;
	out->choice = choice;
	if(out->panic)
		return;
	out->tier = &set->tiers[choice->tier];
	for(i = out->tier->first; i < out->tier->end; i++) {
		uint64_t weight = weight_now(out, &set->dsts[i]);

		out->usable += weight > 0;
		out->total += weight;
	}
}

/* Parallel: is there an attempt for each usable one of the tier? */
static bool all_at_once(const frt_explain_t *e)
{
	return e->set->conf.strategy == FRT_PARALLEL
		   && e->usable <= e->set->conf.max_attempts;
}

static void add_rule(const frt_explain_t *e, frt_buf_t *out)
{
	switch(e->set->conf.strategy) {
		case FRT_ORDERED:
			frt_buf_add(out, "the first usable one in the order given");
			break;
		case FRT_ROUND_ROBIN:
			frt_buf_add(out, "its turn");
			break;
		case FRT_HASH:
			frt_buf_add(out, "%s",
					e->keyed ? "the key's own destination"
							 : "by a random key: give the call's key to see "
							   "where that goes");
			break;
		case FRT_LEAST_CALLS:
			frt_buf_add(out, "the less loaded of two drawn by weight");
			break;
		case FRT_FASTEST:
			frt_buf_add(out, "the faster of two drawn by weight");
			break;
		case FRT_PARALLEL:
			if(all_at_once(e))
				frt_buf_add(out, "all at once");
			else
				frt_buf_add(out, "%u at once, drawn by weight",
						e->set->conf.max_attempts);
			break;
		default:
			frt_buf_add(out, "drawn by weight; the next draw may differ");
			break;
	}
}

/* What a tier that has lost too much leaves to the next ones, or would. */
static void add_spill(const frt_explain_t *e, frt_buf_t *out)
{
	uint32_t kept = frt_spill_share(e->set, e->tier);

	if(kept >= FRT_SHARE_FULL || !frt_spill_knows(e->set))
		return;
	if(!e->set->conf.spill)
		frt_buf_add(out, "; spill is off: the tier has lost weight and keeps "
						 "all of its calls");
	else if(frt_wsum_first(e->set, e->tier->end) == FRT_NONE)
		frt_buf_add(out, "; the tier has lost weight, but there is no later "
						 "one to spill to");
	else
		frt_buf_add(out,
				"; spill: the tier has lost weight and keeps %u %% of its "
				"calls, the rest go to the next",
				kept / 10);
}

void frt_explain_budget_text(
		const frt_set_t *set, uint64_t now_ms, frt_buf_t *out)
{
	const frt_set_conf_t *conf = &set->conf;
	uint32_t left = frt_budget_left(
			atomic_load_explicit(&set->rec->budget, memory_order_relaxed),
			conf->retry_min, now_ms);

	if(left == 0)
		frt_buf_add(out,
				"used up: a call whose destination refuses it gets that "
				"answer; more with each call (%u %%) and second (%u)",
				conf->retry_pct, conf->retry_min);
	else
		frt_buf_add(out, "%u retr%s left", left, left == 1 ? "y" : "ies");
}

static void add_tier(const frt_tier_t *tier, frt_buf_t *out)
{
	frt_buf_add_priority(out, tier->priority, tier->sub);
}

static const char *better_tiers(const frt_explain_t *e)
{
	if(any_full(e, 0, e->tier->first))
		return "what is usable of a better tier is full";
	return span(e->set, 0, e->tier->first)
				   ? "what is usable of a better tier is silent or spills"
				   : "no destination of a better tier is usable";
}

void frt_explain_choice_text(const frt_explain_t *e, frt_buf_t *out)
{
	const char *not_full;

	if(e->set->ndsts == 0) {
		frt_buf_add(out, "the set has no destinations");
		return;
	}
	if(!e->choice) {
		frt_buf_add(out, e->full ? "every usable destination is full"
								 : "no destination is usable");
		return;
	}
	if(e->panic) {
		frt_buf_add(out, "panic: no destination is usable, so the least "
						 "recently failed is tried anyway");
		return;
	}
	not_full = any_full(e, e->tier->first, e->tier->end) ? " and not full" : "";
	if(e->usable == 1) {
		frt_buf_add(
				out, "the only usable%s destination of priority ", not_full);
		add_tier(e->tier, out);
	} else {
		add_rule(e, out);
		frt_buf_add(out, " (%u usable%s in priority ", e->usable, not_full);
		add_tier(e->tier, out);
		frt_buf_add(out, ")");
	}
	if(e->tier != e->set->tiers)
		frt_buf_add(out, "; %s", better_tiers(e));
	add_spill(e, out);
}

/* "share 30 % of its tier": whole percents, tenths below ten. */
static void add_share(uint32_t permille, uint64_t weight, frt_buf_t *out)
{
	frt_buf_add(out, "; share ");
	if(permille == 0 && weight > 0)
		frt_buf_add(out, "below 0.1");
	else if(permille < 100 && permille % 10)
		frt_buf_add(out, "%u.%u", permille / 10, permille % 10);
	else
		frt_buf_add(out, "%u", (permille + 5) / 10);
	frt_buf_add(out, " %% of its tier");
}

/* Of the calls that go to the set now, by weight; an ordered tier has none. In
 * a parallel one that is larger than max-attempts it is about so. */
static uint32_t share_of(const frt_explain_t *e, const frt_dst_t *dst)
{
	uint64_t share;

	if(e->set->conf.strategy == FRT_ORDERED)
		return dst == e->choice ? 1000 : 0;
	if(e->total == 0)
		return 0;
	share = (weight_now(e, dst) * 1000 + e->total / 2) / e->total;
	if(e->set->conf.strategy == FRT_PARALLEL)
		share *= e->set->conf.max_attempts;
	return share > 1000 || all_at_once(e) ? 1000 : (uint32_t)share;
}

/* In a tier that only gets what others spill. */
static uint32_t share_later(const frt_set_t *set, const frt_dst_t *dst)
{
	const frt_tier_t *tier = &set->tiers[dst->tier];
	uint64_t total = span(set, tier->first, tier->end);

	if(set->conf.strategy == FRT_ORDERED)
		return &set->dsts[frt_wsum_first(set, tier->first)] == dst
					   ? FRT_SHARE_FULL
					   : 0;
	return total == 0 ? 0
					  : (uint32_t)((weight_of(set, dst) * FRT_SHARE_FULL
										   + total / 2)
								   / total);
}

/* A usable destination of the tier that calls go to. */
static void add_in_tier(const frt_explain_t *e, const frt_dst_t *dst,
		uint32_t permille, frt_buf_t *out)
{
	if(e->set->conf.strategy != FRT_ORDERED)
		add_share(permille, weight_of(e->set, dst), out);
	else if(dst > e->choice)
		frt_buf_add(out, "; comes after %.*s in the order given",
				(int)e->choice->id.len, e->choice->id.s);
	if(all_at_once(e) && e->usable > 1)
		frt_buf_add(out, "; tried at once with the rest of its tier");
	else if(dst == e->choice)
		frt_buf_add(out, "; this one would be chosen");
}

static void add_overload(
		const frt_explain_t *e, const frt_dst_t *dst, frt_buf_t *out)
{
	uint32_t loss = frt_oc_loss(&frt_act_seen(dst->rec)->oc, e->now_ms);

	if(loss && e->set->conf.overload)
		frt_buf_add(out, "; it asks for %u %% fewer calls", loss);
}

/* A usable destination of a tier after the one that calls go to. */
static void add_later(
		const frt_explain_t *e, const frt_tier_t *tier, frt_buf_t *out)
{
	uint32_t kept = frt_spill_kept(e->set, e->tier);
	uint32_t next = frt_wsum_first(e->set, e->tier->end);

	frt_buf_add(out, "in a later tier (priority ");
	add_tier(tier, out);
	frt_buf_add(out, "): priority ");
	add_tier(e->tier, out);
	frt_buf_add(out, " still has usable destinations");
	if(kept < FRT_SHARE_FULL && next != FRT_NONE
			&& tier == &e->set->tiers[e->set->dsts[next].tier])
		frt_buf_add(out, ", but spills %u %% of the calls to this tier",
				100 - kept / 10);
}

/* What run time has made of it comes first: the file says otherwise. */
static void add_overlay(const frt_dst_t *dst, frt_buf_t *out)
{
	if(dst->overlay == FRT_OVER_ADDED)
		frt_buf_add(out, "added at run time; ");
	else if(dst->overlay == FRT_OVER_WEIGHT)
		frt_buf_add(out, "weight %u set at run time; ",
				dst->parent ? dst->parent->weight : dst->weight);
}

void frt_explain_removed_text(frt_buf_t *out)
{
	frt_buf_add(out, "removed at run time: not in the table until it is added "
					 "again or overlay_clear lets the file's word count");
}

bool frt_explain_dst_text(const frt_explain_t *e, const frt_dst_t *dst,
		uint32_t word, const frt_reason_t *reason, const frt_held_t *held,
		uint32_t *share_permille, frt_buf_t *out)
{
	const frt_tier_t *tier = &e->set->tiers[dst->tier];
	bool shadow = e->set->conf.shadow && FRT_WORD_ADMIN(word) == FRT_READY;
	bool fit = frt_health_usable(word) && !FRT_WORD_FULL(word);
	bool usable = shadow || fit;

	*share_permille = 0;
	if(e->panic && dst == e->choice)
		frt_buf_add(out, "would be tried all the same; ");
	add_overlay(dst, out);
	if(usable && e->tier && tier > e->tier) {
		if(frt_explain_tier_share(e, tier) > 0)
			*share_permille = share_later(e->set, dst);
		add_later(e, tier, out);
		return true;
	}
	frt_health_why_text(word, reason, out);
	frt_held_text(held, out);
	if(shadow && !fit)
		frt_buf_add(out, " (shadow: gets calls all the same)");
	if(fit && !shadow && !in_rate(e, dst)) {
		frt_buf_add(out, ", but full: max-cps of %u is reached", dst->max_cps);
		return false;
	}
	if(usable)
		add_overload(e, dst, out);
	if(dst != e->choice && usable && frt_passed_over(dst, e->now_ms)) {
		frt_buf_add(out, "; passed over for the moment: several calls wait "
						 "there, and none has had a reply since");
		return true;
	}
	if(usable && tier == e->tier) {
		*share_permille = share_of(e, dst);
		add_in_tier(e, dst, *share_permille, out);
	}
	return usable;
}

uint32_t frt_explain_tier_share(const frt_explain_t *e, const frt_tier_t *tier)
{
	const frt_tier_t *at = e->tier;
	uint32_t left = FRT_SHARE_FULL;

	while(at && at <= tier) {
		uint32_t next = frt_wsum_first(e->set, at->end);
		uint32_t kept =
				next == FRT_NONE ? FRT_SHARE_FULL : frt_spill_kept(e->set, at);

		kept = left * kept / FRT_SHARE_FULL;
		if(at == tier)
			return kept;
		left -= kept;
		at = left > 0 ? &e->set->tiers[e->set->dsts[next].tier] : NULL;
	}
	return 0;
}

uint32_t frt_explain_share(
		const frt_explain_t *e, const frt_dst_t *dst, uint32_t in_tier)
{
	uint32_t share = frt_explain_tier_share(e, &e->set->tiers[dst->tier]);

	return (share * in_tier + FRT_SHARE_FULL / 2) / FRT_SHARE_FULL;
}
