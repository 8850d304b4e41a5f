/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One consistent look at a destination's record: copied under its lock, put in
 * words after. Must not know who looks.
 */
#ifndef FRT_VIEW_H
#define FRT_VIEW_H

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
 * what brought it up. */
void frt_view_reason(const frt_view_t *view, frt_buf_t *out);

#endif
