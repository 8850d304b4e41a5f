/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The XAVP's memory: a root and its fields, each a shared-memory block of its
 * own, as Kamailio's core frees whichever a script replaces or removes. A call's
 * end gives the tree to the next call, which spares both the allocator: with
 * many free blocks each of its answers is a search. Must not know what the
 * fields say.
 */
#ifndef FRT_XAVP_TREE_H
#define FRT_XAVP_TREE_H

#include "frt_compat.h"
#include "engine/frt_base.h"

#include "../../core/xavp.h"

/* A script sees them from the last to the first; that is how they are found,
 * so what changes most often is the last. */
typedef enum frt_xavp_field
{
	FRT_XAVP_ATTEMPT, /* a number, all others are texts */
	FRT_XAVP_SET,
	FRT_XAVP_ID,
	FRT_XAVP_URI,
	FRT_XAVP_REASON,
	FRT_XAVP_PATH,
	FRT_XAVP_FIELDS
} frt_xavp_field_t;

/* mod_init: takes the root's name. 0 or -1. */
int frt_xavp_tree_init(const str *name);
/* No other process runs any more. */
void frt_xavp_tree_destroy(void);
/* Frees what no call has needed since the last time; a few stay while any come. */
void frt_xavp_tree_tidy(void);

/* The root of the current list, with all of its fields as they were made. If
 * there is none (fresh), or a script has put anything in the place of one,
 * which is removed then: another, whose fields say what they last said, and
 * which has no others. NULL if there is no memory: then there is none. Any
 * process, never waits. */
sr_xavp_t *frt_xavp_tree_get(bool *fresh);
/* Takes away what is not one of the fields: attributes, what a script added. */
void frt_xavp_tree_bare(sr_xavp_t *root);
/* Writes this field of the current list's tree, and asks nothing else of it.
 * -1 if the field is not as it was made, or there is no memory: then nothing is
 * written. Any process, never waits. */
int frt_xavp_tree_path(frt_str_t path);
/* Writes all fields; texts[FRT_XAVP_ATTEMPT] is not read. -1 if there is no
 * memory for all: some may be written. */
int frt_xavp_tree_write(
		sr_xavp_t *root, const frt_str_t texts[FRT_XAVP_FIELDS], long attempt);
/* A transaction ends, and nobody reads its list any more: takes our tree out of
 * it, if it is as it was made, for another call. Any process, never waits. */
void frt_xavp_tree_keep(sr_xavp_t **list);

#endif
