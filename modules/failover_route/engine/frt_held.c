/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds a destination that is down.
 */
#include "frt_held.h"
#include "frt_machine.h"

/* The source whose flag stands in the way, by the order of the list. Quality's
 * goes with the hold, traffic's with a live call. */
static bool flag_in_the_way(
		uint32_t word, const frt_probe_conf_t *probe, frt_source_t *source)
{
	uint32_t flags =
			FRT_WORD_FLAGS(word) & ~(1u << FRT_TRAFFIC) & ~(1u << FRT_QUALITY);
	int i;

	if(!probe->enabled)
		flags &= ~(1u << FRT_PROBE);
	for(i = 0; i < frt_source_count; i++) {
		if(flags & 1u << i) {
			*source = (frt_source_t)i;
			return true;
		}
	}
	return false;
}

static void look_failback(const frt_rec_t *rec, const frt_health_rules_t *rules,
		uint64_t now_ms, frt_held_t *out)
{
	const frt_health_conf_t *conf = rules->health;
	uint64_t since = rec->h.ready_ms ? rec->h.ready_ms : now_ms;
	uint64_t end = since + conf->failback_delay_ms;

	if(rules->needed || rec->h.waived)
		return;
	if(end > now_ms) {
		out->by = FRT_HELD_DELAY;
		out->left_ms = (uint32_t)(end - now_ms);
	} else if(!frt_windows_open(
					  conf->windows, conf->nwindows, rules->week_min)) {
		out->by = FRT_HELD_WINDOW;
	}
}

void frt_held_look_locked(const frt_rec_t *rec, const frt_health_rules_t *rules,
		uint64_t now_ms, frt_held_t *out)
{
	const frt_health_rec_t *h = &rec->h;
	const frt_probe_conf_t *probe = rules->probe;
	uint32_t word = atomic_load(&rec->word);
	bool probed = probe->enabled && !h->blackout && !h->waived;

	if(now_ms < h->seen_ms)
		now_ms = h->seen_ms;
	*out = (frt_held_t){.by = FRT_HELD_NOT, .good = h->probe_good};
	out->rise = (uint16_t)frt_at_least_1(probe->rise);
	if(FRT_WORD_HEALTH(word) != FRT_DOWN)
		return;
	out->by = FRT_HELD_SOON;
	out->left_ms = frt_health_hold_left_locked(rec, now_ms);
	if(out->left_ms > 0)
		out->by = FRT_HELD_HOLD;
	else if(flag_in_the_way(word, probe, &out->source))
		out->by = out->source == FRT_PROBE ? FRT_HELD_PROBES : FRT_HELD_SOURCE;
	else if(probed && h->probe_good < out->rise)
		out->by = FRT_HELD_PROBES;
	else
		look_failback(rec, rules, now_ms, out);
}

static const char *source_text(frt_source_t source)
{
	switch(source) {
		case FRT_OPERATOR:
			return "; until the operator sets it up";
		case FRT_RESOLVE: /* what took it down has said so */
			return "";
		case FRT_REGISTER:
			return "; until its registration is back";
		default:
			return "; until a peer reports it up";
	}
}

void frt_held_text(const frt_held_t *held, frt_buf_t *out)
{
	switch(held->by) {
		case FRT_HELD_HOLD:
			frt_buf_add(out, "; ");
			frt_buf_add_ms(out, held->left_ms);
			frt_buf_add(out, " of the hold left");
			break;
		case FRT_HELD_SOURCE:
			frt_buf_add(out, "%s", source_text(held->source));
			break;
		case FRT_HELD_PROBES:
			frt_buf_add(out, "; waits for good probes: %u of %u", held->good,
					held->rise);
			break;
		case FRT_HELD_DELAY:
			frt_buf_add(out, "; ");
			frt_buf_add_ms(out, held->left_ms);
			frt_buf_add(out, " of failback-delay left");
			break;
		case FRT_HELD_WINDOW:
			frt_buf_add(out, "; waits for a failback window to open");
			break;
		case FRT_HELD_SOON:
			frt_buf_add(out, "; nothing holds it any more, it is about to be "
							 "tried");
			break;
		case FRT_HELD_NOT:
		default:
			break;
	}
}
