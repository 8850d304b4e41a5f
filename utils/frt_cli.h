/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route, the command-line tool: one command per file frt_cli_*.c, on
 * the module's own engine and sources. The exit codes are a contract with
 * scripts; what is found goes to standard output, what went wrong to standard
 * error.
 */
#ifndef FRT_CLI_H
#define FRT_CLI_H

#define CLI_GOOD 0		/* done, nothing to say against it */
#define CLI_FINDINGS 1	/* done, and something was found */
#define CLI_COULD_NOT 2 /* not done: bad arguments, no such file, no memory */

/* Runs a command; argv[0] is its name. Returns an exit code. */
int cli_check(int argc, char **argv);
int cli_top(int argc, char **argv);

/* Says why on standard error, and where to read more; returns CLI_COULD_NOT. */
int cli_bad_usage(const char *command, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

#endif
