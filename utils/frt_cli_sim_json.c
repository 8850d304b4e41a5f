/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Scripts and results as JSON.
 */
#include "frt_cli_sim.h"

#include <string.h>

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *cli_script_json(const cli_script_t *s)
{
	json_t *o = json_object(), *list = json_array(), *e;
	size_t i;

	cli_json_set(o, "file", cli_json_text(s->file));
	cli_json_set(o, "duration_ms", number(s->duration_ms));
	cli_json_set(o, "rate", json_real(s->rate));
	cli_json_set(o, "seed", number(s->seed));
	for(i = 0; i < s->nevents; i++) {
		e = json_object();
		cli_json_set(e, "t_ms", number(s->events[i].t));
		cli_json_set(e, "destinations", cli_json_text(s->events[i].dsts));
		cli_json_set(e, "does", cli_json_text(s->events[i].does));
		cli_json_add(list, e);
	}
	cli_json_set(o, "events", list);
	return o;
}

static json_t *pdd(const cli_hist_t *h)
{
	static const uint32_t at[] = {500, 900, 950, 990, 999};
	static const char *const names[] = {
			"p50_ms", "p90_ms", "p95_ms", "p99_ms", "p999_ms"};
	json_t *o = json_object();
	size_t i;

	cli_json_set(o, "n", number(h->n));
	for(i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		cli_json_set(o, names[i], number(cli_hist_at(h, at[i])));
	cli_json_set(o, "max_ms", number(h->max));
	return o;
}

static json_t *seen(const cli_sim_seen_t *s)
{
	json_t *o = json_object();

	cli_json_set(o, "calls", number(s->calls));
	cli_json_set(o, "connected", number(s->connected));
	cli_json_set(o, "otherwise", number(s->otherwise));
	cli_json_set(o, "lost", number(s->lost));
	return o;
}

static json_t *dst(const cli_sim_dst_t *d)
{
	json_t *o = json_object(), *steps = json_array();
	json_t *failed = json_array(), *health = json_array();
	uint32_t i;

	cli_json_set(o, "id", cli_json_text(d->id));
	cli_json_set(o, "uri", cli_json_text(d->uri));
	cli_json_set(o, "priority", json_integer(d->priority));
	cli_json_set(o, "weight", json_integer(d->weight));
	cli_json_set(o, "health", cli_json_text(frt_health_name(d->health)));
	cli_json_set(o, "attempts", number(d->attempts));
	cli_json_set(o, "ok", number(d->ok));
	cli_json_set(o, "failed", number(d->failed));
	cli_json_set(o, "timeouts", number(d->timeouts));
	cli_json_set(o, "ignored", number(d->ignored));
	cli_json_set(o, "trials", number(d->trials));
	cli_json_set(o, "panic", number(d->panic));
	for(i = 0; i < CLI_SIM_STEPS; i++) {
		cli_json_add(steps, json_integer(d->step_attempts[i]));
		cli_json_add(failed, json_integer(d->step_failed[i]));
		cli_json_add(health, cli_json_text(frt_health_name(
									 (frt_health_t)d->step_health[i])));
	}
	cli_json_set(o, "step_attempts", steps);
	cli_json_set(o, "step_failed", failed);
	cli_json_set(o, "step_health", health);
	return o;
}

static json_t *change(const cli_sim_result_t *r, const cli_sim_change_t *c)
{
	json_t *o = json_object();

	cli_json_set(o, "t_ms", number(c->t));
	cli_json_set(o, "destination", cli_json_text(r->dsts[c->dst].id));
	cli_json_set(o, "from", cli_json_text(frt_health_name(c->from)));
	cli_json_set(o, "to", cli_json_text(frt_health_name(c->to)));
	cli_json_set(o, "source", cli_json_text(c->source));
	cli_json_set(o, "reason", cli_json_text(c->reason));
	return o;
}

static json_t *steps(const cli_sim_result_t *r)
{
	json_t *list = json_array(), *o;
	uint32_t i;

	for(i = 0; i < CLI_SIM_STEPS; i++) {
		o = seen(&r->steps[i]);
		cli_json_set(o, "t_ms", number(i * r->step_ms));
		cli_json_set(
				o, "pdd_p50_ms", number(cli_hist_at(&r->step_pdd[i], 500)));
		cli_json_set(
				o, "pdd_p99_ms", number(cli_hist_at(&r->step_pdd[i], 990)));
		cli_json_add(list, o);
	}
	return list;
}

json_t *cli_sim_json(const cli_sim_result_t *r)
{
	json_t *o = json_object(), *tries = json_object();
	json_t *dsts = json_array(), *changes = json_array();
	char name[16];
	size_t i;

	cli_json_set(o, "file", cli_json_text(r->file));
	cli_json_set(o, "set", cli_json_text(r->set));
	cli_json_set(o, "note", cli_json_text(r->note));
	cli_json_set(o, "duration_ms", number(r->duration_ms));
	cli_json_set(o, "step_ms", number(r->step_ms));
	cli_json_set(o, "callers", seen(&r->seen));
	cli_json_set(o, "nowhere", number(r->nowhere));
	cli_json_set(o, "pdd", pdd(&r->pdd));
	cli_json_set(o, "attempts", number(r->attempts));
	for(i = 0; i <= FRT_ATTEMPTS_MAX; i++) {
		snprintf(name, sizeof(name), "%zu", i);
		if(r->tries[i] > 0)
			cli_json_set(tries, name, number(r->tries[i]));
	}
	cli_json_set(o, "calls_by_attempts", tries);
	cli_json_set(o, "probes", number(r->probes));
	for(i = 0; i < r->ndsts; i++)
		cli_json_add(dsts, dst(&r->dsts[i]));
	cli_json_set(o, "destinations", dsts);
	for(i = 0; i < r->nchanges; i++)
		cli_json_add(changes, change(r, &r->changes[i]));
	cli_json_set(o, "changes", changes);
	cli_json_set(o, "steps", steps(r));
	return o;
}
