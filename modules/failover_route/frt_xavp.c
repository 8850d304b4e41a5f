/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of the XAVP: made, and brought up to date.
 */
#include "frt_compat.h"
#include "frt_shm.h"
#include "frt_xavp.h"

#include "../../core/xavp.h"

#include <string.h>

static str root_name;
static str path_name = str_init("path");

/* The two texts that are made for each writing. */
typedef struct texts
{
	char path_mem[FRT_ATTEMPTS_MAX * (FRT_DST_ID_MAX + 8)];
	char reason_mem[64];
	frt_buf_t path;
	frt_buf_t reason;
} texts_t;

void frt_xavp_init(const frt_params_t *params)
{
	root_name = params->xavp;
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

static int add_number(sr_xavp_t **list, const char *name, long n)
{
	str sname = {(char *)name, (int)strlen(name)};
	sr_xval_t val;

	memset(&val, 0, sizeof(val));
	FRT_XVAL_SET_INT(&val, n);
	return xavp_add_value(&sname, &val, list) ? 0 : -1;
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

static sr_xavp_t *make_fields(
		const frt_plan_t *p, const frt_dst_t *dst, const texts_t *t)
{
	static const frt_str_t none = {NULL, 0};
	frt_str_t path = {t->path.s, (uint32_t)t->path.len};
	frt_str_t reason = {t->reason.s, (uint32_t)t->reason.len};
	sr_xavp_t *list = NULL;

	if(add_field(&list, "set", p->set->id) < 0
			|| add_field(&list, "id", frt_plan_shown(p)->rec->id) < 0
			|| add_field(&list, "uri", dst ? dst->uri : none) < 0
			|| add_number(&list, "attempt", p->n) < 0
			|| add_field(&list, path_name.s, path) < 0
			|| add_field(&list, "reason", reason) < 0
			|| add_attrs(&list, dst) < 0) {
		xavp_destroy_list(&list);
		return NULL;
	}
	return list;
}

static bool is_same_but_path(const frt_xavp_t *a, const frt_xavp_t *b)
{
	return a->set == b->set && a->rec == b->rec && a->gen_seq == b->gen_seq
		   && a->n == b->n && !a->reason && !b->reason;
}

/* True if the fields are there and now say all that they should. The script may
 * have put others in their place: what is there is replaced, never written to. */
static bool update(
		const frt_xavp_t *said, const frt_xavp_t *now, const texts_t *t)
{
	sr_xavp_t *root, *path;
	sr_xval_t val;

	if(!is_same_but_path(said, now))
		return false;
	root = xavp_get(&root_name, NULL);
	path = xavp_get_child(&root_name, &path_name);
	if(!root || root->val.type != SR_XTYPE_XAVP || !path)
		return false;
	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_STR;
	val.v.s = (str){t->path.s, (int)t->path.len};
	if(path->val.type == SR_XTYPE_STR && path->val.v.s.len == val.v.s.len
			&& memcmp(path->val.v.s.s, val.v.s.s, t->path.len) == 0)
		return true;
	return xavp_set_value(&path_name, 0, &val, &root->val.v.xavp) != NULL;
}

static void make(const frt_plan_t *p, const frt_gen_t *g, const texts_t *t)
{
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, frt_plan_shown(p)->rec) : NULL;
	sr_xval_t val;

	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_XAVP;
	val.v.xavp = make_fields(p, dst, t);
	xavp_rm_by_name(&root_name, 1, NULL);
	if(val.v.xavp && !xavp_add_value(&root_name, &val, NULL))
		xavp_destroy_list(&val.v.xavp);
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
	if(!update(said, &now, &t))
		make(p, g, &t);
	frt_table_leave();
	*said = now;
}
