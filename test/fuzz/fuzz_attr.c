/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Attributes and policy rules as a source gives them: any scope, any of the
 * names, any value. Each byte pair of the input's head picks one; the values
 * are the lines that follow.
 */
#include "fuzz.h"

#include "frt_attr.h"
#include "frt_draft.h"
#include "frt_policy.h"

static const frt_place_t place = {"fuzz", 1};

static void decide(const frt_draft_set_t *set)
{
	static const int codes[] = {180, 200, 408, 480, 486, 500, 503, 504, 603};
	frt_outcome_t o = {.reason_cause = FRT_CAUSE_NONE,
			.retry_after_s = FRT_RETRY_AFTER_NONE,
			.invite = true};
	frt_decision_t d;
	uint32_t i;

	for(i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		o.code = (uint16_t)codes[i];
		frt_policy_decide(&set->conf, set->rules, set->nrules, &o, &d);
		FUZZ_CHECK(d.route < frt_route_count);
		FUZZ_CHECK(d.verdict < frt_verdict_count);
	}
}

/* The line that begins at *at; moves on. */
static frt_str_t line_at(const char *text, size_t size, size_t *at)
{
	const char *end = memchr(text + *at, '\n', size - *at);
	size_t len = end ? (size_t)(end - text) - *at : size - *at;
	frt_str_t line = {text + *at, (uint32_t)len};

	*at += len + (end != NULL);
	return line;
}

static void give(frt_draft_t *d, frt_draft_set_t *set, frt_draft_dst_t *dst,
		uint8_t pick, frt_str_t value)
{
	size_t n;
	const frt_attr_def_t *def = frt_attr_table(&n);
	frt_str_t name;

	def += pick % n;
	name = (frt_str_t){def->name, (uint32_t)strlen(def->name)};
	if(def->scope == FRT_SCOPE_RULE)
		return;
	frt_draft_attr(d, def->scope, set,
			def->scope == FRT_SCOPE_DESTINATION ? dst : NULL, name, value,
			place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_draft_t *d = frt_draft_new(&fuzz_mem);
	frt_draft_set_t *set = NULL;
	frt_draft_dst_t *dst = NULL;
	size_t at = 0;

	FUZZ_CHECK(d);
	frt_draft_set_add(d, FRT_STR("s"), place, &set);
	frt_draft_dst_add(d, set, FRT_STR("d"), place, &dst);
	while(at < size) {
		uint8_t pick = (uint8_t)copy[at++];

		give(d, set, dst, pick, line_at(copy, size, &at));
	}
	frt_draft_check(d);
	decide(set);
	frt_draft_free(d);
	free(copy);
	return 0;
}
