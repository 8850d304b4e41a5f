/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What this module does to tm's transactions beyond tm's own interface:
 * finding one from outside a message's processing, its reply lock, letting a
 * branch's timer fire now. Everything here was read in tm's source, and is the
 * same from 5.6 to 6.1. Must not know calls or destinations.
 */
#ifndef FRT_TM_H
#define FRT_TM_H

#include "frt_compat.h"
#include "engine/frt_icmp.h"

/* The transaction of an identity (tm's hash index and label), referenced, or
 * NULL. The current transaction of this process stays as it was. */
struct cell *frt_tm_get(const uint32_t ident[2]);
/* The transaction that sent a request with this branch in its Via, referenced,
 * or NULL. */
struct cell *frt_tm_of_branch(const frt_branch_t *via);
/* Finds those of tm's parameters that are used here. In mod_init, when all are
 * set. */
void frt_tm_init(void);
/* Since 6.1.4 tm takes no reply for a transaction that only waits for its end,
 * unless its parameter reply_matching is 0, and the core forwards the reply by
 * its Via. Is that so? Then each reply is preceded by frt_tm_take_late(): is tm to
 * take it all the same? Holds for this process, until it is called again. */
bool frt_tm_skips_late(void);
void frt_tm_take_late(bool take);
/* Gives the reference back; tm may free the transaction. */
void frt_tm_put(struct cell *t);

/* Has tm call f with param on TMCB_ON_FAILURE after all that is registered with
 * the transaction by now; register_tmcb() puts the latest first. After a
 * first register_tmcb(); before there is a branch, or with the reply lock. param must live as long as the
 * transaction. False if there is no memory. */
bool frt_tm_on_failure_last(struct cell *t, transaction_cb f, void *param);

/* Does tm keep the replies of earlier branches once there is a new one? */
bool frt_tm_keeps_replies(void);
/* What tm answers where nobody has: its parameters reply_408_code and
 * reply_408_reason, from Kamailio 6.0 on. */
int frt_tm_silence_code(void);
str frt_tm_silence_reason(void);
/* t_forward_nonack(). What cannot be sent has failed: with its failure_exec_mode tm
 * would have the branch wait for its timer, and the call with it. */
int frt_tm_forward(sip_msg_t *msg);
/* In a failure: tm drops the replies of earlier branches once there is a new one;
 * with mode "n" it does not: the best of them may be what the caller gets in the
 * end. "a": it does all the same; "l": those of the last step. */
void frt_tm_drop_replies(sip_msg_t *msg, char *mode);

/* tm's reply lock: recursive in one process, never two transactions' at once,
 * no lock of ours held. */
void frt_tm_lock(struct cell *t);
void frt_tm_unlock(struct cell *t);
/* The same, not waiting: false if another process has it. That one may be
 * connecting over TCP, or wait for a lock of the script's. */
bool frt_tm_try_lock(struct cell *t);

typedef enum frt_fire
{
	FRT_FIRE_DONE,	  /* at tm's next tick */
	FRT_FIRE_NOT_YET, /* the timer is not running yet: try again */
	FRT_FIRE_TOO_LATE /* a final reply was quicker, or the timer itself */
} frt_fire_t;

/* Lets the final response timer of a branch fire at tm's next tick, in tm's
 * timer process, with all that tm does then. The caller holds a reference, and
 * no lock: it may wait for the timer's own run to end. */
frt_fire_t frt_tm_fire(struct cell *t, int branch);
/* Has the timer of a branch fired? tm then waits for the reply lock, or is done. */
bool frt_tm_fired(const struct cell *t, int branch);
/* A provisional reply came just then: the timer is set as it would have set
 * it; that of another method than INVITE to fr_ms. */
void frt_tm_unfire(struct cell *t, int branch, uint32_t fr_ms);
/* The final response timer of a branch that runs fires ms from now, or at the
 * transaction's end if that is earlier. After tm is done with a reply. */
void frt_tm_wait(struct cell *t, int branch, uint32_t ms);
/* How long tm still waits for anything in this transaction: its lifetime. */
uint64_t frt_tm_left_ms(const struct cell *t);
/* The timer has run that much ahead of time: a lifetime that is over by it gets it
 * back. tm's reply lock is held. */
void frt_tm_live_on(struct cell *t, uint64_t ahead_ms);

/* The timers that a transaction has without us, in ticks. */
typedef struct frt_tm_fr
{
	uint32_t inv;
	uint32_t fr; /* also of what waits for the ACK, or the answer to a CANCEL */
	bool lent;	 /* it has ours */
} frt_tm_fr_t;
/* The timers of a transaction for branches that are added from now on, and for
 * those that get their first provisional reply from now on; 0: as they were.
 * tm's set_fr also sets the timers that run. Its own are kept in the last one. */
void frt_tm_lend_fr(
		struct cell *t, uint32_t inv_ms, uint32_t fr_ms, frt_tm_fr_t *own);
/* The same before there is one: its own will be those of tm's parameters. */
frt_tm_fr_t frt_tm_fr_of_params(void);
/* Gives them back: once a branch has gone out, which has taken its own along; inv,
 * too, once nothing waits any more. */
void frt_tm_put_fr(struct cell *t, frt_tm_fr_t *own, bool inv);
/* A provisional reply is about to reach tm (TMCB_LOCAL_RESPONSE_IN): lets tm
 * answer it with the CANCEL. False if the branch was cancelled before. */
bool frt_tm_cancel_next(struct cell *t, int branch);
/* The same moment, on a branch that has timed out: lets tm send none. It would
 * for any method, and logs errors where there is none to build. */
void frt_tm_cancel_not(struct cell *t, int branch);
/* Cancels a local INVITE: at once where a provisional reply came, else as soon
 * as one comes (RFC 3261 section 9.1), without repeating the INVITE. */
void frt_tm_cancel(const uint32_t ident[2]);
/* Ends a local transaction; nothing is sent. */
void frt_tm_release(const uint32_t ident[2]);

#endif
