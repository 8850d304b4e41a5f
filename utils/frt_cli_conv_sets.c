/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: sets and destinations, made such that the module takes them, and
 * written as its XML. The engine's own table of attributes says what is legal.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include "engine/frt_attr.h"
#include "engine/frt_text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

conv_set_t *conv_set_get(conv_t *c, const char *id, long number)
{
	char *digits = conv_printf(c, "%ld", number);
	const char *named = number >= 0 ? conv_pair_get(c->names, digits) : NULL;
	void **by_number, **by_id;
	conv_set_t *s;

	by_number = number >= 0 ? conv_map_at(c, &c->by_number, digits) : NULL;
	if(by_number != NULL && *by_number != NULL)
		return *by_number;
	if(named != NULL)
		id = named;
	else if(id == NULL)
		id = digits;
	by_id = conv_map_at(c, &c->by_id, id);
	if(*by_id == NULL) {
		s = conv_alloc(c, sizeof(*s));
		s->id = id;
		s->number = number;
		s->tail = &s->dsts;
		*c->sets_tail = s;
		c->sets_tail = &s->next;
		*by_id = s;
	}
	if(by_number != NULL)
		*by_number = *by_id;
	return *by_id;
}

conv_dst_t *conv_dst_add(conv_t *c, conv_set_t *s, const char *file,
		unsigned line, const char *uri)
{
	conv_dst_t *d = conv_alloc(c, sizeof(*d));

	if(++c->ndsts > CONV_DSTS_MAX) {
		cli_could_not("convert", "more than %u destinations", CONV_DSTS_MAX);
		exit(CLI_COULD_NOT);
	}
	d->file = file;
	d->line = line;
	d->uri = conv_no_secret(c, file, line, uri);
	d->priority = d->weight = 1;
	*s->tail = d;
	s->tail = &d->next;
	return d;
}

static void say_unpinged(conv_t *c, const conv_set_t *s)
{
	const conv_dst_t *d;

	for(d = s->dsts; d != NULL; d = d->next) {
		if(!d->pinged)
			conv_say(c, CONV_CHANGED, d->file, d->line,
					"%s was not pinged, and is probed as the others of the "
					"set are: does it answer OPTIONS?",
					d->uri);
	}
}

int conv_say_probed(conv_t *c)
{
	const conv_set_t *s;

	for(s = c->sets; s != NULL; s = s->next) {
		if(s->probe != NULL && conv_pair_get(s->probe, "enabled") == NULL)
			say_unpinged(c, s);
	}
	return 0;
}

void conv_probe_interval(conv_t *c, conv_set_t *s, long seconds)
{
	seconds = seconds > 86400 ? 86400 : seconds;
	conv_pair_putf(c, &s->probe, "interval", "%lds", seconds);
	if(seconds < 60) /* the default */
		conv_pair_putf(c, &s->probe, "down-interval", "%lds", seconds);
}

void conv_set_probed(conv_t *c, conv_set_t *s)
{
	bool pinged = false;
	const conv_dst_t *d;

	for(d = s->dsts; d != NULL; d = d->next)
		pinged = pinged || d->pinged;
	if(pinged)
		say_unpinged(c, s);
	else
		conv_pair_put(c, &s->probe, "enabled", "no");
}

void conv_pair_put(
		conv_t *c, conv_pair_t **list, const char *name, const char *value)
{
	while(*list != NULL && strcmp((*list)->name, name) != 0)
		list = &(*list)->next;
	if(*list == NULL) {
		*list = conv_alloc(c, sizeof(**list));
		(*list)->name = name;
	}
	(*list)->value = value;
}

void conv_pair_putf(
		conv_t *c, conv_pair_t **list, const char *name, const char *fmt, ...)
{
	char value[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(value, sizeof(value), fmt, args);
	va_end(args);
	conv_pair_put(c, list, name, conv_copy(c, value, sizeof(value)));
}

const char *conv_pair_get(const conv_pair_t *list, const char *name)
{
	for(; list != NULL; list = list->next) {
		if(strcmp(list->name, name) == 0)
			return list->value;
	}
	return NULL;
}

void conv_keep_attr(
		conv_t *c, conv_dst_t *d, const char *name, const char *value)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
								"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
	size_t n = strlen(name), i, many = 0;
	const conv_pair_t *p;
	bool ok = n > 0 && n <= 64 && strspn(name, legal) == n;

	if(conv_is_secret(name)) {
		conv_say(c, CONV_SECRET, d->file, d->line, "%s is dropped", name);
		return;
	}
	value = conv_no_secret(c, d->file, d->line, value);
	ok = ok && strlen(value) <= 1024;
	for(i = 0; value[i] != '\0'; i++)
		ok = ok && (unsigned char)value[i] >= ' ' && value[i] != 0x7f;
	for(p = d->attrs; p != NULL; p = p->next)
		many++;
	if(!ok || many >= 64)
		conv_say(c, CONV_UNSUPPORTED, d->file, d->line,
				"attribute \"%s\" is dropped: %s", name,
				ok ? "a destination has 64 at most"
				   : "its name or value is none that the module takes");
	else
		conv_pair_put(c, &d->attrs, name, value);
}

/* --- made legal ------------------------------------------------------------- */

/* An id is made of any text by leaving out what it must not have. */
static const char *id_of(conv_t *c, const char *text, const char *fallback)
{
	char id[FRT_ID_MAX - 3]; /* room for "#99" */
	size_t n = 0;

	for(; *text != '\0' && n + 1 < sizeof(id); text++) {
		if((unsigned char)*text > ' ' && (unsigned char)*text < 0x7f
				&& *text != ',' && !(n == 0 && *text == '*'))
			id[n++] = *text;
	}
	id[n] = '\0';
	if(n == 0 || frt_id_check((frt_str_t){id, (uint32_t)n}, FRT_ID_MAX) != NULL)
		return fallback;
	return conv_copy(c, id, n);
}

/* used: ids to how often they were wished for. */
static void dst_id(conv_t *c, conv_map_t *used, conv_dst_t *d)
{
	const char *base = id_of(c, d->id != NULL ? d->id : "", "");
	unsigned *times;

	if(*base == '\0')
		base = id_of(c, conv_uri_host(c, d->uri), "gw");
	d->id = base;
	while(*conv_map_at(c, used, d->id) != NULL) {
		times = *conv_map_at(c, used, base);
		d->id = conv_printf(c, "%.50s#%u", base, ++*times);
	}
	times = conv_alloc(c, sizeof(*times));
	*times = 1;
	*conv_map_at(c, used, d->id) = times;
}

/* A destination the module cannot have is said and goes. */
static bool dst_legal(conv_t *c, const conv_dst_t *d)
{
	const frt_attr_def_t *def =
			frt_attr_find(FRT_SCOPE_DESTINATION, FRT_STR("uri"));
	frt_draft_dst_t place;
	const char *why = NULL;

	memset(&place, 0, sizeof(place));
	if(strlen(d->uri) > FRT_URI_MAX)
		why = "longer than 255 bytes";
	else if(frt_attr_store(def, frt_str_of(d->uri), &place, &why) == 0)
		return true;
	conv_say(c, CONV_UNSUPPORTED, d->file, d->line,
			"destination dropped: uri \"%.80s\": %s", d->uri,
			why != NULL ? why : "not a SIP URI");
	return false;
}

static void dst_socket(conv_t *c, conv_dst_t *d)
{
	frt_socket_t sock;
	const char *why = NULL;

	if(d->socket == NULL || *d->socket == '\0')
		return;
	if(strlen(d->socket) <= FRT_URI_MAX
			&& frt_socket_parse(frt_str_of(d->socket), &sock, &why) == 0)
		return;
	conv_say(c, CONV_UNSUPPORTED, d->file, d->line,
			"socket \"%.80s\" is left out: %s", d->socket,
			why != NULL ? why : "not proto:address:port");
	d->socket = NULL;
}

/* Who would wait for the DNS in each call is looked up beforehand. */
static void dst_resolve(conv_t *c, conv_dst_t *d)
{
	frt_uri_t uri;
	const char *why;

	if(d->resolve != NULL
			|| frt_uri_parse_why(frt_str_of(d->uri), &uri, &why) != 0
			|| uri.is_ip)
		return;
	d->resolve = "host";
	if(uri.port == 0)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"a host name without a port: resolve=\"host\" asks for "
				"addresses only; if it has SRV records write "
				"resolve=\"srv\"");
}

/* Says of a destination that is already there, in the same tier or another. */
static bool dst_double(conv_t *c, conv_map_t *hops, conv_dst_t *d)
{
	void **at = conv_map_at(c, hops,
			conv_printf(
					c, "%s %s", d->uri, d->socket != NULL ? d->socket : ""));
	conv_dst_t *e = *at;

	if(e == NULL) {
		*at = d;
		return false;
	}
	if(e->priority == d->priority && e->maint == d->maint) {
		e->weight += d->weight;
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"the same URI as line %u: joined there, with weight %ld; the "
				"module tries nobody twice in a call",
				e->line, e->weight);
	} else {
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"the same URI as line %u, which comes first: left out; the "
				"module tries nobody twice in a call",
				e->line);
	}
	return true;
}

static void clamp(conv_t *c, const conv_dst_t *d, const char *name, long *v,
		long min, long max)
{
	long to = *v < min ? min : *v > max ? max : *v;

	if(to != *v)
		conv_say(c, CONV_CHANGED, d->file, d->line, "%s %ld became %ld", name,
				*v, to);
	*v = to;
}

/* A tier without any weight is shared evenly, and said so. */
static void even_tiers(conv_t *c, conv_set_t *s)
{
	conv_map_t sums = {NULL, 0, 0};
	conv_dst_t *d;
	long *sum;
	void **at;

	for(d = s->dsts; d != NULL; d = d->next) {
		at = conv_map_at(c, &sums, conv_printf(c, "%ld", d->priority));
		if(*at == NULL)
			*at = conv_alloc(c, sizeof(*sum));
		sum = *at;
		*sum += d->weight;
	}
	for(d = s->dsts; d != NULL; d = d->next) {
		sum = *conv_map_at(c, &sums, conv_printf(c, "%ld", d->priority));
		if(*sum == 0)
			d->weight = 1;
	}
}

static void finish_dsts(conv_t *c, conv_set_t *s)
{
	conv_map_t ids = {NULL, 0, 0}, hops = {NULL, 0, 0};
	conv_dst_t **d = &s->dsts, *dst;

	while((dst = *d) != NULL) {
		dst_socket(c, dst);
		if(!dst_legal(c, dst) || dst_double(c, &hops, dst)) {
			*d = dst->next;
			continue;
		}
		dst_id(c, &ids, dst);
		dst_resolve(c, dst);
		d = &dst->next;
	}
	s->tail = d;
	for(dst = s->dsts; dst != NULL; dst = dst->next) {
		clamp(c, dst, "priority", &dst->priority, 0, FRT_PRIORITY_MAX);
		clamp(c, dst, "weight", &dst->weight, 0, FRT_WEIGHT_MAX);
		clamp(c, dst, "max-calls", &dst->max_calls, 0, FRT_CALLS_MAX);
	}
	even_tiers(c, s);
	for(dst = s->dsts; dst != NULL; dst = dst->next) {
		conv_say_converted(c, dst->file, dst->line,
				conv_printf(c, "%s: set %s, id %s, priority %ld, weight %ld",
						dst->uri, s->id, dst->id, dst->priority, dst->weight));
	}
}

void conv_finish(conv_t *c)
{
	conv_map_t ids = {NULL, 0, 0};
	conv_set_t **s = &c->sets;
	unsigned n = 0;

	while(*s != NULL) {
		(*s)->id = id_of(c, (*s)->id, conv_printf(c, "set-%u", ++n));
		while(*conv_map_at(c, &ids, (*s)->id) != NULL)
			(*s)->id = conv_printf(c, "%.40s#%u", (*s)->id, ++n);
		if((*s)->number > INT32_MAX)
			(*s)->number = -1;
		finish_dsts(c, *s);
		if((*s)->dsts == NULL) {
			conv_say(c, CONV_UNSUPPORTED, NULL, 0,
					"set \"%s\" is left out: no destination of it is left",
					(*s)->id);
			*s = (*s)->next;
			continue;
		}
		*conv_map_at(c, &ids, (*s)->id) = *s;
		s = &(*s)->next;
	}
}

/* --- written ---------------------------------------------------------------- */

/* The bytes of a character that a value may have, or 0. */
static uint32_t value_char(const char *s)
{
	uint32_t cp, n = frt_utf8_next(frt_str_of(s), &cp);

	return n > 0 && (cp == ' ' || frt_utf8_printable(cp)) ? n : 0;
}

static void add_value(cli_buf_t *out, const char *name, const char *value)
{
	uint32_t n;

	cli_buf_add(out, " %s=\"", name);
	for(; *value != '\0'; value += n > 0 ? n : 1) {
		n = value_char(value);
		if(*value == '&')
			cli_buf_add(out, "&amp;");
		else if(*value == '<')
			cli_buf_add(out, "&lt;");
		else if(*value == '>')
			cli_buf_add(out, "&gt;");
		else if(*value == '"')
			cli_buf_add(out, "&quot;");
		else
			cli_buf_put(out, n > 0 ? value : "?", n > 0 ? n : 1);
	}
	cli_buf_add(out, "\"");
}

static void add_pairs(cli_buf_t *out, const conv_pair_t *p)
{
	for(; p != NULL; p = p->next)
		add_value(out, p->name, p->value);
}

static void add_dst(cli_buf_t *out, const conv_dst_t *d)
{
	const conv_pair_t *p;

	cli_buf_add(out, "    <destination");
	add_value(out, "id", d->id);
	add_value(out, "uri", d->uri);
	cli_buf_add(
			out, " priority=\"%ld\" weight=\"%ld\"", d->priority, d->weight);
	if(d->socket != NULL && *d->socket != '\0')
		add_value(out, "socket", d->socket);
	if(d->max_calls > 0)
		cli_buf_add(out, " max-calls=\"%ld\"", d->max_calls);
	if(d->maint)
		cli_buf_add(out, " admin=\"maint\"");
	if(d->resolve != NULL && strcmp(d->resolve, "none") != 0)
		add_value(out, "resolve", d->resolve);
	cli_buf_add(out, d->attrs == NULL ? "/>\n" : ">\n");
	for(p = d->attrs; p != NULL; p = p->next) {
		cli_buf_add(out, "      <attribute");
		add_value(out, "name", p->name);
		add_value(out, "value", p->value);
		cli_buf_add(out, "/>\n");
	}
	if(d->attrs != NULL)
		cli_buf_add(out, "    </destination>\n");
}

void conv_xml(const conv_t *c, cli_buf_t *out)
{
	const conv_set_t *s;
	const conv_dst_t *d;

	cli_buf_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
					 "<failover-route version=\"1\">\n");
	for(s = c->sets; s != NULL; s = s->next) {
		cli_buf_add(out, "  <set");
		add_value(out, "id", s->id);
		if(s->number >= 0)
			cli_buf_add(out, " number=\"%ld\"", s->number);
		add_pairs(out, s->attrs);
		cli_buf_add(out, ">\n");
		if(s->probe != NULL) {
			cli_buf_add(out, "    <probe");
			add_pairs(out, s->probe);
			cli_buf_add(out, "/>\n");
		}
		if(s->health != NULL) {
			cli_buf_add(out, "    <health");
			add_pairs(out, s->health);
			cli_buf_add(out, "/>\n");
		}
		for(d = s->dsts; d != NULL; d = d->next)
			add_dst(out, d);
		cli_buf_add(out, "  </set>\n");
	}
	cli_buf_add(out, "</failover-route>\n");
}
