/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Overload control (RFC 7339): what a reply's topmost Via says, and what of it
 * is in force. Each message is put into a block of exactly its size.
 */
#include "unit.h"

#include "frt_oc.h"

#define START "SIP/2.0 200 OK\r\n"
#define HOP "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1"
#define END "\r\nContent-Length: 0\r\n\r\n"

static frt_oc_said_t said;

static bool parse(const char *bytes, size_t len)
{
	char *block = malloc(len ? len : 1);
	bool asks;

	memcpy(block, bytes, len);
	asks = frt_oc_parse(block, len, &said);
	free(block);
	return asks;
}

/* A reply whose topmost Via ends so. */
static bool via(const char *params)
{
	char msg[1024];
	int n = snprintf(msg, sizeof(msg), START "Via: " HOP "%s" END, params);

	return parse(msg, (size_t)n);
}

static bool text(const char *msg)
{
	return parse(msg, strlen(msg));
}

static void test_oc_says_how_much_for_how_long(void **state)
{
	(void)state;
	assert_true(via(";oc=20;oc-algo=\"loss\";oc-validity=2000;"
					"oc-seq=1282321615.782"));
	assert_int_equal(said.loss, 20);
	assert_int_equal(said.validity_ms, 2000);
	assert_true(said.has_seq);
	assert_true(said.seq == 128232161578200ull);
	assert_true(via(";OC = 100 ; Oc-Algo = \"rate , LOSS\""));
	assert_int_equal(said.loss, 100);
	assert_int_equal(said.validity_ms, 500);
	assert_false(said.has_seq);
	assert_true(via(";oc=0;oc-validity=0"));
	assert_int_equal(said.loss, 0);
	assert_int_equal(said.validity_ms, 0);
	assert_true(via(";rport=5060;received=192.0.2.9;alias;oc-algo=loss;oc=7"));
	assert_int_equal(said.loss, 7);
	assert_true(via(";x=\"a;oc=1,\\\"\";oc=3;oc-seq=7"));
	assert_int_equal(said.loss, 3);
	assert_true(said.seq == 700000);
	assert_true(via(";oc=9;oc-validity=99999999999999999999"));
	assert_int_equal(said.validity_ms, INT32_MAX);
}

static void test_oc_support_alone_asks_for_nothing(void **state)
{
	(void)state;
	assert_false(via(""));
	assert_false(via(";oc"));
	assert_false(via(";oc;oc-algo=\"loss\""));
	assert_false(via(";oc-validity=500;oc-seq=1.1"));
	/* a next hop that adds to what we sent */
	assert_true(via(";oc;oc-algo=\"loss\";oc=30"));
	assert_int_equal(said.loss, 30);
	assert_false(via(";oc;oc-algo=\"loss\";oc=30;oc-algo=\"rate\""));
}

static void test_oc_what_is_malformed_is_ignored(void **state)
{
	static const char *const bad[] = {";oc=101", ";oc=-1", ";oc=", ";oc=x",
			";oc=20x", ";oc=1.5", ";oc=\"20\"", ";oc=99999999999999999999",
			";oc=20;oc-algo=\"rate\"", ";oc=20;oc-algo=\"lossy\"",
			";oc=20;oc-algo=", ";oc=20;oc-algo=\"loss", ";oc=20;oc-validity=x",
			";oc=20;oc-validity=-5", ";oc=20;oc-seq=x", ";oc=20;oc-seq=.5",
			";oc=20;oc-seq=1.", ";oc=20;oc-seq=1234567890123",
			";oc=20;oc-seq=1.123456", ";oc=20;oc-seq=1.2.3", ";oc 20",
			";oc=20 30", ";oc=20;lr on", ";xoc=20", ";oc-=20", "oc=20"};

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(via(bad[i]))
			fail_msg("\"%s\" was believed", bad[i]);
	}
}

static void test_oc_only_the_topmost_via_counts(void **state)
{
	(void)state;
	assert_false(text(START "Via: " HOP "\r\nVia: " HOP ";oc=20" END));
	assert_false(text(START "Via: " HOP ", " HOP ";oc=20" END));
	assert_false(text(START "To: <sip:a@b>;oc=20\r\nVia: " HOP END));
	assert_true(text(START "To: <sip:a@b>\r\nv: " HOP ";oc=20, " HOP END));
	assert_true(text(START "VIA : " HOP "\r\n ;oc=20\r\n\t;oc-seq=1" END));
	assert_true(said.has_seq);
	assert_true(text(START "Via: SIP/2.0/TCP [2001:db8::1]:5060;oc=20" END));
	assert_false(text(START "\r\nVia: " HOP ";oc=20" END));
	assert_false(text(""));
	assert_false(frt_oc_parse(NULL, 0, &said));
}

/* Cut anywhere, and with any byte in place of any other. */
static void test_oc_survives_any_bytes(void **state)
{
	static const char msg[] = START "Via: " HOP ";x=\"\\\"\";oc=20;oc-algo=\""
									"loss,rate\";oc-validity=500;oc-seq=12.5"
									"\r\n ;y" END;
	char copy[sizeof(msg)];

	(void)state;
	for(size_t len = 0; len < sizeof(msg) - 1; len++) {
		parse(msg, len);
		for(int c = 0; c < 256; c++) {
			memcpy(copy, msg, sizeof(msg));
			copy[len] = (char)c;
			if(parse(copy, sizeof(msg) - 1))
				assert_in_range(said.loss, 0, 100);
		}
	}
}

/* --- what is in force --- */

static frt_oc_t oc;
static uint64_t now_ms;
#define MAX_MS 60000u

static int begin(void **state)
{
	(void)state;
	memset(&oc, 0, sizeof(oc));
	now_ms = 1000000;
	return 0;
}

#define OC_TEST(f) cmocka_unit_test_setup(f, begin)

static frt_oc_change_t told(uint8_t loss, uint32_t validity_ms, uint64_t seq)
{
	frt_oc_said_t s = {.loss = loss,
			.validity_ms = validity_ms,
			.has_seq = seq != 0,
			.seq = seq};

	return frt_oc_told_locked(&oc, &s, MAX_MS, now_ms);
}

static uint32_t loss(void)
{
	return frt_oc_loss(&oc, now_ms);
}

static void test_oc_holds_for_its_validity(void **state)
{
	(void)state;
	assert_int_equal(loss(), 0);
	assert_int_equal(told(40, 500, 1), FRT_OC_BEGUN);
	assert_int_equal(loss(), 40);
	now_ms += 499;
	assert_int_equal(loss(), 40);
	now_ms += 1;
	assert_int_equal(loss(), 0);
	/* no longer than the longest hold, whatever is asked */
	told(40, 4000000000u, 2);
	now_ms += MAX_MS - 1;
	assert_int_equal(loss(), 40);
	now_ms += 1;
	assert_int_equal(loss(), 0);
}

static void test_oc_zero_ends_it(void **state)
{
	(void)state;
	told(40, 5000, 1);
	told(0, 500, 2);
	assert_int_equal(loss(), 0);
	told(40, 5000, 3);
	told(40, 0, 4);
	assert_int_equal(loss(), 0);
}

static void test_oc_late_news_is_dropped(void **state)
{
	(void)state;
	told(40, 5000, 10);
	told(90, 5000, 9);
	assert_int_equal(loss(), 40);
	told(90, 5000, 10);
	assert_int_equal(loss(), 40);
	told(0, 0, 9);
	assert_int_equal(loss(), 40);
	told(30, 5000, 11);
	assert_int_equal(loss(), 30);
	/* an equal one does not prolong it either */
	now_ms += 4000;
	told(30, 5000, 11);
	now_ms += 1000;
	assert_int_equal(loss(), 0);
	/* over is over: what comes late does not begin it again */
	told(90, 5000, 8);
	assert_int_equal(loss(), 0);
	/* without a number it is taken as it comes */
	told(20, 5000, 0);
	assert_int_equal(loss(), 20);
	told(80, 5000, 5);
	assert_int_equal(loss(), 20);
}

static void test_oc_server_that_numbers_anew_is_believed_again(void **state)
{
	(void)state;
	told(40, 500, 1000000);
	now_ms += 500 + FRT_OC_SEQ_KEPT_MS - 1;
	told(50, 500, 1);
	assert_int_equal(loss(), 0);
	now_ms += 1;
	told(50, 500, 1);
	assert_int_equal(loss(), 50);
}

static void test_oc_keeps_its_share_away(void **state)
{
	static const uint8_t losses[] = {0, 1, 25, 50, 99, 100};
	frt_rand_t rnd = {.state = 3};

	(void)state;
	for(size_t i = 0; i < sizeof(losses); i++) {
		int kept_away = 0, want = losses[i] * 200, exact = 0;

		told(losses[i], 1000, i + 1);
		for(uint64_t draw = 0; draw < 100; draw++)
			exact += !frt_oc_admit(&oc, now_ms, draw);
		assert_int_equal(exact, losses[i]);
		for(int n = 0; n < 20000; n++)
			kept_away += !frt_oc_admit(&oc, now_ms, frt_rand_next(&rnd));
		assert_in_range(kept_away, want > 400 ? want - 400 : want / 2,
				want % 20000 ? want + 400 : want);
	}
	now_ms += 1000;
	for(uint64_t draw = 0; draw < 100; draw++)
		assert_true(frt_oc_admit(&oc, now_ms, draw));
}

/* On and off within ten seconds is one story; so is an end that nobody sees
 * for want of calls. */
static void test_oc_begin_and_end_are_told_once(void **state)
{
	(void)state;
	assert_int_equal(oc.due_ms, 0);
	assert_int_equal(told(40, 500, 1), FRT_OC_BEGUN);
	assert_int_equal(told(50, 500, 2), FRT_OC_SAME);
	now_ms += 3000;
	assert_int_equal(told(0, 0, 3), FRT_OC_SAME);
	now_ms += 3000;
	assert_int_equal(told(50, 500, 4), FRT_OC_SAME);
	assert_true(oc.due_ms > now_ms);
	assert_int_equal(frt_oc_tick_locked(&oc, oc.due_ms - 1), FRT_OC_SAME);
	now_ms = oc.due_ms;
	assert_int_equal(frt_oc_tick_locked(&oc, now_ms), FRT_OC_OVER);
	assert_int_equal(oc.due_ms, 0);
	assert_int_equal(frt_oc_tick_locked(&oc, now_ms + 1), FRT_OC_SAME);
	assert_int_equal(told(0, 500, 5), FRT_OC_SAME);
	assert_int_equal(oc.due_ms, 0);
	assert_int_equal(told(1, 500, 6), FRT_OC_BEGUN);
	/* an end that is said is told sooner than a long validity would be */
	told(40, 50000, 7);
	told(0, 0, 8);
	assert_int_equal(oc.due_ms, now_ms + FRT_OC_QUIET_MS);
}

static void test_oc_who_is_spared(void **state)
{
	static const char msg[] = "INVITE sip:a@b SIP/2.0\r\nVia: x\r\n"
							  "Resource-priority: ets.0" END;
	static const char not [] = "INVITE sip:a@b SIP/2.0\r\nVia: x\r\n"
							   "Subject: Resource-Priority: ets.0" END;

	(void)state;
	assert_true(frt_oc_is_emergency(FRT_STR("urn:service:sos")));
	assert_true(frt_oc_is_emergency(FRT_STR("URN:service:SOS.fire")));
	assert_false(frt_oc_is_emergency(FRT_STR("urn:service:sosx")));
	assert_false(frt_oc_is_emergency(FRT_STR("urn:service:counseling")));
	assert_false(frt_oc_is_emergency(FRT_STR("sip:112@example.net")));
	assert_false(frt_oc_is_emergency((frt_str_t){NULL, 0}));
	assert_true(frt_oc_has_priority(msg, sizeof(msg) - 1));
	assert_false(frt_oc_has_priority(not, sizeof(not ) - 1));
	assert_false(frt_oc_has_priority(NULL, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_oc_says_how_much_for_how_long),
			UNIT_TEST(test_oc_support_alone_asks_for_nothing),
			UNIT_TEST(test_oc_what_is_malformed_is_ignored),
			UNIT_TEST(test_oc_only_the_topmost_via_counts),
			UNIT_TEST(test_oc_survives_any_bytes),
			OC_TEST(test_oc_holds_for_its_validity),
			OC_TEST(test_oc_zero_ends_it),
			OC_TEST(test_oc_late_news_is_dropped),
			OC_TEST(test_oc_server_that_numbers_anew_is_believed_again),
			OC_TEST(test_oc_keeps_its_share_away),
			OC_TEST(test_oc_begin_and_end_are_told_once),
			OC_TEST(test_oc_who_is_spared),
	};

	return UNIT_MAIN(tests);
}
