/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small pieces of free private memory; see the header.
 */
#include "frt_pieces.h"

#include "../../core/dprint.h"
#include "../../core/mem/mem.h"

#include <string.h>

/* So many of a size: a header, a URI or a contact goes into a small one, a
 * whole message into a large one. */
#define SMALL 512
#define SMALLS 128
#define LARGE 2048
#define LARGES 16
#define PIECES (SMALLS + LARGES)
#define APART 16
/* q_malloc's own for each piece, and for what keeps it apart from the next. */
#define OVERHEAD 128
#define TAKES \
	(SMALLS * SMALL + LARGES * LARGE + PIECES * (APART + 2ul * OVERHEAD))

void frt_pieces_leave(void)
{
	void *piece[PIECES];
	int n;

	if(!_pkg_root.mname || strcmp(_pkg_root.mname, "q_malloc") != 0
			|| pkg_available() / 16 < TAKES)
		return;
	/* all first: what is free already is taken for the next request */
	for(n = 0; n < PIECES; n++) {
		piece[n] = pkg_malloc(n < SMALLS ? SMALL : LARGE);
		if(!piece[n])
			break;
		if(!pkg_malloc(APART)) { /* else for as long as the process lives */
			pkg_free(piece[n]);
			break;
		}
	}
	if(n < PIECES)
		LM_WARN("no private memory for %d of %d free pieces\n", PIECES - n,
				PIECES);
	while(n > 0)
		pkg_free(piece[--n]);
}
