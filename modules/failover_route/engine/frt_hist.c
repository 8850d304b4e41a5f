/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Histograms; see the header.
 */
#include "frt_hist.h"

static const uint32_t bounds[][FRT_HIST_BOUNDS] = {
		[FRT_HIST_PDD] = {100, 250, 500, 1000, 2500, 5000},
		[FRT_HIST_RTT] = {5, 20, 50, 100, 500, 1000},
};

const uint32_t *frt_hist_bounds(frt_hist_kind_t kind)
{
	return bounds[kind];
}

void frt_hist_add(frt_hist_t *h, frt_hist_kind_t kind, uint64_t ms)
{
	uint32_t i = 0;

	while(i < FRT_HIST_BOUNDS && ms > bounds[kind][i])
		i++;
	atomic_fetch_add_explicit(&h->n[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_ms, ms, memory_order_relaxed);
}
