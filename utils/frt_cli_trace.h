/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recorded calls: which destinations each tried, when, and how that ended. Made
 * from call detail records with a path, or from the packets.
 */
#ifndef FRT_CLI_TRACE_H
#define FRT_CLI_TRACE_H

#include "frt_cli_mem.h"

#include <stdint.h>

#define CLI_UNKNOWN UINT32_MAX

typedef struct cli_try
{
	uint64_t t; /* ms since the trace began */
	uint32_t name;
	uint32_t call;
	uint32_t first_ms; /* until the first reply, */
	uint32_t ring_ms;  /* 18x or 2xx, */
	uint32_t final_ms; /* and the final one; CLI_UNKNOWN: was not recorded */
	int code;		   /* 0: silence */
} cli_try_t;

typedef struct cli_recorded
{
	uint64_t t;
	uint64_t user; /* hashes of the called user and of the Call-ID */
	uint64_t key;
	uint32_t first, n; /* of tries; side by side */
	int code;		   /* the caller's final one; 0: unknown */
} cli_recorded_t;

typedef struct cli_trace
{
	const char *file;
	bool timed; /* delays were recorded */
	cli_recorded_t *calls;
	size_t ncalls, calls_room;
	cli_try_t *tries;
	size_t ntries, tries_room;
	char **names; /* of destinations: ids, or of packets "address:port" */
	size_t nnames;
	uint64_t skipped;	 /* records that say nothing of a call's way */
	uint64_t other_sets; /* records of other sets */
	uint32_t **at;		 /* by name: its tries, by time */
	uint32_t *nat;
} cli_trace_t;

/* Reads a file by what is in it: packets through tshark, else records; of those
 * that name a set only the set's (NULL: all). False: why was said. */
bool cli_trace_read(cli_trace_t *t, const char *file, const char *set);
void cli_trace_free(cli_trace_t *t);
/* For the readers: a new call, the latest one's next try, a name's number. */
cli_recorded_t *cli_trace_call(cli_trace_t *t);
cli_try_t *cli_trace_try(cli_trace_t *t);
uint32_t cli_trace_name(cli_trace_t *t, const char *name);
/* Is it the hop's fault, not the callee's word? */
bool cli_trace_failed(int code);
/* The try at that name nearest to a time and at most so far from it; NULL. */
const cli_try_t *cli_trace_near(
		const cli_trace_t *t, uint32_t name, uint64_t when, uint64_t within_ms);

/* frt_cli_trace_acc.c, frt_cli_trace_pcap.c: false: why was said. */
bool cli_trace_acc(cli_trace_t *t, char *text, const char *set);
bool cli_trace_pcap(cli_trace_t *t);

#endif
