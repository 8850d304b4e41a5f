/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether two XML trees say the same, whatever their layout: what a tool asks
 * before it puts one file in the place of another.
 */
#ifndef FRT_CLI_SAME_H
#define FRT_CLI_SAME_H

#include <libxml/tree.h>

#include <stdbool.h>

/* A node that says something: an element, comment or instruction. */
bool cli_same_counts(const xmlNode *node);
/* A text of blanks only. */
bool cli_same_blank(const xmlNode *node);
/* Do two lists of siblings say the same? The order of attributes, and blanks
 * between elements, do not matter; all else does. */
bool cli_same(const xmlNode *a, const xmlNode *b);

#endif
