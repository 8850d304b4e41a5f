/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The overlay's changes, applied. In the list an added destination is one
 * change with its weight of now; a remove stands before an add of the same id.
 */
#include "frt_edit.h"
#include "frt_draft_priv.h"

static const frt_place_t place = {"run time", 0};

/* Adds a destination as a source would, with the same checks. */
static int add_dst(frt_draft_t *d, frt_draft_set_t *set, const frt_edit_t *e)
{
	frt_draft_dst_t *dst;
	int err = frt_draft_dst_add(d, set, e->id, place, &dst);

	if(err == 0)
		err = frt_draft_attr(d, FRT_SCOPE_DESTINATION, set, dst, FRT_STR("uri"),
				e->uri, place);
	if(err)
		return err;
	dst->priority = e->priority;
	dst->weight = e->weight;
	dst->overlay = FRT_OVER_ADDED;
	return 0;
}

static void set_weight(frt_draft_dst_t *dst, uint16_t weight)
{
	dst->weight = weight;
	if(dst->overlay == FRT_OVER_NOT)
		dst->overlay = FRT_OVER_WEIGHT;
}

/* The source has left but that one: a set without any would refuse each call. */
static bool is_last(
		frt_draft_t *d, const frt_draft_set_t *set, const frt_edit_t *e)
{
	if(set->dsts->next)
		return false;
	frt_draft_fault(d, true, place,
			"<destination id=\"%.*s\"> of <set id=\"%.*s\"> was removed, "
			"but is the last one of it now: it stays",
			(int)e->id.len, e->id.s, (int)e->set.len, e->set.s);
	return true;
}

/* A state file may be of another release, which took it. */
static bool is_refused(frt_draft_t *d, const frt_edit_t *e)
{
	const char *why = NULL;
	frt_uri_t uri;

	if(frt_uri_parse_why(e->uri, &uri, &why) == 0)
		return false;
	frt_draft_fault(d, true, place,
			"<destination id=\"%.*s\"> of <set id=\"%.*s\"> was added, but "
			"its uri is none for this release: it is left out",
			(int)e->id.len, e->id.s, (int)e->set.len, e->set.s);
	return true;
}

int frt_edit_follow(frt_draft_t *d, const frt_edit_t *e)
{
	frt_draft_set_t *set = frt_draft_set_find(d, e->set);
	frt_draft_dst_t *dst = set ? frt_draft_dst_find(d, set, e->id) : NULL;
	int err = 0;

	if(!set || (dst == NULL) != (e->kind == FRT_EDIT_ADD))
		return 0;
	switch(e->kind) {
		case FRT_EDIT_ADD:
			if(is_refused(d, e))
				return 0;
			err = add_dst(d, set, e);
			break;
		case FRT_EDIT_REMOVE:
			if(is_last(d, set, e))
				return 0;
			err = frt_draft_dst_remove(d, set, e->id);
			break;
		case FRT_EDIT_WEIGHT:
			if(dst->weight == e->weight)
				return 0;
			set_weight(dst, e->weight);
			break;
		case frt_edit_kind_count:
		default:
			return 0;
	}
	return err ? err : frt_draft_edit_note(d, e);
}

/* The change of that kind and destination in the list, or NULL. */
static frt_edit_t *noted(
		frt_draft_t *d, frt_edit_kind_t kind, const frt_edit_t *e)
{
	uint32_t i;

	for(i = 0; i < d->nedits; i++) {
		if(d->edits[i].kind == kind
				&& frt_edit_is_of(&d->edits[i], e->set, e->id))
			return &d->edits[i];
	}
	return NULL;
}

static void forget(frt_draft_t *d, frt_edit_t *e)
{
	uint32_t at;

	if(!e)
		return;
	for(at = (uint32_t)(e - d->edits) + 1; at < d->nedits; at++)
		d->edits[at - 1] = d->edits[at];
	d->nedits--;
}

static int make_remove(frt_draft_t *d, frt_draft_set_t *set,
		const frt_draft_dst_t *dst, const frt_edit_t *e)
{
	bool added = dst->overlay == FRT_OVER_ADDED;
	int err = frt_draft_dst_remove(d, set, e->id);

	if(err)
		return err;
	forget(d, noted(d, FRT_EDIT_WEIGHT, e));
	if(added) {
		forget(d, noted(d, FRT_EDIT_ADD, e));
		return 0;
	}
	return frt_draft_edit_note(d, e);
}

static int make_weight(
		frt_draft_t *d, frt_draft_dst_t *dst, const frt_edit_t *e)
{
	frt_edit_t *was = noted(d, FRT_EDIT_ADD, e);

	if(!was)
		was = noted(d, FRT_EDIT_WEIGHT, e);
	set_weight(dst, e->weight);
	if(!was)
		return frt_draft_edit_note(d, e);
	was->weight = e->weight;
	return 0;
}

int frt_edit_make(frt_draft_t *d, const frt_edit_t *e)
{
	frt_draft_set_t *set = frt_draft_set_find(d, e->set);
	frt_draft_dst_t *dst = set ? frt_draft_dst_find(d, set, e->id) : NULL;
	int err;

	if(!set)
		return FRT_E_NOSET;
	if(e->kind == FRT_EDIT_ADD) {
		if(dst)
			return FRT_E_DUP;
		err = add_dst(d, set, e);
		return err ? err : frt_draft_edit_note(d, e);
	}
	if(!dst)
		return FRT_E_NODST;
	if(e->kind == FRT_EDIT_REMOVE)
		return make_remove(d, set, dst, e);
	return make_weight(d, dst, e);
}

bool frt_edit_is_of(const frt_edit_t *e, frt_str_t set, frt_str_t id)
{
	return (set.len == 0 || frt_str_eq(e->set, set))
		   && (id.len == 0 || frt_str_eq(e->id, id));
}
