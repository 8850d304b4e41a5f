/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of records that may come back; see the header.
 */
#include "frt_away.h"
#include "frt_shm.h"

#define KEEP_MS 3600000u /* longer than answers of the DNS are used */

static bool is_kept(const frt_away_rec_t *e, uint64_t now_ms)
{
	uint32_t word = atomic_load(&e->rec->word);

	if(atomic_load(&e->rec->calls) > 0)
		return true;
	return e->of_name && now_ms < e->since_ms + KEEP_MS
		   && (FRT_WORD_HEALTH(word) != FRT_UP
				   || FRT_WORD_ADMIN(word) != e->rec->conf_admin);
}

frt_rec_t *frt_away_find(
		const frt_away_t *away, frt_str_t set, frt_str_t id, uint64_t now_ms)
{
	uint32_t i;

	for(i = 0; i < away->n; i++) {
		frt_rec_t *rec = away->at[i].rec;

		if(frt_str_eq(rec->id, id) && frt_str_eq(rec->set, set))
			return is_kept(&away->at[i], now_ms) ? rec : NULL;
	}
	return NULL;
}

static void clear_out(frt_away_t *away, const frt_gen_t *g, uint64_t now_ms)
{
	uint32_t i, n = 0;

	for(i = 0; i < away->n; i++) {
		frt_away_rec_t e = away->at[i];

		if(frt_gen_dst_of(g, e.rec) || !is_kept(&e, now_ms))
			frt_rec_unref(e.rec);
		else
			away->at[n++] = e;
	}
	away->n = n;
}

void frt_away_follow(frt_away_t *away, const frt_gen_t *old, const frt_gen_t *g,
		uint64_t now_ms)
{
	uint32_t i;

	clear_out(away, g, now_ms);
	for(i = 0; old && i < old->ndsts && away->n < FRT_AWAY_MAX; i++) {
		const frt_dst_t *dst = &old->dsts[i];
		frt_away_rec_t e = {dst->rec, now_ms, dst->parent != NULL};

		/* a name without an answer is no destination */
		if(dst->unresolved || frt_gen_dst_of(g, dst->rec)
				|| !is_kept(&e, now_ms))
			continue;
		frt_rec_ref(dst->rec);
		away->at[away->n++] = e;
	}
}

void frt_away_free(frt_away_t *away)
{
	while(away->n > 0)
		frt_rec_unref(away->at[--away->n].rec);
}
