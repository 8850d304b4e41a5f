/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For fuzz targets: a check that holds for every input, memory from malloc.
 */
#ifndef FRT_FUZZ_H
#define FRT_FUZZ_H

#include "frt_base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond)                                               \
	do {                                                               \
		if(!(cond)) {                                                  \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
			abort();                                                   \
		}                                                              \
	} while(0)

static inline void *fuzz_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static inline void fuzz_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static const frt_mem_t fuzz_mem = {fuzz_alloc, fuzz_free, NULL};

/* A copy of exactly that size: one byte read beyond it is found. */
static inline char *fuzz_copy(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);

	FUZZ_CHECK(copy);
	if(size)
		memcpy(copy, data, size);
	return copy;
}

#endif
