/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What all RPC commands share. The transports differ more than their common
 * interface says; what is known of that is here.
 */
#include "frt_rpc.h"
#include "frt_text.h"

#include "../../core/mem/mem.h"

#include <stdarg.h>
#include <string.h>

/* What a fault's text may have, without the NUL: jsonrpcs cuts more in the
 * middle of a character, and ctl sends no answer at all. */
#define FAULT_MAX_BINARY 254
#define FAULT_MAX 127

/* kamcmd refuses answers above 128 KiB. Its transport takes 8 KiB of this
 * process's pool for each structure, and 32 KiB for all plain text. */
#define PAGE_BINARY 150
#define ROOM_BINARY (124 * 1024)
#define OVERHEAD 4 /* bytes of a text or name beyond its own, at most */
#define TEXT_MAX_BINARY (31 * 1024)
/* An HTTP reply is held in the pool twice; a destination makes about so many
 * bytes of it. */
#define COPIES 2
#define ITEM_BYTES 1024

/* clang-format off */
static const char *doc_list[] = {
	"The table: sets and their destinations with health and counters. "
	"Arguments: [set|*] [offset] [limit].", 0};
static const char *doc_explain[] = {
	"The destination that would be chosen now, and why not each other. "
	"Arguments: set [key|*] [offset] [limit].", 0};
static const char *doc_set_admin[] = {
	"Takes a destination out or puts it back. "
	"Arguments: set destination|* ready|drain|maint.", 0};
static const char *doc_set_health[] = {
	"An operator's observation, with its own flag. "
	"Arguments: set destination up|down.", 0};
static const char *doc_probe[] = {
	"Probes a destination now. Arguments: set destination|*.", 0};
static const char *doc_reload[] = {
	"Loads the configured sources; a fault says why it was refused.", 0};
static const char *doc_check[] = {
	"Checks a file, or all that a reload reads, without loading it. "
	"Arguments: [file|*] [all]; with all every error is in the answer.", 0};
static const char *doc_history[] = {
	"The latest transitions, newest first. Arguments: [set|*] [count] "
	"[destination|*] [since|*] [until|*]; a moment is 10m (ago), "
	"2026-11-21T05:02:06Z or milliseconds since 1970.", 0};
static const char *doc_metrics[] = {
	"The Prometheus text. Arguments: [set|*].", 0};

static const char *doc_add[] = {
	"Adds a destination at run time; it stays over reloads and restarts until "
	"removed or cleared. "
	"Arguments: set id uri [priority [weight]].", 0};
static const char *doc_remove[] = {
	"Takes a destination out of the table at run time: calls there go on, new "
	"ones go elsewhere. Arguments: set id.", 0};
static const char *doc_set_weight[] = {
	"Sets a destination's weight at run time. "
	"Arguments: set destination weight.", 0};
static const char *doc_overlay_clear[] = {
	"Drops what add, remove and set_weight have changed: the sources' word "
	"counts again. Arguments: [set|*] [destination].", 0};

static rpc_export_t rpc_cmds[] = {
	{"failover_route.list", frt_rpc_list, doc_list, 0},
	{"failover_route.explain", frt_rpc_explain, doc_explain, 0},
	{"failover_route.set_admin", frt_rpc_set_admin, doc_set_admin, 0},
	{"failover_route.set_health", frt_rpc_set_health, doc_set_health, 0},
	{"failover_route.probe", frt_rpc_probe, doc_probe, 0},
	{"failover_route.reload", frt_rpc_reload, doc_reload, 0},
	{"failover_route.check", frt_rpc_check, doc_check, 0},
	{"failover_route.add", frt_rpc_add, doc_add, 0},
	{"failover_route.remove", frt_rpc_remove, doc_remove, 0},
	{"failover_route.set_weight", frt_rpc_set_weight, doc_set_weight, 0},
	{"failover_route.overlay_clear", frt_rpc_overlay_clear,
		doc_overlay_clear, 0},
	{"failover_route.history", frt_rpc_history, doc_history, 0},
	{"failover_route.metrics", frt_rpc_metrics, doc_metrics, 0},
	{0, 0, 0, 0}
};
/* clang-format on */

rpc_export_t *frt_rpc_exports(void)
{
	return rpc_cmds;
}

/* What this process can still answer with. */
static void set_limits(frt_rpc_t *r)
{
	size_t room = (size_t)pkg_available() / COPIES;

	/* the answer is not all that lives there; 0: there is no pool */
	room = room ? room - room / 8 : UINT32_MAX;
	r->text_max = r->binary ? TEXT_MAX_BINARY : room;
	r->room = r->binary ? ROOM_BINARY : SIZE_MAX;
	r->page = PAGE_BINARY;
	if(!r->binary && room / ITEM_BYTES > PAGE_BINARY)
		r->page = (uint32_t)(room / ITEM_BYTES);
}

void frt_rpc_begin(frt_rpc_t *r, rpc_t *rpc, void *ctx)
{
	r->rpc = rpc;
	r->ctx = ctx;
	r->failed = false;
	r->used = 0;
	r->holds = NULL;
	/* of all transports only ctl has no capabilities */
	r->binary = rpc->capabilities == NULL;
	set_limits(r);
}

/* The transports tell "none" from "of another type" each in its own way:
 * jsonrpcs leaves the variable alone or clears it; ctl takes a number with a
 * fraction that shall be a word and says there was none, so that of it each
 * type is asked for by itself. Here both clear the word. */
static int scan_word(frt_rpc_t *r, str *in, char *digits, size_t size)
{
	double fraction;
	int number;

	if(!r->binary)
		return r->rpc->scan(r->ctx, "*.S", in);
	if(r->rpc->scan(r->ctx, "*S", in) == 1)
		return 1;
	*in = (str){digits, 0};
	if(r->rpc->scan(r->ctx, "*d", &number) == 1) {
		in->len = snprintf(digits, size, "%d", number);
		return 1;
	}
	if(r->rpc->scan(r->ctx, "*f", &fraction) == 1)
		in->s = NULL;
	return 0;
}

int frt_rpc_arg(frt_rpc_t *r, const char *what, frt_rpc_arg_t *arg)
{
	char digits[16] = "";
	str in = {digits, 0};
	int n = scan_word(r, &in, digits, sizeof(digits));

	arg->s = (frt_str_t){arg->mem, 0};
	arg->mem[0] = '\0';
	arg->given = n == 1 && in.s != NULL && (in.s != digits || in.len > 0);
	if(!arg->given) {
		if(in.s != NULL)
			return 0;
		frt_rpc_fault(r, 400, "%s: expected a word or a whole number", what);
		return FRT_E_INVAL;
	}
	if(in.len < 0 || (size_t)in.len >= sizeof(arg->mem)) {
		frt_rpc_fault(r, 400, "%s: too long", what);
		return FRT_E_INVAL;
	}
	memcpy(arg->mem, in.s, (size_t)in.len);
	arg->mem[in.len] = '\0';
	arg->s.len = (uint32_t)in.len;
	return 0;
}

int frt_rpc_need(frt_rpc_t *r, const char *what, frt_rpc_arg_t *arg)
{
	int err = frt_rpc_arg(r, what, arg);

	if(err == 0 && arg->s.len == 0) {
		frt_rpc_fault(r, 400, "expected one more argument: %s", what);
		return FRT_E_INVAL;
	}
	return err;
}

int frt_rpc_number(frt_rpc_t *r, const char *what, uint32_t max, uint32_t *out)
{
	frt_rpc_arg_t arg;

	if(frt_rpc_arg(r, what, &arg) != 0)
		return FRT_E_INVAL;
	if(!arg.given || frt_uint_parse(arg.s, 0, max, out) == 0)
		return 0;
	frt_rpc_fault(r, 400, "%s: expected a number, 0 to %u", what, max);
	return FRT_E_INVAL;
}

int frt_rpc_end(frt_rpc_t *r)
{
	frt_rpc_arg_t arg;

	if(frt_rpc_arg(r, "last argument", &arg) != 0)
		return FRT_E_INVAL;
	if(!arg.given)
		return 0;
	frt_rpc_fault(r, 400, "too many arguments");
	return FRT_E_INVAL;
}

bool frt_rpc_all(const frt_rpc_arg_t *arg)
{
	return arg->s.len == 0 || (arg->s.len == 1 && arg->s.s[0] == '*');
}

void frt_rpc_fault(frt_rpc_t *r, int code, const char *fmt, ...)
{
	char text[FAULT_MAX_BINARY + 1] = "";
	size_t size = r->binary ? FAULT_MAX_BINARY + 1 : FAULT_MAX + 1, n;
	va_list ap;

	if(r->holds)
		snprintf(text, size, "%s, but ", r->holds);
	n = strlen(text);
	va_start(ap, fmt);
	if(vsnprintf(text + n, size - n, fmt, ap) < 0)
		text[n] = '\0';
	va_end(ap);
	/* it may end up in an HTTP status line: no control characters */
	frt_text_clean(text);
	r->rpc->fault(r->ctx, code, "%s", text);
}

void frt_rpc_no_set(frt_rpc_t *r, const frt_rpc_arg_t *set)
{
	frt_rpc_fault(r, 404, "no such set: %.*s", FRT_ID_MAX, set->mem);
}

void frt_rpc_no_dst(
		frt_rpc_t *r, const frt_rpc_arg_t *set, const frt_rpc_arg_t *dst)
{
	frt_rpc_fault(r, 404, "no such destination in %.*s: %.*s", FRT_ID_MAX,
			set->mem, FRT_ID_MAX, dst->mem);
}

void frt_rpc_done(frt_rpc_t *r)
{
	if(r->failed)
		frt_rpc_fault(r, 500,
				"the answer does not fit in memory; ask for less at a time");
}

bool frt_rpc_full(const frt_rpc_t *r)
{
	return r->used >= r->room;
}

static void check(frt_rpc_t *r, int err)
{
	if(err < 0)
		r->failed = true;
}

/* Counts a value of so many bytes, and its name, if it has one. */
static void count(frt_rpc_t *r, const char *name, size_t bytes)
{
	r->used += bytes + (name ? OVERHEAD + strlen(name) : 0);
}

/* ctl sends no byte of a number that is 0. */
static size_t int_bytes(int64_t value)
{
	uint64_t left;
	size_t n = 1;

	if(value < INT32_MIN || value > INT32_MAX)
		return 1 + sizeof(value);
	for(left = (uint32_t)value; left; left >>= 8)
		n++;
	return n;
}

/* A structure's handle, or NULL if it, or anything before, failed. */
static void *made(frt_rpc_t *r, void *handle)
{
	if(handle == NULL)
		r->failed = true;
	return r->failed ? NULL : handle;
}

void *frt_rpc_answer(frt_rpc_t *r)
{
	void *st = NULL;

	check(r, r->rpc->add(r->ctx, "{", &st));
	return made(r, st);
}

void *frt_rpc_array(frt_rpc_t *r, void *in, const char *name)
{
	void *st = NULL;

	count(r, name, OVERHEAD);
	if(!r->failed)
		check(r, r->rpc->struct_add(in, "[", name, &st));
	return made(r, st);
}

void *frt_rpc_item(frt_rpc_t *r, void *array)
{
	void *st = NULL;

	count(r, NULL, OVERHEAD);
	if(!r->failed)
		check(r, r->rpc->array_add(array, "{", &st));
	return made(r, st);
}

/* ctl's integers have 32 bits; it takes larger ones as whole doubles, which
 * kamcmd prints as they are. In JSON both are the same. */
void frt_rpc_int(frt_rpc_t *r, void *in, const char *name, int64_t value)
{
	if(r->failed)
		return;
	count(r, name, int_bytes(value));
	if(value >= INT32_MIN && value <= INT32_MAX)
		check(r, r->rpc->struct_add(in, "d", name, (int)value));
	else
		check(r, r->rpc->struct_add(in, "L", name, (long long)value));
}

void frt_rpc_str(frt_rpc_t *r, void *in, const char *name, frt_str_t value)
{
	str s = {(char *)(value.len ? value.s : ""), (int)value.len};

	count(r, name, OVERHEAD + value.len);
	if(!r->failed)
		check(r, r->rpc->struct_add(in, "S", name, &s));
}

void frt_rpc_text(frt_rpc_t *r, void *in, const char *name, const char *value)
{
	frt_rpc_str(r, in, name, frt_str_of(value));
}

void frt_rpc_word(frt_rpc_t *r, void *array, frt_str_t value)
{
	str s = {(char *)(value.len ? value.s : ""), (int)value.len};

	count(r, NULL, OVERHEAD + value.len);
	if(!r->failed)
		check(r, r->rpc->array_add(array, "S", &s));
}
