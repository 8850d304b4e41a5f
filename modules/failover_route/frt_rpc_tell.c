/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover_route.history and .metrics: what happened, and the numbers.
 */
#include "frt_event.h"
#include "frt_metrics.h"
#include "frt_rpc.h"
#include "engine/frt_when.h"

#include <string.h>
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

/* Which transitions are asked for. */
typedef struct frt_asked
{
	const char *set; /* NULL: of all */
	frt_str_t dst;	 /* empty: of all */
	uint64_t from_ms;
	uint64_t to_ms;
	char id[FRT_ID_MAX + 1];
} frt_asked_t;

/* Of that destination, or of one that its name stands for: "id/192.0.2.1". */
static bool is_of(const frt_event_t *ev, frt_str_t dst)
{
	const char *id = ev->destination;

	return dst.len == 0
		   || (strncmp(id, dst.s, dst.len) == 0
				   && (id[dst.len] == '\0' || id[dst.len] == '/'));
}

/* The next older one that is asked for. */
static bool next_asked(
		const frt_asked_t *asked, uint64_t *cursor, frt_event_t *ev)
{
	while(frt_event_before(asked->set, cursor, ev)) {
		/* a clock that was set leaves times that are not in order */
		if(is_of(ev, asked->dst) && ev->time_ms >= asked->from_ms
				&& ev->time_ms <= asked->to_ms)
			return true;
	}
	return false;
}

/* Has the table, or the history, such a destination? Which set it is in does
 * not matter where none was named. */
static bool known_dst(const frt_asked_t *asked)
{
	frt_asked_t any = {
			.set = asked->set, .dst = asked->dst, .to_ms = UINT64_MAX};
	const frt_gen_t *g = frt_table_enter();
	uint64_t cursor = 0;
	frt_event_t ev;
	frt_str_t set = {asked->set, asked->set ? (uint32_t)strlen(asked->set) : 0};
	bool known = g && frt_gen_has(g, set, asked->dst);

	frt_table_leave();
	return known || next_asked(&any, &cursor, &ev);
}

/* An optional moment; empty or "*" leaves *out as it is. */
static int read_when(frt_rpc_t *r, const char *what, uint64_t *out)
{
	frt_rpc_arg_t arg;

	if(frt_rpc_arg(r, what, &arg) != 0)
		return FRT_E_INVAL;
	if(frt_rpc_all(&arg) || frt_when_parse(arg.s, frt_wall_ms(), out) == 0)
		return 0;
	frt_rpc_fault(r, 400,
			"%s: expected how long ago (10m), a time in UTC "
			"(2026-11-21T05:02:06Z) or milliseconds since 1970",
			what);
	return FRT_E_INVAL;
}

/* Nothing was between them, which nobody asks for. */
static bool in_order(frt_rpc_t *r, const frt_asked_t *asked)
{
	if(asked->from_ms <= asked->to_ms)
		return true;
	frt_rpc_fault(r, 400,
			"since is later than until: how long ago is the longer time first "
			"(20m 10m)");
	return false;
}

static bool is_known(frt_rpc_t *r, const frt_rpc_arg_t *set,
		const frt_rpc_arg_t *dst, frt_asked_t *asked)
{
	if(!frt_rpc_all(set)) {
		if(!set_id(set, asked->id, sizeof(asked->id))) {
			frt_rpc_no_set(r, set);
			return false;
		}
		asked->set = asked->id;
	}
	if(frt_rpc_all(dst))
		return true;
	asked->dst = dst->s;
	if(!known_dst(asked)) {
		frt_rpc_no_dst(r, set, dst);
		return false;
	}
	return true;
}

void frt_rpc_history(rpc_t *rpc, void *ctx)
{
	frt_asked_t asked = {.set = NULL, .to_ms = UINT64_MAX};
	uint32_t count = HISTORY_COUNT, i, omitted = 0;
	frt_rpc_arg_t set, dst;
	uint64_t cursor = 0;
	frt_event_t ev;
	void *answer, *array;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "set", &set) != 0
			|| frt_rpc_number(&r, "count", UINT32_MAX, &count) != 0
			|| frt_rpc_arg(&r, "destination", &dst) != 0
			|| read_when(&r, "since", &asked.from_ms) != 0
			|| read_when(&r, "until", &asked.to_ms) != 0 || frt_rpc_end(&r) != 0
			|| !in_order(&r, &asked) || !is_known(&r, &set, &dst, &asked))
		return;
	answer = frt_rpc_answer(&r);
	array = frt_rpc_array(&r, answer, "transitions");
	for(i = 0; i < count && !r.failed; i++) {
		if(!next_asked(&asked, &cursor, &ev))
			break;
		if(i < r.page && !frt_rpc_full(&r))
			put_event(&r, array, &ev);
		else
			omitted++;
	}
	if(omitted)
		frt_rpc_int(&r, answer, "omitted", omitted);
	frt_rpc_done(&r);
}

static void put_metrics(frt_rpc_t *r, const frt_prom_t *text, bool of_one_set)
{
	if(text->full) {
		frt_rpc_fault(r, 500, "more than %zu KiB do not fit: %s%s",
				r->text_max / 1024, of_one_set ? "" : "name a set, or ",
				r->binary ? "use JSON-RPC over HTTP"
						  : "start Kamailio with a larger -M");
	} else if(text->text.failed || !text->text.s) {
		r->failed = true;
		frt_rpc_done(r);
	} else if(r->rpc->add(r->ctx, "s", text->text.s) < 0) {
		LM_DBG("the metrics did not fit into the answer\n");
	}
}

void frt_rpc_metrics(rpc_t *rpc, void *ctx)
{
	const frt_set_t *only = NULL;
	frt_prom_t text;
	frt_rpc_arg_t set;
	const frt_gen_t *g;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "set", &set) != 0 || frt_rpc_end(&r) != 0)
		return;
	frt_prom_init(&text, frt_mem_heap());
	frt_prom_limit(&text, r.text_max);
	g = frt_table_enter();
	if(g && !frt_rpc_all(&set))
		only = frt_gen_set(g, set.s);
	if(g && (only || frt_rpc_all(&set))) {
		frt_metrics_write(g, only, &text);
		frt_table_leave();
		put_metrics(&r, &text, only != NULL);
	} else {
		frt_table_leave();
		frt_rpc_no_set(&r, &set);
	}
	frt_prom_free(&text);
}
