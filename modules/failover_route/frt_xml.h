/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The XML source of a draft. Needs libxml2 and nothing of Kamailio: the
 * command-line tool and the tests link it too. Neither network nor entities;
 * XInclude reads files in the configuration's own folder only.
 */
#ifndef FRT_XML_H
#define FRT_XML_H

#include "engine/frt_draft.h"

#define FRT_XML_BYTES_MAX (64u << 20) /* of all files together */
#define FRT_XML_ELEMENTS_MAX 2000000u
#define FRT_XML_DEPTH_MAX 16u /* elements in elements */
#define FRT_XML_INCLUDES_MAX 64u
#define FRT_XML_INCLUDE_DEPTH_MAX 8u /* files in files */

/* Reads a file into the draft. All faults are noted in the draft with file and
 * line; frt_draft_check() is still to be called when every source was read.
 * Returns 0, FRT_E_DRAFT (there are new errors) or FRT_E_NOMEM. Reads no clock,
 * keeps nothing of the file open. Not for two threads at once. */
int frt_xml_read(frt_draft_t *d, const char *file);
/* The same for a text in memory, called name in faults. It cannot include
 * other files. */
int frt_xml_read_memory(
		frt_draft_t *d, const char *name, const char *buf, size_t len);

#endif
