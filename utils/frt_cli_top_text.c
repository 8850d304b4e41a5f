/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is sent to the terminal, made harmless and of known width.
 */
#define _GNU_SOURCE /* wcwidth, strcasestr */
#include "frt_cli_top_text.h"

#include "frt_text.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

/* One character at *s as it may be shown, into unit; *s moves on. Returns its
 * columns. */
static int next_unit(frt_str_t *s, char *unit, size_t size)
{
	uint32_t cp, n = frt_utf8_next(*s, &cp);
	int columns = n ? wcwidth((wchar_t)cp) : -1;

	if(n && columns >= 0 && (cp == ' ' || frt_utf8_printable(cp))) {
		snprintf(unit, size, "%.*s", (int)n, s->s);
	} else if(n == 0 || cp < 0x80) {
		columns = snprintf(unit, size, "\\x%02x", (unsigned char)s->s[0]);
	} else {
		columns = snprintf(unit, size, "\\u%04x", (unsigned)cp);
	}
	n = n ? n : 1;
	s->s += n;
	s->len -= n;
	return columns;
}

int top_text(const char *s, int width, char *out, size_t size)
{
	frt_str_t rest = {s ? s : "", s ? (uint32_t)strlen(s) : 0};
	int used = 0, fits = 0;
	size_t len = 0, cut = 0; /* cut: where '~' still has its column */
	char unit[16];

	while(rest.len > 0) {
		int columns = next_unit(&rest, unit, sizeof(unit));
		size_t n = strlen(unit);

		if(used + columns > width || len + n + 1 >= size) {
			if(width > 0 && cut + 2 <= size) {
				out[cut++] = '~';
				fits++;
			}
			out[cut] = '\0';
			return fits;
		}
		memcpy(out + len, unit, n);
		len += n;
		used += columns;
		if(used < width) {
			cut = len;
			fits = used;
		}
	}
	out[len] = '\0';
	return used;
}

void top_text_json(char *s, size_t len)
{
	frt_str_t rest = {s, 0};
	uint32_t cp, n;
	size_t at;

	for(at = 0; at < len; at += n) {
		rest.s = s + at;
		rest.len = len - at > 4 ? 4 : (uint32_t)(len - at);
		n = frt_utf8_next(rest, &cp);
		if(n == 0) {
			s[at] = '?';
			n = 1;
		} else if(cp < 0x20) {
			s[at] = ' ';
		}
	}
}

size_t top_text_break(const char *s, size_t columns)
{
	size_t len = strlen(s), at;

	if(len <= columns)
		return len;
	for(at = columns; at > columns / 2; at--) {
		if(s[at] == ' ')
			return at;
	}
	return len; /* the screen cuts it */
}

bool top_text_has(const char *s, const char *part)
{
	return strcasestr(s ? s : "", part) != NULL;
}

void top_text_age(long long ms, char *out, size_t size)
{
	long long s = ms / 1000;

	if(ms <= 0)
		out[0] = '\0';
	else if(s < 120)
		snprintf(out, size, "%llds", s);
	else if(s < 7200)
		snprintf(out, size, "%lldm", s / 60);
	else if(s < 172800)
		snprintf(out, size, "%lldh", s / 3600);
	else
		snprintf(out, size, "%lldd", s / 86400);
}
