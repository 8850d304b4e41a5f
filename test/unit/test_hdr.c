/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The scanners for Retry-After and Reason. Each message is put into a block
 * of exactly its size, so that the sanitizer sees a read beyond it.
 */
#include "unit.h"

#include "frt_policy.h"
#include "frt_scan.h"

#define START "SIP/2.0 503 Service Unavailable\r\n"
#define VIA "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\n"
#define END "Content-Length: 0\r\n\r\n"

static int64_t retry_of(const char *bytes, size_t len)
{
	char *block = malloc(len ? len : 1);
	int64_t n;

	memcpy(block, bytes, len);
	n = frt_hdr_retry_after(block, len);
	free(block);
	return n;
}

static int32_t cause_of(const char *bytes, size_t len)
{
	char *block = malloc(len ? len : 1);
	int32_t n;

	memcpy(block, bytes, len);
	n = frt_hdr_reason_cause(block, len);
	free(block);
	return n;
}

/* A whole message around the given header lines. */
static int64_t retry(const char *lines)
{
	char msg[1024];
	int n = snprintf(msg, sizeof(msg), START VIA "%s" END, lines);

	return retry_of(msg, (size_t)n);
}

static int32_t cause(const char *lines)
{
	char msg[1024];
	int n = snprintf(msg, sizeof(msg), START VIA "%s" END, lines);

	return cause_of(msg, (size_t)n);
}

static void test_hdr_retry_after_plain(void **state)
{
	(void)state;
	assert_int_equal(retry("Retry-After: 120\r\n"), 120);
	assert_int_equal(retry("Retry-After:120\r\n"), 120);
	assert_int_equal(retry("Retry-After: 0\r\n"), 0);
	assert_int_equal(retry("Retry-After: 007\r\n"), 7);
	assert_int_equal(retry(""), FRT_RETRY_AFTER_NONE);
}

static void test_hdr_retry_after_name_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(retry("RETRY-AFTER: 5\r\n"), 5);
	assert_int_equal(retry("retry-after \t: 5\r\n"), 5);
	assert_int_equal(retry("X-Retry-After: 5\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-Afters: 5\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After; 5\r\n"), FRT_RETRY_AFTER_NONE);
}

static void test_hdr_retry_after_with_comment_and_parameters(void **state)
{
	(void)state;
	assert_int_equal(
			retry("Retry-After: 120 (maintenance);duration=60\r\n"), 120);
	assert_int_equal(retry("Retry-After: 120(5);duration=60\r\n"), 120);
	assert_int_equal(retry("Retry-After: 18000;duration=3600\r\n"), 18000);
}

static void test_hdr_retry_after_folded(void **state)
{
	(void)state;
	assert_int_equal(retry("Retry-After:\r\n 120\r\n"), 120);
	assert_int_equal(retry("Retry-After\r\n\t:\r\n\t120 \r\n (x)\r\n"), 120);
	/* a folded line belongs to the header before it */
	assert_int_equal(
			retry("Subject: x\r\n Retry-After: 5\r\n"), FRT_RETRY_AFTER_NONE);
}

static void test_hdr_retry_after_absurd_numbers_saturate(void **state)
{
	(void)state;
	assert_int_equal(retry("Retry-After: 2147483646\r\n"), INT32_MAX - 1);
	assert_int_equal(retry("Retry-After: 2147483647\r\n"), INT32_MAX);
	assert_int_equal(retry("Retry-After: 2147483648\r\n"), INT32_MAX);
	assert_int_equal(
			retry("Retry-After: 99999999999999999999999999999\r\n"), INT32_MAX);
}

static void test_hdr_retry_after_not_a_number(void **state)
{
	(void)state;
	assert_int_equal(retry("Retry-After: -5\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After: 12h\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After: 1.5\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After:\r\n"), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n"),
			FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry("Retry-After: soon\r\nRetry-After: 9\r\n"), 9);
}

static void test_hdr_reads_the_headers_only(void **state)
{
	static const char crlf[] = START VIA "\r\nRetry-After: 5\r\n\r\n";
	static const char lf[] = "SIP/2.0 503 x\nVia: x\n\nRetry-After: 5\n\n";
	static const char good[] = "SIP/2.0 503 x\nRetry-After: 5\n\n";

	(void)state;
	assert_int_equal(retry_of(crlf, sizeof(crlf) - 1), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry_of(lf, sizeof(lf) - 1), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry_of(good, sizeof(good) - 1), 5);
}

static void test_hdr_skips_empty_lines_before_the_message(void **state)
{
	static const char msg[] = "\r\n\r\n" START "Retry-After: 5\r\n\r\n";

	(void)state;
	assert_int_equal(retry_of(msg, sizeof(msg) - 1), 5);
}

static void test_hdr_nul_bytes_end_nothing(void **state)
{
	static const char msg[] =
			START "Subject: a\0b\r\nRetry-After: 5\r\nX: \0\r\n\r\n";
	static const char number[] = START "Retry-After: 5\0\r\n\r\n";

	(void)state;
	assert_int_equal(retry_of(msg, sizeof(msg) - 1), 5);
	assert_int_equal(
			retry_of(number, sizeof(number) - 1), FRT_RETRY_AFTER_NONE);
}

static void test_hdr_no_message_at_all(void **state)
{
	(void)state;
	assert_int_equal(frt_hdr_retry_after(NULL, 0), FRT_RETRY_AFTER_NONE);
	assert_int_equal(frt_hdr_reason_cause(NULL, 0), FRT_CAUSE_NONE);
	assert_int_equal(retry_of("", 0), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry_of("\r", 1), FRT_RETRY_AFTER_NONE);
	assert_int_equal(retry_of("\r\n", 2), FRT_RETRY_AFTER_NONE);
}

static void test_hdr_reason_plain(void **state)
{
	(void)state;
	assert_int_equal(cause("Reason: Q.850;cause=34\r\n"), 34);
	assert_int_equal(
			cause("reason : q.850 ; CAUSE = 16 ;text=\"Terminated\"\r\n"), 16);
	assert_int_equal(cause("Reason: SIP;cause=200;text=\"x\"\r\n"), 200);
	assert_int_equal(cause("Reason: Q.850;text=\"x\";cause=41\r\n"), 41);
	assert_int_equal(cause(""), FRT_CAUSE_NONE);
}

static void test_hdr_reason_prefers_q850(void **state)
{
	(void)state;
	assert_int_equal(cause("Reason: SIP;cause=503, Q.850;cause=34\r\n"), 34);
	assert_int_equal(cause("Reason: Q.850;cause=34,SIP;cause=503\r\n"), 34);
	assert_int_equal(
			cause("Reason: SIP;cause=503\r\nReason: Q.850;cause=34\r\n"), 34);
	assert_int_equal(cause("Reason: SIP;cause=503, SIP;cause=504\r\n"), 503);
	assert_int_equal(cause("Reason: Preemption;cause=1\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(
			cause("Reason: Preemption;cause=1, SIP;cause=580\r\n"), 580);
}

static void test_hdr_reason_quoted_text_is_not_read(void **state)
{
	(void)state;
	assert_int_equal(
			cause("Reason: Q.850;text=\"a, SIP;cause=7\";cause=16\r\n"), 16);
	assert_int_equal(
			cause("Reason: Q.850;text=\"\\\";cause=7\";cause=16\r\n"), 16);
	assert_int_equal(
			cause("Reason: SIP;text=\"a\r\n , Q.850;cause=7\";cause=16\r\n"),
			16);
	assert_int_equal(cause("Reason: Q.850;text=\"cause=7\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(
			cause("Reason: Q.850;text=\"x\r\nReason: SIP;cause=9\r\n"), 9);
}

static void test_hdr_reason_malformed(void **state)
{
	(void)state;
	assert_int_equal(
			cause("Reason: Q.850;cause=7;text=\"x\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: , Q.850;cause=16\r\n"), 16);
	assert_int_equal(cause("Reason: Q.850\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: Q.850;cause\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: Q.850;cause=\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: Q.850;cause=x\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: Q.850;cause=16x\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: ;cause=16\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: cause=16\r\n"), FRT_CAUSE_NONE);
	assert_int_equal(cause("Reason: Q.850;;cause=16\r\n"), 16);
	assert_int_equal(cause("Reason: Q.850;cause=16;cause=17\r\n"), 16);
	assert_int_equal(cause("Reason: Q.850;xcause=7;cause=16\r\n"), 16);
	assert_int_equal(cause("Reason: Q.850;cause=99999999999\r\n"), INT32_MAX);
}

static void test_hdr_reason_folded(void **state)
{
	(void)state;
	assert_int_equal(
			cause("Reason: SIP\r\n ;cause=503,\r\n\tQ.850\r\n ;cause\r\n"
				  " =\r\n 34\r\n"),
			34);
}

/* Cut anywhere, a message is read no further and never answered wrongly. */
static void test_hdr_every_cut_of_a_message(void **state)
{
	static const char msg[] = START VIA
			"Reason: SIP;cause=503;text=\"a\\\"b\", Q.850;cause=34\r\n"
			"Retry-After: 120 (x)\r\n" END;

	(void)state;
	for(size_t len = 0; len < sizeof(msg); len++) {
		int64_t s = retry_of(msg, len);
		int32_t c = cause_of(msg, len);
		assert_true(s == -1 || s == 1 || s == 12 || s == 120);
		assert_true(
				c == -1 || c == 5 || c == 50 || c == 503 || c == 3 || c == 34);
	}
}

/* Noise made of the characters that mean something here. */
static void test_hdr_noise_is_read_to_its_end_and_no_further(void **state)
{
	static const char *const words[] = {"Retry-After", "Reason", ":", ";", ",",
			"=", "\"", "\\", "\r\n", "\n", "\r", " ", "\t", "cause", "Q.850",
			"SIP", "12", "9999999999", "(", ")", "\xff", "x"};
	frt_rand_t r = {.state = 1};
	char msg[256];

	(void)state;
	for(int i = 0; i < 100000; i++) {
		size_t len = 0, n = frt_rand_below(&r, 16);
		while(n-- > 0) {
			const char *w =
					words[frt_rand_below(&r, sizeof(words) / sizeof(words[0]))];
			memcpy(msg + len, w, strlen(w));
			len += strlen(w);
		}
		assert_true(retry_of(msg, len) >= -1);
		assert_true(cause_of(msg, len) >= -1);
	}
}

/* Every line of that name, whole, and where the headers end; none of the body. */
static void test_hdr_finds_whole_headers_and_their_end(void **state)
{
	static const char msg[] =
			"\r\n" START "x-path: a\r\n\tb\r\n" VIA "X-Path : c\n"
			"X-Pathology: d\r\nX-PATH:\r\n\r\nX-Path: body\r\n";
	static const char *const lines[] = {
			"x-path: a\r\n\tb\r\n", "X-Path : c\n", "X-PATH:\r\n"};
	char *block = malloc(sizeof(msg) - 1);
	frt_scan_t all, line;
	size_t i;

	(void)state;
	memcpy(block, msg, sizeof(msg) - 1);
	all = frt_scan_begin(block, sizeof(msg) - 1);
	for(i = 0; i < 3; i++) {
		assert_true(frt_scan_header(&all, FRT_STR("X-Path"), &line));
		assert_int_equal(line.end - line.p, strlen(lines[i]));
		assert_memory_equal(line.p, lines[i], strlen(lines[i]));
	}
	assert_false(frt_scan_header(&all, FRT_STR("X-Path"), &line));
	assert_memory_equal(all.p, "\r\nX-Path: body", 14);
	all = frt_scan_begin(block, 40); /* cut short: the end is the end */
	while(frt_scan_header(&all, FRT_STR("X-Path"), &line))
		;
	assert_ptr_equal(all.p, block + 40);
	free(block);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_hdr_retry_after_plain),
			UNIT_TEST(test_hdr_retry_after_name_in_any_case),
			UNIT_TEST(test_hdr_retry_after_with_comment_and_parameters),
			UNIT_TEST(test_hdr_retry_after_folded),
			UNIT_TEST(test_hdr_retry_after_absurd_numbers_saturate),
			UNIT_TEST(test_hdr_retry_after_not_a_number),
			UNIT_TEST(test_hdr_reads_the_headers_only),
			UNIT_TEST(test_hdr_skips_empty_lines_before_the_message),
			UNIT_TEST(test_hdr_nul_bytes_end_nothing),
			UNIT_TEST(test_hdr_no_message_at_all),
			UNIT_TEST(test_hdr_reason_plain),
			UNIT_TEST(test_hdr_reason_prefers_q850),
			UNIT_TEST(test_hdr_reason_quoted_text_is_not_read),
			UNIT_TEST(test_hdr_reason_malformed),
			UNIT_TEST(test_hdr_reason_folded),
			UNIT_TEST(test_hdr_every_cut_of_a_message),
			UNIT_TEST(test_hdr_finds_whole_headers_and_their_end),
			UNIT_TEST(test_hdr_noise_is_read_to_its_end_and_no_further),
	};

	return UNIT_MAIN(tests);
}
