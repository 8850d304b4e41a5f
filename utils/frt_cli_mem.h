/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory of the command-line tool: where there is none left, it says so and
 * ends with CLI_COULD_NOT. Nothing of this is for the module.
 */
#ifndef FRT_CLI_MEM_H
#define FRT_CLI_MEM_H

#include "engine/frt_base.h"

#include <stdarg.h>

/* Zeroed; free() it. */
void *cli_alloc(size_t size);
/* p with room for n things of a size; the new room is not zeroed. */
void *cli_realloc(void *p, size_t n, size_t size);
/* A copy of a text; NULL of NULL. */
char *cli_copy(const char *text);
/* A text as printf() makes it. */
char *cli_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same of a list of arguments. */
char *cli_vtext(const char *fmt, va_list args)
		__attribute__((format(printf, 1, 0)));
/* Bytes of the longest start of a text, of at most max, that cuts no character. */
int cli_cut(const char *text, uint32_t max);
/* The memory that drafts and generations ask for. */
frt_mem_t cli_mem(void);

/* A text that grows. */
typedef struct cli_buf
{
	char *s; /* NUL-terminated, NULL while it is empty */
	size_t len;
	size_t room;
} cli_buf_t;

/* Adds n bytes. */
void cli_buf_put(cli_buf_t *b, const char *s, size_t n);
/* Adds a text as printf() makes it. */
void cli_buf_add(cli_buf_t *b, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

#endif
