/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the XML source makes of texts and files that are no configuration at
 * all, that are too large, too deep or hostile; that each fault has the right
 * line; and that it leaves libxml2 as it found it.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#include "draft_help.h"

#include "frt_attr.h"
#include "frt_xml.h"

#include <fcntl.h>
#include <libxml/parser.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HEAD "<failover-route version=\"1\">\n"
#define TAIL "</failover-route>\n"
#define GW "<destination id=\"gw\" uri=\"sip:192.0.2.1\"/>"

static int read_bytes(fixture_t *f, const char *text, size_t len)
{
	/* an exact copy: the sanitizer sees a read behind the end */
	char *copy = malloc(len > 0 ? len : 1);
	int err;

	memcpy(copy, text, len);
	err = frt_xml_read_memory(f->d, "frt.xml", copy, len);
	free(copy);
	return err;
}

static int read_text(fixture_t *f, const char *text)
{
	return read_bytes(f, text, strlen(text));
}

/* The only fault's line begins like this. */
#define assert_only_fault(f, start)                                     \
	do {                                                                \
		if(faults_kept((f)->d) != 1                                     \
				|| strncmp(fault_line((f)->d, 0), start, strlen(start)) \
						   != 0) {                                      \
			show_faults((f)->d);                                        \
			fail_msg("line %d: expected only: %s", __LINE__, start);    \
		}                                                               \
	} while(0)

static void test_good_text_fills_the_draft(void **state)
{
	fixture_t *f = fx(state);
	const frt_draft_set_t *set;

	assert_int_equal(
			read_text(f,
					HEAD "<defaults fall=\"4\"/>"
						 "<set id=\"a\" number=\"3\"><policy><on code=\"480\" "
						 "verdict=\"ignore\"/></policy>" GW
						 "<destination id=\"&lt;b&gt;&amp;&#252;\" "
						 "uri=\"sip:192.0.2.9\"><attribute name=\"p\" "
						 "value=\"a&#x20;b\"/></destination></set>" TAIL),
			0);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	set = frt_draft_set_find(f->d, FRT_STR("a"));
	assert_int_equal(set->number, 3);
	assert_int_equal(set->conf.health.fall, 4);
	assert_int_equal(set->nrules, 1);
	assert_int_equal(set->place.line, 2);
	assert_true(frt_str_eq(set->dsts->next->id, FRT_STR("<b>&\xc3\xbc")));
	assert_true(frt_str_eq(set->dsts->next->attrs[0].value, FRT_STR("a b")));
}

static void test_two_sources_fill_one_draft(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_text(f, HEAD "<set id=\"a\">" GW "</set>" TAIL), 0);
	assert_int_equal(
			frt_xml_read_memory(f->d, "b.xml", HEAD "<set id=\"a\"/>" TAIL,
					strlen(HEAD "<set id=\"a\"/>" TAIL)),
			FRT_E_DRAFT);
	assert_only_fault(
			f, "b.xml:2: <set id=\"a\">: the id is already used at frt.xml:2");
	/* good again: what the first source did wrong is not this one's */
	assert_int_equal(read_text(f, HEAD "<set id=\"b\">" GW "</set>" TAIL), 0);
}

static void test_empty_text(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			frt_xml_read_memory(f->d, "frt.xml", NULL, 0), FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml: the file is empty");
}

static void test_blanks_only(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_text(f, "\n\n \n"), FRT_E_DRAFT);
	assert_int_equal(faults_kept(f->d), 1);
}

static void test_not_well_formed(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_text(f, HEAD "<set id=\"a\">\n<destination/>\n" TAIL),
			FRT_E_DRAFT);
	assert_string_equal(fault_line(f->d, 0),
			"frt.xml:4: XML syntax: Opening and ending tag mismatch: set line "
			"2 "
			"and failover-route");
	assert_true(faults_kept(f->d) <= 3);
}

static void test_attribute_given_twice(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD "<set id=\"a\" id=\"b\"/>" TAIL), FRT_E_DRAFT);
	assert_string_equal(fault_line(f->d, 0),
			"frt.xml:2: XML syntax: Attribute id redefined");
}

static void test_nul_byte(void **state)
{
	fixture_t *f = fx(state);
	static const char text[] = HEAD "<set id=\"a\0b\"/>" TAIL;

	assert_int_equal(read_bytes(f, text, sizeof(text) - 1), FRT_E_DRAFT);
	assert_only_fault(
			f, "frt.xml:2: a NUL byte: the file must be text in UTF-8");
}

static void test_utf16_is_refused(void **state)
{
	fixture_t *f = fx(state);
	static const char text[] = "\xff\xfe<\0f\0/\0>\0";

	assert_int_equal(read_bytes(f, text, sizeof(text) - 1), FRT_E_DRAFT);
	assert_only_fault(
			f, "frt.xml:1: a NUL byte: the file must be text in UTF-8");
}

static void test_bad_utf8(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD "\n<set id=\"\xff\xfe\"/>" TAIL), FRT_E_DRAFT);
	assert_int_equal(
			strncmp(fault_line(f->d, 0), "frt.xml:3: XML syntax: ", 23), 0);
}

static void test_declared_encoding_is_converted(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" HEAD
						 "<set id=\"m\xfcnchen\">" GW "</set>" TAIL),
			0);
	assert_non_null(frt_draft_set_find(f->d, FRT_STR("m\xc3\xbcnchen")));
}

static void test_doctype_is_refused_at_its_line(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_text(f, "<?xml version=\"1.0\"?>\n\n<!DOCTYPE "
								  "failover-route>\n" HEAD TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:3: a DOCTYPE is not allowed here: no DTD and "
						 "no entities");
}

static void test_billion_laughs(void **state)
{
	fixture_t *f = fx(state);
	clock_t start = clock();

	assert_int_equal(
			read_text(f, "<!DOCTYPE x [<!ENTITY a \"ha\">"
						 "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
						 "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
						 "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">"
						 "<!ENTITY e \"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">"
						 "<!ENTITY f \"&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;\">]>" HEAD
						 "<set id=\"&f;\"/>&f;" TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:1: a DOCTYPE is not allowed here");
	assert_true(clock() - start < CLOCKS_PER_SEC / 2);
}

static void test_external_entity_is_not_read(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_text(f, "<!DOCTYPE x [<!ENTITY e SYSTEM "
								  "\"file:///etc/passwd\">]>" HEAD
								  "<set id=\"a\">&e;</set>" TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:1: a DOCTYPE is not allowed here");
}

static void test_external_dtd_is_not_read(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f,
					"<!DOCTYPE x SYSTEM \"http://192.0.2.1/x.dtd\">" HEAD TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:1: a DOCTYPE is not allowed here");
}

static void test_undeclared_entity(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD "<set id=\"&who;\"/>" TAIL), FRT_E_DRAFT);
	assert_string_equal(fault_line(f->d, 0),
			"frt.xml:2: XML syntax: Entity 'who' not defined");
}

static char *repeat(const char *head, const char *text, size_t n,
		const char *tail, size_t *len)
{
	size_t h = strlen(head), t = strlen(text), e = strlen(tail), i;
	char *out = malloc(h + t * n + e + 1);

	memcpy(out, head, h);
	for(i = 0; i < n; i++)
		memcpy(out + h + i * t, text, t);
	memcpy(out + h + n * t, tail, e + 1);
	*len = h + t * n + e;
	return out;
}

static void test_deep_nesting(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD, "<a>\n", 100000, "", &len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:17: <a>: elements are nested deeper than 16");
	free(text);
}

static void test_sixteen_elements_deep_are_allowed(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD
								 HEAD HEAD HEAD HEAD HEAD TAIL TAIL TAIL TAIL
										 TAIL TAIL TAIL TAIL TAIL TAIL TAIL TAIL
												 TAIL TAIL TAIL TAIL),
			0);
	assert_clean(f->d);
}

static void test_too_many_elements(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD, "<defaults/>\n", 2000001, TAIL, &len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_only_fault(
			f, "frt.xml:2000001: there are more than 2000000 elements");
	free(text);
}

static void test_too_many_attributes_of_one_element(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD "<set ", "a=\">\"\n", 1000000, "/>" TAIL, &len);
	clock_t start = clock();

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:10002: more than 10000 '=' without a '<'");
	assert_true(clock() - start < CLOCKS_PER_SEC);
	free(text);
}

/* Each of them was some hundred bytes that stayed: 3 GB of a file of 64 MB. */
static void test_texts_without_end_are_not_all_kept(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(
			HEAD "<set id=\"a\">" GW, "a<!---->", 100000, "</set>" TAIL, &len);
	uint32_t errors;

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_string_equal(fault_line(f->d, 0),
			"frt.xml:2: <set>: no text is expected here: \"a\"");
	errors = frt_draft_errors(f->d);
	assert_int_equal(errors, 10000);
	free(text);
}

static void test_huge_attribute_is_shown_in_part(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD "<set id=\"a\" strategy=\"", "x", 5000000,
			"\">" GW "</set>" TAIL, &len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:2: <set id=\"a\">: "
						 "strategy=\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	assert_true(strlen(fault_line(f->d, 0)) < FRT_FAULT_TEXT_MAX + 20);
	free(text);
}

static void test_huge_id_is_refused(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD "<set id=\"", "\xc3\xbc", 2500000,
			"\">" GW "</set>" TAIL, &len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:2: <set>: id=\"\xc3\xbc\xc3\xbc");
	free(text);
}

static void test_text_over_64_mb_is_refused(void **state)
{
	fixture_t *f = fx(state);

	/* it is refused by its size: no byte of it is read */
	assert_int_equal(
			frt_xml_read_memory(f->d, "frt.xml", HEAD, FRT_XML_BYTES_MAX + 1),
			FRT_E_DRAFT);
	assert_only_fault(
			f, "frt.xml: cannot read the configuration: larger than 64 MB");
}

static void test_line_numbers_beyond_65535(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD, "<!-- -->\n", 69997,
			"<set id=\"a\"\n\tstrateggy=\"x\">\n" GW "\n<gw/>\n</set>" TAIL,
			&len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_fault(f->d, "frt.xml:70000: <set id=\"a\">: unknown attribute "
					   "\"strateggy\" (did you mean \"strategy\"?)");
	assert_fault(f->d, "frt.xml:70002: <gw>: unknown element here; expected "
					   "policy, probe, health or destination");
	assert_int_equal(faults_kept(f->d), 2);
	free(text);
}

static void test_syntax_error_beyond_line_65535(void **state)
{
	fixture_t *f = fx(state);
	size_t len;
	char *text = repeat(HEAD, "\n", 70000, "<set></failover-route>", &len);

	assert_int_equal(read_bytes(f, text, len), FRT_E_DRAFT);
	assert_int_equal(
			strncmp(fault_line(f->d, 0), "frt.xml:70002: XML syntax: ", 27), 0);
	free(text);
}

static void test_each_attribute_has_its_own_line(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD "<set\n\n\tid = \"a\"\n\txmlns:x\n=\n\n'urn:x'\n"
							  "\tdeadline\n\t=\n\t'\n'\n\r\n\tspill=\"a>\n/\" "
							  "shadow='b'>" GW "</set>" TAIL),
			FRT_E_DRAFT);
	assert_int_equal(faults_kept(f->d), 3);
	assert_int_equal(strncmp(fault_line(f->d, 0), "frt.xml:9: ", 11), 0);
	assert_int_equal(strncmp(fault_line(f->d, 1), "frt.xml:14: ", 12), 0);
	assert_int_equal(strncmp(fault_line(f->d, 2), "frt.xml:15: ", 12), 0);
}

static void test_faults_are_harmless_to_a_log(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f, HEAD "<set id=\"a\" deadline=\"&#10;CRITICAL: "
							  "x&#9;&#x202e;\">" GW "</set>" TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f, "frt.xml:2: <set id=\"a\">: deadline=\"?CRITICAL: "
						 "x????\": expected");
}

static void test_include_from_memory_is_refused(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(
			read_text(f,
					HEAD "<xi:include href=\"x.xml\" "
						 "xmlns:xi=\"http://www.w3.org/2001/XInclude\"/>" TAIL),
			FRT_E_DRAFT);
	assert_only_fault(f,
			"frt.xml:2: <xi:include href=\"x.xml\">: a text that is "
			"no file cannot include files");
}

/* libxml2 as other modules of the process have set it up. */
static int foreign_calls;

static void foreign_error(void *data, const char *fmt, ...)
{
	(void)data;
	(void)fmt;
	foreign_calls++;
}

static void test_libxml2_is_left_as_it_was(void **state)
{
	fixture_t *f = fx(state);
	xmlExternalEntityLoader loader = xmlGetExternalEntityLoader();

	xmlSetGenericErrorFunc(&foreign_calls, foreign_error);
	(void)read_text(f, HEAD "<set>" TAIL);
	(void)read_text(f, "<!DOCTYPE x>" HEAD TAIL);
	(void)read_text(f, HEAD "<set id=\"a\" x=\"y\"/>" TAIL);
	(void)read_text(f, HEAD "<set id=\"b\">" GW "</set>" TAIL);
	assert_true(xmlGenericError == foreign_error);
	assert_ptr_equal(xmlGenericErrorContext, &foreign_calls);
	assert_null(xmlStructuredError);
	assert_true(xmlGetExternalEntityLoader() == loader);
	assert_int_equal(foreign_calls, 0);
	xmlSetGenericErrorFunc(NULL, NULL);
}

static int read_much(frt_draft_t *d)
{
	static const char text[] = HEAD
			"<defaults><policy><on code=\"480\" route=\"next\"/></policy>"
			"<probe from=\"sip:a@b\"/></defaults>\n<set id=\"a\"\n"
			"number=\"1\">" GW "<destination id=\"gw2\" uri=\"sip:192.0.2.9\">"
			"<attribute name=\"a\" value=\"b\"/></destination></set>" TAIL;

	return frt_xml_read_memory(d, "frt.xml", text, sizeof(text) - 1);
}

static void test_memory_that_ends_at_any_call(void **state)
{
	(void)state;
	assert_true(draft_without_memory(read_much) >= 4);
}

/* libxml2's memory, which has no more at the fail_at-th request. */
static struct
{
	long calls;
	long fail_at;
} xml_heap;

static bool xml_has_none(void)
{
	return ++xml_heap.calls == xml_heap.fail_at;
}

static void *xml_alloc(size_t size)
{
	return xml_has_none() ? NULL : malloc(size);
}

static void *xml_realloc(void *p, size_t size)
{
	return xml_has_none() ? NULL : realloc(p, size);
}

static char *xml_copy(const char *text)
{
	return xml_has_none() ? NULL : strdup(text);
}

/* The text is all there, or it is refused: never a part of it. */
static void test_memory_of_libxml2_that_ends_at_any_call(void **state)
{
	static const char text[] =
			"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n" HEAD
			"<set id=\"a\">" GW "<destination id=\"gw2\" uri=\"sip:192.0.2.9\">"
			"<attribute name=\"a\" value=\"\xe9\"/></destination></set>" TAIL;
	const frt_draft_set_t *set;

	(void)state;
	xmlInitParser();
	assert_int_equal(xmlMemSetup(free, xml_alloc, xml_realloc, xml_copy), 0);
	for(xml_heap.fail_at = 1;; xml_heap.fail_at++) {
		fx_heap_t m;
		frt_draft_t *d = draft_new(&m);
		int err;

		xml_heap.calls = 0;
		err = frt_xml_read_memory(d, "frt.xml", text, sizeof(text) - 1);
		if(err == FRT_E_DRAFT) {
			assert_int_not_equal(faults_kept(d), 0);
		} else if(err == 0) {
			set = frt_draft_set_find(d, FRT_STR("a"));
			assert_non_null(set);
			assert_int_equal(set->ndsts, 2);
			assert_int_equal(set->dsts->next->nattrs, 1);
		} else {
			assert_int_equal(err, FRT_E_NOMEM);
		}
		frt_draft_free(d);
		if(xml_heap.calls < xml_heap.fail_at)
			break;
	}
	assert_int_equal(xmlMemSetup(free, malloc, realloc, strdup), 0);
	assert_true(xml_heap.calls > 20);
}

/* Cut at every byte: a fault each time, and never a crash. */
static void test_text_cut_anywhere_is_refused(void **state)
{
	static const char text[] = "<?xml version=\"1.0\"?>" HEAD
							   "<set id=\"a\" number=\"1\"><!-- c -->"
							   "<probe interval=\"1s\"/><![CDATA[ ]]>" GW
							   "</set></failover-route>";
	size_t len;

	(void)state;
	for(len = 0; len < sizeof(text); len++) {
		fx_heap_t m;
		frt_draft_t *d = draft_new(&m);
		char *copy = malloc(len > 0 ? len : 1);
		memcpy(copy, text, len);
		assert_int_equal(frt_xml_read_memory(d, "frt.xml", copy, len),
				len == sizeof(text) - 1 ? 0 : FRT_E_DRAFT);
		free(copy);
		frt_draft_free(d);
		assert_int_equal(m.live, 0);
	}
}

/* One byte of a good text changed, anywhere, to anything likely. */
static void test_text_with_any_byte_changed_never_crashes(void **state)
{
	static const char text[] =
			HEAD "<defaults fall=\"3\"/><set id=\"a\"\n number=\"1\">"
				 "<policy><on code=\"480\" route=\"next\"/></policy>" GW
				 "</set></failover-route>";
	static const char bytes[] = "<>&\"'=/!?-[ \n\tx0\x80\xff\x01:;";
	char copy[sizeof(text)];
	size_t i, b;

	(void)state;
	for(i = 0; i < sizeof(text) - 1; i++) {
		for(b = 0; b < sizeof(bytes) - 1; b++) {
			fx_heap_t m;
			frt_draft_t *d = draft_new(&m);
			memcpy(copy, text, sizeof(text));
			copy[i] = bytes[b];
			(void)frt_xml_read_memory(d, "frt.xml", copy, sizeof(text) - 1);
			(void)frt_draft_check(d);
			frt_draft_free(d);
			assert_int_equal(m.live, 0);
		}
	}
}

/* All attributes of a scope that have a default, with it. */
static size_t every_attribute(char *out, size_t size, frt_scope_t scope)
{
	size_t n, i, len = 0;
	const frt_attr_def_t *table = frt_attr_table(&n);

	for(i = 0; i < n; i++) {
		if(table[i].scope != scope || !table[i].dflt || !table[i].dflt[0])
			continue;
		len += (size_t)snprintf(out + len, size - len, " %s=\"%s\"",
				table[i].name, table[i].dflt);
	}
	return len;
}

/* libxml2's RELAX NG validator would take minutes for it. */
static void test_element_may_have_every_attribute(void **state)
{
	fixture_t *f = fx(state);
	char text[8192];
	size_t len = (size_t)snprintf(text, sizeof(text), HEAD "<set id=\"a\"");

	len += every_attribute(text + len, sizeof(text) - len, FRT_SCOPE_SET);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "><probe");
	len += every_attribute(text + len, sizeof(text) - len, FRT_SCOPE_PROBE);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "/><health");
	len += every_attribute(text + len, sizeof(text) - len, FRT_SCOPE_HEALTH);
	len += (size_t)snprintf(text + len, sizeof(text) - len,
			"/><destination id=\"d\" uri=\"sip:192.0.2.1\"/></set>" TAIL);
	assert_int_equal(frt_xml_read_memory(f->d, "frt.xml", text, len), 0);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_int_equal(frt_draft_ndsts(f->d), 1);
}

static void test_hundred_thousand_destinations_are_read(void **state)
{
	fixture_t *f = fx(state);
	size_t size = 16u << 20, len = 0;
	char *text = malloc(size);
	unsigned i;

	len += (size_t)snprintf(text, size, HEAD "<set id=\"a\">\n");
	for(i = 0; i < 100000; i++)
		len += (size_t)snprintf(text + len, size - len,
				"<destination id=\"gw%u\" uri=\"sip:gw%u.example.net\" "
				"priority=\"%u\" weight=\"10\"/>\n",
				i, i, i % 1000);
	len += (size_t)snprintf(text + len, size - len, "</set>" TAIL);
	assert_int_equal(frt_xml_read_memory(f->d, "frt.xml", text, len), 0);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_int_equal(frt_draft_ndsts(f->d), 100000);
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			DRAFT_TEST(test_good_text_fills_the_draft),
			DRAFT_TEST(test_two_sources_fill_one_draft),
			DRAFT_TEST(test_empty_text),
			DRAFT_TEST(test_blanks_only),
			DRAFT_TEST(test_not_well_formed),
			DRAFT_TEST(test_attribute_given_twice),
			DRAFT_TEST(test_nul_byte),
			DRAFT_TEST(test_utf16_is_refused),
			DRAFT_TEST(test_bad_utf8),
			DRAFT_TEST(test_declared_encoding_is_converted),
			DRAFT_TEST(test_doctype_is_refused_at_its_line),
			DRAFT_TEST(test_billion_laughs),
			DRAFT_TEST(test_external_entity_is_not_read),
			DRAFT_TEST(test_external_dtd_is_not_read),
			DRAFT_TEST(test_undeclared_entity),
			DRAFT_TEST(test_deep_nesting),
			DRAFT_TEST(test_sixteen_elements_deep_are_allowed),
			DRAFT_TEST(test_too_many_elements),
			DRAFT_TEST(test_too_many_attributes_of_one_element),
			DRAFT_TEST(test_texts_without_end_are_not_all_kept),
			DRAFT_TEST(test_huge_attribute_is_shown_in_part),
			DRAFT_TEST(test_huge_id_is_refused),
			DRAFT_TEST(test_text_over_64_mb_is_refused),
			DRAFT_TEST(test_line_numbers_beyond_65535),
			DRAFT_TEST(test_syntax_error_beyond_line_65535),
			DRAFT_TEST(test_each_attribute_has_its_own_line),
			DRAFT_TEST(test_faults_are_harmless_to_a_log),
			DRAFT_TEST(test_include_from_memory_is_refused),
			DRAFT_TEST(test_libxml2_is_left_as_it_was),
			UNIT_TEST(test_memory_that_ends_at_any_call),
			UNIT_TEST(test_memory_of_libxml2_that_ends_at_any_call),
			UNIT_TEST(test_text_cut_anywhere_is_refused),
			UNIT_TEST(test_text_with_any_byte_changed_never_crashes),
			DRAFT_TEST(test_element_may_have_every_attribute),
			DRAFT_TEST(test_hundred_thousand_destinations_are_read),
	};
	return UNIT_MAIN(tests);
}
