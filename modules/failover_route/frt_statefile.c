/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing the state file. The table is walked in pieces: encoded under one
 * record's lock at a time, written with no lock held and no generation pinned,
 * because a disk may stall.
 */
#include "frt_compat.h"

#include "engine/frt_restore.h"
#include "frt_event.h"
#include "frt_link.h"
#include "frt_names.h"
#include "frt_statefile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the history, the newest: all of it, unless history_size is more. */
#define FRT_STATEFILE_EVENTS 1000
#define FRT_STATEFILE_PIECE 65536
#define FRT_STATEFILE_TRIES 3	/* a reload in between starts it over */
#define FRT_STATEFILE_LOCKS 100 /* tries, 10 ms apart, for the folder's lock */
#define FRT_STATEFILE_LOCK_US 10000

/* One attempt at writing the file. */
typedef struct frt_statefile
{
	char path[PATH_MAX];
	char temp[PATH_MAX];
	const char *at; /* one of them, which a failure is about */
	int fd;
	struct stat ours; /* what was put there last; st_ino 0: nothing yet */
	bool others;	  /* another's was there since */
	frt_state_writer_t w;
	frt_buf_t buf;
	char mem[FRT_STATEFILE_PIECE];
} frt_statefile_t;

static int write_out(frt_statefile_t *f)
{
	const char *p = f->buf.s;
	size_t left = f->buf.len;

	while(left) {
		ssize_t n = write(f->fd, p, left);

		if(n < 0 && errno == EINTR)
			continue;
		if(n <= 0)
			return -1;
		p += n;
		left -= (size_t)n;
	}
	frt_buf_init(&f->buf, f->mem, sizeof(f->mem));
	return 0;
}

static bool has_room(const frt_statefile_t *f)
{
	return sizeof(f->mem) - f->buf.len > FRT_STATE_LINE_MAX;
}

/* Encodes destinations from *next on, as many as fit. FRT_E_BUSY if the
 * generation is no longer the one that was begun with. */
static int put_piece(frt_statefile_t *f, uint32_t *seq, uint32_t *next)
{
	frt_gen_t *g = frt_table_enter();
	uint64_t now = frt_now_ms(), wall = frt_wall_ms();
	frt_saved_t saved;
	int err = 0;

	if(g && *next && g->seq != *seq)
		err = FRT_E_BUSY;
	if(g)
		*seq = g->seq;
	for(; err == 0 && g && *next < g->ndsts && has_room(f); ++*next) {
		frt_rec_t *rec = g->dsts[*next].rec;

		frt_rec_lock(rec);
		frt_health_save_locked(rec, &saved, now, wall);
		frt_rec_unlock(rec);
		err = frt_state_put_dst(&f->w, &saved, &f->buf);
	}
	if(err == 0 && (!g || *next >= g->ndsts))
		*next = FRT_NONE;
	frt_table_leave();
	return err;
}

/* Piece by piece, so that nothing is held while the disk is waited for. */
static int put_pieces(frt_statefile_t *f,
		int (*put)(frt_statefile_t *f, uint32_t *seq, uint32_t *next))
{
	uint32_t seq = 0, next = 0;
	int err;

	while(next != FRT_NONE) {
		if((err = put(f, &seq, &next)) != 0)
			return err;
		if(write_out(f) < 0)
			return -1;
	}
	return 0;
}

/* A name of 64 records is more than a line: room for all of it is made first. */
static int put_name(frt_statefile_t *f, const frt_name_view_t *v)
{
	uint64_t now = frt_now_ms();
	uint64_t age = now > v->good_ms ? now - v->good_ms : 0;
	static frt_saved_name_t saved;
	uint32_t i;
	int err;

	memset(&saved, 0, sizeof(saved));
	saved.type = v->q.type;
	snprintf(saved.name, sizeof(saved.name), "%s", v->q.name);
	saved.good_ms = frt_wall_ms() - age;
	saved.n = v->answer->n;
	err = frt_state_put_name(&f->w, &saved, &f->buf);
	for(i = 0; err == 0 && i < v->answer->n; i++) {
		if(!has_room(f) && write_out(f) < 0)
			return -1;
		err = frt_state_put_rr(&f->w, &v->answer->rrs[i], &f->buf);
	}
	if(err == 0 && !has_room(f) && write_out(f) < 0)
		return -1;
	return err;
}

static int put_names(frt_statefile_t *f)
{
	uint32_t n, i;
	frt_name_view_t *all = frt_names_list(&n);
	int err = 0;

	for(i = 0; all && err == 0 && i < n; i++) {
		if(all[i].answer)
			err = put_name(f, &all[i]);
	}
	if(all)
		frt_names_free(all, n);
	return err;
}

static void save_edit(const frt_edit_t *e, frt_saved_edit_t *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = e->kind;
	snprintf(out->set, sizeof(out->set), "%.*s", (int)e->set.len, e->set.s);
	snprintf(out->id, sizeof(out->id), "%.*s", (int)e->id.len, e->id.s);
	snprintf(out->uri, sizeof(out->uri), "%.*s", (int)e->uri.len,
			e->uri.len ? e->uri.s : "");
	out->priority = e->priority;
	out->weight = e->weight;
}

/* What run time has changed. There are few; nothing is written to the disk
 * while the generation is held. FRT_E_BUSY: another one, or too many. */
static int put_edits_piece(frt_statefile_t *f, uint32_t *seq, uint32_t *next)
{
	static frt_saved_edit_t saved;
	frt_gen_t *g = frt_table_enter();
	int err = g && *next && g->seq != *seq ? FRT_E_BUSY : 0;

	if(g)
		*seq = g->seq;
	for(; err == 0 && g && *next < g->nedits && has_room(f); ++*next) {
		save_edit(&g->edits[*next], &saved);
		err = frt_state_put_edit(&f->w, &saved, &f->buf);
	}
	if(err == 0 && (!g || *next >= g->nedits))
		*next = FRT_NONE;
	frt_table_leave();
	return err;
}

/* Event to the state file's own form. */
static void save_event(const frt_event_t *ev, frt_saved_event_t *out)
{
	memset(out, 0, sizeof(*out));
	out->time_ms = ev->time_ms;
	out->source = ev->source;
	snprintf(out->kind, sizeof(out->kind), "%s", frt_event_kind_name(ev->kind));
	snprintf(out->set, sizeof(out->set), "%s", ev->set);
	snprintf(out->destination, sizeof(out->destination), "%s", ev->destination);
	snprintf(out->uri, sizeof(out->uri), "%s", ev->uri);
	/* words of health and admin: failovers are not kept */
	snprintf(out->from, sizeof(out->from), "%.31s", ev->from);
	snprintf(out->to, sizeof(out->to), "%.31s", ev->to);
	snprintf(out->reason, sizeof(out->reason), "%s", ev->reason);
}

/* The newest events, newest first. */
static int put_events(frt_statefile_t *f)
{
	static frt_event_t ev;
	static frt_saved_event_t saved;
	uint64_t cursor = 0;
	int n, err;

	for(n = 0; n < FRT_STATEFILE_EVENTS; n++) {
		if(!frt_event_before(NULL, &cursor, &ev))
			break;
		save_event(&ev, &saved);
		if((err = frt_state_put_event(&f->w, &saved, &f->buf)) != 0)
			return err;
		if(!has_room(f) && write_out(f) < 0)
			return -1;
	}
	return 0;
}

static int put_all(frt_statefile_t *f)
{
	int err;

	memset(&f->w, 0, sizeof(f->w));
	frt_buf_init(&f->buf, f->mem, sizeof(f->mem));
	if(ftruncate(f->fd, 0) < 0 || lseek(f->fd, 0, SEEK_SET) < 0)
		return -1;
	if((err = frt_state_put_head(&f->w, frt_wall_ms(), &f->buf)) != 0
			|| (err = put_names(f)) != 0
			|| (err = put_pieces(f, put_edits_piece)) != 0
			|| (err = put_pieces(f, put_piece)) != 0
			|| (err = put_events(f)) != 0
			|| (err = frt_state_put_end(&f->w, &f->buf)) != 0)
		return err;
	return write_out(f);
}

/* The folder, opened. */
static int open_folder(const frt_statefile_t *f)
{
	char folder[PATH_MAX];
	char *slash;

	memcpy(folder, f->path, sizeof(folder));
	slash = strrchr(folder, '/');
	if(!slash)
		memcpy(folder, ".", 2);
	else
		slash[slash == folder] = '\0';
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Another Kamailio with this state_file would take our temporary file away, or
 * we would put its half-written one in place. Where the file system has no such
 * lock for a folder, the first error says so, and it goes without. Returns 0
 * or -1, with errno EWOULDBLOCK. */
static int lock_folder(int fd)
{
	int tries = 0;

	while(flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if(errno != EWOULDBLOCK && errno != EINTR)
			break;
		if(++tries == FRT_STATEFILE_LOCKS)
			return -1;
		usleep(FRT_STATEFILE_LOCK_US);
	}
	return 0;
}

/* May the new file take this one's place? Not if it is anything but an empty
 * file or one of ours: a mistyped state_file must not cost a configuration. */
static bool may_replace(const frt_statefile_t *f)
{
	char head[sizeof(FRT_STATE_MAGIC) - 1];
	int fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	bool may = false;

	if(fd < 0)
		return errno == ENOENT;
	if(fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		may = st.st_size == 0
			  || (read(fd, head, sizeof(head)) == (ssize_t)sizeof(head)
					  && memcmp(head, FRT_STATE_MAGIC, sizeof(head)) == 0);
	close(fd);
	if(!may)
		errno = EEXIST;
	return may;
}

/* Is what is there not what was put there last? Not every file system gives a
 * file one number for good, or its time as it was: another's differs in both. */
static bool is_others(const frt_statefile_t *f)
{
	struct stat st;

	return f->ours.st_ino != 0 && stat(f->path, &st) == 0
		   && st.st_ino != f->ours.st_ino
		   && (st.st_mtim.tv_sec != f->ours.st_mtim.tv_sec
				   || st.st_mtim.tv_nsec != f->ours.st_mtim.tv_nsec);
}

static int write_temp(frt_statefile_t *f, struct stat *st)
{
	int tries = 0, err;

	f->at = f->temp;
	if(unlink(f->temp) < 0 && errno != ENOENT) /* of one that was killed */
		return -1;
	errno = 0;
	f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if(f->fd < 0)
		return -1;
	f->at = f->path;
	do {
		err = put_all(f);
	} while(err == FRT_E_BUSY && ++tries < FRT_STATEFILE_TRIES);
	if(err == 0 && (fsync(f->fd) < 0 || fstat(f->fd, st) < 0))
		err = -1;
	if(close(f->fd) < 0)
		err = -1;
	return err;
}

/* The new name is on the disk only when the folder is; there are file systems
 * that have no such call for one. */
static int sync_folder(int fd)
{
	return fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
}

static int put_in_place(frt_statefile_t *f, int folder)
{
	struct stat st;
	int err = write_temp(f, &st), why;

	if(err == 0 && rename(f->temp, f->path) == 0) {
		f->ours = st;
		return sync_folder(folder);
	}
	why = errno;
	unlink(f->temp);
	errno = why;
	return err ? err : -1;
}

static int write_file(frt_statefile_t *f)
{
	int folder, err = -1, why;

	f->at = f->path;
	if(!may_replace(f))
		return -1;
	folder = open_folder(f);
	if(folder < 0)
		return -1;
	if(lock_folder(folder) == 0) {
		f->others = is_others(f);
		err = put_in_place(f, folder);
	}
	why = errno;
	close(folder);
	errno = why;
	return err;
}

/* What the file would say, but for how time passes: a trial's token and the
 * steps of a slow start are not worth a write. */
static uint64_t fingerprint(void)
{
	frt_gen_t *g = frt_table_enter();
	static frt_event_t newest;
	uint64_t sum = 0; /* becomes the newest event's place */
	uint32_t i;

	frt_event_before(NULL, &sum, &newest);
	sum ^= (uint64_t)(g ? g->seq : 0) << 40;
	for(i = 0; g && i < g->ndsts; i++) {
		frt_rec_t *rec = g->dsts[i].rec;
		uint32_t word = atomic_load(&rec->word);

		word = FRT_WORD(FRT_WORD_HEALTH(word), FRT_WORD_ADMIN(word), 0,
				FRT_WORD_FLAGS(word), 0);
		frt_rec_lock(rec);
		sum = frt_hash_mix(sum ^ rec->h.hold_until_ms);
		sum = frt_hash_mix(sum ^ rec->h.since_ms);
		sum = frt_hash_mix(sum ^ rec->h.waived);
		frt_rec_unlock(rec);
		sum = frt_hash_mix(sum ^ ((uint64_t)word << 32 | rec->conf_admin));
	}
	frt_table_leave();
	return sum ? sum : 1;
}

/* Somebody may have removed it: then it is written though nothing changed. */
static bool is_gone(const frt_statefile_t *f)
{
	return access(f->path, F_OK) < 0 && errno == ENOENT;
}

/* Where the file is, or is to be: a link that leads there is not replaced.
 * Returns the length of the path; PATH_MAX or more: it is too long. */
static int find_path(const frt_params_t *params, char path[PATH_MAX])
{
	int n = snprintf(path, PATH_MAX, "%.*s", params->state_file.len,
			params->state_file.s);

	return n < PATH_MAX ? frt_link_follow(path) : n;
}

/* Once: it goes on as long as both run. */
static void tell_others(const frt_statefile_t *f)
{
	static bool told;

	if(!f->others || told)
		return;
	told = true;
	LM_WARN("the state file %s was written by another process, too: two"
			" Kamailios with one state_file lose what the other has kept\n",
			f->path);
}

int frt_statefile_write(const frt_params_t *params)
{
	static frt_statefile_t f;
	static uint64_t written; /* fingerprint of the file there is; 0: none */
	static int told;		 /* errno that was logged; 0: none */
	uint64_t now;
	int n, err;

	if(params->state_file.len <= 0)
		return 0;
	n = find_path(params, f.path);
	if(n < 0 || n + 4 >= (int)sizeof(f.path))
		return -1;
	now = fingerprint();
	if(now == written && !is_gone(&f))
		return 0;
	snprintf(f.temp, sizeof(f.temp), "%.*s.tmp", PATH_MAX - 5, f.path);
	errno = 0;
	err = write_file(&f);
	if(err == 0) {
		written = now;
		if(told)
			LM_NOTICE("the state file %s is written again\n", f.path);
		told = 0;
		tell_others(&f);
		return 0;
	}
	/* A reload after each piece: it has to wait for the next time. */
	if(err == FRT_E_BUSY || told == (errno ? errno : -1))
		return -1;
	told = errno ? errno : -1;
	LM_ERR("cannot write the state file %s: %s\n", f.at,
			errno == EEXIST		   ? "what is there is no state file"
			: errno == EWOULDBLOCK ? "another process has locked its folder"
			: errno				   ? strerror(errno)
								   : frt_err_name(err));
	return -1;
}
