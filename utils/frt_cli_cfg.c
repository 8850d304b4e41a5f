/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tokens of a kamailio.cfg, and the few statements that matter here. What it
 * does not understand it passes over: whether it is right is Kamailio's to
 * say.
 */
#include "frt_cli_cfg.h"
#include "frt_cli_mem.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind
{
	END,
	WORD,
	STRING,
	SIGN
} kind_t;

typedef struct token
{
	kind_t kind;
	char *text;
} token_t;

typedef struct lexer
{
	cli_cfg_t *cfg;
	const char *p;
	bool line_begins;
	int depth; /* of braces */
	token_t now;
} lexer_t;

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '-';
}

static void define(cli_cfg_t *cfg, const char *name, size_t len,
		const char *value, size_t vlen, bool subst)
{
	struct cli_cfg_define *d;

	cfg->defines = cli_realloc(cfg->defines, cfg->ndefines + 1, sizeof(*d));
	d = &cfg->defines[cfg->ndefines++];
	d->name = cli_text("%.*s", (int)len, name);
	d->value = cli_text("%.*s", (int)vlen, value);
	d->subst = subst;
}

void cli_cfg_define(cli_cfg_t *cfg, const char *text)
{
	size_t len = strcspn(text, "=");
	const char *value = text + len + (text[len] == '=');

	define(cfg, text, len, value, strlen(value), false);
}

static const struct cli_cfg_define *find_define(
		const cli_cfg_t *cfg, const char *name, size_t len)
{
	size_t i;

	for(i = cfg->ndefines; i > 0; i--) {
		const struct cli_cfg_define *d = &cfg->defines[i - 1];
		if(!d->subst && strlen(d->name) == len
				&& memcmp(d->name, name, len) == 0)
			return d;
	}
	return NULL;
}

/* "!name!value!flags", with or without quotes around it; any delimiter. */
static void read_subst(cli_cfg_t *cfg, const char *p, const char *end, bool def)
{
	const char *name, *value, *last;
	char delimiter;

	if(p < end && *p == '"')
		p++;
	if(p >= end)
		return;
	delimiter = *p;
	name = p + 1;
	value = memchr(name, delimiter, (size_t)(end - name));
	if(value == NULL)
		return;
	value++;
	last = memchr(value, delimiter, (size_t)(end - value));
	if(last == NULL)
		return;
	define(cfg, name, (size_t)(value - 1 - name), value, (size_t)(last - value),
			true);
	if(def)
		define(cfg, name, (size_t)(value - 1 - name), value,
				(size_t)(last - value), false);
}

/* A line that begins with #! or !!; p is behind that. */
static void read_directive(cli_cfg_t *cfg, const char *p, const char *end)
{
	const char *word = p, *name;
	size_t len, nlen;

	while(p < end && isalpha((unsigned char)*p))
		p++;
	len = (size_t)(p - word);
	while(p < end && isspace((unsigned char)*p))
		p++;
	while(end > p && isspace((unsigned char)end[-1]))
		end--;
	if(len >= 5 && memcmp(word, "subst", 5) == 0) {
		read_subst(cfg, p, end, len > 5);
		return;
	}
	name = p;
	while(p < end && !isspace((unsigned char)*p))
		p++;
	nlen = (size_t)(p - name);
	while(p < end && isspace((unsigned char)*p))
		p++;
	if((len == 6 && memcmp(word, "define", 6) == 0)
			|| (len == 8 && memcmp(word, "redefine", 8) == 0)
			|| (len == 9 && memcmp(word, "trydefine", 9) == 0)
			|| (len == 6 && memcmp(word, "trydef", 6) == 0)) {
		if(word[0] != 't' || find_define(cfg, name, nlen) == NULL)
			define(cfg, name, nlen, p, (size_t)(end - p), false);
	}
}

/* Passes over blanks, comments and directives. */
static void skip(lexer_t *l)
{
	const char *end;

	for(;;) {
		while(isspace((unsigned char)*l->p)) {
			l->line_begins |= *l->p == '\n';
			l->p++;
		}
		if(l->line_begins && (l->p[0] == '#' || l->p[0] == '!')
				&& l->p[1] == '!') {
			end = l->p + 2;
			while(*end != '\0' && (*end != '\n' || end[-1] == '\\'))
				end++;
			read_directive(l->cfg, l->p + 2, end);
		} else if(l->p[0] == '#' || (l->p[0] == '/' && l->p[1] == '/')) {
			end = l->p + strcspn(l->p, "\n");
		} else if(l->p[0] == '/' && l->p[1] == '*') {
			end = strstr(l->p + 2, "*/");
			end = end != NULL ? end + 2 : l->p + strlen(l->p);
		} else {
			return;
		}
		l->p = end;
	}
}

/* Replaces what matches the pattern, everywhere. */
static char *replace(char *text, const char *pattern, const char *value)
{
	cli_buf_t out = {NULL, 0, 0};
	const char *p = text;
	regmatch_t at;
	regex_t re;

	if(*pattern == '\0' || regcomp(&re, pattern, REG_EXTENDED) != 0)
		return text;
	while(regexec(&re, p, 1, &at, 0) == 0 && at.rm_eo > 0) {
		cli_buf_put(&out, p, (size_t)at.rm_so);
		cli_buf_put(&out, value, strlen(value));
		p += at.rm_eo;
	}
	regfree(&re);
	cli_buf_put(&out, p, strlen(p));
	free(text);
	return out.s;
}

static char *substituted(const cli_cfg_t *cfg, char *text)
{
	size_t i;

	for(i = 0; i < cfg->ndefines; i++) {
		if(cfg->defines[i].subst)
			text = replace(text, cfg->defines[i].name, cfg->defines[i].value);
	}
	return text;
}

static char *read_string(lexer_t *l)
{
	cli_buf_t out = {NULL, 0, 0};
	char quote = *l->p++;

	cli_buf_put(&out, "", 0);
	for(; *l->p != '\0' && *l->p != quote; l->p++) {
		if(*l->p == '\\' && l->p[1] != '\0' && quote == '"')
			l->p++;
		cli_buf_put(&out, l->p, 1);
	}
	l->p += *l->p != '\0';
	return substituted(l->cfg, out.s);
}

static void next(lexer_t *l)
{
	const char *begin;

	free(l->now.text);
	skip(l);
	l->line_begins = false;
	begin = l->p;
	l->now.kind = *l->p == '\0' ? END : SIGN;
	l->now.text = NULL;
	if(*l->p == '"' || *l->p == '\'') {
		l->now.kind = STRING;
		l->now.text = read_string(l);
		return;
	}
	while(is_word_char(*l->p))
		l->p++;
	if(l->p > begin)
		l->now.kind = WORD;
	else
		l->p += *l->p != '\0';
	l->now.text = cli_text("%.*s", (int)(l->p - begin), begin);
	l->depth += (l->now.text[0] == '{') - (l->now.text[0] == '}');
}

static bool is_now(const lexer_t *l, const char *text)
{
	return l->now.kind != STRING && strcmp(l->now.text, text) == 0;
}

/* What a string, number or define stands for; NULL: cannot be told. */
static char *value_now(const lexer_t *l)
{
	const struct cli_cfg_define *d;
	const char *v;
	size_t len;

	if(l->now.kind == STRING)
		return strchr(l->now.text, '$') != NULL ? NULL : cli_copy(l->now.text);
	if(l->now.kind != WORD)
		return NULL;
	d = find_define(l->cfg, l->now.text, strlen(l->now.text));
	if(d == NULL)
		return cli_copy(l->now.text);
	v = d->value;
	len = strlen(v);
	if(len >= 2 && (*v == '"' || *v == '\'') && v[len - 1] == *v)
		return cli_text("%.*s", (int)len - 2, v + 1);
	return cli_copy(v);
}

/* ( a , b , value ) */
static void read_modparam(lexer_t *l)
{
	cli_cfg_param_t p = {NULL, NULL, NULL}, *list;

	next(l);
	if(!is_now(l, "("))
		return;
	next(l);
	p.module = value_now(l);
	next(l);
	next(l);
	p.name = value_now(l);
	next(l);
	next(l);
	p.value = value_now(l);
	next(l);
	if(p.module == NULL || p.name == NULL || !is_now(l, ")")) {
		free(p.module);
		free(p.name);
		free(p.value);
		return;
	}
	l->cfg->params = list =
			cli_realloc(l->cfg->params, l->cfg->nparams + 1, sizeof(*list));
	list[l->cfg->nparams++] = p;
}

static void read_loadmodule(lexer_t *l)
{
	cli_cfg_t *cfg = l->cfg;
	char *name;

	next(l);
	if(is_now(l, "("))
		next(l);
	name = value_now(l);
	if(name == NULL)
		return;
	cfg->modules =
			cli_realloc(cfg->modules, cfg->nmodules + 1, sizeof(*cfg->modules));
	cfg->modules[cfg->nmodules++] = name;
}

/* name = value; or name value. */
static void read_setting(lexer_t *l, char **out, bool equals)
{
	char *value;

	next(l);
	if(is_now(l, "="))
		next(l);
	else if(equals)
		return;
	value = value_now(l);
	if(value != NULL) {
		free(*out);
		*out = value;
	}
}

/* frt_relay ( set */
static void read_set(lexer_t *l)
{
	cli_cfg_t *cfg = l->cfg;
	char *name;
	size_t i = 0;

	next(l);
	if(!is_now(l, "("))
		return;
	next(l);
	name = value_now(l);
	while(name != NULL && i < cfg->nsets && strcmp(cfg->sets[i], name) != 0)
		i++;
	if(name == NULL || i < cfg->nsets) {
		free(name);
		return;
	}
	cfg->sets = cli_realloc(cfg->sets, cfg->nsets + 1, sizeof(*cfg->sets));
	cfg->sets[cfg->nsets++] = name;
}

void cli_cfg_read(cli_cfg_t *cfg, const char *text)
{
	lexer_t l = {.cfg = cfg, .p = text, .line_begins = true};

	for(next(&l); l.now.kind != END; next(&l)) {
		if(l.now.kind == WORD && l.depth > 0
				&& (is_now(&l, "frt_relay") || is_now(&l, "frt_select")))
			read_set(&l);
		if(l.now.kind != WORD || l.depth > 0)
			continue;
		if(is_now(&l, "loadmodule") || is_now(&l, "loadmodulex"))
			read_loadmodule(&l);
		else if(is_now(&l, "modparam") || is_now(&l, "modparamx"))
			read_modparam(&l);
		else if(is_now(&l, "mpath") || is_now(&l, "loadpath"))
			read_setting(&l, &cfg->paths, false);
		else if(is_now(&l, "user") || is_now(&l, "uid"))
			read_setting(&l, &cfg->user, true);
	}
	free(l.now.text);
}

/* "tm", "tm.so" and "/some/where/tm.so" are the module tm. */
static bool is_module(const char *written, const char *module)
{
	const char *slash = strrchr(written, '/');
	size_t len = strlen(module);

	written = slash != NULL ? slash + 1 : written;
	return strncmp(written, module, len) == 0
		   && (written[len] == '\0' || strcmp(written + len, ".so") == 0);
}

bool cli_cfg_loads(const cli_cfg_t *cfg, const char *module, size_t *at)
{
	for(*at = 0; *at < cfg->nmodules; (*at)++) {
		if(is_module(cfg->modules[*at], module))
			return true;
	}
	return false;
}

/* Kamailio takes the first argument of modparam for a regular expression of
 * the whole name. */
static bool matches(const char *pattern, const char *module)
{
	char *whole = cli_text("^(%s)$", pattern);
	regex_t re;
	bool good = false;

	if(regcomp(&re, whole, REG_EXTENDED | REG_NOSUB | REG_ICASE) == 0) {
		good = regexec(&re, module, 0, NULL, 0) == 0;
		regfree(&re);
	}
	free(whole);
	return good;
}

const cli_cfg_param_t *cli_cfg_param(
		const cli_cfg_t *cfg, const char *module, const char *name)
{
	size_t i;

	for(i = cfg->nparams; i > 0; i--) {
		if(strcmp(cfg->params[i - 1].name, name) == 0
				&& matches(cfg->params[i - 1].module, module))
			return &cfg->params[i - 1];
	}
	return NULL;
}

void cli_cfg_free(cli_cfg_t *cfg)
{
	size_t i;

	for(i = 0; i < cfg->nmodules; i++)
		free(cfg->modules[i]);
	for(i = 0; i < cfg->nparams; i++) {
		free(cfg->params[i].module);
		free(cfg->params[i].name);
		free(cfg->params[i].value);
	}
	for(i = 0; i < cfg->ndefines; i++) {
		free(cfg->defines[i].name);
		free(cfg->defines[i].value);
	}
	for(i = 0; i < cfg->nsets; i++)
		free(cfg->sets[i]);
	free(cfg->modules);
	free(cfg->sets);
	free(cfg->params);
	free(cfg->defines);
	free(cfg->paths);
	free(cfg->user);
	memset(cfg, 0, sizeof(*cfg));
}
