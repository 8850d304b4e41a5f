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
#include <sys/ioctl.h>
#include <unistd.h>

#define COLUMNS 78

static bool shown;

/* A line that is wider than the terminal would go on in the next one, where
 * nothing writes over it. */
static int columns(void)
{
	struct winsize ws;

	if(ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0
			|| ws.ws_col > COLUMNS)
		return COLUMNS;
	return ws.ws_col - 1;
}

void cli_progress(const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	if(!isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	text = cli_vtext(fmt, args);
	va_end(args);
	frt_text_clean(text); /* a file's name, at a terminal */
	n = columns();
	fprintf(stderr, "\r%*s\r%.*s", n, "", cli_cut(text, (uint32_t)n), text);
	fflush(stderr);
	free(text);
	shown = true;
}

void cli_progress_end(void)
{
	if(shown)
		fprintf(stderr, "\r%*s\r", columns(), "");
	shown = false;
}
