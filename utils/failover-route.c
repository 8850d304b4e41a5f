/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route: finds the command and runs it.
 */
#include "frt_cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct
{
	const char *name;
	int (*run)(int argc, char **argv);
	const char *line; /* in the list of commands */
} commands[] = {
		{"check", cli_check, "say all that is wrong with a configuration"},
		{"top", cli_top, "show what a running Kamailio's destinations do"},
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

int cli_bad_usage(const char *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "failover-route%s%s: ", command != NULL ? " " : "",
			command != NULL ? command : "");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry: failover-route %s%s--help\n",
			command != NULL ? command : "", command != NULL ? " " : "");
	return CLI_COULD_NOT;
}

static int help(void)
{
	size_t i;

	printf("failover-route COMMAND [ARGUMENTS]\n\n"
		   "Works on configurations of Kamailio's module failover_route; only\n"
		   "top asks a running Kamailio.\n\n");
	for(i = 0; i < NCOMMANDS; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].line);
	printf("\nfailover-route COMMAND --help says more.\n"
		   "Exit codes: 0 good, 1 findings, 2 could not run.\n");
	return CLI_GOOD;
}

int main(int argc, char **argv)
{
	size_t i;

	if(argc < 2)
		return cli_bad_usage(NULL, "which command?");
	if(strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
			|| strcmp(argv[1], "help") == 0)
		return help();
	for(i = 0; i < NCOMMANDS; i++) {
		if(strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	return cli_bad_usage(NULL, "no such command: %s", argv[1]);
}
