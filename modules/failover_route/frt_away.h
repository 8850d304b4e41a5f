/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records that have left the table and may come back with a later one: those
 * with calls under way, which hold places of max-calls, as long as they have
 * any; and for some time what a name stood for that was not well, or that the
 * operator wanted otherwise than the source says, as a server may give a few of
 * many addresses at a time. Must not know who reads them: a reload's, under its
 * lock.
 */
#ifndef FRT_AWAY_H
#define FRT_AWAY_H

#include "engine/frt_gen.h"

#define FRT_AWAY_MAX 512 /* others are forgotten at once */

typedef struct frt_away_rec
{
	frt_rec_t *rec; /* holds a reference */
	uint64_t since_ms;
	bool of_name;
	/* the operator wanted something of it that he did not want of all of the
	 * name, and the source has not changed its mind since */
	bool alone;
} frt_away_rec_t;

typedef struct frt_away
{
	uint32_t n;
	frt_away_rec_t at[FRT_AWAY_MAX];
} frt_away_t;

/* The one of that key, or NULL; it stays on the list until a table that has it
 * is published. */
const frt_away_rec_t *frt_away_find(
		const frt_away_t *away, frt_str_t set, frt_str_t id, uint64_t now_ms);
/* g has taken the place of old: what is in g again, or not worth keeping any
 * more, goes from the list, and what is in old only joins it. */
void frt_away_follow(frt_away_t *away, const frt_gen_t *old, const frt_gen_t *g,
		uint64_t now_ms);
void frt_away_free(frt_away_t *away);

#endif
