/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route top: pages of the table to rows, and their order.
 */
// needs: utils/frt_cli_top_rows.c utils/frt_cli_top_cols.c utils/frt_cli_top_text.c
#include "unit.h"

#include "../../utils/frt_cli_top_rows.h"

static long long add(top_rows_t *rows, const char *text)
{
	json_t *answer = json_loads(text, 0, NULL);
	long long next = -9;
	int err = top_rows_add(rows, answer, &next);

	json_decref(answer); /* the rows have their own */
	return err ? err * 100 : next;
}

static top_rows_t *two_pages(void)
{
	top_rows_t *rows = top_rows_new();

	assert_int_equal(
			add(rows, "{\"generation\":3,\"next_offset\":2,\"sets\":[{\"id\":"
					  "\"a\","
					  "\"health\":\"down\",\"destinations\":["
					  "{\"id\":\"x\",\"health\":\"up\",\"admin\":\"ready\","
					  "\"attempts\":10,\"failed\":1,\"calls\":2,\"reason\":"
					  "\"Fine\"},"
					  "{\"id\":\"y\",\"health\":\"down\",\"admin\":\"ready\","
					  "\"attempts\":20}]}]}"),
			2);
	assert_int_equal(
			add(rows, "{\"generation\":3,\"sets\":[{\"id\":\"a\",\"health\":"
					  "\"down\","
					  "\"destinations\":[{\"id\":\"z\",\"health\":\"down\","
					  "\"admin\":\"drain\",\"calls\":1}]},"
					  "{\"id\":\"b\",\"health\":\"up\",\"destinations\":"
					  "[{\"id\":\"x\",\"health\":\"trial\",\"calls\":9}]}]}"),
			-1);
	return rows;
}

static void test_top_rows_gather_pages(void **state)
{
	top_rows_t *rows = two_pages();

	(void)state;
	top_rows_finish(rows, NULL, 1000);
	assert_int_equal(rows->n, 4);
	assert_int_equal(rows->sets, 2);
	assert_int_equal(rows->sets_down, 1);
	assert_int_equal(rows->calls, 12);
	assert_int_equal(rows->looks[TOP_DOWN], 1);
	assert_int_equal(rows->looks[TOP_DRAIN], 1);
	assert_int_equal(rows->looks[TOP_TRIAL], 1);
	assert_int_equal(rows->looks[TOP_UP], 1);
	assert_string_equal(rows->row[3].set, "b");
	assert_string_equal(rows->row[3].uri, "");
	top_rows_free(rows);
}

static void test_top_rows_refuse_another_generation(void **state)
{
	top_rows_t *rows = two_pages();

	(void)state;
	assert_int_equal(add(rows, "{\"generation\":4,\"sets\":[]}"), -300);
	assert_int_equal(add(rows, "{\"generation\":3}"), -200);
	assert_int_equal(add(rows, "[]"), -200);
	top_rows_free(rows);
}

static void test_top_rows_take_answers_of_any_shape(void **state)
{
	top_rows_t *rows = top_rows_new();

	(void)state;
	assert_int_equal(
			add(rows, "{\"generation\":\"x\",\"next_offset\":1e300,"
					  "\"sets\":[1,{},{\"id\":7,\"destinations\":{}},"
					  "{\"destinations\":[null,[],{\"id\":{},\"calls\":-1e300,"
					  "\"admin\":5,\"weight\":\"1\"}]}]}"),
			0);
	top_rows_finish(rows, NULL, 1);
	assert_int_equal(rows->n, 3);
	assert_string_equal(rows->row[2].id, "");
	assert_int_equal(rows->row[2].calls, 0);
	top_rows_free(rows);
}

static void test_top_rows_rates_follow_the_key(void **state)
{
	top_rows_t *before = two_pages(), *rows = top_rows_new();

	(void)state;
	top_rows_finish(before, NULL, 1000);
	/* x and y have changed places, z is gone, w is new; y began anew */
	add(rows, "{\"generation\":4,\"sets\":[{\"id\":\"a\",\"destinations\":["
			  "{\"id\":\"y\",\"attempts\":5},{\"id\":\"w\",\"attempts\":50},"
			  "{\"id\":\"x\",\"attempts\":20,\"failed\":2}]}]}");
	top_rows_finish(rows, before, 3000);
	assert_true(rows->row[0].rate == 0);
	assert_true(rows->row[1].rate == 0);
	assert_true(rows->row[2].rate == 5.0 && rows->row[2].fail_rate == 0.5);
	assert_true(rows->rate == 5.0 && rows->fail_rate == 0.5);
	top_rows_free(before);
	top_rows_free(rows);
}

static void shows(const top_rows_t *rows, const char *filter, top_col_t by,
		bool reverse, const char *ids)
{
	uint32_t shown[8], n = top_rows_show(rows, filter, by, reverse, shown), i;

	assert_int_equal(n, strlen(ids));
	for(i = 0; i < n; i++)
		assert_int_equal(rows->row[shown[i]].id[0], ids[i]);
}

static void test_top_rows_sort_and_filter(void **state)
{
	top_rows_t *rows = two_pages();

	(void)state;
	top_rows_finish(rows, NULL, 1000);
	shows(rows, "", TOP_COL_STATE, false, "yxzx");
	shows(rows, "", TOP_COL_STATE, true, "xzxy");
	shows(rows, "", TOP_COL_CALLS, false, "xxzy");
	shows(rows, "", TOP_COL_CALLS, true, "yzxx");
	shows(rows, "", TOP_COL_PRIO, false, "xyzx"); /* all equal */
	shows(rows, "", TOP_COL_ID, true, "zyxx");
	shows(rows, "", TOP_COL_RATE, false, "xyzx");
	shows(rows, "fINE", TOP_COL_SET, false, "x");
	shows(rows, "down", TOP_COL_SET, false, "yz");
	shows(rows, "nothing has it", TOP_COL_SET, false, "");
	top_rows_free(rows);
}

static void test_top_cols_are_found_by_their_word(void **state)
{
	char mem[64];
	top_row_t row = {.since = 3600000, .rate = 1.25, .health = "up"};

	(void)state;
	assert_int_equal(top_col_find("since"), TOP_COL_SINCE);
	assert_int_equal(top_col_find("SINCE"), -1);
	assert_string_equal(top_cell(&row, TOP_COL_SINCE, mem, sizeof(mem)), "60m");
	assert_string_equal(top_cell(&row, TOP_COL_RATE, mem, sizeof(mem)), "1.2");
	assert_string_equal(top_cell(&row, TOP_COL_HEALTH, mem, sizeof(mem)), "up");
	assert_true(top_col_right(TOP_COL_PRIO) && !top_col_right(TOP_COL_ID));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_top_rows_gather_pages),
			UNIT_TEST(test_top_rows_refuse_another_generation),
			UNIT_TEST(test_top_rows_take_answers_of_any_shape),
			UNIT_TEST(test_top_rows_rates_follow_the_key),
			UNIT_TEST(test_top_rows_sort_and_filter),
			UNIT_TEST(test_top_cols_are_found_by_their_word),
	};

	return UNIT_MAIN(tests);
}
