/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of attributes and how a value gets from text to its place.
 */
#include "frt_attr.h"
#include "frt_draft_priv.h"
#include "frt_text.h"

#include <string.h>

#define SECOND UINT32_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* The words of an enum, in its order, for FRT_ATTR_WORD. */
#define WORD_OF(id, text) text,
#define WORDS(name, LIST) \
	static const char *const name[] = {LIST(WORD_OF) NULL};

WORDS(strategy_words, FRT_STRATEGY_LIST)
WORDS(profile_words, FRT_PROFILE_LIST)
WORDS(rewrite_words, FRT_REWRITE_LIST)
WORDS(path_header_words, FRT_PATH_HEADER_LIST)
WORDS(answer_from_words, FRT_ANSWER_FROM_LIST)
WORDS(route_words, FRT_ROUTE_LIST)
WORDS(verdict_words, FRT_VERDICT_LIST)
WORDS(origin_words, FRT_ORIGIN_LIST)
WORDS(admin_words, FRT_ADMIN_LIST)
WORDS(resolve_words, FRT_RESOLVE_LIST)
static const char *const provisional_words[] = {"no", "yes", NULL};

/* Enums are stored as an int. */
_Static_assert(sizeof(frt_strategy_t) == sizeof(int), "enums are ints");

#define IN_SET(field) offsetof(frt_draft_set_t, field)
#define IN_CONF(field) offsetof(frt_draft_set_t, conf.field)
#define IN_PROBE(field) offsetof(frt_draft_set_t, conf.probe.field)
#define IN_HEALTH(field) offsetof(frt_draft_set_t, conf.health.field)
#define IN_RULE(field) offsetof(frt_rule_t, field)
#define IN_DST(field) offsetof(frt_draft_dst_t, field)

/* clang-format off */
#define ROW(scope_, name_, type_, offset_, min_, max_, dflt_, ...)           \
	{.scope = (scope_), .name = (name_), .len = sizeof(name_) - 1,           \
	 .type = FRT_ATTR_##type_, .offset = (offset_), .min = (min_), .max = (max_), .dflt = (dflt_),     \
	 __VA_ARGS__}

#define S FRT_SCOPE_SET
#define P FRT_SCOPE_PROBE
#define H FRT_SCOPE_HEALTH
#define R FRT_SCOPE_RULE
#define D FRT_SCOPE_DESTINATION
#define KEY .required = true, .set_only = true

static const frt_attr_def_t table[] = {
	/* most of a file are these: a search meets them first */
	ROW(D, "id", ID, IN_DST(id), 1, FRT_ID_MAX, NULL, KEY),
	ROW(D, "uri", URI, IN_DST(uri), 1, FRT_URI_MAX, NULL, .required = true),
	ROW(D, "priority", U16, IN_DST(priority), 0, FRT_PRIORITY_MAX, "1"),
	ROW(D, "weight", U16, IN_DST(weight), 0, FRT_WEIGHT_MAX, "1"),
	ROW(D, "socket", SOCKET, IN_DST(socket), 0, FRT_URI_MAX, ""),
	ROW(D, "max-calls", U32, IN_DST(max_calls), 0, FRT_CALLS_MAX, "0"),
	ROW(D, "max-cps", U32, IN_DST(max_cps), 0, 1000000, "0"),
	ROW(D, "admin", WORD, IN_DST(admin), 0, 0, "ready", .words = admin_words),
	ROW(D, "resolve", WORD, IN_DST(resolve), 0, 0, "none",
			.words = resolve_words),

	ROW(S, "id", ID, IN_SET(id), 1, FRT_ID_MAX, NULL, KEY),
	ROW(S, "number", NUMBER, IN_SET(number), 0, INT32_MAX, NULL,
			.set_only = true),
	ROW(S, "strategy", WORD, IN_CONF(strategy), 0, 0, "weighted",
			.words = strategy_words),
	ROW(S, "max-attempts", U32, IN_CONF(max_attempts), 1, FRT_ATTEMPTS_MAX, "3"),
	ROW(S, "deadline", DURATION, IN_CONF(deadline_ms), 100, HOUR, "20s"),
	ROW(S, "try-timeout", DURATION, IN_CONF(try_timeout_ms), 100,
			3 * MINUTE, "4s"),
	ROW(S, "try-timeout-min", DURATION, IN_CONF(try_timeout_min_ms), 100,
			3 * MINUTE, "500ms"),
	ROW(S, "adaptive", BOOL, IN_CONF(adaptive), 0, 1, "no"),
	ROW(S, "progress-timeout", DURATION, IN_CONF(progress_timeout_ms), 100,
			3 * MINUTE, "0s", .zero_ok = true),
	ROW(S, "progress-timeout-min", DURATION, IN_CONF(progress_timeout_min_ms),
			100, 3 * MINUTE, "2s"),
	ROW(S, "answer-timeout", DURATION, IN_CONF(answer_timeout_ms), SECOND,
			HOUR, "60s"),
	ROW(S, "profile", WORD, IN_CONF(profile), 0, 0, "standard",
			.words = profile_words),
	ROW(S, "after-ringing", WORD, IN_CONF(after_ringing), 0, 0, "stop",
			.words = route_words),
	ROW(S, "spill", BOOL, IN_CONF(spill), 0, 1, "on"),
	ROW(S, "panic", BOOL, IN_CONF(panic), 0, 1, "on"),
	ROW(S, "retry-budget", PERCENT, IN_CONF(retry_pct), 0, 100, "20%"),
	ROW(S, "retry-budget-min", U32, IN_CONF(retry_min), 0, 1000000, "3"),
	ROW(S, "overload-control", BOOL, IN_CONF(overload), 0, 1, "yes"),
	ROW(S, "rewrite", WORD, IN_CONF(rewrite), 0, 0, "duri",
			.words = rewrite_words),
	ROW(S, "path-header", WORD, IN_CONF(path_header), 0, 0, "none",
			.words = path_header_words),
	ROW(S, "shadow", BOOL, IN_CONF(shadow), 0, 1, "no"),
	ROW(S, "dns-min-ttl", DURATION, IN_CONF(dns_min_ttl_ms), SECOND, DAY,
			"5s"),
	ROW(S, "dns-max-ttl", DURATION, IN_CONF(dns_max_ttl_ms), SECOND, 7 * DAY,
			"1h"),

	/* in <defaults>, a name that <probe> has too means the one of <health> */
	ROW(H, "fall", U32, IN_HEALTH(fall), 1, 100, "3"),
	ROW(H, "window", DURATION, IN_HEALTH(window_ms), SECOND, DAY, "60s"),
	ROW(H, "hold", DURATION, IN_HEALTH(hold_ms), 100, DAY, "30s"),
	ROW(H, "hold-max", DURATION, IN_HEALTH(hold_max_ms), 100, 7 * DAY, "300s"),
	ROW(H, "ramp", DURATION, IN_HEALTH(ramp_ms), 100, DAY, "60s",
			.zero_ok = true),
	ROW(H, "failback-delay", DURATION, IN_HEALTH(failback_delay_ms), 100,
			7 * DAY, "0s", .zero_ok = true),
	ROW(H, "failback-window", WINDOWS, IN_HEALTH(windows), 0,
			FRT_WINDOWS_MAX, "none"),
	ROW(H, "max-eject", PERCENT, IN_HEALTH(max_eject_pct), 0, 100, "50%"),
	ROW(H, "shed-from", PERCENT, IN_HEALTH(shed_from_pct), 0, 100, "10%"),
	ROW(H, "shed-to", PERCENT, IN_HEALTH(shed_to_pct), 0, 100, "50%"),
	ROW(H, "shed-volume", U32, IN_HEALTH(shed_volume), 0, 1000000, "20"),

	ROW(P, "enabled", BOOL, IN_PROBE(enabled), 0, 1, "yes"),
	ROW(P, "method", METHOD, IN_PROBE(method), 1, FRT_METHOD_MAX, "OPTIONS"),
	ROW(P, "number", USER, IN_PROBE(number), 1, FRT_USER_MAX, NULL,
			.set_only = true), /* in <defaults>, hardly a set's number */
	ROW(P, "interval", DURATION, IN_PROBE(interval_ms), SECOND, DAY, "30s"),
	ROW(P, "fast-interval", DURATION, IN_PROBE(fast_interval_ms), 100, DAY,
			"2s"),
	ROW(P, "down-interval", DURATION, IN_PROBE(down_interval_ms), SECOND,
			DAY, "60s"),
	ROW(P, "timeout", DURATION, IN_PROBE(timeout_ms), 100, 32 * SECOND, "2s"),
	ROW(P, "rise", U32, IN_PROBE(rise), 1, 100, "2"),
	ROW(P, "fall", U32, IN_PROBE(fall), 1, 100, "3"),
	ROW(P, "ok", CODES, IN_PROBE(ok), 0, 0, "any"),
	ROW(P, "not-ok", CODES, IN_PROBE(not_ok), 0, 0, "408 503"),
	ROW(P, "max-forwards", U32, IN_PROBE(max_forwards), 0, 255, "70"),
	ROW(P, "from", URI_OR_NONE, IN_PROBE(from), 0, FRT_URI_MAX, ""),
	ROW(P, "outbound-proxy", URI_OR_NONE, IN_PROBE(outbound_proxy), 0,
			FRT_URI_MAX, ""),
	ROW(P, "answer-from", WORD, IN_PROBE(answer_from), 0, 0, "destination",
			.words = answer_from_words),

	ROW(R, "code", CODE_RANGE, IN_RULE(code_min), 0, 0, "any"),
	ROW(R, "origin", WORD_OR_ANY, IN_RULE(origin), 0, 0, "any",
			.words = origin_words),
	ROW(R, "provisional", WORD_OR_ANY, IN_RULE(provisional), 0, 0, "any",
			.words = provisional_words),
	ROW(R, "reason-cause", CAUSE, IN_RULE(reason_cause), 0, 999, "any"),
	ROW(R, "route", WORD, IN_RULE(route), 0, 0, NULL, .words = route_words,
			.given_offset = IN_RULE(has_route)),
	ROW(R, "verdict", WORD, IN_RULE(verdict), 0, 0, NULL,
			.words = verdict_words, .given_offset = IN_RULE(has_verdict)),
};
/* clang-format on */

#define TABLE_SIZE (sizeof(table) / sizeof(table[0]))
_Static_assert(TABLE_SIZE <= 64 * FRT_GIVEN_WORDS,
		"a set keeps one bit for each attribute");

const frt_attr_def_t *frt_attr_table(size_t *n)
{
	*n = TABLE_SIZE;
	return table;
}

unsigned frt_attr_index(const frt_attr_def_t *def)
{
	return (unsigned)(def - table);
}

/* Rows of SET and HEALTH come first, so that "fall" in <defaults> is the one
 * of <health>. */
static bool in_scope(const frt_attr_def_t *def, frt_scope_t scope)
{
	if(scope != FRT_SCOPE_DEFAULTS)
		return def->scope == scope;
	return !def->set_only
		   && (def->scope == FRT_SCOPE_SET || def->scope == FRT_SCOPE_HEALTH
				   || def->scope == FRT_SCOPE_PROBE);
}

static bool is_named(const frt_attr_def_t *def, frt_str_t name)
{
	return def->len == name.len && memcmp(def->name, name.s, name.len) == 0;
}

const frt_attr_def_t *frt_attr_find(frt_scope_t scope, frt_str_t name)
{
	size_t i;

	for(i = 0; i < TABLE_SIZE; i++) {
		if(is_named(&table[i], name) && in_scope(&table[i], scope))
			return &table[i];
	}
	return NULL;
}

const char *frt_attr_suggest(frt_scope_t scope, frt_str_t name)
{
	const char *best = NULL;
	unsigned distance, least = 0;
	size_t i;

	for(i = 0; i < TABLE_SIZE; i++) {
		frt_str_t known = {table[i].name, table[i].len};
		if(!in_scope(&table[i], scope)
				|| !frt_text_close(known, name, &distance))
			continue;
		if(best == NULL || distance < least) {
			best = table[i].name;
			least = distance;
		}
	}
	return best;
}

int frt_attr_elsewhere(frt_scope_t scope, frt_str_t name)
{
	int owner = -1;
	size_t i;

	/* of a name that a destination has too, the other one is nearer */
	for(i = 0; i < TABLE_SIZE; i++) {
		if(in_scope(&table[i], scope) || !is_named(&table[i], name))
			continue;
		owner = (int)table[i].scope;
		if(owner != FRT_SCOPE_DESTINATION)
			break;
	}
	return owner;
}
