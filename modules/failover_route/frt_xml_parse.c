/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One text into one tree, in which every element and attribute knows its
 * line. No DTD, no entities, bounded depth and size. Nothing global of libxml2
 * is changed: other modules of the process may use it.
 */
#include "frt_xml_priv.h"

#include <stdlib.h>


#define SYNTAX_FAULTS_MAX 3	  /* one mistake is followed by many others */
#define TAG_EQUALS_MAX 10000u /* libxml2 compares each attribute with each */

/* One run of libxml2's parser. */
typedef struct parse
{
	frt_xml_t *x;
	const frt_xml_source_t *src;
	unsigned faults;
	bool stopped;
	frt_xml_node_t *root;
	frt_xml_node_t *open; /* the innermost element that has not ended */
	unsigned depth;		  /* of the next element, in all files */
	frt_xml_node_t *text; /* what the next characters belong to, or NULL */
	uint32_t room;		  /* bytes of it */
} parse_t;

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

/* Memory of the draft, which keeps the tree until it goes itself; without any
 * the parser stops. */
static void *take(xmlParserCtxtPtr ctxt, size_t size)
{
	parse_t *p = parse_of(ctxt);
	void *mem = frt_draft_alloc(p->x->draft, size);

	if(mem == NULL) {
		p->x->nomem = true;
		stop(ctxt);
	}
	return mem;
}

static bool is_namespace_decl(const char *p, const char *end)
{
	return end - p >= 6 && memcmp(p, "xmlns", 5) == 0
		   && (p[5] == ':' || p[5] == '=' || frt_xml_is_space(p[5]));
}

static unsigned lines_in(const char *p, const char *end)
{
	unsigned n = 0;

	while((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		p++;
		n++;
	}
	return n;
}

/* Gives each attribute of a start tag of several lines its own line. The text
 * p..end, from behind '<', is known to be well-formed. */
static void place_attributes(
		frt_xml_node_t *node, const char *p, const char *end)
{
	uint32_t i = 0;
	unsigned line = node->place.line;
	char quote;

	while(p < end && !frt_xml_is_space(*p))
		p++;
	while(i < node->nattrs) {
		for(; p < end && frt_xml_is_space(*p); p++)
			line += *p == '\n';
		if(p >= end || *p == '/' || *p == '>')
			return;
		if(!is_namespace_decl(p, end))
			node->attrs[i++].place.line = line;
		for(; p < end && *p != '"' && *p != '\''; p++)
			line += *p == '\n';
		quote = p < end ? *p++ : 0;
		for(; p < end && *p != quote; p++)
			line += *p == '\n';
		if(p < end)
			p++;
	}
}

/* libxml2 tells the line where a start tag ends. '<' is not allowed inside a
 * tag, so the last one before the cursor begins it. */
static void place_element(xmlParserCtxtPtr ctxt, frt_xml_node_t *node)
{
	const char *base = (const char *)ctxt->input->base;
	const char *end = (const char *)ctxt->input->cur;
	const char *p = end;
	unsigned lines = 0;
	uint32_t i;

	while(p > base && p[-1] != '<')
		p--;
	if(p > base)
		lines = lines_in(p, end);
	node->place = frt_xml_line(parse_of(ctxt)->src, current_line(ctxt) - lines);
	for(i = 0; i < node->nattrs; i++)
		node->attrs[i].place = node->place;
	if(lines > 0)
		place_attributes(node, p, end);
}

static frt_xml_name_t name_of(
		const xmlChar *local, const xmlChar *prefix, const xmlChar *space)
{
	const char *s = (const char *)local;
	frt_xml_name_t name = {{s, (uint32_t)strlen(s)}, (const char *)prefix,
			(const char *)space};

	return name;
}

/* The next child of the element that is open. */
static void hang(parse_t *p, frt_xml_node_t *node)
{
	frt_xml_node_t *parent = p->open;

	node->parent = parent;
	if(parent == NULL)
		p->root = node;
	else if(parent->last != NULL)
		parent->last->next = node;
	else
		parent->children = node;
	if(parent != NULL)
		parent->last = node;
}

/* Values lie behind the node, each with a NUL. attrs has five pointers for each:
 * name, prefix, namespace, value and its end. */
static frt_xml_node_t *element_new(
		xmlParserCtxtPtr ctxt, uint32_t nattrs, const xmlChar **attrs)
{
	size_t size = sizeof(frt_xml_node_t) + nattrs * sizeof(frt_xml_attr_t);
	frt_xml_node_t *node;
	char *text;
	uint32_t i;

	for(i = 0; i < nattrs; i++)
		size += (size_t)(attrs[5 * i + 4] - attrs[5 * i + 3]) + 1;
	node = take(ctxt, size);
	if(node == NULL)
		return NULL;
	node->attrs = (frt_xml_attr_t *)(node + 1);
	node->nattrs = nattrs;
	text = (char *)(node->attrs + nattrs);
	for(i = 0; i < nattrs; i++, attrs += 5) {
		frt_str_t value = {text, (uint32_t)(attrs[4] - attrs[3])};

		memcpy(text, attrs[3], value.len); /* the draft's memory is zeroed */
		text += value.len + 1;
		node->attrs[i].name = name_of(attrs[0], attrs[1], attrs[2]);
		node->attrs[i].value = value;
	}
	return node;
}

/* True if there may be one more element. */
static bool check_element(xmlParserCtxtPtr ctxt, const xmlChar *name)
{
	parse_t *p = parse_of(ctxt);
	frt_place_t here = frt_xml_line(p->src, current_line(ctxt));

	if(p->depth >= FRT_XML_DEPTH_MAX) {
		frt_draft_fault(p->x->draft, false, here,
				"<%.60s>: elements are nested deeper than %u",
				(const char *)name, FRT_XML_DEPTH_MAX);
		return false;
	}
	if(++p->x->elements > FRT_XML_ELEMENTS_MAX) {
		frt_draft_fault(p->x->draft, false, here,
				"there are more than %u elements", FRT_XML_ELEMENTS_MAX);
		return false;
	}
	return true;
}

static void on_element(void *data, const xmlChar *name, const xmlChar *prefix,
		const xmlChar *space, int nns, const xmlChar **ns, int nattrs,
		int ndefaulted, const xmlChar **attrs)
{
	xmlParserCtxtPtr ctxt = data;
	parse_t *p = parse_of(ctxt);
	frt_xml_node_t *node;

	(void)nns;
	(void)ns;
	(void)ndefaulted;
	if(!check_element(ctxt, name)) {
		stop(ctxt);
		return;
	}
	node = element_new(ctxt, (uint32_t)nattrs, attrs);
	if(node == NULL)
		return;
	node->name = name_of(name, prefix, space);
	if(frt_xml_is_include(node))
		p->x->asks = true;
	place_element(ctxt, node);
	hang(p, node);
	p->open = node;
	p->text = NULL;
	p->depth++;
}

static void on_element_end(void *data, const xmlChar *name,
		const xmlChar *prefix, const xmlChar *space)
{
	parse_t *p = parse_of(data);

	(void)name;
	(void)prefix;
	(void)space;
	p->open = p->open->parent;
	p->text = NULL;
	p->depth--;
}

/* NULL: there is no memory, or there are enough of them. */
static frt_xml_node_t *text_new(xmlParserCtxtPtr ctxt)
{
	parse_t *p = parse_of(ctxt);
	frt_xml_node_t *node;

	if(p->x->texts == FRT_XML_TEXTS_MAX)
		return NULL;
	node = take(ctxt, sizeof(*node) + FRT_XML_TEXT_MAX);
	if(node == NULL)
		return NULL;
	p->x->texts++;
	node->text.s = (char *)(node + 1);
	node->place = p->open->place;
	hang(p, node);
	return node;
}

/* A text comes in pieces. Nearly all of it is what is between elements, blank,
 * and is not kept. */
static void on_text(void *data, const xmlChar *s, int len)
{
	parse_t *p = parse_of(data);
	const char *from = (const char *)s, *end = from + len;
	size_t n;

	if(p->text == NULL) {
		for(; from < end && frt_xml_is_space(*from); from++)
			;
		if(from == end || p->open == NULL)
			return;
		p->text = text_new(data);
		if(p->text == NULL)
			return;
	}
	n = FRT_XML_TEXT_MAX - p->text->text.len;
	if(n > (size_t)(end - from))
		n = (size_t)(end - from);
	memcpy((char *)(p->text + 1) + p->text->text.len, from, n);
	p->text->text.len += (uint32_t)n;
}

static void on_cdata(void *data, const xmlChar *s, int len)
{
	parse_t *p = parse_of(data);

	p->text = NULL;
	on_text(data, s, len);
	p->text = NULL;
}

/* What stands between two texts, and is nothing to us. */
static void on_comment(void *data, const xmlChar *s)
{
	(void)s;
	parse_of(data)->text = NULL;
}

static void on_instruction(void *data, const xmlChar *name, const xmlChar *s)
{
	(void)name;
	on_comment(data, s);
}

/* Where the '=' is that is one too many for libxml2, or NULL. Few texts have a
 * stretch without '<' that is long enough to be looked at. */
static const char *find_equals(const char *p, const char *end)
{
	while(p < end) {
		const char *tag = memchr(p, '<', (size_t)(end - p));
		const char *to = tag != NULL ? tag : end;
		unsigned equals = 0;

		for(; to - p > (ptrdiff_t)(TAG_EQUALS_MAX - equals); p++) {
			if(*p == '=' && ++equals > TAG_EQUALS_MAX)
				return p;
		}
		p = to + 1;
	}
	return NULL;
}

/* What libxml2 would not take, or would take too long for. */
static bool check_bytes(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len)
{
	const char *nul = memchr(buf, '\0', len);
	const char *at = find_equals(buf, nul != NULL ? nul : buf + len);
	const char *why = NULL;

	if(len == 0)
		why = "the file is empty";
	else if(at != NULL)
		why = "more than 10000 '=' without a '<'";
	else if(nul != NULL)
		why = "a NUL byte: the file must be text in UTF-8";
	if(at == NULL)
		at = nul;
	if(why != NULL)
		frt_draft_fault(x->draft, false,
				frt_xml_line(src, len > 0 ? 1 + lines_in(buf, at) : 0), "%s",
				why);
	return why == NULL;
}

/* The document that libxml2 makes stays empty. */
static void set_handlers(xmlSAXHandlerPtr sax)
{
	sax->startElementNs = on_element;
	sax->endElementNs = on_element_end;
	sax->characters = on_text;
	sax->ignorableWhitespace = on_text;
	sax->cdataBlock = on_cdata;
	sax->comment = on_comment;
	sax->processingInstruction = on_instruction;
	sax->reference = NULL;
	sax->internalSubset = on_doctype;
	sax->serror = (xmlStructuredErrorFunc)on_syntax_fault;
}

frt_xml_node_t *frt_xml_parse(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len)
{
	parse_t p = {.x = x, .src = src, .depth = src->depth};
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
	set_handlers(ctxt->sax);
	/* NOENT: "&amp;" and "&#38;" are replaced; there are no other entities, as
	 * nothing can declare one. No HUGE. */
	doc = xmlCtxtReadMemory(ctxt, buf, (int)len, src->name, NULL,
			XML_PARSE_NONET | XML_PARSE_NOENT);
	if(xmlDictReference(ctxt->dict) == 0)
		x->dicts[x->ndicts++] = ctxt->dict;
	else
		x->nomem = true;
	xmlFreeParserCtxt(ctxt);
	if(p.stopped || x->nomem || doc == NULL)
		p.root = NULL;
	/* without memory libxml2 may find nothing, and say nothing either */
	if(p.root == NULL && p.faults == 0 && !p.stopped && !x->nomem)
		frt_draft_fault(x->draft, false, frt_xml_line(src, 0), "XML syntax");
	xmlFreeDoc(doc);
	return p.root;
}

void frt_xml_free(frt_xml_t *x)
{
	while(x->ndicts > 0)
		xmlDictFree(x->dicts[--x->ndicts]);
	free(x->folder);
}
