/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of records that may come back; see the header.
 */
#include "frt_away.h"
#include "frt_shm.h"

#include <string.h>

#define KEEP_MS 3600000u /* longer than answers of the DNS are used */

static bool is_kept(const frt_away_rec_t *e, uint64_t now_ms)
{
	if(atomic_load(&e->rec->calls) > 0)
		return true;
	return e->of_name && now_ms < e->since_ms + KEEP_MS
		   && (e->alone
				   || FRT_WORD_HEALTH(atomic_load(&e->rec->word)) != FRT_UP);
}

const frt_away_rec_t *frt_away_find(
		const frt_away_t *away, frt_str_t set, frt_str_t id, uint64_t now_ms)
{
	uint32_t i;

	for(i = 0; i < away->n; i++) {
		const frt_away_rec_t *e = &away->at[i];

		if(frt_str_eq(e->rec->id, id) && frt_str_eq(e->rec->set, set))
			return is_kept(e, now_ms) ? e : NULL;
	}
	return NULL;
}

/* "pool/192.0.2.1" is of "pool". */
static bool is_of(const frt_rec_t *rec, const frt_dst_t *dst)
{
	frt_str_t name;

	if(!dst->parent)
		return false;
	name = dst->parent->id;
	return rec->id.len > name.len && rec->id.s[name.len] == '/'
		   && memcmp(rec->id.s, name.s, name.len) == 0;
}

/* was: what it was up to this table. */
static bool is_alone(const frt_rec_t *rec, const frt_gen_t *g, bool was)
{
	const frt_set_t *set = frt_gen_set(g, rec->set);
	uint32_t own = FRT_WORD_ADMIN(atomic_load(&rec->word)), i;

	if(own == rec->conf_admin)
		return false;
	for(i = 0; set && i < set->ndsts; i++) {
		const frt_dst_t *d = &set->dsts[i];

		if(!is_of(rec, d))
			continue;
		if(d->admin != rec->conf_admin)
			return false;
		if(FRT_WORD_ADMIN(atomic_load(&d->rec->word)) != own)
			was = true;
	}
	return was;
}

static void clear_out(frt_away_t *away, const frt_gen_t *g, uint64_t now_ms)
{
	uint32_t i, n = 0;

	for(i = 0; i < away->n; i++) {
		frt_away_rec_t e = away->at[i];

		if(e.alone)
			e.alone = is_alone(e.rec, g, true);
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
		frt_away_rec_t e = {.rec = dst->rec,
				.since_ms = now_ms,
				.of_name = dst->parent != NULL};

		/* a name without an answer is no destination */
		if(dst->unresolved || frt_gen_dst_of(g, dst->rec))
			continue;
		e.alone = e.of_name && is_alone(e.rec, g, false);
		if(!is_kept(&e, now_ms))
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
