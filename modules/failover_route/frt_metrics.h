/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module in numbers, as Prometheus reads them: every destination from the
 * first second, every family once. Must not know how the text is fetched.
 */
#ifndef FRT_METRICS_H
#define FRT_METRICS_H

#include "frt_prom.h"
#include "frt_shm.h"

/* Writes all families, for one set or, with set NULL, for all. out fails
 * where memory runs out, or where it has a limit. Between frt_table_enter() and
 * frt_table_leave(). */
void frt_metrics_write(
		const frt_gen_t *g, const frt_set_t *set, frt_prom_t *out);

/* Writes the families of the names there are, of all sets. */
void frt_metrics_dns(frt_prom_t *out);

#endif
