/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as a SIP reply: the headers that a policy goes by, and what the
 * topmost Via asks for.
 */
#include "fuzz.h"

#include "frt_oc.h"
#include "frt_policy.h"

/* What is believed is in range, and in force for no longer than allowed. */
static void fuzz_overload(const char *copy, size_t size)
{
	frt_oc_t oc = {.seq = 0};
	frt_oc_said_t said;

	frt_oc_has_priority(copy, size);
	if(!frt_oc_parse(copy, size, &said))
		return;
	FUZZ_CHECK(said.loss <= 100 && said.seq < 100000000000000000ull);
	frt_oc_told_locked(&oc, &said, 5000, 1000);
	FUZZ_CHECK(frt_oc_loss(&oc, 1000) == (said.validity_ms ? said.loss : 0));
	FUZZ_CHECK(frt_oc_loss(&oc, 6000) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_set_conf_t conf;
	frt_decision_t d;
	frt_outcome_t o = {.origin = FRT_REMOTE, .code = 503, .invite = true};

	o.retry_after_s = frt_hdr_retry_after(copy, size);
	FUZZ_CHECK(o.retry_after_s == FRT_RETRY_AFTER_NONE
			   || (o.retry_after_s >= 0 && o.retry_after_s <= INT32_MAX));
	o.reason_cause = frt_hdr_reason_cause(copy, size);
	FUZZ_CHECK(o.reason_cause == FRT_CAUSE_NONE || o.reason_cause >= 0);
	frt_set_conf_default(&conf);
	frt_policy_decide(&conf, NULL, 0, &o, &d);
	if(d.verdict == FRT_V_BLACKOUT)
		FUZZ_CHECK(d.blackout_ms >= 1000
				   && d.blackout_ms <= conf.health.hold_max_ms);
	fuzz_overload(copy, size);
	free(copy);
	return 0;
}
