/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Results as one picture: for each policy a column with the calls of each
 * destination, their states, the callers' delay and the calls lost, all over
 * the same time and to the same scale.
 */
#include "frt_cli_sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEFT 92	  /* of a column: room for names and numbers */
#define WIDTH 560 /* of its drawings */
#define GAP 48
#define CALLS_H 170
#define DELAY_H 110
#define LOST_H 70
#define STRIP_H 16
#define BANDS 8	  /* destinations with a colour of their own */
#define STRIPS 24 /* destinations whose states are drawn */
#define LABELS 12 /* events that are listed */

static const char *const colours[BANDS] = {"#0072b2", "#e69f00", "#009e73",
		"#cc79a7", "#56b4e9", "#d55e00", "#b8a800", "#555555"};

static const char *const states[frt_health_count] = {
		[FRT_UP] = "#7cc294",
		[FRT_DOWN] = "#c8352b",
		[FRT_TRIAL] = "#f2b134",
		[FRT_RAMP] = "#c9e3b4",
};

/* What all columns share. */
typedef struct picture
{
	cli_buf_t out;
	const cli_script_t *script;
	double most_calls; /* a second */
	double most_ms, most_lost;
	uint32_t strips;
	double x; /* of this column's drawings */
	double y; /* how far down it has come */
	double top;
} picture_t;

static void text(
		picture_t *p, double x, double y, const char *attrs, const char *said)
{
	const char *s;

	cli_buf_add(&p->out, "<text x=\"%.1f\" y=\"%.1f\"%s%s>", x, y,
			*attrs != '\0' ? " " : "", attrs);
	for(s = said; *s != '\0'; s++) {
		if(*s == '<')
			cli_buf_add(&p->out, "&lt;");
		else if(*s == '&')
			cli_buf_add(&p->out, "&amp;");
		else if((unsigned char)*s >= ' ')
			cli_buf_put(&p->out, s, 1);
	}
	cli_buf_add(&p->out, "</text>\n");
}

static void rect(
		picture_t *p, double x, double y, double w, double h, const char *fill)
{
	cli_buf_add(&p->out,
			"<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
			"fill=\"%s\"/>\n",
			x, y, w, h, fill);
}

static void line(picture_t *p, double x1, double y1, double x2, double y2,
		const char *attrs)
{
	cli_buf_add(&p->out,
			"<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1,
			y1, x2, y2, attrs);
}

static double step_x(const picture_t *p, uint32_t step)
{
	return p->x + (double)WIDTH * step / CLI_SIM_STEPS;
}

/* A round number, not below v. */
static double round_up(double v)
{
	static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
	double unit = 1;
	size_t i = 0;

	while(unit * 10 < v)
		unit *= 10;
	while(unit > v && unit > 0.001)
		unit /= 10;
	while(i + 1 < sizeof(steps) / sizeof(steps[0]) && steps[i] * unit < v)
		i++;
	return steps[i] * unit;
}

/* --- scales -------------------------------------------------------------------- */

static double calls_of(const cli_sim_result_t *r, uint32_t step)
{
	double sum = 0;
	size_t i;

	for(i = 0; i < r->ndsts; i++)
		sum += r->dsts[i].step_attempts[step];
	return sum * 1000 / (double)r->step_ms;
}

static void scale(picture_t *p, const cli_sim_result_t *r)
{
	uint32_t i;

	for(i = 0; i < CLI_SIM_STEPS; i++) {
		double calls = calls_of(r, i), lost = (double)r->steps[i].lost;
		double ms = (double)cli_hist_at(&r->step_pdd[i], 990);

		p->most_calls = calls > p->most_calls ? calls : p->most_calls;
		p->most_ms = ms > p->most_ms ? ms : p->most_ms;
		p->most_lost = lost > p->most_lost ? lost : p->most_lost;
	}
	if(r->ndsts > p->strips)
		p->strips = r->ndsts < STRIPS ? (uint32_t)r->ndsts : STRIPS;
}

/* --- panels ---------------------------------------------------------------------- */

static void frame(picture_t *p, double h, const char *title, const char *most)
{
	text(p, p->x, p->y - 6, "class=\"t\"", title);
	rect(p, p->x, p->y, WIDTH, h, "#f6f6f4");
	line(p, p->x, p->y + h / 2, p->x + WIDTH, p->y + h / 2, "stroke=\"#ddd\"");
	line(p, p->x, p->y + h, p->x + WIDTH, p->y + h, "stroke=\"#888\"");
	text(p, p->x - 6, p->y + 9, "class=\"e\"", most);
	text(p, p->x - 6, p->y + h, "class=\"e\"", "0");
}

/* One destination's calls, upon those of the ones before it. */
static void band(picture_t *p, const cli_sim_result_t *r, size_t first,
		size_t end, double *base, const char *fill)
{
	double unit = CALLS_H / p->most_calls * 1000 / (double)r->step_ms;
	double top[CLI_SIM_STEPS];
	uint32_t i;
	size_t d;

	for(i = 0; i < CLI_SIM_STEPS; i++) {
		top[i] = base[i];
		for(d = first; d < end; d++)
			top[i] += r->dsts[d].step_attempts[i] * unit;
	}
	cli_buf_add(&p->out, "<path fill=\"%s\" d=\"M", fill);
	for(i = 0; i < CLI_SIM_STEPS; i++)
		cli_buf_add(&p->out, "%.1f,%.1f %.1f,%.1f ", step_x(p, i),
				p->y + CALLS_H - top[i], step_x(p, i + 1),
				p->y + CALLS_H - top[i]);
	for(i = CLI_SIM_STEPS; i-- > 0;)
		cli_buf_add(&p->out, "%.1f,%.1f %.1f,%.1f ", step_x(p, i + 1),
				p->y + CALLS_H - base[i], step_x(p, i),
				p->y + CALLS_H - base[i]);
	cli_buf_add(&p->out, "Z\"/>\n");
	memcpy(base, top, sizeof(top));
}

static void calls_panel(picture_t *p, const cli_sim_result_t *r)
{
	double base[CLI_SIM_STEPS] = {0};
	char *most = cli_text("%g", p->most_calls);
	size_t i;

	frame(p, CALLS_H, "attempts a second, by destination", most);
	for(i = 0; i < r->ndsts && i < BANDS; i++)
		band(p, r, i, i + 1 == BANDS ? r->ndsts : i + 1, base, colours[i]);
	free(most);
	p->y += CALLS_H + 34;
}

/* From each change to the next one of the same destination. */
static void strip(picture_t *p, const cli_sim_result_t *r, uint32_t d)
{
	double per_ms = (double)WIDTH / (double)r->duration_ms, y = p->y + 2;
	frt_health_t now = FRT_UP;
	uint64_t since = 0, t;
	const char *id = r->dsts[d].id;
	char *name = cli_text("%.*s", cli_cut(id, 14), id);
	size_t i;

	rect(p, p->x - 10, y + 2, 7, STRIP_H - 8,
			colours[d < BANDS ? d : BANDS - 1]);
	text(p, p->x - 14, y + 9, "class=\"e\"", name);
	free(name);
	for(i = 0; i <= r->nchanges; i++) {
		if(i < r->nchanges && r->changes[i].dst != d)
			continue;
		t = i < r->nchanges && r->changes[i].t < r->duration_ms
					? r->changes[i].t
					: r->duration_ms;
		if(t > since)
			rect(p, p->x + (double)since * per_ms, y,
					(double)(t - since) * per_ms, STRIP_H - 4, states[now]);
		since = t;
		now = i < r->nchanges ? r->changes[i].to : now;
	}
	p->y += STRIP_H;
}

static void states_panel(picture_t *p, const cli_sim_result_t *r)
{
	double x = p->x + 110;
	uint32_t i;

	text(p, p->x, p->y - 6, "class=\"t\"", "states");
	for(i = 0; !r->recorded && i < frt_health_count; i++) {
		rect(p, x, p->y - 14, 10, 9, states[i]);
		text(p, x + 14, p->y - 6, "", frt_health_name((frt_health_t)i));
		x += 60;
	}
	for(i = 0; !r->recorded && i < r->ndsts && i < STRIPS; i++)
		strip(p, r, i);
	if(r->recorded)
		text(p, p->x, p->y + 9, "", "not recorded");
	p->y += (p->strips - i) * STRIP_H + 34;
}

static void delay_line(picture_t *p, const cli_sim_result_t *r,
		uint32_t permille, const char *attrs)
{
	bool open = false;
	uint32_t i;

	cli_buf_add(&p->out, "<path fill=\"none\" %s d=\"", attrs);
	for(i = 0; i < CLI_SIM_STEPS; i++) {
		double ms = (double)cli_hist_at(&r->step_pdd[i], permille);
		double y = p->y + DELAY_H - ms * DELAY_H / p->most_ms;

		/* where no call rang there is no line */
		if(r->step_pdd[i].n > 0)
			cli_buf_add(&p->out, "%s%.1f,%.1f %.1f,%.1f ", open ? "L" : "M",
					step_x(p, i), y, step_x(p, i + 1), y);
		open = r->step_pdd[i].n > 0;
	}
	cli_buf_add(&p->out, "\"/>\n");
}

static void delay_panel(picture_t *p, const cli_sim_result_t *r)
{
	char *most = cli_text("%g s", p->most_ms / 1000);
	char *title = cli_text("post-dial delay: median (%.2f s), and 99 %% in red "
						   "(%.2f s)",
			(double)cli_hist_at(&r->pdd, 500) / 1000,
			(double)cli_hist_at(&r->pdd, 990) / 1000);

	frame(p, DELAY_H, r->pdd.n > 0 ? title : "post-dial delay", most);
	free(title);
	delay_line(p, r, 990, "stroke=\"#c8352b\" stroke-width=\"1.5\"");
	delay_line(p, r, 500, "stroke=\"#0072b2\" stroke-width=\"1.5\"");
	if(r->pdd.n == 0)
		text(p, p->x + 6, p->y + 14, "",
				r->recorded ? "not recorded" : "no call rang");
	free(most);
	p->y += DELAY_H + 34;
}

static void lost_panel(picture_t *p, const cli_sim_result_t *r)
{
	char *most = cli_text("%g", p->most_lost);
	char *title = cli_text("calls lost: %llu of %llu",
			(unsigned long long)r->seen.lost,
			(unsigned long long)r->seen.calls);
	uint32_t i;

	frame(p, LOST_H, title, most);
	for(i = 0; i < CLI_SIM_STEPS; i++) {
		double h = (double)r->steps[i].lost * LOST_H / p->most_lost;

		if(h > 0 && h < 1)
			h = 1;
		if(h > 0)
			rect(p, step_x(p, i), p->y + LOST_H - h,
					(double)WIDTH / CLI_SIM_STEPS, h, "#c8352b");
	}
	free(most);
	free(title);
	p->y += LOST_H;
}

static void time_axis(picture_t *p, const cli_sim_result_t *r)
{
	uint32_t i;

	for(i = 0; i <= 4; i++)
		text(p, p->x + WIDTH * i / 4.0, p->y + 14,
				i == 0	 ? ""
				: i == 4 ? "text-anchor=\"end\""
						 : "text-anchor=\"middle\"",
				cli_sim_time((r->duration_ms * i / 4 + 500) / 1000 * 1000));
	p->y += 20;
}

/* Where the script makes something happen. */
static void events(picture_t *p, const cli_sim_result_t *r)
{
	const cli_script_t *s = p->script;
	size_t i;

	for(i = 0; i < s->nevents && i < LABELS; i++) {
		double x =
				p->x + (double)s->events[i].t * WIDTH / (double)r->duration_ms;
		char *number = cli_text("%zu", i + 1);

		if(s->events[i].t <= r->duration_ms) {
			line(p, x, p->top, x, p->y - 20,
					"stroke=\"#444\" stroke-width=\"0.7\" "
					"stroke-dasharray=\"2,3\"");
			text(p, x + 2, p->top + 9, "class=\"n\"", number);
		}
		free(number);
	}
}

static void column(picture_t *p, const cli_sim_result_t *r, size_t at)
{
	char *said = cli_text("set %s%s: %.3f attempts a call", r->set,
			r->recorded ? ", as recorded" : "",
			r->seen.calls > 0 ? (double)r->attempts / (double)r->seen.calls
							  : 0);

	p->x = LEFT + (double)at * (LEFT + WIDTH + GAP);
	text(p, p->x, 26, "class=\"h\"", r->file);
	text(p, p->x, 44, "", said);
	free(said);
	p->y = p->top = 76;
	calls_panel(p, r);
	states_panel(p, r);
	delay_panel(p, r);
	lost_panel(p, r);
	time_axis(p, r);
	events(p, r);
}

static void labels(picture_t *p)
{
	const cli_script_t *s = p->script;
	size_t i;

	p->y += 24;
	for(i = 0; i < s->nevents && i < LABELS; i++) {
		char *said = cli_text("%zu  at %s: %s %s", i + 1,
				cli_sim_time(s->events[i].t),
				s->events[i].dsts != NULL ? s->events[i].dsts : "rate",
				s->events[i].does);

		text(p, LEFT + (i % 2) * 300.0, p->y, "", said);
		free(said);
		if(i % 2 == 1 || i + 1 == s->nevents || i + 1 == LABELS)
			p->y += 16;
	}
}

/* NULL, or why not. A picture drawn before is drawn over. */
static const char *write_file(const char *file, const char *s, size_t len)
{
	FILE *f = fopen(file, "w");
	const char *why = NULL;

	if(f == NULL)
		return strerror(errno);
	if(fwrite(s, 1, len, f) != len)
		why = strerror(errno);
	if(fclose(f) != 0 && why == NULL)
		why = strerror(errno);
	return why;
}

const char *cli_sim_svg(const char *file, const cli_script_t *s,
		const cli_sim_result_t *r, size_t n)
{
	picture_t p = {
			.script = s, .most_calls = 0.1, .most_ms = 1, .most_lost = 1};
	cli_buf_t all = {NULL, 0, 0};
	const char *why;
	size_t i;

	for(i = 0; i < n; i++)
		scale(&p, &r[i]);
	p.most_calls = round_up(p.most_calls);
	p.most_ms = round_up(p.most_ms);
	p.most_lost = round_up(p.most_lost);
	for(i = 0; i < n; i++)
		column(&p, &r[i], i);
	labels(&p);
	cli_buf_add(&all,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %zu "
			"%.0f\" "
			"width=\"%zu\" height=\"%.0f\" font-family=\"sans-serif\" "
			"font-size=\"11\" fill=\"#333\">\n"
			"<style>.h{font-size:14px;font-weight:bold}.t{font-weight:bold}"
			".e{text-anchor:end}.n{font-size:9px;fill:#444}</style>\n"
			"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
			n * (LEFT + WIDTH + GAP) - GAP + 24, p.y + 8,
			n * (LEFT + WIDTH + GAP) - GAP + 24, p.y + 8);
	cli_buf_put(&all, p.out.s, p.out.len);
	cli_buf_add(&all, "</svg>\n");
	why = write_file(file, all.s, all.len);
	free(all.s);
	free(p.out.s);
	return why;
}
