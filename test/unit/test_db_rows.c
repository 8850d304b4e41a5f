/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of a database into a draft: that all a file can say can be said, the
 * places of faults, and rows that are anything but what was expected.
 */
// needs: modules/failover_route/frt_db_rows.c
#include "draft_help.h"
#include "frt_attr.h"
#include "frt_db_rows.h"

#define COLUMNS_MAX 32

static frt_db_rows_t rows;

static void begin(void **state)
{
	assert_int_equal(
			frt_db_rows_init(&rows, fx(state)->d, FRT_STR("failover_route")),
			0);
}

static uint32_t column_of(frt_db_table_t table, const char *name)
{
	uint32_t n, i;
	const frt_db_column_t *c = frt_db_columns(table, &n);

	for(i = 0; i < n && strcmp(c[i].name, name) != 0; i++)
		;
	if(i == n)
		fail_msg("no column %s", name);
	return i;
}

/* row(FRT_DB_SET, "id", "a", "number", "1", NULL): the others are NULL. */
static void row(frt_db_table_t table, ...)
{
	frt_str_t cells[COLUMNS_MAX] = {{NULL, 0}};
	const char *name;
	va_list ap;

	va_start(ap, table);
	while((name = va_arg(ap, const char *)) != NULL)
		cells[column_of(table, name)] = str_of(va_arg(ap, const char *));
	va_end(ap);
	assert_int_equal(frt_db_rows_add(&rows, table, cells), 0);
}

static void attribute(const char *set, const char *dst, const char *scope,
		const char *name, const char *value)
{
	row(FRT_DB_ATTRIBUTE, "set_id", set, "destination_id", dst, "scope", scope,
			"name", name, "value", value, NULL);
}

static void fill(void)
{
	assert_int_equal(frt_db_rows_fill(&rows), 0);
}

static frt_draft_set_t *set_named(void **state, const char *id)
{
	frt_draft_set_t *set = frt_draft_set_find(fx(state)->d, str_of(id));

	assert_non_null(set);
	return set;
}

static void test_db_rows_make_sets_and_destinations(void **state)
{
	frt_draft_set_t *set;

	begin(state);
	row(FRT_DB_SET, "id", "a", "number", "7", "strategy", "hash", "try_timeout",
			"2s", "probe_interval", "10s", "health_fall", "5", "probe_fall",
			"4", NULL);
	row(FRT_DB_DESTINATION, "set_id", "a", "id", "d1", "uri", "sip:192.0.2.1",
			"priority", "2", "weight", "30", "admin", "maint", NULL);
	row(FRT_DB_DESTINATION, "set_id", "a", "id", "d2", "uri", "sip:192.0.2.2",
			"socket", "", NULL);
	row(FRT_DB_POLICY, "set_id", "a", "position", "1", "code", "486", "route",
			"next", NULL);
	attribute("a", "d2", "attribute", "prefix", "99");
	attribute("a", "", "health", "window", "90s");
	fill();
	assert_clean(fx(state)->d);
	assert_int_equal(frt_draft_check(fx(state)->d), 0);
	set = set_named(state, "a");
	assert_int_equal(set->number, 7);
	assert_int_equal(set->conf.strategy, FRT_HASH);
	assert_int_equal(set->conf.try_timeout_ms, 2000);
	assert_int_equal(set->conf.probe.interval_ms, 10000);
	assert_int_equal(set->conf.probe.fall, 4);
	assert_int_equal(set->conf.health.fall, 5);
	assert_int_equal(set->conf.health.window_ms, 90000);
	assert_int_equal(set->ndsts, 2);
	assert_int_equal(set->dsts->weight, 30);
	assert_int_equal(set->dsts->admin, FRT_MAINT);
	assert_int_equal(set->dsts->next->priority, 1);
	assert_int_equal(set->dsts->next->nattrs, 1);
	assert_int_equal(set->nrules, 1);
	assert_int_equal(set->rules[0].code_min, 486);
}

/* The defaults come first whatever the order of the rows is. */
static void test_db_rows_star_is_the_defaults(void **state)
{
	begin(state);
	attribute("*", "", "set", "deadline", "7s");
	attribute("*", "", "probe", "enabled", "no");
	row(FRT_DB_POLICY, "set_id", "a", "position", "9", "code", "486", "route",
			"next", NULL);
	row(FRT_DB_POLICY, "set_id", "*", "position", "1", "code", "486", "route",
			"stop", NULL);
	row(FRT_DB_SET, "id", "a", NULL);
	row(FRT_DB_SET, "id", "b", "deadline", "9s", NULL);
	fill();
	assert_clean(fx(state)->d);
	assert_int_equal(set_named(state, "a")->conf.deadline_ms, 7000);
	assert_false(set_named(state, "a")->conf.probe.enabled);
	assert_int_equal(set_named(state, "a")->nrules, 2);
	assert_int_equal(set_named(state, "a")->rules[0].route, FRT_ROUTE_NEXT);
	assert_int_equal(set_named(state, "b")->conf.deadline_ms, 9000);
	assert_int_equal(set_named(state, "b")->nrules, 1);
}

/* Every attribute of the table has a column, or a row for it is taken; one with
 * a column is not taken twice. */
static void test_db_rows_can_say_every_attribute(void **state)
{
	size_t n, i;
	const frt_attr_def_t *table = frt_attr_table(&n);

	for(i = 0; i < n; i++) {
		bool column = false;
		uint32_t m, j;
		int t;

		for(t = 0; t < frt_db_table_count; t++) {
			const frt_db_column_t *c = frt_db_columns((frt_db_table_t)t, &m);
			for(j = 0; j < m; j++)
				column = column
						 || (c[j].attr && c[j].scope == table[i].scope
								 && strcmp(c[j].attr, table[i].name) == 0);
		}
		if(column || table[i].type == FRT_ATTR_ID)
			continue;
		/* a rule has no rows of its own to say more in */
		assert_int_not_equal(table[i].scope, FRT_SCOPE_RULE);
		teardown(state);
		setup(state);
		begin(state);
		row(FRT_DB_SET, "id", "a", NULL);
		row(FRT_DB_DESTINATION, "set_id", "a", "id", "d", "uri",
				"sip:192.0.2.1", NULL);
		attribute("a", table[i].scope == FRT_SCOPE_DESTINATION ? "d" : "",
				frt_scope_name(table[i].scope), table[i].name,
				table[i].dflt ? table[i].dflt : "1");
		fill();
		assert_clean(fx(state)->d);
	}
}

static void test_db_rows_every_column_is_an_attribute(void **state)
{
	uint32_t n, i;
	int t;

	for(t = 0; t < frt_db_table_count; t++) {
		const frt_db_column_t *c = frt_db_columns((frt_db_table_t)t, &n);
		for(i = 0; i < n; i++) {
			if(c[i].attr && !frt_attr_find(c[i].scope, str_of(c[i].attr)))
				fail_msg("%s: no attribute %s", c[i].name, c[i].attr);
		}
		assert_true(n <= COLUMNS_MAX);
		assert_non_null(frt_db_order((frt_db_table_t)t));
	}
}

static void test_db_rows_faults_name_table_row_and_column(void **state)
{
	frt_draft_t *d = fx(state)->d;

	begin(state);
	row(FRT_DB_SET, "id", "a", "try_timeout", "4", NULL);
	row(FRT_DB_SET, "id", "a", NULL);
	row(FRT_DB_SET, "number", "1", NULL);
	row(FRT_DB_DESTINATION, "set_id", "a", "id", "d1", NULL);
	row(FRT_DB_DESTINATION, "set_id", "a", "id", "d1", "uri", "sip:192.0.2.1",
			"weight", "70000", NULL);
	row(FRT_DB_DESTINATION, "set_id", "b", "id", "d1", NULL);
	row(FRT_DB_DESTINATION, "id", "d1", NULL);
	row(FRT_DB_POLICY, "set_id", "a", "position", "3", "verdict", "bad", NULL);
	row(FRT_DB_POLICY, "set_id", "b", "position", "4", NULL);
	fill();
	assert_fault(d, "failover_route_set[a].try_timeout: <set id=\"a\">: "
					"try-timeout=\"4\": expected a duration 100ms..3m with its "
					"unit, such as 500ms, 4s or 5m");
	assert_fault(d, "failover_route_set[a]: <set id=\"a\">: the id is already "
					"used at failover_route_set[a]");
	assert_fault(d, "failover_route_set[NULL]: <set>: id is missing");
	assert_fault(d, "failover_route_destination[a/d1].uri: <destination "
					"id=\"d1\">: uri is missing");
	assert_fault(d, "failover_route_destination[a/d1]: <destination "
					"id=\"d1\">: the id is already used in this set at "
					"failover_route_destination[a/d1]");
	assert_fault(d, "failover_route_destination[a/d1].weight: <destination "
					"id=\"d1\">: weight=\"70000\": expected a whole number "
					"0..65535");
	assert_fault(d, "failover_route_destination[b/d1].set_id: set_id=\"b\": no "
					"such set");
	assert_fault(d, "failover_route_destination[NULL/d1].set_id: set_id is "
					"missing");
	assert_fault(d, "failover_route_policy[a/3].verdict: <on> of <set "
					"id=\"a\">: verdict=\"bad\": expected ok, weak, strong, "
					"ignore or blackout");
	assert_fault(d, "failover_route_policy[b/4].set_id: set_id=\"b\": no such "
					"set");
	assert_int_equal(faults_kept(d), 10);
}

static void test_db_rows_attributes_that_fit_nowhere(void **state)
{
	frt_draft_t *d = fx(state)->d;

	begin(state);
	row(FRT_DB_SET, "id", "a", NULL);
	row(FRT_DB_DESTINATION, "set_id", "a", "id", "d", "uri", "sip:192.0.2.1",
			NULL);
	attribute("a", "", "set", "try-timeout", "4s");
	attribute("a", "d", "destination", "weight", "4");
	attribute("a", "x", "attribute", "n", "v");
	attribute("a", "", "attribute", "n", "v");
	attribute("a", "d", "health", "window", "4s");
	attribute("*", "d", "attribute", "n", "v");
	attribute("a", "", "on", "route", "next");
	attribute("a", "", "everything", "n", "v");
	attribute("a", "", "set", "", "v");
	attribute("a", "", "set", "weight", "v");
	attribute("a", "d", "attribute", "two words", "v");
	row(FRT_DB_ATTRIBUTE, "set_id", "a", "scope", "health", "name", "window",
			NULL);
	fill();
#define AT(row) "failover_route_attribute[" row "]."
	assert_fault(d, AT("a set try-timeout") "name: name=\"try-timeout\": it is "
											"the column try_timeout of "
											"failover_route_set");
	assert_fault(d, AT("a/d destination weight") "name: name=\"weight\": it is "
												 "the column weight of "
												 "failover_route_destination");
	assert_fault(d, AT("a/x attribute n") "destination_id: "
										  "destination_id=\"x\": no such "
										  "destination in this set");
	assert_fault(d, AT("a attribute n") "destination_id: "
										"destination_id=\"\": no such "
										"destination in this set");
	assert_fault(d,
			AT("a/d health window") "destination_id: "
									"destination_id=\"d\": expected none: it "
									"is an attribute of a set");
	assert_fault(d, AT("*/d attribute n") "set_id: set_id=\"*\": no such set");
	assert_fault(d,
			AT("a on route") "scope: scope=\"on\": expected set, probe, "
							 "health, destination or attribute");
	assert_fault(d,
			AT("a everything n") "scope: scope=\"everything\": expected "
								 "set, probe, health, destination or "
								 "attribute");
	assert_fault(d, AT("a set ") "name: name=\"\": expected the name of an "
								 "attribute");
	assert_fault(d,
			AT("a set weight") "value: <set id=\"a\">: unknown attribute "
							   "\"weight\" (it belongs to <destination>)");
	assert_fault(d,
			AT("a/d attribute two words") "value: <attribute "
										  "name=\"two words\">: expected a "
										  "name of up to 64 letters, digits, "
										  "'_', '-' and '.'");
	assert_fault(d, AT("a health window") "value: <health> of <set id=\"a\">: "
										  "window is missing");
	assert_int_equal(faults_kept(d), 12);
}

/* A set that a file has may have destinations here, and nothing else. */
static void test_db_rows_add_destinations_to_a_set_of_the_file(void **state)
{
	frt_draft_t *d = fx(state)->d;

	add_set(fx(state), "f", 3);
	begin(state);
	row(FRT_DB_DESTINATION, "set_id", "f", "id", "d", "uri", "sip:192.0.2.1",
			NULL);
	attribute("f", "d", "attribute", "n", "v");
	fill();
	assert_clean(d);
	assert_int_equal(set_named(state, "f")->ndsts, 1);
	begin(state);
	row(FRT_DB_SET, "id", "f", NULL);
	row(FRT_DB_POLICY, "set_id", "f", "position", "1", NULL);
	attribute("f", "", "set", "shadow", "yes");
	fill();
	assert_fault(d, "failover_route_set[f]: <set id=\"f\">: the id is already "
					"used at frt.xml:3");
	assert_fault(d, "failover_route_policy[f/1].set_id: set_id=\"f\": the set "
					"is not in the database, only its destinations");
	assert_fault(d, "failover_route_attribute[f set shadow].set_id: "
					"set_id=\"f\": the set is not in the database, only its "
					"destinations");
	assert_int_equal(faults_kept(d), 3);
}

/* Whatever a cell holds: a fault, printable and short. */
static void test_db_rows_hostile_cells(void **state)
{
	static const char bad[] = "\xff\xfe\n\r\x1b[2J\"%s%n";
	size_t big_len = 1 << 20;
	char *big = malloc(big_len + 1);
	frt_str_t cells[COLUMNS_MAX];
	frt_draft_t *d = fx(state)->d;
	uint32_t n, i, t, k;

	assert_non_null(big);
	memset(big, 'x', big_len);
	big[big_len] = '\0';
	begin(state);
	row(FRT_DB_SET, "id", "a", NULL);
	for(t = 0; t < frt_db_table_count; t++) {
		const frt_str_t values[] = {{bad, sizeof(bad) - 1}, {big, big_len},
				{"\0\0", 2}, {"", 0}, {"-1", 2}, {"1e99", 4}, {"*", 1}};
		for(k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
			frt_db_columns((frt_db_table_t)t, &n);
			for(i = 0; i < n; i++)
				cells[i] = values[k];
			assert_int_equal(
					frt_db_rows_add(&rows, (frt_db_table_t)t, cells), 0);
			cells[0] = FRT_STR("a");
			if(values[k].len == big_len)
				continue;
			assert_int_equal(
					frt_db_rows_add(&rows, (frt_db_table_t)t, cells), 0);
		}
	}
	fill();
	free(big);
	assert_true(faults_kept(d) == FRT_FAULTS_MAX);
	for(i = 0; i < faults_kept(d); i++) {
		const unsigned char *p = (const unsigned char *)fault_line(d, i);
		assert_true(strlen((const char *)p) < 520);
		for(; *p; p++)
			assert_true(*p >= ' ' && *p < 0x7f);
	}
}

static void test_db_rows_have_limits(void **state)
{
	frt_str_t cells[COLUMNS_MAX] = {{NULL, 0}};

	begin(state);
	cells[0] = FRT_STR("a");
	rows.rows = FRT_DB_ROWS_MAX - 1;
	assert_int_equal(frt_db_rows_add(&rows, FRT_DB_SET, cells), 0);
	assert_int_equal(frt_db_rows_add(&rows, FRT_DB_SET, cells), FRT_E_RANGE);
	begin(state);
	rows.bytes = FRT_DB_BYTES_MAX - 1;
	assert_int_equal(frt_db_rows_add(&rows, FRT_DB_SET, cells), 0);
	assert_int_equal(frt_db_rows_add(&rows, FRT_DB_SET, cells), FRT_E_RANGE);
}

static void test_db_rows_prefix_is_a_name(void **state)
{
	static const char *const bad[] = {"", "1a", "a-b", "a;b", "a b", "\xc3\xa9",
			"a_prefix_that_is_far_longer_than_any_table_name_should_be"};
	size_t i;

	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(frt_db_rows_init(&rows, fx(state)->d, str_of(bad[i])),
				FRT_E_INVAL);
	assert_int_equal(
			frt_db_rows_init(&rows, fx(state)->d, FRT_STR("Trunks_2")), 0);
	assert_string_equal(rows.names[FRT_DB_POLICY], "Trunks_2_policy");
}

/* Each allocation fails in turn: an error each time, and no leak. */
static void test_db_rows_without_memory(void **state)
{
	size_t fail_at;
	int err = FRT_E_NOMEM;

	for(fail_at = 1; err != 0; fail_at++) {
		fx_heap_t m;
		frt_draft_t *d = draft_new(&m);
		frt_str_t set[COLUMNS_MAX] = {{NULL, 0}};
		frt_str_t dst[COLUMNS_MAX] = {{NULL, 0}};
		int i;

		m.fail_at = m.calls + fail_at;
		m.for_good = true;
		set[0] = dst[0] = FRT_STR("a");
		set[1] = FRT_STR("x"); /* a fault */
		dst[2] = FRT_STR("sip:192.0.2.1");
		err = frt_db_rows_init(&rows, d, FRT_STR("frt"));
		if(err == 0)
			err = frt_db_rows_add(&rows, FRT_DB_SET, set);
		for(i = 0; i < 300 && err == 0; i++) {
			char id[16];
			snprintf(id, sizeof(id), "d%d", i);
			dst[1] = str_of(id);
			err = frt_db_rows_add(&rows, FRT_DB_DESTINATION, dst);
		}
		if(err == 0)
			err = frt_db_rows_fill(&rows);
		assert_true(err == 0 || err == FRT_E_NOMEM);
		frt_draft_free(d);
		assert_int_equal(m.live, 0);
	}
	assert_true(fail_at > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			DRAFT_TEST(test_db_rows_make_sets_and_destinations),
			DRAFT_TEST(test_db_rows_star_is_the_defaults),
			DRAFT_TEST(test_db_rows_can_say_every_attribute),
			DRAFT_TEST(test_db_rows_every_column_is_an_attribute),
			DRAFT_TEST(test_db_rows_faults_name_table_row_and_column),
			DRAFT_TEST(test_db_rows_attributes_that_fit_nowhere),
			DRAFT_TEST(test_db_rows_add_destinations_to_a_set_of_the_file),
			DRAFT_TEST(test_db_rows_hostile_cells),
			DRAFT_TEST(test_db_rows_have_limits),
			DRAFT_TEST(test_db_rows_prefix_is_a_name),
			DRAFT_TEST(test_db_rows_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
