/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One probe on the wire: a request of tm's own, whose answer is put into the
 * ring of results (frt_wake.h) by whichever process gets it. Must not know
 * why or when a probe is sent, nor what its answer means.
 */
#ifndef FRT_PROBE_SEND_H
#define FRT_PROBE_SEND_H

#include "engine/frt_gen.h"

struct cell;

/* Everything a probe is made of, copied: sending may take long, and must not
 * pin a generation. */
typedef struct frt_probe_order
{
	uint32_t id; /* comes back with the result */
	uint32_t timeout_ms;
	uint32_t max_forwards;
	void *sock; /* struct socket_info; NULL: Kamailio chooses */
	bool quiet; /* what tm and the core say of a failure was said before */
	char uri[FRT_URI_MAX + 1];
	char method[32];
	char from[FRT_URI_MAX + 1];
	char proxy[FRT_URI_MAX + 1]; /* empty: none */
} frt_probe_order_t;

typedef enum frt_probe_sent
{
	FRT_PROBE_SENT,
	FRT_PROBE_UNSENT, /* it could not be sent: there will be no result */
	FRT_PROBE_SKIPPED /* nothing was tried, and nothing is said by it */
} frt_probe_sent_t;

/* Fills an order from a destination and its set. FRT_E_RANGE if something does
 * not fit or cannot stand in a message. */
int frt_probe_order(const frt_dst_t *dst, uint32_t id, uint32_t timeout_ms,
		frt_probe_order_t *out);
/* Sends it. tm repeats it over UDP, but not beyond its timeout. A host name is
 * resolved here and now: in this process it may wait. */
frt_probe_sent_t frt_probe_send(const frt_probe_order_t *order);
/* The transaction's request could not be delivered. If it is a probe, that is
 * its result: true. */
bool frt_probe_unreachable(struct cell *t);

#endif
