/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One child at a time, in a process group of its own, so that whatever it
 * started ends with it.
 */
#define _GNU_SOURCE
#include "frt_cli_exec.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

char *cli_find_program(const char *name)
{
	const char *path = getenv("PATH");
	char *all, *folder, *save = NULL, *found = NULL;

	if(strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 ? cli_copy(name) : NULL;
	all = cli_text("%s:/usr/sbin:/usr/local/sbin", path != NULL ? path : "");
	for(folder = strtok_r(all, ":", &save); folder != NULL && found == NULL;
			folder = strtok_r(NULL, ":", &save)) {
		found = cli_text("%s/%s", folder, name);
		if(access(found, X_OK) != 0) {
			free(found);
			found = NULL;
		}
	}
	free(all);
	return found;
}

/* In the child: does not come back. Tells errno if there is no such program. */
static void become(char *const *argv, int out, bool errors, int tell)
{
	int none = open("/dev/null", O_RDWR);
	int err;

	(void)setpgid(0, 0);
	if(none >= 0 && dup2(none, 0) >= 0 && dup2(out, 1) >= 0
			&& dup2(errors ? out : none, 2) >= 0)
		execv(argv[0], argv);
	err = errno;
	(void)!write(tell, &err, sizeof(err));
	_exit(127);
}

/* Reads until the end, or the time is over. */
static void listen_to(int fd, unsigned limit_ms, cli_ran_t *ran)
{
	int64_t until = now_ms() + limit_ms;
	char some[4096];
	ssize_t n = 1;

	while(n != 0) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left = until - now_ms();
		if(left <= 0 || ran->out.len > CLI_EXEC_BYTES_MAX) {
			ran->late = true;
			return;
		}
		if(poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, some, sizeof(some));
		if(n > 0)
			cli_buf_put(&ran->out, some, (size_t)n);
		else if(n < 0 && errno != EINTR)
			return;
	}
}

/* Waits for the child to end, killing its group if it does not in time. */
static int wait_for(pid_t pid, bool late)
{
	int status = 0;

	if(late)
		kill(-pid, SIGKILL);
	while(waitpid(pid, &status, 0) < 0) {
		if(errno != EINTR)
			return -1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool cli_exec(char *const *argv, unsigned limit_ms, bool errors, cli_ran_t *ran)
{
	int out[2], tell[2], err = 0;
	pid_t pid;

	memset(ran, 0, sizeof(*ran));
	if(pipe2(out, O_CLOEXEC) != 0)
		return false;
	if(pipe2(tell, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		close(out[0]);
		close(out[1]);
		return false;
	}
	if(pid == 0)
		become(argv, out[1], errors, tell[1]);
	(void)setpgid(pid, pid);
	close(out[1]);
	close(tell[1]);
	if(read(tell[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = 0;
	close(tell[0]);
	if(err == 0)
		listen_to(out[0], limit_ms, ran);
	close(out[0]);
	ran->exit = wait_for(pid, ran->late);
	if(ran->out.s == NULL)
		cli_buf_put(&ran->out, "", 0);
	errno = err;
	return err == 0;
}
