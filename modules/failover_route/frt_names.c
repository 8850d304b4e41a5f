/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers by question. An answer never changes once it is here: a new one
 * takes its place, and the old one goes with its last reader.
 */
#include "frt_compat.h"
#include "frt_lock.h"
#include "frt_names.h"
#include "frt_shm.h"

#include "../../core/mem/shm_mem.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 4096u /* a power of two */

typedef struct frt_name
{
	struct frt_name *next;
	frt_answer_t *answer; /* NULL: none yet */
	uint64_t good_ms;
	uint64_t due_ms;
	uint32_t round; /* the last one that wanted it */
	uint32_t failures;
	uint32_t failed;
	frt_ttl_bounds_t bounds;
	frt_dns_t err;
	frt_question_t q;
} frt_name_t;

typedef struct frt_names
{
	gen_lock_t lock;
	uint32_t n;
	uint32_t round;
	bool lost;			 /* there was no memory for one that it wanted */
	uint64_t trouble_ms; /* when one last came to nothing */
	frt_name_t *buckets[BUCKETS];
} frt_names_t;

static frt_names_t *names = NULL;

int frt_names_init(void)
{
	names = shm_malloc(sizeof(*names));
	if(!names) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(names, 0, sizeof(*names));
	if(!lock_init(&names->lock)) {
		LM_ERR("cannot initialise the lock of the names\n");
		shm_free(names);
		names = NULL;
		return -1;
	}
	return 0;
}

static void answer_put(const frt_answer_t *answer)
{
	frt_answer_t *a = (frt_answer_t *)answer;

	if(a && atomic_fetch_sub(&a->refs, 1) == 1)
		frt_mem_free(frt_mem_shm(), a);
}

static void name_free(frt_name_t *e)
{
	answer_put(e->answer);
	shm_free(e);
}

void frt_names_destroy(void)
{
	uint32_t i;

	for(i = 0; names && i < BUCKETS; i++) {
		while(names->buckets[i]) {
			frt_name_t *e = names->buckets[i];

			names->buckets[i] = e->next;
			name_free(e);
		}
	}
	if(names)
		shm_free(names);
	names = NULL;
}

/* Names are the same in any case of letters. */
static bool question_make(frt_question_t *q, frt_qtype_t type, frt_str_t name)
{
	uint32_t i;

	if(name.len == 0 || name.len > FRT_DNS_NAME_MAX)
		return false;
	q->type = type;
	for(i = 0; i < name.len; i++)
		q->name[i] = name.s[i] >= 'A' && name.s[i] <= 'Z'
							 ? (char)(name.s[i] + 32)
							 : name.s[i];
	q->name[i] = '\0';
	return true;
}

static uint32_t bucket_of(const frt_question_t *q)
{
	return (uint32_t)frt_hash_bytes(q->name, strlen(q->name), q->type)
		   % BUCKETS;
}

static frt_name_t *find_locked(const frt_question_t *q)
{
	frt_name_t *e = names->buckets[bucket_of(q)];

	while(e && (e->q.type != q->type || strcmp(e->q.name, q->name) != 0))
		e = e->next;
	return e;
}

static void read_locked(frt_name_t *e, frt_found_t *out)
{
	out->answer = e->answer;
	out->err = e->err;
	out->good_ms = e->good_ms;
	if(e->answer)
		atomic_fetch_add(&e->answer->refs, 1);
}

static void look(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	frt_question_t q;
	frt_name_t *e;

	(void)ctx;
	if(!question_make(&q, type, name))
		return;
	lock_get(&names->lock);
	e = find_locked(&q);
	if(e)
		read_locked(e, out);
	lock_release(&names->lock);
}

static void done(void *ctx, const frt_answer_t *answer)
{
	(void)ctx;
	answer_put(answer);
}

/* Ids of the state file, of this process. */
static struct
{
	char **keys;
	uint32_t n;
	uint32_t room;
	bool sorted;
} ids;

#define KEY_MAX (FRT_ID_MAX + 1 + FRT_DST_ID_MAX + 1)

/* No id has a line end in it. */
static bool key_of(char key[KEY_MAX], frt_str_t set, frt_str_t id)
{
	frt_buf_t b;

	frt_buf_init(&b, key, KEY_MAX);
	frt_buf_add_str(&b, set);
	frt_buf_add(&b, "\n");
	frt_buf_add_str(&b, id);
	return !b.cut;
}

static int key_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Without memory it is not known. */
void frt_names_put_id(frt_str_t set, frt_str_t id)
{
	uint32_t room = ids.room ? 2 * ids.room : 64;
	char key[KEY_MAX], **more = ids.keys;

	if(!key_of(key, set, id))
		return;
	if(ids.n == ids.room) {
		more = realloc(ids.keys, room * sizeof(*more));
		if(!more)
			return;
		ids.keys = more;
		ids.room = room;
	}
	more[ids.n] = strdup(key);
	ids.n += more[ids.n] != NULL;
	ids.sorted = false;
}

void frt_names_forget_ids(void)
{
	while(ids.n > 0)
		free(ids.keys[--ids.n]);
	free(ids.keys);
	ids.keys = NULL;
	ids.room = 0;
}

static bool had(void *ctx, frt_str_t set, frt_str_t id)
{
	char key[KEY_MAX], *wanted = key;

	(void)ctx;
	if(ids.n == 0 || !key_of(key, set, id))
		return false;
	if(!ids.sorted)
		qsort(ids.keys, ids.n, sizeof(*ids.keys), key_cmp);
	ids.sorted = true;
	return bsearch(&wanted, ids.keys, ids.n, sizeof(*ids.keys), key_cmp)
		   != NULL;
}

frt_lookup_t frt_names_lookup(void)
{
	return (frt_lookup_t){look, done, NULL, had};
}

static frt_name_t *name_new(const frt_question_t *q)
{
	frt_name_t *e = frt_mem_alloc(frt_mem_shm(), sizeof(*e));

	if(e) {
		e->q = *q;
		e->err = FRT_DNS_PENDING;
		e->due_ms = frt_now_ms();
	}
	return e;
}

static void insert_locked(frt_name_t *e)
{
	frt_name_t **head = &names->buckets[bucket_of(&e->q)];

	e->next = *head;
	*head = e;
	names->n++;
}

/* Of all who want it, the tightest bounds hold; also for an answer that is here
 * already, if a reload has made them tighter. */
static void want_locked(frt_name_t *e, const frt_ttl_bounds_t *bounds)
{
	uint64_t due;

	if(e->round != names->round || bounds->min_ms < e->bounds.min_ms)
		e->bounds.min_ms = bounds->min_ms;
	if(e->round != names->round || bounds->max_ms < e->bounds.max_ms)
		e->bounds.max_ms = bounds->max_ms;
	e->round = names->round;
	if(e->err != FRT_DNS_GOOD || !e->answer)
		return;
	due = e->good_ms
		  + frt_dns_ttl_ms(
				  e->answer->ttl_s, e->bounds.min_ms, e->bounds.max_ms);
	if(due < e->due_ms)
		e->due_ms = due;
}

static void want(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	frt_name_t *e, *fresh = NULL;
	frt_question_t q;

	if(!question_make(&q, type, name))
		return;
	lock_get(&names->lock);
	e = find_locked(&q);
	lock_release(&names->lock);
	/* nobody else adds or removes any */
	if(!e)
		e = fresh = name_new(&q);
	if(!e) {
		names->lost = true;
		return;
	}
	lock_get(&names->lock);
	if(fresh)
		insert_locked(fresh);
	want_locked(e, ctx);
	read_locked(e, out);
	lock_release(&names->lock);
}

void frt_names_round(void)
{
	names->round++;
	names->lost = false;
}

frt_lookup_t frt_names_wanting(frt_ttl_bounds_t *bounds)
{
	return (frt_lookup_t){want, done, bounds, NULL};
}

bool frt_names_sweep(void)
{
	frt_name_t *gone = NULL, *e;
	uint32_t i;

	for(i = 0; i < BUCKETS; i++) {
		frt_name_t **at = &names->buckets[i];

		lock_get(&names->lock);
		while((e = *at) != NULL) {
			if(e->round == names->round) {
				at = &e->next;
				continue;
			}
			*at = e->next;
			e->next = gone;
			gone = e;
			names->n--;
		}
		lock_release(&names->lock);
	}
	while((e = gone) != NULL) {
		gone = e->next;
		name_free(e);
	}
	return !names->lost;
}

/* A question that gets no answer can hold up the resolver for half a minute, so
 * those that had one come first, then the new ones, and then those in trouble;
 * but these two do not wait for longer than this. */
#define TROUBLE_MS 5000u

static int rank_of(const frt_name_t *e, bool trouble)
{
	if(e->failures == 0 && e->err != FRT_DNS_PENDING)
		return 0;
	if(trouble)
		return -1;
	return e->failures ? 2 : 1;
}

static bool before(const frt_name_t *a, const frt_name_t *b, bool trouble)
{
	int ra = rank_of(a, trouble), rb = rank_of(b, trouble);

	return ra == rb ? a->due_ms < b->due_ms : ra < rb;
}

/* Puts it among the n first, in their order; returns how many these are now. */
static uint32_t put_first(
		const frt_name_t **first, uint32_t n, const frt_name_t *e, bool trouble)
{
	uint32_t at;

	if(n == FRT_NAMES_BATCH) {
		if(!before(e, first[n - 1], trouble))
			return n;
		n--;
	}
	for(at = n; at > 0 && before(e, first[at - 1], trouble); at--)
		first[at] = first[at - 1];
	first[at] = e;
	return n + 1;
}

uint32_t frt_names_due(frt_question_t out[FRT_NAMES_BATCH], uint64_t *next_ms)
{
	const frt_name_t *first[FRT_NAMES_BATCH] = {NULL}, *e;
	uint64_t now = frt_now_ms();
	bool trouble = now - names->trouble_ms >= TROUBLE_MS;
	uint32_t n = 0, i;

	/* only this process changes what is read here: no lock */
	*next_ms = UINT64_MAX;
	for(i = 0; i < BUCKETS; i++) {
		for(e = names->buckets[i]; e; e = e->next) {
			if(e->due_ms <= now)
				n = put_first(first, n, e, trouble);
			else if(e->due_ms < *next_ms)
				*next_ms = e->due_ms;
		}
	}
	for(i = 0; i < n; i++)
		out[i] = first[i]->q;
	if(n > 0)
		*next_ms = now;
	return n;
}

/* Plans the next time; the resolver's process. */
static void plan_locked(frt_name_t *e, frt_dns_t err, uint32_t ttl_s)
{
	uint64_t now = frt_now_ms();

	e->err = err;
	if(err == FRT_DNS_GOOD) {
		e->failures = 0;
		e->good_ms = now;
		e->due_ms = now
					+ frt_dns_refresh_ms(ttl_s, e->bounds.min_ms,
							e->bounds.max_ms, frt_random());
		return;
	}
	names->trouble_ms = now;
	if(e->failures < UINT32_MAX)
		e->failures++;
	e->failed++;
	e->due_ms = now
				+ frt_dns_retry_ms(e->failures, e->bounds.min_ms,
						e->bounds.max_ms, frt_random());
}

/* Puts an answer in the place of the old one, which is given back. */
static frt_answer_t *swap_locked(frt_name_t *e, frt_answer_t *fresh)
{
	frt_answer_t *old = e->answer;

	atomic_store(&fresh->refs, 1);
	e->answer = fresh;
	return old;
}

void frt_names_store(
		const frt_question_t *q, const frt_answer_t *answer, frt_dns_t err)
{
	frt_answer_t *fresh = NULL, *old = NULL;
	frt_name_t *e;

	if(answer)
		fresh = frt_answer_copy(answer, frt_mem_shm());
	if(answer && !fresh)
		SHM_MEM_ERROR;
	lock_get(&names->lock);
	e = find_locked(q);
	if(e) {
		plan_locked(e, answer && !fresh ? FRT_DNS_SERVER : err,
				answer ? answer->ttl_s : 0);
		if(fresh)
			old = swap_locked(e, fresh);
	} else {
		old = fresh;
	}
	lock_release(&names->lock);
	if(old && old == fresh)
		frt_mem_free(frt_mem_shm(), old);
	else
		answer_put(old);
}

void frt_names_put(
		const frt_question_t *q, const frt_answer_t *answer, uint64_t good_ms)
{
	frt_answer_t *fresh = frt_answer_copy(answer, frt_mem_shm());
	frt_name_t *e = fresh ? name_new(q) : NULL;

	if(!e || find_locked(q)) {
		frt_mem_free(frt_mem_shm(), fresh);
		frt_mem_free(frt_mem_shm(), e);
		return;
	}
	e->err = FRT_DNS_GOOD;
	e->good_ms = good_ms;
	swap_locked(e, fresh);
	insert_locked(e);
}

frt_name_view_t *frt_names_list(uint32_t *n)
{
	uint32_t room, i;
	frt_name_view_t *all;
	frt_found_t found;
	frt_name_t *e;

	*n = 0;
	/* some more than there are: they may grow meanwhile */
	room = names ? names->n + 16 : 0;
	all = room > 16 ? malloc(room * sizeof(*all)) : NULL;
	for(i = 0; all && i < BUCKETS; i++) {
		frt_lock_get(&names->lock);
		for(e = names->buckets[i]; e && *n < room; e = e->next) {
			read_locked(e, &found);
			all[(*n)++] = (frt_name_view_t){e->q, found.err, found.good_ms,
					e->failures, e->failed, found.answer};
		}
		frt_lock_release(&names->lock);
	}
	return all;
}

void frt_names_free(frt_name_view_t *all, uint32_t n)
{
	uint32_t i;

	for(i = 0; i < n; i++)
		answer_put(all[i].answer);
	free(all);
}
