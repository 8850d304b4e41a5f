/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts into a draft what its names stand for. Must not know where answers come
 * from.
 */
#ifndef FRT_DRAFT_EXPAND_H
#define FRT_DRAFT_EXPAND_H

#include "frt_expand.h"

/* Where answers come from, and room to work in. */
typedef struct frt_expander
{
	frt_reach_t reach;
	frt_lookup_t lookup;
	frt_children_t *room;
} frt_expander_t;

/* Replaces every destination with resolve="host", "srv" or "naptr" by those
 * that it stands for now; where there are none it stays, unresolved, and gets
 * no call. Names go to their set's parents. Call it once, after
 * frt_draft_check(): answers of the DNS are no fault of a configuration. old is
 * the table now, or NULL. FRT_E_NOMEM or 0. */
int frt_draft_expand(
		frt_draft_t *d, const frt_expander_t *e, const frt_gen_t *old);

#endif
