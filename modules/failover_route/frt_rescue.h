/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rescuer: a process of the module that moves calls on from destinations
 * that are found dead while the calls wait there without any reply. It never
 * waits for anybody. Must not know how a call finds its next destination.
 */
#ifndef FRT_RESCUE_H
#define FRT_RESCUE_H

#include "frt_params.h"

/* child_init(PROC_INIT), after all other modules: watches TCP connections. */
void frt_rescue_init(const frt_params_t *params);
/* Runs the rescuer; never returns. After cfg_child_init(). */
void frt_rescue_main(void);

#endif
