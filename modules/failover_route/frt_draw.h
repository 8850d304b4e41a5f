/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One choice for one call: draws a destination that the call has not tried, and
 * takes a place and the trial's token there; who has neither is passed over.
 * Must not know how the request gets there.
 */
#ifndef FRT_DRAW_H
#define FRT_DRAW_H

#include "frt_call.h"

typedef struct frt_drawn
{
	frt_dst_t *dst;
	uint8_t token; /* the trial's, or this time's in panic */
	bool panic;
} frt_drawn_t;

/* first: another one of that one's tier, to be tried beside it; NULL: the next
 * one. 0, and place and token are taken; or an frt_err_t of frt_choose(), or
 * FRT_E_OVERLOAD where only those are left that ask for less. No lock may be
 * held; between frt_table_enter() and frt_table_leave(). */
int frt_draw(frt_call_t *call, sip_msg_t *msg, frt_set_t *set,
		const frt_dst_t *first, uint64_t now, frt_drawn_t *out);

#endif
