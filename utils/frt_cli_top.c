/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route top: the command line, and the loop.
 */
#include "frt_cli.h"
#include "frt_cli_top.h"

#include "frt_cli_top_text.h"

#include <errno.h>
#include <getopt.h>
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
		top_say(t, TOP_TONE_GOOD, "Kamailio is back, after %s", age);
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
	t->refused = state == TOP_FAULT;
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

static int once(top_t *t)
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
		fprintf(stderr, "failover-route top: %s: %s\n", t->at.text, safe);
		return CLI_COULD_NOT;
	}
	take_rows(t);
	if(!t->rows)
		return CLI_COULD_NOT;
	top_print(t->rows, t->shown, t->nshown);
	return fflush(stdout) == 0 ? CLI_GOOD : CLI_COULD_NOT;
}

static int help(void)
{
	int i;

	printf("failover-route top [OPTIONS] [SET]\n\n"
		   "Shows what a running Kamailio's destinations are doing, live; ? "
		   "lists\n"
		   "the keys. It asks by JSON-RPC (Kamailio's module jsonrpcs).\n\n"
		   "  -a, --at ADDRESS       /path of the datagram socket, or\n"
		   "                         "
		   "http://[user:password@]host[:port][/path];\n"
		   "                         else $FAILOVER_ROUTE_AT, else\n"
		   "                         " TOP_AT_DEFAULT "\n"
		   "  -o, --once             print the table as plain text, and end\n"
		   "  -i, --interval SECONDS look so often (2)\n"
		   "  -f, --filter TEXT      only what has this text\n"
		   "  -s, --sort COLUMN      by state (worst first; the default) or");
	for(i = 1; i < TOP_COLS; i++)
		printf("%s%s", i % 8 == 1 ? "\n                         " : " ",
				top_col_word((top_col_t)i));
	printf("\n  -r, --reverse          the other way round\n");
	return CLI_GOOD;
}

static int set_interval(top_t *t, const char *text)
{
	char *end;
	double s = strtod(text, &end);

	if(end == text || *end || !(s >= 0.1 && s <= 3600))
		return cli_bad_usage(
				"top", "--interval: expected seconds, 0.1 to 3600");
	t->interval_ms = (uint32_t)(s * 1000);
	return CLI_GOOD;
}

/* Returns -1 to go on, or an exit code. */
static int options(top_t *t, int argc, char **argv, const char **at, bool *one)
{
	static const struct option known[] = {{"at", 1, NULL, 'a'},
			{"once", 0, NULL, 'o'}, {"interval", 1, NULL, 'i'},
			{"filter", 1, NULL, 'f'}, {"sort", 1, NULL, 's'},
			{"reverse", 0, NULL, 'r'}, {"help", 0, NULL, 'h'}, {0}};
	int c, col;

	while((c = getopt_long(argc, argv, "a:oi:f:s:rh", known, NULL)) != -1) {
		if(c == 'a') {
			*at = optarg;
		} else if(c == 'o') {
			*one = true;
		} else if(c == 'r') {
			t->reverse = true;
		} else if(c == 'f') {
			snprintf(t->filter, sizeof(t->filter), "%s", optarg);
		} else if(c == 'i' && set_interval(t, optarg) != CLI_GOOD) {
			return CLI_COULD_NOT;
		} else if(c == 's') {
			col = top_col_find(optarg);
			if(col < 0)
				return cli_bad_usage("top", "no such column: %s", optarg);
			t->by = (top_col_t)col;
		} else if(c == 'h') {
			return help();
		} else if(c == '?') {
			return cli_bad_usage("top", "see the options");
		}
	}
	if(argc - optind > 1)
		return cli_bad_usage("top", "one set, or none");
	if(optind < argc)
		t->fetch.set = argv[optind];
	return -1;
}

int cli_top(int argc, char **argv)
{
	top_t t = {.interval_ms = 2000, .dirty = true};
	const char *at = getenv("FAILOVER_ROUTE_AT");
	char error[300];
	bool one = false;
	int ret;

	setlocale(LC_CTYPE, "");
	t.fetch.set = "*";
	t.fetch.rpc.at = t.ask.at = &t.at;
	t.fetch.rpc.fd = t.ask.fd = -1;
	ret = options(&t, argc, argv, &at, &one);
	if(ret >= 0)
		return ret;
	if(top_at_set(
			   &t.at, at && at[0] ? at : TOP_AT_DEFAULT, error, sizeof(error))
			!= 0)
		return cli_bad_usage("top", "%s", error);
	ret = one ? once(&t) : live(&t);
	top_fetch_drop(&t.fetch);
	top_rpc_drop(&t.ask);
	top_rows_free(t.rows);
	free(t.shown);
	top_pane_free(&t);
	top_at_free(&t.at);
	return ret;
}
