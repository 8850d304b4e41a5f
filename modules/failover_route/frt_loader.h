/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The loader: a process of ours that runs the RPC commands which wait for
 * files or a database, or make a large table anew, when they are asked for in a SIP
 * worker (JSON-RPC over HTTP). The worker goes on at once; the answer is sent by the loader.
 */
#ifndef FRT_LOADER_H
#define FRT_LOADER_H

#include "frt_rpc.h"

/* What is left of a command once its arguments are read. args is its own
 * copy; pointers in it into itself are stale. It answers, or faults. */
typedef void (*frt_rpc_rest_t)(frt_rpc_t *r, void *args);

/* Before fork; 0 or -1. */
int frt_loader_init(void);
/* The process; does not return. */
void frt_loader_main(void);

/* Runs the rest of a command: here, or in the loader if this is a worker that
 * got it over HTTP. Nothing more may be done with r then. A command of the
 * script itself (jsonrpc_exec()) needs its answer at once and runs here. */
void frt_loader_run(
		frt_rpc_t *r, frt_rpc_rest_t rest, const void *args, size_t size);

/* Runs something nobody waits for in the loader; its rest gets no r (NULL).
 * 0, or FRT_E_NOMEM when it cannot be handed on. */
int frt_loader_post(frt_rpc_rest_t rest, const void *args, size_t size);

/* Does this process handle SIP messages? Those that scripts have suspended for, too,
 * or that threads have received (udp_receiver_mode, from Kamailio 6.0 on). */
bool frt_loader_is_worker(void);

#endif
