/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which commands are handed on to the loader, that it answers each once, and
 * what happens when it cannot take one more.
 */
// needs: modules/failover_route/frt_loader.c
#include "host.h"

#include "../../core/pt.h"
#include "frt_loader.h"

#include <pthread.h>
#include <unistd.h>

#define MANY 100000

static struct process_table table[1];

struct process_table *frt_stub_pt(void)
{
	return table;
}

/* A transport whose answers can come later, or not. */
static struct
{
	bool can_wait;
	int made;
	_Atomic int closed;
	_Atomic int ran;
	_Atomic int kept;  /* that knew what holds */
	_Atomic int value; /* of the last arguments */
	int fault;
	const char *holds; /* as that fault finds it */
} t;
static rpc_t transport;

static rpc_capabilities_t capabilities(void *ctx)
{
	return RPC_DELAYED_REPLY;
}

static rpc_delayed_ctx_t *ctx_new(void *ctx)
{
	rpc_delayed_ctx_t *d;

	if(!t.can_wait)
		return NULL;
	d = calloc(1, sizeof(*d));
	assert_non_null(d);
	d->rpc = transport;
	d->reply_ctx = &t;
	t.made++;
	return d;
}

static void ctx_close(rpc_delayed_ctx_t *d)
{
	assert_ptr_equal(d->reply_ctx, &t);
	free(d);
	atomic_fetch_add(&t.closed, 1);
}

void frt_rpc_begin(frt_rpc_t *r, rpc_t *rpc, void *ctx)
{
	memset(r, 0, sizeof(*r));
	r->rpc = rpc;
	r->ctx = ctx;
	r->binary = rpc->capabilities == NULL;
}

void frt_rpc_fault(frt_rpc_t *r, int code, const char *fmt, ...)
{
	t.fault = code;
	t.holds = r->holds;
}

static void rest(frt_rpc_t *r, void *args)
{
	assert_non_null(r->rpc);
	atomic_fetch_add(&t.kept, r->holds && strcmp(r->holds, "so far") == 0);
	atomic_store(&t.value, args ? *(int *)args : -1);
	atomic_fetch_add(&t.ran, 1);
}

static void run(int value)
{
	frt_rpc_t r;

	frt_rpc_begin(&r, &transport, NULL);
	r.holds = "so far";
	frt_loader_run(&r, rest, &value, sizeof(value));
}

static int setup(void **state)
{
	static bool made;

	memset(&t, 0, sizeof(t));
	host_begin(NULL);
	transport = (rpc_t){.capabilities = (rpc_capabilities_f)capabilities,
			.delayed_ctx_new = (rpc_delayed_ctx_new_f)ctx_new,
			.delayed_ctx_close = (rpc_delayed_ctx_close_f)ctx_close};
	snprintf(table[0].desc, sizeof(table[0].desc), "tcp receiver (generic)");
	if(!made && frt_loader_init() != 0)
		return 1;
	made = true;
	t.can_wait = true;
	return 0;
}

/* Everything but a worker that got it over HTTP waits itself. */
static void test_loader_is_for_http_only(void **state)
{
	snprintf(table[0].desc, sizeof(table[0].desc), "ctl handler");
	run(7);
	assert_int_equal(t.ran, 1);
	assert_int_equal(t.value, 7);
	snprintf(table[0].desc, sizeof(table[0].desc), "udp receiver child=1");
	run(8);
	assert_int_equal(t.ran, 2);
	snprintf(table[0].desc, sizeof(table[0].desc), "tcp receiver (generic)");
	transport.capabilities = NULL; /* binrpc over tcp */
	run(9);
	assert_int_equal(t.ran, 3);
	assert_int_equal(t.made, 0);
	assert_int_equal(host.heap.live, 0);
}

static void test_loader_without_a_later_answer_runs_here(void **state)
{
	t.can_wait = false;
	run(7);
	assert_int_equal(t.ran, 1);
	assert_int_equal(t.fault, 0);
	assert_int_equal(host.heap.live, 0);
}

static void test_loader_without_memory_is_a_fault(void **state)
{
	host.heap.fail_at = 1;
	run(7);
	assert_int_equal(t.ran, 0);
	assert_int_equal(t.fault, 500);
	assert_string_equal(t.holds, "so far");
	assert_int_equal(t.made, 0);
}

static void *loader(void *arg)
{
	frt_loader_main();
	return NULL;
}

/* The worker never waits: what does not go into the pipe is a fault at once.
 * Everything else is answered, once. */
static void test_loader_takes_as_many_as_the_pipe_holds(void **state)
{
	pthread_t thread;
	int i, limit;

	for(i = 0; t.fault == 0 && i < MANY; i++)
		run(i);
	assert_int_equal(t.fault, 500);
	assert_string_equal(t.holds, "so far");
	assert_int_equal(t.ran, 0);
	assert_true(i > 1000);
	assert_int_equal(t.made, i);
	assert_int_equal(t.closed, 1);
	assert_int_equal(pthread_create(&thread, NULL, loader, NULL), 0);
	for(limit = 0; t.closed < i && limit < 60000; limit++)
		usleep(1000);
	assert_int_equal(t.closed, i);
	assert_int_equal(t.ran, i - 1);
	assert_int_equal(t.kept, i - 1);
	assert_int_equal(t.value, i - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup(test_loader_is_for_http_only, setup),
			cmocka_unit_test_setup(
					test_loader_without_a_later_answer_runs_here, setup),
			cmocka_unit_test_setup(
					test_loader_without_memory_is_a_fault, setup),
			cmocka_unit_test_setup(
					test_loader_takes_as_many_as_the_pipe_holds, setup),
	};

	return UNIT_MAIN(tests);
}
