/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Call detail records with a path, as etc/kamailio-trunk-cdr.cfg has acc write
 * them: lines of syslog, or the rows of acc's table as CSV with a line of names
 * first. Their time is that of the final answer, to the second.
 */
#define _GNU_SOURCE
#include "frt_cli.h"
#include "frt_cli_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is read of a record. */
typedef enum field
{
	F_TIME,
	F_METHOD,
	F_CODE,
	F_CALL_ID,
	F_USER,
	F_PATH,
	F_SET,
	F_COUNT
} field_t;

/* The best name of each first. */
static const char *const names[F_COUNT][5] = {
		[F_TIME] = {"timestamp", "time_hires", "time", "setuptime"},
		[F_METHOD] = {"method"},
		[F_CODE] = {"code", "sip_code"},
		[F_CALL_ID] = {"call_id", "callid"},
		[F_USER] = {"dst", "dst_user", "dst_ouser", "to_user"},
		[F_PATH] = {"frt_path", "path"},
		[F_SET] = {"frt_set"},
};

/* "1669420800", "1669420800.123" or "2022-11-26 00:00:00" into ms; 0: none. */
static uint64_t time_of(const char *s)
{
	struct tm tm;
	const char *end;
	double v;
	char *rest;

	if(s == NULL)
		return 0;
	memset(&tm, 0, sizeof(tm));
	end = strptime(s, "%Y-%m-%d %H:%M:%S", &tm);
	if(end == NULL)
		end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	if(end != NULL) {
		v = *end == '.' ? strtod(end, NULL) : 0;
		return (uint64_t)timegm(&tm) * 1000 + (uint64_t)(v * 1000);
	}
	v = strtod(s, &rest);
	return rest != s && v > 0 && v < 1e12 ? (uint64_t)(v * 1000 + 0.5) : 0;
}

/* "gw1:503>gw2:200", or "gw1:503+gw2>gw3:200" where several were tried at
 * once; a destination without a code was left before it had ended. */
static void add_path(cli_trace_t *t, char *path, uint64_t when)
{
	char *one, *save = NULL, *colon;
	cli_try_t *a;

	for(one = strtok_r(path, ">+", &save); one != NULL;
			one = strtok_r(NULL, ">+", &save)) {
		colon = strrchr(one, ':');
		if(colon == NULL)
			continue;
		*colon = '\0';
		a = cli_trace_try(t);
		a->name = cli_trace_name(t, one);
		a->t = when;
		a->code = (int)strtol(colon + 1, NULL, 10);
		/* no reply within try-timeout is written so */
		if(a->code == 408)
			a->code = 0;
	}
}

static uint64_t hash(const char *s)
{
	return s != NULL && *s != '\0' ? frt_hash_bytes(s, strlen(s), 3) | 1 : 0;
}

static void record(cli_trace_t *t, char *const *f, const char *set)
{
	uint64_t when = time_of(f[F_TIME]);
	cli_recorded_t *c;

	if(f[F_METHOD] != NULL && strcmp(f[F_METHOD], "INVITE") != 0)
		return;
	if(f[F_SET] != NULL && *f[F_SET] != '\0' && set != NULL
			&& strcmp(f[F_SET], set) != 0) {
		t->other_sets++;
		return;
	}
	if(when == 0 || f[F_PATH] == NULL) {
		t->skipped++;
		return;
	}
	c = cli_trace_call(t);
	c->t = when;
	c->code = f[F_CODE] != NULL ? (int)strtol(f[F_CODE], NULL, 10) : 0;
	c->user = hash(f[F_USER]);
	c->key = hash(f[F_CALL_ID]);
	if(c->key == 0)
		c->key = frt_hash_mix(t->ncalls) | 1;
	if(c->user == 0)
		c->user = c->key;
	add_path(t, f[F_PATH], when);
}

/* --- lines of syslog --------------------------------------------------------------- */

/* "... ACC: transaction answered: timestamp=1;method=INVITE;..." */
static void acc_line(cli_trace_t *t, char *line, const char *set)
{
	char *f[F_COUNT] = {NULL}, *one, *save = NULL, *equals;
	char *pairs = strstr(line, "ACC: ");
	size_t i, k;

	pairs = strstr(pairs, "timestamp=");
	if(pairs == NULL) {
		t->skipped++;
		return;
	}
	for(one = strtok_r(pairs, ";", &save); one != NULL;
			one = strtok_r(NULL, ";", &save)) {
		equals = strchr(one, '=');
		if(equals == NULL)
			continue;
		*equals = '\0';
		for(i = 0; i < F_COUNT; i++) {
			for(k = 0; f[i] == NULL && k < 5 && names[i][k] != NULL; k++) {
				if(strcmp(one, names[i][k]) == 0)
					f[i] = equals + 1;
			}
		}
	}
	/* without a destination no path is written; a cancelled call has one */
	record(t, f, set);
}

/* --- CSV --------------------------------------------------------------------------- */

#define COLUMNS 128

/* Takes one line apart in place; RFC 4180's quotes, but no line breaks in them.
 * How many cells there are. */
static size_t cells(char *line, char sep, char **out)
{
	size_t n = 0;
	char *to;

	while(n < COLUMNS) {
		out[n++] = to = line;
		if(*line == '"') {
			for(line++; *line != '\0' && (*line != '"' || line[1] == '"');
					line++) {
				line += *line == '"';
				*to++ = *line;
			}
			line += *line == '"';
		} else {
			while(*line != '\0' && *line != sep)
				*to++ = *line++;
		}
		if(*line != sep) {
			*to = '\0';
			break;
		}
		line++;
		*to = '\0';
	}
	return n;
}

static char separator(const char *head)
{
	return strchr(head, '\t') != NULL  ? '\t'
		   : strchr(head, ',') != NULL ? ','
									   : ';';
}

/* Which column has which field? SIZE_MAX: none. */
static void find_columns(char *const *cell, size_t n, size_t *at)
{
	size_t i, k, c;

	for(i = 0; i < F_COUNT; i++) {
		at[i] = SIZE_MAX;
		for(k = 0; k < 5 && names[i][k] != NULL; k++) {
			for(c = 0; c < n && at[i] == SIZE_MAX; c++) {
				if(strcmp(cell[c], names[i][k]) == 0)
					at[i] = c;
			}
		}
	}
}

static bool csv(cli_trace_t *t, char *head, char *rest, const char *set)
{
	char *cell[COLUMNS], *f[F_COUNT], *line, *save = NULL, sep;
	size_t at[F_COUNT], n, i;

	sep = separator(head);
	find_columns(cell, cells(head, sep, cell), at);
	if(at[F_TIME] == SIZE_MAX || at[F_PATH] == SIZE_MAX) {
		cli_could_not("replay",
				"%s: neither lines with \"ACC: \", nor a capture, nor CSV with "
				"the columns %s and %s in its first line",
				t->file, names[F_TIME][0], names[F_PATH][0]);
		return false;
	}
	for(line = strtok_r(rest, "\r\n", &save); line != NULL;
			line = strtok_r(NULL, "\r\n", &save)) {
		n = cells(line, sep, cell);
		for(i = 0; i < F_COUNT; i++)
			f[i] = at[i] < n ? cell[at[i]] : NULL;
		record(t, f, set);
	}
	return true;
}

/* Records of one second are spread over it, in their order: else they would be
 * a burst. */
static void spread(cli_trace_t *t)
{
	size_t i, k, end;

	for(i = 0; i < t->ncalls; i = end) {
		uint64_t second = t->calls[i].t;

		end = i + 1;
		if(second % 1000 != 0)
			continue;
		while(end < t->ncalls && t->calls[end].t == second)
			end++;
		for(k = i; k < end; k++) {
			cli_recorded_t *c = &t->calls[k];
			uint32_t a;

			c->t += (k - i) * 1000 / (end - i);
			for(a = c->first; a < c->first + c->n; a++)
				t->tries[a].t = c->t;
		}
	}
}

bool cli_trace_acc(cli_trace_t *t, char *text, const char *set)
{
	bool lines = strstr(text, "ACC: ") != NULL, fine = true;
	char *line, *save = NULL;
	size_t n;

	if(lines) {
		for(line = strtok_r(text, "\r\n", &save); line != NULL;
				line = strtok_r(NULL, "\r\n", &save)) {
			if(strstr(line, "ACC: ") != NULL)
				acc_line(t, line, set);
		}
	} else {
		n = strcspn(text, "\r\n");
		line = text[n] != '\0' ? text + n + 1 : text + n;
		text[n] = '\0';
		fine = csv(t, text, line, set);
	}
	spread(t);
	return fine;
}
