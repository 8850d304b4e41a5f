/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The host of host files under test, for one program each: a table that is a
 * fixture's, a clock that stands, locks that must be free, memory that may
 * fail. Defines functions: include it once.
 */
#ifndef FRT_HOST_H
#define FRT_HOST_H

#include "fixture.h"
#include "frt_event.h"
#include "frt_shm.h"
#include "frt_wake.h"

static struct
{
	frt_gen_t *gen; /* what frt_table_enter() gives */
	int reading;	/* depth of it */
	uint64_t now_ms;
	uint64_t wall_ms;
	uint32_t wakes;
	fx_heap_t heap;
	frt_mem_t mem;
	frt_mem_t shm; /* the same heap, aligned as Kamailio's allocators do it */
} host;

#define HOST_SHM_ALIGN 8 /* to that, and to no more */

static void *host_shm_alloc(void *ctx, size_t size)
{
	char *p = fx_heap_alloc(ctx, HOST_SHM_ALIGN + size);

	return p ? p + HOST_SHM_ALIGN : NULL;
}

static void host_shm_free(void *ctx, void *p)
{
	fx_heap_free(ctx, (char *)p - HOST_SHM_ALIGN);
}

/* Everything anew, with this generation. */
static inline void host_begin(frt_gen_t *gen)
{
	memset(&host, 0, sizeof(host));
	host.gen = gen;
	host.now_ms = 1000;
	host.wall_ms = 1763691100123;
	host.mem = fx_mem(&host.heap);
	host.shm = (frt_mem_t){host_shm_alloc, host_shm_free, &host.heap};
}

frt_gen_t *frt_table_enter(void)
{
	host.reading++;
	return host.gen;
}

void frt_table_leave(void)
{
	assert_true(host.reading > 0);
	host.reading--;
}

void frt_rec_lock(frt_rec_t *rec)
{
	assert_int_equal(rec->host_lock, 0);
	rec->host_lock = 1;
}

void frt_rec_unlock(frt_rec_t *rec)
{
	assert_int_equal(rec->host_lock, 1);
	rec->host_lock = 0;
}

void frt_table_act_make(frt_rec_t *rec)
{
	assert_int_equal(rec->host_lock, 0);
	frt_act_need(rec, &host.mem);
}

uint64_t frt_now_ms(void)
{
	return host.now_ms;
}

uint64_t frt_wall_ms(void)
{
	return host.wall_ms;
}

const frt_mem_t *frt_mem_heap(void)
{
	return &host.mem;
}

const frt_mem_t *frt_mem_shm(void)
{
	return &host.shm;
}

void frt_wake(frt_wake_who_t who)
{
	(void)who;
	host.wakes++;
}

#endif
