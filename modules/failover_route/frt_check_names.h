/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which names of a draft do not resolve now. It asks the DNS itself and waits
 * for it; must not know the table, nor what is known of names there.
 */
#ifndef FRT_CHECK_NAMES_H
#define FRT_CHECK_NAMES_H

#include "engine/frt_draft.h"

#define FRT_CHECK_NAMES_MS \
	5000 /* for all names together, and the last answer */

/* Notes a warning for every destination whose resolve="..." leads nowhere; one
 * for all that there was no time to ask for. Each question is asked once. Waits
 * for the DNS: never in a SIP worker. */
void frt_check_names(frt_draft_t *d, const frt_mem_t *mem);

#endif
