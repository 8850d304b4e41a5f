/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the state file at start: once to see that all of it is sound, then
 * again to apply it, so that a damaged file changes nothing.
 */
#include "frt_compat.h"

#include "engine/frt_restore.h"
#include "frt_event.h"
#include "frt_names.h"
#include "frt_statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRT_STATEFILE_EVENTS_MAX 10000 /* no file of ours has more */

/* What applying came to. */
typedef struct frt_restored
{
	uint64_t saved_ms;
	uint32_t dsts;
	uint32_t unknown; /* of destinations that are no more */
	uint32_t nevents;
	uint32_t room;
	frt_event_t *events; /* newest first, as in the file */
} frt_restored_t;

typedef void (*frt_line_f)(frt_state_item_t *item, void *ctx);

/* Goes through the file; calls each (NULL: nobody) with every line. Returns 0
 * or the fault, with the reader where it happened. */
static int each_line(
		FILE *file, frt_state_reader_t *r, frt_line_f each, void *ctx)
{
	static char line[FRT_STATE_LINE_MAX + 2];
	static frt_state_item_t item;
	int err;

	memset(r, 0, sizeof(*r));
	rewind(file);
	while(fgets(line, sizeof(line), file)) {
		/* A NUL in the line ends it here, and so it lacks its newline. */
		frt_str_t text = frt_str_of(line);

		if((err = frt_state_read(r, text, &item)) != 0)
			return err;
		if(each)
			each(&item, ctx);
	}
	if(ferror(file))
		return FRT_E_INVAL;
	r->line++;
	return frt_state_read_end(r);
}

/* What a name stands for is not what the file says: whether it has an answer
 * is seen anew. */
static void forget_resolve(const frt_dst_t *dst, frt_saved_t *saved)
{
	saved->flags &= ~(1u << FRT_RESOLVE);
	if(dst->unresolved) {
		saved->health = FRT_DOWN;
		saved->flags |= 1u << FRT_RESOLVE;
	} else if(saved->health == FRT_DOWN && saved->source == FRT_RESOLVE
			  && saved->flags == 0) {
		saved->health = FRT_UP;
	}
}

static void restore_dst(frt_saved_t *saved, frt_restored_t *out)
{
	frt_str_t set = frt_str_of(saved->set);
	frt_str_t id = frt_str_of(saved->id);
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst(g, set, id) : NULL;
	frt_health_rules_t rules;

	if(dst) {
		rules.health = &dst->set->conf.health;
		rules.probe = &dst->set->conf.probe;
		rules.profile = dst->set->conf.profile;
		forget_resolve(dst, saved);
		frt_rec_lock(dst->rec);
		out->dsts += frt_health_restore_locked(dst->rec, &rules, saved,
				out->saved_ms, frt_now_ms(), frt_wall_ms());
		frt_rec_unlock(dst->rec);
		frt_table_weigh(dst->rec);
	} else {
		out->unknown++;
	}
	frt_table_leave();
}

static void keep_event(const frt_saved_event_t *saved, frt_restored_t *out)
{
	frt_str_t kind = frt_str_of(saved->kind);
	frt_event_t *ev;

	if(out->nevents >= out->room)
		return;
	ev = &out->events[out->nevents];
	memset(ev, 0, sizeof(*ev));
	/* Of a later release: its word for a kind may not be known here. */
	if(frt_event_kind_parse(kind, &ev->kind) != 0)
		return;
	out->nevents++;
	ev->time_ms = saved->time_ms;
	ev->source = saved->source;
	memcpy(ev->set, saved->set, sizeof(ev->set));
	memcpy(ev->destination, saved->destination, sizeof(ev->destination));
	memcpy(ev->uri, saved->uri, sizeof(ev->uri));
	memcpy(ev->from, saved->from, sizeof(saved->from));
	memcpy(ev->to, saved->to, sizeof(saved->to));
	memcpy(ev->reason, saved->reason, sizeof(ev->reason));
}
_Static_assert(FRT_REASON_MAX == sizeof(((frt_saved_event_t *)0)->reason),
		"an event's reason has another size in the state file");

static void apply(frt_state_item_t *item, void *ctx)
{
	if(item->kind == FRT_STATE_DST)
		restore_dst(&item->dst, ctx);
	else if(item->kind == FRT_STATE_EVENT)
		keep_event(&item->event, ctx);
}

/* A name of which records are still to come. */
typedef struct frt_answer_in
{
	frt_saved_name_t name;
	uint32_t n;
	frt_rr_t rrs[FRT_RRS_MAX];
	char targets[FRT_RRS_MAX][FRT_DNS_NAME_MAX + 1];
} frt_answer_in_t;

/* Addresses where addresses were asked for, targets elsewhere. */
static bool fits(const frt_answer_in_t *in)
{
	uint32_t i;

	for(i = 0; i < in->n; i++) {
		if((in->rrs[i].name.len == 0) != (in->name.type == FRT_Q_HOST)
				|| (in->rrs[i].port == 0) == (in->name.type == FRT_Q_SRV))
			return false;
	}
	return true;
}

static void put_name(const frt_answer_in_t *in)
{
	frt_answer_t answer = {.n = in->n, .rrs = in->rrs};
	uint64_t now = frt_now_ms(), wall = frt_wall_ms();
	uint64_t age = wall > in->name.good_ms ? wall - in->name.good_ms : 0;
	frt_question_t q;

	q.type = in->name.type;
	memcpy(q.name, in->name.name, sizeof(q.name));
	frt_names_put(&q, &answer, now > age ? now - age : 1);
}

/* One that a name stood for. */
static void put_id(const frt_saved_t *saved)
{
	frt_str_t set = frt_str_of(saved->set);
	frt_str_t id = frt_str_of(saved->id);

	if(memchr(id.s, '/', id.len))
		frt_names_put_id(set, id);
}

static void apply_name(frt_state_item_t *item, void *ctx)
{
	frt_answer_in_t *in = ctx;

	if(item->kind == FRT_STATE_NAME) {
		in->name = item->name;
		in->n = 0;
	} else if(item->kind == FRT_STATE_RR) {
		frt_rr_t *rr = &in->rrs[in->n];

		*rr = item->rr.rr;
		if(rr->name.len) {
			memcpy(in->targets[in->n], item->rr.target,
					sizeof(in->targets[in->n]));
			rr->name.s = in->targets[in->n];
		}
		in->n++;
	} else {
		if(item->kind == FRT_STATE_DST)
			put_id(&item->dst);
		return;
	}
	if(in->n == in->name.n && fits(in))
		put_name(in);
}

static void apply_all(
		FILE *file, const char *path, uint32_t nevents, uint64_t saved_ms)
{
	frt_state_reader_t r;
	frt_restored_t out = {.saved_ms = saved_ms};

	out.room = nevents < FRT_STATEFILE_EVENTS_MAX ? nevents
												  : FRT_STATEFILE_EVENTS_MAX;
	out.events = frt_mem_alloc(
			frt_mem_shm(), (size_t)out.room * sizeof(*out.events));
	if(!out.events) {
		LM_WARN("no memory for the history of the state file\n");
		out.room = 0;
	}
	each_line(file, &r, apply, &out);
	while(out.nevents)
		frt_event_restore(&out.events[--out.nevents]);
	frt_mem_free(frt_mem_shm(), out.events);
	if(out.dsts)
		LM_NOTICE("%s: restored %u destination%s not up or not as configured\n",
				path, out.dsts, frt_plural(out.dsts));
	if(out.unknown)
		LM_INFO("%s: no longer in the table: %u destination%s\n", path,
				out.unknown, frt_plural(out.unknown));
}

/* A device or a pipe in its place must not hold up the start. */
static FILE *open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	FILE *file;

	if(fd < 0)
		return NULL;
	if(fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EINVAL;
		return NULL;
	}
	file = fdopen(fd, "r");
	if(!file)
		close(fd);
	return file;
}

/* Opens the file there should be; NULL if there is none, or it is said why
 * not. */
static FILE *open_state(
		const frt_params_t *params, char *path, size_t size, bool quiet)
{
	FILE *file;
	int n;

	if(params->state_file.len <= 0)
		return NULL;
	n = snprintf(
			path, size, "%.*s", params->state_file.len, params->state_file.s);
	if(n < 0 || n >= (int)size) {
		LM_WARN("the path of the state file is too long\n");
		return NULL;
	}
	file = open_file(path);
	if(quiet)
		return file;
	if(!file && errno == ENOENT)
		LM_INFO("no state file %s yet\n", path);
	else if(!file)
		LM_WARN("cannot read the state file %s: %s\n", path, strerror(errno));
	return file;
}

int frt_statefile_read_names(const frt_params_t *params)
{
	static frt_answer_in_t in;
	char path[PATH_MAX];
	frt_state_reader_t r;
	FILE *file = open_state(params, path, sizeof(path), true);
	int err;

	if(!file)
		return 0;
	/* what is wrong with it is said when the rest is read, soon */
	err = each_line(file, &r, NULL, NULL);
	if(err == 0)
		each_line(file, &r, apply_name, &in);
	fclose(file);
	return err ? -1 : 0;
}

/* The changes at run time, collected. */
typedef struct frt_edits_in
{
	frt_edit_t *edits;
	uint32_t n;
	uint32_t room;
	bool failed;
} frt_edits_in_t;

static void count_edit(frt_state_item_t *item, void *ctx)
{
	frt_edits_in_t *in = ctx;

	in->room += item->kind == FRT_STATE_EDIT;
}

/* gcc loses sight of what goes behind two pointers and is freed by
 * frt_statefile_free_edits(). */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
#endif
static void keep_text(frt_edits_in_t *in, const char *text, frt_str_t *out)
{
	out->s = strdup(text);
	out->len = (uint32_t)strlen(text);
	if(!out->s)
		in->failed = true;
}

static void keep_edit(frt_state_item_t *item, void *ctx)
{
	frt_edits_in_t *in = ctx;
	const frt_saved_edit_t *e = &item->edit;
	frt_edit_t *to;

	if(item->kind != FRT_STATE_EDIT || in->n >= in->room)
		return;
	to = &in->edits[in->n++];
	to->kind = e->kind;
	keep_text(in, e->set, &to->set);
	keep_text(in, e->id, &to->id);
	keep_text(in, e->uri, &to->uri);
	to->priority = e->priority;
	to->weight = e->weight;
}

void frt_statefile_free_edits(frt_edit_t *edits, uint32_t n)
{
	uint32_t i;

	for(i = 0; edits && i < n; i++) {
		free((char *)edits[i].set.s);
		free((char *)edits[i].id.s);
		free((char *)edits[i].uri.s);
	}
	free(edits);
}

frt_edit_t *frt_statefile_read_edits(const frt_params_t *params, uint32_t *n)
{
	char path[PATH_MAX];
	frt_edits_in_t in = {.edits = NULL};
	frt_state_reader_t r;
	FILE *file = open_state(params, path, sizeof(path), true);

	*n = 0;
	if(!file)
		return NULL;
	/* what is wrong with it is said when the rest is read, soon */
	if(each_line(file, &r, count_edit, &in) == 0 && in.room > 0) {
		in.edits = calloc(in.room, sizeof(*in.edits));
		if(in.edits)
			each_line(file, &r, keep_edit, &in);
		if(!in.edits || in.failed) {
			LM_ERR("no memory for the changes at run time in %s\n", path);
			frt_statefile_free_edits(in.edits, in.n);
			in.edits = NULL;
			in.n = 0;
		}
	}
	fclose(file);
	*n = in.n;
	return in.edits;
}

int frt_statefile_read(const frt_params_t *params)
{
	char path[PATH_MAX];
	frt_state_reader_t r;
	FILE *file = open_state(params, path, sizeof(path), false);
	int err;

	if(!file)
		return 0;
	err = each_line(file, &r, NULL, NULL);
	if(err == 0)
		apply_all(file, path, r.events, r.time_ms);
	else
		LM_WARN("%s:%u: %s; the state file is ignored, everything starts as"
				" configured\n",
				path, r.line,
				err == FRT_E_SYNTAX ? "damaged, or no state file"
									: frt_err_name(err));
	fclose(file);
	return err ? -1 : 0;
}
