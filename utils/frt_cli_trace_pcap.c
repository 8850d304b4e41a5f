/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recorded calls out of a capture: tshark takes the packets apart, here INVITEs
 * and their replies become calls and their tries. Names are "address:port" of
 * where the INVITEs went.
 */
#include "frt_cli.h"
#include "frt_cli_exec.h"
#include "frt_cli_trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MS 600000u

static const char *const fields[] = {"frame.time_epoch", "ip.src", "ipv6.src",
		"ip.dst", "ipv6.dst", "udp.srcport", "tcp.srcport", "udp.dstport",
		"tcp.dstport", "sip.Method", "sip.Status-Code", "sip.Call-ID",
		"sip.Via.branch", "sip.to.tag", "sip.r-uri.user"};
enum
{
	P_TIME,
	P_SRC,
	P_SRC6,
	P_DST,
	P_DST6,
	P_SPORT,
	P_SPORT_TCP,
	P_DPORT,
	P_DPORT_TCP,
	P_METHOD,
	P_STATUS,
	P_CALL_ID,
	P_BRANCH,
	P_TO_TAG,
	P_USER,
	P_COUNT
};

/* An INVITE as it was sent; its try is made when all is read. */
typedef struct sent
{
	uint64_t key; /* of Call-ID, branch and name; 0: free */
	uint64_t call;
	uint64_t user;
	uint64_t t;
	uint32_t name;
	uint32_t first_ms, ring_ms, final_ms;
	int code;
} sent_t;

typedef struct table
{
	sent_t *list;
	size_t n, room;
	uint32_t *slots; /* index + 1, by key */
	size_t nslots;
} table_t;

static sent_t *find(table_t *s, uint64_t key)
{
	size_t i;

	if(s->nslots == 0)
		return NULL;
	for(i = key % s->nslots; s->slots[i] != 0; i = (i + 1) % s->nslots) {
		if(s->list[s->slots[i] - 1].key == key)
			return &s->list[s->slots[i] - 1];
	}
	return NULL;
}

static void put(table_t *s, size_t at)
{
	size_t i = s->list[at].key % s->nslots;

	while(s->slots[i] != 0)
		i = (i + 1) % s->nslots;
	s->slots[i] = (uint32_t)(at + 1);
}

static sent_t *add(table_t *s, uint64_t key)
{
	size_t i;

	if(s->n == s->room) {
		s->room = s->room > 0 ? 2 * s->room : 1024;
		s->list = cli_realloc(s->list, s->room, sizeof(*s->list));
		free(s->slots);
		s->nslots = 2 * s->room + 1;
		s->slots = cli_alloc(s->nslots * sizeof(*s->slots));
		for(i = 0; i < s->n; i++)
			put(s, i);
	}
	s->list[s->n] = (sent_t){.key = key,
			.first_ms = CLI_UNKNOWN,
			.ring_ms = CLI_UNKNOWN,
			.final_ms = CLI_UNKNOWN};
	put(s, s->n++);
	return &s->list[s->n - 1];
}

static const char *either(char *const *f, int a, int b)
{
	return *f[a] != '\0' ? f[a] : f[b];
}

static void address(const char *host, const char *port, char *out, size_t size)
{
	snprintf(out, size, strchr(host, ':') != NULL ? "[%s]:%s" : "%s:%s", host,
			port);
}

static uint64_t key_of(char *const *f, const char *name)
{
	uint64_t key = frt_hash_bytes(f[P_CALL_ID], strlen(f[P_CALL_ID]), 1);

	key = frt_hash_bytes(f[P_BRANCH], strlen(f[P_BRANCH]), key);
	return frt_hash_bytes(name, strlen(name), key) | 1;
}

static void request(cli_trace_t *t, table_t *s, char *const *f, uint64_t now)
{
	char name[80];
	uint64_t key;
	sent_t *one;

	/* within a dialog nobody chooses */
	if(strcmp(f[P_METHOD], "INVITE") != 0 || *f[P_TO_TAG] != '\0')
		return;
	address(either(f, P_DST, P_DST6), either(f, P_DPORT, P_DPORT_TCP), name,
			sizeof(name));
	key = key_of(f, name);
	if(find(s, key) != NULL)
		return; /* sent again */
	one = add(s, key);
	one->t = now;
	one->name = cli_trace_name(t, name);
	one->call = frt_hash_bytes(f[P_CALL_ID], strlen(f[P_CALL_ID]), 3) | 1;
	one->user = frt_hash_bytes(f[P_USER], strlen(f[P_USER]), 3) | 1;
}

static void reply(table_t *s, char *const *f, uint64_t now)
{
	char name[80];
	int code = (int)strtol(f[P_STATUS], NULL, 10);
	uint32_t ms;
	sent_t *one;

	address(either(f, P_SRC, P_SRC6), either(f, P_SPORT, P_SPORT_TCP), name,
			sizeof(name));
	one = find(s, key_of(f, name));
	if(one == NULL || one->code >= 200 || now < one->t)
		return;
	ms = (uint32_t)(now - one->t);
	if(one->first_ms == CLI_UNKNOWN)
		one->first_ms = ms;
	if(code > 100 && code < 300 && one->ring_ms == CLI_UNKNOWN)
		one->ring_ms = ms;
	if(code >= 200) {
		one->final_ms = ms;
		one->code = code;
	}
}

static void packet(cli_trace_t *t, table_t *s, char *line)
{
	char *f[P_COUNT];
	size_t n = 0;
	double time;

	while(n < P_COUNT) {
		f[n++] = line;
		line += strcspn(line, "\t");
		if(*line == '\0')
			break;
		*line++ = '\0';
	}
	/* tshark's own remarks are no packets */
	if(n < P_COUNT)
		return;
	time = strtod(f[P_TIME], NULL);
	if(time <= 0)
		return;
	if(*f[P_METHOD] != '\0')
		request(t, s, f, (uint64_t)(time * 1000));
	else if(*f[P_STATUS] != '\0')
		reply(s, f, (uint64_t)(time * 1000));
}

static int by_call(const void *a, const void *b)
{
	const sent_t *x = a, *y = b;

	if(x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return x->t < y->t ? -1 : x->t > y->t;
}

/* What has one Call-ID is a call. */
static void make_calls(cli_trace_t *t, table_t *s)
{
	cli_recorded_t *c = NULL;
	cli_try_t *a;
	size_t i;

	if(s->n > 0)
		qsort(s->list, s->n, sizeof(*s->list), by_call);
	for(i = 0; i < s->n; i++) {
		const sent_t *one = &s->list[i];

		if(c == NULL || one->call != s->list[i - 1].call) {
			c = cli_trace_call(t);
			c->t = one->t;
			c->key = one->call;
			c->user = one->user;
		}
		a = cli_trace_try(t);
		a->t = one->t;
		a->name = one->name;
		a->code = one->code;
		a->first_ms = one->first_ms;
		a->ring_ms = one->ring_ms;
		a->final_ms = one->final_ms;
		c->code = one->code;
	}
}

/* All that tshark says; its arguments are ours, but for the file's name. */
static bool run_tshark(const char *file, cli_ran_t *ran)
{
	const char *argv[16 + 2 * P_COUNT] = {NULL};
	char *path = cli_find_program("tshark");
	size_t n = 0, i;
	bool fine = false;

	if(path == NULL) {
		cli_could_not("replay",
				"%s: a capture needs tshark, which is not installed", file);
		return false;
	}
	argv[n++] = path;
	argv[n++] = "-n";
	argv[n++] = "-r";
	argv[n++] = file;
	argv[n++] = "-Y";
	argv[n++] = "sip.CSeq.method == \"INVITE\"";
	argv[n++] = "-T";
	argv[n++] = "fields";
	argv[n++] = "-E";
	argv[n++] = "occurrence=f";
	for(i = 0; i < P_COUNT; i++) {
		argv[n++] = "-e";
		argv[n++] = fields[i];
	}
	if(!cli_exec((char *const *)argv, LIMIT_MS, true, ran))
		cli_could_not("replay", "tshark: %s", strerror(errno));
	else if(ran->late)
		cli_could_not("replay", "%s: tshark did not end in time", file);
	else if(ran->out.len >= CLI_EXEC_BYTES_MAX)
		cli_could_not("replay", "%s: too many calls; split the capture", file);
	else if(ran->exit != 0)
		cli_could_not("replay", "%s: tshark: %s", file,
				ran->out.s != NULL ? ran->out.s : "failed");
	else
		fine = true;
	free(path);
	return fine;
}

bool cli_trace_pcap(cli_trace_t *t)
{
	table_t sent = {NULL, 0, 0, NULL, 0};
	cli_ran_t ran = {0};
	char *line, *save = NULL;
	bool fine = run_tshark(t->file, &ran);

	t->timed = true;
	/* empty fields count: only lines are cut by strtok */
	for(line = fine && ran.out.s != NULL ? strtok_r(ran.out.s, "\r\n", &save)
										 : NULL;
			line != NULL; line = strtok_r(NULL, "\r\n", &save))
		packet(t, &sent, line);
	make_calls(t, &sent);
	free(ran.out.s);
	free(sent.list);
	free(sent.slots);
	return fine;
}
