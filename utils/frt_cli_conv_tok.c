/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: what tokens of a kamailio.cfg are: calls, arguments, blocks, module
 * parameters.
 */
#include "frt_cli_conv_cfg.h"

#include <stdlib.h>
#include <string.h>

bool cfg_is(const cfg_t *g, size_t i, const char *text)
{
	size_t n = strlen(text);

	return i < g->n && g->toks[i].len == n
		   && memcmp(g->toks[i].file->text + g->toks[i].at, text, n) == 0;
}

const char *cfg_text(const cfg_t *g, size_t i)
{
	if(i >= g->n)
		return "";
	return conv_copy(
			g->c, g->toks[i].file->text + g->toks[i].at, g->toks[i].len);
}

static char punct(const cfg_t *g, size_t i)
{
	if(i >= g->n || g->toks[i].type != CFG_PUNCT)
		return '\0';
	return g->toks[i].file->text[g->toks[i].at];
}

/* Brackets of code that is on, off, and in a #!define close only their own. */
static int kind_of(const cfg_tok_t *t)
{
	return t->define ? 2 : t->active ? 1 : 0;
}

void cfg_pair_up(cfg_t *g)
{
	size_t *open[3], depth[3] = {0, 0, 0}, i;
	int k;

	free(g->match);
	g->match = cli_alloc((g->n + 1) * sizeof(*g->match));
	for(k = 0; k < 3; k++)
		open[k] = cli_alloc((g->n + 1) * sizeof(**open));
	for(i = 0; i < g->n; i++) {
		char c = punct(g, i);

		k = kind_of(&g->toks[i]);
		g->match[i] = i;
		if(c == '(' || c == '{' || c == '[') {
			open[k][depth[k]++] = i;
			g->match[i] = g->n - 1;
		} else if((c == ')' || c == '}' || c == ']') && depth[k] > 0) {
			g->match[open[k][--depth[k]]] = i;
		}
	}
	for(k = 0; k < 3; k++)
		free(open[k]);
}

size_t cfg_match(const cfg_t *g, size_t i)
{
	if(i < g->n)
		return g->match[i];
	return g->n > 0 ? g->n - 1 : 0;
}

size_t cfg_block_end(const cfg_t *g, size_t i)
{
	if(punct(g, i) == '{')
		return cfg_match(g, i);
	if(cfg_is(g, i, "if") || cfg_is(g, i, "while")) {
		size_t depth = 0;
		/* if (...) if (...) ...: without recursion */
		while((cfg_is(g, i, "if") || cfg_is(g, i, "while")) && depth++ < 1000) {
			i = cfg_match(g, i + 1) + 1;
		}
		return cfg_is(g, i, "{") ? cfg_match(g, i) : cfg_block_end(g, i);
	}
	while(i < g->n && punct(g, i) != ';' && punct(g, i) != '}') {
		char c = punct(g, i);
		i = (c == '(' || c == '{' ? cfg_match(g, i) : i) + 1;
	}
	return i;
}

bool cfg_call_at(const cfg_t *g, size_t i, cfg_call_t *call)
{
	size_t at, first;
	char c = '\0';

	if(i + 2 >= g->n || g->toks[i].type != CFG_WORD || punct(g, i + 1) != '(')
		return false;
	*call = (cfg_call_t){.name = i, .open = i + 1};
	if(punct(g, cfg_match(g, i + 1)) != ')')
		return false;
	for(at = first = i + 2; at < g->n; at++) {
		c = punct(g, at);
		if(c == '(' || c == '{' || c == '[') {
			at = cfg_match(g, at);
			continue;
		}
		if(c != ',' && c != ')')
			continue;
		if(at > first || c == ',') {
			if(call->nargs == CFG_ARGS_MAX || at == first)
				return false;
			call->args[call->nargs].first = first;
			call->args[call->nargs++].last = at - 1;
		}
		first = at + 1;
		if(c == ')')
			break;
	}
	call->close = at;
	return c == ')' && g->toks[at].file == g->toks[i].file;
}

const char *cfg_arg_text(const cfg_t *g, const cfg_call_t *call, unsigned n)
{
	const cfg_tok_t *a, *b;

	if(n >= call->nargs)
		return NULL;
	a = &g->toks[call->args[n].first];
	b = &g->toks[call->args[n].last];
	if(a->file != b->file || b->at < a->at)
		return NULL;
	return conv_copy(g->c, a->file->text + a->at, b->at + b->len - a->at);
}

/* What #!substdef makes of a string. */
static const char *substituted(const cfg_t *g, const char *s)
{
	const conv_pair_t *p;
	const char *at;
	int rounds = 0;

	for(p = g->substs; p != NULL; p = p->next) {
		while((at = strstr(s, p->name)) != NULL && rounds++ < 64
				&& strlen(s) < 65536)
			s = conv_printf(g->c, "%.*s%s%s", (int)(at - s), s, p->value,
					at + strlen(p->name));
	}
	return s;
}

/* A string's content: \" and \\ are the only escapes that matter here. */
static const char *unquoted(const cfg_t *g, const char *s)
{
	size_t n = strlen(s), i, out = 0;
	char *p, quote = *s;

	if(n < 2 || s[n - 1] != quote)
		return NULL;
	p = conv_copy(g->c, s + 1, n - 2);
	for(i = 0; p[i] != '\0'; i++) {
		if(quote == '"' && p[i] == '\\'
				&& (p[i + 1] == '"' || p[i + 1] == '\\'))
			i++;
		p[out++] = p[i];
	}
	p[out] = '\0';
	return substituted(g, p);
}

const char *cfg_arg_value(const cfg_t *g, const cfg_call_t *call, unsigned n)
{
	const char *s = cfg_arg_text(g, call, n), *body;
	int rounds;

	if(s == NULL || call->args[n].first != call->args[n].last)
		return NULL;
	if(g->lang != CFG_KAMAILIO && g->toks[call->args[n].first].type == CFG_WORD)
		return NULL;
	for(rounds = 0; rounds < 8 && *s != '"' && *s != '\'' && *s != '$';
			rounds++) {
		body = *conv_map_at(g->c, &((cfg_t *)g)->defines, s);
		if(body == NULL)
			break;
		s = body;
	}
	if(*s == '"' || *s == '\'')
		s = unquoted(g, s);
	return s == NULL || strchr(s, '$') != NULL ? NULL : s;
}

/* Is a module among those of modparam("a|b", ...)? */
static bool among(const char *modules, const char *module)
{
	size_t n = strlen(module), len;

	for(; modules != NULL && *modules != '\0';
			modules += len + (modules[len] == '|')) {
		len = strcspn(modules, "|");
		if(len == n && memcmp(modules, module, n) == 0)
			return true;
	}
	return false;
}

const char *cfg_modparam(const cfg_t *g, const char *module, const char *name,
		const char **file, unsigned *line)
{
	const char *value = NULL, *v;
	bool active = false;
	cfg_call_t call;
	size_t i;

	for(i = 0; i < g->n; i++) {
		if((!g->toks[i].active && (active || !g->lenient))
				|| !(cfg_is(g, i, "modparam") || cfg_is(g, i, "modparamx"))
				|| !cfg_call_at(g, i, &call) || call.nargs != 3
				|| !among(cfg_arg_value(g, &call, 0), module))
			continue;
		v = cfg_arg_value(g, &call, 1);
		if(v == NULL || strcmp(v, name) != 0)
			continue;
		active |= g->toks[i].active;
		v = cfg_arg_value(g, &call, 2);
		value = v != NULL ? v : cfg_arg_text(g, &call, 2);
		if(file != NULL)
			*file = g->toks[i].file->path;
		if(line != NULL)
			*line = g->toks[i].line;
	}
	return value;
}
