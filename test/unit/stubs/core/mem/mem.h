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

#define pkg_available() (8u << 20)

#endif
