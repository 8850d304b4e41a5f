/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From a destination that is a name to the destinations that it stands for: an
 * address each (resolve="host"), or a target of SRV records each (srv, naptr).
 * RFC 3263, RFC 2782. Answers come from whoever calls; must not know where
 * they are kept, nor drafts.
 */
#ifndef FRT_EXPAND_H
#define FRT_EXPAND_H

#include "frt_answer.h"
#include "frt_gen.h"

#define FRT_CHILDREN_MAX 64 /* of one destination */

/* What is known of one question now. */
typedef struct frt_found
{
	const frt_answer_t *answer; /* the last good one; NULL: never any */
	frt_dns_t err;				/* of the last time it was asked */
	uint64_t good_ms;			/* when the good one came */
} frt_found_t;

/* Where answers come from. find() always fills out; each answer it gives is
 * given back through done(). */
typedef struct frt_lookup
{
	void (*find)(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out);
	void (*done)(void *ctx, const frt_answer_t *answer);
	void *ctx;
	/* Went a destination by this id before there was a table to say so?
	 * NULL: none did. */
	bool (*had)(void *ctx, frt_str_t set, frt_str_t id);
} frt_lookup_t;

/* What requests can be sent with. */
typedef struct frt_reach
{
	bool ipv4;
	bool ipv6;
	uint32_t protos; /* bit per frt_proto_t */
} frt_reach_t;

/* A destination as written. */
typedef struct frt_named
{
	frt_str_t id;
	frt_str_t uri;
	frt_str_t socket;
	frt_resolve_t resolve;
	uint16_t weight;
	frt_str_t set; /* its id */
} frt_named_t;

/* One that it stands for. */
typedef struct frt_child
{
	char id[FRT_DST_ID_MAX + 1];
	char uri[FRT_URI_MAX + 1];
	char hop[FRT_URI_MAX + 1]; /* where it is sent, if not to uri; else "" */
	uint32_t sub;			   /* its place within the parent's priority */
	uint16_t weight; /* of the SRV record, or a share of the parent's */
	uint64_t full;	 /* what it weighs in a set's sums */
	uint8_t addr[16];
	uint32_t parts; /* addresses of its target, of which it is one */
	bool first;		/* of these */
} frt_child_t;

typedef struct frt_children
{
	uint32_t n;
	frt_child_t at[FRT_CHILDREN_MAX]; /* by sub, then as they are tried */
	uint32_t dropped; /* more than there is room for, or unfit */
	bool pending;	  /* some question was never answered yet */
	frt_dns_t err;	  /* the first trouble met; FRT_DNS_GOOD: none */
	frt_qtype_t err_type;
	char err_name[FRT_DNS_NAME_MAX + 1];
	uint64_t good_ms; /* when the oldest answer in use came; 0: none is */
} frt_children_t;

/* Finds what a destination stands for now. was is its set in the table now, or
 * NULL: where a target has several addresses, the one it had keeps its id. */
void frt_expand(const frt_named_t *named, const frt_reach_t *reach,
		const frt_lookup_t *lookup, const frt_set_t *was, frt_children_t *out);
/* Is it too soon to say? Some question was not answered yet, and the name, if
 * it is the same, stands for destinations in the table: they stay until then. */
bool frt_children_wait(const frt_children_t *c, const frt_named_t *named,
		const frt_parent_t *was);
/* A number that changes when the table has to: of the children, and of whether
 * there will be any. */
uint64_t frt_children_sum(const frt_children_t *c);
/* Writes "SRV _sip._udp.example.net: server failure", or nothing. */
void frt_children_trouble(const frt_children_t *c, frt_buf_t *out);

/* Writes the name whose SRV records say where a URI's requests go (RFC 3263
 * section 4.1); cut if it is too long. */
void frt_srv_name(const frt_uri_t *uri, frt_buf_t *out);
/* The transport that an SRV name's first labels stand for, or any. */
frt_proto_t frt_srv_proto(frt_str_t name);

#endif
