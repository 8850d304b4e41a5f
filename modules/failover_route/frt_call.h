/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A call's context: its plan, hung on its transaction (or, until there is one,
 * on the message being routed), and the step "choose the next destination and
 * point the message at it". Must not know how a failure is told from a success
 * (frt_reply.h) nor who forwards (frt_relay.h).
 */
#ifndef FRT_CALL_H
#define FRT_CALL_H

#include "frt_compat.h"
#include "frt_dialog.h"
#include "frt_observe.h"
#include "frt_params.h"
#include "frt_tm.h"
#include "frt_xavp.h"

typedef struct frt_call
{
	struct cell *cell;		   /* its transaction, once there is one */
	struct socket_info *sock;  /* the script's own choice of socket */
	frt_xavp_t said;		   /* in the XAVP */
	frt_dialog_held_t *held;   /* the dialog's claim on its place, or NULL */
	unsigned int branch_route; /* the script's, run for each attempt */
	unsigned int branch_failure_route; /* the same of a branch's failure */
	unsigned int failure_route;		   /* the script's, run when we give up */
	frt_tm_fr_t own_fr;				   /* the transaction's timers without us */
	str uri;		   /* the R-URI for all attempts, or empty: as tm has it */
	uint64_t draw;	   /* its own random number */
	int types;		   /* what tm tells of: TMCB_ */
	uint16_t below;	   /* Record-Routes of those before us */
	int16_t won;	   /* 1 + the branch whose 2xx is the answer */
	uint8_t automatic; /* frt_relay: fails over by itself */
	uint8_t gave_up;   /* the failure route has run, or nothing is left */
	uint8_t parallel;  /* the latest choice wants others beside it */
	uint8_t forked;	   /* it has had branches at once */
	uint8_t goes_on_last; /* by a callback of its own, after all others */
	uint8_t path_header;  /* frt_path_header_t of the set */
	int8_t why_no_more;	  /* frt_err_t: why no other was tried; 0: not asked */
	_Atomic uint8_t told; /* its line is written */
	uint8_t aim_lost; /* suspended now, tm keeps not where it is pointed at */
	frt_plan_t plan;  /* last: its attempts are cleared when they are made */
} frt_call_t;

/* mod_init: binds tm. 0 or -1. */
int frt_call_init(const frt_params_t *params);
const struct tm_binds *frt_tm(void);

/* The context of the message's transaction, or of the message itself before
 * there is a transaction; NULL if it was never routed by us. */
frt_call_t *frt_call_of(sip_msg_t *msg);
/* The same for a transaction at hand. */
frt_call_t *frt_call_of_cell(struct cell *t);
/* The plan, for readers; NULL if there is none. */
const frt_plan_t *frt_call_plan(sip_msg_t *msg);

/* The attempt that a script means where it names none: in a reply route the one
 * that the reply came from, else frt_plan_shown(); NULL if there is none. */
const frt_attempt_t *frt_call_shown(sip_msg_t *msg);

/* Makes a context, or takes the one there is, and gives it a (new) set: its
 * tried destinations stay tried, attempts and deadline start afresh. The tm
 * callbacks are registered with it. automatic: see frt_call_automatic(). NULL
 * if there is no memory. Between frt_table_enter() and frt_table_leave(). */
frt_call_t *frt_call_begin(
		sip_msg_t *msg, frt_set_t *set, str *key, bool automatic);

/* Chooses the next destination with the health of now, notes the attempt and
 * points the message at it: URI, socket, timers, xavp. 0 or an frt_err_t:
 * FRT_E_NONE_USABLE, FRT_E_EXHAUSTED, FRT_E_ATTEMPTS, FRT_E_DEADLINE,
 * FRT_E_NOSET (the set went with a reload), FRT_E_FULL, FRT_E_OVERLOAD. */
int frt_call_choose(frt_call_t *call, sip_msg_t *msg);
/* Parallel: chooses one more of the tier of the latest attempt, to be tried at
 * the same time. 0; any error: there is no more. With the reply lock of the
 * transaction, before any of them can have ended. */
int frt_call_choose_beside(frt_call_t *call, sip_msg_t *msg);

/* Chooses the destination of an attempt once more, which has refused this very
 * request (frt_plan_may_repeat()): takes a place there, and points the message
 * at it. 0 or an frt_err_t: as above, FRT_E_NODST (it went with a reload) or
 * FRT_E_BUSY (its trial is another call's). */
int frt_call_choose_again(
		frt_call_t *call, sip_msg_t *msg, const frt_attempt_t *a);

/* Who relays what is chosen from now on: frt_relay, automatically, or the
 * script. Before it is chosen. */
void frt_call_automatic(frt_call_t *call, sip_msg_t *msg, bool automatic);
/* The script of this request has selected: what it has not sent when it ends is
 * dropped, unless it has suspended the transaction. */
void frt_call_selected(frt_call_t *call, sip_msg_t *msg);
/* The script goes on after it was suspended: the message is pointed where the
 * choice was. */
void frt_call_resumed(frt_call_t *call, sip_msg_t *msg);
/* The script has appended branches to what is about to be sent: has tm tell of
 * each, as one of them may get the number of ours, and its answer be quicker than
 * the rest; and of a timer that fires while one of them is open, as that is to be
 * judged then. */
void frt_call_appended(frt_call_t *call, sip_msg_t *msg);
/* A branch has gone out, and its timer runs. With a reference to t. */
void frt_call_sent(frt_call_t *call, struct cell *t, int branch);

/* Brings the XAVP up to date. With the transaction's lists current. */
void frt_call_say(frt_call_t *call);

/* Counts a choice of that set for which no destination was left. */
void frt_call_exhausted(frt_set_rec_t *set);

#endif
