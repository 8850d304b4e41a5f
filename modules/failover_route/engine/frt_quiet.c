/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The run of attempts since the last sign of life; see the header.
 */
#include "frt_quiet.h"

static uint32_t load(const _Atomic uint32_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

void frt_quiet_sent(frt_quiet_t *q, uint32_t user, uint64_t now_ms)
{
	uint32_t run;

	/* in this order: see frt_quiet_hopes() */
	atomic_fetch_add(&q->open, 1);
	run = atomic_fetch_add(&q->run, 1) + 1;
	if(run == 1) {
		atomic_store(&q->since_ms, 0);
		atomic_store(&q->users, 0);
		atomic_store(&q->user, user);
	} else if(user && user != atomic_load(&q->user)) {
		if(atomic_load(&q->user))
			atomic_store(&q->users, 1);
		else
			atomic_store(&q->user, user);
	}
	if(run >= FRT_QUIET_RUN && load(&q->users)
			&& atomic_load(&q->since_ms) == 0)
		atomic_store(&q->since_ms, now_ms);
}

static void run_ends(frt_quiet_t *q)
{
	/* nearly always: nothing to forget, nothing to write */
	if(load(&q->run) == 0)
		return;
	atomic_store(&q->run, 0);
	atomic_store(&q->since_ms, 0);
}

void frt_quiet_heard(frt_quiet_t *q, uint64_t sent_ms)
{
	run_ends(q);
	if(!frt_quiet_heard_since(q, sent_ms))
		atomic_store_explicit(&q->heard_ms, sent_ms, memory_order_relaxed);
}

bool frt_quiet_heard_since(const frt_quiet_t *q, uint64_t sent_ms)
{
	return atomic_load_explicit(&q->heard_ms, memory_order_relaxed) > sent_ms;
}

void frt_quiet_over(frt_quiet_t *q)
{
	/* without anybody waiting the next call is to find out */
	if(atomic_fetch_sub(&q->open, 1) == 1)
		run_ends(q);
}

bool frt_quiet_is(const frt_quiet_t *q, uint32_t patience_ms, uint64_t now_ms)
{
	uint64_t since;

	/* nearly always */
	if(load(&q->run) < FRT_QUIET_RUN || load(&q->open) == 0)
		return false;
	since = atomic_load_explicit(&q->since_ms, memory_order_relaxed);
	return patience_ms && since && now_ms > since
		   && now_ms - since >= patience_ms;
}

bool frt_quiet_hopes(const frt_quiet_t *q)
{
	uint32_t run = atomic_load(&q->run), open = atomic_load(&q->open);

	return open && run <= open;
}
