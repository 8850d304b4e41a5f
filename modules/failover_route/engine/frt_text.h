/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What texts of operators have in common: UTF-8, ids, typing errors. Pure
 * functions. Must not know drafts or attributes.
 */
#ifndef FRT_TEXT_H
#define FRT_TEXT_H

#include "frt_base.h"

/* Reads one UTF-8 character (RFC 3629) of a text that is not empty. Returns
 * its bytes, or 0 if it is malformed. */
uint32_t frt_utf8_next(frt_str_t s, uint32_t *cp);
/* False for control, format and layout characters and for every blank. */
bool frt_utf8_printable(uint32_t cp);
/* The longest start of s of at most max bytes that cuts no character. */
frt_str_t frt_utf8_cut(frt_str_t s, uint32_t max);

/* The value of a hexadecimal digit, or -1. */
static inline int frt_hex_digit(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if(c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Checks a set's or destination's id: any printable UTF-8 but blanks and
 * commas, no '*' first, at most max bytes. Returns NULL, or what is wrong. */
const char *frt_id_check(frt_str_t id, uint32_t max);
/* Checks an attribute's name, which scripts write in $xavp(frt=>attr_<name>):
 * letters, digits, '_', '-' and '.'. Returns NULL, or what is wrong. */
const char *frt_attr_name_check(frt_str_t name);

/* True if one is likely a typing error of the other: one or two letters
 * added, lost, changed or swapped. distance is smaller for closer ones. */
bool frt_text_close(frt_str_t a, frt_str_t b, unsigned *distance);

/* Adds s in quotes, made harmless and short, as in weight="abc". */
void frt_buf_add_quoted(frt_buf_t *b, frt_str_t s);
/* Adds a duration as the file has it: "500ms", "4s", "5m". */
void frt_buf_add_duration(frt_buf_t *b, uint32_t ms);
/* Replaces, in place, what must not reach a log: control characters, broken
 * UTF-8 and a character cut at the end. */
void frt_text_clean(char *s);

#endif
