/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writing the state file where each call to the system fails in its turn: what
 * was there stays whole, nothing is left beside it, and the next time it is
 * written.
 */
// needs: modules/failover_route/frt_statefile.c modules/failover_route/frt_link.c
#define _GNU_SOURCE
#include "host.h"

#include "frt_names.h"
#include "frt_statefile.h"
#include "frt_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char folder[64];
static fx_t fx;
static frt_params_t params;
static uint32_t errors; /* that were logged */

/* What the calls to the system come to. */
static struct
{
	bool on;
	uint32_t calls;
	uint32_t fail_at; /* this one fails ... */
	int why;		  /* ... with this errno */
	bool folders;	  /* fsync() of a folder: EINVAL */
	uint32_t bytes;	  /* written at a time; 0: all */
	bool interrupted; /* before each write */
} sys;

void frt_stub_error(void)
{
	errors++;
}

static bool fails(void)
{
	if(!sys.on || ++sys.calls != sys.fail_at)
		return false;
	errno = sys.why;
	return true;
}

ssize_t write(int fd, const void *buf, size_t n)
{
	static bool was;

	if(sys.on && sys.interrupted && (was = !was)) {
		errno = EINTR;
		return -1;
	}
	if(fails())
		return -1;
	if(sys.on && sys.bytes && n > sys.bytes)
		n = sys.bytes;
	return syscall(SYS_write, fd, buf, n);
}

int fsync(int fd)
{
	struct stat st;

	if(fails())
		return -1;
	if(sys.folders && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
	return fails() ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int ftruncate(int fd, off_t len)
{
	return fails() ? -1 : (int)syscall(SYS_ftruncate, fd, len);
}

int flock(int fd, int how)
{
	return fails() ? -1 : (int)syscall(SYS_flock, fd, how);
}

const char *frt_event_kind_name(frt_event_kind_t kind)
{
	(void)kind;
	return "dst-down";
}

bool frt_event_before(const char *set, uint64_t *cursor, frt_event_t *out)
{
	(void)set;
	if(*cursor >= 300)
		return false;
	memset(out, 0, sizeof(*out));
	out->time_ms = 1763691100000;
	snprintf(out->set, sizeof(out->set), "carriers");
	snprintf(
			out->reason, sizeof(out->reason), "the %u-th", (unsigned)++*cursor);
	return true;
}

frt_name_view_t *frt_names_list(uint32_t *n)
{
	*n = 0;
	return NULL;
}

void frt_names_free(frt_name_view_t *all, uint32_t n)
{
	(void)all;
	(void)n;
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int setup(void **state)
{
	static char path[128];

	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/frt_state_XXXXXX");
	if(mkdtemp(folder) == NULL)
		return 1;
	memset(&sys, 0, sizeof(sys));
	errors = 0;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dsts(&fx, 800, 1, 10);
	fx_freeze(&fx);
	host_begin(fx.gen);
	snprintf(path, sizeof(path), "%s", path_of("state"));
	params.state_file = (str){path, (int)strlen(path)};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path_of("state"));
	fx_end(&fx);
	return rmdir(folder); /* not, if anything is left there */
}

/* There is something to write. */
static void change(void)
{
	static uint32_t seq;

	fx.gen->seq = ++seq;
	host.wall_ms++;
}

static int write_it(void)
{
	int err;

	sys.on = true;
	sys.calls = 0;
	err = frt_statefile_write(&params);
	sys.on = false;
	return err;
}

/* There is a whole file, and nothing but it. Returns when it was written. */
static uint64_t assert_whole(void)
{
	static char line[FRT_STATE_LINE_MAX + 2];
	static frt_state_item_t item;
	frt_state_reader_t r = {.line = 0};
	FILE *f = fopen(path_of("state"), "r");
	DIR *dir = opendir(folder);
	struct dirent *entry;

	assert_non_null(f);
	while(fgets(line, sizeof(line), f))
		if(frt_state_read(&r, fx_str(line), &item) != 0)
			fail_msg("line %u: %s", r.line, line);
	fclose(f);
	assert_int_equal(frt_state_read_end(&r), 0);
	assert_int_equal(r.dsts, 800);
	assert_int_equal(r.events, 300);
	assert_non_null(dir);
	while((entry = readdir(dir)) != NULL) {
		if(entry->d_name[0] != '.')
			assert_string_equal(entry->d_name, "state");
	}
	closedir(dir);
	return r.time_ms;
}

static void test_each_call_that_fails_leaves_the_old_file(void **state)
{
	static const int whys[] = {EIO, ENOSPC, EDQUOT, EROFS, ESTALE};
	uint32_t i, at;

	(void)state;
	change();
	assert_int_equal(write_it(), 0);
	assert_whole();
	for(i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		sys.why = whys[i];
		for(at = 1;; at++) {
			change();
			errors = 0;
			sys.fail_at = at;
			if(write_it() == 0 && sys.calls < at)
				break;
			assert_whole();
			/* a lock that the file system has not is done without; the last
			 * call is for the folder, when the new one is there */
			assert_in_range(errors, 0, 1);
			sys.fail_at = 0;
			assert_int_equal(write_it(), 0);
			assert_int_equal(assert_whole(), host.wall_ms);
		}
		assert_in_range(at, 8, 20);
	}
}

/* It is tried again each time, and said once. */
static void test_a_disk_that_stays_full_is_said_once(void **state)
{
	uint32_t i;

	(void)state;
	change();
	assert_int_equal(write_it(), 0);
	sys.why = ENOSPC;
	for(i = 0; i < 10; i++) {
		change();
		sys.fail_at = 4;
		assert_int_equal(write_it(), -1);
		assert_whole();
	}
	assert_int_equal(errors, 1);
	sys.fail_at = 0;
	assert_int_equal(write_it(), 0);
	change();
	sys.fail_at = 4;
	assert_int_equal(write_it(), -1);
	assert_int_equal(errors, 2);
	sys.fail_at = 0;
	assert_int_equal(write_it(), 0);
	assert_whole();
}

static void test_written_in_pieces_and_interrupted(void **state)
{
	(void)state;
	sys.bytes = 7;
	sys.interrupted = true;
	change();
	assert_int_equal(write_it(), 0);
	assert_int_equal(errors, 0);
	assert_whole();
}

/* As SMB, 9p and some of FUSE: then it goes without. */
static void test_a_file_system_that_syncs_no_folders(void **state)
{
	uint64_t before;

	(void)state;
	sys.folders = true;
	change();
	assert_int_equal(write_it(), 0);
	assert_int_equal(errors, 0);
	before = assert_whole();
	/* and it is not written again for nothing */
	host.wall_ms++;
	assert_int_equal(write_it(), 0);
	assert_int_equal(assert_whole(), before);
}

/* What is in the way of the temporary file is named by its own name. */
static void test_a_temporary_file_that_cannot_be_made(void **state)
{
	(void)state;
	change();
	assert_int_equal(write_it(), 0);
	assert_int_equal(mkdir(path_of("state.tmp"), 0700), 0);
	change();
	assert_int_equal(write_it(), -1);
	assert_int_not_equal(errno, EEXIST);
	assert_int_equal(rmdir(path_of("state.tmp")), 0);
	assert_int_equal(write_it(), 0);
	assert_whole();
}

static void test_a_folder_that_goes_and_comes_back(void **state)
{
	char away[80];

	(void)state;
	snprintf(away, sizeof(away), "%s.away", folder);
	change();
	assert_int_equal(write_it(), 0);
	assert_int_equal(renameat(AT_FDCWD, folder, AT_FDCWD, away), 0);
	change();
	assert_int_equal(write_it(), -1);
	assert_int_equal(write_it(), -1);
	assert_int_equal(errors, 1);
	assert_int_equal(renameat(AT_FDCWD, away, AT_FDCWD, folder), 0);
	assert_int_equal(write_it(), 0);
	assert_whole();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
			TEST(test_each_call_that_fails_leaves_the_old_file),
			TEST(test_a_disk_that_stays_full_is_said_once),
			TEST(test_written_in_pieces_and_interrupted),
			TEST(test_a_file_system_that_syncs_no_folders),
			TEST(test_a_temporary_file_that_cannot_be_made),
			TEST(test_a_folder_that_goes_and_comes_back),
	};

	return UNIT_MAIN(tests);
}
