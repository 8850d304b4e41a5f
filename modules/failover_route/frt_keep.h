/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all attempts of a call have of its script, though tm has it for the
 * first alone: the routes that were armed, the R-URI, the socket. And what the
 * script has back where it goes on by itself. Must not know destinations, nor
 * when the next attempt is made.
 */
#ifndef FRT_KEEP_H
#define FRT_KEEP_H

#include "frt_call.h"

/* mod_init. 0 or -1. */
int frt_keep_init(void);

/* What was armed for the next branch alone. */
typedef struct frt_armed
{
	unsigned int branch_route;
	unsigned int branch_failure_route;
} frt_armed_t;

/* Takes what is armed in the transaction: branch_route and branch-failure route
 * are for each attempt, the failure_route is run once, at the very end. */
frt_armed_t frt_keep_routes(frt_call_t *call, struct cell *t);
/* No attempt got out: what was armed is for the script's own branch. */
void frt_keep_rearm(struct cell *t, const frt_armed_t *armed);
/* Runs the failure_route, as tm would have: the script sees the code that the caller
 * is to get. False if there is none, or it was not to be run. With the reply lock. */
bool frt_keep_run_failure_route(
		frt_call_t *call, struct cell *t, sip_msg_t *msg);
/* There is nothing to send it to, and the script goes on by itself: gives it back
 * its failure_route and its timers, and says in the XAVP how the last ended. */
void frt_keep_give_back(frt_call_t *call, struct cell *t);

/* The end of a route that may have suspended the transaction with a destination
 * selected: for that tm waits its own time. */
void frt_keep_suspended(const frt_call_t *call, struct cell *t);
/* A branch has gone out: what else tm waits for has its own timer again. Waits
 * for tm's reply lock no longer than some 2 ms. */
void frt_keep_sent(frt_call_t *call, struct cell *t);

/* The R-URI that the script has by now; tms, what the transaction has, need not
 * be kept. 0, or -1 if there is no memory. */
int frt_keep_uri(frt_call_t *call, const str *uri, const str *tms);
/* Gives it to the request of the next attempt. 0 or more, or -1 if there is no
 * memory. */
int frt_keep_bring_uri(frt_call_t *call, sip_msg_t *msg);

/* Has the request sent out of this socket; of none out of the one that Kamailio
 * would choose for the first attempt. */
void frt_keep_socket(sip_msg_t *msg, struct socket_info *sock);
/* The script's way with a request has ended. */
void frt_keep_request_over(const sip_msg_t *msg);

#endif
