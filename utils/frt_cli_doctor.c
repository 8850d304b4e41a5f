/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route doctor: would Kamailio start, and the module find what it
 * needs? It changes nothing; what can be mended has a sentence on how.
 */
#include "frt_cli_doctor.h"
#include "frt_cli_mem.h"

#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_CONFIG "/etc/kamailio/kamailio.cfg"

static void print_finding(const cli_finding_t *f)
{
	printf("%-8s %-9s ", cli_level_name(f->level), f->topic);
	if(f->file != NULL) {
		cli_put(stdout, f->file);
		printf(":%u: ", f->line);
	}
	cli_put(stdout, f->text);
	if(f->remedy != NULL) {
		printf("\n%-18s -> ", "");
		cli_put(stdout, f->remedy);
	}
	putchar('\n');
}

static int tell(const cli_doctor_t *d)
{
	int ret = cli_report_exit(&d->report);
	json_t *o;
	size_t i;

	if(d->args->json) {
		o = cli_json_new(d->args);
		cli_json_set(o, "errors", json_integer(d->report.count[CLI_ERROR]));
		cli_json_set(o, "warnings", json_integer(d->report.count[CLI_WARNING]));
		cli_json_set(o, "findings", cli_report_json(&d->report));
		return cli_json_end(o, ret);
	}
	for(i = 0; i < d->report.n; i++)
		print_finding(&d->report.findings[i]);
	printf("\n%s\n", ret == CLI_GOOD ? "Nothing is in the way of a start."
									 : cli_report_sum(&d->report));
	return ret;
}

static void doctor_free(cli_doctor_t *d)
{
	size_t i;

	for(i = 0; i < d->nlistens; i++) {
		free(d->listens[i].proto);
		free(d->listens[i].address);
		free(d->listens[i].name);
		free(d->listens[i].advertised);
	}
	free(d->listens);
	free(d->kamailio);
	free(d->version);
	free(d->flags);
	free(d->module_folders);
	free(d->user);
	cli_cfg_free(&d->cfg);
	frt_draft_free(d->table);
	cli_report_free(&d->report);
}

static int run(cli_args_t *args)
{
	cli_doctor_t d = {.args = args,
			.config = cli_value(args, "--config", DEFAULT_CONFIG)};
	int ret = CLI_COULD_NOT;

	if(cli_doctor_kamailio(&d) && cli_doctor_read_cfg(&d)) {
		cli_progress("looking at the module");
		cli_doctor_module(&d);
		cli_progress("Kamailio reads %s (kamailio -c)", d.config);
		cli_doctor_parse(&d);
		cli_progress("looking at rights and files");
		cli_doctor_user(&d);
		cli_doctor_files(&d);
		cli_progress("looking at sockets");
		cli_doctor_net(&d);
		cli_progress_end();
		ret = tell(&d);
	}
	doctor_free(&d);
	return ret;
}

const cli_command_t *cli_doctor(void)
{
	static const cli_option_t options[] = {
			{"--config", "FILE", NULL,
					"kamailio.cfg; /etc/kamailio/kamailio.cfg if not given", 0},
			{"--define", "ID[=VALUE]", NULL,
					"as kamailio -A, once for each, if it is started so", 0},
			{"--kamailio", "FILE", NULL,
					"the program; the kamailio of PATH if not given", 0},
			{"--no-dns", NULL, NULL, "do not look up names of destinations", 0},
			{"--user", "NAME", NULL,
					"whom it runs as; that of kamailio.cfg, or kamailio", 0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"doctor", "Before a restart: would it come up again?"},
			{"doctor --config new/kamailio.cfg --define WITH_TLS",
					"The same of a configuration that is not in use yet."},
			{"doctor --json | jq -r '.findings[] | select(.level == \"error\") "
			 "| .remedy'",
					"What to do first."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "doctor",
			.line = "say what would go wrong at the next restart, and what "
					"helps",
			.operands = "",
			.about =
					"Looks at what a restart of Kamailio depends on, and says "
					"of each finding what\nhelps:\n"
					"  kamailio, module  is the module for this Kamailio, to "
					"the compile flags?\n"
					"  config            is kamailio.cfg parsed, are its "
					"modules loaded?\n"
					"  table             is the XML file without faults?\n"
					"  rights, state     may Kamailio's user read and write "
					"what it must?\n"
					"  sockets           are listen and socket= addresses of "
					"this machine?\n"
					"  dns               do the names of destinations "
					"resolve?\n"
					"It changes nothing, and needs no running Kamailio. Run it "
					"as root to have\nrights looked at with the eyes of "
					"Kamailio's user.",
			.options = options,
			.examples = examples,
			.run = run,
	};

	return &command;
}
