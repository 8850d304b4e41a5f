/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the keys do.
 */
#include "frt_cli_top.h"

#include "frt_cli_top_text.h"

#include <ncurses.h>
#include <stdio.h>
#include <string.h>

#define ESCAPE 27
#define HISTORY_COUNT 50

static void select_row(top_t *t, long long at)
{
	const top_row_t *row;

	if(at >= t->nshown)
		at = (long long)t->nshown - 1;
	if(at < 0)
		at = 0;
	t->selected = (uint32_t)at;
	row = top_selected(t);
	snprintf(t->set, sizeof(t->set), "%s", row ? row->set : "");
	snprintf(t->id, sizeof(t->id), "%s", row ? row->id : "");
}

/* Keeps what the request is about: the selection may move until it is sent,
 * and again until the answer. */
static bool want(top_t *t, const char *method)
{
	const top_row_t *row = top_selected(t);

	if(t->gone_ms && t->gone == TOP_GONE)
		top_say(t, TOP_TONE_BAD, "Kamailio does not answer");
	else if(t->ask.state == TOP_WAITS)
		top_say(t, TOP_TONE_BAD, "one thing at a time: an answer is awaited");
	else if(!row)
		top_say(t, TOP_TONE_BAD, "no destination is selected");
	else {
		snprintf(t->want_set, sizeof(t->want_set), "%s", row->set);
		snprintf(t->want_id, sizeof(t->want_id), "%s", row->id);
		t->want = method;
		return true;
	}
	return false;
}

static void confirm(top_t *t, const char *admin)
{
	if(want(t, admin))
		t->mode = TOP_MODE_CONFIRM;
}

static void ask(top_t *t, const char *method, json_t *params)
{
	top_rpc_ask(&t->ask, method, params, t->now_ms);
}

static void confirm_key(top_t *t, int key)
{
	t->mode = TOP_MODE_TABLE;
	if(key == 'y' || key == 'Y')
		ask(t, "failover_route.set_admin",
				json_pack("[s, s, s]", t->want_set, t->want_id, t->want));
	else
		top_say(t, TOP_TONE_PLAIN, "nothing was changed");
}

static void filter_key(top_t *t, int key)
{
	size_t len = strlen(t->filter);

	if(key == '\n' || key == '\r' || key == KEY_ENTER) {
		t->mode = TOP_MODE_TABLE;
	} else if(key == ESCAPE) {
		memcpy(t->filter, t->filter_before, sizeof(t->filter));
		t->mode = TOP_MODE_TABLE;
	} else if(key == KEY_BACKSPACE || key == 127 || key == 8) {
		/* a character of UTF-8 is more than a byte */
		while(len > 0 && ((unsigned char)t->filter[len - 1] & 0xc0) == 0x80)
			len--;
		t->filter[len > 0 ? len - 1 : 0] = '\0';
	} else if(key >= ' ' && key < 256 && len + 1 < sizeof(t->filter)) {
		t->filter[len] = (char)key;
		t->filter[len + 1] = '\0';
	}
	top_refresh(t);
}

static void pane_key(top_t *t, int key)
{
	uint32_t page = t->page > 1 ? t->page - 1 : 1;
	long long at = t->pane_first;
	long long last = (long long)t->npane - t->page;

	if(key == KEY_DOWN || key == 'j')
		at++;
	else if(key == KEY_UP || key == 'k')
		at--;
	else if(key == KEY_NPAGE || key == ' ')
		at += page;
	else if(key == KEY_PPAGE)
		at -= page;
	else if(key == KEY_HOME)
		at = 0;
	else if(key == KEY_END)
		at = last;
	else
		t->mode = TOP_MODE_TABLE;
	at = at > last ? last : at;
	t->pane_first = at > 0 ? (uint32_t)at : 0;
}

static void sort_by_next(top_t *t, int step)
{
	t->by = (top_col_t)(((int)t->by + step + TOP_COLS) % TOP_COLS);
	top_refresh(t);
}

static bool move_key(top_t *t, int key)
{
	long long at = t->selected, page = t->page > 1 ? t->page - 1 : 1;

	switch(key) {
		case KEY_DOWN:
		case 'j':
			at++;
			break;
		case KEY_UP:
		case 'k':
			at--;
			break;
		case KEY_NPAGE:
		case ' ':
			at += page;
			break;
		case KEY_PPAGE:
			at -= page;
			break;
		case KEY_HOME:
		case 'g':
			at = 0;
			break;
		case KEY_END:
		case 'G':
			at = t->nshown;
			break;
		default:
			return false;
	}
	select_row(t, at);
	return true;
}

static void ask_key(top_t *t, int key)
{
	if(key == 'd')
		confirm(t, "drain");
	else if(key == 'm')
		confirm(t, "maint");
	else if(key == 'r')
		confirm(t, "ready");
	else if(key == 'p' && want(t, "probe"))
		ask(t, "failover_route.probe",
				json_pack("[s, s]", t->want_set, t->want_id));
	else if(key == 'e' && want(t, "explain"))
		top_ask_explain(t, 0);
	else if(key == 'h' && want(t, "history"))
		ask(t, "failover_route.history",
				json_pack("[s, i]", t->want_set, HISTORY_COUNT));
}

static void table_key(top_t *t, int key)
{
	if(move_key(t, key))
		return;
	switch(key) {
		case 'q':
		case 'Q':
			t->quit = true;
			break;
		case '<':
			sort_by_next(t, -1);
			break;
		case '>':
		case 's':
			sort_by_next(t, 1);
			break;
		case 'R':
			t->reverse = !t->reverse;
			top_refresh(t);
			break;
		case '/':
			memcpy(t->filter_before, t->filter, sizeof(t->filter));
			t->mode = TOP_MODE_FILTER;
			break;
		case ESCAPE:
			t->filter[0] = '\0';
			top_refresh(t);
			break;
		case '?':
		case KEY_F(1):
			top_pane_help(t);
			break;
		default:
			ask_key(t, key);
	}
}

void top_key(top_t *t, int key)
{
	t->dirty = true;
	if(key == KEY_RESIZE)
		return; /* drawing does the rest */
	if(t->mode == TOP_MODE_CONFIRM)
		confirm_key(t, key);
	else if(t->mode == TOP_MODE_FILTER)
		filter_key(t, key);
	else if(t->mode == TOP_MODE_PANE)
		pane_key(t, key);
	else
		table_key(t, key);
}
