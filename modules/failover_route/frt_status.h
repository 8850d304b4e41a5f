/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the status page shows, as JSON: the same words as list, explain and
 * history say. Must not know how it is fetched.
 */
#ifndef FRT_STATUS_H
#define FRT_STATUS_H

#include "frt_json.h"
#include "frt_params.h"
#include "frt_shm.h"

#define FRT_STATUS_PAGE_MAX 500
#define FRT_STATUS_FILTER_MAX 512 /* more than set/destination, or a URI, has */

/* What is asked for. */
typedef struct frt_status_ask
{
	char filter[FRT_STATUS_FILTER_MAX]; /* part of a name, URI, word, reason */
	bool bad;							/* only what is not green */
	uint32_t offset; /* of the destinations that match, the first ... */
	uint32_t limit;	 /* ... and at most so many, FRT_STATUS_PAGE_MAX */
	uint64_t events; /* only events after this one */
} frt_status_ask_t;

/* Writes one object; out->text.failed tells that memory ran out. Costs a look
 * at every destination's counters, and words for those on the page. Between
 * frt_table_enter() and frt_table_leave(). */
void frt_status_write(
		const frt_gen_t *g, const frt_status_ask_t *ask, frt_json_t *out);

#endif
