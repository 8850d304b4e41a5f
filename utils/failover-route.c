/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route: the list of commands, and finding the one that is wanted.
 */
#include "frt_cli.h"
#include "frt_cli_json.h"
#include "frt_cli_mem.h"
#include "engine/frt_text.h"
#include "frt_version.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FRT_CLI_KAMAILIO
#define FRT_CLI_KAMAILIO "an unknown release"
#endif

const cli_command_t *const *cli_commands(void)
{
	static const cli_command_t *(*const all[])(void) = {
			cli_check,
			cli_convert,
			cli_doctor,
			cli_init,
			cli_top,
			cli_simulate,
			cli_replay,
			cli_completion,
	};
	static const cli_command_t *list[sizeof(all) / sizeof(all[0]) + 1];
	size_t i;

	for(i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		list[i] = all[i]();
	return list;
}

static void say(const char *command, const char *fmt, va_list args)
{
	char *text = cli_vtext(fmt, args);

	cli_progress_end();
	fprintf(stderr, "failover-route%s%s: ", command != NULL ? " " : "",
			command != NULL ? command : "");
	cli_put(stderr, text);
	fputc('\n', stderr);
	cli_json_could_not(text);
	free(text);
}

void cli_put(FILE *to, const char *text)
{
	char *shown = cli_copy(text);

	frt_text_clean(shown);
	fputs(shown, to);
	free(shown);
}

int cli_bad_usage(const char *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(command, fmt, args);
	va_end(args);
	fprintf(stderr, "Try: failover-route %s%s--help\n",
			command != NULL ? command : "", command != NULL ? " " : "");
	return CLI_COULD_NOT;
}

int cli_could_not(const char *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(command, fmt, args);
	va_end(args);
	return CLI_COULD_NOT;
}

/* Writes the texts out to where standard output goes. Returns code, or
 * CLI_COULD_NOT if they did not get there (a full disk). */
static int finish(int code)
{
	cli_progress_end();
	if(fflush(stdout) == 0 && !ferror(stdout))
		return code;
	return cli_could_not(NULL, "cannot write: %s", strerror(errno));
}

static int help(void)
{
	const cli_command_t *const *c;

	puts("failover-route COMMAND [OPTIONS] [OPERANDS]\n\n"
		 "Works on configurations of Kamailio's module failover_route; only "
		 "top asks a\nrunning Kamailio.\n");
	for(c = cli_commands(); *c != NULL; c++)
		printf("  %-11s %s\n", (*c)->name, (*c)->line);
	puts("\nfailover-route COMMAND --help says more, with examples.\n"
		 "--json, with any command, prints one JSON object for programs.\n"
		 "Exit codes: 0 good, 1 findings, 2 could not run.");
	return CLI_GOOD;
}

static int version(void)
{
	puts("failover-route " FRT_VERSION
		 ", built for Kamailio " FRT_CLI_KAMAILIO);
	return CLI_GOOD;
}

static int unknown(const char *name)
{
	frt_str_t mine = frt_str_of(name);
	const cli_command_t *const *c;
	unsigned distance;

	for(c = cli_commands(); *c != NULL; c++) {
		frt_str_t known = frt_str_of((*c)->name);
		if(frt_text_close(known, mine, &distance))
			return cli_bad_usage(NULL, "no such command: %s (did you mean %s?)",
					name, (*c)->name);
	}
	return cli_bad_usage(NULL, "no such command: %s", name);
}

static const cli_command_t *find(const char *name)
{
	const cli_command_t *const *c;

	for(c = cli_commands(); *c != NULL; c++) {
		if(strcmp(name, (*c)->name) == 0)
			return *c;
	}
	return NULL;
}

static int run(int argc, char **argv)
{
	static char helps[] = "--help";
	char *ask[] = {helps, NULL};
	const cli_command_t *c;

	if(argc < 2)
		return cli_bad_usage(NULL, "which command?");
	if(strcmp(argv[1], "--version") == 0)
		return version();
	if(strcmp(argv[1], "help") == 0 && argc > 2) {
		c = find(argv[2]);
		return c != NULL ? cli_run(c, 1, ask) : unknown(argv[2]);
	}
	if(strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
			|| strcmp(argv[1], "help") == 0)
		return help();
	c = find(argv[1]);
	return c != NULL ? cli_run(c, argc - 2, argv + 2) : unknown(argv[1]);
}

/* A program that asked for JSON gets it whatever is wrong, with its arguments
 * as well. */
static bool wants_json(int argc, char **argv)
{
	int i;

	for(i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if(strcmp(argv[i], "--json") == 0)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	int code = run(argc, argv);

	if(code == CLI_COULD_NOT && wants_json(argc, argv))
		cli_json_last(find(argv[1]), code);
	return finish(code);
}
