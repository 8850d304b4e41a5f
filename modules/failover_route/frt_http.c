/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * HTTP: a table of paths, and one way to answer. Texts are made in the heap,
 * compressed where the client takes that, and only then handed to xhttp, which
 * copies them into pkg memory.
 */
#include "frt_http.h"
#include "frt_metrics.h"

#include "../../core/data_lump_rpl.h"
#include "../../core/parser/hf.h"
#include "../../core/ut.h"
#include "../../modules/xhttp/api.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP_FROM 1024 /* bytes; shorter ones are sent as they are */
#define GZIP_WINDOW 31 /* zlib: 15 bits, in gzip's own frame */
#define PKG_COPIES 3u  /* xhttp's, the reply's, and what is sent */

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
	z_stream z;
	uLong room;
	char *out;

	memset(&z, 0, sizeof(z));
	if(deflateInit2(
			   &z, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY)
			!= Z_OK)
		return;
	room = deflateBound(&z, a->len);
	out = malloc(room);
	z.next_in = (Bytef *)a->body;
	z.avail_in = (uInt)a->len;
	z.next_out = (Bytef *)out;
	z.avail_out = (uInt)room;
	if(out && deflate(&z, Z_FINISH) == Z_STREAM_END) {
		free(a->body);
		a->body = out;
		a->len = z.total_out;
		a->gzip = true;
	} else {
		free(out);
	}
	deflateEnd(&z);
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

	if(a->body && a->len >= GZIP_FROM && takes_gzip(msg))
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

static void serve_metrics(frt_str_t query, frt_answer_t *a)
{
	frt_gen_t *g = frt_table_enter();
	frt_str_t id = query_set(query);
	const frt_set_t *only = g && id.len ? frt_gen_set(g, id) : NULL;
	frt_prom_t text;

	if(!g || (id.len && !only)) {
		frt_table_leave();
		answer_text(a, 404, "No such set");
		return;
	}
	frt_prom_init(&text, &heap);
	frt_metrics_write(g, only, &text);
	frt_table_leave();
	if(text.text.failed) {
		answer_text(a, 500, "Out of memory");
		return;
	}
	a->code = 200;
	a->reason = "OK";
	a->type = "text/plain; version=0.0.4; charset=utf-8";
	a->body = text.text.s;
	a->len = text.text.len;
}

static const struct
{
	const char *path;
	void (*serve)(frt_str_t query, frt_answer_t *a);
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
	frt_answer_t a = {.body = NULL};
	frt_str_t path, query;
	size_t i;
	int err;

	if(!bound || !IS_HTTP(msg) || msg->first_line.type != SIP_REQUEST)
		return FRT_E_INVAL;
	path = take_target(msg, &query);
	for(i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		frt_str_t ours = {pages[i].path, (uint32_t)strlen(pages[i].path)};

		if(!frt_str_eq(path, ours))
			continue;
		if(frt_str_eq(slice(msg->first_line.u.request.method), FRT_STR("GET")))
			pages[i].serve(query, &a);
		else
			answer_text(&a, 405, "Method Not Allowed");
		err = answer(msg, &a);
		free(a.body);
		return err < 0 ? FRT_E_NOMEM : 1;
	}
	return FRT_E_NODST;
}
