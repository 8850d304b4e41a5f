/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Progress: one line that is written over, for whoever waits at a terminal.
 * Files and pipes get nothing of it.
 */
#include "frt_cli.h"
#include "frt_cli_mem.h"
#include "engine/frt_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define COLUMNS 78

static bool shown;

void cli_progress(const char *fmt, ...)
{
	va_list args;
	char *text;

	if(!isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	text = cli_vtext(fmt, args);
	va_end(args);
	frt_text_clean(text); /* a file's name, at a terminal */
	fprintf(stderr, "\r%-*.*s\r%.*s", COLUMNS, COLUMNS, "", COLUMNS, text);
	fflush(stderr);
	free(text);
	shown = true;
}

void cli_progress_end(void)
{
	if(shown)
		fprintf(stderr, "\r%-*s\r", COLUMNS, "");
	shown = false;
}
