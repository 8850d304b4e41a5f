/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's addresses as the engine has them. Must not know messages or
 * connections.
 */
#ifndef FRT_IP_H
#define FRT_IP_H

#include "../../core/ip_addr.h"

#include <stdint.h>
#include <string.h>

/* As frt_ip_parse() has it: IPv4 as ::ffff:a.b.c.d. */
static inline void frt_ip_mapped(const struct ip_addr *ip, uint8_t out[16])
{
	memset(out, 0, 16);
	if(ip->af == AF_INET6) {
		memcpy(out, ip->u.addr, 16);
		return;
	}
	out[10] = out[11] = 0xff;
	memcpy(out + 12, ip->u.addr, 4);
}

#endif
