/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names to destinations: records in, children out; and the draft, the table
 * and the thawed table that come of them.
 */
#include "fixture.h"
#include "frt_draft_expand.h"
#include "frt_panic.h"
#include "frt_thaw.h"

#define ANSWERS 16

/* What the DNS says in a test. */
typedef struct said
{
	frt_qtype_t type;
	const char *name;
	frt_dns_t err;
	bool known;
	uint64_t good_ms;
	uint32_t n;
	frt_rr_t rrs[FRT_RRS_MAX];
	frt_answer_t answer;
} said_t;

static struct
{
	said_t at[ANSWERS];
	uint32_t n;
	int out; /* answers not given back */
} dns;

static frt_children_t room;

static said_t *say(frt_qtype_t type, const char *name)
{
	said_t *s = &dns.at[dns.n++];

	memset(s, 0, sizeof(*s));
	s->type = type;
	s->name = name;
	s->known = true;
	s->good_ms = 1000;
	return s;
}

static void add_ip(said_t *s, const char *ip)
{
	assert_int_equal(frt_ip_parse(fx_str(ip), s->rrs[s->n++].addr), 0);
}

static said_t *say_host(const char *name, const char *ip)
{
	said_t *s = say(FRT_Q_HOST, name);

	add_ip(s, ip);
	return s;
}

static void add_srv(said_t *s, unsigned priority, unsigned weight,
		unsigned port, const char *target)
{
	s->rrs[s->n++] = (frt_rr_t){.priority = (uint16_t)priority,
			.weight = (uint16_t)weight,
			.port = (uint16_t)port,
			.name = fx_str(target)};
}

static void add_naptr(said_t *s, frt_proto_t proto, const char *to)
{
	s->rrs[s->n++] = (frt_rr_t){.proto = (uint8_t)proto, .name = fx_str(to)};
}

static void find(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	uint32_t i;

	(void)ctx;
	for(i = 0; i < dns.n; i++) {
		said_t *s = &dns.at[i];

		if(s->type != type || !frt_str_eq_nocase(fx_str(s->name), name))
			continue;
		s->answer.n = s->n;
		s->answer.rrs = s->rrs;
		out->answer = s->known ? &s->answer : NULL;
		out->err = s->err;
		out->good_ms = s->good_ms;
		dns.out += s->known;
	}
}

static void done(void *ctx, const frt_answer_t *answer)
{
	(void)ctx;
	assert_non_null(answer);
	dns.out--;
}

static const frt_lookup_t lookup = {find, done, NULL, NULL};
static const frt_reach_t all = {true, true, 0xff};

static int fresh(void **state)
{
	(void)state;
	memset(&dns, 0, sizeof(dns));
	return 0;
}

static frt_named_t named(const char *uri, frt_resolve_t resolve)
{
	return (frt_named_t){
			fx_str("eu"), fx_str(uri), {NULL, 0}, resolve, 1, {NULL, 0}};
}

static void expand_as(frt_named_t what, const frt_reach_t *reach)
{
	frt_expand(&what, reach, &lookup, NULL, &room);
	assert_int_equal(dns.out, 0);
}

static void expand(const char *uri, frt_resolve_t resolve)
{
	expand_as(named(uri, resolve), &all);
}

static void assert_child(uint32_t i, const char *id, const char *uri)
{
	assert_true(i < room.n);
	assert_string_equal(room.at[i].id, id);
	assert_string_equal(room.at[i].uri, uri);
}

static bool had_last(void *ctx, frt_str_t set, frt_str_t id)
{
	assert_ptr_equal(ctx, &dns);
	assert_true(frt_str_eq(set, FRT_STR("a")));
	return frt_str_eq(id, FRT_STR("eu/gw.example:5060/192.0.2.1"));
}

/* At the first load there is no table: the target's own id is for an address that
 * is not known to have gone by another. */
static void test_ids_from_before_the_first_table(void **state)
{
	const frt_lookup_t known = {find, done, &dns, had_last};
	frt_named_t what = named("sip:x.example", FRT_RESOLVE_SRV);
	said_t *s = say_host("gw.example", "192.0.2.1");

	(void)state;
	add_ip(s, "192.0.2.2");
	add_srv(say(FRT_Q_SRV, "_sip._udp.x.example"), 1, 1, 5060, "gw.example");
	what.set = FRT_STR("a");
	expand_as(what, &all);
	assert_child(0, "eu/gw.example:5060", "sip:192.0.2.1:5060");
	assert_child(1, "eu/gw.example:5060/192.0.2.2", "sip:192.0.2.2:5060");
	frt_expand(&what, &all, &known, NULL, &room);
	assert_int_equal(room.n, 2);
	assert_child(0, "eu/gw.example:5060/192.0.2.1", "sip:192.0.2.1:5060");
	assert_child(1, "eu/gw.example:5060", "sip:192.0.2.2:5060");
}

static void test_host_is_its_addresses(void **state)
{
	said_t *s = say_host("gw.example", "192.0.2.1");

	(void)state;
	add_ip(s, "2001:db8::1");
	expand("sip:100@gw.example:5070;transport=tcp;x=y?A=b", FRT_RESOLVE_HOST);
	assert_int_equal(room.n, 2);
	assert_child(
			0, "eu/192.0.2.1", "sip:100@192.0.2.1:5070;transport=tcp;x=y?A=b");
	assert_child(1, "eu/2001:db8::1",
			"sip:100@[2001:db8::1]:5070;transport=tcp;x=y?A=b");
	assert_int_equal(room.at[0].full, FRT_WEIGHT_UNIT / 2);
	assert_int_equal(room.at[0].weight, 1);
	assert_string_equal(room.at[0].hop, "");
	assert_int_equal(room.err, FRT_DNS_GOOD);
	assert_int_equal(room.good_ms, 1000);
}

static void test_host_weights_are_together_the_parents(void **state)
{
	frt_named_t what = named("sip:gw.example", FRT_RESOLVE_HOST);
	said_t *s = say_host("gw.example", "192.0.2.1");

	(void)state;
	add_ip(s, "192.0.2.2");
	add_ip(s, "192.0.2.3");
	what.weight = 100;
	expand_as(what, &all);
	assert_int_equal(room.n, 3);
	assert_int_equal(room.at[2].weight, 33);
	assert_int_equal(room.at[2].full, 100ull * FRT_WEIGHT_UNIT / 3);
}

static void test_only_what_kamailio_can_send_to(void **state)
{
	frt_reach_t four = {true, false, 0xff};
	frt_named_t what = named("sip:gw.example", FRT_RESOLVE_HOST);
	said_t *s = say_host("gw.example", "192.0.2.1");

	(void)state;
	add_ip(s, "2001:db8::1");
	expand_as(what, &four);
	assert_int_equal(room.n, 1);
	what.socket = fx_str("udp:[2001:db8::9]:5060");
	expand_as(what, &all);
	assert_int_equal(room.n, 1);
	assert_string_equal(room.at[0].id, "eu/2001:db8::1");
	expand_as(what, &four);
	assert_int_equal(room.n, 0);
	assert_int_equal(room.err, FRT_DNS_GARBAGE);
}

static void test_srv_priorities_and_weights(void **state)
{
	said_t *s = say(FRT_Q_SRV, "_sip._udp.example.net");

	(void)state;
	add_srv(s, 10, 60, 5060, "a.example.net");
	add_srv(s, 10, 20, 5070, "b.example.net");
	add_srv(s, 10, 0, 5080, "z.example.net");
	add_srv(s, 20, 0, 5060, "c.example.net");
	say_host("a.example.net", "192.0.2.1");
	say_host("b.example.net", "192.0.2.2");
	say_host("c.example.net", "192.0.2.3");
	say_host("z.example.net", "192.0.2.4");
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, 4);
	assert_child(0, "eu/a.example.net:5060", "sip:192.0.2.1:5060");
	assert_child(1, "eu/b.example.net:5070", "sip:192.0.2.2:5070");
	assert_child(3, "eu/c.example.net:5060", "sip:192.0.2.3:5060");
	assert_int_equal(room.at[0].sub, 10);
	assert_int_equal(room.at[3].sub, 20);
	/* 60, 20, and one unit for what has none, of the parent's one */
	assert_int_equal(room.at[0].full, FRT_WEIGHT_UNIT * 60 / 81);
	assert_int_equal(room.at[1].full, FRT_WEIGHT_UNIT * 20 / 81);
	assert_int_equal(room.at[2].full, FRT_WEIGHT_UNIT / 81);
	assert_int_equal(room.at[3].full, FRT_WEIGHT_UNIT);
}

static void test_srv_name_by_transport(void **state)
{
	static const struct
	{
		const char *uri;
		const char *name;
	} cases[] = {{"sip:x.net", "_sip._udp.x.net"},
			{"sip:x.net;transport=udp", "_sip._udp.x.net"},
			{"sip:x.net;transport=tcp", "_sip._tcp.x.net"},
			{"sip:x.net;transport=sctp", "_sip._sctp.x.net"},
			{"sip:x.net;transport=tls", "_sips._tcp.x.net"},
			{"sips:x.net", "_sips._tcp.x.net"},
			{"sip:_sip._tcp.x.net", "_sip._tcp.x.net"}};
	char mem[128];
	frt_uri_t uri;
	frt_buf_t b;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(frt_uri_parse(fx_str(cases[i].uri), &uri), 0);
		frt_buf_init(&b, mem, sizeof(mem));
		frt_srv_name(&uri, &b);
		assert_string_equal(mem, cases[i].name);
	}
}

static void test_tls_keeps_the_name_in_the_uri(void **state)
{
	said_t *s = say(FRT_Q_SRV, "_sips._tcp.example.net");

	(void)state;
	add_srv(s, 1, 1, 5061, "a.example.net");
	say_host("a.example.net", "192.0.2.1");
	say_host("example.net", "192.0.2.9");
	expand("sips:example.net", FRT_RESOLVE_SRV);
	assert_child(0, "eu/a.example.net:5061", "sips:example.net:5061");
	assert_string_equal(room.at[0].hop, "sips:192.0.2.1:5061");
	expand("sip:_sips._tcp.example.net", FRT_RESOLVE_SRV);
	assert_child(
			0, "eu/a.example.net:5061", "sip:example.net:5061;transport=tls");
	assert_string_equal(room.at[0].hop, "sip:192.0.2.1:5061;transport=tls");
	expand("sip:example.net:5071;transport=tls", FRT_RESOLVE_HOST);
	assert_child(0, "eu/192.0.2.9", "sip:example.net:5071;transport=tls");
	assert_string_equal(room.at[0].hop, "sip:192.0.2.9:5071;transport=tls");
}

static void test_naptr_in_its_order(void **state)
{
	said_t *s = say(FRT_Q_NAPTR, "example.net");
	frt_reach_t no_tls = {
			true, true, 1u << FRT_PROTO_UDP | 1u << FRT_PROTO_TCP};

	(void)state;
	add_naptr(s, FRT_PROTO_TLS, "_sips._tcp.example.net");
	add_naptr(s, FRT_PROTO_TCP, "_sip._tcp.example.net");
	add_naptr(s, FRT_PROTO_UDP, "_sip._udp.example.net");
	add_srv(say(FRT_Q_SRV, "_sips._tcp.example.net"), 5, 1, 5061, "a.net");
	add_srv(say(FRT_Q_SRV, "_sip._tcp.example.net"), 5, 1, 5060, "a.net");
	add_srv(say(FRT_Q_SRV, "_sip._udp.example.net"), 5, 1, 5060, "a.net");
	say_host("a.net", "192.0.2.1");
	expand("sip:example.net", FRT_RESOLVE_NAPTR);
	assert_int_equal(room.n, 3);
	assert_child(0, "eu/a.net:5061", "sip:example.net:5061;transport=tls");
	assert_child(1, "eu/a.net:5060", "sip:192.0.2.1:5060;transport=tcp");
	assert_child(2, "eu/a.net:5060;udp", "sip:192.0.2.1:5060");
	assert_int_equal(room.at[0].sub, 5);
	assert_int_equal(room.at[1].sub, 65536 + 5);
	/* what the URI asks for, and what Kamailio has */
	expand("sip:example.net;transport=udp", FRT_RESOLVE_NAPTR);
	assert_int_equal(room.n, 1);
	expand("sips:example.net", FRT_RESOLVE_NAPTR);
	assert_int_equal(room.n, 1);
	expand_as(named("sips:example.net", FRT_RESOLVE_NAPTR), &no_tls);
	assert_int_equal(room.n, 0);
	assert_int_equal(room.err, FRT_DNS_GARBAGE);
}

static void test_trouble_is_named_and_the_last_answer_stays(void **state)
{
	said_t *s = say(FRT_Q_SRV, "_sip._udp.example.net");
	said_t *a = say_host("a.example.net", "192.0.2.1");
	char mem[300];
	frt_buf_t b;

	(void)state;
	add_srv(s, 1, 1, 5060, "a.example.net");
	add_srv(s, 1, 1, 5060, "new.example.net");
	s->err = FRT_DNS_SERVER;
	a->good_ms = 500;
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, 1);
	assert_true(room.pending); /* new.example.net was not asked for yet */
	assert_int_equal(room.good_ms, 500);
	frt_buf_init(&b, mem, sizeof(mem));
	frt_children_trouble(&room, &b);
	assert_string_equal(
			mem, "SRV _sip._udp.example.net: server failure, or no server");
	s->known = false;
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, 0);
	assert_int_equal(room.good_ms, 0);
}

static void test_no_service(void **state)
{
	say(FRT_Q_SRV, "_sip._udp.example.net");
	(void)state;
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, 0);
	assert_int_equal(room.err, FRT_DNS_NO_SERVICE);
	assert_false(room.pending);
}

static void test_never_more_than_there_is_room_for(void **state)
{
	static char names[FRT_RRS_MAX][32];
	said_t *s = say(FRT_Q_SRV, "_sip._udp.example.net");
	said_t *h;
	uint32_t i;

	(void)state;
	for(i = 0; i < 8; i++) {
		snprintf(names[i], sizeof(names[i]), "gw%u.example.net", i);
		add_srv(s, 1, 1, 5060, names[i]);
		h = say(FRT_Q_HOST, names[i]);
		while(h->n < 20) {
			h->rrs[h->n].addr[10] = h->rrs[h->n].addr[11] = 0xff;
			h->rrs[h->n].addr[12] = (uint8_t)(i + 1);
			h->rrs[h->n].addr[15] = (uint8_t)h->n;
			h->n++;
		}
	}
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, FRT_CHILDREN_MAX);
	assert_int_equal(room.dropped, 160 - FRT_CHILDREN_MAX);
}

static void test_names_too_long_for_an_id_are_left_out(void **state)
{
	char name[FRT_DNS_NAME_MAX + 1];
	said_t *s = say(FRT_Q_SRV, "_sip._udp.example.net");

	(void)state;
	memset(name, 'a', sizeof(name) - 1);
	for(size_t i = 60; i < sizeof(name); i += 61)
		name[i] = '.';
	name[sizeof(name) - 1] = '\0';
	add_srv(s, 1, 1, 5060, name);
	say_host(name, "192.0.2.1");
	expand("sip:example.net", FRT_RESOLVE_SRV);
	assert_int_equal(room.n, 0);
	assert_int_equal(room.dropped, 1);
}

/* The draft's part. */

static void begin(fx_t *fx)
{
	fx_begin(fx);
	fx_set(fx, "a", FRT_WEIGHTED);
}

static frt_draft_dst_t *add_name(
		fx_t *fx, const char *id, const char *uri, frt_resolve_t resolve)
{
	frt_draft_dst_t *dst = fx_dst_uri(fx, id, uri, 1, 1);

	dst->resolve = resolve;
	return dst;
}

static void freeze(fx_t *fx, const frt_gen_t *old)
{
	frt_expander_t e = {all, lookup, &room};

	assert_int_equal(frt_draft_check(fx->draft), 0);
	assert_int_equal(frt_draft_expand(fx->draft, &e, old), 0);
	assert_int_equal(dns.out, 0);
	fx_freeze(fx);
}

static void assert_ids(const fx_t *fx, const char *const *ids)
{
	uint32_t i;

	for(i = 0; ids[i]; i++) {
		assert_true(i < fx_only(fx)->ndsts);
		assert_string_equal(fx_only(fx)->dsts[i].id.s, ids[i]);
	}
	assert_int_equal(fx_only(fx)->ndsts, i);
}

static void test_children_take_the_names_place(void **state)
{
	static const char *const ids[] = {"first", "pool/192.0.2.1",
			"pool/192.0.2.2", "last", "eu/a.net:5060", "eu/b.net:5060", NULL};
	said_t *s = say_host("pool.net", "192.0.2.1");
	said_t *srv = say(FRT_Q_SRV, "_sip._udp.example.net");
	const frt_dst_t *dst;
	uint8_t ip[16];
	fx_t fx;

	(void)state;
	add_ip(s, "192.0.2.2");
	add_srv(srv, 10, 1, 5060, "a.net");
	add_srv(srv, 20, 1, 5060, "b.net");
	say_host("a.net", "192.0.2.3");
	say_host("b.net", "192.0.2.4");
	begin(&fx);
	fx_dst_uri(&fx, "first", "sip:192.0.2.8", 1, 1);
	add_name(&fx, "eu", "sip:example.net", FRT_RESOLVE_SRV);
	add_name(&fx, "pool", "sip:pool.net", FRT_RESOLVE_HOST);
	fx_dst_uri(&fx, "last", "sip:192.0.2.9", 1, 1);
	freeze(&fx, NULL);
	assert_ids(&fx, ids);
	assert_int_equal(fx_only(&fx)->ntiers, 3);
	assert_int_equal(fx_only(&fx)->tiers[1].sub, 10);
	assert_int_equal(fx_only(&fx)->tiers[1].priority, 1);
	assert_int_equal(fx_only(&fx)->nparents, 2);
	dst = fx_at(&fx, "eu/b.net:5060");
	assert_string_equal(dst->parent->id.s, "eu");
	assert_int_equal(frt_ip_parse(fx_str("192.0.2.4"), ip), 0);
	assert_ptr_equal(frt_gen_from(fx.gen, fx_only(&fx), ip), dst);
	/* one half each of one part of three */
	dst = fx_at(&fx, "pool/192.0.2.1");
	assert_int_equal(frt_dst_full(dst) * 2, frt_dst_full(fx_at(&fx, "last")));
	fx_end(&fx);
}

static void test_unresolved_is_never_chosen(void **state)
{
	static const char *const ids[] = {"eu", NULL};
	frt_wish_t wish = {.key = 1};
	frt_dst_t *dst = NULL;
	bool panic;
	fx_t fx;

	(void)state;
	begin(&fx);
	fx.set->conf.panic = true;
	add_name(&fx, "eu", "sip:example.net", FRT_RESOLVE_SRV);
	freeze(&fx, NULL);
	assert_ids(&fx, ids);
	assert_true(fx_only(&fx)->dsts[0].unresolved);
	assert_true(fx_only(&fx)->dsts[0].pending);
	/* whatever its record says, and in panic, and in shadow mode */
	assert_null(fx_choose(&fx));
	assert_int_equal(
			frt_choose_anyway(fx_only(&fx), &wish, 1000, &fx.rnd, &dst, &panic),
			FRT_E_NONE_USABLE);
	fx_only(&fx)->conf.shadow = true;
	fx_up(fx_at(&fx, "eu"));
	assert_null(fx_choose(&fx));
	fx_end(&fx);
}

static void test_written_ids_win(void **state)
{
	static const char *const ids[] = {"pool", "pool/192.0.2.1", NULL};
	fx_t fx;

	(void)state;
	say_host("pool.net", "192.0.2.1");
	begin(&fx);
	add_name(&fx, "pool", "sip:pool.net", FRT_RESOLVE_HOST);
	fx_dst_uri(&fx, "pool/192.0.2.1", "sip:192.0.2.9", 1, 1);
	freeze(&fx, NULL);
	assert_ids(&fx, ids);
	assert_true(fx_at(&fx, "pool")->unresolved);
	fx_end(&fx);
}

/* The table with other answers: thawed, expanded, frozen. */
static void again(fx_t *from, fx_t *to)
{
	fx_begin(to);
	assert_int_equal(frt_gen_thaw(from->gen, to->draft), 0);
	freeze(to, from->gen);
}

static void test_thawed_and_expanded_it_is_the_same(void **state)
{
	static const char *const ids[] = {
			"first", "last", "eu/a.net:5060", "us/a.net:5060", NULL};
	said_t *srv = say(FRT_Q_SRV, "_sip._udp.example.net");
	fx_t fx, other;
	uint32_t i;

	(void)state;
	add_srv(srv, 10, 1, 5060, "a.net");
	say_host("a.net", "192.0.2.3");
	begin(&fx);
	add_name(&fx, "eu", "sip:example.net", FRT_RESOLVE_SRV)->max_calls = 5;
	fx.set->dsts_tail->overlay = FRT_OVER_WEIGHT;
	fx_dst_uri(&fx, "first", "sip:192.0.2.8", 1, 1);
	add_name(&fx, "us", "sip:example.net", FRT_RESOLVE_SRV);
	fx_dst_uri(&fx, "last", "sip:192.0.2.9", 1, 1);
	freeze(&fx, NULL);
	assert_ids(&fx, ids);
	again(&fx, &other);
	assert_ids(&other, ids);
	for(i = 0; i < 4; i++)
		assert_int_equal(
				fx_only(&fx)->dsts[i].order, fx_only(&other)->dsts[i].order);
	assert_int_equal(fx_at(&other, "eu/a.net:5060")->max_calls, 5);
	assert_int_equal(fx_at(&other, "eu/a.net:5060")->overlay, FRT_OVER_WEIGHT);
	assert_int_equal(fx_at(&other, "us/a.net:5060")->overlay, FRT_OVER_NOT);
	assert_int_equal(
			fx_only(&fx)->parents[1].sum, fx_only(&other)->parents[1].sum);
	fx_end(&other);
	fx_end(&fx);
}

static void test_an_address_keeps_its_id(void **state)
{
	static const char *const one[] = {"eu/a.net:5060", NULL};
	static const char *const two[] = {
			"eu/a.net:5060/192.0.2.1", "eu/a.net:5060", NULL};
	static const char *const other[] = {"eu/a.net:5060/192.0.2.1", NULL};
	said_t *srv = say(FRT_Q_SRV, "_sip._udp.example.net");
	said_t *host = say_host("a.net", "192.0.2.3");
	fx_t first, second, third;

	(void)state;
	add_srv(srv, 10, 1, 5060, "a.net");
	begin(&first);
	add_name(&first, "eu", "sip:example.net", FRT_RESOLVE_SRV);
	freeze(&first, NULL);
	assert_ids(&first, one);
	/* a second address, which comes before it */
	host->n = 0;
	add_ip(host, "192.0.2.1");
	add_ip(host, "192.0.2.3");
	again(&first, &second);
	assert_ids(&second, two);
	assert_string_equal(
			fx_at(&second, "eu/a.net:5060")->uri.s, "sip:192.0.2.3:5060");
	/* and the first one goes */
	host->n = 1;
	again(&second, &third);
	assert_ids(&third, other);
	fx_end(&third);
	fx_end(&second);
	fx_end(&first);
}

static void test_what_stands_stays_until_all_is_known(void **state)
{
	static const char *const ids[] = {"eu/a.net:5060", "eu/b.net:5060", NULL};
	static const char *const later[] = {"eu/c.net:5060", NULL};
	said_t *srv = say(FRT_Q_SRV, "_sip._udp.example.net");
	fx_t first, second, third;

	(void)state;
	add_srv(srv, 10, 1, 5060, "a.net");
	add_srv(srv, 20, 1, 5060, "b.net");
	say_host("a.net", "192.0.2.1");
	say_host("b.net", "192.0.2.2");
	begin(&first);
	add_name(&first, "eu", "sip:example.net", FRT_RESOLVE_SRV);
	freeze(&first, NULL);
	srv->n = 0;
	add_srv(srv, 10, 1, 5060, "c.net");
	again(&first, &second); /* c.net is not known yet */
	assert_ids(&second, ids);
	assert_int_equal(fx_only(&second)->ntiers, 2);
	say_host("c.net", "192.0.2.3");
	again(&second, &third);
	assert_ids(&third, later);
	fx_end(&third);
	fx_end(&second);
	fx_end(&first);
}

static void test_memory_that_ends_anywhere(void **state)
{
	frt_expander_t e = {all, lookup, &room};
	size_t n;

	(void)state;
	say_host("pool.net", "192.0.2.1");
	for(n = 1;; n++) {
		frt_gen_t *g = NULL;
		fx_t fx;
		int err;

		begin(&fx);
		add_name(&fx, "pool", "sip:pool.net", FRT_RESOLVE_HOST);
		add_name(&fx, "none", "sip:none.net", FRT_RESOLVE_HOST);
		fx.heap.calls = 0;
		fx.heap.fail_at = n;
		err = frt_draft_expand(fx.draft, &e, NULL);
		if(err == 0)
			err = frt_gen_freeze(fx.draft, &fx.mem, 1, &g);
		fx.heap.fail_at = 0;
		frt_gen_free(g, &fx.mem);
		fx_end(&fx);
		if(err == 0)
			break;
		assert_int_equal(err, FRT_E_NOMEM);
		assert_true(n < 100);
	}
}

#define CASE(f) cmocka_unit_test_setup(f, fresh)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			CASE(test_host_is_its_addresses),
			CASE(test_host_weights_are_together_the_parents),
			CASE(test_only_what_kamailio_can_send_to),
			CASE(test_srv_priorities_and_weights),
			CASE(test_srv_name_by_transport),
			CASE(test_tls_keeps_the_name_in_the_uri),
			CASE(test_naptr_in_its_order),
			CASE(test_trouble_is_named_and_the_last_answer_stays),
			CASE(test_no_service),
			CASE(test_never_more_than_there_is_room_for),
			CASE(test_names_too_long_for_an_id_are_left_out),
			CASE(test_children_take_the_names_place),
			CASE(test_unresolved_is_never_chosen),
			CASE(test_written_ids_win),
			CASE(test_thawed_and_expanded_it_is_the_same),
			CASE(test_an_address_keeps_its_id),
			CASE(test_ids_from_before_the_first_table),
			CASE(test_what_stands_stays_until_all_is_known),
			CASE(test_memory_that_ends_anywhere),
	};

	return UNIT_MAIN(tests);
}
