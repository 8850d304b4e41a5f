/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tm from the outside. tm's functions for this are not exported, or do more
 * than is wanted; its structures are, and its rules are kept: the bucket's
 * lock around the search, a reference for whoever goes on, the order of the
 * fields when a timer is set.
 */
#include "frt_call.h"
#include "frt_tm.h"

#include "../../core/timer.h"

#include <string.h>

/* tm's own variable, one of each process, if tm skips late replies; what it was
 * set to */
static int *matching;
static int matching_set;

static int *reply_mode; /* failure_reply_mode */
static int *exec_mode;	/* failure_exec_mode, one of each process, too */

static int *silence_code; /* reply_408_code */
static str *silence_reason;

struct cell *frt_tm_get(const uint32_t ident[2])
{
	const struct tm_binds *tm = frt_tm();
	struct cell *was = tm->t_gett();
	int was_branch = tm->t_gett_branch();
	struct cell *t = NULL;

	if(tm->t_lookup_ident(&t, ident[0], ident[1]) < 0)
		t = NULL;
	tm->t_sett(was, was_branch);
	return t;
}

struct cell *frt_tm_of_branch(const frt_branch_t *via)
{
	struct s_table *table = frt_tm()->get_table();
	struct entry *bucket;
	struct cell *t;

	if(!table || via->index >= TABLE_ENTRIES)
		return NULL;
	bucket = &table->entries[via->index];
	lock(&bucket->mutex);
	/* tm's lock is recursive by this */
	atomic_set(&bucket->locker_pid, my_pid());
	for(t = bucket->next_c; t != (struct cell *)bucket; t = t->next_c) {
		if(memcmp(t->md5, via->md5, FRT_BRANCH_MD5) == 0
				&& via->branch < (uint32_t)t->nr_of_outgoings)
			break;
	}
	if(t == (struct cell *)bucket)
		t = NULL;
	else
		atomic_inc(&t->ref_count);
	atomic_set(&bucket->locker_pid, 0);
	unlock(&bucket->mutex);
	return t;
}

bool frt_tm_on_failure_last(struct cell *t, transaction_cb f, void *param)
{
	struct tm_callback *last = (struct tm_callback *)t->tmcb_hl.first;
	struct tm_callback *cb = last ? shm_malloc(sizeof(*cb)) : NULL;

	if(!cb) {
		SHM_MEM_ERROR;
		return false;
	}
	memset(cb, 0, sizeof(*cb));
	cb->types = TMCB_ON_FAILURE;
	cb->callback = f;
	cb->param = param;
	while(last->next)
		last = last->next;
	atomic_or_int(&t->tmcb_hl.reg_types, TMCB_ON_FAILURE);
	/* another process may be walking the list */
	membar_write();
	last->next = cb; /* tm frees it */
	return true;
}

/* One of tm's parameters, as it is used; NULL if there is none of that name. From
 * mod_init on. */
static void *param_of(char *name, modparam_t wanted)
{
	void *tm = find_module_by_name("tm");
	modparam_t type;

	return tm ? find_param_export(tm, name, wanted, &type) : NULL;
}

static int *number_of(char *name)
{
	return param_of(name, PARAM_INT);
}

void frt_tm_drop_replies(sip_msg_t *msg, char *mode)
{
	static cmd_function drop = NULL;

	if(!drop)
		drop = find_export("t_drop_replies", 1, 0);
	if(drop)
		drop(msg, mode, NULL);
}

bool frt_tm_keeps_replies(void)
{
	return reply_mode && *reply_mode == 0;
}

void frt_tm_init(void)
{
	reply_mode = number_of("failure_reply_mode");
	exec_mode = number_of("failure_exec_mode");
	silence_code = number_of("reply_408_code");
	silence_reason = param_of("reply_408_reason", PARAM_STR);
	matching = number_of("reply_matching");
	matching_set = matching ? *matching : 0;
	if((matching_set & FRT_TM_ACTIVE_ONLY) == 0)
		matching = NULL;
}

int frt_tm_silence_code(void)
{
	return silence_code ? *silence_code : 408;
}

str frt_tm_silence_reason(void)
{
	return silence_reason ? *silence_reason : (str)str_init("Request Timeout");
}

int frt_tm_forward(sip_msg_t *msg)
{
	int was = exec_mode ? *exec_mode : 0;
	int sent;

	if(was)
		*exec_mode = 0;
	sent = frt_tm()->t_forward_nonack(msg, NULL);
	if(was)
		*exec_mode = was;
	return sent;
}

bool frt_tm_skips_late(void)
{
	return matching != NULL;
}

void frt_tm_take_late(bool take)
{
	*matching = take ? matching_set & ~FRT_TM_ACTIVE_ONLY : matching_set;
}

void frt_tm_put(struct cell *t)
{
	frt_tm()->unref_cell(t);
}

void frt_tm_lock(struct cell *t)
{
	if(atomic_get(&t->reply_locker_pid) == my_pid()) {
		t->reply_rec_lock_level++;
		return;
	}
	lock(&t->reply_mutex);
	atomic_set(&t->reply_locker_pid, my_pid());
}

bool frt_tm_try_lock(struct cell *t)
{
	if(atomic_get(&t->reply_locker_pid) == my_pid()) {
		t->reply_rec_lock_level++;
		return true;
	}
	if(lock_try(&t->reply_mutex) != 0)
		return false;
	atomic_set(&t->reply_locker_pid, my_pid());
	return true;
}

void frt_tm_unlock(struct cell *t)
{
	if(t->reply_rec_lock_level > 0) {
		t->reply_rec_lock_level--;
		return;
	}
	atomic_set(&t->reply_locker_pid, 0);
	unlock(&t->reply_mutex);
}

/* Without the reply lock: tm's timer may hold the timer and want the lock, as
 * when a retransmission cannot be sent, and timer_del() waits for the timer.
 * What others do meanwhile sets F_RB_DEL_TIMER first, which is looked at again
 * before the timer is back, and by the timer itself. */
frt_fire_t frt_tm_fire(struct cell *t, int branch)
{
	struct retr_buf *rb = &t->uac[branch].request;

	if((rb->flags & (F_RB_DEL_TIMER | F_RB_TIMEOUT))
			|| t->uac[branch].last_received >= 200)
		return FRT_FIRE_TOO_LATE;
	if(!rb->t_active)
		return FRT_FIRE_NOT_YET;
	if(timer_del(&rb->timer) != 0)
		return FRT_FIRE_TOO_LATE;
	/* from here on nobody else sets or runs it */
	if(rb->flags & F_RB_DEL_TIMER)
		return FRT_FIRE_TOO_LATE;
	rb->fr_expire = get_ticks_raw();
	timer_reinit(&rb->timer);
	/* timeouts belong to tm's slow timer: what follows may take a while */
	rb->timer.flags &= ~(unsigned)F_TIMER_FAST;
	if(timer_add(&rb->timer, 1) != 0)
		LM_CRIT("a branch is left without its timer\n");
	rb->t_active = 1;
	atomic_thread_fence(memory_order_seq_cst);
	return FRT_FIRE_DONE;
}

bool frt_tm_fired(const struct cell *t, int branch)
{
	atomic_thread_fence(memory_order_seq_cst);
	return (t->uac[branch].request.flags & F_RB_TIMEOUT) != 0;
}

/* As tm does: nothing of a transaction waits beyond its end. */
static void wait_until(struct cell *t, int branch, ticks_t at)
{
	if((s_ticks_t)(t->end_of_life - at) < 0)
		at = t->end_of_life;
	t->uac[branch].request.fr_expire = at;
}

void frt_tm_unfire(struct cell *t, int branch, uint32_t fr_ms)
{
	wait_until(t, branch,
			get_ticks_raw()
					+ (is_invite(t) ? t->fr_inv_timeout : MS_TO_TICKS(fr_ms)));
}

void frt_tm_wait(struct cell *t, int branch, uint32_t ms)
{
	wait_until(t, branch, get_ticks_raw() + MS_TO_TICKS(ms));
}

void frt_tm_lend_fr(
		struct cell *t, uint32_t inv_ms, uint32_t fr_ms, frt_tm_fr_t *own)
{
	/* the script may have set others since they were last its own */
	if(!own->lent)
		*own = (frt_tm_fr_t){t->fr_inv_timeout, t->fr_timeout, true};
	if(inv_ms)
		t->fr_inv_timeout = MS_TO_TICKS(inv_ms);
	if(fr_ms)
		t->fr_timeout = MS_TO_TICKS(fr_ms);
}

frt_tm_fr_t frt_tm_fr_of_params(void)
{
	static int *inv, *fr;

	if(!inv || !fr) {
		inv = number_of("fr_inv_timer");
		fr = number_of("fr_timer");
	}
	/* tm has made them ticks */
	return (frt_tm_fr_t){inv ? (ticks_t)*inv : 0, fr ? (ticks_t)*fr : 0, true};
}

void frt_tm_put_fr(struct cell *t, frt_tm_fr_t *own, bool inv)
{
	if(!own->lent)
		return;
	if(own->fr)
		t->fr_timeout = own->fr;
	if(!inv)
		return;
	if(own->inv)
		t->fr_inv_timeout = own->inv;
	own->lent = false;
}

uint64_t frt_tm_left_ms(const struct cell *t)
{
	s_ticks_t left = (s_ticks_t)(t->end_of_life - get_ticks_raw());

	/* TICKS_TO_MS() is for three days at most */
	return left > 0 ? (uint64_t)left * 1000 / TIMER_TICKS_HZ : 0;
}

void frt_tm_live_on(struct cell *t, uint64_t ahead_ms)
{
	if(frt_tm_left_ms(t) == 0)
		t->end_of_life += (ticks_t)(ahead_ms * TIMER_TICKS_HZ / 1000);
}

bool frt_tm_cancel_next(struct cell *t, int branch)
{
	struct retr_buf *rb;

	if(branch < 0 || branch >= t->nr_of_outgoings)
		return false;
	rb = &t->uac[branch].request;
	if(rb->flags & F_RB_CANCELED)
		return false;
	rb->flags |= F_RB_CANCELED;
	return true;
}

void frt_tm_cancel_not(struct cell *t, int branch)
{
	t->uac[branch].request.flags &= ~(unsigned)F_RB_CANCELED;
}

void frt_tm_cancel(const uint32_t ident[2])
{
	struct cell *t = frt_tm_get(ident);

	if(!t)
		return;
	frt_tm()->cancel_all_uacs(t, 0);
	frt_tm_put(t);
}

void frt_tm_release(const uint32_t ident[2])
{
	struct cell *t = frt_tm_get(ident);

	if(!t)
		return;
	frt_tm()->t_release_transaction(t);
	frt_tm_put(t);
}
