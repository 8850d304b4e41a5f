/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The heap of due times; see frt_heap.h. Knows nothing but numbers.
 */
#include "frt_heap.h"

#include <string.h>

int frt_heap_reserve(frt_heap_t *h, const frt_mem_t *mem, uint32_t cap)
{
	frt_heap_t to = {.n = h->n, .cap = cap};

	if(cap <= h->cap)
		return FRT_OK;
	to.due = frt_mem_alloc(mem, (size_t)cap * sizeof(*to.due));
	to.at = frt_mem_alloc(mem, (size_t)cap * sizeof(*to.at));
	to.items = frt_mem_alloc(mem, (size_t)cap * sizeof(*to.items));
	if(!to.due || !to.at || !to.items) {
		frt_heap_free(&to, mem);
		return FRT_E_NOMEM;
	}
	if(h->cap) {
		memcpy(to.due, h->due, h->cap * sizeof(*to.due));
		memcpy(to.at, h->at, h->cap * sizeof(*to.at));
		memcpy(to.items, h->items, h->cap * sizeof(*to.items));
	}
	frt_heap_free(h, mem);
	*h = to;
	return FRT_OK;
}

void frt_heap_free(frt_heap_t *h, const frt_mem_t *mem)
{
	frt_mem_free(mem, h->due);
	frt_mem_free(mem, h->at);
	frt_mem_free(mem, h->items);
	memset(h, 0, sizeof(*h));
}

void frt_heap_clear(frt_heap_t *h)
{
	while(h->n)
		h->due[h->items[--h->n]] = 0;
}

static void place(frt_heap_t *h, uint32_t at, uint32_t item)
{
	h->items[at] = item;
	h->at[item] = at;
}

static uint64_t due_at(const frt_heap_t *h, uint32_t at)
{
	return h->due[h->items[at]];
}

static void sift_up(frt_heap_t *h, uint32_t at, uint32_t item)
{
	while(at > 0 && due_at(h, (at - 1) / 2) > h->due[item]) {
		place(h, at, h->items[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	place(h, at, item);
}

static void sift_down(frt_heap_t *h, uint32_t at, uint32_t item)
{
	uint32_t child;

	while((child = 2 * at + 1) < h->n) {
		if(child + 1 < h->n && due_at(h, child + 1) < due_at(h, child))
			child++;
		if(due_at(h, child) >= h->due[item])
			break;
		place(h, at, h->items[child]);
		at = child;
	}
	place(h, at, item);
}

static void take_out(frt_heap_t *h, uint32_t item)
{
	uint32_t at = h->at[item];
	uint32_t last = h->items[--h->n];

	h->due[item] = 0;
	if(last == item)
		return;
	/* The last one may belong above or below the gap it fills. */
	if(at > 0 && due_at(h, (at - 1) / 2) > h->due[last])
		sift_up(h, at, last);
	else
		sift_down(h, at, last);
}

void frt_heap_set(frt_heap_t *h, uint32_t item, uint64_t due)
{
	uint64_t was;

	if(item >= h->cap)
		return;
	was = h->due[item];
	if(was == due)
		return;
	if(due == 0) {
		take_out(h, item);
		return;
	}
	h->due[item] = due;
	if(was == 0)
		sift_up(h, h->n++, item);
	else if(due < was)
		sift_up(h, h->at[item], item);
	else
		sift_down(h, h->at[item], item);
}

uint64_t frt_heap_due(const frt_heap_t *h, uint32_t item)
{
	return item < h->cap ? h->due[item] : 0;
}

uint64_t frt_heap_first(const frt_heap_t *h)
{
	return h->n ? due_at(h, 0) : UINT64_MAX;
}

bool frt_heap_pop(frt_heap_t *h, uint64_t now, uint32_t *item)
{
	if(frt_heap_first(h) > now)
		return false;
	*item = h->items[0];
	take_out(h, *item);
	return true;
}
