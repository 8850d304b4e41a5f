/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all attempts of a call have of its script; see the header.
 */
#include "frt_branch.h"
#include "frt_keep.h"

#include "../../core/dset.h"
#include "../../core/globals.h"
#include "../../core/kemi.h"
#include "../../core/route.h"
#include "../../core/script_cb.h"
#include "../../core/timer_ticks.h"
#include "../../core/ut.h"

#include <string.h>

int frt_keep_uri(frt_call_t *call, const str *uri, const str *tms)
{
	if(call->uri.s)
		shm_free(call->uri.s);
	memset(&call->uri, 0, sizeof(call->uri));
	if(uri->len == tms->len && memcmp(uri->s, tms->s, (size_t)uri->len) == 0)
		return 0;
	return shm_str_dup(&call->uri, uri);
}

int frt_keep_bring_uri(frt_call_t *call, sip_msg_t *msg)
{
	return call->uri.s ? rewrite_uri(msg, &call->uri) : 0;
}

/* What the process had before a request came whose socket is another one. */
static struct
{
	struct socket_info *sock;
	unsigned int id;
	int pid;
	bool is;
} before;

/* In a failure tm chooses what the first branch had: that may have been a
 * destination's own. Its environment of a failure has an end, and with it this, also
 * where a request's script has it gone through (t_continue()); a worker that has no
 * socket of its own gets back what it had. */
void frt_keep_socket(sip_msg_t *msg, struct socket_info *sock)
{
	set_force_socket(msg, sock);
	if(sock || bind_address == msg->rcv.bind_address)
		return;
	if(is_route_type(REQUEST_ROUTE)) {
		before.sock = bind_address;
		before.id = msg->id;
		before.pid = msg->pid;
		before.is = true;
	}
	bind_address = msg->rcv.bind_address;
}

void frt_keep_request_over(const sip_msg_t *msg)
{
	if(before.is && before.id == msg->id && before.pid == msg->pid)
		bind_address = before.sock;
	before.is = false;
}

/* Takes over the script's failure route: it is to run once, at the very end,
 * and not after each attempt. */
static void take_failure_route(frt_call_t *call, struct cell *t)
{
	if(t->on_failure == 0)
		return;
	call->failure_route = t->on_failure;
	t->on_failure = 0;
}

frt_armed_t frt_keep_routes(frt_call_t *call, struct cell *t)
{
	frt_armed_t armed = {t->on_branch, t->on_branch_failure};

	if(t->on_branch)
		call->branch_route = t->on_branch;
	if(t->on_branch_failure)
		call->branch_failure_route = t->on_branch_failure;
	take_failure_route(call, t);
	return armed;
}

void frt_keep_rearm(struct cell *t, const frt_armed_t *armed)
{
	t->on_branch = armed->branch_route;
	t->on_branch_failure = armed->branch_failure_route;
}

static void run_route(unsigned int route, sip_msg_t *msg)
{
	sr_kemi_eng_t *keng = sr_kemi_eng_get();

	if(keng) {
		if(sr_kemi_route(keng, msg, FAILURE_ROUTE,
				   sr_kemi_cbname_lookup_idx((int)route), NULL)
				< 0)
			LM_ERR("the failure callback returned an error\n");
	} else if(run_top_route(failure_rt.rlist[route], msg, 0) < 0) {
		LM_ERR("the failure route returned an error\n");
	}
}

bool frt_keep_run_failure_route(
		frt_call_t *call, struct cell *t, sip_msg_t *msg)
{
	unsigned int route = call->failure_route;

	call->failure_route = 0;
	if(route == 0 || exec_pre_script_cb(msg, FAILURE_CB_TYPE) <= 0)
		return false;
	frt_branch_say_best(call, t);
	run_route(route, msg);
	frt_branch_say_own(call, t);
	exec_post_script_cb(msg, FAILURE_CB_TYPE);
	return true;
}

void frt_keep_give_back(frt_call_t *call, struct cell *t)
{
	if(call->failure_route)
		t->on_failure = call->failure_route;
	call->failure_route = 0;
	frt_tm_put_fr(t, &call->own_fr, true);
	if(call->plan.n > 0)
		frt_call_say(call);
}

void frt_keep_suspended(const frt_call_t *call, struct cell *t)
{
	int blind = t->nr_of_outgoings - 1;

	if((t->flags & T_ASYNC_SUSPENDED) && call->own_fr.lent
			&& frt_branch_is_blind(t, blind))
		frt_tm_wait(t, blind, TICKS_TO_MS(call->own_fr.fr));
}

#define SENT_TRIES 16
#define SENT_PAUSE_US 50

/* Its answer may have come already, and another process be at the next attempt,
 * which has the timers until it has gone out. Each failure gives them back, too:
 * nobody waits for it here beyond what a provisional reply takes, as its route may
 * wait for a lock of this script's. */
void frt_keep_sent(frt_call_t *call, struct cell *t)
{
	int tries = SENT_TRIES;

	while(!frt_tm_try_lock(t)) {
		if(--tries == 0)
			return;
		sleep_us(SENT_PAUSE_US);
	}
	frt_tm_put_fr(t, &call->own_fr, false);
	frt_tm_unlock(t);
}

/* The end of a branch_route, which may have armed one; tm has yet to give it to
 * the branch. */
static int on_branch_route_end(
		struct sip_msg *msg, unsigned int flags, void *bar)
{
	struct cell *t = frt_tm()->t_gett();
	frt_call_t *call = frt_call_of_cell(t);

	(void)msg;
	(void)flags;
	(void)bar;
	if(call && call->automatic && !call->gave_up)
		take_failure_route(call, t);
	return 1;
}

int frt_keep_init(void)
{
	return register_script_cb(
			on_branch_route_end, POST_SCRIPT_CB | BRANCH_CB, 0);
}
