/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The prober: a process of the module that probes every next hop when it is
 * due and tells the health machine the time. To have something probed or
 * looked at, kick it (frt_wake.h). Must not know calls.
 */
#ifndef FRT_PROBE_H
#define FRT_PROBE_H

#include "frt_params.h"

/* Runs the prober; never returns. In a process forked with a socket to tcp
 * main, after cfg_child_init(). */
void frt_probe_main(const frt_params_t *params);

#endif
