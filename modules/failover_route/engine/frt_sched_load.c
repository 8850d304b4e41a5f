/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a generation to targets: which destinations share a next hop, which
 * targets were there before, and where the new ones start.
 */
#include "frt_sched.h"

#include <string.h>

/* New targets start this far apart, if their interval leaves the room: a few
 * are looked at right away, many without a burst. */
#define FRT_START_GAP_MS 100u
#define FRT_ROOM_MIN 64u

static uint64_t add_str(uint64_t h, frt_str_t s)
{
	return frt_hash_bytes(s.s, s.len, h);
}

static uint64_t add_lower(uint64_t h, frt_str_t s)
{
	char low[256];
	uint32_t i, n = s.len < sizeof(low) ? s.len : (uint32_t)sizeof(low);

	for(i = 0; i < n; i++)
		low[i] = s.s[i] >= 'A' && s.s[i] <= 'Z' ? (char)(s.s[i] + 32) : s.s[i];
	return frt_hash_bytes(low, n, h);
}

/* Where the request goes: an address written in two ways is one; a name
 * without a port is not the name with 5060, for it may have SRV records (RFC
 * 3263 section 4.2). */
static uint64_t next_hop_hash(const frt_dst_t *dst)
{
	frt_proto_t proto = (frt_proto_t)dst->proto;
	uint16_t port = dst->port;
	uint8_t addr[16];
	uint64_t h;

	if(dst->is_ip || port)
		proto = proto == FRT_PROTO_ANY ? FRT_PROTO_UDP : proto;
	if(dst->is_ip && frt_ip_parse(frt_dst_host(dst), addr) == 0) {
		port = frt_dst_port(dst);
		h = frt_hash_bytes(addr, sizeof(addr), 1);
	} else {
		h = add_lower(2, frt_dst_host(dst));
	}
	h = frt_hash_mix(h ^ ((uint64_t)port << 8 | proto));
	/* a name that TLS is to see makes a probe of its own */
	return frt_uri_has_maddr(dst->uri) || frt_dst_keeps_name(dst)
				   ? add_str(h, dst->uri)
				   : h;
}

static uint64_t target_key(const frt_dst_t *dst)
{
	const frt_probe_conf_t *probe = &dst->set->conf.probe;
	uint64_t h = next_hop_hash(dst);

	h = add_str(h, frt_dst_socket(dst));
	h = add_str(h, probe->method);
	h = add_str(h, probe->number);
	h = add_str(h, probe->from);
	h = add_str(h, probe->outbound_proxy);
	return frt_hash_mix(
			h ^ probe->max_forwards ^ (uint64_t)probe->answer_from << 32);
}

static bool probed(const frt_sched_t *s, const frt_dst_t *dst)
{
	return s->probing && dst->set->conf.probe.enabled && !dst->unresolved;
}

static uint32_t find(const frt_sched_t *s, uint64_t key)
{
	uint32_t i = s->buckets ? s->buckets[key & s->mask] : FRT_NONE;

	while(i != FRT_NONE && s->targets[i].key != key)
		i = s->targets[i].chain;
	return i;
}

static void rehash(frt_sched_t *s)
{
	uint32_t i;

	for(i = 0; i <= s->mask; i++)
		s->buckets[i] = FRT_NONE;
	s->free = FRT_NONE;
	for(i = s->cap; i-- > 0;) {
		frt_target_t *t = &s->targets[i];
		uint32_t *head = t->state == FRT_TARGET_FREE
								 ? &s->free
								 : &s->buckets[t->key & s->mask];

		t->chain = *head;
		*head = i;
	}
}

/* Room in steps, so that a destination more or less costs nothing. */
static uint32_t round_up(uint32_t n)
{
	uint32_t room = FRT_ROOM_MIN;

	while(room < n)
		room *= 2;
	return room;
}

static int reserve_dsts(frt_sched_t *s, uint32_t n)
{
	uint32_t room = round_up(n);

	if(room > s->room) {
		frt_mem_free(s->mem, s->target_of);
		frt_mem_free(s->mem, s->next_of);
		s->room = 0;
		s->target_of = frt_mem_alloc(s->mem, room * sizeof(*s->target_of));
		s->next_of = frt_mem_alloc(s->mem, room * sizeof(*s->next_of));
		if(!s->target_of || !s->next_of)
			return FRT_E_NOMEM;
		s->room = room;
	}
	return frt_heap_reserve(&s->ticks, s->mem, room);
}

static int reserve_targets(frt_sched_t *s, uint32_t n)
{
	uint32_t cap = round_up(n);
	frt_target_t *targets;
	uint32_t *buckets;
	int err;

	if(cap <= s->cap)
		return FRT_OK;
	if(cap > FRT_SCHED_TARGETS_MAX)
		return FRT_E_RANGE;
	if((err = frt_heap_reserve(&s->regular, s->mem, cap)) != 0
			|| (err = frt_heap_reserve(&s->urgent, s->mem, cap)) != 0
			|| (err = frt_heap_reserve(&s->flying, s->mem, cap)) != 0)
		return err;
	targets = frt_mem_alloc(s->mem, cap * sizeof(*targets));
	buckets = frt_mem_alloc(s->mem, cap * sizeof(*buckets));
	if(!targets || !buckets) {
		frt_mem_free(s->mem, targets);
		frt_mem_free(s->mem, buckets);
		return FRT_E_NOMEM;
	}
	if(s->cap)
		memcpy(targets, s->targets, s->cap * sizeof(*targets));
	frt_mem_free(s->mem, s->targets);
	frt_mem_free(s->mem, s->buckets);
	s->targets = targets;
	s->buckets = buckets;
	s->cap = cap;
	s->mask = cap - 1;
	rehash(s);
	return FRT_OK;
}

/* Finds the targets there are; returns how many destinations have none yet. */
static uint32_t match(frt_sched_t *s, const frt_gen_t *g)
{
	uint32_t i, missing = 0;

	for(i = 0; i < s->cap; i++)
		s->targets[i].seen = false;
	for(i = 0; i < g->ndsts; i++) {
		uint32_t target = FRT_NONE;

		if(probed(s, &g->dsts[i])) {
			target = find(s, target_key(&g->dsts[i]));
			missing += target == FRT_NONE;
		}
		s->target_of[i] = target;
		if(target != FRT_NONE) {
			frt_target_t *t = &s->targets[target];

			/* It only waited for the end of its test call. */
			t->fresh = t->first == FRT_NONE && t->state == FRT_TARGET_WAITING;
			t->seen = true;
		}
	}
	return missing;
}

/* What is no longer wanted goes, but for a test call still open. */
static void sweep(frt_sched_t *s, uint64_t now_ms)
{
	uint32_t i;

	for(i = 0; i < s->cap; i++) {
		frt_target_t *t = &s->targets[i];

		t->first = FRT_NONE;
		if(t->state == FRT_TARGET_FREE || t->seen || t->open_ms > now_ms)
			continue;
		frt_sched_leave(s, i);
		t->state = FRT_TARGET_FREE;
		s->ntargets--;
	}
	if(s->cap)
		rehash(s);
}

static uint32_t add(frt_sched_t *s, uint64_t key)
{
	uint32_t i = s->free;
	frt_target_t *t = &s->targets[i];
	uint16_t tag = t->tag;

	s->free = t->chain;
	*t = (frt_target_t){.key = key,
			.first = FRT_NONE,
			.chain = s->buckets[key & s->mask],
			.tag = tag, /* answers to its predecessor are not its own */
			.state = FRT_TARGET_WAITING,
			.steady = true,
			.fresh = true,
			.seen = true};
	s->buckets[key & s->mask] = i;
	s->ntargets++;
	return i;
}

static void add_missing(frt_sched_t *s, const frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		uint64_t key;

		if(s->target_of[i] != FRT_NONE || !probed(s, &g->dsts[i]))
			continue;
		key = target_key(&g->dsts[i]);
		s->target_of[i] = find(s, key);
		if(s->target_of[i] == FRT_NONE)
			s->target_of[i] = add(s, key);
	}
}

/* Hangs the destinations to their targets, in order, with the shortest
 * interval and the longest timeout. */
static void link_dsts(frt_sched_t *s, const frt_gen_t *g)
{
	uint32_t i;

	for(i = g->ndsts; i-- > 0;) {
		const frt_probe_conf_t *conf = &g->dsts[i].set->conf.probe;
		uint32_t interval = frt_pace_interval_ms(conf);
		uint32_t fast = frt_pace_fast_ms(conf);
		frt_target_t *t;

		s->next_of[i] = FRT_NONE;
		if(s->target_of[i] == FRT_NONE)
			continue;
		t = &s->targets[s->target_of[i]];
		if(t->first == FRT_NONE || interval < t->interval_ms)
			t->interval_ms = interval;
		if(t->first == FRT_NONE || fast < t->fast_ms)
			t->fast_ms = fast;
		if(t->first == FRT_NONE || conf->timeout_ms > t->timeout_ms)
			t->timeout_ms = conf->timeout_ms;
		t->floor_ms = frt_pace_floor_ms(conf);
		s->next_of[i] = t->first;
		t->first = i;
	}
}

/* k of n new targets: its place in the first round. */
static uint64_t start_ms(const frt_target_t *t, uint32_t k, uint32_t n,
		uint64_t now_ms, frt_rand_t *rnd)
{
	uint64_t all = n > k ? n : (uint64_t)k + 1;
	uint64_t span = frt_sched_period_ms(t->interval_ms);
	uint64_t part = (uint64_t)k * 1000 + 200 + frt_rand_below(rnd, 600);

	if(span > all * FRT_START_GAP_MS)
		span = all * FRT_START_GAP_MS;
	return now_ms + 1 + span * part / (all * 1000);
}

/* A waiting target whose interval has become shorter keeps its place in the
 * round: halfway through the old one is halfway through the new one. */
static void shorten(frt_sched_t *s, uint32_t i, uint64_t now_ms)
{
	frt_target_t *t = &s->targets[i];
	uint32_t period = frt_sched_period_ms(t->interval_ms);
	uint64_t due = frt_heap_due(&s->regular, i);
	uint64_t left = due > now_ms ? due - now_ms : 0;

	if(!t->steady || !due || period == t->gap_ms)
		return;
	if(period < t->gap_ms) {
		due = now_ms + left * period / t->gap_ms;
		t->slot_ms = due;
	}
	frt_sched_wait(s, i, due, period);
}

static void place_targets(frt_sched_t *s, uint64_t now_ms, frt_rand_t *rnd)
{
	uint32_t shortest = UINT32_MAX;
	uint32_t i, k = 0, n = 0;

	for(i = 0; i < s->cap; i++)
		n += s->targets[i].state != FRT_TARGET_FREE && s->targets[i].fresh;
	for(i = 0; i < s->cap; i++) {
		frt_target_t *t = &s->targets[i];

		if(t->state == FRT_TARGET_FREE)
			continue;
		if(t->interval_ms < shortest)
			shortest = t->interval_ms;
		if(!t->fresh) {
			shorten(s, i, now_ms);
			continue;
		}
		t->fresh = false;
		t->slot_ms = start_ms(t, k++, n, now_ms, rnd);
		if(t->sent_ms && t->slot_ms < t->sent_ms + t->floor_ms)
			t->slot_ms = t->sent_ms + t->floor_ms;
		frt_sched_wait(s, i, t->slot_ms, frt_sched_period_ms(t->interval_ms));
	}
	/* Evenness may cost no more than a hundredth of any interval. */
	frt_throttle_even(&s->throttle, shortest);
}

int frt_sched_load(
		frt_sched_t *s, const frt_gen_t *g, uint64_t now_ms, frt_rand_t *rnd)
{
	uint32_t missing;
	int err = reserve_dsts(s, g->ndsts);

	if(err)
		goto error;
	frt_heap_clear(&s->ticks);
	s->ndsts = g->ndsts;
	missing = match(s, g);
	sweep(s, now_ms);
	err = reserve_targets(s, s->ntargets + missing);
	if(err)
		goto error;
	add_missing(s, g);
	link_dsts(s, g);
	place_targets(s, now_ms, rnd);
	s->seq = g->seq;
	return FRT_OK;
error:
	frt_sched_free(s);
	return err;
}
