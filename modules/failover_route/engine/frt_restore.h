/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A record's state to a line of the state file and back. The machine's times
 * are of a clock that starts anew with the machine, the file's are since 1970:
 * what passed while nobody was there counts. Must not know files or locks.
 */
#ifndef FRT_RESTORE_H
#define FRT_RESTORE_H

#include "frt_health.h"
#include "frt_state.h"

/* Copies what is kept. The record's lock is held; now_ms and wall_ms are the
 * same moment in both clocks. */
void frt_health_save_locked(const frt_rec_t *rec, frt_saved_t *out,
		uint64_t now_ms, uint64_t wall_ms);

/* Puts a fresh record (frt_health_init()) into the state that was saved. The
 * hold is what is left of it, and never longer than the rules allow now. The
 * operator's wish comes back only if the source says the same as when it was
 * saved: else the source wins. saved_ms is when the file was written, lest a
 * clock set back lengthens a hold. The record's lock is held. True if anything
 * but the defaults came back. */
bool frt_health_restore_locked(frt_rec_t *rec, const frt_health_rules_t *rules,
		const frt_saved_t *saved, uint64_t saved_ms, uint64_t now_ms,
		uint64_t wall_ms);

#endif
