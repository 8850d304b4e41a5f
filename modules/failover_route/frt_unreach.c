/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ICMP: anyone can send one. What counts is that it quotes a branch that is in
 * flight, which only they know who saw the request, and the addresses and
 * ports of that branch's packet.
 */
#include "frt_tm.h"
#include "frt_unreach.h"

#include "../../core/ip_addr.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRT_UNREACH_BATCH 64

#ifndef ICMP_FILTER
#define ICMP_FILTER 1 /* linux/icmp.h; in a set bit's type is not delivered */
#endif

static int socks[FRT_UNREACH_SOCKS] = {-1, -1};

/* Only what matters is delivered: Kamailio need not wake up for each ping. */
static void set_filter4(int fd)
{
	uint32_t not_delivered =
			~(1u << ICMP_DEST_UNREACH | 1u << ICMP_PARAMETERPROB);

	if(setsockopt(
			   fd, SOL_RAW, ICMP_FILTER, &not_delivered, sizeof(not_delivered))
			< 0)
		LM_DBG("ICMP_FILTER: %s\n", strerror(errno));
}

static void set_filter6(int fd)
{
	struct icmp6_filter filter;

	ICMP6_FILTER_SETBLOCKALL(&filter);
	ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &filter);
	ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &filter);
	if(setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof(filter))
			< 0)
		LM_DBG("ICMP6_FILTER: %s\n", strerror(errno));
}

static int open_raw(int family, int proto)
{
	return socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, proto);
}

void frt_unreach_init(const frt_params_t *params)
{
	if(!params->icmp)
		return;
	socks[0] = open_raw(AF_INET, IPPROTO_ICMP);
	if(socks[0] < 0) {
		LM_NOTICE("closed ports are noticed by silence only: no raw ICMP socket"
				  " (%s); it needs the capability CAP_NET_RAW\n",
				strerror(errno));
		return;
	}
	set_filter4(socks[0]);
	socks[1] = open_raw(AF_INET6, IPPROTO_ICMPV6);
	if(socks[1] >= 0)
		set_filter6(socks[1]);
	else
		LM_NOTICE("closed ports of IPv6 destinations are noticed by silence"
				  " only: no raw ICMPv6 socket (%s)\n",
				strerror(errno));
}

nfds_t frt_unreach_fds(struct pollfd out[FRT_UNREACH_SOCKS])
{
	nfds_t n = 0;
	int i;

	for(i = 0; i < FRT_UNREACH_SOCKS; i++) {
		if(socks[i] >= 0)
			out[n++] = (struct pollfd){.fd = socks[i], .events = POLLIN};
	}
	return n;
}

static bool same_addr(const struct ip_addr *ip, const uint8_t addr[16])
{
	static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};

	if(ip->af == AF_INET6)
		return memcmp(ip->u.addr, addr, 16) == 0;
	return memcmp(addr, v4, 12) == 0 && memcmp(ip->u.addr, addr + 12, 4) == 0;
}

/* Of a socket that listens on every address the kernel has chosen one. */
static bool is_from(const struct socket_info *sock, const frt_icmp_t *icmp)
{
	return sock && sock->port_no == icmp->src_port
		   && ((sock->flags & SI_IS_ANY)
				   || same_addr(&sock->address, icmp->src));
}

/* It was sent by us, from there, to there. */
static bool is_its_packet(const struct dest_info *dst, const frt_icmp_t *icmp)
{
	struct ip_addr to;

	su2ip_addr(&to, (union sockaddr_union *)&dst->to);
	return dst->proto == PROTO_UDP && su_getport(&dst->to) == icmp->dst_port
		   && same_addr(&to, icmp->dst) && is_from(dst->send_sock, icmp);
}

static void match(const frt_icmp_t *icmp, frt_unreach_f f, void *ctx)
{
	struct cell *t = frt_tm_of_branch(&icmp->via);

	if(!t)
		return;
	if(is_its_packet(&t->uac[icmp->via.branch].request.dst, icmp))
		f(ctx, t, (int)icmp->via.branch);
	frt_tm_put(t);
}

static void read_sock(int which, frt_unreach_f f, void *ctx)
{
	static uint8_t packet[4096];
	frt_icmp_t icmp;
	ssize_t len;
	int n, err;

	for(n = 0; n < FRT_UNREACH_BATCH; n++) {
		len = recv(socks[which], packet, sizeof(packet), MSG_DONTWAIT);
		if(len <= 0)
			return;
		err = which == 0 ? frt_icmp4_parse(packet, (size_t)len, &icmp)
						 : frt_icmp6_parse(packet, (size_t)len, &icmp);
		if(err == 0)
			match(&icmp, f, ctx);
	}
}

void frt_unreach_read(frt_unreach_f f, void *ctx)
{
	int i;

	for(i = 0; i < FRT_UNREACH_SOCKS; i++) {
		if(socks[i] >= 0)
			read_sock(i, f, ctx);
	}
}
