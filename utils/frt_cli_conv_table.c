/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: rows of tables: SQLite, db_text files and CSV.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"
#include "frt_cli_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COLS_MAX 256

static const char magic[] = "SQLite format 3";

typedef struct reader
{
	conv_t *c;
	conv_table_t *t;
	conv_row_t **tail;
	const char *p, *end;
	unsigned line;
} reader_t;

const char *conv_cell(
		const conv_table_t *t, const conv_row_t *r, const char *col)
{
	unsigned i;

	for(i = 0; i < t->ncols; i++) {
		if(conv_same(t->cols[i], col))
			return r->cells[i];
	}
	return NULL;
}

bool conv_has_col(const conv_table_t *t, const char *col)
{
	unsigned i;

	for(i = 0; i < t->ncols; i++) {
		if(conv_same(t->cols[i], col))
			return true;
	}
	return false;
}

static conv_row_t *row_add(reader_t *r, unsigned line)
{
	conv_row_t *row = conv_alloc(r->c, sizeof(*row));

	row->line = line;
	row->cells = conv_alloc(r->c, (r->t->ncols + 1) * sizeof(*row->cells));
	*r->tail = row;
	r->tail = &row->next;
	return row;
}

/* --- db_text: "name(type,null) ..." then rows of ':' ------------------------------- */

static bool is_dbtext(const char *s, size_t len)
{
	size_t n = 0;

	while(n < len && (isalnum((unsigned char)s[n]) || s[n] == '_'))
		n++;
	return n > 0 && n + 4 < len && s[n] == '('
		   && (strncmp(s + n + 1, "int", 3) == 0
				   || strncmp(s + n + 1, "str", 3) == 0
				   || strncmp(s + n + 1, "dou", 3) == 0
				   || strncmp(s + n + 1, "auto", 4) == 0);
}

static bool is_gap(char c)
{
	return c == '\0' || (c != '\n' && isspace((unsigned char)c));
}

static void dbtext_head(reader_t *r)
{
	const char *from;

	for(; r->p < r->end && *r->p != '\n'; r->p += r->p < r->end) {
		while(r->p < r->end && is_gap(*r->p))
			r->p++;
		from = r->p;
		while(r->p < r->end && *r->p != '(' && *r->p != '\n' && !is_gap(*r->p))
			r->p++;
		if(r->p > from && r->t->ncols < COLS_MAX)
			r->t->cols[r->t->ncols++] =
					conv_copy(r->c, from, (size_t)(r->p - from));
		while(r->p < r->end && *r->p != '\n' && !is_gap(*r->p))
			r->p++;
		if(r->p < r->end && *r->p == '\n')
			break;
	}
}

/* dbt_file.c: a backslash makes n, r, t, 0, ':' and itself. */
static const char *dbtext_cell(reader_t *r)
{
	const char *to = r->p;
	char *cell, *out;

	while(to < r->end && *to != ':' && *to != '\n')
		to += *to == '\\' && to + 1 < r->end ? 2 : 1;
	out = cell = conv_alloc(r->c, (size_t)(to - r->p) + 1);
	for(; r->p < r->end && *r->p != ':' && *r->p != '\n'; r->p++) {
		char c = *r->p;

		if(c == '\\' && r->p + 1 < r->end) {
			c = *++r->p;
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
		}
		if(c != '\0' && c != '\r')
			*out++ = c;
	}
	return cell;
}

/* --- CSV: RFC 4180, with ',' ';' or tab --------------------------------------------- */

static const char *csv_cell(reader_t *r, char sep)
{
	cli_buf_t b = {NULL, 0, 0};
	bool quoted = r->p < r->end && *r->p == '"';
	const char *cell;

	if(quoted)
		r->p++;
	for(; r->p < r->end; r->p++) {
		if(quoted && *r->p == '"') {
			if(r->p + 1 >= r->end || r->p[1] != '"') {
				quoted = false;
				continue;
			}
			r->p++;
		} else if(!quoted && (*r->p == sep || *r->p == '\n')) {
			break;
		}
		r->line += *r->p == '\n';
		if(*r->p != '\r' || quoted)
			cli_buf_put(&b, r->p, 1);
	}
	cell = conv_copy(r->c, b.s != NULL ? b.s : "", b.len);
	free(b.s);
	return cell;
}

static char csv_separator(const reader_t *r)
{
	const char *p;

	for(p = r->p; p < r->end && *p != '\n'; p++) {
		if(*p == ',' || *p == ';' || *p == '\t' || *p == '|')
			return *p;
	}
	return ',';
}

static bool next_cell(reader_t *r, char sep)
{
	if(r->p < r->end && *r->p == sep) {
		r->p++;
		return true;
	}
	if(r->p < r->end) {
		r->p++; /* the newline */
		r->line++;
	}
	return false;
}

static void csv_head(reader_t *r, char sep)
{
	do {
		const char *name = csv_cell(r, sep);

		if(r->t->ncols < COLS_MAX)
			r->t->cols[r->t->ncols++] = name + strspn(name, " ");
	} while(next_cell(r, sep));
}

/* A row of either; an empty line is none. */
static void text_row(reader_t *r, char sep, bool dbtext)
{
	unsigned line = r->line, n = 0;
	conv_row_t *row;

	if(*r->p == '\n' || *r->p == '\r') {
		r->line += *r->p == '\n';
		r->p++;
		return;
	}
	row = row_add(r, line);
	do {
		const char *cell = dbtext ? dbtext_cell(r) : csv_cell(r, sep);

		if(n < r->t->ncols)
			row->cells[n++] =
					strcmp(cell, "NULL") == 0 || strcmp(cell, "\\N") == 0
							? NULL
							: cell;
	} while(next_cell(r, sep));
}

int conv_table_text(conv_t *c, const char *path, const char *text, size_t len,
		conv_table_t *out)
{
	reader_t r = {.c = c, .t = out, .tail = &out->rows, .line = 1};
	bool dbtext;
	char sep;

	memset(out, 0, sizeof(*out));
	out->file = conv_copy(c, path, strlen(path));
	out->cols = conv_alloc(c, COLS_MAX * sizeof(*out->cols));
	r.p = text;
	r.end = text + len;
	dbtext = is_dbtext(r.p, len);
	sep = dbtext ? ':' : csv_separator(&r);
	if(dbtext) {
		dbtext_head(&r);
		(void)next_cell(&r, sep);
	} else {
		csv_head(&r, sep);
	}
	while(r.p < r.end)
		text_row(&r, sep, dbtext);
	return 0;
}

bool conv_is_table(const char *s, size_t len)
{
	const char *nl = memchr(s, '\n', len);
	size_t first = nl != NULL ? (size_t)(nl - s) : len;

	if(len >= sizeof(magic) && memcmp(s, magic, sizeof(magic)) == 0)
		return true;
	if(is_dbtext(s, len))
		return true;
	/* a CSV's first line has names; a list file's a number or a comment */
	return first > 0 && (isalpha((unsigned char)*s) || *s == '"')
		   && memchr(s, ':', first) == NULL
		   && (memchr(s, ',', first) != NULL || memchr(s, ';', first) != NULL
				   || memchr(s, '\t', first) != NULL
				   || memchr(s, '|', first) != NULL);
}

int conv_is_sqlite(const char *path)
{
	char head[sizeof(magic)] = "";
	struct stat st;
	const char *why;
	ssize_t n;
	int fd;

	why = cli_file_open(path, &fd, &st);
	if(why != NULL) {
		cli_could_not("convert", "%s: %s", path, why);
		return -1;
	}
	n = read(fd, head, sizeof(head));
	close(fd);
	return n == (ssize_t)sizeof(head)
		   && memcmp(head, magic, sizeof(magic)) == 0;
}

int conv_table_read(
		conv_t *c, const char *path, const char *name, conv_table_t *out)
{
	int db = conv_is_sqlite(path);
	const char *text;
	size_t len;

	if(db > 0)
		return conv_sqlite_read(c, path, name, out);
	text = db == 0 ? conv_read(c, path, &len) : NULL;
	return text != NULL ? conv_table_text(c, path, text, len, out) : -1;
}
