/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing the Prometheus text format 0.0.4 into a buffer that grows: families
 * with HELP and TYPE, samples with escaped labels. Must not know what is
 * measured.
 */
#ifndef FRT_PROM_H
#define FRT_PROM_H

#include "frt_grow.h"
#include "frt_hist.h"

/* Takes the next piece of a text, whole lines; false: it cannot. */
typedef bool (*frt_prom_sink_f)(void *to, const char *s, size_t n);

typedef struct frt_prom
{
	frt_grow_t text;
	const char *family;	  /* its samples come next */
	frt_prom_sink_f sink; /* NULL: the text stays here as a whole */
	void *to;
	size_t most; /* bytes that may stay here */
	bool full;	 /* it failed for being longer */
} frt_prom_t;

/* An empty text; no memory is taken yet. */
void frt_prom_init(frt_prom_t *p, const frt_mem_t *mem);
/* From now on the text goes there, piece by piece as it is made, and memory is
 * needed for one piece only: of thousands of destinations there are tens of
 * megabytes. frt_prom_flush() hands on the rest. */
void frt_prom_stream(frt_prom_t *p, frt_prom_sink_f sink, void *to);
void frt_prom_flush(frt_prom_t *p);
/* From now on the text fails once it is longer than that, without ever being
 * whole. */
void frt_prom_limit(frt_prom_t *p, size_t most);
/* Gives the text's memory back. */
void frt_prom_free(frt_prom_t *p);
/* What goes into it has no memory: it fails as a whole. */
void frt_prom_fail(frt_prom_t *p);
/* Adds a label, name="value", to a text of labels: after a comma where it is
 * not the first since `from` (p->text.len when the labels began). The value is
 * escaped. Rendered once, labels serve all families of one destination. */
void frt_prom_label(
		frt_prom_t *p, size_t from, const char *name, frt_str_t value);
/* Begins a family: one HELP and one TYPE line. type is "gauge", "counter" or
 * "histogram"; all strings must live until the next family begins. */
void frt_prom_family(
		frt_prom_t *p, const char *name, const char *type, const char *help);
/* One sample of the family, with rendered labels and one more (extra, as it is
 * to stand there, or NULL). value is in thousandths, written without them where
 * they are 0: 500 is "0.5", 2000 is "2". */
void frt_prom_sample(frt_prom_t *p, frt_str_t labels, const char *extra,
		uint64_t value_milli);
/* The same with a whole number. */
void frt_prom_count(
		frt_prom_t *p, frt_str_t labels, const char *extra, uint64_t value);
/* A histogram's samples, in seconds: the buckets, the sum and the count. */
void frt_prom_histogram(frt_prom_t *p, frt_str_t labels, const frt_hist_t *hist,
		frt_hist_kind_t kind);

#endif
