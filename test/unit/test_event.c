/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rings of events: order, what goes into the history and what does not,
 * what is lost when nobody empties the queue, and memory that runs out.
 */
// needs: modules/failover_route/frt_event.c modules/failover_route/frt_lock.c
#include "host.h"

static bool wanted;

bool frt_event_wanted(frt_event_kind_t kind)
{
	(void)kind;
	return wanted;
}

int frt_event_routes(const frt_params_t *params)
{
	(void)params;
	return 0;
}

static void begin(int history_size)
{
	frt_params_t params = {.history_size = history_size};

	wanted = true;
	host_begin(NULL);
	assert_int_equal(frt_event_init(&params), 0);
}

static void end(void)
{
	frt_event_destroy();
	assert_int_equal(host.heap.live, 0);
}

static void push(frt_event_kind_t kind, const char *set, const char *dst)
{
	frt_event_t ev = {.kind = kind};

	snprintf(ev.set, sizeof(ev.set), "%s", set);
	snprintf(ev.destination, sizeof(ev.destination), "%s", dst);
	frt_event_push(&ev);
}

static void test_event_queue_gives_what_was_put_in_order(void **state)
{
	frt_event_t ev;

	(void)state;
	begin(10);
	assert_false(frt_event_pop(&ev));
	push(FRT_EV_DST_DOWN, "a", "1");
	push(FRT_EV_FAILOVER, "a", "2");
	push(FRT_EV_RELOAD, "", "");
	assert_int_equal(host.wakes, 3);
	assert_true(frt_event_pop(&ev));
	assert_int_equal(ev.kind, FRT_EV_DST_DOWN);
	assert_int_equal(ev.seq, 1);
	assert_int_equal(ev.time_ms, host.wall_ms);
	assert_true(frt_event_pop(&ev));
	assert_string_equal(ev.destination, "2");
	assert_true(frt_event_pop(&ev));
	assert_int_equal(ev.kind, FRT_EV_RELOAD);
	assert_int_equal(ev.seq, 3);
	assert_false(frt_event_pop(&ev));
	end();
}

static void test_event_failover_nobody_wants_is_not_queued(void **state)
{
	frt_event_t ev;

	(void)state;
	begin(10);
	wanted = false;
	push(FRT_EV_FAILOVER, "a", "1");
	assert_false(frt_event_pop(&ev));
	push(FRT_EV_CHANGE, "a", "1");
	assert_true(frt_event_pop(&ev));
	end();
}

static void push_line(void)
{
	frt_event_t ev = {.kind = FRT_EV_CALL};

	ev.text = frt_mem_alloc(frt_mem_shm(), 8);
	assert_non_null(ev.text);
	snprintf(ev.text, 8, "line");
	frt_event_push(&ev);
}

/* Whoever takes it off the queue frees it; nobody wants it as an event. */
static void test_event_line_of_a_call_is_queued_and_in_no_history(void **state)
{
	frt_event_t ev, out[2];

	(void)state;
	begin(10);
	wanted = false;
	push_line();
	push(FRT_EV_CHANGE, "a", "1");
	push_line(); /* left in the queue: freed with it */
	assert_true(frt_event_pop(&ev));
	assert_string_equal(ev.text, "line");
	frt_mem_free(frt_mem_shm(), ev.text);
	assert_true(frt_event_pop(&ev));
	assert_null(ev.text);
	assert_int_equal(frt_event_history(NULL, out, 2), 1);
	end();
}

static void test_event_lines_leave_room_for_transitions(void **state)
{
	int i;

	(void)state;
	begin(10);
	for(i = 0; i < 800; i++)
		push_line();
	assert_int_equal(frt_event_dropped(), 800 - 768);
	push(FRT_EV_DST_DOWN, "a", "1");
	assert_int_equal(frt_event_dropped(), 800 - 768);
	end();
}

static void test_event_history_is_newest_first_and_by_set(void **state)
{
	frt_event_t out[10];

	(void)state;
	begin(10);
	push(FRT_EV_DST_DOWN, "a", "1");
	push(FRT_EV_DST_DOWN, "b", "2");
	push(FRT_EV_FAILOVER, "a", "no");
	push(FRT_EV_RELOAD, "a", "no");
	push(FRT_EV_DST_UP, "a", "3");
	assert_int_equal(frt_event_history(NULL, out, 10), 3);
	assert_string_equal(out[0].destination, "3");
	assert_string_equal(out[1].destination, "2");
	assert_string_equal(out[2].destination, "1");
	assert_int_equal(frt_event_history("a", out, 10), 2);
	assert_string_equal(out[1].destination, "1");
	assert_int_equal(frt_event_history("a", out, 1), 1);
	assert_int_equal(frt_event_history("c", out, 10), 0);
	end();
}

static void test_event_history_keeps_the_newest(void **state)
{
	frt_event_t out[10];
	char name[16];
	int i;

	(void)state;
	begin(3);
	for(i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "%d", i);
		push(FRT_EV_CHANGE, "a", name);
	}
	assert_int_equal(frt_event_history(NULL, out, 10), 3);
	assert_string_equal(out[0].destination, "7");
	assert_string_equal(out[2].destination, "5");
	end();
}

/* A walk that is overtaken by new events ends, and gives none twice. */
static void test_event_walk_ends_where_it_was_overwritten(void **state)
{
	uint64_t cursor = 0;
	frt_event_t ev;
	int i;

	(void)state;
	begin(4);
	for(i = 0; i < 4; i++)
		push(FRT_EV_CHANGE, "a", "old");
	assert_true(frt_event_before(NULL, &cursor, &ev));
	assert_true(frt_event_before(NULL, &cursor, &ev));
	assert_int_equal(ev.seq, 3);
	for(i = 0; i < 3; i++)
		push(FRT_EV_CHANGE, "a", "new");
	assert_false(frt_event_before(NULL, &cursor, &ev));
	end();
}

static void test_event_restored_ones_are_history_only(void **state)
{
	frt_event_t ev = {.kind = FRT_EV_DST_DOWN, .time_ms = 5}, out[2];

	(void)state;
	begin(4);
	frt_event_restore(&ev);
	assert_int_equal(host.wakes, 0);
	assert_false(frt_event_pop(out));
	assert_int_equal(frt_event_history(NULL, out, 2), 1);
	assert_int_equal(out[0].time_ms, 5);
	end();
}

/* Failovers leave room for transitions; what is lost is counted. */
static void test_event_full_queue_counts_what_it_loses(void **state)
{
	uint32_t failovers = 0, transitions = 0;
	frt_event_t ev;
	int i;

	(void)state;
	begin(10);
	for(i = 0; i < 5000; i++)
		push(FRT_EV_FAILOVER, "a", "1");
	for(i = 0; i < 5000; i++)
		push(FRT_EV_CHANGE, "a", "1");
	while(frt_event_pop(&ev)) {
		failovers += ev.kind == FRT_EV_FAILOVER;
		transitions += ev.kind == FRT_EV_CHANGE;
	}
	assert_true(transitions >= 200);
	assert_true(failovers > transitions);
	assert_int_equal(frt_event_dropped(), 10000 - failovers - transitions);
	push(FRT_EV_CHANGE, "a", "1");
	assert_true(frt_event_pop(&ev));
	end();
}

static void test_event_reason_has_no_control_characters(void **state)
{
	frt_event_t ev = {.kind = FRT_EV_CHANGE, .reason = "a\nb\x1b[31m\xc3"};

	(void)state;
	begin(4);
	frt_event_push(&ev);
	assert_true(frt_event_pop(&ev));
	assert_string_equal(ev.reason, "a?b?[31m?");
	end();
}

static void test_event_init_fails_clean_without_memory(void **state)
{
	frt_params_t params = {.history_size = 5};
	frt_event_t ev = {.kind = FRT_EV_CHANGE};
	size_t fail_at;

	(void)state;
	for(fail_at = 1;; fail_at++) {
		host_begin(NULL);
		host.heap.fail_at = fail_at;
		if(frt_event_init(&params) == 0)
			break;
		assert_int_equal(host.heap.live, 0);
		frt_event_push(&ev);
		assert_false(frt_event_pop(&ev));
		assert_int_equal(frt_event_history(NULL, &ev, 1), 0);
		assert_int_equal(frt_event_dropped(), 0);
	}
	assert_true(fail_at > 3);
	end();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_event_queue_gives_what_was_put_in_order),
			UNIT_TEST(test_event_failover_nobody_wants_is_not_queued),
			UNIT_TEST(test_event_line_of_a_call_is_queued_and_in_no_history),
			UNIT_TEST(test_event_lines_leave_room_for_transitions),
			UNIT_TEST(test_event_history_is_newest_first_and_by_set),
			UNIT_TEST(test_event_history_keeps_the_newest),
			UNIT_TEST(test_event_walk_ends_where_it_was_overwritten),
			UNIT_TEST(test_event_restored_ones_are_history_only),
			UNIT_TEST(test_event_full_queue_counts_what_it_loses),
			UNIT_TEST(test_event_reason_has_no_control_characters),
			UNIT_TEST(test_event_init_fails_clean_without_memory),
	};
	return UNIT_MAIN(tests);
}
