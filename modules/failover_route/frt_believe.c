/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reply is compared with the request in tm's transaction: what was sent, and
 * where to. Nothing else has to be kept for it.
 */
#include "frt_believe.h"
#include "frt_probe_send.h"
#include "frt_shm.h"
#include "frt_stats.h"
#include "frt_tm.h"
#include "engine/frt_ids.h"

#include "../../core/ip_addr.h"
#include "../../core/parser/parse_cseq.h"

#include <string.h>

#define FRT_BELIEVE_QUIET_MS 60000u

/* tm gives a request of its own a random number of 32 bits and then zeros where
 * that of a call has a whole hash: replies to calls are passed at once. That tm
 * still does so is looked at by the prober with each probe. */
bool frt_believe_may_be_ours(const char md5[FRT_BRANCH_MD5])
{
	static const char zeros[] = "000000000000000000000000";
	const size_t n = sizeof(zeros) - 1;

	return memcmp(md5 + FRT_BRANCH_MD5 - n, zeros, n) == 0;
}

bool frt_believe_wants(const sip_msg_t *rpl)
{
	const str *text =
			rpl->via1 && rpl->via1->branch ? &rpl->via1->branch->value : NULL;
	const char *dot = text && text->len > 0
							  ? memchr(text->s, '.', (size_t)text->len)
							  : NULL;

	return dot && text->s + text->len - dot > FRT_BRANCH_MD5
		   && frt_believe_may_be_ours(dot + 1);
}

static frt_str_t to_frt(const str *s)
{
	return (frt_str_t){s->s, s->len > 0 ? (uint32_t)s->len : 0};
}

static frt_str_t body_of(const struct hdr_field *h)
{
	return h ? to_frt(&h->body) : (frt_str_t){NULL, 0};
}

static bool has_our_ids(const struct cell *t, sip_msg_t *rpl)
{
	frt_ids_t sent = {frt_hdr_body(to_frt(&FRT_CELL_CALLID(t))),
			frt_hdr_body(to_frt(&FRT_CELL_FROM(t))),
			frt_hdr_body(to_frt(&FRT_CELL_CSEQ(t)))};
	frt_ids_t got;

	if(parse_headers(rpl, HDR_CALLID_F | HDR_FROM_F | HDR_CSEQ_F, 0) < 0)
		return false;
	got = (frt_ids_t){
			body_of(rpl->callid), body_of(rpl->from), body_of(rpl->cseq)};
	return frt_ids_match(&sent, &got);
}

/* Its port may be another one: some answer from where they send. */
static bool is_from(const sip_msg_t *rpl, const struct ip_addr *to)
{
	return ip_addr_cmp(
			(struct ip_addr *)&rpl->rcv.src_ip, (struct ip_addr *)to);
}

/* Not said with each: who forges many would fill the log. */
static bool may_tell(uint64_t *told_ms)
{
	uint64_t now = frt_now_ms();

	if(*told_ms && now < *told_ms + FRT_BELIEVE_QUIET_MS)
		return false;
	*told_ms = now;
	return true;
}

/* It has all that only who was asked can know: rather a second address of the
 * destination than a forgery, and the operator is to know. */
static void tell_address(const sip_msg_t *rpl, const struct ip_addr *to)
{
	static uint64_t told_ms;
	char asked[IP_ADDR_MAX_STR_SIZE + 1];

	if(!may_tell(&told_ms))
		return;
	strncpy(asked, ip_addr2a((struct ip_addr *)to), sizeof(asked) - 1);
	asked[sizeof(asked) - 1] = '\0';
	LM_WARN("the answer to a probe of %s came from %s and is not believed; if"
			" that is the same gateway: <probe answer-from=\"any\"/>\n",
			asked, ip_addr2a((struct ip_addr *)&rpl->rcv.src_ip));
}

/* It comes from where it should: rather a gateway that changes what it is to
 * leave as it is (RFC 3261 section 8.2.6.2). */
static void tell_ids(const struct ip_addr *to)
{
	static uint64_t told_ms;

	if(may_tell(&told_ms))
		LM_WARN("the answer to a probe of %s has another Call-ID, From tag or"
				" CSeq than the probe and is not believed\n",
				ip_addr2a((struct ip_addr *)to));
}

static bool is_answer(const struct cell *t, uint32_t branch,
		frt_answer_from_t from, sip_msg_t *rpl)
{
	struct ip_addr to;
	bool asked;

	su2ip_addr(&to, (union sockaddr_union *)&t->uac[branch].request.dst.to);
	asked = is_from(rpl, &to);
	if(!has_our_ids(t, rpl)) {
		if(asked)
			tell_ids(&to);
		return false;
	}
	if(asked || from == FRT_ANSWER_FROM_ANY)
		return true;
	tell_address(rpl, &to);
	return false;
}

bool frt_believe_reply(const frt_branch_t *via, sip_msg_t *rpl)
{
	struct cell *t =
			frt_believe_may_be_ours(via->md5) ? frt_tm_of_branch(via) : NULL;
	frt_answer_from_t from;
	bool believed = true;

	if(!t)
		return true;
	if(frt_probe_is(t, &from) && !is_answer(t, via->branch, from, rpl)) {
		frt_stats_count(FRT_STAT_FORGED);
		believed = false;
	}
	frt_tm_put(t);
	return believed;
}
