/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert freeswitch: <gateway> elements of a sofia profile or of a file of its
 * own. Registering and authenticating stay where they are; no password is read
 * into anything.
 */
#include "frt_cli_conv.h"
#include "frt_cli.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <stdlib.h>
#include <string.h>

/* What becomes of a gateway's parameters that are no address and no ping. */
static const struct
{
	const char *name;
	conv_verdict_t verdict;
	const char *says;
} others[] = {
		{"password", CONV_SECRET, "password is dropped"},
		{"auth-password", CONV_SECRET, "auth-password is dropped"},
		{"register", CONV_UNSUPPORTED,
				"registering is the uac module's: this module does not"},
		{"expire-seconds", CONV_UNSUPPORTED, "of registering"},
		{"retry-seconds", CONV_UNSUPPORTED, "of registering"},
		{"register-proxy", CONV_UNSUPPORTED, "of registering"},
		{"distinct-to", CONV_UNSUPPORTED, "of registering"},
		{"codec-prefs", CONV_UNSUPPORTED, "media is not the proxy's"},
		{"dtmf-type", CONV_UNSUPPORTED, "media is not the proxy's"},
};

typedef struct gateway
{
	conv_t *c;
	const char *file;
	xmlNode *node;
	conv_pair_t *params;
	conv_pair_t *lines; /* of the parameters, as text */
} gateway_t;

static unsigned line_of(const xmlNode *n)
{
	long line = xmlGetLineNo((xmlNode *)n);

	return line > 0 ? (unsigned)line : 0;
}

static const char *attr(conv_t *c, xmlNode *n, const char *name)
{
	xmlChar *v = xmlGetProp(n, (const xmlChar *)name);
	const char *copy = "";

	if(v != NULL)
		copy = conv_copy(c, (const char *)v, strlen((const char *)v));
	xmlFree(v);
	return copy;
}

static bool is_element(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE
		   && strcmp((const char *)n->name, name) == 0;
}

static void read_params(gateway_t *g)
{
	xmlNode *n;
	const char *name;

	for(n = g->node->children; n != NULL; n = n->next) {
		if(!is_element(n, "param"))
			continue;
		name = attr(g->c, n, "name");
		conv_pair_putf(g->c, &g->lines, name, "%u", line_of(n));
		/* what is secret never gets into our memory */
		conv_pair_put(g->c, &g->params, name,
				conv_is_secret(name) ? "" : attr(g->c, n, "value"));
	}
}

static const char *param(const gateway_t *g, const char *name)
{
	const char *v = conv_pair_get(g->params, name);

	return v != NULL && *v != '\0' ? v : NULL;
}

static unsigned param_line(const gateway_t *g, const char *name)
{
	const char *v = conv_pair_get(g->lines, name);

	return v != NULL ? (unsigned)strtoul(v, NULL, 10) : line_of(g->node);
}

/* "host:5060;transport=tcp" or a URI. */
static const char *as_uri(conv_t *c, const char *v, const char *transport)
{
	const char *sip = strncmp(v, "sip:", 4) == 0 || strncmp(v, "sips:", 5) == 0
							  ? ""
							  : "sip:";

	if(transport == NULL || strstr(v, "transport=") != NULL
			|| conv_same(transport, "udp"))
		return conv_printf(c, "%s%s", sip, v);
	return conv_printf(c, "%s%s;transport=%s", sip, v, transport);
}

static void other_params(const gateway_t *g, conv_dst_t *d)
{
	static const char *const known[] = {"proxy", "realm", "ping", "ping-max",
			"ping-min", "outbound-proxy", "register-transport", NULL};
	const conv_pair_t *p;
	size_t i;
	int k;

	for(p = g->params; p != NULL; p = p->next) {
		unsigned line = param_line(g, p->name);

		for(i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
			if(strcmp(others[i].name, p->name) == 0)
				break;
		}
		for(k = 0; known[k] != NULL && strcmp(known[k], p->name) != 0; k++)
			;
		if(i < sizeof(others) / sizeof(others[0])) {
			if(strcmp(p->name, "register") != 0 || conv_same(p->value, "true"))
				conv_say(g->c, others[i].verdict, g->file, line, "%s: %s",
						d->id, others[i].says);
		} else if(conv_is_secret(p->name)) {
			conv_say(g->c, CONV_SECRET, g->file, line, "%s: %s is dropped",
					d->id, p->name);
		} else if(known[k] == NULL && *p->value != '\0') {
			conv_keep_attr(g->c, d, p->name, p->value);
		}
	}
}

/* The gateway is down when its counter, which pings move between 0 and
 * ping-max, is below ping-min. */
static void ping(const gateway_t *g, conv_set_t *s, conv_dst_t *d)
{
	long seconds = 0, max = 1, min = 1;

	if(!conv_number(param(g, "ping"), &seconds) || seconds <= 0)
		return;
	d->pinged = true;
	(void)conv_number(param(g, "ping-max"), &max);
	(void)conv_number(param(g, "ping-min"), &min);
	min = min < 1 ? 1 : min > 100 ? 100 : min;
	max = max < min ? min : max > min + 99 ? min + 99 : max;
	if(conv_pair_get(s->probe, "interval") != NULL) {
		conv_say(g->c, CONV_NOTE, g->file, param_line(g, "ping"),
				"probes are the set's: interval %s, of the first gateway that "
				"has one",
				conv_pair_get(s->probe, "interval"));
		return;
	}
	conv_probe_interval(g->c, s, seconds);
	conv_pair_putf(g->c, &s->probe, "rise", "%ld", min);
	conv_pair_putf(g->c, &s->probe, "fall", "%ld", max - min + 1);
}

static void convert(gateway_t *g)
{
	conv_t *c = g->c;
	const char *name = attr(c, g->node, "name"), *proxy, *outbound;
	conv_set_t *s = conv_set_get(c, "gateways", -1);
	conv_dst_t *d;

	read_params(g);
	proxy = param(g, "proxy");
	if(proxy == NULL)
		proxy = param(g, "realm");
	if(proxy == NULL)
		proxy = *name != '\0' ? name : "gateway";
	outbound = param(g, "outbound-proxy");
	if(strstr(proxy, "$${") != NULL
			|| (outbound != NULL && strstr(outbound, "$${") != NULL)) {
		conv_say(c, CONV_UNSUPPORTED, g->file, param_line(g, "proxy"),
				"gateway %s: a variable $${...} is in its address", name);
		return;
	}
	d = conv_dst_add(c, s, g->file, line_of(g->node),
			as_uri(c, outbound != NULL ? outbound : proxy,
					param(g, "register-transport")));
	d->id = name;
	if(outbound != NULL) {
		conv_keep_attr(c, d, "proxy", proxy);
		conv_say(c, CONV_CHANGED, g->file, param_line(g, "outbound-proxy"),
				"%s: the next hop is the outbound proxy; the R-URI's host, %s, "
				"is $xavp(frt=>attr_proxy)",
				name, proxy);
	}
	other_params(g, d);
	ping(g, s, d);
}

/* The next element in the order of the text. */
static xmlNode *next_node(xmlNode *n)
{
	if(n->children != NULL && n->type == XML_ELEMENT_NODE)
		return n->children;
	while(n != NULL && n->next == NULL)
		n = n->parent;
	return n != NULL ? n->next : NULL;
}

void conv_freeswitch_text(
		conv_t *c, const char *path, const char *text, size_t len)
{
	xmlDoc *doc = xmlReadMemory(text, (int)len, path, NULL,
			XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *n;

	if(doc == NULL || doc->intSubset != NULL) {
		conv_say(c, CONV_UNSUPPORTED, path, 0, "%s",
				doc == NULL ? "not well-formed XML"
							: "a DTD, which a gateway has no use for");
		xmlFreeDoc(doc);
		return;
	}
	for(n = xmlDocGetRootElement(doc); n != NULL; n = next_node(n)) {
		gateway_t g = {.c = c, .file = path, .node = n};

		if(is_element(n, "gateway"))
			convert(&g);
		else if(is_element(n, "X-PRE-PROCESS"))
			conv_say(c, CONV_NOTE, path, line_of(n),
					"X-PRE-PROCESS is not run: %s", attr(c, n, "data"));
	}
	xmlFreeDoc(doc);
}

int conv_freeswitch(conv_t *c, const char *path)
{
	size_t len;
	const char *text = conv_read(c, path, &len);

	if(text == NULL)
		return -1;
	conv_freeswitch_text(c, path, text, len);
	conv_say(c, CONV_NOTE, path, 0,
			"gateways are one set of one tier: give priority= to those that "
			"are for failover");
	return 0;
}

int conv_freeswitch_end(conv_t *c)
{
	if(c->sets != NULL && c->sets->probe == NULL)
		conv_pair_put(c, &c->sets->probe, "enabled", "no");
	conv_say_probed(c);
	return 0;
}
