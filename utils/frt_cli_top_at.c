/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The address of a Kamailio, taken apart.
 */
#define _GNU_SOURCE
#include "frt_cli_top_rpc.h"
#include "engine/frt_conf.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int unix_set(top_at_t *at, const char *path, char *error, size_t size)
{
	at->un.sun_family = AF_UNIX;
	if(strlen(path) >= sizeof(at->un.sun_path)) {
		snprintf(error, size, "%s: too long for a unix socket", path);
		return -1;
	}
	memcpy(at->un.sun_path, path, strlen(path) + 1);
	return 0;
}

/* "user:password" to what Basic authentication wants (RFC 7617); 0 or -1. */
static int auth_set(top_at_t *at, const char *s, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
								 "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = at->auth;
	size_t i, k;

	if((len + 2) / 3 * 4 >= sizeof(at->auth))
		return -1;
	for(i = 0; i < len; i += 3) {
		uint32_t three = 0;

		for(k = 0; k < 3; k++)
			three = three << 8 | (i + k < len ? (unsigned char)s[i + k] : 0);
		for(k = 0; k < 4; k++)
			*out++ = i + k > len ? '=' : digits[three >> (18 - 6 * k) & 63];
	}
	*out = '\0';
	return 0;
}

/* host[:port], where host may be [an IPv6 address]. */
static int host_split(const char *s, char *host, char *port, size_t size)
{
	const char *end = *s == '[' ? strchr(s, ']') : strchrnul(s, ':');
	size_t len;

	if(*s == '[')
		s++;
	if(!end || (size_t)(end - s) >= size || end == s)
		return -1;
	len = (size_t)(end - s);
	memcpy(host, s, len);
	host[len] = '\0';
	end += *end == ']';
	if(*end && (*end != ':' || strlen(end + 1) >= size))
		return -1;
	snprintf(port, size, "%s", *end ? end + 1 : "80");
	return 0;
}

/* getaddrinfo takes 99999 for 34463. */
static bool is_port(const char *port)
{
	frt_str_t text = frt_str_of(port);
	uint32_t n;

	return frt_uint_parse(text, 1, UINT16_MAX, &n) == 0;
}

static int http_set(top_at_t *at, const char *s, char *error, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	const char *slash = strchrnul(s, '/');
	const char *user = memrchr(s, '@', (size_t)(slash - s));
	char host[256], port[256];
	int err = -1;

	at->http = true;
	if(user && auth_set(at, s, (size_t)(user - s)) != 0)
		slash = s; /* too long, as what follows would say */
	else if(user)
		s = user + 1;
	if((size_t)(slash - s) < sizeof(at->host)
			&& strlen(slash) < sizeof(at->path)) {
		snprintf(at->host, sizeof(at->host), "%.*s", (int)(slash - s), s);
		snprintf(at->path, sizeof(at->path), "%s", *slash ? slash : "/RPC");
		err = strpbrk(at->host, " \r\n") || strpbrk(at->path, " \r\n")
					  ? -1
					  : host_split(at->host, host, port, sizeof(host));
	}
	if(err != 0) {
		snprintf(error, size, "expected http://host[:port][/path]");
		return -1;
	}
	if(!is_port(port)) {
		snprintf(error, size,
				"expected http://host[:port][/path]: a port is 1 to 65535");
		return -1;
	}
	/* more than the host may be a password with a '/' in it */
	err = getaddrinfo(host, port, &hints, &at->addresses);
	if(err == 0)
		return 0;
	at->addresses = NULL;
	snprintf(error, size, "%s: %s", host, gai_strerror(err));
	return -1;
}

/* Nor is a password for the screen where the rest is no address of ours. */
static const char *without_user(const char *text)
{
	const char *at = strrchr(text, '@');

	return at ? at + 1 : text;
}

int top_at_set(top_at_t *at, const char *text, char *error, size_t size)
{
	memset(at, 0, sizeof(*at));
	at->text = text;
	if(strncmp(text, "http://", 7) == 0) {
		const char *user = memrchr(text, '@', strcspn(text + 7, "/") + 7);

		/* the password is not for the screen */
		at->text = user ? user + 1 : text;
		return http_set(at, text + 7, error, size);
	}
	if(strncmp(text, "unix:", 5) == 0)
		text += 5;
	if(*text == '/')
		return unix_set(at, text, error, size);
	snprintf(error, size, "%s: expected /path/to/kamailio_rpc.sock or http://",
			without_user(text));
	return -1;
}

void top_at_free(top_at_t *at)
{
	if(at->addresses)
		freeaddrinfo(at->addresses);
	at->addresses = NULL;
}
