/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every string of up to eight events over small alphabets, and of up to five
 * over all events together, with rise and fall of one to three, played to the
 * machine and to the second model of it in health_model.h. After each event
 * both must agree, and the invariants must hold.
 */
#include "unit.h"

#include "health_model.h"

typedef struct world
{
	frt_rec_t rec;
	frt_act_t act;
	frt_rand_t rnd;
	model_t m;
	uint8_t token; /* the letter "t" took it */
} world_t;

static frt_health_conf_t conf = {.window_ms = WINDOW_MS,
		.hold_ms = HOLD_MS,
		.hold_max_ms = HOLD_MAX_MS,
		.ramp_ms = RAMP_MS,
		.shed_from_pct = SHED_FROM,
		.shed_to_pct = SHED_TO};
static frt_probe_conf_t probe;
static const frt_health_rules_t rules = {
		&conf, &probe, FRT_PROFILE_STANDARD, false, 0, false};
static char path[DEPTH + 1];
static int deep; /* how long the strings are; DEPTH at most */
static uint64_t nodes;

static void wrong(const char *what)
{
	fail_msg("\"%s\" with rise %d, fall %d, probing %d: %s", path, par.rise,
			par.fall, par.probing, what);
}

static frt_obs_t obs_of(char letter)
{
	frt_obs_t o = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_STRONG,
			.origin = FRT_REMOTE,
			.code = 503,
			.invite = true,
			.user = 'A',
			.blackout_ms = TOLD_MS};

	if(strchr("PF", letter))
		o.source = FRT_PROBE;
	if(strchr("DU", letter))
		o.source = FRT_OPERATOR;
	if(strchr("POUo", letter))
		o.verdict = FRT_V_OK;
	if(strchr("Ii", letter))
		o.verdict = FRT_V_IGNORE;
	if(letter == 'w')
		o.verdict = FRT_V_WEAK;
	if(letter == 'B')
		o.verdict = FRT_V_BLACKOUT;
	if(letter == 'X')
		o.origin = FRT_TRANSPORT;
	if(strchr("TL", letter))
		o.user = 'B';
	return o;
}

/* S T w X B O I are calls that take the token if there is one; L is a late
 * fail without it; o f i end the call that the letter t began. */
static frt_change_t play_call(world_t *w, char letter, frt_transition_t *t)
{
	static const char whats[] = {'o', 'w', 's', 'i', 'w'};
	frt_obs_t o = obs_of(letter);
	seen_call_t c = {.what = whats[o.verdict],
			.user = o.user,
			.transport = o.origin == FRT_TRANSPORT};

	if(strchr("ofi", letter)) {
		o.trial = w->token;
		w->token = 0;
	} else if(letter != 'L') {
		frt_health_trial_take_locked(&w->rec, &o.trial);
		w->m.taken = w->m.taken || (w->m.trial && o.trial);
	}
	model_call(&w->m, c, o.verdict == FRT_V_BLACKOUT, o.trial);
	return frt_health_observe_locked(&w->rec, &rules, &o, w->m.now, &w->rnd, t);
}

static frt_change_t play_take(world_t *w)
{
	uint8_t token;
	bool given = frt_health_trial_take_locked(&w->rec, &token);

	if(given == (w->m.trial && w->m.taken)
			|| (token && !w->m.down) != (w->m.trial && given))
		wrong("the token");
	w->m.taken = w->m.taken || w->m.trial;
	w->token = token ? token : w->token;
	return FRT_UNCHANGED;
}

static frt_change_t play(world_t *w, char letter, frt_transition_t *t)
{
	model_t *m = &w->m;
	frt_obs_t o = obs_of(letter);

	m->now += letter == '.' ? STEP_MS : EVENT_MS;
	switch(letter) {
		case '.':
			model_time(m);
			return frt_health_tick_locked(&w->rec, &rules, m->now, &w->rnd, t);
		case 'd':
			m->drained = !m->drained;
			return frt_health_admin_locked(
					&w->rec, m->drained ? FRT_DRAIN : FRT_READY, m->now, t);
		case 't':
			return play_take(w);
		case 'P':
		case 'F':
			model_probe(m, letter == 'P');
			break;
		case 'U':
		case 'D':
			model_operator(m, letter == 'U');
			break;
		default:
			return play_call(w, letter, t);
	}
	return frt_health_observe_locked(&w->rec, &rules, &o, m->now, &w->rnd, t);
}

static void check_transition(const world_t *w, uint32_t before, char letter,
		frt_change_t change, const frt_transition_t *t)
{
	uint32_t word = atomic_load(&w->rec.word);
	frt_health_t from = FRT_WORD_HEALTH(before), to = FRT_WORD_HEALTH(word);

	if((change == FRT_CHANGED) != (from != to || letter == 'd'))
		wrong("changed without saying so, or said so without a change");
	if(change != FRT_CHANGED)
		return;
	if(t->from != from || t->to != to)
		wrong("from and to");
	if(t->admin_to != FRT_WORD_ADMIN(word)
			|| t->admin_from != FRT_WORD_ADMIN(before))
		wrong("admin from and to");
	if(from != to && FRT_WORD_BUSY(word))
		wrong("a new state with the token taken");
}

/* What must hold whatever the models think. */
static void check_invariants(const world_t *w, uint32_t before, char letter)
{
	uint32_t word = atomic_load(&w->rec.word);
	uint32_t traffic = 1u << FRT_TRAFFIC;
	uint32_t lost = FRT_WORD_FLAGS(before) & ~FRT_WORD_FLAGS(word);

	if(FRT_WORD_ADMIN(word) != FRT_READY && frt_health_usable(word))
		wrong("usable although drained");
	if((frt_health_share(word) == 0) == frt_health_usable(word))
		wrong("share is 0 if and only if not usable");
	if((lost & traffic) && !strchr("Oo", letter))
		wrong("traffic's flag cleared by something else than a call");
	if((lost & 1u << FRT_PROBE) && letter != 'P')
		wrong("the probe's flag cleared by something else than a probe");
	if(FRT_WORD_HEALTH(word) == FRT_UP && FRT_WORD_FLAGS(word))
		wrong("up with a flag set");
	if(w->rec.h.hold_until_ms != 0 && FRT_WORD_HEALTH(word) != FRT_DOWN)
		wrong("a hold that did not end");
	if(w->rec.h.hold_until_ms > w->m.now && w->rec.h.due_ms == 0)
		wrong("a hold that nobody will end");
	if(FRT_WORD_SHED(word) && w->rec.h.due_ms == 0)
		wrong("shedding that nobody will end");
}

static void check_models(world_t *w)
{
	uint32_t word = atomic_load(&w->rec.word);
	model_t *m = &w->m;
	uint32_t flags = (uint32_t)m->by_calls << FRT_TRAFFIC
					 | (uint32_t)m->by_probe << FRT_PROBE
					 | (uint32_t)m->by_operator << FRT_OPERATOR;

	if(FRT_WORD_HEALTH(word) != model_health(m))
		wrong(frt_health_name(model_health(m)));
	if(FRT_WORD_FLAGS(word) != flags)
		wrong("flags");
	if(FRT_WORD_BUSY(word) != m->taken)
		wrong("busy");
	if(FRT_WORD_SHED(word) != (uint32_t)m->shed)
		wrong("shed");
	if(w->rec.h.downs != m->downs)
		wrong("downs");
	if(m->expect_hold) {
		uint64_t hold = w->rec.h.hold_until_ms - m->now;
		if(hold < m->expect_least || hold > m->expect_most)
			wrong("the length of the hold");
		m->hold_end = w->rec.h.hold_until_ms;
		m->expect_hold = false;
	}
	if(m->down && m->now < m->hold_end && w->rec.h.hold_until_ms != m->hold_end)
		wrong("the hold's end");
}

/* Whatever happened before: with good news from every source, time and one
 * good call, it is up again. */
static void check_comes_back(const world_t *from)
{
	static const char good[] = "UPPP....PPPO..PPPO....";
	world_t w = *from;
	frt_transition_t t;

	atomic_store(&w.rec.act, &w.act);
	if(w.m.taken) {
		frt_health_trial_release_locked(&w.rec, w.rec.h.spell);
		w.m.taken = false;
	}
	w.m.ncalls = 0;
	for(const char *p = good; *p; p++) {
		w.m.ncalls = 0;
		play(&w, *p, &t);
		w.m.expect_hold = false;
	}
	if(FRT_WORD_HEALTH(atomic_load(&w.rec.word)) != FRT_UP)
		wrong("does not come back");
}

static void explore(const world_t *from, const char *alphabet, int depth)
{
	uint32_t before = atomic_load(&from->rec.word);

	for(const char *letter = alphabet; *letter; letter++) {
		world_t w = *from;
		frt_transition_t t = {0};
		frt_change_t change;

		atomic_store(&w.rec.act, &w.act);

		path[depth] = *letter;
		path[depth + 1] = '\0';
		change = play(&w, *letter, &t);
		check_transition(&w, before, *letter, change, &t);
		check_invariants(&w, before, *letter);
		check_models(&w);
		nodes++;
		if(depth + 1 < deep)
			explore(&w, alphabet, depth + 1);
		if(depth + 1 == deep - 3)
			check_comes_back(&w);
	}
}

/* Every string of that alphabet; without probing rise plays no part. */
static void explore_all(const char *alphabet, bool probing, int length)
{
	int rises = probing ? 3 : 1;

	deep = length;
	par.probing = probe.enabled = probing;
	for(par.rise = 1; par.rise <= rises; par.rise++) {
		for(par.fall = 1; par.fall <= 3; par.fall++) {
			world_t w = {.rnd = {.state = 1}};
			probe.rise = (uint32_t)par.rise;
			probe.fall = conf.fall = (uint32_t)par.fall;
			w.m.now = w.m.since = START_MS;
			/* the model's slices begin with it, not with the first call */
			w.act.e.window_ms = WINDOW_MS;
			w.act.e.slice_start_ms = START_MS;
			atomic_init(&w.rec.act, &w.act);
			frt_health_init(&w.rec, FRT_READY, START_MS);
			explore(&w, alphabet, 0);
		}
	}
}

static void test_exhaustive_calls_and_probes(void **state)
{
	(void)state;
	explore_all("STOPF.", true, DEPTH);
}

static void test_exhaustive_retry_after_and_transport(void **state)
{
	(void)state;
	explore_all("BXLPO.", true, DEPTH);
}

static void test_exhaustive_operator(void **state)
{
	(void)state;
	explore_all("DUFPX.", true, DEPTH);
}

static void test_exhaustive_weak_fails(void **state)
{
	(void)state;
	explore_all("wTIOF.", true, DEPTH);
}

static void test_exhaustive_trial_token(void **state)
{
	(void)state;
	explore_all("tofiX.", false, DEPTH);
}

static void test_exhaustive_shedding(void **state)
{
	(void)state;
	par.sheds = true;
	conf.shed_volume = SHED_VOLUME;
	explore_all("STOX.", false, 1);
	explore_all("wTOt.", false, 1);
	par.sheds = false;
	conf.shed_volume = 0;
}

static void test_exhaustive_drain(void **state)
{
	(void)state;
	explore_all("dXFtP.", true, DEPTH);
}

/* All letters together make too many strings of eight: up to five here. */
#define CALLS "STwXBOILDUdtofi."

static void test_exhaustive_every_letter(void **state)
{
	(void)state;
	explore_all(CALLS "PF", true, 5);
}

static void test_exhaustive_every_letter_without_probes(void **state)
{
	(void)state;
	explore_all(CALLS, false, 5);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_exhaustive_calls_and_probes),
			UNIT_TEST(test_exhaustive_retry_after_and_transport),
			UNIT_TEST(test_exhaustive_operator),
			UNIT_TEST(test_exhaustive_weak_fails),
			UNIT_TEST(test_exhaustive_trial_token),
			UNIT_TEST(test_exhaustive_shedding),
			UNIT_TEST(test_exhaustive_drain),
			UNIT_TEST(test_exhaustive_every_letter),
			UNIT_TEST(test_exhaustive_every_letter_without_probes),
	};
	int failed = UNIT_MAIN(tests);

	printf("%llu strings\n", (unsigned long long)nodes);
	return failed;
}
