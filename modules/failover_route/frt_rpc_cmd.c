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
	const frt_parent_t *parent; /* only what stands for this name, of n */
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
	t->parent = NULL;
	if(!t->in)
		return FRT_E_NOSET;
	if(star)
		t->parent = frt_gen_parent(t->in, t->dst.s);
	if(t->parent || (star && frt_rpc_all(&t->dst))) {
		t->first = t->in->dsts;
		t->n = t->in->ndsts;
		return 0;
	}
	/* the set may have been named by its number */
	t->first = frt_gen_dst(g, t->in->id, t->dst.s);
	t->n = 1;
	return t->first ? 0 : FRT_E_NODST;
}

/* Is the i-th of the n meant? */
static bool target_has(const frt_target_t *t, uint32_t i)
{
	return !t->parent || t->first[i].parent == t->parent;
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

/* What set_admin has done; the database and the answer are still to come. */
typedef struct admin_done
{
	char set[FRT_ID_MAX + 1];
	frt_rpc_arg_t dst;
	frt_admin_t admin;
	uint32_t n;
	uint32_t changed;
	uint32_t calls;
} admin_done_t;

static void admin_change(
		const frt_target_t *t, frt_admin_t admin, admin_done_t *done)
{
	frt_str_t id = frt_utf8_cut(t->in->id, FRT_ID_MAX);
	uint32_t i;

	memset(done, 0, sizeof(*done));
	memcpy(done->set, id.s, id.len); /* it may be named by its number */
	done->dst = t->dst;
	done->admin = admin;
	for(i = 0; i < t->n; i++) {
		frt_rec_t *rec = t->first[i].rec;

		if(!target_has(t, i))
			continue;
		done->n++;
		done->changed += frt_observe_admin(rec, admin);
		done->calls += atomic_load(&rec->calls);
	}
}

/* The database's row follows; what is in force already stays if it cannot. */
static const char *admin_write(const admin_done_t *done)
{
	frt_str_t set = {done->set, (uint32_t)strlen(done->set)};
	int err = frt_db_write_admin(frt_params(), set,
			frt_rpc_all(&done->dst) ? FRT_STR("") : done->dst.s, done->admin);

	if(err == 0)
		return "written";
	return err == FRT_E_NODST ? "has no such row"
							  : "not written; the log says why";
}

static void set_admin_rest(frt_rpc_t *r, void *args)
{
	admin_done_t *done = args;
	void *in;

	done->dst.s.s = done->dst.mem; /* it pointed into the original */
	in = frt_rpc_answer(r);
	frt_rpc_text(r, in, "set", done->set);
	frt_rpc_str(r, in, "destination", done->dst.s);
	frt_rpc_text(r, in, "admin", frt_admin_name(done->admin));
	frt_rpc_int(r, in, "destinations", done->n);
	frt_rpc_int(r, in, "changed", done->changed);
	frt_rpc_int(r, in, "calls", done->calls);
	if(frt_params()->db_write_admin)
		frt_rpc_text(r, in, "database", admin_write(done));
	frt_rpc_done(r);
}

void frt_rpc_set_admin(rpc_t *rpc, void *ctx)
{
	frt_rpc_arg_t word;
	admin_done_t done;
	frt_admin_t admin;
	frt_target_t t;
	frt_rpc_t r;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0
			|| frt_rpc_need(&r, "ready, drain or maint", &word) != 0
			|| frt_rpc_end(&r) != 0)
		return;
	if(frt_admin_parse(word.s, &admin) != 0) {
		frt_rpc_fault(&r, 400, "expected ready, drain or maint, not %.*s",
				FRT_ID_MAX, word.mem);
		return;
	}
	err = target_find(&t, frt_table_enter(), true);
	if(err == 0)
		admin_change(&t, admin, &done);
	frt_table_leave();
	if(err)
		target_fault(&r, &t, err);
	else if(frt_params()->db_write_admin)
		frt_loader_run(&r, set_admin_rest, &done, sizeof(done));
	else
		set_admin_rest(&r, &done);
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
	uint32_t i, n = 0;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(target_args(&r, &t) != 0 || frt_rpc_end(&r) != 0)
		return;
	err = target_find(&t, frt_table_enter(), true);
	if(err == 0)
		why_not = no_probes(&t);
	if(err == 0 && !why_not) {
		for(i = 0; i < t.n; i++) {
			if(!target_has(&t, i) || t.first[i].unresolved)
				continue;
			frt_wake_kick(t.first[i].rec, FRT_KICK_ORDER);
			n++;
		}
		frt_rpc_int(&r, target_answer(&r, &t), "probes", n);
	}
	frt_table_leave();
	target_fault(&r, &t, err);
	if(why_not)
		frt_rpc_fault(&r, 400, "%s", why_not);
	frt_rpc_done(&r);
}
