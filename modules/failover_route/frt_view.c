/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking at one record.
 */
#include "frt_observe.h"
#include "frt_resolver.h"
#include "frt_view.h"

void frt_view_take(frt_rec_t *rec, frt_view_t *out)
{
	frt_gen_t *g = frt_table_enter();
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	uint64_t now = frt_now_ms();
	frt_health_rules_t rules;

	out->held = (frt_held_t){.by = FRT_HELD_NOT};
	/* only one that is down waits for anything: most are not */
	if(dst && FRT_WORD_HEALTH(atomic_load(&rec->word)) == FRT_DOWN)
		frt_observe_rules(dst, &rules);
	else
		dst = NULL;
	frt_rec_lock(rec);
	if(dst)
		frt_held_look_locked(rec, &rules, now, &out->held);
	out->word = atomic_load(&rec->word);
	out->reason = rec->h.reason;
	out->since_ms = now > rec->h.since_ms ? now - rec->h.since_ms : 0;
	out->hold_ms = frt_health_hold_left_locked(rec, now);
	out->spared = rec->h.spared && frt_health_usable(out->word);
	frt_rec_unlock(rec);
	frt_table_leave();
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

void frt_view_unresolved(const frt_dst_t *dst, frt_buf_t *out)
{
	if(!dst->unresolved)
		return;
	frt_buf_add(out, ": ");
	frt_children_trouble(frt_resolver_look(dst->parent), out);
}

bool frt_view_explain(const frt_explain_t *e, const frt_dst_t *dst,
		frt_view_t *view, uint32_t *share_permille, frt_buf_t *out)
{
	bool usable;

	frt_view_take(dst->rec, view);
	usable = frt_explain_dst_text(e, dst, view->word, &view->reason,
			&view->held, share_permille, out);
	frt_view_unresolved(dst, out);
	if(view->spared)
		frt_buf_add(out, "; calls fail there, but max-eject keeps it in use");
	return usable;
}
