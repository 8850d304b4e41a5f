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
#define FRT_SHELF_ROOM 64 /* trees; what comes then is freed */

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
	bool used; /* since it was last looked at */
	char own_line[FRT_CACHE_LINE - sizeof(void *) - 3 * sizeof(uint32_t)];
} shelf_t;

typedef struct kind
{
	str name;
	uint32_t room; /* at first */
	unsigned int hash;
} kind_t;

static kind_t kinds[FRT_XAVP_FIELDS] = {
		[FRT_XAVP_SET] = {str_init("set"), 32, 0},
		[FRT_XAVP_ID] = {str_init("id"), 32, 0},
		[FRT_XAVP_URI] = {str_init("uri"), 64, 0},
		[FRT_XAVP_ATTEMPT] = {str_init("attempt"), 0, 0},
		[FRT_XAVP_PATH] = {str_init("path"), 96, 0},
		[FRT_XAVP_REASON] = {str_init("reason"), 64, 0},
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

static bool get(shelf_t *shelf)
{
	return !atomic_flag_test_and_set_explicit(
			&shelf->busy, memory_order_acquire);
}

static void give(shelf_t *shelf)
{
	atomic_flag_clear_explicit(&shelf->busy, memory_order_release);
}

static root_t *take(void)
{
	shelf_t *shelf = &shelves[(uint32_t)process_no % FRT_SHELVES];
	root_t *root = NULL;

	if(get(shelf)) {
		shelf->used = true;
		root = shelf->top;
		if(root) {
			shelf->top = root->below;
			shelf->count--;
		}
		give(shelf);
	}
	return root ? root : root_new();
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

void frt_xavp_tree_tidy(void)
{
	shelf_t *shelf;
	root_t *idle;

	for(shelf = shelves; shelf && shelf < shelves + FRT_SHELVES; shelf++) {
		if(!get(shelf))
			continue;
		idle = shelf->used ? NULL : shelf->top;
		if(idle) {
			shelf->top = NULL;
			shelf->count = 0;
		}
		shelf->used = false;
		give(shelf);
		clear(idle);
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

/* Where the first of our fields hangs; NULL unless all are there, and last. */
static sr_xavp_t **fields_of(root_t *root)
{
	sr_xavp_t **first = &root->xavp.val.v.xavp;
	sr_xavp_t *x;
	int i;

	while(*first && !is_ours(*first, &kinds[FRT_XAVP_FIELDS - 1]))
		first = &(*first)->next;
	x = *first;
	for(i = FRT_XAVP_FIELDS - 1; i >= 0; i--) {
		if(!x || x != &root->fields[i]->xavp || !is_ours(x, &kinds[i]))
			return NULL;
		x = x->next;
	}
	return x ? NULL : first;
}

/* Where the first of the root's name hangs in the list, or NULL; *first: its
 * fields, if it is ours and they are. */
static sr_xavp_t **find(sr_xavp_t **list, sr_xavp_t ***first)
{
	sr_xavp_t *x;

	*first = NULL;
	for(; (x = *list) != NULL; list = &x->next) {
		if(is_ours(x, &root_kind)) {
			*first = fields_of((root_t *)x);
			return list;
		}
		if(x->id == root_kind.hash && x->name.len == root_kind.name.len
				&& memcmp(x->name.s, root_kind.name.s, (size_t)x->name.len)
						   == 0)
			return list;
	}
	return NULL;
}

sr_xavp_t *frt_xavp_tree_get(bool *fresh)
{
	sr_xavp_t **first, **at = find(xavp_get_crt_list(), &first);
	root_t *root;

	*fresh = first == NULL;
	if(first)
		return *at;
	if(at)
		xavp_rm_by_name(&root_kind.name, 1, NULL);
	root = take();
	if(!root)
		return NULL;
	xavp_add(&root->xavp, NULL);
	return &root->xavp;
}

/* Leaves the fields alone, which begin at *first. */
static void strip(sr_xavp_t *root, sr_xavp_t **first)
{
	sr_xavp_t *others = root->val.v.xavp;

	if(*first == others)
		return;
	root->val.v.xavp = *first;
	*first = NULL;
	xavp_destroy_list(&others);
}

void frt_xavp_tree_bare(sr_xavp_t *root)
{
	sr_xavp_t **first = fields_of((root_t *)root);

	if(first)
		strip(root, first);
}

/* A larger block in the place of one whose text has no room. */
static field_t *grow(root_t *root, frt_xavp_field_t i, uint32_t len)
{
	sr_xavp_t **at = fields_of(root);
	field_t *old = root->fields[i];
	field_t *f = at ? field_new(i, (len + 64) / 64 * 64) : NULL;

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

int frt_xavp_tree_text(sr_xavp_t *root, frt_xavp_field_t field, frt_str_t text)
{
	return write_text((root_t *)root, field, text);
}

int frt_xavp_tree_write(
		sr_xavp_t *root, const frt_str_t texts[FRT_XAVP_TEXTS], long attempt)
{
	root_t *own = (root_t *)root;
	int i;

	FRT_XVAL_SET_INT(&own->fields[FRT_XAVP_ATTEMPT]->xavp.val, attempt);
	for(i = 0; i < FRT_XAVP_TEXTS; i++) {
		if(write_text(own, (frt_xavp_field_t)i, texts[i]) < 0)
			return -1;
	}
	return 0;
}

void frt_xavp_tree_keep(sr_xavp_t **list)
{
	sr_xavp_t **first, **at = find(list, &first);
	sr_xavp_t *root;

	/* tm ends after us: then the core frees it */
	if(!first || !shelves)
		return;
	root = *at;
	*at = root->next;
	strip(root, first);
	put((root_t *)root);
}
