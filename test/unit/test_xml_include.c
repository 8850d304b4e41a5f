/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files of the XML source, real ones in a folder of their own: XInclude inside
 * the folder, outside it, in circles; and what is no regular file.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#define _GNU_SOURCE /* nftw() */
#include "draft_help.h"

#include "frt_xml.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define XI "xmlns:xi=\"http://www.w3.org/2001/XInclude\""
#define HEAD "<failover-route version=\"1\" " XI ">\n"
#define TAIL "</failover-route>\n"
#define SET(id)                                                         \
	"<set id=\"" id "\"><destination id=\"gw\" uri=\"sip:192.0.2.1\"/>" \
	"</set>\n"
#define INCLUDE(href) "<xi:include href=\"" href "\" " XI "/>\n"

static char folder[64]; /* conf/ is the configuration's folder in it */

static int remove_entry(
		const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int folder_setup(void **state)
{
	char path[128];

	snprintf(folder, sizeof(folder), "/tmp/frt_xml_XXXXXX");
	if(mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/conf", folder);
	if(mkdir(path, 0700) != 0)
		return 1;
	return setup(state);
}

static int folder_teardown(void **state)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	return teardown(state);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "wb");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int read_conf(fixture_t *f, const char *text)
{
	put("conf/frt.xml", text);
	return frt_xml_read(f->d, path_of("conf/frt.xml"));
}

/* A fault's line without the folder in front. */
static const char *fault_of(const frt_draft_t *d, uint32_t n)
{
	const char *line = fault_line(d, n);
	size_t len = strlen(folder);

	return strncmp(line, folder, len) == 0 ? line + len + 1 : line;
}

#define assert_only(f, text)                                   \
	do {                                                       \
		if(faults_kept((f)->d) != 1) {                         \
			show_faults((f)->d);                               \
			fail_msg("line %d: expected one fault", __LINE__); \
		}                                                      \
		assert_string_equal(fault_of((f)->d, 0), text);        \
	} while(0)

static void test_include_in_the_folder(void **state)
{
	fixture_t *f = fx(state);
	const frt_draft_set_t *set;

	put("conf/b.xml", "\n\n" SET("b"));
	put("conf/c.xml", HEAD "<defaults fall=\"9\"/>" SET("c") TAIL);
	put("conf/gw 2.xml", "<destination id=\"gw2\" uri=\"sip:192.0.2.2\"/>");
	assert_int_equal(
			read_conf(f,
					HEAD INCLUDE("b.xml") "<set id=\"a\">"
										  "<destination id=\"gw1\" "
										  "uri=\"sip:192.0.2.1\"/>"
										  "<xi:include href=\"gw%202.xml\" "
										  "parse=\"xml\"/>"
										  "</set>" INCLUDE("./c.xml") TAIL),
			0);
	assert_int_equal(frt_draft_check(f->d), 0);
	assert_clean(f->d);
	assert_int_equal(frt_draft_nsets(f->d), 3);
	set = frt_draft_set_find(f->d, FRT_STR("b"));
	assert_int_equal(set->place.line, 3);
	assert_non_null(strstr(set->place.file, "conf/b.xml"));
	set = frt_draft_set_find(f->d, FRT_STR("a"));
	assert_int_equal(set->ndsts, 2);
	set = frt_draft_set_find(f->d, FRT_STR("c"));
	assert_int_equal(set->conf.health.fall, 9);
}

static void test_fault_in_an_included_file_names_it(void **state)
{
	fixture_t *f = fx(state);

	mkdir(path_of("conf/sub"), 0700);
	put("conf/sub/b.xml", "<set id=\"b\">\n" INCLUDE("gw.xml") "</set>");
	put("conf/sub/gw.xml",
			"\n<destination id=\"gw\" uri=\"sip:a\"\nwieght=\"1\"/>");
	assert_int_equal(read_conf(f, HEAD INCLUDE("sub/b.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/sub/gw.xml:3: <destination id=\"gw\">: unknown "
				   "attribute \"wieght\" (did you mean \"weight\"?)");
}

static void test_syntax_error_in_an_included_file_names_it(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", "<set>\n</sett>");
	assert_int_equal(
			read_conf(f, HEAD INCLUDE("b.xml") "<x/>" TAIL), FRT_E_DRAFT);
	assert_int_equal(
			strncmp(fault_of(f->d, 0), "conf/b.xml:2: XML syntax: ", 26), 0);
	/* and what else is wrong in the first file is still found */
	assert_string_equal(fault_of(f->d, faults_kept(f->d) - 1),
			"conf/frt.xml:3: <x>: unknown element here; expected set or "
			"defaults");
}

static void test_doctype_in_an_included_file(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", "<!DOCTYPE set [<!ENTITY a \"b\">]>" SET("&a;"));
	assert_int_equal(read_conf(f, HEAD INCLUDE("b.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/b.xml:1: a DOCTYPE is not allowed here: no DTD and no "
				   "entities");
}

static void test_include_by_absolute_path(void **state)
{
	fixture_t *f = fx(state);
	char text[512];

	put("conf/b.xml", SET("b"));
	snprintf(
			text, sizeof(text), HEAD INCLUDE("%s") TAIL, path_of("conf/b.xml"));
	assert_int_equal(read_conf(f, text), 0);
	assert_non_null(frt_draft_set_find(f->d, FRT_STR("b")));
}

static void test_include_outside_is_refused(void **state)
{
	static const char *const out[] = {"../b.xml", "sub/../../b.xml", "link.xml",
			"dir/b.xml", "%2e%2e/b.xml", "../conf2/b.xml", "/etc/hostname"};
	fixture_t *f = fx(state);
	char text[512], fault[512];
	size_t i;

	put("b.xml", SET("b"));
	mkdir(path_of("conf/sub"), 0700);
	mkdir(path_of("conf2"), 0700);
	put("conf2/b.xml", SET("b"));
	assert_int_equal(symlink("../b.xml", path_of("conf/link.xml")), 0);
	assert_int_equal(symlink("..", path_of("conf/dir")), 0);
	for(i = 0; i < sizeof(out) / sizeof(out[0]); i++) {
		snprintf(text, sizeof(text), HEAD INCLUDE("%s") TAIL, out[i]);
		assert_int_equal(read_conf(f, text), FRT_E_DRAFT);
		snprintf(fault, sizeof(fault),
				"conf/frt.xml:2: <xi:include href=\"%s\">: it is outside the "
				"configuration's folder",
				out[i]);
		assert_string_equal(fault_of(f->d, (uint32_t)i), fault);
	}
	assert_int_equal(faults_kept(f->d), i);
	assert_int_equal(frt_draft_nsets(f->d), 0);
}

static void test_link_inside_the_folder_is_followed(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", SET("b"));
	assert_int_equal(symlink("b.xml", path_of("conf/link.xml")), 0);
	assert_int_equal(read_conf(f, HEAD INCLUDE("link.xml") TAIL), 0);
}

/* The folder is where the configuration really is, not where a link to it
 * stands. */
static void test_configuration_may_be_a_link(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", "\n<x/>");
	put("conf/frt.xml", HEAD INCLUDE("b.xml") "<y/>" TAIL);
	assert_int_equal(symlink("conf/frt.xml", path_of("frt.xml")), 0);
	assert_int_equal(frt_xml_read(f->d, path_of("frt.xml")), FRT_E_DRAFT);
	assert_string_equal(fault_of(f->d, 0), "conf/b.xml:2: <x>: unknown element "
										   "here; expected set or defaults");
	assert_string_equal(fault_of(f->d, 1),
			"frt.xml:3: <y>: unknown element here; expected set or defaults");
}

static void test_include_in_a_circle(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", "<set id=\"b\">\n" INCLUDE("sub.xml") "</set>");
	put("conf/sub.xml", "<probe>" INCLUDE("./b.xml") "</probe>");
	assert_int_equal(read_conf(f, HEAD INCLUDE("b.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/sub.xml:1: <xi:include href=\"./b.xml\">: the file "
				   "includes itself");
}

static void test_include_of_itself(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_conf(f, HEAD INCLUDE("frt.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/frt.xml:2: <xi:include href=\"frt.xml\">: the file "
				   "includes itself");
}

static void test_include_deeper_than_eight(void **state)
{
	fixture_t *f = fx(state);
	char name[64], text[512];
	int i;

	for(i = 1; i <= 9; i++) {
		snprintf(name, sizeof(name), "conf/%d.xml", i);
		snprintf(text, sizeof(text), HEAD INCLUDE("%d.xml") TAIL, i + 1);
		put(name, i == 8 ? HEAD TAIL : text);
	}
	assert_int_equal(read_conf(f, HEAD INCLUDE("1.xml") TAIL), 0);
	put("conf/8.xml", HEAD INCLUDE("9.xml") TAIL);
	put("conf/9.xml", HEAD TAIL);
	assert_int_equal(read_conf(f, HEAD INCLUDE("1.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/8.xml:2: <xi:include href=\"9.xml\">: files are "
				   "included deeper than 8");
}

static void test_elements_deeper_than_sixteen_over_files(void **state)
{
	fixture_t *f = fx(state);

	put("conf/b.xml", HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD INCLUDE("c.xml")
							  TAIL TAIL TAIL TAIL TAIL TAIL TAIL TAIL);
	put("conf/c.xml", HEAD HEAD HEAD HEAD HEAD HEAD HEAD HEAD TAIL TAIL TAIL
							  TAIL TAIL TAIL TAIL TAIL);
	assert_int_equal(read_conf(f, HEAD INCLUDE("b.xml") TAIL), FRT_E_DRAFT);
	assert_only(f, "conf/c.xml:8: <failover-route>: elements are nested deeper "
				   "than 16");
}

static void test_more_than_64_includes(void **state)
{
	fixture_t *f = fx(state);
	static char text[8192];
	size_t len;
	int i;

	put("conf/gw.xml", HEAD TAIL);
	len = (size_t)snprintf(text, sizeof(text), HEAD);
	for(i = 0; i < 66; i++)
		len += (size_t)snprintf(
				text + len, sizeof(text) - len, INCLUDE("gw.xml"));
	snprintf(text + len, sizeof(text) - len, TAIL);
	assert_int_equal(read_conf(f, text), FRT_E_DRAFT);
	assert_int_equal(faults_kept(f->d), 2);
	assert_string_equal(fault_of(f->d, 0),
			"conf/frt.xml:66: <xi:include href=\"gw.xml\">: there are more "
			"than "
			"64 includes");
}

static void test_include_that_cannot_be(void **state)
{
	static const struct
	{
		const char *element;
		const char *fault;
	} bad[] = {{"<xi:include/>", "\">: href is missing"},
			{"<xi:include href=\"\"/>", "\">: href is missing"},
			{"<xi:include href=\"none.xml\"/>",
					"none.xml\">: No such file or directory"},
			{"<xi:include href=\"http://192.0.2.1/x.xml\"/>",
					"http://192.0.2.1/x.xml\">: only files can be included, by "
					"their path"},
			{"<xi:include href=\"file:///etc/passwd\"/>",
					"file:///etc/passwd\">: only files can be included, by "
					"their "
					"path"},
			{"<xi:include href=\"b.xml#xpointer(/)\"/>",
					"b.xml#xpointer(/)\">: a part of a file cannot be "
					"included"},
			{"<xi:include href=\"b.xml\" xpointer=\"x\"/>",
					"b.xml\">: only href, and parse=\"xml\", are supported"},
			{"<xi:include href=\"b.xml\" parse=\"text\"/>",
					"b.xml\">: only href, and parse=\"xml\", are supported"},
			{"<xi:include href=\"b.xml\"><xi:fallback/></xi:include>",
					"b.xml\">: xi:fallback is not supported: a file that is "
					"missing is an error"},
			{"<xi:include href=\"sub\"/>", "sub\">: not a regular file"},
			{"<xi:include href=\".\"/>",
					".\">: it is outside the configuration's folder"},
			{"<xi:include href=\"fifo\"/>", "fifo\">: not a regular file"},
			{"<xi:include href=\"only.xml\"/>",
					"only.xml\">: the file is nothing but an include"}};
	fixture_t *f = fx(state);
	char text[512], fault[512];
	size_t i;

	put("conf/b.xml", SET("b"));
	put("conf/only.xml", INCLUDE("b.xml"));
	mkdir(path_of("conf/sub"), 0700);
	assert_int_equal(mkfifo(path_of("conf/fifo"), 0600), 0);
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), HEAD "%s" TAIL, bad[i].element);
		assert_int_equal(read_conf(f, text), FRT_E_DRAFT);
		snprintf(fault, sizeof(fault), "conf/frt.xml:2: <xi:include href=\"%s",
				bad[i].fault);
		assert_string_equal(fault_of(f->d, (uint32_t)i), fault);
	}
	assert_int_equal(faults_kept(f->d), i);
}

static void test_what_is_no_file(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(mkfifo(path_of("fifo"), 0600), 0);
	assert_int_equal(frt_xml_read(f->d, path_of("fifo")), FRT_E_DRAFT);
	assert_int_equal(frt_xml_read(f->d, path_of("conf")), FRT_E_DRAFT);
	assert_int_equal(frt_xml_read(f->d, "/dev/zero"), FRT_E_DRAFT);
	assert_int_equal(frt_xml_read(f->d, path_of("none.xml")), FRT_E_DRAFT);
	assert_int_equal(frt_xml_read(f->d, ""), FRT_E_DRAFT);
	assert_string_equal(fault_of(f->d, 0),
			"fifo: cannot read the configuration: not a regular file");
	assert_string_equal(fault_of(f->d, 1),
			"conf: cannot read the configuration: not a regular file");
	assert_string_equal(fault_of(f->d, 2),
			"/dev/zero: cannot read the configuration: not a regular file");
	assert_string_equal(fault_of(f->d, 3),
			"none.xml: cannot read the configuration: No such file or "
			"directory");
}

static void test_empty_file(void **state)
{
	fixture_t *f = fx(state);

	assert_int_equal(read_conf(f, ""), FRT_E_DRAFT);
	assert_only(f, "conf/frt.xml: the file is empty");
}

static void test_file_over_64_mb_is_not_read(void **state)
{
	fixture_t *f = fx(state);

	put("conf/frt.xml", HEAD TAIL);
	assert_int_equal(truncate(path_of("conf/frt.xml"), (64 << 20) + 1), 0);
	assert_int_equal(frt_xml_read(f->d, path_of("conf/frt.xml")), FRT_E_DRAFT);
	assert_only(f,
			"conf/frt.xml: cannot read the configuration: larger than 64 "
			"MB, with what was read before");
}

static void test_no_file_stays_open(void **state)
{
	fixture_t *f = fx(state);
	int before = open("/dev/null", O_RDONLY), after;

	close(before);
	put("conf/b.xml", SET("b"));
	assert_int_equal(read_conf(f, HEAD INCLUDE("b.xml") TAIL), 0);
	(void)frt_xml_read(f->d, path_of("conf"));
	after = open("/dev/null", O_RDONLY);
	close(after);
	assert_int_equal(before, after);
}

static void test_file_name_may_go_before_the_draft(void **state)
{
	fixture_t *f = fx(state);
	char *name;

	put("conf/frt.xml", HEAD "<x/>" TAIL);
	name = strdup(path_of("conf/frt.xml"));
	assert_int_equal(frt_xml_read(f->d, name), FRT_E_DRAFT);
	memset(name, 'z', strlen(name));
	free(name);
	assert_only(f, "conf/frt.xml:2: <x>: unknown element here; expected set or "
				   "defaults");
}

static int read_two_files(frt_draft_t *d)
{
	return frt_xml_read(d, path_of("conf/frt.xml"));
}

static void test_memory_that_ends_at_any_call(void **state)
{
	(void)state;
	put("conf/b.xml", SET("b"));
	put("conf/frt.xml", HEAD INCLUDE("b.xml") SET("a") TAIL);
	assert_true(draft_without_memory(read_two_files) >= 4);
}

#define FILE_TEST(f) \
	cmocka_unit_test_setup_teardown(f, folder_setup, folder_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			FILE_TEST(test_include_in_the_folder),
			FILE_TEST(test_fault_in_an_included_file_names_it),
			FILE_TEST(test_syntax_error_in_an_included_file_names_it),
			FILE_TEST(test_doctype_in_an_included_file),
			FILE_TEST(test_include_by_absolute_path),
			FILE_TEST(test_include_outside_is_refused),
			FILE_TEST(test_link_inside_the_folder_is_followed),
			FILE_TEST(test_configuration_may_be_a_link),
			FILE_TEST(test_include_in_a_circle),
			FILE_TEST(test_include_of_itself),
			FILE_TEST(test_include_deeper_than_eight),
			FILE_TEST(test_elements_deeper_than_sixteen_over_files),
			FILE_TEST(test_more_than_64_includes),
			FILE_TEST(test_include_that_cannot_be),
			FILE_TEST(test_what_is_no_file),
			FILE_TEST(test_empty_file),
			FILE_TEST(test_file_over_64_mb_is_not_read),
			FILE_TEST(test_no_file_stays_open),
			FILE_TEST(test_file_name_may_go_before_the_draft),
			FILE_TEST(test_memory_that_ends_at_any_call),
	};
	return UNIT_MAIN(tests);
}
