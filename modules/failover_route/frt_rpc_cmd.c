/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that change something, or check what would: set_admin,
 * set_health, probe, reload, check.
 */
#include "frt_db.h"
#include "frt_loader.h"
#include "frt_observe.h"
#include "frt_reload.h"
#include "frt_rpc.h"
#include "frt_wake.h"
#include "frt_text.h"

#include <string.h>

#define NOTE_MAX 256

/* The destinations that two arguments name. */
typedef struct frt_target
{
	frt_rpc_arg_t set;
	frt_rpc_arg_t dst;
	frt_set_t *in;
	frt_dst_t *first;
	uint32_t n;
} frt_target_t;

static int target_args(frt_rpc_t *r, frt_target_t *t)
{
	int err = frt_rpc_need(r, "set", &t->set);

	return err ? err : frt_rpc_need(r, "destination", &t->dst);
}

/* Between frt_table_enter() and frt_table_leave(), as is the use of t. */
static int target_find(frt_target_t *t, const frt_gen_t *g, bool star)
{
	t->in = g ? frt_gen_set(g, t->set.s) : NULL;
	if(!t->in)
		return FRT_E_NOSET;
	if(star && frt_rpc_all(&t->dst)) {
		t->first = t->in->dsts;
		t->n = t->in->ndsts;
		return 0;
	}
	/* the set may have been named by its number */
	t->first = frt_gen_dst(g, t->in->id, t->dst.s);
	t->n = 1;
	return t->first ? 0 : FRT_E_NODST;
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

	frt_rpc_str(r, in, "set", t->in->id);
	frt_rpc_str(r, in, "destination", t->dst.s);
	return in;
}

/* The answer, which is not finished yet. */
static void *admin_change(
		frt_rpc_t *r, const frt_target_t *t, frt_admin_t admin)
{
	uint32_t changed = 0, calls = 0, i;
	void *in;

	for(i = 0; i < t->n; i++) {
		frt_rec_t *rec = t->first[i].rec;

		changed += frt_observe_admin(rec, admin);
		calls += atomic_load(&rec->calls);
	}
	in = target_answer(r, t);
	frt_rpc_text(r, in, "admin", frt_admin_name(admin));
	frt_rpc_int(r, in, "destinations", t->n);
	frt_rpc_int(r, in, "changed", changed);
	frt_rpc_int(r, in, "calls", calls);
	return in;
}

/* The database's row follows; what is in force already stays if it cannot. */
static void admin_write(
		frt_rpc_t *r, void *in, frt_str_t set, frt_str_t dst, frt_admin_t admin)
{
	int err;

	if(!frt_params()->db_write_admin)
		return;
	err = frt_db_write_admin(frt_params(), set, dst, admin);
	frt_rpc_text(r, in, "database",
			err == 0			 ? "written"
			: err == FRT_E_NODST ? "has no such row"
								 : "not written; the log says why");
}

typedef struct admin_args
{
	frt_target_t t;
	frt_admin_t admin;
} admin_args_t;

static void set_admin_rest(frt_rpc_t *r, void *args)
{
	admin_args_t *a = args;
	char mem[FRT_ID_MAX + 1];
	frt_str_t set = {mem, 0};
	void *in = NULL;
	int err;

	/* these pointed into the original */
	a->t.set.s.s = a->t.set.mem;
	a->t.dst.s.s = a->t.dst.mem;
	err = target_find(&a->t, frt_table_enter(), true);
	if(err == 0) {
		in = admin_change(r, &a->t, a->admin);
		/* it may have been named by its number */
		set.len = frt_utf8_cut(a->t.in->id, FRT_ID_MAX).len;
		memcpy(mem, a->t.in->id.s, set.len);
	}
	frt_table_leave();
	target_fault(r, &a->t, err);
	if(err == 0)
		admin_write(r, in, set,
				frt_rpc_all(&a->t.dst) ? FRT_STR("") : a->t.dst.s, a->admin);
	frt_rpc_done(r);
}

void frt_rpc_set_admin(rpc_t *rpc, void *ctx)
{
	frt_rpc_arg_t word;
	admin_args_t a;
	frt_rpc_t r;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &a.t) != 0
			|| frt_rpc_need(&r, "ready, drain or maint", &word) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(frt_admin_parse(word.s, &a.admin) != 0) {
		frt_rpc_fault(&r, 400, "expected ready, drain or maint, not %.*s",
				FRT_ID_MAX, word.mem);
		return;
	}
	if(frt_params()->db_write_admin)
		frt_loader_run(&r, set_admin_rest, &a, sizeof(a));
	else
		set_admin_rest(&r, &a);
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
	if(up && FRT_WORD_HEALTH(view.word) == FRT_DOWN
			&& FRT_WORD_FLAGS(view.word) == 1u << FRT_TRAFFIC)
		frt_buf_add(&note, "; the next call will try it");
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
		frt_observe(t.first->rec, &obs);
		put_health(&r, target_answer(&r, &t), t.first->rec, want == FRT_UP);
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
	if(!t->in->conf.probe.enabled)
		return "probing is turned off for this set (enabled=\"no\")";
	return NULL;
}

void frt_rpc_probe(rpc_t *rpc, void *ctx)
{
	const char *why_not = NULL;
	frt_target_t t;
	frt_rpc_t r;
	uint32_t i;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0 || frt_rpc_end(&r) != 0)
		return;
	err = target_find(&t, frt_table_enter(), true);
	if(err == 0)
		why_not = no_probes(&t);
	if(err == 0 && !why_not) {
		for(i = 0; i < t.n; i++)
			frt_wake_kick(t.first[i].rec, FRT_KICK_ORDER);
		frt_rpc_int(&r, target_answer(&r, &t), "probes", t.n);
	}
	frt_table_leave();
	target_fault(&r, &t, err);
	if(why_not)
		frt_rpc_fault(&r, 400, "%s", why_not);
	frt_rpc_done(&r);
}
