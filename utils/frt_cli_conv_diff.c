/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: edits of a text, and their unified diff. No lines are compared: what
 * was edited is known.
 */
#include "frt_cli_conv_cfg.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT 3

void cfg_edit(cfg_t *g, cfg_file_t *f, size_t at, size_t len, const char *text)
{
	size_t i;

	(void)g;
	for(i = f->nedits; i > 0 && f->edits[i - 1].at + f->edits[i - 1].len > at;
			i--) {
		if(at + len > f->edits[i - 1].at)
			return;
	}
	if(strlen(text) == len && memcmp(f->text + at, text, len) == 0)
		return;
	if(len == 0 && i > 0 && f->edits[i - 1].at == at)
		return; /* a file that is included twice */
	f->edits = cli_realloc(f->edits, f->nedits + 1, sizeof(*f->edits));
	memmove(f->edits + i + 1, f->edits + i,
			(f->nedits - i) * sizeof(*f->edits));
	f->edits[i] = (cfg_edit_t){at, len, text};
	f->nedits++;
}

void cfg_edit_toks(cfg_t *g, size_t first, size_t last, const char *text)
{
	const cfg_tok_t *a = &g->toks[first], *b = &g->toks[last];

	if(a->file == b->file && b->at >= a->at)
		cfg_edit(g, a->file, a->at, b->at + b->len - a->at, text);
}

/* --- lines -------------------------------------------------------------------- */

/* Whole lines of a file that some edits lie in. */
typedef struct region
{
	size_t first, end; /* lines */
	char *text;		   /* what they become */
	size_t lines;	   /* how many that are */
} region_t;

typedef struct lines
{
	const cfg_file_t *f;
	size_t *at; /* of each line, and of the end */
	size_t n;
	size_t secret; /* the first that is shown with a password; 0: none */
} lines_t;

static void lines_of(lines_t *l, const cfg_file_t *f)
{
	size_t i;

	l->f = f;
	l->n = 0;
	l->secret = 0;
	l->at = cli_alloc((f->len + 2) * sizeof(*l->at));
	for(i = 0; i < f->len; i++) {
		if(i == 0 || f->text[i - 1] == '\n')
			l->at[l->n++] = i;
	}
	l->at[l->n] = f->len;
}

static size_t line_of(const lines_t *l, size_t at)
{
	size_t lo = 0, hi = l->n;

	while(lo + 1 < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if(l->at[mid] <= at)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

static bool blank(const char *s, size_t n)
{
	while(n > 0 && isspace((unsigned char)*s)) {
		s++;
		n--;
	}
	return n == 0;
}

/* Takes the lines out that were not blank before, and are now. */
static void drop_blank(region_t *r, const lines_t *l)
{
	size_t old, n;
	char *p = r->text, *nl, *out = r->text;

	r->lines = 0;
	for(old = r->first; *p != '\0'; old++, p += n) {
		nl = strchr(p, '\n');
		n = nl != NULL ? (size_t)(nl - p) + 1 : strlen(p);
		if(blank(p, n) && old < r->end
				&& !blank(l->f->text + l->at[old], l->at[old + 1] - l->at[old]))
			continue;
		memmove(out, p, n);
		out += n;
		r->lines++;
	}
	*out = '\0';
}

/* Region of the edits from *e on that touch the same or the next line. */
static void region_at(const lines_t *l, size_t *e, region_t *r)
{
	const cfg_file_t *f = l->f;
	cli_buf_t b = {NULL, 0, 0};
	const cfg_edit_t *d = &f->edits[*e];
	size_t at;

	r->first = line_of(l, d->at);
	r->end = r->first;
	at = l->at[r->first];
	do {
		d = &f->edits[*e];
		cli_buf_put(&b, f->text + at, d->at - at);
		cli_buf_add(&b, "%s", d->text);
		at = d->at + d->len;
		r->end = line_of(l, at > d->at ? at - 1 : at) + 1;
		++*e;
	} while(*e < f->nedits && line_of(l, f->edits[*e].at) < r->end);
	cli_buf_put(&b, f->text + at, l->at[r->end] - at);
	r->text = b.s;
	drop_blank(r, l);
}

/* --- the diff ------------------------------------------------------------------- */

static void put_lines(cli_buf_t *out, char mark, const char *s, size_t n)
{
	const char *nl;
	size_t len;

	for(; n > 0; s += len, n -= len) {
		nl = memchr(s, '\n', n);
		len = nl != NULL ? (size_t)(nl - s) + 1 : n;
		cli_buf_put(out, &mark, 1);
		cli_buf_put(out, s, len);
		if(nl == NULL)
			cli_buf_add(out, "\n\\ No newline at end of file\n");
	}
}

/* "mysql://user:password@host" */
static bool has_password(const char *s)
{
	const char *end;

	for(; (s = strstr(s, "://")) != NULL; s = end) {
		s += 3;
		end = s + strcspn(s, "/@\"' \t");
		if(*end == '@' && memchr(s, ':', (size_t)(end - s)) != NULL)
			return true;
	}
	return false;
}

/* That, or something quoted that is called so: modparam("uac", "auth_password". */
static bool is_secret(const char *s, size_t n)
{
	char *line = cli_text("%.*s", (int)n, s), *word, *save = NULL;
	bool secret = has_password(line);

	for(word = strtok_r(line, "\"'", &save); word != NULL && !secret;
			word = strtok_r(NULL, "\"'", &save))
		secret = conv_is_secret(word) && strpbrk(word, " \t(") == NULL;
	free(line);
	return secret;
}

static void put_old(
		cli_buf_t *out, lines_t *l, char mark, size_t from, size_t to)
{
	size_t i;

	for(i = from; i < to && l->secret == 0; i++) {
		if(is_secret(l->f->text + l->at[i], l->at[i + 1] - l->at[i]))
			l->secret = i + 1;
	}
	if(to > from)
		put_lines(out, mark, l->f->text + l->at[from], l->at[to] - l->at[from]);
}

/* One hunk of regions r[0..n-1], whose contexts meet; returns by how much the
 * lines behind it move. */
static long put_hunk(
		cli_buf_t *out, lines_t *l, const region_t *r, size_t n, long moved)
{
	size_t from = r[0].first > CONTEXT ? r[0].first - CONTEXT : 0;
	size_t to = r[n - 1].end + CONTEXT < l->n ? r[n - 1].end + CONTEXT : l->n;
	size_t i, at = from;
	long more = 0, count;

	for(i = 0; i < n; i++)
		more += (long)r[i].lines - (long)(r[i].end - r[i].first);
	count = (long)(to - from) + more;
	cli_buf_add(out, "@@ -%zu,%zu +%ld,%ld @@\n", from + 1, to - from,
			(long)from + moved + (count > 0 ? 1 : 0), count);
	for(i = 0; i < n; i++) {
		put_old(out, l, ' ', at, r[i].first);
		put_old(out, l, '-', r[i].first, r[i].end);
		put_lines(out, '+', r[i].text, strlen(r[i].text));
		at = r[i].end;
	}
	put_old(out, l, ' ', at, to);
	return more;
}

/* Does patch take that path in any folder? */
static bool is_below(const char *path)
{
	const char *p;

	for(p = path; p != NULL; p = strchr(p, '/')) {
		p += *p == '/' && p > path;
		if(*p == '/' || strncmp(p, "../", 3) == 0)
			return false;
	}
	return true;
}

/* patch needs the lines as they are, those with a password, too. whole: the path
 * from the root. */
static void file_diff(
		conv_t *c, const cfg_file_t *f, bool whole, cli_buf_t *out)
{
	char *real = whole ? realpath(f->path, NULL) : NULL;
	const char *name = real != NULL ? real : f->path;
	region_t *r = cli_alloc(f->nedits * sizeof(*r));
	size_t n = 0, e = 0, i, first;
	long moved = 0;
	lines_t l;

	lines_of(&l, f);
	while(e < f->nedits)
		region_at(&l, &e, &r[n++]);
	cli_buf_add(out, "--- %s\n+++ %s\n", name, name);
	free(real);
	for(first = 0; first < n; first = i) {
		for(i = first + 1; i < n && r[i].first <= r[i - 1].end + 2 * CONTEXT;
				i++)
			;
		moved += put_hunk(out, &l, &r[first], i - first, moved);
	}
	for(i = 0; i < n; i++)
		free(r[i].text);
	free(r);
	free(l.at);
	if(l.secret)
		conv_say(c, CONV_NOTE, f->path, (unsigned)l.secret,
				"the diff has this line, and the password in it: keep it as "
				"secret as the file");
}

void cfg_diff(cfg_t *g, cli_buf_t *out)
{
	const cfg_file_t *f, *away = NULL;

	for(f = g->files; f != NULL; f = f->next) {
		if(f->nedits > 0 && !is_below(f->path))
			away = f;
	}
	for(f = g->files; f != NULL; f = f->next) {
		if(f->nedits > 0)
			file_diff(g->c, f, away != NULL, out);
	}
	if(away != NULL)
		conv_say(g->c, CONV_NOTE, away->path, 0,
				"it is not in this folder, so the diff has whole paths, which "
				"patch takes at the root only: patch -p0 -d /");
}
