/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One question to the servers, of which frt_dns_ask() asks some: in the module
 * Kamailio's resolver answers it, in the command-line tool the C library's.
 * Must not know what the answers are for.
 */
#ifndef FRT_DNS_ONCE_H
#define FRT_DNS_ONCE_H

#include "frt_dns.h"

/* Asks for one kind of records and adds them to the answer, as
 * frt_answer_add(); or what went wrong. Waits for the servers. */
frt_dns_t frt_dns_ask_once(
		frt_answer_buf_t *b, frt_rr_type_t type, const char *name);

#endif
