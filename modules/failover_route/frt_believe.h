/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a reply is what it says: the answer to a probe of ours. tm goes by
 * the branch alone (RFC 3261 section 17.1.3), and its branches can be guessed by
 * whoever has seen some. Must not know what an answer means.
 */
#ifndef FRT_BELIEVE_H
#define FRT_BELIEVE_H

#include "frt_compat.h"
#include "engine/frt_icmp.h"

/* False: the branch is a probe's, but Call-ID, From tag or CSeq are not, or it
 * comes from another address than the probe went to and the set has not allowed
 * that. It is to be kept from tm: the probe goes on waiting. Counted, and where
 * only the address is another one, told in the log at most once a minute. Any
 * process, before tm has seen the reply, no lock held. */
bool frt_believe_reply(const frt_branch_t *via, sip_msg_t *rpl);
/* The branch may be one of a request that this Kamailio made itself. */
bool frt_believe_may_be_ours(const char md5[FRT_BRANCH_MD5]);
/* The same of a reply whose branch was not read yet: false for nearly all. */
bool frt_believe_wants(const sip_msg_t *rpl);

#endif
