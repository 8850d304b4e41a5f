/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One request and its answer, over the datagram socket or HTTP.
 */
#define _GNU_SOURCE
#include "frt_cli_top_rpc.h"

#include "frt_cli_top_text.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX (64u << 20)
#define READ_MORE (256u << 10) /* more than a datagram has */
#define LINGER_MS 500		   /* for an answer that nobody wants any more */

static void close_fd(top_rpc_t *r)
{
	if(r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

static top_state_t fail(top_rpc_t *r, top_state_t state, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

static top_state_t fail(top_rpc_t *r, top_state_t state, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if(vsnprintf(r->error, sizeof(r->error), fmt, args) < 0)
		r->error[0] = '\0';
	va_end(args);
	close_fd(r);
	r->state = state;
	return state;
}

/* Kamailio logs an error for each datagram that finds its receiver gone. A
 * terminal that is closed sends more than one signal. */
static void let_it_come(const top_rpc_t *r)
{
	struct pollfd p = {.fd = r->fd, .events = POLLIN};

	if(r->fd < 0 || r->state != TOP_WAITS || r->at->http)
		return;
	while(poll(&p, 1, LINGER_MS) < 0 && errno == EINTR)
		;
}

void top_rpc_drop(top_rpc_t *r)
{
	let_it_come(r);
	close_fd(r);
	free(r->out);
	free(r->in);
	json_decref(r->result);
	r->out = r->in = NULL;
	r->result = NULL;
	r->out_len = r->out_sent = r->in_len = r->in_size = 0;
	r->state = TOP_IDLE;
}

static const char *what_helps(int err)
{
	if(err == ENOENT || err == ECONNREFUSED)
		return " (does Kamailio run, with modparam(\"jsonrpcs\", "
			   "\"transport\", 4) or more?)";
	if(err == EACCES)
		return " (be root, or in the group of the socket and its folder)";
	if(err == EPROTOTYPE)
		return " (kamcmd's socket? jsonrpcs has its own: modparam "
			   "dgram_socket)";
	return "";
}

/* The address is one that the kernel makes up in the abstract namespace: no
 * file to own, to protect or to leave behind. */
static void datagram_send(top_rpc_t *r)
{
	struct sockaddr_un own = {.sun_family = AF_UNIX};
	ssize_t n;

	r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(r->fd < 0
			|| bind(r->fd, (struct sockaddr *)&own, sizeof(own.sun_family))
					   != 0) {
		fail(r, TOP_GONE, "no socket: %s", strerror(errno));
		return;
	}
	n = sendto(r->fd, r->out, r->out_len, 0,
			(const struct sockaddr *)&r->at->un, sizeof(r->at->un));
	if(n < 0) {
		fail(r, TOP_GONE, "%s%s",
				errno == EAGAIN ? "it takes no more requests" : strerror(errno),
				what_helps(errno));
		return;
	}
	r->events = POLLIN;
}

/* Connects to the address, or else to one after it. */
static void http_connect(top_rpc_t *r)
{
	int err = 0;

	for(; r->address; r->address = r->address->ai_next) {
		const struct addrinfo *a = r->address;

		close_fd(r);
		r->fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
				a->ai_protocol);
		if(r->fd >= 0
				&& (connect(r->fd, a->ai_addr, a->ai_addrlen) == 0
						|| errno == EINPROGRESS)) {
			r->events = POLLOUT;
			return;
		}
		err = errno;
	}
	fail(r, TOP_GONE, "%s", strerror(err));
}

static char *http_request(const top_at_t *at, const char *body)
{
	char *out;

	/* 1.0: an answer in chunks is not for us */
	if(asprintf(&out,
			   "POST %s HTTP/1.0\r\nHost: %s\r\n%s%s%s"
			   "Content-Type: application/json\r\n"
			   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
			   at->path, at->host, at->auth[0] ? "Authorization: Basic " : "",
			   at->auth, at->auth[0] ? "\r\n" : "", strlen(body), body)
			< 0)
		return NULL;
	return out;
}

static void make_id(char *id, size_t size)
{
	unsigned long long random = 0;

	if(getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (unsigned long long)getpid();
	snprintf(id, size, "top-%llx", random);
}

void top_rpc_ask(
		top_rpc_t *r, const char *method, json_t *params, uint64_t now_ms)
{
	json_t *request;
	char *body;

	top_rpc_drop(r);
	make_id(r->id, sizeof(r->id));
	request = json_pack("{s:s, s:s, s:o, s:s}", "jsonrpc", "2.0", "method",
			method, "params", params, "id", r->id);
	body = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	r->out = body && r->at->http ? http_request(r->at, body) : body;
	if(r->out != body)
		free(body);
	if(!r->out) {
		fail(r, TOP_GONE, "out of memory");
		return;
	}
	r->out_len = strlen(r->out);
	r->state = TOP_WAITS;
	r->deadline_ms = now_ms + TOP_ANSWER_MS;
	r->address = r->at->addresses;
	if(r->at->http)
		http_connect(r);
	else
		datagram_send(r);
}

/* Bytes of what came that are worth showing: of HTTP the status. */
static int first_line(const top_rpc_t *r)
{
	int n = 0;

	while(n < 60 && (size_t)n < r->in_len && r->in[n] != '\r'
			&& r->in[n] != '\n')
		n++;
	return n;
}

/* Takes what the answer says. A datagram without our id is not for us. */
static top_state_t take_answer(top_rpc_t *r, char *body, size_t len)
{
	json_t *root, *error;
	const char *id;

	top_text_json(body, len);
	root = json_loadb(body, len, JSON_ALLOW_NUL, NULL);
	id = json_string_value(json_object_get(root, "id"));
	if(!r->at->http && (!id || strcmp(id, r->id) != 0)) {
		json_decref(root);
		r->in_len = 0;
		return r->state;
	}
	error = json_object_get(root, "error");
	r->result = json_incref(json_object_get(root, "result"));
	if(error) {
		const char *why = json_string_value(json_object_get(error, "message"));

		fail(r, TOP_FAULT, "%s", why ? why : "refused");
	} else if(r->result) {
		close_fd(r);
		r->state = TOP_DONE;
	} else {
		fail(r, TOP_GONE, "the answer is no JSON-RPC: %.*s", first_line(r),
				r->in);
	}
	json_decref(root);
	return r->state;
}

/* One read into in; 1 read, 0 nothing to read or the end (*eof), -1 failed. */
static int read_more(top_rpc_t *r, bool *eof)
{
	ssize_t n;

	if(r->in_size - r->in_len < READ_MORE) {
		size_t size = r->in_size * 2 + READ_MORE;
		char *in = size <= ANSWER_MAX ? realloc(r->in, size) : NULL;

		if(!in) {
			fail(r, TOP_GONE, "the answer is too large");
			return -1;
		}
		r->in = in;
		r->in_size = size;
	}
	n = recv(r->fd, r->in + r->in_len, r->in_size - r->in_len, 0);
	if(n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if(n < 0) {
		fail(r, TOP_GONE, "%s", strerror(errno));
		return -1;
	}
	*eof = n == 0;
	r->in_len += (size_t)n;
	return n > 0;
}

static void datagram_step(top_rpc_t *r)
{
	bool eof = false;

	while(r->state == TOP_WAITS && read_more(r, &eof) > 0)
		take_answer(r, r->in, r->in_len);
}

static bool http_write(top_rpc_t *r)
{
	int err = 0;
	socklen_t len = sizeof(err);
	ssize_t n;

	if(getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &err, &len) == 0 && err != 0) {
		r->address = r->address->ai_next;
		if(r->address)
			http_connect(r);
		else
			fail(r, TOP_GONE, "%s", strerror(err));
		return false;
	}
	n = send(r->fd, r->out + r->out_sent, r->out_len - r->out_sent,
			MSG_NOSIGNAL);
	if(n < 0 && errno != EAGAIN && errno != EINTR && errno != ENOTCONN)
		fail(r, TOP_GONE, "%s", strerror(errno));
	if(n > 0)
		r->out_sent += (size_t)n;
	if(r->out_sent == r->out_len)
		r->events = POLLIN;
	return r->state == TOP_WAITS && r->events == POLLIN;
}

static void http_step(top_rpc_t *r)
{
	size_t body_len = 0;
	bool eof = false;
	long body;
	int n;

	if(r->events == POLLOUT && !http_write(r))
		return;
	while((n = read_more(r, &eof)) > 0)
		;
	if(n < 0)
		return;
	body = top_http_body(r->in, r->in_len, eof, &body_len);
	if(body > 0 && body_len > 0)
		take_answer(r, r->in + body, body_len);
	else if(body != 0)
		fail(r, TOP_GONE, "the answer is no JSON-RPC: %.*s", first_line(r),
				r->in);
	else if(eof)
		fail(r, TOP_GONE, "closed the connection");
}

top_state_t top_rpc_step(top_rpc_t *r, uint64_t now_ms)
{
	if(r->state != TOP_WAITS)
		return r->state;
	if(r->at->http)
		http_step(r);
	else
		datagram_step(r);
	if(r->state == TOP_WAITS && now_ms >= r->deadline_ms)
		fail(r, TOP_GONE, "no answer within %d s", TOP_ANSWER_MS / 1000);
	return r->state;
}

long top_http_body(const char *in, size_t len, bool eof, size_t *body_len)
{
	const char *head_end, *field, *next;
	size_t head, want = 0;
	bool known = false;

	if(len >= 5 && memcmp(in, "HTTP/", 5) != 0)
		return -1;
	head_end = memmem(in, len, "\r\n\r\n", 4);
	if(!head_end)
		return eof && len > 0 ? -1 : 0;
	head = (size_t)(head_end - in) + 4;
	for(field = in; field < head_end; field = next + 2) {
		next = memmem(field, head - (size_t)(field - in), "\r\n", 2);
		if(strncasecmp(field, "Content-Length:", 15) == 0) {
			want = strtoul(field + 15, NULL, 10);
			known = true;
		}
	}
	*body_len = len - head;
	if(!known)
		return eof ? (long)head : 0;
	if(*body_len >= want)
		*body_len = want;
	else
		return eof ? -1 : 0;
	return (long)head;
}
