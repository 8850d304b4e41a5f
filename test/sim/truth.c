/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the destinations really are; what that makes them answer is the model's
 * (sim_hop.c).
 */
#include "world.h"

/* What a working gateway makes of a call: most are answered. */
static void manner_make(sim_manner_t *m, bool healing)
{
	static const int others[] = {486, 404, 480, 500, 603, 408, 302, 183, 407};

	*m = (sim_manner_t){.rtt = {5, 60},
			.late = {100, 6000},
			.ring = {50, healing ? 300 : 3000},
			.answer = {50, 6000},
			.other_pct = healing ? 0 : 25,
			.others = others,
			.nothers = 9,
			.no_ring_pct = healing ? 0 : 30};
}

static void hop_make(sim_world_t *w, sim_hop_t *h)
{
	static const int codes[] = {0, 503, 480, 500};

	h->truth = sim_chance(w, 40) ? SIM_HEALTHY
								 : (sim_truth_t)sim_draw(w, sim_truth_count);
	h->percent = 1 + sim_draw(w, 100);
	h->period_ms = 500 + sim_draw(w, 20000);
	h->code = codes[sim_draw(w, 4)];
	h->retry_s = SIM_RETRY_ANY;
	if(h->truth == SIM_PARTLY)
		h->retry_s = sim_chance(w, 80) ? -1 : (int64_t)sim_draw(w, 20);
	h->max_cps = sim_chance(w, 10) ? 1 + sim_draw(w, 5) : 0;
}

void sim_truth_make(sim_world_t *w)
{
	/* a third of all worlds begin well: what breaks later is an outage */
	bool well = sim_chance(w, 33);

	for(uint32_t i = 0; i < SIM_ADDRS; i++) {
		hop_make(w, &w->hops[i]);
		manner_make(&w->hops[i].manner, false);
		w->hops[i].stream = sim_chance(w, 30);
		if(well)
			w->hops[i].truth = SIM_HEALTHY;
	}
	w->loss = sim_chance(w, 60) ? 0 : sim_draw(w, 150);
}

void sim_truth_change(sim_world_t *w)
{
	uint32_t at = sim_draw(w, SIM_ADDRS);
	uint32_t n = sim_chance(w, 10) ? SIM_ADDRS : 1; /* or all at once */

	while(n-- > 0) {
		hop_make(w, &w->hops[at]);
		sim_say(w, "hop %u is %s", at, sim_truth_name(w->hops[at].truth));
		at = (at + 1) % SIM_ADDRS;
	}
}

void sim_truth_heal(sim_world_t *w)
{
	for(uint32_t i = 0; i < SIM_ADDRS; i++) {
		w->hops[i].truth = SIM_HEALTHY;
		w->hops[i].max_cps = 0;
		manner_make(&w->hops[i].manner, true);
	}
	w->loss = 0;
}

bool sim_truth_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	/* nobody answers user 0, wherever it is tried */
	if(call->user == 0 && !world_of(w)->healing)
		return true;
	return sim_hop_invite(w, call, attempt);
}
