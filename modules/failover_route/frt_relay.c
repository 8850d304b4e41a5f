/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The relay: one destination after the other until one takes the request, the
 * policy says stop, or nothing is left; and then the best answer to the
 * caller. What each step may rely on is in doc/internals/calls.md.
 */
#include "frt_aim.h"
#include "frt_behind.h"
#include "frt_branch.h"
#include "frt_final.h"
#include "frt_keep.h"
#include "frt_relay.h"
#include "frt_path.h"
#include "frt_reply.h"
#include "frt_stats.h"
#include "frt_stray.h"
#include "frt_tm.h"
#include "engine/frt_panic.h"

#include "../../core/dset.h"
#include "../../core/error.h"
#include "../../core/parser/parse_to.h"
#include "../../core/route.h"
#include "../../core/script_cb.h"

#include <string.h>

static bool in_dialog(sip_msg_t *msg)
{
	return (msg->to || parse_headers(msg, HDR_TO_F, 0) == 0) && msg->to
		   && get_to(msg) && get_to(msg)->tag_value.len > 0;
}

/* ACK, CANCEL and what is in a dialog go where the first request went. */
static bool routes_itself(sip_msg_t *msg)
{
	return (msg->REQ_METHOD & (METHOD_ACK | METHOD_CANCEL)) || in_dialog(msg);
}

/* Event routes for a call that moves on; only where somebody listens. */
static void tell_failover(const frt_call_t *call, const frt_attempt_t *left)
{
	const frt_plan_t *p = &call->plan;
	frt_event_t ev;
	frt_buf_t b;

	if(!frt_event_wanted(FRT_EV_FAILOVER))
		return;
	memset(&ev, 0, sizeof(ev));
	ev.kind = FRT_EV_FAILOVER;
	ev.source = FRT_TRAFFIC;
	frt_buf_init(&b, ev.set, sizeof(ev.set));
	frt_buf_add_str(&b, p->set->id);
	frt_buf_init(&b, ev.destination, sizeof(ev.destination));
	frt_buf_add_str(&b, left->rec->id);
	frt_buf_init(&b, ev.from, sizeof(ev.from));
	frt_buf_add_str(&b, left->rec->id);
	frt_buf_init(&b, ev.to, sizeof(ev.to));
	frt_buf_add_str(&b, p->tries[p->n - 1].rec->id);
	frt_buf_init(&b, ev.uri, sizeof(ev.uri));
	frt_table_uri(left->rec, &b);
	frt_buf_init(&b, ev.reason, sizeof(ev.reason));
	frt_plan_reason(p, &b);
	frt_event_push(&ev);
}

/* left: the last attempt of those that the call comes from. */
static void moved_on(frt_call_t *call, const frt_attempt_t *left)
{
	const frt_attempt_t *a = left;

	if(!left)
		return;
	frt_attempt_count(a, failovers);
	while(a->beside)
		frt_attempt_count(--a, failovers);
	frt_attempt_count(frt_plan_last(&call->plan), failovers_to);
	atomic_fetch_add(&call->plan.set->failovers, 1);
	frt_stats_count(FRT_STAT_FAILOVERS);
	tell_failover(call, left);
}

/* It could not be sent: RFC 3261 section 8.1.3.1 makes that a 503. */
static void send_failed(frt_call_t *call, frt_attempt_t *a, struct cell *t)
{
	frt_outcome_t o = frt_reply_outcome(t, FRT_TRANSPORT, 503);

	o.cut_short = frt_branch_is_astray(a, t);
	frt_reply_end(call, a, &o);
}

/* Kamailio opens no connection of WebSocket, and writes no Via without one. */
static bool has_no_websocket(const frt_attempt_t *a, const struct cell *t)
{
	const struct dest_info *dst = &t->uac[a->branch].request.dst;

	return ser_error == E_OUT_OF_MEM
		   && (dst->proto == PROTO_WS || dst->proto == PROTO_WSS);
}

/* Right after t_forward_nonack(): tm's branch failed on the way out, rather than in a branch_route or
 * onsend_route of the script, or for want of branches. */
static bool could_not_send(const frt_attempt_t *a, const struct cell *t)
{
	const struct ua_client *uac = frt_branch_uac(a, t);

	if(uac)
		return uac->icode == 908;
	return ser_error == E_BAD_ADDRESS || ser_error == E_BAD_PROTO
		   || ser_error == E_NO_SOCKET || ser_error == E_SEND
		   || has_no_websocket(a, t);
}

/* Something went out: the attempt as well? The script may have appended others. */
static bool went_out(frt_call_t *call, frt_attempt_t *a, sip_msg_t *msg,
		struct cell *t, unsigned int others)
{
	const struct ua_client *uac;

	if(others > 0 && !frt_branch_is_own(a, msg, t, others)) {
		a->sent = 0;
		frt_reply_drop(call, a);
		return false;
	}
	uac = frt_branch_uac(a, t);
	if(uac && uac->icode == 908) {
		send_failed(call, a, t);
		return false;
	}
	frt_call_sent(call, t, a->branch);
	return true;
}

/* Sends the latest attempt on its way. If it could not be sent it has ended. */
static bool send_last(frt_call_t *call, sip_msg_t *msg, struct cell *t)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);
	unsigned int others = nr_branches; /* that the script has appended */
	int sent;

	if(others > 0)
		frt_call_appended(call, msg);
	/* a reply may come before the send returns */
	a->branch = t->nr_of_outgoings;
	a->sent = 1;
	t->on_branch = call->branch_route;
	t->on_branch_failure = call->branch_failure_route;
	sent = frt_tm_forward(msg);
	frt_keep_sent(call, t);
	if(sent > 0)
		return went_out(call, a, msg, t, others);
	if(!was_cancelled(t) && could_not_send(a, t))
		send_failed(call, a, t);
	else /* the caller has hung up, or the script's own routes dropped it */
		frt_reply_drop(call, a);
	/* the next branch will have the number */
	if(a->branch >= t->nr_of_outgoings)
		a->sent = 0;
	return false;
}

/* Parallel: the latest attempt and all that are to be tried at once with it.
 * tm's reply lock keeps what the first ones answer until the last has gone
 * out, or the call would fail over with half of them. moved: the call comes
 * from elsewhere. False if none could be sent. */
static bool send_at_once(
		frt_call_t *call, sip_msg_t *msg, struct cell *t, bool moved)
{
	bool sent = false, more;

	frt_tm_lock(t);
	do {
		if(send_last(call, msg, t))
			sent = true;
		more = !was_cancelled(t) && frt_call_choose_beside(call, msg) == 0;
		if(more && moved)
			frt_attempt_count(frt_plan_last(&call->plan), failovers_to);
	} while(more);
	frt_tm_unlock(t);
	return sent;
}

/* tm has told of it, and could not send it: asked before it has a final reply. */
static bool is_unsent(const frt_attempt_t *a, const struct cell *t)
{
	const struct ua_client *uac = frt_branch_uac(a, t);

	return a->sent && (!uac || uac->icode == 908);
}

void frt_relay_unsent(frt_call_t *call, struct cell *t, frt_attempt_t *a)
{
	if(!a->ended && is_unsent(a, t))
		send_failed(call, a, t);
}

/* An attempt of the script's that never got out, or that tm could not send,
 * has no callback to end it. What the script passed over, or its own routes
 * dropped, is nobody's fault: tm asks the branch_route before it tells us of the
 * request, and looks for address and socket after that. */
void frt_relay_settle(frt_call_t *call, struct cell *t)
{
	frt_attempt_t *a = frt_plan_last(&call->plan);
	const struct ua_client *uac;

	if(!a || a->ended)
		return;
	if(t == NULL || t == T_UNDEFINED) {
		frt_reply_drop(call, a);
		return;
	}
	frt_relay_unsent(call, t, a);
	uac = frt_branch_uac(a, t);
	if(uac && uac->last_received < 200)
		return; /* tm waits for its answer */
	frt_reply_drop(call, a);
	if(!uac)
		a->sent = 0; /* the next branch has the number */
}

/* Before the call gets a set again. */
static void settle_before(sip_msg_t *msg)
{
	frt_call_t *call = frt_call_of(msg);

	if(call && !call->automatic)
		frt_relay_settle(call, frt_tm()->t_gett());
}

/* The call, with a set of its own again. */
static frt_call_t *begin(
		sip_msg_t *msg, frt_set_t *set, str *key, bool automatic)
{
	frt_call_t *call = frt_call_of(msg);

	settle_before(msg);
	/* the failure_route that runs when frt_relay has given up may have forced
	 * another */
	if(call && call->automatic && call->gave_up && is_route_type(FAILURE_ROUTE))
		call->sock = msg->force_send_socket;
	return frt_call_begin(msg, set, key, automatic);
}

/* The same for frt_relay. tm keeps the request as it was when the transaction
 * was made; all attempts are to get the R-URI that the script has by now. */
static frt_call_t *begin_relay(
		sip_msg_t *msg, frt_set_t *set, str *key, struct cell *t)
{
	frt_call_t *call = begin(msg, set, key, true);

	if(call && frt_keep_uri(call, GET_RURI(msg), GET_RURI(t->uas.request)) < 0)
		return NULL;
	return call;
}

/* Tries destinations until one could be sent to. 0, or why there is no other:
 * an frt_err_t. left is the (last) attempt the call comes from, or NULL. */
static int try_all(
		frt_call_t *call, sip_msg_t *msg, struct cell *t, frt_attempt_t *left)
{
	for(;;) {
		int err = frt_call_choose(call, msg);

		call->why_no_more = (int8_t)err;
		if(err)
			return was_cancelled(t) ? FRT_E_CANCELLED : err;
		moved_on(call, left);
		if(call->parallel ? send_at_once(call, msg, t, left != NULL)
						  : send_last(call, msg, t))
			return 0;
		if(was_cancelled(t))
			return FRT_E_CANCELLED;
		if(frt_plan_route(&call->plan) != FRT_ROUTE_NEXT)
			return FRT_E_STOP;
		left = frt_plan_last(&call->plan);
	}
}

static int forward(
		frt_call_t *call, sip_msg_t *msg, struct cell *t, frt_attempt_t *left)
{
	frt_armed_t armed = frt_keep_routes(call, t);
	bool others = nr_branches > 0;
	int err;

	/* what the script has appended goes out even where ours does not, and what
	 * it is answered waits for the next of ours */
	if(others)
		frt_tm_lock(t);
	err = try_all(call, msg, t, left);
	if(err) { /* once what the script has appended has ended, too, it goes on */
		call->gave_up = err != FRT_E_CANCELLED && !frt_branch_any_open(t);
		frt_keep_rearm(t, &armed);
	}
	if(others)
		frt_tm_unlock(t);
	return err;
}

/* In a failure: the script has the request as it was, if it is to go on. */
static int forward_on(
		frt_call_t *call, sip_msg_t *msg, struct cell *t, frt_attempt_t *left)
{
	frt_aim_t aim;
	int err;

	frt_aim_keep(&aim, msg);
	err = forward(call, msg, t, left);
	if(err)
		frt_aim_back(&aim, msg);
	else
		frt_aim_drop(&aim);
	return err;
}

/* The failure route that the script armed before frt_relay, now that we have
 * given up. */
static void run_failure_route(frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	int branches = t->nr_of_outgoings;

	if(!frt_keep_run_failure_route(call, t, msg))
		return;
	frt_branch_pass_route(t, branches);
	/* as tm would have, had the script not sent it by us */
	if(!frt_tm_keeps_replies() && t->nr_of_outgoings > branches
			&& frt_branch_script_went_on(call, t))
		frt_tm_drop_replies(msg, "a");
}

static int relay_in_failure_route(sip_msg_t *msg, frt_set_t *set, str *key)
{
	struct cell *t = frt_tm()->t_gett();
	bool others = nr_branches > 0; /* that the script has appended */
	frt_call_t *call;
	int err;

	if(t == NULL || t == T_UNDEFINED)
		return FRT_E_INVAL;
	if(was_cancelled(t))
		return FRT_E_CANCELLED;
	call = begin_relay(msg, set, key, t);
	if(!call)
		return FRT_E_NOMEM;
	err = forward_on(call, msg, t, NULL);
	if(err == 0 || (others && frt_branch_any_open(t)))
		return 1;
	call->gave_up = 1;
	frt_keep_give_back(call, t);
	return err;
}

/* RFC 3261 section 17.2.1: the server transaction says 100 at once. */
static void say_trying(sip_msg_t *msg, struct cell *t)
{
	if(is_invite(t) && (t->flags & T_AUTO_INV_100) && t->uas.status < 100
			&& frt_tm()->t_reply_trans(t, msg, 100, "Trying") < 0)
		LM_DBG("could not send 100\n");
}

static int relay_new(sip_msg_t *msg, frt_set_t *set, str *key)
{
	frt_call_t *call;
	struct cell *t;
	int ret = frt_tm()->t_newtran(msg);

	if(ret == 0)
		return 1; /* a retransmission, absorbed by tm */
	if(ret < 0 && ret != E_SCRIPT)
		return FRT_E_INVAL;
	t = frt_tm()->t_gett();
	if(t == NULL || t == T_UNDEFINED)
		return FRT_E_INVAL;
	call = begin_relay(msg, set, key, t);
	if(!call)
		return FRT_E_NOMEM;
	say_trying(msg, t);
	ret = forward(call, msg, t, NULL);
	if(ret == FRT_E_CANCELLED)
		frt_final_cancelled(msg, t);
	if(ret == 0 || ret == FRT_E_CANCELLED)
		return 1;
	/* nothing went out: whether the script may still answer depends on
	 * whether anything was tried */
	if(call->plan.n == 0) {
		frt_keep_give_back(call, t);
		return ret;
	}
	frt_final_unsent(call, t, msg);
	return 1;
}

/* Would a call that has tried nothing find a destination now? 0, or why not. */
static int look_ahead(const frt_set_t *set)
{
	frt_wish_t wish = {.dry = true};
	frt_dst_t *dst;
	bool panic;

	if(frt_choose_sure(set))
		return 0;
	wish.now_ms = frt_now_ms();
	return frt_choose_anyway(
			set, &wish, wish.now_ms, frt_random(), &dst, &panic);
}

/* Has tm answered the request already? A retransmission is tm's, and so is a caller
 * who has hung up meanwhile: what there is to choose now is nothing to them. */
static bool is_tms(sip_msg_t *msg)
{
	static cmd_function check = NULL;
	struct cell *t = frt_tm()->t_gett();

	if(t && t != T_UNDEFINED)
		return was_cancelled(t) != 0; /* the script has made one */
	if(!check)
		check = find_export("t_check_trans", 0, 0);
	return check && check(msg, NULL, NULL) == 0;
}

static int relay_routed(sip_msg_t *msg, str *set_id, str *key, frt_gen_t *g)
{
	frt_str_t id = {set_id->s, (uint32_t)set_id->len};
	frt_set_t *set = g ? frt_gen_set(g, id) : NULL;
	int err;

	if(set && is_route_type(FAILURE_ROUTE))
		return relay_in_failure_route(msg, set, key);
	if(!is_route_type(REQUEST_ROUTE))
		return set ? FRT_E_INVAL : FRT_E_NOSET;
	/* leave no transaction behind that the script would have to answer */
	err = set ? look_ahead(set) : FRT_E_NOSET;
	if(err == 0)
		return relay_new(msg, set, key);
	if(is_tms(msg))
		return 1;
	if(set)
		frt_call_exhausted(set->rec);
	return err;
}

int frt_relay(sip_msg_t *msg, str *set, str *key)
{
	int ret;

	if(msg->first_line.type != SIP_REQUEST)
		return FRT_E_INVAL;
	if(is_route_type(REQUEST_ROUTE) && routes_itself(msg)) {
		ret = frt_tm()->t_relay(msg, NULL, NULL);
		return ret > 0 ? 1 : FRT_E_INVAL;
	}
	ret = relay_routed(msg, set, key, frt_table_enter());
	frt_table_leave();
	return ret;
}

static int choose_for_script(frt_call_t *call, sip_msg_t *msg)
{
	struct cell *t = frt_tm()->t_gett();
	int err = frt_call_choose(call, msg);

	/* tells ours from those that the script appends: see frt_call.c */
	init_branch_iterator();
	call->why_no_more = (int8_t)err;
	call->aim_lost = t && t != T_UNDEFINED;
	if(is_route_type(REQUEST_ROUTE))
		frt_call_selected(call, msg);
	if(err && t && t != T_UNDEFINED)
		frt_keep_give_back(call, t);
	return err;
}

int frt_select(sip_msg_t *msg, str *set_id, str *key)
{
	frt_gen_t *g = frt_table_enter();
	frt_str_t id = {set_id->s, (uint32_t)set_id->len};
	frt_set_t *set = g ? frt_gen_set(g, id) : NULL;
	frt_call_t *call = NULL;
	int err = FRT_E_NOSET;

	if(set && set->conf.strategy == FRT_PARALLEL) {
		/* tm would not tell the script's branches apart for us */
		LM_ERR("frt_select: set %.*s has strategy=\"parallel\", which only "
			   "frt_relay can do\n",
				set_id->len, set_id->s);
		err = FRT_E_INVAL;
	} else if(msg->first_line.type != SIP_REQUEST
			  || (is_route_type(REQUEST_ROUTE) && routes_itself(msg))) {
		err = FRT_E_INVAL;
	} else if(set) {
		call = begin(msg, set, key, false);
		err = call ? choose_for_script(call, msg) : FRT_E_NOMEM;
	}
	frt_table_leave();
	return err ? err : 1;
}

int frt_next(sip_msg_t *msg)
{
	frt_call_t *call = frt_call_of(msg);
	struct cell *t = frt_tm()->t_gett();
	frt_attempt_t *left;
	int err;

	if(!call || !call->plan.set)
		return FRT_E_INVAL;
	if(t && t != T_UNDEFINED && was_cancelled(t))
		return FRT_E_CANCELLED;
	frt_relay_settle(call, t);
	left = frt_plan_last(&call->plan);
	frt_call_automatic(call, msg, false);
	err = choose_for_script(call, msg);
	if(err)
		return err;
	moved_on(call, left);
	return 1;
}

/* Whose refusal the failure route is about: of several at once, the one that tm
 * has picked. NULL if that is none of ours. */
static frt_attempt_t *refused(frt_call_t *call, const struct cell *t)
{
	int picked = frt_tm()->t_get_picked_branch();
	frt_attempt_t *a = frt_plan_of_branch(&call->plan, picked);

	if(a && a >= &call->plan.tries[frt_plan_fork(&call->plan)])
		return a;
	if(!a && picked >= 0 && frt_branch_is_ours(call, t, picked))
		return NULL;
	return frt_plan_last(&call->plan);
}

int frt_again(sip_msg_t *msg)
{
	frt_call_t *call = frt_call_of(msg);
	struct cell *t = frt_tm()->t_gett();
	frt_attempt_t *a;

	if(!call || !call->plan.set || t == NULL || t == T_UNDEFINED)
		return FRT_E_INVAL;
	if(was_cancelled(t))
		return FRT_E_CANCELLED;
	frt_relay_settle(call, t);
	a = refused(call, t);
	if(!a)
		return FRT_E_INVAL;
	frt_call_automatic(call, msg, false);
	init_branch_iterator();
	call->why_no_more = (int8_t)frt_call_choose_again(call, msg, a);
	call->aim_lost = 1;
	return call->why_no_more ? call->why_no_more : 1;
}

int frt_should_failover(sip_msg_t *msg)
{
	frt_call_t *call = frt_call_of(msg);
	struct cell *t = frt_tm()->t_gett();

	if(!call || !call->plan.set || t == NULL || t == T_UNDEFINED)
		return FRT_E_INVAL;
	if(was_cancelled(t))
		return FRT_E_CANCELLED;
	frt_relay_settle(call, t);
	return frt_plan_route(&call->plan) == FRT_ROUTE_NEXT ? 1 : FRT_E_STOP;
}

/* Kamailio's timer follows the wall clock, and the time for which the machine
 * stood still, in one step. A second telephone must not ring for that. */
static frt_moved_t hurried(frt_attempt_t *a, struct cell *t)
{
	uint64_t counted_ms =
			(uint64_t)(get_ticks_raw() - a->ticks) * 1000 / TIMER_TICKS_HZ;
	uint64_t ahead_ms = frt_attempt_ahead_ms(a, counted_ms, frt_now_ms());

	if(ahead_ms == 0 || a->provisional
			|| !frt_attempt_move(a, FRT_MOVED_HURRIED))
		return (frt_moved_t)atomic_load(&a->moved);
	frt_tm_live_on(t, ahead_ms);
	return FRT_MOVED_HURRIED;
}

/* Our timer fired, or was made to (frt_rescue.c), or a cancel was made up by
 * tm. */
static void timed_out(frt_call_t *call, frt_attempt_t *a, struct cell *t)
{
	frt_moved_t moved = hurried(a, t);
	frt_outcome_t o = frt_reply_outcome(t, FRT_LOCAL, 408);

	/* what was waited for, where a 100 had put the try-timeout to rest */
	if(a->trying)
		a->timeout_ms =
				(uint32_t)((frt_now_ms() - a->start_ms + 50) / 100 * 100);
	if(moved == FRT_MOVED_CLOSED || moved == FRT_MOVED_UNREACHABLE) {
		o.origin = FRT_TRANSPORT;
		o.code = 503;
	}
	o.cut_short = frt_attempt_cut_short(a, o.invite)
				  || (moved == FRT_MOVED_NOT && a->udp && !a->provisional
						  && frt_behind(a->start_ms))
				  || frt_branch_is_astray(a, t)
				  || (frt_plan_moved(&call->plan) && frt_tm_left_ms(t) == 0);
	o.cancelled = o.cancelled || frt_branch_is_cancelled(a, t);
	/* here, not where it was moved: a reply may still have been quicker */
	if(!a->ended && (moved == FRT_MOVED_DOWN || moved == FRT_MOVED_CLOSED)) {
		frt_attempt_count(a, rescued);
		frt_stats_count(FRT_STAT_RESCUED);
	}
	frt_reply_end(call, a, &o);
}

/* A branch-failure route may relay by itself, with tm's timers where no branch waits
 * for ours. Where none is armed tm runs the one of number 0, which no script has,
 * and which KEMI calls an error. 0: not to be run. */
static int on_branch_failure_route(
		struct sip_msg *msg, unsigned int flags, void *bar)
{
	struct cell *t = frt_tm()->t_gett();
	int picked = frt_tm()->t_get_picked_branch();
	frt_call_t *call = frt_call_of_cell(t);

	(void)msg;
	(void)flags;
	(void)bar;
	if(call && !frt_branch_any_open(t))
		frt_tm_put_fr(t, &call->own_fr, true);
	return t == NULL || t == T_UNDEFINED || picked < 0
		   || t->uac[picked].on_branch_failure != 0;
}

/* The beginning of a failure route, and of what goes on after a suspension. */
static int on_failure_route(struct sip_msg *msg, unsigned int flags, void *bar)
{
	struct cell *t = frt_tm()->t_gett();
	frt_call_t *call = frt_call_of_cell(t);

	(void)flags;
	(void)bar;
	if(call && !call->automatic && (t->flags & T_ASYNC_CONTINUE))
		frt_call_resumed(call, msg);
	return 1;
}

int frt_relay_init(void)
{
	if(frt_keep_init() < 0 || frt_final_init() < 0)
		return -1;
	if(register_script_cb(on_failure_route, PRE_SCRIPT_CB | FAILURE_CB, 0) < 0)
		return -1;
	return register_script_cb(
			on_branch_failure_route, PRE_SCRIPT_CB | BRANCH_FAILURE_CB, 0);
}

static void end_silent(frt_call_t *call, struct cell *t, frt_attempt_t *a)
{
	if(a->ended || !a->sent)
		return;
	timed_out(call, a, t);
	frt_stray_left(call, t, a);
}

void frt_relay_on_branch_failure(
		frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	frt_attempt_t *a =
			frt_plan_of_branch(&call->plan, frt_tm()->t_get_picked_branch());

	frt_stray_lost(call, t);
	/* a reply was judged when it came in */
	if(a && ps->rpl == FAKED_REPLY)
		end_silent(call, t, a);
}

void frt_relay_on_failure(
		frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	frt_plan_t *p = &call->plan;
	bool ours = frt_branch_is_ours(call, t, t->nr_of_outgoings - 1);
	uint32_t i;

	frt_tm_put_fr(t, &call->own_fr, true);
	frt_stray_lost(call, t);
	for(i = frt_plan_fork(p); ours && i < p->n; i++)
		end_silent(call, t, &p->tries[i]);
	frt_call_say(call);
}

void frt_relay_go_on(frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	frt_plan_t *p = &call->plan;
	bool ours = frt_branch_is_ours(call, t, t->nr_of_outgoings - 1);

	if(call->gave_up || !call->automatic) {
		frt_final_waited(call, t, ps->req);
		return;
	}
	if(!ours) { /* the script went on by itself, in a branch-failure route */
		call->gave_up = 1;
		run_failure_route(call, t, ps->req);
		return;
	}
	frt_tm_drop_replies(ps->req, "n");
	if(!was_cancelled(t) && !frt_branch_declined(call, t)
			&& frt_plan_route(p) == FRT_ROUTE_NEXT
			&& forward_on(call, ps->req, t, frt_plan_last(p)) == 0)
		return;
	call->gave_up = 1;
	frt_tm_put_fr(t, &call->own_fr, true);
	frt_keep_socket(ps->req, call->sock);
	frt_call_say(call);
	run_failure_route(call, t, ps->req);
	frt_final_answer(call, t, ps->req);
}
