/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A world from its seed to its end: what happens next, and the phases. First
 * everything may break; then all is mended, and whatever is ready must come
 * back; then the calls end, and nothing may be left.
 */
#include "world.h"

#include <stdio.h>

#define STUCK 10000 /* steps without time passing */

/* A call to any set, or several, and when the next one comes. */
static void calls_begin(sim_world_t *w)
{
	uint32_t burst = sim_chance(w, 3) ? 10 : 1;

	while(burst-- > 0) {
		frt_set_t *set = &w->gen->sets[sim_draw(w, w->gen->nsets)];
		int err;
		sim_call_t *call = sim_call_new(w, set, &err);

		if(!call)
			continue;
		call->invite = !sim_chance(w, 10);
		call->has_key = sim_chance(w, 50);
		call->user = sim_draw(w, SIM_USERS);
		call->plan.user = sim_chance(w, 5) ? 0 : call->user + 1;
		call->plan.key = frt_hash_mix(sim_draw(w, 50)) | 1;
		world_of(w)->ncalls++;
		if(sim_chance(w, 4))
			sim_call_hang_up(w, call, sim_draw(w, 5000));
		sim_call_go(w, call);
	}
	if(w->t < world_of(w)->end_t)
		sim_later(w, SIM_CALL, 1 + sim_draw(w, 2 * world_of(w)->call_gap_ms));
}

static void own(sim_world_t *w, const sim_event_t *ev)
{
	switch(ev->kind) {
		case SIM_CALL:
			calls_begin(w);
			break;
		case SIM_CHANGE:
			if(world_of(w)->healing)
				break;
			sim_truth_change(w);
			sim_later(w, SIM_CHANGE, 500 + sim_draw(w, 20000));
			break;
		case SIM_OPERATOR:
			if(world_of(w)->healing)
				break;
			sim_operator_act(w);
			sim_later(w, SIM_OPERATOR, 500 + sim_draw(w, 15000));
			break;
		default:
			sim_say(w, "everything is mended");
			world_of(w)->healing = true;
			sim_operator_heal(w);
			break;
	}
}

/* An invariant broke: ends the world. */
static void broken(sim_world_t *w, const char *what)
{
	world_of(w)->broken = true;
	snprintf(world_of(w)->what, sizeof(world_of(w)->what), "%s", what);
	longjmp(world_of(w)->end, 1);
}

static void rec_made(sim_world_t *w, sim_rec_t *r, const frt_dst_t *dst)
{
	(void)w;
	known(&r->rec)->out = dst->admin != FRT_READY;
}

static const sim_ops_t ops = {.invite = sim_truth_invite,
		.probe = sim_hop_probe,
		.own = own,
		.broken = broken,
		.rec_made = rec_made,
		.choice = sim_check_choice,
		.attempt = sim_check_attempt,
		.budget = sim_check_budget,
		.step = sim_check_step,
		.changed = sim_check_told};

/* Runs until this time. */
static void run_until(sim_world_t *w, uint64_t end_t)
{
	uint32_t stuck = 0;
	uint64_t was = w->t;

	while(sim_step(w, end_t)) {
		sim_check_world(w);
		stuck = w->t == was ? stuck + 1 : 0;
		was = w->t;
		if(stuck > STUCK)
			sim_broken(w, "time stands still");
	}
	sim_time_set(w, end_t);
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
	return most + left + world_of(w)->back_ms;
}

static void world_begin(sim_world_t *w, uint64_t seed)
{
	world_of(w)->seed = seed;
	w->ops = &ops;
	w->sloppy = true;
	w->rec_size = sizeof(known_t);
	w->set_rec_size = sizeof(known_set_t);
	w->hops = world_of(w)->hops;
	w->max_calls = SIM_CALLS;
	w->linger_ms = 5000;
	sim_init(w);
	w->fate.state = frt_hash_mix(seed + 1);
	w->rnd.state = frt_hash_mix(w->fate.state);
	w->skew = 1 + sim_draw(w, sim_chance(w, 20) ? 1000 : 1000000);
	w->week_min = sim_draw(w, 7 * 1440);
	w->probing = sim_chance(w, 90);
	world_of(w)->call_gap_ms = 50 + sim_draw(w, 1500);
	sim_spec_make(w);
	sim_truth_make(w);
	frt_sched_init(
			&w->sched, &w->mem, sim_chance(w, 90) ? 1000 : 5, w->probing);
	if(sim_spec_load(w) != 0)
		sim_broken(w, "the first load failed");
	world_of(w)->nreloads = 0;
}

void sim_world_run(world_t *world, uint64_t seed)
{
	sim_world_t *w = &world->sim;
	uint64_t length = 20000, recovery;

	world_begin(w, seed);
	length += sim_draw(w, 160000);
	world_of(w)->end_t = UINT64_MAX;
	sim_later(w, SIM_CALL, 0);
	sim_later(w, SIM_CHANGE, sim_draw(w, 20000));
	sim_later(w, SIM_OPERATOR, sim_draw(w, 20000));
	sim_later(w, SIM_HEAL, length);
	run_until(w, length + 1);
	world_of(w)->call_gap_ms = 2000;
	recovery = recovery_ms(w);
	run_until(w, w->t + recovery);
	sim_check_recovered(w);
	world_of(w)->end_t = w->t;
	while(sim_next_t(w) != UINT64_MAX)
		run_until(w, sim_next_t(w) + 1);
	sim_check_quiet(w);
}
