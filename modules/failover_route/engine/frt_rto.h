/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How long a destination takes, to say anything at all or to make progress:
 * the estimator of RFC 6298, section 2, over the times it took. One atomic word per
 * destination, no lock: of two samples at once one may be lost. Must not know
 * what is timed.
 */
#ifndef FRT_RTO_H
#define FRT_RTO_H

#include "frt_base.h"

#include <stdatomic.h>

/* Adds a sample. */
void frt_rto_sample(_Atomic uint64_t *rto, uint64_t ms);
/* So many samples make an estimate. */
#define FRT_RTO_SAMPLES 8u
/* Are there so many? */
bool frt_rto_known(uint64_t rto);
/* SRTT + max(granularity, 4 * RTTVAR) within min_ms..max_ms; max_ms as long as
 * there are fewer than FRT_RTO_SAMPLES. The granularity is tm's tick. */
uint32_t frt_rto_timeout(uint64_t rto, uint32_t min_ms, uint32_t max_ms);

#endif
