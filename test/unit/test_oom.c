/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory that runs out at the first, the second, the third ... request, until
 * the whole succeeds: each time the error is told, nothing is kept, and what
 * there was before is as it was.
 */
#include "fixture.h"
#include "frt_prom.h"
#include "frt_sched.h"

#define SETS 3
#define DSTS 50
#define PADDING_MAX 4000

/* Everything a source may do to a draft, one small step each. */
typedef enum step
{
	STEP_DEFAULT_RULE,
	STEP_DEFAULT_FROM,
	STEP_SET,
	STEP_PROXY,
	STEP_RULE,
	STEP_DST,
	STEP_URI,
	STEP_SOCKET,
	STEP_ATTRIBUTE,
	STEP_COUNT
} step_t;

static int give(fx_t *fx, frt_scope_t scope, frt_draft_dst_t *dst,
		const char *name, const char *value)
{
	return frt_draft_attr(fx->draft, scope,
			scope == FRT_SCOPE_DEFAULTS ? NULL : fx->set, dst, fx_str(name),
			fx_str(value), fx_place());
}

static int dst_step(fx_t *fx, step_t step, uint32_t n, frt_draft_dst_t **dst)
{
	char text[64];

	switch(step) {
		case STEP_DST:
			snprintf(text, sizeof(text), "d%u", n);
			return frt_draft_dst_add(
					fx->draft, fx->set, fx_str(text), fx_place(), dst);
		case STEP_URI:
			snprintf(text, sizeof(text), "sip:10.0.%u.%u", n / 256, n % 256);
			return give(fx, FRT_SCOPE_DESTINATION, *dst, "uri", text);
		case STEP_SOCKET:
			return give(fx, FRT_SCOPE_DESTINATION, *dst, "socket",
					"udp:192.0.2.1:5060");
		default:
			snprintf(text, sizeof(text), "name%u", (*dst)->nattrs);
			return frt_draft_dst_attribute(fx->draft, *dst, fx_str(text),
					FRT_STR("a value of some length"), fx_place());
	}
}

static int set_step(fx_t *fx, step_t step, uint32_t n)
{
	char text[64];

	switch(step) {
		case STEP_DEFAULT_RULE:
			return frt_draft_rule_add(fx->draft, NULL, fx_place());
		case STEP_DEFAULT_FROM:
			return frt_draft_attr(fx->draft, FRT_SCOPE_PROBE, NULL, NULL,
					FRT_STR("from"), FRT_STR("sip:probe@example.net"),
					fx_place());
		case STEP_SET:
			snprintf(text, sizeof(text), "set%u", n);
			return frt_draft_set_add(
					fx->draft, fx_str(text), fx_place(), &fx->set);
		case STEP_PROXY:
			return give(fx, FRT_SCOPE_PROBE, NULL, "outbound-proxy",
					"sip:192.0.2.7");
		default:
			return frt_draft_rule_add(fx->draft, fx->set, fx_place());
	}
}

/* Does a step; if it fails for memory and `again`, does it once more. */
#define DO(call)                         \
	do {                                 \
		int err_ = (call);               \
		if(err_ == FRT_E_NOMEM && again) \
			err_ = (call);               \
		if(err_)                         \
			return err_;                 \
	} while(0)

static int fill(fx_t *fx, bool again)
{
	frt_draft_dst_t *dst = NULL;
	uint32_t s, i, step;

	DO(set_step(fx, STEP_DEFAULT_RULE, 0));
	DO(frt_draft_attr(fx->draft, FRT_SCOPE_RULE, NULL, NULL, FRT_STR("route"),
			FRT_STR("next"), fx_place()));
	DO(set_step(fx, STEP_DEFAULT_FROM, 0));
	for(s = 0; s < SETS; s++) {
		DO(set_step(fx, STEP_SET, s));
		fx->set->number = s;
		fx->set->conf.strategy = s == 0 ? FRT_HASH : FRT_WEIGHTED;
		DO(set_step(fx, STEP_PROXY, s));
		for(i = 0; i < 6; i++) {
			DO(set_step(fx, STEP_RULE, s));
			DO(give(fx, FRT_SCOPE_RULE, NULL, "verdict", "ok"));
		}
		for(i = 0; i < DSTS; i++) {
			for(step = STEP_DST; step < STEP_COUNT; step++)
				DO(dst_step(fx, (step_t)step, i, &dst));
			DO(dst_step(fx, STEP_ATTRIBUTE, i, &dst));
		}
	}
	return 0;
}

/* The draft takes memory in blocks: padding of several sizes makes a block end,
 * and so a request fail, at every kind of step. */
static int build(fx_t *fx, bool again, size_t padding)
{
	int err;

	fx->draft = frt_draft_new(&fx->mem);
	if(!fx->draft && again)
		fx->draft = frt_draft_new(&fx->mem);
	if(!fx->draft)
		return FRT_E_NOMEM;
	DO(frt_draft_alloc(fx->draft, padding) ? 0 : FRT_E_NOMEM);
	err = fill(fx, again);
	if(!err)
		err = frt_draft_check(fx->draft);
	if(!err)
		err = frt_gen_freeze(fx->draft, &fx->mem, 1, &fx->gen);
	return err;
}

static void start(fx_t *fx, size_t fail_at)
{
	memset(fx, 0, sizeof(*fx));
	fx->mem = fx_mem(&fx->heap);
	fx->heap.fail_at = fail_at;
}

static void test_oom_at_any_request_of_a_reload_keeps_nothing(void **state)
{
	size_t i, padding;
	fx_t fx;
	int err;

	(void)state;
	for(padding = 0; padding < PADDING_MAX; padding += 80) {
		for(i = 1, err = FRT_E_NOMEM; err; i++) {
			start(&fx, i);
			err = build(&fx, false, padding);
			if(err) {
				assert_int_equal(err, FRT_E_NOMEM);
				assert_null(fx.gen);
			}
			fx_end(&fx);
		}
		assert_between(i, 10, 200);
	}
}

static void check_content(const fx_t *fx)
{
	const frt_gen_t *g = fx->gen;
	uint32_t s, i;

	assert_int_equal(g->nsets, SETS);
	assert_int_equal(g->ndsts, SETS * DSTS);
	for(s = 0; s < SETS; s++) {
		assert_int_equal(g->sets[s].ndsts, DSTS);
		assert_int_equal(g->sets[s].nrules, 7);
		assert_true(frt_str_eq(g->sets[s].conf.probe.outbound_proxy,
				FRT_STR("sip:192.0.2.7")));
		assert_true(frt_str_eq(
				g->sets[s].conf.probe.from, FRT_STR("sip:probe@example.net")));
	}
	for(i = 0; i < g->ndsts; i++) {
		assert_int_equal(g->dsts[i].nattrs, 2);
		assert_true(frt_str_eq(
				frt_dst_socket(&g->dsts[i]), FRT_STR("udp:192.0.2.1:5060")));
		assert_ptr_equal(
				frt_gen_dst(g, g->dsts[i].set->id, g->dsts[i].id), &g->dsts[i]);
	}
}

/* A step that failed has left no half of itself behind: done again, it gives
 * what it would have given, neither doubled nor refused. */
static void test_oom_failed_step_can_be_done_again(void **state)
{
	size_t i, padding;
	bool failed;
	fx_t fx;
	int err;

	(void)state;
	for(padding = 0; padding < PADDING_MAX; padding += 80) {
		for(i = 1, failed = true; failed; i++) {
			start(&fx, i);
			err = build(&fx, true, padding);
			failed = fx.heap.calls >= i;
			if(err) {
				/* the check is called once only; freezing may be repeated */
				assert_int_equal(err, FRT_E_NOMEM);
				err = frt_gen_freeze(fx.draft, &fx.mem, 1, &fx.gen);
			}
			assert_int_equal(err, 0);
			check_content(&fx);
			fx_end(&fx);
		}
	}
}

static void test_oom_freezing_leaves_the_draft_whole(void **state)
{
	size_t i;
	fx_t fx;

	(void)state;
	for(i = 1;; i++) {
		start(&fx, 0);
		fx.draft = frt_draft_new(&fx.mem);
		assert_int_equal(fill(&fx, false), 0);
		fx.heap.fail_at = fx.heap.calls + i;
		if(frt_gen_freeze(fx.draft, &fx.mem, 1, &fx.gen) == 0)
			break;
		assert_null(fx.gen);
		fx.heap.fail_at = 0;
		assert_int_equal(frt_gen_freeze(fx.draft, &fx.mem, 1, &fx.gen), 0);
		check_content(&fx);
		fx_end(&fx);
	}
	assert_int_equal(i, 4); /* order, block, the hash tree's scratch */
	fx_end(&fx);
}

static void test_oom_of_freezing_gives_back_all_but_the_block(void **state)
{
	size_t before;
	fx_t fx;

	(void)state;
	start(&fx, 0);
	fx.draft = frt_draft_new(&fx.mem);
	assert_int_equal(fill(&fx, false), 0);
	before = fx.heap.live;
	assert_int_equal(frt_gen_freeze(fx.draft, &fx.mem, 1, &fx.gen), 0);
	assert_int_equal(fx.heap.live, before + 1);
	frt_draft_free(fx.draft);
	fx.draft = NULL;
	assert_int_equal(fx.heap.live, 1);
	check_content(&fx);
	fx_end(&fx);
}

static void test_oom_of_faults_is_no_error(void **state)
{
	uint32_t i, kept, errors, warnings;
	size_t calls;
	fx_t fx;

	(void)state;
	start(&fx, 0);
	fx.draft = frt_draft_new(&fx.mem);
	calls = fx.heap.calls;
	fx.heap.fail_at = calls + 1;
	for(i = 0; i < 1000; i++)
		frt_draft_fault(fx.draft, i % 2, fx_place(), "fault %u", i);
	assert_int_equal(fx.heap.calls, calls); /* faults ask for no memory */
	frt_draft_faults(fx.draft, &kept, &errors, &warnings);
	assert_int_equal(kept, FRT_FAULTS_MAX);
	assert_int_equal(errors + warnings, 1000);
	fx_end(&fx);
}

static void test_oom_of_the_prober_leaves_an_empty_schedule(void **state)
{
	frt_sched_t sched;
	size_t i, live;
	fx_t fx;
	int err;

	(void)state;
	start(&fx, 0);
	assert_int_equal(build(&fx, false, 0), 0);
	fx_attach(&fx);
	live = fx.heap.live;
	for(i = 1;; i++) {
		frt_sched_init(&sched, &fx.mem, 100, true);
		fx.heap.fail_at = fx.heap.calls + i;
		err = frt_sched_load(&sched, fx.gen, 1000, &fx.rnd);
		fx.heap.fail_at = 0;
		if(err) {
			assert_int_equal(err, FRT_E_NOMEM);
			assert_int_equal(frt_sched_next(&sched, 1000), UINT64_MAX);
			assert_false(frt_sched_hurry(&sched, 0, true, 1000));
			assert_int_equal(frt_sched_load(&sched, fx.gen, 1000, &fx.rnd), 0);
		}
		assert_true(frt_sched_next(&sched, 1000) < UINT64_MAX);
		frt_sched_free(&sched);
		assert_int_equal(fx.heap.live, live);
		if(!err)
			break;
	}
	assert_between(i, 3, 50);
	fx_end(&fx);
}

static void test_oom_of_metrics_is_told(void **state)
{
	frt_str_t labels = FRT_STR("destination=\"us-east-1\"");
	size_t i, k;
	frt_prom_t prom;
	fx_t fx;

	(void)state;
	for(i = 1;; i++) {
		start(&fx, i);
		frt_prom_init(&prom, &fx.mem);
		frt_prom_family(
				&prom, "failover_route_attempts_total", "counter", "Attempts.");
		for(k = 0; k < 500; k++)
			frt_prom_count(&prom, labels, NULL, k);
		if(!prom.text.failed)
			break;
		assert_null(prom.text.s);
		frt_prom_free(&prom);
		assert_int_equal(fx.heap.live, 0);
	}
	assert_true(i > 2);
	assert_int_equal(strlen(prom.text.s), prom.text.len);
	frt_prom_free(&prom);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_oom_at_any_request_of_a_reload_keeps_nothing),
			UNIT_TEST(test_oom_failed_step_can_be_done_again),
			UNIT_TEST(test_oom_freezing_leaves_the_draft_whole),
			UNIT_TEST(test_oom_of_freezing_gives_back_all_but_the_block),
			UNIT_TEST(test_oom_of_faults_is_no_error),
			UNIT_TEST(test_oom_of_the_prober_leaves_an_empty_schedule),
			UNIT_TEST(test_oom_of_metrics_is_told),
	};

	return UNIT_MAIN(tests);
}
