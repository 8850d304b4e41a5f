/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small pieces of free private memory for Kamailio's default allocator, q_malloc.
 * It looks for each request in lists by size, from that size up, and between the
 * sizes of a SIP message and the large rest of the memory some thousand lists are
 * empty: most of what a call costs is looking at them. Must not know what
 * the memory is used for.
 */
#ifndef FRT_PIECES_H
#define FRT_PIECES_H

/* child_init of a process that handles SIP messages: leaves free pieces of the
 * sizes that these ask for, kept apart by used ones, or freeing would join them.
 * Nothing with another allocator, or where it would take more than a sixteenth
 * of what is free. */
void frt_pieces_leave(void);

#endif
