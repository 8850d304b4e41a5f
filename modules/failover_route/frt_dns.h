/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Asking the DNS; in the module, through Kamailio's own resolver and its settings
 * (dns_retr_time, dns_retr_no, dns_servers_no, dns_use_search_list). It waits for
 * the answer: for the resolver's process only. Must not know what the answers are for.
 */
#ifndef FRT_DNS_H
#define FRT_DNS_H

#include "engine/frt_expand.h"

/* Asks, following aliases. FRT_DNS_GOOD with *out, which lives until the next
 * call; or what went wrong, and then out->n may still be more than 0: what of
 * the answer could be had, with what old (NULL: nothing) has of the rest. */
frt_dns_t frt_dns_ask(frt_qtype_t type, const char *name,
		const frt_reach_t *reach, const frt_answer_t *old, frt_answer_t *out);

/* What Kamailio listens on, and so can send with. From mod_init on. */
void frt_dns_reach(frt_reach_t *out);

#endif
