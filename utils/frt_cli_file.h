/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files as the tool reads, makes and replaces them. Each function but
 * cli_file_folder() returns NULL, or why not: a static text or strerror()'s.
 */
#ifndef FRT_CLI_FILE_H
#define FRT_CLI_FILE_H

#include <stddef.h>
#include <sys/stat.h>

#define CLI_FILE_BYTES_MAX (64u << 20)

/* The folder that a file is in, malloc'ed. */
char *cli_file_folder(const char *path);
/* Opens a regular file to read it; a FIFO or device is never waited for. */
const char *cli_file_open(const char *path, int *fd, struct stat *st);
/* Reads all of a regular file of at most CLI_FILE_BYTES_MAX; free() *text,
 * which has a NUL after it. */
const char *cli_file_read(
		const char *path, char **text, size_t *len, struct stat *st);
/* Replaces a file that was read as was by the text, atomically: who opens it
 * gets the old one or the new one. Mode and owner stay, and so does a link to
 * the file. Refused if the file was changed since, or its owner cannot stay. */
const char *cli_file_replace(
		const char *path, const struct stat *was, const char *text, size_t len);
/* Could cli_file_create() make it, as far as can be told without trying? */
const char *cli_file_creatable(const char *path);
/* Makes a new file, mode 0644 but for the umask, with all of the text in it;
 * refused if there is anything of that name. */
const char *cli_file_create(const char *path, const char *text, size_t len);

#endif
