/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Claims: one block a dialog, owned by the dialog's callback record and by the
 * transaction. The reply that answers the call and the event that ends the
 * dialog may come in two processes: `state` says who gives the places back.
 *
 *   idle --answered--> held --dialog ends--> over (places given back)
 *   idle <---no answer--- held                    (places given back)
 *   idle --dialog ends--> over
 *
 * A dialog variable names the destination, so that dialogs which the dialog
 * module loads from its database after a restart count again.
 */
#include "frt_admit.h"
#include "frt_dialog.h"

#include "../../modules/dialog/dlg_load.h"

#include <stdio.h>
#include <string.h>

typedef enum frt_claim
{
	CLAIM_IDLE,
	CLAIM_HELD,
	CLAIM_OVER
} frt_claim_t;

struct frt_dialog_held
{
	_Atomic uint32_t refs;
	_Atomic uint32_t state; /* frt_claim_t */
	frt_rec_t *rec;			/* held: references of their own */
	frt_set_rec_t *set;
	bool named; /* the dialog's variable names a destination */
};

#define ENDS (DLGCB_FAILED | DLGCB_TERMINATED | DLGCB_EXPIRED | DLGCB_DESTROY)

static struct dlg_binds dlgb;
static bool bound = false;
/* "set destination": neither id can have a blank */
static str var_name = str_init("failover_route");

bool frt_dialog_bound(void)
{
	return bound;
}

void frt_dialog_put(frt_dialog_held_t *held)
{
	if(held && atomic_fetch_sub(&held->refs, 1) == 1)
		frt_mem_free(frt_mem_shm(), held);
}

static void put_param(void *p)
{
	frt_dialog_put(p);
}

static void give_back(frt_rec_t *rec, frt_set_rec_t *set)
{
	frt_admit_leave(rec);
	atomic_fetch_sub(&set->calls, 1);
	frt_rec_unref(rec);
	frt_set_rec_unref(set);
}

static void on_end(struct dlg_cell *dlg, int type, struct dlg_cb_params *ps)
{
	frt_dialog_held_t *held = *ps->param;

	(void)dlg;
	(void)type;
	if(atomic_exchange(&held->state, CLAIM_OVER) == CLAIM_HELD)
		give_back(held->rec, held->set);
}

/* A claim with two references, one of them the dialog's. */
static frt_dialog_held_t *claim_new(struct dlg_cell *dlg)
{
	frt_dialog_held_t *held = frt_mem_alloc(frt_mem_shm(), sizeof(*held));

	if(!held) {
		SHM_MEM_ERROR;
		return NULL;
	}
	atomic_init(&held->refs, 2);
	held->named = false;
	if(dlgb.register_dlgcb(dlg, ENDS, on_end, held, put_param) < 0) {
		LM_ERR("cannot register with the dialog: the call counts only until "
			   "it is answered\n");
		frt_mem_free(frt_mem_shm(), held);
		return NULL;
	}
	return held;
}

frt_dialog_held_t *frt_dialog_claim(sip_msg_t *msg)
{
	struct dlg_cell *dlg;
	frt_dialog_held_t *held;

	if(!bound)
		return NULL;
	dlg = dlgb.get_dlg(msg);
	if(!dlg)
		return NULL;
	held = claim_new(dlg);
	dlgb.release_dlg(dlg);
	return held;
}

static bool hold(frt_dialog_held_t *held, frt_rec_t *rec, frt_set_rec_t *set)
{
	uint32_t idle = CLAIM_IDLE;

	if(atomic_load(&held->state) != CLAIM_IDLE)
		return false;
	frt_rec_ref(rec);
	frt_set_rec_ref(set);
	held->rec = rec;
	held->set = set;
	if(atomic_compare_exchange_strong(&held->state, &idle, CLAIM_HELD))
		return true;
	frt_rec_unref(rec);
	frt_set_rec_unref(set);
	return false;
}

static bool is_capped(const frt_rec_t *rec)
{
	frt_gen_t *g = frt_table_enter();
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;
	bool capped = dst && dst->max_calls > 0;

	frt_table_leave();
	return capped;
}

static void write_var(const frt_rec_t *rec, sip_msg_t *rpl)
{
	char text[FRT_ID_MAX + FRT_DST_ID_MAX + 2];
	struct dlg_cell *dlg = dlgb.get_dlg(rpl);
	frt_buf_t b;
	str value;

	if(!dlg)
		return;
	frt_buf_init(&b, text, sizeof(text));
	frt_buf_add_str(&b, rec->set);
	frt_buf_add(&b, " ");
	frt_buf_add_str(&b, rec->id);
	value.s = text;
	value.len = (int)b.len;
	if(b.cut || dlgb.set_dlg_var(dlg, &var_name, &value) < 0)
		LM_ERR("cannot note the destination in the dialog: after a restart "
			   "the call does not count\n");
	dlgb.release_dlg(dlg);
}

bool frt_dialog_hold(frt_dialog_held_t *held, frt_rec_t *rec,
		frt_set_rec_t *set, sip_msg_t *rpl)
{
	if(!held || !hold(held, rec, set))
		return false;
	if(held->named || is_capped(rec)) {
		write_var(rec, rpl);
		held->named = true;
	}
	return true;
}

void frt_dialog_let_go(frt_dialog_held_t *held, frt_rec_t *rec)
{
	uint32_t state = CLAIM_HELD;
	frt_set_rec_t *set;

	/* who holds just now looks at the call's answer after that */
	atomic_thread_fence(memory_order_seq_cst);
	if(!held || atomic_load(&held->state) != CLAIM_HELD || held->rec != rec)
		return;
	set = held->set;
	if(atomic_compare_exchange_strong(&held->state, &state, CLAIM_IDLE))
		give_back(rec, set);
}

uint16_t frt_dialog_cseq(sip_msg_t *msg, uint16_t added)
{
	static str name = str_init("cseq_diff");
	struct dlg_cell *dlg = bound ? dlgb.get_dlg(msg) : NULL;
	uint32_t was = 0;
	char digits[8];
	str *diff, value = {digits, 0};

	if(!dlg)
		return 0;
	diff = dlgb.get_dlg_varref(dlg, &name);
	if(diff && diff->len > 0)
		(void)frt_uint_parse(
				(frt_str_t){diff->s, (uint32_t)diff->len}, 0, UINT16_MAX, &was);
	value.len = snprintf(digits, sizeof(digits), "%u", added);
	if(was != added && dlgb.set_dlg_var(dlg, &name, &value) < 0)
		LM_ERR("the dialog counts CSeq from another destination\n");
	dlgb.release_dlg(dlg);
	return (uint16_t)was;
}

/* "set destination" to the destination it names now; NULL: it has gone. */
static const frt_dst_t *dst_of(const frt_gen_t *g, const str *value)
{
	frt_str_t text = {value->s, (uint32_t)value->len}, set = text, id;
	const char *blank = memchr(text.s, ' ', text.len);

	if(!g || !blank)
		return NULL;
	set.len = (uint32_t)(blank - text.s);
	id.s = blank + 1;
	id.len = text.len - set.len - 1;
	return frt_gen_dst(g, set, id);
}

/* After a restart: the dialog was held by the last process's record. */
static void on_loaded(struct dlg_cell *dlg, int type, struct dlg_cb_params *ps)
{
	str *value = dlgb.get_dlg_varref(dlg, &var_name);
	const frt_dst_t *dst;
	frt_dialog_held_t *held;

	(void)type;
	(void)ps;
	if(!value || value->len <= 0)
		return;
	dst = dst_of(frt_table_enter(), value);
	held = dst ? claim_new(dlg) : NULL;
	/* the call is there, whatever the cap is now */
	if(held && hold(held, dst->rec, dst->set->rec)) {
		frt_admit_present(dst->rec);
		atomic_fetch_add(&dst->set->rec->calls, 1);
	}
	frt_dialog_put(held);
	frt_table_leave();
}

int frt_dialog_init(void)
{
	if(!find_export("load_dlg", 0, 0))
		return 0;
	if(load_dlg_api(&dlgb) < 0) {
		LM_ERR("cannot bind the dialog module\n");
		return -1;
	}
	bound = true;
	if(dlgb.register_dlgcb(NULL, DLGCB_LOADED, on_loaded, NULL, NULL) < 0) {
		LM_ERR("cannot register with the dialog module\n");
		return -1;
	}
	return 0;
}
