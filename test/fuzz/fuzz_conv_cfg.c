/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as a kamailio.cfg, a Lua or a Python script to convert: the diff has
 * all lines of it, and edits do not overlap.
 */
// needs: utils/frt_cli_mem.c utils/frt_cli_file.c utils/frt_cli_conv_base.c utils/frt_cli_conv_secret.c
// needs: utils/frt_cli_conv_cfg.c utils/frt_cli_conv_tok.c utils/frt_cli_conv_diff.c
// needs: utils/frt_cli_conv_kamailio.c utils/frt_cli_conv_calls.c
// needs: utils/frt_cli_conv_params.c utils/frt_cli_conv_lint.c utils/frt_cli_conv_sets.c
#include "fuzz.h"

#include "../../utils/frt_cli.h"
#include "../../utils/frt_cli_conv_script.h"

int cli_could_not(const char *command, const char *fmt, ...)
{
	(void)command;
	(void)fmt;
	return CLI_COULD_NOT;
}

static void check_edits(const cfg_file_t *f)
{
	size_t i;

	for(i = 0; i < f->nedits; i++) {
		FUZZ_CHECK(f->edits[i].at + f->edits[i].len <= f->len);
		if(i > 0)
			FUZZ_CHECK(
					f->edits[i - 1].at + f->edits[i - 1].len <= f->edits[i].at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"k.cfg", "k.lua", "k.py"};
	char *copy;
	cfg_t g;
	conv_t c;

	if(size < 2 || memchr(data + 1, '\0', size - 2) != NULL)
		return 0;
	copy = fuzz_copy(data, size);
	copy[size - 1] = '\0';
	conv_init(&c);
	cfg_read_text(
			&g, &c, names[(unsigned char)copy[0] % 3], copy + 1, size - 2);
	script_convert(&g);
	check_edits(g.files);
	FUZZ_CHECK((g.files->nedits > 0) == (c.diff.len > 0));
	conv_sort(&c);
	cfg_free(&g);
	conv_free(&c);
	free(copy);
	return 0;
}
