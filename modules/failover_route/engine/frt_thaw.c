/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Thawing a generation.
 */
#include "frt_thaw.h"
#include "frt_draft_priv.h"

#include <stdlib.h>
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
	to->socket = frt_dst_socket(from);
	to->priority = from->priority;
	to->weight = from->weight;
	to->admin = (frt_admin_t)from->admin;
	to->max_calls = from->max_calls;
	to->max_cps = from->max_cps;
	to->overlay = (frt_over_t)from->overlay;
	for(i = 0; err == 0 && i < from->nattrs; i++)
		err = frt_draft_dst_attribute(
				d, to, from->attrs[i].name, from->attrs[i].value, nowhere);
	return err;
}

static int thaw_parent(
		frt_draft_t *d, frt_draft_set_t *set, const frt_parent_t *from)
{
	const frt_dst_more_t more = {.socket = from->socket};
	frt_dst_t plain = {.id = from->id,
			.uri = from->uri,
			.more = &more,
			.attrs = from->attrs,
			.nattrs = (uint16_t)from->nattrs,
			.priority = from->priority,
			.weight = from->weight,
			.admin = from->admin,
			.max_calls = from->max_calls,
			.max_cps = from->max_cps,
			.overlay = from->overlay};
	int err = thaw_dst(d, set, &plain);

	if(err == 0)
		set->dsts_tail->resolve = (frt_resolve_t)from->resolve;
	return err;
}

/* One destination as the source gave it: exactly one of the two. */
typedef struct source
{
	const frt_dst_t *dst;
	const frt_parent_t *parent;
	uint32_t order;
	uint32_t at;
} source_t;

static int source_cmp(const void *a, const void *b)
{
	const source_t *x = a, *y = b;

	if(x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

/* Names go back in place of what they stand for, where they stood. */
static int thaw_dsts(frt_draft_t *d, frt_draft_set_t *to, const frt_set_t *from)
{
	uint32_t room = from->ndsts + from->nparents, n = 0, i;
	source_t *all = frt_draft_alloc(d, (room + 1u) * sizeof(*all));
	int err = 0;

	if(!all)
		return FRT_E_NOMEM;
	for(i = 0; i < from->ndsts; i++) {
		const frt_dst_t *dst = &from->dsts[i];

		if(!dst->parent)
			all[n++] = (source_t){dst, NULL, dst->order, i};
	}
	for(i = 0; i < from->nparents; i++)
		all[n++] =
				(source_t){NULL, &from->parents[i], from->parents[i].order, i};
	qsort(all, n, sizeof(*all), source_cmp);
	for(i = 0; err == 0 && i < n; i++)
		err = all[i].dst ? thaw_dst(d, to, all[i].dst)
						 : thaw_parent(d, to, all[i].parent);
	return err;
}

static int thaw_set(frt_draft_t *d, const frt_set_t *from)
{
	frt_draft_set_t *to;
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
	/* what was given, and by whom, only the source's draft knew */
	frt_set_node(to)->checked = true;
	return thaw_dsts(d, to, from);
}

int frt_gen_thaw(const frt_gen_t *g, frt_draft_t *d)
{
	uint32_t i;
	int err = 0;

	for(i = 0; err == 0 && i < g->nsets; i++)
		err = thaw_set(d, &g->sets[i]);
	for(i = 0; err == 0 && i < g->nedits; i++)
		err = frt_draft_edit_note(d, &g->edits[i]);
	return err;
}
