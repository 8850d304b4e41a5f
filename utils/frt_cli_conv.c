/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * failover-route convert: other people's tables and scripts to the module's.
 * Here: arguments, the report, and the result, which is tried before it is
 * shown. Nothing that was read is ever written to.
 */
#include "frt_cli_conv.h"
#include "frt_cli_file.h"
#include "frt_cli_format.h"
#include "frt_cli_json.h"

#include "frt_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const verdict_names[] = {
#define CONV_X(id, text) text,
		CONV_VERDICTS(CONV_X)
#undef CONV_X
};

static const struct
{
	const char *name;
	int (*read)(conv_t *c, const char *path);
	int (*end)(conv_t *c); /* when all files are read; may be NULL */
	bool diff;			   /* the result is a diff, not XML */
} formats[] = {
		{"dispatcher", conv_dispatcher, NULL, false},
		{"kamailio", conv_kamailio, NULL, true},
		{"opensips", conv_opensips, conv_opensips_end, false},
		{"freeswitch", conv_freeswitch, conv_freeswitch_end, false},
		{"asterisk", conv_asterisk, conv_say_probed, false},
		{"srv", conv_srv, NULL, false},
		{"lcr", conv_lcr, conv_lcr_end, false},
};

#define NFORMATS (sizeof(formats) / sizeof(formats[0]))

/* --- arguments ------------------------------------------------------------------ */

/* "NAME=VALUE" to a pair. */
static bool take_pair(
		conv_t *c, conv_pair_t **list, const char *text, const char *otherwise)
{
	const char *eq = strchr(text, '=');

	if(eq == text || (eq == NULL && otherwise == NULL))
		return false;
	conv_pair_put(c, list,
			conv_copy(c, text, eq != NULL ? (size_t)(eq - text) : strlen(text)),
			eq != NULL ? eq + 1 : otherwise);
	return true;
}

static int take_args(conv_t *c, const cli_args_t *args)
{
	const char *v;
	int i;

	c->cfg = cli_value(args, "--cfg", NULL);
	c->table = cli_value(args, "--table", NULL);
	c->config_file = cli_value(args, "--config-file", c->config_file);
	c->freeze = cli_given(args, "--freeze");
	if(!cli_number(args, "--algorithm", 0, 1000, -1, &c->algorithm))
		return CLI_COULD_NOT;
	for(i = 0; (v = cli_value_at(args, "--define", i)) != NULL; i++) {
		if(!take_pair(c, &c->defines, v, ""))
			return cli_bad_usage(
					"convert", "--define %s: NAME or NAME=VALUE", v);
	}
	for(i = 0; (v = cli_value_at(args, "--name", i)) != NULL; i++) {
		if(!take_pair(c, &c->names, v, NULL))
			return cli_bad_usage("convert", "--name %s: NUMBER=ID", v);
	}
	return CLI_GOOD;
}

/* --- the result ------------------------------------------------------------------- */

/* What the module would say of the XML. False: it would refuse it. */
static bool try_xml(conv_t *c, const cli_buf_t *xml)
{
	frt_mem_t mem = cli_mem();
	frt_draft_t *d = frt_draft_new(&mem);
	uint32_t kept, errors, i;
	const frt_fault_t *f;
	int err = FRT_E_NOMEM;

	if(d != NULL)
		err = frt_xml_read_memory(d, "result", xml->s, xml->len);
	if(err != FRT_E_NOMEM)
		err = frt_draft_check(d);
	f = frt_draft_faults(d, &kept, &errors, NULL);
	for(i = 0; i < kept; i++)
		conv_say(c, f[i].warning ? CONV_NOTE : CONV_UNSUPPORTED, "result",
				f[i].place.line, "%s", f[i].text);
	frt_draft_free(d);
	return err == 0 && errors == 0;
}

/* The XML, canonically; false if there is none that the module would take. */
static bool make_xml(conv_t *c, cli_buf_t *out)
{
	cli_buf_t rough = {NULL, 0, 0};
	const char *why;
	bool good;

	cli_progress(
			"making sets of %u destination%s", c->ndsts, frt_plural(c->ndsts));
	conv_finish(c);
	if(c->sets == NULL) {
		cli_could_not("convert", "nothing was found that can be converted");
		return false;
	}
	cli_progress("writing %u destination%s, and trying what is written",
			c->ndsts, frt_plural(c->ndsts));
	conv_xml(c, &rough);
	why = cli_format(rough.s, rough.len, out);
	good = why == NULL && try_xml(c, out);
	if(!good)
		cli_could_not("convert", "the result is not good: %s",
				why != NULL ? why : "the module would refuse it");
	free(rough.s);
	return good;
}

static void put_item(FILE *to, const conv_item_t *i)
{
	if(i->file != NULL)
		cli_put(to, i->file);
	if(i->file != NULL && i->line > 0)
		fprintf(to, ":%u", i->line);
	fprintf(to, "%s%s: %s\n", i->file != NULL ? ": " : "",
			verdict_names[i->verdict], i->text);
}

static void put_report(const conv_t *c, FILE *to)
{
	const conv_item_t *i;
	int v;

	for(i = c->items; i != NULL; i = i->next)
		put_item(to, i);
	for(v = 0; v < CONV_NVERDICTS; v++)
		fprintf(to, "%s%u %s", v > 0 ? ", " : "", c->counts[v],
				verdict_names[v]);
	fprintf(to, "\n");
}

static json_t *report_json(const conv_t *c)
{
	json_t *list = json_array(), *o;
	const conv_item_t *i;

	for(i = c->items; i != NULL; i = i->next) {
		o = json_object();
		cli_json_set(o, "verdict", cli_json_text(verdict_names[i->verdict]));
		cli_json_set(o, "file", cli_json_text(i->file));
		cli_json_set(
				o, "line", i->line > 0 ? json_integer(i->line) : json_null());
		cli_json_set(o, "text", cli_json_text(i->text));
		cli_json_add(list, o);
	}
	return list;
}

static json_t *counts_json(const conv_t *c)
{
	json_t *o = json_object();
	int v;

	for(v = 0; v < CONV_NVERDICTS; v++)
		cli_json_set(o, verdict_names[v], json_integer(c->counts[v]));
	return o;
}

/* Into a new file; one that already says the same is as good. */
static bool write_result(const char *path, const cli_buf_t *out)
{
	const char *text = out->s != NULL ? out->s : "";
	const char *why = cli_file_create(path, text, out->len), *read_why;
	struct stat st;
	char *old;
	size_t len;
	bool same;

	if(why == NULL)
		return true;
	read_why = cli_file_read(path, &old, &len, &st);
	same = read_why == NULL && len == out->len && memcmp(old, text, len) == 0;
	free(old);
	if(!same)
		cli_could_not("convert", "%s: %s", path, why);
	return same;
}

static int show(const cli_args_t *args, const conv_t *c, const cli_buf_t *out,
		bool diff)
{
	const char *path = cli_value(args, "--output", NULL);
	int ret = c->counts[CONV_CHANGED] + c->counts[CONV_UNSUPPORTED]
									  + c->counts[CONV_SECRET]
									  + c->counts[CONV_LINT]
							  > 0
					  ? CLI_FINDINGS
					  : CLI_GOOD;
	json_t *o;

	if(path != NULL && !write_result(path, out))
		return CLI_COULD_NOT;
	if(args->json) {
		o = cli_json_new(args);
		cli_json_set(o, "format", cli_json_text(args->operands[0]));
		cli_json_set(o, "counts", counts_json(c));
		cli_json_set(o, "report", report_json(c));
		cli_json_set(o, diff ? "diff" : "xml",
				cli_json_text(out->s != NULL ? out->s : ""));
		cli_json_set(o, "output", cli_json_text(path));
		return cli_json_end(o, ret);
	}
	put_report(c, path != NULL ? stdout : stderr);
	if(path == NULL && out->len > 0)
		fwrite(out->s, 1, out->len, stdout);
	return ret;
}

static int run(cli_args_t *args)
{
	cli_buf_t out = {NULL, 0, 0};
	size_t f = 0;
	conv_t c;
	int i, ret;

	if(args->noperands < 2)
		return cli_bad_usage("convert", "which format, and which file?");
	while(f < NFORMATS && strcmp(formats[f].name, args->operands[0]) != 0)
		f++;
	if(f == NFORMATS)
		return cli_bad_usage(
				"convert", "no such format: %s", args->operands[0]);
	conv_init(&c);
	ret = take_args(&c, args);
	for(i = 1; i < args->noperands && ret == CLI_GOOD; i++) {
		cli_progress("reading %s", args->operands[i]);
		if(formats[f].read(&c, args->operands[i]) != 0)
			ret = CLI_COULD_NOT;
	}
	if(ret == CLI_GOOD && formats[f].end != NULL && formats[f].end(&c) != 0)
		ret = CLI_COULD_NOT;
	if(ret == CLI_GOOD && formats[f].diff)
		cli_buf_put(&out, c.diff.s != NULL ? c.diff.s : "", c.diff.len);
	else if(ret == CLI_GOOD && !make_xml(&c, &out)) {
		conv_sort(&c);
		put_report(&c, stderr);
		ret = CLI_COULD_NOT;
	}
	conv_sort(&c);
	cli_progress_end();
	if(ret == CLI_GOOD)
		ret = show(args, &c, &out, formats[f].diff);
	free(out.s);
	conv_free(&c);
	return ret;
}

const cli_command_t *cli_convert(void)
{
	static const cli_option_t options[] = {
			{"--cfg", "FILE", NULL,
					"the kamailio.cfg beside a dispatcher table: algorithms, "
					"pings, thresholds",
					0},
			{"--define", "NAME=VALUE", NULL, "as kamailio -A, for its #!ifdef",
					0},
			{"--algorithm", "N", NULL, "dispatcher's algorithm for each set",
					0},
			{"--table", "NAME", NULL, "the table in an SQLite database", 0},
			{"--name", "NUMBER=ID", NULL, "the id for the set of a number", 0},
			{"--config-file", "FILE", NULL,
					"the XML that the new kamailio.cfg loads", 0},
			{"--freeze", NULL, NULL,
					"srv: the targets of now, not the name itself", 0},
			{"--output", "FILE", NULL,
					"write a new file; never one that is there", 0},
			{NULL, NULL, NULL, NULL, 0},
	};
	static const cli_example_t examples[] = {
			{"convert dispatcher --cfg kamailio.cfg dispatcher.list",
					"What would the table be? XML on standard output, the "
					"report on standard error."},
			{"convert kamailio kamailio.cfg --output frt.diff",
					"The script, as a diff for patch -p0."},
			{NULL, NULL},
	};
	static const cli_command_t command = {
			.name = "convert",
			.line = "make the module's XML and script of what others use",
			.operands = "FORMAT FILE...",
			.words = "dispatcher kamailio opensips freeswitch asterisk srv lcr",
			.about = "Reads tables and scripts of others, prints what the "
					 "module needs instead, and\nsays of each source line what "
					 "became of it: converted, changed, unsupported,\ndropped "
					 "secret. Nothing that is read is changed.\n\n"
					 "  dispatcher  list file, CSV, db_text file or SQLite "
					 "database of Kamailio's\n              dispatcher\n"
					 "  kamailio    kamailio.cfg, .lua or .py: a unified diff "
					 "from ds_* to frt_*,\n              and what is hardly "
					 "meant in failure routes\n"
					 "  opensips    tables dispatcher, load_balancer; "
					 "dr_gateways, dr_rules,\n              dr_carriers\n"
					 "  freeswitch  gateway XML\n"
					 "  asterisk    pjsip.conf\n"
					 "  srv         a domain name\n"
					 "  lcr         tables lcr_gw, lcr_rule, lcr_rule_target",
			.options = options,
			.examples = examples,
			.exits = "something is changed, unsupported or dropped",
			.run = run,
	};

	return &command;
}
