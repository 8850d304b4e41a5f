/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: a pool of 8 MiB that never
 * shrinks; who takes of it says what it is.
 */
#ifndef FRT_STUB_MEM_H
#define FRT_STUB_MEM_H

#include <stddef.h>

void *pkg_malloc(size_t size);
void pkg_free(void *p);

/* A test that wants another pool, or none (0), defines it. */
unsigned long frt_stub_pkg_available(void) __attribute__((weak));
#define pkg_available() \
	(frt_stub_pkg_available ? frt_stub_pkg_available() : 8ul << 20)

#endif
