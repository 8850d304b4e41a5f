/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an answer has to repeat of its request (RFC 3261 section 8.2.6.2):
 * Call-ID, From tag and the number of the CSeq. Must not know transactions, nor
 * where either message came from.
 */
#ifndef FRT_IDS_H
#define FRT_IDS_H

#include "frt_base.h"

/* The bodies of three headers; an empty one is one that is not there. */
typedef struct frt_ids
{
	frt_str_t call_id;
	frt_str_t from;
	frt_str_t cseq;
} frt_ids_t;

/* The body of a header line, without space and CRLF around it; empty if it has
 * no colon. */
frt_str_t frt_hdr_body(frt_str_t line);
/* The tag of a From or To body; empty if it has none. */
frt_str_t frt_hdr_tag(frt_str_t body);
/* Does the answer have all three of the request? Not if the request lacks
 * one. */
bool frt_ids_match(const frt_ids_t *request, const frt_ids_t *answer);

#endif
