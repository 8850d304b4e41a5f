/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Thawing a generation.
 */
#include "frt_thaw.h"

#include <string.h>

static const frt_place_t nowhere = {"the table", 0};

static int thaw_dst(frt_draft_t *d, frt_draft_set_t *set, const frt_dst_t *from)
{
	frt_draft_dst_t *to;
	uint32_t i;
	int err = frt_draft_dst_add(d, set, from->id, nowhere, &to);

	if(err)
		return err;
	to->uri = from->uri;
	to->socket = from->socket;
	to->priority = from->priority;
	to->weight = from->weight;
	to->admin = (frt_admin_t)from->admin;
	to->max_calls = from->max_calls;
	to->max_cps = from->max_cps;
	to->overlay = from->overlay;
	for(i = 0; err == 0 && i < from->nattrs; i++)
		err = frt_draft_dst_attribute(
				d, to, from->attrs[i].name, from->attrs[i].value, nowhere);
	return err;
}

static int thaw_set(frt_draft_t *d, const frt_set_t *from)
{
	frt_draft_set_t *to;
	uint32_t i;
	int err = frt_draft_set_add(d, from->id, nowhere, &to);

	if(err)
		return err;
	to->number = from->number;
	to->conf = from->conf;
	to->nrules = from->nrules;
	to->rules = frt_draft_alloc(d, (from->nrules + 1) * sizeof(*to->rules));
	if(!to->rules)
		return FRT_E_NOMEM;
	memcpy(to->rules, from->rules, from->nrules * sizeof(*to->rules));
	for(i = 0; err == 0 && i < from->ndsts; i++)
		err = thaw_dst(d, to, &from->dsts[i]);
	return err;
}

int frt_gen_thaw(const frt_gen_t *g, frt_draft_t *d)
{
	uint32_t i;
	int err = 0;

	for(i = 0; err == 0 && i < g->nsets; i++)
		err = thaw_set(d, &g->sets[i]);
	return err;
}

int frt_gen_thaw_overlay(const frt_gen_t *g, frt_draft_t *d)
{
	uint32_t i;
	int err = 0;

	for(i = 0; err == 0 && i < g->ndsts; i++) {
		const frt_dst_t *dst = &g->dsts[i];
		frt_draft_set_t *set;

		if(!dst->overlay)
			continue;
		set = frt_draft_set_find(d, dst->set->id);
		if(set && !frt_draft_dst_find(d, set, dst->id))
			err = thaw_dst(d, set, dst);
	}
	return err;
}
