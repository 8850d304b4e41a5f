/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a destination is called over a new connection; see the header.
 */
#include "frt_compat.h"

#include "frt_line.h"
#include "engine/frt_act.h"
#include "engine/frt_plan.h"
#include "frt_params.h"
#include "frt_shm.h"
#include "frt_tls.h"

#include "../../core/globals.h"
#include "../../core/pass_fd.h"
#include "../../core/tcp_conn.h"

#include <string.h>

static bool is_down(const frt_dst_t *dst)
{
	return FRT_WORD_HEALTH(atomic_load(&dst->rec->word)) == FRT_DOWN;
}

static bool heard_since(const frt_dst_t *dst, uint64_t since_ms)
{
	return frt_quiet_heard_since(
			&frt_act_seen(dst->rec)->quiet[FRT_FOR_REPLY], since_ms);
}

/* A connection may be dead and nobody told: a firewall has forgotten it, the
 * process behind it hangs. All that is sent, probes first of all, goes out on it
 * and keeps it. Where one that is down has not answered, its next request begins
 * another; unless calls go there for another destination, one that was sent since
 * has been answered, or one may live on it: it rings, or has not waited in vain. */
static bool wants_new(const frt_dst_t *dst, uint64_t since_ms)
{
	const frt_gen_t *g = dst->set->gen;
	const frt_dst_t *other;
	uint8_t addr[16];

	if(!dst->is_ip || frt_ip_parse(frt_dst_host(dst), addr) != 0
			|| (dst->proto != FRT_PROTO_TCP && dst->proto != FRT_PROTO_TLS)
			|| dst->set->conf.probe.outbound_proxy.len > 0)
		return false;
	for(other = frt_gen_from(g, NULL, addr); other;
			other = frt_gen_next_from(g, other)) {
		if(other->proto == dst->proto
				&& frt_dst_port(other) == frt_dst_port(dst)
				&& ((other != dst && !is_down(other))
						|| heard_since(other, since_ms)
						|| frt_rec_alive(other->rec)))
			return false;
	}
	return true;
}

/* From a socket, NULL: from any; and with strict from its port. */
static struct tcp_connection *line_from(const struct socket_info *sock,
		struct ip_addr *ip, uint16_t port, bool strict)
{
	union sockaddr_union from;

	if(!sock)
		return strict ? NULL : tcpconn_get(0, ip, port, NULL, 0);
	from = sock->su;
	su_setport(&from, strict ? sock->port_no : 0);
	return tcpconn_get(0, ip, port, &from, 0);
}

/* The connection that the core would send on; NULL: none. */
static struct tcp_connection *line_to(const frt_dst_t *dst)
{
	struct ip_addr ip = {.af = AF_INET, .len = 4};
	struct tcp_connection *con = NULL;
	frt_str_t host = frt_dst_host(dst);
	uint8_t addr[16];

	/* it looks for none, then, but into what was never made */
	if(tcp_disable || frt_ip_parse(host, addr) != 0)
		return NULL;
	if(host.s[0] == '[') {
		ip.af = AF_INET6;
		ip.len = 16;
	}
	memcpy(ip.u.addr, addr + 16 - ip.len, ip.len);
	if(tcp_connection_match == TCPCONN_MATCH_STRICT)
		con = line_from(dst->sock, &ip, frt_dst_port(dst), true);
	return con ? con : line_from(dst->sock, &ip, frt_dst_port(dst), false);
}

/* The next request makes another. As tcpops does it: TCP's main process closes it,
 * and has our reference. What closes behind something sent is kept while a TLS
 * handshake is not over. */
static void hang_up(const frt_dst_t *dst)
{
	struct tcp_connection *con;
	long order[2] = {0, CONN_EOF};

	/* the core may tell them apart by it (tls_connection_match_domain) */
	frt_tls_name(dst->uri, frt_dst_keeps_name(dst));
	con = line_to(dst);
	/* this process may send elsewhere next */
	frt_tls_name(dst->uri, false);
	if(!con)
		return;
	if(con->state == S_CONN_CONNECT) { /* it is new */
		tcpconn_put(con);
		return;
	}
	con->send_flags.f |= SND_F_CON_CLOSE;
	con->flags |= F_CONN_FORCE_EOF;
	order[0] = (long)con;
	if(send_all(unix_tcp_sock, order, sizeof(order)) <= 0) {
		LM_ERR("cannot have a connection closed\n");
		tcpconn_put(con);
	}
}

void frt_line_renew(const frt_dst_t *dst, uint64_t since_ms)
{
	if(is_down(dst) && wants_new(dst, since_ms))
		hang_up(dst);
}

void frt_line_before_trial(const frt_dst_t *dst, bool now)
{
	frt_rec_t *rec = dst->rec;
	uint64_t since_ms;
	bool silent;

	if(!is_down(dst) || (frt_params()->probing && dst->set->conf.probe.enabled))
		return;
	frt_rec_lock(rec);
	/* once: it may have to wait for its return, and be looked at meanwhile */
	silent = rec->h.reason.origin == FRT_LOCAL
			 && (now
					 || (rec->h.ready_ms == 0
							 && rec->h.hold_until_ms <= frt_now_ms()));
	since_ms = rec->h.since_ms;
	frt_rec_unlock(rec);
	if(silent)
		frt_line_renew(dst, since_ms);
}
