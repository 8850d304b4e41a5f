/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The status page, page/, as the build embeds it: one HTML text with its style
 * and script inside, and the policy that allows just these by their hashes.
 */
#ifndef FRT_PAGE_H
#define FRT_PAGE_H

#include <stddef.h>

extern const unsigned char frt_page_html[]; /* generated */
extern const size_t frt_page_html_len;		/* generated */
extern const char frt_page_csp[];			/* generated */

#endif
