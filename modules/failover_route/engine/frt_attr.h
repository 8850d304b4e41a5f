/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one table of attributes: for each its element, name, type, bounds,
 * default and place in the draft. Every source, the schema's test and the
 * documentation's test go by it. Must not know how faults are kept or where a
 * text came from.
 */
#ifndef FRT_ATTR_H
#define FRT_ATTR_H

#include "frt_draft.h"

typedef enum frt_attr_type
{
	FRT_ATTR_ID,		  /* set and destination id */
	FRT_ATTR_NUMBER,	  /* a set's number: int64_t, -1 when not given */
	FRT_ATTR_BOOL,		  /* bool */
	FRT_ATTR_U16,		  /* uint16_t, min..max */
	FRT_ATTR_U32,		  /* uint32_t, min..max */
	FRT_ATTR_DURATION,	  /* uint32_t ms, min..max, 0 if zero_ok */
	FRT_ATTR_PERCENT,	  /* uint32_t */
	FRT_ATTR_WORD,		  /* an enum: the index in words */
	FRT_ATTR_WORD_OR_ANY, /* int16_t: the index, or -1 for "any" */
	FRT_ATTR_CAUSE,		  /* int32_t min..max, or -1 for "any" */
	FRT_ATTR_CODE_RANGE,  /* two uint16_t: frt_rule_t's code_min, code_max */
	FRT_ATTR_CODES,		  /* frt_codes_t */
	FRT_ATTR_WINDOWS,	  /* frt_health_conf_t's windows, nwindows */
	FRT_ATTR_METHOD,	  /* frt_str_t, as the rest below */
	FRT_ATTR_USER,		  /* user part of a URI */
	FRT_ATTR_URI,		  /* sip: or sips: URI */
	FRT_ATTR_URI_OR_NONE, /* the same, or nothing */
	FRT_ATTR_SOCKET		  /* proto:host:port, or nothing */
} frt_attr_type_t;

typedef struct frt_attr_def
{
	frt_scope_t scope;
	const char *name;
	uint32_t len; /* of name */
	frt_attr_type_t type;
	size_t offset; /* SET, PROBE, HEALTH: in frt_draft_set_t;
					* RULE: in frt_rule_t; DESTINATION: in frt_draft_dst_t */
	uint32_t min;
	uint32_t max;
	const char *dflt;		  /* as text; NULL: none */
	const char *const *words; /* NULL-terminated */
	size_t given_offset;	  /* an int16_t to set to 1; 0: none */
	bool zero_ok;			  /* a duration may also be 0 */
	bool required;
	bool set_only; /* not in <defaults> */
} frt_attr_def_t;

/* The whole table. */
const frt_attr_def_t *frt_attr_table(size_t *n);
/* The attribute of that name in a scope, or NULL. In DEFAULTS those of SET,
 * HEALTH and PROBE are found, in this order. */
const frt_attr_def_t *frt_attr_find(frt_scope_t scope, frt_str_t name);
/* The row's number: 0..n-1. */
unsigned frt_attr_index(const frt_attr_def_t *def);
/* An attribute of the scope with a name so close that a typing error is
 * likely, or NULL. */
const char *frt_attr_suggest(frt_scope_t scope, frt_str_t name);
/* A scope other than the given one that has the name, or -1. */
int frt_attr_elsewhere(frt_scope_t scope, frt_str_t name);

/* Parses value and stores it at base + offset. What is stored of a string is
 * the slice given: copy it first. *why may be set to words on what is wrong.
 * Returns 0, FRT_E_SYNTAX or FRT_E_RANGE; then base is unchanged. */
int frt_attr_store(const frt_attr_def_t *def, frt_str_t value, void *base,
		const char **why);
/* True if frt_attr_store() keeps the slice it is given. */
bool frt_attr_keeps_text(const frt_attr_def_t *def);
/* Stores the defaults of every attribute of a scope. */
void frt_attr_store_defaults(frt_scope_t scope, void *base);
/* Writes what is expected: "a whole number 0..65535". */
void frt_attr_expected(const frt_attr_def_t *def, frt_buf_t *out);

#endif
