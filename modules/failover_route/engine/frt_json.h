/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON (RFC 8259): a writer, whose texts are safe inside of HTML as well, and a
 * reader of the one thing we are sent, an object of strings. Kamailio's own
 * srjson reads beyond the end of a text that is cut within a \u escape. Must
 * not know what is said.
 */
#ifndef FRT_JSON_H
#define FRT_JSON_H

#include "frt_grow.h"

typedef struct frt_json
{
	frt_grow_t text;
	bool comma; /* before what comes next */
} frt_json_t;

/* An empty text; frt_grow_free(&j->text) gives it back. */
void frt_json_init(frt_json_t *j, const frt_mem_t *mem);
/* Begins an object ('{') or an array ('['); name is NULL where it has none. */
void frt_json_open(frt_json_t *j, const char *name, char bracket);
/* Ends it: '}' or ']'. */
void frt_json_close(frt_json_t *j, char bracket);
/* One member, or item where name is NULL. Names are ours and not escaped;
 * values are, and what is no UTF-8 becomes U+FFFD. */
void frt_json_int(frt_json_t *j, const char *name, int64_t value);
void frt_json_bool(frt_json_t *j, const char *name, bool value);
void frt_json_str(frt_json_t *j, const char *name, frt_str_t value);
void frt_json_text(frt_json_t *j, const char *name, const char *value);

/* A member that is to be read: a string, NUL-terminated in out. */
typedef struct frt_json_field
{
	const char *name;
	char *out;
	size_t size;
	bool given;
} frt_json_field_t;

/* Reads an object that has exactly these members, each once and each a string
 * without NUL. 0; FRT_E_SYNTAX; FRT_E_INVAL for another member, one missing or
 * twice; FRT_E_RANGE for one too long. */
int frt_json_read(frt_str_t text, frt_json_field_t *fields, unsigned n);

#endif
