/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded into Kamailio: its stderr is written by lines. It asks for none to be
 * held back, and since glibc 2.37 a line then goes out in parts of 128 bytes, so
 * that the lines of two processes mix.
 */
#include <stdio.h>

void setbuf(FILE *stream, char *buffer)
{
	static char lines[1 << 16];

	if(stream == stderr)
		setvbuf(stream, lines, _IOLBF, sizeof(lines));
	else
		setvbuf(stream, buffer, buffer ? _IOFBF : _IONBF, BUFSIZ);
}
