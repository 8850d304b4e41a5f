/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Freezing a draft into a generation, and finding things in one. The block is
 * laid out twice by the same code: once without memory to learn its size, once
 * with it, so that size and layout cannot disagree.
 */
#include "frt_gen.h"
#include "frt_htree.h"

#include <stdlib.h>
#include <string.h>

/* Takes pieces off a block; without a block it only counts. */
typedef struct frt_arena
{
	char *base;
	size_t used;
} frt_arena_t;

static void *arena_take(frt_arena_t *a, size_t size)
{
	size_t at = (a->used + 15u) & ~(size_t)15u;

	a->used = at + size;
	return a->base ? a->base + at : NULL;
}

static frt_str_t arena_str(frt_arena_t *a, frt_str_t s)
{
	frt_str_t out = {NULL, s.len};
	char *p;

	if(s.len == 0)
		return out;
	p = a->base ? a->base + a->used : NULL;
	a->used += (size_t)s.len + 1; /* NUL for the host's C strings */
	if(p) {
		memcpy(p, s.s, s.len);
		p[s.len] = '\0';
		out.s = p;
	}
	return out;
}

/* Slots for n entries: half of them stay empty. */
static uint32_t index_slots(uint32_t n)
{
	return 2 * n + 1;
}

/* Where a hash belongs: its upper half as a fraction of the slots. */
static uint32_t slot_of(uint64_t hash, uint32_t slots)
{
	return (uint32_t)((hash >> 32) * slots >> 32);
}

static uint32_t slot_after(uint32_t at, uint32_t slots)
{
	return at + 1 < slots ? at + 1 : 0;
}

static uint64_t key_hash(frt_str_t set, frt_str_t id)
{
	return frt_hash_bytes(id.s, id.len, frt_hash_bytes(set.s, set.len, 1));
}

static uint64_t addr_hash(uint32_t set, const uint8_t addr[16])
{
	return frt_hash_bytes(addr, 16, set);
}

static void index_put(
		uint32_t *index, uint32_t slots, uint64_t hash, uint32_t i)
{
	uint32_t at = slot_of(hash, slots);

	while(index[at])
		at = slot_after(at, slots);
	index[at] = i + 1;
}

/* Orders a set's destinations by priority, keeping the source's order. */
typedef struct frt_order
{
	const frt_draft_dst_t *dst;
	uint32_t at;
} frt_order_t;

static int order_cmp(const void *a, const void *b)
{
	const frt_order_t *x = a, *y = b;

	if(x->dst->priority != y->dst->priority)
		return x->dst->priority < y->dst->priority ? -1 : 1;
	if(x->dst->sub != y->dst->sub)
		return x->dst->sub < y->dst->sub ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static const frt_attr_t *lay_attrs(frt_arena_t *a, const frt_draft_dst_t *from)
{
	frt_attr_t *attrs;
	uint32_t i;

	if(from->nattrs == 0)
		return NULL;
	attrs = arena_take(a, from->nattrs * sizeof(*attrs));
	for(i = 0; i < from->nattrs; i++) {
		frt_attr_t attr = {arena_str(a, from->attrs[i].name),
				arena_str(a, from->attrs[i].value)};

		if(attrs)
			attrs[i] = attr;
	}
	return attrs;
}

static const frt_dst_more_t *lay_more(
		frt_arena_t *a, const frt_draft_dst_t *from)
{
	frt_dst_more_t *more, m = {.full = from->full};

	if(!from->socket.len && !from->hop.len && !from->full)
		return NULL;
	more = arena_take(a, sizeof(*more));
	m.socket = arena_str(a, from->socket);
	m.hop = arena_str(a, from->hop);
	if(more)
		*more = m;
	return more;
}

static bool same_more(const frt_draft_dst_t *x, const frt_draft_dst_t *y)
{
	return x->full == y->full && frt_str_eq(x->socket, y->socket)
		   && frt_str_eq(x->hop, y->hop);
}

static void lay_parent(frt_arena_t *a, frt_set_t *set,
		const frt_draft_dst_t *from, frt_parent_t *to)
{
	frt_parent_t p;

	memset(&p, 0, sizeof(p));
	p.id = arena_str(a, from->id);
	p.uri = arena_str(a, from->uri);
	p.socket = arena_str(a, from->socket);
	p.attrs = lay_attrs(a, from);
	p.nattrs = from->nattrs;
	p.set = set;
	p.sum = from->sum;
	p.order = from->order;
	p.max_calls = from->max_calls;
	p.max_cps = from->max_cps;
	p.priority = from->priority;
	p.weight = from->weight;
	p.admin = (uint8_t)from->admin;
	p.resolve = (uint8_t)from->resolve;
	p.overlay = (uint8_t)from->overlay;
	if(to)
		memcpy(to, &p, sizeof(p));
}

static void lay_parents(frt_arena_t *a, frt_gen_t *g,
		const frt_draft_set_t *from, frt_set_t *to)
{
	const frt_draft_dst_t *p;

	if(to) {
		to->nparents = from->nparents;
		to->parents = g->parents + g->nparents;
		g->nparents += from->nparents;
	}
	for(p = from->parents; p; p = p->next) {
		lay_parent(a, to, p, to ? &to->parents[p->index] : NULL);
		if(to)
			index_put(g->parent_by_key, g->parent_slots,
					key_hash(to->id, to->parents[p->index].id),
					(uint32_t)(&to->parents[p->index] - g->parents));
	}
}

/* Where it is sent, taken apart. */
static void note_hop(frt_dst_t *dst)
{
	frt_uri_t uri;

	if(frt_uri_parse(frt_dst_hop(dst), &uri) != 0)
		return;
	dst->host_at = (uint16_t)(uri.host.s - frt_dst_hop(dst).s);
	dst->host_len = (uint16_t)uri.host.len;
	dst->port = uri.port;
	dst->proto = (uint8_t)frt_uri_proto(&uri);
	dst->is_ip = uri.is_ip;
}

/* before: the one that it comes after in its set, or NULL. */
static void lay_dst(frt_arena_t *a, frt_gen_t *g, frt_set_t *set,
		const frt_draft_dst_t *from, const frt_draft_dst_t *before, uint32_t at)
{
	bool attrs_too = before && !before->parent
					 && frt_attrs_same(before->attrs, before->nattrs,
							 from->attrs, from->nattrs);
	bool more_too = before && same_more(before, from);
	frt_dst_t dst;

	memset(&dst, 0, sizeof(dst));
	dst.id = arena_str(a, from->id);
	dst.uri = arena_str(a, from->uri);
	dst.nattrs = (uint16_t)from->nattrs;
	/* all that stand for one name have its attributes */
	dst.attrs = from->parent || attrs_too ? NULL : lay_attrs(a, from);
	dst.more = more_too ? NULL : lay_more(a, from);
	if(!a->base)
		return;
	if(from->parent) {
		dst.parent = &set->parents[from->parent->index];
		dst.attrs = dst.parent->attrs;
	} else if(attrs_too) {
		dst.attrs = set->dsts[at - 1].attrs;
	}
	if(more_too)
		dst.more = set->dsts[at - 1].more;
	note_hop(&dst);
	dst.set = set;
	dst.max_calls = from->max_calls;
	dst.max_cps = from->max_cps;
	dst.priority = from->priority;
	dst.weight = from->weight;
	dst.admin = (uint8_t)from->admin;
	dst.overlay = (uint8_t)from->overlay;
	dst.sub = from->sub;
	dst.order = from->order;
	dst.unresolved = from->unresolved;
	dst.pending = from->pending;
	set->dsts[at] = dst;
	index_put(g->dst_by_key, g->dst_slots, key_hash(set->id, dst.id),
			(uint32_t)(set->dsts + at - g->dsts));
}

static uint64_t gcd64(uint64_t a, uint64_t b)
{
	while(b) {
		uint64_t t = a % b;

		a = b;
		b = t;
	}
	return a;
}

static bool same_tier(const frt_draft_dst_t *x, const frt_draft_dst_t *y)
{
	return x->priority == y->priority && x->sub == y->sub;
}

/* Cuts a set's ordered destinations into tiers; with tiers NULL it counts. */
static uint32_t cut_tiers(
		const frt_order_t *order, uint32_t n, frt_tier_t *tiers)
{
	uint32_t i, ntiers = 0;

	for(i = 0; i < n; i++) {
		const frt_draft_dst_t *d = order[i].dst;

		if(i == 0 || !same_tier(d, order[i - 1].dst)) {
			ntiers++;
			if(tiers) {
				memset(&tiers[ntiers - 1], 0, sizeof(*tiers));
				tiers[ntiers - 1].first = i;
				tiers[ntiers - 1].priority = d->priority;
				tiers[ntiers - 1].sub = d->sub;
				tiers[ntiers - 1].root = FRT_NONE;
			}
		}
		if(tiers) {
			tiers[ntiers - 1].end = i + 1;
			tiers[ntiers - 1].zeros += d->weight == 0 && d->full == 0;
		}
	}
	return ntiers;
}

static void finish_tiers(frt_set_t *set)
{
	uint32_t t, i;

	for(t = 0; t < set->ntiers; t++) {
		frt_tier_t *tier = &set->tiers[t];

		for(i = tier->first; i < tier->end; i++)
			set->dsts[i].tier = t;
		tier->even = true;
		for(i = tier->first; i < tier->end; i++) {
			uint64_t full = frt_dst_full(&set->dsts[i]);

			if(full != frt_dst_full(&set->dsts[tier->first]))
				tier->even = false;
			tier->unit = gcd64(tier->unit, full);
		}
	}
}

static void lay_conf_strings(frt_arena_t *a, frt_set_conf_t *c)
{
	c->probe.method = arena_str(a, c->probe.method);
	c->probe.number = arena_str(a, c->probe.number);
	c->probe.from = arena_str(a, c->probe.from);
	c->probe.outbound_proxy = arena_str(a, c->probe.outbound_proxy);
}

static void lay_set(frt_arena_t *a, frt_gen_t *g, const frt_draft_set_t *from,
		uint32_t index, uint32_t first_dst, frt_order_t *order)
{
	frt_set_t set;
	frt_set_t *to = g ? &g->sets[index] : NULL;
	frt_rule_t *rules;
	const frt_draft_dst_t *d;
	uint32_t n = 0;

	memset(&set, 0, sizeof(set));
	for(d = from->dsts; d; d = d->next) {
		order[n].dst = d;
		order[n].at = n;
		n++;
	}
	qsort(order, n, sizeof(*order), order_cmp);
	set.id = arena_str(a, from->id);
	set.number = from->number;
	set.conf = from->conf;
	lay_conf_strings(a, &set.conf);
	set.nrules = from->nrules;
	set.ndsts = n;
	set.index = index;
	set.ntiers = cut_tiers(order, n, NULL);
	rules = arena_take(a, from->nrules * sizeof(*rules));
	set.tiers = arena_take(a, set.ntiers * sizeof(*set.tiers));
	set.sums = arena_take(a, ((size_t)n + 1) * sizeof(*set.sums));
	set.leaves = arena_take(a, (size_t)n * sizeof(*set.leaves));
	set.counted = arena_take(a, n);
	if(set.conf.strategy == FRT_HASH)
		set.hnodes = arena_take(a, 2 * (size_t)n * sizeof(*set.hnodes));
	if(to) {
		if(from->nrules)
			memcpy(rules, from->rules, from->nrules * sizeof(*rules));
		set.rules = rules;
		set.gen = g;
		set.dsts = g->dsts + first_dst;
		cut_tiers(order, n, set.tiers);
		*to = set;
	}
	lay_parents(a, g, from, to);
	for(n = 0; n < set.ndsts; n++)
		lay_dst(a, g, to, order[n].dst, n ? order[n - 1].dst : NULL, n);
	if(to)
		finish_tiers(to);
}

static void lay_indexes(frt_arena_t *a, frt_gen_t *g)
{
	g->set_by_id = arena_take(a, (size_t)g->set_slots * sizeof(uint32_t));
	g->set_by_number = arena_take(a, (size_t)g->set_slots * sizeof(uint32_t));
	g->dst_by_key = arena_take(a, (size_t)g->dst_slots * sizeof(uint32_t));
	g->dst_by_addr = arena_take(a, (size_t)g->addr_slots * sizeof(uint32_t));
	g->next_by_addr = arena_take(a, (size_t)g->ndsts * sizeof(uint32_t));
	g->parent_by_key =
			arena_take(a, (size_t)g->parent_slots * sizeof(uint32_t));
}

static void index_sets(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->nsets; i++) {
		const frt_set_t *set = &g->sets[i];

		index_put(g->set_by_id, g->set_slots,
				frt_hash_bytes(set->id.s, set->id.len, 0), i);
		if(set->number >= 0)
			index_put(g->set_by_number, g->set_slots,
					frt_hash_mix((uint64_t)set->number), i);
	}
}

/* The slot of a set's address, or the empty one where it belongs. */
static uint32_t addr_slot(
		const frt_gen_t *g, const frt_set_t *set, const uint8_t addr[16])
{
	uint32_t index = set ? set->index : FRT_NONE;
	uint32_t at = slot_of(addr_hash(index, addr), g->addr_slots);
	uint8_t other[16];

	for(; g->dst_by_addr[at]; at = slot_after(at, g->addr_slots)) {
		frt_dst_t *dst = &g->dsts[g->dst_by_addr[at] - 1];

		if(set && dst->set != set)
			continue;
		if(frt_ip_parse(frt_dst_host(dst), other) == 0
				&& memcmp(addr, other, sizeof(other)) == 0)
			break;
	}
	return at;
}

/* Each address stands once per set and once for "any set" (FRT_NONE), which may be
 * the same slot, and where the others are behind the first. */
static void index_addr(frt_gen_t *g, const frt_dst_t *dst)
{
	const frt_set_t *sets[2] = {dst->set, NULL};
	uint32_t me = (uint32_t)(dst - g->dsts) + 1;
	uint8_t addr[16];
	int i;

	if(!dst->is_ip || frt_ip_parse(frt_dst_host(dst), addr) != 0)
		return;
	for(i = 0; i < 2; i++) {
		uint32_t *first = &g->dst_by_addr[addr_slot(g, sets[i], addr)];

		if(*first == 0) {
			*first = me;
		} else if(!sets[i] && *first != me) {
			g->next_by_addr[me - 1] = g->next_by_addr[*first - 1];
			g->next_by_addr[*first - 1] = me;
		}
	}
}

static void lay_edits(frt_arena_t *a, const frt_draft_t *d, frt_gen_t *g)
{
	uint32_t n, i;
	const frt_edit_t *from = frt_draft_edits(d, &n);
	frt_edit_t *to = arena_take(a, n * sizeof(*to));

	for(i = 0; i < n; i++) {
		frt_edit_t e = from[i];

		e.set = arena_str(a, e.set);
		e.id = arena_str(a, e.id);
		e.uri = arena_str(a, e.uri);
		if(to)
			to[i] = e;
	}
	if(g) {
		g->edits = to;
		g->nedits = n;
	}
}

/* Gives each name those that point to it. */
static void link_children(frt_gen_t *g)
{
	uint32_t *next = g->children;
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		if(g->dsts[i].parent)
			g->dsts[i].parent->nchildren++;
	}
	for(i = 0; i < g->nparents; i++) {
		frt_parent_t *p = &g->parents[i];

		p->children = next;
		next += p->nchildren;
		p->nchildren = 0;
	}
	for(i = 0; i < g->ndsts; i++) {
		frt_parent_t *p = g->dsts[i].parent;

		if(p)
			p->children[p->nchildren++] =
					(uint32_t)(&g->dsts[i] - p->set->dsts);
	}
}

/* One walk over the draft; g is NULL while only counting. */
static size_t lay_out(
		const frt_draft_t *d, frt_gen_t *head, char *base, frt_order_t *order)
{
	frt_arena_t a = {base, 0};
	frt_gen_t *g = arena_take(&a, sizeof(*g));
	const frt_draft_set_t *set;
	uint32_t index = 0, first_dst = 0, nparents = frt_draft_nparents(d);

	head->sets = arena_take(&a, head->nsets * sizeof(*head->sets));
	head->dsts = arena_take(&a, head->ndsts * sizeof(*head->dsts));
	head->parents = arena_take(&a, nparents * sizeof(*head->parents));
	if(nparents)
		head->children = arena_take(&a, head->ndsts * sizeof(uint32_t));
	lay_indexes(&a, head);
	if(g)
		*g = *head; /* its parents are counted as they are laid */
	for(set = frt_draft_sets(d); set; set = set->next) {
		lay_set(&a, g, set, index++, first_dst, order);
		first_dst += set->ndsts;
	}
	lay_edits(&a, d, g);
	return a.used;
}

int frt_gen_freeze(const frt_draft_t *d, const frt_mem_t *mem, uint32_t seq,
		frt_gen_t **out)
{
	frt_gen_t head;
	frt_order_t *order;
	char *base;
	uint32_t i;
	int err = FRT_E_NOMEM;

	if(frt_draft_errors(d))
		return FRT_E_DRAFT;
	memset(&head, 0, sizeof(head));
	head.seq = seq;
	head.nsets = frt_draft_nsets(d);
	head.ndsts = frt_draft_ndsts(d);
	head.set_slots = index_slots(head.nsets);
	head.dst_slots = index_slots(head.ndsts);
	head.addr_slots = index_slots(2 * head.ndsts);
	head.parent_slots = index_slots(frt_draft_nparents(d));
	order = frt_mem_alloc(mem, ((size_t)head.ndsts + 1) * sizeof(*order));
	if(!order)
		return err;
	head.bytes = lay_out(d, &head, NULL, order);
	base = frt_mem_alloc(mem, head.bytes);
	if(!base)
		goto error;
	lay_out(d, &head, base, order);
	*out = (frt_gen_t *)base;
	index_sets(*out);
	for(i = 0; i < (*out)->ndsts; i++)
		index_addr(*out, &(*out)->dsts[i]);
	link_children(*out);
	err = 0;
	for(i = 0; err == 0 && i < (*out)->nsets; i++)
		err = frt_htree_build(&(*out)->sets[i], mem);
	if(err) {
		frt_mem_free(mem, base);
		*out = NULL;
	}
error:
	frt_mem_free(mem, order);
	return err;
}

void frt_gen_free(frt_gen_t *g, const frt_mem_t *mem)
{
	frt_mem_free(mem, g);
}

void frt_gen_attach(frt_gen_t *g, frt_dst_t *dst, frt_rec_t *rec)
{
	dst->rec = rec;
	rec->at[g->seq & 1] = (uint32_t)(dst - g->dsts);
}

void frt_gen_attach_set(frt_gen_t *g, frt_set_t *set, frt_set_rec_t *rec)
{
	set->rec = rec;
	rec->at[g->seq & 1] = (uint32_t)(set - g->sets);
}

frt_str_t frt_dst_from_host(const frt_dst_t *dst)
{
	frt_uri_t uri;
	uint32_t at;

	if(frt_uri_parse(dst->uri, &uri) != 0)
		return (frt_str_t){NULL, 0};
	at = (uint32_t)(uri.host.s - dst->uri.s);
	return (frt_str_t){uri.host.s, dst->uri.len - at};
}

uint64_t frt_dst_full(const frt_dst_t *dst)
{
	const frt_tier_t *tier = &dst->set->tiers[dst->tier];

	if(dst->more && dst->more->full)
		return dst->more->full;
	if(dst->weight)
		return (uint64_t)dst->weight * FRT_WEIGHT_UNIT;
	if(tier->zeros >= FRT_WEIGHT_UNIT)
		return 1;
	return FRT_WEIGHT_UNIT / tier->zeros;
}

frt_set_t *frt_gen_set_by_number(const frt_gen_t *g, int64_t number)
{
	uint32_t at;

	if(number < 0)
		return NULL;
	at = slot_of(frt_hash_mix((uint64_t)number), g->set_slots);
	for(; g->set_by_number[at]; at = slot_after(at, g->set_slots)) {
		frt_set_t *set = &g->sets[g->set_by_number[at] - 1];

		if(set->number == number)
			return set;
	}
	return NULL;
}

frt_set_t *frt_gen_set(const frt_gen_t *g, frt_str_t id)
{
	uint32_t at = slot_of(frt_hash_bytes(id.s, id.len, 0), g->set_slots);
	uint32_t number;

	for(; g->set_by_id[at]; at = slot_after(at, g->set_slots)) {
		frt_set_t *set = &g->sets[g->set_by_id[at] - 1];

		if(frt_str_eq(set->id, id))
			return set;
	}
	if(frt_uint_parse(id, 0, INT32_MAX, &number) == 0)
		return frt_gen_set_by_number(g, number);
	return NULL;
}

frt_dst_t *frt_gen_dst(const frt_gen_t *g, frt_str_t set, frt_str_t id)
{
	uint32_t at = slot_of(key_hash(set, id), g->dst_slots);

	for(; g->dst_by_key[at]; at = slot_after(at, g->dst_slots)) {
		frt_dst_t *dst = &g->dsts[g->dst_by_key[at] - 1];

		if(frt_str_eq(dst->id, id) && frt_str_eq(dst->set->id, set))
			return dst;
	}
	return NULL;
}

frt_parent_t *frt_gen_parent(const frt_set_t *set, frt_str_t id)
{
	const frt_gen_t *g = set->gen;
	uint32_t at = slot_of(key_hash(set->id, id), g->parent_slots);

	for(; g->parent_by_key[at]; at = slot_after(at, g->parent_slots)) {
		frt_parent_t *p = &g->parents[g->parent_by_key[at] - 1];

		if(p->set == set && frt_str_eq(p->id, id))
			return p;
	}
	return NULL;
}

bool frt_gen_has(const frt_gen_t *g, frt_str_t set, frt_str_t id)
{
	uint32_t i;

	for(i = 0; i < g->nsets; i++) {
		const frt_set_t *in = &g->sets[i];

		if((set.len == 0 || frt_str_eq(in->id, set))
				&& (frt_gen_dst(g, in->id, id) || frt_gen_parent(in, id)))
			return true;
	}
	return false;
}

void frt_buf_add_priority(frt_buf_t *out, uint16_t priority, uint32_t sub)
{
	frt_buf_add(out, "%u", priority);
	if(sub)
		frt_buf_add(out, "/%u", sub);
}

frt_dst_t *frt_gen_dst_of(const frt_gen_t *g, const frt_rec_t *rec)
{
	uint32_t at = rec->at[g->seq & 1];

	return at < g->ndsts && g->dsts[at].rec == rec ? &g->dsts[at] : NULL;
}

frt_set_t *frt_gen_set_of(const frt_gen_t *g, const frt_set_rec_t *rec)
{
	uint32_t at = rec->at[g->seq & 1];

	return at < g->nsets && g->sets[at].rec == rec ? &g->sets[at]
												   : frt_gen_set(g, rec->id);
}

frt_dst_t *frt_gen_from(
		const frt_gen_t *g, const frt_set_t *set, const uint8_t addr[16])
{
	uint32_t at = g->dst_by_addr[addr_slot(g, set, addr)];

	return at ? &g->dsts[at - 1] : NULL;
}

uint16_t frt_dst_port(const frt_dst_t *dst)
{
	return dst->port ? dst->port : frt_proto_port((frt_proto_t)dst->proto);
}

frt_dst_t *frt_gen_next_from(const frt_gen_t *g, const frt_dst_t *dst)
{
	uint32_t next = g->next_by_addr[dst - g->dsts];

	return next ? &g->dsts[next - 1] : NULL;
}
