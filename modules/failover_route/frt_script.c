/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The functions as the script calls them: parameters in, one number out. The
 * work is done elsewhere. Native and KEMI calls share the ki_ functions.
 */
#include "frt_script.h"
#include "frt_http.h"
#include "frt_ip.h"
#include "frt_msg.h"
#include "frt_relay.h"
#include "frt_text.h"
#include "engine/frt_wsum.h"

#include "../../core/mod_fix.h"

#include <string.h>

#define NO_SET_QUIET_MS 60000

/* A mistyped name, or a set that a reload has dropped: every call is refused for
 * it. A process says so once in a while. Hands on what the function returned. */
static int told(const str *set, int ret)
{
	static uint64_t told_ms = 0;
	uint64_t now = frt_now_ms();
	char name[FRT_ID_MAX + 1];

	if(ret != FRT_E_NOSET || (told_ms && now < told_ms + NO_SET_QUIET_MS))
		return ret;
	told_ms = now;
	snprintf(name, sizeof(name), "%.*s", set->len, set->s);
	frt_text_clean(name); /* it may be of the message */
	LM_WARN("frt_relay or frt_select: no such set: %s\n", name);
	return ret;
}

static int relay(sip_msg_t *msg, str *set, str *key)
{
	return told(set, frt_relay(msg, set, key));
}

static int choose(sip_msg_t *msg, str *set, str *key)
{
	return told(set, frt_select(msg, set, key));
}

int ki_frt_relay(sip_msg_t *msg, str *set)
{
	return relay(msg, set, NULL);
}

int ki_frt_relay_key(sip_msg_t *msg, str *set, str *key)
{
	return relay(msg, set, key);
}

int ki_frt_select(sip_msg_t *msg, str *set)
{
	return choose(msg, set, NULL);
}

int ki_frt_select_key(sip_msg_t *msg, str *set, str *key)
{
	return choose(msg, set, key);
}

int ki_frt_next(sip_msg_t *msg)
{
	return frt_next(msg);
}

int ki_frt_again(sip_msg_t *msg)
{
	return frt_again(msg);
}

int ki_frt_should_failover(sip_msg_t *msg)
{
	return frt_should_failover(msg);
}

static frt_str_t slice(const str *s)
{
	return (frt_str_t){s->s, (uint32_t)s->len};
}

int ki_frt_exists(sip_msg_t *msg, str *set)
{
	frt_gen_t *g = frt_table_enter();
	int ret = g && frt_gen_set(g, slice(set)) ? 1 : FRT_E_NOSET;

	(void)msg;
	frt_table_leave();
	return ret;
}

int ki_frt_http(sip_msg_t *msg)
{
	return frt_http(msg);
}

int ki_frt_is_up(sip_msg_t *msg, str *set_id)
{
	frt_gen_t *g = frt_table_enter();
	frt_set_t *set = g ? frt_gen_set(g, slice(set_id)) : NULL;
	frt_wish_t wish = {.dry = true};
	frt_dst_t *dst;
	int ret = FRT_E_NOSET;

	(void)msg;
	if(set)
		ret = frt_choose(set, &wish, frt_random(), &dst) == 0
					  ? 1
					  : FRT_E_NONE_USABLE;
	frt_table_leave();
	return ret;
}

/* A set may be named by its number: its id then is the set's own. */
static frt_dst_t *dst_find(frt_gen_t *g, str *set_id, str *id)
{
	frt_set_t *set = g ? frt_gen_set(g, slice(set_id)) : NULL;

	return set ? frt_gen_dst(g, set->id, slice(id)) : NULL;
}

int ki_frt_is_up_dst(sip_msg_t *msg, str *set, str *id)
{
	frt_dst_t *dst = dst_find(frt_table_enter(), set, id);
	int ret = FRT_E_NODST;

	(void)msg;
	if(dst)
		ret = frt_dst_share(dst) > 0 ? 1 : FRT_E_NONE_USABLE;
	frt_table_leave();
	return ret;
}

int ki_frt_is_from(sip_msg_t *msg, str *set_id)
{
	frt_gen_t *g = frt_table_enter();
	frt_set_t *set = NULL;
	uint8_t addr[16];
	int ret = FRT_E_NOSET;

	if(g && !(set_id->len == 1 && set_id->s[0] == '*'))
		set = frt_gen_set(g, slice(set_id));
	if(g && (set || (set_id->len == 1 && set_id->s[0] == '*'))) {
		frt_ip_mapped(&msg->rcv.src_ip, addr);
		ret = frt_gen_from(g, set, addr) ? 1 : FRT_E_NODST;
	}
	frt_table_leave();
	return ret;
}

/* The words of frt_mark(): the operator's, or a verdict on a call. */
static int mark_obs(str *state, frt_obs_t *obs)
{
	frt_str_t word = slice(state);

	memset(obs, 0, sizeof(*obs));
	obs->invite = true;
	if(frt_str_eq(word, FRT_STR("up")) || frt_str_eq(word, FRT_STR("down"))) {
		obs->source = FRT_OPERATOR;
		obs->verdict = state->len == 2 ? FRT_V_OK : FRT_V_STRONG;
		return 0;
	}
	obs->source = FRT_TRAFFIC;
	if(frt_str_eq(word, FRT_STR("fail")))
		obs->verdict = FRT_V_STRONG;
	else if(frt_verdict_parse(word, &obs->verdict) != 0
			|| obs->verdict == FRT_V_BLACKOUT)
		return FRT_E_INVAL;
	return 0;
}

static bool is_of_invite(sip_msg_t *msg)
{
	if(msg->first_line.type == SIP_REQUEST)
		return msg->REQ_METHOD == METHOD_INVITE;
	return frt_msg_cseq_method(msg) == METHOD_INVITE;
}

int ki_frt_mark(sip_msg_t *msg, str *state)
{
	frt_call_t *call = frt_call_of(msg);
	const frt_attempt_t *a = frt_call_shown(msg);
	frt_obs_t obs;

	if(mark_obs(state, &obs) < 0) {
		LM_ERR("frt_mark: \"%.*s\": expected up, down, ok, weak, strong, "
			   "fail or ignore\n",
				state->len, state->s);
		return FRT_E_INVAL;
	}
	if(!a)
		return FRT_E_NODST;
	obs.user = call->plan.user;
	obs.invite = is_of_invite(msg);
	frt_observe(a->rec, &obs);
	return 1;
}

int ki_frt_mark_dst(sip_msg_t *msg, str *state, str *set, str *id)
{
	frt_obs_t obs;
	frt_dst_t *dst;
	int ret = FRT_E_NODST;

	(void)msg;
	if(mark_obs(state, &obs) < 0) {
		LM_ERR("frt_mark: \"%.*s\": expected up, down, ok, weak, strong, "
			   "fail or ignore\n",
				state->len, state->s);
		return FRT_E_INVAL;
	}
	dst = dst_find(frt_table_enter(), set, id);
	if(dst) {
		frt_observe(dst->rec, &obs);
		ret = 1;
	}
	frt_table_leave();
	return ret;
}

#define SCORE_GOOD 50 /* of 100 */

int ki_frt_report(sip_msg_t *msg, str *set, str *id, int score)
{
	frt_obs_t obs = {.source = FRT_QUALITY,
			.verdict = score < SCORE_GOOD ? FRT_V_STRONG : FRT_V_OK};
	frt_dst_t *dst;
	int ret = FRT_E_NODST;

	(void)msg;
	if(score < 0 || score > 100) {
		LM_ERR("frt_report: score %d: expected 0..100\n", score);
		return FRT_E_INVAL;
	}
	dst = dst_find(frt_table_enter(), set, id);
	if(dst) {
		frt_observe(dst->rec, &obs);
		ret = 1;
	}
	frt_table_leave();
	return ret;
}

/* The native wrappers: evaluate the parameters, call the same function. */
static int param(sip_msg_t *msg, char *p, str *out)
{
	if(fixup_get_svalue(msg, (gparam_t *)p, out) == 0)
		return 0;
	LM_ERR("cannot get the value of a parameter\n");
	return -1;
}

int w_frt_relay(sip_msg_t *msg, char *p1, char *p2)
{
	str set, key;

	if(param(msg, p1, &set) < 0 || (p2 && param(msg, p2, &key) < 0))
		return FRT_E_INVAL;
	return relay(msg, &set, p2 ? &key : NULL);
}

int w_frt_select(sip_msg_t *msg, char *p1, char *p2)
{
	str set, key;

	if(param(msg, p1, &set) < 0 || (p2 && param(msg, p2, &key) < 0))
		return FRT_E_INVAL;
	return choose(msg, &set, p2 ? &key : NULL);
}

int w_frt_next(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return frt_next(msg);
}

int w_frt_again(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return frt_again(msg);
}

int w_frt_should_failover(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return frt_should_failover(msg);
}

int w_frt_exists(sip_msg_t *msg, char *p1, char *p2)
{
	str set;

	(void)p2;
	if(param(msg, p1, &set) < 0)
		return FRT_E_INVAL;
	return ki_frt_exists(msg, &set);
}

int w_frt_http(sip_msg_t *msg, char *p1, char *p2)
{
	(void)p1;
	(void)p2;
	return frt_http(msg);
}

int w_frt_is_up(sip_msg_t *msg, char *p1, char *p2)
{
	str set, id;

	if(param(msg, p1, &set) < 0 || (p2 && param(msg, p2, &id) < 0))
		return FRT_E_INVAL;
	return p2 ? ki_frt_is_up_dst(msg, &set, &id) : ki_frt_is_up(msg, &set);
}

int w_frt_is_from(sip_msg_t *msg, char *p1, char *p2)
{
	str set;

	(void)p2;
	if(param(msg, p1, &set) < 0)
		return FRT_E_INVAL;
	return ki_frt_is_from(msg, &set);
}

int w_frt_mark(sip_msg_t *msg, char *p1, char *p2)
{
	str state;

	(void)p2;
	if(param(msg, p1, &state) < 0)
		return FRT_E_INVAL;
	return ki_frt_mark(msg, &state);
}

int w_frt_mark3(sip_msg_t *msg, char *p1, char *p2, char *p3)
{
	str state, set, id;

	if(param(msg, p1, &state) < 0 || param(msg, p2, &set) < 0
			|| param(msg, p3, &id) < 0)
		return FRT_E_INVAL;
	return ki_frt_mark_dst(msg, &state, &set, &id);
}

int w_frt_report(sip_msg_t *msg, char *p1, char *p2, char *p3)
{
	str set, id, text;
	uint32_t score;

	if(param(msg, p1, &set) < 0 || param(msg, p2, &id) < 0
			|| param(msg, p3, &text) < 0)
		return FRT_E_INVAL;
	if(frt_uint_parse(slice(&text), 0, 100, &score) != 0) {
		LM_ERR("frt_report: score \"%.*s\": expected 0..100\n", text.len,
				text.s);
		return FRT_E_INVAL;
	}
	return ki_frt_report(msg, &set, &id, (int)score);
}
