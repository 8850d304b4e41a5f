/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: a request's timers, for the compat header.
 */
#ifndef FRT_STUB_TM_LOAD_H
#define FRT_STUB_TM_LOAD_H

struct cell;

typedef struct uac_req
{
	unsigned int fr_timeout;
	unsigned int fr_inv_timeout;
} uac_req_t;

#endif
