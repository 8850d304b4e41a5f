/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON: what is written holds whatever the values are, in HTML too, and fails
 * as a whole without memory; what is read is an object of just our strings.
 */
#include "heap.h"

#include "frt_json.h"

static void write_value(frt_json_t *j, const frt_mem_t *mem, frt_str_t value)
{
	frt_json_init(j, mem);
	frt_json_open(j, NULL, '[');
	frt_json_str(j, NULL, value);
	frt_json_close(j, ']');
}

static void assert_written(frt_str_t value, const char *text)
{
	fx_heap_t heap = {0};
	const frt_mem_t mem = fx_mem(&heap);
	frt_json_t j;

	write_value(&j, &mem, value);
	assert_string_equal(j.text.s, text);
	frt_grow_free(&j.text);
}

static void test_json_writes_objects_and_arrays(void **state)
{
	fx_heap_t heap = {0};
	const frt_mem_t mem = fx_mem(&heap);
	frt_json_t j;

	(void)state;
	frt_json_init(&j, &mem);
	frt_json_open(&j, NULL, '{');
	frt_json_int(&j, "a", INT64_MIN);
	frt_json_bool(&j, "b", true);
	frt_json_open(&j, "c", '[');
	frt_json_text(&j, NULL, "x");
	frt_json_open(&j, NULL, '{');
	frt_json_close(&j, '}');
	frt_json_int(&j, NULL, INT64_MAX);
	frt_json_close(&j, ']');
	frt_json_open(&j, "d", '[');
	frt_json_close(&j, ']');
	frt_json_bool(&j, "e", false);
	frt_json_close(&j, '}');
	assert_string_equal(j.text.s,
			"{\"a\":-9223372036854775808,\"b\":true,\"c\":[\"x\",{},"
			"9223372036854775807],\"d\":[],\"e\":false}");
	frt_grow_free(&j.text);
}

static void test_json_values_are_only_text(void **state)
{
	(void)state;
	assert_written(FRT_STR("</script>"), "[\"\\u003c/script\\u003e\"]");
	assert_written(FRT_STR("\"\\&'"), "[\"\\u0022\\u005c\\u0026'\"]");
	assert_written(FRT_STR("\n\x01\x7f"), "[\"\\u000a\\u0001\\u007f\"]");
	assert_written(FRT_STR("\xc3\xa9\xf0\x9f\x98\x80"),
			"[\"\xc3\xa9\xf0\x9f\x98\x80\"]");
	/* cut, overlong, a lone surrogate, and beyond the last one */
	assert_written(FRT_STR("a\xc3"), "[\"a\\ufffd\"]");
	assert_written(FRT_STR("\xc0\xaf"), "[\"\\ufffd\\ufffd\"]");
	assert_written(FRT_STR("\xff"), "[\"\\ufffd\"]");
	assert_written((frt_str_t){"a\0b", 3}, "[\"a\\u0000b\"]");
}

static void test_json_fails_as_a_whole_without_memory(void **state)
{
	size_t n;

	(void)state;
	for(n = 1;; n++) {
		fx_heap_t heap = {.fail_at = n, .for_good = true};
		const frt_mem_t mem = fx_mem(&heap);
		char big[9000];
		frt_json_t j;

		memset(big, 'x', sizeof(big));
		write_value(&j, &mem, (frt_str_t){big, sizeof(big)});
		frt_json_int(&j, NULL, 1);
		if(!j.text.failed)
			assert_int_equal(j.text.len, strlen(j.text.s));
		else
			assert_null(j.text.s);
		frt_grow_free(&j.text);
		assert_int_equal(heap.live, 0);
		if(!j.text.failed)
			break;
	}
	assert_true(n > 2);
}

static char set[8], dst[8];

/* Reads a copy of exactly that size. */
static int reads(const char *text)
{
	frt_json_field_t fields[] = {
			{"set", set, sizeof(set), false}, {"dst", dst, sizeof(dst), false}};
	size_t len = strlen(text);
	char *copy = malloc(len + (len == 0));
	int err;

	memcpy(copy, text, len);
	err = frt_json_read((frt_str_t){copy, (uint32_t)len}, fields, 2);
	free(copy);
	return err;
}

static void test_json_reads_just_our_strings(void **state)
{
	(void)state;
	assert_int_equal(reads("{\"set\":\"a\",\"dst\":\"b\"}"), 0);
	assert_string_equal(set, "a");
	assert_string_equal(dst, "b");
	assert_int_equal(
			reads(" {\n\"dst\" : \"\\u00e9\\\"\" ,\t\"set\":\"\"} "), 0);
	assert_string_equal(set, "");
	assert_string_equal(dst, "\xc3\xa9\"");
	assert_int_equal(
			reads("{\"set\":\"\\ud83d\\ude00\",\"dst\":\"\\/\\n\"}"), 0);
	assert_string_equal(set, "\xf0\x9f\x98\x80");
	assert_int_equal(reads("{\"set\":\"1234567\",\"dst\":\"b\"}"), 0);
	assert_int_equal(
			reads("{\"set\":\"12345678\",\"dst\":\"b\"}"), FRT_E_RANGE);
	assert_int_equal(reads("{\"set\":\"a\"}"), FRT_E_INVAL);
	assert_int_equal(reads("{\"set\":\"a\",\"set\":\"b\"}"), FRT_E_INVAL);
	assert_int_equal(
			reads("{\"set\":\"a\",\"dst\":\"b\",\"c\":\"d\"}"), FRT_E_INVAL);
}

static void test_json_refuses_what_is_none(void **state)
{
	static const char *const bad[] = {"", " ", "{", "[]", "null", "{\"set\"",
			"{\"set\":", "{\"set\":\"", "{\"set\":\"a", "{\"set\":\"a\"",
			"{\"set\":7,\"dst\":\"b\"}", "{\"set\":\"a\" \"dst\":\"b\"}",
			"{\"set\":\"a\",\"dst\":\"b\"}x", "{\"set\":\"a\",\"dst\":\"b\"",
			"{\"set\":\"\\u\",\"dst\":\"b\"}", "{\"set\":\"\\u00",
			"{\"set\":\"\\", "{\"set\":\"\\x\",\"dst\":\"b\"}",
			"{\"set\":\"\\u0000\",\"dst\":\"b\"}",
			"{\"set\":\"\\ud83d\",\"dst\":\"b\"}",
			"{\"set\":\"\\ud83d\\u0041\",\"dst\":\"b\"}",
			"{\"set\":\"\\ude00\",\"dst\":\"b\"}", "{\"set\":\"\\ud83d\\",
			"{\"set\":\"a\nb\",\"dst\":\"b\"}",
			"{\"set\":\"\xff\",\"dst\":\"b\"}", "{'set':'a','dst':'b'}"};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(reads(bad[i]), FRT_E_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_json_writes_objects_and_arrays),
			UNIT_TEST(test_json_values_are_only_text),
			UNIT_TEST(test_json_fails_as_a_whole_without_memory),
			UNIT_TEST(test_json_reads_just_our_strings),
			UNIT_TEST(test_json_refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
