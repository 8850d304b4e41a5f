/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two rings in shared memory and four event descriptors, made before forking so
 * that every process has them. A ring's lock is held for one copy only; no one
 * ever waits for room. Must not know what the woken processes do.
 */
#include "frt_compat.h"

#include "../../core/locking.h"
#include "../../core/mem/shm_mem.h"
#include "frt_wake.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FRT_WAKE_COUNT 4
#define FRT_KICKS 8192 /* room, powers of two */
#define FRT_RESULTS 8192

typedef struct frt_kick_entry
{
	frt_rec_t *rec;
	frt_kick_t kick;
} frt_kick_entry_t;

typedef struct frt_wake_shared
{
	/* 1 from the first wake-up until the sleeper looks: spares the system
	 * calls of all who come in between */
	_Atomic int awake[FRT_WAKE_COUNT];
	_Atomic int quiet; /* results do not wake the prober */
	_Atomic int all;   /* a new generation */
	_Atomic int lost;  /* kicks had no room */
	gen_lock_t kick_lock;
	gen_lock_t result_lock;
	uint32_t kick_first, kick_n;
	uint32_t result_first, result_n;
	frt_kick_entry_t kicks[FRT_KICKS];
	frt_probe_result_t results[FRT_RESULTS];
} frt_wake_shared_t;

static frt_wake_shared_t *shared;
static int fds[FRT_WAKE_COUNT] = {-1, -1, -1, -1};

int frt_wake_init(void)
{
	int i;

	shared = shm_malloc(sizeof(*shared));
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if(!lock_init(&shared->kick_lock) || !lock_init(&shared->result_lock)) {
		LM_ERR("cannot make the locks of the wake-up rings\n");
		goto error;
	}
	for(i = 0; i < FRT_WAKE_COUNT; i++) {
		/* Survives fork(), and is of no use to what the exec module runs. */
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if(fds[i] < 0) {
			LM_ERR("cannot make an event descriptor: %s\n", strerror(errno));
			goto error;
		}
	}
	return 0;
error:
	frt_wake_destroy();
	return -1;
}

/* The references of kicks still in the ring go with all shared memory: the
 * processes that might hold the ring's lock are gone, and so may be the
 * records. */
void frt_wake_destroy(void)
{
	int i;

	for(i = 0; i < FRT_WAKE_COUNT; i++) {
		if(fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
	if(!shared)
		return;
	lock_destroy(&shared->kick_lock);
	lock_destroy(&shared->result_lock);
	shm_free(shared);
	shared = NULL;
}

void frt_wake(frt_wake_who_t who)
{
	uint64_t one = 1;

	if(!shared || atomic_exchange(&shared->awake[who], 1))
		return;
	/* It cannot fail but by overflow, and then it is readable anyway. */
	if(write(fds[who], &one, sizeof(one)) < 0)
		LM_DBG("wake-up: %s\n", strerror(errno));
}

int frt_wake_fd(frt_wake_who_t who)
{
	return fds[who];
}

void frt_wake_wait(frt_wake_who_t who, int timeout_ms)
{
	struct pollfd p = {.fd = fds[who], .events = POLLIN};

	if(poll(&p, 1, timeout_ms) < 0 && errno != EINTR)
		LM_DBG("wake-up: %s\n", strerror(errno));
	frt_wake_clear(who);
}

void frt_wake_by_results(bool yes)
{
	atomic_store(&shared->quiet, !yes);
}

void frt_wake_clear(frt_wake_who_t who)
{
	uint64_t count;

	if(read(fds[who], &count, sizeof(count)) < 0 && errno != EAGAIN)
		LM_DBG("wake-up: %s\n", strerror(errno));
	/* Before the caller looks at the rings: who puts something in from here on
	 * wakes us again. Also after a timeout, so that a process killed between
	 * the two halves of frt_wake() costs one sleep only. */
	atomic_store(&shared->awake[who], 0);
}

/* Puts one in; true if it is there now, whoever put it. Lock held. */
static bool kick_put_locked(frt_rec_t *rec, frt_kick_t kick)
{
	frt_kick_entry_t *e;

	if(shared->kick_n) {
		e = &shared->kicks[(shared->kick_first + shared->kick_n - 1)
						   % FRT_KICKS];
		/* Many calls failing at one destination are one kick. */
		if(e->rec == rec && e->kick == kick)
			return true;
	}
	if(shared->kick_n == FRT_KICKS)
		return false;
	frt_rec_ref(rec);
	e = &shared->kicks[(shared->kick_first + shared->kick_n++) % FRT_KICKS];
	e->rec = rec;
	e->kick = kick;
	return true;
}

bool frt_wake_kick(frt_rec_t *rec, frt_kick_t kick)
{
	bool done = true;

	if(!shared)
		return false;
	if(!rec || kick == FRT_KICK_ALL) {
		atomic_store(&shared->all, 1);
	} else {
		lock_get(&shared->kick_lock);
		done = kick_put_locked(rec, kick);
		lock_release(&shared->kick_lock);
		if(!done)
			atomic_store(&shared->lost, 1);
	}
	frt_wake(FRT_WAKE_PROBER);
	return done;
}

bool frt_wake_next_kick(frt_rec_t **rec, frt_kick_t *kick)
{
	frt_kick_entry_t e = {NULL, FRT_KICK_ALL};
	bool found = false;

	*rec = NULL;
	*kick = FRT_KICK_ALL;
	if(atomic_exchange(&shared->all, 0))
		return true;
	*kick = FRT_KICK_PROBE;
	if(atomic_exchange(&shared->lost, 0))
		return true;
	lock_get(&shared->kick_lock);
	if(shared->kick_n) {
		e = shared->kicks[shared->kick_first];
		shared->kick_first = (shared->kick_first + 1) % FRT_KICKS;
		shared->kick_n--;
		found = true;
	}
	lock_release(&shared->kick_lock);
	*rec = e.rec;
	*kick = e.kick;
	return found;
}

void frt_wake_put_result(const frt_probe_result_t *result)
{
	if(!shared)
		return;
	lock_get(&shared->result_lock);
	if(shared->result_n < FRT_RESULTS) {
		shared->results[(shared->result_first + shared->result_n++)
						% FRT_RESULTS] = *result;
	}
	lock_release(&shared->result_lock);
	if(!atomic_load(&shared->quiet))
		frt_wake(FRT_WAKE_PROBER);
}

bool frt_wake_next_result(frt_probe_result_t *result)
{
	bool found = false;

	lock_get(&shared->result_lock);
	if(shared->result_n) {
		*result = shared->results[shared->result_first];
		shared->result_first = (shared->result_first + 1) % FRT_RESULTS;
		shared->result_n--;
		found = true;
	}
	lock_release(&shared->result_lock);
	return found;
}
