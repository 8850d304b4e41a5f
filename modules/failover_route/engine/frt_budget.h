/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A set's retry budget: a bucket that each new call fills a little and each
 * second a little more, and each retry empties by one, so that failing over
 * cannot multiply the load on destinations that all answer 503. One atomic
 * word: no lock. Must not know what a retry is.
 */
#ifndef FRT_BUDGET_H
#define FRT_BUDGET_H

#include "frt_base.h"

#include <stdatomic.h>

/* A new call: pct hundredths of a retry more. min_cps retries a second are
 * added in any case. */
void frt_budget_call(_Atomic uint64_t *bucket, uint32_t pct, uint32_t min_cps,
		uint64_t now_ms);
/* Takes one retry; false if there is none. */
bool frt_budget_take(
		_Atomic uint64_t *bucket, uint32_t min_cps, uint64_t now_ms);
/* What is left, in whole retries. */
uint32_t frt_budget_left(uint64_t bucket, uint32_t min_cps, uint64_t now_ms);

#endif
