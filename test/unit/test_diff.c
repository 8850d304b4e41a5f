/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one table has that another had not: every attribute counts, the order
 * does not, and the words for it are as long as a line may be.
 */
#include "fixture.h"
#include "frt_attr.h"
#include "frt_diff.h"

static void attr(fx_t *fx, frt_scope_t scope, frt_draft_dst_t *dst,
		const char *name, const char *value)
{
	assert_int_equal(frt_draft_attr(fx->draft, scope, fx->set, dst,
							 fx_str(name), fx_str(value), fx_place()),
			0);
}

/* Another value than the default. */
static const char *other(const frt_attr_def_t *def)
{
	switch(def->type) {
		case FRT_ATTR_NUMBER:
			return "5";
		case FRT_ATTR_BOOL:
			return def->dflt[0] == 'y' || strcmp(def->dflt, "on") == 0 ? "no"
																	   : "yes";
		case FRT_ATTR_U16:
		case FRT_ATTR_U32:
			return strcmp(def->dflt, "2") == 0 ? "1" : "2";
		case FRT_ATTR_DURATION:
			return "3s";
		case FRT_ATTR_PERCENT:
			return "33%";
		case FRT_ATTR_WORD:
			return def->words[strcmp(def->words[0], def->dflt) == 0];
		case FRT_ATTR_CODES:
			return "404";
		case FRT_ATTR_WINDOWS:
			return "01:00-02:00";
		case FRT_ATTR_METHOD:
			return "INFO";
		case FRT_ATTR_SOCKET:
			return "udp:192.0.2.9:5060";
		case FRT_ATTR_USER:
		case FRT_ATTR_ID:
			return "x";
		case FRT_ATTR_URI:
		case FRT_ATTR_URI_OR_NONE:
			return "sip:192.0.2.9";
		default:
			return NULL;
	}
}

/* One set with one destination, all by default but def. */
static void make(fx_t *fx, const frt_attr_def_t *def)
{
	frt_draft_dst_t *dst;

	fx_begin(fx);
	fx_set(fx, "a", FRT_WEIGHTED)->conf.spill = true;
	fx->set->conf.panic = true;
	dst = fx_dst_uri(fx, "d", "sip:192.0.2.1", 1, 1);
	if(def)
		attr(fx, def->scope, def->scope == FRT_SCOPE_DESTINATION ? dst : NULL,
				def->name, other(def));
	fx_freeze(fx);
}

static void test_diff_sees_every_attribute(void **state)
{
	const frt_attr_def_t *table;
	frt_diff_t diff;
	size_t n, i;

	(void)state;
	table = frt_attr_table(&n);
	for(i = 0; i < n; i++) {
		bool of_dst = table[i].scope == FRT_SCOPE_DESTINATION;
		fx_t was, is;

		/* what is a name is known once it is expanded */
		if(table[i].scope == FRT_SCOPE_RULE || table[i].type == FRT_ATTR_ID
				|| strcmp(table[i].name, "resolve") == 0)
			continue;
		make(&was, NULL);
		make(&is, &table[i]);
		frt_diff(was.gen, is.gen, &diff);
		if(diff.of[FRT_DIFF_CHANGED].sets != !of_dst
				|| diff.of[FRT_DIFF_CHANGED].dsts != of_dst)
			fail_msg("%s is not seen", table[i].name);
		assert_string_equal(
				diff.of[FRT_DIFF_CHANGED].names, of_dst ? "a/d" : "set a");
		fx_end(&is);
		fx_end(&was);
	}
}

static void assert_text(const frt_diff_t *diff, const char *text)
{
	char mem[200];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_diff_text(diff, &b);
	assert_string_equal(mem, text);
}

static void assert_names(
		const frt_diff_t *diff, frt_diff_kind_t kind, const char *text)
{
	char mem[FRT_DIFF_NAMES_MAX + 32];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_diff_names(diff, kind, &b);
	assert_string_equal(mem, text);
}

static void test_diff_counts_what_came_and_went(void **state)
{
	frt_diff_t diff;
	fx_t was, is;

	(void)state;
	fx_begin(&was);
	fx_set(&was, "a", FRT_WEIGHTED);
	fx_dst_uri(&was, "x", "sip:192.0.2.1", 1, 1);
	fx_dst_uri(&was, "y", "sip:192.0.2.2", 1, 1);
	fx_set(&was, "b", FRT_WEIGHTED);
	fx_dst_uri(&was, "x", "sip:192.0.2.1", 1, 1);
	fx_dst_uri(&was, "y", "sip:192.0.2.2", 1, 1);
	fx_freeze(&was);
	fx_begin(&is);
	fx_set(&is, "c", FRT_WEIGHTED);
	fx_dst_uri(&is, "x", "sip:192.0.2.1", 1, 1);
	fx_set(&is, "a", FRT_WEIGHTED);
	fx_dst_uri(&is, "y", "sip:192.0.2.2", 1, 1);
	fx_dst_uri(&is, "z", "sip:192.0.2.3", 1, 1);
	fx_freeze(&is);
	frt_diff(was.gen, is.gen, &diff);
	assert_text(&diff, "1 set added, 1 set removed, 2 destinations added, "
					   "3 destinations removed");
	assert_names(&diff, FRT_DIFF_ADDED, "set c, a/z");
	assert_names(&diff, FRT_DIFF_REMOVED, "a/x, set b");
	assert_names(&diff, FRT_DIFF_CHANGED, "");
	frt_diff(is.gen, is.gen, &diff);
	assert_text(&diff, "nothing changed");
	frt_diff(NULL, is.gen, &diff);
	assert_text(&diff, "nothing changed");
	fx_end(&is);
	fx_end(&was);
}

static void test_diff_names_as_many_as_fit(void **state)
{
	char id[FRT_ID_MAX + 1], mem[FRT_DIFF_NAMES_MAX + 32];
	frt_diff_t diff;
	fx_t was, is;
	frt_buf_t b;
	unsigned i;

	(void)state;
	fx_begin(&was);
	fx_set(&was, "a", FRT_WEIGHTED);
	fx_dst_uri(&was, "d", "sip:192.0.2.1", 1, 1);
	fx_freeze(&was);
	fx_begin(&is);
	fx_set(&is, "a", FRT_WEIGHTED);
	fx_dst_uri(&is, "d", "sip:192.0.2.1", 1, 1);
	for(i = 0; i < 100; i++) {
		snprintf(id, sizeof(id), "%060u", i);
		fx_dst_uri(&is, id, "sip:192.0.2.2", 1, 1);
	}
	fx_freeze(&is);
	frt_diff(was.gen, is.gen, &diff);
	assert_text(&diff, "100 destinations added");
	frt_buf_init(&b, mem, sizeof(mem));
	frt_diff_names(&diff, FRT_DIFF_ADDED, &b);
	assert_false(b.cut);
	assert_non_null(strstr(mem, " more"));
	assert_true(diff.of[FRT_DIFF_ADDED].left_out < 100);
	fx_end(&is);
	fx_end(&was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_diff_sees_every_attribute),
			cmocka_unit_test(test_diff_counts_what_came_and_went),
			cmocka_unit_test(test_diff_names_as_many_as_fit)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
