/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing the Prometheus text format 0.0.4 into a buffer that grows: families
 * with HELP and TYPE, samples with escaped labels. Must not know what is
 * measured.
 */
#ifndef FRT_PROM_H
#define FRT_PROM_H

#include "frt_base.h"

typedef struct frt_prom
{
	const frt_mem_t *mem;
	char *s; /* NUL-terminated; the caller frees it through mem */
	size_t len;
	size_t size;
	bool failed;		/* no memory: s is NULL, all that follows is void */
	const char *family; /* its samples come next */
} frt_prom_t;

typedef struct frt_prom_label
{
	const char *name;
	frt_str_t value;
} frt_prom_label_t;

/* An empty text; no memory is taken yet. */
void frt_prom_init(frt_prom_t *p, const frt_mem_t *mem);
/* Gives the text's memory back. */
void frt_prom_free(frt_prom_t *p);
/* Begins a family: one HELP and one TYPE line. type is "gauge" or "counter";
 * all strings must live until the next family begins. */
void frt_prom_family(
		frt_prom_t *p, const char *name, const char *type, const char *help);
/* One sample of the family. value is in thousandths, written without them
 * where they are 0: 500 is "0.5", 2000 is "2". */
void frt_prom_sample(frt_prom_t *p, const frt_prom_label_t *labels,
		uint32_t nlabels, uint64_t value_milli);
/* The same with a whole number. */
void frt_prom_count(frt_prom_t *p, const frt_prom_label_t *labels,
		uint32_t nlabels, uint64_t value);

#endif
