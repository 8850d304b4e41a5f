/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of drafts and of their sources share: short words to fill a
 * draft, a search in its faults, and memory that ends at any request.
 */
#ifndef FRT_DRAFT_HELP_H
#define FRT_DRAFT_HELP_H

#include "frt_draft.h"
#include "heap.h"

static inline frt_draft_t *draft_new(fx_heap_t *heap)
{
	frt_mem_t mem = fx_mem(heap);

	memset(heap, 0, sizeof(*heap));
	return frt_draft_new(&mem);
}

/* Makes a draft with memory that ends at the first request, at the second, and
 * so on, until there is enough. Returns the request that would have been next. */
static inline size_t draft_without_memory(int (*fill)(frt_draft_t *d))
{
	size_t n;

	for(n = 1;; n++) {
		fx_heap_t heap = {.fail_at = n, .for_good = true};
		frt_mem_t mem = fx_mem(&heap);
		frt_draft_t *d = frt_draft_new(&mem);
		int err = d != NULL ? fill(d) : FRT_E_NOMEM;

		frt_draft_free(d);
		assert_int_equal(heap.live, 0);
		if(err == 0)
			return n;
		assert_int_equal(err, FRT_E_NOMEM);
		assert_true(n < 1000);
	}
}

static inline frt_str_t str_of(const char *s)
{
	frt_str_t r = {s, (uint32_t)strlen(s)};
	return r;
}

static inline frt_place_t at(uint32_t line)
{
	frt_place_t place = {"frt.xml", line};
	return place;
}

/* The nth fault as an operator reads it; valid until the next call. */
static inline const char *fault_line(const frt_draft_t *d, uint32_t n)
{
	static char mem[1024];
	uint32_t kept;
	const frt_fault_t *f = frt_draft_faults(d, &kept, NULL, NULL);
	frt_buf_t b;

	if(n >= kept)
		return "";
	frt_buf_init(&b, mem, sizeof(mem));
	frt_fault_text(&f[n], &b);
	return mem;
}

static inline uint32_t faults_kept(const frt_draft_t *d)
{
	uint32_t kept;

	frt_draft_faults(d, &kept, NULL, NULL);
	return kept;
}

/* True if a fault's line, as a whole, is this text. */
static inline bool has_fault(const frt_draft_t *d, const char *text)
{
	uint32_t i;

	for(i = 0; i < faults_kept(d); i++) {
		if(strcmp(fault_line(d, i), text) == 0)
			return true;
	}
	return false;
}

static inline void show_faults(const frt_draft_t *d)
{
	uint32_t i;

	for(i = 0; i < faults_kept(d); i++)
		print_message("    fault: %s\n", fault_line(d, i));
}

#define assert_fault(d, text)                                  \
	do {                                                       \
		if(!has_fault(d, text)) {                              \
			show_faults(d);                                    \
			fail_msg("line %d: no fault: %s", __LINE__, text); \
		}                                                      \
	} while(0)

#define assert_clean(d)                      \
	do {                                     \
		show_faults(d);                      \
		assert_int_equal(faults_kept(d), 0); \
	} while(0)

typedef struct fixture
{
	fx_heap_t heap;
	frt_draft_t *d;
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;
} fixture_t;

static inline fixture_t *fx(void **state)
{
	return *state;
}

static inline int setup(void **state)
{
	fixture_t *f = calloc(1, sizeof(*f));

	f->d = draft_new(&f->heap);
	*state = f;
	return f->d == NULL;
}

static inline int teardown(void **state)
{
	fixture_t *f = *state;
	size_t live;

	frt_draft_free(f->d);
	live = f->heap.live;
	free(f);
	return live != 0;
}

static inline void add_set(fixture_t *f, const char *id, uint32_t line)
{
	assert_int_equal(frt_draft_set_add(f->d, str_of(id), at(line), &f->set), 0);
	assert_non_null(f->set);
}

static inline void attr(fixture_t *f, frt_scope_t scope, const char *name,
		const char *value, uint32_t line)
{
	assert_int_equal(frt_draft_attr(f->d, scope, f->set, f->dst, str_of(name),
							 str_of(value), at(line)),
			0);
}

static inline void add_dst(
		fixture_t *f, const char *id, const char *uri, uint32_t line)
{
	assert_int_equal(
			frt_draft_dst_add(f->d, f->set, str_of(id), at(line), &f->dst), 0);
	assert_non_null(f->dst);
	if(uri != NULL)
		attr(f, FRT_SCOPE_DESTINATION, "uri", uri, line);
}

#define DRAFT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
