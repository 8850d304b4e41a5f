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
#include "engine/frt_icmp.h"

struct cell;

/* Everything a probe is made of, copied: sending may take long, and must not
 * pin a generation. */
typedef struct frt_probe_order
{
	uint32_t id;	  /* comes back with the result */
	uint32_t call[2]; /* filled when sent: tm's identity of a test call */
	uint32_t timeout_ms;
	uint32_t max_forwards;
	void *sock; /* struct socket_info; NULL: Kamailio chooses */
	bool named; /* proxy is where it goes, uri has the name TLS is to see */
	bool quiet; /* what tm and the core say of a failure was said before */
	bool calls; /* a test call: an INVITE */
	frt_proto_t proto;
	frt_answer_from_t answer_from;
	char uri[FRT_URI_MAX + FRT_USER_MAX + 2];
	char method[FRT_METHOD_MAX + 1];
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
 * resolved here and now: in this process it may wait.
 * A test call stays open beyond its result until a result with `over` comes, or
 * for frt_probe_open_ms(): an 18x makes tm cancel it, without one
 * frt_tm_cancel() is for the caller to say, and frt_tm_release() once a 2xx
 * has come, whose ACK and BYE are frt_stray.h's. */
frt_probe_sent_t frt_probe_send(frt_probe_order_t *order);
/* How long tm keeps a test call of that timeout, if nothing ends it: so long a
 * late ringing still meets its CANCEL. */
uint32_t frt_probe_open_ms(uint32_t timeout_ms);
/* Is the transaction a probe? Then *from is from where its answer is
 * believed. The caller holds a reference. Any process. */
bool frt_probe_is(const struct cell *t, frt_answer_from_t *from);
/* A 2xx to an INVITE came for this branch, and is kept from tm. If it is a test
 * call's, that is its result: true. Any process. */
bool frt_probe_answered(const frt_branch_t *via);
/* The transaction's request could not be delivered. If it is a probe, that is
 * its result: true. */
bool frt_probe_unreachable(struct cell *t);

#endif
