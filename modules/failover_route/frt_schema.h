/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The RELAX NG schema of the configuration, etc/failover_route.rng, as the
 * build embeds it: the module needs no file to check against.
 */
#ifndef FRT_SCHEMA_H
#define FRT_SCHEMA_H

#include <stddef.h>

extern const unsigned char frt_schema_rng[]; /* generated */
extern const size_t frt_schema_rng_len;		 /* generated */

#endif
