/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading answers of the DNS. Whoever owns a name may answer anything: names
 * with odd bytes, ports that are none, addresses nobody can call, aliases in
 * circles, thousands of records. What is of no use is left out and counted.
 */
#include "frt_answer.h"

#include <stdlib.h>
#include <string.h>

#define RETRY_FIRST_MS 5000u
#define RETRY_MAX_MS 60000u

FRT_ENUM_DEFINE(frt_qtype, FRT_QTYPE_LIST)
FRT_ENUM_DEFINE(frt_dns, FRT_DNS_LIST)

/* Without the dot at its end, which some write. */
static frt_str_t bare(frt_str_t name)
{
	if(name.len > 0 && name.s[name.len - 1] == '.')
		name.len--;
	return name;
}

static bool same_name(frt_str_t a, frt_str_t b)
{
	return frt_str_eq_nocase(bare(a), bare(b));
}

/* A name that can stand in a URI and in an id. */
static bool is_host(frt_str_t name)
{
	return name.len <= FRT_DNS_NAME_MAX && frt_host_check(name) == NULL;
}

static void lower(char *out, frt_str_t in)
{
	uint32_t i;

	for(i = 0; i < in.len; i++)
		out[i] = in.s[i] >= 'A' && in.s[i] <= 'Z' ? (char)(in.s[i] + 32)
												  : in.s[i];
	out[i] = '\0';
}

void frt_answer_begin(frt_answer_buf_t *b)
{
	b->ttl_s = UINT32_MAX;
	b->n = 0;
	b->dropped = 0;
	b->next = (frt_str_t){NULL, 0};
	b->used = 0;
}

/* An IPv4 address in the clothes of an IPv6 one is none. */
static bool take_addr(const frt_raw_rr_t *raw, frt_rr_t *out)
{
	if(!raw->addr)
		return false;
	if(raw->type == FRT_RR_AAAA) {
		memcpy(out->addr, raw->addr, 16);
		return !frt_ip_is_v4(out->addr) && frt_ip_callable(out->addr);
	}
	out->addr[10] = out->addr[11] = 0xff;
	memcpy(out->addr + 12, raw->addr, 4);
	return frt_ip_callable(out->addr);
}

/* RFC 3263 section 4.1: the services that name a transport. */
static frt_proto_t naptr_proto(frt_str_t service)
{
	if(frt_str_eq_nocase(service, FRT_STR("SIP+D2U")))
		return FRT_PROTO_UDP;
	if(frt_str_eq_nocase(service, FRT_STR("SIP+D2T")))
		return FRT_PROTO_TCP;
	if(frt_str_eq_nocase(service, FRT_STR("SIPS+D2T")))
		return FRT_PROTO_TLS;
	if(frt_str_eq_nocase(service, FRT_STR("SIP+D2S")))
		return FRT_PROTO_SCTP;
	return FRT_PROTO_ANY;
}

/* Copies a name into the answer's own text. */
static bool take_name(frt_answer_buf_t *b, frt_str_t name, frt_rr_t *out)
{
	name = bare(name);
	if(!is_host(name) || b->used + name.len + 1 > sizeof(b->text))
		return false;
	lower(b->text + b->used, name);
	out->name = (frt_str_t){b->text + b->used, name.len};
	b->used += name.len + 1;
	return true;
}

static bool take(frt_answer_buf_t *b, const frt_raw_rr_t *raw, frt_rr_t *out)
{
	memset(out, 0, sizeof(*out));
	out->priority = raw->priority;
	out->weight = raw->weight;
	switch(raw->type) {
		case FRT_RR_A:
		case FRT_RR_AAAA:
			out->priority = out->weight = 0;
			return take_addr(raw, out);
		case FRT_RR_SRV:
			out->port = raw->port;
			return raw->port != 0 && take_name(b, raw->name, out);
		case FRT_RR_NAPTR:
			out->proto = (uint8_t)naptr_proto(raw->service);
			return out->proto != FRT_PROTO_ANY && raw->regexp.len == 0
				   && frt_str_eq_nocase(raw->flags, FRT_STR("s"))
				   && take_name(b, raw->name, out);
		case FRT_RR_CNAME:
		default:
			return false;
	}
}

/* The least of the records' TTLs counts. RFC 2181 section 8: one with the most
 * significant bit set is none. */
static void count_ttl(frt_answer_buf_t *b, uint32_t ttl_s)
{
	if(ttl_s > INT32_MAX)
		ttl_s = 0;
	if(ttl_s < b->ttl_s)
		b->ttl_s = ttl_s;
}

/* Follows the aliases of a name among the records; each is one step, so that a
 * circle ends. The TTLs on the way count. */
static frt_str_t follow(frt_answer_buf_t *b, frt_str_t name,
		const frt_raw_rr_t *raw, uint32_t n)
{
	uint32_t steps, i;

	for(steps = 0; steps < FRT_CNAMES_MAX; steps++) {
		for(i = 0; i < n; i++) {
			if(raw[i].type == FRT_RR_CNAME && same_name(raw[i].owner, name))
				break;
		}
		if(i == n || !is_host(bare(raw[i].name)))
			break;
		name = raw[i].name;
		count_ttl(b, raw[i].ttl_s);
	}
	return bare(name);
}

static void chase(frt_answer_buf_t *b, frt_str_t name, frt_str_t last)
{
	if(same_name(name, last) || !is_host(last))
		return;
	lower(b->alias, last);
	b->next = (frt_str_t){b->alias, last.len};
}

/* RFC 2782: the target "." says that there is no such service. */
static bool is_no_service(const frt_raw_rr_t *raw)
{
	return raw->type == FRT_RR_SRV && bare(raw->name).len == 0;
}

frt_dns_t frt_answer_add(frt_answer_buf_t *b, frt_rr_type_t type,
		frt_str_t name, const frt_raw_rr_t *raw, uint32_t n)
{
	frt_str_t last = follow(b, name, raw, n);
	uint32_t i, seen = 0, used = 0;

	b->next = (frt_str_t){NULL, 0};
	for(i = 0; i < n; i++) {
		if(raw[i].type != type || !same_name(raw[i].owner, last))
			continue;
		seen++;
		if(!is_no_service(&raw[i])) {
			if(b->n == FRT_RRS_TAKEN || !take(b, &raw[i], &b->rrs[b->n])) {
				b->dropped++;
				continue;
			}
			b->n++;
		}
		used++;
		count_ttl(b, raw[i].ttl_s);
	}
	if(seen == 0)
		chase(b, name, last);
	return used ? FRT_DNS_GOOD : seen ? FRT_DNS_GARBAGE : FRT_DNS_EMPTY;
}

void frt_answer_keep(frt_answer_buf_t *b, const frt_answer_t *old, bool ipv6)
{
	uint32_t i;

	for(i = 0; i < old->n && b->n < FRT_RRS_TAKEN; i++) {
		if(frt_ip_is_v4(old->rrs[i].addr) != ipv6)
			b->rrs[b->n++] = old->rrs[i];
	}
}

static int rr_cmp(const void *a, const void *b)
{
	const frt_rr_t *x = a, *y = b;
	int diff;

	if(x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	/* the heavier first; of NAPTRs the lesser preference */
	if(x->weight != y->weight)
		return (x->weight > y->weight) == (x->proto == FRT_PROTO_ANY) ? -1 : 1;
	diff = memcmp(x->addr, y->addr, sizeof(x->addr));
	if(diff == 0 && x->name.s && y->name.s)
		diff = strcmp(x->name.s, y->name.s);
	if(diff == 0)
		diff = (int)x->port - (int)y->port;
	return diff ? diff : (int)x->proto - (int)y->proto;
}

/* The same service, address or target; the first of them counts. */
static bool same_rr(const frt_rr_t *x, const frt_rr_t *y)
{
	return x->port == y->port && x->proto == y->proto
		   && frt_str_eq(x->name, y->name)
		   && memcmp(x->addr, y->addr, sizeof(x->addr)) == 0;
}

void frt_answer_end(frt_answer_buf_t *b, frt_answer_t *out)
{
	uint32_t i, j, kept = 0;

	qsort(b->rrs, b->n, sizeof(*b->rrs), rr_cmp);
	for(i = 0; i < b->n; i++) {
		for(j = 0; j < kept; j++) {
			if(same_rr(&b->rrs[i], &b->rrs[j]))
				break;
		}
		if(j == kept)
			b->rrs[kept++] = b->rrs[i];
	}
	if(kept > FRT_RRS_MAX) {
		b->dropped += kept - FRT_RRS_MAX;
		kept = FRT_RRS_MAX;
	}
	b->n = kept;
	out->ttl_s = b->ttl_s == UINT32_MAX ? 0 : b->ttl_s;
	out->n = kept;
	out->rrs = b->rrs;
}

frt_answer_t *frt_answer_copy(const frt_answer_t *a, const frt_mem_t *mem)
{
	size_t text = 0, size = sizeof(*a) + a->n * sizeof(*a->rrs);
	frt_answer_t *copy;
	frt_rr_t *rrs;
	char *p;
	uint32_t i;

	for(i = 0; i < a->n; i++)
		text += a->rrs[i].name.len + 1u;
	copy = frt_mem_alloc(mem, size + text);
	if(!copy)
		return NULL;
	rrs = (frt_rr_t *)(void *)(copy + 1);
	p = (char *)copy + size;
	copy->ttl_s = a->ttl_s;
	copy->n = a->n;
	copy->rrs = rrs;
	for(i = 0; i < a->n; i++) {
		rrs[i] = a->rrs[i];
		if(rrs[i].name.len == 0)
			continue;
		memcpy(p, rrs[i].name.s, rrs[i].name.len);
		rrs[i].name.s = p;
		p += rrs[i].name.len + 1u;
	}
	return copy;
}

uint64_t frt_dns_ttl_ms(uint32_t ttl_s, uint32_t min_ms, uint32_t max_ms)
{
	uint64_t ms = (uint64_t)ttl_s * 1000;

	if(ms > max_ms)
		ms = max_ms;
	if(ms < min_ms)
		ms = min_ms;
	return ms ? ms : 1;
}

uint64_t frt_dns_refresh_ms(
		uint32_t ttl_s, uint32_t min_ms, uint32_t max_ms, frt_rand_t *rnd)
{
	uint64_t ms = frt_dns_ttl_ms(ttl_s, min_ms, max_ms);

	return ms - frt_rand_below(rnd, ms / 10 + 1);
}

uint64_t frt_dns_retry_ms(
		uint32_t failures, uint32_t min_ms, uint32_t max_ms, frt_rand_t *rnd)
{
	uint64_t ms = min_ms < RETRY_FIRST_MS ? min_ms : RETRY_FIRST_MS;
	uint64_t most = max_ms < RETRY_MAX_MS ? max_ms : RETRY_MAX_MS;

	if(ms == 0)
		ms = 1;
	for(; failures > 1 && ms < most; failures--)
		ms *= 2;
	if(ms > most)
		ms = most;
	return ms + frt_rand_below(rnd, ms / 10 + 1);
}
