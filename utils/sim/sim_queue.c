/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Time and what is going to happen in it. A run of an hour has tens of millions
 * of events, most of them seconds away: a wheel with a slot for each
 * millisecond takes and gives them at the same cost, however many there are.
 */
#include "sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

FRT_ENUM_DEFINE(sim_kind, SIM_EVENTS)

void *sim_grow(sim_world_t *w, void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if(!p)
		sim_broken(w, "out of memory");
	return p;
}

void sim_init(sim_world_t *w)
{
	w->free_call = SIM_NONE;
	if(!w->rec_size)
		w->rec_size = sizeof(sim_rec_t);
	if(!w->set_rec_size)
		w->set_rec_size = sizeof(sim_set_rec_t);
}

/* --- the heap of what is far away -------------------------------------------- */

static bool before(const struct sim_far *a, const struct sim_far *b)
{
	return a->t != b->t ? a->t < b->t : a->seq < b->seq;
}

static void far_put(sim_world_t *w, uint64_t t, uint32_t event)
{
	sim_queue_t *q = &w->queue;
	struct sim_far moved;
	uint32_t i = q->nfar;

	if(q->nfar == q->far_room) {
		q->far_room = q->far_room ? 2 * q->far_room : 256;
		q->far = sim_grow(w, q->far, q->far_room, sizeof(*q->far));
	}
	q->far[q->nfar++] = (struct sim_far){t, q->seq++, event};
	while(i > 0 && before(&q->far[i], &q->far[(i - 1) / 2])) {
		moved = q->far[i];
		q->far[i] = q->far[(i - 1) / 2];
		q->far[(i - 1) / 2] = moved;
		i = (i - 1) / 2;
	}
}

static uint32_t far_take(sim_queue_t *q)
{
	struct sim_far moved;
	uint32_t event = q->far[0].event, i = 0, least;

	q->far[0] = q->far[--q->nfar];
	for(;;) {
		least = 2 * i + 1;
		if(least >= q->nfar)
			return event;
		if(least + 1 < q->nfar && before(&q->far[least + 1], &q->far[least]))
			least++;
		if(!before(&q->far[least], &q->far[i]))
			return event;
		moved = q->far[i];
		q->far[i] = q->far[least];
		q->far[least] = moved;
		i = least;
	}
}

/* --- the wheel ------------------------------------------------------------------ */

/* Events are numbered from 1: 0 is none, so that zeroed memory is empty. */
static void slot_put(sim_queue_t *q, uint64_t t, uint32_t event)
{
	uint32_t slot = t % SIM_SLOTS;
	struct sim_slot *s = &q->slots[slot];

	q->events[event - 1].next = 0;
	if(s->first)
		q->events[s->last - 1].next = event;
	else
		s->first = event;
	s->last = event;
	q->busy[slot / 64] |= 1ull << slot % 64;
}

/* How far from t is the first slot that is not empty? There is one. */
static uint32_t slot_distance(const sim_queue_t *q, uint64_t t)
{
	uint32_t from = t % SIM_SLOTS, word = from / 64, i;
	uint64_t bits = q->busy[word] & ~0ull << from % 64;

	for(i = 0; !bits && i < SIM_SLOTS / 64; i++) {
		word = (word + 1) % (SIM_SLOTS / 64);
		bits = q->busy[word];
	}
	return (word * 64 + (uint32_t)__builtin_ctzll(bits) + SIM_SLOTS - from)
		   % SIM_SLOTS;
}

sim_event_t *sim_later(sim_world_t *w, sim_kind_t kind, uint64_t in_ms)
{
	sim_queue_t *q = &w->queue;
	uint32_t event = q->free, i;
	sim_event_t *ev;

	if(!event) {
		i = q->room;
		q->room = q->room ? 2 * q->room : 256;
		q->events = sim_grow(w, q->events, q->room, sizeof(*q->events));
		for(event = i + 1; i < q->room; i++)
			q->events[i].next = i + 1 < q->room ? i + 2 : 0;
	}
	ev = &q->events[event - 1];
	q->free = ev->next;
	q->n++;
	*ev = (sim_event_t){.t = w->t + in_ms, .kind = (uint8_t)kind};
	/* time and age decide its place, and the caller changes neither */
	if(in_ms < SIM_SLOTS)
		slot_put(q, ev->t, event);
	else
		far_put(w, ev->t, event);
	return ev;
}

uint64_t sim_next_t(const sim_world_t *w)
{
	const sim_queue_t *q = &w->queue;

	if(q->n > q->nfar)
		return w->t + slot_distance(q, w->t);
	return q->nfar ? q->far[0].t : UINT64_MAX;
}

/* What has come near enters the wheel before anything new can, and so keeps
 * its place among what happens at the same time. */
void sim_time_set(sim_world_t *w, uint64_t t)
{
	sim_queue_t *q = &w->queue;

	w->t = t;
	while(q->nfar && q->far[0].t < t + SIM_SLOTS) {
		uint32_t event = far_take(q);

		slot_put(q, q->events[event - 1].t, event);
	}
}

static void take(sim_world_t *w, sim_event_t *out)
{
	sim_queue_t *q = &w->queue;
	uint32_t slot = w->t % SIM_SLOTS, event = q->slots[slot].first;
	sim_event_t *ev = &q->events[event - 1];

	*out = *ev;
	q->slots[slot].first = ev->next;
	if(!ev->next)
		q->busy[slot / 64] &= ~(1ull << slot % 64);
	ev->next = q->free;
	q->free = event;
	q->n--;
}

static void happen(sim_world_t *w, const sim_event_t *ev)
{
	if(ev->kind >= SIM_CALL) {
		w->ops->own(w, ev);
	} else if(ev->kind == SIM_PROBED) {
		sim_prober_result(w, ev);
	} else if(ev->kind == SIM_BYE) {
		sim_leave(w, ev->rec);
		sim_rec_unref(w, ev->rec);
	} else {
		sim_call_event(w, ev);
	}
}

/* When the prober is to run next, in the world's time. */
static uint64_t prober_t(const sim_world_t *w)
{
	uint64_t next = sim_prober_next(w), now = sim_now(w);

	if(next == UINT64_MAX)
		return next;
	return w->t + (next > now ? next - now : 0);
}

bool sim_step(sim_world_t *w, uint64_t end_t)
{
	uint64_t probe_t = prober_t(w), event_t = sim_next_t(w);
	sim_event_t ev;

	if(probe_t >= end_t && event_t >= end_t)
		return false;
	w->step++;
	sim_time_set(w, probe_t < event_t ? probe_t : event_t);
	if(event_t <= probe_t) {
		take(w, &ev);
		happen(w, &ev);
	}
	if(w->nkicks || sim_prober_next(w) <= sim_now(w))
		sim_prober_run(w);
	return true;
}

/* --- drawing, saying ---------------------------------------------------------- */

uint32_t sim_draw(sim_world_t *w, uint32_t n)
{
	return (uint32_t)frt_rand_below(&w->fate, n);
}

uint32_t sim_draw_range(sim_world_t *w, sim_range_t r)
{
	return r.min + (r.spread ? sim_draw(w, r.spread) : 0);
}

bool sim_chance(sim_world_t *w, uint32_t percent)
{
	return sim_draw(w, 100) < percent;
}

uint64_t sim_now(const sim_world_t *w)
{
	return w->t + w->skew;
}

void sim_trace(sim_world_t *w, const char *fmt, ...)
{
	va_list ap;

	printf("%6u %9.3f s  ", w->step, (double)w->t / 1000);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void sim_broken(sim_world_t *w, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	w->ops->broken(w, what);
	abort();
}

/* --- the end -------------------------------------------------------------------- */

void sim_free(sim_world_t *w)
{
	sim_queue_t *q = &w->queue;
	sim_set_rec_t *set;
	sim_rec_t *rec;

	frt_sched_free(&w->sched);
	if(w->gen)
		frt_gen_free(w->gen, &w->mem);
	while((rec = w->recs) != NULL) {
		w->recs = rec->next;
		sim_rec_free(w, &rec->rec);
	}
	while((set = w->set_recs) != NULL) {
		w->set_recs = set->next;
		frt_mem_free(&w->mem, set);
	}
	for(uint32_t i = 0; i < w->ncalls / SIM_CHUNK; i++)
		free(w->chunks[i]);
	free(w->chunks);
	free(q->events);
	free(q->far);
}
