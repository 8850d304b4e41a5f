/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover_route.list and .explain: the table as it is, and the choice it
 * would make.
 */
#include "frt_act.h"
#include "frt_explain.h"
#include "frt_look.h"
#include "engine/frt_oc.h"
#include "frt_resolver.h"
#include "frt_rpc.h"

#include <string.h>

#define REASON_MAX 400

/* Which of the filtered destinations are asked for. */
typedef struct frt_page
{
	uint32_t from;
	uint32_t to;
	uint32_t total;
	uint32_t at; /* number of the next destination that is looked at */
} frt_page_t;

/* The last two arguments of both commands; limit: at most what an answer can
 * hold. 0, or the fault has been sent. */
static int page_args(frt_rpc_t *r, uint32_t *offset, uint32_t *limit)
{
	*offset = 0;
	*limit = UINT32_MAX;
	if(frt_rpc_number(r, "offset", UINT32_MAX, offset) != 0
			|| frt_rpc_number(r, "limit", UINT32_MAX, limit) != 0
			|| frt_rpc_end(r) != 0)
		return FRT_E_INVAL;
	if(*limit > r->page)
		*limit = r->page;
	return 0;
}

static void page_cut(
		frt_page_t *page, uint32_t offset, uint32_t limit, uint32_t total)
{
	uint32_t left = offset < total ? total - offset : 0;

	page->from = offset;
	page->to = offset + (limit < left ? limit : left);
	page->total = total;
	page->at = 0;
}

static void put_sources(frt_rpc_t *r, void *in, uint32_t word)
{
	void *array = frt_rpc_array(r, in, "sources");
	const char *name;
	uint32_t i;

	for(i = 0; i < frt_source_count; i++) {
		name = frt_source_name((frt_source_t)i);
		if(FRT_WORD_FLAGS(word) & 1u << i)
			frt_rpc_word(r, array, frt_str_of(name));
	}
}

static void put_counters(frt_rpc_t *r, void *in, const frt_dst_t *dst)
{
	const frt_act_t *act = frt_act_seen(dst->rec);
	frt_rec_t *rec = dst->rec;

	frt_rpc_int(r, in, "calls", atomic_load(&rec->calls));
	frt_rpc_int(r, in, "max_calls", dst->max_calls);
	frt_rpc_int(r, in, "max_cps", dst->max_cps);
	frt_rpc_int(r, in, "full", atomic_load(&act->n.full));
	frt_rpc_int(r, in, "attempts", atomic_load(&act->n.attempts));
	frt_rpc_int(r, in, "ok", atomic_load(&act->n.ok));
	frt_rpc_int(r, in, "failed", atomic_load(&act->n.failed));
	frt_rpc_int(r, in, "timeouts", atomic_load(&act->n.timeouts));
	frt_rpc_int(r, in, "failovers", atomic_load(&act->n.failovers));
	frt_rpc_int(r, in, "probe_rtt_ms", atomic_load(&rec->probe_rtt_ms));
	frt_rpc_int(r, in, "pdd_ms", atomic_load(&act->pdd_ms));
	frt_rpc_int(r, in, "failovers_to", atomic_load(&act->n.failovers_to));
	frt_rpc_int(r, in, "rescued", atomic_load(&act->n.rescued));
	frt_rpc_int(r, in, "late", atomic_load(&act->n.late));
}

/* Of a destination that comes of a name: the name, and how old the answer is
 * and what is wrong with the DNS now. */
static void put_name(frt_rpc_t *r, void *in, const frt_dst_t *dst)
{
	const frt_children_t *c;
	uint64_t now = frt_now_ms();
	char mem[REASON_MAX];
	frt_buf_t error;

	if(!dst->parent)
		return;
	c = frt_resolver_look(dst->parent);
	frt_buf_init(&error, mem, sizeof(mem));
	frt_children_trouble(c, &error);
	frt_rpc_str(r, in, "parent", dst->parent->id);
	frt_rpc_text(r, in, "resolve",
			frt_resolve_name((frt_resolve_t)dst->parent->resolve));
	frt_rpc_int(r, in, "sub_priority", dst->sub);
	frt_rpc_str(
			r, in, "address", dst->unresolved ? FRT_STR("") : frt_dst_hop(dst));
	if(c->good_ms)
		frt_rpc_int(r, in, "dns_age_ms",
				now > c->good_ms ? (int64_t)(now - c->good_ms) : 0);
	frt_rpc_text(r, in, "dns_error", mem);
}

static void put_dst(frt_rpc_t *r, void *array, const frt_dst_t *dst)
{
	const frt_act_t *act = frt_act_seen(dst->rec);
	void *in = frt_rpc_item(r, array);
	char mem[REASON_MAX];
	frt_view_t view;
	frt_buf_t reason;

	frt_view_take(dst->rec, &view);
	frt_buf_init(&reason, mem, sizeof(mem));
	frt_view_reason(&view, &reason);
	frt_view_unresolved(dst, &reason);
	frt_rpc_str(r, in, "id", dst->id);
	frt_rpc_str(r, in, "uri", dst->uri);
	frt_rpc_int(r, in, "priority", dst->priority);
	frt_rpc_int(r, in, "weight", dst->weight);
	frt_rpc_int(r, in, "effective_weight", frt_look_weight(dst, view.word));
	frt_rpc_text(r, in, "health", frt_health_name(FRT_WORD_HEALTH(view.word)));
	frt_rpc_text(r, in, "admin", frt_admin_name(FRT_WORD_ADMIN(view.word)));
	if(dst->overlay)
		frt_rpc_text(r, in, "overlay", frt_over_name((frt_over_t)dst->overlay));
	put_sources(r, in, view.word);
	frt_rpc_text(r, in, "reason", mem);
	frt_rpc_int(r, in, "since_ms", (int64_t)view.since_ms);
	frt_rpc_int(r, in, "hold_ms", view.hold_ms);
	put_counters(r, in, dst);
	frt_rpc_int(r, in, "shed_percent", frt_health_shed_pct(view.word));
	frt_rpc_int(r, in, "oc_percent", frt_oc_loss(&act->oc, frt_now_ms()));
	frt_rpc_int(r, in, "oc_passed", atomic_load(&act->n.oc_passed));
	put_name(r, in, dst);
}

/* The destinations of a set that are on the page: first to end. False if the
 * set is not shown; an empty one is, where its destinations would be. */
static bool on_page(
		frt_page_t *page, const frt_set_t *set, uint32_t *first, uint32_t *end)
{
	uint32_t at = page->at;

	page->at += set->ndsts;
	if(set->ndsts == 0) {
		*first = *end = 0;
		return at >= page->from && (at < page->to || page->to == page->total);
	}
	*first = page->from > at ? page->from - at : 0;
	*end = page->to > at ? page->to - at : 0;
	if(*end > set->ndsts)
		*end = set->ndsts;
	return *first < *end;
}

static bool is_removal(const frt_edit_t *e, const frt_set_t *set)
{
	return e->kind == FRT_EDIT_REMOVE && frt_str_eq(e->set, set->id);
}

/* What run time has taken out of the set; nothing where that is nothing. */
static void put_removed(frt_rpc_t *r, void *in, const frt_set_t *set)
{
	void *array = NULL;
	uint32_t i;

	for(i = 0; i < set->gen->nedits && !r->failed; i++) {
		const frt_edit_t *e = &set->gen->edits[i];

		if(!is_removal(e, set))
			continue;
		if(!array)
			array = frt_rpc_array(r, in, "removed");
		frt_rpc_word(r, array, e->id);
	}
}

static void put_set(
		frt_rpc_t *r, void *sets, const frt_set_t *set, frt_page_t *page)
{
	uint32_t first, end, i;
	void *in, *array;

	if(!on_page(page, set, &first, &end))
		return;
	if(first < end && frt_rpc_full(r)) {
		page->to = page->at - set->ndsts + first; /* all of it is the next */
		return;
	}
	in = frt_rpc_item(r, sets);
	frt_rpc_str(r, in, "id", set->id);
	frt_rpc_int(r, in, "number", set->number);
	frt_rpc_text(r, in, "strategy", frt_strategy_name(set->conf.strategy));
	frt_rpc_text(r, in, "health", frt_look_set_up(set) ? "up" : "down");
	frt_rpc_int(r, in, "panic", atomic_load(&set->rec->panic));
	put_removed(r, in, set);
	array = frt_rpc_array(r, in, "destinations");
	/* what stands before them may have filled it up: one comes along, still */
	for(i = first; i < end && (i == first || !frt_rpc_full(r)) && !r->failed;
			i++)
		put_dst(r, array, &set->dsts[i]);
	if(i < end)
		page->to = page->at - set->ndsts + i;
}

/* Where to go on, if that is not the end; only now is it known. */
static void put_next(frt_rpc_t *r, void *in, const frt_page_t *page)
{
	if(page->to < page->total && page->to > page->from)
		frt_rpc_int(r, in, "next_offset", page->to);
}

static void put_list(frt_rpc_t *r, void *in, const frt_gen_t *g,
		const frt_set_t *only, frt_page_t *page)
{
	void *sets;
	uint32_t i;

	frt_rpc_int(r, in, "generation", g->seq);
	frt_rpc_int(r, in, "total", page->total);
	sets = frt_rpc_array(r, in, "sets");
	for(i = 0; i < g->nsets && !r->failed; i++) {
		if(!only || only == &g->sets[i])
			put_set(r, sets, &g->sets[i], page);
	}
	put_next(r, in, page);
}

void frt_rpc_list(rpc_t *rpc, void *ctx)
{
	uint32_t offset, limit;
	const frt_set_t *only = NULL;
	frt_rpc_arg_t set;
	const frt_gen_t *g;
	frt_page_t page;
	frt_rpc_t r;
	void *in;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "set", &set) != 0 || page_args(&r, &offset, &limit) != 0)
		return;
	g = frt_table_enter();
	if(g && !frt_rpc_all(&set))
		only = frt_gen_set(g, set.s);
	if(!g || (!frt_rpc_all(&set) && !only)) {
		frt_table_leave();
		frt_rpc_no_set(&r, &set);
		return;
	}
	page_cut(&page, offset, limit, only ? only->ndsts : g->ndsts);
	in = frt_rpc_answer(&r);
	put_list(&r, in, g, only, &page);
	frt_table_leave();
	frt_rpc_done(&r);
}

static void put_explained(
		frt_rpc_t *r, void *array, const frt_explain_t *e, const frt_dst_t *dst)
{
	void *in = frt_rpc_item(r, array);
	char mem[REASON_MAX];
	uint32_t permille;
	frt_view_t view;
	frt_buf_t why;
	bool usable;

	frt_buf_init(&why, mem, sizeof(mem));
	usable = frt_view_explain(e, dst, &view, &permille, &why);
	frt_rpc_str(r, in, "id", dst->id);
	frt_rpc_str(r, in, "uri", dst->uri);
	frt_rpc_int(r, in, "priority", dst->priority);
	if(dst->parent)
		frt_rpc_int(r, in, "sub_priority", dst->sub);
	frt_rpc_int(r, in, "weight", dst->weight);
	frt_rpc_int(r, in, "share_percent", (permille + 5) / 10);
	frt_rpc_int(r, in, "usable", usable);
	frt_rpc_text(r, in, "why", mem);
}

/* What run time has taken out of the set is no destination of the table any
 * more, and yet what an operator may miss. */
static void put_gone(frt_rpc_t *r, void *array, const frt_edit_t *e)
{
	void *in = frt_rpc_item(r, array);
	char mem[REASON_MAX];
	frt_buf_t why;

	frt_buf_init(&why, mem, sizeof(mem));
	frt_explain_removed_text(&why);
	frt_rpc_str(r, in, "id", e->id);
	frt_rpc_text(r, in, "uri", "");
	frt_rpc_int(r, in, "priority", 0);
	frt_rpc_int(r, in, "weight", 0);
	frt_rpc_int(r, in, "share_percent", 0);
	frt_rpc_int(r, in, "usable", 0);
	frt_rpc_text(r, in, "why", mem);
}

/* Destinations of the set, and after them what run time has taken out. */
static uint32_t explained_count(const frt_set_t *set)
{
	uint32_t n = set->ndsts, i;

	for(i = 0; i < set->gen->nedits; i++)
		n += is_removal(&set->gen->edits[i], set);
	return n;
}

static void put_all_explained(
		frt_rpc_t *r, void *in, const frt_explain_t *e, frt_page_t *page)
{
	void *array = frt_rpc_array(r, in, "destinations");
	uint32_t i;

	page->at = e->set->ndsts;
	for(i = page->from; i < page->to && i < page->at && !r->failed; i++) {
		if(frt_rpc_full(r))
			page->to = i;
		else
			put_explained(r, array, e, &e->set->dsts[i]);
	}
	for(i = 0; i < e->set->gen->nedits && !r->failed; i++) {
		const frt_edit_t *edit = &e->set->gen->edits[i];

		if(!is_removal(edit, e->set))
			continue;
		if(frt_rpc_full(r) && page->at < page->to)
			page->to = page->at;
		if(page->at >= page->from && page->at < page->to)
			put_gone(r, array, edit);
		page->at++;
	}
}

/* The key is shown as it came: kamcmd makes numbers of digits, and of long ones
 * another. */
static void put_explain(frt_rpc_t *r, void *in, const frt_explain_t *e,
		frt_str_t key, frt_page_t *page)
{
	char mem[REASON_MAX];
	frt_buf_t why;

	frt_buf_init(&why, mem, sizeof(mem));
	frt_explain_choice_text(e, &why);
	frt_rpc_str(r, in, "set", e->set->id);
	frt_rpc_text(r, in, "strategy", frt_strategy_name(e->set->conf.strategy));
	if(key.len > 0)
		frt_rpc_str(r, in, "key", key);
	frt_rpc_str(r, in, "choice", e->choice ? e->choice->id : FRT_STR(""));
	if(e->choice)
		frt_rpc_int(r, in, "priority", e->choice->priority);
	frt_rpc_text(r, in, "why", mem);
	frt_buf_init(&why, mem, sizeof(mem));
	frt_explain_budget_text(e->set, frt_now_ms(), &why);
	frt_rpc_text(r, in, "retry_budget", mem);
	put_all_explained(r, in, e, page);
	if(page->to - page->from < page->total)
		frt_rpc_int(r, in, "omitted", page->total - (page->to - page->from));
	put_next(r, in, page);
}

void frt_rpc_explain(rpc_t *rpc, void *ctx)
{
	uint32_t offset, limit;
	const frt_set_t *set = NULL;
	frt_rpc_arg_t name, key;
	frt_explain_t e;
	const frt_gen_t *g;
	frt_page_t page;
	frt_str_t by;
	frt_rpc_t r;
	void *in;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_need(&r, "set", &name) != 0 || frt_rpc_arg(&r, "key", &key) != 0
			|| page_args(&r, &offset, &limit) != 0)
		return;
	g = frt_table_enter();
	if(g)
		set = frt_gen_set(g, name.s);
	if(!set) {
		frt_table_leave();
		frt_rpc_no_set(&r, &name);
		return;
	}
	page_cut(&page, offset, limit, explained_count(set));
	by = frt_rpc_all(&key) ? FRT_STR("") : key.s;
	frt_explain(set, by, frt_now_ms(), frt_random(), &e);
	in = frt_rpc_answer(&r);
	put_explain(&r, in, &e, by, &page);
	frt_table_leave();
	frt_rpc_done(&r);
}
