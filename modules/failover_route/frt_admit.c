/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Admission: what is taken first is given back where a later step refuses.
 */
#include "frt_compat.h"
#include "frt_admit.h"

static void count_full(frt_rec_t *rec)
{
	/* places that dialogs kept over a restart may fill it before its first call */
	frt_table_act(rec);
	frt_act_count(rec, full);
}

/* The word's full bit follows the count; the sums follow the word. */
static void follow(frt_rec_t *rec)
{
	frt_gen_t *g = frt_table_enter();
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	bool changed = false;

	/* of a destination that a reload has removed nobody asks */
	if(dst) {
		frt_rec_lock(rec);
		changed = frt_cap_follow_locked(rec, dst->max_calls);
		frt_rec_unlock(rec);
	}
	frt_table_leave();
	if(!changed)
		return;
	if(FRT_WORD_FULL(atomic_load(&rec->word)))
		count_full(rec);
	frt_table_weigh(rec);
}

static bool take_place(frt_dst_t *dst, uint32_t max_calls)
{
	bool moved, ok = frt_cap_take(dst->rec, max_calls, &moved);

	if(moved)
		follow(dst->rec);
	return ok;
}

static bool take_rate(frt_dst_t *dst, uint64_t now_ms)
{
	frt_rate_t *rate = atomic_load(&dst->rec->rate);
	bool ok, last;

	if(dst->max_cps == 0 || !rate)
		return true;
	frt_rec_lock(dst->rec);
	ok = frt_rate_take_locked(rate, dst->max_cps, now_ms);
	last = ok && !frt_rate_room(rate, dst->max_cps, now_ms);
	frt_rec_unlock(dst->rec);
	if(last)
		count_full(dst->rec);
	return ok;
}

int frt_admit(frt_dst_t *dst, bool panic, uint64_t now_ms, uint8_t *token)
{
	bool shadow = dst->set->conf.shadow;

	*token = 0;
	if(!take_place(dst, shadow ? 0 : dst->max_calls))
		return FRT_E_FULL;
	if(shadow) {
		/* its trial is decided by a call, too, but keeps no other away */
		frt_observe_take(dst->rec, token);
		return 0;
	}
	if(!frt_observe_take(dst->rec, token) && !panic) {
		frt_admit_leave(dst->rec);
		return FRT_E_BUSY;
	}
	if(take_rate(dst, now_ms))
		return 0;
	if(*token)
		frt_observe_release(dst->rec, *token);
	*token = 0;
	frt_admit_leave(dst->rec);
	return FRT_E_FULL;
}

void frt_admit_present(frt_rec_t *rec)
{
	bool moved;

	frt_cap_take(rec, 0, &moved);
	follow(rec);
}

void frt_admit_leave(frt_rec_t *rec)
{
	if(frt_cap_give(rec))
		follow(rec);
}
