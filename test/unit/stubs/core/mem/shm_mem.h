/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: running out of it is not
 * logged, and what there is the test says that uses it.
 */
#ifndef FRT_STUB_SHM_MEM_H
#define FRT_STUB_SHM_MEM_H

#include <stddef.h>

void *shm_malloc(size_t size);
void shm_free(void *p);

#define SHM_MEM_ERROR ((void)0)

#endif
