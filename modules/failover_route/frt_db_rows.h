/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rows of the database's tables, as text, into a draft: which tables and
 * columns there are, and what each means. Needs neither Kamailio nor a
 * database. utils/db-schema.py makes the SQL files from the same lists.
 */
#ifndef FRT_DB_ROWS_H
#define FRT_DB_ROWS_H

#include "engine/frt_draft.h"

#define FRT_DB_VERSION 1			 /* of all four, in the table "version" */
#define FRT_DB_ROWS_MAX 2000000u	 /* of all tables together */
#define FRT_DB_BYTES_MAX (64u << 20) /* of all cells together */
#define FRT_DB_TABLE_NAME_MAX 64	 /* longest table name, with its prefix */

/* The tables, by what follows the prefix. */
#define FRT_DB_TABLE_LIST(X)             \
	X(FRT_DB_SET, "set")                 \
	X(FRT_DB_DESTINATION, "destination") \
	X(FRT_DB_POLICY, "policy")           \
	X(FRT_DB_ATTRIBUTE, "attribute")
FRT_ENUM_DECL(frt_db_table, FRT_DB_TABLE_LIST)

/* A column. attr NULL: it says where the row belongs. */
typedef struct frt_db_column
{
	const char *name;
	frt_scope_t scope;
	const char *attr;
} frt_db_column_t;

/* A table's columns, in the order of a row's cells. */
const frt_db_column_t *frt_db_columns(frt_db_table_t table, uint32_t *n);
/* What its rows are to be ordered by: "set_id,id". */
const char *frt_db_order(frt_db_table_t table);

/* One row; a cell whose s is NULL is SQL's NULL: nobody said anything. */
typedef struct frt_db_row
{
	struct frt_db_row *next;
	frt_str_t cells[];
} frt_db_row_t;

/* Everything that was read. */
typedef struct frt_db_rows
{
	frt_draft_t *draft;					   /* whose memory it is */
	const char *names[frt_db_table_count]; /* live as long as the draft */
	frt_db_row_t *first[frt_db_table_count];
	frt_db_row_t *last[frt_db_table_count];
	uint32_t rows;
	size_t bytes;
} frt_db_rows_t;

/* Starts without rows. prefix: "failover_route", as it may stand in SQL.
 * 0, FRT_E_NOMEM, or FRT_E_INVAL if the prefix is no name. */
int frt_db_rows_init(frt_db_rows_t *r, frt_draft_t *d, frt_str_t prefix);
/* Adds a copy of a row. 0, FRT_E_NOMEM or FRT_E_RANGE: there is too much. */
int frt_db_rows_add(
		frt_db_rows_t *r, frt_db_table_t table, const frt_str_t *cells);
/* Fills the draft. What is wrong is noted at "table[row's key].column". Sets
 * of the draft that are not of the database may get destinations, and nothing
 * else. 0 or FRT_E_NOMEM; faults are the draft's. */
int frt_db_rows_fill(frt_db_rows_t *r);

#endif
