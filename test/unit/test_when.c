/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Moments as an operator writes them.
 */
#include "frt_when.h"
#include "unit.h"

#include <string.h>
#include <time.h>

#define NOW UINT64_C(1795237326062) /* 2026-11-21T05:02:06.062Z */

static int parse(const char *text, uint64_t *out)
{
	return frt_when_parse((frt_str_t){text, (uint32_t)strlen(text)}, NOW, out);
}

static void test_when_reads_what_history_writes(void **state)
{
	static const struct
	{
		const char *text;
		uint64_t ms;
	} good[] = {{"1795237326062", NOW}, {"2026-11-21T05:02:06.062Z", NOW},
			{"2026-11-21T05:02:06.0629", NOW},
			{"2026-11-21 05:02:06", NOW - 62},
			{"2026-11-21T05:02Z", NOW - 6062},
			{"2026-11-21", UINT64_C(1795219200000)}, {"1970-01-01", 0},
			{"2000-02-29T23:59:59.5", UINT64_C(951868799500)}, {"0", 0},
			{"10m", NOW - 600000}, {"1d", NOW - 86400000}, {"500ms", NOW - 500},
			{"49d", NOW - UINT64_C(49) * 86400000}};
	uint64_t ms;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(good[i].text, &ms), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void test_when_refuses_what_it_cannot_read(void **state)
{
	static const char *const bad[] = {"", "yesterday", "10", "2026-13-01",
			"2026-02-29", "2100-02-29", "2026-11-21T", "2026-11-21T5:02",
			"2026-11-21T24:00", "2026-11-21T05:02:", "2026-11-21T05:02:06.",
			"2026-11-21T05:02:06.062Zx", "1969-12-31", "2026-1-1", "-5m",
			"1795237326062000000", "2026-", "10m ago"};
	uint64_t ms;
	size_t i;

	(void)state;
	for(i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		/* a bare number is milliseconds since 1970, and no duration */
		if(strcmp(bad[i], "10") == 0)
			assert_int_equal(parse(bad[i], &ms), 0);
		else
			assert_int_not_equal(parse(bad[i], &ms), 0);
	}
}

/* Every day of four centuries, by the C library. */
static void test_when_agrees_with_gmtime(void **state)
{
	char text[64];
	uint64_t ms;
	time_t s;

	(void)state;
	for(s = 0; s < (time_t)400 * 366 * 86400; s += 86400 - 61) {
		struct tm tm;

		assert_non_null(gmtime_r(&s, &tm));
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		assert_int_equal(parse(text, &ms), 0);
		assert_int_equal(ms, (uint64_t)s * 1000);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_when_reads_what_history_writes),
			UNIT_TEST(test_when_refuses_what_it_cannot_read),
			UNIT_TEST(test_when_agrees_with_gmtime),
	};
	return UNIT_MAIN(tests);
}
