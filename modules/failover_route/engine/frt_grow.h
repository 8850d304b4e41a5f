/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A text that grows as it is written, and fails as a whole when memory runs
 * out. Must not know what is written.
 */
#ifndef FRT_GROW_H
#define FRT_GROW_H

#include "frt_base.h"

typedef struct frt_grow
{
	const frt_mem_t *mem;
	char *s; /* NUL-terminated; the caller frees it through mem */
	size_t len;
	size_t size;
	bool failed; /* no memory: s is NULL, all that follows is void */
} frt_grow_t;

/* An empty text; no memory is taken yet. */
void frt_grow_init(frt_grow_t *t, const frt_mem_t *mem);
/* Gives the text's memory back. */
void frt_grow_free(frt_grow_t *t);
/* What goes into it has no memory: it fails as a whole. */
void frt_grow_fail(frt_grow_t *t);
/* Adds n bytes, or a C string. */
void frt_grow_put(frt_grow_t *t, const char *s, size_t n);
void frt_grow_puts(frt_grow_t *t, const char *s);
/* Adds a number in decimal. Quicker than printf(), which would take most of
 * the time of a text of a quarter of a million numbers. */
void frt_grow_uint(frt_grow_t *t, uint64_t n);

#endif
