/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The families of names: by question, for several sets may have one.
 */
#include "frt_metrics.h"
#include "frt_names.h"
#include "frt_shm.h"

#include <string.h>

#define DNS "failover_route_dns_"

/* The labels of one question, in room that is used again. */
static frt_str_t labels_of(const frt_name_view_t *v, frt_prom_t *room)
{
	room->text.len = 0;
	frt_prom_label(room, 0, "type", frt_str_of(frt_qtype_name(v->q.type)));
	frt_prom_label(room, 0, "name", frt_str_of(v->q.name));
	return (frt_str_t){room->text.s, (uint32_t)room->text.len};
}

typedef uint32_t (*frt_name_count_f)(const frt_name_view_t *v);

static uint32_t failed(const frt_name_view_t *v)
{
	return v->failed;
}

static uint32_t failing(const frt_name_view_t *v)
{
	return v->failures;
}

/* One sample for each question. */
static void write_counts(frt_prom_t *out, const frt_name_view_t *all,
		uint32_t n, frt_prom_t *room, frt_name_count_f count)
{
	uint32_t i;

	for(i = 0; i < n; i++) {
		frt_str_t labels = labels_of(&all[i], room);

		if(!room->text.failed)
			frt_prom_count(out, labels, NULL, count(&all[i]));
	}
}

void frt_metrics_dns(frt_prom_t *out)
{
	uint64_t now = frt_now_ms();
	uint32_t n, i;
	frt_name_view_t *all = frt_names_list(&n);
	frt_prom_t room;

	frt_prom_init(&room, out->text.mem);
	frt_prom_family(
			out, DNS "age_seconds", "gauge", "Age of the last good answer.");
	for(i = 0; i < n; i++) {
		frt_str_t labels = labels_of(&all[i], &room);

		if(all[i].good_ms && !room.text.failed)
			frt_prom_sample(out, labels, NULL,
					now > all[i].good_ms ? now - all[i].good_ms : 0);
	}
	frt_prom_family(out, DNS "failures_total", "counter",
			"Questions without a good answer.");
	write_counts(out, all, n, &room, failed);
	frt_prom_family(out, DNS "failing", "gauge",
			"Failures in a row; 0: the last answer was good.");
	write_counts(out, all, n, &room, failing);
	if(room.text.failed)
		frt_prom_fail(out);
	frt_prom_free(&room);
	frt_names_free(all, n);
}
