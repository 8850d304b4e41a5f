/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rescuer's loop. A call is moved by letting its branch's timer fire: tm
 * then does what it does at a timeout, in its own process, our TMCB_ON_FAILURE
 * included, so that deadline, max-attempts and a caller who hung up count as
 * ever. At most FRT_RESCUE_BATCH calls go in a tick: 250 at once overflow the
 * receive buffers of those who get them.
 *
 * A reply may come at any moment. It sets `heard` first, then takes back
 * `moved`, and tm restarts the timer last; here `moved` is set first, then the
 * timer, and `heard` is looked at last. Whoever comes second sees the other. Once
 * the timer has fired `moved` stays.
 */
#include "frt_branch.h"
#include "frt_call.h"
#include "frt_flight.h"
#include "frt_ip.h"
#include "frt_probe_send.h"
#include "frt_rescue.h"
#include "frt_tm.h"
#include "frt_unreach.h"
#include "frt_wake.h"
#include "engine/frt_panic.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/events.h"
#include "../../core/globals.h"
#include "../../core/tcp_conn.h"

#include <string.h>

#define FRT_RESCUE_TICK_MS 62
#define FRT_RESCUE_BATCH 32
#define FRT_RESCUE_TRIES 20 /* of FRT_RESCUE_AGAIN_MS: a send takes no longer */
#define FRT_RESCUE_AGAIN_MS 5
#define FRT_RESCUE_LIST 256
#define FRT_RESCUE_LOOK 64 /* attempts looked at in one go */
#define FRT_RESCUE_WATCH_MS 250
#define FRT_RESCUE_IDLE_MS 500

/* A branch that ICMP spoke of. */
typedef struct frt_order
{
	uint32_t ident[2];
	int branch;
	uint32_t tries;
	uint64_t due_ms;
} frt_order_t;

/* A destination that went down. */
typedef struct frt_going
{
	frt_rec_t *rec; /* holds a reference */
	uint64_t time_ms;
	uint32_t left; /* attempts to look at */
} frt_going_t;

/* A connection that was closed. */
typedef struct frt_gone_peer
{
	frt_peer_t peer;
	frt_rec_t *told[4]; /* whom it was held against; compared only */
} frt_gone_peer_t;

static struct
{
	uint64_t tick_ms;  /* when the budget was filled */
	uint64_t watch_ms; /* when connections are looked for again */
	uint32_t budget;
	uint32_t norders, ngoing, nclosed;
	bool lost; /* a destination went down and there was no room in going */
	frt_order_t orders[FRT_RESCUE_LIST];
	frt_going_t going[FRT_RESCUE_LIST];
	frt_gone_peer_t closed[FRT_RESCUE_LIST];
} me;

/* --- one call ------------------------------------------------------------------ */

static bool heard(const frt_attempt_t *a)
{
	return __atomic_load_n(&a->heard, __ATOMIC_SEQ_CST) != 0;
}

static frt_fire_t move(struct cell *t, frt_attempt_t *a, frt_moved_t why)
{
	frt_fire_t fire;

	/* tm's timer may note at any moment that it ran ahead */
	if(a->ended || heard(a) || !a->sent || !frt_attempt_move(a, why))
		return FRT_FIRE_TOO_LATE;
	fire = frt_tm_fire(t, a->branch);
	if(fire != FRT_FIRE_DONE) {
		frt_attempt_stay(a, why);
		return fire;
	}
	if(heard(a) && !frt_tm_fired(t, a->branch)) {
		frt_attempt_stay(a, why);
		frt_tm_unfire(t, a->branch, a->timeout_ms);
		return FRT_FIRE_TOO_LATE;
	}
	frt_flight_over(a);
	return FRT_FIRE_DONE;
}

/* Is there somewhere else for it? With tm's reply lock: as long as it is held no
 * route of the call can change the plan. */
static bool has_elsewhere_locked(
		struct cell *t, frt_call_t *call, frt_attempt_t *a)
{
	frt_gen_t *g = frt_table_enter();
	frt_set_t *set;
	bool yes;

	set = g ? frt_gen_set_of(g, call->plan.set) : NULL;
	yes = set && frt_branch_any_room(t)
		  && (call->automatic || t->uac[a->branch].on_failure)
		  && frt_any_usable(&call->plan, set, frt_now_ms(), frt_random());
	frt_table_leave();
	return yes;
}

/* A call is not taken away from where it may yet be answered unless there is
 * somewhere else for it. One whose caller has hung up only waits for its end. */
static frt_fire_t move_elsewhere(
		struct cell *t, frt_call_t *call, frt_attempt_t *a)
{
	bool yes;

	/* all others would wait, too */
	if(!frt_tm_try_lock(t))
		return FRT_FIRE_NOT_YET;
	yes = has_elsewhere_locked(t, call, a);
	frt_tm_unlock(t);
	return yes || was_cancelled(t) ? move(t, a, FRT_MOVED_DOWN)
								   : FRT_FIRE_TOO_LATE;
}

/* --- destinations that went down ------------------------------------------------ */

/* Looks at one that was taken from the list: moves it, or puts it back. True if
 * it is to be looked at again. */
static bool take_one(const frt_flight_t *f)
{
	frt_fire_t fire = FRT_FIRE_TOO_LATE;
	struct cell *t = frt_tm_get(f->ident);
	frt_call_t *call = t ? frt_call_of_cell(t) : NULL;
	frt_attempt_t *a =
			call && f->at < call->plan.n ? &call->plan.tries[f->at] : NULL;

	if(a)
		fire = move_elsewhere(t, call, a);
	if(fire == FRT_FIRE_DONE)
		me.budget--;
	else if(a)
		frt_flight_back(a);
	if(t)
		frt_tm_put(t);
	return fire == FRT_FIRE_NOT_YET;
}

/* True if there is more to look at. */
static bool walk(frt_going_t *d)
{
	frt_flight_t f[FRT_RESCUE_BATCH];
	uint32_t n, i, again = 0;

	while(d->left > 0 && me.budget > 0) {
		if(FRT_WORD_HEALTH(atomic_load(&d->rec->word)) != FRT_DOWN)
			return false;
		n = d->left < me.budget ? d->left : me.budget;
		n = frt_flight_take(d->rec, d->time_ms, false, f, n);
		if(n == 0)
			return false;
		for(i = 0; i < n; i++)
			again += take_one(&f[i]);
		d->left -= n;
	}
	d->left += again;
	return d->left > 0;
}

static void walk_all(void)
{
	uint32_t i = 0;

	while(i < me.ngoing) {
		if(walk(&me.going[i])) {
			i++;
			continue;
		}
		frt_rec_unref(me.going[i].rec);
		me.going[i] = me.going[--me.ngoing];
	}
}

static void note_down(frt_rec_t *rec, uint64_t time_ms)
{
	frt_going_t *d;

	if(me.ngoing == FRT_RESCUE_LIST) {
		me.lost = true;
		frt_rec_unref(rec);
		return;
	}
	d = &me.going[me.ngoing++];
	d->rec = rec;
	d->time_ms = time_ms;
	d->left = frt_flight_waiting(rec, false);
}

/* Errands were lost: every destination that is down. */
static void note_all(uint64_t time_ms)
{
	frt_gen_t *g = frt_table_enter();
	uint32_t i;

	me.lost = false;
	for(i = 0; g && i < g->ndsts; i++) {
		frt_rec_t *rec = g->dsts[i].rec;

		if(FRT_WORD_HEALTH(atomic_load(&rec->word)) != FRT_DOWN
				|| frt_flight_waiting(rec, false) == 0
				|| g->dsts[i].set->conf.shadow)
			continue;
		frt_rec_ref(rec);
		note_down(rec, time_ms);
	}
	frt_table_leave();
}

static void take_downs(void)
{
	frt_rec_t *rec;
	uint64_t time_ms;

	while(frt_flight_next_down(&rec, &time_ms)) {
		if(rec)
			note_down(rec, time_ms);
		else
			note_all(time_ms);
	}
	if(me.lost && me.ngoing == 0)
		note_all(frt_now_ms());
}

/* --- connections that were closed ------------------------------------------------ */

/* TCP's main process: only a note, and only while a call waits over TCP. */
static int on_tcp_closed(sr_event_param_t *evp)
{
	tcp_closed_event_info_t *info = evp->data;
	frt_peer_t peer;

	if(frt_flight_streams() == 0 || !info || !info->con)
		return 0;
	memset(&peer, 0, sizeof(peer));
	frt_ip_mapped(&info->con->rcv.src_ip, peer.addr);
	frt_ip_mapped(&info->con->rcv.dst_ip, peer.local);
	peer.port = info->con->rcv.src_port;
	peer.proto = (uint8_t)info->con->rcv.proto;
	peer.time_ms = frt_now_ms();
	frt_flight_closed(&peer);
	return 0;
}

void frt_rescue_init(const frt_params_t *params)
{
	if(!params->rescue || tcp_disable)
		return;
	/* until Kamailio 6.1 one module only may have it; watch() sees it later */
	if(sr_event_register_cb(SREV_TCP_CLOSED, on_tcp_closed) != 0)
		LM_INFO("closed TCP connections are noticed %d ms later: another module"
				" (tcpops) holds the event\n",
				FRT_RESCUE_WATCH_MS);
}

/* The address that the core's connection must have; NULL: any will do. As the
 * core has it (core/forward.h): only a socket that was asked for counts. */
static const struct ip_addr *bound_to(const struct dest_info *dst)
{
	if(!(dst->send_flags.f & SND_F_FORCE_SOCKET) || !dst->send_sock
			|| (dst->send_sock->flags & SI_IS_ANY))
		return NULL;
	return &dst->send_sock->address;
}

static bool is_from(const struct dest_info *dst, const frt_peer_t *peer)
{
	static const uint8_t any[16];
	const struct ip_addr *local = bound_to(dst);
	uint8_t addr[16];

	if(!local || memcmp(peer->local, any, 16) == 0)
		return true;
	frt_ip_mapped(local, addr);
	return memcmp(addr, peer->local, 16) == 0;
}

static bool went_there(
		const struct cell *t, const frt_attempt_t *a, const frt_peer_t *peer)
{
	const struct dest_info *dst = &t->uac[a->branch].request.dst;
	struct ip_addr to;
	uint8_t addr[16];

	su2ip_addr(&to, (union sockaddr_union *)&dst->to);
	frt_ip_mapped(&to, addr);
	return (uint8_t)dst->proto == peer->proto
		   && su_getport(&dst->to) == peer->port
		   && memcmp(addr, peer->addr, 16) == 0 && is_from(dst, peer);
}

/* Would the core find a connection to there? local: from this address; NULL:
 * from any. */
static bool is_there(struct ip_addr *to, int port, const struct ip_addr *local)
{
	struct tcp_connection *con;
	union sockaddr_union from;
	struct ip_addr ip;

	memset(&ip, 0, sizeof(ip));
	ip.af = to->af;
	ip.len = to->len;
	if(local)
		ip = *local;
	if(!FRT_TCP_ANY_LOCAL)
		return tcpconn_exists(0, to, port, &ip, 0, PROTO_NONE);
	/* it looks as for a request that is sent */
	init_su(&from, &ip, 0);
	con = tcpconn_get(0, to, port, local ? &from : NULL, 0);
	if(con)
		tcpconn_put(con);
	return con != NULL;
}

/* Is there no connection any more that the request can have gone out on? */
static bool is_gone(const struct dest_info *dst, struct ip_addr *to)
{
	if(FRT_TLS_BY_DOMAIN && dst->proto == PROTO_TLS)
		return false;
	return !is_there(to, su_getport(&dst->to), bound_to(dst));
}

/* A connection may also go without an event: it was never made (the connect
 * failed or timed out), Kamailio itself closed it, or another module holds the
 * event. */
static void check_stream(const frt_flight_t *f)
{
	struct cell *t = frt_tm_get(f->ident);
	frt_call_t *call = t ? frt_call_of_cell(t) : NULL;
	frt_attempt_t *a =
			call && f->at < call->plan.n ? &call->plan.tries[f->at] : NULL;
	const struct ip_addr *local;
	struct dest_info *dst;
	struct ip_addr to;
	frt_peer_t peer;

	memset(&peer, 0, sizeof(peer));
	if(a) {
		dst = &t->uac[a->branch].request.dst;
		su2ip_addr(&to, &dst->to);
		local = bound_to(dst);
		if(local)
			frt_ip_mapped(local, peer.local);
		peer.port = su_getport(&dst->to);
		peer.proto = (uint8_t)dst->proto;
		peer.time_ms = frt_now_ms();
		frt_ip_mapped(&to, peer.addr);
		if(is_gone(dst, &to) && me.nclosed < FRT_RESCUE_LIST)
			me.closed[me.nclosed++] = (frt_gone_peer_t){.peer = peer};
		frt_flight_back(a);
	}
	if(t)
		frt_tm_put(t);
}

/* The oldest attempt of each destination is asked after. */
static void watch(void)
{
	frt_gen_t *g;
	frt_flight_t f;
	uint32_t i;

	if(frt_flight_streams() == 0 || frt_now_ms() < me.watch_ms)
		return;
	me.watch_ms = frt_now_ms() + FRT_RESCUE_WATCH_MS;
	g = frt_table_enter();
	for(i = 0; g && i < g->ndsts; i++) {
		if(frt_flight_waiting(g->dsts[i].rec, true)
				&& frt_flight_take(g->dsts[i].rec, me.watch_ms, true, &f, 1))
			check_stream(&f);
	}
	frt_table_leave();
}

/* The close counts against the destination once, however many calls waited. */
static void hold_against(frt_gone_peer_t *c, frt_rec_t *rec)
{
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_STRONG,
			.origin = FRT_TRANSPORT,
			.code = 503,
			.invite = true};
	size_t i;

	for(i = 0; i < sizeof(c->told) / sizeof(c->told[0]); i++) {
		if(c->told[i] == rec)
			return;
		if(!c->told[i]) {
			c->told[i] = rec;
			frt_observe(rec, &obs);
			return;
		}
	}
}

/* Looks at one attempt over TCP. True if it is to be looked at again. */
static bool take_stream(frt_gone_peer_t *c, const frt_flight_t *f)
{
	struct cell *t = frt_tm_get(f->ident);
	frt_call_t *call = t ? frt_call_of_cell(t) : NULL;
	frt_attempt_t *a =
			call && f->at < call->plan.n ? &call->plan.tries[f->at] : NULL;
	bool again = false;

	if(a && went_there(t, a, &c->peer)) {
		again = me.budget == 0;
		if(!again && move(t, a, FRT_MOVED_CLOSED) == FRT_FIRE_DONE) {
			me.budget--;
			if(!frt_branch_is_astray(a, t))
				hold_against(c, a->rec);
		}
	}
	if(a)
		frt_flight_back(a);
	if(t)
		frt_tm_put(t);
	return again;
}

static bool look_for_peer(frt_gone_peer_t *c, frt_rec_t *rec)
{
	frt_flight_t f[FRT_RESCUE_LOOK];
	uint32_t left = frt_flight_waiting(rec, true), n, i;
	bool again = false;

	while(left > 0) {
		n = left < FRT_RESCUE_LOOK ? left : FRT_RESCUE_LOOK;
		n = frt_flight_take(rec, c->peer.time_ms, true, f, n);
		if(n == 0)
			break;
		for(i = 0; i < n; i++)
			again = take_stream(c, &f[i]) || again;
		left -= n;
	}
	return again;
}

/* True if there is more to move than the budget allowed. */
static bool look_everywhere(frt_gone_peer_t *c)
{
	frt_gen_t *g = frt_table_enter();
	bool again = false;
	uint32_t i;

	for(i = 0; g && i < g->ndsts; i++) {
		if(frt_flight_waiting(g->dsts[i].rec, true))
			again = look_for_peer(c, g->dsts[i].rec) || again;
	}
	frt_table_leave();
	return again;
}

static void take_closed(void)
{
	frt_peer_t peer;
	uint32_t i = 0;

	while(me.nclosed < FRT_RESCUE_LIST && frt_flight_next_closed(&peer))
		me.closed[me.nclosed++] = (frt_gone_peer_t){.peer = peer};
	while(i < me.nclosed && me.budget > 0) {
		if(look_everywhere(&me.closed[i]))
			i++;
		else
			me.closed[i] = me.closed[--me.nclosed];
	}
}

/* --- ICMP ------------------------------------------------------------------------- */

static void on_unreachable(void *ctx, struct cell *t, int branch)
{
	frt_order_t *o;

	(void)ctx;
	if(frt_probe_unreachable(t) || !frt_call_of_cell(t)
			|| me.norders == FRT_RESCUE_LIST)
		return;
	o = &me.orders[me.norders++];
	o->ident[0] = t->hash_index;
	o->ident[1] = t->label;
	o->branch = branch;
	o->tries = 0;
	o->due_ms = frt_now_ms();
}

/* True if it is to be tried again: the ICMP was quicker than the sender. */
static bool obey(frt_order_t *o)
{
	struct cell *t = frt_tm_get(o->ident);
	frt_call_t *call = t ? frt_call_of_cell(t) : NULL;
	frt_attempt_t *a = call ? frt_plan_of_branch(&call->plan, o->branch) : NULL;
	frt_fire_t fire = FRT_FIRE_TOO_LATE;

	if(a)
		fire = move(t, a, FRT_MOVED_UNREACHABLE);
	if(t)
		frt_tm_put(t);
	if(fire == FRT_FIRE_DONE)
		me.budget--;
	o->due_ms = frt_now_ms() + FRT_RESCUE_AGAIN_MS;
	return t && fire == FRT_FIRE_NOT_YET && ++o->tries < FRT_RESCUE_TRIES;
}

static void obey_all(void)
{
	uint64_t now = frt_now_ms();
	uint32_t i = 0;

	while(i < me.norders && me.budget > 0) {
		if(me.orders[i].due_ms > now || obey(&me.orders[i]))
			i++;
		else
			me.orders[i] = me.orders[--me.norders];
	}
}

/* --- the loop ----------------------------------------------------------------------- */

static void refill(void)
{
	uint64_t now = frt_now_ms();

	if(now < me.tick_ms + FRT_RESCUE_TICK_MS)
		return;
	me.tick_ms = now;
	me.budget = FRT_RESCUE_BATCH;
}

static int sleep_ms(void)
{
	uint64_t now = frt_now_ms();

	if(me.budget == 0)
		return now < me.tick_ms + FRT_RESCUE_TICK_MS
					   ? (int)(me.tick_ms + FRT_RESCUE_TICK_MS - now)
					   : 0;
	if(me.norders)
		return FRT_RESCUE_AGAIN_MS;
	if(me.ngoing || me.nclosed)
		return FRT_RESCUE_TICK_MS;
	return frt_flight_streams() ? FRT_RESCUE_WATCH_MS : FRT_RESCUE_IDLE_MS;
}

void frt_rescue_main(void)
{
	struct pollfd fds[1 + FRT_UNREACH_SOCKS];
	nfds_t n;

	fds[0] = (struct pollfd){
			.fd = frt_wake_fd(FRT_WAKE_RESCUER), .events = POLLIN};
	n = 1 + frt_unreach_fds(fds + 1);
	for(;;) {
		if(poll(fds, n, sleep_ms()) < 0)
			LM_DBG("poll was interrupted\n");
		frt_wake_clear(FRT_WAKE_RESCUER);
		cfg_update();
		refill();
		frt_unreach_read(on_unreachable, NULL);
		take_downs();
		obey_all();
		watch();
		take_closed();
		walk_all();
	}
}
