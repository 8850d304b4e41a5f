/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is called; see the header.
 */
#include "frt_msg.h"

#include "engine/frt_base.h"

#include "../../core/parser/parse_to.h"
#include "../../core/parser/parse_uri.h"

#include <string.h>

/* The user of "sip:user@...", as most are, without reading all of the URI. */
static bool plain_user(const str *uri, str *user)
{
	int i;

	if(uri->len < 4 || memcmp(uri->s, "sip:", 4) != 0)
		return false;
	for(i = 4; i < uri->len && uri->s[i] != '@'; i++) {
		char c = uri->s[i];

		if(c == ':' || c == ';' || c == '?' || c == '[' || c == '<')
			return false;
	}
	if(i == 4 || i == uri->len)
		return false;
	*user = (str){uri->s + 4, i - 4};
	return true;
}

uint64_t frt_msg_called_user(sip_msg_t *msg)
{
	struct sip_uri uri;
	str user = STR_NULL;

	if(!plain_user(GET_RURI(msg), &user) && parse_sip_msg_uri(msg) == 0)
		user = msg->parsed_uri.user;
	if(user.len == 0 && (msg->to || parse_headers(msg, HDR_TO_F, 0) == 0)
			&& msg->to && get_to(msg)
			&& parse_uri(get_to(msg)->uri.s, get_to(msg)->uri.len, &uri) == 0)
		user = uri.user;
	if(user.len == 0)
		return 0;
	return frt_hash_bytes(user.s, (size_t)user.len, 3) | 1;
}
