/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the files of the XML source share: loading makes one tree of all
 * files, in which every element and attribute knows its place; walking it
 * fills the draft.
 */
#ifndef FRT_XML_PRIV_H
#define FRT_XML_PRIV_H

#include "frt_xml.h"

#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <sys/types.h>

#define FRT_XI_NAMESPACE "http://www.w3.org/2001/XInclude"

/* Older releases hand error handlers a pointer that is not const. */
#if LIBXML_VERSION >= 21200
typedef const xmlError frt_xml_error_t;
#else
typedef xmlError frt_xml_error_t;
#endif

/* One reading, with everything it includes. */
typedef struct frt_xml
{
	frt_draft_t *draft;
	char *folder; /* real path of the first file's folder; NULL: no includes */
	size_t bytes;
	unsigned elements;
	unsigned includes;
	bool nomem;
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
 * XML. The caller frees the tree. */
xmlDocPtr frt_xml_parse(
		frt_xml_t *x, const frt_xml_source_t *src, const char *buf, size_t len);

/* Loads a file, or a text if buf is not NULL, with all that it includes.
 * Faults are noted; NULL if there is no tree to go on with. The caller frees
 * the tree. */
xmlDocPtr frt_xml_load(
		frt_xml_t *x, const char *name, const char *buf, size_t len);

/* Fills the draft from the tree. 0 or FRT_E_NOMEM. */
int frt_xml_walk(frt_draft_t *d, xmlNodePtr root);

/* Where an element or attribute of a loaded tree stands. */
frt_place_t frt_xml_place(const xmlNode *node);

static inline frt_str_t frt_xml_str(const xmlChar *s)
{
	frt_str_t r = {(const char *)s, s != NULL ? (uint32_t)xmlStrlen(s) : 0};
	return r;
}

#endif
