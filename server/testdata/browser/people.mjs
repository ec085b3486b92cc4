// What an owner does about people, connections and what waits.
import { expect, until } from "./visit.mjs";

async function find(v, who) {
	await v.page.fill("#find-who", who);
	await v.page.keyboard.press("Enter");
}

export const scenarios = {
	async "a customer is found, shown and erased"(open) {
		const v = await open({ having: "day" });
		await find(v, "Zelda");
		await v.page.locator("#find [role=status]").waitFor();
		await v.look("found-none");
		await find(v, "0102");
		await v.page.locator("#find .list li").first().waitFor();
		expect(!(await v.text("#find .list")).includes("555-0102"), "a phone is shown before anybody has asked for it");
		await v.look("found");
		expect(!(await v.street("acts")).includes("reveal"), "nothing was shown yet");
		await v.page.locator("#find .list button").first().click();
		await v.page.locator("#find article").getByText("555-0102", { exact: true }).waitFor();
		expect((await v.page.evaluate(() => document.activeElement.closest("section")?.id)) === "find", "the focus is lost");
		const acts = await v.street("acts");
		expect(/reveal|shown|customer-read|customer/.test(acts) && !acts.includes("0102"), "nobody knows that it was shown:", acts);
		await v.look("shown");
		await v.page.locator("#find article summary").click();
		await v.page.fill("#erase-confirm", "9999");
		await v.page.locator("#find button.danger").click();
		await v.page.locator("#erase-says").waitFor();
		await v.look("erase-refused");
		await v.page.fill("#erase-confirm", "0102");
		await v.page.locator("#find button.danger").click();
		await v.page.locator("#find div[role=status]").waitFor();
		await v.look("erased");
		await find(v, "0102");
		await until("the customer is gone", 3000, async () => await v.page.locator("#find article, #find div[role=status]").count() === 0);
		expect(await v.page.locator("#find .list li").count() === 0, "the customer is still there");
	},

	async "keyboard alone"(open) {
		const v = await open({ having: "day", isStranger: true });
		await v.page.goto(await v.street("link"));
		// on presses Tab until something is focused, and checks that the focus can be seen.
		const on = async (selector) => {
			for (let i = 0; i < 80; i++) {
				await v.page.keyboard.press("Tab");
				const is = await v.page.evaluate((selector) => {
					const e = document.activeElement, s = getComputedStyle(e), box = e.getBoundingClientRect();
					const isSeen = s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && box.width > 0 && box.bottom > 0 && box.top < innerHeight;
					return { isThere: e.matches(selector), isSeen: isSeen || e === document.body, what: e.outerHTML.slice(0, 80) };
				}, selector);
				expect(is.isSeen, "the focus cannot be seen on", is.what);
				if (is.isThere) return;
			}
			expect(false, "no Tab leads to", selector);
		};
		await on("section button");
		await v.page.keyboard.press("Enter");
		await v.page.waitForSelector("html.live");
		await on(".skip");
		await v.page.screenshot({ path: new URL("screenshots/skip-1440.png", import.meta.url).pathname });
		await on("#find-who");
		await v.page.keyboard.type("0103");
		await v.page.keyboard.press("Enter");
		await v.page.locator("#find .list li").first().waitFor();
		await on("#find .list button");
		await v.page.keyboard.press("Enter");
		await v.page.locator("#find article").waitFor();
		await on("#find article summary");
	},

	async "a delivery in quarantine is mended"(open) {
		const v = await open({ having: "day" });
		await v.street("trouble");
		await v.says("status", "1 delivery could not be read");
		await v.says("quarantine", "an order has no id");
		await v.says("connections", "a delivery went to quarantine");
		await v.look("trouble");
		await v.page.locator("#quarantine").getByRole("button", { name: "Look" }).click();
		const field = v.page.locator("#quarantine-text");
		await field.waitFor();
		await v.look("quarantined");
		await field.fill((await field.inputValue()).replace("{", `{"id":9001,`));
		await v.page.locator("#quarantine form[action$=mend] button").click();
		await v.page.locator("#quarantine [role=status]").waitFor();
		await v.look("mended");
		await v.page.waitForTimeout(2500); // in which the page asks for a part again that the status had linked to
		expect(await v.page.locator("#quarantine [role=status]").isVisible(), "what was answered is gone");
	},

	async "a test order and a backup"(open) {
		const v = await open({ having: "day" });
		await v.page.getByRole("button", { name: "Send a test order: web" }).or(v.page.locator("#connections form button")).first().click();
		await v.says("connections", "A test order came all the way");
		await v.look("tested");
		const [download] = await Promise.all([v.page.waitForEvent("download"), v.page.locator("#backup button").click()]);
		expect(await download.failure() === null && download.suggestedFilename().length > 3, "no backup:", await download.failure());
	},

	async "hostile names and phones stay texts"(open) {
		const v = await open();
		const hostile = [`<img src=x onerror="ran('item')">`, `"><script>ran("script")</script>`, "\u202Egnp.exe\u202D", "a".repeat(10000), "{{.}} ${1} </section></main>", "مرحبا שלום"];
		await v.post(...hostile.map((name, i) => ({ id: 6000 + i, phone: i % 2 ? "+1" + "5".repeat(30) : `<b onclick=ran(1)>555-010${i}`, customer: { first_name: name.slice(0, 200) }, line_items: [{ name, price: "2.50", quantity: 1 }] })));
		await until("the orders are on the page", 5000, async () => await v.page.locator("#feed li").count() >= 5);
		await find(v, "<img");
		await v.page.locator("#find [role=status], #find .list").first().waitFor();
		await v.look("hostile");
		expect(await v.page.locator("main img, main script, main b").count() === 0, "a text is an element");
		await v.page.reload();
		await v.page.waitForSelector("html.live");
	},
};
