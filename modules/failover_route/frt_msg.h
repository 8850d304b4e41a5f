/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is asked of any SIP message. Must not know calls or destinations.
 */
#ifndef FRT_MSG_H
#define FRT_MSG_H

#include "frt_compat.h"

#include "../../core/parser/parse_cseq.h"

/* The method by the CSeq (RFC 3261 section 8.1.1.5), which a reply has as well:
 * METHOD_INVITE ...; METHOD_UNDEF if there is none. */
static inline unsigned int frt_msg_cseq_method(sip_msg_t *msg)
{
	if((!msg->cseq && parse_headers(msg, HDR_CSEQ_F, 0) != 0) || !msg->cseq
			|| !get_cseq(msg))
		return METHOD_UNDEF;
	return get_cseq(msg)->method_id;
}

/* Who is called, as a number: the R-URI's user, or To's where the R-URI has none, as
 * in a REGISTER. 0 if neither has one. */
uint64_t frt_msg_called_user(sip_msg_t *msg);

#endif
