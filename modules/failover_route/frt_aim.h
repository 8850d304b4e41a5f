/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a request is pointed at ($du, $ru, Path, the socket): at a destination; and
 * set aside while others are tried, for a script that goes on by itself when these
 * have not got it. Must not know calls.
 */
#ifndef FRT_AIM_H
#define FRT_AIM_H

#include "frt_compat.h"
#include "engine/frt_gen.h"

#include <stdbool.h>

typedef struct frt_aim
{
	bool kept; /* false: there was no memory */
	str dst_uri;
	str new_uri;
	str path; /* of a location's lookup */
	struct socket_info *sock;
	bool new; /* the R-URI is still to be sent to */
} frt_aim_t;

/* By $du, or with rewrite="ruri" by the R-URI, whose user stays. 0, FRT_E_INVAL or
 * FRT_E_NOMEM. */
int frt_aim_at(sip_msg_t *msg, const frt_dst_t *dst);
/* Sets it aside; the message has the same R-URI, and no $du. One of the two
 * below must follow. */
void frt_aim_keep(frt_aim_t *aim, sip_msg_t *msg);
/* The message has it back. */
void frt_aim_back(frt_aim_t *aim, sip_msg_t *msg);
/* It is needed no more. */
void frt_aim_drop(frt_aim_t *aim);

#endif
