/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kamailio.cfg says outside its routes: modules, their parameters, the
 * user; and in them which sets the module is to route to. It reads the text that Kamailio itself has preprocessed (kamailio
 * --cfg-print: includes and #!ifdef are done), and does #!define and #!subst.
 */
#ifndef FRT_CLI_CFG_H
#define FRT_CLI_CFG_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_cfg_param
{
	char *module; /* as written: a name, or a pattern of names */
	char *name;
	char *value; /* NULL: cannot be told from the text */
} cli_cfg_param_t;

typedef struct cli_cfg
{
	char **modules; /* as written, in their order */
	size_t nmodules;
	char *paths; /* of modules, with colons between; NULL: the default */
	char *user;	 /* NULL: not given */
	cli_cfg_param_t *params;
	size_t nparams;
	char **sets; /* each once; those that a variable names are not known */
	size_t nsets;
	struct cli_cfg_define
	{
		char *name; /* of a subst, a regular expression */
		char *value;
		bool subst;
	} * defines;
	size_t ndefines;
} cli_cfg_t;

/* Before that: what kamailio -A is given, "ID" or "ID=VALUE". */
void cli_cfg_define(cli_cfg_t *cfg, const char *text);
/* Takes all that is understood of a text out of it. */
void cli_cfg_read(cli_cfg_t *cfg, const char *text);
/* Is the module loaded? *at is then its place among the modules. */
bool cli_cfg_loads(const cli_cfg_t *cfg, const char *module, size_t *at);
/* The module's parameter, as it was given last; NULL: never. */
const cli_cfg_param_t *cli_cfg_param(
		const cli_cfg_t *cfg, const char *module, const char *name);
/* Frees what it holds. */
void cli_cfg_free(cli_cfg_t *cfg);

#endif
