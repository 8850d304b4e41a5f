/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From sources to a published generation: fills a draft from every source,
 * checks it, freezes, attaches, publishes. A draft with an error changes
 * nothing. Must not know who asked.
 */
#ifndef FRT_RELOAD_H
#define FRT_RELOAD_H

#include "frt_params.h"
#include "frt_shm.h"

/* What a reload or check found. */
typedef struct frt_reload_report
{
	uint32_t generation;
	uint32_t sets;
	uint32_t destinations;
	uint32_t errors;
	uint32_t warnings;
	char faults[4096]; /* lines "frt.xml:17: ...", as many as fit */
} frt_reload_report_t;

/* Loads all sources and publishes. 0; FRT_E_BUSY if another reload is under
 * way; FRT_E_DRAFT with report->faults; FRT_E_NOMEM. Whatever fails, the
 * published table stays as it is. */
int frt_reload(const frt_params_t *params, frt_reload_report_t *report);
/* Reads one file, or all sources if NULL, without publishing. */
int frt_reload_check(const frt_params_t *params, const char *file,
		frt_reload_report_t *report);

#endif
