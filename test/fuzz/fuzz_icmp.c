/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any bytes as an ICMP or ICMPv6 message. The first byte says which; for IPv4
 * the checksums are put right now and then, else nothing gets past them.
 */
#include "fuzz.h"

#include "frt_icmp.h"

static uint16_t sum_of(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	size_t i;

	for(i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	if(len & 1)
		sum += (uint32_t)p[len - 1] << 8;
	while(sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void put_sum(uint8_t *p, size_t len, size_t at)
{
	uint16_t sum;

	if(at + 2 > len)
		return;
	p[at] = p[at + 1] = 0;
	sum = sum_of(p, len);
	p[at] = (uint8_t)(sum >> 8);
	p[at + 1] = (uint8_t)sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;
	frt_icmp_t out;
	size_t head;

	if(size < 1)
		return 0;
	copy = (uint8_t *)fuzz_copy(data + 1, size - 1);
	if(data[0] & 1) {
		frt_icmp6_parse(copy, size - 1, &out);
	} else {
		head = size > 1 ? (size_t)(copy[0] & 15) * 4 : 0;
		if((data[0] & 2) && head < size - 1)
			put_sum(copy + head, size - 1 - head, 2);
		frt_icmp4_parse(copy, size - 1, &out);
	}
	free(copy);
	return 0;
}
