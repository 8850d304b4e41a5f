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

void frt_aim_keep(frt_aim_t *aim, sip_msg_t *msg)
{
	str copy = STR_NULL;

	*aim = (frt_aim_t){.kept = false};
	if(msg->new_uri.s && msg->new_uri.len > 0
			&& pkg_str_dup(&copy, &msg->new_uri) < 0)
		return;
	aim->kept = true;
	aim->dst_uri = msg->dst_uri;
	aim->new_uri = msg->new_uri;
	aim->sock = msg->force_send_socket;
	aim->new = ruri_get_forking_state();
	msg->dst_uri = (str)STR_NULL;
	msg->new_uri = copy;
	/* it points into the text */
	msg->parsed_uri_ok = 0;
}

void frt_aim_back(frt_aim_t *aim, sip_msg_t *msg)
{
	if(!aim->kept)
		return;
	take_from(&msg->dst_uri);
	take_from(&msg->new_uri);
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
	aim->kept = false;
}
