/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert kamailio: calls of dispatcher's functions, native and KEMI.
 */
#include "frt_cli_conv_script.h"

#include <string.h>

/* A call, and how it stands in the script. */
typedef struct site
{
	script_t *s;
	const cfg_call_t *call;
	const char *name; /* without KSR.dispatcher. */
	bool statement;	  /* its value is not looked at */
	bool bare;		  /* and it is not the only one of an if */
	bool inner;		  /* and it is the only one of an if, else or while */
	size_t last;	  /* the call's last token, with a statement's ';' */
} site_t;

static bool kemi(const site_t *at)
{
	return at->s->g->lang != CFG_KAMAILIO;
}

/* A KEMI statement is alone on its line. */
static void script_statement(site_t *at)
{
	const cfg_t *g = at->s->g;
	size_t i = at->call->name, e = at->call->close;
	unsigned line = g->toks[i].line;

	at->last = cfg_is(g, e + 1, ";") ? e + 1 : e;
	at->statement = at->bare =
			(i == 0 || g->toks[i - 1].line != line || cfg_is(g, i - 1, ";"))
			&& (at->last + 1 >= g->n || g->toks[at->last + 1].line != line);
}

static void cfg_statement(site_t *at)
{
	const cfg_t *g = at->s->g;
	size_t i = at->call->name;
	bool begins = i == 0 || cfg_is(g, i - 1, ";") || cfg_is(g, i - 1, "{")
				  || cfg_is(g, i - 1, "}");
	bool inner = !begins && (cfg_is(g, i - 1, ")") || cfg_is(g, i - 1, "else"));

	at->last = at->call->close + 1;
	at->statement = cfg_is(g, at->last, ";")
					&& (begins || inner || cfg_is(g, i - 1, ":"));
	at->bare = at->statement && begins;
	at->inner = at->statement && inner;
	if(!at->statement)
		at->last = at->call->close;
}

static void become(site_t *at, const char *text)
{
	cfg_edit_toks(at->s->g, at->call->name, at->call->close, text);
}

/* The module does by itself what the call is for. The ';' that follows stays
 * where something must stand. */
static void drop(site_t *at)
{
	script_t *s = at->s;
	size_t i;

	if(!at->statement)
		become(at, "1");
	else if(s->g->lang == CFG_PYTHON)
		cfg_edit_toks(s->g, at->call->name, at->last, "pass");
	else if(!at->bare)
		become(at, "");
	else {
		cfg_edit_toks(s->g, at->call->name, at->last, "");
		for(i = at->call->name; i <= at->last; i++)
			s->gone[i] = true;
	}
}

/* An empty block is a syntax error in a kamailio.cfg, but { ; } is none. */
void script_fill_blocks(script_t *s)
{
	cfg_t *g = s->g;
	size_t i, k, end, e;
	cfg_file_t *f;

	for(i = 0; i + 1 < g->n && g->lang == CFG_KAMAILIO; i++) {
		if(!s->gone[i + 1] || !cfg_is(g, i, "{"))
			continue;
		end = cfg_match(g, i);
		for(k = i + 1; k < end && s->gone[k]; k++)
			;
		f = g->toks[i + 1].file;
		for(e = 0; k == end && e < f->nedits; e++) {
			if(f->edits[e].at == g->toks[i + 1].at)
				f->edits[e].text = ";";
		}
	}
}

/* An argument for a parameter that is a text. */
static const char *text_arg(const site_t *at, unsigned n)
{
	cfg_t *g = at->s->g;
	const char *s = cfg_arg_text(g, at->call, n);
	const char *v = cfg_arg_value(g, at->call, n);
	long number;

	if(s == NULL)
		return "\"\"";
	if(*s == '"' || *s == '\'')
		return s;
	if(conv_number(s, &number))
		return conv_printf(g->c, "\"%ld\"", number);
	if(!kemi(at) || v != NULL)
		return s;
	return conv_printf(
			g->c, g->lang == CFG_LUA ? "tostring(%s)" : "str(%s)", s);
}

/* The key of a hash, by dispatcher's algorithm; NULL: none. */
static const char *key_of(const site_t *at, const char *alg)
{
	script_t *s = at->s;

	if(strcmp(alg, "1") == 0)
		return s->user_only ? "$fU" : "$fu";
	if(strcmp(alg, "2") == 0)
		return s->user_only ? "$tU" : "$tu";
	if(strcmp(alg, "3") == 0)
		return s->user_only ? "$rU" : "$ru";
	if(strcmp(alg, "5") == 0)
		return "$au";
	if(strcmp(alg, "7") == 0)
		return s->hash_pvar;
	return NULL;
}

static const char *select_text(
		const site_t *at, const char *set, const char *key)
{
	conv_t *c = at->s->g->c;

	if(key == NULL)
		return conv_printf(c, "%sfrt_select(%s)",
				kemi(at) ? "KSR.failover_route." : "", set);
	if(kemi(at))
		return conv_printf(c,
				"KSR.failover_route.frt_select_key(%s, KSR.pv.gete(\"%s\"))",
				set, key);
	return conv_printf(c, "frt_select(%s, \"%s\")", set, key);
}

static void do_select(site_t *at)
{
	cfg_t *g = at->s->g;
	const char *alg = cfg_arg_value(g, at->call, 1), *key = NULL, *to;
	size_t tok = at->call->name;

	if(at->call->nargs < 2) {
		script_say(at->s, CONV_UNSUPPORTED, tok, "%s: too few arguments",
				at->name);
		return;
	}
	if(alg != NULL)
		key = key_of(at, alg);
	to = select_text(at, text_arg(at, 0), key);
	become(at, to);
	script_say(at->s, CONV_CONVERTED, tok, "%s -> %s", at->name, to);
	if(alg == NULL)
		script_say(at->s, CONV_CHANGED, tok,
				"the algorithm is known at run time only; the set's strategy "
				"decides");
	else if(strcmp(alg, "12") == 0)
		script_say(at->s, CONV_UNSUPPORTED, tok,
				"algorithm 12 (parallel): strategy=\"parallel\" is for "
				"frt_relay() only; write that instead of selecting and "
				"relaying");
	if(at->call->nargs > 2)
		script_say(at->s, CONV_CHANGED, tok,
				"the limit is max-attempts of the set");
	if(strncmp(at->name, "ds_select_domain", 16) == 0)
		script_say(at->s, CONV_NOTE, tok,
				"the set needs rewrite=\"ruri\"; convert the table with --cfg");
	if(strcmp(at->name, "ds_select") == 0
			|| strcmp(at->name, "ds_select_limit") == 0)
		script_say(at->s, CONV_CHANGED, tok,
				"frt_select() points the request at the destination at once");
}

/* "1=4;2=8" as the call of one set, or of each while the one before has nobody;
 * NULL if there is no rule. */
static const char *routes_text(const site_t *at, const char *p, int depth)
{
	conv_t *c = at->s->g->c;
	size_t n = strcspn(p, "=;"), m = p[n] == '=' ? strcspn(p + n, ";") : 0;
	const char *alg = m > 0 ? conv_copy(c, p + n + 1, m - 1) : "";
	const char *one, *rest = NULL;

	if(*p == '\0')
		return NULL;
	one = select_text(
			at, conv_printf(c, "\"%s\"", conv_copy(c, p, n)), key_of(at, alg));
	if(p[n + m] == ';' && depth < 16)
		rest = routes_text(at, p + n + m + 1, depth + 1);
	if(rest == NULL)
		return one;
	if(at->s->g->lang == CFG_LUA)
		return conv_printf(c, "(%s > 0 and 1 or %s)", one, rest);
	if(at->s->g->lang == CFG_PYTHON)
		return conv_printf(c, "(1 if %s > 0 else %s)", one, rest);
	if(at->statement)
		return conv_printf(c, "if (!%s) %s", one, rest);
	return conv_printf(c, "(%s || %s)", one, rest);
}

/* Puts the text of routes there, and returns it. Where it is an if, an else that
 * follows is not for that one: braces say so, and in a #!define, which may stand
 * where a block must not, an else of its own. */
static const char *put_routes(site_t *at, const char *to)
{
	cfg_t *g = at->s->g;
	size_t name = at->call->name, last = at->call->close;

	if(at->statement && strncmp(to, "if ", 3) == 0) {
		if(g->toks[name].define) {
			to = conv_printf(g->c, "%s; else", to);
		} else if(at->inner) {
			to = conv_printf(g->c, "{ %s; }", to);
			last = at->last;
		}
	}
	cfg_edit_toks(g, name, last, to);
	return to;
}

static void do_select_routes(site_t *at)
{
	const char *rules = cfg_arg_value(at->s->g, at->call, 0);
	const char *to = rules != NULL ? routes_text(at, rules, 0) : NULL;

	if(to == NULL) {
		script_say(at->s, CONV_UNSUPPORTED, at->call->name,
				"%s: its rules are known at run time only; left as it is",
				at->name);
		return;
	}
	to = put_routes(at, to);
	script_say(at->s, CONV_CHANGED, at->call->name,
			"%s -> %s: a call fails over within one set; the next is asked "
			"when the one before has nobody",
			at->name, to);
}

static void do_rename(site_t *at, const char *to)
{
	const char *full = conv_printf(
			at->s->g->c, "%s%s", kemi(at) ? "KSR.failover_route." : "", to);

	become(at, full);
	script_say(
			at->s, CONV_CONVERTED, at->call->name, "%s -> %s", at->name, full);
}

static void do_mark(site_t *at)
{
	const char *state = cfg_arg_value(at->s->g, at->call, 0);
	const char *to = NULL;

	if(at->call->nargs > 0 && state == NULL) {
		script_say(at->s, CONV_UNSUPPORTED, at->call->name,
				"%s: its state is known at run time only; dropped", at->name);
		drop(at);
		return;
	}
	if(state != NULL && strpbrk(state, "dD") != NULL)
		to = "frt_mark(\"down\")";
	else if(state != NULL && strpbrk(state, "aA") != NULL)
		to = "frt_mark(\"ok\")";
	if(to != NULL) {
		do_rename(at, to);
		script_say(at->s, CONV_CHANGED, at->call->name,
				"%s: down stays until frt_mark(\"up\") or set_health; ok is "
				"one observation",
				to);
		return;
	}
	drop(at);
	script_say(at->s, CONV_CONVERTED, at->call->name,
			"%s(%s%s%s) is dropped: the module observes every attempt",
			at->name, state != NULL ? "\"" : "", state != NULL ? state : "",
			state != NULL ? "\"" : "");
}

static void do_is_from(site_t *at)
{
	cfg_t *g = at->s->g;
	const char *set = cfg_arg_value(g, at->call, 0);
	const char *mode = cfg_arg_value(g, at->call, 1);

	if(at->call->nargs == 0 || (set != NULL && strcmp(set, "-1") == 0))
		do_rename(at, "frt_is_from(\"*\")");
	else
		do_rename(at, conv_printf(g->c, "frt_is_from(%s)", text_arg(at, 0)));
	if(at->call->nargs > 2)
		script_say(at->s, CONV_UNSUPPORTED, at->call->name,
				"the URI is not looked at: it is the source address that "
				"counts");
	else if(at->call->nargs == 2 && (mode == NULL || strcmp(mode, "3") != 0))
		script_say(at->s, CONV_CHANGED, at->call->name,
				"addresses are compared, ports and transports are not, health "
				"neither");
	else if(at->call->nargs < 2)
		script_say(at->s, CONV_CHANGED, at->call->name,
				"dispatcher compares port and transport too; the module only "
				"addresses");
}

static void do_is_active(site_t *at)
{
	do_rename(at, conv_printf(at->s->g->c, "frt_is_up(%s)", text_arg(at, 0)));
	if(at->call->nargs > 1)
		script_say(at->s, CONV_CHANGED, at->call->name,
				"of the set: one destination is named by its id, "
				"frt_is_up(set, id), not by its URI");
}

static void do_reload(site_t *at)
{
	drop(at);
	script_say(at->s, CONV_UNSUPPORTED, at->call->name,
			"ds_reload() is dropped: the operator reloads, kamcmd "
			"failover_route.reload");
}

static void do_load(site_t *at)
{
	drop(at);
	script_say(at->s, CONV_CONVERTED, at->call->name,
			"%s() is dropped: calls are counted; max-calls needs the dialog "
			"module and dlg_manage()",
			at->name);
}

static void do_set(site_t *at)
{
	drop(at);
	script_say(at->s, CONV_CONVERTED, at->call->name,
			"%s() is dropped: frt_select() has done it", at->name);
}

static void do_next(site_t *at)
{
	do_rename(at, "frt_next()");
}

static void do_exists(site_t *at)
{
	do_rename(at, conv_printf(at->s->g->c, "frt_exists(%s)", text_arg(at, 0)));
}

static const struct
{
	const char *name;
	void (*convert)(site_t *at);
} functions[] = {
		{"ds_select", do_select},
		{"ds_select_limit", do_select},
		{"ds_select_dst", do_select},
		{"ds_select_dst_limit", do_select},
		{"ds_select_domain", do_select},
		{"ds_select_domain_limit", do_select},
		{"ds_select_routes", do_select_routes},
		{"ds_select_routes_limit", do_select_routes},
		{"ds_next_dst", do_next},
		{"ds_next_domain", do_next},
		{"ds_set_dst", do_set},
		{"ds_set_domain", do_set},
		{"ds_mark_dst", do_mark},
		{"ds_mark_dst_state", do_mark},
		{"ds_is_from_list", do_is_from},
		{"ds_is_from_lists", do_is_from},
		{"ds_is_from_list_mode", do_is_from},
		{"ds_is_from_list_uri", do_is_from},
		{"ds_list_exist", do_exists},
		{"ds_list_exists", do_exists},
		{"ds_is_active", do_is_active},
		{"ds_is_active_uri", do_is_active},
		{"ds_load_update", do_load},
		{"ds_load_unset", do_load},
		{"ds_reload", do_reload},
};

void script_call(script_t *s, const cfg_call_t *call)
{
	site_t at = {.s = s, .call = call};
	size_t i;

	at.name = strstr(cfg_text(s->g, call->name), "ds_");
	for(i = 0; at.name != NULL && i < sizeof(functions) / sizeof(functions[0]);
			i++) {
		if(strcmp(functions[i].name, at.name) != 0)
			continue;
		if(kemi(&at))
			script_statement(&at);
		else
			cfg_statement(&at);
		functions[i].convert(&at);
		return;
	}
	script_say(s, CONV_UNSUPPORTED, call->name,
			"%s: the module has nothing like it; left as it is",
			cfg_text(s->g, call->name));
}
