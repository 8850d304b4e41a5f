/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reload: sources → draft → generation → published. Draft and libxml2 work in
 * the calling process's heap; shared memory sees only the finished block.
 */
#include "frt_check_names.h"
#include "frt_compat.h"
#include "frt_db.h"
#include "frt_dialog.h"
#include "frt_dns.h"
#include "frt_event.h"
#include "frt_names.h"
#include "frt_observe.h"
#include "frt_reload.h"
#include "frt_wake.h"
#include "frt_xml.h"
#include "engine/frt_draft_expand.h"
#include "engine/frt_edit.h"
#include "engine/frt_thaw.h"

#include "../../core/resolve.h"
#include "../../core/socket_info.h"
#include "../../core/tcp_options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define LOCK_TRIES 500 /* to get the reload lock, which others leave soon */
#define LOCK_WAIT_US 10000
#define OWN_FILES 64 /* of Kamailio: sockets, and a few of each process */

/* The socket of "udp:192.0.2.1:5060", which Kamailio must listen on. */
static struct socket_info *socket_find(frt_str_t name)
{
	str host, copy = {(char *)name.s, (int)name.len};
	struct socket_info *sock;
	struct ip_addr *ip;
	int port, proto;

	if(parse_phostport(copy.s, &host.s, &host.len, &port, &proto) < 0)
		return NULL;
	/* The core would take another one of that address, too, that advertises
	 * this port. */
	ip = str2ipx(&host);
	sock = ip ? find_si(ip, (unsigned short)port, (unsigned short)proto) : NULL;
	if(sock && ip_addr_cmp(ip, &sock->address))
		return sock;
	return grep_sock_info(&host, (unsigned short)port, (unsigned short)proto);
}

static void check_sockets(frt_draft_t *d)
{
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;

	for(set = frt_draft_sets(d); set; set = set->next) {
		for(dst = set->dsts; dst; dst = dst->next) {
			char name[FRT_URI_MAX + 1];
			frt_str_t s = {name, dst->socket.len};

			if(dst->socket.len == 0 || dst->socket.len >= sizeof(name))
				continue;
			memcpy(name, dst->socket.s, dst->socket.len);
			name[dst->socket.len] = '\0';
			if(!socket_find(s))
				frt_draft_fault(d, false, dst->place,
						"<destination id=\"%.*s\">: socket=\"%s\": Kamailio "
						"does not listen there; expected one of its listen "
						"sockets",
						(int)dst->id.len, dst->id.s, name);
		}
	}
}

/* Kamailio sends out of sockets of the same transport, and opens no connection
 * of WebSocket. A transport is said once. */
static void check_transports(frt_draft_t *d)
{
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;
	frt_reach_t reach;

	frt_dns_reach(&reach);
	for(set = frt_draft_sets(d); set; set = set->next) {
		for(dst = set->dsts; dst; dst = dst->next) {
			frt_proto_t proto;
			frt_uri_t uri;

			if(frt_uri_parse(dst->uri, &uri) != 0)
				continue; /* a fault of its own */
			proto = frt_uri_proto(&uri);
			if(proto == FRT_PROTO_ANY || (reach.protos & 1u << proto))
				continue;
			reach.protos |= 1u << proto;
			frt_draft_fault(d, true, dst->place,
					"<destination id=\"%.*s\">: transport %s: Kamailio has no "
					"socket to send that from",
					(int)dst->id.len, dst->id.s, frt_proto_name(proto));
		}
	}
}

/* Without dialogs an answered call has no end that we would hear of. */
static void check_max_calls(frt_draft_t *d)
{
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;

	for(set = frt_draft_sets(d); set && !frt_dialog_bound(); set = set->next) {
		for(dst = set->dsts; dst; dst = dst->next) {
			if(dst->max_calls == 0)
				continue;
			frt_draft_fault(d, true, dst->place,
					"<destination id=\"%.*s\">: max-calls: the dialog module "
					"is not loaded, so that a call counts only until it is "
					"answered",
					(int)dst->id.len, dst->id.s);
			return; /* said once */
		}
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* A number of the next hop over a stream, else 0. */
static uint64_t stream_of(const frt_draft_dst_t *dst)
{
	frt_uri_t uri;
	frt_proto_t proto;

	if(frt_uri_parse(dst->uri, &uri) != 0)
		return 0;
	proto = frt_uri_proto(&uri);
	if(proto != FRT_PROTO_TCP && proto != FRT_PROTO_TLS)
		return 0;
	return frt_hash_bytes(uri.host.s, uri.host.len,
			(uint64_t)proto << 16
					| (uri.port ? uri.port : frt_proto_port(proto)));
}

/* How many there are; *first is where the first of them is. 0 without memory. */
static uint32_t count_streams(frt_draft_t *d, frt_place_t *first)
{
	uint64_t *hops = calloc(frt_draft_ndsts(d) + 1, sizeof(*hops));
	uint32_t n = 0, i, distinct = 0;
	frt_draft_set_t *set;
	frt_draft_dst_t *dst;

	for(set = frt_draft_sets(d); hops && set; set = set->next) {
		for(dst = set->dsts; dst; dst = dst->next) {
			hops[n] = stream_of(dst);
			if(hops[n] && n++ == 0)
				*first = dst->place;
		}
	}
	if(n)
		qsort(hops, n, sizeof(*hops), by_number);
	for(i = 0; i < n; i++)
		distinct += i == 0 || hops[i] != hops[i - 1];
	free(hops);
	return distinct;
}

/* Each next hop over TCP or TLS has a connection of Kamailio's, which keeps them all
 * in one process: what finds no room there is down, whoever answers. */
static void check_streams(frt_draft_t *d)
{
	frt_place_t place = {NULL, 0};
	uint32_t hops = count_streams(d, &place), most;
	const char *what = "connections (tcp_max_connections)";
	struct rlimit files;

	if(hops == 0 || tcp_disable)
		return;
	most = (uint32_t)cfg_get(tcp, tcp_cfg, max_connections);
	if(getrlimit(RLIMIT_NOFILE, &files) == 0
			&& files.rlim_cur < (rlim_t)most + OWN_FILES) {
		most = files.rlim_cur > OWN_FILES ? (uint32_t)files.rlim_cur - OWN_FILES
										  : 0;
		what = "open files (ulimit -n, open_files_limit) besides its own";
	}
	if(hops > most)
		frt_draft_fault(d, true, place,
				"%u next hops over TCP and TLS want a connection each: "
				"Kamailio may have %u %s",
				hops, most, what);
}

static void report_faults(const frt_draft_t *d, frt_reload_report_t *report)
{
	const frt_fault_t *faults;
	uint32_t kept, i;
	frt_buf_t out;

	faults = frt_draft_faults(d, &kept, &report->errors, &report->warnings);
	report->sets = frt_draft_nsets(d);
	report->destinations = frt_draft_ndsts(d);
	frt_buf_init(&out, report->faults, sizeof(report->faults));
	/* errors first: they are why nothing was loaded */
	for(i = 0; kept > 0 && i < 2 * kept; i++) {
		const frt_fault_t *f = &faults[i % kept];

		if(f->warning != (i >= kept))
			continue;
		if(out.len)
			frt_buf_add(&out, "\n");
		frt_fault_text(f, &out);
		report->error_lines += !f->warning;
	}
}

void frt_reload_sources(const frt_params_t *params, frt_buf_t *out)
{
	if(params->config_file.len)
		frt_buf_add(out, "%s", params->config_file.s);
	if(params->config_file.len && params->db_url.len)
		frt_buf_add(out, " and ");
	if(params->db_url.len) {
		frt_buf_add(out, "the ");
		frt_buf_add_str(out, frt_db_kind(params));
		frt_buf_add(out, " database");
	}
}

/* One file, or every source: the file first, whose defaults hold for the
 * database's sets too. What is wrong in one does not hide the other. */
static int sources_read(
		frt_draft_t *d, const frt_params_t *params, const char *file)
{
	int err = 0, err2 = 0;

	if(file || params->config_file.len)
		err = frt_xml_read(d, file ? file : params->config_file.s);
	if(!file && params->db_url.len && err != FRT_E_NOMEM)
		err2 = frt_db_read(d, params);
	return err2 ? err2 : err;
}

/* Fills a draft from the sources, or from one file. names: asks the DNS for
 * names too. */
static int draft_read(const frt_params_t *params, const char *file, bool names,
		frt_draft_t **out, frt_reload_report_t *report)
{
	frt_draft_t *d = frt_draft_new(frt_mem_heap());
	int err;

	*out = NULL;
	if(!d)
		return FRT_E_NOMEM;
	err = sources_read(d, params, file);
	if(err != FRT_E_NOMEM) {
		int err2;

		/* all faults at once, as far as there is something to check */
		check_sockets(d);
		check_transports(d);
		check_max_calls(d);
		check_streams(d);
		err2 = frt_draft_check(d);
		err = err2 ? err2 : err;
		if(names)
			frt_check_names(d, frt_mem_heap());
	}
	report_faults(d, report);
	if(err == 0 && report->errors)
		err = FRT_E_DRAFT;
	if(err) {
		frt_draft_free(d);
		return err;
	}
	*out = d;
	return 0;
}

static void bind_sockets(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		if(frt_dst_socket(&g->dsts[i]).len)
			g->dsts[i].sock = socket_find(frt_dst_socket(&g->dsts[i]));
	}
}

/* The source's admin counts where it has changed since the last reload; else
 * the operator's wish stays. */
static void follow_conf_admin(frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		frt_dst_t *dst = &g->dsts[i];

		if(dst->rec->conf_admin == dst->admin)
			continue;
		dst->rec->conf_admin = dst->admin;
		frt_observe_admin(dst->rec, (frt_admin_t)dst->admin);
	}
}

/* A name without an answer is down by a flag of its own, which goes as soon as
 * the id stands for something that can be called. */
static void follow_names(const frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; i < g->ndsts; i++) {
		const frt_dst_t *dst = &g->dsts[i];
		uint32_t flags = FRT_WORD_FLAGS(atomic_load(&dst->rec->word));
		frt_obs_t obs = {.source = FRT_RESOLVE,
				.verdict = dst->unresolved ? FRT_V_STRONG : FRT_V_OK};

		if(dst->unresolved != ((flags >> FRT_RESOLVE) & 1))
			frt_observe(dst->rec, &obs);
	}
}

/* Whether a name's trouble has been told goes from table to table. */
static void carry_told(const frt_gen_t *old, frt_gen_t *g)
{
	uint32_t i;

	for(i = 0; old && i < g->nparents; i++) {
		frt_parent_t *p = &g->parents[i];
		const frt_set_t *set = frt_gen_set(old, p->set->id);
		const frt_parent_t *was = set ? frt_gen_parent(set, p->id) : NULL;

		if(was)
			atomic_store(&p->told, atomic_load(&was->told));
	}
}

static void tell(const frt_reload_report_t *report)
{
	frt_event_t ev;
	frt_buf_t out;

	memset(&ev, 0, sizeof(ev));
	ev.kind = FRT_EV_RELOAD;
	ev.source = FRT_OPERATOR;
	frt_buf_init(&out, ev.reason, sizeof(ev.reason));
	frt_buf_add(&out, "generation %u: %u set%s, %u destination%s",
			report->generation, report->sets, frt_plural(report->sets),
			report->destinations, frt_plural(report->destinations));
	if(!report->first) {
		frt_buf_add(&out, "; ");
		frt_diff_text(&report->diff, &out);
	}
	frt_event_push(&ev);
}

/* Which they are: an event has no room for names. */
static void log_names(const frt_diff_t *diff)
{
	char names[FRT_DIFF_NAMES_MAX + 32];
	frt_buf_t b;
	int i;

	for(i = 0; i < frt_diff_kind_count; i++) {
		frt_buf_init(&b, names, sizeof(names));
		frt_diff_names(diff, (frt_diff_kind_t)i, &b);
		if(b.len)
			LM_NOTICE("reload: %s %s\n", frt_diff_kind_name((frt_diff_kind_t)i),
					names);
	}
}

/* Puts in what names stand for, by the answers there are: nobody waits. */
static int expand(frt_draft_t *d, const frt_gen_t *old)
{
	static frt_children_t room;
	frt_expander_t e = {.lookup = frt_names_lookup(), .room = &room};

	frt_dns_reach(&e.reach);
	return frt_draft_expand(d, &e, old);
}

/* Freezes a checked draft and publishes it; the draft is gone afterwards. */
static int publish_locked(frt_draft_t *d, frt_reload_report_t *report)
{
	frt_gen_t *old = frt_table_enter(), *g = NULL;
	int err = expand(d, old);

	if(err == 0)
		err = frt_gen_freeze(d, frt_mem_shm(), frt_table_next_seq(), &g);
	if(err == 0)
		carry_told(old, g);
	frt_table_leave();
	report->sets = frt_draft_nsets(d);
	report->destinations = frt_draft_ndsts(d);
	frt_draft_free(d);
	if(err)
		return err;
	bind_sockets(g);
	err = frt_table_attach(g);
	if(err) {
		frt_table_discard(g);
		return err;
	}
	report->generation = g->seq;
	frt_table_publish(g);
	follow_conf_admin(g);
	follow_names(g);
	return 0;
}

/* What the table that was just published has changed; old is still held. */
static void compare_locked(const frt_gen_t *old, frt_reload_report_t *report)
{
	report->first = old == NULL;
	frt_diff(old, frt_table_enter(), &report->diff);
	frt_table_leave();
}

#define KEPT_ROOM 400 /* of that line; the rest is a number */

/* What the sources say of these does not count: who has just edited a weight
 * there wonders. */
static void log_kept(void)
{
	const frt_gen_t *g = frt_table_enter();
	char names[KEPT_ROOM + FRT_ID_MAX + FRT_DST_ID_MAX + 32];
	uint32_t i;
	frt_buf_t b;

	frt_buf_init(&b, names, sizeof(names));
	for(i = 0; g && i < g->nedits && b.len < KEPT_ROOM; i++) {
		frt_buf_add(&b, "%s", i ? ", " : "");
		frt_buf_add_str(&b, g->edits[i].set);
		frt_buf_add(&b, "/");
		frt_buf_add_str(&b, g->edits[i].id);
	}
	if(g && i < g->nedits)
		frt_buf_add(&b, " and %u more", g->nedits - i);
	frt_table_leave();
	if(b.len)
		LM_NOTICE("changed at run time, which still holds: %s; overlay_clear "
				  "ends it\n",
				names);
}

/* Which changes at run time a load keeps: those of the table, or, when there is
 * none yet, those of the state file; without those that are cleared. */
typedef struct keep
{
	const frt_edit_t *edits;
	uint32_t nedits;
	bool clear;
	frt_str_t set;
	frt_str_t id;
} keep_t;

static int follow_edits(frt_draft_t *d, const keep_t *keep)
{
	uint32_t i;
	int err = 0;

	for(i = 0; err == 0 && i < keep->nedits; i++) {
		const frt_edit_t *e = &keep->edits[i];

		if(!keep->clear || !frt_edit_is_of(e, keep->set, keep->id))
			err = frt_edit_follow(d, e);
	}
	return err;
}

/* Publishes what the sources said, and the overlay; the draft is gone. */
static int load_locked(
		frt_draft_t *d, keep_t *keep, frt_reload_report_t *report)
{
	const frt_gen_t *old = frt_table_enter();
	int err;

	if(old) {
		keep->edits = old->edits;
		keep->nedits = old->nedits;
	}
	err = follow_edits(d, keep);
	report_faults(d, report);
	if(err == 0 && report->errors)
		err = FRT_E_DRAFT;
	if(err)
		frt_draft_free(d);
	else
		err = publish_locked(d, report);
	if(err == 0)
		compare_locked(old, report);
	frt_table_leave();
	return err;
}

static void published(const frt_reload_report_t *report)
{
	tell(report);
	frt_event_look(FRT_OPERATOR);
	frt_wake_kick(NULL, FRT_KICK_ALL);
	frt_wake(FRT_WAKE_RESOLVER);
}

/* Others hold the lock for moments: no source is read under it. */
static bool reload_lock_soon(void)
{
	int i;

	for(i = 0; i < LOCK_TRIES; i++) {
		if(frt_table_reload_trylock())
			return true;
		usleep(LOCK_WAIT_US);
	}
	return false;
}

static int load(
		const frt_params_t *params, keep_t *keep, frt_reload_report_t *report)
{
	frt_draft_t *d;
	int err = draft_read(params, NULL, false, &d, report);

	if(err)
		return err;
	if(!reload_lock_soon()) {
		frt_draft_free(d);
		return FRT_E_BUSY;
	}
	err = load_locked(d, keep, report);
	frt_table_reload_unlock();
	return err;
}

static int reload(
		const frt_params_t *params, keep_t *keep, frt_reload_report_t *report)
{
	int err;

	memset(report, 0, sizeof(*report));
	if(!frt_table_load_begin())
		return FRT_E_BUSY;
	err = load(params, keep, report);
	if(err != FRT_E_BUSY)
		frt_table_refuse(err != 0);
	frt_table_load_end();
	if(err)
		return err;
	log_names(&report->diff);
	log_kept();
	published(report);
	return 0;
}

int frt_reload(const frt_params_t *params, frt_reload_report_t *report)
{
	keep_t keep = {.clear = false};

	return reload(params, &keep, report);
}

int frt_reload_first(const frt_params_t *params, const frt_edit_t *edits,
		uint32_t nedits, frt_reload_report_t *report)
{
	keep_t keep = {.edits = edits, .nedits = nedits};

	return reload(params, &keep, report);
}

int frt_reload_clear(const frt_params_t *params, frt_str_t set, frt_str_t id,
		frt_reload_report_t *report)
{
	keep_t keep = {.clear = true, .set = set, .id = id};

	return reload(params, &keep, report);
}

int frt_reload_check(const frt_params_t *params, const char *file, bool names,
		frt_reload_report_t *report)
{
	frt_draft_t *d;
	int err;

	memset(report, 0, sizeof(*report));
	err = draft_read(params, file, names, &d, report);
	if(d)
		frt_draft_free(d);
	return err;
}

/* A number of a change; empty: 1. What is none is noted as a fault. */
static int number_of(
		frt_draft_t *d, const char *name, frt_str_t text, uint16_t *out)
{
	static const frt_place_t place = {"run time", 0};
	uint32_t n = 1;

	if(text.len && frt_uint_parse(text, 0, UINT16_MAX, &n) != 0) {
		frt_draft_fault(d, false, place,
				"%s=\"%.*s\": expected a number 0..65535", name, (int)text.len,
				text.s);
		return FRT_E_DRAFT;
	}
	*out = (uint16_t)n;
	return 0;
}

/* Applies one change to a draft that equals the table. */
static int edit(frt_draft_t *d, const frt_gen_t *g, const frt_overlay_t *o)
{
	const frt_set_t *in = frt_gen_set(g, o->set);
	frt_edit_t e = {.kind = o->kind, .id = o->id, .uri = o->uri};

	if(!in)
		return FRT_E_NOSET;
	e.set = in->id;
	/* a name is in the draft only, what it stands for in the table only */
	if(frt_gen_dst(g, in->id, o->id) && frt_gen_dst(g, in->id, o->id)->parent
			&& !frt_gen_parent(in, o->id))
		return o->kind == FRT_EDIT_ADD ? FRT_E_DUP : FRT_E_INVAL;
	if(number_of(d, "priority", o->priority, &e.priority) != 0
			|| number_of(d, "weight", o->weight, &e.weight) != 0)
		return 0; /* the fault is noted */
	return frt_edit_make(d, &e);
}

static int edit_locked(const frt_overlay_t *o, frt_reload_report_t *report)
{
	frt_gen_t *g = frt_table_enter();
	frt_draft_t *d = frt_draft_new(frt_mem_heap());
	int err = d ? frt_gen_thaw(g, d) : FRT_E_NOMEM;

	if(err == 0)
		err = edit(d, g, o);
	if(err == 0) {
		check_transports(d);
		err = frt_draft_check(d);
	}
	if(d)
		report_faults(d, report);
	if(err == 0 && report->errors)
		err = FRT_E_DRAFT;
	if(err && d)
		frt_draft_free(d);
	else if(d)
		err = publish_locked(d, report);
	if(err == 0)
		compare_locked(g, report);
	frt_table_leave();
	return err;
}

int frt_reload_overlay(const frt_overlay_t *o, frt_reload_report_t *report)
{
	int err;

	memset(report, 0, sizeof(*report));
	if(!reload_lock_soon())
		return FRT_E_BUSY;
	err = edit_locked(o, report);
	frt_table_reload_unlock();
	if(err == 0)
		published(report);
	return err;
}

static int names_locked(void)
{
	frt_gen_t *g = frt_table_enter();
	frt_draft_t *d = frt_draft_new(frt_mem_heap());
	frt_reload_report_t report;
	int err = d && g ? frt_gen_thaw(g, d) : FRT_E_NOMEM;

	memset(&report, 0, sizeof(report));
	if(err == 0)
		err = publish_locked(d, &report);
	else if(d)
		frt_draft_free(d);
	frt_table_leave();
	return err;
}

int frt_reload_names(void)
{
	int err;

	if(!reload_lock_soon())
		return FRT_E_BUSY;
	err = names_locked();
	frt_table_reload_unlock();
	if(err)
		return err;
	frt_event_look(FRT_RESOLVE);
	frt_wake_kick(NULL, FRT_KICK_ALL);
	return 0;
}

static void say(frt_dst_t *dst, frt_admin_t admin)
{
	dst->admin = (uint8_t)admin;
	dst->rec->conf_admin = (uint8_t)admin;
}

static void said_locked(
		frt_gen_t *g, frt_str_t id_of_set, frt_str_t id, frt_admin_t admin)
{
	frt_set_t *set = g ? frt_gen_set(g, id_of_set) : NULL;
	frt_parent_t *parent = set ? frt_gen_parent(set, id) : NULL;
	frt_dst_t *dst = set ? frt_gen_dst(g, set->id, id) : NULL;
	uint32_t i;

	if(dst && !dst->parent)
		say(dst, admin);
	if(!parent)
		return;
	parent->admin = (uint8_t)admin;
	for(i = 0; i < parent->nchildren; i++)
		say(frt_gen_child(parent, i), admin);
}

void frt_reload_said(frt_str_t set, frt_str_t id, frt_admin_t admin)
{
	if(!reload_lock_soon())
		return;
	if(!frt_table_loading()) {
		said_locked(frt_table_enter(), set, id, admin);
		frt_table_leave();
	}
	frt_table_reload_unlock();
}
