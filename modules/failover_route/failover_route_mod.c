/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module as Kamailio sees it: parameters, export tables, init and destroy,
 * its processes. Everything else is elsewhere.
 */
#include "frt_behind.h"
#include "frt_call.h"
#include "frt_dialog.h"
#include "frt_flight.h"
#include "frt_http.h"
#include "frt_kemi.h"
#include "frt_loader.h"
#include "frt_lock.h"
#include "frt_names.h"
#include "frt_pieces.h"
#include "frt_probe.h"
#include "frt_pv.h"
#include "frt_relay.h"
#include "frt_reload.h"
#include "frt_reply.h"
#include "frt_rescue.h"
#include "frt_resolver.h"
#include "frt_rpc.h"
#include "frt_script.h"
#include "frt_statefile.h"
#include "frt_stats.h"
#include "frt_stray.h"
#include "frt_tls.h"
#include "frt_unreach.h"
#include "frt_version.h"
#include "frt_wake.h"
#include "frt_xavp_tree.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/mod_fix.h"
#include "../../core/pt.h"

#include <string.h>
#include <unistd.h>

MODULE_VERSION

static int mod_init(void);
static int child_init(int rank);
static void mod_destroy(void);

static frt_params_t params = {
		.config_file = STR_NULL, /* the default is for who names no source */
		.state_file = STR_NULL,
		.db_url = STR_NULL,
		.db_table_prefix = str_init("failover_route"),
		.xavp = str_init("frt"),
		.tls_xavp = STR_NULL,
		.http_hosts = STR_NULL,
		.http_admin = 0,
		.event_callback = STR_NULL,
		.probing = 1,
		.probe_rate = 500,
		.rescue = 1,
		.icmp = 1,
		.history_size = 1000,
		.state_interval = 5,
};

const frt_params_t *frt_params(void)
{
	return &params;
}

/* clang-format off */
static cmd_export_t cmds[] = {
	{"frt_relay", (cmd_function)w_frt_relay, 1, fixup_spve_null,
		fixup_free_spve_null, REQUEST_ROUTE | FAILURE_ROUTE},
	{"frt_relay", (cmd_function)w_frt_relay, 2, fixup_spve_spve,
		fixup_free_spve_spve, REQUEST_ROUTE | FAILURE_ROUTE},
	{"frt_select", (cmd_function)w_frt_select, 1, fixup_spve_null,
		fixup_free_spve_null, REQUEST_ROUTE | FAILURE_ROUTE},
	{"frt_select", (cmd_function)w_frt_select, 2, fixup_spve_spve,
		fixup_free_spve_spve, REQUEST_ROUTE | FAILURE_ROUTE},
	{"frt_next", (cmd_function)w_frt_next, 0, 0, 0,
		REQUEST_ROUTE | FAILURE_ROUTE},
	{"frt_again", (cmd_function)w_frt_again, 0, 0, 0, FAILURE_ROUTE},
	{"frt_should_failover", (cmd_function)w_frt_should_failover, 0, 0, 0,
		FAILURE_ROUTE},
	{"frt_mark", (cmd_function)w_frt_mark, 1, fixup_spve_null,
		fixup_free_spve_null, ANY_ROUTE},
	{"frt_mark", (cmd_function)(void *)w_frt_mark3, 3, fixup_spve_all,
		fixup_free_spve_all, ANY_ROUTE},
	{"frt_report", (cmd_function)(void *)w_frt_report, 3, fixup_spve_all,
		fixup_free_spve_all, ANY_ROUTE},
	{"frt_is_up", (cmd_function)w_frt_is_up, 1, fixup_spve_null,
		fixup_free_spve_null, ANY_ROUTE},
	{"frt_is_up", (cmd_function)w_frt_is_up, 2, fixup_spve_spve,
		fixup_free_spve_spve, ANY_ROUTE},
	{"frt_is_from", (cmd_function)w_frt_is_from, 1, fixup_spve_null,
		fixup_free_spve_null, ANY_ROUTE},
	{"frt_exists", (cmd_function)w_frt_exists, 1, fixup_spve_null,
		fixup_free_spve_null, ANY_ROUTE},
	{"frt_http", (cmd_function)w_frt_http, 0, 0, 0, EVENT_ROUTE},
	{0, 0, 0, 0, 0, 0}
};

static param_export_t mod_params[] = {
	{"config_file", PARAM_STR, &params.config_file},
	{"db_url", PARAM_STR, &params.db_url},
	{"db_table_prefix", PARAM_STR, &params.db_table_prefix},
	{"db_write_admin", PARAM_INT, &params.db_write_admin},
	{"state_file", PARAM_STR, &params.state_file},
	{"state_interval", PARAM_INT, &params.state_interval},
	{"probing", PARAM_INT, &params.probing},
	{"probe_rate", PARAM_INT, &params.probe_rate},
	{"rescue", PARAM_INT, &params.rescue},
	{"icmp", PARAM_INT, &params.icmp},
	{"history_size", PARAM_INT, &params.history_size},
	{"xavp", PARAM_STR, &params.xavp},
	{"tls_xavp", PARAM_STR, &params.tls_xavp},
	{"http_admin", PARAM_INT, &params.http_admin},
	{"http_hosts", PARAM_STR, &params.http_hosts},
	{"event_callback", PARAM_STR, &params.event_callback},
	{0, 0, 0}
};

struct module_exports exports = {
	"failover_route", DEFAULT_DLFLAGS,
	cmds, mod_params,
	0, /* RPC commands and */
	0, /* pseudo-variables: set in mod_register */
	0,
	mod_init, child_init, mod_destroy
};
/* clang-format on */

typedef struct limits
{
	const char *name;
	const int *value;
	int min;
	int max;
	const char *expected;
} limits_t;

static int check_limits(void)
{
	static const limits_t all[] = {
			{"probe_rate", &params.probe_rate, 1, 100000,
					"1..100000 probes a second"},
			{"history_size", &params.history_size, 1, 1000000,
					"1..1000000 transitions"},
			{"state_interval", &params.state_interval, 1, 86400,
					"1..86400 seconds"},
			{"probing", &params.probing, 0, 1, "0 or 1"},
			{"rescue", &params.rescue, 0, 1, "0 or 1"},
			{"icmp", &params.icmp, 0, 1, "0 or 1"},
			{"http_admin", &params.http_admin, 0, 1, "0 or 1"},
			{"db_write_admin", &params.db_write_admin, 0, 1, "0 or 1"},
	};

	for(size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const limits_t *l = &all[i];

		if(*l->value < l->min || *l->value > l->max) {
			LM_ERR("%s=%d: expected %s\n", l->name, *l->value, l->expected);
			return -1;
		}
	}
	return 0;
}

static int check_params(void)
{
	static str default_file = str_init("/etc/kamailio/failover_route.xml");

	if(!params.config_file.len && !params.db_url.len)
		params.config_file = default_file;
	if(check_limits() < 0)
		return -1;
	if(params.db_write_admin && !params.db_url.len) {
		LM_ERR("db_write_admin=%d: there is no db_url\n",
				params.db_write_admin);
		return -1;
	}
	return 0;
}

/* The first load: a bad file stops Kamailio, with every fault in the log. */
static int first_load(void)
{
	static frt_reload_report_t report;
	char *line, *save = NULL;
	frt_edit_t *edits;
	uint32_t nedits;
	int err;
	char sources[512];
	frt_buf_t b;

	frt_buf_init(&b, sources, sizeof(sources));
	frt_reload_sources(&params, &b);
	frt_statefile_read_names(&params);
	edits = frt_statefile_read_edits(&params, &nedits);
	err = frt_reload_first(&params, edits, nedits, &report);
	frt_statefile_free_edits(edits, nedits);
	frt_names_forget_ids();
	for(line = strtok_r(report.faults, "\n", &save); line;
			line = strtok_r(NULL, "\n", &save)) {
		if(err)
			LM_ERR("%s\n", line);
		else
			LM_WARN("%s\n", line);
	}
	if(err) {
		LM_ERR("%s was not loaded: %s\n", sources, frt_err_name(err));
		return -1;
	}
	LM_NOTICE("version " FRT_VERSION "; %s: %u set%s, %u destination%s\n",
			sources, report.sets, frt_plural(report.sets), report.destinations,
			frt_plural(report.destinations));
	frt_statefile_read(&params);
	/* what was restored may have taken a set down */
	frt_event_look(FRT_OPERATOR);
	return 0;
}

static bool has_writer(void)
{
	return params.state_file.len > 0;
}

static int own_processes(void)
{
	return has_writer() ? 6 : 5;
}

static int mod_init(void)
{
	if(check_params() < 0 || frt_call_init(&params) < 0 || frt_relay_init() < 0
			|| frt_dialog_init() < 0 || frt_http_init() < 0
			|| frt_stats_init() < 0)
		return -1;
	if(frt_table_init() < 0 || frt_names_init() < 0 || frt_wake_init() < 0
			|| frt_flight_init() < 0 || frt_reply_init() < 0
			|| frt_behind_init() < 0 || frt_stray_init() < 0
			|| frt_event_init(&params) < 0 || frt_loader_init() < 0
			|| first_load() < 0)
		return -1;
	frt_unreach_init(&params);
	frt_tls_init(&params);
	register_procs(own_processes());
	cfg_register_child(own_processes());
	return 0;
}

#define FRT_TIDY_MS 3000

/* The keeper: tells people, looks after the workers, and tidies up. */
static void keeper_main(void)
{
	uint64_t tidy = frt_now_ms() + FRT_TIDY_MS;

	for(;;) {
		frt_wake_wait(FRT_WAKE_KEEPER, FRT_BEHIND_LOOK_MS);
		frt_behind_look();
		cfg_update();
		frt_event_drain();
		frt_table_reap();
		if(frt_now_ms() >= tidy) {
			frt_xavp_tree_tidy();
			tidy = frt_now_ms() + FRT_TIDY_MS;
		}
	}
}

/* The writer: keeps the state file. Nobody else waits for its disk. */
static void writer_main(void)
{
	for(;;) {
		sleep((unsigned int)params.state_interval);
		cfg_update();
		frt_statefile_write(&params);
	}
}

static int fork_own(char *desc, void (*run)(void))
{
	int pid = fork_process(PROC_XWORKER, desc, 1);

	if(pid < 0)
		return -1;
	if(pid == 0) {
		if(cfg_child_init())
			return -1;
		run();
	}
	return 0;
}

static void prober_main(void)
{
	frt_probe_main(&params);
}

/* Before that nothing can have changed, or not all of it may have been read. */
static bool begun = false;

static int child_init(int rank)
{
	if(rank == PROC_INIT) {
		begun = true;
		frt_rescue_init(&params);
		return frt_table_init_procs();
	}
	/* the last are async workers, and others that cannot be told from them yet */
	if(rank > 0 || rank == PROC_TIMER || rank == PROC_RPC)
		frt_pieces_leave();
	if(rank != PROC_MAIN)
		return 0;
	if(fork_own("failover_route prober", prober_main) < 0
			|| fork_own("failover_route keeper", keeper_main) < 0
			|| fork_own("failover_route loader", frt_loader_main) < 0
			|| fork_own("failover_route rescuer", frt_rescue_main) < 0
			|| fork_own("failover_route resolver", frt_resolver_main) < 0
			|| (has_writer()
					&& fork_own("failover_route writer", writer_main) < 0)) {
		LM_ERR("cannot start the module's processes\n");
		return -1;
	}
	return 0;
}

static void mod_destroy(void)
{
	frt_lock_alone();
	if(begun)
		frt_statefile_write(&params);
	frt_event_destroy();
	frt_stray_destroy();
	frt_behind_destroy();
	frt_flight_destroy();
	frt_wake_destroy();
	frt_xavp_tree_destroy();
	frt_names_destroy();
	frt_table_destroy();
}

int mod_register(char *path, int *dlflags, void *p1, void *p2)
{
	(void)path;
	(void)dlflags;
	(void)p1;
	(void)p2;
	exports.rpc_methods = frt_rpc_exports();
	exports.pv_items = frt_pv_exports();
	return frt_kemi_register();
}
