/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert dispatcher: Kamailio's dispatcher, as list file or table.
 */
#include "frt_cli_conv_ds.h"
#include "frt_cli.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A cell as VAL_INT() of the DB API has it. */
static long cell_int(
		conv_t *c, const conv_table_t *t, const conv_row_t *r, const char *col)
{
	const char *s = conv_cell(t, r, col);
	long v = 0;

	if(s == NULL || *s == '\0')
		return 0;
	if(!conv_number(s, &v) || v > INT_MAX || v < INT_MIN) {
		conv_say(c, CONV_CHANGED, t->file, r->line,
				"%s \"%s\" is no number that dispatcher can hold", col, s);
		v = strtol(s, NULL, 10);
		v = v > INT_MAX ? INT_MAX : v < INT_MIN ? INT_MIN : v;
	}
	return v;
}

static const char *col_of(
		const ds_use_t *u, const char *param, const char *otherwise)
{
	const char *v = ds_param_text(u, param);

	return v != NULL ? v : otherwise;
}

/* ds_db_extra_attrs "name=column;..." adds to the attributes. */
static const char *extra_attrs(conv_t *c, const ds_use_t *u,
		const conv_table_t *t, const conv_row_t *r, const char *body)
{
	const char *p = ds_param_text(u, "ds_db_extra_attrs"), *v;
	size_t n, m;

	for(; p != NULL && *p != '\0'; p += m, p += *p == ';') {
		m = strcspn(p, ";");
		n = strcspn(p, "=;");
		if(p[n] != '=')
			continue;
		v = conv_cell(t, r, conv_copy(c, p + n + 1, m - n - 1));
		if(v != NULL && *v != '\0')
			body = conv_printf(c, "%s%s%.*s=%s", body != NULL ? body : "",
					body != NULL && *body != '\0'
									&& body[strlen(body) - 1] != ';'
							? ";"
							: "",
					(int)n, p, v);
	}
	return body;
}

static void add_row(conv_t *c, const ds_use_t *u, const conv_table_t *t,
		const conv_row_t *row, ds_rows_t *out)
{
	ds_row_t r = {.file = t->file, .line = row->line};

	r.set = cell_int(c, t, row, col_of(u, "setid_col", "setid"));
	r.uri = conv_cell(t, row, col_of(u, "destination_col", "destination"));
	r.flags = cell_int(c, t, row, col_of(u, "flags_col", "flags"));
	r.priority = cell_int(c, t, row, col_of(u, "priority_col", "priority"));
	r.body = conv_cell(t, row, col_of(u, "attrs_col", "attrs"));
	r.body = extra_attrs(c, u, t, row, r.body);
	if(r.uri == NULL || *r.uri == '\0')
		conv_say(c, CONV_UNSUPPORTED, t->file, row->line,
				"no destination: the row is left out");
	else
		ds_row_add(c, out, &r);
}

static int read_table(
		conv_t *c, const ds_use_t *u, const char *path, ds_rows_t *out)
{
	conv_table_t t;
	const conv_row_t *r;
	const char *name = c->table;

	if(name == NULL)
		name = col_of(u, "table_name", "dispatcher");
	if(conv_table_read(c, path, name, &t) != 0)
		return -1;
	if(!conv_has_col(&t, col_of(u, "setid_col", "setid"))
			|| !conv_has_col(&t, col_of(u, "destination_col", "destination"))) {
		cli_could_not("convert",
				"%s: no columns setid and destination: not a table of "
				"dispatcher",
				path);
		return -1;
	}
	for(r = t.rows; r != NULL; r = r->next)
		add_row(c, u, &t, r, out);
	return 0;
}

static int read_rows(
		conv_t *c, const ds_use_t *u, const char *path, ds_rows_t *out)
{
	size_t len;
	const char *text = conv_read(c, path, &len);

	if(text == NULL)
		return -1;
	if(conv_is_table(text, len))
		return read_table(c, u, path, out);
	ds_read_list(c, path, text, len, out);
	return 0;
}

int conv_dispatcher(conv_t *c, const char *path)
{
	ds_rows_t rows = {NULL, 0, 0};
	ds_use_t use;
	int ret;

	ret = ds_use_read(c, &use);
	if(ret == 0)
		ret = read_rows(c, &use, path, &rows);
	if(ret == 0 && !use.known)
		conv_say(c, CONV_NOTE, path, 0,
				"without --cfg pings, thresholds and algorithms are not "
				"known: the module's defaults stand");
	if(ret == 0 && ds_param(&use, "flags", DS_FAILOVER) % 4 < DS_FAILOVER)
		conv_say(c, CONV_CHANGED, c->cfg, 0,
				"modparam flags has no 2: dispatcher does not fail over; the "
				"module does");
	if(ret == 0) {
		conv_say(c, CONV_NOTE, path, 0,
				"the module has a retry budget (retry-budget, 20 %% of a set's "
				"calls), and leaves what went down alone for a hold (hold, 30 "
				"s, "
				"longer each time), which dispatcher has not");
		ds_convert(c, &use, &rows);
	}
	free(rows.rows);
	ds_use_free(&use);
	return ret;
}
