/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command's table to its help, and its arguments by that table. Written out
 * rather than getopt_long(), so that the table is all there is, and a typing
 * error gets an answer.
 */
#include "frt_cli.h"
#include "frt_cli_mem.h"
#include "engine/frt_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cli_option_t *cli_common_options(void)
{
	static const cli_option_t common[] = {
			{"--json", NULL, NULL, "print one JSON object, for programs", 0},
			{"--help", NULL, NULL, "print this", 0},
			{NULL, NULL, NULL, NULL, 0},
	};

	return common;
}

/* "one of: a b c", in lines of at most 78. */
static void print_words(const char *words)
{
	int column = printf("  %-22s one of:", "");
	size_t n;

	for(; *words != '\0'; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		if(column + 1 + (int)n > 78)
			column = printf("\n  %-22s  ", "") - 1;
		column += printf(" %.*s", (int)n, words);
	}
	putchar('\n');
}

static void print_options(const cli_option_t *o)
{
	char left[64], letter[8] = "";

	for(; o != NULL && o->name != NULL; o++) {
		if(o->letter != 0)
			snprintf(letter, sizeof(letter), ", -%c", o->letter);
		snprintf(left, sizeof(left), "%s%s%s%s", o->name,
				o->letter != 0 ? letter : "", o->value != NULL ? " " : "",
				o->value != NULL ? o->value : "");
		printf("  %-22s %s\n", left, o->says);
		if(o->words != NULL)
			print_words(o->words);
	}
}

static int help(const cli_command_t *c)
{
	const cli_example_t *e;

	printf("failover-route %s [OPTIONS]%s%s\n\n%s\n\nOptions:\n", c->name,
			*c->operands != '\0' ? " " : "", c->operands, c->about);
	print_options(c->options);
	print_options(cli_common_options());
	if(c->examples != NULL)
		puts("\nExamples:");
	for(e = c->examples; e != NULL && e->line != NULL; e++)
		printf("  failover-route %s\n      %s\n", e->line, e->says);
	printf("\nExit codes: 0 good, 1 %s, 2 could not run.\n",
			c->exits != NULL ? c->exits : "findings");
	return CLI_GOOD;
}

/* The option of that name, or of that letter, len bytes long. */
static const cli_option_t *find_in(
		const cli_option_t *o, const char *name, size_t len)
{
	for(; o != NULL && o->name != NULL; o++) {
		if(strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
		if(o->letter != 0 && len == 2 && name[1] == o->letter)
			return o;
	}
	return NULL;
}

static const cli_option_t *find(
		const cli_command_t *c, const char *name, size_t len)
{
	const cli_option_t *o = find_in(c->options, name, len);

	return o != NULL ? o : find_in(cli_common_options(), name, len);
}

static const char *close_to(const cli_option_t *o, frt_str_t name)
{
	unsigned distance;

	for(; o != NULL && o->name != NULL; o++) {
		frt_str_t known = frt_str_of(o->name);
		if(frt_text_close(known, name, &distance))
			return o->name;
	}
	return NULL;
}

static int unknown(const cli_command_t *c, const char *name, size_t len)
{
	frt_str_t mine = {name, (uint32_t)len};
	const char *known = close_to(c->options, mine);

	if(known == NULL)
		known = close_to(cli_common_options(), mine);
	return cli_bad_usage(c->name, "no such option: %.*s%s%s%s", (int)len, name,
			known != NULL ? " (did you mean " : "", known != NULL ? known : "",
			known != NULL ? "?)" : "");
}

static bool is_word_of(const char *words, const char *value)
{
	size_t n, len = strlen(value);

	for(; *words != '\0'; words += n + strspn(words + n, " ")) {
		n = strcspn(words, " ");
		if(n == len && memcmp(words, value, n) == 0)
			return true;
	}
	return false;
}

/* Takes "--name", "--name value" or "--name=value" at argv[*at], and leaves
 * *at at the last that it took. Returns an exit code. */
static int take_option(cli_args_t *args, int argc, char **argv, int *at)
{
	const cli_command_t *c = args->command;
	const char *name = argv[*at], *value = strchr(name, '=');
	size_t len = value != NULL ? (size_t)(value - name) : strlen(name);
	const cli_option_t *o = find(c, name, len);

	if(o == NULL)
		return unknown(c, name, len);
	if(o->value == NULL && value != NULL)
		return cli_bad_usage(c->name, "%s takes no value", o->name);
	if(value != NULL)
		value++;
	else if(o->value != NULL) {
		if(*at + 1 >= argc)
			return cli_bad_usage(c->name, "%s: which %s?", o->name, o->value);
		value = argv[++*at];
	}
	if(value != NULL && o->words != NULL && !is_word_of(o->words, value))
		return cli_bad_usage(c->name, "%s %s: expected one of: %s", o->name,
				value, o->words);
	args->json |= strcmp(o->name, "--json") == 0;
	args->given[args->ngiven].option = o;
	args->given[args->ngiven].value = value;
	args->ngiven++;
	return CLI_GOOD;
}

int cli_run(const cli_command_t *command, int argc, char **argv)
{
	cli_args_t args = {.command = command};
	bool options = true;
	int i, ret = CLI_GOOD;

	args.operands = cli_alloc((size_t)(argc + 1) * sizeof(*args.operands));
	args.given = cli_alloc((size_t)(argc + 1) * sizeof(*args.given));
	for(i = 0; i < argc && ret == CLI_GOOD; i++) {
		if(!options || argv[i][0] != '-' || argv[i][1] == '\0')
			args.operands[args.noperands++] = argv[i];
		else if(strcmp(argv[i], "--") == 0)
			options = false;
		else if(strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
			ret = help(command);
			goto end;
		} else
			ret = take_option(&args, argc, argv, &i);
	}
	if(ret == CLI_GOOD && args.noperands > 0 && *command->operands == '\0')
		ret = cli_bad_usage(command->name, "what is %s? It takes options only",
				args.operands[0]);
	if(ret == CLI_GOOD)
		ret = command->run(&args);
end:
	free(args.operands);
	free(args.given);
	return ret;
}

const char *cli_value_at(const cli_args_t *args, const char *name, int nth)
{
	int i;

	for(i = 0; i < args->ngiven; i++) {
		if(strcmp(args->given[i].option->name, name) == 0 && nth-- == 0)
			return args->given[i].value != NULL ? args->given[i].value : "";
	}
	return NULL;
}

bool cli_given(const cli_args_t *args, const char *name)
{
	return cli_value_at(args, name, 0) != NULL;
}

const char *cli_value(
		const cli_args_t *args, const char *name, const char *otherwise)
{
	const char *value, *last = otherwise;
	int i;

	for(i = 0; (value = cli_value_at(args, name, i)) != NULL; i++)
		last = value;
	return last;
}

bool cli_number(const cli_args_t *args, const char *name, long min, long max,
		long otherwise, long *out)
{
	const char *value = cli_value(args, name, NULL);
	char *end;

	*out = otherwise;
	if(value == NULL)
		return true;
	errno = 0;
	*out = strtol(value, &end, 10);
	if(*value != '\0' && *end == '\0' && errno == 0 && *out >= min
			&& *out <= max)
		return true;
	(void)cli_bad_usage(args->command->name,
			"%s %s: expected a whole number %ld..%ld", name, value, min, max);
	return false;
}
