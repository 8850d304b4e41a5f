/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All that the RPC commands call beyond the table: reload, database, history,
 * loader, as a program wants it. For the unit test and the fuzz target; defines
 * functions: include it once, in a program that needs the files of both.
 */
#ifndef FRT_RPC_WORLD_H
#define FRT_RPC_WORLD_H

#include "host.h"

#include "fake_rpc.h"
#include "frt_db.h"
#include "frt_line.h"
#include "frt_loader.h"
#include "frt_metrics.h"
#include "frt_observe.h"
#include "frt_resolver.h"
#include "frt_reload.h"
#include "frt_rpc.h"
#include "frt_rules.h"

FRT_ENUM_DEFINE(frt_event_kind, FRT_EVENT_LIST)

static frt_params_t params;
static frt_reload_report_t loaded; /* what the next reload reports ... */
static int load_err;			   /* ... and returns */
static char checked[64];
static int kicks, kick_room; /* of the ring */
static frt_rand_t rnd;
static fx_t fx;

const frt_params_t *frt_params(void)
{
	return &params;
}

void frt_observe_rules(const frt_dst_t *dst, frt_health_rules_t *rules)
{
	frt_rules_of(dst, true, 0, rules);
}

frt_rand_t *frt_random(void)
{
	return &rnd;
}

static uint64_t happened = 3; /* events in the history */

bool frt_event_before(const char *set, uint64_t *cursor, frt_event_t *out)
{
	if(*cursor >= happened || (set && strcmp(set, "carriers") != 0))
		return false;
	++*cursor;
	*out = (frt_event_t){.kind = FRT_EV_DST_DOWN,
			.time_ms = 1763691100123,
			.source = FRT_PROBE,
			.set = "carriers",
			.destination = "d0",
			.from = "up",
			.to = "down",
			.reason = "3 failed probes"};
	return true;
}

uint32_t frt_event_dropped(void)
{
	return 0;
}

uint64_t frt_table_refused_ms(void)
{
	return 0;
}

static bool loading;

bool frt_table_loading(void)
{
	return loading;
}

const frt_children_t *frt_resolver_look(const frt_parent_t *p)
{
	static frt_children_t room;

	(void)p;
	return &room;
}

void frt_metrics_dns(frt_prom_t *out)
{
	(void)out;
}

int frt_reload(const frt_params_t *p, frt_reload_report_t *report)
{
	*report = loaded;
	return load_err;
}

bool frt_loader_is_worker(void)
{
	return false;
}

int frt_reload_check(const frt_params_t *p, const char *file, bool names,
		frt_reload_report_t *report)
{
	snprintf(checked, sizeof(checked), "%s", file ? file : "(none)");
	return frt_reload(p, report);
}

/* As the loader does: with a copy of the arguments, elsewhere. */
void frt_loader_run(
		frt_rpc_t *r, frt_rpc_rest_t rest, const void *args, size_t size)
{
	void *copy = malloc(size + 1);

	assert_non_null(copy);
	if(size > 0)
		memcpy(copy, args, size);
	rest(r, copy);
	free(copy);
}

/* Nobody posts here: that is for HTTP. */
int frt_loader_post(frt_rpc_rest_t rest, const void *args, size_t size)
{
	(void)rest;
	(void)args;
	(void)size;
	return FRT_E_NOMEM;
}

static char written[128];
static int write_err;

void frt_reload_said(frt_str_t set, frt_str_t id, frt_admin_t admin)
{
	(void)set;
	(void)id;
	(void)admin;
}

int frt_db_write_admin(const frt_params_t *p, frt_str_t set, frt_str_t id,
		frt_admin_t admin, frt_db_written_t tell)
{
	assert_int_equal(host.reading, 0);
	assert_ptr_equal(tell, frt_reload_said);
	snprintf(written, sizeof(written), "%.*s/%.*s %s", (int)set.len, set.s,
			(int)id.len, id.s, frt_admin_name(admin));
	return write_err;
}

static frt_overlay_t asked;

int frt_reload_overlay(const frt_overlay_t *o, frt_reload_report_t *report)
{
	asked = *o;
	*report = loaded;
	return load_err;
}

int frt_reload_clear(const frt_params_t *p, frt_str_t set, frt_str_t id,
		frt_reload_report_t *report)
{
	asked = (frt_overlay_t){.set = set, .id = id};
	*report = loaded;
	return load_err;
}

void frt_observe(frt_rec_t *rec, const frt_obs_t *obs)
{
	frt_set_conf_t conf;
	frt_transition_t tr;

	frt_set_conf_default(&conf);
	frt_rec_lock(rec);
	frt_health_observe_locked(rec,
			&(frt_health_rules_t){&conf.health, &conf.probe,
					FRT_PROFILE_STANDARD, false, 0, false},
			obs, frt_now_ms(), &rnd, &tr);
	frt_rec_unlock(rec);
}

bool frt_observe_admin(frt_rec_t *rec, frt_admin_t admin)
{
	frt_transition_t tr;

	return frt_health_admin_locked(rec, admin, frt_now_ms(), &tr)
		   == FRT_CHANGED;
}

bool frt_wake_kick(frt_rec_t *rec, frt_kick_t kick)
{
	assert_int_equal(kick, FRT_KICK_ORDER);
	return kicks++ < kick_room;
}

void frt_line_before_trial(const frt_dst_t *dst, bool now)
{
	assert_true(now);
	assert_ptr_equal(frt_gen_dst_of(dst->set->gen, dst->rec), dst);
}

/* carriers (number 7): d0, d1 in priority 1, d2 in priority 2; then an odd
 * id, and a set of six. */
static int setup(void **state)
{
	memset(&params, 0, sizeof(params));
	params.probing = 1;
	memset(&loaded, 0, sizeof(loaded));
	load_err = kicks = 0;
	kick_room = 100;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED)->number = 7;
	fx_dst(&fx, 1, 70);
	fx_dst(&fx, 1, 30);
	fx_dst(&fx, 2, 10);
	fx_set(&fx, "o\"dd\\", FRT_ORDERED);
	fx_dst_uri(&fx, "\xc3\xa9\"<", "sip:192.0.2.9", 1, 1);
	fx_set(&fx, "six", FRT_HASH)->conf.probe.enabled = false;
	fx_dsts(&fx, 6, 1, 1);
	fx_freeze(&fx);
	host_begin(fx.gen);
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(host.reading, 0);
	fake_reset();
	fx_end(&fx);
	return 0;
}

#endif
