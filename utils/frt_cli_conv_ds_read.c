/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: dispatcher's rows, read as dispatcher reads them: ds_load_list(),
 * pack_dest() and ds_set_attrs() of dispatch.c, parse_params() of the core
 * (5.6 to 6.1). Where that is hardly what was meant, the report says so.
 */
#include "frt_cli_conv_ds.h"

#include "engine/frt_conf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LINE_MAX_BYTES 1023 /* of fgets(line, 1024, f) */

/* --- attributes: parse_params() ------------------------------------------------ */

typedef struct params
{
	const char *s;
	size_t len;
	const char *why; /* why dispatcher drops the destination */
	bool junk;		 /* what follows is ignored */
} params_t;

static void skip(params_t *p, size_t n)
{
	p->s += n;
	p->len -= n;
}

static void trim(params_t *p)
{
	while(p->len > 0 && strchr(" \t\r\n", *p->s) != NULL && *p->s != '\0')
		skip(p, 1);
}

static size_t span_to(const params_t *p, const char *stop)
{
	size_t n = 0;

	while(n < p->len && p->s[n] != '\0' && strchr(stop, p->s[n]) == NULL)
		n++;
	return n;
}

/* The value behind '='. */
static const char *param_body(conv_t *c, params_t *p)
{
	const char *value;
	size_t n;

	if(*p->s == '"' || *p->s == '\'') {
		char quote = *p->s;
		/* q_memchr(): a backslash hides nothing */
		for(n = 1; n < p->len && p->s[n] != quote; n++)
			;
		if(n >= p->len) {
			p->why = "a quote is not closed";
			return NULL;
		}
		value = conv_copy(c, p->s + 1, n - 1);
		skip(p, n + 1);
		return value;
	}
	n = span_to(p, " \t\r\n,;");
	if(n == 0) {
		p->why = "a value is missing";
		return NULL;
	}
	value = conv_copy(c, p->s, n);
	skip(p, n);
	return value;
}

/* A name of ds_set_attrs(), which knows them in any case, in lower case; any
 * other as it is. */
static const char *attr_name(const char *name)
{
	static const char *const known[] = {"duid", "cc", "weight", "rweight",
			"latency", "maxload", "socket", "sockname", "ping_socket",
			"ping_from", "obproxy", "ocmin", "ocmax", "ocrate"};
	size_t i;

	for(i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if(conv_same(known[i], name))
			return known[i];
	}
	return name;
}

/* One parameter; false when it was the last, or p->why. The first of two with
 * one name counts: parse_params() turns the list round. */
static bool param(conv_t *c, params_t *p, conv_pair_t **list)
{
	size_t n = span_to(p, " \t\r\n,=;");
	const char *name = attr_name(conv_copy(c, p->s, n)), *value = "";

	skip(p, n);
	trim(p);
	if(p->len > 0 && *p->s == '=') {
		skip(p, 1);
		trim(p);
		if(p->len > 0)
			value = param_body(c, p);
		if(value == NULL)
			return false;
		trim(p);
	}
	if(conv_pair_get(*list, name) == NULL)
		conv_pair_put(c, list, name, value);
	if(p->len == 0)
		return false;
	if(*p->s == ',' || *p->s == '>') {
		p->junk = true;
		return false;
	}
	if(*p->s != ';') {
		p->why = "something stands behind a value";
		return false;
	}
	skip(p, 1);
	trim(p);
	if(p->len == 0)
		p->why = "a name is missing behind the last ;";
	return p->len > 0;
}

/* str2sint(): what comes before the first character that is no digit. */
static int param_int(const char *s)
{
	long v = 0;
	bool minus = *s == '-';

	for(s += *s == '-' || *s == '+'; *s >= '0' && *s <= '9'; s++)
		v = v < INT_MAX / 10 ? v * 10 + (*s - '0') : INT_MAX;
	return (int)(minus ? -v : v);
}

/* A weight outside 1..100 is 0 to dispatcher, and it goes on. */
static int weight_of(conv_t *c, const ds_row_t *r, const char *name)
{
	const char *text = conv_pair_get(r->attrs, name);
	int v;

	if(text == NULL)
		return 0;
	v = param_int(text);
	if(v >= 1 && v <= 100)
		return v;
	conv_say(c, CONV_CHANGED, r->file, r->line,
			"%s=%s is not in 1..100: dispatcher takes it as 0, no calls", name,
			text);
	return 0;
}

static const char *parse_attrs(conv_t *c, ds_row_t *r)
{
	params_t p = {r->body, 0, NULL, false};
	const char *load;

	if(r->body == NULL || *r->body == '\0')
		return NULL;
	p.len = strlen(r->body);
	if(r->body[p.len - 1] == ';')
		p.len--;
	r->body = conv_copy(c, r->body, p.len);
	p.s = r->body;
	while(p.len > 0 && param(c, &p, &r->attrs))
		;
	if(p.why != NULL)
		return p.why;
	if(p.junk)
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"attributes end at \"%s\": dispatcher ignores what follows",
				p.s);
	r->weight = weight_of(c, r, "weight");
	r->rweight = weight_of(c, r, "rweight");
	load = conv_pair_get(r->attrs, "maxload");
	r->maxload = load != NULL ? param_int(load) : 0;
	return NULL;
}

/* --- a row ------------------------------------------------------------------------ */

/* parse_uri() of the core takes more schemes; what it makes of "sip:" before
 * a text without one is the same for us. */
static void fix_uri(conv_t *c, ds_row_t *r)
{
	frt_uri_t uri;
	const char *with;

	if(strncasecmp(r->uri, "sip:", 4) == 0
			|| strncasecmp(r->uri, "sips:", 5) == 0
			|| strncasecmp(r->uri, "tel:", 4) == 0
			|| strncasecmp(r->uri, "urn:", 4) == 0 || strlen(r->uri) <= 4)
		return;
	with = conv_printf(c, "sip:%s", r->uri);
	if(frt_uri_parse(frt_str_of(with), &uri) != 0)
		return;
	conv_say(c, CONV_CHANGED, r->file, r->line,
			"\"%s\" has no scheme: dispatcher takes it as %s", r->uri, with);
	r->uri = with;
}

void ds_row_add(conv_t *c, ds_rows_t *out, const ds_row_t *row)
{
	ds_row_t *r = conv_alloc(c, sizeof(*r));
	const char *why;

	*r = *row;
	fix_uri(c, r);
	why = parse_attrs(c, r);
	if(why != NULL) {
		conv_say(c, CONV_UNSUPPORTED, r->file, r->line,
				"destination %s dropped, as dispatcher drops it: "
				"attributes \"%s\": %s",
				r->uri, r->body, why);
		return;
	}
	if(out->n == out->room) {
		out->room = out->room > 0 ? out->room * 2 : 64;
		out->rows = cli_realloc(out->rows, out->room, sizeof(*out->rows));
	}
	r->index = (unsigned)out->n;
	out->rows[out->n++] = r;
}

/* --- the list file ---------------------------------------------------------------- */

static const char *blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Digits, as ds_load_list() adds them up; *big when an int overflows. */
static const char *digits(const char *p, long *v, bool *big)
{
	for(*v = 0; *p >= '0' && *p <= '9'; p++) {
		*v = *v * 10 + (*p - '0');
		if(*v > INT_MAX) {
			*v = INT_MAX;
			*big = true;
		}
	}
	return p;
}

static bool ends(const char *p)
{
	return *p == '\0' || *p == '#';
}

/* Says of a number that dispatcher stops reading half way: 0x10. */
static void warn_number(conv_t *c, const ds_row_t *r, const char *what,
		const char *from, const char *to)
{
	size_t n = strcspn(from, " \t\r\n");

	if(to < from + n && !ends(to))
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"%s \"%.*s\": dispatcher reads \"%.*s\" and takes \"%s\" for "
				"what comes next: hardly what was meant",
				what, (int)n, from, (int)(to - from), from,
				conv_copy(c, to, n - (size_t)(to - from)));
}

/* Flags, priority and attributes, each of which may be the last. */
static void read_rest(conv_t *c, ds_row_t *r, const char *p, bool *big)
{
	const char *from = p;
	size_t n;

	if(ends(p))
		return;
	p = digits(p, &r->flags, big);
	warn_number(c, r, "flags", from, p);
	from = p = blanks(p);
	if(ends(p))
		return;
	p = digits(p, &r->priority, big);
	if(p > from)
		warn_number(c, r, "priority", from, p);
	p = blanks(p);
	if(ends(p))
		return;
	n = strcspn(p, " \t\r\n");
	r->body = conv_copy(c, p, n);
	p = blanks(p + n);
	if(!ends(p))
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"attributes are cut at a blank: dispatcher ignores \"%.*s\"",
				(int)strcspn(p, "\r\n"), p);
}

static void read_line(
		conv_t *c, const char *file, unsigned line, char *p, ds_rows_t *out)
{
	ds_row_t r = {.file = file, .line = line};
	const char *at = blanks(p), *from;
	bool big = false;
	size_t n;

	if(ends(at))
		return;
	from = at;
	at = digits(at, &r.set, &big);
	if(at == from)
		conv_say(c, CONV_CHANGED, file, line,
				"no set number: dispatcher takes set 0 and goes on here");
	at = blanks(at);
	if(ends(at)) {
		conv_say(c, CONV_UNSUPPORTED, file, line,
				"no URI: dispatcher refuses the whole file");
		return;
	}
	n = strcspn(at, " \t\r\n#");
	r.uri = conv_copy(c, at, n);
	read_rest(c, &r, blanks(at + n), &big);
	if(big)
		conv_say(c, CONV_CHANGED, file, line,
				"a number is beyond what dispatcher can hold");
	ds_row_add(c, out, &r);
}

void ds_read_list(conv_t *c, const char *file, const char *text, size_t len,
		ds_rows_t *out)
{
	unsigned line = 1;
	size_t at = 0, n, max;
	const char *nl;
	bool cut = false;

	while(at < len) {
		max = len - at < LINE_MAX_BYTES ? len - at : LINE_MAX_BYTES;
		nl = memchr(text + at, '\n', max);
		n = nl != NULL ? (size_t)(nl - (text + at)) + 1 : max;
		if(cut)
			conv_say(c, CONV_CHANGED, file, line,
					"the line is longer than 1023 bytes: dispatcher reads "
					"its rest as a line of its own");
		read_line(c, file, line, conv_copy(c, text + at, n), out);
		cut = nl == NULL;
		line += nl != NULL;
		at += n;
	}
}
