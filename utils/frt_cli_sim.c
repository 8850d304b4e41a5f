/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route simulate: what an outage would do to calls under a policy,
 * before it does.
 */
#include "frt_cli.h"
#include "frt_cli_sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is said on the command line counts more than the script. */
static bool overrides(cli_script_t *s, const cli_args_t *args)
{
	static const char *const names[] = {
			"--duration", "--rate", "--set", "--seed"};
	const char *value, *why;
	char *line;
	size_t i;

	for(i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		value = cli_value(args, names[i], NULL);
		if(value == NULL)
			continue;
		line = cli_text("%s %s", names[i] + 2, value);
		why = cli_script_line(s, line);
		free(line);
		if(why != NULL) {
			cli_bad_usage("simulate", "%s: %s", names[i], why);
			return false;
		}
	}
	return true;
}

/* Every destination that something happens to has to be in the first file: a
 * slip of the pen would be an outage that does not happen. */
static bool known(const cli_script_t *s, char *const *ids, size_t n)
{
	bool fine = true, found;
	char *list, *id, *save = NULL;
	size_t i, k;

	for(i = 0; i < s->nevents; i++) {
		if(s->events[i].dsts == NULL || strcmp(s->events[i].dsts, "*") == 0)
			continue;
		list = cli_copy(s->events[i].dsts);
		for(id = strtok_r(list, ",", &save); id != NULL;
				id = strtok_r(NULL, ",", &save)) {
			found = false;
			for(k = 0; k < n && !found; k++)
				found = strcmp(ids[k], id) == 0;
			if(!found) {
				cli_could_not("simulate", "at %s: there is no destination %s",
						cli_sim_time(s->events[i].t), id);
				fine = false;
			}
		}
		free(list);
	}
	return fine;
}

static bool prepare(const cli_args_t *args, cli_script_t *s)
{
	const char *file = cli_value(args, "--script", NULL);
	char **ids;
	bool fine;
	size_t n, i;

	cli_script_default(s);
	if((file != NULL && !cli_script_read(s, file)) || !overrides(s, args))
		return false;
	ids = cli_sim_ids("simulate", args->operands[0], &s->set, &n);
	if(ids == NULL)
		return false;
	if(file == NULL)
		cli_script_random(s, ids, n);
	fine = known(s, ids, n);
	for(i = 0; i < n; i++)
		free(ids[i]);
	free(ids);
	return fine;
}

static bool run_one(
		const char *file, const cli_script_t *s, cli_sim_result_t *r)
{
	cli_sim_t *sim = cli_sim_new("simulate", file, s, NULL, r);

	if(sim == NULL)
		return false;
	cli_sim_run(sim);
	cli_sim_free(sim);
	return true;
}

static int tell(const cli_args_t *args, const cli_script_t *s,
		const cli_sim_result_t *r, size_t n)
{
	const char *svg = cli_value(args, "--svg", NULL), *why = NULL;
	json_t *o, *list;
	size_t i;

	if(svg != NULL)
		why = cli_sim_svg(svg, s, r, n);
	if(why != NULL)
		return cli_could_not("simulate", "%s: %s", svg, why);
	if(!args->json) {
		if(s->file == NULL)
			printf("An outage made up with seed %llu: ",
					(unsigned long long)s->seed);
		printf("%s at %g calls a second\n", cli_sim_time(s->duration_ms),
				s->rate);
		cli_sim_print(s, r, n);
		return CLI_GOOD;
	}
	o = cli_json_new(args);
	cli_json_set(o, "script", cli_script_json(s));
	list = json_array();
	for(i = 0; i < n; i++)
		cli_json_add(list, cli_sim_json(&r[i]));
	cli_json_set(o, "policies", list);
	return cli_json_end(o, CLI_GOOD);
}

static int run(cli_args_t *args)
{
	const char *other = cli_value(args, "--compare", NULL);
	cli_sim_result_t *r;
	cli_script_t s;
	int ret = CLI_COULD_NOT;

	if(args->noperands != 1)
		return cli_bad_usage("simulate", "which configuration? One file");
	r = cli_alloc(2 * sizeof(*r));
	if(prepare(args, &s) && run_one(args->operands[0], &s, &r[0])
			&& (other == NULL || run_one(other, &s, &r[1])))
		ret = tell(args, &s, r, other != NULL ? 2 : 1);
	cli_sim_result_free(&r[0]);
	cli_sim_result_free(&r[1]);
	free(r);
	cli_script_free(&s);
	return ret;
}

const cli_command_t *cli_simulate(void)
{
	static const cli_option_t options[] = {
			{"--script", "FILE", NULL,
					"what happens, and how many calls there are; - reads "
					"standard input",
					0},
			{"--compare", "FILE", NULL,
					"a second configuration, side by side with the first", 0},
			{"--svg", "FILE", NULL, "draw it", 0},
			{"--set", "ID", NULL, "the set that gets the calls; else the first",
					0},
			{"--rate", "N", NULL, "calls a second", 0},
			{"--duration", "TIME", NULL, "how long, such as 20m", 0},
			{"--seed", "N", NULL,
					"another outage, where there is no script; other calls", 0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"simulate failover_route.xml",
					"An outage made up; --seed 2 makes another one up."},
			{"simulate --script friday.outage failover_route.xml",
					"That of last Friday."},
			{"simulate --script friday.outage --compare new.xml old.xml "
			 "--svg friday.svg",
					"Would the new thresholds have done better?"},
			{"simulate --rate 1000 --duration 1h --json failover_route.xml",
					"An hour of a thousand calls a second, for a program."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "simulate",
			.line = "show what an outage would do to calls",
			.operands = "FILE",
			.about = "Runs the module's own decisions against an outage, in "
					 "virtual time: an hour of\n1,000 calls a second takes "
					 "seconds. Prints what callers would have seen, which\n"
					 "destination got the calls, and each change of state with "
					 "its reason.\n\n"
					 "A script has one setting or event per line:\n\n"
					 "  duration 20m       rate 100           users 10000\n"
					 "  rtt 20ms-60ms      ring 500ms-2s      answer 2s-10s\n"
					 "  busy 10%           loss 0.5%          talk 1m-3m\n"
					 "  set carriers       clock Mon 09:00    seed 1\n"
					 "  at 5m gw1 blackhole\n"
					 "  at 7m gw1,gw2 503 20% retry-after 30s\n"
					 "  at 9m rate 400\n"
					 "  at 12m * up\n\n"
					 "What destinations do: up, closed, blackhole, deaf "
					 "(OPTIONS "
					 "only), trying (100,\nthen silence), limping [P%] (503, "
					 "but "
					 "answers OPTIONS), CODE [P%] [retry-after\nTIME], lossy "
					 "[P%], slow TIME-TIME, pdd TIME-TIME, flapping TIME, "
					 "capacity N\n(calls a second; 503 above), no-options. The "
					 "manual page says more.",
			.options = options,
			.examples = examples,
			.exits = "is not used",
			.run = run,
	};

	return &command;
}
