/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The built-in policy row by row, the rules that override it, and what no
 * rule can.
 */
#include "unit.h"

#include "frt_policy.h"

#define HOLD_MAX_MS 300000

static frt_set_conf_t conf;

static int setup(void **state)
{
	(void)state;
	memset(&conf, 0, sizeof(conf));
	conf.after_ringing = FRT_ROUTE_STOP;
	conf.health.hold_ms = 30000;
	conf.health.hold_max_ms = HOLD_MAX_MS;
	return 0;
}

static frt_outcome_t outcome(frt_origin_t origin, int code)
{
	return (frt_outcome_t){.origin = origin,
			.code = (uint16_t)code,
			.invite = true,
			.reason_cause = FRT_CAUSE_NONE,
			.retry_after_s = FRT_RETRY_AFTER_NONE};
}

static frt_outcome_t remote(int code)
{
	return outcome(FRT_REMOTE, code);
}

static frt_decision_t decide(const frt_outcome_t *o)
{
	frt_decision_t d;

	frt_policy_decide(&conf, NULL, 0, o, &d);
	return d;
}

static frt_decision_t decide_by(
		const frt_rule_t *rules, uint32_t n, const frt_outcome_t *o)
{
	frt_decision_t d;

	frt_policy_decide(&conf, rules, n, o, &d);
	return d;
}

static frt_rule_t rule(int min, int max)
{
	return (frt_rule_t){.code_min = (uint16_t)min,
			.code_max = (uint16_t)max,
			.origin = -1,
			.provisional = -1,
			.reason_cause = -1};
}

static frt_rule_t rule_route(int min, int max, frt_route_t route)
{
	frt_rule_t r = rule(min, max);

	r.route = route;
	r.has_route = 1;
	return r;
}

static frt_rule_t rule_verdict(int min, int max, frt_verdict_t verdict)
{
	frt_rule_t r = rule(min, max);

	r.verdict = verdict;
	r.has_verdict = 1;
	return r;
}

static void check(frt_decision_t d, frt_route_t route, frt_verdict_t verdict)
{
	assert_string_equal(frt_route_name(d.route), frt_route_name(route));
	assert_string_equal(frt_verdict_name(d.verdict), frt_verdict_name(verdict));
}

static void test_policy_transport_error_is_a_strong_fail(void **state)
{
	frt_outcome_t o = outcome(FRT_TRANSPORT, 503);

	(void)state;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	o.invite = false;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
}

static void test_policy_silence_is_a_strong_fail_of_an_invite(void **state)
{
	frt_outcome_t o = outcome(FRT_LOCAL, 408);

	(void)state;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	/* a 100 only proves that something is listening */
	o.trying = true;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	o.invite = false;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_WEAK);
	o.trying = false;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_WEAK);
}

static void test_policy_no_answer_after_ringing_is_nobodys_fault(void **state)
{
	frt_outcome_t o = outcome(FRT_LOCAL, 408);

	(void)state;
	o.provisional = true;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	conf.after_ringing = FRT_ROUTE_NEXT;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	o = remote(480);
	o.provisional = true;
	conf.after_ringing = FRT_ROUTE_STOP;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	o.code = 408;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
}

static void test_policy_cancelled_stops_and_says_nothing(void **state)
{
	frt_rule_t r = rule_route(100, 699, FRT_ROUTE_NEXT);
	frt_outcome_t o = remote(503);

	(void)state;
	r.verdict = FRT_V_STRONG;
	r.has_verdict = 1;
	o.cancelled = true;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	o.origin = FRT_TRANSPORT;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	o.origin = FRT_LOCAL;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
}

static void test_policy_cut_short_goes_on_and_says_nothing(void **state)
{
	frt_rule_t r = rule_route(100, 699, FRT_ROUTE_STOP);
	frt_outcome_t o = remote(408);

	(void)state;
	r.verdict = FRT_V_STRONG;
	r.has_verdict = 1;
	o.origin = FRT_LOCAL;
	o.cut_short = true;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	o.provisional = true; /* it came when the timer had fired */
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	o.origin = FRT_TRANSPORT;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	o.cancelled = true;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_IGNORE);
}

static void test_policy_503_is_a_strong_fail(void **state)
{
	frt_outcome_t o = remote(503);

	(void)state;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	assert_int_equal(decide(&o).blackout_ms, 0);
}

static void test_policy_retry_after_is_a_blackout_within_bounds(void **state)
{
	static const struct
	{
		int64_t s;
		uint32_t ms;
	} rows[] = {{0, 1000}, {1, 1000}, {120, 120000}, {300, HOLD_MAX_MS},
			{301, HOLD_MAX_MS}, {4294967, HOLD_MAX_MS}, {4294968, HOLD_MAX_MS},
			{INT32_MAX, HOLD_MAX_MS}, {18446744073709552, HOLD_MAX_MS},
			{INT64_MAX, HOLD_MAX_MS}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		frt_outcome_t o = remote(503);
		o.retry_after_s = rows[i].s;
		check(decide(&o), FRT_ROUTE_NEXT, FRT_V_BLACKOUT);
		assert_int_equal(decide(&o).blackout_ms, rows[i].ms);
	}
	conf.health.hold_max_ms = UINT32_MAX;
	frt_outcome_t o = remote(503);
	o.retry_after_s = INT64_MAX;
	assert_int_equal(decide(&o).blackout_ms, UINT32_MAX);
	conf.health.hold_max_ms = 0;
	assert_int_equal(decide(&o).blackout_ms, 1000);
}

static void test_policy_retry_after_counts_only_with_503(void **state)
{
	static const int codes[] = {404, 480, 486, 500, 504, 600};

	(void)state;
	for(size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		frt_outcome_t o = remote(codes[i]);
		o.retry_after_s = 60;
		assert_int_not_equal(decide(&o).verdict, FRT_V_BLACKOUT);
	}
}

static void test_policy_every_remote_code(void **state)
{
	(void)state;
	for(int code = 100; code < 700; code++) {
		frt_outcome_t o = remote(code);
		frt_decision_t d = decide(&o);
		if(code == 503)
			check(d, FRT_ROUTE_NEXT, FRT_V_STRONG);
		else if(code == 408 || code == 480 || code == 504)
			check(d, FRT_ROUTE_NEXT, FRT_V_WEAK);
		else if(code >= 500 && code < 600)
			check(d, FRT_ROUTE_NEXT, FRT_V_IGNORE);
		else
			check(d, FRT_ROUTE_STOP, FRT_V_OK);
	}
}

static void test_policy_challenge_shows_nothing_of_calls(void **state)
{
	frt_rule_t r = rule(407, 407);
	frt_outcome_t o = remote(407);

	(void)state;
	assert_false(decide(&o).invite);
	r.has_verdict = true;
	r.verdict = FRT_V_WEAK;
	assert_true(decide_by(&r, 1, &o).invite);
	o.code = 401;
	assert_false(decide(&o).invite);
	o.code = 486;
	assert_true(decide(&o).invite);
	o.invite = false;
	assert_false(decide(&o).invite);
}

static void test_policy_no_code_says_nothing(void **state)
{
	frt_outcome_t none = remote(0), large = remote(700);

	(void)state;
	check(decide(&none), FRT_ROUTE_STOP, FRT_V_IGNORE);
	check(decide(&large), FRT_ROUTE_STOP, FRT_V_IGNORE);
}

static void test_policy_after_ringing_stops_unless_the_set_says_next(
		void **state)
{
	frt_rule_t r = rule_route(503, 503, FRT_ROUTE_NEXT);
	frt_outcome_t o = remote(503), busy = remote(486);

	(void)state;
	o.provisional = true;
	busy.provisional = true;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_STRONG);
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_STRONG);
	o.origin = FRT_TRANSPORT;
	check(decide(&o), FRT_ROUTE_STOP, FRT_V_STRONG);
	conf.after_ringing = FRT_ROUTE_NEXT;
	check(decide(&o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	check(decide(&busy), FRT_ROUTE_STOP, FRT_V_OK);
}

static void test_policy_rule_may_give_route_only(void **state)
{
	frt_rule_t r = rule_route(404, 404, FRT_ROUTE_NEXT);
	frt_outcome_t o = remote(404);

	(void)state;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_OK);
	r = rule_route(503, 503, FRT_ROUTE_STOP);
	o = remote(503);
	o.retry_after_s = 7;
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_BLACKOUT);
	assert_int_equal(decide_by(&r, 1, &o).blackout_ms, 7000);
}

static void test_policy_rule_may_give_verdict_only(void **state)
{
	frt_rule_t r = rule_verdict(480, 480, FRT_V_IGNORE);
	frt_outcome_t o = remote(480);

	(void)state;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	r = rule_verdict(503, 503, FRT_V_STRONG);
	o = remote(503);
	o.retry_after_s = 7;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	assert_int_equal(decide_by(&r, 1, &o).blackout_ms, 0);
}

static void test_policy_rule_blackout_without_retry_after_is_a_hold(
		void **state)
{
	frt_rule_t r = rule_verdict(500, 500, FRT_V_BLACKOUT);
	frt_outcome_t o = remote(500);

	(void)state;
	assert_int_equal(decide_by(&r, 1, &o).blackout_ms, 30000);
	o.retry_after_s = 9;
	assert_int_equal(decide_by(&r, 1, &o).blackout_ms, 9000);
}

static void test_policy_first_matching_rule_decides(void **state)
{
	frt_rule_t r[] = {rule_route(400, 403, FRT_ROUTE_NEXT),
			rule_route(404, 404, FRT_ROUTE_NEXT),
			rule_verdict(400, 499, FRT_V_STRONG)};
	frt_outcome_t first = remote(404), second = remote(405), none = remote(399);

	(void)state;
	check(decide_by(r, 3, &first), FRT_ROUTE_NEXT, FRT_V_OK);
	check(decide_by(r, 3, &second), FRT_ROUTE_STOP, FRT_V_STRONG);
	check(decide_by(r, 3, &none), FRT_ROUTE_STOP, FRT_V_OK);
}

static void test_policy_rule_range_is_inclusive(void **state)
{
	frt_rule_t r = rule_route(402, 404, FRT_ROUTE_NEXT);

	(void)state;
	for(int code = 400; code < 410; code++) {
		frt_outcome_t o = remote(code);
		bool in = code >= 402 && code <= 404;
		if(code != 408)
			check(decide_by(&r, 1, &o), in ? FRT_ROUTE_NEXT : FRT_ROUTE_STOP,
					FRT_V_OK);
	}
}

static void test_policy_rule_matches_by_origin(void **state)
{
	frt_rule_t r = rule_verdict(408, 408, FRT_V_IGNORE);
	frt_outcome_t ours = outcome(FRT_LOCAL, 408), theirs = remote(408);

	(void)state;
	r.origin = FRT_REMOTE;
	check(decide_by(&r, 1, &theirs), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	check(decide_by(&r, 1, &ours), FRT_ROUTE_NEXT, FRT_V_STRONG);
	r.origin = FRT_LOCAL;
	check(decide_by(&r, 1, &theirs), FRT_ROUTE_NEXT, FRT_V_WEAK);
	check(decide_by(&r, 1, &ours), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	r.origin = -1;
	check(decide_by(&r, 1, &theirs), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	check(decide_by(&r, 1, &ours), FRT_ROUTE_NEXT, FRT_V_IGNORE);
}

static void test_policy_rule_matches_by_provisional_and_cause(void **state)
{
	frt_rule_t r = rule_verdict(503, 503, FRT_V_IGNORE);
	frt_outcome_t o = remote(503);

	(void)state;
	o.reason_cause = 16;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	o.reason_cause = FRT_CAUSE_NONE;
	r.reason_cause = 34;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	o.reason_cause = 41;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	o.reason_cause = 34;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_IGNORE);
	r.provisional = 1;
	check(decide_by(&r, 1, &o), FRT_ROUTE_NEXT, FRT_V_STRONG);
	o.provisional = true;
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_IGNORE);
	r.provisional = 0;
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_STRONG);
}

static void test_policy_no_rule_sends_an_answered_call_on(void **state)
{
	frt_rule_t r = rule_route(100, 699, FRT_ROUTE_NEXT);
	frt_outcome_t o = remote(200), ringing = remote(180);

	(void)state;
	check(decide_by(&r, 1, &o), FRT_ROUTE_STOP, FRT_V_OK);
	check(decide_by(&r, 1, &ringing), FRT_ROUTE_STOP, FRT_V_OK);
}

static void test_policy_better_response_for_the_caller(void **state)
{
	static const int rows[][2] = {{603, 486}, {603, 302}, {302, 404},
			{404, 503}, {401, 400}, {407, 486}, {415, 404}, {420, 404},
			{484, 404}, {404, 0}, {503, 0}, {486, 500}, {200, 603}, {500, 503},
			{404, 180}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(frt_policy_better(rows[i][0], rows[i][1]), rows[i][0]);
		assert_int_equal(frt_policy_better(rows[i][1], rows[i][0]), rows[i][0]);
	}
	/* of two equally good ones the first stays */
	assert_int_equal(frt_policy_better(404, 486), 404);
	assert_int_equal(frt_policy_better(486, 404), 486);
	assert_int_equal(frt_policy_better(0, 0), 0);
}

static void test_policy_no_503_goes_out(void **state)
{
	(void)state;
	assert_int_equal(frt_policy_outward(503), 500);
	for(int code = 100; code < 700; code++) {
		if(code != 503)
			assert_int_equal(frt_policy_outward(code), code);
	}
}

static void test_policy_phrases(void **state)
{
	(void)state;
	assert_string_equal(frt_policy_phrase(404), "Not Found");
	assert_string_equal(frt_policy_phrase(503), "Service Unavailable");
	assert_string_equal(frt_policy_phrase(599), "Failure");
	assert_string_equal(frt_policy_phrase(-1), "Failure");
}

#define TEST(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			TEST(test_policy_transport_error_is_a_strong_fail),
			TEST(test_policy_silence_is_a_strong_fail_of_an_invite),
			TEST(test_policy_no_answer_after_ringing_is_nobodys_fault),
			TEST(test_policy_cancelled_stops_and_says_nothing),
			TEST(test_policy_cut_short_goes_on_and_says_nothing),
			TEST(test_policy_503_is_a_strong_fail),
			TEST(test_policy_retry_after_is_a_blackout_within_bounds),
			TEST(test_policy_retry_after_counts_only_with_503),
			TEST(test_policy_every_remote_code),
			TEST(test_policy_challenge_shows_nothing_of_calls),
			TEST(test_policy_no_code_says_nothing),
			TEST(test_policy_after_ringing_stops_unless_the_set_says_next),
			TEST(test_policy_rule_may_give_route_only),
			TEST(test_policy_rule_may_give_verdict_only),
			TEST(test_policy_rule_blackout_without_retry_after_is_a_hold),
			TEST(test_policy_first_matching_rule_decides),
			TEST(test_policy_rule_range_is_inclusive),
			TEST(test_policy_rule_matches_by_origin),
			TEST(test_policy_rule_matches_by_provisional_and_cause),
			TEST(test_policy_no_rule_sends_an_answered_call_on),
			TEST(test_policy_better_response_for_the_caller),
			TEST(test_policy_no_503_goes_out),
			TEST(test_policy_phrases),
	};

	return UNIT_MAIN(tests);
}
