/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How an attribute's value gets from text to its place, and the words for what
 * is expected. Everything about one attribute is in its row of the table.
 */
#include "frt_attr.h"
#include "frt_text.h"

#include <string.h>

static int word_index(const char *const *words, frt_str_t value)
{
	int i;

	for(i = 0; words[i] != NULL; i++) {
		if(strlen(words[i]) == value.len
				&& memcmp(words[i], value.s, value.len) == 0)
			return i;
	}
	return -1;
}

static bool is_any(frt_str_t value)
{
	return frt_str_eq(value, FRT_STR("any"));
}

/* Requests that a prober must not send: they belong to a call, or are none. */
static const char *check_method(frt_str_t value)
{
	static const char *const no[] = {
			"ACK", "CANCEL", "BYE", "PRACK", "UPDATE", NULL};
	uint32_t i;

	for(i = 0; i < value.len; i++) {
		if(value.s[i] < 'A' || value.s[i] > 'Z')
			return "it is written in capital letters";
	}
	return word_index(no, value) >= 0 ? "this one cannot probe" : NULL;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')
		   || (c >= 'A' && c <= 'F');
}

/* RFC 3261 section 25.1: unreserved, user-unreserved, escaped. */
static const char *check_user(frt_str_t value)
{
	static const char marks[] = "-_.!~*'()&=+$,;?/";
	uint32_t i;

	for(i = 0; i < value.len; i++) {
		char c = value.s[i];

		if(c == '%' && i + 2 < value.len && is_hex(value.s[i + 1])
				&& is_hex(value.s[i + 2]))
			i += 2;
		else if(!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z')
				&& !(c >= 'A' && c <= 'Z')
				&& (c == '\0' || strchr(marks, c) == NULL))
			return "this cannot stand before the @ of a URI";
	}
	return NULL;
}

static int parse_duration(
		const frt_attr_def_t *def, frt_str_t value, uint32_t *out)
{
	uint32_t ms;
	int err = frt_duration_parse(value, &ms);

	if(err != 0)
		return err;
	if((ms < def->min || ms > def->max) && !(ms == 0 && def->zero_ok))
		return FRT_E_RANGE;
	*out = ms;
	return 0;
}

/* The types that are one number of 32 bits. */
static int parse_u32(const frt_attr_def_t *def, frt_str_t value, uint32_t *out)
{
	if(def->type == FRT_ATTR_DURATION)
		return parse_duration(def, value, out);
	if(def->type == FRT_ATTR_PERCENT)
		return frt_percent_parse(value, out);
	return frt_uint_parse(value, def->min, def->max, out);
}

static int store_u32(const frt_attr_def_t *def, frt_str_t value, char *place)
{
	uint32_t v = 0;
	int err = parse_u32(def, value, &v);

	if(err == 0 && def->type == FRT_ATTR_U16)
		*(uint16_t *)(void *)place = (uint16_t)v;
	else if(err == 0 && def->type == FRT_ATTR_NUMBER)
		*(int64_t *)(void *)place = v;
	else if(err == 0)
		*(uint32_t *)(void *)place = v;
	return err;
}

static int store_word(const frt_attr_def_t *def, frt_str_t value, char *place)
{
	int v = word_index(def->words, value);

	if(def->type == FRT_ATTR_WORD_OR_ANY) {
		if(v < 0 && !is_any(value))
			return FRT_E_SYNTAX;
		*(int16_t *)(void *)place = (int16_t)v;
		return 0;
	}
	if(v < 0)
		return FRT_E_SYNTAX;
	*(int *)(void *)place = v;
	return 0;
}

static int store_cause(const frt_attr_def_t *def, frt_str_t value, char *place)
{
	uint32_t v = 0;
	int err = is_any(value) ? 0 : frt_uint_parse(value, def->min, def->max, &v);

	if(err == 0)
		*(int32_t *)(void *)place = is_any(value) ? -1 : (int32_t)v;
	return err;
}

static int store_windows(frt_str_t value, void *base)
{
	frt_health_conf_t *h = &((frt_draft_set_t *)base)->conf.health;
	frt_window_t windows[FRT_WINDOWS_MAX] = {{0, 0, 0}};
	uint32_t n;
	int err = frt_windows_parse(value, windows, FRT_WINDOWS_MAX, &n);

	if(err == 0) {
		memcpy(h->windows, windows, sizeof(windows));
		h->nwindows = n;
	}
	return err;
}

/* The types that keep the text itself. */
static int check_text(
		const frt_attr_def_t *def, frt_str_t value, const char **why)
{
	frt_uri_t uri;
	frt_socket_t sock;

	if(value.len == 0 && def->min == 0)
		return 0;
	if(def->type == FRT_ATTR_SOCKET)
		return frt_socket_parse(value, &sock, why);
	if(def->type == FRT_ATTR_URI || def->type == FRT_ATTR_URI_OR_NONE)
		return frt_uri_parse_why(value, &uri, why);
	if(value.len < def->min || value.len > def->max)
		return FRT_E_RANGE;
	if(def->type == FRT_ATTR_USER)
		*why = check_user(value);
	else
		*why = def->type == FRT_ATTR_ID ? frt_id_check(value, def->max)
										: check_method(value);
	return *why == NULL ? 0 : FRT_E_SYNTAX;
}

bool frt_attr_keeps_text(const frt_attr_def_t *def)
{
	return def->type == FRT_ATTR_ID || def->type == FRT_ATTR_METHOD
		   || def->type == FRT_ATTR_USER || def->type == FRT_ATTR_URI
		   || def->type == FRT_ATTR_URI_OR_NONE || def->type == FRT_ATTR_SOCKET;
}

static int store_text(const frt_attr_def_t *def, frt_str_t value, char *place,
		const char **why)
{
	int err = check_text(def, value, why);

	if(err == 0)
		*(frt_str_t *)(void *)place = value;
	return err;
}

static int store(const frt_attr_def_t *def, frt_str_t value, char *base,
		const char **why)
{
	char *place = base + def->offset;
	frt_rule_t *rule;

	switch(def->type) {
		case FRT_ATTR_NUMBER:
		case FRT_ATTR_U16:
		case FRT_ATTR_U32:
		case FRT_ATTR_DURATION:
		case FRT_ATTR_PERCENT:
			return store_u32(def, value, place);
		case FRT_ATTR_BOOL:
			return frt_bool_parse(value, (bool *)place);
		case FRT_ATTR_WORD:
		case FRT_ATTR_WORD_OR_ANY:
			return store_word(def, value, place);
		case FRT_ATTR_CAUSE:
			return store_cause(def, value, place);
		case FRT_ATTR_CODES:
			return frt_codes_parse(value, (frt_codes_t *)(void *)place);
		case FRT_ATTR_CODE_RANGE:
			rule = (frt_rule_t *)(void *)base;
			return frt_code_range_parse(
					value, &rule->code_min, &rule->code_max);
		case FRT_ATTR_WINDOWS:
			return store_windows(value, base);
		case FRT_ATTR_ID:
		case FRT_ATTR_METHOD:
		case FRT_ATTR_USER:
		case FRT_ATTR_URI:
		case FRT_ATTR_URI_OR_NONE:
		case FRT_ATTR_SOCKET:
			return store_text(def, value, place, why);
	}
	return FRT_E_INVAL;
}

int frt_attr_store(const frt_attr_def_t *def, frt_str_t value, void *base,
		const char **why)
{
	int err;

	*why = NULL;
	err = store(def, value, (char *)base, why);
	if(err == 0 && def->given_offset != 0)
		*(int16_t *)(void *)((char *)base + def->given_offset) = 1;
	return err;
}

void frt_attr_store_defaults(frt_scope_t scope, void *base)
{
	const char *why;
	size_t n, i;
	const frt_attr_def_t *table = frt_attr_table(&n);

	for(i = 0; i < n; i++) {
		frt_str_t text = {table[i].dflt, 0};
		if(table[i].scope != scope || table[i].dflt == NULL)
			continue;
		text.len = (uint32_t)strlen(text.s);
		(void)frt_attr_store(&table[i], text, base, &why);
	}
}

void frt_set_conf_default(frt_set_conf_t *c)
{
	frt_draft_set_t set = {.number = -1};

	frt_attr_store_defaults(FRT_SCOPE_SET, &set);
	frt_attr_store_defaults(FRT_SCOPE_HEALTH, &set);
	frt_attr_store_defaults(FRT_SCOPE_PROBE, &set);
	*c = set.conf;
}

/* "a, b or c" */
static void add_words(frt_buf_t *out, const char *const *words, bool any)
{
	int i;

	for(i = 0; words[i] != NULL; i++) {
		if(i > 0)
			frt_buf_add(out, words[i + 1] == NULL && !any ? " or " : ", ");
		frt_buf_add(out, "%s", words[i]);
	}
	if(any)
		frt_buf_add(out, " or any");
}

static void expected_duration(const frt_attr_def_t *def, frt_buf_t *out)
{
	frt_buf_add(out, def->zero_ok ? "0 or a duration " : "a duration ");
	frt_buf_add_duration(out, def->min);
	frt_buf_add(out, "..");
	frt_buf_add_duration(out, def->max);
	frt_buf_add(out, " with its unit, such as 500ms, 4s or 5m");
}

void frt_attr_expected(const frt_attr_def_t *def, frt_buf_t *out)
{
	static const char *const texts[] = {[FRT_ATTR_BOOL] = "yes or no",
			[FRT_ATTR_PERCENT] = "a percentage 0%..100%",
			[FRT_ATTR_CODE_RANGE] = "a status code of 100..699, such as 480, "
									"5xx, 500-599 or any",
			[FRT_ATTR_CODES] = "status codes of 100..699 between blanks, such "
							   "as \"408 503\", 5xx, 500-599, any or none",
			[FRT_ATTR_WINDOWS] = "up to 4 times of day, such as "
								 "\"02:00-05:00\", \"Mon-Fri 22:00-06:00, "
								 "Sat,Sun 00:00-24:00\" or none",
			[FRT_ATTR_METHOD] = "a SIP method such as OPTIONS or INVITE",
			[FRT_ATTR_USER] = "1..64 bytes of a URI's user part, such as "
							  "+4930000000",
			[FRT_ATTR_URI] = "a sip: or sips: URI",
			[FRT_ATTR_URI_OR_NONE] = "a sip: or sips: URI",
			[FRT_ATTR_SOCKET] =
					"protocol:address:port, such as udp:192.0.2.1:5060"};

	switch(def->type) {
		case FRT_ATTR_ID:
			frt_buf_add(out,
					"1..%u bytes, no blank, comma or control character, no "
					"'*' first",
					(unsigned)def->max);
			return;
		case FRT_ATTR_DURATION:
			expected_duration(def, out);
			return;
		case FRT_ATTR_WORD:
		case FRT_ATTR_WORD_OR_ANY:
			add_words(out, def->words, def->type == FRT_ATTR_WORD_OR_ANY);
			return;
		case FRT_ATTR_NUMBER:
		case FRT_ATTR_U16:
		case FRT_ATTR_U32:
		case FRT_ATTR_CAUSE:
			frt_buf_add(out, "a whole number %u..%u%s", (unsigned)def->min,
					(unsigned)def->max,
					def->type == FRT_ATTR_CAUSE ? " or any" : "");
			return;
		default:
			frt_buf_add(out, "%s", texts[def->type]);
	}
}
