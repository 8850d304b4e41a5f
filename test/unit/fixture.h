/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A table for tests, in a few words: sets and destinations go through the real
 * draft, are frozen, get records that are up, and are weighed.
 *
 *     fx_t fx;
 *     fx_begin(&fx);
 *     fx_set(&fx, "carriers", FRT_WEIGHTED);
 *     fx_dst(&fx, 1, 10);      (priority 1, weight 10: id "d0")
 *     fx_freeze(&fx);
 *     ... fx_at(&fx, "d0"), fx_down(dst) ...
 *     fx_end(&fx);             (fails if the engine kept memory)
 */
#ifndef FRT_FIXTURE_H
#define FRT_FIXTURE_H

#include "frt_act.h"
#include "frt_choose.h"
#include "frt_gen.h"
#include "frt_health.h"
#include "heap.h"

typedef struct fx
{
	fx_heap_t heap;
	frt_mem_t mem;
	frt_draft_t *draft; /* until frozen */
	frt_draft_set_t *set;
	uint32_t ndsts;
	frt_gen_t *gen;
	frt_rec_t *recs;
	frt_act_t *acts; /* each has had calls */
	frt_set_rec_t *set_recs;
	frt_rand_t rnd;
} fx_t;

static inline frt_str_t fx_str(const char *s)
{
	frt_str_t str = {s, (uint32_t)strlen(s)};

	return str;
}

static inline frt_place_t fx_place(void)
{
	frt_place_t place = {"frt.xml", 1};

	return place;
}

static inline void fx_begin(fx_t *fx)
{
	memset(fx, 0, sizeof(*fx));
	fx->mem = fx_mem(&fx->heap);
	fx->rnd.state = 20260101;
	fx->draft = frt_draft_new(&fx->mem);
	assert_non_null(fx->draft);
}

static inline frt_draft_set_t *fx_set(
		fx_t *fx, const char *id, frt_strategy_t strategy)
{
	assert_int_equal(
			frt_draft_set_add(fx->draft, fx_str(id), fx_place(), &fx->set), 0);
	fx->set->conf.strategy = strategy;
	/* as strict as can be; tests of these switch them on */
	fx->set->conf.spill = false;
	fx->set->conf.panic = false;
	return fx->set;
}

static inline frt_draft_dst_t *fx_dst_uri(fx_t *fx, const char *id,
		const char *uri, unsigned priority, unsigned weight)
{
	frt_draft_dst_t *dst;

	assert_int_equal(
			frt_draft_dst_add(fx->draft, fx->set, fx_str(id), fx_place(), &dst),
			0);
	assert_int_equal(frt_draft_attr(fx->draft, FRT_SCOPE_DESTINATION, fx->set,
							 dst, fx_str("uri"), fx_str(uri), fx_place()),
			0);
	dst->priority = (uint16_t)priority;
	dst->weight = (uint16_t)weight;
	fx->ndsts++;
	return dst;
}

/* A destination named d<n>, at an address of its own. */
static inline frt_draft_dst_t *fx_dst(
		fx_t *fx, unsigned priority, unsigned weight)
{
	unsigned n = fx->ndsts;
	char id[16], uri[64];

	snprintf(id, sizeof(id), "d%u", n);
	snprintf(uri, sizeof(uri), "sip:10.%u.%u.%u:5060", n >> 16 & 255,
			n >> 8 & 255, n & 255);
	return fx_dst_uri(fx, id, uri, priority, weight);
}

static inline void fx_dsts(
		fx_t *fx, unsigned n, unsigned priority, unsigned weight)
{
	while(n-- > 0)
		fx_dst(fx, priority, weight);
}

/* For strategy hash: one tier of n, of weights 1 + i % spread. Not frozen. */
static inline void fx_hash(fx_t *fx, uint32_t n, uint32_t spread)
{
	uint32_t i;

	fx_begin(fx);
	fx_set(fx, "a", FRT_HASH);
	for(i = 0; i < n; i++)
		fx_dst(fx, 1, 1 + i % spread);
}

/* Records for every destination and set: up, ready, nothing counted. */
static inline void fx_attach(fx_t *fx)
{
	frt_gen_t *g = fx->gen;
	uint32_t i;

	fx->recs =
			aligned_alloc(FRT_CACHE_LINE, (g->ndsts + 1) * sizeof(*fx->recs));
	fx->acts = calloc(g->ndsts + 1, sizeof(*fx->acts));
	assert_non_null(fx->acts);
	fx->set_recs = aligned_alloc(
			FRT_CACHE_LINE, (g->nsets + 1) * sizeof(*fx->set_recs));
	assert_non_null(fx->recs);
	assert_non_null(fx->set_recs);
	memset(fx->recs, 0, (g->ndsts + 1) * sizeof(*fx->recs));
	memset(fx->set_recs, 0, (g->nsets + 1) * sizeof(*fx->set_recs));
	for(i = 0; i < g->ndsts; i++) {
		fx->recs[i].set = g->dsts[i].set->id;
		fx->recs[i].id = g->dsts[i].id;
		atomic_init(&fx->recs[i].act, &fx->acts[i]);
		frt_health_init(&fx->recs[i], FRT_READY, 0);
		frt_gen_attach(g, &g->dsts[i], &fx->recs[i]);
	}
	for(i = 0; i < g->nsets; i++) {
		fx->set_recs[i].id = g->sets[i].id;
		frt_gen_attach_set(g, &g->sets[i], &fx->set_recs[i]);
	}
	frt_gen_weigh(g);
}

static inline void fx_freeze(fx_t *fx)
{
	assert_int_equal(frt_gen_freeze(fx->draft, &fx->mem, 1, &fx->gen), 0);
	frt_draft_free(fx->draft);
	fx->draft = NULL;
	fx_attach(fx);
}

/* Two in priority 1, d0 and d1, and one in priority 2, d2. Frozen. */
static inline void fx_two_tiers(fx_t *fx, frt_strategy_t strategy)
{
	fx_begin(fx);
	fx_set(fx, "carriers", strategy);
	fx_dst(fx, 1, 70);
	fx_dst(fx, 1, 30);
	fx_dst(fx, 2, 10);
	fx_freeze(fx);
}

static inline void fx_end(fx_t *fx)
{
	frt_draft_free(fx->draft);
	frt_gen_free(fx->gen, &fx->mem);
	free(fx->recs);
	free(fx->acts);
	free(fx->set_recs);
	assert_int_equal(fx->heap.live, 0);
}

/* The first set. */
static inline frt_set_t *fx_only(const fx_t *fx)
{
	return &fx->gen->sets[0];
}

/* A destination of the first set. */
static inline frt_dst_t *fx_at(const fx_t *fx, const char *id)
{
	frt_dst_t *dst = frt_gen_dst(fx->gen, fx_only(fx)->id, fx_str(id));

	assert_non_null(dst);
	return dst;
}

/* What calls have left behind there. */
static inline frt_act_t *fx_act(const frt_dst_t *dst)
{
	return frt_act(dst->rec);
}

/* Sets a destination's word, as the health machine would, and its weight. */
static inline void fx_word(const frt_dst_t *dst, uint32_t word)
{
	atomic_store(&dst->rec->word, word);
	frt_gen_weigh_one_locked(dst);
}

static inline void fx_up(const frt_dst_t *dst)
{
	fx_word(dst, FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL));
}

static inline void fx_down(const frt_dst_t *dst)
{
	fx_word(dst, FRT_WORD(FRT_DOWN, FRT_READY, 0, 1u << FRT_TRAFFIC, 0));
}

static inline void fx_ramp(const frt_dst_t *dst, unsigned share)
{
	fx_word(dst, FRT_WORD(FRT_RAMP, FRT_READY, 0, 0, share));
}

/* One choice from the first set; NULL if there is none. */
static inline frt_dst_t *fx_choose_tried(
		fx_t *fx, uint64_t key, frt_rec_t *const *tried, uint32_t ntried)
{
	frt_wish_t wish = {.key = key, .tried = tried, .ntried = ntried};
	frt_dst_t *dst = NULL;

	return frt_choose(fx_only(fx), &wish, &fx->rnd, &dst) == 0 ? dst : NULL;
}

static inline frt_dst_t *fx_choose(fx_t *fx)
{
	return fx_choose_tried(fx, 0, NULL, 0);
}

static inline frt_dst_t *fx_choose_key(fx_t *fx, uint64_t key)
{
	return fx_choose_tried(fx, frt_hash_mix(key), NULL, 0);
}

/* Index in its set, also of what was chosen. */
static inline uint32_t fx_index(const frt_dst_t *dst)
{
	assert_non_null(dst);
	return (uint32_t)(dst - dst->set->dsts);
}

#endif
