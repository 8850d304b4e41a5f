/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See the header.
 */
#include "frt_compat.h"

#include "frt_lock.h"

bool frt_lock_alone;
