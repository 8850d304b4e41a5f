/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two rings of events in shared memory behind one short lock: the queue, which
 * the module's process empties, and the history, which keeps the newest.
 */
#include "frt_compat.h"
#include "frt_event.h"
#include "frt_lock.h"
#include "frt_text.h"
#include "frt_wake.h"

#include "../../core/mem/shm_mem.h"

#include <string.h>

/* As long as the history, so that what one command does to a large set has room. */
#define QUEUE_MIN 1024u

FRT_ENUM_DEFINE(frt_event_kind, FRT_EVENT_LIST)

/* A slot of a ring is its number modulo the ring's size. */
typedef struct frt_event_store
{
	gen_lock_t lock;
	uint64_t seq;	  /* of the newest event of all */
	uint64_t in;	  /* events ever put into the queue ... */
	uint64_t out;	  /* ... and taken off it */
	uint64_t kept;	  /* events ever put into the history */
	uint32_t dropped; /* events that found the queue full */
	uint32_t history_size;
	uint32_t queue_size;
	frt_event_t *queue;
	frt_event_t *history;
} frt_event_store_t;

static frt_event_store_t *store = NULL;

int frt_event_init(const frt_params_t *params)
{
	const frt_mem_t *shm = frt_mem_shm();
	uint32_t size =
			params->history_size > 0 ? (uint32_t)params->history_size : 1;

	store = frt_mem_alloc(shm, sizeof(*store));
	if(!store)
		goto error;
	store->queue_size = size > QUEUE_MIN ? size : QUEUE_MIN;
	store->queue =
			frt_mem_alloc(shm, (size_t)store->queue_size * sizeof(frt_event_t));
	store->history = frt_mem_alloc(shm, (size_t)size * sizeof(frt_event_t));
	if(!store->queue || !store->history)
		goto error;
	store->history_size = size;
	if(!lock_init(&store->lock)) {
		LM_ERR("cannot initialise the lock of the events\n");
		goto destroy;
	}
	return frt_event_routes(params);

error:
	SHM_MEM_ERROR;
destroy:
	frt_event_destroy();
	return -1;
}

void frt_event_destroy(void)
{
	frt_event_t ev;

	if(!store)
		return;
	while(store->queue && frt_event_pop(&ev))
		frt_mem_free(frt_mem_shm(), ev.text);
	frt_mem_free(frt_mem_shm(), store->queue);
	frt_mem_free(frt_mem_shm(), store->history);
	frt_mem_free(frt_mem_shm(), store);
	store = NULL;
}

/* Of one call, and not of the table. */
static bool of_call(frt_event_kind_t kind)
{
	return kind == FRT_EV_FAILOVER || kind == FRT_EV_CALL;
}

static void keep_locked(const frt_event_t *ev)
{
	store->history[store->kept % store->history_size] = *ev;
	store->kept++;
}

static bool queue_locked(const frt_event_t *ev)
{
	/* what comes at the pace of calls must not crowd out transitions */
	uint64_t limit =
			of_call(ev->kind) ? store->queue_size / 4 * 3 : store->queue_size;

	if(store->in - store->out >= limit)
		return false;
	store->queue[store->in % store->queue_size] = *ev;
	store->in++;
	return true;
}

/* It goes to logs, to the history and, from event routes, anywhere. */
static void hide_password(frt_event_t *ev)
{
	char uri[sizeof(ev->uri)];
	frt_buf_t b;

	frt_buf_init(&b, uri, sizeof(uri));
	frt_buf_add_uri(&b, frt_str_of(ev->uri));
	memcpy(ev->uri, uri, sizeof(uri));
}

void frt_event_push(frt_event_t *ev)
{
	bool transition = !of_call(ev->kind) && ev->kind != FRT_EV_RELOAD;
	bool queued;

	/* a failover is not logged: without a route nobody would see it */
	if(!store || (ev->kind == FRT_EV_FAILOVER && !frt_event_wanted(ev->kind))) {
		frt_mem_free(frt_mem_shm(), ev->text);
		return;
	}
	if(ev->time_ms == 0)
		ev->time_ms = frt_wall_ms();
	frt_text_clean(ev->reason);
	hide_password(ev);
	frt_lock_get(&store->lock);
	ev->seq = ++store->seq;
	if(transition)
		keep_locked(ev);
	queued = queue_locked(ev);
	if(!queued)
		store->dropped++;
	frt_lock_release(&store->lock);
	if(!queued)
		frt_mem_free(frt_mem_shm(), ev->text);
	frt_wake(FRT_WAKE_KEEPER);
}

void frt_event_restore(const frt_event_t *ev)
{
	frt_event_t copy = *ev;

	if(!store)
		return;
	frt_lock_get(&store->lock);
	copy.seq = ++store->seq;
	keep_locked(&copy);
	frt_lock_release(&store->lock);
}

bool frt_event_pop(frt_event_t *out)
{
	bool any;

	if(!store)
		return false;
	frt_lock_get(&store->lock);
	any = store->in > store->out;
	if(any) {
		*out = store->queue[store->out % store->queue_size];
		store->out++;
	}
	frt_lock_release(&store->lock);
	return any;
}

/* Copies the entry of that number; false if it was overwritten, and with it
 * everything older. */
static bool history_get(uint64_t at, frt_event_t *out)
{
	bool there;

	frt_lock_get(&store->lock);
	there = at < store->kept && at + store->history_size >= store->kept;
	if(there)
		*out = store->history[at % store->history_size];
	frt_lock_release(&store->lock);
	return there;
}

static uint64_t history_end(void)
{
	uint64_t end;

	frt_lock_get(&store->lock);
	end = store->kept;
	frt_lock_release(&store->lock);
	return end;
}

/* One entry at a time under the lock: writers never wait for a whole walk. The
 * cursor is one more than the number of the entry given last. */
bool frt_event_before(const char *set, uint64_t *cursor, frt_event_t *out)
{
	uint64_t at;

	if(!store)
		return false;
	at = *cursor ? *cursor - 1 : history_end();
	while(at > 0 && history_get(at - 1, out)) {
		*cursor = at;
		if(set == NULL || strcmp(set, out->set) == 0)
			return true;
		at--;
	}
	return false;
}

uint32_t frt_event_history(const char *set, frt_event_t *out, uint32_t max)
{
	uint64_t cursor = 0;
	uint32_t n = 0;

	while(n < max && frt_event_before(set, &cursor, &out[n]))
		n++;
	return n;
}

uint32_t frt_event_dropped(void)
{
	uint32_t n;

	if(!store)
		return 0;
	frt_lock_get(&store->lock);
	n = store->dropped;
	frt_lock_release(&store->lock);
	return n;
}
