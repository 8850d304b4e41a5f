/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The resolver: a process of the module that asks the DNS for the names in the
 * table and publishes the table anew when they stand for something else. Must
 * not know calls or probes.
 */
#ifndef FRT_RESOLVER_H
#define FRT_RESOLVER_H

#include "frt_params.h"
#include "frt_shm.h"
#include "engine/frt_expand.h"

/* Runs the resolver; never returns. In a process of its own: it waits for the
 * DNS. */
void frt_resolver_main(void);

/* What a name stands for by the answers there are, without asking; for who
 * shows it. Any process; good until the next call in it. Call it between
 * frt_table_enter() and frt_table_leave(). */
const frt_children_t *frt_resolver_look(const frt_parent_t *p);

#endif
