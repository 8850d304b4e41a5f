/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert: one set of dispatcher to one of the module: algorithm to strategy,
 * priorities to tiers, weights to shares, such that calls go where they went.
 */
#include "frt_cli_conv_ds.h"

#include "engine/frt_conf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 100 /* dp_init_weights() */

typedef enum tiers
{
	ONE_TIER, /* the algorithm does not look at priority */
	HIGHER_FIRST,
	LOWER_FIRST
} tiers_t;

typedef struct alg
{
	long number;
	const char *says;
	const char *strategy;
	tiers_t tiers;
	char weights; /* 'w' weight, 'r' rweight, ' ' none */
} alg_t;

/* clang-format off */
static const alg_t algs[] = {
	{0, "hash of the Call-ID", "hash", ONE_TIER, ' '},
	{1, "hash of the From URI", "hash", ONE_TIER, ' '},
	{2, "hash of the To URI", "hash", ONE_TIER, ' '},
	{3, "hash of the R-URI", "hash", ONE_TIER, ' '},
	{4, "round robin", "round-robin", ONE_TIER, ' '},
	{5, "hash of the authorized user", "hash", ONE_TIER, ' '},
	{6, "random", "weighted", ONE_TIER, ' '},
	{7, "hash of hash_pvar", "hash", ONE_TIER, ' '},
	{8, "serial", "ordered", HIGHER_FIRST, ' '},
	{9, "weight", "weighted", ONE_TIER, 'w'},
	{10, "call load", "least-calls", ONE_TIER, ' '},
	{11, "relative weight", "weighted", ONE_TIER, 'r'},
	{12, "parallel", "parallel", ONE_TIER, ' '},
	{13, "latency", "fastest", HIGHER_FIRST, ' '},
	{15, "priority and weight, as SRV", "weighted", LOWER_FIRST, 'w'},
	{64, "round robin with overload control", "round-robin", ONE_TIER, ' '},
};
/* clang-format on */

/* A set on its way. */
typedef struct work
{
	conv_t *c;
	ds_use_t *u;
	bool elsewhere;	 /* the script may go on to another set */
	ds_row_t **rows; /* in the order in which dispatcher tries them */
	size_t n;
	long *share; /* of 100, of each; -1: by tiers */
	const alg_t *alg;
	conv_set_t *set;
} work_t;

/* add_dest2list() and reindex_dests(): the highest priority first, and of one
 * priority the last line first. */
static int as_dispatcher(const void *a, const void *b)
{
	const ds_row_t *x = *(ds_row_t *const *)a, *y = *(ds_row_t *const *)b;

	if(x->set != y->set)
		return x->set < y->set ? -1 : 1;
	if(x->priority != y->priority)
		return x->priority > y->priority ? -1 : 1;
	return x->index > y->index ? -1 : x->index < y->index ? 1 : 0;
}

static bool priorities_differ(const work_t *w)
{
	return w->rows[0]->priority != w->rows[w->n - 1]->priority;
}

static const alg_t *alg_of(long number)
{
	size_t i;

	for(i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		if(algs[i].number == number)
			return &algs[i];
	}
	return NULL;
}

/* What dispatcher does with a number that it does not know. */
static const alg_t first_one = {8, "serial", "ordered", HIGHER_FIRST, ' '};

/* Nobody said the algorithm: what the rows look like. */
static long guess(const work_t *w)
{
	bool weight = false, rweight = false;
	size_t i;

	for(i = 0; i < w->n; i++) {
		weight |= w->rows[i]->weight > 0;
		rweight |= w->rows[i]->rweight > 0;
	}
	return rweight ? 11 : weight ? 9 : priorities_differ(w) ? 8 : 4;
}

/* What a map of ds_use_t has of the set, else of any. */
static void *of_set(const work_t *w, conv_map_t *m)
{
	void *v = *conv_map_at(w->c, m, conv_printf(w->c, "%ld", w->rows[0]->set));

	return v != NULL ? v : *conv_map_at(w->c, m, "*");
}

static void choose_alg(work_t *w)
{
	conv_t *c = w->c;
	const ds_row_t *r = w->rows[0];
	const char *from = "--algorithm";
	long n = c->algorithm;

	if(n < 0) {
		from = c->cfg;
		if(!conv_number(of_set(w, &w->u->algs), &n)) {
			n = guess(w);
			from = "guessed by the rows: no ds_select for this set was seen; "
				   "--algorithm says otherwise";
		}
	}
	w->alg = alg_of(n == 14 ? (priorities_differ(w) ? 8 : 4) : n);
	if(w->alg == NULL) {
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"set %ld: algorithm %ld is none of dispatcher's, which takes "
				"the first destination: as 8",
				r->set, n);
		w->alg = &first_one;
	}
	conv_say(c, CONV_NOTE, r->file, 0, "set %ld: algorithm %ld, %s (%s): %s%s",
			r->set, n, w->alg->says, from,
			w->alg->tiers == HIGHER_FIRST
					? "dispatcher tries the higher priority first, the module "
					  "the lower; turned round"
			: w->alg->tiers == LOWER_FIRST
					? "the lower priority is first, as in the module"
					: "priority does not choose, it orders failover only; one "
					  "tier",
			n == 13 ? "; latency per priority point has no equivalent" : "");
}

/* dp_init_weights(): 100 slots in the order of the list. */
static void shares_by_slots(work_t *w)
{
	long left = SLOTS;
	size_t i;

	for(i = 0; i < w->n; i++) {
		w->share[i] = w->rows[i]->weight < left ? w->rows[i]->weight : left;
		if(w->share[i] < w->rows[i]->weight)
			conv_say(w->c, CONV_CHANGED, w->rows[i]->file, w->rows[i]->line,
					"the weights of the set are over 100 together: dispatcher "
					"gives it %ld, not %d",
					w->share[i], w->rows[i]->weight);
		left -= w->share[i];
	}
	if(w->rows[0]->weight == 0) {
		for(i = 0; i < w->n; i++)
			w->share[i] = i == 0 ? SLOTS : 0;
		conv_say(w->c, CONV_CHANGED, w->rows[0]->file, w->rows[0]->line,
				"the first of the set has no weight: dispatcher sends it all "
				"calls, and the others none");
	} else if(left > 0) {
		w->share[w->n - 1] += left;
		conv_say(w->c, CONV_CHANGED, w->rows[w->n - 1]->file,
				w->rows[w->n - 1]->line,
				"the weights of the set are %ld together: dispatcher gives "
				"what is missing to 100 to its last destination, this one",
				SLOTS - left);
	}
}

/* dp_init_relative_weights(), but exact. */
static void shares_by_rweight(work_t *w)
{
	long sum = 0, given = 0;
	size_t i;

	for(i = 0; i < w->n; i++)
		sum += w->share[i] = w->rows[i]->rweight;
	if(sum == 0) {
		w->share[0] = 1;
		conv_say(w->c, CONV_CHANGED, w->rows[0]->file, w->rows[0]->line,
				"no rweight in the set: dispatcher sends its first all calls");
		return;
	}
	for(i = 0; i < w->n; i++)
		given += w->share[i] * SLOTS / sum;
	if(given < SLOTS)
		conv_say(w->c, CONV_NOTE, w->rows[0]->file, 0,
				"set %ld: shares are exact now; dispatcher rounded down and "
				"gave the last %ld %% more",
				w->rows[0]->set, SLOTS - given);
}

static void find_shares(work_t *w)
{
	size_t i;

	if(w->alg->weights == 'w' && w->alg->tiers == ONE_TIER)
		shares_by_slots(w);
	else if(w->alg->weights == 'r')
		shares_by_rweight(w);
	else if(w->alg->weights == 'w')
		for(i = 0; i < w->n; i++)
			w->share[i] = w->rows[i]->weight;
	else
		for(i = 0; i < w->n; i++)
			w->share[i] = 1;
}

/* The tier of row i. With one tier, who has no share is for failover only. */
static long tier_of(const work_t *w, size_t i, long rank)
{
	bool last_resort =
			ds_param(w->u, "use_default", 0) != 0 && w->n > 1 && i == w->n - 1;

	if(w->alg->tiers == LOWER_FIRST)
		return w->rows[i]->priority;
	if(w->alg->tiers == HIGHER_FIRST)
		return rank + last_resort;
	return last_resort ? 3 : w->share[i] > 0 ? 1 : 2;
}

/* --- one destination -------------------------------------------------------------- */

/* The text behind listen= of the socket with that name. */
static const char *socket_named(const work_t *w, const char *name)
{
	const cfg_t *g = &w->u->cfg;
	const cfg_file_t *f;
	const char *quoted = conv_printf(w->c, "\"%s\"", name), *p, *body;
	size_t i, k;

	for(i = 2; i < g->n; i++) {
		if(!cfg_is(g, i, quoted)
				|| !(cfg_is(g, i - 1, "name") || cfg_is(g, i - 2, "name")))
			continue;
		for(k = i; k > 1 && i - k < 40; k--) {
			if(!cfg_is(g, k, "=")
					|| !(cfg_is(g, k - 1, "listen")
							|| cfg_is(g, k - 1, "bind")))
				continue;
			f = g->toks[k].file;
			p = f->text + g->toks[k].at + 1;
			p += strspn(p, " \t\"");
			body = conv_copy(w->c, p, strcspn(p, " \t\r\n;\""));
			p = *conv_map_at(w->c, &w->u->cfg.defines, body);
			return p != NULL ? conv_copy(w->c, p, strcspn(p, " \t\r\n")) : body;
		}
	}
	return NULL;
}

static const char *const protos[] = {"udp", "tcp", "tls", "sctp", "ws", "wss"};

static bool has_proto(const char *s)
{
	size_t n = strcspn(s, ":"), i;

	for(i = 0; s[n] == ':' && i < sizeof(protos) / sizeof(protos[0]); i++) {
		if(strlen(protos[i]) == n && strncmp(s, protos[i], n) == 0)
			return true;
	}
	return false;
}

/* What parse_phostport() leaves open is filled in: proto:address:port. */
static const char *whole_socket(work_t *w, const ds_row_t *r, const char *s)
{
	frt_uri_t uri = {.transport = FRT_PROTO_UDP};
	const char *proto = "udp", *host, *end, *whole = s;

	if(frt_uri_parse(frt_str_of(r->uri), &uri) == 0)
		proto = uri.sips ? "tls"
				: uri.transport == FRT_PROTO_ANY
						? "udp"
						: frt_proto_name(uri.transport);
	if(!has_proto(s))
		whole = conv_printf(w->c, "%s:%s", proto, s);
	host = strchr(whole, ':') + 1;
	end = *host == '[' ? strchr(host, ']') : host;
	if(end == NULL || strchr(end, ':') == NULL)
		whole = conv_printf(w->c, "%s:%s", whole,
				strncmp(whole, "tls", 3) == 0 ? "5061" : "5060");
	if(whole != s)
		conv_say(w->c, CONV_CHANGED, r->file, r->line,
				"socket \"%s\" became %s", s, whole);
	return whole;
}

static const char *socket_of(work_t *w, const ds_row_t *r, bool *kept)
{
	const char *name = conv_pair_get(r->attrs, "sockname");
	const char *sock = conv_pair_get(r->attrs, "socket");

	if(name == NULL && sock == NULL) {
		name = ds_param_text(w->u, "ds_default_sockname");
		sock = ds_param_text(w->u, "ds_default_socket");
	}
	if(name != NULL && *name != '\0') {
		sock = socket_named(w, name);
		if(sock == NULL)
			conv_say(w->c, CONV_UNSUPPORTED, r->file, r->line,
					"sockname=%s: no listen with that name was seen%s; write "
					"socket=\"proto:address:port\"",
					name, w->u->known ? "" : ", for want of --cfg");
		*kept = sock == NULL;
	}
	return sock != NULL && *sock != '\0' ? whole_socket(w, r, sock) : NULL;
}

static void keep_attrs(work_t *w, const ds_row_t *r, conv_dst_t *d, bool name)
{
	const conv_pair_t *p;

	for(p = r->attrs; p != NULL; p = p->next) {
		bool used =
				strcmp(p->name, "socket") == 0
				|| (strcmp(p->name, "sockname") == 0 && !name)
				|| (strcmp(p->name, "weight") == 0 && w->alg->weights == 'w')
				|| (strcmp(p->name, "rweight") == 0 && w->alg->weights == 'r')
				|| (strcmp(p->name, "maxload") == 0 && d->max_calls > 0)
				|| *p->name == '\0';

		if(!used)
			conv_keep_attr(w->c, d, p->name, p->value);
		if(strcmp(p->name, "cc") == 0 || strcmp(p->name, "latency") == 0)
			conv_say(w->c, CONV_CHANGED, r->file, r->line,
					"%s=%s is kept as an attribute for the script only",
					p->name, p->value);
	}
	if(w->u->body && r->body != NULL && *r->body != '\0')
		conv_keep_attr(w->c, d, "attrs", r->body);
}

/* Will dispatcher ever ping it? */
static bool is_pinged(const work_t *w, const ds_row_t *r)
{
	long mode = ds_param(w->u, "ds_probing_mode", 0);

	if(ds_param(w->u, "ds_ping_interval", 0) <= 0 || (r->flags & DS_NOPING))
		return false;
	if(mode == 1)
		return true;
	if(mode == 2)
		return (r->flags & DS_PROBING) && (r->flags & DS_INACTIVE);
	return (r->flags & DS_PROBING) != 0;
}

static void take_flags(work_t *w, const ds_row_t *r, conv_dst_t *d)
{
	conv_t *c = w->c;

	if(r->flags & DS_DISABLED) {
		d->maint = true;
	} else if((r->flags & DS_INACTIVE) && w->u->known && !is_pinged(w, r)) {
		d->maint = true;
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"flag 1 (inactive), and no ping brings it back: "
				"admin=\"maint\"");
	} else if(r->flags & (DS_INACTIVE | DS_TRYING)) {
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"flags %ld (inactive or trying) are left out: it begins up, "
				"and being down is found out",
				r->flags & (DS_INACTIVE | DS_TRYING));
	}
	if((r->flags & DS_NODNS) && w->u->known)
		conv_say(c, CONV_NOTE, r->file, r->line,
				"flag 16 (no DNS look-up) has no equivalent; names are "
				"resolved by a process of the module");
	if(r->flags & ~63L)
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"flags %ld: only 1, 2, 4, 8, 16 and 32 mean something",
				r->flags);
}

/* Of the 100 slots those of one that is out are the next one's, in dispatcher. */
static void tell_share_of(const work_t *w, size_t i)
{
	const ds_row_t *r = w->rows[i];

	if(w->alg->weights == 'w' && w->alg->tiers == ONE_TIER && w->n > 1
			&& w->share[i] > 0)
		conv_say(w->c, CONV_CHANGED, r->file, r->line,
				"it is disabled or inactive: dispatcher gives its %ld of 100 "
				"calls to the next one of the set, here all others share them",
				w->share[i]);
}

static void add_dst(work_t *w, size_t i, long rank)
{
	const ds_row_t *r = w->rows[i];
	conv_dst_t *d = conv_dst_add(w->c, w->set, r->file, r->line, r->uri);
	bool name = false;

	d->id = conv_pair_get(r->attrs, "duid");
	d->priority = tier_of(w, i, rank);
	d->weight =
			w->share[i] > 0 || w->alg->tiers == LOWER_FIRST ? w->share[i] : 1;
	if(w->alg->number == 10 && r->maxload > 0)
		d->max_calls = r->maxload;
	d->socket = socket_of(w, r, &name);
	take_flags(w, r, d);
	if(d->maint)
		tell_share_of(w, i);
	keep_attrs(w, r, d, name);
}

/* --- what the set is given ---------------------------------------------------------- */

/* ping_from, obproxy: of the destination at dispatcher, of the set here: the
 * first there is. Whose pings that changes is told. */
static void probe_by_row(
		work_t *w, const char *attr, const char *param, const char *name)
{
	const char *all = ds_param_text(w->u, param), *set = NULL, *v;
	size_t i;

	for(i = 0; i < w->n && set == NULL; i++) {
		v = conv_pair_get(w->rows[i]->attrs, attr);
		if(v != NULL && *v != '\0')
			set = conv_no_secret(w->c, w->rows[i]->file, w->rows[i]->line, v);
	}
	for(i = 0; i < w->n && set != NULL; i++) {
		const ds_row_t *r = w->rows[i];
		bool own;

		v = conv_pair_get(r->attrs, attr);
		own = v != NULL && *v != '\0';
		v = own ? conv_no_secret(w->c, r->file, r->line, v) : all;
		if(v == NULL || strcmp(set, v) != 0)
			conv_say(w->c, CONV_CHANGED, r->file, r->line,
					"%s%s%s: probes of a set have one %s, %s",
					own ? attr : "no ", own ? "=" : attr, own ? v : "", name,
					set);
	}
	set = set != NULL ? set : all;
	if(set != NULL && *set != '\0')
		conv_pair_put(w->c, &w->set->probe, name, set);
}

/* "class=2;code=403" to "2xx 403"; 2xx always is good to dispatcher. */
static void probe_codes(work_t *w)
{
	const char *p = ds_param_text(w->u, "ds_ping_reply_codes");
	cli_buf_t out = {NULL, 0, 0};
	bool not_ok = false;
	char kind[8];
	int v;

	cli_buf_add(&out, "2xx");
	for(; p != NULL && *p != '\0'; p += strcspn(p, ";"), p += *p == ';') {
		/* three digits never overflow; NOLINTNEXTLINE(cert-err34-c) */
		if(sscanf(p, " %5[codelasCODELAS]=%3d", kind, &v) != 2)
			continue;
		if(conv_same(kind, "class") && v >= 1 && v < 7 && v != 2)
			cli_buf_add(&out, " %dxx", v);
		else if(conv_same(kind, "code") && v >= 100 && v < 700 && v / 100 != 2)
			cli_buf_add(&out, " %d", v);
		not_ok |= v == 4 || v == 5 || v == 408 || v == 503;
	}
	conv_pair_put(w->c, &w->set->probe, "ok", conv_copy(w->c, out.s, out.len));
	if(not_ok)
		conv_pair_put(w->c, &w->set->probe, "not-ok", "none");
	free(out.s);
}

static long within(long v, long min, long max)
{
	return v < min ? min : v > max ? max : v;
}

static void set_probe(work_t *w)
{
	conv_pair_t **probe = &w->set->probe;
	long interval = ds_param(w->u, "ds_ping_interval", 0);
	long wait = ds_param(
			w->u, "ds_ping_fr_timeout", ds_param(w->u, "ds_ping_fr_timer", 0));
	const char *method = ds_param_text(w->u, "ds_ping_method");
	size_t i, pinged = 0;

	for(i = 0; i < w->n; i++)
		pinged += is_pinged(w, w->rows[i]);
	if(interval <= 0
			|| (pinged == 0 && ds_param(w->u, "ds_probing_mode", 0) == 3)) {
		conv_pair_put(w->c, probe, "enabled", "no");
		return;
	}
	if(pinged < w->n)
		conv_say(w->c, CONV_CHANGED, w->rows[0]->file, w->rows[0]->line,
				"set %ld: dispatcher pings %zu of %zu destinations, by "
				"ds_probing_mode and flags; the module pings all of a set",
				w->rows[0]->set, pinged, w->n);
	conv_probe_interval(w->c, w->set, interval);
	if(method != NULL && strcmp(method, "OPTIONS") != 0)
		conv_pair_put(w->c, probe, "method", method);
	if(wait > 0)
		conv_pair_putf(
				w->c, probe, "timeout", "%ldms", within(wait, 100, 32000));
	conv_pair_putf(w->c, probe, "rise", "%ld",
			within(ds_param(w->u, "ds_inactive_threshold", 1), 1, 100));
	conv_pair_putf(w->c, probe, "fall", "%ld",
			within(ds_param(w->u, "ds_probing_threshold", 1), 1, 100));
	probe_codes(w);
	probe_by_row(w, "ping_from", "ds_ping_from", "from");
	probe_by_row(w, "obproxy", "outbound_proxy", "outbound-proxy");
}

static void set_attempts(work_t *w)
{
	conv_pair_t **attrs = &w->set->attrs;
	const cfg_t *g = &w->u->cfg;
	const long *limit = of_set(w, &w->u->limits);
	long most = (long)w->n, try_ms = 4000, v;

	if(limit != NULL && *limit > 0 && *limit < most)
		most = *limit;
	if(most > FRT_ATTEMPTS_MAX) {
		conv_say(w->c, CONV_CHANGED, w->rows[0]->file, w->rows[0]->line,
				"set %ld: a call tries %d destinations at most; tm has no "
				"more branches",
				w->rows[0]->set, FRT_ATTEMPTS_MAX);
		most = FRT_ATTEMPTS_MAX;
	}
	conv_pair_putf(w->c, attrs, "max-attempts", "%ld", most);
	if(conv_number(cfg_modparam(g, "tm", "fr_timer", NULL, NULL), &v)) {
		try_ms = within(v, 100, 180000);
		conv_pair_putf(w->c, attrs, "try-timeout", "%ldms", try_ms);
	}
	if(conv_number(cfg_modparam(g, "tm", "fr_inv_timer", NULL, NULL), &v))
		conv_pair_putf(w->c, attrs, "answer-timeout", "%ldms",
				within(v, 1000, 3600000));
	if(most * try_ms > 20000)
		conv_pair_putf(w->c, attrs, "deadline", "%ldms", most * try_ms);
}

/* Where all are down dispatcher refuses, and a script that knows several sets
 * may go on to another; the lower priority waits until all of the higher are. */
static void set_none_left(work_t *w)
{
	const conv_dst_t *d;

	if(w->elsewhere)
		conv_pair_put(w->c, &w->set->attrs, "panic", "off");
	for(d = w->set->dsts; d != NULL; d = d->next) {
		if(d->priority == w->set->dsts->priority)
			continue;
		conv_pair_put(w->c, &w->set->attrs, "spill", "off");
		return;
	}
}

static void convert_set(work_t *w)
{
	conv_t *c = w->c;
	const ds_row_t *r = w->rows[0];
	long rank = 1;
	size_t i;

	choose_alg(w);
	w->set = conv_set_get(c, NULL, r->set);
	conv_pair_put(c, &w->set->attrs, "strategy", w->alg->strategy);
	set_attempts(w);
	if(of_set(w, &w->u->ruri) != NULL)
		conv_pair_put(c, &w->set->attrs, "rewrite", "ruri");
	if(w->u->known) {
		set_probe(w);
		if(ds_param_text(w->u, "ds_probing_threshold") != NULL)
			conv_pair_putf(c, &w->set->health, "fall", "%ld",
					within(ds_param(w->u, "ds_probing_threshold", 1), 1, 100));
	}
	find_shares(w);
	if(w->alg->tiers == ONE_TIER && priorities_differ(w))
		conv_say(c, CONV_CHANGED, r->file, r->line,
				"set %ld: priorities differ, which algorithm %ld does not "
				"look at for the first choice; after a failure dispatcher "
				"goes on by them, the module by %s",
				r->set, w->alg->number, w->alg->strategy);
	for(i = 0; i < w->n; i++) {
		rank += i > 0 && w->rows[i]->priority != w->rows[i - 1]->priority;
		add_dst(w, i, rank);
	}
	set_none_left(w);
}

/* Does the script select in more than one set? Of one that is not known the
 * table tells. */
static bool several_sets(const ds_use_t *u, const ds_rows_t *rows)
{
	size_t i, selected = 0;

	for(i = 0; i < u->limits.size; i++) {
		if(u->limits.slots[i].value != NULL)
			selected += strcmp(u->limits.slots[i].key, "*") == 0 ? 2 : 1;
	}
	if(selected > 0)
		return selected > 1;
	return rows->n > 0 && rows->rows[0]->set != rows->rows[rows->n - 1]->set;
}

static void say_none_left(conv_t *c, const char *file, bool elsewhere)
{
	conv_say(c, CONV_NOTE, file, 0,
			elsewhere ? "panic=\"off\": a set of which all are down is "
						"refused, as "
						"with dispatcher, so that the script may go on to "
						"another; "
						"without it the least recently failed are tried anyway"
					  : "panic: where all of a set are down the least recently "
						"failed are tried anyway; write panic=\"off\" if the "
						"script goes on elsewhere then");
}

void ds_convert(conv_t *c, ds_use_t *u, ds_rows_t *rows)
{
	work_t w = {.c = c, .u = u};
	size_t i, n;

	if(rows->n > 0)
		qsort(rows->rows, rows->n, sizeof(*rows->rows), as_dispatcher);
	w.elsewhere = several_sets(u, rows);
	if(rows->n > 0)
		say_none_left(c, rows->rows[0]->file, w.elsewhere);
	for(i = 0; i < rows->n; i += n) {
		for(n = 1;
				i + n < rows->n && rows->rows[i + n]->set == rows->rows[i]->set;
				n++)
			;
		w.rows = rows->rows + i;
		w.n = n;
		w.share = cli_alloc(n * sizeof(*w.share));
		convert_set(&w);
		free(w.share);
	}
}
