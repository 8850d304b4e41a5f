/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: memory, text, files and the report.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"
#include "frt_cli_file.h"
#include "engine/frt_text.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct chunk
{
	struct chunk *next;
	_Alignas(max_align_t) char mem[];
} chunk_t;

void conv_init(conv_t *c)
{
	memset(c, 0, sizeof(*c));
	c->algorithm = -1;
	c->config_file = "/etc/kamailio/failover_route.xml";
	c->items_tail = &c->items;
	c->sets_tail = &c->sets;
}

void conv_free(conv_t *c)
{
	chunk_t *k = c->chunks, *next;

	for(; k != NULL; k = next) {
		next = k->next;
		free(k);
	}
	free(c->diff.s);
	c->chunks = NULL;
	c->diff.s = NULL;
}

void *conv_alloc(conv_t *c, size_t size)
{
	chunk_t *k = cli_alloc(sizeof(*k) + size);

	k->next = c->chunks;
	c->chunks = k;
	return k->mem;
}

char *conv_copy(conv_t *c, const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *p = conv_alloc(c, len + 1);

	memcpy(p, s, len);
	return p;
}

/* What fmt makes, in the conversion's memory. */
static char *print_va(conv_t *c, const char *fmt, va_list args)
{
	char *text = cli_vtext(fmt, args), *p = conv_copy(c, text, strlen(text));

	free(text);
	return p;
}

char *conv_printf(conv_t *c, const char *fmt, ...)
{
	va_list args;
	char *p;

	va_start(args, fmt);
	p = print_va(c, fmt, args);
	va_end(args);
	return p;
}

static struct conv_slot *map_slot(
		struct conv_slot *slots, size_t size, const char *key)
{
	size_t i = (size_t)frt_hash_bytes(key, strlen(key), 0) & (size - 1);

	while(slots[i].key != NULL && strcmp(slots[i].key, key) != 0)
		i = (i + 1) & (size - 1);
	return &slots[i];
}

/* The old slots stay in the conversion's memory: together less than the new. */
static void map_grow(conv_t *c, conv_map_t *m)
{
	size_t size = m->size > 0 ? m->size * 2 : 64, i;
	struct conv_slot *slots = conv_alloc(c, size * sizeof(*slots));

	for(i = 0; i < m->size; i++) {
		if(m->slots[i].key != NULL)
			*map_slot(slots, size, m->slots[i].key) = m->slots[i];
	}
	m->slots = slots;
	m->size = size;
}

void **conv_map_at(conv_t *c, conv_map_t *m, const char *key)
{
	struct conv_slot *slot;

	if(m->n * 2 >= m->size)
		map_grow(c, m);
	slot = map_slot(m->slots, m->size, key);
	if(slot->key == NULL) {
		slot->key = key;
		m->n++;
	}
	return &slot->value;
}

/* A terminal, and JSON, get text whatever the source has. */
static void clean(char *s)
{
	while(*s != '\0') {
		frt_str_t rest = frt_str_of(s);
		uint32_t cp, n = frt_utf8_next(rest, &cp);

		if(n == 0 || cp < ' ' || (cp >= 0x7f && cp < 0xa0))
			memset(s, '?', n > 0 ? n : 1);
		s += n > 0 ? n : 1;
	}
}

void conv_say(conv_t *c, conv_verdict_t v, const char *file, unsigned line,
		const char *fmt, ...)
{
	conv_item_t *item = conv_alloc(c, sizeof(*item));
	va_list args;
	char *text;

	va_start(args, fmt);
	text = print_va(c, fmt, args);
	va_end(args);
	clean(text);
	/* a row that is in several sets */
	if(line > 0) {
		void **at = conv_map_at(c, &c->repeated,
				conv_printf(c, "%d:%u:%s:%s", v, line, file, text));

		if(*at != NULL)
			return;
		*at = item;
	}
	*item = (conv_item_t){v, file, line, text, c->nitems++, NULL};
	*c->items_tail = item;
	c->items_tail = &item->next;
	c->counts[v]++;
	if(v < CONV_LINT && line > 0)
		*conv_map_at(c, &c->said, conv_printf(c, "%u:%s", line, file)) = item;
}

static int by_place(const void *a, const void *b)
{
	const conv_item_t *x = *(conv_item_t *const *)a;
	const conv_item_t *y = *(conv_item_t *const *)b;
	int diff = strcmp(x->file != NULL ? x->file : "\x7f",
			y->file != NULL ? y->file : "\x7f");

	if(diff != 0)
		return diff;
	if(x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq ? 1 : 0;
}

void conv_sort(conv_t *c)
{
	conv_item_t **all = conv_alloc(c, (c->nitems + 1) * sizeof(*all)), *i;
	unsigned n = 0, k;

	for(i = c->items; i != NULL; i = i->next)
		all[n++] = i;
	qsort(all, n, sizeof(*all), by_place);
	c->items_tail = &c->items;
	for(k = 0; k < n; k++) {
		*c->items_tail = all[k];
		c->items_tail = &all[k]->next;
	}
	*c->items_tail = NULL;
}

void conv_say_converted(
		conv_t *c, const char *file, unsigned line, const char *what)
{
	if(*conv_map_at(c, &c->said, conv_printf(c, "%u:%s", line, file)) == NULL)
		conv_say(c, CONV_CONVERTED, file, line, "%s", what);
}

char *conv_read(conv_t *c, const char *path, size_t *len)
{
	struct stat st;
	char *text, *kept = NULL;
	const char *why = cli_file_read(path, &text, len, &st);

	if(why != NULL) {
		cli_could_not("convert", "%s: %s", path, why);
	} else {
		kept = conv_alloc(c, *len + 1);
		memcpy(kept, text, *len);
	}
	free(text);
	return kept;
}

bool conv_number(const char *s, long *out)
{
	char *end;
	long v;

	if(s == NULL || !(isdigit((unsigned char)*s) || *s == '-'))
		return false;
	errno = 0;
	v = strtol(s, &end, 10);
	if(end == s || *end != '\0' || errno != 0)
		return false;
	*out = v;
	return true;
}

bool conv_same(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

const char *conv_uri_host(conv_t *c, const char *uri)
{
	const char *p = strchr(uri, ':'), *at, *end;

	p = p != NULL ? p + 1 : uri;
	at = strchr(p, '@');
	if(at != NULL)
		p = at + 1;
	end = *p == '[' ? strchr(p, ']') : NULL;
	end = end != NULL ? end + 1 : p;
	end += strcspn(end, ";?>,* \t");
	return conv_copy(c, p, (size_t)(end - p));
}
