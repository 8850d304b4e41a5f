/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds Retry-After and Reason in the raw bytes of a SIP message. The bytes
 * come from the network: nothing is assumed but their number. Knows no more
 * of SIP than header lines, folding, tokens and quoted strings; neither
 * header has a compact form (RFC 3261 section 7.3.3, RFC 3326).
 */
#include "frt_policy.h"

#include <string.h>

/* What is left to read. */
typedef struct frt_scan
{
	const char *p;
	const char *end;
} frt_scan_t;

/* A folded line's CRLF counts as space: RFC 3261 section 25.1, LWS. */
static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* strchr() alone would find a NUL in every list. */
static bool is_one_of(char c, const char *list)
{
	return c != '\0' && strchr(list, c) != NULL;
}

static bool is_token(char c)
{
	if(is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return is_one_of(c, "-.!%*_+`'~");
}

static void skip_space(frt_scan_t *s)
{
	while(s->p < s->end && is_space(*s->p))
		s->p++;
}

/* Steps over one character, and the space around it, if it comes next. */
static bool take(frt_scan_t *s, char c)
{
	skip_space(s);
	if(s->p == s->end || *s->p != c)
		return false;
	s->p++;
	skip_space(s);
	return true;
}

static frt_str_t take_token(frt_scan_t *s)
{
	const char *from = s->p;

	while(s->p < s->end && is_token(*s->p))
		s->p++;
	return (frt_str_t){from, (uint32_t)(s->p - from)};
}

/* The number that comes next, saturated to INT32_MAX; -1 if there is none or
 * it goes on as something else: "12h", "1.5". */
static int32_t take_number(frt_scan_t *s)
{
	const char *from = s->p;
	int32_t n = 0;

	for(; s->p < s->end && is_digit(*s->p); s->p++) {
		int32_t digit = *s->p - '0';
		n = n > (INT32_MAX - digit) / 10 ? INT32_MAX : n * 10 + digit;
	}
	if(s->p == from)
		return -1;
	if(s->p < s->end && !is_space(*s->p) && !is_one_of(*s->p, "(;,"))
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

/* The next header of that name; *value begins behind its colon. The start
 * line is looked at too: it has no name of this kind. */
static bool next_named(frt_scan_t *msg, frt_str_t name, frt_scan_t *value)
{
	while(next_header(msg, value)) {
		if(frt_str_eq_nocase(take_token(value), name) && take(value, ':'))
			return true;
	}
	return false;
}

static frt_scan_t scan_init(const char *msg, size_t len)
{
	frt_scan_t s = {msg, msg ? msg + len : msg};

	/* Empty lines may come before a message: RFC 3261 section 7.5. */
	while(s.p < s.end && (*s.p == '\r' || *s.p == '\n'))
		s.p++;
	return s;
}

int64_t frt_hdr_retry_after(const char *msg, size_t len)
{
	frt_scan_t s = scan_init(msg, len), v;

	while(next_named(&s, FRT_STR("Retry-After"), &v)) {
		int32_t n = take_number(&v);
		if(n >= 0)
			return n;
	}
	return FRT_RETRY_AFTER_NONE;
}

/* Steps over a parameter's value: a token, a quoted string or what it is. */
static bool skip_value(frt_scan_t *v)
{
	while(v->p < v->end && *v->p != ';' && *v->p != ',') {
		if(*v->p != '"')
			v->p++;
		else if(!skip_quoted(v))
			return false;
	}
	return true;
}

/* Reads one reason-value, "Q.850;cause=34;text=\"...\"". False if the rest of
 * the line cannot be trusted. */
static bool take_reason(frt_scan_t *v, frt_str_t *protocol, int32_t *cause)
{
	*cause = FRT_CAUSE_NONE;
	*protocol = take_token(v);
	while(take(v, ';')) {
		frt_str_t name = take_token(v);
		if(!take(v, '='))
			continue;
		if(*cause == FRT_CAUSE_NONE
				&& frt_str_eq_nocase(name, FRT_STR("cause")))
			*cause = take_number(v);
		if(!skip_value(v))
			return false;
	}
	return true;
}

int32_t frt_hdr_reason_cause(const char *msg, size_t len)
{
	frt_scan_t s = scan_init(msg, len), v;
	int32_t sip = FRT_CAUSE_NONE, cause;
	frt_str_t protocol;

	while(next_named(&s, FRT_STR("Reason"), &v)) {
		do {
			if(!take_reason(&v, &protocol, &cause))
				break;
			if(cause == FRT_CAUSE_NONE)
				continue;
			if(frt_str_eq_nocase(protocol, FRT_STR("Q.850")))
				return cause;
			if(sip == FRT_CAUSE_NONE
					&& frt_str_eq_nocase(protocol, FRT_STR("SIP")))
				sip = cause;
		} while(take(&v, ','));
	}
	return sip;
}
