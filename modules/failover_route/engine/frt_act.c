/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What calls leave behind; see the header.
 */
#include "frt_act.h"
#include "frt_rto.h"

const frt_act_t *frt_act_seen(const frt_rec_t *rec)
{
	static const frt_act_t none;
	const frt_act_t *act = frt_act(rec);

	return act ? act : &none;
}

frt_act_t *frt_act_need(frt_rec_t *rec, const frt_mem_t *mem)
{
	frt_act_t *act = frt_act(rec), *made;

	/* nearly always */
	if(act)
		return act;
	made = frt_mem_alloc(mem, sizeof(*made));
	if(!made)
		return NULL;
	if(atomic_compare_exchange_strong(&rec->act, &act, made))
		return made;
	frt_mem_free(mem, made);
	return act;
}

void frt_act_calm(frt_rec_t *rec)
{
	frt_act_t *act = frt_act(rec);

	if(!act)
		return;
	frt_rto_calm(&act->rto);
	frt_rto_calm(&act->ring);
}

void frt_act_free(frt_rec_t *rec, const frt_mem_t *mem)
{
	frt_mem_free(mem, atomic_exchange(&rec->act, NULL));
}
