/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The small languages of the configuration, the defaults, and the table of
 * attributes behind both.
 */
#include "draft_help.h"

#include "frt_attr.h"
#include "frt_text.h"

static int duration(const char *text, uint32_t *ms)
{
	*ms = 77;
	return frt_duration_parse(str_of(text), ms);
}

static void test_duration_takes_every_unit(void **state)
{
	static const struct
	{
		const char *text;
		uint32_t ms;
	} good[] = {{"500ms", 500}, {"4s", 4000}, {"5m", 300000}, {"2h", 7200000},
			{"1d", 86400000}, {"0", 0}, {"0s", 0}, {"00", 0}, {"007s", 7000},
			{"49d", 4233600000u}, {"4233600000ms", 4233600000u}};
	uint32_t ms;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void test_duration_without_unit_is_refused(void **state)
{
	static const char *const bad[] = {"", "5", "s", "ms", " 5s", "5 s", "5s ",
			"-5s", "+5s", "1.5s", "5S", "5sec", "5mss", "0x5s", "5s4"};
	uint32_t ms;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(duration(bad[i], &ms), FRT_E_SYNTAX);
		assert_int_equal(ms, 77);
	}
}

static void test_duration_over_49_days_is_out_of_range(void **state)
{
	uint32_t ms;

	(void)state;
	assert_int_equal(duration("50d", &ms), FRT_E_RANGE);
	assert_int_equal(duration("4233600001ms", &ms), FRT_E_RANGE);
	assert_int_equal(duration("99999999999999999999999d", &ms), FRT_E_RANGE);
	assert_int_equal(duration("18446744073709551616ms", &ms), FRT_E_RANGE);
}

static void test_uint_keeps_its_bounds(void **state)
{
	uint32_t v = 77;

	(void)state;
	assert_int_equal(frt_uint_parse(str_of("0"), 0, 9, &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(
			frt_uint_parse(str_of("4294967295"), 0, UINT32_MAX, &v), 0);
	assert_int_equal(v, UINT32_MAX);
	assert_int_equal(frt_uint_parse(str_of("4294967296"), 0, UINT32_MAX, &v),
			FRT_E_RANGE);
	assert_int_equal(
			frt_uint_parse(str_of("99999999999999999999999"), 0, 9, &v),
			FRT_E_RANGE);
	assert_int_equal(frt_uint_parse(str_of("1"), 2, 9, &v), FRT_E_RANGE);
	assert_int_equal(frt_uint_parse(str_of("10"), 2, 9, &v), FRT_E_RANGE);
	assert_int_equal(frt_uint_parse(str_of(""), 0, 9, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_uint_parse(str_of("-1"), 0, 9, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_uint_parse(str_of("1 "), 0, 9, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_uint_parse(str_of("0x1"), 0, 9, &v), FRT_E_SYNTAX);
	assert_int_equal(v, UINT32_MAX);
}

static void test_nothing_is_no_number(void **state)
{
	frt_str_t none = {NULL, 0};
	frt_codes_t codes;
	frt_window_t w;
	uint32_t v;
	bool b;

	(void)state;
	assert_int_equal(frt_uint_parse(none, 0, 9, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_duration_parse(none, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_percent_parse(none, &v), FRT_E_SYNTAX);
	assert_int_equal(frt_bool_parse(none, &b), FRT_E_SYNTAX);
	assert_int_equal(frt_codes_parse(none, &codes), 0);
	assert_int_equal(frt_windows_parse(none, &w, 1, &v), 0);
}

static void test_percent_needs_its_sign(void **state)
{
	uint32_t v;

	(void)state;
	assert_int_equal(frt_percent_parse(str_of("0%"), &v), 0);
	assert_int_equal(v, 0);
	assert_int_equal(frt_percent_parse(str_of("100%"), &v), 0);
	assert_int_equal(v, 100);
	assert_int_equal(frt_percent_parse(str_of("101%"), &v), FRT_E_RANGE);
	assert_int_equal(frt_percent_parse(str_of("50"), &v), FRT_E_SYNTAX);
	assert_int_equal(frt_percent_parse(str_of("%"), &v), FRT_E_SYNTAX);
	assert_int_equal(frt_percent_parse(str_of("5%%"), &v), FRT_E_SYNTAX);
	assert_int_equal(frt_percent_parse(str_of(""), &v), FRT_E_SYNTAX);
}

static void test_bool_knows_eight_words(void **state)
{
	static const char *const yes[] = {"yes", "on", "true", "1"};
	static const char *const no[] = {"no", "off", "false", "0"};
	static const char *const bad[] = {"", "YES", "y", "2", "yes "};
	bool v;
	size_t i;

	(void)state;
	for(i = 0; i < 4; i++) {
		v = false;
		assert_int_equal(frt_bool_parse(str_of(yes[i]), &v), 0);
		assert_true(v);
		assert_int_equal(frt_bool_parse(str_of(no[i]), &v), 0);
		assert_false(v);
	}
	for(i = 0; i < 5; i++)
		assert_int_equal(frt_bool_parse(str_of(bad[i]), &v), FRT_E_SYNTAX);
}

static unsigned codes_count(const frt_codes_t *c)
{
	unsigned n = 0;
	int code;

	for(code = -10; code < 1000; code++)
		n += frt_codes_has(c, code);
	return n;
}

static void test_codes_list_classes_and_ranges(void **state)
{
	frt_codes_t c;

	(void)state;
	assert_int_equal(frt_codes_parse(str_of("any"), &c), 0);
	assert_int_equal(codes_count(&c), 600);
	assert_true(frt_codes_has(&c, 100) && frt_codes_has(&c, 699));
	assert_false(frt_codes_has(&c, 99) || frt_codes_has(&c, 700));
	assert_int_equal(frt_codes_parse(str_of(" 408\t 503 "), &c), 0);
	assert_int_equal(codes_count(&c), 2);
	assert_true(frt_codes_has(&c, 408) && frt_codes_has(&c, 503));
	assert_int_equal(frt_codes_parse(str_of("2xx 404"), &c), 0);
	assert_int_equal(codes_count(&c), 101);
	assert_int_equal(frt_codes_parse(str_of("500-599"), &c), 0);
	assert_int_equal(codes_count(&c), 100);
	assert_true(frt_codes_has(&c, 500) && frt_codes_has(&c, 599));
	assert_int_equal(frt_codes_parse(str_of("none"), &c), 0);
	assert_int_equal(codes_count(&c), 0);
	assert_int_equal(frt_codes_parse(str_of(""), &c), 0);
	assert_int_equal(codes_count(&c), 0);
}

static void test_codes_malformed_are_refused(void **state)
{
	static const char *const bad[] = {"40", "4080", "099", "700", "0xx", "7xx",
			"5x", "599-500", "500-", "-500", "408,503", "any503", "anything",
			"all", "none 503", "408 none", "408 x"};
	frt_codes_t c;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(frt_codes_parse(str_of(bad[i]), &c), FRT_E_SYNTAX);
}

static void test_code_range_is_one_code_or_range(void **state)
{
	uint16_t from = 0, to = 0;

	(void)state;
	assert_int_equal(frt_code_range_parse(str_of("480"), &from, &to), 0);
	assert_int_equal(from, 480);
	assert_int_equal(to, 480);
	assert_int_equal(frt_code_range_parse(str_of("500-504"), &from, &to), 0);
	assert_int_equal(from, 500);
	assert_int_equal(to, 504);
	assert_int_equal(frt_code_range_parse(str_of("5xx"), &from, &to), 0);
	assert_int_equal(to, 599);
	assert_int_equal(frt_code_range_parse(str_of("any"), &from, &to), 0);
	assert_int_equal(from, 100);
	assert_int_equal(to, 699);
	assert_int_equal(
			frt_code_range_parse(str_of("480 503"), &from, &to), FRT_E_SYNTAX);
	assert_int_equal(
			frt_code_range_parse(str_of(""), &from, &to), FRT_E_SYNTAX);
	assert_int_equal(
			frt_code_range_parse(str_of("none"), &from, &to), FRT_E_SYNTAX);
}

static int windows(const char *text, frt_window_t out[4], uint32_t *n)
{
	return frt_windows_parse(str_of(text), out, FRT_WINDOWS_MAX, n);
}

static void test_windows_with_days_and_across_midnight(void **state)
{
	frt_window_t w[4];
	uint32_t n;

	(void)state;
	assert_int_equal(windows("02:00-05:00", w, &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(w[0].from_min, 120);
	assert_int_equal(w[0].to_min, 300);
	assert_int_equal(w[0].days, 0);
	assert_int_equal(
			windows("Mon-Fri 22:00-06:00, Sat,Sun 00:00-24:00,12:30-12:31", w,
					&n),
			0);
	assert_int_equal(n, 3);
	assert_int_equal(w[0].days, 0x3e);
	assert_int_equal(w[0].from_min, 1320);
	assert_int_equal(w[0].to_min, 360);
	assert_int_equal(w[1].days, 0x41);
	assert_int_equal(w[1].to_min, 1440);
	assert_int_equal(w[2].days, 0);
	assert_int_equal(windows("fri-MON 00:00-01:00", w, &n), 0);
	assert_int_equal(w[0].days, 1 << 5 | 1 << 6 | 1 << 0 | 1 << 1);
	assert_int_equal(windows("none", w, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(windows("", w, &n), 0);
	assert_int_equal(n, 0);
}

static void test_windows_malformed_are_refused(void **state)
{
	static const char *const bad[] = {"2:00-05:00", "02:00", "02:00-",
			"24:00-"
			"01:00",
			"02:60-03:00", "02:00-25:00", "02:00-24:01", "Mo 02:00-03:00",
			"Mon02:00-03:00", "Mon 02:00-03:00,", "Mon, 02:00-03:00", "Mon-Fri",
			"02:00-02:00", "02:00-03:00 04:00-05:00", ",",
			"Mon--Fri "
			"02:00-03:00",
			"02.00-03.00"};
	frt_window_t w[4];
	uint32_t n;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(windows(bad[i], w, &n), FRT_E_SYNTAX);
	assert_int_equal(windows("00:00-01:00,02:00-03:00,04:00-05:00,06:00-07:00,"
							 "08:00-09:00",
							 w, &n),
			FRT_E_RANGE);
}

static void test_defaults_are_those_of_the_contract(void **state)
{
	frt_set_conf_t c;

	(void)state;
	memset(&c, 0xff, sizeof(c));
	frt_set_conf_default(&c);
	assert_int_equal(c.strategy, FRT_WEIGHTED);
	assert_int_equal(c.profile, FRT_PROFILE_STANDARD);
	assert_int_equal(c.rewrite, FRT_REWRITE_DURI);
	assert_int_equal(c.after_ringing, FRT_ROUTE_STOP);
	assert_true(c.spill);
	assert_false(c.shadow);
	assert_false(c.adaptive);
	assert_int_equal(c.max_attempts, 3);
	assert_int_equal(c.deadline_ms, 20000);
	assert_int_equal(c.try_timeout_ms, 4000);
	assert_int_equal(c.try_timeout_min_ms, 500);
	assert_int_equal(c.progress_timeout_ms, 0);
	assert_int_equal(c.answer_timeout_ms, 60000);
}

static void test_defaults_of_probe_and_health(void **state)
{
	frt_set_conf_t c;

	(void)state;
	memset(&c, 0xff, sizeof(c));
	frt_set_conf_default(&c);
	assert_true(c.probe.enabled);
	assert_true(frt_str_eq(c.probe.method, FRT_STR("OPTIONS")));
	assert_int_equal(c.probe.interval_ms, 30000);
	assert_int_equal(c.probe.fast_interval_ms, 2000);
	assert_int_equal(c.probe.down_interval_ms, 60000);
	assert_int_equal(c.probe.timeout_ms, 2000);
	assert_int_equal(c.probe.rise, 2);
	assert_int_equal(c.probe.fall, 3);
	assert_int_equal(c.probe.max_forwards, 70);
	assert_int_equal(codes_count(&c.probe.ok), 600);
	assert_int_equal(codes_count(&c.probe.not_ok), 2);
	assert_int_equal(c.probe.from.len, 0);
	assert_int_equal(c.probe.outbound_proxy.len, 0);
	assert_int_equal(c.probe.answer_from, FRT_ANSWER_FROM_DESTINATION);
	assert_int_equal(c.health.fall, 3);
	assert_int_equal(c.health.window_ms, 60000);
	assert_int_equal(c.health.hold_ms, 30000);
	assert_int_equal(c.health.hold_max_ms, 300000);
	assert_int_equal(c.health.ramp_ms, 60000);
	assert_int_equal(c.health.failback_delay_ms, 0);
	assert_int_equal(c.health.max_eject_pct, 50);
	assert_int_equal(c.health.nwindows, 0);
}

/* Every row is sound: its default fits its own bounds, it says what it
 * expects, and it is found by its name. */
static void test_table_rows_are_sound(void **state)
{
	size_t n, i;
	const frt_attr_def_t *t = frt_attr_table(&n);

	(void)state;
	assert_between(n, 40, 64);
	for(i = 0; i < n; i++) {
		union
		{
			frt_draft_set_t set;
			frt_draft_dst_t dst;
			frt_rule_t rule;
		} base;
		const char *why;
		char mem[256];
		frt_buf_t b;
		memset(&base, 0, sizeof(base));
		frt_buf_init(&b, mem, sizeof(mem));
		frt_attr_expected(&t[i], &b);
		assert_true(b.len > 5 && !b.cut);
		assert_ptr_equal(frt_attr_find(t[i].scope, str_of(t[i].name)), &t[i]);
		assert_int_equal(frt_attr_index(&t[i]), i);
		if(t[i].dflt != NULL)
			assert_int_equal(
					frt_attr_store(&t[i], str_of(t[i].dflt), &base, &why), 0);
	}
}

static void test_fall_in_defaults_is_that_of_health(void **state)
{
	const frt_attr_def_t *def;

	(void)state;
	def = frt_attr_find(FRT_SCOPE_DEFAULTS, FRT_STR("fall"));
	assert_int_equal(def->scope, FRT_SCOPE_HEALTH);
	def = frt_attr_find(FRT_SCOPE_DEFAULTS, FRT_STR("rise"));
	assert_int_equal(def->scope, FRT_SCOPE_PROBE);
	assert_null(frt_attr_find(FRT_SCOPE_DEFAULTS, FRT_STR("id")));
	assert_null(frt_attr_find(FRT_SCOPE_DEFAULTS, FRT_STR("number")));
	assert_null(frt_attr_find(FRT_SCOPE_DEFAULTS, FRT_STR("weight")));
}

static void test_suggestions_are_close_names_only(void **state)
{
	(void)state;
	assert_string_equal(
			frt_attr_suggest(FRT_SCOPE_SET, FRT_STR("strateggy")), "strategy");
	assert_string_equal(
			frt_attr_suggest(FRT_SCOPE_SET, FRT_STR("max_attempts")),
			"max-attempts");
	assert_string_equal(
			frt_attr_suggest(FRT_SCOPE_DESTINATION, FRT_STR("wieght")),
			"weight");
	assert_string_equal(
			frt_attr_suggest(FRT_SCOPE_DEFAULTS, FRT_STR("intervall")),
			"interval");
	assert_null(frt_attr_suggest(FRT_SCOPE_SET, FRT_STR("colour")));
	assert_null(frt_attr_suggest(FRT_SCOPE_SET, FRT_STR("")));
	assert_null(frt_attr_suggest(
			FRT_SCOPE_SET, FRT_STR("strategystrategystrategystrategy")));
	assert_null(frt_attr_suggest(FRT_SCOPE_DESTINATION, FRT_STR("x")));
}

static void test_ids_are_printable(void **state)
{
	static const char *const good[] = {"gw1", "<script>", "a\"b'", "us-east-1",
			"gw.1:x/y@z", "münchen", "東京", "7", "a*"};
	static const char *const bad[] = {"", "*", "*x", "a b", "a,b", "a\tb",
			"a\nb", "a\x7f",
			"a\xc2\xa0"
			"b",
			"\xe2\x80\xae", "\xff", "\xc0\x80", "\xed\xa0\x80", "a\xe2\x80",
			"\xf4\x90\x80\x80",
			"\xef\xbb\xbf"
			"x"};
	char longest[FRT_ID_MAX + 2];
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(frt_id_check(str_of(good[i]), FRT_ID_MAX));
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_non_null(frt_id_check(str_of(bad[i]), FRT_ID_MAX));
	memset(longest, 'x', sizeof(longest));
	longest[FRT_ID_MAX] = '\0';
	assert_null(frt_id_check(str_of(longest), FRT_ID_MAX));
	longest[FRT_ID_MAX] = 'x';
	longest[FRT_ID_MAX + 1] = '\0';
	assert_non_null(frt_id_check(str_of(longest), FRT_ID_MAX));
}

static void test_texts_for_logs_are_harmless(void **state)
{
	char text[] = "a\nb\x1b[31m\xff \xc3\xbc \xe2\x80\xae \xe2\x82";

	(void)state;
	frt_text_clean(text);
	assert_string_equal(text, "a?b?[31m? \xc3\xbc ??? ??");
}

static void test_utf8_is_cut_between_characters(void **state)
{
	frt_str_t s = FRT_STR("a\xe2\x82\xac"
						  "b");

	(void)state;
	assert_int_equal(frt_utf8_cut(s, 9).len, 5);
	assert_int_equal(frt_utf8_cut(s, 4).len, 4);
	assert_int_equal(frt_utf8_cut(s, 3).len, 1);
	assert_int_equal(frt_utf8_cut(s, 2).len, 1);
	assert_int_equal(frt_utf8_cut(s, 0).len, 0);
}

static bool opens(const char *text, unsigned day, unsigned hour, unsigned min)
{
	frt_window_t w[FRT_WINDOWS_MAX];
	frt_str_t s = {text, (uint32_t)strlen(text)};
	uint32_t n = 0;

	assert_int_equal(frt_windows_parse(s, w, FRT_WINDOWS_MAX, &n), 0);
	return frt_windows_open(w, n, day * 1440 + hour * 60 + min);
}

static void test_conf_windows_open_by_day_and_across_midnight(void **state)
{
	(void)state;
	assert_true(frt_windows_open(NULL, 0, 77));
	assert_true(opens("02:00-05:00", 3, 2, 0));
	assert_false(opens("02:00-05:00", 3, 1, 59));
	assert_false(opens("02:00-05:00", 3, 5, 0));
	assert_true(opens("22:00-06:00", 0, 23, 0));
	assert_true(opens("22:00-06:00", 0, 5, 59));
	assert_false(opens("22:00-06:00", 0, 12, 0));
	/* Friday's night reaches into Saturday, Sunday's does not exist */
	assert_true(opens("Mon-Fri 22:00-06:00", 6, 5, 0));
	assert_false(opens("Mon-Fri 22:00-06:00", 6, 23, 0));
	assert_false(opens("Mon-Fri 22:00-06:00", 1, 5, 0));
	assert_true(opens("Sat,Sun 00:00-24:00", 0, 23, 59));
	assert_false(opens("Sat,Sun 00:00-24:00", 1, 0, 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_duration_takes_every_unit),
			UNIT_TEST(test_duration_without_unit_is_refused),
			UNIT_TEST(test_duration_over_49_days_is_out_of_range),
			UNIT_TEST(test_uint_keeps_its_bounds),
			UNIT_TEST(test_nothing_is_no_number),
			UNIT_TEST(test_percent_needs_its_sign),
			UNIT_TEST(test_bool_knows_eight_words),
			UNIT_TEST(test_codes_list_classes_and_ranges),
			UNIT_TEST(test_codes_malformed_are_refused),
			UNIT_TEST(test_code_range_is_one_code_or_range),
			UNIT_TEST(test_windows_with_days_and_across_midnight),
			UNIT_TEST(test_windows_malformed_are_refused),
			UNIT_TEST(test_defaults_are_those_of_the_contract),
			UNIT_TEST(test_defaults_of_probe_and_health),
			UNIT_TEST(test_table_rows_are_sound),
			UNIT_TEST(test_fall_in_defaults_is_that_of_health),
			UNIT_TEST(test_suggestions_are_close_names_only),
			UNIT_TEST(test_ids_are_printable),
			UNIT_TEST(test_texts_for_logs_are_harmless),
			UNIT_TEST(test_utf8_is_cut_between_characters),
			UNIT_TEST(test_conf_windows_open_by_day_and_across_midnight),
	};
	return UNIT_MAIN(tests);
}
