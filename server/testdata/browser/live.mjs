// The page that is open while orders come, and while its server is away.
import { expect, until } from "./visit.mjs";

const tea = (id, more) => ({ id, phone: "555-0101", customer: { first_name: "Ann" }, line_items: [{ name: "Tea", price: "2.50", quantity: 1 }], ...more });

export const scenarios = {
	async "a live update within a second"(open) {
		const v = await open({ having: "day", reducedMotion: "no-preference" });
		const orders = () => v.text("[data-digits=orders]");
		const before = Number(await orders());
		const took = [];
		for (let i = 1; i <= 5; i++) {
			await v.post(tea(5000 + i));
			const committed = Date.now();
			await until("the order is on the page", 5000, async () => Number((await orders()).replace(/\s/g, "")) === before + i);
			took.push(Date.now() - committed);
		}
		// What the page waits for is in each of them; what a busy machine waits for is not.
		expect(Math.min(...took) <= 1000, `updates took ${took} ms`);
		expect(await v.page.locator("#feed li.new").count() > 0, "no order is marked as new");
		expect((await v.page.locator("#announce").textContent()).includes("new order"), "nothing was announced");
		expect(await v.page.locator("#today .moving").count() > 0 || (await v.page.evaluate(() => document.getAnimations().length)) > 0, "no digit moves");
	},

	async "digits stay where no motion is wanted"(open) {
		const v = await open({ having: "day" });
		const before = Number(await v.text("[data-digits=orders]"));
		await v.post(tea(5001));
		await until("the order is on the page", 5000, async () => Number(await v.text("[data-digits=orders]")) === before + 1);
		expect(await v.page.locator(".moving").count() === 0, "a digit moves");
	},

	async "pauses"(open) {
		const v = await open({ having: "day" });
		const first = () => v.page.locator("#feed li").first().getAttribute("data-key");
		const was = await first(), orders = await v.text("[data-digits=orders]");
		await v.page.click("#pause-feed");
		expect(await v.text("#pause-feed") === "Go on", "the button says", await v.text("#pause-feed"));
		await v.post(tea(5001, { line_items: [{ name: "Rare tea", price: "9.00", quantity: 1 }] }));
		await until("the figures go on", 5000, async () => await v.text("[data-digits=orders]") !== orders);
		expect(await first() === was, "the feed is not paused");
		await v.page.click("#pause-feed");
		await until("the feed goes on", 1000, async () => await first() !== was);
		await v.page.click("#pause-all");
		expect(await v.page.getByText("Paused. What you see").isVisible(), "it is not said that all is paused");
		await v.look("paused");
		const paused = await v.text("#today");
		await v.post(tea(5002));
		await v.page.waitForTimeout(700);
		expect(await v.text("#today") === paused, "all is not paused");
		await v.page.click("#pause-all");
		await until("all goes on", 1000, async () => await v.text("#today") !== paused);
		expect(!await v.page.locator(".paused-note").isVisible(), "it is still said to be paused");
	},

	async "what a reader does is kept"(open) {
		const v = await open({ having: "day" });
		await v.page.click("#day-numbers summary");
		await v.page.focus("#day-numbers summary");
		const orders = await v.text("[data-digits=orders]");
		await v.post(tea(5001));
		await until("the order is on the page", 5000, async () => await v.text("[data-digits=orders]") !== orders);
		await until("the day is put anew", 5000, () => v.page.locator("#day-numbers[open]").count());
		expect(await v.page.evaluate(() => document.activeElement.localName) === "summary", "the focus is lost");
	},

	async "a restart of the server under an open page"(open) {
		const v = await open({ having: "day" });
		v.mayFail = true;
		const orders = await v.text("[data-digits=orders]");
		await v.street("stop");
		await v.page.getByText("The connection is broken. What you see is as it was at").waitFor({ timeout: 40000 });
		expect(/\d\d:\d\d/.test(await v.text("[data-since] >> nth=0")), "it is not said since when");
		await v.look("stale");
		await v.page.fill("#find-who", "Ann");
		await v.page.keyboard.press("Enter");
		await v.page.getByText("No answer came").waitFor();
		await v.look("no-answer");
		await v.street("start");
		await v.post(tea(5001));
		await v.page.waitForSelector("html.live", { timeout: 60000 });
		await until("the order is on the page", 5000, async () => await v.text("[data-digits=orders]") !== orders);
		expect(!await v.page.locator(".stale-note").isVisible(), "it is still said to be stale");
		v.mayFail = false;
	},

	async "more tabs than a browser has connections"(open) {
		const v = await open({ having: "day" });
		const orders = () => v.page.innerText("[data-digits=orders]");
		// see says whether a tab is seen: without a window, all are.
		const see = (page, isSeen) => page.evaluate((isSeen) => {
			Object.defineProperty(document, "hidden", { value: !isSeen, configurable: true });
			document.dispatchEvent(new Event("visibilitychange"));
		}, isSeen);
		const before = await orders();
		for (let last = v.page, i = 0; i < 8; i++) {
			await see(last, false);
			last = await v.context.newPage();
			await last.goto(v.shop.url);
			await last.waitForSelector("html.live");
		}
		await v.post(tea(5001));
		expect(await v.page.locator("html.live").count() === 0 && await v.page.locator(".when-not-live").isVisible(), "a hidden page says that it is live");
		expect(await orders() === before, "a hidden page is still connected");
		await see(v.page, true);
		await v.page.waitForSelector("html.live");
		await until("the order is on the page", 5000, async () => await orders() !== before);
		expect(!await v.page.locator(".stale-note").isVisible(), "it is said to be broken");
	},

	async "a session that has ended leads to the way in"(open) {
		const v = await open({ having: "day" });
		await v.context.clearCookies();
		await v.page.fill("#find-who", "Ann");
		await v.page.keyboard.press("Enter");
		await v.page.getByText("Nobody is signed in here").waitFor();
		await v.look("nobody");
	},
};
