/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What HTTP requests say, each text copied to its exact size: hosts that may be
 * asked under, origins, media types, queries.
 */
#include "draft_help.h"

#include "frt_web.h"

/* An exact copy, freed by the next one of that slot. */
static frt_str_t exact(const char *text, int slot)
{
	static char *copies[2];
	size_t len = strlen(text);

	free(copies[slot]);
	copies[slot] = len > 0 ? malloc(len) : NULL;
	if(len > 0)
		memcpy(copies[slot], text, len);
	return (frt_str_t){copies[slot], (uint32_t)len};
}

static bool host(const char *header, const char *allowed)
{
	return frt_web_host_ok(exact(header, 0), exact(allowed, 1));
}

static void test_web_host_by_address_or_listed_name(void **state)
{
	static const char *const good[] = {"192.0.2.1", "192.0.2.1:8080", "[::1]",
			"[2001:db8::1]:80", "localhost", "LOCALHOST:8080", " 127.0.0.1 ",
			"noc.example", "NOC.Example:1", "noc.example.", "b.example"};
	static const char *const bad[] = {"", " ", "evil.example",
			"noc.example.evil", "xnoc.example", "noc.example@evil",
			"noc.example:80:80", "noc.example:8x", "[::1", "[::1]x", "[]", ":",
			":80", "192.0.2.1.evil", "192.0.2", "localhost.evil", ",",
			"noc.example,b.example", "."};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(host(good[i], "noc.example, b.example"));
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(host(bad[i], "noc.example, b.example"));
	assert_false(host("noc.example", ""));
	assert_true(host("evil.example", "a *"));
}

static bool origin(const char *from, const char *to)
{
	return frt_web_same_origin(exact(from, 0), exact(to, 1));
}

static void test_web_origin_is_the_host_that_was_asked(void **state)
{
	(void)state;
	assert_true(origin("http://sip1:8080", "sip1:8080"));
	assert_true(origin("https://SIP1", "sip1"));
	assert_true(origin("http://[::1]:80", "[::1]:80"));
	assert_false(origin("http://sip1:8080", "sip1"));
	assert_false(origin("http://sip1", "sip1:8080"));
	assert_false(origin("http://sip1.evil", "sip1"));
	assert_false(origin("http://evil/sip1", "sip1"));
	assert_false(origin("ftp://sip1", "sip1"));
	assert_false(origin("sip1", "sip1"));
	assert_false(origin("null", "sip1"));
	assert_false(origin("http://", ""));
	assert_false(origin("", ""));
	assert_false(origin("http:/", "sip1"));
}

static bool type(const char *header)
{
	return frt_web_is_type(exact(header, 0), FRT_STR("application/json"));
}

static void test_web_media_type_without_parameters(void **state)
{
	(void)state;
	assert_true(type("application/json"));
	assert_true(type("Application/JSON ; charset=utf-8"));
	assert_false(type(""));
	assert_false(type(";application/json"));
	assert_false(type("application/jsonp"));
	assert_false(type("text/plain;application/json"));
}

static const char *query(const char *text, size_t size)
{
	static char out[64];

	memset(out, 'x', sizeof(out));
	return frt_web_query(exact(text, 0), "q", out, size) == 1 ? out : NULL;
}

/* What is not there is another matter than what cannot be taken. */
static int refused(const char *text, size_t size)
{
	char out[64];

	return frt_web_query(exact(text, 0), "q", out, size);
}

static void test_web_query_is_decoded_or_refused(void **state)
{
	(void)state;
	assert_string_equal(query("q=a", 64), "a");
	assert_string_equal(query("a=1&q=b+c%20%3Cd%3e&q=2", 64), "b c <d>");
	assert_string_equal(query("q=", 64), "");
	assert_string_equal(query("&&q=1&", 64), "1");
	assert_string_equal(query("q=a=b", 64), "a=b");
	assert_string_equal(query("q=1234", 5), "1234");
	assert_int_equal(refused("q=12345", 5), FRT_E_INVAL);
	assert_int_equal(refused("", 64), 0);
	assert_int_equal(refused("q", 64), 0);
	assert_int_equal(refused("qq=1&xq=2&Q=3", 64), 0);
	assert_int_equal(refused("q=%", 64), FRT_E_INVAL);
	assert_int_equal(refused("q=%4", 64), FRT_E_INVAL);
	assert_int_equal(refused("q=%4&a=1", 64), FRT_E_INVAL);
	assert_int_equal(refused("q=%zz", 64), FRT_E_INVAL);
	assert_int_equal(refused("q=a%00b", 64), FRT_E_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_web_host_by_address_or_listed_name),
			UNIT_TEST(test_web_origin_is_the_host_that_was_asked),
			UNIT_TEST(test_web_media_type_without_parameters),
			UNIT_TEST(test_web_query_is_decoded_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
