/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which next hops are probed when: the schedule and the throttle,
 * played through in made-up time.
 */
#include "heap.h"

#include "frt_sched.h"

#define MAX_DSTS 3000

/* A generation with nothing but what the schedule reads. */
typedef struct world
{
	frt_gen_t gen;
	frt_set_t sets[4];
	frt_dst_t dsts[MAX_DSTS];
	char hosts[MAX_DSTS][48];
	frt_sched_t sched;
	frt_rand_t rnd;
	uint64_t now;
} world_t;

static world_t w;

static fx_heap_t heap;
static const frt_mem_t mem = {fx_heap_alloc, fx_heap_free, &heap};

static void set_init(frt_set_t *set)
{
	frt_set_conf_default(&set->conf);
	set->conf.probe.enabled = true;
	set->conf.probe.method = FRT_STR("OPTIONS");
	set->conf.probe.interval_ms = 30000;
	set->conf.probe.fast_interval_ms = 2000;
	set->conf.probe.down_interval_ms = 60000;
	set->conf.probe.timeout_ms = 2000;
	set->conf.probe.rise = 2;
	set->conf.probe.fall = 3;
	set->conf.probe.max_forwards = 70;
}

static frt_dst_t *dst_add(uint32_t set, const char *host, uint16_t port)
{
	uint32_t i = w.gen.ndsts++;
	frt_dst_t *dst = &w.dsts[i];
	frt_uri_t uri;
	char text[64];
	int n;

	assert_true(i < MAX_DSTS);
	memset(dst, 0, sizeof(*dst));
	snprintf(w.hosts[i], sizeof(w.hosts[i]), "%s", host);
	n = snprintf(text, sizeof(text), "sip:%s", host);
	assert_int_equal(frt_uri_parse((frt_str_t){text, (uint32_t)n}, &uri), 0);
	dst->set = &w.sets[set];
	dst->uri = (frt_str_t){w.hosts[i], (uint32_t)strlen(host)};
	dst->host_len = (uint16_t)dst->uri.len;
	dst->port = port;
	dst->proto = FRT_PROTO_ANY;
	dst->is_ip = uri.is_ip;
	return dst;
}

static void many(uint32_t set, uint32_t n)
{
	char host[48];

	for(uint32_t i = 0; i < n; i++) {
		uint32_t k = w.gen.ndsts;

		snprintf(host, sizeof(host), "10.0.%u.%u", k / 250, k % 250 + 1);
		dst_add(set, host, 5060);
	}
}

static int load(void)
{
	w.gen.seq++;
	return frt_sched_load(&w.sched, &w.gen, w.now, &w.rnd);
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	memset(&heap, 0, sizeof(heap));
	w.gen.dsts = w.dsts;
	w.gen.sets = w.sets;
	w.rnd.state = 7;
	w.now = 1000000;
	for(int i = 0; i < 4; i++)
		set_init(&w.sets[i]);
	frt_sched_init(&w.sched, &mem, 500, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	frt_sched_free(&w.sched);
	assert_int_equal(heap.live, 0);
	return 0;
}

/* Waits for the next probe. */
static void fly(uint32_t *target, uint32_t *id)
{
	while(!frt_sched_fly(&w.sched, w.now, target, id))
		w.now++;
}

static uint64_t load_sum(void)
{
	uint64_t sum = 0;

	for(uint32_t i = 0; i < w.sched.cap; i++) {
		if(w.sched.targets[i].state != FRT_TARGET_FREE)
			sum += frt_throttle_share(w.sched.targets[i].gap_ms);
	}
	return sum;
}

/* What must hold at any time. */
static void check_sched(void)
{
	uint32_t n = 0;

	for(uint32_t i = 0; i < w.sched.cap; i++) {
		const frt_target_t *t = &w.sched.targets[i];
		int heaps = !!frt_heap_due(&w.sched.regular, i)
					+ !!frt_heap_due(&w.sched.urgent, i)
					+ !!frt_heap_due(&w.sched.flying, i);

		assert_int_equal(heaps, t->state == FRT_TARGET_FREE ? 0 : 1);
		n += t->state != FRT_TARGET_FREE;
	}
	assert_int_equal(n, w.sched.ntargets);
	assert_true(w.sched.throttle.load == load_sum());
}

typedef frt_pace_t (*pace_f)(uint32_t target);

/* What a run saw. */
typedef struct seen
{
	uint32_t sent;
	uint32_t worst; /* most in any 100 ms */
	uint64_t gap_min[MAX_DSTS];
	uint64_t gap_max[MAX_DSTS];
	uint64_t last[MAX_DSTS];
	uint64_t at[200000];
} seen_t;

static seen_t seen;

static void note_sent(uint32_t target)
{
	uint64_t gap = w.now - seen.last[target];
	uint32_t i = seen.sent, in_window = 0;

	if(seen.last[target]
			&& (!seen.gap_min[target] || gap < seen.gap_min[target]))
		seen.gap_min[target] = gap;
	if(seen.last[target] && gap > seen.gap_max[target])
		seen.gap_max[target] = gap;
	seen.last[target] = w.now;
	assert_true(seen.sent < 200000);
	seen.at[seen.sent++] = w.now;
	for(;; i--) {
		if(w.now - seen.at[i] >= 100)
			break;
		in_window++;
		if(i == 0)
			break;
	}
	if(in_window > seen.worst)
		seen.worst = in_window;
}

/* Every probe is answered after rtt_ms (0: never). */
static void run(uint64_t ms, uint32_t rtt_ms, pace_f pace)
{
	static uint64_t answer_at[MAX_DSTS];
	uint64_t end = w.now + ms;

	memset(&seen, 0, sizeof(seen));
	memset(answer_at, 0, sizeof(answer_at));
	while(w.now < end) {
		uint64_t next = frt_sched_next(&w.sched, w.now);
		uint32_t target, id;

		/* As the prober does: a sleep of whole milliseconds. */
		if(rtt_ms || next > w.now + 1)
			w.now += 1;
		else
			w.now = next > w.now ? next : w.now + 1;
		for(uint32_t i = 0; rtt_ms && i < w.sched.cap; i++) {
			if(!answer_at[i] || answer_at[i] > w.now)
				continue;
			answer_at[i] = 0;
			frt_sched_ended(&w.sched, i, pace(i), w.now, &w.rnd);
		}
		while(frt_sched_overdue(&w.sched, w.now, &target))
			frt_sched_ended(&w.sched, target, pace(target), w.now, &w.rnd);
		while(frt_sched_fly(&w.sched, w.now, &target, &id)) {
			note_sent(target);
			if(rtt_ms)
				answer_at[target] = w.now + rtt_ms;
		}
	}
}

static frt_pace_t steady(uint32_t target)
{
	return (frt_pace_t){w.sched.targets[target].interval_ms, true};
}

static frt_pace_t fast(uint32_t target)
{
	return (frt_pace_t){w.sched.targets[target].fast_ms, false};
}

/* In any 100 ms fewer than twice as many as on average; returns the average. */
static double assert_no_burst(uint64_t ms)
{
	double mean = seen.sent * 100.0 / (double)ms;

	if(seen.worst >= 2 * mean)
		fail_msg("%u at once, mean %g", seen.worst, mean);
	return mean;
}

static void burst_case(uint32_t n, uint32_t interval_ms, uint64_t ms)
{
	w.sets[0].conf.probe.interval_ms = interval_ms;
	many(0, n);
	assert_int_equal(load(), 0);
	run(ms, 20, steady);
	assert_no_burst(ms);
	check_sched();
}

static void test_plan_1000_targets_never_burst_at_30_s(void **state)
{
	(void)state;
	burst_case(1000, 30000, 300000);
}

static void test_plan_1000_targets_never_burst_at_10_s(void **state)
{
	(void)state;
	burst_case(1000, 10000, 100000);
}

static void test_plan_1000_targets_never_burst_at_60_s(void **state)
{
	(void)state;
	burst_case(1000, 60000, 300000);
}

static void test_plan_gap_is_never_longer_than_the_interval(void **state)
{
	(void)state;
	burst_case(1000, 30000, 300000);
	for(uint32_t i = 0; i < 1000; i++) {
		assert_between(seen.gap_max[i], 20000, 30150);
		assert_between(seen.gap_min[i], 26000, 29900);
	}
}

static void test_plan_gaps_are_jittered(void **state)
{
	uint32_t same = 0;

	(void)state;
	burst_case(1000, 30000, 300000);
	for(uint32_t i = 0; i < 1000; i++)
		same += seen.gap_max[i] - seen.gap_min[i] < 300;
	assert_between(same, 0, 20);
}

static void test_plan_few_targets_start_at_once(void **state)
{
	(void)state;
	many(0, 3);
	assert_int_equal(load(), 0);
	run(400, 20, steady);
	assert_int_equal(seen.sent, 3);
}

static void test_plan_rate_is_never_exceeded(void **state)
{
	(void)state;
	frt_throttle_init(&w.sched.throttle, 100);
	w.sets[0].conf.probe.interval_ms = 1000;
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(30000, 20, steady);
	assert_between(seen.sent, 2900, 3006); /* a long step's 6 are saved up */
	assert_between(seen.worst, 1, 16);	   /* 10, and those */
	/* Fair: all of them had their turn, none twice as often. */
	for(uint32_t i = 0; i < 1000; i++)
		assert_between(seen.gap_max[i], 9000, 11500);
}

static void test_plan_same_next_hop_is_one_target(void **state)
{
	static const frt_dst_more_t more = {
			.socket = {"udp:198.51.100.1:5060", 21}};

	(void)state;
	dst_add(0, "192.0.2.1", 5060);
	dst_add(1, "192.0.2.1", 0);
	dst_add(1, "192.0.2.1", 5070);
	dst_add(2, "192.0.2.1", 5060)->proto = FRT_PROTO_TCP;
	dst_add(2, "192.0.2.1", 5060)->more = &more;
	dst_add(2, "[2001:db8::1]", 5060);
	dst_add(2, "[2001:DB8:0::1]", 0);
	dst_add(2, "gw.example", 0);
	dst_add(2, "GW.example", 0);
	dst_add(2, "gw.example", 5060);
	dst_add(3, "192.0.2.1", 5060);
	w.sets[3].conf.probe.from = FRT_STR("sip:probe@example.net");
	assert_int_equal(load(), 0);
	assert_int_equal(w.sched.ntargets, 8);
	assert_int_equal(w.sched.target_of[0], w.sched.target_of[1]);
	assert_int_equal(w.sched.target_of[5], w.sched.target_of[6]);
	assert_int_equal(w.sched.target_of[7], w.sched.target_of[8]);
	assert_int_equal(w.sched.next_of[0], 1);
	assert_int_equal(w.sched.next_of[1], FRT_NONE);
	check_sched();
}

/* One probe has one answer: who believes it from anywhere sends its own. */
static void test_plan_answer_from_makes_a_target_of_its_own(void **state)
{
	(void)state;
	dst_add(0, "192.0.2.1", 5060);
	dst_add(1, "192.0.2.1", 5060);
	w.sets[1].conf.probe.answer_from = FRT_ANSWER_FROM_ANY;
	assert_int_equal(load(), 0);
	assert_int_equal(w.sched.ntargets, 2);
}

static void test_plan_shared_target_takes_the_shortest_interval(void **state)
{
	const frt_target_t *t;

	(void)state;
	w.sets[0].conf.probe.timeout_ms = 500;
	w.sets[1].conf.probe.interval_ms = 5000;
	w.sets[2].conf.probe.enabled = false;
	w.sets[2].conf.probe.interval_ms = 1000;
	dst_add(0, "192.0.2.1", 5060);
	dst_add(1, "192.0.2.1", 5060);
	dst_add(2, "192.0.2.1", 5060);
	assert_int_equal(load(), 0);
	assert_int_equal(w.sched.ntargets, 1);
	assert_int_equal(w.sched.target_of[2], FRT_NONE);
	t = &w.sched.targets[w.sched.target_of[0]];
	assert_int_equal(t->interval_ms, 5000);
	assert_int_equal(t->timeout_ms, 2000);
}

static void test_plan_reload_keeps_phase_and_probe_under_way(void **state)
{
	uint64_t due[100];
	uint32_t target, id, again;

	(void)state;
	many(0, 100);
	assert_int_equal(load(), 0);
	run(60000, 20, steady);
	fly(&target, &id);
	for(uint32_t i = 0; i < 100; i++)
		due[i] = frt_sched_due(&w.sched, w.sched.target_of[i]);
	for(int n = 0; n < 20; n++)
		assert_int_equal(load(), 0);
	for(uint32_t i = 0; i < 100; i++)
		assert_int_equal(due[i], frt_sched_due(&w.sched, w.sched.target_of[i]));
	assert_true(frt_sched_answer(&w.sched, id, &again));
	assert_int_equal(again, target);
	check_sched();
}

/* The order in the file and the names of the sets do not matter. */
static void test_plan_reload_follows_the_next_hop_not_the_place(void **state)
{
	uint64_t due;

	(void)state;
	many(0, 10);
	assert_int_equal(load(), 0);
	due = frt_sched_due(&w.sched, w.sched.target_of[9]);
	w.dsts[0] = w.dsts[9];
	w.dsts[0].set = &w.sets[1];
	w.gen.ndsts = 1;
	assert_int_equal(load(), 0);
	assert_int_equal(w.sched.ntargets, 1);
	assert_int_equal(frt_sched_due(&w.sched, w.sched.target_of[0]), due);
	check_sched();
}

static void test_plan_answer_of_a_removed_target_is_not_taken(void **state)
{
	uint32_t target, id, got;

	(void)state;
	many(0, 1);
	assert_int_equal(load(), 0);
	fly(&target, &id);
	w.gen.ndsts = 0;
	assert_int_equal(load(), 0);
	assert_false(frt_sched_answer(&w.sched, id, &got));
	dst_add(0, "203.0.113.9", 5060);
	assert_int_equal(load(), 0);
	assert_false(frt_sched_answer(&w.sched, id, &got));
	fly(&target, &got);
	assert_int_not_equal(got, id);
	assert_false(frt_sched_answer(&w.sched, id, &got));
	check_sched();
}

static void test_plan_late_answer_is_not_taken(void **state)
{
	uint32_t target, id, got;

	(void)state;
	many(0, 1);
	assert_int_equal(load(), 0);
	fly(&target, &id);
	assert_false(frt_sched_overdue(&w.sched, w.now + 1999, &target));
	w.now += 2000;
	assert_true(frt_sched_overdue(&w.sched, w.now, &target));
	frt_sched_ended(&w.sched, target, fast(target), w.now, &w.rnd);
	assert_false(frt_sched_answer(&w.sched, id, &got));
}

/* As the prober does in long rounds, each answered at once. Of those with
 * stalls every 40th comes 250 ms late, and kicks of failed calls make the others a
 * little shorter. */
static void rounds(uint64_t ms, bool stalls)
{
	uint64_t end = w.now + ms;
	uint32_t n, target, id;

	memset(&seen, 0, sizeof(seen));
	for(n = 1; w.now < end; n++) {
		w.now += frt_throttle_round_ms(&w.sched.throttle);
		if(stalls)
			w.now += n % 40 == 0 ? 250 : -1;
		while(frt_sched_overdue(&w.sched, w.now, &target))
			frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
		while(frt_sched_fly(&w.sched, w.now, &target, &id)) {
			note_sent(target);
			frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
		}
	}
}

/* Whoever sends in long rounds has what fell due meanwhile sent in each of them. */
static void test_plan_many_go_in_long_rounds(void **state)
{
	(void)state;
	frt_throttle_init(&w.sched.throttle, 500);
	many(0, 1000);
	assert_int_equal(load(), 0);
	assert_int_equal(frt_throttle_round_ms(&w.sched.throttle), 10);
	w.sets[0].conf.probe.interval_ms = 2500; /* 400 a second */
	assert_int_equal(load(), 0);
	assert_int_equal(frt_throttle_round_ms(&w.sched.throttle), 50);
	rounds(30000, false);
	assert_between(seen.sent, 11000, 13000);
}

/* Nor does who comes late then send all at once what has fallen due. */
static void test_plan_late_rounds_do_not_burst(void **state)
{
	(void)state;
	frt_throttle_init(&w.sched.throttle, 2000);
	w.sets[0].conf.probe.interval_ms = 5000;
	many(0, 1000);
	assert_int_equal(load(), 0);
	rounds(60000, true);
	assert_between(assert_no_burst(60000), 18, 22);
}

static void test_plan_new_targets_join_without_a_burst(void **state)
{
	(void)state;
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(90000, 20, steady);
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(120000, 20, steady);
	assert_no_burst(120000);
	check_sched();
}

static void test_plan_shorter_interval_keeps_the_spread(void **state)
{
	(void)state;
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(90000, 20, steady);
	w.sets[0].conf.probe.interval_ms = 10000;
	assert_int_equal(load(), 0);
	run(60000, 20, steady);
	assert_between(assert_no_burst(60000), 9, 12);
	check_sched();
}

/* Those that are down are not at the regular pace: the host knows theirs. */
static void test_plan_shorter_pace_reaches_what_is_down(void **state)
{
	frt_pace_t pace = {60000, false}, sooner = {5000, false};
	uint32_t i, k, id, soon = 0;
	uint64_t due;

	(void)state;
	many(0, 100);
	assert_int_equal(load(), 0);
	for(; w.now < 1030000; w.now += 100) {
		while(frt_sched_fly(&w.sched, w.now, &i, &id))
			frt_sched_ended(&w.sched, i, pace, w.now, &w.rnd);
	}
	assert_int_equal(load(), 0);
	for(i = 0; i < 100; i++) {
		k = w.sched.target_of[i];
		due = frt_sched_due(&w.sched, k);
		frt_sched_sooner(&w.sched, i, pace, w.now, &w.rnd);
		assert_int_equal(frt_sched_due(&w.sched, k), due);
		frt_sched_sooner(&w.sched, i, sooner, w.now, &w.rnd);
		assert_in_range(frt_sched_due(&w.sched, k), w.now + 1, w.now + 5000);
		soon += frt_sched_due(&w.sched, k) < w.now + 2500;
	}
	assert_in_range(soon, 30, 70); /* not all at once */
	check_sched();
}

/* A net that is back after an hour: everything recovers within seconds. */
static void test_plan_common_recovery_does_not_gather_the_probes(void **state)
{
	(void)state;
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(60000, 0, fast);
	assert_between(seen.worst, 1, 80); /* the rate's 50 and a long step's 30 */
	run(60000, 20, steady);
	run(300000, 20, steady);
	assert_no_burst(300000);
	for(uint32_t i = 0; i < 1000; i++)
		assert_between(seen.gap_max[i], 20000, 30500);
}

static void test_plan_failed_call_probes_at_once(void **state)
{
	uint32_t target, id;

	(void)state;
	many(0, 1000);
	assert_int_equal(load(), 0);
	run(60000, 20, steady);
	for(uint32_t i = 0; i < 1000; i++) {
		if(frt_sched_due(&w.sched, w.sched.target_of[i]) < w.now + 20000
				|| !w.sched.targets[w.sched.target_of[i]].ended_ms)
			continue;
		w.now += 1500;
		assert_true(frt_sched_hurry(&w.sched, i, false, w.now));
		assert_true(frt_sched_fly(&w.sched, w.now, &target, &id));
		assert_int_equal(target, w.sched.target_of[i]);
		check_sched();
		return;
	}
	fail();
}

static void test_plan_failed_calls_do_not_probe_in_a_row(void **state)
{
	uint32_t target, id;

	(void)state;
	many(0, 1);
	assert_int_equal(load(), 0);
	fly(&target, &id);
	assert_true(frt_sched_hurry(&w.sched, 0, false, w.now));
	assert_false(frt_sched_fly(&w.sched, w.now, &target, &id));
	frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
	assert_true(frt_sched_hurry(&w.sched, 0, false, w.now));
	assert_false(frt_sched_fly(&w.sched, w.now + 999, &target, &id));
	w.now += 1000;
	assert_true(frt_sched_fly(&w.sched, w.now, &target, &id));
	frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
	w.now += 3;
	assert_true(frt_sched_hurry(&w.sched, 0, true, w.now));
	assert_true(frt_sched_fly(&w.sched, w.now, &target, &id));
	check_sched();
}

static void test_plan_storm_of_failing_calls_leaves_half_to_the_rest(
		void **state)
{
	uint32_t of_rest = 0, sent = 0, target, id;

	(void)state;
	frt_throttle_init(&w.sched.throttle, 100);
	w.sets[0].conf.probe.interval_ms = 1000;
	w.sets[0].conf.probe.fast_interval_ms = 100;
	many(0, 1000);
	assert_int_equal(load(), 0);
	for(int ms = 0; ms < 10000; ms++) {
		w.now++;
		for(uint32_t i = 0; i < 200; i++)
			frt_sched_hurry(&w.sched, i, false, w.now);
		while(frt_sched_fly(&w.sched, w.now, &target, &id)) {
			sent++;
			of_rest += w.sched.targets[target].first >= 200;
			frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
		}
	}
	assert_between(sent, 980, 1011);
	assert_between(of_rest, 400, 600);
	check_sched();
}

static void test_plan_without_probing_only_time_passes(void **state)
{
	uint32_t target, id, dst;

	(void)state;
	frt_sched_init(&w.sched, &mem, 500, false);
	many(0, 10);
	assert_int_equal(load(), 0);
	assert_int_equal(w.sched.ntargets, 0);
	assert_false(frt_sched_hurry(&w.sched, 0, true, w.now));
	assert_true(frt_sched_next(&w.sched, w.now) == UINT64_MAX);
	frt_sched_tick_set(&w.sched, 3, w.now + 50);
	assert_int_equal(frt_sched_next(&w.sched, w.now), w.now + 50);
	w.now += 50;
	assert_false(frt_sched_fly(&w.sched, w.now, &target, &id));
	assert_true(frt_sched_tick_pop(&w.sched, w.now, &dst));
	assert_int_equal(dst, 3);
	assert_false(frt_sched_tick_pop(&w.sched, w.now, &dst));
}

static void test_plan_load_without_memory_is_empty_and_may_be_repeated(
		void **state)
{
	int err = FRT_E_NOMEM;
	size_t n;

	(void)state;
	many(0, 100);
	for(n = 1; err == FRT_E_NOMEM; n++) {
		frt_sched_free(&w.sched);
		heap.fail_at = heap.calls + n;
		err = load();
		if(err)
			assert_int_equal(w.sched.ntargets + w.sched.seq, 0);
	}
	assert_int_equal(err, 0);
	assert_between(n, 11, 41);
	assert_int_equal(w.sched.ntargets, 100);
	check_sched();
}

/* peers.md, 17: fall x interval + timeout, whatever the intervals. */
static void test_pace_dead_target_is_noticed_in_time(void **state)
{
	static const uint32_t intervals[] = {1000, 3000, 30000};

	(void)state;
	for(size_t n = 0; n < 3; n++) {
		frt_probe_conf_t *c = &w.sets[0].conf.probe;
		uint64_t answered;
		uint32_t target, id;

		setup(state);
		c->interval_ms = intervals[n];
		c->timeout_ms = 500;
		many(0, 1);
		assert_int_equal(load(), 0);
		run(10 * intervals[n], 20, steady);
		/* It dies right after its last answer. */
		fly(&target, &id);
		answered = w.now;
		frt_sched_ended(&w.sched, target, steady(target), w.now, &w.rnd);
		for(int bad = 0; bad < 3; bad++) {
			fly(&target, &id);
			while(!frt_sched_overdue(&w.sched, w.now, &target))
				w.now++;
			frt_sched_ended(&w.sched, target, fast(target), w.now, &w.rnd);
		}
		assert_between(w.now - answered, 500, 3 * intervals[n] + 500);
		frt_sched_free(&w.sched);
	}
}

#define PLAN_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			PLAN_TEST(test_plan_1000_targets_never_burst_at_30_s),
			PLAN_TEST(test_plan_1000_targets_never_burst_at_10_s),
			PLAN_TEST(test_plan_1000_targets_never_burst_at_60_s),
			PLAN_TEST(test_plan_gap_is_never_longer_than_the_interval),
			PLAN_TEST(test_plan_gaps_are_jittered),
			PLAN_TEST(test_plan_few_targets_start_at_once),
			PLAN_TEST(test_plan_rate_is_never_exceeded),
			PLAN_TEST(test_plan_same_next_hop_is_one_target),
			PLAN_TEST(test_plan_answer_from_makes_a_target_of_its_own),
			PLAN_TEST(test_plan_shared_target_takes_the_shortest_interval),
			PLAN_TEST(test_plan_reload_keeps_phase_and_probe_under_way),
			PLAN_TEST(test_plan_reload_follows_the_next_hop_not_the_place),
			PLAN_TEST(test_plan_answer_of_a_removed_target_is_not_taken),
			PLAN_TEST(test_plan_late_answer_is_not_taken),
			PLAN_TEST(test_plan_many_go_in_long_rounds),
			PLAN_TEST(test_plan_late_rounds_do_not_burst),
			PLAN_TEST(test_plan_new_targets_join_without_a_burst),
			PLAN_TEST(test_plan_shorter_interval_keeps_the_spread),
			PLAN_TEST(test_plan_shorter_pace_reaches_what_is_down),
			PLAN_TEST(test_plan_common_recovery_does_not_gather_the_probes),
			PLAN_TEST(test_plan_failed_call_probes_at_once),
			PLAN_TEST(test_plan_failed_calls_do_not_probe_in_a_row),
			PLAN_TEST(test_plan_storm_of_failing_calls_leaves_half_to_the_rest),
			PLAN_TEST(test_plan_without_probing_only_time_passes),
			PLAN_TEST(
					test_plan_load_without_memory_is_empty_and_may_be_repeated),
			PLAN_TEST(test_pace_dead_target_is_noticed_in_time),
	};
	return UNIT_MAIN(tests);
}
