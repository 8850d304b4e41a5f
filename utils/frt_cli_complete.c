/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route completion: the completion of a shell, written out of the
 * tables of the commands, so that it never knows more or less than they do.
 */
#include "frt_cli.h"
#include "frt_cli_json.h"
#include "frt_cli_mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*option_fn)(
		cli_buf_t *out, const cli_command_t *c, const cli_option_t *o);

static void each_option(cli_buf_t *out, const cli_command_t *c, option_fn fn)
{
	const cli_option_t *o;

	for(o = c->options; o != NULL && o->name != NULL; o++)
		fn(out, c, o);
	for(o = cli_common_options(); o->name != NULL; o++)
		fn(out, c, o);
}

/* Text inside '...' of a shell, with a backslash before each of some. */
static void add_text(cli_buf_t *out, const char *text, const char *escaped)
{
	for(; *text != '\0'; text++) {
		if(*text == '\'')
			cli_buf_add(out, "'\\''");
		else
			cli_buf_add(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
	}
}

/* What completes a value: words, files, folders, or nothing. */
static bool takes_files(const cli_option_t *o)
{
	return strcmp(o->value, "FILE") == 0;
}

static bool takes_folders(const cli_option_t *o)
{
	return strcmp(o->value, "FOLDER") == 0;
}

/* Are there operands behind the one that is a word? */
static bool then_files(const cli_command_t *c)
{
	return c->words != NULL && strchr(c->operands, ' ') != NULL;
}

/* What help takes: the names of the others. */
static void add_names(cli_buf_t *out)
{
	const cli_command_t *const *c;

	for(c = cli_commands(); *c != NULL; c++)
		cli_buf_add(out, "%s%s", c == cli_commands() ? "" : " ", (*c)->name);
}

/* --- bash -------------------------------------------------------------- */

static void bash_value(
		cli_buf_t *out, const cli_command_t *c, const cli_option_t *o)
{
	if(o->value == NULL)
		return;
	cli_buf_add(out, "\t\"%s %s\")", c->name, o->name);
	if(o->words != NULL)
		cli_buf_add(out, " _failover_route_from '%s'; return;;\n", o->words);
	else if(takes_files(o))
		cli_buf_add(out, " mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); "
						 "return;;\n");
	else if(takes_folders(o))
		cli_buf_add(out, " mapfile -t COMPREPLY < <(compgen -d -- \"$cur\"); "
						 "return;;\n");
	else
		cli_buf_add(out, " return;;\n");
}

static void bash_name(
		cli_buf_t *out, const cli_command_t *c, const cli_option_t *o)
{
	(void)c;
	cli_buf_add(out, "%s ", o->name);
}

static void bash_command(cli_buf_t *out, const cli_command_t *c)
{
	cli_buf_add(out,
			"\t%s)\n\t\tif [[ $cur == -* ]]; then _failover_route_from "
			"'",
			c->name);
	each_option(out, c, bash_name);
	cli_buf_add(out, "'\n");
	if(then_files(c))
		cli_buf_add(
				out, "\t\telif ! _failover_route_has '%s'; then\n\t", c->words);
	if(c->words != NULL)
		cli_buf_add(out, "\t\t%s_failover_route_from '%s'\n",
				then_files(c) ? "" : "else ", c->words);
	if(c->words != NULL && !then_files(c))
		;
	else if(*c->operands != '\0')
		cli_buf_add(out,
				"\t\telse mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n");
	cli_buf_add(out, "\t\tfi;;\n");
}

static void bash(cli_buf_t *out)
{
	const cli_command_t *const *c;

	cli_buf_add(out,
			"# Made by: failover-route completion bash\n"
			"_failover_route_from() {\n"
			"\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n}\n"
			"_failover_route_has() {\n"
			"\tlocal word\n"
			"\tfor word in \"${COMP_WORDS[@]:2:COMP_CWORD-2}\"; do\n"
			"\t\t[[ \" $1 \" == *\" $word \"* ]] && return 0\n"
			"\tdone\n\treturn 1\n}\n"
			"_failover_route() {\n"
			"\tlocal cur=${COMP_WORDS[COMP_CWORD]} "
			"prev=${COMP_WORDS[COMP_CWORD-1]}\n"
			"\tCOMPREPLY=()\n"
			"\tif ((COMP_CWORD == 1)); then\n\t\t_failover_route_from '");
	add_names(out);
	cli_buf_add(out, " help --help --version'\n\t\treturn\n\tfi\n"
					 "\tcase \"${COMP_WORDS[1]} $prev\" in\n");
	for(c = cli_commands(); *c != NULL; c++)
		each_option(out, *c, bash_value);
	cli_buf_add(out, "\tesac\n\tcase ${COMP_WORDS[1]} in\n");
	for(c = cli_commands(); *c != NULL; c++)
		bash_command(out, *c);
	cli_buf_add(out, "\thelp) _failover_route_from '");
	add_names(out);
	cli_buf_add(out, "';;\n\tesac\n}\n"
					 "complete -o filenames -F _failover_route "
					 "failover-route\n");
}

/* --- zsh --------------------------------------------------------------- */

static void zsh_option(
		cli_buf_t *out, const cli_command_t *c, const cli_option_t *o)
{
	(void)c;
	cli_buf_add(out, " \\\n\t\t\t'*%s[", o->name);
	add_text(out, o->says, "[]:\\");
	cli_buf_add(out, "]");
	if(o->value != NULL) {
		cli_buf_add(out, ":%s:", o->value);
		if(o->words != NULL)
			cli_buf_add(out, "(%s)", o->words);
		else if(takes_files(o))
			cli_buf_add(out, "_files");
		else if(takes_folders(o))
			cli_buf_add(out, "_files -/");
	}
	cli_buf_add(out, "'");
}

static void zsh(cli_buf_t *out)
{
	const cli_command_t *const *c;

	cli_buf_add(out, "#compdef failover-route\n"
					 "# Made by: failover-route completion zsh\n"
					 "_failover_route() {\n"
					 "\tlocal -a commands=(");
	for(c = cli_commands(); *c != NULL; c++) {
		cli_buf_add(out, "\n\t\t'%s:", (*c)->name);
		add_text(out, (*c)->line, ":\\");
		cli_buf_add(out, "'");
	}
	cli_buf_add(out, ")\n\tif ((CURRENT == 2)); then\n"
					 "\t\t_describe command commands\n\t\treturn\n\tfi\n"
					 "\tlocal command=$words[2]\n"
					 "\tshift words; ((CURRENT--))\n"
					 "\tcase $command in\n");
	for(c = cli_commands(); *c != NULL; c++) {
		cli_buf_add(out, "\t%s)\n\t\t_arguments", (*c)->name);
		each_option(out, *c, zsh_option);
		if((*c)->words != NULL)
			cli_buf_add(out, " \\\n\t\t\t'1:word:(%s)'", (*c)->words);
		if((*c)->words != NULL && !then_files(*c))
			;
		else if(*(*c)->operands != '\0')
			cli_buf_add(out, " \\\n\t\t\t'*:file:_files'");
		cli_buf_add(out, ";;\n");
	}
	cli_buf_add(out, "\thelp) _describe command commands;;\n"
					 "\tesac\n}\n_failover_route \"$@\"\n");
}

/* --- fish -------------------------------------------------------------- */

static void fish_option(
		cli_buf_t *out, const cli_command_t *c, const cli_option_t *o)
{
	cli_buf_add(out,
			"complete -c failover-route -n '__fish_seen_subcommand_from %s' "
			"-l %s -d '",
			c->name, o->name + 2);
	add_text(out, o->says, "\\");
	cli_buf_add(out, "'");
	if(o->value != NULL && o->words != NULL)
		cli_buf_add(out, " -x -a '%s'", o->words);
	else if(o->value != NULL)
		cli_buf_add(out,
				takes_files(o)
						? " -r -F"
						: (takes_folders(o) ? " -x -a "
											  "'(__fish_complete_directories)'"
											: " -x"));
	cli_buf_add(out, "\n");
}

static void fish_operands(cli_buf_t *out, const cli_command_t *c)
{
	const char *words = c->words != NULL ? c->words : "";

	if(c->words != NULL)
		cli_buf_add(out,
				"complete -c failover-route -n '__fish_seen_subcommand_from "
				"%s; and not __fish_seen_subcommand_from %s' -a '%s'\n",
				c->name, words, words);
	if(then_files(c))
		cli_buf_add(out,
				"complete -c failover-route -n '__fish_seen_subcommand_from "
				"%s; and __fish_seen_subcommand_from %s' -F\n",
				c->name, words);
	else if(c->words == NULL && *c->operands != '\0')
		cli_buf_add(out,
				"complete -c failover-route -n "
				"'__fish_seen_subcommand_from %s' -F\n",
				c->name);
}

static void fish(cli_buf_t *out)
{
	const cli_command_t *const *c;

	cli_buf_add(out, "# Made by: failover-route completion fish\n"
					 "complete -c failover-route -f\n");
	for(c = cli_commands(); *c != NULL; c++) {
		cli_buf_add(out,
				"complete -c failover-route -n __fish_use_subcommand -a %s "
				"-d '",
				(*c)->name);
		add_text(out, (*c)->line, "\\");
		cli_buf_add(out, "'\n");
		each_option(out, *c, fish_option);
		fish_operands(out, *c);
	}
	cli_buf_add(out, "complete -c failover-route -n "
					 "'__fish_seen_subcommand_from help' -a '");
	add_names(out);
	cli_buf_add(out, "'\n");
}

static int run(cli_args_t *args)
{
	const char *shell = args->noperands == 1 ? args->operands[0] : "";
	cli_buf_t out = {NULL, 0, 0};
	json_t *o;
	int ret = CLI_GOOD;

	if(strcmp(shell, "bash") == 0)
		bash(&out);
	else if(strcmp(shell, "zsh") == 0)
		zsh(&out);
	else if(strcmp(shell, "fish") == 0)
		fish(&out);
	else
		return cli_bad_usage(
				"completion", "which shell? It knows bash, zsh and fish");
	if(args->json) {
		o = cli_json_new(args);
		cli_json_set(o, "shell", cli_json_text(shell));
		cli_json_set(o, "script", cli_json_text(out.s));
		ret = cli_json_end(o, CLI_GOOD);
	} else {
		fputs(out.s, stdout);
	}
	free(out.s);
	return ret;
}

const cli_command_t *cli_completion(void)
{
	static const cli_example_t examples[] = {
			{"completion bash > /etc/bash_completion.d/failover-route",
					"For every user of bash; make install does the like."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "completion",
			.line = "print the completion of a shell",
			.operands = "SHELL",
			.words = "bash zsh fish",
			.about = "Prints what makes bash, zsh or fish complete commands, "
					 "options and their values.",
			.examples = examples,
			.exits = "is not used",
			.run = run,
	};

	return &command;
}
