/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a set is configured with: plain values, immutable once frozen into a
 * generation. Strings belong to whoever holds the structure (the draft's
 * memory while it is built, the generation's block afterwards).
 * Times are milliseconds. Must not know where the values came from.
 */
#ifndef FRT_CONF_H
#define FRT_CONF_H

#include "frt_base.h"

#define FRT_ID_MAX 64		   /* longest set or destination id */
#define FRT_DST_ID_MAX 192	   /* "parent/target:port" of a resolved one */
#define FRT_URI_MAX 255		   /* longest destination URI */
#define FRT_USER_MAX 64		   /* longest number of a test call */
#define FRT_METHOD_MAX 32	   /* longest method of a probe */
#define FRT_CALLS_MAX 10000000 /* largest max-calls */
#define FRT_ATTEMPTS_MAX 12	   /* tm holds 12 branches */
#define FRT_WINDOWS_MAX 4	   /* failback windows of one set */
#define FRT_PRIORITY_MAX 65535 /* RFC 2782 */
#define FRT_WEIGHT_MAX 65535   /* RFC 2782 */

/* A set of SIP status codes 100..699, one bit each. */
typedef struct frt_codes
{
	uint64_t bits[10];
} frt_codes_t;

/* True if the code is in the set; false for what is no code. */
bool frt_codes_has(const frt_codes_t *c, int code);
/* Parses "any", "408 503", "2xx 404", "500-599", and "none" or nothing for no
 * code at all; FRT_E_SYNTAX if malformed. */
int frt_codes_parse(frt_str_t text, frt_codes_t *out);
/* Parses one code or range of codes: "480", "500-599", "5xx" or "any". */
int frt_code_range_parse(frt_str_t text, uint16_t *from, uint16_t *to);

/* A recurring time of day and week, in local time: minutes since midnight;
 * to < from crosses midnight. days: bit 0 is Sunday; 0 means every day. */
typedef struct frt_window
{
	uint16_t from_min;
	uint16_t to_min;
	uint8_t days;
} frt_window_t;

/* One <on .../> rule; the first that matches decides. */
typedef struct frt_rule
{
	uint16_t code_min; /* 100..699 */
	uint16_t code_max;
	int16_t origin;		  /* frt_origin_t, or -1 for any */
	int16_t provisional;  /* 1 only after 18x, 0 only without, -1 any */
	int32_t reason_cause; /* Reason header's cause, or -1 for any */
	frt_route_t route;
	frt_verdict_t verdict;
	int16_t has_route;	 /* 0: the built-in default's route stays */
	int16_t has_verdict; /* 0: the built-in default's verdict stays */
} frt_rule_t;

typedef struct frt_probe_conf
{
	bool enabled;
	uint32_t interval_ms;	   /* while up */
	uint32_t fast_interval_ms; /* while in transition */
	uint32_t down_interval_ms; /* while down for longer */
	uint32_t timeout_ms;
	uint32_t rise; /* good probes in a row that clear the probe flag */
	uint32_t fall; /* failed probes in a row that set it */
	uint32_t max_forwards;
	frt_codes_t ok;			  /* replies that prove life ... */
	frt_codes_t not_ok;		  /* ... except these */
	frt_str_t method;		  /* OPTIONS */
	frt_str_t number;		  /* whom a test call is for; empty: none */
	frt_str_t from;			  /* From URI; empty: sip:<set>@<local address> */
	frt_str_t outbound_proxy; /* empty: none */
	frt_answer_from_t answer_from;
} frt_probe_conf_t;

typedef struct frt_health_conf
{
	uint32_t fall;
	uint32_t window_ms;
	uint32_t hold_ms;
	uint32_t hold_max_ms;
	uint32_t ramp_ms;
	uint32_t failback_delay_ms;
	uint32_t max_eject_pct;
	uint32_t shed_from_pct; /* a failure rate from here to there sheds a */
	uint32_t shed_to_pct;	/* growing share of the calls */
	uint32_t shed_volume;	/* once there are so many attempts; 0: never */
	uint32_t nwindows;
	frt_window_t windows[FRT_WINDOWS_MAX];
} frt_health_conf_t;

typedef struct frt_set_conf
{
	frt_strategy_t strategy;
	frt_profile_t profile;
	frt_rewrite_t rewrite;
	frt_path_header_t path_header;
	frt_route_t after_ringing; /* FRT_ROUTE_NEXT allows failover after 18x */
	bool spill;
	bool panic; /* try the least recently failed when none is usable */
	bool shadow;
	bool adaptive;
	bool overload;		   /* overload control: RFC 7339 */
	uint32_t retry_pct;	   /* retry budget: of the calls, 0..100 */
	uint32_t retry_min;	   /* and so many a second on top */
	uint32_t max_attempts; /* 1..FRT_ATTEMPTS_MAX */
	uint32_t deadline_ms;  /* no new attempt later than this */
	uint32_t try_timeout_ms;
	uint32_t try_timeout_min_ms;
	uint32_t progress_timeout_ms;	  /* 0: off, unless adaptive */
	uint32_t progress_timeout_min_ms; /* least, where adaptive */
	uint32_t answer_timeout_ms;
	uint32_t dns_min_ttl_ms; /* bounds of the TTLs of names */
	uint32_t dns_max_ttl_ms;
	frt_probe_conf_t probe;
	frt_health_conf_t health;
} frt_set_conf_t;

/* True if the probe is a test call: an INVITE, which is to be cancelled or hung
 * up, and goes out seldom. */
bool frt_probe_calls(const frt_probe_conf_t *c);

/* The values a set has when nothing is said. */
void frt_set_conf_default(frt_set_conf_t *c);

/* Parses "500ms", "4s", "5m", "2h", "1d" or "0"; a bare number other than 0
 * is refused, so that nobody guesses the unit. FRT_E_SYNTAX or FRT_E_RANGE
 * (more than 49 days). */
int frt_duration_parse(frt_str_t text, uint32_t *ms);
/* Parses a decimal number min..max: FRT_E_SYNTAX or FRT_E_RANGE. */
int frt_uint_parse(frt_str_t text, uint32_t min, uint32_t max, uint32_t *out);
/* Parses "50%": 0..100. */
int frt_percent_parse(frt_str_t text, uint32_t *out);
/* Parses yes/no/on/off/true/false/1/0. */
int frt_bool_parse(frt_str_t text, bool *out);
/* Parses up to max windows, separated by commas: "02:00-05:00",
 * "Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00" (days before a time apply to
 * that time only); "none" or nothing for no window. FRT_E_SYNTAX, or
 * FRT_E_RANGE if there are more than max. */
int frt_windows_parse(
		frt_str_t text, frt_window_t *out, uint32_t max, uint32_t *n);

/* Is any of the windows open at that minute of the week (0: Sunday 00:00)? One
 * across midnight belongs to the day it begins on. None: always open. */
bool frt_windows_open(const frt_window_t *w, uint32_t n, uint32_t week_min);

/* A SIP or SIPS URI as far as routing needs it: RFC 3261 section 19.1.1.
 * The slices point into the parsed text. */
typedef struct frt_uri
{
	bool sips;
	frt_str_t user; /* with password, if any; empty if none */
	frt_str_t host; /* IPv6 with its brackets */
	uint16_t port;	/* 0: not given */
	frt_proto_t transport;
	bool is_ip; /* host is an IPv4 address or an IPv6 reference */
} frt_uri_t;

/* FRT_E_SYNTAX if it is no sip: or sips: URI; never reads past text.len. */
int frt_uri_parse(frt_str_t text, frt_uri_t *out);
/* The same; *why is NULL, or says what is wrong. */
int frt_uri_parse_why(frt_str_t text, frt_uri_t *out, const char **why);
/* Does it name another next hop than its host (RFC 3261 section 19.1.1)? Kamailio
 * does not follow that. */
bool frt_uri_has_maddr(frt_str_t text);
/* What it is sent over: with sips: a transport is carried in TLS (RFC 3261 section
 * 26.2.2). FRT_PROTO_ANY: it does not say. */
frt_proto_t frt_uri_proto(const frt_uri_t *uri);
/* The port of a URI that has none, where no SRV record says another. */
uint16_t frt_proto_port(frt_proto_t proto);

/* Adds a URI as it may be shown: three asterisks for a password in it. */
void frt_buf_add_uri(frt_buf_t *b, frt_str_t uri);

/* A local socket, "udp:192.0.2.1:5060"; the slice points into the text. */
typedef struct frt_socket
{
	frt_proto_t proto;
	frt_str_t host; /* IPv6 with its brackets */
	uint16_t port;
	bool is_ip;
} frt_socket_t;

/* Parses "proto:host:port", all three required; *why as above. */
int frt_socket_parse(frt_str_t text, frt_socket_t *out, const char **why);

/* An IPv4 address (as ::ffff:a.b.c.d) or IPv6 address, with or without
 * brackets, into 16 bytes of network order. */
int frt_ip_parse(frt_str_t text, uint8_t out[16]);
/* True if the 16 bytes are an IPv4 address. */
bool frt_ip_is_v4(const uint8_t ip[16]);
/* False for "this network", what is reserved, multicast and link-local (which
 * needs a zone): nobody is called there. The private ones are a carrier's daily
 * business. */
bool frt_ip_callable(const uint8_t ip[16]);
/* Writes it, without brackets: RFC 5952. */
void frt_buf_add_ip(frt_buf_t *out, const uint8_t ip[16]);
/* NULL if it can be a host name (RFC 1123, and underscores), or what is wrong
 * with it. */
const char *frt_host_check(frt_str_t name);

#endif
