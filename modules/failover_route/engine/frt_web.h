/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a web server must tell apart in the headers and targets of requests
 * (RFC 9110, RFC 6454, RFC 3986). Every text may be anything. Must not know
 * what is served.
 */
#ifndef FRT_WEB_H
#define FRT_WEB_H

#include "frt_base.h"

/* May this Host header be answered? An IP address or "localhost" may, and a
 * name of allowed: names with commas or blanks between, "*" for any. No page
 * can make a browser ask under such a host but one that was served from it: a
 * name that an attacker points at us (DNS rebinding) is none of these. */
bool frt_web_host_ok(frt_str_t host, frt_str_t allowed);

/* Is an Origin header, "http://sip1:8080", of the host that was asked? */
bool frt_web_same_origin(frt_str_t origin, frt_str_t host);

/* Is a Content-Type that media type, parameters apart? */
bool frt_web_is_type(frt_str_t header, frt_str_t type);

/* The value of name in "a=1&b=2", decoded ("+" and %XX) into out,
 * NUL-terminated. 1; 0 if there is none; FRT_E_INVAL if it is too long, is not
 * encoded so or has a NUL. */
int frt_web_query(frt_str_t query, const char *name, char *out, size_t size);

#endif
