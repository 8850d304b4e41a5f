/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: what a process calls itself.
 */
#ifndef FRT_STUB_PT_H
#define FRT_STUB_PT_H

struct process_table
{
	char desc[128];
};

extern struct process_table *pt;
extern int process_no;

#endif
