/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files below xml/: each names the faults it must give, and our own walk
 * and the schema must agree about each. See xml/README.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#include "draft_help.h"

#include "frt_attr.h"
#include "frt_xml.h"

#include <ctype.h>
#include <dirent.h>
#include <libxml/parser.h>
#include <libxml/relaxng.h>

#define FOLDER "test/unit/xml"

static xmlRelaxNGPtr schema;

static void ignore_error(void *data, xmlErrorPtr error)
{
	(void)data;
	(void)error;
}

static int open_schema(void **state)
{
	xmlRelaxNGParserCtxtPtr p =
			xmlRelaxNGNewParserCtxt("etc/failover_route.rng");

	(void)state;
	schema = xmlRelaxNGParse(p);
	xmlRelaxNGFreeParserCtxt(p);
	return schema == NULL;
}

static int close_schema(void **state)
{
	(void)state;
	xmlRelaxNGFree(schema);
	return 0;
}

/* What the schema alone says. */
static bool schema_takes(const char *text, size_t len)
{
	xmlDocPtr doc = xmlReadMemory(text, (int)len, "x", NULL, XML_PARSE_NONET);
	xmlRelaxNGValidCtxtPtr valid = xmlRelaxNGNewValidCtxt(schema);
	int result;

	assert_non_null(doc);
	xmlRelaxNGSetValidStructuredErrors(
			valid, (xmlStructuredErrorFunc)ignore_error, NULL);
	result = xmlRelaxNGValidateDoc(valid, doc);
	xmlRelaxNGFreeValidCtxt(valid);
	xmlFreeDoc(doc);
	assert_true(result >= 0);
	return result == 0;
}

static char *read_text(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text = malloc(65536);

	if(f == NULL)
		fail_msg("%s: cannot be read; run from the repository's root", path);
	*len = fread(text, 1, 65535, f);
	text[*len] = '\0';
	fclose(f);
	return text;
}

/* Every "expect N: text" must be a fault, or "expect text" where it has no
 * line, and nothing else. */
static void check_faults(
		const frt_draft_t *d, const char *name, const char *text)
{
	static const char mark[] = "<!-- expect ";
	uint32_t expected = 0;
	const char *p, *end;
	char line[600];

	for(p = text; (p = strstr(p, mark)) != NULL; p = end) {
		p += strlen(mark);
		end = strstr(p, " -->\n");
		snprintf(line, sizeof(line), "%s%s%.*s",
				isdigit((unsigned char)*p) ? name : "",
				isdigit((unsigned char)*p) ? ":" : "", (int)(end - p), p);
		expected++;
		if(!has_fault(d, line)) {
			show_faults(d);
			fail_msg("%s: no fault: %s", name, line);
		}
	}
	if(expected != faults_kept(d)) {
		show_faults(d);
		fail_msg("%s: %u faults, expected %u", name, (unsigned)faults_kept(d),
				(unsigned)expected);
	}
}

/* Reads a file as the module does. True if it has no error. */
static bool we_take(const char *name, const char *text, size_t len)
{
	fx_heap_t m;
	frt_draft_t *d = draft_new(&m);
	uint32_t errors;

	assert_non_null(d);
	(void)frt_xml_read_memory(d, name, text, len);
	(void)frt_draft_check(d);
	check_faults(d, name, text);
	errors = frt_draft_errors(d);
	frt_draft_free(d);
	assert_int_equal(m.live, 0);
	return errors == 0;
}

static bool is_xml(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcmp(name + len - 4, ".xml") == 0;
}

/* -1: whatever; 0: refuses; 1: takes */
static void check_folder(const char *folder, int we, int schema_says)
{
	char path[512];
	struct dirent *e;
	unsigned files = 0;
	DIR *dir;

	snprintf(path, sizeof(path), FOLDER "/%s", folder);
	dir = opendir(path);
	if(dir == NULL)
		fail_msg("%s: cannot be read; run from the repository's root", path);
	while((e = readdir(dir)) != NULL) {
		size_t len;
		char *text;
		if(!is_xml(e->d_name))
			continue;
		files++;
		snprintf(path, sizeof(path), FOLDER "/%s/%s", folder, e->d_name);
		text = read_text(path, &len);
		if(we_take(e->d_name, text, len) != (we == 1) && we >= 0)
			fail_msg("%s: we %s it", path, we ? "refuse" : "take");
		if(schema_takes(text, len) != (schema_says == 1))
			fail_msg("%s: the schema %s it", path,
					schema_says ? "refuses" : "takes");
		free(text);
	}
	closedir(dir);
	assert_true(files > 0);
}

static void test_good_files_are_good_for_both(void **state)
{
	(void)state;
	check_folder("good", 1, 1);
}

static void test_bad_files_are_bad_for_both(void **state)
{
	(void)state;
	check_folder("bad", 0, 0);
}

static void test_files_that_make_no_sense_are_found_by_us(void **state)
{
	(void)state;
	check_folder("range", -1, 1);
}

/* A file with one attribute at its right place, besides what is required. */
static void document(char *out, size_t size, const frt_attr_def_t *def,
		bool in_defaults, const char *value)
{
	char attr[200], *a = attr;
	const char *scope = frt_scope_name(def->scope);
	bool set = def->scope == FRT_SCOPE_SET;
	bool dst = def->scope == FRT_SCOPE_DESTINATION;
	char child[300] = "";

	snprintf(attr, sizeof(attr), "%s=\"%s\"", def->name, value);
	if(def->scope == FRT_SCOPE_RULE)
		snprintf(child, sizeof(child), "<policy><on %s %s/></policy>", attr,
				strcmp(def->name, "route") == 0 ? "verdict=\"ok\""
												: "route=\"next\"");
	else if(!set && !dst && !in_defaults)
		snprintf(child, sizeof(child), "<%s %s/>", scope, attr);
	snprintf(out, size,
			"<failover-route version=\"1\"><defaults %s/>"
			"<set %s %s>%s<destination %s %s %s/></set></failover-route>",
			in_defaults ? a : "",
			set && strcmp(def->name, "id") == 0 ? "" : "id=\"a\"",
			set && !in_defaults ? a : "", child,
			dst && strcmp(def->name, "id") == 0 ? "" : "id=\"gw\"",
			dst && strcmp(def->name, "uri") == 0 ? "" : "uri=\"sip:a\"",
			dst ? a : "");
}

static bool has_errors(const char *text)
{
	fx_heap_t m;
	frt_draft_t *d = draft_new(&m);
	int err = frt_xml_read_memory(d, "x", text, strlen(text));

	frt_draft_free(d);
	return err != 0;
}

/* Values of every type, good for some attributes and bad for others: for each
 * attribute of the table and each value, both must say the same. */
static void test_schema_and_table_agree_on_every_attribute(void **state)
{
	static const char *const values[] = {"", "1", "0", "00", "5s", "5", "500ms",
			"0s", "-1", "50%", "%", "yes", "on", "TRUE", "no", "any", "none",
			"480", "5xx", "5XX", "480 503", " 480  503 ", "480,503", "500-503",
			"480-", "4800", "x", "a b", "*a", "a,b", "sip:a", "SIPS:a",
			"sip:", "sip:a b", "tel:1", "udp:a:1", "UDP:a:1", "udp:a",
			"any:a:1", "OPTIONS", "options", "02:00-05:00", "2:00-05:00",
			"Mon-Fri 22:00-06:00,Sat,Sun 00:00-24:00", "Mon,Tue", "weighted",
			"hash", "standard", "strict", "duri", "ruri", "next", "stop",
			"remote", "local", "ok", "weak", "ready", "maint", "srv", "1.5s",
			"1 ", " 1", "24:00-01:00", "02:00-05:00,", "408\t503"};
	size_t n, i, v;
	const frt_attr_def_t *t = frt_attr_table(&n);
	char text[1024];
	int round;

	(void)state;
	for(i = 0; i < n; i++) {
		for(v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
			for(round = 0; round < 2; round++) {
				bool shared = t[i].scope == FRT_SCOPE_SET
							  || t[i].scope == FRT_SCOPE_PROBE
							  || t[i].scope == FRT_SCOPE_HEALTH;
				if(round == 1 && (!shared || t[i].set_only))
					continue;
				document(text, sizeof(text), &t[i], round == 1, values[v]);
				/* a value out of range is ours alone */
				if(has_errors(text) && schema_takes(text, strlen(text))
						&& (strspn(values[v], "0123456789smhd") != 0
								|| strchr(values[v], '%') != NULL))
					continue;
				if(has_errors(text) == schema_takes(text, strlen(text)))
					fail_msg("we %s it, the schema does not: %s",
							has_errors(text) ? "refuse" : "take", text);
			}
		}
	}
}

/* The shipped sample is good, and has no warning. */
static void test_sample_is_good(void **state)
{
	fx_heap_t m;
	frt_draft_t *d = draft_new(&m);
	size_t len;
	char *text = read_text("etc/failover_route.xml", &len);

	(void)state;
	assert_int_equal(frt_xml_read(d, "etc/failover_route.xml"), 0);
	assert_int_equal(frt_draft_check(d), 0);
	assert_clean(d);
	assert_int_equal(frt_draft_nsets(d), 3);
	assert_true(schema_takes(text, len));
	free(text);
	frt_draft_free(d);
	assert_int_equal(m.live, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_good_files_are_good_for_both),
			UNIT_TEST(test_bad_files_are_bad_for_both),
			UNIT_TEST(test_files_that_make_no_sense_are_found_by_us),
			UNIT_TEST(test_schema_and_table_agree_on_every_attribute),
			UNIT_TEST(test_sample_is_good),
	};
	return cmocka_run_group_tests(tests, open_schema, close_schema);
}
