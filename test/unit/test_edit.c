/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changes at run time: made once, followed by each reload, let go when the
 * source says the same, and as few as can be.
 */
#include "fixture.h"
#include "frt_edit.h"
#include "frt_thaw.h"

typedef struct world
{
	fx_heap_t heap;
	frt_mem_t mem;
	frt_draft_t *draft;
	frt_draft_set_t *set;
} world_t;

/* What a source says: gw1 and gw2 of weight 10, in the set a. */
static void read_source(world_t *w)
{
	static const char *const ids[] = {"gw1", "gw2"};
	frt_draft_dst_t *dst;
	size_t i;

	w->draft = frt_draft_new(&w->mem);
	assert_non_null(w->draft);
	assert_int_equal(
			frt_draft_set_add(w->draft, fx_str("a"), fx_place(), &w->set), 0);
	for(i = 0; i < 2; i++) {
		assert_int_equal(frt_draft_dst_add(w->draft, w->set, fx_str(ids[i]),
								 fx_place(), &dst),
				0);
		assert_int_equal(
				frt_draft_attr(w->draft, FRT_SCOPE_DESTINATION, w->set, dst,
						fx_str("uri"), fx_str("sip:192.0.2.1"), fx_place()),
				0);
		dst->weight = 10;
	}
}

static void begin(world_t *w)
{
	memset(w, 0, sizeof(*w));
	w->mem = fx_mem(&w->heap);
	read_source(w);
}

static void end(world_t *w)
{
	frt_draft_free(w->draft);
	assert_int_equal(w->heap.live, 0);
}

static frt_edit_t change(frt_edit_kind_t kind, const char *id, unsigned weight)
{
	return (frt_edit_t){.kind = kind,
			.set = fx_str("a"),
			.id = fx_str(id),
			.uri = kind == FRT_EDIT_ADD ? fx_str("sip:192.0.2.9") : fx_str(""),
			.priority = 1,
			.weight = (uint16_t)weight};
}

static int make(
		world_t *w, frt_edit_kind_t kind, const char *id, unsigned weight)
{
	frt_edit_t e = change(kind, id, weight);

	return frt_edit_make(w->draft, &e);
}

static uint32_t count(const world_t *w)
{
	uint32_t n;

	frt_draft_edits(w->draft, &n);
	return n;
}

static frt_draft_dst_t *find(const world_t *w, const char *id)
{
	return frt_draft_dst_find(w->draft, w->set, fx_str(id));
}

/* Through a generation and a new reading of the source, as a reload does it. */
static void reload(world_t *w)
{
	frt_gen_t *g = NULL;
	uint32_t i;

	assert_int_equal(frt_gen_freeze(w->draft, &w->mem, 1, &g), 0);
	frt_draft_free(w->draft);
	read_source(w);
	for(i = 0; i < g->nedits; i++)
		assert_int_equal(frt_edit_follow(w->draft, &g->edits[i]), 0);
	frt_gen_free(g, &w->mem);
}

static void test_edit_follows_reloads(void **state)
{
	world_t w;

	(void)state;
	begin(&w);
	assert_int_equal(make(&w, FRT_EDIT_ADD, "new", 5), 0);
	assert_int_equal(make(&w, FRT_EDIT_REMOVE, "gw1", 0), 0);
	assert_int_equal(make(&w, FRT_EDIT_WEIGHT, "gw2", 33), 0);
	for(int i = 0; i < 3; i++) {
		assert_int_equal(count(&w), 3);
		assert_null(find(&w, "gw1"));
		assert_int_equal(find(&w, "gw2")->weight, 33);
		assert_int_equal(find(&w, "gw2")->overlay, FRT_OVER_WEIGHT);
		assert_int_equal(find(&w, "new")->weight, 5);
		assert_int_equal(find(&w, "new")->overlay, FRT_OVER_ADDED);
		assert_int_equal(w.set->ndsts, 2);
		reload(&w);
	}
	end(&w);
}

static void test_edit_says_the_same_in_as_few_as_can_be(void **state)
{
	world_t w;

	(void)state;
	begin(&w);
	make(&w, FRT_EDIT_ADD, "new", 5);
	make(&w, FRT_EDIT_WEIGHT, "new", 6);
	make(&w, FRT_EDIT_WEIGHT, "new", 7);
	assert_int_equal(count(&w), 1);
	reload(&w);
	assert_int_equal(find(&w, "new")->weight, 7);
	make(&w, FRT_EDIT_REMOVE, "new", 0);
	assert_int_equal(count(&w), 0);
	make(&w, FRT_EDIT_WEIGHT, "gw1", 6);
	make(&w, FRT_EDIT_WEIGHT, "gw1", 8);
	assert_int_equal(count(&w), 1);
	make(&w, FRT_EDIT_REMOVE, "gw1", 0);
	assert_int_equal(count(&w), 1);
	/* another one in the place of the source's */
	assert_int_equal(make(&w, FRT_EDIT_ADD, "gw1", 3), 0);
	assert_int_equal(count(&w), 2);
	reload(&w);
	assert_int_equal(find(&w, "gw1")->overlay, FRT_OVER_ADDED);
	assert_int_equal(find(&w, "gw1")->weight, 3);
	end(&w);
}

static void test_edit_is_let_go_when_the_source_says_the_same(void **state)
{
	frt_edit_t same[] = {change(FRT_EDIT_ADD, "gw1", 5),
			change(FRT_EDIT_REMOVE, "gone", 0),
			change(FRT_EDIT_WEIGHT, "gw2", 10),
			change(FRT_EDIT_WEIGHT, "gone", 10)};
	frt_edit_t other = change(FRT_EDIT_ADD, "x", 1);
	world_t w;
	size_t i;

	(void)state;
	begin(&w);
	for(i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_int_equal(frt_edit_follow(w.draft, &same[i]), 0);
	other.set = fx_str("no such set");
	assert_int_equal(frt_edit_follow(w.draft, &other), 0);
	assert_int_equal(count(&w), 0);
	assert_int_equal(find(&w, "gw1")->weight, 10);
	end(&w);
}

/* Of a state file that another release has written. */
static void test_edit_is_let_go_when_its_uri_is_none(void **state)
{
	frt_edit_t e = change(FRT_EDIT_ADD, "new", 1);
	world_t w;

	(void)state;
	begin(&w);
	e.uri = fx_str("nonsense");
	assert_int_equal(frt_edit_follow(w.draft, &e), 0);
	assert_null(find(&w, "new"));
	assert_int_equal(count(&w), 0);
	assert_int_equal(frt_draft_errors(w.draft), 0);
	end(&w);
}

static void test_edit_refuses_what_cannot_be(void **state)
{
	frt_edit_t e = change(FRT_EDIT_ADD, "x", 1);
	uint32_t errors;
	world_t w;

	(void)state;
	begin(&w);
	assert_int_equal(make(&w, FRT_EDIT_ADD, "gw1", 1), FRT_E_DUP);
	assert_int_equal(make(&w, FRT_EDIT_REMOVE, "x", 0), FRT_E_NODST);
	assert_int_equal(make(&w, FRT_EDIT_WEIGHT, "x", 1), FRT_E_NODST);
	e.set = fx_str("b");
	assert_int_equal(frt_edit_make(w.draft, &e), FRT_E_NOSET);
	e.set = fx_str("a");
	e.uri = fx_str("nonsense");
	assert_int_equal(frt_edit_make(w.draft, &e), 0);
	errors = frt_draft_errors(w.draft);
	assert_int_equal(errors, 1);
	end(&w);
}

static void test_edit_survives_a_thaw(void **state)
{
	frt_gen_t *g = NULL;
	world_t w;

	(void)state;
	begin(&w);
	make(&w, FRT_EDIT_REMOVE, "gw1", 0);
	make(&w, FRT_EDIT_WEIGHT, "gw2", 4);
	assert_int_equal(frt_gen_freeze(w.draft, &w.mem, 1, &g), 0);
	frt_draft_free(w.draft);
	w.draft = frt_draft_new(&w.mem);
	assert_int_equal(frt_gen_thaw(g, w.draft), 0);
	w.set = frt_draft_set_find(w.draft, fx_str("a"));
	assert_int_equal(count(&w), 2);
	assert_int_equal(make(&w, FRT_EDIT_WEIGHT, "gw2", 5), 0);
	assert_int_equal(count(&w), 2);
	reload(&w);
	assert_int_equal(find(&w, "gw2")->weight, 5);
	frt_gen_free(g, &w.mem);
	end(&w);
}

static void give(
		world_t *w, frt_scope_t scope, const char *name, const char *value)
{
	assert_int_equal(frt_draft_attr(w->draft, scope, w->set, NULL, fx_str(name),
							 fx_str(value), fx_place()),
			0);
}

static void rule(world_t *w, const char *code)
{
	assert_int_equal(frt_draft_rule_add(w->draft, w->set, fx_place()), 0);
	give(w, FRT_SCOPE_RULE, "code", code);
	give(w, FRT_SCOPE_RULE, "route", "stop");
}

/* What was wrong with the configuration was said when it was loaded, and what
 * nobody gave was filled in then. */
static void test_edit_leaves_the_configuration_as_it_is(void **state)
{
	uint32_t errors, warnings;
	frt_set_conf_t conf;
	frt_gen_t *g = NULL;
	world_t w;

	(void)state;
	begin(&w);
	rule(&w, "4xx");
	rule(&w, "480");
	give(&w, FRT_SCOPE_PROBE, "method", "INVITE");
	give(&w, FRT_SCOPE_PROBE, "number", "100");
	give(&w, FRT_SCOPE_PROBE, "timeout", "1500ms");
	give(&w, FRT_SCOPE_PROBE, "ok", "200");
	give(&w, FRT_SCOPE_PROBE, "interval", "600s");
	give(&w, FRT_SCOPE_PROBE, "down-interval", "100s");
	assert_int_equal(frt_draft_check(w.draft), 0);
	frt_draft_faults(w.draft, NULL, &errors, &warnings);
	assert_int_equal(errors, 0);
	/* the rule, the intervals, and two destinations of one URI */
	assert_int_equal(warnings, 3);
	assert_int_equal(frt_gen_freeze(w.draft, &w.mem, 1, &g), 0);
	frt_draft_free(w.draft);
	conf = g->sets[0].conf;
	w.draft = frt_draft_new(&w.mem);
	assert_int_equal(frt_gen_thaw(g, w.draft), 0);
	w.set = frt_draft_set_find(w.draft, fx_str("a"));
	assert_int_equal(make(&w, FRT_EDIT_WEIGHT, "gw2", 5), 0);
	assert_int_equal(frt_draft_check(w.draft), 0);
	frt_draft_faults(w.draft, NULL, &errors, &warnings);
	assert_int_equal(errors, 0);
	assert_int_equal(warnings, 1);
	assert_memory_equal(&w.set->conf, &conf, sizeof(conf));
	assert_int_equal(w.set->nrules, 2);
	frt_gen_free(g, &w.mem);
	end(&w);
}

/* The source gives but the one that was removed: that is newer, and a set with
 * none would refuse each call. */
static void test_edit_keeps_the_last_destination(void **state)
{
	frt_edit_t one = change(FRT_EDIT_REMOVE, "gw1", 0);
	frt_edit_t two = change(FRT_EDIT_REMOVE, "gw2", 0);
	uint32_t errors, warnings;
	world_t w;

	(void)state;
	begin(&w);
	assert_int_equal(frt_edit_follow(w.draft, &one), 0);
	assert_int_equal(frt_edit_follow(w.draft, &two), 0);
	assert_null(find(&w, "gw1"));
	assert_non_null(find(&w, "gw2"));
	assert_int_equal(count(&w), 1);
	frt_draft_faults(w.draft, NULL, &errors, &warnings);
	assert_int_equal(errors, 0);
	assert_int_equal(warnings, 1);
	end(&w);
}

static void test_edit_without_memory_changes_nothing_lasting(void **state)
{
	size_t fail_at;
	world_t w;

	(void)state;
	for(fail_at = 1;; fail_at++) {
		int err;

		begin(&w);
		w.heap.fail_at = w.heap.calls + fail_at;
		err = make(&w, FRT_EDIT_ADD, "new", 5);
		w.heap.fail_at = 0;
		if(err == 0 && count(&w) == 1)
			break;
		assert_int_equal(err, FRT_E_NOMEM);
		end(&w);
	}
	end(&w);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_edit_follows_reloads),
			UNIT_TEST(test_edit_says_the_same_in_as_few_as_can_be),
			UNIT_TEST(test_edit_is_let_go_when_the_source_says_the_same),
			UNIT_TEST(test_edit_is_let_go_when_its_uri_is_none),
			UNIT_TEST(test_edit_refuses_what_cannot_be),
			UNIT_TEST(test_edit_survives_a_thaw),
			UNIT_TEST(test_edit_leaves_the_configuration_as_it_is),
			UNIT_TEST(test_edit_keeps_the_last_destination),
			UNIT_TEST(test_edit_without_memory_changes_nothing_lasting),
	};

	return UNIT_MAIN(tests);
}
