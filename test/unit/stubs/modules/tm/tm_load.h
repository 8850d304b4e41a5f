/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: what our headers name of it.
 */
#ifndef FRT_STUB_TM_LOAD_H
#define FRT_STUB_TM_LOAD_H

struct cell;
struct tmcb_params;
typedef void(transaction_cb)(
		struct cell *t, int type, struct tmcb_params *params);

typedef struct uac_req
{
	unsigned int fr_timeout;
	unsigned int fr_inv_timeout;
} uac_req_t;

#endif
