/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The policy: from how an attempt ended to what the call does next and what
 * the destination is held to have shown. First the set's rules, then the
 * built-in table, then the limits no rule can lift. Knows no health, no call.
 */
#include "frt_policy.h"

#define FRT_BLACKOUT_MIN_MS 1000

/* What the built-in table can be asked; one row each. */
typedef enum frt_case
{
	CASE_CANCELLED,
	CASE_CUT_SHORT, /* silent so far; its destination is down, or the call late */
	CASE_TRANSPORT,
	CASE_NO_ANSWER,		 /* our timer, after an 18x */
	CASE_SILENT,		 /* our timer, INVITE, at most a 100 */
	CASE_SILENT_REQUEST, /* our timer, any other method */
	CASE_GOOD,			 /* 1xx, 2xx */
	CASE_REFUSED,		 /* 3xx, 4xx, 6xx: somebody is there to say so */
	CASE_UNREACHABLE,	 /* 408, 480, 504 from the other side */
	CASE_UNANSWERED,	 /* 408, 480 from the other side, after an 18x */
	CASE_RETRY_AFTER,	 /* 503 with Retry-After */
	CASE_OVERLOADED,	 /* 503 */
	CASE_BROKEN,		 /* other 5xx */
	CASE_NONSENSE		 /* no status code at all */
} frt_case_t;

/* Design section 6, row by row. One non-INVITE timeout proves little (RFC
 * 4320). A 408 or 480 after an 18x is a telephone that rang and was not
 * answered: gateways send it for the Q.850 causes 18 and 19 (RFC 3398). */
static const struct
{
	frt_route_t route;
	frt_verdict_t verdict;
} builtin[] = {
		[CASE_CANCELLED] = {FRT_ROUTE_STOP, FRT_V_IGNORE},
		[CASE_CUT_SHORT] = {FRT_ROUTE_NEXT, FRT_V_IGNORE},
		[CASE_TRANSPORT] = {FRT_ROUTE_NEXT, FRT_V_STRONG},
		[CASE_NO_ANSWER] = {FRT_ROUTE_STOP, FRT_V_IGNORE},
		[CASE_SILENT] = {FRT_ROUTE_NEXT, FRT_V_STRONG},
		[CASE_SILENT_REQUEST] = {FRT_ROUTE_NEXT, FRT_V_WEAK},
		[CASE_GOOD] = {FRT_ROUTE_STOP, FRT_V_OK},
		[CASE_REFUSED] = {FRT_ROUTE_STOP, FRT_V_OK},
		[CASE_UNREACHABLE] = {FRT_ROUTE_NEXT, FRT_V_WEAK},
		[CASE_UNANSWERED] = {FRT_ROUTE_NEXT, FRT_V_IGNORE},
		[CASE_RETRY_AFTER] = {FRT_ROUTE_NEXT, FRT_V_BLACKOUT},
		[CASE_OVERLOADED] = {FRT_ROUTE_NEXT, FRT_V_STRONG},
		[CASE_BROKEN] = {FRT_ROUTE_NEXT, FRT_V_IGNORE},
		[CASE_NONSENSE] = {FRT_ROUTE_STOP, FRT_V_IGNORE},
};

static frt_case_t case_of_code(const frt_outcome_t *o)
{
	switch(o->code) {
		case 408:
		case 480:
			return o->provisional ? CASE_UNANSWERED : CASE_UNREACHABLE;
		case 504:
			return CASE_UNREACHABLE;
		case 503:
			return o->retry_after_s >= 0 ? CASE_RETRY_AFTER : CASE_OVERLOADED;
		default:
			break;
	}
	if(o->code < 100 || o->code > 699)
		return CASE_NONSENSE;
	if(o->code < 300)
		return CASE_GOOD;
	if(o->code >= 500 && o->code < 600)
		return CASE_BROKEN;
	return CASE_REFUSED;
}

static frt_case_t case_of(const frt_outcome_t *o)
{
	if(o->cancelled)
		return CASE_CANCELLED;
	if(o->cut_short)
		return CASE_CUT_SHORT;
	if(o->origin == FRT_TRANSPORT)
		return CASE_TRANSPORT;
	if(o->origin == FRT_REMOTE)
		return case_of_code(o);
	if(o->provisional)
		return CASE_NO_ANSWER;
	return o->invite ? CASE_SILENT : CASE_SILENT_REQUEST;
}

static bool rule_matches(const frt_rule_t *r, const frt_outcome_t *o)
{
	if(o->code < r->code_min || o->code > r->code_max)
		return false;
	if(r->origin >= 0 && r->origin != (int)o->origin)
		return false;
	if(r->provisional >= 0 && (r->provisional != 0) != o->provisional)
		return false;
	return r->reason_cause < 0 || r->reason_cause == o->reason_cause;
}

static const frt_rule_t *rule_find(
		const frt_rule_t *rules, uint32_t nrules, const frt_outcome_t *o)
{
	for(uint32_t i = 0; i < nrules; i++) {
		if(rule_matches(&rules[i], o))
			return &rules[i];
	}
	return NULL;
}

/* What Retry-After said; 0: nothing, or not a number. */
static uint32_t told_ms(const frt_outcome_t *o)
{
	if(o->retry_after_s < 0)
		return 0;
	if(o->retry_after_s == 0)
		return 1; /* it did say something */
	return o->retry_after_s > UINT32_MAX / 1000
				   ? UINT32_MAX
				   : (uint32_t)o->retry_after_s * 1000;
}

/* As long as the destination asked for, within 1 s .. hold_max. A rule may
 * ask for a blackout where no Retry-After was sent: then the usual hold. */
static uint32_t blackout_ms(const frt_health_conf_t *health, uint32_t told_ms)
{
	uint32_t ms = told_ms ? told_ms : health->hold_ms;

	if(ms > health->hold_max_ms)
		ms = health->hold_max_ms;
	return ms < FRT_BLACKOUT_MIN_MS ? FRT_BLACKOUT_MIN_MS : ms;
}

/* What holds whatever a rule says: no second telephone rings beside the first,
 * unless the set wants it, and nobody is called after an answer. */
static bool must_stop(const frt_set_conf_t *conf, const frt_outcome_t *o)
{
	if(o->provisional && !o->cut_short && conf->after_ringing != FRT_ROUTE_NEXT)
		return true;
	return o->origin == FRT_REMOTE && o->code < 300;
}

void frt_policy_decide(const frt_set_conf_t *conf, const frt_rule_t *rules,
		uint32_t nrules, const frt_outcome_t *o, frt_decision_t *out)
{
	frt_case_t c = case_of(o);
	const frt_rule_t *rule = NULL;

	out->route = builtin[c].route;
	out->verdict = builtin[c].verdict;
	out->blackout_ms = 0;
	out->told_ms = 0;

	/* A cancelled attempt says nothing of anybody, nor does one that was ended
	 * for what others showed or for the time others took: no rule for them. */
	if(!o->cancelled && !o->cut_short)
		rule = rule_find(rules, nrules, o);
	if(rule && rule->has_route)
		out->route = rule->route;
	if(rule && rule->has_verdict)
		out->verdict = rule->verdict;

	if(must_stop(conf, o))
		out->route = FRT_ROUTE_STOP;
	out->invite = o->invite
				  && !(out->verdict == FRT_V_OK
						  && (o->code == 401 || o->code == 407));
	if(out->verdict == FRT_V_BLACKOUT) {
		out->told_ms = told_ms(o);
		out->blackout_ms = blackout_ms(&conf->health, out->told_ms);
	}
}

/* Lower is better for the caller: RFC 3261 section 16.7, step 6. In 4xx the
 * codes that tell the caller what to change win; in 5xx a 503 loses, because
 * it would be sent on as a 500 and say nothing. */
static int code_rank(int code)
{
	if(code < 100 || code > 699)
		return 1000;
	if(code < 200)
		return 900;
	if(code < 300)
		return 0;
	if(code >= 600)
		return 10;
	if(code == 401 || code == 407 || code == 415 || code == 420 || code == 484)
		return 400;
	return code / 100 * 100 + (code == 503 ? 20 : 10);
}

int frt_policy_better(int a, int b)
{
	return code_rank(b) < code_rank(a) ? b : a;
}

int frt_policy_outward(int code)
{
	return code == 503 ? 500 : code;
}

/* RFC 3261 section 21 and the codes registered since. */
static const struct
{
	int code;
	const char *phrase;
} phrases[] = {
		{100, "Trying"},
		{180, "Ringing"},
		{181, "Call Is Being Forwarded"},
		{182, "Queued"},
		{183, "Session Progress"},
		{199, "Early Dialog Terminated"},
		{200, "OK"},
		{202, "Accepted"},
		{204, "No Notification"},
		{300, "Multiple Choices"},
		{301, "Moved Permanently"},
		{302, "Moved Temporarily"},
		{305, "Use Proxy"},
		{380, "Alternative Service"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{402, "Payment Required"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{407, "Proxy Authentication Required"},
		{408, "Request Timeout"},
		{410, "Gone"},
		{412, "Conditional Request Failed"},
		{413, "Request Entity Too Large"},
		{414, "Request-URI Too Long"},
		{415, "Unsupported Media Type"},
		{416, "Unsupported URI Scheme"},
		{417, "Unknown Resource-Priority"},
		{420, "Bad Extension"},
		{421, "Extension Required"},
		{422, "Session Interval Too Small"},
		{423, "Interval Too Brief"},
		{424, "Bad Location Information"},
		{425, "Bad Alert Message"},
		{428, "Use Identity Header"},
		{429, "Provide Referrer Identity"},
		{430, "Flow Failed"},
		{433, "Anonymity Disallowed"},
		{436, "Bad Identity Info"},
		{437, "Unsupported Credential"},
		{438, "Invalid Identity Header"},
		{439, "First Hop Lacks Outbound Support"},
		{440, "Max-Breadth Exceeded"},
		{469, "Bad Info Package"},
		{470, "Consent Needed"},
		{480, "Temporarily Unavailable"},
		{481, "Call/Transaction Does Not Exist"},
		{482, "Loop Detected"},
		{483, "Too Many Hops"},
		{484, "Address Incomplete"},
		{485, "Ambiguous"},
		{486, "Busy Here"},
		{487, "Request Terminated"},
		{488, "Not Acceptable Here"},
		{489, "Bad Event"},
		{491, "Request Pending"},
		{493, "Undecipherable"},
		{494, "Security Agreement Required"},
		{500, "Server Internal Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Server Time-out"},
		{505, "Version Not Supported"},
		{513, "Message Too Large"},
		{555, "Push Notification Service Not Supported"},
		{580, "Precondition Failure"},
		{600, "Busy Everywhere"},
		{603, "Decline"},
		{604, "Does Not Exist Anywhere"},
		{606, "Not Acceptable"},
		{607, "Unwanted"},
		{608, "Rejected"},
};

const char *frt_policy_phrase(int code)
{
	for(size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++) {
		if(phrases[i].code == code)
			return phrases[i].phrase;
	}
	return "Failure";
}
