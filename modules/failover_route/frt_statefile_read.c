/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the state file at start: once to see that all of it is sound, then
 * again to apply it, so that a damaged file changes nothing.
 */
#include "frt_compat.h"

#include "engine/frt_restore.h"
#include "frt_event.h"
#include "frt_statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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

typedef void (*frt_line_f)(const frt_state_item_t *item, void *ctx);

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
		frt_str_t text = {line, (uint32_t)strlen(line)};

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

static void restore_dst(const frt_saved_t *saved, frt_restored_t *out)
{
	frt_str_t set = {saved->set, (uint32_t)strlen(saved->set)};
	frt_str_t id = {saved->id, (uint32_t)strlen(saved->id)};
	frt_gen_t *g = frt_table_enter();
	frt_dst_t *dst = g ? frt_gen_dst(g, set, id) : NULL;
	frt_health_rules_t rules;

	if(dst) {
		rules.health = &dst->set->conf.health;
		rules.probe = &dst->set->conf.probe;
		rules.profile = dst->set->conf.profile;
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
	frt_str_t kind = {saved->kind, (uint32_t)strlen(saved->kind)};
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
	memcpy(ev->from, saved->from, sizeof(ev->from));
	memcpy(ev->to, saved->to, sizeof(ev->to));
	memcpy(ev->reason, saved->reason, sizeof(ev->reason));
}
_Static_assert(FRT_REASON_MAX == sizeof(((frt_saved_event_t *)0)->reason),
		"an event's reason has another size in the state file");

static void apply(const frt_state_item_t *item, void *ctx)
{
	if(item->kind == FRT_STATE_DST)
		restore_dst(&item->dst, ctx);
	else if(item->kind == FRT_STATE_EVENT)
		keep_event(&item->event, ctx);
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
		LM_NOTICE("%s: %u destinations restored that were not up or not as"
				  " configured\n",
				path, out.dsts);
	if(out.unknown)
		LM_INFO("%s: %u destinations are no more\n", path, out.unknown);
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

int frt_statefile_read(const frt_params_t *params)
{
	char path[PATH_MAX];
	frt_state_reader_t r;
	FILE *file;
	int n, err;

	if(params->state_file.len <= 0)
		return 0;
	n = snprintf(path, sizeof(path), "%.*s", params->state_file.len,
			params->state_file.s);
	if(n < 0 || n >= (int)sizeof(path)) {
		LM_WARN("the path of the state file is too long\n");
		return -1;
	}
	file = open_file(path);
	if(!file && errno == ENOENT) {
		LM_INFO("no state file %s yet\n", path);
		return 0;
	}
	if(!file) {
		LM_WARN("cannot read the state file %s: %s\n", path, strerror(errno));
		return -1;
	}
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
