/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The module's parameters, in one structure, filled by Kamailio before
 * mod_init and constant afterwards. Handed on as const.
 */
#ifndef FRT_PARAMS_H
#define FRT_PARAMS_H

#include "../../core/str.h"

typedef struct frt_params
{
	str config_file;	 /* XML; empty: only the database */
	str state_file;		 /* empty: nothing survives a restart */
	str db_url;			 /* empty: no database */
	str db_table_prefix; /* "failover_route" */
	int db_write_admin;	 /* 1: set_admin changes the database's row as well */
	str xavp;			 /* root name of the xavp; empty: none is set */
	str tls_xavp;		 /* where the tls module finds server_name; or empty */
	str http_hosts;		 /* names that the status page may be asked under */
	int http_admin;		 /* 1: drain and ready over HTTP */
	str event_callback;	 /* KEMI function for events; empty: none */
	int probing;		 /* 0: no probes at all */
	int probe_rate;		 /* at most so many probes a second */
	int rescue;			 /* 0: calls in flight wait for their own timers */
	int icmp;			 /* 0: unreachable messages are not listened for */
	int history_size;	 /* transitions kept */
	int state_interval;	 /* seconds between writes of the state file */
} frt_params_t;

/* The parameters; valid from mod_init on. */
const frt_params_t *frt_params(void);

#endif
