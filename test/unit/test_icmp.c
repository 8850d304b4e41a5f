/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading ICMP: what must be believed, and a great deal that must not. Each
 * packet is put into a block of exactly its size, so that the sanitizer sees a
 * read beyond it.
 */
#include "frt_icmp.h"
#include "unit.h"

#define MD5 "0123456789abcdef0123456789abcdef"
#define BRANCH "z9hG4bK4e2." MD5 ".1"
#define VIA "Via: SIP/2.0/UDP 192.0.2.1;branch=" BRANCH "\r\n"
#define LINE "INVITE sip:100@192.0.2.9:5060 SIP/2.0\r\n"
#define MESSAGE LINE VIA "Via: SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKx\r\n"

/* A packet under construction. */
typedef struct packet
{
	uint8_t p[2048];
	size_t len;
	size_t icmp;   /* where the ICMP message begins */
	size_t quoted; /* where the quoted packet begins */
} packet_t;

static packet_t pkt;

static void put16(size_t at, unsigned v)
{
	pkt.p[at] = (uint8_t)(v >> 8);
	pkt.p[at + 1] = (uint8_t)v;
}

static void add(const void *bytes, size_t len)
{
	memcpy(pkt.p + pkt.len, bytes, len);
	pkt.len += len;
}

static void add_ip4(uint8_t proto, uint8_t from, uint8_t to)
{
	const uint8_t head[20] = {0x45, 0, 0, 0, 0, 7, 0, 0, 64, proto, 0, 0, 192,
			0, 2, from, 192, 0, 2, to};

	add(head, sizeof(head));
}

static void add_udp(const char *payload, size_t len)
{
	const uint8_t head[8] = {0x13, 0xc4, 0x13, 0xce, 0, 0, 0, 0};

	add(head, sizeof(head));
	add(payload, len);
	put16(pkt.len - len - 4, (unsigned)(len + 8));
}

/* The checksum and the lengths, over what is there now. */
static void seal(void)
{
	uint32_t sum = 0;
	size_t i;

	put16(2, (unsigned)pkt.len);
	put16(pkt.icmp + 2, 0);
	for(i = pkt.icmp; i < pkt.len; i++)
		sum += (uint32_t)pkt.p[i] << ((i - pkt.icmp) & 1 ? 0 : 8);
	while(sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	put16(pkt.icmp + 2, ~sum & 0xffff);
}

/* From 192.0.2.9: 192.0.2.1:5060 could not reach 192.0.2.9:5070. */
static void make4_of(const char *payload, size_t len)
{
	const uint8_t head[8] = {3, 3, 0, 0, 0, 0, 0, 0};

	memset(&pkt, 0, sizeof(pkt));
	add_ip4(1, 9, 1);
	pkt.icmp = pkt.len;
	add(head, sizeof(head));
	pkt.quoted = pkt.len;
	add_ip4(17, 1, 9);
	add_udp(payload, len);
	put16(pkt.quoted + 2, (unsigned)(pkt.len - pkt.quoted));
	seal();
}

static void make4(const char *payload)
{
	make4_of(payload, strlen(payload));
}

static void make6(
		const char *payload, const void *chain, size_t chain_len, uint8_t next)
{
	const uint8_t head[8] = {1, 4, 0, 0, 0, 0, 0, 0};
	uint8_t ip[40] = {0x60};

	memset(&pkt, 0, sizeof(pkt));
	add(head, sizeof(head));
	pkt.quoted = pkt.len;
	ip[6] = next;
	ip[8 + 15] = 1;
	ip[24 + 15] = 9;
	add(ip, sizeof(ip));
	add(chain, chain_len);
	add_udp(payload, strlen(payload));
}

static int parse_part(bool v6, size_t len, frt_icmp_t *out)
{
	uint8_t *block = malloc(len ? len : 1);
	int err;

	memcpy(block, pkt.p, len);
	memset(out, 0, sizeof(*out));
	err = v6 ? frt_icmp6_parse(block, len, out)
			 : frt_icmp4_parse(block, len, out);
	free(block);
	return err;
}

static int parse4(void)
{
	frt_icmp_t out;

	return parse_part(false, pkt.len, &out);
}

static int parse6(void)
{
	frt_icmp_t out;

	return parse_part(true, pkt.len, &out);
}

static void test_icmp4_port_unreachable(void **state)
{
	const uint8_t from[16] = {
			0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
	frt_icmp_t out;

	(void)state;
	make4(MESSAGE);
	assert_int_equal(parse_part(false, pkt.len, &out), 0);
	assert_memory_equal(out.src, from, 16);
	assert_int_equal(out.dst[15], 9);
	assert_int_equal(out.src_port, 5060);
	assert_int_equal(out.dst_port, 5070);
	assert_int_equal(out.via.index, 0x2e4); /* lowest digit first */
	assert_int_equal(out.via.branch, 1);
	assert_memory_equal(out.via.md5, MD5, FRT_BRANCH_MD5);
}

/* RFC 3261 section 18.4: which errors are failures. */
static void test_icmp4_types_and_codes(void **state)
{
	int code, type;

	(void)state;
	for(code = 0; code < 256; code++) {
		make4(MESSAGE);
		pkt.p[pkt.icmp + 1] = (uint8_t)code;
		seal();
		assert_int_equal(parse4(),
				code <= 15 && code != 4 && code != 5 ? 0 : FRT_E_INVAL);
	}
	for(type = 0; type < 256; type++) {
		make4(MESSAGE);
		pkt.p[pkt.icmp] = (uint8_t)type;
		seal();
		assert_int_equal(parse4(), type == 3 || type == 12 ? 0 : FRT_E_INVAL);
	}
}

/* Every length: enough, or refused without a read beyond it. */
static void test_icmp4_cut_anywhere(void **state)
{
	size_t whole, enough, len;
	frt_icmp_t out;

	(void)state;
	make4(MESSAGE);
	whole = pkt.len;
	enough = pkt.quoted + 28 + sizeof(LINE VIA) - 1 - 1; /* up to the CR */
	for(len = 0; len <= whole; len++) {
		int err;

		/* outer lengths lie about what has come */
		make4(MESSAGE);
		err = parse_part(false, len, &out);
		assert_int_equal(err, len == whole ? 0 : FRT_E_SYNTAX);
		if(len < pkt.icmp + 8)
			continue;
		/* a router that quotes so much and no more */
		pkt.len = len;
		seal();
		err = parse_part(false, len, &out);
		assert_int_equal(err, len >= enough ? 0 : FRT_E_SYNTAX);
	}
}

static void test_icmp4_wrong_checksum(void **state)
{
	size_t i;

	(void)state;
	make4(MESSAGE);
	for(i = pkt.icmp; i < pkt.len; i++) {
		make4(MESSAGE);
		pkt.p[i] ^= 0x10;
		assert_true(parse4() != 0);
	}
	make4(MESSAGE "x"); /* an odd number of bytes */
	assert_int_equal(parse4(), 0);
	pkt.p[pkt.len - 1]++;
	assert_int_equal(parse4(), FRT_E_SYNTAX);
}

static void set_and_seal(size_t at, uint8_t v)
{
	make4(MESSAGE);
	pkt.p[at] = v;
	seal();
}

static void test_icmp4_headers_that_lie(void **state)
{
	(void)state;
	make4(MESSAGE);
	put16(2, (unsigned)pkt.len + 1);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	put16(2, 19);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	make4(MESSAGE);
	pkt.p[0] = 0x44; /* header of 16 bytes */
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	pkt.p[0] = 0x4f; /* of 60: the message begins elsewhere then */
	assert_true(parse4() != 0);
	pkt.p[0] = 0x65;
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	make4(MESSAGE);
	pkt.p[9] = 17;
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	make4(MESSAGE);
	pkt.p[7] = 1; /* a later fragment */
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	/* and what is quoted: version, header length, protocol, fragment */
	set_and_seal(pkt.quoted, 0x65);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	set_and_seal(pkt.quoted, 0x44);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	set_and_seal(pkt.quoted + 9, 6);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	set_and_seal(pkt.quoted + 7, 185);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	set_and_seal(pkt.quoted + 3, 20); /* ends before UDP, after the high byte */
	pkt.p[pkt.quoted + 2] = 0;
	seal();
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	/* UDP: no port, no length */
	make4(MESSAGE);
	put16(pkt.quoted + 20, 0);
	seal();
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	make4(MESSAGE);
	put16(pkt.quoted + 24, 8);
	seal();
	assert_int_equal(parse4(), FRT_E_SYNTAX);
}

static void insert(size_t at, const void *bytes, size_t len)
{
	memmove(pkt.p + at + len, pkt.p + at, pkt.len - at);
	memcpy(pkt.p + at, bytes, len);
	pkt.len += len;
}

static void test_icmp4_options_are_stepped_over(void **state)
{
	const uint8_t options[8] = {0x94, 4, 0, 0, 1, 1, 1, 0};
	frt_icmp_t out;

	(void)state;
	make4(MESSAGE);
	insert(pkt.quoted + 20, options, 4);
	pkt.p[pkt.quoted] = 0x46;
	insert(20, options, 8);
	pkt.icmp += 8;
	pkt.quoted += 8;
	pkt.p[0] = 0x47;
	put16(pkt.quoted + 2, (unsigned)(pkt.len - pkt.quoted));
	seal();
	assert_int_equal(parse_part(false, pkt.len, &out), 0);
	assert_int_equal(out.dst_port, 5070);
	/* options that do not end within what is there */
	pkt.len = pkt.quoted + 22;
	seal();
	assert_int_equal(parse4(), FRT_E_SYNTAX);
}

/* RFC 4884 appends structures behind the quoted packet. */
static void test_icmp4_what_is_appended_is_not_read(void **state)
{
	const char line[] = "INVITE sip:1@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP"
						" 192.0.2.1;branch=z9hG4bK4e2." MD5 ".1";

	(void)state;
	make4(line); /* cut: what follows the branch has not come */
	assert_int_equal(parse4(), FRT_E_SYNTAX);
	add(";x=y\r\n", 6);
	seal();
	assert_int_equal(parse4(), FRT_E_SYNTAX);
}

static int parse_text(const char *text)
{
	make4(text);
	return parse4();
}

static void test_icmp_via_in_all_its_forms(void **state)
{
	(void)state;
	assert_int_equal(
			parse_text(LINE "v:SIP/2.0/UDP a;BRANCH=" BRANCH ";r\r\n"), 0);
	assert_int_equal(
			parse_text(LINE "Max-Forwards: 9\r\nVIA \t: SIP/2.0/UDP a;rport"
							";branch=" BRANCH ", SIP/2.0/UDP b\r\n"),
			0);
	assert_int_equal(
			parse_text(LINE "Via: SIP/2.0/UDP a;branch=" BRANCH "\n"), 0);
	assert_int_equal(
			parse_text(
					"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=" BRANCH
					" ;x\r\n"),
			0);
}

static void test_icmp_what_is_no_request_of_ours(void **state)
{
	static const char *const texts[] = {
			"",
			"\r\n\r\n",
			"INVITE",
			LINE,
			LINE "\r\n" VIA,
			LINE "Via: SIP/2.0/UDP a\r\n",
			LINE "Via\r\n",
			LINE "Via:\r\n",
			LINE "Via: SIP/2.0/UDP a;branch=\r\n",
			LINE "Via: SIP/2.0/UDP a;branch=z9hG4bK\r\n",
			/* the second value is not ours, nor is the second header */
			LINE "Via: SIP/2.0/UDP a, SIP/2.0/UDP b;branch=" BRANCH "\r\n",
			LINE "Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n" VIA,
			LINE "Vial: SIP/2.0/UDP a;branch=" BRANCH "\r\n",
			LINE "X: y;branch=" BRANCH "\r\n",
			"SIP/2.0 200 OK\r\n" VIA,
			"SIP/2.0 200 sip:a SIP/2.0\r\n" VIA,
			"INVITE sip:a SIP/3.0\r\n" VIA,
			"INVITE SIP/2.0\r\n" VIA,
			" INVITE sip:a SIP/2.0\r\n" VIA,
			"invite sip:a SIP/2.0\r\n" VIA,
	};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if(parse_text(texts[i]) != FRT_E_SYNTAX)
			fail_msg("believed: %s", texts[i]);
	}
	make4_of(LINE "Via: SIP/2.0/UDP a;branch=" BRANCH "\0;\r\n",
			sizeof(LINE "Via: SIP/2.0/UDP a;branch=" BRANCH "\0;\r\n") - 1);
	assert_int_equal(parse4(), FRT_E_SYNTAX);
}

static int branch(const char *text, frt_branch_t *out)
{
	size_t len = strlen(text);
	char *block = malloc(len ? len : 1);
	int err;

	memcpy(block, text, len);
	err = frt_branch_parse((frt_str_t){block, (uint32_t)len}, out);
	free(block);
	return err;
}

static void test_branch_of_tm(void **state)
{
	static const char *const bad[] = {"", "z9hG4bK", "z9hG4bK.", "z9hG4bK..",
			"z9hG4bK1", "z9hG4bK1.2.3", "z9hG4bK." MD5 ".0", "z9hG4bK1." MD5,
			"z9hG4bK1." MD5 ".", "z9hG4bK1." MD5 "0.0",
			"z9hG4bK1.x123456789abcdef0123456789abcdef.0", "z9hG4bKg." MD5 ".0",
			"z9hG4bK1." MD5 ". ", "Z9hG4bK1." MD5 ".0", "z9hG4bK1." MD5 ".0.0"};
	frt_branch_t out;
	size_t i;

	(void)state;
	assert_int_equal(branch("z9hG4bK21ff." MD5 ".b", &out), 0);
	assert_int_equal(out.index, 0xff12);
	assert_int_equal(out.branch, 11);
	assert_int_equal(branch("z9hG4bKFFFFFFFF." MD5 ".0", &out), 0);
	assert_int_equal(out.index, UINT32_MAX);
	/* whatever tm would take for a branch of its own */
	assert_int_equal(
			branch("z9hG4bK123400009abc." MD5 ".b0000000000 x", &out), 0);
	assert_int_equal(out.index, 0x00004321);
	assert_int_equal(out.branch, 11);
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(branch(bad[i], &out) != FRT_E_SYNTAX)
			fail_msg("believed: %s", bad[i]);
	}
}

static void test_icmp6_unreachable(void **state)
{
	frt_icmp_t out;
	int type;

	(void)state;
	make6(MESSAGE, "", 0, 17);
	assert_int_equal(parse_part(true, pkt.len, &out), 0);
	assert_int_equal(out.src[15], 1);
	assert_int_equal(out.dst[15], 9);
	assert_int_equal(out.dst_port, 5070);
	assert_int_equal(out.via.index, 0x2e4);
	for(type = 0; type < 256; type++) {
		pkt.p[0] = (uint8_t)type;
		assert_int_equal(parse6(), type == 1 || type == 4 ? 0 : FRT_E_INVAL);
	}
}

static void test_icmp6_cut_anywhere(void **state)
{
	size_t enough, len;
	frt_icmp_t out;

	(void)state;
	make6(MESSAGE, "", 0, 17);
	enough = 8 + 40 + 8 + sizeof(LINE VIA) - 1 - 1;
	for(len = 0; len <= pkt.len; len++)
		assert_int_equal(
				parse_part(true, len, &out), len >= enough ? 0 : FRT_E_SYNTAX);
	pkt.p[pkt.quoted] = 0x45;
	assert_int_equal(parse6(), FRT_E_SYNTAX);
}

static void test_icmp6_extension_headers(void **state)
{
	const uint8_t hop[8] = {17}, two[16] = {17, 1}, long_one[8] = {17, 200};
	const uint8_t first[8] = {17, 0, 0, 1}, later[8] = {17, 0, 5, 0};
	uint8_t many[80];
	int i;

	(void)state;
	make6(MESSAGE, hop, 8, 0);
	assert_int_equal(parse6(), 0);
	make6(MESSAGE, two, 16, 60);
	assert_int_equal(parse6(), 0);
	make6(MESSAGE, first, 8, 44);
	assert_int_equal(parse6(), 0);
	make6(MESSAGE, later, 8, 44);
	assert_int_equal(parse6(), FRT_E_SYNTAX);
	make6(MESSAGE, long_one, 8, 43);
	assert_int_equal(parse6(), FRT_E_SYNTAX);
	make6(MESSAGE, hop, 8, 50); /* encrypted */
	assert_int_equal(parse6(), FRT_E_SYNTAX);
	make6(MESSAGE, "", 0, 6);
	assert_int_equal(parse6(), FRT_E_SYNTAX);
	/* a chain without end */
	memset(many, 0, sizeof(many));
	for(i = 0; i < 10; i++)
		many[8 * i] = i == 9 ? 17 : 60;
	make6(MESSAGE, many, sizeof(many), 60);
	assert_int_equal(parse6(), FRT_E_SYNTAX);
}

/* Noise, and good packets with some of their bytes changed. */
static void test_icmp_random_bytes(void **state)
{
	frt_rand_t rnd = {.state = 20251121};
	frt_icmp_t out;
	int round, n;

	(void)state;
	for(round = 0; round < 100000; round++) {
		bool v6 = frt_rand_below(&rnd, 2);

		if(v6)
			make6(MESSAGE, "", 0, 17);
		else
			make4(MESSAGE);
		for(n = (int)frt_rand_below(&rnd, 8); n > 0; n--)
			pkt.p[frt_rand_below(&rnd, pkt.len)] = (uint8_t)frt_rand_next(&rnd);
		pkt.len = (size_t)frt_rand_below(&rnd, pkt.len + 1);
		if(!v6 && pkt.len > pkt.icmp + 4)
			seal();
		parse_part(v6, pkt.len, &out);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_icmp4_port_unreachable),
			UNIT_TEST(test_icmp4_types_and_codes),
			UNIT_TEST(test_icmp4_cut_anywhere),
			UNIT_TEST(test_icmp4_wrong_checksum),
			UNIT_TEST(test_icmp4_headers_that_lie),
			UNIT_TEST(test_icmp4_options_are_stepped_over),
			UNIT_TEST(test_icmp4_what_is_appended_is_not_read),
			UNIT_TEST(test_icmp_via_in_all_its_forms),
			UNIT_TEST(test_icmp_what_is_no_request_of_ours),
			UNIT_TEST(test_branch_of_tm),
			UNIT_TEST(test_icmp6_unreachable),
			UNIT_TEST(test_icmp6_cut_anywhere),
			UNIT_TEST(test_icmp6_extension_headers),
			UNIT_TEST(test_icmp_random_bytes),
	};
	return UNIT_MAIN(tests);
}
