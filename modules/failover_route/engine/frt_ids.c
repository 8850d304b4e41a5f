/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The identity of a request, compared byte by byte: neither Call-ID nor tag
 * may be written in another way (RFC 3261 sections 8.1.1.4 and 19.3).
 */
#include "frt_ids.h"
#include "frt_scan.h"

#include <string.h>

static frt_str_t trim(const char *p, const char *end)
{
	frt_scan_t s = {p, end};

	frt_scan_space(&s);
	while(s.end > s.p && frt_scan_is_space(s.end[-1]))
		s.end--;
	return (frt_str_t){s.p, (uint32_t)(s.end - s.p)};
}

frt_str_t frt_hdr_body(frt_str_t line)
{
	const char *colon = line.len ? memchr(line.s, ':', line.len) : NULL;

	return colon ? trim(colon + 1, line.s + line.len) : (frt_str_t){NULL, 0};
}

/* Where the header's own parameters begin: behind the URI's '>', or, without
 * one, at the first ';' (RFC 3261 section 20). */
static frt_scan_t params_of(frt_str_t body)
{
	frt_scan_t s = {body.s, body.s + body.len};
	const char *p;

	for(p = s.end; p > s.p && p[-1] != '>'; p--)
		;
	while(p < s.end && *p != ';')
		p++;
	s.p = p;
	return s;
}

frt_str_t frt_hdr_tag(frt_str_t body)
{
	frt_scan_t s;
	frt_str_t name;

	if(body.len == 0)
		return (frt_str_t){NULL, 0};
	s = params_of(body);
	while(frt_scan_take(&s, ';')) {
		name = frt_scan_token(&s);
		if(!frt_scan_take(&s, '='))
			continue;
		if(frt_str_eq_nocase(name, FRT_STR("tag")))
			return frt_scan_token(&s);
		if(!frt_scan_value(&s))
			break;
	}
	return (frt_str_t){NULL, 0};
}

static frt_str_t number_of(frt_str_t cseq)
{
	frt_scan_t s = {cseq.s, cseq.s + cseq.len};

	return cseq.len ? frt_scan_token(&s) : cseq;
}

static bool same(frt_str_t request, frt_str_t answer)
{
	return request.len > 0 && frt_str_eq(request, answer);
}

/* Blanks around a header's value are not part of it (RFC 3261 section 7.3.1). */
static frt_str_t bare(frt_str_t body)
{
	return body.len ? trim(body.s, body.s + body.len) : body;
}

bool frt_ids_match(const frt_ids_t *request, const frt_ids_t *answer)
{
	return same(bare(request->call_id), bare(answer->call_id))
		   && same(frt_hdr_tag(request->from), frt_hdr_tag(answer->from))
		   && same(number_of(bare(request->cseq)),
				   number_of(bare(answer->cseq)));
}
