/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moments from text.
 */
#include "frt_when.h"
#include "frt_conf.h"

#define DAY_MS UINT64_C(86400000)

/* What is left to read. */
typedef struct frt_left
{
	const char *p;
	const char *end;
} frt_left_t;

static bool take(frt_left_t *s, char c)
{
	if(s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* A number of exactly n digits, within bounds. */
static bool take_number(
		frt_left_t *s, int n, uint32_t min, uint32_t max, uint32_t *out)
{
	*out = 0;
	for(; n > 0; n--, s->p++) {
		if(s->p == s->end || !frt_is_digit(*s->p))
			return false;
		*out = *out * 10 + (uint32_t)(*s->p - '0');
	}
	return *out >= min && *out <= max;
}

static bool is_leap(uint32_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint32_t days_of(uint32_t year, uint32_t month)
{
	static const uint8_t days[] = {
			31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970 to the beginning of that year. */
static uint64_t days_before(uint32_t year)
{
	uint64_t y = year - 1;

	return (year - 1970) * UINT64_C(365) + (y / 4 - y / 100 + y / 400)
		   - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static bool take_day(frt_left_t *s, uint64_t *ms)
{
	uint32_t year, month, day, m;
	uint64_t days;

	if(!take_number(s, 4, 1970, 9999, &year) || !take(s, '-')
			|| !take_number(s, 2, 1, 12, &month) || !take(s, '-')
			|| !take_number(s, 2, 1, days_of(year, month), &day))
		return false;
	days = days_before(year) + day - 1;
	for(m = 1; m < month; m++)
		days += days_of(year, m);
	*ms = days * DAY_MS;
	return true;
}

/* ".062": of more than three digits the rest is left aside. */
static bool take_fraction(frt_left_t *s, uint64_t *ms)
{
	uint32_t unit = 100;
	const char *from = s->p;

	for(; s->p < s->end && frt_is_digit(*s->p); s->p++, unit /= 10)
		*ms += (uint32_t)(*s->p - '0') * unit;
	return s->p > from;
}

static bool take_time(frt_left_t *s, uint64_t *ms)
{
	uint32_t hour, min, sec = 0;

	if(!take_number(s, 2, 0, 23, &hour) || !take(s, ':')
			|| !take_number(s, 2, 0, 59, &min))
		return false;
	/* 60: a leap second, which no clock of ours has */
	if(take(s, ':') && !take_number(s, 2, 0, 60, &sec))
		return false;
	*ms += (hour * 60 + min) * UINT64_C(60000) + sec * UINT64_C(1000);
	return !take(s, '.') || take_fraction(s, ms);
}

static int parse_date(frt_str_t text, uint64_t *out)
{
	frt_left_t s = {text.s, text.s + text.len};
	bool good = take_day(&s, out);

	if(good && (take(&s, 'T') || take(&s, ' ')))
		good = take_time(&s, out);
	if(good)
		take(&s, 'Z');
	return good && s.p == s.end ? 0 : FRT_E_SYNTAX;
}

/* Digits alone. */
static bool parse_ms(frt_str_t text, uint64_t *out)
{
	uint32_t i;

	*out = 0;
	for(i = 0; i < text.len && i < 18 && frt_is_digit(text.s[i]); i++)
		*out = *out * 10 + (uint64_t)(text.s[i] - '0');
	return text.len > 0 && i == text.len;
}

int frt_when_parse(frt_str_t text, uint64_t now_ms, uint64_t *out)
{
	uint32_t ago;
	int err;

	if(parse_ms(text, out))
		return 0;
	if(text.len > 4 && text.s[4] == '-')
		return parse_date(text, out);
	err = frt_duration_parse(text, &ago);
	*out = err == 0 && ago < now_ms ? now_ms - ago : 0;
	return err;
}
