/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table as failover_route.list tells it: rows of destinations, gathered
 * from pages, compared with the table before, sorted and filtered. Knows no
 * terminal and no transport.
 */
#ifndef FRT_CLI_TOP_ROWS_H
#define FRT_CLI_TOP_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* What a row is to the one who looks, worst first; the order of sort=state. */
typedef enum top_look
{
	TOP_DOWN,
	TOP_TRIAL,
	TOP_RAMP,
	TOP_DRAIN,
	TOP_MAINT,
	TOP_UP,
	TOP_LOOKS
} top_look_t;

/* The words of design: "down", "trial" ... */
const char *top_look_name(top_look_t look);

/* A destination. The texts live as long as the rows. */
typedef struct top_row
{
	const char *set, *id, *uri, *health, *admin, *reason;
	top_look_t look;
	long long priority, weight, effective, calls, attempts, failed, failovers,
			pdd, rtt, since, hold;
	double rate, fail_rate; /* per second since the table before */
	uint32_t order;			/* its place in Kamailio's table */
} top_row_t;

typedef struct top_rows
{
	top_row_t *row;
	uint32_t n, room;
	json_t *pages; /* owns the texts */
	char last_set[80];
	uint32_t sets, sets_down;
	uint32_t looks[TOP_LOOKS];
	long long generation, calls;
	double rate, fail_rate;
	uint64_t at_ms; /* when it was complete */
} top_rows_t;

/* NULL when there is no memory. */
top_rows_t *top_rows_new(void);
void top_rows_free(top_rows_t *rows);

/* Adds one answer of failover_route.list, of which a reference is kept. What is
 * missing in it is 0 or "". 0, -1 when there is no memory, -2 when it is no such
 * answer, -3 when it is of another generation than the rows. *next: the next
 * page's offset, or -1 after the last. */
int top_rows_add(top_rows_t *rows, json_t *answer, long long *next);

/* All pages are there: sums, and the rates since before (NULL: none). */
void top_rows_finish(
		top_rows_t *rows, const top_rows_t *before, uint64_t now_ms);

/* Columns, which are also what can be sorted by. */
#define TOP_COL_LIST                                            \
	X(TOP_COL_STATE, "state", "", LOOK, look, 0)                \
	X(TOP_COL_SET, "set", "SET", TEXT, set, 20)                 \
	X(TOP_COL_ID, "destination", "DESTINATION", TEXT, id, 24)   \
	X(TOP_COL_HEALTH, "health", "HEALTH", TEXT, health, 6)      \
	X(TOP_COL_ADMIN, "admin", "ADMIN", TEXT, admin, 5)          \
	X(TOP_COL_PRIO, "priority", "PRIO", LOW, priority, 4)       \
	X(TOP_COL_WEIGHT, "weight", "WGHT", NUMBER, weight, 5)      \
	X(TOP_COL_EFF, "effective", "EFF", NUMBER, effective, 5)    \
	X(TOP_COL_CALLS, "calls", "CALLS", NUMBER, calls, 6)        \
	X(TOP_COL_RATE, "rate", "ATT/S", RATE, rate, 6)             \
	X(TOP_COL_FRATE, "failrate", "FAIL/S", RATE, fail_rate, 6)  \
	X(TOP_COL_ATT, "attempts", "ATTEMPTS", NUMBER, attempts, 8) \
	X(TOP_COL_FAILED, "failed", "FAILED", NUMBER, failed, 7)    \
	X(TOP_COL_PDD, "pdd", "PDD", NUMBER, pdd, 5)                \
	X(TOP_COL_RTT, "rtt", "RTT", NUMBER, rtt, 5)                \
	X(TOP_COL_SINCE, "since", "SINCE", AGE, since, 5)           \
	X(TOP_COL_HOLD, "hold", "HOLD", AGE, hold, 5)               \
	X(TOP_COL_URI, "uri", "URI", TEXT, uri, 64)                 \
	X(TOP_COL_REASON, "reason", "REASON", TEXT, reason, 300)

typedef enum top_col
{
#define X(name, word, head, kind, field, width) name,
	TOP_COL_LIST
#undef X
			TOP_COLS
} top_col_t;

/* The word to sort by, the heading, and the width it never exceeds. */
const char *top_col_word(top_col_t col);
const char *top_col_head(top_col_t col);
int top_col_width(top_col_t col);
/* Numbers stand right. */
bool top_col_right(top_col_t col);
/* The cell, not yet made harmless; mem is where numbers are written. */
const char *top_cell(
		const top_row_t *row, top_col_t col, char *mem, size_t size);
/* Looks a word up; -1 if there is none such. */
int top_col_find(const char *word);

/* Fills shown, of rows->n places, with the indexes of the rows that have filter
 * in a text, sorted; returns how many. Equal ones stay in the table's order. */
uint32_t top_rows_show(const top_rows_t *rows, const char *filter, top_col_t by,
		bool reverse, uint32_t *shown);

#endif
