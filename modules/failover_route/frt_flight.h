/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls in flight: for each destination the attempts that were sent there and
 * have had no reply at all, oldest first, so that they can be moved on when
 * the destination is found dead. And the errands of the process that does so,
 * the rescuer. Must not know transactions, nor how a call is moved.
 *
 * An attempt's place is in the call's context: nothing is allocated. The list
 * has a lock of its own per destination, held for one step of a list; nothing
 * is taken under it.
 */
#ifndef FRT_FLIGHT_H
#define FRT_FLIGHT_H

#include "frt_shm.h"

/* One attempt as the rescuer takes it: names, no pointer into the call, which
 * may end at any moment. */
typedef struct frt_flight
{
	uint32_t ident[2]; /* of the plan */
	uint8_t at;		   /* index of the attempt in its plan */
} frt_flight_t;

/* A stream connection: its other end, and our address. */
typedef struct frt_peer
{
	uint8_t addr[16];  /* see frt_ip_parse() */
	uint8_t local[16]; /* all 0: any */
	uint16_t port;
	uint8_t proto; /* the host's number */
	uint64_t time_ms;
} frt_peer_t;

/* mod_init: makes the errands. 0 or -1. */
int frt_flight_init(void);
void frt_flight_destroy(void);

/* The attempt has been sent: it waits from now on, unless a reply was quicker.
 * The process that sent it; its plan's ident is set. */
void frt_flight_sent(frt_attempt_t *a, bool stream);
/* It waits no more: a reply came, or it has ended. Any process, any number of
 * times; must have happened before the plan's memory goes. */
void frt_flight_over(frt_attempt_t *a);
/* How many attempts wait over streams, in all. */
uint32_t frt_flight_streams(void);

/* How many wait there, or (streams) of these over TCP or TLS. No lock. */
uint32_t frt_flight_waiting(const frt_rec_t *rec, bool streams);
/* Takes up to max attempts out of a destination's list that began at before_ms
 * or earlier; streams: only those over TCP or TLS. Returns how many. */
uint32_t frt_flight_take(frt_rec_t *rec, uint64_t before_ms, bool streams,
		frt_flight_t *out, uint32_t max);
/* Puts one that was taken back, at the end. The caller keeps the transaction
 * alive. */
void frt_flight_back(frt_attempt_t *a);

/* Errand: the destination went down now; what waits there is to move. Wakes
 * the rescuer. */
void frt_flight_down(frt_rec_t *rec);
/* Errand: the connection to this peer was closed. Wakes the rescuer. */
void frt_flight_closed(const frt_peer_t *peer);
/* The next errand; false if there is none. The caller unrefs *rec. *rec NULL:
 * errands were lost, look at every destination that is down. */
bool frt_flight_next_down(frt_rec_t **rec, uint64_t *time_ms);
bool frt_flight_next_closed(frt_peer_t *peer);

#endif
