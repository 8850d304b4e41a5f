/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route replay: what a policy would have made of calls that were
 * recorded. Where it sends a call to a destination that the call did try, what
 * came of that is known; where it did not, the destination is taken to have
 * done what it did to the call nearest in time, and the callee what it did
 * wherever the call got through. How much of which it was is told.
 */
#include "frt_cli.h"
#include "frt_cli_sim.h"
#include "frt_cli_trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR_MS 60000u

typedef struct cli_replay
{
	const cli_trace_t *trace;
	uint32_t next;	   /* call */
	uint32_t *name_of; /* by next hop: in the trace; SIM_NONE: unknown */
	uint64_t near_ms;
	uint64_t known, near, assumed; /* attempts */
} cli_replay_t;

static cli_replay_t *replay_of(sim_world_t *w)
{
	return ((cli_sim_t *)w)->replay;
}

/* --- what destinations did ------------------------------------------------------------ */

static uint32_t delay_of(
		sim_world_t *w, uint32_t recorded, sim_range_t otherwise)
{
	return recorded != CLI_UNKNOWN ? recorded : sim_draw_range(w, otherwise);
}

/* a: the times, if any; code: how it ends, 0 for silence. */
static void answer_as(sim_world_t *w, sim_call_t *call, uint32_t attempt,
		const cli_try_t *a, int code)
{
	static const cli_try_t none = {.first_ms = CLI_UNKNOWN,
			.ring_ms = CLI_UNKNOWN,
			.final_ms = CLI_UNKNOWN};
	const sim_manner_t *m =
			&w->hops[sim_rec_of(call->plan.tries[attempt].rec)->addr].manner;
	uint32_t first, ring, final;

	if(a == NULL)
		a = &none;
	if(code == 0 && a->first_ms == CLI_UNKNOWN)
		return;
	first = delay_of(w, a->first_ms, m->rtt);
	sim_hop_reply(w, call, attempt, 100, first, -1);
	ring = first;
	if(a->ring_ms != CLI_UNKNOWN || (code >= 200 && code < 300)) {
		ring = a->ring_ms != CLI_UNKNOWN ? a->ring_ms
										 : first + sim_draw_range(w, m->ring);
		sim_hop_reply(w, call, attempt, 180, ring, -1);
	}
	if(code == 0)
		return;
	final = a->final_ms != CLI_UNKNOWN ? a->final_ms : ring;
	if(a->final_ms == CLI_UNKNOWN && code < 300)
		final += sim_draw_range(w, m->answer);
	sim_hop_reply(w, call, attempt, code, final > ring ? final : ring, -1);
}

/* What the callee said, wherever the call got through; 200 if it never did. */
static const cli_try_t *own_answer(
		const cli_trace_t *t, const cli_recorded_t *c)
{
	uint32_t i;

	for(i = c->first; i < c->first + c->n; i++) {
		if(!cli_trace_failed(t->tries[i].code))
			return &t->tries[i];
	}
	return NULL;
}

static const cli_try_t *own_try(
		const cli_trace_t *t, const cli_recorded_t *c, uint32_t name)
{
	uint32_t i;

	for(i = c->first; i < c->first + c->n; i++) {
		if(t->tries[i].name == name)
			return &t->tries[i];
	}
	return NULL;
}

static bool on_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt)
{
	cli_replay_t *p = replay_of(w);
	const cli_recorded_t *c = &p->trace->calls[call->user];
	uint32_t addr = sim_rec_of(call->plan.tries[attempt].rec)->addr;
	uint32_t name = p->name_of[addr];
	const cli_try_t *a = NULL, *own;

	if(name != SIM_NONE)
		a = own_try(p->trace, c, name);
	if(a != NULL) {
		p->known++;
		answer_as(w, call, attempt, a, a->code);
		return true;
	}
	if(name != SIM_NONE)
		a = cli_trace_near(p->trace, name, w->t, p->near_ms);
	if(a != NULL)
		p->near++;
	else
		p->assumed++;
	if(a != NULL && cli_trace_failed(a->code)) {
		answer_as(w, call, attempt, a, a->code);
		return true;
	}
	own = own_answer(p->trace, c);
	answer_as(w, call, attempt, own != NULL ? own : a,
			own != NULL ? own->code : 200);
	return true;
}

/* Who was silent to calls is taken to have been silent to probes. */
static bool on_probe(sim_world_t *w, uint32_t addr, uint32_t id)
{
	cli_replay_t *p = replay_of(w);
	uint32_t name = p->name_of[addr];
	const cli_try_t *a = NULL;

	if(name != SIM_NONE)
		a = cli_trace_near(p->trace, name, w->t, p->near_ms);
	if(a != NULL && a->code == 0 && a->first_ms == CLI_UNKNOWN) {
		((cli_sim_t *)w)->result->probes++;
		return true;
	}
	return cli_sim_ops()->probe(w, addr, id);
}

/* --- calls, as they came ---------------------------------------------------------------- */

static void plan_next(sim_world_t *w)
{
	cli_replay_t *p = replay_of(w);

	if(p->next < p->trace->ncalls)
		sim_later(w, SIM_CALL, p->trace->calls[p->next].t - w->t);
}

static void on_own(sim_world_t *w, const sim_event_t *ev)
{
	cli_replay_t *p = replay_of(w);
	uint32_t at = p->next++;
	const cli_recorded_t *c = &p->trace->calls[at];

	(void)ev;
	plan_next(w);
	cli_sim_call((cli_sim_t *)w, c->user, c->key, at);
}

/* "192.0.2.1:5060" of "sip:192.0.2.1;transport=udp" */
static void address_of(const char *uri, char *out, size_t size)
{
	frt_uri_t u;

	*out = '\0';
	if(frt_uri_parse(frt_str_of(uri), &u) == 0)
		snprintf(out, size, "%.*s:%u", (int)u.host.len, u.host.s,
				u.port ? u.port : frt_proto_port(frt_uri_proto(&u)));
}

/* The destination's name in the trace: its id, or its address. */
static uint32_t find_name(const cli_trace_t *t, const cli_sim_dst_t *d)
{
	char address[FRT_URI_MAX + 8];
	size_t i;

	address_of(d->uri, address, sizeof(address));
	for(i = 0; i < t->nnames; i++) {
		if(strcmp(t->names[i], d->id) == 0 || strcmp(t->names[i], address) == 0)
			return (uint32_t)i;
	}
	return SIM_NONE;
}

/* The calls of a capture that never went to a destination of the policy are not
 * its calls: the caller's side of the same call, or somebody else's. */
static bool keep_ours(cli_trace_t *t, const cli_sim_t *sim)
{
	bool *ours = cli_alloc(t->nnames * sizeof(*ours));
	size_t i, n = 0;
	uint32_t k, m, addr;

	for(addr = 0; addr < sim->world.gen->ndsts; addr++) {
		if(sim->replay->name_of[addr] != SIM_NONE)
			ours[sim->replay->name_of[addr]] = true;
	}
	for(i = 0; i < t->ncalls; i++) {
		cli_recorded_t c = t->calls[i];

		for(k = m = c.first; k < c.first + c.n; k++) {
			if(ours[t->tries[k].name])
				t->tries[m++] = t->tries[k];
		}
		c.n = m - c.first;
		if(c.n > 0) {
			c.code = t->tries[m - 1].code;
			c.t = t->tries[c.first].t;
			t->calls[n++] = c;
		}
	}
	t->ncalls = n;
	free(ours);
	return n > 0;
}

/* --- the recorded side -------------------------------------------------------------------- */

static void count_try(
		cli_sim_result_t *r, const cli_try_t *a, const uint32_t *place)
{
	cli_sim_dst_t *d = &r->dsts[place[a->name]];
	uint32_t step = cli_sim_step(r, a->t);

	r->attempts++;
	d->attempts++;
	d->step_attempts[step]++;
	if(!cli_trace_failed(a->code)) {
		d->ok++;
		return;
	}
	d->failed++;
	d->timeouts += a->code == 0;
	d->step_failed[step]++;
}

static void count_call(cli_sim_result_t *r, const cli_trace_t *t,
		const cli_recorded_t *c, const uint32_t *place)
{
	const cli_try_t *last = c->n > 0 ? &t->tries[c->first + c->n - 1] : NULL;
	int code = c->code != 0 ? c->code : last != NULL ? last->code : 0;
	uint64_t ring = CLI_SIM_NO_RING;
	uint32_t k;

	for(k = c->first; t->tries && k < c->first + c->n; k++) {
		count_try(r, &t->tries[k], place);
		if(ring == CLI_SIM_NO_RING && t->tries[k].ring_ms != CLI_UNKNOWN)
			ring = t->tries[k].t + t->tries[k].ring_ms - c->t;
	}
	cli_sim_count(r, c->t, code >= 200 && code < 300,
			!cli_trace_failed(code) || ring != CLI_SIM_NO_RING, ring);
	r->tries[c->n < FRT_ATTEMPTS_MAX ? c->n : FRT_ATTEMPTS_MAX]++;
	/* what the script answered itself is not lost */
	r->nowhere += c->n == 0 && cli_trace_failed(code);
}

static void add_dst(cli_sim_result_t *r, const char *id)
{
	cli_sim_dst_t *d = &r->dsts[r->ndsts++];

	d->id = cli_copy(id);
	d->uri = cli_copy("");
}

/* The policy's destinations in its order, and then whoever else was tried. */
static uint32_t *name_dsts(
		const cli_trace_t *t, const cli_sim_result_t *like, cli_sim_result_t *r)
{
	uint32_t *place = cli_alloc((t->nnames + 1) * sizeof(*place)), name;
	size_t i;

	r->dsts = cli_alloc((like->ndsts + t->nnames) * sizeof(*r->dsts));
	for(i = 0; i < t->nnames; i++)
		place[i] = SIM_NONE;
	for(i = 0; i < like->ndsts; i++) {
		name = find_name(t, &like->dsts[i]);
		if(name != SIM_NONE && place[name] == SIM_NONE)
			place[name] = (uint32_t)r->ndsts;
		add_dst(r, like->dsts[i].id);
	}
	for(i = 0; i < t->ncalls; i++) {
		const cli_recorded_t *c = &t->calls[i];
		uint32_t k;

		for(k = c->first; k < c->first + c->n; k++) {
			name = t->tries[k].name;
			if(place[name] != SIM_NONE)
				continue;
			place[name] = (uint32_t)r->ndsts;
			add_dst(r, t->names[name]);
		}
	}
	return place;
}

/* What was recorded, told as the policies are. */
static void as_it_was(
		const cli_trace_t *t, const cli_sim_result_t *like, cli_sim_result_t *r)
{
	uint32_t *place;
	size_t i;

	r->file = t->file;
	r->set = cli_copy(like->set);
	r->note = cli_copy("as recorded");
	r->recorded = true;
	r->duration_ms = like->duration_ms;
	r->step_ms = like->step_ms;
	place = name_dsts(t, like, r);
	for(i = 0; i < t->ncalls; i++)
		count_call(r, t, &t->calls[i], place);
	free(place);
}

/* --- the command ----------------------------------------------------------------------------- */

typedef struct job
{
	const cli_args_t *args;
	cli_script_t script;
	cli_trace_t trace;
	cli_replay_t replay[2];
	cli_sim_result_t *results; /* as recorded, the policy, the other */
	size_t n;
	long near_s;
} job_t;

static bool run_one(job_t *j, const char *file)
{
	static sim_ops_t ops;
	cli_replay_t *p = &j->replay[j->n - 1];
	cli_sim_t *sim;
	uint32_t addr;

	ops = *cli_sim_ops();
	ops.invite = on_invite;
	ops.probe = on_probe;
	ops.own = on_own;
	sim = cli_sim_new("replay", file, &j->script, &ops, &j->results[j->n]);
	if(sim == NULL)
		return false;
	p->trace = &j->trace;
	p->near_ms = (uint64_t)j->near_s * 1000;
	p->name_of = cli_alloc(sim->world.gen->ndsts * sizeof(*p->name_of));
	sim->replay = p;
	for(addr = 0; addr < sim->world.gen->ndsts; addr++)
		p->name_of[addr] =
				sim->place[addr] == SIM_NONE
						? SIM_NONE
						: find_name(&j->trace,
								&j->results[j->n].dsts[sim->place[addr]]);
	if(j->n == 1 && j->trace.timed && !keep_ours(&j->trace, sim)) {
		cli_could_not("replay",
				"%s: no INVITE in it went to a destination of set %s",
				j->trace.file, j->results[1].set);
		cli_sim_free(sim);
		return false;
	}
	plan_next(&sim->world);
	cli_sim_run(sim);
	cli_sim_free(sim);
	j->n++;
	return true;
}

static json_t *replay_json(const cli_replay_t *p)
{
	json_t *o = json_object();

	cli_json_set(o, "as_recorded", json_integer((json_int_t)p->known));
	cli_json_set(o, "as_neighbours", json_integer((json_int_t)p->near));
	cli_json_set(o, "assumed_up", json_integer((json_int_t)p->assumed));
	return o;
}

static void print(const job_t *j)
{
	uint64_t all;
	size_t i;

	cli_put(stdout, j->trace.file);
	printf(": %zu call%s in %s", j->trace.ncalls, frt_plural(j->trace.ncalls),
			cli_sim_time(j->script.duration_ms / 1000 * 1000));
	if(j->trace.skipped > 0)
		printf("; %llu record%s without a path or time passed over",
				(unsigned long long)j->trace.skipped,
				frt_plural(j->trace.skipped));
	if(j->trace.other_sets > 0)
		printf("; %llu of other sets", (unsigned long long)j->trace.other_sets);
	putchar('\n');
	for(i = 1; i < j->n; i++) {
		const cli_replay_t *p = &j->replay[i - 1];

		all = p->known + p->near + p->assumed;
		cli_put(stdout, j->results[i].file);
		printf(": of its %llu attempt%s %.1f %% as recorded, %.1f %% as the "
			   "nearest call there, %.1f %% assumed to be answered\n",
				(unsigned long long)all, frt_plural(all),
				all > 0 ? (double)p->known * 100 / (double)all : 0,
				all > 0 ? (double)p->near * 100 / (double)all : 0,
				all > 0 ? (double)p->assumed * 100 / (double)all : 0);
	}
	cli_sim_print(&j->script, j->results, j->n);
}

static int tell(job_t *j)
{
	const char *svg = cli_value(j->args, "--svg", NULL), *why = NULL;
	json_t *o, *list, *one;
	size_t i;

	if(svg != NULL)
		why = cli_sim_svg(svg, &j->script, j->results, j->n);
	if(why != NULL)
		return cli_could_not("replay", "%s: %s", svg, why);
	if(!j->args->json) {
		print(j);
		return CLI_GOOD;
	}
	o = cli_json_new(j->args);
	list = json_array();
	cli_json_set(o, "recorded", cli_sim_json(&j->results[0]));
	cli_json_set(o, "skipped", json_integer((json_int_t)j->trace.skipped));
	for(i = 1; i < j->n; i++) {
		one = cli_sim_json(&j->results[i]);
		cli_json_set(one, "evidence", replay_json(&j->replay[i - 1]));
		cli_json_add(list, one);
	}
	cli_json_set(o, "policies", list);
	return cli_json_end(o, CLI_GOOD);
}

static bool all(job_t *j)
{
	const char *other = cli_value(j->args, "--compare", NULL);
	const char *file = j->args->operands[0];
	char **ids;
	size_t n, i;

	if(!cli_number(j->args, "--near", 0, 86400, NEAR_MS / 1000, &j->near_s))
		return false;
	j->script.set = cli_copy(cli_value(j->args, "--set", NULL));
	ids = cli_sim_ids("replay", file, &j->script.set, &n);
	if(ids == NULL)
		return false;
	for(i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
	cli_progress("reading %s", j->args->operands[1]);
	if(!cli_trace_read(&j->trace, j->args->operands[1], j->script.set))
		return false;
	j->script.duration_ms = j->trace.calls[j->trace.ncalls - 1].t + 1000;
	if(!run_one(j, file) || (other != NULL && !run_one(j, other)))
		return false;
	as_it_was(&j->trace, &j->results[1], &j->results[0]);
	return true;
}

static int run(cli_args_t *args)
{
	job_t j = {.args = args, .n = 1};
	int ret = CLI_COULD_NOT;
	size_t i;

	if(args->noperands != 2)
		return cli_bad_usage("replay", "which configuration, and which trace?");
	cli_script_default(&j.script);
	j.results = cli_alloc(3 * sizeof(*j.results));
	if(all(&j))
		ret = tell(&j);
	for(i = 0; i < 3; i++)
		cli_sim_result_free(&j.results[i]);
	free(j.results);
	free(j.replay[0].name_of);
	free(j.replay[1].name_of);
	cli_trace_free(&j.trace);
	cli_script_free(&j.script);
	return ret;
}

const cli_command_t *cli_replay(void)
{
	static const cli_option_t options[] = {
			{"--compare", "FILE", NULL,
					"a second configuration, side by side with the first", 0},
			{"--svg", "FILE", NULL, "draw it", 0},
			{"--set", "ID", NULL,
					"the set whose calls they are; else the first", 0},
			{"--near", "N", NULL,
					"seconds for which a call tells of others; 60 if not given",
					0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"replay failover_route.xml /var/log/kamailio.log",
					"Yesterday's calls, by the lines of acc."},
			{"replay old.xml acc.csv --compare new.xml --svg friday.svg",
					"Would the new thresholds have done better?"},
			{"replay failover_route.xml trunk.pcap",
					"The same by the packets; needs tshark."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "replay",
			.line = "show what a policy would have made of recorded calls",
			.operands = "FILE TRACE",
			.about =
					"Sends the calls of TRACE through the module's own "
					"decisions, in virtual time.\nTRACE is what acc wrote with "
					"etc/kamailio-trunk-cdr.cfg (lines of syslog with\n"
					"\"ACC: \", or rows of its table as CSV with a line of "
					"names "
					"first: time or\ntimestamp, frt_path; also method, "
					"sip_code, "
					"callid, dst, frt_set), or a capture\n(pcap, pcapng).\n\n"
					"Where a call goes to a destination that it did try, what "
					"came of it is known.\nElsewhere the destination does what "
					"it did to the call nearest in time, and the\ncallee what "
					"it "
					"did where the call got through; how much of which is "
					"told.",
			.options = options,
			.examples = examples,
			.exits = "is not used",
			.run = run,
	};

	return &command;
}
