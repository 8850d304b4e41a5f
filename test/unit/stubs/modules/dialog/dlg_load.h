/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the dialog module's header in unit tests: what places need of a
 * dialog; the test is the module.
 */
#ifndef FRT_STUB_DLG_LOAD_H
#define FRT_STUB_DLG_LOAD_H

#include "../../core/sr_module.h"
#include "../../core/mem/shm_mem.h"

#define DLGCB_LOADED 1
#define DLGCB_FAILED 2
#define DLGCB_TERMINATED 4
#define DLGCB_EXPIRED 8
#define DLGCB_DESTROY 16

struct dlg_cell;
struct dlg_cb_params
{
	void **param;
};
typedef void(dialog_cb)(
		struct dlg_cell *dlg, int type, struct dlg_cb_params *params);

struct dlg_binds
{
	int (*register_dlgcb)(struct dlg_cell *dlg, int types, dialog_cb f,
			void *param, void (*release)(void *));
	struct dlg_cell *(*get_dlg)(sip_msg_t *msg);
	void (*release_dlg)(struct dlg_cell *dlg);
	int (*set_dlg_var)(struct dlg_cell *dlg, str *key, str *val);
	str *(*get_dlg_varref)(struct dlg_cell *dlg, str *key);
};

int load_dlg_api(struct dlg_binds *dlgb);

#endif
