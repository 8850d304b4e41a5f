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

#define PATH_NAME "path"
#define CODE_LEN 4 /* of ":200", which an attempt's end adds to the path */

static str root_name;

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

/* What the path will need when all that is open has ended. */
static uint32_t path_room(const frt_plan_t *p, const frt_buf_t *path)
{
	uint32_t room = (uint32_t)path->len, i;

	for(i = 0; i < p->n; i++)
		room += p->tries[i].code ? 0 : CODE_LEN;
	return room < path->size ? room : (uint32_t)path->len;
}

/* The text is as long as its room, of which only the path is shown. */
static int add_path(sr_xavp_t **list, texts_t *t, uint32_t room)
{
	frt_str_t padded = {t->path.s, room};

	memset(t->path.s + t->path.len, '\0', room - t->path.len);
	if(add_field(list, PATH_NAME, padded) < 0)
		return -1;
	(*list)->val.v.s.len = (int)t->path.len; /* it went to the front */
	return 0;
}

static sr_xavp_t *make_fields(
		const frt_plan_t *p, const frt_dst_t *dst, texts_t *t, uint32_t room)
{
	static const frt_str_t none = {NULL, 0};
	frt_str_t reason = {t->reason.s, (uint32_t)t->reason.len};
	sr_xavp_t *list = NULL;

	if(add_field(&list, "set", p->set->id) < 0
			|| add_field(&list, "id", frt_plan_shown(p)->rec->id) < 0
			|| add_field(&list, "uri", dst ? dst->uri : none) < 0
			|| add_number(&list, "attempt", p->n) < 0
			|| add_path(&list, t, room) < 0
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
		   && a->n == b->n && !a->reason && !b->reason && b->path <= a->room;
}

/* True if the fields are there, say the same, and the path had room. */
static bool update(const frt_xavp_t *said, const frt_xavp_t *now, texts_t *t)
{
	const sr_xavp_t *root;
	sr_xavp_t *f;

	if(!is_same_but_path(said, now))
		return false;
	root = xavp_get(&root_name, NULL);
	if(!root || root->val.type != SR_XTYPE_XAVP)
		return false;
	for(f = root->val.v.xavp; f; f = f->next) {
		if(f->name.len == sizeof(PATH_NAME) - 1
				&& memcmp(f->name.s, PATH_NAME, sizeof(PATH_NAME) - 1) == 0)
			break;
	}
	/* else it is the script's own */
	if(!f || f->val.type != SR_XTYPE_STR || f->val.v.s.len != (int)said->path)
		return false;
	memcpy(f->val.v.s.s, t->path.s, t->path.len);
	f->val.v.s.len = (int)t->path.len;
	return true;
}

static void make(frt_xavp_t *now, const frt_plan_t *p, const frt_gen_t *g,
		texts_t *t)
{
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, frt_plan_shown(p)->rec) : NULL;
	sr_xval_t val;

	now->room = (uint16_t)path_room(p, &t->path);
	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_XAVP;
	val.v.xavp = make_fields(p, dst, t, now->room);
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
			.path = (uint16_t)t.path.len,
			.room = said->room,
			.reason = t.reason.len > 0};
	if(!update(said, &now, &t))
		make(&now, p, g, &t);
	frt_table_leave();
	*said = now;
}
