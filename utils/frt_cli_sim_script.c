/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Scripts of outages: how many calls there are, and what each destination does
 * from when on. Their format is described in the manual page.
 */
#include "frt_cli.h"
#include "frt_cli_sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RATE_MAX 100000.0
#define LINE_MAX_LEN 1024

static const int busy[] = {486};

void cli_script_default(cli_script_t *s)
{
	*s = (cli_script_t){.duration_ms = 20 * 60000,
			.rate = 20,
			.seed = 1,
			.users = 10000,
			.week_min = 1440 + 9 * 60,
			.manner = {.rtt = {20, 40},
					.ring = {500, 1500},
					.answer = {2000, 8000},
					.others = busy,
					.nothers = 1}};
}

void cli_script_free(cli_script_t *s)
{
	size_t i;

	for(i = 0; i < s->nevents; i++) {
		free(s->events[i].dsts);
		free(s->events[i].does);
	}
	free(s->events);
	free(s->set);
}

/* --- words -------------------------------------------------------------------- */

static char *word(char **at)
{
	char *w = *at + strspn(*at, " \t\r\n"), *end = w + strcspn(w, " \t\r\n");

	*at = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return *w != '\0' ? w : NULL;
}

/* A duration in the configuration's notation, "1m30s" too, into ms. */
static bool read_time(const char *text, uint64_t *ms)
{
	uint64_t sum = 0;
	uint32_t one;
	size_t n;

	if(*text == '\0')
		return false;
	while(*text != '\0') {
		n = strspn(text, "0123456789");
		n += strspn(text + n, "abcdefghijklmnopqrstuvwxyz");
		if(n == 0 || frt_duration_parse((frt_str_t){text, (uint32_t)n}, &one))
			return false;
		sum += one;
		text += n;
	}
	*ms = sum;
	return true;
}

/* "20ms" or "20ms-60ms" */
static bool range(const char *text, sim_range_t *out)
{
	char first[64];
	const char *dash = text != NULL ? strchr(text, '-') : NULL;
	uint64_t a, b;
	size_t n;

	if(text == NULL)
		return false;
	n = dash != NULL ? (size_t)(dash - text) : strlen(text);
	if(n >= sizeof(first))
		return false;
	memcpy(first, text, n);
	first[n] = '\0';
	if(!read_time(first, &a) || !read_time(dash != NULL ? dash + 1 : first, &b)
			|| b < a || b > 86400000)
		return false;
	out->min = (uint32_t)a;
	out->spread = b > a ? (uint32_t)(b - a + 1) : 0;
	return true;
}

static bool number(const char *text, double max, double *out)
{
	char *end;

	if(text == NULL || *text < '0' || *text > '9')
		return false;
	*out = strtod(text, &end);
	return *end == '\0' && *out >= 0 && *out <= max;
}

static bool percent(const char *text, uint32_t *out)
{
	return text != NULL && frt_percent_parse(frt_str_of(text), out) == 0;
}

/* In tenths: "0.5%". */
static bool permille(const char *text, uint32_t *out)
{
	char copy[32];
	size_t n = text != NULL ? strlen(text) : 0;
	double v;

	if(n < 2 || n >= sizeof(copy) || text[n - 1] != '%')
		return false;
	memcpy(copy, text, n - 1);
	copy[n - 1] = '\0';
	if(!number(copy, 100, &v))
		return false;
	*out = (uint32_t)(v * 10 + 0.5);
	return true;
}

/* --- what a destination does ------------------------------------------------------ */

static const struct
{
	const char *word;
	sim_truth_t truth;
} plain[] = {
		{"up", SIM_HEALTHY},
		{"closed", SIM_REFUSED},
		{"blackhole", SIM_DEAD},
		{"deaf", SIM_DEAF},
		{"trying", SIM_TRYING},
		{"no-options", SIM_SHY},
};

/* "503 20% retry-after 30s" */
static const char *code_of(sim_hop_t *h, const char *first, char **rest)
{
	char *w = word(rest);
	double code;
	uint64_t ms;

	if(!number(first, 699, &code) || code < 300 || code != (int)code)
		return "expected up, closed, blackhole, deaf, trying, limping, lossy, "
			   "slow, pdd, flapping, capacity, no-options or a code from 300 "
			   "to 699";
	h->truth = SIM_PARTLY;
	h->code = (int)code;
	h->percent = 100;
	if(w != NULL && percent(w, &h->percent))
		w = word(rest);
	if(w == NULL)
		return NULL;
	if(strcmp(w, "retry-after") != 0)
		return "after a code: a percentage, or retry-after TIME";
	w = word(rest);
	if(w == NULL || !read_time(w, &ms))
		return "retry-after: expected a duration, such as 30s";
	h->retry_s = (int64_t)((ms + 999) / 1000);
	return NULL;
}

static const char *does(sim_hop_t *h, char *text)
{
	char *w = word(&text);
	double v;
	uint64_t ms;
	size_t i;

	if(w == NULL)
		return "what does it do from then on?";
	for(i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if(strcmp(w, plain[i].word) == 0) {
			h->truth = plain[i].truth;
			return word(&text) == NULL ? NULL : "there is too much after it";
		}
	}
	if(strcmp(w, "limping") == 0 || strcmp(w, "lossy") == 0) {
		h->truth = SIM_PARTLY;
		h->code = *w == 'l' && w[1] == 'i' ? 503 : 0;
		h->percent = 100;
		w = word(&text);
		if(w != NULL && !percent(w, &h->percent))
			return "expected a percentage, such as 20%";
	} else if(strcmp(w, "slow") == 0) {
		h->truth = SIM_SLOW;
		if(!range(word(&text), &h->manner.late))
			return "slow: expected a duration or two, such as 1s-8s";
	} else if(strcmp(w, "pdd") == 0) {
		if(!range(word(&text), &h->manner.ring))
			return "pdd: expected a duration or two, such as 8s-10s";
	} else if(strcmp(w, "flapping") == 0) {
		h->truth = SIM_FLAPPING;
		w = word(&text);
		if(w == NULL || !read_time(w, &ms) || ms < 1 || ms > 86400000)
			return "flapping: expected a duration, such as 5s";
		h->period_ms = (uint32_t)ms;
	} else if(strcmp(w, "capacity") == 0) {
		if(!number(word(&text), RATE_MAX, &v) || v < 1)
			return "capacity: expected calls a second, 1 or more";
		h->max_cps = (uint32_t)v;
	} else {
		const char *why = code_of(h, w, &text);
		if(why != NULL)
			return why;
	}
	return word(&text) == NULL ? NULL : "there is too much after it";
}

static cli_event_t *event(cli_script_t *s)
{
	cli_event_t *e;

	s->events = cli_realloc(s->events, s->nevents + 1, sizeof(*s->events));
	e = &s->events[s->nevents];
	memset(e, 0, sizeof(*e));
	e->order = (unsigned)s->nevents++;
	e->hop.retry_s = FRT_RETRY_AFTER_NONE;
	return e;
}

static const char *at(cli_script_t *s, char *rest)
{
	char *when = word(&rest), *who = word(&rest);
	const char *why = NULL;
	cli_event_t *e;
	uint64_t t;

	if(when == NULL || !read_time(when, &t))
		return "at: expected a time, such as 5m or 1m30s";
	if(who == NULL)
		return "at TIME: whom does it happen to?";
	e = event(s);
	e->t = t;
	rest += strspn(rest, " \t");
	rest[strcspn(rest, "\r\n")] = '\0';
	e->does = cli_copy(rest);
	if(strcmp(who, "rate") == 0) {
		if(!number(word(&rest), RATE_MAX, &e->rate))
			why = "rate: expected calls a second, at most 100000";
	} else {
		e->dsts = cli_copy(who);
		why = does(&e->hop, rest);
	}
	return why;
}

static const char *clock_of(cli_script_t *s, char *rest)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	char *day = word(&rest), *time = word(&rest);
	const char *found =
			day != NULL && strlen(day) == 3 ? strstr(days, day) : NULL;
	unsigned h = 0, m = 0;
	char end;
	int n = 0;

	if(time != NULL) /* two digits never overflow: */
		n = sscanf(time, "%2u:%2u%c", &h, &m, &end); /* NOLINT(cert-err34-c) */
	if(found == NULL || (found - days) % 3 != 0 || n != 2 || h > 23 || m > 59)
		return "clock: expected a day and a time, such as Mon 09:00";
	s->week_min = (uint32_t)(found - days) / 3 * 1440 + h * 60 + m;
	return NULL;
}

static const char *setting(cli_script_t *s, const char *name, char *rest)
{
	static const struct
	{
		const char *name;
		size_t at;
	} ranges[] = {{"rtt", offsetof(cli_script_t, manner.rtt)},
			{"ring", offsetof(cli_script_t, manner.ring)},
			{"answer", offsetof(cli_script_t, manner.answer)},
			{"talk", offsetof(cli_script_t, talk)}};
	char *w = word(&rest);
	double v;
	size_t i;

	for(i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if(strcmp(name, ranges[i].name) == 0)
			return range(w, (sim_range_t *)((char *)s + ranges[i].at))
						   ? NULL
						   : "expected a duration or two, such as 20ms-60ms";
	}
	if(strcmp(name, "duration") == 0)
		return w != NULL && read_time(w, &s->duration_ms) && s->duration_ms > 0
							   && s->duration_ms <= 7ull * 86400000
					   ? NULL
					   : "expected a duration of at most a week, such as 20m";
	if(strcmp(name, "rate") == 0)
		return number(w, RATE_MAX, &s->rate)
					   ? NULL
					   : "expected calls a second, at most 100000";
	if(strcmp(name, "seed") == 0 && number(w, 9e15, &v)) {
		s->seed = (uint64_t)v;
		return NULL;
	}
	if(strcmp(name, "users") == 0 && number(w, 1e9, &v) && v >= 1) {
		s->users = (uint32_t)v;
		return NULL;
	}
	if(strcmp(name, "busy") == 0)
		return percent(w, &s->manner.other_pct) ? NULL
												: "expected a percentage";
	if(strcmp(name, "loss") == 0)
		return permille(w, &s->loss) ? NULL : "expected a percentage";
	if(strcmp(name, "set") == 0 && w != NULL) {
		free(s->set);
		s->set = cli_copy(w);
		return NULL;
	}
	return "expected duration, rate, seed, set, users, rtt, ring, answer, "
		   "talk, "
		   "busy, loss, clock or at, each with its value";
}

const char *cli_script_line(cli_script_t *s, char *line)
{
	char *name;

	line[strcspn(line, "#")] = '\0';
	name = word(&line);
	if(name == NULL)
		return NULL;
	if(strcmp(name, "at") == 0)
		return at(s, line);
	if(strcmp(name, "clock") == 0)
		return clock_of(s, line);
	return setting(s, name, line);
}

static int sooner(const void *a, const void *b)
{
	const cli_event_t *x = a, *y = b;

	if(x->t != y->t)
		return x->t < y->t ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void sort(cli_script_t *s)
{
	if(s->nevents > 0)
		qsort(s->events, s->nevents, sizeof(*s->events), sooner);
}

static const char *take_line(cli_script_t *s, char *line, FILE *f)
{
	size_t len = strlen(line);

	if(len > 0 && (line[len - 1] == '\n' || feof(f)))
		return cli_script_line(s, line);
	return len == LINE_MAX_LEN - 1 ? "the line is too long"
								   : "a NUL is in the line: this is no text";
}

bool cli_script_read(cli_script_t *s, const char *file)
{
	bool from_stdin = strcmp(file, "-") == 0;
	FILE *f = from_stdin ? stdin : fopen(file, "r");
	char line[LINE_MAX_LEN];
	unsigned n = 0, faults = 0;
	const char *why;

	if(f == NULL) {
		cli_could_not("simulate", "%s: %s", file, strerror(errno));
		return false;
	}
	s->file = file;
	/* a device or a pipe may go on for ever */
	while(faults < FRT_FAULTS_MAX && fgets(line, sizeof(line), f) != NULL) {
		n++;
		why = take_line(s, line, f);
		if(why != NULL) {
			cli_could_not("simulate", "%s:%u: %s", file, n, why);
			faults++;
		}
	}
	if(ferror(f)) {
		cli_could_not("simulate", "%s: cannot be read", file);
		faults++;
	}
	if(!from_stdin)
		fclose(f);
	sort(s);
	return faults == 0;
}

bool cli_script_names(const char *dsts, const char *id)
{
	size_t len = strlen(id), n;

	if(strcmp(dsts, "*") == 0)
		return true;
	while(*dsts != '\0') {
		n = strcspn(dsts, ",");
		if(n == len && memcmp(dsts, id, n) == 0)
			return true;
		dsts += n + (dsts[n] == ',');
	}
	return false;
}

/* --- made up ------------------------------------------------------------------------ */

static void incident(cli_script_t *s, frt_rand_t *rnd, const char *id)
{
	static const char *const kinds[] = {"blackhole", "closed", "deaf", "trying",
			"limping", "503 30%", "lossy 20%", "flapping 20s",
			"503 retry-after 30s", "slow 1s-8s", "pdd 6s-12s", "480 60%"};
	uint64_t length =
			s->duration_ms / 20 + frt_rand_below(rnd, s->duration_ms / 5 + 1);
	uint64_t t = s->duration_ms / 20
				 + frt_rand_below(rnd, s->duration_ms * 7 / 10 + 1);
	const char *kind =
			kinds[frt_rand_below(rnd, sizeof(kinds) / sizeof(kinds[0]))];
	char line[LINE_MAX_LEN];

	t -= t % 1000;
	length += 1000 - length % 1000;
	snprintf(line, sizeof(line), "at %llums %s %s", (unsigned long long)t, id,
			kind);
	(void)cli_script_line(s, line);
	snprintf(line, sizeof(line), "at %llums %s up",
			(unsigned long long)t + length, id);
	(void)cli_script_line(s, line);
}

void cli_script_random(cli_script_t *s, char *const *ids, size_t n)
{
	frt_rand_t rnd = {.state = frt_hash_mix(s->seed + 1)};
	size_t i, some;

	if(n == 0)
		return;
	/* at least one goes; of a large set not many */
	some = 1 + frt_rand_below(&rnd, n < 8 ? n : 8);
	for(i = 0; i < some; i++)
		incident(s, &rnd, ids[frt_rand_below(&rnd, n)]);
	sort(s);
}
