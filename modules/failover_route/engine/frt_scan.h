/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the raw bytes of a SIP message: header lines, folding, tokens,
 * numbers and quoted strings. Must not know what any header means.
 */
#ifndef FRT_SCAN_H
#define FRT_SCAN_H

#include "frt_base.h"

/* What is left to read; nothing reads at or behind the end. */
typedef struct frt_scan
{
	const char *p;
	const char *end;
} frt_scan_t;

/* A whole message; msg may be NULL if len is 0. Empty lines may come before
 * it: RFC 3261 section 7.5. */
frt_scan_t frt_scan_begin(const char *msg, size_t len);
/* The next header of that name, or of that compact form (RFC 3261 section
 * 7.3.3; empty: it has none); *value begins behind its colon and has the lines
 * folded onto it. The start line is looked at too: it has no name of this
 * kind. False at the blank line or the end. */
bool frt_scan_named(
		frt_scan_t *msg, frt_str_t name, frt_str_t compact, frt_scan_t *value);

/* The same for one that has no compact form; *line is the whole of it, from its
 * name to behind its last CRLF. Where it answers false, msg->p is at the blank
 * line that ends the headers, or at the end. */
bool frt_scan_header(frt_scan_t *msg, frt_str_t name, frt_scan_t *line);

/* Space between tokens? A folded line's CRLF is some (RFC 3261 section 25.1, LWS). */
static inline bool frt_scan_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
/* Steps over space; a folded line's CRLF is one. */
void frt_scan_space(frt_scan_t *s);
/* Steps over one character, and the space around it, if it comes next. */
bool frt_scan_take(frt_scan_t *s, char c);
/* The token that comes next; empty if there is none. */
frt_str_t frt_scan_token(frt_scan_t *s);
/* The number that comes next, saturated to INT32_MAX; -1 if there is none or
 * it goes on as something else: "12h", "1.5". */
int32_t frt_scan_number(frt_scan_t *s);
/* Steps over a parameter's value: a token, a quoted string or what it is, up
 * to the next ';' or ','. False if a quoted string never ends. */
bool frt_scan_value(frt_scan_t *s);

#endif
