/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that load, check or change the table: reload, check, add,
 * remove, set_weight, overlay_clear.
 */
#include "frt_loader.h"
#include "frt_reload.h"
#include "frt_rpc.h"
#include "engine/frt_edit.h"

#include <string.h>
#include <unistd.h>

#define NOTE_MAX 256

/* The lines of a report, one by one; line keeps the place. A line is always
 * followed by a line end or the NUL. */
static bool next_line(const char **line, frt_str_t *out)
{
	const char *end;

	if(**line == '\0')
		return false;
	end = strchr(*line, '\n');
	if(!end)
		end = *line + strlen(*line);
	*out = (frt_str_t){*line, (uint32_t)(end - *line)};
	*line = *end ? end + 1 : end;
	return true;
}

/* "frt.xml:17: ..." of "/etc/kamailio/frt.xml:17: ...": a fault is short. A
 * place without a line stays whole: there the path is what matters. */
static frt_str_t short_place(frt_str_t line)
{
	uint32_t end = 0, at;

	while(end < line.len && (line.s[end] != ':' || line.s[end + 1] != ' '))
		end++;
	at = end;
	while(at > 0 && line.s[at - 1] >= '0' && line.s[at - 1] <= '9')
		at--;
	if(end == line.len || at == end || at == 0 || line.s[at - 1] != ':')
		return line;
	while(at > 0 && line.s[at - 1] != '/')
		at--;
	return (frt_str_t){line.s + at, line.len - at};
}

static void report_busy(frt_rpc_t *r)
{
	frt_rpc_fault(r, 409, "another reload is under way");
}

/* The first fault, and more of them as far as a fault can hold. */
static void report_fault(frt_rpc_t *r, int err, const frt_reload_report_t *rep)
{
	const char *line = rep->faults;
	char mem[NOTE_MAX];
	frt_str_t text;
	frt_buf_t b;

	if(err == FRT_E_BUSY) {
		report_busy(r);
		return;
	}
	if(rep->errors == 0) {
		frt_rpc_fault(r, 500, "nothing was loaded: %s", frt_err_name(err));
		return;
	}
	frt_buf_init(&b, mem, sizeof(mem));
	while(next_line(&line, &text)) {
		if(b.len > 0)
			frt_buf_add(&b, "; ");
		frt_buf_add_str(&b, short_place(text));
	}
	frt_rpc_fault(r, 400, "%s", mem);
}

/* A fault's text is short: the log has every line. */
static void log_report(const char *what, const frt_reload_report_t *rep)
{
	const char *line = rep->faults;
	frt_str_t text;

	while(next_line(&line, &text))
		LM_WARN("%s: %.*s\n", what, (int)text.len, text.s);
}

/* The report's errors, or its warnings, which come after them. */
static void put_lines(frt_rpc_t *r, void *in, const char *name,
		const frt_reload_report_t *rep, bool warnings)
{
	void *array = frt_rpc_array(r, in, name);
	const char *line = rep->faults;
	frt_str_t text;
	uint32_t i;

	for(i = 0; next_line(&line, &text); i++) {
		if((i >= rep->error_lines) == warnings)
			frt_rpc_word(r, array, short_place(text));
	}
}

static void put_report(frt_rpc_t *r, void *in, const frt_reload_report_t *rep)
{
	frt_rpc_int(r, in, "sets", rep->sets);
	frt_rpc_int(r, in, "destinations", rep->destinations);
	put_lines(r, in, "warnings", rep, true);
}

/* cleared: so many changes were dropped; NULL: that was not asked for. */
static void reloaded(frt_rpc_t *r, int err, const frt_reload_report_t *rep,
		const uint32_t *cleared)
{
	char mem[NOTE_MAX];
	frt_buf_t changes;
	void *in;

	log_report(err ? "reload refused" : "reload", rep);
	if(err) {
		report_fault(r, err, rep);
		return;
	}
	r->holds = FRT_RPC_DONE;
	in = frt_rpc_answer(r);
	frt_rpc_int(r, in, "generation", rep->generation);
	if(cleared)
		frt_rpc_int(r, in, "cleared", *cleared);
	frt_buf_init(&changes, mem, sizeof(mem));
	frt_diff_text(&rep->diff, &changes);
	frt_rpc_text(r, in, "changes", mem);
	put_report(r, in, rep);
	frt_rpc_done(r);
}

static void reload_rest(frt_rpc_t *r, void *args)
{
	frt_reload_report_t report;
	int err = frt_reload(frt_params(), &report);

	reloaded(r, err, &report, NULL);
}

/* The loader may be waiting for a database already: not behind that. */
static void run_reload(
		frt_rpc_t *r, frt_rpc_rest_t rest, const void *args, size_t size)
{
	if(frt_table_loading())
		report_busy(r);
	else
		frt_loader_run(r, rest, args, size);
}

void frt_rpc_reload(rpc_t *rpc, void *ctx)
{
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_end(&r) == 0)
		run_reload(&r, reload_rest, NULL, 0);
}

typedef struct clear_args
{
	char set[FRT_ID_MAX + 1]; /* empty: all */
	char id[FRT_DST_ID_MAX + 1];
	uint32_t cleared; /* so many changes are dropped */
} clear_args_t;

/* A set may be named by its number; one that has gone has no changes left. */
static bool take_set(const frt_rpc_arg_t *arg, clear_args_t *out)
{
	frt_gen_t *g = frt_table_enter();
	const frt_set_t *set = g ? frt_gen_set(g, arg->s) : NULL;

	if(set)
		memcpy(out->set, set->id.s, set->id.len);
	frt_table_leave();
	return set != NULL;
}

/* Counts what there is to drop. False if the destination that is named is
 * neither changed nor in the table: its name is mistyped. */
static bool count_changes(clear_args_t *out)
{
	frt_str_t set = frt_str_of(out->set);
	frt_str_t id = frt_str_of(out->id);
	frt_gen_t *g = frt_table_enter();
	bool known = id.len == 0;
	uint32_t i;

	for(i = 0; g && i < g->nedits; i++)
		out->cleared += frt_edit_is_of(&g->edits[i], set, id);
	if(g && !known)
		known = out->cleared > 0 || frt_gen_has(g, set, id);
	frt_table_leave();
	return known;
}

static void clear_rest(frt_rpc_t *r, void *args)
{
	const clear_args_t *a = args;
	frt_str_t set = frt_str_of(a->set);
	frt_str_t id = frt_str_of(a->id);
	frt_reload_report_t report;
	int err = frt_reload_clear(frt_params(), set, id, &report);

	if(err == 0 && a->cleared)
		LM_NOTICE("%s%s%s: what was changed at run time is dropped\n",
				a->set[0] ? a->set : "every set", a->id[0] ? "/" : "", a->id);
	reloaded(r, err, &report, &a->cleared);
}

/* Everything is what nobody names, or "*"; an empty word is a mistake, such as
 * a script's variable that is not set. */
static int clear_arg(
		frt_rpc_t *r, const char *what, frt_rpc_arg_t *arg, bool *all)
{
	int err = frt_rpc_arg(r, what, arg);

	*all = frt_rpc_all(arg);
	if(err == 0 && arg->given && arg->s.len == 0) {
		frt_rpc_fault(
				r, 400, "%s: expected a word or *, not an empty one", what);
		return FRT_E_INVAL;
	}
	return err;
}

void frt_rpc_overlay_clear(rpc_t *rpc, void *ctx)
{
	bool all_sets, all_ids;
	frt_rpc_arg_t set, id;
	clear_args_t args;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(clear_arg(&r, "set", &set, &all_sets) != 0
			|| clear_arg(&r, "destination", &id, &all_ids) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	memset(&args, 0, sizeof(args));
	if(!all_sets && !take_set(&set, &args)) {
		frt_rpc_no_set(&r, &set);
		return;
	}
	if(!all_ids && id.s.len <= FRT_DST_ID_MAX)
		memcpy(args.id, id.mem, id.s.len);
	if((!all_ids && id.s.len > FRT_DST_ID_MAX) || !count_changes(&args)) {
		frt_rpc_no_dst(&r, &set, &id);
		return;
	}
	run_reload(&r, clear_rest, &args, sizeof(args));
}

typedef struct check_args
{
	char file[FRT_RPC_ARG_MAX]; /* empty: every source */
	bool all;
} check_args_t;

/* Who gives the command stands in another folder than Kamailio does. */
static bool is_elsewhere(const char *file)
{
	return *file != '\0' && *file != '/' && access(file, F_OK) != 0;
}

static void check_rest(frt_rpc_t *r, void *args)
{
	const check_args_t *a = args;
	frt_reload_report_t report;
	int err = frt_reload_check(frt_params(), a->file[0] ? a->file : NULL,
			!frt_loader_is_worker(), &report);
	void *in;

	if(err && !(a->all && report.errors > 0)) {
		log_report("check", &report);
		if(report.errors > 0 && is_elsewhere(a->file))
			frt_rpc_fault(r, 400,
					"%s: no such file in the folder that Kamailio runs in; "
					"expected a whole path, from / on",
					a->file);
		else
			report_fault(r, err, &report);
		return;
	}
	in = frt_rpc_answer(r);
	if(a->all) {
		frt_rpc_int(r, in, "errors_total", report.errors);
		frt_rpc_int(r, in, "warnings_total", report.warnings);
		put_lines(r, in, "errors", &report, false);
	}
	put_report(r, in, &report);
	frt_rpc_done(r);
}

void frt_rpc_check(rpc_t *rpc, void *ctx)
{
	frt_rpc_arg_t file, all;
	check_args_t args;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "file", &file) != 0 || frt_rpc_arg(&r, "all", &all) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(all.given && !frt_str_eq(all.s, FRT_STR("all"))) {
		frt_rpc_fault(&r, 400, "expected all, not %.*s", FRT_ID_MAX, all.mem);
		return;
	}
	memset(&args, 0, sizeof(args));
	if(!frt_rpc_all(&file))
		memcpy(args.file, file.mem, file.s.len);
	args.all = all.given;
	frt_loader_run(&r, check_rest, &args, sizeof(args));
}

static void overlay_fault(frt_rpc_t *r, int err, const frt_rpc_arg_t *set,
		const frt_rpc_arg_t *id, const frt_reload_report_t *report)
{
	switch(err) {
		case FRT_E_NOSET:
			frt_rpc_no_set(r, set);
			break;
		case FRT_E_NODST:
			frt_rpc_no_dst(r, set, id);
			break;
		case FRT_E_DUP:
			frt_rpc_fault(r, 400, "%s is already in %s", id->mem, set->mem);
			break;
		case FRT_E_INVAL:
			frt_rpc_fault(r, 400,
					"%s is what a name stands for: change the name's own "
					"destination",
					id->mem);
			break;
		default:
			report_fault(r, err, report);
			break;
	}
}

/* done: what the log says of it. */
typedef struct overlay_args
{
	frt_edit_kind_t kind;
	frt_rpc_arg_t set, id, uri, priority, weight;
	char done[32];
} overlay_args_t;

/* Where the argument is now: it pointed into the original. */
static frt_str_t here(const frt_rpc_arg_t *arg)
{
	return (frt_str_t){arg->mem, arg->s.len};
}

/* A table that is new has no line for that. */
static void overlay_rest(frt_rpc_t *r, void *args)
{
	overlay_args_t *a = args;
	frt_overlay_t o = {a->kind, here(&a->set), here(&a->id), here(&a->uri),
			here(&a->priority), here(&a->weight)};
	frt_reload_report_t report;
	int err = frt_reload_overlay(&o, &report);
	clear_args_t named = {.set = ""};
	void *in;

	a->set.s = o.set;
	a->id.s = o.id;
	if(err) {
		overlay_fault(r, err, &a->set, &a->id, &report);
		return;
	}
	r->holds = FRT_RPC_DONE;
	LM_NOTICE("%s/%s: %s at run time\n",
			take_set(&a->set, &named) ? named.set : a->set.mem, a->id.mem,
			a->done);
	in = frt_rpc_answer(r);
	frt_rpc_int(r, in, "generation", report.generation);
	frt_rpc_int(r, in, "destinations", report.destinations);
	put_lines(r, in, "warnings", &report, true);
	frt_rpc_done(r);
}

/* Over a large table it takes a second or two: not in a worker, if the loader is
 * not waiting for a database just then. */
static void overlay(frt_rpc_t *r, overlay_args_t *a)
{
	if(frt_table_loading())
		overlay_rest(r, a);
	else
		frt_loader_run(r, overlay_rest, a, sizeof(*a));
}

void frt_rpc_add(rpc_t *rpc, void *ctx)
{
	overlay_args_t a = {.kind = FRT_EDIT_ADD, .done = "added"};
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_need(&r, "set", &a.set) == 0
			&& frt_rpc_need(&r, "id", &a.id) == 0
			&& frt_rpc_need(&r, "uri", &a.uri) == 0
			&& frt_rpc_arg(&r, "priority", &a.priority) == 0
			&& frt_rpc_arg(&r, "weight", &a.weight) == 0
			&& frt_rpc_end(&r) == 0)
		overlay(&r, &a);
}

void frt_rpc_set_weight(rpc_t *rpc, void *ctx)
{
	overlay_args_t a = {.kind = FRT_EDIT_WEIGHT};
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_need(&r, "set", &a.set) != 0
			|| frt_rpc_need(&r, "destination", &a.id) != 0
			|| frt_rpc_need(&r, "weight", &a.weight) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	snprintf(a.done, sizeof(a.done), "weight %.8s set", a.weight.mem);
	overlay(&r, &a);
}

void frt_rpc_remove(rpc_t *rpc, void *ctx)
{
	overlay_args_t a = {.kind = FRT_EDIT_REMOVE, .done = "removed"};
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_need(&r, "set", &a.set) == 0
			&& frt_rpc_need(&r, "id", &a.id) == 0 && frt_rpc_end(&r) == 0)
		overlay(&r, &a);
}
