/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route check --format: what the module makes of a file is the same
 * before and after, to the last value, and the form of a form is the form.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
// needs: utils/frt_cli_format.c utils/frt_cli_same.c utils/frt_cli_mem.c
#include "draft_help.h"

#include "../../utils/frt_cli_format.h"
#include "frt_attr.h"
#include "frt_xml.h"

#include <glob.h>
#include <libxml/parser.h>

static bool same_str(const void *a, const void *b)
{
	const frt_str_t *x = a, *y = b;

	return x->len == y->len && (x->len == 0 || memcmp(x->s, y->s, x->len) == 0);
}

/* How many bytes a value has, but for texts. */
static size_t size_of(frt_attr_type_t type)
{
	switch(type) {
		case FRT_ATTR_NUMBER:
			return sizeof(int64_t);
		case FRT_ATTR_BOOL:
			return sizeof(bool);
		case FRT_ATTR_U16:
			return sizeof(uint16_t);
		case FRT_ATTR_WORD_OR_ANY:
			return sizeof(int16_t);
		case FRT_ATTR_CODE_RANGE:
			return 2 * sizeof(uint16_t);
		case FRT_ATTR_CODES:
			return sizeof(frt_codes_t);
		case FRT_ATTR_WINDOWS:
			return FRT_WINDOWS_MAX * sizeof(frt_window_t);
		default:
			return sizeof(uint32_t); /* durations, percents, words, causes */
	}
}

static void assert_same_values(int scope, const void *a, const void *b)
{
	size_t n, i;
	const frt_attr_def_t *t = frt_attr_table(&n);

	for(i = 0; i < n; i++) {
		const char *x = (const char *)a + t[i].offset;
		const char *y = (const char *)b + t[i].offset;
		if((int)t[i].scope != scope)
			continue;
		if(t[i].type == FRT_ATTR_ID || frt_attr_keeps_text(&t[i]))
			assert_true(same_str(x, y));
		else
			assert_memory_equal(x, y, size_of(t[i].type));
	}
}

static void assert_same_dst(const frt_draft_dst_t *a, const frt_draft_dst_t *b)
{
	uint32_t i;

	assert_same_values(FRT_SCOPE_DESTINATION, a, b);
	assert_int_equal(a->order, b->order);
	assert_int_equal(a->nattrs, b->nattrs);
	for(i = 0; i < a->nattrs; i++) {
		assert_true(same_str(&a->attrs[i].name, &b->attrs[i].name));
		assert_true(same_str(&a->attrs[i].value, &b->attrs[i].value));
	}
}

static void assert_same_set(const frt_draft_set_t *a, const frt_draft_set_t *b)
{
	const frt_draft_dst_t *x, *y;
	uint32_t i;

	assert_same_values(FRT_SCOPE_SET, a, b);
	assert_same_values(FRT_SCOPE_PROBE, a, b);
	assert_same_values(FRT_SCOPE_HEALTH, a, b);
	assert_int_equal(a->nrules, b->nrules);
	for(i = 0; i < a->nrules; i++)
		assert_same_values(FRT_SCOPE_RULE, &a->rules[i], &b->rules[i]);
	for(x = a->dsts, y = b->dsts; x != NULL && y != NULL;
			x = x->next, y = y->next)
		assert_same_dst(x, y);
	assert_true(x == NULL && y == NULL);
}

static void assert_same_drafts(const frt_draft_t *a, const frt_draft_t *b)
{
	const frt_draft_set_t *x = frt_draft_sets(a), *y = frt_draft_sets(b);

	for(; x != NULL && y != NULL; x = x->next, y = y->next)
		assert_same_set(x, y);
	assert_true(x == NULL && y == NULL);
}

static frt_draft_t *read_draft(fx_heap_t *m, const char *text, size_t len)
{
	frt_draft_t *d = draft_new(m);

	assert_non_null(d);
	(void)frt_xml_read_memory(d, "frt.xml", text, len);
	(void)frt_draft_check(d);
	return d;
}

static void check_text(const char *text, size_t len)
{
	cli_buf_t once = {NULL, 0, 0}, twice = {NULL, 0, 0};
	fx_heap_t ma, mb;
	frt_draft_t *a = read_draft(&ma, text, len), *b;
	uint32_t errors;

	errors = frt_draft_errors(a);
	if(errors != 0) {
		show_faults(a);
		fail_msg("the text has errors");
	}
	assert_null(cli_format(text, len, &once));
	b = read_draft(&mb, once.s, once.len);
	assert_same_drafts(a, b);
	assert_null(cli_format(once.s, once.len, &twice));
	assert_string_equal(once.s, twice.s);
	frt_draft_free(a);
	frt_draft_free(b);
	free(once.s);
	free(twice.s);
}

static void check_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(1 << 20);
	size_t len;

	if(f == NULL)
		fail_msg("%s: cannot be read; run from the repository's root", path);
	len = fread(text, 1, 1 << 20, f);
	fclose(f);
	check_text(text, len);
	free(text);
}

static void test_format_keeps_what_every_good_file_says(void **state)
{
	static const char *const where[] = {"test/unit/xml/good/*.xml", "etc/*.xml",
			"test/scenario/*/failover_route.xml"};
	unsigned i, k, n = 0;
	glob_t g;

	(void)state;
	for(i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		if(glob(where[i], 0, NULL, &g) != 0)
			continue;
		for(k = 0; k < g.gl_pathc; k++) {
			/* templates, whose values come from the test */
			FILE *f = fopen(g.gl_pathv[k], "rb");
			bool plain = true;
			int c;
			while(f != NULL && (c = getc(f)) != EOF)
				plain &= c != '$' && c != '{';
			if(f != NULL)
				fclose(f);
			if(!plain)
				continue;
			check_file(g.gl_pathv[k]);
			n++;
		}
		globfree(&g);
	}
	assert_true(n >= 5);
}

/* Every kind of node, in the worst of layouts. */
static void test_format_keeps_what_an_ugly_file_says(void **state)
{
	static const char text[] =
			"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><?p q?>\r\n"
			"<failover-route\r\n version\r\n=\r\n'1'><!-- b --><defaults "
			"hold='7s'\tmax-attempts='2'><policy><on verdict='weak' "
			"code='5xx'\n/><on code='404' route='next'/></policy></defaults>"
			"<set strategy='hash' id='&#228;&amp;&lt;&quot;x&apos;'\n\n\n"
			"number='7'><![CDATA[  ]]><destination weight='3' priority='0'"
			" uri='sip:192.0.2.1;a=b' id='x'><attribute value='1 2 &gt; "
			"&quot;' name='n'/><attribute name='m' value=''/></destination><!--"
			" c\n\t d --><destination id='y' uri='sip:192.0.2.2'></destination>"
			"<probe fall='9'/><health fall='8'/></set  ><!-- e --></failover-"
			"route><!-- f -->\n\n<?r?>\n";

	(void)state;
	check_text(text, sizeof(text) - 1);
}

static void test_format_refuses_what_it_could_not_keep(void **state)
{
	static const char *const texts[] = {"", "<failover-route",
			"<failover-route version='1'>text</failover-route>",
			"<failover-route version='1'><![CDATA[x]]></failover-route>",
			"<!DOCTYPE x [<!ENTITY e 'v'>]><x a='&e;'>&e;</x>",
			"<!DOCTYPE failover-route><failover-route version='1'/>"};
	cli_buf_t out = {NULL, 0, 0};
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_non_null(cli_format(texts[i], strlen(texts[i]), &out));
		assert_null(out.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			UNIT_TEST(test_format_keeps_what_every_good_file_says),
			UNIT_TEST(test_format_keeps_what_an_ugly_file_says),
			UNIT_TEST(test_format_refuses_what_it_could_not_keep),
	};
	int failed;

	failed = UNIT_MAIN(tests);
	xmlCleanupParser();
	return failed;
}
