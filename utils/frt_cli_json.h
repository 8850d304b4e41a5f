/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every command's --json has in common: one object on standard output,
 * with "command" and "exit" in it, whose texts are always UTF-8, and "could_not"
 * if there was something that kept the command from running, or from a file.
 */
#ifndef FRT_CLI_JSON_H
#define FRT_CLI_JSON_H

#include "frt_cli.h"

#include <jansson.h>

/* A text as JSON; what is not UTF-8 in it, such as in a file's name, becomes
 * "?". null of NULL. Never fails, as all below: without memory the tool ends. */
json_t *cli_json_text(const char *text);
/* {"command": name}, to be filled. */
json_t *cli_json_new(const cli_args_t *args);
/* object[key] = value, whose reference it takes. */
void cli_json_set(json_t *object, const char *key, json_t *value);
/* Adds value, whose reference it takes, to a list. */
void cli_json_add(json_t *list, json_t *value);
/* Takes a text for "could_not"; cli_could_not() and cli_bad_usage() do so. */
void cli_json_could_not(const char *text);
/* Prints an object without more than that, unless there was one. NULL: no
 * command. */
void cli_json_last(const cli_command_t *command, int code);
/* Prints the object with "exit": code in it, and frees it. Returns code. */
int cli_json_end(json_t *object, int code);

#endif
