/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover_route.history and .metrics: what happened, and the numbers.
 */
#include "frt_event.h"
#include "frt_metrics.h"
#include "frt_rpc.h"

#include <time.h>

#define HISTORY_COUNT 20 /* when none is given */

/* "2026-01-31T23:59:59.123Z" */
static void add_time(uint64_t wall_ms, frt_buf_t *out)
{
	time_t s = (time_t)(wall_ms / 1000);
	struct tm tm;

	if(!gmtime_r(&s, &tm))
		return;
	frt_buf_add(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			(unsigned)(wall_ms % 1000));
}

static void put_event(frt_rpc_t *r, void *array, const frt_event_t *ev)
{
	void *in = frt_rpc_item(r, array);
	char mem[64];
	frt_buf_t at;

	frt_buf_init(&at, mem, sizeof(mem));
	add_time(ev->time_ms, &at);
	frt_rpc_int(r, in, "time", (int64_t)ev->time_ms);
	frt_rpc_text(r, in, "at", mem);
	frt_rpc_text(r, in, "event", frt_event_kind_name(ev->kind));
	frt_rpc_text(r, in, "set", ev->set);
	frt_rpc_text(r, in, "destination", ev->destination);
	frt_rpc_text(r, in, "from", ev->from);
	frt_rpc_text(r, in, "to", ev->to);
	frt_rpc_text(r, in, "source", frt_source_name(ev->source));
	frt_rpc_text(r, in, "reason", ev->reason);
}

/* A set by its id or number; its id, which events carry, into id. The
 * history may know a set that the table no longer has. */
static bool set_id(const frt_rpc_arg_t *arg, char *id, size_t size)
{
	const frt_gen_t *g = frt_table_enter();
	const frt_set_t *set = g ? frt_gen_set(g, arg->s) : NULL;
	uint64_t cursor = 0;
	frt_event_t ev;
	frt_buf_t b;

	frt_buf_init(&b, id, size);
	frt_buf_add_str(&b, set ? set->id : arg->s);
	frt_table_leave();
	return set || frt_event_before(id, &cursor, &ev);
}

void frt_rpc_history(rpc_t *rpc, void *ctx)
{
	uint32_t count = HISTORY_COUNT, i;
	char id[FRT_ID_MAX + 1];
	const char *only = NULL;
	uint64_t cursor = 0;
	frt_rpc_arg_t set;
	frt_event_t ev;
	frt_rpc_t r;
	void *array;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "set", &set) != 0
			|| frt_rpc_number(&r, "count", UINT32_MAX, &count) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(!frt_rpc_all(&set)) {
		if(!set_id(&set, id, sizeof(id))) {
			frt_rpc_no_set(&r, &set);
			return;
		}
		only = id;
	}
	if(count > r.page)
		count = r.page;
	array = frt_rpc_array(&r, frt_rpc_answer(&r), "transitions");
	for(i = 0; i < count && !r.failed; i++) {
		if(!frt_event_before(only, &cursor, &ev))
			break;
		put_event(&r, array, &ev);
	}
	frt_rpc_done(&r);
}

/* The heap, not pkg: thousands of destinations make megabytes. */
static void *heap_get(void *ctx, size_t size)
{
	return malloc(size);
}

static void heap_put(void *ctx, void *p)
{
	free(p);
}

static void put_metrics(frt_rpc_t *r, const frt_prom_t *text)
{
	if(text->failed || !text->s) {
		r->failed = true;
		frt_rpc_done(r);
	} else if(text->len > r->text_max) {
		frt_rpc_fault(r, 500, "%zu KiB of text do not fit: name a set, or %s",
				text->len / 1024,
				r->binary ? "use JSON-RPC over HTTP"
						  : "start Kamailio with a larger -M");
	} else if(r->rpc->add(r->ctx, "s", text->s) < 0) {
		LM_DBG("the metrics did not fit into the answer\n");
	}
}

void frt_rpc_metrics(rpc_t *rpc, void *ctx)
{
	static const frt_mem_t heap = {heap_get, heap_put, NULL};
	const frt_set_t *only = NULL;
	frt_prom_t text;
	frt_rpc_arg_t set;
	const frt_gen_t *g;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "set", &set) != 0 || frt_rpc_end(&r) != 0)
		return;
	frt_prom_init(&text, &heap);
	g = frt_table_enter();
	if(g && !frt_rpc_all(&set))
		only = frt_gen_set(g, set.s);
	if(g && (only || frt_rpc_all(&set))) {
		frt_metrics_write(g, only, &text);
		frt_table_leave();
		put_metrics(&r, &text);
	} else {
		frt_table_leave();
		frt_rpc_no_set(&r, &set);
	}
	frt_prom_free(&text);
}
