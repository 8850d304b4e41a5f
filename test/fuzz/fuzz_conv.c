/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as what `failover-route convert` reads: the XML it makes of them is
 * one that the module takes.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
// needs: utils/frt_cli_mem.c utils/frt_cli_file.c utils/frt_cli_format.c utils/frt_cli_same.c
// needs: utils/frt_cli_conv_base.c utils/frt_cli_conv_secret.c utils/frt_cli_conv_sets.c utils/frt_cli_conv_table.c
// needs: utils/frt_cli_conv_tables.c utils/frt_cli_conv_cfg.c utils/frt_cli_conv_tok.c
// needs: utils/frt_cli_conv_diff.c utils/frt_cli_conv_ds_read.c utils/frt_cli_conv_ds_use.c
// needs: utils/frt_cli_conv_ds_set.c utils/frt_cli_conv_opensips.c utils/frt_cli_conv_lb.c utils/frt_cli_conv_lcr.c
// needs: utils/frt_cli_conv_freeswitch.c utils/frt_cli_conv_asterisk.c
#include "fuzz.h"

#include "../../utils/frt_cli.h"
#include "../../utils/frt_cli_conv_ds.h"
#include "../../utils/frt_cli_format.h"
#include "frt_xml.h"

#include <libxml/xmlerror.h>

/* What the fuzzed parts want of the others. */
int cli_could_not(const char *command, const char *fmt, ...)
{
	(void)command;
	(void)fmt;
	return CLI_COULD_NOT;
}

bool conv_sqlite_has(const char *path, const char *name)
{
	(void)path;
	(void)name;
	return false;
}

int conv_sqlite_read(
		conv_t *c, const char *path, const char *name, conv_table_t *out)
{
	(void)c;
	(void)path;
	(void)name;
	(void)out;
	return -1;
}

static void dispatcher(conv_t *c, const char *text, size_t len)
{
	ds_rows_t rows = {NULL, 0, 0};
	ds_use_t use = {.known = len % 2};

	cfg_read_text(&use.cfg, c, "kamailio.cfg", text, len);
	ds_read_list(c, "dispatcher.list", text, len, &rows);
	ds_convert(c, &use, &rows);
	free(rows.rows);
	ds_use_free(&use);
}

/* Several tables: a form feed begins the next. */
static void tables(conv_t *c, const char *text, size_t len, bool lcr)
{
	static const char *const opensips_cols[] = {"gwid", "carrierid", "ruleid"};
	static const char *const lcr_cols[] = {"gw_name", "gw_id", "stopper"};
	const char *end = text + len, *next;
	conv_table_t t;

	for(; text < end; text = next + 1) {
		next = memchr(text, '\f', (size_t)(end - text));
		next = next != NULL ? next : end;
		if(conv_table_text(c, "t", text, (size_t)(next - text), &t) != 0)
			continue;
		if(!lcr && conv_is_lb(&t))
			conv_lb(c, &t);
		else
			(void)conv_table_take(c, &t, lcr ? lcr_cols : opensips_cols);
	}
	(void)(lcr ? conv_lcr_end(c) : conv_opensips_end(c));
}

/* The module takes it, and formatting it again changes nothing. */
static void check_result(conv_t *c)
{
	cli_buf_t rough = {NULL, 0, 0}, out = {NULL, 0, 0};
	frt_draft_t *d = frt_draft_new(&fuzz_mem);
	uint32_t errors = 0;

	FUZZ_CHECK(d);
	conv_xml(c, &rough);
	FUZZ_CHECK(cli_format(rough.s, rough.len, &out) == NULL);
	FUZZ_CHECK(frt_xml_read_memory(d, "result.xml", out.s, out.len) == 0);
	FUZZ_CHECK(frt_draft_check(d) == 0);
	errors = frt_draft_errors(d);
	FUZZ_CHECK(errors == 0);
	frt_draft_free(d);
	free(rough.s);
	free(out.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy;
	conv_t c;

	if(size < 2)
		return 0;
	copy = fuzz_copy(data, size);
	copy[size - 1] = '\0'; /* as files are read: with a NUL behind */
	conv_init(&c);
	c.algorithm = (copy[1] % 20) - 1;
	switch(copy[0] % 5) {
		case 0:
			dispatcher(&c, copy + 1, size - 2);
			break;
		case 1:
			tables(&c, copy + 1, size - 2, false);
			break;
		case 2:
			tables(&c, copy + 1, size - 2, true);
			break;
		case 3:
			conv_freeswitch_text(&c, "gw.xml", copy + 1, size - 2);
			break;
		default:
			conv_asterisk_text(&c, "pjsip.conf", copy + 1);
	}
	conv_finish(&c);
	conv_sort(&c);
	if(c.sets != NULL)
		check_result(&c);
	conv_free(&c);
	free(copy);
	return 0;
}
