/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Drawing and taking. Between the two another call may be quicker.
 */
#include "frt_admit.h"
#include "frt_overload.h"
#include "frt_draw.h"
#include "engine/frt_panic.h"

/* So often another call may be quicker to the trial's token, and give it back
 * before the next draw. */
#define FRT_DRAW_RACES 8

static bool listed(frt_rec_t *const *recs, uint32_t n, const frt_rec_t *rec)
{
	while(n-- > 0) {
		if(recs[n] == rec)
			return true;
	}
	return false;
}

static int draw(const frt_set_t *set, const frt_wish_t *wish,
		const frt_dst_t *first, uint64_t now, frt_drawn_t *out)
{
	out->panic = false;
	if(first)
		return frt_choose_beside(set, wish, first, frt_random(), &out->dst);
	return frt_choose_anyway(
			set, wish, now, frt_random(), &out->dst, &out->panic);
}

static int take(
		frt_call_t *call, sip_msg_t *msg, uint64_t now, frt_drawn_t *out)
{
	int err = frt_overload_admit(out->dst, msg, call->draw, now);

	return err ? err : frt_admit(out->dst, out->panic, now, &out->token);
}

int frt_draw(frt_call_t *call, sip_msg_t *msg, frt_set_t *set,
		const frt_dst_t *first, uint64_t now, frt_drawn_t *out)
{
	frt_rec_t *tried[FRT_PASSED_MAX];
	frt_wish_t wish = {.key = call->plan.key, .tried = tried, .now_ms = now};
	int err, refused = 0, races = 0;

	wish.ntried = frt_plan_tried(&call->plan, tried);
	for(;;) {
		err = draw(set, &wish, first, now, out);
		if(err)
			return refused ? refused : err;
		/* a table two reloads old may not know what was tried */
		if(listed(tried, wish.ntried, out->dst->rec))
			return FRT_E_EXHAUSTED;
		err = take(call, msg, now, out);
		if(err == 0)
			return 0;
		/* its word says by now that it is not usable: what is left is drawn,
		 * in panic it itself */
		if(err == FRT_E_BUSY && races++ < FRT_DRAW_RACES)
			continue;
		if(err == FRT_E_OVERLOAD || (err == FRT_E_FULL && refused == 0))
			refused = err;
		if(wish.ntried == FRT_PASSED_MAX)
			return refused ? refused : FRT_E_EXHAUSTED;
		tried[wish.ntried++] = out->dst->rec;
	}
}
