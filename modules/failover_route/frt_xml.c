/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The XML source: load and walk. The walk refuses what the RELAX NG schema in
 * etc/ refuses, and more, and says what was expected; the tests hold the two
 * against each other. libxml2 is not asked at run time: its validator takes
 * twice as long for each optional attribute of an element, and minutes for a
 * set that has eighteen.
 */
#include "frt_xml_priv.h"

static int read_all(
		frt_draft_t *d, const char *name, const char *buf, size_t len)
{
	frt_xml_t x = {.draft = d};
	uint32_t before = frt_draft_errors(d);
	const frt_xml_node_t *root;
	int err = 0;

	xmlInitParser();
	root = frt_xml_load(&x, name, buf, len);
	if(x.nomem)
		err = FRT_E_NOMEM;
	if(err == 0 && root != NULL)
		err = frt_xml_walk(d, root);
	frt_xml_free(&x);
	if(err != 0)
		return err;
	return frt_draft_errors(d) == before ? 0 : FRT_E_DRAFT;
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
