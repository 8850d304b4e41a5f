/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two trees, node by node.
 */
#include "frt_cli_same.h"

bool cli_same_counts(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE || node->type == XML_COMMENT_NODE
		   || node->type == XML_PI_NODE;
}

bool cli_same_blank(const xmlNode *node)
{
	const xmlChar *p = node->content;

	if(node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE)
		return false;
	while(p != NULL && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p == NULL || *p == '\0';
}

static bool same_namespace(const xmlNs *a, const xmlNs *b)
{
	if(a == NULL || b == NULL)
		return a == b;
	return xmlStrEqual(a->href, b->href) && xmlStrEqual(a->prefix, b->prefix);
}

static bool same_value(const xmlAttr *a, const xmlAttr *b)
{
	xmlChar *va = xmlNodeListGetString(a->doc, a->children, 1);
	xmlChar *vb = xmlNodeListGetString(b->doc, b->children, 1);
	/* an empty value may have no text at all */
	bool same = xmlStrEqual(
			va != NULL ? va : BAD_CAST "", vb != NULL ? vb : BAD_CAST "");

	xmlFree(va);
	xmlFree(vb);
	return same;
}

static bool has_attribute(const xmlNode *node, const xmlAttr *like)
{
	const xmlAttr *attr;

	for(attr = node->properties; attr != NULL; attr = attr->next) {
		if(xmlStrEqual(attr->name, like->name)
				&& same_namespace(attr->ns, like->ns))
			return same_value(attr, like);
	}
	return false;
}

/* As many, and each has its like: names are unique in an element. */
static bool same_attributes(const xmlNode *a, const xmlNode *b)
{
	const xmlAttr *attr;
	size_t na = 0, nb = 0;

	for(attr = b->properties; attr != NULL; attr = attr->next)
		nb++;
	for(attr = a->properties; attr != NULL; attr = attr->next, na++) {
		if(!has_attribute(b, attr))
			return false;
	}
	return na == nb;
}

static bool same_declarations(const xmlNs *a, const xmlNs *b)
{
	for(; a != NULL && b != NULL; a = a->next, b = b->next) {
		if(!same_namespace(a, b))
			return false;
	}
	return a == b;
}

static bool same_node(const xmlNode *a, const xmlNode *b)
{
	if(a->type != b->type || !xmlStrEqual(a->name, b->name))
		return false;
	if(a->type != XML_ELEMENT_NODE)
		return xmlStrEqual(a->content, b->content);
	return same_namespace(a->ns, b->ns) && same_declarations(a->nsDef, b->nsDef)
		   && same_attributes(a, b) && cli_same(a->children, b->children);
}

static const xmlNode *skip_blanks(const xmlNode *node)
{
	while(node != NULL && cli_same_blank(node))
		node = node->next;
	return node;
}

bool cli_same(const xmlNode *a, const xmlNode *b)
{
	a = skip_blanks(a);
	b = skip_blanks(b);
	while(a != NULL && b != NULL) {
		if(!same_node(a, b))
			return false;
		a = skip_blanks(a->next);
		b = skip_blanks(b->next);
	}
	return a == b;
}
