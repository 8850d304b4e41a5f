/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The prober's loop. What is due when is engine/frt_sched.h's; here it is
 * done: probes sent, answers turned into observations, health told the time.
 *
 * The schedule names destinations by their index in the generation it was
 * loaded from, so whatever uses it first brings it to the current one
 * (enter()). No reference to a record is kept from one step to the next.
 */
#include "frt_compat.h"

#include "../../core/cfg/cfg_struct.h"
#include "../../core/pt.h"
#include "engine/frt_sched.h"
#include "frt_behind.h"
#include "frt_line.h"
#include "frt_observe.h"
#include "frt_probe.h"
#include "frt_probe_send.h"
#include "frt_stats.h"
#include "frt_stray.h"
#include "frt_tm.h"
#include "frt_wake.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRT_PROBER_SLEEP_MS 1000 /* at most: the configuration may change */
#define FRT_PROBER_RETRY_MS 1000 /* after there was no memory */
#define FRT_PROBER_START_MS 500	 /* while Kamailio forks the rest */
#define FRT_PROBER_LATEST_MS 10000
#define FRT_PROBER_BATCH 64 /* probes sent before answers are looked at */
#define FRT_PROBER_LAST_S 1 /* to hang up, when Kamailio stops */
/* A send that took longer waited for a name; its time counts from its end. */
#define FRT_PROBER_STALL_MS 50

typedef struct frt_prober
{
	const frt_params_t *params;
	frt_sched_t sched;
	uint64_t retry_ms; /* not loaded before; 0: at once */
	bool crowded;	   /* the warning about probe_rate was given */
	bool many;		   /* long rounds, that results do not end */
} frt_prober_t;

static volatile sig_atomic_t stopping;

static frt_pace_t pace_of(const frt_dst_t *dst)
{
	frt_pace_t pace;

	frt_rec_lock(dst->rec);
	pace = frt_pace_locked(dst->rec, &dst->set->conf.probe, frt_now_ms());
	frt_rec_unlock(dst->rec);
	return pace;
}

/* Notes when a destination's health is due. */
static void note_due(frt_prober_t *p, frt_gen_t *g, uint32_t i)
{
	frt_rec_t *rec = g->dsts[i].rec;
	uint64_t due;

	frt_rec_lock(rec);
	due = frt_observe_due_locked(rec);
	if(p->sched.target_of[i] == FRT_NONE)
		frt_health_unprobed_locked(rec);
	frt_rec_unlock(rec);
	frt_sched_tick_set(&p->sched, i, due);
}

/* Says once when the rate is too low for what is to be probed. */
static void check_rate(frt_prober_t *p)
{
	uint64_t need = p->sched.throttle.load / 1000000;
	bool crowded = need > p->sched.throttle.rate;

	if(crowded && !p->crowded)
		LM_WARN("%u next hops want %lu probes a second: with probe_rate=%u"
				" each waits longer than its interval\n",
				p->sched.ntargets, (unsigned long)need, p->sched.throttle.rate);
	p->crowded = crowded;
}

static void load(frt_prober_t *p, frt_gen_t *g, uint64_t now)
{
	int err = frt_sched_load(&p->sched, g, now, frt_random());
	uint32_t i;

	if(err) {
		LM_ERR("no probes: %s\n", frt_err_name(err));
		p->retry_ms = now + FRT_PROBER_RETRY_MS;
		return;
	}
	p->retry_ms = 0;
	for(i = 0; i < g->ndsts; i++) {
		uint32_t word = atomic_load(&g->dsts[i].rec->word);
		frt_health_t health = FRT_WORD_HEALTH(word);

		frt_sched_sooner(&p->sched, i, pace_of(&g->dsts[i]), now, frt_random());
		note_due(p, g, i);
		/* With other rules its way back may be shorter, or no longer need the
		 * probes that were turned off. */
		if(health == FRT_DOWN || health == FRT_RAMP || FRT_WORD_SHED(word))
			frt_sched_tick_set(&p->sched, i, now);
	}
	check_rate(p);
}

/* The current generation, with the schedule brought to it; NULL if that cannot
 * be. To be followed by frt_table_leave() either way. */
static frt_gen_t *enter(frt_prober_t *p)
{
	frt_gen_t *g = frt_table_enter();
	uint64_t now = frt_now_ms();

	if(!g)
		return NULL;
	if(g->seq != p->sched.seq && now >= p->retry_ms)
		load(p, g, now);
	return g->seq == p->sched.seq ? g : NULL;
}

/* Kicks were lost: whoever has failures that count may have wanted a probe. */
static void look_at_all(frt_prober_t *p, frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		note_due(p, g, i);
		if(frt_act_seen(g->dsts[i].rec)->e.first_fail_ms)
			frt_sched_hurry(&p->sched, i, false, frt_now_ms());
	}
}

static void hurry(frt_prober_t *p, uint32_t i, bool ordered)
{
	uint32_t target = p->sched.target_of[i];

	if(target != FRT_NONE && ordered)
		p->sched.targets[target].ordered = true;
	frt_sched_hurry(&p->sched, i, ordered, frt_now_ms());
}

static void take_kick(frt_prober_t *p, frt_rec_t *rec, frt_kick_t kick)
{
	frt_gen_t *g = enter(p);
	frt_dst_t *dst = g && rec ? frt_gen_dst_of(g, rec) : NULL;
	uint32_t i;

	if(g && !rec && kick == FRT_KICK_PROBE)
		look_at_all(p, g);
	if(dst) {
		i = (uint32_t)(dst - g->dsts);
		if(kick == FRT_KICK_TICK)
			note_due(p, g, i);
		else
			hurry(p, i, kick == FRT_KICK_ORDER);
	}
	frt_table_leave();
}

static void take_kicks(frt_prober_t *p)
{
	frt_rec_t *rec;
	frt_kick_t kick;

	while(frt_wake_next_kick(&rec, &kick)) {
		take_kick(p, rec, kick);
		if(rec)
			frt_rec_unref(rec);
	}
}

/* Full for a test call, that is: others take no place. */
static bool is_full(const frt_dst_t *dst)
{
	return frt_probe_calls(&dst->set->conf.probe)
		   && FRT_WORD_FULL(atomic_load(&dst->rec->word));
}

/* What one destination makes of a probe's end: sets that share the next hop
 * may think differently of a code, and wait for different times. */
static void tell(const frt_dst_t *dst, const frt_target_t *t,
		frt_origin_t origin, uint16_t code, uint64_t rtt_ms)
{
	frt_obs_t obs =
			frt_obs_of_probe(&dst->set->conf.probe, origin, code, rtt_ms);

	if(obs.verdict != FRT_V_OK && t->full && is_full(dst))
		return;
	if(obs.origin == FRT_REMOTE) {
		/* 0 would mean that it never answered. */
		atomic_store(&dst->rec->probe_rtt_ms, rtt_ms ? (uint32_t)rtt_ms : 1);
		frt_hist_add(&dst->rec->rtt, FRT_HIST_RTT, rtt_ms);
	}
	atomic_fetch_add(&dst->rec->n.probes, 1);
	frt_stats_count(FRT_STAT_PROBES);
	if(obs.verdict != FRT_V_OK) {
		atomic_fetch_add(&dst->rec->n.probes_failed, 1);
		frt_stats_count(FRT_STAT_PROBES_FAILED);
	}
	frt_observe(dst->rec, &obs);
}

/* A probe has ended: tells all destinations of its target, and plans the next.
 * Code 0: nothing was learned. */
static void probe_ended(frt_prober_t *p, uint32_t target, frt_origin_t origin,
		uint16_t code, uint64_t rtt_ms)
{
	frt_gen_t *g = enter(p);
	frt_sched_t *s = &p->sched;
	frt_pace_t pace = {UINT32_MAX, false};
	uint32_t i;

	/* A reload may just have taken the target's last destination. */
	if(!g || target >= s->cap || s->targets[target].state != FRT_TARGET_FLYING)
		goto done;
	for(i = s->targets[target].first; i != FRT_NONE; i = s->next_of[i]) {
		if(code)
			tell(&g->dsts[i], &s->targets[target], origin, code, rtt_ms);
		pace = frt_pace_quicker(pace, pace_of(&g->dsts[i]));
	}
	if(code)
		s->targets[target].silent_ms =
				origin == FRT_LOCAL ? s->targets[target].sent_ms : 0;
	frt_sched_ended(s, target, pace, frt_now_ms(), frt_random());
	for(i = s->targets[target].first; i != FRT_NONE; i = s->next_of[i])
		note_due(p, g, i);
done:
	frt_table_leave();
}

/* What a result means for the test call itself, if it is one. */
static void follow_call(frt_prober_t *p, const frt_probe_result_t *r)
{
	uint32_t target;
	frt_target_t *t;

	if(!frt_sched_open(&p->sched, r->id, &target))
		return;
	t = &p->sched.targets[target];
	if(!r->local && r->code >= 200 && r->code < 300)
		frt_tm_release(t->call); /* tm has not seen the answer */
	else if(r->local && !r->over)
		frt_tm_cancel(t->call);
	if(r->over)
		frt_sched_over(&p->sched, target, frt_now_ms());
}

static void take_results(frt_prober_t *p)
{
	frt_probe_result_t r;
	uint32_t target;
	uint64_t sent;

	while(frt_wake_next_result(&r)) {
		follow_call(p, &r);
		if(!frt_sched_answer(&p->sched, r.id, &target))
			continue;
		sent = p->sched.targets[target].sent_ms;
		if(!r.local)
			probe_ended(p, target, FRT_REMOTE, r.code,
					r.time_ms > sent ? r.time_ms - sent : 0);
		else if(r.code != 408)
			probe_ended(p, target, FRT_TRANSPORT, r.code, 0);
		/* tm's own timeout: ours is about to come, and is exact. */
	}
}

/* Its answer may be here, and nobody has come to it. */
static bool lies_unread(frt_prober_t *p, uint32_t target)
{
	const frt_target_t *t = &p->sched.targets[target];
	const frt_gen_t *g;
	bool udp;

	if(t->first == FRT_NONE)
		return false;
	g = enter(p);
	udp = g && t->first < g->ndsts && frt_dst_is_udp(&g->dsts[t->first]);
	frt_table_leave();
	return udp && frt_behind(t->sent_ms);
}

static void take_overdue(frt_prober_t *p)
{
	uint32_t target;

	while(frt_sched_overdue(&p->sched, frt_now_ms(), &target)) {
		if(p->sched.targets[target].open_ms)
			frt_tm_cancel(p->sched.targets[target].call);
		probe_ended(p, target, FRT_LOCAL, lies_unread(p, target) ? 0 : 408, 0);
	}
}

static void take_ticks(frt_prober_t *p)
{
	frt_gen_t *g = enter(p);
	uint64_t now = frt_now_ms(), due;
	uint32_t i;

	while(g && frt_sched_tick_pop(&p->sched, now, &i)) {
		frt_line_before_trial(&g->dsts[i], false);
		due = frt_observe_tick(g->dsts[i].rec);
		/* Never in circles, whatever the machine answers. */
		frt_sched_tick_set(&p->sched, i, due && due <= now ? now + 10 : due);
	}
	frt_table_leave();
}

/* In maintenance nothing is sent, but for what the operator orders. Nor does a
 * test call take the place of a call at a destination that is full: it would be
 * refused, and that it is full proves enough; but not to another set where the
 * same next hop is down and has room. */
static bool wanted(const frt_prober_t *p, frt_gen_t *g, frt_target_t *t)
{
	bool ready = false, down = false;
	uint32_t i;

	t->full = false;
	for(i = t->first; i != FRT_NONE; i = p->sched.next_of[i]) {
		uint32_t word = atomic_load(&g->dsts[i].rec->word);

		if(is_full(&g->dsts[i]))
			t->full = true;
		else if(FRT_WORD_ADMIN(word) != FRT_MAINT)
			down = down || FRT_WORD_HEALTH(word) == FRT_DOWN;
		ready = ready || FRT_WORD_ADMIN(word) != FRT_MAINT;
	}
	return t->ordered || (ready && (!t->full || down));
}

/* Fills the order of a target's probe. 0, FRT_E_NODST if the target has gone,
 * FRT_E_STOP if it is not to be probed now, or another error. */
static int order_of(
		frt_prober_t *p, uint32_t target, uint32_t id, frt_probe_order_t *order)
{
	frt_gen_t *g = enter(p);
	frt_target_t *t = g ? &p->sched.targets[target] : NULL;
	int err = FRT_E_NODST;

	if(t && t->state == FRT_TARGET_FLYING && !wanted(p, g, t)) {
		err = FRT_E_STOP;
	} else if(t && t->state == FRT_TARGET_FLYING) {
		t->ordered = false;
		err = frt_probe_order(&g->dsts[t->first], id, t->timeout_ms, order);
		order->quiet = t->unsent;
		if(t->silent_ms)
			frt_line_renew(&g->dsts[t->first], t->silent_ms);
	}
	frt_table_leave();
	return err;
}

static void opened(
		frt_prober_t *p, uint32_t target, const frt_probe_order_t *order)
{
	frt_target_t *t = &p->sched.targets[target];

	memcpy(t->call, order->call, sizeof(t->call));
	/* tm's own end of it comes first, if there is no other. */
	frt_sched_opened(&p->sched, target,
			frt_now_ms() + frt_probe_open_ms(order->timeout_ms)
					+ FRT_PROBER_SLEEP_MS);
}

static void send_probe(frt_prober_t *p, uint32_t target, uint32_t id)
{
	static frt_probe_order_t order;
	frt_probe_sent_t sent;
	uint64_t before = frt_now_ms();
	int err = order_of(p, target, id, &order);

	if(err == FRT_E_NODST)
		return;
	if(err == FRT_E_STOP) {
		probe_ended(p, target, FRT_LOCAL, 0, 0);
		return;
	}
	sent = err ? FRT_PROBE_UNSENT : frt_probe_send(&order);
	if(sent == FRT_PROBE_SENT && order.calls)
		opened(p, target, &order);
	if(sent != FRT_PROBE_SKIPPED)
		p->sched.targets[target].unsent = sent == FRT_PROBE_UNSENT;
	if(sent == FRT_PROBE_UNSENT)
		probe_ended(p, target, FRT_TRANSPORT, 503, 0);
	else if(sent == FRT_PROBE_SKIPPED)
		probe_ended(p, target, FRT_LOCAL, 0, 0);
	else if(frt_now_ms() > before + FRT_PROBER_STALL_MS)
		frt_sched_sent(&p->sched, target, frt_now_ms());
}

/* True if there may be more to send. */
static bool send_probes(frt_prober_t *p)
{
	uint32_t target, id;
	int n;

	for(n = 0; n < FRT_PROBER_BATCH; n++) {
		if(!frt_sched_fly(&p->sched, frt_now_ms(), &target, &id))
			return false;
		send_probe(p, target, id);
	}
	return true;
}

static int sleep_ms(const frt_prober_t *p)
{
	uint64_t now = frt_now_ms();
	uint64_t next = frt_sched_next(&p->sched, now);

	if(next - now > FRT_PROBER_SLEEP_MS)
		return FRT_PROBER_SLEEP_MS;
	return (int)(next - now);
}

/* Of thousands of probes each is sent and answered at a moment of its own: to
 * get up for each costs more than the probe. What comes within some ms is done
 * in one round; what comes alone is done at once. Kicks are calls that failed:
 * they do not wait for a long round. */
static void rest(frt_prober_t *p, uint64_t round_ms)
{
	uint64_t took = frt_now_ms() - round_ms;
	uint32_t round = frt_throttle_round_ms(&p->sched.throttle);
	bool many = round > FRT_THROTTLE_ROUND_MS;

	if(many != p->many) {
		p->many = many;
		frt_wake_by_results(!many);
		return;
	}
	if(many && took < round) {
		frt_wake_wait(FRT_WAKE_PROBER, (int)(round - took));
		took = frt_now_ms() - round_ms;
	}
	if(took < FRT_THROTTLE_ROUND_MS)
		usleep((useconds_t)(FRT_THROTTLE_ROUND_MS - took) * 1000);
	if(!many)
		frt_wake_wait(FRT_WAKE_PROBER, sleep_ms(p));
}

/* Waits until somebody is there to receive the answers: without, the first
 * probes would be repeated, or fail. */
static void wait_for_start(void)
{
	uint64_t from = frt_now_ms(), now = from;

	while(now < from + FRT_PROBER_START_MS
			|| (!sr_instance_ready() && now < from + FRT_PROBER_LATEST_MS)) {
		/* What wakes us up stays in the rings until later. */
		frt_wake_wait(FRT_WAKE_PROBER, FRT_PROBER_START_MS / 5);
		now = frt_now_ms();
	}
}

static void on_stop(int signo)
{
	/* Whoever holds a lock that we want may be gone already. */
	if(signo == SIGALRM)
		_exit(0);
	stopping = 1;
	alarm(FRT_PROBER_LAST_S);
	frt_wake(FRT_WAKE_PROBER);
}

static void watch_stop(void)
{
	struct sigaction sa = {.sa_handler = on_stop};

	sigemptyset(&sa.sa_mask);
	if(sigaction(SIGTERM, &sa, NULL) < 0 || sigaction(SIGINT, &sa, NULL) < 0
			|| sigaction(SIGALRM, &sa, NULL) < 0)
		LM_WARN("test calls under way are not hung up at the end\n");
}

/* Kamailio stops: nothing is left ringing that can be told. */
static void hang_up_all(frt_prober_t *p)
{
	uint32_t i;

	frt_stray_work();
	for(i = 0; i < p->sched.cap; i++) {
		if(p->sched.targets[i].open_ms)
			frt_tm_cancel(p->sched.targets[i].call);
	}
}

void frt_probe_main(const frt_params_t *params)
{
	static frt_prober_t prober;
	frt_prober_t *p = &prober;
	uint64_t round_ms = 0;
	bool more = false;

	p->params = params;
	frt_sched_init(&p->sched, frt_mem_heap(), (uint32_t)params->probe_rate,
			params->probing != 0);
	watch_stop();
	wait_for_start();
	while(!stopping) {
		enter(p);
		frt_table_leave();
		if(more)
			frt_wake_wait(FRT_WAKE_PROBER, sleep_ms(p));
		else
			rest(p, round_ms);
		round_ms = frt_now_ms();
		cfg_update();
		/* Answers before timeouts: one that came in time counts, even if we
		 * come late. And before orders: what was ordered after a probe had
		 * its answer is another probe. */
		take_results(p);
		take_kicks(p);
		take_overdue(p);
		take_ticks(p);
		frt_stray_work();
		more = send_probes(p);
	}
	hang_up_all(p);
	_exit(0);
}
