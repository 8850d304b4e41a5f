/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the module serves over Kamailio's own HTTP server (xhttp): one
 * function for event_route[xhttp:request]. Must not know what the texts say.
 */
#ifndef FRT_HTTP_H
#define FRT_HTTP_H

#include "frt_compat.h"

/* mod_init: binds xhttp where it is loaded. 0 or -1. */
int frt_http_init(void);

/* Answers the HTTP request if its path is one of the module's:
 * /metrics[?set=ID]; /failover, the status page; /failover.json with
 * [q=TEXT][&bad=1][&offset=N][&limit=N][&events=SEQ]; POST /failover/admin. The
 * latter three only under a host as frt_web_host_ok() wants it, and the last
 * only with http_admin=1 and from the page itself. 1 if it was answered, with an error maybe; FRT_E_INVAL if
 * it is no HTTP request, or xhttp is not loaded; FRT_E_NODST if the path is
 * none of ours: the script answers. */
int frt_http(sip_msg_t *msg);

#endif
