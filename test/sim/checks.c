/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What must hold of each choice and of each step of the health machine.
 */
#include "checks.h"
#include "frt_panic.h"

#include <string.h>

/* --- choices ----------------------------------------------------------------- */

static bool was_tried(const sim_choice_t *c, const frt_rec_t *rec)
{
	for(uint32_t i = 0; i < c->ntried; i++) {
		if(frt_str_eq(c->tried[i]->id, rec->id)
				&& frt_str_eq(c->tried[i]->set, rec->set))
			return true;
	}
	return false;
}

/* The clocks that the machine was told may be some ms older than ours. */
#define CLOCK_MS 20

/* It asked to be left alone, and nobody has said otherwise; for sure, or,
 * with doubts about clocks, perhaps. */
static bool quiet(sim_world_t *w, const frt_rec_t *rec, bool perhaps)
{
	const known_t *r = known((frt_rec_t *)rec);

	return sim_now(w) < (perhaps ? r->peace_ms : r->quiet_ms);
}

static uint64_t tier_weight(const frt_set_t *set, uint32_t t)
{
	uint64_t sum = 0;

	for(uint32_t i = set->tiers[t].first; i < set->tiers[t].end; i++)
		sum += sim_weight(&set->dsts[i]);
	return sum;
}

static uint64_t set_weight(const frt_set_t *set)
{
	uint64_t sum = 0;

	for(uint32_t t = 0; t < set->ntiers; t++)
		sum += tier_weight(set, t);
	return sum;
}

static bool panic_allows(sim_world_t *w, const frt_dst_t *dst, bool perhaps)
{
	uint32_t word = atomic_load(&dst->rec->word);

	return dst->set->conf.panic && FRT_WORD_ADMIN(word) == FRT_READY
		   && !FRT_WORD_FULL(word)
		   && !(FRT_WORD_FLAGS(word) & 1u << FRT_OPERATOR)
		   && !quiet(w, dst->rec, perhaps);
}

/* Nothing was chosen: was there nothing? */
static void check_nothing(sim_world_t *w, const sim_choice_t *c)
{
	uint64_t weight = set_weight(c->set);

	for(uint32_t i = 0; i < c->set->ndsts; i++) {
		const frt_dst_t *dst = &c->set->dsts[i];

		if(was_tried(c, dst->rec))
			continue;
		/* max-cps is known by its own count only when it refuses */
		if(sim_weight(dst) > 0 && !(c->err == FRT_E_FULL && dst->max_cps))
			sim_broken(w, "%s/%s: usable, untried, and not chosen (%s)",
					dst->rec->set.s, dst->rec->id.s, frt_err_name(c->err));
		if(weight == 0 && c->err != FRT_E_FULL && panic_allows(w, dst, true))
			sim_broken(w, "%s/%s: not tried in panic (%s)", dst->rec->set.s,
					dst->rec->id.s, frt_err_name(c->err));
	}
}

/* How many calls has it had within the last second, by the clock and truly?
 * A clock that was set back comes by old moments once more. */
static uint32_t lately(const sim_world_t *w, const known_t *r)
{
	uint64_t now = sim_now(w);
	uint32_t n = 0;

	for(uint32_t i = 0; i < SIM_BEGUN; i++)
		n += r->begun_ms[i] && now < r->begun_ms[i] + 1000
			 && w->t < r->begun_t[i] + 1000;
	return n;
}

/* Is it at its max-cps? After the clock was set back, perhaps. */
static bool rate_used_up(const sim_world_t *w, const frt_dst_t *dst)
{
	return dst->max_cps
		   && (lately(w, known(dst->rec)) >= dst->max_cps
				   || sim_now(w) < world_of(w)->high_ms + 1000);
}

/* A better tier is passed over: because none of it is usable, heard and
 * untried, or because it has lost more than 1.4 makes up for. */
static void check_tier(sim_world_t *w, const sim_choice_t *c, uint32_t t)
{
	const frt_tier_t *tier = &c->set->tiers[t];
	uint64_t weight = tier_weight(c->set, t), left = 0, ready = 0;

	for(uint32_t i = tier->first; i < tier->end; i++) {
		const frt_dst_t *dst = &c->set->dsts[i];
		uint32_t word = atomic_load(&dst->rec->word);

		if(!was_tried(c, dst->rec) && !rate_used_up(w, dst)
				&& !frt_passed_over(dst, sim_now(w)))
			left += sim_weight(dst);
		if(FRT_WORD_FULL(word) && sim_usable(word))
			weight += frt_dst_full(dst);
		if(FRT_WORD_ADMIN(word) == FRT_READY)
			ready += frt_dst_full(dst);
	}
	if(left == 0)
		return;
	if(!c->set->conf.spill)
		sim_broken(w, "%s/%s: chosen, though priority %u is usable",
				c->dst->rec->set.s, c->dst->rec->id.s, tier->priority);
	/* reckoned in permille, so a permille of doubt */
	if(weight / 1000 * 1400 > ready + ready / 500)
		sim_broken(w, "%s/%s: chosen, though priority %u needs no spill",
				c->dst->rec->set.s, c->dst->rec->id.s, tier->priority);
}

/* One that has fallen silent is chosen only where no other can be. */
static void check_heard(sim_world_t *w, const sim_choice_t *c)
{
	if(!frt_passed_over(c->dst, sim_now(w)))
		return;
	for(uint32_t i = 0; i < c->set->ndsts; i++) {
		const frt_dst_t *dst = &c->set->dsts[i];

		if(dst != c->dst && sim_weight(dst) > 0 && !was_tried(c, dst->rec)
				&& !rate_used_up(w, dst) && !frt_passed_over(dst, sim_now(w)))
			sim_broken(w, "%s/%s: chosen although silent, and %s/%s is not",
					c->dst->rec->set.s, c->dst->rec->id.s, dst->rec->set.s,
					dst->rec->id.s);
	}
}

static void check_panic(sim_world_t *w, const sim_choice_t *c)
{
	if(set_weight(c->set) > 0)
		sim_broken(w, "%s/%s: panic, though something is usable",
				c->dst->rec->set.s, c->dst->rec->id.s);
	if(!panic_allows(w, c->dst, false))
		sim_broken(w, "%s/%s: not for panic to try", c->dst->rec->set.s,
				c->dst->rec->id.s);
}

void sim_check_choice(sim_world_t *w, const sim_choice_t *c)
{
	const frt_rec_t *rec = c->dst ? c->dst->rec : NULL;
	uint32_t word;

	if(!rec) {
		check_nothing(w, c);
		return;
	}
	word = atomic_load(&rec->word);
	if(FRT_WORD_ADMIN(word) != FRT_READY)
		sim_broken(w, "%s/%s: a new call, though %s", rec->set.s, rec->id.s,
				frt_admin_name(FRT_WORD_ADMIN(word)));
	if(was_tried(c, rec))
		sim_broken(w, "%s/%s: twice in one call", rec->set.s, rec->id.s);
	if(!c->set->conf.shadow && quiet(w, rec, false))
		sim_broken(w, "%s/%s: tried within its Retry-After", rec->set.s,
				rec->id.s);
	if(c->panic) {
		check_panic(w, c);
		return;
	}
	if(sim_weight(c->dst) == 0)
		sim_broken(w, "%s/%s: chosen without weight", rec->set.s, rec->id.s);
	check_heard(w, c);
	for(uint32_t t = 0; t < c->dst->tier; t++)
		check_tier(w, c, t);
	world_of(w)->nlower += c->dst->tier > 0;
}

/* max-calls at once, and max-cps in any second. */
static void check_caps(sim_world_t *w, const frt_dst_t *dst)
{
	known_t *r = known(dst->rec);

	if(dst->set->conf.shadow)
		return;
	if(dst->max_calls && atomic_load(&r->base.rec.calls) > dst->max_calls)
		sim_broken(w, "%s/%s: %u calls at once, max-calls is %u", r->base.set,
				r->base.id, atomic_load(&r->base.rec.calls), dst->max_calls);
	if(dst->max_cps == 0)
		return;
	if(sim_now(w) >= world_of(w)->high_ms && lately(w, r) >= dst->max_cps)
		sim_broken(w, "%s/%s: %u calls in a second, max-cps is %u", r->base.set,
				r->base.id, lately(w, r) + 1, dst->max_cps);
	r->begun_ms[r->nbegun % SIM_BEGUN] = sim_now(w);
	r->begun_t[r->nbegun++ % SIM_BEGUN] = w->t;
}

void sim_check_attempt(
		sim_world_t *w, const frt_dst_t *dst, const frt_attempt_t *a)
{
	known_t *r = known(a->rec);
	uint32_t word = atomic_load(&a->rec->word);

	world_of(w)->npanics += a->panic;
	check_caps(w, dst);
	if(dst->set->conf.shadow || a->panic)
		return;
	if(sim_now(w) < r->refused_ms)
		sim_broken(w, "%s/%s: a call within its hold", r->base.set, r->base.id);
	if(FRT_WORD_HEALTH(word) == FRT_TRIAL
			&& (!a->token || !FRT_WORD_BUSY(word)))
		sim_broken(w, "%s/%s: a call on trial without the token", r->base.set,
				r->base.id);
	if(FRT_WORD_HEALTH(word) != FRT_TRIAL && a->token)
		sim_broken(w, "%s/%s: a token, and no trial", r->base.set, r->base.id);
}

/* --- retry budget -------------------------------------------------------------- */

static int64_t bucket(uint32_t min)
{
	uint64_t retries = 10ull * min;

	return (int64_t)(retries < 60 ? 60 : retries) * 1000;
}

void sim_check_budget(sim_world_t *w, const frt_set_t *set, bool retry)
{
	known_set_t *s = (known_set_t *)set->rec;
	const frt_set_conf_t *c = &set->conf;
	uint64_t now = sim_now(w);

	if(!s->filled_ms || s->pct != c->retry_pct || s->min != c->retry_min)
		s->retries = bucket(c->retry_min);
	else if(now > s->filled_ms)
		s->retries += (int64_t)((now - s->filled_ms) * c->retry_min);
	s->filled_ms = now;
	s->pct = c->retry_pct;
	s->min = c->retry_min;
	s->retries += retry ? -1000 : 10 * (int64_t)c->retry_pct;
	if(s->retries > bucket(c->retry_min))
		s->retries = bucket(c->retry_min);
	if(s->retries < 0)
		sim_broken(w, "%s: more retries than the budget has", s->base.id);
}

/* --- steps of the machine -------------------------------------------------------- */

static bool is_obs(const frt_obs_t *obs, frt_source_t source, bool ok)
{
	return obs && obs->source == source && (obs->verdict == FRT_V_OK) == ok;
}

/* Whose word may clear this flag? */
static bool may_clear(const sim_step_t *s, frt_source_t flag)
{
	if(is_obs(s->obs, flag, true))
		return flag != FRT_TRAFFIC || s->obs->trial;
	if(flag == FRT_PROBE)
		return !s->rules->probe->enabled;
	/* without calls no reports come: its flag goes with the hold */
	return flag == FRT_QUALITY && FRT_WORD_HEALTH(s->before) == FRT_DOWN
		   && s->dst->rec->h.seen_ms >= s->dst->rec->h.hold_until_ms;
}

/* And set it? A failed probe may confirm what calls have shown. */
static bool may_set(const sim_step_t *s, frt_source_t flag)
{
	return is_obs(s->obs, flag, false)
		   || (flag == FRT_TRAFFIC && is_obs(s->obs, FRT_PROBE, false));
}

static void check_flags(sim_world_t *w, const sim_step_t *s, uint32_t after)
{
	uint32_t was = FRT_WORD_FLAGS(s->before), is = FRT_WORD_FLAGS(after);
	const frt_rec_t *rec = s->dst->rec;

	for(uint32_t f = 0; f < frt_source_count; f++) {
		if((was & ~is & 1u << f) && !may_clear(s, (frt_source_t)f))
			sim_broken(w, "%s/%s: the flag of %s was cleared by %s", rec->set.s,
					rec->id.s, frt_source_name((frt_source_t)f),
					s->obs ? frt_source_name(s->obs->source) : "time");
		if((is & ~was & 1u << f) && !may_set(s, (frt_source_t)f))
			sim_broken(w, "%s/%s: the flag of %s was set by %s", rec->set.s,
					rec->id.s, frt_source_name((frt_source_t)f),
					s->obs ? frt_source_name(s->obs->source) : "time");
	}
}

/* What an attempt with the trial's token leads to. */
static void check_trial(sim_world_t *w, const sim_step_t *s, uint32_t after)
{
	const frt_rec_t *rec = s->dst->rec;
	frt_health_t is = FRT_WORD_HEALTH(after);

	if(!s->obs || s->obs->source != FRT_TRAFFIC || !s->obs->trial
			|| FRT_WORD_HEALTH(s->before) != FRT_TRIAL
			|| s->obs->trial != s->h.spell)
		return;
	if(s->obs->verdict == FRT_V_OK) {
		if(is != FRT_UP && is != FRT_RAMP && !FRT_WORD_FLAGS(after))
			sim_broken(w, "%s/%s: its trial call was good, and it is %s",
					rec->set.s, rec->id.s, frt_health_name(is));
		if(!s->obs->invite && s->h.reason.invite && is != FRT_TRIAL)
			sim_broken(w,
					"%s/%s: it refused calls, and another method made it "
					"%s",
					rec->set.s, rec->id.s, frt_health_name(is));
	} else if(s->obs->verdict != FRT_V_IGNORE && is != FRT_DOWN) {
		sim_broken(w, "%s/%s: its trial call failed, and it is %s", rec->set.s,
				rec->id.s, frt_health_name(is));
	}
}

/* max-eject: calls may take out the first of a tier, and more only within its
 * share or where a later tier can take the load. */
static void check_cap(sim_world_t *w, const sim_step_t *s)
{
	const frt_dst_t *dst = s->dst;
	const frt_tier_t *tier = &dst->set->tiers[dst->tier];
	uint64_t ready = atomic_load(&tier->ready);
	frt_why_t why = dst->rec->h.reason.why;
	uint32_t t = dst->tier + 1;

	if(why != FRT_WHY_STRONG && why != FRT_WHY_RATE && why != FRT_WHY_STRICT)
		return;
	if(s->ejected == 0
			|| (s->ejected + frt_dst_full(dst)) * 100
					   <= ready * dst->set->conf.health.max_eject_pct)
		return;
	while(t < dst->set->ntiers && tier_weight(dst->set, t) == 0)
		t++;
	if(t == dst->set->ntiers)
		sim_broken(w, "%s/%s: down beyond max-eject", dst->rec->set.s,
				dst->rec->id.s);
}

static void check_down(sim_world_t *w, const sim_step_t *s)
{
	known_t *r = known(s->dst->rec);
	const frt_health_rec_t *h = &r->base.rec.h;
	const frt_health_conf_t *conf = &s->dst->set->conf.health;
	uint64_t hold = h->hold_until_ms ? h->hold_until_ms - h->since_ms : 0;
	uint64_t least = conf->hold_ms;
	uint64_t most = conf->hold_max_ms + conf->hold_max_ms / 10 + 1;

	if(h->reason.why == FRT_WHY_OPERATOR)
		least = most = 0;
	else if(h->reason.why == FRT_WHY_BLACKOUT)
		least = most = s->obs->blackout_ms;
	if(hold < least || hold > most)
		sim_broken(w, "%s/%s: a hold of %llu ms, should be %llu to %llu",
				r->base.set, r->base.id, (unsigned long long)hold,
				(unsigned long long)least, (unsigned long long)most);
	if(h->due_ms == 0)
		sim_broken(w, "%s/%s: a hold that nobody will end", r->base.set,
				r->base.id);
	r->refused_ms = h->hold_until_ms;
	check_cap(w, s);
}

/* Is a failback window open? By walking the minutes back to its beginning. */
static bool in_window(const frt_health_conf_t *conf, uint32_t week_min)
{
	for(uint32_t i = 0; i < conf->nwindows; i++) {
		const frt_window_t *win = &conf->windows[i];
		uint32_t length = (win->to_min + 1440u - win->from_min) % 1440;

		if(win->to_min == win->from_min + 1440)
			length = 1440;
		for(uint32_t ago = 0; ago < length; ago++) {
			uint32_t m = (week_min + 7 * 1440 - ago) % (7 * 1440);

			if(m % 1440 == win->from_min
					&& (win->days == 0 || win->days >> m / 1440 & 1))
				return true;
		}
	}
	return conf->nwindows == 0;
}

/* Leaving down: not before the hold's end, but for the operator's word and a
 * good call in panic; nor while others carry the load and it is no time for
 * it. */
static void check_return(sim_world_t *w, const sim_step_t *s)
{
	known_t *r = known(s->dst->rec);
	const frt_health_conf_t *conf = s->rules->health;
	uint64_t now = r->base.rec.h.seen_ms, since = r->clear_ms;

	r->refused_ms = 0;
	if(is_obs(s->obs, FRT_OPERATOR, true) || is_obs(s->obs, FRT_TRAFFIC, true)
			|| world_of(w)->back_ms > 0)
		return;
	if(now < s->h.hold_until_ms)
		sim_broken(w, "%s/%s: back before its hold was over", r->base.set,
				r->base.id);
	if(s->rules->needed)
		return;
	if(!in_window(conf, s->rules->week_min))
		sim_broken(w, "%s/%s: back while its window is closed", r->base.set,
				r->base.id);
	if(conf->failback_delay_ms > SIM_SOON_MS
			&& now + SIM_SOON_MS < since + conf->failback_delay_ms)
		sim_broken(w, "%s/%s: back after %llu ms, failback-delay is %u",
				r->base.set, r->base.id, (unsigned long long)(now - since),
				conf->failback_delay_ms);
	if(conf->failback_delay_ms > SIM_SOON_MS && since == 0)
		sim_broken(w, "%s/%s: back at once in spite of failback-delay",
				r->base.set, r->base.id);
}

/* What leads from where to where, at all. */
static bool legal(frt_health_t from, frt_health_t to)
{
	static const uint8_t to_of[frt_health_count] = {
			[FRT_UP] = 1u << FRT_DOWN,
			[FRT_DOWN] = 1u << FRT_TRIAL | 1u << FRT_RAMP | 1u << FRT_UP,
			[FRT_TRIAL] = 1u << FRT_DOWN | 1u << FRT_RAMP | 1u << FRT_UP,
			[FRT_RAMP] = 1u << FRT_DOWN | 1u << FRT_UP,
	};

	return to_of[from] & 1u << to;
}

void sim_check_told(
		sim_world_t *w, const frt_dst_t *dst, const frt_transition_t *tr)
{
	known_t *r = known(dst->rec);
	int told = frt_health_told(tr);

	if(told == 0)
		return;
	if(r->out == (told < 0))
		sim_broken(w, "%s/%s: told twice in a row that it is %s", r->base.set,
				r->base.id, told < 0 ? "down" : "up");
	r->out = told < 0;
}

static void check_change(sim_world_t *w, const sim_step_t *s, uint32_t after)
{
	const frt_rec_t *rec = s->dst->rec;
	frt_health_t from = FRT_WORD_HEALTH(s->before);
	frt_health_t to = FRT_WORD_HEALTH(after);

	if((s->change == FRT_CHANGED) != (from != to))
		sim_broken(w, "%s/%s: %s to %s, and the step says otherwise",
				rec->set.s, rec->id.s, frt_health_name(from),
				frt_health_name(to));
	if(from == to)
		return;
	sim_say(w, "%s/%s: %s -> %s (%s)", rec->set.s, rec->id.s,
			frt_health_name(from), frt_health_name(to),
			frt_why_name(rec->h.reason.why));
	if(!legal(from, to) || s->tr->from != from || s->tr->to != to)
		sim_broken(w, "%s/%s: from %s to %s", rec->set.s, rec->id.s,
				frt_health_name(from), frt_health_name(to));
	if(to == FRT_DOWN)
		check_down(w, s);
	else if(from == FRT_DOWN)
		check_return(w, s);
	world_of(w)->ndowns += to == FRT_DOWN;
	world_of(w)->ntrials += to == FRT_TRIAL;
	world_of(w)->nbacks += from == FRT_TRIAL && to != FRT_DOWN;
}

void sim_check_step(sim_world_t *w, const sim_step_t *s)
{
	known_t *r = known(s->dst->rec);
	uint32_t after = atomic_load(&r->base.rec.word);
	const frt_obs_t *obs = s->obs;
	uint64_t until;

	check_flags(w, s, after);
	check_trial(w, s, after);
	check_change(w, s, after);
	/* its wait for the return begins anew */
	if(is_obs(obs, FRT_PROBE, false))
		r->clear_ms = r->recovered_ms = 0;
	if(is_obs(obs, FRT_OPERATOR, true))
		r->quiet_ms = r->peace_ms = r->refused_ms = 0;
	if(obs && obs->verdict == FRT_V_BLACKOUT) {
		/* the step's clock may have been read a little before */
		until = sim_now(w) + obs->blackout_ms - CLOCK_MS;
		if(until > r->quiet_ms)
			r->quiet_ms = until;
		/* so far a record's time may be ahead of a clock set back */
		until += 2 * CLOCK_MS + (sim_now(w) < world_of(w)->high_ms ? 1000 : 0);
		if(until > r->peace_ms)
			r->peace_ms = until;
	}
}
