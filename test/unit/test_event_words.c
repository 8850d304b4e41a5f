/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a transition is called, and what follows from it for the set: down and
 * up said once, failback only when calls really go back.
 */
// needs: modules/failover_route/frt_event_words.c
#include "host.h"

#define EVENTS_MAX 16

static frt_event_t told[EVENTS_MAX];
static uint32_t ntold;

void frt_event_push(frt_event_t *ev)
{
	assert_true(ntold < EVENTS_MAX);
	told[ntold++] = *ev;
}

static const frt_event_t *event_of(frt_event_kind_t kind)
{
	uint32_t i;

	for(i = 0; i < ntold; i++) {
		if(told[i].kind == kind)
			return &told[i];
	}
	return NULL;
}

/* Looked at once, as after a load. */
static void begin(fx_t *fx)
{
	fx_two_tiers(fx, FRT_WEIGHTED);
	host_begin(fx->gen);
	ntold = 0;
	frt_event_look(FRT_OPERATOR);
	assert_int_equal(ntold, 0);
	assert_int_equal(host.reading, 0);
}

/* And nobody has said so. */
static void all_down(fx_t *fx)
{
	fx_down(fx_at(fx, "d0"));
	fx_down(fx_at(fx, "d1"));
	fx_down(fx_at(fx, "d2"));
}

/* A destination's health changes, as the machine would say it. */
static void becomes(fx_t *fx, const char *id, frt_health_t to)
{
	frt_dst_t *dst = fx_at(fx, id);
	uint32_t word = atomic_load(&dst->rec->word);
	frt_transition_t tr = {.from = FRT_WORD_HEALTH(word),
			.to = to,
			.source = FRT_TRAFFIC,
			.reason = {.why = FRT_WHY_TRIAL_OK}};

	ntold = 0;
	fx_word(dst, FRT_WORD(to, FRT_WORD_ADMIN(word), 0, 0,
						 to == FRT_DOWN ? 0 : FRT_SHARE_FULL));
	frt_event_transition(dst, &tr);
}

static void wished(fx_t *fx, const char *id, frt_admin_t to)
{
	frt_dst_t *dst = fx_at(fx, id);
	uint32_t word = atomic_load(&dst->rec->word);
	frt_health_t health = FRT_WORD_HEALTH(word);
	frt_transition_t tr = {.from = health,
			.to = health,
			.admin_from = FRT_WORD_ADMIN(word),
			.admin_to = to,
			.source = FRT_OPERATOR,
			.reason = {.why = FRT_WHY_ADMIN}};

	ntold = 0;
	fx_word(dst, FRT_WORD(health, to, 0, 0, FRT_WORD_SHARE(word)));
	frt_event_transition(dst, &tr);
}

static void test_event_words_down_names_everything(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	becomes(&fx, "d0", FRT_DOWN);
	assert_int_equal(ntold, 1);
	assert_int_equal(told[0].kind, FRT_EV_DST_DOWN);
	assert_string_equal(told[0].set, "carriers");
	assert_string_equal(told[0].destination, "d0");
	assert_string_equal(told[0].uri, "sip:10.0.0.0:5060");
	assert_string_equal(told[0].from, "up");
	assert_string_equal(told[0].to, "down");
	assert_int_equal(told[0].source, FRT_TRAFFIC);
	assert_true(strlen(told[0].reason) > 0);
	fx_end(&fx);
}

static void test_event_words_kind_follows_from_and_to(void **state)
{
	static const struct
	{
		frt_health_t to;
		frt_event_kind_t kind;
	} steps[] = {{FRT_DOWN, FRT_EV_DST_DOWN}, {FRT_TRIAL, FRT_EV_CHANGE},
			{FRT_DOWN, FRT_EV_CHANGE}, {FRT_TRIAL, FRT_EV_CHANGE},
			{FRT_RAMP, FRT_EV_DST_UP}, {FRT_UP, FRT_EV_CHANGE},
			{FRT_DOWN, FRT_EV_DST_DOWN}, {FRT_UP, FRT_EV_DST_UP}};
	fx_t fx;
	size_t i;

	(void)state;
	begin(&fx);
	for(i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		becomes(&fx, "d0", steps[i].to);
		assert_int_equal(ntold, 1);
		assert_int_equal(told[0].kind, steps[i].kind);
		assert_string_equal(told[0].to, frt_health_name(steps[i].to));
	}
	fx_end(&fx);
}

/* Out of service is told as going down, and back as coming up; between drain
 * and maint nothing changes for calls. */
static void test_event_words_admin_takes_out_and_puts_back(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	wished(&fx, "d0", FRT_DRAIN);
	assert_int_equal(ntold, 1);
	assert_int_equal(told[0].kind, FRT_EV_DST_DOWN);
	assert_string_equal(told[0].from, "ready");
	assert_string_equal(told[0].to, "drain");
	assert_int_equal(told[0].source, FRT_OPERATOR);
	wished(&fx, "d0", FRT_MAINT);
	assert_int_equal(told[ntold - 1].kind, FRT_EV_CHANGE);
	wished(&fx, "d0", FRT_READY);
	assert_int_equal(told[ntold - 1].kind, FRT_EV_DST_UP);
	fx_end(&fx);
}

static void test_event_words_set_down_and_up_are_said_once(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	becomes(&fx, "d0", FRT_DOWN);
	becomes(&fx, "d1", FRT_DOWN);
	assert_null(event_of(FRT_EV_SET_DOWN));
	wished(&fx, "d2", FRT_MAINT);
	assert_int_equal(ntold, 2);
	assert_int_equal(told[1].kind, FRT_EV_SET_DOWN);
	assert_string_equal(told[1].destination, "");
	assert_string_equal(told[1].to, "down");
	assert_non_null(strstr(told[1].reason, "d2"));
	wished(&fx, "d1", FRT_MAINT);
	assert_null(event_of(FRT_EV_SET_DOWN));
	/* a trial is the set's way back */
	becomes(&fx, "d0", FRT_TRIAL);
	assert_int_equal(ntold, 2);
	assert_int_equal(told[1].kind, FRT_EV_SET_UP);
	becomes(&fx, "d0", FRT_RAMP);
	assert_null(event_of(FRT_EV_SET_UP));
	fx_end(&fx);
}

static void test_event_words_failback_when_the_better_tier_returns(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	becomes(&fx, "d0", FRT_DOWN);
	becomes(&fx, "d1", FRT_DOWN);
	assert_int_equal(ntold, 2);
	assert_string_equal(event_of(FRT_EV_SET_FAILOVER)->from, "priority 1");
	assert_string_equal(event_of(FRT_EV_SET_FAILOVER)->to, "priority 2");
	assert_string_equal(event_of(FRT_EV_SET_FAILOVER)->destination, "d1");
	assert_non_null(strstr(event_of(FRT_EV_SET_FAILOVER)->reason,
			"calls go from priority 1 to priority 2; d1 went down: "));
	becomes(&fx, "d0", FRT_TRIAL);
	assert_null(event_of(FRT_EV_FAILBACK));
	becomes(&fx, "d0", FRT_RAMP);
	assert_non_null(event_of(FRT_EV_FAILBACK));
	assert_string_equal(event_of(FRT_EV_FAILBACK)->from, "priority 2");
	assert_string_equal(event_of(FRT_EV_FAILBACK)->to, "priority 1");
	assert_string_equal(event_of(FRT_EV_FAILBACK)->destination, "d0");
	becomes(&fx, "d1", FRT_UP);
	assert_null(event_of(FRT_EV_FAILBACK));
	fx_end(&fx);
}

/* Other numbers for the same tiers move no call. */
static void test_event_words_numbers_alone_are_no_failback(void **state)
{
	static const uint16_t numbers[][2] = {
			{10, 20}, {1, 2}, {3, 30}, {0, 7}, {1, 2}};
	frt_tier_t *tiers;
	size_t i;
	int down;
	fx_t fx;

	(void)state;
	begin(&fx);
	tiers = fx_only(&fx)->tiers;
	for(down = 0; down < 2; down++) {
		for(i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			tiers[0].priority = numbers[i][0];
			tiers[1].priority = numbers[i][1];
			ntold = 0;
			frt_event_look(FRT_OPERATOR);
			assert_int_equal(ntold, 0);
		}
		/* the same again on the backup */
		becomes(&fx, "d0", FRT_DOWN);
		becomes(&fx, "d1", FRT_DOWN);
	}
	becomes(&fx, "d0", FRT_UP);
	assert_string_equal(event_of(FRT_EV_FAILBACK)->from, "priority 2");
	assert_string_equal(event_of(FRT_EV_FAILBACK)->to, "priority 1");
	fx_end(&fx);
}

static void test_event_words_no_failback_after_a_set_was_down(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	becomes(&fx, "d0", FRT_DOWN);
	becomes(&fx, "d1", FRT_DOWN);
	becomes(&fx, "d2", FRT_DOWN);
	becomes(&fx, "d0", FRT_UP);
	assert_non_null(event_of(FRT_EV_SET_UP));
	assert_null(event_of(FRT_EV_FAILBACK));
	fx_end(&fx);
}

/* Nobody has reloaded yet: what the state file says was so before. */
static void test_event_words_start_is_no_reload(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	all_down(&fx);
	fx.gen->seq = 1;
	frt_event_look(FRT_OPERATOR);
	assert_int_equal(ntold, 1);
	assert_string_equal(
			told[0].reason, "no destination is usable; at the start");
	fx_end(&fx);
}

/* A reload that changes a set makes no transition of a destination. */
static void test_event_words_reload_may_bring_a_set_down(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	all_down(&fx);
	fx.gen->seq = 2;
	frt_event_look(FRT_OPERATOR);
	assert_int_equal(ntold, 1);
	assert_int_equal(told[0].kind, FRT_EV_SET_DOWN);
	assert_non_null(strstr(told[0].reason, "after a reload"));
	ntold = 0;
	frt_event_look(FRT_OPERATOR);
	assert_int_equal(ntold, 0);
	host.gen = NULL;
	frt_event_look(FRT_OPERATOR);
	assert_int_equal(ntold, 0);
	fx_end(&fx);
}

static void test_event_words_shedding_begins_and_ends(void **state)
{
	frt_transition_t tr = {.shed_to = 3,
			.shed = {.why = FRT_WHY_RATE,
					.code = 503,
					.count = 20,
					.attempts = 80}};
	fx_t fx;

	(void)state;
	begin(&fx);
	ntold = 0;
	frt_event_shed(fx_at(&fx, "d0"), &tr);
	assert_int_equal(ntold, 1);
	assert_int_equal(told[0].kind, FRT_EV_SHED_ON);
	assert_string_equal(told[0].destination, "d0");
	assert_string_equal(told[0].from, "full share");
	assert_string_equal(told[0].to, "shedding");
	assert_string_equal(told[0].reason,
			"20 of 80 attempts failed (last 503); a share of its calls goes "
			"elsewhere");
	tr = (frt_transition_t){.shed_from = 3};
	frt_event_shed(fx_at(&fx, "d0"), &tr);
	assert_int_equal(told[1].kind, FRT_EV_SHED_OFF);
	assert_string_equal(told[1].to, "full share");
	tr.to = FRT_DOWN;
	frt_event_shed(fx_at(&fx, "d0"), &tr);
	assert_non_null(strstr(told[2].reason, "it is down"));
	fx_end(&fx);
}

static void test_event_words_overload_begins_and_ends(void **state)
{
	fx_t fx;

	(void)state;
	begin(&fx);
	ntold = 0;
	frt_event_overload(fx_at(&fx, "d0"), 30);
	assert_int_equal(told[0].kind, FRT_EV_OVERLOAD_ON);
	assert_string_equal(told[0].destination, "d0");
	assert_string_equal(told[0].to, "overloaded");
	assert_string_equal(told[0].reason, "it asks for 30 % fewer calls");
	frt_event_overload(fx_at(&fx, "d0"), 0);
	assert_int_equal(told[1].kind, FRT_EV_OVERLOAD_OFF);
	assert_string_equal(told[1].to, "normal");
	assert_string_equal(
			told[1].reason, "it has not asked for fewer calls for 10 s");
	fx_end(&fx);
}

static void test_event_words_long_ids_fit(void **state)
{
	char id[FRT_DST_ID_MAX + 1], set[FRT_ID_MAX + 1];
	fx_t fx;

	(void)state;
	memset(id, 'i', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	memset(set, 's', sizeof(set) - 1);
	set[sizeof(set) - 1] = '\0';
	fx_begin(&fx);
	fx_set(&fx, set, FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	host_begin(fx.gen);
	fx.gen->dsts[0].id = fx_str(id);
	ntold = 0;
	fx_down(&fx.gen->dsts[0]);
	frt_event_transition(&fx.gen->dsts[0],
			&(frt_transition_t){.from = FRT_UP, .to = FRT_DOWN});
	assert_int_equal(ntold, 2);
	assert_string_equal(told[0].destination, id);
	assert_string_equal(told[0].set, set);
	assert_int_equal(strlen(told[1].reason), FRT_REASON_MAX - 1);
	fx_end(&fx);
}

static void test_event_words_panic_begins_and_ends(void **state)
{
	const frt_event_t *ev;
	fx_t fx;

	(void)state;
	begin(&fx);
	fx_only(&fx)->conf.panic = true;
	wished(&fx, "d2", FRT_DRAIN);
	becomes(&fx, "d0", FRT_DOWN);
	assert_null(event_of(FRT_EV_PANIC_ON));
	becomes(&fx, "d1", FRT_DOWN);
	ev = event_of(FRT_EV_PANIC_ON);
	assert_non_null(ev);
	assert_string_equal(ev->set, "carriers");
	assert_string_equal(ev->from, "normal");
	assert_string_equal(ev->to, "panic");
	assert_non_null(strstr(ev->reason, "least recently failed"));
	/* said once */
	wished(&fx, "d0", FRT_DRAIN);
	assert_null(event_of(FRT_EV_PANIC_ON));
	assert_null(event_of(FRT_EV_PANIC_OFF));
	becomes(&fx, "d1", FRT_TRIAL);
	ev = event_of(FRT_EV_PANIC_OFF);
	assert_non_null(ev);
	assert_string_equal(ev->reason, "a destination is usable again");
	fx_end(&fx);
}

/* The set stays down all the time. */
static void test_event_words_panic_comes_and_goes_with_the_operator(
		void **state)
{
	const frt_event_t *ev;
	fx_t fx;

	(void)state;
	begin(&fx);
	fx_only(&fx)->conf.panic = true;
	wished(&fx, "d1", FRT_MAINT);
	wished(&fx, "d2", FRT_MAINT);
	wished(&fx, "d0", FRT_MAINT);
	assert_non_null(event_of(FRT_EV_SET_DOWN));
	assert_null(event_of(FRT_EV_PANIC_ON));
	becomes(&fx, "d0", FRT_DOWN);
	assert_null(event_of(FRT_EV_PANIC_ON));
	wished(&fx, "d0", FRT_READY);
	assert_non_null(event_of(FRT_EV_PANIC_ON));
	assert_null(event_of(FRT_EV_SET_DOWN));
	wished(&fx, "d0", FRT_DRAIN);
	ev = event_of(FRT_EV_PANIC_OFF);
	assert_non_null(ev);
	assert_non_null(strstr(ev->reason, "no destination is left"));
	assert_null(event_of(FRT_EV_SET_UP));
	wished(&fx, "d0", FRT_READY);
	/* and with what it asks for itself */
	ntold = 0;
	atomic_store(&fx_at(&fx, "d0")->rec->told_ms,
			(uint32_t)(frt_now_ms() + 5000) | 1);
	frt_event_panic(fx_at(&fx, "d0"), FRT_TRAFFIC);
	assert_non_null(event_of(FRT_EV_PANIC_OFF));
	atomic_store(&fx_at(&fx, "d0")->rec->told_ms, 0);
	frt_event_panic(fx_at(&fx, "d0"), FRT_TRAFFIC);
	assert_non_null(event_of(FRT_EV_PANIC_ON));
	assert_int_equal(ntold, 2);
	fx_end(&fx);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_event_words_panic_begins_and_ends),
			UNIT_TEST(test_event_words_panic_comes_and_goes_with_the_operator),
			UNIT_TEST(test_event_words_down_names_everything),
			UNIT_TEST(test_event_words_kind_follows_from_and_to),
			UNIT_TEST(test_event_words_admin_takes_out_and_puts_back),
			UNIT_TEST(test_event_words_set_down_and_up_are_said_once),
			UNIT_TEST(test_event_words_failback_when_the_better_tier_returns),
			UNIT_TEST(test_event_words_numbers_alone_are_no_failback),
			UNIT_TEST(test_event_words_no_failback_after_a_set_was_down),
			UNIT_TEST(test_event_words_start_is_no_reload),
			UNIT_TEST(test_event_words_reload_may_bring_a_set_down),
			UNIT_TEST(test_event_words_shedding_begins_and_ends),
			UNIT_TEST(test_event_words_overload_begins_and_ends),
			UNIT_TEST(test_event_words_long_ids_fit),
	};
	return UNIT_MAIN(tests);
}
