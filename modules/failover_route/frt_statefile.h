/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The state file on disk: health, hold, operator's wishes and the newest
 * history survive a restart. Must not know calls, probes or RPC.
 */
#ifndef FRT_STATEFILE_H
#define FRT_STATEFILE_H

#include "frt_params.h"
#include "engine/frt_edit.h"

/* Writes the file, if there is one to write and anything in it has changed
 * since the last time: into a temporary file in the same folder, which then
 * takes the other's place, so that there is a whole one at any moment. Called
 * by the writer, and by the main process when all others have gone. Returns 0
 * or -1; a failure is logged once, until it works again. */
int frt_statefile_write(const frt_params_t *params);

/* Brings back the last good answers of the DNS, for the first load: mod_init,
 * before it. As below. */
int frt_statefile_read_names(const frt_params_t *params);
/* Brings back what the file says of the destinations there are now: mod_init,
 * after the first load, before there are other processes. A file that is
 * missing is no fault; one that is damaged in any place is ignored as a whole,
 * with one warning that names the line. Returns 0, or -1 for a damaged one. */
int frt_statefile_read(const frt_params_t *params);

/* The changes at run time that the file has, for frt_reload_first(); NULL if
 * there are none. Before the first load. frt_statefile_free_edits() afterwards. */
frt_edit_t *frt_statefile_read_edits(const frt_params_t *params, uint32_t *n);
void frt_statefile_free_edits(frt_edit_t *edits, uint32_t n);

#endif
