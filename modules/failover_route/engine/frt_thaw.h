/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a generation back to a draft: for changes at run time, which start from
 * the table as it is.
 * Must not know who changes what.
 */
#ifndef FRT_THAW_H
#define FRT_THAW_H

#include "frt_gen.h"

/* Copies every set and destination of g, and the list of what run time has
 * changed, into an empty draft. Strings are
 * copied as far as the draft does by itself; the rest stay the generation's,
 * which must outlive the draft. 0 or FRT_E_NOMEM. */
int frt_gen_thaw(const frt_gen_t *g, frt_draft_t *d);
#endif
