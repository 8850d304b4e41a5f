/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Changes of destinations' admin state.
 */
#include "frt_admin.h"
#include "frt_db.h"
#include "frt_loader.h"
#include "frt_observe.h"
#include "frt_reload.h"
#include "frt_text.h"

#include <string.h>

/* A row still to be written. */
typedef struct admin_row
{
	char set[FRT_ID_MAX + 1];
	char dst[FRT_DST_ID_MAX + 1];
	frt_admin_t admin;
} admin_row_t;

int frt_pick(const frt_gen_t *g, frt_str_t set, frt_str_t dst, bool many,
		frt_pick_t *out)
{
	*out = (frt_pick_t){.in = g ? frt_gen_set(g, set) : NULL};
	if(!out->in)
		return FRT_E_NOSET;
	if(many)
		out->parent = frt_gen_parent(out->in, dst);
	if(out->parent || (many && frt_str_eq(dst, FRT_STR("*")))) {
		out->first = out->in->dsts;
		out->n = out->in->ndsts;
		return 0;
	}
	/* the set may have been named by its number */
	out->first = frt_gen_dst(g, out->in->id, dst);
	out->n = 1;
	return out->first ? 0 : FRT_E_NODST;
}

bool frt_pick_has(const frt_pick_t *pick, uint32_t i)
{
	return !pick->parent || pick->first[i].parent == pick->parent;
}

static void apply(
		const frt_pick_t *pick, frt_admin_t admin, frt_admin_done_t *done)
{
	frt_str_t id = frt_utf8_cut(pick->in->id, FRT_ID_MAX);
	uint32_t i;

	memcpy(done->set, id.s, id.len);
	for(i = 0; i < pick->n; i++) {
		frt_rec_t *rec = pick->first[i].rec;

		if(!frt_pick_has(pick, i))
			continue;
		done->destinations++;
		done->changed += frt_observe_admin(rec, admin);
		done->calls += atomic_load(&rec->calls);
	}
}

int frt_admin_apply(
		frt_str_t set, frt_str_t dst, frt_admin_t admin, frt_admin_done_t *done)
{
	frt_pick_t pick;
	int err;

	memset(done, 0, sizeof(*done));
	err = frt_pick(frt_table_enter(), set, dst, true, &pick);
	if(err == 0)
		apply(&pick, admin, done);
	frt_table_leave();
	return err;
}

int frt_admin_write(const char *set, frt_str_t dst, frt_admin_t admin)
{
	frt_str_t id = frt_str_of(set);

	return frt_db_write_admin(frt_params(), id,
			frt_str_eq(dst, FRT_STR("*")) ? FRT_STR("") : dst, admin,
			frt_reload_said);
}

static void write_row(frt_rpc_t *r, void *args)
{
	const admin_row_t *row = args;
	frt_str_t dst = frt_str_of(row->dst);

	(void)r;
	if(frt_admin_write(row->set, dst, row->admin) == FRT_E_NODST)
		LM_WARN("admin of %s/%s was not written: the database has no such "
				"row\n",
				row->set, row->dst);
}

void frt_admin_write_later(const char *set, frt_str_t dst, frt_admin_t admin)
{
	admin_row_t row = {.admin = admin};
	frt_buf_t b;

	if(!frt_params()->db_write_admin)
		return;
	frt_buf_init(&b, row.set, sizeof(row.set));
	frt_buf_add(&b, "%s", set);
	frt_buf_init(&b, row.dst, sizeof(row.dst));
	frt_buf_add_str(&b, dst);
	if(frt_loader_post(write_row, &row, sizeof(row)) != 0)
		LM_ERR("admin of %s/%s was not written: too many commands are "
			   "waiting\n",
				row.set, row.dst);
}
