/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's database API, and nothing of what the rows mean.
 */
#include "frt_compat.h"
#include "frt_db.h"
#include "frt_db_rows.h"

#include "../../lib/srdb1/db.h"

#include <string.h>
#include <unistd.h>

#define FETCH_ROWS 1000 /* at a time, where the engine can */
#define COLUMNS_MAX 32
#define NUMBER_MAX 32
#define LOCKED_TRIES 20 /* of what is locked ... */
#define LOCKED_TRY_US 100000

/* An open connection. */
typedef struct frt_db
{
	db_func_t f;
	db1_con_t *con;
} frt_db_t;

frt_str_t frt_db_kind(const frt_params_t *params)
{
	frt_str_t s = {params->db_url.s, 0};

	while((int)s.len < params->db_url.len && s.s[s.len] != ':')
		s.len++;
	return s;
}

static bool is_sqlite(const frt_params_t *params)
{
	return frt_str_eq(frt_db_kind(params), FRT_STR("sqlite"));
}

/* Returns why not, or NULL. */
static const char *db_open(frt_db_t *db, const frt_params_t *params)
{
	memset(db, 0, sizeof(*db));
	if(db_bind_mod(&params->db_url, &db->f) < 0)
		return "there is no such database module: is it loaded, and before "
			   "this one?";
	if(!DB_CAPABILITY(db->f, DB_CAP_QUERY))
		return "this database module cannot be asked for rows";
	db->con = db->f.init(&params->db_url);
	return db->con ? NULL : "the database cannot be reached; the log says why";
}

/* How an engine reads all tables as they were at one moment: what somebody else
 * changes in one transaction is in it or is not. */
typedef struct frt_snapshot
{
	frt_str_t kind;
	const char *begin;
	const char *who; /* its name for the connection; NULL: it has but one */
} frt_snapshot_t;

/* NULL: the engine cannot. */
static const frt_snapshot_t *snapshot_of(
		const frt_db_t *db, const frt_params_t *params)
{
	static const frt_snapshot_t engines[] = {
			{FRT_STR("mysql"), "START TRANSACTION WITH CONSISTENT SNAPSHOT",
					"SELECT CONNECTION_ID()"},
			{FRT_STR("postgres"), "BEGIN ISOLATION LEVEL REPEATABLE READ",
					"SELECT pg_backend_pid()"},
			{FRT_STR("sqlite"), "BEGIN", NULL},
	};
	frt_str_t kind = frt_db_kind(params);
	size_t i;

	for(i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
		if(frt_str_eq(kind, engines[i].kind)
				&& DB_CAPABILITY(db->f, DB_CAP_RAW_QUERY))
			return &engines[i];
	}
	return NULL;
}

static bool run_sql(frt_db_t *db, const char *sql)
{
	str text = {(char *)sql, (int)strlen(sql)};
	db1_res_t *res = NULL;
	int err = db->f.raw_query(db->con, &text, &res);

	if(res)
		db->f.free_result(db->con, res);
	return err >= 0;
}

static void db_close(frt_db_t *db)
{
	if(db->con)
		db->f.close(db->con);
}

/* The text of a value; numbers are written into mem. False: it has none. */
static bool cell_text(const db_val_t *v, char *mem, frt_str_t *out)
{
	frt_buf_t b;

	*out = (frt_str_t){NULL, 0};
	if(VAL_NULL(v))
		return true;
	frt_buf_init(&b, mem, NUMBER_MAX);
	switch(VAL_TYPE(v)) {
		case DB1_STRING:
			out->s = VAL_STRING(v);
			out->len = out->s ? (uint32_t)strlen(out->s) : 0;
			return true;
		case DB1_STR:
		case DB1_BLOB: /* the same structure */
			out->s = VAL_STR(v).s;
			out->len = out->s ? (uint32_t)VAL_STR(v).len : 0;
			return true;
		case DB1_INT:
			frt_buf_add(&b, "%d", VAL_INT(v));
			break;
		case DB1_UINT:
			frt_buf_add(&b, "%u", VAL_UINT(v));
			break;
		case DB1_BIGINT:
			frt_buf_add(&b, "%lld", VAL_BIGINT(v));
			break;
		case DB1_UBIGINT:
			frt_buf_add(&b, "%llu", VAL_UBIGINT(v));
			break;
		case DB1_DOUBLE:
			frt_buf_add(&b, "%.15g", VAL_DOUBLE(v));
			break;
		default:
			return false;
	}
	*out = (frt_str_t){mem, (uint32_t)b.len};
	return true;
}

/* The one value that a statement answers. False: there is none. */
static bool ask_sql(frt_db_t *db, const char *sql, char out[NUMBER_MAX])
{
	str text = {(char *)sql, (int)strlen(sql)};
	db1_res_t *res = NULL;
	char mem[NUMBER_MAX];
	frt_str_t value;
	frt_buf_t b;
	bool got;

	frt_buf_init(&b, out, NUMBER_MAX);
	got = db->f.raw_query(db->con, &text, &res) >= 0 && res
		  && RES_ROW_N(res) == 1 && ROW_N(RES_ROWS(res)) == 1
		  && cell_text(ROW_VALUES(RES_ROWS(res)), mem, &value);
	if(got)
		frt_buf_add_str(&b, value);
	if(res)
		db->f.free_result(db->con, res);
	return got;
}

/* Notes a fault of a whole table. */
static void fault_table(
		frt_db_rows_t *rows, frt_db_table_t table, const char *why)
{
	frt_draft_fault(rows->draft, false, (frt_place_t){rows->names[table], 0},
			"%s", why);
}

static int add_row(
		frt_db_rows_t *rows, frt_db_table_t table, const db_row_t *row)
{
	char numbers[COLUMNS_MAX][NUMBER_MAX];
	frt_str_t cells[COLUMNS_MAX];
	uint32_t n, i;
	const frt_db_column_t *columns = frt_db_columns(table, &n);
	int err;

	if((uint32_t)ROW_N(row) != n) {
		fault_table(rows, table, "a row has not the columns asked for");
		return 0;
	}
	for(i = 0; i < n; i++) {
		char why[80];
		frt_buf_t b;

		if(cell_text(&ROW_VALUES(row)[i], numbers[i], &cells[i]))
			continue;
		frt_buf_init(&b, why, sizeof(why));
		frt_buf_add(&b, "%s: expected a column of text or of numbers",
				columns[i].name);
		fault_table(rows, table, why);
		return 0;
	}
	err = frt_db_rows_add(rows, table, cells);
	if(err == FRT_E_RANGE)
		fault_table(rows, table, "more than 2000000 rows, or than 64 MB");
	return err;
}

static int add_rows(
		frt_db_rows_t *rows, frt_db_table_t table, const db1_res_t *res)
{
	int i, err = 0;

	for(i = 0; i < RES_ROW_N(res) && err == 0; i++)
		err = add_row(rows, table, &RES_ROWS(res)[i]);
	return err;
}

/* Asks for all rows, and takes them piece by piece where that is possible. */
static int read_rows(frt_db_t *db, frt_db_rows_t *rows, frt_db_table_t table)
{
	str names[COLUMNS_MAX], order;
	db_key_t keys[COLUMNS_MAX];
	db1_res_t *res = NULL;
	uint32_t n, i;
	const frt_db_column_t *columns = frt_db_columns(table, &n);
	int err = 0, more;

	for(i = 0; i < n; i++) {
		names[i].s = (char *)columns[i].name;
		names[i].len = (int)strlen(columns[i].name);
		keys[i] = &names[i];
	}
	order.s = (char *)frt_db_order(table);
	order.len = (int)strlen(order.s);
	more = db_fetch_query(&db->f, FETCH_ROWS, db->con, NULL, NULL, NULL, keys,
			0, (int)n, &order, &res);
	while(more >= 0 && res && RES_ROW_N(res) > 0) {
		err = add_rows(rows, table, res);
		if(err || more == 0)
			break;
		more = db_fetch_next(&db->f, FETCH_ROWS, db->con, &res);
	}
	if(res)
		db->f.free_result(db->con, res);
	if(more < 0)
		fault_table(rows, table,
				"the table cannot be read; the log says what the database "
				"answered");
	return err == FRT_E_RANGE ? 0 : err; /* the fault is noted */
}

static bool check_version(
		frt_db_t *db, frt_db_rows_t *rows, frt_db_table_t table)
{
	str name = {(char *)rows->names[table], (int)strlen(rows->names[table])};
	int version = db_table_version(&db->f, db->con, &name);
	char why[120];
	frt_buf_t b;

	if(version == FRT_DB_VERSION)
		return true;
	frt_buf_init(&b, why, sizeof(why));
	if(version < 0)
		frt_buf_add(&b, "its row in the table version cannot be read; the log "
						"says what the database answered");
	else
		frt_buf_add(&b,
				"the table version has %d for it; expected %d (see the SQL "
				"files)",
				version, FRT_DB_VERSION);
	fault_table(rows, table, why);
	return false;
}

static int read_tables(frt_db_t *db, frt_db_rows_t *rows)
{
	bool good = true;
	int i, err = 0;

	/* after one that cannot be asked the others say the same */
	for(i = 0; i < frt_db_table_count && good; i++)
		good = check_version(db, rows, (frt_db_table_t)i);
	for(i = 0; i < frt_db_table_count && good && err == 0; i++) {
		str name = {(char *)rows->names[i], (int)strlen(rows->names[i])};

		if(db->f.use_table(db->con, &name) < 0)
			fault_table(rows, (frt_db_table_t)i, "the table cannot be used");
		else
			err = read_rows(db, rows, (frt_db_table_t)i);
	}
	return err;
}

/* SQLite, as db_sqlite opens it, refuses at once while somebody writes. What is
 * read first has the lock that all the rest is read with. */
static void wait_for_sqlite(frt_db_t *db)
{
	int tries = LOCKED_TRIES;

	while(!run_sql(db, "SELECT 1 FROM sqlite_master LIMIT 1") && --tries > 0)
		usleep(LOCKED_TRY_US);
}

/* db_mysql and db_postgres make another connection by themselves where one is
 * lost, and what is read by that is of a later moment. */
static bool same_connection(
		frt_db_t *db, const frt_snapshot_t *snapshot, const char *was)
{
	char now[NUMBER_MAX];

	return *was == '\0'
		   || (ask_sql(db, snapshot->who, now) && strcmp(now, was) == 0);
}

/* The connection may be one that other modules of this process share, so
 * nothing is left open on it. */
static int read_at_once(
		frt_db_t *db, const frt_params_t *params, frt_db_rows_t *rows)
{
	const frt_snapshot_t *snapshot = snapshot_of(db, params);
	uint32_t before = frt_draft_errors(rows->draft);
	char who[NUMBER_MAX] = "";
	int err;

	if(!snapshot || !run_sql(db, snapshot->begin))
		return read_tables(db, rows);
	if(!snapshot->who)
		wait_for_sqlite(db);
	else if(!ask_sql(db, snapshot->who, who))
		who[0] = '\0';
	err = read_tables(db, rows);
	if(err == 0 && frt_draft_errors(rows->draft) == before
			&& !same_connection(db, snapshot, who))
		frt_draft_fault(rows->draft, false, (frt_place_t){"db_url", 0},
				"the connection was lost while the tables were read");
	run_sql(db, "ROLLBACK");
	return err;
}

int frt_db_read(frt_draft_t *d, const frt_params_t *params)
{
	frt_str_t prefix = {
			params->db_table_prefix.s, (uint32_t)params->db_table_prefix.len};
	uint32_t before = frt_draft_errors(d);
	frt_db_rows_t rows;
	frt_db_t db = {.con = NULL};
	int err = frt_db_rows_init(&rows, d, prefix);
	const char *why;

	if(err == FRT_E_NOMEM)
		return err;
	why = err ? "db_table_prefix is no name" : db_open(&db, params);
	if(why) {
		frt_draft_fault(d, false, (frt_place_t){"db_url", 0}, "%s", why);
	} else {
		err = read_at_once(&db, params, &rows);
		/* rows that belong to what could not be read are no faults */
		if(err == 0 && frt_draft_errors(d) == before)
			err = frt_db_rows_fill(&rows);
	}
	db_close(&db);
	if(err == FRT_E_NOMEM)
		return err;
	return frt_draft_errors(d) == before ? 0 : FRT_E_DRAFT;
}

static void set_text(db_val_t *v, frt_str_t text)
{
	memset(v, 0, sizeof(*v));
	VAL_TYPE(v) = DB1_STR;
	VAL_STR(v).s = (char *)text.s;
	VAL_STR(v).len = (int)text.len;
}

/* What to write, and where. */
typedef struct frt_wish
{
	str table;
	frt_str_t where[2]; /* set, and destination: empty for all of them */
	frt_admin_t admin;
	frt_db_written_t written;
} frt_wish_t;

static void tell_written(const frt_wish_t *wish, const db1_res_t *res)
{
	char mem[NUMBER_MAX];
	frt_str_t id;
	int i;

	for(i = 0; i < RES_ROW_N(res); i++) {
		if(cell_text(ROW_VALUES(&RES_ROWS(res)[i]), mem, &id))
			wish->written(wish->where[0], id, wish->admin);
	}
}

/* An UPDATE of no row is no error to a database, so it is looked first. */
static int update_admin(frt_db_t *db, const frt_wish_t *wish)
{
	static str set_id = str_init("set_id"), id = str_init("id"),
			   admin = str_init("admin");
	const char *word = frt_admin_name(wish->admin);
	db_key_t keys[2] = {&set_id, &id}, asked = &id, column = &admin;
	int n = wish->where[1].len ? 2 : 1, err = FRT_E_NODST;
	db_val_t vals[2], value;
	db1_res_t *res = NULL;

	set_text(&vals[0], wish->where[0]);
	set_text(&vals[1], wish->where[1]);
	set_text(&value, frt_str_of(word));
	if(db->f.use_table(db->con, &wish->table) < 0
			|| db->f.query(db->con, keys, NULL, vals, &asked, n, 1, NULL, &res)
					   < 0)
		return FRT_E_INVAL;
	if(RES_ROW_N(res) > 0)
		err = db->f.update(db->con, keys, NULL, vals, &column, &value, n, 1) < 0
					  ? FRT_E_INVAL
					  : 0;
	if(err == 0)
		tell_written(wish, res);
	db->f.free_result(db->con, res);
	return err;
}

/* SQLite, as db_sqlite opens it, refuses at once while somebody reads. */
static int write_admin(
		frt_db_t *db, const frt_params_t *params, const frt_wish_t *wish)
{
	int err, tries = is_sqlite(params) ? LOCKED_TRIES : 1;

	while((err = update_admin(db, wish)) == FRT_E_INVAL && --tries > 0)
		usleep(LOCKED_TRY_US);
	return err;
}

int frt_db_write_admin(const frt_params_t *params, frt_str_t set, frt_str_t id,
		frt_admin_t admin, frt_db_written_t written)
{
	frt_wish_t wish = {.where = {set, id}, .admin = admin, .written = written};
	char mem[FRT_DB_TABLE_NAME_MAX + 1];
	const char *why;
	frt_buf_t b;
	frt_db_t db;
	int err;

	frt_buf_init(&b, mem, sizeof(mem));
	frt_buf_add(&b, "%.*s_%s", params->db_table_prefix.len,
			params->db_table_prefix.s, frt_db_table_name(FRT_DB_DESTINATION));
	wish.table = (str){mem, (int)b.len};
	why = db_open(&db, params);
	if(!why && !DB_CAPABILITY(db.f, DB_CAP_UPDATE))
		why = "this database module cannot change rows";
	if(why)
		LM_ERR("admin of %.*s/%.*s was not written: %s\n", (int)set.len, set.s,
				(int)id.len, id.s, why);
	err = why ? FRT_E_INVAL : write_admin(&db, params, &wish);
	if(!why && err == FRT_E_INVAL)
		LM_ERR("admin of %.*s/%.*s was not written: the database refused\n",
				(int)set.len, set.s, (int)id.len, id.s);
	db_close(&db);
	return err;
}
