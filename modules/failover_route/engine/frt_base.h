/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The words every part of the engine shares: strings, error codes, memory and
 * random numbers handed in by the caller, and the enums of design section 2.
 * Must not know Kamailio, libxml2, a clock or any I/O.
 */
#ifndef FRT_BASE_H
#define FRT_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A counted string; s need not end in NUL and may be NULL when len is 0. */
typedef struct frt_str
{
	const char *s;
	uint32_t len;
} frt_str_t;

#define FRT_STR(lit)                     \
	(frt_str_t)                          \
	{                                    \
		(lit), (uint32_t)sizeof(lit) - 1 \
	}

/* Errors: 0 is success, all others are negative. */
#define FRT_ERRORS(X)                                      \
	X(FRT_OK, 0, "ok")                                     \
	X(FRT_E_NOMEM, -2, "out of memory")                    \
	X(FRT_E_INVAL, -3, "bad argument")                     \
	X(FRT_E_RANGE, -4, "out of range")                     \
	X(FRT_E_NOSET, -5, "no such set")                      \
	X(FRT_E_NODST, -6, "no such destination")              \
	X(FRT_E_NONE_USABLE, -7, "no destination is usable")   \
	X(FRT_E_EXHAUSTED, -8, "every destination was tried")  \
	X(FRT_E_ATTEMPTS, -9, "max-attempts reached")          \
	X(FRT_E_DEADLINE, -10, "deadline passed")              \
	X(FRT_E_STOP, -11, "the policy says stop")             \
	X(FRT_E_CANCELLED, -12, "the caller cancelled")        \
	X(FRT_E_DRAFT, -13, "the configuration has errors")    \
	X(FRT_E_SYNTAX, -14, "syntax error")                   \
	X(FRT_E_BUSY, -15, "busy")                             \
	X(FRT_E_DUP, -16, "already there")                     \
	X(FRT_E_VERSION, -17, "unknown version")               \
	X(FRT_E_BUDGET, -18, "retry budget used up")           \
	X(FRT_E_FULL, -19, "every usable destination is full") \
	X(FRT_E_OVERLOAD, -20, "every destination asks for less")

typedef enum frt_err
{
#define FRT_X(name, value, text) name = value,
	FRT_ERRORS(FRT_X)
#undef FRT_X
} frt_err_t;

/* Returns the sentence of an error code, never NULL. */
const char *frt_err_name(int err);

/* Where memory comes from. alloc returns NULL when there is none; free accepts
 * NULL. The engine never calls malloc() itself. */
typedef struct frt_mem
{
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *p);
	void *ctx;
} frt_mem_t;

/* frt_mem_alloc zeroes what it gives. */
void *frt_mem_alloc(const frt_mem_t *mem, size_t size);
void frt_mem_free(const frt_mem_t *mem, void *p);

/* A small deterministic random source (splitmix64), one per process. The
 * caller seeds it; equal seeds give equal runs. Not for secrets. */
typedef struct frt_rand
{
	uint64_t state;
	uint64_t even; /* of frt_rand_even(); 0: not begun */
} frt_rand_t;

/* The next 64 bits. */
uint64_t frt_rand_next(frt_rand_t *r);
/* Uniform in 64 bits, but not independent: steps by the golden ratio, so that
 * shares of n draws are exact to about one part in n, where independent draws
 * stray by its square root. Only for draws of which each decides by itself;
 * it does not touch the sequence of frt_rand_next(). */
uint64_t frt_rand_even(frt_rand_t *r);
/* Uniform in [0, n); 0 when n is 0. */
uint64_t frt_rand_below(frt_rand_t *r, uint64_t n);

/* 64-bit hash of bytes, stable across machines and releases (the state file
 * and the hash strategy rely on it). */
uint64_t frt_hash_bytes(const void *p, size_t len, uint64_t seed);
/* One round of mixing of a 64-bit value. */
uint64_t frt_hash_mix(uint64_t x);

/* A hash in half the room, where two may be taken for one once in four thousand
 * million times. 0 stays 0, and only that. */
static inline uint32_t frt_hash_half(uint64_t x)
{
	uint32_t half = (uint32_t)(x ^ x >> 32);

	return x && !half ? 1 : half;
}

/* A C string's text. */
static inline frt_str_t frt_str_of(const char *s)
{
	return (frt_str_t){s, (uint32_t)strlen(s)};
}
/* A decimal digit? Whatever the locale says. */
static inline bool frt_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Compares byte by byte. */
bool frt_str_eq(frt_str_t a, frt_str_t b);
/* Compares without regard to ASCII case. */
bool frt_str_eq_nocase(frt_str_t a, frt_str_t b);

/* A bounded text buffer: what does not fit is cut, the result is always
 * NUL-terminated. */
typedef struct frt_buf
{
	char *s;
	size_t size;
	size_t len;
	bool cut;
} frt_buf_t;

/* Starts empty in size bytes of mem, which may be NULL if size is 0. */
void frt_buf_init(frt_buf_t *b, char *mem, size_t size);
/* Adds as printf() would. */
void frt_buf_add(frt_buf_t *b, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
/* What a noun ends with: "1 call", "2 calls". */
static inline const char *frt_plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}
/* Adds the bytes as they are. */
void frt_buf_add_str(frt_buf_t *b, frt_str_t s);
/* Adds a duration as an operator reads it: "250 ms", "4 s", "5 min". */
void frt_buf_add_ms(frt_buf_t *b, uint64_t ms);

/* Every enum below has its names through one list. FRT_ENUM_DECL declares the
 * enum, <type>_name() (never NULL) and <type>_parse() (0 or FRT_E_INVAL). */
#define FRT_ENUM_ITEM(id, text) id,
#define FRT_ENUM_DECL(type, LIST)        \
	typedef enum type                    \
	{                                    \
		LIST(FRT_ENUM_ITEM) type##_count \
	} type##_t;                          \
	const char *type##_name(type##_t v); \
	int type##_parse(frt_str_t text, type##_t *out);

/* For the one .c file that defines the two functions of an enum. */
#define FRT_ENUM_TEXT(id, text) text,
#define FRT_ENUM_DEFINE(type, LIST)                                      \
	static const char *const type##_texts[] = {LIST(FRT_ENUM_TEXT)};     \
	const char *type##_name(type##_t v)                                  \
	{                                                                    \
		return (unsigned)v < type##_count ? type##_texts[v] : "unknown"; \
	}                                                                    \
	int type##_parse(frt_str_t text, type##_t *out)                      \
	{                                                                    \
		int i = frt_enum_find(type##_texts, type##_count, text);         \
		if(i < 0)                                                        \
			return FRT_E_INVAL;                                          \
		*out = (type##_t)i;                                              \
		return FRT_OK;                                                   \
	}
/* The index of a text in a list, compared exactly, or FRT_E_INVAL. */
int frt_enum_find(const char *const *texts, unsigned n, frt_str_t text);

#define FRT_HEALTH_LIST(X) \
	X(FRT_UP, "up")        \
	X(FRT_DOWN, "down")    \
	X(FRT_TRIAL, "trial")  \
	X(FRT_RAMP, "ramp")
FRT_ENUM_DECL(frt_health, FRT_HEALTH_LIST)

#define FRT_ADMIN_LIST(X) \
	X(FRT_READY, "ready") \
	X(FRT_DRAIN, "drain") \
	X(FRT_MAINT, "maint")
FRT_ENUM_DECL(frt_admin, FRT_ADMIN_LIST)

/* Where evidence comes from; each has a flag of its own in a record. */
#define FRT_SOURCE_LIST(X)      \
	X(FRT_TRAFFIC, "traffic")   \
	X(FRT_PROBE, "probe")       \
	X(FRT_RESOLVE, "resolve")   \
	X(FRT_REGISTER, "register") \
	X(FRT_QUALITY, "quality")   \
	X(FRT_PEER, "peer")         \
	X(FRT_OPERATOR, "admin")
FRT_ENUM_DECL(frt_source, FRT_SOURCE_LIST)

#define FRT_VERDICT_LIST(X)   \
	X(FRT_V_OK, "ok")         \
	X(FRT_V_WEAK, "weak")     \
	X(FRT_V_STRONG, "strong") \
	X(FRT_V_IGNORE, "ignore") \
	X(FRT_V_BLACKOUT, "blackout")
FRT_ENUM_DECL(frt_verdict, FRT_VERDICT_LIST)

#define FRT_ROUTE_LIST(X)     \
	X(FRT_ROUTE_NEXT, "next") \
	X(FRT_ROUTE_STOP, "stop")
FRT_ENUM_DECL(frt_route, FRT_ROUTE_LIST)

/* Who produced the final code of an attempt: the other side, our timer (no
 * final reply in time), or the transport (it could not be sent). */
#define FRT_ORIGIN_LIST(X)  \
	X(FRT_REMOTE, "remote") \
	X(FRT_LOCAL, "local")   \
	X(FRT_TRANSPORT, "transport")
FRT_ENUM_DECL(frt_origin, FRT_ORIGIN_LIST)

#define FRT_STRATEGY_LIST(X)          \
	X(FRT_WEIGHTED, "weighted")       \
	X(FRT_ROUND_ROBIN, "round-robin") \
	X(FRT_HASH, "hash")               \
	X(FRT_LEAST_CALLS, "least-calls") \
	X(FRT_FASTEST, "fastest")         \
	X(FRT_ORDERED, "ordered")         \
	X(FRT_PARALLEL, "parallel")
FRT_ENUM_DECL(frt_strategy, FRT_STRATEGY_LIST)

#define FRT_PROFILE_LIST(X)             \
	X(FRT_PROFILE_STANDARD, "standard") \
	X(FRT_PROFILE_STRICT, "strict")
FRT_ENUM_DECL(frt_profile, FRT_PROFILE_LIST)

#define FRT_REWRITE_LIST(X)     \
	X(FRT_REWRITE_DURI, "duri") \
	X(FRT_REWRITE_RURI, "ruri")
FRT_ENUM_DECL(frt_rewrite, FRT_REWRITE_LIST)

/* Who gets the header with the path of the call. */
#define FRT_PATH_HEADER_LIST(X)         \
	X(FRT_PATH_HEADER_NONE, "none")     \
	X(FRT_PATH_HEADER_CALLER, "caller") \
	X(FRT_PATH_HEADER_CALLEE, "callee") \
	X(FRT_PATH_HEADER_BOTH, "both")
FRT_ENUM_DECL(frt_path_header, FRT_PATH_HEADER_LIST)

/* From where the answer to a probe is believed. */
#define FRT_ANSWER_FROM_LIST(X)                   \
	X(FRT_ANSWER_FROM_DESTINATION, "destination") \
	X(FRT_ANSWER_FROM_ANY, "any")
FRT_ENUM_DECL(frt_answer_from, FRT_ANSWER_FROM_LIST)

#define FRT_RESOLVE_LIST(X)     \
	X(FRT_RESOLVE_NONE, "none") \
	X(FRT_RESOLVE_HOST, "host") \
	X(FRT_RESOLVE_SRV, "srv")   \
	X(FRT_RESOLVE_NAPTR, "naptr")
FRT_ENUM_DECL(frt_resolve, FRT_RESOLVE_LIST)

/* Changes at run time: frt_edit.h. */
#define FRT_EDIT_LIST(X)         \
	X(FRT_EDIT_ADD, "add")       \
	X(FRT_EDIT_REMOVE, "remove") \
	X(FRT_EDIT_WEIGHT, "weight")
FRT_ENUM_DECL(frt_edit_kind, FRT_EDIT_LIST)

/* What run time has done to a destination. */
#define FRT_OVER_LIST(X)       \
	X(FRT_OVER_NOT, "")        \
	X(FRT_OVER_ADDED, "added") \
	X(FRT_OVER_WEIGHT, "weight")
FRT_ENUM_DECL(frt_over, FRT_OVER_LIST)

#define FRT_PROTO_LIST(X)     \
	X(FRT_PROTO_ANY, "any")   \
	X(FRT_PROTO_UDP, "udp")   \
	X(FRT_PROTO_TCP, "tcp")   \
	X(FRT_PROTO_TLS, "tls")   \
	X(FRT_PROTO_SCTP, "sctp") \
	X(FRT_PROTO_WS, "ws")     \
	X(FRT_PROTO_WSS, "wss")
FRT_ENUM_DECL(frt_proto, FRT_PROTO_LIST)

#endif
