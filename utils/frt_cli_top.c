/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route top: the command line, and the loop.
 */
#include "frt_cli.h"
#include "frt_cli_top.h"

#include "frt_cli_top_text.h"

#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_MS 6000
#define SHARE 4 /* Kamailio rests so many times as long as an answer took */
#define TICK_MS 1000

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	(void)number;
	stop = 1;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void top_say(top_t *t, top_tone_t tone, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if(vsnprintf(t->message, sizeof(t->message), fmt, args) < 0)
		t->message[0] = '\0';
	va_end(args);
	t->tone = tone;
	t->message_until_ms = t->now_ms + MESSAGE_MS;
	t->dirty = true;
}

const top_row_t *top_selected(const top_t *t)
{
	return t->selected < t->nshown ? &t->rows->row[t->shown[t->selected]]
								   : NULL;
}

void top_refresh(top_t *t)
{
	const top_row_t *row;
	uint32_t k;

	t->dirty = true;
	if(!t->rows)
		return;
	t->nshown = top_rows_show(t->rows, t->filter, t->by, t->reverse, t->shown);
	for(k = 0; t->id[0] && k < t->nshown; k++) {
		row = &t->rows->row[t->shown[k]];
		if(strcmp(row->id, t->id) == 0 && strcmp(row->set, t->set) == 0) {
			t->selected = k;
			return;
		}
	}
	/* nobody selected one, or it is gone: the line stays, not the row */
	t->id[0] = '\0';
	if(t->selected >= t->nshown)
		t->selected = t->nshown > 0 ? t->nshown - 1 : 0;
}

/* A new table has come; the old one is kept if there is no memory. */
static void take_rows(top_t *t)
{
	top_rows_t *rows = top_fetch_take(&t->fetch);
	uint32_t *shown = malloc((rows->n + 1) * sizeof(*shown));
	char age[32];

	if(!shown) {
		top_rows_free(rows);
		return;
	}
	if(t->gone_ms && t->rows) {
		top_text_age((long long)(t->now_ms - t->gone_ms) + 1, age, sizeof(age));
		top_say(t, TOP_TONE_GOOD, "%s is back, after %s",
				t->gone == TOP_GONE ? "Kamailio" : "the table", age);
	}
	t->gone_ms = 0;
	top_rows_finish(rows, t->rows, t->now_ms);
	top_rows_free(t->rows);
	free(t->shown);
	t->rows = rows;
	t->shown = shown;
	t->took_ms = (uint32_t)(t->now_ms - t->fetch.began_ms);
	top_refresh(t);
}

static void fetch_step(top_t *t)
{
	top_state_t state = t->fetch.rpc.state;

	if(state == TOP_WAITS)
		state = top_fetch_step(&t->fetch, t->now_ms);
	if(state == TOP_WAITS || state == TOP_IDLE)
		return;
	t->next_ms = t->now_ms + t->interval_ms;
	if(state == TOP_DONE) {
		uint32_t rest = (uint32_t)(t->now_ms - t->fetch.began_ms) * SHARE;

		take_rows(t);
		if(rest > t->interval_ms)
			t->next_ms = t->now_ms + rest;
		return;
	}
	if(!t->gone_ms)
		t->gone_ms = t->now_ms;
	t->gone = state;
	snprintf(t->error, sizeof(t->error), "%s", t->fetch.rpc.error);
	top_fetch_drop(&t->fetch);
	t->dirty = true;
}

/* All that is due, without waiting. */
static void work(top_t *t)
{
	int key;

	t->now_ms = now();
	while((key = getch()) != ERR)
		top_key(t, key);
	if(t->ask.state == TOP_WAITS)
		top_rpc_step(&t->ask, t->now_ms);
	if(t->ask.state != TOP_IDLE && t->ask.state != TOP_WAITS)
		top_answered(t);
	if(t->fetch.rpc.state == TOP_IDLE && t->now_ms >= t->next_ms)
		top_fetch_start(&t->fetch, t->now_ms);
	fetch_step(t);
}

static void sleep_until_something(top_t *t)
{
	struct pollfd fds[3] = {{STDIN_FILENO, POLLIN, 0},
			{t->fetch.rpc.fd, t->fetch.rpc.events, 0},
			{t->ask.fd, t->ask.events, 0}};
	int wait = TICK_MS;

	if(t->fetch.rpc.state == TOP_IDLE)
		wait = t->next_ms <= t->now_ms ? 0
			   : t->next_ms - t->now_ms < TICK_MS
					   ? (int)(t->next_ms - t->now_ms)
					   : TICK_MS;
	if(poll(fds, 3, wait) == 0)
		t->dirty = true; /* ages have changed */
	if(fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		stop = 1; /* the terminal is gone */
}

static int live(top_t *t)
{
	struct sigaction sa = {.sa_handler = on_signal};

	if(!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return cli_bad_usage("top", "not a terminal; --once prints the table");
	if(top_screen_begin() != 0)
		return cli_bad_usage("top", "this terminal is not known (TERM=%s)",
				getenv("TERM") ? getenv("TERM") : "");
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	while(!t->quit && !stop) {
		work(t);
		if(t->dirty) {
			t->dirty = false;
			top_draw(t);
		}
		sleep_until_something(t);
	}
	top_screen_end();
	return CLI_GOOD;
}

static int once(top_t *t, const cli_args_t *args)
{
	char safe[TOP_TEXT_SIZE(300)];

	top_fetch_start(&t->fetch, now());
	while(t->fetch.rpc.state == TOP_WAITS) {
		struct pollfd fd = {t->fetch.rpc.fd, t->fetch.rpc.events, 0};

		if(poll(&fd, 1, TICK_MS) < 0 && errno != EINTR)
			break;
		top_fetch_step(&t->fetch, now());
	}
	if(t->fetch.rpc.state != TOP_DONE) {
		top_text(t->fetch.rpc.error, 300, safe, sizeof(safe));
		return cli_could_not("top", "%s: %s", t->at.text, safe);
	}
	take_rows(t);
	if(!t->rows)
		return CLI_COULD_NOT;
	if(args->json)
		return top_print_json(args, t->rows, t->shown, t->nshown);
	top_print(t->rows, t->shown, t->nshown);
	return fflush(stdout) == 0 ? CLI_GOOD : CLI_COULD_NOT;
}

static bool set_interval(top_t *t, const cli_args_t *args)
{
	const char *text = cli_value(args, "--interval", "2");
	char *end;
	double s = strtod(text, &end);

	if(end == text || *end || !(s >= 0.1 && s <= 3600)) {
		cli_bad_usage("top", "--interval: expected seconds, 0.1 to 3600");
		return false;
	}
	t->interval_ms = (uint32_t)(s * 1000);
	return true;
}

/* What was asked for; false: it makes no sense, which was said. */
static bool set_options(top_t *t, const cli_args_t *args)
{
	const char *filter = cli_value(args, "--filter", "");

	if(strlen(filter) >= sizeof(t->filter)) {
		cli_bad_usage(
				"top", "--filter: at most %zu bytes", sizeof(t->filter) - 1);
		return false;
	}
	snprintf(t->filter, sizeof(t->filter), "%s", filter);
	t->by = (top_col_t)top_col_find(cli_value(args, "--sort", "state"));
	t->reverse = cli_given(args, "--reverse");
	if(args->noperands > 1) {
		cli_bad_usage("top", "one set, or none");
		return false;
	}
	t->fetch.set = args->noperands == 1 ? args->operands[0] : "*";
	return set_interval(t, args);
}

static int run(cli_args_t *args)
{
	top_t t = {.dirty = true};
	const char *from = getenv("FAILOVER_ROUTE_AT"), *at;
	char error[300];
	int ret;

	setlocale(LC_CTYPE, "");
	t.fetch.rpc.at = t.ask.at = &t.at;
	t.fetch.rpc.fd = t.ask.fd = -1;
	if(!set_options(&t, args))
		return CLI_COULD_NOT;
	at = cli_value(args, "--at", from && from[0] ? from : TOP_AT_DEFAULT);
	if(top_at_set(&t.at, at[0] ? at : TOP_AT_DEFAULT, error, sizeof(error))
			!= 0)
		return cli_bad_usage("top", "%s", error);
	ret = args->json || cli_given(args, "--once") ? once(&t, args) : live(&t);
	top_fetch_drop(&t.fetch);
	top_rpc_drop(&t.ask);
	top_rows_free(t.rows);
	free(t.shown);
	top_pane_free(&t);
	top_at_free(&t.at);
	return ret;
}

const cli_command_t *cli_top(void)
{
#define X(name, word, head, kind, field, width) word " "
	static const cli_option_t options[] = {
			{"--at", "ADDRESS", NULL, "where jsonrpcs listens", 'a'},
			{"--once", NULL, NULL,
					"print the table as plain text, and end; so does --json",
					'o'},
			{"--interval", "SECONDS", NULL, "look so often; 2 if not given",
					'i'},
			{"--filter", "TEXT", NULL, "only what has this text", 'f'},
			{"--sort", "COLUMN", TOP_COL_LIST,
					"by that; if not given by state, worst first", 's'},
			{"--reverse", NULL, NULL, "the other way round", 'r'},
			{NULL, NULL, NULL, NULL, 0},
	};
#undef X
	static const cli_example_t examples[] = {
			{"top", "Live; ? lists the keys."},
			{"top --once carriers | awk '$3 == \"down\" {print $2}'",
					"What of the set carriers is down?"},
			{"top --at http://127.0.0.1:8080/RPC --sort failrate",
					"Over HTTP, by what fails now."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "top",
			.line = "show what a running Kamailio's destinations do",
			.operands = "[SET]",
			.words = "",
			.about = "Shows what a running Kamailio's destinations are doing, "
					 "live; ? lists the keys.\nIt asks by JSON-RPC (Kamailio's "
					 "module jsonrpcs) at an address: the /path of a\ndatagram "
					 "socket, or http://[user:password@]host[:port][/path]; if "
					 "there is no\n--at, $FAILOVER_ROUTE_AT; else "
					 "" TOP_AT_DEFAULT ".",
			.options = options,
			.examples = examples,
			.exits = "is not used",
			.run = run,
	};

	return &command;
}
