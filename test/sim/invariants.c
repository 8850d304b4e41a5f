/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What must hold of records, sums and references after every event, and at the
 * end. Reckoned anew from words and lists, never with the engine's own
 * functions for the same thing. Choices and steps: see checks.c.
 */
#include "world.h"
#include "checks.h"
#include "frt_act.h"
#include "frt_wsum.h"

#include <string.h>

bool sim_usable(uint32_t word)
{
	bool out = FRT_WORD_ADMIN(word) != FRT_READY;

	out = out || FRT_WORD_HEALTH(word) == FRT_DOWN;
	return !out && !(FRT_WORD_HEALTH(word) == FRT_TRIAL && FRT_WORD_BUSY(word));
}

uint64_t sim_weight(const frt_dst_t *dst)
{
	uint32_t word = atomic_load(&dst->rec->word);
	uint32_t kept = FRT_SHED_STEPS - FRT_WORD_SHED(word), share;
	uint64_t full = frt_dst_full(dst), weight;

	if(dst->set->conf.shadow)
		return FRT_WORD_ADMIN(word) == FRT_READY ? full : 0;
	if(!sim_usable(word) || FRT_WORD_FULL(word))
		return 0;
	share = FRT_WORD_SHARE(word) * kept / FRT_SHED_STEPS;
	weight = full * (share ? share : 1) / 1000;
	return weight ? weight : 1;
}

/* Sums, tiers' counts: what choosing draws from is what the words say. */
static void check_sums(sim_world_t *w, const frt_set_t *set)
{
	uint64_t sum = 0;
	uint32_t t, i;

	for(t = 0; t < set->ntiers; t++) {
		const frt_tier_t *tier = &set->tiers[t];
		uint64_t ready = 0, ejected = 0, filled = 0;

		for(i = tier->first; i < tier->end; i++) {
			const frt_dst_t *dst = &set->dsts[i];
			uint32_t word = atomic_load(&dst->rec->word);
			bool by_calls = FRT_WORD_FLAGS(word) & 1u << FRT_TRAFFIC;

			sum += sim_weight(dst);
			if(frt_wsum_prefix(set, i + 1) != sum)
				sim_broken(w, "%s/%s: the sum of weights is wrong",
						dst->rec->set.s, dst->rec->id.s);
			if(FRT_WORD_ADMIN(word) != FRT_READY)
				continue;
			ready += frt_dst_full(dst);
			if(FRT_WORD_HEALTH(word) == FRT_DOWN && by_calls)
				ejected += frt_dst_full(dst);
			if(FRT_WORD_FULL(word) && sim_usable(word))
				filled += frt_dst_full(dst);
		}
		if(atomic_load(&tier->ready) != ready
				|| atomic_load(&tier->ejected) != ejected
				|| atomic_load(&tier->full) != filled)
			sim_broken(w,
					"%.*s: a tier's ready, ejected or full weight is wrong",
					(int)set->id.len, set->id.s);
	}
}

/* The word's parts agree with each other. */
static void check_word(sim_world_t *w, const frt_rec_t *rec, uint32_t word)
{
	frt_health_t health = FRT_WORD_HEALTH(word);
	uint32_t share = FRT_WORD_SHARE(word);

	if((health == FRT_UP || health == FRT_RAMP) && FRT_WORD_FLAGS(word))
		sim_broken(w, "%s/%s: %s with a flag set", rec->set.s, rec->id.s,
				frt_health_name(health));
	if(health != FRT_TRIAL && FRT_WORD_BUSY(word))
		sim_broken(w, "%s/%s: token away, but not on trial", rec->set.s,
				rec->id.s);
	if((health == FRT_UP || health == FRT_TRIAL) && share != FRT_SHARE_FULL)
		sim_broken(w, "%s/%s: up with a share of %u", rec->set.s, rec->id.s,
				share);
	if(health == FRT_RAMP && (share < 100 || share > FRT_SHARE_FULL))
		sim_broken(w, "%s/%s: slow start with a share of %u", rec->set.s,
				rec->id.s, share);
	if(health == FRT_RAMP && rec->h.due_ms == 0)
		sim_broken(w, "%s/%s: a slow start that nobody will end", rec->set.s,
				rec->id.s);
	if(rec->h.hold_until_ms && health != FRT_DOWN)
		sim_broken(w, "%s/%s: a hold that did not end", rec->set.s, rec->id.s);
	if(FRT_WORD_SHED(word) > FRT_SHED_MAX)
		sim_broken(
				w, "%s/%s: sheds more than nine tenths", rec->set.s, rec->id.s);
	if(FRT_WORD_SHED(word) && (health == FRT_DOWN || health == FRT_TRIAL))
		sim_broken(w, "%s/%s: sheds although it is %s", rec->set.s, rec->id.s,
				frt_health_name(health));
	if(FRT_WORD_SHED(word) && rec->h.due_ms == 0)
		sim_broken(w, "%s/%s: sheds, and nobody will look again", rec->set.s,
				rec->id.s);
}

/* Does anything but time speak against its return? */
static bool accused(sim_world_t *w, const frt_dst_t *dst)
{
	const frt_health_rec_t *h = &dst->rec->h;
	const frt_probe_conf_t *probe = &dst->set->conf.probe;
	uint32_t flags = FRT_WORD_FLAGS(atomic_load(&dst->rec->word));
	uint32_t others = flags & ~(1u << FRT_TRAFFIC);
	bool probed = w->probing && probe->enabled;

	/* goes by itself */
	if(!probed)
		others &= ~(1u << FRT_PROBE);
	return others != 0
		   || (probed && !h->blackout && !h->waived
				   && h->probe_good < probe->rise);
}

/* Every hold ends: down, with the hold over and nothing against it, it must
 * not stay. */
static void check_hold(sim_world_t *w, const frt_dst_t *dst)
{
	known_t *r = known(dst->rec);
	const frt_health_conf_t *conf = &dst->set->conf.health;
	uint32_t word = atomic_load(&dst->rec->word);
	uint64_t now = sim_now(w), patience = SIM_SOON_MS;
	frt_health_rules_t rules;

	if(FRT_WORD_HEALTH(word) != FRT_DOWN || now < r->base.rec.h.hold_until_ms
			|| now < world_of(w)->high_ms || accused(w, dst)) {
		r->clear_ms = 0;
		r->recovered_ms = 0;
		return;
	}
	if(!r->clear_ms)
		r->clear_ms = now;
	sim_rules_of(w, dst, &rules);
	if(!rules.needed
			&& (now < r->clear_ms + conf->failback_delay_ms
					|| !frt_windows_open(
							conf->windows, conf->nwindows, rules.week_min))) {
		r->recovered_ms = 0;
		return;
	}
	/* a window, or a need, is seen at the next look */
	if(conf->nwindows || conf->failback_delay_ms)
		patience += 2000;
	if(!r->recovered_ms)
		r->recovered_ms = now;
	if(now > r->recovered_ms + patience && w->gen->seq == w->sched.seq)
		sim_broken(w,
				"%s/%s: down since its hold ended %llu ms ago, with nothing"
				" against it",
				r->base.set, r->base.id,
				(unsigned long long)(now - r->clear_ms));
}

/* References: the generation's, the attempts', the kicks'; and the token is
 * with an open attempt. */
static void check_counts(sim_world_t *w)
{
	sim_rec_t *r;
	uint32_t i, j;

	for(r = w->recs; r; r = r->next) {
		known_t *k = known(&r->rec);

		k->waiting = k->tokens = 0;
		k->refs = frt_gen_dst_of(w->gen, &r->rec) ? 1 : 0;
	}
	for(i = 0; i < w->nkicks; i++)
		known(w->kicks[i].rec)->refs++;
	for(i = 0; i < w->ncalls; i++) {
		const sim_call_t *call = sim_call_at(w, i);

		for(j = 0; call->used && j < call->plan.n; j++) {
			const frt_attempt_t *a = &call->plan.tries[j];
			known_t *k = known(a->rec);

			k->refs++;
			k->waiting += !a->ended;
			k->tokens += !a->ended && a->token && a->token == a->rec->h.spell;
		}
	}
}

static void check_rec(sim_world_t *w, sim_rec_t *r)
{
	uint32_t word = atomic_load(&r->rec.word);
	const frt_counters_t *n = &frt_act_seen(&r->rec)->n;
	const known_t *k = known(&r->rec);

	if(atomic_load(&r->rec.refs) != k->refs)
		sim_broken(w, "%s/%s: %u references, should be %u", r->set, r->id,
				atomic_load(&r->rec.refs), k->refs);
	if(atomic_load(&r->rec.calls) != k->waiting || r->open != k->waiting)
		sim_broken(w, "%s/%s: calls is %u, should be %u", r->set, r->id,
				atomic_load(&r->rec.calls), k->waiting);
	if(n->attempts != n->ok + n->failed + n->ignored + k->waiting)
		sim_broken(w, "%s/%s: not one outcome for each attempt", r->set, r->id);
	if(FRT_WORD_HEALTH(word) == FRT_TRIAL
			&& FRT_WORD_BUSY(word) != (k->tokens > 0)
			&& frt_gen_dst_of(w->gen, &r->rec))
		sim_broken(w, "%s/%s: the trial's token is lost", r->set, r->id);
	if(FRT_WORD_HEALTH(word) == FRT_TRIAL && k->tokens > 1)
		sim_broken(
				w, "%s/%s: %u trial calls at once", r->set, r->id, k->tokens);
	check_word(w, &r->rec, word);
}

/* The word says full when, and only when, all places are taken. */
static void check_full(sim_world_t *w, const frt_dst_t *dst)
{
	uint32_t word = atomic_load(&dst->rec->word);
	bool full =
			dst->max_calls && atomic_load(&dst->rec->calls) >= dst->max_calls;

	/* a set that only watches has no caps */
	if(dst->set->conf.shadow)
		return;

	if(FRT_WORD_FULL(word) != full)
		sim_broken(w, "%s/%s: %u of %u places taken, and the word says %s",
				dst->rec->set.s, dst->rec->id.s, atomic_load(&dst->rec->calls),
				dst->max_calls, full ? "room" : "full");
}

void sim_check_world(sim_world_t *w)
{
	uint64_t now = sim_now(w);
	sim_rec_t *r;
	uint32_t i;

	for(i = 0; i < w->gen->nsets; i++)
		check_sums(w, &w->gen->sets[i]);
	check_counts(w);
	for(r = w->recs; r; r = r->next)
		check_rec(w, r);
	for(i = 0; i < w->gen->ndsts; i++) {
		check_hold(w, &w->gen->dsts[i]);
		check_full(w, &w->gen->dsts[i]);
	}
	if(now > world_of(w)->high_ms)
		world_of(w)->high_ms = now;
}

void sim_check_recovered(sim_world_t *w)
{
	for(uint32_t i = 0; i < w->gen->ndsts; i++) {
		const frt_rec_t *rec = w->gen->dsts[i].rec;
		uint32_t word = atomic_load(&rec->word);
		bool told = FRT_WORD_FLAGS(word) & 1u << FRT_OPERATOR;

		/* in maintenance nobody probes it */
		if(FRT_WORD_ADMIN(word) != FRT_READY)
			continue;
		if(told != (FRT_WORD_HEALTH(word) == FRT_DOWN) && !told)
			sim_broken(w, "%s/%s: all is well, and it is still %s", rec->set.s,
					rec->id.s, frt_health_name(FRT_WORD_HEALTH(word)));
		if(told && FRT_WORD_HEALTH(word) != FRT_DOWN)
			sim_broken(w, "%s/%s: the operator said down, and it is %s",
					rec->set.s, rec->id.s,
					frt_health_name(FRT_WORD_HEALTH(word)));
	}
}

void sim_check_quiet(sim_world_t *w)
{
	sim_set_rec_t *s;
	sim_rec_t *r;

	for(uint32_t i = 0; i < w->ncalls; i++) {
		if(sim_call_at(w, i)->used)
			sim_broken(w, "call %u never ended", i);
	}
	for(r = w->recs; r; r = r->next) {
		if(atomic_load(&r->rec.calls) || atomic_load(&r->rec.refs) != 1)
			sim_broken(w, "%s/%s: %u calls, %u references left", r->set, r->id,
					atomic_load(&r->rec.calls), atomic_load(&r->rec.refs));
	}
	for(s = w->set_recs; s; s = s->next) {
		if(atomic_load(&s->rec.calls) || atomic_load(&s->rec.refs) != 1)
			sim_broken(w, "%s: %u calls, %u references left", s->id,
					atomic_load(&s->rec.calls), atomic_load(&s->rec.refs));
	}
	frt_sched_free(&w->sched);
	sim_table_drop(w);
	if(w->recs || w->set_recs || world_of(w)->live)
		sim_broken(w, "%zu pieces of memory were kept", world_of(w)->live);
}
