/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers over HTTP: texts that are too long for what xhttp has, and what is
 * told of a change that holds.
 */
// needs: modules/failover_route/frt_http.c
#include "host.h"

#include "frt_admin.h"
#include "frt_gzip.h"
#include "frt_http.h"
#include "frt_metrics.h"
#include "frt_page.h"
#include "frt_status.h"

#include "../../modules/xhttp/api.h"

#define ORIGIN "192.0.2.1:8080"

const unsigned char frt_page_html[] = "";
const size_t frt_page_html_len = 0;
const char frt_page_csp[] = "";

static frt_params_t params = {.http_admin = 1};
static unsigned long pool; /* what pkg_available() says */
static unsigned lines, written;
static char told[200]; /* code and body of the answer, as far as they fit */
static size_t told_len;
static const char *posted;

const frt_params_t *frt_params(void)
{
	return &params;
}

unsigned long frt_stub_pkg_available(void)
{
	return pool;
}

static int reply(sip_msg_t *msg, int code, str *reason, str *type, str *body)
{
	(void)msg;
	(void)reason;
	(void)type;
	snprintf(told, sizeof(told), "%d %.*s", code, body->len, body->s);
	told_len = (size_t)body->len;
	return 0;
}

int xhttp_load_api(xhttp_api_t *api)
{
	api->reply = reply;
	return 0;
}

void *find_export(char *name, int n, int flags)
{
	(void)n;
	(void)flags;
	return name;
}

int parse_headers(sip_msg_t *msg, int flags, int next)
{
	(void)msg;
	(void)flags;
	(void)next;
	return 0;
}

char *get_body(sip_msg_t *msg)
{
	(void)msg;
	return (char *)posted;
}

char *str_search(str *text, str *needle)
{
	(void)needle;
	return text->s;
}

char *ip_addr2a(struct ip_addr *ip)
{
	(void)ip;
	return "";
}

void *add_lump_rpl(sip_msg_t *msg, char *s, int len, int flags)
{
	(void)s;
	(void)len;
	(void)flags;
	return msg;
}

/* A frame of one byte for each ten. */
bool frt_gzip_begin(frt_gzip_t *gz)
{
	memset(gz, 0, sizeof(*gz));
	return true;
}

bool frt_gzip_add(frt_gzip_t *gz, const char *s, size_t n)
{
	(void)s;
	gz->len += n / 10;
	return true;
}

bool frt_gzip_end(frt_gzip_t *gz, bool ok)
{
	gz->s = ok ? calloc(1, gz->len + 1) : NULL;
	if(!ok)
		gz->len = 0;
	return ok;
}

void frt_status_write(
		const frt_gen_t *g, const frt_status_ask_t *ask, frt_json_t *out)
{
	(void)g;
	frt_json_open(out, NULL, '{');
	frt_json_text(out, "filter", ask->filter);
	frt_json_close(out, '}');
}

void frt_metrics_write(
		const frt_gen_t *g, const frt_set_t *set, frt_prom_t *out)
{
	(void)g;
	(void)set;
	out->family = "a_line_of_forty_bytes_and_its_end_is_1";
	for(written = 0; written < lines && !out->text.failed; written++)
		frt_prom_count(out, (frt_str_t){NULL, 0}, NULL, 1);
}

int frt_admin_apply(
		frt_str_t set, frt_str_t dst, frt_admin_t admin, frt_admin_done_t *done)
{
	(void)dst;
	(void)admin;
	*done = (frt_admin_done_t){.changed = 1, .calls = 2};
	memcpy(done->set, set.s, set.len);
	return 0;
}

void frt_admin_write_later(const char *set, frt_str_t dst, frt_admin_t admin)
{
	(void)set;
	(void)dst;
	(void)admin;
}

static int setup(void **state)
{
	static fx_t fx;
	static bool bound;

	*state = &fx;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dst(&fx, 1, 1);
	fx_freeze(&fx);
	host_begin(fx.gen);
	if(!bound && frt_http_init() != 0)
		return 1;
	bound = true;
	pool = 8ul << 20;
	lines = 10;
	return 0;
}

static int teardown(void **state)
{
	assert_int_equal(host.reading, 0);
	fx_end(*state);
	return 0;
}

static str text(const char *s)
{
	return (str){(char *)s, (int)strlen(s)};
}

/* One request; gzip: with Accept-Encoding. */
static const char *ask(const char *method, const char *path, bool gzip)
{
	static hdr_field_t fields[5];
	static const char *const names[] = {
			"Host", "Content-Type", "X-Failover-Route", "Origin"};
	static const char *const values[] = {
			ORIGIN, "application/json", "1", "http://" ORIGIN};
	sip_msg_t msg;
	size_t i;

	memset(&msg, 0, sizeof(msg));
	memset(fields, 0, sizeof(fields));
	for(i = 0; i < 4; i++) {
		fields[i].name = text(names[i]);
		fields[i].body = text(values[i]);
		fields[i].next = i < 3 || gzip ? &fields[i + 1] : NULL;
	}
	fields[4].name = text("Accept-Encoding");
	fields[4].body = text("gzip");
	msg.headers = fields;
	msg.first_line.type = SIP_REQUEST;
	msg.first_line.flags = FLINE_FLAG_PROTO_HTTP;
	msg.first_line.u.request.method = text(method);
	msg.first_line.u.request.uri = text(path);
	if(posted) {
		msg.buf = (char *)posted;
		msg.len = (unsigned)strlen(posted);
	}
	told[0] = '\0';
	assert_int_equal(frt_http(&msg), 1);
	return told;
}

static bool begins(const char *s, const char *with)
{
	if(strncmp(s, with, strlen(with)) == 0)
		return true;
	print_message("%s\n", s);
	return false;
}

static void test_http_text_that_is_too_long_is_not_made(void **state)
{
	size_t live;

	(void)state;
	assert_true(begins(ask("GET", "/metrics", false), "200 a_line"));
	assert_int_equal(told_len, 410);
	live = host.heap.live; /* a body that was sent is freed elsewhere */
	lines = 1000000;
	assert_true(begins(ask("GET", "/metrics", false),
			"500 The text does not fit into pkg memory"));
	assert_between(written, 60000, 140000);
	assert_int_equal(host.heap.live, live);
	assert_true(begins(ask("GET", "/metrics", true),
			"500 The text does not fit into pkg memory"));
	assert_between(written, 600000, 800000);
	lines = 600000;
	assert_true(begins(ask("GET", "/metrics", true), "200 "));
	assert_int_equal(written, lines);
}

static void test_http_without_memory_says_so(void **state)
{
	(void)state;
	host.heap.fail_at = 1;
	assert_true(begins(ask("GET", "/metrics", false), "500 Out of memory"));
}

/* An allocator that tells nothing has no limit that we know of. */
static void test_http_without_a_pool_answers_all(void **state)
{
	(void)state;
	pool = 0;
	assert_true(begins(ask("GET", "/metrics", false), "200 a_line"));
	assert_true(begins(
			ask("GET", "/failover.json?q=A", false), "200 {\"filter\":\"a\"}"));
	lines = 1000000;
	assert_true(begins(ask("GET", "/metrics", false), "200 a_line"));
}

static void test_http_change_that_holds_is_no_fault(void **state)
{
	(void)state;
	posted =
			"{\"set\":\"carriers\",\"destination\":\"d0\",\"admin\":\"drain\"}";
	assert_true(begins(ask("POST", "/failover/admin", false),
			"200 {\"set\":\"carriers\",\"destination\":\"d0\""));
	host.heap.fail_at = host.heap.calls + 1;
	assert_true(begins(ask("POST", "/failover/admin", false), "200 OK"));
	posted = NULL;
}

#define HTTP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			HTTP_TEST(test_http_text_that_is_too_long_is_not_made),
			HTTP_TEST(test_http_without_memory_says_so),
			HTTP_TEST(test_http_without_a_pool_answers_all),
			HTTP_TEST(test_http_change_that_holds_is_no_fault),
	};

	return UNIT_MAIN(tests);
}
