/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Totals as Kamailio statistics: `kamcmd stats.get_statistics failover_route:`
 * and $stat(frt_attempts). Counters are Kamailio's own, one place a process,
 * so counting takes no lock and a reload that removes a destination takes
 * nothing off them; what is so now (destinations up, calls in progress) is
 * counted in the table when it is asked for. Must not know calls, probes or
 * RPC.
 */
#ifndef FRT_STATS_H
#define FRT_STATS_H

/* Totals since the start, over all destinations. */
#define FRT_STATS(X)                                                      \
	X(FRT_STAT_ATTEMPTS, "frt_attempts", "attempts sent to destinations") \
	X(FRT_STAT_OK, "frt_ok", "attempts that proved a destination alive")  \
	X(FRT_STAT_FAILED, "frt_failed",                                      \
			"attempts that counted against a destination")                \
	X(FRT_STAT_IGNORED, "frt_ignored",                                    \
			"attempts that proved nothing either way")                    \
	X(FRT_STAT_TIMEOUTS, "frt_timeouts",                                  \
			"attempts without a final reply in time")                     \
	X(FRT_STAT_FAILOVERS, "frt_failovers",                                \
			"times a call moved on to another destination")               \
	X(FRT_STAT_RESCUED, "frt_rescued",                                    \
			"calls moved on because their destination went down or its "  \
			"connection closed")                                          \
	X(FRT_STAT_EXHAUSTED, "frt_exhausted",                                \
			"calls for which no destination was left")                    \
	X(FRT_STAT_TRANSITIONS, "frt_transitions",                            \
			"changes of health or admin state")                           \
	X(FRT_STAT_PROBES, "frt_probes", "probes that have ended")            \
	X(FRT_STAT_PROBES_FAILED, "frt_probes_failed", "probes that failed")  \
	X(FRT_STAT_FORGED, "frt_forged", "answers to probes that were not believed")

typedef enum frt_stat
{
#define FRT_X(id, name, doc) id,
	FRT_STATS(FRT_X)
#undef FRT_X
			FRT_STAT_COUNT
} frt_stat_t;

/* mod_init, before any fork: registers all of them. 0 or -1. */
int frt_stats_init(void);
/* One more. Any process; no lock, no wait. */
void frt_stats_count(frt_stat_t stat);

#endif
