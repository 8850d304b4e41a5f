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
#include "frt_msg.h"
#include "frt_believe.h"
#include "frt_probe_send.h"

#include "engine/frt_pace.h"
#include "frt_stray.h"
#include "frt_tls.h"
#include "frt_tm.h"
#include "frt_wake.h"

#include "../../core/cfg/cfg.h"
#include "../../core/error.h"
#include "../../core/globals.h"
#include "../../core/socket_info.h"
#include "../../core/timer_ticks.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* RFC 3261 section 9.1: 64 x T1 after its CANCEL, a call that has not ended is
 * taken for one that has. */
#define FRT_CALL_LINGER_MS 32000u

/* The probe this process is sending right now. */
static struct
{
	bool active;
	bool sent;
	const frt_probe_order_t *order;
} now_sending;

/* The transaction outlives the prober's own timeout by a moment, so that an
 * answer in the last millisecond is still heard; T1 is such that nothing is
 * sent in that moment. */
static void set_timers(struct cell *t, const frt_probe_order_t *o)
{
	uint32_t timeout_ms = o->timeout_ms;

	/* The prober cancels it at its timeout, this is the end of all ends. */
	if(o->calls) {
		t->fr_timeout = MS_TO_TICKS(frt_probe_open_ms(timeout_ms));
		t->fr_inv_timeout = t->fr_timeout;
		return;
	}
	t->fr_timeout = MS_TO_TICKS(timeout_ms) + 1;
	t->fr_inv_timeout = t->fr_timeout;
	t->rt_t1_timeout_ms = (retr_timeout_t)frt_pace_t1_ms(
			timeout_ms, t->rt_t1_timeout_ms, t->rt_t2_timeout_ms);
}

static void on_sent(struct cell *t)
{
	frt_branch_t via = {.index = t->hash_index};

	now_sending.sent = true;
	set_timers(t, now_sending.order);
	memcpy(via.md5, t->md5, sizeof(via.md5));
	if(!frt_believe_may_be_ours(via.md5))
		LM_CRIT("BUG: who forges the answer to a probe is believed\n");
	if(now_sending.order->calls)
		frt_stray_expect(&via);
}

/* It rings somewhere: that is all we wanted to know. 181 to 183 may ring too. */
static bool is_ringing(sip_msg_t *rpl, int code)
{
	return code >= 180 && code <= 189 && rpl != FAKED_REPLY
		   && frt_msg_cseq_method(rpl) == METHOD_INVITE;
}

static void on_event(struct cell *t, int type, struct tmcb_params *ps)
{
	frt_probe_result_t result = {.over = !(type & TMCB_LOCAL_RESPONSE_IN)};

	if(type & TMCB_REQUEST_SENT) {
		if(now_sending.active && !(ps->flags & TMCB_RETR_F))
			on_sent(t);
		return;
	}
	if((type & TMCB_LOCAL_RESPONSE_IN)
			&& (!is_ringing(ps->rpl, ps->code)
					|| !frt_tm_cancel_next(t, frt_tm()->t_gett_branch())))
		return;
	result.id = (uint32_t)(unsigned long)*ps->param;
	result.local = ps->rpl == FAKED_REPLY;
	/* its own timeout, whatever reply_408_code calls it */
	result.code = result.local && frt_tm_fired(t, 0) ? 408 : (uint16_t)ps->code;
	result.time_ms = frt_now_ms();
	frt_wake_put_result(&result);
}

/* The same; that another one is called says that the answer may come from
 * any address. */
static void on_event_any(struct cell *t, int type, struct tmcb_params *ps)
{
	on_event(t, type, ps);
}

/* What makes the transaction a probe; NULL if it is none. */
static const struct tm_callback *mark_of(const struct cell *t)
{
	const struct tm_callback *cb;

	for(cb = (struct tm_callback *)t->tmcb_hl.first; cb; cb = cb->next) {
		if(cb->callback == on_event || cb->callback == on_event_any)
			return cb;
	}
	return NULL;
}

bool frt_probe_is(const struct cell *t, frt_answer_from_t *from)
{
	const struct tm_callback *mark = mark_of(t);

	if(mark)
		*from = mark->callback == on_event_any ? FRT_ANSWER_FROM_ANY
											   : FRT_ANSWER_FROM_DESTINATION;
	return mark != NULL;
}

/* If the transaction is a probe: its result is this, with its id. */
static bool put_result_of(struct cell *t, frt_probe_result_t result)
{
	const struct tm_callback *mark = mark_of(t);

	if(!mark)
		return false;
	result.id = (uint32_t)(unsigned long)mark->param;
	result.time_ms = frt_now_ms();
	frt_wake_put_result(&result);
	return true;
}

bool frt_probe_unreachable(struct cell *t)
{
	return put_result_of(t, (frt_probe_result_t){.code = 503, .local = 1});
}

bool frt_probe_answered(const frt_branch_t *via)
{
	struct cell *t = frt_tm_of_branch(via);
	bool ours =
			t && is_invite(t)
			&& put_result_of(t, (frt_probe_result_t){.code = 200, .over = 1});

	if(t)
		frt_tm_put(t);
	return ours;
}

uint32_t frt_probe_open_ms(uint32_t timeout_ms)
{
	return timeout_ms + FRT_CALL_LINGER_MS;
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

/* The address we send from, or the first one we listen on. */
static const struct socket_info *local(const struct socket_info *sock)
{
	if(sock)
		return sock;
	return bind_address ? bind_address : get_first_socket();
}

/* Nobody needs to answer to it. The same for all sets, so that they can share
 * a probe. Returns its length. */
static int default_from(char *out, size_t size, const struct socket_info *sock)
{
	const str *host = NULL;
	bool bare;

	if(sock)
		host = sock->useinfo.name.len > 0 ? &sock->useinfo.name
										  : &sock->address_str;
	if(!host || host->len <= 0)
		return snprintf(out, size, "sip:failover_route@localhost");
	bare = host->s[0] != '[' && memchr(host->s, ':', host->len) != NULL;
	return snprintf(out, size, "sip:failover_route@%s%.*s%s", bare ? "[" : "",
			host->len, host->s, bare ? "]" : "");
}

/* The number takes the place of the URI's own user. */
static int call_uri(char *out, size_t size, const frt_dst_t *dst)
{
	const frt_str_t *number = &dst->set->conf.probe.number;
	frt_str_t rest = frt_dst_from_host(dst);
	char host[FRT_URI_MAX + 1];
	const char *colon = memchr(dst->uri.s, ':', dst->uri.len);
	int n;

	if(!colon || rest.len == 0)
		return FRT_E_RANGE;
	if(copy(host, sizeof(host), rest))
		return FRT_E_RANGE;
	n = snprintf(out, size, "%.*s:%.*s@%s", (int)(colon - dst->uri.s),
			dst->uri.s, (int)number->len, number->s, host);
	return n < 0 || (size_t)n >= size ? FRT_E_RANGE : 0;
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
	out->named = frt_dst_keeps_name(dst);
	out->calls = frt_probe_calls(conf);
	out->proto = (frt_proto_t)dst->proto;
	out->answer_from = conf->answer_from;
	if((out->calls ? call_uri(out->uri, sizeof(out->uri), dst)
				   : copy(out->uri, sizeof(out->uri), dst->uri))
			|| copy(out->method, sizeof(out->method), conf->method)
			|| copy(out->from, sizeof(out->from), conf->from)
			|| copy(out->proxy, sizeof(out->proxy), conf->outbound_proxy))
		return FRT_E_RANGE;
	/* the name is for TLS, the address beside it is where it goes */
	if(out->proxy[0] == '\0' && frt_dst_keeps_name(dst)
			&& copy(out->proxy, sizeof(out->proxy), frt_dst_hop(dst)))
		return FRT_E_RANGE;
	if(out->from[0] == '\0')
		default_from(out->from, sizeof(out->from), local(out->sock));
	return 0;
}

static str to_str(const char *text)
{
	str s = {(char *)text, (int)strlen(text)};

	return s;
}

/* RFC 3264 section 5: an offer of one stream on which nothing is ever sent. Some
 * gateways refuse an INVITE without an offer. */
static str call_offer(void)
{
	return to_str("v=0\r\n"
				  "o=- 1 1 IN IP4 0.0.0.0\r\n"
				  "s=-\r\n"
				  "c=IN IP4 0.0.0.0\r\n"
				  "t=0 0\r\n"
				  "m=audio 9 RTP/AVP 8 0\r\n"
				  "a=rtpmap:8 PCMA/8000\r\n"
				  "a=rtpmap:0 PCMU/8000\r\n"
				  "a=inactive\r\n");
}

/* Behind NAT the port in front may be another one. */
static unsigned port_told(const struct socket_info *sock)
{
	return sock->useinfo.port_no ? sock->useinfo.port_no : sock->port_no;
}

/* Where the callee may send its requests: the socket it is sent from, or the
 * first one of that transport. */
static int add_contact(char *out, size_t size, const frt_probe_order_t *o)
{
	static const struct
	{
		frt_proto_t proto;
		unsigned short number;
		const char *param;
	} kinds[] = {{FRT_PROTO_TCP, PROTO_TCP, ";transport=tcp"},
			{FRT_PROTO_TLS, PROTO_TLS, ";transport=tls"},
			{FRT_PROTO_UDP, PROTO_UDP, ""}};
	const struct socket_info *sock = o->sock;
	struct socket_info **first;
	char uri[FRT_URI_MAX + 1];
	size_t i;

	for(i = 0; i < 2 && kinds[i].proto != o->proto; i++)
		;
	first = get_sock_info_list(kinds[i].number);
	if(!sock && first)
		sock = *first;
	if(!sock)
		sock = local(NULL);
	if(!sock || default_from(uri, sizeof(uri), sock) >= (int)sizeof(uri))
		return 0;
	return snprintf(out, size, "Contact: <%s:%u%s>\r\n", uri, port_told(sock),
			sock->proto == kinds[i].number ? kinds[i].param : "");
}

/* What an INVITE must have (RFC 3261 section 13.2.1), and what its offer is. */
static int add_call_headers(char *out, size_t size, const frt_probe_order_t *o)
{
	int n = add_contact(out, size, o);

	return n
		   + snprintf(out + n, size - (size_t)n,
				   "Allow: INVITE, ACK, CANCEL, BYE\r\n"
				   "Content-Type: application/sdp\r\n");
}

/* Gives the request to tm; its return value. */
static int give_to_tm(frt_probe_order_t *o, dlg_t *dlg)
{
	static bool dropped = false;
	str method = to_str(o->method), offer = call_offer();
	char text[512] = "";
	str headers = {text, 0};
	uac_req_t req;
	int ret;

	set_uac_req(&req, &method, NULL, NULL, dlg,
			TMCB_LOCAL_COMPLETED | TMCB_REQUEST_SENT,
			o->answer_from == FRT_ANSWER_FROM_ANY ? on_event_any : on_event,
			(void *)(unsigned long)o->id);
	/* tm adds its own Max-Forwards of 70 only where there is none. */
	if(o->max_forwards != 70)
		headers.len = snprintf(
				text, sizeof(text), "Max-Forwards: %u\r\n", o->max_forwards);
	if(o->calls) {
		headers.len += add_call_headers(
				text + headers.len, sizeof(text) - (size_t)headers.len, o);
		req.body = &offer;
		req.cb_flags |= TMCB_LOCAL_RESPONSE_IN;
		frt_stray_calling();
	}
	if(headers.len > 0)
		req.headers = &headers;
	now_sending.active = true;
	now_sending.sent = false;
	now_sending.order = o;
	ret = frt_tm()->t_uac_with_ids(&req, &o->call[0], &o->call[1]);
	now_sending.active = false;
	/* Its timers would try again, or wait for nothing. */
	if(ret > 0 && !now_sending.sent)
		frt_tm_release(o->call);
	if(ret == 0 && !dropped) {
		dropped = true;
		LM_WARN("event_route[tm:local-request] drops probes: what it drops"
				" says nothing of the destination\n");
	}
	return ret;
}

/* Nobody knows them who has not seen the probe: tm's own Call-IDs count up, and
 * its From tag is made of what is no secret. */
static void make_ids(char call_id[33], char tag[17])
{
	unsigned long long w[3];
	int i;

	/* before the kernel has its entropy the prober waits for it */
	if(getrandom(w, sizeof(w), 0) != (ssize_t)sizeof(w)) {
		for(i = 0; i < 3; i++)
			w[i] = frt_rand_next(frt_random());
	}
	snprintf(call_id, 33, "%016llx%016llx", w[0], w[1]);
	snprintf(tag, 17, "%016llx", w[2]);
}

frt_probe_sent_t frt_probe_send(frt_probe_order_t *o)
{
	bool quiet = o->quiet && cfg_get(core, core_cfg, debug) < L_DBG;
	char id_text[33], tag_text[17];
	dlg_t dlg;
	int ret;

	/* Not tm's new_dlg_uac(): that copies each of these into shared memory, and
	 * tm needs them no longer than until the request is made. */
	make_ids(id_text, tag_text);
	memset(&dlg, 0, sizeof(dlg));
	dlg.id.call_id = to_str(id_text);
	dlg.id.loc_tag = to_str(tag_text);
	dlg.loc_uri = to_str(o->from);
	dlg.rem_uri = dlg.rem_target = to_str(o->uri);
	if(o->proxy[0])
		dlg.dst_uri = to_str(o->proxy);
	dlg.send_sock = o->sock;
	if(quiet)
		set_local_debug_level(L_CRIT);
	frt_tls_name((frt_str_t){o->uri, (uint32_t)dlg.rem_uri.len}, o->named);
	ret = give_to_tm(o, &dlg);
	if(quiet)
		reset_local_debug_level();
	if(ret > 0)
		return now_sending.sent ? FRT_PROBE_SENT : FRT_PROBE_UNSENT;
	/* Our own lack of memory is no fault of the destination's. */
	return ret == 0 || ret == E_OUT_OF_MEM ? FRT_PROBE_SKIPPED
										   : FRT_PROBE_UNSENT;
}
