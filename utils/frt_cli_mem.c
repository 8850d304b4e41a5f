/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory that is there, or the end.
 */
#define _GNU_SOURCE
#include "frt_cli_mem.h"
#include "frt_cli.h"
#include "engine/frt_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_end(void *p)
{
	if(p != NULL)
		return p;
	fputs("failover-route: out of memory\n", stderr);
	exit(CLI_COULD_NOT);
}

void *cli_alloc(size_t size)
{
	return or_end(calloc(1, size > 0 ? size : 1));
}

void *cli_realloc(void *p, size_t n, size_t size)
{
	return or_end(reallocarray(p, n > 0 ? n : 1, size));
}

char *cli_copy(const char *text)
{
	return text == NULL ? NULL : or_end(strdup(text));
}

int cli_cut(const char *text, uint32_t max)
{
	frt_str_t all = {text, (uint32_t)strlen(text)};

	return (int)frt_utf8_cut(all, max).len;
}

char *cli_vtext(const char *fmt, va_list args)
{
	char *text = NULL;

	if(vasprintf(&text, fmt, args) < 0)
		text = NULL;
	return or_end(text);
}

char *cli_text(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = cli_vtext(fmt, args);
	va_end(args);
	return text;
}

static void *mem_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void mem_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

frt_mem_t cli_mem(void)
{
	frt_mem_t mem = {mem_alloc, mem_free, NULL};

	return mem;
}

void cli_buf_put(cli_buf_t *b, const char *s, size_t n)
{
	if(b->len + n + 1 > b->room) {
		b->room = (b->len + n + 1) * 2;
		b->s = cli_realloc(b->s, b->room, 1);
	}
	memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void cli_buf_add(cli_buf_t *b, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = cli_vtext(fmt, args);
	va_end(args);
	cli_buf_put(b, text, strlen(text));
	free(text);
}
