/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A transport for RPC commands under test. It answers scan() as jsonrpcs or as
 * ctl does, fails the n-th addition, and writes the answer as JSON:
 *
 *     fake_args("carriers", "0", NULL);
 *     frt_rpc_list(fake_rpc(), NULL);
 *     assert_string_equal(fake_json(), "{\"generation\":1,...}");
 */
#ifndef FRT_FAKE_RPC_H
#define FRT_FAKE_RPC_H

#include "../../core/rpc.h"
#include "../../core/str.h"
#include "unit.h"

#define FAKE_ARGS 8
/* An argument that is neither a string nor a number. */
#define FAKE_OTHER "\1other"

typedef struct fake_node
{
	char kind; /* { or [, or v: a value, already as JSON */
	char *name;
	char *value;
	struct fake_node *first;
	struct fake_node *last;
	struct fake_node *next;
} fake_node_t;

static struct
{
	const char *args[FAKE_ARGS];
	size_t lens[FAKE_ARGS]; /* 0: up to the NUL */
	int at;
	bool ctl;	 /* behave as ctl, not as jsonrpcs */
	int adds;	 /* additions so far */
	int fail_at; /* this one fails; 0: none */
	int faults;
	int code;
	char fault[512];
	fake_node_t *root;
	rpc_t rpc;
} fake;

static void fake_free(fake_node_t *n)
{
	fake_node_t *next;

	for(; n; n = next) {
		next = n->next;
		fake_free(n->first);
		free(n->name);
		free(n->value);
		free(n);
	}
}

static fake_node_t *fake_node(char kind, const char *name)
{
	fake_node_t *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->kind = kind;
	n->name = name ? strdup(name) : NULL;
	return n;
}

static char *fake_quote(const char *s, size_t len)
{
	char *out = malloc(2 * len + 3), *p = out;
	size_t i;

	assert_non_null(out);
	*p++ = '"';
	for(i = 0; i < len; i++) {
		if(s[i] == '"' || s[i] == '\\')
			*p++ = '\\';
		*p++ = s[i];
	}
	*p++ = '"';
	*p = '\0';
	return out;
}

static char *fake_number(long long v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", v);
	return strdup(text);
}

/* One value by its letter; a structure's handle goes to the caller. */
static fake_node_t *fake_value(char c, const char *name, va_list *ap)
{
	fake_node_t *n = fake_node(c == '{' || c == '[' ? c : 'v', name);
	const char *s;
	str *t;

	switch(c) {
		case '{':
		case '[':
			*va_arg(*ap, void **) = n;
			break;
		case 'd':
			n->value = fake_number(va_arg(*ap, int));
			break;
		case 'L':
			n->value = fake_number(va_arg(*ap, long long));
			break;
		case 's':
			s = va_arg(*ap, char *);
			n->value = fake_quote(s, strlen(s));
			break;
		case 'S':
			t = va_arg(*ap, str *);
			assert_non_null(t->s);
			n->value = fake_quote(t->s, (size_t)t->len);
			break;
		default:
			fail_msg("format '%c' is not for both transports", c);
	}
	return n;
}

static bool fake_fails(void)
{
	return ++fake.adds == fake.fail_at;
}

static void fake_link(fake_node_t *in, fake_node_t *n)
{
	if(in->last)
		in->last->next = n;
	else
		in->first = n;
	in->last = n;
}

static int fake_add(void *ctx, char *fmt, ...)
{
	va_list ap;

	if(fake_fails())
		return -1;
	assert_null(fake.root);
	assert_int_equal(strlen(fmt), 1);
	va_start(ap, fmt);
	fake.root = fake_value(*fmt, NULL, &ap);
	va_end(ap);
	return 0;
}

static int fake_struct_add(void *in, char *fmt, ...)
{
	va_list ap;
	char *name;

	assert_non_null(in);
	assert_int_equal(((fake_node_t *)in)->kind, '{');
	if(fake_fails())
		return -1;
	assert_int_equal(strlen(fmt), 1);
	va_start(ap, fmt);
	name = va_arg(ap, char *);
	fake_link(in, fake_value(*fmt, name, &ap));
	va_end(ap);
	return 0;
}

static int fake_array_add(void *in, char *fmt, ...)
{
	va_list ap;

	assert_non_null(in);
	assert_int_equal(((fake_node_t *)in)->kind, '[');
	if(fake_fails())
		return -1;
	assert_int_equal(strlen(fmt), 1);
	va_start(ap, fmt);
	fake_link(in, fake_value(*fmt, NULL, &ap));
	va_end(ap);
	return 0;
}

/* One optional argument at a time: by "*.S" numbers as their digits, too. ctl is
 * asked for each type by itself, always writes something into the variable, and
 * leaves an argument of another type where it is. */
static int fake_scan(void *ctx, char *fmt, ...)
{
	const char *arg = fake.at < FAKE_ARGS ? fake.args[fake.at] : NULL;
	bool is_other = arg && strcmp(arg, FAKE_OTHER) == 0;
	va_list ap;
	str *out;

	if(fake.ctl && strcmp(fmt, "*S") != 0) {
		if(strcmp(fmt, "*d") != 0)
			assert_string_equal(fmt, "*f");
		fake.at += fmt[1] == 'f' && is_other;
		return fmt[1] == 'f' && is_other;
	}
	assert_string_equal(fmt, fake.ctl ? "*S" : "*.S");
	va_start(ap, fmt);
	out = va_arg(ap, str *);
	va_end(ap);
	if(arg && !is_other) {
		out->s = (char *)arg;
		out->len = (int)(fake.lens[fake.at] ? fake.lens[fake.at] : strlen(arg));
		fake.at++;
		return 1;
	}
	if(fake.ctl) {
		out->s = "not to be read";
		out->len = 14;
	} else if(arg) {
		out->s = NULL;
		out->len = 0;
	}
	return 0;
}

static void fake_fault(void *ctx, int code, char *fmt, ...)
{
	va_list ap;

	fake.faults++;
	fake.code = code;
	va_start(ap, fmt);
	vsnprintf(fake.fault, sizeof(fake.fault), fmt, ap);
	va_end(ap);
}

static rpc_capabilities_t fake_capabilities(void *ctx)
{
	return RPC_DELAYED_REPLY;
}

static inline void fake_reset(void)
{
	fake_free(fake.root);
	memset(&fake, 0, sizeof(fake));
}

/* A new request with these arguments, up to a NULL. */
static inline void fake_args(const char *first, ...)
{
	const char *arg = first;
	va_list ap;
	int n = 0;

	fake_reset();
	va_start(ap, first);
	for(; arg && n < FAKE_ARGS; arg = va_arg(ap, const char *))
		fake.args[n++] = arg;
	va_end(ap);
}

static inline rpc_t *fake_rpc(void)
{
	fake.rpc.add = fake_add;
	fake.rpc.struct_add = fake_struct_add;
	fake.rpc.array_add = fake_array_add;
	fake.rpc.scan = fake_scan;
	fake.rpc.fault = fake_fault;
	fake.rpc.capabilities = fake.ctl ? NULL : fake_capabilities;
	return &fake.rpc;
}

static void fake_write(const fake_node_t *n, FILE *out)
{
	const fake_node_t *c;

	if(n->name)
		fprintf(out, "\"%s\":", n->name);
	if(n->kind == 'v') {
		fputs(n->value, out);
		return;
	}
	fputc(n->kind, out);
	for(c = n->first; c; c = c->next) {
		fake_write(c, out);
		if(c->next)
			fputc(',', out);
	}
	fputc(n->kind == '{' ? '}' : ']', out);
}

/* The answer; valid until the next call. "" if there is none. */
static inline const char *fake_json(void)
{
	static char text[1 << 20];
	FILE *out = fmemopen(text, sizeof(text), "w");

	assert_non_null(out);
	if(fake.root)
		fake_write(fake.root, out);
	fputc('\0', out);
	fclose(out);
	return text;
}

/* How often a text occurs in the answer. */
static inline int fake_count(const char *what)
{
	const char *p = fake_json();
	int n = 0;

	for(; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

#endif
