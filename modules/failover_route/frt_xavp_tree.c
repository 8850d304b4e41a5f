/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Trees in use are in Kamailio's lists; the others lie on shelves, one for each
 * process that makes calls (or a few of them), and come back to the one they
 * are from. Nobody waits for a shelf: who finds it busy, even for ever as its
 * process was killed, asks the allocator. What is ours is known by the address
 * of its name, which the core's own blocks have inside.
 */
#include "frt_xavp_tree.h"

#include "../../core/mem/shm_mem.h"
#include "../../core/pt.h"
#include "engine/frt_rec.h"

#include <stdatomic.h>
#include <string.h>

#define FRT_SHELVES 32
/* Trees; what comes then is freed. tm's timer ends transactions in bursts: at
 * 4,000 calls/s some hundreds at once. */
#define FRT_SHELF_ROOM 1024
#define FRT_SHELF_KEEP 64 /* stay while calls come, needed or not */

typedef struct field
{
	sr_xavp_t xavp;
	uint32_t room; /* for text, with its terminating zero */
	char text[];
} field_t;

typedef struct root
{
	sr_xavp_t xavp;
	field_t *fields[FRT_XAVP_FIELDS];
	struct root *below; /* on the shelf */
	uint32_t shelf;
} root_t;

typedef struct shelf
{
	root_t *top;
	atomic_flag busy; /* guards the others */
	uint32_t count;
	uint32_t idle; /* the fewest there were since it was last looked at */
	bool used;	   /* by a call since then */
	char own_line[FRT_CACHE_LINE - sizeof(void *) - 4 * sizeof(uint32_t)];
} shelf_t;

typedef struct kind
{
	str name;
	uint32_t room; /* at first */
	unsigned int hash;
} kind_t;

static kind_t kinds[FRT_XAVP_FIELDS] = {
		[FRT_XAVP_ATTEMPT] = {str_init("attempt"), 0, 0},
		[FRT_XAVP_SET] = {str_init("set"), 32, 0},
		[FRT_XAVP_ID] = {str_init("id"), 32, 0},
		[FRT_XAVP_URI] = {str_init("uri"), 64, 0},
		[FRT_XAVP_REASON] = {str_init("reason"), 64, 0},
		[FRT_XAVP_PATH] = {str_init("path"), 96, 0},
};
static kind_t root_kind;
static shelf_t *shelves;

/* The core's hash of a name is the core's affair: asked, not reckoned. */
static int learn_hash(kind_t *kind)
{
	sr_xavp_t *list = NULL;
	sr_xval_t val;

	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_NULL;
	if(!xavp_add_value(&kind->name, &val, &list))
		return -1;
	kind->hash = list->id;
	xavp_destroy_list(&list);
	return 0;
}

int frt_xavp_tree_init(const str *name)
{
	int i;

	root_kind.name = *name;
	if(learn_hash(&root_kind) < 0)
		return -1;
	for(i = 0; i < FRT_XAVP_FIELDS; i++) {
		if(learn_hash(&kinds[i]) < 0)
			return -1;
	}
	shelves = shm_mallocxz(FRT_SHELVES * sizeof(*shelves));
	if(!shelves) {
		SHM_MEM_ERROR;
		return -1;
	}
	return 0;
}

static void name_it(sr_xavp_t *xavp, const kind_t *kind)
{
	xavp->id = kind->hash;
	xavp->name = kind->name;
}

static bool is_ours(const sr_xavp_t *xavp, const kind_t *kind)
{
	return xavp->name.s == kind->name.s;
}

static field_t *field_new(frt_xavp_field_t i, uint32_t room)
{
	field_t *f = shm_mallocxz(sizeof(*f) + room);

	if(!f) {
		SHM_MEM_ERROR;
		return NULL;
	}
	name_it(&f->xavp, &kinds[i]);
	f->xavp.val.type = SR_XTYPE_STR;
	f->xavp.val.v.s.s = f->text;
	f->room = room;
	return f;
}

static void root_free(root_t *root)
{
	int i;

	for(i = 0; i < FRT_XAVP_FIELDS; i++) {
		if(root->fields[i])
			shm_free(root->fields[i]);
	}
	shm_free(root);
}

/* The core's lists have the newest first. */
static void link_fields(root_t *root)
{
	int i;

	for(i = 0; i < FRT_XAVP_FIELDS; i++)
		root->fields[i]->xavp.next = i > 0 ? &root->fields[i - 1]->xavp : NULL;
	root->xavp.val.v.xavp = &root->fields[FRT_XAVP_FIELDS - 1]->xavp;
}

static root_t *root_new(void)
{
	root_t *root = shm_mallocxz(sizeof(*root));
	int i;

	if(!root) {
		SHM_MEM_ERROR;
		return NULL;
	}
	name_it(&root->xavp, &root_kind);
	root->xavp.val.type = SR_XTYPE_XAVP;
	root->shelf = (uint32_t)process_no % FRT_SHELVES;
	for(i = 0; i < FRT_XAVP_FIELDS; i++) {
		root->fields[i] = field_new((frt_xavp_field_t)i, kinds[i].room);
		if(!root->fields[i]) {
			root_free(root);
			return NULL;
		}
	}
	link_fields(root);
	return root;
}

/* Its blocks were last used seconds ago: asks the processor for all at once. */
static inline void expect(const root_t *root)
{
	int i;

#pragma GCC unroll 8
	for(i = 0; i < FRT_XAVP_FIELDS; i++)
		__builtin_prefetch(root->fields[i], 1);
}

static bool get(shelf_t *shelf)
{
	return !atomic_flag_test_and_set_explicit(
			&shelf->busy, memory_order_acquire);
}

static void give(shelf_t *shelf)
{
	atomic_flag_clear_explicit(&shelf->busy, memory_order_release);
}

/* One off the shelf; NULL if it is empty, or busy. */
static inline root_t *take_from(shelf_t *shelf, bool for_call)
{
	root_t *root;

	if(!get(shelf))
		return NULL;
	shelf->used |= for_call;
	root = shelf->top;
	if(root) {
		shelf->top = root->below;
		shelf->count--;
		if(shelf->count < shelf->idle)
			shelf->idle = shelf->count;
	}
	give(shelf);
	return root;
}

static root_t *take(void)
{
	root_t *root =
			take_from(&shelves[(uint32_t)process_no % FRT_SHELVES], true);

	if(!root)
		return root_new();
	expect(root);
	return root;
}

static void put(root_t *root)
{
	shelf_t *shelf = &shelves[root->shelf];
	bool room = false;

	if(get(shelf)) {
		shelf->used = true;
		room = shelf->count < FRT_SHELF_ROOM;
		if(room) {
			root->below = shelf->top;
			shelf->top = root;
			shelf->count++;
		}
		give(shelf);
	}
	if(!room)
		root_free(root);
}

static void clear(root_t *root)
{
	root_t *below;

	for(; root; root = below) {
		below = root->below;
		root_free(root);
	}
}

/* Of the shelf, which is the caller's: how many nobody needed of late. */
static uint32_t too_many(const shelf_t *shelf)
{
	if(!shelf->used)
		return shelf->count;
	return shelf->idle > FRT_SHELF_KEEP ? shelf->idle - FRT_SHELF_KEEP : 0;
}

void frt_xavp_tree_tidy(void)
{
	shelf_t *shelf;
	root_t *root;
	uint32_t n;

	for(shelf = shelves; shelf && shelf < shelves + FRT_SHELVES; shelf++) {
		if(!get(shelf))
			continue;
		n = too_many(shelf);
		shelf->idle = shelf->count;
		shelf->used = false;
		give(shelf);
		/* one by one: who finds the shelf busy asks the allocator */
		for(; n > 0 && (root = take_from(shelf, false)) != NULL; n--)
			root_free(root);
	}
}

void frt_xavp_tree_destroy(void)
{
	int i;

	for(i = 0; shelves && i < FRT_SHELVES; i++)
		clear(shelves[i].top);
	if(shelves)
		shm_free(shelves);
	shelves = NULL;
}

/* Where our last field hangs, before it what a script has added; at the NULL
 * if it is not there any more. */
static sr_xavp_t **last_of(root_t *root)
{
	sr_xavp_t **at = &root->xavp.val.v.xavp;

	while(*at && !is_ours(*at, &kinds[FRT_XAVP_FIELDS - 1]))
		at = &(*at)->next;
	return at;
}

/* The same; NULL unless all others are below it, and nothing else. */
static sr_xavp_t **fields_of(root_t *root)
{
	sr_xavp_t **last, *x;
	int i;

	expect(root);
	last = last_of(root);
	x = *last;
	for(i = FRT_XAVP_FIELDS - 1; i >= 0; i--) {
		if(!x || x != &root->fields[i]->xavp || !is_ours(x, &kinds[i]))
			return NULL;
		x = x->next;
	}
	return x ? NULL : last;
}

/* Where the first of the root's name hangs in the list, or NULL. */
static sr_xavp_t **find(sr_xavp_t **list)
{
	sr_xavp_t *x;

	for(; (x = *list) != NULL; list = &x->next) {
		if(is_ours(x, &root_kind)
				|| (x->id == root_kind.hash && x->name.len == root_kind.name.len
						&& memcmp(x->name.s, root_kind.name.s,
								   (size_t)x->name.len)
								   == 0))
			return list;
	}
	return NULL;
}

/* The root at a place of a list, if it is ours. */
static root_t *root_at(sr_xavp_t **at)
{
	return at && is_ours(*at, &root_kind) ? (root_t *)*at : NULL;
}

sr_xavp_t *frt_xavp_tree_get(bool *fresh)
{
	sr_xavp_t **at = find(xavp_get_crt_list());
	root_t *root = root_at(at);

	*fresh = !root || !fields_of(root);
	if(!*fresh)
		return &root->xavp;
	if(at)
		xavp_rm_by_name(&root_kind.name, 1, NULL);
	root = take();
	if(!root)
		return NULL;
	xavp_add(&root->xavp, NULL);
	return &root->xavp;
}

/* Leaves the fields alone, which begin at *last. */
static void strip(sr_xavp_t *root, sr_xavp_t **last)
{
	sr_xavp_t *others = root->val.v.xavp;

	if(*last == others)
		return;
	root->val.v.xavp = *last;
	*last = NULL;
	xavp_destroy_list(&others);
}

void frt_xavp_tree_bare(sr_xavp_t *root)
{
	sr_xavp_t **last = fields_of((root_t *)root);

	if(last)
		strip(root, last);
}

/* A larger block in the place of one whose text has no room. */
static field_t *grow(root_t *root, frt_xavp_field_t i, uint32_t len)
{
	sr_xavp_t **at = last_of(root);
	field_t *old = root->fields[i];
	field_t *f = field_new(i, (len + 64) / 64 * 64);

	if(!f)
		return NULL;
	while(*at != &old->xavp)
		at = &(*at)->next;
	f->xavp.next = old->xavp.next;
	*at = &f->xavp;
	root->fields[i] = f;
	shm_free(old);
	return f;
}

/* The field is as it was made. */
static inline int write_text(
		root_t *root, frt_xavp_field_t field, frt_str_t text)
{
	field_t *f = root->fields[field];

	if(text.len >= f->room)
		f = grow(root, field, text.len);
	if(!f)
		return -1;
	if(text.len)
		memcpy(f->text, text.s, text.len);
	f->text[text.len] = '\0';
	f->xavp.val.v.s.len = (int)text.len;
	return 0;
}

int frt_xavp_tree_path(frt_str_t path)
{
	root_t *root = root_at(find(xavp_get_crt_list()));

	if(!root || *last_of(root) != &root->fields[FRT_XAVP_PATH]->xavp)
		return -1;
	return write_text(root, FRT_XAVP_PATH, path);
}

int frt_xavp_tree_write(
		sr_xavp_t *root, const frt_str_t texts[FRT_XAVP_FIELDS], long attempt)
{
	root_t *own = (root_t *)root;
	int i;

	FRT_XVAL_SET_INT(&own->fields[FRT_XAVP_ATTEMPT]->xavp.val, attempt);
	for(i = FRT_XAVP_ATTEMPT + 1; i < FRT_XAVP_FIELDS; i++) {
		if(write_text(own, (frt_xavp_field_t)i, texts[i]) < 0)
			return -1;
	}
	return 0;
}

void frt_xavp_tree_keep(sr_xavp_t **list)
{
	sr_xavp_t **at = find(list);
	root_t *root = root_at(at);
	sr_xavp_t **last = root ? fields_of(root) : NULL;

	/* tm ends after us: then the core frees it */
	if(!last || !shelves)
		return;
	*at = root->xavp.next;
	strip(&root->xavp, last);
	put(root);
}
