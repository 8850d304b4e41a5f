/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Evidence in, change out: sense, decide, act, in this order and with the
 * record's lock only around the middle.
 */
#include "frt_compat.h"
#include "frt_flight.h"
#include "frt_observe.h"
#include "frt_stats.h"
#include "frt_wake.h"
#include "engine/frt_rules.h"

#include <time.h>

/* Local time, as failback windows have it: minutes since Sunday 00:00. By the
 * clock on the wall, so that a window stays where it is when summer time comes
 * and goes: what is inside the hour left out does not open that day, and what
 * is inside the hour repeated opens twice. */
static uint16_t week_minute(void)
{
	time_t now = (time_t)(frt_wall_ms() / 1000);
	struct tm tm;

	if(!localtime_r(&now, &tm))
		return 0;
	return (uint16_t)(tm.tm_wday * 1440 + tm.tm_hour * 60 + tm.tm_min);
}

void frt_observe_rules(const frt_dst_t *dst, frt_health_rules_t *rules)
{
	frt_rules_of(dst, frt_params()->probing,
			dst->set->conf.health.nwindows ? week_minute() : (uint16_t)0,
			rules);
}

/* What follows from a change, with no lock held. */
static void follow_up(const frt_dst_t *dst, frt_source_t source,
		frt_change_t change, const frt_transition_t *tr, bool due_moved)
{
	if(change != FRT_UNCHANGED)
		frt_table_weigh(dst->rec);
	if(change == FRT_CHANGED) {
		frt_stats_count(FRT_STAT_TRANSITIONS);
		frt_event_transition(dst, tr);
	} else if(tr->panic) {
		frt_event_panic(dst, source);
	}
	if((tr->shed_from == 0) != (tr->shed_to == 0))
		frt_event_shed(dst, tr);
	if(change == FRT_CHANGED && tr->to == FRT_DOWN && tr->from != FRT_DOWN) {
		if(!dst->set->conf.shadow)
			frt_flight_down(dst->rec);
		/* its first trial is not to wait longer than it was waited for */
		if(tr->from != FRT_TRIAL)
			frt_act_calm(dst->rec);
	}
	if(due_moved)
		frt_wake_kick(dst->rec, FRT_KICK_TICK);
}

/* A failure seen by a call is checked by a probe at once. */
static bool wants_probe(const frt_obs_t *obs)
{
	return obs->source == FRT_TRAFFIC
		   && (obs->verdict == FRT_V_STRONG || obs->verdict == FRT_V_WEAK);
}

void frt_observe(frt_rec_t *rec, const frt_obs_t *obs)
{
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	frt_health_rules_t rules;
	frt_transition_t tr = {0};
	frt_change_t change;
	uint64_t due;
	bool moved;

	if(dst) {
		/* the script may speak of one that has had no call */
		if(obs->source == FRT_TRAFFIC)
			frt_table_act(rec);
		frt_observe_rules(dst, &rules);
		frt_rec_lock(rec);
		due = rec->h.due_ms;
		change = frt_health_observe_locked(
				rec, &rules, obs, frt_now_ms(), frt_random(), &tr);
		moved = rec->h.due_ms != due && rec->h.due_ms != 0;
		frt_rec_unlock(rec);
		follow_up(dst, obs->source, change, &tr, moved);
		if(wants_probe(obs) && dst->set->conf.probe.enabled)
			frt_wake_kick(rec, FRT_KICK_PROBE);
	}
	frt_table_leave();
}

uint64_t frt_observe_due_locked(const frt_rec_t *rec)
{
	uint64_t health = rec->h.due_ms, oc = frt_act_seen(rec)->oc.due_ms;

	return oc != 0 && (health == 0 || oc < health) ? oc : health;
}

void frt_observe_oc(frt_rec_t *rec, const frt_oc_said_t *said)
{
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	frt_act_t *act = frt_act(rec);
	frt_oc_change_t change;
	uint64_t was;
	bool sooner;

	if(dst && act && dst->set->conf.overload) {
		frt_rec_lock(rec);
		was = act->oc.due_ms;
		change = frt_oc_told_locked(&act->oc, said,
				dst->set->conf.health.hold_max_ms, frt_now_ms());
		/* a tick that comes too soon finds out by itself */
		sooner = act->oc.due_ms != 0 && (was == 0 || act->oc.due_ms < was);
		frt_rec_unlock(rec);
		if(change == FRT_OC_BEGUN)
			frt_event_overload(dst, said->loss);
		if(sooner)
			frt_wake_kick(rec, FRT_KICK_TICK);
	}
	frt_table_leave();
}

uint64_t frt_observe_tick(frt_rec_t *rec)
{
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	frt_health_rules_t rules;
	frt_transition_t tr = {0};
	frt_act_t *act = frt_act(rec);
	frt_oc_change_t oc = FRT_OC_SAME;
	frt_change_t change;
	uint64_t due = 0;

	if(dst) {
		frt_observe_rules(dst, &rules);
		frt_rec_lock(rec);
		change = frt_health_tick_locked(
				rec, &rules, frt_now_ms(), frt_random(), &tr);
		if(act)
			oc = frt_oc_tick_locked(&act->oc, frt_now_ms());
		due = frt_observe_due_locked(rec);
		frt_rec_unlock(rec);
		/* the caller has the new due time: no kick */
		follow_up(dst, FRT_TRAFFIC, change, &tr, false);
		if(oc == FRT_OC_OVER)
			frt_event_overload(dst, 0);
	}
	frt_table_leave();
	return due;
}

bool frt_observe_admin(frt_rec_t *rec, frt_admin_t admin)
{
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	frt_transition_t tr = {0};
	frt_change_t change = FRT_UNCHANGED;
	uint64_t due;
	bool moved;

	if(dst) {
		frt_rec_lock(rec);
		due = rec->h.due_ms;
		change = frt_health_admin_locked(rec, admin, frt_now_ms(), &tr);
		/* it does, where a clock was set back */
		moved = rec->h.due_ms != due;
		frt_rec_unlock(rec);
		follow_up(dst, FRT_OPERATOR, change, &tr, moved);
		if(change == FRT_CHANGED && tr.admin_from == FRT_MAINT
				&& dst->set->conf.probe.enabled)
			frt_wake_kick(rec, FRT_KICK_PROBE);
	}
	frt_table_leave();
	return change == FRT_CHANGED;
}

bool frt_observe_take(frt_rec_t *rec, uint8_t *token)
{
	frt_health_t health = FRT_WORD_HEALTH(atomic_load(&rec->word));
	bool ok;

	*token = 0;
	/* nearly always: no trial, no panic, no lock */
	if(health == FRT_UP || health == FRT_RAMP)
		return true;
	frt_rec_lock(rec);
	ok = frt_health_trial_take_locked(rec, token);
	frt_rec_unlock(rec);
	if(*token)
		frt_table_weigh(rec);
	return ok;
}

void frt_observe_release(frt_rec_t *rec, uint8_t token)
{
	frt_rec_lock(rec);
	frt_health_trial_release_locked(rec, token);
	frt_rec_unlock(rec);
	frt_table_weigh(rec);
}
