/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fills a draft from the tree: a table says which element may stand in which,
 * the table of attributes says the rest. Everything that is wrong is noted and
 * the walk goes on, so that an operator sees all faults of a file at once.
 */
#include "frt_xml_priv.h"
#include "engine/frt_text.h"

#include <string.h>

typedef enum kind
{
	ROOT,
	SET,
	DEFAULTS,
	POLICY,
	PROBE,
	HEALTH,
	DESTINATION,
	ON,
	ATTRIBUTE,
	KINDS
} kind_t;

#define IN(kind) (1u << (kind))
#define NO_SCOPE (-1)
#define TEXT(lit)                        \
	{                                    \
		(lit), (uint32_t)sizeof(lit) - 1 \
	}

/* A file that is included may have a root of its own, which only groups. */
static const struct element
{
	frt_str_t name;
	int scope;		   /* of its attributes */
	unsigned children; /* may stand inside */
	unsigned once;	   /* of these, at most one */
} elements[KINDS] = {
		[ROOT] = {TEXT("failover-route"), NO_SCOPE,
				IN(ROOT) | IN(SET) | IN(DEFAULTS), 0},
		[SET] = {TEXT("set"), FRT_SCOPE_SET,
				IN(POLICY) | IN(PROBE) | IN(HEALTH) | IN(DESTINATION),
				IN(POLICY) | IN(PROBE) | IN(HEALTH)},
		[DEFAULTS] = {TEXT("defaults"), FRT_SCOPE_DEFAULTS,
				IN(POLICY) | IN(PROBE) | IN(HEALTH),
				IN(POLICY) | IN(PROBE) | IN(HEALTH)},
		[POLICY] = {TEXT("policy"), NO_SCOPE, IN(ON), 0},
		[PROBE] = {TEXT("probe"), FRT_SCOPE_PROBE, 0, 0},
		[HEALTH] = {TEXT("health"), FRT_SCOPE_HEALTH, 0, 0},
		[DESTINATION] = {TEXT("destination"), FRT_SCOPE_DESTINATION,
				IN(ATTRIBUTE), 0},
		[ON] = {TEXT("on"), FRT_SCOPE_RULE, 0, 0},
		[ATTRIBUTE] = {TEXT("attribute"), NO_SCOPE, 0, 0},
};

/* What the walk is inside of. */
typedef struct walk
{
	frt_draft_t *d;
	frt_draft_set_t *set; /* NULL: in <defaults> */
	frt_draft_dst_t *dst;
	int err;
} walk_t;

/* The value of an attribute without namespace; s is NULL if there is none. */
static frt_str_t value_named(const frt_xml_node_t *node, frt_str_t name)
{
	const frt_xml_attr_t *attr = frt_xml_attr(node, name);

	return attr != NULL ? attr->value : (frt_str_t){NULL, 0};
}

/* "prefix:name", "name" or, of another namespace, "name xmlns=..." of an element
 * or attribute, cut to be shown. */
static const char *shown_name(
		const frt_xml_name_t *name, char *mem, size_t size)
{
	frt_buf_t b;

	frt_buf_init(&b, mem, size);
	if(name->prefix != NULL)
		frt_buf_add(&b, "%.30s:", name->prefix);
	frt_buf_add(&b, "%.60s", name->local.s);
	if(name->prefix == NULL && name->space != NULL)
		frt_buf_add(&b, " xmlns=\"%.30s\"", name->space);
	return mem;
}

/* "a, b or c": what may stand inside an element. A group is not offered. */
static void add_children(frt_buf_t *b, unsigned children)
{
	const char *before = "";
	int i;

	children &= ~IN(ROOT);
	for(i = 0; i < KINDS; i++) {
		if(!(children & IN(i)))
			continue;
		children &= ~IN(i);
		frt_buf_add(b, "%s%s", *before && children == 0 ? " or " : before,
				elements[i].name.s);
		before = ", ";
	}
}

static void fault_element(walk_t *w, const frt_xml_node_t *node,
		const char *parent, unsigned expected)
{
	char name[100], list[200];
	frt_buf_t b;

	frt_buf_init(&b, list, sizeof(list));
	if(expected != 0) {
		frt_buf_add(&b, "expected ");
		add_children(&b, expected);
	} else {
		frt_buf_add(&b, "expected nothing inside <%s>", parent);
	}
	frt_draft_fault(w->d, false, node->place, "<%s>: unknown element here; %s",
			shown_name(&node->name, name, sizeof(name)), list);
}

/* Which of the children's kinds a node is, or KINDS. */
static kind_t kind_of(const frt_xml_node_t *node, unsigned children)
{
	int i;

	for(i = 0; i < KINDS; i++) {
		if((children & IN(i)) && frt_xml_is(&node->name, elements[i].name))
			return (kind_t)i;
	}
	return KINDS;
}

/* xml:base may be left by a tool that has done the includes beforehand. */
static bool is_xml_base(const frt_xml_name_t *name)
{
	return name->space != NULL
		   && strcmp(name->space, (const char *)XML_XML_NAMESPACE) == 0
		   && frt_str_eq(name->local, FRT_STR("base"));
}

static void fault_attribute(walk_t *w, kind_t kind, const frt_xml_attr_t *attr)
{
	char name[100];

	frt_draft_fault(w->d, false, attr->place, "<%s>: unknown attribute \"%s\"",
			elements[kind].name.s, shown_name(&attr->name, name, sizeof(name)));
}

/* Elements whose attributes are not in the table. */
static bool is_known(kind_t kind, const frt_xml_name_t *name)
{
	if(kind == ROOT)
		return frt_xml_is(name, FRT_STR("version"));
	if(kind == ATTRIBUTE)
		return frt_xml_is(name, FRT_STR("name"))
			   || frt_xml_is(name, FRT_STR("value"));
	return false;
}

static void walk_attributes(walk_t *w, const frt_xml_node_t *node, kind_t kind)
{
	int scope = elements[kind].scope;
	uint32_t i;

	for(i = 0; i < node->nattrs && w->err == 0; i++) {
		const frt_xml_attr_t *attr = &node->attrs[i];
		bool plain = attr->name.prefix == NULL && attr->name.space == NULL;

		if(plain && scope != NO_SCOPE)
			w->err = frt_draft_attr(w->d, (frt_scope_t)scope, w->set, w->dst,
					attr->name.local, attr->value, attr->place);
		else if(!is_known(kind, &attr->name) && !is_xml_base(&attr->name))
			fault_attribute(w, kind, attr);
	}
}

static void check_version(walk_t *w, const frt_xml_node_t *node)
{
	frt_str_t version = value_named(node, FRT_STR("version"));
	char mem[100];
	frt_buf_t b;

	if(version.s == NULL) {
		frt_draft_fault(w->d, false, node->place,
				"<failover-route>: version is missing");
	} else if(!frt_str_eq(version, FRT_STR("1"))) {
		frt_buf_init(&b, mem, sizeof(mem));
		frt_buf_add_quoted(&b, version);
		frt_draft_fault(w->d, false, node->place,
				"<failover-route>: version=%s: expected 1", mem);
	}
}

/* Tells the draft that an element begins. */
static void begin(walk_t *w, const frt_xml_node_t *node, kind_t kind)
{
	frt_str_t id = {NULL, 0};

	if(kind == SET || kind == DESTINATION)
		id = value_named(node, FRT_STR("id"));
	switch(kind) {
		case ROOT:
			check_version(w, node);
			break;
		case DEFAULTS:
			w->set = NULL;
			break;
		case SET:
			w->err = frt_draft_set_add(w->d, id, node->place, &w->set);
			break;
		case DESTINATION:
			w->err = frt_draft_dst_add(w->d, w->set, id, node->place, &w->dst);
			break;
		case ON:
			w->err = frt_draft_rule_add(w->d, w->set, node->place);
			break;
		case ATTRIBUTE:
			w->err = frt_draft_dst_attribute(w->d, w->dst,
					value_named(node, FRT_STR("name")),
					value_named(node, FRT_STR("value")), node->place);
			break;
		default:
			break;
	}
}

static void walk_text(walk_t *w, const frt_xml_node_t *node, kind_t kind)
{
	frt_str_t text = node->text;
	char mem[100];
	frt_buf_t b;

	while(text.len > 0 && frt_xml_is_space(text.s[text.len - 1]))
		text.len--;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_quoted(&b, text);
	frt_draft_fault(w->d, false, node->place,
			"<%s>: no text is expected here: %s", elements[kind].name.s, mem);
}

static void walk_element(walk_t *w, const frt_xml_node_t *node, kind_t kind);

static void walk_children(walk_t *w, const frt_xml_node_t *node, kind_t kind)
{
	const struct element *el = &elements[kind];
	const frt_xml_node_t *child, *first[KINDS] = {NULL};

	for(child = node->children; child != NULL && w->err == 0;
			child = child->next) {
		kind_t k;
		if(!frt_xml_is_element(child)) {
			walk_text(w, child, kind);
			continue;
		}
		k = kind_of(child, el->children);
		if(k == KINDS) {
			fault_element(w, child, el->name.s, el->children);
			continue;
		}
		if((el->once & IN(k)) && first[k] != NULL) {
			frt_place_t place = first[k]->place;
			frt_draft_fault(w->d, false, child->place,
					"<%s>: there is one already at %s:%u", elements[k].name.s,
					place.file, (unsigned)place.line);
		}
		first[k] = child;
		walk_element(w, child, k);
	}
}

static void walk_element(walk_t *w, const frt_xml_node_t *node, kind_t kind)
{
	begin(w, node, kind);
	if(w->err == 0)
		walk_attributes(w, node, kind);
	if(w->err == 0)
		walk_children(w, node, kind);
}

int frt_xml_walk(frt_draft_t *d, const frt_xml_node_t *root)
{
	walk_t w = {d, NULL, NULL, 0};

	if(kind_of(root, IN(ROOT)) == KINDS) {
		char name[100];
		frt_draft_fault(d, false, root->place,
				"<%s>: unknown element here; expected failover-route",
				shown_name(&root->name, name, sizeof(name)));
		return 0;
	}
	walk_element(&w, root, ROOT);
	return w.err;
}
