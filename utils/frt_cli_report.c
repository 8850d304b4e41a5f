/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Findings: kept, ordered, told; and the draft of a file, where most come from.
 */
// needs: modules/failover_route/frt_xml.c modules/failover_route/frt_xml_load.c
// needs: modules/failover_route/frt_xml_parse.c modules/failover_route/frt_xml_walk.c
#include "frt_cli_report.h"
#include "frt_cli_file.h"
#include "frt_cli_mem.h"
#include "frt_xml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULTS_SHOWN 10000

const char *cli_level_name(cli_level_t level)
{
	static const char *const names[] = {"ok", "note", "warning", "error"};

	return names[level];
}

static cli_finding_t *add(cli_report_t *r, cli_level_t level)
{
	cli_finding_t *f;

	if(r->n == r->room) {
		r->room = r->room * 2 + 16;
		r->findings = cli_realloc(r->findings, r->room, sizeof(*f));
	}
	f = &r->findings[r->n++];
	memset(f, 0, sizeof(*f));
	f->level = level;
	r->count[level]++;
	return f;
}

cli_finding_t *cli_report_add(cli_report_t *r, cli_level_t level,
		const char *topic, const char *fmt, ...)
{
	cli_finding_t *f = add(r, level);
	va_list args;

	f->topic = cli_copy(topic);
	va_start(args, fmt);
	f->text = cli_vtext(fmt, args);
	va_end(args);
	return f;
}

void cli_finding_remedy(cli_finding_t *f, const char *fmt, ...)
{
	va_list args;

	free(f->remedy);
	va_start(args, fmt);
	f->remedy = cli_vtext(fmt, args);
	va_end(args);
}

/* A fault, and where its file came up first: files keep their order. */
typedef struct sorted
{
	const frt_fault_t *fault;
	uint32_t file;
	uint32_t at;
} sorted_t;

static int compare(const void *pa, const void *pb)
{
	const sorted_t *a = pa, *b = pb;
	uint32_t la = a->fault->place.line, lb = b->fault->place.line;

	if(a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if(la != lb)
		return la < lb ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static bool same_file(const frt_fault_t *a, const frt_fault_t *b)
{
	if(a->place.file == NULL || b->place.file == NULL)
		return a->place.file == b->place.file;
	return strcmp(a->place.file, b->place.file) == 0;
}

/* The files are few, or the faults are. */
static sorted_t *sort_faults(const frt_fault_t *faults, uint32_t n)
{
	sorted_t *s = cli_alloc(n * sizeof(*s));
	uint32_t i, k, *firsts = cli_alloc(n * sizeof(*firsts)), nfirsts = 0;

	for(i = 0; i < n; i++) {
		for(k = 0; k < nfirsts; k++) {
			if(same_file(&faults[firsts[k]], &faults[i]))
				break;
		}
		if(k == nfirsts)
			firsts[nfirsts++] = i;
		s[i].fault = &faults[i];
		s[i].file = k;
		s[i].at = i;
	}
	free(firsts);
	qsort(s, n, sizeof(*s), compare);
	return s;
}

void cli_report_add_faults(cli_report_t *r, const frt_draft_t *d)
{
	uint32_t kept, errors, warnings, i, was[2];
	const frt_fault_t *faults = frt_draft_faults(d, &kept, &errors, &warnings);
	sorted_t *s = sort_faults(faults, kept);

	was[0] = r->count[CLI_ERROR];
	was[1] = r->count[CLI_WARNING];
	for(i = 0; i < kept; i++) {
		const frt_fault_t *fault = s[i].fault;
		cli_finding_t *f = add(r, fault->warning ? CLI_WARNING : CLI_ERROR);
		f->file = cli_copy(fault->place.file);
		f->line = fault->place.line;
		f->text = cli_copy(fault->text);
	}
	free(s);
	r->count[CLI_ERROR] = was[0] + errors;
	r->count[CLI_WARNING] = was[1] + warnings;
}

static json_t *json_of(const cli_finding_t *f)
{
	json_t *o = json_object();

	cli_json_set(o, "level", cli_json_text(cli_level_name(f->level)));
	if(f->topic != NULL)
		cli_json_set(o, "topic", cli_json_text(f->topic));
	if(f->file != NULL)
		cli_json_set(o, "file", cli_json_text(f->file));
	if(f->line > 0)
		cli_json_set(o, "line", json_integer(f->line));
	cli_json_set(o, "text", cli_json_text(f->text));
	if(f->remedy != NULL)
		cli_json_set(o, "remedy", cli_json_text(f->remedy));
	return o;
}

json_t *cli_report_json(const cli_report_t *r)
{
	json_t *list = json_array();
	size_t i;

	for(i = 0; i < r->n; i++)
		cli_json_add(list, json_of(&r->findings[i]));
	return list;
}

const char *cli_report_sum(const cli_report_t *r)
{
	static char text[80];
	unsigned e = r->count[CLI_ERROR], w = r->count[CLI_WARNING];
	frt_buf_t b;

	frt_buf_init(&b, text, sizeof(text));
	if(e > 0)
		frt_buf_add(&b, "%u error%s", e, frt_plural(e));
	if(w > 0)
		frt_buf_add(&b, "%s%u warning%s", e > 0 ? ", " : "", w, frt_plural(w));
	return text;
}

int cli_report_exit(const cli_report_t *r)
{
	return r->count[CLI_ERROR] + r->count[CLI_WARNING] > 0 ? CLI_FINDINGS
														   : CLI_GOOD;
}

void cli_report_free(cli_report_t *r)
{
	size_t i;

	for(i = 0; i < r->n; i++) {
		free(r->findings[i].topic);
		free(r->findings[i].file);
		free(r->findings[i].text);
		free(r->findings[i].remedy);
	}
	free(r->findings);
	memset(r, 0, sizeof(*r));
}

bool cli_draft_read(const char *file, frt_draft_t **out, const char **why)
{
	frt_mem_t mem = cli_mem();
	frt_draft_t *d = frt_draft_new(&mem);
	struct stat st;
	int fd, err = FRT_E_NOMEM;

	if(d != NULL)
		err = frt_draft_keep_faults(d, FAULTS_SHOWN);
	*why = cli_file_open(file, &fd, &st);
	if(*why == NULL)
		close(fd);
	if(err == 0 && *why == NULL) {
		err = frt_xml_read(d, file);
		if(err != FRT_E_NOMEM)
			err = frt_draft_check(d);
	}
	if(err == FRT_E_NOMEM) {
		fputs("failover-route: out of memory\n", stderr);
		exit(CLI_COULD_NOT);
	}
	*out = d;
	return *why == NULL;
}
