/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sending a probe through tm.
 *
 * tm takes the timers of a local request from its own parameters when it makes
 * the transaction, and starts them after the first send. Between the two it
 * calls TMCB_REQUEST_SENT, and only if the send worked: there the timers are
 * set, and there we learn that it was sent at all, which t_uac() does not say.
 */
#include "frt_call.h"
#include "frt_probe_send.h"

#include "engine/frt_pace.h"
#include "frt_wake.h"

#include "../../core/cfg/cfg.h"
#include "../../core/error.h"
#include "../../core/socket_info.h"
#include "../../core/timer_ticks.h"

#include <stdio.h>
#include <string.h>

/* The probe this process is sending right now. */
static struct
{
	bool active;
	bool sent;
	uint32_t timeout_ms;
} now_sending;

/* The transaction outlives the prober's own timeout by a moment, so that an
 * answer in the last millisecond is still heard; T1 is such that nothing is
 * sent in that moment. */
static void set_timers(struct cell *t, uint32_t timeout_ms)
{
	t->fr_timeout = MS_TO_TICKS(timeout_ms) + 1;
	t->fr_inv_timeout = t->fr_timeout;
	t->rt_t1_timeout_ms = (retr_timeout_t)frt_pace_t1_ms(
			timeout_ms, t->rt_t1_timeout_ms, t->rt_t2_timeout_ms);
}

static void on_event(struct cell *t, int type, struct tmcb_params *ps)
{
	frt_probe_result_t result;

	if(type & TMCB_REQUEST_SENT) {
		if(now_sending.active && !(ps->flags & TMCB_RETR_F)) {
			now_sending.sent = true;
			set_timers(t, now_sending.timeout_ms);
		}
		return;
	}
	result.id = (uint32_t)(unsigned long)*ps->param;
	result.code = (uint16_t)ps->code;
	result.local = ps->rpl == FAKED_REPLY;
	result.time_ms = frt_now_ms();
	frt_wake_put_result(&result);
}

bool frt_probe_unreachable(struct cell *t)
{
	frt_probe_result_t result = {.code = 503, .local = 1};
	struct tm_callback *cb;

	for(cb = (struct tm_callback *)t->tmcb_hl.first; cb; cb = cb->next) {
		if(cb->callback != on_event)
			continue;
		result.id = (uint32_t)(unsigned long)cb->param;
		result.time_ms = frt_now_ms();
		frt_wake_put_result(&result);
		return true;
	}
	return false;
}

/* Copies what goes into a message; nothing that could end a header or a URI. */
static int copy(char *out, size_t size, frt_str_t in)
{
	uint32_t i;

	if(in.len >= size)
		return FRT_E_RANGE;
	for(i = 0; i < in.len; i++) {
		unsigned char c = (unsigned char)in.s[i];

		if(c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"')
			return FRT_E_RANGE;
		out[i] = in.s[i];
	}
	out[i] = '\0';
	return 0;
}

/* Nobody needs to answer to it: the address we send from, or the first one we
 * listen on. The same for all sets, so that they can share a probe. */
static void default_from(char *out, size_t size, const struct socket_info *sock)
{
	const str *host = NULL;
	bool bare;

	if(!sock)
		sock = bind_address ? bind_address : get_first_socket();
	if(sock)
		host = sock->useinfo.name.len > 0 ? &sock->useinfo.name
										  : &sock->address_str;
	if(!host || host->len <= 0) {
		snprintf(out, size, "sip:failover_route@localhost");
		return;
	}
	bare = host->s[0] != '[' && memchr(host->s, ':', host->len) != NULL;
	snprintf(out, size, "sip:failover_route@%s%.*s%s", bare ? "[" : "",
			host->len, host->s, bare ? "]" : "");
}

int frt_probe_order(const frt_dst_t *dst, uint32_t id, uint32_t timeout_ms,
		frt_probe_order_t *out)
{
	const frt_probe_conf_t *conf = &dst->set->conf.probe;

	out->id = id;
	out->timeout_ms = timeout_ms;
	out->max_forwards = conf->max_forwards;
	out->sock = dst->sock;
	out->quiet = false;
	if(copy(out->uri, sizeof(out->uri), dst->uri)
			|| copy(out->method, sizeof(out->method), conf->method)
			|| copy(out->from, sizeof(out->from), conf->from)
			|| copy(out->proxy, sizeof(out->proxy), conf->outbound_proxy))
		return FRT_E_RANGE;
	if(out->from[0] == '\0')
		default_from(out->from, sizeof(out->from), out->sock);
	return 0;
}

static str to_str(const char *text)
{
	str s = {(char *)text, (int)strlen(text)};

	return s;
}

/* Ends a transaction whose request never left: its timers would try again, or
 * wait for nothing. */
static void give_up(unsigned int index, unsigned int label)
{
	const struct tm_binds *tm = frt_tm();
	struct cell *was = tm->t_gett();
	int was_branch = tm->t_gett_branch();
	struct cell *t = NULL;

	if(tm->t_lookup_ident(&t, index, label) > 0) {
		tm->t_release_transaction(t);
		tm->unref_cell(t);
	}
	tm->t_sett(was, was_branch);
}

/* Gives the request to tm; its return value. */
static int give_to_tm(const frt_probe_order_t *o, dlg_t *dlg)
{
	static bool dropped = false;
	const struct tm_binds *tm = frt_tm();
	unsigned int index = 0, label = 0;
	str method = to_str(o->method);
	char text[32];
	str headers = {text, 0};
	uac_req_t req;
	int ret;

	set_uac_req(&req, &method, NULL, NULL, dlg,
			TMCB_LOCAL_COMPLETED | TMCB_REQUEST_SENT, on_event,
			(void *)(unsigned long)o->id);
	/* tm adds its own Max-Forwards of 70 only where there is none. */
	if(o->max_forwards != 70) {
		headers.len = snprintf(
				text, sizeof(text), "Max-Forwards: %u\r\n", o->max_forwards);
		req.headers = &headers;
	}
	now_sending.active = true;
	now_sending.sent = false;
	now_sending.timeout_ms = o->timeout_ms;
	ret = tm->t_uac_with_ids(&req, &index, &label);
	now_sending.active = false;
	if(ret > 0 && !now_sending.sent)
		give_up(index, label);
	if(ret == 0 && !dropped) {
		dropped = true;
		LM_WARN("event_route[tm:local-request] drops probes: what it drops"
				" says nothing of the destination\n");
	}
	return ret;
}

frt_probe_sent_t frt_probe_send(const frt_probe_order_t *o)
{
	const struct tm_binds *tm = frt_tm();
	str uri = to_str(o->uri), from = to_str(o->from), proxy = to_str(o->proxy);
	bool quiet = o->quiet && cfg_get(core, core_cfg, debug) < L_DBG;
	dlg_t *dlg = NULL;
	int ret;

	if(tm->new_dlg_uac(NULL, NULL, 0, &from, &uri, &dlg) < 0 || !dlg)
		return FRT_PROBE_SKIPPED;
	dlg->rem_target = uri;
	if(proxy.len)
		dlg->dst_uri = proxy;
	dlg->send_sock = o->sock;
	if(quiet)
		set_local_debug_level(L_CRIT);
	ret = give_to_tm(o, dlg);
	if(quiet)
		reset_local_debug_level();
	/* These two are ours; tm would free them. */
	memset(&dlg->rem_target, 0, sizeof(dlg->rem_target));
	memset(&dlg->dst_uri, 0, sizeof(dlg->dst_uri));
	tm->free_dlg(dlg);
	if(ret > 0)
		return now_sending.sent ? FRT_PROBE_SENT : FRT_PROBE_UNSENT;
	/* Our own lack of memory is no fault of the destination's. */
	return ret == 0 || ret == E_OUT_OF_MEM ? FRT_PROBE_SKIPPED
										   : FRT_PROBE_UNSENT;
}
