/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ICMP and ICMPv6 errors, from the outer header to the branch in the quoted
 * request's first Via. Routers quote as much as they like: a request that is
 * cut behind its branch is enough, one that is cut before is none.
 */
#include "frt_icmp.h"
#include "frt_text.h"

#include <string.h>

#define IP_PROTO_ICMP 1
#define IP_PROTO_UDP 17
#define IP6_HOP 0
#define IP6_ROUTING 43
#define IP6_FRAGMENT 44
#define IP6_OPTIONS 60
#define IP6_CHAIN_MAX 8
#define ICMP_HEADER 8
#define UDP_HEADER 8

static const char cookie[] = "z9hG4bK";

/* What is left to read. */
typedef struct frt_bytes
{
	const uint8_t *p;
	size_t len;
} frt_bytes_t;

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void skip(frt_bytes_t *b, size_t n)
{
	b->p += n;
	b->len -= n;
}

static void map_v4(uint8_t out[16], const uint8_t *addr)
{
	memset(out, 0, 10);
	out[10] = out[11] = 0xff;
	memcpy(out + 12, addr, 4);
}

/* --- the branch ------------------------------------------------------------- */

/* A number in hex whose first digit is the lowest. What is beyond 32 bits is
 * dropped, as tm does: what it takes for a branch must be one here. */
static int reverse_hex(const char *s, size_t len, uint32_t *out)
{
	uint32_t n = 0;
	size_t i;

	if(len == 0)
		return FRT_E_SYNTAX;
	for(i = len; i-- > 0;) {
		int digit = frt_hex_digit(s[i]);

		if(digit < 0)
			return FRT_E_SYNTAX;
		n = n << 4 | (uint32_t)digit;
	}
	*out = n;
	return 0;
}

/* A branch in quotes may have more behind its number: nobody's, and for tm it
 * ends at the space. */
static size_t token_len(const char *p, const char *end)
{
	size_t n = 0;

	while(p + n < end && p[n] != ' ' && p[n] != '\t' && p[n] != '\r'
			&& p[n] != '\n')
		n++;
	return n;
}

int frt_branch_parse(frt_str_t text, frt_branch_t *out)
{
	const char *dot, *end = text.s + text.len, *p;
	size_t i;

	if(text.len < sizeof(cookie) - 1
			|| memcmp(text.s, cookie, sizeof(cookie) - 1) != 0)
		return FRT_E_SYNTAX;
	p = text.s + sizeof(cookie) - 1;
	dot = memchr(p, '.', (size_t)(end - p));
	if(!dot || reverse_hex(p, (size_t)(dot - p), &out->index) != 0)
		return FRT_E_SYNTAX;
	p = dot + 1;
	if(end - p <= FRT_BRANCH_MD5 || p[FRT_BRANCH_MD5] != '.')
		return FRT_E_SYNTAX;
	for(i = 0; i < FRT_BRANCH_MD5; i++) {
		if(frt_hex_digit(p[i]) < 0)
			return FRT_E_SYNTAX;
	}
	memcpy(out->md5, p, FRT_BRANCH_MD5);
	p += FRT_BRANCH_MD5 + 1;
	return reverse_hex(p, token_len(p, end), &out->branch);
}

/* --- the quoted request ------------------------------------------------------ */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool starts_with(frt_str_t s, const char *what)
{
	size_t i;

	for(i = 0; what[i]; i++) {
		if(i >= s.len || lower(s.s[i]) != what[i])
			return false;
	}
	return true;
}

/* Takes a line that has ended; false if there is none. */
static bool take_line(frt_str_t *text, frt_str_t *line)
{
	const char *nl = text->len ? memchr(text->s, '\n', text->len) : NULL;

	if(!nl)
		return false;
	line->s = text->s;
	line->len = (uint32_t)(nl - text->s);
	text->s += line->len + 1;
	text->len -= line->len + 1;
	if(line->len && line->s[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* "INVITE sip:... SIP/2.0"; a response begins with the version. */
static bool is_request(frt_str_t line)
{
	static const char version[] = " SIP/2.0";
	size_t n = sizeof(version) - 1, i = 0;

	while(i < line.len && line.s[i] >= 'A' && line.s[i] <= 'Z')
		i++;
	return i > 0 && i + n < line.len && line.s[i] == ' '
		   && memcmp(line.s + line.len - n, version, n) == 0;
}

/* The value behind the name of a Via header; empty if the line is another. */
static frt_str_t via_value(frt_str_t line)
{
	frt_str_t none = {NULL, 0};
	uint32_t at = starts_with(line, "via") ? 3 : 1;

	if(at == 1 && !starts_with(line, "v"))
		return none;
	while(at < line.len && (line.s[at] == ' ' || line.s[at] == '\t'))
		at++;
	if(at >= line.len || line.s[at] != ':')
		return none;
	return (frt_str_t){line.s + at + 1, line.len - at - 1};
}

static bool ends_value(char c)
{
	return c == ';' || c == ',' || c == ' ' || c == '\t' || c == '\r';
}

/* The branch parameter of the first value; what follows it must have come too,
 * else it may be cut. */
static int branch_of(frt_str_t via, bool whole, frt_branch_t *out)
{
	static const char name[] = ";branch=";
	uint32_t n = sizeof(name) - 1, at, end;

	for(at = 0; at + n < via.len && via.s[at] != ','; at++) {
		frt_str_t rest = {via.s + at, via.len - at};

		if(!starts_with(rest, name))
			continue;
		for(end = at + n; end < via.len && !ends_value(via.s[end]);)
			end++;
		if(end == via.len && !whole)
			return FRT_E_SYNTAX;
		return frt_branch_parse((frt_str_t){via.s + at + n, end - at - n}, out);
	}
	return FRT_E_SYNTAX;
}

/* Ours is the first Via of the request, and not folded. */
static int read_request(frt_bytes_t b, frt_icmp_t *out)
{
	frt_str_t text = {(const char *)b.p, (uint32_t)b.len}, line, via;

	if(!take_line(&text, &line) || !is_request(line))
		return FRT_E_SYNTAX;
	while(take_line(&text, &line)) {
		if(line.len == 0)
			return FRT_E_SYNTAX; /* the headers have ended */
		via = via_value(line);
		if(via.len)
			return branch_of(via, true, &out->via);
	}
	return branch_of(via_value(text), false, &out->via);
}

static int read_udp(frt_bytes_t b, frt_icmp_t *out)
{
	if(b.len <= UDP_HEADER)
		return FRT_E_SYNTAX;
	out->src_port = be16(b.p);
	out->dst_port = be16(b.p + 2);
	if(out->src_port == 0 || out->dst_port == 0 || be16(b.p + 4) <= UDP_HEADER)
		return FRT_E_SYNTAX;
	/* padding, or what RFC 4884 appends, is no part of the request */
	if(b.len > be16(b.p + 4))
		b.len = be16(b.p + 4);
	skip(&b, UDP_HEADER);
	return read_request(b, out);
}

/* --- IPv4 --------------------------------------------------------------------- */

/* RFC 1071: the sum of all, the checksum included, is all ones. */
static bool sum_is_right(frt_bytes_t b)
{
	uint32_t sum = 0;
	size_t i;

	for(i = 0; i + 1 < b.len; i += 2)
		sum += be16(b.p + i);
	if(b.len & 1)
		sum += (uint32_t)(b.p[b.len - 1] << 8);
	while(sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Steps over an IPv4 header of this protocol; false if it is none, or the
 * packet is not the first fragment. Cuts to the packet's length if whole. */
static bool take_ip4(frt_bytes_t *b, uint8_t proto, bool whole)
{
	size_t header, total;

	if(b->len < 20 || b->p[0] >> 4 != 4)
		return false;
	header = (size_t)(b->p[0] & 0xf) * 4;
	total = be16(b->p + 2);
	if(header < 20 || header > b->len || total < header || b->p[9] != proto
			|| (be16(b->p + 6) & 0x1fff) != 0)
		return false;
	if(whole && total > b->len)
		return false;
	if(total < b->len)
		b->len = total;
	skip(b, header);
	return true;
}

/* Type 3 but for "fragmentation needed" and "source route failed", which say
 * nothing of the other side; type 12, parameter problem. */
static bool is_failure4(uint8_t type, uint8_t code)
{
	return (type == 3 && code <= 15 && code != 4 && code != 5) || type == 12;
}

int frt_icmp4_parse(const uint8_t *p, size_t len, frt_icmp_t *out)
{
	frt_bytes_t b = {p, len}, quoted;

	if(!take_ip4(&b, IP_PROTO_ICMP, true) || b.len < ICMP_HEADER)
		return FRT_E_SYNTAX;
	if(!is_failure4(b.p[0], b.p[1]))
		return FRT_E_INVAL;
	if(!sum_is_right(b))
		return FRT_E_SYNTAX;
	skip(&b, ICMP_HEADER);
	quoted = b;
	if(!take_ip4(&b, IP_PROTO_UDP, false))
		return FRT_E_SYNTAX;
	map_v4(out->src, quoted.p + 12);
	map_v4(out->dst, quoted.p + 16);
	return read_udp(b, out);
}

/* --- IPv6 --------------------------------------------------------------------- */

/* Steps over extension headers up to UDP; false if there is something else, or
 * it is not the first fragment. */
static bool take_ip6_chain(frt_bytes_t *b, uint8_t next)
{
	int n;

	for(n = 0; next != IP_PROTO_UDP; n++) {
		size_t size;

		if(n == IP6_CHAIN_MAX || b->len < 8)
			return false;
		if(next == IP6_FRAGMENT) {
			if(be16(b->p + 2) & 0xfff8)
				return false;
			size = 8;
		} else if(next == IP6_HOP || next == IP6_ROUTING
				  || next == IP6_OPTIONS) {
			size = ((size_t)b->p[1] + 1) * 8;
		} else {
			return false;
		}
		if(size > b->len)
			return false;
		next = b->p[0];
		skip(b, size);
	}
	return true;
}

int frt_icmp6_parse(const uint8_t *p, size_t len, frt_icmp_t *out)
{
	frt_bytes_t b = {p, len};
	uint8_t next;

	if(len < ICMP_HEADER)
		return FRT_E_SYNTAX;
	/* destination unreachable, parameter problem */
	if(p[0] != 1 && p[0] != 4)
		return FRT_E_INVAL;
	skip(&b, ICMP_HEADER);
	if(b.len < 40 || b.p[0] >> 4 != 6)
		return FRT_E_SYNTAX;
	memcpy(out->src, b.p + 8, 16);
	memcpy(out->dst, b.p + 24, 16);
	next = b.p[6];
	skip(&b, 40);
	if(!take_ip6_chain(&b, next))
		return FRT_E_SYNTAX;
	return read_udp(b, out);
}
