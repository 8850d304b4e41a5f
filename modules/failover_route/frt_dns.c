/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A question is some to the servers: for both families of addresses, and on to
 * where aliases lead. Whom they go to is frt_dns_once.h's.
 */
#include "frt_dns_once.h"

#include <string.h>

/* One kind of records, and on to where aliases lead: so often and no more. */
static frt_dns_t ask(frt_answer_buf_t *b, frt_rr_type_t type, const char *name)
{
	char next[FRT_DNS_NAME_MAX + 1];
	frt_dns_t err = frt_dns_ask_once(b, type, name);
	int i;

	for(i = 0; i < FRT_CNAMES_MAX && err == FRT_DNS_EMPTY && b->next.len; i++) {
		memcpy(next, b->next.s, b->next.len);
		next[b->next.len] = '\0';
		b->next.len = 0;
		err = frt_dns_ask_once(b, type, next);
	}
	return err;
}

static bool is_failure(frt_dns_t err)
{
	return err == FRT_DNS_SERVER || err == FRT_DNS_SILENT
		   || err == FRT_DNS_GARBAGE;
}

/* Takes over the addresses of a family that could not be asked for; where
 * there were none, nothing is amiss. */
static frt_dns_t keep(
		frt_answer_buf_t *b, frt_dns_t err, const frt_answer_t *old, bool ipv6)
{
	uint32_t before = b->n;

	if(!is_failure(err) || !old)
		return FRT_DNS_GOOD;
	frt_answer_keep(b, old, ipv6);
	return b->n > before ? err : FRT_DNS_GOOD;
}

static frt_dns_t ask_host(frt_answer_buf_t *b, const char *name,
		const frt_reach_t *reach, const frt_answer_t *old)
{
	frt_dns_t four = FRT_DNS_EMPTY, six = FRT_DNS_EMPTY;

	if(reach->ipv4)
		four = ask(b, FRT_RR_A, name);
	/* who is silent now would only be waited for once more */
	if(reach->ipv6)
		six = four == FRT_DNS_SILENT ? four : ask(b, FRT_RR_AAAA, name);
	if(four == FRT_DNS_GOOD)
		return keep(b, six, old, true);
	if(six == FRT_DNS_GOOD)
		return keep(b, four, old, false);
	if(!reach->ipv4)
		return six;
	return is_failure(four) || !is_failure(six) ? four : six;
}

frt_dns_t frt_dns_ask(frt_qtype_t type, const char *name,
		const frt_reach_t *reach, const frt_answer_t *old, frt_answer_t *out)
{
	static frt_answer_buf_t b;
	frt_dns_t err;

	frt_answer_begin(&b);
	switch(type) {
		case FRT_Q_SRV:
			err = ask(&b, FRT_RR_SRV, name);
			break;
		case FRT_Q_NAPTR:
			err = ask(&b, FRT_RR_NAPTR, name);
			break;
		case FRT_Q_HOST:
		default:
			err = ask_host(&b, name, reach, old);
			break;
	}
	frt_answer_end(&b, out);
	return err;
}
