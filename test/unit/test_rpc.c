/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The RPC commands against a made-up transport: the answers' fields, paging,
 * arguments that are anything but what was expected, and an answer that
 * cannot be finished at any point.
 */
// needs: modules/failover_route/frt_rpc.c modules/failover_route/frt_rpc_list.c
// needs: modules/failover_route/frt_rpc_cmd.c modules/failover_route/frt_rpc_table.c modules/failover_route/frt_view.c modules/failover_route/frt_admin.c
// needs: modules/failover_route/frt_rpc_tell.c modules/failover_route/frt_metrics.c
#include "rpc_world.h"

static void assert_fault(int code, const char *text)
{
	assert_int_equal(fake.faults, 1);
	assert_int_equal(fake.code, code);
	assert_string_equal(fake.fault, text);
}

static void test_rpc_list_has_every_field_of_the_contract(void **state)
{
	fake_args("o\"dd\\", NULL);
	fx.gen->dsts[3].rec->h.since_ms = 400;
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake.faults, 0);
	assert_string_equal(fake_json(),
			"{\"generation\":1,\"total\":1,\"sets\":[{\"id\":\"o\\\"dd\\\\\","
			"\"number\":-1,\"strategy\":\"ordered\",\"health\":\"up\","
			"\"panic\":0,"
			"\"destinations\":[{\"id\":\"\xc3\xa9\\\"<\","
			"\"uri\":\"sip:192.0.2.9\",\"priority\":1,\"weight\":1,"
			"\"effective_weight\":1,\"health\":\"up\",\"admin\":\"ready\","
			"\"sources\":[],\"reason\":\"as at the start\",\"since_ms\":600,"
			"\"hold_ms\":0,\"calls\":0,\"max_calls\":0,\"max_cps\":0,\"full\":"
			"0,\"attempts\":0,\"ok\":0,\"failed\":0,"
			"\"timeouts\":0,\"failovers\":0,\"probe_rtt_ms\":0,"
			"\"pdd_ms\":0,\"failovers_to\":0,\"rescued\":0,\"late\":0,"
			"\"shed_percent\":0,\"oc_percent\":0,\"oc_passed\":0}]}]}");
}

static void test_rpc_list_says_what_keeps_one_down(void **state)
{
	frt_rec_t *rec = fx_at(&fx, "d1")->rec;
	frt_obs_t obs = {.source = FRT_OPERATOR, .verdict = FRT_V_STRONG};

	frt_observe(rec, &obs);
	atomic_store(&frt_act(rec)->n.attempts, 4000000000u);
	fake_args("7", "1", "1", NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"sources\":[\"admin\"]"), 1);
	assert_int_equal(fake_count("set down by the operator"), 1);
	assert_int_equal(fake_count("\"effective_weight\":0"), 1);
	assert_int_equal(fake_count("\"attempts\":4000000000"), 1);
	assert_int_equal(fake_count("\"total\":3,"), 1);
	assert_int_equal(fake_count("],\"next_offset\":2}"), 1);
}

/* Every page, put together, is the list, and none twice. */
static void test_rpc_list_pages_cover_all(void **state)
{
	char offset[16], limit[16];
	int size, at, n;

	for(size = 1; size <= 11; size++) {
		n = 0;
		for(at = 0; at < 10; at += size) {
			snprintf(offset, sizeof(offset), "%d", at);
			snprintf(limit, sizeof(limit), "%d", size);
			fake_args("*", offset, limit, NULL);
			frt_rpc_list(fake_rpc(), NULL);
			n += fake_count("\"uri\":");
			assert_int_equal(fake_count("\"destinations\":[]"), 0);
			assert_int_equal(fake_count("\"next_offset\""), at + size < 10);
		}
		assert_int_equal(n, 10);
	}
	fake_args("*", "10", "5", NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_string_equal(
			fake_json(), "{\"generation\":1,\"total\":10,\"sets\":[]}");
	fake_args("*", "4294967295", "4294967295", NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"sets\":[]"), 1);
}

static void test_rpc_list_without_a_table_knows_no_set(void **state)
{
	host.gen = NULL;
	fake_args("x", NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_fault(404, "no such set: x");
	assert_null(fake.root);
}

typedef void (*command_f)(rpc_t *rpc, void *ctx);

static void test_rpc_bad_arguments_are_faults(void **state)
{
	static const struct
	{
		command_f command;
		const char *args[5];
		int code;
		const char *text;
	} cases[] = {
			{frt_rpc_list, {"nope"}, 404, "no such set: nope"},
			{frt_rpc_list, {"*", "-1"}, 400,
					"offset: expected a number, 0 to 4294967295"},
			{frt_rpc_list, {"*", "0", "4294967296"}, 400,
					"limit: expected a number, 0 to 4294967295"},
			{frt_rpc_list, {"*", "0", ""}, 400,
					"limit: expected a number, 0 to 4294967295"},
			{frt_rpc_list, {FAKE_OTHER}, 400,
					"set: expected a word or a whole number"},
			{frt_rpc_list, {"*", FAKE_OTHER}, 400,
					"offset: expected a word or a whole number"},
			{frt_rpc_list, {"*", "0", "1", "x"}, 400, "too many arguments"},
			{frt_rpc_list, {"a\r\nb\x1b"}, 404, "no such set: a??b?"},
			{frt_rpc_explain, {NULL}, 400, "expected one more argument: set"},
			{frt_rpc_explain, {"nope"}, 404, "no such set: nope"},
			{frt_rpc_explain, {"carriers", "*", "x"}, 400,
					"offset: expected a number, 0 to 4294967295"},
			{frt_rpc_set_admin, {"carriers"}, 400,
					"expected one more argument: destination"},
			{frt_rpc_set_admin, {"carriers", "d0"}, 400,
					"expected one more argument: ready, drain or maint"},
			{frt_rpc_set_admin, {"carriers", "d0", "READY"}, 400,
					"expected ready, drain or maint, not READY"},
			{frt_rpc_set_admin, {"carriers", "d9", "ready"}, 404,
					"no such destination in carriers: d9"},
			{frt_rpc_set_admin, {"nope", "*", "ready"}, 404,
					"no such set: nope"},
			{frt_rpc_set_health, {"carriers", "*", "up"}, 404,
					"no such destination in carriers: *"},
			{frt_rpc_set_health, {"carriers", "d0", "trial"}, 400,
					"expected up or down, not trial"},
			{frt_rpc_set_health, {"carriers", "", "up"}, 400,
					"expected one more argument: destination"},
			{frt_rpc_probe, {"six", "d4"}, 400,
					"probing is turned off for this set (enabled=\"no\")"},
			{frt_rpc_history, {"nope"}, 404, "no such set: nope"},
			{frt_rpc_history, {"*", "many"}, 400,
					"count: expected a number, 0 to 4294967295"},
			{frt_rpc_metrics, {"nope"}, 404, "no such set: nope"},
			{frt_rpc_reload, {"now"}, 400, "too many arguments"},
	};
	size_t i;
	int ctl;

	for(ctl = 0; ctl < 2; ctl++) {
		for(i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			const char *const *a = cases[i].args;

			fake_args(a[0], a[1], a[2], a[3], a[4]);
			fake.ctl = ctl;
			cases[i].command(fake_rpc(), NULL);
			assert_fault(cases[i].code, cases[i].text);
			assert_null(fake.root);
			assert_int_equal(host.reading, 0);
		}
	}
}

static void test_rpc_long_arguments_are_refused_or_cut(void **state)
{
	char text[3000];

	memset(text, 'x', sizeof(text));
	text[2999] = '\0';
	fake_args(text, NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_fault(400, "set: too long");
	text[FRT_RPC_ARG_MAX - 1] = '\0';
	fake_args(text, NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake.code, 404);
	assert_int_equal(strlen(fake.fault), strlen("no such set: ") + FRT_ID_MAX);
}

/* ctl sends nothing at all when a fault has 256 bytes with its NUL; jsonrpcs
 * would cut in the middle of a character. */
static void test_rpc_fault_fits_the_transport(void **state)
{
	int ctl;

	load_err = FRT_E_DRAFT;
	loaded.errors = 1;
	memset(loaded.faults, '\xc3', 2000);
	for(ctl = 0; ctl < 2000; ctl += 2)
		loaded.faults[ctl + 1] = '\xa9';
	for(ctl = 0; ctl < 2; ctl++) {
		fake_args(NULL, NULL);
		fake.ctl = ctl;
		frt_rpc_reload(fake_rpc(), NULL);
		assert_int_equal(fake.code, 400);
		assert_int_equal(strlen(fake.fault), ctl ? 254 : 127);
		assert_int_equal(fake.fault[126], ctl ? '\xc3' : '?');
	}
}

static void test_rpc_set_admin_star_changes_all(void **state)
{
	atomic_store(&fx_at(&fx, "d1")->rec->calls, 2);
	fake_args("7", "*", "drain", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_string_equal(fake_json(),
			"{\"set\":\"carriers\",\"destination\":\"*\",\"admin\":\"drain\","
			"\"destinations\":3,\"changed\":3,\"calls\":2}");
	fake_args("carriers", "d1", "drain", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"destinations\":1,\"changed\":0"), 1);
}

static void test_rpc_set_admin_tells_what_became_of_the_row(void **state)
{
	static const struct
	{
		int err;
		const char *says;
	} told[] = {{0, "\"database\":\"written\""},
			{FRT_E_NODST, "\"database\":\"has no such row\""},
			{FRT_E_INVAL, "\"database\":\"not written; the log says why\""}};
	size_t i;

	written[0] = '\0';
	fake_args("7", "*", "drain", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_string_equal(written, "");
	params.db_write_admin = 1;
	for(i = 0; i < 3; i++) {
		write_err = told[i].err;
		fake_args("7", "d1", i == 1 ? "ready" : "drain", NULL);
		frt_rpc_set_admin(fake_rpc(), NULL);
		assert_int_equal(fake_count(told[i].says), 1);
		assert_int_equal(fake_count("\"changed\":"), 1);
	}
	assert_string_equal(written, "carriers/d1 drain");
	fake_args("carriers", "*", "maint", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_string_equal(written, "carriers/ maint");
	written[0] = '\0';
	fake_args("carriers", "d9", "maint", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_int_equal(fake.code, 404);
	assert_string_equal(written, "");
}

static void test_rpc_set_health_says_what_else_speaks_against_it(void **state)
{
	frt_rec_t *rec = fx_at(&fx, "d0")->rec;
	frt_obs_t obs = {.source = FRT_REGISTER, .verdict = FRT_V_STRONG};

	frt_observe(rec, &obs);
	fake_args("carriers", "d0", "down", NULL);
	frt_rpc_set_health(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"health\":\"down\""), 1);
	fake_args("carriers", "d0", "up", NULL);
	frt_rpc_set_health(fake_rpc(), NULL);
	assert_int_equal(fake_count("the operator's flag is cleared; still down "
								"(register)"),
			1);
	fake_args("carriers", "d1", "up", NULL);
	frt_rpc_set_health(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"why\":\"usable\""), 1);
}

static void test_rpc_probe_kicks_the_prober(void **state)
{
	fake_args("carriers", "d0", NULL);
	frt_rpc_probe(fake_rpc(), NULL);
	assert_int_equal(kicks, 1);
	assert_int_equal(fake_count("\"probes\":1"), 1);
	/* one that is lost is not asked for */
	kick_room = 3;
	fake_args("carriers", "*", NULL);
	frt_rpc_probe(fake_rpc(), NULL);
	assert_int_equal(kicks, 4);
	assert_int_equal(fake_count("\"probes\":2"), 1);
	params.probing = 0;
	fake_args("carriers", "d0", NULL);
	frt_rpc_probe(fake_rpc(), NULL);
	assert_fault(400, "probing is turned off by the module parameter probing");
	assert_int_equal(kicks, 4);
}

static void test_rpc_reload_answers_counts_and_warnings(void **state)
{
	loaded.generation = 5;
	loaded.sets = 2;
	loaded.destinations = 9;
	snprintf(loaded.faults, sizeof(loaded.faults),
			"/etc/kamailio/frt.xml:3: warning: a\n/x/b.xml:4: warning: b");
	fake_args(NULL, NULL);
	frt_rpc_reload(fake_rpc(), NULL);
	assert_string_equal(fake_json(),
			"{\"generation\":5,\"changes\":\"nothing "
			"changed\",\"sets\":2,\"destinations\":9,\"warnings\":["
			"\"frt.xml:3: warning: a\",\"b.xml:4: warning: b\"]}");
}

static void test_rpc_reload_refused_says_file_and_line(void **state)
{
	load_err = FRT_E_DRAFT;
	loaded.errors = 2;
	snprintf(loaded.faults, sizeof(loaded.faults),
			"/etc/kamailio/frt.xml:17: <set>: id missing\n"
			"/etc/kamailio/frt.xml:18: a/b: c");
	fake_args(NULL, NULL);
	frt_rpc_reload(fake_rpc(), NULL);
	assert_fault(400, "frt.xml:17: <set>: id missing; frt.xml:18: a/b: c");
	snprintf(loaded.faults, sizeof(loaded.faults),
			"/etc/frt.xml: cannot read the configuration");
	fake_args("/etc/frt.xml", NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_fault(400, "/etc/frt.xml: cannot read the configuration");
	assert_string_equal(checked, "/etc/frt.xml");
	fake_args(NULL, NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_string_equal(checked, "(none)");
}

/* A fault is short; with "all" the answer has every line. */
static void test_rpc_check_all_answers_lists(void **state)
{
	load_err = FRT_E_DRAFT;
	loaded.errors = 70;
	loaded.warnings = 1;
	loaded.error_lines = 2;
	snprintf(loaded.faults, sizeof(loaded.faults),
			"/etc/frt.xml:17: a: warning: b\n/etc/frt.xml:18: c\n"
			"/etc/frt.xml:3: warning: d");
	fake_args("/etc/frt.xml", "all", NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_string_equal(fake_json(),
			"{\"errors_total\":70,\"warnings_total\":1,\"errors\":["
			"\"frt.xml:17: a: warning: b\",\"frt.xml:18: c\"],\"sets\":0,"
			"\"destinations\":0,\"warnings\":[\"frt.xml:3: warning: d\"]}");
	fake_args("*", "all", NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_string_equal(checked, "(none)");
	fake_args("x", "some", NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_fault(400, "expected all, not some");
	/* nothing that could be listed */
	load_err = FRT_E_NOMEM;
	loaded.errors = 0;
	fake_args("x", "all", NULL);
	frt_rpc_check(fake_rpc(), NULL);
	assert_int_equal(fake.code, 500);
}

static void test_rpc_reload_busy_or_without_memory(void **state)
{
	load_err = FRT_E_BUSY;
	fake_args(NULL, NULL);
	frt_rpc_reload(fake_rpc(), NULL);
	assert_fault(409, "another reload is under way");
	load_err = FRT_E_NOMEM;
	fake_args(NULL, NULL);
	frt_rpc_reload(fake_rpc(), NULL);
	assert_fault(500, "nothing was loaded: out of memory");
	/* not handed on to a loader that waits for a database */
	loading = true;
	fake_args(NULL, NULL);
	frt_rpc_reload(fake_rpc(), NULL);
	assert_fault(409, "another reload is under way");
	loading = false;
}

static void test_rpc_add_and_remove_hand_on_their_arguments(void **state)
{
	load_err = 0;
	fake_args("a", "gw9", "sip:192.0.2.9", "2", "30", NULL);
	frt_rpc_add(fake_rpc(), NULL);
	assert_non_null(strstr(fake_json(), "\"generation\""));
	fake_args("a", "gw9", NULL);
	load_err = FRT_E_NODST;
	frt_rpc_remove(fake_rpc(), NULL);
	assert_fault(404, "no such destination in a: gw9");
	load_err = FRT_E_INVAL;
	fake_args("a", "gw9", NULL);
	frt_rpc_remove(fake_rpc(), NULL);
	assert_fault(400, "gw9 is what a name stands for: change the name's own "
					  "destination");
	load_err = FRT_E_DUP;
	fake_args("a", "gw9", "sip:192.0.2.9", NULL);
	frt_rpc_add(fake_rpc(), NULL);
	assert_fault(400, "gw9 is already in a");
	assert_int_equal(asked.uri.len, 13);
	load_err = 0;
}

static void test_rpc_history_has_time_as_number_and_text(void **state)
{
	fake_args("7", "1", NULL);
	frt_rpc_history(fake_rpc(), NULL);
	assert_string_equal(fake_json(),
			"{\"transitions\":[{\"time\":1763691100123,"
			"\"at\":\"2025-11-21T02:11:40.123Z\",\"event\":\"dst-down\","
			"\"set\":\"carriers\",\"destination\":\"d0\",\"from\":\"up\","
			"\"to\":\"down\",\"source\":\"probe\","
			"\"reason\":\"3 failed probes\"}]}");
	fake_args(NULL, NULL);
	frt_rpc_history(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"time\":"), 3);
	fake_args("six", NULL);
	frt_rpc_history(fake_rpc(), NULL);
	assert_string_equal(fake_json(), "{\"transitions\":[]}");
}

static void test_rpc_explain_names_choice_and_reasons(void **state)
{
	fx_down(fx_at(&fx, "d0"));
	fake_args("carriers", NULL);
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"choice\":\"d1\",\"priority\":1,\"why\":"
								"\"the only usable destination"),
			1);
	assert_int_equal(fake_count("\"usable\":0,\"why\":\"down"), 1);
	assert_int_equal(fake_count("\"usable\":1"), 2);
}

/* The pages of explain cover all, what run time has removed last. */
static void test_rpc_explain_pages_cover_all(void **state)
{
	frt_edit_t gone = {.kind = FRT_EDIT_REMOVE,
			.set = FRT_STR("carriers"),
			.id = FRT_STR("gone")};

	fx.gen->edits = &gone;
	fx.gen->nedits = 1;
	fake_args("carriers", "*", "0", "2", NULL);
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 2);
	assert_int_equal(fake_count("],\"omitted\":2,\"next_offset\":2}"), 1);
	fake_args("carriers", "*", "2", "9", NULL);
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"id\":\"d2\""), 1);
	assert_int_equal(fake_count("\"id\":\"gone\""), 1);
	assert_int_equal(fake_count("\"uri\":"), 2);
	assert_int_equal(fake_count("next_offset"), 0);
	fake_args("carriers", "*", "9", NULL);
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 0);
	assert_int_equal(fake_count("\"destinations\":[],\"omitted\":4}"), 1);
	fake_args("carriers", NULL);
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 4);
	assert_int_equal(fake_count("omitted"), 0);
	fx.gen->edits = NULL;
	fx.gen->nedits = 0;
}

/* kamcmd's transport gets pages; no text is put where it cannot be. */
static void test_rpc_ctl_gets_no_more_than_it_can_take(void **state)
{
	fx_end(&fx);
	fx_begin(&fx);
	fx_set(&fx, "many", FRT_WEIGHTED);
	fx_dsts(&fx, 400, 1, 1);
	fx_freeze(&fx);
	host_begin(fx.gen);
	fake_args("many", "0", "400", NULL);
	fake.ctl = true;
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 150);
	assert_int_equal(fake_count("\"total\":400,"), 1);
	assert_int_equal(fake_count("],\"next_offset\":150}"), 1);
	fake_args("many", NULL);
	fake.ctl = true;
	frt_rpc_explain(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 150);
	assert_int_equal(fake_count("\"omitted\":250"), 1);
	happened = 200;
	fake_args("*", "180", NULL);
	fake.ctl = true;
	frt_rpc_history(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"time\":"), 150);
	assert_int_equal(fake_count("],\"omitted\":30}"), 1);
	fake_args("*", "150", NULL);
	fake.ctl = true;
	frt_rpc_history(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"time\":"), 150);
	assert_int_equal(fake_count("omitted"), 0);
	happened = 3;
	fake_args(NULL, NULL);
	fake.ctl = true;
	frt_rpc_metrics(fake_rpc(), NULL);
	assert_int_equal(fake.code, 500);
	assert_non_null(strstr(fake.fault, "name a set, or use JSON-RPC"));
	fake_args("many", NULL);
	frt_rpc_list(fake_rpc(), NULL);
	assert_int_equal(fake_count("\"uri\":"), 400);
}

/* The n-th addition fails: one fault, no use of a handle that is not there,
 * nothing left open. */
static void test_rpc_answer_that_does_not_fit_is_one_fault(void **state)
{
	static const command_f commands[] = {frt_rpc_list, frt_rpc_explain,
			frt_rpc_history, frt_rpc_set_admin, frt_rpc_set_health,
			frt_rpc_probe, frt_rpc_check};
	static const char *const args[][3] = {{"*"}, {"carriers"}, {"*"},
			{"carriers", "*", "maint"}, {"carriers", "d0", "down"},
			{"carriers", "d0"}, {NULL}};
	size_t i;
	int n;

	snprintf(loaded.faults, sizeof(loaded.faults), "a: b\nc: d");
	for(i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		for(n = 1;; n++) {
			fake_args(args[i][0], args[i][1], args[i][2], NULL);
			fake.fail_at = n;
			commands[i](fake_rpc(), NULL);
			assert_int_equal(host.reading, 0);
			if(fake.adds < n)
				break;
			assert_int_equal(fake.faults, 1);
			assert_int_equal(fake.code, 500);
		}
		assert_int_equal(fake.faults, 0);
		assert_true(n > 3);
	}
}

/* What has been done is done, also where its answer cannot be given. */
static void test_rpc_fault_after_a_change_says_that_it_holds(void **state)
{
	fake_args("carriers", "d0", "drain", NULL);
	fake.fail_at = 1;
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_fault(500, "it is in force, but the answer does not fit in memory; "
					  "ask for less at a time");
	assert_int_equal(FRT_WORD_ADMIN(fx_at(&fx, "d0")->rec->word), FRT_DRAIN);
	params.db_write_admin = 1;
	fake_args("carriers", "d0", "ready", NULL);
	fake.fail_at = 1;
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_true(strncmp(fake.fault, "it is in force, but ", 20) == 0);
	fake_args("carriers", "d9", "ready", NULL);
	frt_rpc_set_admin(fake_rpc(), NULL);
	assert_fault(404, "no such destination in carriers: d9");
}

static void test_rpc_fault_after_a_change_of_the_table_does_so_too(void **state)
{
	static const command_f commands[] = {frt_rpc_set_health, frt_rpc_reload,
			frt_rpc_add, frt_rpc_remove, frt_rpc_set_weight,
			frt_rpc_overlay_clear};
	static const char *const args[][3] = {{"carriers", "d0", "down"}, {NULL},
			{"carriers", "new", "sip:192.0.2.1"}, {"carriers", "d0"},
			{"carriers", "d0", "7"}, {NULL}};
	size_t i;

	for(i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		fake_args(args[i][0], args[i][1], args[i][2], NULL);
		fake.fail_at = 1;
		commands[i](fake_rpc(), NULL);
		assert_fault(500, "it is in force, but the answer does not fit in "
						  "memory; ask for less at a time");
		/* and where nothing is, it does not */
		load_err = FRT_E_NOMEM;
		fake_args(args[i][0], args[i][1], args[i][2], NULL);
		fake.fail_at = 1;
		commands[i](fake_rpc(), NULL);
		if(i > 0)
			assert_fault(500, "nothing was loaded: out of memory");
		load_err = 0;
	}
}

#define RPC_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			RPC_TEST(test_rpc_list_has_every_field_of_the_contract),
			RPC_TEST(test_rpc_list_says_what_keeps_one_down),
			RPC_TEST(test_rpc_list_pages_cover_all),
			RPC_TEST(test_rpc_list_without_a_table_knows_no_set),
			RPC_TEST(test_rpc_bad_arguments_are_faults),
			RPC_TEST(test_rpc_long_arguments_are_refused_or_cut),
			RPC_TEST(test_rpc_fault_fits_the_transport),
			RPC_TEST(test_rpc_set_admin_star_changes_all),
			RPC_TEST(test_rpc_set_health_says_what_else_speaks_against_it),
			RPC_TEST(test_rpc_probe_kicks_the_prober),
			RPC_TEST(test_rpc_set_admin_tells_what_became_of_the_row),
			RPC_TEST(test_rpc_check_all_answers_lists),
			RPC_TEST(test_rpc_reload_answers_counts_and_warnings),
			RPC_TEST(test_rpc_reload_refused_says_file_and_line),
			RPC_TEST(test_rpc_reload_busy_or_without_memory),
			RPC_TEST(test_rpc_add_and_remove_hand_on_their_arguments),
			RPC_TEST(test_rpc_history_has_time_as_number_and_text),
			RPC_TEST(test_rpc_explain_names_choice_and_reasons),
			RPC_TEST(test_rpc_explain_pages_cover_all),
			RPC_TEST(test_rpc_ctl_gets_no_more_than_it_can_take),
			RPC_TEST(test_rpc_answer_that_does_not_fit_is_one_fault),
			RPC_TEST(test_rpc_fault_after_a_change_says_that_it_holds),
			RPC_TEST(test_rpc_fault_after_a_change_of_the_table_does_so_too),
	};
	return UNIT_MAIN(tests);
}
