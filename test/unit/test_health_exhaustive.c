/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every string of up to eight events over small alphabets, with rise and fall
 * of one to three, played to the machine and to a second model of it, which
 * shares no idea with the first: it keeps the calls themselves instead of
 * counters, and asks questions instead of looking up a table. After each
 * event both must agree, and the invariants must hold.
 */
#include "unit.h"

#include "frt_health.h"

#define DEPTH 8
#define WINDOW_MS 4000
#define HOLD_MS 2000
#define HOLD_MAX_MS 5000
#define RAMP_MS 2000
#define TOLD_MS 2500
#define STEP_MS 1500 /* the letter "." */
#define EVENT_MS 10	 /* any other letter */
#define START_MS 100000

/* --- the second model -------------------------------------------------- */

typedef struct seen_call
{
	uint64_t at;
	char what; /* 'o' good, 'w' weak, 's' strong */
	uint64_t user;
	bool transport;
} seen_call_t;

typedef struct model
{
	uint64_t now, since, hold_end, probe_failed_at;
	seen_call_t calls[DEPTH];
	int ncalls, downs, good, bad;
	bool down, trial, ramp; /* none of them: up */
	bool by_calls, by_probe, by_operator;
	bool taken, drained, told, waived;
	bool expect_hold; /* went down just now with a hold of */
	uint64_t expect_least, expect_most;
} model_t;

static struct
{
	int rise, fall;
	bool probing;
} par;

static bool model_fresh(const model_t *m, const seen_call_t *c)
{
	uint64_t slice = WINDOW_MS / 8;

	return (m->now - START_MS) / slice - (c->at - START_MS) / slice < 8;
}

static bool model_two_users(const model_t *m)
{
	uint64_t first = 0;

	for(int i = 0; i < m->ncalls; i++) {
		const seen_call_t *c = &m->calls[i];
		if(c->what == 'o' || m->now - c->at > WINDOW_MS)
			continue;
		if(first != 0 && c->user != first)
			return true;
		first = c->user;
	}
	return false;
}

static bool model_believed(const model_t *m, uint64_t since)
{
	bool transport = false;

	for(int i = 0; i < m->ncalls; i++) {
		if(m->calls[i].what != 'o')
			transport = m->calls[i].transport;
	}
	return transport || model_two_users(m)
		   || (m->probe_failed_at != 0 && m->probe_failed_at >= since);
}

static bool model_guilty(const model_t *m)
{
	int strong = 0, fails = 0, all = 0;
	uint64_t run_at = 0, fail_at = 0;

	for(int i = m->ncalls - 1; i >= 0 && m->calls[i].what != 'o'; i--) {
		if(m->calls[i].what == 's' && model_fresh(m, &m->calls[i])) {
			strong++;
			run_at = m->calls[i].at;
		}
	}
	for(int i = m->ncalls - 1; i >= 0; i--) {
		if(!model_fresh(m, &m->calls[i]))
			break;
		all++;
		if(m->calls[i].what != 'o') {
			fails++;
			fail_at = m->calls[i].at;
		}
	}
	if(strong >= par.fall && model_believed(m, run_at))
		return true;
	return fails >= par.fall && fails >= all - fails
		   && model_believed(m, fail_at);
}

static void model_falls(model_t *m, char how, uint64_t told)
{
	static const uint64_t bases[] = {0, 2000, 4000, 5000};

	if(how == 'h' && !m->trial && !m->ramp) {
		for(uint64_t t = HOLD_MAX_MS; t <= m->now - m->since; t += HOLD_MAX_MS)
			m->downs -= m->downs > 0;
	}
	if(how == 'h')
		m->downs += m->downs < 3;
	m->expect_hold = how != 'b';
	m->expect_least = how == 'h' ? bases[m->downs] : told;
	m->expect_most = how == 'h' ? bases[m->downs] * 11 / 10 : told;
	m->down = true;
	m->trial = m->ramp = m->taken = m->waived = false;
	m->told = how == 't';
	m->ncalls = m->good = 0;
	m->hold_end = 0;
	m->since = m->now;
}

static void model_begins(model_t *m, char what)
{
	if(m->trial)
		m->ncalls = 0;
	m->down = m->taken = false;
	m->hold_end = 0;
	m->trial = what == 't';
	m->ramp = what == 'r';
	m->since = m->now;
}

static void model_may_return(model_t *m)
{
	bool proven = !par.probing || m->told || m->waived || m->good >= par.rise;

	if(!m->down || m->now < m->hold_end)
		return;
	if(m->by_probe || m->by_operator || !proven)
		return;
	model_begins(m, m->by_calls ? 't' : 'r');
}

static void model_call(model_t *m, seen_call_t c, bool told, bool token)
{
	bool open = !m->down && !m->trial;

	token = token && m->trial && m->taken;
	if(c.what == 'i') {
		m->taken = m->taken && !token;
		return;
	}
	c.at = m->now;
	m->calls[m->ncalls++] = c;
	if(told && m->down) {
		if(m->now + TOLD_MS > m->hold_end)
			m->hold_end = m->now + TOLD_MS;
	} else if(told) {
		m->by_calls = true;
		model_falls(m, 't', TOLD_MS);
	} else if(token && c.what == 'o') {
		m->by_calls = false;
		model_begins(m, 'r');
	} else if(token) {
		model_falls(m, 'h', 0);
	} else if(open && c.what != 'o' && model_guilty(m)) {
		m->by_calls = true;
		model_falls(m, 'h', 0);
	}
}

static void model_probe(model_t *m, bool good)
{
	m->good = good ? m->good + 1 : 0;
	m->bad = good ? 0 : m->bad + 1;
	if(good) {
		if(m->good >= par.rise)
			m->by_probe = false;
		model_may_return(m);
		return;
	}
	m->probe_failed_at = m->now;
	if(m->bad >= par.fall)
		m->by_probe = true;
	if(m->down)
		return;
	if(!m->trial && model_guilty(m))
		m->by_calls = true;
	else if(!m->by_probe)
		return;
	model_falls(m, 'h', 0);
}

static void model_operator(model_t *m, bool up)
{
	m->by_operator = !up;
	if(!up && !m->down)
		model_falls(m, 'b', 0);
	if(!up)
		return;
	if(!m->by_calls && !m->by_probe) {
		if(m->down || m->ramp)
			model_begins(m, 'u');
	} else if(m->down) {
		m->hold_end = m->now;
		m->waived = m->waived || !m->by_probe;
	}
}

static void model_time(model_t *m)
{
	if(m->down)
		model_may_return(m);
	else if(m->ramp && m->now - m->since >= RAMP_MS)
		model_begins(m, 'u');
}

static frt_health_t model_health(const model_t *m)
{
	return m->down	  ? FRT_DOWN
		   : m->trial ? FRT_TRIAL
		   : m->ramp  ? FRT_RAMP
					  : FRT_UP;
}

/* --- both played together ---------------------------------------------- */

typedef struct world
{
	frt_rec_t rec;
	frt_rand_t rnd;
	model_t m;
	bool token; /* the letter "t" took it */
} world_t;

static frt_health_conf_t conf = {.window_ms = WINDOW_MS,
		.hold_ms = HOLD_MS,
		.hold_max_ms = HOLD_MAX_MS,
		.ramp_ms = RAMP_MS};
static frt_probe_conf_t probe;
static const frt_health_rules_t rules = {&conf, &probe, FRT_PROFILE_STANDARD};
static char path[DEPTH + 1];
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
		w->token = false;
	} else if(letter != 'L') {
		frt_health_trial_take_locked(&w->rec, &o.trial);
		w->m.taken = w->m.taken || o.trial;
	}
	model_call(&w->m, c, o.verdict == FRT_V_BLACKOUT, o.trial);
	return frt_health_observe_locked(&w->rec, &rules, &o, w->m.now, &w->rnd, t);
}

static frt_change_t play_take(world_t *w)
{
	bool token, given = frt_health_trial_take_locked(&w->rec, &token);

	if(given == (w->m.trial && w->m.taken) || token != (w->m.trial && given))
		wrong("the token");
	w->m.taken = w->m.taken || w->m.trial;
	w->token = w->token || token;
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

/* Ups and downs alternate: each begins where the last one ended. Played from
 * each state on, whatever is left alone comes back when its sources agree. */
static void check_comes_back(const world_t *from)
{
	static const char good[] = "UPPP....PPPO..PPPO....";
	world_t w = *from;
	frt_transition_t t;

	if(w.m.taken) {
		frt_health_trial_release_locked(&w.rec);
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

		path[depth] = *letter;
		path[depth + 1] = '\0';
		change = play(&w, *letter, &t);
		check_transition(&w, before, *letter, change, &t);
		check_invariants(&w, before, *letter);
		check_models(&w);
		nodes++;
		if(depth + 1 < DEPTH)
			explore(&w, alphabet, depth + 1);
		if(depth + 1 == DEPTH - 3)
			check_comes_back(&w);
	}
}

static void explore_all(const char *alphabet, bool probing, int rises)
{
	par.probing = probe.enabled = probing;
	for(par.rise = 1; par.rise <= rises; par.rise++) {
		for(par.fall = 1; par.fall <= 3; par.fall++) {
			world_t w = {.rnd = {.state = 1}};
			probe.rise = (uint32_t)par.rise;
			probe.fall = conf.fall = (uint32_t)par.fall;
			w.m.now = w.m.since = START_MS;
			frt_health_init(&w.rec, FRT_READY, START_MS);
			explore(&w, alphabet, 0);
		}
	}
}

static void test_exhaustive_calls_and_probes(void **state)
{
	(void)state;
	explore_all("STOPF.", true, 3);
}

static void test_exhaustive_retry_after_and_transport(void **state)
{
	(void)state;
	explore_all("BXLPO.", true, 2);
}

static void test_exhaustive_operator(void **state)
{
	(void)state;
	explore_all("DUFPX.", true, 2);
}

static void test_exhaustive_weak_fails(void **state)
{
	(void)state;
	explore_all("wTIOF.", true, 1);
}

static void test_exhaustive_trial_token(void **state)
{
	(void)state;
	explore_all("tofiX.", false, 1);
}

static void test_exhaustive_drain(void **state)
{
	(void)state;
	explore_all("dXFtP.", true, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_exhaustive_calls_and_probes),
			UNIT_TEST(test_exhaustive_retry_after_and_transport),
			UNIT_TEST(test_exhaustive_operator),
			UNIT_TEST(test_exhaustive_weak_fails),
			UNIT_TEST(test_exhaustive_trial_token),
			UNIT_TEST(test_exhaustive_drain),
	};
	int failed = UNIT_MAIN(tests);

	printf("%llu strings\n", (unsigned long long)nodes);
	return failed;
}
