/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as a configuration: refused with a fault that names a place, or
 * loaded into a table in which everything can be found again.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#include "fuzz.h"

#include "frt_gen.h"
#include "frt_xml.h"

static void walk(const frt_draft_t *d)
{
	frt_gen_t *g = NULL;
	uint32_t i;

	FUZZ_CHECK(frt_gen_freeze(d, &fuzz_mem, 1, &g) == 0);
	for(i = 0; i < g->ndsts; i++) {
		const frt_dst_t *dst = &g->dsts[i];

		FUZZ_CHECK(frt_gen_dst(g, dst->set->id, dst->id) == dst);
		FUZZ_CHECK(frt_gen_set(g, dst->set->id) == dst->set);
		FUZZ_CHECK(dst->uri.len > 0 && dst->uri.len <= FRT_URI_MAX);
		FUZZ_CHECK(dst->tier < dst->set->ntiers);
	}
	frt_gen_free(g, &fuzz_mem);
}

static void check_faults(const frt_draft_t *d, int err)
{
	uint32_t kept, errors, warnings, i;
	const frt_fault_t *faults = frt_draft_faults(d, &kept, &errors, &warnings);
	char mem[1024];
	frt_buf_t b;

	FUZZ_CHECK((err == 0) == (errors == 0));
	for(i = 0; i < kept; i++) {
		frt_buf_init(&b, mem, sizeof(mem));
		frt_fault_text(&faults[i], &b);
		FUZZ_CHECK(b.len > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_draft_t *d = frt_draft_new(&fuzz_mem);
	int err;

	FUZZ_CHECK(d);
	err = frt_xml_read_memory(d, "fuzz.xml", copy, size);
	if(err == 0) {
		uint32_t errors = 0;

		err = frt_draft_check(d);
		errors = frt_draft_errors(d);
		if(err == 0 && errors)
			err = FRT_E_DRAFT;
	}
	if(err != FRT_E_NOMEM)
		check_faults(d, err);
	if(err == 0)
		walk(d);
	frt_draft_free(d);
	free(copy);
	return 0;
}
