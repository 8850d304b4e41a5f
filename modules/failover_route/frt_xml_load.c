/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Gets one tree out of a file and the files it includes. Files are read by
 * us, not by libxml2, so that its network, compression and catalogues have no
 * part in it; XInclude is ours as well, since libxml2's cannot be kept inside
 * a folder without changing the whole process.
 */
#include "frt_xml_priv.h"

#include <libxml/uri.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads what an open file has. Returns why not, or NULL; the caller frees *buf
 * in either case. */
static const char *read_open(
		frt_xml_t *x, int fd, size_t size, char **buf, size_t *len)
{
	size_t room = FRT_XML_BYTES_MAX - x->bytes;
	ssize_t n = 1;

	if(size > room)
		return "larger than 64 MB, with what was read before";
	*buf = malloc(size + 1);
	if(*buf == NULL) {
		x->nomem = true;
		return "out of memory";
	}
	/* a file that grows meanwhile is read as far as it was long */
	for(*len = 0; *len < size && n > 0; *len += (size_t)n) {
		do {
			n = read(fd, *buf + *len, size - *len);
		} while(n < 0 && errno == EINTR);
		if(n < 0)
			return strerror(errno);
	}
	x->bytes += *len;
	return NULL;
}

/* Opens and reads a regular file; a FIFO or device is never waited for. */
static const char *read_file(
		frt_xml_t *x, frt_xml_source_t *src, char **buf, size_t *len)
{
	const char *why;
	struct stat st = {.st_size = 0};
	int fd = open(src->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if(fd < 0)
		return strerror(errno);
	if(fstat(fd, &st) != 0)
		why = strerror(errno);
	else if(!S_ISREG(st.st_mode))
		why = "not a regular file";
	else
		why = read_open(x, fd, (size_t)st.st_size, buf, len);
	close(fd);
	src->dev = st.st_dev;
	src->ino = st.st_ino;
	return why;
}

static const char *real_path(frt_xml_t *x, const char *path, char **out)
{
	*out = realpath(path, NULL);
	if(*out != NULL)
		return NULL;
	if(errno == ENOMEM)
		x->nomem = true;
	return strerror(errno);
}

/* dir(path) + name, or name if it is absolute; malloc'ed. */
static char *path_join(frt_xml_t *x, const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');
	size_t dir =
			slash == NULL || name[0] == '/' ? 0 : (size_t)(slash - path) + 1;
	size_t len = strlen(name);
	char *out = malloc(dir + len + 1);

	if(out == NULL) {
		x->nomem = true;
		return NULL;
	}
	memcpy(out, path, dir);
	memcpy(out + dir, name, len + 1);
	return out;
}

static bool is_included_by_itself(const frt_xml_source_t *src)
{
	const frt_xml_source_t *s;

	for(s = src->parent; s != NULL; s = s->parent) {
		if(s->dev == src->dev && s->ino == src->ino)
			return true;
	}
	return false;
}

/* The path must be below the folder of the first file, after every link and
 * ".." was followed. */
static bool is_inside(const frt_xml_t *x, const char *path)
{
	size_t n = strlen(x->folder);

	return strncmp(path, x->folder, n) == 0;
}

static void expand(frt_xml_t *x, const frt_xml_source_t *src,
		frt_xml_node_t *node, unsigned depth);

/* Reads the file of a source whose path is set, up to its tree with all
 * includes done. Returns why not; NULL also if it was noted already. */
static const char *load_source(
		frt_xml_t *x, frt_xml_source_t *src, frt_xml_node_t **root)
{
	const char *why;
	char *buf = NULL;
	size_t len = 0;

	*root = NULL;
	why = read_file(x, src, &buf, &len);
	if(why == NULL && is_included_by_itself(src))
		why = "the file includes itself";
	if(why == NULL)
		*root = frt_xml_parse(x, src, buf, len);
	free(buf);
	if(why != NULL || *root == NULL)
		return why;
	if(frt_xml_is_include(*root)) {
		*root = NULL;
		return "the file is nothing but an include";
	}
	if(x->asks)
		expand(x, src, *root, src->depth + 1);
	return NULL;
}

/* The value of href, if the element has that and nothing else. */
static const char *check_include(const frt_xml_node_t *node, const char **href)
{
	const frt_xml_attr_t *attr = frt_xml_attr(node, FRT_STR("href"));
	const frt_xml_node_t *child;
	uint32_t i;

	*href = attr != NULL ? attr->value.s : "";
	if(**href == '\0')
		return "href is missing";
	for(i = 0; i < node->nattrs; i++) {
		attr = &node->attrs[i];
		if(!frt_xml_is(&attr->name, FRT_STR("href"))
				&& !(frt_xml_is(&attr->name, FRT_STR("parse"))
						&& frt_str_eq(attr->value, FRT_STR("xml"))))
			return "only href, and parse=\"xml\", are supported";
	}
	for(child = node->children; child != NULL; child = child->next) {
		if(frt_xml_is_element(child))
			return "xi:fallback is not supported: a file that is missing is "
				   "an error";
	}
	if(strchr(*href, '#') != NULL)
		return "a part of a file cannot be included";
	if(strstr(*href, "://") != NULL || strncmp(*href, "//", 2) == 0)
		return "only files can be included, by their path";
	return NULL;
}

static const char *check_limits(const frt_xml_t *x, const frt_xml_source_t *src)
{
	if(x->folder == NULL || src->path == NULL)
		return "a text that is no file cannot include files";
	if(x->includes >= FRT_XML_INCLUDES_MAX)
		return "there are more than 64 includes";
	if(src->files >= FRT_XML_INCLUDE_DEPTH_MAX)
		return "files are included deeper than 8";
	return NULL;
}

/* What an include's shown name is relative to: a link stands elsewhere than
 * the files that its target includes. */
static const char *shown_base(const frt_xml_source_t *src)
{
	struct stat st;

	return lstat(src->name, &st) == 0 && S_ISLNK(st.st_mode) ? src->path
															 : src->name;
}

/* Finds the path and the shown name of an include's file. */
static const char *find_file(frt_xml_t *x, const frt_xml_source_t *from,
		const char *href, frt_xml_source_t *src)
{
	char *plain = xmlURIUnescapeString(href, 0, NULL);
	char *path = NULL, *shown = NULL;
	const char *why = NULL;
	frt_str_t text = {NULL, 0}, copy;

	if(plain != NULL) {
		path = path_join(x, from->path, plain);
		shown = path_join(x, shown_base(from), plain);
	}
	if(path == NULL || shown == NULL) {
		x->nomem = true;
		goto end;
	}
	text.s = shown;
	text.len = (uint32_t)strlen(shown);
	if(frt_draft_copy(x->draft, text, &copy) != 0) {
		x->nomem = true;
		goto end;
	}
	src->name = copy.s;
	why = real_path(x, path, &src->path);
	if(why == NULL && !is_inside(x, src->path))
		why = "it is outside the configuration's folder";
end:
	xmlFree(plain);
	free(path);
	free(shown);
	return why;
}

/* The root of an include's file, which takes its place; *root stays NULL if it
 * cannot be had. */
static const char *include(frt_xml_t *x, const frt_xml_source_t *from,
		const char *href, unsigned depth, frt_xml_node_t **root)
{
	frt_xml_source_t src = {
			.parent = from, .files = from->files + 1, .depth = depth};
	const char *why = check_limits(x, from);

	if(why != NULL)
		return why;
	x->includes++;
	why = find_file(x, from, href, &src);
	if(why == NULL && !x->nomem)
		why = load_source(x, &src, root);
	free(src.path);
	return why;
}

/* Replaces every include below a node. One that fails is noted and goes, so
 * that the faults of what is left are found too. */
static void expand(frt_xml_t *x, const frt_xml_source_t *src,
		frt_xml_node_t *node, unsigned depth)
{
	frt_xml_node_t **at = &node->children, *child;

	while((child = *at) != NULL && !x->nomem) {
		frt_xml_node_t *root = NULL;
		const char *href, *why;

		if(!frt_xml_is_include(child)) {
			expand(x, src, child, depth + 1);
			at = &child->next;
			continue;
		}
		why = check_include(child, &href);
		if(why == NULL)
			why = include(x, src, href, depth, &root);
		if(why != NULL)
			frt_draft_fault(x->draft, false, child->place,
					"<xi:include href=\"%.120s\">: %s", href, why);
		*at = child->next;
		if(root != NULL) {
			root->next = child->next;
			*at = root;
			at = &root->next;
		}
	}
}

frt_xml_node_t *frt_xml_load(
		frt_xml_t *x, const char *name, const char *buf, size_t len)
{
	frt_xml_source_t src = {.parent = NULL};
	frt_str_t text = frt_str_of(name), copy;
	const char *why = NULL;
	frt_xml_node_t *root = NULL;

	if(frt_draft_copy(x->draft, text, &copy) != 0) {
		x->nomem = true;
		return NULL;
	}
	src.name = copy.s;
	if(buf != NULL) {
		if(len > FRT_XML_BYTES_MAX)
			why = "larger than 64 MB";
		else
			root = frt_xml_parse(x, &src, buf, len);
		if(root != NULL && x->asks)
			expand(x, &src, root, 1);
	} else {
		why = real_path(x, name, &src.path);
		if(why == NULL) {
			x->folder = path_join(x, src.path, "");
			if(x->folder != NULL)
				why = load_source(x, &src, &root);
		}
	}
	if(why != NULL && !x->nomem)
		frt_draft_fault(x->draft, false, frt_xml_line(&src, 0),
				"cannot read the configuration: %s", why);
	free(src.path);
	return root;
}
