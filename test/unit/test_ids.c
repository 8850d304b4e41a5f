/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an answer repeats of its request, and what does not pass for it. Each
 * text is put into a block of exactly its size.
 */
#include "unit.h"

#include "frt_ids.h"

static frt_str_t block(const char *text)
{
	frt_str_t s = {NULL, (uint32_t)strlen(text)};

	if(s.len == 0)
		return s;
	s.s = memcpy(malloc(s.len), text, s.len);
	return s;
}

static void assert_body(const char *line, const char *body)
{
	frt_str_t s = block(line), found = frt_hdr_body(s);

	assert_int_equal(found.len, strlen(body));
	assert_true(found.len == 0 || memcmp(found.s, body, found.len) == 0);
	free((char *)s.s);
}

static void assert_tag(const char *body, const char *tag)
{
	frt_str_t s = block(body), found = frt_hdr_tag(s);

	if(found.len != strlen(tag)
			|| (found.len && memcmp(found.s, tag, found.len)))
		fail_msg("%s: %.*s", body, (int)found.len, found.len ? found.s : "");
	free((char *)s.s);
}

static void test_body_is_what_is_behind_the_colon(void **state)
{
	(void)state;
	assert_body("Call-ID: a1@b\r\n", "a1@b");
	assert_body("i:a1@b", "a1@b");
	assert_body("CSeq \t:\r\n  10", "10");
	assert_body(
			"From: \"x:y\" <sip:a@b>;tag=1 \t\r\n", "\"x:y\" <sip:a@b>;tag=1");
	assert_body("Call-ID:\r\n", "");
	assert_body("Call-ID", "");
	assert_body("", "");
}

static void test_tag_is_the_headers_own(void **state)
{
	(void)state;
	assert_tag("<sip:a@b>;tag=abc", "abc");
	assert_tag("<sip:a@b>;TAG = abc ;x=y", "abc");
	assert_tag("<sip:a@b;tag=no>;x=\"q;tag=no\";tag=abc", "abc");
	assert_tag("\"<sip:x>;tag=no\" <sip:a@b> ; lr ; tag=abc", "abc");
	assert_tag("sip:a@b;tag=abc", "abc");
	assert_tag("<sip:a@b>\r\n ;tag=abc", "abc");
	assert_tag("<sip:a@b;tag=no>", "");
	assert_tag("<sip:a@b>;tag", "");
	assert_tag("<sip:a@b>;tag=", "");
	assert_tag("<sip:a@b>;tag=\"abc\"", "");
	assert_tag("<sip:a@b>;x=\"never ends;tag=no", "");
	assert_tag("<sip:a@b>;x=y,<sip:c@d>", "");
	assert_tag(";", "");
	assert_tag("", "");
}

static bool match(const char *call_id, const char *from, const char *cseq)
{
	frt_ids_t sent = {block("7f00@192.0.2.1"), block("<sip:p@b>;tag=5c"),
			block("10 OPTIONS")};
	frt_ids_t got = {block(call_id), block(from), block(cseq)};
	bool is = frt_ids_match(&sent, &got);

	assert_false(frt_ids_match(&got, &sent) != is);
	free((char *)sent.call_id.s);
	free((char *)sent.from.s);
	free((char *)sent.cseq.s);
	free((char *)got.call_id.s);
	free((char *)got.from.s);
	free((char *)got.cseq.s);
	return is;
}

static void test_ids_all_three_count(void **state)
{
	(void)state;
	assert_true(match("7f00@192.0.2.1", "<sip:p@b>;tag=5c", "10 OPTIONS"));
	assert_true(match("7f00@192.0.2.1", "\"P\" <sip:p@c:5060>;x;tag=5c", "10"));
	assert_true(match("7f00@192.0.2.1 \t", "<sip:p@b>;tag=5c ", "10 OPTIONS "));
	assert_true(match(" 7f00@192.0.2.1", " <sip:p@b>;tag=5c", " 10 OPTIONS"));
	assert_false(match("7f01@192.0.2.1", "<sip:p@b>;tag=5c", "10 OPTIONS"));
	assert_false(match("7F00@192.0.2.1", "<sip:p@b>;tag=5c", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>;tag=5C", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>;tag=5cc", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>;tag=5c", "11 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>;tag=5c", "100 OPTIONS"));
	assert_false(match("", "<sip:p@b>;tag=5c", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "", "10 OPTIONS"));
	assert_false(match("7f00@192.0.2.1", "<sip:p@b>;tag=5c", ""));
}

static void test_ids_nothing_is_no_identity(void **state)
{
	frt_ids_t none = {{NULL, 0}, {NULL, 0}, {NULL, 0}};

	(void)state;
	assert_false(frt_ids_match(&none, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_body_is_what_is_behind_the_colon),
			UNIT_TEST(test_tag_is_the_headers_own),
			UNIT_TEST(test_ids_all_three_count),
			UNIT_TEST(test_ids_nothing_is_no_identity),
	};

	return UNIT_MAIN(tests);
}
