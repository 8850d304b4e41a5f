/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What calls leave behind at a destination (frt_act_t in frt_rec.h): made for
 * the first of them, because most destinations of a large table have none. Must
 * not know what a call is, nor whose memory it is made of.
 *
 * Nobody waits for it: of two that make it at once one gives its own back. Once
 * it is there it stays until the record goes, so whoever holds a reference to
 * the record may use it. Without memory there is none: what would have been
 * counted is lost, and the call goes on.
 */
#ifndef FRT_ACT_H
#define FRT_ACT_H

#include "frt_rec.h"

/* The block, or NULL where there was no call yet, or no memory for it. */
static inline frt_act_t *frt_act(const frt_rec_t *rec)
{
	return atomic_load_explicit(&rec->act, memory_order_acquire);
}

/* The same to look at: all zeros where there is none. Never NULL. */
const frt_act_t *frt_act_seen(const frt_rec_t *rec);

/* The block, made of mem if it is not there yet; NULL without memory. No lock
 * of ours may be held, as the host's memory has one. */
frt_act_t *frt_act_need(frt_rec_t *rec, const frt_mem_t *mem);
/* For who frees the record: nobody may have a reference any more. */
void frt_act_free(frt_rec_t *rec, const frt_mem_t *mem);

/* Forgets the silences of its response times, frt_rto_calm(). */
void frt_act_calm(frt_rec_t *rec);

/* Counts one of FRT_COUNTERS; nothing where there is no block. */
#define frt_act_count(rec, name)                                               \
	do {                                                                       \
		frt_act_t *act_ = frt_act(rec);                                        \
		if(act_)                                                               \
			atomic_fetch_add_explicit(&act_->n.name, 1, memory_order_relaxed); \
	} while(0)

#endif
