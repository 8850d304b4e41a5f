/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads the whole table, page by page, and begins anew when it is replaced
 * meanwhile.
 */
#include "frt_cli_top.h"

#include <stdio.h>
#include <string.h>

#define RESTARTS_MAX 5

static void ask_page(top_fetch_t *f, uint64_t now_ms)
{
	int limit = f->rpc.at->http ? TOP_PAGE_HTTP : TOP_PAGE_DATAGRAM;

	top_rpc_ask(&f->rpc, "failover_route.list",
			json_pack("[s, I, i]", f->set, (json_int_t)f->offset, limit),
			now_ms);
}

static void give_up(top_fetch_t *f, const char *why)
{
	top_rpc_drop(&f->rpc);
	f->rpc.state = TOP_ASTRAY;
	snprintf(f->rpc.error, sizeof(f->rpc.error), "%s", why);
}

static void begin(top_fetch_t *f, uint64_t now_ms)
{
	top_rows_free(f->rows);
	f->rows = top_rows_new();
	f->offset = 0;
	if(f->rows)
		ask_page(f, now_ms);
	else
		give_up(f, "out of memory");
}

void top_fetch_start(top_fetch_t *f, uint64_t now_ms)
{
	f->restarts = 0;
	f->began_ms = now_ms;
	begin(f, now_ms);
}

static void take_page(top_fetch_t *f, uint64_t now_ms)
{
	json_t *answer = json_incref(f->rpc.result);
	long long next = -1;
	int err = top_rows_add(f->rows, answer, &next);

	json_decref(answer);
	if(err == -1)
		give_up(f, "out of memory");
	else if(err == -2)
		give_up(f, "the answer is no table");
	else if(err != 0 && f->restarts++ < RESTARTS_MAX)
		begin(f, now_ms);
	else if(err != 0)
		give_up(f, "the table is replaced faster than it can be read");
	else if(next > f->offset) {
		f->offset = next;
		ask_page(f, now_ms);
	}
}

top_state_t top_fetch_step(top_fetch_t *f, uint64_t now_ms)
{
	if(top_rpc_step(&f->rpc, now_ms) == TOP_DONE)
		take_page(f, now_ms);
	return f->rpc.state;
}

top_rows_t *top_fetch_take(top_fetch_t *f)
{
	top_rows_t *rows = f->rows;

	f->rows = NULL;
	top_rpc_drop(&f->rpc);
	return rows;
}

void top_fetch_drop(top_fetch_t *f)
{
	top_rpc_drop(&f->rpc);
	top_rows_free(f->rows);
	f->rows = NULL;
}
