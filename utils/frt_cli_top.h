/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route top: what its parts share. One process, one loop: it polls
 * the keyboard and two JSON-RPC clients, one that reads the table again and
 * again and one for what the user asks for; nothing waits.
 */
#ifndef FRT_CLI_TOP_H
#define FRT_CLI_TOP_H

#include "frt_cli.h"
#include "frt_cli_top_rows.h"
#include "frt_cli_top_rpc.h"

#include "frt_conf.h"

/* Reads the whole table, page by page. */
typedef struct top_fetch
{
	top_rpc_t rpc;
	const char *set; /* only this one, or "*" */
	top_rows_t *rows;
	long long offset;
	int restarts; /* the table changed between pages */
	uint64_t began_ms;
} top_fetch_t;

/* Begins to read; look at rpc.state afterwards. */
void top_fetch_start(top_fetch_t *f, uint64_t now_ms);
/* Goes on. TOP_DONE: rows has all, take it. */
top_state_t top_fetch_step(top_fetch_t *f, uint64_t now_ms);
/* The rows of a fetch that is done, which the caller frees. */
top_rows_t *top_fetch_take(top_fetch_t *f);
void top_fetch_drop(top_fetch_t *f);

/* What the user is doing. */
typedef enum top_mode
{
	TOP_MODE_TABLE,
	TOP_MODE_FILTER,  /* typing it */
	TOP_MODE_CONFIRM, /* asked: really? */
	TOP_MODE_PANE	  /* reading an explanation, history or the keys */
} top_mode_t;

typedef enum top_tone
{
	TOP_TONE_PLAIN,
	TOP_TONE_GOOD,
	TOP_TONE_BAD
} top_tone_t;

#define TOP_KEY_SIZE (FRT_DST_ID_MAX + 1) /* of an id */

typedef struct top
{
	top_at_t at;
	top_fetch_t fetch;
	top_rpc_t ask; /* what the user asked for */
	top_rows_t *rows;
	uint32_t *shown; /* indexes of rows, as they are on the screen */
	uint32_t nshown;
	uint32_t interval_ms;
	uint64_t now_ms, next_ms, gone_ms; /* gone_ms: since when; 0: it answers */
	top_state_t gone;				   /* how it is gone */
	uint32_t took_ms;
	char error[256];

	top_mode_t mode;
	char filter[TOP_KEY_SIZE];
	char filter_before[TOP_KEY_SIZE];
	top_col_t by;
	bool reverse, quit, dirty;
	/* The selected row stays the same one while the table changes. */
	char set[TOP_KEY_SIZE], id[TOP_KEY_SIZE];
	uint32_t selected, first;
	uint32_t page, columns; /* rows on the screen; its width */

	/* What is to be confirmed, or was asked for. */
	char want_set[TOP_KEY_SIZE], want_id[TOP_KEY_SIZE];
	const char *want;
	int explained; /* the first destination of the page that is asked for */
	char message[512];
	top_tone_t tone;
	uint64_t message_until_ms;

	char **pane;
	uint32_t npane, pane_first;
	bool explains; /* the pane has an explanation, of which more may come */
} top_t;

/* Sorts and filters anew, and finds the selected row again. */
void top_refresh(top_t *t);
/* The selected row, or NULL. */
const top_row_t *top_selected(const top_t *t);
/* Says something in the last line for some seconds. */
void top_say(top_t *t, top_tone_t tone, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/* One key of ncurses. */
void top_key(top_t *t, int key);
/* Asks why each destination of want_set is, or is not, the one: from number
 * offset on, page by page for as long as the pane is open. */
void top_ask_explain(top_t *t, int offset);
/* The answer to what the user asked for has come, or will not. */
void top_answered(top_t *t);
/* Empties the pane. */
void top_pane_free(top_t *t);
/* Shows the keys. */
void top_pane_help(top_t *t);

/* Takes the terminal; -1 if it is none. Gives it back. */
int top_screen_begin(void);
void top_screen_end(void);
void top_draw(top_t *t);

/* The plain table on standard output. */
void top_print(const top_rows_t *rows, const uint32_t *shown, uint32_t n);
/* The same as JSON; returns CLI_GOOD. */
int top_print_json(const cli_args_t *args, const top_rows_t *rows,
		const uint32_t *shown, uint32_t n);

#endif
