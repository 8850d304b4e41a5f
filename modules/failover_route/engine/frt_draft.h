/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A draft is a configuration while it is read. Every source (XML, database,
 * DNS, run-time changes) fills one through the same calls, with names and
 * values as text and the place they stand; one table of attributes parses and
 * checks them. Faults are collected, not returned one by one: a draft with an
 * error is never frozen. Must not know shared memory or any source's format.
 */
#ifndef FRT_DRAFT_H
#define FRT_DRAFT_H

#include "frt_conf.h"

#define FRT_FAULTS_MAX 50
#define FRT_PLACE_MAX 128
#define FRT_FAULT_TEXT_MAX 256

typedef struct frt_draft frt_draft_t;
typedef struct frt_draft_set frt_draft_set_t;
typedef struct frt_draft_dst frt_draft_dst_t;

/* Where something stands: "frt.xml" and 17, or "failover_route_set" and the
 * row. The file's name must live as long as the draft. */
typedef struct frt_place
{
	const char *file;
	uint32_t line; /* 0: none */
} frt_place_t;

typedef struct frt_fault
{
	bool warning; /* legal, but suspicious */
	frt_place_t place;
	char text[FRT_FAULT_TEXT_MAX];
} frt_fault_t;

/* A name and value the script reads as $xavp(frt=>attr_<name>). */
typedef struct frt_attr
{
	frt_str_t name;
	frt_str_t value;
} frt_attr_t;

/* One change at run time; see frt_edit.h. */
typedef struct frt_edit
{
	frt_edit_kind_t kind;
	frt_str_t set;
	frt_str_t id;
	frt_str_t uri;	   /* add */
	uint16_t priority; /* add */
	uint16_t weight;   /* add, weight */
} frt_edit_t;

struct frt_draft_dst
{
	frt_str_t id;
	frt_str_t uri;
	frt_str_t socket; /* empty: Kamailio chooses */
	uint16_t priority;
	uint16_t weight;
	frt_admin_t admin;
	frt_resolve_t resolve;
	uint32_t max_calls; /* 0: no limit */
	uint32_t max_cps;	/* 0: no limit */
	frt_over_t overlay; /* what run time has done to it */
	/* what frt_draft_expand() says of it */
	frt_draft_dst_t *parent; /* what it stands for, or NULL; see below */
	frt_str_t hop;			 /* where it is sent, if not to uri */
	uint32_t sub;			 /* its place within its priority, 0 first */
	uint64_t full;			 /* in the sums; 0: by its weight */
	uint64_t sum;			 /* of a parent: frt_children_sum() */
	uint32_t order;			 /* place in its set, as written */
	uint32_t index;			 /* of a parent: place among the parents */
	bool unresolved; /* a parent without children, which stands for itself */
	bool pending;	 /* the same, and it may have some in a moment */
	uint32_t nattrs;
	frt_attr_t *attrs;
	frt_place_t place;
	frt_draft_dst_t *next;
};

struct frt_draft_set
{
	frt_str_t id;
	int64_t number; /* -1: none */
	frt_set_conf_t conf;
	uint32_t nrules;
	frt_rule_t *rules;
	uint32_t ndsts;
	frt_draft_dst_t *dsts; /* in the order they were added */
	frt_draft_dst_t *dsts_tail;
	uint32_t nparents;
	frt_draft_dst_t *parents; /* names, which have left dsts */
	frt_place_t place;
	frt_draft_set_t *next;
};

/* All of a draft's memory comes from mem and goes with frt_draft_free().
 * NULL when there is none. */
frt_draft_t *frt_draft_new(const frt_mem_t *mem);
void frt_draft_free(frt_draft_t *d);
/* Zeroed memory that goes with the draft, for sources; NULL if there is none.
 * Not freed one by one. */
void *frt_draft_alloc(frt_draft_t *d, size_t size);
/* Copies text, and a NUL after it, into such memory. FRT_E_NOMEM or 0. */
int frt_draft_copy(frt_draft_t *d, frt_str_t text, frt_str_t *out);

/* What an attribute belongs to. */
#define FRT_SCOPE_LIST(X)             \
	X(FRT_SCOPE_DEFAULTS, "defaults") \
	X(FRT_SCOPE_SET, "set")           \
	X(FRT_SCOPE_PROBE, "probe")       \
	X(FRT_SCOPE_HEALTH, "health")     \
	X(FRT_SCOPE_RULE, "on")           \
	X(FRT_SCOPE_DESTINATION, "destination")
FRT_ENUM_DECL(frt_scope, FRT_SCOPE_LIST)

/* Starts a set with the defaults given so far. A bad or duplicate id is noted
 * as a fault; *out is then still a set to go on with, so that all faults of a
 * file are found at once. Returns FRT_E_NOMEM or 0. */
int frt_draft_set_add(
		frt_draft_t *d, frt_str_t id, frt_place_t place, frt_draft_set_t **out);
/* The set of that id, or NULL. */
frt_draft_set_t *frt_draft_set_find(const frt_draft_t *d, frt_str_t id);

/* Starts a destination of a set; *out as above. */
int frt_draft_dst_add(frt_draft_t *d, frt_draft_set_t *set, frt_str_t id,
		frt_place_t place, frt_draft_dst_t **out);
/* The destination of that id in a set, or NULL. */
frt_draft_dst_t *frt_draft_dst_find(
		const frt_draft_t *d, const frt_draft_set_t *set, frt_str_t id);
/* Takes a destination out of a set again. 0 or FRT_E_NODST. */
int frt_draft_dst_remove(frt_draft_t *d, frt_draft_set_t *set, frt_str_t id);
/* Notes a change at run time, which goes with the draft into its generation;
 * its texts are copied. 0 or FRT_E_NOMEM. The list is frt_draft_edits()'. */
int frt_draft_edit_note(frt_draft_t *d, const frt_edit_t *e);
const frt_edit_t *frt_draft_edits(const frt_draft_t *d, uint32_t *n);
/* Starts a policy rule of a set (NULL: of the defaults); attributes follow
 * with scope FRT_SCOPE_RULE and apply to the newest rule. A set's own rules
 * stand before those it has from the defaults. FRT_E_NOMEM or 0. */
int frt_draft_rule_add(frt_draft_t *d, frt_draft_set_t *set, frt_place_t place);

/* Gives one attribute by name and text. scope DEFAULTS, and PROBE, HEALTH or
 * RULE with set NULL, change the defaults; dst is used with DESTINATION only.
 * Unknown names and bad values are noted as faults that say what was expected;
 * a value with s NULL is noted as missing. "id" is taken and ignored: it was
 * given when the set or destination began. Returns FRT_E_NOMEM, 0, or
 * FRT_E_INVAL if there is no such set, destination or rule to change. */
int frt_draft_attr(frt_draft_t *d, frt_scope_t scope, frt_draft_set_t *set,
		frt_draft_dst_t *dst, frt_str_t name, frt_str_t value,
		frt_place_t place);
/* Adds <attribute name= value=> to a destination. */
int frt_draft_dst_attribute(frt_draft_t *d, frt_draft_dst_t *dst,
		frt_str_t name, frt_str_t value, frt_place_t place);

/* Keeps up to max faults instead of FRT_FAULTS_MAX, for who shows them one by
 * one. FRT_E_NOMEM or 0. */
int frt_draft_keep_faults(frt_draft_t *d, uint32_t max);
/* Notes a fault; beyond as many as are kept they are counted only. */
void frt_draft_fault(frt_draft_t *d, bool warning, frt_place_t place,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Checks what only the whole shows (destinations without URI, sets without
 * destinations, duplicate numbers, suspicious weights). Call it once, when
 * every source has filled the draft. Returns 0, FRT_E_NOMEM, or FRT_E_DRAFT if
 * the draft has any fault that is no warning. */
int frt_draft_check(frt_draft_t *d);

/* How many sets and destinations there are, and the first set. */
uint32_t frt_draft_nsets(const frt_draft_t *d);
uint32_t frt_draft_ndsts(const frt_draft_t *d);
uint32_t frt_draft_nparents(const frt_draft_t *d);
frt_draft_set_t *frt_draft_sets(const frt_draft_t *d);
/* The same attributes, in the same order? */
bool frt_attrs_same(
		const frt_attr_t *a, uint32_t na, const frt_attr_t *b, uint32_t nb);
/* Faults kept, and how many there were of errors and of warnings; any of the
 * three may be NULL. */
const frt_fault_t *frt_draft_faults(const frt_draft_t *d, uint32_t *kept,
		uint32_t *errors, uint32_t *warnings);
/* How many errors there were. */
uint32_t frt_draft_errors(const frt_draft_t *d);
/* Writes "frt.xml:17: text", or "frt.xml:17: warning: text", of one fault. */
void frt_fault_text(const frt_fault_t *f, frt_buf_t *out);

#endif
