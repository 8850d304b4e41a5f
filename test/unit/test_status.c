/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The status page's data: the lights of destinations and sets, and what a
 * filter finds.
 */
// needs: modules/failover_route/frt_status.c modules/failover_route/frt_view.c
#include "host.h"

#include "frt_observe.h"
#include "frt_resolver.h"
#include "frt_rules.h"
#include "frt_status.h"

static frt_params_t params;
static frt_rand_t rnd;

FRT_ENUM_DEFINE(frt_event_kind, FRT_EVENT_LIST)

const frt_params_t *frt_params(void)
{
	return &params;
}

frt_rand_t *frt_random(void)
{
	return &rnd;
}

void frt_observe_rules(const frt_dst_t *dst, frt_health_rules_t *rules)
{
	frt_rules_of(dst, true, 0, rules);
}

const frt_children_t *frt_resolver_look(const frt_parent_t *p)
{
	(void)p;
	fail();
	return NULL;
}

bool frt_event_before(const char *set, uint64_t *cursor, frt_event_t *out)
{
	(void)set;
	(void)cursor;
	(void)out;
	return false;
}

uint32_t frt_event_dropped(void)
{
	return 0;
}

uint64_t frt_table_refused_ms(void)
{
	return 0;
}

/* One destination of priority 1, d0, and one of priority 2, d1. */
static int setup(void **state)
{
	static fx_t fx;

	*state = &fx;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dst(&fx, 1, 100);
	fx_dst(&fx, 2, 100);
	fx_freeze(&fx);
	host_begin(fx.gen);
	return 0;
}

static int teardown(void **state)
{
	fx_end(*state);
	return 0;
}

/* The page's data of these, and whether it has a text. */
static bool tells(const char *filter, const char *what)
{
	frt_status_ask_t ask = {.limit = 10};
	frt_json_t out;
	bool found;

	snprintf(ask.filter, sizeof(ask.filter), "%s", filter);
	frt_json_init(&out, &host.mem);
	frt_status_write(host.gen, &ask, &out);
	assert_false(out.text.failed);
	found = strstr(out.text.s, what) != NULL;
	if(!found)
		print_message("%.*s\n", (int)out.text.len, out.text.s);
	frt_grow_free(&out.text);
	return found;
}

static void trial(const frt_dst_t *dst, bool busy)
{
	fx_word(dst, FRT_WORD(FRT_TRIAL, FRT_READY, busy, 1u << FRT_TRAFFIC,
						 FRT_SHARE_FULL));
}

static void test_status_what_is_down_is_red_full_or_not(void **state)
{
	const frt_dst_t *d0 = fx_at(*state, "d0");

	fx_word(d0, FRT_WORD(FRT_UP, FRT_READY, 0, 0, FRT_SHARE_FULL)
						| FRT_WORD_FULL_BIT);
	assert_true(tells("d0", "\"light\":\"amber\",\"state\":\"full\""));
	fx_word(d0, FRT_WORD(FRT_DOWN, FRT_READY, 0, 1u << FRT_TRAFFIC, 0)
						| FRT_WORD_FULL_BIT);
	assert_true(tells("d0", "\"light\":\"red\",\"state\":\"down\""));
	fx_word(d0, FRT_WORD(FRT_DOWN, FRT_DRAIN, 0, 1u << FRT_TRAFFIC, 0)
						| FRT_WORD_FULL_BIT);
	assert_true(tells("d0", "\"light\":\"amber\",\"state\":\"drain\""));
}

static void test_status_set_with_trials_only_is_amber(void **state)
{
	static const char on_trial[] =
			"\"bad_sets\":[{\"id\":\"carriers\",\"light\":\"amber\","
			"\"state\":\"on trial\"";
	const frt_dst_t *d0 = fx_at(*state, "d0"), *d1 = fx_at(*state, "d1");

	assert_true(tells("", "\"sets_red\":0,\"sets_amber\":0"));
	trial(d0, false);
	assert_true(tells("", "\"state\":\"on backup\""));
	fx_down(d1);
	assert_true(tells("", on_trial));
	trial(d0, true);
	assert_true(tells("", on_trial));
	fx_down(d0);
	assert_true(tells("", "\"light\":\"red\",\"state\":\"set down\""));
	fx_up(d1);
	assert_true(tells("", "\"state\":\"on backup\""));
}

/* A shadow set has no outages. */
static void test_status_shadow_set_is_green(void **state)
{
	const frt_dst_t *d0 = fx_at(*state, "d0"), *d1 = fx_at(*state, "d1");

	fx_only(*state)->conf.shadow = true;
	fx_down(d0);
	fx_down(d1);
	assert_true(tells("", "\"sets_red\":0,\"sets_amber\":0"));
}

static void test_status_filter_finds_parts_of_names(void **state)
{
	(void)state;
	assert_true(tells("carriers/d1", "\"matched\":1"));
	assert_true(tells("10.0.0", "\"matched\":2"));
	assert_true(tells("nobody", "\"matched\":0"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup_teardown(
					test_status_what_is_down_is_red_full_or_not, setup,
					teardown),
			cmocka_unit_test_setup_teardown(
					test_status_set_with_trials_only_is_amber, setup, teardown),
			cmocka_unit_test_setup_teardown(
					test_status_shadow_set_is_green, setup, teardown),
			cmocka_unit_test_setup_teardown(
					test_status_filter_finds_parts_of_names, setup, teardown),
	};

	return UNIT_MAIN(tests);
}
