/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: running out of it is not logged.
 */
#ifndef FRT_STUB_SHM_MEM_H
#define FRT_STUB_SHM_MEM_H

#define SHM_MEM_ERROR ((void)0)

#endif
