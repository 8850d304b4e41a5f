/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Comparing two generations. Sets and destinations are looked up by id, so
 * that their order in the source does not matter.
 */
#include "frt_diff.h"
#include "frt_attr.h"

#include <string.h>

/* A list is ended there: the longest "set/destination" still fits. */
#define NAMES_ROOM (FRT_DIFF_NAMES_MAX - FRT_ID_MAX - FRT_DST_ID_MAX - 8)

FRT_ENUM_DEFINE(frt_diff_kind, FRT_DIFF_LIST)

/* A destination as its source gave it, a name or not. */
typedef struct unit
{
	frt_str_t id;
	frt_str_t uri;
	frt_str_t socket;
	const frt_attr_t *attrs;
	uint32_t nattrs;
	uint32_t max_calls;
	uint32_t max_cps;
	uint16_t priority;
	uint16_t weight;
	uint8_t admin;
	uint8_t resolve;
} unit_t;

static unit_t of_dst(const frt_dst_t *d)
{
	return (unit_t){d->id, d->uri, frt_dst_socket(d), d->attrs, d->nattrs,
			d->max_calls, d->max_cps, d->priority, d->weight, d->admin,
			FRT_RESOLVE_NONE};
}

static unit_t of_parent(const frt_parent_t *p)
{
	return (unit_t){p->id, p->uri, p->socket, p->attrs, p->nattrs, p->max_calls,
			p->max_cps, p->priority, p->weight, p->admin, p->resolve};
}

static bool find(const frt_set_t *set, frt_str_t id, unit_t *out)
{
	const frt_dst_t *dst = frt_gen_dst(set->gen, set->id, id);
	const frt_parent_t *parent;

	if(dst && !dst->parent) {
		*out = of_dst(dst);
		return true;
	}
	parent = frt_gen_parent(set, id);
	if(parent)
		*out = of_parent(parent);
	return parent != NULL;
}

static bool same_unit(const unit_t *a, const unit_t *b)
{
	return frt_str_eq(a->uri, b->uri) && frt_str_eq(a->socket, b->socket)
		   && a->max_calls == b->max_calls && a->max_cps == b->max_cps
		   && a->priority == b->priority && a->weight == b->weight
		   && a->admin == b->admin && a->resolve == b->resolve
		   && frt_attrs_same(a->attrs, a->nattrs, b->attrs, b->nattrs);
}

static bool same_windows(const frt_health_conf_t *a, const frt_health_conf_t *b)
{
	uint32_t i;

	if(a->nwindows != b->nwindows)
		return false;
	for(i = 0; i < a->nwindows; i++) {
		const frt_window_t *x = &a->windows[i], *y = &b->windows[i];

		if(x->from_min != y->from_min || x->to_min != y->to_min
				|| x->days != y->days)
			return false;
	}
	return true;
}

/* Two values of an attribute that is stored in a set's conf. */
static bool same_value(const frt_attr_def_t *def, const void *a, const void *b)
{
	switch(def->type) {
		case FRT_ATTR_BOOL:
			return *(const bool *)a == *(const bool *)b;
		case FRT_ATTR_U32:
		case FRT_ATTR_DURATION:
		case FRT_ATTR_PERCENT:
			return *(const uint32_t *)a == *(const uint32_t *)b;
		case FRT_ATTR_WORD:
			return *(const int *)a == *(const int *)b;
		case FRT_ATTR_CODES:
			return memcmp(a, b, sizeof(frt_codes_t)) == 0;
		case FRT_ATTR_METHOD:
		case FRT_ATTR_USER:
		case FRT_ATTR_URI_OR_NONE:
			return frt_str_eq(*(const frt_str_t *)a, *(const frt_str_t *)b);
		default:
			return true; /* none of conf, or compared by itself */
	}
}

static bool same_set(const frt_set_t *a, const frt_set_t *b)
{
	const size_t conf = offsetof(frt_draft_set_t, conf);
	const frt_attr_def_t *table;
	size_t n, i;

	table = frt_attr_table(&n);
	for(i = 0; i < n; i++) {
		const frt_attr_def_t *def = &table[i];

		if(def->scope != FRT_SCOPE_SET && def->scope != FRT_SCOPE_PROBE
				&& def->scope != FRT_SCOPE_HEALTH)
			continue;
		if(def->offset >= conf
				&& !same_value(def, (const char *)&a->conf + def->offset - conf,
						(const char *)&b->conf + def->offset - conf))
			return false;
	}
	return a->number == b->number
		   && same_windows(&a->conf.health, &b->conf.health)
		   && a->nrules == b->nrules
		   && memcmp(a->rules, b->rules, a->nrules * sizeof(*a->rules)) == 0;
}

/* Names one, in the room there is. id: empty for the set itself. */
static void name(frt_diff_t *out, frt_diff_kind_t kind, const frt_set_t *set,
		frt_str_t id)
{
	char *names = out->of[kind].names;
	size_t len = strlen(names);
	frt_buf_t b;

	if(len > NAMES_ROOM) {
		out->of[kind].left_out++;
		return;
	}
	frt_buf_init(&b, names + len, FRT_DIFF_NAMES_MAX - len);
	frt_buf_add(&b, "%s%s", len ? ", " : "", id.len ? "" : "set ");
	frt_buf_add_str(&b, set->id);
	if(id.len) {
		frt_buf_add(&b, "/");
		frt_buf_add_str(&b, id);
	}
}

static void note_set(
		frt_diff_t *out, frt_diff_kind_t kind, const frt_set_t *set)
{
	out->of[kind].sets++;
	name(out, kind, set, FRT_STR(""));
}

static void note_dst(frt_diff_t *out, frt_diff_kind_t kind,
		const frt_set_t *set, frt_str_t id)
{
	out->of[kind].dsts++;
	name(out, kind, set, id);
}

static uint32_t count_units(const frt_set_t *set)
{
	uint32_t n = set->nparents, i;

	for(i = 0; i < set->ndsts; i++)
		n += set->dsts[i].parent == NULL;
	return n;
}

/* What of the one set is lacking in the other or, with FRT_DIFF_ADDED, is not
 * the same there. */
static void compare_unit(frt_diff_t *out, frt_diff_kind_t kind,
		const frt_set_t *set, const frt_set_t *other, const unit_t *unit)
{
	unit_t had;

	if(!find(other, unit->id, &had))
		note_dst(out, kind, set, unit->id);
	else if(kind == FRT_DIFF_ADDED && !same_unit(unit, &had))
		note_dst(out, FRT_DIFF_CHANGED, set, unit->id);
}

static void compare_units(frt_diff_t *out, frt_diff_kind_t kind,
		const frt_set_t *set, const frt_set_t *other)
{
	unit_t unit;
	uint32_t i;

	for(i = 0; i < set->ndsts; i++) {
		unit = of_dst(&set->dsts[i]);
		if(!set->dsts[i].parent)
			compare_unit(out, kind, set, other, &unit);
	}
	for(i = 0; i < set->nparents; i++) {
		unit = of_parent(&set->parents[i]);
		compare_unit(out, kind, set, other, &unit);
	}
}

/* The sets of the one, as against those of the other. */
static void compare(frt_diff_t *out, frt_diff_kind_t kind, const frt_gen_t *g,
		const frt_gen_t *other)
{
	uint32_t i;

	for(i = 0; i < g->nsets; i++) {
		const frt_set_t *set = &g->sets[i];
		const frt_set_t *had = frt_gen_set(other, set->id);

		/* by its id, and not by its number */
		if(!had || !frt_str_eq(had->id, set->id)) {
			note_set(out, kind, set);
			out->of[kind].dsts += count_units(set);
			continue;
		}
		if(kind == FRT_DIFF_ADDED && !same_set(set, had))
			note_set(out, FRT_DIFF_CHANGED, set);
		compare_units(out, kind, set, had);
	}
}

void frt_diff(const frt_gen_t *old, const frt_gen_t *g, frt_diff_t *out)
{
	memset(out, 0, sizeof(*out));
	if(!old)
		return;
	compare(out, FRT_DIFF_ADDED, g, old);
	compare(out, FRT_DIFF_REMOVED, old, g);
}

static void add_count(
		frt_buf_t *out, const char *what, uint32_t n, frt_diff_kind_t kind)
{
	if(n)
		frt_buf_add(out, "%s%u %s%s %s", out->len ? ", " : "", n, what,
				frt_plural(n), frt_diff_kind_name(kind));
}

void frt_diff_text(const frt_diff_t *diff, frt_buf_t *out)
{
	char mem[160];
	frt_buf_t b;
	int i;

	frt_buf_init(&b, mem, sizeof(mem));
	for(i = 0; i < frt_diff_kind_count; i++)
		add_count(&b, "set", diff->of[i].sets, (frt_diff_kind_t)i);
	for(i = 0; i < frt_diff_kind_count; i++)
		add_count(&b, "destination", diff->of[i].dsts, (frt_diff_kind_t)i);
	frt_buf_add(out, "%s", b.len ? mem : "nothing changed");
}

void frt_diff_names(
		const frt_diff_t *diff, frt_diff_kind_t kind, frt_buf_t *out)
{
	frt_buf_add(out, "%s", diff->of[kind].names);
	if(diff->of[kind].left_out)
		frt_buf_add(out, " and %u more", diff->of[kind].left_out);
}
