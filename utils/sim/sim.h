/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A model of the module in virtual time: the engine as it is, a thin model of
 * the host around it, and next hops that do as they are told. Equal seeds and
 * equal orders give equal runs. The simulated worlds of test/sim check it by
 * their invariants; `failover-route simulate` and `replay` ask it what calls
 * would have seen. Must not know either: they look through sim_ops_t.
 *
 * The model's time (w->t) only moves when told; the engine's clock is that
 * time plus a skew.
 */
#ifndef FRT_SIM_H
#define FRT_SIM_H

#include "frt_gen.h"
#include "frt_health.h"
#include "frt_plan.h"
#include "frt_sched.h"

#define SIM_KICKS 512 /* more are a fault of the model */
#define SIM_NONE UINT32_MAX

/* The truth about a next hop. */
#define SIM_TRUTHS(X)                                                    \
	X(SIM_HEALTHY, "healthy")		/* answers everything */             \
	X(SIM_DEAD, "dead")				/* answers nothing */                \
	X(SIM_REFUSED, "refused")		/* port closed */                    \
	X(SIM_LIMPING, "limping")		/* OPTIONS 200, INVITE 503 */        \
	X(SIM_DEAF, "deaf")				/* OPTIONS 200, INVITE unanswered */ \
	X(SIM_TRYING, "trying")			/* 100, then silence */              \
	X(SIM_BROWNOUT, "brownout")		/* some INVITEs 503 or unanswered */ \
	X(SIM_OVERLOADED, "overloaded") /* 503 with Retry-After */           \
	X(SIM_FLAPPING, "flapping")		/* dead and healthy in turns */      \
	X(SIM_SLOW, "slow")				/* answers late, some too late */    \
	X(SIM_SHY, "shy")				/* INVITE 200, OPTIONS unanswered */ \
	X(SIM_PARTLY, "partly")			/* some INVITEs end as told */
FRT_ENUM_DECL(sim_truth, SIM_TRUTHS)

/* Milliseconds: at least min, and less than spread on top. */
typedef struct sim_range
{
	uint32_t min;
	uint32_t spread; /* 0: none */
} sim_range_t;

/* How a next hop serves a call that it takes. */
typedef struct sim_manner
{
	sim_range_t rtt;	  /* until its first reply */
	sim_range_t late;	  /* the same, while it is slow */
	sim_range_t ring;	  /* from the first reply to 180 */
	sim_range_t answer;	  /* from there to the final one */
	uint32_t other_pct;	  /* calls that end otherwise than with 200 */
	const int *others;	  /* with one of these; below 200: it never ends */
	uint32_t nothers;	  /* at least 1 where other_pct is not 0 */
	uint32_t no_ring_pct; /* calls without a 180 */
} sim_manner_t;

#define SIM_RETRY_ANY INT64_MIN /* the Retry-After is drawn */

typedef struct sim_hop
{
	sim_truth_t truth;
	uint32_t percent;	/* brownout, partly: of its INVITEs */
	uint32_t period_ms; /* flapping */
	int code;			/* partly: their end; 0: silence */
	int64_t retry_s;	/* overloaded: SIM_RETRY_ANY, or as told; -1: none */
	uint32_t max_cps;	/* refuses what is above with 503; 0: takes all */
	uint64_t second;	/* and so many it took in this second */
	uint32_t taken;
	bool stream; /* a refused send fails at once; else ICMP says so */
	sim_manner_t manner;
} sim_hop_t;

/* A record, and what the model knows of it. */
typedef struct sim_rec
{
	frt_rec_t rec;
	struct sim_rec *next; /* of all alive */
	char set[FRT_ID_MAX + 1];
	char id[FRT_DST_ID_MAX + 1];
	uint32_t addr; /* its next hop, in w->hops */
	uint32_t open; /* attempts begun and not ended */
} sim_rec_t;

typedef struct sim_set_rec
{
	frt_set_rec_t rec;
	struct sim_set_rec *next;
	char id[FRT_ID_MAX + 1];
} sim_set_rec_t;

typedef struct sim_call
{
	uint32_t index; /* among the calls */
	uint32_t life;	/* tells apart who used the slot */
	uint32_t next;	/* free ones only */
	uint32_t user;	/* number of the called one */
	bool used;
	bool over; /* answered or given up; tm keeps it a while */
	bool hung_up;
	bool invite;
	bool has_key;	  /* its script answers a challenge, by frt_again */
	uint64_t rang_ms; /* the first 18x or 2xx came; 0: none */
	uint64_t due_t;	  /* when the latest attempt's timer is due */
	uint64_t look_t;  /* when it will be looked at; 0: never was */
	frt_plan_t plan;
} sim_call_t;

/* The first are the model's own; those from SIM_CALL on are its user's. */
#define SIM_EVENTS(X)              \
	X(SIM_REPLY, "reply")          \
	X(SIM_TIMER, "timer")          \
	X(SIM_MOVE, "move")            \
	X(SIM_HANGUP, "hangup")        \
	X(SIM_FREE, "free")            \
	X(SIM_BYE, "bye")              \
	X(SIM_PROBED, "probe reply")   \
	X(SIM_CALL, "call")            \
	X(SIM_CHANGE, "truth changes") \
	X(SIM_OPERATOR, "operator")    \
	X(SIM_HEAL, "heal")
FRT_ENUM_DECL(sim_kind, SIM_EVENTS)

typedef struct sim_event
{
	uint64_t t;
	uint32_t next; /* of the same millisecond, or free */
	uint32_t call;
	uint32_t life;
	uint8_t kind; /* sim_kind_t */
	uint8_t attempt;
	int16_t code; /* of a reply; of a move frt_moved_t */
	union
	{
		uint32_t id;	/* of a probe */
		int64_t retry;	/* Retry-After, s */
		frt_rec_t *rec; /* whose place a BYE gives back; holds a reference */
	};
} sim_event_t;

typedef struct sim_kick
{
	frt_rec_t *rec;
	bool probe;
} sim_kick_t;

/* A choice as made, before the token is taken. */
typedef struct sim_choice
{
	const frt_set_t *set;
	const frt_dst_t *dst;
	frt_rec_t *const *tried;
	uint32_t ntried;
	bool panic;
	int err; /* nothing was chosen; dst is NULL */
} sim_choice_t;

/* The machine made one step; obs is NULL for a tick. */
typedef struct sim_step
{
	const frt_dst_t *dst;
	const frt_obs_t *obs;
	const frt_health_rules_t *rules;
	uint32_t before;	/* the word */
	frt_health_rec_t h; /* as it was */
	uint64_t ejected;	/* of its tier, as it was */
	frt_change_t change;
	const frt_transition_t *tr;
} sim_step_t;

struct sim_world;

/* What the model's user does and wants to see. All but invite, probe, own and
 * broken may be NULL. */
typedef struct sim_ops
{
	/* Plans the replies to an attempt that went out. False: it could not be
	 * sent. */
	bool (*invite)(struct sim_world *w, sim_call_t *call, uint32_t attempt);
	/* Plans the reply to a probe. False: it could not be sent. */
	bool (*probe)(struct sim_world *w, uint32_t addr, uint32_t id);
	/* An event from SIM_CALL on. */
	void (*own)(struct sim_world *w, const sim_event_t *ev);
	/* The model itself is wrong; does not return. */
	void (*broken)(struct sim_world *w, const char *what);
	void (*rec_made)(struct sim_world *w, sim_rec_t *r, const frt_dst_t *dst);
	void (*choice)(struct sim_world *w, const sim_choice_t *c);
	/* An attempt begins; its token is in it. */
	void (*attempt)(
			struct sim_world *w, const frt_dst_t *dst, const frt_attempt_t *a);
	/* It has ended. */
	void (*outcome)(struct sim_world *w, const sim_call_t *call,
			const frt_attempt_t *a, const frt_decision_t *d);
	/* A call begins, or goes on at the cost of a retry. */
	void (*budget)(struct sim_world *w, const frt_set_t *set, bool retry);
	void (*step)(struct sim_world *w, const sim_step_t *s);
	/* Health or admin changed. Of a step, after it. */
	void (*changed)(struct sim_world *w, const frt_dst_t *dst,
			const frt_transition_t *tr);
	/* A call has its final answer; err says why none was left to try, or 0. */
	void (*over)(struct sim_world *w, const sim_call_t *call, int err);
} sim_ops_t;

#define SIM_SLOTS 65536u /* milliseconds that the wheel looks ahead */
#define SIM_CHUNK 16u	 /* calls in one piece of memory */

/* What is going to happen: a wheel of milliseconds, and a heap of what is
 * further away. What happens at the same time happens in the order in which
 * it was planned. */
typedef struct sim_queue
{
	sim_event_t *events;
	uint32_t room, free, n;
	struct sim_slot
	{
		uint32_t first, last; /* events */
	} slots[SIM_SLOTS];
	uint64_t busy[SIM_SLOTS / 64]; /* bit per slot that is not empty */
	struct sim_far
	{
		uint64_t t, seq;
		uint32_t event;
	} * far;
	uint32_t nfar, far_room;
	uint64_t seq;
} sim_queue_t;

typedef struct sim_world
{
	const sim_ops_t *ops;
	bool verbose;	 /* print a trace */
	bool sloppy;	 /* clocks read early, scripts that drop calls */
	frt_rand_t fate; /* the model's draws */
	frt_rand_t rnd;	 /* the engine's draws */
	uint64_t t;		 /* ms; sim_time_set() moves it */
	uint64_t skew;	 /* the engine's clock is this much ahead */
	uint32_t week_min;
	uint32_t step;
	sim_queue_t queue;

	frt_mem_t mem;
	size_t rec_size;	 /* 0: sizeof(sim_rec_t); begins with one */
	size_t set_rec_size; /* the same of sim_set_rec_t */
	bool probing;		 /* the module's parameter */
	frt_gen_t *gen;
	sim_rec_t *recs;
	sim_set_rec_t *set_recs;
	frt_sched_t sched;
	uint64_t probe_retry_ms; /* the schedule was out of memory */
	sim_kick_t kicks[SIM_KICKS];
	uint32_t nkicks;

	sim_hop_t *hops; /* the user's */
	uint32_t loss;	 /* of messages, permille */

	sim_call_t **chunks;
	uint32_t ncalls;	/* slots there are */
	uint32_t max_calls; /* at once; 0: as many as there is memory for */
	uint32_t free_call; /* first free slot, SIM_NONE: none */
	uint32_t linger_ms; /* tm keeps a call for less than this */
	sim_range_t talk;	/* a dialog keeps its places; min 0: none does */
	uint32_t nopen;		/* calls in use */
	uint64_t no_slot;	/* calls for which there was none */
} sim_world_t;

/* --- sim_queue.c: time, events, drawing, saying ----------------------------- */

/* Makes a zeroed world ready: its ops, memory and draws are set. */
void sim_init(sim_world_t *w);
/* Frees what is left: events, calls, generation, records. */
void sim_free(sim_world_t *w);
/* p with room for n things of a size, from realloc(). */
void *sim_grow(sim_world_t *w, void *p, size_t n, size_t size);
/* An event in so many ms; the caller fills in the rest. Valid until the next
 * one is asked for. */
sim_event_t *sim_later(sim_world_t *w, sim_kind_t kind, uint64_t in_ms);
/* When the next event is; UINT64_MAX: there is none. */
uint64_t sim_next_t(const sim_world_t *w);
/* Time passes until then; not back, nor past an event. */
void sim_time_set(sim_world_t *w, uint64_t t);
/* Lets the next thing before end_t happen, an event or the prober's work; false
 * if there is none. Time stays at what happened. */
bool sim_step(sim_world_t *w, uint64_t end_t);
/* Uniform in [0, n), from what the model draws. */
uint32_t sim_draw(sim_world_t *w, uint32_t n);
uint32_t sim_draw_range(sim_world_t *w, sim_range_t r);
/* True in so many of a hundred. */
bool sim_chance(sim_world_t *w, uint32_t percent);
/* The engine's clock. */
uint64_t sim_now(const sim_world_t *w);
/* One line of the trace, where it is wanted. */
void sim_trace(sim_world_t *w, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
#define sim_say(w, ...) ((w)->verbose ? sim_trace((w), __VA_ARGS__) : (void)0)
/* Something is wrong that never should be: ends the run. */
void sim_broken(sim_world_t *w, const char *fmt, ...)
		__attribute__((format(printf, 2, 3), noreturn));

/* --- sim_table.c: generations and records (frt_shm.c, frt_reload.c) --------- */

/* Reloads: a checked draft becomes the generation. addr_of says which next hop
 * a destination has. 0 or an frt_err_t, after which nothing has changed. */
int sim_table_load(sim_world_t *w, const frt_draft_t *d,
		uint32_t (*addr_of)(sim_world_t *w, const frt_dst_t *dst));
/* Drops the generation; records that calls hold stay. */
void sim_table_drop(sim_world_t *w);
void sim_weigh(sim_world_t *w, frt_rec_t *rec);
void sim_rec_ref(frt_rec_t *rec);
void sim_rec_unref(sim_world_t *w, frt_rec_t *rec);
/* Of a record that nobody has any more, and that is in no list. */
void sim_rec_free(sim_world_t *w, frt_rec_t *rec);
void sim_set_rec_unref(sim_world_t *w, frt_set_rec_t *rec);
static inline sim_rec_t *sim_rec_of(frt_rec_t *rec)
{
	return (sim_rec_t *)rec;
}

/* --- sim_hop.c: what next hops do ------------------------------------------- */

/* sim_ops_t's invite and probe, as the hop's truth has it. */
bool sim_hop_invite(sim_world_t *w, sim_call_t *call, uint32_t attempt);
bool sim_hop_probe(sim_world_t *w, uint32_t addr, uint32_t id);
/* One reply to an attempt, in so many ms; retry -1: without Retry-After. May
 * be lost. */
void sim_hop_reply(sim_world_t *w, sim_call_t *call, uint32_t attempt, int code,
		uint32_t in_ms, int64_t retry);

/* --- sim_host.c: evidence to change (frt_observe.c, frt_admit.c) ------------- */

void sim_rules_of(
		sim_world_t *w, const frt_dst_t *dst, frt_health_rules_t *rules);
void sim_observe(sim_world_t *w, frt_rec_t *rec, const frt_obs_t *obs);
uint64_t sim_tick(sim_world_t *w, frt_rec_t *rec);
bool sim_admin(sim_world_t *w, frt_rec_t *rec, frt_admin_t admin);
/* A place for a call, its token with it; and the place back. */
int sim_admit(sim_world_t *w, frt_dst_t *dst, bool panic, uint8_t *token);
void sim_leave(sim_world_t *w, frt_rec_t *rec);
void sim_release(sim_world_t *w, frt_rec_t *rec, uint8_t token);

/* --- sim_probe.c: probes and ticks (frt_probe.c) ----------------------------- */

/* Does all that is due. */
void sim_prober_run(sim_world_t *w);
/* The engine's time of what is due next. */
uint64_t sim_prober_next(const sim_world_t *w);
void sim_prober_result(sim_world_t *w, const sim_event_t *ev);

/* --- sim_call.c: calls (frt_call.c, frt_relay.c, frt_reply.c, frt_rescue.c) -- */

/* A new call to the set, as frt_relay begins it; the caller fills in invite,
 * user, plan.user and plan.key, then calls sim_call_go(). NULL: there is no
 * place for it in the model, or *err says why it is refused. */
sim_call_t *sim_call_new(sim_world_t *w, frt_set_t *set, int *err);
void sim_call_go(sim_world_t *w, sim_call_t *call);
/* The caller hangs up in so many ms, if that still matters. */
void sim_call_hang_up(sim_world_t *w, const sim_call_t *call, uint32_t in_ms);
void sim_call_event(sim_world_t *w, const sim_event_t *ev);
/* The destination went down: what waits there moves on. */
void sim_call_rescue(sim_world_t *w, frt_rec_t *rec);
/* The call of that number, used or not; below w->ncalls. */
static inline sim_call_t *sim_call_at(const sim_world_t *w, uint32_t i)
{
	return &w->chunks[i / SIM_CHUNK][i % SIM_CHUNK];
}

#endif
