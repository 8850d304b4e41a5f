/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $frt(name). Every value is copied into one of the core's print buffers: what
 * it was read from may be gone when the script uses it.
 */
#include "frt_call.h"
#include "frt_event.h"
#include "frt_pv.h"

#include "../../core/pvapi.h"

#include <string.h>

#define FRT_PV_LIST(X)                           \
	X(PV_SET, "set")                             \
	X(PV_ID, "id")                               \
	X(PV_URI, "uri")                             \
	X(PV_ATTEMPT, "attempt")                     \
	X(PV_TRIED, "tried")                         \
	X(PV_PATH, "path")                           \
	X(PV_REASON, "reason")                       \
	X(PV_CODE, "code")                           \
	X(PV_EVENT_SET, "event.set")                 \
	X(PV_EVENT_DESTINATION, "event.destination") \
	X(PV_EVENT_URI, "event.uri")                 \
	X(PV_EVENT_FROM, "event.from")               \
	X(PV_EVENT_TO, "event.to")                   \
	X(PV_EVENT_SOURCE, "event.source")           \
	X(PV_EVENT_REASON, "event.reason")           \
	X(PV_EVENT_NAME, "event.name")               \
	X(PV_EVENT_ID, "event.id")                   \
	X(PV_EVENT_TIME, "event.time")
FRT_ENUM_DECL(frt_pv, FRT_PV_LIST)
FRT_ENUM_DEFINE(frt_pv, FRT_PV_LIST)

static int pv_parse_frt(pv_spec_p sp, str *in);
static int pv_get_frt(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

/* clang-format off */
static pv_export_t pvs[] = {
	{{"frt", sizeof("frt") - 1}, PVT_OTHER, pv_get_frt, 0,
		pv_parse_frt, 0, 0, 0},
	{{0, 0}, 0, 0, 0, 0, 0, 0, 0}
};
/* clang-format on */

pv_export_t *frt_pv_exports(void)
{
	return pvs;
}

static int pv_parse_frt(pv_spec_p sp, str *in)
{
	frt_pv_t name;

	if(sp == NULL || in == NULL || in->len <= 0)
		return -1;
	if(frt_pv_parse((frt_str_t){in->s, (uint32_t)in->len}, &name) != 0) {
		LM_ERR("unknown name in $frt(%.*s); known are set, id, uri, attempt, "
			   "tried, path, reason, code and, in event routes, "
			   "event.set, event.destination, event.uri, event.from, "
			   "event.to, event.source, event.reason, event.name, event.id, "
			   "event.time\n",
				in->len, in->s);
		return -1;
	}
	sp->pvp.pvn.type = PV_NAME_INTSTR;
	sp->pvp.pvn.u.isname.type = 0;
	sp->pvp.pvn.u.isname.name.n = (int)name;
	return 0;
}

static int give(sip_msg_t *msg, pv_param_t *param, pv_value_t *res,
		const frt_buf_t *text)
{
	str s = {text->s, (int)text->len};

	return s.len > 0 ? pv_get_strval(msg, param, res, &s)
					 : pv_get_null(msg, param, res);
}

static void add_event(const frt_event_t *ev, frt_pv_t name, frt_buf_t *out)
{
	const char *text = "";

	switch(name) {
		case PV_EVENT_SET:
			text = ev->set;
			break;
		case PV_EVENT_DESTINATION:
			text = ev->destination;
			break;
		case PV_EVENT_URI:
			text = ev->uri;
			break;
		case PV_EVENT_FROM:
			text = ev->from;
			break;
		case PV_EVENT_TO:
			text = ev->to;
			break;
		case PV_EVENT_SOURCE:
			text = frt_source_name(ev->source);
			break;
		case PV_EVENT_REASON:
			text = ev->reason;
			break;
		case PV_EVENT_ID:
			/* seq begins anew at each start, the time does not */
			frt_buf_add(out, "%llu-%llu", (unsigned long long)ev->time_ms,
					(unsigned long long)ev->seq);
			return;
		case PV_EVENT_TIME:
			frt_buf_add(out, "%llu", (unsigned long long)ev->time_ms);
			return;
		case PV_EVENT_NAME:
		default:
			text = frt_event_kind_name(ev->kind);
			break;
	}
	frt_buf_add(out, "%s", text);
}

static void add_plan(const frt_plan_t *plan, const frt_attempt_t *shown,
		frt_pv_t name, frt_buf_t *out)
{
	if(name == PV_SET)
		frt_buf_add_str(out, plan->set->id);
	else if(name == PV_PATH)
		frt_plan_path(plan, out);
	else if(name == PV_REASON)
		frt_plan_reason(plan, out);
	else if(shown && name == PV_ID)
		frt_buf_add_str(out, shown->rec->id);
	else if(shown && name == PV_URI)
		frt_table_uri(shown->rec, out);
}

static int pv_get_frt(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	frt_pv_t name = (frt_pv_t)param->pvn.u.isname.name.n;
	const frt_event_t *ev = frt_event_current();
	const frt_attempt_t *ended;
	const frt_plan_t *plan;
	frt_buf_t text;

	frt_buf_init(&text, pv_get_buffer(), (size_t)pv_get_buffer_size());
	if(name >= PV_EVENT_SET) {
		if(!ev)
			return pv_get_null(msg, param, res);
		/* what an event has not (a reload's set) is empty, not null: a KEMI
		 * script can go on with it */
		add_event(ev, name, &text);
		return pv_get_strval(msg, param, res, &(str){text.s, (int)text.len});
	}
	/* a variable may be asked for without a message */
	plan = msg ? frt_call_plan(msg) : NULL;
	if(!plan)
		return pv_get_null(msg, param, res);
	switch(name) {
		case PV_ATTEMPT: /* what frt_again() repeats is one more for both */
		case PV_TRIED:
			return pv_get_sintval(msg, param, res, plan->n);
		case PV_CODE:
			ended = frt_plan_ended(plan);
			return ended ? pv_get_sintval(msg, param, res, ended->code)
						 : pv_get_null(msg, param, res);
		default:
			add_plan(plan, frt_call_shown(msg), name, &text);
			return give(msg, param, res, &text);
	}
}
