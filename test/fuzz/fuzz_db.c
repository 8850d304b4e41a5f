/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of a database: each line of the input is one, its first letter picks
 * the table, '|' ends a cell, and an empty cell is NULL ('\1' makes it empty).
 */
// needs: modules/failover_route/frt_db_rows.c
#include "fuzz.h"

#include "frt_db_rows.h"
#include "frt_text.h"

#define COLUMNS_MAX 32

/* The cells of a line; those that it does not have are NULL. */
static void add(frt_db_rows_t *rows, const char *line, size_t len)
{
	frt_db_table_t table = (frt_db_table_t)((unsigned char)line[0] % 4);
	frt_str_t cells[COLUMNS_MAX];
	uint32_t n, i;
	size_t at = 1;

	frt_db_columns(table, &n);
	FUZZ_CHECK(n <= COLUMNS_MAX);
	for(i = 0; i < n; i++) {
		const char *end;

		cells[i] = (frt_str_t){NULL, 0};
		if(at >= len)
			continue;
		end = memchr(line + at, '|', len - at);
		cells[i].s = line + at;
		cells[i].len =
				(uint32_t)(end ? end - line - (long)at : (long)(len - at));
		at += cells[i].len + 1;
		if(cells[i].len == 0)
			cells[i].s = NULL;
		else if(cells[i].len == 1 && cells[i].s[0] == '\1')
			cells[i].len = 0;
	}
	FUZZ_CHECK(frt_db_rows_add(rows, table, cells) == 0);
}

/* Whatever a row holds, what an operator reads is text. */
static void check_faults(const frt_draft_t *d)
{
	uint32_t kept, i, cp, n;
	const frt_fault_t *f = frt_draft_faults(d, &kept, NULL, NULL);
	char mem[1024];
	frt_buf_t b;

	for(i = 0; i < kept; i++) {
		frt_str_t rest = {mem, 0};

		frt_buf_init(&b, mem, sizeof(mem));
		frt_fault_text(&f[i], &b);
		FUZZ_CHECK(!b.cut && f[i].place.file);
		for(rest.len = (uint32_t)b.len; rest.len > 0;
				rest.s += n, rest.len -= n) {
			n = frt_utf8_next(rest, &cp);
			FUZZ_CHECK(n > 0 && (cp == ' ' || frt_utf8_printable(cp)));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_draft_t *d = frt_draft_new(&fuzz_mem);
	const char *line = copy, *end = copy + size;
	frt_db_rows_t rows;

	FUZZ_CHECK(d);
	FUZZ_CHECK(frt_db_rows_init(&rows, d, FRT_STR("frt")) == 0);
	while(line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t len = (size_t)((stop ? stop : end) - line);

		if(len > 0)
			add(&rows, line, len);
		line += len + 1;
	}
	FUZZ_CHECK(frt_db_rows_fill(&rows) == 0);
	frt_draft_check(d);
	check_faults(d);
	frt_draft_free(d);
	free(copy);
	return 0;
}
