/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: tables that refer to each other, in any order and of any files.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <string.h>

int conv_table_take(
		conv_t *c, const conv_table_t *t, const char *const cols[CONV_NKINDS])
{
	conv_table_t *mine;
	int k;

	for(k = 0; k < CONV_NKINDS; k++) {
		if(!conv_has_col(t, cols[k]))
			continue;
		mine = conv_alloc(c, sizeof(*mine));
		*mine = *t;
		mine->next = c->tables[k];
		c->tables[k] = mine;
		return 0;
	}
	return -1;
}

static int read_database(conv_t *c, const char *path,
		const char *const names[CONV_NKINDS],
		const char *const cols[CONV_NKINDS])
{
	conv_table_t t;
	int k, n = 0;

	for(k = 0; k < CONV_NKINDS; k++) {
		if(!conv_sqlite_has(path, names[k]))
			continue;
		if(conv_sqlite_read(c, path, names[k], &t) != 0)
			return -1;
		n += conv_table_take(c, &t, cols) == 0;
	}
	if(n == 0)
		cli_could_not("convert", "%s: no table %s, %s or %s", path, names[0],
				names[1], names[2]);
	return n > 0 ? 0 : -1;
}

int conv_tables_read(conv_t *c, const char *path,
		const char *const names[CONV_NKINDS],
		const char *const cols[CONV_NKINDS])
{
	conv_table_t t;
	int db = conv_is_sqlite(path);

	if(db > 0)
		return read_database(c, path, names, cols);
	if(db < 0 || conv_table_read(c, path, "", &t) != 0)
		return -1;
	if(conv_table_take(c, &t, cols) == 0)
		return 0;
	cli_could_not("convert",
			"%s: no column %s, %s or %s: none of the tables %s, %s, %s", path,
			cols[0], cols[1], cols[2], names[0], names[1], names[2]);
	return -1;
}

void conv_keep_cols(conv_t *c, conv_dst_t *d, const conv_table_t *t,
		const conv_row_t *r, const char *const *cols)
{
	const char *v;

	for(; *cols != NULL; cols++) {
		v = conv_cell(t, r, *cols);
		if(v != NULL && *v != '\0' && strcmp(v, "0") != 0)
			conv_keep_attr(c, d, *cols, v);
	}
}

long conv_cell_number(const conv_table_t *t, const conv_row_t *r,
		const char *col, long otherwise)
{
	long v;

	return conv_number(conv_cell(t, r, col), &v) ? v : otherwise;
}
