/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: how a kamailio.cfg uses dispatcher: which algorithm and limit for
 * which set, what it reads of a destination, its parameters.
 */
#include "frt_cli_conv_ds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first algorithm of a set counts; another one is said. */
static void note_alg(conv_t *c, ds_use_t *u, const char *set, const char *alg,
		const cfg_tok_t *t)
{
	void **at;

	if(set == NULL)
		set = "*";
	if(alg == NULL) {
		conv_say(c, CONV_NOTE, t->file->path, t->line,
				"the algorithm for set %s is known at run time only", set);
		return;
	}
	at = conv_map_at(c, &u->algs, set);
	if(*at != NULL && strcmp(*at, alg) != 0)
		conv_say(c, CONV_CHANGED, t->file->path, t->line,
				"set %s is used with algorithm %s here, and with %s before: "
				"a set of the module has one strategy, that of %s",
				set, alg, (char *)*at, (char *)*at);
	else
		*at = (void *)alg;
}

static const char *limit_text(conv_t *c, long limit)
{
	return limit > 0 ? conv_printf(c, "with limit %ld", limit)
					 : "without a limit";
}

/* Of the limits of a set the largest counts, and 0, none, is larger than any;
 * another one is said. */
static void note_limit(
		conv_t *c, ds_use_t *u, const char *set, long limit, const cfg_tok_t *t)
{
	void **at = conv_map_at(c, &u->limits, set != NULL ? set : "*");
	long *most = *at, before;

	if(most == NULL) {
		most = *at = conv_alloc(c, sizeof(*most));
		*most = limit;
	}
	before = *most;
	if(limit == before)
		return;
	if(limit == 0 || (before > 0 && limit > before))
		*most = limit;
	conv_say(c, CONV_CHANGED, t->file->path, t->line,
			"set %s is used %s here, and %s before: a set of the module has "
			"one max-attempts, that %s",
			set != NULL ? set : "*", limit_text(c, limit),
			limit_text(c, before), limit_text(c, *most));
}

/* The limit of a select, its third argument; 0: none. */
static long limit_of(const cfg_t *g, const cfg_call_t *call)
{
	const cfg_tok_t *t = &g->toks[call->name];
	const char *text = cfg_arg_value(g, call, 2);
	long n;

	if(text == NULL && call->nargs > 2)
		conv_say(g->c, CONV_NOTE, t->file->path, t->line,
				"the limit is known at run time only: max-attempts is as "
				"without one");
	return conv_number(text, &n) && n > 0 ? n : 0;
}

/* "1=4;2=8" of ds_select_routes(). */
static void note_routes(conv_t *c, ds_use_t *u, const char *rules, long limit,
		const cfg_tok_t *t)
{
	const char *p = rules, *set;
	size_t n, m;

	if(p == NULL)
		note_limit(c, u, NULL, limit, t);
	while(p != NULL && *p != '\0') {
		n = strcspn(p, "=;");
		m = p[n] == '=' ? strcspn(p + n + 1, ";") : 0;
		if(m > 0) {
			set = conv_copy(c, p, n);
			note_alg(c, u, set, conv_copy(c, p + n + 1, m), t);
			note_limit(c, u, set, limit, t);
		}
		p += n + (p[n] == '=') + m;
		p += *p == ';';
	}
}

static void note_call(conv_t *c, ds_use_t *u, const cfg_call_t *call)
{
	const cfg_t *g = &u->cfg;
	const cfg_tok_t *t = &g->toks[call->name];
	const char *set = cfg_arg_value(g, call, 0),
			   *name = cfg_text(g, call->name);
	const char *dot = strrchr(name, '.');

	name = dot != NULL ? dot + 1 : name;
	if(strncmp(name, "ds_select_routes", 16) == 0) {
		note_routes(c, u, set, limit_of(g, call), t);
	} else if(strncmp(name, "ds_select", 9) == 0 && call->nargs >= 2) {
		note_alg(c, u, set, cfg_arg_value(g, call, 1), t);
		note_limit(c, u, set, limit_of(g, call), t);
	} else if(strncmp(name, "ds_mark_", 8) == 0) {
		u->marks = true;
	}
	if(strncmp(name, "ds_select_domain", 16) == 0)
		*conv_map_at(c, &u->ruri, set != NULL ? set : "*") = u;
}

int ds_use_read(conv_t *c, ds_use_t *u)
{
	cfg_call_t call;
	size_t i;

	memset(u, 0, sizeof(*u));
	if(c->cfg == NULL)
		return 0;
	if(cfg_read(&u->cfg, c, c->cfg) != 0)
		return -1;
	u->known = true;
	for(i = 0; i < u->cfg.n; i++) {
		const cfg_tok_t *t = &u->cfg.toks[i];
		const char *text = t->type == CFG_PUNCT ? "" : cfg_text(&u->cfg, i);

		if(t->active && t->type == CFG_WORD && strstr(text, "ds_") != NULL
				&& cfg_call_at(&u->cfg, i, &call))
			note_call(c, u, &call);
		if((t->type == CFG_PV || t->type == CFG_STRING)
				&& strstr(text, "=>attrs") != NULL)
			u->body = true;
	}
	u->body |= ds_param_text(u, "attrs_pvname") != NULL;
	return 0;
}

void ds_use_free(ds_use_t *u)
{
	cfg_free(&u->cfg);
}

const char *ds_param_text(const ds_use_t *u, const char *name)
{
	return cfg_modparam(&u->cfg, "dispatcher", name, NULL, NULL);
}

long ds_param(const ds_use_t *u, const char *name, long otherwise)
{
	long v;

	return conv_number(ds_param_text(u, name), &v) ? v : otherwise;
}
