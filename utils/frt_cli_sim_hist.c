/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Delays by their size, in little memory.
 */
#include "frt_cli_sim.h"

static uint32_t bin_of(uint64_t ms)
{
	uint32_t e, bin;

	if(ms < 64)
		return (uint32_t)ms;
	e = 63u - (uint32_t)__builtin_clzll(ms);
	bin = 64 + (e - 6) * 32 + (uint32_t)(ms >> (e - 5) & 31);
	return bin < CLI_SIM_BINS ? bin : CLI_SIM_BINS - 1;
}

/* The largest delay of a bin. */
static uint64_t top_of(uint32_t bin)
{
	uint32_t e = (bin - 64) / 32 + 6;

	if(bin < 64)
		return bin;
	return (1ull << e) + ((uint64_t)((bin - 64) % 32 + 1) << (e - 5)) - 1;
}

void cli_hist_add(cli_hist_t *h, uint64_t ms)
{
	h->n++;
	h->sum += ms;
	if(ms > h->max)
		h->max = ms;
	h->bins[bin_of(ms)]++;
}

uint64_t cli_hist_at(const cli_hist_t *h, uint32_t permille)
{
	uint64_t want = (h->n * permille + 999) / 1000, seen = 0, top;
	uint32_t i;

	if(h->n == 0)
		return 0;
	for(i = 0; i < CLI_SIM_BINS; i++) {
		seen += h->bins[i];
		if(seen >= want)
			break;
	}
	top = top_of(i);
	return top < h->max ? top : h->max;
}
