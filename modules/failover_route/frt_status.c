/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The status page's data. One walk over all destinations counts, and finds
 * those on the page; words are made for these only.
 */
#include "frt_status.h"
#include "frt_event.h"
#include "frt_act.h"
#include "frt_explain.h"
#include "frt_health.h"
#include "frt_look.h"
#include "frt_view.h"

#include "../../core/globals.h"

#include <string.h>

#define WORDS_MAX 400
#define BAD_MAX 30	   /* told of wherever they stand */
#define EVENTS_MAX 100 /* in one answer */

/* How a destination is shown. */
#define FRT_LIGHT_LIST(X) \
	X(FRT_GREEN, "green") \
	X(FRT_AMBER, "amber") \
	X(FRT_RED, "red")
FRT_ENUM_DECL(frt_light, FRT_LIGHT_LIST)
FRT_ENUM_DEFINE(frt_light, FRT_LIGHT_LIST)

/* Sums over destinations. */
typedef struct frt_sum
{
	uint32_t lights[frt_light_count];
	uint64_t calls;
	uint64_t attempts;
	uint64_t ok;
	uint64_t failed;
	uint64_t failovers;
	uint64_t pdd_sum_ms;
	uint64_t pdd_count;
} frt_sum_t;

/* Indexes of destinations in the generation. */
typedef struct frt_found
{
	frt_sum_t sum;
	uint32_t matched;
	uint32_t n;
	uint32_t shown[FRT_STATUS_PAGE_MAX];
	uint32_t nbad[frt_light_count];
	uint32_t bad[frt_light_count][BAD_MAX];
} frt_found_t;

/* Red: it should be in use and is not. What the operator took out is amber,
 * whatever its health. */
static frt_light_t light_of(uint32_t word)
{
	if(FRT_WORD_ADMIN(word) != FRT_READY)
		return FRT_AMBER;
	switch(FRT_WORD_HEALTH(word)) {
		case FRT_UP:
			return FRT_WORD_FULL(word) ? FRT_AMBER : FRT_GREEN;
		case FRT_DOWN:
			return FRT_RED;
		default:
			return FRT_AMBER;
	}
}

/* The one word beside the light. */
static const char *state_of(uint32_t word)
{
	if(FRT_WORD_ADMIN(word) != FRT_READY)
		return frt_admin_name(FRT_WORD_ADMIN(word));
	if(FRT_WORD_FULL(word) && FRT_WORD_HEALTH(word) != FRT_DOWN)
		return "full";
	return frt_health_name(FRT_WORD_HEALTH(word));
}

static void sum_add(frt_sum_t *sum, const frt_dst_t *dst, uint32_t word)
{
	const frt_act_t *act = frt_act_seen(dst->rec);
	int i;

	sum->lights[light_of(word)]++;
	sum->calls += atomic_load(&dst->rec->calls);
	sum->attempts += atomic_load(&act->n.attempts);
	sum->ok += atomic_load(&act->n.ok);
	sum->failed += atomic_load(&act->n.failed);
	sum->failovers += atomic_load(&act->n.failovers);
	sum->pdd_sum_ms += atomic_load(&act->pdd.sum_ms);
	for(i = 0; i <= FRT_HIST_BOUNDS; i++)
		sum->pdd_count += atomic_load(&act->pdd.n[i]);
}

static void put_counters(frt_json_t *out, const frt_sum_t *sum)
{
	frt_json_int(out, "calls", (int64_t)sum->calls);
	frt_json_int(out, "attempts", (int64_t)sum->attempts);
	frt_json_int(out, "ok", (int64_t)sum->ok);
	frt_json_int(out, "failed", (int64_t)sum->failed);
	frt_json_int(out, "failovers", (int64_t)sum->failovers);
	frt_json_int(out, "pdd_sum_ms", (int64_t)sum->pdd_sum_ms);
	frt_json_int(out, "pdd_count", (int64_t)sum->pdd_count);
}

static void put_sum(frt_json_t *out, const frt_sum_t *sum)
{
	int i;

	for(i = 0; i < frt_light_count; i++)
		frt_json_int(out, frt_light_name((frt_light_t)i), sum->lights[i]);
	put_counters(out, sum);
}

/* Is wanted, in lower case, part of the text? */
static bool has(const char *text, const char *wanted)
{
	size_t n = strlen(wanted), i;

	for(; *text; text++) {
		for(i = 0; i < n; i++) {
			char c = text[i];

			if((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != wanted[i])
				break;
		}
		if(i == n)
			return true;
	}
	return n == 0;
}

/* The filter sees what is shown, and so no password. */
static bool matches(const frt_dst_t *dst, uint32_t word, const char *wanted)
{
	char mem[FRT_ID_MAX + FRT_DST_ID_MAX + FRT_URI_MAX + WORDS_MAX + 64];
	frt_view_t view;
	frt_buf_t b;

	if(!*wanted)
		return true;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_str(&b, dst->set->id);
	frt_buf_add(&b, "/");
	frt_buf_add_str(&b, dst->id);
	frt_buf_add(&b, "\n");
	frt_buf_add_uri(&b, dst->uri);
	frt_buf_add(&b, "\n%s\n%s\n", state_of(word),
			frt_health_name(FRT_WORD_HEALTH(word)));
	if(light_of(word) != FRT_GREEN) {
		frt_view_take(dst->rec, &view);
		frt_view_reason(&view, &b);
		frt_view_unresolved(dst, &b);
	}
	return has(mem, wanted);
}

static void look_at(frt_found_t *f, const frt_gen_t *g, const frt_dst_t *dst,
		const frt_status_ask_t *ask)
{
	uint32_t word = frt_dst_word(dst), at = (uint32_t)(dst - g->dsts);
	frt_light_t light = light_of(word);

	sum_add(&f->sum, dst, word);
	if(light != FRT_GREEN && f->nbad[light] < BAD_MAX)
		f->bad[light][f->nbad[light]++] = at;
	if((ask->bad && light == FRT_GREEN) || !matches(dst, word, ask->filter))
		return;
	if(f->matched >= ask->offset && f->n < ask->limit
			&& f->n < FRT_STATUS_PAGE_MAX)
		f->shown[f->n++] = at;
	f->matched++;
}

static void put_uri(frt_json_t *out, frt_str_t uri)
{
	char mem[FRT_URI_MAX + 8];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_uri(&b, uri);
	frt_json_text(out, "uri", mem);
}

static void put_state(frt_json_t *out, uint32_t word)
{
	frt_json_text(out, "light", frt_light_name(light_of(word)));
	frt_json_text(out, "state", state_of(word));
}

static void put_reason(
		frt_json_t *out, const frt_dst_t *dst, const frt_view_t *view)
{
	char mem[WORDS_MAX];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_view_reason(view, &b);
	frt_view_unresolved(dst, &b);
	frt_json_text(out, "reason", mem);
}

/* Why a destination is, or is not, used; its share of the calls. */
static void put_why(
		frt_json_t *out, const frt_explain_t *e, const frt_dst_t *dst)
{
	uint32_t permille;
	char mem[WORDS_MAX];
	frt_view_t view;
	frt_buf_t why;
	bool usable;

	frt_buf_init(&why, mem, sizeof(mem));
	usable = frt_view_explain(e, dst, &view, &permille, &why);
	put_state(out, view.word);
	frt_json_text(out, "health", frt_health_name(FRT_WORD_HEALTH(view.word)));
	frt_json_text(out, "admin", frt_admin_name(FRT_WORD_ADMIN(view.word)));
	frt_json_bool(out, "usable", usable);
	frt_json_text(out, "why", mem);
	put_reason(out, dst, &view);
	frt_json_int(out, "share_permille", frt_explain_share(e, dst, permille));
	frt_json_int(out, "tier_permille",
			frt_explain_tier_share(e, &dst->set->tiers[dst->tier]));
	frt_json_int(out, "effective_weight", frt_look_weight(dst, view.word));
	frt_json_int(out, "weight_permille", frt_health_share(view.word));
	frt_json_int(out, "since_ms", (int64_t)view.since_ms);
	frt_json_int(out, "hold_ms", view.hold_ms);
}

static void put_dst(
		frt_json_t *out, const frt_explain_t *e, const frt_dst_t *dst)
{
	frt_sum_t sum = {.calls = 0};

	sum_add(&sum, dst, frt_dst_word(dst));
	frt_json_open(out, NULL, '{');
	frt_json_str(out, "id", dst->id);
	put_uri(out, dst->uri);
	frt_json_int(out, "priority", dst->priority);
	frt_json_int(out, "sub_priority", dst->sub);
	frt_json_int(out, "weight", dst->weight);
	put_why(out, e, dst);
	put_counters(out, &sum);
	if(dst->overlay)
		frt_json_text(out, "overlay", frt_over_name((frt_over_t)dst->overlay));
	frt_json_int(out, "max_calls", dst->max_calls);
	frt_json_int(out, "pdd_ms", atomic_load(&frt_act_seen(dst->rec)->pdd_ms));
	frt_json_int(out, "probe_rtt_ms", atomic_load(&dst->rec->probe_rtt_ms));
	frt_json_close(out, '}');
}

/* In explain's words, as wherever a set is told of. */
static void put_set_why(
		frt_json_t *out, const char *name, const frt_explain_t *e)
{
	char mem[WORDS_MAX];
	frt_buf_t why;

	frt_buf_init(&why, mem, sizeof(mem));
	frt_explain_choice_text(e, &why);
	frt_json_text(out, name, mem);
}

/* What run time has taken out of the set; nothing where that is nothing. */
static void put_removed(frt_json_t *out, const frt_set_t *set)
{
	bool any = false;
	uint32_t i;

	for(i = 0; i < set->gen->nedits; i++) {
		const frt_edit_t *e = &set->gen->edits[i];

		if(e->kind != FRT_EDIT_REMOVE || !frt_str_eq(e->set, set->id))
			continue;
		if(!any)
			frt_json_open(out, "removed", '[');
		any = true;
		frt_json_str(out, NULL, e->id);
	}
	if(any)
		frt_json_close(out, ']');
}

static void put_set_head(frt_json_t *out, const frt_explain_t *e)
{
	const frt_set_t *set = e->set;
	frt_sum_t sum = {.calls = 0};
	uint32_t i;

	for(i = 0; i < set->ndsts; i++)
		sum_add(&sum, &set->dsts[i], frt_dst_word(&set->dsts[i]));
	frt_json_str(out, "id", set->id);
	frt_json_int(out, "number", set->number);
	frt_json_text(out, "strategy", frt_strategy_name(set->conf.strategy));
	frt_json_bool(out, "up", frt_look_set_up(set));
	frt_json_bool(out, "panic", e->panic);
	put_set_why(out, "why", e);
	put_removed(out, set);
	frt_json_int(out, "destinations", set->ndsts);
	frt_json_int(out, "tiers_total", set->ntiers);
	frt_json_int(out, "tier_in_use", e->tier ? e->tier->priority : -1);
	frt_json_int(out, "exhausted", atomic_load(&set->rec->exhausted));
	put_sum(out, &sum);
}

/* The page, grouped: destinations of a set lie side by side. */
static void put_sets(frt_json_t *out, const frt_gen_t *g, const frt_found_t *f)
{
	const frt_set_t *set = NULL;
	frt_explain_t e;
	uint32_t i;

	frt_json_open(out, "sets", '[');
	for(i = 0; i < f->n; i++) {
		const frt_dst_t *dst = &g->dsts[f->shown[i]];

		if(i == 0 || dst->set != set) {
			if(i > 0) {
				frt_json_close(out, ']');
				frt_json_close(out, '}');
			}
			set = dst->set;
			frt_explain(
					set, (frt_str_t){NULL, 0}, frt_now_ms(), frt_random(), &e);
			frt_json_open(out, NULL, '{');
			put_set_head(out, &e);
			frt_json_open(out, "list", '[');
		}
		put_dst(out, &e, dst);
	}
	if(set) {
		frt_json_close(out, ']');
		frt_json_close(out, '}');
	}
	frt_json_close(out, ']');
}

/* The worst, wherever they stand: red ones first. */
static void put_bad(frt_json_t *out, const frt_gen_t *g, const frt_found_t *f)
{
	uint32_t left = BAD_MAX, i;
	int light;

	frt_json_open(out, "bad", '[');
	for(light = FRT_RED; light > FRT_GREEN; light--) {
		for(i = 0; i < f->nbad[light] && left > 0; i++, left--) {
			const frt_dst_t *dst = &g->dsts[f->bad[light][i]];
			frt_view_t view;

			frt_view_take(dst->rec, &view);
			frt_json_open(out, NULL, '{');
			frt_json_str(out, "set", dst->set->id);
			frt_json_str(out, "id", dst->id);
			put_state(out, view.word);
			put_reason(out, dst, &view);
			frt_json_int(out, "since_ms", (int64_t)view.since_ms);
			frt_json_close(out, '}');
		}
	}
	frt_json_close(out, ']');
}

/* A set at a glance. */
static frt_light_t set_light(const frt_set_t *set, const char **state)
{
	const frt_tier_t *tier;

	*state = "set down";
	if(atomic_load(&set->rec->panic)) {
		*state = "panic";
		return FRT_RED;
	}
	if(!frt_look_set_up(set))
		return FRT_RED;
	tier = frt_look_tier(set);
	if(tier == set->tiers || (!tier && set->conf.shadow))
		return FRT_GREEN;
	*state = tier ? "on backup" : "on trial";
	return FRT_AMBER;
}

static void put_bad_set(frt_json_t *out, const frt_set_t *set,
		frt_light_t light, const char *state)
{
	frt_explain_t e;

	frt_explain(set, (frt_str_t){NULL, 0}, frt_now_ms(), frt_random(), &e);
	frt_json_open(out, NULL, '{');
	frt_json_str(out, "id", set->id);
	frt_json_text(out, "light", frt_light_name(light));
	frt_json_text(out, "state", state);
	put_set_why(out, "reason", &e);
	frt_json_close(out, '}');
}

/* The sets of one light; returns how many there are. At most *left are told
 * of. */
static uint32_t put_bad_sets_of(
		frt_json_t *out, const frt_gen_t *g, frt_light_t light, uint32_t *left)
{
	const char *state;
	uint32_t n = 0, i;

	for(i = 0; i < g->nsets; i++) {
		if(set_light(&g->sets[i], &state) != light)
			continue;
		n++;
		if(*left == 0)
			continue;
		--*left;
		put_bad_set(out, &g->sets[i], light, state);
	}
	return n;
}

/* Sets that can take no call, or only in panic; then those on a backup, or that
 * have nothing but trials. */
static void put_bad_sets(frt_json_t *out, const frt_gen_t *g)
{
	uint32_t left = BAD_MAX, red, amber;

	frt_json_open(out, "bad_sets", '[');
	red = put_bad_sets_of(out, g, FRT_RED, &left);
	amber = put_bad_sets_of(out, g, FRT_AMBER, &left);
	frt_json_close(out, ']');
	frt_json_int(out, "sets_red", red);
	frt_json_int(out, "sets_amber", amber);
}

static void put_events(frt_json_t *out, uint64_t after)
{
	uint64_t cursor = 0, newest = 0;
	frt_event_t ev;
	int i;

	frt_json_open(out, "events", '[');
	for(i = 0; i < EVENTS_MAX && frt_event_before(NULL, &cursor, &ev); i++) {
		newest = ev.seq > newest ? ev.seq : newest;
		if(ev.seq <= after)
			break;
		frt_json_open(out, NULL, '{');
		frt_json_int(out, "seq", (int64_t)ev.seq);
		frt_json_int(out, "time", (int64_t)ev.time_ms);
		frt_json_text(out, "event", frt_event_kind_name(ev.kind));
		frt_json_text(out, "set", ev.set);
		frt_json_text(out, "destination", ev.destination);
		frt_json_text(out, "from", ev.from);
		frt_json_text(out, "to", ev.to);
		frt_json_text(out, "source", frt_source_name(ev.source));
		frt_json_text(out, "reason", ev.reason);
		frt_json_close(out, '}');
	}
	frt_json_close(out, ']');
	frt_json_int(out, "last_event", (int64_t)newest);
}

static void put_table(frt_json_t *out, const frt_gen_t *g, const frt_found_t *f)
{
	uint64_t now = frt_now_ms(), refused = frt_table_refused_ms();

	frt_json_int(out, "started", (int64_t)up_since);
	frt_json_int(out, "now_ms", (int64_t)frt_wall_ms());
	frt_json_int(out, "generation", g->seq);
	frt_json_int(out, "table_age_ms",
			now > g->born_ms ? (int64_t)(now - g->born_ms) : 0);
	if(refused)
		frt_json_int(out, "reload_refused_ms",
				now > refused ? (int64_t)(now - refused) : 0);
	frt_json_bool(out, "admin", frt_params()->http_admin != 0);
	frt_json_open(out, "total", '{');
	frt_json_int(out, "sets", g->nsets);
	frt_json_int(out, "destinations", g->ndsts);
	frt_json_int(out, "events_lost", frt_event_dropped());
	put_sum(out, &f->sum);
	frt_json_close(out, '}');
}

void frt_status_write(
		const frt_gen_t *g, const frt_status_ask_t *ask, frt_json_t *out)
{
	frt_found_t f;
	uint32_t i;

	memset(&f, 0, sizeof(f));
	for(i = 0; i < g->ndsts; i++)
		look_at(&f, g, &g->dsts[i], ask);
	frt_json_open(out, NULL, '{');
	put_table(out, g, &f);
	put_bad_sets(out, g);
	put_bad(out, g, &f);
	frt_json_int(out, "offset", ask->offset);
	frt_json_int(out, "matched", f.matched);
	put_sets(out, g, &f);
	put_events(out, ask->events);
	frt_json_close(out, '}');
}
