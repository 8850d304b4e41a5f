/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads SIP and SIPS URIs (RFC 3261 section 19.1.1), local sockets and IP
 * addresses, and says in words what is wrong with one. It is stricter than a
 * parser of messages: an operator's typing error shall be found when the
 * configuration is read and not by the first call. Must not know drafts.
 */
#include "frt_conf.h"
#include "frt_text.h"

#include <string.h>

#define HOST_MAX 253
#define LABEL_MAX 63

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_alnum(char c)
{
	return frt_is_digit(c) || is_alpha(c);
}

static frt_str_t slice(frt_str_t s, uint32_t from, uint32_t to)
{
	frt_str_t r = {s.s + from, to - from};
	return r;
}

/* The index of c in s, or s.len. */
static uint32_t find(frt_str_t s, char c)
{
	const char *p = s.len > 0 ? memchr(s.s, c, s.len) : NULL;

	return p != NULL ? (uint32_t)(p - s.s) : s.len;
}

/* Four decimal numbers without leading zeros, which some read as octal. */
static bool parse_ipv4(frt_str_t s, uint8_t out[4])
{
	uint32_t i = 0;
	int part;

	for(part = 0; part < 4; part++) {
		unsigned v = 0;
		uint32_t start = i;
		while(i < s.len && frt_is_digit(s.s[i]) && i - start < 3)
			v = v * 10 + (unsigned)(s.s[i++] - '0');
		if(i == start || v > 255 || (i - start > 1 && s.s[start] == '0'))
			return false;
		out[part] = (uint8_t)v;
		if(part < 3 && (i == s.len || s.s[i++] != '.'))
			return false;
	}
	return i == s.len;
}

/* Reads groups of hex digits up to the end or a "::"; the last may be an
 * IPv4 address. Returns how many 16-bit groups were read, or -1; *used is
 * where it stopped. */
static int ipv6_groups(frt_str_t s, int room, uint8_t *out, uint32_t *used)
{
	uint32_t i = 0;
	int n = 0;

	while(i < s.len) {
		uint32_t start = i;
		unsigned v = 0;
		while(i < s.len && i - start < 5 && frt_hex_digit(s.s[i]) >= 0)
			v = v << 4 | (unsigned)frt_hex_digit(s.s[i++]);
		if(i < s.len && s.s[i] == '.') {
			if(n + 2 > room || !parse_ipv4(slice(s, start, s.len), out + n * 2))
				return -1;
			*used = s.len;
			return n + 2;
		}
		if(i == start || i - start > 4 || n >= room)
			return -1;
		out[n * 2] = (uint8_t)(v >> 8);
		out[n * 2 + 1] = (uint8_t)v;
		n++;
		if(i == s.len || (i + 1 < s.len && s.s[i] == ':' && s.s[i + 1] == ':'))
			break;
		/* a colon must be followed by another group */
		if(s.s[i] != ':' || i + 1 == s.len)
			return -1;
		i++;
	}
	*used = i;
	return n;
}

static bool parse_ipv6(frt_str_t s, uint8_t out[16])
{
	uint8_t tail[16] = {0};
	uint32_t used = 0;
	int head, rest;

	memset(out, 0, 16);
	if(s.len < 2)
		return false;
	if(s.s[0] == ':' && s.s[1] == ':') {
		head = 0;
	} else {
		head = ipv6_groups(s, 8, out, &used);
		if(head < 0)
			return false;
		if(used == s.len)
			return head == 8;
	}
	/* "::" stands for at least one group of zeros */
	s = slice(s, used + 2, s.len);
	if(head == 8)
		return false;
	if(s.len == 0)
		return true;
	rest = ipv6_groups(s, 7 - head, tail, &used);
	if(rest < 0 || used != s.len)
		return false;
	memcpy(out + 16 - rest * 2, tail, (size_t)rest * 2);
	return true;
}

bool frt_ip_is_v4(const uint8_t ip[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(ip, mapped, sizeof(mapped)) == 0;
}

bool frt_ip_callable(const uint8_t ip[16])
{
	static const uint8_t zero[16];

	if(frt_ip_is_v4(ip))
		return ip[12] != 0 && ip[12] < 224;
	return memcmp(ip, zero, sizeof(zero)) != 0 && ip[0] != 0xff
		   && !(ip[0] == 0xfe && (ip[1] & 0xc0) == 0x80);
}

int frt_ip_parse(frt_str_t text, uint8_t out[16])
{
	uint8_t ip[16];

	if(text.len > 2 && text.s[0] == '[' && text.s[text.len - 1] == ']') {
		if(!parse_ipv6(slice(text, 1, text.len - 1), ip))
			return FRT_E_SYNTAX;
	} else if(find(text, ':') < text.len) {
		if(!parse_ipv6(text, ip))
			return FRT_E_SYNTAX;
	} else {
		memset(ip, 0, 10);
		ip[10] = ip[11] = 0xff;
		if(!parse_ipv4(text, ip + 12))
			return FRT_E_SYNTAX;
	}
	memcpy(out, ip, 16);
	return 0;
}

/* A host name: RFC 1123, and the underscore of SRV names. */
static const char *check_name(frt_str_t host)
{
	bool last_numeric = true;
	uint32_t i, label = 0;

	if(host.len > 1 && host.s[host.len - 1] == '.')
		host.len--;
	if(host.len == 0)
		return "the host is missing";
	if(host.len > HOST_MAX)
		return "the host name is longer than 253 characters";
	for(i = 0; i < host.len; i++) {
		char c = host.s[i];
		if(c == '.') {
			if(i == label || host.s[i - 1] == '-')
				return "the host name is malformed";
			label = i + 1;
			last_numeric = true;
			continue;
		}
		if(!is_alnum(c) && c != '-' && c != '_')
			return "the host has a character that no host name has";
		if((c == '-' && i == label) || i - label >= LABEL_MAX)
			return "the host name is malformed";
		last_numeric = last_numeric && frt_is_digit(c);
	}
	if(label == host.len || host.s[host.len - 1] == '-')
		return "the host name is malformed";
	return last_numeric ? "the IPv4 address is malformed" : NULL;
}

const char *frt_host_check(frt_str_t name)
{
	return name.len == 0 ? "the host is missing" : check_name(name);
}

/* Writes the groups of 16 bits in hex, the longest run of zeros as "::". */
static void add_ipv6(frt_buf_t *out, const uint8_t a[16])
{
	int run = 0, best = 0, best_at = -1, i;

	for(i = 0; i < 8; i++) {
		run = a[2 * i] || a[2 * i + 1] ? 0 : run + 1;
		if(run > best) {
			best = run;
			best_at = i - run + 1;
		}
	}
	for(i = 0; i < 8; i++) {
		if(best > 1 && i == best_at) {
			frt_buf_add(out, "::");
			i += best - 1;
			continue;
		}
		frt_buf_add(out, "%s%x",
				i == 0 || (best > 1 && i == best_at + best) ? "" : ":",
				(unsigned)a[2 * i] << 8 | a[2 * i + 1]);
	}
}

void frt_buf_add_ip(frt_buf_t *out, const uint8_t ip[16])
{
	if(frt_ip_is_v4(ip))
		frt_buf_add(out, "%u.%u.%u.%u", ip[12], ip[13], ip[14], ip[15]);
	else
		add_ipv6(out, ip);
}

/* Splits "host", "host:port" or "[ipv6]:port" and checks both. */
static const char *parse_host_port(
		frt_str_t s, frt_str_t *host, uint16_t *port, bool *is_ip)
{
	uint32_t hlen, v = 0;
	uint8_t ip[16];

	if(s.len > 0 && s.s[0] == '[') {
		hlen = find(s, ']') + 1;
		if(hlen > s.len || !parse_ipv6(slice(s, 1, hlen - 1), ip))
			return "the IPv6 address is malformed";
		*is_ip = true;
	} else {
		hlen = find(s, ':');
		if(hlen < s.len
				&& find(slice(s, hlen + 1, s.len), ':') < s.len - hlen - 1)
			return "an IPv6 address stands in brackets: [2001:db8::1]";
		*is_ip = parse_ipv4(slice(s, 0, hlen), ip);
		if(!*is_ip) {
			const char *why = check_name(slice(s, 0, hlen));
			if(why != NULL)
				return why;
		}
	}
	*host = slice(s, 0, hlen);
	*port = 0;
	if(hlen == s.len)
		return NULL;
	if(s.s[hlen] != ':'
			|| frt_uint_parse(slice(s, hlen + 1, s.len), 1, 65535, &v) != 0)
		return "the port must be 1..65535";
	*port = (uint16_t)v;
	return NULL;
}

static int proto_parse(frt_str_t text, frt_proto_t *out)
{
	static const frt_str_t names[] = {
#define PROTO_NAME(id, word) {word, sizeof(word) - 1},
			FRT_PROTO_LIST(PROTO_NAME)
#undef PROTO_NAME
	};
	int i;

	/* "any" is what no transport at all means; nobody may write it */
	for(i = FRT_PROTO_UDP; i < (int)frt_proto_count; i++) {
		if(frt_str_eq_nocase(text, names[i])) {
			*out = (frt_proto_t)i;
			return 0;
		}
	}
	return FRT_E_SYNTAX;
}

/* Only characters of RFC 3261 section 25.1, and whole %HH escapes. */
static bool check_chars(frt_str_t s, const char *extra)
{
	uint32_t i;

	for(i = 0; i < s.len; i++) {
		char c = s.s[i];
		if(is_alnum(c) || (c != '\0' && strchr(extra, c) != NULL))
			continue;
		if(c != '%' || s.len - i < 3 || frt_hex_digit(s.s[i + 1]) < 0
				|| frt_hex_digit(s.s[i + 2]) < 0)
			return false;
		i += 2;
	}
	return true;
}

#define CHARS_MARK "-_.!~*'()"
#define CHARS_USER CHARS_MARK "&=+$,;?/:"
#define CHARS_PARAM CHARS_MARK "[]/:&+$"
#define CHARS_HEADERS CHARS_MARK "[]/?:+$=&"

/* Reads ";name=value;name..." */
static const char *parse_params(frt_str_t s, frt_uri_t *out)
{
	while(s.len > 0) {
		frt_str_t rest = slice(s, 1, s.len);
		frt_str_t param = slice(rest, 0, find(rest, ';'));
		uint32_t eq = find(param, '=');
		frt_str_t name = slice(param, 0, eq);
		frt_str_t value = slice(param, eq < param.len ? eq + 1 : eq, param.len);
		s = slice(rest, param.len, rest.len);

		if(name.len == 0 || !check_chars(name, CHARS_PARAM)
				|| !check_chars(value, CHARS_PARAM)
				|| (eq < param.len && value.len == 0))
			return "a parameter is malformed";
		if(!frt_str_eq_nocase(name, FRT_STR("transport")))
			continue;
		if(out->transport != FRT_PROTO_ANY)
			return "transport is given twice";
		if(proto_parse(value, &out->transport) != 0)
			return "the transport must be udp, tcp, tls, sctp, ws or wss";
	}
	if(out->sips && out->transport == FRT_PROTO_UDP)
		return "sips: needs a secure transport, and udp is none";
	return NULL;
}

static bool has_prefix(frt_str_t s, frt_str_t prefix)
{
	return s.len >= prefix.len
		   && frt_str_eq_nocase(slice(s, 0, prefix.len), prefix);
}

/* Takes "sip:" or "sips:" off the text. */
static bool take_scheme(frt_str_t *s, bool *sips)
{
	*sips = has_prefix(*s, FRT_STR("sips:"));
	if(!*sips && !has_prefix(*s, FRT_STR("sip:")))
		return false;
	*s = slice(*s, *sips ? 5 : 4, s->len);
	return true;
}

static const char *check_printable(frt_str_t s)
{
	uint32_t i;

	for(i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.s[i];
		if(c == ' ' || c == '\t')
			return "a URI has no blanks";
		if(c < 0x20 || c >= 0x7f)
			return "a URI has printable ASCII characters only";
	}
	return NULL;
}

static const char *parse_uri(frt_str_t s, frt_uri_t *out)
{
	const char *why;
	uint32_t at, q, semi;

	if(s.len > FRT_URI_MAX)
		return "it is longer than 255 characters";
	why = check_printable(s);
	if(why != NULL)
		return why;
	if(!take_scheme(&s, &out->sips))
		return "it must begin with sip: or sips:";
	/* '@' stands nowhere unescaped but after the user */
	at = find(s, '@');
	if(at < s.len) {
		out->user = slice(s, 0, at);
		s = slice(s, at + 1, s.len);
		if(at == 0 || !check_chars(out->user, CHARS_USER))
			return "the user part is malformed";
	}
	q = find(s, '?');
	if(q < s.len && !check_chars(slice(s, q + 1, s.len), CHARS_HEADERS))
		return "the headers are malformed";
	s.len = q;
	semi = find(s, ';');
	why = parse_host_port(
			slice(s, 0, semi), &out->host, &out->port, &out->is_ip);
	if(why != NULL)
		return why;
	return parse_params(slice(s, semi, s.len), out);
}

int frt_uri_parse_why(frt_str_t text, frt_uri_t *out, const char **why)
{
	frt_uri_t uri = {.transport = FRT_PROTO_ANY};

	*why = parse_uri(text, &uri);
	if(*why != NULL)
		return FRT_E_SYNTAX;
	*out = uri;
	return 0;
}

int frt_uri_parse(frt_str_t text, frt_uri_t *out)
{
	const char *why;

	return frt_uri_parse_why(text, out, &why);
}

int frt_socket_parse(frt_str_t text, frt_socket_t *out, const char **why)
{
	frt_socket_t sock = {.proto = FRT_PROTO_ANY};
	uint32_t colon = find(text, ':');

	*why = NULL;
	if(text.len > FRT_URI_MAX)
		*why = "it is longer than 255 characters";
	else if(colon == text.len
			|| proto_parse(slice(text, 0, colon), &sock.proto) != 0)
		*why = "it must begin with udp:, tcp:, tls:, sctp:, ws: or wss:";
	else
		*why = parse_host_port(slice(text, colon + 1, text.len), &sock.host,
				&sock.port, &sock.is_ip);
	if(*why == NULL && sock.port == 0)
		*why = "the port is missing";
	if(*why != NULL)
		return FRT_E_SYNTAX;
	*out = sock;
	return 0;
}

bool frt_uri_has_maddr(frt_str_t text)
{
	const frt_str_t maddr = FRT_STR(";maddr=");
	uint32_t i;

	for(i = 0; i + maddr.len <= text.len; i++) {
		if(frt_str_eq_nocase(slice(text, i, i + maddr.len), maddr))
			return true;
	}
	return false;
}

/* "sip:user:password@host": '@' stands nowhere else unescaped. Also for what
 * frt_uri_parse() would refuse. */
void frt_buf_add_uri(frt_buf_t *b, frt_str_t uri)
{
	uint32_t at = find(uri, '@'), scheme = find(uri, ':') + 1, colon;

	if(at < uri.len && scheme < at) {
		colon = scheme + find(slice(uri, scheme, at), ':');
		if(colon < at) {
			frt_buf_add_str(b, slice(uri, 0, colon + 1));
			frt_buf_add(b, "***");
			uri = slice(uri, at, uri.len);
		}
	}
	frt_buf_add_str(b, uri);
}

frt_proto_t frt_uri_proto(const frt_uri_t *uri)
{
	if(!uri->sips)
		return uri->transport;
	if(uri->transport == FRT_PROTO_WS || uri->transport == FRT_PROTO_WSS)
		return FRT_PROTO_WSS;
	return FRT_PROTO_TLS;
}

uint16_t frt_proto_port(frt_proto_t proto)
{
	switch(proto) {
		case FRT_PROTO_TLS:
			return 5061;
		case FRT_PROTO_WS:
			return 80;
		case FRT_PROTO_WSS:
			return 443;
		default:
			return 5060;
	}
}
