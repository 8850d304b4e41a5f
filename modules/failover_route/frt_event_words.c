/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Transitions in words: what a change of one destination is called, and what
 * follows from it for its set. Everything is decided from what the table says
 * now, so that two processes with two changes agree in the end.
 */
#include "frt_event.h"
#include "frt_look.h"
#include "engine/frt_oc.h"
#include "engine/frt_panic.h"

#include <string.h>

/* Two processes may find each other's half: looking again settles it. */
#define LOOKS 4

static void copy_id(char *to, size_t size, frt_str_t from)
{
	frt_buf_t b;

	frt_buf_init(&b, to, size);
	frt_buf_add_str(&b, from);
}

static void copy_word(char *to, size_t size, const char *from)
{
	copy_id(to, size, frt_str_of(from));
}

static void fill_set(frt_event_t *ev, frt_event_kind_t kind,
		const frt_set_t *set, frt_source_t source)
{
	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	ev->source = source;
	copy_id(ev->set, sizeof(ev->set), set->id);
}

static void fill(frt_event_t *ev, frt_event_kind_t kind, const frt_dst_t *dst,
		frt_source_t source)
{
	fill_set(ev, kind, dst->set, source);
	copy_id(ev->destination, sizeof(ev->destination), dst->id);
	copy_id(ev->uri, sizeof(ev->uri), dst->uri);
}

/* A destination's step from one word to another; *reason is where its reason
 * goes. */
static void fill_step(frt_event_t *ev, frt_event_kind_t kind,
		const frt_dst_t *dst, frt_source_t source, const char *from,
		const char *to, frt_buf_t *reason)
{
	fill(ev, kind, dst, source);
	copy_word(ev->from, sizeof(ev->from), from);
	copy_word(ev->to, sizeof(ev->to), to);
	frt_buf_init(reason, ev->reason, sizeof(ev->reason));
}

/* Out of service, or back in it, by health or by the operator; anything else,
 * such as a trial that failed, is a step on the way. */
static frt_event_kind_t kind_of(const frt_transition_t *tr)
{
	int told = frt_health_told(tr);

	if(told == 0)
		return FRT_EV_CHANGE;
	return told > 0 ? FRT_EV_DST_UP : FRT_EV_DST_DOWN;
}

static void push_admin(const frt_dst_t *dst, const frt_transition_t *tr)
{
	frt_event_t ev;
	frt_buf_t reason;

	fill_step(&ev, kind_of(tr), dst, FRT_OPERATOR,
			frt_admin_name(tr->admin_from), frt_admin_name(tr->admin_to),
			&reason);
	frt_reason_text(&tr->reason, &reason);
	frt_event_push(&ev);
}

static void add_shadow(const frt_dst_t *dst, frt_buf_t *out)
{
	if(dst->set->conf.shadow)
		frt_buf_add(out, " (shadow: not acted on)");
}

static void push_health(const frt_dst_t *dst, const frt_transition_t *tr)
{
	frt_event_t ev;
	frt_buf_t reason;

	fill_step(&ev, kind_of(tr), dst, tr->source, frt_health_name(tr->from),
			frt_health_name(tr->to), &reason);
	frt_reason_text(&tr->reason, &reason);
	add_shadow(dst, &reason);
	frt_event_push(&ev);
}

void frt_event_shed(const frt_dst_t *dst, const frt_transition_t *tr)
{
	frt_event_t ev;
	frt_buf_t reason;

	if(tr->shed_to != 0) {
		fill_step(&ev, FRT_EV_SHED_ON, dst, FRT_TRAFFIC, "full share",
				"shedding", &reason);
		frt_reason_text(&tr->shed, &reason);
		frt_buf_add(&reason, "; a share of its calls goes elsewhere");
	} else {
		fill_step(&ev, FRT_EV_SHED_OFF, dst, FRT_TRAFFIC, "shedding",
				"full share", &reason);
		frt_buf_add(&reason, "%s",
				tr->to == FRT_DOWN
						? "it is down, and sheds no more"
						: "too few of its attempts fail to shed any more");
	}
	add_shadow(dst, &reason);
	frt_event_push(&ev);
}

void frt_event_overload(const frt_dst_t *dst, uint32_t loss)
{
	frt_event_t ev;
	frt_buf_t reason;

	if(loss != 0) {
		fill_step(&ev, FRT_EV_OVERLOAD_ON, dst, FRT_TRAFFIC, "normal",
				"overloaded", &reason);
		frt_buf_add(&reason, "it asks for %u %% fewer calls", loss);
	} else {
		fill_step(&ev, FRT_EV_OVERLOAD_OFF, dst, FRT_TRAFFIC, "overloaded",
				"normal", &reason);
		frt_buf_add(&reason, "it has not asked for fewer calls for ");
		frt_buf_add_ms(&reason, FRT_OC_QUIET_MS);
	}
	add_shadow(dst, &reason);
	frt_event_push(&ev);
}

/* "us-east-1 is down: ...", "us-east-1 was taken out ...": the change that
 * changed the set. Without dst: a change of the table, or the first one with
 * what the state file says of it. */
static void add_cause(const frt_set_t *set, const frt_dst_t *dst,
		const frt_transition_t *tr, frt_buf_t *out)
{
	if(!dst) {
		frt_buf_add(out, tr->source == FRT_RESOLVE
								 ? "after an answer of the DNS"
						 : set->gen->seq <= 1 ? "at the start"
											  : "after a reload");
		return;
	}
	frt_buf_add_str(out, dst->id);
	if(tr->from != tr->to)
		frt_buf_add(out, " went %s: ", frt_health_name(tr->to));
	else
		frt_buf_add(out, ": ");
	frt_reason_text(&tr->reason, out);
}

static void push_set(const frt_set_t *set, bool down, const frt_dst_t *dst,
		const frt_transition_t *tr)
{
	frt_event_t ev;
	frt_buf_t reason;

	fill_set(&ev, down ? FRT_EV_SET_DOWN : FRT_EV_SET_UP, set, tr->source);
	copy_word(ev.from, sizeof(ev.from), down ? "up" : "down");
	copy_word(ev.to, sizeof(ev.to), down ? "down" : "up");
	frt_buf_init(&reason, ev.reason, sizeof(ev.reason));
	if(down)
		frt_buf_add(&reason, "no destination is usable; ");
	add_cause(set, dst, tr, &reason);
	frt_event_push(&ev);
}

static const char *panic_why(bool on, bool down)
{
	if(on)
		return "no destination is usable; the least recently failed are tried "
			   "anyway";
	return down ? "no destination is left that may be tried"
				: "a destination is usable again";
}

/* Panic is what calls meet while the set is down and there is anything left
 * to try: it may also come and go while the set stays down, as when the
 * operator takes the last one out. True if it did. */
static bool look_panic(
		const frt_set_t *set, bool down, const frt_transition_t *tr)
{
	uint32_t on = down && frt_panic_possible(set, frt_now_ms());
	frt_event_t ev;
	frt_buf_t reason;

	if(atomic_exchange(&set->rec->panic, on) == on)
		return false;
	fill_set(&ev, on ? FRT_EV_PANIC_ON : FRT_EV_PANIC_OFF, set, tr->source);
	copy_word(ev.from, sizeof(ev.from), on ? "normal" : "panic");
	copy_word(ev.to, sizeof(ev.to), on ? "panic" : "normal");
	frt_buf_init(&reason, ev.reason, sizeof(ev.reason));
	frt_buf_add(&reason, "%s", panic_why(on, down));
	frt_event_push(&ev);
	return true;
}

void frt_event_panic(const frt_dst_t *dst, frt_source_t source)
{
	const frt_transition_t tr = {.source = source};
	int i;

	for(i = 0; i < LOOKS; i++) {
		if(!look_panic(dst->set, !frt_look_set_up(dst->set), &tr))
			return;
	}
}

/* A set of names that were not asked for yet says nothing of itself: at start
 * it is a matter of milliseconds. */
static bool waits(const frt_set_t *set)
{
	uint32_t i;

	for(i = 0; i < set->ndsts; i++) {
		if(set->dsts[i].pending)
			return true;
	}
	return false;
}

static void look_down(
		const frt_set_t *set, const frt_dst_t *dst, const frt_transition_t *tr)
{
	int i;

	for(i = 0; i < LOOKS; i++) {
		uint32_t down = !frt_look_set_up(set);

		bool same;

		if(down && !dst && waits(set))
			return;
		same = atomic_exchange(&set->rec->down, down) == down;
		if(!same)
			push_set(set, down, dst, tr);
		look_panic(set, down, tr);
		if(same)
			return;
	}
}

/* Where calls are, as one number, never 0: how many tiers come before, and the
 * tier's priority and what is within it. */
#define SEEN_PLACE 0xffffffffffffu

static uint64_t seen_of(const frt_set_t *set, const frt_tier_t *tier)
{
	uint64_t at = (uint64_t)(tier - set->tiers) + 1;

	return (at < UINT16_MAX ? at : UINT16_MAX) << 48
		   | (uint64_t)tier->priority << 32 | tier->sub;
}

/* From there to here calls have gone on (1), back (-1) or nowhere (0): a table
 * that only numbers its tiers anew, or has one more, moves none. */
static int moved(uint64_t seen, uint64_t now)
{
	if(seen == 0 || now == 0)
		return 0;
	if(now >> 48 > seen >> 48 && (now & SEEN_PLACE) > (seen & SEEN_PLACE))
		return 1;
	return now >> 48 < seen >> 48 && (now & SEEN_PLACE) < (seen & SEEN_PLACE)
				   ? -1
				   : 0;
}

static void add_place(frt_buf_t *out, uint64_t seen)
{
	frt_buf_add(out, "priority ");
	frt_buf_add_priority(out, (uint16_t)(seen >> 32), (uint32_t)seen);
}

/* Calls go from one tier to another: to a later one, or back. */
static void push_tier(const frt_set_t *set, uint64_t from, uint64_t to,
		const frt_dst_t *dst, const frt_transition_t *tr)
{
	bool back = moved(from, to) < 0;
	frt_event_kind_t kind = back ? FRT_EV_FAILBACK : FRT_EV_SET_FAILOVER;
	frt_event_t ev;
	frt_buf_t reason;

	if(dst)
		fill(&ev, kind, dst, tr->source);
	else
		fill_set(&ev, kind, set, tr->source);
	frt_buf_init(&reason, ev.from, sizeof(ev.from));
	add_place(&reason, from);
	frt_buf_init(&reason, ev.to, sizeof(ev.to));
	add_place(&reason, to);
	frt_buf_init(&reason, ev.reason, sizeof(ev.reason));
	frt_buf_add(&reason, "calls go %sfrom ", back ? "back " : "");
	add_place(&reason, from);
	frt_buf_add(&reason, " to ");
	add_place(&reason, to);
	frt_buf_add(&reason, "; ");
	add_cause(set, dst, tr, &reason);
	frt_event_push(&ev);
}

/* The tier calls use, as last seen. A set that was down begins anew. */
static void look_tier(
		const frt_set_t *set, const frt_dst_t *dst, const frt_transition_t *tr)
{
	const frt_tier_t *tier = frt_look_tier(set);
	uint64_t seen = atomic_load(&set->rec->tier_place);
	uint64_t now = seen;

	if(tier)
		now = seen_of(set, tier);
	else if(!frt_look_set_up(set))
		now = 0;
	if(now == seen
			|| !atomic_compare_exchange_strong(
					&set->rec->tier_place, &seen, now))
		return;
	if(moved(seen, now))
		push_tier(set, seen, now, dst, tr);
}

void frt_event_transition(const frt_dst_t *dst, const frt_transition_t *tr)
{
	/* what the set does comes first where calls leave, so that the newest word
	 * on a destination that went down is its own */
	if(frt_health_told(tr) < 0)
		look_tier(dst->set, dst, tr);
	if(tr->admin_from != tr->admin_to)
		push_admin(dst, tr);
	if(tr->from != tr->to)
		push_health(dst, tr);
	look_down(dst->set, dst, tr);
	look_tier(dst->set, dst, tr);
}

void frt_event_look(frt_source_t source)
{
	const frt_transition_t change = {.source = source};
	const frt_gen_t *g = frt_table_enter();
	uint32_t i;

	for(i = 0; g && i < g->nsets; i++) {
		look_down(&g->sets[i], NULL, &change);
		look_tier(&g->sets[i], NULL, &change);
	}
	frt_table_leave();
}
