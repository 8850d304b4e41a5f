/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See the header.
 */
#include "frt_compat.h"
#include "frt_lock.h"

#include <stdbool.h>

static bool alone;

void frt_lock_get(gen_lock_t *lock)
{
	if(!alone)
		lock_get(lock);
}

void frt_lock_release(gen_lock_t *lock)
{
	if(!alone)
		lock_release(lock);
}

void frt_lock_alone(void)
{
	alone = true;
}
