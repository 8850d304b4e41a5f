/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The state file: what outlives a restart, as lines of text that an operator
 * can read.
 *
 *     failover_route-state 1
 *     time 1763691123456
 *     dst set=carriers id=us-east-1 admin=ready conf=ready health=down ...
 *     edit op=weight set=carriers id=us-east-2 uri= priority=0 weight=20
 *     name type=SRV name=_sip._udp.example.net good=1763691111111 n=2
 *     rr priority=10 weight=60 port=5060 proto=any addr= target=gw1.example.net
 *     rr ...
 *     event time=1763691100000 kind=dst-down source=traffic set=carriers ...
 *     end dsts=1 events=1 sum=9ae16a3b2f90404f
 *
 * Fields stand in a fixed order. In names and sentences blanks, '%' and what
 * is not ASCII are written as %20. Times are milliseconds since 1970. The sum
 * is over everything before the last line: a file that lacks its end, or was
 * changed anywhere, is refused as a whole. Must not know files, records or a
 * clock.
 */
#ifndef FRT_STATE_H
#define FRT_STATE_H

#include "frt_answer.h"
#include "frt_rec.h"

#define FRT_STATE_VERSION 1
#define FRT_STATE_MAGIC "failover_route-state " /* a file's first bytes */
#define FRT_STATE_LINE_MAX 4096 /* with its newline; what is longer is bad */

/* What is kept of one destination. */
typedef struct frt_saved
{
	char set[FRT_ID_MAX + 1];
	char id[FRT_DST_ID_MAX + 1];
	frt_admin_t admin;
	frt_admin_t conf_admin; /* what the source said when it was saved */
	frt_health_t health;
	uint32_t flags;			/* bit per frt_source_t */
	uint64_t hold_until_ms; /* since 1970; 0: no hold */
	uint64_t since_ms;		/* since 1970 */
	uint32_t downs;
	bool blackout;
	bool waived;
	frt_source_t source;
	frt_reason_t reason;
} frt_saved_t;

/* What is kept of one event of the history. The kind is the host's word. */
typedef struct frt_saved_event
{
	uint64_t time_ms; /* since 1970 */
	char kind[16];
	frt_source_t source;
	char set[FRT_ID_MAX + 1];
	char destination[FRT_DST_ID_MAX + 1];
	char uri[FRT_URI_MAX + 1];
	char from[32];
	char to[32];
	char reason[200];
} frt_saved_event_t;

/* The last good answer to a question of the DNS; its n records follow it. */
typedef struct frt_saved_name
{
	frt_qtype_t type;
	char name[FRT_DNS_NAME_MAX + 1];
	uint64_t good_ms; /* since 1970 */
	uint32_t n;
} frt_saved_name_t;

typedef struct frt_saved_rr
{
	frt_rr_t rr; /* its name is target */
	char target[FRT_DNS_NAME_MAX + 1];
} frt_saved_rr_t;

/* One change at run time. */
typedef struct frt_saved_edit
{
	frt_edit_kind_t kind;
	char set[FRT_ID_MAX + 1];
	char id[FRT_DST_ID_MAX + 1];
	char uri[FRT_URI_MAX + 1];
	uint16_t priority;
	uint16_t weight;
} frt_saved_edit_t;

/* Counts and sums up what was put. Starts zeroed. */
typedef struct frt_state_writer
{
	uint64_t sum;
	uint32_t dsts;
	uint32_t events;
} frt_state_writer_t;

/* Each appends whole lines to out, which needs room for FRT_STATE_LINE_MAX per
 * line. FRT_E_RANGE if it does not fit; out is then cut. */
int frt_state_put_head(frt_state_writer_t *w, uint64_t time_ms, frt_buf_t *out);
int frt_state_put_dst(
		frt_state_writer_t *w, const frt_saved_t *saved, frt_buf_t *out);
int frt_state_put_edit(
		frt_state_writer_t *w, const frt_saved_edit_t *e, frt_buf_t *out);
int frt_state_put_name(
		frt_state_writer_t *w, const frt_saved_name_t *name, frt_buf_t *out);
int frt_state_put_rr(frt_state_writer_t *w, const frt_rr_t *rr, frt_buf_t *out);
int frt_state_put_event(
		frt_state_writer_t *w, const frt_saved_event_t *ev, frt_buf_t *out);
int frt_state_put_end(frt_state_writer_t *w, frt_buf_t *out);

typedef enum frt_state_kind
{
	FRT_STATE_HEAD,
	FRT_STATE_TIME,
	FRT_STATE_DST,
	FRT_STATE_EDIT,
	FRT_STATE_NAME,
	FRT_STATE_RR,
	FRT_STATE_EVENT,
	FRT_STATE_END
} frt_state_kind_t;

/* One line taken apart. */
typedef struct frt_state_item
{
	frt_state_kind_t kind;
	frt_saved_t dst;
	frt_saved_edit_t edit;
	frt_saved_name_t name;
	frt_saved_rr_t rr;
	frt_saved_event_t event;
} frt_state_item_t;

/* Where reading stands. Starts zeroed. */
typedef struct frt_state_reader
{
	uint32_t line; /* number of the latest line */
	uint64_t sum;
	uint64_t time_ms; /* when the file was written */
	uint32_t dsts;
	uint32_t events;
	uint32_t rrs_left; /* records of the latest name that are to come */
	bool ended;
} frt_state_reader_t;

/* Takes the next line, with its newline. Returns 0 and *out; FRT_E_VERSION if
 * the file is of a version that is not known; FRT_E_SYNTAX or FRT_E_RANGE if it
 * is no such file, or damaged. Trusts nothing in the line. */
int frt_state_read(
		frt_state_reader_t *r, frt_str_t line, frt_state_item_t *out);
/* After the last line: 0, or FRT_E_SYNTAX if the file lacks its end. */
int frt_state_read_end(const frt_state_reader_t *r);

#endif
