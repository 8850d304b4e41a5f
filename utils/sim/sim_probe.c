/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The prober's loop around the engine's schedule, as frt_probe.c has it; what
 * goes out is answered by sim_ops_t's probe.
 */
#include "sim.h"

static void note_due(sim_world_t *w, uint32_t i)
{
	frt_sched_tick_set(&w->sched, i, w->gen->dsts[i].rec->h.due_ms);
}

static void load(sim_world_t *w)
{
	uint32_t i;

	if(frt_sched_load(&w->sched, w->gen, sim_now(w), &w->rnd) != 0) {
		w->probe_retry_ms = sim_now(w) + 1000;
		return;
	}
	w->probe_retry_ms = 0;
	for(i = 0; i < w->gen->ndsts; i++) {
		frt_health_t health =
				FRT_WORD_HEALTH(atomic_load(&w->gen->dsts[i].rec->word));

		frt_sched_sooner(&w->sched, i,
				frt_pace_locked(w->gen->dsts[i].rec,
						&w->gen->dsts[i].set->conf.probe, sim_now(w)),
				sim_now(w), &w->rnd);
		note_due(w, i);
		if(health == FRT_DOWN || health == FRT_RAMP)
			frt_sched_tick_set(&w->sched, i, sim_now(w));
	}
}

/* The schedule is of the current generation. */
static bool enter(sim_world_t *w)
{
	if(w->gen->seq != w->sched.seq && sim_now(w) >= w->probe_retry_ms)
		load(w);
	return w->gen->seq == w->sched.seq;
}

static void take_kicks(sim_world_t *w)
{
	for(uint32_t i = 0; i < w->nkicks; i++) {
		sim_kick_t k = w->kicks[i];
		frt_dst_t *dst = enter(w) ? frt_gen_dst_of(w->gen, k.rec) : NULL;

		if(dst && k.probe)
			frt_sched_hurry(&w->sched, (uint32_t)(dst - w->gen->dsts), false,
					sim_now(w));
		else if(dst)
			note_due(w, (uint32_t)(dst - w->gen->dsts));
		sim_rec_unref(w, k.rec);
	}
	w->nkicks = 0;
}

static void tell(sim_world_t *w, const frt_dst_t *dst, frt_origin_t origin,
		uint16_t code, uint64_t rtt_ms)
{
	frt_obs_t obs =
			frt_obs_of_probe(&dst->set->conf.probe, origin, code, rtt_ms);

	sim_observe(w, dst->rec, &obs);
}

/* Code 0: nothing was learned. */
static void ended(sim_world_t *w, uint32_t target, frt_origin_t origin,
		uint16_t code, uint64_t rtt_ms)
{
	frt_sched_t *s = &w->sched;
	frt_pace_t pace = {UINT32_MAX, false};
	uint32_t i;

	if(!enter(w) || target >= s->cap
			|| s->targets[target].state != FRT_TARGET_FLYING)
		return;
	for(i = s->targets[target].first; i != FRT_NONE; i = s->next_of[i]) {
		const frt_dst_t *dst = &w->gen->dsts[i];

		if(code)
			tell(w, dst, origin, code, rtt_ms);
		pace = frt_pace_quicker(pace,
				frt_pace_locked(dst->rec, &dst->set->conf.probe, sim_now(w)));
	}
	frt_sched_ended(s, target, pace, sim_now(w), &w->rnd);
	for(i = s->targets[target].first; i != FRT_NONE; i = s->next_of[i])
		note_due(w, i);
}

void sim_prober_result(sim_world_t *w, const sim_event_t *ev)
{
	uint32_t target;
	uint64_t sent, now = sim_now(w);

	if(!frt_sched_answer(&w->sched, ev->id, &target))
		return;
	sent = w->sched.targets[target].sent_ms;
	ended(w, target, FRT_REMOTE, (uint16_t)ev->code,
			now > sent ? now - sent : 0);
}

static void take_ticks(sim_world_t *w)
{
	uint64_t now = sim_now(w), due;
	uint32_t i;

	while(enter(w) && frt_sched_tick_pop(&w->sched, now, &i)) {
		due = sim_tick(w, w->gen->dsts[i].rec);
		frt_sched_tick_set(&w->sched, i, due && due <= now ? now + 10 : due);
	}
}

static bool wanted(const sim_world_t *w, const frt_target_t *t)
{
	for(uint32_t i = t->first; i != FRT_NONE; i = w->sched.next_of[i]) {
		uint32_t word = atomic_load(&w->gen->dsts[i].rec->word);

		if(FRT_WORD_ADMIN(word) != FRT_MAINT)
			return true;
	}
	return false;
}

static void send(sim_world_t *w, uint32_t target, uint32_t id)
{
	const frt_target_t *t = &w->sched.targets[target];
	uint32_t addr;

	if(!wanted(w, t)) {
		ended(w, target, FRT_LOCAL, 0, 0);
		return;
	}
	addr = sim_rec_of(w->gen->dsts[t->first].rec)->addr;
	if(!w->ops->probe(w, addr, id))
		ended(w, target, FRT_TRANSPORT, 503, 0);
}

void sim_prober_run(sim_world_t *w)
{
	uint32_t target, id;

	if(!enter(w))
		return;
	take_kicks(w);
	while(frt_sched_overdue(&w->sched, sim_now(w), &target))
		ended(w, target, FRT_LOCAL, 408, 0);
	take_ticks(w);
	while(frt_sched_fly(&w->sched, sim_now(w), &target, &id))
		send(w, target, id);
	take_kicks(w);
}

uint64_t sim_prober_next(const sim_world_t *w)
{
	if(w->gen->seq != w->sched.seq)
		return w->probe_retry_ms;
	return frt_sched_next(&w->sched, sim_now(w));
}
