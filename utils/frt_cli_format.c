/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libxml2 reads, we write: its own serialiser knows neither the order of our
 * attributes nor where a line should end.
 */
#define _GNU_SOURCE
#include "frt_cli_format.h"
#include "frt_cli_same.h"
#include "engine/frt_attr.h"

#include <libxml/parser.h>

#include <stdlib.h>
#include <string.h>

#define WIDTH 80
#define CANNOT_KEEP "it has text, a DOCTYPE or entities, which cannot be kept"

/* How a node follows what is before it. */
typedef enum gap
{
	SAME_LINE,
	NEXT_LINE,
	BLANK_LINE
} gap_t;

static void write_children(cli_buf_t *out, const xmlNode *node, int depth);

/* Columns of a text, at one for a character. */
static size_t columns(const char *s)
{
	size_t n = 0;

	for(; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

void cli_format_value(cli_buf_t *out, const char *value)
{
	for(; *value != '\0'; value++) {
		switch(*value) {
			case '&':
				cli_buf_add(out, "&amp;");
				break;
			case '<':
				cli_buf_add(out, "&lt;");
				break;
			case '"':
				cli_buf_add(out, "&quot;");
				break;
			case '\n':
			case '\r':
			case '\t':
				cli_buf_add(out, "&#%d;", *value);
				break;
			default:
				cli_buf_put(out, value, 1);
		}
	}
}

/* "prefix:" of a name, or "". */
static void add_prefix(cli_buf_t *out, const xmlNs *ns)
{
	if(ns != NULL && ns->prefix != NULL)
		cli_buf_add(out, "%s:", (const char *)ns->prefix);
}

/* One attribute as it is written, and its place in the order. */
typedef struct written
{
	char *text;
	unsigned order;
	unsigned at;
} written_t;

static int compare(const void *pa, const void *pb)
{
	const written_t *a = pa, *b = pb;

	if(a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->at < b->at ? -1 : 1;
}

/* The table's order; what is not in it comes behind, as it was written. */
static unsigned order_of(const xmlNode *node, const xmlAttr *attr)
{
	frt_str_t name = {
			(const char *)attr->name, (uint32_t)xmlStrlen(attr->name)};
	const char *element = (const char *)node->name;
	const frt_attr_def_t *def = NULL;
	int scope;

	if(node->ns != NULL || attr->ns != NULL)
		return UINT32_MAX;
	if(strcmp(element, "attribute") == 0)
		return strcmp(name.s, "name") == 0 ? 0 : 1;
	for(scope = 0; scope <= FRT_SCOPE_DESTINATION; scope++) {
		if(strcmp(element, frt_scope_name((frt_scope_t)scope)) == 0)
			def = frt_attr_find((frt_scope_t)scope, name);
	}
	return def != NULL ? frt_attr_index(def) : UINT32_MAX - 1;
}

static char *attribute_text(const xmlAttr *attr)
{
	xmlChar *value = xmlNodeListGetString(attr->doc, attr->children, 1);
	cli_buf_t b = {NULL, 0, 0};

	add_prefix(&b, attr->ns);
	cli_buf_add(&b, "%s=\"", (const char *)attr->name);
	cli_format_value(&b, value != NULL ? (const char *)value : "");
	cli_buf_add(&b, "\"");
	xmlFree(value);
	return b.s;
}

static char *namespace_text(const xmlNs *ns)
{
	cli_buf_t b = {NULL, 0, 0};

	cli_buf_add(&b, "xmlns%s%s=\"", ns->prefix != NULL ? ":" : "",
			ns->prefix != NULL ? (const char *)ns->prefix : "");
	cli_format_value(&b, ns->href != NULL ? (const char *)ns->href : "");
	cli_buf_add(&b, "\"");
	return b.s;
}

/* Everything between an element's name and its end, in order. */
static written_t *collect(const xmlNode *node, size_t *n)
{
	const xmlAttr *attr;
	const xmlNs *ns;
	written_t *list;
	size_t room = 0;

	for(ns = node->nsDef; ns != NULL; ns = ns->next)
		room++;
	for(attr = node->properties; attr != NULL; attr = attr->next)
		room++;
	list = cli_alloc(room * sizeof(*list));
	*n = 0;
	for(ns = node->nsDef; ns != NULL; ns = ns->next, (*n)++) {
		list[*n].text = namespace_text(ns);
		list[*n].at = (unsigned)*n;
	}
	for(attr = node->properties; attr != NULL; attr = attr->next, (*n)++) {
		list[*n].text = attribute_text(attr);
		/* behind the namespaces */
		list[*n].order = order_of(node, attr);
		list[*n].order += list[*n].order < UINT32_MAX;
		list[*n].at = (unsigned)*n;
	}
	qsort(list, *n, sizeof(*list), compare);
	return list;
}

static bool is_empty(const xmlNode *node)
{
	const xmlNode *child = node->children;

	while(child != NULL && !cli_same_counts(child))
		child = child->next;
	return child == NULL;
}

static void write_element(cli_buf_t *out, const xmlNode *node, int depth)
{
	cli_buf_t head = {NULL, 0, 0};
	const char *end = is_empty(node) ? "/>" : ">";
	size_t n, i, indent, column;
	written_t *list = collect(node, &n);

	add_prefix(&head, node->ns);
	cli_buf_add(&head, "%s", (const char *)node->name);
	cli_buf_add(out, "<%s", head.s);
	indent = (size_t)depth * 2 + 1 + columns(head.s) + 1;
	column = indent - 1;
	for(i = 0; i < n; i++) {
		size_t w = columns(list[i].text);
		size_t last = i + 1 == n ? strlen(end) : 0;
		if(i > 0 && column + 1 + w + last > WIDTH) {
			cli_buf_add(out, "\n%*s", (int)indent, "");
			column = indent + w;
		} else {
			cli_buf_add(out, " ");
			column += 1 + w;
		}
		cli_buf_add(out, "%s", list[i].text);
		free(list[i].text);
	}
	free(list);
	cli_buf_add(out, "%s", end);
	if(!is_empty(node)) {
		write_children(out, node, depth + 1);
		cli_buf_add(out, "\n%*s</%s>", depth * 2, "", head.s);
	}
	free(head.s);
}

static void write_node(cli_buf_t *out, const xmlNode *node, int depth)
{
	const char *content = (const char *)node->content;

	if(node->type == XML_COMMENT_NODE)
		cli_buf_add(out, "<!--%s-->", content != NULL ? content : "");
	else if(node->type == XML_PI_NODE)
		cli_buf_add(out, "<?%s%s%s?>", (const char *)node->name,
				content != NULL ? " " : "", content != NULL ? content : "");
	else
		write_element(out, node, depth);
}

static void write_after(
		cli_buf_t *out, const xmlNode *node, gap_t gap, int depth)
{
	/* only a comment stays behind something */
	if(gap == SAME_LINE && node->type == XML_COMMENT_NODE)
		cli_buf_add(out, " ");
	else
		cli_buf_add(
				out, "%s\n%*s", gap == BLANK_LINE ? "\n" : "", depth * 2, "");
	write_node(out, node, depth);
}

static gap_t gap_of(unsigned newlines)
{
	return newlines > 1 ? BLANK_LINE : newlines == 1 ? NEXT_LINE : SAME_LINE;
}

static void write_children(cli_buf_t *out, const xmlNode *node, int depth)
{
	const xmlNode *child;
	const char *p;
	unsigned newlines = 0;

	for(child = node->children; child != NULL; child = child->next) {
		if(!cli_same_counts(child)) {
			for(p = (const char *)child->content; p != NULL && *p; p++)
				newlines += *p == '\n';
			continue;
		}
		write_after(out, child, gap_of(newlines), depth);
		newlines = 0;
	}
}

/* --- the document ------------------------------------------------------ */

/* Blanks outside the root are in the text only. Skips those at *p, and then
 * one declaration, instruction or comment; what else is there stays. */
static gap_t skip_prolog(const char **p, const char *end)
{
	unsigned newlines = 0;
	const char *close = NULL;

	for(; *p < end && strchr(" \t\r\n", **p) != NULL && **p; (*p)++)
		newlines += **p == '\n';
	if(end - *p > 4 && memcmp(*p, "<!--", 4) == 0)
		close = "-->";
	else if(end - *p > 2 && memcmp(*p, "<?", 2) == 0)
		close = "?>";
	if(close != NULL) {
		const char *found =
				memmem(*p + 2, (size_t)(end - *p) - 2, close, strlen(close));
		*p = found != NULL ? found + strlen(close) : end;
	}
	return gap_of(newlines);
}

static void write_document(
		cli_buf_t *out, xmlDocPtr doc, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	const xmlNode *node;
	bool before = true;

	cli_buf_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	if(len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if(end - p > 6 && memcmp(p, "<?xml", 5) == 0
			&& strchr(" \t\r\n", p[5]) != NULL)
		(void)skip_prolog(&p, end);
	for(node = doc->children; node != NULL; node = node->next) {
		gap_t gap = before ? skip_prolog(&p, end) : NEXT_LINE;
		if(gap == SAME_LINE && node == doc->children)
			gap = NEXT_LINE;
		write_after(out, node, gap, 0);
		before &= node->type != XML_ELEMENT_NODE;
	}
	cli_buf_add(out, "\n");
}

static xmlDocPtr parse(const char *text, size_t len)
{
	return xmlReadMemory(text, (int)len, "text", NULL,
			XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
}

/* Nothing but elements, comments, instructions and blanks. */
static bool is_plain(const xmlNode *node)
{
	for(; node != NULL; node = node->next) {
		if(!cli_same_counts(node) && !cli_same_blank(node))
			return false;
		if(node->type == XML_ELEMENT_NODE && !is_plain(node->children))
			return false;
	}
	return true;
}

const char *cli_format(const char *text, size_t len, cli_buf_t *out)
{
	xmlDocPtr before = parse(text, len), after = NULL;
	const char *why = NULL;

	if(before == NULL)
		return "XML syntax";
	if(before->intSubset != NULL || !is_plain(before->children)) {
		xmlFreeDoc(before);
		return CANNOT_KEEP;
	}
	write_document(out, before, text, len);
	after = parse(out->s, out->len);
	if(after == NULL || !cli_same(before->children, after->children))
		why = "its canonical form would not say the same; that is a fault of "
			  "this tool";
	xmlFreeDoc(before);
	xmlFreeDoc(after);
	if(why != NULL) {
		free(out->s);
		memset(out, 0, sizeof(*out));
	}
	return why;
}
