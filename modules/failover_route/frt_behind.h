/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Are our own SIP workers behind? While a script keeps all of them waiting, for a
 * database say, whatever is answered lies unread, and a silence is nobody's.
 * Must not know who was silent.
 */
#ifndef FRT_BEHIND_H
#define FRT_BEHIND_H

#include <stdbool.h>
#include <stdint.h>

struct sip_msg;

/* mod_init; 0 or -1. */
int frt_behind_init(void);
/* mod_destroy. */
void frt_behind_destroy(void);
/* A worker has come to this reply. */
void frt_behind_read(const struct sip_msg *rpl);
#define FRT_BEHIND_LOOK_MS 250
/* Does anything lie unread? The keeper asks, this often. */
void frt_behind_look(void);
/* May the answer to what was sent then, over UDP, lie unread? Something has, for at
 * least a quarter of the time since, and no reply was read. */
bool frt_behind(uint64_t sent_ms);

#endif
