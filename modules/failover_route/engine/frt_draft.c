/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Filling a draft: sets, destinations, rules and attributes, one by one, each
 * fault noted where it stands. What only the whole shows is in
 * frt_draft_check.c.
 */
#include "frt_draft_priv.h"
#include "frt_text.h"

#include <string.h>

#define ATTRIBUTES_MAX 64	/* of one destination */
#define ATTR_VALUE_MAX 1024 /* bytes of its value */

FRT_ENUM_DEFINE(frt_scope, FRT_SCOPE_LIST)

uint32_t frt_draft_nsets(const frt_draft_t *d)
{
	return d->nsets;
}

uint32_t frt_draft_ndsts(const frt_draft_t *d)
{
	return d->ndsts;
}

uint32_t frt_draft_nparents(const frt_draft_t *d)
{
	return d->nparents;
}

bool frt_attrs_same(
		const frt_attr_t *a, uint32_t na, const frt_attr_t *b, uint32_t nb)
{
	uint32_t i;

	if(na != nb)
		return false;
	for(i = 0; i < na; i++) {
		if(!frt_str_eq(a[i].name, b[i].name)
				|| !frt_str_eq(a[i].value, b[i].value))
			return false;
	}
	return true;
}

frt_draft_set_t *frt_draft_sets(const frt_draft_t *d)
{
	return d->sets;
}

static uint64_t set_hash(frt_str_t id)
{
	return frt_hash_bytes(id.s, id.len, 0);
}

static bool set_has_id(const void *item, const void *key)
{
	return frt_str_eq(
			((const frt_draft_set_t *)item)->id, *(const frt_str_t *)key);
}

frt_draft_set_t *frt_draft_set_find(const frt_draft_t *d, frt_str_t id)
{
	return frt_index_find(&d->set_index, set_hash(id), set_has_id, &id);
}

typedef struct dst_key
{
	uint32_t set_ordinal;
	frt_str_t id;
} dst_key_t;

static uint64_t dst_hash(const dst_key_t *key)
{
	return frt_hash_bytes(
			key->id.s, key->id.len, frt_hash_mix(key->set_ordinal));
}

static bool dst_has_key(const void *item, const void *key)
{
	const frt_draft_dst_node_t *dst = item;
	const dst_key_t *k = key;

	return !dst->removed && dst->set_ordinal == k->set_ordinal
		   && frt_str_eq(dst->pub.id, k->id);
}

frt_draft_dst_t *frt_draft_dst_find(
		const frt_draft_t *d, const frt_draft_set_t *set, frt_str_t id)
{
	dst_key_t key = {frt_set_node(set)->ordinal, id};

	return frt_index_find(&d->dst_index, dst_hash(&key), dst_has_key, &key);
}

int frt_dst_index(frt_draft_t *d, frt_draft_dst_node_t *node)
{
	dst_key_t key = {node->set_ordinal, node->pub.id};

	return frt_index_add(&d->dst_index, &d->mem, dst_hash(&key), node);
}

/* Notes what is wrong with an id; true if it can be a key. */
static bool check_id(
		frt_draft_t *d, const char *element, frt_str_t id, frt_place_t place)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t quoted;
	const char *why = frt_id_check(id, FRT_ID_MAX);

	if(why == NULL)
		return true;
	if(id.len == 0) {
		frt_draft_fault(d, false, place, "<%s>: id is missing", element);
		return false;
	}
	frt_buf_init(&quoted, mem, sizeof(mem));
	frt_buf_add_quoted(&quoted, id);
	frt_draft_fault(d, false, place,
			"<%s>: id=%s: expected 1..%d bytes without blanks, commas and "
			"control characters, no '*' first; %s",
			element, mem, FRT_ID_MAX, why);
	return false;
}

static void fault_used(frt_draft_t *d, frt_scope_t scope, frt_str_t id,
		frt_place_t first, frt_place_t place)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "<%s id=", frt_scope_name(scope));
	frt_buf_add_quoted(&b, id);
	frt_buf_add(&b, ">: the id is already used%s",
			scope == FRT_SCOPE_DESTINATION ? " in this set" : "");
	frt_buf_add_place(&b, first);
	frt_draft_fault(d, false, place, "%s", mem);
}

/* Gives a set its own copy of the defaults' rules, as the last ones. */
static int inherit_rules(frt_draft_t *d, frt_draft_set_node_t *node)
{
	const frt_draft_set_node_t *from = &d->defaults;
	uint32_t n = from->pub.nrules;

	if(n == 0)
		return 0;
	node->pub.rules = frt_draft_alloc(d, n * sizeof(frt_rule_t));
	node->rule_places = frt_draft_alloc(d, n * sizeof(frt_place_t));
	if(node->pub.rules == NULL || node->rule_places == NULL)
		return FRT_E_NOMEM;
	memcpy(node->pub.rules, from->pub.rules, n * sizeof(frt_rule_t));
	memcpy(node->rule_places, from->rule_places, n * sizeof(frt_place_t));
	node->pub.nrules = node->ninherited = node->rules_size = n;
	return 0;
}

int frt_draft_set_add(
		frt_draft_t *d, frt_str_t id, frt_place_t place, frt_draft_set_t **out)
{
	frt_draft_set_node_t *node = frt_draft_alloc(d, sizeof(*node));
	const frt_draft_set_t *first = NULL;
	bool good;

	*out = NULL;
	if(node == NULL
			|| frt_draft_copy(d, frt_utf8_cut(id, FRT_ID_MAX), &node->pub.id)
					   != 0
			|| inherit_rules(d, node) != 0)
		return FRT_E_NOMEM;
	node->pub.number = -1;
	node->pub.conf = d->defaults.pub.conf;
	node->pub.place = place;
	node->given = d->defaults.given;
	node->refused = d->defaults.refused;
	node->ordinal = d->nsets;
	good = check_id(d, "set", id, place);
	if(good)
		first = frt_draft_set_find(d, id);
	if(first != NULL)
		fault_used(d, FRT_SCOPE_SET, id, first->place, place);
	else if(good
			&& frt_index_add(&d->set_index, &d->mem, set_hash(id), node) != 0)
		return FRT_E_NOMEM;
	if(d->sets_tail != NULL)
		d->sets_tail->next = &node->pub;
	else
		d->sets = &node->pub;
	d->sets_tail = &node->pub;
	d->nsets++;
	*out = &node->pub;
	return 0;
}

void frt_dst_link(frt_draft_t *d, frt_draft_set_t *set, frt_draft_dst_t *dst)
{
	if(set->dsts_tail != NULL)
		set->dsts_tail->next = dst;
	else
		set->dsts = dst;
	set->dsts_tail = dst;
	set->ndsts++;
	d->ndsts++;
}

int frt_draft_dst_add(frt_draft_t *d, frt_draft_set_t *set, frt_str_t id,
		frt_place_t place, frt_draft_dst_t **out)
{
	frt_draft_dst_node_t *node = frt_draft_alloc(d, sizeof(*node));
	const frt_draft_dst_t *first = NULL;
	bool good;

	*out = NULL;
	if(node == NULL)
		return FRT_E_NOMEM;
	node->pub = d->first_dst;
	if(frt_draft_copy(d, frt_utf8_cut(id, FRT_ID_MAX), &node->pub.id) != 0)
		return FRT_E_NOMEM;
	node->pub.place = place;
	node->set_ordinal = frt_set_node(set)->ordinal;
	good = check_id(d, "destination", id, place);
	if(good)
		first = frt_draft_dst_find(d, set, id);
	if(first != NULL)
		fault_used(d, FRT_SCOPE_DESTINATION, id, first->place, place);
	else if(good && frt_dst_index(d, node) != 0)
		return FRT_E_NOMEM;
	frt_dst_link(d, set, &node->pub);
	*out = &node->pub;
	return 0;
}

/* Makes room for one more rule. */
static int grow_rules(frt_draft_t *d, frt_draft_set_node_t *node)
{
	uint32_t n = node->pub.nrules;
	uint32_t size = n < 4 ? 4 : n * 2;
	frt_rule_t *rules;
	frt_place_t *places;

	if(n < node->rules_size)
		return 0;
	rules = frt_draft_alloc(d, size * sizeof(*rules));
	places = frt_draft_alloc(d, size * sizeof(*places));
	if(rules == NULL || places == NULL)
		return FRT_E_NOMEM;
	if(n > 0) {
		memcpy(rules, node->pub.rules, n * sizeof(*rules));
		memcpy(places, node->rule_places, n * sizeof(*places));
	}
	node->pub.rules = rules;
	node->rule_places = places;
	node->rules_size = size;
	return 0;
}

int frt_draft_rule_add(frt_draft_t *d, frt_draft_set_t *set, frt_place_t place)
{
	frt_draft_set_node_t *node = set ? frt_set_node(set) : &d->defaults;
	uint32_t own = node->pub.nrules - node->ninherited;
	frt_rule_t *rule;

	if(grow_rules(d, node) != 0)
		return FRT_E_NOMEM;
	rule = &node->pub.rules[own];
	/* the first that matches decides: a set's own before the inherited */
	memmove(rule + 1, rule, node->ninherited * sizeof(*rule));
	memmove(&node->rule_places[own + 1], &node->rule_places[own],
			node->ninherited * sizeof(frt_place_t));
	memset(rule, 0, sizeof(*rule));
	frt_attr_store_defaults(FRT_SCOPE_RULE, rule);
	node->rule_places[own] = place;
	node->pub.nrules++;
	return 0;
}

/* What an attribute's offset counts from, and where it is noted as given. */
typedef struct target
{
	void *base;
	frt_given_t *given;	  /* NULL: nobody asks */
	frt_given_t *refused; /* the same */
} target_t;

static bool find_target(frt_draft_t *d, frt_scope_t scope, frt_draft_set_t *set,
		frt_draft_dst_t *dst, target_t *t)
{
	frt_draft_set_node_t *node = set ? frt_set_node(set) : &d->defaults;
	uint32_t own = node->pub.nrules - node->ninherited;

	t->given = t->refused = NULL;
	switch(scope) {
		case FRT_SCOPE_DESTINATION:
			if(dst == NULL)
				return false;
			t->base = dst;
			t->given = &frt_dst_node(dst)->given;
			return true;
		case FRT_SCOPE_RULE:
			if(own == 0)
				return false;
			t->base = &node->pub.rules[own - 1];
			return true;
		case FRT_SCOPE_DEFAULTS:
			node = &d->defaults;
			break;
		case FRT_SCOPE_SET:
			if(set == NULL)
				return false;
			break;
		case FRT_SCOPE_PROBE:
		case FRT_SCOPE_HEALTH:
			break;
		default:
			return false;
	}
	t->base = &node->pub;
	t->given = &node->given;
	t->refused = &node->refused;
	return true;
}

static void fault_unknown(frt_draft_t *d, frt_scope_t scope, frt_buf_t *b,
		frt_str_t name, frt_place_t place)
{
	int owner = frt_attr_elsewhere(scope, name);
	const char *close = owner < 0 ? frt_attr_suggest(scope, name) : NULL;

	frt_buf_add(b, ": unknown attribute ");
	frt_buf_add_quoted(b, name);
	if(close != NULL)
		frt_buf_add(b, " (did you mean \"%s\"?)", close);
	else if(owner >= 0)
		frt_buf_add(
				b, " (it belongs to <%s>)", frt_scope_name((frt_scope_t)owner));
	frt_draft_fault(d, false, place, "%s", b->s);
}

static void fault_value(frt_draft_t *d, const frt_attr_def_t *def, frt_buf_t *b,
		frt_str_t value, const char *why, frt_place_t place)
{
	if(value.s == NULL) {
		frt_buf_add(b, ": %s is missing", def->name);
	} else {
		frt_buf_add(b, ": %s=", def->name);
		frt_buf_add_quoted(b, value);
		frt_buf_add(b, ": expected ");
		frt_attr_expected(def, b);
		if(why != NULL)
			frt_buf_add(b, "; %s", why);
	}
	frt_draft_fault(d, false, place, "%s", b->s);
}

/* Stores a value; a text that is kept is copied into the draft. */
static int store(frt_draft_t *d, const frt_attr_def_t *def, frt_str_t value,
		void *base, const char **why)
{
	frt_str_t copy, old = {NULL, 0};
	frt_str_t *kept = NULL;
	int err;

	if(frt_attr_keeps_text(def)) {
		kept = (frt_str_t *)(void *)((char *)base + def->offset);
		old = *kept;
	}
	err = frt_attr_store(def, value, base, why);
	if(err != 0 || kept == NULL)
		return err;
	err = frt_draft_copy(d, value, &copy);
	*kept = err == 0 ? copy : old;
	return err;
}

int frt_draft_attr(frt_draft_t *d, frt_scope_t scope, frt_draft_set_t *set,
		frt_draft_dst_t *dst, frt_str_t name, frt_str_t value,
		frt_place_t place)
{
	const frt_attr_def_t *def = frt_attr_find(scope, name);
	const char *why = NULL;
	char mem[2 * FRT_FAULT_TEXT_MAX];
	frt_buf_t b;
	target_t t;
	int err;

	if(!find_target(d, scope, set, dst, &t))
		return FRT_E_INVAL;
	/* the id was given, and checked, when the set or destination began */
	if(def != NULL && def->type == FRT_ATTR_ID)
		return 0;
	if(def != NULL && t.given != NULL)
		frt_given_set(t.given, frt_attr_index(def));
	if(def != NULL && value.s != NULL) {
		err = store(d, def, value, t.base, &why);
		if(err == 0 || err == FRT_E_NOMEM)
			return err;
	}
	if(def != NULL && t.refused != NULL)
		frt_given_set(t.refused, frt_attr_index(def));
	frt_buf_init(&b, mem, sizeof(mem));
	frt_subject(&b, scope, scope == FRT_SCOPE_DEFAULTS ? NULL : set, dst);
	if(def == NULL)
		fault_unknown(d, scope, &b, name, place);
	else
		fault_value(d, def, &b, value, why, place);
	return 0;
}

/* Text that may go into a header of a SIP message: no control characters. */
static const char *check_attr_value(frt_str_t value)
{
	frt_str_t rest = value;
	uint32_t cp, n;

	if(value.s == NULL)
		return "value is missing";
	if(value.len > ATTR_VALUE_MAX)
		return "the value is longer than 1024 bytes";
	for(; rest.len > 0; rest.s += n, rest.len -= n) {
		n = frt_utf8_next(rest, &cp);
		if(n == 0)
			return "the value is not valid UTF-8";
		if(cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return "the value has a control character";
	}
	return NULL;
}

/* What is wrong with a destination's new attribute, or NULL. */
static const char *check_attribute(
		const frt_draft_dst_t *dst, frt_str_t name, frt_str_t value)
{
	uint32_t i;

	if(name.len == 0)
		return "name is missing";
	if(frt_attr_name_check(name) != NULL)
		return "expected a name of up to 64 letters, digits, '_', '-' and '.'";
	if(dst->nattrs == ATTRIBUTES_MAX)
		return "a destination has at most 64 of them";
	for(i = 0; i < dst->nattrs; i++) {
		if(frt_str_eq(dst->attrs[i].name, name))
			return "the name is already used in this destination";
	}
	return check_attr_value(value);
}

/* Arrays double, so one that has no room left is as long as a power of two. */
static int grow_attrs(frt_draft_t *d, frt_draft_dst_t *dst)
{
	uint32_t n = dst->nattrs;
	frt_attr_t *attrs;

	if((n & (n - 1)) != 0)
		return 0;
	attrs = frt_draft_alloc(d, (n == 0 ? 1 : n * 2) * sizeof(*attrs));
	if(attrs == NULL)
		return FRT_E_NOMEM;
	if(n > 0)
		memcpy(attrs, dst->attrs, n * sizeof(*attrs));
	dst->attrs = attrs;
	return 0;
}

int frt_draft_dst_attribute(frt_draft_t *d, frt_draft_dst_t *dst,
		frt_str_t name, frt_str_t value, frt_place_t place)
{
	const char *why = check_attribute(dst, name, value);
	char mem[FRT_FAULT_TEXT_MAX];
	frt_attr_t attr;
	frt_buf_t b;

	if(why != NULL) {
		frt_buf_init(&b, mem, sizeof(mem));
		frt_buf_add(&b, "<attribute");
		if(name.len > 0) {
			frt_buf_add(&b, " name=");
			frt_buf_add_quoted(&b, name);
		}
		frt_draft_fault(d, false, place, "%s>: %s", mem, why);
		return 0;
	}
	if(frt_draft_copy(d, name, &attr.name) != 0
			|| frt_draft_copy(d, value, &attr.value) != 0
			|| grow_attrs(d, dst) != 0)
		return FRT_E_NOMEM;
	dst->attrs[dst->nattrs++] = attr;
	return 0;
}

int frt_draft_dst_remove(frt_draft_t *d, frt_draft_set_t *set, frt_str_t id)
{
	frt_draft_dst_t **at, *last = NULL, *gone = NULL;

	for(at = &set->dsts; *at;) {
		if(!gone && frt_str_eq((*at)->id, id)) {
			gone = *at;
			*at = gone->next;
			continue;
		}
		last = *at;
		at = &last->next;
	}
	if(!gone)
		return FRT_E_NODST;
	frt_dst_node(gone)->removed = true;
	set->dsts_tail = last;
	set->ndsts--;
	d->ndsts--;
	return 0;
}

int frt_draft_edit_note(frt_draft_t *d, const frt_edit_t *e)
{
	uint32_t size = d->edits_size ? 2 * d->edits_size : 8;
	frt_edit_t *edits = d->edits, *to;

	if(d->nedits == d->edits_size) {
		edits = frt_draft_alloc(d, size * sizeof(*edits));
		if(!edits)
			return FRT_E_NOMEM;
		if(d->nedits)
			memcpy(edits, d->edits, d->nedits * sizeof(*edits));
		d->edits = edits;
		d->edits_size = size;
	}
	to = &edits[d->nedits];
	*to = *e;
	if(frt_draft_copy(d, e->set, &to->set) != 0
			|| frt_draft_copy(d, e->id, &to->id) != 0
			|| frt_draft_copy(d, e->uri, &to->uri) != 0)
		return FRT_E_NOMEM;
	d->nedits++;
	return 0;
}

const frt_edit_t *frt_draft_edits(const frt_draft_t *d, uint32_t *n)
{
	*n = d->nedits;
	return d->edits;
}
