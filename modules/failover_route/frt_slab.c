/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Blocks of records. Records start on cache lines of their own, so that two
 * busy destinations never share one.
 */
#include "frt_compat.h"
#include "frt_slab.h"

#include "../../core/locking.h"

#include <string.h>

struct frt_slab
{
	_Atomic uint32_t live; /* records carved and not yet put back */
	uint32_t nrecs;
	uint32_t nsets;
	frt_rec_t *recs;
	frt_set_rec_t *sets;
	char *text;
	frt_str_t set; /* of the latest record */
};

static char *line_up(char *p)
{
	uintptr_t at = (uintptr_t)p;

	return p + (FRT_CACHE_LINE - at % FRT_CACHE_LINE) % FRT_CACHE_LINE;
}

frt_slab_t *frt_slab_new(const frt_mem_t *mem, const frt_slab_need_t *need)
{
	size_t size = sizeof(frt_slab_t) + FRT_CACHE_LINE
				  + need->recs * sizeof(frt_rec_t)
				  + need->sets * sizeof(frt_set_rec_t) + need->text;
	frt_slab_t *slab = frt_mem_alloc(mem, size);

	if(!slab)
		return NULL;
	slab->recs = (frt_rec_t *)line_up((char *)(slab + 1));
	slab->sets = (frt_set_rec_t *)(slab->recs + need->recs);
	slab->text = (char *)(slab->sets + need->sets);
	slab->nrecs = need->recs;
	slab->nsets = need->sets;
	return slab;
}

static frt_str_t keep(frt_slab_t *slab, frt_str_t s)
{
	frt_str_t out = {slab->text, s.len};

	memcpy(slab->text, s.s, s.len);
	slab->text += s.len;
	return out;
}

/* Those of one set come one after the other: its id is kept once. */
static frt_str_t keep_set(frt_slab_t *slab, frt_str_t set)
{
	if(!slab->set.s || !frt_str_eq(slab->set, set))
		slab->set = keep(slab, set);
	return slab->set;
}

frt_rec_t *frt_slab_rec(frt_slab_t *slab, frt_str_t set, frt_str_t id)
{
	frt_rec_t *rec;

	if(slab == NULL || slab->nrecs == 0)
		return NULL;
	slab->nrecs--;
	rec = slab->recs++;
	atomic_init(&rec->refs, 1);
	rec->owner = slab;
	rec->set = keep_set(slab, set);
	rec->id = keep(slab, id);
	lock_init((gen_lock_t *)&rec->host_lock);
	atomic_fetch_add(&slab->live, 1);
	return rec;
}

frt_set_rec_t *frt_slab_set(frt_slab_t *slab, frt_str_t id)
{
	frt_set_rec_t *rec;

	if(slab == NULL || slab->nsets == 0)
		return NULL;
	slab->nsets--;
	rec = slab->sets++;
	atomic_init(&rec->refs, 1);
	rec->owner = slab;
	rec->id = keep(slab, id);
	atomic_fetch_add(&slab->live, 1);
	return rec;
}

bool frt_slab_used_up(const frt_slab_t *slab)
{
	return slab->nrecs == 0 && slab->nsets == 0;
}

void frt_slab_put(const frt_mem_t *mem, frt_slab_t *slab)
{
	if(atomic_fetch_sub(&slab->live, 1) == 1)
		frt_mem_free(mem, slab);
}
