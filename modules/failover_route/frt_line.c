/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * When a destination is called over a new connection; see the header.
 */
#include "frt_line.h"
#include "engine/frt_act.h"
#include "engine/frt_plan.h"
#include "frt_params.h"
#include "frt_probe_send.h"
#include "frt_shm.h"

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
static bool wants_new(
		const frt_gen_t *g, const frt_dst_t *dst, uint64_t since_ms)
{
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

void frt_line_renew(const frt_gen_t *g, const frt_dst_t *dst, uint64_t since_ms)
{
	if(is_down(dst) && wants_new(g, dst, since_ms))
		frt_probe_hang_up(dst);
}

void frt_line_before_trial(const frt_gen_t *g, const frt_dst_t *dst, bool now)
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
		frt_line_renew(g, dst, since_ms);
}
