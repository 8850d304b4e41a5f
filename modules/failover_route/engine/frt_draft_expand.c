/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of a draft to what they stand for. A child takes its parent's place in
 * the set's order, and all of its values but those that answers bring.
 */
#include "frt_draft_expand.h"
#include "frt_draft_priv.h"

#include <string.h>

/* The set at work. */
typedef struct work
{
	frt_draft_t *d;
	frt_draft_set_t *set;
} work_t;

/* A destination that begins as its parent is. */
static frt_draft_dst_node_t *clone(work_t *t, frt_draft_dst_t *parent)
{
	frt_draft_dst_node_t *node = frt_draft_alloc(t->d, sizeof(*node));

	if(!node)
		return NULL;
	node->pub = *parent;
	node->pub.next = NULL;
	node->pub.parent = parent;
	node->pub.resolve = FRT_RESOLVE_NONE;
	node->set_ordinal = frt_set_node(t->set)->ordinal;
	return node;
}

static int add_child(work_t *t, frt_draft_dst_t *parent, const frt_child_t *c)
{
	frt_draft_dst_node_t *node;

	/* somebody may have written a destination of just that id */
	if(frt_draft_dst_find(t->d, t->set, frt_str_of(c->id)))
		return 0;
	node = clone(t, parent);
	if(!node || frt_draft_copy(t->d, frt_str_of(c->id), &node->pub.id) != 0
			|| frt_draft_copy(t->d, frt_str_of(c->uri), &node->pub.uri) != 0
			|| frt_draft_copy(t->d, frt_str_of(c->hop), &node->pub.hop) != 0)
		return FRT_E_NOMEM;
	node->pub.sub = c->sub;
	node->pub.weight = c->weight;
	node->pub.full = c->full;
	frt_dst_link(t->d, t->set, &node->pub);
	return frt_dst_index(t->d, node);
}

/* Those that it stands for in the table now, as they are. */
static int keep_children(
		work_t *t, frt_draft_dst_t *parent, const frt_parent_t *was)
{
	uint32_t i;
	int err = 0;

	parent->sum = was->sum;
	for(i = 0; err == 0 && i < was->nchildren; i++) {
		const frt_dst_t *dst = frt_gen_child(was, i);
		frt_draft_dst_node_t *node;

		if(frt_draft_dst_find(t->d, t->set, dst->id))
			continue;
		node = clone(t, parent);
		if(!node || frt_draft_copy(t->d, dst->id, &node->pub.id) != 0
				|| frt_draft_copy(t->d, dst->uri, &node->pub.uri) != 0
				|| (frt_dst_keeps_name(dst)
						&& frt_draft_copy(
								   t->d, frt_dst_hop(dst), &node->pub.hop)
								   != 0))
			return FRT_E_NOMEM;
		node->pub.sub = dst->sub;
		node->pub.weight = dst->weight;
		node->pub.full = dst->more ? dst->more->full : 0;
		frt_dst_link(t->d, t->set, &node->pub);
		err = frt_dst_index(t->d, node);
	}
	return err;
}

/* What there is to show, and for the operator to take out, meanwhile. */
static int add_unresolved(work_t *t, frt_draft_dst_t *parent, bool pending)
{
	frt_draft_dst_node_t *node = clone(t, parent);

	if(!node)
		return FRT_E_NOMEM;
	node->pub.unresolved = true;
	node->pub.pending = pending;
	frt_dst_link(t->d, t->set, &node->pub);
	return 0;
}

static int expand(work_t *t, const frt_expander_t *e, const frt_set_t *was,
		frt_draft_dst_t *parent)
{
	const frt_named_t named = {parent->id, parent->uri, parent->socket,
			parent->resolve, parent->weight, t->set->id};
	const frt_parent_t *now = was ? frt_gen_parent(was, parent->id) : NULL;
	uint32_t before = t->set->ndsts, i;
	int err = 0;

	frt_expand(&named, &e->reach, &e->lookup, was, e->room);
	parent->sum = frt_children_sum(e->room);
	parent->next = t->set->parents;
	t->set->parents = parent;
	parent->index = t->set->nparents++;
	t->d->nparents++;
	if(now && frt_children_wait(e->room, &named, now)) {
		err = keep_children(t, parent, now);
	} else {
		for(i = 0; err == 0 && i < e->room->n; i++)
			err = add_child(t, parent, &e->room->at[i]);
	}
	if(err == 0 && t->set->ndsts == before)
		err = add_unresolved(t, parent, e->room->pending);
	return err;
}

static bool has_names(const frt_draft_set_t *set)
{
	const frt_draft_dst_t *dst;

	for(dst = set->dsts; dst; dst = dst->next) {
		if(dst->resolve != FRT_RESOLVE_NONE)
			return true;
	}
	return false;
}

static int expand_set(work_t *t, const frt_expander_t *e, const frt_set_t *was)
{
	frt_draft_dst_t *dst = t->set->dsts, *next;
	uint32_t order = 0;
	int err = 0;

	t->d->ndsts -= t->set->ndsts;
	t->set->ndsts = 0;
	t->set->dsts = t->set->dsts_tail = NULL;
	for(; err == 0 && dst; dst = next) {
		next = dst->next;
		dst->next = NULL;
		dst->order = order++;
		if(dst->resolve == FRT_RESOLVE_NONE)
			frt_dst_link(t->d, t->set, dst);
		else
			err = expand(t, e, was, dst);
	}
	return err;
}

int frt_draft_expand(
		frt_draft_t *d, const frt_expander_t *e, const frt_gen_t *old)
{
	work_t t = {.d = d};
	int err = 0;

	for(t.set = d->sets; err == 0 && t.set; t.set = t.set->next) {
		const frt_set_t *was = old ? frt_gen_set(old, t.set->id) : NULL;

		if(has_names(t.set))
			err = expand_set(&t, e, was);
	}
	return err;
}
