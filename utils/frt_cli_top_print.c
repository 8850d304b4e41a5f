/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plain table, for pipes: as wide as its texts, nothing is cut.
 */
#include "frt_cli_top.h"

#include "frt_cli_json.h"
#include "frt_cli_top_text.h"

#include <stdio.h>

static const top_col_t columns[] = {TOP_COL_SET, TOP_COL_ID, TOP_COL_HEALTH,
		TOP_COL_ADMIN, TOP_COL_PRIO, TOP_COL_WEIGHT, TOP_COL_EFF, TOP_COL_CALLS,
		TOP_COL_ATT, TOP_COL_FAILED, TOP_COL_PDD, TOP_COL_RTT, TOP_COL_SINCE,
		TOP_COL_HOLD, TOP_COL_URI, TOP_COL_REASON};

#define NCOLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))

/* The cell, "-" when there is nothing: programs count fields. */
static int cell(const top_row_t *row, int i, char *out, size_t size)
{
	char mem[64];
	const char *s = row ? top_cell(row, columns[i], mem, sizeof(mem))
						: top_col_head(columns[i]);

	return top_text(s[0] ? s : "-", TOP_WIDE, out, size);
}

static void print_row(const top_row_t *row, const int *widths)
{
	static char out[TOP_TEXT_SIZE(TOP_WIDE)];
	int i, n;

	for(i = 0; i < NCOLUMNS; i++) {
		n = cell(row, i, out, sizeof(out));
		if(top_col_right(columns[i]))
			printf("%*s%s", widths[i] - n, "", out);
		else
			printf("%s%*s", out, i + 1 < NCOLUMNS ? widths[i] - n : 0, "");
		fputs(i + 1 < NCOLUMNS ? "  " : "\n", stdout);
	}
}

void top_print(const top_rows_t *rows, const uint32_t *shown, uint32_t n)
{
	static char out[TOP_TEXT_SIZE(TOP_WIDE)];
	int widths[NCOLUMNS];
	uint32_t k;
	int i, w;

	for(i = 0; i < NCOLUMNS; i++) {
		widths[i] = cell(NULL, i, out, sizeof(out));
		for(k = 0; k < n; k++) {
			w = cell(&rows->row[shown[k]], i, out, sizeof(out));
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
	print_row(NULL, widths);
	for(k = 0; k < n; k++)
		print_row(&rows->row[shown[k]], widths);
}

/* What a column's kind is in JSON. A rate needs two tables, and there is one. */
#define JSON_TEXT(row, field) cli_json_text((row)->field)
#define JSON_LOOK(row, field) cli_json_text(top_look_name((row)->field))
#define JSON_NUMBER(row, field) json_integer((row)->field)
#define JSON_LOW(row, field) json_integer((row)->field)
#define JSON_AGE(row, field) json_integer((row)->field)
#define JSON_RATE(row, field) NULL

static json_t *row_json(const top_row_t *row)
{
	json_t *o = json_object(), *value;

#define X(name, word, head, kind, field, width) \
	value = JSON_##kind(row, field);            \
	if(value != NULL)                           \
		cli_json_set(o, word, value);
	TOP_COL_LIST
#undef X
	return o;
}

int top_print_json(const cli_args_t *args, const top_rows_t *rows,
		const uint32_t *shown, uint32_t n)
{
	json_t *o = cli_json_new(args), *list = json_array();
	uint32_t k;

	for(k = 0; k < n; k++)
		cli_json_add(list, row_json(&rows->row[shown[k]]));
	cli_json_set(o, "generation", json_integer(rows->generation));
	cli_json_set(o, "sets", json_integer(rows->sets));
	cli_json_set(o, "sets_down", json_integer(rows->sets_down));
	cli_json_set(o, "destinations", list);
	return cli_json_end(o, CLI_GOOD);
}
