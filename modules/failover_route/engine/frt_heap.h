/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is due when: a binary heap of numbered items by due time, with the
 * place of each item known, so that moving or removing one costs the logarithm
 * of their number. Must not know what the items are, nor a clock.
 */
#ifndef FRT_HEAP_H
#define FRT_HEAP_H

#include "frt_base.h"

/* Items are 0..cap-1; each is in the heap at most once. Zeroed, it is an empty
 * heap without room. */
typedef struct frt_heap
{
	uint64_t *due;	 /* by item; 0: not in the heap */
	uint32_t *at;	 /* by item: its place in items */
	uint32_t *items; /* the heap */
	uint32_t n;
	uint32_t cap;
} frt_heap_t;

/* Makes room for items 0..cap-1; never less than there was. FRT_E_NOMEM leaves
 * the heap as it is. */
int frt_heap_reserve(frt_heap_t *h, const frt_mem_t *mem, uint32_t cap);
void frt_heap_free(frt_heap_t *h, const frt_mem_t *mem);
/* Takes all items out. */
void frt_heap_clear(frt_heap_t *h);

/* Puts an item in, or moves it; due 0 takes it out. An item beyond the room is
 * ignored. */
void frt_heap_set(frt_heap_t *h, uint32_t item, uint64_t due);
/* When an item is due; 0 if it is not in the heap. */
uint64_t frt_heap_due(const frt_heap_t *h, uint32_t item);
/* When the first item is due; UINT64_MAX if there is none. */
uint64_t frt_heap_first(const frt_heap_t *h);
/* Takes out the first item if it is due by now. */
bool frt_heap_pop(frt_heap_t *h, uint64_t now, uint32_t *item);

#endif
