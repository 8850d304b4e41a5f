/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which cache lines workers share. What a call of one destination writes must
 * slow down nobody who has to do with another, nor who only reads.
 */
#include "unit.h"

#include "frt_rec.h"

#include <stddef.h>

#define LINE(type, field) (offsetof(type, field) / FRT_CACHE_LINE)

static void test_layout_records_share_no_line(void **state)
{
	(void)state;
	assert_int_equal(_Alignof(frt_rec_t), FRT_CACHE_LINE);
	assert_int_equal(sizeof(frt_rec_t) % FRT_CACHE_LINE, 0);
	assert_int_equal(_Alignof(frt_set_rec_t), FRT_CACHE_LINE);
	assert_int_equal(sizeof(frt_set_rec_t) % FRT_CACHE_LINE, 0);
}

/* Who waits for the lock spins on its line, where the word must not be. */
static void test_layout_word_is_not_where_the_lock_is(void **state)
{
	size_t word = LINE(frt_rec_t, word);

	(void)state;
	assert_int_not_equal(LINE(frt_rec_t, host_lock), word);
	/* the word is asked for by whoever was chosen; with it, what says who it
	 * is and where it stands */
	assert_int_equal(LINE(frt_rec_t, at), word);
	assert_int_equal(LINE(frt_rec_t, id), word);
}

/* What is written under the lock lies with it, or behind. */
static void test_layout_health_lies_behind_its_lock(void **state)
{
	(void)state;
	assert_true(offsetof(frt_rec_t, h) > offsetof(frt_rec_t, host_lock));
	assert_true(offsetof(frt_rec_t, host_lock) % FRT_CACHE_LINE == 0);
}

/* Every call of a set counts there; its name and place are only read. */
static void test_layout_set_counts_apart_from_what_is_read(void **state)
{
	size_t read = LINE(frt_set_rec_t, id);

	(void)state;
	assert_int_equal(LINE(frt_set_rec_t, down), read);
	assert_int_equal(LINE(frt_set_rec_t, tier_place), read);
	assert_int_not_equal(LINE(frt_set_rec_t, turn), read);
	assert_int_not_equal(LINE(frt_set_rec_t, calls), read);
	assert_int_not_equal(LINE(frt_set_rec_t, budget), read);
	assert_int_not_equal(LINE(frt_set_rec_t, failovers), read);
	assert_int_not_equal(LINE(frt_set_rec_t, exhausted), read);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_layout_records_share_no_line),
			UNIT_TEST(test_layout_word_is_not_where_the_lock_is),
			UNIT_TEST(test_layout_health_lies_behind_its_lock),
			UNIT_TEST(test_layout_set_counts_apart_from_what_is_read),
	};

	return UNIT_MAIN(tests);
}
