/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading, making and replacing files, so that nothing is lost on the way.
 */
#define _GNU_SOURCE
#include "frt_cli_file.h"
#include "frt_cli_mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *cli_file_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if(slash == NULL)
		return cli_copy(".");
	return slash == path ? cli_copy("/")
						 : cli_text("%.*s", (int)(slash - path), path);
}

const char *cli_file_open(const char *path, int *fd, struct stat *st)
{
	const char *why = NULL;

	*fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if(*fd < 0)
		return strerror(errno);
	if(fstat(*fd, st) != 0)
		why = strerror(errno);
	else if(!S_ISREG(st->st_mode))
		why = "not a regular file";
	if(why != NULL)
		close(*fd);
	return why;
}

const char *cli_file_read(
		const char *path, char **text, size_t *len, struct stat *st)
{
	const char *why;
	ssize_t n = 1;
	int fd;

	*text = NULL;
	*len = 0;
	why = cli_file_open(path, &fd, st);
	if(why != NULL)
		return why;
	if(st->st_size > (off_t)CLI_FILE_BYTES_MAX) {
		close(fd);
		return "larger than 64 MB";
	}
	*text = cli_alloc((size_t)st->st_size + 1);
	while(n > 0 && *len < (size_t)st->st_size) {
		n = read(fd, *text + *len, (size_t)st->st_size - *len);
		if(n > 0)
			*len += (size_t)n;
		else if(n < 0 && errno == EINTR)
			n = 1;
	}
	if(n < 0)
		why = strerror(errno);
	close(fd);
	return why;
}

static const char *write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	while(len > 0) {
		n = write(fd, text, len);
		if(n < 0 && errno != EINTR)
			return strerror(errno);
		if(n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return fsync(fd) == 0 ? NULL : strerror(errno);
}

/* Whether the file is still what was read. */
static const char *check_unchanged(const char *path, const struct stat *was)
{
	struct stat now;

	if(stat(path, &now) != 0)
		return strerror(errno);
	if(now.st_dev != was->st_dev || now.st_ino != was->st_ino
			|| now.st_size != was->st_size
			|| now.st_mtim.tv_sec != was->st_mtim.tv_sec
			|| now.st_mtim.tv_nsec != was->st_mtim.tv_nsec)
		return "it was changed meanwhile by somebody else";
	return NULL;
}

/* The owner before the mode: a change of owner takes set-id bits away. */
static const char *write_copy(
		int fd, const struct stat *was, const char *text, size_t len)
{
	struct stat mine;

	if(fstat(fd, &mine) != 0)
		return strerror(errno);
	if((mine.st_uid != was->st_uid || mine.st_gid != was->st_gid)
			&& fchown(fd, was->st_uid, was->st_gid) != 0)
		return "its owner and group cannot be kept by this user";
	if(fchmod(fd, was->st_mode & 07777) != 0)
		return strerror(errno);
	return write_all(fd, text, len);
}

/* Makes the new name last through a power cut, as far as it can be had. */
static void sync_folder(const char *path)
{
	char *folder = cli_file_folder(path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if(fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(folder);
}

const char *cli_file_replace(
		const char *path, const struct stat *was, const char *text, size_t len)
{
	char *real = realpath(path, NULL), *temporary;
	const char *why;
	int fd;

	if(real == NULL)
		return strerror(errno);
	temporary = cli_text("%s.XXXXXX", real);
	fd = mkostemp(temporary, O_CLOEXEC);
	if(fd < 0) {
		why = strerror(errno);
		goto end;
	}
	why = write_copy(fd, was, text, len);
	if(close(fd) != 0 && why == NULL)
		why = strerror(errno);
	if(why == NULL)
		why = check_unchanged(real, was);
	if(why == NULL && rename(temporary, real) != 0)
		why = strerror(errno);
	if(why != NULL)
		unlink(temporary);
	else
		sync_folder(real);
end:
	free(temporary);
	free(real);
	return why;
}

static const char there[] = "it is there already, and stays as it is";

const char *cli_file_creatable(const char *path)
{
	char *folder = cli_file_folder(path);
	const char *why = NULL;
	struct stat st;

	if(lstat(path, &st) == 0)
		why = there;
	else if(errno != ENOENT || access(folder, W_OK | X_OK) != 0)
		why = strerror(errno);
	free(folder);
	return why;
}

const char *cli_file_create(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	const char *why;

	if(fd < 0)
		return errno == EEXIST ? there : strerror(errno);
	why = write_all(fd, text, len);
	if(close(fd) != 0 && why == NULL)
		why = strerror(errno);
	if(why != NULL)
		unlink(path); /* it is ours, and not whole */
	return why;
}
