/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands for one destination, or all of a set: set_admin, set_health,
 * probe.
 */
#include "frt_admin.h"
#include "frt_line.h"
#include "frt_loader.h"
#include "frt_observe.h"
#include "frt_rpc.h"
#include "frt_wake.h"

#include <string.h>

#define NOTE_MAX 256

/* The destinations that two arguments name. */
typedef struct frt_target
{
	frt_rpc_arg_t set;
	frt_rpc_arg_t dst;
	frt_pick_t pick;
} frt_target_t;

static int target_args(frt_rpc_t *r, frt_target_t *t)
{
	int err = frt_rpc_need(r, "set", &t->set);

	return err ? err : frt_rpc_need(r, "destination", &t->dst);
}

/* Between frt_table_enter() and frt_table_leave(), as is the use of t. */
static int target_find(frt_target_t *t, const frt_gen_t *g, bool many)
{
	return frt_pick(g, t->set.s, t->dst.s, many, &t->pick);
}

static void target_fault(frt_rpc_t *r, const frt_target_t *t, int err)
{
	if(err == FRT_E_NOSET)
		frt_rpc_no_set(r, &t->set);
	else if(err == FRT_E_NODST)
		frt_rpc_no_dst(r, &t->set, &t->dst);
}

static void *target_answer(frt_rpc_t *r, const frt_target_t *t)
{
	void *in = frt_rpc_answer(r);

	frt_rpc_str(r, in, "set", t->pick.in->id);
	frt_rpc_str(r, in, "destination", t->dst.s);
	return in;
}

/* What set_admin has done; the database and the answer are still to come. */
typedef struct admin_rest
{
	frt_admin_done_t done;
	frt_rpc_arg_t dst;
	frt_admin_t admin;
} admin_rest_t;

/* The database's row follows; what is in force already stays if it cannot. */
static const char *admin_write(const admin_rest_t *rest)
{
	int err = frt_admin_write(rest->done.set, rest->dst.s, rest->admin);

	if(err == 0)
		return "written";
	return err == FRT_E_NODST ? "has no such row"
							  : "not written; the log says why";
}

static void set_admin_rest(frt_rpc_t *r, void *args)
{
	admin_rest_t *rest = args;
	void *in;

	rest->dst.s.s = rest->dst.mem; /* it pointed into the original */
	in = frt_rpc_answer(r);
	frt_rpc_text(r, in, "set", rest->done.set);
	frt_rpc_str(r, in, "destination", rest->dst.s);
	frt_rpc_text(r, in, "admin", frt_admin_name(rest->admin));
	frt_rpc_int(r, in, "destinations", rest->done.destinations);
	frt_rpc_int(r, in, "changed", rest->done.changed);
	frt_rpc_int(r, in, "calls", rest->done.calls);
	if(frt_params()->db_write_admin)
		frt_rpc_text(r, in, "database", admin_write(rest));
	frt_rpc_done(r);
}

void frt_rpc_set_admin(rpc_t *rpc, void *ctx)
{
	frt_rpc_arg_t word;
	admin_rest_t rest;
	frt_target_t t;
	frt_rpc_t r;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0
			|| frt_rpc_need(&r, "ready, drain or maint", &word) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(frt_admin_parse(word.s, &rest.admin) != 0) {
		frt_rpc_fault(&r, 400, "expected ready, drain or maint, not %.*s",
				FRT_ID_MAX, word.mem);
		return;
	}
	rest.dst = t.dst;
	err = frt_admin_apply(t.set.s, t.dst.s, rest.admin, &rest.done);
	if(err) {
		target_fault(&r, &t, err);
		return;
	}
	r.holds = FRT_RPC_DONE;
	if(frt_params()->db_write_admin)
		frt_loader_run(&r, set_admin_rest, &rest, sizeof(rest));
	else
		set_admin_rest(&r, &rest);
}

/* What the destination is now, and what else speaks against it. */
static void put_health(frt_rpc_t *r, void *in, frt_rec_t *rec, bool up)
{
	char mem[NOTE_MAX];
	frt_view_t view;
	frt_buf_t note;

	frt_view_take(rec, &view);
	frt_rpc_text(r, in, "health", frt_health_name(FRT_WORD_HEALTH(view.word)));
	frt_rpc_text(r, in, "admin", frt_admin_name(FRT_WORD_ADMIN(view.word)));
	frt_buf_init(&note, mem, sizeof(mem));
	if(up && FRT_WORD_HEALTH(view.word) == FRT_DOWN)
		frt_buf_add(&note, "the operator's flag is cleared; still ");
	frt_health_why_text(view.word, &view.reason, &note);
	frt_rpc_text(r, in, "why", mem);
}

void frt_rpc_set_health(rpc_t *rpc, void *ctx)
{
	frt_obs_t obs = {.source = FRT_OPERATOR, .origin = FRT_REMOTE};
	frt_rpc_arg_t word;
	frt_health_t want;
	frt_target_t t;
	frt_rpc_t r;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0 || frt_rpc_need(&r, "up or down", &word) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(frt_health_parse(word.s, &want) != 0
			|| (want != FRT_UP && want != FRT_DOWN)) {
		frt_rpc_fault(
				&r, 400, "expected up or down, not %.*s", FRT_ID_MAX, word.mem);
		return;
	}
	obs.verdict = want == FRT_UP ? FRT_V_OK : FRT_V_STRONG;
	err = target_find(&t, frt_table_enter(), false);
	if(err == 0) {
		if(want == FRT_UP)
			frt_line_before_trial(t.pick.first, true);
		frt_observe(t.pick.first->rec, &obs);
		r.holds = FRT_RPC_DONE;
		put_health(
				&r, target_answer(&r, &t), t.pick.first->rec, want == FRT_UP);
	}
	frt_table_leave();
	target_fault(&r, &t, err);
	frt_rpc_done(&r);
}

/* Why no probe would follow, or NULL. */
static const char *no_probes(const frt_target_t *t)
{
	if(!frt_params()->probing)
		return "probing is turned off by the module parameter probing";
	if(!t->pick.in->conf.probe.enabled)
		return "probing is turned off for this set (enabled=\"no\")";
	return NULL;
}

void frt_rpc_probe(rpc_t *rpc, void *ctx)
{
	const char *why_not = NULL;
	frt_target_t t;
	frt_rpc_t r;
	uint32_t i, n = 0;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0 || frt_rpc_end(&r) != 0)
		return;
	err = target_find(&t, frt_table_enter(), true);
	if(err == 0)
		why_not = no_probes(&t);
	if(err == 0 && !why_not) {
		for(i = 0; i < t.pick.n; i++) {
			if(!frt_pick_has(&t.pick, i) || t.pick.first[i].unresolved)
				continue;
			n += frt_wake_kick(t.pick.first[i].rec, FRT_KICK_ORDER);
		}
		frt_rpc_int(&r, target_answer(&r, &t), "probes", n);
	}
	frt_table_leave();
	target_fault(&r, &t, err);
	if(why_not)
		frt_rpc_fault(&r, 400, "%s", why_not);
	frt_rpc_done(&r);
}
