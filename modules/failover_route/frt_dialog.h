/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls in progress by Kamailio's dialog module: a place within max-calls is
 * kept from the 2xx until the dialog ends, however it ends. Where the module
 * is not loaded, or the script made no dialog of the call (dlg_manage), the
 * place goes with the transaction. Must not know how places are counted.
 */
#ifndef FRT_DIALOG_H
#define FRT_DIALOG_H

#include "frt_compat.h"
#include "frt_shm.h"

/* A dialog's claim on the place of its call; shared with its transaction. */
typedef struct frt_dialog_held frt_dialog_held_t;

/* mod_init: binds the dialog module where it is loaded. 0 or -1. */
int frt_dialog_init(void);
/* Do places outlive transactions? */
bool frt_dialog_bound(void);

/* The claim of the dialog this INVITE began, with a reference that the caller
 * gives back by frt_dialog_put(); NULL if there is no dialog, or no memory
 * (said in the log: the place then goes with the transaction). */
frt_dialog_held_t *frt_dialog_claim(sip_msg_t *msg);
void frt_dialog_put(frt_dialog_held_t *held);
/* The call was answered there (a 2xx, whose message rpl is): the dialog keeps
 * the places at the destination and in the set. False if it does not: there
 * is none, or it has ended already. Any process, no lock held. */
bool frt_dialog_hold(frt_dialog_held_t *held, frt_rec_t *rec,
		frt_set_rec_t *set, sip_msg_t *rpl);
/* The answer from there was none after all: gives the places back, if they are
 * held there, for another answer to hold its own. As above. */
void frt_dialog_let_go(frt_dialog_held_t *held, frt_rec_t *rec);
/* What the dialog module adds to the CSeq of all that follows is this from now on; it
 * was what is returned. It counts a challenge that uac_auth() has answered
 * (track_cseq_updates), and each destination has seen its own only. */
uint16_t frt_dialog_cseq(sip_msg_t *msg, uint16_t added);

#endif
