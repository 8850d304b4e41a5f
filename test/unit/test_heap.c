/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The heap of due times.
 */
#include "heap.h"

#include "frt_heap.h"

static fx_heap_t memory;
static const frt_mem_t mem = {fx_heap_alloc, fx_heap_free, &memory};

static void test_heap_without_room_ignores_items(void **state)
{
	frt_heap_t h = {0};
	uint32_t item;

	(void)state;
	frt_heap_set(&h, 0, 5);
	assert_int_equal(frt_heap_due(&h, 0), 0);
	assert_true(frt_heap_first(&h) == UINT64_MAX);
	assert_false(frt_heap_pop(&h, UINT64_MAX - 1, &item));
}

static void test_heap_pops_in_order_and_only_what_is_due(void **state)
{
	static const uint64_t due[] = {50, 10, 40, 20, 30};
	frt_heap_t h = {0};
	uint32_t item;

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, 5), 0);
	for(uint32_t i = 0; i < 5; i++)
		frt_heap_set(&h, i, due[i]);
	assert_int_equal(frt_heap_first(&h), 10);
	assert_true(frt_heap_pop(&h, 20, &item));
	assert_int_equal(item, 1);
	assert_true(frt_heap_pop(&h, 20, &item));
	assert_int_equal(item, 3);
	assert_false(frt_heap_pop(&h, 29, &item));
	assert_int_equal(frt_heap_due(&h, 3), 0);
	assert_int_equal(frt_heap_due(&h, 4), 30);
	frt_heap_free(&h, &mem);
}

static void test_heap_moves_an_item_both_ways(void **state)
{
	frt_heap_t h = {0};
	uint32_t item;

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, 3), 0);
	frt_heap_set(&h, 0, 10);
	frt_heap_set(&h, 1, 20);
	frt_heap_set(&h, 2, 30);
	frt_heap_set(&h, 2, 5);
	frt_heap_set(&h, 0, 40);
	assert_true(frt_heap_pop(&h, 100, &item) && item == 2);
	assert_true(frt_heap_pop(&h, 100, &item) && item == 1);
	assert_true(frt_heap_pop(&h, 100, &item) && item == 0);
	frt_heap_free(&h, &mem);
}

static void test_heap_keeps_its_items_when_it_grows(void **state)
{
	frt_heap_t h = {0};
	uint32_t item;

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, 2), 0);
	frt_heap_set(&h, 0, 2);
	frt_heap_set(&h, 1, 1);
	assert_int_equal(frt_heap_reserve(&h, &mem, 8), 0);
	assert_int_equal(frt_heap_reserve(&h, &mem, 4), 0);
	assert_int_equal(h.cap, 8);
	frt_heap_set(&h, 7, 3);
	assert_true(frt_heap_pop(&h, 9, &item) && item == 1);
	assert_true(frt_heap_pop(&h, 9, &item) && item == 0);
	assert_true(frt_heap_pop(&h, 9, &item) && item == 7);
	frt_heap_free(&h, &mem);
}

static void test_heap_cleared_is_empty(void **state)
{
	frt_heap_t h = {0};

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, 4), 0);
	for(uint32_t i = 0; i < 4; i++)
		frt_heap_set(&h, i, 7);
	frt_heap_clear(&h);
	assert_true(frt_heap_first(&h) == UINT64_MAX);
	for(uint32_t i = 0; i < 4; i++)
		assert_int_equal(frt_heap_due(&h, i), 0);
	frt_heap_free(&h, &mem);
}

static void test_heap_without_memory_stays_as_it_is(void **state)
{
	frt_heap_t h = {0};

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, 2), 0);
	frt_heap_set(&h, 1, 9);
	for(size_t n = 1; n <= 3; n++) {
		memory.fail_at = memory.calls + n;
		assert_int_equal(frt_heap_reserve(&h, &mem, 16), FRT_E_NOMEM);
		assert_int_equal(h.cap, 2);
		assert_int_equal(frt_heap_first(&h), 9);
	}
	frt_heap_free(&h, &mem);
}

/* Against a plain array, over many random steps. */
static void test_heap_agrees_with_a_plain_search(void **state)
{
	enum
	{
		N = 200
	};
	uint64_t due[N] = {0};
	frt_heap_t h = {0};
	frt_rand_t rnd = {.state = 42};

	(void)state;
	assert_int_equal(frt_heap_reserve(&h, &mem, N), 0);
	for(int step = 0; step < 50000; step++) {
		uint32_t item = (uint32_t)frt_rand_below(&rnd, N);
		uint64_t first = UINT64_MAX;

		if(frt_rand_below(&rnd, 4) == 0 && frt_heap_first(&h) != UINT64_MAX) {
			uint64_t at = frt_heap_first(&h);

			assert_true(frt_heap_pop(&h, at, &item));
			assert_int_equal(due[item], at);
			due[item] = 0;
		} else {
			/* Often out of the middle: the gap is filled from the end. */
			due[item] =
					frt_rand_below(&rnd, 4) ? frt_rand_below(&rnd, 1000) : 0;
			frt_heap_set(&h, item, due[item]);
		}
		for(uint32_t i = 0; i < N; i++) {
			assert_int_equal(frt_heap_due(&h, i), due[i]);
			if(due[i] && due[i] < first)
				first = due[i];
		}
		assert_true(frt_heap_first(&h) == first);
	}
	frt_heap_free(&h, &mem);
}

static int nothing_kept(void **state)
{
	(void)state;
	return memory.live != 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_heap_without_room_ignores_items),
			UNIT_TEST(test_heap_pops_in_order_and_only_what_is_due),
			UNIT_TEST(test_heap_moves_an_item_both_ways),
			UNIT_TEST(test_heap_keeps_its_items_when_it_grows),
			UNIT_TEST(test_heap_cleared_is_empty),
			UNIT_TEST(test_heap_without_memory_stays_as_it_is),
			UNIT_TEST(test_heap_agrees_with_a_plain_search),
	};
	return cmocka_run_group_tests(tests, NULL, nothing_kept);
}
