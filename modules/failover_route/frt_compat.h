/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What differs between Kamailio 5.6, 5.7, 5.8, 6.0 and 6.1, hidden in one
 * place. No other file may look at the version.
 *
 * FRT_KAM_VERSION is MAJOR * 100 + MINOR, from the VERSIONVAL of the build.
 */
#ifndef FRT_COMPAT_H
#define FRT_COMPAT_H

#include "../../core/sr_module.h" /* first: it fixes the allocator's macros */
#include "../../core/dprint.h"
#include "../../core/kemi.h"
#include "../../core/pvar.h"
#include "../../core/rpc.h"
#include "../../core/xavp.h"
#include "../../modules/tm/tm_load.h"

#ifndef FRT_KAM_VERSION
#define FRT_KAM_VERSION (VERSIONVAL / 1000000 * 100 + VERSIONVAL / 1000 % 1000)
#endif

#if FRT_KAM_VERSION >= 507
#define FRT_XVAL_SET_INT(xv, n)     \
	do {                            \
		(xv)->type = SR_XTYPE_LONG; \
		(xv)->v.l = (long)(n);      \
	} while(0)
#define FRT_CELL_CALLID(t) ((t)->callid_hdr)
#define FRT_CELL_FROM(t) ((t)->from_hdr)
#define FRT_CELL_CSEQ(t) ((t)->cseq_hdr_n)
#else
#define FRT_XVAL_SET_INT(xv, n)    \
	do {                           \
		(xv)->type = SR_XTYPE_INT; \
		(xv)->v.i = (int)(n);      \
	} while(0)
#define FRT_CELL_CALLID(t) ((t)->callid)
#define FRT_CELL_FROM(t) ((t)->from)
#define FRT_CELL_CSEQ(t) ((t)->cseq_n)
#endif

#if FRT_KAM_VERSION >= 600
#define FRT_RPC_RET_VALUE RPC_RET_VALUE
#else
#define FRT_RPC_RET_VALUE RET_VALUE
#endif

/* The bit of tm's parameter reply_matching, in no header before 6.1.4. */
#ifdef TM_REPLY_MATCHING_ACTIVE
#define FRT_TM_ACTIVE_ONLY TM_REPLY_MATCHING_ACTIVE
#else
#define FRT_TM_ACTIVE_ONLY 1
#endif

struct ip_addr;
/* The core has it, in no header. Ports in the host's order; a zeroed local
 * address and port, and PROTO_NONE, stand for any. 1 if there is such a
 * connection. proto (sip_protos_t) came with 5.7.5, 5.8.2 and 6.0, in the middle
 * of series: those before do not look at it. */
int tcpconn_exists(int conn_id, struct ip_addr *peer_ip, int peer_port,
		struct ip_addr *local_ip, int local_port, int proto);

/* From 6.1.4 on the core also sends through a connection that has no such alias,
 * or another local address; tcpconn_exists() does not look so far. */
#define FRT_TCP_ANY_LOCAL (FRT_KAM_VERSION >= 601)
/* Are TLS connections told apart by what each request asks for, too? Then only
 * the core can say, in the sender's process, whether there is one. */
#if FRT_KAM_VERSION >= 601
#define FRT_TLS_BY_DOMAIN (tls_connection_match_domain != 0)
#else
#define FRT_TLS_BY_DOMAIN false
#endif

#endif
