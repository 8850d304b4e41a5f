/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names of enums and errors, memory and random numbers from the caller's
 * hands, the stable hash and the bounded text buffer. Knows nothing of SIP.
 */
#include "frt_base.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

FRT_ENUM_DEFINE(frt_health, FRT_HEALTH_LIST)
FRT_ENUM_DEFINE(frt_admin, FRT_ADMIN_LIST)
FRT_ENUM_DEFINE(frt_source, FRT_SOURCE_LIST)
FRT_ENUM_DEFINE(frt_verdict, FRT_VERDICT_LIST)
FRT_ENUM_DEFINE(frt_route, FRT_ROUTE_LIST)
FRT_ENUM_DEFINE(frt_origin, FRT_ORIGIN_LIST)
FRT_ENUM_DEFINE(frt_strategy, FRT_STRATEGY_LIST)
FRT_ENUM_DEFINE(frt_profile, FRT_PROFILE_LIST)
FRT_ENUM_DEFINE(frt_rewrite, FRT_REWRITE_LIST)
FRT_ENUM_DEFINE(frt_path_header, FRT_PATH_HEADER_LIST)
FRT_ENUM_DEFINE(frt_answer_from, FRT_ANSWER_FROM_LIST)
FRT_ENUM_DEFINE(frt_resolve, FRT_RESOLVE_LIST)
FRT_ENUM_DEFINE(frt_edit_kind, FRT_EDIT_LIST)
FRT_ENUM_DEFINE(frt_over, FRT_OVER_LIST)
FRT_ENUM_DEFINE(frt_proto, FRT_PROTO_LIST)

int frt_enum_find(const char *const *texts, unsigned n, frt_str_t text)
{
	for(unsigned i = 0; i < n; i++) {
		frt_str_t t = frt_str_of(texts[i]);
		if(frt_str_eq(t, text))
			return (int)i;
	}
	return FRT_E_INVAL;
}

const char *frt_err_name(int err)
{
	switch(err) {
#define FRT_X(name, value, text) \
	case name:                   \
		return text;
		FRT_ERRORS(FRT_X)
#undef FRT_X
		default:
			return "unknown error";
	}
}

void *frt_mem_alloc(const frt_mem_t *mem, size_t size)
{
	/* Some allocators answer NULL to a request for nothing. */
	size_t n = size ? size : 1;
	void *p = mem->alloc(mem->ctx, n);

	if(p)
		memset(p, 0, n);
	return p;
}

void frt_mem_free(const frt_mem_t *mem, void *p)
{
	if(p)
		mem->free(mem->ctx, p);
}

#define FRT_GOLDEN 0x9e3779b97f4a7c15ull /* 2^64 / golden ratio */

uint64_t frt_hash_mix(uint64_t x)
{
	/* splitmix64: the addition keeps 0 from staying 0. */
	x += FRT_GOLDEN;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
	return x ^ (x >> 31);
}

uint64_t frt_rand_next(frt_rand_t *r)
{
	uint64_t out = frt_hash_mix(r->state);

	r->state += FRT_GOLDEN;
	return out;
}

uint64_t frt_rand_even(frt_rand_t *r)
{
	if(r->even == 0)
		r->even = frt_hash_mix(r->state) | 1;
	r->even += 0x9e3779b97f4a7c15u;
	return r->even;
}

uint64_t frt_rand_below(frt_rand_t *r, uint64_t n)
{
	uint64_t x, reject;

	if(n == 0)
		return 0;
	/* The lowest 2^64 mod n values would be drawn once too often. */
	reject = (0 - n) % n;
	do {
		x = frt_rand_next(r);
	} while(x < reject);
	return x % n;
}

/* Four bytes as a little-endian number, whatever the machine is: written so that
 * the compiler makes one load of it where that is the same. */
static uint64_t four_le(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16
		   | (uint32_t)p[3] << 24;
}

/* Fewer than eight. */
static uint64_t bytes_le(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	for(size_t i = 0; i < n; i++)
		x |= (uint64_t)p[i] << (8 * i);
	return x;
}

uint64_t frt_hash_bytes(const void *p, size_t len, uint64_t seed)
{
	const unsigned char *b = p;
	/* The length goes in first, so that "a" and "a\0" differ. */
	uint64_t h = frt_hash_mix(seed ^ ((uint64_t)len * FRT_GOLDEN));

	for(; len >= 8; b += 8, len -= 8)
		h = frt_hash_mix(h ^ (four_le(b) | four_le(b + 4) << 32));
	if(len > 0)
		h = frt_hash_mix(h ^ bytes_le(b, len));
	return h;
}

bool frt_str_eq(frt_str_t a, frt_str_t b)
{
	/* memcmp() must not see NULL, not even for no bytes. */
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

/* Not tolower(): the answer must not depend on the process's locale. */
static char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool frt_str_eq_nocase(frt_str_t a, frt_str_t b)
{
	if(a.len != b.len)
		return false;
	for(uint32_t i = 0; i < a.len; i++) {
		if(ascii_lower(a.s[i]) != ascii_lower(b.s[i]))
			return false;
	}
	return true;
}

void frt_buf_init(frt_buf_t *b, char *mem, size_t size)
{
	b->s = mem;
	b->size = size;
	b->len = 0;
	b->cut = false;
	if(size > 0)
		mem[0] = '\0';
}

/* Room for text, without the NUL. None once something was cut: a sentence may
 * lack its end, never its middle. */
static size_t buf_room(const frt_buf_t *b)
{
	return b->cut || b->size == 0 ? 0 : b->size - 1 - b->len;
}

void frt_buf_add(frt_buf_t *b, const char *fmt, ...)
{
	size_t room = buf_room(b);
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? b->s + b->len : NULL, room ? room + 1 : 0, fmt, ap);
	va_end(ap);
	if(n < 0 || (size_t)n > room) {
		b->cut = true;
		b->len += n < 0 ? 0 : room;
		if(b->size > 0)
			b->s[b->len] = '\0';
		return;
	}
	b->len += (size_t)n;
}

void frt_buf_add_str(frt_buf_t *b, frt_str_t s)
{
	size_t room = buf_room(b);
	size_t n = s.len < room ? s.len : room;

	if(n < s.len)
		b->cut = true;
	if(n == 0)
		return;
	memcpy(b->s + b->len, s.s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

#define FRT_SECOND 1000u
#define FRT_MINUTE (60u * FRT_SECOND)
#define FRT_HOUR (60u * FRT_MINUTE)
#define FRT_DAY (24u * FRT_HOUR)

/* To the nearest, without overflow near UINT64_MAX. */
static unsigned long long rounded(uint64_t ms, uint64_t unit)
{
	return ms / unit + (ms % unit >= unit / 2 ? 1 : 0);
}

void frt_buf_add_ms(frt_buf_t *b, uint64_t ms)
{
	unsigned long long tenths = rounded(ms, FRT_SECOND / 10);

	if(ms < FRT_SECOND) {
		frt_buf_add(b, "%u ms", (unsigned)ms);
	} else if(tenths < 100 && tenths % 10 != 0) {
		frt_buf_add(b, "%llu.%llu s", tenths / 10, tenths % 10);
	} else if(ms <= 2 * FRT_MINUTE
			  || (ms % FRT_MINUTE != 0 && ms < 10 * FRT_MINUTE)) {
		frt_buf_add(b, "%llu s", rounded(ms, FRT_SECOND));
	} else if(ms < 2 * FRT_HOUR) {
		frt_buf_add(b, "%llu min", rounded(ms, FRT_MINUTE));
	} else if(ms < 2 * FRT_DAY) {
		frt_buf_add(b, "%llu h", rounded(ms, FRT_HOUR));
	} else {
		frt_buf_add(b, "%llu days", rounded(ms, FRT_DAY));
	}
}
