/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A database of which each call fails in its turn, and memory that does: there is
 * a fault and no table of a part of it, nothing stays open, and what was given is
 * given back.
 */
// needs: modules/failover_route/frt_db.c modules/failover_route/frt_db_rows.c
#include "draft_help.h"

#include "frt_compat.h"
#include "frt_db.h"
#include "frt_db_rows.h"

#include "../../lib/srdb1/db.h"

#define PIECE 3 /* rows at a time */
#define MANY 10
#define COLUMNS_MAX 32

static frt_params_t params;
static db1_con_t connection;

/* The database. */
static struct
{
	uint32_t calls;
	uint32_t fail_at;	/* this call fails ... */
	const char *failed; /* ... which is this one */
	const char *table;
	uint32_t nrows; /* of that table, given so far */
	uint32_t results;
	uint32_t open;
	bool begun;
	int number;		  /* of the connection */
	uint32_t lost_at; /* another one after so many calls */
	char admin[16];	  /* as it was written */
} db;

static bool fails(const char *what)
{
	if(++db.calls == db.lost_at)
		db.number++;
	if(db.calls != db.fail_at)
		return false;
	db.failed = what;
	return true;
}

static db1_res_t *result_new(int columns, int rows)
{
	db1_res_t *res = calloc(1, sizeof(*res));
	int i;

	assert_non_null(res);
	db.results++;
	RES_ROWS(res) = calloc((size_t)rows + 1, sizeof(db_row_t));
	RES_ROW_N(res) = rows;
	for(i = 0; i < rows; i++) {
		ROW_VALUES(&RES_ROWS(res)[i]) =
				calloc((size_t)columns, sizeof(db_val_t));
		ROW_N(&RES_ROWS(res)[i]) = columns;
	}
	return res;
}

static int result_free(db1_con_t *c, db1_res_t *res)
{
	int i;

	assert_ptr_equal(c, &connection);
	for(i = 0; i < RES_ROW_N(res); i++)
		free(ROW_VALUES(&RES_ROWS(res)[i]));
	free(RES_ROWS(res));
	free(res);
	db.results--;
	return 0;
}

static db1_con_t *con_init(const str *url)
{
	if(fails("init"))
		return NULL;
	db.open++;
	return &connection;
}

static void con_close(db1_con_t *c)
{
	assert_ptr_equal(c, &connection);
	db.open--;
}

static int use_table(db1_con_t *c, const str *name)
{
	static const char *const names[] = {"failover_route_set",
			"failover_route_destination", "failover_route_policy",
			"failover_route_attribute"};
	size_t i;

	if(fails("use_table"))
		return -1;
	for(i = 0; i < 4 && strcmp(names[i], name->s) != 0; i++)
		;
	db.table = i < 4 ? names[i] : "?";
	db.nrows = 0;
	return 0;
}

static void put(db1_res_t *res, int row, int column, const char *text)
{
	db_val_t *v = &ROW_VALUES(&RES_ROWS(res)[row])[column];

	VAL_NULL(v) = text == NULL;
	VAL_TYPE(v) = DB1_STRING;
	VAL_STRING(v) = text;
}

/* The next rows of a table: one set with many destinations. */
static db1_res_t *rows_new(int columns)
{
	static char ids[MANY][8];
	bool sets = strcmp(db.table, "failover_route_set") == 0;
	bool dsts = strcmp(db.table, "failover_route_destination") == 0;
	uint32_t all = sets ? 1 : dsts ? MANY : 0;
	int n = (int)(all - db.nrows < PIECE ? all - db.nrows : PIECE), i, j;
	db1_res_t *res = result_new(columns, n);

	for(i = 0; i < n; i++, db.nrows++) {
		snprintf(ids[db.nrows], sizeof(ids[0]), "d%u", (unsigned)db.nrows);
		for(j = 0; j < columns; j++)
			put(res, i, j, NULL);
		put(res, i, 0, "carriers");
		if(dsts && columns > 1)
			put(res, i, 1, ids[db.nrows]);
		if(dsts && columns > 2)
			put(res, i, 2, "sip:192.0.2.1");
	}
	return res;
}

static int query(const db1_con_t *c, const db_key_t *k, const db_op_t *op,
		const db_val_t *v, const db_key_t *cols, const int n, const int nc,
		const db_key_t order, db1_res_t **res)
{
	assert_int_equal(nc, 1);
	if(fails("query"))
		return -1;
	*res = result_new(1, 1);
	put(*res, 0, 0, "d1");
	return 0;
}

static int update(const db1_con_t *c, const db_key_t *k, const db_op_t *op,
		const db_val_t *v, const db_key_t *uk, const db_val_t *uv, const int n,
		const int un)
{
	if(fails("update"))
		return -1;
	snprintf(db.admin, sizeof(db.admin), "%s", VAL_STR(&uv[0]).s);
	return 0;
}

int db_fetch_query(db_func_t *dbf, int frows, db1_con_t *c, const db_key_t *k,
		const db_op_t *op, const db_val_t *v, const db_key_t *cols, const int n,
		const int nc, const db_key_t order, db1_res_t **res)
{
	*res = NULL;
	if(fails("fetch_query"))
		return -1;
	*res = rows_new(nc);
	return 1;
}

int db_fetch_next(db_func_t *dbf, int frows, db1_con_t *c, db1_res_t **res)
{
	int columns = ROW_N(&RES_ROWS(*res)[0]);

	result_free(c, *res);
	*res = NULL;
	if(fails("fetch_next"))
		return -1;
	*res = rows_new(columns);
	return 1;
}

static int raw_query(const db1_con_t *c, const str *sql, db1_res_t **res)
{
	*res = NULL;
	if(fails(sql->s))
		return -1;
	if(strncmp(sql->s, "START", 5) == 0 || strncmp(sql->s, "BEGIN", 5) == 0)
		db.begun = true;
	if(strcmp(sql->s, "ROLLBACK") == 0)
		db.begun = false;
	if(strncmp(sql->s, "SELECT", 6) != 0)
		return 0;
	*res = result_new(1, 1);
	VAL_TYPE(ROW_VALUES(RES_ROWS(*res))) = DB1_INT;
	VAL_INT(ROW_VALUES(RES_ROWS(*res))) = db.number;
	return 0;
}

int db_bind_mod(const str *url, db_func_t *f)
{
	if(fails("bind"))
		return -1;
	memset(f, 0, sizeof(*f));
	f->cap = DB_CAP_ALL | DB_CAP_RAW_QUERY | DB_CAP_FETCH;
	f->init = con_init;
	f->close = con_close;
	f->use_table = use_table;
	f->query = query;
	f->update = update;
	f->raw_query = raw_query;
	f->free_result = result_free;
	return 0;
}

int db_table_version(const db_func_t *f, db1_con_t *c, const str *table)
{
	return fails("version") ? -1 : FRT_DB_VERSION;
}

static void begin(const char *url)
{
	memset(&db, 0, sizeof(db));
	params.db_url = (str){(char *)url, (int)strlen(url)};
	params.db_table_prefix = (str){"failover_route", 14};
}

static void assert_given_back(void)
{
	assert_int_equal(db.results, 0);
	assert_int_equal(db.open, 0);
}

/* All of it, or a fault. */
static void assert_whole_or_fault(frt_draft_t *d, int err)
{
	if(err == 0) {
		assert_int_equal(faults_kept(d), 0);
		assert_int_equal(frt_draft_ndsts(d), MANY);
	} else {
		assert_int_equal(err, FRT_E_DRAFT);
		assert_int_not_equal(faults_kept(d), 0);
	}
	assert_given_back();
}

static const char *const urls[] = {
		"mysql://h/d", "postgres://h/d", "text:///d"};

static void test_each_call_that_fails_is_a_fault(void **state)
{
	uint32_t i, at, refused;
	fx_heap_t mem;

	(void)state;
	for(i = 0; i < 3; i++) {
		for(at = 1, refused = 0;; at++) {
			frt_draft_t *d = draft_new(&mem);
			int err;

			begin(urls[i]);
			db.fail_at = at;
			err = frt_db_read(d, &params);
			assert_whole_or_fault(d, err);
			refused += err != 0;
			if(db.begun) /* the server does so, too, when it is closed */
				assert_string_equal(db.failed, "ROLLBACK");
			frt_draft_free(d);
			if(db.failed == NULL)
				break;
			/* without a transaction it is read all the same; nor need it
			 * have a name */
			if(strncmp(db.failed, "SELECT", 6) != 0)
				assert_int_equal(err == 0, *db.failed == 'R'
												   || *db.failed == 'S'
												   || *db.failed == 'B');
		}
		assert_in_range(refused, 15, 25);
	}
}

static void test_a_connection_that_is_another_one_is_a_fault(void **state)
{
	uint32_t at, calls;
	fx_heap_t mem;
	frt_draft_t *d = draft_new(&mem);

	(void)state;
	begin("mysql://h/d");
	assert_int_equal(frt_db_read(d, &params), 0);
	calls = db.calls;
	frt_draft_free(d);
	/* bind, init, begin and the question; the question again, and the end */
	for(at = 5; at < calls; at++) {
		d = draft_new(&mem);
		begin("mysql://h/d");
		db.lost_at = at;
		assert_int_equal(frt_db_read(d, &params), FRT_E_DRAFT);
		assert_int_equal(faults_kept(d), 1);
		assert_string_equal(fault_line(d, 0),
				"db_url: the connection was lost while the tables were read");
		assert_false(db.begun);
		assert_given_back();
		frt_draft_free(d);
	}
}

static void test_memory_that_ends_at_any_call(void **state)
{
	fx_heap_t mem;
	long at;
	int err;

	(void)state;
	for(at = 2, err = FRT_E_NOMEM; err != 0; at++) {
		frt_draft_t *d = draft_new(&mem);

		begin("mysql://h/d");
		mem.fail_at = (size_t)at;
		mem.for_good = true;
		err = frt_db_read(d, &params);
		if(err != 0)
			assert_int_equal(err, FRT_E_NOMEM);
		assert_false(db.begun);
		assert_given_back();
		frt_draft_free(d);
		assert_int_equal(mem.live, 0);
	}
}

static char told[64];

static void written(frt_str_t set, frt_str_t id, frt_admin_t admin)
{
	snprintf(told, sizeof(told), "%.*s/%.*s %s", (int)set.len, set.s,
			(int)id.len, id.s, frt_admin_name(admin));
}

static void test_a_wish_that_is_not_written_is_not_told(void **state)
{
	uint32_t at;
	int err;

	(void)state;
	for(at = 1;; at++) {
		begin("mysql://h/d");
		db.fail_at = at;
		told[0] = '\0';
		err = frt_db_write_admin(&params, FRT_STR("carriers"), FRT_STR("d1"),
				FRT_DRAIN, written);
		assert_given_back();
		if(db.failed == NULL)
			break;
		assert_int_equal(err, FRT_E_INVAL);
		assert_string_equal(told, "");
	}
	assert_int_equal(err, 0);
	assert_int_equal(at, 6);
	assert_string_equal(db.admin, "drain");
	assert_string_equal(told, "carriers/d1 drain");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_each_call_that_fails_is_a_fault),
			UNIT_TEST(test_a_connection_that_is_another_one_is_a_fault),
			UNIT_TEST(test_memory_that_ends_at_any_call),
			UNIT_TEST(test_a_wish_that_is_not_written_is_not_told),
	};

	return UNIT_MAIN(tests);
}
