/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moments as an operator writes them. Must not know a clock: what is now comes
 * as an argument. Pure functions.
 */
#ifndef FRT_WHEN_H
#define FRT_WHEN_H

#include "frt_base.h"

/* Parses a moment into milliseconds since 1970:
 *   "1795237326062"             those themselves
 *   "10m"                       so long before now_ms (frt_duration_parse())
 *   "2026-11-21T05:02:06.062Z"  in UTC, RFC 3339 section 5.6; what follows the
 *                               day, the minutes, or the seconds may be left
 *                               out, and so may the Z; years 1970 to 9999
 * FRT_E_SYNTAX, or FRT_E_RANGE for a duration of more than 49 days. */
int frt_when_parse(frt_str_t text, uint64_t now_ms, uint64_t *out);

#endif
