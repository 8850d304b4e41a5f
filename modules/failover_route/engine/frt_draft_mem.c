/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The draft's memory and hash tables: 100,000 destinations shall cost some
 * large allocations instead of many small ones, and no search through lists.
 */
#include "frt_draft_priv.h"

#include <string.h>

#define ALIGNMENT 16
#define BLOCK_MIN ((size_t)4 << 10)
#define BLOCK_MAX ((size_t)256 << 10)

#define HEADER_SIZE \
	((sizeof(frt_block_t) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

/* Adds a block with room for size bytes. Blocks grow with the draft. */
static frt_block_t *block_add(frt_draft_t *d, size_t size)
{
	size_t want = d->blocks == NULL ? BLOCK_MIN : d->blocks->size * 2;
	frt_block_t *b;

	if(want > BLOCK_MAX)
		want = BLOCK_MAX;
	if(want < size)
		want = size;
	b = frt_mem_alloc(&d->mem, HEADER_SIZE + want);
	if(b == NULL)
		return NULL;
	b->size = want;
	b->next = d->blocks;
	d->blocks = b;
	return b;
}

void *frt_draft_alloc(frt_draft_t *d, size_t size)
{
	frt_block_t *b = d->blocks;
	char *p;

	if(size > SIZE_MAX / 2)
		return NULL;
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if(b == NULL || b->size - b->used < size)
		b = block_add(d, size);
	if(b == NULL)
		return NULL;
	p = (char *)b + HEADER_SIZE + b->used;
	b->used += size;
	return p;
}

int frt_draft_copy(frt_draft_t *d, frt_str_t text, frt_str_t *out)
{
	char *p = frt_draft_alloc(d, (size_t)text.len + 1);

	if(p == NULL)
		return FRT_E_NOMEM;
	if(text.len > 0)
		memcpy(p, text.s, text.len);
	p[text.len] = '\0';
	out->s = p;
	out->len = text.len;
	return 0;
}

void *frt_index_find(const frt_index_t *ix, uint64_t hash,
		frt_index_same_t same, const void *key)
{
	size_t i;

	if(ix->size == 0)
		return NULL;
	for(i = hash & (ix->size - 1); ix->slots[i].item != NULL;
			i = (i + 1) & (ix->size - 1)) {
		if(ix->slots[i].hash == hash && same(ix->slots[i].item, key))
			return ix->slots[i].item;
	}
	return NULL;
}

static void put(frt_index_slot_t *slots, size_t size, uint64_t hash, void *item)
{
	size_t i = hash & (size - 1);

	while(slots[i].item != NULL)
		i = (i + 1) & (size - 1);
	slots[i].hash = hash;
	slots[i].item = item;
}

static int grow(frt_index_t *ix, const frt_mem_t *mem, size_t size)
{
	frt_index_slot_t *slots;
	size_t i;

	slots = frt_mem_alloc(mem, size * sizeof(*slots));
	if(slots == NULL)
		return FRT_E_NOMEM;
	for(i = 0; i < ix->size; i++) {
		if(ix->slots[i].item != NULL)
			put(slots, size, ix->slots[i].hash, ix->slots[i].item);
	}
	frt_mem_free(mem, ix->slots);
	ix->slots = slots;
	ix->size = size;
	return 0;
}

int frt_index_room(frt_index_t *ix, const frt_mem_t *mem, size_t n)
{
	size_t size = 64;

	while(size < 2 * n)
		size *= 2;
	return size > ix->size ? grow(ix, mem, size) : 0;
}

int frt_index_add(
		frt_index_t *ix, const frt_mem_t *mem, uint64_t hash, void *item)
{
	if(ix->used * 2 >= ix->size && frt_index_room(ix, mem, ix->used + 1) != 0)
		return FRT_E_NOMEM;
	put(ix->slots, ix->size, hash, item);
	ix->used++;
	return 0;
}

void frt_index_free(frt_index_t *ix, const frt_mem_t *mem)
{
	frt_mem_free(mem, ix->slots);
	memset(ix, 0, sizeof(*ix));
}

frt_draft_t *frt_draft_new(const frt_mem_t *mem)
{
	frt_draft_t *d = frt_mem_alloc(mem, sizeof(*d));

	if(d == NULL)
		return NULL;
	d->mem = *mem;
	d->faults = d->first_faults;
	d->faults_max = FRT_FAULTS_MAX;
	d->defaults.pub.number = -1;
	frt_set_conf_default(&d->defaults.pub.conf);
	frt_attr_store_defaults(FRT_SCOPE_DESTINATION, &d->first_dst);
	return d;
}

void frt_draft_free(frt_draft_t *d)
{
	frt_mem_t mem;

	if(d == NULL)
		return;
	mem = d->mem;
	frt_index_free(&d->set_index, &mem);
	frt_index_free(&d->dst_index, &mem);
	while(d->blocks != NULL) {
		frt_block_t *b = d->blocks;
		d->blocks = b->next;
		frt_mem_free(&mem, b);
	}
	frt_mem_free(&mem, d);
}
