/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the header of the database API in unit tests: it is that one, but
 * without the core's ut.h, which wants the rest of the core.
 */
#ifndef FRT_STUB_DB_H
#define FRT_STUB_DB_H

#include <stddef.h>

#ifndef ut_h
#define ut_h
#endif
#include_next <lib/srdb1/db.h>

#endif
