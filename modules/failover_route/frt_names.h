/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known of names: the last good answer of each question, in shared
 * memory, so that any process can say what a name stands for without asking.
 * One process, the resolver, asks and stores; the others read. Must not know
 * how it asks, nor what becomes of the answers.
 *
 * Its lock is a leaf, held to find or copy one entry, never while anybody asks.
 */
#ifndef FRT_NAMES_H
#define FRT_NAMES_H

#include "engine/frt_expand.h"

/* mod_init: 0 or -1. */
int frt_names_init(void);
void frt_names_destroy(void);

/* Looks up without asking: for frt_expand(). Any process. */
frt_lookup_t frt_names_lookup(void);

/* The rest but frt_names_list() and _put() is the resolver's. */

/* Bounds of TTLs; the ctx of a lookup that wants what it looks up. */
typedef struct frt_ttl_bounds
{
	uint32_t min_ms;
	uint32_t max_ms;
} frt_ttl_bounds_t;

/* A round: every question looked up with frt_names_wanting() until the sweep
 * is kept, and asked soon if it is new; the others go with the sweep. False if
 * there was no memory for all. */
void frt_names_round(void);
frt_lookup_t frt_names_wanting(frt_ttl_bounds_t *bounds);
bool frt_names_sweep(void);

typedef struct frt_question
{
	frt_qtype_t type;
	char name[FRT_DNS_NAME_MAX + 1];
} frt_question_t;

#define FRT_NAMES_BATCH 64
/* Copies questions that are due: those with an answer, the new ones, those in
 * trouble; some seconds after one of these they come first, so that all have
 * their turn. Of each the one that has waited longest first. *next_ms is when the next one will be (UINT64_MAX: never).
 * Returns how many. */
uint32_t frt_names_due(frt_question_t out[FRT_NAMES_BATCH], uint64_t *next_ms);
/* Stores what came of a question: a good answer (copied), or trouble (answer
 * NULL, or what could be had of it). Plans when it is asked next. */
void frt_names_store(
		const frt_question_t *q, const frt_answer_t *answer, frt_dns_t err);

/* One entry, copied. */
typedef struct frt_name_view
{
	frt_question_t q;
	frt_dns_t err;
	uint64_t good_ms;			/* when the last good answer came; 0: never */
	uint32_t failures;			/* in a row */
	uint32_t failed;			/* since the start */
	const frt_answer_t *answer; /* held until frt_names_free() */
} frt_name_view_t;

/* All entries, from the process's heap; *n of them. NULL if there are none, or
 * no memory. */
frt_name_view_t *frt_names_list(uint32_t *n);
void frt_names_free(frt_name_view_t *all, uint32_t n);
/* At start, from the state file: the id that one of a name's destinations went
 * by, which the lookup then knows; until the first load is over. */
void frt_names_put_id(frt_str_t set, frt_str_t id);
void frt_names_forget_ids(void);
/* At start: an answer of the state file, good_ms ago in frt_now_ms() time; it
 * is asked for anew at once. */
void frt_names_put(
		const frt_question_t *q, const frt_answer_t *answer, uint64_t good_ms);

#endif
