/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The metrics as Prometheus would read them: every line well-formed, every
 * family said once and in one piece, no label set twice, every destination
 * there from the start.
 */
// needs: modules/failover_route/frt_metrics.c modules/failover_route/frt_view.c
// needs: modules/failover_route/frt_metrics_dns.c
#include "host.h"

#include "frt_metrics.h"
#include "frt_names.h"
#include "frt_observe.h"
#include "frt_resolver.h"
#include "frt_rules.h"

static uint32_t dropped;

uint32_t frt_event_dropped(void)
{
	return dropped;
}

uint64_t frt_table_refused_ms(void)
{
	return 0;
}

void frt_observe_rules(const frt_dst_t *dst, frt_health_rules_t *rules)
{
	frt_rules_of(dst, true, 0, rules);
}

const frt_children_t *frt_resolver_look(const frt_parent_t *p)
{
	(void)p;
	fail(); /* the metrics put nothing in words */
	return NULL;
}

/* One name that is well, one that never was. */
frt_name_view_t *frt_names_list(uint32_t *n)
{
	frt_name_view_t *all = calloc(2, sizeof(*all));

	*n = 2;
	all[0].q = (frt_question_t){FRT_Q_SRV, "_sip._udp.example.net"};
	all[0].good_ms = 1;
	all[0].failed = 7;
	all[0].failures = 2;
	all[1].q = (frt_question_t){FRT_Q_HOST, "gw1.example.net"};
	return all;
}

void frt_names_free(frt_name_view_t *all, uint32_t n)
{
	assert_int_equal(n, 2);
	free(all);
}

static void begin(fx_t *fx, frt_prom_t *p)
{
	fx_begin(fx);
	fx_set(fx, "carriers", FRT_WEIGHTED);
	fx_dst(fx, 1, 70);
	fx_dst(fx, 1, 30);
	fx_set(fx, "o\"dd\\", FRT_WEIGHTED);
	fx_dst(fx, 1, 1);
	fx_freeze(fx);
	host_begin(fx->gen);
	frt_prom_init(p, &fx->mem);
}

static void end(fx_t *fx, frt_prom_t *p)
{
	frt_prom_free(p);
	fx_end(fx);
}

static int count(const char *text, const char *what)
{
	int n = 0;

	for(; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* The part of a line that must be unique: all before the last blank. */
static size_t key_len(const char *line)
{
	const char *end = strchr(line, '\n');

	while(*--end != ' ')
		;
	return (size_t)(end - line);
}

static void assert_unique(const char *text)
{
	const char *a, *b;
	size_t n;

	for(a = text; *a; a = strchr(a, '\n') + 1) {
		n = *a == '#' ? strcspn(a + 7, " ") + 7 : key_len(a);
		for(b = strchr(a, '\n') + 1; *b; b = strchr(b, '\n') + 1)
			assert_false(strncmp(a, b, n + 1) == 0);
	}
}

/* Each sample belongs to the family named last. */
static void assert_in_families(const char *text)
{
	const char *family = "", *line;
	bool parts = false; /* of a histogram: _bucket, _sum, _count */
	size_t n = 0;

	for(line = text; *line; line = strchr(line, '\n') + 1) {
		if(strncmp(line, "# TYPE ", 7) == 0) {
			family = line + 7;
			n = strcspn(family, " ");
			parts = strncmp(family + n, " histogram\n", 11) == 0;
		} else if(*line != '#') {
			assert_memory_equal(line, family, n);
			assert_true(line[n] == (parts ? '_' : '{') || line[n] == ' ');
		}
	}
}

static void test_metrics_are_well_formed(void **state)
{
	frt_prom_t p;
	fx_t fx;

	(void)state;
	begin(&fx, &p);
	frt_metrics_write(fx.gen, NULL, &p);
	assert_false(p.text.failed);
	assert_unique(p.text.s);
	assert_in_families(p.text.s);
	assert_int_equal(count(p.text.s, "# HELP "), count(p.text.s, "# TYPE "));
	end(&fx, &p);
}

static void test_metrics_show_every_destination_at_once(void **state)
{
	frt_prom_t p;
	fx_t fx;

	(void)state;
	begin(&fx, &p);
	frt_metrics_write(fx.gen, NULL, &p);
	assert_non_null(strstr(p.text.s,
			"\nfailover_route_destination_health{set=\"carriers\","
			"destination=\"d1\",uri=\"sip:10.0.0.1:5060\"} 1\n"));
	assert_non_null(strstr(p.text.s,
			"\nfailover_route_destination_attempts_total{set=\"o\\\"dd\\\\\","
			"destination=\"d2\"} 0\n"));
	assert_non_null(strstr(p.text.s,
			"\nfailover_route_destination_replies_total{set=\"carriers\","
			"destination=\"d0\",code=\"5xx\"} 0\n"));
	assert_non_null(strstr(p.text.s, "\nfailover_route_generation 1\n"));
	end(&fx, &p);
}

static void test_metrics_follow_the_record(void **state)
{
	frt_prom_t p;
	frt_rec_t *rec;
	fx_t fx;

	(void)state;
	begin(&fx, &p);
	rec = fx_at(&fx, "d0")->rec;
	fx_ramp(fx_at(&fx, "d0"), 100);
	fx_word(fx_at(&fx, "d1"),
			FRT_WORD(FRT_TRIAL, FRT_READY, 0, 0, FRT_SHARE_FULL));
	fx_at(&fx, "d1")->rec->h.hold_until_ms = host.now_ms + 12345;
	atomic_store(&frt_act(rec)->n.failovers, 3);
	atomic_store(&frt_act(rec)->n.failovers_to, 4);
	frt_hist_add(&frt_act(rec)->pdd, FRT_HIST_PDD, 300);
	atomic_store(&fx_only(&fx)->rec->panic, 1);
	fx.gen->born_ms = host.now_ms - 250;
	atomic_store(&rec->calls, 2);
	atomic_store(&frt_act(rec)->pdd_ms, 87);
	dropped = 9;
	frt_metrics_write(fx.gen, NULL, &p);
	dropped = 0;
	assert_int_equal(
			count(p.text.s, "destination=\"d0\",uri=\"sip:10.0.0.0:5060\""
							"} 0.5\n"),
			1);
	/* health is 0.5 for both */
	assert_non_null(strstr(
			p.text.s, "_trial{set=\"carriers\",destination=\"d0\"} 0\n"));
	assert_non_null(strstr(
			p.text.s, "_trial{set=\"carriers\",destination=\"d1\"} 1\n"));
	assert_non_null(strstr(p.text.s, "_effective_weight{set=\"carriers\","
									 "destination=\"d0\"} 7\n"));
	assert_non_null(strstr(p.text.s, "_hold_seconds{set=\"carriers\","
									 "destination=\"d1\"} 12.345\n"));
	assert_non_null(strstr(p.text.s, "_failovers_total{set=\"carriers\","
									 "destination=\"d0\"} 3\n"));
	assert_non_null(strstr(p.text.s, "_failovers_to_total{set=\"carriers\","
									 "destination=\"d0\"} 4\n"));
	assert_non_null(strstr(p.text.s, "_post_dial_delay_seconds_bucket{set="
									 "\"carriers\",destination=\"d0\","
									 "le=\"0.500\"} 1\n"));
	assert_non_null(strstr(p.text.s, "_set_panic{set=\"carriers\"} 1\n"));
	assert_non_null(strstr(p.text.s, "_table_age_seconds 0.250\n"));
	assert_non_null(strstr(
			p.text.s, "_calls{set=\"carriers\",destination=\"d0\"} 2\n"));
	assert_non_null(strstr(p.text.s, "_pdd_seconds{set=\"carriers\","
									 "destination=\"d0\"} 0.087\n"));
	assert_non_null(strstr(p.text.s, "failover_route_events_lost_total 9\n"));
	end(&fx, &p);
}

/* The value of carriers' set_tier, or set_tier_ready. */
static char value_told(fx_t *fx, const char *line)
{
	const char *at;
	frt_prom_t p;
	char told;

	frt_prom_init(&p, &fx->mem);
	frt_metrics_write(fx->gen, NULL, &p);
	at = strstr(p.text.s, line);
	assert_non_null(at);
	told = at[strlen(line)];
	frt_prom_free(&p);
	return told;
}

static char tier_told(fx_t *fx)
{
	return value_told(fx, "failover_route_set_tier{set=\"carriers\"} ");
}

static char ready_told(fx_t *fx)
{
	return value_told(fx, "failover_route_set_tier_ready{set=\"carriers\"} ");
}

static void test_metrics_tell_the_tier_in_use_by_its_order(void **state)
{
	fx_t fx;

	(void)state;
	fx_begin(&fx);
	fx_set(&fx, "carriers", FRT_WEIGHTED);
	fx_dst(&fx, 10, 1);
	fx_dst(&fx, 20, 1);
	fx_freeze(&fx);
	host_begin(fx.gen);
	assert_int_equal(tier_told(&fx), '1');
	fx_down(fx_at(&fx, "d0"));
	assert_int_equal(tier_told(&fx), '2');
	fx_down(fx_at(&fx, "d1"));
	assert_int_equal(tier_told(&fx), '0');
	assert_int_equal(ready_told(&fx), '1');
	fx_word(fx_at(&fx, "d0"), FRT_WORD(FRT_UP, FRT_MAINT, 0, 0, 0));
	assert_int_equal(ready_told(&fx), '2');
	fx_word(fx_at(&fx, "d1"), FRT_WORD(FRT_UP, FRT_DRAIN, 0, 0, 0));
	assert_int_equal(ready_told(&fx), '0');
	fx_end(&fx);
}

static void test_metrics_of_one_set(void **state)
{
	frt_prom_t p;
	fx_t fx;

	(void)state;
	begin(&fx, &p);
	frt_metrics_write(fx.gen, &fx.gen->sets[1], &p);
	assert_null(strstr(p.text.s, "set=\"carriers\""));
	assert_non_null(strstr(p.text.s, "destination=\"d2\""));
	assert_in_families(p.text.s);
	end(&fx, &p);
}

static void test_metrics_tell_of_each_name_once(void **state)
{
	fx_t fx;
	frt_prom_t p;

	(void)state;
	begin(&fx, &p);
	host.now_ms = 12501;
	frt_metrics_write(fx.gen, NULL, &p);
	assert_non_null(
			strstr(p.text.s, "failover_route_dns_age_seconds{type=\"SRV\","
							 "name=\"_sip._udp.example.net\"} 12.5\n"));
	assert_int_equal(count(p.text.s, "\nfailover_route_dns_age_seconds{"), 1);
	assert_non_null(
			strstr(p.text.s, "failover_route_dns_failures_total{type=\"SRV\","
							 "name=\"_sip._udp.example.net\"} 7\n"));
	assert_non_null(strstr(p.text.s,
			"failover_route_dns_failures_total{type=\"A/AAAA\","
			"name=\"gw1.example.net\"} 0\n"));
	assert_non_null(strstr(p.text.s, "failover_route_dns_failing{type=\"SRV\","
									 "name=\"_sip._udp.example.net\"} 2\n"));
	end(&fx, &p);
}

static void test_metrics_fail_clean_without_memory(void **state)
{
	size_t fail_at;
	frt_prom_t p;
	fx_t fx;

	(void)state;
	for(fail_at = 1;; fail_at++) {
		begin(&fx, &p);
		fx.heap.fail_at = fx.heap.calls + fail_at;
		frt_metrics_write(fx.gen, NULL, &p);
		if(!p.text.failed)
			break;
		assert_null(p.text.s);
		end(&fx, &p);
	}
	assert_true(fail_at > 2);
	end(&fx, &p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
			UNIT_TEST(test_metrics_are_well_formed),
			UNIT_TEST(test_metrics_show_every_destination_at_once),
			UNIT_TEST(test_metrics_follow_the_record),
			UNIT_TEST(test_metrics_tell_the_tier_in_use_by_its_order),
			UNIT_TEST(test_metrics_of_one_set),
			UNIT_TEST(test_metrics_tell_of_each_name_once),
			UNIT_TEST(test_metrics_fail_clean_without_memory),
	};
	return UNIT_MAIN(tests);
}
