// A visit of a shop by somebody with a browser. Whatever the page must never do is noted while it
// lasts: an error, a violation of its policy, a request to somebody else.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const require = createRequire(process.env.MODULES + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const shots = fileURLToPath(new URL("screenshots/", import.meta.url));
mkdirSync(shots, { recursive: true });

export const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });

async function street(path) {
	const answer = await fetch(process.env.STREET + path, { method: "POST" });
	if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
	return answer.json();
}

// open opens a shop and a browser that is as o says. Unless it is a stranger's, it has signed in.
export async function open({ shop, having = "", isStranger = false, opened, ...o } = {}) {
	shop ||= await street("/open?with=" + encodeURIComponent(having));
	const context = await browser.newContext({ locale: "en-GB", timezoneId: "UTC", viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...o });
	const visit = new Visit(shop, context, await context.newPage());
	opened?.push(visit);
	await visit.watch();
	if (!isStranger) await visit.signIn();
	return visit;
}

class Visit {
	wrong = [];
	mayFail = false; // while its server is down

	constructor(shop, context, page) {
		Object.assign(this, { shop, context, page });
		page.setDefaultTimeout(10000);
		page.setDefaultNavigationTimeout(15000);
	}

	async watch() {
		await this.context.exposeBinding("violated", (_, what) => this.wrong.push("policy: " + what));
		await this.context.exposeBinding("ran", (_, what) => this.wrong.push("a hostile text ran: " + what));
		await this.context.addInitScript(() => document.addEventListener("securitypolicyviolation", (e) => window.violated(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
		this.page.on("pageerror", (e) => this.wrong.push("error: " + e.stack));
		this.page.on("dialog", (d) => { this.wrong.push("dialog: " + d.message()); d.dismiss(); });
		this.page.on("console", (m) => {
			// The browser itself notes answers that are problems: they are wanted where scenarios cause them.
			const isOfAnswer = m.text().startsWith("Failed to load resource: the server responded");
			if (["error", "warning"].includes(m.type()) && !isOfAnswer && !this.mayFail) this.wrong.push("console: " + m.text());
		});
		this.page.on("request", (r) => {
			if (!r.url().startsWith(this.shop.url) && !r.url().startsWith("data:")) this.wrong.push("request: " + r.url());
		});
	}

	street(what) { return street(`/${this.shop.id}/${what}`); }

	async signIn() {
		await this.page.goto(await this.street("link"));
		await this.page.click("section button");
		await this.page.waitForURL(this.shop.url + "/");
		if (await this.hasScript()) await this.page.waitForSelector("html.live");
	}

	hasScript() { return this.page.evaluate(() => document.documentElement.classList.contains("has-script")).catch(() => false); }

	// post sends orders as a shop does.
	async post(...orders) {
		const all = orders.map((o) => ({ financial_status: "paid", currency: "USD", created_at: this.shop.now, updated_at: this.shop.now, ...o }));
		const answer = await fetch(this.shop.url + "/v1/orders?from=shopify", { method: "POST", headers: { authorization: "Bearer " + this.shop.key }, body: JSON.stringify({ orders: all }) });
		if (answer.status !== 201) throw new Error(`orders: ${answer.status} ${await answer.text()}`);
	}

	text(selector) { return this.page.locator(selector).innerText(); }

	// says waits until a part says something.
	says(part, text) { return this.page.locator("#" + part).getByText(text).first().waitFor(); }

	// look takes screenshots of a state at three widths, and lets axe judge it.
	async look(name, { widths = [320, 768, 1440], judge = true } = {}) {
		if (judge) await this.judge(name);
		const was = this.page.viewportSize();
		for (const width of widths) {
			await this.page.setViewportSize({ width, height: 900 });
			await this.fits(`${name} at ${width} px`);
			await this.page.screenshot({ path: `${shots}${name}-${width}.png`, fullPage: true, animations: "disabled" });
		}
		await this.page.setViewportSize(was);
	}

	// fits checks that nothing is wider than the screen, and that what can be pressed is large enough.
	async fits(what) {
		const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		if (wide > 0) this.wrong.push(`${what}: ${wide} px too wide`);
		const small = await this.page.evaluate(() => [...document.querySelectorAll("button, select, summary, input:not([type=hidden], [type=checkbox])")].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80)));
		for (const one of small) this.wrong.push(`${what}: too small to be hit: ${one}`);
	}

	// judge lets axe look at the page, as far as rules can say whether all can use it.
	async judge(what) {
		await this.page.evaluate(axe);
		const found = await this.page.evaluate(() => axe.run({ preload: false, resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
		for (const v of found.violations) this.wrong.push(`${what}: ${v.id}: ${v.nodes.map((n) => n.html.slice(0, 150) + " " + (n.any[0]?.message || n.all[0]?.message || "")).join("; ")}`);
	}

	async end(failed) {
		if (failed) await this.page.screenshot({ path: `${shots}failed-${failed.replace(/\W+/g, "-")}.png`, fullPage: true });
		await this.context.close();
	}
}

export function expect(isTrue, ...what) {
	if (!isTrue) throw new Error(what.map((w) => typeof w === "string" ? w : JSON.stringify(w)).join(" "));
}

// until waits until something is true.
export async function until(what, most, is) {
	for (const start = Date.now(); !(await is()); ) {
		expect(Date.now() - start < most, "never:", what);
		await new Promise((done) => setTimeout(done, 10));
	}
}
