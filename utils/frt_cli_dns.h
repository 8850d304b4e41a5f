/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tool's DNS: the module's own questions, asked through the C library with
 * the machine's /etc/resolv.conf.
 */
#ifndef FRT_CLI_DNS_H
#define FRT_CLI_DNS_H

#include "frt_check_names.h"
#include "frt_dns.h"

/* What frt_dns_reach() tells from now on; everything, before. */
void cli_dns_set_reach(const frt_reach_t *reach);
/* Notes a warning for every destination that is a name without resolve=, and
 * that nobody could send to now. Waits for the DNS, like frt_check_names(). */
void cli_dns_check_plain(frt_draft_t *d);

#endif
