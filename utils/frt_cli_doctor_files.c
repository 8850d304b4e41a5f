/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of doctor that looks at files, with the eyes of the user that
 * Kamailio runs as: a child takes that user's place and asks the system, so
 * groups and access lists count too.
 */
// needs: modules/failover_route/frt_link.c
#define _GNU_SOURCE
#include "frt_cli_doctor.h"
#include "frt_cli_file.h"
#include "frt_cli_mem.h"
#include "frt_link.h"
#include "engine/frt_state.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_TABLE "/etc/kamailio/failover_route.xml"
#define DEFAULT_CTL "/run/kamailio/kamailio_ctl"

void cli_doctor_user(cli_doctor_t *d)
{
	const char *name = cli_value(d->args, "--user", NULL);
	const struct passwd *who;
	char *end;
	cli_finding_t *f;

	if(name == NULL)
		name = d->cfg.user != NULL ? d->cfg.user : "kamailio";
	d->user = cli_copy(name);
	who = getpwnam(name);
	if(who == NULL && *name != '\0') {
		uid_t uid = (uid_t)strtoul(name, &end, 10);
		who = *end == '\0' ? getpwuid(uid) : NULL;
	}
	if(who == NULL) {
		f = cli_found(
				d, CLI_WARNING, "rights", "there is no user %s here", name);
		cli_finding_remedy(
				f, "Name the user that Kamailio runs as with --user NAME.");
		return;
	}
	d->uid = who->pw_uid;
	d->gid = who->pw_gid;
	d->can_be_user = geteuid() == 0 || geteuid() == d->uid;
	if(!d->can_be_user) {
		f = cli_found(d, CLI_NOTE, "rights",
				"what %s may read and write cannot be seen by this user",
				d->user);
		cli_finding_remedy(f, "Run it as root, or as %s.", d->user);
	}
}

/* In the child: the answer is the exit code. */
static void ask_as_user(const cli_doctor_t *d, const char *path, int mode)
{
	if(geteuid() == 0 && d->uid != 0
			&& (initgroups(d->user, d->gid) != 0 || setgid(d->gid) != 0
					|| setuid(d->uid) != 0))
		_exit(EPERM);
	_exit(faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0 ? 0 : errno);
}

/* May the user do that with a file or folder? 0, or an errno. */
static int may(const cli_doctor_t *d, const char *path, int mode)
{
	int status;
	pid_t pid = fork();

	if(pid < 0)
		return errno;
	if(pid == 0)
		ask_as_user(d, path, mode);
	while(waitpid(pid, &status, 0) < 0) {
		if(errno != EINTR)
			return errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}

/* The first folder on the way that the user may not pass; NULL: none. */
static char *closed_folder(const cli_doctor_t *d, const char *path)
{
	char *part = cli_copy(path), *p;

	for(p = strchr(part + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		*p = '\0';
		if(may(d, part, X_OK) == EACCES)
			return part;
		*p = '/';
	}
	free(part);
	return NULL;
}

/* A file that Kamailio has to read. False: it cannot. */
static bool check_readable(cli_doctor_t *d, const char *topic, const char *path)
{
	int err = d->can_be_user ? may(d, path, R_OK)
							 : (access(path, R_OK) == 0 ? 0 : errno);
	cli_finding_t *f;
	struct stat st;
	char *closed;

	if(err == 0 && stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		f = cli_found(d, CLI_ERROR, topic, "%s: not a regular file", path);
		cli_finding_remedy(f, "Name the file itself: in kamailio.cfg "
							  "(config_file), or where it is included.");
		return false;
	}
	if(err == 0) {
		if(d->can_be_user)
			cli_found(d, CLI_FINE, topic, "%s may read %s", d->user, path);
		return true;
	}
	if(err != EACCES || !d->can_be_user) {
		f = cli_found(d, err == ENOENT ? CLI_ERROR : CLI_NOTE, topic, "%s: %s",
				path, strerror(err));
		if(err == ENOENT)
			cli_finding_remedy(f, "Make it (failover-route init), or name "
								  "another one in kamailio.cfg.");
		return false;
	}
	f = cli_found(d, CLI_ERROR, topic, "%s may not read %s", d->user, path);
	closed = closed_folder(d, path);
	if(closed != NULL)
		cli_finding_remedy(f, "Let it into the folder: chmod o+x %s", closed);
	else
		cli_finding_remedy(f, "chgrp %s %s; chmod g+r %s", d->user, path, path);
	free(closed);
	return false;
}

/* A folder in which Kamailio has to make files. False: it cannot. */
static bool check_folder(
		cli_doctor_t *d, const char *topic, const char *folder, const char *why)
{
	cli_finding_t *f;
	struct stat st;
	int err;

	if(stat(folder, &st) != 0 && errno == ENOENT) {
		f = cli_found(
				d, CLI_ERROR, topic, "%s, for %s: no such folder", folder, why);
		cli_finding_remedy(
				f, "install -d -o %s -g %s %s", d->user, d->user, folder);
		return false;
	}
	if(!d->can_be_user)
		return true;
	err = may(d, folder, W_OK | X_OK);
	if(err == 0)
		return true;
	f = cli_found(d, CLI_ERROR, topic,
			"%s may not make files in %s, for %s: %s", d->user, folder, why,
			strerror(err));
	cli_finding_remedy(f, "chown %s %s", d->user, folder);
	return false;
}

/* --- the table --------------------------------------------------------- */

/* The value of a parameter of ours; NULL: none, or it cannot be told, which is
 * then noted. */
static const char *our_param(cli_doctor_t *d, const char *name)
{
	const cli_cfg_param_t *p = cli_cfg_param(&d->cfg, CLI_MODULE, name);

	if(p == NULL || p->value != NULL)
		return p != NULL ? p->value : NULL;
	cli_found(d, CLI_NOTE, "config",
			"modparam %s is made while Kamailio reads it, and cannot be told "
			"here",
			name);
	return NULL;
}

static void check_table(cli_doctor_t *d, const char *file)
{
	cli_report_t faults = {NULL, 0, 0, {0}};
	uint32_t sets, dsts;
	const char *why;
	cli_finding_t *f;

	if(!cli_draft_read(file, &d->table, &why)) {
		frt_draft_free(d->table);
		d->table = NULL;
		return; /* said already */
	}
	cli_report_add_faults(&faults, d->table);
	sets = frt_draft_nsets(d->table);
	dsts = frt_draft_ndsts(d->table) + frt_draft_nparents(d->table);
	if(faults.n == 0) {
		cli_found(d, CLI_FINE, "table", "%s: %u set%s, %u destination%s", file,
				sets, frt_plural(sets), dsts, frt_plural(dsts));
	} else {
		f = cli_found(d, faults.count[CLI_ERROR] > 0 ? CLI_ERROR : CLI_WARNING,
				"table", "%s: %s, the first in line %u: %s",
				faults.findings[0].file, cli_report_sum(&faults),
				faults.findings[0].line, faults.findings[0].text);
		cli_finding_remedy(f, "See all of them: failover-route check %s", file);
	}
	cli_report_free(&faults);
}

/* Files that the table includes are known by what stands in them. */
static void check_included(cli_doctor_t *d, const char *file)
{
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;
	const char *last = file;

	for(set = frt_draft_sets(d->table); set != NULL; set = set->next) {
		for(dst = set->dsts; dst != NULL; dst = dst->next) {
			const char *at = dst->place.file;
			if(at == NULL || strcmp(at, last) == 0 || strcmp(at, file) == 0)
				continue;
			last = at;
			check_readable(d, "table", at);
		}
	}
}

static void check_caps(cli_doctor_t *d)
{
	const frt_draft_set_t *set;
	const frt_draft_dst_t *dst;
	cli_finding_t *f;
	size_t at;

	if(d->table == NULL || cli_cfg_loads(&d->cfg, "dialog", &at))
		return;
	for(set = frt_draft_sets(d->table); set != NULL; set = set->next) {
		for(dst = set->dsts; dst != NULL; dst = dst->next) {
			if(dst->max_calls == 0)
				continue;
			f = cli_found(d, CLI_WARNING, "table",
					"destination %.*s has max-calls, and dialog is not "
					"loaded: only calls that are being set up are counted",
					(int)dst->id.len, dst->id.s);
			cli_finding_remedy(f, "Load dialog.so, and call dlg_manage() "
								  "before frt_relay().");
			return;
		}
	}
}

/* By its id or its number, as the module finds it. */
static bool has_set(const frt_draft_t *table, const char *name)
{
	frt_str_t id = frt_str_of(name);
	const frt_draft_set_t *set;
	uint32_t number;
	bool digits = frt_uint_parse(id, 0, INT32_MAX, &number) == 0;

	for(set = frt_draft_sets(table); set != NULL; set = set->next) {
		if(frt_str_eq(set->id, id) || (digits && set->number == number))
			return true;
	}
	return false;
}

/* Every call would be refused. */
static void check_sets(cli_doctor_t *d, const char *file)
{
	cli_finding_t *f;
	size_t i;

	for(i = 0; i < d->cfg.nsets; i++) {
		if(has_set(d->table, d->cfg.sets[i]))
			continue;
		f = cli_found(d, CLI_WARNING, "table",
				"%s routes to the set \"%s\", which is not in %s", d->config,
				d->cfg.sets[i], file);
		cli_finding_remedy(f, "Write the name in frt_relay() or frt_select() "
							  "as in the table.");
	}
}

static void table(cli_doctor_t *d)
{
	const char *file = our_param(d, "config_file");
	const char *db = our_param(d, "db_url");
	bool unknown =
			(file == NULL && cli_cfg_param(&d->cfg, CLI_MODULE, "config_file"));

	if(db != NULL && *db != '\0')
		cli_found(d, CLI_NOTE, "table",
				"there is a table in a database, which is not looked at here; "
				"with Kamailio running: kamcmd failover_route.check");
	if(file == NULL && (unknown || db != NULL))
		return;
	if(file == NULL || *file == '\0')
		file = DEFAULT_TABLE;
	if(check_readable(d, "table", file) || access(file, R_OK) == 0)
		check_table(d, file);
	if(d->table != NULL)
		check_included(d, file);
	if(d->table != NULL && db == NULL)
		check_sets(d, file);
	check_caps(d);
}

/* --- the state file ---------------------------------------------------- */

static cli_level_t read_state(const char *path, cli_buf_t *said)
{
	static frt_state_item_t item;
	frt_state_reader_t r;
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	int err = 0;

	memset(&r, 0, sizeof(r));
	if(file == NULL) {
		cli_buf_add(said, "cannot be read: %s", strerror(errno));
		return CLI_NOTE;
	}
	while(err == 0 && (n = getline(&line, &room, file)) >= 0) {
		frt_str_t text = {line, (uint32_t)n};
		err = frt_state_read(&r, text, &item);
	}
	if(err == 0)
		err = frt_state_read_end(&r);
	free(line);
	fclose(file);
	if(err == FRT_E_VERSION)
		cli_buf_add(said, "is of a version that this module does not know");
	else if(err != 0)
		cli_buf_add(said, "is damaged, or no state file: line %u", r.line);
	else
		cli_buf_add(said, "has the state of %u destination%s", r.dsts,
				frt_plural(r.dsts));
	return err == 0 ? CLI_FINE : CLI_WARNING;
}

/* What is in the state file, and whether the user may read it. */
static void check_state(cli_doctor_t *d, const char *path)
{
	cli_buf_t said = {NULL, 0, 0};
	struct stat st;
	bool there = stat(path, &st) == 0;
	cli_level_t level;
	cli_finding_t *f;

	if(!there && errno == ENOENT) {
		cli_found(d, CLI_FINE, "state", "%s will be made", path);
		return;
	}
	if(!there) {
		cli_found(d, errno == EACCES ? CLI_NOTE : CLI_ERROR, "state", "%s: %s",
				path, strerror(errno));
		return;
	}
	if(!S_ISREG(st.st_mode)) {
		f = cli_found(d, CLI_ERROR, "state", "%s is no regular file", path);
		cli_finding_remedy(f, "Move it away, or name another state_file.");
		return;
	}
	if(d->can_be_user && may(d, path, R_OK) != 0) {
		f = cli_found(
				d, CLI_ERROR, "state", "%s may not read %s", d->user, path);
		cli_finding_remedy(f, "chown %s %s", d->user, path);
	}
	level = read_state(path, &said);
	f = cli_found(d, level, "state", "%s %s", path, said.s);
	if(level == CLI_WARNING)
		cli_finding_remedy(f, "Kamailio starts without it, all destinations "
							  "up; move it away if it is not one of ours.");
	free(said.s);
}

static void state(cli_doctor_t *d)
{
	const char *path = our_param(d, "state_file");
	char place[PATH_MAX], *folder;
	cli_finding_t *f;

	if(path == NULL || *path == '\0') {
		if(cli_cfg_param(&d->cfg, CLI_MODULE, "state_file") != NULL)
			return;
		f = cli_found(d, CLI_NOTE, "state",
				"there is no state_file: what is down, and what the operator "
				"took out, is forgotten at a restart");
		cli_finding_remedy(f, "modparam(\"failover_route\", \"state_file\", "
							  "\"/var/lib/kamailio/failover_route.state\")");
		return;
	}
	snprintf(place, sizeof(place), "%s", path);
	(void)frt_link_follow(place);
	folder = cli_file_folder(place);
	if(check_folder(d, "state", folder, "the state file"))
		check_state(d, path);
	free(folder);
}

/* --- the control socket ------------------------------------------------ */

/* "unix:/run/kamailio/ctl", "unixs:...": the path, or NULL. */
static const char *socket_path(const char *value)
{
	const char *colon = strchr(value, ':');

	if(*value == '/')
		return value;
	if(colon != NULL && strncmp(value, "unix", 4) == 0 && colon[1] == '/')
		return colon + 1;
	return NULL;
}

static void control(cli_doctor_t *d)
{
	const cli_cfg_param_t *p = cli_cfg_param(&d->cfg, "ctl", "binrpc");
	const char *path = DEFAULT_CTL;
	char *folder;
	size_t at;

	if(!cli_cfg_loads(&d->cfg, "ctl", &at))
		return;
	if(p != NULL)
		path = p->value != NULL ? socket_path(p->value) : NULL;
	if(path == NULL)
		return;
	folder = cli_file_folder(path);
	/* systemd makes its own one at the start */
	if((p != NULL || access(folder, F_OK) == 0)
			&& check_folder(d, "rights", folder, "kamcmd's socket"))
		cli_found(d, CLI_FINE, "rights", "kamcmd's socket can be made in %s",
				folder);
	free(folder);
}

void cli_doctor_files(cli_doctor_t *d)
{
	size_t at;

	check_readable(d, "rights", d->config);
	if(cli_cfg_loads(&d->cfg, CLI_MODULE, &at)) {
		table(d);
		state(d);
	}
	control(d);
}
