/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A text compressed while it is made: of megabytes no more than a piece is in
 * memory at a time. Must not know what the text is, nor who gets it.
 */
#ifndef FRT_GZIP_H
#define FRT_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <zlib.h>

typedef struct frt_gzip
{
	z_stream z;
	char *s; /* of the heap: compressed so far; the caller frees it */
	size_t len;
	size_t size;
} frt_gzip_t;

/* Begins; false: no memory, and nothing to end. */
bool frt_gzip_begin(frt_gzip_t *gz);
/* Takes the next piece. False: no memory; frt_gzip_end() is still to be
 * called. */
bool frt_gzip_add(frt_gzip_t *gz, const char *s, size_t n);
/* Ends: s and len are the whole, in gzip's own frame. False: s is NULL. Call it
 * also after a failure, with ok false. */
bool frt_gzip_end(frt_gzip_t *gz, bool ok);

#endif
