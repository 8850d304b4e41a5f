/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one generation has that another had not: for the operator, who wants to
 * know what a reload did. A name counts as itself, not as what it stands for;
 * of a set that is new or gone its destinations count, and are not named. Must
 * not know who asks.
 */
#ifndef FRT_DIFF_H
#define FRT_DIFF_H

#include "frt_gen.h"

#define FRT_DIFF_NAMES_MAX 512

#define FRT_DIFF_LIST(X)           \
	X(FRT_DIFF_ADDED, "added")     \
	X(FRT_DIFF_REMOVED, "removed") \
	X(FRT_DIFF_CHANGED, "changed")
FRT_ENUM_DECL(frt_diff_kind, FRT_DIFF_LIST)

/* What was added, removed, changed. */
typedef struct frt_diff
{
	struct
	{
		uint32_t sets;
		uint32_t dsts;
		uint32_t left_out;				/* so many more than are named */
		char names[FRT_DIFF_NAMES_MAX]; /* "set spare, carriers/gw1" */
	} of[frt_diff_kind_count];
} frt_diff_t;

/* Compares what was with what is; old may be NULL: then nothing is new. */
void frt_diff(const frt_gen_t *old, const frt_gen_t *g, frt_diff_t *out);

/* Writes how much of it there is: "1 set removed, 2 destinations changed", or
 * "nothing changed". */
void frt_diff_text(const frt_diff_t *diff, frt_buf_t *out);
/* Writes the names of one kind, and how many more there are. Nothing if there
 * is none. */
void frt_diff_names(
		const frt_diff_t *diff, frt_diff_kind_t kind, frt_buf_t *out);

#endif
