/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * $frt(name): the current call's plan and, in an event route, the event. Reads
 * only. Must not know how calls are routed.
 */
#ifndef FRT_PV_H
#define FRT_PV_H

#include "frt_compat.h"

/* The pseudo-variable class, for the module's exports. */
pv_export_t *frt_pv_exports(void);

#endif
