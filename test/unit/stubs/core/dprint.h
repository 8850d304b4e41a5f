/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: log lines are checked by the
 * compiler and dropped.
 */
#ifndef FRT_STUB_DPRINT_H
#define FRT_STUB_DPRINT_H

#include <stdio.h>

#define FRT_STUB_LOG(...)        \
	do {                         \
		if(0)                    \
			printf(__VA_ARGS__); \
	} while(0)
/* A test that wants to know how often an error was logged defines it. */
void frt_stub_error(void) __attribute__((weak));
#define LM_ERR(...)                \
	do {                           \
		if(frt_stub_error)         \
			frt_stub_error();      \
		FRT_STUB_LOG(__VA_ARGS__); \
	} while(0)
#define LM_WARN(...) FRT_STUB_LOG(__VA_ARGS__)
#define LM_NOTICE(...) FRT_STUB_LOG(__VA_ARGS__)
#define LM_INFO(...) FRT_STUB_LOG(__VA_ARGS__)
#define LM_DBG(...) FRT_STUB_LOG(__VA_ARGS__)

#endif
