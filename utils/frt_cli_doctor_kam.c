/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of doctor that asks Kamailio itself. A module whose version or flags
 * differ from the program's by one letter keeps the whole server from starting,
 * which is found here before a restart finds it.
 */
#include "frt_cli_doctor.h"
#include "frt_cli_exec.h"
#include "frt_cli_file.h"
#include "frt_cli_mem.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASK_MS 20000
#define PARSE_MS 120000 /* names of listen sockets are looked up meanwhile */
#define LINES_SHOWN 5
#define PRINT "--cfg-print"

/* Runs Kamailio with an option, on a configuration (NULL: none) with the
 * defines that doctor got. What it logs is for doctor and not for the system's
 * log: 5.6 finds a syntax error at the end of any configuration that it prints,
 * and in the midst of that there is no place for it. */
static bool run_kamailio(cli_doctor_t *d, unsigned limit_ms, cli_ran_t *ran,
		const char *option, const char *config)
{
	char **argv = cli_alloc((size_t)(7 + 2 * d->args->ngiven)
							* sizeof(*argv)); /* the last stays NULL */
	const char *define;
	int n = 0, i;
	bool good;

	argv[n++] = d->kamailio;
	argv[n++] = (char *)option;
	if(config != NULL) {
		/* else, since 6.0, what is printed into a pipe is lost at its end */
		argv[n++] = "--atexit=yes";
		argv[n++] = "-E";
		argv[n++] = "-f";
		argv[n++] = (char *)config;
	}
	for(i = 0; config != NULL
			   && (define = cli_value_at(d->args, "--define", i)) != NULL;
			i++) {
		argv[n++] = "-A";
		argv[n++] = (char *)define;
	}
	good = cli_exec(argv, limit_ms, strcmp(option, PRINT) != 0, ran);
	free(argv);
	return good;
}

/* What stands behind a word at a line's begin, up to the line's end, without
 * blanks around it; NULL: there is no such line. */
static char *line_after(const char *text, const char *word)
{
	size_t len = strlen(word), n;
	const char *p;

	for(p = text; p != NULL && *p != '\0'; p = strchr(p, '\n')) {
		p += *p == '\n';
		if(strncmp(p, word, len) != 0)
			continue;
		p += len;
		p += strspn(p, " ");
		n = strcspn(p, "\r\n");
		while(n > 0 && p[n - 1] == ' ')
			n--;
		return cli_text("%.*s", (int)n, p);
	}
	return NULL;
}

static void read_folders(cli_doctor_t *d)
{
	static const char mark[] = "Modules search path (default: ";
	const char *p, *end;
	cli_ran_t ran;

	if(!run_kamailio(d, ASK_MS, &ran, "-h", NULL))
		return;
	p = strstr(ran.out.s, mark);
	if(p != NULL) {
		p += strlen(mark);
		end = strchr(p, ')');
		if(end != NULL)
			d->module_folders = cli_text("%.*s", (int)(end - p), p);
	}
	free(ran.out.s);
}

/* The first text of a file, as strings(1) has them, that matches and is not that
 * one. */
static char *find_string(
		const char *text, size_t len, const char *pattern, const char *but)
{
	const char *p = text, *end = text + len;
	char *found = NULL, *s;
	regex_t re;
	size_t n;

	if(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return NULL;
	while(p < end && found == NULL) {
		for(n = 0; p + n < end && p[n] >= ' ' && p[n] <= '~'; n++)
			;
		if(n >= 10 && n < 4096) {
			s = cli_text("%.*s", (int)n, p);
			if(regexec(&re, s, 0, NULL, 0) == 0
					&& (but == NULL || strcmp(s, but) != 0))
				found = s;
			else
				free(s);
		}
		p += n + 1;
	}
	regfree(&re);
	return found;
}

static const char flags_pattern[] =
		"^[A-Z][A-Z0-9_-]+(, [A-Z][A-Z0-9_-]+){4,}$";

/* What it compares with a module's is in its file once more; from 6.1 on -v
 * tells of debugging allocators, too, which that does not have. */
static void read_flags(cli_doctor_t *d)
{
	char *text = NULL, *flags;
	struct stat st;
	size_t len;

	if(cli_file_read(d->kamailio, &text, &len, &st) != NULL)
		return;
	flags = find_string(text, len, flags_pattern, d->flags);
	free(text);
	if(flags == NULL)
		return;
	free(d->flags);
	d->flags = flags;
}

bool cli_doctor_kamailio(cli_doctor_t *d)
{
	const char *name = cli_value(d->args, "--kamailio", "kamailio");
	cli_ran_t ran;

	d->kamailio = cli_find_program(name);
	if(d->kamailio == NULL) {
		cli_could_not("doctor", "there is no program %s", name);
		return false;
	}
	if(run_kamailio(d, ASK_MS, &ran, "-v", NULL)) {
		d->version = line_after(ran.out.s, "version:");
		d->flags = line_after(ran.out.s, "flags:");
		free(ran.out.s);
	}
	if(d->version == NULL || d->flags == NULL) {
		cli_could_not("doctor", "%s -v does not tell a version and flags",
				d->kamailio);
		return false;
	}
	read_flags(d);
	read_folders(d);
	cli_found(d, CLI_FINE, "kamailio", "%s is %s", d->kamailio, d->version);
	return true;
}

bool cli_doctor_read_cfg(cli_doctor_t *d)
{
	const char *why, *given;
	cli_ran_t ran;
	struct stat st;
	int fd, i;

	why = cli_file_open(d->config, &fd, &st);
	if(why != NULL) {
		cli_could_not("doctor", "%s: %s", d->config, why);
		return false;
	}
	close(fd);
	for(i = 0; (given = cli_value_at(d->args, "--define", i)) != NULL; i++)
		cli_cfg_define(&d->cfg, given);
	if(run_kamailio(d, PARSE_MS, &ran, PRINT, d->config)) {
		cli_cfg_read(&d->cfg, ran.out.s);
		free(ran.out.s);
	}
	return true;
}

/* --- the module -------------------------------------------------------- */

/* Looks for one file in the folders of modules, as Kamailio does. */
static char *find_in(const char *folders, const char *name)
{
	char *all = cli_copy(folders), *folder, *save = NULL, *found = NULL;
	size_t i;

	for(folder = strtok_r(all, ":", &save); folder != NULL && found == NULL;
			folder = strtok_r(NULL, ":", &save)) {
		for(i = 0; i < 3 && found == NULL; i++) {
			found = i == 0	 ? cli_text("%s/%s", folder, name)
					: i == 1 ? cli_text("%s/%s.so", folder, name)
							 : cli_text("%s/%s/%s.so", folder, name, name);
			if(access(found, F_OK) != 0) {
				free(found);
				found = NULL;
			}
		}
	}
	free(all);
	return found;
}

static char *find_module(const cli_doctor_t *d, const char *written)
{
	const char *folders =
			d->cfg.paths != NULL ? d->cfg.paths : d->module_folders;

	if(*written == '/' || *written == '.')
		return access(written, F_OK) == 0 ? cli_copy(written) : NULL;
	return folders != NULL ? find_in(folders, written) : NULL;
}

/* The flags that only one of two lists has. */
static void add_lacking(
		cli_buf_t *out, const char *of, const char *in, const char *word)
{
	char *all = cli_copy(of), *whole = cli_text(", %s,", in);
	char *flag, *save = NULL;

	for(flag = strtok_r(all, ", ", &save); flag != NULL;
			flag = strtok_r(NULL, ", ", &save)) {
		char *like = cli_text(", %s,", flag);
		if(strstr(whole, like) == NULL)
			cli_buf_add(out, " %s%s", word, flag);
		free(like);
	}
	free(all);
	free(whole);
}

static const char remedy_build[] =
		"Build it against this Kamailio: make rebuild-for-installed, or "
		"make && make install.";

static void compare_module(cli_doctor_t *d, const char *file,
		const char *version, const char *flags)
{
	cli_buf_t differ = {NULL, 0, 0};
	cli_finding_t *f;

	if(version == NULL || flags == NULL) {
		f = cli_found(d, CLI_ERROR, "module",
				"%s has no version and flags of a Kamailio module in it", file);
		cli_finding_remedy(f, "%s", remedy_build);
	} else if(strcmp(version, d->version) != 0) {
		f = cli_found(d, CLI_ERROR, "module",
				"%s is for %s, and this is %s: Kamailio would not start", file,
				version, d->version);
		cli_finding_remedy(f, "%s", remedy_build);
	} else if(strcmp(flags, d->flags) != 0) {
		add_lacking(&differ, d->flags, flags, "lacks ");
		add_lacking(&differ, flags, d->flags, "has ");
		f = cli_found(d, CLI_ERROR, "module",
				"%s was compiled with other flags than Kamailio:%s; Kamailio "
				"would not start",
				file, differ.s != NULL ? differ.s : " their order differs");
		cli_finding_remedy(f, "%s", remedy_build);
	} else {
		cli_found(d, CLI_FINE, "module",
				"%s is for this Kamailio, and so are "
				"its flags",
				file);
	}
	free(differ.s);
}

static void check_file(cli_doctor_t *d, const char *written)
{
	char *file = find_module(d, written), *text = NULL, *version, *flags;
	const char *why = "there is no such file";
	struct stat st;
	size_t len;
	cli_finding_t *f;

	if(file != NULL)
		why = cli_file_read(file, &text, &len, &st);
	if(why != NULL) {
		f = cli_found(d, CLI_ERROR, "module", "%s, which %s loads: %s",
				file != NULL ? file : written, d->config, why);
		cli_finding_remedy(f,
				"Install it (make install), or write its whole path in "
				"loadmodule.");
	} else {
		version = find_string(text, len,
				"^[^ ]+ [0-9]+\\.[0-9]+\\.[^ ]+ \\([^/ ]+/[^) ]+\\)$", NULL);
		flags = find_string(text, len, flags_pattern, NULL);
		compare_module(d, file, version, flags);
		free(version);
		free(flags);
	}
	free(text);
	free(file);
}

static void check_order(cli_doctor_t *d, size_t ours)
{
	size_t at;
	cli_finding_t *f;

	if(!cli_cfg_loads(&d->cfg, "tm", &at)) {
		f = cli_found(d, CLI_ERROR, "module", "tm is not loaded");
		cli_finding_remedy(
				f, "Write loadmodule \"tm.so\" above that of " CLI_MODULE ".");
	} else if(at > ours) {
		f = cli_found(d, CLI_ERROR, "module", "tm is loaded after " CLI_MODULE);
		cli_finding_remedy(
				f, "Move loadmodule \"tm.so\" above that of " CLI_MODULE ".");
	}
	if(!cli_cfg_loads(&d->cfg, "ctl", &at)
			&& !cli_cfg_loads(&d->cfg, "jsonrpcs", &at)) {
		f = cli_found(d, CLI_WARNING, "module",
				"neither ctl nor jsonrpcs is loaded: the module can be asked "
				"nothing, and reloads by a restart only");
		cli_finding_remedy(f, "Write loadmodule \"ctl.so\".");
	}
}

void cli_doctor_module(cli_doctor_t *d)
{
	size_t at;
	cli_finding_t *f;

	if(cli_cfg_loads(&d->cfg, CLI_MODULE, &at)) {
		check_file(d, d->cfg.modules[at]);
		check_order(d, at);
		return;
	}
	f = cli_found(
			d, CLI_ERROR, "module", "%s does not load " CLI_MODULE, d->config);
	cli_finding_remedy(f,
			"Write loadmodule \"failover_route.so\" below that of "
			"tm; failover-route init shows the lines.");
}

/* --- kamailio -c ------------------------------------------------------- */

/* "host:port", "[host]:port" or "::1:port", cut at its end. The port, -1: none. */
static int cut_port(char **host)
{
	char *port;

	(*host)[strcspn(*host, " ")] = '\0';
	port = strrchr(*host, ':');
	if(port == NULL)
		return -1;
	*port = '\0';
	*host += **host == '[';
	(*host)[strcspn(*host, "]")] = '\0';
	return (int)strtol(port + 1, NULL, 10);
}

/* "udp: 127.0.0.1:5060 name x", "udp: localhost [127.0.0.1]:5060 advertise a.test:7". */
static void read_listen(cli_doctor_t *d, const char *line, size_t len)
{
	char *text = cli_text("%.*s", (int)len, line), *host, *told = NULL, *end;
	cli_listen_t l = {.port = -1};

	host = strstr(text, ": ");
	if(host != NULL) {
		*host = '\0';
		host += 2;
		told = strstr(host, " advertise ");
		if(told != NULL) {
			*told = '\0';
			told += strlen(" advertise ");
			l.advertised_port = cut_port(&told);
		}
		l.name = cli_text("%.*s", (int)strcspn(host, " "), host);
		end = strchr(host, '[');
		host = end != NULL ? end : host;
		l.port = cut_port(&host);
	}
	if(l.port >= 0) {
		l.proto = cli_copy(text);
		l.address = cli_copy(host);
		l.advertised = told != NULL ? cli_copy(told) : NULL;
		d->listens =
				cli_realloc(d->listens, d->nlistens + 1, sizeof(*d->listens));
		d->listens[d->nlistens++] = l;
	} else {
		free(l.name);
	}
	free(text);
}

static void read_listens(cli_doctor_t *d, const char *text)
{
	const char *p = strstr(text, "Listening on");
	size_t n, blanks;

	for(p = p != NULL ? strchr(p, '\n') : NULL; p != NULL;
			p = strchr(p, '\n')) {
		p++;
		blanks = strspn(p, " ");
		n = strcspn(p, "\n");
		if(blanks == 0 || n == blanks)
			return;
		read_listen(d, p + blanks, n - blanks);
	}
}

/* The lines that say what is wrong, without where in Kamailio they are made. */
static void tell_errors(cli_doctor_t *d, const char *text)
{
	const char *p = text, *said;
	unsigned shown = 0;
	size_t n;

	for(; *p != '\0'; p += n + (p[n] == '\n')) {
		char *line;
		n = strcspn(p, "\n");
		line = cli_text("%.*s", (int)n, p);
		if((strstr(line, "ERROR: ") != NULL
				   || strstr(line, "CRITICAL: ") != NULL)
				&& strncmp(line, "ERROR: bad config", 17) != 0
				&& shown++ < LINES_SHOWN) {
			said = strstr(line, "(): ");
			said = said != NULL ? said + 4 : strstr(line, ": ") + 2;
			cli_found(d, CLI_ERROR, "config", "%s", said);
		}
		free(line);
	}
}

void cli_doctor_parse(cli_doctor_t *d)
{
	unsigned before = d->report.count[CLI_ERROR];
	cli_finding_t *f;
	cli_ran_t ran;

	if(!run_kamailio(d, PARSE_MS, &ran, "-c", d->config)) {
		cli_found(d, CLI_NOTE, "config", "kamailio -c cannot be run: %s",
				strerror(errno));
		return;
	}
	if(ran.exit == 0) {
		read_listens(d, ran.out.s);
		cli_found(d, CLI_FINE, "config",
				"%s is parsed, and its modules are loaded", d->config);
		free(ran.out.s);
		return;
	}
	tell_errors(d, ran.out.s);
	if(d->report.count[CLI_ERROR] == before)
		cli_found(d, CLI_ERROR, "config", "kamailio -c %s %s", d->config,
				ran.late ? "does not end" : "fails, and does not say why");
	f = &d->report.findings[d->report.n - 1];
	cli_finding_remedy(
			f, "Mend it until kamailio -c -f %s is content.", d->config);
	free(ran.out.s);
}
