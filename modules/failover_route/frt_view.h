/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One consistent look at a destination's record: copied under its lock, put in
 * words after. Must not know who looks: list, explain, the metrics and the page
 * all say it by these.
 */
#ifndef FRT_VIEW_H
#define FRT_VIEW_H

#include "engine/frt_explain.h"
#include "engine/frt_held.h"
#include "frt_shm.h"

typedef struct frt_view
{
	uint32_t word;
	frt_reason_t reason; /* of the last change of health */
	uint64_t since_ms;	 /* for how long its health has been so */
	uint32_t hold_ms;	 /* what is left of the hold */
	bool spared;		 /* calls found it failing; max-eject keeps it */
} frt_view_t;

/* Takes the record's lock for a moment. */
void frt_view_take(frt_rec_t *rec, frt_view_t *out);
/* Writes why it is as it is, as a sentence: what keeps it from being used, or
 * what brought it up. It stays as it is until something changes; what runs
 * meanwhile, such as the hold, is explain's. */
void frt_view_reason(const frt_view_t *view, frt_buf_t *out);
/* Takes a look and writes why the destination is, or is not, the one that a
 * call would get: frt_explain_dst_text(), and what only the host knows, such as
 * the trouble with its name. The look itself is in *view. */
bool frt_view_explain(const frt_explain_t *e, const frt_dst_t *dst,
		frt_view_t *view, uint32_t *share_permille, frt_buf_t *out);
/* Adds ": SRV _sip._udp.example.net: no such name" of one whose name stands for
 * nothing. */
void frt_view_unresolved(const frt_dst_t *dst, frt_buf_t *out);

#endif
