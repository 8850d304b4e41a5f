/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pages to rows, and what changed since the rows before.
 */
#include "frt_cli_top_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const look_names[TOP_LOOKS] = {
		"down", "trial", "ramp", "drain", "maint", "up"};

const char *top_look_name(top_look_t look)
{
	return look_names[look];
}

top_rows_t *top_rows_new(void)
{
	top_rows_t *rows = calloc(1, sizeof(*rows));

	if(!rows)
		return NULL;
	rows->pages = json_array();
	if(!rows->pages) {
		free(rows);
		return NULL;
	}
	return rows;
}

void top_rows_free(top_rows_t *rows)
{
	if(!rows)
		return;
	json_decref(rows->pages);
	free(rows->row);
	free(rows);
}

static const char *text(const json_t *in, const char *name)
{
	const char *s = json_string_value(json_object_get(in, name));

	return s ? s : "";
}

static long long number(const json_t *in, const char *name)
{
	double v = json_number_value(json_object_get(in, name));

	return v > -9e15 && v < 9e15 ? (long long)v : 0;
}

/* What the operator took out is not what is wrong; what is down is, unless
 * nobody is meant to use it. */
static top_look_t look_of(const top_row_t *row)
{
	int i;

	for(i = 0; i < TOP_LOOKS; i++) {
		if(strcmp(row->admin, look_names[i]) == 0)
			return (top_look_t)i;
	}
	for(i = 0; i < TOP_UP; i++) {
		if(strcmp(row->health, look_names[i]) == 0)
			return (top_look_t)i;
	}
	return TOP_UP;
}

static void fill_row(top_row_t *row, const char *set, const json_t *in)
{
	row->set = set;
	row->id = text(in, "id");
	row->uri = text(in, "uri");
	row->health = text(in, "health");
	row->admin = text(in, "admin");
	row->reason = text(in, "reason");
	row->look = look_of(row);
	row->priority = number(in, "priority");
	row->weight = number(in, "weight");
	row->effective = number(in, "effective_weight");
	row->calls = number(in, "calls");
	row->attempts = number(in, "attempts");
	row->failed = number(in, "failed");
	row->failovers = number(in, "failovers");
	row->pdd = number(in, "pdd_ms");
	row->rtt = number(in, "probe_rtt_ms");
	row->since = number(in, "since_ms");
	row->hold = number(in, "hold_ms");
}

static int add_row(top_rows_t *rows, const char *set, const json_t *in)
{
	top_row_t *row;

	if(rows->n == rows->room) {
		uint32_t room = rows->room ? rows->room * 2 : 256;

		row = realloc(rows->row, room * sizeof(*row));
		if(!row)
			return -1;
		rows->row = row;
		rows->room = room;
	}
	row = &rows->row[rows->n];
	memset(row, 0, sizeof(*row));
	fill_row(row, set, in);
	row->order = rows->n++;
	return 0;
}

/* A set that began on the page before is the same set. */
static void count_set(top_rows_t *rows, const char *set, const json_t *in)
{
	if(rows->sets > 0 && strcmp(rows->last_set, set) == 0)
		return;
	snprintf(rows->last_set, sizeof(rows->last_set), "%s", set);
	rows->sets++;
	rows->sets_down += strcmp(text(in, "health"), "down") == 0;
}

int top_rows_add(top_rows_t *rows, json_t *answer, long long *next)
{
	json_t *sets = json_object_get(answer, "sets");
	long long generation = number(answer, "generation");
	json_t *set, *dst;
	size_t i, k;

	if(!json_is_array(sets))
		return -2;
	if(json_array_size(rows->pages) > 0 && generation != rows->generation)
		return -3;
	rows->generation = generation;
	if(json_array_append(rows->pages, answer) != 0)
		return -1;
	json_array_foreach(sets, i, set)
	{
		const char *id = text(set, "id");

		count_set(rows, id, set);
		json_array_foreach(json_object_get(set, "destinations"), k, dst)
		{
			if(add_row(rows, id, dst) != 0)
				return -1;
		}
	}
	*next = json_object_get(answer, "next_offset")
					? number(answer, "next_offset")
					: -1;
	return 0;
}

static int by_key(const void *a, const void *b)
{
	const top_row_t *x = *(top_row_t *const *)a, *y = *(top_row_t *const *)b;
	int order = strcmp(x->set, y->set);

	return order ? order : strcmp(x->id, y->id);
}

static top_row_t **sorted_by_key(const top_rows_t *rows)
{
	top_row_t **list = malloc((rows->n + 1) * sizeof(*list));
	uint32_t i;

	if(!list)
		return NULL;
	for(i = 0; i < rows->n; i++)
		list[i] = &rows->row[i];
	qsort(list, rows->n, sizeof(*list), by_key);
	return list;
}

/* Counters begin anew when Kamailio does. */
static double per_second(long long now, long long before, double s)
{
	return now > before ? (double)(now - before) / s : 0;
}

static void rates(top_rows_t *rows, const top_rows_t *before)
{
	double s = (double)(rows->at_ms - before->at_ms) / 1000.0;
	top_row_t **now = sorted_by_key(rows), **old = sorted_by_key(before);
	uint32_t i, k = 0;

	for(i = 0; now && old && s > 0 && i < rows->n; i++) {
		while(k < before->n && by_key(&old[k], &now[i]) < 0)
			k++;
		if(k == before->n || by_key(&old[k], &now[i]) != 0)
			continue;
		now[i]->rate = per_second(now[i]->attempts, old[k]->attempts, s);
		now[i]->fail_rate = per_second(now[i]->failed, old[k]->failed, s);
	}
	free(now);
	free(old);
}

void top_rows_finish(
		top_rows_t *rows, const top_rows_t *before, uint64_t now_ms)
{
	uint32_t i;

	rows->at_ms = now_ms;
	if(before)
		rates(rows, before);
	for(i = 0; i < rows->n; i++) {
		const top_row_t *row = &rows->row[i];

		rows->looks[row->look]++;
		rows->calls += row->calls;
		rows->rate += row->rate;
		rows->fail_rate += row->fail_rate;
	}
}
