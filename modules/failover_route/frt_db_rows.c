/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From rows to a draft. The columns are a few that most need; everything else
 * of a set, a probe, health or a destination is a row of the table of
 * attributes, so a new attribute changes no table. Every value goes as text
 * through the one table of attributes, like an attribute of the XML.
 */
#include "frt_db_rows.h"
#include "engine/frt_attr.h"
#include "engine/frt_text.h"

#include <string.h>

#define PLACE_SIZE 256
#define SHOWN_ID_MAX 48 /* bytes of an id in a place */

FRT_ENUM_DEFINE(frt_db_table, FRT_DB_TABLE_LIST)

/* clang-format off */
#define KEY(name) {name, FRT_SCOPE_DEFAULTS, NULL}
#define S(name, attr) {name, FRT_SCOPE_SET, attr}
#define P(name, attr) {name, FRT_SCOPE_PROBE, attr}
#define H(name, attr) {name, FRT_SCOPE_HEALTH, attr}
#define D(name, attr) {name, FRT_SCOPE_DESTINATION, attr}
#define R(name, attr) {name, FRT_SCOPE_RULE, attr}

static const frt_db_column_t set_columns[] = {
	KEY("id"),
	S("number", "number"),
	S("strategy", "strategy"),
	S("max_attempts", "max-attempts"),
	S("deadline", "deadline"),
	S("try_timeout", "try-timeout"),
	S("answer_timeout", "answer-timeout"),
	S("profile", "profile"),
	S("after_ringing", "after-ringing"),
	S("rewrite", "rewrite"),
	P("probe_enabled", "enabled"),
	P("probe_interval", "interval"),
	P("probe_timeout", "timeout"),
	P("probe_rise", "rise"),
	P("probe_fall", "fall"),
	H("health_fall", "fall"),
	H("health_hold", "hold"),
	H("health_hold_max", "hold-max"),
	H("health_ramp", "ramp"),
};

static const frt_db_column_t destination_columns[] = {
	KEY("set_id"),
	KEY("id"),
	D("uri", "uri"),
	D("priority", "priority"),
	D("weight", "weight"),
	D("socket", "socket"),
	D("max_calls", "max-calls"),
	D("max_cps", "max-cps"),
	D("admin", "admin"),
	D("resolve", "resolve"),
};

static const frt_db_column_t policy_columns[] = {
	KEY("set_id"),
	KEY("position"),
	R("code", "code"),
	R("origin", "origin"),
	R("provisional", "provisional"),
	R("reason_cause", "reason-cause"),
	R("route", "route"),
	R("verdict", "verdict"),
};

static const frt_db_column_t attribute_columns[] = {
	KEY("set_id"),
	KEY("destination_id"),
	KEY("scope"),
	KEY("name"),
	KEY("value"),
};

#define COLUMNS(list) {list, sizeof(list) / sizeof((list)[0])}
/* clang-format on */

/* Cells by their names, where the row belongs. */
enum
{
	SET_ID,
	DST_SET = 0,
	DST_ID,
	RULE_SET = 0,
	RULE_POSITION,
	ATTR_SET = 0,
	ATTR_DST,
	ATTR_SCOPE,
	ATTR_NAME,
	ATTR_VALUE
};

static const struct
{
	const frt_db_column_t *columns;
	uint32_t n;
} tables[frt_db_table_count] = {
		[FRT_DB_SET] = COLUMNS(set_columns),
		[FRT_DB_DESTINATION] = COLUMNS(destination_columns),
		[FRT_DB_POLICY] = COLUMNS(policy_columns),
		[FRT_DB_ATTRIBUTE] = COLUMNS(attribute_columns),
};

const frt_db_column_t *frt_db_columns(frt_db_table_t table, uint32_t *n)
{
	*n = tables[table].n;
	return tables[table].columns;
}

const char *frt_db_order(frt_db_table_t table)
{
	static const char *const orders[frt_db_table_count] = {
			[FRT_DB_SET] = "id",
			[FRT_DB_DESTINATION] = "set_id,id",
			[FRT_DB_POLICY] = "set_id,position",
			[FRT_DB_ATTRIBUTE] = "set_id,destination_id,scope,name",
	};

	return orders[table];
}

/* --- keeping rows ---------------------------------------------------------- */

/* It becomes part of SQL. */
static bool is_prefix(frt_str_t s)
{
	uint32_t i;

	for(i = 0; i < s.len; i++) {
		char c = s.s[i];
		if((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_'
				&& (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return s.len > 0 && s.len + sizeof("_destination") <= FRT_DB_TABLE_NAME_MAX;
}

int frt_db_rows_init(frt_db_rows_t *r, frt_draft_t *d, frt_str_t prefix)
{
	char mem[FRT_DB_TABLE_NAME_MAX + 1];
	frt_str_t copy;
	frt_buf_t b;
	int i;

	memset(r, 0, sizeof(*r));
	r->draft = d;
	if(!is_prefix(prefix))
		return FRT_E_INVAL;
	for(i = 0; i < frt_db_table_count; i++) {
		frt_buf_init(&b, mem, sizeof(mem));
		frt_buf_add_str(&b, prefix);
		frt_buf_add(&b, "_%s", frt_db_table_name((frt_db_table_t)i));
		if(frt_draft_copy(d, (frt_str_t){mem, (uint32_t)b.len}, &copy) != 0)
			return FRT_E_NOMEM;
		r->names[i] = copy.s;
	}
	return 0;
}

int frt_db_rows_add(
		frt_db_rows_t *r, frt_db_table_t table, const frt_str_t *cells)
{
	uint32_t n = tables[table].n, i;
	frt_db_row_t *row;

	for(i = 0; i < n; i++)
		r->bytes += cells[i].len;
	if(++r->rows > FRT_DB_ROWS_MAX || r->bytes > FRT_DB_BYTES_MAX)
		return FRT_E_RANGE;
	row = frt_draft_alloc(r->draft, sizeof(*row) + n * sizeof(row->cells[0]));
	if(row == NULL)
		return FRT_E_NOMEM;
	for(i = 0; i < n; i++) {
		if(cells[i].s != NULL
				&& frt_draft_copy(r->draft, cells[i], &row->cells[i]) != 0)
			return FRT_E_NOMEM;
	}
	if(r->last[table] != NULL)
		r->last[table]->next = row;
	else
		r->first[table] = row;
	r->last[table] = row;
	return 0;
}

/* --- places ------------------------------------------------------------------ */

/* What the filling is at. */
typedef struct fill
{
	frt_db_rows_t *r;
	frt_draft_t *d;
	frt_db_table_t table;
	const frt_db_row_t *row;
	char *at;		  /* the place of one cell ... */
	uint32_t at_used; /* ... which the faults noted since may point to */
	int err;
} fill_t;

static uint32_t count_faults(const frt_draft_t *d)
{
	uint32_t errors, warnings;

	frt_draft_faults(d, NULL, &errors, &warnings);
	return errors + warnings;
}

static void add_key(frt_buf_t *b, frt_str_t key, const char *before)
{
	frt_buf_add(b, "%s", before);
	if(key.s == NULL)
		frt_buf_add(b, "NULL");
	else
		frt_buf_add_str(b, frt_utf8_cut(key, SHOWN_ID_MAX));
	if(key.len > SHOWN_ID_MAX)
		frt_buf_add(b, "...");
}

/* Writes "failover_route_destination[carriers/us-east-1]". */
static void row_text(const fill_t *f, char *mem, frt_buf_t *b)
{
	const frt_str_t *c = f->row->cells;

	frt_buf_init(b, mem, PLACE_SIZE);
	frt_buf_add(b, "%s", f->r->names[f->table]);
	add_key(b, c[0], "[");
	if(f->table != FRT_DB_SET
			&& (f->table != FRT_DB_ATTRIBUTE || c[ATTR_DST].len > 0))
		add_key(b, c[1], "/");
	if(f->table == FRT_DB_ATTRIBUTE) {
		add_key(b, c[ATTR_SCOPE], " ");
		add_key(b, c[ATTR_NAME], " ");
	}
	frt_buf_add(b, "]");
	frt_text_clean(mem);
}

/* A row's place, for what keeps it. */
static frt_place_t row_place(fill_t *f)
{
	frt_place_t place = {NULL, 0};
	char mem[PLACE_SIZE];
	frt_str_t copy;
	frt_buf_t b;

	row_text(f, mem, &b);
	if(frt_draft_copy(f->d, (frt_str_t){mem, (uint32_t)b.len}, &copy) != 0)
		f->err = FRT_E_NOMEM;
	else
		place.file = copy.s;
	return place;
}

/* The place of a cell, for a fault. Nearly all cells are good, so its memory is
 * taken again and again until a fault has kept it. */
static frt_place_t cell_place(fill_t *f, uint32_t column)
{
	uint32_t faults = count_faults(f->d);
	frt_place_t place = {NULL, 0};
	frt_buf_t b;

	if(f->at == NULL || f->at_used != faults) {
		f->at = frt_draft_alloc(f->d, PLACE_SIZE);
		f->at_used = faults;
	}
	if(f->at == NULL)
		return place; /* the next allocation says so */
	row_text(f, f->at, &b);
	frt_buf_add(&b, ".%s", tables[f->table].columns[column].name);
	place.file = f->at;
	return place;
}

/* Notes `column="value": why`, or that it is missing. */
static void fault_cell(fill_t *f, uint32_t column, const char *why)
{
	const char *name = tables[f->table].columns[column].name;
	frt_str_t value = f->row->cells[column];
	frt_place_t place = cell_place(f, column);
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	if(value.s == NULL) {
		frt_draft_fault(f->d, false, place, "%s is missing", name);
		return;
	}
	frt_buf_add_quoted(&b, value);
	frt_draft_fault(f->d, false, place, "%s=%s: %s", name, mem, why);
}

/* --- filling ------------------------------------------------------------------- */

static bool is_star(frt_str_t s)
{
	return frt_str_eq(s, FRT_STR("*"));
}

/* Gives the attributes that the row's columns have. */
static void fill_columns(fill_t *f, frt_draft_set_t *set, frt_draft_dst_t *dst)
{
	const frt_db_column_t *c = tables[f->table].columns;
	uint32_t i;

	for(i = 0; i < tables[f->table].n && f->err == 0; i++) {
		frt_str_t value = f->row->cells[i];
		const frt_attr_def_t *def;

		if(c[i].attr == NULL)
			continue;
		def = frt_attr_find(c[i].scope, frt_str_of(c[i].attr));
		if(value.s == NULL && (def == NULL || !def->required))
			continue;
		f->err = frt_draft_attr(f->d, c[i].scope, set, dst,
				frt_str_of(c[i].attr), value, cell_place(f, i));
	}
}

/* The set of a row, or NULL: then it is noted. */
static frt_draft_set_t *set_of(fill_t *f)
{
	frt_str_t id = f->row->cells[0];
	frt_draft_set_t *set = id.s ? frt_draft_set_find(f->d, id) : NULL;

	if(set == NULL)
		fault_cell(f, 0, "no such set");
	return set;
}

/* Is it a set of the database? A file's set has its policy in the file. */
static bool is_ours(fill_t *f, const frt_draft_set_t *set)
{
	const char *name = f->r->names[FRT_DB_SET];
	size_t n = strlen(name);

	if(set->place.file != NULL && strncmp(set->place.file, name, n) == 0
			&& set->place.file[n] == '[')
		return true;
	fault_cell(f, 0, "the set is not in the database, only its destinations");
	return false;
}

static void fill_set(fill_t *f)
{
	frt_draft_set_t *set = NULL;
	frt_place_t place = row_place(f);

	if(f->err == 0)
		f->err = frt_draft_set_add(f->d, f->row->cells[SET_ID], place, &set);
	if(f->err == 0)
		fill_columns(f, set, NULL);
}

static void fill_destination(fill_t *f)
{
	frt_draft_set_t *set = set_of(f);
	frt_draft_dst_t *dst = NULL;
	frt_place_t place = {NULL, 0};

	if(set == NULL)
		return;
	place = row_place(f);
	if(f->err == 0)
		f->err = frt_draft_dst_add(
				f->d, set, f->row->cells[DST_ID], place, &dst);
	if(f->err == 0)
		fill_columns(f, set, dst);
}

static void fill_rule(fill_t *f)
{
	frt_draft_set_t *set = NULL;
	frt_place_t place;

	if(!is_star(f->row->cells[RULE_SET])) {
		set = set_of(f);
		if(set == NULL || !is_ours(f, set))
			return;
	}
	place = row_place(f);
	if(f->err == 0)
		f->err = frt_draft_rule_add(f->d, set, place);
	if(f->err == 0)
		fill_columns(f, set, NULL);
}

/* What has a column is said there, and not a second time. */
static bool has_column(fill_t *f, frt_scope_t scope, frt_str_t name)
{
	frt_db_table_t t =
			scope == FRT_SCOPE_DESTINATION ? FRT_DB_DESTINATION : FRT_DB_SET;
	char why[100];
	frt_buf_t b;
	uint32_t i;

	for(i = 0; i < tables[t].n; i++) {
		const frt_db_column_t *c = &tables[t].columns[i];

		if(c->attr == NULL || c->scope != scope
				|| !frt_str_eq(frt_str_of(c->attr), name))
			continue;
		frt_buf_init(&b, why, sizeof(why));
		frt_buf_add(&b, "it is the column %s of %s", c->name, f->r->names[t]);
		fault_cell(f, ATTR_NAME, why);
		return true;
	}
	return false;
}

/* A row of the table of attributes for a destination. */
static void fill_of_destination(fill_t *f, bool free_one)
{
	const frt_str_t *c = f->row->cells;
	frt_draft_set_t *set = set_of(f);
	frt_draft_dst_t *dst;

	if(set == NULL)
		return;
	dst = c[ATTR_DST].s ? frt_draft_dst_find(f->d, set, c[ATTR_DST]) : NULL;
	if(dst == NULL)
		fault_cell(f, ATTR_DST, "no such destination in this set");
	else if(free_one)
		f->err = frt_draft_dst_attribute(f->d, dst, c[ATTR_NAME], c[ATTR_VALUE],
				cell_place(f, c[ATTR_NAME].len ? ATTR_VALUE : ATTR_NAME));
	else if(!has_column(f, FRT_SCOPE_DESTINATION, c[ATTR_NAME]))
		f->err = frt_draft_attr(f->d, FRT_SCOPE_DESTINATION, set, dst,
				c[ATTR_NAME], c[ATTR_VALUE], cell_place(f, ATTR_VALUE));
}

/* One for a set, or for the defaults. */
static void fill_of_set(fill_t *f, frt_scope_t scope)
{
	const frt_str_t *c = f->row->cells;
	frt_draft_set_t *set = NULL;

	if(c[ATTR_DST].len > 0) {
		fault_cell(f, ATTR_DST, "expected none: it is an attribute of a set");
		return;
	}
	if(is_star(c[ATTR_SET])) {
		if(scope == FRT_SCOPE_SET)
			scope = FRT_SCOPE_DEFAULTS;
	} else {
		set = set_of(f);
		if(set == NULL || !is_ours(f, set)
				|| has_column(f, scope, c[ATTR_NAME]))
			return;
	}
	f->err = frt_draft_attr(f->d, scope, set, NULL, c[ATTR_NAME], c[ATTR_VALUE],
			cell_place(f, ATTR_VALUE));
}

static void fill_attribute(fill_t *f)
{
	const frt_str_t *c = f->row->cells;
	frt_scope_t scope;

	if(c[ATTR_NAME].len == 0) {
		fault_cell(f, ATTR_NAME, "expected the name of an attribute");
	} else if(frt_str_eq(c[ATTR_SCOPE], FRT_STR("attribute"))) {
		fill_of_destination(f, true);
	} else if(frt_scope_parse(c[ATTR_SCOPE], &scope) != 0
			  || scope == FRT_SCOPE_DEFAULTS || scope == FRT_SCOPE_RULE) {
		fault_cell(f, ATTR_SCOPE,
				"expected set, probe, health, destination or attribute");
	} else if(scope == FRT_SCOPE_DESTINATION) {
		fill_of_destination(f, false);
	} else {
		fill_of_set(f, scope);
	}
}

typedef enum which
{
	ALL,
	DEFAULTS, /* rows of the set "*" */
	OTHERS
} which_t;

static void fill_table(
		fill_t *f, frt_db_table_t table, which_t which, void (*fill)(fill_t *))
{
	f->table = table;
	for(f->row = f->r->first[table]; f->row != NULL && f->err == 0;
			f->row = f->row->next) {
		if(which == ALL || is_star(f->row->cells[0]) == (which == DEFAULTS))
			fill(f);
	}
}

/* A set begins with the defaults and with their rules, so these come first. */
int frt_db_rows_fill(frt_db_rows_t *r)
{
	fill_t f = {.r = r, .d = r->draft};

	fill_table(&f, FRT_DB_POLICY, DEFAULTS, fill_rule);
	fill_table(&f, FRT_DB_ATTRIBUTE, DEFAULTS, fill_attribute);
	fill_table(&f, FRT_DB_SET, ALL, fill_set);
	fill_table(&f, FRT_DB_POLICY, OTHERS, fill_rule);
	fill_table(&f, FRT_DB_DESTINATION, ALL, fill_destination);
	fill_table(&f, FRT_DB_ATTRIBUTE, OTHERS, fill_attribute);
	return f.err;
}
