/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text of others on a terminal: ids, URIs and reasons may be anything, and a
 * terminal obeys what it is sent.
 */
#ifndef FRT_CLI_TOP_TEXT_H
#define FRT_CLI_TOP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that any text of so many columns fits into, with its NUL. */
#define TOP_TEXT_SIZE(columns) ((columns)*8 + 1)
#define TOP_WIDE 4096 /* columns: more than a line of anybody has */

/* Writes s into out, at most width columns of it. Control, format and layout
 * characters, broken UTF-8 and what the locale cannot show are written as
 * \x1b or \u202e; a text that was cut ends with '~'. s may be NULL. Returns
 * the columns used. */
int top_text(const char *s, int width, char *out, size_t size);

/* Makes len bytes of an answer acceptable to a JSON parser, in place: broken
 * UTF-8 becomes '?', a control character a blank. */
void top_text_json(char *s, size_t len);

/* Bytes of s for a line of so many columns: up to a blank if there is one in its
 * second half, else all. */
size_t top_text_break(const char *s, size_t columns);

/* Is part in s, whatever the case of its ASCII letters? NULL is "". */
bool top_text_has(const char *s, const char *part);

/* "3s", "12m", "4h", "31d" of ms; "" of 0. */
void top_text_age(long long ms, char *out, size_t size);

#endif
