/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands that change something, or check what would: set_admin,
 * set_health, probe, reload, check.
 */
#include "frt_observe.h"
#include "frt_reload.h"
#include "frt_rpc.h"
#include "frt_wake.h"

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

static void admin_change(frt_rpc_t *r, const frt_target_t *t, frt_admin_t admin)
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
}

void frt_rpc_set_admin(rpc_t *rpc, void *ctx)
{
	frt_rpc_arg_t word;
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
		admin_change(&r, &t, admin);
	frt_table_leave();
	target_fault(&r, &t, err);
	frt_rpc_done(&r);
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
			frt_wake_kick(t.first[i].rec, FRT_KICK_PROBE);
		frt_rpc_int(&r, target_answer(&r, &t), "probes", t.n);
	}
	frt_table_leave();
	target_fault(&r, &t, err);
	if(why_not)
		frt_rpc_fault(&r, 400, "%s", why_not);
	frt_rpc_done(&r);
}

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

/* The first fault, and more of them as far as a fault can hold. */
static void report_fault(frt_rpc_t *r, int err, const frt_reload_report_t *rep)
{
	const char *line = rep->faults;
	char mem[NOTE_MAX];
	frt_str_t text;
	frt_buf_t b;

	if(err == FRT_E_BUSY) {
		frt_rpc_fault(r, 409, "another reload is under way");
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
static void log_refused(const frt_reload_report_t *rep)
{
	const char *line = rep->faults;
	frt_str_t text;

	while(next_line(&line, &text))
		LM_WARN("reload refused: %.*s\n", (int)text.len, text.s);
}

static void put_report(frt_rpc_t *r, void *in, const frt_reload_report_t *rep)
{
	const char *line = rep->faults;
	frt_str_t text;
	void *array;

	frt_rpc_int(r, in, "sets", rep->sets);
	frt_rpc_int(r, in, "destinations", rep->destinations);
	array = frt_rpc_array(r, in, "warnings");
	while(next_line(&line, &text))
		frt_rpc_word(r, array, short_place(text));
}

void frt_rpc_reload(rpc_t *rpc, void *ctx)
{
	frt_reload_report_t report;
	frt_rpc_t r;
	void *in;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_end(&r) != 0)
		return;
	err = frt_reload(frt_params(), &report);
	if(err) {
		log_refused(&report);
		report_fault(&r, err, &report);
		return;
	}
	in = frt_rpc_answer(&r);
	frt_rpc_int(&r, in, "generation", report.generation);
	put_report(&r, in, &report);
	frt_rpc_done(&r);
}

void frt_rpc_check(rpc_t *rpc, void *ctx)
{
	frt_reload_report_t report;
	frt_rpc_arg_t file;
	frt_rpc_t r;
	int err;

	frt_rpc_begin(&r, rpc, ctx);
	if(frt_rpc_arg(&r, "file", &file) != 0 || frt_rpc_end(&r) != 0)
		return;
	err = frt_reload_check(frt_params(), file.s.len ? file.mem : NULL, &report);
	if(err) {
		report_fault(&r, err, &report);
		return;
	}
	put_report(&r, frt_rpc_answer(&r), &report);
	frt_rpc_done(&r);
}
