// How the page looks: in the dark, on paper, without script, of several shops.
import { expect } from "./visit.mjs";

export const scenarios = {
	async "a usual day"(open) {
		const v = await open({ having: "day" });
		await v.page.click("#day-numbers summary");
		await v.look("day");
	},

	async "in the dark"(open) {
		const v = await open({ having: "day trouble", colorScheme: "dark" });
		await v.look("dark");
	},

	async "on paper"(open) {
		const v = await open({ having: "day" });
		await v.page.emulateMedia({ media: "print" });
		await v.look("print", { judge: false, widths: [720] });
		expect(!await v.page.locator("#find button").isVisible(), "buttons are printed");
		expect(!await v.page.locator(".when-live").isVisible() && await v.page.locator("[data-as-of]").isVisible(), "paper says that it is live");
		expect((await v.page.pdf({ format: "A4" })).length > 1000, "it cannot be printed");
	},

	async "without script"(open) {
		const v = await open({ having: "day", javaScriptEnabled: false });
		expect((await v.page.content()).includes(`http-equiv="refresh"`), "the page does not load itself again");
		expect(!await v.page.locator("[data-pause]").first().isVisible(), "a button does nothing");
		await v.look("no-script", { judge: false });
		await v.page.fill("#find-who", "0102");
		await v.page.click("#find button");
		await v.page.locator("#find .list button").first().click();
		await v.page.locator("#find article").getByText("555-0102", { exact: true }).waitFor();
		await v.page.setInputFiles("#files [type=file]", { name: "day.json", mimeType: "application/json", buffer: Buffer.from(`{"phone":"555-0101","items":[{"name":"Tea","price":1}]}`) });
		await v.page.click("#files form.drop button");
		await v.says("files", "day.json");
	},

	async "one of several shops without script"(open) {
		const v = await open({ having: "day shops", javaScriptEnabled: false });
		const isOfNorth = async () => expect(await v.text("h1") === "North" && new URL(v.page.url()).searchParams.get("shop") === "North", "it is not of the shop any more:", v.page.url());
		await v.page.selectOption("#shop", "North");
		await v.page.locator("form.shops button").click();
		await isOfNorth();
		for (const part of ["find", "backup"]) {
			expect((await v.page.locator(`#${part} form`).first().getAttribute("action")).endsWith("?shop=North"), "a form of", part, "leads to all shops");
		}
		await v.page.fill("#find-who", "0102");
		await v.page.click("#find button");
		await isOfNorth();
		await v.page.locator("#find .list button").first().click();
		await isOfNorth();
		await v.page.setInputFiles("#files [type=file]", { name: "day.json", mimeType: "application/json", buffer: Buffer.from(`{"phone":"555-0101","items":[{"name":"Tea","price":1}]}`) });
		await v.page.click("#files form.drop button");
		await v.says("files", "day.json");
		await isOfNorth();
		await v.page.fill("#zone-name", "Europe/Berlin");
		await v.page.click("#zone button");
		await isOfNorth();
	},

	async "several shops"(open) {
		const v = await open({ having: "day shops" });
		await v.look("shops");
		await v.page.selectOption("#shop", "North");
		await v.page.locator("form.shops button").click();
		await v.page.waitForSelector("html.live");
		expect(new URL(v.page.url()).searchParams.get("shop") === "North", v.page.url());
		expect((await v.text("h1")) === "North", "it is not said of which shop the page is");
		await v.look("shop", { widths: [320, 1440] });
	},

	async "at most 60 kB"(open) {
		const v = await open({ having: "day trouble", isStranger: true });
		let sum = 0;
		v.page.on("response", async (r) => sum += /\/(page\/(style|script)-|$)/.test(new URL(r.url()).pathname) && r.status() === 200 ? (await r.body()).length : 0);
		await v.signIn();
		expect(sum > 20000 && sum <= 60000, `page, style and script have ${sum} bytes`);
	},
};
