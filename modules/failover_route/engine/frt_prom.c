/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Prometheus text format.
 */
#include "frt_prom.h"

#include <string.h>

#define PIECE 32768 /* bytes; small enough to stay in a core's cache */

void frt_prom_init(frt_prom_t *p, const frt_mem_t *mem)
{
	frt_grow_init(&p->text, mem);
	p->family = NULL;
	p->sink = NULL;
	p->to = NULL;
	p->most = SIZE_MAX;
	p->full = false;
}

void frt_prom_stream(frt_prom_t *p, frt_prom_sink_f sink, void *to)
{
	p->sink = sink;
	p->to = to;
}

void frt_prom_flush(frt_prom_t *p)
{
	if(p->text.failed || p->text.len == 0)
		return;
	if(p->sink(p->to, p->text.s, p->text.len))
		p->text.len = 0;
	else
		frt_prom_fail(p);
}

void frt_prom_limit(frt_prom_t *p, size_t most)
{
	p->most = most;
}

void frt_prom_free(frt_prom_t *p)
{
	frt_grow_free(&p->text);
}

void frt_prom_fail(frt_prom_t *p)
{
	frt_grow_fail(&p->text);
}

static void text_put(frt_prom_t *p, const char *s, size_t n)
{
	frt_grow_put(&p->text, s, n);
}

static void text_puts(frt_prom_t *p, const char *s)
{
	frt_grow_puts(&p->text, s);
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

void frt_prom_label(
		frt_prom_t *p, size_t from, const char *name, frt_str_t value)
{
	if(p->text.len > from)
		text_puts(p, ",");
	text_puts(p, name);
	text_puts(p, "=\"");
	text_value(p, value);
	text_puts(p, "\"");
}

static void put_value(frt_prom_t *p, uint64_t n, unsigned milli)
{
	char part[4] = {'.', (char)('0' + milli / 100),
			(char)('0' + milli / 10 % 10), (char)('0' + milli % 10)};

	frt_grow_uint(&p->text, n);
	if(milli)
		text_put(p, part, milli % 100 ? 4 : 2);
	text_put(p, "\n", 1);
	if(p->sink && p->text.len >= PIECE)
		frt_prom_flush(p);
	if(p->text.len > p->most && !p->text.failed) {
		p->full = true;
		frt_prom_fail(p);
	}
}

/* All of a line but its value. part follows the family's name: "_bucket". */
static void put_name(
		frt_prom_t *p, const char *part, frt_str_t labels, const char *extra)
{
	text_puts(p, p->family);
	text_puts(p, part);
	if(labels.len || extra)
		text_put(p, "{", 1);
	text_put(p, labels.s, labels.len);
	if(labels.len && extra)
		text_put(p, ",", 1);
	if(extra)
		text_puts(p, extra);
	if(labels.len || extra)
		text_put(p, "}", 1);
	text_put(p, " ", 1);
}

void frt_prom_sample(frt_prom_t *p, frt_str_t labels, const char *extra,
		uint64_t value_milli)
{
	put_name(p, "", labels, extra);
	put_value(p, value_milli / 1000, (unsigned)(value_milli % 1000));
}

void frt_prom_count(
		frt_prom_t *p, frt_str_t labels, const char *extra, uint64_t value)
{
	put_name(p, "", labels, extra);
	put_value(p, value, 0);
}

void frt_prom_histogram(frt_prom_t *p, frt_str_t labels, const frt_hist_t *hist,
		frt_hist_kind_t kind)
{
	const uint32_t *bounds_ms = frt_hist_bounds(kind);
	uint64_t sum = atomic_load_explicit(&hist->sum_ms, memory_order_relaxed);
	uint64_t count = 0;
	char le[32];
	frt_buf_t b;
	uint32_t i;

	for(i = 0; i <= FRT_HIST_BOUNDS; i++) {
		count += atomic_load_explicit(&hist->n[i], memory_order_relaxed);
		frt_buf_init(&b, le, sizeof(le));
		if(i < FRT_HIST_BOUNDS)
			frt_buf_add(&b, "le=\"%u.%03u\"", bounds_ms[i] / 1000,
					bounds_ms[i] % 1000);
		else
			frt_buf_add(&b, "le=\"+Inf\"");
		put_name(p, "_bucket", labels, le);
		put_value(p, count, 0);
	}
	put_name(p, "_sum", labels, NULL);
	put_value(p, sum / 1000, (unsigned)(sum % 1000));
	put_name(p, "_count", labels, NULL);
	put_value(p, count, 0);
}
