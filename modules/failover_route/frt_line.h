/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connections to destinations over TCP and TLS on which requests have waited in
 * vain: when the next one is to begin another. Must not know probes or commands.
 */
#ifndef FRT_LINE_H
#define FRT_LINE_H

#include "engine/frt_gen.h"

/* The destination has not answered since: if it is down, closes its connection,
 * unless others live on it. Any process with a socket to tcp main, in an epoch, no
 * lock of ours held; never waits. */
void frt_line_renew(const frt_dst_t *dst, uint64_t since_ms);
/* The same for one that nobody probes, as the next call is to try it: once its hold
 * is over, or now. */
void frt_line_before_trial(const frt_dst_t *dst, bool now);

#endif
