/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A generation: the table as one reload made it. Immutable, in one block of
 * memory, but for the sums of effective weights that choosing draws from.
 * Mutable state is in records (frt_rec.h) that it points to and that outlive
 * it. Must not know where it is published, nor any lock.
 *
 * The destinations of a set lie side by side, ordered by priority and then as
 * the source gave them; equal priorities form a tier. What a name stands for
 * has a place within the name's priority (its SRV priority): there a tier is
 * one such place.
 */
#ifndef FRT_GEN_H
#define FRT_GEN_H

#include "frt_draft.h"
#include "frt_rec.h"

/* One unit of weight in the sums. A weight of 0 shares one unit with the
 * tier's other zeros: RFC 2782's "very small chance", exact otherwise. */
#define FRT_WEIGHT_UNIT 65536u
#define FRT_NONE UINT32_MAX

struct frt_set;
struct frt_gen;

typedef struct frt_tier
{
	uint32_t first; /* index of its first destination in the set */
	uint32_t end;	/* one past its last */
	uint32_t zeros; /* destinations of weight 0 */
	uint32_t root;	/* hash strategy: its tree's root, see frt_htree.h */
	uint64_t unit;	/* greatest common divisor of its full leaf weights */
	bool even;		/* all its full leaf weights are the same */
	_Atomic uint64_t ready;	  /* full weight the operator has not taken out */
	_Atomic uint64_t ejected; /* of that, what live calls took down */
	_Atomic uint64_t full;	  /* of that, usable but at max-calls */
	uint16_t priority;
	uint32_t sub; /* the place within it */
} frt_tier_t;

/* A destination that is a name, as the source gave it. Those it stands for, or
 * itself while there are none, point here. */
typedef struct frt_parent
{
	frt_str_t id;
	frt_str_t uri;
	frt_str_t socket;
	const frt_attr_t *attrs;
	struct frt_set *set;
	uint32_t *children; /* what it stands for: indexes in the set */
	uint64_t sum;		/* frt_children_sum() of that */
	uint32_t nchildren;
	uint32_t nattrs;
	uint32_t order;
	uint32_t max_calls;
	uint32_t max_cps;
	uint16_t priority;
	uint16_t weight;
	uint8_t admin;
	uint8_t resolve;	   /* frt_resolve_t */
	uint8_t overlay;	   /* frt_over_t */
	_Atomic uint32_t told; /* 1: the last event said that it does not resolve */
} frt_parent_t;

/* What few destinations have; those side by side that have the same share it. */
typedef struct frt_dst_more
{
	frt_str_t socket;
	frt_str_t hop; /* for TLS to a name; empty: the URI */
	uint64_t full; /* in the sums at full share; 0: by its weight */
} frt_dst_more_t;

/* One destination. There are many: what can be had from elsewhere is. */
typedef struct frt_dst
{
	frt_str_t id;
	frt_str_t uri;
	frt_rec_t *rec;
	struct frt_set *set;
	void *sock;			  /* the host's socket, resolved at load */
	frt_parent_t *parent; /* the name it stands for, or NULL */
	const frt_attr_t *attrs;
	const frt_dst_more_t *more; /* NULL: nothing */
	uint32_t tier;				/* index in its set */
	uint32_t max_calls;
	uint32_t max_cps;
	uint32_t sub;	/* place within its priority */
	uint32_t order; /* place in its set, as the source gave it */
	uint16_t nattrs;
	uint16_t host_at; /* of the host in frt_dst_hop() */
	uint16_t host_len;
	uint16_t port;
	uint16_t priority;
	uint16_t weight;
	uint8_t proto;	 /* frt_proto_t */
	uint8_t admin;	 /* frt_admin_t as configured */
	uint8_t overlay; /* frt_over_t */
	bool is_ip;
	bool unresolved; /* a name that stands for nothing: never chosen */
	bool pending;	 /* the same, and it was never asked for yet */
} frt_dst_t;

/* A node of the hash strategy's tree (frt_htree.h). */
typedef struct frt_hnode
{
	uint64_t salt;	 /* names it, whatever hangs below */
	uint64_t weight; /* of all below */
	uint32_t first;	 /* its children stand side by side */
	uint32_t n;		 /* 0: a destination, whose index in the set is first */
} frt_hnode_t;

typedef struct frt_set
{
	frt_str_t id;
	int64_t number; /* -1: none */
	frt_set_conf_t conf;
	const frt_rule_t *rules;
	uint32_t nrules;
	uint32_t ndsts;
	uint32_t ntiers;
	uint32_t index; /* in the generation */
	frt_dst_t *dsts;
	uint32_t nparents;
	frt_parent_t *parents;
	frt_tier_t *tiers;
	frt_hnode_t *hnodes;	/* hash strategy: fewer than 2 * ndsts */
	_Atomic uint64_t *sums; /* Fenwick tree, 1-based, ndsts + 1 */
	uint64_t *leaves;		/* what each destination has in sums now */
	uint8_t *counted;		/* and in its tier's ready and ejected */
	frt_set_rec_t *rec;
	struct frt_gen *gen;
} frt_set_t;

typedef struct frt_gen
{
	uint32_t seq; /* 1, 2, 3 ... */
	uint32_t nsets;
	uint32_t ndsts;
	uint32_t nrules;
	frt_set_t *sets;
	frt_dst_t *dsts;
	uint32_t nparents;
	frt_parent_t *parents;	 /* side by side, too */
	uint32_t *children;		 /* theirs, in the parents' order */
	const frt_edit_t *edits; /* what run time has changed, in order */
	uint32_t nedits;
	size_t bytes;	  /* of the block */
	uint64_t born_ms; /* when it was published */
	/* open-addressed indexes of so many slots; a slot holds index + 1, 0 is
	 * empty */
	uint32_t set_slots;
	uint32_t dst_slots;
	uint32_t addr_slots;
	uint32_t parent_slots;
	uint32_t *set_by_id;
	uint32_t *set_by_number;
	uint32_t *dst_by_key;
	uint32_t *dst_by_addr;	/* (set, address): destination */
	uint32_t *next_by_addr; /* by destination: the next of any set; 0: none */
	uint32_t *parent_by_key;
	struct frt_gen *retired_next;
	uint64_t retired_epoch;
} frt_gen_t;

/* Freezes a checked draft into one block from mem. Every string is copied: the
 * draft may go afterwards. Records are not attached yet. Returns FRT_E_NOMEM,
 * FRT_E_DRAFT if the draft has errors, or 0 with *out. */
int frt_gen_freeze(const frt_draft_t *d, const frt_mem_t *mem, uint32_t seq,
		frt_gen_t **out);
void frt_gen_free(frt_gen_t *g, const frt_mem_t *mem);

/* Gives destination and set their records. Counts no reference: that is the
 * caller's. */
void frt_gen_attach(frt_gen_t *g, frt_dst_t *dst, frt_rec_t *rec);
void frt_gen_attach_set(frt_gen_t *g, frt_set_t *set, frt_set_rec_t *rec);
/* Fills the sums of all sets from the records' words, in one pass. Not for a
 * published generation. */
void frt_gen_weigh(frt_gen_t *g);
/* Brings one destination's leaf up to date with its record's word. Callers
 * take turns (the host's leaf lock); choosers may read meanwhile. */
void frt_gen_weigh_one_locked(const frt_dst_t *dst);

/* Find by id; a set also by its number's digits. NULL if there is none. No
 * lock: the generation is immutable. */
frt_set_t *frt_gen_set(const frt_gen_t *g, frt_str_t id);
frt_set_t *frt_gen_set_by_number(const frt_gen_t *g, int64_t number);
frt_dst_t *frt_gen_dst(const frt_gen_t *g, frt_str_t set, frt_str_t id);
/* The name of that id in a set, or NULL. */
frt_parent_t *frt_gen_parent(const frt_set_t *set, frt_str_t id);
/* Is there a destination or a name of that id, in the set of this id or, if it is
 * empty, in any? */
bool frt_gen_has(const frt_gen_t *g, frt_str_t set, frt_str_t id);
/* The i-th of the nchildren that a name stands for, in the set's order. */
static inline frt_dst_t *frt_gen_child(const frt_parent_t *parent, uint32_t i)
{
	return &parent->set->dsts[parent->children[i]];
}
/* The destination a record stands for in this generation, or NULL. */
frt_dst_t *frt_gen_dst_of(const frt_gen_t *g, const frt_rec_t *rec);
/* The set of a record in this generation, or another one that has its id now;
 * NULL if there is none. */
frt_set_t *frt_gen_set_of(const frt_gen_t *g, const frt_set_rec_t *rec);
/* A destination of the set (NULL: of any set) whose host is this address (see
 * frt_ip_parse()), or NULL. Indexed: the cost does not grow. */
frt_dst_t *frt_gen_from(
		const frt_gen_t *g, const frt_set_t *set, const uint8_t addr[16]);
/* Of any set: the next one with the address of this; NULL: no more. */
frt_dst_t *frt_gen_next_from(const frt_gen_t *g, const frt_dst_t *dst);

/* Writes a tier's priority: "1", or "1/10" within a name's. */
void frt_buf_add_priority(frt_buf_t *out, uint16_t priority, uint32_t sub);

/* Is it sent to another URI than its own, which has the name TLS is to see? */
static inline bool frt_dst_keeps_name(const frt_dst_t *dst)
{
	return dst->more && dst->more->hop.len;
}

/* The URI it is sent to, which lives as long as the generation. */
static inline frt_str_t frt_dst_hop(const frt_dst_t *dst)
{
	return frt_dst_keeps_name(dst) ? dst->more->hop : dst->uri;
}

/* The host of that, a slice of it. */
static inline frt_str_t frt_dst_host(const frt_dst_t *dst)
{
	return (frt_str_t){frt_dst_hop(dst).s + dst->host_at, dst->host_len};
}

/* Is it asked over UDP, as far as one can tell? A name without a transport may lead
 * Kamailio to any. */
static inline bool frt_dst_is_udp(const frt_dst_t *dst)
{
	return dst->proto == FRT_PROTO_UDP
		   || (dst->proto == FRT_PROTO_ANY && dst->is_ip);
}

/* Its record's word of now. */
static inline uint32_t frt_dst_word(const frt_dst_t *dst)
{
	return atomic_load_explicit(&dst->rec->word, memory_order_acquire);
}

/* The port it is sent to, if it has an address: its own, or its transport's. */
uint16_t frt_dst_port(const frt_dst_t *dst);

/* The local socket as configured; empty: none. */
static inline frt_str_t frt_dst_socket(const frt_dst_t *dst)
{
	return dst->more ? dst->more->socket : (frt_str_t){NULL, 0};
}

/* Its URI from the host on, for one with another user; empty if it is none. */
frt_str_t frt_dst_from_host(const frt_dst_t *dst);
/* What a destination weighs in the sums at full share. */
uint64_t frt_dst_full(const frt_dst_t *dst);

#endif
