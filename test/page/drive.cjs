/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real Chromium for stories in Python: one command a line on standard input,
 * one answer a line on standard output, both JSON. See test/lib/browser.py.
 * usage: node drive.cjs NODE_MODULES CHROMIUM PROFILE */
"use strict";
const [modules, executablePath, profile] = process.argv.slice(2);
const {chromium} = require(`${modules}/playwright-core`);
const axe = require(`${modules}/axe-core`).source;

const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];
let context, page;
const said = []; // what the page's console and errors say

async function start({width, height, dark, credentials}) {
	if (context) await context.close();
	context = await chromium.launchPersistentContext(profile, {executablePath, headless: true, args: ARGS,
		viewport: {width, height}, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce", bypassCSP: false,
		httpCredentials: credentials || undefined});
	page = context.pages()[0] || await context.newPage();
	page.on("console", (m) => ["error", "warning"].includes(m.type()) && said.push(m.text()));
	page.on("pageerror", (e) => said.push(String(e)));
	page.on("dialog", (d) => { said.push(`dialog: ${d.message()}`); d.dismiss(); });
}

const commands = {
	start,
	open: async ({url}) => (await page.goto(url, {waitUntil: "load"})).status(),
	eval: ({js}) => page.evaluate(js),
	// waitForFunction would eval() in the page, which its policy forbids
	wait: async ({js, limit}) => {
		for (const end = Date.now() + limit * 1000;;) {
			const value = await page.evaluate(js);
			if (value) return value;
			if (Date.now() > end) throw new Error(`after ${limit} s still not: ${js}`);
			await new Promise((done) => setTimeout(done, 50));
		}
	},
	click: ({selector}) => page.click(selector, {timeout: 15000}),
	fill: ({selector, text}) => page.fill(selector, text, {timeout: 15000}),
	press: ({key}) => page.keyboard.press(key),
	// now and then Chromium draws nothing any more, though the page goes on: asked again, said in browser.log
	shot: async ({path, full}) => {
		for (let left = 2; ; left--) {
			try {
				await page.screenshot({path, fullPage: full, timeout: 15000});
				return path;
			} catch (fault) {
				console.error(`no picture, ${left} tries left: ${fault.message}`);
				if (!left) throw fault;
				const size = page.viewportSize();
				await page.setViewportSize({width: size.width, height: size.height + 1});
				await page.setViewportSize(size);
			}
		}
	},
	media: ({dark}) => page.emulateMedia({colorScheme: dark ? "dark" : "light"}),
	size: ({width, height}) => page.setViewportSize({width, height}),
	said: () => said.splice(0),
	// axe comes through the debugger, not through the page: its policy stays as it is
	axe: async () => {
		await page.evaluate(axe);
		const found = await page.evaluate(() => window.axe.run(document, {resultTypes: ["violations"]}));
		return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) =>
			`${n.target} ${n.failureSummary}`).join("; ")}`);
	},
	quit: async () => { await context.close(); process.exit(0); },
};

async function run(line) {
	let answer;
	try {
		const {command, ...args} = JSON.parse(line);
		answer = {value: await commands[command](args)};
	} catch (e) {
		answer = {fault: String(e)};
	}
	process.stdout.write(JSON.stringify(answer) + "\n");
}

let last = Promise.resolve();
require("readline").createInterface({input: process.stdin})
	.on("line", (line) => { last = last.then(() => run(line)); })
	.on("close", () => last.then(() => process.exit(0)));
