/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Histograms of delays, for metrics: how many fell into each bucket, and their
 * sum. Any process adds, without a lock. Must not know what is measured.
 */
#ifndef FRT_HIST_H
#define FRT_HIST_H

#include "frt_base.h"

#include <stdatomic.h>

#define FRT_HIST_BOUNDS 6

typedef struct frt_hist
{
	_Atomic uint64_t sum_ms;
	_Atomic uint32_t n[FRT_HIST_BOUNDS + 1]; /* the last: above all bounds */
} frt_hist_t;

typedef enum frt_hist_kind
{
	FRT_HIST_PDD, /* post-dial delays */
	FRT_HIST_RTT  /* round trips of probes */
} frt_hist_kind_t;

/* Upper bounds, ms, ascending, FRT_HIST_BOUNDS of them. */
const uint32_t *frt_hist_bounds(frt_hist_kind_t kind);

/* Counts one delay. No lock. */
void frt_hist_add(frt_hist_t *h, frt_hist_kind_t kind, uint64_t ms);

#endif
