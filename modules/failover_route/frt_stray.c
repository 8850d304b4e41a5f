/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Late answers, and those to test calls, which nobody waits for either.
 * Whoever receives one decides at once and copies the message;
 * ACK and BYE are sent by the prober. Every copy of the 2xx gets its ACK
 * (RFC 3261 section 13.2.2.4), the first of each To tag the BYE.
 */
#include "frt_behind.h"
#include "frt_believe.h"
#include "frt_bye.h"
#include "frt_msg.h"
#include "frt_reply.h"
#include "frt_probe_send.h"
#include "frt_stray.h"
#include "frt_tm.h"
#include "frt_wake.h"
#include "engine/frt_late.h"

#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/parse_to.h"
#include "../../core/script_cb.h"

#include <string.h>

#define FRT_GONE_BUCKETS 1024u
#define FRT_STRAYS_MAX 256 /* waiting for the prober; the rest comes again */

typedef struct frt_stray
{
	struct frt_stray *next;
	frt_bye_t bye;
	char text[];
} frt_stray_t;

typedef struct frt_strays
{
	gen_lock_t lock;
	_Atomic bool calling; /* there may be test calls */
	uint32_t waiting;
	frt_stray_t *first;
	frt_stray_t *last;
	frt_gone_table_t gone; /* last: it has no end */
} frt_strays_t;

static frt_strays_t *shared;

static uint32_t now_s(void)
{
	return (uint32_t)(frt_now_ms() / 1000);
}

static uint32_t tag_hash(sip_msg_t *rpl)
{
	str tag = STR_NULL;

	if((rpl->to || parse_headers(rpl, HDR_TO_F, 0) == 0) && rpl->to
			&& get_to(rpl))
		tag = get_to(rpl)->tag_value;
	return (uint32_t)frt_hash_bytes(tag.s, tag.len > 0 ? (size_t)tag.len : 0, 5)
		   | 1;
}

/* Copies the 2xx for the prober. What does not fit comes again: the callee
 * repeats its 2xx until there is an ACK. */
static bool hand_over(sip_msg_t *rpl, uint32_t below, bool bye)
{
	frt_stray_t *s = shm_malloc(sizeof(*s) + rpl->len + 1);
	bool room;

	if(!s) {
		SHM_MEM_ERROR;
		return false;
	}
	memset(s, 0, sizeof(*s));
	memcpy(s->text, rpl->buf, rpl->len);
	s->text[rpl->len] = '\0';
	s->bye.reply.s = s->text;
	s->bye.reply.len = (int)rpl->len;
	s->bye.sock = rpl->rcv.bind_address;
	s->bye.below = below;
	s->bye.bye = bye;
	lock_get(&shared->lock);
	room = shared->waiting < FRT_STRAYS_MAX;
	if(room) {
		if(shared->last)
			shared->last->next = s;
		else
			shared->first = s;
		shared->last = s;
		shared->waiting++;
	}
	lock_release(&shared->lock);
	if(room)
		frt_wake(FRT_WAKE_PROBER);
	else
		shm_free(s);
	return room;
}

void frt_stray_work(void)
{
	frt_stray_t *s;

	for(;;) {
		lock_get(&shared->lock);
		s = shared->first;
		if(s) {
			shared->first = s->next;
			if(!s->next)
				shared->last = NULL;
			shared->waiting--;
		}
		lock_release(&shared->lock);
		if(!s)
			return;
		frt_bye_send(&s->bye);
		shm_free(s);
	}
}

/* How many Record-Routes the request came with: what is above them in the 2xx
 * is from us on. */
static uint16_t count_below(struct cell *t)
{
	struct hdr_field *h;
	uint32_t n = 0;

	for(h = t->uas.request ? t->uas.request->headers : NULL; h; h = h->next) {
		if(h->type == HDR_RECORDROUTE_T)
			n += frt_hdr_count((frt_str_t){h->body.s, (uint32_t)h->body.len});
	}
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

void frt_stray_left(frt_call_t *call, struct cell *t, frt_attempt_t *a)
{
	if(!is_invite(t) || a->branch < 0)
		return;
	call->below = count_below(t);
	a->left_key = frt_branch_key(t->hash_index, t->md5, (uint32_t)a->branch);
}

void frt_stray_forget(const frt_call_t *call)
{
	uint32_t i;

	for(i = 0; shared && i < call->plan.n; i++) {
		const frt_attempt_t *a = &call->plan.tries[i];

		if(a->left_key == 0 || a->branch + 1 == call->won)
			continue;
		lock_get(&shared->lock);
		frt_gone_put_locked(
				&shared->gone, a->left_key, call->below, a->late_tag, now_s());
		lock_release(&shared->lock);
	}
}

/* Does tm take a 2xx of that branch? What has timed out it does not. */
static bool takes_2xx(const struct cell *t, int branch)
{
	return t->uac[branch].last_received < 300;
}

/* The 2xx that was to be the answer has come, but tm, which the timer reached first,
 * has not taken it: it is none. It will come again, and be late. */
void frt_stray_lost(frt_call_t *call, struct cell *t)
{
	frt_attempt_t *a;

	if(call->won == 0 || t->uas.status >= 200 || takes_2xx(t, call->won - 1))
		return;
	a = frt_plan_of_branch(&call->plan, call->won - 1);
	call->won = 0;
	frt_plan_win(&call->plan, NULL);
	if(!a || !a->ended)
		return;
	a->origin = FRT_LOCAL;
	a->code = 408;
	a->route = FRT_ROUTE_NEXT;
	frt_dialog_let_go(call->held, a->rec);
	frt_stray_left(call, t, a);
}

/* An attempt that has ended without a code was cancelled for another one, and
 * its branch may still be open. One that has not ended may have timed out, while
 * tm waits for a branch that the script has added. */
static frt_branch_state_t state_of(const struct cell *t, const frt_attempt_t *a)
{
	if(!a)
		return FRT_BRANCH_FOREIGN;
	if(a->late_tag) /* it has had our BYE */
		return FRT_BRANCH_REFUSED;
	if(!a->ended)
		return takes_2xx(t, a->branch) ? FRT_BRANCH_OPEN : FRT_BRANCH_LEFT;
	if(a->code == 0 && t->uac[a->branch].last_received < 200)
		return FRT_BRANCH_OPEN;
	return a->origin == FRT_REMOTE ? FRT_BRANCH_REFUSED : FRT_BRANCH_LEFT;
}

/* tm takes the branch for one that has not answered yet: the 2xx becomes the
 * answer, and the branches still open are cancelled. Reply lock held. */
static void revive_locked(struct cell *t, frt_attempt_t *a)
{
	t->uac[a->branch].last_received = 0;
	a->code = 0;
}

/* tm drops the message without a word, and no onreply_route of the call sees
 * it: what that might do, as with media, belongs to the other leg. */
static void hide(struct cell *t, int branch, sip_msg_t *rpl)
{
	t->uac[branch].on_reply = 0;
	rpl->msg_flags |= FL_RPL_SUSPENDED;
}

/* tm stops its timer even so: it is not to wait for the branch if the other one is lost
 * (a refusal of its own, which is judged already, ends it by itself). */
static void end_branch(struct cell *t, int branch, const sip_msg_t *rpl)
{
	if(t->uac[branch].last_received < 200)
		t->uac[branch].last_received = (int)rpl->REPLY_STATUS;
}

/* Nobody is to be blamed for what became of a branch that we cancel. */
static void others_locked(
		frt_call_t *call, struct cell *t, const frt_attempt_t *a)
{
	uint32_t i;

	for(i = 0; i < call->plan.n; i++) {
		frt_attempt_t *other = &call->plan.tries[i];

		if(other == a || other->ended)
			continue;
		frt_stray_left(call, t, other);
		frt_reply_drop(call, other);
	}
}

void frt_stray_others(frt_call_t *call, struct cell *t, const frt_attempt_t *a)
{
	frt_tm_lock(t);
	others_locked(call, t, a);
	frt_tm_unlock(t);
}

/* The 2xx is the answer. What is still open is cancelled by tm, or left alone
 * where nothing came from it yet. */
static void win_locked(frt_call_t *call, struct cell *t, int branch,
		frt_attempt_t *a, uint16_t code)
{
	call->won = (int16_t)(branch + 1);
	frt_plan_win(&call->plan, a);
	if(a && a->ended && a->code == 0) {
		a->origin = FRT_REMOTE;
		a->code = code;
	}
	others_locked(call, t, a);
}

static void end(frt_call_t *call, frt_attempt_t *a, sip_msg_t *rpl)
{
	uint32_t tag = tag_hash(rpl);

	if(hand_over(rpl, call->below, a->late_tag != tag)) {
		if(a->late_tag != tag)
			frt_attempt_count(a, late);
		a->late_tag = tag;
	}
}

bool frt_stray_in(frt_call_t *call, struct cell *t, int branch, sip_msg_t *rpl)
{
	frt_attempt_t *a = frt_plan_of_branch(&call->plan, branch);
	frt_late_in_t in = {.branch = branch};
	frt_late_t what;
	bool wins = false;

	frt_tm_lock(t);
	frt_stray_lost(call, t);
	in.state = state_of(t, a);
	in.winner = call->won - 1;
	in.answered = t->uas.status >= 200;
	/* a suspended transaction forwards nothing now */
	in.cancelled = was_cancelled(t) || (t->flags & T_ASYNC_SUSPENDED);
	what = frt_late_decide(&in);
	if(what == FRT_LATE_REVIVE)
		revive_locked(t, a);
	if(what == FRT_LATE_END) {
		hide(t, branch, rpl);
		if(in.winner >= 0)
			end_branch(t, branch, rpl);
		if(a->left_key == 0)
			frt_stray_left(call, t, a);
	} else if(call->won == 0 && !in.answered && takes_2xx(t, branch)) {
		win_locked(call, t, branch, a, (uint16_t)rpl->REPLY_STATUS);
		wins = true;
	}
	frt_tm_unlock(t);
	if(what == FRT_LATE_END)
		end(call, a, rpl);
	return wins;
}

/* --- before tm ----------------------------------------------------------------- */

static bool is_invite_2xx(sip_msg_t *rpl)
{
	return rpl->REPLY_STATUS >= 200 && rpl->REPLY_STATUS < 300
		   && frt_msg_cseq_method(rpl) == METHOD_INVITE;
}

static bool read_branch(sip_msg_t *rpl, frt_branch_t *via)
{
	return rpl->via1 && rpl->via1->branch
		   && frt_branch_parse((frt_str_t){rpl->via1->branch->value.s,
									   (uint32_t)rpl->via1->branch->value.len},
					  via)
					  == 0;
}

/* To a call of ours tm is to take every reply for as long as there is the
 * transaction: a late 2xx is to be ended, a refusal wants its ACK, and neither
 * is for a caller who has the answer of another. */
static void leave_to_tm(sip_msg_t *rpl)
{
	frt_branch_t via;
	struct cell *t = read_branch(rpl, &via) ? frt_tm_of_branch(&via) : NULL;

	frt_tm_take_late(t && frt_call_of_cell(t));
	if(t)
		frt_tm_put(t);
}

/* Is the branch among those left? */
static bool was_left(uint64_t key, uint32_t tag, uint32_t *below, bool *bye)
{
	frt_gone_t *gone;

	lock_get(&shared->lock);
	gone = frt_gone_find_locked(&shared->gone, key, now_s());
	if(gone) {
		*below = gone->below;
		*bye = !frt_gone_ended(gone, tag);
	}
	lock_release(&shared->lock);
	return gone != NULL;
}

static void note_bye(uint64_t key, uint32_t tag)
{
	frt_gone_t *gone;

	lock_get(&shared->lock);
	gone = frt_gone_find_locked(&shared->gone, key, now_s());
	if(gone)
		frt_gone_end_locked(gone, tag);
	lock_release(&shared->lock);
}

/* Before any route, and before tm: a 2xx whose transaction has gone would be
 * forwarded by its Via, to a caller who talks to somebody else or has hung up;
 * one to a test call would get its ACK from tm, which may wait for a name. */
static int on_reply(struct sip_msg *msg, unsigned int flags, void *bar)
{
	uint32_t below = 0, tag;
	bool bye = true, late;
	frt_branch_t via;
	uint64_t key;

	(void)flags;
	(void)bar;
	frt_behind_read(msg);
	if(frt_tm_skips_late())
		leave_to_tm(msg);
	late = shared->gone.live > 0 || shared->calling;
	if((!late && !frt_believe_wants(msg)) || !read_branch(msg, &via))
		return 1;
	if(!frt_believe_reply(&via, msg))
		return 0;
	if(!late || !is_invite_2xx(msg))
		return 1;
	if(shared->calling && frt_probe_answered(&via))
		frt_stray_expect(&via);
	key = frt_branch_key(via.index, via.md5, via.branch);
	tag = tag_hash(msg);
	if(!was_left(key, tag, &below, &bye))
		return 1;
	if(hand_over(msg, below, bye) && bye)
		note_bye(key, tag);
	return 0;
}

void frt_stray_expect(const frt_branch_t *via)
{
	uint64_t key = frt_branch_key(via->index, via->md5, via->branch);

	lock_get(&shared->lock);
	if(!frt_gone_find_locked(&shared->gone, key, now_s()))
		frt_gone_put_locked(&shared->gone, key, 0, 0, now_s());
	lock_release(&shared->lock);
}

void frt_stray_calling(void)
{
	shared->calling = true;
}

int frt_stray_init(void)
{
	size_t size = sizeof(*shared) + frt_gone_size(FRT_GONE_BUCKETS);

	shared = shm_malloc(size);
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, size);
	shared->gone.mask = FRT_GONE_BUCKETS - 1;
	frt_tm_init();
	if(!lock_init(&shared->lock)
			|| register_script_cb(on_reply, PRE_SCRIPT_CB | ONREPLY_CB, 0)
					   < 0) {
		LM_ERR("cannot prepare for late answers\n");
		return -1;
	}
	return 0;
}

void frt_stray_destroy(void)
{
	frt_stray_t *s;

	if(!shared)
		return;
	while((s = shared->first) != NULL) {
		shared->first = s->next;
		shm_free(s);
	}
	lock_destroy(&shared->lock);
	shm_free(shared);
	shared = NULL;
}
