/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Fenwick tree of effective weights, and keeping it up to date with the
 * records' words. Relaxed atomics: a reader checks what it drew anyway.
 */
#include "frt_wsum.h"
#include "frt_health.h"

static uint64_t load(const _Atomic uint64_t *p)
{
	return atomic_load_explicit(p, memory_order_relaxed);
}

uint64_t frt_wsum_prefix(const frt_set_t *set, uint32_t n)
{
	uint64_t sum = 0;

	for(; n; n &= n - 1)
		sum += load(&set->sums[n]);
	return sum;
}

uint32_t frt_wsum_find(const frt_set_t *set, uint64_t point)
{
	uint32_t at = 0, step = 1;

	while(step <= set->ndsts / 2)
		step *= 2;
	for(; step; step /= 2) {
		uint32_t next = at + step;
		uint64_t sum;

		if(next > set->ndsts)
			continue;
		sum = load(&set->sums[next]);
		if(sum <= point) {
			point -= sum;
			at = next;
		}
	}
	return at < set->ndsts ? at : FRT_NONE;
}

uint32_t frt_dst_share(const frt_dst_t *dst)
{
	uint32_t word;

	if(!dst->rec || dst->unresolved)
		return 0;
	word = frt_dst_word(dst);
	if(dst->set->conf.shadow)
		return FRT_WORD_ADMIN(word) == FRT_READY ? FRT_SHARE_FULL : 0;
	return frt_health_share(word);
}

/* What the destination weighs now. */
static uint64_t weight_now(const frt_dst_t *dst)
{
	uint32_t share = frt_dst_share(dst);
	uint64_t now;

	if(share == 0 || share >= FRT_SHARE_FULL)
		return share ? frt_dst_full(dst) : 0;
	now = frt_dst_full(dst) * share / FRT_SHARE_FULL;
	return now ? now : 1; /* usable, however little it weighs */
}

/* How far the widest node reaches that begins at this destination; 0 if there
 * is none, as at every odd index. */
static uint32_t node_span(const frt_set_t *set, uint32_t at)
{
	uint32_t span =
			at ? (at & (~at + 1)) / 2 : 1u << (31 - __builtin_clz(set->ndsts));

	while(span > set->ndsts - at)
		span /= 2;
	return span;
}

/* Asks only whether nodes are 0, and subtracts none from another: so a change
 * half made to one destination hides no other. */
uint32_t frt_wsum_first(const frt_set_t *set, uint32_t from)
{
	uint32_t at = from;

	/* nearly always: at an even index there is a node of that one alone */
	if(at < set->ndsts && at % 2 == 0 && load(&set->sums[at + 1]) > 0)
		return at;
	while(at < set->ndsts) {
		uint32_t span = node_span(set, at);

		if(span == 0) {
			if(weight_now(&set->dsts[at]) > 0)
				return at;
			at++;
			continue;
		}
		if(load(&set->sums[at + span]) == 0) {
			at += span;
			continue;
		}
		while(span > 1) {
			span /= 2;
			if(load(&set->sums[at + span]) == 0)
				at += span;
		}
		return at;
	}
	return FRT_NONE;
}

#define COUNT_READY 1u
#define COUNT_EJECTED 2u
#define COUNT_FULL 4u

/* The sums wrap as they should. */
static void count_one(_Atomic uint64_t *sum, uint8_t was, uint8_t now,
		uint8_t bit, uint64_t weight)
{
	if((was ^ now) & bit)
		atomic_fetch_add(sum, now & bit ? weight : -weight);
}

/* Brings the tier's ready, ejected and full weight up to date with the word. */
static void count_now(const frt_dst_t *dst)
{
	frt_set_t *set = dst->set;
	frt_tier_t *tier = &set->tiers[dst->tier];
	uint8_t *counted = &set->counted[dst - set->dsts];
	uint64_t full = frt_dst_full(dst);
	uint32_t word = dst->rec ? atomic_load(&dst->rec->word) : 0;
	uint8_t now = 0;

	if(dst->rec && FRT_WORD_ADMIN(word) == FRT_READY) {
		now = COUNT_READY;
		if(FRT_WORD_HEALTH(word) == FRT_DOWN
				&& (FRT_WORD_FLAGS(word) & (1u << FRT_TRAFFIC)))
			now |= COUNT_EJECTED;
		if(FRT_WORD_FULL(word) && frt_health_usable(word))
			now |= COUNT_FULL;
	}
	count_one(&tier->ready, *counted, now, COUNT_READY, full);
	count_one(&tier->ejected, *counted, now, COUNT_EJECTED, full);
	count_one(&tier->full, *counted, now, COUNT_FULL, full);
	*counted = now;
}

void frt_gen_weigh(frt_gen_t *g)
{
	uint32_t s, i;

	for(s = 0; s < g->nsets; s++) {
		frt_set_t *set = &g->sets[s];

		for(i = 0; i < set->ndsts; i++) {
			set->leaves[i] = weight_now(&set->dsts[i]);
			count_now(&set->dsts[i]);
		}
		for(i = 0; i <= set->ndsts; i++)
			atomic_init(&set->sums[i], i ? set->leaves[i - 1] : 0);
		for(i = 1; i <= set->ndsts; i++) {
			uint32_t up = i + (i & (~i + 1));

			if(up <= set->ndsts)
				atomic_init(&set->sums[up],
						load(&set->sums[up]) + load(&set->sums[i]));
		}
	}
}

void frt_gen_weigh_one_locked(const frt_dst_t *dst)
{
	frt_set_t *set = dst->set;
	uint32_t i = (uint32_t)(dst - set->dsts);
	uint64_t now = weight_now(dst);
	uint64_t delta = now - set->leaves[i]; /* wraps as it should */

	count_now(dst);
	if(delta == 0)
		return;
	set->leaves[i] = now;
	for(i++; i <= set->ndsts; i += i & (~i + 1))
		atomic_fetch_add_explicit(&set->sums[i], delta, memory_order_relaxed);
}
