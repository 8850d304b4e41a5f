/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Call contexts: one shared-memory block a call, owned by tm's callback
 * record and freed with it.
 */
#include "frt_admit.h"
#include "frt_aim.h"
#include "frt_branch.h"
#include "frt_call.h"
#include "frt_draw.h"
#include "frt_flight.h"
#include "frt_keep.h"
#include "frt_msg.h"
#include "frt_overload.h"
#include "frt_path.h"
#include "frt_relay.h"
#include "frt_reply.h"
#include "frt_stats.h"
#include "frt_stray.h"
#include "frt_tls.h"
#include "frt_tm.h"
#include "engine/frt_budget.h"
#include "engine/frt_panic.h"

#include "../../core/dset.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/script_cb.h"
#include "../../core/socket_info.h"

#include <limits.h>
#include <string.h>

static struct tm_binds tmb;

/* A context, of the message being routed by this process. */
typedef struct frt_routed
{
	frt_call_t *call;
	unsigned int id;
	int pid;
} frt_routed_t;

static frt_routed_t pending;  /* it has no transaction yet, and waits here */
static frt_routed_t selected; /* its script has selected ... */
static uint32_t nselected;	  /* ... so many attempts */

static bool is_of(const frt_routed_t *r, const sip_msg_t *msg)
{
	return r->call && r->id == msg->id && r->pid == msg->pid;
}

static void note(frt_routed_t *r, frt_call_t *call, const sip_msg_t *msg)
{
	r->call = call;
	r->id = msg->id;
	r->pid = msg->pid;
}

const struct tm_binds *frt_tm(void)
{
	return &tmb;
}

/* The transaction of the message that is routed, if it is this call's. */
static struct cell *own_cell(const frt_call_t *call)
{
	struct cell *t = call ? tmb.t_gett() : NULL;

	return t && t != T_UNDEFINED && frt_call_of_cell(t) == call ? t : NULL;
}

/* It goes on, or has gone on already, in another process. tm sets the second flag
 * before it clears the first. */
static bool is_suspended(const struct cell *t)
{
	return t && (t->flags & (T_ASYNC_SUSPENDED | T_ASYNC_CONTINUE));
}

/* The script ended without relaying what it selected, or tm could not send it:
 * nothing will come of the attempt, and a trial's token must not stay away. Only
 * what this very script has selected: once something was sent, another process may
 * be at the next attempt already, a retransmission's script ends while the first
 * one's may be about to send, and a suspended transaction goes on elsewhere. */
static int on_script_end(struct sip_msg *msg, unsigned int flags, void *bar)
{
	frt_call_t *call = is_of(&selected, msg) ? selected.call : NULL;
	struct cell *t = own_cell(call);
	uint32_t i;

	(void)flags;
	(void)bar;
	if(t)
		frt_keep_suspended(call, t);
	for(i = 0; call && !is_suspended(t) && i < nselected; i++) {
		if(!call->plan.tries[i].sent)
			frt_reply_drop(call, &call->plan.tries[i]);
		else if(t)
			frt_relay_unsent(call, t, &call->plan.tries[i]);
	}
	pending.call = NULL;
	selected.call = NULL;
	frt_keep_request_over(msg);
	return 1;
}

void frt_call_selected(frt_call_t *call, sip_msg_t *msg)
{
	note(&selected, call, msg);
	nselected = call->plan.n;
}

int frt_call_init(const frt_params_t *params)
{
	if(frt_xavp_init(params) < 0)
		return -1;
	if(load_tm_api(&tmb) < 0) {
		LM_ERR("the tm module must be loaded before failover_route\n");
		return -1;
	}
	if(register_script_cb(on_script_end, POST_SCRIPT_CB | REQUEST_CB, 0) < 0)
		return -1;
	return 0;
}

static void call_free(void *p)
{
	frt_call_t *call = p;
	uint32_t i;

	if(pending.call == call)
		pending.call = NULL;
	if(selected.call == call)
		selected.call = NULL;
	frt_reply_abandon(call);
	frt_stray_forget(call);
	for(i = 0; i < call->plan.n; i++) {
		frt_rec_unref(call->plan.tries[i].rec);
		frt_set_rec_unref(call->plan.tries[i].set);
	}
	if(call->plan.set)
		frt_set_rec_unref(call->plan.set);
	frt_dialog_put(call->held);
	if(call->cell)
		frt_xavp_ended(call->cell);
	if(call->uri.s)
		shm_free(call->uri.s);
	shm_free(call);
}

/* The core goes through the branches that the script has appended, when it is
 * done with the request's own. */
static bool is_appended(void)
{
	return nr_branches > 0 && get_branch_iterator() > 0;
}

static void hear_of(frt_call_t *call, sip_msg_t *msg, int types);

/* An appended branch gets the number of ours: that was dropped, or could not be
 * made. */
static void on_passed_over(frt_call_t *call, struct cell *t, frt_attempt_t *a)
{
	if(!call->automatic) {
		frt_relay_settle(call, t);
		return;
	}
	a->sent = 0;
	frt_reply_drop(call, a);
}

/* The script relays by itself: tm says when, and on which branch. Where its
 * branch_route has dropped ours, the first one is another; and one that could not
 * be sent after all has left its number to the next. */
static void on_forwarded(frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);

	if(a == NULL)
		return;
	if(is_appended()) {
		hear_of(call, msg, TMCB_ON_BRANCH_FAILURE);
		if(a->sent && a->branch == t->nr_of_outgoings)
			on_passed_over(call, t, a);
		return;
	}
	if(call->automatic || a->sent)
		return;
	a->branch = t->nr_of_outgoings;
	a->sent = 1;
}

static bool is_stream(int proto)
{
	return proto == PROTO_TCP || proto == PROTO_TLS || proto == PROTO_WS
		   || proto == PROTO_WSS;
}

void frt_call_sent(frt_call_t *call, struct cell *t, int branch)
{
	frt_attempt_t *a;

	if(!frt_params()->rescue)
		return;
	a = frt_plan_of_branch(&call->plan, branch);
	if(!a)
		return;
	call->plan.ident[0] = t->hash_index;
	call->plan.ident[1] = t->label;
	frt_flight_sent(a, is_stream(t->uac[branch].request.dst.proto));
}

void frt_call_say(frt_call_t *call)
{
	frt_xavp_write(&call->said, &call->plan, frt_table_enter());
	frt_table_leave();
}

/* The answer is about to go to the caller: acc, which comes with it, is to see
 * what the XAVP says then. A failure has written it already, and of a fork tm
 * says which reply it is. Others may be at the transaction: tm's reply lock
 * comes after this. */
static void on_answer(frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	if(ps->code < 200 || ps->code >= 300 || call->forked || t->uas.status >= 200
			|| frt_params()->xavp.len == 0)
		return;
	frt_tm_lock(t);
	frt_call_say(call);
	frt_tm_unlock(t);
}

/* Of a fork: the caller gets this reply. */
static void on_forwarded_reply(frt_call_t *call, struct tmcb_params *ps)
{
	frt_plan_t *p = &call->plan;

	/* an INVITE's answer is known already (frt_stray.c) */
	if(ps->code >= 200 && p->won == 0)
		frt_plan_win(p, frt_plan_of_branch(p, tmb.t_gett_branch()));
	frt_call_say(call);
}

/* A branch that somebody has added beside ours (tsilo), which nobody told of. */
static void on_other_branch(frt_call_t *call, struct cell *t, sip_msg_t *rpl)
{
	frt_tm_lock(t);
	hear_of(call, rpl, TMCB_ON_BRANCH_FAILURE);
	frt_tm_unlock(t);
}

static void on_tm(struct cell *t, int type, struct tmcb_params *ps)
{
	frt_call_t *call = *ps->param;

	call->cell = t;
	if(type & TMCB_RESPONSE_IN) {
		frt_reply_in(call, t, ps);
		if(!frt_plan_of_branch(&call->plan, tmb.t_gett_branch()))
			on_other_branch(call, t, ps->rpl);
		on_answer(call, t, ps);
		frt_path_reply(call, t, ps);
	} else if(type & TMCB_REQUEST_FWDED) {
		on_forwarded(call, t, ps->req);
		frt_path_request(call, t, ps->req);
	} else if(type & TMCB_REQUEST_OUT) {
		if(!ps->t_rbuf || ps->t_rbuf->rbtype != TYPE_REQUEST)
			return;
		frt_keep_sent(call, t);
		frt_call_sent(call, t, ps->t_rbuf->branch);
	} else if(type & TMCB_ON_FAILURE) {
		frt_relay_on_failure(call, t, ps);
		if(!call->goes_on_last)
			frt_relay_go_on(call, t, ps);
	} else if(type & TMCB_ON_BRANCH_FAILURE)
		frt_relay_on_branch_failure(call, t, ps);
	else if(type & TMCB_RESPONSE_FWDED)
		on_forwarded_reply(call, ps);
	else if((type & TMCB_RESPONSE_OUT) && ps->code >= 200)
		frt_path_tell(call, t, ps->code);
	else if(type & TMCB_DESTROY)
		frt_path_tell(call, t, 0);
}

static void on_failure_last(struct cell *t, int type, struct tmcb_params *ps)
{
	(void)type;
	frt_relay_go_on(*ps->param, t, ps);
}

frt_call_t *frt_call_of_cell(struct cell *t)
{
	struct tm_callback *cb;

	if(t == NULL || t == T_UNDEFINED)
		return NULL;
	for(cb = (struct tm_callback *)t->tmcb_hl.first; cb; cb = cb->next) {
		if(cb->callback == on_tm)
			return cb->param;
	}
	return NULL;
}

frt_call_t *frt_call_of(sip_msg_t *msg)
{
	struct cell *t = tmb.t_gett();

	if(t && t != T_UNDEFINED)
		return frt_call_of_cell(t);
	return is_of(&pending, msg) ? pending.call : NULL;
}

const frt_plan_t *frt_call_plan(sip_msg_t *msg)
{
	const frt_call_t *call = frt_call_of(msg);

	return call && call->plan.set ? &call->plan : NULL;
}

const frt_attempt_t *frt_call_shown(sip_msg_t *msg)
{
	frt_call_t *call = frt_call_of(msg);
	frt_attempt_t *a = NULL;

	if(!call || call->plan.n == 0)
		return NULL;
	if(is_route_type(TM_ONREPLY_ROUTE))
		a = frt_plan_of_branch(&call->plan, tmb.t_gett_branch());
	return a ? a : frt_plan_shown(&call->plan);
}

/* Of the hash strategy; 0: none. */
static uint64_t hash_key(const str *key)
{
	return key && key->len > 0
				   ? frt_choose_key((frt_str_t){key->s, (uint32_t)key->len})
				   : 0;
}

/* Where the script gave none. */
static uint64_t call_id_key(sip_msg_t *msg)
{
	if((msg->callid || parse_headers(msg, HDR_CALLID_F, 0) == 0) && msg->callid)
		return hash_key(&msg->callid->body);
	return 0;
}

/* Has tm tell of more than of what each call needs. Only before there is a
 * branch, or with the reply lock. */
static void hear_of(frt_call_t *call, sip_msg_t *msg, int types)
{
	struct cell *t = tmb.t_gett();

	types &= ~call->types;
	if(types == 0)
		return;
	if(tmb.register_tmcb(
			   msg, t == T_UNDEFINED ? NULL : t, types, on_tm, call, NULL)
			> 0)
		call->types |= types;
	else
		LM_ERR("cannot register with the transaction\n");
}

void frt_call_appended(frt_call_t *call, sip_msg_t *msg)
{
	init_branch_iterator();
	hear_of(call, msg, TMCB_REQUEST_FWDED | TMCB_ON_BRANCH_FAILURE);
}

/* Each of them costs every call that asks for it. */
static int types_of(bool automatic)
{
	int types = TMCB_RESPONSE_IN | TMCB_ON_FAILURE;

	if(!automatic)
		types |= TMCB_REQUEST_FWDED | TMCB_REQUEST_OUT;
	return types;
}

void frt_call_automatic(frt_call_t *call, sip_msg_t *msg, bool automatic)
{
	call->automatic = automatic;
	hear_of(call, msg, types_of(automatic));
}

static frt_call_t *call_new(sip_msg_t *msg, bool automatic)
{
	struct cell *t = tmb.t_gett();
	frt_call_t *call = shm_malloc(sizeof(*call));

	if(!call) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(call, 0, offsetof(frt_call_t, plan.tries));
	call->sock = msg->force_send_socket;
	if(t == T_UNDEFINED)
		t = NULL;
	call->cell = t;
	call->automatic = automatic;
	call->types = types_of(automatic);
	if(tmb.register_tmcb(msg, t, call->types, on_tm, call, call_free) <= 0) {
		LM_ERR("cannot register with the transaction\n");
		shm_free(call);
		return NULL;
	}
	if(t == NULL)
		note(&pending, call, msg);
	/* else dialog's callback, which says whose the call is, comes before ours */
	else if(frt_dialog_bound())
		call->goes_on_last = frt_tm_on_failure_last(t, on_failure_last, call);
	return call;
}

frt_call_t *frt_call_begin(
		sip_msg_t *msg, frt_set_t *set, str *key, bool automatic)
{
	frt_call_t *call = frt_call_of(msg);
	frt_set_rec_t *was;
	uint64_t now = frt_now_ms();

	if(call)
		frt_call_automatic(call, msg, automatic);
	else
		call = call_new(msg, automatic);
	if(!call)
		return NULL;
	was = call->plan.set;
	frt_set_rec_ref(set->rec);
	frt_plan_begin(&call->plan, set->rec, &set->conf, now);
	if(was)
		frt_set_rec_unref(was);
	call->draw = frt_rand_next(frt_random());
	call->plan.user = frt_msg_called_user(msg);
	call->plan.key = hash_key(key);
	if(!call->held && msg->REQ_METHOD == METHOD_INVITE)
		call->held = frt_dialog_claim(msg);
	call->gave_up = 0;
	return call;
}

static int point_at(frt_call_t *call, sip_msg_t *msg, const frt_dst_t *dst,
		const frt_attempt_t *a)
{
	const frt_set_conf_t *conf = &dst->set->conf;
	uint32_t inv = a->progress_ms ? a->progress_ms : conf->answer_timeout_ms;
	struct cell *t = tmb.t_gett();
	int err;

	if(call->automatic && frt_keep_bring_uri(call, msg) < 0)
		return FRT_E_NOMEM;
	err = frt_aim_at(msg, dst);
	if(err)
		return err;
	ruri_mark_new();
	/* a connection that the script or a location's lookup asked for is not the
	 * way to this one */
	msg->msg_flags &= ~FL_USE_OTCPID;
	/* nor does what comes of it put the destination on the core's blocklist, which
	 * no other call could pass */
	msg->fwd_send_flags.blst_imask = USHRT_MAX;
	frt_tls_name(dst->uri, frt_dst_keeps_name(dst));
	frt_keep_socket(msg, dst->sock ? dst->sock : call->sock);
	/* tm's own would set the timers of branches that wait already, too */
	if(t && t != T_UNDEFINED) {
		frt_tm_lend_fr(t, inv, a->timeout_ms, &call->own_fr);
		return 0;
	}
	call->own_fr = frt_tm_fr_of_params();
	return tmb.set_fr(msg, inv, a->timeout_ms) < 0 ? FRT_E_RANGE : 0;
}

void frt_call_resumed(frt_call_t *call, sip_msg_t *msg)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);
	frt_gen_t *g;
	const frt_dst_t *dst;

	if(!a || a->sent || a->ended || !call->aim_lost)
		return;
	g = frt_table_enter();
	dst = g ? frt_gen_dst_of(g, a->rec) : NULL;
	if(!dst || point_at(call, msg, dst, a) != 0)
		frt_reply_drop(call, a);
	frt_table_leave();
	/* tells ours from those that the script appends */
	init_branch_iterator();
}

/* Leaving a destination that is down, or no longer in the table, adds no load
 * to the others that they would not get anyway, so that is free, and so is
 * being moved by the rescuer, or by a timer that ran ahead; leaving one that is up,
 * or trying on in panic, is a retry. */
static bool is_retry(const frt_plan_t *p, const frt_gen_t *g)
{
	uint32_t i;

	for(i = frt_plan_fork(p); i < p->n; i++) {
		const frt_attempt_t *left = &p->tries[i];
		frt_moved_t moved = (frt_moved_t)atomic_load(&left->moved);

		if(moved == FRT_MOVED_CLOSED || moved == FRT_MOVED_DOWN
				|| moved == FRT_MOVED_HURRIED)
			continue;
		if(left->panic
				|| (frt_gen_dst_of(g, left->rec)
						&& frt_health_usable(atomic_load(&left->rec->word))))
			return true;
	}
	return false;
}

/* The retry budget: a step to further destinations is one retry, however many
 * are tried at once, and none where there is no other: frt_draw() says so. */
static int spend(frt_call_t *call, frt_set_t *set, uint64_t now)
{
	const frt_set_conf_t *conf = &set->conf;

	if(call->plan.n == 0) {
		frt_budget_call(
				&set->rec->budget, conf->retry_pct, conf->retry_min, now);
		return 0;
	}
	if(!is_retry(&call->plan, set->gen)
			|| !frt_any_left(&call->plan, set, now, frt_random()))
		return 0;
	if(frt_budget_take(&set->rec->budget, conf->retry_min, now))
		return 0;
	atomic_fetch_add(&set->rec->over_budget, 1);
	return set->conf.shadow ? 0 : FRT_E_BUDGET;
}

/* When tm sends again what was lost; of a script that has yet to relay, RFC
 * 3261's T1. */
static uint32_t resend_ms(const frt_dst_t *dst)
{
	struct cell *t = tmb.t_gett();

	if(dst->proto != FRT_PROTO_UDP && dst->proto != FRT_PROTO_ANY)
		return 0;
	return t && t != T_UNDEFINED ? t->rt_t1_timeout_ms : 500;
}

void frt_call_exhausted(frt_set_rec_t *set)
{
	atomic_fetch_add(&set->exhausted, 1);
	frt_stats_count(FRT_STAT_EXHAUSTED);
}

/* What becomes of a call that has moved on is told: with its answer, or when
 * its transaction goes without one. Others do not pay for it: tm keeps the To
 * tags of the answers it tells of. The path is put into requests. */
static void hear_of_attempt(frt_call_t *call, sip_msg_t *msg)
{
	if(frt_plan_moved(&call->plan))
		hear_of(call, msg, TMCB_RESPONSE_OUT | TMCB_DESTROY);
	if(call->path_header != FRT_PATH_HEADER_NONE)
		hear_of(call, msg, TMCB_REQUEST_FWDED);
}

/* Notes the attempt at what was chosen, and points the message at it. The place
 * and the token that were taken are its own from here on. */
static int attempt(frt_call_t *call, sip_msg_t *msg, const frt_gen_t *g,
		const frt_drawn_t *drawn, bool beside, uint64_t now)
{
	frt_plan_t *p = &call->plan;
	frt_dst_t *dst = drawn->dst;
	const frt_set_t *set = dst->set;
	bool invite = msg->REQ_METHOD == METHOD_INVITE;
	frt_attempt_t *a, *left = frt_plan_last(p);
	int err;

	if(invite && left && left->rec != dst->rec)
		left->cseq = frt_dialog_cseq(msg, 0);
	frt_rec_ref(dst->rec);
	frt_set_rec_ref(p->set);
	frt_table_act(dst->rec);
	a = frt_plan_add(p, dst->rec, now);
	a->progress_ms = frt_plan_progress(p, &set->conf, dst->rec,
			set->conf.adaptive && frt_any_usable(p, set, now, frt_random()));
	a->token = drawn->token;
	a->panic = drawn->panic;
	a->beside = beside;
	a->udp = frt_dst_is_udp(dst);
	a->ticks = get_ticks_raw();
	call->path_header = (uint8_t)set->conf.path_header;
	hear_of_attempt(call, msg);
	a->wait.anyway = drawn->panic || set->conf.shadow;
	/* in panic one after the other: who is down is not to be flooded */
	call->parallel = set->conf.strategy == FRT_PARALLEL && !drawn->panic;
	frt_plan_time(p, &set->conf, a, invite, resend_ms(dst), now);
	frt_attempt_waits(a, p->user, invite, now);
	p->gen_seq = g->seq;
	frt_attempt_count(a, attempts);
	frt_stats_count(FRT_STAT_ATTEMPTS);
	atomic_fetch_add(&a->set->calls, 1);
	err = point_at(call, msg, dst, a);
	frt_overload_announce(msg, &set->conf);
	if(err == 0)
		frt_xavp_write(&call->said, p, g);
	else
		frt_reply_drop(call, a);
	return err;
}

/* first: of this generation, where the new one is to be tried beside it. */
static int choose_in(frt_call_t *call, sip_msg_t *msg, frt_gen_t *g,
		const frt_dst_t *first, uint64_t now)
{
	frt_plan_t *p = &call->plan;
	frt_set_t *set = g ? frt_gen_set_of(g, p->set) : NULL;
	frt_drawn_t drawn;
	int err;

	if(!set)
		return FRT_E_NOSET;
	if(set->conf.strategy == FRT_HASH && p->key == 0)
		p->key = call_id_key(msg);
	err = first ? 0 : spend(call, set, now);
	if(err)
		return err;
	err = frt_draw(call, msg, set, first, now, &drawn);
	if(err) {
		if(!first && !frt_plan_answered(p))
			frt_call_exhausted(p->set);
		return err;
	}
	return attempt(call, msg, g, &drawn, first != NULL, now);
}

/* What tm allows: room for one more branch; what is sent later than its lifetime
 * of the transaction it gives up at once. */
static bool tm_allows(frt_call_t *call, uint64_t now)
{
	struct cell *t = tmb.t_gett();

	if(!t || t == T_UNDEFINED)
		return true;
	frt_plan_end_by(&call->plan, now + frt_tm_left_ms(t));
	return frt_branch_any_room(t);
}

int frt_call_choose(frt_call_t *call, sip_msg_t *msg)
{
	uint64_t now = frt_now_ms();
	int err = tm_allows(call, now) ? frt_plan_may_try(&call->plan, now)
								   : FRT_E_ATTEMPTS;

	if(err)
		return err;
	err = choose_in(call, msg, frt_table_enter(), NULL, now);
	frt_table_leave();
	return err;
}

static int choose_again(frt_call_t *call, sip_msg_t *msg, frt_gen_t *g,
		const frt_attempt_t *a, uint64_t now)
{
	frt_drawn_t drawn = {g ? frt_gen_dst_of(g, a->rec) : NULL, 0, a->panic};
	int err;

	if(!drawn.dst)
		return FRT_E_NODST;
	if(!drawn.panic && !frt_takes_again(drawn.dst))
		return FRT_E_NONE_USABLE;
	err = frt_admit(drawn.dst, drawn.panic, now, &drawn.token);
	if(err)
		return err;
	frt_plan_extend(&call->plan);
	err = attempt(call, msg, g, &drawn, false, now);
	call->parallel = 0;
	return err;
}

int frt_call_choose_again(
		frt_call_t *call, sip_msg_t *msg, const frt_attempt_t *a)
{
	uint64_t now = frt_now_ms();
	int err = tm_allows(call, now) ? frt_plan_may_repeat(&call->plan, a, now)
								   : FRT_E_ATTEMPTS;

	if(err)
		return err;
	err = choose_again(call, msg, frt_table_enter(), a, now);
	frt_table_leave();
	return err;
}

int frt_call_choose_beside(frt_call_t *call, sip_msg_t *msg)
{
	frt_plan_t *p = &call->plan;
	frt_attempt_t *last = frt_plan_last(p);
	uint64_t now = frt_now_ms();
	int err = frt_plan_may_try(p, now);
	frt_dst_t *first;
	frt_gen_t *g;

	if(err || !last || !call->parallel || !tm_allows(call, now))
		return err ? err : FRT_E_EXHAUSTED;
	g = frt_table_enter();
	/* a reload may have taken it away */
	first = g ? frt_gen_dst_of(g, last->rec) : NULL;
	err = first ? choose_in(call, msg, g, first, now) : FRT_E_EXHAUSTED;
	frt_table_leave();
	if(err)
		return err;
	call->forked = 1;
	/* which branch has ended while others are open, or else its timeout is
	 * judged with theirs, and whose answer the caller gets */
	hear_of(call, msg, TMCB_ON_BRANCH_FAILURE | TMCB_RESPONSE_FWDED);
	return 0;
}
