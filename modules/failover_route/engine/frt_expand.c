/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names to destinations. One walk: NAPTR to SRV to addresses, each step a
 * look-up that cannot come back to where it began, so that no record can make
 * a circle.
 */
#include "frt_expand.h"

#include <string.h>

/* One walk. */
typedef struct walk
{
	const frt_named_t *named;
	const frt_reach_t *reach;
	const frt_lookup_t *lookup;
	const frt_set_t *was;
	frt_uri_t uri;
	bool ipv4;
	bool ipv6;
	frt_children_t *out;
} walk_t;

/* What a child is made from. */
typedef struct hop
{
	frt_str_t target; /* of SRV records; empty: the URI's own host */
	uint16_t port;	  /* 0: as in the URI */
	uint16_t weight;
	uint32_t sub;
	frt_proto_t proto; /* any: as in the URI */
} hop_t;

static bool starts(frt_str_t s, frt_str_t with)
{
	frt_str_t head = {s.s, with.len};

	return s.len >= with.len && frt_str_eq_nocase(head, with);
}

frt_proto_t frt_srv_proto(frt_str_t name)
{
	if(starts(name, FRT_STR("_sip._udp.")))
		return FRT_PROTO_UDP;
	if(starts(name, FRT_STR("_sip._tcp.")))
		return FRT_PROTO_TCP;
	if(starts(name, FRT_STR("_sips._tcp.")))
		return FRT_PROTO_TLS;
	if(starts(name, FRT_STR("_sip._sctp.")))
		return FRT_PROTO_SCTP;
	return FRT_PROTO_ANY;
}

void frt_srv_name(const frt_uri_t *uri, frt_buf_t *out)
{
	const char *labels = "_sip._udp.";

	if(uri->sips || uri->transport == FRT_PROTO_TLS)
		labels = "_sips._tcp.";
	else if(uri->transport == FRT_PROTO_TCP)
		labels = "_sip._tcp.";
	else if(uri->transport == FRT_PROTO_SCTP)
		labels = "_sip._sctp.";
	if(uri->host.len > 0 && uri->host.s[0] != '_')
		frt_buf_add(out, "%s", labels);
	frt_buf_add_str(out, uri->host);
}

static void trouble(walk_t *w, frt_qtype_t type, frt_str_t name, frt_dns_t err)
{
	frt_buf_t b;

	if(err == FRT_DNS_PENDING)
		w->out->pending = true;
	if(w->out->err != FRT_DNS_GOOD)
		return;
	w->out->err = err;
	w->out->err_type = type;
	frt_buf_init(&b, w->out->err_name, sizeof(w->out->err_name));
	frt_buf_add_str(&b, name);
}

/* The last good answer, or NULL. */
static const frt_answer_t *find(walk_t *w, frt_qtype_t type, frt_str_t name)
{
	frt_found_t found = {NULL, FRT_DNS_PENDING, 0};

	w->lookup->find(w->lookup->ctx, type, name, &found);
	if(found.err != FRT_DNS_GOOD)
		trouble(w, type, name, found.err);
	if(found.answer
			&& (w->out->good_ms == 0 || found.good_ms < w->out->good_ms))
		w->out->good_ms = found.good_ms;
	return found.answer;
}

static void give_back(const walk_t *w, const frt_answer_t *answer)
{
	w->lookup->done(w->lookup->ctx, answer);
}

static bool reachable(const walk_t *w, const frt_rr_t *rr)
{
	return frt_ip_is_v4(rr->addr) ? w->ipv4 : w->ipv6;
}

/* TLS's certificate is for the name that was asked for (RFC 5922 section 7):
 * there the URI keeps it, and the address goes beside. */
static bool keeps_name(const walk_t *w, frt_proto_t proto)
{
	return w->uri.sips || proto == FRT_PROTO_TLS || proto == FRT_PROTO_WSS;
}

static bool is_host_char_end(char c)
{
	return c == ';' || c == '?';
}

/* The URI with another host, another port, and a transport if it had none. */
static void add_uri(const walk_t *w, const hop_t *hop, frt_str_t host,
		bool ipv6, frt_buf_t *out)
{
	frt_str_t uri = w->named->uri;
	uint32_t from = (uint32_t)(w->uri.host.s - uri.s);
	uint32_t to = from + w->uri.host.len;
	uint16_t port = hop->port ? hop->port : w->uri.port;

	while(to < uri.len && !is_host_char_end(uri.s[to]))
		to++;
	frt_buf_add_str(out, (frt_str_t){uri.s, from});
	frt_buf_add(out, "%s%.*s%s", ipv6 ? "[" : "", (int)host.len, host.s,
			ipv6 ? "]" : "");
	if(port)
		frt_buf_add(out, ":%u", port);
	if(w->uri.transport == FRT_PROTO_ANY && hop->proto > FRT_PROTO_UDP
			&& !w->uri.sips)
		frt_buf_add(out, ";transport=%s", frt_proto_name(hop->proto));
	frt_buf_add_str(out, (frt_str_t){uri.s + to, uri.len - to});
}

/* "_sips._tcp.example.net" names example.net. */
static frt_str_t plain_host(frt_str_t host)
{
	int labels;

	for(labels = 0; labels < 2 && host.len > 0 && host.s[0] == '_'; labels++) {
		const char *dot = memchr(host.s, '.', host.len);
		uint32_t skip = dot ? (uint32_t)(dot - host.s) + 1 : 0;

		host.s += skip;
		host.len -= skip;
	}
	return host;
}

static bool is_taken(const frt_children_t *c, frt_str_t id)
{
	uint32_t i;

	for(i = 0; i < c->n; i++) {
		if(frt_str_eq(frt_str_of(c->at[i].id), id))
			return true;
	}
	return false;
}

/* The id of a target ("eu/gw1.example.net:5060"), with its address if it has
 * several, with the transport if it is there for another one already. */
static void add_id(const walk_t *w, const hop_t *hop, const uint8_t *addr,
		bool with_addr, frt_buf_t *out)
{
	frt_buf_add_str(out, w->named->id);
	frt_buf_add(out, "/");
	if(hop->target.len == 0) {
		frt_buf_add_ip(out, addr);
		return;
	}
	frt_buf_add_str(out, hop->target);
	frt_buf_add(out, ":%u", hop->port);
	if(with_addr) {
		frt_buf_add(out, "/");
		frt_buf_add_ip(out, addr);
	}
	if(!out->cut && hop->proto != FRT_PROTO_ANY
			&& is_taken(w->out, (frt_str_t){out->s, (uint32_t)out->len}))
		frt_buf_add(out, ";%s", frt_proto_name(hop->proto));
}

/* One more child; one that does not fit is counted. */
static void add_child(walk_t *w, const hop_t *hop, const uint8_t addr[16],
		uint32_t parts, bool first, bool with_addr)
{
	frt_children_t *out = w->out;
	frt_child_t *c = &out->at[out->n];
	frt_proto_t proto =
			w->uri.transport != FRT_PROTO_ANY ? w->uri.transport : hop->proto;
	char host[48];
	frt_buf_t ip, id, uri, sent;

	if(out->n == FRT_CHILDREN_MAX) {
		out->dropped++;
		return;
	}
	frt_buf_init(&ip, host, sizeof(host));
	frt_buf_add_ip(&ip, addr);
	frt_buf_init(&id, c->id, sizeof(c->id));
	frt_buf_init(&uri, c->uri, sizeof(c->uri));
	frt_buf_init(&sent, c->hop, sizeof(c->hop));
	add_id(w, hop, addr, with_addr, &id);
	add_uri(w, hop, frt_str_of(host), !frt_ip_is_v4(addr),
			keeps_name(w, proto) ? &sent : &uri);
	if(keeps_name(w, proto))
		add_uri(w, hop, plain_host(w->uri.host), false, &uri);
	if(id.cut || uri.cut || sent.cut
			|| is_taken(out, (frt_str_t){c->id, (uint32_t)id.len})) {
		out->dropped++;
		return;
	}
	memcpy(c->addr, addr, sizeof(c->addr));
	c->sub = hop->sub;
	c->weight = hop->weight;
	c->parts = parts;
	c->first = first;
	out->n++;
}

/* Does the child of that id have this address in the table now? Without any
 * table who is known to have gone by an id with its address did so. */
static bool has_now(const walk_t *w, const hop_t *hop, const uint8_t addr[16],
		bool with_addr)
{
	char mem[FRT_DST_ID_MAX + 1];
	const frt_dst_t *dst;
	uint8_t now[16];
	frt_buf_t id;

	frt_buf_init(&id, mem, sizeof(mem));
	add_id(w, hop, addr, with_addr, &id);
	if(!w->was)
		return with_addr && w->lookup->had
			   && w->lookup->had(w->lookup->ctx, w->named->set,
					   (frt_str_t){mem, (uint32_t)id.len});
	dst = frt_gen_dst(
			w->was->gen, w->was->id, (frt_str_t){mem, (uint32_t)id.len});
	return dst && dst->is_ip && frt_ip_parse(frt_dst_host(dst), now) == 0
		   && memcmp(now, addr, sizeof(now)) == 0;
}

/* Which of a target's addresses goes by its name alone: the one that does so
 * now; else the first that does not go by another id already, as the only one
 * does; or none. Health is kept by id, so an address keeps what it has. */
static uint32_t pick_bare(
		const walk_t *w, const hop_t *hop, const frt_answer_t *a)
{
	uint32_t i, fresh = UINT32_MAX;

	for(i = 0; i < a->n; i++) {
		if(!reachable(w, &a->rrs[i]))
			continue;
		if(has_now(w, hop, a->rrs[i].addr, false))
			return i;
		if(fresh == UINT32_MAX && !has_now(w, hop, a->rrs[i].addr, true))
			fresh = i;
	}
	return fresh;
}

/* The addresses of one target, or of the URI's own host. */
static void add_host(walk_t *w, const hop_t *hop)
{
	frt_str_t host = hop->target.len ? hop->target : w->uri.host;
	const frt_answer_t *a = find(w, FRT_Q_HOST, host);
	uint32_t i, parts = 0, bare;
	bool first = true;

	if(!a)
		return;
	for(i = 0; i < a->n; i++)
		parts += reachable(w, &a->rrs[i]);
	bare = pick_bare(w, hop, a);
	if(parts == 0)
		trouble(w, FRT_Q_HOST, host, FRT_DNS_GARBAGE);
	for(i = 0; i < a->n; i++) {
		if(!reachable(w, &a->rrs[i]))
			continue;
		add_child(w, hop, a->rrs[i].addr, parts, first, i != bare);
		first = false;
	}
	give_back(w, a);
}

static void add_srv(walk_t *w, frt_str_t name, frt_proto_t proto, uint32_t rank)
{
	const frt_answer_t *a = find(w, FRT_Q_SRV, name);
	uint32_t i;

	if(!a)
		return;
	if(a->n == 0)
		trouble(w, FRT_Q_SRV, name, FRT_DNS_NO_SERVICE);
	for(i = 0; i < a->n; i++) {
		hop_t hop = {a->rrs[i].name, a->rrs[i].port, a->rrs[i].weight,
				rank << 16 | a->rrs[i].priority, proto};

		add_host(w, &hop);
	}
	give_back(w, a);
}

/* May this NAPTR be used? What the URI asks for, and Kamailio can send. */
static bool wanted(const walk_t *w, const frt_rr_t *rr)
{
	if(w->uri.sips && rr->proto != FRT_PROTO_TLS)
		return false;
	if(w->uri.transport != FRT_PROTO_ANY && w->uri.transport != rr->proto)
		return false;
	return (w->reach->protos >> rr->proto) & 1;
}

static void add_naptr(walk_t *w)
{
	const frt_answer_t *a = find(w, FRT_Q_NAPTR, w->uri.host);
	uint32_t i, rank = 0;

	if(!a)
		return;
	for(i = 0; i < a->n && rank <= UINT16_MAX; i++) {
		if(wanted(w, &a->rrs[i]))
			add_srv(w, a->rrs[i].name, (frt_proto_t)a->rrs[i].proto, rank++);
	}
	if(rank == 0)
		trouble(w, FRT_Q_NAPTR, w->uri.host, FRT_DNS_GARBAGE);
	give_back(w, a);
}

/* What a target weighs among those of its sub-priority: in the units of
 * frt_gen.h, a weight of 0 sharing one unit with the others. */
static uint64_t units(const frt_child_t *c, uint32_t zeros)
{
	return c->weight ? (uint64_t)c->weight * FRT_WEIGHT_UNIT
					 : FRT_WEIGHT_UNIT / zeros;
}

/* All of one sub-priority weigh together what the parent does. */
static void share_weight(const walk_t *w, frt_child_t *c, uint32_t n)
{
	uint64_t all = (w->named->weight ? w->named->weight : 1u)
				   * (uint64_t)FRT_WEIGHT_UNIT;
	uint64_t total = 0;
	uint32_t i, zeros = 0;

	for(i = 0; i < n; i++)
		zeros += c[i].first && c[i].weight == 0;
	for(i = 0; i < n; i++)
		total += c[i].first ? units(&c[i], zeros) : 0;
	for(i = 0; i < n; i++) {
		/* the first of a target may not have fitted */
		uint64_t mine = units(&c[i], zeros ? zeros : 1);

		c[i].full = total ? all * mine / total / c[i].parts : all;
		if(c[i].full == 0)
			c[i].full = 1;
	}
}

/* Of several addresses of one host none is better than another. */
static void share_equally(const walk_t *w)
{
	uint32_t i, n = w->out->n;

	for(i = 0; i < n; i++) {
		uint32_t weight = (w->named->weight + n / 2) / n;

		w->out->at[i].weight =
				(uint16_t)(weight == 0 && w->named->weight ? 1 : weight);
	}
}

static void share(const walk_t *w)
{
	frt_children_t *c = w->out;
	uint32_t i, j;

	for(i = 0; i < c->n; i = j) {
		for(j = i + 1; j < c->n && c->at[j].sub == c->at[i].sub; j++)
			continue;
		share_weight(w, &c->at[i], j - i);
	}
	if(w->named->resolve == FRT_RESOLVE_HOST)
		share_equally(w);
}

/* A socket that is given sends to its own kind of addresses only. */
static void set_families(walk_t *w)
{
	frt_socket_t sock;
	const char *why;

	w->ipv4 = w->reach->ipv4;
	w->ipv6 = w->reach->ipv6;
	if(w->named->socket.len == 0
			|| frt_socket_parse(w->named->socket, &sock, &why) != 0
			|| !sock.is_ip)
		return;
	w->ipv4 = w->ipv4 && sock.host.s[0] != '[';
	w->ipv6 = w->ipv6 && sock.host.s[0] == '[';
}

void frt_expand(const frt_named_t *named, const frt_reach_t *reach,
		const frt_lookup_t *lookup, const frt_set_t *was, frt_children_t *out)
{
	walk_t w = {.named = named,
			.reach = reach,
			.lookup = lookup,
			.was = was,
			.out = out};
	char mem[FRT_URI_MAX + 16];
	hop_t own = {.sub = 0};
	frt_buf_t name;

	out->n = out->dropped = 0;
	out->pending = false;
	out->err = FRT_DNS_GOOD;
	out->err_name[0] = '\0';
	out->good_ms = 0;
	if(frt_uri_parse(named->uri, &w.uri) != 0)
		return;
	set_families(&w);
	frt_buf_init(&name, mem, sizeof(mem));
	switch(named->resolve) {
		case FRT_RESOLVE_HOST:
			add_host(&w, &own);
			break;
		case FRT_RESOLVE_SRV:
			frt_srv_name(&w.uri, &name);
			add_srv(&w, frt_str_of(mem), frt_srv_proto(frt_str_of(mem)), 0);
			break;
		case FRT_RESOLVE_NAPTR:
			add_naptr(&w);
			break;
		case FRT_RESOLVE_NONE:
		default:
			break;
	}
	share(&w);
}

bool frt_children_wait(const frt_children_t *c, const frt_named_t *named,
		const frt_parent_t *was)
{
	uint32_t i;

	if(!c->pending || !was || was->resolve != named->resolve
			|| !frt_str_eq(was->uri, named->uri)
			|| !frt_str_eq(was->socket, named->socket))
		return false;
	for(i = 0; i < was->nchildren; i++) {
		if(!frt_gen_child(was, i)->unresolved)
			return true;
	}
	return false;
}

uint64_t frt_children_sum(const frt_children_t *c)
{
	uint64_t h = frt_hash_mix(c->n);
	uint32_t i;

	if(c->n == 0)
		return frt_hash_mix(h ^ (c->pending ? 2 : 1));
	for(i = 0; i < c->n; i++) {
		const frt_child_t *k = &c->at[i];

		h = frt_hash_bytes(k->id, strlen(k->id) + 1, h);
		h = frt_hash_bytes(k->uri, strlen(k->uri) + 1, h);
		h = frt_hash_bytes(k->hop, strlen(k->hop) + 1, h);
		h = frt_hash_mix(h ^ ((uint64_t)k->sub << 32 | k->weight));
		h = frt_hash_mix(h ^ k->full);
	}
	return h;
}

void frt_children_trouble(const frt_children_t *c, frt_buf_t *out)
{
	if(c->err == FRT_DNS_GOOD)
		return;
	frt_buf_add(out, "%s %s: %s", frt_qtype_name(c->err_type), c->err_name,
			frt_dns_name(c->err));
}
