/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the XML source share: loading makes one tree of all
 * files, in which every element and attribute knows its place; walking it
 * fills the draft. The tree is ours, not libxml2's, which takes an allocation
 * for each node, each attribute and each value, and longer to free them than a
 * reload may take. It lives in the draft's memory and has only what the walk
 * asks for.
 */
#ifndef FRT_XML_PRIV_H
#define FRT_XML_PRIV_H

#include "frt_xml.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <string.h>
#include <sys/types.h>

#define FRT_XI_NAMESPACE "http://www.w3.org/2001/XInclude"

/* Older releases hand error handlers a pointer that is not const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError frt_xml_error_t;
#else
typedef xmlError frt_xml_error_t;
#endif

/* The name of an element or attribute, as the parser's dictionary has it. */
typedef struct frt_xml_name
{
	frt_str_t local;
	const char *prefix; /* NULL: none */
	const char *space;	/* its namespace, NULL: none */
} frt_xml_name_t;

typedef struct frt_xml_attr
{
	frt_xml_name_t name;
	frt_str_t value;
	frt_place_t place;
} frt_xml_attr_t;

#define FRT_XML_TEXT_MAX 256u	 /* of a text is kept, for the fault it is */
#define FRT_XML_TEXTS_MAX 10000u /* are kept: more faults nobody is shown */

/* An element, or a text that is not blank. */
typedef struct frt_xml_node
{
	frt_xml_name_t name; /* of a text: local.s is NULL */
	frt_str_t text;		 /* without the blanks before it */
	frt_place_t place;	 /* of a text: its element's */
	frt_xml_attr_t *attrs;
	uint32_t nattrs;
	struct frt_xml_node *parent;
	struct frt_xml_node *children;
	struct frt_xml_node *last;
	struct frt_xml_node *next;
} frt_xml_node_t;

/* One reading, with everything it includes. */
typedef struct frt_xml
{
	frt_draft_t *draft;
	char *folder; /* real path of the first file's folder; NULL: no includes */
	size_t bytes;
	unsigned elements;
	unsigned texts;
	unsigned includes;
	bool nomem;
	bool asks; /* an <xi:include> was seen */
	unsigned ndicts;
	xmlDictPtr dicts[1 + FRT_XML_INCLUDES_MAX]; /* the names are theirs */
} frt_xml_t;

/* One file while it is read; they form a chain up to the first. */
typedef struct frt_xml_source
{
	const struct frt_xml_source *parent;
	const char *name; /* as faults call it; lives as long as the draft */
	char *path;		  /* its real path; NULL: a text in memory */
	dev_t dev;
	ino_t ino;
	unsigned files; /* it is inside so many others */
	unsigned depth; /* it is inside so many elements */
} frt_xml_source_t;

/* A line of a source. */
frt_place_t frt_xml_line(const frt_xml_source_t *src, unsigned line);
/* Parses a text, without its includes. Faults are noted; NULL if it is no
 * XML. The tree lives until frt_xml_free(). */
frt_xml_node_t *frt_xml_parse(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len);
/* Frees what a reading has; what is in the draft stays. */
void frt_xml_free(frt_xml_t *x);

/* Loads a file, or a text if buf is not NULL, with all that it includes.
 * Faults are noted; NULL if there is no tree to go on with. It lives as the one
 * of frt_xml_parse(). */
frt_xml_node_t *frt_xml_load(
		frt_xml_t *x, const char *name, const char *buf, size_t len);

/* Fills the draft from the tree. 0 or FRT_E_NOMEM. */
int frt_xml_walk(frt_draft_t *d, const frt_xml_node_t *root);

static inline bool frt_xml_is_element(const frt_xml_node_t *node)
{
	return node->name.local.s != NULL;
}

/* Is it this name, in no namespace? */
static inline bool frt_xml_is(const frt_xml_name_t *name, frt_str_t local)
{
	return name->prefix == NULL && name->space == NULL
		   && frt_str_eq(name->local, local);
}

/* The attribute of that name without namespace, or NULL. */
static inline const frt_xml_attr_t *frt_xml_attr(
		const frt_xml_node_t *node, frt_str_t name)
{
	uint32_t i;

	for(i = 0; i < node->nattrs; i++) {
		if(frt_xml_is(&node->attrs[i].name, name))
			return &node->attrs[i];
	}
	return NULL;
}

static inline bool frt_xml_is_include(const frt_xml_node_t *node)
{
	return node->name.space != NULL
		   && strcmp(node->name.space, FRT_XI_NAMESPACE) == 0
		   && frt_str_eq(node->name.local, FRT_STR("include"));
}

static inline bool frt_xml_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

#endif
