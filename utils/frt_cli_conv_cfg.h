/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A kamailio.cfg (or a KEMI script) as tokens, with comments, strings,
 * #!define, #!ifdef and includes understood, and edits of its text that become
 * a unified diff. Nothing of the file is ever written.
 */
#ifndef FRT_CLI_CONV_CFG_H
#define FRT_CLI_CONV_CFG_H

#include "frt_cli_conv.h"

#define CFG_TOKENS_MAX 4000000u
#define CFG_INCLUDE_DEPTH 10
#define CFG_ARGS_MAX 12

typedef enum cfg_lang
{
	CFG_KAMAILIO,
	CFG_LUA,
	CFG_PYTHON
} cfg_lang_t;

typedef enum cfg_type
{
	CFG_WORD,	/* identifiers, names of routes, in KEMI with dots */
	CFG_NUMBER, /* what begins with a digit */
	CFG_STRING, /* with its quotes */
	CFG_PV,		/* $name(...) */
	CFG_PUNCT	/* any other single character */
} cfg_type_t;

typedef struct cfg_edit
{
	size_t at, len;
	const char *text;
} cfg_edit_t;

typedef struct cfg_file
{
	const char *path;
	const char *text;
	size_t len;
	cfg_edit_t *edits;
	size_t nedits;
	struct cfg_file *next;
} cfg_file_t;

typedef struct cfg_tok
{
	cfg_type_t type;
	bool active; /* by the #!ifdef around it, as far as that is known */
	bool define; /* in the body of a #!define */
	cfg_file_t *file;
	size_t at, len;
	unsigned line;
} cfg_tok_t;

typedef struct cfg
{
	conv_t *c;
	cfg_lang_t lang;
	cfg_file_t *files;
	cfg_tok_t *toks;
	size_t n, room;
	size_t *match;		 /* of each bracket the other, or the last token */
	conv_map_t defines;	 /* name -> its body (char *) */
	conv_pair_t *substs; /* of #!substdef, for strings */
	unsigned long off;	 /* bits: the #!ifdef levels that are off */
	unsigned depth;		 /* of #!ifdef */
	unsigned includes;	 /* files in files */
	bool lenient;		 /* code that is off says what none that is on does */
} cfg_t;

/* A call name(arg, ...): tokens first..last of each argument. */
typedef struct cfg_call
{
	size_t name, open, close;
	unsigned nargs;
	struct cfg_arg
	{
		size_t first, last;
	} args[CFG_ARGS_MAX];
} cfg_call_t;

/* Reads a file and its includes. 0, or -1 with the reason said; all memory but
 * what cfg_free() frees is c's. */
int cfg_read(cfg_t *g, conv_t *c, const char *path);
/* The same of a text, which includes nothing. */
void cfg_read_text(
		cfg_t *g, conv_t *c, const char *name, const char *text, size_t len);
void cfg_free(cfg_t *g);

/* Is token i that text? (of a string, with its quotes) */
bool cfg_is(const cfg_t *g, size_t i, const char *text);
/* Its text, in c's memory. */
const char *cfg_text(const cfg_t *g, size_t i);
/* Is there a call at token i, and which? */
bool cfg_call_at(const cfg_t *g, size_t i, cfg_call_t *call);
/* The text of an argument as it stands, or NULL. */
const char *cfg_arg_text(const cfg_t *g, const cfg_call_t *call, unsigned n);
/* Its value, if it is constant: a string without quotes, a number, what a
 * #!define stands for. NULL: it is not, or there is none. */
const char *cfg_arg_value(const cfg_t *g, const cfg_call_t *call, unsigned n);
/* The last token of the block or single statement that begins at i. */
size_t cfg_block_end(const cfg_t *g, size_t i);
/* Finds g->match, when the tokens have changed. */
void cfg_pair_up(cfg_t *g);
/* The ')' or '}' that belongs to token i, or the last token. */
size_t cfg_match(const cfg_t *g, size_t i);

/* Notes that len bytes at a place of a file become text; what overlaps an
 * earlier edit is left out. */
void cfg_edit(cfg_t *g, cfg_file_t *f, size_t at, size_t len, const char *text);
/* The same for tokens first..last of one file. */
void cfg_edit_toks(cfg_t *g, size_t first, size_t last, const char *text);
/* Writes the unified diff of all edits; lines left blank by them go. Where a file
 * is not below this folder all have their whole paths, which is said. */
void cfg_diff(cfg_t *g, cli_buf_t *out);

/* A module parameter's last constant value in what is active (see lenient), or
 * NULL; *file and *line (which may be NULL) are where. */
const char *cfg_modparam(const cfg_t *g, const char *module, const char *name,
		const char **file, unsigned *line);

#endif
