/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The XAVP: what has become of a call, for scripts and for acc.
 */
#ifndef FRT_XAVP_H
#define FRT_XAVP_H

#include "frt_params.h"
#include "engine/frt_gen.h"
#include "engine/frt_plan.h"

/* What the XAVP of a call says; all zero: nothing yet. */
typedef struct frt_xavp
{
	const frt_set_rec_t *set;
	const frt_rec_t *rec;
	uint32_t gen_seq; /* of the table that the URI and attributes are from */
	uint16_t n;		  /* attempts */
	bool reason;	  /* it has one */
} frt_xavp_t;

/* mod_init: takes the XAVP's name; without one nothing is ever written. 0 or -1. */
int frt_xavp_init(const frt_params_t *params);
/* Writes what has become of the call, and notes it in *said. g: the table of
 * now, or NULL, between frt_table_enter() and frt_table_leave(). Only with the
 * transaction's lists current, as in tm's callbacks and routes. */
void frt_xavp_write(frt_xavp_t *said, const frt_plan_t *p, const frt_gen_t *g);
/* The transaction ends: what its XAVP is made of goes to another call. */
void frt_xavp_ended(struct cell *t);

#endif
