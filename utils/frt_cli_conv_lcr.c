/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert lcr: gateways of Kamailio's lcr, and the targets of its rules as
 * sets. Which rule a call meets stays with the script.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[CONV_NKINDS] = {
		"lcr_gw", "lcr_rule_target", "lcr_rule"};
static const char *const cols[CONV_NKINDS] = {"gw_name", "gw_id", "stopper"};

typedef struct lcr
{
	conv_t *c;
	conv_map_t gateways; /* id -> gw_t */
	conv_map_t rules;	 /* id -> rule_t */
	conv_map_t sets;	 /* targets -> set */
} lcr_t;

typedef struct gw
{
	const conv_table_t *t;
	const conv_row_t *r;
} gw_t;

typedef struct target
{
	const gw_t *gw;
	const char *gw_id;
	long priority, weight;
	struct target *next;
} target_t;

typedef struct rule
{
	target_t *targets, **tail;
} rule_t;

static const char *cell(const gw_t *g, const char *col)
{
	const char *v = conv_cell(g->t, g->r, col);

	return v != NULL ? v : "";
}

/* As load_gws() puts it together. */
static const char *uri_of(conv_t *c, const gw_t *g)
{
	static const char *const transports[] = {"", ";transport=udp",
			";transport=tcp", ";transport=tls", ";transport=sctp"};
	const char *host = cell(g, "ip_addr"), *params = cell(g, "params");
	long scheme = conv_cell_number(g->t, g->r, "uri_scheme", 1);
	long transport = conv_cell_number(g->t, g->r, "transport", 0);
	long port = conv_cell_number(g->t, g->r, "port", 0);

	if(*host == '\0')
		host = cell(g, "hostname");
	else if(*cell(g, "hostname") != '\0')
		conv_say(c, CONV_CHANGED, g->t->file, g->r->line,
				"the R-URI's host was %s, the next hop %s: it is %s for both",
				cell(g, "hostname"), host, host);
	if(*host == '\0')
		return NULL;
	if(strchr(host, ':') != NULL && *host != '[')
		host = conv_printf(c, "[%s]", host);
	return conv_printf(c, "%s:%s%s%s%s%s", scheme == 2 ? "sips" : "sip", host,
			port > 0 ? conv_printf(c, ":%ld", port) : "",
			transport >= 1 && transport <= 4 ? transports[transport] : "",
			*params != '\0' && *params != ';' ? ";" : "", params);
}

static void add_gw(
		lcr_t *l, conv_set_t *s, const gw_t *g, long priority, long weight)
{
	static const char *const keep[] = {
			"strip", "prefix", "tag", "flags", "hostname", NULL};
	conv_t *c = l->c;
	const char *uri = uri_of(c, g);
	conv_dst_t *d;

	if(uri == NULL) {
		conv_say(c, CONV_UNSUPPORTED, g->t->file, g->r->line,
				"neither ip_addr nor hostname");
		return;
	}
	d = conv_dst_add(c, s, g->t->file, g->r->line, uri);
	d->id = cell(g, "gw_name");
	d->priority = priority;
	d->weight = weight;
	conv_keep_cols(c, d, g->t, g->r, keep);
	if(conv_pair_get(d->attrs, "strip") || conv_pair_get(d->attrs, "prefix"))
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"strip and prefix are attributes: the script applies "
				"$xavp(frt=>attr_prefix) in a branch_route");
	if(*cell(g, "defunct") != '\0' && strcmp(cell(g, "defunct"), "0") != 0)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"defunct is left out: it begins up, and being down is found "
				"out");
}

int conv_lcr(conv_t *c, const char *path)
{
	return conv_tables_read(c, path, names, cols);
}

static void index_gateways(lcr_t *l)
{
	const conv_table_t *t;
	const conv_row_t *r;
	const char *id;
	gw_t *g;

	for(t = l->c->tables[CONV_ROWS_GATEWAYS]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			id = conv_cell(t, r, "id");
			g = conv_alloc(l->c, sizeof(*g));
			*g = (gw_t){t, r};
			if(id != NULL)
				*conv_map_at(l->c, &l->gateways, id) = g;
		}
	}
}

static void add_target(lcr_t *l, const conv_table_t *t, const conv_row_t *r)
{
	conv_t *c = l->c;
	const char *id = conv_cell(t, r, "rule_id"), *gw = conv_cell(t, r, "gw_id");
	target_t *target;
	rule_t *rule;
	void **at;

	if(id == NULL || gw == NULL || *conv_map_at(c, &l->gateways, gw) == NULL) {
		conv_say(c, CONV_UNSUPPORTED, t->file, r->line, "no such gateway: %s",
				gw != NULL ? gw : "(none)");
		return;
	}
	at = conv_map_at(c, &l->rules, id);
	if(*at == NULL) {
		rule = conv_alloc(c, sizeof(*rule));
		rule->tail = &rule->targets;
		*at = rule;
	}
	rule = *at;
	target = conv_alloc(c, sizeof(*target));
	target->gw = *conv_map_at(c, &l->gateways, gw);
	target->gw_id = gw;
	target->priority = conv_cell_number(t, r, "priority", 0);
	target->weight = conv_cell_number(t, r, "weight", 1);
	*rule->tail = target;
	rule->tail = &target->next;
	conv_say_converted(c, t->file, r->line,
			conv_printf(c, "rule %s: gateway %s, priority %ld, weight %ld", id,
					gw, target->priority, target->weight));
}

/* Rules with the same targets share a set. */
static conv_set_t *rule_set(lcr_t *l, const char *id, const rule_t *rule)
{
	cli_buf_t key = {NULL, 0, 0};
	const target_t *t;
	conv_set_t *s;
	void **at;

	cli_buf_add(&key, "targets");
	for(t = rule->targets; t != NULL; t = t->next)
		cli_buf_add(&key, " %s:%ld:%ld", t->gw_id, t->priority, t->weight);
	at = conv_map_at(l->c, &l->sets, conv_copy(l->c, key.s, key.len));
	free(key.s);
	if(*at != NULL)
		return *at;
	s = conv_set_get(l->c, conv_printf(l->c, "rule-%.40s", id), -1);
	*at = s;
	for(t = rule->targets; t != NULL; t = t->next)
		add_gw(l, s, t->gw, t->priority, t->weight);
	return s;
}

static void each_rule(lcr_t *l)
{
	conv_t *c = l->c;
	const conv_table_t *t;
	const conv_row_t *r;
	const char *id, *prefix;
	conv_set_t *s;
	rule_t *rule;

	for(t = c->tables[CONV_ROWS_RULES]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			id = conv_cell(t, r, "id");
			rule = id != NULL ? *conv_map_at(c, &l->rules, id) : NULL;
			prefix = conv_cell(t, r, "prefix");
			if(rule == NULL || conv_cell_number(t, r, "enabled", 1) == 0) {
				conv_say(c, CONV_UNSUPPORTED, t->file, r->line,
						"rule without targets, or not enabled: left out");
				continue;
			}
			s = rule_set(l, id, rule);
			conv_say(c, CONV_CHANGED, t->file, r->line,
					"prefix \"%s\": choosing stays with the script: "
					"frt_relay(\"%s\")",
					prefix != NULL ? prefix : "", s->id);
		}
	}
}

/* Without rules each lcr_id is a set of one tier. */
static void each_instance(lcr_t *l)
{
	const conv_table_t *t;
	const conv_row_t *r;
	const char *id;
	gw_t g;

	for(t = l->c->tables[CONV_ROWS_GATEWAYS]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			id = conv_cell(t, r, "lcr_id");
			g = (gw_t){t, r};
			add_gw(l,
					conv_set_get(l->c,
							conv_printf(
									l->c, "lcr-%.40s", id != NULL ? id : "1"),
							-1),
					&g, 1, 1);
		}
	}
}

int conv_lcr_end(conv_t *c)
{
	lcr_t l = {.c = c};
	const conv_table_t *t;
	const conv_row_t *r;

	if(c->tables[CONV_ROWS_GATEWAYS] == NULL) {
		cli_could_not("convert", "lcr_gw is missing");
		return -1;
	}
	index_gateways(&l);
	for(t = c->tables[CONV_ROWS_LISTS]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next)
			add_target(&l, t, r);
	}
	if(c->tables[CONV_ROWS_RULES] == NULL || c->tables[CONV_ROWS_LISTS] == NULL)
		each_instance(&l);
	else
		each_rule(&l);
	conv_say(c, CONV_NOTE, NULL, 0,
			"weights are shares now; lcr favours the larger ones more than "
			"that");
	return 0;
}
