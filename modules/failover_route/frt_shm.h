/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table in shared memory: the published generation, its readers, the
 * records and their locks. Must not know sources, calls, RPC or events.
 *
 * Reading: frt_table_enter() gives the current generation; it stays valid
 * until frt_table_leave() in the same process. The pair nests, takes no lock
 * and never waits. What happens between them only keeps old generations from
 * being freed, so nothing there may take long.
 *
 * Locks, in the order they may be taken (never the other way round):
 *   reload  one reload at a time (try-lock: the second is refused)
 *   record  one short step of the health machine
 *   leaf    one update of the sums of weights
 * No log line or call-back happens with any of them held, and no event is
 * pushed under the latter two.
 */
#ifndef FRT_SHM_H
#define FRT_SHM_H

#include "engine/frt_act.h"
#include "engine/frt_cap.h"
#include "engine/frt_choose.h"
#include "engine/frt_health.h"
#include "engine/frt_plan.h"

/* Makes the empty table: mod_init. Returns 0 or -1 (no shared memory). */
int frt_table_init(void);
/* Makes the readers' slots once the number of processes is known:
 * child_init(PROC_INIT). Returns 0 or -1. */
int frt_table_init_procs(void);
void frt_table_destroy(void);

/* The engine's memory: shared. */
const frt_mem_t *frt_mem_shm(void);
/* The same of the process's own heap, for what is too large for pkg. */
const frt_mem_t *frt_mem_heap(void);
/* This process's random source, seeded at first use. */
frt_rand_t *frt_random(void);
/* Milliseconds of a clock that never jumps, the same in all processes; > 0. */
uint64_t frt_now_ms(void);
/* Milliseconds since 1970. */
uint64_t frt_wall_ms(void);

/* The current generation, NULL before the first is published. */
frt_gen_t *frt_table_enter(void);
void frt_table_leave(void);

/* One reading of the sources at a time, which may take as long as a database
 * does; no lock is held for it. True if nobody else was at it. */
bool frt_table_load_begin(void);
void frt_table_load_end(void);
bool frt_table_loading(void);
/* Whether the last reading of the sources has been refused, so that the table
 * is not what they say; and since when, by frt_now_ms(): 0 if it was not. */
void frt_table_refuse(bool refused);
uint64_t frt_table_refused_ms(void);
/* One change of the table at a time. True if the lock was free. */
bool frt_table_reload_trylock(void);
void frt_table_reload_unlock(void);
/* Number of the next generation; reload lock held. */
uint32_t frt_table_next_seq(void);
/* Gives every destination and set of g its record: the one it had in the
 * current generation, else a new one. 0 or FRT_E_NOMEM (then g has no
 * references and is to be freed). Reload lock held. */
int frt_table_attach(frt_gen_t *g);
/* Frees a generation that nobody reads, and its references to records. */
void frt_table_discard(frt_gen_t *g);
/* Publishes g, retires the old one and frees what nobody reads any more.
 * Reload lock held. */
void frt_table_publish(frt_gen_t *g);
/* Frees retired generations whose readers have gone. */
void frt_table_reap(void);

/* One reference more; one less, and the record is freed with the last. */
void frt_rec_ref(frt_rec_t *rec);
void frt_rec_unref(frt_rec_t *rec);
/* The record's lock: for one short step. Not to be taken twice. */
void frt_rec_lock(frt_rec_t *rec);
void frt_rec_unlock(frt_rec_t *rec);
/* Sees that there is room for what calls leave behind at a destination
 * (frt_act.h): before the first of them. Without shared memory it says so, once
 * until there is some again. No lock of ours may be held. */
void frt_table_act_make(frt_rec_t *rec);
static inline void frt_table_act(frt_rec_t *rec)
{
	/* nearly always it is there */
	if(!frt_act(rec))
		frt_table_act_make(rec);
}

/* The same of a set. */
void frt_set_rec_ref(frt_set_rec_t *rec);
void frt_set_rec_unref(frt_set_rec_t *rec);

/* Adds the URI that a destination has now; nothing if a reload has taken it out
 * of the table. */
void frt_table_uri(const frt_rec_t *rec, frt_buf_t *out);

/* Brings the sums of the current generation up to date with a record's word.
 * No lock may be held. */
void frt_table_weigh(frt_rec_t *rec);

#endif
