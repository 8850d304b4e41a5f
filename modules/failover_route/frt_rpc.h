/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The RPC commands (kamcmd, JSON-RPC), and what they have in common: reading
 * arguments that may be anything, building answers that either fit or fail as
 * a whole, and faults that say in a sentence what is wrong.
 *
 * Commands run in RPC processes and in SIP workers. Between frt_table_enter()
 * and frt_table_leave() they only copy into the answer; faults, which some
 * transports send at once, come after.
 */
#ifndef FRT_RPC_H
#define FRT_RPC_H

#include "frt_compat.h"
#include "frt_view.h"

/* Every command, for the module's exports. */
rpc_export_t *frt_rpc_exports(void);

/* One command's conversation. */
typedef struct frt_rpc
{
	rpc_t *rpc;
	void *ctx;
	bool failed;	 /* something did not fit: the answer is void */
	bool binary;	 /* kamcmd's transport, with its limits */
	uint32_t page;	 /* at most so many destinations or events ... */
	size_t text_max; /* or bytes of text, in one answer */
	size_t used;	 /* bytes of it so far, about ... */
	size_t room;	 /* ... and when it is long enough */
	/* what a fault must not hide: FRT_RPC_DONE; NULL: nothing */
	const char *holds;
} frt_rpc_t;

#define FRT_RPC_DONE "it is in force"

/* Begins one; ctx is the transport's. */
void frt_rpc_begin(frt_rpc_t *r, rpc_t *rpc, void *ctx);

/* An argument, copied out: transports reuse their memory for the next. */
#define FRT_RPC_ARG_MAX 1024
typedef struct frt_rpc_arg
{
	char mem[FRT_RPC_ARG_MAX];
	frt_str_t s; /* empty when none was given */
	bool given;
} frt_rpc_arg_t;

/* Reads the next argument: a word, or a number as its digits. 0 (also when
 * there is none) or FRT_E_INVAL: the fault has been sent. what names it. */
int frt_rpc_arg(frt_rpc_t *r, const char *what, frt_rpc_arg_t *arg);
/* The same for one that must be there. */
int frt_rpc_need(frt_rpc_t *r, const char *what, frt_rpc_arg_t *arg);
/* The same for an optional number 0..max; *out stays when none is given. */
int frt_rpc_number(frt_rpc_t *r, const char *what, uint32_t max, uint32_t *out);
/* FRT_E_INVAL, with a fault, if there are more arguments. */
int frt_rpc_end(frt_rpc_t *r);

/* Does the argument stand for all ("*", or none given)? */
bool frt_rpc_all(const frt_rpc_arg_t *arg);

/* 400 bad argument, 404 no such set or destination, 409 reload under way,
 * 500 internal. Control characters are replaced, and what the transport cannot
 * hold is cut. */
void frt_rpc_fault(frt_rpc_t *r, int code, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));
void frt_rpc_no_set(frt_rpc_t *r, const frt_rpc_arg_t *set);
void frt_rpc_no_dst(
		frt_rpc_t *r, const frt_rpc_arg_t *set, const frt_rpc_arg_t *dst);
/* 500 if anything did not fit; the last thing a command does. */
void frt_rpc_done(frt_rpc_t *r);
/* Is it time to end the page? One more entry still fits. */
bool frt_rpc_full(const frt_rpc_t *r);

/* The answer: NULL stands for a structure that could not be made, and all
 * that is put into it is void too. */
void *frt_rpc_answer(frt_rpc_t *r);
void *frt_rpc_array(frt_rpc_t *r, void *in, const char *name);
void *frt_rpc_item(frt_rpc_t *r, void *array);
void frt_rpc_int(frt_rpc_t *r, void *in, const char *name, int64_t value);
void frt_rpc_str(frt_rpc_t *r, void *in, const char *name, frt_str_t value);
void frt_rpc_text(frt_rpc_t *r, void *in, const char *name, const char *value);
void frt_rpc_word(frt_rpc_t *r, void *array, frt_str_t value);

/* The commands. */
void frt_rpc_list(rpc_t *rpc, void *ctx);
void frt_rpc_explain(rpc_t *rpc, void *ctx);
void frt_rpc_history(rpc_t *rpc, void *ctx);
void frt_rpc_metrics(rpc_t *rpc, void *ctx);
void frt_rpc_set_admin(rpc_t *rpc, void *ctx);
void frt_rpc_set_health(rpc_t *rpc, void *ctx);
void frt_rpc_probe(rpc_t *rpc, void *ctx);
void frt_rpc_reload(rpc_t *rpc, void *ctx);
void frt_rpc_check(rpc_t *rpc, void *ctx);
void frt_rpc_add(rpc_t *rpc, void *ctx);
void frt_rpc_remove(rpc_t *rpc, void *ctx);
void frt_rpc_set_weight(rpc_t *rpc, void *ctx);
void frt_rpc_overlay_clear(rpc_t *rpc, void *ctx);

#endif
