/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From evidence to a change, step for step as frt_observe.c does it, and a
 * call's admission as frt_admit.c does it.
 */
#include "sim.h"
#include "frt_act.h"
#include "frt_cap.h"
#include "frt_rules.h"

void sim_rules_of(
		sim_world_t *w, const frt_dst_t *dst, frt_health_rules_t *rules)
{
	frt_rules_of(dst, w->probing,
			(uint16_t)((w->week_min + w->t / 60000) % (7 * 1440)), rules);
}

static void kick(sim_world_t *w, frt_rec_t *rec, bool probe)
{
	if(w->nkicks == SIM_KICKS)
		sim_broken(w, "too many kicks: enlarge SIM_KICKS");
	sim_rec_ref(rec);
	w->kicks[w->nkicks++] = (sim_kick_t){rec, probe};
}

static void step_begin(sim_world_t *w, const frt_dst_t *dst,
		const frt_obs_t *obs, frt_health_rules_t *rules, sim_step_t *s)
{
	sim_rules_of(w, dst, rules);
	s->dst = dst;
	s->obs = obs;
	s->rules = rules;
	if(!w->ops->step)
		return;
	s->before = atomic_load(&dst->rec->word);
	s->h = dst->rec->h;
	s->ejected = atomic_load(&dst->set->tiers[dst->tier].ejected);
}

/* follow_up() of frt_observe.c */
static void follow_up(sim_world_t *w, const sim_step_t *s, bool due_moved)
{
	const frt_dst_t *dst = s->dst;

	if(s->change != FRT_UNCHANGED)
		sim_weigh(w, dst->rec);
	if(w->ops->step)
		w->ops->step(w, s);
	if(s->change == FRT_CHANGED && w->ops->changed)
		w->ops->changed(w, dst, s->tr);
	if(s->change == FRT_CHANGED && s->tr->to == FRT_DOWN
			&& s->tr->from != FRT_DOWN) {
		if(!dst->set->conf.shadow)
			sim_call_rescue(w, dst->rec);
		if(s->tr->from != FRT_TRIAL)
			frt_act_calm(dst->rec);
	}
	if(due_moved)
		kick(w, dst->rec, false);
}

void sim_observe(sim_world_t *w, frt_rec_t *rec, const frt_obs_t *obs)
{
	frt_dst_t *dst = frt_gen_dst_of(w->gen, rec);
	frt_health_rules_t rules;
	frt_transition_t tr;
	sim_step_t s;
	uint64_t due, now = sim_now(w);

	if(!dst)
		return;
	/* the clock was read before the lock was had */
	if(w->sloppy && sim_chance(w, 5))
		now -= sim_draw(w, 10);
	step_begin(w, dst, obs, &rules, &s);
	due = rec->h.due_ms;
	s.change = frt_health_observe_locked(rec, &rules, obs, now, &w->rnd, &tr);
	s.tr = &tr;
	follow_up(w, &s, rec->h.due_ms != due && rec->h.due_ms != 0);
	if(obs->source == FRT_TRAFFIC
			&& (obs->verdict == FRT_V_STRONG || obs->verdict == FRT_V_WEAK)
			&& dst->set->conf.probe.enabled)
		kick(w, rec, true);
}

uint64_t sim_tick(sim_world_t *w, frt_rec_t *rec)
{
	frt_dst_t *dst = frt_gen_dst_of(w->gen, rec);
	frt_health_rules_t rules;
	frt_transition_t tr;
	sim_step_t s;

	if(!dst)
		return 0;
	step_begin(w, dst, NULL, &rules, &s);
	s.change = frt_health_tick_locked(rec, &rules, sim_now(w), &w->rnd, &tr);
	s.tr = &tr;
	follow_up(w, &s, false);
	return rec->h.due_ms;
}

bool sim_admin(sim_world_t *w, frt_rec_t *rec, frt_admin_t admin)
{
	frt_dst_t *dst = frt_gen_dst_of(w->gen, rec);
	frt_transition_t tr;
	frt_change_t change;
	uint64_t due;

	if(!dst)
		return false;
	due = rec->h.due_ms;
	change = frt_health_admin_locked(rec, admin, sim_now(w), &tr);
	if(rec->h.due_ms != due)
		kick(w, rec, false);
	if(change != FRT_UNCHANGED)
		sim_weigh(w, rec);
	if(change == FRT_CHANGED && w->ops->changed)
		w->ops->changed(w, dst, &tr);
	if(change == FRT_CHANGED && tr.admin_from == FRT_MAINT
			&& dst->set->conf.probe.enabled)
		kick(w, rec, true);
	return change == FRT_CHANGED;
}

static bool sim_take(sim_world_t *w, frt_rec_t *rec, uint8_t *token)
{
	frt_health_t health = FRT_WORD_HEALTH(atomic_load(&rec->word));
	bool ok;

	*token = 0;
	if(health == FRT_UP || health == FRT_RAMP)
		return true;
	ok = frt_health_trial_take_locked(rec, token);
	if(*token)
		sim_weigh(w, rec);
	return ok;
}

/* follow() of frt_admit.c */
static void follow_count(sim_world_t *w, frt_rec_t *rec)
{
	const frt_dst_t *dst = frt_gen_dst_of(w->gen, rec);

	if(dst && frt_cap_follow_locked(rec, dst->max_calls))
		sim_weigh(w, rec);
}

int sim_admit(sim_world_t *w, frt_dst_t *dst, bool panic, uint8_t *token)
{
	frt_rec_t *rec = dst->rec;
	bool shadow = dst->set->conf.shadow, moved, ok;

	*token = 0;
	ok = frt_cap_take(rec, shadow ? 0 : dst->max_calls, &moved);
	if(moved)
		follow_count(w, rec);
	if(!ok)
		return FRT_E_FULL;
	if(shadow) { /* a trial is decided by a call, and keeps no other away */
		sim_take(w, rec, token);
		return 0;
	}
	if(!sim_take(w, rec, token) && !panic) {
		sim_leave(w, rec);
		return FRT_E_BUSY;
	}
	if(dst->max_cps == 0
			|| frt_rate_take_locked(rec->rate, dst->max_cps, sim_now(w)))
		return 0;
	if(*token)
		sim_release(w, rec, *token);
	*token = 0;
	sim_leave(w, rec);
	return FRT_E_FULL;
}

void sim_leave(sim_world_t *w, frt_rec_t *rec)
{
	if(frt_cap_give(rec))
		follow_count(w, rec);
}

void sim_release(sim_world_t *w, frt_rec_t *rec, uint8_t token)
{
	frt_health_trial_release_locked(rec, token);
	sim_weigh(w, rec);
}
