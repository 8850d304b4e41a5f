/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Prometheus text format: what a family and a sample look like, that no
 * label can break out of its quotes, and that a text may grow or fail at any
 * length.
 */
#include "fixture.h"
#include "frt_prom.h"

#define NONE ((frt_str_t){NULL, 0})

static void begin(fx_heap_t *heap, frt_mem_t *mem, frt_prom_t *p)
{
	memset(heap, 0, sizeof(*heap));
	*mem = fx_mem(heap);
	frt_prom_init(p, mem);
}

static void test_prom_family_has_help_and_type_once(void **state)
{
	frt_str_t labels = fx_str("set=\"a\",uri=\"sip:b\"");
	fx_heap_t heap;
	frt_mem_t mem;
	frt_prom_t p;

	(void)state;
	begin(&heap, &mem, &p);
	frt_prom_family(&p, "x_total", "counter", "Things.");
	frt_prom_count(&p, labels, NULL, 18446744073709551615ull);
	frt_prom_count(&p, labels, "code=\"5xx\"", 3);
	frt_prom_count(&p, NONE, "code=\"5xx\"", 3);
	frt_prom_count(&p, NONE, NULL, 0);
	assert_string_equal(p.text.s,
			"# HELP x_total Things.\n"
			"# TYPE x_total counter\n"
			"x_total{set=\"a\",uri=\"sip:b\"} "
			"18446744073709551615\n"
			"x_total{set=\"a\",uri=\"sip:b\",code=\"5xx\"} 3\n"
			"x_total{code=\"5xx\"} 3\n"
			"x_total 0\n");
	assert_int_equal(p.text.len, strlen(p.text.s));
	frt_prom_free(&p);
	assert_int_equal(heap.live, 0);
}

typedef struct drain
{
	char text[256 * 1024];
	size_t len, largest, left;
} drain_t;

static bool drain(void *to, const char *s, size_t n)
{
	drain_t *d = to;

	assert_true(n > 0 && s[n - 1] == '\n');
	if(d->left-- == 0)
		return false;
	assert_true(d->len + n < sizeof(d->text));
	memcpy(d->text + d->len, s, n);
	d->len += n;
	d->largest = n > d->largest ? n : d->largest;
	return true;
}

static void write_many(frt_prom_t *p)
{
	uint32_t i;

	frt_prom_family(p, "x_total", "counter", "Things.");
	for(i = 0; i < 5000; i++)
		frt_prom_count(p, fx_str("set=\"a\",destination=\"b\""), NULL, i);
}

/* What goes to a sink is the same text, and never all of it in memory. */
static void test_prom_stream_is_the_same_text(void **state)
{
	static drain_t to;
	frt_prom_t whole, p;
	fx_heap_t heap;
	frt_mem_t mem;

	(void)state;
	begin(&heap, &mem, &whole);
	frt_prom_init(&p, &mem);
	to = (drain_t){.left = SIZE_MAX};
	write_many(&whole);
	frt_prom_stream(&p, drain, &to);
	write_many(&p);
	frt_prom_flush(&p);
	frt_prom_flush(&p);
	assert_int_equal(to.len, whole.text.len);
	assert_memory_equal(to.text, whole.text.s, whole.text.len);
	assert_true(p.text.size <= 65536 && to.largest < 33000);
	frt_prom_free(&p);
	frt_prom_init(&p, &mem);
	to = (drain_t){.left = 2};
	frt_prom_stream(&p, drain, &to);
	write_many(&p);
	frt_prom_flush(&p);
	assert_true(p.text.failed);
	frt_prom_free(&whole);
	assert_int_equal(heap.live, 0);
}

static void test_prom_values_are_thousandths(void **state)
{
	static const struct
	{
		uint64_t milli;
		const char *line;
	} cases[] = {{0, "x 0\n"}, {500, "x 0.5\n"}, {1000, "x 1\n"},
			{1, "x 0.001\n"}, {30250, "x 30.250\n"},
			{18446744073709551615ull, "x 18446744073709551.615\n"}};
	fx_heap_t heap;
	frt_mem_t mem;
	frt_prom_t p;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		begin(&heap, &mem, &p);
		p.family = "x";
		frt_prom_sample(&p, NONE, NULL, cases[i].milli);
		assert_string_equal(p.text.s, cases[i].line);
		frt_prom_free(&p);
	}
}

static void test_prom_label_stays_in_its_quotes(void **state)
{
	fx_heap_t heap;
	frt_mem_t mem;
	frt_prom_t p;

	(void)state;
	begin(&heap, &mem, &p);
	frt_prom_label(&p, 0, "a", fx_str("\"} 1\nevil 2\n\\"));
	frt_prom_label(&p, 0, "b", NONE);
	frt_prom_label(&p, p.text.len, "c", fx_str("\n"));
	assert_string_equal(
			p.text.s, "a=\"\\\"} 1\\nevil 2\\n\\\\\",b=\"\"c=\"\\n\"");
	frt_prom_free(&p);
}

static void test_prom_histogram_is_cumulative(void **state)
{
	static const uint64_t delays[] = {0, 5, 6, 1000, 1001, 90000};
	fx_heap_t heap;
	frt_hist_t hist;
	frt_mem_t mem;
	frt_prom_t p;
	size_t i;

	(void)state;
	memset(&hist, 0, sizeof(hist));
	for(i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
		frt_hist_add(&hist, FRT_HIST_RTT, delays[i]);
	begin(&heap, &mem, &p);
	p.family = "x";
	frt_prom_histogram(&p, fx_str("set=\"a\""), &hist, FRT_HIST_RTT);
	assert_string_equal(p.text.s, "x_bucket{set=\"a\",le=\"0.005\"} 2\n"
								  "x_bucket{set=\"a\",le=\"0.020\"} 3\n"
								  "x_bucket{set=\"a\",le=\"0.050\"} 3\n"
								  "x_bucket{set=\"a\",le=\"0.100\"} 3\n"
								  "x_bucket{set=\"a\",le=\"0.500\"} 3\n"
								  "x_bucket{set=\"a\",le=\"1.000\"} 4\n"
								  "x_bucket{set=\"a\",le=\"+Inf\"} 6\n"
								  "x_sum{set=\"a\"} 92.012\n"
								  "x_count{set=\"a\"} 6\n");
	frt_prom_free(&p);
}

/* Of 300 bytes and more. */
static void put_lines(frt_prom_t *p, int n)
{
	char value[300];
	frt_str_t labels = {value, sizeof(value)};

	memset(value, 'v', sizeof(value));
	while(n-- > 0)
		frt_prom_count(p, labels, NULL, 1);
}

/* Long enough to grow several times, with each request failing once. */
static void test_prom_fails_whole_when_memory_ends(void **state)
{
	fx_heap_t heap;
	frt_mem_t mem;
	frt_prom_t p;
	size_t fail_at;

	(void)state;
	for(fail_at = 1;; fail_at++) {
		begin(&heap, &mem, &p);
		heap.fail_at = fail_at;
		frt_prom_family(&p, "x", "gauge", "Help.");
		put_lines(&p, 200);
		if(!p.text.failed)
			break;
		assert_null(p.text.s);
		frt_prom_free(&p);
		assert_int_equal(heap.live, 0);
	}
	assert_int_equal(p.text.len, strlen(p.text.s));
	assert_true(fail_at > 4);
	frt_prom_free(&p);
	assert_int_equal(heap.live, 0);
}

static void test_prom_ends_where_it_is_too_long(void **state)
{
	fx_heap_t heap;
	frt_mem_t mem;
	frt_prom_t p;
	size_t whole;
	int n;

	(void)state;
	begin(&heap, &mem, &p);
	p.family = "x";
	put_lines(&p, 10);
	whole = p.text.len;
	frt_prom_free(&p);
	for(n = 10; n <= 1000; n += 990) {
		begin(&heap, &mem, &p);
		p.family = "x";
		frt_prom_limit(&p, whole);
		put_lines(&p, n);
		assert_int_equal(p.full, n > 10);
		assert_int_equal(p.text.failed, n > 10);
		assert_true(heap.calls <= 2); /* no more memory than for the whole */
		frt_prom_free(&p);
		assert_int_equal(heap.live, 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_prom_family_has_help_and_type_once),
			UNIT_TEST(test_prom_stream_is_the_same_text),
			UNIT_TEST(test_prom_values_are_thousandths),
			UNIT_TEST(test_prom_label_stays_in_its_quotes),
			UNIT_TEST(test_prom_histogram_is_cumulative),
			UNIT_TEST(test_prom_fails_whole_when_memory_ends),
			UNIT_TEST(test_prom_ends_where_it_is_too_long),
	};
	return UNIT_MAIN(tests);
}
