/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route check: what the module would say of a file at its reload.
 */
#include "frt_cli_report.h"

#include <stdio.h>

/* One file: what was found of it, or why it could not be read. */
typedef struct checked
{
	const char *file;
	const char *why; /* NULL: it could */
	cli_report_t report;
	unsigned sets;
	unsigned dsts;
} checked_t;

static int exit_of(const checked_t *c)
{
	return c->why != NULL ? CLI_COULD_NOT : cli_report_exit(&c->report);
}

static void read_file(checked_t *c)
{
	frt_draft_t *d;

	if(cli_draft_read(c->file, &d, &c->why)) {
		cli_report_add_faults(&c->report, d);
		c->sets = frt_draft_nsets(d);
		c->dsts = frt_draft_ndsts(d) + frt_draft_nparents(d);
	}
	frt_draft_free(d);
}

/* As a compiler does: "file:line: text", which editors can follow. */
static void print_text(const checked_t *c)
{
	size_t i;

	if(c->why != NULL) {
		cli_could_not("check", "%s: %s", c->file, c->why);
		return;
	}
	for(i = 0; i < c->report.n; i++) {
		const cli_finding_t *f = &c->report.findings[i];
		printf("%s:", f->file != NULL ? f->file : c->file);
		if(f->line > 0)
			printf("%u:", f->line);
		printf(" %s: %s\n", cli_level_name(f->level), f->text);
	}
	if(exit_of(c) == CLI_GOOD)
		printf("%s: good: %u set%s, %u destination%s\n", c->file, c->sets,
				c->sets == 1 ? "" : "s", c->dsts, c->dsts == 1 ? "" : "s");
	else
		printf("%s: %s\n", c->file, cli_report_sum(&c->report));
}

static json_t *json_of(const checked_t *c)
{
	json_t *o = json_object();

	cli_json_set(o, "file", cli_json_text(c->file));
	if(c->why != NULL) {
		cli_could_not("check", "%s: %s", c->file, c->why);
		cli_json_set(o, "could_not", cli_json_text(c->why));
		return o;
	}
	cli_json_set(o, "errors", json_integer(c->report.count[CLI_ERROR]));
	cli_json_set(o, "warnings", json_integer(c->report.count[CLI_WARNING]));
	cli_json_set(o, "sets", json_integer(c->sets));
	cli_json_set(o, "destinations", json_integer(c->dsts));
	cli_json_set(o, "findings", cli_report_json(&c->report));
	return o;
}

static int run(cli_args_t *args)
{
	json_t *files, *out;
	int i, ret = CLI_GOOD;

	if(args->noperands == 0)
		return cli_bad_usage("check", "which file?");
	files = json_array();
	for(i = 0; i < args->noperands; i++) {
		checked_t c = {.file = args->operands[i]};
		read_file(&c);
		if(args->json)
			cli_json_add(files, json_of(&c));
		else
			print_text(&c);
		ret = exit_of(&c) > ret ? exit_of(&c) : ret;
		cli_report_free(&c.report);
	}
	if(!args->json) {
		json_decref(files);
		return ret;
	}
	out = cli_json_new(args);
	cli_json_set(out, "files", files);
	return cli_json_end(out, ret);
}

const cli_command_t *cli_check(void)
{
	static const cli_option_t options[] = {
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"check /etc/kamailio/failover_route.xml",
					"What would the module say at its next reload?"},
			{"check --json new/*.xml",
					"The same of several files, for a program."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "check",
			.line = "say all that is wrong with a configuration",
			.operands = "FILE...",
			.about =
					"Says all that the module would say of each file at a "
					"reload: errors, with\nwhich it would refuse the file, and "
					"warnings, each with file and line. A file\nstands for "
					"itself with all that it includes.",
			.options = options,
			.examples = examples,
			.run = run,
	};

	return &command;
}
