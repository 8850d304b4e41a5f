/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The operator takes destinations out and puts them back: the one way there,
 * for RPC and HTTP. Must not know who asks.
 */
#ifndef FRT_ADMIN_H
#define FRT_ADMIN_H

#include "frt_params.h"
#include "frt_shm.h"

/* Destinations that an operator has named. */
typedef struct frt_pick
{
	frt_set_t *in;
	frt_dst_t *first;
	uint32_t n;
	const frt_parent_t *parent; /* only what stands for this name, of n */
} frt_pick_t;

/* What was done. */
typedef struct frt_admin_done
{
	char set[FRT_ID_MAX + 1]; /* its id, also where its number was given */
	uint32_t destinations;
	uint32_t changed;
	uint32_t calls; /* in progress there */
} frt_admin_done_t;

/* The destination of a set; with many, also all that a resolved name stands
 * for, and with "*" all of the set. Between frt_table_enter() and
 * frt_table_leave(), as is the use of out. 0, FRT_E_NOSET or FRT_E_NODST. */
int frt_pick(const frt_gen_t *g, frt_str_t set, frt_str_t dst, bool many,
		frt_pick_t *out);
/* Is the i-th of the n meant? */
bool frt_pick_has(const frt_pick_t *pick, uint32_t i);

/* Sets the admin state of what frt_pick() finds with many. Returns what it
 * does. No lock may be held. */
int frt_admin_apply(frt_str_t set, frt_str_t dst, frt_admin_t admin,
		frt_admin_done_t *done);

/* Writes to the database what has been set. It waits for that: in no SIP
 * worker. As frt_db_write_admin(). */
int frt_admin_write(const char *set, frt_str_t dst, frt_admin_t admin);
/* The same later, in the loader, where the module parameter db_write_admin
 * asks for it; what goes wrong is logged. */
void frt_admin_write_later(const char *set, frt_str_t dst, frt_admin_t admin);

#endif
