/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * UTF-8, ids and typing errors.
 */
#include "frt_text.h"
#include "frt_conf.h"

#include <string.h>

#define QUOTED_MAX 64 /* bytes of a value shown in a fault */
#define SECOND_MS 1000u
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SUGGEST_MAX 24 /* longest name a suggestion is looked for */

uint32_t frt_utf8_next(frt_str_t s, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = (unsigned char)s.s[0];
	uint32_t n, i;

	if(c < 0x80) {
		*cp = c;
		return 1;
	}
	n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
	if(c < 0xc2 || c > 0xf4 || n > s.len)
		return 0;
	c &= 0xffu >> (n + 1);
	for(i = 1; i < n; i++) {
		uint32_t next = (unsigned char)s.s[i];
		if((next & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (next & 0x3f);
	}
	if(c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool frt_utf8_printable(uint32_t cp)
{
	static const struct
	{
		uint32_t from;
		uint32_t to;
	} hidden[] = {{0x0, 0x20}, {0x7f, 0xa0}, {0xad, 0xad}, {0x61c, 0x61c},
			{0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200f},
			{0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
			{0xe000, 0xf8ff}, /* private use */
			{0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb},
			{0xfffe, 0xffff}, {0xe0000, 0x10ffff}};
	size_t i;

	for(i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		if(cp >= hidden[i].from && cp <= hidden[i].to)
			return false;
	}
	return true;
}

frt_str_t frt_utf8_cut(frt_str_t s, uint32_t max)
{
	if(s.len <= max)
		return s;
	while(max > 0 && ((unsigned char)s.s[max] & 0xc0) == 0x80)
		max--;
	s.len = max;
	return s;
}

const char *frt_id_check(frt_str_t id, uint32_t max)
{
	uint32_t cp, n;
	frt_str_t rest = id;

	if(id.len == 0)
		return "it is empty";
	if(id.len > max)
		return "it is too long";
	if(id.s[0] == '*')
		return "it begins with '*'";
	for(; rest.len > 0; rest.s += n, rest.len -= n) {
		n = frt_utf8_next(rest, &cp);
		if(n == 0)
			return "it is not valid UTF-8";
		if(cp == ',')
			return "it has a comma";
		if(!frt_utf8_printable(cp))
			return "it has a blank or a character that cannot be seen";
	}
	return NULL;
}

const char *frt_attr_name_check(frt_str_t name)
{
	uint32_t i;

	if(name.len == 0)
		return "it is empty";
	if(name.len > FRT_ID_MAX)
		return "it is too long";
	for(i = 0; i < name.len; i++) {
		char c = name.s[i];
		if((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9')
				&& c != '_' && c != '-' && c != '.')
			return "it has a character that a script cannot write";
	}
	return NULL;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Optimal string alignment distance of two short texts. */
static unsigned edit_distance(frt_str_t a, frt_str_t b)
{
	unsigned rows[3][SUGGEST_MAX + 1];
	unsigned *before = rows[0], *prev = rows[1], *cur = rows[2], *t;
	uint32_t i, j;

	for(j = 0; j <= b.len; j++)
		prev[j] = before[j] = j;
	for(i = 1; i <= a.len; i++) {
		cur[0] = i;
		for(j = 1; j <= b.len; j++) {
			unsigned change = a.s[i - 1] != b.s[j - 1];
			cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + change);
			if(i > 1 && j > 1 && a.s[i - 1] == b.s[j - 2]
					&& a.s[i - 2] == b.s[j - 1] && before[j - 2] + 1 < cur[j])
				cur[j] = before[j - 2] + 1;
		}
		t = before;
		before = prev;
		prev = cur;
		cur = t;
	}
	return prev[b.len];
}

bool frt_text_close(frt_str_t a, frt_str_t b, unsigned *distance)
{
	uint32_t shorter = a.len < b.len ? a.len : b.len;

	if(a.len > SUGGEST_MAX || b.len > SUGGEST_MAX || shorter == 0)
		return false;
	*distance = edit_distance(a, b);
	return *distance <= (shorter < 5 ? 1 : 2);
}

void frt_buf_add_quoted(frt_buf_t *b, frt_str_t s)
{
	frt_str_t shown = frt_utf8_cut(s, QUOTED_MAX);

	frt_buf_add(b, "\"");
	frt_buf_add_str(b, shown);
	frt_buf_add(b, shown.len < s.len ? "...\"" : "\"");
}

void frt_text_clean(char *s)
{
	frt_str_t rest = frt_str_of(s);
	uint32_t cp, n;

	while(rest.len > 0) {
		n = frt_utf8_next(rest, &cp);
		if(n == 0 || (cp != ' ' && !frt_utf8_printable(cp))) {
			uint32_t bad = n == 0 ? 1 : n;
			memset(s, '?', bad);
			n = bad;
		}
		s += n;
		rest.s += n;
		rest.len -= n;
	}
}

void frt_buf_add_duration(frt_buf_t *b, uint32_t ms)
{
	if(ms == 0)
		frt_buf_add(b, "0");
	else if(ms % DAY_MS == 0)
		frt_buf_add(b, "%ud", (unsigned)(ms / DAY_MS));
	else if(ms % HOUR_MS == 0)
		frt_buf_add(b, "%uh", (unsigned)(ms / HOUR_MS));
	else if(ms % MINUTE_MS == 0)
		frt_buf_add(b, "%um", (unsigned)(ms / MINUTE_MS));
	else if(ms % SECOND_MS == 0)
		frt_buf_add(b, "%us", (unsigned)(ms / SECOND_MS));
	else
		frt_buf_add(b, "%ums", (unsigned)ms);
}
