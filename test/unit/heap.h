/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory of a test: it is counted, full of rubbish, and fails when it is told
 * to.
 *
 *     fx_heap_t heap = {.fail_at = 3};
 *     frt_mem_t mem = fx_mem(&heap);
 *     ... what is tested, with &mem ...
 *     assert_int_equal(heap.live, 0);
 */
#ifndef FRT_HEAP_OF_TESTS_H
#define FRT_HEAP_OF_TESTS_H

#include "frt_base.h"
#include "unit.h"

typedef struct fx_heap
{
	size_t calls;	/* requests so far */
	size_t fail_at; /* this request gets nothing; 0: none fails */
	bool for_good;	/* nor does any after it */
	size_t live;	/* pieces not given back */
} fx_heap_t;

static inline void *fx_heap_alloc(void *ctx, size_t size)
{
	fx_heap_t *heap = ctx;
	void *p;

	heap->calls++;
	if(heap->calls == heap->fail_at
			|| (heap->for_good && heap->fail_at && heap->calls > heap->fail_at))
		return NULL;
	p = malloc(size);
	assert_non_null(p);
	memset(p, 0xee, size);
	heap->live++;
	return p;
}

static inline void fx_heap_free(void *ctx, void *p)
{
	fx_heap_t *heap = ctx;

	assert_true(heap->live > 0);
	heap->live--;
	free(p);
}

static inline frt_mem_t fx_mem(fx_heap_t *heap)
{
	frt_mem_t mem = {fx_heap_alloc, fx_heap_free, heap};

	return mem;
}

#endif
