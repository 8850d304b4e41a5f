/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Overload control in requests and replies. Our Via gets its parameters from
 * the XAVP that the core parameter xavp_via_params names: the core offers no
 * other way to a module.
 */
#include "frt_overload.h"
#include "engine/frt_oc.h"

#include "../../core/globals.h"

#include <string.h>

static str oc_name = str_init("oc");
static str algo_name = str_init("oc-algo");

static bool is_emergency(const str *uri)
{
	return uri->len > 0
		   && frt_oc_is_emergency((frt_str_t){uri->s, (uint32_t)uri->len});
}

/* As it came, or as the script has made it. */
static bool is_spared(sip_msg_t *msg)
{
	return is_emergency(&msg->first_line.u.request.uri)
		   || is_emergency(&msg->new_uri)
		   || frt_oc_has_priority(msg->buf, msg->len);
}

int frt_overload_admit(
		const frt_dst_t *dst, sip_msg_t *msg, uint64_t draw, uint64_t now_ms)
{
	const frt_set_conf_t *conf = &dst->set->conf;
	const frt_oc_t *oc = &frt_act_seen(dst->rec)->oc;

	if(!conf->overload || conf->shadow || frt_oc_loss(oc, now_ms) == 0)
		return 0;
	/* of two destinations each has a draw of its own */
	draw = frt_hash_mix(draw ^ (uint64_t)(uintptr_t)dst->rec);
	if(frt_oc_admit(oc, now_ms, draw) || is_spared(msg))
		return 0;
	frt_act_count(dst->rec, oc_passed);
	return FRT_E_OVERLOAD;
}

/* Nearly no reply has one: then it is not read a second time. */
static bool has_oc(const sip_msg_t *rpl)
{
	const struct via_param *p = rpl->via1 ? rpl->via1->param_lst : NULL;

	while(p && (p->name.len != 2 || strncasecmp(p->name.s, "oc", 2) != 0))
		p = p->next;
	return p != NULL;
}

void frt_overload_heard(frt_rec_t *rec, const sip_msg_t *rpl)
{
	frt_oc_said_t said;

	if(has_oc(rpl) && frt_oc_parse(rpl->buf, rpl->len, &said))
		frt_observe_oc(rec, &said);
}

static bool add_field(sr_xavp_t **list, str *name, char *text)
{
	sr_xval_t val;

	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_STR;
	val.v.s.s = text;
	val.v.s.len = (int)strlen(text);
	return xavp_add_value(name, &val, list) != NULL;
}

/* Each goes to the front. */
static bool add_fields(sr_xavp_t **list)
{
	return add_field(list, &algo_name, "\"loss\"")
		   && add_field(list, &oc_name, "");
}

/* A script may have fields of its own there. */
static void add_to_xavp(str *root_name)
{
	sr_xavp_t *root = xavp_get(root_name, NULL);
	sr_xval_t val;

	if(root && root->val.type == SR_XTYPE_XAVP) {
		add_fields(&root->val.v.xavp);
		return;
	}
	memset(&val, 0, sizeof(val));
	val.type = SR_XTYPE_XAVP;
	if(!add_fields(&val.v.xavp) || !xavp_add_value(root_name, &val, NULL))
		xavp_destroy_list(&val.v.xavp);
}

void frt_overload_announce(sip_msg_t *msg, const frt_set_conf_t *conf)
{
	str *root = &_ksr_xavp_via_params;
	bool there;

	if(root->len <= 0)
		return;
	there = xavp_get_child(root, &oc_name) != NULL;
	if(conf->overload && !conf->shadow) {
		if(!there)
			add_to_xavp(root);
		msg->msg_flags |= FL_ADD_XAVP_VIA_PARAMS;
	} else if(there) {
		/* the set before this one knew it */
		xavp_rm_child_by_index(root, &oc_name, 0);
		xavp_rm_child_by_index(root, &algo_name, 0);
	}
}
