/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In-flight lists: doubly linked, through the attempts themselves.
 *
 *   new --sent--> listed --take--> taken --back--> listed
 *    |              |                |
 *    +--------------+------over------+----> over    (no way back)
 *
 * Sending and the first reply race, and so do the rescuer and the end of a
 * call: whoever comes second finds the state and does nothing.
 */
#include "frt_compat.h"
#include "frt_flight.h"
#include "frt_wake.h"

#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"

#include <string.h>

#define FRT_DOWNS 256 /* errands that may wait; rings */
#define FRT_CLOSED 64

typedef struct frt_down
{
	frt_rec_t *rec;
	uint64_t time_ms;
} frt_down_t;

typedef struct frt_errands
{
	_Atomic uint32_t streams;
	_Atomic int lost; /* a destination went down and there was no room */
	gen_lock_t lock;
	uint32_t down_first, down_n;
	uint32_t closed_first, closed_n;
	frt_down_t downs[FRT_DOWNS];
	frt_peer_t closed[FRT_CLOSED];
} frt_errands_t;

static frt_errands_t *shared;

_Static_assert(sizeof(gen_lock_t) <= sizeof(((frt_act_t *)0)->wait_lock),
		"the wait lock is too small for this Kamailio's gen_lock_t");

int frt_flight_init(void)
{
	shared = frt_mem_alloc(frt_mem_shm(), sizeof(*shared));
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	if(!lock_init(&shared->lock)) {
		LM_ERR("cannot make the lock of the rescuer's errands\n");
		frt_flight_destroy();
		return -1;
	}
	return 0;
}

void frt_flight_destroy(void)
{
	if(!shared)
		return;
	lock_destroy(&shared->lock);
	frt_mem_free(frt_mem_shm(), shared);
	shared = NULL;
}

static void lock_list(frt_act_t *act)
{
	lock_get((gen_lock_t *)&act->wait_lock);
}

static void unlock_list(frt_act_t *act)
{
	lock_release((gen_lock_t *)&act->wait_lock);
}

static frt_attempt_t *attempt_of(frt_wait_t *w)
{
	return (frt_attempt_t *)((char *)w - offsetof(frt_attempt_t, wait));
}

static frt_plan_t *plan_of(frt_wait_t *w)
{
	return (frt_plan_t *)((char *)(attempt_of(w) - w->at)
						  - offsetof(frt_plan_t, tries));
}

static void count_locked(frt_act_t *act, const frt_wait_t *w, int by)
{
	atomic_fetch_add(&act->waiting, (uint32_t)by);
	if(!w->stream)
		return;
	atomic_fetch_add(&act->streams, (uint32_t)by);
	atomic_fetch_add(&shared->streams, (uint32_t)by);
}

static void link_locked(frt_act_t *act, frt_wait_t *w)
{
	w->state = FRT_WAIT_LISTED;
	w->next = NULL;
	w->prev = act->wait_last;
	if(act->wait_last)
		act->wait_last->next = w;
	else
		act->wait_first = w;
	act->wait_last = w;
	count_locked(act, w, 1);
}

static void unlink_locked(frt_act_t *act, frt_wait_t *w)
{
	if(w->prev)
		w->prev->next = w->next;
	else
		act->wait_first = w->next;
	if(w->next)
		w->next->prev = w->prev;
	else
		act->wait_last = w->prev;
	w->prev = w->next = NULL;
	count_locked(act, w, -1);
}

void frt_flight_sent(frt_attempt_t *a, bool stream)
{
	frt_act_t *act = frt_act(a->rec);
	bool listed = false;

	/* uncounted, nobody moves the call: its own timer will */
	if(!shared || !a->counted)
		return;
	lock_list(act);
	if(a->wait.state == FRT_WAIT_NEW) {
		a->wait.stream = stream;
		link_locked(act, &a->wait);
		listed = true;
	}
	unlock_list(act);
	/* it went down between the choice and now: whoever saw that saw an empty
	 * list */
	if(listed && !a->wait.anyway
			&& FRT_WORD_HEALTH(atomic_load(&a->rec->word)) == FRT_DOWN)
		frt_flight_down(a->rec);
}

void frt_flight_over(frt_attempt_t *a)
{
	frt_act_t *act;

	/* once over, always over */
	if(!shared || !a->counted || a->wait.state == FRT_WAIT_OVER)
		return;
	act = frt_act(a->rec);
	lock_list(act);
	if(a->wait.state == FRT_WAIT_LISTED)
		unlink_locked(act, &a->wait);
	a->wait.state = FRT_WAIT_OVER;
	unlock_list(act);
}

uint32_t frt_flight_streams(void)
{
	return shared ? atomic_load(&shared->streams) : 0;
}

uint32_t frt_flight_waiting(const frt_rec_t *rec, bool streams)
{
	const frt_act_t *act = frt_act_seen(rec);

	return atomic_load_explicit(
			streams ? &act->streams : &act->waiting, memory_order_relaxed);
}

uint32_t frt_flight_take(frt_rec_t *rec, uint64_t before_ms, bool streams,
		frt_flight_t *out, uint32_t max)
{
	frt_wait_t *w, *next;
	frt_act_t *act;
	uint32_t n = 0;

	/* nearly always: nobody waits, no lock */
	if(frt_flight_waiting(rec, streams) == 0)
		return 0;
	act = frt_act(rec); /* there: somebody waits in it */
	lock_list(act);
	for(w = act->wait_first; w && n < max; w = next) {
		const frt_plan_t *p = plan_of(w);

		next = w->next;
		if(attempt_of(w)->start_ms > before_ms || (streams && !w->stream))
			continue;
		unlink_locked(act, w);
		w->state = FRT_WAIT_TAKEN;
		memcpy(out[n].ident, p->ident, sizeof(out[n].ident));
		out[n++].at = w->at;
	}
	unlock_list(act);
	return n;
}

void frt_flight_back(frt_attempt_t *a)
{
	frt_act_t *act = frt_act(a->rec); /* there: it was taken off its list */

	lock_list(act);
	if(a->wait.state == FRT_WAIT_TAKEN)
		link_locked(act, &a->wait);
	unlock_list(act);
}

void frt_flight_down(frt_rec_t *rec)
{
	frt_down_t *e;

	if(!shared || frt_flight_waiting(rec, false) == 0)
		return;
	lock_get(&shared->lock);
	if(shared->down_n < FRT_DOWNS) {
		frt_rec_ref(rec);
		e = &shared->downs[(shared->down_first + shared->down_n++) % FRT_DOWNS];
		e->rec = rec;
		e->time_ms = frt_now_ms();
	} else {
		atomic_store(&shared->lost, 1);
	}
	lock_release(&shared->lock);
	frt_wake(FRT_WAKE_RESCUER);
}

bool frt_flight_next_down(frt_rec_t **rec, uint64_t *time_ms)
{
	bool found = false;

	*rec = NULL;
	*time_ms = frt_now_ms();
	if(atomic_exchange(&shared->lost, 0))
		return true;
	lock_get(&shared->lock);
	if(shared->down_n) {
		*rec = shared->downs[shared->down_first].rec;
		*time_ms = shared->downs[shared->down_first].time_ms;
		shared->down_first = (shared->down_first + 1) % FRT_DOWNS;
		shared->down_n--;
		found = true;
	}
	lock_release(&shared->lock);
	return found;
}

void frt_flight_closed(const frt_peer_t *peer)
{
	if(!shared)
		return;
	lock_get(&shared->lock);
	/* without room the calls there wait for their own timers */
	if(shared->closed_n < FRT_CLOSED)
		shared->closed[(shared->closed_first + shared->closed_n++)
					   % FRT_CLOSED] = *peer;
	lock_release(&shared->lock);
	frt_wake(FRT_WAKE_RESCUER);
}

bool frt_flight_next_closed(frt_peer_t *peer)
{
	bool found = false;

	lock_get(&shared->lock);
	if(shared->closed_n) {
		*peer = shared->closed[shared->closed_first];
		shared->closed_first = (shared->closed_first + 1) % FRT_CLOSED;
		shared->closed_n--;
		found = true;
	}
	lock_release(&shared->lock);
	return found;
}
