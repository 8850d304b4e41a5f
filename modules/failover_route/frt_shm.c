/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared memory: publishing generations to readers that never wait, and the
 * life of records. A reader announces the epoch it reads in; a generation
 * retired in an epoch is freed when no announced epoch is older.
 */
#include "frt_compat.h"
#include "frt_away.h"
#include "frt_lock.h"
#include "frt_shm.h"
#include "frt_slab.h"

#include "../../core/mem/mem.h"
#include "../../core/mem/shm_mem.h"
#include "../../core/pt.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef struct frt_slot
{
	_Alignas(FRT_CACHE_LINE) _Atomic uint64_t epoch; /* 0: not reading */
} frt_slot_t;

typedef struct frt_table
{
	_Atomic(frt_gen_t *) current;
	_Atomic uint64_t epoch;
	_Atomic uint32_t seq;
	_Atomic uint64_t refused_ms; /* when a reload was, the first of a row */
	_Atomic uint32_t loading;	 /* 1: somebody reads the sources */
	_Atomic uint32_t uncounted;	 /* 1: said that there is no memory to count */
	gen_lock_t reload_lock;
	gen_lock_t retire_lock;
	frt_away_t away;	/* under reload_lock */
	frt_gen_t *retired; /* under retire_lock */
	_Alignas(FRT_CACHE_LINE) gen_lock_t leaf_lock;
	frt_slot_t *slots; /* set once, before any fork */
	uint32_t nslots;
	void *raw; /* as allocated */
	void *slots_raw;
} frt_table_t;

static frt_table_t *table = NULL;
static int reading = 0; /* depth of frt_table_enter() in this process */

static void *shm_get(void *ctx, size_t size)
{
	(void)ctx;
	return shm_malloc(size);
}

static void shm_put(void *ctx, void *p)
{
	(void)ctx;
	shm_free(p);
}

static void *heap_get(void *ctx, size_t size)
{
	(void)ctx;
	return malloc(size);
}

static void heap_put(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

const frt_mem_t *frt_mem_heap(void)
{
	static const frt_mem_t mem = {heap_get, heap_put, NULL};

	return &mem;
}

const frt_mem_t *frt_mem_shm(void)
{
	static const frt_mem_t mem = {shm_get, shm_put, NULL};

	return &mem;
}

/* The clock begins with the machine, or near it; what a state file says is
 * older. */
#define BEFORE_MS (10ull * 365 * 86400 * 1000)

uint64_t frt_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000
		   + BEFORE_MS;
}

uint64_t frt_wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

frt_rand_t *frt_random(void)
{
	static frt_rand_t rnd;
	static int owner = -1; /* getpid() would be a system call each time */
	struct timespec ts;

	if(owner != process_no) {
		owner = process_no;
		clock_gettime(CLOCK_REALTIME, &ts);
		rnd.state =
				frt_hash_mix((uint64_t)getpid() << 32 ^ (uint64_t)ts.tv_nsec)
				^ (uint64_t)ts.tv_sec;
	}
	return &rnd;
}

/* Kamailio's allocator knows no alignment of cache lines: *raw is what is to be
 * freed. */
static void *lines_get(size_t size, void **raw)
{
	char *p = frt_mem_alloc(frt_mem_shm(), size + FRT_CACHE_LINE);

	*raw = p;
	return p ? p + FRT_CACHE_LINE - (uintptr_t)p % FRT_CACHE_LINE : NULL;
}

int frt_table_init(void)
{
	void *raw;

	table = lines_get(sizeof(*table), &raw);
	if(!table) {
		SHM_MEM_ERROR;
		return -1;
	}
	table->raw = raw;
	atomic_init(&table->epoch, 1);
	if(!lock_init(&table->reload_lock) || !lock_init(&table->retire_lock)
			|| !lock_init(&table->leaf_lock)) {
		LM_ERR("cannot initialise the table's locks\n");
		return -1;
	}
	return 0;
}

int frt_table_init_procs(void)
{
	/* one more than there are: the main process counts too */
	uint32_t n = (uint32_t)get_max_procs() + 1;

	table->slots = lines_get(n * sizeof(*table->slots), &table->slots_raw);
	if(!table->slots) {
		SHM_MEM_ERROR;
		return -1;
	}
	table->nslots = n;
	return 0;
}

frt_gen_t *frt_table_enter(void)
{
	if(!table)
		return NULL;
	if(reading++ == 0 && (uint32_t)process_no < table->nslots)
		atomic_store(
				&table->slots[process_no].epoch, atomic_load(&table->epoch));
	return atomic_load(&table->current);
}

void frt_table_leave(void)
{
	if(!table)
		return;
	if(--reading == 0 && (uint32_t)process_no < table->nslots)
		atomic_store_explicit(
				&table->slots[process_no].epoch, 0, memory_order_release);
}

bool frt_table_load_begin(void)
{
	return atomic_exchange(&table->loading, 1) == 0;
}

void frt_table_load_end(void)
{
	atomic_store(&table->loading, 0);
}

bool frt_table_loading(void)
{
	return atomic_load(&table->loading) != 0;
}

void frt_table_refuse(bool refused)
{
	uint64_t none = 0;

	if(!refused)
		atomic_store(&table->refused_ms, 0);
	else
		atomic_compare_exchange_strong(&table->refused_ms, &none, frt_now_ms());
}

uint64_t frt_table_refused_ms(void)
{
	return atomic_load(&table->refused_ms);
}

bool frt_table_reload_trylock(void)
{
	return lock_try(&table->reload_lock) == 0;
}

void frt_table_reload_unlock(void)
{
	lock_release(&table->reload_lock);
}

uint32_t frt_table_next_seq(void)
{
	return atomic_load(&table->seq) + 1;
}

void frt_table_discard(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		if(g->dsts[i].rec)
			frt_rec_unref(g->dsts[i].rec);
	}
	for(i = 0; i < g->nsets; i++) {
		if(g->sets[i].rec)
			frt_set_rec_unref(g->sets[i].rec);
	}
	frt_gen_free(g, frt_mem_shm());
}

/* The oldest epoch anyone reads in; UINT64_MAX if nobody reads. */
static uint64_t oldest_reader(void)
{
	uint64_t oldest = UINT64_MAX;
	uint32_t i;

	for(i = 0; i < table->nslots; i++) {
		uint64_t epoch = atomic_load(&table->slots[i].epoch);

		if(epoch && epoch < oldest)
			oldest = epoch;
	}
	return oldest;
}

void frt_table_reap(void)
{
	frt_gen_t *free_list = NULL, **at, *g;
	uint64_t oldest;

	lock_get(&table->retire_lock);
	oldest = oldest_reader();
	for(at = &table->retired; (g = *at) != NULL;) {
		if(g->retired_epoch > oldest) {
			at = &g->retired_next;
			continue;
		}
		*at = g->retired_next;
		g->retired_next = free_list;
		free_list = g;
	}
	lock_release(&table->retire_lock);
	while((g = free_list) != NULL) {
		free_list = g->retired_next;
		frt_table_discard(g);
	}
}

/* Until a state change in another process has seen the new generation it may
 * have brought the old sums up to date: after publishing, look once more. */
static void weigh_again(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		lock_get(&table->leaf_lock);
		frt_gen_weigh_one_locked(&g->dsts[i]);
		lock_release(&table->leaf_lock);
	}
}

/* max-calls may have changed. */
static void caps_follow(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		frt_rec_t *rec = g->dsts[i].rec;

		if(g->dsts[i].max_calls == 0 && !FRT_WORD_FULL(atomic_load(&rec->word)))
			continue;
		frt_rec_lock(rec);
		frt_cap_follow_locked(rec, g->dsts[i].max_calls);
		frt_rec_unlock(rec);
	}
}

void frt_table_publish(frt_gen_t *g)
{
	frt_gen_t *old;

	g->born_ms = frt_now_ms();
	frt_gen_weigh(g);
	lock_get(&table->leaf_lock);
	old = atomic_exchange(&table->current, g);
	atomic_store(&table->seq, g->seq);
	lock_release(&table->leaf_lock);
	caps_follow(g);
	weigh_again(g);
	frt_away_follow(&table->away, old, g, g->born_ms);
	if(old) {
		lock_get(&table->retire_lock);
		old->retired_epoch = atomic_fetch_add(&table->epoch, 1) + 1;
		old->retired_next = table->retired;
		table->retired = old;
		lock_release(&table->retire_lock);
	}
	frt_table_reap();
}

void frt_table_weigh(frt_rec_t *rec)
{
	frt_gen_t *g;
	frt_dst_t *dst;

	/* Kamailio stops: tm ends its calls after us */
	if(!table)
		return;
	(void)frt_table_enter();
	/* the leaf lock also orders this against frt_table_publish() */
	lock_get(&table->leaf_lock);
	g = atomic_load(&table->current);
	dst = g ? frt_gen_dst_of(g, rec) : NULL;
	if(dst)
		frt_gen_weigh_one_locked(dst);
	lock_release(&table->leaf_lock);
	frt_table_leave();
}

void frt_table_uri(const frt_rec_t *rec, frt_buf_t *out)
{
	const frt_gen_t *g = frt_table_enter();
	const frt_dst_t *dst = g ? frt_gen_dst_of(g, rec) : NULL;

	if(dst)
		frt_buf_add_str(out, dst->uri);
	frt_table_leave();
}

/* Records are made some at a time: a block goes with the last of its records,
 * so one that stays holds up only so many that have gone. */
#define FRT_SLAB_RECS 64

/* A block for those from i on that keep_old() found no record for. */
static frt_slab_t *slab_of_sets(const frt_gen_t *g, uint32_t i)
{
	frt_slab_need_t need = {0};

	for(; i < g->nsets && need.sets < FRT_SLAB_RECS; i++) {
		if(g->sets[i].rec)
			continue;
		need.sets++;
		need.text += g->sets[i].id.len;
	}
	return frt_slab_new(frt_mem_shm(), &need);
}

static frt_slab_t *slab_of_dsts(const frt_gen_t *g, uint32_t i)
{
	const frt_set_t *last = NULL;
	frt_slab_need_t need = {0};

	for(; i < g->ndsts && need.recs < FRT_SLAB_RECS; i++) {
		const frt_dst_t *d = &g->dsts[i];

		if(d->rec)
			continue;
		need.recs++;
		need.text += d->id.len;
		if(d->set != last)
			need.text += d->set->id.len;
		last = d->set;
	}
	return frt_slab_new(frt_mem_shm(), &need);
}

static int attach_sets(frt_gen_t *g)
{
	frt_slab_t *slab = NULL;
	uint32_t i;

	for(i = 0; i < g->nsets; i++) {
		frt_set_t *set = &g->sets[i];

		if(set->rec)
			continue;
		if(!slab && !(slab = slab_of_sets(g, i)))
			return FRT_E_NOMEM;
		frt_gen_attach_set(g, set, frt_slab_set(slab, set->id));
		if(frt_slab_used_up(slab))
			slab = NULL;
	}
	return 0;
}

/* The ring of max-cps, made when it is first asked for. */
static int need_rate(frt_rec_t *rec)
{
	frt_rate_t *rate;

	if(atomic_load(&rec->rate))
		return 0;
	rate = frt_mem_alloc(frt_mem_shm(), sizeof(*rate));
	if(!rate)
		return FRT_E_NOMEM;
	atomic_store(&rec->rate, rate);
	return 0;
}

/* The admin of a new destination: as configured; but what a name newly stands
 * for begins as all that it stood for were, if the operator had them alike and the
 * source says what it said then. */
static frt_admin_t admin_of(const frt_gen_t *old, const frt_dst_t *dst)
{
	const frt_set_t *in =
			old && dst->parent ? frt_gen_set(old, dst->set->id) : NULL;
	const frt_parent_t *was = in ? frt_gen_parent(in, dst->parent->id) : NULL;
	int alike = -1;
	uint32_t i;

	for(i = 0; was && i < was->nchildren; i++) {
		const frt_dst_t *d = frt_gen_child(was, i);
		int admin;

		if(d->rec->conf_admin != dst->admin)
			return (frt_admin_t)dst->admin;
		admin = (int)FRT_WORD_ADMIN(atomic_load(&d->rec->word));
		if(alike >= 0 && alike != admin)
			return (frt_admin_t)dst->admin;
		alike = admin;
	}
	return alike < 0 ? (frt_admin_t)dst->admin : (frt_admin_t)alike;
}

static frt_rec_t *new_rec(
		const frt_gen_t *old, const frt_dst_t *dst, frt_slab_t *slab)
{
	frt_rec_t *rec = frt_slab_rec(slab, dst->set->id, dst->id);
	frt_admin_t admin = admin_of(old, dst);

	rec->conf_admin = dst->admin;
	if(dst->unresolved)
		frt_health_init_unresolved(rec, admin, frt_now_ms());
	else
		frt_health_init(rec, admin, frt_now_ms());
	return rec;
}

static int attach_dsts(const frt_gen_t *old, frt_gen_t *g)
{
	frt_slab_t *slab = NULL;
	uint32_t i;
	int err = 0;

	for(i = 0; err == 0 && i < g->ndsts; i++) {
		frt_dst_t *dst = &g->dsts[i];
		frt_rec_t *rec = dst->rec;

		if(!rec) {
			if(!slab && !(slab = slab_of_dsts(g, i)))
				return FRT_E_NOMEM;
			rec = new_rec(old, dst, slab);
			if(frt_slab_used_up(slab))
				slab = NULL;
		}
		frt_gen_attach(g, dst, rec);
		err = dst->max_cps ? need_rate(rec) : 0;
	}
	return err;
}

/* Takes the records that the old table, which may be NULL, has. */
static void keep_old(const frt_gen_t *old, frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; old && i < g->nsets; i++) {
		frt_set_t *set = &g->sets[i], *was = frt_gen_set(old, set->id);

		if(!was || !frt_str_eq(was->id, set->id))
			continue;
		frt_gen_attach_set(g, set, was->rec);
		frt_set_rec_ref(set->rec);
	}
	for(i = 0; old && i < g->ndsts; i++) {
		frt_dst_t *d = &g->dsts[i];
		frt_dst_t *was = frt_gen_dst(old, d->set->id, d->id);

		if(!was)
			continue;
		d->rec = was->rec;
		frt_rec_ref(d->rec);
	}
}

/* Of one that the source has put back: what it says. An address that was not in
 * the last answers keeps what the operator wanted of it alone. */
static frt_admin_t admin_back(
		const frt_gen_t *old, const frt_dst_t *dst, const frt_away_rec_t *e)
{
	if(dst->parent && e->alone && e->rec->conf_admin == dst->admin)
		return FRT_WORD_ADMIN(atomic_load(&e->rec->word));
	return admin_of(old, dst);
}

/* Takes those that left an earlier table. */
static void take_back(const frt_gen_t *old, frt_gen_t *g)
{
	uint64_t now = frt_now_ms();
	const frt_away_rec_t *e;
	frt_transition_t tr;
	frt_admin_t admin;
	uint32_t i;

	for(i = 0; i < g->ndsts && table->away.n > 0; i++) {
		frt_dst_t *d = &g->dsts[i];

		if(d->rec || d->unresolved)
			continue;
		e = frt_away_find(&table->away, d->set->id, d->id, now);
		if(!e)
			continue;
		d->rec = e->rec;
		frt_rec_ref(d->rec);
		admin = admin_back(old, d, e);
		d->rec->conf_admin = d->admin;
		frt_rec_lock(d->rec);
		frt_health_back_locked(d->rec);
		frt_health_admin_locked(d->rec, admin, now, &tr);
		frt_rec_unlock(d->rec);
	}
}

int frt_table_attach(frt_gen_t *g)
{
	frt_gen_t *old = frt_table_enter();
	int err;

	keep_old(old, g);
	take_back(old, g);
	err = attach_sets(g);
	if(err == 0)
		err = attach_dsts(old, g);
	frt_table_leave();
	return err;
}

void frt_rec_ref(frt_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

void frt_rec_unref(frt_rec_t *rec)
{
	if(atomic_fetch_sub(&rec->refs, 1) != 1)
		return;
	frt_mem_free(frt_mem_shm(), atomic_load(&rec->rate));
	frt_act_free(rec, frt_mem_shm());
	frt_slab_put(frt_mem_shm(), rec->owner);
}

void frt_set_rec_ref(frt_set_rec_t *rec)
{
	atomic_fetch_add(&rec->refs, 1);
}

void frt_set_rec_unref(frt_set_rec_t *rec)
{
	if(atomic_fetch_sub(&rec->refs, 1) == 1)
		frt_slab_put(frt_mem_shm(), rec->owner);
}

void frt_table_act_make(frt_rec_t *rec)
{
	if(frt_act_need(rec, frt_mem_shm())) {
		atomic_store(&table->uncounted, 0);
		return;
	}
	if(atomic_exchange(&table->uncounted, 1) == 0)
		LM_ERR("no shared memory to count the calls of %.*s/%.*s, or of others "
			   "that have had none yet: they are routed, but do not take it "
			   "down; this is said once\n",
				(int)rec->set.len, rec->set.s, (int)rec->id.len, rec->id.s);
}

/* The engine keeps a word for the host's lock, so that it need not know it. */
_Static_assert(sizeof(gen_lock_t) <= sizeof(((frt_rec_t *)0)->host_lock),
		"the record's lock word is too small for this Kamailio's gen_lock_t");

void frt_rec_lock(frt_rec_t *rec)
{
	frt_lock_get((gen_lock_t *)&rec->host_lock);
}

void frt_rec_unlock(frt_rec_t *rec)
{
	frt_lock_release((gen_lock_t *)&rec->host_lock);
}

void frt_table_destroy(void)
{
	frt_gen_t *g;

	if(!table)
		return;
	while((g = table->retired) != NULL) {
		table->retired = g->retired_next;
		frt_table_discard(g);
	}
	g = atomic_load(&table->current);
	if(g)
		frt_table_discard(g);
	frt_away_free(&table->away);
	frt_mem_free(frt_mem_shm(), table->slots_raw);
	frt_mem_free(frt_mem_shm(), table->raw);
	table = NULL;
}
