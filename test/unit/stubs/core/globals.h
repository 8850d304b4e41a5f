/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: when Kamailio started.
 */
#ifndef FRT_STUB_GLOBALS_H
#define FRT_STUB_GLOBALS_H

#define up_since 1763691100

#endif
