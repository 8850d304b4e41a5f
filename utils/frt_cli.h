/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route, the command-line tool: one command per file frt_cli_*.c, on
 * the module's own engine and sources. A command is a table: help, completion
 * and the reading of arguments go by it, and utils/check-docs.sh holds the
 * manual page against it. The exit codes are a contract with scripts; what is
 * found goes to standard output, what went wrong to standard error.
 */
#ifndef FRT_CLI_H
#define FRT_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLI_GOOD 0		/* done, nothing to say against it */
#define CLI_FINDINGS 1	/* done, and something was found */
#define CLI_COULD_NOT 2 /* not done: bad arguments, no such file */

typedef struct cli_option
{
	const char *name;  /* "--set"; NULL ends a list of them */
	const char *value; /* what it takes, in capitals; NULL: nothing. FILE and
						* FOLDER are completed as such */
	const char *words; /* "a b c": what the value may be; NULL: anything */
	const char *says;  /* in the help: one sentence, without a full stop */
	char letter;	   /* 's': -s is the same; 0: none */
} cli_option_t;

typedef struct cli_example
{
	const char *line; /* after "failover-route "; NULL ends a list of them */
	const char *says;
} cli_example_t;

struct cli_args;

typedef struct cli_command
{
	const char *name;
	const char *line;	  /* in the list of commands */
	const char *operands; /* "FILE...", or "" */
	const char *words;	  /* "a b c": what an operand may be, the first one if
						   * operands has several; the others are files.
						   * NULL: all are files */
	const char *about;	  /* the help's text; lines of at most 78 */
	const cli_option_t *options; /* but for those that every command has */
	const cli_example_t *examples;
	const char *exits;				   /* what 1 means here; NULL: findings */
	int (*run)(struct cli_args *args); /* returns an exit code */
} cli_command_t;

/* What a command was called with. */
typedef struct cli_args
{
	const cli_command_t *command;
	bool json; /* --json, which every command has */
	int noperands;
	char **operands;
	struct cli_given
	{
		const cli_option_t *option;
		const char *value; /* NULL: it takes none */
	} * given;			   /* in their order */
	int ngiven;
} cli_args_t;

/* The commands. */
const cli_command_t *cli_check(void);
const cli_command_t *cli_convert(void);
const cli_command_t *cli_doctor(void);
const cli_command_t *cli_init(void);
const cli_command_t *cli_top(void);
const cli_command_t *cli_simulate(void);
const cli_command_t *cli_replay(void);
const cli_command_t *cli_completion(void);
/* All of them, and NULL, as the help lists them. */
const cli_command_t *const *cli_commands(void);

/* The options that every command has. */
const cli_option_t *cli_common_options(void);
/* Reads what follows the command's name and runs it; --help is done here.
 * Returns an exit code. */
int cli_run(const cli_command_t *command, int argc, char **argv);
/* Was the option given? */
bool cli_given(const cli_args_t *args, const char *name);
/* The value it was given last, or otherwise. */
const char *cli_value(
		const cli_args_t *args, const char *name, const char *otherwise);
/* The value it was given the nth time, 0 first; NULL: not so often. */
const char *cli_value_at(const cli_args_t *args, const char *name, int nth);
/* The value as a whole number of min..max, or otherwise if it was not given.
 * False: it is something else, and that was said; return CLI_COULD_NOT. */
bool cli_number(const cli_args_t *args, const char *name, long min, long max,
		long otherwise, long *out);

/* Says why on standard error, and where to read more; returns CLI_COULD_NOT. */
int cli_bad_usage(const char *command, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
/* Says why on standard error; returns CLI_COULD_NOT. */
int cli_could_not(const char *command, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
/* Writes a text, such as a file's name, that commands no terminal: what is
 * neither a blank nor can be seen is '?'. */
void cli_put(FILE *to, const char *text);
/* What is being done, in one line on standard error if that is a terminal; the
 * next one, and cli_progress_end(), write over it. For what may take longer than
 * a second. */
void cli_progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Takes the line away; before anything else is written, which the three above
 * see to themselves. */
void cli_progress_end(void);

#endif
