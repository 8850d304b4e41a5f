/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One policy under one script: the model's world with the configuration's
 * destinations in it, the calls, and the books kept of what becomes of them.
 */
// needs: utils/sim/sim_call.c utils/sim/sim_hop.c utils/sim/sim_host.c
// needs: utils/sim/sim_probe.c utils/sim/sim_queue.c utils/sim/sim_table.c
#include "frt_cli.h"
#include "frt_cli_report.h"
#include "frt_cli_sim.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static cli_sim_t *sim_of(sim_world_t *w)
{
	return (cli_sim_t *)w;
}

uint32_t cli_sim_step(const cli_sim_result_t *r, uint64_t t)
{
	uint64_t step = t / r->step_ms;

	return step < CLI_SIM_STEPS ? (uint32_t)step : CLI_SIM_STEPS - 1;
}

static cli_sim_dst_t *dst_of(sim_world_t *w, frt_rec_t *rec)
{
	uint32_t place = sim_of(w)->place[sim_rec_of(rec)->addr];

	return place != SIM_NONE ? &sim_of(w)->result->dsts[place] : NULL;
}

/* --- the books -------------------------------------------------------------------- */

static void on_attempt(
		sim_world_t *w, const frt_dst_t *dst, const frt_attempt_t *a)
{
	cli_sim_result_t *r = sim_of(w)->result;
	cli_sim_dst_t *d = dst_of(w, dst->rec);

	r->attempts++;
	if(d == NULL)
		return;
	d->attempts++;
	d->panic += a->panic;
	d->trials += a->token && !a->panic;
	d->step_attempts[cli_sim_step(r, w->t)]++;
}

static void on_outcome(sim_world_t *w, const sim_call_t *call,
		const frt_attempt_t *a, const frt_decision_t *d)
{
	cli_sim_dst_t *dst = dst_of(w, a->rec);

	(void)call;
	if(dst == NULL)
		return;
	if(d->verdict == FRT_V_OK) {
		dst->ok++;
	} else if(d->verdict == FRT_V_IGNORE) {
		dst->ignored++;
	} else {
		dst->failed++;
		dst->timeouts += a->origin == FRT_LOCAL;
		dst->step_failed[cli_sim_step(sim_of(w)->result, w->t)]++;
	}
}

static void on_changed(
		sim_world_t *w, const frt_dst_t *dst, const frt_transition_t *tr)
{
	cli_sim_result_t *r = sim_of(w)->result;
	uint32_t place = sim_of(w)->place[sim_rec_of(dst->rec)->addr];
	char mem[256];
	frt_buf_t text;

	if(place == SIM_NONE || tr->from == tr->to)
		return;
	if(r->nchanges == r->room) {
		r->room = r->room > 0 ? 2 * r->room : 64;
		r->changes = cli_realloc(r->changes, r->room, sizeof(*r->changes));
	}
	frt_buf_init(&text, mem, sizeof(mem));
	frt_reason_text(&tr->reason, &text);
	r->changes[r->nchanges++] = (cli_sim_change_t){.t = w->t,
			.dst = place,
			.from = tr->from,
			.to = tr->to,
			.source = frt_source_name(tr->source),
			.reason = cli_copy(mem)};
}

/* The callee's word, and not the network's. */
static bool is_answer(const sim_call_t *call)
{
	int best = frt_plan_best(&call->plan, 408);

	return call->rang_ms || best >= 600
		   || (best >= 300 && best < 500 && best != 408 && best != 480);
}

static void count(cli_sim_seen_t *seen, bool connected, bool answer)
{
	seen->calls++;
	if(connected)
		seen->connected++;
	else if(answer)
		seen->otherwise++;
	else
		seen->lost++;
}

void cli_sim_count(cli_sim_result_t *r, uint64_t start_t, bool connected,
		bool answer, uint64_t ring_ms)
{
	uint32_t step = cli_sim_step(r, start_t);

	count(&r->seen, connected, answer);
	count(&r->steps[step], connected, answer);
	if(ring_ms == CLI_SIM_NO_RING)
		return;
	cli_hist_add(&r->pdd, ring_ms);
	cli_hist_add(&r->step_pdd[step], ring_ms);
}

/* A call counts in the step in which it began. */
static void on_over(sim_world_t *w, const sim_call_t *call, int err)
{
	cli_sim_result_t *r = sim_of(w)->result;
	const frt_plan_t *p = &call->plan;
	const frt_attempt_t *last = p->n ? &p->tries[p->n - 1] : NULL;
	bool connected = last != NULL && last->origin == FRT_REMOTE
					 && last->code >= 200 && last->code < 300;

	(void)err;
	cli_sim_count(r, p->start_ms - w->skew, connected, is_answer(call),
			call->rang_ms ? call->rang_ms - p->start_ms : CLI_SIM_NO_RING);
	r->tries[p->n]++;
	r->nowhere += p->n == 0;
}

/* --- what happens ------------------------------------------------------------------ */

void cli_sim_call(cli_sim_t *sim, uint64_t user, uint64_t key, uint32_t number)
{
	sim_world_t *w = &sim->world;
	cli_sim_result_t *r = sim->result;
	sim_call_t *call;
	int err;

	call = sim_call_new(w, sim->set, &err);
	if(call == NULL) {
		cli_sim_count(r, w->t, false, false, CLI_SIM_NO_RING);
		r->tries[0]++;
		r->nowhere++;
		return;
	}
	call->invite = true;
	call->user = number;
	call->plan.user = user | 1;
	call->plan.key = key | 1;
	sim_call_go(w, call);
}

/* Calls come as they do: each by itself, so many a second on average. */
static void plan_call(cli_sim_t *sim)
{
	sim_world_t *w = &sim->world;
	uint64_t in_ms;
	double u;

	if(sim->rate <= 0)
		return;
	u = ((double)(frt_rand_next(&sim->arrivals) >> 11) + 1)
		/ 9007199254740993.0;
	sim->next_us += -log(u) * 1e6 / sim->rate;
	in_ms = (uint64_t)(sim->next_us / 1000);
	sim->next_us -= (double)in_ms * 1000;
	if(w->t + in_ms < sim->script->duration_ms)
		/* life tells which rate it was planned at */
		sim_later(w, SIM_CALL, in_ms)->life = (uint32_t)sim->next_event;
}

/* What the event says of it, and otherwise the script. */
static sim_manner_t manner_of(const cli_script_t *s, const sim_hop_t *said)
{
	sim_manner_t m = s->manner;

	if(said->manner.ring.min || said->manner.ring.spread)
		m.ring = said->manner.ring;
	m.late = said->manner.late;
	return m;
}

static void apply(cli_sim_t *sim, const cli_event_t *e)
{
	cli_sim_result_t *r = sim->result;
	sim_world_t *w = &sim->world;
	uint32_t i;

	for(i = 0; e->dsts != NULL && i < w->gen->ndsts; i++) {
		uint32_t place = sim->place[i];

		if(place != SIM_NONE && cli_script_names(e->dsts, r->dsts[place].id)) {
			bool stream = w->hops[i].stream;

			w->hops[i] = e->hop;
			w->hops[i].manner = manner_of(sim->script, &e->hop);
			w->hops[i].stream = stream;
		}
	}
	sim_say(w, "%s %s", e->dsts != NULL ? e->dsts : "calls:", e->does);
}

/* Calls planned at the old rate are planned again at the new one. */
static void next_event(cli_sim_t *sim)
{
	const cli_script_t *s = sim->script;
	sim_world_t *w = &sim->world;
	bool rate = false;

	while(sim->next_event < s->nevents
			&& s->events[sim->next_event].t <= w->t) {
		const cli_event_t *e = &s->events[sim->next_event++];

		apply(sim, e);
		if(e->dsts == NULL)
			sim->rate = e->rate;
		rate = rate || e->dsts == NULL;
	}
	if(sim->next_event < s->nevents)
		sim_later(w, SIM_CHANGE, s->events[sim->next_event].t - w->t);
	if(sim->replay == NULL) {
		sim->next_us = rate ? 0 : sim->next_us;
		plan_call(sim);
	}
}

static void on_own(sim_world_t *w, const sim_event_t *ev)
{
	cli_sim_t *sim = sim_of(w);
	uint64_t key;

	if(ev->kind != SIM_CALL) {
		next_event(sim);
	} else if(ev->life == (uint32_t)sim->next_event) {
		uint32_t number =
				(uint32_t)frt_rand_below(&sim->arrivals, sim->script->users);

		key = frt_rand_next(&sim->arrivals);
		plan_call(sim);
		cli_sim_call(sim, frt_hash_mix(number + 1), key, number);
	}
}

static bool on_probe(sim_world_t *w, uint32_t addr, uint32_t id)
{
	sim_of(w)->result->probes += sim_of(w)->place[addr] != SIM_NONE;
	return sim_hop_probe(w, addr, id);
}

static void on_broken(sim_world_t *w, const char *what)
{
	exit(cli_could_not(sim_of(w)->command,
			"the simulation cannot go on at %.3f s: %s", (double)w->t / 1000,
			what));
}

/* --- making the world -------------------------------------------------------------- */

static uint32_t addr_of(sim_world_t *w, const frt_dst_t *dst)
{
	(void)w;
	return (uint32_t)(dst - dst->set->gen->dsts);
}

/* Names stand for themselves, and one after the other stands for all at once;
 * both are said. */
static void simplify(frt_draft_t *d, const char *set, cli_sim_result_t *r)
{
	frt_draft_set_t *s;
	frt_draft_dst_t *dst;
	bool names = false, parallel = false;

	for(s = frt_draft_sets(d); s != NULL; s = s->next) {
		bool mine = set == NULL
							? s == frt_draft_sets(d)
							: strlen(set) == s->id.len
									  && memcmp(set, s->id.s, s->id.len) == 0;
		for(dst = s->dsts; dst != NULL; dst = dst->next) {
			names = names || (mine && dst->resolve != FRT_RESOLVE_NONE);
			dst->resolve = FRT_RESOLVE_NONE;
		}
		parallel = parallel || (mine && s->conf.strategy == FRT_PARALLEL);
	}
	if(names || parallel)
		r->note = cli_text("%s%s%s",
				names ? "a name counts as one destination" : "",
				names && parallel ? "; " : "",
				parallel ? "parallel is simulated as one after the other" : "");
}

/* The draft of a file that the module would take; NULL: why was said. */
static frt_draft_t *read_draft(const char *command, const char *file)
{
	const frt_fault_t *faults;
	const char *why = NULL;
	uint32_t kept, errors, i;
	frt_draft_t *d;

	if(!cli_draft_read(file, &d, &why)) {
		cli_could_not(command, "%s: %s", file, why);
		frt_draft_free(d);
		return NULL;
	}
	faults = frt_draft_faults(d, &kept, &errors, NULL);
	for(i = 0; i < kept && errors > 0; i++) {
		if(!faults[i].warning)
			cli_could_not(command, "%s:%u: %s", faults[i].place.file,
					faults[i].place.line, faults[i].text);
	}
	if(errors > 0) {
		frt_draft_free(d);
		return NULL;
	}
	return d;
}

static void *mem_get(void *ctx, size_t size)
{
	size_t whole = (size + FRT_CACHE_LINE - 1) / FRT_CACHE_LINE;
	void *p =
			aligned_alloc(FRT_CACHE_LINE, (whole ? whole : 1) * FRT_CACHE_LINE);

	(void)ctx;
	if(p == NULL)
		exit(cli_could_not(NULL, "out of memory"));
	return p;
}

static void mem_put(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static frt_set_t *find_set(const cli_sim_t *sim, const char *file)
{
	const char *id = sim->script->set;
	const frt_gen_t *g = sim->world.gen;
	frt_set_t *set = NULL;

	if(id == NULL && g->nsets > 0)
		return &g->sets[0];
	if(id != NULL)
		set = frt_gen_set(g, frt_str_of(id));
	if(set == NULL)
		cli_could_not(sim->command, "%s: there is no set %s", file,
				id != NULL ? id : "at all");
	return set;
}

static char *text_of(frt_str_t s)
{
	return cli_text("%.*s", (int)s.len, s.s);
}

static void fill_dsts(cli_sim_t *sim)
{
	cli_sim_result_t *r = sim->result;
	sim_world_t *w = &sim->world;
	uint32_t i;

	r->ndsts = sim->set->ndsts;
	r->dsts = cli_alloc(r->ndsts * sizeof(*r->dsts));
	for(i = 0; i < w->gen->ndsts; i++) {
		const frt_dst_t *dst = &w->gen->dsts[i];
		cli_sim_dst_t *d;

		w->hops[i].manner = sim->script->manner;
		w->hops[i].retry_s = FRT_RETRY_AFTER_NONE;
		w->hops[i].stream =
				dst->proto != FRT_PROTO_ANY && dst->proto != FRT_PROTO_UDP;
		sim->place[i] = SIM_NONE;
		if(dst->set != sim->set)
			continue;
		sim->place[i] = (uint32_t)(dst - sim->set->dsts);
		d = &r->dsts[sim->place[i]];
		d->id = text_of(dst->id);
		d->uri = text_of(dst->uri);
		d->priority = dst->priority;
		d->weight = dst->weight;
	}
}

static const sim_ops_t the_ops = {.invite = sim_hop_invite,
		.probe = on_probe,
		.own = on_own,
		.broken = on_broken,
		.attempt = on_attempt,
		.outcome = on_outcome,
		.changed = on_changed,
		.over = on_over};

const sim_ops_t *cli_sim_ops(void)
{
	return &the_ops;
}

static cli_sim_t *sim_new(const char *command, const cli_script_t *script,
		const sim_ops_t *more, cli_sim_result_t *result)
{
	cli_sim_t *sim = cli_alloc(sizeof(*sim));
	sim_world_t *w = &sim->world;

	sim->command = command;
	sim->script = script;
	sim->result = result;
	sim->rate = script->rate;
	w->ops = more != NULL ? more : &the_ops;
	w->mem = (frt_mem_t){mem_get, mem_put, NULL};
	w->fate.state = frt_hash_mix(script->seed + 1);
	w->rnd.state = frt_hash_mix(w->fate.state);
	sim->arrivals.state = frt_hash_mix(w->rnd.state);
	w->skew = 1000000;
	w->week_min = script->week_min;
	w->loss = script->loss;
	w->talk = script->talk;
	w->probing = true;
	sim_init(w);
	return sim;
}

cli_sim_t *cli_sim_new(const char *command, const char *file,
		const cli_script_t *script, const sim_ops_t *more,
		cli_sim_result_t *result)
{
	frt_draft_t *d = read_draft(command, file);
	cli_sim_t *sim;
	sim_world_t *w;

	if(d == NULL)
		return NULL;
	sim = sim_new(command, script, more, result);
	w = &sim->world;
	result->file = file;
	result->duration_ms = script->duration_ms;
	result->step_ms = (script->duration_ms + CLI_SIM_STEPS - 1) / CLI_SIM_STEPS;
	simplify(d, script->set, result);
	frt_sched_init(&w->sched, &w->mem, 1000, true);
	(void)sim_table_load(w, d, addr_of);
	frt_draft_free(d);
	sim->set = find_set(sim, file);
	if(sim->set == NULL) {
		cli_sim_free(sim);
		return NULL;
	}
	result->set = text_of(sim->set->id);
	w->hops = cli_alloc(w->gen->ndsts * sizeof(*w->hops));
	sim->place = cli_alloc(w->gen->ndsts * sizeof(*sim->place));
	fill_dsts(sim);
	return sim;
}

char **cli_sim_ids(const char *command, const char *file, char **set, size_t *n)
{
	frt_draft_t *d = read_draft(command, file);
	frt_draft_set_t *s = d != NULL ? frt_draft_sets(d) : NULL;
	frt_draft_dst_t *dst;
	char **ids = NULL;

	if(d != NULL && *set != NULL)
		s = frt_draft_set_find(d, frt_str_of(*set));
	*n = 0;
	if(s != NULL) {
		if(*set == NULL)
			*set = text_of(s->id);
		ids = cli_alloc((s->ndsts + 1) * sizeof(*ids));
		for(dst = s->dsts; dst != NULL; dst = dst->next)
			ids[(*n)++] = text_of(dst->id);
	} else if(d != NULL) {
		cli_could_not(command, "%s: there is no set %s", file,
				*set != NULL ? *set : "at all");
	}
	frt_draft_free(d);
	return ids;
}

/* --- running it ------------------------------------------------------------------------ */

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The health of one destination, up to a time. */
static void fill_health(cli_sim_result_t *r, cli_sim_dst_t *d, frt_health_t was,
		uint32_t *next, uint64_t until_t)
{
	/* a step has that of its middle */
	while(*next < CLI_SIM_STEPS
			&& *next * r->step_ms + r->step_ms / 2 < until_t)
		d->step_health[(*next)++] = (uint8_t)was;
}

static void finish_health(cli_sim_t *sim)
{
	cli_sim_result_t *r = sim->result;
	uint32_t *next = cli_alloc(r->ndsts * sizeof(*next));
	size_t i;

	for(i = 0; i < r->nchanges; i++) {
		const cli_sim_change_t *c = &r->changes[i];

		fill_health(r, &r->dsts[c->dst], c->from, &next[c->dst], c->t);
	}
	for(i = 0; i < r->ndsts; i++) {
		cli_sim_dst_t *d = &r->dsts[i];

		d->health = FRT_WORD_HEALTH(atomic_load(&sim->set->dsts[i].rec->word));
		fill_health(r, d, d->health, &next[i], UINT64_MAX);
	}
	free(next);
}

void cli_sim_run(cli_sim_t *sim)
{
	sim_world_t *w = &sim->world;
	uint64_t end = sim->script->duration_ms;
	double began = seconds();
	uint32_t pct;

	if(sim->replay == NULL)
		next_event(sim);
	for(pct = 1; pct <= 100; pct++) {
		while(sim_step(w, end * pct / 100))
			;
		if(seconds() - began > 1)
			cli_progress("%s: %u %%", sim->result->file, pct);
	}
	cli_progress_end();
	while(w->nopen > 0 && sim_step(w, UINT64_MAX))
		;
	finish_health(sim);
}

void cli_sim_free(cli_sim_t *sim)
{
	free(sim->world.hops);
	free(sim->place);
	sim_free(&sim->world);
	free(sim);
}

void cli_sim_result_free(cli_sim_result_t *r)
{
	size_t i;

	for(i = 0; i < r->ndsts; i++) {
		free(r->dsts[i].id);
		free(r->dsts[i].uri);
	}
	for(i = 0; i < r->nchanges; i++)
		free(r->changes[i].reason);
	free(r->dsts);
	free(r->changes);
	free(r->set);
	free(r->note);
}
