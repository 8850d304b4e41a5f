/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * convert opensips: its load_balancer. A destination has a capacity of each
 * resource; the one with the most of it left gets the call, a full one none.
 */
#include "frt_cli_conv.h"

#include <string.h>

bool conv_is_lb(const conv_table_t *t)
{
	return conv_has_col(t, "dst_uri") && conv_has_col(t, "resources");
}

/* "pstn=32;vm=8": the largest; -1 if there is none, as where a FreeSWITCH is
 * asked for it (fs://). n: of how many. */
static long capacity_of(conv_t *c, const char *text, unsigned *n)
{
	long largest = -1, v;
	const char *p, *eq;
	size_t len;

	*n = 0;
	for(p = text; p != NULL && *p != '\0'; p += len, p += *p == ';') {
		len = strcspn(p, ";");
		eq = memchr(p, '=', len);
		if(eq == NULL)
			continue;
		++*n;
		eq += 1 + strspn(eq + 1, " ");
		if(conv_number(conv_copy(c, eq, strcspn(eq, " ;")), &v) && v > largest)
			largest = v;
	}
	return largest;
}

static void say_capacity(conv_t *c, const conv_dst_t *d, const char *text,
		long capacity, unsigned n)
{
	if(text != NULL && strstr(text, "fs://") != NULL)
		conv_say(c, CONV_SECRET, d->file, d->line,
				"resources has a password; loads of FreeSWITCH are not asked "
				"for");
	if(capacity == 0)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"a capacity of 0 takes no call: admin=\"maint\"");
	else if(capacity < 0)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"no capacity is a number: weight=\"1\", and no max-calls");
	else if(n > 1)
		conv_say(c, CONV_CHANGED, d->file, d->line,
				"%u resources: a destination of the module has one max-calls, "
				"their largest, for all calls",
				n);
}

static void add_dst(conv_t *c, conv_set_t *s, const conv_table_t *t,
		const conv_row_t *r, const char *uri)
{
	static const char *const keep[] = {"attrs", "description", NULL};
	const char *text = conv_cell(t, r, "resources");
	conv_dst_t *d = conv_dst_add(c, s, t->file, r->line, uri);
	unsigned n;
	long capacity = capacity_of(c, text, &n);

	d->weight = capacity > 0 ? capacity : 1;
	d->max_calls = capacity > 0 ? capacity : 0;
	d->maint = capacity == 0;
	d->pinged = conv_cell_number(t, r, "probe_mode", 0) != 0;
	say_capacity(c, d, text, capacity, n);
	if(text != NULL && strstr(text, "fs://") == NULL)
		conv_keep_attr(c, d, "resources", text);
	conv_keep_cols(c, d, t, r, keep);
}

void conv_lb(conv_t *c, const conv_table_t *t)
{
	conv_map_t seen = {NULL, 0, 0};
	const conv_row_t *r;
	const char *uri;
	conv_set_t *s;
	char *id;

	conv_say(c, CONV_NOTE, t->file, 0,
			"load_balancer: max-calls needs the dialog module and "
			"dlg_manage(); probing_interval is not looked at");
	for(r = t->rows; r != NULL; r = r->next) {
		uri = conv_cell(t, r, "dst_uri");
		if(uri == NULL || *uri == '\0') {
			conv_say(c, CONV_UNSUPPORTED, t->file, r->line,
					"no dst_uri: the row is left out");
			continue;
		}
		id = conv_printf(c, "lb-%ld", conv_cell_number(t, r, "group_id", 0));
		s = conv_set_get(c, id, -1);
		*conv_map_at(c, &seen, id) = s;
		conv_pair_put(c, &s->attrs, "strategy", "least-calls");
		add_dst(c, s, t, r, uri);
	}
	for(r = t->rows; r != NULL; r = r->next) {
		void **at = conv_map_at(c, &seen,
				conv_printf(
						c, "lb-%ld", conv_cell_number(t, r, "group_id", 0)));

		if(*at != NULL)
			conv_set_probed(c, *at);
		*at = NULL;
	}
}
