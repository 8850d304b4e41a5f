/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers of the DNS: from the records as they came, which may be anything, to
 * a short sorted list that can be relied on, and when to ask again. Must not
 * know who asks, nor what becomes of the addresses.
 */
#ifndef FRT_ANSWER_H
#define FRT_ANSWER_H

#include "frt_conf.h"

#include <stdatomic.h>

#define FRT_DNS_NAME_MAX 253 /* characters of a name, without the last dot */
#define FRT_RRS_MAX 64		 /* usable records kept of one answer ... */
#define FRT_RRS_TAKEN 128	 /* ... of so many, the first when sorted */
#define FRT_CNAMES_MAX 8	 /* aliases followed for one question */

/* What is asked. A question for a host is one for both kinds of addresses. */
#define FRT_QTYPE_LIST(X)   \
	X(FRT_Q_HOST, "A/AAAA") \
	X(FRT_Q_SRV, "SRV")     \
	X(FRT_Q_NAPTR, "NAPTR")
FRT_ENUM_DECL(frt_qtype, FRT_QTYPE_LIST)

/* What came of it. */
#define FRT_DNS_LIST(X)                               \
	X(FRT_DNS_GOOD, "good")                           \
	X(FRT_DNS_PENDING, "not asked yet")               \
	X(FRT_DNS_NO_NAME, "no such name")                \
	X(FRT_DNS_EMPTY, "no such record")                \
	X(FRT_DNS_SERVER, "server failure, or no server") \
	X(FRT_DNS_SILENT, "no answer in time")            \
	X(FRT_DNS_GARBAGE, "no usable record")            \
	X(FRT_DNS_NO_SERVICE, "no service (target \".\")")
FRT_ENUM_DECL(frt_dns, FRT_DNS_LIST)

typedef enum frt_rr_type
{
	FRT_RR_A,
	FRT_RR_AAAA,
	FRT_RR_SRV,
	FRT_RR_NAPTR,
	FRT_RR_CNAME
} frt_rr_type_t;

/* A record as it came; nothing in it can be trusted. */
typedef struct frt_raw_rr
{
	frt_rr_type_t type;
	uint32_t ttl_s;
	frt_str_t owner;
	frt_str_t name;		 /* SRV target, NAPTR replacement, CNAME */
	const uint8_t *addr; /* A: 4 bytes, AAAA: 16 */
	uint16_t priority;	 /* NAPTR: order */
	uint16_t weight;	 /* NAPTR: preference */
	uint16_t port;
	frt_str_t flags; /* of a NAPTR, as the next two */
	frt_str_t service;
	frt_str_t regexp;
} frt_raw_rr_t;

/* A record that can be used. */
typedef struct frt_rr
{
	uint8_t addr[16]; /* as frt_ip_parse() has it */
	uint16_t priority;
	uint16_t weight;
	uint16_t port;	/* 1..65535 of an SRV, else 0 */
	uint8_t proto;	/* frt_proto_t of a NAPTR */
	frt_str_t name; /* lower case, no dot at its end */
} frt_rr_t;

/* A good answer: sorted, no two alike, the same whatever order they came in.
 * No records: the name says that there is no such service. */
typedef struct frt_answer
{
	uint32_t ttl_s; /* the least of all records it took */
	uint32_t n;
	const frt_rr_t *rrs;
	_Atomic uint32_t refs; /* the host's */
} frt_answer_t;

/* An answer being made. Large: not for the stack. */
typedef struct frt_answer_buf
{
	uint32_t ttl_s;
	uint32_t n;
	uint32_t dropped; /* records that are of no use, or too many */
	frt_str_t next;	  /* where the aliases lead; ask for that */
	frt_rr_t rrs[FRT_RRS_TAKEN];
	uint32_t used;
	char text[FRT_RRS_TAKEN * (FRT_DNS_NAME_MAX + 1)];
	char alias[FRT_DNS_NAME_MAX + 1];
} frt_answer_buf_t;

/* Starts an answer, empty. */
void frt_answer_begin(frt_answer_buf_t *b);
/* Adds what n records say about the question (type, name): those whose owner
 * is the name, or where its aliases among the records lead. FRT_DNS_GOOD if any
 * could be used, or the name says "no service"; FRT_DNS_GARBAGE if none of some
 * could; FRT_DNS_EMPTY if there are none, and if b->next is not empty, they are
 * to be asked for there. */
frt_dns_t frt_answer_add(frt_answer_buf_t *b, frt_rr_type_t type,
		frt_str_t name, const frt_raw_rr_t *raw, uint32_t n);
/* Takes over the addresses of one family from an earlier answer. */
void frt_answer_keep(frt_answer_buf_t *b, const frt_answer_t *old, bool ipv6);
/* Sorts, takes out what is double or too many, and gives the answer, which
 * lives as long as b does. */
void frt_answer_end(frt_answer_buf_t *b, frt_answer_t *out);
/* A copy in one block of mem, NULL if there is none. */
frt_answer_t *frt_answer_copy(const frt_answer_t *a, const frt_mem_t *mem);

/* How long a good answer is used at most: its TTL within the bounds. */
uint64_t frt_dns_ttl_ms(uint32_t ttl_s, uint32_t min_ms, uint32_t max_ms);
/* In how many ms a good answer is asked for again: its TTL within the bounds,
 * up to a tenth sooner, so that names do not stay in step. */
uint64_t frt_dns_refresh_ms(
		uint32_t ttl_s, uint32_t min_ms, uint32_t max_ms, frt_rand_t *rnd);
/* The same after that many failures in a row (1...): doubled each time, 5 s to
 * a minute, within the bounds, up to a tenth later. */
uint64_t frt_dns_retry_ms(
		uint32_t failures, uint32_t min_ms, uint32_t max_ms, frt_rand_t *rnd);

#endif
