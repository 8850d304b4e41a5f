/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of `failover-route convert` share: text that grows, a report
 * by source line, sets and destinations while they are converted, and rows of
 * tables. A reader (frt_cli_conv_<format>.c) fills the sets and the report; the
 * frame (frt_cli_conv.c) writes them. All memory is the conversion's and goes
 * with conv_free(); when there is none the program ends.
 */
#ifndef FRT_CLI_CONV_H
#define FRT_CLI_CONV_H

#include "frt_cli_mem.h"

#define CONV_DSTS_MAX 1000000u

/* What became of one line of the source. */
#define CONV_VERDICTS(X)               \
	X(CONV_CONVERTED, "converted")     \
	X(CONV_CHANGED, "changed")         \
	X(CONV_UNSUPPORTED, "unsupported") \
	X(CONV_SECRET, "dropped secret")   \
	X(CONV_LINT, "lint")               \
	X(CONV_NOTE, "note")
typedef enum conv_verdict
{
#define CONV_X(id, text) id,
	CONV_VERDICTS(CONV_X)
#undef CONV_X
			CONV_NVERDICTS
} conv_verdict_t;

typedef struct conv_item
{
	conv_verdict_t verdict;
	const char *file;
	unsigned line; /* 0: none */
	const char *text;
	unsigned seq; /* in the order in which they were said */
	struct conv_item *next;
} conv_item_t;

/* An attribute of an element, or a destination's <attribute>. */
typedef struct conv_pair
{
	const char *name, *value;
	struct conv_pair *next;
} conv_pair_t;

typedef struct conv_dst
{
	const char *id;	 /* wished; made unique and legal by conv_finish() */
	const char *uri; /* with its scheme */
	const char *socket;
	const char *resolve;
	long priority; /* as the module means it */
	long weight;
	long max_calls; /* 0: none */
	bool maint;
	bool pinged; /* by whom it comes from: conv_say_probed() */
	conv_pair_t *attrs;
	const char *file;
	unsigned line;
	struct conv_dst *next;
} conv_dst_t;

typedef struct conv_set
{
	const char *id;
	long number; /* -1: none */
	conv_pair_t *attrs, *probe, *health;
	conv_dst_t *dsts, **tail;
	struct conv_set *next;
} conv_set_t;

/* Texts to pointers, for what must not be searched one by one. */
typedef struct conv_map
{
	struct conv_slot
	{
		const char *key;
		void *value;
	} * slots;
	size_t size, n; /* size: a power of two */
} conv_map_t;

typedef struct conv_row
{
	unsigned line;
	const char **cells; /* of each column; NULL: null */
	struct conv_row *next;
} conv_row_t;

typedef struct conv_table
{
	const char *file;
	const char **cols;
	unsigned ncols;
	conv_row_t *rows;
	struct conv_table *next; /* of the same kind */
} conv_table_t;

typedef struct conv
{
	/* asked for */
	const char *cfg;		 /* the kamailio.cfg beside a table */
	const char *table;		 /* the table's name in a database */
	const char *config_file; /* what the new kamailio.cfg is to load */
	long algorithm;			 /* of dispatcher; -1: find out */
	bool freeze;			 /* DNS: the addresses of now */
	conv_pair_t *defines;	 /* as of kamailio -A */
	conv_pair_t *names;		 /* set number -> id */
	/* found */
	conv_set_t *sets, **sets_tail;
	conv_map_t by_id, by_number; /* the sets */
	conv_map_t said;			 /* "file:line" of which something was said */
	conv_map_t repeated;		 /* all that was said of lines */
	conv_item_t *items, **items_tail;
	unsigned nitems, ndsts;
	unsigned counts[CONV_NVERDICTS];
	cli_buf_t diff;
	conv_table_t *tables[4]; /* CONV_NKINDS, of each the newest; ->next */
	void *chunks;			 /* of conv_alloc() */
} conv_t;

/* Starts with nothing; conv_free() ends it. */
void conv_init(conv_t *c);
void conv_free(conv_t *c);
/* Zeroed memory that goes with the conversion. */
void *conv_alloc(conv_t *c, size_t size);
/* n bytes and a NUL; stops at a NUL within. */
char *conv_copy(conv_t *c, const char *s, size_t n);
char *conv_printf(conv_t *c, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/* Where the value of a key is, added with NULL when it is not there. The key is
 * kept as it is. */
void **conv_map_at(conv_t *c, conv_map_t *m, const char *key);

/* A line of the report; bytes that are no text are shown as '?'. What was said
 * of a source line already is not said again. */
void conv_say(conv_t *c, conv_verdict_t v, const char *file, unsigned line,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* Puts the report in the order of files and lines. */
void conv_sort(conv_t *c);
/* "converted" of a line that nothing else was said of. */
void conv_say_converted(
		conv_t *c, const char *file, unsigned line, const char *what);

/* Is a parameter of this name a password? */
bool conv_is_secret(const char *name);
/* A URI, or a list of attributes (a=b;c=d), without the passwords in it, of
 * which is said that they are dropped; text itself if there is none. */
const char *conv_no_secret(
		conv_t *c, const char *file, unsigned line, const char *text);

/* Reads a regular file whole, with a NUL behind. NULL, and the reason said on
 * standard error, when it cannot. */
char *conv_read(conv_t *c, const char *path, size_t *len);

/* The set of an id or number, made when it is not there. */
conv_set_t *conv_set_get(conv_t *c, const char *id, long number);
conv_dst_t *conv_dst_add(conv_t *c, conv_set_t *s, const char *file,
		unsigned line, const char *uri);
/* Probes are a set's: says of each destination that was not pinged, and now is
 * with the others, that it may be found down for it. 0. */
int conv_say_probed(conv_t *c);
/* The same of one set, whose probes are off where none of it was pinged. */
void conv_set_probed(conv_t *c, conv_set_t *s);
/* How often a set is probed; what is down as often, where others know one time
 * for both. */
void conv_probe_interval(conv_t *c, conv_set_t *s, long seconds);
/* Gives a pair, or another value to the one of that name. */
void conv_pair_put(
		conv_t *c, conv_pair_t **list, const char *name, const char *value);
void conv_pair_putf(conv_t *c, conv_pair_t **list, const char *name,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));
const char *conv_pair_get(const conv_pair_t *list, const char *name);
/* A name of the source as <attribute>, if it can be one; else it is said. */
void conv_keep_attr(
		conv_t *c, conv_dst_t *d, const char *name, const char *value);

/* Makes ids legal and unique, gives host names a resolve, joins what is double
 * and drops what the module would refuse, saying so. */
void conv_finish(conv_t *c);
/* Writes the sets as the module's XML, canonically. */
void conv_xml(const conv_t *c, cli_buf_t *out);

/* A whole number, digits only after an optional '-'; false if it is none or
 * does not fit. */
bool conv_number(const char *s, long *out);
/* The host within a SIP URI, for ids; conv's memory. */
const char *conv_uri_host(conv_t *c, const char *uri);
/* Compares two names without regard to case. */
bool conv_same(const char *a, const char *b);

/* --- tables --------------------------------------------------------------- */

/* Does an SQLite database have the table? False if it is no database. */
bool conv_sqlite_has(const char *path, const char *name);
/* Its rows. 0, or -1 with the reason said. */
int conv_sqlite_read(
		conv_t *c, const char *path, const char *name, conv_table_t *out);
/* Is the file an SQLite database? -1: it cannot be read, which was said. */
int conv_is_sqlite(const char *path);
/* Reads a table: an SQLite database (then name is its table), a db_text file, or
 * CSV with a first line of names. 0, or -1 with the reason said. */
int conv_table_read(
		conv_t *c, const char *path, const char *name, conv_table_t *out);
/* True for the first bytes of an SQLite database, db_text file or CSV. */
bool conv_is_table(const char *s, size_t len);
/* The cell of a column, or NULL if there is none. */
const char *conv_cell(
		const conv_table_t *t, const conv_row_t *r, const char *col);
bool conv_has_col(const conv_table_t *t, const char *col);

/* --- tables that refer to each other (drouting, lcr) ------------------------ */

typedef enum conv_kind
{
	CONV_ROWS_GATEWAYS,
	CONV_ROWS_LISTS, /* carriers; targets of rules */
	CONV_ROWS_RULES,
	CONV_NKINDS
} conv_kind_t;

/* Reads the tables of a file: of an SQLite database those of the names that
 * are there, else the one whose columns col[] it has. 0, or -1 as said. */
int conv_tables_read(conv_t *c, const char *path,
		const char *const names[CONV_NKINDS],
		const char *const cols[CONV_NKINDS]);
/* A destination as <attribute name=col> for each column that is not empty. */
void conv_keep_cols(conv_t *c, conv_dst_t *d, const conv_table_t *t,
		const conv_row_t *r, const char *const *cols);
/* A cell as a whole number; otherwise, if it is none. */
long conv_cell_number(const conv_table_t *t, const conv_row_t *r,
		const char *col, long otherwise);

/* --- formats: 0, or -1 when the source could not be read ------------------- */

/* Kamailio's dispatcher: list file or table. */
int conv_dispatcher(conv_t *c, const char *path);
/* kamailio.cfg or KEMI script, into c->diff. */
int conv_kamailio(conv_t *c, const char *path);
/* OpenSIPS: dispatcher, load_balancer, or drouting, which has all its tables at
 * the end. */
int conv_opensips(conv_t *c, const char *path);
int conv_opensips_end(conv_t *c);
/* Is it the table of OpenSIPS's load_balancer? Its groups become sets. */
bool conv_is_lb(const conv_table_t *t);
void conv_lb(conv_t *c, const conv_table_t *t);
/* FreeSWITCH: gateways in XML. */
int conv_freeswitch(conv_t *c, const char *path);
int conv_freeswitch_end(conv_t *c);
/* Asterisk: pjsip.conf. */
int conv_asterisk(conv_t *c, const char *path);
/* The SRV records of a domain name. */
int conv_srv(conv_t *c, const char *name);
/* Kamailio's lcr. */
int conv_lcr(conv_t *c, const char *path);
int conv_lcr_end(conv_t *c);

/* The same of texts, for tests. */
void conv_freeswitch_text(
		conv_t *c, const char *path, const char *text, size_t len);
void conv_asterisk_text(conv_t *c, const char *path, const char *text);
int conv_table_text(conv_t *c, const char *path, const char *text, size_t len,
		conv_table_t *out);
int conv_table_take(
		conv_t *c, const conv_table_t *t, const char *const cols[CONV_NKINDS]);

#endif
