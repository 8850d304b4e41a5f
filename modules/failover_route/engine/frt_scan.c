/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the raw bytes of a SIP message. They come from the network: nothing
 * is assumed but their number.
 */
#include "frt_scan.h"

#include <string.h>

/* strchr() alone would find a NUL in every list. */
static bool is_one_of(char c, const char *list)
{
	return c != '\0' && strchr(list, c) != NULL;
}

static bool is_token(char c)
{
	if(frt_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return is_one_of(c, "-.!%*_+`'~");
}

void frt_scan_space(frt_scan_t *s)
{
	while(s->p < s->end && frt_scan_is_space(*s->p))
		s->p++;
}

bool frt_scan_take(frt_scan_t *s, char c)
{
	frt_scan_space(s);
	if(s->p == s->end || *s->p != c)
		return false;
	s->p++;
	frt_scan_space(s);
	return true;
}

frt_str_t frt_scan_token(frt_scan_t *s)
{
	const char *from = s->p;

	while(s->p < s->end && is_token(*s->p))
		s->p++;
	return (frt_str_t){from, (uint32_t)(s->p - from)};
}

int32_t frt_scan_number(frt_scan_t *s)
{
	const char *from = s->p;
	int32_t n = 0;

	for(; s->p < s->end && frt_is_digit(*s->p); s->p++) {
		int32_t digit = *s->p - '0';
		n = n > (INT32_MAX - digit) / 10 ? INT32_MAX : n * 10 + digit;
	}
	if(s->p == from)
		return -1;
	if(s->p < s->end && !frt_scan_is_space(*s->p) && !is_one_of(*s->p, "(;,"))
		return -1;
	return n;
}

/* Steps over a quoted string; false if it never ends. */
static bool skip_quoted(frt_scan_t *s)
{
	for(s->p++; s->p < s->end; s->p++) {
		if(*s->p == '"') {
			s->p++;
			return true;
		}
		if(*s->p == '\\' && s->end - s->p > 1)
			s->p++;
	}
	return false;
}

/* The end of the line that starts at p: behind its LF, or the end. */
static const char *line_end(const char *p, const char *end)
{
	const char *lf = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;

	return lf ? lf + 1 : end;
}

static bool is_blank(const char *p, const char *end)
{
	return *p == '\n' || (*p == '\r' && end - p > 1 && p[1] == '\n');
}

/* Cuts the next header line, with the lines folded onto it, from the message.
 * False at the blank line or the end. */
static bool next_header(frt_scan_t *msg, frt_scan_t *line)
{
	if(msg->p == msg->end || is_blank(msg->p, msg->end))
		return false;
	line->p = msg->p;
	do {
		msg->p = line_end(msg->p, msg->end);
	} while(msg->p < msg->end && (*msg->p == ' ' || *msg->p == '\t'));
	line->end = msg->p;
	return true;
}

/* Letters that differ in case at most; others may pass, too. */
static bool may_begin(frt_str_t name, char c)
{
	return name.len > 0 && ((name.s[0] ^ c) & ~0x20) == 0;
}

/* Is the line a header of that name? Then steps behind its colon. */
static bool is_named(frt_scan_t *line, frt_str_t name, frt_str_t compact)
{
	frt_str_t found;

	/* most lines are another header: no need to read its name */
	if(!may_begin(name, *line->p) && !may_begin(compact, *line->p))
		return false;
	found = frt_scan_token(line);
	return (frt_str_eq_nocase(found, name)
				   || (compact.len && frt_str_eq_nocase(found, compact)))
		   && frt_scan_take(line, ':');
}

bool frt_scan_named(
		frt_scan_t *msg, frt_str_t name, frt_str_t compact, frt_scan_t *value)
{
	while(next_header(msg, value)) {
		if(is_named(value, name, compact))
			return true;
	}
	return false;
}

bool frt_scan_header(frt_scan_t *msg, frt_str_t name, frt_scan_t *line)
{
	while(next_header(msg, line)) {
		frt_scan_t value = *line;

		if(is_named(&value, name, (frt_str_t){NULL, 0}))
			return true;
	}
	return false;
}

frt_scan_t frt_scan_begin(const char *msg, size_t len)
{
	frt_scan_t s = {msg, msg ? msg + len : msg};

	while(s.p < s.end && (*s.p == '\r' || *s.p == '\n'))
		s.p++;
	return s;
}

bool frt_scan_value(frt_scan_t *v)
{
	while(v->p < v->end && *v->p != ';' && *v->p != ',') {
		if(*v->p != '"')
			v->p++;
		else if(!skip_quoted(v))
			return false;
	}
	return true;
}
