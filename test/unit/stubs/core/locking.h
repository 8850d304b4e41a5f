/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: a lock that must be free when it is taken.
 * With the name of the core's own, which since 6.0 core/rpc.h includes from beside it.
 */
#ifndef _locking_h
#define _locking_h

#include <assert.h>

typedef int gen_lock_t;

static inline gen_lock_t *lock_init(gen_lock_t *lock)
{
	*lock = 0;
	return lock;
}

static inline void lock_destroy(gen_lock_t *lock)
{
	assert(*lock == 0);
}

static inline void lock_get(gen_lock_t *lock)
{
	assert(*lock == 0);
	*lock = 1;
}

static inline int lock_try(gen_lock_t *lock)
{
	if(*lock)
		return -1;
	*lock = 1;
	return 0;
}

static inline void lock_release(gen_lock_t *lock)
{
	assert(*lock == 1);
	*lock = 0;
}

#endif
