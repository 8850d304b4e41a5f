/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: nothing is configured.
 */
#ifndef FRT_STUB_CFG_STRUCT_H
#define FRT_STUB_CFG_STRUCT_H

#define cfg_update() ((void)0)

#endif
