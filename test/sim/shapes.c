/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shapes of tables and changes of them, and their way into a draft.
 */
#include "world.h"

#include <stdio.h>
#include <string.h>

static uint32_t one_of(sim_world_t *w, const uint32_t *list, uint32_t n)
{
	return list[sim_draw(w, n)];
}
#define ONE_OF(w, ...)                           \
	one_of((w), (const uint32_t[]){__VA_ARGS__}, \
			sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* All of them have Wednesday 03:00 in common, when everybody may return. */
static void windows_make(sim_world_t *w, frt_health_conf_t *h)
{
	static const frt_window_t some[] = {{120, 300, 0}, {1320, 360, 0},
			{170, 300, 1u << 3}, {0, 1440, 1u << 3}};

	h->nwindows = sim_chance(w, 15) ? 1 + sim_draw(w, 2) : 0;
	for(uint32_t i = 0; i < h->nwindows; i++)
		h->windows[i] = some[sim_draw(w, 4)];
}

static void health_make(sim_world_t *w, frt_health_conf_t *h)
{
	h->fall = ONE_OF(w, 1, 2, 3, 3, 5);
	h->window_ms = ONE_OF(w, 1000, 5000, 20000, 60000);
	h->hold_ms = ONE_OF(w, 100, 1000, 5000, 15000);
	h->hold_max_ms = h->hold_ms * ONE_OF(w, 1, 2, 3, 4);
	h->ramp_ms = ONE_OF(w, 0, 0, 100, 5000, 20000);
	h->failback_delay_ms = sim_chance(w, 30) ? ONE_OF(w, 100, 5000, 40000) : 0;
	h->max_eject_pct = ONE_OF(w, 0, 10, 50, 50, 100);
	h->shed_from_pct = ONE_OF(w, 0, 10, 10, 40);
	h->shed_to_pct = h->shed_from_pct + ONE_OF(w, 0, 5, 40, 60);
	h->shed_volume = ONE_OF(w, 0, 1, 5, 20);
	windows_make(w, h);
}

static void probe_make(sim_world_t *w, frt_probe_conf_t *p)
{
	p->enabled = sim_chance(w, 80);
	p->interval_ms = ONE_OF(w, 1000, 5000, 20000);
	p->fast_interval_ms = ONE_OF(w, 200, 1000, 2000);
	p->down_interval_ms = ONE_OF(w, 1000, 10000, 30000);
	p->timeout_ms = ONE_OF(w, 100, 500, 2000);
	p->rise = ONE_OF(w, 1, 2, 2, 3);
	p->fall = ONE_OF(w, 1, 2, 3);
}

static void set_conf_make(sim_world_t *w, frt_set_conf_t *c)
{
	frt_set_conf_default(c);
	/* the last is parallel, which is no way of choosing one */
	c->strategy = (frt_strategy_t)sim_draw(w, FRT_PARALLEL);
	c->profile = sim_chance(w, 15) ? FRT_PROFILE_STRICT : FRT_PROFILE_STANDARD;
	c->after_ringing = sim_chance(w, 20) ? FRT_ROUTE_NEXT : FRT_ROUTE_STOP;
	c->spill = sim_chance(w, 70);
	c->panic = sim_chance(w, 85);
	c->shadow = sim_chance(w, 6);
	c->adaptive = sim_chance(w, 30);
	c->retry_pct = ONE_OF(w, 0, 20, 20, 100);
	c->retry_min = ONE_OF(w, 0, 1, 3, 100);
	c->max_attempts = 1 + sim_draw(w, sim_chance(w, 20) ? 12 : 4);
	c->deadline_ms = ONE_OF(w, 1000, 8000, 20000, 60000);
	c->try_timeout_ms = ONE_OF(w, 200, 1000, 4000);
	c->try_timeout_min_ms = 100;
	c->progress_timeout_ms = sim_chance(w, 30) ? ONE_OF(w, 500, 2000) : 0;
	c->answer_timeout_ms = ONE_OF(w, 1000, 15000);
	health_make(w, &c->health);
	probe_make(w, &c->probe);
}

static void dst_make(sim_world_t *w, sim_dst_t *d)
{
	memset(d, 0, sizeof(*d));
	snprintf(d->id, sizeof(d->id), "d%u", world_of(w)->names++);
	d->addr = sim_draw(w, SIM_ADDRS);
	d->priority = (uint16_t)(1 + sim_draw(w, 3));
	d->weight = (uint16_t)ONE_OF(w, 0, 1, 1, 10, 10, 100, 65535);
	d->admin = sim_chance(w, 5) ? (frt_admin_t)(1 + sim_draw(w, 2)) : FRT_READY;
	d->max_calls = sim_chance(w, 15) ? 1 + sim_draw(w, 5) : 0;
	d->max_cps = sim_chance(w, 15) ? 1 + sim_draw(w, 3) : 0;
}

static void dst_add(sim_world_t *w, sim_set_t *s)
{
	sim_dst_t d;

	if(s->ndsts == SIM_DSTS)
		return;
	dst_make(w, &d);
	/* who was removed may come back */
	if(s->gone.id[0] && sim_chance(w, 50)) {
		d = s->gone;
		s->gone.id[0] = '\0';
	}
	/* one set has each next hop once */
	for(uint32_t i = 0; i < s->ndsts; i++) {
		if(s->dsts[i].addr == d.addr)
			return;
	}
	s->dsts[s->ndsts++] = d;
}

void sim_spec_make(sim_world_t *w)
{
	sim_spec_t *spec = &world_of(w)->spec;

	spec->nsets = 1 + sim_draw(w, SIM_SETS);
	for(uint32_t i = 0; i < spec->nsets; i++) {
		sim_set_t *s = &spec->sets[i];
		uint32_t n = 1 + sim_draw(w, sim_chance(w, 50) ? 4 : SIM_DSTS);

		snprintf(s->id, sizeof(s->id), "s%u", i);
		set_conf_make(w, &s->conf);
		s->rule = sim_chance(w, 10);
		dst_add(w, s);
		while(n-- > 1)
			dst_add(w, s);
	}
}

static void dst_change(sim_world_t *w, sim_dst_t *d)
{
	sim_dst_t other;

	dst_make(w, &other);
	switch(sim_draw(w, 4)) {
		case 0:
			d->priority = other.priority;
			break;
		case 1:
			d->weight = other.weight;
			break;
		case 2:
			d->admin = sim_chance(w, 70) ? FRT_READY : FRT_DRAIN;
			break;
		default:
			d->max_calls = other.max_calls;
			d->max_cps = other.max_cps;
			break;
	}
}

void sim_spec_change(sim_world_t *w)
{
	sim_set_t *s =
			&world_of(w)->spec.sets[sim_draw(w, world_of(w)->spec.nsets)];
	sim_dst_t *d = &s->dsts[sim_draw(w, s->ndsts)];

	switch(sim_draw(w, 7)) {
		case 0:
			dst_add(w, s);
			break;
		case 1:
			if(s->ndsts == 1)
				break;
			s->gone = *d;
			*d = s->dsts[--s->ndsts];
			break;
		case 2:
			set_conf_make(w, &s->conf);
			break;
		case 3:
			health_make(w, &s->conf.health);
			break;
		case 4:
			probe_make(w, &s->conf.probe);
			break;
		default:
			dst_change(w, d);
			break;
	}
}

static int draft_dst(
		sim_world_t *w, frt_draft_t *d, frt_draft_set_t *set, sim_dst_t *from)
{
	static const frt_place_t place = {"sim", 1};
	frt_draft_dst_t *dst;
	char uri[32];
	int err = frt_draft_dst_add(d, set, frt_str_of(from->id), place, &dst);

	if(err)
		return err;
	snprintf(uri, sizeof(uri), "sip:10.0.0.%u:5060", from->addr + 1);
	err = frt_draft_attr(d, FRT_SCOPE_DESTINATION, set, dst, frt_str_of("uri"),
			frt_str_of(uri), place);
	dst->priority = from->priority;
	dst->weight = from->weight;
	dst->admin = from->admin;
	dst->max_calls = from->max_calls;
	dst->max_cps = from->max_cps;
	(void)w;
	return err;
}

static int draft_set(sim_world_t *w, frt_draft_t *d, sim_set_t *from)
{
	static const frt_place_t place = {"sim", 1};
	frt_draft_set_t *set;
	int err = frt_draft_set_add(d, frt_str_of(from->id), place, &set);

	if(err)
		return err;
	set->conf = from->conf;
	if(from->rule)
		err = frt_draft_rule_add(d, set, place);
	if(from->rule && err == 0)
		err = frt_draft_attr(d, FRT_SCOPE_RULE, set, NULL, frt_str_of("code"),
				frt_str_of("503"), place);
	if(from->rule && err == 0)
		err = frt_draft_attr(d, FRT_SCOPE_RULE, set, NULL,
				frt_str_of("verdict"), frt_str_of("weak"), place);
	for(uint32_t i = 0; err == 0 && i < from->ndsts; i++)
		err = draft_dst(w, d, set, &from->dsts[i]);
	return err;
}

/* Each address is a next hop. */
static uint32_t addr_of(sim_world_t *w, const frt_dst_t *dst)
{
	uint8_t addr[16];

	(void)w;
	frt_ip_parse(frt_dst_host(dst), addr);
	return addr[15] - 1u;
}

/* FRT_E_DRAFT would be a shape that the module refuses: a fault of ours. */
int sim_spec_load(sim_world_t *w)
{
	frt_draft_t *d = frt_draft_new(&w->mem);
	int err = d ? 0 : FRT_E_NOMEM;
	uint32_t kept;

	for(uint32_t i = 0; err == 0 && i < world_of(w)->spec.nsets; i++)
		err = draft_set(w, d, &world_of(w)->spec.sets[i]);
	if(err == 0)
		err = frt_draft_check(d);
	if(err == FRT_E_DRAFT)
		sim_broken(w, "a table that is refused: %s",
				frt_draft_faults(d, &kept, NULL, NULL)[0].text);
	if(err == 0)
		err = sim_table_load(w, d, addr_of);
	frt_draft_free(d);
	world_of(w)->nreloads += err == 0;
	return err;
}
