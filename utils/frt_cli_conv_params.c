/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert kamailio: loadmodule and modparam of dispatcher. What a parameter
 * said is in the XML afterwards, where `convert dispatcher --cfg` puts it.
 */
#include "frt_cli_conv_script.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_CONFIG "/etc/kamailio/failover_route.xml"

static const struct
{
	const char *name, *where;
	conv_verdict_t verdict;
} params[] = {
		{"flags", "failover is always on", CONV_CONVERTED},
		{"use_default", "the last destination is the last tier",
				CONV_CONVERTED},
		{"force_dst", "frt_select always sets the destination", CONV_CONVERTED},
		{"ds_ping_interval", "<probe interval=>", CONV_CONVERTED},
		{"ds_ping_method", "<probe method=>", CONV_CONVERTED},
		{"ds_ping_from", "<probe from=>", CONV_CONVERTED},
		{"ds_ping_reply_codes", "<probe ok=>", CONV_CONVERTED},
		{"ds_ping_fr_timeout", "<probe timeout=>", CONV_CONVERTED},
		{"ds_ping_fr_timer", "<probe timeout=>", CONV_CONVERTED},
		{"ds_probing_mode", "<probe enabled=>", CONV_CONVERTED},
		{"ds_probing_threshold", "<probe fall=>, <health fall=>",
				CONV_CONVERTED},
		{"ds_inactive_threshold", "<probe rise=>", CONV_CONVERTED},
		{"outbound_proxy", "<probe outbound-proxy=>", CONV_CONVERTED},
		{"ds_default_socket", "socket= of each destination", CONV_CONVERTED},
		{"ds_default_sockname", "socket= of each destination", CONV_CONVERTED},
		{"hash_pvar", "the key of frt_select()", CONV_CONVERTED},
		{"xavp_dst", "$frt(...)", CONV_CONVERTED},
		{"xavp_ctx", "$frt(...)", CONV_CONVERTED},
		{"xavp_dst_mode", "$frt(...)", CONV_CONVERTED},
		{"xavp_ctx_mode", "$frt(...)", CONV_CONVERTED},
		{"ds_attrs_none", "$xavp(frt=>attr_...)", CONV_CONVERTED},
		{"ds_db_extra_attrs", "attributes in the XML", CONV_CONVERTED},
		{"table_name", "the rows are in the XML", CONV_CONVERTED},
		{"setid_col", "the rows are in the XML", CONV_CONVERTED},
		{"destination_col", "the rows are in the XML", CONV_CONVERTED},
		{"flags_col", "the rows are in the XML", CONV_CONVERTED},
		{"priority_col", "the rows are in the XML", CONV_CONVERTED},
		{"attrs_col", "the rows are in the XML", CONV_CONVERTED},
		{"ds_timer_mode", "the module has processes of its own",
				CONV_CONVERTED},
		{"ds_hash_size", "calls are counted anyway", CONV_CONVERTED},
		{"ds_hash_expire", "calls are counted anyway", CONV_CONVERTED},
		{"ds_hash_initexpire", "calls are counted anyway", CONV_CONVERTED},
		{"ds_hash_check_interval", "calls are counted anyway", CONV_CONVERTED},
		{"ds_load_mode", "a file with an error is refused as a whole",
				CONV_CONVERTED},
		{"reload_delta", "a reload is one at a time", CONV_CONVERTED},
		{"ds_ping_latency_stats", "response times are always measured",
				CONV_CONVERTED},
		{"ds_retain_latency_stats", "what is measured survives a reload",
				CONV_CONVERTED},
		{"ds_latency_estimator_alpha", "strategy=\"fastest\" has no such knob",
				CONV_CHANGED},
		{"ds_dns_mode", "resolve= of a destination", CONV_CHANGED},
		{"ds_dns_interval", "the records' TTL", CONV_CHANGED},
		{"ds_dns_ttl", "dns-min-ttl=, dns-max-ttl=", CONV_CHANGED},
		{"ds_dns_match_all", "every address is known", CONV_CONVERTED},
		{"event_callback_mode", "events come at run time", CONV_CHANGED},
		{"ds_ping_socket", "probes go from the destination's socket",
				CONV_UNSUPPORTED},
		{"setid_pvname", "frt_is_from() sets no variable", CONV_UNSUPPORTED},
		{"attrs_pvname", "frt_is_from() sets no variable", CONV_UNSUPPORTED},
};

/* Takes the whole line out, with its ';' if it has one. */
static void take_out(script_t *s, const cfg_call_t *call)
{
	size_t last = call->close;

	if(cfg_is(s->g, last + 1, ";"))
		last++;
	cfg_edit_toks(s->g, call->name, last, "");
}

/* modparam("a|dispatcher|b", ...): the others keep it. */
static void other_modules(script_t *s, const cfg_call_t *call, const char *all)
{
	cli_buf_t rest = {NULL, 0, 0};
	const char *p = all;
	size_t n;

	for(; *p != '\0'; p += n, p += *p == '|') {
		n = strcspn(p, "|");
		if(n == 10 && strncmp(p, "dispatcher", n) == 0)
			continue;
		cli_buf_add(&rest, "%s%s", rest.len > 0 ? "|" : "\"",
				conv_copy(s->g->c, p, n));
	}
	cli_buf_add(&rest, "\"");
	cfg_edit_toks(s->g, call->args[0].first, call->args[0].last,
			conv_copy(s->g->c, rest.s, rest.len));
	script_say(s, CONV_CHANGED, call->name,
			"modparam for several modules: dispatcher taken out of \"%s\"",
			all);
	free(rest.s);
}

static void one_param(script_t *s, const cfg_call_t *call, const char *name)
{
	size_t i;

	if(strcmp(name, "list_file") == 0 || strcmp(name, "db_url") == 0) {
		cfg_edit_toks(s->g, call->name, call->close,
				conv_printf(s->g->c,
						"modparam(\"failover_route\", \"config_file\", \"%s\")",
						s->g->c->config_file));
		script_say(s, CONV_CONVERTED, call->name,
				"%s -> config_file; `failover-route convert dispatcher` makes "
				"that file",
				name);
		return;
	}
	if(strcmp(name, "event_callback") == 0) {
		cfg_edit_toks(s->g, call->args[0].first, call->args[0].last,
				"\"failover_route\"");
		script_say(s, CONV_CONVERTED, call->name,
				"event_callback; events are failover_route:dst-down and "
				"others");
		return;
	}
	take_out(s, call);
	for(i = 0; i < sizeof(params) / sizeof(params[0]); i++) {
		if(strcmp(params[i].name, name) == 0) {
			script_say(s, params[i].verdict, call->name, "%s: %s", name,
					params[i].where);
			return;
		}
	}
	script_say(
			s, CONV_UNSUPPORTED, call->name, "%s: not known; taken out", name);
}

void script_modparam(script_t *s, const cfg_call_t *call)
{
	const char *module = cfg_arg_value(s->g, call, 0);
	const char *name = cfg_arg_value(s->g, call, 1);

	if(module == NULL || name == NULL || strstr(module, "dispatcher") == NULL)
		return;
	if(strcmp(module, "dispatcher") == 0)
		one_param(s, call, name);
	else if(strstr(conv_printf(s->g->c, "|%s|", module), "|dispatcher|"))
		other_modules(s, call, module);
}

/* Does a modparam say where the rows are, in code that is on or off? */
static bool says_source(const script_t *s)
{
	cfg_call_t call;
	const char *name;
	size_t i;

	for(i = 0; i < s->g->n; i++) {
		if(!cfg_is(s->g, i, "modparam") || !cfg_call_at(s->g, i, &call))
			continue;
		name = cfg_arg_value(s->g, &call, 0);
		if(name == NULL || strcmp(name, "dispatcher") != 0)
			continue;
		name = cfg_arg_value(s->g, &call, 1);
		if(name != NULL
				&& (strcmp(name, "list_file") == 0
						|| strcmp(name, "db_url") == 0))
			return true;
	}
	return false;
}

/* loadmodule "dispatcher.so", with or without path, brackets and ".so". */
void script_loadmodule(script_t *s, size_t tok)
{
	size_t i = cfg_is(s->g, tok + 1, "(") ? tok + 2 : tok + 1, n, from;
	const char *text = cfg_text(s->g, i), *p;
	const char *more = "";
	cfg_tok_t *t;

	if(i >= s->g->n || s->g->toks[i].type != CFG_STRING)
		return;
	t = &s->g->toks[i];
	p = strstr(text, "dispatcher");
	while(p != NULL && strstr(p + 1, "dispatcher") != NULL)
		p = strstr(p + 1, "dispatcher");
	if(p == NULL || (p[-1] != '/' && p != text + 1))
		return;
	from = (size_t)(p - text);
	n = strlen("dispatcher");
	if(strncmp(p + n, ".so", 3) == 0 ? p[n + 3] != *text : p[n] != *text)
		return;
	cfg_edit(s->g, t->file, t->at + from, n, "failover_route");
	if(!says_source(s) && strcmp(s->g->c->config_file, DEFAULT_CONFIG) != 0)
		more = conv_printf(s->g->c,
				"\nmodparam(\"failover_route\", \"config_file\", \"%s\")",
				s->g->c->config_file);
	if(*more != '\0') {
		size_t end = i > tok + 1 ? i + 1 : i;
		cfg_edit(s->g, t->file, s->g->toks[end].at + s->g->toks[end].len, 0,
				more);
	}
	script_say(s, CONV_CONVERTED, tok, "dispatcher.so -> failover_route.so%s",
			cfg_modparam(s->g, "tm", "fr_timer", NULL, NULL) != NULL
					? "; tm's fr_timer is try-timeout of the sets"
					: "");
}
