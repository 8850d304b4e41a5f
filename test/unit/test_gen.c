/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Freezing a draft, and finding things in a generation: by id, number, key,
 * record and address, in small tables and in large ones.
 */
#include "fixture.h"

#define BYTES_PER_DST_MAX 400 /* of the block, on average */

static frt_str_t no_str(void)
{
	frt_str_t none = {NULL, 0};

	return none;
}

static void assert_str(frt_str_t s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.s, text, s.len);
	assert_int_equal(s.s[s.len], '\0'); /* for the host's C strings */
}

static void test_gen_orders_by_priority_then_as_given(void **state)
{
	static const char *const order[] = {"d1", "d4", "d0", "d2", "d5", "d3"};
	const frt_set_t *set;
	uint32_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 7, 1);
	fx_dst(&fx, 0, 1);
	fx_dst(&fx, 7, 0);
	fx_dst(&fx, FRT_PRIORITY_MAX, 1);
	fx_dst(&fx, 0, FRT_WEIGHT_MAX);
	fx_dst(&fx, 7, 3);
	fx_freeze(&fx);
	set = fx_only(&fx);
	assert_int_equal(set->ndsts, 6);
	for(i = 0; i < 6; i++)
		assert_str(set->dsts[i].id, order[i]);
	fx_end(&fx);
}

static void test_gen_cuts_tiers_by_priority(void **state)
{
	const frt_set_t *set;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 2, 10, 4);
	fx_dst(&fx, 10, 0);
	fx_dsts(&fx, 3, 20, 0);
	fx_dst(&fx, 5, 6);
	fx_freeze(&fx);
	set = fx_only(&fx);
	assert_int_equal(set->ntiers, 3);
	assert_int_equal(set->tiers[0].priority, 5);
	assert_int_equal(set->tiers[1].priority, 10);
	assert_int_equal(set->tiers[2].priority, 20);
	assert_int_equal(set->tiers[0].first, 0);
	assert_int_equal(set->tiers[0].end, 1);
	assert_int_equal(set->tiers[1].first, 1);
	assert_int_equal(set->tiers[1].end, 4);
	assert_int_equal(set->tiers[2].first, 4);
	assert_int_equal(set->tiers[2].end, 7);
	assert_int_equal(set->tiers[1].zeros, 1);
	assert_int_equal(set->tiers[2].zeros, 3);
	assert_int_equal(set->dsts[3].tier, 1);
	assert_int_equal(frt_dst_full(&set->dsts[1]), 4 * FRT_WEIGHT_UNIT);
	assert_int_equal(frt_dst_full(&set->dsts[3]), FRT_WEIGHT_UNIT);
	assert_int_equal(frt_dst_full(&set->dsts[4]), FRT_WEIGHT_UNIT / 3);
	assert_int_equal(set->tiers[0].unit, 6 * FRT_WEIGHT_UNIT);
	assert_int_equal(set->tiers[1].unit, FRT_WEIGHT_UNIT);
	assert_true(set->tiers[0].even);
	assert_false(set->tiers[1].even);
	assert_true(set->tiers[2].even);
	fx_end(&fx);
}

static void add_full_dst(fx_t *fx)
{
	frt_draft_dst_t *dst = fx_dst_uri(
			fx, "gw1", "sip:user@[2001:db8::1]:5070;transport=tcp", 3, 17);

	assert_int_equal(
			frt_draft_attr(fx->draft, FRT_SCOPE_DESTINATION, fx->set, dst,
					fx_str("socket"), fx_str("tcp:192.0.2.1:5060"), fx_place()),
			0);
	dst->max_calls = 100;
	dst->max_cps = 10;
	dst->admin = FRT_DRAIN;
	dst->overlay = true;
	frt_draft_dst_attribute(
			fx->draft, dst, fx_str("prefix"), fx_str("99"), fx_place());
	frt_draft_dst_attribute(
			fx->draft, dst, fx_str("tech"), fx_str("A B"), fx_place());
	frt_draft_dst_attribute(
			fx->draft, dst, fx_str("none"), fx_str(""), fx_place());
}

/* fx_freeze() frees the draft first: whatever was not copied is a read of
 * freed memory here. */
static void test_gen_keeps_every_value_of_a_destination(void **state)
{
	const frt_dst_t *dst;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	add_full_dst(&fx);
	fx_freeze(&fx);
	dst = fx_at(&fx, "gw1");
	assert_str(dst->id, "gw1");
	assert_str(dst->uri, "sip:user@[2001:db8::1]:5070;transport=tcp");
	assert_str(frt_dst_socket(dst), "tcp:192.0.2.1:5060");
	assert_true(frt_str_eq(frt_dst_host(dst), FRT_STR("[2001:db8::1]")));
	assert_int_equal(dst->port, 5070);
	assert_int_equal(dst->proto, FRT_PROTO_TCP);
	assert_int_equal(dst->priority, 3);
	assert_int_equal(dst->weight, 17);
	assert_int_equal(dst->max_calls, 100);
	assert_int_equal(dst->max_cps, 10);
	assert_int_equal(dst->admin, FRT_DRAIN);
	assert_true(dst->overlay);
	assert_true(dst->is_ip);
	assert_int_equal(dst->nattrs, 3);
	assert_str(dst->attrs[0].name, "prefix");
	assert_str(dst->attrs[0].value, "99");
	assert_str(dst->attrs[1].value, "A B");
	assert_int_equal(dst->attrs[2].value.len, 0);
	assert_ptr_equal(dst->set, fx_only(&fx));
	fx_end(&fx);
}

static void give(
		fx_t *fx, frt_scope_t scope, const char *name, const char *value)
{
	uint32_t errors;

	assert_int_equal(frt_draft_attr(fx->draft, scope, fx->set, NULL,
							 fx_str(name), fx_str(value), fx_place()),
			0);
	errors = frt_draft_errors(fx->draft);
	assert_int_equal(errors, 0);
}

static void test_gen_keeps_every_value_of_a_set(void **state)
{
	const frt_set_t *set;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_HASH);
	give(&fx, FRT_SCOPE_SET, "number", "7");
	give(&fx, FRT_SCOPE_SET, "deadline", "21s");
	give(&fx, FRT_SCOPE_PROBE, "method", "INFO");
	give(&fx, FRT_SCOPE_PROBE, "from", "sip:probe@example.net");
	give(&fx, FRT_SCOPE_PROBE, "outbound-proxy", "sip:192.0.2.9");
	give(&fx, FRT_SCOPE_PROBE, "answer-from", "any");
	give(&fx, FRT_SCOPE_HEALTH, "hold", "31s");
	frt_draft_rule_add(fx.draft, fx.set, fx_place());
	give(&fx, FRT_SCOPE_RULE, "code", "480");
	give(&fx, FRT_SCOPE_RULE, "route", "stop");
	frt_draft_rule_add(fx.draft, fx.set, fx_place());
	give(&fx, FRT_SCOPE_RULE, "code", "5xx");
	give(&fx, FRT_SCOPE_RULE, "route", "next");
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	set = fx_only(&fx);
	assert_str(set->id, "carriers");
	assert_int_equal(set->number, 7);
	assert_int_equal(set->conf.strategy, FRT_HASH);
	assert_int_equal(set->conf.deadline_ms, 21000);
	assert_int_equal(set->conf.health.hold_ms, 31000);
	assert_str(set->conf.probe.method, "INFO");
	assert_str(set->conf.probe.from, "sip:probe@example.net");
	assert_str(set->conf.probe.outbound_proxy, "sip:192.0.2.9");
	assert_int_equal(set->conf.probe.answer_from, FRT_ANSWER_FROM_ANY);
	assert_int_equal(set->nrules, 2);
	assert_int_equal(set->rules[0].code_min, 480);
	assert_int_equal(set->rules[1].code_max, 599);
	assert_ptr_equal(set->gen, fx.gen);
	fx_end(&fx);
}

/* What a sips: URI means for the transport: RFC 3261 section 26.2.2. */
static void test_gen_transport_of_sips_is_secure(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst_uri(&fx, "plain", "sip:gw.example.net", 1, 1);
	fx_dst_uri(&fx, "udp", "sip:gw.example.net;transport=udp", 1, 1);
	fx_dst_uri(&fx, "sips", "sips:gw.example.net", 1, 1);
	fx_dst_uri(&fx, "tcp", "sips:gw.example.net;transport=tcp", 1, 1);
	fx_dst_uri(&fx, "ws", "sips:gw.example.net;transport=ws", 1, 1);
	fx_dst_uri(&fx, "wss", "sips:gw.example.net;transport=wss", 1, 1);
	fx_freeze(&fx);
	assert_int_equal(fx_at(&fx, "plain")->proto, FRT_PROTO_ANY);
	assert_int_equal(fx_at(&fx, "udp")->proto, FRT_PROTO_UDP);
	assert_int_equal(fx_at(&fx, "sips")->proto, FRT_PROTO_TLS);
	assert_int_equal(fx_at(&fx, "tcp")->proto, FRT_PROTO_TLS);
	assert_int_equal(fx_at(&fx, "ws")->proto, FRT_PROTO_WSS);
	assert_int_equal(fx_at(&fx, "wss")->proto, FRT_PROTO_WSS);
	assert_false(fx_at(&fx, "sips")->is_ip);
	assert_int_equal(fx_at(&fx, "plain")->port, 0);
	fx_end(&fx);
}

/* Those side by side share what they have alike, and nothing else. */
static void test_gen_neighbours_share_only_what_is_the_same(void **state)
{
	static const struct
	{
		const char *socket, *hop, *name, *attr;
		uint64_t full;
	} rows[] = {
			{"", "", "prefix", "a", 0},
			{"", "", "prefix", "a", 0},
			{"udp:192.0.2.9:5060", "", "suffix", "a", 0},
			{"udp:192.0.2.9:5060", "", "prefix", "b", 0},
			{"udp:192.0.2.8:5060", "", NULL, NULL, 0},
			{"udp:192.0.2.8:5060", "sip:name.example", NULL, NULL, 0},
			{"udp:192.0.2.8:5060", "sip:other.example", "prefix", "b", 0},
			{"udp:192.0.2.8:5060", "sip:other.example", "prefix", "b", 5},
			{"udp:192.0.2.8:5060", "sip:other.example", "prefix", "b", 5},
			{"", "", NULL, NULL, 0},
	};
	const frt_dst_t *dst;
	size_t i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		frt_draft_dst_t *from = fx_dst(&fx, 1, 1);

		from->socket = fx_str(rows[i].socket);
		from->hop = fx_str(rows[i].hop);
		from->full = rows[i].full;
		if(rows[i].attr)
			assert_int_equal(frt_draft_dst_attribute(fx.draft, from,
									 fx_str(rows[i].name), fx_str(rows[i].attr),
									 fx_place()),
					0);
	}
	fx_freeze(&fx);
	dst = fx_only(&fx)->dsts;
	for(i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(
				frt_str_eq(frt_dst_socket(&dst[i]), fx_str(rows[i].socket)));
		assert_int_equal(frt_dst_keeps_name(&dst[i]), rows[i].hop[0] != 0);
		if(rows[i].hop[0])
			assert_str(frt_dst_hop(&dst[i]), rows[i].hop);
		assert_int_equal(frt_dst_full(&dst[i]),
				rows[i].full ? rows[i].full : FRT_WEIGHT_UNIT);
		assert_int_equal(dst[i].nattrs, rows[i].attr ? 1 : 0);
		if(!rows[i].attr)
			continue;
		assert_str(dst[i].attrs[0].name, rows[i].name);
		assert_str(dst[i].attrs[0].value, rows[i].attr);
	}
	assert_null(dst[0].more);
	assert_ptr_equal(dst[0].attrs, dst[1].attrs);
	assert_ptr_equal(dst[2].more, dst[3].more);
	assert_ptr_equal(dst[7].more, dst[8].more);
	assert_ptr_equal(dst[6].attrs, dst[8].attrs);
	assert_null(dst[9].more);
	fx_end(&fx);
}

static void test_gen_finds_sets_by_id_and_number(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED)->number = 0;
	fx_dst(&fx, 1, 1);
	fx_set(&fx, "b", FRT_WEIGHTED)->number = INT32_MAX;
	fx_dst(&fx, 1, 1);
	fx_set(&fx, "unnumbered", FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	fx_set(&fx, "12", FRT_WEIGHTED)->number = 13;
	fx_dst(&fx, 1, 1);
	fx_set(&fx, "c", FRT_WEIGHTED)->number = 12;
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	assert_str(frt_gen_set(fx.gen, FRT_STR("a"))->id, "a");
	assert_str(frt_gen_set(fx.gen, FRT_STR("0"))->id, "a");
	assert_str(frt_gen_set(fx.gen, FRT_STR("2147483647"))->id, "b");
	assert_str(frt_gen_set(fx.gen, FRT_STR("12"))->id, "12");
	assert_str(frt_gen_set(fx.gen, FRT_STR("13"))->id, "12");
	assert_str(frt_gen_set_by_number(fx.gen, 12)->id, "c");
	assert_str(frt_gen_set_by_number(fx.gen, 0)->id, "a");
	assert_null(frt_gen_set_by_number(fx.gen, -1));
	assert_null(frt_gen_set_by_number(fx.gen, INT64_MIN));
	assert_null(frt_gen_set_by_number(fx.gen, 1));
	assert_null(frt_gen_set(fx.gen, FRT_STR("A")));
	assert_null(frt_gen_set(fx.gen, FRT_STR("")));
	assert_null(frt_gen_set(fx.gen, no_str()));
	assert_null(frt_gen_set(fx.gen, FRT_STR("-1")));
	assert_null(frt_gen_set(fx.gen, FRT_STR("99999999999999999999")));
	assert_null(frt_gen_set(fx.gen, FRT_STR("unnumberedX")));
	fx_end(&fx);
}

static void test_gen_same_id_in_two_sets_is_two_destinations(void **state)
{
	frt_dst_t *one, *two;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "ab", FRT_WEIGHTED);
	fx_dst_uri(&fx, "c", "sip:192.0.2.1", 1, 1);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst_uri(&fx, "c", "sip:192.0.2.1", 1, 1);
	fx_dst_uri(&fx, "bc", "sip:192.0.2.2", 1, 1);
	fx_freeze(&fx);
	one = frt_gen_dst(fx.gen, FRT_STR("ab"), FRT_STR("c"));
	two = frt_gen_dst(fx.gen, FRT_STR("a"), FRT_STR("c"));
	assert_non_null(one);
	assert_non_null(two);
	assert_ptr_not_equal(one, two);
	assert_ptr_equal(one->set, frt_gen_set(fx.gen, FRT_STR("ab")));
	assert_str(frt_gen_dst(fx.gen, FRT_STR("a"), FRT_STR("bc"))->id, "bc");
	assert_null(frt_gen_dst(fx.gen, FRT_STR("ab"), FRT_STR("bc")));
	assert_null(frt_gen_dst(fx.gen, FRT_STR("a"), FRT_STR("")));
	assert_null(frt_gen_dst(fx.gen, no_str(), FRT_STR("c")));
	fx_end(&fx);
}

static void test_gen_finds_the_destination_of_a_record(void **state)
{
	frt_rec_t stranger;
	uint32_t i;
	fx_t fx;

	(void)state;
	memset(&stranger, 0, sizeof(stranger));
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dsts(&fx, 5, 1, 1);
	fx_set(&fx, "b", FRT_WEIGHTED);
	fx_dsts(&fx, 5, 1, 1);
	fx_freeze(&fx);
	for(i = 0; i < 10; i++)
		assert_ptr_equal(
				frt_gen_dst_of(fx.gen, fx.gen->dsts[i].rec), &fx.gen->dsts[i]);
	assert_null(frt_gen_dst_of(fx.gen, &stranger));
	stranger.at[0] = stranger.at[1] = 9;
	assert_null(frt_gen_dst_of(fx.gen, &stranger));
	stranger.at[0] = stranger.at[1] = 10;
	assert_null(frt_gen_dst_of(fx.gen, &stranger));
	stranger.at[0] = stranger.at[1] = UINT32_MAX;
	assert_null(frt_gen_dst_of(fx.gen, &stranger));
	fx_end(&fx);
}

/* A call's set, whatever a reload has made of it. */
static void test_gen_finds_the_set_of_a_record(void **state)
{
	frt_set_rec_t stranger;
	fx_t old, new;
	frt_set_t *was, *is;

	(void)state;
	memset(&stranger, 0, sizeof(stranger));
	fx_begin(&old);
	fx_set(&old, "a", FRT_WEIGHTED);
	fx_set(&old, "b", FRT_WEIGHTED);
	fx_freeze(&old);
	fx_begin(&new);
	fx_set(&new, "b", FRT_WEIGHTED);
	assert_int_equal(frt_gen_freeze(new.draft, &new.mem, 2, &new.gen), 0);
	fx_attach(&new);
	was = frt_gen_set(old.gen, FRT_STR("b"));
	is = frt_gen_set(new.gen, FRT_STR("b"));
	assert_ptr_equal(frt_gen_set_of(old.gen, was->rec), was);
	/* another record has its id by now: removed, and come back */
	assert_ptr_equal(frt_gen_set_of(new.gen, was->rec), is);
	assert_null(frt_gen_set_of(new.gen, old.gen->sets[0].rec));
	frt_gen_attach_set(new.gen, is, was->rec);
	assert_ptr_equal(frt_gen_set_of(old.gen, was->rec), was);
	assert_ptr_equal(frt_gen_set_of(new.gen, was->rec), is);
	stranger.id = FRT_STR("c");
	stranger.at[0] = stranger.at[1] = 1;
	assert_null(frt_gen_set_of(old.gen, &stranger));
	stranger.at[0] = stranger.at[1] = UINT32_MAX;
	assert_null(frt_gen_set_of(old.gen, &stranger));
	fx_end(&new);
	fx_end(&old);
}

/* Two generations stand side by side while calls of the older one end. */
static void test_gen_record_stands_in_the_old_and_the_new_table(void **state)
{
	fx_t old, new;
	frt_rec_t *rec;
	frt_dst_t *a, *b;

	(void)state;
	fx_begin(&old);
	fx_set(&old, "a", FRT_WEIGHTED);
	fx_dsts(&old, 3, 1, 1);
	fx_freeze(&old);
	fx_begin(&new);
	fx_set(&new, "a", FRT_WEIGHTED);
	fx_dst_uri(&new, "x", "sip:192.0.2.1", 0, 1);
	fx_dsts(&new, 3, 1, 1);
	assert_int_equal(frt_gen_freeze(new.draft, &new.mem, 2, &new.gen), 0);
	fx_attach(&new);
	a = fx_at(&old, "d1");
	b = fx_at(&new, "d1");
	rec = a->rec;
	frt_gen_attach(new.gen, b, rec);
	assert_ptr_equal(frt_gen_dst_of(old.gen, rec), a);
	assert_ptr_equal(frt_gen_dst_of(new.gen, rec), b);
	fx_end(&new);
	fx_end(&old);
}

static frt_dst_t *from(const fx_t *fx, const char *set, const char *address)
{
	frt_set_t *s = set ? frt_gen_set(fx->gen, fx_str(set)) : NULL;
	uint8_t addr[16];

	assert_int_equal(frt_ip_parse(fx_str(address), addr), 0);
	return frt_gen_from(fx->gen, s, addr);
}

static void begin_addresses(fx_t *fx)
{
	fx_begin(fx);
	fx_set(fx, "a", FRT_WEIGHTED);
	fx_dst_uri(fx, "v4", "sip:192.0.2.1:5060", 1, 1);
	fx_dst_uri(fx, "v4b", "sip:192.0.2.1:5061", 1, 1);
	fx_dst_uri(fx, "v6", "sip:[2001:DB8:0:0::1]:5060", 1, 1);
	fx_dst_uri(fx, "mapped", "sip:[::ffff:198.51.100.7]", 1, 1);
	fx_dst_uri(fx, "name", "sip:gw.example.net", 1, 1);
	fx_set(fx, "b", FRT_WEIGHTED);
	fx_dst_uri(fx, "v4", "sips:u@192.0.2.1", 1, 1);
	fx_dst_uri(fx, "other", "sip:203.0.113.5;transport=tcp", 1, 1);
	fx_freeze(fx);
}

static void test_gen_finds_by_address_in_one_set(void **state)
{
	fx_t fx;

	(void)state;
	begin_addresses(&fx);
	assert_str(from(&fx, "a", "192.0.2.1")->id, "v4");
	assert_str(from(&fx, "b", "192.0.2.1")->set->id, "b");
	assert_str(from(&fx, "b", "203.0.113.5")->id, "other");
	assert_null(from(&fx, "a", "203.0.113.5"));
	assert_null(from(&fx, "b", "2001:db8::1"));
	assert_null(from(&fx, "a", "0.0.0.0"));
	assert_null(from(&fx, "a", "::"));
	fx_end(&fx);
}

static void test_gen_finds_by_address_in_any_set(void **state)
{
	fx_t fx;

	(void)state;
	begin_addresses(&fx);
	assert_str(from(&fx, NULL, "203.0.113.5")->set->id, "b");
	assert_non_null(from(&fx, NULL, "192.0.2.1"));
	assert_null(from(&fx, NULL, "192.0.2.2"));
	assert_null(frt_gen_next_from(fx.gen, from(&fx, NULL, "203.0.113.5")));
	fx_end(&fx);
}

static void test_gen_finds_ipv6_and_mapped_addresses_in_any_form(void **state)
{
	fx_t fx;

	(void)state;
	begin_addresses(&fx);
	assert_str(from(&fx, "a", "2001:db8::1")->id, "v6");
	assert_str(from(&fx, "a", "[2001:0db8::0001]")->id, "v6");
	assert_str(from(&fx, "a", "198.51.100.7")->id, "mapped");
	assert_str(from(&fx, "a", "::ffff:c633:6407")->id, "mapped");
	assert_str(from(&fx, "a", "::ffff:192.0.2.1")->id, "v4");
	assert_null(from(&fx, "a", "::192.0.2.1"));
	assert_null(from(&fx, "a", "2001:db8::1:1"));
	fx_end(&fx);
}

/* In a small index the slot of its set may be that of any set, too. */
static void test_gen_one_destination_has_no_other_behind_it(void **state)
{
	char uri[32];
	unsigned i;
	fx_t fx;

	(void)state;
	for(i = 1; i < 255; i++) {
		fx_begin(&fx);
		fx_set(&fx, "a", FRT_WEIGHTED);
		snprintf(uri, sizeof(uri), "sip:192.0.2.%u", i);
		fx_dst_uri(&fx, "gw", uri, 1, 1);
		fx_freeze(&fx);
		assert_ptr_equal(from(&fx, NULL, uri + 4), fx_at(&fx, "gw"));
		assert_null(frt_gen_next_from(fx.gen, fx_at(&fx, "gw")));
		fx_end(&fx);
	}
}

static void test_gen_many_destinations_at_one_address(void **state)
{
	char id[16], uri[32];
	frt_dst_t *dst;
	unsigned i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	for(i = 0; i < 3000; i++) {
		snprintf(id, sizeof(id), "s%u", i);
		snprintf(uri, sizeof(uri), "sip:192.0.2.1:%u", 1024 + i);
		if(i % 3 == 0)
			fx_set(&fx, id, FRT_WEIGHTED);
		fx_dst_uri(&fx, id, uri, 1, 1);
	}
	fx_freeze(&fx);
	for(i = 0; i < fx.gen->nsets; i++) {
		uint8_t addr[16];

		frt_ip_parse(FRT_STR("192.0.2.1"), addr);
		assert_ptr_equal(frt_gen_from(fx.gen, &fx.gen->sets[i], addr),
				&fx.gen->sets[i].dsts[0]);
	}
	for(dst = from(&fx, NULL, "192.0.2.1"), i = 0; dst; i++) {
		assert_int_equal(dst->weight, 1);
		dst->weight = 2; /* each once */
		dst = frt_gen_next_from(fx.gen, dst);
	}
	assert_int_equal(i, 3000);
	fx_end(&fx);
}

static void check_all(const fx_t *fx)
{
	const frt_gen_t *g = fx->gen;
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		const frt_dst_t *dst = &g->dsts[i];
		uint8_t addr[16];

		if(frt_gen_dst(g, dst->set->id, dst->id) != dst)
			fail_msg("destination %u is not found by its key", i);
		frt_ip_parse(frt_dst_host(dst), addr);
		if(frt_gen_from(g, dst->set, addr) != dst)
			fail_msg("destination %u is not found by its address", i);
	}
	for(i = 0; i < g->nsets; i++) {
		assert_ptr_equal(frt_gen_set(g, g->sets[i].id), &g->sets[i]);
		assert_ptr_equal(
				frt_gen_set_by_number(g, g->sets[i].number), &g->sets[i]);
	}
}

static void check_size(const fx_t *fx, const char *what)
{
	size_t each = fx->gen->bytes / fx->gen->ndsts;

	print_message("%s: %zu bytes, %zu for each destination\n", what,
			fx->gen->bytes, each);
	assert_between(each, 1, BYTES_PER_DST_MAX);
}

static void test_gen_hundred_thousand_destinations_in_one_set(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "big", FRT_HASH)->number = 1;
	fx_dsts(&fx, 100000, 1, 3);
	fx_freeze(&fx);
	assert_int_equal(fx.gen->ndsts, 100000);
	check_all(&fx);
	check_size(&fx, "100,000 in 1 set");
	fx_end(&fx);
}

static void test_gen_hundred_thousand_destinations_in_ten_thousand_sets(
		void **state)
{
	char id[16];
	unsigned i;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	for(i = 0; i < 10000; i++) {
		snprintf(id, sizeof(id), "set%u", i);
		fx_set(&fx, id, FRT_WEIGHTED)->number = i * 3;
		fx_dsts(&fx, 10, 1 + i % 2, 1);
	}
	fx_freeze(&fx);
	assert_int_equal(fx.gen->nsets, 10000);
	check_all(&fx);
	check_size(&fx, "100,000 in 10,000 sets");
	fx_end(&fx);
}

static void test_gen_refuses_a_draft_with_errors(void **state)
{
	frt_gen_t *gen = NULL;
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	frt_draft_fault(fx.draft, true, fx_place(), "only a warning");
	assert_int_equal(frt_gen_freeze(fx.draft, &fx.mem, 1, &gen), 0);
	frt_gen_free(gen, &fx.mem);
	gen = NULL;
	frt_draft_fault(fx.draft, false, fx_place(), "an error");
	assert_int_equal(frt_gen_freeze(fx.draft, &fx.mem, 1, &gen), FRT_E_DRAFT);
	assert_null(gen);
	fx_end(&fx);
}

static void test_gen_of_an_empty_draft_finds_nothing(void **state)
{
	uint8_t addr[16] = {0};
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_freeze(&fx);
	assert_int_equal(fx.gen->nsets, 0);
	assert_null(frt_gen_set(fx.gen, FRT_STR("a")));
	assert_null(frt_gen_set_by_number(fx.gen, 0));
	assert_null(frt_gen_dst(fx.gen, FRT_STR("a"), FRT_STR("b")));
	assert_null(frt_gen_from(fx.gen, NULL, addr));
	fx_end(&fx);
}

static void test_gen_sequence_number_is_kept(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	assert_int_equal(frt_gen_freeze(fx.draft, &fx.mem, UINT32_MAX, &fx.gen), 0);
	assert_int_equal(fx.gen->seq, UINT32_MAX);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_gen_orders_by_priority_then_as_given),
			UNIT_TEST(test_gen_cuts_tiers_by_priority),
			UNIT_TEST(test_gen_keeps_every_value_of_a_destination),
			UNIT_TEST(test_gen_keeps_every_value_of_a_set),
			UNIT_TEST(test_gen_transport_of_sips_is_secure),
			UNIT_TEST(test_gen_neighbours_share_only_what_is_the_same),
			UNIT_TEST(test_gen_finds_sets_by_id_and_number),
			UNIT_TEST(test_gen_same_id_in_two_sets_is_two_destinations),
			UNIT_TEST(test_gen_finds_the_destination_of_a_record),
			UNIT_TEST(test_gen_finds_the_set_of_a_record),
			UNIT_TEST(test_gen_record_stands_in_the_old_and_the_new_table),
			UNIT_TEST(test_gen_finds_by_address_in_one_set),
			UNIT_TEST(test_gen_finds_by_address_in_any_set),
			UNIT_TEST(test_gen_finds_ipv6_and_mapped_addresses_in_any_form),
			UNIT_TEST(test_gen_one_destination_has_no_other_behind_it),
			UNIT_TEST(test_gen_many_destinations_at_one_address),
			UNIT_TEST(test_gen_hundred_thousand_destinations_in_one_set),
			UNIT_TEST(
					test_gen_hundred_thousand_destinations_in_ten_thousand_sets),
			UNIT_TEST(test_gen_refuses_a_draft_with_errors),
			UNIT_TEST(test_gen_of_an_empty_draft_finds_nothing),
			UNIT_TEST(test_gen_sequence_number_is_kept),
	};

	return UNIT_MAIN(tests);
}
