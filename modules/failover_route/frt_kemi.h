/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The functions for KEMI scripts (Lua, Python ...): KSR.failover_route.
 */
#ifndef FRT_KEMI_H
#define FRT_KEMI_H

/* Registers the module's functions with KEMI. mod_register. 0 or -1. */
int frt_kemi_register(void);

#endif
