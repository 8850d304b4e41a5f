/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking at one record.
 */
#include "frt_view.h"

void frt_view_take(frt_rec_t *rec, frt_view_t *out)
{
	uint64_t now = frt_now_ms();

	frt_rec_lock(rec);
	out->word = atomic_load(&rec->word);
	out->reason = rec->h.reason;
	out->since_ms = now > rec->h.since_ms ? now - rec->h.since_ms : 0;
	out->hold_ms = frt_health_hold_left_locked(rec, now);
	out->spared = rec->h.spared && frt_health_usable(out->word);
	frt_rec_unlock(rec);
}

void frt_view_reason(const frt_view_t *view, frt_buf_t *out)
{
	if(FRT_WORD_HEALTH(view->word) == FRT_UP
			&& FRT_WORD_ADMIN(view->word) == FRT_READY) {
		frt_reason_text(&view->reason, out);
		frt_health_shed_text(view->word, out);
	} else {
		frt_health_why_text(view->word, &view->reason, out);
	}
}
