/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIP URIs, local sockets and IP addresses: what is taken, what is refused,
 * and that no byte behind a text is read (each is copied to its exact size, so
 * that the address sanitizer sees the end).
 */
#include "draft_help.h"

static const char *last_why;
static char *last_copy; /* the slices of a result point into it */

static int uri(const char *text, frt_uri_t *out)
{
	size_t len = strlen(text);
	frt_str_t s = {NULL, (uint32_t)len};
	int err;

	free(last_copy);
	last_copy = malloc(len > 0 ? len : 1);
	memcpy(last_copy, text, len);
	s.s = last_copy;
	err = frt_uri_parse_why(s, out, &last_why);
	assert_int_equal(err, frt_uri_parse(s, out));
	assert_true((err == 0) == (last_why == NULL));
	return err;
}

#define assert_str(slice, text) assert_true(frt_str_eq(slice, FRT_STR(text)))

static void test_uri_plain_host(void **state)
{
	frt_uri_t u;

	(void)state;
	assert_int_equal(uri("sip:us-east-1.sip.example.net", &u), 0);
	assert_str(u.host, "us-east-1.sip.example.net");
	assert_int_equal(u.port, 0);
	assert_int_equal(u.user.len, 0);
	assert_int_equal(u.transport, FRT_PROTO_ANY);
	assert_false(u.sips);
	assert_false(u.is_ip);
}

static void test_uri_all_parts(void **state)
{
	frt_uri_t u;

	(void)state;
	assert_int_equal(
			uri("SIPS:trunk%20a:pw@192.0.2.1:5061;lr;Transport=TLS?X-A=b", &u),
			0);
	assert_true(u.sips);
	assert_str(u.user, "trunk%20a:pw");
	assert_str(u.host, "192.0.2.1");
	assert_int_equal(u.port, 5061);
	assert_int_equal(u.transport, FRT_PROTO_TLS);
	assert_true(u.is_ip);
}

static void test_uri_ipv6_reference(void **state)
{
	frt_uri_t u;

	(void)state;
	assert_int_equal(uri("sip:[2001:db8::1]:5080;transport=tcp", &u), 0);
	assert_str(u.host, "[2001:db8::1]");
	assert_int_equal(u.port, 5080);
	assert_true(u.is_ip);
	assert_int_equal(uri("sip:[::]", &u), 0);
	assert_int_equal(uri("sip:2001:db8::1", &u), FRT_E_SYNTAX);
	assert_string_equal(
			last_why, "an IPv6 address stands in brackets: [2001:db8::1]");
	assert_int_equal(uri("sip:[2001:db8::1", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:[2001:db8::1]5060", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:[192.0.2.1]", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:[]", &u), FRT_E_SYNTAX);
	assert_string_equal(last_why, "the IPv6 address is malformed");
}

static void test_uri_names_that_are_good(void **state)
{
	static const char *const good[] = {"sip:a", "sip:gw1", "sip:a.b.",
			"sip:_sip._udp.example.net", "sip:xn--mnchen-3ya.example",
			"sip:3com.example", "sip:a-b.c-d", "sip:1.2.3.example",
			"sip:host;transport=ws", "sips:host;transport=wss",
			"sip:host;transport=sctp;maddr=192.0.2.1", "sip:;x@host",
			"sip:+1-212-555-1212:1234@gw.com;user=phone", "sip:host?a=b&c="};
	frt_uri_t u;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if(uri(good[i], &u) != 0)
			fail_msg("%s: %s", good[i], last_why);
	}
}

static void test_uri_malformed_is_refused(void **state)
{
	static const char *const bad[] = {"", "s", "sip", "sip:", "sips:", "tel:1",
			"http://a", "host", ":host", "sip:@host", "sip:a@", "sip:a@b@c",
			"sip:a b", "sip:a\tb", "sip:a\nb", "sip:\xc3\xbc", "sip:a\x7f",
			"sip:.a", "sip:a..b", "sip:-a", "sip:a-", "sip:a-.b", "sip:a.-b",
			"sip:.", "sip:a!b", "sip:<a>", "sip:\"a\"", "sip:a,b", "sip:1.2.3",
			"sip:1.2.3.4.5", "sip:1.2.3.256", "sip:1.2.3.04", "sip:1.2.3.",
			"sip:1", "sip:host;", "sip:host;=x",
			"sip:host;a=", "sip:host;a=b=c",
			"sip:host;transport=", "sip:host;transport",
			"sip:host;transport=any", "sip:host;transport=foo", "sip:%zz@host",
			"sip:%4@host", "sip:a%@host", "sip:host?a b", "sip:a\\b@host",
			"sip:host;transport=udp;transport=tcp"};
	frt_uri_t u;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(uri(bad[i], &u) != FRT_E_SYNTAX)
			fail_msg("taken: %s", bad[i]);
	}
}

static void test_uri_ports(void **state)
{
	frt_uri_t u;

	(void)state;
	assert_int_equal(uri("sip:a:1", &u), 0);
	assert_int_equal(uri("sip:a:65535", &u), 0);
	assert_int_equal(u.port, 65535);
	assert_int_equal(uri("sip:a:0", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:a:65536", &u), FRT_E_SYNTAX);
	assert_string_equal(last_why, "the port must be 1..65535");
	assert_int_equal(uri("sip:a:", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:a:5060x", &u), FRT_E_SYNTAX);
	assert_int_equal(uri("sip:192.0.2.1:-1", &u), FRT_E_SYNTAX);
}

static void test_uri_is_sent_over(void **state)
{
	static const struct
	{
		const char *uri;
		frt_proto_t proto;
	} of[] = {{"sip:host", FRT_PROTO_ANY}, {"sips:host", FRT_PROTO_TLS},
			{"sip:host;transport=tcp", FRT_PROTO_TCP},
			{"sips:host;transport=tcp", FRT_PROTO_TLS},
			{"sip:host;transport=ws", FRT_PROTO_WS},
			{"sips:host;transport=ws", FRT_PROTO_WSS}};
	frt_uri_t u;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		assert_int_equal(uri(of[i].uri, &u), 0);
		assert_int_equal(frt_uri_proto(&u), of[i].proto);
	}
}

static void test_uri_sips_over_udp_is_refused(void **state)
{
	frt_uri_t u;

	(void)state;
	assert_int_equal(uri("sips:a;transport=udp", &u), FRT_E_SYNTAX);
	assert_string_equal(
			last_why, "sips: needs a secure transport, and udp is none");
	assert_int_equal(uri("sips:a;transport=tcp", &u), 0);
	assert_int_equal(uri("sip:a;transport=udp", &u), 0);
}

static void test_uri_length_is_bounded(void **state)
{
	char text[300];
	frt_uri_t u;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "sip:", 4);
	text[4 + 62] = text[4 + 125] = text[4 + 188] = '.';
	text[FRT_URI_MAX] = '\0';
	assert_int_equal(uri(text, &u), 0);
	text[FRT_URI_MAX] = 'a';
	text[FRT_URI_MAX + 1] = '\0';
	assert_int_equal(uri(text, &u), FRT_E_SYNTAX);
	assert_string_equal(last_why, "it is longer than 255 characters");
	memset(text + 4, 'a', 64);
	text[4 + 64] = '\0';
	assert_int_equal(uri(text, &u), FRT_E_SYNTAX);
}

static void test_uri_embedded_nul_is_refused(void **state)
{
	frt_str_t s = {"sip:a\0b@host", 12};
	frt_uri_t u;

	(void)state;
	assert_int_equal(frt_uri_parse(s, &u), FRT_E_SYNTAX);
}

static int ip(const char *text, const char *hex)
{
	uint8_t out[16];
	char got[33];
	size_t len = strlen(text), i;
	char *copy = malloc(len > 0 ? len : 1);
	frt_str_t s = {copy, (uint32_t)len};
	int err;

	memcpy(copy, text, len);
	err = frt_ip_parse(s, out);
	free(copy);
	if(err == 0 && hex != NULL) {
		for(i = 0; i < 16; i++)
			snprintf(got + 2 * i, 3, "%02x", out[i]);
		assert_string_equal(got, hex);
	}
	return err;
}

static void test_ip_in_every_spelling(void **state)
{
	(void)state;
	assert_int_equal(ip("192.0.2.1", "00000000000000000000ffffc0000201"), 0);
	assert_int_equal(
			ip("::ffff:192.0.2.1", "00000000000000000000ffffc0000201"), 0);
	assert_int_equal(ip("::", "00000000000000000000000000000000"), 0);
	assert_int_equal(ip("[::1]", "00000000000000000000000000000001"), 0);
	assert_int_equal(ip("1::", "00010000000000000000000000000000"), 0);
	assert_int_equal(
			ip("2001:DB8::a:b", "20010db80000000000000000000a000b"), 0);
	assert_int_equal(
			ip("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"), 0);
	assert_int_equal(
			ip("1:2:3:4:5:6:7::", "00010002000300040005000600070000"), 0);
	assert_int_equal(
			ip("::2:3:4:5:6:7:8", "00000002000300040005000600070008"), 0);
	assert_int_equal(
			ip("1:2:3:4:5:6:192.0.2.1", "000100020003000400050006c0000201"), 0);
	assert_int_equal(ip("255.255.255.255", NULL), 0);
	assert_int_equal(ip("0.0.0.0", NULL), 0);
}

static void test_ip_malformed_is_refused(void **state)
{
	static const char *const bad[] = {"", "1", "1.2.3", "1.2.3.4.5",
			"1.2.3.256", "01.2.3.4", "1..2.3", "a.b.c.d", "1.2.3.4 ", ":",
			":::", "1:", ":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
			"1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:8::1:2:3:4:5:6:7:8:9:a",
			"::1:2:3:4:5:6:7:8", "12345::", "g::", "[::1", "::1]", "[]",
			"[1.2.3.4]", "fe80::1%eth0", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3",
			"1.2.3.4::", "::1.2.3.4:5", "1:::2", "1::2:", "::1:"};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(ip(bad[i], NULL) != FRT_E_SYNTAX)
			fail_msg("taken: %s", bad[i]);
	}
}

static void test_socket_needs_all_three_parts(void **state)
{
	frt_socket_t s;
	const char *why;

	(void)state;
	assert_int_equal(
			frt_socket_parse(FRT_STR("udp:192.0.2.1:5060"), &s, &why), 0);
	assert_int_equal(s.proto, FRT_PROTO_UDP);
	assert_str(s.host, "192.0.2.1");
	assert_int_equal(s.port, 5060);
	assert_true(s.is_ip);
	assert_int_equal(
			frt_socket_parse(FRT_STR("TLS:[2001:db8::1]:5061"), &s, &why), 0);
	assert_int_equal(s.proto, FRT_PROTO_TLS);
	assert_str(s.host, "[2001:db8::1]");
	assert_int_equal(
			frt_socket_parse(FRT_STR("wss:sbc.example.net:443"), &s, &why), 0);
	assert_false(s.is_ip);
	assert_int_equal(
			frt_socket_parse(FRT_STR("udp:192.0.2.1"), &s, &why), FRT_E_SYNTAX);
	assert_string_equal(why, "the port is missing");
	assert_int_equal(frt_socket_parse(FRT_STR("192.0.2.1:5060"), &s, &why),
			FRT_E_SYNTAX);
	assert_string_equal(
			why, "it must begin with udp:, tcp:, tls:, sctp:, ws: or wss:");
}

static void test_socket_malformed_is_refused(void **state)
{
	static const char *const bad[] = {"", "udp", "udp:", "udp::5060",
			"udp:2001:db8::1:5060", "udp:1.2.3.4:0", "udp:1.2.3.4:99999",
			"any:1.2.3.4:5060", "foo:1.2.3.4:5060", "udp:1.2.3.400:5060",
			"udp:[::1]5060", "udp:a b:5060", "udp:1.2.3.4:5060 "};
	frt_socket_t s;
	const char *why;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(frt_socket_parse(str_of(bad[i]), &s, &why) != FRT_E_SYNTAX)
			fail_msg("taken: %s", bad[i]);
		assert_non_null(why);
	}
}

/* Any bytes: no crash, and what is taken lies inside the text. */
static void test_uri_of_random_bytes_stays_inside(void **state)
{
	static const char alphabet[] = "sip:SIPS@[];=?.-_%19afgz \\\"<\0\n\xc3";
	frt_rand_t r = {.state = 4711};
	int round;

	(void)state;
	for(round = 0; round < 200000; round++) {
		uint32_t len = (uint32_t)frt_rand_below(&r, 24), i;
		char *copy = malloc(len > 0 ? len : 1);
		frt_str_t s = {copy, len};
		frt_uri_t u;
		frt_socket_t k;
		const char *why;
		uint8_t out[16];
		for(i = 0; i < len; i++)
			copy[i] = alphabet[frt_rand_below(&r, sizeof(alphabet) - 1)];
		if(len >= 4 && (round & 1))
			memcpy(copy, "sip:", 4);
		if(frt_uri_parse(s, &u) == 0)
			assert_true(u.host.s >= copy && u.host.s + u.host.len <= copy + len
						&& u.host.len > 0);
		(void)frt_socket_parse(s, &k, &why);
		(void)frt_ip_parse(s, out);
		free(copy);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_uri_plain_host),
			UNIT_TEST(test_uri_all_parts),
			UNIT_TEST(test_uri_ipv6_reference),
			UNIT_TEST(test_uri_names_that_are_good),
			UNIT_TEST(test_uri_malformed_is_refused),
			UNIT_TEST(test_uri_ports),
			UNIT_TEST(test_uri_is_sent_over),
			UNIT_TEST(test_uri_sips_over_udp_is_refused),
			UNIT_TEST(test_uri_length_is_bounded),
			UNIT_TEST(test_uri_embedded_nul_is_refused),
			UNIT_TEST(test_ip_in_every_spelling),
			UNIT_TEST(test_ip_malformed_is_refused),
			UNIT_TEST(test_socket_needs_all_three_parts),
			UNIT_TEST(test_socket_malformed_is_refused),
			UNIT_TEST(test_uri_of_random_bytes_stays_inside),
	};
	int failed = UNIT_MAIN(tests);

	free(last_copy);
	return failed;
}
