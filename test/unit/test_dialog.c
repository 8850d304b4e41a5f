/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Places that a dialog keeps: from the answer to its end, at one destination at
 * a time, given back once, whoever comes first.
 */
// needs: modules/failover_route/frt_dialog.c
#include "frt_admit.h"
#include "frt_dialog.h"
#include "host.h"

#include "../../modules/dialog/dlg_load.h"

struct dlg_cell
{
	dialog_cb *f;
	void *param;
	void (*release)(void *);
	char var[128]; /* "" where the dialog has none */
};

static struct
{
	fx_t fx;
	struct dlg_cell dlg;
	frt_dialog_held_t *held;
	frt_rec_t *a, *b;
	frt_set_rec_t *set;
} d;

/* --- the dialog module ------------------------------------------------------ */

void *find_export(char *name, int params, int flags)
{
	(void)name;
	(void)params;
	(void)flags;
	return &d;
}

static int register_cb(struct dlg_cell *dlg, int types, dialog_cb f,
		void *param, void (*release)(void *))
{
	if(types == DLGCB_LOADED)
		return 0;
	dlg->f = f;
	dlg->param = param;
	dlg->release = release;
	return 0;
}

static struct dlg_cell *get_dlg(sip_msg_t *msg)
{
	(void)msg;
	return &d.dlg;
}

static void release_dlg(struct dlg_cell *dlg)
{
	assert_ptr_equal(dlg, &d.dlg);
}

static int set_var(struct dlg_cell *dlg, str *key, str *val)
{
	(void)key;
	snprintf(dlg->var, sizeof(dlg->var), "%.*s", val->len, val->s);
	return 0;
}

static str *get_var(struct dlg_cell *dlg, str *key)
{
	(void)dlg;
	(void)key;
	return NULL;
}

int load_dlg_api(struct dlg_binds *dlgb)
{
	*dlgb = (struct dlg_binds){
			register_cb, get_dlg, release_dlg, set_var, get_var};
	return 0;
}

static void dialog_ends(void)
{
	struct dlg_cb_params ps = {&d.dlg.param};

	d.dlg.f(&d.dlg, DLGCB_TERMINATED, &ps);
}

static void dialog_goes(void)
{
	d.dlg.release(d.dlg.param);
}

/* --- places ------------------------------------------------------------------ */

void frt_admit_present(frt_rec_t *rec)
{
	atomic_fetch_add(&rec->calls, 1);
}

void frt_admit_leave(frt_rec_t *rec)
{
	assert_true(atomic_load(&rec->calls) > 0);
	atomic_fetch_sub(&rec->calls, 1);
}

void frt_rec_ref(frt_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

void frt_rec_unref(frt_rec_t *rec)
{
	atomic_fetch_sub(&rec->refs, 1);
}

void frt_set_rec_ref(frt_set_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

void frt_set_rec_unref(frt_set_rec_t *rec)
{
	atomic_fetch_sub(&rec->refs, 1);
}

/* A call with a dialog; d0 has max-calls, d1 has none. */
static int begin(void **state)
{
	(void)state;
	memset(&d, 0, sizeof(d));
	fx_begin(&d.fx);
	fx_set(&d.fx, "s", FRT_ORDERED);
	fx_dst(&d.fx, 1, 1)->max_calls = 5;
	fx_dst(&d.fx, 1, 1);
	fx_freeze(&d.fx);
	host_begin(d.fx.gen);
	d.a = fx_at(&d.fx, "d0")->rec;
	d.b = fx_at(&d.fx, "d1")->rec;
	d.set = fx_only(&d.fx)->rec;
	assert_int_equal(frt_dialog_init(), 0);
	assert_true(frt_dialog_bound());
	d.held = frt_dialog_claim(NULL);
	assert_non_null(d.held);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	frt_dialog_put(d.held);
	dialog_goes();
	fx_end(&d.fx);
	return 0;
}

/* An attempt takes its place; it is answered. True if the dialog keeps it. */
static bool answered(frt_rec_t *rec)
{
	frt_admit_present(rec);
	atomic_fetch_add(&d.set->calls, 1);
	if(frt_dialog_hold(d.held, rec, d.set, NULL))
		return true;
	frt_admit_leave(rec);
	atomic_fetch_sub(&d.set->calls, 1);
	return false;
}

#define assert_calls(at_a, at_b)                                   \
	do {                                                           \
		assert_int_equal(atomic_load(&d.a->calls), at_a);          \
		assert_int_equal(atomic_load(&d.b->calls), at_b);          \
		assert_int_equal(atomic_load(&d.set->calls), at_a + at_b); \
	} while(0)

static void test_dialog_keeps_the_place_until_it_ends(void **state)
{
	uint32_t refs = atomic_load(&d.a->refs);

	(void)state;
	assert_true(answered(d.a));
	assert_calls(1, 0);
	assert_int_equal(atomic_load(&d.a->refs), refs + 1);
	assert_string_equal(d.dlg.var, "s d0");
	dialog_ends();
	dialog_ends();
	assert_calls(0, 0);
	assert_int_equal(atomic_load(&d.a->refs), refs);
}

static void test_dialog_that_has_ended_keeps_none(void **state)
{
	(void)state;
	dialog_ends();
	assert_false(answered(d.a));
	assert_calls(0, 0);
}

/* tm's timer was quicker with the 2xx of the first: the call goes on, and counts
 * where it is answered then, and only there. */
static void test_dialog_follows_the_call_from_an_answer_that_was_lost(
		void **state)
{
	uint32_t refs = atomic_load(&d.a->refs);

	(void)state;
	assert_true(answered(d.a));
	frt_dialog_let_go(d.held, d.b); /* not held there */
	assert_calls(1, 0);
	frt_dialog_let_go(d.held, d.a);
	frt_dialog_let_go(d.held, d.a);
	assert_calls(0, 0);
	assert_int_equal(atomic_load(&d.a->refs), refs);
	assert_true(answered(d.b));
	assert_calls(0, 1);
	/* after a restart it is to count there, too */
	assert_string_equal(d.dlg.var, "s d1");
	dialog_ends();
	assert_calls(0, 0);
}

static void test_dialog_that_has_ended_has_nothing_to_let_go(void **state)
{
	(void)state;
	assert_true(answered(d.a));
	dialog_ends();
	frt_dialog_let_go(d.held, d.a);
	assert_calls(0, 0);
	assert_false(answered(d.b));
	assert_calls(0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test_setup_teardown(
					test_dialog_keeps_the_place_until_it_ends, begin, finish),
			cmocka_unit_test_setup_teardown(
					test_dialog_that_has_ended_keeps_none, begin, finish),
			cmocka_unit_test_setup_teardown(
					test_dialog_follows_the_call_from_an_answer_that_was_lost,
					begin, finish),
			cmocka_unit_test_setup_teardown(
					test_dialog_that_has_ended_has_nothing_to_let_go, begin,
					finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
