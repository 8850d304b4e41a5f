/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the engine costs at each size of a set. Runs under callgrind, which
 * counts instructions inside of the functions it is told to (--toggle-collect)
 * and is asked for one dump per case: work that is the same on each run, so
 * there is no clock. Prints "dump, case, variant, size, repetitions" of each
 * case, and "bytes, of what, size, bytes", apart by tabs; ../engine.py divides.
 *
 * usage: engine calls|loads SIZE...
 */
#include "../../unit/fixture.h"
#include "frt_draft_expand.h"

#include <valgrind/callgrind.h>

#define ROUNDS 1000
#define KEEP 2 /* destinations a failing call has tried */

static unsigned dumps;

/* Counting starts with begin() and ends with end(), which names the case. */
static void begin(void)
{
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
}

static void end(const char *what, const char *how, unsigned size, unsigned n)
{
	CALLGRIND_DUMP_STATS;
	CALLGRIND_STOP_INSTRUMENTATION;
	printf("%u\t%s\t%s\t%u\t%u\n", ++dumps, what, how, size, n);
}

/* One set of size destinations, and a spare in a second tier. What only the
 * hash strategy needs is there too, so any strategy may be set later. */
static void build(fx_t *fx, unsigned size)
{
	unsigned i;

	fx_begin(fx);
	fx_set(fx, "carriers", FRT_HASH);
	for(i = 0; i < size; i++)
		fx_dst(fx, 1, 1 + i % 5);
	fx_dst(fx, 2, 1);
	fx_freeze(fx);
}

static void choose(fx_t *fx, const char *what, unsigned size, unsigned ntried)
{
	frt_rec_t *tried[KEEP];
	frt_wish_t wish = {.tried = tried, .ntried = ntried};
	frt_set_t *set = fx_only(fx);
	frt_dst_t *dst;
	unsigned i;

	for(i = 0; i < ntried; i++)
		tried[i] = set->dsts[i].rec;
	begin();
	for(i = 0; i < ROUNDS; i++) {
		wish.key = frt_hash_mix(i);
		if(frt_choose(set, &wish, &fx->rnd, &dst) != 0)
			fail_msg("nothing was chosen");
	}
	end(what, frt_strategy_name(set->conf.strategy), size, ROUNDS);
}

static void choose_each(
		fx_t *fx, const char *what, unsigned size, unsigned ntried)
{
	static const frt_strategy_t strategies[] = {FRT_WEIGHTED, FRT_ROUND_ROBIN,
			FRT_ORDERED, FRT_LEAST_CALLS, FRT_FASTEST, FRT_HASH};
	unsigned i;

	for(i = 0; i < sizeof(strategies) / sizeof(strategies[0]); i++) {
		fx_only(fx)->conf.strategy = strategies[i];
		choose(fx, what, size, ntried);
	}
}

/* A state change: one destination after the other goes down. */
static void weigh(fx_t *fx, unsigned size)
{
	frt_set_t *set = fx_only(fx);
	unsigned i;

	begin();
	for(i = 0; i < size; i++) {
		if(i % 10)
			fx_down(&set->dsts[i]);
	}
	end("weigh", "-", size, size - (size + 9) / 10);
}

/* The n-th destination's address, as fx_dst() gave it; 11.x is nobody's. */
static frt_dst_t *from(const fx_t *fx, unsigned net, unsigned n, bool any_set)
{
	uint8_t addr[16] = {[10] = 0xff,
			[11] = 0xff,
			[12] = (uint8_t)net,
			[13] = (uint8_t)(n >> 16),
			[14] = (uint8_t)(n >> 8),
			[15] = (uint8_t)n};

	return frt_gen_from(fx->gen, any_set ? NULL : fx_only(fx), addr);
}

static void look_up(const fx_t *fx, unsigned size)
{
	unsigned i;

	begin();
	for(i = 0; i < ROUNDS; i++) {
		if(!from(fx, 10, i * 7919u % size, i & 1))
			fail_msg("an address was not found");
	}
	end("from", "hit", size, ROUNDS);
	begin();
	for(i = 0; i < ROUNDS; i++) {
		if(from(fx, 11, i * 7919u, i & 1))
			fail_msg("an address was found that is not there");
	}
	end("from", "miss", size, ROUNDS);
}

static void calls(unsigned size)
{
	unsigned i;
	fx_t fx;

	build(&fx, size);
	choose_each(&fx, "choose", size, 0);
	choose_each(&fx, "choose next", size, KEEP);
	look_up(&fx, size);
	weigh(&fx, size);
	choose_each(&fx, "choose, 90 % down", size, 0);
	for(i = 0; i < size; i++)
		fx_down(&fx_only(&fx)->dsts[i]);
	choose_each(&fx, "choose, tier down", size, 0);
	fx_end(&fx);
}

/* The DNS: two addresses for every name, or no answer yet. */
static frt_rr_t rrs[2] = {{.addr = {[10] = 0xff, [11] = 0xff, [12] = 10}},
		{.addr = {[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}}};
static const frt_answer_t answer = {.n = 2, .rrs = rrs};

static void find(void *ctx, frt_qtype_t type, frt_str_t name, frt_found_t *out)
{
	(void)type;
	(void)name;
	out->answer = ctx ? &answer : NULL;
	out->err = ctx ? FRT_DNS_GOOD : FRT_DNS_PENDING;
}

static void done(void *ctx, const frt_answer_t *given)
{
	(void)ctx;
	(void)given;
}

/* Names to what they stand for: by the DNS's answers, or while it gives none by
 * the old table. */
static void expand(fx_t *fx, const char *how, unsigned size, void *answers,
		const frt_gen_t *old)
{
	static frt_children_t room;
	frt_expander_t e = {{true, true, 0xff}, {find, done, answers, NULL}, &room};
	char id[16], uri[32];
	unsigned i;

	fx_begin(fx);
	fx_set(fx, "carriers", FRT_WEIGHTED);
	for(i = 0; i < size; i++) {
		snprintf(id, sizeof(id), "n%u", i);
		snprintf(uri, sizeof(uri), "sip:n%u.test", i);
		fx_dst_uri(fx, id, uri, 1, 1)->resolve = FRT_RESOLVE_HOST;
	}
	if(frt_draft_check(fx->draft) != 0)
		fail_msg("the draft has faults");
	begin();
	if(frt_draft_expand(fx->draft, &e, old) != 0)
		fail_msg("no memory");
	end("expand", how, size, size);
	fx_freeze(fx);
	if(fx_only(fx)->ndsts != 2 * size)
		fail_msg("not all names stand for two destinations");
}

static void names(unsigned size)
{
	fx_t fx, again;

	expand(&fx, "answers", size, &fx, NULL);
	expand(&again, "old table", size, NULL, fx.gen);
	fx_end(&again);
	fx_end(&fx);
}

/* From a checked draft to a table that can be published, without a source. */
static void loads(unsigned size)
{
	fx_t fx;

	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dsts(&fx, size, 1, 10);
	begin();
	if(frt_draft_check(fx.draft) != 0)
		fail_msg("the draft has faults");
	end("check", "-", size, size);
	begin();
	fx_freeze(&fx);
	end("freeze", "-", size, size);
	printf("bytes\ttable\t%u\t%zu\n", size, fx.gen->bytes);
	printf("bytes\trecords\t%u\t%zu\n", size, size * sizeof(frt_rec_t));
	printf("bytes\tof calls\t%u\t%zu\n", size, size * sizeof(frt_act_t));
	fx_end(&fx);
	names(size);
}

int main(int argc, char **argv)
{
	bool of_calls = argc > 1 && strcmp(argv[1], "calls") == 0;
	int i;

	if(argc < 3 || (!of_calls && strcmp(argv[1], "loads") != 0)) {
		fprintf(stderr, "usage: engine calls|loads SIZE...\n");
		return 2;
	}
	for(i = 2; i < argc; i++)
		(of_calls ? calls : loads)((unsigned)strtoul(argv[i], NULL, 10));
	return 0;
}
