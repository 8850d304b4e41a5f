/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Overload control: reading what a reply says, and keeping what is in force.
 */
#include "frt_oc.h"
#include "frt_scan.h"

#define VALIDITY_MS 500 /* RFC 7339 section 4.3 */
#define LOSS_MAX 100
#define SEQ_DIGITS 12
#define SEQ_DECIMALS 5
#define LOSS_BITS 7 /* of oc->now; above it: until when, ms */

/* Of each parameter with a value, the last: a next hop that adds to what we
 * sent, instead of putting its own there, leaves ours in front. */
typedef struct frt_oc_params
{
	frt_scan_t oc;
	frt_scan_t algo;
	frt_scan_t validity;
	frt_scan_t seq;
} frt_oc_params_t;

static void keep_last(frt_scan_t *slot, frt_str_t name, frt_str_t known,
		const frt_scan_t *value)
{
	if(frt_str_eq_nocase(name, known))
		*slot = *value;
}

/* Cuts the parameters off the first via-parm. False if it is malformed. */
static bool take_params(frt_scan_t *via, frt_oc_params_t *out)
{
	*out = (frt_oc_params_t){
			{NULL, NULL}, {NULL, NULL}, {NULL, NULL}, {NULL, NULL}};
	if(!frt_scan_value(via)) /* protocol and sent-by */
		return false;
	while(frt_scan_take(via, ';')) {
		frt_str_t name = frt_scan_token(via);
		frt_scan_t value;

		if(!frt_scan_take(via, '=')) {
			frt_scan_space(via);
			continue;
		}
		value.p = via->p;
		if(!frt_scan_value(via))
			return false;
		value.end = via->p;
		keep_last(&out->oc, name, FRT_STR("oc"), &value);
		keep_last(&out->algo, name, FRT_STR("oc-algo"), &value);
		keep_last(&out->validity, name, FRT_STR("oc-validity"), &value);
		keep_last(&out->seq, name, FRT_STR("oc-seq"), &value);
	}
	return via->p == via->end || *via->p == ',';
}

static bool is_over(frt_scan_t *v)
{
	frt_scan_space(v);
	return v->p == v->end;
}

/* "loss", or a list in which it is. */
static bool is_loss(frt_scan_t v)
{
	bool quoted = frt_scan_take(&v, '"');

	do {
		if(frt_str_eq_nocase(frt_scan_token(&v), FRT_STR("loss")))
			return true;
	} while(quoted && frt_scan_take(&v, ','));
	return false;
}

static bool take_number(frt_scan_t v, int32_t *out)
{
	*out = frt_scan_number(&v);
	return *out >= 0 && is_over(&v);
}

static uint32_t take_digits(frt_scan_t *v, uint32_t max, uint64_t *n)
{
	uint32_t digits = 0;

	for(; v->p < v->end && *v->p >= '0' && *v->p <= '9' && digits < max;
			v->p++, digits++)
		*n = *n * 10 + (uint32_t)(*v->p - '0');
	return digits;
}

/* "1282321615.782": at most 12 digits, and 5 behind the point. */
static bool take_seq(frt_scan_t v, uint64_t *out)
{
	uint32_t decimals = 0;

	*out = 0;
	if(take_digits(&v, SEQ_DIGITS, out) == 0)
		return false;
	if(frt_scan_take(&v, '.')) {
		decimals = take_digits(&v, SEQ_DECIMALS, out);
		if(decimals == 0)
			return false;
	}
	for(; decimals < SEQ_DECIMALS; decimals++)
		*out *= 10;
	return is_over(&v);
}

bool frt_oc_parse(const char *msg, size_t len, frt_oc_said_t *out)
{
	frt_scan_t s = frt_scan_begin(msg, len), via;
	int32_t loss, validity = VALIDITY_MS;
	frt_oc_params_t p;

	*out = (frt_oc_said_t){.loss = 0};
	if(!frt_scan_named(&s, FRT_STR("Via"), FRT_STR("v"), &via)
			|| !take_params(&via, &p))
		return false;
	if(!p.oc.p || !take_number(p.oc, &loss) || loss > LOSS_MAX)
		return false;
	if(p.algo.p && !is_loss(p.algo))
		return false;
	if(p.validity.p && !take_number(p.validity, &validity))
		return false;
	if(p.seq.p && !take_seq(p.seq, &out->seq))
		return false;
	out->has_seq = p.seq.p != NULL;
	out->loss = (uint8_t)loss;
	out->validity_ms = (uint32_t)validity;
	return true;
}

static void now_store(frt_oc_t *oc, uint64_t until_ms, uint32_t loss)
{
	atomic_store_explicit(
			&oc->now, until_ms << LOSS_BITS | loss, memory_order_relaxed);
}

frt_oc_change_t frt_oc_told_locked(frt_oc_t *oc, const frt_oc_said_t *said,
		uint32_t max_ms, uint64_t now_ms)
{
	uint32_t ms = said->validity_ms < max_ms ? said->validity_ms : max_ms;
	bool asks = said->loss > 0 && ms > 0;
	bool begun = oc->due_ms == 0;

	if(said->has_seq) {
		if(now_ms < oc->seq_until_ms && said->seq <= oc->seq)
			return FRT_OC_SAME;
		oc->seq = said->seq;
		oc->seq_until_ms = now_ms + ms + FRT_OC_SEQ_KEPT_MS;
	}
	now_store(oc, asks ? now_ms + ms : 0, said->loss);
	if(asks) {
		oc->due_ms = now_ms + ms + FRT_OC_QUIET_MS;
		return begun ? FRT_OC_BEGUN : FRT_OC_SAME;
	}
	if(!begun)
		oc->due_ms = now_ms + FRT_OC_QUIET_MS;
	return FRT_OC_SAME;
}

frt_oc_change_t frt_oc_tick_locked(frt_oc_t *oc, uint64_t now_ms)
{
	if(oc->due_ms == 0 || now_ms < oc->due_ms)
		return FRT_OC_SAME;
	oc->due_ms = 0;
	return FRT_OC_OVER;
}

uint32_t frt_oc_loss(const frt_oc_t *oc, uint64_t now_ms)
{
	uint64_t now = atomic_load_explicit(&oc->now, memory_order_relaxed);

	return now_ms < now >> LOSS_BITS ? (uint32_t)(now & ((1u << LOSS_BITS) - 1))
									 : 0;
}

bool frt_oc_admit(const frt_oc_t *oc, uint64_t now_ms, uint64_t draw)
{
	uint32_t loss = frt_oc_loss(oc, now_ms);

	return loss == 0 || draw % LOSS_MAX >= loss;
}

bool frt_oc_is_emergency(frt_str_t uri)
{
	const frt_str_t sos = FRT_STR("urn:service:sos");
	frt_str_t head = {uri.s, sos.len};

	return uri.len >= sos.len && frt_str_eq_nocase(head, sos)
		   && (uri.len == sos.len || uri.s[sos.len] == '.');
}

bool frt_oc_has_priority(const char *msg, size_t len)
{
	frt_scan_t s = frt_scan_begin(msg, len), value;

	return frt_scan_named(
			&s, FRT_STR("Resource-Priority"), (frt_str_t){NULL, 0}, &value);
}
