/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a call remembers: how often and how long it may try, who counts an
 * outcome, what the caller gets, and the path in words.
 */
#include "frt_plan.h"
#include "frt_rto.h"
#include "unit.h"

typedef struct call
{
	frt_set_conf_t conf;
	frt_set_rec_t set;
	frt_rec_t recs[FRT_ATTEMPTS_MAX + 1];
	frt_act_t acts[FRT_ATTEMPTS_MAX + 1];
	frt_plan_t plan;
} call_t;

static const char *const names[FRT_ATTEMPTS_MAX + 1] = {"gw0", "gw1", "gw2",
		"gw3", "gw4", "gw5", "gw6", "gw7", "gw8", "gw9", "gw10", "gw11",
		"gw12"};

static call_t call; /* of one test at a time; begin() clears it */

static void begin(uint32_t max_attempts, uint32_t deadline_ms)
{
	uint32_t i;

	memset(&call, 0, sizeof(call));
	frt_set_conf_default(&call.conf);
	call.conf.max_attempts = max_attempts;
	call.conf.deadline_ms = deadline_ms;
	call.conf.try_timeout_ms = 4000;
	for(i = 0; i <= FRT_ATTEMPTS_MAX; i++) {
		atomic_init(&call.recs[i].act, &call.acts[i]);
		call.recs[i].id.s = names[i];
		call.recs[i].id.len = (uint32_t)strlen(names[i]);
	}
	frt_plan_begin(&call.plan, &call.set, &call.conf, 1000);
}

/* One more attempt, ended with a code; 0 leaves it open. */
static frt_attempt_t *attempt(int code)
{
	frt_attempt_t *a = frt_plan_add(&call.plan, &call.recs[call.plan.n], 1000);

	assert_non_null(a);
	a->branch = (int16_t)(call.plan.n - 1);
	a->sent = 1;
	if(code)
		assert_true(frt_attempt_end(a, FRT_REMOTE, code));
	return a;
}

/* The same, at a destination that the call has had. */
static frt_attempt_t *attempt_again(uint32_t rec, int code)
{
	frt_attempt_t *a = attempt(code);

	a->rec = &call.recs[rec];
	return a;
}

/* What an attempt there that starts now would get. */
static uint32_t timeout(frt_rec_t *rec, uint32_t resend_ms, uint64_t now_ms)
{
	frt_attempt_t a = {.rec = rec};

	frt_plan_time(&call.plan, &call.conf, &a, true, resend_ms, now_ms);
	return a.timeout_ms;
}

static void test_plan_starts_empty(void **state)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];

	(void)state;
	begin(3, 20000);
	assert_ptr_equal(call.plan.set, &call.set);
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), 0);
	assert_int_equal(frt_plan_tried(&call.plan, tried), 0);
	assert_int_equal(frt_plan_best(&call.plan, 408), 0);
	assert_null(frt_plan_last(&call.plan));
	assert_null(frt_plan_of_branch(&call.plan, 0));
	assert_null(frt_plan_ended(&call.plan));
}

/* A 503 says that the gateway does not work, silence says nothing. */
static void test_plan_answered_is_anything_but_503(void **state)
{
	(void)state;
	begin(6, 20000);
	assert_false(frt_plan_answered(&call.plan));
	attempt(503);
	frt_attempt_end(attempt(0), FRT_LOCAL, 408);
	frt_attempt_end(attempt(0), FRT_TRANSPORT, 503);
	attempt(0);
	assert_false(frt_plan_answered(&call.plan));
	attempt(480);
	attempt(503);
	assert_true(frt_plan_answered(&call.plan));
}

static void test_plan_keeps_max_attempts(void **state)
{
	uint32_t max, i;

	(void)state;
	for(max = 1; max <= FRT_ATTEMPTS_MAX; max++) {
		begin(max, 20000);
		for(i = 0; i < max; i++) {
			assert_int_equal(frt_plan_may_try(&call.plan, 1000), 0);
			attempt(503);
		}
		assert_int_equal(frt_plan_may_try(&call.plan, 1000), FRT_E_ATTEMPTS);
	}
}

/* tm holds 12 branches; a thirteenth try would lose the call. */
static void test_plan_never_has_more_than_tm_has_branches(void **state)
{
	uint32_t i;

	(void)state;
	begin(1000, 20000);
	for(i = 0; i < FRT_ATTEMPTS_MAX; i++)
		attempt(503);
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), FRT_E_ATTEMPTS);
	assert_null(frt_plan_add(&call.plan, &call.recs[FRT_ATTEMPTS_MAX], 1000));
	assert_int_equal(call.plan.n, FRT_ATTEMPTS_MAX);
}

static void test_plan_no_new_attempt_from_the_deadline_on(void **state)
{
	(void)state;
	begin(3, 20000);
	attempt(503);
	assert_int_equal(frt_plan_may_try(&call.plan, 21000 - FRT_TRY_LEAST_MS), 0);
	/* the timer of the one before it, which the deadline cut, was early */
	assert_int_equal(frt_plan_may_try(&call.plan, 20938), FRT_E_DEADLINE);
	assert_int_equal(frt_plan_may_try(&call.plan, 21000), FRT_E_DEADLINE);
	assert_int_equal(frt_plan_may_try(&call.plan, UINT64_MAX), FRT_E_DEADLINE);
	/* one that is earlier holds, a later one does not */
	frt_plan_end_by(&call.plan, 25000);
	assert_int_equal(frt_plan_may_try(&call.plan, 21000), FRT_E_DEADLINE);
	frt_plan_end_by(&call.plan, 5000);
	assert_int_equal(frt_plan_may_try(&call.plan, 4900), 0);
	assert_int_equal(frt_plan_may_try(&call.plan, 5000), FRT_E_DEADLINE);
}

static void test_plan_first_attempt_is_always_made(void **state)
{
	(void)state;
	begin(3, 0);
	assert_int_equal(frt_plan_may_try(&call.plan, 9000), 0);
	assert_between(timeout(&call.recs[0], 0, 9000), 1, 4000);
	attempt(503);
	assert_int_equal(frt_plan_may_try(&call.plan, 9000), FRT_E_DEADLINE);
}

static void test_plan_try_timeout_ends_at_the_deadline(void **state)
{
	(void)state;
	begin(3, 20000);
	assert_int_equal(timeout(&call.recs[0], 0, 1000), 4000);
	assert_int_equal(timeout(&call.recs[0], 0, 17000), 4000);
	assert_int_equal(timeout(&call.recs[0], 0, 17001), 3999);
	assert_int_equal(timeout(&call.recs[0], 0, 20999), 1);
	assert_int_equal(timeout(&call.recs[0], 0, 21000), 1);
	assert_int_equal(timeout(&call.recs[0], 0, UINT64_MAX), 1);
}

/* Who gets what others left of the call's time is not judged by it. */
static void test_plan_less_than_its_time_shows_nothing(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(3, 20000);
	attempt(503);
	a = attempt(0);
	frt_plan_time(&call.plan, &call.conf, a, true, 0, 17000);
	assert_false(frt_attempt_cut_short(a, true));
	frt_plan_time(&call.plan, &call.conf, a, true, 0, 17001);
	assert_true(frt_attempt_cut_short(a, true));
	/* an INVITE that was heard had another time, and all of that */
	a->heard = 1;
	assert_false(frt_attempt_cut_short(a, true));
	assert_true(frt_attempt_cut_short(a, false));
}

/* Nobody was before the first, nor before those of a first fork: a deadline
 * below the try-timeout is all the time they ever get. */
static void test_plan_first_attempt_is_not_cut_short(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(3, 2000);
	a = attempt(0);
	frt_plan_time(&call.plan, &call.conf, a, true, 0, 1001);
	assert_int_equal(a->timeout_ms, 1999);
	assert_false(frt_attempt_cut_short(a, true));
	a = attempt(0);
	a->beside = 1;
	frt_plan_time(&call.plan, &call.conf, a, true, 0, 1001);
	assert_false(frt_attempt_cut_short(a, true));
}

static void test_plan_moved_attempt_is_cut_short(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(3, 20000);
	a = attempt(0);
	assert_false(frt_attempt_cut_short(a, true));
	a->moved = FRT_MOVED_DOWN;
	assert_true(frt_attempt_cut_short(a, true));
	a->moved = FRT_MOVED_HURRIED;
	assert_true(frt_attempt_cut_short(a, true));
	a->moved = FRT_MOVED_CLOSED;
	assert_true(frt_attempt_cut_short(a, true));
	a->token = 1; /* a trial is about this very call */
	assert_false(frt_attempt_cut_short(a, true));
	a->moved = FRT_MOVED_UNREACHABLE;
	assert_false(frt_attempt_cut_short(a, true));
}

static void test_plan_try_timeout_is_never_zero(void **state)
{
	(void)state;
	begin(3, 20000);
	call.conf.try_timeout_ms = 0;
	assert_int_equal(timeout(&call.recs[0], 0, 1000), 1);
}

/* An INVITE may be lost: the one sent again after T1 is waited for, too. */
static void test_plan_adaptive_waits_for_one_retransmission(void **state)
{
	frt_act_t act = {.pdd_ms = 0};
	frt_rec_t rec = {.act = &act};
	frt_attempt_t other = {.rec = &rec};
	int i;

	(void)state;
	begin(3, 20000);
	call.conf.adaptive = true;
	call.conf.try_timeout_min_ms = 100;
	assert_int_equal(timeout(&rec, 500, 1000), 4000);
	for(i = 0; i < 50; i++)
		frt_rto_sample(&act.rto, 5);
	assert_between(timeout(&rec, 500, 1000), 563, 575);
	assert_int_equal(timeout(&rec, 0, 1000), 100);
	/* a MESSAGE has no 100: its first reply is its answer */
	frt_plan_time(&call.plan, &call.conf, &other, false, 500, 1000);
	assert_int_equal(other.timeout_ms, 4000);
	call.conf.adaptive = false;
	assert_int_equal(timeout(&rec, 500, 1000), 4000);
}

static void test_plan_long_deadline_does_not_wrap(void **state)
{
	(void)state;
	begin(3, UINT32_MAX);
	call.conf.try_timeout_ms = UINT32_MAX;
	assert_int_equal(timeout(&call.recs[0], 0, 1000), UINT32_MAX);
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), 0);
	assert_true(call.plan.deadline_ms > UINT32_MAX);
}

static void test_plan_new_attempt_is_open_and_not_sent(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(3, 20000);
	memset(&call.plan.tries[0], 0xff, sizeof(call.plan.tries[0]));
	a = frt_plan_add(&call.plan, &call.recs[0], 1234);
	assert_ptr_equal(a, frt_plan_last(&call.plan));
	assert_ptr_equal(a->rec, &call.recs[0]);
	assert_int_equal(a->start_ms, 1234);
	assert_int_equal(a->branch, -1);
	assert_int_equal(a->sent, 0);
	assert_int_equal(a->token, 0);
	assert_int_equal(a->code, 0);
	assert_int_equal(a->trying, 0);
	assert_int_equal(a->provisional, 0);
	assert_int_equal(atomic_load(&a->ended), 0);
}

static void test_plan_lists_what_was_tried_in_order(void **state)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	uint32_t i;

	(void)state;
	begin(FRT_ATTEMPTS_MAX, 20000);
	for(i = 0; i < FRT_ATTEMPTS_MAX; i++)
		attempt(i % 2 ? 500 : 0);
	assert_int_equal(frt_plan_tried(&call.plan, tried), FRT_ATTEMPTS_MAX);
	for(i = 0; i < FRT_ATTEMPTS_MAX; i++)
		assert_ptr_equal(tried[i], &call.recs[i]);
}

static void test_plan_another_set_keeps_what_was_tried(void **state)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	frt_set_rec_t other;
	uint32_t i;

	(void)state;
	memset(&other, 0, sizeof(other));
	begin(2, 20000);
	attempt(503);
	attempt(500);
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), FRT_E_ATTEMPTS);
	call.conf.max_attempts = 3;
	frt_plan_begin(&call.plan, &other, &call.conf, 50000);
	assert_ptr_equal(call.plan.set, &other);
	assert_int_equal(frt_plan_tried(&call.plan, tried), 2);
	assert_int_equal(timeout(&call.recs[0], 0, 50000), 4000);
	for(i = 0; i < 3; i++) {
		assert_int_equal(frt_plan_may_try(&call.plan, 69900), 0);
		attempt(503);
	}
	assert_int_equal(frt_plan_may_try(&call.plan, 50000), FRT_E_ATTEMPTS);
	call.conf.max_attempts = FRT_ATTEMPTS_MAX;
	frt_plan_begin(&call.plan, &call.set, &call.conf, 50000);
	for(i = 5; i < FRT_ATTEMPTS_MAX; i++) {
		assert_int_equal(frt_plan_may_try(&call.plan, 50000), 0);
		attempt(503);
	}
	assert_int_equal(frt_plan_may_try(&call.plan, 50000), FRT_E_ATTEMPTS);
}

static void test_plan_finds_the_attempt_of_a_branch(void **state)
{
	frt_attempt_t *first, *third;

	(void)state;
	begin(4, 20000);
	first = attempt(503);
	attempt(0);
	third = attempt(0);
	assert_ptr_equal(frt_plan_of_branch(&call.plan, 0), first);
	assert_ptr_equal(frt_plan_of_branch(&call.plan, 2), third);
	assert_null(frt_plan_of_branch(&call.plan, 3));
	assert_null(frt_plan_of_branch(&call.plan, -1));
	third->sent = 0; /* chosen, not sent: no reply is its own */
	assert_null(frt_plan_of_branch(&call.plan, 2));
	third->branch = -1;
	assert_null(frt_plan_of_branch(&call.plan, -1));
}

/* A branch number used anew belongs to the later attempt. */
static void test_plan_latest_attempt_has_the_branch(void **state)
{
	frt_attempt_t *second;

	(void)state;
	begin(4, 20000);
	attempt(503);
	second = attempt(0);
	second->branch = 0;
	assert_ptr_equal(frt_plan_of_branch(&call.plan, 0), second);
}

static void test_attempt_end_is_true_once(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(3, 20000);
	a = attempt(0);
	assert_true(frt_attempt_end(a, FRT_LOCAL, 408));
	assert_false(frt_attempt_end(a, FRT_REMOTE, 200));
	assert_int_equal(a->code, 408);
	assert_int_equal(a->origin, FRT_LOCAL);
}

static void check_best(int a, int b, int c, int best)
{
	const int codes[3] = {a, b, c};
	uint32_t order, i;

	/* all six orders */
	for(order = 0; order < 6; order++) {
		begin(4, 20000);
		for(i = 0; i < 3; i++)
			attempt(codes[(order % 3 + (order < 3 ? i : 3 - i)) % 3]);
		for(i = 0; i < 3; i++)
			call.plan.tries[i].route = FRT_ROUTE_NEXT;
		assert_int_equal(frt_plan_best(&call.plan, 408), best);
	}
}

/* Of one class the answer the policy stopped at, whatever came before. */
static void test_plan_best_is_what_the_policy_stopped_at(void **state)
{
	(void)state;
	begin(4, 20000);
	attempt(480);
	attempt(486);
	call.plan.tries[0].route = FRT_ROUTE_NEXT;
	assert_int_equal(frt_plan_best(&call.plan, 408), 486);
	begin(4, 20000);
	attempt(480);
	attempt(503);
	call.plan.tries[0].route = FRT_ROUTE_NEXT;
	assert_int_equal(frt_plan_best(&call.plan, 408), 480);
}

/* RFC 3261 section 16.7, step 6. */
static void test_plan_best_code_is_the_callers(void **state)
{
	/* where silence has another code: after what was said, of one class */
	static const int told[][3] = {{503, 0, 503}, {408, 504, 408},
			{500, 504, 504}, {504, 504, 504}, {480, 504, 480}, {480, 486, 486}};
	size_t i;

	(void)state;
	check_best(503, 486, 500, 486);
	check_best(404, 603, 503, 603);
	check_best(503, 200, 603, 200);
	check_best(302, 404, 503, 302);
	check_best(404, 407, 486, 407);
	check_best(503, 0, 0, 503);
	check_best(0, 0, 0, 0);
	check_best(503, 500, 503, 500); /* a 503 says nothing to the caller */
	check_best(503, 503, 503, 503);
	check_best(408, 503, 0, 408);
	for(i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		begin(4, 20000);
		frt_attempt_end(attempt(0), FRT_LOCAL, 408);
		attempt(told[i][1]);
		assert_int_equal(frt_plan_best(&call.plan, told[i][0]), told[i][2]);
		assert_int_equal(told[i][2] != told[i][1],
				frt_plan_is_silence(&call.plan, told[i][2], told[i][0]));
	}
}

static void check_path(const char *expected)
{
	char text[256];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_plan_path(&call.plan, &b);
	assert_string_equal(text, expected);
}

static void test_plan_path_tells_the_story(void **state)
{
	(void)state;
	begin(4, 20000);
	check_path("");
	attempt(503);
	check_path("gw0:503");
	attempt(0);
	check_path("gw0:503>gw1");
	frt_attempt_end(frt_plan_last(&call.plan), FRT_LOCAL, 408);
	check_path("gw0:503>gw1:408");
	attempt(200);
	check_path("gw0:503>gw1:408>gw2:200");
}

static void test_plan_moved_once_there_is_a_second_step(void **state)
{
	(void)state;
	begin(4, 20000);
	assert_false(frt_plan_moved(&call.plan));
	attempt(503);
	assert_false(frt_plan_moved(&call.plan));
	attempt(503);
	call.plan.tries[1].beside = 1; /* at once with the first */
	assert_false(frt_plan_moved(&call.plan));
	attempt(0);
	assert_true(frt_plan_moved(&call.plan));
}

static int may_repeat(const frt_attempt_t *a)
{
	return frt_plan_may_repeat(&call.plan, a, 2000);
}

static void test_plan_repeats_what_refused_the_request_itself(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(2, 20000);
	a = attempt(0);
	assert_int_equal(may_repeat(a), FRT_E_INVAL); /* open */
	frt_attempt_end(a, FRT_REMOTE, 407);
	assert_int_equal(may_repeat(a), 0);
	assert_int_equal(frt_plan_may_repeat(&call.plan, a, 20938), FRT_E_DEADLINE);
	assert_int_equal(frt_plan_may_repeat(&call.plan, a, 21000), FRT_E_DEADLINE);
	a->route = FRT_ROUTE_NEXT;
	assert_int_equal(may_repeat(a), FRT_E_INVAL);
	a->route = FRT_ROUTE_STOP;
	a->origin = FRT_LOCAL;
	assert_int_equal(may_repeat(a), FRT_E_INVAL);
	a->origin = FRT_REMOTE;
	a->code = 200;
	assert_int_equal(may_repeat(a), FRT_E_INVAL);
}

static void test_plan_repeats_once_for_each_code(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(2, 20000);
	assert_int_equal(may_repeat(attempt(407)), 0);
	assert_false(frt_plan_repeats(&call.plan));
	frt_plan_extend(&call.plan);
	a = attempt_again(0, 422);
	assert_true(frt_plan_repeats(&call.plan));
	assert_false(frt_plan_moved(&call.plan));
	assert_int_equal(may_repeat(a), 0);
	frt_plan_extend(&call.plan);
	a = attempt_again(0, 407);
	assert_int_equal(may_repeat(a), FRT_E_EXHAUSTED);
	/* and max-attempts is as it was for others */
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), 0);
	assert_int_equal(may_repeat(attempt(407)), 0);
	assert_true(frt_plan_moved(&call.plan));
	assert_int_equal(frt_plan_may_try(&call.plan, 1000), FRT_E_ATTEMPTS);
	while(call.plan.n < FRT_ATTEMPTS_MAX)
		a = attempt(401);
	assert_int_equal(may_repeat(a), FRT_E_ATTEMPTS);
	frt_plan_extend(&call.plan);
	assert_true(call.plan.max <= FRT_ATTEMPTS_MAX);
}

static void test_plan_challenge_that_was_met_is_no_answer(void **state)
{
	(void)state;
	begin(4, 20000);
	attempt(407);
	attempt_again(0, 0);
	assert_int_equal(frt_plan_best(&call.plan, 408), 407); /* till it ends */
	frt_attempt_end(frt_plan_last(&call.plan), FRT_REMOTE, 503);
	assert_int_equal(frt_plan_best(&call.plan, 408), 503);
	attempt(486);
	assert_int_equal(frt_plan_best(&call.plan, 408), 486);
}

static void test_plan_path_is_cut_not_overrun(void **state)
{
	char text[12];
	frt_buf_t b;

	(void)state;
	begin(4, 20000);
	attempt(503);
	attempt(408);
	frt_buf_init(&b, text, sizeof(text));
	frt_plan_path(&call.plan, &b);
	assert_true(b.cut);
	assert_memory_equal(text, "gw0:503>gw1", 11);
}

static void check_reason(const char *expected)
{
	char text[128];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_plan_reason(&call.plan, &b);
	assert_string_equal(text, expected);
}

static void test_plan_reason_says_how_the_latest_ended(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(4, 20000);
	check_reason("");
	attempt(503);
	check_reason("503");
	assert_ptr_equal(frt_plan_ended(&call.plan), &call.plan.tries[0]);
	a = attempt(0);
	check_reason("503");
	a->timeout_ms = 4000;
	frt_attempt_end(a, FRT_LOCAL, 408);
	check_reason("no reply in 4 s");
	a = attempt(0);
	a->timeout_ms = 4000;
	a->provisional = 1; /* it rang for longer than the try-timeout */
	frt_attempt_end(a, FRT_LOCAL, 408);
	check_reason("no answer");
	a = attempt(0);
	frt_attempt_end(a, FRT_TRANSPORT, 503);
	check_reason("transport error");
	assert_ptr_equal(frt_plan_ended(&call.plan), a);
}

static void test_plan_reason_says_why_a_call_was_moved(void **state)
{
	frt_attempt_t *a;

	(void)state;
	begin(4, 20000);
	a = attempt(0);
	atomic_store(&a->moved, FRT_MOVED_DOWN);
	frt_attempt_end(a, FRT_LOCAL, 408);
	check_reason("went down");
	a = attempt(0);
	atomic_store(&a->moved, FRT_MOVED_HURRIED);
	frt_attempt_end(a, FRT_LOCAL, 408);
	check_reason("the clock was set forward");
	a = attempt(0);
	atomic_store(&a->moved, FRT_MOVED_CLOSED);
	frt_attempt_end(a, FRT_TRANSPORT, 503);
	check_reason("connection closed");
	a = attempt(0);
	atomic_store(&a->moved, FRT_MOVED_UNREACHABLE);
	frt_attempt_end(a, FRT_TRANSPORT, 503);
	check_reason("unreachable (ICMP)");
	check_path("gw0:408>gw1:408>gw2:503>gw3:503");
}

static void test_plan_shows_who_answered(void **state)
{
	(void)state;
	begin(4, 20000);
	attempt(408);
	assert_ptr_equal(frt_plan_shown(&call.plan), &call.plan.tries[0]);
	attempt(0);
	assert_ptr_equal(frt_plan_shown(&call.plan), &call.plan.tries[1]);
	call.plan.won = 1; /* the first one, after all */
	assert_ptr_equal(frt_plan_shown(&call.plan), &call.plan.tries[0]);
}

/* What the first destination takes to ring, times n. */
static void rings_after(uint64_t ms, int n)
{
	while(n-- > 0)
		frt_rto_sample_varied(&call.acts[0].ring, ms);
}

static uint32_t progress(bool elsewhere)
{
	return frt_plan_progress(&call.plan, &call.conf, &call.recs[0], elsewhere);
}

static void test_plan_progress_timeout_is_the_sets(void **state)
{
	(void)state;
	begin(3, 20000);
	rings_after(100, 100);
	assert_int_equal(progress(true), 0); /* off */
	call.conf.progress_timeout_ms = 15000;
	assert_int_equal(progress(true), 15000);
	assert_int_equal(progress(false), 15000);
}

static void test_plan_progress_timeout_is_learned(void **state)
{
	(void)state;
	begin(3, 20000);
	call.conf.adaptive = true;
	rings_after(100, 7);
	assert_int_equal(progress(true), 0); /* not known yet */
	rings_after(100, 1);
	assert_int_equal(progress(true), 2000); /* progress-timeout-min */
	call.conf.progress_timeout_min_ms = 500;
	assert_int_equal(progress(true), 500);
	rings_after(3000, 100);
	/* twice the average and its spread */
	assert_between(progress(true), 6000, 9500);
	/* the set's own is the most; without one, the answer-timeout */
	call.conf.progress_timeout_ms = 1500;
	assert_int_equal(progress(true), 1500);
	call.conf.progress_timeout_ms = 0;
	frt_rto_silence(&call.acts[0].ring, 10000);
	assert_between(progress(true), 15000, 15100);
	rings_after(500000, 100);
	assert_int_equal(progress(true), 60000);
}

/* A number that takes long wherever it is called must not be hunted from one
 * destination to the next. */
static void test_plan_progress_timeout_gives_a_slow_number_time(void **state)
{
	(void)state;
	begin(5, 60000);
	call.conf.adaptive = true;
	rings_after(100, 20);
	assert_int_equal(progress(false), 0); /* nowhere else to go */
	frt_attempt_end(attempt(0), FRT_LOCAL, 408);
	assert_int_equal(progress(true), 4000);
	frt_attempt_end(attempt(0), FRT_REMOTE, 503);
	assert_int_equal(progress(true), 4000);
	frt_attempt_end(attempt(0), FRT_LOCAL, 408);
	assert_int_equal(progress(true), 8000);
	call.conf.progress_timeout_ms = 5000;
	assert_int_equal(progress(true), 5000);
	assert_int_equal(progress(false), 5000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_plan_answered_is_anything_but_503),
			UNIT_TEST(test_plan_progress_timeout_is_the_sets),
			UNIT_TEST(test_plan_progress_timeout_is_learned),
			UNIT_TEST(test_plan_progress_timeout_gives_a_slow_number_time),
			UNIT_TEST(test_plan_moved_once_there_is_a_second_step),
			UNIT_TEST(test_plan_repeats_what_refused_the_request_itself),
			UNIT_TEST(test_plan_repeats_once_for_each_code),
			UNIT_TEST(test_plan_challenge_that_was_met_is_no_answer),
			UNIT_TEST(test_plan_starts_empty),
			UNIT_TEST(test_plan_keeps_max_attempts),
			UNIT_TEST(test_plan_never_has_more_than_tm_has_branches),
			UNIT_TEST(test_plan_no_new_attempt_from_the_deadline_on),
			UNIT_TEST(test_plan_first_attempt_is_always_made),
			UNIT_TEST(test_plan_try_timeout_ends_at_the_deadline),
			UNIT_TEST(test_plan_less_than_its_time_shows_nothing),
			UNIT_TEST(test_plan_first_attempt_is_not_cut_short),
			UNIT_TEST(test_plan_moved_attempt_is_cut_short),
			UNIT_TEST(test_plan_try_timeout_is_never_zero),
			UNIT_TEST(test_plan_adaptive_waits_for_one_retransmission),
			UNIT_TEST(test_plan_long_deadline_does_not_wrap),
			UNIT_TEST(test_plan_new_attempt_is_open_and_not_sent),
			UNIT_TEST(test_plan_lists_what_was_tried_in_order),
			UNIT_TEST(test_plan_another_set_keeps_what_was_tried),
			UNIT_TEST(test_plan_finds_the_attempt_of_a_branch),
			UNIT_TEST(test_plan_latest_attempt_has_the_branch),
			UNIT_TEST(test_attempt_end_is_true_once),
			UNIT_TEST(test_plan_best_code_is_the_callers),
			UNIT_TEST(test_plan_best_is_what_the_policy_stopped_at),
			UNIT_TEST(test_plan_path_tells_the_story),
			UNIT_TEST(test_plan_path_is_cut_not_overrun),
			UNIT_TEST(test_plan_reason_says_how_the_latest_ended),
			UNIT_TEST(test_plan_reason_says_why_a_call_was_moved),
			UNIT_TEST(test_plan_shows_who_answered),
	};

	return UNIT_MAIN(tests);
}
