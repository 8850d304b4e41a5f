/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: what is asked for over HTTP.
 */
#ifndef FRT_STUB_MSG_PARSER_H
#define FRT_STUB_MSG_PARSER_H

#include "../../core/str.h"

#define SIP_REQUEST 1
#define FLINE_FLAG_PROTO_HTTP 2
#define HDR_EOH_F 0
#define LUMP_RPL_HDR 2
#define IS_HTTP(req) ((req)->first_line.flags & FLINE_FLAG_PROTO_HTTP)

struct ip_addr
{
	unsigned int af;
};

typedef struct hdr_field
{
	str name;
	str body;
	struct hdr_field *next;
} hdr_field_t;

typedef struct sip_msg
{
	struct
	{
		int type;
		int flags;
		union
		{
			struct
			{
				str method;
				str uri;
			} request;
		} u;
	} first_line;
	struct
	{
		struct ip_addr src_ip;
		char proto;
	} rcv;
	hdr_field_t *headers;
	char *buf;
	unsigned int len;
} sip_msg_t;

int parse_headers(sip_msg_t *msg, int flags, int next);
char *get_body(sip_msg_t *msg);
char *ip_addr2a(struct ip_addr *ip);
char *str_search(str *text, str *needle);
void *add_lump_rpl(sip_msg_t *msg, char *s, int len, int flags);
void *find_export(char *name, int n, int flags);

#endif
