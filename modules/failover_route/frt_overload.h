/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Overload control (RFC 7339) between the engine's frt_oc.h and Kamailio's
 * messages: announcing that we know it, hearing what a destination asks, and
 * keeping calls away. Must not know how a destination is chosen.
 */
#ifndef FRT_OVERLOAD_H
#define FRT_OVERLOAD_H

#include "frt_compat.h"
#include "frt_observe.h"

/* May this request go there, by what the destination asks? draw: the call's
 * own random number. 0 or FRT_E_OVERLOAD; in a set with overload-control="no", in one that only watches
 * and for a request that is spared (RFC 7339 section 5.10.1) always 0. Between
 * frt_table_enter() and frt_table_leave(). */
int frt_overload_admit(
		const frt_dst_t *dst, sip_msg_t *msg, uint64_t draw, uint64_t now_ms);
/* A reply of the destination came, any. No lock may be held. */
void frt_overload_heard(frt_rec_t *rec, const sip_msg_t *rpl);
/* Puts oc and oc-algo into the Via that the request will get from us, or sees
 * that they are not there (RFC 7339 section 5.1). Does nothing unless the core
 * parameter xavp_via_params names an XAVP. */
void frt_overload_announce(sip_msg_t *msg, const frt_set_conf_t *conf);

#endif
