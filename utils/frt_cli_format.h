/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The canonical form of a configuration file: one layout, which only depends
 * on what the file says, and is its own canonical form.
 *
 * An element per line and two blanks per level; attributes in the order of the
 * module's table, broken at column 80; values as they were written; comments
 * and their words as they were, those at the end of a line too; one blank line
 * where there were some; includes and processing instructions kept; UTF-8.
 */
#ifndef FRT_CLI_FORMAT_H
#define FRT_CLI_FORMAT_H

#include "frt_cli_mem.h"

/* Writes the canonical form of a text that the module accepts, without
 * following its includes. The result was read again and compared with the
 * text: it has all that was in it. NULL, or why not (static text); out is
 * then empty. */
const char *cli_format(const char *text, size_t len, cli_buf_t *out);
/* Adds an attribute's value, without the quotes around it. */
void cli_format_value(cli_buf_t *out, const char *value);

#endif
