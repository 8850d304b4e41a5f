/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The texts change owners: what is set aside is what the message had, which may
 * be far longer than what it gets.
 */
#include "frt_aim.h"

#include "../../core/dset.h"
#include "../../core/mem/mem.h"
#include "../../core/socket_info.h"
#include "../../core/ut.h"

static void take_from(str *text)
{
	if(text->s)
		pkg_free(text->s);
	*text = (str)STR_NULL;
}

static int copy_of(const str *text, str *copy)
{
	return text->s && text->len > 0 ? pkg_str_dup(copy, text) : 0;
}

void frt_aim_keep(frt_aim_t *aim, sip_msg_t *msg)
{
	str uri = STR_NULL, path = STR_NULL;

	*aim = (frt_aim_t){.kept = false};
	if(copy_of(&msg->new_uri, &uri) < 0)
		return;
	if(copy_of(&msg->path_vec, &path) < 0) {
		take_from(&uri);
		return;
	}
	aim->kept = true;
	aim->dst_uri = msg->dst_uri;
	aim->new_uri = msg->new_uri;
	aim->sock = msg->force_send_socket;
	aim->new = ruri_get_forking_state();
	msg->dst_uri = (str)STR_NULL;
	msg->new_uri = uri;
	aim->path = msg->path_vec;
	msg->path_vec = path;
	/* it points into the text */
	msg->parsed_uri_ok = 0;
}

void frt_aim_back(frt_aim_t *aim, sip_msg_t *msg)
{
	if(!aim->kept)
		return;
	take_from(&msg->dst_uri);
	take_from(&msg->new_uri);
	take_from(&msg->path_vec);
	msg->path_vec = aim->path;
	msg->dst_uri = aim->dst_uri;
	msg->new_uri = aim->new_uri;
	msg->parsed_uri_ok = 0;
	if(aim->sock)
		set_force_socket(msg, aim->sock);
	else
		reset_force_socket(msg);
	if(aim->new)
		ruri_mark_new();
	else
		ruri_mark_consumed();
	aim->kept = false;
}

void frt_aim_drop(frt_aim_t *aim)
{
	if(!aim->kept)
		return;
	take_from(&aim->dst_uri);
	take_from(&aim->new_uri);
	take_from(&aim->path);
	aim->kept = false;
}

static str to_str(frt_str_t s)
{
	return (str){(char *)s.s, (int)s.len};
}

/* rewrite="ruri": the destination's URI with the user of the request, in mem. */
static int write_ruri(sip_msg_t *msg, const frt_dst_t *dst, frt_str_t rest,
		char *mem, size_t n)
{
	str text, hop = to_str(frt_dst_hop(dst)), user = msg->parsed_uri.user;
	frt_buf_t b;

	frt_buf_init(&b, mem, n);
	frt_buf_add(&b, "%s", dst->uri.s[3] == ':' ? "sip:" : "sips:");
	if(user.len)
		frt_buf_add(&b, "%.*s@", user.len, user.s);
	frt_buf_add_str(&b, rest);
	text = (str){mem, (int)b.len};
	reset_dst_uri(msg);
	reset_path_vector(msg); /* a location's, whose URI it was */
	if(frt_dst_keeps_name(dst) && set_dst_uri(msg, &hop) < 0)
		return FRT_E_NOMEM;
	return rewrite_uri(msg, &text) < 0 ? FRT_E_NOMEM : 0;
}

static int point_ruri(sip_msg_t *msg, const frt_dst_t *dst)
{
	frt_str_t rest = frt_dst_from_host(dst);
	size_t size;
	char *mem;
	int err;

	if(parse_sip_msg_uri(msg) < 0 || rest.len == 0)
		return FRT_E_INVAL;
	size = sizeof("sips:@") + (size_t)msg->parsed_uri.user.len + rest.len;
	mem = pkg_malloc(size);
	if(!mem) {
		PKG_MEM_ERROR;
		return FRT_E_NOMEM;
	}
	err = write_ruri(msg, dst, rest, mem, size);
	pkg_free(mem);
	return err;
}

int frt_aim_at(sip_msg_t *msg, const frt_dst_t *dst)
{
	str uri = to_str(frt_dst_hop(dst));

	if(dst->set->conf.rewrite == FRT_REWRITE_RURI)
		return point_ruri(msg, dst);
	return set_dst_uri(msg, &uri) < 0 ? FRT_E_NOMEM : 0;
}
