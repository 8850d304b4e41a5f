/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds a destination that is down: it is said in words, and it is what
 * the health machine waits for.
 */
#include "frt_held.h"
#include "frt_machine.h"
#include "unit.h"

#include <string.h>

#define NOW 1000000

typedef struct world
{
	frt_rec_t rec;
	frt_health_conf_t health;
	frt_probe_conf_t probe;
	frt_health_rules_t rules;
} world_t;

static void begin(world_t *w, uint32_t flags)
{
	memset(w, 0, sizeof(*w));
	w->probe.enabled = true;
	w->probe.rise = 2;
	w->rules.health = &w->health;
	w->rules.probe = &w->probe;
	frt_health_init(&w->rec, FRT_READY, 1);
	atomic_store(&w->rec.word, FRT_WORD(FRT_DOWN, FRT_READY, 0, flags, 0));
}

static const char *text(world_t *w)
{
	static char mem[200];
	frt_held_t held;
	frt_buf_t b;

	frt_held_look_locked(&w->rec, &w->rules, NOW, &held);
	frt_buf_init(&b, mem, sizeof(mem));
	frt_held_text(&held, &b);
	return mem;
}

static void test_held_says_what_it_waits_for(void **state)
{
	world_t w;

	(void)state;
	begin(&w, 1u << FRT_TRAFFIC);
	w.rec.h.hold_until_ms = NOW + 12000;
	assert_string_equal(text(&w), "; 12 s of the hold left");
	w.rec.h.hold_until_ms = 0;
	w.rec.h.probe_good = 1;
	assert_string_equal(text(&w), "; waits for good probes: 1 of 2");
	w.rec.h.probe_good = 2;
	w.health.failback_delay_ms = 60000;
	w.rec.h.ready_ms = NOW - 20000;
	assert_string_equal(text(&w), "; 40 s of failback-delay left");
	w.health.failback_delay_ms = 0;
	w.health.nwindows = 1;
	w.health.windows[0] = (frt_window_t){.from_min = 120, .to_min = 300};
	assert_string_equal(text(&w), "; waits for a failback window to open");
	w.rules.week_min = 150;
	assert_string_equal(
			text(&w), "; nothing holds it any more, it is about to be tried");
	w.rules.week_min = 0;
	w.rules.needed = true;
	assert_string_equal(
			text(&w), "; nothing holds it any more, it is about to be tried");
	atomic_store(&w.rec.word, FRT_WORD(FRT_UP, FRT_READY, 0, 0, 1000));
	assert_string_equal(text(&w), "");
}

static void test_held_says_whose_flag_it_is(void **state)
{
	static const struct
	{
		frt_source_t source;
		const char *text;
	} flags[] = {{FRT_OPERATOR, "; until the operator sets it up"},
			{FRT_RESOLVE, ""},
			{FRT_REGISTER, "; until its registration is back"},
			{FRT_PEER, "; until a peer reports it up"},
			{FRT_PROBE, "; waits for good probes: 0 of 2"}};
	world_t w;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		begin(&w, 1u << FRT_TRAFFIC | 1u << flags[i].source);
		assert_string_equal(text(&w), flags[i].text);
	}
}

/* A world of any kind, each part of it in the way or not. */
static void any_world(world_t *w, frt_rand_t *rnd)
{
	uint32_t flags = (uint32_t)frt_rand_below(rnd, 4)
							 ? 1u << frt_rand_below(rnd, frt_source_count)
							 : (uint32_t)frt_rand_below(rnd, 128);

	begin(w, flags);
	w->probe.enabled = frt_rand_below(rnd, 2);
	w->probe.rise = (uint32_t)frt_rand_below(rnd, 3);
	w->rec.h.probe_good = (uint16_t)frt_rand_below(rnd, 3);
	w->rec.h.blackout = (uint8_t)frt_rand_below(rnd, 2);
	w->rec.h.waived = (uint8_t)frt_rand_below(rnd, 2);
	w->rec.h.hold_until_ms = frt_rand_below(rnd, 3) ? 0 : NOW + 1;
	w->rec.h.ready_ms = frt_rand_below(rnd, 2) ? 0 : NOW - 500;
	w->health.failback_delay_ms = (uint32_t)frt_rand_below(rnd, 3) * 400;
	w->health.nwindows = (uint32_t)frt_rand_below(rnd, 2);
	w->health.windows[0] = (frt_window_t){.from_min = 120, .to_min = 300};
	w->rules.week_min = frt_rand_below(rnd, 2) ? 150 : 0;
	w->rules.needed = frt_rand_below(rnd, 2);
}

static void test_held_is_what_the_machine_waits_for(void **state)
{
	frt_rand_t rnd = {.state = 17};
	int returned = 0, i;

	(void)state;
	for(i = 0; i < 200000; i++) {
		frt_transition_t tr;
		frt_held_t held;
		world_t w;
		bool back;

		any_world(&w, &rnd);
		frt_held_look_locked(&w.rec, &w.rules, NOW, &held);
		frt_health_tick_locked(&w.rec, &w.rules, NOW, &rnd, &tr);
		back = FRT_WORD_HEALTH(atomic_load(&w.rec.word)) != FRT_DOWN;
		assert_int_equal(held.by == FRT_HELD_SOON, back);
		returned += back;
	}
	assert_in_range(returned, 5000, 195000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_held_says_what_it_waits_for),
			UNIT_TEST(test_held_says_whose_flag_it_is),
			UNIT_TEST(test_held_is_what_the_machine_waits_for),
	};
	return UNIT_MAIN(tests);
}
