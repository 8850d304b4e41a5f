/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as each of the small languages: URI, socket, address, duration,
 * codes, windows, numbers, tm's branch.
 */
#include "fuzz.h"

#include "frt_conf.h"
#include "frt_icmp.h"

static bool within(frt_str_t part, frt_str_t whole)
{
	return part.len == 0
		   || (part.s >= whole.s && part.s + part.len <= whole.s + whole.len);
}

static void uri(frt_str_t text)
{
	const char *why = NULL;
	frt_socket_t sock;
	frt_uri_t out;

	if(frt_uri_parse_why(text, &out, &why) == 0) {
		FUZZ_CHECK(within(out.user, text) && within(out.host, text));
		FUZZ_CHECK(out.host.len > 0 && out.transport < frt_proto_count);
	}
	if(frt_socket_parse(text, &sock, &why) == 0)
		FUZZ_CHECK(within(sock.host, text) && sock.port > 0);
}

static void values(frt_str_t text)
{
	frt_window_t windows[FRT_WINDOWS_MAX];
	uint16_t from, to;
	frt_codes_t codes;
	uint32_t n;
	bool b;

	if(frt_duration_parse(text, &n) == 0)
		FUZZ_CHECK(text.len > 0);
	if(frt_uint_parse(text, 5, 500, &n) == 0)
		FUZZ_CHECK(n >= 5 && n <= 500);
	if(frt_percent_parse(text, &n) == 0)
		FUZZ_CHECK(n <= 100);
	frt_bool_parse(text, &b);
	frt_codes_parse(text, &codes);
	if(frt_code_range_parse(text, &from, &to) == 0)
		FUZZ_CHECK(from >= 100 && from <= to && to < 700);
	if(frt_windows_parse(text, windows, FRT_WINDOWS_MAX, &n) == 0) {
		FUZZ_CHECK(n <= FRT_WINDOWS_MAX);
		frt_windows_open(windows, n, 10079);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_str_t text = {copy, (uint32_t)size};
	frt_branch_t branch;
	uint8_t addr[16];

	uri(text);
	values(text);
	frt_ip_parse(text, addr);
	frt_branch_parse(text, &branch);
	free(copy);
	return 0;
}
