/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names, hash, random numbers, strings and the text buffer.
 */
#include "heap.h"

static frt_str_t str(const char *s)
{
	return (frt_str_t){s, (uint32_t)strlen(s)};
}

static void test_names_and_parse_agree(void **state)
{
	frt_strategy_t v;

	(void)state;
	for(unsigned i = 0; i < frt_strategy_count; i++) {
		assert_int_equal(
				frt_strategy_parse(str(frt_strategy_name(i)), &v), FRT_OK);
		assert_int_equal(v, i);
	}
	assert_string_equal(frt_strategy_name(FRT_LEAST_CALLS), "least-calls");
	assert_string_equal(frt_health_name(FRT_TRIAL), "trial");
	assert_string_equal(frt_source_name(FRT_OPERATOR), "admin");
}

static void test_parse_refuses_what_it_does_not_know(void **state)
{
	frt_admin_t v = FRT_MAINT;

	(void)state;
	assert_int_equal(frt_admin_parse(str("Drain"), &v), FRT_E_INVAL);
	assert_int_equal(frt_admin_parse(str("drai"), &v), FRT_E_INVAL);
	assert_int_equal(frt_admin_parse(str("drainx"), &v), FRT_E_INVAL);
	assert_int_equal(frt_admin_parse((frt_str_t){NULL, 0}, &v), FRT_E_INVAL);
	assert_int_equal(v, FRT_MAINT);
}

static void test_parse_needs_no_nul(void **state)
{
	char text[5] = {'d', 'r', 'a', 'i', 'n'};
	frt_admin_t v;

	(void)state;
	assert_int_equal(frt_admin_parse((frt_str_t){text, 5}, &v), FRT_OK);
	assert_int_equal(v, FRT_DRAIN);
}

static void test_names_are_never_null(void **state)
{
	(void)state;
	assert_string_equal(frt_health_name((frt_health_t)99), "unknown");
	assert_string_equal(frt_err_name(12345), "unknown error");
	assert_string_equal(frt_err_name(FRT_E_NOSET), "no such set");
	assert_string_equal(frt_err_name(0), "ok");
}

static void test_memory_is_zeroed_and_null_is_freed(void **state)
{
	fx_heap_t heap = {.fail_at = 3};
	frt_mem_t mem = fx_mem(&heap);
	unsigned char *p = frt_mem_alloc(&mem, 16);

	(void)state;
	for(int i = 0; i < 16; i++)
		assert_int_equal(p[i], 0);
	frt_mem_free(&mem, p);
	frt_mem_free(&mem, NULL);
	p = frt_mem_alloc(&mem, 0);
	assert_non_null(p);
	frt_mem_free(&mem, p);
	assert_null(frt_mem_alloc(&mem, 16));
	assert_int_equal(heap.live, 0);
}

static void test_random_equal_seeds_give_equal_runs(void **state)
{
	frt_rand_t a = {.state = 42}, b = {.state = 42}, c = {.state = 43};

	(void)state;
	for(int i = 0; i < 1000; i++)
		assert_true(frt_rand_next(&a) == frt_rand_next(&b));
	assert_true(frt_rand_next(&a) != frt_rand_next(&c));
}

/* The published first outputs of splitmix64 for the seed 0. */
static void test_random_is_splitmix64(void **state)
{
	frt_rand_t r = {.state = 0};

	(void)state;
	assert_true(frt_rand_next(&r) == 0xe220a8397b1dcdafull);
	assert_true(frt_rand_next(&r) == 0x6e789e6aa1b965f4ull);
}

static void test_random_below_is_uniform_and_below(void **state)
{
	frt_rand_t r = {.state = 7};
	int seen[7] = {0};

	(void)state;
	for(int i = 0; i < 70000; i++)
		seen[frt_rand_below(&r, 7)]++;
	for(int i = 0; i < 7; i++)
		assert_between(seen[i], 9600, 10400);
	assert_int_equal(frt_rand_below(&r, 0), 0);
	assert_int_equal(frt_rand_below(&r, 1), 0);
	/* A plain modulo would draw the lower half twice as often. */
	seen[0] = 0;
	for(int i = 0; i < 10000; i++)
		seen[0] += frt_rand_below(&r, 3ull << 62) < 3ull << 61;
	assert_between(seen[0], 4750, 5250);
}

/* The state file and the hash strategy outlive a release: these values must
 * never change. */
static void test_hash_is_the_same_for_ever(void **state)
{
	(void)state;
	assert_true(frt_hash_mix(0) == 0xe220a8397b1dcdafull);
	assert_true(frt_hash_bytes("", 0, 0) == 0xe220a8397b1dcdafull);
	assert_true(frt_hash_bytes("carriers", 8, 0) == 0xbcb3289cbf2ed342ull);
	assert_true(frt_hash_bytes("sip:+49301234@example.net", 25, 1)
				== 0x054292851e7fc0bdull);
}

static void test_hash_depends_on_every_byte_length_and_seed(void **state)
{
	char a[33] = {0};
	uint64_t h = frt_hash_bytes(a, 32, 5);

	(void)state;
	for(int i = 0; i < 32; i++) {
		a[i] = 1;
		assert_true(frt_hash_bytes(a, 32, 5) != h);
		a[i] = 0;
	}
	assert_true(frt_hash_bytes(a, 31, 5) != h);
	assert_true(frt_hash_bytes(a, 33, 5) != h);
	assert_true(frt_hash_bytes(a, 32, 6) != h);
}

/* One changed bit of the input changes about half of the output's. */
static void test_hash_avalanche(void **state)
{
	unsigned flipped = 0, n = 0;

	(void)state;
	for(uint32_t key = 0; key < 200; key++) {
		for(unsigned bit = 0; bit < 96; bit++, n++) {
			uint32_t in[3] = {key, 0, key * 7};
			uint64_t x = frt_hash_bytes(in, sizeof(in), 0);
			in[bit / 32] ^= 1u << (bit % 32);
			x ^= frt_hash_bytes(in, sizeof(in), 0);
			for(; x; x &= x - 1)
				flipped++;
		}
	}
	assert_between(flipped * 100 / n, 3150, 3250);
}

static void test_hash_spreads_telephone_numbers(void **state)
{
	int seen[16] = {0};
	char number[16] = "+493012300000";

	(void)state;
	for(int i = 0; i < 16000; i++) {
		for(int d = 0, v = i; d < 5; d++, v /= 10)
			number[12 - d] = (char)('0' + v % 10);
		seen[frt_hash_bytes(number, 13, 0) % 16]++;
	}
	for(int i = 0; i < 16; i++)
		assert_between(seen[i], 880, 1120);
}

static void test_strings_compare(void **state)
{
	frt_str_t none = {NULL, 0};

	(void)state;
	assert_true(frt_str_eq(none, none));
	assert_true(frt_str_eq_nocase(none, FRT_STR("")));
	assert_false(frt_str_eq(none, FRT_STR("a")));
	assert_true(frt_str_eq(FRT_STR("gw1"), FRT_STR("gw1")));
	assert_false(frt_str_eq(FRT_STR("gw1"), FRT_STR("GW1")));
	assert_true(frt_str_eq_nocase(FRT_STR("gW1"), FRT_STR("Gw1")));
	assert_false(frt_str_eq_nocase(FRT_STR("gw1"), FRT_STR("gw12")));
	/* '@' and '`' differ from each other as 'A' and 'a' do */
	assert_false(frt_str_eq_nocase(FRT_STR("@"), FRT_STR("`")));
}

static void test_buffer_cuts_and_ends_in_nul(void **state)
{
	char *mem = malloc(8);
	frt_buf_t b;

	(void)state;
	frt_buf_init(&b, mem, 8);
	frt_buf_add(&b, "%s", "abcd");
	frt_buf_add_str(&b, FRT_STR("efg"));
	assert_false(b.cut);
	assert_string_equal(mem, "abcdefg");
	frt_buf_add(&b, "%s", "");
	assert_false(b.cut);
	frt_buf_add(&b, "h");
	assert_true(b.cut);
	assert_string_equal(mem, "abcdefg");
	frt_buf_init(&b, mem, 8);
	frt_buf_add(&b, "%s", "0123456789");
	assert_true(b.cut);
	assert_string_equal(mem, "0123456");
	assert_int_equal(b.len, 7);
	frt_buf_init(&b, mem, 8);
	frt_buf_add_str(&b, FRT_STR("0123456789"));
	assert_string_equal(mem, "0123456");
	assert_true(b.cut);
	free(mem);
}

static void test_buffer_without_room(void **state)
{
	char one = 'x';
	frt_buf_t b;

	(void)state;
	frt_buf_init(&b, NULL, 0);
	frt_buf_add(&b, "abc");
	frt_buf_add_str(&b, FRT_STR("abc"));
	assert_true(b.cut);
	assert_int_equal(b.len, 0);
	frt_buf_init(&b, &one, 1);
	assert_int_equal(one, 0);
	frt_buf_add_str(&b, (frt_str_t){NULL, 0});
	assert_false(b.cut);
	frt_buf_add(&b, "abc");
	assert_true(b.cut);
	assert_int_equal(one, 0);
}

static void check_ms(uint64_t ms, const char *text)
{
	char mem[64];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add_ms(&b, ms);
	assert_string_equal(mem, text);
}

static void test_durations_as_an_operator_reads_them(void **state)
{
	(void)state;
	check_ms(0, "0 ms");
	check_ms(250, "250 ms");
	check_ms(999, "999 ms");
	check_ms(1000, "1 s");
	check_ms(1500, "1.5 s");
	check_ms(4000, "4 s");
	check_ms(4049, "4 s");
	check_ms(9960, "10 s");
	check_ms(31820, "32 s");
	check_ms(60000, "60 s");
	check_ms(120000, "120 s");
	check_ms(251300, "251 s");
	check_ms(300000, "5 min");
	check_ms(3600000, "60 min");
	check_ms(24ull * 3600000, "24 h");
	check_ms(49ull * 24 * 3600000, "49 days");
	check_ms(UINT64_MAX, "213503982335 days");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_names_and_parse_agree),
			UNIT_TEST(test_parse_refuses_what_it_does_not_know),
			UNIT_TEST(test_parse_needs_no_nul),
			UNIT_TEST(test_names_are_never_null),
			UNIT_TEST(test_memory_is_zeroed_and_null_is_freed),
			UNIT_TEST(test_random_equal_seeds_give_equal_runs),
			UNIT_TEST(test_random_is_splitmix64),
			UNIT_TEST(test_random_below_is_uniform_and_below),
			UNIT_TEST(test_hash_is_the_same_for_ever),
			UNIT_TEST(test_hash_depends_on_every_byte_length_and_seed),
			UNIT_TEST(test_hash_avalanche),
			UNIT_TEST(test_hash_spreads_telephone_numbers),
			UNIT_TEST(test_strings_compare),
			UNIT_TEST(test_buffer_cuts_and_ends_in_nul),
			UNIT_TEST(test_buffer_without_room),
			UNIT_TEST(test_durations_as_an_operator_reads_them),
	};

	return UNIT_MAIN(tests);
}
