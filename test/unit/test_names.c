/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names and when they are asked: the order of what is due.
 */
#include "host.h"

// needs: modules/failover_route/frt_names.c modules/failover_route/frt_lock.c

#include "frt_names.h"

#define MIN_MS 5000u
#define MAX_MS 300000u
#define SILENT_MS 10000u /* one question that nobody answers */

static frt_rand_t rnd;

frt_rand_t *frt_random(void)
{
	return &rnd;
}

void *shm_malloc(size_t size)
{
	return host.shm.alloc(host.shm.ctx, size);
}

void shm_free(void *p)
{
	host.shm.free(host.shm.ctx, p);
}

static void begin(void)
{
	host_begin(NULL);
	rnd.state = 20260101;
	assert_int_equal(frt_names_init(), 0);
	frt_names_round();
}

static void want_within(
		const char *prefix, uint32_t n, uint32_t min_ms, uint32_t max_ms)
{
	frt_ttl_bounds_t bounds = {min_ms, max_ms};
	frt_lookup_t lookup = frt_names_wanting(&bounds);
	char name[32];
	uint32_t i;

	for(i = 0; i < n; i++) {
		frt_found_t found = {NULL, FRT_DNS_PENDING, 0};

		snprintf(name, sizeof(name), "%s%u.example", prefix, i);
		lookup.find(lookup.ctx, FRT_Q_HOST, fx_str(name), &found);
		if(found.answer)
			lookup.done(lookup.ctx, found.answer);
	}
}

static void want(const char *prefix, uint32_t n)
{
	want_within(prefix, n, MIN_MS, MAX_MS);
}

/* Asks the first that is due: "dead" is silent, and that takes its time. */
static bool ask_first(char *name, size_t size)
{
	frt_question_t due[FRT_NAMES_BATCH];
	frt_answer_t good = {.ttl_s = 60};
	uint64_t next;

	if(frt_names_due(due, &next) == 0) {
		assert_true(next > host.now_ms);
		host.now_ms = next;
		return false;
	}
	assert_int_equal(next, host.now_ms);
	snprintf(name, size, "%s", due[0].name);
	if(strncmp(name, "dead", 4) == 0) {
		host.now_ms += SILENT_MS;
		frt_names_store(&due[0], NULL, FRT_DNS_SILENT);
	} else {
		host.now_ms += 1;
		frt_names_store(&due[0], &good, FRT_DNS_GOOD);
	}
	return true;
}

/* More dead ones than can be asked before the first of them is due again. */
static void test_names_dead_ones_starve_nobody(void **state)
{
	uint64_t asked_ms[20] = {0}, until;
	uint32_t i, dead = 0, live = 0;
	char name[64];

	(void)state;
	begin();
	want("dead", 12);
	want("live", 20);
	for(until = host.now_ms + 1800000; host.now_ms < until;) {
		if(!ask_first(name, sizeof(name)))
			continue;
		if(strncmp(name, "dead", 4) == 0) {
			dead++;
			continue;
		}
		live++;
		i = (uint32_t)atoi(name + 4);
		/* its TTL of a minute, and one question that was under way */
		if(asked_ms[i])
			assert_in_range(host.now_ms - asked_ms[i], 1, 60000 + SILENT_MS);
		asked_ms[i] = host.now_ms;
	}
	for(i = 0; i < 20; i++)
		assert_true(asked_ms[i] > 0);
	/* and the dead ones are asked still, in what time there is */
	assert_in_range(dead, 100, 180);
	assert_in_range(live, 20 * 15, 20 * 40);
	frt_names_destroy();
	assert_int_equal(host.heap.live, 0);
}

/* Live ones that take all the time there is do not keep the dead from coming
 * back. */
static void test_names_live_ones_starve_nobody(void **state)
{
	frt_answer_t good = {.ttl_s = 1};
	frt_question_t due[FRT_NAMES_BATCH];
	uint64_t next, until, dead_ms = 0;
	bool asked[200] = {false};
	uint32_t i;

	(void)state;
	begin();
	want("dead", 1);
	assert_int_equal(frt_names_due(due, &next), 1);
	frt_names_store(&due[0], NULL, FRT_DNS_SERVER);
	want("live", 200);
	for(until = host.now_ms + 3600000; host.now_ms < until;) {
		assert_true(frt_names_due(due, &next) > 0);
		host.now_ms += 100;
		if(strncmp(due[0].name, "dead", 4) != 0) {
			asked[atoi(due[0].name + 4)] = true;
			frt_names_store(&due[0], &good, FRT_DNS_GOOD);
			continue;
		}
		frt_names_store(&due[0], NULL, FRT_DNS_SERVER);
		if(dead_ms)
			assert_in_range(host.now_ms - dead_ms, 1, 80000);
		dead_ms = host.now_ms;
	}
	assert_true(dead_ms > 0);
	for(i = 0; i < 200; i++)
		assert_true(asked[i]);
	frt_names_destroy();
	assert_int_equal(host.heap.live, 0);
}

static void test_names_longest_waiting_first(void **state)
{
	frt_question_t due[FRT_NAMES_BATCH];
	uint64_t next;
	uint32_t i;

	(void)state;
	begin();
	for(i = 0; i < 3; i++) {
		want(i == 0 ? "c" : i == 1 ? "a" : "b", 30);
		host.now_ms += 10;
	}
	assert_int_equal(frt_names_due(due, &next), FRT_NAMES_BATCH);
	for(i = 0; i < FRT_NAMES_BATCH; i++)
		assert_int_equal(due[i].name[0], i < 30 ? 'c' : i < 60 ? 'a' : 'b');
	frt_names_destroy();
	assert_int_equal(host.heap.live, 0);
}

static uint64_t next_due(void)
{
	frt_question_t due[FRT_NAMES_BATCH];
	uint64_t next;

	assert_int_equal(frt_names_due(due, &next), 0);
	return next;
}

/* What waits already keeps to it, too: counted from its answer, at its TTL. */
static void test_names_tighter_bounds_count_at_once(void **state)
{
	frt_answer_t good = {.ttl_s = 200};
	frt_question_t due[FRT_NAMES_BATCH];
	uint64_t next, asked;

	(void)state;
	begin();
	want("a", 1);
	assert_int_equal(frt_names_due(due, &next), 1);
	frt_names_store(&due[0], &good, FRT_DNS_GOOD);
	asked = host.now_ms;
	next = next_due();
	assert_in_range(next, asked + 180000, asked + 200000);
	host.now_ms += 10000;
	frt_names_round();
	want("a", 1);
	want_within("a", 1, MIN_MS, MAX_MS * 2);
	assert_int_equal(next_due(), next);
	frt_names_round();
	want_within("a", 1, MIN_MS, 60000);
	assert_int_equal(next_due(), asked + 60000);
	host.now_ms += 40000;
	frt_names_round();
	want_within("a", 1, 1000, 20000);
	assert_int_equal(frt_names_due(due, &next), 1);
	frt_names_destroy();
	assert_int_equal(host.heap.live, 0);
}

/* There was no memory for a question: whoever wants it has to look again. */
static void test_names_without_memory_are_wanted_again(void **state)
{
	frt_question_t due[FRT_NAMES_BATCH];
	uint64_t next;

	(void)state;
	begin();
	want("a", 1);
	host.heap.fail_at = host.heap.calls + 1;
	want("b", 1);
	assert_false(frt_names_sweep());
	frt_names_round();
	want("a", 1);
	want("b", 1);
	assert_true(frt_names_sweep());
	assert_int_equal(frt_names_due(due, &next), 2);
	frt_names_destroy();
	assert_int_equal(host.heap.live, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_names_dead_ones_starve_nobody),
			cmocka_unit_test(test_names_live_ones_starve_nobody),
			cmocka_unit_test(test_names_longest_waiting_first),
			cmocka_unit_test(test_names_tighter_bounds_count_at_once),
			cmocka_unit_test(test_names_without_memory_are_wanted_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
