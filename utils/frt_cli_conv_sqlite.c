/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: tables of an SQLite database, opened to be read only.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <sqlite3.h>
#include <string.h>

#define COLS_MAX 256u

static const char *copy_text(conv_t *c, const char *s)
{
	return s != NULL ? conv_copy(c, s, strlen(s)) : NULL;
}

static void take_rows(conv_t *c, sqlite3_stmt *q, conv_table_t *t, int *err)
{
	conv_row_t **tail = &t->rows, *row;
	unsigned i, line = 0;

	t->ncols = (unsigned)sqlite3_column_count(q);
	t->ncols = t->ncols < COLS_MAX ? t->ncols : COLS_MAX;
	for(i = 0; i < t->ncols; i++) {
		t->cols[i] = copy_text(c, sqlite3_column_name(q, (int)i));
		t->cols[i] = t->cols[i] != NULL ? t->cols[i] : "";
	}
	while((*err = sqlite3_step(q)) == SQLITE_ROW) {
		row = conv_alloc(c, sizeof(*row));
		row->line = ++line;
		row->cells = conv_alloc(c, (t->ncols + 1) * sizeof(*row->cells));
		for(i = 0; i < t->ncols; i++)
			row->cells[i] =
					copy_text(c, (const char *)sqlite3_column_text(q, (int)i));
		*tail = row;
		tail = &row->next;
	}
}

/* Runs a query of one table, whose name is quoted. */
static int ask(
		const char *path, const char *name, sqlite3 **db, sqlite3_stmt **q)
{
	char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", name);
	int err = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY, NULL);

	if(err == SQLITE_OK)
		err = sqlite3_prepare_v2(*db, sql, -1, q, NULL);
	sqlite3_free(sql);
	return err;
}

bool conv_sqlite_has(const char *path, const char *name)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int err = ask(path, name, &db, &q);

	sqlite3_finalize(q);
	sqlite3_close(db);
	return err == SQLITE_OK;
}

int conv_sqlite_read(
		conv_t *c, const char *path, const char *name, conv_table_t *out)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;
	int err;

	memset(out, 0, sizeof(*out));
	out->file = conv_copy(c, path, strlen(path));
	out->cols = conv_alloc(c, COLS_MAX * sizeof(*out->cols));
	err = ask(path, name, &db, &q);
	if(err == SQLITE_OK)
		take_rows(c, q, out, &err);
	if(err != SQLITE_DONE)
		cli_could_not("convert", "%s: %s", path,
				db != NULL ? sqlite3_errmsg(db) : "out of memory");
	sqlite3_finalize(q);
	sqlite3_close(db);
	return err == SQLITE_DONE ? 0 : -1;
}
