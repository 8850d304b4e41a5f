/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: the sockets of a protocol.
 */
#ifndef FRT_STUB_SOCKET_INFO_H
#define FRT_STUB_SOCKET_INFO_H

#define PROTO_UDP 1

struct socket_info
{
	int socket;
	struct socket_info *next;
};

struct socket_info **get_sock_info_list(unsigned short proto);

#endif
