/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The state file's lines, and a record's state to them and back. What is read
 * may have been written by anybody.
 */
#include "unit.h"

#include "frt_restore.h"

#define NOW 5000000ull
#define WALL 1763691123456ull

static frt_saved_t a_saved(void)
{
	frt_saved_t s;

	memset(&s, 0, sizeof(s));
	snprintf(s.set, sizeof(s.set), "carriers");
	snprintf(s.id, sizeof(s.id), "us-east-1");
	s.conf_admin = FRT_READY;
	s.admin = FRT_DRAIN;
	s.health = FRT_DOWN;
	s.flags = 1u << FRT_TRAFFIC | 1u << FRT_PROBE;
	s.hold_until_ms = WALL + 20000;
	s.since_ms = WALL - 10000;
	s.downs = 3;
	s.waived = true;
	s.source = FRT_TRAFFIC;
	s.reason = (frt_reason_t){.why = FRT_WHY_STRONG,
			.origin = FRT_LOCAL,
			.code = 408,
			.count = 3,
			.attempts = 5,
			.invite = true,
			.mixed = FRT_MIXED_TIMEOUT,
			.timeout_ms = 4000,
			.since_ms = 212,
			.hold_ms = 30000};
	return s;
}

static frt_saved_event_t an_event(void)
{
	frt_saved_event_t e;

	memset(&e, 0, sizeof(e));
	e.time_ms = WALL - 10000;
	e.source = FRT_PROBE;
	snprintf(e.kind, sizeof(e.kind), "dst-down");
	snprintf(e.set, sizeof(e.set), "carriers");
	snprintf(e.destination, sizeof(e.destination), "us-east-1");
	snprintf(e.uri, sizeof(e.uri), "sip:us-east-1.example;transport=tcp");
	snprintf(e.from, sizeof(e.from), "up");
	snprintf(e.to, sizeof(e.to), "down");
	snprintf(e.reason, sizeof(e.reason),
			"3 failed probes (100 %% = lost,\n\xc3\xbc=ue); hold 30 s");
	return e;
}

/* A whole file. */
static char file[65536];
static size_t file_len;

/* An answer of the DNS of each kind. */
static void put_names(frt_state_writer_t *w, frt_buf_t *b)
{
	frt_saved_name_t srv = {FRT_Q_SRV, "_sip._udp.example.net", WALL - 500, 1};
	frt_saved_name_t host = {FRT_Q_HOST, "gw1.example.net", WALL - 700, 1};
	frt_saved_name_t none = {FRT_Q_SRV, "_sip._udp.example.org", WALL, 0};
	frt_rr_t target = {.priority = 10,
			.weight = 60,
			.port = 5061,
			.name = FRT_STR("gw1.example.net")};
	frt_rr_t addr = {.addr = {0x20, 1, 0xd, 0xb8, [15] = 1}};

	assert_int_equal(frt_state_put_name(w, &srv, b), 0);
	assert_int_equal(frt_state_put_rr(w, &target, b), 0);
	assert_int_equal(frt_state_put_name(w, &none, b), 0);
	assert_int_equal(frt_state_put_name(w, &host, b), 0);
	assert_int_equal(frt_state_put_rr(w, &addr, b), 0);
}

static void write_file(const frt_saved_t *dst, const frt_saved_event_t *ev)
{
	frt_state_writer_t w = {0};
	frt_buf_t b;

	frt_buf_init(&b, file, sizeof(file));
	assert_int_equal(frt_state_put_head(&w, WALL, &b), 0);
	if(dst)
		assert_int_equal(frt_state_put_dst(&w, dst, &b), 0);
	if(ev)
		put_names(&w, &b);
	if(ev)
		assert_int_equal(frt_state_put_event(&w, ev, &b), 0);
	assert_int_equal(frt_state_put_end(&w, &b), 0);
	file_len = b.len;
}

/* Reads what is in file, line by line, each from memory of its own size. */
static int read_file(
		frt_state_reader_t *r, frt_state_item_t *dst, frt_state_item_t *ev)
{
	frt_state_item_t item;
	size_t at = 0;
	int err;

	memset(r, 0, sizeof(*r));
	while(at < file_len) {
		const char *nl = memchr(file + at, '\n', file_len - at);
		size_t n = nl ? (size_t)(nl - file) + 1 - at : file_len - at;
		char *line = malloc(n);

		memcpy(line, file + at, n);
		err = frt_state_read(r, (frt_str_t){line, (uint32_t)n}, &item);
		free(line);
		if(err)
			return err;
		if(item.kind == FRT_STATE_DST && dst)
			*dst = item;
		if(item.kind == FRT_STATE_EVENT && ev)
			*ev = item;
		at += n;
	}
	return frt_state_read_end(r);
}

static void test_state_destination_comes_back_as_it_was(void **state)
{
	frt_saved_t s = a_saved();
	frt_state_item_t got;
	frt_state_reader_t r;

	(void)state;
	write_file(&s, NULL);
	memset(&got, 0, sizeof(got));
	assert_int_equal(read_file(&r, &got, NULL), 0);
	assert_int_equal(r.time_ms, WALL);
	assert_int_equal(r.dsts, 1);
	assert_string_equal(got.dst.set, s.set);
	assert_string_equal(got.dst.id, s.id);
	assert_int_equal(got.dst.admin, s.admin);
	assert_int_equal(got.dst.conf_admin, s.conf_admin);
	assert_int_equal(got.dst.health, s.health);
	assert_int_equal(got.dst.flags, s.flags);
	assert_int_equal(got.dst.hold_until_ms, s.hold_until_ms);
	assert_int_equal(got.dst.since_ms, s.since_ms);
	assert_int_equal(got.dst.downs, s.downs);
	assert_int_equal(got.dst.blackout, s.blackout);
	assert_int_equal(got.dst.waived, s.waived);
	assert_int_equal(got.dst.source, s.source);
	assert_int_equal(got.dst.reason.why, s.reason.why);
	assert_int_equal(got.dst.reason.origin, s.reason.origin);
	assert_int_equal(got.dst.reason.code, s.reason.code);
	assert_int_equal(got.dst.reason.count, s.reason.count);
	assert_int_equal(got.dst.reason.attempts, s.reason.attempts);
	assert_int_equal(got.dst.reason.invite, s.reason.invite);
	assert_int_equal(got.dst.reason.good, s.reason.good);
	assert_int_equal(got.dst.reason.mixed, s.reason.mixed);
	assert_int_equal(got.dst.reason.timeout_ms, s.reason.timeout_ms);
	assert_int_equal(got.dst.reason.since_ms, s.reason.since_ms);
	assert_int_equal(got.dst.reason.hold_ms, s.reason.hold_ms);
}

/* A probe may be answered with any three digits; what the file then has must not
 * cost all the rest of it. */
static void test_state_reads_the_largest_it_writes(void **state)
{
	frt_saved_t s = a_saved();
	frt_state_item_t got;
	frt_state_reader_t r;

	(void)state;
	s.downs = UINT16_MAX;
	s.reason.code = 999;
	s.reason.count = UINT16_MAX;
	s.reason.attempts = UINT16_MAX;
	s.reason.timeout_ms = UINT32_MAX;
	s.reason.since_ms = UINT32_MAX;
	s.reason.hold_ms = UINT32_MAX;
	write_file(&s, NULL);
	memset(&got, 0, sizeof(got));
	assert_int_equal(read_file(&r, &got, NULL), 0);
	assert_int_equal(got.dst.downs, s.downs);
	assert_int_equal(got.dst.reason.code, s.reason.code);
	assert_int_equal(got.dst.reason.count, s.reason.count);
	assert_int_equal(got.dst.reason.attempts, s.reason.attempts);
	assert_int_equal(got.dst.reason.timeout_ms, s.reason.timeout_ms);
	assert_int_equal(got.dst.reason.since_ms, s.reason.since_ms);
	assert_int_equal(got.dst.reason.hold_ms, s.reason.hold_ms);
}

static void test_state_every_word_of_every_list_comes_back(void **state)
{
	frt_state_reader_t r;
	frt_state_item_t got;

	(void)state;
	for(int i = 0; i < 64; i++) {
		frt_saved_t s = a_saved();

		s.health = (frt_health_t)(i % frt_health_count);
		s.admin = (frt_admin_t)(i % frt_admin_count);
		s.source = (frt_source_t)(i % frt_source_count);
		s.reason.why = (frt_why_t)(i % frt_why_count);
		s.reason.origin = (frt_origin_t)(i % frt_origin_count);
		if(s.health == FRT_UP || s.health == FRT_RAMP)
			s.flags = 0;
		else
			s.flags = (uint32_t)i * 2 % (1u << frt_source_count);
		write_file(&s, NULL);
		assert_int_equal(read_file(&r, &got, NULL), 0);
		assert_int_equal(got.dst.health, s.health);
		assert_int_equal(got.dst.admin, s.admin);
		assert_int_equal(got.dst.source, s.source);
		assert_int_equal(got.dst.flags, s.flags);
		assert_int_equal(got.dst.reason.why, s.reason.why);
		assert_int_equal(got.dst.reason.origin, s.reason.origin);
	}
}

static void test_state_event_comes_back_with_odd_characters(void **state)
{
	frt_saved_event_t e = an_event();
	frt_state_item_t got;
	frt_state_reader_t r;

	(void)state;
	write_file(NULL, &e);
	for(size_t i = 0; i < file_len; i++)
		assert_true(file[i] == '\n' || (file[i] >= ' ' && file[i] < 0x7f));
	memset(&got, 0, sizeof(got));
	assert_int_equal(read_file(&r, NULL, &got), 0);
	assert_int_equal(r.events, 1);
	assert_int_equal(got.event.time_ms, e.time_ms);
	assert_int_equal(got.event.source, e.source);
	assert_string_equal(got.event.kind, e.kind);
	assert_string_equal(got.event.set, e.set);
	assert_string_equal(got.event.destination, e.destination);
	assert_string_equal(got.event.uri, e.uri);
	assert_string_equal(got.event.from, e.from);
	assert_string_equal(got.event.to, e.to);
	assert_string_equal(got.event.reason, e.reason);
}

/* Reads one line, as the third of a file. */
static int read_line(const char *line, uint32_t rrs_left, frt_state_item_t *out)
{
	frt_state_reader_t r = {.line = 2, .rrs_left = rrs_left};

	return frt_state_read(&r, (frt_str_t){line, (uint32_t)strlen(line)}, out);
}

static void test_state_answers_of_the_dns_come_back(void **state)
{
	frt_state_item_t item;

	(void)state;
	assert_int_equal(read_line("name type=SRV name=_sip._udp.example.net "
							   "good=1763691122956 n=1\n",
							 0, &item),
			0);
	assert_int_equal(item.name.type, FRT_Q_SRV);
	assert_string_equal(item.name.name, "_sip._udp.example.net");
	assert_int_equal(item.name.good_ms, 1763691122956ull);
	assert_int_equal(read_line("rr priority=10 weight=60 port=5061 proto=tls "
							   "addr= target=gw1.example.net\n",
							 1, &item),
			0);
	assert_int_equal(item.rr.rr.port, 5061);
	assert_int_equal(item.rr.rr.proto, FRT_PROTO_TLS);
	assert_string_equal(item.rr.rr.name.s, "gw1.example.net");
	assert_int_equal(read_line("rr priority=0 weight=0 port=0 proto=any "
							   "addr=2001:db8::1 target=\n",
							 1, &item),
			0);
	assert_int_equal(item.rr.rr.addr[15], 1);
	assert_int_equal(item.rr.rr.name.len, 0);
}

static void test_state_answers_out_of_place_are_refused(void **state)
{
	static const char rr[] = "rr priority=0 weight=0 port=0 proto=any "
							 "addr=192.0.2.1 target=\n";
	static const char *const bad[] = {"name type=MX name=a.net good=1 n=1\n",
			"name type=SRV name=a%20b.net good=1 n=1\n",
			"name type=SRV name= good=1 n=1\n",
			"name type=SRV name=a.net good=1 n=65\n",
			"rr priority=0 weight=0 port=0 proto=any addr= target=\n",
			"rr priority=0 weight=0 port=0 proto=any addr=1.2.3 target=\n",
			"rr priority=0 weight=0 port=0 proto=any addr=192.0.2.1 target=x\n",
			"rr priority=0 weight=0 port=65536 proto=any addr= target=x.net\n"};
	frt_state_item_t item;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(read_line(bad[i], bad[i][0] == 'r', &item), 0);
	assert_int_equal(read_line(rr, 1, &item), 0);
	assert_int_not_equal(read_line(rr, 0, &item), 0); /* of no name */
	assert_int_not_equal(
			read_line("name type=SRV name=a.net good=1 n=1\n", 1, &item), 0);
}

static void test_state_longest_names_fit(void **state)
{
	frt_saved_t s = a_saved();
	frt_saved_event_t e = an_event();
	frt_state_item_t dst, ev;
	frt_state_reader_t r;

	(void)state;
	memset(s.set, '\xff', sizeof(s.set) - 1);
	memset(s.id, '%', sizeof(s.id) - 1);
	memset(e.uri, ' ', sizeof(e.uri) - 1);
	memset(e.reason, '\n', sizeof(e.reason) - 1);
	memset(e.destination, '\x7f', sizeof(e.destination) - 1);
	memset(e.set, '\x01', sizeof(e.set) - 1);
	memset(e.from, ' ', sizeof(e.from) - 1);
	memset(e.to, ' ', sizeof(e.to) - 1);
	write_file(&s, &e);
	assert_int_equal(read_file(&r, &dst, &ev), 0);
	assert_string_equal(dst.dst.set, s.set);
	assert_string_equal(dst.dst.id, s.id);
	assert_string_equal(ev.event.uri, e.uri);
	assert_string_equal(ev.event.reason, e.reason);
}

static void test_state_no_room_is_an_error_not_half_a_line(void **state)
{
	frt_saved_t s = a_saved();
	frt_state_writer_t w = {0};
	char mem[200];
	frt_buf_t b;

	(void)state;
	frt_buf_init(&b, mem, sizeof(mem));
	assert_int_equal(frt_state_put_dst(&w, &s, &b), FRT_E_RANGE);
}

/* Whichever byte is changed, and to what: the file is refused. */
static void test_state_any_changed_byte_is_noticed(void **state)
{
	frt_saved_t s = a_saved();
	frt_saved_event_t e = an_event();
	frt_state_reader_t r;

	(void)state;
	write_file(&s, &e);
	assert_int_equal(read_file(&r, NULL, NULL), 0);
	for(size_t i = 0; i < file_len; i++) {
		static const char with[] = {
				'\0', ' ', '\n', '%', '0', '9', '=', 'x', '\xff'};
		char was = file[i];

		for(size_t k = 0; k < sizeof(with); k++) {
			/* "dsts=01" says the same; nothing else may. */
			if(with[k] == was)
				continue;
			file[i] = with[k];
			if(read_file(&r, NULL, NULL) == 0)
				fail_msg("byte %zu, '%c' for '%c'", i, with[k], was);
		}
		file[i] = was;
	}
}

static void test_state_file_cut_anywhere_is_refused(void **state)
{
	frt_saved_t s = a_saved();
	frt_saved_event_t e = an_event();
	frt_state_reader_t r;
	size_t whole;

	(void)state;
	write_file(&s, &e);
	whole = file_len;
	for(file_len = 0; file_len < whole; file_len++)
		assert_int_not_equal(read_file(&r, NULL, NULL), 0);
}

static void test_state_line_left_out_or_doubled_is_refused(void **state)
{
	frt_saved_t s = a_saved();
	frt_state_reader_t r;
	char *line, *end;

	(void)state;
	write_file(&s, NULL);
	line = strstr(file, "dst ");
	end = strchr(line, '\n') + 1;
	memmove(line + (end - line), line, strlen(line) + 1);
	file_len += (size_t)(end - line);
	assert_int_not_equal(read_file(&r, NULL, NULL), 0);
	write_file(&s, NULL);
	memmove(line, end, strlen(end) + 1);
	file_len -= (size_t)(end - line);
	assert_int_not_equal(read_file(&r, NULL, NULL), 0);
}

/* Gives the file other text, with a sum that fits: only the fields speak. */
static int read_text(const char *body)
{
	frt_state_reader_t r;
	uint64_t sum = 0;
	char head[128];
	const char *p;
	uint32_t dsts = 0, events = 0;
	int n;

	n = snprintf(head, sizeof(head), "failover_route-state 1\ntime 1\n");
	file_len = (size_t)snprintf(file, sizeof(file), "%.*s%s", n, head, body);
	for(p = file; *p; p = strchr(p, '\n') + 1) {
		sum = frt_hash_bytes(p, (size_t)(strchr(p, '\n') + 1 - p), sum);
		dsts += strncmp(p, "dst ", 4) == 0;
		events += strncmp(p, "event ", 6) == 0;
	}
	file_len += (size_t)snprintf(file + file_len, sizeof(file) - file_len,
			"end dsts=%u events=%u sum=%016llx\n", dsts, events,
			(unsigned long long)sum);
	return read_file(&r, NULL, NULL);
}

#define DST_HEAD "dst set=a id=b admin=ready conf=ready "
#define DST_TAIL                                                           \
	" downs=0 blackout=0 waived=0 source=traffic why=start origin=remote " \
	"code=0 count=0 attempts=0 invite=0 good=0 mixed=0 timeout=0 first=0 " \
	"held=0\n"

static void test_state_field_out_of_bounds_is_refused(void **state)
{
	static const char *const bad[] = {
			DST_HEAD "health=sick flags= hold=0 since=0" DST_TAIL,
			DST_HEAD "health=up flags=traffic hold=0 since=0" DST_TAIL,
			DST_HEAD "health=down flags=traffic, hold=0 since=0" DST_TAIL,
			DST_HEAD "health=down flags=,traffic hold=0 since=0" DST_TAIL,
			DST_HEAD "health=down flags=probe,probe hold=0 since=0" DST_TAIL,
			DST_HEAD "health=down flags=moon hold=0 since=0" DST_TAIL,
			DST_HEAD "health=down flags= hold=-1 since=0" DST_TAIL,
			DST_HEAD "health=down flags= hold= since=0" DST_TAIL,
			DST_HEAD "health=down flags= hold=1e3 since=0" DST_TAIL,
			DST_HEAD
			"health=down flags= hold=18446744073709551616 since=0" DST_TAIL,
			DST_HEAD "health=down flags= hold=0 since=99999999999999" DST_TAIL,
			DST_HEAD "health=down hold=0 flags= since=0" DST_TAIL,
			DST_HEAD "health=down  flags= hold=0 since=0" DST_TAIL,
			"dst set= id=b admin=ready conf=ready health=up flags= hold=0 "
			"since=0" DST_TAIL,
			"dst set=a id=a%00b admin=ready conf=ready health=up flags= hold=0 "
			"since=0" DST_TAIL,
			"dst set=a id=%4 admin=ready conf=ready health=up flags= hold=0 "
			"since=0" DST_TAIL,
			"dst set=a id=%zz admin=ready conf=ready health=up flags= hold=0 "
			"since=0" DST_TAIL,
			"dst set=a id=b admin=ready\n",
			"dst\n",
			"dst \n",
			"event \n",
			"time 2\n",
			"\n",
			"what\n",
			"end dsts=0 events=0 sum=0000000000000000\n",
	};

	(void)state;
	assert_int_equal(read_text(""), 0);
	assert_int_equal(
			read_text(DST_HEAD "health=up flags= hold=0 since=0" DST_TAIL), 0);
	assert_int_equal(
			read_text(DST_HEAD "health=down flags=probe,admin "
							   "hold=18446744073709551615 since=0" DST_TAIL),
			0);
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if(read_text(bad[i]) == 0)
			fail_msg("taken: %s", bad[i]);
	}
}

static void test_state_name_too_long_is_refused(void **state)
{
	char text[1024];

	(void)state;
	for(int n = FRT_ID_MAX; n <= FRT_ID_MAX + 1; n++) {
		snprintf(text, sizeof(text),
				"dst set=%0*d id=b admin=ready conf=ready health=up flags= "
				"hold=0 since=0" DST_TAIL,
				n, 7);
		assert_int_equal(read_text(text), n == FRT_ID_MAX ? 0 : FRT_E_RANGE);
	}
}

static void test_state_other_version_and_foreign_file_are_told_apart(
		void **state)
{
	frt_state_reader_t r;

	(void)state;
	file_len = (size_t)snprintf(file, sizeof(file), "failover_route-state 2\n");
	assert_int_equal(read_file(&r, NULL, NULL), FRT_E_VERSION);
	assert_int_equal(r.line, 1);
	file_len = (size_t)snprintf(file, sizeof(file), "#!KAMAILIO\n");
	assert_int_equal(read_file(&r, NULL, NULL), FRT_E_SYNTAX);
	file_len = (size_t)snprintf(file, sizeof(file), "failover_route-state\n");
	assert_int_equal(read_file(&r, NULL, NULL), FRT_E_SYNTAX);
	file_len = 0;
	assert_int_equal(read_file(&r, NULL, NULL), FRT_E_SYNTAX);
}

static void test_state_random_bytes_are_refused(void **state)
{
	frt_saved_t s = a_saved();
	frt_saved_event_t e = an_event();
	frt_state_reader_t r;
	frt_rand_t rnd = {.state = 3};
	char was[sizeof(file)];

	(void)state;
	for(int n = 0; n < 20000; n++) {
		int changes = 1 + (int)frt_rand_below(&rnd, 4), err;

		write_file(&s, &e);
		memcpy(was, file, file_len);
		while(changes-- > 0) {
			size_t at = (size_t)frt_rand_below(&rnd, file_len);
			size_t len = (size_t)frt_rand_below(&rnd, 40);

			for(; len > 0 && at < file_len; at++, len--)
				file[at] = (char)frt_rand_below(&rnd, 256);
		}
		err = read_file(&r, NULL, NULL);
		assert_true(err != 0 || memcmp(was, file, file_len) == 0);
	}
}

/* A record that is in use, with a name. */
static frt_rec_t a_rec(void)
{
	frt_rec_t rec;

	memset(&rec, 0, sizeof(rec));
	rec.set = FRT_STR("carriers");
	rec.id = FRT_STR("us-east-1");
	frt_health_init(&rec, FRT_READY, NOW);
	return rec;
}

static frt_health_conf_t health;
static frt_probe_conf_t probe;
static const frt_health_rules_t rules = {
		&health, &probe, FRT_PROFILE_STANDARD, false, 0, false};

static int setup(void **state)
{
	(void)state;
	memset(&health, 0, sizeof(health));
	memset(&probe, 0, sizeof(probe));
	health.fall = 3;
	health.window_ms = 60000;
	health.hold_ms = 30000;
	health.hold_max_ms = 300000;
	health.ramp_ms = 60000;
	probe.rise = 2;
	probe.fall = 3;
	return 0;
}

/* Saves a record and restores it `away` ms later, on another machine's clock;
 * the time of day may differ from what has passed. */
static frt_rec_t over_restart(
		const frt_rec_t *from, uint64_t away, uint64_t wall_away)
{
	frt_rec_t to = a_rec();
	frt_saved_t s;

	frt_health_save_locked(from, &s, NOW + 1000, WALL);
	assert_string_equal(s.set, "carriers");
	assert_string_equal(s.id, "us-east-1");
	frt_health_init(&to, FRT_READY, away);
	frt_health_restore_locked(&to, &rules, &s, WALL, away, WALL + wall_away);
	return to;
}

static void go_down(frt_rec_t *rec)
{
	frt_obs_t obs = {.source = FRT_PROBE,
			.verdict = FRT_V_STRONG,
			.origin = FRT_LOCAL,
			.code = 408};
	frt_transition_t tr;
	frt_rand_t rnd = {.state = 1};

	for(int i = 0; i < 3; i++)
		frt_health_observe_locked(rec, &rules, &obs, NOW + 1000, &rnd, &tr);
	assert_int_equal(FRT_WORD_HEALTH(rec->word), FRT_DOWN);
}

static void test_restore_hold_went_on_while_away(void **state)
{
	frt_rec_t rec = a_rec(), got;
	uint64_t left;

	(void)state;
	go_down(&rec);
	left = rec.h.hold_until_ms - (NOW + 1000);
	assert_between(left, 30000, 33000);
	got = over_restart(&rec, 777, 10000);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_DOWN);
	assert_int_equal(FRT_WORD_FLAGS(got.word), 1u << FRT_PROBE);
	assert_int_equal(frt_health_share(got.word), 0);
	assert_int_equal(got.h.hold_until_ms, 777 + left - 10000);
	assert_int_equal(got.h.due_ms, got.h.hold_until_ms);
	assert_int_equal(got.h.downs, 1);
	assert_int_equal(got.h.reason.code, 408);
	assert_int_equal(got.h.source, FRT_PROBE);
	assert_int_equal(got.failed_ms, (uint32_t)got.h.since_ms | 1);
	assert_int_equal(got.told_ms, 0);
}

static void test_restore_retry_after_is_kept(void **state)
{
	frt_rec_t rec = a_rec(), got;
	frt_obs_t obs = {.source = FRT_TRAFFIC,
			.verdict = FRT_V_BLACKOUT,
			.code = 503,
			.blackout_ms = 20000};
	frt_transition_t tr;
	frt_rand_t rnd = {.state = 1};

	(void)state;
	frt_health_observe_locked(&rec, &rules, &obs, NOW + 1000, &rnd, &tr);
	got = over_restart(&rec, NOW, 5000);
	assert_int_equal(got.h.blackout, 1);
	assert_int_equal(got.told_ms, (uint32_t)got.h.hold_until_ms | 1);
	assert_int_equal(got.h.hold_until_ms, NOW + 15000);
}

static void test_restore_hold_over_while_away_is_due_at_once(void **state)
{
	frt_rec_t rec = a_rec(), got;

	(void)state;
	go_down(&rec);
	got = over_restart(&rec, 500000, 100000);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_DOWN);
	assert_int_equal(got.h.hold_until_ms, 0);
	assert_int_equal(got.h.due_ms, 500000);
	assert_int_equal(got.h.since_ms, 400000);
}

static void test_restore_clock_set_back_does_not_lengthen_the_hold(void **state)
{
	frt_rec_t rec = a_rec(), got;
	frt_saved_t s;

	(void)state;
	go_down(&rec);
	frt_health_save_locked(&rec, &s, NOW + 1000, WALL);
	got = a_rec();
	frt_health_restore_locked(&got, &rules, &s, WALL, NOW, WALL - 86400000);
	assert_between(got.h.hold_until_ms, NOW + 30000, NOW + 33000);
	/* Nor does a number in the file. */
	s.hold_until_ms = UINT64_MAX;
	got = a_rec();
	frt_health_restore_locked(&got, &rules, &s, WALL, NOW, WALL);
	assert_int_equal(got.h.hold_until_ms, NOW + 330000);
}

static void test_restore_machine_goes_on_from_there(void **state)
{
	frt_rec_t rec = a_rec(), got;
	frt_obs_t good = {.source = FRT_PROBE, .verdict = FRT_V_OK, .code = 200};
	frt_transition_t tr;
	frt_rand_t rnd = {.state = 1};

	(void)state;
	probe.enabled = true;
	go_down(&rec);
	got = over_restart(&rec, NOW, 100000);
	frt_health_observe_locked(&got, &rules, &good, NOW + 10, &rnd, &tr);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_DOWN);
	assert_int_equal(
			frt_health_observe_locked(&got, &rules, &good, NOW + 20, &rnd, &tr),
			FRT_CHANGED);
	assert_int_equal(tr.to, FRT_RAMP);
	/* The slow start goes on where it was, too. */
	rec = got;
	got = over_restart(&rec, NOW, 30000);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_RAMP);
	assert_int_equal(got.h.due_ms, NOW);
	frt_health_tick_locked(&got, &rules, NOW, &rnd, &tr);
	assert_between(FRT_WORD_SHARE(got.word), 400, 700);
	frt_health_tick_locked(&got, &rules, NOW + 31000, &rnd, &tr);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_UP);
}

static void test_restore_trial_without_the_call_that_had_the_token(void **state)
{
	frt_rec_t rec = a_rec(), got;

	(void)state;
	rec.word = FRT_WORD(
			FRT_TRIAL, FRT_READY, 1, 1u << FRT_TRAFFIC, FRT_SHARE_FULL);
	got = over_restart(&rec, NOW, 0);
	assert_int_equal(FRT_WORD_HEALTH(got.word), FRT_TRIAL);
	assert_int_equal(FRT_WORD_BUSY(got.word), 0);
	assert_true(frt_health_usable(got.word));
}

static void test_restore_operators_wish_unless_the_file_says_otherwise(
		void **state)
{
	frt_rec_t rec = a_rec();
	frt_saved_t s = a_saved();

	(void)state;
	assert_true(frt_health_restore_locked(&rec, &rules, &s, WALL, NOW, WALL));
	assert_int_equal(FRT_WORD_ADMIN(rec.word), FRT_DRAIN);
	rec = a_rec();
	rec.conf_admin = FRT_MAINT;
	s.health = FRT_UP;
	s.flags = 0;
	assert_false(frt_health_restore_locked(&rec, &rules, &s, WALL, NOW, WALL));
	assert_int_equal(FRT_WORD_ADMIN(rec.word), FRT_MAINT);
}

/* A process killed in the middle of a change must not spoil the file. */
static void test_save_of_a_half_changed_record_can_be_read(void **state)
{
	frt_rec_t rec = a_rec();
	frt_state_reader_t r;
	frt_saved_t s;

	(void)state;
	rec.word = FRT_WORD(FRT_UP, FRT_READY, 0, 0xff, FRT_SHARE_FULL);
	frt_health_save_locked(&rec, &s, NOW, WALL);
	write_file(&s, NULL);
	assert_int_equal(read_file(&r, NULL, NULL), 0);
	rec.word = FRT_WORD(FRT_DOWN, FRT_READY, 0, 0xff, FRT_SHARE_FULL);
	frt_health_save_locked(&rec, &s, NOW, WALL);
	write_file(&s, NULL);
	assert_int_equal(read_file(&r, NULL, NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_state_destination_comes_back_as_it_was),
			UNIT_TEST(test_state_every_word_of_every_list_comes_back),
			UNIT_TEST(test_state_event_comes_back_with_odd_characters),
			UNIT_TEST(test_state_answers_of_the_dns_come_back),
			UNIT_TEST(test_state_answers_out_of_place_are_refused),
			UNIT_TEST(test_state_longest_names_fit),
			UNIT_TEST(test_state_no_room_is_an_error_not_half_a_line),
			UNIT_TEST(test_state_any_changed_byte_is_noticed),
			UNIT_TEST(test_state_file_cut_anywhere_is_refused),
			UNIT_TEST(test_state_line_left_out_or_doubled_is_refused),
			UNIT_TEST(test_state_field_out_of_bounds_is_refused),
			UNIT_TEST(test_state_name_too_long_is_refused),
			UNIT_TEST(test_state_other_version_and_foreign_file_are_told_apart),
			UNIT_TEST(test_state_random_bytes_are_refused),
			cmocka_unit_test(test_state_reads_the_largest_it_writes),
			cmocka_unit_test_setup(test_restore_hold_went_on_while_away, setup),
			cmocka_unit_test_setup(test_restore_retry_after_is_kept, setup),
			cmocka_unit_test_setup(
					test_restore_hold_over_while_away_is_due_at_once, setup),
			cmocka_unit_test_setup(
					test_restore_clock_set_back_does_not_lengthen_the_hold,
					setup),
			cmocka_unit_test_setup(
					test_restore_machine_goes_on_from_there, setup),
			cmocka_unit_test_setup(
					test_restore_trial_without_the_call_that_had_the_token,
					setup),
			cmocka_unit_test_setup(
					test_restore_operators_wish_unless_the_file_says_otherwise,
					setup),
			UNIT_TEST(test_save_of_a_half_changed_record_can_be_read),
	};
	return UNIT_MAIN(tests);
}
