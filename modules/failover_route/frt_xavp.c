/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of the XAVP: made, and brought up to date.
 */
#include "frt_compat.h"
#include "frt_xavp.h"
#include "frt_xavp_tree.h"

#include <string.h>

static str root_name;

/* The two texts that are made for each writing. */
typedef struct texts
{
	char path_mem[FRT_PLAN_PATH_MAX];
	char reason_mem[64];
	frt_str_t path;
	frt_str_t reason;
} texts_t;

int frt_xavp_init(const frt_params_t *params)
{
	root_name = params->xavp;
	return root_name.len ? frt_xavp_tree_init(&root_name) : 0;
}

void frt_xavp_ended(struct cell *t)
{
	if(root_name.len)
		frt_xavp_tree_keep(&t->xavps_list);
}

static int add_field(sr_xavp_t **list, const char *name, frt_str_t value)
{
	str sname = {(char *)name, (int)strlen(name)};
	sr_xval_t val;

	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_STR;
	val.v.s.s = (char *)(value.len ? value.s : "");
	val.v.s.len = (int)value.len;
	return xavp_add_value(&sname, &val, list) ? 0 : -1;
}

static void texts_make(texts_t *t, const frt_plan_t *p)
{
	frt_buf_t b;

	/* each call begins so */
	if(p->n == 1 && p->tries[0].code == 0) {
		t->path = p->tries[0].rec->id;
		t->reason = (frt_str_t){NULL, 0};
		return;
	}
	frt_buf_init(&b, t->path_mem, sizeof(t->path_mem));
	frt_plan_path(p, &b);
	t->path = (frt_str_t){b.s, (uint32_t)b.len};
	frt_buf_init(&b, t->reason_mem, sizeof(t->reason_mem));
	frt_plan_reason(p, &b);
	t->reason = (frt_str_t){b.s, (uint32_t)b.len};
}

/* attr_<name> for each of the destination's attributes. */
static int add_attrs(sr_xavp_t **list, const frt_dst_t *dst)
{
	char name[FRT_ID_MAX + 8];
	frt_buf_t b;
	uint32_t i;

	for(i = 0; dst && i < dst->nattrs; i++) {
		frt_buf_init(&b, name, sizeof(name));
		frt_buf_add(&b, "attr_");
		frt_buf_add_str(&b, dst->attrs[i].name);
		if(add_field(list, name, dst->attrs[i].value) < 0)
			return -1;
	}
	return 0;
}

static int write_all(sr_xavp_t *root, bool fresh, const frt_xavp_t *now,
		const frt_gen_t *g, const texts_t *t)
{
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, now->rec) : NULL;
	const frt_str_t texts[FRT_XAVP_FIELDS] = {
			[FRT_XAVP_ATTEMPT] = {NULL, 0},
			[FRT_XAVP_SET] = now->set->id,
			[FRT_XAVP_ID] = now->rec->id,
			[FRT_XAVP_URI] = dst ? dst->uri : (frt_str_t){NULL, 0},
			[FRT_XAVP_PATH] = t->path,
			[FRT_XAVP_REASON] = t->reason,
	};

	if(!fresh)
		frt_xavp_tree_bare(root);
	if(frt_xavp_tree_write(root, texts, now->n) < 0)
		return -1;
	return add_attrs(&root->val.v.xavp, dst);
}

static bool is_same_but_path(const frt_xavp_t *a, const frt_xavp_t *b)
{
	return a->set == b->set && a->rec == b->rec && a->gen_seq == b->gen_seq
		   && a->n == b->n && !a->reason && !b->reason;
}

/* -1 if there is no memory for all: then there is none. */
static int update(const frt_xavp_t *said, const frt_xavp_t *now,
		const frt_gen_t *g, const texts_t *t)
{
	bool fresh;
	sr_xavp_t *root;

	if(is_same_but_path(said, now) && frt_xavp_tree_path(t->path) == 0)
		return 0;
	root = frt_xavp_tree_get(&fresh);
	if(root && write_all(root, fresh, now, g, t) == 0)
		return 0;
	xavp_rm_by_name(&root_name, 1, NULL);
	return -1;
}

void frt_xavp_write(frt_xavp_t *said, const frt_plan_t *p, const frt_gen_t *g)
{
	frt_xavp_t now;
	texts_t t;

	if(root_name.len == 0 || p->n == 0)
		return;
	texts_make(&t, p);
	now = (frt_xavp_t){.set = p->set,
			.rec = frt_plan_shown(p)->rec,
			.gen_seq = g ? g->seq : 0,
			.n = p->n,
			.reason = t.reason.len > 0};
	if(update(said, &now, g, &t) < 0)
		now = (frt_xavp_t){0};
	*said = now;
}
