/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a draft to a generation: freeze, records by key, sums, the old one
 * gone. As frt_reload.c and frt_shm.c do it.
 */
#include "sim.h"
#include "frt_act.h"
#include "frt_cap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sim_rec_t *rec_new(sim_world_t *w, const frt_dst_t *dst)
{
	sim_rec_t *r = frt_mem_alloc(&w->mem, w->rec_size);

	if(!r)
		return NULL;
	snprintf(r->set, sizeof(r->set), "%.*s", (int)dst->set->id.len,
			dst->set->id.s);
	snprintf(r->id, sizeof(r->id), "%.*s", (int)dst->id.len, dst->id.s);
	r->rec.set = frt_str_of(r->set);
	r->rec.id = frt_str_of(r->id);
	atomic_init(&r->rec.refs, 1);
	r->rec.conf_admin = dst->admin;
	frt_health_init(&r->rec, (frt_admin_t)dst->admin, sim_now(w));
	if(w->ops->rec_made)
		w->ops->rec_made(w, r, dst);
	r->next = w->recs;
	w->recs = r;
	return r;
}

static int attach_set(sim_world_t *w, frt_gen_t *g, frt_set_t *set)
{
	frt_set_t *was = w->gen ? frt_gen_set(w->gen, set->id) : NULL;
	sim_set_rec_t *r;

	if(was) {
		frt_gen_attach_set(g, set, was->rec);
		atomic_fetch_add(&set->rec->refs, 1);
		return 0;
	}
	r = frt_mem_alloc(&w->mem, w->set_rec_size);
	if(!r)
		return FRT_E_NOMEM;
	snprintf(r->id, sizeof(r->id), "%.*s", (int)set->id.len, set->id.s);
	r->rec.id = frt_str_of(r->id);
	atomic_init(&r->rec.refs, 1);
	r->next = w->set_recs;
	w->set_recs = r;
	frt_gen_attach_set(g, set, &r->rec);
	return 0;
}

static int attach_dst(sim_world_t *w, frt_dst_t *dst, uint32_t addr)
{
	frt_dst_t *was = w->gen ? frt_gen_dst(w->gen, dst->set->id, dst->id) : NULL;
	sim_rec_t *r = was ? sim_rec_of(was->rec) : NULL;

	if(r)
		sim_rec_ref(&r->rec);
	else
		r = rec_new(w, dst);
	if(!r)
		return FRT_E_NOMEM;
	r->addr = addr;
	frt_gen_attach(dst->set->gen, dst, &r->rec);
	if(dst->max_cps && !r->rec.rate)
		r->rec.rate = frt_mem_alloc(&w->mem, sizeof(frt_rate_t));
	return dst->max_cps && !r->rec.rate ? FRT_E_NOMEM : 0;
}

static void discard(sim_world_t *w, frt_gen_t *g)
{
	for(uint32_t i = 0; i < g->ndsts; i++) {
		if(g->dsts[i].rec)
			sim_rec_unref(w, g->dsts[i].rec);
	}
	for(uint32_t i = 0; i < g->nsets; i++) {
		if(g->sets[i].rec)
			sim_set_rec_unref(w, g->sets[i].rec);
	}
	frt_gen_free(g, &w->mem);
}

static void follow_conf_admin(sim_world_t *w)
{
	for(uint32_t i = 0; i < w->gen->ndsts; i++) {
		frt_dst_t *dst = &w->gen->dsts[i];

		if(dst->rec->conf_admin == dst->admin)
			continue;
		dst->rec->conf_admin = dst->admin;
		sim_admin(w, dst->rec, (frt_admin_t)dst->admin);
	}
}

int sim_table_load(sim_world_t *w, const frt_draft_t *d,
		uint32_t (*addr_of)(sim_world_t *w, const frt_dst_t *dst))
{
	frt_gen_t *g = NULL, *old = w->gen;
	int err = frt_gen_freeze(d, &w->mem, old ? old->seq + 1 : 1, &g);

	for(uint32_t i = 0; err == 0 && i < g->nsets; i++)
		err = attach_set(w, g, &g->sets[i]);
	for(uint32_t i = 0; err == 0 && i < g->ndsts; i++)
		err = attach_dst(w, &g->dsts[i], addr_of(w, &g->dsts[i]));
	if(err) {
		if(g)
			discard(w, g);
		return err;
	}
	w->gen = g;
	for(uint32_t i = 0; i < g->ndsts; i++)
		frt_cap_follow_locked(g->dsts[i].rec, g->dsts[i].max_calls);
	frt_gen_weigh(g);
	if(old)
		discard(w, old);
	follow_conf_admin(w);
	return 0;
}

void sim_table_drop(sim_world_t *w)
{
	if(w->gen)
		discard(w, w->gen);
	w->gen = NULL;
}

void sim_weigh(sim_world_t *w, frt_rec_t *rec)
{
	frt_dst_t *dst = frt_gen_dst_of(w->gen, rec);

	if(dst)
		frt_gen_weigh_one_locked(dst);
}

void sim_rec_ref(frt_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

void sim_rec_free(sim_world_t *w, frt_rec_t *rec)
{
	frt_mem_free(&w->mem, rec->rate);
	frt_act_free(rec, &w->mem);
	frt_mem_free(&w->mem, rec);
}

void sim_rec_unref(sim_world_t *w, frt_rec_t *rec)
{
	sim_rec_t **at = &w->recs;

	if(atomic_load(&rec->refs) == 0)
		sim_broken(w, "%s: more references given back than taken", rec->id.s);
	if(atomic_fetch_sub(&rec->refs, 1) != 1)
		return;
	while(*at != sim_rec_of(rec))
		at = &(*at)->next;
	*at = sim_rec_of(rec)->next;
	sim_rec_free(w, rec);
}

void sim_set_rec_unref(sim_world_t *w, frt_set_rec_t *rec)
{
	sim_set_rec_t **at = &w->set_recs;

	if(atomic_fetch_sub(&rec->refs, 1) != 1)
		return;
	while(&(*at)->rec != rec)
		at = &(*at)->next;
	*at = (*at)->next;
	frt_mem_free(&w->mem, rec);
}
