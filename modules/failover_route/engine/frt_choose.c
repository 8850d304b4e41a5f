/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Choosing by drawing from the sums of effective weights. Destinations the
 * call has tried are cut out of the draw exactly, not drawn again and again.
 * The sums may change while they are read: what was drawn is checked, and
 * after some failed draws the tier is walked once.
 */
#include "frt_choose.h"
#include "frt_act.h"
#include "frt_cap.h"
#include "frt_health.h"
#include "frt_htree.h"
#include "frt_wsum.h"

#define DRAWS 8		  /* before the tier is walked */
#define HASH_DRAWS 64 /* of a key, before usable weights decide */
#define GOLDEN 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio */
#define GOLDEN32 0x9e3779b9ull

/* What the call has tried, as indexes of this generation, ascending. */
typedef struct frt_tried
{
	uint32_t at[FRT_PASSED_MAX];
	uint32_t n;
	uint64_t now_ms; /* of the wish */
	bool refused;	 /* one was not taken for its max-cps or max-calls */
} frt_tried_t;

/* A tier as it can be drawn from now. */
typedef struct frt_field
{
	const frt_set_t *set;
	const frt_tier_t *tier;
	frt_tried_t *tried;
	uint64_t low;	/* sum of all before the tier */
	uint64_t total; /* weight in the tier that was not tried */
} frt_field_t;

/* A destination that was removed and has come back meanwhile is the same one,
 * with another record. */
static const frt_dst_t *tried_dst(const frt_set_t *set, const frt_rec_t *rec)
{
	const frt_dst_t *dst = frt_gen_dst_of(set->gen, rec);

	return dst ? dst : frt_gen_dst(set->gen, rec->set, rec->id);
}

static void tried_collect(
		const frt_set_t *set, const frt_wish_t *wish, frt_tried_t *tried)
{
	uint32_t i, j;

	tried->n = 0;
	tried->now_ms = wish->now_ms;
	tried->refused = false;
	for(i = 0; i < wish->ntried && tried->n < FRT_PASSED_MAX; i++) {
		const frt_dst_t *dst = tried_dst(set, wish->tried[i]);
		uint32_t at;

		if(!dst || dst->set != set)
			continue;
		at = (uint32_t)(dst - set->dsts);
		for(j = tried->n; j > 0 && tried->at[j - 1] > at; j--)
			tried->at[j] = tried->at[j - 1];
		if(j > 0 && tried->at[j - 1] == at) {
			/* seen twice: close the gap again */
			for(; j < tried->n; j++)
				tried->at[j] = tried->at[j + 1];
			continue;
		}
		tried->at[j] = at;
		tried->n++;
	}
}

static bool tried_has(const frt_tried_t *tried, uint32_t at)
{
	uint32_t i;

	for(i = 0; i < tried->n; i++) {
		if(tried->at[i] == at)
			return true;
	}
	return false;
}

/* max-cps; a set that only watches has none. */
static bool has_room(const frt_field_t *f, const frt_dst_t *dst)
{
	if(dst->max_cps == 0 || f->tried->now_ms == 0 || f->set->conf.shadow
			|| frt_rate_room(atomic_load(&dst->rec->rate), dst->max_cps,
					f->tried->now_ms))
		return true;
	f->tried->refused = true;
	return false;
}

static bool acceptable(const frt_field_t *f, uint32_t at)
{
	uint32_t word;

	if(at == FRT_NONE || at < f->tier->first || at >= f->tier->end
			|| tried_has(f->tried, at))
		return false;
	if(frt_dst_share(&f->set->dsts[at]) > 0)
		return has_room(f, &f->set->dsts[at]);
	/* the sums do not know yet that it is at max-calls */
	word = atomic_load(&f->set->dsts[at].rec->word);
	f->tried->refused |= FRT_WORD_FULL(word) && frt_health_usable(word);
	return false;
}

static uint64_t leaf_weight(const frt_set_t *set, uint32_t at)
{
	uint64_t a = frt_wsum_prefix(set, at), b = frt_wsum_prefix(set, at + 1);

	return b > a ? b - a : 0;
}

static void field_open(frt_field_t *f, const frt_set_t *set,
		const frt_tier_t *tier, frt_tried_t *tried)
{
	uint64_t high;
	uint32_t i;

	f->set = set;
	f->tier = tier;
	f->tried = tried;
	f->low = frt_wsum_prefix(set, tier->first);
	high = frt_wsum_prefix(set, tier->end);
	f->total = high > f->low ? high - f->low : 0;
	for(i = 0; i < tried->n; i++) {
		uint64_t w;

		if(tried->at[i] < tier->first || tried->at[i] >= tier->end)
			continue;
		w = leaf_weight(set, tried->at[i]);
		f->total = f->total > w ? f->total - w : 0;
	}
}

/* The destination at a point of [0, total): the point steps over the spans of
 * tried destinations, which are in ascending order. */
static uint32_t field_at(const frt_field_t *f, uint64_t point)
{
	uint32_t i;

	point += f->low;
	for(i = 0; i < f->tried->n; i++) {
		uint32_t at = f->tried->at[i];

		if(at < f->tier->first || at >= f->tier->end)
			continue;
		if(frt_wsum_prefix(f->set, at) > point)
			break;
		point += leaf_weight(f->set, at);
	}
	return frt_wsum_find(f->set, point);
}

/* Number n of a sequence that spreads over [0, total): steps of the golden
 * ratio, so that any run of it is as even as can be (Weyl's sequence). */
static uint64_t spread(uint64_t n, uint64_t total)
{
	return (uint64_t)((unsigned __int128)(n * GOLDEN) * total >> 64);
}

/* The sum of (a * i + b) / m, rounded down, for i in [0, n); m at most 2^32,
 * the rest below it. In n's logarithm, by Euclid's algorithm. */
static uint64_t floor_sum(uint64_t n, uint64_t m, uint64_t a, uint64_t b)
{
	uint64_t sum = 0, t;

	for(;;) {
		sum += a / m * (n * (n - 1) / 2) + b / m * n;
		a %= m;
		b %= m;
		t = a * n + b;
		if(t < m)
			return sum;
		n = t / m;
		b = t % m;
		t = m;
		m = a;
		a = t;
	}
}

/* The place of number i among the first n of the golden sequence: spread() as
 * a permutation of [0, n), to give all of a round their exact due. */
static uint64_t spread_rank(uint64_t i, uint64_t n)
{
	uint64_t x = (uint32_t)(i * GOLDEN32);

	return floor_sum(n, 1ull << 32, GOLDEN32, 0) + n
		   - floor_sum(n, 1ull << 32, GOLDEN32, (1ull << 32) - x);
}

/* The next stop of the round. A round has as many stops as the tier has units
 * of weight now; each destination has its stops, spread over the round, and
 * equal weights take turns in order. Where in its unit a round stops moves
 * too, so that on slow start, when spans are no whole units, shares hold over
 * some rounds. A call's further attempts do not move the round, lest a bad
 * destination's calls push the same others aside each time. */
static uint64_t round_point(const frt_field_t *f, bool dry)
{
	_Atomic uint64_t *turns = &f->set->rec->turn;
	uint64_t n = (f->total + f->tier->unit - 1) / f->tier->unit;
	uint64_t turn, stop;

	if(dry || f->tried->n)
		turn = atomic_load_explicit(turns, memory_order_relaxed);
	else
		turn = atomic_fetch_add_explicit(turns, 1, memory_order_relaxed);
	if(f->tried->n || n > UINT32_MAX)
		return spread(turn, f->total);
	stop = f->tier->even ? turn % n : spread_rank(turn % n, n);
	return (uint64_t)((unsigned __int128)stop * f->total / n)
		   + spread(turn, f->total / n);
}

static uint32_t pdd_ms(const frt_rec_t *rec)
{
	const frt_act_t *act = frt_act(rec);

	return act ? atomic_load_explicit(&act->pdd_ms, memory_order_relaxed) : 0;
}

/* Less loaded, or faster, of two; per unit of weight where load counts. */
static uint32_t better_of(const frt_field_t *f, uint32_t a, uint32_t b)
{
	const frt_dst_t *x = &f->set->dsts[a], *y = &f->set->dsts[b];
	uint64_t vx, vy;

	if(f->set->conf.strategy == FRT_FASTEST) {
		vx = pdd_ms(x->rec);
		vy = pdd_ms(y->rec);
		/* one whose delay is not known is as fast as any, not the fastest */
		return vx == 0 || vy == 0 || vx <= vy ? a : b;
	}
	vx = atomic_load_explicit(&x->rec->calls, memory_order_relaxed);
	vy = atomic_load_explicit(&y->rec->calls, memory_order_relaxed);
	return (vx + 1) * frt_dst_full(y) <= (vy + 1) * frt_dst_full(x) ? a : b;
}

/* A uniform draw (RFC 2782). A call's first one keeps the shares exact; its
 * further ones must not follow from where the first fell. */
static uint64_t weighted_point(
		const frt_field_t *f, const frt_wish_t *wish, frt_rand_t *rnd)
{
	if(wish->dry || f->tried->n)
		return frt_rand_below(rnd, f->total);
	return (uint64_t)((unsigned __int128)frt_rand_even(rnd) * f->total >> 64);
}

/* A key's own sequence of draws by configured weight; the first that can be
 * used has it. A destination on its slow start takes its share of its keys. */
static uint32_t hash_draw(const frt_field_t *f, uint64_t key)
{
	uint32_t i;

	for(i = 0; i < HASH_DRAWS; i++) {
		uint64_t k = frt_hash_mix(key + i);
		uint32_t at = frt_htree_find(f->set, f->tier, k);

		if(acceptable(f, at)
				&& frt_hash_mix(k ^ 0x5bd1e995u) % FRT_SHARE_FULL
						   < frt_dst_share(&f->set->dsts[at]))
			return at;
	}
	return field_at(f, frt_hash_mix(key) % f->total);
}

static uint32_t two_draws(const frt_field_t *f, frt_rand_t *rnd)
{
	uint32_t a = field_at(f, frt_rand_below(rnd, f->total));
	uint32_t b = field_at(f, frt_rand_below(rnd, f->total));

	if(!acceptable(f, a))
		return b;
	return acceptable(f, b) ? better_of(f, a, b) : a;
}

static uint32_t field_draw(
		const frt_field_t *f, const frt_wish_t *wish, frt_rand_t *rnd)
{
	switch(f->set->conf.strategy) {
		case FRT_ORDERED:
			return field_at(f, 0);
		case FRT_ROUND_ROBIN:
			return field_at(f, round_point(f, wish->dry));
		case FRT_HASH:
			return hash_draw(f, wish->key);
		case FRT_LEAST_CALLS:
		case FRT_FASTEST:
			return two_draws(f, rnd);
		default:
			return field_at(f, weighted_point(f, wish, rnd));
	}
}

/* Nothing was left to draw, or the sums are in the middle of a change: looks
 * at those that have weight, from a random place on. In quiet all but the
 * tried ones are acceptable, so few are looked at. */
static uint32_t field_walk(const frt_field_t *f, frt_rand_t *rnd)
{
	uint32_t first = f->tier->first, n = f->tier->end - first;
	uint32_t at, from = first + (uint32_t)frt_rand_below(rnd, n);

	if(f->set->conf.strategy == FRT_ORDERED)
		from = first;
	for(at = from; (at = frt_wsum_first(f->set, at)) < f->tier->end; at++) {
		if(acceptable(f, at))
			return at;
	}
	for(at = first; (at = frt_wsum_first(f->set, at)) < from; at++) {
		if(acceptable(f, at))
			return at;
	}
	return FRT_NONE;
}

static uint32_t tier_choose(
		const frt_field_t *f, const frt_wish_t *wish, frt_rand_t *rnd)
{
	uint32_t i, at;

	for(i = 0; f->total > 0 && i < DRAWS; i++) {
		at = field_draw(f, wish, rnd);
		if(acceptable(f, at))
			return at;
	}
	return field_walk(f, rnd);
}

#define KEY_SEED 5 /* keys must not hash like ids */

uint64_t frt_choose_key(frt_str_t key)
{
	uint64_t h = frt_hash_bytes(key.s, key.len, KEY_SEED);

	return h ? h : 1;
}

/* parallel: who is left in the tier gets no more calls than before; ordered: one
 * gets all of them, whatever the weights */
bool frt_spill_knows(const frt_set_t *set)
{
	return set->conf.strategy != FRT_PARALLEL
		   && set->conf.strategy != FRT_ORDERED;
}

uint32_t frt_spill_share(const frt_set_t *set, const frt_tier_t *tier)
{
	uint64_t low, high, ready;
	unsigned __int128 kept;

	ready = atomic_load_explicit(&tier->ready, memory_order_relaxed);
	low = frt_wsum_prefix(set, tier->first);
	high = frt_wsum_prefix(set, tier->end);
	/* what is full has not lost anything: it carries its load */
	high += atomic_load_explicit(&tier->full, memory_order_relaxed);
	if(high <= low || ready == 0)
		return FRT_SHARE_FULL;
	kept = (unsigned __int128)(high - low)
		   * (FRT_SPILL_PCT * FRT_SHARE_FULL / 100) / ready;
	return kept < FRT_SHARE_FULL ? (uint32_t)kept : FRT_SHARE_FULL;
}

uint32_t frt_spill_kept(const frt_set_t *set, const frt_tier_t *tier)
{
	if(!set->conf.spill || !frt_spill_knows(set))
		return FRT_SHARE_FULL;
	return frt_spill_share(set, tier);
}

/* Does this call go on to the next tier, because this one has lost more than
 * its over-provisioning makes up for? In proportion, and only if a later tier
 * has weight; a key always decides the same. */
static bool spills(const frt_set_t *set, const frt_tier_t *tier,
		const frt_wish_t *wish, frt_rand_t *rnd)
{
	uint32_t kept;
	uint64_t r;

	if(wish->dry || tier->end >= set->ndsts)
		return false;
	kept = frt_spill_kept(set, tier);
	if(kept >= FRT_SHARE_FULL || frt_wsum_first(set, tier->end) == FRT_NONE)
		return false;
	r = set->conf.strategy == FRT_HASH
				? frt_hash_mix(wish->key ^ tier->priority
							   ^ (uint64_t)tier->sub << 16)
						  % FRT_SHARE_FULL
				: frt_rand_below(rnd, FRT_SHARE_FULL);
	return r >= kept;
}

/* Is there one among them that could have been chosen? By the word: the sums may
 * still have weight of one that is no longer usable. */
static bool any_usable(const frt_set_t *set, const frt_tried_t *tried)
{
	uint32_t i;

	for(i = 0; i < tried->n; i++) {
		if(frt_dst_share(&set->dsts[tried->at[i]]) > 0)
			return true;
	}
	return false;
}

/* Tier by tier; with may_spill a tier may be passed over, which *spilled then
 * says. */
static int walk_tiers(const frt_set_t *set, const frt_wish_t *wish,
		frt_tried_t *tried, frt_rand_t *rnd, bool *may_spill, frt_dst_t **out)
{
	frt_field_t field;
	bool spilled = false;
	uint32_t at = 0;

	while((at = frt_wsum_first(set, at)) != FRT_NONE) {
		const frt_tier_t *tier = &set->tiers[set->dsts[at].tier];

		if(*may_spill && spills(set, tier, wish, rnd)) {
			spilled = true;
			at = tier->end;
			continue;
		}
		field_open(&field, set, tier, tried);
		at = tier_choose(&field, wish, rnd);
		if(at != FRT_NONE) {
			*out = &set->dsts[at];
			return 0;
		}
		at = tier->end;
	}
	*may_spill = spilled;
	if(tried->refused)
		return FRT_E_FULL;
	return any_usable(set, tried) ? FRT_E_EXHAUSTED : FRT_E_NONE_USABLE;
}

/* Is any usable destination at max-calls? Those weigh nothing. */
static bool any_full(const frt_set_t *set)
{
	uint32_t i;

	for(i = 0; i < set->ntiers; i++) {
		if(atomic_load_explicit(&set->tiers[i].full, memory_order_relaxed))
			return true;
	}
	return false;
}

int frt_choose(const frt_set_t *set, const frt_wish_t *wish, frt_rand_t *rnd,
		frt_dst_t **out)
{
	frt_tried_t tried;
	bool spilled = true;
	int err;

	tried_collect(set, wish, &tried);
	err = walk_tiers(set, wish, &tried, rnd, &spilled, out);
	/* nothing further on: then the tier that was to be spared */
	if(err != 0 && spilled) {
		spilled = false;
		err = walk_tiers(set, wish, &tried, rnd, &spilled, out);
	}
	if(err == FRT_E_NONE_USABLE && any_full(set))
		return FRT_E_FULL;
	return err;
}

bool frt_choose_sure(const frt_set_t *set)
{
	uint32_t at = frt_wsum_first(set, 0);

	return at != FRT_NONE && set->dsts[at].max_cps == 0
		   && frt_dst_share(&set->dsts[at]) > 0;
}

bool frt_takes_again(const frt_dst_t *dst)
{
	uint32_t word = atomic_load(&dst->rec->word);

	return dst->set->conf.shadow
		   || (FRT_WORD_HEALTH(word) != FRT_DOWN
				   && FRT_WORD_ADMIN(word) != FRT_MAINT);
}

int frt_choose_beside(const frt_set_t *set, const frt_wish_t *wish,
		const frt_dst_t *first, frt_rand_t *rnd, frt_dst_t **out)
{
	frt_tried_t tried;
	frt_field_t field;
	uint32_t at;

	tried_collect(set, wish, &tried);
	field_open(&field, set, &set->tiers[first->tier], &tried);
	at = tier_choose(&field, wish, rnd);
	if(at == FRT_NONE)
		return FRT_E_EXHAUSTED;
	*out = &set->dsts[at];
	return 0;
}
