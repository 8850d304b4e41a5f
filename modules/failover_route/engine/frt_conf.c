/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads the small languages of the configuration: durations, numbers,
 * percentages, status codes and times of day. Pure functions of the text.
 * Must not know attributes, drafts or where the text came from.
 */
#include "frt_conf.h"

#include <string.h>

#define DURATION_MAX_MS (UINT64_C(49) * 86400000)
#define CODE_MIN 100
#define CODE_MAX 699
#define MINUTES_OF_DAY 1440

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static char lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c | 0x20) : c;
}

/* What is left of a text while it is read. */
typedef struct cursor
{
	const char *p;
	const char *end;
} cursor_t;

static cursor_t cursor_of(frt_str_t text)
{
	cursor_t c = {text.s, text.s};

	if(text.len > 0)
		c.end = text.s + text.len;
	return c;
}

static bool at_end(const cursor_t *c)
{
	return c->p == c->end;
}

/* The next character, or NUL at the end (a NUL in the text fits nothing). */
static char peek(const cursor_t *c)
{
	return at_end(c) ? '\0' : *c->p;
}

static bool take(cursor_t *c, char want)
{
	if(at_end(c) || *c->p != want)
		return false;
	c->p++;
	return true;
}

static void skip_blanks(cursor_t *c)
{
	while(is_blank(peek(c)))
		c->p++;
}

/* Takes a run of digits, saturating at limit + 1. False if there is none. */
static bool take_number(cursor_t *c, uint64_t limit, uint64_t *out)
{
	uint64_t v = 0;

	if(!frt_is_digit(peek(c)))
		return false;
	for(; frt_is_digit(peek(c)); c->p++) {
		if(v <= limit)
			v = v * 10 + (uint64_t)(*c->p - '0');
	}
	*out = v;
	return true;
}

int frt_uint_parse(frt_str_t text, uint32_t min, uint32_t max, uint32_t *out)
{
	cursor_t c = cursor_of(text);
	uint64_t v;

	if(!take_number(&c, UINT32_MAX, &v) || !at_end(&c))
		return FRT_E_SYNTAX;
	if(v < min || v > max)
		return FRT_E_RANGE;
	*out = (uint32_t)v;
	return 0;
}

/* The milliseconds of a unit at the cursor, which must be the rest of the
 * text; 0 if it is none. */
static uint64_t unit_ms(const cursor_t *c)
{
	static const struct
	{
		const char *name;
		uint64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000},
			{"d", 86400000}};
	size_t left = (size_t)(c->end - c->p);
	size_t i;

	for(i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if(strlen(units[i].name) == left
				&& memcmp(units[i].name, c->p, left) == 0)
			return units[i].ms;
	}
	return 0;
}

int frt_duration_parse(frt_str_t text, uint32_t *ms)
{
	cursor_t c = cursor_of(text);
	uint64_t v, unit;

	if(!take_number(&c, DURATION_MAX_MS, &v))
		return FRT_E_SYNTAX;
	if(at_end(&c)) {
		if(v != 0)
			return FRT_E_SYNTAX;
		*ms = 0;
		return 0;
	}
	unit = unit_ms(&c);
	if(unit == 0)
		return FRT_E_SYNTAX;
	if(v > DURATION_MAX_MS / unit)
		return FRT_E_RANGE;
	*ms = (uint32_t)(v * unit);
	return 0;
}

int frt_percent_parse(frt_str_t text, uint32_t *out)
{
	if(text.len < 2 || text.s[text.len - 1] != '%')
		return FRT_E_SYNTAX;
	text.len--;
	return frt_uint_parse(text, 0, 100, out);
}

int frt_bool_parse(frt_str_t text, bool *out)
{
	static const char *const words[] = {
			"no", "yes", "off", "on", "false", "true", "0", "1"};
	size_t i;

	for(i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if(text.len == strlen(words[i])
				&& memcmp(text.s, words[i], text.len) == 0) {
			*out = (i & 1) != 0;
			return 0;
		}
	}
	return FRT_E_SYNTAX;
}

bool frt_codes_has(const frt_codes_t *c, int code)
{
	unsigned bit;

	if(code < CODE_MIN || code > CODE_MAX)
		return false;
	bit = (unsigned)(code - CODE_MIN);
	return (c->bits[bit / 64] >> (bit % 64)) & 1;
}

bool frt_probe_calls(const frt_probe_conf_t *c)
{
	return frt_str_eq(c->method, FRT_STR("INVITE"));
}

static void codes_add(frt_codes_t *c, unsigned from, unsigned to)
{
	unsigned bit;

	for(bit = from - CODE_MIN; bit <= to - CODE_MIN; bit++)
		c->bits[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* Takes three digits as a code of 100..699. */
static bool take_code(cursor_t *c, uint16_t *out)
{
	unsigned code;

	if(c->end - c->p < 3 || !frt_is_digit(c->p[0]) || !frt_is_digit(c->p[1])
			|| !frt_is_digit(c->p[2]))
		return false;
	code = (unsigned)(c->p[0] - '0') * 100 + (unsigned)(c->p[1] - '0') * 10
		   + (unsigned)(c->p[2] - '0');
	if(code < CODE_MIN || code > CODE_MAX)
		return false;
	c->p += 3;
	*out = (uint16_t)code;
	return true;
}

/* Takes "any", "5xx", "480" or "500-599". */
static bool take_code_range(cursor_t *c, uint16_t *from, uint16_t *to)
{
	size_t left = (size_t)(c->end - c->p);

	if(left >= 3 && memcmp(c->p, "any", 3) == 0) {
		c->p += 3;
		*from = CODE_MIN;
		*to = CODE_MAX;
		return true;
	}
	if(left >= 3 && c->p[0] >= '1' && c->p[0] <= '6' && lower(c->p[1]) == 'x'
			&& lower(c->p[2]) == 'x') {
		*from = (uint16_t)((c->p[0] - '0') * 100);
		*to = (uint16_t)(*from + 99);
		c->p += 3;
		return true;
	}
	if(!take_code(c, from))
		return false;
	*to = *from;
	if(take(c, '-'))
		return take_code(c, to) && *from <= *to;
	return true;
}

int frt_code_range_parse(frt_str_t text, uint16_t *from, uint16_t *to)
{
	cursor_t c = cursor_of(text);
	uint16_t a, b;

	if(!take_code_range(&c, &a, &b) || !at_end(&c))
		return FRT_E_SYNTAX;
	*from = a;
	*to = b;
	return 0;
}

static bool is_none(const cursor_t *c)
{
	size_t left = (size_t)(c->end - c->p);

	return left == 0 || (left == 4 && memcmp(c->p, "none", 4) == 0);
}

int frt_codes_parse(frt_str_t text, frt_codes_t *out)
{
	cursor_t c = cursor_of(text);
	frt_codes_t codes = {{0}};
	uint16_t from, to;

	skip_blanks(&c);
	if(is_none(&c)) {
		*out = codes;
		return 0;
	}
	do {
		if(!take_code_range(&c, &from, &to))
			return FRT_E_SYNTAX;
		codes_add(&codes, from, to);
		if(!at_end(&c) && !is_blank(peek(&c)))
			return FRT_E_SYNTAX;
		skip_blanks(&c);
	} while(!at_end(&c));
	*out = codes;
	return 0;
}

/* Takes "Mon"; days count from Sunday. */
static bool take_day(cursor_t *c, unsigned *day)
{
	static const char names[] = "sunmontuewedthufrisat";
	unsigned i;

	if(c->end - c->p < 3)
		return false;
	for(i = 0; i < 7; i++) {
		const char *n = names + (size_t)i * 3;
		if(lower(c->p[0]) == n[0] && lower(c->p[1]) == n[1]
				&& lower(c->p[2]) == n[2]) {
			c->p += 3;
			*day = i;
			return true;
		}
	}
	return false;
}

/* Takes "Mon-Fri", "Sat,Sun" or nothing; a range may go round the week's
 * end. False if malformed. */
static bool take_days(cursor_t *c, uint8_t *days)
{
	unsigned from, to;

	*days = 0;
	if(frt_is_digit(peek(c)))
		return true;
	do {
		if(!take_day(c, &from))
			return false;
		to = from;
		if(take(c, '-') && !take_day(c, &to))
			return false;
		for(; from != to; from = (from + 1) % 7)
			*days |= (uint8_t)(1u << from);
		*days |= (uint8_t)(1u << to);
	} while(take(c, ','));
	if(!is_blank(peek(c)))
		return false;
	skip_blanks(c);
	return true;
}

/* Takes "hh:mm", at most max minutes. */
static bool take_time(cursor_t *c, unsigned max, uint16_t *minutes)
{
	const char *p = c->p;
	unsigned h, m;

	if(c->end - p < 5 || !frt_is_digit(p[0]) || !frt_is_digit(p[1])
			|| p[2] != ':' || !frt_is_digit(p[3]) || !frt_is_digit(p[4]))
		return false;
	h = (unsigned)(p[0] - '0') * 10 + (unsigned)(p[1] - '0');
	m = (unsigned)(p[3] - '0') * 10 + (unsigned)(p[4] - '0');
	if(m > 59 || h * 60 + m > max)
		return false;
	*minutes = (uint16_t)(h * 60 + m);
	c->p += 5;
	return true;
}

static bool take_window(cursor_t *c, frt_window_t *w)
{
	return take_days(c, &w->days)
		   && take_time(c, MINUTES_OF_DAY - 1, &w->from_min) && take(c, '-')
		   && take_time(c, MINUTES_OF_DAY, &w->to_min)
		   && w->from_min != w->to_min;
}

int frt_windows_parse(
		frt_str_t text, frt_window_t *out, uint32_t max, uint32_t *n)
{
	cursor_t c = cursor_of(text);
	frt_window_t w = {0, 0, 0};
	uint32_t count = 0;

	*n = 0;
	if(is_none(&c))
		return 0;
	do {
		skip_blanks(&c);
		if(!take_window(&c, &w))
			return FRT_E_SYNTAX;
		if(count == max)
			return FRT_E_RANGE;
		out[count++] = w;
		skip_blanks(&c);
	} while(take(&c, ','));
	if(!at_end(&c))
		return FRT_E_SYNTAX;
	*n = count;
	return 0;
}

static bool window_open(const frt_window_t *w, uint32_t day, uint32_t min)
{
	uint32_t before = (day + 6) % 7;
	bool today = w->days == 0 || (w->days >> day & 1);
	bool yesterday = w->days == 0 || (w->days >> before & 1);

	if(w->from_min < w->to_min)
		return today && min >= w->from_min && min < w->to_min;
	return (today && min >= w->from_min) || (yesterday && min < w->to_min);
}

bool frt_windows_open(const frt_window_t *w, uint32_t n, uint32_t week_min)
{
	uint32_t i;

	for(i = 0; i < n; i++) {
		if(window_open(&w[i], week_min / 1440 % 7, week_min % 1440))
			return true;
	}
	return n == 0;
}
