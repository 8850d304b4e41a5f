/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A world from its seed to its end: what happens next, and the phases. First
 * everything may break; then all is mended, and whatever is ready must come
 * back; then the calls end, and nothing may be left.
 */
#include "sim.h"

#include <stdlib.h>
#include <string.h>

#define STUCK 10000 /* steps without time passing */

FRT_ENUM_DEFINE(sim_kind, SIM_EVENTS)

static bool before(const sim_event_t *a, const sim_event_t *b)
{
	return a->t != b->t ? a->t < b->t : a->seq < b->seq;
}

/* Moves the last event to where it belongs. */
static uint32_t place(sim_world_t *w)
{
	sim_event_t *e = w->events, moved;
	uint32_t i = w->nevents - 1;

	while(i > 0 && before(&e[i], &e[(i - 1) / 2])) {
		moved = e[i];
		e[i] = e[(i - 1) / 2];
		e[(i - 1) / 2] = moved;
		i = (i - 1) / 2;
	}
	return i;
}

sim_event_t *sim_later(sim_world_t *w, sim_kind_t kind, uint64_t in_ms)
{
	sim_event_t ev = {.t = w->t + in_ms, .kind = kind};

	if(w->nevents == w->room) {
		w->room = w->room ? 2 * w->room : 256;
		w->events = realloc(w->events, w->room * sizeof(*w->events));
		if(!w->events)
			abort();
	}
	ev.seq = w->seq++;
	w->events[w->nevents++] = ev;
	/* time and age decide its place, and the caller changes neither */
	return &w->events[place(w)];
}

static void take(sim_world_t *w, sim_event_t *out)
{
	sim_event_t *e = w->events, moved;
	uint32_t i = 0, least;

	*out = e[0];
	e[0] = e[--w->nevents];
	for(;;) {
		least = 2 * i + 1;
		if(least >= w->nevents)
			return;
		if(least + 1 < w->nevents && before(&e[least + 1], &e[least]))
			least++;
		if(!before(&e[least], &e[i]))
			return;
		moved = e[i];
		e[i] = e[least];
		e[least] = moved;
		i = least;
	}
}

static void happen(sim_world_t *w, const sim_event_t *ev)
{
	switch(ev->kind) {
		case SIM_CALL:
			sim_call_new(w);
			break;
		case SIM_PROBED:
			sim_prober_result(w, ev);
			break;
		case SIM_CHANGE:
			if(w->healing)
				break;
			sim_truth_change(w);
			sim_later(w, SIM_CHANGE, 500 + sim_draw(w, 20000));
			break;
		case SIM_OPERATOR:
			if(w->healing)
				break;
			sim_operator_act(w);
			sim_later(w, SIM_OPERATOR, 500 + sim_draw(w, 15000));
			break;
		case SIM_HEAL:
			sim_say(w, "everything is mended");
			w->healing = true;
			sim_operator_heal(w);
			break;
		default:
			sim_call_event(w, ev);
			break;
	}
}

/* When the prober is to run next, in the world's time. */
static uint64_t prober_t(const sim_world_t *w)
{
	uint64_t next = sim_prober_next(w), now = sim_now(w);

	if(next == UINT64_MAX)
		return next;
	return w->t + (next > now ? next - now : 0);
}

/* Runs until this time; false if nothing is left to happen before. */
static void run_until(sim_world_t *w, uint64_t end_t)
{
	uint32_t stuck = 0;
	uint64_t was = w->t;
	sim_event_t ev;

	while(true) {
		uint64_t probe_t = prober_t(w);
		uint64_t event_t = w->nevents ? w->events[0].t : UINT64_MAX;

		if(probe_t >= end_t && event_t >= end_t)
			break;
		w->step++;
		w->t = probe_t < event_t ? probe_t : event_t;
		if(event_t <= probe_t) {
			take(w, &ev);
			happen(w, &ev);
		}
		sim_prober_run(w);
		sim_check_world(w);
		stuck = w->t == was ? stuck + 1 : 0;
		was = w->t;
		if(stuck > STUCK)
			sim_broken(w, "time stands still");
	}
	w->t = end_t;
}

/* So long may it take until everything is back. */
static uint64_t recovery_ms(const sim_world_t *w)
{
	uint64_t most = 0, left = 0;

	/* a hold may be from before a reload that shortened it */
	for(const sim_rec_t *r = w->recs; r; r = r->next) {
		uint64_t until = r->rec.h.hold_until_ms;

		if(until > sim_now(w) + left)
			left = until - sim_now(w);
	}
	for(uint32_t i = 0; i < w->gen->nsets; i++) {
		const frt_set_conf_t *c = &w->gen->sets[i].conf;
		uint64_t ms = c->health.hold_max_ms + c->health.hold_max_ms / 8
					  + c->health.failback_delay_ms + c->health.ramp_ms
					  + 2ull * c->probe.down_interval_ms
					  + 6ull * c->probe.interval_ms + c->answer_timeout_ms
					  + 20000;

		most = ms > most ? ms : most;
	}
	return most + left + w->back_ms;
}

static void world_begin(sim_world_t *w, uint64_t seed)
{
	w->seed = seed;
	w->fate.state = frt_hash_mix(seed + 1);
	w->rnd.state = frt_hash_mix(w->fate.state);
	w->skew = 1 + sim_draw(w, sim_chance(w, 20) ? 1000 : 1000000);
	w->week_min = sim_draw(w, 7 * 1440);
	w->probing = sim_chance(w, 90);
	w->call_gap_ms = 50 + sim_draw(w, 1500);
	sim_spec_make(w);
	sim_truth_make(w);
	frt_sched_init(
			&w->sched, &w->mem, sim_chance(w, 90) ? 1000 : 5, w->probing);
	if(sim_table_load(w) != 0)
		sim_broken(w, "the first load failed");
	w->nreloads = 0;
}

void sim_world_run(sim_world_t *w, uint64_t seed)
{
	uint64_t length = 20000, recovery;

	world_begin(w, seed);
	length += sim_draw(w, 160000);
	w->end_t = UINT64_MAX;
	sim_later(w, SIM_CALL, 0);
	sim_later(w, SIM_CHANGE, sim_draw(w, 20000));
	sim_later(w, SIM_OPERATOR, sim_draw(w, 20000));
	sim_later(w, SIM_HEAL, length);
	run_until(w, length + 1);
	w->call_gap_ms = 2000;
	recovery = recovery_ms(w);
	run_until(w, w->t + recovery);
	sim_check_recovered(w);
	w->end_t = w->t;
	while(w->nevents > 0)
		run_until(w, w->events[0].t + 1);
	sim_check_quiet(w);
}

void sim_world_free(sim_world_t *w)
{
	free(w->events);
	w->events = NULL;
	w->nevents = w->room = 0;
}
