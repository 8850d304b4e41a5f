/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of doctor that looks at the network: addresses to listen on and to
 * send from, and names.
 */
#include "frt_cli_dns.h"
#include "frt_cli_doctor.h"
#include "frt_cli_mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address as the system has it: what may be bound to it exists here. */
static bool exists_here(frt_str_t address, int *err)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	uint8_t ip[16];
	bool is_four, good;
	int fd;

	*err = 0;
	if(frt_ip_parse(address, ip) != 0)
		return true; /* a name; Kamailio looks it up */
	is_four = frt_ip_is_v4(ip);
	memcpy(&six.sin6_addr, ip, 16);
	memcpy(&four.sin_addr, ip + 12, 4);
	fd = socket(is_four ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if(fd < 0)
		return errno != EAFNOSUPPORT;
	good = is_four ? bind(fd, (struct sockaddr *)&four, sizeof(four)) == 0
				   : bind(fd, (struct sockaddr *)&six, sizeof(six)) == 0;
	*err = good ? 0 : errno;
	close(fd);
	/* a link-local address without its interface is told by no error of its
	 * own */
	return good || *err != EADDRNOTAVAIL;
}

static void check_listens(cli_doctor_t *d)
{
	size_t i, missing = 0;
	cli_finding_t *f;
	int err;

	for(i = 0; i < d->nlistens; i++) {
		const cli_listen_t *l = &d->listens[i];
		frt_str_t a = frt_str_of(l->address);
		if(exists_here(a, &err))
			continue;
		missing++;
		f = cli_found(d, CLI_ERROR, "sockets",
				"listen=%s:%s:%d: this machine has no such address, and "
				"Kamailio would not start",
				l->proto, l->address, l->port);
		cli_finding_remedy(f, "Add the address to an interface, or take it out "
							  "of kamailio.cfg; for one that moves between "
							  "machines, sysctl net.ipv4.ip_nonlocal_bind=1.");
	}
	if(d->nlistens > 0 && missing == 0)
		cli_found(d, CLI_FINE, "sockets",
				"this machine has the address of each socket that Kamailio "
				"would listen on: %zu",
				d->nlistens);
}

static bool is_same_address(const char *listen, frt_str_t host)
{
	frt_str_t l = frt_str_of(listen);
	uint8_t a[16], b[16];

	if(frt_ip_parse(l, a) == 0 && frt_ip_parse(host, b) == 0)
		return memcmp(a, b, 16) == 0;
	return l.len == host.len && strncasecmp(listen, host.s, host.len) == 0;
}

/* As Kamailio looks for it (grep_sock_info): by what it advertises, too. */
static bool is_listened_on(const cli_doctor_t *d, const frt_socket_t *s)
{
	size_t i;

	for(i = 0; i < d->nlistens; i++) {
		const cli_listen_t *l = &d->listens[i];

		if((l->port == s->port || l->advertised_port == s->port)
				&& strcasecmp(l->proto, frt_proto_name(s->proto)) == 0
				&& (is_same_address(l->address, s->host)
						|| is_same_address(l->name, s->host)
						|| (l->advertised != NULL
								&& is_same_address(l->advertised, s->host))))
			return true;
	}
	return false;
}

/* The sockets that destinations want to be called from. */
static void check_sockets(cli_doctor_t *d)
{
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;
	const char *why;
	cli_finding_t *f;
	frt_socket_t s;

	for(set = frt_draft_sets(d->table); set != NULL; set = set->next) {
		for(dst = set->dsts; dst != NULL; dst = dst->next) {
			if(dst->socket.len == 0
					|| frt_socket_parse(dst->socket, &s, &why) != 0
					|| is_listened_on(d, &s))
				continue;
			f = cli_found(d, CLI_ERROR, "sockets",
					"destination %.*s of set %.*s: socket=\"%.*s\": Kamailio "
					"would not listen there, and refuse the table",
					(int)dst->id.len, dst->id.s, (int)set->id.len, set->id.s,
					(int)dst->socket.len, dst->socket.s);
			f->file = cli_copy(dst->place.file);
			f->line = dst->place.line;
			cli_finding_remedy(f,
					"Write listen=%.*s into kamailio.cfg, or one "
					"that is there into the table.",
					(int)dst->socket.len, dst->socket.s);
		}
	}
}

/* What requests can be sent with; all, if that is not known. */
static void set_reach(const cli_doctor_t *d)
{
	frt_reach_t reach = {false, false, 0};
	size_t i;
	int proto;

	for(i = 0; i < d->nlistens; i++) {
		bool six = strchr(d->listens[i].address, ':') != NULL;
		reach.ipv6 |= six;
		reach.ipv4 |= !six;
		for(proto = FRT_PROTO_UDP; proto <= FRT_PROTO_SCTP; proto++) {
			if(strcasecmp(
					   d->listens[i].proto, frt_proto_name((frt_proto_t)proto))
					== 0)
				reach.protos |= 1u << proto;
		}
	}
	if(d->nlistens > 0)
		cli_dns_set_reach(&reach);
}

static bool has_names(const frt_draft_t *table)
{
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;
	frt_uri_t u;

	for(set = frt_draft_sets(table); set != NULL; set = set->next) {
		for(dst = set->dsts; dst != NULL; dst = dst->next) {
			if(frt_uri_parse(dst->uri, &u) == 0 && !u.is_ip)
				return true;
		}
	}
	return false;
}

static void check_names(cli_doctor_t *d)
{
	const frt_fault_t *faults;
	frt_mem_t mem = cli_mem();
	uint32_t before, after, i;
	cli_finding_t *f;

	if(!has_names(d->table))
		return;
	set_reach(d);
	cli_progress("asking for the names of destinations; ten seconds at most");
	frt_draft_faults(d->table, &before, NULL, NULL);
	frt_check_names(d->table, &mem);
	cli_dns_check_plain(d->table);
	faults = frt_draft_faults(d->table, &after, NULL, NULL);
	for(i = before; i < after; i++) {
		f = cli_found(d, CLI_WARNING, "dns", "%s", faults[i].text);
		f->file = cli_copy(faults[i].place.file);
		f->line = faults[i].place.line;
		cli_finding_remedy(f, "Mend the name or its records; /etc/resolv.conf "
							  "names the servers that were asked.");
	}
	if(before == after)
		cli_found(d, CLI_FINE, "dns", "all names of the table resolve");
}

void cli_doctor_net(cli_doctor_t *d)
{
	check_listens(d);
	if(d->table == NULL)
		return;
	if(d->nlistens > 0)
		check_sockets(d);
	if(!cli_given(d->args, "--no-dns"))
		check_names(d);
}
