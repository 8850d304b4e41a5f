/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers of the DNS: what is taken, what is left out, and when to ask again.
 */
#include "frt_answer.h"
#include "fixture.h"

static frt_answer_buf_t buf;
static frt_answer_t answer;

static frt_str_t str(const char *s)
{
	return (frt_str_t){s, (uint32_t)strlen(s)};
}

static frt_raw_rr_t a(const char *owner, const char *bytes, uint32_t ttl_s)
{
	return (frt_raw_rr_t){.type = FRT_RR_A,
			.ttl_s = ttl_s,
			.owner = str(owner),
			.addr = (const uint8_t *)bytes};
}

static frt_raw_rr_t srv(
		const char *target, unsigned priority, unsigned weight, unsigned port)
{
	return (frt_raw_rr_t){.type = FRT_RR_SRV,
			.ttl_s = 60,
			.owner = str("_sip._udp.example.net"),
			.name = str(target),
			.priority = (uint16_t)priority,
			.weight = (uint16_t)weight,
			.port = (uint16_t)port};
}

static frt_raw_rr_t naptr(const char *service, const char *flags,
		const char *regexp, const char *to, unsigned order, unsigned preference)
{
	return (frt_raw_rr_t){.type = FRT_RR_NAPTR,
			.ttl_s = 60,
			.owner = str("example.net"),
			.name = str(to),
			.priority = (uint16_t)order,
			.weight = (uint16_t)preference,
			.flags = str(flags),
			.service = str(service),
			.regexp = str(regexp)};
}

static frt_raw_rr_t cname(const char *owner, const char *to, uint32_t ttl_s)
{
	return (frt_raw_rr_t){.type = FRT_RR_CNAME,
			.ttl_s = ttl_s,
			.owner = str(owner),
			.name = str(to)};
}

static frt_dns_t take(frt_rr_type_t type, const char *name,
		const frt_raw_rr_t *raw, uint32_t n)
{
	frt_dns_t err;

	frt_answer_begin(&buf);
	err = frt_answer_add(&buf, type, str(name), raw, n);
	frt_answer_end(&buf, &answer);
	return err;
}

static void assert_ip(const frt_rr_t *rr, const char *text)
{
	char mem[64];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_ip(&b, rr->addr);
	assert_string_equal(mem, text);
}

static void test_addresses_are_sorted_and_none_is_double(void **state)
{
	frt_raw_rr_t raw[] = {a("gw.example", "\xc0\x00\x02\x09", 300),
			a("GW.example.", "\xc0\x00\x02\x01", 60),
			a("gw.example", "\xc0\x00\x02\x09", 30)};

	(void)state;
	assert_int_equal(take(FRT_RR_A, "gw.example", raw, 3), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 2);
	assert_int_equal(answer.ttl_s, 30);
	assert_ip(&answer.rrs[0], "192.0.2.1");
	assert_ip(&answer.rrs[1], "192.0.2.9");
}

static void test_addresses_nobody_can_call_are_left_out(void **state)
{
	static const char *const bad[] = {"\x00\x00\x00\x00", "\x00\x01\x02\x03",
			"\xe0\x00\x00\x01", "\xff\xff\xff\xff", "\xf0\x00\x00\x01"};
	static const uint8_t bad6[][16] = {{0}, {0xff, 2, [15] = 1},
			{0xfe, 0x80, [15] = 1}, {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1}};
	static const uint8_t good6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	frt_raw_rr_t raw[6];
	uint32_t i;

	(void)state;
	for(i = 0; i < 5; i++)
		raw[i] = a("gw", bad[i], 60);
	assert_int_equal(take(FRT_RR_A, "gw", raw, 5), FRT_DNS_GARBAGE);
	assert_int_equal(buf.dropped, 5);
	/* private ones and the machine's own are a carrier's daily business */
	raw[5] = a("gw", "\x0a\x00\x00\x01", 60);
	assert_int_equal(take(FRT_RR_A, "gw", raw, 6), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 1);
	for(i = 0; i < 5; i++)
		raw[i] = (frt_raw_rr_t){.type = FRT_RR_AAAA,
				.owner = str("gw"),
				.addr = i < 4 ? bad6[i] : good6};
	assert_int_equal(take(FRT_RR_AAAA, "gw", raw, 5), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 1);
	assert_ip(&answer.rrs[0], "2001:db8::1");
}

static void test_targets_that_are_no_names_are_left_out(void **state)
{
	char longest[300];
	frt_raw_rr_t raw[] = {srv("gw1.example.net", 10, 0, 5060),
			srv("gw 2.example.net", 10, 0, 5060),
			srv("gw3\n.example.net", 10, 0, 5060),
			srv("<gw4>.example.net", 10, 0, 5060),
			srv("192.0.2.1", 10, 0, 5060), srv("gw5.example.net", 10, 0, 0),
			srv("m\xc3\xbcnchen.example.net", 10, 0, 5060),
			srv("-gw6.example.net", 10, 0, 5060), srv("", 10, 0, 5060)};

	(void)state;
	memset(longest, 'a', sizeof(longest));
	for(size_t i = 50; i < sizeof(longest); i += 51)
		longest[i] = '.';
	longest[sizeof(longest) - 1] = '\0';
	raw[8].name = str(longest);
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", raw, 9), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 1);
	assert_int_equal(buf.dropped, 8);
}

static void test_srv_by_priority_then_the_heavier_first(void **state)
{
	frt_raw_rr_t raw[] = {srv("C.example.net.", 20, 0, 5060),
			srv("b.example.net", 10, 5, 5060),
			srv("a.example.net", 10, 60, 5070),
			srv("a.example.net", 30, 60, 5070)};

	(void)state;
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", raw, 4), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 3); /* the second a is the first again */
	assert_string_equal(answer.rrs[0].name.s, "a.example.net");
	assert_string_equal(answer.rrs[1].name.s, "b.example.net");
	assert_string_equal(answer.rrs[2].name.s, "c.example.net");
	assert_int_equal(answer.rrs[0].port, 5070);
}

static void test_target_dot_is_a_good_answer_without_records(void **state)
{
	frt_raw_rr_t raw[] = {srv("", 0, 0, 0), srv("a.example.net", 1, 1, 5060)};
	frt_raw_rr_t dot = srv(".", 0, 0, 0);

	(void)state;
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", raw, 1), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 0);
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", &dot, 1), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 0);
	/* beside others it says nothing */
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", raw, 2), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 1);
}

static void test_naptr_of_sip_only_by_order_and_preference(void **state)
{
	frt_raw_rr_t raw[] = {
			naptr("SIP+D2T", "s", "", "_sip._tcp.example.net", 20, 1),
			naptr("sip+d2u", "S", "", "_sip._udp.example.net", 10, 9),
			naptr("SIPS+D2T", "s", "", "_sips._tcp.example.net", 10, 1),
			naptr("SIP+D2U", "u", "", "_sip._udp.example.net", 1, 1),
			naptr("SIP+D2U", "s", "!^.*$!sip:x@y!", "_sip._udp.x", 1, 1),
			naptr("E2U+sip", "s", "", "_sip._udp.example.net", 1, 1)};

	(void)state;
	assert_int_equal(take(FRT_RR_NAPTR, "example.net", raw, 6), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 3);
	assert_int_equal(answer.rrs[0].proto, FRT_PROTO_TLS);
	assert_int_equal(answer.rrs[1].proto, FRT_PROTO_UDP);
	assert_int_equal(answer.rrs[2].proto, FRT_PROTO_TCP);
}

static void test_aliases_are_followed_and_their_ttl_counts(void **state)
{
	frt_raw_rr_t raw[] = {a("c.example", "\xc0\x00\x02\x01", 300),
			cname("b.example", "c.example", 20),
			cname("A.example", "b.example.", 300)};

	(void)state;
	assert_int_equal(take(FRT_RR_A, "a.example", raw, 3), FRT_DNS_GOOD);
	assert_int_equal(answer.n, 1);
	assert_int_equal(answer.ttl_s, 20);
	/* where they lead must be asked, if the answer does not say */
	assert_int_equal(take(FRT_RR_A, "a.example", raw + 1, 2), FRT_DNS_EMPTY);
	assert_string_equal(buf.next.s, "c.example");
}

/* RFC 2181 section 8 */
static void test_a_ttl_with_the_highest_bit_is_none(void **state)
{
	frt_raw_rr_t raw[] = {a("b.example", "\xc0\x00\x02\x01", INT32_MAX),
			cname("a.example", "b.example", 0x80000000u)};

	(void)state;
	assert_int_equal(take(FRT_RR_A, "b.example", raw, 1), FRT_DNS_GOOD);
	assert_int_equal(answer.ttl_s, INT32_MAX);
	assert_int_equal(take(FRT_RR_A, "a.example", raw, 2), FRT_DNS_GOOD);
	assert_int_equal(answer.ttl_s, 0);
	raw[0].ttl_s = UINT32_MAX;
	assert_int_equal(take(FRT_RR_A, "b.example", raw, 1), FRT_DNS_GOOD);
	assert_int_equal(answer.ttl_s, 0);
}

static void test_aliases_in_a_circle_end(void **state)
{
	frt_raw_rr_t raw[] = {cname("a.example", "b.example", 300),
			cname("b.example", "a.example", 300),
			cname("self.example", "self.example", 300)};

	(void)state;
	assert_int_equal(take(FRT_RR_A, "a.example", raw, 3), FRT_DNS_EMPTY);
	assert_int_equal(take(FRT_RR_A, "self.example", raw, 3), FRT_DNS_EMPTY);
	assert_int_equal(buf.next.len, 0);
}

static void test_records_of_other_names_say_nothing(void **state)
{
	frt_raw_rr_t raw[] = {a("evil.example", "\xc0\x00\x02\x01", 300)};

	(void)state;
	assert_int_equal(take(FRT_RR_A, "gw.example", raw, 1), FRT_DNS_EMPTY);
	assert_int_equal(answer.n, 0);
	assert_int_equal(take(FRT_RR_SRV, "evil.example", raw, 1), FRT_DNS_EMPTY);
	assert_int_equal(take(FRT_RR_A, "gw.example", raw, 0), FRT_DNS_EMPTY);
}

static void test_more_records_than_there_is_room_for(void **state)
{
	static frt_raw_rr_t raw[100];
	static char names[100][32];
	uint32_t i;

	(void)state;
	for(i = 0; i < 100; i++) {
		snprintf(names[i], sizeof(names[i]), "gw%u.example.net", i);
		raw[i] = srv(names[i], 10, 0, 5060);
	}
	assert_int_equal(
			take(FRT_RR_SRV, "_sip._udp.example.net", raw, 100), FRT_DNS_GOOD);
	assert_int_equal(answer.n, FRT_RRS_MAX);
	assert_int_equal(buf.dropped, 36);
}

/* Servers change their records' order from answer to answer. */
static void test_of_too_many_the_same_are_kept_in_any_order(void **state)
{
	static frt_raw_rr_t raw[100], turned[100];
	static char addr[100][4], names[100][32];
	uint32_t i, turn;

	(void)state;
	for(turn = 0; turn < 100; turn++) {
		for(i = 0; i < 100; i++) {
			memcpy(addr[i], "\xc0\x00\x02", 3);
			addr[i][3] = (char)(i + 1);
			raw[i] = a("gw.example", addr[i], 60);
		}
		for(i = 0; i < 100; i++)
			turned[i] = raw[(i + turn) % 100];
		assert_int_equal(
				take(FRT_RR_A, "gw.example", turned, 100), FRT_DNS_GOOD);
		assert_int_equal(answer.n, FRT_RRS_MAX);
		assert_ip(&answer.rrs[0], "192.0.2.1");
		assert_ip(&answer.rrs[FRT_RRS_MAX - 1], "192.0.2.64");

		/* and of targets those that are tried first */
		for(i = 0; i < 100; i++) {
			snprintf(names[i], sizeof(names[i]), "gw%u.example.net", i);
			raw[i] = srv(names[i], 1 + i, 0, 5060);
		}
		for(i = 0; i < 100; i++)
			turned[i] = raw[(i + turn) % 100];
		assert_int_equal(take(FRT_RR_SRV, "_sip._udp.example.net", turned, 100),
				FRT_DNS_GOOD);
		assert_int_equal(answer.n, FRT_RRS_MAX);
		assert_int_equal(answer.rrs[0].priority, 1);
		assert_int_equal(answer.rrs[FRT_RRS_MAX - 1].priority, 64);
	}
}

static void test_addresses_of_one_kind_are_kept(void **state)
{
	static const uint8_t six[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
	frt_raw_rr_t raw[] = {a("gw", "\xc0\x00\x02\x01", 60),
			{.type = FRT_RR_AAAA, .owner = str("gw"), .addr = six}};
	fx_heap_t heap = {0};
	frt_mem_t mem = fx_mem(&heap);
	frt_answer_t *old;

	(void)state;
	frt_answer_begin(&buf);
	frt_answer_add(&buf, FRT_RR_A, str("gw"), raw, 2);
	frt_answer_add(&buf, FRT_RR_AAAA, str("gw"), raw, 2);
	frt_answer_end(&buf, &answer);
	old = frt_answer_copy(&answer, &mem);
	assert_non_null(old);
	raw[0] = a("gw", "\xc0\x00\x02\x02", 60);
	frt_answer_begin(&buf);
	frt_answer_add(&buf, FRT_RR_A, str("gw"), raw, 1);
	frt_answer_keep(&buf, old, true);
	frt_answer_end(&buf, &answer);
	assert_int_equal(answer.n, 2);
	assert_ip(&answer.rrs[0], "192.0.2.2");
	assert_ip(&answer.rrs[1], "2001:db8::1");
	frt_mem_free(&mem, old);
}

static void test_copy_has_all_of_it(void **state)
{
	frt_raw_rr_t raw[] = {srv("a.example.net", 10, 5, 5060),
			srv("b.example.net", 10, 60, 5070)};
	fx_heap_t heap = {0};
	frt_mem_t mem = fx_mem(&heap);
	frt_answer_t *copy;

	(void)state;
	take(FRT_RR_SRV, "_sip._udp.example.net", raw, 2);
	copy = frt_answer_copy(&answer, &mem);
	memset(&buf, 0xee, sizeof(buf));
	assert_int_equal(copy->n, 2);
	assert_string_equal(copy->rrs[0].name.s, "b.example.net");
	assert_string_equal(copy->rrs[1].name.s, "a.example.net");
	assert_int_equal(copy->rrs[1].weight, 5);
	frt_mem_free(&mem, copy);
}

static void test_ttl_within_its_bounds_and_never_later(void **state)
{
	frt_rand_t rnd = {.state = 1};
	int i;

	(void)state;
	for(i = 0; i < 1000; i++) {
		assert_in_range(
				frt_dns_refresh_ms(60, 5000, 3600000, &rnd), 54000, 60000);
		assert_in_range(frt_dns_refresh_ms(0, 5000, 3600000, &rnd), 4500, 5000);
		assert_in_range(frt_dns_refresh_ms(UINT32_MAX, 5000, 3600000, &rnd),
				3240000, 3600000);
		assert_in_range(frt_dns_refresh_ms(60, 0, 0, &rnd), 1, 1);
	}
}

static void test_retries_back_off_to_a_minute(void **state)
{
	static const uint64_t base[] = {5000, 10000, 20000, 40000, 60000, 60000};
	frt_rand_t rnd = {.state = 1};
	uint32_t i;

	(void)state;
	for(i = 0; i < 6; i++)
		assert_in_range(frt_dns_retry_ms(i + 1, 10000, 3600000, &rnd), base[i],
				base[i] * 11 / 10);
	assert_in_range(frt_dns_retry_ms(1, 1000, 4000, &rnd), 1000, 1100);
	assert_in_range(frt_dns_retry_ms(9, 1000, 4000, &rnd), 4000, 4400);
	assert_in_range(
			frt_dns_retry_ms(UINT32_MAX, 1000, 3600000, &rnd), 60000, 66000);
}

/* Whatever bytes come: what is taken can stand in a URI and an id. */
static void test_any_bytes_give_a_sound_answer(void **state)
{
	static frt_raw_rr_t raw[128];
	static char bytes[128][40];
	frt_rand_t rnd = {.state = 7};
	uint32_t round, i, j;

	(void)state;
	for(round = 0; round < 2000; round++) {
		for(i = 0; i < 128; i++) {
			uint32_t len = (uint32_t)frt_rand_below(&rnd, sizeof(bytes[i]));
			bool tame = frt_rand_below(&rnd, 2) == 0;

			for(j = 0; j < sizeof(bytes[i]); j++)
				bytes[i][j] = tame ? "abc.-_09"[frt_rand_below(&rnd, 8)]
								   : (char)frt_rand_below(&rnd, 256);
			raw[i] = (frt_raw_rr_t){
					.type = (frt_rr_type_t)frt_rand_below(&rnd, 5),
					.owner = str("x"),
					.name = {bytes[i], len},
					.addr = (const uint8_t *)bytes[i],
					.port = (uint16_t)frt_rand_below(&rnd, 3),
					.flags = str("s"),
					.service = str("SIP+D2U")};
		}
		take((frt_rr_type_t)(round % 4), "x", raw, 128);
		for(i = 0; i < answer.n; i++) {
			const frt_rr_t *rr = &answer.rrs[i];

			if(rr->name.len)
				assert_null(frt_host_check(rr->name));
			for(j = 0; j < rr->name.len; j++)
				assert_false(rr->name.s[j] >= 'A' && rr->name.s[j] <= 'Z');
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_addresses_are_sorted_and_none_is_double),
			UNIT_TEST(test_addresses_nobody_can_call_are_left_out),
			UNIT_TEST(test_targets_that_are_no_names_are_left_out),
			UNIT_TEST(test_srv_by_priority_then_the_heavier_first),
			UNIT_TEST(test_target_dot_is_a_good_answer_without_records),
			UNIT_TEST(test_naptr_of_sip_only_by_order_and_preference),
			UNIT_TEST(test_aliases_are_followed_and_their_ttl_counts),
			UNIT_TEST(test_a_ttl_with_the_highest_bit_is_none),
			UNIT_TEST(test_aliases_in_a_circle_end),
			UNIT_TEST(test_records_of_other_names_say_nothing),
			UNIT_TEST(test_more_records_than_there_is_room_for),
			UNIT_TEST(test_of_too_many_the_same_are_kept_in_any_order),
			UNIT_TEST(test_addresses_of_one_kind_are_kept),
			UNIT_TEST(test_copy_has_all_of_it),
			UNIT_TEST(test_ttl_within_its_bounds_and_never_later),
			UNIT_TEST(test_retries_back_off_to_a_minute),
			UNIT_TEST(test_any_bytes_give_a_sound_answer),
	};

	return UNIT_MAIN(tests);
}
