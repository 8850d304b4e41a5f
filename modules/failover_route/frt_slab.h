/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where records come from: one block for many that are new in a reload (a
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
	size_t text; /* bytes of all their keys; a set's id counts once for all
				  * records that come one after the other */
} frt_slab_need_t;

/* One block for exactly this much, all of which is then to be carved; NULL if
 * there is no memory. */
frt_slab_t *frt_slab_new(const frt_mem_t *mem, const frt_slab_need_t *need);
/* Carves a record with one reference and its lock ready; NULL once the slab is
 * used up. Not for two processes at once. */
frt_rec_t *frt_slab_rec(frt_slab_t *slab, frt_str_t set, frt_str_t id);
frt_set_rec_t *frt_slab_set(frt_slab_t *slab, frt_str_t id);
/* Nothing is left to carve: it belongs to its records from now on. */
bool frt_slab_used_up(const frt_slab_t *slab);
/* One of its records has gone; frees the block after the last. */
void frt_slab_put(const frt_mem_t *mem, frt_slab_t *slab);

#endif
