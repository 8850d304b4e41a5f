/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert srv: the SRV records of a domain. Live: the name is the destination,
 * and the module follows the DNS. Frozen: the targets of now.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"
#include "frt_cli_dns.h"

#include <stdio.h>
#include <string.h>

/* What the service in front of a name means in a URI. */
static const struct
{
	const char *service, *scheme, *transport;
} services[] = {
		{"_sip._udp.", "sip", ""},
		{"_sip._tcp.", "sip", ";transport=tcp"},
		{"_sip._sctp.", "sip", ";transport=sctp"},
		{"_sips._tcp.", "sips", ""},
};

static int frozen(conv_t *c, conv_set_t *s, const char *domain, size_t service)
{
	const char *name =
			conv_printf(c, "%s%s", services[service].service, domain);
	frt_reach_t reach;
	frt_answer_t answer;
	frt_dns_t got;
	conv_dst_t *d;
	uint32_t i;

	frt_dns_reach(&reach);
	got = frt_dns_ask(FRT_Q_SRV, name, &reach, NULL, &answer);
	if(got != FRT_DNS_GOOD || answer.n == 0) {
		cli_could_not("convert", "%s: %s", name,
				frt_dns_name(got == FRT_DNS_GOOD ? FRT_DNS_NO_SERVICE : got));
		return -1;
	}
	for(i = 0; i < answer.n; i++) {
		const frt_rr_t *r = &answer.rrs[i];

		d = conv_dst_add(c, s, domain, i + 1,
				conv_printf(c, "%s:%.*s:%u%s", services[service].scheme,
						(int)r->name.len, r->name.s, r->port,
						services[service].transport));
		d->priority = r->priority;
		d->weight = r->weight;
	}
	conv_say(c, CONV_CHANGED, domain, 0,
			"the targets of now, of %s; the module does not see when the SRV "
			"records change",
			name);
	return 0;
}

int conv_srv(conv_t *c, const char *name)
{
	const char *domain = conv_copy(c, name, strlen(name));
	size_t i, k = 0;
	conv_set_t *s;
	conv_dst_t *d;

	for(i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		size_t n = strlen(services[i].service);
		if(strncmp(domain, services[i].service, n) == 0) {
			domain += n;
			k = i;
			break;
		}
	}
	if(strpbrk(domain, "/:@ ") != NULL || *domain == '\0'
			|| strlen(domain) > 200) {
		cli_could_not("convert", "%s: not a domain name", name);
		return -1;
	}
	s = conv_set_get(c, domain, -1);
	conv_say(c, CONV_NOTE, domain, 0,
			"SRV: the lower priority is tried first, as in the module");
	conv_say(c, CONV_NOTE, domain, 0,
			"only %s%s is followed; for other transports name their service, "
			"or "
			"write resolve=\"naptr\"",
			services[k].service, domain);
	if(c->freeze)
		return frozen(c, s, domain, k);
	d = conv_dst_add(c, s, domain, 1,
			conv_printf(c, "%s:%s%s", services[k].scheme, domain,
					services[k].transport));
	d->resolve = "srv";
	return 0;
}
