/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Telling people: transitions are put in words where they happen, kept in a
 * bounded history in shared memory, and logged and handed to event routes by
 * the module's own process, in order and with no lock held. Must not know
 * calls, probes or RPC.
 */
#ifndef FRT_EVENT_H
#define FRT_EVENT_H

#include "frt_params.h"
#include "frt_shm.h"

#define FRT_EVENT_LIST(X)                  \
	X(FRT_EV_CHANGE, "change")             \
	X(FRT_EV_CALL, "call")                 \
	X(FRT_EV_DST_DOWN, "dst-down")         \
	X(FRT_EV_DST_UP, "dst-up")             \
	X(FRT_EV_SET_DOWN, "set-down")         \
	X(FRT_EV_SET_UP, "set-up")             \
	X(FRT_EV_SET_FAILOVER, "set-failover") \
	X(FRT_EV_FAILOVER, "failover")         \
	X(FRT_EV_FAILBACK, "failback")         \
	X(FRT_EV_RELOAD, "reload")             \
	X(FRT_EV_PANIC_ON, "panic-on")         \
	X(FRT_EV_PANIC_OFF, "panic-off")       \
	X(FRT_EV_SHED_ON, "shed-on")           \
	X(FRT_EV_SHED_OFF, "shed-off")         \
	X(FRT_EV_OVERLOAD_ON, "overload-on")   \
	X(FRT_EV_OVERLOAD_OFF, "overload-off") \
	X(FRT_EV_DNS_FAILED, "dns-failed")     \
	X(FRT_EV_DNS_OK, "dns-ok")
FRT_ENUM_DECL(frt_event_kind, FRT_EVENT_LIST)

#define FRT_REASON_MAX 200

/* One event, all by value but text. FRT_EV_CHANGE has no event route: it is a
 * step on the way (trial, ramp) or a change of the operator's wish. Nor has
 * FRT_EV_CALL, which is a line of the log and nothing else. */
typedef struct frt_event
{
	uint64_t seq;	  /* given by frt_event_push() */
	uint64_t time_ms; /* since 1970; given by frt_event_push() when 0 */
	frt_event_kind_t kind;
	frt_source_t source;
	char set[FRT_ID_MAX + 1];
	char destination[FRT_DST_ID_MAX + 1];
	char uri[FRT_URI_MAX + 1];
	/* health or admin words; destination ids in a failover */
	char from[FRT_DST_ID_MAX + 1];
	char to[FRT_DST_ID_MAX + 1];
	char reason[FRT_REASON_MAX];
	char *text; /* FRT_EV_CALL: its line, in shared memory; else NULL */
} frt_event_t;

/* mod_init; history_size entries. 0 or -1. */
int frt_event_init(const frt_params_t *params);
void frt_event_destroy(void);
/* Is there any event route (or KEMI callback) for this kind? */
bool frt_event_wanted(frt_event_kind_t kind);

/* Queues one event and wakes the module's process. Transitions (all kinds but
 * FAILOVER, CALL and RELOAD) go into the history as well. ev->text is taken
 * over, whatever becomes of it. Any process; no lock may
 * be held. When the queue is full the event is counted as dropped, and the
 * next log line says so. */
void frt_event_push(frt_event_t *ev);
/* Puts a transition of dst in words and pushes what follows from it: dst-down,
 * dst-up or change, and set-down, set-up, failback where the set as a whole
 * changed. Call between frt_table_enter() and frt_table_leave(). */
void frt_event_transition(const frt_dst_t *dst, const frt_transition_t *tr);

/* The same for the beginning and the end of shedding; its steps are not told. */
void frt_event_shed(const frt_dst_t *dst, const frt_transition_t *tr);

/* Panic may try the destination, or may not any more, while it stays down: the
 * same for panic-on and panic-off. */
void frt_event_panic(const frt_dst_t *dst, frt_source_t source);

/* The destination asks for so many percent fewer calls (RFC 7339); 0: it has
 * not for some time. */
void frt_event_overload(const frt_dst_t *dst, uint32_t loss);

/* Looks at every set after a reload, which may have given it a destination
 * or taken its last: pushes the set-down, set-up and failback that follow.
 * source: who changed the table, the operator or the DNS (FRT_RESOLVE). */
void frt_event_look(frt_source_t source);

/* Copies up to max of the newest transitions of a set (NULL: all), newest
 * first; returns how many. */
uint32_t frt_event_history(const char *set, frt_event_t *out, uint32_t max);
/* The same one by one, with no memory for all: *cursor is 0 before the newest;
 * each call moves it to the next older. False when there is none. */
bool frt_event_before(const char *set, uint64_t *cursor, frt_event_t *out);
/* Puts one back at start, oldest first (state file); raises nothing. */
void frt_event_restore(const frt_event_t *ev);
/* Events lost because the queue was full, since the start. */
uint32_t frt_event_dropped(void);

/* Takes the oldest event off the queue; false if it is empty. Its text is the
 * caller's to free (frt_mem_shm()). */
bool frt_event_pop(frt_event_t *out);
/* mod_init: looks up the event routes, frt_event_init() calls it. 0 or -1. */
int frt_event_routes(const frt_params_t *params);

/* The module's process: logs and runs event routes for what is queued. */
void frt_event_drain(void);
/* The event whose route runs now in this process, or NULL: $frt(event.*). */
const frt_event_t *frt_event_current(void);

#endif
