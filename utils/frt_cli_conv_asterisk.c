/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert asterisk: pjsip.conf. The contacts of an endpoint's AORs become a set,
 * in their order; AORs that no endpoint names are sets of their own.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SECTIONS_MAX 100000
#define LINES_MAX 1000 /* of a section, with its templates */

typedef struct line
{
	const char *key, *value;
	unsigned number;
	struct line *next;
} line_t;

typedef struct section
{
	const char *name;
	unsigned number;
	bool template;
	line_t *lines, **tail;
	unsigned nlines;
	conv_set_t *set;
	struct section *next;
	struct section *same, *same_last; /* of its name; last: of the first */
} section_t;

typedef struct conf
{
	conv_t *c;
	const char *file;
	section_t *sections, **tail;
	section_t *last;
	/* "type name", " name" of templates, "[name" of the first of a name */
	conv_map_t by_name;
	unsigned n;
} conf_t;

static char *trim(char *s)
{
	char *end = s + strlen(s);

	while(isspace((unsigned char)*s))
		s++;
	while(end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return s;
}

/* False: there are too many, which was said once. */
static bool add_line(
		conf_t *f, section_t *s, const char *key, const char *value, unsigned n)
{
	line_t *l;

	if(s->nlines > LINES_MAX)
		return false;
	if(s->nlines++ == LINES_MAX) {
		conv_say(f->c, CONV_UNSUPPORTED, f->file, n,
				"[%s]: more than %d lines: from here on they are left out",
				s->name, LINES_MAX);
		return false;
	}
	l = conv_alloc(f->c, sizeof(*l));
	*l = (line_t){key, value, n, NULL};
	*s->tail = l;
	s->tail = &l->next;
	return true;
}

static void add_lines(conf_t *f, section_t *s, const section_t *from)
{
	const line_t *l = from->lines;

	while(l != NULL && add_line(f, s, l->key, l->value, l->number))
		l = l->next;
}

/* What a template says stands before what the section says. */
static void take_template(conf_t *f, section_t *s, const char *name)
{
	section_t *t =
			*conv_map_at(f->c, &f->by_name, conv_printf(f->c, " %s", name));

	if(t == NULL || t == s) {
		conv_say(f->c, CONV_UNSUPPORTED, f->file, s->number,
				"[%s]: there is no template %s above it", s->name, name);
		return;
	}
	add_lines(f, s, t);
}

static const char *get(const section_t *s, const char *key, unsigned *number)
{
	const char *v = NULL;
	const line_t *l;

	for(l = s->lines; l != NULL; l = l->next) {
		if(!conv_same(l->key, key))
			continue;
		v = l->value;
		if(number != NULL)
			*number = l->number;
	}
	return v;
}

/* Does it say all of "type=aor&context=out"? */
static bool says(conf_t *f, const section_t *s, const char *filter)
{
	const char *p, *v;
	char *one, *eq;
	size_t n;

	for(p = filter; *p != '\0'; p += n, p += *p == '&') {
		n = strcspn(p, "&");
		one = conv_copy(f->c, p, n);
		eq = strchr(one, '=');
		if(eq == NULL)
			return false;
		*eq = '\0';
		v = get(s, trim(one), NULL);
		if(v == NULL || !conv_same(v, trim(eq + 1)))
			return false;
	}
	return true;
}

/* [name](+) and [name](+type=aor) go on with a section above: the first. */
static section_t *section_above(
		conf_t *f, const section_t *s, const char *filter)
{
	section_t *a =
			*conv_map_at(f->c, &f->by_name, conv_printf(f->c, "[%s", s->name));

	while(a != NULL && !says(f, a, filter))
		a = a->same;
	if(a == NULL)
		conv_say(f->c, CONV_UNSUPPORTED, f->file, s->number,
				"[%s](+%s): there is no such section above it", s->name,
				filter);
	return a;
}

static void add_section(conf_t *f, section_t *s)
{
	void **first =
			conv_map_at(f->c, &f->by_name, conv_printf(f->c, "[%s", s->name));
	section_t *head = *first;

	if(head == NULL)
		*first = head = s;
	else
		head->same_last->same = s;
	head->same_last = s;
	*conv_map_at(f->c, &f->by_name, conv_printf(f->c, " %s", s->name)) = s;
	*f->tail = s;
	f->tail = &s->next;
}

/* [name](!,template) */
static void begin(conf_t *f, char *text, unsigned number)
{
	section_t *s = conv_alloc(f->c, sizeof(*s)), *above = NULL;
	char *close = strchr(text, ']'), *p;

	if(close == NULL || f->n >= SECTIONS_MAX) {
		conv_say(f->c, CONV_UNSUPPORTED, f->file, number, "%s: %.80s",
				close == NULL ? "no section" : "one section too many", text);
		f->last = NULL; /* nor are its lines the last one's */
		return;
	}
	*close = '\0';
	f->n++;
	s->name = trim(text + 1);
	s->number = number;
	s->tail = &s->lines;
	p = strchr(close + 1, '(');
	for(p = p != NULL ? p + 1 : NULL; p != NULL && *p != '\0' && *p != ')';) {
		size_t n = strcspn(p, ",)");
		char *word = trim(conv_copy(f->c, p, n));

		if(strcmp(word, "!") == 0)
			s->template = true;
		else if(*word == '+')
			above = section_above(f, s, trim(word + 1));
		else if(*word != '\0')
			take_template(f, s, word);
		p += n + (p[n] == ',');
	}
	f->last = above != NULL ? above : s;
	if(above == NULL)
		add_section(f, s);
	else
		add_lines(f, above, s);
}

/* "key += value" puts more to the last value of that key; false: there is none. */
static bool go_on(
		conf_t *f, section_t *s, const char *key, const char *more, unsigned n)
{
	line_t *l, *last = NULL;

	for(l = s->lines; l != NULL; l = l->next) {
		if(conv_same(l->key, key))
			last = l;
	}
	if(last == NULL)
		return false;
	last->value = conv_printf(f->c, "%s%s", last->value, more);
	last->number = n;
	return true;
}

static void take_line(conf_t *f, char *text, unsigned number)
{
	char *eq;
	bool more;

	text = trim(text);
	if(*text == '[') {
		begin(f, text, number);
		return;
	}
	if(*text == '#') {
		conv_say(f->c, CONV_UNSUPPORTED, f->file, number,
				"not followed: %s; what AORs it has is not in the result",
				text);
		return;
	}
	eq = strchr(text, '=');
	if(eq == NULL || f->last == NULL)
		return;
	more = eq > text && eq[-1] == '+';
	eq[more ? -1 : 0] = '\0';
	text = trim(text);
	eq = trim(eq + 1 + (!more && eq[1] == '>'));
	if(conv_is_secret(text)) {
		conv_say(f->c, CONV_SECRET, f->file, number, "[%s]: %s is dropped",
				f->last->name, text);
		return;
	}
	if(!more || !go_on(f, f->last, text, eq, number))
		add_line(f, f->last, text, eq, number);
}

/* Leaves what is no comment: one begins with ';' and ends with the line, or with
 * ";--", but not ";---", and ends with "--;", maybe lines later, and may have
 * such ones in it (depth). "\\;" is a ';'. */
static void uncomment(char *s, unsigned *depth)
{
	char *out = s;
	const char *from = s;

	for(; *s != '\0'; s++) {
		if(*s != ';') {
			if(*depth == 0)
				*out++ = *s;
		} else if(s > from && s[-1] == '\\') {
			if(*depth == 0)
				out[-1] = ';';
		} else if(s[1] == '-' && s[2] == '-' && s[3] != '-') {
			++*depth;
			s += 2;
			from = s + 1;
		} else if(*depth == 0) {
			break;
		} else if(s - from >= 2 && s[-1] == '-' && s[-2] == '-') {
			--*depth;
			from = s + 1;
		}
	}
	*out = '\0';
}

static void take_text(conf_t *f, const char *text)
{
	unsigned number = 1, depth = 0, open = 1;
	size_t n;

	for(; *text != '\0'; number++) {
		char *line;

		n = strcspn(text, "\n");
		line = conv_copy(f->c, text, n);
		text += n + (text[n] == '\n');
		uncomment(line, &depth);
		take_line(f, line, number);
		if(depth == 0)
			open = number + 1;
	}
	if(depth > 0)
		conv_say(f->c, CONV_UNSUPPORTED, f->file, open,
				"a comment (;--) that no --; ends: Asterisk reads nothing from "
				"here on");
}

static bool is_type(const section_t *s, const char *type)
{
	const char *v = get(s, "type", NULL);

	return !s->template && v != NULL && conv_same(v, type);
}

static void qualify(conf_t *f, const section_t *aor, conv_set_t *s)
{
	const char *frequency = get(aor, "qualify_frequency", NULL);
	const char *timeout = get(aor, "qualify_timeout", NULL);
	double wait = timeout != NULL ? strtod(timeout, NULL) : 3.0;
	long seconds = 0;

	if(s->probe != NULL && conv_pair_get(s->probe, "enabled") == NULL)
		return;
	if(!conv_number(frequency, &seconds) || seconds <= 0) {
		conv_pair_put(f->c, &s->probe, "enabled", "no");
		return;
	}
	s->probe = NULL;
	conv_probe_interval(f->c, s, seconds);
	if(wait > 0)
		conv_pair_putf(f->c, &s->probe, "timeout", "%ldms",
				wait < 0.1	? 100
				: wait > 32 ? 32000
							: (long)(wait * 1000));
	conv_pair_put(f->c, &s->probe, "rise", "1");
	conv_pair_put(f->c, &s->probe, "fall", "1");
}

/* "sip:host,sip:other" may stand in one line, too. */
static bool add_contacts(
		conf_t *f, const section_t *aor, conv_set_t *s, long *priority)
{
	const line_t *l;
	const char *p, *uri;
	conv_dst_t *d;
	long seconds = 0;
	bool any = false;
	size_t n;

	(void)conv_number(get(aor, "qualify_frequency", NULL), &seconds);

	for(l = aor->lines; l != NULL; l = l->next) {
		if(!conv_same(l->key, "contact"))
			continue;
		for(p = l->value; *p != '\0'; p += n, p += *p == ',') {
			n = strcspn(p, ",");
			uri = trim(conv_copy(f->c, p, n));
			if(*uri == '\0')
				continue;
			d = conv_dst_add(f->c, s, f->file, l->number, uri);
			d->priority = ++*priority;
			d->pinged = seconds > 0;
			any = true;
		}
	}
	if(any)
		qualify(f, aor, s);
	else
		conv_say(f->c, CONV_UNSUPPORTED, f->file, aor->number,
				"aor %s has no contact: who registers is the registrar's",
				aor->name);
	return any;
}

static void proxies(conf_t *f, const section_t *s)
{
	unsigned number = s->number;
	const char *v = get(s, "outbound_proxy", &number);

	if(v != NULL && *v != '\0')
		conv_say(f->c, CONV_UNSUPPORTED, f->file, number,
				"[%s]: outbound_proxy: write it as the destination's uri, or "
				"as <probe outbound-proxy=> for probes",
				s->name);
}

static void endpoint(conf_t *f, section_t *e)
{
	const char *p = get(e, "aors", NULL);
	conv_set_t *set = NULL;
	long priority = 0;
	section_t *aor;
	char *name;
	size_t n;

	proxies(f, e);
	for(; p != NULL && *p != '\0'; p += n, p += *p == ',') {
		n = strcspn(p, ",");
		name = trim(conv_copy(f->c, p, n));
		aor = *conv_map_at(
				f->c, &f->by_name, conv_printf(f->c, "aor %s", name));
		if(aor == NULL) {
			if(*name != '\0')
				conv_say(f->c, CONV_UNSUPPORTED, f->file, e->number,
						"endpoint %s: there is no aor %s", e->name, name);
			continue;
		}
		if(set == NULL)
			set = conv_set_get(f->c, e->name, -1);
		conv_pair_put(f->c, &set->attrs, "strategy", "ordered");
		aor->set = set;
		add_contacts(f, aor, set, &priority);
	}
}

void conv_asterisk_text(conv_t *c, const char *path, const char *text)
{
	conf_t f = {.c = c, .file = path};
	conv_set_t *set;
	section_t *s;
	long priority;

	f.tail = &f.sections;
	take_text(&f, text);
	for(s = f.sections; s != NULL; s = s->next) {
		if(is_type(s, "aor"))
			*conv_map_at(c, &f.by_name, conv_printf(c, "aor %s", s->name)) = s;
		else if(s->lines != NULL && !s->template
				&& get(s, "type", NULL) == NULL)
			conv_say(c, CONV_UNSUPPORTED, path, s->number,
					"[%s] has no type: left out", s->name);
		else if(is_type(s, "registration"))
			conv_say(c, CONV_UNSUPPORTED, path, s->number,
					"registration %s: registering is the uac module's",
					s->name);
		else if(is_type(s, "peer") || is_type(s, "friend"))
			conv_say(c, CONV_UNSUPPORTED, path, s->number,
					"[%s] is of chan_sip (sip.conf): only pjsip.conf is read",
					s->name);
	}
	for(s = f.sections; s != NULL; s = s->next) {
		if(is_type(s, "endpoint"))
			endpoint(&f, s);
	}
	for(s = f.sections; s != NULL; s = s->next) {
		if(!is_type(s, "aor"))
			continue;
		proxies(&f, s);
		if(s->set != NULL)
			continue;
		set = conv_set_get(c, s->name, -1);
		conv_pair_put(c, &set->attrs, "strategy", "ordered");
		priority = 0;
		add_contacts(&f, s, set, &priority);
	}
}

int conv_asterisk(conv_t *c, const char *path)
{
	size_t len;
	const char *text = conv_read(c, path, &len);

	if(text == NULL)
		return -1;
	conv_asterisk_text(c, path, text);
	return 0;
}
