/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The status page: asks for failover.json about once a second, keeps a few
 * minutes of what the counters did, and changes only what has changed. Texts go
 * into the page as texts, never as HTML. */
"use strict";
(() => {
const POLL_MS = 1000, HIDDEN_MS = 5000, GIVE_UP_MS = 8000;
const POINTS = 60;           // of a chart
const SMOOTH = 10;           // polls a shown rate is taken over
const PAGE = 100;            // destinations at a time
const EVENTS = 200;          // kept in the log
const GLYPH = {green: "\u25CF", amber: "\u25B2", red: "\u25A0"};
const $ = (id) => document.getElementById(id);

const state = {offset: 0, filter: "", only: false, events: 0, started: 0, last: null,
	okAt: 0, told: false, busy: false, again: false, timer: 0, folds: new Map(), news: []};

// --- small tools --------------------------------------------------------------

function el(tag, cls, text) {
	const e = document.createElement(tag);
	if (cls) e.className = cls;
	if (text !== undefined) e.textContent = text;
	return e;
}

function put(e, text) {
	text = String(text);
	if (e.textContent !== text) e.textContent = text;
}

function cls(e, name) {
	if (e.className !== name) e.className = name;
}

function show(e, yes) {
	if (e.hidden === yes) e.hidden = !yes;
}

const number = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat(undefined,
	{hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23"});

function several(n, one, many) {
	return `${number.format(n)} ${n === 1 ? one : many || one + "s"}`;
}

function ago(ms) {
	const s = Math.floor(ms / 1000);
	if (s < 60) return `${s} s`;
	if (s < 3600) return `${Math.floor(s / 60)} min`;
	if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s / 60) % 60} min`;
	return several(Math.floor(s / 86400), "day");
}

function percent(permille) {
	if (permille <= 0) return "0 %";
	return permille < 100 && permille % 10 ? `${(permille / 10).toFixed(1)} %` : `${Math.round(permille / 10)} %`;
}

function rate(v) {
	return v === null ? "-" : v >= 100 ? number.format(Math.round(v)) : v.toFixed(1);
}

function delay(ms) {
	return ms === null ? "-" : ms >= 10000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

// Children of a parent by key: made once, put into order, removed when gone.
class Keyed {
	constructor(parent, make, update) {
		Object.assign(this, {parent, make, update, nodes: new Map()});
	}

	render(items, keyOf) {
		const seen = new Set();
		let before = this.parent.firstChild;
		for (const item of items) {
			const key = keyOf(item);
			let node = this.nodes.get(key);
			if (!node) this.nodes.set(key, node = this.make(item));
			seen.add(key);
			if (node.el === before) before = before.nextSibling;
			else this.parent.insertBefore(node.el, before);
			this.update(node, item);
		}
		for (const [key, node] of this.nodes) {
			if (seen.has(key)) continue;
			node.el.remove();
			this.nodes.delete(key);
		}
	}
}

// --- charts ---------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";

function chart(parent) {
	const svg = document.createElementNS(SVG, "svg");
	svg.setAttribute("viewBox", `0 0 ${POINTS} 20`);
	svg.setAttribute("preserveAspectRatio", "none");
	svg.setAttribute("aria-hidden", "true");
	const area = svg.appendChild(document.createElementNS(SVG, "path"));
	area.setAttribute("class", "area");
	const line = svg.appendChild(document.createElementNS(SVG, "path"));
	parent.append(svg);
	return {area, line};
}

// A gap (null) ends a line; a line of one point is not drawn.
function draw(c, points) {
	const max = Math.max(1e-9, ...points.map((v) => v || 0));
	const shift = POINTS - points.length;
	let line = "", area = "", from = -1;
	points.forEach((v, i) => {
		const x = shift + i;
		if (v !== null) {
			const at = `${x} ${(19 - 18 * v / max).toFixed(1)}`;
			if (from < 0) area += `M${x} 20`;
			line += (from < 0 ? "M" : "L") + at;
			area += `L${at}`;
			from = x;
		}
		if (from >= 0 && (v === null || i === points.length - 1)) {
			area += `L${from} 20Z`;
			from = -1;
		}
	});
	c.line.setAttribute("d", line);
	c.area.setAttribute("d", area);
}

// What the counters of one thing (all, a set, a destination) did.
class Track {
	constructor() {
		this.at = [];
		this.calls = [];
		this.rate = [];
		this.over = [];
		this.pdd = [];
	}

	add(now, d, moved) {
		this.at.push({now, attempts: d.attempts, failovers: d.failovers,
			sum: d.pdd_sum_ms, count: d.pdd_count});
		if (this.at.length > SMOOTH + 1) this.at.shift();
		const last = this.at[this.at.length - 1], step = this.at[Math.max(0, this.at.length - 4)];
		const seconds = (last.now - step.now) / 1000;
		const grown = (name) => Math.max(0, last[name] - step[name]);
		const none = seconds <= 0;
		const tries = moved ? grown("attempts") - grown("failovers") : grown("attempts");
		const n = none ? 0 : grown("count");
		this.push("calls", d.calls);
		this.push("rate", none ? null : Math.max(0, tries) / seconds);
		this.push("over", none ? null : grown("failovers") * 60 / seconds);
		this.push("pdd", n ? grown("sum") / n : null);
	}

	push(name, v) {
		this[name].push(v);
		if (this[name].length > POINTS) this[name].shift();
	}

	// Over the last SMOOTH polls: steadier than the chart's last point.
	mean(name) {
		const v = this[name].slice(-SMOOTH).filter((x) => x !== null);
		return v.length ? v.reduce((a, b) => a + b, 0) / v.length : null;
	}

	recent(name) {
		for (let i = this[name].length - 1; i >= 0; i--)
			if (this[name][i] !== null) return this[name][i];
		return null;
	}
}

const tracks = new Map();

function track(key, now, d, moved) {
	let t = tracks.get(key);
	if (!t) tracks.set(key, t = new Track());
	t.add(now, d, moved);
	t.seen = now;
	return t;
}

// Those of other pages are kept for a while.
function forget(now) {
	for (const [key, t] of tracks)
		if (now - t.seen > 300000) tracks.delete(key);
}

// --- totals ---------------------------------------------------------------------

const charts = {};
for (const name of ["calls", "rate", "over", "pdd"]) charts[name] = chart($(`c-${name}`));

function pill(e, light, text) {
	cls(e, `pill ${light}`);
	if (e.dataset.light !== light || !e.firstChild) {
		e.dataset.light = light;
		e.replaceChildren(el("i", "", GLYPH[light]), el("span"));
		e.firstChild.setAttribute("aria-hidden", "true");
	}
	put(e.lastChild, text);
}

const HEALTH = new Set(["up", "down", "trial", "ramp"]);
const LIGHTS = [["green", "up"], ["amber", "limited"], ["red", "down"]];

function counts(parent, d, words) {
	if (!parent.firstChild)
		for (const [light] of LIGHTS) parent.append(el("span", light));
	LIGHTS.forEach(([light, word], i) => {
		const e = parent.children[i];
		show(e, d[light] > 0 || (words && light !== "amber"));
		cls(e, d[light] > 0 ? light : "dim");
		put(e, `${GLYPH[light]} ${number.format(d[light])} ${word}`);
	});
}

// The one sentence for who has just been woken up.
function verdict(data) {
	const d = data.total, all = several(d.destinations, "destination");
	if (!d.sets) return "There is no set: no call can be routed";
	if (data.sets_red === 1) return `Set ${data.bad_sets[0].id}: ${data.bad_sets[0].reason}`;
	const trial = data.bad_sets.some((s) => s.state === "on trial");
	if (data.sets_red) return `${number.format(data.sets_red)} sets have no usable destination`;
	const backup = data.sets_amber === 0 ? "every set takes calls"
		: data.sets_amber === 1 ? `set ${data.bad_sets[0].id} is ${trial ? "on trial" : "on its backup"}`
		: `${number.format(data.sets_amber)} sets are on their backup${trial ? " or on trial" : ""}`;
	if (d.red) return `${number.format(d.red)} of ${all} down, ${backup}`;
	if (d.amber) return `${number.format(d.amber)} of ${all} limited, ${backup}`;
	return `All ${all} up`;
}

function renderTotals(data, t) {
	const d = data.total, bad = d.amber + d.red;
	counts($("lights"), d, true);
	put($("t-calls"), number.format(d.calls));
	put($("t-rate"), rate(t.mean("rate")));
	put($("t-over"), rate(t.mean("over")));
	put($("t-pdd"), delay(t.recent("pdd")));
	for (const name of Object.keys(charts)) draw(charts[name], t[name]);
	const light = d.red || data.sets_red || !d.sets ? "red" : bad || data.sets_amber ? "amber" : "green";
	cls($("verdict"), `verdict ${light}`);
	put($("verdict"), verdict(data));
	document.title = `${light === "green" ? "" : `${GLYPH[light]} `}${$("verdict").textContent} - failover_route`;
	show($("refused"), data.reload_refused_ms !== undefined);
	put($("refused"), data.reload_refused_ms === undefined ? "" : "A reload was refused "
		+ `${ago(data.reload_refused_ms)} ago: the table before it is in use. Until that is mended a `
		+ "restart fails, too; kamcmd failover_route.check says what it is.");
	put($("about"), `Generation ${data.generation}, loaded ${ago(data.table_age_ms)} ago. `
		+ `${several(d.sets, "set")}, ${several(d.destinations, "destination")}. `
		+ `Kamailio runs for ${ago(data.now_ms - data.started * 1000)}.`
		+ (d.events_lost ? ` ${several(d.events_lost, "event")} lost.` : "")
		+ (data.admin ? "" : " Read-only."));
}

const bad = new Keyed($("bad"), () => {
	const li = el("li"), p = el("span"), where = el("button", "where"), text = el("span", "text");
	const since = el("span", "ago");
	where.type = "button";
	where.title = "Show only this";
	where.addEventListener("click", () => {
		$("filter").value = where.dataset.q;
		$("only").checked = false;
		seek(where.dataset.q, false, 0);
		$("sets-h").scrollIntoView();
	});
	li.append(p, where, text, since);
	return {el: li, p, where, text, since};
}, (n, b) => {
	pill(n.p, b.light, b.state);
	put(n.where, b.id ? `${b.set}/${b.id}` : b.set);
	n.where.dataset.q = `${b.set}/${b.id || ""}`;
	put(n.text, b.reason);
	put(n.since, b.since_ms === undefined || !HEALTH.has(b.state) ? "" : `for ${ago(b.since_ms)}`);
});

function renderBad(data) {
	const sets = data.bad_sets.map(({id, ...s}) => ({set: id, ...s}));
	const red = (list) => list.filter((b) => b.light === "red");
	const rest = (list) => list.filter((b) => b.light !== "red");
	const all = [...red(sets), ...red(data.bad), ...rest(sets), ...rest(data.bad)];
	const left = data.total.amber + data.total.red - data.bad.length
		+ data.sets_red + data.sets_amber - data.bad_sets.length;
	show($("attention"), all.length > 0);
	cls($("attention"), `attention${all.some((b) => b.light === "red") ? "" : " mild"}`);
	put($("attention").firstElementChild, left > 0
		? `Needs attention (and ${number.format(left)} more: see problems only)` : "Needs attention");
	bad.render(all, (b) => JSON.stringify([b.set, b.id || ""]));
}

// --- sets -----------------------------------------------------------------------

function makeNum(parent, label) {
	const e = el("div", "num with"), text = el("span"), c = el("div", label === "failovers/min" ? "chart hot" : "chart");
	e.append(text, c);
	parent.append(e);
	return {text, label, c: chart(c)};
}

function putNum(n, value, points) {
	put(n.text, `${value} ${n.label}`);
	draw(n.c, points);
}

const COLUMNS = [["c-state", "State"], ["c-name", "Destination"], ["c-share", "Share of calls"], ["c-calls", "Calls"],
	["c-rate", "Attempts/s"], ["c-pdd", "Delay"], ["c-why", "Why"]];

function makeHead(admin) {
	const thead = el("thead"), tr = el("tr");
	for (const [c, text] of COLUMNS) {
		const th = el("th", c, text);
		th.scope = "col";
		th.setAttribute("role", "columnheader");
		tr.append(th);
	}
	if (admin) {
		const th = el("th", "c-do", "Operator");
		th.scope = "col";
		th.setAttribute("role", "columnheader");
		tr.append(th);
	}
	tr.setAttribute("role", "row");
	thead.setAttribute("role", "rowgroup");
	thead.append(tr);
	return thead;
}

function makeSet({s}) {
	const box = el("details", "set"), sum = el("summary"), h = el("h3");
	const n = {el: box, box, name: h.appendChild(document.createTextNode("")), kind: el("small"), counts: el("div", "counts"),
		choice: el("div", "choice"), calls: el("div", "num")};
	h.append(n.kind);
	sum.append(h, n.counts, n.choice, n.calls);
	n.rate = makeNum(sum, "calls/s");
	n.over = makeNum(sum, "failovers/min");
	n.pdd = makeNum(sum, "delay");
	const table = el("table"), body = el("tbody"), caption = el("caption", "hide", `Destinations of ${s.id}`);
	// as a narrow screen lays them out they would be no table to a reader
	table.setAttribute("role", "table");
	body.setAttribute("role", "rowgroup");
	table.append(caption, makeHead(state.last.admin), body);
	box.append(sum, table);
	box.addEventListener("toggle", () => {
		if (box.open !== n.open) state.folds.set(s.id, box.open);
		n.open = box.open;
	});
	n.rows = new Keyed(body, (r) => (r.tier ? makeTier() : makeRow(r)), (e, r) => (r.tier ? putTier(e, r) : putRow(e, r)));
	return n;
}

function makeTier() {
	const tr = el("tr", "tier"), th = el("th"), span = el("span");
	tr.setAttribute("role", "row");
	th.setAttribute("role", "rowheader");
	th.colSpan = COLUMNS.length + (state.last.admin ? 1 : 0);
	th.append(document.createTextNode(""), span);
	tr.append(th);
	return {el: tr, name: th.firstChild, span};
}

function putTier(n, t) {
	put(n.name, `Priority ${t.priority}`);
	put(n.span, t.what);
}

function cell(tr, c, label) {
	const td = el("td", c);
	td.setAttribute("role", "cell");
	if (label) td.dataset.l = label;
	tr.append(td);
	return td;
}

function makeRow(r) {
	const tr = el("tr"), n = {el: tr};
	tr.setAttribute("role", "row");
	n.pill = cell(tr, "").appendChild(el("span"));
	const name = cell(tr, "name");
	name.append(n.id = el("b"), n.uri = el("span"));
	const share = cell(tr, "share-c").appendChild(el("div", "share"));
	const bar = share.appendChild(el("div", "track"));
	bar.append(n.of = el("i", "of"), n.is = el("i", "is"));
	share.append(n.share = el("span"));
	n.bar = bar;
	n.calls = cell(tr, "", "calls");
	const rateCell = cell(tr, "", "rate").appendChild(el("div", "pair"));
	rateCell.append(n.rate = el("span"), el("div", "chart"));
	n.rateChart = chart(rateCell.lastChild);
	const pdd = cell(tr, "", "delay").appendChild(el("div", "pair wide"));
	pdd.append(n.pdd = el("span"), el("div", "chart"));
	n.pddChart = chart(pdd.lastChild);
	const why = cell(tr, "why");
	why.append(n.why = el("span"), n.more = el("small"));
	if (state.last.admin) {
		n.act = cell(tr, "do").appendChild(el("button"));
		n.act.type = "button";
		n.act.addEventListener("click", () => confirmAdmin(n.now));
	}
	return n;
}

const OVERLAY = {added: "added at run time", weight: "weight set at run time"};

function putRow(n, {set, d, most, t}) {
	cls(n.el, `dst r-${d.light}${d.share_permille ? "" : " idle"}`);
	pill(n.pill, d.light, d.state);
	put(n.id, d.id);
	put(n.uri, d.uri);
	n.of.style.width = `${100 * d.weight / most}%`;
	n.is.style.width = `${d.weight * d.weight_permille / 10 / most}%`;
	n.bar.title = `effective weight ${d.effective_weight} of ${d.weight}`;
	put(n.share, percent(d.share_permille));
	put(n.calls, d.max_calls ? `${number.format(d.calls)} / ${number.format(d.max_calls)}` : number.format(d.calls));
	put(n.rate, rate(t.mean("rate")));
	draw(n.rateChart, t.rate);
	put(n.pdd, d.pdd_ms ? delay(d.pdd_ms) : "-");
	draw(n.pddChart, t.pdd);
	put(n.why, d.why);
	put(n.more, [OVERLAY[d.overlay], `${d.health} for ${ago(d.since_ms)}`, d.failovers ? `${several(d.failovers, "call")} moved on` : "",
		d.probe_rtt_ms ? `ping ${d.probe_rtt_ms} ms` : ""].filter(Boolean).join("; "));
	if (n.act) {
		const to = d.admin === "ready" ? "drain" : "ready";
		n.now = {set, id: d.id, to, calls: d.calls, button: n.act};
		put(n.act, to === "drain" ? "Drain" : "Ready");
		const label = `${n.act.textContent} ${set}/${d.id}`;
		if (n.act.getAttribute("aria-label") !== label) n.act.setAttribute("aria-label", label);
	}
}

function tierWord(list) {
	const part = list[0].tier_permille;
	if (part >= 1000) return "takes calls now";
	if (part > 0) return `takes ${percent(part)} of the calls now`;
	return list.some((d) => d.usable) ? "waits" : "none usable";
}

// Tiers and their destinations as one list of rows.
function rowsOf(s, now) {
	const tiers = new Map();
	for (const d of s.list) {
		const name = d.sub_priority ? `${d.priority}.${d.sub_priority}` : `${d.priority}`;
		if (!tiers.has(name)) tiers.set(name, []);
		tiers.get(name).push(d);
	}
	const rows = [];
	for (const [priority, list] of tiers) {
		const most = Math.max(1, ...list.map((d) => d.weight));
		rows.push({tier: true, priority, what: tierWord(list), off: !list[0].tier_permille});
		for (const d of list)
			rows.push({set: s.id, d, most, t: track(JSON.stringify([s.id, d.id]), now, d, false)});
	}
	return rows;
}

function removed(ids) {
	const more = ids.length > 5 ? ` and ${number.format(ids.length - 5)} more` : "";
	return ids.length ? `; removed at run time: ${ids.slice(0, 5).join(", ")}${more}` : "";
}

const setList = new Keyed($("sets"), makeSet, (n, {s, now, open}) => {
	put(n.name, s.id);
	put(n.kind, s.strategy + (s.number >= 0 ? `, no. ${s.number}` : ""));
	counts(n.counts, s, false);
	put(n.choice, s.why + removed(s.removed || []));
	const t = track(JSON.stringify([s.id]), now, s, true);
	put(n.calls, several(s.calls, "call"));
	putNum(n.rate, rate(t.mean("rate")), t.rate);
	putNum(n.over, rate(t.mean("over")), t.over);
	putNum(n.pdd, delay(t.recent("pdd")), t.pdd);
	const want = state.folds.has(s.id) ? state.folds.get(s.id) : open || s.amber + s.red > 0;
	if (n.open === undefined || (!state.folds.has(s.id) && n.open !== want)) {
		n.open = want;
		n.box.open = want;
	}
	if (n.box.open) n.rows.render(rowsOf(s, now), (r) => (r.tier ? `t${r.priority}` : `d${r.d.id}`));
});

function renderSets(data, now) {
	const open = data.matched <= 60;
	const shown = data.sets.reduce((n, s) => n + s.list.length, 0);
	setList.render(data.sets.map((s) => ({s, now, open})), (x) => x.s.id);
	if (!shown && state.offset) {
		// the page is beyond the end: there are fewer now
		state.offset = 0;
		state.again = true;
	}
	show($("none"), data.matched === 0);
	const all = data.matched === data.total.destinations;
	put($("range"), data.matched === 0 ? "" : (shown < data.matched
		? `${number.format(data.offset + 1)} to ${number.format(data.offset + shown)} of ` : "")
		+ several(data.matched, "destination") + (all ? "" : ` of ${number.format(data.total.destinations)}`));
	$("prev").disabled = state.offset === 0;
	$("next").disabled = data.offset + shown >= data.matched;
	show($("prev"), data.matched > PAGE || state.offset > 0);
	show($("next"), data.matched > PAGE || state.offset > 0);
}

// --- events ---------------------------------------------------------------------

const KIND_LIGHT = {"dst-down": "red", "set-down": "red", "panic-on": "red", "dst-up": "green", "set-up": "green",
	"panic-off": "green", failback: "green", "shed-off": "green", "overload-off": "green", "dns-ok": "green"};

const eventList = new Keyed($("events"), (ev) => {
	const tr = el("tr"), time = el("td", "", clock.format(ev.time)), kind = el("td"), p = el("span");
	const at = new Date(ev.time).toISOString();
	time.title = at;
	// what the operator has taken out is no outage
	const taken = ev.to === "drain" || ev.to === "maint";
	pill(p, taken ? "amber" : KIND_LIGHT[ev.event] || "amber", ev.event);
	kind.append(p);
	tr.append(time, kind, el("td", "", ev.destination ? `${ev.set}/${ev.destination}` : ev.set),
		el("td", "", ev.from || ev.to ? `${ev.from} \u2192 ${ev.to}` : ""), el("td", "", ev.reason));
	return {el: tr};
}, () => {});

function say(text) {
	put($("say"), text);
}

function renderEvents(data) {
	const first = !state.told;
	state.told = true;
	if (data.events.length) {
		state.news = [...data.events, ...state.news].slice(0, EVENTS);
		state.events = data.events[0].seq;
		const loud = data.events.find((ev) => ev.event !== "change");
		if (!first && loud)
			say(`${loud.event}: ${loud.set}${loud.destination ? `/${loud.destination}` : ""}. ${loud.reason}`);
	}
	eventList.render(state.news, (ev) => ev.seq);
	show($("quiet"), state.news.length === 0);
}

// --- drain and ready ------------------------------------------------------------

let asked = null;

function confirmAdmin(what) {
	asked = what;
	const drain = what.to === "drain";
	put($("ask-h"), `${drain ? "Drain" : "Put back"} ${what.set}/${what.id}?`);
	put($("ask-p"), drain
		? `New calls go elsewhere. ${several(what.calls, "call")} in progress there ${what.calls === 1 ? "goes" : "go"} on.`
		: "It gets new calls again, as far as its health allows.");
	put($("ask-yes"), drain ? "Drain" : "Ready");
	show($("ask-err"), false);
	$("ask-yes").disabled = false;
	$("ask").showModal();
	$("ask-no").focus();
}

async function sendAdmin() {
	$("ask-yes").disabled = true;
	try {
		const answer = await fetch("failover/admin", {method: "POST", credentials: "same-origin", redirect: "error",
			headers: {"Content-Type": "application/json", "X-Failover-Route": "1"},
			body: JSON.stringify({set: asked.set, destination: asked.id, admin: asked.to})});
		if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
		$("ask").close();
		say(`${asked.set}/${asked.id}: ${asked.to}`);
		poll();
	} catch (e) {
		put($("ask-err"), `Not done. ${e.message}`);
		show($("ask-err"), true);
		$("ask-yes").disabled = false;
	}
}

$("ask-no").addEventListener("click", () => $("ask").close());
$("ask-yes").addEventListener("click", sendAdmin);
$("ask").addEventListener("close", () => asked && asked.button.focus());

// --- asking ---------------------------------------------------------------------

function url() {
	const q = new URLSearchParams({offset: state.offset, limit: PAGE, events: state.events});
	if (state.filter) q.set("q", state.filter);
	if (state.only) q.set("bad", 1);
	return `failover.json?${q}`;
}

function render(data) {
	const now = performance.now();
	let anew = false;
	if (state.started && data.started !== state.started) {
		// another Kamailio: its counters and numbers begin anew
		tracks.clear();
		state.news = [];
		state.events = 0;
		state.again = anew = true;
	}
	state.started = data.started;
	state.last = data;
	renderTotals(data, track("", now, data.total, true));
	renderBad(data);
	renderSets(data, now);
	if (!anew) renderEvents(data);
	forget(now);
}

function renderLive(fault) {
	const down = fault && state.okAt;
	document.body.classList.toggle("stale", Boolean(fault));
	$("live").classList.toggle("off", Boolean(fault));
	put($("live"), fault ? "no connection" : "live");
	if (fault)
		put($("lost"), down ? `Connection lost: ${fault}. What is shown is of ${clock.format(state.okAt)}. Trying again.`
			: `No connection: ${fault}. Trying again.`);
	show($("lost"), Boolean(fault));
}

async function poll() {
	clearTimeout(state.timer);
	if (state.busy) {
		state.again = true;
		return;
	}
	state.busy = true;
	state.again = false;
	const giveUp = new AbortController(), timer = setTimeout(() => giveUp.abort(), GIVE_UP_MS);
	const wanted = url();
	try {
		const answer = await fetch(wanted, {signal: giveUp.signal, credentials: "same-origin", cache: "no-store"});
		if (!answer.ok) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 200)}`);
		const data = await answer.json();
		if (!state.again) render(data);
		state.okAt = Date.now();
		renderLive(null);
	} catch (e) {
		renderLive(e.name === "AbortError" ? "no answer in time" : e.name === "TypeError" ? "Kamailio does not answer" : e.message);
	}
	clearTimeout(timer);
	state.busy = false;
	state.timer = setTimeout(poll, state.again ? 0 : document.hidden ? HIDDEN_MS : POLL_MS);
}

let typing = 0;

// What was still being typed counts no more.
function seek(filter, only, offset) {
	clearTimeout(typing);
	state.filter = filter;
	state.only = only;
	state.offset = Math.max(0, offset);
	poll();
}

$("form").addEventListener("submit", (e) => e.preventDefault());
$("filter").addEventListener("input", () => {
	clearTimeout(typing);
	typing = setTimeout(() => seek($("filter").value.trim(), state.only, 0), 150);
});
$("only").addEventListener("change", () => seek(state.filter, $("only").checked, 0));

function turn(by) {
	const to = state.offset + by * PAGE;
	if (to < 0 || (by > 0 && $("next").disabled)) return;
	seek(state.filter, state.only, to);
	$("sets").scrollIntoView({block: "nearest"});
}

$("prev").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));

document.addEventListener("keydown", (e) => {
	if (e.ctrlKey || e.metaKey || e.altKey || $("ask").open) return;
	const typed = e.target.id === "filter";
	if (e.key === "Escape") {
		$("filter").value = "";
		$("only").checked = false;
		$("filter").blur();
		seek("", false, 0);
	} else if (typed) {
		return;
	} else if (e.key === "/") {
		$("filter").focus();
		e.preventDefault();
	} else if (e.key === "p") {
		$("only").click();
	} else if (e.key === "[") {
		turn(-1);
	} else if (e.key === "]") {
		turn(1);
	}
});
document.addEventListener("visibilitychange", () => document.hidden || poll());

put($("host"), location.host);
poll();
})();
