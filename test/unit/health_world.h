/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One destination, its rules and its time, and one word for each thing that
 * can happen to it; so that a test of the health machine reads like a story.
 * The values are round ones, not the defaults: fall 3 within 60 s, holds of
 * 30 s to 300 s, ramp 20 s, rise 2.
 */
#ifndef HEALTH_WORLD_H
#define HEALTH_WORLD_H

#include "unit.h"

#include "frt_health.h"

enum
{
	ANNA = 1001,
	BERT = 1002
};

typedef struct world
{
	frt_rec_t rec;
	frt_act_t act;
	frt_health_conf_t conf;
	frt_probe_conf_t probe;
	frt_health_rules_t rules;
	frt_rand_t rnd;
	uint64_t now_ms;
	frt_change_t change; /* what the latest event returned */
	frt_transition_t t;	 /* the latest transition */
} world_t;

static world_t w;

static inline int world_setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.conf = (frt_health_conf_t){.fall = 3,
			.window_ms = 60000,
			.hold_ms = 30000,
			.hold_max_ms = 300000,
			.ramp_ms = 20000,
			.max_eject_pct = 50};
	w.probe.enabled = true;
	w.probe.rise = 2;
	w.probe.fall = 3;
	w.rules.health = &w.conf;
	w.rules.probe = &w.probe;
	w.rules.profile = FRT_PROFILE_STANDARD;
	w.rnd.state = 1;
	w.now_ms = 1000000;
	atomic_init(&w.rec.act, &w.act);
	frt_health_init(&w.rec, FRT_READY, w.now_ms);
	return 0;
}

static inline uint32_t word(void)
{
	return atomic_load(&w.rec.word);
}

static inline uint32_t share(void)
{
	return frt_health_share(word());
}

static inline bool flag(frt_source_t source)
{
	return FRT_WORD_FLAGS(word()) >> source & 1u;
}

static inline void assert_health(frt_health_t health)
{
	assert_string_equal(
			frt_health_name(FRT_WORD_HEALTH(word())), frt_health_name(health));
}

/* Time passes, and nobody notices. */
static inline void later(uint64_t ms)
{
	w.now_ms += ms;
}

static inline void tick(void)
{
	w.change = frt_health_tick_locked(&w.rec, &w.rules, w.now_ms, &w.rnd, &w.t);
}

/* Time passes, with a tick whenever one is due, as the host does it. */
static inline void pass(uint64_t ms)
{
	uint64_t end = w.now_ms + ms;

	while(w.rec.h.due_ms != 0 && w.rec.h.due_ms <= end) {
		if(w.now_ms < w.rec.h.due_ms)
			w.now_ms = w.rec.h.due_ms;
		tick();
	}
	w.now_ms = end;
}

static inline void observe(const frt_obs_t *obs)
{
	w.change = frt_health_observe_locked(
			&w.rec, &w.rules, obs, w.now_ms, &w.rnd, &w.t);
}

static inline void call(frt_verdict_t verdict, frt_origin_t origin, int code,
		uint64_t user, bool trial)
{
	observe(&(frt_obs_t){.source = FRT_TRAFFIC,
			.verdict = verdict,
			.origin = origin,
			.code = (uint16_t)code,
			.invite = true,
			.trial = trial ? w.rec.h.spell : 0,
			.user = user,
			.timeout_ms = origin == FRT_LOCAL ? 4000 : 0});
}

static inline void answered(void)
{
	call(FRT_V_OK, FRT_REMOTE, 200, ANNA, false);
}

/* The end of a MESSAGE. */
static inline void message(frt_verdict_t verdict, uint64_t user, bool trial)
{
	observe(&(frt_obs_t){.source = FRT_TRAFFIC,
			.verdict = verdict,
			.origin = FRT_REMOTE,
			.code = verdict == FRT_V_OK ? 200 : 503,
			.trial = trial ? w.rec.h.spell : 0,
			.user = user});
}

static inline void timed_out(uint64_t user)
{
	call(FRT_V_STRONG, FRT_LOCAL, 408, user, false);
}

static inline void replied_503(uint64_t user)
{
	call(FRT_V_STRONG, FRT_REMOTE, 503, user, false);
}

static inline void replied_480(uint64_t user)
{
	call(FRT_V_WEAK, FRT_REMOTE, 480, user, false);
}

static inline void refused(uint64_t user)
{
	call(FRT_V_STRONG, FRT_TRANSPORT, 503, user, false);
}

static inline void ignored(void)
{
	call(FRT_V_IGNORE, FRT_REMOTE, 500, BERT, false);
}

static inline void retry_after(uint32_t s)
{
	observe(&(frt_obs_t){.source = FRT_TRAFFIC,
			.verdict = FRT_V_BLACKOUT,
			.origin = FRT_REMOTE,
			.code = 503,
			.invite = true,
			.blackout_ms = s * 1000});
}

static inline void said(frt_source_t source, frt_verdict_t verdict)
{
	observe(&(frt_obs_t){.source = source, .verdict = verdict});
}

static inline void probe_good(void)
{
	observe(&(frt_obs_t){.source = FRT_PROBE,
			.verdict = FRT_V_OK,
			.origin = FRT_REMOTE,
			.code = 200});
}

static inline void probe_failed(void)
{
	observe(&(frt_obs_t){.source = FRT_PROBE,
			.verdict = FRT_V_STRONG,
			.origin = FRT_LOCAL,
			.code = 408,
			.timeout_ms = 2000});
}

/* Down by what calls showed, all of it in one moment. */
static inline void fall_by_traffic(void)
{
	timed_out(ANNA);
	timed_out(BERT);
	timed_out(ANNA);
	assert_health(FRT_DOWN);
}

/* What is left of the hold now. */
static inline uint32_t hold_left(void)
{
	return frt_health_hold_left_locked(&w.rec, w.now_ms);
}

/* Over the hold, and what probes are wanted. */
static inline void pass_hold(void)
{
	pass(hold_left());
	for(uint32_t i = 0; w.probe.enabled && i < w.probe.rise; i++)
		probe_good();
}

static inline void reach_trial(void)
{
	fall_by_traffic();
	pass_hold();
	assert_health(FRT_TRIAL);
}

/* The trial call is made and ends so. */
static inline void trial_ends(frt_verdict_t verdict, int code)
{
	uint8_t token = 0;

	assert_true(frt_health_trial_take_locked(&w.rec, &token));
	assert_true(token);
	call(verdict, FRT_REMOTE, code, ANNA, true);
}

static inline void reach_ramp(void)
{
	reach_trial();
	trial_ends(FRT_V_OK, 200);
	assert_health(FRT_RAMP);
}

static inline void assert_change(
		frt_health_t from, frt_health_t to, frt_source_t source, frt_why_t why)
{
	assert_int_equal(w.change, FRT_CHANGED);
	assert_string_equal(frt_health_name(w.t.from), frt_health_name(from));
	assert_string_equal(frt_health_name(w.t.to), frt_health_name(to));
	assert_string_equal(frt_source_name(w.t.source), frt_source_name(source));
	assert_string_equal(frt_why_name(w.t.reason.why), frt_why_name(why));
	assert_health(to);
}

#define WORLD_TEST(f) cmocka_unit_test_setup(f, world_setup)

#endif
