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

struct process_table *frt_stub_pt(void);
#define pt (frt_stub_pt())
#define process_no 0
int get_max_procs(void);

#endif
