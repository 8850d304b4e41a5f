/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: a server that answers as the test says.
 */
#ifndef FRT_STUB_XHTTP_API_H
#define FRT_STUB_XHTTP_API_H

#include "../../core/parser/msg_parser.h"

typedef struct xhttp_api
{
	int (*reply)(sip_msg_t *msg, int code, str *reason, str *type, str *body);
} xhttp_api_t;

int xhttp_load_api(xhttp_api_t *api);

#endif
