/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Telling the path of a call. The messages' headers are read from their raw
 * bytes: the core's parser stops at the first one it cannot read, and what
 * follows it would pass for ours.
 */
#include "frt_branch.h"
#include "frt_msg.h"
#include "frt_path.h"
#include "frt_reply.h"
#include "engine/frt_ids.h"
#include "engine/frt_scan.h"
#include "engine/frt_text.h"

#include "../../core/data_lump.h"
#include "../../core/data_lump_rpl.h"

#include <string.h>

#define HEADER "X-Failover-Path"
#define HEADER_MAX (sizeof(HEADER ": \r\n") + FRT_PLAN_PATH_MAX)
#define CALL_ID_MAX 256 /* of the line; a longer one is cut */
#define TOLD_MAX (FRT_PLAN_PATH_MAX + CALL_ID_MAX + 512)

static bool wants(const frt_call_t *call, frt_path_header_t who)
{
	return call->path_header == who
		   || call->path_header == FRT_PATH_HEADER_BOTH;
}

static void add_header(const frt_plan_t *p, frt_buf_t *out)
{
	frt_buf_add(out, HEADER ": ");
	frt_plan_path(p, out);
	frt_buf_add(out, "\r\n");
}

/* Takes the headers of our name out; returns where the headers end. */
static int take_out(sip_msg_t *msg)
{
	frt_scan_t all = frt_scan_begin(msg->buf, msg->len), line;

	while(frt_scan_header(&all, FRT_STR(HEADER), &line)) {
		if(!del_lump(msg, (int)(line.p - msg->buf), (int)(line.end - line.p),
				   HDR_OTHER_T))
			LM_ERR("cannot take " HEADER " out of a message\n");
	}
	return (int)(all.p - msg->buf);
}

/* Puts ours at the end of the headers. */
static void put_in(sip_msg_t *msg, int at, const frt_plan_t *p)
{
	char mem[HEADER_MAX];
	struct lump *anchor;
	frt_buf_t b;
	char *text;

	frt_buf_init(&b, mem, sizeof(mem));
	add_header(p, &b);
	text = pkg_malloc(b.len);
	if(text)
		memcpy(text, mem, b.len);
	anchor = text ? anchor_lump(msg, at, 0, HDR_OTHER_T) : NULL;
	if(!anchor || !insert_new_lump_before(anchor, text, (int)b.len, 0)) {
		LM_ERR("cannot put " HEADER " into a message\n");
		if(text)
			pkg_free(text);
	}
}

void frt_path_request(frt_call_t *call, struct cell *t, sip_msg_t *req)
{
	int end;

	if(call->path_header == FRT_PATH_HEADER_NONE || !req)
		return;
	end = take_out(req);
	/* a branch of the script's own is none of the path */
	if(wants(call, FRT_PATH_HEADER_CALLEE)
			&& frt_plan_of_branch(&call->plan, t->nr_of_outgoings))
		put_in(req, end, &call->plan);
}

static bool for_caller(sip_msg_t *rpl)
{
	unsigned int method;

	if(!rpl || rpl == FAKED_REPLY)
		return false;
	method = frt_msg_cseq_method(rpl);
	return method != METHOD_UNDEF && method != METHOD_CANCEL;
}

void frt_path_reply(frt_call_t *call, struct cell *t, struct tmcb_params *ps)
{
	int end;

	(void)t;
	if(call->path_header == FRT_PATH_HEADER_NONE || ps->code <= 100
			|| !for_caller(ps->rpl))
		return;
	end = take_out(ps->rpl);
	if(wants(call, FRT_PATH_HEADER_CALLER))
		put_in(ps->rpl, end, &call->plan);
}

void frt_path_answer(frt_call_t *call, sip_msg_t *msg)
{
	char mem[HEADER_MAX];
	frt_buf_t b;

	if(!wants(call, FRT_PATH_HEADER_CALLER))
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	add_header(&call->plan, &b);
	if(!add_lump_rpl(msg, mem, (int)b.len, LUMP_RPL_HDR))
		LM_ERR("cannot put " HEADER " into the answer\n");
}

/* A reply got its header when it came in: one that stopped the call is relayed
 * for what else it says, others only if they came last. tm makes a 500 of its
 * own out of a 503. */
bool frt_path_is_told(const frt_call_t *call, const frt_attempt_t *a)
{
	const frt_plan_t *p = &call->plan;

	if(!wants(call, FRT_PATH_HEADER_CALLER))
		return true;
	if(!a || a->origin != FRT_REMOTE || a->code == 503)
		return false;
	return a->route == FRT_ROUTE_STOP || a == &p->tries[p->n - 1];
}

/* The attempt whose code the caller got, or NULL. */
static const frt_attempt_t *answered_by(
		const frt_plan_t *p, const struct cell *t, int code)
{
	uint32_t i;

	if(p->won)
		return &p->tries[p->won - 1];
	for(i = p->n; i-- > 0;) {
		const frt_attempt_t *a = &p->tries[i];

		if(a->origin == FRT_REMOTE && frt_branch_said(a, t) == code)
			return a;
	}
	return NULL;
}

/* "answered 200 by gw2", "refused 486 by gw3", "cancelled by the caller",
 * "failed 500: max-attempts reached" */
static void add_outcome(
		const frt_call_t *call, const struct cell *t, int code, frt_buf_t *out)
{
	const frt_attempt_t *a = answered_by(&call->plan, t, code);
	bool cancelled = (t->flags & T_CANCELED) != 0;
	const char *word = "failed";

	if(code == 0) {
		frt_buf_add(out, cancelled ? "cancelled by the caller"
								   : "no final answer was sent");
		return;
	}
	if(code >= 300 && cancelled) {
		frt_buf_add(out, "cancelled by the caller");
		return;
	}
	if(code < 300)
		word = "answered";
	else if(a && a->route == FRT_ROUTE_STOP)
		word = "refused";
	frt_buf_add(out, "%s %d", word, code);
	if(a) {
		frt_buf_add(out, " by ");
		frt_buf_add_str(out, a->rec->id);
	}
	if(code >= 300 && call->why_no_more && call->why_no_more != FRT_E_STOP)
		frt_buf_add(out, ": %s", frt_err_name(call->why_no_more));
}

/* The cell has the whole header line. */
static void add_call_id(const struct cell *t, frt_buf_t *out)
{
	const str *line = &FRT_CELL_CALLID(t);
	frt_str_t id = frt_hdr_body((frt_str_t){line->s, (uint32_t)line->len});

	if(id.len > CALL_ID_MAX)
		id.len = CALL_ID_MAX;
	frt_buf_add_str(out, id);
}

/* What the network wrote comes last: it cannot pass for the rest. */
static void write_line(
		const frt_call_t *call, const struct cell *t, int code, frt_buf_t *out)
{
	const frt_plan_t *p = &call->plan;

	frt_buf_add_str(out, p->set->id);
	frt_buf_add(out,
			" failover of %.*s: ", t->method.len < 32 ? t->method.len : 32,
			t->method.s);
	frt_plan_path(p, out);
	frt_buf_add(out, "; ");
	add_outcome(call, t, code, out);
	frt_buf_add(out, "; Call-ID ");
	add_call_id(t, out);
}

void frt_path_tell(frt_call_t *call, struct cell *t, int code)
{
	frt_event_t ev = {.kind = FRT_EV_CALL, .source = FRT_TRAFFIC};
	char mem[TOLD_MAX];
	frt_buf_t b;

	if(!frt_plan_moved(&call->plan) || atomic_exchange(&call->told, 1))
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	write_line(call, t, code, &b);
	frt_text_clean(mem);
	ev.text = frt_mem_alloc(frt_mem_shm(), b.len + 1);
	if(!ev.text) {
		SHM_MEM_ERROR;
		return;
	}
	memcpy(ev.text, mem, b.len + 1);
	frt_event_push(&ev);
}
