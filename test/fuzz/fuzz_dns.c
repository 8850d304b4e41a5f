/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any records as what the DNS says of anything: a name's children are few,
 * their ids differ, their URIs are addresses, and a table with them is sound.
 *
 * The first byte picks the URI and how it is resolved. Then come records: type,
 * owner and name by number (or bytes of their own), numbers, an address.
 */
#include "fuzz.h"

#include "frt_draft_expand.h"

#define RAWS 64

static struct
{
	frt_raw_rr_t raw[RAWS];
	uint32_t n;
	uint32_t asked;
} zone;

static const char *const names[] = {"example.net", "_sip._udp.example.net",
		"_sip._tcp.example.net", "_sips._tcp.example.net", "a.example.net",
		"b.example.net", "", "."};
static const char *const uris[] = {"sip:example.net", "sips:example.net",
		"sip:example.net;transport=tcp",
		"sip:x@_sips._tcp.example.net;a=b?C=d"};
static const char *const services[] = {"SIP+D2U", "SIP+D2T", "SIPS+D2T", "x"};

typedef struct input
{
	const uint8_t *p;
	size_t left;
} input_t;

static uint8_t take(input_t *in)
{
	if(in->left == 0)
		return 0;
	in->left--;
	return *in->p++;
}

static frt_str_t text(const char *s)
{
	return (frt_str_t){s, (uint32_t)strlen(s)};
}

/* One of the names, or up to 63 bytes of the input. */
static frt_str_t take_name(input_t *in)
{
	uint8_t pick = take(in);
	frt_str_t s = {(const char *)in->p, pick & 63};

	if(!(pick & 64))
		return text(names[pick & 7]);
	if(s.len > in->left)
		s.len = (uint32_t)in->left;
	in->p += s.len;
	in->left -= s.len;
	return s;
}

static bool take_record(input_t *in, frt_raw_rr_t *r)
{
	static const uint8_t zero[16];
	uint8_t kind = take(in);

	if(in->left == 0)
		return false;
	memset(r, 0, sizeof(*r));
	r->type = (frt_rr_type_t)(kind % 5);
	r->ttl_s = take(in);
	r->owner = take_name(in);
	r->name = take_name(in);
	r->priority = take(in);
	r->weight = take(in);
	r->port = (uint16_t)(take(in) << 8 | take(in));
	r->flags = text(kind & 16 ? "u" : "s");
	r->service = text(services[kind >> 6]);
	r->addr = in->left >= 16 ? in->p : zero;
	if(in->left >= 16) {
		in->p += 16;
		in->left -= 16;
	}
	return true;
}

static void find(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	static const frt_rr_type_t types[] = {FRT_RR_A, FRT_RR_SRV, FRT_RR_NAPTR};
	static frt_answer_buf_t b;
	frt_answer_t a;

	(void)ctx;
	/* each step leads on: there are only so many */
	FUZZ_CHECK(++zone.asked < 16 * FRT_RRS_MAX * FRT_RRS_MAX);
	FUZZ_CHECK(name.len <= FRT_URI_MAX + 16);
	frt_answer_begin(&b);
	out->err = frt_answer_add(&b, types[type], name, zone.raw, zone.n);
	if(type == FRT_Q_HOST)
		frt_answer_add(&b, FRT_RR_AAAA, name, zone.raw, zone.n);
	frt_answer_end(&b, &a);
	FUZZ_CHECK(a.n <= FRT_RRS_MAX);
	out->answer = frt_answer_copy(&a, &fuzz_mem);
	out->good_ms = 1;
}

static void done(void *ctx, const frt_answer_t *answer)
{
	(void)ctx;
	free((void *)answer);
}

static void check_dst(const frt_dst_t *dst)
{
	frt_uri_t uri;
	uint8_t ip[16];

	FUZZ_CHECK(frt_dst_full(dst) > 0);
	FUZZ_CHECK(frt_uri_parse(dst->uri, &uri) == 0);
	FUZZ_CHECK(dst->id.len <= FRT_DST_ID_MAX);
	FUZZ_CHECK(frt_gen_dst(dst->set->gen, dst->set->id, dst->id) == dst);
	if(dst->unresolved)
		return;
	FUZZ_CHECK(dst->is_ip && frt_ip_parse(frt_dst_host(dst), ip) == 0);
	FUZZ_CHECK(frt_gen_from(dst->set->gen, dst->set, ip) != NULL);
}

static void check_table(frt_draft_t *d)
{
	frt_gen_t *g;
	uint32_t i;

	FUZZ_CHECK(frt_gen_freeze(d, &fuzz_mem, 1, &g) == 0);
	FUZZ_CHECK(g->ndsts >= 1 && g->ndsts <= FRT_CHILDREN_MAX);
	for(i = 0; i < g->ndsts; i++)
		check_dst(&g->dsts[i]);
	frt_gen_free(g, &fuzz_mem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static frt_children_t room;
	static const frt_place_t place = {"fuzz", 1};
	const frt_expander_t e = {
			{true, true, UINT32_MAX}, {find, done, NULL, NULL}, &room};
	char *copy = fuzz_copy(data, size);
	input_t in = {(const uint8_t *)copy, size};
	uint8_t how = take(&in);
	frt_draft_t *d = frt_draft_new(&fuzz_mem);
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;

	memset(&zone, 0, sizeof(zone));
	while(zone.n < RAWS && take_record(&in, &zone.raw[zone.n]))
		zone.n++;
	FUZZ_CHECK(frt_draft_set_add(d, text("a"), place, &set) == 0);
	FUZZ_CHECK(frt_draft_dst_add(d, set, text("eu"), place, &dst) == 0);
	dst->uri = text(uris[how & 3]);
	dst->resolve = (frt_resolve_t)(1 + (how >> 2) % 3);
	dst->weight = how;
	FUZZ_CHECK(frt_draft_expand(d, &e, NULL) == 0);
	FUZZ_CHECK(room.n <= FRT_CHILDREN_MAX);
	check_table(d);
	frt_draft_free(d);
	free(copy);
	return 0;
}
