/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ACK and BYE, made of the 2xx alone.
 *
 * Record-Routes stand in the 2xx as in the request: the first is the last
 * proxy's. The caller would take all of them, from the last to the first; from
 * here it is those above our own.
 */
#include "frt_bye.h"
#include "frt_call.h"

#include "../../core/forward.h"
#include "../../core/parser/contact/parse_contact.h"
#include "../../core/parser/parse_cseq.h"
#include "../../core/parser/parse_from.h"
#include "../../core/parser/parse_rr.h"
#include "../../core/parser/parse_to.h"
#include "../../core/parser/parse_uri.h"

#include <string.h>

#define FRT_ROUTES_MAX 32

/* What the two requests are made of; slices of the 2xx. */
typedef struct frt_leg
{
	sip_msg_t *msg;
	str target;
	rr_t routes[FRT_ROUTES_MAX]; /* in the order of travel */
	uint32_t nroutes;
} frt_leg_t;

static bool is_own(const rr_t *route)
{
	struct sip_uri uri;

	return parse_uri(route->nameaddr.uri.s, route->nameaddr.uri.len, &uri) == 0
		   && check_self(&uri.host, uri.port_no ? uri.port_no : SIP_PORT, 0);
}

/* Collects the Record-Routes from the top. -1 if they cannot be read. */
static int read_routes(sip_msg_t *msg, rr_t *out, uint32_t *n)
{
	struct hdr_field *h;
	rr_t *rr;

	*n = 0;
	for(h = msg->record_route; h; h = next_sibling_hdr(h)) {
		if(!h->parsed && parse_rr(h) < 0)
			return -1;
		for(rr = h->parsed; rr; rr = rr->next) {
			if(*n == FRT_ROUTES_MAX)
				return -1;
			out[(*n)++] = *rr;
		}
	}
	return 0;
}

static int set_routes(frt_leg_t *leg, uint32_t below)
{
	rr_t found[FRT_ROUTES_MAX];
	uint32_t n, i;

	if(read_routes(leg->msg, found, &n) < 0)
		return -1;
	n = n > below ? n - below : 0;
	while(n > 0 && is_own(&found[n - 1]))
		n--;
	for(i = 0; i < n; i++) {
		leg->routes[i] = found[n - 1 - i];
		leg->routes[i].next = i + 1 < n ? &leg->routes[i + 1] : NULL;
	}
	leg->nroutes = n;
	return 0;
}

static int set_target(frt_leg_t *leg)
{
	sip_msg_t *msg = leg->msg;
	contact_body_t *body;

	if(!msg->contact
			|| (!msg->contact->parsed && parse_contact(msg->contact) < 0))
		return -1;
	body = msg->contact->parsed;
	if(!body || body->star || !body->contacts)
		return -1;
	leg->target = body->contacts->uri;
	return 0;
}

/* 0, or -1 if this is no 2xx that a dialog can be made of. */
static int read_reply(const frt_bye_t *bye, frt_leg_t *leg)
{
	sip_msg_t *msg = leg->msg;

	msg->buf = bye->reply.s;
	msg->len = (unsigned int)bye->reply.len;
	if(parse_msg(msg->buf, msg->len, msg) != 0
			|| parse_headers(msg, HDR_EOH_F, 0) < 0 || !msg->callid
			|| !msg->cseq || !get_cseq(msg) || !msg->to || !get_to(msg)
			|| get_to(msg)->tag_value.len <= 0 || parse_from_header(msg) < 0)
		return -1;
	return set_target(leg) < 0 || set_routes(leg, bye->below) < 0 ? -1 : 0;
}

/* What topoh hides is known to the other side only as that: this asks it to hide
 * it here, too, where the INVITE was not our own. NULL: it is not loaded. */
static str *hidden(sip_msg_t *msg)
{
	static str cookie = str_init("TH: dlh\r\n");

	return msg->via2 && find_module_by_name("topoh") ? &cookie : NULL;
}

static int send_one(dlg_t *dlg, char *method, unsigned int cseq, str *headers)
{
	str name = {method, (int)strlen(method)};
	unsigned int index, label;
	uac_req_t req;

	dlg->loc_seq.value = cseq;
	dlg->loc_seq.is_set = 1;
	set_uac_req(&req, &name, headers, NULL, dlg, 0, NULL, NULL);
	return frt_tm()->t_uac_with_ids(&req, &index, &label);
}

/* Where the first hop goes over the transport that the 2xx came by, it goes
 * out of the same socket. */
static struct socket_info *socket_for(
		const frt_leg_t *leg, struct socket_info *sock)
{
	const str *hop = leg->nroutes ? &leg->routes[0].nameaddr.uri : &leg->target;
	struct sip_uri uri;

	if(!sock || parse_uri(hop->s, hop->len, &uri) < 0)
		return NULL;
	return (uri.proto ? uri.proto : PROTO_UDP) == sock->proto ? sock : NULL;
}

static int send_both(const frt_bye_t *bye, frt_leg_t *leg)
{
	const struct tm_binds *tm = frt_tm();
	sip_msg_t *msg = leg->msg;
	struct to_body *from = get_from(msg), *to = get_to(msg);
	unsigned int cseq = 0;
	dlg_t *dlg = NULL;
	int ret;

	if(str2int(&get_cseq(msg)->number, &cseq) < 0
			|| tm->new_dlg_uac(&msg->callid->body, &from->tag_value, cseq,
					   &from->uri, &to->uri, &dlg)
					   < 0
			|| !dlg)
		return -1;
	dlg->id.rem_tag = to->tag_value;
	dlg->rem_target = leg->target;
	dlg->route_set = leg->nroutes ? leg->routes : NULL;
	dlg->state = DLG_CONFIRMED;
	dlg->send_sock = socket_for(leg, bye->sock);
	ret = send_one(dlg, "ACK", cseq, hidden(msg));
	if(bye->bye && ret >= 0)
		ret = send_one(dlg, "BYE", cseq + 1, hidden(msg));
	/* These are slices of the 2xx; tm would free them. */
	memset(&dlg->id.rem_tag, 0, sizeof(dlg->id.rem_tag));
	memset(&dlg->rem_target, 0, sizeof(dlg->rem_target));
	dlg->route_set = NULL;
	tm->free_dlg(dlg);
	return ret < 0 ? -1 : 0;
}

void frt_bye_send(const frt_bye_t *bye)
{
	static frt_leg_t leg;
	sip_msg_t msg;

	memset(&msg, 0, sizeof(msg));
	memset(&leg, 0, sizeof(leg));
	leg.msg = &msg;
	if(read_reply(bye, &leg) < 0)
		LM_WARN("an answer that no ACK can be made for: %.*s\n",
				bye->reply.len < 300 ? bye->reply.len : 300, bye->reply.s);
	else if(send_both(bye, &leg) < 0)
		LM_WARN("cannot end the unwanted answer of %.*s\n", leg.target.len,
				leg.target.s);
	else
		LM_DBG("unwanted answer of %.*s: ACK%s\n", leg.target.len, leg.target.s,
				bye->bye ? " and BYE" : "");
	leg.msg = NULL;
	msg.buf = NULL;
	free_sip_msg(&msg);
}
