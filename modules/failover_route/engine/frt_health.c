/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Health from the outside: what each source's evidence amounts to (evidence
 * and events; the table of actions is in frt_machine.c), the passing of time,
 * the operator's wish and the trial's token. Knows the record, the rules and
 * the time it is told; nothing of calls, messages or the host.
 */
#include "frt_evidence.h"
#include "frt_machine.h"

#include <string.h>

frt_obs_t frt_obs_of_probe(const frt_probe_conf_t *conf, frt_origin_t origin,
		uint16_t code, uint64_t rtt_ms)
{
	frt_obs_t obs = {.source = FRT_PROBE,
			.verdict = FRT_V_STRONG,
			.origin = origin,
			.code = code,
			.timeout_ms = conf->timeout_ms};

	if(origin == FRT_REMOTE && rtt_ms > conf->timeout_ms) {
		obs.origin = FRT_LOCAL;
		obs.code = 408;
	} else if(origin == FRT_REMOTE && frt_codes_has(&conf->ok, code)
			  && !frt_codes_has(&conf->not_ok, code)) {
		obs.verdict = FRT_V_OK;
	}
	return obs;
}

static uint32_t flag_of(frt_source_t source)
{
	return 1u << source;
}

static frt_reason_t reason_of(const frt_obs_t *obs, frt_why_t why)
{
	return (frt_reason_t){.why = why,
			.origin = obs->origin,
			.code = obs->code,
			.count = 1,
			.invite = obs->invite,
			.good = obs->verdict == FRT_V_OK,
			.timeout_ms = obs->timeout_ms};
}

#define RETURN_LOOK_MS 2000 /* how often one that may come back is looked at */

/* May it come back now? Calls are well where they are, so the return may wait
 * for a quiet time; unless there is nowhere else. Where not, the next look is
 * planned: soon, for the others may fail, and a window open, at any moment. */
static bool return_allowed(const frt_step_t *s)
{
	const frt_health_conf_t *conf = s->rules->health;
	frt_health_rec_t *h = s->h;
	uint64_t look;

	if(h->ready_ms == 0)
		h->ready_ms = frt_time_after(s->now_ms, 0);
	if(s->rules->needed || h->waived)
		return true;
	look = frt_time_after(s->now_ms, RETURN_LOOK_MS);
	h->due_ms = frt_time_after(h->ready_ms, conf->failback_delay_ms);
	if(h->due_ms <= s->now_ms) {
		if(frt_windows_open(conf->windows, conf->nwindows, s->rules->week_min))
			return true;
		h->due_ms = look;
	}
	if(h->due_ms > look)
		h->due_ms = look;
	return false;
}

/* Begins the return of a destination that is down, once nothing speaks
 * against it but what only a live call can clear. */
static void return_step(frt_step_t *s)
{
	frt_health_rec_t *h = s->h;
	const frt_probe_conf_t *probe = s->rules->probe;
	bool probed = probe->enabled && !h->blackout && !h->waived;
	frt_reason_t reason = {.why = FRT_WHY_HOLD_OVER};

	if(s->health != FRT_DOWN)
		return;
	/* Probing was turned off: nobody is left to clear this flag. */
	if(!probe->enabled)
		s->flags &= ~flag_of(FRT_PROBE);
	if(s->now_ms < h->hold_until_ms) {
		h->due_ms = frt_step_hold_due(s);
		return;
	}
	h->due_ms = 0;
	/* Without calls there are no reports: what is old says nothing. */
	if(s->flags & flag_of(FRT_QUALITY)) {
		s->flags &= ~flag_of(FRT_QUALITY);
		h->quality_bad = 0;
	}
	if((s->flags & ~flag_of(FRT_TRAFFIC)) != 0
			|| (probed && h->probe_good < frt_at_least_1(probe->rise))) {
		h->ready_ms = 0;
		return;
	}
	if(!return_allowed(s))
		return;
	if(s->flags & flag_of(FRT_TRAFFIC)) {
		frt_step_fire(s, EV_TRY, FRT_TRAFFIC, &reason, 0);
		return;
	}
	reason.good = true;
	if(probed) {
		reason.why = FRT_WHY_PROBE;
		reason.count = h->probe_good;
	}
	frt_step_fire(s, EV_RETURN, probed ? FRT_PROBE : (frt_source_t)h->source,
			&reason, 0);
}

/* profile="strict": the first of these is enough. */
static bool strict_hit(const frt_step_t *s, const frt_obs_t *obs)
{
	if(s->rules->profile != FRT_PROFILE_STRICT)
		return false;
	return obs->code == 408 || obs->code == 480 || obs->code == 503
		   || obs->code == 504;
}

static void traffic_fail(frt_step_t *s, const frt_obs_t *obs, bool token)
{
	frt_reason_t reason = reason_of(obs, FRT_WHY_TRIAL_FAIL);

	if(token) {
		frt_step_fire(s, EV_CALL_BAD, FRT_TRAFFIC, &reason, 0);
		return;
	}
	/* Late answers to calls sent before it went down prove nothing new. */
	if(s->health != FRT_UP && s->health != FRT_RAMP)
		return;
	if(strict_hit(s, obs))
		reason.why = FRT_WHY_STRICT;
	else if(!s->e
			|| !frt_evidence_enough(s->e, s->rules->health, s->now_ms, &reason))
		return;
	s->h->spared = s->rules->capped;
	if(s->rules->capped)
		return;
	s->flags |= flag_of(FRT_TRAFFIC);
	frt_step_fire(s, EV_FLAG, FRT_TRAFFIC, &reason, 0);
}

static void traffic_told(frt_step_t *s, const frt_obs_t *obs)
{
	frt_reason_t reason = reason_of(obs, FRT_WHY_BLACKOUT);

	reason.since_ms = obs->told_ms;
	if(s->health != FRT_DOWN)
		s->flags |= flag_of(FRT_TRAFFIC);
	frt_step_fire(s, EV_TOLD, FRT_TRAFFIC, &reason, obs->blackout_ms);
}

/* Brings what is shed up to date with the window, and sees that somebody looks
 * again when a slice of it goes, even without calls. */
static void shed_step(frt_step_t *s)
{
	const frt_health_conf_t *conf = s->rules->health;
	frt_health_rec_t *h = s->h;
	uint64_t due;

	if(!s->e || (s->health != FRT_UP && s->health != FRT_RAMP))
		return;
	s->shed = frt_evidence_shed(s->e, conf, s->shed, s->now_ms, &s->out->shed);
	due = s->shed ? frt_evidence_slice_end(s->e, conf->window_ms) : 0;
	/* in the ramp, its own next step may come sooner */
	if(s->health == FRT_UP || (due && due < h->due_ms))
		h->due_ms = due;
}

static void evidence_note(frt_evidence_t *e, const frt_obs_t *obs,
		uint32_t window_ms, uint64_t now_ms)
{
	frt_evidence_rotate(e, window_ms, now_ms);
	if(obs->verdict == FRT_V_OK)
		frt_evidence_ok(e, obs->invite);
	else if(obs->verdict != FRT_V_IGNORE)
		frt_evidence_fail(e, obs, window_ms, now_ms);
}

static void observe_traffic(frt_step_t *s, const frt_obs_t *obs)
{
	uint32_t window_ms = s->rules->health->window_ms;
	bool mine = obs->trial && obs->trial == s->h->spell;
	bool token = mine && s->health == FRT_TRIAL && s->busy;
	/* one good call does not undo what it asked for meanwhile */
	bool panic = mine && s->health == FRT_DOWN && obs->panic
				 && s->now_ms >= s->h->told_ms;
	frt_reason_t reason = reason_of(obs, FRT_WHY_TRIAL_OK);

	if(s->e)
		evidence_note(s->e, obs, window_ms, s->now_ms);
	switch(obs->verdict) {
		case FRT_V_OK:
			s->h->spared = 0;
			if(!token && !panic)
				break;
			/* who answers another method may still refuse calls */
			if(s->h->reason.invite && !obs->invite) {
				if(token)
					s->busy = 0;
				break;
			}
			s->flags &= ~flag_of(FRT_TRAFFIC);
			if(s->flags)
				break;
			frt_step_fire(s, EV_CALL_OK, FRT_TRAFFIC, &reason, 0);
			break;
		case FRT_V_WEAK:
		case FRT_V_STRONG:
			traffic_fail(s, obs, token);
			break;
		case FRT_V_BLACKOUT:
			traffic_told(s, obs);
			break;
		case FRT_V_IGNORE:
		default:
			if(token)
				s->busy = 0;
			return;
	}
	if(s->shed || obs->verdict != FRT_V_OK)
		shed_step(s);
}

/* A failed probe may be what the fails of calls lacked to be believed. */
static void probe_fail(frt_step_t *s, const frt_obs_t *obs)
{
	frt_health_rec_t *h = s->h;
	const frt_health_conf_t *conf = s->rules->health;
	frt_reason_t reason = reason_of(obs, FRT_WHY_PROBE);
	frt_source_t source = FRT_PROBE;

	h->probe_good = 0;
	h->ready_ms = 0;
	if(h->probe_bad < UINT16_MAX)
		h->probe_bad++;
	reason.count = h->probe_bad;
	if(h->probe_bad >= frt_at_least_1(s->rules->probe->fall))
		s->flags |= flag_of(FRT_PROBE);

	if(s->e) {
		s->e->probe_fail_ms = frt_time_after(s->now_ms, 0);
		frt_evidence_rotate(s->e, conf->window_ms, s->now_ms);
	}
	if((s->health == FRT_UP || s->health == FRT_RAMP) && !s->rules->capped
			&& s->e && frt_evidence_enough(s->e, conf, s->now_ms, &reason)) {
		s->flags |= flag_of(FRT_TRAFFIC);
		source = FRT_TRAFFIC;
	}
	if(s->flags & flag_of(source))
		frt_step_fire(s, EV_FLAG, source, &reason, 0);
}

static void observe_probe(frt_step_t *s, const frt_obs_t *obs)
{
	frt_health_rec_t *h = s->h;

	if(obs->verdict == FRT_V_IGNORE)
		return;
	if(obs->verdict != FRT_V_OK) {
		probe_fail(s, obs);
		return;
	}
	h->probe_bad = 0;
	if(h->probe_good < UINT16_MAX)
		h->probe_good++;
	if(h->probe_good >= frt_at_least_1(s->rules->probe->rise))
		s->flags &= ~flag_of(FRT_PROBE);
	return_step(s);
}

static void observe_operator(frt_step_t *s, const frt_obs_t *obs)
{
	frt_health_rec_t *h = s->h;
	frt_reason_t reason = reason_of(obs, FRT_WHY_OPERATOR);

	if(obs->verdict == FRT_V_IGNORE)
		return;
	if(obs->verdict != FRT_V_OK) {
		s->flags |= flag_of(FRT_OPERATOR);
		frt_step_fire(s, EV_OP_DOWN, FRT_OPERATOR, &reason, 0);
		return;
	}
	s->flags &= ~flag_of(FRT_OPERATOR);
	h->told_ms = 0;
	if(s->flags == 0) {
		frt_step_fire(s, EV_OP_UP, FRT_OPERATOR, &reason, 0);
		return;
	}
	if(s->health != FRT_DOWN)
		return;
	h->hold_until_ms = s->now_ms;
	if(s->flags == flag_of(FRT_TRAFFIC))
		h->waived = 1;
	return_step(s);
}

/* Reports of quality come one by one, from measurements that stray: fall and
 * rise as with live calls and probes. */
static void observe_quality(frt_step_t *s, const frt_obs_t *obs)
{
	frt_health_rec_t *h = s->h;
	frt_reason_t reason = reason_of(obs, FRT_WHY_QUALITY);

	if(obs->verdict == FRT_V_IGNORE)
		return;
	if(obs->verdict == FRT_V_OK) {
		h->quality_bad = 0;
		if(h->quality_good < UINT16_MAX)
			h->quality_good++;
		if(h->quality_good < frt_at_least_1(s->rules->probe->rise))
			return;
		s->flags &= ~flag_of(FRT_QUALITY);
		return_step(s);
		return;
	}
	h->quality_good = 0;
	if(h->quality_bad < UINT16_MAX)
		h->quality_bad++;
	reason.count = h->quality_bad;
	if(h->quality_bad < frt_at_least_1(s->rules->health->fall))
		return;
	s->flags |= flag_of(FRT_QUALITY);
	frt_step_fire(s, EV_FLAG, FRT_QUALITY, &reason, 0);
}

/* Sources whose every word counts at once: DNS, registration, a peer's
 * view. */
static void observe_plain(frt_step_t *s, const frt_obs_t *obs)
{
	static const frt_why_t whys[frt_source_count] = {
			[FRT_RESOLVE] = FRT_WHY_RESOLVE,
			[FRT_REGISTER] = FRT_WHY_REGISTER,
			[FRT_PEER] = FRT_WHY_PEER,
	};
	frt_reason_t reason = reason_of(obs, whys[obs->source]);

	if(obs->verdict == FRT_V_IGNORE)
		return;
	if(obs->verdict != FRT_V_OK) {
		s->flags |= flag_of(obs->source);
		frt_step_fire(s, EV_FLAG, obs->source, &reason, 0);
		return;
	}
	s->flags &= ~flag_of(obs->source);
	return_step(s);
}

frt_change_t frt_health_observe_locked(frt_rec_t *rec,
		const frt_health_rules_t *rules, const frt_obs_t *obs, uint64_t now_ms,
		frt_rand_t *rnd, frt_transition_t *out)
{
	frt_step_t s = {.rec = rec, .rules = rules, .rnd = rnd, .out = out};

	frt_step_begin(&s, now_ms);
	if(obs->verdict != FRT_V_OK && obs->verdict != FRT_V_IGNORE)
		atomic_store_explicit(
				&rec->failed_ms, (uint32_t)now_ms | 1, memory_order_relaxed);
	switch(obs->source) {
		case FRT_TRAFFIC:
			observe_traffic(&s, obs);
			break;
		case FRT_PROBE:
			observe_probe(&s, obs);
			break;
		case FRT_RESOLVE:
		case FRT_REGISTER:
		case FRT_PEER:
			observe_plain(&s, obs);
			break;
		case FRT_QUALITY:
			observe_quality(&s, obs);
			break;
		case FRT_OPERATOR:
			observe_operator(&s, obs);
			break;
		default:
			break;
	}
	return frt_step_end(&s);
}

frt_change_t frt_health_tick_locked(frt_rec_t *rec,
		const frt_health_rules_t *rules, uint64_t now_ms, frt_rand_t *rnd,
		frt_transition_t *out)
{
	frt_step_t s = {.rec = rec, .rules = rules, .rnd = rnd, .out = out};
	frt_reason_t over = {.why = FRT_WHY_RAMP_OVER, .good = true};

	frt_step_begin(&s, now_ms);
	if(s.health == FRT_DOWN)
		return_step(&s);
	else if(s.health != FRT_RAMP)
		s.h->due_ms = 0;
	else if(frt_time_since(s.now_ms, s.h->since_ms) >= rules->health->ramp_ms)
		frt_step_fire(&s, EV_RAMPED, (frt_source_t)s.h->source, &over, 0);
	else
		frt_step_ramp(&s);
	if(s.shed && s.e) {
		frt_evidence_rotate(s.e, rules->health->window_ms, s.now_ms);
		shed_step(&s);
	}
	return frt_step_end(&s);
}

void frt_health_init(frt_rec_t *rec, frt_admin_t admin, uint64_t now_ms)
{
	frt_health_rec_t *h = &rec->h;

	memset(h, 0, sizeof(*h));
	h->since_ms = now_ms;
	h->seen_ms = now_ms;
	h->reason.why = FRT_WHY_START;
	h->spell = 1;
	frt_word_store(rec, FRT_WORD(FRT_UP, admin, 0, 0, FRT_SHARE_FULL));
}

void frt_health_init_unresolved(
		frt_rec_t *rec, frt_admin_t admin, uint64_t now_ms)
{
	frt_health_init(rec, admin, now_ms);
	rec->h.source = FRT_RESOLVE;
	rec->h.reason.why = FRT_WHY_RESOLVE;
	frt_word_store(rec, FRT_WORD(FRT_DOWN, admin, 0, flag_of(FRT_RESOLVE), 0));
}

void frt_health_unprobed_locked(frt_rec_t *rec)
{
	rec->h.probe_good = 0;
	rec->h.probe_bad = 0;
}

frt_change_t frt_health_admin_locked(frt_rec_t *rec, frt_admin_t admin,
		uint64_t now_ms, frt_transition_t *out)
{
	uint32_t word = frt_word_load(rec);
	frt_admin_t from = FRT_WORD_ADMIN(word);
	frt_health_t health = FRT_WORD_HEALTH(word);

	frt_clock_step(rec, now_ms);
	if(from == admin)
		return FRT_UNCHANGED;
	frt_word_store(rec, FRT_WORD(health, admin, FRT_WORD_BUSY(word),
								FRT_WORD_FLAGS(word), FRT_WORD_SHARE(word))
								| FRT_WORD_SHED_BITS(FRT_WORD_SHED(word))
								| (word & FRT_WORD_FULL_BIT));
	/* h.reason stays: it says why health is as it is, not admin. */
	*out = (frt_transition_t){.from = health,
			.to = health,
			.admin_from = from,
			.admin_to = admin,
			.source = FRT_OPERATOR,
			.reason = {.why = FRT_WHY_ADMIN, .good = admin == FRT_READY}};
	if(from == FRT_MAINT)
		frt_health_unprobed_locked(rec);
	atomic_fetch_add_explicit(&rec->n.transitions, 1, memory_order_relaxed);
	return FRT_CHANGED;
}

#define FRT_WORD_BUSY_BIT FRT_WORD(0, 0, 1, 0, 0)

bool frt_health_trial_take_locked(frt_rec_t *rec, uint8_t *token)
{
	uint32_t word = frt_word_load(rec);
	frt_health_t health = FRT_WORD_HEALTH(word);

	*token = 0;
	if(health != FRT_TRIAL && health != FRT_DOWN)
		return true;
	if(FRT_WORD_BUSY(word))
		return false;
	if(health == FRT_TRIAL)
		frt_word_store(rec, word | FRT_WORD_BUSY_BIT);
	*token = rec->h.spell;
	return true;
}

void frt_health_trial_release_locked(frt_rec_t *rec, uint8_t token)
{
	/* Only a record on trial has a token; elsewhere the bit is 0. */
	if(token == rec->h.spell)
		frt_word_store(rec, frt_word_load(rec) & ~FRT_WORD_BUSY_BIT);
}

void frt_health_back_locked(frt_rec_t *rec)
{
	frt_health_rec_t *h = &rec->h;

	frt_health_unprobed_locked(rec);
	frt_health_trial_release_locked(rec, h->spell);
	h->spell = frt_spell_after(h->spell);
}

bool frt_health_usable(uint32_t word)
{
	if(FRT_WORD_ADMIN(word) != FRT_READY)
		return false;
	switch(FRT_WORD_HEALTH(word)) {
		case FRT_UP:
		case FRT_RAMP:
			return true;
		case FRT_TRIAL:
			return !FRT_WORD_BUSY(word);
		case FRT_DOWN:
		default:
			return false;
	}
}

static bool in_service(frt_health_t health, frt_admin_t admin)
{
	return admin == FRT_READY && (health == FRT_UP || health == FRT_RAMP);
}

int frt_health_told(const frt_transition_t *tr)
{
	return (int)in_service(tr->to, tr->admin_to)
		   - (int)in_service(tr->from, tr->admin_from);
}

uint32_t frt_health_share(uint32_t word)
{
	uint32_t share = FRT_WORD_SHARE(word);
	uint32_t kept = FRT_SHED_STEPS - FRT_WORD_SHED(word);

	/* nearly always */
	if(word == FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL))
		return FRT_SHARE_FULL;
	if(share == 0 || FRT_WORD_FULL(word) || !frt_health_usable(word))
		return 0;
	share = share * kept / FRT_SHED_STEPS;
	return share ? share : 1;
}

uint32_t frt_health_hold_left_locked(const frt_rec_t *rec, uint64_t now_ms)
{
	const frt_health_rec_t *h = &rec->h;
	uint64_t now = now_ms > h->seen_ms ? now_ms : h->seen_ms;
	uint64_t left = frt_time_since(h->hold_until_ms, now);

	return left < UINT32_MAX ? (uint32_t)left : UINT32_MAX;
}
