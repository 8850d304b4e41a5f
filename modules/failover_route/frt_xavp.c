/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of the XAVP: made, and brought up to date.
 */
#include "frt_compat.h"
#include "frt_shm.h"
#include "frt_xavp.h"
#include "frt_xavp_tree.h"

#include <string.h>

static str root_name;

/* The two texts that are made for each writing. */
typedef struct texts
{
	char path_mem[FRT_ATTEMPTS_MAX * (FRT_DST_ID_MAX + 8)];
	char reason_mem[64];
	frt_buf_t path;
	frt_buf_t reason;
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

static int write_path(sr_xavp_t *root, const texts_t *t)
{
	frt_str_t path = {t->path.s, (uint32_t)t->path.len};

	return frt_xavp_tree_text(root, FRT_XAVP_PATH, path);
}

static int write_reason(sr_xavp_t *root, const texts_t *t)
{
	frt_str_t reason = {t->reason.s, (uint32_t)t->reason.len};

	return frt_xavp_tree_text(root, FRT_XAVP_REASON, reason);
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

static int write_all(sr_xavp_t *root, const frt_plan_t *p, const frt_dst_t *dst,
		const texts_t *t)
{
	static const frt_str_t none = {NULL, 0};
	frt_str_t id = frt_plan_shown(p)->rec->id;
	frt_str_t uri = dst ? dst->uri : none;

	frt_xavp_tree_bare(root);
	frt_xavp_tree_number(root, FRT_XAVP_ATTEMPT, p->n);
	return frt_xavp_tree_text(root, FRT_XAVP_SET, p->set->id) < 0
						   || frt_xavp_tree_text(root, FRT_XAVP_ID, id) < 0
						   || frt_xavp_tree_text(root, FRT_XAVP_URI, uri) < 0
						   || write_path(root, t) < 0
						   || write_reason(root, t) < 0
						   || add_attrs(&root->val.v.xavp, dst) < 0
				   ? -1
				   : 0;
}

static bool is_same_but_path(const frt_xavp_t *a, const frt_xavp_t *b)
{
	return a->set == b->set && a->rec == b->rec && a->gen_seq == b->gen_seq
		   && a->n == b->n && !a->reason && !b->reason;
}

/* The tree that is there, or another in the place of what the script has put
 * there; -1 if there is no memory for all: then there is none. */
static int update(const frt_xavp_t *said, const frt_xavp_t *now,
		const frt_plan_t *p, const frt_gen_t *g, const texts_t *t)
{
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, frt_plan_shown(p)->rec) : NULL;
	sr_xavp_t *root = frt_xavp_tree_here();
	int err;

	if(root && is_same_but_path(said, now)) {
		err = write_path(root, t);
	} else {
		if(!root) {
			xavp_rm_by_name(&root_name, 1, NULL);
			root = frt_xavp_tree_add();
		}
		err = root ? write_all(root, p, dst, t) : -1;
	}
	if(err)
		xavp_rm_by_name(&root_name, 1, NULL);
	return err;
}

void frt_xavp_write(frt_xavp_t *said, const frt_plan_t *p)
{
	const frt_gen_t *g;
	frt_xavp_t now;
	texts_t t;

	if(root_name.len == 0 || p->n == 0)
		return;
	frt_buf_init(&t.path, t.path_mem, sizeof(t.path_mem));
	frt_plan_path(p, &t.path);
	frt_buf_init(&t.reason, t.reason_mem, sizeof(t.reason_mem));
	frt_plan_reason(p, &t.reason);
	g = frt_table_enter();
	now = (frt_xavp_t){.set = p->set,
			.rec = frt_plan_shown(p)->rec,
			.gen_seq = g ? g->seq : 0,
			.n = p->n,
			.reason = t.reason.len > 0};
	if(update(said, &now, p, g, &t) < 0)
		now = (frt_xavp_t){0};
	frt_table_leave();
	*said = now;
}
