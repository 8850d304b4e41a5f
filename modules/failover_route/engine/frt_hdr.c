/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds Retry-After and Reason in the raw bytes of a SIP message. Neither
 * header has a compact form (RFC 3261 section 7.3.3, RFC 3326).
 */
#include "frt_policy.h"
#include "frt_scan.h"

static const frt_str_t none = {NULL, 0};

int64_t frt_hdr_retry_after(const char *msg, size_t len)
{
	frt_scan_t s = frt_scan_begin(msg, len), v;

	while(frt_scan_named(&s, FRT_STR("Retry-After"), none, &v)) {
		int32_t n = frt_scan_number(&v);
		if(n >= 0)
			return n;
	}
	return FRT_RETRY_AFTER_NONE;
}

/* Reads one reason-value, "Q.850;cause=34;text=\"...\"". False if the rest of
 * the line cannot be trusted. */
static bool take_reason(frt_scan_t *v, frt_str_t *protocol, int32_t *cause)
{
	*cause = FRT_CAUSE_NONE;
	*protocol = frt_scan_token(v);
	while(frt_scan_take(v, ';')) {
		frt_str_t name = frt_scan_token(v);
		if(!frt_scan_take(v, '='))
			continue;
		if(*cause == FRT_CAUSE_NONE
				&& frt_str_eq_nocase(name, FRT_STR("cause")))
			*cause = frt_scan_number(v);
		if(!frt_scan_value(v))
			return false;
	}
	return true;
}

int32_t frt_hdr_reason_cause(const char *msg, size_t len)
{
	frt_scan_t s = frt_scan_begin(msg, len), v;
	int32_t sip = FRT_CAUSE_NONE, cause;
	frt_str_t protocol;

	while(frt_scan_named(&s, FRT_STR("Reason"), none, &v)) {
		do {
			if(!take_reason(&v, &protocol, &cause))
				break;
			if(cause == FRT_CAUSE_NONE)
				continue;
			if(frt_str_eq_nocase(protocol, FRT_STR("Q.850")))
				return cause;
			if(sip == FRT_CAUSE_NONE
					&& frt_str_eq_nocase(protocol, FRT_STR("SIP")))
				sip = cause;
		} while(frt_scan_take(&v, ','));
	}
	return sip;
}
