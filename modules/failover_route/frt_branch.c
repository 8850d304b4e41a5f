/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm's branches as they are, and which of them is an attempt's.
 */
#include "frt_branch.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/globals.h"
#include "../../core/route.h"
#include "../../modules/tm/sip_msg.h"

#include <string.h>

/* The longest text that a datagram holds: 65535 less the headers that count. */
#define FRT_UDP4_MOST 65507
#define FRT_UDP6_MOST 65527

const struct ua_client *frt_branch_uac(
		const frt_attempt_t *a, const struct cell *t)
{
	return a->sent && a->branch < t->nr_of_outgoings ? &t->uac[a->branch]
													 : NULL;
}

bool frt_branch_is_astray(const frt_attempt_t *a, const struct cell *t)
{
	const struct ua_client *uac = frt_branch_uac(a, t);
	const struct dest_info *dst = uac ? &uac->request.dst : NULL;

	if(!a->udp || a->heard || !dst || dst->proto == PROTO_NONE)
		return false;
	/* over another one the script may have sent it, too: t_relay_to_tcp() */
	if(dst->proto != PROTO_UDP)
		return dst->proto == cfg_get(core, core_cfg, udp_mtu_try_proto);
	return uac->request.buffer_len
		   > (dst->to.s.sa_family == AF_INET6 ? FRT_UDP6_MOST : FRT_UDP4_MOST);
}

bool frt_branch_is_cancelled(const frt_attempt_t *a, const struct cell *t)
{
	const struct ua_client *uac = frt_branch_uac(a, t);
	const struct retr_buf *rb = uac ? &uac->request : NULL;

	/* tm notes its own timeouts like that as well */
	if(!rb || !(rb->flags & F_RB_CANCELED))
		return false;
	if(uac->local_cancel.buffer_len > 0)
		return true;
	return !a->heard && rb->dst.proto == PROTO_UDP
		   && (rb->flags & F_RB_RETR_DISABLED);
}

bool frt_branch_is_own(const frt_attempt_t *a, sip_msg_t *msg,
		const struct cell *t, unsigned int others)
{
	const struct ua_client *uac = frt_branch_uac(a, t);
	const str *uri = GET_RURI(msg);

	if((unsigned int)(t->nr_of_outgoings - a->branch) > others)
		return true;
	return uac && uac->uri.len == uri->len
		   && memcmp(uac->uri.s, uri->s, (size_t)uri->len) == 0;
}

bool frt_branch_is_ours(frt_call_t *call, const struct cell *t, int branch)
{
	int first = branch;

	while(first > 0 && !(t->uac[first].flags & TM_UAC_FLAG_FB))
		first--;
	branch = first;
	do {
		if(frt_plan_of_branch(&call->plan, branch))
			return true;
	} while(++branch < t->nr_of_outgoings
			&& !(t->uac[branch].flags & TM_UAC_FLAG_FB));
	return false;
}

bool frt_branch_script_went_on(frt_call_t *call, const struct cell *t)
{
	int i = t->nr_of_outgoings - 1;

	if(frt_branch_is_ours(call, t, i))
		return false;
	for(; i >= 0; i--) {
		/* what could not be sent has neither */
		if(t->uac[i].reply || t->uac[i].last_received < 200)
			return true;
		if(t->uac[i].flags & TM_UAC_FLAG_FB)
			break;
	}
	return false;
}

bool frt_branch_is_blind(const struct cell *t, int branch)
{
	return branch >= 0 && (t->uac[branch].flags & TM_UAC_FLAG_BLIND);
}

bool frt_branch_any_room(const struct cell *t)
{
	return (unsigned int)t->nr_of_outgoings < sr_dst_max_branches;
}

bool frt_branch_any_open(const struct cell *t)
{
	int i;

	for(i = 0; i < t->nr_of_outgoings; i++) {
		const struct ua_client *uac = &t->uac[i];

		if(uac->last_received < 200
				&& (uac->request.t_active
						|| (uac->request.flags & F_RB_TIMEOUT)))
			return true;
	}
	return false;
}

bool frt_branch_declined(frt_call_t *call, const struct cell *t)
{
	int picked = frt_tm()->t_get_picked_branch();

	return picked >= 0 && t->uac[picked].last_received >= 600
		   && !(t->flags & T_DISABLE_6xx)
		   && !frt_plan_of_branch(&call->plan, picked);
}

/* tm has noted what the route made of it; where its timer was first, its own 408. */
int frt_branch_said(const frt_attempt_t *a, const struct cell *t)
{
	const struct ua_client *uac = t ? frt_branch_uac(a, t) : NULL;
	int noted = uac && !a->said ? uac->last_received : a->said;

	if(a->code < 300 || a->origin != FRT_REMOTE || !uac
			|| uac->reply == FAKED_REPLY || noted < 300)
		return a->code;
	return noted;
}

int frt_branch_best(const frt_call_t *call)
{
	const frt_plan_t *p = &call->plan;
	int best = frt_plan_best(p, frt_tm_silence_code());
	uint32_t i;

	for(i = p->n; i-- > 0;) {
		if(p->tries[i].code == best && p->tries[i].origin == FRT_REMOTE)
			return frt_branch_said(&p->tries[i], call->cell);
	}
	return best;
}

void frt_branch_say_best(frt_call_t *call, struct cell *t)
{
	frt_plan_t *p = &call->plan;
	int best = was_cancelled(t) ? 487 : frt_branch_best(call);
	int picked = frt_tm()->t_get_picked_branch();
	uint32_t i;

	if(picked >= 0 && t->uac[picked].last_received == best)
		return; /* tm tells it, and of the others what they said */
	for(i = 0; best >= 300 && i < p->n; i++) {
		int branch = frt_branch_uac(&p->tries[i], t) ? p->tries[i].branch : -1;

		if(branch < 0 || t->uac[branch].last_received < 300)
			continue;
		p->tries[i].said = (uint16_t)t->uac[branch].last_received;
		t->uac[branch].last_received = best;
	}
}

void frt_branch_say_own(frt_call_t *call, struct cell *t)
{
	frt_attempt_t *a;

	for(a = call->plan.tries; a < &call->plan.tries[call->plan.n]; a++) {
		if(a->said)
			t->uac[a->branch].last_received = a->said;
		a->said = 0;
	}
}

/* Would the caller rather have it than what b ended with? See frt_plan_best(). */
static bool is_better(const frt_attempt_t *a, const frt_attempt_t *b)
{
	if(b == a || !b->ended || b->code < 400 || b->code >= 600)
		return false;
	return b->origin != FRT_REMOTE
		   || (a->route == FRT_ROUTE_STOP && b->route == FRT_ROUTE_NEXT);
}

static void forget(struct ua_client *uac)
{
	struct sip_msg *reply = uac->reply;

	uac->reply = NULL;
	if(reply && reply != FAKED_REPLY && (reply->msg_flags & FL_SHM_CLONE))
		sip_msg_free(reply);
}

/* May another process be at a reply that tm has kept, without the lock? At the one
 * that is the answer, as acc is, or at one that it goes on with after a suspension. */
static bool is_lent(const struct cell *t)
{
	return t->uas.status >= 200
		   || t->async_backup.backup_route == TM_ONREPLY_ROUTE;
}

void frt_branch_forget_worse(
		frt_call_t *call, struct cell *t, const frt_attempt_t *a)
{
	const frt_plan_t *p = &call->plan;
	uint32_t i;

	if(p->n < 2)
		return;
	frt_tm_lock(t);
	for(i = 0; i < p->n && !is_lent(t); i++) {
		const frt_attempt_t *b = &p->tries[i];

		if(is_better(a, b) && frt_branch_uac(b, t))
			forget(&t->uac[b->branch]);
	}
	frt_tm_unlock(t);
}

void frt_branch_pass_route(struct cell *t, int n)
{
	int i, last = t->nr_of_outgoings - 1;

	if(last < n)
		return;
	for(i = 0; i < n; i++)
		t->uac[i].on_failure = t->uac[last].on_failure;
}
