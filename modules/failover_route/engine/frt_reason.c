/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reasons in words, as an operator reads them in the log, in RPC answers and
 * in the history. Works on copies only; knows nothing of records or locks.
 */
#include "frt_health.h"

FRT_ENUM_DEFINE(frt_why, FRT_WHY_LIST)

/* "503", "no reply in 4 s", "connection refused or unreachable" */
static void add_failure(const frt_reason_t *r, frt_buf_t *out)
{
	if(r->origin == FRT_TRANSPORT) {
		frt_buf_add(out, "connection refused or unreachable");
		return;
	}
	if(r->origin == FRT_REMOTE && r->code != 0) {
		frt_buf_add(out, "%u", r->code);
		return;
	}
	frt_buf_add(out, "no reply");
	if(r->timeout_ms) {
		frt_buf_add(out, " in ");
		frt_buf_add_ms(out, r->timeout_ms);
	}
}

/* " (last 503)", " (last: no reply in 4 s)" */
static void add_last(const frt_reason_t *r, frt_buf_t *out)
{
	bool code = r->origin == FRT_REMOTE && r->code != 0;

	frt_buf_add(out, code ? " (last " : " (last: ");
	add_failure(r, out);
	frt_buf_add(out, ")");
}

/* "3 consecutive INVITE timeouts (4 s each)", if they are alike */
static void add_timeouts(const frt_reason_t *r, frt_buf_t *out)
{
	const char *what = r->invite ? "INVITE timeout" : "timeout";

	if(r->count == 1)
		frt_buf_add(out, "1 %s", what);
	else
		frt_buf_add(out, "%u consecutive %ss", r->count, what);
	if(r->timeout_ms == 0)
		return;
	frt_buf_add(out, r->mixed & FRT_MIXED_TIMEOUT ? " (last after " : " (");
	frt_buf_add_ms(out, r->timeout_ms);
	if(r->count > 1 && !(r->mixed & FRT_MIXED_TIMEOUT))
		frt_buf_add(out, " each");
	frt_buf_add(out, ")");
}

static void add_strong(const frt_reason_t *r, frt_buf_t *out)
{
	bool alike = !(r->mixed & FRT_MIXED_KIND);

	if(alike && r->origin == FRT_LOCAL) {
		add_timeouts(r, out);
		return;
	}
	if(r->count == 1) {
		frt_buf_add(out, "1 failure (");
		add_failure(r, out);
		frt_buf_add(out, ")");
	} else if(alike && r->origin == FRT_TRANSPORT) {
		frt_buf_add(out, "%u consecutive failures (", r->count);
		add_failure(r, out);
		frt_buf_add(out, ")");
	} else {
		frt_buf_add(out, "%u consecutive failures", r->count);
		add_last(r, out);
	}
}

static void add_probe(const frt_reason_t *r, frt_buf_t *out)
{
	const char *s = frt_plural(r->count);

	if(r->good) {
		frt_buf_add(out, "%u good probe%s", r->count, s);
		return;
	}
	frt_buf_add(out, "%u failed probe%s (", r->count, s);
	if(r->origin == FRT_REMOTE && r->code != 0)
		frt_buf_add(out, "last reply ");
	add_failure(r, out);
	frt_buf_add(out, ")");
}

/* The sources that are simply for or against. */
static const char *plain_text(frt_why_t why, bool good)
{
	switch(why) {
		case FRT_WHY_OPERATOR:
			return good ? "set up by the operator" : "set down by the operator";
		case FRT_WHY_QUALITY:
			return good ? "quality good again" : "bad quality reported";
		case FRT_WHY_RESOLVE:
			return good ? "its name resolves again"
						: "its name does not resolve";
		case FRT_WHY_REGISTER:
			return good ? "registered again" : "registration lost";
		case FRT_WHY_PEER:
			return good ? "reported up by a peer" : "reported down by a peer";
		case FRT_WHY_HOLD_OVER:
			return good ? "hold over" : "hold over; trying one call";
		case FRT_WHY_TRIAL_OK:
			return "trial call answered";
		case FRT_WHY_RAMP_OVER:
			return "slow start done";
		case FRT_WHY_ADMIN:
			return good ? "made ready by the operator"
						: "taken out by the operator";
		case FRT_WHY_RESTORED:
			return "restored from the state file";
		case FRT_WHY_START:
		default:
			return "as at the start";
	}
}

static void add_what(const frt_reason_t *r, frt_buf_t *out)
{
	switch(r->why) {
		case FRT_WHY_STRONG:
			add_strong(r, out);
			break;
		case FRT_WHY_RATE:
			frt_buf_add(out, "%u of %u attempts failed", r->count, r->attempts);
			add_last(r, out);
			break;
		case FRT_WHY_STRICT:
			frt_buf_add(out, "1 failure (");
			add_failure(r, out);
			frt_buf_add(out, "), enough for profile strict");
			break;
		case FRT_WHY_BLACKOUT:
			add_failure(r, out);
			if(r->since_ms > 0)
				frt_buf_add(out, " with Retry-After: %u s", r->since_ms / 1000);
			else
				frt_buf_add(out, "; blackout by the policy");
			break;
		case FRT_WHY_PROBE:
			add_probe(r, out);
			break;
		case FRT_WHY_TRIAL_FAIL:
			frt_buf_add(out, "trial call failed (");
			add_failure(r, out);
			frt_buf_add(out, ")");
			break;
		default:
			frt_buf_add(out, "%s", plain_text(r->why, r->good));
			break;
	}
}

void frt_reason_text(const frt_reason_t *reason, frt_buf_t *out)
{
	add_what(reason, out);
	if(reason->since_ms > 0 && reason->count > 1) {
		frt_buf_add(out, "; ");
		frt_buf_add_ms(out, reason->since_ms);
		frt_buf_add(out, " since first");
	}
	/* A Retry-After has said how long already, if it is taken at its word. */
	if(reason->hold_ms > 0
			&& !(reason->why == FRT_WHY_BLACKOUT
					&& reason->hold_ms == reason->since_ms)) {
		frt_buf_add(out, "; hold ");
		frt_buf_add_ms(out, reason->hold_ms);
	}
}

/* "down (traffic, probe): <reason>" */
static void add_down(uint32_t word, const frt_reason_t *reason, frt_buf_t *out)
{
	const char *sep = " (";

	frt_buf_add(out, "down");
	for(uint32_t i = 0; i < frt_source_count; i++) {
		if(!(FRT_WORD_FLAGS(word) & 1u << i))
			continue;
		frt_buf_add(out, "%s%s", sep, frt_source_name((frt_source_t)i));
		sep = ", ";
	}
	frt_buf_add(out, "%s: ", FRT_WORD_FLAGS(word) ? ")" : "");
	frt_reason_text(reason, out);
}

void frt_health_shed_text(uint32_t word, frt_buf_t *out)
{
	if(FRT_WORD_SHED(word))
		frt_buf_add(out, "; sheds %u %% of its calls for its failure rate",
				frt_health_shed_pct(word));
}

static void add_health(
		uint32_t word, const frt_reason_t *reason, frt_buf_t *out)
{
	unsigned percent = FRT_WORD_SHARE(word) * 100 / FRT_SHARE_FULL;

	switch(FRT_WORD_HEALTH(word)) {
		case FRT_DOWN:
			add_down(word, reason, out);
			break;
		case FRT_TRIAL:
			frt_buf_add(out, FRT_WORD_BUSY(word)
									 ? "on trial: one call is being tried"
									 : "on trial: waiting for a call to try");
			break;
		case FRT_RAMP:
			frt_buf_add(out, "slow start: %u %% of its weight", percent);
			frt_health_shed_text(word, out);
			break;
		case FRT_UP:
		default:
			frt_buf_add(out, "usable");
			frt_health_shed_text(word, out);
			break;
	}
	if(FRT_WORD_FULL(word) && frt_health_usable(word))
		frt_buf_add(out, ", but full: max-calls is reached");
}

void frt_health_why_text(
		uint32_t word, const frt_reason_t *reason, frt_buf_t *out)
{
	frt_admin_t admin = FRT_WORD_ADMIN(word);

	if(admin == FRT_READY) {
		add_health(word, reason, out);
		return;
	}
	frt_buf_add(out,
			admin == FRT_DRAIN ? "drained by the operator" : "in maintenance");
	/* Making it ready would not be enough. */
	if(FRT_WORD_HEALTH(word) == FRT_DOWN) {
		frt_buf_add(out, "; ");
		add_down(word, reason, out);
	}
}
