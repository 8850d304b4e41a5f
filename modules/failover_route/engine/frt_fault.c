/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keeping faults, and the words they have in common. Texts of the operator are
 * made harmless here, once, so that nothing of a file can break a log line.
 */
#include "frt_draft_priv.h"
#include "frt_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A place for one more fault, or NULL. When all are taken an error drives
 * out the newest warning: warnings must not hide what is wrong. */
static frt_fault_t *fault_slot(frt_draft_t *d, bool warning)
{
	uint32_t i;

	if(d->nfaults < d->faults_max)
		return &d->faults[d->nfaults++];
	if(warning)
		return NULL;
	for(i = d->faults_max; i > 0; i--) {
		if(!d->faults[i - 1].warning)
			continue;
		memmove(&d->faults[i - 1], &d->faults[i],
				(d->faults_max - i) * sizeof(d->faults[0]));
		return &d->faults[d->faults_max - 1];
	}
	return NULL;
}

int frt_draft_keep_faults(frt_draft_t *d, uint32_t max)
{
	frt_fault_t *more;

	if(max <= d->faults_max)
		return 0;
	more = frt_draft_alloc(d, (size_t)max * sizeof(*more));
	if(more == NULL)
		return FRT_E_NOMEM;
	memcpy(more, d->faults, d->nfaults * sizeof(*more));
	d->faults = more;
	d->faults_max = max;
	return 0;
}

void frt_draft_fault(
		frt_draft_t *d, bool warning, frt_place_t place, const char *fmt, ...)
{
	frt_fault_t *f = fault_slot(d, warning);
	va_list ap;
	int n;

	if(warning)
		d->nwarnings++;
	else
		d->nerrors++;
	if(f == NULL)
		return;
	f->warning = warning;
	f->place = place;
	va_start(ap, fmt);
	n = vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	if(n < 0)
		f->text[0] = '\0';
	if(n >= (int)sizeof(f->text)) {
		frt_str_t all = {f->text, sizeof(f->text) - 1};
		/* not in the middle of a character */
		char *end = f->text + frt_utf8_cut(all, sizeof(f->text) - 4).len;
		memcpy(end, "...", 4);
	}
	frt_text_clean(f->text);
}

const frt_fault_t *frt_draft_faults(const frt_draft_t *d, uint32_t *kept,
		uint32_t *errors, uint32_t *warnings)
{
	if(kept != NULL)
		*kept = d->nfaults;
	if(errors != NULL)
		*errors = d->nerrors;
	if(warnings != NULL)
		*warnings = d->nwarnings;
	return d->faults;
}

uint32_t frt_draft_errors(const frt_draft_t *d)
{
	return d->nerrors;
}

void frt_fault_text(const frt_fault_t *f, frt_buf_t *out)
{
	if(f->place.file != NULL) {
		frt_buf_add(out, "%s:", f->place.file);
		if(f->place.line != 0)
			frt_buf_add(out, "%u:", (unsigned)f->place.line);
		frt_buf_add(out, " ");
	}
	frt_buf_add(out, "%s%s", f->warning ? "warning: " : "", f->text);
}

void frt_buf_add_place(frt_buf_t *out, frt_place_t place)
{
	if(place.file == NULL)
		return;
	frt_buf_add(out, " at %s", place.file);
	if(place.line != 0)
		frt_buf_add(out, ":%u", (unsigned)place.line);
}

/* `<set id="a">`, or `<set>` while the id is not known. */
static void add_element(frt_buf_t *out, const char *name, frt_str_t id)
{
	frt_buf_add(out, "<%s", name);
	if(id.len > 0) {
		frt_buf_add(out, " id=");
		frt_buf_add_quoted(out, id);
	}
	frt_buf_add(out, ">");
}

void frt_subject(frt_buf_t *out, frt_scope_t scope, const frt_draft_set_t *set,
		const frt_draft_dst_t *dst)
{
	if(scope == FRT_SCOPE_DESTINATION && dst != NULL) {
		add_element(out, "destination", dst->id);
		return;
	}
	if(scope == FRT_SCOPE_PROBE || scope == FRT_SCOPE_HEALTH
			|| scope == FRT_SCOPE_RULE)
		frt_buf_add(out, "<%s> of ", frt_scope_name(scope));
	if(set == NULL)
		frt_buf_add(out, "<defaults>");
	else
		add_element(out, "set", set->id);
}
