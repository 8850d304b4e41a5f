/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw ICMP sockets: messages that say that a packet of ours could not be
 * delivered, matched with the transaction that sent it (RFC 3261 section
 * 18.4). Must not know what is done about it.
 */
#ifndef FRT_UNREACH_H
#define FRT_UNREACH_H

#include "frt_compat.h"
#include "frt_params.h"

#include <poll.h>

#define FRT_UNREACH_SOCKS 2

/* mod_init, while there are rights to it: opens the sockets. Says in the log
 * what may not be. */
void frt_unreach_init(const frt_params_t *params);
/* Fills in what to poll; returns how many. */
nfds_t frt_unreach_fds(struct pollfd out[FRT_UNREACH_SOCKS]);

/* Called for each match, with the transaction referenced. */
typedef void (*frt_unreach_f)(void *ctx, struct cell *t, int branch);
/* Reads what has come, up to a limit, and calls back for what quotes a request
 * of a transaction, sent from that socket to that address. */
void frt_unreach_read(frt_unreach_f f, void *ctx);

#endif
