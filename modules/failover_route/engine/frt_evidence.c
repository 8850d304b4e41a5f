/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The window of fails, as a ring of slices; e->slice is the current one. See
 * the header.
 */
#include "frt_evidence.h"
#include "frt_machine.h"

#include <string.h>

static uint16_t cap16(uint32_t n)
{
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static uint64_t slice_ms(uint32_t window_ms)
{
	return window_ms < FRT_SLICES ? 1 : window_ms / FRT_SLICES;
}

/* What a moment within a slice is told in: as few ms as will do. */
static uint32_t unit_ms(uint32_t window_ms)
{
	return (uint32_t)(slice_ms(window_ms) / UINT16_MAX) + 1;
}

/* The slice of that age: 0 is the current one. */
static unsigned slice_aged(const frt_evidence_t *e, unsigned age)
{
	return (e->slice + FRT_SLICES - age) % FRT_SLICES;
}

static uint64_t slice_aged_start(
		const frt_evidence_t *e, unsigned age, uint32_t window_ms)
{
	uint64_t back = age * slice_ms(window_ms);

	return e->slice_start_ms > back ? e->slice_start_ms - back : 0;
}

/* What all slices hold together. */
typedef struct frt_sums
{
	uint32_t attempts;
	uint32_t fails;
	uint32_t strong; /* of all methods */
	uint32_t calls;	 /* of INVITEs */
	uint32_t apart;
	uint64_t first_fail_ms;
	uint64_t first_strong_ms;
} frt_sums_t;

/* Of those of the run that are left. */
static uint32_t first_strong(const frt_slice_t *s)
{
	if(s->strong == 0)
		return s->others_at;
	return s->others && s->others_at < s->strong_at ? s->others_at
													: s->strong_at;
}

static void sums_take(
		const frt_evidence_t *e, uint32_t window_ms, frt_sums_t *sums)
{
	uint64_t unit = unit_ms(window_ms);

	memset(sums, 0, sizeof(*sums));
	/* From the oldest on, so that the first one met is the first one. */
	for(unsigned age = FRT_SLICES; age-- > 0;) {
		const frt_slice_t *s = &e->slices[slice_aged(e, age)];
		uint64_t start = slice_aged_start(e, age, window_ms);

		if(s->fails && !sums->fails)
			sums->first_fail_ms = start + s->fail_at * unit;
		if((s->strong || s->others) && !sums->strong)
			sums->first_strong_ms = start + first_strong(s) * unit;
		sums->attempts += s->attempts;
		sums->fails += s->fails;
		sums->strong += s->strong + s->others;
		sums->calls += s->strong;
		sums->apart += s->apart;
	}
}

void frt_evidence_clear(frt_evidence_t *e)
{
	memset(e->slices, 0, sizeof(e->slices));
	memset(e->user, 0, sizeof(e->user));
	memset(e->user_ms, 0, sizeof(e->user_ms));
	memset(&e->fail, 0, sizeof(e->fail));
	e->first_fail_ms = 0;
}

void frt_evidence_rotate(frt_evidence_t *e, uint32_t window_ms, uint64_t now_ms)
{
	uint64_t len = slice_ms(window_ms), steps;
	frt_sums_t sums;

	/* The first of all begins the window; or a reload has changed it: slices of
	 * the old length would be taken for older, or younger, than they are. */
	if(e->window_ms != window_ms) {
		if(e->window_ms)
			frt_evidence_clear(e);
		e->slice_start_ms = now_ms;
		e->window_ms = window_ms;
	}
	if(now_ms < e->slice_start_ms)
		return;
	steps = (now_ms - e->slice_start_ms) / len;
	if(steps == 0)
		return;
	e->slice_start_ms += steps * len;
	if(steps > FRT_SLICES)
		steps = FRT_SLICES;
	while(steps-- > 0) {
		e->slice = (uint8_t)((e->slice + 1) % FRT_SLICES);
		memset(&e->slices[e->slice], 0, sizeof(e->slices[0]));
		e->fail.calls &= (uint8_t) ~(1u << e->slice);
	}
	if(e->first_fail_ms == 0) /* nearly always: none is counted */
		return;
	sums_take(e, window_ms, &sums);
	e->first_fail_ms = sums.first_fail_ms;
}

/* Makes room when a slice is full, by halving them all: the shares stay. */
static void slices_halve(frt_evidence_t *e)
{
	for(unsigned i = 0; i < FRT_SLICES; i++) {
		e->slices[i].attempts /= 2;
		e->slices[i].fails /= 2;
		e->slices[i].apart /= 2;
	}
}

static frt_slice_t *slice_count_attempt(frt_evidence_t *e)
{
	frt_slice_t *s = &e->slices[e->slice];

	if(s->attempts == UINT16_MAX)
		slices_halve(e);
	s->attempts++;
	return s;
}

void frt_evidence_ok(frt_evidence_t *e, bool invite)
{
	unsigned left = 0;

	slice_count_attempt(e);
	/* Nearly always: no run to end, and nothing to write where only fails do
	 * (frt_act_t). A slice has strong ones only of a run that is counted. */
	if(e->fail.count == 0 && e->fail.mixed == 0)
		return;
	for(unsigned i = 0; i < FRT_SLICES; i++) {
		e->slices[i].others = 0;
		if(invite)
			e->slices[i].strong = 0;
		left += e->slices[i].strong;
	}
	if(left)
		return;
	e->fail.count = 0;
	e->fail.mixed = 0;
}

/* Keeps the two latest different users; [0] is the latest. */
static void user_note(frt_evidence_t *e, uint32_t user, uint64_t now_ms)
{
	if(user == 0)
		return;
	if(user != e->user[0]) {
		e->user[1] = e->user[0];
		e->user_ms[1] = e->user_ms[0];
		e->user[0] = user;
	}
	e->user_ms[0] = now_ms;
}

/* Does it belong to the run of strong fails? Timeouts come late: one that was
 * passed by others is out of the run, though their answers came first. */
static bool in_a_row(const frt_obs_t *obs)
{
	return obs->verdict == FRT_V_STRONG && !obs->passed_by;
}

/* Notes the latest fail, and what the fails since the run began differ in. */
static void fail_note(frt_evidence_t *e, const frt_obs_t *obs)
{
	frt_fail_t *f = &e->fail;

	if(f->count > 0) {
		if(f->origin != (uint8_t)obs->origin || f->invite != obs->invite)
			f->mixed |= FRT_MIXED_KIND;
		if(f->timeout_ms != obs->timeout_ms)
			f->mixed |= FRT_MIXED_TIMEOUT;
	}
	if(in_a_row(obs) && f->count < UINT16_MAX)
		f->count++;
	f->origin = (uint8_t)obs->origin;
	f->code = obs->code;
	f->invite = obs->invite;
	if(obs->invite)
		f->calls |= (uint8_t)(1u << e->slice);
	f->timeout_ms = obs->timeout_ms;
}

void frt_evidence_fail(frt_evidence_t *e, const frt_obs_t *obs,
		uint32_t window_ms, uint64_t now_ms)
{
	frt_slice_t *s = slice_count_attempt(e);
	/* now_ms may stand before the slice if the window was changed. */
	uint64_t off = now_ms > e->slice_start_ms ? now_ms - e->slice_start_ms : 0;
	uint16_t at = cap16((uint32_t)(off / unit_ms(window_ms)));
	uint32_t user = frt_hash_half(obs->user);
	frt_sums_t sums;

	if(s->fails++ == 0)
		s->fail_at = at;
	if(in_a_row(obs)) {
		uint8_t *n = obs->invite ? &s->strong : &s->others;

		if(*n == 0)
			*(obs->invite ? &s->strong_at : &s->others_at) = at;
		if(*n < UINT8_MAX)
			++*n;
	}
	if(obs->origin == FRT_TRANSPORT || (user && user != e->user[0]))
		s->apart++;
	user_note(e, user, now_ms);
	fail_note(e, obs);
	sums_take(e, window_ms, &sums);
	e->first_fail_ms = sums.first_fail_ms;
}

/* The other of the two latest users decides: the latest failed after it. */
static bool two_users(
		const frt_evidence_t *e, uint32_t window_ms, uint64_t now_ms)
{
	return e->user[1] != 0
		   && (now_ms < e->user_ms[1] || now_ms - e->user_ms[1] <= window_ms);
}

/* Is it the destination, rather than one callee or one poison request? Then
 * two users saw it fail, or a probe did since, or it could not be reached. */
static bool corroborated(const frt_evidence_t *e, uint32_t window_ms,
		uint64_t first_ms, uint64_t now_ms)
{
	if(e->fail.origin == FRT_TRANSPORT)
		return true;
	if(e->probe_fail_ms != 0 && e->probe_fail_ms >= first_ms)
		return true;
	return two_users(e, window_ms, now_ms);
}

static void reason_fill(const frt_evidence_t *e, frt_why_t why,
		const frt_sums_t *sums, uint64_t now_ms, frt_reason_t *out)
{
	bool run = why == FRT_WHY_STRONG;
	uint64_t first = run ? sums->first_strong_ms : sums->first_fail_ms;
	uint64_t since = now_ms > first ? now_ms - first : 0;

	*out = (frt_reason_t){.why = why,
			.origin = (frt_origin_t)e->fail.origin,
			.code = e->fail.code,
			.invite = (run ? sums->calls : e->fail.calls) > 0,
			.mixed = e->fail.mixed,
			.timeout_ms = e->fail.timeout_ms};
	out->count = cap16(run ? sums->strong : sums->fails);
	out->attempts = cap16(sums->attempts);
	out->since_ms = since < UINT32_MAX ? (uint32_t)since : UINT32_MAX;
}

bool frt_evidence_enough(const frt_evidence_t *e, const frt_health_conf_t *conf,
		uint64_t now_ms, frt_reason_t *reason)
{
	uint32_t fall = conf->fall ? conf->fall : 1;
	frt_sums_t sums;

	sums_take(e, conf->window_ms, &sums);
	if(sums.strong >= fall
			&& corroborated(e, conf->window_ms, sums.first_strong_ms, now_ms)) {
		reason_fill(e, FRT_WHY_STRONG, &sums, now_ms, reason);
		return true;
	}
	if(sums.fails >= fall && sums.fails * 2 >= sums.attempts
			&& corroborated(e, conf->window_ms, sums.first_fail_ms, now_ms)) {
		reason_fill(e, FRT_WHY_RATE, &sums, now_ms, reason);
		return true;
	}
	return false;
}

void frt_evidence_shift(frt_evidence_t *e, uint64_t back_ms)
{
	frt_time_shift(&e->slice_start_ms, back_ms);
	frt_time_shift(&e->first_fail_ms, back_ms);
	frt_time_shift(&e->user_ms[0], back_ms);
	frt_time_shift(&e->user_ms[1], back_ms);
	frt_time_shift(&e->probe_fail_ms, back_ms);
}

uint64_t frt_evidence_slice_end(const frt_evidence_t *e, uint32_t window_ms)
{
	return e->slice_start_ms + slice_ms(window_ms);
}

/* Are there enough attempts to speak of a rate? Of one that sheds fewer are
 * asked for, as it gets fewer, and half of that, lest its own shedding make an
 * end of it. */
static bool shed_volume_met(
		const frt_health_conf_t *conf, uint32_t attempts, uint32_t shed)
{
	uint64_t need = conf->shed_volume;

	if(shed)
		need = need * (FRT_SHED_STEPS - shed) / (2 * FRT_SHED_STEPS);
	return conf->shed_volume != 0 && attempts > 0 && attempts >= need;
}

uint32_t frt_evidence_shed(const frt_evidence_t *e,
		const frt_health_conf_t *conf, uint32_t shed, uint64_t now_ms,
		frt_reason_t *reason)
{
	uint64_t span = conf->shed_to_pct > conf->shed_from_pct
							? conf->shed_to_pct - conf->shed_from_pct
							: 1;
	uint64_t fails, from, over;
	uint32_t attempts, want;
	frt_sums_t sums;

	sums_take(e, conf->window_ms, &sums);
	attempts = sums.attempts - (sums.fails - sums.apart);
	if(!shed_volume_met(conf, attempts, shed))
		return 0;
	/* at its low volume it may be long until a second user fails */
	if(!shed && !corroborated(e, conf->window_ms, sums.first_fail_ms, now_ms))
		return 0;
	/* hundredths of an attempt */
	fails = (uint64_t)sums.apart * 100;
	from = (uint64_t)conf->shed_from_pct * attempts;
	over = fails > from ? (fails - from) * FRT_SHED_STEPS / (span * attempts)
						: 0;
	want = over < FRT_SHED_MAX ? (uint32_t)over : FRT_SHED_MAX;
	if(want < shed) {
		if(fails * 2 <= from)
			return 0;
		want = want + 1 < shed ? want + 1 : shed;
	}
	reason_fill(e, FRT_WHY_RATE, &sums, now_ms, reason);
	return want;
}
