/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The choice as calls make it, with what is known of the last moments. Never
 * black-hole: when no destination of a set is usable, the least recently
 * failed one that the operator has not taken out is tried anyway (panic). And
 * in an adaptive set one that has just fallen silent is passed over as long as
 * another is usable. Must not know calls, nor tell anyone.
 */
#ifndef FRT_PANIC_H
#define FRT_PANIC_H

#include "frt_choose.h"
#include "frt_plan.h"

/* Is there any destination that panic may try? Looks at a sample of a large
 * set, so that the cost does not grow. */
bool frt_panic_possible(const frt_set_t *set, uint64_t now_ms);
/* May new calls pass it over for the moment: it takes calls, has fallen silent
 * (frt_rec_silent()), and the set is adaptive? Not with strategy hash, whose
 * keys stay where they are, nor parallel, where the others ring anyway. */
bool frt_passed_over(const frt_dst_t *dst, uint64_t now_ms);
/* frt_choose() past the silent ones where possible, and in panic the least
 * recently failed untried one that panic may try; *panic says which it was. */
int frt_choose_anyway(const frt_set_t *set, const frt_wish_t *wish,
		uint64_t now_ms, frt_rand_t *rnd, frt_dst_t **out, bool *panic);
/* Would that find one that the call has not tried? Nothing is chosen. */
bool frt_any_left(const frt_plan_t *p, const frt_set_t *set, uint64_t now_ms,
		frt_rand_t *rnd);
/* Could the call go on now, by its own limits, to one that is usable? Then it is
 * taken away from where it waits. Rates are not asked. */
bool frt_any_usable(const frt_plan_t *p, const frt_set_t *set, uint64_t now_ms,
		frt_rand_t *rnd);

#endif
