/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Follows links by their text: realpath() needs a file at the end.
 */
#include "frt_link.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 8 /* followed, so that a circle ends */

int frt_link_follow(char path[PATH_MAX])
{
	char to[PATH_MAX], next[PATH_MAX];
	int n = (int)strlen(path), links;

	for(links = 0; links < LINKS_MAX && n < PATH_MAX; links++) {
		const char *slash = strrchr(path, '/');
		ssize_t len = readlink(path, to, sizeof(to) - 1);

		if(len <= 0)
			break;
		to[len] = '\0';
		n = snprintf(next, sizeof(next), "%.*s%s",
				slash && to[0] != '/' ? (int)(slash - path) + 1 : 0, path, to);
		if(n < PATH_MAX)
			memcpy(path, next, (size_t)n + 1);
	}
	return n;
}
