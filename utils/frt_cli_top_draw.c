/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The screen. All that is not ours goes through put(), which makes it
 * harmless.
 */
#define _GNU_SOURCE
#include "frt_cli_top.h"

#include "frt_cli_top_text.h"

#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
	RED = 1,
	YELLOW,
	GREEN,
	CYAN
};

#define HEAD_LINES 4  /* above the rows */
#define FOOT_LINES 4  /* the selected one, its reason, and the last line */
#define FOOT_LEAST 14 /* lines of a screen that has them all */
#define REASON_LEAST 24

/* In the order of what is given up last on a narrow screen. */
static const top_col_t columns[] = {TOP_COL_SET, TOP_COL_ID, TOP_COL_HEALTH,
		TOP_COL_ADMIN, TOP_COL_PRIO, TOP_COL_EFF, TOP_COL_CALLS, TOP_COL_RATE,
		TOP_COL_FRATE, TOP_COL_SINCE, TOP_COL_HOLD, TOP_COL_PDD, TOP_COL_RTT};

#define NCOLUMNS ((int)(sizeof(columns) / sizeof(columns[0])))

int top_screen_begin(void)
{
	if(!newterm(NULL, stdout, stdin))
		return -1;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	if(has_colors() && !getenv("NO_COLOR")) {
		start_color();
		use_default_colors();
		init_pair(RED, COLOR_RED, -1);
		init_pair(YELLOW, COLOR_YELLOW, -1);
		init_pair(GREEN, COLOR_GREEN, -1);
		init_pair(CYAN, COLOR_CYAN, -1);
	}
	return 0;
}

void top_screen_end(void)
{
	endwin();
}

/* Writes at most width columns of s; returns how many. */
static int put(int y, int x, int width, attr_t look, const char *s)
{
	char out[TOP_TEXT_SIZE(512)];
	int n;

	if(width > COLS - x)
		width = COLS - x;
	if(y < 0 || y >= LINES || width <= 0)
		return 0;
	n = top_text(s, width > 512 ? 512 : width, out, sizeof(out));
	attrset(look);
	mvaddstr(y, x, out);
	attrset(A_NORMAL);
	return n;
}

static int putf(int y, int x, attr_t look, const char *fmt, ...)
		__attribute__((format(printf, 4, 5)));

static int putf(int y, int x, attr_t look, const char *fmt, ...)
{
	char line[1024];
	va_list args;

	va_start(args, fmt);
	if(vsnprintf(line, sizeof(line), fmt, args) < 0)
		line[0] = '\0';
	va_end(args);
	return put(y, x, COLS, look, line);
}

static attr_t look_attr(top_look_t look)
{
	static const attr_t attrs[TOP_LOOKS] = {
			[TOP_DOWN] = A_BOLD | COLOR_PAIR(RED),
			[TOP_TRIAL] = COLOR_PAIR(YELLOW),
			[TOP_RAMP] = COLOR_PAIR(YELLOW),
			[TOP_DRAIN] = COLOR_PAIR(CYAN),
			[TOP_MAINT] = COLOR_PAIR(CYAN),
			[TOP_UP] = COLOR_PAIR(GREEN)};

	return attrs[look];
}

/* What keeps Kamailio from telling, or that it tells and how old the table is. */
static void draw_state(const top_t *t)
{
	char age[32];

	putf(0, 0, A_BOLD, "failover-route top  %s", t->at.text);
	if(t->gone_ms) {
		top_text_age((long long)(t->now_ms - t->gone_ms) + 1, age, sizeof(age));
		putf(1, 0, A_BOLD | A_REVERSE | COLOR_PAIR(RED),
				" Kamailio %s, for %s: %s ",
				t->gone == TOP_GONE	   ? "does not answer"
				: t->gone == TOP_FAULT ? "refuses"
									   : "gives no table",
				age, t->error);
		return;
	}
	if(!t->rows) {
		putf(1, 0, A_NORMAL, "asking ...");
		return;
	}
	top_text_age((long long)(t->now_ms - t->rows->at_ms), age, sizeof(age));
	putf(1, 0, A_NORMAL, "generation %lld, read %s ago in %u ms",
			t->rows->generation, age[0] ? age : "0s", t->took_ms);
}

static void draw_sums(const top_t *t)
{
	const top_rows_t *r = t->rows;
	int i, x;

	x = putf(2, 0, A_NORMAL, "%u set%s, %u down; %u destination%s:", r->sets,
			frt_plural(r->sets), r->sets_down, r->n, frt_plural(r->n));
	for(i = 0; i < TOP_LOOKS; i++) {
		if(r->looks[i] > 0)
			x += putf(2, x, look_attr((top_look_t)i), " %u %s", r->looks[i],
					top_look_name((top_look_t)i));
	}
	putf(2, x, A_NORMAL, "; %lld call%s, %.1f attempts/s, %.1f failed/s",
			r->calls, frt_plural(r->calls), r->rate, r->fail_rate);
}

/* Columns of the screen that a table's column takes; sets and destinations as
 * much as their texts need. */
static void widths_of(const top_t *t, int *widths)
{
	char mem[TOP_TEXT_SIZE(64)], out[TOP_TEXT_SIZE(64)];
	uint32_t k;
	int i, w;

	for(i = 0; i < NCOLUMNS; i++) {
		int most = top_col_width(columns[i]);

		widths[i] = most;
		if(i > 1)
			continue;
		widths[i] = (int)strlen(top_col_head(columns[i]));
		for(k = t->first; k < t->nshown && k < t->first + t->page; k++) {
			w = top_text(top_cell(&t->rows->row[t->shown[k]], columns[i], mem,
								 sizeof(mem)),
					most, out, sizeof(out));
			widths[i] = w > widths[i] ? w : widths[i];
		}
	}
	for(i = 0, w = 0; i < NCOLUMNS; i++) {
		w += widths[i] + 1;
		if(i > 3 && w + REASON_LEAST > COLS)
			widths[i] = 0;
	}
}

/* The reason, which is last, has what is left of the line. */
static void draw_row(
		int y, const int *widths, const top_row_t *row, attr_t base)
{
	int i, x = 0;

	for(i = 0; i < NCOLUMNS; i++) {
		char mem[64], out[TOP_TEXT_SIZE(64)];
		attr_t look = base;
		int n;

		if(widths[i] == 0)
			continue;
		n = top_text(row ? top_cell(row, columns[i], mem, sizeof(mem))
						 : top_col_head(columns[i]),
				widths[i], out, sizeof(out));
		if(row && base == A_NORMAL
				&& (columns[i] == TOP_COL_HEALTH || columns[i] == TOP_COL_ID))
			look = look_attr(row->look);
		put(y, top_col_right(columns[i]) ? x + widths[i] - n : x, widths[i],
				look, out);
		x += widths[i] + 1;
	}
	put(y, x, COLS - x, base, row ? row->reason : "REASON");
}

static void draw_table(top_t *t)
{
	int widths[NCOLUMNS], y = HEAD_LINES;
	uint32_t k;

	if(t->selected < t->first)
		t->first = t->selected;
	if(t->page > 0 && t->selected >= t->first + t->page)
		t->first = t->selected - t->page + 1;
	widths_of(t, widths);
	mvhline(3, 0, ' ' | A_REVERSE, COLS);
	draw_row(3, widths, NULL, A_REVERSE);
	for(k = t->first; k < t->nshown && k < t->first + t->page; k++, y++) {
		attr_t base = t->gone_ms ? A_DIM : A_NORMAL;

		if(k == t->selected) {
			base = A_REVERSE;
			mvhline(y, 0, ' ' | A_REVERSE, COLS);
		}
		draw_row(y, widths, &t->rows->row[t->shown[k]], base);
	}
	if(t->nshown == 0)
		put(y, 0, COLS, A_NORMAL,
				t->filter[0] ? "nothing has this text" : "there is nothing");
}

static void draw_selected(const top_t *t)
{
	const top_row_t *row = top_selected(t);
	char first[512];
	const char *why;
	size_t n;

	if(!row || LINES < FOOT_LEAST)
		return;
	putf(LINES - FOOT_LINES, 0, A_BOLD,
			"%s/%s %s  weight %lld, %lld attempts, %lld failed, %lld failovers",
			row->set, row->id, row->uri, row->weight, row->attempts,
			row->failed, row->failovers);
	why = row->reason[0] ? row->reason : row->health;
	n = top_text_break(why, (size_t)COLS);
	snprintf(first, sizeof(first), "%.*s", (int)n, why);
	put(LINES - 3, 0, COLS, look_attr(row->look), first);
	if(why[n] == ' ')
		put(LINES - 2, 0, COLS, look_attr(row->look), why + n + 1);
}

static void draw_pane(const top_t *t)
{
	uint32_t k;
	int y = HEAD_LINES;

	for(k = t->pane_first; k < t->npane && k < t->pane_first + t->page; k++)
		put(y++, 0, COLS, A_NORMAL, t->pane[k]);
}

/* However long the name is, what is asked is seen. */
static void draw_question(const top_t *t, int y)
{
	char name[2 * TOP_KEY_SIZE + 2], question[64];
	attr_t look = A_BOLD | A_REVERSE;
	int x;

	snprintf(name, sizeof(name), " %s/%s", t->want_set, t->want_id);
	snprintf(question, sizeof(question), ": %s? y/n ", t->want);
	x = put(y, 0, COLS - (int)strlen(question), look, name);
	put(y, x, COLS, look, question);
}

static void draw_last_line(const top_t *t)
{
	static const attr_t tones[] = {[TOP_TONE_PLAIN] = A_BOLD,
			[TOP_TONE_GOOD] = A_BOLD | COLOR_PAIR(GREEN),
			[TOP_TONE_BAD] = A_BOLD | COLOR_PAIR(RED)};
	int y = LINES - 1;

	if(t->mode == TOP_MODE_CONFIRM)
		draw_question(t, y);
	else if(t->mode == TOP_MODE_FILTER)
		putf(y, 0, A_BOLD, "show: %s_", t->filter);
	else if(t->now_ms < t->message_until_ms)
		put(y, 0, COLS, tones[t->tone], t->message);
	else if(t->mode == TOP_MODE_PANE)
		put(y, 0, COLS, A_DIM, "up down PgUp PgDn; any other key: back");
	else
		putf(y, 0, A_DIM,
				"q quit  d drain  r ready  e explain  / filter%s%s  <> sort: "
				"%s%s"
				"  ? all keys",
				t->filter[0] ? ": " : "", t->filter, top_col_word(t->by),
				t->reverse ? " reversed" : "");
}

void top_draw(top_t *t)
{
	bool short_foot = LINES < FOOT_LEAST || t->mode == TOP_MODE_PANE;
	int rows = LINES - HEAD_LINES - (short_foot ? 1 : FOOT_LINES);

	t->page = rows > 0 ? (uint32_t)rows : 0;
	t->columns = COLS > 0 ? (uint32_t)COLS : 0;
	erase();
	draw_state(t);
	if(t->rows) {
		draw_sums(t);
		if(t->mode == TOP_MODE_PANE)
			draw_pane(t);
		else
			draw_table(t);
	}
	if(t->rows && t->mode != TOP_MODE_PANE)
		draw_selected(t);
	else if(t->mode == TOP_MODE_PANE && !t->rows)
		draw_pane(t);
	move(LINES - 1, 0);
	clrtoeol();
	draw_last_line(t);
	refresh();
}
