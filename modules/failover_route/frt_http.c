/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP: a table of paths, and one way to answer. Texts are made in the heap,
 * compressed where the client takes that, and only then handed to xhttp, which
 * copies them into pkg memory.
 */
#include "frt_gzip.h"
#include "frt_http.h"
#include "frt_metrics.h"

#include "../../core/data_lump_rpl.h"
#include "../../core/parser/hf.h"
#include "../../core/ut.h"
#include "../../modules/xhttp/api.h"

#include <stdlib.h>
#include <string.h>

#define GZIP_FROM 1024 /* bytes; shorter ones are sent as they are */
#define PKG_COPIES 3u  /* xhttp's, the reply's, and what is sent */

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
	char *body; /* NULL: none; of the heap */
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

static void *heap_get(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void heap_put(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static const frt_mem_t heap = {heap_get, heap_put, NULL};

static frt_str_t slice(str s)
{
	return (frt_str_t){s.s, (uint32_t)s.len};
}

/* A header by its name; empty if there is none. */
static frt_str_t header(sip_msg_t *msg, frt_str_t name)
{
	hdr_field_t *hf;

	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return (frt_str_t){NULL, 0};
	for(hf = msg->headers; hf; hf = hf->next) {
		if(frt_str_eq_nocase(slice(hf->name), name))
			return slice(hf->body);
	}
	return (frt_str_t){NULL, 0};
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
	a->body = strdup(reason);
	a->len = a->body ? strlen(a->body) : 0;
	a->gzip = false;
}

static int add_header(sip_msg_t *msg, const char *line)
{
	return add_lump_rpl(msg, (char *)line, (int)strlen(line), LUMP_RPL_HDR)
				   ? 0
				   : -1;
}

static int answer(sip_msg_t *msg, frt_answer_t *a)
{
	str reason, type, body;

	if(a->body && !a->gzip && a->len >= GZIP_FROM && takes_gzip(msg))
		compress_body(a);
	if(a->len > INT_MAX / PKG_COPIES || a->len * PKG_COPIES > pkg_available())
		answer_text(a, 500,
				"The text does not fit into pkg memory: accept gzip, ask for "
				"one set, or start Kamailio with a larger -M");
	reason = (str){(char *)a->reason, (int)strlen(a->reason)};
	type = (str){(char *)a->type, (int)strlen(a->type)};
	body = (str){a->body, (int)a->len};
	if((a->gzip && add_header(msg, "Content-Encoding: gzip\r\n") < 0)
			|| add_header(msg, "X-Content-Type-Options: nosniff\r\n") < 0
			|| add_header(msg, "Cache-Control: no-store\r\n") < 0
			|| xhttp.reply(msg, a->code, &reason, &type, &body) < 0) {
		LM_ERR("cannot answer an HTTP request\n");
		return -1;
	}
	return 0;
}

/* The value of set in "set=ID"; empty if the query is none. */
static frt_str_t query_set(frt_str_t query)
{
	if(query.len > 4 && memcmp(query.s, "set=", 4) == 0)
		return (frt_str_t){query.s + 4, query.len - 4};
	return (frt_str_t){NULL, 0};
}

static bool gzip_sink(void *to, const char *s, size_t n)
{
	return frt_gzip_add(to, s, n);
}

/* The text, compressed while it is made: ten thousand destinations make 46 MB
 * of it, and to fill so much memory takes longer than to write the text. */
static bool metrics_gzip(
		const frt_gen_t *g, const frt_set_t *only, frt_answer_t *a)
{
	frt_prom_t text;
	frt_gzip_t gz;
	bool ok;

	if(!frt_gzip_begin(&gz))
		return false;
	frt_prom_init(&text, &heap);
	frt_prom_stream(&text, gzip_sink, &gz);
	frt_metrics_write(g, only, &text);
	frt_prom_flush(&text);
	ok = frt_gzip_end(&gz, !text.failed);
	frt_prom_free(&text);
	a->body = gz.s;
	a->len = gz.len;
	a->gzip = ok;
	return ok;
}

static bool metrics_plain(
		const frt_gen_t *g, const frt_set_t *only, frt_answer_t *a)
{
	frt_prom_t text;

	frt_prom_init(&text, &heap);
	frt_metrics_write(g, only, &text);
	a->body = text.s;
	a->len = text.len;
	return !text.failed;
}

static void serve_metrics(const frt_ask_t *ask, frt_answer_t *a)
{
	bool gzip = takes_gzip(ask->msg), ok;
	frt_gen_t *g = frt_table_enter();
	frt_str_t id = query_set(ask->query);
	const frt_set_t *only = g && id.len ? frt_gen_set(g, id) : NULL;

	if(!g || (id.len && !only)) {
		frt_table_leave();
		answer_text(a, 404, "No such set");
		return;
	}
	ok = gzip ? metrics_gzip(g, only, a) : metrics_plain(g, only, a);
	frt_table_leave();
	if(!ok) {
		answer_text(a, 500, "Out of memory");
		return;
	}
	a->code = 200;
	a->reason = "OK";
	a->type = "text/plain; version=0.0.4; charset=utf-8";
}

static const struct
{
	const char *path;
	void (*serve)(const frt_ask_t *ask, frt_answer_t *a);
} pages[] = {
		{"/metrics", serve_metrics},
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
		frt_str_t ours = {pages[i].path, (uint32_t)strlen(pages[i].path)};

		if(!frt_str_eq(path, ours))
			continue;
		if(frt_str_eq(slice(msg->first_line.u.request.method), FRT_STR("GET")))
			pages[i].serve(&ask, &a);
		else
			answer_text(&a, 405, "Method Not Allowed");
		err = answer(msg, &a);
		free(a.body);
		return err < 0 ? FRT_E_NOMEM : 1;
	}
	return FRT_E_NODST;
}
