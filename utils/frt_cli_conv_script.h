/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts of `convert kamailio`: what is edited in a script, and its lint.
 */
#ifndef FRT_CLI_CONV_SCRIPT_H
#define FRT_CLI_CONV_SCRIPT_H

#include "frt_cli_conv_cfg.h"

/* What the whole of a script says, for its parts. */
typedef struct script
{
	cfg_t *g;
	const char *xavp_dst, *xavp_ctx; /* their names */
	const char *hash_pvar;			 /* of algorithm 7 */
	bool user_only;					 /* modparam flags 1 */
	bool *gone;						 /* of each token: taken out */
} script_t;

/* All of a script: edits, diff, report. */
void script_convert(cfg_t *g);
/* "changed", "converted" ... of a token's line. */
void script_say(script_t *s, conv_verdict_t v, size_t tok, const char *fmt, ...)
		__attribute__((format(printf, 4, 5)));
/* Converts the call of a dispatcher function. */
void script_call(script_t *s, const cfg_call_t *call);
/* Puts something into the blocks that are empty now. */
void script_fill_blocks(script_t *s);
/* Converts modparam(...) and loadmodule of dispatcher. */
void script_modparam(script_t *s, const cfg_call_t *call);
void script_loadmodule(script_t *s, size_t tok);
/* Says what is hardly meant in failure routes. */
void script_lint(cfg_t *g);

#endif
