/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio statistics of the group "failover_route".
 */
#include "frt_compat.h"
#include "frt_event.h"
#include "frt_look.h"
#include "frt_stats.h"

#include "../../core/counters.h"

#define GROUP "failover_route"

static counter_handle_t handles[FRT_STAT_COUNT];

/* What is so now; each is counted when it is asked for. */
typedef long (*frt_stat_now_f)(const frt_gen_t *g);

static long destinations(const frt_gen_t *g)
{
	return g->ndsts;
}

static long destinations_out(const frt_gen_t *g)
{
	uint32_t i;
	long n = 0;

	for(i = 0; i < g->ndsts; i++)
		n += FRT_WORD_ADMIN(frt_dst_word(&g->dsts[i])) != FRT_READY;
	return n;
}

/* By health, whatever the operator wants. */
static long of_health(const frt_gen_t *g, frt_health_t health)
{
	uint32_t i;
	long n = 0;

	for(i = 0; i < g->ndsts; i++)
		n += FRT_WORD_HEALTH(frt_dst_word(&g->dsts[i])) == health;
	return n;
}

static long destinations_up(const frt_gen_t *g)
{
	return of_health(g, FRT_UP);
}

static long destinations_down(const frt_gen_t *g)
{
	return of_health(g, FRT_DOWN);
}

static long destinations_returning(const frt_gen_t *g)
{
	return of_health(g, FRT_TRIAL) + of_health(g, FRT_RAMP);
}

static long sets(const frt_gen_t *g)
{
	return g->nsets;
}

static long sets_down(const frt_gen_t *g)
{
	uint32_t i;
	long n = 0;

	for(i = 0; i < g->nsets; i++)
		n += !frt_look_set_up(&g->sets[i]);
	return n;
}

static long sets_panic(const frt_gen_t *g)
{
	uint32_t i;
	long n = 0;

	for(i = 0; i < g->nsets; i++)
		n += atomic_load(&g->sets[i].rec->panic) != 0;
	return n;
}

static long calls(const frt_gen_t *g)
{
	uint32_t i;
	long n = 0;

	for(i = 0; i < g->nsets; i++)
		n += atomic_load(&g->sets[i].rec->calls);
	return n;
}

static long generation(const frt_gen_t *g)
{
	return g->seq;
}

static long events_lost(const frt_gen_t *g)
{
	(void)g;
	return frt_event_dropped();
}

static struct
{
	const char *name;
	const char *doc;
	frt_stat_now_f value;
} gauges[] = {
		{"frt_calls", "calls in progress", calls},
		{"frt_destinations", "destinations in the table", destinations},
		{"frt_destinations_up", "destinations whose health is up",
				destinations_up},
		{"frt_destinations_down", "destinations whose health is down",
				destinations_down},
		{"frt_destinations_returning", "destinations on trial or slow start",
				destinations_returning},
		{"frt_destinations_out",
				"destinations that the operator drains or maintains",
				destinations_out},
		{"frt_sets", "sets in the table", sets},
		{"frt_sets_down", "sets without a usable destination", sets_down},
		{"frt_sets_panic", "sets that try what is not usable", sets_panic},
		{"frt_generation", "number of the table in use", generation},
		{"frt_events_lost", "events lost because the queue was full",
				events_lost},
};

/* param: the gauge's place in the list. */
static counter_val_t read_gauge(counter_handle_t handle, void *param)
{
	const frt_gen_t *g = frt_table_enter();
	counter_val_t n = g ? gauges[(uintptr_t)param].value(g) : 0;

	(void)handle;
	frt_table_leave();
	return n;
}

int frt_stats_init(void)
{
	static const struct
	{
		const char *name;
		const char *doc;
	} totals[] = {
#define FRT_X(id, name, doc) {name, doc},
			FRT_STATS(FRT_X)
#undef FRT_X
	};
	uintptr_t i;

	for(i = 0; i < FRT_STAT_COUNT; i++) {
		if(counter_register(&handles[i], GROUP, totals[i].name, 0, NULL, NULL,
				   totals[i].doc, 0)
				< 0)
			goto error;
	}
	for(i = 0; i < sizeof(gauges) / sizeof(gauges[0]); i++) {
		if(counter_register(NULL, GROUP, gauges[i].name, CNT_F_NO_RESET,
				   read_gauge, (void *)i, gauges[i].doc, 0)
				< 0)
			goto error;
	}
	return 0;

error:
	LM_ERR("cannot register the statistics\n");
	return -1;
}

void frt_stats_count(frt_stat_t stat)
{
	counter_inc(handles[stat]);
}
