/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lists of attempts in flight: who is in them, in which order, and that
 * whoever comes too late changes nothing; and the rescuer's errands.
 */
// needs: modules/failover_route/frt_flight.c
#include "frt_flight.h"
#include "host.h"

#define CALLS 6

typedef struct call
{
	uint64_t before; /* the plan is not the first thing in a context */
	frt_plan_t plan;
} call_t;

static struct
{
	frt_rec_t rec[2];
	frt_act_t act[2];
	frt_set_rec_t set;
	call_t calls[CALLS];
	frt_attempt_t *a[CALLS]; /* the first attempt of each, at rec[0] */
	frt_flight_t out[CALLS];
} f;

void frt_rec_ref(frt_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

static frt_attempt_t *attempt(uint32_t call, uint32_t rec, uint64_t now_ms)
{
	frt_attempt_t *a = frt_plan_add(&f.calls[call].plan, &f.rec[rec], now_ms);

	assert_non_null(a);
	a->sent = 1;
	return a;
}

/* Every call has an attempt, made at 100, 101, 102 ... */
static void begin(void)
{
	frt_set_conf_t conf;
	uint32_t i;

	memset(&f, 0, sizeof(f));
	atomic_init(&f.rec[0].act, &f.act[0]);
	atomic_init(&f.rec[1].act, &f.act[1]);
	host_begin(NULL);
	assert_int_equal(frt_flight_init(), 0);
	frt_set_conf_default(&conf);
	for(i = 0; i < CALLS; i++) {
		frt_plan_begin(&f.calls[i].plan, &f.set, &conf, 1);
		f.calls[i].plan.ident[0] = i;
		f.calls[i].plan.ident[1] = 1000 + i;
		f.a[i] = attempt(i, 0, 100 + i);
	}
}

static void end(void)
{
	uint32_t i;

	for(i = 0; i < CALLS; i++)
		frt_flight_over(f.a[i]);
	assert_int_equal(atomic_load(&f.act[0].waiting), 0);
	assert_int_equal(frt_flight_streams(), 0);
	assert_null(f.act[0].wait_first);
	assert_null(f.act[0].wait_last);
	frt_flight_destroy();
	assert_int_equal(host.heap.live, 0);
}

static uint32_t take(uint64_t before_ms, bool streams, uint32_t max)
{
	memset(f.out, 0xff, sizeof(f.out));
	return frt_flight_take(&f.rec[0], before_ms, streams, f.out, max);
}

static void all_sent(bool stream)
{
	uint32_t i;

	for(i = 0; i < CALLS; i++)
		frt_flight_sent(f.a[i], stream);
}

static void test_flight_takes_the_oldest_first(void **state)
{
	uint32_t i;

	(void)state;
	begin();
	all_sent(false);
	assert_int_equal(atomic_load(&f.act[0].waiting), CALLS);
	assert_int_equal(take(1000, false, 4), 4);
	for(i = 0; i < 4; i++) {
		assert_int_equal(f.out[i].ident[0], i);
		assert_int_equal(f.out[i].ident[1], 1000 + i);
		assert_int_equal(f.out[i].at, 0);
	}
	assert_int_equal(take(1000, false, 4), 2);
	assert_int_equal(f.out[1].ident[0], 5);
	assert_int_equal(take(1000, false, 4), 0);
	end();
}

static void test_flight_takes_only_what_began_before(void **state)
{
	(void)state;
	begin();
	all_sent(false);
	assert_int_equal(take(102, false, CALLS), 3);
	assert_int_equal(f.out[2].ident[0], 2);
	assert_int_equal(take(102, false, CALLS), 0);
	assert_int_equal(take(105, false, CALLS), 3);
	end();
}

static void test_flight_counts_and_takes_streams(void **state)
{
	(void)state;
	begin();
	frt_flight_sent(f.a[0], false);
	frt_flight_sent(f.a[1], true);
	frt_flight_sent(f.a[2], true);
	assert_int_equal(frt_flight_streams(), 2);
	assert_int_equal(atomic_load(&f.act[0].streams), 2);
	assert_int_equal(take(1000, true, CALLS), 2);
	assert_int_equal(f.out[0].ident[0], 1);
	assert_int_equal(frt_flight_streams(), 0);
	assert_int_equal(atomic_load(&f.act[0].waiting), 1);
	frt_flight_back(f.a[1]);
	assert_int_equal(frt_flight_streams(), 1);
	end();
}

static void test_flight_reply_before_the_send_is_noted(void **state)
{
	(void)state;
	begin();
	frt_flight_over(f.a[0]);
	frt_flight_sent(f.a[0], true);
	assert_int_equal(take(1000, false, CALLS), 0);
	assert_int_equal(frt_flight_streams(), 0);
	end();
}

static void test_flight_reply_ends_the_wait(void **state)
{
	(void)state;
	begin();
	all_sent(true);
	frt_flight_over(f.a[0]); /* first, middle, last */
	frt_flight_over(f.a[3]);
	frt_flight_over(f.a[5]);
	frt_flight_over(f.a[5]);
	assert_int_equal(frt_flight_streams(), 3);
	assert_int_equal(take(1000, false, CALLS), 3);
	assert_int_equal(f.out[0].ident[0], 1);
	assert_int_equal(f.out[1].ident[0], 2);
	assert_int_equal(f.out[2].ident[0], 4);
	end();
}

static void test_flight_what_ended_while_taken_does_not_come_back(void **state)
{
	(void)state;
	begin();
	all_sent(false);
	assert_int_equal(take(1000, false, 2), 2);
	frt_flight_over(f.a[0]);
	frt_flight_back(f.a[0]);
	frt_flight_back(f.a[1]);
	frt_flight_back(f.a[1]);
	assert_int_equal(atomic_load(&f.act[0].waiting), CALLS - 1);
	assert_int_equal(take(1000, false, CALLS), CALLS - 1);
	assert_int_equal(f.out[4].ident[0], 1); /* at the end now */
	end();
}

static void test_flight_finds_the_plan_of_any_attempt(void **state)
{
	frt_attempt_t *second;

	(void)state;
	begin();
	frt_flight_sent(f.a[3], false);
	frt_flight_over(f.a[3]);
	second = attempt(3, 1, 200);
	frt_flight_sent(second, false);
	assert_int_equal(frt_flight_take(&f.rec[1], 1000, false, f.out, 1), 1);
	assert_int_equal(f.out[0].ident[0], 3);
	assert_int_equal(f.out[0].at, 1);
	frt_flight_over(second);
	end();
}

static void test_flight_down_is_an_errand_only_with_calls(void **state)
{
	frt_rec_t *rec;
	uint64_t time_ms;

	(void)state;
	begin();
	frt_flight_down(&f.rec[0]);
	assert_false(frt_flight_next_down(&rec, &time_ms));
	assert_int_equal(host.wakes, 0);
	all_sent(false);
	frt_flight_down(&f.rec[0]);
	assert_int_equal(host.wakes, 1);
	host.now_ms += 5;
	assert_true(frt_flight_next_down(&rec, &time_ms));
	assert_ptr_equal(rec, &f.rec[0]);
	assert_int_equal(time_ms, host.now_ms - 5);
	assert_int_equal(atomic_load(&rec->refs), 1);
	assert_false(frt_flight_next_down(&rec, &time_ms));
	end();
}

/* It went down after it was chosen and before it was sent: nobody was there
 * when the errand was to be made. */
static void test_flight_sent_to_what_is_down_is_an_errand(void **state)
{
	frt_rec_t *rec;
	uint64_t time_ms;

	(void)state;
	begin();
	atomic_store(&f.rec[0].word, FRT_WORD(FRT_DOWN, FRT_READY, 0, 1, 0));
	f.a[0]->wait.anyway = 1; /* in panic: nothing else was left */
	frt_flight_sent(f.a[0], false);
	assert_false(frt_flight_next_down(&rec, &time_ms));
	frt_flight_sent(f.a[1], false);
	assert_true(frt_flight_next_down(&rec, &time_ms));
	assert_ptr_equal(rec, &f.rec[0]);
	end();
}

static void test_flight_lost_errands_are_told(void **state)
{
	frt_rec_t *rec;
	uint64_t time_ms;
	uint32_t n = 0, i;

	(void)state;
	begin();
	all_sent(false);
	for(i = 0; i < 300; i++)
		frt_flight_down(&f.rec[0]);
	assert_true(frt_flight_next_down(&rec, &time_ms));
	assert_null(rec);
	while(frt_flight_next_down(&rec, &time_ms))
		n++;
	assert_int_equal(n, 256);
	assert_int_equal(atomic_load(&f.rec[0].refs), 256);
	end();
}

static void test_flight_closed_connections_in_order(void **state)
{
	frt_peer_t peer;
	uint32_t i;

	(void)state;
	begin();
	for(i = 0; i < 70; i++) {
		peer = (frt_peer_t){.port = (uint16_t)i};
		frt_flight_closed(&peer);
	}
	for(i = 0; i < 64; i++) {
		assert_true(frt_flight_next_closed(&peer));
		assert_int_equal(peer.port, i);
	}
	assert_false(frt_flight_next_closed(&peer));
	assert_int_equal(host.wakes, 70);
	end();
}

/* Before mod_init, and after the end. */
static void test_flight_without_memory_does_nothing(void **state)
{
	(void)state;
	begin();
	end();
	host.heap.calls = 0;
	host.heap.fail_at = 1;
	assert_int_equal(frt_flight_init(), -1);
	frt_flight_sent(f.a[0], true);
	frt_flight_over(f.a[0]);
	frt_flight_down(&f.rec[0]);
	assert_int_equal(frt_flight_streams(), 0);
	frt_flight_destroy();
}

/* Without memory for the list nobody is in it; who gets some later is. */
static void test_flight_without_a_list(void **state)
{
	frt_attempt_t *a, *b;

	(void)state;
	begin();
	atomic_store(&f.rec[1].act, NULL);
	a = attempt(0, 1, 1000);
	frt_flight_sent(a, true);
	assert_int_equal(frt_flight_waiting(&f.rec[1], true), 0);
	assert_int_equal(frt_flight_take(&f.rec[1], 2000, false, f.out, 1), 0);
	frt_flight_down(&f.rec[1]);
	assert_int_equal(host.wakes, 0);
	atomic_store(&f.rec[1].act, &f.act[1]);
	b = attempt(1, 1, 1000);
	frt_flight_sent(b, false);
	frt_flight_over(a);
	frt_flight_sent(a, true); /* the reply was quicker than the report */
	assert_int_equal(frt_flight_waiting(&f.rec[1], false), 1);
	frt_flight_over(b);
	assert_int_equal(frt_flight_waiting(&f.rec[1], false), 0);
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_flight_takes_the_oldest_first),
			UNIT_TEST(test_flight_without_a_list),
			UNIT_TEST(test_flight_takes_only_what_began_before),
			UNIT_TEST(test_flight_counts_and_takes_streams),
			UNIT_TEST(test_flight_reply_before_the_send_is_noted),
			UNIT_TEST(test_flight_reply_ends_the_wait),
			UNIT_TEST(test_flight_what_ended_while_taken_does_not_come_back),
			UNIT_TEST(test_flight_finds_the_plan_of_any_attempt),
			UNIT_TEST(test_flight_down_is_an_errand_only_with_calls),
			UNIT_TEST(test_flight_sent_to_what_is_down_is_an_errand),
			UNIT_TEST(test_flight_lost_errands_are_told),
			UNIT_TEST(test_flight_closed_connections_in_order),
			UNIT_TEST(test_flight_without_memory_does_nothing),
	};
	return UNIT_MAIN(tests);
}
