/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lookup that frt_expand() gets here asks, and remembers until the end.
 */
#include "frt_check_names.h"
#include "frt_dns.h"
#include "frt_shm.h"

#include <stdlib.h>
#include <string.h>

typedef struct asked
{
	struct asked *next;
	frt_qtype_t type;
	frt_dns_t err;
	frt_answer_t *answer;
	char name[FRT_DNS_NAME_MAX + 1];
} asked_t;

#define BUCKETS 256

typedef struct work
{
	frt_draft_t *d;
	const frt_mem_t *mem;
	frt_reach_t reach;
	uint64_t until_ms;
	asked_t *buckets[BUCKETS];
	uint32_t late; /* destinations that there was no time for */
	const frt_draft_dst_t *first_late;
	frt_children_t now;
} work_t;

static asked_t **bucket_of(work_t *w, frt_str_t name)
{
	return &w->buckets[frt_hash_bytes(name.s, name.len, 0) % BUCKETS];
}

static asked_t *ask(work_t *w, frt_qtype_t type, frt_str_t name)
{
	asked_t **at = bucket_of(w, name), *a;
	frt_answer_t answer;

	for(a = *at; a; a = a->next) {
		if(a->type == type && strlen(a->name) == name.len
				&& memcmp(a->name, name.s, name.len) == 0)
			return a;
	}
	if(name.len > FRT_DNS_NAME_MAX || frt_now_ms() >= w->until_ms)
		return NULL;
	a = frt_mem_alloc(w->mem, sizeof(*a));
	if(!a)
		return NULL;
	memcpy(a->name, name.s, name.len);
	a->type = type;
	a->err = frt_dns_ask(type, a->name, &w->reach, NULL, &answer);
	if(a->err == FRT_DNS_GOOD || answer.n > 0)
		a->answer = frt_answer_copy(&answer, w->mem);
	a->next = *at;
	*at = a;
	return a;
}

static void find(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	const asked_t *a = ask(ctx, type, name);

	memset(out, 0, sizeof(*out));
	out->err = a ? a->err : FRT_DNS_PENDING;
	out->answer = a ? a->answer : NULL;
}

/* All answers stay until the end. */
static void done(void *ctx, const frt_answer_t *answer)
{
}

static void check_one(
		work_t *w, const frt_draft_set_t *set, const frt_draft_dst_t *dst)
{
	const frt_named_t named = {
			dst->id, dst->uri, dst->socket, dst->resolve, dst->weight, set->id};
	const frt_lookup_t lookup = {find, done, w, NULL};
	char mem[FRT_FAULT_TEXT_MAX];
	frt_buf_t why;

	frt_expand(&named, &w->reach, &lookup, NULL, &w->now);
	if(w->now.n > 0)
		return;
	if(w->now.pending) {
		w->first_late = w->late++ ? w->first_late : dst;
		return;
	}
	frt_buf_init(&why, mem, sizeof(mem));
	frt_children_trouble(&w->now, &why);
	frt_draft_fault(w->d, true, dst->place,
			"<destination id=\"%.*s\">: its name does not resolve now: %s",
			(int)dst->id.len, dst->id.s, why.len ? mem : "no usable address");
}

static void free_all(work_t *w)
{
	uint32_t i;

	for(i = 0; i < BUCKETS; i++) {
		while(w->buckets[i]) {
			asked_t *a = w->buckets[i];

			w->buckets[i] = a->next;
			if(a->answer)
				frt_mem_free(w->mem, a->answer);
			frt_mem_free(w->mem, a);
		}
	}
}

void frt_check_names(frt_draft_t *d, const frt_mem_t *mem)
{
	work_t *w = frt_mem_alloc(mem, sizeof(*w));
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;

	if(!w)
		return;
	w->d = d;
	w->mem = mem;
	w->until_ms = frt_now_ms() + FRT_CHECK_NAMES_MS;
	frt_dns_reach(&w->reach);
	for(set = frt_draft_sets(d); set; set = set->next) {
		for(dst = set->dsts; dst; dst = dst->next) {
			if(dst->resolve != FRT_RESOLVE_NONE)
				check_one(w, set, dst);
		}
	}
	if(w->late)
		frt_draft_fault(d, true, w->first_late->place,
				"<destination id=\"%.*s\">: the DNS took too long to tell "
				"whether its name resolves, or that of %u other%s",
				(int)w->first_late->id.len, w->first_late->id.s, w->late - 1,
				w->late == 2 ? "" : "s");
	free_all(w);
	frt_mem_free(mem, w);
}
