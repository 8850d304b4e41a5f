/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Growing texts. Every byte goes through frt_grow_put(), the one place where
 * the buffer grows and memory may run out.
 */
#include "frt_grow.h"

#include <string.h>

#define FIRST_SIZE 4096
#define DIGITS 20 /* of 2^64 */

void frt_grow_init(frt_grow_t *t, const frt_mem_t *mem)
{
	memset(t, 0, sizeof(*t));
	t->mem = mem;
}

void frt_grow_free(frt_grow_t *t)
{
	frt_mem_free(t->mem, t->s);
	t->s = NULL;
}

void frt_grow_fail(frt_grow_t *t)
{
	frt_grow_free(t);
	t->failed = true;
}

/* Makes room for n more bytes and a NUL. */
static bool grow(frt_grow_t *t, size_t n)
{
	size_t size = t->size ? t->size : FIRST_SIZE;
	char *s;

	while(size - t->len <= n)
		size *= 2;
	if(size == t->size)
		return true;
	s = frt_mem_alloc(t->mem, size);
	if(!s) {
		frt_grow_fail(t);
		return false;
	}
	if(t->len > 0)
		memcpy(s, t->s, t->len);
	frt_mem_free(t->mem, t->s);
	t->s = s;
	t->size = size;
	return true;
}

void frt_grow_put(frt_grow_t *t, const char *s, size_t n)
{
	if(t->failed || n == 0 || !grow(t, n))
		return;
	memcpy(t->s + t->len, s, n);
	t->len += n;
	t->s[t->len] = '\0';
}

void frt_grow_puts(frt_grow_t *t, const char *s)
{
	frt_grow_put(t, s, strlen(s));
}

void frt_grow_uint(frt_grow_t *t, uint64_t n)
{
	char mem[DIGITS], *at = mem + DIGITS;

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
	} while(n);
	frt_grow_put(t, at, (size_t)(mem + DIGITS - at));
}
