/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The file that a symbolic link leads to, whether it is there yet or not. For
 * the command-line tool, too: must not know Kamailio, nor what is in the file.
 */
#ifndef FRT_LINK_H
#define FRT_LINK_H

#include <limits.h>

/* Puts in the place of a link's name the one of what it leads to. Of links in
 * a circle any of them. Returns the length of the name; PATH_MAX or more: it is
 * too long, and path is the last one that was not. */
int frt_link_follow(char path[PATH_MAX]);

#endif
