/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What people and machines around the module do: reloads, RPC commands, the
 * script's marks and quality reports, names that resolve no more, clocks that
 * jump, memory that runs out.
 */
#include "world.h"

static frt_rec_t *any_rec(sim_world_t *w)
{
	return w->gen->dsts[sim_draw(w, w->gen->ndsts)].rec;
}

static void report(
		sim_world_t *w, frt_rec_t *rec, frt_source_t source, bool good)
{
	frt_obs_t obs = {
			.source = source, .verdict = good ? FRT_V_OK : FRT_V_STRONG};

	sim_say(w, "%s says %s of %s/%s", frt_source_name(source),
			good ? "good" : "bad", rec->set.s, rec->id.s);
	sim_observe(w, rec, &obs);
}

static void admin(sim_world_t *w)
{
	frt_rec_t *rec = any_rec(w);
	frt_admin_t to =
			sim_chance(w, 60) ? FRT_READY : (frt_admin_t)(1 + sim_draw(w, 2));

	sim_say(w, "operator: %s/%s %s", rec->set.s, rec->id.s, frt_admin_name(to));
	sim_admin(w, rec, to);
}

/* Several in a row: it takes fall of them. */
static void quality(sim_world_t *w)
{
	frt_rec_t *rec = any_rec(w);
	bool good = sim_chance(w, 40);
	uint32_t n = 1 + sim_draw(w, 5);

	while(n-- > 0)
		report(w, rec, FRT_QUALITY, good);
}

static void reload(sim_world_t *w)
{
	sim_spec_t was = world_of(w)->spec;
	int err;

	sim_spec_change(w);
	if(sim_chance(w, 10))
		world_of(w)->fail_in = 1 + sim_draw(w, 60);
	err = sim_spec_load(w);
	world_of(w)->fail_in = 0;
	if(err)
		world_of(w)->spec = was;
	sim_say(w, "reload: %s, generation %u", frt_err_name(err), w->gen->seq);
}

/* The machine slept, or its clock was set. */
static void jump(sim_world_t *w)
{
	uint32_t by = sim_chance(w, 50) ? sim_draw(w, 2000) : sim_draw(w, 400000);
	sim_rec_t *r;

	if(sim_chance(w, 50) || sim_now(w) < by + 1000) {
		w->skew += by;
		sim_say(w, "the clock jumps forward by %u ms", by);
	} else {
		w->skew -= by;
		world_of(w)->back_ms += by;
		for(r = w->recs; r; r = r->next) {
			known_t *k = known(&r->rec);

			k->quiet_ms = k->quiet_ms > by ? k->quiet_ms - by : 0;
			k->refused_ms = k->refused_ms > by ? k->refused_ms - by : 0;
		}
		sim_say(w, "the clock jumps back by %u ms", by);
	}
}

void sim_operator_act(sim_world_t *w)
{
	uint32_t what = sim_draw(w, 100);

	if(what < 30)
		reload(w);
	else if(what < 55)
		admin(w);
	else if(what < 70)
		report(w, any_rec(w), FRT_OPERATOR, sim_chance(w, 55));
	else if(what < 82)
		quality(w);
	else if(what < 92)
		report(w, any_rec(w), sim_chance(w, 50) ? FRT_RESOLVE : FRT_REGISTER,
				sim_chance(w, 60));
	else
		jump(w);
}

void sim_operator_heal(sim_world_t *w)
{
	sim_truth_heal(w);
	/* Wednesday 03:00, when every window is open, a little later; the
	 * sets' windows are open for at least ten minutes from then on */
	w->week_min =
			(uint32_t)((3 * 1440 + 180 + 7 * 1440 - w->t / 60000 % (7 * 1440))
					   % (7 * 1440));
	for(uint32_t i = 0; i < w->gen->ndsts; i++) {
		frt_rec_t *rec = w->gen->dsts[i].rec;

		report(w, rec, FRT_RESOLVE, true);
		report(w, rec, FRT_REGISTER, true);
		if(!sim_chance(w, 10))
			report(w, rec, FRT_OPERATOR, true);
		if(!sim_chance(w, 10))
			sim_admin(w, rec, FRT_READY);
	}
}
