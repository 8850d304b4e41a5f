/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of doctor share. Each part looks at one thing and adds what
 * it finds, good or bad, to the report; a part whose ground is missing leaves
 * what depends on it out.
 */
#ifndef FRT_CLI_DOCTOR_H
#define FRT_CLI_DOCTOR_H

#include "frt_cli_cfg.h"
#include "frt_cli_report.h"

#include <sys/types.h>

#define CLI_MODULE "failover_route"

/* A socket that Kamailio says it would listen on. */
typedef struct cli_listen
{
	char *proto;
	char *address; /* without brackets */
	int port;
	char *name;		  /* as it was written: a name, or the address */
	char *advertised; /* NULL: none; without brackets */
	int advertised_port;
} cli_listen_t;

typedef struct cli_doctor
{
	const cli_args_t *args;
	cli_report_t report;
	const char *config;	  /* kamailio.cfg */
	char *kamailio;		  /* the program; NULL: there is none */
	char *version;		  /* "kamailio 5.6.3 (x86_64/linux)" */
	char *flags;		  /* what it was compiled with */
	char *module_folders; /* where it looks for modules, with colons */
	cli_cfg_t cfg;
	cli_listen_t *listens;
	size_t nlistens;
	char *user; /* whom it runs as */
	uid_t uid;
	gid_t gid;
	bool can_be_user; /* else rights cannot be looked at */
	frt_draft_t *table;
} cli_doctor_t;

/* The program: its version, flags, and modules' folders. False: no program. */
bool cli_doctor_kamailio(cli_doctor_t *d);
/* What the configuration says, preprocessed by Kamailio. */
bool cli_doctor_read_cfg(cli_doctor_t *d);
/* The module's file against the program; what it needs of other modules. */
void cli_doctor_module(cli_doctor_t *d);
/* kamailio -c: parsing and loading; the sockets it would listen on. */
void cli_doctor_parse(cli_doctor_t *d);
/* Whom Kamailio runs as. */
void cli_doctor_user(cli_doctor_t *d);
/* The files: kamailio.cfg, the table, the state file, the control socket. */
void cli_doctor_files(cli_doctor_t *d);
/* Sockets that are wanted and those that are there; names. */
void cli_doctor_net(cli_doctor_t *d);

/* A finding of the report, to which a remedy may be added. */
#define cli_found(d, level, topic, ...) \
	cli_report_add(&(d)->report, level, topic, __VA_ARGS__)

#endif
