/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of the state file, written and read; see frt_state.h. Reading takes a
 * field only where it belongs, by its name, and only if it is within bounds.
 */
#include "frt_state.h"
#include "frt_text.h"

#include <inttypes.h>
#include <string.h>

#define FRT_STATE_TIME_MAX 4102444800000ull /* the year 2100 */

/* Writing. */

static void put_text(frt_buf_t *out, const char *name, const char *text)
{
	frt_buf_add(out, " %s=", name);
	for(; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if(c > ' ' && c < 0x7f && c != '%')
			frt_buf_add_str(out, (frt_str_t){text, 1});
		else
			frt_buf_add(out, "%%%02x", c);
	}
}

static void put_num(frt_buf_t *out, const char *name, uint64_t n)
{
	frt_buf_add(out, " %s=%" PRIu64, name, n);
}

static void put_flags(frt_buf_t *out, uint32_t flags)
{
	const char *comma = "";
	int i;

	frt_buf_add(out, " flags=");
	for(i = 0; i < frt_source_count; i++) {
		if(!(flags & 1u << i))
			continue;
		frt_buf_add(out, "%s%s", comma, frt_source_name((frt_source_t)i));
		comma = ",";
	}
}

/* Ends a line that began at `from` and adds it to the sum. */
static int put_newline(frt_state_writer_t *w, frt_buf_t *out, size_t from)
{
	frt_buf_add(out, "\n");
	if(out->cut || out->len - from > FRT_STATE_LINE_MAX)
		return FRT_E_RANGE;
	w->sum = frt_hash_bytes(out->s + from, out->len - from, w->sum);
	return FRT_OK;
}

int frt_state_put_head(frt_state_writer_t *w, uint64_t time_ms, frt_buf_t *out)
{
	size_t from = out->len;
	int err;

	frt_buf_add(out, FRT_STATE_MAGIC "%d", FRT_STATE_VERSION);
	err = put_newline(w, out, from);
	if(err)
		return err;
	from = out->len;
	frt_buf_add(out, "time %" PRIu64, time_ms);
	return put_newline(w, out, from);
}

static void put_reason(frt_buf_t *out, const frt_reason_t *r)
{
	put_text(out, "why", frt_why_name(r->why));
	put_text(out, "origin", frt_origin_name(r->origin));
	put_num(out, "code", r->code);
	put_num(out, "count", r->count);
	put_num(out, "attempts", r->attempts);
	put_num(out, "invite", r->invite);
	put_num(out, "good", r->good);
	put_num(out, "mixed", r->mixed);
	put_num(out, "timeout", r->timeout_ms);
	put_num(out, "first", r->since_ms);
	put_num(out, "held", r->hold_ms);
}

int frt_state_put_dst(
		frt_state_writer_t *w, const frt_saved_t *saved, frt_buf_t *out)
{
	size_t from = out->len;

	frt_buf_add(out, "dst");
	put_text(out, "set", saved->set);
	put_text(out, "id", saved->id);
	put_text(out, "admin", frt_admin_name(saved->admin));
	put_text(out, "conf", frt_admin_name(saved->conf_admin));
	put_text(out, "health", frt_health_name(saved->health));
	put_flags(out, saved->flags);
	put_num(out, "hold", saved->hold_until_ms);
	put_num(out, "since", saved->since_ms);
	put_num(out, "downs", saved->downs);
	put_num(out, "blackout", saved->blackout);
	put_num(out, "waived", saved->waived);
	put_text(out, "source", frt_source_name(saved->source));
	put_reason(out, &saved->reason);
	w->dsts++;
	return put_newline(w, out, from);
}

int frt_state_put_edit(
		frt_state_writer_t *w, const frt_saved_edit_t *e, frt_buf_t *out)
{
	size_t from = out->len;

	frt_buf_add(out, "edit");
	put_text(out, "op", frt_edit_kind_name(e->kind));
	put_text(out, "set", e->set);
	put_text(out, "id", e->id);
	put_text(out, "uri", e->uri);
	put_num(out, "priority", e->priority);
	put_num(out, "weight", e->weight);
	return put_newline(w, out, from);
}

int frt_state_put_name(
		frt_state_writer_t *w, const frt_saved_name_t *name, frt_buf_t *out)
{
	size_t from = out->len;

	frt_buf_add(out, "name");
	put_text(out, "type", frt_qtype_name(name->type));
	put_text(out, "name", name->name);
	put_num(out, "good", name->good_ms);
	put_num(out, "n", name->n);
	return put_newline(w, out, from);
}

int frt_state_put_rr(frt_state_writer_t *w, const frt_rr_t *rr, frt_buf_t *out)
{
	size_t from = out->len;

	frt_buf_add(out, "rr");
	put_num(out, "priority", rr->priority);
	put_num(out, "weight", rr->weight);
	put_num(out, "port", rr->port);
	put_text(out, "proto", frt_proto_name((frt_proto_t)rr->proto));
	frt_buf_add(out, " addr=");
	if(rr->name.len == 0)
		frt_buf_add_ip(out, rr->addr);
	put_text(out, "target", rr->name.len ? rr->name.s : "");
	return put_newline(w, out, from);
}

int frt_state_put_event(
		frt_state_writer_t *w, const frt_saved_event_t *ev, frt_buf_t *out)
{
	size_t from = out->len;

	frt_buf_add(out, "event");
	put_num(out, "time", ev->time_ms);
	put_text(out, "kind", ev->kind);
	put_text(out, "source", frt_source_name(ev->source));
	put_text(out, "set", ev->set);
	put_text(out, "destination", ev->destination);
	put_text(out, "uri", ev->uri);
	put_text(out, "from", ev->from);
	put_text(out, "to", ev->to);
	put_text(out, "reason", ev->reason);
	w->events++;
	return put_newline(w, out, from);
}

int frt_state_put_end(frt_state_writer_t *w, frt_buf_t *out)
{
	frt_buf_add(out,
			"end dsts=%" PRIu32 " events=%" PRIu32 " sum=%016" PRIx64 "\n",
			w->dsts, w->events, w->sum);
	return out->cut ? FRT_E_RANGE : FRT_OK;
}

/* Reading: what is left of a line, and the first thing found wrong. */
typedef struct frt_cursor
{
	const char *s;
	uint32_t len;
	int err;
} frt_cursor_t;

static void fail(frt_cursor_t *c, int err)
{
	if(!c->err)
		c->err = err;
	c->len = 0;
}

static bool starts(const frt_cursor_t *c, const char *text)
{
	size_t n = strlen(text);

	return c->len >= n && memcmp(c->s, text, n) == 0;
}

static void skip(frt_cursor_t *c, const char *text)
{
	uint32_t n = (uint32_t)strlen(text);

	if(!starts(c, text)) {
		fail(c, FRT_E_SYNTAX);
		return;
	}
	c->s += n;
	c->len -= n;
}

/* The field of that name, which must come next. */
static frt_str_t get_field(frt_cursor_t *c, const char *name)
{
	frt_str_t value;
	uint32_t n = 0;

	skip(c, " ");
	skip(c, name);
	skip(c, "=");
	while(n < c->len && c->s[n] != ' ')
		n++;
	value = (frt_str_t){c->s, n};
	c->s += n;
	c->len -= n;
	return value;
}

static uint64_t digits(frt_cursor_t *c, frt_str_t text, uint64_t max)
{
	uint64_t n = 0;
	uint32_t i;

	if(text.len == 0)
		fail(c, FRT_E_SYNTAX);
	for(i = 0; i < text.len; i++) {
		unsigned d = (unsigned)text.s[i] - '0';

		if(d > 9) {
			fail(c, FRT_E_SYNTAX);
			return 0;
		}
		if(n > (max - d) / 10 || d > max) {
			fail(c, FRT_E_RANGE);
			return 0;
		}
		n = n * 10 + d;
	}
	return n;
}

static uint64_t get_num(frt_cursor_t *c, const char *name, uint64_t max)
{
	return digits(c, get_field(c, name), max);
}

/* The next character of a text, or -1. */
static int unescape(frt_str_t *in)
{
	unsigned char c = (unsigned char)in->s[0];
	int hi, lo;
	uint32_t n = 1;

	if(c == '%') {
		if(in->len < 3)
			return -1;
		hi = frt_hex_digit(in->s[1]);
		lo = frt_hex_digit(in->s[2]);
		if(hi < 0 || lo < 0)
			return -1;
		c = (unsigned char)(hi << 4 | lo);
		n = 3;
	} else if(c <= ' ' || c >= 0x7f) {
		return -1;
	}
	in->s += n;
	in->len -= n;
	return c ? c : -1;
}

static void get_text(frt_cursor_t *c, const char *name, char *out, size_t size)
{
	frt_str_t in = get_field(c, name);
	size_t n = 0;

	while(in.len) {
		int ch = unescape(&in);

		if(ch < 0 || n + 1 >= size) {
			fail(c, ch < 0 ? FRT_E_SYNTAX : FRT_E_RANGE);
			break;
		}
		out[n++] = (char)ch;
	}
	out[n] = '\0';
}

/* An id is never empty: nothing could be restored by it. */
static void get_id(frt_cursor_t *c, const char *name, char *out, size_t size)
{
	get_text(c, name, out, size);
	if(out[0] == '\0')
		fail(c, FRT_E_SYNTAX);
}

#define FRT_GET_WORD(c, type, name, out)              \
	do {                                              \
		type##_t v_ = (type##_t)0;                    \
		if(type##_parse(get_field((c), (name)), &v_)) \
			fail((c), FRT_E_RANGE);                   \
		*(out) = v_;                                  \
	} while(0)

static void get_why(frt_cursor_t *c, frt_why_t *out)
{
	char text[64];

	get_text(c, "why", text, sizeof(text));
	*out = FRT_WHY_START;
	if(frt_why_parse(frt_str_of(text), out))
		fail(c, FRT_E_RANGE);
}

static uint32_t get_flags(frt_cursor_t *c)
{
	frt_str_t in = get_field(c, "flags");
	uint32_t flags = 0;

	while(in.len) {
		const char *comma = memchr(in.s, ',', in.len);
		uint32_t n = comma ? (uint32_t)(comma - in.s) : in.len;
		frt_source_t source = FRT_TRAFFIC;

		/* Neither an unknown one, nor one twice, nor a comma at the end. */
		if(frt_source_parse((frt_str_t){in.s, n}, &source)
				|| (flags & 1u << source) || n + 1 == in.len) {
			fail(c, FRT_E_RANGE);
			return 0;
		}
		flags |= 1u << source;
		in.s += comma ? n + 1 : n;
		in.len -= comma ? n + 1 : n;
	}
	return flags;
}

static void get_reason(frt_cursor_t *c, frt_reason_t *r)
{
	memset(r, 0, sizeof(*r));
	get_why(c, &r->why);
	FRT_GET_WORD(c, frt_origin, "origin", &r->origin);
	r->code = (uint16_t)get_num(c, "code", 999); /* a probe's may be any */
	r->count = (uint16_t)get_num(c, "count", UINT16_MAX);
	r->attempts = (uint16_t)get_num(c, "attempts", UINT16_MAX);
	r->invite = get_num(c, "invite", 1) != 0;
	r->good = get_num(c, "good", 1) != 0;
	r->mixed = (uint8_t)get_num(c, "mixed", FRT_MIXED_KIND | FRT_MIXED_TIMEOUT);
	r->timeout_ms = (uint32_t)get_num(c, "timeout", UINT32_MAX);
	r->since_ms = (uint32_t)get_num(c, "first", UINT32_MAX);
	r->hold_ms = (uint32_t)get_num(c, "held", UINT32_MAX);
}

static void get_dst(frt_cursor_t *c, frt_saved_t *d)
{
	skip(c, "dst");
	get_id(c, "set", d->set, sizeof(d->set));
	get_id(c, "id", d->id, sizeof(d->id));
	FRT_GET_WORD(c, frt_admin, "admin", &d->admin);
	FRT_GET_WORD(c, frt_admin, "conf", &d->conf_admin);
	FRT_GET_WORD(c, frt_health, "health", &d->health);
	d->flags = get_flags(c);
	d->hold_until_ms = get_num(c, "hold", UINT64_MAX);
	d->since_ms = get_num(c, "since", FRT_STATE_TIME_MAX);
	d->downs = (uint32_t)get_num(c, "downs", UINT16_MAX);
	d->blackout = get_num(c, "blackout", 1) != 0;
	d->waived = get_num(c, "waived", 1) != 0;
	FRT_GET_WORD(c, frt_source, "source", &d->source);
	get_reason(c, &d->reason);
	/* Whoever is in use has nothing against it. */
	if((d->health == FRT_UP || d->health == FRT_RAMP) && d->flags)
		fail(c, FRT_E_RANGE);
}

/* A name of the DNS, as an answer has it. */
static void get_host(frt_cursor_t *c, const char *name, char *out, size_t size)
{
	get_text(c, name, out, size);
	if(frt_host_check(frt_str_of(out)) != NULL)
		fail(c, FRT_E_RANGE);
}

static void get_edit(frt_cursor_t *c, frt_saved_edit_t *e)
{
	skip(c, "edit");
	FRT_GET_WORD(c, frt_edit_kind, "op", &e->kind);
	get_id(c, "set", e->set, sizeof(e->set));
	get_id(c, "id", e->id, sizeof(e->id));
	get_text(c, "uri", e->uri, sizeof(e->uri));
	e->priority = (uint16_t)get_num(c, "priority", FRT_PRIORITY_MAX);
	e->weight = (uint16_t)get_num(c, "weight", FRT_WEIGHT_MAX);
}

static void get_name(frt_cursor_t *c, frt_saved_name_t *n)
{
	skip(c, "name");
	FRT_GET_WORD(c, frt_qtype, "type", &n->type);
	get_host(c, "name", n->name, sizeof(n->name));
	n->good_ms = get_num(c, "good", FRT_STATE_TIME_MAX);
	n->n = (uint32_t)get_num(c, "n", FRT_RRS_MAX);
}

/* Either an address, or a target. */
static void get_rr(frt_cursor_t *c, frt_saved_rr_t *r)
{
	frt_proto_t proto;
	frt_str_t addr;

	memset(r, 0, sizeof(*r));
	skip(c, "rr");
	r->rr.priority = (uint16_t)get_num(c, "priority", UINT16_MAX);
	r->rr.weight = (uint16_t)get_num(c, "weight", UINT16_MAX);
	r->rr.port = (uint16_t)get_num(c, "port", UINT16_MAX);
	FRT_GET_WORD(c, frt_proto, "proto", &proto);
	r->rr.proto = (uint8_t)proto;
	addr = get_field(c, "addr");
	if(addr.len) {
		if(frt_ip_parse(addr, r->rr.addr) != 0)
			fail(c, FRT_E_RANGE);
		get_text(c, "target", r->target, 1);
		return;
	}
	get_host(c, "target", r->target, sizeof(r->target));
	r->rr.name = frt_str_of(r->target);
}

static void get_event(frt_cursor_t *c, frt_saved_event_t *ev)
{
	skip(c, "event");
	ev->time_ms = get_num(c, "time", FRT_STATE_TIME_MAX);
	get_text(c, "kind", ev->kind, sizeof(ev->kind));
	FRT_GET_WORD(c, frt_source, "source", &ev->source);
	get_id(c, "set", ev->set, sizeof(ev->set));
	get_text(c, "destination", ev->destination, sizeof(ev->destination));
	get_text(c, "uri", ev->uri, sizeof(ev->uri));
	get_text(c, "from", ev->from, sizeof(ev->from));
	get_text(c, "to", ev->to, sizeof(ev->to));
	get_text(c, "reason", ev->reason, sizeof(ev->reason));
}

static void get_head(frt_cursor_t *c)
{
	frt_str_t version;

	skip(c, FRT_STATE_MAGIC);
	version = (frt_str_t){c->s, c->len};
	c->s += c->len;
	c->len = 0;
	if(!c->err && digits(c, version, 1000000) != FRT_STATE_VERSION && !c->err)
		c->err = FRT_E_VERSION;
}

static void get_time(frt_cursor_t *c, frt_state_reader_t *r)
{
	skip(c, "time ");
	r->time_ms = digits(c, (frt_str_t){c->s, c->len}, FRT_STATE_TIME_MAX);
	c->len = 0;
}

static void get_end(frt_cursor_t *c, frt_state_reader_t *r)
{
	uint64_t sum = 0;
	frt_str_t text;
	uint32_t i;

	skip(c, "end");
	if(get_num(c, "dsts", UINT32_MAX) != r->dsts
			|| get_num(c, "events", UINT32_MAX) != r->events)
		fail(c, FRT_E_SYNTAX);
	text = get_field(c, "sum");
	for(i = 0; i < text.len && i < 16; i++) {
		int d = frt_hex_digit(text.s[i]);

		sum = sum << 4 | (uint64_t)(d < 0 ? 0 : d);
		if(d < 0)
			fail(c, FRT_E_SYNTAX);
	}
	if(text.len != 16 || sum != r->sum)
		fail(c, FRT_E_SYNTAX);
	r->ended = true;
}

static frt_state_kind_t kind_of(
		const frt_state_reader_t *r, const frt_cursor_t *c)
{
	if(r->line <= 2)
		return r->line == 1 ? FRT_STATE_HEAD : FRT_STATE_TIME;
	if(starts(c, "dst "))
		return FRT_STATE_DST;
	if(starts(c, "edit "))
		return FRT_STATE_EDIT;
	if(starts(c, "name "))
		return FRT_STATE_NAME;
	if(starts(c, "rr "))
		return FRT_STATE_RR;
	return starts(c, "event ") ? FRT_STATE_EVENT : FRT_STATE_END;
}

int frt_state_read(frt_state_reader_t *r, frt_str_t line, frt_state_item_t *out)
{
	frt_cursor_t c = {line.s, line.len, 0};

	r->line++;
	if(r->ended || line.len == 0 || line.len > FRT_STATE_LINE_MAX
			|| line.s[line.len - 1] != '\n')
		return FRT_E_SYNTAX;
	c.len--;
	out->kind = kind_of(r, &c);
	/* a name's records follow it, all of them and nothing in between */
	if((out->kind == FRT_STATE_RR) != (r->rrs_left > 0))
		return FRT_E_SYNTAX;
	r->rrs_left -= r->rrs_left > 0;
	switch(out->kind) {
		case FRT_STATE_HEAD:
			get_head(&c);
			break;
		case FRT_STATE_TIME:
			get_time(&c, r);
			break;
		case FRT_STATE_DST:
			get_dst(&c, &out->dst);
			r->dsts++;
			break;
		case FRT_STATE_EDIT:
			get_edit(&c, &out->edit);
			break;
		case FRT_STATE_NAME:
			get_name(&c, &out->name);
			r->rrs_left = c.err ? 0 : out->name.n;
			break;
		case FRT_STATE_RR:
			get_rr(&c, &out->rr);
			break;
		case FRT_STATE_EVENT:
			get_event(&c, &out->event);
			r->events++;
			break;
		case FRT_STATE_END:
			get_end(&c, r);
			break;
	}
	/* Anything after the last field is as wrong as a missing one. */
	if(!c.err && c.len)
		c.err = FRT_E_SYNTAX;
	r->sum = frt_hash_bytes(line.s, line.len, r->sum);
	return c.err;
}

int frt_state_read_end(const frt_state_reader_t *r)
{
	return r->ended ? FRT_OK : FRT_E_SYNTAX;
}
