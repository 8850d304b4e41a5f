/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The inside of the health machine: one step from event to action. Only
 * frt_health.c uses it, which makes events of evidence. Must not know sources
 * other than by their flag, nor what a reason means. The record's lock is
 * held throughout a step.
 */
#ifndef FRT_MACHINE_H
#define FRT_MACHINE_H

#include "frt_health.h"

/* What can happen to a record; what each does in each state is the table at
 * the head of frt_machine.c. */
typedef enum frt_event
{
	EV_FLAG,
	EV_TOLD,
	EV_OP_DOWN,
	EV_CALL_OK,
	EV_CALL_BAD,
	EV_TRY,
	EV_RETURN,
	EV_OP_UP,
	EV_RAMPED,
	EV_count
} frt_event_t;

/* One call into the machine: the record's word taken apart, and the rest of
 * what each part needs. */
typedef struct frt_step
{
	frt_rec_t *rec;
	frt_health_rec_t *h;
	frt_evidence_t *e; /* NULL: no call yet, or no memory for what it showed */
	const frt_health_rules_t *rules;
	frt_rand_t *rnd;
	frt_transition_t *out;
	uint64_t now_ms;
	uint32_t word; /* as it was */
	frt_health_t health;
	uint32_t busy;
	uint32_t flags;
	uint32_t share;
	uint32_t shed;
} frt_step_t;

/* Takes the record's word apart; rec, rules, rnd and out are already set. */
void frt_step_begin(frt_step_t *s, uint64_t now_ms);
/* Publishes the word in one store, so that no reader sees half a change, and
 * fills *out if health changed. */
frt_change_t frt_step_end(frt_step_t *s);
/* Looks the event up and does what the table says; told_ms is the hold of
 * EV_TOLD. The flags are the caller's to set before. */
void frt_step_fire(frt_step_t *s, frt_event_t event, frt_source_t source,
		const frt_reason_t *reason, uint32_t told_ms);
/* Sets the share and the next due time of a slow start. */
void frt_step_ramp(frt_step_t *s);

/* When a destination in its hold is to be looked at: panic may try it again
 * once what it asked for is over, which may be before the hold is. */
uint64_t frt_step_hold_due(const frt_step_t *s);

/* Publishes h.told_ms to panic, which reads it without the lock. */
void frt_told_store(frt_rec_t *rec, uint64_t now_ms);
/* Keeps a record's time from running backwards. Returns the time to go by. */
uint64_t frt_clock_step(frt_rec_t *rec, uint64_t now_ms);
/* Moves a stored time, if it is one, back by that; never to 0. */
void frt_time_shift(uint64_t *t, uint64_t back_ms);
/* now + ms; never 0, which stands for "never", and never wraps. */
uint64_t frt_time_after(uint64_t now_ms, uint64_t ms);
/* now - then, 0 if then is still to come. */
uint64_t frt_time_since(uint64_t now_ms, uint64_t then_ms);

/* The number of the next time in down or trial. */
static inline uint8_t frt_spell_after(uint8_t spell)
{
	return spell < UINT8_MAX ? (uint8_t)(spell + 1) : 1;
}

static inline uint32_t frt_at_least_1(uint32_t n)
{
	return n ? n : 1;
}

/* Reads the word under the lock: nobody else writes it. */
uint32_t frt_word_load(const frt_rec_t *rec);
/* Publishes the word to those who read it without the lock. */
void frt_word_store(frt_rec_t *rec, uint32_t word);

#endif
