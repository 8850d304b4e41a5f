/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What frt_dns.c and frt_check_names.c want of their host, from the C library.
 */
// needs: modules/failover_route/frt_check_names.c modules/failover_route/frt_dns.c
#include "frt_cli_dns.h"
#include "frt_dns_once.h"
#include "frt_shm.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RAW_MAX 128 /* more records of one answer are not looked at */

static frt_reach_t reach_now = {true, true, 0xff};

void cli_dns_set_reach(const frt_reach_t *reach)
{
	reach_now = *reach;
}

void frt_dns_reach(frt_reach_t *out)
{
	*out = reach_now;
}

uint64_t frt_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Where the texts of an answer's records live until the next answer. */
typedef struct texts
{
	char names[RAW_MAX][2][NS_MAXDNAME];
} texts_t;

static bool read_name(
		const ns_msg *m, const unsigned char *at, char *mem, frt_str_t *out)
{
	if(dn_expand(ns_msg_base(*m), ns_msg_end(*m), at, mem, NS_MAXDNAME) < 0)
		return false;
	*out = frt_str_of(mem);
	return true;
}

/* A text with its length before it; false: it does not fit in. */
static bool read_text(
		const unsigned char **p, const unsigned char *end, frt_str_t *out)
{
	if(*p >= end || *p + 1 + **p > end)
		return false;
	*out = (frt_str_t){(const char *)*p + 1, **p};
	*p += 1 + **p;
	return true;
}

static bool read_naptr(
		const ns_msg *m, const ns_rr *rr, char *mem, frt_raw_rr_t *out)
{
	const unsigned char *p = ns_rr_rdata(*rr), *end = p + ns_rr_rdlen(*rr);

	if(end - p < 4)
		return false;
	out->type = FRT_RR_NAPTR;
	out->priority = ns_get16(p);
	out->weight = ns_get16(p + 2);
	p += 4;
	return read_text(&p, end, &out->flags) && read_text(&p, end, &out->service)
		   && read_text(&p, end, &out->regexp) && p < end
		   && read_name(m, p, mem, &out->name);
}

static bool read_srv(
		const ns_msg *m, const ns_rr *rr, char *mem, frt_raw_rr_t *out)
{
	const unsigned char *p = ns_rr_rdata(*rr);

	if(ns_rr_rdlen(*rr) < 7)
		return false;
	out->type = FRT_RR_SRV;
	out->priority = ns_get16(p);
	out->weight = ns_get16(p + 2);
	out->port = ns_get16(p + 4);
	return read_name(m, p + 6, mem, &out->name);
}

/* False for a record that is of no kind that anybody asked for, or broken. */
static bool read_record(const ns_msg *m, const ns_rr *rr,
		char (*mem)[NS_MAXDNAME], frt_raw_rr_t *out)
{
	memset(out, 0, sizeof(*out));
	snprintf(mem[0], NS_MAXDNAME, "%s", ns_rr_name(*rr));
	out->owner = frt_str_of(mem[0]);
	out->ttl_s = ns_rr_ttl(*rr);
	out->addr = ns_rr_rdata(*rr);
	switch((int)ns_rr_type(*rr)) {
		case ns_t_a:
			out->type = FRT_RR_A;
			return ns_rr_rdlen(*rr) == 4;
		case ns_t_aaaa:
			out->type = FRT_RR_AAAA;
			return ns_rr_rdlen(*rr) == 16;
		case ns_t_cname:
			out->type = FRT_RR_CNAME;
			return read_name(m, ns_rr_rdata(*rr), mem[1], &out->name);
		case ns_t_srv:
			return read_srv(m, rr, mem[1], out);
		case ns_t_naptr:
			return read_naptr(m, rr, mem[1], out);
		default:
			return false;
	}
}

static frt_dns_t why_nothing(int h_err, uint64_t took_ms)
{
	switch(h_err) {
		case HOST_NOT_FOUND:
			return FRT_DNS_NO_NAME;
		case NO_DATA:
			return FRT_DNS_EMPTY;
		case TRY_AGAIN:
			/* SERVFAIL, silence and a closed port are one to the library */
			return took_ms < 900 ? FRT_DNS_SERVER : FRT_DNS_SILENT;
		default:
			return FRT_DNS_SERVER;
	}
}

/* The library's state: a second for a server, and twice that the second time. */
static struct __res_state *resolver(void)
{
	static struct __res_state state;
	static bool ready;

	if(!ready && res_ninit(&state) == 0) {
		state.retrans = 1;
		state.retry = 2;
		ready = true;
	}
	return ready ? &state : NULL;
}

frt_dns_t frt_dns_ask_once(
		frt_answer_buf_t *b, frt_rr_type_t type, const char *name)
{
	static const int types[] = {[FRT_RR_A] = ns_t_a,
			[FRT_RR_AAAA] = ns_t_aaaa,
			[FRT_RR_SRV] = ns_t_srv,
			[FRT_RR_NAPTR] = ns_t_naptr};
	static unsigned char message[65536];
	static frt_raw_rr_t raw[RAW_MAX];
	static texts_t texts;
	struct __res_state *state = resolver();
	uint64_t began = frt_now_ms();
	uint32_t n = 0;
	int len, i;
	ns_msg m;
	ns_rr rr;

	if(state == NULL)
		return FRT_DNS_SERVER;
	len = res_nsearch(
			state, name, ns_c_in, types[type], message, sizeof(message));
	if(len < 0)
		return why_nothing(state->res_h_errno, frt_now_ms() - began);
	if(len > (int)sizeof(message) || ns_initparse(message, len, &m) < 0)
		return FRT_DNS_GARBAGE;
	for(i = 0; i < ns_msg_count(m, ns_s_an) && n < RAW_MAX; i++) {
		if(ns_parserr(&m, ns_s_an, i, &rr) < 0)
			return FRT_DNS_GARBAGE;
		n += read_record(&m, &rr, texts.names[n], &raw[n]);
	}
	return frt_answer_add(b, type, frt_str_of(name), raw, n);
}

/* Where Kamailio would send for a URI: its SRV records, or its host. */
static frt_dns_t ask_uri(const frt_uri_t *u)
{
	char mem[FRT_DNS_NAME_MAX + 32];
	frt_dns_t err = FRT_DNS_EMPTY;
	frt_answer_t answer;
	frt_buf_t name;

	if(u->port == 0) {
		frt_buf_init(&name, mem, sizeof(mem));
		frt_srv_name(u, &name);
		err = frt_dns_ask(FRT_Q_SRV, mem, &reach_now, NULL, &answer);
	}
	if(err == FRT_DNS_GOOD)
		return err;
	frt_buf_init(&name, mem, sizeof(mem));
	frt_buf_add_str(&name, u->host);
	return frt_dns_ask(FRT_Q_HOST, mem, &reach_now, NULL, &answer);
}

void cli_dns_check_plain(frt_draft_t *d)
{
	uint64_t until = frt_now_ms() + FRT_CHECK_NAMES_MS;
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;
	frt_dns_t err;
	frt_uri_t u;

	for(set = frt_draft_sets(d); set != NULL; set = set->next) {
		for(dst = set->dsts; dst != NULL && frt_now_ms() < until;
				dst = dst->next) {
			if(dst->resolve != FRT_RESOLVE_NONE || dst->uri.len == 0
					|| frt_uri_parse(dst->uri, &u) != 0 || u.is_ip)
				continue;
			err = ask_uri(&u);
			if(err != FRT_DNS_GOOD)
				frt_draft_fault(d, true, dst->place,
						"<destination id=\"%.*s\">: the name %.*s does not "
						"resolve now: %s",
						(int)dst->id.len, dst->id.s, (int)u.host.len, u.host.s,
						frt_dns_name(err));
		}
	}
}
