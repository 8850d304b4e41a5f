/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the draft share among themselves, and nobody else sees:
 * its memory, its hash tables, and what it remembers of a set beyond the
 * values.
 */
#ifndef FRT_DRAFT_PRIV_H
#define FRT_DRAFT_PRIV_H

#include "frt_attr.h"

/* Memory that is given piece by piece and freed as a whole. */
typedef struct frt_block
{
	struct frt_block *next;
	size_t size; /* of what follows */
	size_t used;
} frt_block_t;

/* A hash table of pointers; the caller compares. Open addressing, at most
 * half full. */
typedef struct frt_index_slot
{
	uint64_t hash;
	void *item; /* NULL: empty */
} frt_index_slot_t;

typedef struct frt_index
{
	frt_index_slot_t *slots;
	size_t size; /* 0 or a power of two */
	size_t used;
} frt_index_t;

typedef bool (*frt_index_same_t)(const void *item, const void *key);

/* The first item of that hash that same() says is the key's, or NULL. */
void *frt_index_find(const frt_index_t *ix, uint64_t hash,
		frt_index_same_t same, const void *key);
/* Makes room for n items at once, instead of bit by bit. FRT_E_NOMEM or 0. */
int frt_index_room(frt_index_t *ix, const frt_mem_t *mem, size_t n);
/* Adds an item without looking for an equal one. FRT_E_NOMEM or 0. */
int frt_index_add(
		frt_index_t *ix, const frt_mem_t *mem, uint64_t hash, void *item);
void frt_index_free(frt_index_t *ix, const frt_mem_t *mem);

#define FRT_GIVEN_WORDS 2

/* Attributes that somebody wrote, one bit each. */
typedef struct frt_given
{
	uint64_t bits[FRT_GIVEN_WORDS];
} frt_given_t;

static inline void frt_given_set(frt_given_t *given, unsigned attr)
{
	given->bits[attr / 64] |= UINT64_C(1) << (attr % 64);
}

static inline bool frt_given_has(const frt_given_t *given, unsigned attr)
{
	return (given->bits[attr / 64] >> (attr % 64)) & 1;
}

typedef struct frt_draft_set_node
{
	frt_draft_set_t pub; /* first: the two are cast into each other */
	frt_given_t given;
	frt_given_t refused; /* of those: what is there is not what was meant */
	uint32_t ordinal;	 /* keeps equal ids of two sets apart */
	uint32_t ninherited; /* the last rules are those of the defaults */
	uint32_t rules_size; /* room in rules and rule_places */
	frt_place_t *rule_places; /* as rules; of a checked one NULL */
	bool checked; /* of a table: its values and rules are as they are in force */
} frt_draft_set_node_t;

typedef struct frt_draft_dst_node
{
	frt_draft_dst_t pub;
	frt_given_t given;
	bool removed; /* it is still in the index */
	uint32_t set_ordinal;
	uint32_t tier_ndsts; /* for the check, in a tier's first destination */
	bool tier_weighted;
	bool waits_for_dns; /* for the check: calls ask for its name's address */
} frt_draft_dst_node_t;

struct frt_draft
{
	frt_mem_t mem;
	frt_block_t *blocks;
	frt_draft_set_t *sets;
	frt_draft_set_t *sets_tail;
	uint32_t nsets;
	uint32_t ndsts;
	uint32_t nparents;
	frt_index_t set_index; /* by id */
	frt_index_t dst_index; /* by set and id */
	frt_draft_set_node_t defaults;
	frt_draft_dst_t first_dst; /* what a destination starts as */
	frt_edit_t *edits;		   /* what run time has changed */
	uint32_t nedits;
	uint32_t edits_size;
	uint32_t nfaults;
	uint32_t nerrors;
	uint32_t nwarnings;
	uint32_t faults_max;
	frt_fault_t *faults; /* first_faults, or more of the draft's memory */
	frt_fault_t first_faults[FRT_FAULTS_MAX];
};

static inline frt_draft_set_node_t *frt_set_node(const frt_draft_set_t *set)
{
	return (frt_draft_set_node_t *)(uintptr_t)set;
}

static inline frt_draft_dst_node_t *frt_dst_node(const frt_draft_dst_t *dst)
{
	return (frt_draft_dst_node_t *)(uintptr_t)dst;
}

/* Makes a destination of a set findable by its id. FRT_E_NOMEM or 0. */
int frt_dst_index(frt_draft_t *d, frt_draft_dst_node_t *node);
/* Puts one at the end of a set. */
void frt_dst_link(frt_draft_t *d, frt_draft_set_t *set, frt_draft_dst_t *dst);
/* Writes `<destination id="gw1">`, `<probe> of <set id="a">`, `<defaults>`. */
void frt_subject(frt_buf_t *out, frt_scope_t scope, const frt_draft_set_t *set,
		const frt_draft_dst_t *dst);
/* Writes " at frt.xml:17", or nothing if the place is unknown. */
void frt_buf_add_place(frt_buf_t *out, frt_place_t place);
#endif
