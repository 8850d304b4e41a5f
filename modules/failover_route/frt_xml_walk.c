/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fills a draft from the tree: a table says which element may stand in which,
 * the table of attributes says the rest. Everything that is wrong is noted and
 * the walk goes on, so that an operator sees all faults of a file at once.
 */
#include "frt_xml_priv.h"
#include "engine/frt_attr.h"
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

/* A file that is included may have a root of its own, which only groups. */
static const struct element
{
	const char *name;
	int scope;		   /* of its attributes */
	unsigned children; /* may stand inside */
	unsigned once;	   /* of these, at most one */
} elements[KINDS] = {
		[ROOT] = {"failover-route", NO_SCOPE, IN(ROOT) | IN(SET) | IN(DEFAULTS),
				0},
		[SET] = {"set", FRT_SCOPE_SET,
				IN(POLICY) | IN(PROBE) | IN(HEALTH) | IN(DESTINATION),
				IN(POLICY) | IN(PROBE) | IN(HEALTH)},
		[DEFAULTS] = {"defaults", FRT_SCOPE_DEFAULTS,
				IN(POLICY) | IN(PROBE) | IN(HEALTH),
				IN(POLICY) | IN(PROBE) | IN(HEALTH)},
		[POLICY] = {"policy", NO_SCOPE, IN(ON), 0},
		[PROBE] = {"probe", FRT_SCOPE_PROBE, 0, 0},
		[HEALTH] = {"health", FRT_SCOPE_HEALTH, 0, 0},
		[DESTINATION] = {"destination", FRT_SCOPE_DESTINATION, IN(ATTRIBUTE),
				0},
		[ON] = {"on", FRT_SCOPE_RULE, 0, 0},
		[ATTRIBUTE] = {"attribute", NO_SCOPE, 0, 0},
};

/* What the walk is inside of. */
typedef struct walk
{
	frt_draft_t *d;
	frt_draft_set_t *set; /* NULL: in <defaults> */
	frt_draft_dst_t *dst;
	int err;
} walk_t;

/* An attribute's value, which is one text node nearly always. */
typedef struct value
{
	frt_str_t text;
	xmlChar *copy; /* to be freed, or NULL */
} value_t;

static value_t value_of(walk_t *w, const xmlAttr *attr)
{
	value_t v = {FRT_STR(""), NULL};
	const xmlNode *first = attr->children;

	if(first == NULL)
		return v;
	if(first->type == XML_TEXT_NODE && first->next == NULL) {
		if(first->content != NULL)
			v.text = frt_xml_str(first->content);
		return v;
	}
	v.copy = xmlNodeListGetString(attr->doc, attr->children, 1);
	if(v.copy == NULL)
		w->err = FRT_E_NOMEM;
	else
		v.text = frt_xml_str(v.copy);
	return v;
}

/* The value of an attribute without namespace; s is NULL if there is none. */
static value_t value_named(walk_t *w, const xmlNode *node, const char *name)
{
	value_t none = {{NULL, 0}, NULL};
	const xmlAttr *attr;

	for(attr = node->properties; attr != NULL; attr = attr->next) {
		if(attr->ns == NULL && xmlStrEqual(attr->name, BAD_CAST name))
			return value_of(w, attr);
	}
	return none;
}

static void value_free(value_t *v)
{
	xmlFree(v->copy);
}

/* "prefix:name" or "name" of an element or attribute, cut to be shown. */
static const char *shown_name(
		const xmlNs *ns, const xmlChar *name, char *mem, size_t size)
{
	frt_buf_t b;

	frt_buf_init(&b, mem, size);
	if(ns != NULL && ns->prefix != NULL)
		frt_buf_add(&b, "%.30s:", (const char *)ns->prefix);
	frt_buf_add(&b, "%.60s", (const char *)name);
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
				elements[i].name);
		before = ", ";
	}
}

static void fault_element(
		walk_t *w, const xmlNode *node, const char *parent, unsigned expected)
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
	frt_draft_fault(w->d, false, frt_xml_place(node),
			"<%s>: unknown element here; %s",
			shown_name(node->ns, node->name, name, sizeof(name)), list);
}

/* Which of the children's kinds a node is, or KINDS. */
static kind_t kind_of(const xmlNode *node, unsigned children)
{
	int i;

	if(node->ns != NULL)
		return KINDS;
	for(i = 0; i < KINDS; i++) {
		if((children & IN(i))
				&& xmlStrEqual(node->name, BAD_CAST elements[i].name))
			return (kind_t)i;
	}
	return KINDS;
}

/* xml:base may be left by a tool that has done the includes beforehand. */
static bool is_xml_base(const xmlAttr *attr)
{
	return attr->ns != NULL && xmlStrEqual(attr->ns->href, XML_XML_NAMESPACE)
		   && xmlStrEqual(attr->name, BAD_CAST "base");
}

static void fault_attribute(walk_t *w, kind_t kind, const xmlAttr *attr)
{
	char name[100];

	frt_draft_fault(w->d, false, frt_xml_place((const xmlNode *)attr),
			"<%s>: unknown attribute \"%s\"", elements[kind].name,
			shown_name(attr->ns, attr->name, name, sizeof(name)));
}

/* Elements whose attributes are not in the table. */
static bool is_known(kind_t kind, const xmlAttr *attr)
{
	if(kind == ROOT)
		return xmlStrEqual(attr->name, BAD_CAST "version");
	if(kind == ATTRIBUTE)
		return xmlStrEqual(attr->name, BAD_CAST "name")
			   || xmlStrEqual(attr->name, BAD_CAST "value");
	return false;
}

static void walk_attributes(walk_t *w, const xmlNode *node, kind_t kind)
{
	int scope = elements[kind].scope;
	const xmlAttr *attr;
	value_t v;

	for(attr = node->properties; attr != NULL && w->err == 0;
			attr = attr->next) {
		if(is_xml_base(attr))
			continue;
		if(attr->ns != NULL || scope == NO_SCOPE) {
			if(attr->ns != NULL || !is_known(kind, attr))
				fault_attribute(w, kind, attr);
			continue;
		}
		v = value_of(w, attr);
		if(w->err == 0)
			w->err = frt_draft_attr(w->d, (frt_scope_t)scope, w->set, w->dst,
					frt_xml_str(attr->name), v.text,
					frt_xml_place((const xmlNode *)attr));
		value_free(&v);
	}
}

/* Notes what is required and was not given; an id was noted before. */
static void walk_required(walk_t *w, const xmlNode *node, kind_t kind)
{
	size_t n, i;
	const frt_attr_def_t *table = frt_attr_table(&n);

	for(i = 0; i < n && w->err == 0; i++) {
		frt_str_t name = {table[i].name, (uint32_t)strlen(table[i].name)};
		frt_str_t none = {NULL, 0};
		if((int)table[i].scope != elements[kind].scope || !table[i].required
				|| xmlHasProp(node, BAD_CAST table[i].name) != NULL)
			continue;
		w->err = frt_draft_attr(w->d, table[i].scope, w->set, w->dst, name,
				none, frt_xml_place(node));
	}
}

static void check_version(walk_t *w, const xmlNode *node)
{
	value_t v = value_named(w, node, "version");
	char mem[100];
	frt_buf_t b;

	if(v.text.s == NULL) {
		frt_draft_fault(w->d, false, frt_xml_place(node),
				"<failover-route>: version is missing");
	} else if(!frt_str_eq(v.text, FRT_STR("1"))) {
		frt_buf_init(&b, mem, sizeof(mem));
		frt_buf_add_quoted(&b, v.text);
		frt_draft_fault(w->d, false, frt_xml_place(node),
				"<failover-route>: version=%s: expected 1", mem);
	}
	value_free(&v);
}

static void add_attribute(walk_t *w, const xmlNode *node)
{
	value_t name = value_named(w, node, "name");
	value_t value = value_named(w, node, "value");

	if(w->err == 0)
		w->err = frt_draft_dst_attribute(
				w->d, w->dst, name.text, value.text, frt_xml_place(node));
	value_free(&name);
	value_free(&value);
}

/* Tells the draft that an element begins. */
static void begin(walk_t *w, const xmlNode *node, kind_t kind)
{
	frt_place_t place = frt_xml_place(node);
	value_t id = {{NULL, 0}, NULL};

	if(kind == SET || kind == DESTINATION)
		id = value_named(w, node, "id");
	if(w->err != 0)
		return;
	switch(kind) {
		case ROOT:
			check_version(w, node);
			break;
		case DEFAULTS:
			w->set = NULL;
			break;
		case SET:
			w->err = frt_draft_set_add(w->d, id.text, place, &w->set);
			break;
		case DESTINATION:
			w->err = frt_draft_dst_add(w->d, w->set, id.text, place, &w->dst);
			break;
		case ON:
			w->err = frt_draft_rule_add(w->d, w->set, place);
			break;
		case ATTRIBUTE:
			add_attribute(w, node);
			break;
		default:
			break;
	}
	value_free(&id);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void walk_text(walk_t *w, const xmlNode *node, const char *element)
{
	frt_str_t text = frt_xml_str(node->content);
	char mem[100];
	frt_buf_t b;

	for(; text.len > 0 && is_space(*text.s); text.s++)
		text.len--;
	while(text.len > 0 && is_space(text.s[text.len - 1]))
		text.len--;
	if(text.len == 0)
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_quoted(&b, text);
	frt_draft_fault(w->d, false, frt_xml_place(node),
			"<%s>: no text is expected here: %s", element, mem);
}

static void walk_element(walk_t *w, const xmlNode *node, kind_t kind);

static void walk_children(walk_t *w, const xmlNode *node, kind_t kind)
{
	const struct element *el = &elements[kind];
	const xmlNode *child, *first[KINDS] = {NULL};

	for(child = node->children; child != NULL && w->err == 0;
			child = child->next) {
		kind_t k;
		if(child->type == XML_TEXT_NODE
				|| child->type == XML_CDATA_SECTION_NODE)
			walk_text(w, child, el->name);
		if(child->type != XML_ELEMENT_NODE)
			continue;
		k = kind_of(child, el->children);
		if(k == KINDS) {
			fault_element(w, child, el->name, el->children);
			continue;
		}
		if((el->once & IN(k)) && first[k] != NULL) {
			frt_place_t place = frt_xml_place(first[k]);
			frt_draft_fault(w->d, false, frt_xml_place(child),
					"<%s>: there is one already at %s:%u", elements[k].name,
					place.file, (unsigned)place.line);
		}
		first[k] = child;
		walk_element(w, child, k);
	}
}

static void walk_element(walk_t *w, const xmlNode *node, kind_t kind)
{
	begin(w, node, kind);
	if(w->err == 0)
		walk_attributes(w, node, kind);
	if(w->err == 0)
		walk_required(w, node, kind);
	if(w->err == 0)
		walk_children(w, node, kind);
}

int frt_xml_walk(frt_draft_t *d, xmlNodePtr root)
{
	walk_t w = {d, NULL, NULL, 0};

	if(kind_of(root, IN(ROOT)) == KINDS) {
		char name[100];
		frt_draft_fault(d, false, frt_xml_place(root),
				"<%s>: unknown element here; expected failover-route",
				shown_name(root->ns, root->name, name, sizeof(name)));
		return 0;
	}
	walk_element(&w, root, ROOT);
	return w.err;
}
