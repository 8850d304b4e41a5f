/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route check: what the module would say of a file at its reload.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#include "frt_cli.h"

#include "frt_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *mem_alloc(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void mem_free(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

/* Every fault on a line of its own; the first FRT_FAULTS_MAX are kept. */
static uint32_t print_faults(const frt_draft_t *d)
{
	uint32_t kept, errors, warnings, i;
	const frt_fault_t *f = frt_draft_faults(d, &kept, &errors, &warnings);
	char mem[1024];
	frt_buf_t out;

	for(i = 0; i < kept; i++) {
		frt_buf_init(&out, mem, sizeof(mem));
		frt_fault_text(&f[i], &out);
		printf("%s\n", mem);
	}
	if(errors + warnings > kept)
		printf("and %u more\n", errors + warnings - kept);
	return errors + warnings;
}

static int check_file(const char *file)
{
	frt_mem_t mem = {mem_alloc, mem_free, NULL};
	frt_draft_t *d = frt_draft_new(&mem);
	int err = FRT_E_NOMEM, err2, ret = CLI_COULD_NOT;

	if(d != NULL)
		err = frt_xml_read(d, file);
	if(err == 0 || err == FRT_E_DRAFT) {
		err2 = frt_draft_check(d);
		if(err2 == FRT_E_NOMEM)
			err = err2;
	}
	if(err == FRT_E_NOMEM)
		fprintf(stderr, "failover-route check: out of memory\n");
	else
		ret = print_faults(d) > 0 ? CLI_FINDINGS : CLI_GOOD;
	frt_draft_free(d);
	return ret;
}

int cli_check(int argc, char **argv)
{
	int i, ret = CLI_GOOD;

	if(argc < 2)
		return cli_bad_usage("check", "which file?");
	if(strcmp(argv[1], "--help") == 0) {
		printf("failover-route check FILE...\n\n"
			   "Says all that the module would say of the files, each on its\n"
			   "own, with file and line.\n");
		return CLI_GOOD;
	}
	for(i = 1; i < argc; i++) {
		int r = check_file(argv[i]);
		ret = r > ret ? r : ret;
	}
	return ret;
}
