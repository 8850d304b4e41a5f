/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route check: what the module would say of a file at its reload.
 */
#include "frt_cli_file.h"
#include "frt_cli_format.h"
#include "frt_cli_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One file: what was found of it, or why it could not be read. */
typedef struct checked
{
	const cli_args_t *args;
	const char *file;
	const char *why; /* NULL: it could be read, and written if asked for */
	cli_report_t report;
	unsigned sets;
	unsigned dsts;
	bool changed; /* its canonical form differs */
	cli_buf_t form;
} checked_t;

/* With --format, warnings are no reason not to use what was written. */
static int exit_of(const checked_t *c)
{
	if(c->why != NULL)
		return CLI_COULD_NOT;
	if(cli_given(c->args, "--format") && c->report.count[CLI_ERROR] == 0)
		return CLI_GOOD;
	return cli_report_exit(&c->report);
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

/* Formats what has no error, and puts it in the file's place if asked to. */
static void format_file(checked_t *c)
{
	bool in_place = cli_given(c->args, "--in-place");
	struct stat was;
	char *text;
	size_t len;

	c->why = cli_file_read(c->file, &text, &len, &was);
	if(c->why == NULL)
		read_file(c);
	if(c->why == NULL && c->report.count[CLI_ERROR] == 0)
		c->why = cli_format(text, len, &c->form);
	if(c->why == NULL && c->form.s != NULL) {
		c->changed = len != c->form.len || memcmp(text, c->form.s, len) != 0;
		if(c->changed && in_place)
			c->why = cli_file_replace(c->file, &was, c->form.s, c->form.len);
	}
	free(text);
}

/* As a compiler does: "file:line: text", which editors can follow. */
static void print_findings(const checked_t *c, FILE *out)
{
	size_t i;

	for(i = 0; i < c->report.n; i++) {
		const cli_finding_t *f = &c->report.findings[i];
		cli_put(out, f->file != NULL ? f->file : c->file);
		if(f->line > 0)
			fprintf(out, ":%u", f->line);
		fprintf(out, ": %s: ", cli_level_name(f->level));
		cli_put(out, f->text);
		fputc('\n', out);
	}
	if(c->report.n == 0)
		return;
	cli_put(out, c->file);
	fprintf(out, ": %s\n", cli_report_sum(&c->report));
}

static void print_text(const checked_t *c)
{
	bool in_place = cli_given(c->args, "--in-place");

	/* where the file's text goes, nothing else may go */
	print_findings(
			c, cli_given(c->args, "--format") && !in_place ? stderr : stdout);
	if(c->form.s != NULL && !in_place) {
		fwrite(c->form.s, 1, c->form.len, stdout);
		return;
	}
	if(c->form.s == NULL && c->report.n > 0)
		return;
	cli_put(stdout, c->file);
	if(c->form.s != NULL)
		printf(": %s\n", c->changed ? "rewritten" : "is canonical already");
	else
		printf(": good: %u set%s, %u destination%s\n", c->sets,
				frt_plural(c->sets), c->dsts, frt_plural(c->dsts));
}

static json_t *json_of(const checked_t *c)
{
	bool in_place = cli_given(c->args, "--in-place");
	json_t *o = json_object();

	cli_json_set(o, "file", cli_json_text(c->file));
	if(c->why != NULL) {
		cli_json_set(o, "could_not", cli_json_text(c->why));
		return o;
	}
	cli_json_set(o, "errors", json_integer(c->report.count[CLI_ERROR]));
	cli_json_set(o, "warnings", json_integer(c->report.count[CLI_WARNING]));
	cli_json_set(o, "sets", json_integer(c->sets));
	cli_json_set(o, "destinations", json_integer(c->dsts));
	cli_json_set(o, "findings", cli_report_json(&c->report));
	if(c->form.s == NULL)
		return o;
	cli_json_set(o, "changed", json_boolean(c->changed));
	cli_json_set(o, "written", json_boolean(c->changed && in_place));
	if(!in_place)
		cli_json_set(o, "text", cli_json_text(c->form.s));
	return o;
}

static int check_one(const cli_args_t *args, const char *file, json_t *files)
{
	checked_t c = {.args = args, .file = file};
	int ret;

	if(cli_given(args, "--format"))
		format_file(&c);
	else
		read_file(&c);
	ret = exit_of(&c);
	cli_progress_end();
	if(c.why != NULL)
		cli_could_not("check", "%s: %s", file, c.why);
	if(files != NULL)
		cli_json_add(files, json_of(&c));
	else if(c.why == NULL)
		print_text(&c);
	cli_report_free(&c.report);
	free(c.form.s);
	return ret;
}

static int run(cli_args_t *args)
{
	bool in_place = cli_given(args, "--in-place");
	json_t *files = NULL, *out;
	int i, one, ret = CLI_GOOD;

	if(args->noperands == 0)
		return cli_bad_usage("check", "which file?");
	if(in_place && !cli_given(args, "--format"))
		return cli_bad_usage("check", "--in-place is for --format");
	if(cli_given(args, "--format") && !in_place && args->noperands > 1)
		return cli_bad_usage(
				"check", "--format: one file at a time, or --in-place");
	if(args->json)
		files = json_array();
	for(i = 0; i < args->noperands; i++) {
		if(args->noperands > 1)
			cli_progress(
					"%d of %d: %s", i + 1, args->noperands, args->operands[i]);
		one = check_one(args, args->operands[i], files);
		ret = one > ret ? one : ret;
	}
	if(files == NULL)
		return ret;
	out = cli_json_new(args);
	cli_json_set(out, "files", files);
	return cli_json_end(out, ret);
}

const cli_command_t *cli_check(void)
{
	static const cli_option_t options[] = {
			{"--format", NULL, NULL,
					"print the file in its canonical form instead", 0},
			{"--in-place", NULL, NULL,
					"with --format: put it in the file's place, if it differs",
					0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"check /etc/kamailio/failover_route.xml",
					"What would the module say at its next reload?"},
			{"check --format new.xml | diff new.xml -",
					"What would the canonical form change?"},
			{"check --format --in-place *.xml", "Bring files into it."},
			{"check --json new/*.xml",
					"Findings of several files, for a program."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "check",
			.line = "say all that is wrong with a configuration; format it",
			.operands = "FILE...",
			.about =
					"Says all that the module would say of each file at a "
					"reload: errors, with\nwhich it would refuse the file, and "
					"warnings, each with file and line. A file\nstands for "
					"itself with all that it includes.\n\n"
					"--format changes the layout only: one element per line, "
					"attributes in one\norder, lines of 80. Values, comments, "
					"includes and single blank lines stay.\nA file with an "
					"error is not formatted.",
			.options = options,
			.examples = examples,
			.exits = "findings (with --format, errors only)",
			.run = run,
	};

	return &command;
}
