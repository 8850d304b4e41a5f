/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Panic: choosing among destinations that are all down; and passing over those
 * that have fallen silent.
 */
#include "frt_panic.h"
#include "frt_act.h"

#define SAMPLE 32u /* of those that may be tried, in a larger set */
#define AHEAD_MS 60000u

/* May panic try it? Not what the operator took out, nor what has asked to be
 * left alone as long as that lasts (RFC 3261 section 21.5.4). */
static bool allowed(const frt_rec_t *rec, uint64_t now_ms)
{
	uint32_t word = atomic_load(&rec->word);
	uint32_t told = atomic_load_explicit(&rec->told_ms, memory_order_relaxed);

	return FRT_WORD_ADMIN(word) == FRT_READY && !FRT_WORD_FULL(word)
		   && !(FRT_WORD_FLAGS(word) & (1u << FRT_OPERATOR))
		   && (told == 0 || told - (uint32_t)now_ms > INT32_MAX);
}

/* Never failed counts as longest ago. */
static uint32_t failed_ago(const frt_rec_t *rec, uint64_t now_ms)
{
	uint32_t at = atomic_load_explicit(&rec->failed_ms, memory_order_relaxed);
	uint32_t ago = (uint32_t)now_ms - at;

	if(at == 0)
		return UINT32_MAX;
	/* another process's clock reading, a little ahead of ours */
	return ago > UINT32_MAX - AHEAD_MS ? 0 : ago;
}

static bool was_tried(const frt_wish_t *wish, const frt_rec_t *rec)
{
	uint32_t i;

	for(i = 0; i < wish->ntried; i++) {
		const frt_rec_t *tried = wish->tried[i];

		/* removed and come back, it has another record */
		if(tried == rec
				|| (frt_str_eq(tried->id, rec->id)
						&& frt_str_eq(tried->set, rec->set)))
			return true;
	}
	return false;
}

/* 0, FRT_E_NONE_USABLE if the set has none (or panic="off"), FRT_E_EXHAUSTED if
 * all were tried. */
static int choose_in_panic(const frt_set_t *set, const frt_wish_t *wish,
		uint64_t now_ms, frt_rand_t *rnd, frt_dst_t **out)
{
	uint32_t i, at, seen = 0, best_ago = 0;
	frt_dst_t *best = NULL;
	bool any = false;

	if(!set->conf.panic || set->ndsts == 0)
		return FRT_E_NONE_USABLE;
	/* equally long ago: the first met, so each call begins elsewhere; those
	 * taken out, which may be nearly all, are no part of the sample */
	at = (uint32_t)frt_rand_below(rnd, set->ndsts);
	for(i = 0; i < set->ndsts && seen < SAMPLE;
			i++, at = (at + 1) % set->ndsts) {
		frt_dst_t *dst = &set->dsts[at];
		uint32_t ago;

		if(!dst->rec || dst->unresolved || !allowed(dst->rec, now_ms))
			continue;
		any = true;
		if(was_tried(wish, dst->rec))
			continue;
		seen++;
		ago = failed_ago(dst->rec, now_ms);
		if(!best || ago > best_ago) {
			best = dst;
			best_ago = ago;
		}
	}
	if(!best)
		return any ? FRT_E_EXHAUSTED : FRT_E_NONE_USABLE;
	*out = best;
	return 0;
}

bool frt_panic_possible(const frt_set_t *set, uint64_t now_ms)
{
	frt_wish_t wish = {.ntried = 0};
	frt_rand_t rnd = {.state = now_ms};
	frt_dst_t *dst;

	return choose_in_panic(set, &wish, now_ms, &rnd, &dst) == 0;
}

bool frt_passed_over(const frt_dst_t *dst, uint64_t now_ms)
{
	const frt_set_conf_t *conf = &dst->set->conf;
	frt_health_t health;

	if(!conf->adaptive || conf->shadow || conf->strategy == FRT_HASH
			|| conf->strategy == FRT_PARALLEL
			|| !frt_rec_silent(dst->rec, now_ms))
		return false;
	health = FRT_WORD_HEALTH(atomic_load(&dst->rec->word));
	return health == FRT_UP || health == FRT_RAMP;
}

/* frt_choose(), but past what has fallen silent. If nothing else is left, the
 * first choice it is. */
static int choose_heard(const frt_set_t *set, const frt_wish_t *wish,
		uint64_t now_ms, frt_rand_t *rnd, frt_dst_t **out)
{
	frt_rec_t *tried[FRT_PASSED_MAX];
	frt_wish_t next;
	frt_dst_t *dst;
	int err = frt_choose(set, wish, rnd, out);

	if(err || !frt_passed_over(*out, now_ms))
		return err;
	dst = *out;
	next = *wish;
	for(next.ntried = 0;
			next.ntried < wish->ntried && next.ntried < FRT_PASSED_MAX;
			next.ntried++)
		tried[next.ntried] = wish->tried[next.ntried];
	next.tried = tried;
	while(next.ntried < FRT_PASSED_MAX) {
		tried[next.ntried++] = dst->rec;
		if(frt_choose(set, &next, rnd, &dst) != 0)
			return 0;
		if(!frt_passed_over(dst, now_ms)) {
			if(!wish->dry)
				frt_act_count((*out)->rec, avoided);
			*out = dst;
			return 0;
		}
	}
	return 0;
}

int frt_choose_anyway(const frt_set_t *set, const frt_wish_t *wish,
		uint64_t now_ms, frt_rand_t *rnd, frt_dst_t **out, bool *panic)
{
	int err = choose_heard(set, wish, now_ms, rnd, out);

	*panic = false;
	if(err != FRT_E_NONE_USABLE)
		return err;
	err = choose_in_panic(set, wish, now_ms, rnd, out);
	*panic = err == 0;
	return err;
}

/* What the call would ask for next. */
static frt_wish_t wish_of(const frt_plan_t *p, frt_rec_t **tried)
{
	frt_wish_t wish = {.key = p->key, .tried = tried, .dry = true};

	wish.ntried = frt_plan_tried(p, tried);
	return wish;
}

bool frt_any_usable(const frt_plan_t *p, const frt_set_t *set, uint64_t now_ms,
		frt_rand_t *rnd)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	frt_wish_t wish = wish_of(p, tried);
	frt_dst_t *dst;

	return frt_plan_may_try(p, now_ms) == 0
		   && frt_choose(set, &wish, rnd, &dst) == 0;
}

bool frt_any_left(const frt_plan_t *p, const frt_set_t *set, uint64_t now_ms,
		frt_rand_t *rnd)
{
	frt_rec_t *tried[FRT_ATTEMPTS_MAX];
	frt_wish_t wish = wish_of(p, tried);
	frt_dst_t *dst;
	bool panic;

	wish.now_ms = now_ms;
	return frt_choose_anyway(set, &wish, now_ms, rnd, &dst, &panic) == 0;
}
