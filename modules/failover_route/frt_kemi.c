/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * KEMI exports: a table. The functions are frt_script.c's.
 */
#include "frt_kemi.h"
#include "frt_script.h"

/* clang-format off */
static sr_kemi_t kemi_exports[] = {
	{ str_init("failover_route"), str_init("frt_relay"),
		SR_KEMIP_INT, ki_frt_relay,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_relay_key"),
		SR_KEMIP_INT, ki_frt_relay_key,
		{ SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_select"),
		SR_KEMIP_INT, ki_frt_select,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_select_key"),
		SR_KEMIP_INT, ki_frt_select_key,
		{ SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_next"),
		SR_KEMIP_INT, ki_frt_next,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_again"),
		SR_KEMIP_INT, ki_frt_again,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_should_failover"),
		SR_KEMIP_INT, ki_frt_should_failover,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_mark"),
		SR_KEMIP_INT, ki_frt_mark,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_mark_dst"),
		SR_KEMIP_INT, ki_frt_mark_dst,
		{ SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_report"),
		SR_KEMIP_INT, ki_frt_report,
		{ SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_INT,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_is_up"),
		SR_KEMIP_INT, ki_frt_is_up,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_is_up_dst"),
		SR_KEMIP_INT, ki_frt_is_up_dst,
		{ SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_is_from"),
		SR_KEMIP_INT, ki_frt_is_from,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_exists"),
		SR_KEMIP_INT, ki_frt_exists,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("failover_route"), str_init("frt_http"),
		SR_KEMIP_INT, ki_frt_http,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ {0, 0}, {0, 0}, 0, NULL, { 0, 0, 0, 0, 0, 0 } }
};
/* clang-format on */

int frt_kemi_register(void)
{
	return sr_kemi_modules_add(kemi_exports);
}
