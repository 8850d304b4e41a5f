/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changes at run time, over what the sources say: a destination added, one
 * taken out, a weight set. Together they are the overlay: a list that each
 * generation carries, that a reload applies to what it has read, and that the
 * state file keeps. Must not know who asks for a change, nor files.
 */
#ifndef FRT_EDIT_H
#define FRT_EDIT_H

#include "frt_gen.h"

/* Applies one change of the overlay to a draft that was read from the sources,
 * and notes it there. One that says nothing new any more is let go: its set
 * has gone, or the source has the destination (add), lacks it (remove, weight),
 * or has that weight. One that cannot be made is let go with a warning. Returns 0
 * or FRT_E_NOMEM. */
int frt_edit_follow(frt_draft_t *d, const frt_edit_t *e);

/* Makes one new change to a draft that equals the table (frt_gen_thaw()): the
 * list then says the same in as few changes as can be. 0; FRT_E_NOSET;
 * FRT_E_DUP (add: it is there), FRT_E_NODST (remove, weight: it is not),
 * FRT_E_NOMEM. A bad URI or id is noted in the draft as a fault. */
int frt_edit_make(frt_draft_t *d, const frt_edit_t *e);

/* Is the change one of those that are cleared: of this set and destination
 * (empty: of all)? */
bool frt_edit_is_of(const frt_edit_t *e, frt_str_t set, frt_str_t id);

#endif
