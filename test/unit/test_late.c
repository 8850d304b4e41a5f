/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Late answers: the whole table of decisions, the memory of branches left, and
 * counting Record-Routes.
 */
#include "frt_icmp.h"
#include "frt_late.h"
#include "unit.h"

#define BUCKETS 4

static const char md5[] = "0123456789abcdef0123456789abcdef";

static frt_late_t decide(
		frt_branch_state_t state, int winner, bool answered, bool cancelled)
{
	frt_late_in_t in = {state, 1, winner, answered, cancelled};

	return frt_late_decide(&in);
}

static void test_late_caller_who_waits(void **state)
{
	(void)state;
	assert_int_equal(decide(FRT_BRANCH_OPEN, -1, 0, 0), FRT_LATE_PASS);
	assert_int_equal(decide(FRT_BRANCH_LEFT, -1, 0, 0), FRT_LATE_REVIVE);
	assert_int_equal(decide(FRT_BRANCH_REFUSED, -1, 0, 0), FRT_LATE_END);
	assert_int_equal(decide(FRT_BRANCH_FOREIGN, -1, 0, 0), FRT_LATE_PASS);
}

static void test_late_caller_who_has_hung_up(void **state)
{
	(void)state;
	/* the 200 that crosses the CANCEL is the caller's: RFC 3261 9.1 */
	assert_int_equal(decide(FRT_BRANCH_OPEN, -1, 0, 1), FRT_LATE_PASS);
	assert_int_equal(decide(FRT_BRANCH_LEFT, -1, 0, 1), FRT_LATE_END);
	assert_int_equal(decide(FRT_BRANCH_REFUSED, -1, 0, 1), FRT_LATE_END);
	assert_int_equal(decide(FRT_BRANCH_FOREIGN, -1, 0, 1), FRT_LATE_PASS);
}

static void test_late_caller_who_has_a_refusal(void **state)
{
	bool cancelled;

	(void)state;
	for(cancelled = false;; cancelled = true) {
		assert_int_equal(
				decide(FRT_BRANCH_OPEN, -1, 1, cancelled), FRT_LATE_END);
		assert_int_equal(
				decide(FRT_BRANCH_LEFT, -1, 1, cancelled), FRT_LATE_END);
		assert_int_equal(
				decide(FRT_BRANCH_REFUSED, -1, 1, cancelled), FRT_LATE_END);
		assert_int_equal(
				decide(FRT_BRANCH_FOREIGN, -1, 1, cancelled), FRT_LATE_PASS);
		if(cancelled)
			break;
	}
}

static void test_late_caller_who_talks_to_another(void **state)
{
	int answered;

	(void)state;
	/* the other 2xx may have been decided on, and not been sent yet */
	for(answered = 0; answered <= 1; answered++) {
		assert_int_equal(decide(FRT_BRANCH_OPEN, 0, answered, 0), FRT_LATE_END);
		assert_int_equal(decide(FRT_BRANCH_LEFT, 2, answered, 0), FRT_LATE_END);
		assert_int_equal(
				decide(FRT_BRANCH_REFUSED, 0, answered, 1), FRT_LATE_END);
		assert_int_equal(
				decide(FRT_BRANCH_FOREIGN, 0, answered, 0), FRT_LATE_PASS);
	}
}

static void test_late_copies_of_the_answer_pass(void **state)
{
	int s, answered;

	(void)state;
	for(s = 0; s < (int)frt_branch_state_count; s++) {
		for(answered = 0; answered <= 1; answered++)
			assert_int_equal(
					decide((frt_branch_state_t)s, 1, answered, answered),
					FRT_LATE_PASS);
	}
}

static frt_gone_table_t *table_new(void)
{
	frt_gone_table_t *t = calloc(1, frt_gone_size(BUCKETS));

	assert_non_null(t);
	t->mask = BUCKETS - 1;
	return t;
}

static void test_gone_remembers_for_three_minutes(void **state)
{
	frt_gone_table_t *t = table_new();
	frt_gone_t *g;

	(void)state;
	assert_null(frt_gone_find_locked(t, 77, 100));
	frt_gone_put_locked(t, 77, 2, 0, 100);
	assert_int_equal(t->live, 1);
	g = frt_gone_find_locked(t, 77, 100 + FRT_GONE_S - 1);
	assert_non_null(g);
	assert_int_equal(g->below, 2);
	frt_gone_end_locked(g, 5);
	assert_null(frt_gone_find_locked(t, 77, 100 + FRT_GONE_S));
	assert_null(frt_gone_find_locked(t, 78, 101));
	/* the same branch again takes its own place */
	frt_gone_put_locked(t, 77, 3, 9, 150);
	assert_int_equal(t->live, 1);
	g = frt_gone_find_locked(t, 77, 151);
	assert_true(frt_gone_ended(g, 9));
	assert_false(frt_gone_ended(g, 5));
	free(t);
}

static void test_gone_remembers_each_telephone(void **state)
{
	frt_gone_table_t *t = table_new();
	frt_gone_t *g;
	uint32_t tag;

	(void)state;
	frt_gone_put_locked(t, 77, 0, 0, 100);
	g = frt_gone_find_locked(t, 77, 100);
	for(tag = 1; tag <= FRT_GONE_TAGS; tag++) {
		assert_false(frt_gone_ended(g, tag));
		frt_gone_end_locked(g, tag);
	}
	for(tag = 1; tag <= FRT_GONE_TAGS; tag++)
		assert_true(frt_gone_ended(g, tag));
	frt_gone_end_locked(g, 99);
	assert_true(frt_gone_ended(g, 99));
	assert_false(frt_gone_ended(g, 1));
	free(t);
}

static void test_gone_full_bucket_forgets_the_oldest(void **state)
{
	frt_gone_table_t *t = table_new();
	uint64_t key;

	(void)state;
	/* keys of bucket 1, one a second */
	for(key = 0; key <= FRT_GONE_WAYS; key++)
		frt_gone_put_locked(t, 1 + key * BUCKETS, 0, 0, 100 + (uint32_t)key);
	assert_null(frt_gone_find_locked(t, 1, 110));
	for(key = 1; key <= FRT_GONE_WAYS; key++)
		assert_non_null(frt_gone_find_locked(t, 1 + key * BUCKETS, 110));
	assert_null(frt_gone_find_locked(t, 2, 110));
	assert_int_equal(t->live, FRT_GONE_WAYS);
	free(t);
}

static void test_branch_key_tells_branches_apart(void **state)
{
	uint64_t key = frt_branch_key(5, md5, 0);
	char other[sizeof(md5)];

	(void)state;
	memcpy(other, md5, sizeof(md5));
	other[31] = 'e';
	assert_int_equal(key, frt_branch_key(5, md5, 0));
	assert_true(key != frt_branch_key(5, md5, 1));
	assert_true(key != frt_branch_key(6, md5, 0));
	assert_true(key != frt_branch_key(5, other, 0));
	assert_true(key != 0);
}

static uint32_t count(const char *body)
{
	size_t len = strlen(body);
	char *block = malloc(len ? len : 1);
	uint32_t n;

	memcpy(block, body, len);
	n = frt_hdr_count((frt_str_t){block, (uint32_t)len});
	free(block);
	return n;
}

static void test_hdr_count_values(void **state)
{
	(void)state;
	assert_int_equal(count(""), 0);
	assert_int_equal(count("  "), 0);
	assert_int_equal(count("<sip:a;lr>"), 1);
	assert_int_equal(count("<sip:a;lr>, <sip:b;lr>,<sip:c>"), 3);
	assert_int_equal(count("<sip:a,b@c;lr>;x=1"), 1);
	assert_int_equal(count("\"a, b\" <sip:a>, \"c\\\", d\" <sip:b>"), 2);
	assert_int_equal(count("<sip:a>,\r\n <sip:b>"), 2);
	assert_int_equal(count(",,<sip:a>, ,"), 1);
	assert_int_equal(count("sip:a,sip:b"), 2);
	assert_int_equal(count("<sip:a, <sip:b>"), 1);
	assert_int_equal(count("\"never ended, <sip:b>"), 0);
	assert_int_equal(count("\"\\"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_late_caller_who_waits),
			UNIT_TEST(test_late_caller_who_has_hung_up),
			UNIT_TEST(test_late_caller_who_has_a_refusal),
			UNIT_TEST(test_late_caller_who_talks_to_another),
			UNIT_TEST(test_late_copies_of_the_answer_pass),
			UNIT_TEST(test_gone_remembers_for_three_minutes),
			UNIT_TEST(test_gone_remembers_each_telephone),
			UNIT_TEST(test_gone_full_bucket_forgets_the_oldest),
			UNIT_TEST(test_branch_key_tells_branches_apart),
			UNIT_TEST(test_hdr_count_values),
	};
	return UNIT_MAIN(tests);
}
