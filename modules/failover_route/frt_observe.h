/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one way from evidence to a change: lock the record, one step of the
 * health machine, unlock, weigh, tell. Everyone who has evidence (replies,
 * probes, RPC, the script) comes through here. Must not know who they are.
 */
#ifndef FRT_OBSERVE_H
#define FRT_OBSERVE_H

#include "frt_event.h"
#include "engine/frt_oc.h"

/* Applies one observation to a destination; tells and wakes the prober where
 * something follows from it. A record that the current generation no longer
 * holds is left alone. No lock may be held; any process. */
void frt_observe(frt_rec_t *rec, const frt_obs_t *obs);
/* Applies the passing of time; the prober's process. Returns when the record
 * is due again (frt_now_ms() time), 0 if never. */
uint64_t frt_observe_tick(frt_rec_t *rec);
/* When that is, as of now. Record lock held. */
uint64_t frt_observe_due_locked(const frt_rec_t *rec);
/* Takes in what a destination asks for in a reply (RFC 7339). No lock may be
 * held; any process. */
void frt_observe_oc(frt_rec_t *rec, const frt_oc_said_t *said);
/* Changes the operator's wish. True if it changed. */
bool frt_observe_admin(frt_rec_t *rec, frt_admin_t admin);
/* Takes the trial's token for a new attempt (see frt_health.h); false: choose
 * another destination. */
bool frt_observe_take(frt_rec_t *rec, uint8_t *token);
/* Gives the token back where no verdict did. */
void frt_observe_release(frt_rec_t *rec, uint8_t token);

/* The rules of a step now, for who only looks. The generation must stay valid
 * while they are used. No lock. */
void frt_observe_rules(const frt_dst_t *dst, frt_health_rules_t *rules);

#endif
