/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Building and walking the hash strategy's radix tree.
 */
#include "frt_htree.h"

#include <math.h>
#include <stdlib.h>

#define BITS 6 /* of an id's hash that one level looks at: 64 children */
#define HASH_BITS 64

typedef struct frt_hid
{
	uint64_t hash;
	uint32_t at; /* index of the destination in its set */
} frt_hid_t;

/* What the building of a set's trees goes by. */
typedef struct frt_hbuild
{
	frt_set_t *set;
	frt_hid_t *ids;	 /* of each tier in the order of their hashes */
	uint32_t nnodes; /* used so far */
} frt_hbuild_t;

static int hid_cmp(const void *a, const void *b)
{
	const frt_hid_t *x = a, *y = b;

	if(x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The bits that ids of one cell of a level have in common; each id is a cell
 * of its own once the hashes are used up (equal ones are unheard of). */
static uint64_t cell_of(const frt_hid_t *id, uint32_t level)
{
	uint32_t used = (level + 1) * BITS;

	if(used >= HASH_BITS + BITS)
		return id->at;
	return used < HASH_BITS ? id->hash >> (HASH_BITS - used) : id->hash;
}

/* One past the last id of the cell that lo begins. */
static uint32_t cell_end(
		const frt_hbuild_t *b, uint32_t lo, uint32_t hi, uint32_t level)
{
	uint64_t cell = cell_of(&b->ids[lo], level);

	while(lo < hi && cell_of(&b->ids[lo], level) == cell)
		lo++;
	return lo;
}

static uint32_t count_cells(
		const frt_hbuild_t *b, uint32_t lo, uint32_t hi, uint32_t level)
{
	uint32_t n = 0;

	for(; lo < hi; n++)
		lo = cell_end(b, lo, hi, level);
	return n;
}

/* Hangs ids[lo, hi), at least one, below a node; what names the node is its
 * parent's to say. Levels at which all ids share a cell are left out. */
static void hang(frt_hbuild_t *b, uint32_t node, uint32_t lo, uint32_t hi,
		uint32_t level)
{
	frt_hnode_t *nodes = b->set->hnodes;
	uint32_t n, i, end;

	if(hi - lo == 1) {
		nodes[node].first = b->ids[lo].at;
		nodes[node].weight = frt_dst_full(&b->set->dsts[b->ids[lo].at]);
		return;
	}
	while((n = count_cells(b, lo, hi, level)) == 1)
		level++;
	nodes[node].first = b->nnodes;
	nodes[node].n = n;
	b->nnodes += n;
	for(i = nodes[node].first; lo < hi; i++, lo = end) {
		end = cell_end(b, lo, hi, level);
		nodes[i].salt = frt_hash_mix(cell_of(&b->ids[lo], level) ^ level);
		hang(b, i, lo, end, level + 1);
		nodes[node].weight += nodes[i].weight;
	}
}

int frt_htree_build(frt_set_t *set, const frt_mem_t *mem)
{
	frt_hbuild_t b = {set, NULL, 0};
	uint32_t t, i;

	if(set->conf.strategy != FRT_HASH || set->ndsts == 0)
		return 0;
	b.ids = frt_mem_alloc(mem, set->ndsts * sizeof(*b.ids));
	if(!b.ids)
		return FRT_E_NOMEM;
	for(i = 0; i < set->ndsts; i++) {
		b.ids[i].hash =
				frt_hash_bytes(set->dsts[i].id.s, set->dsts[i].id.len, 7);
		b.ids[i].at = i;
	}
	for(t = 0; t < set->ntiers; t++) {
		frt_tier_t *tier = &set->tiers[t];

		qsort(b.ids + tier->first, tier->end - tier->first, sizeof(*b.ids),
				hid_cmp);
		tier->root = b.nnodes++;
		hang(&b, tier->root, tier->first, tier->end, 0);
	}
	frt_mem_free(mem, b.ids);
	return 0;
}

/* How late the key is at a node: exponentially distributed, at the rate of the
 * node's weight. The earliest of some wins in proportion to its weight. */
static double lateness(uint64_t key, const frt_hnode_t *node)
{
	uint64_t r = frt_hash_mix(key ^ node->salt) >> 11; /* 53 bits */

	return -log(((double)r + 0.5) * 0x1p-53) / (double)node->weight;
}

uint32_t frt_htree_find(
		const frt_set_t *set, const frt_tier_t *tier, uint64_t key)
{
	const frt_hnode_t *node = &set->hnodes[tier->root];

	while(node->n) {
		const frt_hnode_t *child = &set->hnodes[node->first];
		const frt_hnode_t *end = child + node->n;
		double least = INFINITY;

		for(node = child; child < end; child++) {
			double late = lateness(key, child);

			if(late < least) {
				least = late;
				node = child;
			}
		}
	}
	return node->first;
}
