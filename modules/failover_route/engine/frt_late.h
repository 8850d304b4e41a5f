/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The late answer: a 2xx to an INVITE from a destination that the call has
 * left. Who may still be connected to the caller, and, for some minutes after
 * the transaction has gone, which branches were left. Must not know SIP
 * messages, nor how a call is ended.
 */
#ifndef FRT_LATE_H
#define FRT_LATE_H

#include "frt_base.h"

/* What is known of the attempt on the branch that the 2xx came from. */
#define FRT_BRANCH_LIST(X)           \
	X(FRT_BRANCH_OPEN, "open")       \
	X(FRT_BRANCH_LEFT, "left")       \
	X(FRT_BRANCH_REFUSED, "refused") \
	X(FRT_BRANCH_FOREIGN, "foreign")
FRT_ENUM_DECL(frt_branch_state, FRT_BRANCH_LIST)

#define FRT_LATE_LIST(X)         \
	X(FRT_LATE_PASS, "pass")     \
	X(FRT_LATE_REVIVE, "revive") \
	X(FRT_LATE_END, "end")
FRT_ENUM_DECL(frt_late, FRT_LATE_LIST)

typedef struct frt_late_in
{
	frt_branch_state_t state; /* open; left: our timer or the transport ended
		it; refused: it sent another final response; foreign: none of ours */
	int branch;				  /* the 2xx's */
	int winner;				  /* the branch whose 2xx the caller got, or -1 */
	bool answered;			  /* the caller has a final response */
	bool cancelled;			  /* the caller has hung up */
} frt_late_in_t;

/* What to do with the 2xx: let it pass as tm would (it is the answer, or its
 * retransmission); revive the branch, so that tm takes it for the answer (RFC
 * 3261 section 16.7, step 5: a 2xx on any branch goes to the caller); or end
 * it with ACK and BYE, because the caller has been told otherwise. */
frt_late_t frt_late_decide(const frt_late_in_t *in);

/* Branches left, by a hash of tm's branch parameter. */
#define FRT_GONE_WAYS 8
#define FRT_GONE_S 180 /* as long as a telephone may ring: timer C */

#define FRT_GONE_TAGS 4 /* telephones of one forked call */

typedef struct frt_gone
{
	uint64_t key; /* 0: free */
	uint32_t until_s;
	uint32_t below; /* Record-Routes of those before us */
	/* hashes of the To tags that got their BYE, the latest first; 0: none */
	uint32_t tags[FRT_GONE_TAGS];
} frt_gone_t;

typedef struct frt_gone_table
{
	uint32_t mask; /* buckets - 1 */
	uint32_t live; /* never more than were put in; 0: nothing to look for */
	frt_gone_t slots[]; /* FRT_GONE_WAYS a bucket */
} frt_gone_table_t;

/* Bytes for a table of so many buckets, a power of two; zeroed memory and
 * mask = buckets - 1 make it. */
size_t frt_gone_size(uint32_t buckets);
/* Remembers a branch; a full bucket forgets its oldest. The caller holds the
 * table's lock, for both. */
void frt_gone_put_locked(frt_gone_table_t *t, uint64_t key, uint32_t below,
		uint32_t tag, uint32_t now_s);
/* Has this To tag got its BYE? */
bool frt_gone_ended(const frt_gone_t *gone, uint32_t tag);
/* It has now; of too many the oldest is forgotten. Lock held. */
void frt_gone_end_locked(frt_gone_t *gone, uint32_t tag);
/* Finds a branch that is still remembered, or NULL. */
frt_gone_t *frt_gone_find_locked(
		frt_gone_table_t *t, uint64_t key, uint32_t now_s);

/* A hash of the branch parameter; never 0. */
uint64_t frt_branch_key(uint32_t index, const char *md5, uint32_t branch);

/* How many values a header that is a list of URIs has: "<sip:a;lr>, <sip:b>"
 * has two. */
uint32_t frt_hdr_count(frt_str_t body);

#endif
