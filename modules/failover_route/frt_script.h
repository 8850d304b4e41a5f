/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The script's functions: w_ as the native script calls them, ki_ as KEMI
 * does. Every one returns 1 or a negative number (an frt_err_t), never 0.
 */
#ifndef FRT_SCRIPT_H
#define FRT_SCRIPT_H

#include "frt_compat.h"

/* What each does is in frt_relay.h. set: its id or number; without a key it is
 * the Call-ID. */
int ki_frt_relay(sip_msg_t *msg, str *set);
int ki_frt_relay_key(sip_msg_t *msg, str *set, str *key);
int ki_frt_select(sip_msg_t *msg, str *set);
int ki_frt_select_key(sip_msg_t *msg, str *set, str *key);
int ki_frt_next(sip_msg_t *msg);
int ki_frt_again(sip_msg_t *msg);
int ki_frt_should_failover(sip_msg_t *msg);
/* state: up, down (the operator's word), or a verdict on a call: ok, weak,
 * strong, fail, ignore. Without a set: the destination this call is at. */
int ki_frt_mark(sip_msg_t *msg, str *state);
int ki_frt_mark_dst(sip_msg_t *msg, str *state, str *set, str *id);
/* score: 0 (useless) to 100 (perfect) for one call that went there; below 50 is
 * bad. fall bad ones in a row take the destination down. */
int ki_frt_report(sip_msg_t *msg, str *set, str *id, int score);
/* Could a call go there now? Nothing is chosen. */
int ki_frt_is_up(sip_msg_t *msg, str *set);
int ki_frt_is_up_dst(sip_msg_t *msg, str *set, str *id);
/* Does the message come from an address of a destination of the set ("*": of
 * any set)? */
int ki_frt_is_from(sip_msg_t *msg, str *set);
/* Is there such a set? */
int ki_frt_exists(sip_msg_t *msg, str *set);
/* frt_http() of frt_http.h. */
int ki_frt_http(sip_msg_t *msg);

/* The same for the native script; p1, p2, p3 are the parameters above. */
int w_frt_relay(sip_msg_t *msg, char *p1, char *p2);
int w_frt_select(sip_msg_t *msg, char *p1, char *p2);
int w_frt_next(sip_msg_t *msg, char *p1, char *p2);
int w_frt_again(sip_msg_t *msg, char *p1, char *p2);
int w_frt_should_failover(sip_msg_t *msg, char *p1, char *p2);
int w_frt_mark(sip_msg_t *msg, char *p1, char *p2);
int w_frt_mark3(sip_msg_t *msg, char *p1, char *p2, char *p3);
int w_frt_report(sip_msg_t *msg, char *p1, char *p2, char *p3);
int w_frt_is_up(sip_msg_t *msg, char *p1, char *p2);
int w_frt_is_from(sip_msg_t *msg, char *p1, char *p2);
int w_frt_exists(sip_msg_t *msg, char *p1, char *p2);
int w_frt_http(sip_msg_t *msg, char *p1, char *p2);

#endif
