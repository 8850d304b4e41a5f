/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers to what the user asked for: a line at the bottom, or a pane of text.
 */
#define _GNU_SOURCE /* vasprintf */
#include "frt_cli_top.h"

#include "frt_cli_top_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT "    " /* of a line that goes on */

void top_pane_free(top_t *t)
{
	uint32_t i;

	for(i = 0; i < t->npane; i++)
		free(t->pane[i]);
	free(t->pane);
	t->pane = NULL;
	t->npane = t->pane_first = 0;
	t->explains = false;
}

/* A line that there is no memory for is left out. */
static void add_line(top_t *t, const char *s, size_t len, bool more)
{
	char **pane = realloc(t->pane, (t->npane + 1) * sizeof(*pane));
	char *line;

	if(!pane)
		return;
	t->pane = pane;
	if(asprintf(&line, "%s%.*s", more ? INDENT : "", (int)len, s) >= 0)
		t->pane[t->npane++] = line;
}

static void add(top_t *t, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/* Adds a text, in as many lines as the screen needs. */
static void add(top_t *t, const char *fmt, ...)
{
	size_t columns = t->columns > 40 ? t->columns : 40, n;
	bool more = false;
	va_list args;
	char *text, *s;
	int err;

	va_start(args, fmt);
	err = vasprintf(&text, fmt, args);
	va_end(args);
	if(err < 0)
		return;
	for(s = text; *s || !more; more = true) {
		n = top_text_break(s, more ? columns - strlen(INDENT) : columns);
		add_line(t, s, n, more);
		s += n;
		s += *s == ' ';
	}
	free(text);
}

static const char *text(const json_t *in, const char *name)
{
	const char *s = json_string_value(json_object_get(in, name));

	return s ? s : "";
}

static int number(const json_t *in, const char *name)
{
	return (int)json_number_value(json_object_get(in, name));
}

void top_ask_explain(top_t *t, int offset)
{
	t->explained = offset;
	top_rpc_ask(&t->ask, "failover_route.explain",
			json_pack(
					"[s, s, i, i]", t->want_set, "*", offset, TOP_PAGE_EXPLAIN),
			t->now_ms);
}

static void pane_choice(top_t *t, const json_t *answer)
{
	add(t, "A new call to %s: %s", text(answer, "set"),
			text(answer, "choice")[0] ? text(answer, "choice") : "none");
	add(t, "%s", text(answer, "why"));
	add(t, "%s", text(answer, "retry_budget"));
	add(t, "%s", "");
}

static void pane_explain(top_t *t, const json_t *answer)
{
	const json_t *dst;
	size_t i;

	if(t->explained == 0)
		pane_choice(t, answer);
	json_array_foreach(json_object_get(answer, "destinations"), i, dst)
	{
		add(t, "%s %s, priority %d, weight %d: %s",
				number(dst, "usable") ? "+" : "-", text(dst, "id"),
				number(dst, "priority"), number(dst, "weight"),
				text(dst, "why"));
	}
}

static void pane_history(top_t *t, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "transitions"), *ev;
	size_t i;

	add(t, "%s: the latest changes, newest first (UTC)", t->want_set);
	json_array_foreach(list, i, ev)
	{
		const char *from = text(ev, "from"), *to = text(ev, "to");

		add(t, "%s %s %s%s%s%s%s: %s", text(ev, "at"), text(ev, "event"),
				text(ev, "destination"), from[0] ? " " : "", from,
				to[0] ? " -> " : "", to, text(ev, "reason"));
	}
	if(json_array_size(list) == 0)
		add(t, "%s", "nothing has changed yet");
}

void top_pane_help(top_t *t)
{
	static const char *const lines[] = {
			"up down PgUp PgDn Home End   select a destination",
			"d   drain it: calls in progress go on, new ones go elsewhere",
			"m   maint: the same, and it is not probed either",
			"r   ready: put it back", "p   probe it now",
			"e   explain: which destination would a call get, and why",
			"h   history of its set",
			"/   show only what has a text; Esc shows all",
			"< > sort by another column; R turns the order round", "q   quit",
			"",
			"ATT/S FAIL/S: attempts and failed ones a second since the last "
			"look.",
			"PDD RTT: post-dial delay, answer to a probe, in ms.",
			"SINCE: in this health for so long; HOLD: not tried for so long.",
			"EFF: the weight that counts now. PRIO: the lowest is tried "
			"first."};
	size_t i;

	top_pane_free(t);
	for(i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add(t, "%s", lines[i]);
	t->mode = TOP_MODE_PANE;
}

static void say_done(top_t *t, const json_t *answer)
{
	const char *database = text(answer, "database");
	int calls = number(answer, "calls");
	bool bad;

	if(strcmp(t->want, "probe") == 0) {
		bad = number(answer, "probes") == 0;
		top_say(t, bad ? TOP_TONE_BAD : TOP_TONE_GOOD, "%s/%s%s", t->want_set,
				t->want_id, bad ? ": nothing was probed" : " is probed");
	} else {
		bad = database[0] && strcmp(database, "written") != 0;
		top_say(t, bad ? TOP_TONE_BAD : TOP_TONE_GOOD,
				"%s/%s: %s; %d call%s in progress%s%s", t->want_set, t->want_id,
				text(answer, "admin"), calls, frt_plural(calls),
				bad ? "; database: " : "", bad ? database : "");
	}
	t->next_ms = t->now_ms; /* look at once */
}

/* The first page opens the pane; the others only come while it is there. */
static void show_explain(top_t *t)
{
	int next = number(t->ask.result, "next_offset");

	if(t->explained == 0) {
		top_pane_free(t);
		t->mode = TOP_MODE_PANE;
		t->explains = true;
	}
	if(t->explains && t->mode == TOP_MODE_PANE)
		pane_explain(t, t->ask.result);
	else
		next = 0;
	top_rpc_drop(&t->ask);
	if(next > t->explained)
		top_ask_explain(t, next);
}

void top_answered(top_t *t)
{
	const json_t *answer = t->ask.result;

	t->dirty = true;
	if(t->ask.state == TOP_GONE) {
		top_say(t, TOP_TONE_BAD, "%s of %s: %s", t->want, t->want_set,
				t->ask.error);
	} else if(t->ask.state == TOP_FAULT) {
		top_say(t, TOP_TONE_BAD, "refused: %s", t->ask.error);
	} else if(strcmp(t->want, "explain") == 0) {
		show_explain(t);
		return;
	} else if(strcmp(t->want, "history") == 0) {
		top_pane_free(t);
		pane_history(t, answer);
		t->mode = TOP_MODE_PANE;
	} else {
		say_done(t, answer);
	}
	top_rpc_drop(&t->ask);
}
