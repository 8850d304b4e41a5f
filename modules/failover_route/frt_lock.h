/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The locks that the last process comes to when Kamailio ends: one that was
 * killed while it held a lock never gives it back, so the last does without.
 * Must not know what is locked.
 */
#ifndef FRT_LOCK_H
#define FRT_LOCK_H

#include "../../core/locking.h"

#include <stdbool.h>

/* True from mod_destroy on, in the main process: no other is left. */
extern bool frt_lock_alone;

static inline void frt_lock_get(gen_lock_t *lock)
{
	if(!frt_lock_alone)
		lock_get(lock);
}

static inline void frt_lock_release(gen_lock_t *lock)
{
	if(!frt_lock_alone)
		lock_release(lock);
}

#endif
