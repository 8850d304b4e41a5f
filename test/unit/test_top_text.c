/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route top: texts of others on a terminal, and the addresses and
 * answers it reads.
 */
// needs: utils/frt_cli_top_text.c utils/frt_cli_top_rpc.c utils/frt_cli_top_at.c
#include "unit.h"

#include "../../utils/frt_cli_top_rpc.h"
#include "../../utils/frt_cli_top_text.h"

#include <locale.h>
#include <netdb.h>
#include <wchar.h>

static void expect(const char *in, int width, const char *out, int columns)
{
	char mem[TOP_TEXT_SIZE(40)];

	assert_int_equal(top_text(in, width, mem, sizeof(mem)), columns);
	assert_string_equal(mem, out);
}

static void test_top_text_escapes_what_commands_a_terminal(void **state)
{
	(void)state;
	expect("plain text", 40, "plain text", 10);
	expect("\x1b[2J\x07\r\n\t\x7f", 40, "\\x1b[2J\\x07\\x0d\\x0a\\x09\\x7f",
			27);
	expect("a\xc2\x9b"
		   "31m",
			40, "a\\u009b31m", 10);
	expect("a\xe2\x80\xae"
		   "b",
			40, "a\\u202eb", 8);
	expect("\xff\xc3(", 40, "\\xff\\xc3(", 9);
	expect(NULL, 40, "", 0);
}

static void test_top_text_cuts_at_columns_not_in_characters(void **state)
{
	(void)state;
	expect("abcdef", 6, "abcdef", 6);
	expect("abcdefg", 6, "abcde~", 6);
	expect("abc\x1b", 6, "abc~", 4);
	expect("abc", 0, "", 0);
	expect("abc", 1, "~", 1);
	expect("\xc3\xa9\xc3\xa9\xc3\xa9", 3, "\xc3\xa9\xc3\xa9\xc3\xa9", 3);
	expect("\xe6\xbc\xa2\xe6\xbc\xa2", 4, "\xe6\xbc\xa2\xe6\xbc\xa2", 4);
	expect("\xe6\xbc\xa2\xe6\xbc\xa2x", 4, "\xe6\xbc\xa2~", 3);
}

static void test_top_text_stays_in_small_memory(void **state)
{
	char mem[4];
	int size;

	(void)state;
	for(size = 1; size <= (int)sizeof(mem); size++) {
		memset(mem, 'x', sizeof(mem));
		top_text("\x1b\x1b", 40, mem, (size_t)size);
		assert_true(memchr(mem, '\0', (size_t)size) != NULL);
	}
}

static void test_top_text_makes_bytes_acceptable_to_json(void **state)
{
	char in[] = "{\"a\":\"\x01\xff\xc3\xa9\n\xe2\x82\"}\xc3";

	(void)state;
	top_text_json(in, sizeof(in) - 1);
	assert_string_equal(in, "{\"a\":\" ?\xc3\xa9 ??\"}?");
}

static void test_top_text_breaks_at_blanks(void **state)
{
	(void)state;
	assert_int_equal(top_text_break("one two three", 13), 13);
	assert_int_equal(top_text_break("one two three", 12), 7);
	assert_int_equal(top_text_break("one two three", 7), 7);
	assert_int_equal(top_text_break("one two three", 6), 13);
	assert_int_equal(top_text_break("onetwothree", 5), 11);
}

static void test_top_text_ages(void **state)
{
	char mem[32];

	(void)state;
	top_text_age(0, mem, sizeof(mem));
	assert_string_equal(mem, "");
	top_text_age(119999, mem, sizeof(mem));
	assert_string_equal(mem, "119s");
	top_text_age(120000, mem, sizeof(mem));
	assert_string_equal(mem, "2m");
	top_text_age(7200000, mem, sizeof(mem));
	assert_string_equal(mem, "2h");
	top_text_age(INT64_MAX, mem, sizeof(mem));
	assert_string_equal(mem, "106751991167d");
}

static void test_top_at_takes_paths_and_urls(void **state)
{
	char error[200];
	top_at_t at;

	(void)state;
	assert_int_equal(top_at_set(&at, "unix:/run/x.sock", error, 200), 0);
	assert_string_equal(at.un.sun_path, "/run/x.sock");
	assert_false(at.http);
	assert_int_equal(
			top_at_set(&at, "http://u:p@ss@[::1]:81/a@b", error, 200), 0);
	assert_string_equal(at.host, "[::1]:81");
	assert_string_equal(at.path, "/a@b");
	assert_string_equal(at.auth, "dTpwQHNz");
	assert_string_equal(at.text, "[::1]:81/a@b");
	assert_int_equal(at.addresses->ai_family, AF_INET6);
	top_at_free(&at);
	assert_int_equal(top_at_set(&at, "http://127.0.0.1", error, 200), 0);
	assert_string_equal(at.path, "/RPC");
	top_at_free(&at);
}

static void test_top_at_refuses_the_rest(void **state)
{
	static const char *const bad[] = {"", "kam.sock", "https://a", "http://",
			"http://:80/", "http://[::1", "http://[::1]x",
			"http://127.0.0.1 b/", "http://127.0.0.1/\r\nX: y", "ftp://a"};
	static const char *const secret[] = {"https://user:secret@127.0.0.1",
			"HTTP://user:secret@127.0.0.1/", "user:secret@127.0.0.1",
			"http://127.0.0.1:secr/et@127.0.0.1"};
	char error[200], path[300];
	top_at_t at;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		error[0] = '\0';
		assert_int_equal(top_at_set(&at, bad[i], error, sizeof(error)), -1);
		assert_true(error[0] != '\0');
		top_at_free(&at);
	}
	/* what may be a password is not for the screen */
	for(i = 0; i < sizeof(secret) / sizeof(secret[0]); i++) {
		assert_int_equal(top_at_set(&at, secret[i], error, sizeof(error)), -1);
		assert_null(strstr(error, "secr"));
		top_at_free(&at);
	}
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(top_at_set(&at, path, error, sizeof(error)), -1);
}

static long body(const char *in, bool eof, size_t *len)
{
	return top_http_body(in, strlen(in), eof, len);
}

static void test_top_http_waits_for_all_of_the_body(void **state)
{
	size_t len = 0;

	(void)state;
	assert_int_equal(
			body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n", false, &len), 0);
	assert_int_equal(
			body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{", false, &len),
			0);
	assert_int_equal(
			body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{", true, &len),
			-1);
	assert_int_equal(body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}x",
							 false, &len),
			38);
	assert_int_equal(len, 2);
	assert_int_equal(body("HTTP/1.0 200 OK\r\n\r\n{}", false, &len), 0);
	assert_int_equal(body("HTTP/1.0 200 OK\r\n\r\n{}", true, &len), 19);
	assert_int_equal(body("SSH-2.0", false, &len), -1);
	assert_int_equal(body("", true, &len), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_top_text_escapes_what_commands_a_terminal),
			UNIT_TEST(test_top_text_cuts_at_columns_not_in_characters),
			UNIT_TEST(test_top_text_stays_in_small_memory),
			UNIT_TEST(test_top_text_makes_bytes_acceptable_to_json),
			UNIT_TEST(test_top_text_breaks_at_blanks),
			UNIT_TEST(test_top_text_ages),
			UNIT_TEST(test_top_at_takes_paths_and_urls),
			UNIT_TEST(test_top_at_refuses_the_rest),
			UNIT_TEST(test_top_http_waits_for_all_of_the_body),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return UNIT_MAIN(tests);
}
