/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert kamailio: what is hardly meant in failure routes. Looks at the code
 * that is on, as it was before the conversion; route() is followed.
 */
#include "frt_cli_conv_script.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX 4096
#define FOLLOW_MAX 64

/* A block route[name] { first ... last }. */
typedef struct route
{
	const char *kind, *name;
	size_t head, first, last;
} route_t;

typedef struct lint
{
	cfg_t g; /* only the tokens that are on */
	route_t *routes;
	size_t n;
	conv_map_t by_name; /* of route[] */
} lint_t;

/* Blocks that run as part of one: itself, and what route() names. */
typedef struct reach
{
	const route_t *routes[FOLLOW_MAX];
	size_t n;
} reach_t;

static void say(lint_t *l, size_t tok, const char *text)
{
	const cfg_tok_t *t = &l->g.toks[tok];

	conv_say(l->g.c, CONV_LINT, t->file->path, t->line, "%s", text);
}

/* --- blocks ---------------------------------------------------------------------- */

static bool is_route_word(const char *w)
{
	static const char *const words[] = {"request_route", "route",
			"failure_route", "branch_route", "onreply_route", "reply_route",
			"onsend_route", "event_route", NULL};
	int i;

	for(i = 0; words[i] != NULL; i++) {
		if(strcmp(w, words[i]) == 0)
			return true;
	}
	return false;
}

static void find_routes(lint_t *l)
{
	cfg_t *g = &l->g;
	size_t i, open;
	route_t *r;

	l->routes = cli_alloc(ROUTES_MAX * sizeof(*l->routes));
	for(i = 0; i + 1 < g->n && l->n < ROUTES_MAX; i++) {
		if(g->toks[i].type != CFG_WORD || !is_route_word(cfg_text(g, i)))
			continue;
		open = cfg_is(g, i + 1, "[") ? i + 4 : i + 1;
		if(!cfg_is(g, open, "{"))
			continue;
		r = &l->routes[l->n++];
		r->kind = cfg_text(g, i);
		r->name = open == i + 4 ? cfg_text(g, i + 2) : "";
		r->head = i;
		r->first = open;
		r->last = cfg_match(g, open);
		if(strcmp(r->kind, "route") == 0)
			*conv_map_at(g->c, &l->by_name, r->name) = r;
		i = r->last;
	}
}

static void reach_add(lint_t *l, reach_t *w, const route_t *r)
{
	cfg_call_t call;
	const char *name;
	size_t i, k;
	void *to;

	for(k = 0; k < w->n; k++) {
		if(w->routes[k] == r)
			return;
	}
	if(w->n == FOLLOW_MAX)
		return;
	w->routes[w->n++] = r;
	for(i = r->first; i < r->last; i++) {
		if(!cfg_is(&l->g, i, "route") || !cfg_call_at(&l->g, i, &call))
			continue;
		name = cfg_arg_value(&l->g, &call, 0);
		to = name != NULL ? *conv_map_at(l->g.c, &l->by_name, name) : NULL;
		if(to != NULL)
			reach_add(l, w, to);
	}
}

/* The first token that begins with one of the texts, or 0. */
static size_t find_in(
		const lint_t *l, const route_t *r, const char *const *texts)
{
	size_t i;
	int k;

	for(i = r->first; i < r->last; i++) {
		const cfg_tok_t *t = &l->g.toks[i];

		for(k = 0; t->type == CFG_WORD && texts[k] != NULL; k++) {
			size_t n = strlen(texts[k]);
			if(t->len >= n && memcmp(t->file->text + t->at, texts[k], n) == 0)
				return i;
		}
	}
	return 0;
}

static size_t find(const lint_t *l, const reach_t *w, const char *const *texts)
{
	size_t k, at;

	for(k = 0; k < w->n; k++) {
		at = find_in(l, w->routes[k], texts);
		if(at > 0)
			return at;
	}
	return 0;
}

/* --- what guards a failover ----------------------------------------------------------- */

/* Final codes that say something of the callee or the caller, not the gateway. */
static const char *const personal[] = {"401", "403", "404", "407", "484", "486",
		"487", "488", "600", "603", "604", NULL};

/* An expression that costs nothing to compile: what repeats others is copied
 * by the C library, and copies of copies grow. */
static bool is_cheap(const char *re)
{
	const char *p;
	int repeats = 0;

	for(p = re; (p = strpbrk(p, "{+")) != NULL; p++) {
		if(++repeats > 4 || strspn(p + 1, "0123456789") > 1
				|| (*p == '{' && strcspn(p, "}") > 4))
			return false;
	}
	return strlen(re) <= 200;
}

/* Adds the personal codes that t_check_status("re") takes. */
static bool status_codes(lint_t *l, size_t tok, cli_buf_t *bad)
{
	cfg_call_t call;
	const char *re;
	regex_t r;
	int i;

	if(!cfg_call_at(&l->g, tok, &call))
		return false;
	re = cfg_arg_value(&l->g, &call, 0);
	if(re == NULL || !is_cheap(re)
			|| regcomp(&r, re, REG_EXTENDED | REG_ICASE | REG_NEWLINE) != 0)
		return true;
	for(i = 0; personal[i] != NULL; i++) {
		if(regexec(&r, personal[i], 0, NULL, 0) == 0)
			cli_buf_add(bad, "%s%s", bad->len > 0 ? ", " : "", personal[i]);
	}
	regfree(&r);
	return true;
}

/* Conditions from..to of an if: what lets through. Returns true if it looks at
 * the reply at all. */
static bool condition(
		lint_t *l, size_t from, size_t to, bool turned, cli_buf_t *bad)
{
	static const char *const looks[] = {"t_branch_timeout", "t_any_timeout",
			"frt_should_failover", "t_grep_status", "t_get_status_code", NULL};
	bool guards = false, not ;
	size_t i;
	int k;

	for(i = from; i < to; i++) {
		not = i > from && cfg_is(&l->g, i - 1, "!");
		if(cfg_is(&l->g, i, "t_check_status")) {
			guards = true;
			if(not == turned)
				status_codes(l, i, bad);
		}
		for(k = 0; looks[k] != NULL; k++)
			guards |= cfg_is(&l->g, i, looks[k]);
		if(l->g.toks[i].type == CFG_PV)
			guards |= strncmp(cfg_text(&l->g, i), "$T_", 3) == 0
					  || strcmp(cfg_text(&l->g, i), "$rs") == 0;
	}
	return guards;
}

/* Does the statement leave the route: exit, return, drop? */
static bool leaves(const lint_t *l, size_t from, size_t to)
{
	for(; from <= to && from < l->g.n; from++) {
		if(cfg_is(&l->g, from, "exit") || cfg_is(&l->g, from, "return")
				|| cfg_is(&l->g, from, "drop"))
			return true;
	}
	return false;
}

/* Every if before or around the place at. */
static bool guarded(lint_t *l, const route_t *r, size_t at, cli_buf_t *bad)
{
	bool guards = false, inside;
	size_t i, close, end;

	for(i = r->first; i < at; i++) {
		if(!cfg_is(&l->g, i, "if") || !cfg_is(&l->g, i + 1, "("))
			continue;
		close = cfg_match(&l->g, i + 1);
		end = cfg_block_end(&l->g, close + 1);
		/* in its condition counts as inside: if (t_check_status() && next) */
		inside = at <= end;
		if(inside)
			guards |= condition(l, i + 1, close < at ? close : at, false, bad);
		else if(leaves(l, close + 1, end))
			guards |= condition(l, i + 1, close, true, bad);
	}
	return guards;
}

/* --- the faults ------------------------------------------------------------------------ */

static const char *const nexts[] = {"ds_next_dst", "ds_next_domain", "frt_next",
		"ds_select_dst", "ds_select_domain", "frt_select", NULL};
static const char *const selects[] = {"ds_select", "frt_select", NULL};

static void lint_codes(lint_t *l, const route_t *r, size_t at)
{
	cli_buf_t bad = {NULL, 0, 0};

	if(!guarded(l, r, at, &bad))
		say(l, at,
				"fails over on every final reply, a busy (486) or a wanted "
				"password (401, 407) too; write frt_should_failover() before "
				"it");
	else if(bad.len > 0)
		say(l, at,
				conv_printf(l->g.c,
						"fails over on %s, which the callee or the caller is "
						"the reason of; frt_should_failover() tells them apart",
						bad.s));
	free(bad.s);
}

static void lint_armed(lint_t *l, const reach_t *w, size_t at)
{
	static const char *const arms[] = {"t_on_failure", NULL};
	static const char *const relays[] = {"t_relay", NULL};

	if(find(l, w, relays) > 0 && find(l, w, arms) == 0)
		say(l, at,
				"the failure route is not armed again: the second failure ends "
				"the call; t_on_failure() before relaying");
}

/* Something that is counted bounds the retries. */
static bool counts(const lint_t *l, const reach_t *w)
{
	size_t k, i;

	for(k = 0; k < w->n; k++) {
		for(i = w->routes[k]->first; i + 2 < w->routes[k]->last; i++) {
			if(cfg_is(&l->g, i, "+")
					&& (l->g.toks[i + 1].type == CFG_NUMBER
							|| cfg_is(&l->g, i + 1, "=")))
				return true;
		}
	}
	return false;
}

static void lint_bound(lint_t *l, const reach_t *w, const route_t *r)
{
	static const char *const arms[] = {"t_on_failure", NULL};
	static const char *const relays[] = {"t_relay", NULL};
	static const char *const goes[] = {"ds_next", "frt_next", NULL};
	size_t at = find(l, w, selects), arm = find(l, w, arms);
	cfg_call_t call;
	const char *name = NULL;

	if(arm > 0 && cfg_call_at(&l->g, arm, &call))
		name = cfg_arg_value(&l->g, &call, 0);
	if(arm == 0 || name == NULL || strcmp(name, r->name) != 0 || counts(l, w))
		return;
	if(at > 0)
		say(l, at,
				"selects anew at each failure and arms itself: nothing bounds "
				"the retries; frt_next() never gives one twice");
	else if(find(l, w, relays) > 0 && find(l, w, goes) == 0)
		say(l, arm,
				"relays and arms itself at each failure: nothing bounds the "
				"retries");
}

static void lint_failure(lint_t *l, const route_t *r)
{
	static const char *const cancels[] = {"t_is_canceled", NULL};
	static const char *const replies[] = {"t_reply", "t_send_reply",
			"send_reply", "sl_send_reply", "sl_reply", NULL};
	reach_t w = {.n = 0};
	size_t at = 0, k, reply;

	reach_add(l, &w, r);
	for(k = 0; k < w.n && at == 0; k++) {
		at = find_in(l, w.routes[k], nexts);
		if(at > 0)
			lint_codes(l, w.routes[k], at);
	}
	lint_bound(l, &w, r);
	if(at == 0)
		return;
	lint_armed(l, &w, at);
	if(find(l, &w, cancels) == 0)
		say(l, r->head,
				"no t_is_canceled(): goes on after the caller hung up "
				"(frt_next() and frt_should_failover() refuse to)");
	reply = find_in(l, r, replies);
	if(reply > 0)
		say(l, reply,
				"an answer of its own hides the best response that tm has "
				"(RFC 3261 16.7); leave the route without one");
}

void script_lint(cfg_t *g)
{
	lint_t l = {.g = *g};
	size_t i;

	l.g.toks = cli_alloc((g->n + 1) * sizeof(*l.g.toks));
	l.g.match = NULL;
	l.g.n = 0;
	for(i = 0; i < g->n; i++) {
		if(g->toks[i].active && !g->toks[i].define)
			l.g.toks[l.g.n++] = g->toks[i];
	}
	cfg_pair_up(&l.g);
	find_routes(&l);
	for(i = 0; i < l.n; i++) {
		if(strcmp(l.routes[i].kind, "failure_route") == 0)
			lint_failure(&l, &l.routes[i]);
	}
	free(l.routes);
	free(l.g.toks);
	free(l.g.match);
}
