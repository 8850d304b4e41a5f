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

/* Adds a sample by RFC 6298's gains, and ends a silence. */
void frt_rto_sample(_Atomic uint64_t *rto, uint64_t ms);
/* The same for times that vary with what is asked for, as the time until the
 * callee rings: plain averages, in the end over about 32 samples. */
void frt_rto_sample_varied(_Atomic uint64_t *rto, uint64_t ms);
/* Nothing was heard for ms: until something is, the timeout is at least half
 * as long again, but no more than a minute. RFC 6298 section 5.5 doubles; here
 * somebody waits for it. */
void frt_rto_silence(_Atomic uint64_t *rto, uint64_t ms);
/* Forgets the silences, not the samples. */
void frt_rto_calm(_Atomic uint64_t *rto);
/* So many samples make an estimate. */
#define FRT_RTO_SAMPLES 8u
/* The estimate, ms: SRTT + max(granularity, 4 * RTTVAR), silences aside; 0 as
 * long as there are fewer than FRT_RTO_SAMPLES. The granularity is tm's tick. */
uint32_t frt_rto_ms(uint64_t rto);
/* The estimate and extra_ms on top, or what a silence demands, within min_ms..
 * max_ms; max_ms as long as there is no estimate. */
uint32_t frt_rto_timeout(
		uint64_t rto, uint32_t extra_ms, uint32_t min_ms, uint32_t max_ms);

#endif
