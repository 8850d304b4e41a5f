/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Results for a terminal: numbers in a table, one column per policy, and
 * drawings of one character per two steps.
 */
#include "frt_cli_sim.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS (CLI_SIM_STEPS / 2)
#define CHANGES_SHOWN 40
#define DSTS_SHOWN 24
#define CELL 26 /* bytes of a column of the table */

const char *cli_sim_time(uint64_t ms)
{
	static char mem[4][32];
	static unsigned turn;
	char *s = mem[turn++ % 4];
	frt_buf_t b;

	frt_buf_init(&b, s, sizeof(mem[0]));
	if(ms >= 3600000)
		frt_buf_add(&b, "%lluh", (unsigned long long)(ms / 3600000));
	if(ms % 3600000 >= 60000)
		frt_buf_add(&b, "%llum", (unsigned long long)(ms / 60000 % 60));
	if(ms % 60000 >= 1000)
		frt_buf_add(&b, "%llus", (unsigned long long)(ms / 1000 % 60));
	if(ms % 1000 > 0 && ms < 60000)
		frt_buf_add(&b, "%llums", (unsigned long long)(ms % 1000));
	if(b.len == 0)
		frt_buf_add(&b, "0s");
	return s;
}

/* --- the table ----------------------------------------------------------------- */

static const char *share(uint64_t n, uint64_t of)
{
	static char mem[4][48];
	static unsigned turn;
	char *s = mem[turn++ % 4];

	snprintf(s, sizeof(mem[0]), "%llu (%.*f %%)", (unsigned long long)n,
			of > 0 && n != of && n * 1000 > of * 999 ? 4 : 2,
			of > 0 ? (double)n * 100 / (double)of : 0);
	return s;
}

static const char *delay(uint64_t ms)
{
	static char mem[4][32];
	static unsigned turn;
	char *s = mem[turn++ % 4];

	snprintf(s, sizeof(mem[0]), ms < 10000 ? "%.2f s" : "%.1f s",
			(double)ms / 1000);
	return s;
}

/* Records do not tell when it rang. */
static const char *rang(const cli_sim_result_t *r, uint64_t ms)
{
	return r->pdd.n > 0 ? delay(ms) : "-";
}

/* The last one of a row is not filled up. */
static void cell(const char *text, bool last)
{
	int left = CELL - (int)strlen(text);

	fputs("  ", stdout);
	cli_put(stdout, text);
	if(last)
		putchar('\n');
	else if(left > 0)
		printf("%*s", left, "");
}

/* As much of a long path as fits. */
static const char *short_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash != NULL && strlen(file) > CELL ? slash + 1 : file;
}

typedef const char *(*row_t)(const cli_sim_result_t *r);

static const char *calls(const cli_sim_result_t *r)
{
	static char s[32];

	snprintf(s, sizeof(s), "%llu", (unsigned long long)r->seen.calls);
	return s;
}

static const char *connected(const cli_sim_result_t *r)
{
	return share(r->seen.connected, r->seen.calls);
}

static const char *otherwise(const cli_sim_result_t *r)
{
	return share(r->seen.otherwise, r->seen.calls);
}

static const char *lost(const cli_sim_result_t *r)
{
	return share(r->seen.lost, r->seen.calls);
}

static const char *nowhere(const cli_sim_result_t *r)
{
	return share(r->nowhere, r->seen.calls);
}

static const char *p50(const cli_sim_result_t *r)
{
	return rang(r, cli_hist_at(&r->pdd, 500));
}

static const char *p90(const cli_sim_result_t *r)
{
	return rang(r, cli_hist_at(&r->pdd, 900));
}

static const char *p99(const cli_sim_result_t *r)
{
	return rang(r, cli_hist_at(&r->pdd, 990));
}

static const char *slowest(const cli_sim_result_t *r)
{
	return rang(r, r->pdd.max);
}

static const char *attempts(const cli_sim_result_t *r)
{
	static char s[32];

	snprintf(s, sizeof(s), "%.3f",
			r->seen.calls > 0 ? (double)r->attempts / (double)r->seen.calls
							  : 0);
	return s;
}

static const char *failed_over(const cli_sim_result_t *r)
{
	uint64_t n = 0;
	uint32_t i;

	for(i = 2; i <= FRT_ATTEMPTS_MAX; i++)
		n += r->tries[i];
	return share(n, r->seen.calls);
}

static const char *changes(const cli_sim_result_t *r)
{
	static char s[32];

	if(r->recorded)
		return "-";
	snprintf(s, sizeof(s), "%zu", r->nchanges);
	return s;
}

static void table(const cli_sim_result_t *r, size_t n)
{
	static const struct
	{
		const char *name;
		row_t row;
	} rows[] = {{"calls", calls}, {"connected", connected},
			{"answered otherwise", otherwise}, {"lost", lost},
			{"  of these, not tried", nowhere}, {"post-dial delay p50", p50},
			{"                p90", p90}, {"                p99", p99},
			{"                longest", slowest}, {"attempts a call", attempts},
			{"calls that failed over", failed_over},
			{"state changes", changes}};
	size_t i, k;

	if(n > 1) {
		printf("%-24s", "");
		for(k = 0; k < n; k++)
			cell(short_name(r[k].file), k + 1 == n);
	}
	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		printf("%-24s", rows[i].name);
		for(k = 0; k < n; k++)
			cell(rows[i].row(&r[k]), k + 1 == n);
	}
}

/* --- drawings --------------------------------------------------------------------- */

static void bar(double value, double most)
{
	static const char *const blocks[] = {
			" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int i = most > 0 ? (int)(value * 8 / most + 0.5) : 0;

	if(i == 0 && value > 0)
		i = 1;
	fputs(blocks[i < 8 ? i : 8], stdout);
}

static double pair(const uint32_t *steps, uint32_t column)
{
	return (double)steps[2 * column] + steps[2 * column + 1];
}

static void health_row(const cli_sim_dst_t *d)
{
	static const char *const marks[frt_health_count] = {[FRT_UP] = "─",
			[FRT_DOWN] = "×",
			[FRT_TRIAL] = "?",
			[FRT_RAMP] = "/"};
	uint32_t c;

	printf("%-16.16s  ", "");
	for(c = 0; c < COLUMNS; c++) {
		frt_health_t a = (frt_health_t)d->step_health[2 * c];
		frt_health_t b = (frt_health_t)d->step_health[2 * c + 1];

		/* what is bad is not to be missed */
		fputs(marks[a == FRT_DOWN || b == FRT_UP ? a : b], stdout);
	}
	putchar('\n');
}

static double most_attempts(const cli_sim_result_t *r, size_t n)
{
	double most = 0;
	size_t k, i;
	uint32_t c;

	for(k = 0; k < n; k++) {
		for(i = 0; i < r[k].ndsts; i++) {
			for(c = 0; c < COLUMNS; c++) {
				double v = pair(r[k].dsts[i].step_attempts, c);
				most = v > most ? v : most;
			}
		}
	}
	return most;
}

/* A name at the begin of a row, as much of it as fits. */
static void label(const char *name)
{
	int bytes = cli_cut(name, 16), columns = 0, i;

	for(i = 0; i < bytes; i++)
		columns += ((unsigned char)name[i] & 0xc0) != 0x80;
	printf("%.*s%*s  ", bytes, name, 16 - columns, "");
}

static void dst_rows(const cli_sim_result_t *r, double most)
{
	uint32_t i, c;

	for(i = 0; i < r->ndsts && i < DSTS_SHOWN; i++) {
		const cli_sim_dst_t *d = &r->dsts[i];

		label(d->id);
		for(c = 0; c < COLUMNS; c++)
			bar(pair(d->step_attempts, c), most);
		printf("  %llu attempt%s, %llu failed\n",
				(unsigned long long)d->attempts, frt_plural(d->attempts),
				(unsigned long long)d->failed);
		if(!r->recorded)
			health_row(d);
	}
}

static void more_dsts(const cli_sim_result_t *r)
{
	if(r->ndsts > DSTS_SHOWN)
		printf("and %zu more (--json has all)\n", r->ndsts - DSTS_SHOWN);
}

static void lost_row(const cli_sim_result_t *r)
{
	double most = 0, v;
	uint32_t c;
	int pass;

	printf("%-16s  ", "calls lost");
	for(pass = 0; pass < 2; pass++) {
		for(c = 0; c < COLUMNS; c++) {
			v = (double)(r->steps[2 * c].lost + r->steps[2 * c + 1].lost);
			if(pass == 0)
				most = v > most ? v : most;
			else
				bar(v, most);
		}
	}
	printf("  %llu\n", (unsigned long long)r->seen.lost);
}

static void pdd_row(const cli_sim_result_t *r, uint32_t permille)
{
	double most = 0, v, w;
	uint32_t c;
	int pass;

	printf("%-16s  ", permille == 500 ? "delay p50" : "delay p99");
	for(pass = 0; pass < 2; pass++) {
		for(c = 0; c < COLUMNS; c++) {
			v = (double)cli_hist_at(&r->step_pdd[2 * c], permille);
			w = (double)cli_hist_at(&r->step_pdd[2 * c + 1], permille);
			v = w > v ? w : v;
			if(pass == 0)
				most = v > most ? v : most;
			else
				bar(v, most);
		}
	}
	printf("  at most %s\n", delay((uint64_t)most));
}

static void time_row(const cli_sim_result_t *r)
{
	uint32_t q;

	printf("%-16s  ", "");
	for(q = 0; q < 4; q++)
		printf("%-15s",
				cli_sim_time(r->step_ms * CLI_SIM_STEPS * q / 4 / 1000 * 1000));
	printf("%s\n", cli_sim_time(r->duration_ms / 1000 * 1000));
}

static void change_rows(const cli_sim_result_t *r)
{
	size_t i, shown = 0;

	if(r->nchanges > 0)
		printf("\nState changes\n");
	for(i = 0; i < r->nchanges && shown < CHANGES_SHOWN; i++, shown++) {
		const cli_sim_change_t *c = &r->changes[i];

		printf("  %8.1f s  %s %s -> %s: %s\n", (double)c->t / 1000,
				r->dsts[c->dst].id, frt_health_name(c->from),
				frt_health_name(c->to), c->reason);
	}
	if(r->nchanges > shown)
		printf("  and %zu more (--json has all)\n", r->nchanges - shown);
}

static void script_rows(const cli_script_t *s)
{
	size_t i;

	for(i = 0; i < s->nevents && i < CHANGES_SHOWN; i++)
		printf("  at %-8s %s %s\n", cli_sim_time(s->events[i].t),
				s->events[i].dsts != NULL ? s->events[i].dsts : "rate",
				s->events[i].does);
	if(s->nevents > i)
		printf("  and %zu more\n", s->nevents - i);
}

void cli_sim_print(const cli_script_t *s, const cli_sim_result_t *r, size_t n)
{
	double most = most_attempts(r, n);
	size_t k;

	script_rows(s);
	putchar('\n');
	table(r, n);
	for(k = 0; k < n; k++) {
		putchar('\n');
		cli_put(stdout, r[k].file);
		printf(", set %s%s%s%s\n", r[k].set, r[k].note != NULL ? " (" : "",
				r[k].note != NULL ? r[k].note : "",
				r[k].note != NULL ? ")" : "");
		if(!r[k].recorded)
			printf("%-16s  ─ up  × down  ? trial  / slow start\n", "");
		dst_rows(&r[k], most);
		more_dsts(&r[k]);
		lost_row(&r[k]);
		if(r[k].pdd.n > 0) {
			pdd_row(&r[k], 500);
			pdd_row(&r[k], 990);
		}
		time_row(&r[k]);
		change_rows(&r[k]);
	}
}
