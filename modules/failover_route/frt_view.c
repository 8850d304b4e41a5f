/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Looking at one record.
 */
#include "frt_observe.h"
#include "frt_resolver.h"
#include "frt_view.h"

static void look_locked(frt_rec_t *rec, uint64_t now, frt_view_t *out)
{
	out->word = atomic_load(&rec->word);
	out->reason = rec->h.reason;
	out->since_ms = now > rec->h.since_ms ? now - rec->h.since_ms : 0;
	out->hold_ms = frt_health_hold_left_locked(rec, now);
	out->spared = rec->h.spared && frt_health_usable(out->word);
}

void frt_view_take(frt_rec_t *rec, frt_view_t *out)
{
	uint64_t now = frt_now_ms();

	frt_rec_lock(rec);
	look_locked(rec, now, out);
	frt_rec_unlock(rec);
}

/* The same, with what it waits for. */
static void take_held(const frt_dst_t *dst, frt_view_t *out, frt_held_t *held)
{
	frt_rec_t *rec = dst->rec;
	uint64_t now = frt_now_ms();
	/* only one that is down waits for anything: most are not */
	bool down = FRT_WORD_HEALTH(atomic_load(&rec->word)) == FRT_DOWN;
	frt_health_rules_t rules;

	*held = (frt_held_t){.by = FRT_HELD_NOT};
	if(down)
		frt_observe_rules(dst, &rules);
	frt_rec_lock(rec);
	if(down)
		frt_held_look_locked(rec, &rules, now, held);
	look_locked(rec, now, out);
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
	frt_held_t held;
	bool usable;

	take_held(dst, view, &held);
	usable = frt_explain_dst_text(
			e, dst, view->word, &view->reason, &held, share_permille, out);
	frt_view_unresolved(dst, out);
	if(view->spared)
		frt_buf_add(out, "; calls fail there, but max-eject keeps it in use");
	return usable;
}
