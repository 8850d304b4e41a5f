/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The words: each reason as it stands in the log, and why a destination is
 * not used.
 */
#include "health_world.h"

static char text[256];

static const char *words(frt_reason_t r)
{
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_reason_text(&r, &b);
	return text;
}

static const char *why(uint32_t word, frt_reason_t r)
{
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	frt_health_why_text(word, &r, &b);
	return text;
}

#define SAYS(expected, ...) \
	assert_string_equal(words((frt_reason_t){__VA_ARGS__}), expected)

static void test_reason_timeouts(void **state)
{
	(void)state;
	SAYS("3 consecutive INVITE timeouts (4 s each); 212 ms since first; "
		 "hold 30 s",
			.why = FRT_WHY_STRONG, .origin = FRT_LOCAL, .code = 408, .count = 3,
			.invite = true, .timeout_ms = 4000, .since_ms = 212,
			.hold_ms = 30000);
	SAYS("3 consecutive INVITE timeouts (last after 1.5 s)",
			.why = FRT_WHY_STRONG, .origin = FRT_LOCAL, .count = 3,
			.invite = true, .timeout_ms = 1500, .mixed = FRT_MIXED_TIMEOUT);
	SAYS("3 consecutive INVITE timeouts", .why = FRT_WHY_STRONG,
			.origin = FRT_LOCAL, .count = 3, .invite = true);
	SAYS("1 INVITE timeout (4 s)", .why = FRT_WHY_STRONG, .origin = FRT_LOCAL,
			.count = 1, .invite = true, .timeout_ms = 4000, .since_ms = 9);
	SAYS("2 consecutive timeouts (4 s each)", .why = FRT_WHY_STRONG,
			.origin = FRT_LOCAL, .count = 2, .timeout_ms = 4000);
}

static void test_reason_failures(void **state)
{
	(void)state;
	SAYS("3 consecutive failures (last 503)", .why = FRT_WHY_STRONG,
			.code = 503, .count = 3);
	SAYS("3 consecutive failures (last: no reply in 4 s)",
			.why = FRT_WHY_STRONG, .origin = FRT_LOCAL, .code = 408, .count = 3,
			.invite = true, .timeout_ms = 4000, .mixed = FRT_MIXED_KIND);
	SAYS("3 consecutive failures (connection refused or unreachable)",
			.why = FRT_WHY_STRONG, .origin = FRT_TRANSPORT, .code = 503,
			.count = 3);
	SAYS("3 consecutive failures (last: connection refused or unreachable)",
			.why = FRT_WHY_STRONG, .origin = FRT_TRANSPORT, .code = 503,
			.count = 3, .mixed = FRT_MIXED_KIND);
	SAYS("1 failure (connection refused or unreachable)", .why = FRT_WHY_STRONG,
			.origin = FRT_TRANSPORT, .count = 1);
	SAYS("4 of 7 attempts failed (last 480); 12 s since first; hold 60 s",
			.why = FRT_WHY_RATE, .code = 480, .count = 4, .attempts = 7,
			.since_ms = 12000, .hold_ms = 60000);
	SAYS("1 failure (480), enough for profile strict; hold 31 s",
			.why = FRT_WHY_STRICT, .code = 480, .count = 1, .hold_ms = 31200);
	SAYS("503 with Retry-After: 120 s", .why = FRT_WHY_BLACKOUT, .code = 503,
			.count = 1, .since_ms = 120000, .hold_ms = 120000);
	SAYS("503 with Retry-After: 86400 s; hold 5 min", .why = FRT_WHY_BLACKOUT,
			.code = 503, .count = 1, .since_ms = 86400000, .hold_ms = 300000);
	SAYS("503 with Retry-After: 0 s; hold 1 s", .why = FRT_WHY_BLACKOUT,
			.code = 503, .count = 1, .since_ms = 1, .hold_ms = 1000);
	SAYS("486; blackout by the policy; hold 30 s", .why = FRT_WHY_BLACKOUT,
			.code = 486, .count = 1, .hold_ms = 30000);
	SAYS("no reply in 4 s; blackout by the policy; hold 30 s",
			.why = FRT_WHY_BLACKOUT, .origin = FRT_LOCAL, .code = 408,
			.count = 1, .timeout_ms = 4000, .hold_ms = 30000);
}

static void test_reason_probes(void **state)
{
	(void)state;
	SAYS("3 failed probes (no reply in 2 s); hold 30 s", .why = FRT_WHY_PROBE,
			.origin = FRT_LOCAL, .code = 408, .count = 3, .timeout_ms = 2000,
			.hold_ms = 30000);
	SAYS("3 failed probes (last reply 503)", .why = FRT_WHY_PROBE, .code = 503,
			.count = 3);
	SAYS("1 failed probe (connection refused or unreachable)",
			.why = FRT_WHY_PROBE, .origin = FRT_TRANSPORT, .code = 503,
			.count = 1);
	SAYS("2 good probes", .why = FRT_WHY_PROBE, .count = 2, .good = true);
	SAYS("1 good probe", .why = FRT_WHY_PROBE, .count = 1, .good = true);
}

static void test_reason_trial_and_return(void **state)
{
	(void)state;
	SAYS("hold over; trying one call", .why = FRT_WHY_HOLD_OVER);
	SAYS("hold over", .why = FRT_WHY_HOLD_OVER, .good = true);
	SAYS("trial call answered", .why = FRT_WHY_TRIAL_OK, .good = true);
	SAYS("trial call failed (503); hold 60 s", .why = FRT_WHY_TRIAL_FAIL,
			.code = 503, .count = 1, .hold_ms = 60000);
	SAYS("trial call failed (no reply in 4 s)", .why = FRT_WHY_TRIAL_FAIL,
			.origin = FRT_LOCAL, .code = 408, .timeout_ms = 4000);
	SAYS("slow start done", .why = FRT_WHY_RAMP_OVER, .good = true);
}

static void test_reason_other_sources(void **state)
{
	(void)state;
	SAYS("set down by the operator", .why = FRT_WHY_OPERATOR);
	SAYS("set up by the operator", .why = FRT_WHY_OPERATOR, .good = true);
	SAYS("its name does not resolve; hold 30 s", .why = FRT_WHY_RESOLVE,
			.count = 1, .hold_ms = 30000);
	SAYS("registration lost", .why = FRT_WHY_REGISTER);
	SAYS("reported down by a peer", .why = FRT_WHY_PEER);
	SAYS("bad quality reported", .why = FRT_WHY_QUALITY);
}

static void test_reason_every_one_has_words(void **state)
{
	(void)state;
	for(unsigned i = 0; i < frt_why_count; i++) {
		for(int good = 0; good < 2; good++) {
			frt_reason_t r = {.why = i, .good = good, .count = 2};
			assert_true(strlen(words(r)) > 5);
		}
	}
	assert_string_equal(frt_why_name(FRT_WHY_RATE), "failure rate");
}

static void test_reason_is_cut_to_the_buffer(void **state)
{
	frt_reason_t r = {.why = FRT_WHY_STRONG, .code = 503, .count = 3};
	char small[16];
	frt_buf_t b;

	(void)state;
	frt_buf_init(&b, small, sizeof(small));
	frt_reason_text(&r, &b);
	assert_true(b.cut);
	assert_string_equal(small, "3 consecutive f");
}

static void test_why_not_used(void **state)
{
	frt_reason_t r = {.why = FRT_WHY_STRONG, .code = 503, .count = 3};
	uint32_t both = 1u << FRT_TRAFFIC | 1u << FRT_PROBE;

	(void)state;
	assert_string_equal(
			why(FRT_WORD(FRT_UP, FRT_READY, 0, 0, 1000), r), "usable");
	assert_string_equal(why(FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, 1000), r),
			"drained by the operator");
	assert_string_equal(
			why(FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, 1000), r), "in maintenance");
	assert_string_equal(why(FRT_WORD(FRT_DOWN, FRT_READY, 0, both, 0), r),
			"down (traffic, probe): 3 consecutive failures (last 503)");
	assert_string_equal(why(FRT_WORD(FRT_DOWN, FRT_READY, 0, 0, 0), r),
			"down: 3 consecutive failures (last 503)");
	assert_string_equal(why(FRT_WORD(FRT_DOWN, FRT_MAINT, 0, 1, 0), r),
			"in maintenance; down (traffic): 3 consecutive failures (last "
			"503)");
	assert_string_equal(why(FRT_WORD(FRT_TRIAL, FRT_READY, 1, 1, 1000), r),
			"on trial: one call is being tried");
	assert_string_equal(why(FRT_WORD(FRT_TRIAL, FRT_READY, 0, 1, 1000), r),
			"on trial: waiting for a call to try");
	assert_string_equal(why(FRT_WORD(FRT_RAMP, FRT_READY, 0, 0, 350), r),
			"slow start: 35 % of its weight");
	assert_string_equal(
			why(FRT_WORD(FRT_UP, FRT_READY, 0, 0, 1000) | FRT_WORD_SHED_BITS(7),
					r),
			"usable; sheds 35 % of its calls for its failure rate");
}

/* From evidence to words, as the log has them. */
static void test_reason_of_a_whole_story(void **state)
{
	(void)state;
	w.rnd.state = 3;
	timed_out(ANNA);
	later(100);
	timed_out(BERT);
	later(112);
	timed_out(ANNA);
	w.t.reason.hold_ms = 30000;
	assert_string_equal(words(w.t.reason),
			"3 consecutive INVITE timeouts (4 s each); 212 ms since first; "
			"hold 30 s");
	world_setup(state);
	timed_out(ANNA);
	replied_503(BERT);
	replied_503(ANNA);
	w.t.reason.hold_ms = 0;
	assert_string_equal(words(w.t.reason), "3 consecutive failures (last 503)");
}

static void test_reason_speaks_of_the_latest_run_only(void **state)
{
	(void)state;
	timed_out(ANNA);
	replied_503(ANNA);
	for(int i = 0; i < 9; i++)
		answered();
	replied_503(ANNA);
	replied_503(BERT);
	replied_503(ANNA);
	assert_int_equal(w.t.reason.mixed, 0);
	/* nor of one that took it down before */
	pass_hold();
	trial_ends(FRT_V_OK, 200);
	timed_out(ANNA);
	replied_503(ANNA);
	refused(BERT);
	assert_int_equal(w.t.reason.mixed & FRT_MIXED_KIND, FRT_MIXED_KIND);
	w.probe.enabled = false;
	pass_hold();
	trial_ends(FRT_V_OK, 200);
	timed_out(ANNA);
	timed_out(BERT);
	timed_out(ANNA);
	assert_int_equal(w.t.reason.mixed, 0);
	/* nor of one that another source cut short */
	world_setup(state);
	timed_out(ANNA);
	replied_503(ANNA);
	said(FRT_RESOLVE, FRT_V_STRONG);
	said(FRT_RESOLVE, FRT_V_OK);
	pass_hold();
	refused(ANNA);
	refused(ANNA);
	refused(ANNA);
	assert_int_equal(w.t.reason.count, 3);
	assert_int_equal(w.t.reason.mixed, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			WORLD_TEST(test_reason_timeouts),
			WORLD_TEST(test_reason_failures),
			WORLD_TEST(test_reason_probes),
			WORLD_TEST(test_reason_trial_and_return),
			WORLD_TEST(test_reason_other_sources),
			WORLD_TEST(test_reason_every_one_has_words),
			WORLD_TEST(test_reason_is_cut_to_the_buffer),
			WORLD_TEST(test_why_not_used),
			WORLD_TEST(test_reason_of_a_whole_story),
			WORLD_TEST(test_reason_speaks_of_the_latest_run_only),
	};

	return UNIT_MAIN(tests);
}
