/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What next hops answer, by what they really are. The engine never sees that
 * but through replies.
 */
#include "sim.h"

FRT_ENUM_DEFINE(sim_truth, SIM_TRUTHS)

/* Of now: flapping is one or the other. */
static sim_truth_t truth_now(const sim_world_t *w, uint32_t addr)
{
	const sim_hop_t *h = &w->hops[addr];

	if(h->truth != SIM_FLAPPING)
		return h->truth;
	return w->t / h->period_ms % 2 ? SIM_DEAD : SIM_HEALTHY;
}

/* Is this message lost? */
static bool is_lost(sim_world_t *w)
{
	return w->loss && sim_draw(w, 1000) < w->loss;
}

void sim_hop_reply(sim_world_t *w, sim_call_t *call, uint32_t attempt, int code,
		uint32_t in_ms, int64_t retry)
{
	sim_event_t *ev;

	if(is_lost(w))
		return;
	ev = sim_later(w, SIM_REPLY, in_ms);
	ev->call = call->index;
	ev->life = call->life;
	ev->attempt = (uint8_t)attempt;
	ev->code = (int16_t)code;
	ev->retry = retry;
}

/* What a working gateway makes of a call: most are answered. */
static void served(sim_world_t *w, sim_call_t *call, uint32_t attempt,
		const sim_manner_t *m, sim_range_t first)
{
	bool good = !m->other_pct || sim_chance(w, 100 - m->other_pct);
	int code = good ? 200 : m->others[sim_draw(w, m->nothers)];
	uint32_t ms = sim_draw_range(w, first);

	sim_hop_reply(w, call, attempt, 100, ms, -1);
	if(code < 200 || !m->no_ring_pct || !sim_chance(w, m->no_ring_pct)) {
		ms += sim_draw_range(w, m->ring);
		sim_hop_reply(w, call, attempt, 180, ms, -1);
	}
	ms += sim_draw_range(w, m->answer);
	if(code >= 200)
		sim_hop_reply(w, call, attempt, code, ms, -1);
}

static int64_t retry_after(sim_world_t *w, const sim_hop_t *h)
{
	static const int64_t some[] = {0, 1, 3, 10, 30, 120, 999999999999};

	return h->retry_s == SIM_RETRY_ANY ? some[sim_draw(w, 7)] : h->retry_s;
}

/* Some INVITEs fail, by 503 or by silence; true if this one does. */
static bool browned(sim_world_t *w, sim_call_t *call, uint32_t attempt,
		const sim_hop_t *h, uint32_t ms)
{
	if(!sim_chance(w, h->percent))
		return false;
	if(h->truth == SIM_PARTLY) {
		if(h->code)
			sim_hop_reply(w, call, attempt, h->code, ms, h->retry_s);
	} else if(sim_chance(w, 70)) {
		sim_hop_reply(w, call, attempt, 503, 10 + sim_draw(w, 90), -1);
	}
	return true;
}

/* What it has room for within each second; the rest is refused. */
static bool is_full(const sim_world_t *w, sim_hop_t *h)
{
	if(!h->max_cps)
		return false;
	if(h->second != w->t / 1000) {
		h->second = w->t / 1000;
		h->taken = 0;
	}
	return h->taken++ >= h->max_cps;
}

/* ICMP says that nobody listens there. */
static void unreachable(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	sim_event_t *ev = sim_later(w, SIM_MOVE, 1 + sim_draw(w, 60));

	ev->call = call->index;
	ev->life = call->life;
	ev->attempt = (uint8_t)attempt;
	ev->code = FRT_MOVED_UNREACHABLE;
}

bool sim_hop_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	uint32_t addr = sim_rec_of(call->plan.tries[attempt].rec)->addr;
	sim_hop_t *h = &w->hops[addr];
	const sim_manner_t *m = &h->manner;
	uint32_t ms = sim_draw_range(w, m->rtt);

	if(is_lost(w))
		return true;
	switch(truth_now(w, addr)) {
		case SIM_DEAD:
		case SIM_DEAF:
			break;
		case SIM_REFUSED:
			if(h->stream)
				return false;
			unreachable(w, call, attempt);
			break;
		case SIM_LIMPING:
			sim_hop_reply(w, call, attempt, 503, ms, -1);
			break;
		case SIM_TRYING:
			sim_hop_reply(w, call, attempt, 100, ms, -1);
			break;
		case SIM_OVERLOADED:
			sim_hop_reply(w, call, attempt, 503, ms, retry_after(w, h));
			break;
		case SIM_BROWNOUT:
		case SIM_PARTLY:
			if(!browned(w, call, attempt, h, ms))
				served(w, call, attempt, m, (sim_range_t){ms, 0});
			break;
		case SIM_SLOW:
			served(w, call, attempt, m, m->late);
			break;
		default:
			if(is_full(w, h))
				sim_hop_reply(w, call, attempt, 503, ms, -1);
			else
				served(w, call, attempt, m, (sim_range_t){ms, 0});
			break;
	}
	return true;
}

bool sim_hop_probe(sim_world_t *w, uint32_t addr, uint32_t id)
{
	sim_truth_t truth = truth_now(w, addr);
	const sim_hop_t *h = &w->hops[addr];
	uint32_t ms = sim_draw_range(w, h->manner.rtt);
	sim_event_t *ev;

	if(truth == SIM_REFUSED && h->stream)
		return false;
	if(is_lost(w) || truth == SIM_DEAD || truth == SIM_SHY
			|| truth == SIM_REFUSED)
		return true;
	if(truth == SIM_SLOW)
		ms = sim_draw_range(w, h->manner.late);
	ev = sim_later(w, SIM_PROBED, ms);
	ev->id = id;
	ev->code = truth == SIM_OVERLOADED && h->percent < 50 ? 503 : 200;
	return true;
}
