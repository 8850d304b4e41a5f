/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What simulate and replay have in common: what is to happen (a script), what
 * a policy made of it (a result), and the three ways to tell that.
 */
#ifndef FRT_CLI_SIM_H
#define FRT_CLI_SIM_H

#include "frt_cli_json.h"
#include "frt_cli_mem.h"
#include "sim/sim.h"

#define CLI_SIM_STEPS 120u /* columns of every drawing, and of the JSON */

/* --- frt_cli_sim_hist.c -------------------------------------------------------- */

/* Delays, to about 3 %: a bin per millisecond, and then 32 for each doubling. */
#define CLI_SIM_BINS 576u
typedef struct cli_hist
{
	uint64_t n, sum, max;
	uint32_t bins[CLI_SIM_BINS];
} cli_hist_t;

void cli_hist_add(cli_hist_t *h, uint64_t ms);
/* The delay that so many of a thousand do not exceed; 0 of an empty one. */
uint64_t cli_hist_at(const cli_hist_t *h, uint32_t permille);

/* --- frt_cli_sim_script.c ------------------------------------------------------- */

typedef struct cli_event
{
	uint64_t t;		/* ms */
	char *dsts;		/* "gw1", "gw1,gw2", "*"; NULL: the calls' rate */
	char *does;		/* as written, such as "503 20%" */
	double rate;	/* of the calls */
	sim_hop_t hop;	/* what the destinations are from then on */
	unsigned order; /* as written; breaks ties */
} cli_event_t;

typedef struct cli_script
{
	const char *file; /* NULL: made up */
	uint64_t duration_ms;
	double rate; /* calls a second */
	uint64_t seed;
	char *set; /* NULL: the first */
	uint32_t users;
	uint32_t loss; /* permille */
	uint32_t week_min;
	sim_range_t talk;
	sim_manner_t manner; /* of a destination that is up */
	cli_event_t *events; /* by time */
	size_t nevents;
} cli_script_t;

/* The script when nothing is said. */
void cli_script_default(cli_script_t *s);
/* Reads a file ("-": standard input). False: what is wrong was said. */
bool cli_script_read(cli_script_t *s, const char *file);
/* One line of it; NULL, or what is wrong with it. */
const char *cli_script_line(cli_script_t *s, char *line);
/* Makes an outage up, by the seed, for these destinations. */
void cli_script_random(cli_script_t *s, char *const *ids, size_t n);
void cli_script_free(cli_script_t *s);
/* Is the id in a list "gw1,gw2", or is that "*"? */
bool cli_script_names(const char *dsts, const char *id);

/* --- frt_cli_sim_run.c ----------------------------------------------------------- */

typedef struct cli_sim_change
{
	uint64_t t;
	uint32_t dst;
	frt_health_t from, to;
	const char *source;
	char *reason;
} cli_sim_change_t;

typedef struct cli_sim_dst
{
	char *id;
	char *uri;
	uint16_t priority, weight;
	frt_health_t health; /* at the end */
	uint64_t attempts, ok, failed, timeouts, ignored, panic, trials;
	uint32_t step_attempts[CLI_SIM_STEPS];
	uint32_t step_failed[CLI_SIM_STEPS];
	uint8_t step_health[CLI_SIM_STEPS]; /* frt_health_t */
} cli_sim_dst_t;

/* What callers saw, in a step or in all. */
typedef struct cli_sim_seen
{
	uint64_t calls, connected, otherwise, lost;
} cli_sim_seen_t;

typedef struct cli_sim_result
{
	const char *file;
	char *set;
	char *note;	   /* NULL, or what was simplified */
	bool recorded; /* nobody simulated it: it has no states */
	uint64_t duration_ms, step_ms;
	cli_sim_seen_t seen, steps[CLI_SIM_STEPS];
	uint64_t nowhere; /* of the lost: no destination was tried at all */
	uint64_t attempts, probes;
	uint64_t tries[FRT_ATTEMPTS_MAX + 1]; /* calls by attempts */
	cli_hist_t pdd, step_pdd[CLI_SIM_STEPS];
	cli_sim_dst_t *dsts;
	size_t ndsts;
	cli_sim_change_t *changes;
	size_t nchanges, room;
} cli_sim_result_t;

typedef struct cli_sim
{
	sim_world_t world; /* first: the model knows only this */
	const char *command;
	const cli_script_t *script;
	cli_sim_result_t *result;
	frt_set_t *set;
	uint32_t *place; /* by next hop: in result's dsts; SIM_NONE: other sets */
	size_t next_event;
	frt_rand_t arrivals; /* draws of its own: the same calls for any policy */
	double rate;
	double next_us; /* when the next call comes, from the last one's ms */
	struct cli_replay
			*replay; /* NULL: calls are drawn; else its ops make them */
} cli_sim_t;

/* Reads the configuration and makes its world, with time at 0. NULL: why was
 * said. The result is filled as time passes. */
cli_sim_t *cli_sim_new(const char *command, const char *file,
		const cli_script_t *script, const sim_ops_t *more,
		cli_sim_result_t *result);
/* The model's ops as they are unless more is given, for who changes some. */
const sim_ops_t *cli_sim_ops(void);
/* Until the script's end, and until all calls have ended. */
void cli_sim_run(cli_sim_t *sim);
void cli_sim_free(cli_sim_t *sim);
void cli_sim_result_free(cli_sim_result_t *r);
/* A call of this called user and key. */
void cli_sim_call(cli_sim_t *sim, uint64_t user, uint64_t key, uint32_t number);
/* What the callers of one call saw, in a step; ring_ms CLI_SIM_NO_RING: it never
 * rang. */
#define CLI_SIM_NO_RING UINT64_MAX
void cli_sim_count(cli_sim_result_t *r, uint64_t start_t, bool connected,
		bool answer, uint64_t ring_ms);
/* The step of a time. */
uint32_t cli_sim_step(const cli_sim_result_t *r, uint64_t t);
/* The ids of the destinations that a set has in this file; *set NULL becomes a
 * copy of the first one's id. NULL: why was said. */
char **cli_sim_ids(
		const char *command, const char *file, char **set, size_t *n);

/* --- frt_cli_sim_text.c, frt_cli_sim_svg.c, frt_cli_sim_json.c ---------------------- */

/* "1m30s", "3m20.5s": as scripts have it. In a buffer that the fourth call
 * after it uses again. */
const char *cli_sim_time(uint64_t ms);
/* Prints up to 3 results. */
void cli_sim_print(const cli_script_t *s, const cli_sim_result_t *r, size_t n);
/* Draws them. NULL, or why it could not be written. */
const char *cli_sim_svg(const char *file, const cli_script_t *s,
		const cli_sim_result_t *r, size_t n);
json_t *cli_sim_json(const cli_sim_result_t *r);
json_t *cli_script_json(const cli_script_t *s);

#endif
