/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One table of families of destinations; the counters come by their list.
 */
#include "frt_event.h"
#include "frt_act.h"
#include "frt_budget.h"
#include "frt_look.h"
#include "engine/frt_oc.h"
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
	frt_prom_t names; /* labels of all destinations, one after the other */
	uint32_t *at;	  /* where each one's begin, and the end */
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
	const char *label;
	size_t at;
} frt_code_t;

static uint64_t health_milli(const frt_dst_t *dst)
{
	switch(FRT_WORD_HEALTH(frt_dst_word(dst))) {
		case FRT_UP:
			return 1000;
		case FRT_TRIAL:
		case FRT_RAMP:
			return 500;
		default:
			return 0;
	}
}

static uint64_t gauge_trial(const frt_dst_t *dst)
{
	return FRT_WORD_HEALTH(frt_dst_word(dst)) == FRT_TRIAL ? 1000 : 0;
}

static uint64_t gauge_admin(const frt_dst_t *dst)
{
	return FRT_WORD_ADMIN(frt_dst_word(dst)) * 1000ull;
}

static uint64_t gauge_weight(const frt_dst_t *dst)
{
	return frt_look_weight(dst, frt_dst_word(dst)) * 1000ull;
}

static uint64_t gauge_shed(const frt_dst_t *dst)
{
	return frt_health_shed_pct(frt_dst_word(dst)) * 1000ull;
}

static uint64_t gauge_oc(const frt_dst_t *dst)
{
	return frt_oc_loss(&frt_act_seen(dst->rec)->oc, frt_now_ms()) * 1000ull;
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
	return atomic_load(&frt_act_seen(dst->rec)->pdd_ms);
}

static const frt_gauge_t gauges[] = {
		{DST "trial", "1 while a call is to show whether it is well again.",
				gauge_trial},
		{DST "admin", "0 ready, 1 drain, 2 maint.", gauge_admin},
		{DST "effective_weight", "Weight times the share it gets now.",
				gauge_weight},
		{DST "shed_percent", "Calls it sheds for its failure rate.",
				gauge_shed},
		{DST "oc_percent", "Calls it asks to be spared (RFC 7339).", gauge_oc},
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
		{DST "failovers_to_total", "Calls that came from another that failed.",
				AT(failovers_to)},
		{DST "rescued_total",
				"Calls moved on because it went down, or its connection "
				"closed.",
				AT(rescued)},
		{DST "avoided_total", "Calls that passed it over while it was silent.",
				AT(avoided)},
		{DST "late_total", "Late answers ended with ACK and BYE.", AT(late)},
		{DST "oc_passed_total", "Calls kept away because it asked for fewer.",
				AT(oc_passed)},
};

#define REC_AT(field) offsetof(frt_rec_counters_t, field)

static const frt_total_t rec_totals[] = {
		{DST "transitions_total", "Changes of health or admin state.",
				REC_AT(transitions)},
		{DST "probes_total", "Probes sent.", REC_AT(probes)},
		{DST "probes_failed_total", "Probes that failed.",
				REC_AT(probes_failed)},
};

static const frt_code_t classes[] = {
		{"code=\"1xx\"", AT(code_1xx)},
		{"code=\"2xx\"", AT(code_2xx)},
		{"code=\"3xx\"", AT(code_3xx)},
		{"code=\"4xx\"", AT(code_4xx)},
		{"code=\"5xx\"", AT(code_5xx)},
		{"code=\"6xx\"", AT(code_6xx)},
};

static const frt_code_t failures[] = {
		{"code=\"408\"", AT(code_408)},
		{"code=\"480\"", AT(code_480)},
		{"code=\"503\"", AT(code_503)},
		{"code=\"504\"", AT(code_504)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t counter_at(const void *n, size_t at)
{
	return atomic_load(
			(const _Atomic uint32_t *)(const void *)((const char *)n + at));
}

static uint32_t counter(const frt_dst_t *dst, size_t at)
{
	return counter_at(&frt_act_seen(dst->rec)->n, at);
}

/* The destinations of the walk lie side by side. */
static const frt_dst_t *first(const frt_walk_t *w)
{
	return w->only ? w->only->dsts : w->g->dsts;
}

/* For a text that has failed nothing more is walked. */
static uint32_t ndsts(const frt_walk_t *w)
{
	if(w->out->text.failed)
		return 0;
	return w->only ? w->only->ndsts : w->g->ndsts;
}

/* set and destination name it; where it is, health alone says: with a label
 * more on every line, a thousand destinations would not fit into a reply. */
static bool names_make(frt_walk_t *w)
{
	uint32_t n = ndsts(w), i;

	frt_prom_init(&w->names, w->out->text.mem);
	w->at = frt_mem_alloc(w->out->text.mem, ((size_t)n + 1) * sizeof(*w->at));
	for(i = 0; w->at && i < n; i++) {
		const frt_dst_t *dst = &first(w)[i];
		size_t from = w->names.text.len;

		w->at[i] = (uint32_t)from;
		frt_prom_label(&w->names, from, "set", dst->set->id);
		frt_prom_label(&w->names, from, "destination", dst->id);
	}
	if(!w->at || w->names.text.failed)
		return false;
	w->at[n] = (uint32_t)w->names.text.len;
	return true;
}

static frt_str_t labels_of(const frt_walk_t *w, uint32_t i)
{
	return (frt_str_t){w->names.text.s + w->at[i], w->at[i + 1] - w->at[i]};
}

static void write_health(const frt_walk_t *w)
{
	uint32_t n = ndsts(w), i;
	char shown[FRT_URI_MAX + sizeof("***")];
	frt_prom_t uri;
	frt_buf_t b;

	frt_prom_init(&uri, w->out->text.mem);
	frt_prom_family(
			w->out, DST "health", "gauge", "1 up, 0.5 trial or ramp, 0 down.");
	for(i = 0; i < n && !uri.text.failed; i++) {
		const frt_dst_t *dst = &first(w)[i];

		frt_buf_init(&b, shown, sizeof(shown));
		frt_buf_add_uri(&b, dst->uri);
		uri.text.len = 0;
		frt_prom_label(&uri, 0, "uri", (frt_str_t){shown, (uint32_t)b.len});
		if(!uri.text.failed)
			frt_prom_sample(
					w->out, labels_of(w, i), uri.text.s, health_milli(dst));
	}
	if(uri.text.failed)
		frt_prom_fail(w->out);
	frt_prom_free(&uri);
}

static void write_gauges(const frt_walk_t *w)
{
	uint32_t n = ndsts(w), i;
	size_t f;

	for(f = 0; f < COUNT(gauges); f++) {
		frt_prom_family(w->out, gauges[f].name, "gauge", gauges[f].help);
		for(i = 0; i < n; i++)
			frt_prom_sample(w->out, labels_of(w, i), NULL,
					gauges[f].value(&first(w)[i]));
	}
}

static void write_totals(const frt_walk_t *w)
{
	uint32_t n = ndsts(w), i;
	size_t f;

	for(f = 0; f < COUNT(totals); f++) {
		frt_prom_family(w->out, totals[f].name, "counter", totals[f].help);
		for(i = 0; i < n; i++)
			frt_prom_count(w->out, labels_of(w, i), NULL,
					counter(&first(w)[i], totals[f].at));
	}
	for(f = 0; f < COUNT(rec_totals); f++) {
		frt_prom_family(
				w->out, rec_totals[f].name, "counter", rec_totals[f].help);
		for(i = 0; i < n; i++)
			frt_prom_count(w->out, labels_of(w, i), NULL,
					counter_at(&first(w)[i].rec->n, rec_totals[f].at));
	}
}

static void write_codes(
		const frt_walk_t *w, const frt_code_t *codes, size_t ncodes)
{
	uint32_t n = ndsts(w), i;
	size_t c;

	for(i = 0; i < n; i++) {
		for(c = 0; c < ncodes; c++)
			frt_prom_count(w->out, labels_of(w, i), codes[c].label,
					counter(&first(w)[i], codes[c].at));
	}
}

static void write_histograms(const frt_walk_t *w)
{
	uint32_t n = ndsts(w), i;

	frt_prom_family(w->out, DST "post_dial_delay_seconds", "histogram",
			"From the INVITE to its first 18x or 2xx.");
	for(i = 0; i < n; i++)
		frt_prom_histogram(w->out, labels_of(w, i),
				&frt_act_seen(first(w)[i].rec)->pdd, FRT_HIST_PDD);
	frt_prom_family(w->out, DST "probe_seconds", "histogram",
			"Round trips of probes that were answered.");
	for(i = 0; i < n; i++)
		frt_prom_histogram(
				w->out, labels_of(w, i), &first(w)[i].rec->rtt, FRT_HIST_RTT);
}

/* A family of sets. */
typedef uint64_t (*frt_set_value_f)(const frt_set_t *set);

static uint64_t set_up(const frt_set_t *set)
{
	return frt_look_set_up(set);
}

/* Tiers by their order, not by their priorities: what an alert has to know is
 * whether calls use the first. */
static uint64_t set_tier(const frt_set_t *set)
{
	const frt_tier_t *tier = frt_look_tier(set);

	return tier ? (uint64_t)(tier - set->tiers) + 1 : 0;
}

/* What calls would use if all were well but what the operator has taken out. */
static uint64_t set_tier_ready(const frt_set_t *set)
{
	uint32_t i;

	for(i = 0; i < set->ntiers; i++) {
		if(atomic_load(&set->tiers[i].ready))
			return i + 1;
	}
	return 0;
}

static uint64_t set_calls(const frt_set_t *set)
{
	return atomic_load(&set->rec->calls);
}

static uint64_t set_failovers(const frt_set_t *set)
{
	return atomic_load(&set->rec->failovers);
}

static uint64_t set_exhausted(const frt_set_t *set)
{
	return atomic_load(&set->rec->exhausted);
}

static uint64_t set_panic(const frt_set_t *set)
{
	return atomic_load(&set->rec->panic);
}

static uint64_t set_spared(const frt_set_t *set)
{
	uint64_t n = 0;
	frt_view_t view;
	uint32_t i;

	for(i = 0; i < set->ndsts; i++) {
		frt_view_take(set->dsts[i].rec, &view);
		n += view.spared;
	}
	return n;
}

static uint64_t set_retries_left(const frt_set_t *set)
{
	return frt_budget_left(
			atomic_load(&set->rec->budget), set->conf.retry_min, frt_now_ms());
}

static uint64_t set_retries_refused(const frt_set_t *set)
{
	return atomic_load(&set->rec->over_budget);
}

static const struct
{
	const char *name;
	const char *type;
	const char *help;
	frt_set_value_f value;
} set_families[] = {
		{PREFIX "set_up", "gauge",
				"1 if any destination of the set can be used.", set_up},
		{PREFIX "set_tier", "gauge",
				"Tier in use: 1 is the best, 0 none (or a trial call only).",
				set_tier},
		{PREFIX "set_tier_ready", "gauge",
				"The best tier that the operator has not taken out; 0 none.",
				set_tier_ready},
		{PREFIX "set_calls", "gauge", "Calls in progress.", set_calls},
		{PREFIX "set_failovers_total", "counter",
				"Calls that moved on to another destination.", set_failovers},
		{PREFIX "set_exhausted_total", "counter",
				"Calls for which no destination was left.", set_exhausted},
		{PREFIX "set_panic", "gauge",
				"1 while no destination is usable and the least recently "
				"failed are tried.",
				set_panic},
		{PREFIX "set_spared", "gauge",
				"Destinations where calls fail and that only max-eject keeps "
				"in use.",
				set_spared},
		{PREFIX "set_retries_left", "gauge",
				"What is saved up of the retry budget.", set_retries_left},
		{PREFIX "set_retries_refused_total", "counter",
				"Failovers that the retry budget refused.",
				set_retries_refused},
};

static void write_sets(const frt_walk_t *w)
{
	frt_prom_t name;
	uint32_t i;
	size_t f;

	frt_prom_init(&name, w->out->text.mem);
	for(f = 0; f < COUNT(set_families); f++) {
		frt_prom_family(w->out, set_families[f].name, set_families[f].type,
				set_families[f].help);
		for(i = 0; i < w->g->nsets && !name.text.failed; i++) {
			const frt_set_t *set = &w->g->sets[i];

			if(w->only && w->only != set)
				continue;
			name.text.len = 0;
			frt_prom_label(&name, 0, "set", set->id);
			if(!name.text.failed)
				frt_prom_count(w->out,
						(frt_str_t){name.text.s, (uint32_t)name.text.len}, NULL,
						set_families[f].value(set));
		}
	}
	if(name.text.failed)
		frt_prom_fail(w->out);
	frt_prom_free(&name);
}

static void write_one(frt_prom_t *out, const char *name, const char *type,
		const char *help, uint64_t value_milli)
{
	frt_prom_family(out, name, type, help);
	frt_prom_sample(out, (frt_str_t){NULL, 0}, NULL, value_milli);
}

static void write_table(const frt_gen_t *g, frt_prom_t *out)
{
	uint64_t now = frt_now_ms();

	write_one(out, PREFIX "generation", "gauge", "Number of the table in use.",
			g->seq * 1000ull);
	write_one(out, PREFIX "table_age_seconds", "gauge",
			"How long the table has been in use.",
			now > g->born_ms ? now - g->born_ms : 0);
	write_one(out, PREFIX "reload_refused", "gauge",
			"1: the last reload was refused, the table before is in use.",
			frt_table_refused_ms() ? 1000 : 0);
	write_one(out, PREFIX "sets", "gauge", "Sets in the table.",
			g->nsets * 1000ull);
	write_one(out, PREFIX "destinations", "gauge", "Destinations in the table.",
			g->ndsts * 1000ull);
	write_one(out, PREFIX "events_lost_total", "counter",
			"Events lost because the queue was full.",
			frt_event_dropped() * 1000ull);
}

void frt_metrics_write(
		const frt_gen_t *g, const frt_set_t *set, frt_prom_t *out)
{
	frt_walk_t w = {.g = g, .only = set, .out = out};

	write_table(g, out);
	write_sets(&w);
	if(!set)
		frt_metrics_dns(out);
	if(names_make(&w)) {
		write_health(&w);
		write_gauges(&w);
		write_totals(&w);
		frt_prom_family(out, DST "replies_total", "counter",
				"Replies by class; 1xx only once for an attempt, 100 not.");
		write_codes(&w, classes, COUNT(classes));
		frt_prom_family(out, DST "failure_replies_total", "counter",
				"Final replies with a code that failover is about.");
		write_codes(&w, failures, COUNT(failures));
		write_histograms(&w);
	} else {
		frt_prom_fail(out);
	}
	frt_mem_free(out->text.mem, w.at);
	frt_prom_free(&w.names);
}
