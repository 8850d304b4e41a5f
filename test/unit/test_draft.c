/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Filling a draft: defaults and their heirs, the fault of each bad value with
 * its place and words, many destinations at small cost, and memory that ends
 * at any call.
 */
#include "draft_help.h"

#include <time.h>

static void test_draft_of_one_set_is_good(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "carriers", 3);
	attr(f, FRT_SCOPE_SET, "number", "1", 3);
	attr(f, FRT_SCOPE_SET, "strategy", "hash", 3);
	attr(f, FRT_SCOPE_HEALTH, "hold", "10s", 4);
	attr(f, FRT_SCOPE_PROBE, "fall", "5", 5);
	add_dst(f, "gw1", "sip:192.0.2.1", 6);
	attr(f, FRT_SCOPE_DESTINATION, "priority", "2", 6);
	attr(f, FRT_SCOPE_DESTINATION, "socket", "udp:192.0.2.9:5060", 6);
	attr(f, FRT_SCOPE_DESTINATION, "admin", "drain", 6);
	add_dst(f, "gw2", "sip:192.0.2.2", 7);

	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	assert_int_equal(frt_draft_nsets(f->d), 1);
	assert_int_equal(frt_draft_ndsts(f->d), 2);
	assert_ptr_equal(frt_draft_set_find(f->d, FRT_STR("carriers")), f->set);
	assert_ptr_equal(frt_draft_sets(f->d), f->set);
	assert_int_equal(f->set->number, 1);
	assert_int_equal(f->set->conf.strategy, FRT_HASH);
	assert_int_equal(f->set->conf.health.hold_ms, 10000);
	assert_int_equal(f->set->conf.probe.fall, 5);
	assert_int_equal(f->set->conf.health.fall, 3);
	assert_int_equal(f->set->ndsts, 2);
	assert_int_equal(f->set->place.line, 3);
}

static void test_draft_destinations_keep_their_order(void **state)
{
	fixture_t *f = fx(state);
	const frt_draft_dst_t *dst;

	add_set(f, "a", 1);
	add_dst(f, "z", "sip:192.0.2.1", 2);
	add_dst(f, "y", "sip:192.0.2.2", 3);
	add_dst(f, "x", "sip:192.0.2.3", 4);
	dst = f->set->dsts;
	assert_true(frt_str_eq(dst->id, FRT_STR("z")));
	assert_int_equal(dst->priority, 1);
	assert_int_equal(dst->weight, 1);
	assert_int_equal(dst->admin, FRT_READY);
	assert_int_equal(dst->resolve, FRT_RESOLVE_NONE);
	assert_int_equal(dst->max_calls, 0);
	assert_int_equal(dst->socket.len, 0);
	assert_true(frt_str_eq(dst->next->next->id, FRT_STR("x")));
	assert_ptr_equal(frt_draft_dst_find(f->d, f->set, FRT_STR("z")), dst);
	assert_null(frt_draft_dst_find(f->d, f->set, FRT_STR("w")));
}

static void test_draft_copies_what_it_is_given(void **state)
{
	fixture_t *f = fx(state);
	char id[] = "carriers", uri[] = "sip:192.0.2.1", name[] = "p",
		 value[] = "99";

	add_set(f, id, 1);
	add_dst(f, "gw", uri, 2);
	assert_int_equal(frt_draft_dst_attribute(
							 f->d, f->dst, str_of(name), str_of(value), at(3)),
			0);
	memset(id, 'x', sizeof(id) - 1);
	memset(uri, 'x', sizeof(uri) - 1);
	memset(name, 'x', sizeof(name) - 1);
	memset(value, 'x', sizeof(value) - 1);
	assert_true(frt_str_eq(f->set->id, FRT_STR("carriers")));
	assert_true(frt_str_eq(f->dst->uri, FRT_STR("sip:192.0.2.1")));
	assert_true(frt_str_eq(f->dst->attrs[0].name, FRT_STR("p")));
	assert_true(frt_str_eq(f->dst->attrs[0].value, FRT_STR("99")));
}

static void test_defaults_hold_for_the_sets_after_them(void **state)
{
	fixture_t *f = fx(state);
	frt_draft_set_t *before, *after;

	add_set(f, "before", 1);
	before = f->set;
	f->set = NULL;
	attr(f, FRT_SCOPE_DEFAULTS, "try-timeout", "2s", 2);
	attr(f, FRT_SCOPE_DEFAULTS, "fall", "7", 2);
	attr(f, FRT_SCOPE_DEFAULTS, "interval", "10s", 2);
	attr(f, FRT_SCOPE_PROBE, "fall", "9", 3);
	attr(f, FRT_SCOPE_PROBE, "from", "sip:probe@example.net", 3);
	add_set(f, "after", 4);
	after = f->set;
	attr(f, FRT_SCOPE_SET, "max-attempts", "5", 4);

	assert_int_equal(before->conf.try_timeout_ms, 4000);
	assert_int_equal(before->conf.health.fall, 3);
	assert_int_equal(after->conf.try_timeout_ms, 2000);
	assert_int_equal(after->conf.health.fall, 7);
	assert_int_equal(after->conf.probe.fall, 9);
	assert_int_equal(after->conf.probe.interval_ms, 10000);
	assert_int_equal(after->conf.max_attempts, 5);
	assert_true(frt_str_eq(
			after->conf.probe.from, FRT_STR("sip:probe@example.net")));
}

static void test_rules_of_a_set_stand_before_inherited_ones(void **state)
{
	fixture_t *f = fx(state);
	const frt_rule_t *r;
	int i;

	assert_int_equal(frt_draft_rule_add(f->d, NULL, at(2)), 0);
	attr(f, FRT_SCOPE_RULE, "code", "5xx", 2);
	attr(f, FRT_SCOPE_RULE, "route", "stop", 2);
	add_set(f, "a", 3);
	for(i = 0; i < 6; i++) {
		char code[16];
		snprintf(code, sizeof(code), "%d", 480 + i);
		assert_int_equal(
				frt_draft_rule_add(f->d, f->set, at(4 + (uint32_t)i)), 0);
		attr(f, FRT_SCOPE_RULE, "code", code, 4);
		attr(f, FRT_SCOPE_RULE, "verdict", "weak", 4);
	}
	add_dst(f, "gw", "sip:192.0.2.1", 10);
	r = f->set->rules;
	assert_int_equal(f->set->nrules, 7);
	for(i = 0; i < 6; i++)
		assert_int_equal(r[i].code_min, 480 + i);
	assert_int_equal(r[0].origin, -1);
	assert_int_equal(r[0].provisional, -1);
	assert_int_equal(r[0].reason_cause, -1);
	assert_int_equal(r[0].has_route, 0);
	assert_int_equal(r[0].has_verdict, 1);
	assert_int_equal(r[0].verdict, FRT_V_WEAK);
	assert_int_equal(r[6].code_min, 500);
	assert_int_equal(r[6].code_max, 599);
	assert_int_equal(r[6].has_route, 1);
	assert_int_equal(r[6].route, FRT_ROUTE_STOP);
	assert_int_equal(frt_draft_check(f->d), 0);
}

static void test_rule_attributes(void **state)
{
	fixture_t *f = fx(state);
	const frt_rule_t *r;

	add_set(f, "a", 1);
	assert_int_equal(frt_draft_attr(f->d, FRT_SCOPE_RULE, f->set, NULL,
							 FRT_STR("code"), FRT_STR("480"), at(1)),
			FRT_E_INVAL);
	frt_draft_rule_add(f->d, f->set, at(2));
	attr(f, FRT_SCOPE_RULE, "origin", "transport", 2);
	attr(f, FRT_SCOPE_RULE, "provisional", "yes", 2);
	attr(f, FRT_SCOPE_RULE, "reason-cause", "34", 2);
	attr(f, FRT_SCOPE_RULE, "verdict", "strong", 2);
	r = f->set->rules;
	assert_int_equal(r->code_min, 100);
	assert_int_equal(r->code_max, 699);
	assert_int_equal(r->origin, FRT_TRANSPORT);
	assert_int_equal(r->provisional, 1);
	assert_int_equal(r->reason_cause, 34);
	attr(f, FRT_SCOPE_RULE, "origin", "any", 2);
	attr(f, FRT_SCOPE_RULE, "provisional", "no", 2);
	attr(f, FRT_SCOPE_RULE, "reason-cause", "any", 2);
	assert_int_equal(r->origin, -1);
	assert_int_equal(r->provisional, 0);
	assert_int_equal(r->reason_cause, -1);
	assert_clean(f->d);
}

static void test_attr_without_its_owner_is_an_argument_error(void **state)
{
	fixture_t *f = fx(state);
	frt_str_t n = FRT_STR("weight"), v = FRT_STR("1");

	assert_int_equal(
			frt_draft_attr(f->d, FRT_SCOPE_SET, NULL, NULL, n, v, at(1)),
			FRT_E_INVAL);
	assert_int_equal(frt_draft_attr(f->d, FRT_SCOPE_DESTINATION, NULL, NULL, n,
							 v, at(1)),
			FRT_E_INVAL);
	assert_int_equal(
			frt_draft_attr(f->d, FRT_SCOPE_RULE, NULL, NULL, n, v, at(1)),
			FRT_E_INVAL);
	assert_int_equal(
			frt_draft_attr(f->d, frt_scope_count, NULL, NULL, n, v, at(1)),
			FRT_E_INVAL);
}

/* Each bad value: the scope, what was written, and the whole line the operator
 * reads. */
static const struct
{
	frt_scope_t scope;
	const char *name;
	const char *value;
	const char *fault;
} bad_values[] = {
		{FRT_SCOPE_DESTINATION, "weight", "abc",
				"frt.xml:17: <destination id=\"gw1\">: weight=\"abc\": "
				"expected a whole number 0..65535"},
		{FRT_SCOPE_DESTINATION, "weight", "65536",
				"frt.xml:17: <destination id=\"gw1\">: weight=\"65536\": "
				"expected a whole number 0..65535"},
		{FRT_SCOPE_DESTINATION, "uri", "tel:1",
				"frt.xml:17: <destination id=\"gw1\">: uri=\"tel:1\": "
				"expected a sip: or sips: URI; it must begin with sip: or "
				"sips:"},
		{FRT_SCOPE_DESTINATION, "socket", "udp:192.0.2.1",
				"frt.xml:17: <destination id=\"gw1\">: "
				"socket=\"udp:192.0.2.1\": expected protocol:address:port, "
				"such as udp:192.0.2.1:5060; the port is missing"},
		{FRT_SCOPE_DESTINATION, "admin", "off",
				"frt.xml:17: <destination id=\"gw1\">: admin=\"off\": "
				"expected ready, drain or maint"},
		{FRT_SCOPE_SET, "strategy", "wieghted",
				"frt.xml:17: <set id=\"a\">: strategy=\"wieghted\": "
				"expected "
				"weighted, round-robin, hash, least-calls, fastest, "
				"ordered "
				"or parallel"},
		{FRT_SCOPE_SET, "try-timeout", "4",
				"frt.xml:17: <set id=\"a\">: try-timeout=\"4\": expected a "
				"duration 100ms..3m with its unit, such as 500ms, 4s or "
				"5m"},
		{FRT_SCOPE_SET, "try-timeout", "4m",
				"frt.xml:17: <set id=\"a\">: try-timeout=\"4m\": expected "
				"a "
				"duration 100ms..3m with its unit, such as 500ms, 4s or "
				"5m"},
		{FRT_SCOPE_SET, "progress-timeout", "1ms",
				"frt.xml:17: <set id=\"a\">: progress-timeout=\"1ms\": "
				"expected 0 or a duration 100ms..3m with its unit, such as "
				"500ms, 4s or 5m"},
		{FRT_SCOPE_SET, "spill", "maybe",
				"frt.xml:17: <set id=\"a\">: spill=\"maybe\": expected yes "
				"or "
				"no"},
		{FRT_SCOPE_SET, "number", "-1",
				"frt.xml:17: <set id=\"a\">: number=\"-1\": expected a "
				"whole "
				"number 0..2147483647"},
		{FRT_SCOPE_PROBE, "timeout", "33s",
				"frt.xml:17: <probe> of <set id=\"a\">: timeout=\"33s\": "
				"expected a duration 100ms..32s with its unit, such as "
				"500ms, 4s or 5m"},
		{FRT_SCOPE_PROBE, "method", "BYE",
				"frt.xml:17: <probe> of <set id=\"a\">: method=\"BYE\": "
				"expected a SIP method such as OPTIONS or INVITE; this one "
				"cannot probe"},
		{FRT_SCOPE_PROBE, "number", "+49@x",
				"frt.xml:17: <probe> of <set id=\"a\">: number=\"+49@x\": "
				"expected 1..64 bytes of a URI's user part, such as "
				"+4930000000; this cannot stand before the @ of a URI"},
		{FRT_SCOPE_PROBE, "number", "12%4",
				"frt.xml:17: <probe> of <set id=\"a\">: number=\"12%4\": "
				"expected 1..64 bytes of a URI's user part, such as "
				"+4930000000; this cannot stand before the @ of a URI"},
		{FRT_SCOPE_PROBE, "not-ok", "408,503",
				"frt.xml:17: <probe> of <set id=\"a\">: "
				"not-ok=\"408,503\": "
				"expected status codes of 100..699 between blanks, such as "
				"\"408 503\", 5xx, 500-599, any or none"},
		{FRT_SCOPE_HEALTH, "max-eject", "50",
				"frt.xml:17: <health> of <set id=\"a\">: max-eject=\"50\": "
				"expected a percentage 0%..100%"},
		{FRT_SCOPE_HEALTH, "failback-window", "2-5",
				"frt.xml:17: <health> of <set id=\"a\">: "
				"failback-window=\"2-5\": expected up to 4 times of day, "
				"such as \"02:00-05:00\", \"Mon-Fri 22:00-06:00, Sat,Sun "
				"00:00-24:00\" or none"},
		{FRT_SCOPE_RULE, "code", "48",
				"frt.xml:17: <on> of <set id=\"a\">: code=\"48\": expected "
				"a "
				"status code of 100..699, such as 480, 5xx, 500-599 or "
				"any"},
		{FRT_SCOPE_RULE, "origin", "here",
				"frt.xml:17: <on> of <set id=\"a\">: origin=\"here\": "
				"expected remote, local, transport or any"},
		{FRT_SCOPE_RULE, "reason-cause", "1000",
				"frt.xml:17: <on> of <set id=\"a\">: "
				"reason-cause=\"1000\": "
				"expected a whole number 0..999 or any"},
		{FRT_SCOPE_DEFAULTS, "deadline", "x",
				"frt.xml:17: <defaults>: deadline=\"x\": expected a "
				"duration "
				"100ms..1h with its unit, such as 500ms, 4s or 5m"},
};

static void test_each_bad_value_says_what_was_expected(void **state)
{
	fixture_t *f = fx(state);
	size_t i;

	add_set(f, "a", 1);
	add_dst(f, "gw1", "sip:192.0.2.1", 2);
	frt_draft_rule_add(f->d, f->set, at(3));
	for(i = 0; i < sizeof(bad_values) / sizeof(bad_values[0]); i++) {
		attr(f, bad_values[i].scope, bad_values[i].name, bad_values[i].value,
				17);
		assert_int_equal(faults_kept(f->d), i + 1);
		assert_string_equal(fault_line(f->d, (uint32_t)i), bad_values[i].fault);
	}
	/* what was good before is still there */
	assert_int_equal(f->dst->weight, 1);
	assert_true(frt_str_eq(f->dst->uri, FRT_STR("sip:192.0.2.1")));
	assert_int_equal(f->set->conf.try_timeout_ms, 4000);
	assert_int_equal(f->set->number, -1);
}

static void test_unknown_attributes_suggest_what_was_meant(void **state)
{
	fixture_t *f = fx(state);

	add_set(f, "a", 1);
	attr(f, FRT_SCOPE_SET, "strateggy", "hash", 9);
	attr(f, FRT_SCOPE_SET, "interval", "30s", 10);
	attr(f, FRT_SCOPE_SET, "colour", "red", 11);
	attr(f, FRT_SCOPE_DEFAULTS, "number", "1", 12);
	attr(f, FRT_SCOPE_HEALTH, "holdmax", "1s", 13);
	assert_fault(f->d, "frt.xml:9: <set id=\"a\">: unknown attribute "
					   "\"strateggy\" (did you mean \"strategy\"?)");
	assert_fault(f->d, "frt.xml:10: <set id=\"a\">: unknown attribute "
					   "\"interval\" (it belongs to <probe>)");
	assert_fault(
			f->d, "frt.xml:11: <set id=\"a\">: unknown attribute \"colour\"");
	assert_fault(f->d, "frt.xml:12: <defaults>: unknown attribute \"number\" "
					   "(it belongs to <set>)");
	assert_fault(f->d, "frt.xml:13: <health> of <set id=\"a\">: unknown "
					   "attribute \"holdmax\" (did you mean \"hold-max\"?)");
}

static void test_ids_used_twice_name_both_places(void **state)
{
	fixture_t *f = fx(state);
	frt_draft_set_t *first;

	add_set(f, "a", 2);
	first = f->set;
	add_dst(f, "gw1", "sip:192.0.2.1", 3);
	add_dst(f, "gw1", "sip:192.0.2.2", 4);
	add_set(f, "b", 5);
	add_dst(f, "gw1", "sip:192.0.2.3", 6);
	add_set(f, "a", 7);
	add_dst(f, "gw2", "sip:192.0.2.3", 8);
	assert_fault(f->d, "frt.xml:4: <destination id=\"gw1\">: the id is already "
					   "used in this set at frt.xml:3");
	assert_fault(f->d,
			"frt.xml:7: <set id=\"a\">: the id is already used at frt.xml:2");
	assert_int_equal(faults_kept(f->d), 2);
	assert_ptr_equal(frt_draft_set_find(f->d, FRT_STR("a")), first);
	assert_int_equal(frt_draft_check(f->d), FRT_E_DRAFT);
}

static void test_bad_and_missing_ids(void **state)
{
	fixture_t *f = fx(state);
	frt_str_t none = {NULL, 0};

	assert_int_equal(frt_draft_set_add(f->d, none, at(1), &f->set), 0);
	assert_fault(f->d, "frt.xml:1: <set>: id is missing");
	add_dst(f, "a b", "sip:192.0.2.1", 2);
	assert_fault(f->d,
			"frt.xml:2: <destination>: id=\"a b\": expected 1..64 bytes "
			"without "
			"blanks, commas and control characters, no '*' first; it has a "
			"blank or a character that cannot be seen");
	add_dst(f, "*", "sip:192.0.2.2", 3);
	add_dst(f,
			"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxy",
			"sip:192.0.2.3", 4);
	assert_int_equal(faults_kept(f->d), 4);
	assert_int_equal(f->dst->id.len, FRT_ID_MAX);
	add_dst(f, "<script>", "sip:192.0.2.4", 5);
	assert_int_equal(faults_kept(f->d), 4);
}

static void attribute(
		fixture_t *f, const char *name, const char *value, uint32_t line)
{
	frt_str_t v = {NULL, 0};

	if(value != NULL)
		v = str_of(value);
	assert_int_equal(
			frt_draft_dst_attribute(f->d, f->dst, str_of(name), v, at(line)),
			0);
}

static void test_destination_attributes(void **state)
{
	fixture_t *f = fx(state);
	char name[16];
	int i;

	add_set(f, "a", 1);
	add_dst(f, "gw", "sip:192.0.2.1", 2);
	for(i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		attribute(f, name, name, 3);
	}
	assert_int_equal(f->dst->nattrs, 64);
	for(i = 0; i < 64; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_true(frt_str_eq(f->dst->attrs[i].name, str_of(name)));
		assert_true(frt_str_eq(f->dst->attrs[i].value, str_of(name)));
	}
	attribute(f, "n64", "x", 4);
	add_dst(f, "gw2", "sip:192.0.2.2", 5);
	attribute(f, "prefix", "99", 5);
	attribute(f, "empty", "", 5);
	attribute(f, "prefix", "98", 6);
	attribute(f, "", "1", 7);
	attribute(f, "a b", "1", 8);
	attribute(f, "crlf", "a\r\nVia: x", 9);
	attribute(f, "none", NULL, 10);
	assert_int_equal(f->dst->nattrs, 2);
	assert_fault(f->d, "frt.xml:4: <attribute name=\"n64\">: a destination has "
					   "at most 64 of them");
	assert_fault(f->d, "frt.xml:6: <attribute name=\"prefix\">: the name is "
					   "already used in this destination");
	assert_fault(f->d, "frt.xml:7: <attribute>: name is missing");
	assert_fault(f->d,
			"frt.xml:8: <attribute name=\"a b\">: expected a name of "
			"up to 64 letters, digits, '_', '-' and '.'");
	assert_fault(f->d, "frt.xml:9: <attribute name=\"crlf\">: the value has a "
					   "control character");
	assert_fault(
			f->d, "frt.xml:10: <attribute name=\"none\">: value is missing");
	assert_int_equal(faults_kept(f->d), 6);
}

#define TRY(call)        \
	do {                 \
		int e_ = (call); \
		if(e_ != 0)      \
			return e_;   \
	} while(0)

static int build_set(frt_draft_t *d, unsigned n)
{
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;
	frt_str_t text;
	char mem[32];
	unsigned j;

	snprintf(mem, sizeof(mem), "%u", n);
	text = str_of(mem);
	TRY(frt_draft_set_add(d, text, at(2), &set));
	TRY(frt_draft_attr(
			d, FRT_SCOPE_SET, set, NULL, FRT_STR("number"), text, at(2)));
	TRY(frt_draft_rule_add(d, set, at(2)));
	TRY(frt_draft_attr(d, FRT_SCOPE_RULE, set, NULL, FRT_STR("verdict"),
			FRT_STR("weak"), at(2)));
	for(j = 1; j <= 3; j++) {
		snprintf(mem, sizeof(mem), "sip:192.0.2.%u", j);
		text = str_of(mem);
		TRY(frt_draft_dst_add(d, set, text, at(3), &dst));
		TRY(frt_draft_attr(d, FRT_SCOPE_DESTINATION, set, dst, FRT_STR("uri"),
				text, at(3)));
		TRY(frt_draft_dst_attribute(d, dst, FRT_STR("n"), text, at(3)));
	}
	return 0;
}

/* A whole draft through every call; the error of the first that failed. */
static int build(frt_draft_t *d)
{
	unsigned i;

	TRY(frt_draft_attr(d, FRT_SCOPE_PROBE, NULL, NULL, FRT_STR("from"),
			FRT_STR("sip:a@b"), at(1)));
	TRY(frt_draft_rule_add(d, NULL, at(1)));
	TRY(frt_draft_attr(d, FRT_SCOPE_RULE, NULL, NULL, FRT_STR("route"),
			FRT_STR("next"), at(1)));
	for(i = 0; i < 70; i++)
		TRY(build_set(d, i));
	return frt_draft_check(d);
}

static void test_memory_that_ends_at_any_call(void **state)
{
	(void)state;
	assert_true(draft_without_memory(build) > 10);
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

/* 100,000 destinations in n sets, with their attributes, and the check. */
static void load_many(fixture_t *f, unsigned nsets)
{
	unsigned each = 100000 / nsets, i, j;
	char text[64];

	for(i = 0; i < nsets; i++) {
		snprintf(text, sizeof(text), "set%u", i);
		add_set(f, text, i);
		snprintf(text, sizeof(text), "%u", i);
		attr(f, FRT_SCOPE_SET, "number", text, i);
		for(j = 0; j < each; j++) {
			snprintf(text, sizeof(text), "gw%u", j);
			add_dst(f, text, NULL, j);
			snprintf(text, sizeof(text), "sip:10.%u.%u.%u:5060", j >> 16,
					j >> 8 & 255, j & 255);
			attr(f, FRT_SCOPE_DESTINATION, "uri", text, j);
			snprintf(text, sizeof(text), "%u", j % 5000);
			attr(f, FRT_SCOPE_DESTINATION, "priority", text, j);
			attr(f, FRT_SCOPE_DESTINATION, "weight", "10", j);
		}
	}
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_int_equal(frt_draft_ndsts(f->d), 100000);
	assert_clean(f->d);
}

static void test_many_destinations_of_one_set_are_quick(void **state)
{
	fixture_t *f = fx(state);
	double start = cpu_seconds();

	load_many(f, 1);
	assert_between(cpu_seconds() - start, 0, 3); /* with sanitizers */
	assert_true(f->heap.calls < 500);
}

static void test_many_sets_are_quick(void **state)
{
	fixture_t *f = fx(state);
	double start = cpu_seconds();

	load_many(f, 10000);
	assert_between(cpu_seconds() - start, 0, 3);
	assert_true(f->heap.calls < 500);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			DRAFT_TEST(test_draft_of_one_set_is_good),
			DRAFT_TEST(test_draft_destinations_keep_their_order),
			DRAFT_TEST(test_draft_copies_what_it_is_given),
			DRAFT_TEST(test_defaults_hold_for_the_sets_after_them),
			DRAFT_TEST(test_rules_of_a_set_stand_before_inherited_ones),
			DRAFT_TEST(test_rule_attributes),
			DRAFT_TEST(test_attr_without_its_owner_is_an_argument_error),
			DRAFT_TEST(test_each_bad_value_says_what_was_expected),
			DRAFT_TEST(test_unknown_attributes_suggest_what_was_meant),
			DRAFT_TEST(test_ids_used_twice_name_both_places),
			DRAFT_TEST(test_bad_and_missing_ids),
			DRAFT_TEST(test_destination_attributes),
			UNIT_TEST(test_memory_that_ends_at_any_call),
			DRAFT_TEST(test_many_destinations_of_one_set_are_quick),
			DRAFT_TEST(test_many_sets_are_quick),
	};
	return UNIT_MAIN(tests);
}
