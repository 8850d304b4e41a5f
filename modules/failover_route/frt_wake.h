/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How other processes get the attention of the module's own: the prober
 * (probes and the passing of time), the keeper (events), the rescuer (calls in
 * flight) and the resolver (names).
 * A bounded ring says which records; when it is full the prober looks at all.
 * Must not know what they do when woken.
 */
#ifndef FRT_WAKE_H
#define FRT_WAKE_H

#include "frt_shm.h"

typedef enum frt_wake_who
{
	FRT_WAKE_PROBER,
	FRT_WAKE_KEEPER,
	FRT_WAKE_RESCUER,
	FRT_WAKE_RESOLVER
} frt_wake_who_t;

/* What the prober is asked to do for a record. */
typedef enum frt_kick
{
	FRT_KICK_TICK,	/* its health is due at another time now */
	FRT_KICK_PROBE, /* probe it now (rate limits apply) */
	FRT_KICK_ALL,	/* a new generation */
	FRT_KICK_ORDER	/* probe it now: the operator's wish, however recent the
					 * last one is */
} frt_kick_t;

/* A probe's answer on its way from the process that got it to the prober. */
typedef struct frt_probe_result
{
	uint32_t id;	  /* the probe's own number */
	uint16_t code;	  /* 408 for tm's timeout */
	uint8_t local;	  /* 1: made up by tm, nothing was received */
	uint8_t over;	  /* 1: no other follows: the transaction has ended */
	uint64_t time_ms; /* when it came, frt_now_ms() time */
} frt_probe_result_t;

/* mod_init: makes the rings and the event descriptors. 0 or -1. */
int frt_wake_init(void);
void frt_wake_destroy(void);

/* Wakes one of them. Any process, never blocks. */
void frt_wake(frt_wake_who_t who);
/* Sleeps until woken or timeout_ms have passed; clears the wake-up. */
void frt_wake_wait(frt_wake_who_t who, int timeout_ms);
/* The same for who waits for other descriptors too: the one to poll for
 * POLLIN, and what to do each time, whatever woke the process. */
int frt_wake_fd(frt_wake_who_t who);
void frt_wake_clear(frt_wake_who_t who);

/* Do results wake the prober? If not, it looks at them soon anyway. Who changes
 * it looks at the results afterwards. */
void frt_wake_by_results(bool yes);

/* Kicks the prober about a record (NULL with FRT_KICK_ALL). Takes a reference
 * that frt_wake_next_kick() hands over. False: the ring is full, and the kick is
 * one of those that are lost. */
bool frt_wake_kick(frt_rec_t *rec, frt_kick_t kick);
/* The next kick; false if there is none. The caller unrefs *rec if not NULL.
 * NULL with FRT_KICK_ALL: there is a new generation. NULL with FRT_KICK_PROBE:
 * the ring was full and kicks were lost, look at every record. */
bool frt_wake_next_kick(frt_rec_t **rec, frt_kick_t *kick);

/* Probe results: any process puts, the prober takes. A full ring loses the
 * result: the prober's own timeout then says so. */
void frt_wake_put_result(const frt_probe_result_t *result);
bool frt_wake_next_result(frt_probe_result_t *result);

#endif
