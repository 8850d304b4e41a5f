/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the destinations really are, and so what they answer. The engine never
 * sees this but through replies.
 */
#include "sim.h"

FRT_ENUM_DEFINE(sim_truth, SIM_TRUTHS)

static void hop_make(sim_world_t *w, sim_hop_t *h)
{
	h->truth = sim_chance(w, 40) ? SIM_HEALTHY
								 : (sim_truth_t)sim_draw(w, sim_truth_count);
	h->percent = 1 + sim_draw(w, 100);
	h->period_ms = 500 + sim_draw(w, 20000);
}

void sim_truth_make(sim_world_t *w)
{
	/* a third of all worlds begin well: what breaks later is an outage */
	bool well = sim_chance(w, 33);

	for(uint32_t i = 0; i < SIM_ADDRS; i++) {
		hop_make(w, &w->hops[i]);
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

sim_truth_t sim_truth_now(const sim_world_t *w, uint32_t addr)
{
	const sim_hop_t *h = &w->hops[addr];

	if(h->truth != SIM_FLAPPING)
		return h->truth;
	return w->t / h->period_ms % 2 ? SIM_DEAD : SIM_HEALTHY;
}

static bool lost(sim_world_t *w)
{
	return sim_draw(w, 1000) < w->loss;
}

static void reply(sim_world_t *w, sim_call_t *call, uint32_t attempt, int code,
		uint32_t in_ms, int64_t retry)
{
	sim_event_t *ev;

	if(lost(w))
		return;
	ev = sim_later(w, SIM_REPLY, in_ms);
	ev->call = (uint32_t)(call - w->calls);
	ev->life = call->life;
	ev->attempt = attempt;
	ev->code = code;
	ev->retry = retry;
}

/* What a working gateway makes of a call: most are answered. */
static void served(
		sim_world_t *w, sim_call_t *call, uint32_t attempt, uint32_t ms)
{
	static const int other[] = {486, 404, 480, 500, 603, 408, 302, 183};
	bool good = w->healing || sim_chance(w, 75);
	int code = good ? 200 : other[sim_draw(w, 8)];

	reply(w, call, attempt, 100, ms, -1);
	if(code < 200 || w->healing || sim_chance(w, 70)) {
		ms += 50 + sim_draw(w, w->healing ? 300 : 3000);
		reply(w, call, attempt, 180, ms, -1);
	}
	ms += 50 + sim_draw(w, 6000);
	if(code >= 200)
		reply(w, call, attempt, code, ms, -1);
}

static int64_t retry_after(sim_world_t *w)
{
	static const int64_t some[] = {0, 1, 3, 10, 30, 120, 999999999999};

	return some[sim_draw(w, 7)];
}

/* Some INVITEs fail, by 503 or by silence; true if this one does. */
static bool browned(
		sim_world_t *w, sim_call_t *call, uint32_t attempt, uint32_t percent)
{
	if(!sim_chance(w, percent))
		return false;
	if(sim_chance(w, 70))
		reply(w, call, attempt, 503, 10 + sim_draw(w, 90), -1);
	return true;
}

static void icmp(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	sim_event_t *ev = sim_later(w, SIM_MOVE, 1 + sim_draw(w, 60));

	ev->call = (uint32_t)(call - w->calls);
	ev->life = call->life;
	ev->attempt = attempt;
	ev->code = FRT_MOVED_UNREACHABLE;
}

bool sim_truth_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	uint32_t addr = sim_rec_of(call->plan.tries[attempt].rec)->addr;
	uint32_t ms = 5 + sim_draw(w, 60);

	/* nobody answers user 0, wherever it is tried */
	if(lost(w) || (call->user == 0 && !w->healing))
		return true;
	switch(sim_truth_now(w, addr)) {
		case SIM_DEAD:
		case SIM_DEAF:
			break;
		case SIM_REFUSED:
			if(w->hops[addr].stream)
				return false;
			icmp(w, call, attempt);
			break;
		case SIM_LIMPING:
			reply(w, call, attempt, 503, ms, -1);
			break;
		case SIM_TRYING:
			reply(w, call, attempt, 100, ms, -1);
			break;
		case SIM_OVERLOADED:
			reply(w, call, attempt, 503, ms, retry_after(w));
			break;
		case SIM_BROWNOUT:
			if(!browned(w, call, attempt, w->hops[addr].percent))
				served(w, call, attempt, ms);
			break;
		case SIM_SLOW:
			served(w, call, attempt, 100 + sim_draw(w, 6000));
			break;
		default:
			served(w, call, attempt, ms);
			break;
	}
	return true;
}

bool sim_truth_probe(sim_world_t *w, uint32_t addr, uint32_t id)
{
	sim_truth_t truth = sim_truth_now(w, addr);
	uint32_t ms = 5 + sim_draw(w, 60);
	sim_event_t *ev;

	if(truth == SIM_REFUSED && w->hops[addr].stream)
		return false;
	if(lost(w) || truth == SIM_DEAD || truth == SIM_SHY || truth == SIM_REFUSED)
		return true;
	if(truth == SIM_SLOW)
		ms = 100 + sim_draw(w, 3000);
	ev = sim_later(w, SIM_PROBED, ms);
	ev->id = id;
	ev->code =
			truth == SIM_OVERLOADED && w->hops[addr].percent < 50 ? 503 : 200;
	return true;
}
