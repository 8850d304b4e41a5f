/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One table of families of destinations; the counters come by their list.
 */
#include "frt_event.h"
#include "frt_look.h"
#include "frt_metrics.h"
#include "frt_view.h"

#include <stddef.h>
#include <string.h>

#define PREFIX "failover_route_"
#define DST PREFIX "destination_"

/* What is walked. */
typedef struct frt_walk
{
	const frt_gen_t *g;
	const frt_set_t *only; /* NULL: all sets */
	frt_prom_t *out;
} frt_walk_t;

/* One destination's sample of a family whose value is computed; milli. */
typedef uint64_t (*frt_gauge_f)(const frt_dst_t *dst);

typedef struct frt_gauge
{
	const char *name;
	const char *help;
	frt_gauge_f value;
} frt_gauge_t;

/* A family that is a plain counter of the record. */
typedef struct frt_total
{
	const char *name;
	const char *help;
	size_t at; /* in frt_counters_t */
} frt_total_t;

/* A counter that is one label's value of a family. */
typedef struct frt_code
{
	const char *code;
	size_t at;
} frt_code_t;

static uint32_t word_of(const frt_dst_t *dst)
{
	return atomic_load_explicit(&dst->rec->word, memory_order_acquire);
}

static uint64_t health_milli(const frt_dst_t *dst)
{
	switch(FRT_WORD_HEALTH(word_of(dst))) {
		case FRT_UP:
			return 1000;
		case FRT_TRIAL:
		case FRT_RAMP:
			return 500;
		default:
			return 0;
	}
}

static uint64_t gauge_admin(const frt_dst_t *dst)
{
	return FRT_WORD_ADMIN(word_of(dst)) * 1000ull;
}

static uint64_t gauge_weight(const frt_dst_t *dst)
{
	return frt_look_weight(dst, word_of(dst)) * 1000ull;
}

static uint64_t gauge_calls(const frt_dst_t *dst)
{
	return atomic_load(&dst->rec->calls) * 1000ull;
}

static uint64_t gauge_max_calls(const frt_dst_t *dst)
{
	return dst->max_calls * 1000ull;
}

static uint64_t gauge_max_cps(const frt_dst_t *dst)
{
	return dst->max_cps * 1000ull;
}

/* Seconds, as Prometheus wants them: ms are thousandths of that. */
static uint64_t gauge_hold(const frt_dst_t *dst)
{
	frt_view_t view;

	frt_view_take(dst->rec, &view);
	return view.hold_ms;
}

static uint64_t gauge_rtt(const frt_dst_t *dst)
{
	return atomic_load(&dst->rec->probe_rtt_ms);
}

static uint64_t gauge_pdd(const frt_dst_t *dst)
{
	return atomic_load(&dst->rec->pdd_ms);
}

static const frt_gauge_t gauges[] = {
		{DST "admin", "0 ready, 1 drain, 2 maint.", gauge_admin},
		{DST "effective_weight", "Weight times the share it gets now.",
				gauge_weight},
		{DST "calls", "Calls in progress.", gauge_calls},
		{DST "max_calls", "Calls in progress it may have; 0: no cap.",
				gauge_max_calls},
		{DST "max_cps", "Calls a second it may get; 0: no cap.", gauge_max_cps},
		{DST "hold_seconds", "What is left of the hold-down.", gauge_hold},
		{DST "probe_rtt_seconds", "Round trip of the last good probe.",
				gauge_rtt},
		{DST "pdd_seconds", "Smoothed post-dial delay.", gauge_pdd},
};

#define AT(field) offsetof(frt_counters_t, field)

static const frt_total_t totals[] = {
		{DST "attempts_total", "Attempts sent there.", AT(attempts)},
		{DST "ok_total", "Attempts that proved it alive.", AT(ok)},
		{DST "failed_total", "Attempts that counted against it.", AT(failed)},
		{DST "timeouts_total", "Attempts without a final reply in time.",
				AT(timeouts)},
		{DST "ignored_total", "Attempts that proved nothing either way.",
				AT(ignored)},
		{DST "full_total", "Times it came to be at max-calls or max-cps.",
				AT(full)},
		{DST "failovers_total", "Calls that moved on from it to another.",
				AT(failovers)},
		{DST "rescued_total",
				"Calls moved on because it went down, or its connection "
				"closed.",
				AT(rescued)},
		{DST "late_total", "Late answers ended with ACK and BYE.", AT(late)},
		{DST "transitions_total", "Changes of health or admin state.",
				AT(transitions)},
		{DST "probes_total", "Probes sent.", AT(probes)},
		{DST "probes_failed_total", "Probes that failed.", AT(probes_failed)},
};

static const frt_code_t classes[] = {
		{"1xx", AT(code_1xx)},
		{"2xx", AT(code_2xx)},
		{"3xx", AT(code_3xx)},
		{"4xx", AT(code_4xx)},
		{"5xx", AT(code_5xx)},
		{"6xx", AT(code_6xx)},
};

static const frt_code_t failures[] = {
		{"408", AT(code_408)},
		{"480", AT(code_480)},
		{"503", AT(code_503)},
		{"504", AT(code_504)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t counter(const frt_dst_t *dst, size_t at)
{
	const char *n = (const char *)&dst->rec->n;

	return atomic_load((const _Atomic uint32_t *)(const void *)(n + at));
}

static frt_str_t text(const char *s)
{
	return (frt_str_t){s, (uint32_t)strlen(s)};
}

/* set and destination name it; where it is, health alone says: with a label
 * more on every line, a thousand destinations would not fit into a reply. */
static uint32_t labels_of(const frt_dst_t *dst, frt_prom_label_t *labels)
{
	labels[0] = (frt_prom_label_t){"set", dst->set->id};
	labels[1] = (frt_prom_label_t){"destination", dst->id};
	return 2;
}

/* The destinations of the walk lie side by side. */
static const frt_dst_t *first(const frt_walk_t *w)
{
	return w->only ? w->only->dsts : w->g->dsts;
}

static const frt_dst_t *end(const frt_walk_t *w)
{
	return first(w) + (w->only ? w->only->ndsts : w->g->ndsts);
}

static void write_health(const frt_walk_t *w)
{
	frt_prom_label_t labels[4];
	const frt_dst_t *dst;
	uint32_t n;

	frt_prom_family(
			w->out, DST "health", "gauge", "1 up, 0.5 trial or ramp, 0 down.");
	for(dst = first(w); dst < end(w); dst++) {
		n = labels_of(dst, labels);
		labels[n] = (frt_prom_label_t){"uri", dst->uri};
		frt_prom_sample(w->out, labels, n + 1, health_milli(dst));
	}
}

static void write_gauges(const frt_walk_t *w)
{
	frt_prom_label_t labels[4];
	const frt_dst_t *dst;
	size_t i;

	for(i = 0; i < COUNT(gauges); i++) {
		frt_prom_family(w->out, gauges[i].name, "gauge", gauges[i].help);
		for(dst = first(w); dst < end(w); dst++)
			frt_prom_sample(w->out, labels, labels_of(dst, labels),
					gauges[i].value(dst));
	}
}

static void write_totals(const frt_walk_t *w)
{
	frt_prom_label_t labels[4];
	const frt_dst_t *dst;
	size_t i;

	for(i = 0; i < COUNT(totals); i++) {
		frt_prom_family(w->out, totals[i].name, "counter", totals[i].help);
		for(dst = first(w); dst < end(w); dst++)
			frt_prom_count(w->out, labels, labels_of(dst, labels),
					counter(dst, totals[i].at));
	}
}

static void write_codes(
		const frt_walk_t *w, const frt_code_t *codes, size_t ncodes)
{
	frt_prom_label_t labels[4];
	const frt_dst_t *dst;
	uint32_t n;
	size_t i;

	for(dst = first(w); dst < end(w); dst++) {
		n = labels_of(dst, labels);
		for(i = 0; i < ncodes; i++) {
			labels[n].name = "code";
			labels[n].value = text(codes[i].code);
			frt_prom_count(w->out, labels, n + 1, counter(dst, codes[i].at));
		}
	}
}

typedef enum frt_set_value
{
	SET_UP,
	SET_CALLS,
	SET_FAILOVERS,
	SET_EXHAUSTED
} frt_set_value_t;

static void write_set_family(const frt_walk_t *w, const char *name,
		const char *type, const char *help, frt_set_value_t what)
{
	frt_prom_label_t label;
	uint64_t value = 0;
	uint32_t i;

	frt_prom_family(w->out, name, type, help);
	for(i = 0; i < w->g->nsets; i++) {
		const frt_set_t *set = &w->g->sets[i];

		if(w->only && w->only != set)
			continue;
		switch(what) {
			case SET_UP:
				value = frt_look_set_up(set);
				break;
			case SET_CALLS:
				value = atomic_load(&set->rec->calls);
				break;
			case SET_FAILOVERS:
				value = atomic_load(&set->rec->failovers);
				break;
			case SET_EXHAUSTED:
				value = atomic_load(&set->rec->exhausted);
				break;
		}
		label = (frt_prom_label_t){"set", set->id};
		frt_prom_count(w->out, &label, 1, value);
	}
}

static void write_one(
		frt_prom_t *out, const char *name, const char *help, uint64_t value)
{
	frt_prom_family(out, name, "gauge", help);
	frt_prom_count(out, NULL, 0, value);
}

void frt_metrics_write(
		const frt_gen_t *g, const frt_set_t *set, frt_prom_t *out)
{
	frt_walk_t w = {g, set, out};

	write_one(out, PREFIX "generation", "Number of the table in use.", g->seq);
	write_one(out, PREFIX "sets", "Sets in the table.", g->nsets);
	write_one(
			out, PREFIX "destinations", "Destinations in the table.", g->ndsts);
	frt_prom_family(out, PREFIX "events_lost_total", "counter",
			"Events lost because the queue was full.");
	frt_prom_count(out, NULL, 0, frt_event_dropped());
	write_set_family(&w, PREFIX "set_up", "gauge",
			"1 if any destination of the set can be used.", SET_UP);
	write_set_family(
			&w, PREFIX "set_calls", "gauge", "Calls in progress.", SET_CALLS);
	write_set_family(&w, PREFIX "set_failovers_total", "counter",
			"Calls that moved on to another destination.", SET_FAILOVERS);
	write_set_family(&w, PREFIX "set_exhausted_total", "counter",
			"Calls for which no destination was left.", SET_EXHAUSTED);
	write_health(&w);
	write_gauges(&w);
	write_totals(&w);
	frt_prom_family(out, DST "replies_total", "counter",
			"Replies received, by class of code.");
	write_codes(&w, classes, COUNT(classes));
	frt_prom_family(out, DST "failure_replies_total", "counter",
			"Final replies that speak against it, by code; replies_total "
			"counts them too.");
	write_codes(&w, failures, COUNT(failures));
}
