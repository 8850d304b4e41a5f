/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * jansson, with what can go wrong taken care of.
 */
#include "frt_cli_json.h"
#include "frt_cli_mem.h"
#include "engine/frt_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was said to be wrong, for the one object. */
static json_t *could_not;
static bool ended;

static void or_end(bool good)
{
	if(good)
		return;
	fputs("failover-route: out of memory\n", stderr);
	exit(CLI_COULD_NOT);
}

json_t *cli_json_text(const char *text)
{
	json_t *value;
	char *clean, *p, *end;

	if(text == NULL)
		return json_null();
	clean = cli_copy(text);
	end = clean + strlen(clean);
	for(p = clean; p < end;) {
		frt_str_t rest = {p, (uint32_t)(end - p)};
		uint32_t cp, n = frt_utf8_next(rest, &cp);
		if(n == 0)
			*p = '?';
		p += n > 0 ? n : 1;
	}
	value = json_string(clean);
	or_end(value != NULL);
	free(clean);
	return value;
}

void cli_json_set(json_t *object, const char *key, json_t *value)
{
	or_end(json_object_set_new(object, key, value) == 0);
}

void cli_json_add(json_t *list, json_t *value)
{
	or_end(json_array_append_new(list, value) == 0);
}

json_t *cli_json_new(const cli_args_t *args)
{
	json_t *object = json_object();

	or_end(object != NULL);
	cli_json_set(object, "command", cli_json_text(args->command->name));
	return object;
}

void cli_json_could_not(const char *text)
{
	if(could_not == NULL)
		could_not = json_array();
	cli_json_add(could_not, cli_json_text(text));
}

void cli_json_last(const cli_command_t *command, int code)
{
	json_t *object = json_object();

	cli_json_set(object, "command",
			cli_json_text(command != NULL ? command->name : NULL));
	if(ended)
		json_decref(object);
	else
		(void)cli_json_end(object, code);
}

int cli_json_end(json_t *object, int code)
{
	ended = true;
	if(could_not != NULL)
		cli_json_set(object, "could_not", could_not);
	could_not = NULL;
	cli_json_set(object, "exit", json_integer(code));
	/* what could not be written is found when standard output is closed */
	(void)json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
	return code;
}
