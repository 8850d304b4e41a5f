/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The database source: Kamailio's database API (db_sqlite, db_text,
 * db_postgres, db_mysql) to rows of text, and the operator's wish back. A
 * connection is opened for each use and closed after it, so none is ever
 * shared with another process. Both functions wait for the database: never
 * in a SIP worker.
 */
#ifndef FRT_DB_H
#define FRT_DB_H

#include "frt_params.h"
#include "engine/frt_draft.h"

/* Reads all tables into the draft, in one transaction where the engine is MySQL,
 * PostgreSQL or SQLite. Faults are noted there, at the table, the
 * row's key and the column; what the database itself said is in the log.
 * Returns 0, FRT_E_DRAFT (there are new errors) or FRT_E_NOMEM. Takes up to two
 * seconds where an SQLite is locked. */
int frt_db_read(frt_draft_t *d, const frt_params_t *params);

/* Called for each destination whose row was written. */
typedef void (*frt_db_written_t)(
		frt_str_t set, frt_str_t id, frt_admin_t admin);

/* Writes the admin column of one destination, or of all of a set if id is
 * empty, and then tells which. Returns 0; FRT_E_NODST if the database has no
 * such row (also when the set is not there); FRT_E_INVAL if it cannot be reached
 * or refused. Takes up to two seconds where an SQLite is locked. */
int frt_db_write_admin(const frt_params_t *params, frt_str_t set, frt_str_t id,
		frt_admin_t admin, frt_db_written_t written);

/* What to call the database in a log line: its kind, never its password. */
frt_str_t frt_db_kind(const frt_params_t *params);

#endif
