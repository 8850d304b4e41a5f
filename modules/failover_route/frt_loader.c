/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Errands go through a pipe, as pointers to shared memory: a write of a
 * pointer is atomic, so there is no lock, and the loader sleeps in read().
 */
#include "frt_loader.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/pt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct errand
{
	rpc_delayed_ctx_t *answer;
	frt_rpc_rest_t rest;
	const char *holds;				/* r's, a constant */
	_Alignas(uint64_t) char args[]; /* shared memory is aligned to no more */
} errand_t;

static int pipe_fds[2] = {-1, -1};

int frt_loader_init(void)
{
	if(pipe(pipe_fds) != 0 || fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK) != 0
			|| fcntl(pipe_fds[0], F_SETFD, FD_CLOEXEC) != 0
			|| fcntl(pipe_fds[1], F_SETFD, FD_CLOEXEC) != 0) {
		LM_ERR("cannot make a pipe: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

bool frt_loader_is_worker(void)
{
	return strstr(pt[process_no].desc, "receiver") != NULL
		   || strncmp(pt[process_no].desc, "Async Task Worker", 17) == 0;
}

/* HTTP comes to the workers that read SIP over TCP, and to no others. */
static bool may_wait(const frt_rpc_t *r)
{
	static const char worker[] = "tcp receiver";

	return strncmp(pt[process_no].desc, worker, sizeof(worker) - 1) != 0
		   || r->binary || !(r->rpc->capabilities(r->ctx) & RPC_DELAYED_REPLY);
}

static errand_t *errand_new(frt_rpc_rest_t rest, const void *args, size_t size)
{
	errand_t *e = frt_mem_alloc(frt_mem_shm(), sizeof(*e) + size);

	if(e == NULL)
		return NULL;
	e->answer = NULL;
	e->rest = rest;
	if(size > 0)
		memcpy(e->args, args, size);
	return e;
}

static bool hand_on(errand_t *e)
{
	return write(pipe_fds[1], &e, sizeof(e)) == (ssize_t)sizeof(e);
}

static void errand_do(errand_t *e)
{
	rpc_delayed_ctx_t *answer = e->answer;
	frt_rpc_t r;

	if(answer == NULL) {
		e->rest(NULL, e->args);
		frt_mem_free(frt_mem_shm(), e);
		return;
	}
	frt_rpc_begin(&r, &answer->rpc, answer->reply_ctx);
	r.holds = e->holds;
	e->rest(&r, e->args);
	frt_mem_free(frt_mem_shm(), e);
	answer->rpc.delayed_ctx_close(answer);
}

/* The errand could not be handed on; its answer says so. */
static void errand_fail(errand_t *e)
{
	rpc_delayed_ctx_t *answer = e->answer;
	frt_rpc_t r;

	frt_rpc_begin(&r, &answer->rpc, answer->reply_ctx);
	r.holds = e->holds;
	frt_mem_free(frt_mem_shm(), e);
	frt_rpc_fault(&r, 500, "too many commands are waiting");
	answer->rpc.delayed_ctx_close(answer);
}

void frt_loader_run(
		frt_rpc_t *r, frt_rpc_rest_t rest, const void *args, size_t size)
{
	errand_t *e = errand_new(rest, args, size);

	if(e == NULL) {
		frt_rpc_fault(r, 500, "out of shared memory");
		return;
	}
	e->holds = r->holds;
	if(!may_wait(r))
		e->answer = r->rpc->delayed_ctx_new(r->ctx);
	if(e->answer == NULL) {
		rest(r, e->args);
		frt_mem_free(frt_mem_shm(), e);
	} else if(!hand_on(e)) {
		errand_fail(e);
	}
}

int frt_loader_post(frt_rpc_rest_t rest, const void *args, size_t size)
{
	errand_t *e = errand_new(rest, args, size);

	if(e != NULL && hand_on(e))
		return 0;
	frt_mem_free(frt_mem_shm(), e);
	return FRT_E_NOMEM;
}

void frt_loader_main(void)
{
	errand_t *e;

	for(;;) {
		ssize_t n = read(pipe_fds[0], &e, sizeof(e));

		if(n < 0 && errno == EINTR)
			continue;
		if(n != (ssize_t)sizeof(e)) {
			LM_ERR("cannot read errands: %s\n", strerror(errno));
			return;
		}
		cfg_update();
		errand_do(e);
	}
}
