/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every unit test starts with: cmocka with the headers it wants, and the
 * few words that keep a test short. A test program ends with
 *
 *     int main(void)
 *     {
 *         static const struct CMUnitTest tests[] = {
 *                 UNIT_TEST(test_health_third_timeout_goes_down),
 *         };
 *         return UNIT_MAIN(tests);
 *     }
 *
 * It is linked with the engine. A program that also tests host files names
 * them in one of its first ten lines, see `needs:` in the Makefile.
 */
#ifndef FRT_UNIT_H
#define FRT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define UNIT_TEST(f) cmocka_unit_test(f)
#define UNIT_MAIN(tests) cmocka_run_group_tests(tests, NULL, NULL)

/* Fails the test, with the values, unless lo <= v <= hi. */
#define assert_between(v, lo, hi) \
	assert_between_at((double)(v), (double)(lo), (double)(hi), #v, __LINE__)

static inline void assert_between_at(
		double v, double lo, double hi, const char *what, int line)
{
	if(v < lo || v > hi)
		fail_msg("line %d: %s is %g, not in %g..%g", line, what, v, lo, hi);
}

#endif
