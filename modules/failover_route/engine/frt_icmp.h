/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads what a raw ICMP socket delivers: is it an error that says "could not
 * be delivered", and which SIP request of ours does it quote? Every byte may
 * be forged: nothing is assumed but their number. Must not know sockets,
 * transactions or what follows from the answer.
 */
#ifndef FRT_ICMP_H
#define FRT_ICMP_H

#include "frt_base.h"

#define FRT_BRANCH_MD5 32 /* hex digits in tm's branch */

/* The branch parameter that tm gives the Via of a request it sends:
 * z9hG4bK<index>.<md5>.<branch>, numbers in hex, lowest digit first. */
typedef struct frt_branch
{
	uint32_t index; /* bucket of tm's hash table */
	uint32_t branch;
	char md5[FRT_BRANCH_MD5];
} frt_branch_t;

/* The quoted packet: who sent what to whom. Addresses are 16 bytes of network
 * order, IPv4 as ::ffff:a.b.c.d; ports are of the host's order. */
typedef struct frt_icmp
{
	uint8_t src[16];
	uint8_t dst[16];
	uint16_t src_port;
	uint16_t dst_port;
	frt_branch_t via;
} frt_icmp_t;

/* Parses the value of a branch parameter, all of it. 0 or FRT_E_SYNTAX. */
int frt_branch_parse(frt_str_t text, frt_branch_t *out);

/* An IPv4 packet, header and all, as a raw socket of protocol ICMP gives it.
 * 0 with *out; FRT_E_INVAL if it is no error of RFC 3261 section 18.4 (net,
 * host, protocol or port unreachable or prohibited; parameter problem);
 * FRT_E_SYNTAX if it is malformed, cut too short, its checksum is wrong or
 * what it quotes is no SIP request sent by tm over UDP. */
int frt_icmp4_parse(const uint8_t *p, size_t len, frt_icmp_t *out);
/* The same for an ICMPv6 message, without the IPv6 header, as a raw socket of
 * protocol ICMPv6 gives it; the kernel has checked its checksum (RFC 3542
 * section 3.1). */
int frt_icmp6_parse(const uint8_t *p, size_t len, frt_icmp_t *out);

#endif
