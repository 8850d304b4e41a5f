/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What check and doctor find: a list of findings, each with its place or its
 * topic, told as text or as JSON.
 */
#ifndef FRT_CLI_REPORT_H
#define FRT_CLI_REPORT_H

#include "frt_cli_json.h"
#include "engine/frt_draft.h"

typedef enum cli_level
{
	CLI_FINE,	 /* was looked at, and is well */
	CLI_NOTE,	 /* could not be looked at, or is good to know */
	CLI_WARNING, /* works, but is hardly meant */
	CLI_ERROR	 /* does not work */
} cli_level_t;

typedef struct cli_finding
{
	cli_level_t level;
	char *topic;   /* NULL: it has a place */
	char *file;	   /* NULL: it has none */
	unsigned line; /* 0: none */
	char *text;
	char *remedy; /* a sentence; NULL: the text says it all */
} cli_finding_t;

typedef struct cli_report
{
	cli_finding_t *findings;
	size_t n;
	size_t room;
	unsigned count[CLI_ERROR + 1]; /* of each level, also of what is not kept */
} cli_report_t;

/* Adds a finding without a place; the next calls may say more of it. */
cli_finding_t *cli_report_add(cli_report_t *r, cli_level_t level,
		const char *topic, const char *fmt, ...)
		__attribute__((format(printf, 4, 5)));
/* What to do about a finding. */
void cli_finding_remedy(cli_finding_t *f, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
/* Adds all faults of a draft, ordered by file and line. */
void cli_report_add_faults(cli_report_t *r, const frt_draft_t *d);
/* All findings as a JSON list. */
json_t *cli_report_json(const cli_report_t *r);
/* "2 errors, 1 warning", or "" if there are neither; valid until the next. */
const char *cli_report_sum(const cli_report_t *r);
/* CLI_FINDINGS if there are errors or warnings, else CLI_GOOD. */
int cli_report_exit(const cli_report_t *r);
/* The word of a level: "error". */
const char *cli_level_name(cli_level_t level);
/* Frees what it holds. */
void cli_report_free(cli_report_t *r);

/* What the draft of a file needs: reads and checks it. True if it could be
 * read at all; else *why says why not (static text or strerror()'s). Without
 * memory the tool ends. The caller frees the draft, which is never NULL. */
bool cli_draft_read(const char *file, frt_draft_t **out, const char **why);

#endif
