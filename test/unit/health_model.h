/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A second model of the health machine, for test_health_exhaustive.c. It
 * shares no idea with the first: it keeps the calls themselves instead of
 * counters, and asks questions instead of looking up a table. It is slow,
 * forgets nothing, and knows only the values below.
 */
#ifndef HEALTH_MODEL_H
#define HEALTH_MODEL_H

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
#define SHED_FROM 20 /* percent */
#define SHED_TO 60
#define SHED_VOLUME 3

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
	int shed; /* twentieths */
} model_t;

static struct
{
	int rise, fall;
	bool probing, sheds;
} par;

static inline bool model_fresh(const model_t *m, const seen_call_t *c)
{
	uint64_t slice = WINDOW_MS / 8;

	return (m->now - START_MS) / slice - (c->at - START_MS) / slice < 8;
}

static inline bool model_two_users(const model_t *m)
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

static inline bool model_believed(const model_t *m, uint64_t since)
{
	bool transport = false;

	for(int i = 0; i < m->ncalls; i++) {
		if(m->calls[i].what != 'o')
			transport = m->calls[i].transport;
	}
	return transport || model_two_users(m)
		   || (m->probe_failed_at != 0 && m->probe_failed_at >= since);
}

static inline bool model_guilty(const model_t *m)
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

/* What is worth counting of the fresh calls: all good ones, and of fails those
 * of somebody else than the fail before. */
static inline void model_count(const model_t *m, int *fails, int *all)
{
	uint64_t user = 0;

	*fails = *all = 0;
	for(int i = 0; i < m->ncalls; i++) {
		const seen_call_t *c = &m->calls[i];
		bool counts = c->what == 'o' || c->transport || c->user != user;
		if(c->what != 'o')
			user = c->user;
		if(!counts || !model_fresh(m, c))
			continue;
		*all += 1;
		*fails += c->what != 'o';
	}
}

static inline uint64_t model_first_fail(const model_t *m)
{
	for(int i = 0; i < m->ncalls; i++) {
		if(m->calls[i].what != 'o' && model_fresh(m, &m->calls[i]))
			return m->calls[i].at;
	}
	return 0;
}

static inline void model_sheds(model_t *m)
{
	int fails, all, k = 0;

	if(!par.sheds || m->down || m->trial)
		return;
	model_count(m, &fails, &all);
	if(all == 0 || (!m->shed && !model_believed(m, model_first_fail(m)))
			|| all < (m->shed ? SHED_VOLUME * (20 - m->shed) / 40
							  : SHED_VOLUME)) {
		m->shed = 0;
		return;
	}
	while(k < 18
			&& fails * 2000
					   >= all
								  * (SHED_FROM * 20
										  + (k + 1) * (SHED_TO - SHED_FROM)))
		k++;
	if(k >= m->shed)
		m->shed = k;
	else if(fails * 200 <= all * SHED_FROM)
		m->shed = 0;
	else if(k < m->shed - 1)
		m->shed = k + 1;
}

static inline void model_falls(model_t *m, char how, uint64_t told)
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
	m->ncalls = m->good = m->shed = 0;
	m->hold_end = 0;
	m->since = m->now;
}

static inline void model_begins(model_t *m, char what)
{
	if(m->trial)
		m->ncalls = m->shed = 0;
	m->down = m->taken = false;
	m->hold_end = 0;
	m->trial = what == 't';
	m->ramp = what == 'r';
	m->since = m->now;
}

static inline void model_may_return(model_t *m)
{
	bool proven = !par.probing || m->told || m->waived || m->good >= par.rise;

	if(!m->down || m->now < m->hold_end)
		return;
	if(m->by_probe || m->by_operator || !proven)
		return;
	model_begins(m, m->by_calls ? 't' : 'r');
}

static inline void model_call(model_t *m, seen_call_t c, bool told, bool token)
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
	if(c.what != 'o' || m->shed)
		model_sheds(m);
}

static inline void model_probe(model_t *m, bool good)
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

static inline void model_operator(model_t *m, bool up)
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
		model_may_return(m);
	}
}

static inline void model_time(model_t *m)
{
	if(m->down)
		model_may_return(m);
	else if(m->ramp && m->now - m->since >= RAMP_MS)
		model_begins(m, 'u');
	if(m->shed)
		model_sheds(m);
}

static inline frt_health_t model_health(const model_t *m)
{
	return m->down	  ? FRT_DOWN
		   : m->trial ? FRT_TRIAL
		   : m->ramp  ? FRT_RAMP
					  : FRT_UP;
}

#endif
