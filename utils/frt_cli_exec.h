/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Running another program and keeping what it says.
 */
#ifndef FRT_CLI_EXEC_H
#define FRT_CLI_EXEC_H

#include "frt_cli_mem.h"

#define CLI_EXEC_BYTES_MAX (64u << 20)

typedef struct cli_ran
{
	int exit;	   /* exit code; -1: it did not end well by itself */
	bool late;	   /* it was stopped when its time was over */
	cli_buf_t out; /* what it wrote, in its order */
} cli_ran_t;

/* Runs a program, found in PATH or the folders for administrators, with its
 * input empty, for at most limit_ms. argv ends with NULL; errors: what it writes
 * on standard error is kept as well. False: it could not be started, errno says
 * why. free() out.s. */
bool cli_exec(
		char *const *argv, unsigned limit_ms, bool errors, cli_ran_t *ran);
/* The whole path of a program: name itself if it has a slash in it, or that in
 * PATH, /usr/sbin or /usr/local/sbin; NULL: there is none. free() it. */
char *cli_find_program(const char *name);

#endif
