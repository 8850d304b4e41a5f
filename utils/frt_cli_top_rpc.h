/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's JSON-RPC, by one request at a time and without ever waiting: the
 * owner polls the descriptor. Two transports of its module jsonrpcs: the
 * datagram socket, and HTTP.
 */
#ifndef FRT_CLI_TOP_RPC_H
#define FRT_CLI_TOP_RPC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

/* What Debian's Kamailio listens on without being told to. */
#define TOP_AT_DEFAULT "/run/kamailio/kamailio_rpc.sock"
#define TOP_ANSWER_MS 3000 /* an answer that takes longer is none */
/* Destinations in one answer. A datagram of jsonrpcs has at most 131,040
 * bytes, and a destination, with the longest of names, some 3,000. */
#define TOP_PAGE_DATAGRAM 40
#define TOP_PAGE_HTTP 1000
#define TOP_PAGE_EXPLAIN 100 /* of some 800 bytes */

/* Where Kamailio is. */
typedef struct top_at
{
	const char *text; /* as the user gave it */
	bool http;
	struct sockaddr_un un;
	struct addrinfo *addresses;
	char host[256]; /* of the Host header */
	char path[256];
	char auth[512]; /* of the Authorization header, or "" */
} top_at_t;

/* Takes "/path", "unix:/path" or "http://[user:password@]host[:port][/path]".
 * 0, or -1 with a sentence in error. Resolves a host name, which may wait. text
 * must stay. */
int top_at_set(top_at_t *at, const char *text, char *error, size_t size);
void top_at_free(top_at_t *at);

typedef enum top_state
{
	TOP_IDLE,
	TOP_WAITS,
	TOP_DONE,  /* result is there */
	TOP_FAULT, /* Kamailio refused: error says why */
	TOP_GONE,  /* no answer: error says why */
	TOP_ASTRAY /* answers that make no table: error says why */
} top_state_t;

/* A client; {.at = ..., .fd = -1} is one that is idle. */
typedef struct top_rpc
{
	const top_at_t *at;
	top_state_t state;
	int fd;		  /* -1: none */
	short events; /* to poll for */
	uint64_t deadline_ms;
	const struct addrinfo *address;
	char id[24]; /* ours: a stranger's datagram does not have it */
	char *out;
	size_t out_len, out_sent;
	char *in;
	size_t in_len, in_size;
	json_t *result;
	char error[256];
} top_rpc_t;

/* Sends a request; takes the reference to params, an array or NULL (no
 * memory). What was under way is dropped. Look at state afterwards. */
void top_rpc_ask(
		top_rpc_t *r, const char *method, json_t *params, uint64_t now_ms);
/* Goes on as far as it can; to be called when fd is ready or time has passed.
 * Returns the state. */
top_state_t top_rpc_step(top_rpc_t *r, uint64_t now_ms);
/* Drops what there is; the client is idle and holds no memory. */
void top_rpc_drop(top_rpc_t *r);

/* Looks at one HTTP response of len bytes: the offset of its body once all of
 * it is there (or eof says that no more will come), 0 if not, -1 if it is no
 * HTTP. *body_len is set with the offset. */
long top_http_body(const char *in, size_t len, bool eof, size_t *body_len);

#endif
