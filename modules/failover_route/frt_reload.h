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
#include "engine/frt_diff.h"
#include "engine/frt_draft.h"

/* What a reload or check found. */
typedef struct frt_reload_report
{
	uint32_t generation;
	uint32_t sets;
	uint32_t destinations;
	uint32_t errors;
	uint32_t warnings;
	uint32_t error_lines; /* so many of the lines are errors */
	bool first;			  /* there was no table before ... */
	frt_diff_t diff;	  /* ... as against which this is new */
	/* lines "frt.xml:17: ...", errors first: every one that is kept */
	char faults[FRT_FAULTS_MAX * (FRT_PLACE_MAX + FRT_FAULT_TEXT_MAX)];
} frt_reload_report_t;

/* Writes what is read: "/etc/frt.xml and the mysql database". */
void frt_reload_sources(const frt_params_t *params, frt_buf_t *out);

/* Loads all sources and publishes. 0; FRT_E_BUSY if another reload is under
 * way; FRT_E_DRAFT with report->faults; FRT_E_NOMEM. Whatever fails, the
 * published table stays as it is. Waits for files and the database: never in a
 * SIP worker. */
int frt_reload(const frt_params_t *params, frt_reload_report_t *report);
/* Reads one file, or all sources if NULL, without publishing. names: warns also
 * of names that do not resolve, and waits for the DNS (frt_check_names.h). */
int frt_reload_check(const frt_params_t *params, const char *file, bool names,
		frt_reload_report_t *report);

/* Publishes the table with what its names stand for now. The resolver. 0;
 * FRT_E_BUSY, FRT_E_NOMEM. */
int frt_reload_names(void);

/* One change at run time. Texts as they came; an empty priority or weight is
 * the default. */
typedef struct frt_overlay
{
	frt_edit_kind_t kind;
	frt_str_t set;
	frt_str_t id;
	frt_str_t uri;
	frt_str_t priority;
	frt_str_t weight;
} frt_overlay_t;

/* Publishes the table with the change. It stays over reloads and restarts until
 * it is cleared, or the source says the same. 0; FRT_E_NOSET, FRT_E_NODST,
 * FRT_E_DUP (add: already there), FRT_E_INVAL (an address or target that a name
 * stands for: change the name), FRT_E_DRAFT with report->faults, FRT_E_BUSY,
 * FRT_E_NOMEM. */
int frt_reload_overlay(const frt_overlay_t *o, frt_reload_report_t *report);
/* The first load: as frt_reload(), with the changes that the state file kept. */
int frt_reload_first(const frt_params_t *params, const frt_edit_t *edits,
		uint32_t nedits, frt_reload_report_t *report);
/* As frt_reload(), without the changes of a set and destination (empty: of
 * all): there the sources' word counts again. */
int frt_reload_clear(const frt_params_t *params, frt_str_t set, frt_str_t id,
		frt_reload_report_t *report);

/* The source of a destination says this admin now: it was written there. Nothing
 * where a load is under way, which may have read what it said before. */
void frt_reload_said(frt_str_t set, frt_str_t id, frt_admin_t admin);

#endif
