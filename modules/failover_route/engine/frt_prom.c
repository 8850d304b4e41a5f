/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Prometheus text format. Every byte goes through text_put(), the one
 * place where the buffer grows and memory may run out.
 */
#include "frt_prom.h"

#include <stdio.h>
#include <string.h>

#define FIRST_SIZE 4096

void frt_prom_init(frt_prom_t *p, const frt_mem_t *mem)
{
	memset(p, 0, sizeof(*p));
	p->mem = mem;
}

void frt_prom_free(frt_prom_t *p)
{
	frt_mem_free(p->mem, p->s);
	p->s = NULL;
}

/* Makes room for n more bytes and a NUL. */
static bool text_grow(frt_prom_t *p, size_t n)
{
	size_t size = p->size ? p->size : FIRST_SIZE;
	char *s;

	while(size - p->len <= n)
		size *= 2;
	if(size == p->size)
		return true;
	s = frt_mem_alloc(p->mem, size);
	if(!s) {
		frt_prom_free(p);
		p->failed = true;
		return false;
	}
	if(p->len > 0)
		memcpy(s, p->s, p->len);
	frt_mem_free(p->mem, p->s);
	p->s = s;
	p->size = size;
	return true;
}

static void text_put(frt_prom_t *p, const char *s, size_t n)
{
	if(p->failed || n == 0 || !text_grow(p, n))
		return;
	memcpy(p->s + p->len, s, n);
	p->len += n;
	p->s[p->len] = '\0';
}

static void text_puts(frt_prom_t *p, const char *s)
{
	text_put(p, s, strlen(s));
}

/* A label's value: backslash, quote and newline are escaped. */
static void text_value(frt_prom_t *p, frt_str_t v)
{
	uint32_t i, done = 0;

	for(i = 0; i < v.len; i++) {
		const char *as = v.s[i] == '\\'	  ? "\\\\"
						 : v.s[i] == '"'  ? "\\\""
						 : v.s[i] == '\n' ? "\\n"
										  : NULL;

		if(!as)
			continue;
		text_put(p, v.s + done, i - done);
		text_puts(p, as);
		done = i + 1;
	}
	if(done < v.len)
		text_put(p, v.s + done, v.len - done);
}

void frt_prom_family(
		frt_prom_t *p, const char *name, const char *type, const char *help)
{
	p->family = name;
	text_puts(p, "# HELP ");
	text_puts(p, name);
	text_puts(p, " ");
	text_puts(p, help);
	text_puts(p, "\n# TYPE ");
	text_puts(p, name);
	text_puts(p, " ");
	text_puts(p, type);
	text_puts(p, "\n");
}

static void sample(frt_prom_t *p, const frt_prom_label_t *labels,
		uint32_t nlabels, const char *value)
{
	uint32_t i;

	text_puts(p, p->family);
	for(i = 0; i < nlabels; i++) {
		text_puts(p, i ? "," : "{");
		text_puts(p, labels[i].name);
		text_puts(p, "=\"");
		text_value(p, labels[i].value);
		text_puts(p, "\"");
	}
	text_puts(p, nlabels ? "} " : " ");
	text_puts(p, value);
	text_puts(p, "\n");
}

void frt_prom_sample(frt_prom_t *p, const frt_prom_label_t *labels,
		uint32_t nlabels, uint64_t value_milli)
{
	unsigned milli = (unsigned)(value_milli % 1000);
	char text[32];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_buf_add(&b, "%llu", (unsigned long long)(value_milli / 1000));
	if(milli % 100 == 0 && milli)
		frt_buf_add(&b, ".%u", milli / 100);
	else if(milli)
		frt_buf_add(&b, ".%03u", milli);
	sample(p, labels, nlabels, text);
}

void frt_prom_count(frt_prom_t *p, const frt_prom_label_t *labels,
		uint32_t nlabels, uint64_t value)
{
	char text[32];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_buf_add(&b, "%llu", (unsigned long long)value);
	sample(p, labels, nlabels, text);
}
