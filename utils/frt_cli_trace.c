/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recorded calls, whatever they were read from.
 */
#include "frt_cli.h"
#include "frt_cli_file.h"
#include "frt_cli_trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_DAYS 31u

cli_recorded_t *cli_trace_call(cli_trace_t *t)
{
	cli_recorded_t *c;

	if(t->ncalls == t->calls_room) {
		t->calls_room = t->calls_room > 0 ? 2 * t->calls_room : 1024;
		t->calls = cli_realloc(t->calls, t->calls_room, sizeof(*t->calls));
	}
	c = &t->calls[t->ncalls++];
	memset(c, 0, sizeof(*c));
	c->first = (uint32_t)t->ntries;
	return c;
}

cli_try_t *cli_trace_try(cli_trace_t *t)
{
	cli_try_t *a;

	if(t->ntries == t->tries_room) {
		t->tries_room = t->tries_room > 0 ? 2 * t->tries_room : 1024;
		t->tries = cli_realloc(t->tries, t->tries_room, sizeof(*t->tries));
	}
	a = &t->tries[t->ntries++];
	*a = (cli_try_t){.first_ms = CLI_UNKNOWN,
			.ring_ms = CLI_UNKNOWN,
			.final_ms = CLI_UNKNOWN};
	t->calls[t->ncalls - 1].n++;
	return a;
}

/* There are few destinations, and mostly it is one of the first. */
uint32_t cli_trace_name(cli_trace_t *t, const char *name)
{
	size_t i;

	for(i = 0; i < t->nnames; i++) {
		if(strcmp(t->names[i], name) == 0)
			return (uint32_t)i;
	}
	t->names = cli_realloc(t->names, t->nnames + 1, sizeof(*t->names));
	t->names[t->nnames++] = cli_copy(name);
	return (uint32_t)(t->nnames - 1);
}

bool cli_trace_failed(int code)
{
	return code == 0 || code == 408 || code == 480
		   || (code >= 500 && code < 600);
}

static int earlier_call(const void *a, const void *b)
{
	const cli_recorded_t *x = a, *y = b;

	if(x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static const cli_trace_t *sorting;

static int earlier_try(const void *a, const void *b)
{
	const cli_try_t *x = &sorting->tries[*(const uint32_t *)a];
	const cli_try_t *y = &sorting->tries[*(const uint32_t *)b];

	if(x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void index_tries(cli_trace_t *t)
{
	size_t i;

	t->at = cli_alloc(t->nnames * sizeof(*t->at));
	t->nat = cli_alloc(t->nnames * sizeof(*t->nat));
	for(i = 0; i < t->ntries; i++)
		t->nat[t->tries[i].name]++;
	for(i = 0; i < t->nnames; i++) {
		t->at[i] = cli_alloc(t->nat[i] * sizeof(**t->at));
		t->nat[i] = 0;
	}
	for(i = 0; i < t->ntries; i++) {
		uint32_t name = t->tries[i].name;
		t->at[name][t->nat[name]++] = (uint32_t)i;
	}
	sorting = t;
	for(i = 0; i < t->nnames; i++)
		qsort(t->at[i], t->nat[i], sizeof(**t->at), earlier_try);
}

/* Calls by time, which begins with the first of them. */
static void settle(cli_trace_t *t)
{
	uint64_t begin;
	uint32_t k;
	size_t i;

	qsort(t->calls, t->ncalls, sizeof(*t->calls), earlier_call);
	begin = t->calls[0].t;
	for(i = 0; i < t->ncalls; i++) {
		cli_recorded_t *c = &t->calls[i];

		c->t -= begin;
		for(k = c->first; k < c->first + c->n; k++) {
			t->tries[k].call = (uint32_t)i;
			t->tries[k].t = t->tries[k].t > begin ? t->tries[k].t - begin : 0;
		}
	}
	index_tries(t);
}

const cli_try_t *cli_trace_near(
		const cli_trace_t *t, uint32_t name, uint64_t when, uint64_t within_ms)
{
	const uint32_t *at = t->at[name];
	uint32_t low = 0, high = t->nat[name], mid;
	const cli_try_t *best = NULL;

	/* the first that is not before it */
	while(low < high) {
		mid = low + (high - low) / 2;
		if(t->tries[at[mid]].t < when)
			low = mid + 1;
		else
			high = mid;
	}
	if(low < t->nat[name] && t->tries[at[low]].t - when <= within_ms)
		best = &t->tries[at[low]];
	if(low > 0) {
		const cli_try_t *before = &t->tries[at[low - 1]];

		if(when - before->t <= within_ms
				&& (best == NULL || when - before->t < best->t - when))
			best = before;
	}
	return best;
}

/* libpcap's and pcapng's magic numbers, in both byte orders. */
static bool is_packets(const char *text, size_t len)
{
	static const unsigned char magic[][4] = {{0xd4, 0xc3, 0xb2, 0xa1},
			{0xa1, 0xb2, 0xc3, 0xd4}, {0x4d, 0x3c, 0xb2, 0xa1},
			{0xa1, 0xb2, 0x3c, 0x4d}, {0x0a, 0x0d, 0x0d, 0x0a}};
	size_t i;

	for(i = 0; len >= 4 && i < sizeof(magic) / sizeof(magic[0]); i++) {
		if(memcmp(text, magic[i], 4) == 0)
			return true;
	}
	return false;
}

bool cli_trace_read(cli_trace_t *t, const char *file, const char *set)
{
	struct stat st;
	const char *why;
	char head[4], *text = NULL;
	size_t len;
	ssize_t n;
	bool fine;
	int fd;

	memset(t, 0, sizeof(*t));
	t->file = file;
	why = cli_file_open(file, &fd, &st);
	n = why == NULL ? read(fd, head, sizeof(head)) : -1;
	if(why == NULL)
		close(fd);
	if(n > 0 && is_packets(head, (size_t)n)) {
		fine = cli_trace_pcap(t);
	} else {
		if(why == NULL)
			why = cli_file_read(file, &text, &len, &st);
		if(why != NULL) {
			cli_could_not("replay", "%s: %s", file, why);
			return false;
		}
		fine = cli_trace_acc(t, text, set);
		free(text);
	}
	if(fine && t->ncalls == 0) {
		cli_could_not("replay", "%s: there are no calls in it", file);
		fine = false;
	}
	if(fine)
		settle(t);
	if(fine && t->calls[t->ncalls - 1].t > MOST_DAYS * 86400000ull) {
		cli_could_not("replay",
				"%s: from its first to its last call it is "
				"more than %u days; is every time right?",
				file, MOST_DAYS);
		fine = false;
	}
	return fine;
}

void cli_trace_free(cli_trace_t *t)
{
	size_t i;

	for(i = 0; i < t->nnames; i++) {
		free(t->names[i]);
		if(t->at != NULL)
			free(t->at[i]);
	}
	free(t->names);
	free(t->at);
	free(t->nat);
	free(t->calls);
	free(t->tries);
}
