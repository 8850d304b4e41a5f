/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as a state file: what is taken is within bounds, and is written
 * and read again as the same.
 */
#include "fuzz.h"

#include "frt_state.h"

static void round_trip(const frt_state_item_t *item)
{
	static char mem[2 * FRT_STATE_LINE_MAX];
	static frt_state_item_t again;
	frt_state_reader_t r = {.line = 2};
	frt_state_writer_t w = {0};
	frt_buf_t b;
	int err = 0;

	frt_buf_init(&b, mem, sizeof(mem));
	if(item->kind == FRT_STATE_DST)
		err = frt_state_put_dst(&w, &item->dst, &b);
	else if(item->kind == FRT_STATE_EVENT)
		err = frt_state_put_event(&w, &item->event, &b);
	else if(item->kind == FRT_STATE_NAME)
		err = frt_state_put_name(&w, &item->name, &b);
	else if(item->kind == FRT_STATE_RR)
		err = frt_state_put_rr(&w, &item->rr.rr, &b);
	else
		return;
	r.rrs_left = item->kind == FRT_STATE_RR;
	if(err) /* its own form of a text may be longer than what was read */
		return;
	FUZZ_CHECK(
			frt_state_read(&r, (frt_str_t){b.s, (uint32_t)b.len}, &again) == 0);
	FUZZ_CHECK(again.kind == item->kind);
	if(item->kind == FRT_STATE_DST) {
		FUZZ_CHECK(strcmp(again.dst.set, item->dst.set) == 0);
		FUZZ_CHECK(strcmp(again.dst.id, item->dst.id) == 0);
		FUZZ_CHECK(again.dst.flags == item->dst.flags);
		FUZZ_CHECK(again.dst.hold_until_ms == item->dst.hold_until_ms);
		FUZZ_CHECK(again.dst.health < frt_health_count);
		FUZZ_CHECK(again.dst.admin < frt_admin_count);
	} else if(item->kind == FRT_STATE_NAME) {
		FUZZ_CHECK(strcmp(again.name.name, item->name.name) == 0);
		FUZZ_CHECK(again.name.n == item->name.n && again.name.n <= FRT_RRS_MAX);
	} else if(item->kind == FRT_STATE_RR) {
		FUZZ_CHECK(frt_str_eq(again.rr.rr.name, item->rr.rr.name));
		FUZZ_CHECK(memcmp(again.rr.rr.addr, item->rr.rr.addr, 16) == 0);
	} else {
		FUZZ_CHECK(strcmp(again.event.reason, item->event.reason) == 0);
		FUZZ_CHECK(again.event.time_ms == item->event.time_ms);
	}
}

/* Line by line: the first two as a file has them, the rest as they come. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static frt_state_item_t item;
	char *copy = fuzz_copy(data, size);
	frt_state_reader_t r;
	size_t at = 0;

	memset(&r, 0, sizeof(r));
	while(at < size) {
		const char *end = memchr(copy + at, '\n', size - at);
		size_t len = end ? (size_t)(end - copy) + 1 - at : size - at;

		if(len > UINT32_MAX)
			break;
		if(frt_state_read(&r, (frt_str_t){copy + at, (uint32_t)len}, &item)
				== 0)
			round_trip(&item);
		at += len;
	}
	frt_state_read_end(&r);
	free(copy);
	return 0;
}
