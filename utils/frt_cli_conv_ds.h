/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What dispatcher makes of its list or table: rows read as it reads them, with
 * what it makes of odd ones said; and how a kamailio.cfg uses it.
 */
#ifndef FRT_CLI_CONV_DS_H
#define FRT_CLI_CONV_DS_H

#include "frt_cli_conv_cfg.h"

/* dispatch.h */
#define DS_INACTIVE 1
#define DS_TRYING 2
#define DS_DISABLED 4
#define DS_PROBING 8
#define DS_NODNS 16
#define DS_NOPING 32
/* modparam flags */
#define DS_USER_ONLY 1
#define DS_FAILOVER 2

/* One destination as dispatcher has it in memory. */
typedef struct ds_row
{
	const char *file;
	unsigned line;
	unsigned index; /* as read, 0 first */
	long set, flags, priority;
	const char *uri;
	const char *body; /* attributes as text, or NULL */
	conv_pair_t *attrs;
	int weight, rweight; /* 0: not set, or not 1..100 */
	int maxload;
} ds_row_t;

typedef struct ds_rows
{
	ds_row_t **rows;
	size_t n, room;
} ds_rows_t;

/* How a kamailio.cfg uses dispatcher. */
typedef struct ds_use
{
	bool known; /* there is a kamailio.cfg */
	cfg_t cfg;
	conv_map_t algs;   /* set number -> algorithm, as text; "*": of any set */
	conv_map_t limits; /* set number -> the largest limit, long; "*" too */
	conv_map_t ruri;   /* sets that ds_select_domain() is for; "*" too */
	bool marks;		   /* ds_mark_dst() is called */
	bool body;		   /* =>attrs or attrs_pvname is read */
} ds_use_t;

/* Reads a list file as ds_load_list() does. */
void ds_read_list(conv_t *c, const char *file, const char *text, size_t len,
		ds_rows_t *out);
/* Adds a row, if dispatcher would; parses its attributes as ds_set_attrs(). */
void ds_row_add(conv_t *c, ds_rows_t *out, const ds_row_t *row);
/* Reads the kamailio.cfg of c->cfg, if there is one. 0 or -1. */
int ds_use_read(conv_t *c, ds_use_t *u);
void ds_use_free(ds_use_t *u);
/* A dispatcher parameter as a number. */
long ds_param(const ds_use_t *u, const char *name, long otherwise);
const char *ds_param_text(const ds_use_t *u, const char *name);
/* Makes sets of the rows. */
void ds_convert(conv_t *c, ds_use_t *u, ds_rows_t *rows);

#endif
