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

/* As Kamailio's, until frt_lock_alone(). */
void frt_lock_get(gen_lock_t *lock);
void frt_lock_release(gen_lock_t *lock);
/* mod_destroy, in the main process: no other is left, no lock is taken any
 * more. */
void frt_lock_alone(void);

#endif
