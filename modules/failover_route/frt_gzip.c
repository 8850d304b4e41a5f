/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * zlib, into a buffer that grows. The fastest level: what is sent here repeats
 * itself so much that more effort gains little.
 */
#include "frt_gzip.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 31		 /* zlib: 15 bits, in gzip's own frame */
#define ROOM_LEAST 65536 /* bytes that are free for each step */

bool frt_gzip_begin(frt_gzip_t *gz)
{
	memset(gz, 0, sizeof(*gz));
	return deflateInit2(&gz->z, Z_BEST_SPEED, Z_DEFLATED, WINDOW, 8,
				   Z_DEFAULT_STRATEGY)
		   == Z_OK;
}

static bool make_room(frt_gzip_t *gz)
{
	size_t size = gz->size ? gz->size * 2 : 2 * ROOM_LEAST;
	char *s;

	if(gz->size - gz->len >= ROOM_LEAST)
		return true;
	s = realloc(gz->s, size);
	if(!s)
		return false;
	gz->s = s;
	gz->size = size;
	return true;
}

/* Until all of the input is taken, or, with Z_FINISH, all output is there. */
static bool run(frt_gzip_t *gz, int how)
{
	int err = Z_OK;

	while(err == Z_OK) {
		if(!make_room(gz))
			return false;
		gz->z.next_out = (Bytef *)gz->s + gz->len;
		gz->z.avail_out = ROOM_LEAST;
		err = deflate(&gz->z, how);
		gz->len += ROOM_LEAST - gz->z.avail_out;
		if(gz->z.avail_out > 0)
			break;
	}
	return how == Z_FINISH ? err == Z_STREAM_END
						   : err == Z_OK || err == Z_BUF_ERROR;
}

bool frt_gzip_add(frt_gzip_t *gz, const char *s, size_t n)
{
	gz->z.next_in = (Bytef *)s;
	gz->z.avail_in = (uInt)n;
	return run(gz, Z_NO_FLUSH);
}

bool frt_gzip_end(frt_gzip_t *gz, bool ok)
{
	gz->z.avail_in = 0;
	ok = ok && run(gz, Z_FINISH);
	deflateEnd(&gz->z);
	if(!ok) {
		free(gz->s);
		gz->s = NULL;
		gz->len = 0;
	}
	return ok;
}
