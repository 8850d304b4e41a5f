/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The resolver's loop: ask what is due, see what every name stands for by the
 * answers there are, publish if that differs from the table. To look a name up
 * is to want it: what a round wants and nobody has asked yet is due at once,
 * what no round wants any more is forgotten.
 */
#include "frt_compat.h"
#include "frt_dns.h"
#include "frt_event.h"
#include "frt_names.h"
#include "frt_reload.h"
#include "frt_resolver.h"
#include "frt_wake.h"

#include "../../core/cfg/cfg_struct.h"

#include <string.h>

#define ASK_MAX_MS 200 /* then the table is looked at, and so on */
/* When a change could not be made: another reload is under way, or it is for
 * want of memory, and soon will not help. */
#define BUSY_RETRY_MS 20
#define FAULT_RETRY_MS 1000
#define SLEEP_MAX_MS 60000
#define TOLD_MAX 64 /* changes told of one by one; all are made */

typedef struct frt_resolver
{
	frt_reach_t reach;
	uint32_t seq; /* of the table that was last looked at */
	bool asked;	  /* something, since then */
	bool failed;  /* said that the table could not be changed */
	bool lost;	  /* said that there was no memory for a question */
	uint32_t ntold;
	frt_event_t told[TOLD_MAX]; /* for when the table has changed */
} frt_resolver_t;

static frt_named_t named_of(const frt_parent_t *p)
{
	return (frt_named_t){p->id, p->uri, p->socket, (frt_resolve_t)p->resolve,
			p->weight, p->set->id};
}

const frt_children_t *frt_resolver_look(const frt_parent_t *p)
{
	static frt_children_t room;
	frt_lookup_t lookup = frt_names_lookup();
	frt_named_t named = named_of(p);
	frt_reach_t reach;

	frt_dns_reach(&reach);
	frt_expand(&named, &reach, &lookup, p->set, &room);
	return &room;
}

static void event_begin(
		frt_event_t *ev, frt_event_kind_t kind, const frt_parent_t *p)
{
	frt_buf_t b;

	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	ev->source = FRT_RESOLVE;
	frt_buf_init(&b, ev->set, sizeof(ev->set));
	frt_buf_add_str(&b, p->set->id);
	frt_buf_init(&b, ev->destination, sizeof(ev->destination));
	frt_buf_add_str(&b, p->id);
	frt_buf_init(&b, ev->uri, sizeof(ev->uri));
	frt_buf_add_str(&b, p->uri);
}

static void words(frt_event_t *ev, const char *from, const char *to)
{
	frt_buf_t b;

	frt_buf_init(&b, ev->from, sizeof(ev->from));
	frt_buf_add(&b, "%s", from);
	frt_buf_init(&b, ev->to, sizeof(ev->to));
	frt_buf_add(&b, "%s", to);
}

/* What comes of the trouble. */
static void add_consequence(const frt_children_t *c, frt_buf_t *out)
{
	uint64_t now = frt_now_ms();

	if(c->err == FRT_DNS_NO_SERVICE) {
		frt_buf_add(out, "; it gets no calls");
	} else if(c->good_ms) {
		frt_buf_add(out, "; the last good answer, ");
		frt_buf_add_ms(out, now > c->good_ms ? now - c->good_ms : 0);
		frt_buf_add(out, " old, stays in use");
	} else {
		frt_buf_add(out, "; it gets no calls until there is an answer");
	}
}

/* Says once that a name is in trouble, and once that it no longer is. */
static void tell_trouble(frt_parent_t *p, const frt_children_t *c)
{
	uint32_t bad = c->err != FRT_DNS_GOOD && c->err != FRT_DNS_PENDING;
	frt_event_t ev;
	frt_buf_t b;

	if(c->pending || atomic_exchange(&p->told, bad) == bad)
		return;
	event_begin(&ev, bad ? FRT_EV_DNS_FAILED : FRT_EV_DNS_OK, p);
	words(&ev, bad ? "good" : "failed", bad ? "failed" : "good");
	frt_buf_init(&b, ev.reason, sizeof(ev.reason));
	if(bad) {
		frt_children_trouble(c, &b);
		add_consequence(c, &b);
	} else {
		frt_buf_add(&b, "answers are good again");
	}
	frt_event_push(&ev);
}

static bool has_child(const frt_children_t *c, frt_str_t id)
{
	uint32_t i;

	for(i = 0; i < c->n; i++) {
		if(strlen(c->at[i].id) == id.len
				&& memcmp(c->at[i].id, id.s, id.len) == 0)
			return true;
	}
	return false;
}

/* "new: eu/gw3:5060; gone: eu/gw1:5060" */
static uint32_t add_difference(
		const frt_parent_t *p, const frt_children_t *c, frt_buf_t *out)
{
	const char *sep = "; gone: ";
	uint32_t i, had = 0;

	for(i = 0; i < p->nchildren; i++) {
		const frt_dst_t *dst = frt_gen_child(p, i);

		if(dst->unresolved)
			continue;
		had++;
		if(has_child(c, dst->id))
			continue;
		frt_buf_add(out, "%s", sep);
		frt_buf_add_str(out, dst->id);
		sep = ", ";
	}
	sep = "; new: ";
	for(i = 0; i < c->n; i++) {
		frt_str_t id = frt_str_of(c->at[i].id);

		if(frt_gen_dst(p->set->gen, p->set->id, id))
			continue;
		frt_buf_add(out, "%s%s", sep, c->at[i].id);
		sep = ", ";
	}
	return had;
}

static void note_change(
		frt_resolver_t *r, const frt_parent_t *p, const frt_children_t *c)
{
	frt_event_t *ev = &r->told[r->ntold];
	frt_buf_t b;
	uint32_t had;

	if(r->ntold == TOLD_MAX)
		return;
	event_begin(ev, FRT_EV_CHANGE, p);
	frt_buf_init(&b, ev->reason, sizeof(ev->reason));
	frt_buf_add(&b, "DNS: %u destination%s", c->n, frt_plural(c->n));
	had = add_difference(p, c, &b);
	/* still none, but now for a reason: that is told elsewhere */
	if(had == 0 && c->n == 0)
		return;
	words(ev, had ? "resolved" : "unresolved",
			c->n ? "resolved" : "unresolved");
	r->ntold++;
}

/* Looks at one name; true if the table has to change for it. */
static bool look_at(frt_resolver_t *r, frt_parent_t *p)
{
	static frt_children_t now;
	const frt_set_conf_t *conf = &p->set->conf;
	frt_ttl_bounds_t bounds = {conf->dns_min_ttl_ms, conf->dns_max_ttl_ms};
	frt_lookup_t lookup = frt_names_wanting(&bounds);
	frt_named_t named = named_of(p);

	frt_expand(&named, &r->reach, &lookup, p->set, &now);
	tell_trouble(p, &now);
	if(frt_children_wait(&now, &named, p) || frt_children_sum(&now) == p->sum)
		return false;
	note_change(r, p, &now);
	return true;
}

/* Looks at all names. Returns 0, or why they have to be looked at again: the
 * table was not changed, though it has to be, or something cannot be asked. */
static int look_at_all(frt_resolver_t *r)
{
	frt_gen_t *g = frt_table_enter();
	bool differs = false, all;
	uint32_t i;
	int err = 0;

	r->ntold = 0;
	frt_names_round();
	for(i = 0; g && i < g->nparents; i++)
		differs = look_at(r, &g->parents[i]) || differs;
	r->seq = g ? g->seq : 0;
	frt_table_leave();
	all = frt_names_sweep();
	if(!all && !r->lost)
		LM_ERR("no shared memory to ask what all names stand for; tried again "
			   "every %u s\n",
				FAULT_RETRY_MS / 1000);
	r->lost = !all;
	if(differs)
		err = frt_reload_names();
	if(err == FRT_E_BUSY)
		return err;
	if(err && !r->failed)
		LM_ERR("names have changed, the table has not: %s; tried again every "
			   "%u s\n",
				frt_err_name(err), FAULT_RETRY_MS / 1000);
	r->failed = err != 0;
	for(i = 0; err == 0 && i < r->ntold; i++)
		frt_event_push(&r->told[i]);
	return err == 0 && !all ? FRT_E_NOMEM : err;
}

static void ask(const frt_resolver_t *r, const frt_question_t *q)
{
	frt_lookup_t lookup = frt_names_lookup();
	frt_found_t was = {NULL, FRT_DNS_PENDING, 0};
	frt_str_t name = frt_str_of(q->name);
	frt_answer_t answer;
	frt_dns_t err;

	lookup.find(lookup.ctx, q->type, name, &was);
	err = frt_dns_ask(q->type, q->name, &r->reach, was.answer, &answer);
	LM_DBG("%s %s: %s, %u records\n", frt_qtype_name(q->type), q->name,
			frt_dns_name(err), answer.n);
	frt_names_store(
			q, err == FRT_DNS_GOOD || answer.n > 0 ? &answer : NULL, err);
	if(was.answer)
		lookup.done(lookup.ctx, was.answer);
}

/* Asks what is due, for a while; returns when the next question is. */
static uint64_t ask_due(frt_resolver_t *r)
{
	static frt_question_t due[FRT_NAMES_BATCH];
	uint64_t until = frt_now_ms() + ASK_MAX_MS, next;
	uint32_t n = frt_names_due(due, &next), i;

	for(i = 0; i < n && frt_now_ms() < until; i++)
		ask(r, &due[i]);
	r->asked = r->asked || n > 0;
	return next;
}

static bool is_new_table(const frt_resolver_t *r)
{
	const frt_gen_t *g = frt_table_enter();
	bool differs = g && g->seq != r->seq;

	frt_table_leave();
	return differs;
}

static int sleep_ms(uint64_t next)
{
	uint64_t now = frt_now_ms();

	if(next <= now)
		return 0;
	return next - now < SLEEP_MAX_MS ? (int)(next - now) : SLEEP_MAX_MS;
}

static uint32_t retry_ms(int err)
{
	return err == FRT_E_BUSY ? BUSY_RETRY_MS : FAULT_RETRY_MS;
}

void frt_resolver_main(void)
{
	static frt_resolver_t r;
	uint64_t next = 0;
	int err;

	for(;;) {
		frt_dns_reach(&r.reach);
		if(r.asked || is_new_table(&r)) {
			err = look_at_all(&r);
			r.asked = err != 0;
			/* what it wants now may be due at once */
			next = err ? frt_now_ms() + retry_ms(err) : 0;
		}
		frt_wake_wait(FRT_WAKE_RESOLVER, sleep_ms(next));
		cfg_update();
		next = ask_due(&r);
	}
}
