/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of records that may come back; see the header.
 */
#include "frt_gone.h"
#include "frt_shm.h"

#define KEEP_MS 3600000u /* longer than answers of the DNS are used */

static bool is_kept(const frt_gone_rec_t *e, uint64_t now_ms)
{
	if(atomic_load(&e->rec->calls) > 0)
		return true;
	return e->of_name && now_ms < e->since_ms + KEEP_MS
		   && FRT_WORD_HEALTH(atomic_load(&e->rec->word)) != FRT_UP;
}

frt_rec_t *frt_gone_find(
		const frt_gone_t *gone, frt_str_t set, frt_str_t id, uint64_t now_ms)
{
	uint32_t i;

	for(i = 0; i < gone->n; i++) {
		frt_rec_t *rec = gone->at[i].rec;

		if(frt_str_eq(rec->id, id) && frt_str_eq(rec->set, set))
			return is_kept(&gone->at[i], now_ms) ? rec : NULL;
	}
	return NULL;
}

static void clear_out(frt_gone_t *gone, const frt_gen_t *g, uint64_t now_ms)
{
	uint32_t i, n = 0;

	for(i = 0; i < gone->n; i++) {
		frt_gone_rec_t e = gone->at[i];

		if(frt_gen_dst_of(g, e.rec) || !is_kept(&e, now_ms))
			frt_rec_unref(e.rec);
		else
			gone->at[n++] = e;
	}
	gone->n = n;
}

void frt_gone_follow(frt_gone_t *gone, const frt_gen_t *old, const frt_gen_t *g,
		uint64_t now_ms)
{
	uint32_t i;

	clear_out(gone, g, now_ms);
	for(i = 0; old && i < old->ndsts && gone->n < FRT_GONE_MAX; i++) {
		const frt_dst_t *dst = &old->dsts[i];
		frt_gone_rec_t e = {dst->rec, now_ms, dst->parent != NULL};

		/* a name without an answer is no destination */
		if(dst->unresolved || frt_gen_dst_of(g, dst->rec)
				|| !is_kept(&e, now_ms))
			continue;
		frt_rec_ref(dst->rec);
		gone->at[gone->n++] = e;
	}
}

void frt_gone_free(frt_gone_t *gone)
{
	while(gone->n > 0)
		frt_rec_unref(gone->at[--gone->n].rec);
}
