/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only the whole of a draft shows: values that contradict each other,
 * sets that cannot work, and what is legal but hardly meant. Every check costs
 * the same for each destination, however many there are.
 */
#include "frt_draft_priv.h"
#include "frt_expand.h"
#include "frt_pace.h"
#include "frt_text.h"

#include <string.h>

/* One run of the check. */
typedef struct check
{
	frt_draft_t *d;
	frt_index_t numbers; /* sets by number */
	frt_index_t targets; /* destinations by set, URI and socket */
	frt_index_t tiers;	 /* the first destination of each tier */
} check_t;

static bool has(const frt_given_t *given, const char *name, frt_scope_t scope)
{
	frt_str_t n = frt_str_of(name);

	return frt_given_has(given, frt_attr_index(frt_attr_find(scope, n)));
}

static bool is_given(
		const frt_draft_set_t *set, const char *name, frt_scope_t scope)
{
	return has(&frt_set_node(set)->given, name, scope);
}

/* It has its fault already, and nobody wrote the value that is there. */
static bool is_refused(
		const frt_draft_set_t *set, const char *name, frt_scope_t scope)
{
	return has(&frt_set_node(set)->refused, name, scope);
}

static void fault_set(frt_draft_t *d, bool warning, const frt_draft_set_t *set,
		const char *text)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_subject(&b, FRT_SCOPE_SET, set, NULL);
	frt_draft_fault(d, warning, set->place, "%s: %s", mem, text);
}

static void fault_dst(frt_draft_t *d, bool warning, const frt_draft_dst_t *dst,
		const char *text)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_subject(&b, FRT_SCOPE_DESTINATION, NULL, dst);
	frt_draft_fault(d, warning, dst->place, "%s: %s", mem, text);
}

/* Two durations of a set, of which the lesser may not exceed the greater. */
typedef struct bound
{
	frt_scope_t scope;
	const char *lesser;
	const char *greater;
	size_t lesser_at; /* in frt_set_conf_t */
	size_t greater_at;
	bool warning;
	bool percent; /* not durations */
} bound_t;

static uint32_t *value_at(frt_draft_set_t *set, size_t offset)
{
	return (uint32_t *)(void *)((char *)&set->conf + offset);
}

static void add_named(
		frt_buf_t *b, const char *name, uint32_t value, bool percent)
{
	frt_buf_add(b, "%s=\"", name);
	if(percent)
		frt_buf_add(b, "%u%%", value);
	else
		frt_buf_add_duration(b, value);
	frt_buf_add(b, "\"");
}

/* A bound that nobody wrote follows the value that somebody wrote: who says
 * hold="600s" need not say hold-max="600s" too. */
static void check_bound(
		frt_draft_t *d, frt_draft_set_t *set, const bound_t *bound)
{
	uint32_t *lesser = value_at(set, bound->lesser_at);
	uint32_t *greater = value_at(set, bound->greater_at);
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	if(*lesser <= *greater || is_refused(set, bound->lesser, bound->scope)
			|| is_refused(set, bound->greater, bound->scope))
		return;
	if(!is_given(set, bound->lesser, bound->scope)) {
		*lesser = *greater;
		return;
	}
	if(!is_given(set, bound->greater, bound->scope)) {
		*greater = *lesser;
		return;
	}
	frt_buf_init(&b, mem, sizeof(mem));
	add_named(&b, bound->lesser, *lesser, bound->percent);
	frt_buf_add(&b, bound->percent ? " is above " : " is longer than ");
	add_named(&b, bound->greater, *greater, bound->percent);
	fault_set(d, bound->warning, set, mem);
}

#define CONF(field) offsetof(frt_set_conf_t, field)

static const bound_t bounds[] = {
		{FRT_SCOPE_SET, "try-timeout-min", "try-timeout",
				CONF(try_timeout_min_ms), CONF(try_timeout_ms), false, false},
		{FRT_SCOPE_SET, "dns-min-ttl", "dns-max-ttl", CONF(dns_min_ttl_ms),
				CONF(dns_max_ttl_ms), false, false},
		{FRT_SCOPE_HEALTH, "hold", "hold-max", CONF(health.hold_ms),
				CONF(health.hold_max_ms), false, false},
		{FRT_SCOPE_HEALTH, "shed-from", "shed-to", CONF(health.shed_from_pct),
				CONF(health.shed_to_pct), false, true},
		{FRT_SCOPE_PROBE, "fast-interval", "interval",
				CONF(probe.fast_interval_ms), CONF(probe.interval_ms), true,
				false},
		{FRT_SCOPE_PROBE, "interval", "down-interval", CONF(probe.interval_ms),
				CONF(probe.down_interval_ms), true, false},
};

/* True if some reply would count as a good probe. */
static bool probe_can_succeed(const frt_probe_conf_t *p)
{
	int code;

	for(code = 200; code <= 699; code++) {
		if(frt_codes_has(&p->ok, code) && !frt_codes_has(&p->not_ok, code))
			return true;
	}
	return false;
}

/* What a test call needs where nobody said otherwise: time to ring, no haste,
 * and proof that a call gets somewhere. */
#define CALL_TIMEOUT_MS 10000u

/* A test call costs somebody's attention: never more often than this. */
static void slow_down(frt_draft_t *d, frt_draft_set_t *set, const char *name,
		uint32_t *interval_ms)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	if(*interval_ms >= FRT_PACE_CALL_MIN_MS)
		return;
	*interval_ms = FRT_PACE_CALL_MIN_MS;
	if(!is_given(set, name, FRT_SCOPE_PROBE))
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "%s of an INVITE probe is raised to ", name);
	frt_buf_add_duration(&b, FRT_PACE_CALL_MIN_MS);
	fault_set(d, true, set, mem);
}

static void check_call(frt_draft_t *d, frt_draft_set_t *set)
{
	frt_probe_conf_t *p = &set->conf.probe;
	frt_codes_t good;
	size_t i;

	/* one that was given and refused has its fault already */
	if(p->enabled && !is_given(set, "number", FRT_SCOPE_PROBE))
		fault_set(d, false, set,
				"method=\"INVITE\" needs number, the one that is called");
	slow_down(d, set, "interval", &p->interval_ms);
	slow_down(d, set, "fast-interval", &p->fast_interval_ms);
	slow_down(d, set, "down-interval", &p->down_interval_ms);
	if(!is_given(set, "timeout", FRT_SCOPE_PROBE))
		p->timeout_ms = CALL_TIMEOUT_MS;
	(void)frt_codes_parse(FRT_STR("180-189 2xx"), &good);
	for(i = 0; i < sizeof(good.bits) / sizeof(good.bits[0]); i++) {
		if(!is_given(set, "ok", FRT_SCOPE_PROBE))
			p->ok.bits[i] = 0;
		p->ok.bits[i] |= good.bits[i];
	}
}

static void check_probe(frt_draft_t *d, frt_draft_set_t *set)
{
	frt_probe_conf_t *p = &set->conf.probe;

	if(frt_probe_calls(p)) {
		check_call(d, set);
	} else if(p->number.len > 0) {
		p->number.len = 0; /* else it would keep equal probes apart */
		fault_set(d, true, set,
				"number is for probes with method=\"INVITE\" only");
	}
	if(p->enabled && !probe_can_succeed(p))
		fault_set(d, false, set,
				"no reply to a probe is both in ok and not in not-ok");
}

/* True if rule a matches whatever rule b does. */
static bool rule_covers(const frt_rule_t *a, const frt_rule_t *b)
{
	return a->code_min <= b->code_min && a->code_max >= b->code_max
		   && (a->origin < 0 || a->origin == b->origin)
		   && (a->provisional < 0 || a->provisional == b->provisional)
		   && (a->reason_cause < 0 || a->reason_cause == b->reason_cause);
}

#define RULES_COMPARED 100 /* or a file could take for ever */

/* The first that matches decides, so that a later one may never be asked. */
static void check_rule_hidden(
		frt_draft_t *d, const frt_draft_set_node_t *node, uint32_t at)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;
	uint32_t i;

	for(i = 0; i < at && i < RULES_COMPARED; i++) {
		if(!rule_covers(&node->pub.rules[i], &node->pub.rules[at]))
			continue;
		frt_buf_init(&b, mem, sizeof(mem));
		frt_buf_add_place(&b, node->rule_places[i]);
		frt_draft_fault(d, true, node->rule_places[at],
				"<on>: never asked: the rule%s matches all that it does", mem);
		return;
	}
}

static void check_rules(frt_draft_t *d, const frt_draft_set_node_t *node)
{
	uint32_t own = node->pub.nrules - node->ninherited;
	uint32_t i;

	for(i = 0; i < own; i++) {
		const frt_rule_t *r = &node->pub.rules[i];
		if(!r->has_route && !r->has_verdict)
			frt_draft_fault(d, false, node->rule_places[i],
					"<on>: expected route, verdict or both");
		/* a rule whose code was refused is not what it was meant to be */
		if(d->nerrors == 0)
			check_rule_hidden(d, node, i);
	}
}

static void check_conf(frt_draft_t *d, frt_draft_set_t *set)
{
	frt_set_conf_t *c = &set->conf;
	size_t i;

	for(i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		check_bound(d, set, &bounds[i]);
	check_probe(d, set);
	if(c->deadline_ms < c->try_timeout_ms && c->max_attempts > 1)
		fault_set(d, true, set,
				"deadline is shorter than try-timeout: a call that is not "
				"answered at all never fails over");
	check_rules(d, frt_set_node(set));
}

static bool has_number(const void *item, const void *key)
{
	return ((const frt_draft_set_t *)item)->number == *(const int64_t *)key;
}

static int check_number(check_t *c, frt_draft_set_t *set)
{
	uint64_t hash = frt_hash_mix((uint64_t)set->number);
	const frt_draft_set_t *first;
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	if(set->number < 0)
		return 0;
	first = frt_index_find(&c->numbers, hash, has_number, &set->number);
	if(first == NULL)
		return frt_index_add(&c->numbers, &c->d->mem, hash, set);
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "number=\"%lld\" is already used", (long long)set->number);
	frt_buf_add_place(&b, first->place);
	fault_set(c->d, false, set, mem);
	return 0;
}

/* An id is looked for before a number: a set called "7" hides number 7. */
static void check_number_hidden(check_t *c, const frt_draft_set_t *set)
{
	const frt_draft_set_t *other;
	uint32_t number;
	int64_t key;

	if(frt_uint_parse(set->id, 0, INT32_MAX, &number) != 0)
		return;
	key = number;
	other = frt_index_find(
			&c->numbers, frt_hash_mix((uint64_t)key), has_number, &key);
	if(other != NULL && other != set)
		fault_set(c->d, true, set, "the id is the number of another set");
}

static bool same_target(const void *item, const void *key)
{
	const frt_draft_dst_node_t *a = item;
	const frt_draft_dst_node_t *b = key;

	return a->set_ordinal == b->set_ordinal
		   && frt_str_eq(a->pub.uri, b->pub.uri)
		   && frt_str_eq(a->pub.socket, b->pub.socket);
}

static int check_target(check_t *c, frt_draft_dst_node_t *dst)
{
	uint64_t hash = frt_hash_mix(dst->set_ordinal);
	const frt_draft_dst_node_t *first;
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	hash = frt_hash_bytes(dst->pub.uri.s, dst->pub.uri.len, hash);
	hash = frt_hash_bytes(dst->pub.socket.s, dst->pub.socket.len, hash);
	first = frt_index_find(&c->targets, hash, same_target, dst);
	if(first == NULL)
		return frt_index_add(&c->targets, &c->d->mem, hash, dst);
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "the same URI and socket as ");
	frt_subject(&b, FRT_SCOPE_DESTINATION, NULL, &first->pub);
	frt_buf_add_place(&b, first->pub.place);
	fault_dst(c->d, true, &dst->pub, mem);
	return 0;
}

static bool same_tier(const void *item, const void *key)
{
	const frt_draft_dst_node_t *a = item;
	const frt_draft_dst_node_t *b = key;

	return a->set_ordinal == b->set_ordinal
		   && a->pub.priority == b->pub.priority;
}

/* Counts a destination in its tier. */
static int count_tier(check_t *c, frt_draft_dst_node_t *dst)
{
	uint64_t hash =
			frt_hash_mix((uint64_t)dst->set_ordinal << 16 | dst->pub.priority);
	frt_draft_dst_node_t *first =
			frt_index_find(&c->tiers, hash, same_tier, dst);

	dst->tier_ndsts = 0;
	dst->tier_weighted = false;
	if(first == NULL) {
		first = dst;
		if(frt_index_add(&c->tiers, &c->d->mem, hash, dst) != 0)
			return FRT_E_NOMEM;
	}
	first->tier_ndsts++;
	if(dst->pub.weight > 0)
		first->tier_weighted = true;
	return 0;
}

/* The transport that a URI names, which a socket beside it may name, too; it is sent
 * over frt_uri_proto(). What no transport means is left open. */
static frt_proto_t uri_proto(const frt_uri_t *uri)
{
	return uri->transport == FRT_PROTO_ANY && uri->sips ? FRT_PROTO_TLS
														: uri->transport;
}

static bool is_ipv6(frt_str_t host)
{
	return host.len > 0 && host.s[0] == '[';
}

static void check_socket(
		frt_draft_t *d, const frt_draft_dst_t *dst, const frt_uri_t *uri)
{
	const char *why;
	frt_socket_t sock;
	frt_proto_t proto;

	if(dst->socket.len == 0 || frt_socket_parse(dst->socket, &sock, &why) != 0)
		return;
	proto = uri_proto(uri);
	if(proto != FRT_PROTO_ANY && proto != sock.proto)
		fault_dst(d, true, dst, "socket and uri differ in transport");
	else if(uri->is_ip && sock.is_ip
			&& is_ipv6(uri->host) != is_ipv6(sock.host))
		fault_dst(d, true, dst, "of socket and uri one is IPv4, one is IPv6");
}

/* Known by nothing but that all its calls fail, else. */
static void check_address(
		frt_draft_t *d, const frt_draft_dst_t *dst, const frt_uri_t *uri)
{
	uint8_t ip[16];

	if(uri->is_ip && frt_ip_parse(uri->host, ip) == 0 && !frt_ip_callable(ip))
		fault_dst(d, true, dst,
				"nobody can be called at the address in uri: it is "
				"unspecified, link-local, multicast, reserved or broadcast");
	if(frt_uri_has_maddr(dst->uri))
		fault_dst(d, true, dst,
				"maddr in uri: Kamailio does not follow it, and sends to the "
				"host");
}

/* What keeps a URI from being resolved as it says, or NULL. */
static const char *resolve_fault(const frt_uri_t *uri, frt_resolve_t resolve)
{
	bool literal = uri->host.s[0] == '_';
	frt_proto_t proto = frt_srv_proto(uri->host);

	if(uri->is_ip)
		return "needs a host name in uri, not an address";
	if(resolve == FRT_RESOLVE_HOST)
		return NULL;
	if(uri->port)
		return "finds the port itself: expected none in uri";
	if(uri->transport == FRT_PROTO_WS || uri->transport == FRT_PROTO_WSS)
		return "is for udp, tcp, tls and sctp: websockets have no such records";
	if(literal && resolve == FRT_RESOLVE_NAPTR)
		return "needs a domain in uri, not the name of an SRV record";
	if(literal && proto == FRT_PROTO_ANY)
		return "expected an SRV name that begins with _sip._udp, _sip._tcp, "
			   "_sips._tcp or _sip._sctp, or a domain";
	if(literal
			&& ((uri->transport != FRT_PROTO_ANY && uri->transport != proto)
					|| (uri->sips && proto != FRT_PROTO_TLS)))
		return "the SRV name in uri is of another transport than uri";
	return NULL;
}

static void check_resolve(
		frt_draft_t *d, const frt_draft_dst_t *dst, const frt_uri_t *uri)
{
	char mem[FRT_FAULT_TEXT_MAX];
	const char *why;
	frt_buf_t b;

	if(dst->resolve == FRT_RESOLVE_NONE)
		return;
	why = resolve_fault(uri, dst->resolve);
	if(why == NULL)
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "resolve=\"%s\" %s", frt_resolve_name(dst->resolve), why);
	fault_dst(d, false, dst, mem);
}

/* Said once for a set, lest it hides what else there is. */
static void check_names(frt_draft_t *d, const frt_draft_set_t *set)
{
	const frt_draft_dst_t *dst, *first = NULL;
	char mem[FRT_FAULT_TEXT_MAX];
	uint32_t n = 0;
	frt_buf_t b;

	for(dst = set->dsts; dst != NULL; dst = dst->next) {
		if(!frt_dst_node(dst)->waits_for_dns)
			continue;
		if(first == NULL)
			first = dst;
		n++;
	}
	if(first == NULL)
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "uri has a host name");
	if(n > 1)
		frt_buf_add(&b, ", as %u more of the set", n - 1);
	frt_buf_add(&b, ": each call's SIP worker waits for the DNS; "
					"resolve=\"host\" asks ahead");
	fault_dst(d, true, first, mem);
}

static int check_dst(check_t *c, frt_draft_dst_node_t *dst)
{
	frt_uri_t uri;

	if(dst->pub.uri.len == 0) {
		unsigned bit = frt_attr_index(
				frt_attr_find(FRT_SCOPE_DESTINATION, FRT_STR("uri")));
		/* one that was given and refused has its fault already */
		if(!frt_given_has(&dst->given, bit))
			fault_dst(c->d, false, &dst->pub, "uri is missing");
		return count_tier(c, dst);
	}
	dst->waits_for_dns = false;
	if(frt_uri_parse(dst->pub.uri, &uri) == 0) {
		check_resolve(c->d, &dst->pub, &uri);
		check_socket(c->d, &dst->pub, &uri);
		check_address(c->d, &dst->pub, &uri);
		dst->waits_for_dns = dst->pub.resolve == FRT_RESOLVE_NONE && !uri.is_ip;
	}
	if(check_target(c, dst) != 0)
		return FRT_E_NOMEM;
	return count_tier(c, dst);
}

static void check_tier(
		frt_draft_t *d, const frt_draft_set_t *set, frt_draft_dst_node_t *dst)
{
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t b;

	if(dst->tier_ndsts < 2 || dst->tier_weighted
			|| set->conf.strategy == FRT_ORDERED)
		return;
	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b,
			"all %u destinations of priority %u have weight 0 and so equal "
			"shares",
			(unsigned)dst->tier_ndsts, (unsigned)dst->pub.priority);
	fault_set(d, true, set, mem);
}

static int check_dsts(check_t *c, frt_draft_set_t *set)
{
	bool ready = false;
	frt_draft_dst_t *dst;

	if(set->dsts == NULL) {
		fault_set(c->d, false, set, "expected at least one destination");
		return 0;
	}
	for(dst = set->dsts; dst != NULL; dst = dst->next) {
		if(check_dst(c, frt_dst_node(dst)) != 0)
			return FRT_E_NOMEM;
		ready = ready || dst->admin == FRT_READY;
	}
	for(dst = set->dsts; dst != NULL; dst = dst->next)
		check_tier(c->d, set, frt_dst_node(dst));
	check_names(c->d, set);
	if(!ready)
		fault_set(c->d, true, set,
				"every destination is in maint or drain: the set takes no "
				"call");
	return 0;
}

static int check_all(check_t *c)
{
	frt_draft_set_t *set;

	if(frt_index_room(&c->targets, &c->d->mem, c->d->ndsts) != 0
			|| frt_index_room(&c->tiers, &c->d->mem, c->d->nsets) != 0)
		return FRT_E_NOMEM;
	check_rules(c->d, &c->d->defaults);
	for(set = c->d->sets; set != NULL; set = set->next) {
		if(!frt_set_node(set)->checked)
			check_conf(c->d, set);
		if(check_number(c, set) != 0 || check_dsts(c, set) != 0)
			return FRT_E_NOMEM;
	}
	for(set = c->d->sets; set != NULL; set = set->next)
		check_number_hidden(c, set);
	if(c->d->sets == NULL && c->d->nerrors == 0)
		frt_draft_fault(c->d, true, (frt_place_t){"the table", 0},
				"there is no set: no call can be routed");
	return c->d->nerrors > 0 ? FRT_E_DRAFT : 0;
}

int frt_draft_check(frt_draft_t *d)
{
	check_t c;
	int err;

	memset(&c, 0, sizeof(c));
	c.d = d;
	err = check_all(&c);
	frt_index_free(&c.numbers, &d->mem);
	frt_index_free(&c.targets, &d->mem);
	frt_index_free(&c.tiers, &d->mem);
	return err;
}
