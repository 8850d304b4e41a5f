/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Server names for the tls module, which looks for server_name in the XAVP of
 * its parameter xavp_cfg when a connection is made, in the process that sends.
 */
#include "frt_compat.h"
#include "frt_tls.h"

#include <string.h>

static str root;

void frt_tls_init(const frt_params_t *params)
{
	root = params->tls_xavp;
}

void frt_tls_name(frt_str_t uri, bool named)
{
	static str child = str_init("server_name");
	char host[FRT_URI_MAX + 1];
	frt_uri_t parts;
	str name;

	if(root.len <= 0)
		return;
	if(!named || frt_uri_parse(uri, &parts) != 0
			|| parts.host.len >= sizeof(host)) {
		xavp_rm_child_by_index(&root, &child, 0);
		return;
	}
	memcpy(host, parts.host.s, parts.host.len);
	host[parts.host.len] = '\0';
	name.s = host;
	name.len = (int)parts.host.len;
	if(xavp_set_child_sval(&root, &child, &name) < 0)
		LM_ERR("no memory for the TLS server name %s\n", host);
}
