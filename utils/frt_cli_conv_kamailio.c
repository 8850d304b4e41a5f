/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert kamailio: a kamailio.cfg or KEMI script from dispatcher to the
 * module, as a unified diff. Code that an #!ifdef turns off is converted too.
 */
#include "frt_cli_conv_ds.h"
#include "frt_cli_conv_script.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void script_say(script_t *s, conv_verdict_t v, size_t tok, const char *fmt, ...)
{
	const cfg_tok_t *t = &s->g->toks[tok];
	va_list args;
	char *text;

	va_start(args, fmt);
	text = cli_vtext(fmt, args);
	va_end(args);
	conv_say(s->g->c, v, t->file->path, t->line, "%s", text);
	free(text);
}

/* --- pseudo-variables ---------------------------------------------------------- */

/* A text within a token becomes another; every time it is there. */
static void replace_in(
		script_t *s, size_t tok, const char *from, const char *to)
{
	const cfg_tok_t *t = &s->g->toks[tok];
	const char *text = cfg_text(s->g, tok), *p = text;
	size_t n = strlen(from);

	while((p = strstr(p, from)) != NULL) {
		cfg_edit(s->g, t->file, t->at + (size_t)(p - text), n, to);
		p += n;
	}
}

/* Is the token written to: $xavp(...) = ...? Not by == and =~. */
static bool assigned(const script_t *s, size_t tok)
{
	return s->g->toks[tok].type == CFG_PV && cfg_is(s->g, tok + 1, "=")
		   && !cfg_is(s->g, tok + 2, "=") && !cfg_is(s->g, tok + 2, "~");
}

/* $xavp(_dsdst_=>field) */
static void dst_xavp(script_t *s, size_t tok)
{
	static const struct
	{
		const char *field, *to;
	} map[] = {{"uri", "frt(uri)"}, {"grp", "frt(set)"},
			{"attrs", "xavp(frt=>attr_attrs)"}, {"dstid", "frt(id)"}};
	static const char *const places[] = {"", "[0]"};
	conv_t *c = s->g->c;
	const char *text = cfg_text(s->g, tok), *from;
	bool found = false;
	size_t i, k;

	for(i = 0; i < 4 * 2; i++) {
		k = i / 2;
		from = conv_printf(
				c, "xavp(%s%s=>%s)", s->xavp_dst, places[i % 2], map[k].field);
		if(strstr(text, from) == NULL)
			continue;
		found = true;
		if(assigned(s, tok)) {
			script_say(s, CONV_UNSUPPORTED, tok,
					"$%s cannot be written to; left as it is", from);
			return;
		}
		replace_in(s, tok, from, map[k].to);
		script_say(s, k == 1 ? CONV_CHANGED : CONV_CONVERTED, tok,
				"$%s -> $%s%s", from, map[k].to,
				k == 2	 ? "; convert the table with --cfg, so it has them"
				: k == 1 ? "; the set's id, not its number"
						 : "");
	}
	if(!found && strstr(text, conv_printf(c, "(%s", s->xavp_dst)) != NULL)
		script_say(s, CONV_UNSUPPORTED, tok,
				"%s: no such field at the module; left as it is, $null", text);
	else if(strstr(text, conv_printf(c, "(%s", s->xavp_ctx)) != NULL)
		script_say(s, CONV_UNSUPPORTED, tok,
				"%s: the module does not say how many are left; left as it "
				"is, $null",
				text);
}

static bool name_goes_on(char c)
{
	return c == '(' || c == '_' || (c >= 'a' && c <= 'z')
		   || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* $ru is the destination in an event route of dispatcher. */
static void event_ru(script_t *s, size_t tok)
{
	const cfg_tok_t *t = &s->g->toks[tok];
	const char *text = cfg_text(s->g, tok), *p = text;

	while((p = strstr(p, "$ru")) != NULL) {
		if(!name_goes_on(p[3])) {
			cfg_edit(s->g, t->file, t->at + (size_t)(p - text), 3,
					"$frt(event.uri)");
			script_say(s, CONV_CONVERTED, tok, "$ru -> $frt(event.uri)");
		}
		p += 3;
	}
	replace_in(s, tok, "$(ru{", "$(frt(event.uri){");
}

/* Converts pseudo-variables in a token: a string or a PV. */
static void convert_pv(script_t *s, size_t tok, bool in_event)
{
	const char *text = cfg_text(s->g, tok);

	if(strstr(text, s->xavp_dst) != NULL || strstr(text, s->xavp_ctx) != NULL)
		dst_xavp(s, tok);
	if(strstr(text, "dsv(reason)") != NULL) {
		replace_in(s, tok, "dsv(reason)", "frt(event.reason)");
		script_say(s, CONV_CONVERTED, tok,
				"$dsv(reason) -> $frt(event.reason), a sentence");
	}
	if(strstr(text, "$dsv(code)") != NULL || strstr(text, "$dsv(flags)")) {
		replace_in(s, tok, "$dsv(code)", "$null");
		replace_in(s, tok, "$dsv(flags)", "$null");
		script_say(s, CONV_UNSUPPORTED, tok,
				"$dsv(code), $dsv(flags): not known at the module; $null. "
				"$frt(event.source) and $frt(event.reason) say more");
	}
	if(strstr(text, "\"dispatcher.") != NULL
			&& strcmp(text, "\"dispatcher.so\"") != 0)
		script_say(s, CONV_UNSUPPORTED, tok,
				"an RPC command of dispatcher; left as it is: those of the "
				"module have other answers");
	if(in_event)
		event_ru(s, tok);
	if(s->g->lang != CFG_KAMAILIO && strstr(text, "dispatcher:dst-") != NULL) {
		replace_in(s, tok, "dispatcher:dst-", "failover_route:dst-");
		script_say(s, CONV_CONVERTED, tok, "event of dispatcher");
	}
}

/* --- the walk ---------------------------------------------------------------------- */

/* event_route[dispatcher:dst-down] { */
static bool event_route(script_t *s, size_t i)
{
	const char *name;

	if(!cfg_is(s->g, i, "event_route") || !cfg_is(s->g, i + 1, "["))
		return false;
	name = cfg_text(s->g, i + 2);
	if(strcmp(name, "dispatcher:dst-down") != 0
			&& strcmp(name, "dispatcher:dst-up") != 0)
		return false;
	cfg_edit_toks(s->g, i + 2, i + 2,
			conv_printf(s->g->c, "failover_route:%s", strchr(name, ':') + 1));
	script_say(s, CONV_CONVERTED, i, "event_route[%s]", name);
	return true;
}

static void word(script_t *s, size_t i)
{
	const char *text = cfg_text(s->g, i);
	cfg_call_t call;

	if(strcmp(text, "loadmodule") == 0 || strcmp(text, "loadmodulex") == 0)
		script_loadmodule(s, i);
	else if(strncmp(text, "modparam", 8) == 0 && cfg_call_at(s->g, i, &call))
		script_modparam(s, &call);
	else if((strncmp(text, "ds_", 3) == 0
					|| strncmp(text, "KSR.dispatcher.", 15) == 0)
			&& cfg_call_at(s->g, i, &call))
		script_call(s, &call);
	else if(strncmp(text, "KSR.dispatcher", 14) == 0)
		script_say(s, CONV_UNSUPPORTED, i,
				"%s is not called here: another name for it is not followed",
				text);
}

static void walk(script_t *s)
{
	size_t i, event_end = 0;
	cfg_t *g = s->g;

	for(i = 0; i < g->n; i++) {
		if(g->lang == CFG_KAMAILIO && event_route(s, i))
			event_end = cfg_match(g, i + 4);
		if(g->toks[i].type == CFG_WORD)
			word(s, i);
		else if(g->toks[i].type == CFG_PV || g->toks[i].type == CFG_STRING)
			convert_pv(s, i, i < event_end);
	}
}

/* tm parameters that the module needs as they are by default. */
static void tm_params(script_t *s)
{
	static const struct
	{
		const char *name, *want;
	} params[] = {{"failure_exec_mode", "0"}, {"failure_reply_mode", "3"},
			{"remap_503_500", "1"}};
	const char *v, *file;
	unsigned line, i;

	for(i = 0; i < 3; i++) {
		v = cfg_modparam(s->g, "tm", params[i].name, &file, &line);
		if(v != NULL && strcmp(v, params[i].want) != 0)
			conv_say(s->g->c, CONV_UNSUPPORTED, file, line,
					"tm's %s must be %s, its default, for the module",
					params[i].name, params[i].want);
	}
}

void script_convert(cfg_t *g)
{
	script_t s = {.g = g};
	const char *v;
	long flags;

	g->lenient = true;
	v = cfg_modparam(g, "dispatcher", "xavp_dst", NULL, NULL);
	s.xavp_dst = v != NULL && *v != '\0' ? v : "_dsdst_";
	v = cfg_modparam(g, "dispatcher", "xavp_ctx", NULL, NULL);
	s.xavp_ctx = v != NULL && *v != '\0' ? v : "_dsctx_";
	s.hash_pvar = cfg_modparam(g, "dispatcher", "hash_pvar", NULL, NULL);
	v = cfg_modparam(g, "dispatcher", "flags", NULL, NULL);
	s.user_only = conv_number(v, &flags) && (flags & DS_USER_ONLY);
	g->lenient = false;
	s.gone = cli_alloc((g->n + 1) * sizeof(*s.gone));
	walk(&s);
	script_fill_blocks(&s);
	free(s.gone);
	tm_params(&s);
	if(g->lang == CFG_KAMAILIO)
		script_lint(g);
	cfg_diff(g, &g->c->diff);
}

int conv_kamailio(conv_t *c, const char *path)
{
	cfg_t g;
	int ret = cfg_read(&g, c, path);

	if(ret == 0)
		script_convert(&g);
	cfg_free(&g);
	return ret;
}
