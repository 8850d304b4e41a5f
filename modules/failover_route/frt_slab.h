/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where records come from: one block for all that are new in a reload (a
 * thousand shared-memory allocations would search the allocator's lists a
 * thousand times), freed when its last record has gone. Must not know
 * generations or who holds the records.
 */
#ifndef FRT_SLAB_H
#define FRT_SLAB_H

#include "engine/frt_rec.h"

typedef struct frt_slab frt_slab_t;

typedef struct frt_slab_need
{
	uint32_t recs;
	uint32_t sets;
	size_t text; /* bytes of all their keys */
} frt_slab_need_t;

/* One block for exactly this much; NULL if there is no memory. */
frt_slab_t *frt_slab_new(const frt_mem_t *mem, const frt_slab_need_t *need);
/* Carves a record with one reference and its lock ready; NULL once the slab is
 * used up. Not for two processes at once. */
frt_rec_t *frt_slab_rec(frt_slab_t *slab, frt_str_t set, frt_str_t id);
frt_set_rec_t *frt_slab_set(frt_slab_t *slab, frt_str_t id);
/* One of its records has gone; frees the block after the last. */
void frt_slab_put(const frt_mem_t *mem, frt_slab_t *slab);

#endif
