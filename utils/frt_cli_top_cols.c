/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The columns: how each is written, and sorted by.
 */
#include "frt_cli_top_rows.h"

#include "frt_cli_top_text.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts and LOW rise, as does LOOK (worst first); of numbers the largest is
 * first. */
typedef enum kind
{
	TEXT,
	LOOK,
	LOW,
	NUMBER,
	RATE,
	AGE
} kind_t;

static const struct
{
	const char *word, *head;
	kind_t kind;
	size_t offset;
	int width;
} cols[TOP_COLS] = {
#define X(name, word, head, kind, field, width) \
	{word, head, kind, offsetof(top_row_t, field), width},
		TOP_COL_LIST
#undef X
};

const char *top_col_word(top_col_t col)
{
	return cols[col].word;
}

const char *top_col_head(top_col_t col)
{
	return cols[col].head;
}

int top_col_width(top_col_t col)
{
	return cols[col].width;
}

bool top_col_right(top_col_t col)
{
	return cols[col].kind >= LOW;
}

int top_col_find(const char *word)
{
	int i;

	for(i = 0; i < TOP_COLS; i++) {
		if(strcmp(cols[i].word, word) == 0)
			return i;
	}
	return -1;
}

static const void *field(const top_row_t *row, top_col_t col)
{
	return (const char *)row + cols[col].offset;
}

const char *top_cell(
		const top_row_t *row, top_col_t col, char *mem, size_t size)
{
	const void *at = field(row, col);

	switch(cols[col].kind) {
		case TEXT:
			return *(const char *const *)at;
		case LOOK:
			return top_look_name(row->look);
		case RATE:
			snprintf(mem, size, "%.1f", *(const double *)at);
			break;
		case AGE:
			top_text_age(*(const long long *)at, mem, size);
			break;
		default:
			snprintf(mem, size, "%lld", *(const long long *)at);
	}
	return mem;
}

/* What qsort_r would be told; there is one list at a time. */
typedef struct item
{
	const top_row_t *row;
	top_col_t by;
	bool reverse;
} item_t;

static int cmp_number(long long a, long long b)
{
	return (a > b) - (a < b);
}

static int cmp_field(const top_row_t *a, const top_row_t *b, top_col_t by)
{
	const void *x = field(a, by), *y = field(b, by);
	double p, q;

	switch(cols[by].kind) {
		case TEXT:
			return strcmp(*(const char *const *)x, *(const char *const *)y);
		case LOOK:
			return (int)a->look - (int)b->look;
		case RATE:
			p = *(const double *)x;
			q = *(const double *)y;
			return (p < q) - (p > q);
		case LOW:
			return cmp_number(*(const long long *)x, *(const long long *)y);
		default:
			return cmp_number(*(const long long *)y, *(const long long *)x);
	}
}

static int cmp_item(const void *a, const void *b)
{
	const item_t *x = a, *y = b;
	int order = cmp_field(x->row, y->row, x->by);

	if(order != 0)
		return x->reverse ? -order : order;
	return cmp_number(x->row->order, y->row->order);
}

static bool has(const top_row_t *row, const char *filter)
{
	return top_text_has(row->set, filter) || top_text_has(row->id, filter)
		   || top_text_has(row->uri, filter)
		   || top_text_has(row->health, filter)
		   || top_text_has(row->admin, filter)
		   || top_text_has(row->reason, filter);
}

uint32_t top_rows_show(const top_rows_t *rows, const char *filter, top_col_t by,
		bool reverse, uint32_t *shown)
{
	item_t *items = malloc((rows->n + 1) * sizeof(*items));
	uint32_t i, n = 0;

	for(i = 0; i < rows->n; i++) {
		if(filter[0] && !has(&rows->row[i], filter))
			continue;
		shown[n] = i;
		if(items)
			items[n] = (item_t){&rows->row[i], by, reverse};
		n++;
	}
	if(!items)
		return n; /* unsorted is better than nothing */
	qsort(items, n, sizeof(*items), cmp_item);
	for(i = 0; i < n; i++)
		shown[i] = items[i].row->order;
	free(items);
	return n;
}
