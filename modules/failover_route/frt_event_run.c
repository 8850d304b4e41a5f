/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What happens to queued events in the module's own process: one log line
 * each, then the script's event route or KEMI function. No lock is held, so a
 * route may take its time, reload, or raise new events.
 */
#include "frt_compat.h"
#include "frt_event.h"
#include "frt_wake.h"

#include "../../core/action.h"
#include "../../core/clist.h"
#include "../../core/fmsg.h"
#include "../../core/receive.h"
#include "../../core/route.h"

#include <string.h>

#define EVENT_PREFIX "failover_route:"
#define LEXER_DROPS (sizeof("failover_") - 1)
/* In one go, before the process sees to its other work. */
#define DRAIN_MAX 1024

/* Filled before the first fork. */
static struct
{
	int route[frt_event_kind_count]; /* index in event_rt, or -1 */
	str callback;
} routes;

static const frt_event_t *current = NULL;

static void route_name(frt_event_kind_t kind, frt_buf_t *out)
{
	frt_buf_add(out, EVENT_PREFIX "%s", frt_event_kind_name(kind));
}

/* Kamailio's lexer takes no underscore before an event route's colon: it drops
 * what comes before and calls event_route[failover_route:dst-down] just
 * "route:dst-down". Only looks up: route_get() would make an empty route. */
static int route_find(frt_event_kind_t kind)
{
	char name[64], *names[2] = {name, name + LEXER_DROPS};
	frt_buf_t b;
	int i, at;

	if(kind == FRT_EV_CHANGE || kind == FRT_EV_CALL)
		return -1;
	frt_buf_init(&b, name, sizeof(name));
	route_name(kind, &b);
	for(i = 0; i < 2; i++) {
		at = route_lookup(&event_rt, names[i]);
		if(at >= 0 && event_rt.rlist[at])
			return at;
	}
	return -1;
}

/* Is it one of the routes that were found, or none of ours? */
static bool is_right(const str *name, int at)
{
	const char *prefix = EVENT_PREFIX + LEXER_DROPS;
	size_t n = strlen(prefix);
	int i;

	if(!event_rt.rlist[at] || (size_t)name->len < n
			|| (strncmp(name->s, prefix, n) != 0
					&& strncmp(name->s, EVENT_PREFIX, sizeof(EVENT_PREFIX) - 1)
							   != 0))
		return true;
	for(i = 0; i < frt_event_kind_count; i++) {
		if(routes.route[i] == at)
			return true;
	}
	return false;
}

/* A mistyped one would never run, and nobody be told. */
static void warn_of_others(void)
{
	const struct str_hash_entry *e;
	const char *colon;
	int i;

	for(i = 0; event_rt.names.table && i < event_rt.names.size; i++) {
		clist_foreach(&event_rt.names.table[i], e, next)
		{
			if(is_right(&e->key, e->u.n))
				continue;
			colon = memchr(e->key.s, ':', (size_t)e->key.len);
			LM_WARN("event_route[" EVENT_PREFIX "%.*s]: there is no such "
					"event; it never runs\n",
					(int)(e->key.s + e->key.len - colon - 1), colon + 1);
		}
	}
}

int frt_event_routes(const frt_params_t *params)
{
	int i;

	routes.callback = params->event_callback;
	for(i = 0; i < frt_event_kind_count; i++)
		routes.route[i] = route_find((frt_event_kind_t)i);
	warn_of_others();
	return 0;
}

bool frt_event_wanted(frt_event_kind_t kind)
{
	if(kind == FRT_EV_CHANGE || kind == FRT_EV_CALL
			|| (unsigned)kind >= frt_event_kind_count)
		return false;
	return routes.route[kind] >= 0 || routes.callback.len > 0;
}

const frt_event_t *frt_event_current(void)
{
	return current;
}

static void call_kemi(
		sr_kemi_eng_t *engine, sip_msg_t *msg, const frt_event_t *ev)
{
	char name[64];
	frt_buf_t b;
	str text;

	frt_buf_init(&b, name, sizeof(name));
	route_name(ev->kind, &b);
	text.s = name;
	text.len = (int)b.len;
	if(sr_kemi_route(engine, msg, EVENT_ROUTE, &routes.callback, &text) < 0)
		LM_ERR("event_callback %.*s failed for %s\n", routes.callback.len,
				routes.callback.s, name);
}

static void call_route(sip_msg_t *msg, const frt_event_t *ev)
{
	sr_kemi_eng_t *engine = routes.callback.len > 0 ? sr_kemi_eng_get() : NULL;
	struct run_act_ctx ctx;

	if(engine) {
		call_kemi(engine, msg, ev);
	} else if(routes.route[ev->kind] >= 0) {
		init_run_actions_ctx(&ctx);
		run_top_route(event_rt.rlist[routes.route[ev->kind]], msg, &ctx);
	}
}

static void run_route(const frt_event_t *ev)
{
	sip_msg_t msg;
	int type;

	if(!frt_event_wanted(ev->kind))
		return;
	/* a message of its own: what a route does to it ends with it */
	if(faked_msg_get_new(&msg) < 0) {
		LM_ERR("no message to run event_route[" EVENT_PREFIX "%s] with\n",
				frt_event_kind_name(ev->kind));
		return;
	}
	type = get_route_type();
	set_route_type(EVENT_ROUTE);
	current = ev;
	call_route(&msg, ev);
	current = NULL;
	set_route_type(type);
	free_sip_msg(&msg);
	ksr_msg_env_reset();
}

static void log_event(const frt_event_t *ev)
{
	switch(ev->kind) {
		case FRT_EV_DST_DOWN:
			LM_WARN("%s/%s %s: %s\n", ev->set, ev->destination, ev->to,
					ev->reason);
			break;
		case FRT_EV_SET_DOWN:
			LM_WARN("%s down: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_DNS_FAILED:
			LM_WARN("%s/%s: DNS: %s\n", ev->set, ev->destination, ev->reason);
			break;
		case FRT_EV_DNS_OK:
			LM_NOTICE("%s/%s: DNS: %s\n", ev->set, ev->destination, ev->reason);
			break;
		case FRT_EV_PANIC_ON:
			LM_WARN("%s panic: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_PANIC_OFF:
			LM_NOTICE("%s panic is over: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_SET_UP:
			LM_NOTICE("%s up: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_SET_FAILOVER:
			LM_WARN("%s failover: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_CALL:
			LM_NOTICE("%s\n", ev->text ? ev->text : "");
			break;
		case FRT_EV_FAILBACK:
			LM_NOTICE("%s failback: %s\n", ev->set, ev->reason);
			break;
		case FRT_EV_RELOAD:
			LM_NOTICE("reload: %s\n", ev->reason);
			break;
		case FRT_EV_FAILOVER:
			break;
		case FRT_EV_DST_UP:
		case FRT_EV_CHANGE:
		default:
			LM_NOTICE("%s/%s %s: %s\n", ev->set, ev->destination, ev->to,
					ev->reason);
			break;
	}
}

/* Said once each time more were lost. */
static void log_dropped(void)
{
	static uint32_t told = 0;
	uint32_t dropped = frt_event_dropped();

	if(dropped == told)
		return;
	LM_WARN("events or lines lost because the queue was full: %u; an event "
			"route takes too long, or very much happened at once\n",
			dropped - told);
	told = dropped;
}

void frt_event_drain(void)
{
	frt_event_t ev;
	int n;

	for(n = 0; n < DRAIN_MAX; n++) {
		if(!frt_event_pop(&ev)) {
			log_dropped();
			return;
		}
		log_event(&ev);
		frt_mem_free(frt_mem_shm(), ev.text);
		run_route(&ev);
	}
	log_dropped();
	frt_wake(FRT_WAKE_KEEPER);
}
