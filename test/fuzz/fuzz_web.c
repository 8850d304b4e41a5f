/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as what a browser sends: a JSON body, a query, a host, an origin;
 * what is read comes back the same when it is written.
 */
#include "fuzz.h"

#include "frt_json.h"
#include "frt_web.h"

#include <string.h>

static void body(frt_str_t text)
{
	char set[64], dst[64], again[64], same[64];
	frt_json_field_t in[] = {
			{"set", set, sizeof(set), false}, {"dst", dst, sizeof(dst), false}};
	frt_json_field_t back[] = {{"set", again, sizeof(again), false},
			{"dst", same, sizeof(same), false}};
	frt_json_t j;

	if(frt_json_read(text, in, 2) != 0)
		return;
	frt_json_init(&j, &fuzz_mem);
	frt_json_open(&j, NULL, '{');
	frt_json_text(&j, "set", set);
	frt_json_text(&j, "dst", dst);
	frt_json_close(&j, '}');
	FUZZ_CHECK(!j.text.failed && !strpbrk(j.text.s, "<>&"));
	FUZZ_CHECK(
			frt_json_read((frt_str_t){j.text.s, (uint32_t)j.text.len}, back, 2)
			== 0);
	FUZZ_CHECK(strcmp(set, again) == 0 && strcmp(dst, same) == 0);
	frt_grow_free(&j.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = fuzz_copy(data, size);
	frt_str_t text = {copy, (uint32_t)size};
	char out[32];

	body(text);
	if(frt_web_query(text, "q", out, sizeof(out)) > 0)
		FUZZ_CHECK(strlen(out) < sizeof(out));
	frt_web_host_ok(text, FRT_STR("noc.example, b"));
	frt_web_host_ok(FRT_STR("noc.example"), text);
	frt_web_same_origin(text, FRT_STR("sip1:8080"));
	frt_web_same_origin(FRT_STR("http://sip1:8080"), text);
	frt_web_is_type(text, FRT_STR("application/json"));
	free(copy);
	return 0;
}
