/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON, written and read.
 */
#include "frt_json.h"
#include "frt_text.h"

#include <string.h>

void frt_json_init(frt_json_t *j, const frt_mem_t *mem)
{
	frt_grow_init(&j->text, mem);
	j->comma = false;
}

/* What stands before a value: comma and name. */
static void lead(frt_json_t *j, const char *name)
{
	if(j->comma)
		frt_grow_put(&j->text, ",", 1);
	j->comma = true;
	if(!name)
		return;
	frt_grow_put(&j->text, "\"", 1);
	frt_grow_puts(&j->text, name);
	frt_grow_put(&j->text, "\":", 2);
}

void frt_json_open(frt_json_t *j, const char *name, char bracket)
{
	lead(j, name);
	frt_grow_put(&j->text, &bracket, 1);
	j->comma = false;
}

void frt_json_close(frt_json_t *j, char bracket)
{
	frt_grow_put(&j->text, &bracket, 1);
	j->comma = true;
}

void frt_json_int(frt_json_t *j, const char *name, int64_t value)
{
	lead(j, name);
	if(value < 0)
		frt_grow_put(&j->text, "-", 1);
	frt_grow_uint(&j->text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void frt_json_bool(frt_json_t *j, const char *name, bool value)
{
	lead(j, name);
	frt_grow_puts(&j->text, value ? "true" : "false");
}

/* Those that would end a string, or a script that a text stands in, and those
 * that a terminal or an old parser would act on. */
static bool plain(uint32_t cp)
{
	return cp >= 0x20 && cp != 0x7f && cp != '"' && cp != '\\' && cp != '<'
		   && cp != '>' && cp != '&' && cp != 0x2028 && cp != 0x2029;
}

static void put_escape(frt_grow_t *t, uint32_t cp)
{
	static const char hex[] = "0123456789abcdef";
	char e[6] = {'\\', 'u', hex[cp >> 12 & 15], hex[cp >> 8 & 15],
			hex[cp >> 4 & 15], hex[cp & 15]};

	frt_grow_put(t, e, sizeof(e));
}

void frt_json_str(frt_json_t *j, const char *name, frt_str_t value)
{
	frt_str_t rest = value;
	const char *done = value.s;
	uint32_t cp, n;

	lead(j, name);
	frt_grow_put(&j->text, "\"", 1);
	for(; rest.len > 0; rest.s += n, rest.len -= n) {
		n = frt_utf8_next(rest, &cp);
		if(n > 0 && plain(cp))
			continue;
		frt_grow_put(&j->text, done, (size_t)(rest.s - done));
		put_escape(&j->text, n > 0 ? cp : 0xfffd);
		n = n > 0 ? n : 1;
		done = rest.s + n;
	}
	if(value.len > 0)
		frt_grow_put(&j->text, done, (size_t)(rest.s - done));
	frt_grow_put(&j->text, "\"", 1);
}

void frt_json_text(frt_json_t *j, const char *name, const char *value)
{
	frt_json_str(j, name, frt_str_of(value));
}

static void skip_blanks(frt_str_t *in)
{
	while(in->len > 0
			&& (*in->s == ' ' || *in->s == '\t' || *in->s == '\n'
					|| *in->s == '\r')) {
		in->s++;
		in->len--;
	}
}

/* The next character that is no blank; 0 at the end. It stays where it is. */
static char peek(frt_str_t *in)
{
	skip_blanks(in);
	return in->len > 0 ? *in->s : '\0';
}

static bool take(frt_str_t *in, char c)
{
	if(peek(in) != c)
		return false;
	in->s++;
	in->len--;
	return true;
}

/* The four digits of \uXXXX; -1 if they are none. */
static int32_t read_unit(frt_str_t *in)
{
	int32_t v = 0;
	int i, d;

	if(in->len < 4)
		return -1;
	for(i = 0; i < 4; i++) {
		d = frt_hex_digit(in->s[i]);
		if(d < 0)
			return -1;
		v = v << 4 | d;
	}
	in->s += 4;
	in->len -= 4;
	return v;
}

static uint32_t utf8(uint32_t cp, char out[4])
{
	uint32_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4, i;
	static const unsigned char head[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for(i = n; i-- > 1; cp >>= 6)
		out[i] = (char)(0x80 | (cp & 0x3f));
	out[0] = (char)(head[n] | cp);
	return n;
}

/* Behind a backslash: what it stands for, as UTF-8; 0 if it is none. */
static uint32_t read_escape(frt_str_t *in, char out[4])
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int32_t hi, lo;

	if(in->len == 0 || *in->s == '\0')
		return 0;
	at = strchr(from, *in->s);
	if(!at && *in->s != 'u')
		return 0;
	in->s++;
	in->len--;
	if(at) {
		out[0] = to[at - from];
		return 1;
	}
	hi = read_unit(in);
	if(hi <= 0 || (hi >= 0xdc00 && hi <= 0xdfff))
		return 0;
	if(hi < 0xd800 || hi > 0xdfff)
		return utf8((uint32_t)hi, out);
	if(in->len < 2 || in->s[0] != '\\' || in->s[1] != 'u')
		return 0;
	in->s += 2;
	in->len -= 2;
	lo = read_unit(in);
	if(lo < 0xdc00 || lo > 0xdfff)
		return 0;
	return utf8(
			0x10000 + ((uint32_t)(hi - 0xd800) << 10) + (uint32_t)(lo - 0xdc00),
			out);
}

/* A string into out, NUL-terminated. */
static int read_string(frt_str_t *in, char *out, size_t size)
{
	char made[4];
	const char *from;
	size_t len = 0;
	uint32_t n, cp;

	if(!take(in, '"'))
		return FRT_E_SYNTAX;
	while(in->len > 0 && *in->s != '"') {
		if(*in->s == '\\') {
			in->s++;
			in->len--;
			n = read_escape(in, made);
			from = made;
		} else {
			n = frt_utf8_next(*in, &cp);
			if(n == 0 || cp < 0x20)
				return FRT_E_SYNTAX;
			from = in->s;
			in->s += n;
			in->len -= n;
		}
		if(n == 0)
			return FRT_E_SYNTAX;
		if(n >= size - len)
			return FRT_E_RANGE;
		memcpy(out + len, from, n);
		len += n;
	}
	out[len] = '\0';
	return take(in, '"') ? 0 : FRT_E_SYNTAX;
}

static frt_json_field_t *field_of(
		const char *name, frt_json_field_t *fields, unsigned n)
{
	unsigned i;

	for(i = 0; i < n; i++) {
		if(strcmp(fields[i].name, name) == 0 && !fields[i].given)
			return &fields[i];
	}
	return NULL;
}

static int read_member(frt_str_t *in, frt_json_field_t *fields, unsigned n)
{
	frt_json_field_t *field;
	char name[32];
	int err = read_string(in, name, sizeof(name));

	if(err)
		return err == FRT_E_RANGE ? FRT_E_INVAL : err;
	field = field_of(name, fields, n);
	if(!take(in, ':'))
		return FRT_E_SYNTAX;
	if(!field)
		return FRT_E_INVAL;
	field->given = true;
	return read_string(in, field->out, field->size);
}

int frt_json_read(frt_str_t text, frt_json_field_t *fields, unsigned n)
{
	unsigned i;
	int err;

	for(i = 0; i < n; i++)
		fields[i].given = false;
	if(!take(&text, '{'))
		return FRT_E_SYNTAX;
	for(i = 0; i < n; i++) {
		if(i > 0 && !take(&text, ','))
			return peek(&text) == '}' ? FRT_E_INVAL : FRT_E_SYNTAX;
		err = read_member(&text, fields, n);
		if(err)
			return err;
	}
	if(peek(&text) == ',')
		return FRT_E_INVAL;
	if(!take(&text, '}') || peek(&text) != '\0' || text.len > 0)
		return FRT_E_SYNTAX;
	return 0;
}
