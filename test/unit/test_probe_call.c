/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Test calls in the schedule: who shares one, how often they go out, and that
 * the next one waits for the end of the one before, in made-up time.
 */
#include "fixture.h"

#include "frt_sched.h"

static fx_t fx;
static frt_sched_t sched;
static fx_heap_t heap; /* it outlives the tables */
static frt_mem_t mem;
static uint64_t now;

static void set_with_call(const char *id, const char *number)
{
	frt_probe_conf_t *p;

	p = &fx_set(&fx, id, FRT_WEIGHTED)->conf.probe;
	p->method = FRT_STR("INVITE");
	p->number = fx_str(number);
	p->interval_ms = 30000;
	p->timeout_ms = 2000;
	fx_dst_uri(&fx, "gw", "sip:192.0.2.1", 1, 1);
}

static void load(uint32_t seq)
{
	fx_freeze(&fx);
	fx.gen->seq = seq;
	assert_int_equal(frt_sched_load(&sched, fx.gen, now, &fx.rnd), 0);
}

/* Another configuration, with nothing in it that is probed. */
static void load_nothing(uint32_t seq)
{
	fx_end(&fx);
	fx_begin(&fx);
	fx_set(&fx, "a", FRT_WEIGHTED)->conf.probe.enabled = false;
	fx_dst(&fx, 1, 1);
	load(seq);
}

static int setup(void **state)
{
	(void)state;
	now = 1000000;
	fx_begin(&fx);
	heap = (fx_heap_t){0};
	mem = fx_mem(&heap);
	frt_sched_init(&sched, &mem, 500, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	frt_sched_free(&sched);
	assert_int_equal(heap.live, 0);
	fx_end(&fx);
	return 0;
}

/* Waits for the next test call, and for how long. */
static uint64_t fly(uint32_t *target, uint32_t *id)
{
	uint64_t from = now;

	while(!frt_sched_fly(&sched, now, target, id)) {
		now++;
		assert_true(now < from + 200000);
	}
	return now - from;
}

static void ended(uint32_t target, uint32_t gap_ms, bool steady)
{
	frt_sched_ended(&sched, target, (frt_pace_t){gap_ms, steady}, now, &fx.rnd);
}

static void test_call_is_shared_by_number(void **state)
{
	(void)state;
	set_with_call("a", "+4930000000");
	set_with_call("b", "+4930000000");
	set_with_call("c", "+4930000001");
	load(1);
	assert_int_equal(sched.ntargets, 2);
	assert_int_equal(sched.target_of[0], sched.target_of[1]);
	assert_int_not_equal(sched.target_of[0], sched.target_of[2]);
}

static void test_call_is_never_hurried_below_its_floor(void **state)
{
	uint32_t target, id;
	uint64_t at;

	(void)state;
	set_with_call("a", "1");
	load(1);
	fly(&target, &id);
	at = now;
	now += 100;
	ended(target, 100, false); /* whatever the pace says */
	assert_true(frt_sched_due(&sched, target) >= at + FRT_PACE_CALL_MIN_MS);
	assert_true(frt_sched_hurry(&sched, 0, false, now));
	fly(&target, &id);
	assert_int_equal(now, at + FRT_PACE_CALL_MIN_MS);
	now += 100;
	ended(target, 30000, true);
	/* but the operator's wish counts at once */
	assert_true(frt_sched_hurry(&sched, 0, true, now));
	assert_true(fly(&target, &id) < 50);
}

static void test_call_pace_has_its_own_floor(void **state)
{
	frt_probe_conf_t p = {.method = FRT_STR("INVITE"),
			.interval_ms = 1000,
			.fast_interval_ms = 100};

	(void)state;
	assert_int_equal(frt_pace_interval_ms(&p), FRT_PACE_CALL_MIN_MS);
	assert_int_equal(frt_pace_fast_ms(&p), FRT_PACE_CALL_MIN_MS);
	p.method = FRT_STR("OPTIONS");
	assert_int_equal(frt_pace_interval_ms(&p), 1000);
	assert_int_equal(frt_pace_fast_ms(&p), 100);
	assert_int_equal(frt_pace_floor_ms(&p), 0);
}

static void test_call_still_open_holds_the_next_one(void **state)
{
	uint32_t target, id, next, got;

	(void)state;
	set_with_call("a", "1");
	load(1);
	fly(&target, &id);
	frt_sched_opened(&sched, target, now + 34000);
	assert_true(frt_sched_open(&sched, id, &got) && got == target);
	now += 50;
	ended(target, 30000, true);
	assert_true(frt_sched_hurry(&sched, 0, true, now));
	assert_false(frt_sched_fly(&sched, now, &target, &next));
	now += 20000;
	assert_false(frt_sched_fly(&sched, now, &target, &next));
	/* the latest order is not lost, and not sent twice */
	frt_sched_over(&sched, target, now);
	assert_false(frt_sched_open(&sched, id, &got));
	assert_int_equal(fly(&target, &next), 0);
	assert_int_not_equal(next, id);
	assert_false(frt_sched_fly(&sched, now, &target, &got));
	/* nobody says that this one is over: its time says so */
	frt_sched_opened(&sched, target, now + 34000);
	now += 50;
	ended(target, 30000, true);
	assert_true(frt_sched_hurry(&sched, 0, true, now));
	assert_int_equal(fly(&target, &next), 34000 - 50);
}

static void test_call_over_in_time_changes_no_due(void **state)
{
	uint32_t target, id;
	uint64_t due;

	(void)state;
	set_with_call("a", "1");
	load(1);
	fly(&target, &id);
	frt_sched_opened(&sched, target, now + 34000);
	now += 50;
	ended(target, 30000, true);
	due = frt_sched_due(&sched, target);
	frt_sched_over(&sched, target, now + 10);
	assert_int_equal(frt_sched_due(&sched, target), due);
}

static void test_call_outlives_its_destinations(void **state)
{
	uint32_t target, id, got;

	(void)state;
	set_with_call("a", "1");
	load(1);
	fly(&target, &id);
	frt_sched_opened(&sched, target, now + 34000);
	load_nothing(2);
	assert_int_equal(sched.ntargets, 1);
	now += 2000; /* it is still told of, so that it can be cancelled */
	assert_true(frt_sched_overdue(&sched, now, &got) && got == target);
	ended(target, UINT32_MAX, false);
	assert_true(frt_sched_open(&sched, id, &got));
	frt_sched_over(&sched, target, now);
	load_nothing(3);
	assert_int_equal(sched.ntargets, 0);
}

static void test_call_destination_comes_back_meanwhile(void **state)
{
	uint32_t target, id, got;
	uint64_t at;

	(void)state;
	set_with_call("a", "1");
	load(1);
	fly(&target, &id);
	at = now;
	frt_sched_opened(&sched, target, now + 34000);
	load_nothing(2);
	now += 2000;
	assert_true(frt_sched_overdue(&sched, now, &got));
	ended(target, UINT32_MAX, false);
	frt_sched_over(&sched, target, now);
	fx_end(&fx);
	fx_begin(&fx);
	set_with_call("a", "1");
	load(3);
	assert_int_equal(sched.ntargets, 1);
	fly(&got, &id);
	assert_int_equal(got, target);
	assert_int_equal(now, at + FRT_PACE_CALL_MIN_MS);
}

#define CALL_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			CALL_TEST(test_call_is_shared_by_number),
			CALL_TEST(test_call_is_never_hurried_below_its_floor),
			CALL_TEST(test_call_pace_has_its_own_floor),
			CALL_TEST(test_call_still_open_holds_the_next_one),
			CALL_TEST(test_call_over_in_time_changes_no_due),
			CALL_TEST(test_call_outlives_its_destinations),
			CALL_TEST(test_call_destination_comes_back_meanwhile),
	};
	return UNIT_MAIN(tests);
}
