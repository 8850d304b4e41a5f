/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One question to Kamailio's get_record(), which keeps its state in the calling
 * process and takes its memory from it. Why it found nothing is in the C
 * library's h_errno only.
 */
#include "frt_compat.h"
#include "frt_dns_once.h"

#include "../../core/resolve.h"
#include "../../core/socket_info.h"

#include <netdb.h>
#include <string.h>
#include <time.h>

/* Sooner than this the library does not give up waiting. */
#define QUICK_MS 900
#define RAW_MAX 128 /* get_record() refuses more than 100 answers */

void frt_dns_reach(frt_reach_t *out)
{
	out->ipv4 = (socket_types & SOCKET_T_IPV4) != 0;
	out->ipv6 = (socket_types & SOCKET_T_IPV6) != 0
				&& cfg_get(core, core_cfg, dns_try_ipv6) != 0;
	out->protos = 0;
	if(socket_types & SOCKET_T_UDP)
		out->protos |= 1u << FRT_PROTO_UDP;
	if(socket_types & SOCKET_T_TCP)
		out->protos |= 1u << FRT_PROTO_TCP;
	if(socket_types & SOCKET_T_TLS)
		out->protos |= 1u << FRT_PROTO_TLS;
	if(socket_types & SOCKET_T_SCTP)
		out->protos |= 1u << FRT_PROTO_SCTP;
}

static void from_naptr(const struct naptr_rdata *n, frt_raw_rr_t *out)
{
	out->type = FRT_RR_NAPTR;
	out->priority = n->order;
	out->weight = n->pref;
	out->flags = (frt_str_t){n->flags, n->flags_len};
	out->service = (frt_str_t){n->services, n->services_len};
	out->regexp = (frt_str_t){n->regexp, n->regexp_len};
	out->name = frt_str_of(n->repl);
}

static void from_srv(const struct srv_rdata *s, frt_raw_rr_t *out)
{
	out->type = FRT_RR_SRV;
	out->priority = s->priority;
	out->weight = s->weight;
	out->port = s->port;
	out->name = frt_str_of(s->name);
}

/* False for a record of a kind that nobody asked for. */
static bool from_rdata(const struct rdata *rd, frt_raw_rr_t *out)
{
	memset(out, 0, sizeof(*out));
	out->owner = frt_str_of(rd->name);
	out->ttl_s = rd->ttl;
	if(!rd->rdata)
		return false;
	switch(rd->type) {
		case T_A:
			out->type = FRT_RR_A;
			out->addr = ((const struct a_rdata *)rd->rdata)->ip;
			return true;
		case T_AAAA:
			out->type = FRT_RR_AAAA;
			out->addr = ((const struct aaaa_rdata *)rd->rdata)->ip6;
			return true;
		case T_SRV:
			from_srv(rd->rdata, out);
			return true;
		case T_NAPTR:
			from_naptr(rd->rdata, out);
			return true;
		case T_CNAME:
			out->type = FRT_RR_CNAME;
			out->name =
					frt_str_of(((const struct cname_rdata *)rd->rdata)->name);
			return true;
		default:
			return false;
	}
}

/* get_record() goes through this function of the core's, of which each process
 * has its own: whether a message came at all is known here only. */
static res_search_t search = NULL;
static int came; /* bytes of the latest message; negative: none of use */

static int search_noted(
		const char *name, int class, int type, unsigned char *out, int size)
{
	came = search(name, class, type, out, size);
	return came;
}

static void note_searches(void)
{
	if(search)
		return;
	search = dns_func.sr_res_search;
	dns_func.sr_res_search = search_noted;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static frt_dns_t why_nothing(uint64_t took_ms)
{
	if(came >= 0)
		return FRT_DNS_GARBAGE; /* get_record() could not read it */
	switch(h_errno) {
		case HOST_NOT_FOUND:
			return FRT_DNS_NO_NAME;
		case NO_DATA:
			return FRT_DNS_EMPTY;
		case TRY_AGAIN:
			/* SERVFAIL, silence and a closed port are one to the library */
			return took_ms < QUICK_MS ? FRT_DNS_SERVER : FRT_DNS_SILENT;
		case NO_RECOVERY:
			return FRT_DNS_SERVER;
		default:
			return FRT_DNS_GARBAGE; /* not even asked: no name of a host */
	}
}

frt_dns_t frt_dns_ask_once(
		frt_answer_buf_t *b, frt_rr_type_t type, const char *name)
{
	static const int types[] = {[FRT_RR_A] = T_A,
			[FRT_RR_AAAA] = T_AAAA,
			[FRT_RR_SRV] = T_SRV,
			[FRT_RR_NAPTR] = T_NAPTR};
	static frt_raw_rr_t raw[RAW_MAX];
	struct rdata *list, *rd;
	frt_dns_t err;
	uint64_t began = now_ms();
	uint32_t n = 0;

	note_searches();
	h_errno = 0;
	came = -1;
	list = get_record((char *)name, types[type], 0);
	if(!list)
		return why_nothing(now_ms() - began);
	for(rd = list; rd && n < RAW_MAX; rd = rd->next)
		n += from_rdata(rd, &raw[n]);
	err = frt_answer_add(b, type, frt_str_of(name), raw, n);
	free_rdata_list(list);
	return err;
}
