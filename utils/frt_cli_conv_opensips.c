/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert opensips: tables of OpenSIPS's dispatcher and drouting (2.4 to 3.x),
 * and of its load_balancer (frt_cli_conv_lb.c).
 * Rules choose by prefix and caller, which stays with the script: their lists of
 * gateways become sets.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[CONV_NKINDS] = {
		"dr_gateways", "dr_carriers", "dr_rules"};
static const char *const cols[CONV_NKINDS] = {"gwid", "carrierid", "ruleid"};

/* --- dispatcher -------------------------------------------------------------------- */

typedef struct row
{
	const conv_table_t *t;
	const conv_row_t *r;
	long set, priority;
	size_t index;
} row_t;

/* add_dest2list(): the higher priority first, else as in the table. */
static int as_opensips(const void *a, const void *b)
{
	const row_t *x = a, *y = b;

	if(x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if(x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static const char *strategy_of(long algorithm)
{
	switch(algorithm) {
		case 8:
			return "ordered";
		case 0:
		case 1:
		case 2:
		case 3:
		case 5:
		case 7:
			return "hash";
		case 4:
			return "round-robin";
		default:
			return "weighted";
	}
}

static void say_state(conv_t *c, const conv_dst_t *d, long state)
{
	if(state == 1)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"state 1 (disabled): admin=\"maint\"");
	if(state == 2)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"state 2 (probing) is left out: it begins up");
}

static void add_dst(conv_t *c, conv_set_t *s, const row_t *w, long rank)
{
	static const char *const keep[] = {"attrs", "description", NULL};
	conv_dst_t *d = conv_dst_add(
			c, s, w->t->file, w->r->line, conv_cell(w->t, w->r, "destination"));
	long state = conv_cell_number(w->t, w->r, "state", 0);

	d->weight = conv_cell_number(w->t, w->r, "weight", 1);
	d->socket = conv_cell(w->t, w->r, "socket");
	if(c->algorithm == 8) {
		d->priority = rank;
		d->weight = 1;
	}
	d->maint = state == 1;
	say_state(c, d, state);
	if(conv_cell(w->t, w->r, "comm_socket") != NULL
			&& *conv_cell(w->t, w->r, "comm_socket") != '\0')
		conv_say(c, CONV_SECRET, d->file, d->line,
				"comm_socket has a password; loads of FreeSWITCH are not "
				"asked for");
	conv_keep_cols(c, d, w->t, w->r, keep);
}

static row_t *rows_of(conv_t *c, const conv_table_t *t, size_t *n)
{
	const conv_row_t *r;
	const char *uri;
	row_t *rows;

	*n = 0;
	for(r = t->rows; r != NULL; r = r->next)
		++*n;
	rows = conv_alloc(c, (*n + 1) * sizeof(*rows));
	*n = 0;
	for(r = t->rows; r != NULL; r = r->next) {
		uri = conv_cell(t, r, "destination");
		if(uri == NULL || *uri == '\0') {
			conv_say(c, CONV_UNSUPPORTED, t->file, r->line,
					"no destination: the row is left out");
			continue;
		}
		rows[*n] = (row_t){t, r, conv_cell_number(t, r, "setid", 0),
				conv_cell_number(t, r, "priority", 0), *n};
		++*n;
	}
	qsort(rows, *n, sizeof(*rows), as_opensips);
	return rows;
}

static void dispatcher(conv_t *c, const conv_table_t *t)
{
	size_t n, i;
	row_t *rows = rows_of(c, t, &n);
	conv_set_t *s = NULL;
	long rank = 1;

	conv_say(c, CONV_NOTE, t->file, 0,
			c->algorithm == 8
					? "algorithm 8: OpenSIPS tries the higher priority first, "
					  "the module the lower; turned round"
			: c->algorithm < 0
					? "without --algorithm: weighted; priority counts with "
					  "algorithm 8 only"
					: "priority counts with algorithm 8 only; one tier");
	conv_say(c, CONV_NOTE, t->file, 0,
			"what OpenSIPS pings (ds_ping_interval, probe_mode) is not looked "
			"at: the module's defaults stand, and every destination is pinged");
	for(i = 0; i < n; i++) {
		if(i == 0 || rows[i].set != rows[i - 1].set) {
			s = conv_set_get(c, NULL, rows[i].set);
			conv_pair_put(c, &s->attrs, "strategy", strategy_of(c->algorithm));
			rank = 1;
		} else if(rows[i].priority != rows[i - 1].priority) {
			rank++;
		}
		add_dst(c, s, &rows[i], rank);
	}
}

/* --- drouting ------------------------------------------------------------------------ */

typedef struct drouting
{
	conv_t *c;
	conv_map_t gateways, carriers; /* id -> found_t */
	conv_map_t lists;			   /* list and sorting -> set */
} drouting_t;

typedef struct found
{
	const conv_table_t *t;
	const conv_row_t *r;
} found_t;

static void index_rows(conv_t *c, conv_map_t *m, conv_kind_t kind)
{
	const conv_table_t *t;
	const conv_row_t *r;
	const char *id;
	found_t *f;

	for(t = c->tables[kind]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			id = conv_cell(t, r, cols[kind]);
			if(id == NULL)
				continue;
			f = conv_alloc(c, sizeof(*f));
			*f = (found_t){t, r};
			*conv_map_at(c, m, id) = f;
		}
	}
}

/* A list of gateways, and what its row says of all of them. */
typedef struct list
{
	const char *text;
	bool even;	/* chosen by weight; else each after the other */
	bool first; /* no other than the one that is chosen */
	bool off;
} list_t;

#define FLAG_WEIGHT 1 /* up to 2.4, which has no column sort_alg */
#define FLAG_FIRST 2
#define FLAG_OFF 4
#define FLAG_FIRST_SINCE_3 1

static list_t list_of(const conv_table_t *t, const conv_row_t *r)
{
	const char *alg = conv_cell(t, r, "sort_alg");
	long flags = conv_cell_number(t, r, "flags", 0);
	list_t l = {.text = conv_cell(t, r, "gwlist")};

	l.off = conv_cell_number(t, r, "state", 0) != 0;
	if(conv_has_col(t, "sort_alg")) {
		l.even = alg != NULL && (*alg == 'W' || *alg == 'w');
		l.first = (flags & FLAG_FIRST_SINCE_3) != 0;
	} else {
		l.even = (flags & FLAG_WEIGHT) != 0;
		l.first = (flags & FLAG_FIRST) != 0;
		l.off = l.off || (flags & FLAG_OFF) != 0;
	}
	return l;
}

/* Adds it; true if it is there and not disabled. */
static bool add_gateway(drouting_t *d, conv_set_t *s, const found_t *f,
		long priority, long weight)
{
	static const char *const keep[] = {
			"type", "strip", "pri_prefix", "attrs", "description", NULL};
	conv_t *c = d->c;
	const char *address = conv_cell(f->t, f->r, "address");
	long state = conv_cell_number(f->t, f->r, "state", 0);
	conv_dst_t *dst;

	if(address == NULL || *address == '\0') {
		conv_say(c, CONV_UNSUPPORTED, f->t->file, f->r->line, "no address");
		return false;
	}
	if(strncasecmp(address, "sip:", 4) != 0
			&& strncasecmp(address, "sips:", 5) != 0)
		address = conv_printf(c, "sip:%s", address);
	dst = conv_dst_add(c, s, f->t->file, f->r->line, address);
	dst->id = conv_cell(f->t, f->r, "gwid");
	dst->priority = priority;
	dst->weight = weight;
	dst->socket = conv_cell(f->t, f->r, "socket");
	dst->maint = state == 1;
	say_state(c, dst, state);
	conv_keep_cols(c, dst, f->t, f->r, keep);
	if(conv_pair_get(dst->attrs, "strip")
			|| conv_pair_get(dst->attrs, "pri_prefix"))
		conv_say(c, CONV_CHANGED, dst->file, dst->line,
				"strip and pri_prefix are attributes: the script applies "
				"$xavp(frt=>attr_strip) in a branch_route");
	dst->pinged = conv_cell_number(f->t, f->r, "probe_mode", 0) != 0;
	return !dst->maint;
}

static void add_list(
		drouting_t *d, conv_set_t *s, const list_t *list, long *tier);

/* A carrier within a list. */
static void add_carrier(
		drouting_t *d, conv_set_t *s, const found_t *f, long *tier)
{
	list_t inner = list_of(f->t, f->r);

	if(inner.text == NULL)
		return;
	if(inner.off) {
		conv_say(d->c, CONV_CHANGED, f->t->file, f->r->line,
				"disabled: left out of set %s", s->id);
		return;
	}
	if(inner.first && inner.even)
		conv_say(d->c, CONV_CHANGED, f->t->file, f->r->line,
				"only one of its gateways is tried there; in set %s a call "
				"may go on to the others",
				s->id);
	add_list(d, s, &inner, tier);
}

/* "gw1=10,#carrier,gw2": with weights one tier, else each after the other. A
 * carrier's list (tier is not 0) names no carriers. */
static void add_list(
		drouting_t *d, conv_set_t *s, const list_t *list, long *tier)
{
	conv_t *c = d->c;
	const found_t *f;
	const char *p = list->text, *id;
	size_t n;
	bool inner = *tier > 0, used;
	long w, first = ++*tier;

	for(; *p != '\0'; p += strcspn(p, ",;|"), p += *p != '\0') {
		p += strspn(p, " ");
		n = strcspn(p + (*p == '#'), " =,;|") + (*p == '#');
		id = conv_copy(c, p, n);
		p += n;
		w = *p == '=' ? strtol(p + 1, NULL, 10) : 1;
		if(n == 0)
			continue;
		f = *conv_map_at(
				c, *id == '#' ? &d->carriers : &d->gateways, id + (*id == '#'));
		if(f == NULL || (*id == '#' && inner)) {
			conv_say(c, CONV_UNSUPPORTED, NULL, 0,
					"set %s: there is no %s, which its list names", s->id, id);
		} else if(*id == '#') {
			add_carrier(d, s, f, tier);
		} else {
			used = add_gateway(
					d, s, f, list->even ? first : *tier, list->even ? w : 1);
			*tier += !list->even;
			if(used && list->first && !list->even)
				return;
		}
	}
}

static void only_first(drouting_t *d, conv_set_t *s, const list_t *list,
		const conv_table_t *t, const conv_row_t *r)
{
	if(!list->first)
		return;
	if(list->even)
		conv_pair_put(d->c, &s->attrs, "max-attempts", "1");
	conv_say(d->c, CONV_CHANGED, t->file, r->line,
			"only one gateway is tried%s",
			list->even ? ": max-attempts=\"1\""
					   : ", the first: the others are left out");
}

static void take_out(drouting_t *d, conv_set_t *s, const conv_table_t *t,
		const conv_row_t *r)
{
	conv_dst_t *dst;

	for(dst = s->dsts; dst != NULL; dst = dst->next)
		dst->maint = true;
	conv_say(d->c, CONV_CHANGED, t->file, r->line,
			"disabled: all of set %s is admin=\"maint\"", s->id);
}

/* The set of a list of gateways; one list, one set. */
static conv_set_t *list_set(drouting_t *d, const char *id,
		const conv_table_t *t, const conv_row_t *r)
{
	conv_t *c = d->c;
	list_t list = list_of(t, r);
	void **at = conv_map_at(c, &d->lists,
			conv_printf(c, "%d%d%d %s", list.even, list.first, list.off,
					list.text));
	const char *alg = conv_cell(t, r, "sort_alg");
	conv_set_t *s = *at;
	long tier = 0;

	if(s != NULL)
		return s;
	s = conv_set_get(c, id, -1);
	*at = s;
	if(list.even && strchr(list.text, '#') != NULL)
		conv_say(c, CONV_CHANGED, t->file, r->line,
				"carriers that are chosen by weight are tried one after the "
				"other");
	if(alg != NULL && (*alg == 'Q' || *alg == 'q')) {
		conv_pair_put(c, &s->attrs, "strategy", "fastest");
		conv_say(c, CONV_CHANGED, t->file, r->line,
				"quality sorting became strategy=\"fastest\"");
	}
	add_list(d, s, &list, &tier);
	only_first(d, s, &list, t, r);
	if(list.off)
		take_out(d, s, t, r);
	conv_set_probed(c, s);
	return s;
}

static void each_list(drouting_t *d, conv_kind_t kind)
{
	conv_t *c = d->c;
	const conv_table_t *t;
	const conv_row_t *r;
	const char *id, *list, *prefix;
	conv_set_t *s;

	for(t = c->tables[kind]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			id = conv_cell(t, r, cols[kind]);
			list = conv_cell(t, r, "gwlist");
			if(id == NULL || list == NULL || *list == '\0') {
				conv_say(c, CONV_UNSUPPORTED, t->file, r->line,
						"no id or no gateways: left out");
				continue;
			}
			if(kind == CONV_ROWS_RULES)
				id = conv_printf(c, "rule-%.40s", id);
			s = list_set(d, id, t, r);
			prefix = conv_cell(t, r, "prefix");
			if(kind == CONV_ROWS_RULES)
				conv_say(c, CONV_CHANGED, t->file, r->line,
						"prefix \"%s\", groups \"%s\": choosing stays with the "
						"script: frt_relay(\"%s\")",
						prefix != NULL ? prefix : "",
						conv_cell(t, r, "groupid") != NULL
								? conv_cell(t, r, "groupid")
								: "",
						s->id);
			else
				conv_say_converted(c, t->file, r->line,
						conv_printf(c, "carrier: set %s", s->id));
		}
	}
}

/* Gateways that nothing names are a set of their own. */
static void all_gateways(drouting_t *d)
{
	conv_t *c = d->c;
	const conv_table_t *t;
	const conv_row_t *r;
	conv_set_t *s = conv_set_get(c, "gateways", -1);
	found_t f;

	conv_say(c, CONV_CHANGED, NULL, 0,
			"without dr_rules and dr_carriers all gateways are one tier of "
			"the set \"gateways\"");
	for(t = c->tables[CONV_ROWS_GATEWAYS]; t != NULL; t = t->next) {
		for(r = t->rows; r != NULL; r = r->next) {
			f = (found_t){t, r};
			add_gateway(d, s, &f, 1, 1);
		}
	}
	conv_set_probed(c, s);
}

/* The table, if it is one that stands for itself: dispatcher, load_balancer.
 * 1 if it was, 0 if not, -1 if it cannot be read. */
static int alone(conv_t *c, const char *path, const char *name)
{
	conv_table_t t;

	if(conv_table_read(c, path, name, &t) != 0)
		return -1;
	if(conv_is_lb(&t))
		conv_lb(c, &t);
	else if(conv_has_col(&t, "setid") && conv_has_col(&t, "destination"))
		dispatcher(c, &t);
	else
		return 0;
	return 1;
}

int conv_opensips(conv_t *c, const char *path)
{
	const char *const one[] = {c->table};
	static const char *const both[] = {"dispatcher", "load_balancer"};
	const char *const *tables = c->table != NULL ? one : both;
	int db = conv_is_sqlite(path), i, n = c->table != NULL ? 1 : 2, ret;
	bool found = false;

	if(db < 0)
		return -1;
	for(i = 0; i < (db ? n : 1); i++) {
		if(db && !conv_sqlite_has(path, tables[i]))
			continue;
		ret = alone(c, path, tables[i]);
		if(ret < 0)
			return -1;
		found = found || ret > 0;
	}
	if(found && (db == 0 || !conv_sqlite_has(path, names[0])))
		return 0;
	return conv_tables_read(c, path, names, cols);
}

int conv_opensips_end(conv_t *c)
{
	drouting_t d = {.c = c};

	if(c->tables[CONV_ROWS_GATEWAYS] == NULL) {
		if(c->tables[CONV_ROWS_LISTS] == NULL
				&& c->tables[CONV_ROWS_RULES] == NULL)
			return 0;
		cli_could_not("convert", "dr_gateways is missing");
		return -1;
	}
	index_rows(c, &d.gateways, CONV_ROWS_GATEWAYS);
	index_rows(c, &d.carriers, CONV_ROWS_LISTS);
	each_list(&d, CONV_ROWS_LISTS);
	each_list(&d, CONV_ROWS_RULES);
	if(c->tables[CONV_ROWS_LISTS] == NULL && c->tables[CONV_ROWS_RULES] == NULL)
		all_gateways(&d);
	return 0;
}
