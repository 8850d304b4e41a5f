/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way a call took, told to others: one line in the log for a call that has
 * moved on, and the header X-Failover-Path where its set asks for it. Must not
 * know how the way was chosen.
 *
 * path-header of the set (default none: the header is no business of ours, and
 * none of what the set is made of leaves):
 *   callee  in each request to a destination: "gw1:503>gw2", the way so far
 *   caller  in each reply to the caller but 100: "gw1:503>gw2:200"
 *   both
 * But for none, a header of that name that came in, in a request or a reply, is
 * taken out of what goes on, so that what is read there is ours.
 */
#ifndef FRT_PATH_H
#define FRT_PATH_H

#include "frt_call.h"

/* A request of the call is about to be built for tm's next branch:
 * TMCB_REQUEST_FWDED. What is done to it is undone with the branch. */
void frt_path_request(frt_call_t *call, struct cell *t, sip_msg_t *req);
/* A reply has been judged, and may go to the caller: TMCB_RESPONSE_IN. */
void frt_path_reply(frt_call_t *call, struct cell *t, struct tmcb_params *ps);
/* We are about to answer the caller ourselves, by msg. */
void frt_path_answer(frt_call_t *call, sip_msg_t *msg);
/* Would the reply that tm is about to relay, to the attempt a (NULL: to none of
 * ours, or made by tm), tell the caller the whole path? True where nobody asks
 * for it. Not for a 2xx. */
bool frt_path_is_told(const frt_call_t *call, const frt_attempt_t *a);

/* The call has its final answer (code), or has gone without any (0): writes its
 * line, once, if it had moved on. May hold tm's reply lock: the line is logged
 * by the keeper. */
void frt_path_tell(frt_call_t *call, struct cell *t, int code);

#endif
