/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP: a table of paths, who may ask for them, and one way to answer. Texts
 * are made in the heap, compressed where the client takes that, and only then
 * handed to xhttp, which copies them into pkg memory.
 */
#include "frt_gzip.h"
#include "frt_http.h"
#include "frt_admin.h"
#include "frt_metrics.h"
#include "frt_page.h"
#include "frt_status.h"
#include "frt_text.h"
#include "frt_web.h"

#include "../../core/data_lump_rpl.h"
#include "../../core/ip_addr.h"
#include "../../core/mem/mem.h"
#include "../../core/parser/hf.h"
#include "../../core/parser/parse_content.h"
#include "../../core/ut.h"
#include "../../modules/xhttp/api.h"

#include <stdlib.h>
#include <string.h>

#define GZIP_FROM 1024 /* bytes; shorter ones are sent as they are */
#define PKG_COPIES 3u  /* xhttp's, the reply's, and what is sent */
#define BODY_MAX 2048  /* of a POST */
#define PAGE_LIMIT 200 /* destinations, where the request names no number */

/* Nothing but the page's own is ever run, framed or linked. */
#define CSP_TEXT "default-src 'none'; frame-ancestors 'none'"

typedef struct frt_ask
{
	sip_msg_t *msg;
	frt_str_t query;
} frt_ask_t;

typedef struct frt_answer
{
	int code;
	const char *reason;
	const char *type;
	const char *csp;   /* Content-Security-Policy; NULL: CSP_TEXT */
	const char *allow; /* of a 405; NULL: none */
	char *body;		   /* NULL: none; of the heap */
	size_t len;
	bool gzip;
} frt_answer_t;

static xhttp_api_t xhttp;
static bool bound = false;

int frt_http_init(void)
{
	if(!find_export("bind_xhttp", 0, 0))
		return 0;
	if(xhttp_load_api(&xhttp) < 0) {
		LM_ERR("cannot bind the xhttp module\n");
		return -1;
	}
	bound = true;
	return 0;
}

static frt_str_t slice(str s)
{
	return (frt_str_t){s.s, (uint32_t)s.len};
}

/* A header by its name; empty if there is none. One that is there twice means
 * what each reader likes (RFC 9112 section 3.2): it is ",", which no host,
 * origin or type is. */
static frt_str_t header(sip_msg_t *msg, frt_str_t name)
{
	frt_str_t found = {NULL, 0};
	bool seen = false;
	hdr_field_t *hf;

	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return found;
	for(hf = msg->headers; hf; hf = hf->next) {
		if(!frt_str_eq_nocase(slice(hf->name), name))
			continue;
		if(seen)
			return FRT_STR(",");
		found = slice(hf->body);
		seen = true;
	}
	return found;
}

/* RFC 9110 section 12.5.3, as far as it is needed: gzip is named, and not
 * refused by q=0. */
static bool takes_gzip(sip_msg_t *msg)
{
	frt_str_t value = header(msg, FRT_STR("Accept-Encoding"));
	str text = {(char *)value.s, (int)value.len}, gzip = str_init("gzip");
	const char *at = value.len ? str_search(&text, &gzip) : NULL;
	const char *end = value.s + value.len;

	if(!at)
		return false;
	for(at += 4; at < end && (*at == ' ' || *at == ';'); at++)
		;
	return end - at < 3 || memcmp(at, "q=0", 3) != 0
		   || (end - at > 3 && at[3] == '.');
}

/* What cannot be compressed is sent as it is. */
static void compress_body(frt_answer_t *a)
{
	frt_gzip_t gz;

	if(!frt_gzip_begin(&gz)
			|| !frt_gzip_end(&gz, frt_gzip_add(&gz, a->body, a->len)))
		return;
	free(a->body);
	a->body = gz.s;
	a->len = gz.len;
	a->gzip = true;
}

static void answer_text(frt_answer_t *a, int code, const char *reason)
{
	free(a->body);
	a->code = code;
	a->reason = reason;
	a->type = "text/plain; charset=utf-8";
	a->csp = NULL;
	a->body = strdup(reason);
	a->len = a->body ? strlen(a->body) : 0;
	a->gzip = false;
}

/* Bytes of the longest text that xhttp has memory for. 0 available: there is no
 * pool, but what the system has. */
static size_t text_room(void)
{
	size_t room = (size_t)pkg_available();

	return (room == 0 || room > INT_MAX ? INT_MAX : room) / PKG_COPIES;
}

static void answer_too_long(frt_answer_t *a)
{
	answer_text(a, 500,
			"The text does not fit into pkg memory: accept gzip, ask for one "
			"set, or start Kamailio with a larger -M");
}

static int add_header(sip_msg_t *msg, const char *name, const char *value)
{
	char mem[512];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "%s: %s\r\n", name, value);
	return !b.cut && add_lump_rpl(msg, mem, (int)b.len, LUMP_RPL_HDR) ? 0 : -1;
}

static int add_headers(sip_msg_t *msg, const frt_answer_t *a)
{
	static const char *const always[][2] = {
			{"X-Content-Type-Options", "nosniff"},
			{"Cache-Control", "no-store"},
			{"Referrer-Policy", "no-referrer"},
			{"Cross-Origin-Resource-Policy", "same-origin"},
	};
	size_t i;

	for(i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if(add_header(msg, always[i][0], always[i][1]) < 0)
			return -1;
	}
	if(add_header(msg, "Content-Security-Policy", a->csp ? a->csp : CSP_TEXT)
			< 0)
		return -1;
	if(a->gzip && add_header(msg, "Content-Encoding", "gzip") < 0)
		return -1;
	return a->allow ? add_header(msg, "Allow", a->allow) : 0;
}

static bool is_method(const sip_msg_t *msg, const char *name)
{
	return frt_str_eq(
			slice(msg->first_line.u.request.method), frt_str_of(name));
}

/* HEAD is GET without the text (RFC 9110 section 9.3.2): who asked so would
 * take that for the next answer. */
static int answer(sip_msg_t *msg, frt_answer_t *a)
{
	str reason, type, body;

	if(a->body && !a->gzip && a->len >= GZIP_FROM && takes_gzip(msg))
		compress_body(a);
	if(a->len > text_room())
		answer_too_long(a);
	reason = (str){(char *)a->reason, (int)strlen(a->reason)};
	type = (str){(char *)a->type, (int)strlen(a->type)};
	body = (str){a->body, is_method(msg, "HEAD") ? 0 : (int)a->len};
	if(add_headers(msg, a) < 0
			|| xhttp.reply(msg, a->code, &reason, &type, &body) < 0) {
		LM_ERR("cannot answer an HTTP request\n");
		return -1;
	}
	return 0;
}

/* Hands a text over, or says that it could not be made. */
static void answer_grown(frt_answer_t *a, frt_grow_t *text, const char *type)
{
	if(text->failed) {
		answer_text(a, 500, "Out of memory");
		return;
	}
	a->code = 200;
	a->reason = "OK";
	a->type = type;
	a->body = text->s;
	a->len = text->len;
}

static bool gzip_fits(const frt_gzip_t *gz)
{
	return gz->len <= text_room();
}

static bool gzip_sink(void *to, const char *s, size_t n)
{
	return frt_gzip_add(to, s, n) && gzip_fits(to);
}

/* The text, compressed while it is made: ten thousand destinations make 46 MB
 * of it, and to fill so much memory takes longer than to write the text. Ends
 * where it is too long, as does the other. */
static int metrics_gzip(
		const frt_gen_t *g, const frt_set_t *only, frt_answer_t *a)
{
	frt_prom_t text;
	frt_gzip_t gz;
	bool ok, fits;

	if(!frt_gzip_begin(&gz))
		return FRT_E_NOMEM;
	frt_prom_init(&text, frt_mem_heap());
	frt_prom_stream(&text, gzip_sink, &gz);
	frt_metrics_write(g, only, &text);
	frt_prom_flush(&text);
	fits = gzip_fits(&gz);
	ok = frt_gzip_end(&gz, !text.text.failed);
	frt_prom_free(&text);
	a->body = gz.s;
	a->len = gz.len;
	a->gzip = ok;
	return ok ? 0 : fits ? FRT_E_NOMEM : FRT_E_RANGE;
}

static int metrics_plain(
		const frt_gen_t *g, const frt_set_t *only, frt_answer_t *a)
{
	frt_prom_t text;

	frt_prom_init(&text, frt_mem_heap());
	frt_prom_limit(&text, text_room());
	frt_metrics_write(g, only, &text);
	a->body = text.text.s;
	a->len = text.text.len;
	return text.full ? FRT_E_RANGE : text.text.failed ? FRT_E_NOMEM : 0;
}

static void serve_metrics(const frt_ask_t *ask, frt_answer_t *a)
{
	char id[FRT_ID_MAX * 3 + 1];
	bool gzip = takes_gzip(ask->msg);
	frt_gen_t *g = frt_table_enter();
	const frt_set_t *only = NULL;
	int one = frt_web_query(ask->query, "set", id, sizeof(id)), err;

	if(g && one > 0)
		only = frt_gen_set(g, frt_str_of(id));
	if(!g || (one && !only)) {
		frt_table_leave();
		answer_text(a, 404, "No such set");
		return;
	}
	err = gzip ? metrics_gzip(g, only, a) : metrics_plain(g, only, a);
	frt_table_leave();
	if(err == FRT_E_RANGE) {
		answer_too_long(a);
		return;
	}
	if(err) {
		answer_text(a, 500, "Out of memory");
		return;
	}
	a->code = 200;
	a->reason = "OK";
	a->type = "text/plain; version=0.0.4; charset=utf-8";
}

static void serve_page(const frt_ask_t *ask, frt_answer_t *a)
{
	frt_grow_t text;

	frt_grow_init(&text, frt_mem_heap());
	frt_grow_put(&text, (const char *)frt_page_html, frt_page_html_len);
	a->csp = frt_page_csp;
	answer_grown(a, &text, "text/html; charset=utf-8");
}

/* A number of the query; *out stays when there is none, or it is none. */
static void query_number(frt_str_t query, const char *name, uint32_t *out)
{
	char text[16];
	uint32_t n;

	if(frt_web_query(query, name, text, sizeof(text)) > 0
			&& frt_uint_parse(frt_str_of(text), 0, UINT32_MAX, &n) == 0)
		*out = n;
}

static void serve_status(const frt_ask_t *ask, frt_answer_t *a)
{
	frt_status_ask_t what = {.limit = PAGE_LIMIT};
	uint32_t bad = 0, events = 0;
	const frt_gen_t *g;
	frt_json_t text;
	char *c;

	if(frt_web_query(ask->query, "q", what.filter, sizeof(what.filter)) < 0) {
		answer_text(a, 400, "q: too long for a name or a URI, or not encoded");
		return;
	}
	for(c = what.filter; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
	query_number(ask->query, "bad", &bad);
	query_number(ask->query, "offset", &what.offset);
	query_number(ask->query, "limit", &what.limit);
	query_number(ask->query, "events", &events);
	what.bad = bad != 0;
	what.events = events;
	frt_json_init(&text, frt_mem_heap());
	g = frt_table_enter();
	if(g)
		frt_status_write(g, &what, &text);
	frt_table_leave();
	if(!g)
		answer_text(a, 503, "No table yet");
	else
		answer_grown(a, &text.text, "application/json");
}

/* Why a request that changes something is refused, or NULL. A page of another
 * origin cannot send this header and type without asking first (CORS), which
 * we never allow; and a browser says where a page came from. */
static const char *why_refused(sip_msg_t *msg)
{
	frt_str_t site = header(msg, FRT_STR("Sec-Fetch-Site"));
	frt_str_t origin = header(msg, FRT_STR("Origin"));

	if(!frt_params()->http_admin)
		return "Read-only: the module parameter http_admin is 0";
	if(!frt_web_is_type(header(msg, FRT_STR("Content-Type")),
			   FRT_STR("application/json")))
		return "Expected application/json";
	if(!frt_str_eq(header(msg, FRT_STR("X-Failover-Route")), FRT_STR("1")))
		return "Expected X-Failover-Route: 1";
	if(origin.len == 0 && site.len == 0)
		return "Expected an Origin";
	if((site.len && !frt_str_eq(site, FRT_STR("same-origin")))
			|| (origin.len
					&& !frt_web_same_origin(
							origin, header(msg, FRT_STR("Host")))))
		return "Not from the same origin";
	return NULL;
}

/* The body; empty if there is none, or it is too long. */
static frt_str_t body_of(sip_msg_t *msg)
{
	char *body = get_body(msg);
	size_t len = body ? (size_t)(msg->buf + msg->len - body) : 0;

	return (frt_str_t){body, len > BODY_MAX ? 0 : (uint32_t)len};
}

static void admin_told(frt_answer_t *a, const frt_admin_done_t *done,
		const char *dst, const char *word)
{
	frt_json_t text;

	frt_json_init(&text, frt_mem_heap());
	frt_json_open(&text, NULL, '{');
	frt_json_text(&text, "set", done->set);
	frt_json_text(&text, "destination", dst);
	frt_json_text(&text, "admin", word);
	frt_json_int(&text, "changed", done->changed);
	frt_json_int(&text, "calls", done->calls);
	frt_json_close(&text, '}');
	if(text.text.failed)
		answer_text(a, 200, "OK"); /* it is done, whatever is told of it */
	else
		answer_grown(a, &text.text, "application/json");
}

static void serve_admin(const frt_ask_t *ask, frt_answer_t *a)
{
	char set[FRT_ID_MAX + 1], dst[FRT_DST_ID_MAX + 1], word[16];
	frt_json_field_t fields[] = {{"set", set, sizeof(set), false},
			{"destination", dst, sizeof(dst), false},
			{"admin", word, sizeof(word), false}};
	const char *refused = why_refused(ask->msg);
	frt_admin_t admin = FRT_READY;
	frt_admin_done_t done;
	int err;

	if(refused) {
		answer_text(a, 403, refused);
		return;
	}
	err = frt_json_read(body_of(ask->msg), fields, 3);
	if(err || strcmp(dst, "*") == 0
			|| frt_admin_parse(frt_str_of(word), &admin) != 0) {
		answer_text(a, 400,
				"Expected {\"set\":ID,\"destination\":ID,\"admin\":"
				"\"ready\", \"drain\" or \"maint\"}");
		return;
	}
	err = frt_admin_apply(frt_str_of(set), frt_str_of(dst), admin, &done);
	/* the row has the name as it is, the log as it may be shown */
	if(err == 0)
		frt_admin_write_later(done.set, frt_str_of(dst), admin);
	frt_text_clean(set);
	frt_text_clean(dst);
	LM_NOTICE("%s/%s: %s asked for over HTTP from %s: %s\n", set, dst, word,
			ip_addr2a(&ask->msg->rcv.src_ip),
			err			   ? frt_err_name(err)
			: done.changed ? "done"
						   : "it was so");
	if(err)
		answer_text(a, 404, "No such set or destination");
	else
		admin_told(a, &done, dst, word);
}

static const struct
{
	const char *path;
	const char *method;
	bool guarded; /* under a host of ours only */
	void (*serve)(const frt_ask_t *ask, frt_answer_t *a);
} pages[] = {
		{"/metrics", "GET", false, serve_metrics},
		{"/failover", "GET", true, serve_page},
		{"/failover.json", "GET", true, serve_status},
		{"/failover/admin", "POST", true, serve_admin},
};

/* Path and query of the request's target, whichever form it has. */
static frt_str_t take_target(sip_msg_t *msg, frt_str_t *query)
{
	frt_str_t path = slice(msg->first_line.u.request.uri);
	const char *mark = memchr(path.s, '?', path.len);

	*query = (frt_str_t){NULL, 0};
	if(mark) {
		query->s = mark + 1;
		query->len = path.len - (uint32_t)(mark + 1 - path.s);
		path.len = (uint32_t)(mark - path.s);
	}
	return path;
}

static bool takes_method(size_t i, const sip_msg_t *msg)
{
	return is_method(msg, pages[i].method)
		   || (is_method(msg, "HEAD") && strcmp(pages[i].method, "GET") == 0);
}

static void serve(size_t i, const frt_ask_t *ask, frt_answer_t *a)
{
	str hosts = frt_params()->http_hosts;

	if(pages[i].guarded
			&& !frt_web_host_ok(
					header(ask->msg, FRT_STR("Host")), slice(hosts))) {
		answer_text(a, 421,
				"Ask by IP address, or add this name to the module parameter "
				"http_hosts");
	} else if(!takes_method(i, ask->msg)) {
		answer_text(a, 405, "Method Not Allowed");
		a->allow = pages[i].method;
	} else {
		pages[i].serve(ask, a);
	}
}

int frt_http(sip_msg_t *msg)
{
	frt_ask_t ask = {.msg = msg};
	frt_answer_t a = {.body = NULL};
	frt_str_t path;
	size_t i;
	int err;

	if(!bound || !IS_HTTP(msg) || msg->first_line.type != SIP_REQUEST)
		return FRT_E_INVAL;
	path = take_target(msg, &ask.query);
	for(i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		frt_str_t ours = frt_str_of(pages[i].path);

		if(!frt_str_eq(path, ours))
			continue;
		serve(i, &ask, &a);
		err = answer(msg, &a);
		free(a.body);
		return err < 0 ? FRT_E_NOMEM : 1;
	}
	return FRT_E_NODST;
}
