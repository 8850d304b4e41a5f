/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The XML source: load, walk, and as a last net the schema. Our own walk finds
 * nearly every fault and says what was expected; the schema catches what it
 * may have missed.
 */
#include "frt_xml_priv.h"
#include "frt_schema.h"

#include <libxml/parser.h>
#include <libxml/relaxng.h>

#include <stdlib.h>
#include <string.h>

#define SCHEMA_FAULTS_MAX 3 /* one mistake makes libxml2 say several things */

typedef struct schema_check
{
	frt_draft_t *draft;
	frt_place_t root;
	unsigned noted;
} schema_check_t;

static uint32_t count_errors(const frt_draft_t *d)
{
	uint32_t errors;

	frt_draft_faults(d, NULL, &errors, NULL);
	return errors;
}

static void on_schema_fault(void *data, frt_xml_error_t *error)
{
	schema_check_t *c = data;
	frt_place_t place = c->root;
	const char *text = error->message != NULL ? error->message : "invalid";
	int len = (int)strcspn(text, "\n");

	if(error->level < XML_ERR_ERROR || c->noted == SCHEMA_FAULTS_MAX)
		return;
	c->noted++;
	if(error->node != NULL)
		place = frt_xml_place(error->node);
	frt_draft_fault(c->draft, false, place, "schema: %.*s", len, text);
}

/* The embedded schema is part of the build: that it does not compile is noted
 * like a fault, and every test would find it. */
static xmlRelaxNGPtr schema_parse(schema_check_t *c)
{
	xmlRelaxNGParserCtxtPtr parser;
	xmlRelaxNGPtr schema;

	parser = xmlRelaxNGNewMemParserCtxt(
			(const char *)frt_schema_rng, (int)frt_schema_rng_len);
	if(parser == NULL)
		return NULL;
	xmlRelaxNGSetParserStructuredErrors(
			parser, (xmlStructuredErrorFunc)on_schema_fault, c);
	schema = xmlRelaxNGParse(parser);
	xmlRelaxNGFreeParserCtxt(parser);
	return schema;
}

static int schema_check(frt_draft_t *d, xmlDocPtr doc)
{
	schema_check_t c = {d, frt_xml_place(xmlDocGetRootElement(doc)), 0};
	xmlRelaxNGPtr schema = schema_parse(&c);
	xmlRelaxNGValidCtxtPtr valid = NULL;
	int result = -1;

	if(schema != NULL)
		valid = xmlRelaxNGNewValidCtxt(schema);
	if(valid != NULL) {
		xmlRelaxNGSetValidStructuredErrors(
				valid, (xmlStructuredErrorFunc)on_schema_fault, &c);
		result = xmlRelaxNGValidateDoc(valid, doc);
		xmlRelaxNGFreeValidCtxt(valid);
	}
	if(schema != NULL)
		xmlRelaxNGFree(schema);
	if(result > 0 && c.noted == 0)
		frt_draft_fault(d, false, c.root, "schema: the file is not valid");
	return result < 0 && c.noted == 0 ? FRT_E_NOMEM : 0;
}

static int read_all(
		frt_draft_t *d, const char *name, const char *buf, size_t len)
{
	frt_xml_t x = {.draft = d};
	uint32_t before = count_errors(d);
	xmlDocPtr doc;
	int err = 0;

	xmlInitParser();
	doc = frt_xml_load(&x, name, buf, len);
	free(x.folder);
	if(x.nomem)
		err = FRT_E_NOMEM;
	if(err == 0 && doc != NULL)
		err = frt_xml_walk(d, xmlDocGetRootElement(doc));
	if(err == 0 && doc != NULL && count_errors(d) == before)
		err = schema_check(d, doc);
	if(doc != NULL)
		xmlFreeDoc(doc);
	if(err != 0)
		return err;
	return count_errors(d) == before ? 0 : FRT_E_DRAFT;
}

int frt_xml_read(frt_draft_t *d, const char *file)
{
	return read_all(d, file, NULL, 0);
}

int frt_xml_read_memory(
		frt_draft_t *d, const char *name, const char *buf, size_t len)
{
	return read_all(d, name, len > 0 ? buf : "", len);
}
