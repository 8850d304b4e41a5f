/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the whole of a draft shows: errors, warnings, values that follow others,
 * and how faults are kept and written.
 */
#include "draft_help.h"
#include "frt_pace.h"

static void test_missing_parts_are_errors(void **state)
{
	fixture_t *f = fx(state);
	frt_str_t none = {NULL, 0};

	add_set(f, "empty", 1);
	add_set(f, "a", 2);
	add_dst(f, "gw1", NULL, 3);
	add_dst(f, "gw2", "nonsense", 4); /* one fault, not two */
	add_dst(f, "gw3", NULL, 5);
	frt_draft_attr(f->d, FRT_SCOPE_DESTINATION, f->set, f->dst, FRT_STR("uri"),
			none, at(5));
	frt_draft_rule_add(f->d, f->set, at(6));
	frt_draft_rule_add(f->d, NULL, at(7));
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
	assert_fault(f->d, "frt.xml:1: <set id=\"empty\">: expected at least one "
					   "destination");
	assert_fault(f->d, "frt.xml:3: <destination id=\"gw1\">: uri is missing");
	assert_fault(f->d, "frt.xml:5: <destination id=\"gw3\">: uri is missing");
	assert_fault(f->d, "frt.xml:6: <on>: expected route, verdict or both");
	assert_fault(f->d, "frt.xml:7: <on>: expected route, verdict or both");
	assert_int_equal(faults_kept(f->d), 6);
}

/* An empty file, or tables that nobody has filled, take every call away. */
static void test_no_set_is_a_warning(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(frt_draft_check(f->d), 0);
	assert_fault(
			f->d, "the table: warning: there is no set: no call can be routed");
	assert_int_equal(faults_kept(f->d), 1);
}

static void test_numbers_are_unique(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_SET, "number", "7", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	add_set(f, "b", 3);
	attr(f, FRT_SCOPE_SET, "number", "007", 3);
	add_dst(f, "gw", "sip:192.0.2.1", 4);
	add_set(f, "7", 5);
	add_dst(f, "gw", "sip:192.0.2.1", 6);
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
	assert_fault(f->d,
			"frt.xml:3: <set id=\"b\">: number=\"7\" is already used "
			"at frt.xml:1");
	assert_fault(f->d, "frt.xml:5: warning: <set id=\"7\">: the id is the "
					   "number of another set");
	assert_int_equal(faults_kept(f->d), 2);
}

static void test_resolve_says_what_it_needs(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	add_dst(f, "gw0", "sip:192.0.2.1", 2);
	add_dst(f, "gw", "sip:example.net", 3);
	add_dst(f, "gw2", "sip:other.example.net", 4);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_int_equal(faults_kept(f->d), 1);
	assert_fault(f->d,
			"frt.xml:3: warning: <destination id=\"gw\">: uri has a host name, "
			"as 1 more of the set: each call's SIP worker waits for the DNS; "
			"resolve=\"host\" asks ahead");
}

static void add_rule(fixture_t *f, uint32_t line, const char *code,
		const char *name, const char *value)
{
	assert_int_equal(frt_draft_rule_add(f->d, f->set, at(line)), 0);
	attr(f, FRT_SCOPE_RULE, "code", code, line);
	attr(f, FRT_SCOPE_RULE, name, value, line);
	attr(f, FRT_SCOPE_RULE, "route", "next", line);
}

/* A rule that an earlier one hides is warned of; one that an inherited rule
 * equals is asked first, and one that is narrower is not hidden. */
static void test_rules_that_are_never_asked_are_warned_of(void **state)
{
	fixture_t *f = fx(state);

	add_rule(f, 1, "486", "origin", "remote");
	add_set(f, "a", 2);
	add_dst(f, "gw", "sip:192.0.2.1", 3);
	add_rule(f, 4, "486", "origin", "remote");
	add_rule(f, 5, "503", "reason-cause", "34");
	add_rule(f, 6, "5xx", "reason-cause", "any");
	add_rule(f, 7, "503", "provisional", "no");
	add_rule(f, 8, "486", "origin", "local");
	add_rule(f, 9, "486", "origin", "any");
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_fault(f->d, "frt.xml:7: warning: <on>: never asked: the rule at "
					   "frt.xml:6 matches all that it does");
	assert_int_equal(faults_kept(f->d), 1);
}

static void test_later_attributes_are_kept(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_SET, "spill", "off", 1);
	attr(f, FRT_SCOPE_SET, "adaptive", "yes", 1);
	attr(f, FRT_SCOPE_SET, "shadow", "yes", 1);
	attr(f, FRT_SCOPE_HEALTH, "failback-delay", "5m", 1);
	attr(f, FRT_SCOPE_HEALTH, "failback-window", "02:00-05:00", 1);
	attr(f, FRT_SCOPE_HEALTH, "max-eject", "30%", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	attr(f, FRT_SCOPE_DESTINATION, "max-calls", "100", 2);
	attr(f, FRT_SCOPE_DESTINATION, "max-cps", "10", 2);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	assert_false(f->set->conf.spill);
	assert_true(f->set->conf.adaptive && f->set->conf.shadow);
	assert_int_equal(f->set->conf.health.failback_delay_ms, 300000);
	assert_int_equal(f->set->conf.health.nwindows, 1);
	assert_int_equal(f->set->conf.health.max_eject_pct, 30);
	assert_int_equal(f->dst->max_calls, 100);
	assert_int_equal(f->dst->max_cps, 10);
}

static void test_values_that_contradict_each_other(void **state)
{
	fixture_t *f = fx(state);

	attr(f, FRT_SCOPE_DEFAULTS, "hold-max", "1m", 1);
	add_set(f, "a", 2);
	attr(f, FRT_SCOPE_HEALTH, "hold", "90s", 2);
	attr(f, FRT_SCOPE_HEALTH, "shed-from", "60%", 2);
	attr(f, FRT_SCOPE_HEALTH, "shed-to", "40%", 2);
	attr(f, FRT_SCOPE_SET, "try-timeout", "1s", 2);
	attr(f, FRT_SCOPE_SET, "try-timeout-min", "2s", 2);
	attr(f, FRT_SCOPE_PROBE, "fast-interval", "40s", 2);
	attr(f, FRT_SCOPE_PROBE, "interval", "30s", 2);
	attr(f, FRT_SCOPE_PROBE, "ok", "503", 2);
	attr(f, FRT_SCOPE_SET, "deadline", "500ms", 2);
	add_dst(f, "gw", "sip:192.0.2.1", 3);
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
	assert_fault(f->d, "frt.xml:2: <set id=\"a\">: hold=\"90s\" is longer than "
					   "hold-max=\"1m\"");
	assert_fault(f->d, "frt.xml:2: <set id=\"a\">: shed-from=\"60%\" is above "
					   "shed-to=\"40%\"");
	assert_fault(f->d, "frt.xml:2: <set id=\"a\">: try-timeout-min=\"2s\" is "
					   "longer than try-timeout=\"1s\"");
	assert_fault(f->d, "frt.xml:2: warning: <set id=\"a\">: "
					   "fast-interval=\"40s\" is longer than interval=\"30s\"");
	assert_fault(f->d, "frt.xml:2: <set id=\"a\">: no reply to a probe is both "
					   "in ok and not in not-ok");
	assert_fault(f->d,
			"frt.xml:2: warning: <set id=\"a\">: deadline is shorter "
			"than try-timeout: a call that is not answered at all "
			"never fails over");
	assert_int_equal(faults_kept(f->d), 6);
}

/* hold would have been compared as "30s", which nobody wrote. */
static void test_a_refused_value_contradicts_none(void **state)
{
	fixture_t *f = fx(state);

	attr(f, FRT_SCOPE_DEFAULTS, "try-timeout-min", "never", 1);
	add_set(f, "a", 2);
	attr(f, FRT_SCOPE_HEALTH, "hold", "0ms", 2);
	attr(f, FRT_SCOPE_HEALTH, "hold-max", "2s", 2);
	attr(f, FRT_SCOPE_SET, "try-timeout", "200ms", 2);
	attr(f, FRT_SCOPE_PROBE, "interval", "1", 2);
	attr(f, FRT_SCOPE_PROBE, "fast-interval", "40s", 2);
	add_dst(f, "gw", "sip:192.0.2.1", 3);
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
	assert_int_equal(faults_kept(f->d), 3);
}

static void test_bounds_that_nobody_wrote_follow(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_SET, "try-timeout", "200ms", 1);
	attr(f, FRT_SCOPE_HEALTH, "hold", "10m", 1);
	attr(f, FRT_SCOPE_PROBE, "interval", "1s", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	assert_int_equal(f->set->conf.try_timeout_min_ms, 200);
	assert_int_equal(f->set->conf.health.hold_max_ms, 600000);
	assert_int_equal(f->set->conf.probe.fast_interval_ms, 1000);
	assert_int_equal(f->set->conf.probe.down_interval_ms, 60000);
}

static void test_call_without_a_number_is_an_error(void **state)
{
	fixture_t *f = fx(state);

	attr(f, FRT_SCOPE_DEFAULTS, "method", "INVITE", 1);
	add_set(f, "a", 2);
	add_dst(f, "gw", "sip:192.0.2.1", 3);
	add_set(f, "b", 4);
	attr(f, FRT_SCOPE_PROBE, "enabled", "no", 4);
	add_dst(f, "gw", "sip:192.0.2.1", 5);
	add_set(f, "c", 6);
	attr(f, FRT_SCOPE_PROBE, "method", "OPTIONS", 6);
	attr(f, FRT_SCOPE_PROBE, "number", "+4930000000", 7);
	add_dst(f, "gw", "sip:192.0.2.1", 8);
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
	assert_fault(f->d,
			"frt.xml:2: <set id=\"a\">: method=\"INVITE\" needs number, the "
			"one that is called");
	assert_fault(f->d, "frt.xml:6: warning: <set id=\"c\">: number is for "
					   "probes with method=\"INVITE\" only");
	assert_int_equal(faults_kept(f->d), 2);
	assert_int_equal(f->set->conf.probe.number.len, 0);
}

static void test_call_has_defaults_of_its_own(void **state)
{
	const frt_probe_conf_t *p;
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_PROBE, "method", "INVITE", 1);
	attr(f, FRT_SCOPE_PROBE, "number", "a.b-c;p=1%23", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	p = &f->set->conf.probe;
	assert_int_equal(p->timeout_ms, 10000);
	assert_int_equal(p->interval_ms, 30000);
	assert_int_equal(p->fast_interval_ms, FRT_PACE_CALL_MIN_MS);
	assert_true(frt_codes_has(&p->ok, 180) && frt_codes_has(&p->ok, 183));
	assert_true(frt_codes_has(&p->ok, 200) && frt_codes_has(&p->ok, 299));
	assert_false(frt_codes_has(&p->ok, 100) || frt_codes_has(&p->ok, 199));
	assert_false(frt_codes_has(&p->ok, 404) || frt_codes_has(&p->ok, 486));
}

static void test_call_keeps_what_was_written_but_for_haste(void **state)
{
	const frt_probe_conf_t *p;
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_PROBE, "method", "INVITE", 1);
	attr(f, FRT_SCOPE_PROBE, "number", "1", 1);
	attr(f, FRT_SCOPE_PROBE, "timeout", "3s", 1);
	attr(f, FRT_SCOPE_PROBE, "interval", "5s", 1);
	attr(f, FRT_SCOPE_PROBE, "ok", "486", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_fault(f->d, "frt.xml:1: warning: <set id=\"a\">: interval of an "
					   "INVITE probe is raised to 10s");
	assert_int_equal(faults_kept(f->d), 1);
	p = &f->set->conf.probe;
	assert_int_equal(p->timeout_ms, 3000);
	assert_int_equal(p->interval_ms, 10000);
	assert_true(frt_codes_has(&p->ok, 486) && frt_codes_has(&p->ok, 180)
				&& frt_codes_has(&p->ok, 200));
	assert_false(frt_codes_has(&p->ok, 404));
}

static void test_suspicious_destinations_are_warned_of(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	add_dst(f, "gw1", "sip:192.0.2.1", 2);
	add_dst(f, "gw2", "sip:192.0.2.1", 3);
	add_dst(f, "gw3", "sip:192.0.2.1", 4);
	attr(f, FRT_SCOPE_DESTINATION, "socket", "udp:192.0.2.9:5060", 4);
	add_dst(f, "gw4", "sip:192.0.2.4;transport=tcp", 5);
	attr(f, FRT_SCOPE_DESTINATION, "socket", "udp:192.0.2.9:5060", 5);
	add_dst(f, "gw5", "sip:[2001:db8::1]", 6);
	attr(f, FRT_SCOPE_DESTINATION, "socket", "udp:192.0.2.9:5060", 6);
	add_set(f, "b", 7);
	add_dst(f, "gw1", "sip:192.0.2.1", 8);
	attr(f, FRT_SCOPE_DESTINATION, "admin", "maint", 8);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_fault(f->d, "frt.xml:3: warning: <destination id=\"gw2\">: the same "
					   "URI and socket as <destination id=\"gw1\"> at "
					   "frt.xml:2");
	assert_fault(f->d, "frt.xml:5: warning: <destination id=\"gw4\">: socket "
					   "and uri differ in transport");
	assert_fault(f->d,
			"frt.xml:6: warning: <destination id=\"gw5\">: of socket "
			"and uri one is IPv4, one is IPv6");
	assert_fault(f->d, "frt.xml:7: warning: <set id=\"b\">: every destination "
					   "is in maint or drain: the set takes no call");
	assert_int_equal(faults_kept(f->d), 4);
}

static void test_addresses_nobody_can_be_called_at_are_warned_of(void **state)
{
	static const char *const bad[] = {"sip:0.0.0.0", "sip:224.0.0.1:5060",
			"sip:255.255.255.255", "sip:[::]", "sip:[fe80::1]",
			"sip:[ff02::1];transport=udp"};
	static const char *const good[] = {"sip:127.0.0.1", "sip:10.0.0.1",
			"sip:169.254.1.1", "sip:[fd00::1]", "sip:[::ffff:192.0.2.1]"};
	fixture_t *f = fx(state);
	char id[8], text[200];
	uint32_t i;

	add_set(f, "a", 1);
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		snprintf(id, sizeof(id), "good%u", i);
		add_dst(f, id, good[i], 2);
	}
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(id, sizeof(id), "bad%u", i);
		add_dst(f, id, bad[i], 3 + i);
	}
	assert_int_equal(frt_draft_check(f->d), 0);
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text),
				"frt.xml:%u: warning: <destination id=\"bad%u\">: nobody can "
				"be called at the address in uri: it is unspecified, "
				"link-local, "
				"multicast, reserved or broadcast",
				3 + i, i);
		assert_fault(f->d, text);
	}
	assert_int_equal(faults_kept(f->d), i);
}

static void test_maddr_is_warned_of(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	add_dst(f, "b", "sip:192.0.2.1;transport=tcp;Maddr=192.0.2.2", 2);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_fault(f->d,
			"frt.xml:2: warning: <destination id=\"b\">: maddr in uri: "
			"Kamailio does not follow it, and sends to the host");
	assert_int_equal(faults_kept(f->d), 1);
}

static void test_weight_zero_in_a_whole_tier_is_warned_of(void **state)
{
	fixture_t *f = fx(state);
	static const char *const weights[] = {"0", "0", "5", "0", "0"};
	static const char *const priorities[] = {"1", "1", "2", "2", "3"};
	char id[16], uri[32];
	int i;

	add_set(f, "a", 1);
	for(i = 0; i < 5; i++) {
		snprintf(id, sizeof(id), "gw%d", i);
		snprintf(uri, sizeof(uri), "sip:192.0.2.%d", i + 1);
		add_dst(f, id, uri, 2 + (uint32_t)i);
		attr(f, FRT_SCOPE_DESTINATION, "weight", weights[i], 2);
		attr(f, FRT_SCOPE_DESTINATION, "priority", priorities[i], 2);
	}
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_string_equal(fault_line(f->d, 0),
			"frt.xml:1: warning: <set id=\"a\">: all 2 destinations of "
			"priority "
			"1 have weight 0 and so equal shares");
	assert_int_equal(faults_kept(f->d), 1);
}

static void test_faults_beyond_fifty_are_counted(void **state)
{
	fixture_t *f = fx(state);
	uint32_t i, kept, errors, warnings;

	for(i = 1; i <= 60; i++)
		frt_draft_fault(f->d, true, at(i), "warning %u", (unsigned)i);
	for(i = 1; i <= 3; i++)
		frt_draft_fault(f->d, false, at(i), "error %u", (unsigned)i);
	frt_draft_faults(f->d, &kept, &errors, &warnings);
	assert_int_equal(kept, FRT_FAULTS_MAX);
	assert_int_equal(errors, 3);
	assert_int_equal(warnings, 60);
	/* warnings make room for errors, in order */
	assert_string_equal(
			fault_line(f->d, 46), "frt.xml:47: warning: warning 47");
	assert_string_equal(fault_line(f->d, 47), "frt.xml:1: error 1");
	assert_string_equal(fault_line(f->d, 49), "frt.xml:3: error 3");
	for(i = 4; i <= 100; i++)
		frt_draft_fault(f->d, false, at(i), "error %u", (unsigned)i);
	assert_string_equal(fault_line(f->d, 0), "frt.xml:1: error 1");
	assert_string_equal(fault_line(f->d, 49), "frt.xml:50: error 50");
}

static void test_more_faults_are_kept_for_who_asks(void **state)
{
	fixture_t *f = fx(state);
	uint32_t i, kept;

	frt_draft_fault(f->d, true, at(1), "warning 1");
	assert_int_equal(frt_draft_keep_faults(f->d, 60), 0);
	assert_int_equal(frt_draft_keep_faults(f->d, 10), 0); /* never fewer */
	for(i = 2; i <= 60; i++)
		frt_draft_fault(f->d, true, at(i), "warning %u", (unsigned)i);
	frt_draft_fault(f->d, false, at(61), "error");
	frt_draft_faults(f->d, &kept, NULL, NULL);
	assert_int_equal(kept, 60);
	assert_string_equal(fault_line(f->d, 0), "frt.xml:1: warning: warning 1");
	assert_string_equal(
			fault_line(f->d, 58), "frt.xml:59: warning: warning 59");
	assert_string_equal(fault_line(f->d, 59), "frt.xml:61: error");
}

static void test_fault_texts_are_cut_and_clean(void **state)
{
	fixture_t *f = fx(state);
	char big[400];
	const frt_fault_t *faults;

	memset(big, 'x', sizeof(big));
	memcpy(big + 251, "\xe2\x82\xac\xe2\x82\xac", 6);
	big[399] = '\0';
	frt_draft_fault(f->d, false, at(0), "%s", big);
	faults = frt_draft_faults(f->d, NULL, NULL, NULL);
	assert_string_equal(faults[0].text + 249, "xx...");
	attr(f, FRT_SCOPE_DEFAULTS, "deadline", "1\nroot: hacked\x1b[1m", 2);
	assert_string_equal(fault_line(f->d, 1),
			"frt.xml:2: <defaults>: deadline=\"1?root: hacked?[1m\": expected "
			"a "
			"duration 100ms..1h with its unit, such as 500ms, 4s or 5m");
}

static void test_fault_without_line_or_file(void **state)
{
	fixture_t *f = fx(state);
	frt_place_t nowhere = {NULL, 0};

	frt_draft_fault(f->d, false, at(0), "unreadable");
	frt_draft_fault(f->d, false, nowhere, "nowhere");
	assert_string_equal(fault_line(f->d, 0), "frt.xml: unreadable");
	assert_string_equal(fault_line(f->d, 1), "nowhere");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			DRAFT_TEST(test_missing_parts_are_errors),
			DRAFT_TEST(test_no_set_is_a_warning),
			DRAFT_TEST(test_numbers_are_unique),
			DRAFT_TEST(test_rules_that_are_never_asked_are_warned_of),
			DRAFT_TEST(test_resolve_says_what_it_needs),
			DRAFT_TEST(test_later_attributes_are_kept),
			DRAFT_TEST(test_values_that_contradict_each_other),
			DRAFT_TEST(test_a_refused_value_contradicts_none),
			DRAFT_TEST(test_bounds_that_nobody_wrote_follow),
			DRAFT_TEST(test_call_without_a_number_is_an_error),
			DRAFT_TEST(test_call_has_defaults_of_its_own),
			DRAFT_TEST(test_call_keeps_what_was_written_but_for_haste),
			DRAFT_TEST(test_suspicious_destinations_are_warned_of),
			DRAFT_TEST(test_addresses_nobody_can_be_called_at_are_warned_of),
			DRAFT_TEST(test_maddr_is_warned_of),
			DRAFT_TEST(test_weight_zero_in_a_whole_tier_is_warned_of),
			DRAFT_TEST(test_faults_beyond_fifty_are_counted),
			DRAFT_TEST(test_more_faults_are_kept_for_who_asks),
			DRAFT_TEST(test_fault_texts_are_cut_and_clean),
			DRAFT_TEST(test_fault_without_line_or_file),
	};
	return UNIT_MAIN(tests);
}
