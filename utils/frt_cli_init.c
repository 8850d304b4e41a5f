/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route init: a first configuration from arguments or a few
 * questions, and the lines that kamailio.cfg needs. It makes new files only.
 */
#define _GNU_SOURCE
#include "frt_cli_file.h"
#include "frt_cli_format.h"
#include "frt_cli_report.h"
#include "frt_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SET "carriers"
#define DEFAULT_FILE "/etc/kamailio/failover_route.xml"
#define ASKED_MAX 100

/* What is known of the file to come; the texts are malloc'ed. */
typedef struct wish
{
	char *set;
	char *strategy;
	char *try_timeout;
	char *dsts[ASKED_MAX]; /* "ID=URI[,PRIORITY[,WEIGHT]]" */
	int ndsts;
} wish_t;

static void wish_free(wish_t *w)
{
	int i;

	free(w->set);
	free(w->strategy);
	free(w->try_timeout);
	for(i = 0; i < w->ndsts; i++)
		free(w->dsts[i]);
}

static void add_named(cli_buf_t *b, const char *name, const char *value)
{
	cli_buf_add(b, " %s=\"", name);
	cli_format_value(b, value);
	cli_buf_add(b, "\"");
}

static bool is_number(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789")] == '\0';
}

/* Cuts ",number" off the end of a text; the number, or NULL. */
static const char *cut_number(char *text)
{
	char *comma = strrchr(text, ',');

	if(comma == NULL || !is_number(comma + 1))
		return NULL;
	*comma = '\0';
	return comma + 1;
}

static bool is_name(const char *uri)
{
	frt_str_t text = frt_str_of(uri);
	frt_uri_t u;

	return frt_uri_parse(text, &u) == 0 && !u.is_ip;
}

/* Whoever writes an address only means the URI of it. */
static char *make_uri(const char *address)
{
	frt_str_t text = frt_str_of(address);
	uint8_t ip[16];

	if(strncmp(address, "sip:", 4) == 0 || strncmp(address, "sips:", 5) == 0)
		return cli_copy(address);
	if(*address != '[' && strchr(address, ':') != NULL
			&& frt_ip_parse(text, ip) == 0)
		return cli_text("sip:[%s]", address);
	return cli_text("sip:%s", address);
}

static void add_destination(cli_buf_t *b, const char *wish)
{
	char *text = cli_copy(wish), *equals = strchr(text, '='), *uri;
	const char *last = cut_number(text), *first = cut_number(text);

	if(equals == NULL)
		equals = text + strlen(text);
	uri = *equals == '=' ? equals + 1 : equals;
	*equals = '\0';
	uri = make_uri(uri);
	cli_buf_add(b, "<destination");
	add_named(b, "id", text);
	add_named(b, "uri", uri);
	if(last != NULL)
		add_named(b, "priority", first != NULL ? first : last);
	if(first != NULL)
		add_named(b, "weight", last);
	if(is_name(uri))
		add_named(b, "resolve", "host");
	cli_buf_add(b, "/>\n");
	free(uri);
	free(text);
}

/* Every text of the file, with what an operator should know first. */
static void write_xml(cli_buf_t *b, const wish_t *w)
{
	int i;

	cli_buf_add(b,
			"<failover-route version=\"1\">\n\n"
			"<!-- The lowest priority is tried first; inside one priority, "
			"weight shares\n       the calls. What is not written has a "
			"default. -->\n<set");
	add_named(b, "id", w->set);
	if(w->strategy != NULL)
		add_named(b, "strategy", w->strategy);
	add_named(b, "try-timeout", w->try_timeout != NULL ? w->try_timeout : "4s");
	cli_buf_add(b, ">\n"
				   "<!-- How one that is not used shows that it lives. -->\n"
				   "<probe interval=\"30s\" timeout=\"2s\"/>\n"
				   "<!-- When live calls take one down, for how long, and how "
				   "slowly it comes\n         back. -->\n"
				   "<health fall=\"3\" window=\"60s\" hold=\"30s\" "
				   "ramp=\"60s\"/>\n\n");
	for(i = 0; i < w->ndsts; i++)
		add_destination(b, w->dsts[i]);
	cli_buf_add(b, "</set>\n</failover-route>\n");
}

/* The file's text; NULL if there is an error in what was wished for, which is
 * then said. Warnings are for check. */
static char *make_xml(const wish_t *w)
{
	cli_buf_t raw = {NULL, 0, 0}, out = {NULL, 0, 0};
	frt_mem_t mem = cli_mem();
	frt_draft_t *d = frt_draft_new(&mem);
	const char *why = "out of memory";
	const frt_fault_t *faults;
	uint32_t kept, errors, i;

	write_xml(&raw, w);
	if(d != NULL) {
		(void)frt_xml_read_memory(d, "init", raw.s, raw.len);
		(void)frt_draft_check(d);
		faults = frt_draft_faults(d, &kept, &errors, NULL);
		for(i = 0; i < kept; i++) {
			if(!faults[i].warning)
				cli_could_not("init", "%s", faults[i].text);
		}
		why = errors > 0 ? "" : cli_format(raw.s, raw.len, &out);
	}
	if(why != NULL && *why != '\0')
		cli_could_not("init", "%s", why);
	frt_draft_free(d);
	free(raw.s);
	return out.s;
}

/* --- questions --------------------------------------------------------- */

/* Asks on standard error, so that the answer's file may be standard output.
 * What was typed, malloc'ed, or a copy of otherwise; NULL at the end. */
static char *ask(const char *question, const char *otherwise)
{
	char *line = NULL;
	size_t room = 0, n;
	char *text;

	if(*otherwise != '\0')
		fprintf(stderr, "%s [%s]: ", question, otherwise);
	else
		fprintf(stderr, "%s: ", question);
	fflush(stderr);
	if(getline(&line, &room, stdin) < 0) {
		free(line);
		fputc('\n', stderr);
		return NULL;
	}
	n = strcspn(line, "\r\n");
	while(n > 0 && line[n - 1] == ' ')
		n--;
	line[n] = '\0';
	text = cli_copy(line[strspn(line, " ")] != '\0' ? line + strspn(line, " ")
													: otherwise);
	free(line);
	return text;
}

/* One destination: false at the end of them, or of the input. */
static bool ask_destination(wish_t *w)
{
	char *question = cli_text(
			"Address or SIP URI of gateway %d (empty: done)", w->ndsts + 1);
	char *address = ask(question, ""), *priority, *id, *otherwise, *xml;
	bool more;

	free(question);
	more = address != NULL && *address != '\0';
	if(more) {
		otherwise = cli_text("gw%d", w->ndsts + 1);
		id = ask("  its name", otherwise);
		free(otherwise);
		otherwise = cli_text("%d", w->ndsts + 1);
		priority = id != NULL ? ask("  its priority, the lowest is tried first",
						   otherwise)
							  : NULL;
		free(otherwise);
		more = priority != NULL;
		if(more) {
			w->dsts[w->ndsts++] = cli_text("%s=%s,%s", id, address, priority);
			xml = make_xml(w);
			if(xml == NULL)
				free(w->dsts[--w->ndsts]); /* said why; ask again */
			free(xml);
		}
		free(id);
		free(priority);
	}
	free(address);
	return more;
}

/* Would a file with what is known so far be taken? If not, it is said why. */
static bool is_fine(wish_t *w)
{
	char *set = w->set, *xml;

	if(set == NULL)
		w->set = cli_copy(DEFAULT_SET);
	w->dsts[w->ndsts++] = cli_copy("x=192.0.2.1");
	xml = make_xml(w);
	free(w->dsts[--w->ndsts]);
	if(set == NULL)
		free(w->set);
	w->set = set;
	free(xml);
	return xml != NULL;
}

/* Asks until the answer will do; false at the end of the input. */
static bool ask_until_fine(
		wish_t *w, char **at, const char *question, const char *otherwise)
{
	while((*at = ask(question, otherwise)) != NULL) {
		if(is_fine(w))
			return true;
		free(*at);
	}
	return false;
}

static bool ask_all(wish_t *w)
{
	if(w->set == NULL
			&& !ask_until_fine(
					w, &w->set, "Name of the set of gateways", DEFAULT_SET))
		return false;
	if(w->try_timeout == NULL
			&& !ask_until_fine(w, &w->try_timeout,
					"Time for a gateway to answer before the next is tried",
					"4s"))
		return false;
	while(w->ndsts < ASKED_MAX && ask_destination(w))
		;
	return true;
}

/* --- the command ------------------------------------------------------- */

/* A text as it stands between quotes in kamailio.cfg; a '$' begins a variable
 * in arguments of functions. */
static char *in_quotes(const char *text, bool argument)
{
	cli_buf_t b = {NULL, 0, 0};

	for(; *text != '\0'; text++) {
		if(*text == '"' || *text == '\\')
			cli_buf_put(&b, "\\", 1);
		else if(argument && *text == '$')
			cli_buf_put(&b, "$", 1);
		cli_buf_put(&b, text, 1);
	}
	return b.s;
}

/* What to write in kamailio.cfg. */
static char *make_lines(const wish_t *w, const char *file)
{
	char *real = file != NULL ? realpath(file, NULL) : NULL;
	char *path = in_quotes(real != NULL ? real : DEFAULT_FILE, false);
	char *set = in_quotes(w->set, true);
	char *lines =
			cli_text("loadmodule \"failover_route.so\"\n"
					 "modparam(\"failover_route\", \"config_file\", \"%s\")\n"
					 "\n"
					 "if (!frt_relay(\"%s\")) send_reply(\"500\", \"No "
					 "Destination\");\n",
					path, set);

	free(set);
	free(path);
	free(real);
	return lines;
}

static int tell(const cli_args_t *args, const char *file, const char *xml,
		const char *lines)
{
	FILE *out = file != NULL ? stdout : stderr;
	json_t *o;

	if(args->json) {
		o = cli_json_new(args);
		cli_json_set(o, "file", cli_json_text(file));
		cli_json_set(o, "text", cli_json_text(xml));
		cli_json_set(o, "kamailio_cfg", cli_json_text(lines));
		return cli_json_end(o, CLI_GOOD);
	}
	if(file == NULL)
		fputs(xml, stdout);
	fprintf(out,
			"%s%s%sThese lines belong in kamailio.cfg: the first two below the "
			"loadmodule of tm,\nthe last into request_route, where a new call "
			"is relayed now.\n\n%s\nThen: failover-route doctor\n",
			file != NULL ? "Made " : "", file != NULL ? file : "",
			file != NULL ? ".\n" : "", lines);
	return CLI_GOOD;
}

static int finish(const cli_args_t *args, const wish_t *w)
{
	const char *file = cli_value(args, "--output", NULL), *why = NULL;
	char *xml = make_xml(w), *lines;
	int ret = CLI_COULD_NOT;

	if(xml == NULL)
		return ret;
	if(file != NULL)
		why = cli_file_create(file, xml, strlen(xml));
	if(why != NULL) {
		cli_could_not("init", "%s: %s", file, why);
	} else {
		lines = make_lines(w, file);
		ret = tell(args, file, xml, lines);
		free(lines);
	}
	free(xml);
	return ret;
}

static bool all_have_ids(const wish_t *w)
{
	int i;

	for(i = 0; i < w->ndsts; i++) {
		if(strchr(w->dsts[i], '=') == NULL) {
			cli_bad_usage("init", "--destination %s: not ID=URI", w->dsts[i]);
			return false;
		}
	}
	return true;
}

static int run(cli_args_t *args)
{
	const char *dst = NULL, *file = cli_value(args, "--output", NULL);
	const char *why = file != NULL ? cli_file_creatable(file) : NULL;
	wish_t w = {.set = cli_copy(cli_value(args, "--set", NULL)),
			.strategy = cli_copy(cli_value(args, "--strategy", NULL)),
			.try_timeout = cli_copy(cli_value(args, "--try-timeout", NULL))};
	int ret = CLI_COULD_NOT;

	while((dst = cli_value_at(args, "--destination", w.ndsts)) != NULL
			&& w.ndsts < ASKED_MAX)
		w.dsts[w.ndsts++] = cli_copy(dst);
	if(why != NULL) {
		/* before the questions, not after them */
		cli_could_not("init", "%s: %s", file, why);
		goto end;
	}
	if(dst != NULL) {
		cli_bad_usage("init", "more than %d destinations", ASKED_MAX);
		goto end;
	}
	if(!all_have_ids(&w))
		goto end;
	if(w.ndsts == 0 && !isatty(STDIN_FILENO)) {
		cli_bad_usage("init", "which destinations? --destination ID=URI");
		goto end;
	}
	if(w.ndsts == 0 && !ask_all(&w))
		goto end;
	if(w.set == NULL)
		w.set = cli_copy(DEFAULT_SET);
	if(w.ndsts == 0)
		cli_could_not("init", "there is no destination, so there is no file");
	else
		ret = finish(args, &w);
end:
	wish_free(&w);
	return ret;
}

const cli_command_t *cli_init(void)
{
	static const cli_option_t options[] = {
			{"--set", "ID", NULL, "name of the set; carriers if not given", 0},
			{"--destination", "ID=URI", NULL,
					"a gateway: ID=URI[,PRIORITY[,WEIGHT]]; once for each", 0},
			{"--strategy", "WORD",
					"weighted round-robin hash ordered least-calls fastest "
					"parallel",
					"how a priority's calls are shared; weighted if not given",
					0},
			{"--try-timeout", "TIME", NULL,
					"time for a gateway to answer, such as 500ms or 4s", 0},
			{"--output", "FILE", NULL,
					"make this file, instead of printing; never overwrites", 0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"init", "Asks what it has to know, and prints a configuration."},
			{"init --destination a=192.0.2.1,1 --destination b=192.0.2.2,2",
					"A primary and a secondary."},
			{"init --set pool --destination a=192.0.2.1,1,70 "
			 "--destination b=192.0.2.2,1,30 \\\n"
			 "      --output /etc/kamailio/failover_route.xml",
					"Two that share the calls 70 : 30, into a new file."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "init",
			.line = "make a first configuration, from a few questions",
			.operands = "",
			.about =
					"Makes a configuration with one set from its arguments, or "
					"asks for what it\nneeds if there are none, and says which "
					"lines kamailio.cfg needs. It never\noverwrites a file and "
					"never edits kamailio.cfg. An address stands for its SIP\n"
					"URI; a host name is looked up (resolve=\"host\").",
			.options = options,
			.examples = examples,
			.exits = "is not used",
			.run = run,
	};

	return &command;
}
