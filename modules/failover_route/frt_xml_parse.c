/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One text into one tree, in which every element and attribute knows its
 * line. No DTD, no entities, bounded depth and size. Nothing global of libxml2
 * is changed: other modules of the process may use it.
 */
#include "frt_xml_priv.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>

#include <string.h>

#define SYNTAX_FAULTS_MAX 3	  /* one mistake is followed by many others */
#define TAG_EQUALS_MAX 10000u /* libxml2 compares each attribute with each */

/* One run of libxml2's parser. */
typedef struct parse
{
	frt_xml_t *x;
	const frt_xml_source_t *src;
	unsigned faults;
	bool stopped;
} parse_t;

frt_place_t frt_xml_place(const xmlNode *node)
{
	frt_place_t none = {NULL, 0};

	while(node != NULL && node->type != XML_ELEMENT_NODE
			&& node->type != XML_ATTRIBUTE_NODE)
		node = node->parent;
	if(node == NULL || node->_private == NULL)
		return none;
	return *(const frt_place_t *)node->_private;
}

frt_place_t frt_xml_line(const frt_xml_source_t *src, unsigned line)
{
	frt_place_t place = {src->name, line};
	return place;
}

static parse_t *parse_of(xmlParserCtxtPtr ctxt)
{
	return ctxt->_private;
}

static void stop(xmlParserCtxtPtr ctxt)
{
	parse_of(ctxt)->stopped = true;
	xmlStopParser(ctxt);
}

static unsigned current_line(xmlParserCtxtPtr ctxt)
{
	return ctxt->input != NULL ? (unsigned)ctxt->input->line : 0;
}

static void on_syntax_fault(void *data, frt_xml_error_t *error)
{
	xmlParserCtxtPtr ctxt = data;
	parse_t *p = parse_of(ctxt);
	const char *text = error->message != NULL ? error->message : "";

	if(error->code == XML_ERR_NO_MEMORY)
		p->x->nomem = true;
	if(p->stopped || error->level < XML_ERR_ERROR
			|| p->faults == SYNTAX_FAULTS_MAX)
		return;
	p->faults++;
	frt_draft_fault(p->x->draft, false,
			frt_xml_line(p->src, error->line > 0 ? (unsigned)error->line : 0),
			"XML syntax: %.*s", (int)strcspn(text, "\n"), text);
}

/* Called at <!DOCTYPE, before anything inside it is read. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *id,
		const xmlChar *system)
{
	xmlParserCtxtPtr ctxt = data;
	parse_t *p = parse_of(ctxt);

	(void)name;
	(void)id;
	(void)system;
	frt_draft_fault(p->x->draft, false,
			frt_xml_line(p->src, current_line(ctxt)),
			"a DOCTYPE is not allowed here: no DTD and no entities");
	stop(ctxt);
}

static frt_place_t *place_new(xmlParserCtxtPtr ctxt, unsigned line)
{
	parse_t *p = parse_of(ctxt);
	frt_place_t *place = frt_draft_alloc(p->x->draft, sizeof(*place));

	if(place == NULL) {
		p->x->nomem = true;
		stop(ctxt);
		return NULL;
	}
	*place = frt_xml_line(p->src, line);
	return place;
}

static bool is_space(xmlChar c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_namespace_decl(const xmlChar *p, const xmlChar *end)
{
	return end - p >= 6 && memcmp(p, "xmlns", 5) == 0
		   && (p[5] == ':' || p[5] == '=' || is_space(p[5]));
}

/* Gives each attribute of a start tag of several lines its own line. The text
 * p..end, from behind '<', is known to be well-formed. */
static void place_attributes(xmlParserCtxtPtr ctxt, xmlAttrPtr attr,
		const xmlChar *p, const xmlChar *end, unsigned line)
{
	xmlChar quote;

	while(p < end && !is_space(*p))
		p++;
	while(attr != NULL) {
		for(; p < end && is_space(*p); p++)
			line += *p == '\n';
		if(p >= end || *p == '/' || *p == '>')
			return;
		if(!is_namespace_decl(p, end)) {
			frt_place_t *place = place_new(ctxt, line);
			if(place == NULL)
				return; /* stopped: the text is gone as well */
			attr->_private = place;
			attr = attr->next;
		}
		for(; p < end && *p != '"' && *p != '\''; p++)
			line += *p == '\n';
		quote = p < end ? *p++ : 0;
		for(; p < end && *p != quote; p++)
			line += *p == '\n';
		if(p < end)
			p++;
	}
}

/* libxml2 keeps the line where a start tag ends, and up to 65535 only. '<' is
 * not allowed inside a tag, so the last one before the cursor begins it. */
static void place_element(xmlParserCtxtPtr ctxt, xmlNodePtr node)
{
	const xmlChar *end = ctxt->input->cur;
	const xmlChar *p = end;
	unsigned lines = 0;
	frt_place_t *place;
	xmlAttrPtr attr;

	while(p > ctxt->input->base && p[-1] != '<') {
		p--;
		lines += *p == '\n';
	}
	if(p == ctxt->input->base)
		lines = 0;
	place = place_new(ctxt, current_line(ctxt) - lines);
	if(place == NULL)
		return;
	node->_private = place;
	for(attr = node->properties; attr != NULL; attr = attr->next)
		attr->_private = place;
	if(lines > 0)
		place_attributes(ctxt, node->properties, p, end, place->line);
}

/* How deep in its file an element is whose parent this is; not exact past the
 * limit. libxml2's own count is deprecated since 2.14. */
static unsigned depth_below(const xmlNode *parent)
{
	unsigned depth = 0;

	for(; parent != NULL && parent->type == XML_ELEMENT_NODE
			&& depth < FRT_XML_DEPTH_MAX;
			parent = parent->parent)
		depth++;
	return depth;
}

static void on_element(void *data, const xmlChar *name, const xmlChar *prefix,
		const xmlChar *uri, int nns, const xmlChar **ns, int nattrs,
		int ndefaulted, const xmlChar **attrs)
{
	xmlParserCtxtPtr ctxt = data;
	parse_t *p = parse_of(ctxt);
	frt_place_t here = frt_xml_line(p->src, current_line(ctxt));

	if(p->src->depth + depth_below(ctxt->node) >= FRT_XML_DEPTH_MAX) {
		frt_draft_fault(p->x->draft, false, here,
				"<%.60s>: elements are nested deeper than %u",
				(const char *)name, FRT_XML_DEPTH_MAX);
		stop(ctxt);
		return;
	}
	if(++p->x->elements > FRT_XML_ELEMENTS_MAX) {
		frt_draft_fault(p->x->draft, false, here,
				"there are more than %u elements", FRT_XML_ELEMENTS_MAX);
		stop(ctxt);
		return;
	}
	xmlSAX2StartElementNs(
			ctxt, name, prefix, uri, nns, ns, nattrs, ndefaulted, attrs);
	if(ctxt->node != NULL && ctxt->node->_private == NULL)
		place_element(ctxt, ctxt->node);
}

/* What libxml2 would not take, or would take too long for. */
static bool check_bytes(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len)
{
	unsigned line = 1, equals = 0;
	const char *why = NULL;
	size_t i;

	for(i = 0; i < len && why == NULL; i++) {
		if(buf[i] == '\n')
			line++;
		else if(buf[i] == '\0')
			why = "a NUL byte: the file must be text in UTF-8";
		else if(buf[i] == '<')
			equals = 0;
		else if(buf[i] == '=' && ++equals > TAG_EQUALS_MAX)
			why = "more than 10000 '=' without a '<'";
	}
	if(len == 0)
		why = "the file is empty";
	if(why != NULL)
		frt_draft_fault(x->draft, false, frt_xml_line(src, len > 0 ? line : 0),
				"%s", why);
	return why == NULL;
}

xmlDocPtr frt_xml_parse(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len)
{
	parse_t p = {x, src, 0, false};
	xmlParserCtxtPtr ctxt;
	xmlDocPtr doc;

	if(!check_bytes(x, src, buf, len))
		return NULL;
	ctxt = xmlNewParserCtxt();
	if(ctxt == NULL) {
		x->nomem = true;
		return NULL;
	}
	ctxt->_private = &p;
	ctxt->sax->startElementNs = on_element;
	ctxt->sax->internalSubset = on_doctype;
	ctxt->sax->serror = (xmlStructuredErrorFunc)on_syntax_fault;
	/* NODICT: a tree that can move into another. No NOENT, no HUGE. */
	doc = xmlCtxtReadMemory(ctxt, buf, (int)len, src->name, NULL,
			XML_PARSE_NONET | XML_PARSE_NODICT);
	xmlFreeParserCtxt(ctxt);
	if(p.stopped || x->nomem) {
		xmlFreeDoc(doc);
		return NULL;
	}
	if(doc == NULL && p.faults == 0)
		frt_draft_fault(x->draft, false, frt_xml_line(src, 0), "XML syntax");
	return doc;
}
