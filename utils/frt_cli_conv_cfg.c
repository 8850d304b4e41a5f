/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: kamailio.cfg and KEMI scripts to tokens. Follows Kamailio's
 * core/cfg.lex where a text may be a comment, a string or a directive.
 */
#include "frt_cli_conv_cfg.h"
#include "frt_cli.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INCLUDES_MAX 1000

typedef struct scan
{
	cfg_t *g;
	cfg_file_t *f;
	size_t at;
	size_t end;
	unsigned line;
	int level; /* files in files */
	bool define;
} scan_t;

static int scan_file(cfg_t *g, const char *path, int level, bool must);
static void scan_text(scan_t *s);

static char ch(const scan_t *s, size_t ahead)
{
	return s->at + ahead < s->end ? s->f->text[s->at + ahead] : '\0';
}

static bool starts(const scan_t *s, const char *with)
{
	size_t n = strlen(with);

	return s->end - s->at >= n && memcmp(s->f->text + s->at, with, n) == 0;
}

static void go(scan_t *s, size_t n)
{
	for(; n > 0 && s->at < s->end; n--) {
		if(s->f->text[s->at++] == '\n')
			s->line++;
	}
}

/* Adds the next len bytes as a token and goes behind it. */
static void token(scan_t *s, cfg_type_t type, size_t len)
{
	cfg_t *g = s->g;

	if(g->n == g->room) {
		g->room = g->room > 0 ? g->room * 2 : 1024;
		g->toks = cli_realloc(g->toks, g->room, sizeof(*g->toks));
	}
	if(g->n < CFG_TOKENS_MAX)
		g->toks[g->n++] = (cfg_tok_t){.type = type,
				.active = g->off == 0,
				.define = s->define,
				.file = s->f,
				.at = s->at,
				.len = len,
				.line = s->line};
	go(s, len);
}

static size_t line_len(const scan_t *s)
{
	const char *p = s->f->text + s->at;
	const char *nl = memchr(p, '\n', s->end - s->at);

	return nl != NULL ? (size_t)(nl - p) : s->end - s->at;
}

/* From here to behind the closing mark, or to the end. */
static size_t until(const scan_t *s, size_t from, const char *mark)
{
	const char *p = s->f->text + s->at;
	size_t n = strlen(mark), max = s->end - s->at;

	for(; from + n <= max; from++) {
		if(memcmp(p + from, mark, n) == 0)
			return from + n;
	}
	return max;
}

/* Length of a string that begins here. Kamailio's '...' knows no escapes. */
static size_t string_len(const scan_t *s)
{
	char quote = ch(s, 0);
	char triple[4] = {quote, quote, quote, '\0'};
	size_t n = 1, max = s->end - s->at;

	if(s->g->lang == CFG_PYTHON && starts(s, triple))
		return until(s, 3, triple);
	while(n < max && ch(s, n) != quote) {
		if(ch(s, n) == '\\' && (quote == '"' || s->g->lang != CFG_KAMAILIO))
			n++;
		else if(ch(s, n) == '\n' && s->g->lang != CFG_KAMAILIO)
			break;
		n++;
	}
	return n < max ? n + 1 : max;
}

static bool is_name(char c, bool dots)
{
	return isalnum((unsigned char)c) || c == '_' || (dots && c == '.');
}

/* "(...)" with what is nested in it. */
static size_t parens_len(const scan_t *s, size_t from)
{
	size_t n = from, max = s->end - s->at;
	int depth = 0;

	do {
		if(ch(s, n) == '(')
			depth++;
		else if(ch(s, n) == ')')
			depth--;
		n++;
	} while(n < max && depth > 0);
	return n;
}

static size_t pv_len(const scan_t *s)
{
	size_t n = 1;

	while(is_name(ch(s, n), false))
		n++;
	if(ch(s, n) == '(')
		n = parens_len(s, n);
	return n;
}

/* A name in [] behind a word that ends in "route" may have any characters. */
static bool route_name(const scan_t *s)
{
	const cfg_t *g = s->g;
	const cfg_tok_t *t;

	if(g->lang != CFG_KAMAILIO || g->n < 2 || !cfg_is(g, g->n - 1, "["))
		return false;
	t = &g->toks[g->n - 2];
	return t->type == CFG_WORD && t->len >= 5
		   && memcmp(t->file->text + t->at + t->len - 5, "route", 5) == 0;
}

static size_t word_len(const scan_t *s)
{
	size_t n = 0;

	if(route_name(s)) {
		while(ch(s, n) != '\0' && strchr("]\n \t", ch(s, n)) == NULL)
			n++;
		return n;
	}
	while(is_name(ch(s, n), s->g->lang != CFG_KAMAILIO))
		n++;
	return n;
}

/* --- directives --------------------------------------------------------------- */

static bool defined(cfg_t *g, const char *name)
{
	return *conv_map_at(g->c, &g->defines, name) != NULL;
}

static void push_if(cfg_t *g, bool on)
{
	if(g->depth < 8 * sizeof(g->off) - 1) {
		if(!on)
			g->off |= 1ul << g->depth;
		g->depth++;
	}
}

static void turn_else(cfg_t *g)
{
	if(g->depth > 0)
		g->off ^= 1ul << (g->depth - 1);
}

static void pop_if(cfg_t *g)
{
	if(g->depth > 0)
		g->off &= ~(1ul << --g->depth);
}

/* #!define NAME BODY: the body is code of the file, too. */
static void define(scan_t *s, size_t len, bool again)
{
	scan_t body = *s;
	size_t n = 0;
	char *name;
	void **at;

	while(n < len && is_name(ch(s, n), false))
		n++;
	name = conv_copy(s->g->c, s->f->text + s->at, n);
	while(n < len && isspace((unsigned char)ch(s, n)))
		n++;
	at = conv_map_at(s->g->c, &s->g->defines, name);
	if(s->g->off == 0 && *name != '\0' && (*at == NULL || again))
		*at = conv_copy(s->g->c, s->f->text + s->at + n, len - n);
	body.end = s->at + len;
	body.define = true;
	go(&body, n);
	scan_text(&body);
}

/* #!substdef "!NAME!value!g": a define, and a text to replace in strings. */
static void substdef(scan_t *s, size_t len)
{
	conv_t *c = s->g->c;
	char *line = conv_copy(c, s->f->text + s->at, len);
	char *p = strchr(line, '"'), *name, *value;
	char mark[2] = {'\0', '\0'};

	if(p == NULL || p[1] == '\0' || s->g->off != 0)
		return;
	mark[0] = p[1];
	name = p + 2;
	p = strpbrk(name, mark);
	if(p == NULL)
		return;
	*p = '\0';
	value = p + 1;
	p = strpbrk(value, mark);
	if(p == NULL || *name == '\0')
		return;
	*p = '\0';
	conv_pair_put(c, &s->g->substs, name, value);
	*conv_map_at(c, &s->g->defines, name) = value;
}

static const char *path_beside(cfg_t *g, const char *file, const char *name)
{
	const char *slash = strrchr(file, '/');
	const char *path;

	if(*name == '/' || slash == NULL)
		return name;
	path = conv_printf(g->c, "%.*s%s", (int)(slash - file + 1), file, name);
	return access(path, F_OK) == 0 ? path : name;
}

static void include(scan_t *s, size_t len, bool must)
{
	conv_t *c = s->g->c;
	char *line = conv_copy(c, s->f->text + s->at, len);
	char *p = strpbrk(line, "\"'"), *end;

	if(p == NULL || (end = strchr(p + 1, *p)) == NULL || s->g->off != 0)
		return;
	*end = '\0';
	p = conv_copy(c, p + 1, strlen(p + 1));
	if(s->level >= CFG_INCLUDE_DEPTH || s->g->includes >= INCLUDES_MAX) {
		conv_say(c, CONV_NOTE, s->f->path, s->line,
				"not read, files within files too deep: %s", p);
		return;
	}
	if(scan_file(s->g, path_beside(s->g, s->f->path, p), s->level + 1, false)
					!= 0
			&& must)
		conv_say(c, CONV_NOTE, s->f->path, s->line,
				"not read, so not converted: %s", p);
}

/* The word behind "#!", and what follows it. */
static bool directive(scan_t *s, size_t head)
{
	size_t len = line_len(s), n = head, w;
	char *word, *name;
	cfg_t *g = s->g;

	while(len > 0 && len < s->end - s->at && ch(s, len - 1) == '\\') {
		scan_t next = *s; /* a line that goes on */
		next.at += len + 1;
		len += 1 + line_len(&next);
	}
	while(n < len && is_name(ch(s, n), false))
		n++;
	word = conv_copy(g->c, s->f->text + s->at + head, n - head);
	while(n < len && isblank((unsigned char)ch(s, n)))
		n++;
	for(w = n; w < len && is_name(ch(s, w), false); w++)
		;
	name = conv_copy(g->c, s->f->text + s->at + n, w - n);
	go(s, n);
	len -= n;
	if(strcmp(word, "ifdef") == 0)
		push_if(g, defined(g, name));
	else if(strcmp(word, "ifndef") == 0)
		push_if(g, !defined(g, name));
	else if(strcmp(word, "ifexp") == 0)
		push_if(g, true);
	else if(strcmp(word, "else") == 0)
		turn_else(g);
	else if(strcmp(word, "endif") == 0)
		pop_if(g);
	else if(strcmp(word, "define") == 0 || strcmp(word, "def") == 0
			|| strcmp(word, "redefine") == 0 || strcmp(word, "redef") == 0)
		define(s, len, true);
	else if(strcmp(word, "trydefine") == 0 || strcmp(word, "trydef") == 0)
		define(s, len, false);
	else if(strncmp(word, "substdef", 8) == 0 || strcmp(word, "subst") == 0)
		substdef(s, len);
	else if(strcmp(word, "include_file") == 0)
		include(s, len, true);
	else if(strcmp(word, "import_file") == 0)
		include(s, len, false);
	go(s, len);
	return true;
}

/* Comments and directives; true if there was one. */
static bool skip_kamailio(scan_t *s)
{
	static const char *const words[] = {"define", "def", "ifdef", "ifndef",
			"ifexp", "else", "endif", "trydef", "redef", "subst",
			"include_file", "import_file", "defenv", NULL};
	int i;

	if(ch(s, 0) == '#' && ch(s, 1) == '!')
		return directive(s, 2);
	for(i = 0; ch(s, 0) == '!' && ch(s, 1) == '!' && words[i] != NULL; i++) {
		scan_t behind = *s;
		behind.at += 2;
		if(starts(&behind, words[i]))
			return directive(s, 2);
	}
	if(ch(s, 0) == '#' || starts(s, "//"))
		go(s, line_len(s));
	else if(starts(s, "/*"))
		go(s, until(s, 2, "*/"));
	else if((starts(s, "include_file") || starts(s, "import_file"))
			&& (s->at == 0 || s->f->text[s->at - 1] == '\n'))
		return directive(s, 0);
	else
		return false;
	return true;
}

static bool skip_script(scan_t *s)
{
	if(s->g->lang == CFG_PYTHON && ch(s, 0) == '#')
		go(s, line_len(s));
	else if(s->g->lang == CFG_LUA && starts(s, "--[["))
		go(s, until(s, 4, "]]"));
	else if(s->g->lang == CFG_LUA && starts(s, "--"))
		go(s, line_len(s));
	else
		return false;
	return true;
}

static void scan_text(scan_t *s)
{
	bool kamailio = s->g->lang == CFG_KAMAILIO;

	while(s->at < s->end) {
		char c = ch(s, 0);

		if(isspace((unsigned char)c) || c == '\0')
			go(s, 1);
		else if(kamailio ? skip_kamailio(s) : skip_script(s))
			continue;
		else if(route_name(s) && word_len(s) > 0)
			token(s, CFG_WORD, word_len(s));
		else if(c == '"' || c == '\'')
			token(s, CFG_STRING, string_len(s));
		else if(s->g->lang == CFG_LUA && starts(s, "[["))
			token(s, CFG_STRING, until(s, 2, "]]"));
		else if(kamailio && c == '$')
			token(s, CFG_PV, pv_len(s));
		else if(isdigit((unsigned char)c))
			token(s, CFG_NUMBER, word_len(s));
		else if(is_name(c, false))
			token(s, CFG_WORD, word_len(s));
		else
			token(s, CFG_PUNCT, 1);
	}
}

static cfg_file_t *file_at(
		cfg_t *g, const char *path, const char *text, size_t len)
{
	cfg_file_t **f = &g->files;

	while(*f != NULL && strcmp((*f)->path, path) != 0)
		f = &(*f)->next;
	if(*f == NULL && text != NULL) {
		*f = conv_alloc(g->c, sizeof(**f));
		(*f)->path = conv_copy(g->c, path, strlen(path));
		(*f)->text = text;
		(*f)->len = len;
	}
	return *f;
}

static void scan(cfg_t *g, cfg_file_t *f, int level)
{
	scan_t s = {.g = g, .f = f, .end = f->len, .line = 1, .level = level};

	scan_text(&s);
}

static int scan_file(cfg_t *g, const char *path, int level, bool must)
{
	cfg_file_t *f = file_at(g, path, NULL, 0);
	const char *text;
	size_t len;

	g->includes++;
	if(f == NULL && !must && access(path, R_OK) != 0)
		return -1;
	if(f == NULL) {
		text = conv_read(g->c, path, &len);
		if(text == NULL)
			return -1;
		if(memchr(text, '\0', len) != NULL) {
			cli_could_not("convert", "%s: not a text", path);
			return -1;
		}
		f = file_at(g, path, text, len);
	}
	scan(g, f, level);
	return 0;
}

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

static void begin(cfg_t *g, conv_t *c, const char *path)
{
	const conv_pair_t *p;

	memset(g, 0, sizeof(*g));
	g->c = c;
	g->lang = ends_in(path, ".lua")	 ? CFG_LUA
			  : ends_in(path, ".py") ? CFG_PYTHON
									 : CFG_KAMAILIO;
	for(p = c->defines; p != NULL; p = p->next)
		*conv_map_at(c, &g->defines, p->name) = (void *)p->value;
}

int cfg_read(cfg_t *g, conv_t *c, const char *path)
{
	begin(g, c, path);
	if(scan_file(g, path, 0, true) != 0)
		return -1;
	cfg_pair_up(g);
	return 0;
}

void cfg_read_text(
		cfg_t *g, conv_t *c, const char *name, const char *text, size_t len)
{
	begin(g, c, name);
	g->includes = INCLUDES_MAX;
	scan(g, file_at(g, name, text, len), 0);
	cfg_pair_up(g);
}

void cfg_free(cfg_t *g)
{
	cfg_file_t *f;

	for(f = g->files; f != NULL; f = f->next)
		free(f->edits);
	free(g->toks);
	free(g->match);
	g->match = NULL;
	g->toks = NULL;
	g->files = NULL;
}
