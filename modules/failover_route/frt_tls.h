/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The name that TLS is to send (SNI): handed to Kamailio's tls module the one
 * way it takes it, in an XAVP. Must not know calls or probes.
 */
#ifndef FRT_TLS_H
#define FRT_TLS_H

#include "frt_params.h"
#include "frt_shm.h"

/* mod_init. */
void frt_tls_init(const frt_params_t *params);
/* Before something is sent to a URI in this process: its host is the server
 * name if named, else there is none. Nothing without the parameter tls_xavp. */
void frt_tls_name(frt_str_t uri, bool named);

#endif
