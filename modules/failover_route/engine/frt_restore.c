/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Saving and restoring a record; see frt_restore.h.
 */
#include "frt_restore.h"
#include "frt_machine.h"

#include <string.h>

static void copy_id(char *out, size_t size, frt_str_t id)
{
	size_t n = id.len < size - 1 ? id.len : size - 1;

	if(n)
		memcpy(out, id.s, n);
	out[n] = '\0';
}

/* A moment of the machine's clock in the other one. */
static uint64_t to_wall(uint64_t t_ms, uint64_t now_ms, uint64_t wall_ms)
{
	if(t_ms >= now_ms)
		return wall_ms + (t_ms - now_ms);
	return wall_ms > now_ms - t_ms ? wall_ms - (now_ms - t_ms) : 1;
}

void frt_health_save_locked(const frt_rec_t *rec, frt_saved_t *out,
		uint64_t now_ms, uint64_t wall_ms)
{
	const frt_health_rec_t *h = &rec->h;
	uint32_t word = atomic_load_explicit(&rec->word, memory_order_relaxed);

	memset(out, 0, sizeof(*out));
	copy_id(out->set, sizeof(out->set), rec->set);
	copy_id(out->id, sizeof(out->id), rec->id);
	out->admin = FRT_WORD_ADMIN(word);
	out->conf_admin = (frt_admin_t)rec->conf_admin;
	out->health = FRT_WORD_HEALTH(word);
	if(out->health == FRT_DOWN || out->health == FRT_TRIAL)
		out->flags = FRT_WORD_FLAGS(word) & ((1u << frt_source_count) - 1);
	if(out->health == FRT_DOWN && h->hold_until_ms > now_ms)
		out->hold_until_ms = to_wall(h->hold_until_ms, now_ms, wall_ms);
	out->since_ms = to_wall(h->since_ms, now_ms, wall_ms);
	out->downs = h->downs;
	out->blackout = h->blackout != 0;
	out->waived = h->waived != 0;
	out->source = (frt_source_t)h->source;
	out->reason = h->reason;
}

/* What is left of the hold, at most a tenth more than the longest: the most
 * that the machine itself makes of it. */
static uint64_t hold_left(const frt_health_rules_t *rules,
		const frt_saved_t *saved, uint64_t wall_ms)
{
	uint64_t max = (uint64_t)rules->health->hold_max_ms * 11 / 10;
	uint64_t left =
			saved->hold_until_ms > wall_ms ? saved->hold_until_ms - wall_ms : 0;

	return left < max ? left : max;
}

bool frt_health_restore_locked(frt_rec_t *rec, const frt_health_rules_t *rules,
		const frt_saved_t *saved, uint64_t saved_ms, uint64_t now_ms,
		uint64_t wall_ms)
{
	frt_health_rec_t *h = &rec->h;
	uint64_t wall = wall_ms > saved_ms ? wall_ms : saved_ms;
	uint64_t age = wall > saved->since_ms ? wall - saved->since_ms : 0;
	frt_admin_t admin = (frt_admin_t)rec->conf_admin;
	uint32_t share = saved->health == FRT_DOWN ? 0 : FRT_SHARE_FULL;
	uint64_t left = 0;

	if(saved->conf_admin == admin)
		admin = saved->admin;
	h->since_ms = now_ms > age ? now_ms - age : 1;
	h->downs = (uint16_t)saved->downs;
	h->source = (uint8_t)saved->source;
	h->reason = saved->reason;
	h->hold_until_ms = 0;
	h->told_ms = 0;
	h->due_ms = 0;
	if(saved->health == FRT_DOWN) {
		left = hold_left(rules, saved, wall);
		h->blackout = saved->blackout;
		h->waived = saved->waived;
		h->hold_until_ms = left ? now_ms + left : 0;
		h->told_ms = saved->blackout ? h->hold_until_ms : 0;
		h->due_ms = now_ms + left;
	} else if(saved->health == FRT_RAMP) {
		/* The tick finds how far the slow start has come. */
		h->due_ms = now_ms;
		share = FRT_SHARE_FULL / 10;
	}
	/* What panic goes by: who failed how long ago, and who asked for peace. */
	if(saved->health == FRT_DOWN || saved->health == FRT_TRIAL)
		atomic_store_explicit(&rec->failed_ms, (uint32_t)h->since_ms | 1,
				memory_order_relaxed);
	frt_told_store(rec, now_ms);
	atomic_store_explicit(&rec->word,
			FRT_WORD(saved->health, admin, 0, saved->flags, share),
			memory_order_release);
	return saved->health != FRT_UP || admin != (frt_admin_t)rec->conf_admin;
}
