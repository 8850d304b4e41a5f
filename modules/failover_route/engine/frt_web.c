/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Headers and targets of HTTP requests.
 */
#include "frt_web.h"
#include "frt_conf.h"
#include "frt_text.h"

#include <string.h>

static frt_str_t trim(frt_str_t s)
{
	while(s.len > 0 && (*s.s == ' ' || *s.s == '\t')) {
		s.s++;
		s.len--;
	}
	while(s.len > 0 && (s.s[s.len - 1] == ' ' || s.s[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static frt_str_t slice(const char *from, const char *to)
{
	return (frt_str_t){from, (uint32_t)(to - from)};
}

/* Where c is in a text that is there, or its end. */
static const char *find(frt_str_t s, char c)
{
	const char *at = memchr(s.s, c, s.len);

	return at ? at : s.s + s.len;
}

/* The host of "host[:port]", brackets included; empty if it is malformed. */
static frt_str_t host_of(frt_str_t header)
{
	static const frt_str_t none = {NULL, 0};
	const char *end = header.s + header.len, *at, *p;

	if(header.len == 0)
		return none;
	at = find(header, *header.s == '[' ? ']' : ':');
	if(*header.s == '[') {
		if(at == end)
			return none;
		at++;
	}
	if(at < end && *at != ':')
		return none;
	for(p = at + 1; p < end; p++) {
		if(*p < '0' || *p > '9')
			return none;
	}
	/* "sip1." is the same name */
	if(at > header.s + 1 && at[-1] == '.')
		return slice(header.s, at - 1);
	return slice(header.s, at);
}

static bool listed(frt_str_t host, frt_str_t list)
{
	const char *end, *from, *at;

	if(list.len == 0)
		return false;
	end = list.s + list.len;
	for(from = list.s; from < end; from = at + 1) {
		frt_str_t word;

		for(at = from; at < end && !strchr(", \t", *at); at++)
			;
		word = slice(from, at);
		if(word.len > 0
				&& (frt_str_eq(word, FRT_STR("*"))
						|| frt_str_eq_nocase(word, host)))
			return true;
	}
	return false;
}

bool frt_web_host_ok(frt_str_t header, frt_str_t allowed)
{
	frt_str_t host = host_of(trim(header));
	uint8_t addr[16];

	return host.len > 0
		   && (frt_ip_parse(host, addr) == 0
				   || frt_str_eq_nocase(host, FRT_STR("localhost"))
				   || listed(host, allowed));
}

bool frt_web_same_origin(frt_str_t origin, frt_str_t host)
{
	static const char *const schemes[] = {"http://", "https://"};
	size_t i, n;

	origin = trim(origin);
	host = trim(host);
	for(i = 0; i < 2; i++) {
		n = strlen(schemes[i]);
		if(origin.len > n
				&& frt_str_eq_nocase((frt_str_t){origin.s, (uint32_t)n},
						(frt_str_t){schemes[i], (uint32_t)n}))
			return host.len > 0
				   && frt_str_eq_nocase(
						   (frt_str_t){origin.s + n, origin.len - (uint32_t)n},
						   host);
	}
	return false;
}

bool frt_web_is_type(frt_str_t header, frt_str_t type)
{
	return header.len > 0
		   && frt_str_eq_nocase(trim(slice(header.s, find(header, ';'))), type);
}

static bool decode(frt_str_t in, char *out, size_t size)
{
	const char *p, *end = in.s + in.len;
	size_t len = 0;

	for(p = in.s; p < end; p++) {
		char c = *p == '+' ? ' ' : *p;

		if(c == '%') {
			int hi = end - p > 2 ? frt_hex_digit(p[1]) : -1;
			int lo = end - p > 2 ? frt_hex_digit(p[2]) : -1;

			if(hi < 0 || lo < 0)
				return false;
			c = (char)(hi << 4 | lo);
			p += 2;
		}
		if(c == '\0' || len + 1 >= size)
			return false;
		out[len++] = c;
	}
	out[len] = '\0';
	return true;
}

int frt_web_query(frt_str_t query, const char *name, char *out, size_t size)
{
	frt_str_t wanted = frt_str_of(name);
	const char *end, *from, *to, *eq;

	if(query.len == 0)
		return 0;
	end = query.s + query.len;
	for(from = query.s; from < end; from = to + 1) {
		to = find(slice(from, end), '&');
		eq = find(slice(from, to), '=');
		if(eq < to && frt_str_eq(slice(from, eq), wanted))
			return decode(slice(eq + 1, to), out, size) ? 1 : FRT_E_INVAL;
	}
	return 0;
}
