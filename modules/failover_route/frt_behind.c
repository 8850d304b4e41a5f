/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a reply was read last, by any worker of UDP's, and what the kernel says of
 * their sockets. One of the two is not enough: under load something always waits
 * to be read, and where nobody answers no reply is.
 */
#include "frt_behind.h"
#include "frt_shm.h"

#include "../../core/ip_addr.h"
#include "../../core/parser/msg_parser.h"
#include "../../core/socket_info.h"

#include <stdatomic.h>
#include <sys/ioctl.h>

/* Many workers write it: not for each reply. */
#define FRT_BEHIND_STEP_MS 50

static _Atomic uint64_t *read_ms = NULL;

int frt_behind_init(void)
{
	read_ms = frt_mem_alloc(frt_mem_shm(), sizeof(*read_ms));
	if(!read_ms) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

void frt_behind_destroy(void)
{
	frt_mem_free(frt_mem_shm(), (void *)read_ms);
	read_ms = NULL;
}

void frt_behind_read(const struct sip_msg *rpl)
{
	uint64_t now;

	if(rpl->rcv.proto != PROTO_UDP)
		return;
	now = frt_now_ms();
	if(now - atomic_load_explicit(read_ms, memory_order_relaxed)
			>= FRT_BEHIND_STEP_MS)
		atomic_store_explicit(read_ms, now, memory_order_relaxed);
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

bool frt_behind(uint64_t sent_ms)
{
	uint64_t now = frt_now_ms();

	if(now <= sent_ms || atomic_load(read_ms) > now - (now - sent_ms) / 2)
		return false;
	return any_unread();
}
