/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ends a dialog that nobody wants: from a 2xx to an INVITE, the ACK and the
 * BYE that its caller would send (RFC 3261 sections 12.2.1.1, 13.2.2.4 and
 * 15.1.1), along the route from here on. Must not know whose 2xx it is.
 */
#ifndef FRT_BYE_H
#define FRT_BYE_H

#include "frt_compat.h"

#include <stdbool.h>

typedef struct frt_bye
{
	str reply;				  /* the 2xx as it came, NUL behind it */
	struct socket_info *sock; /* where it came in */
	uint32_t below; /* its last so many Record-Routes are of those before us */
	bool bye;		/* the ACK alone, or the BYE too */
} frt_bye_t;

/* Sends them through tm, which repeats the BYE until it is answered. May wait
 * for a name. Logs what it cannot do. */
void frt_bye_send(const frt_bye_t *bye);

#endif
