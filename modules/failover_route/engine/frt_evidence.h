/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What live calls showed of one destination within the last window, and
 * whether that is enough to take it down. Must not know health states,
 * probes' results other than when one last failed, or a clock.
 *
 * The window is kept in FRT_SLICES slices, so old evidence leaves in steps of
 * window/8. Every function here needs the record's lock held.
 */
#ifndef FRT_EVIDENCE_H
#define FRT_EVIDENCE_H

#include "frt_health.h"

/* Forgets everything. */
void frt_evidence_clear(frt_evidence_t *e);
/* Lets evidence older than the window go; call it before the ones below. */
void frt_evidence_rotate(
		frt_evidence_t *e, uint32_t window_ms, uint64_t now_ms);
/* Counts a good attempt: ends the run of strong fails. That of INVITEs only a
 * good INVITE ends: who answers a MESSAGE may still refuse calls. */
void frt_evidence_ok(frt_evidence_t *e, bool invite);
/* Counts a failed attempt, weak or strong; obs->user 0 is nobody's. */
void frt_evidence_fail(frt_evidence_t *e, const frt_obs_t *obs,
		uint32_t window_ms, uint64_t now_ms);
/* The rule of design section 6. True if the evidence is enough; then *reason
 * says which (all but the hold). */
bool frt_evidence_enough(const frt_evidence_t *e, const frt_health_conf_t *conf,
		uint64_t now_ms, frt_reason_t *reason);
/* How much of its calls the failure rate wants shed: twentieths, 0 to
 * FRT_SHED_MAX, of which it sheds `shed` now. From shed-from to shed-to the
 * share grows in proportion; it shrinks a step late, and ends below half of
 * shed-from, so that it does not flutter. Fails of one user in a row count
 * once: one number that fails everywhere is no brown-out. If it is not 0,
 * *reason says why. */
uint32_t frt_evidence_shed(const frt_evidence_t *e,
		const frt_health_conf_t *conf, uint32_t shed, uint64_t now_ms,
		frt_reason_t *reason);
/* The clock was set back by so much: so are all times. */
void frt_evidence_shift(frt_evidence_t *e, uint64_t back_ms);
/* When the current slice ends, and the oldest is forgotten. */
uint64_t frt_evidence_slice_end(const frt_evidence_t *e, uint32_t window_ms);

#endif
