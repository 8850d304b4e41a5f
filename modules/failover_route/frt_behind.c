/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a reply was read last, by any worker of UDP's, and since when something
 * lies in their sockets. Neither is enough: where nobody answers no reply is read,
 * and under load something always waits for a moment.
 */
#include "frt_behind.h"
#include "frt_shm.h"

#include "../../core/ip_addr.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/parser/msg_parser.h"
#include "../../core/socket_info.h"

#include <stdatomic.h>
#include <sys/ioctl.h>

/* Many workers write it: not for each reply. */
#define FRT_BEHIND_STEP_MS 50

typedef struct frt_behind_shared
{
	_Atomic uint64_t read_ms;
	_Atomic uint64_t unread_ms; /* 0: nothing was, when it was last looked */
	_Atomic uint64_t looked_ms;
} frt_behind_shared_t;

static frt_behind_shared_t *shared = NULL;

int frt_behind_init(void)
{
	shared = frt_mem_alloc(frt_mem_shm(), sizeof(*shared));
	if(!shared) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

void frt_behind_destroy(void)
{
	frt_mem_free(frt_mem_shm(), shared);
	shared = NULL;
}

void frt_behind_read(const struct sip_msg *rpl)
{
	uint64_t now;

	if(rpl->rcv.proto != PROTO_UDP)
		return;
	now = frt_now_ms();
	if(now - atomic_load_explicit(&shared->read_ms, memory_order_relaxed)
			>= FRT_BEHIND_STEP_MS)
		atomic_store_explicit(&shared->read_ms, now, memory_order_relaxed);
}

static bool any_unread(void)
{
	struct socket_info **list = get_sock_info_list(PROTO_UDP);
	const struct socket_info *sock;
	int bytes = 0;

	for(sock = list ? *list : NULL; sock; sock = sock->next) {
		if(ioctl(sock->socket, FIONREAD, &bytes) == 0 && bytes > 0)
			return true;
	}
	return false;
}

void frt_behind_look(void)
{
	uint64_t since = atomic_load(&shared->unread_ms), now = frt_now_ms();

	if(!any_unread())
		atomic_store(&shared->unread_ms, 0);
	else if(since == 0 || since <= atomic_load(&shared->read_ms))
		atomic_store(&shared->unread_ms, now);
	atomic_store(&shared->looked_ms, now);
}

bool frt_behind(uint64_t sent_ms)
{
	uint64_t since = atomic_load(&shared->unread_ms), now = frt_now_ms();
	uint64_t looked = atomic_load(&shared->looked_ms);

	/* an event route may keep the keeper from looking; and one look may have met
	 * what was read the moment after */
	if(since == 0 || since <= atomic_load(&shared->read_ms)
			|| now > looked + 4 * FRT_BEHIND_LOOK_MS
			|| looked < since + FRT_BEHIND_LOOK_MS)
		return false;
	return now > since && now > sent_ms && now - since >= (now - sent_ms) / 4;
}
