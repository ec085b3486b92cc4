// The first hour with the page: signing in, an empty store, a file.
import { expect } from "./visit.mjs";

const faulty = `{"phone": "555-0101", "name": "Ann", "items": [{"name": "Tea", "price": 2.50}]}
{"phone": "555-0102", "name": "Bob", "items": [{"name": "Tea", "price": "cheap"}]}
{"phone": "555-0103", "name": "Cleo", "items": [{"name": "Cake", "price": 4}]}
`;

// drop drops a file on a form, as a mouse does.
async function drop(v, form, name, text) {
	const file = await v.page.evaluateHandle(([name, text]) => {
		const all = new DataTransfer();
		all.items.add(new File([typeof text === "string" ? text : new Uint8Array(text)], name));
		return all;
	}, [name, text]);
	for (const event of ["dragover", "drop"]) await v.page.dispatchEvent(form, event, { dataTransfer: file });
}

export const scenarios = {
	async "signing in by the button of a link"(open) {
		const v = await open({ isStranger: true, timezoneId: "Europe/Berlin" });
		const link = await v.street("link");
		for (let i = 0; i < 2; i++) expect((await fetch(link)).ok, "a preview does not get the link");
		await v.page.goto(link);
		await v.look("sign-in");
		await v.page.keyboard.press("Tab");
		await v.page.keyboard.press("Tab");
		await v.page.keyboard.press("Enter");
		await v.page.waitForSelector("html.live");
		expect(v.page.url() === v.shop.url + "/", v.page.url());
		expect(await v.page.inputValue("#zone-name") === "Europe/Berlin", "the zone of the browser is not known");
		await v.page.goto(link);
		await v.page.getByText("This link was used already").waitFor();
		await v.look("link-used");
		await v.page.goto(v.shop.url);
		await v.page.getByRole("button", { name: "Sign out" }).click();
		await v.page.goto(v.shop.url);
		await v.page.getByText("Nobody is signed in here").waitFor();
	},

	async "an empty store, a file that is dropped, and a reject"(open) {
		const v = await open();
		await v.says("empty", "No orders yet");
		await v.look("empty");
		await drop(v, "#empty form", "orders.json", faulty);
		await v.says("files", "Nothing is changed yet");
		await v.look("checked");
		const focus = await v.page.evaluate(() => document.activeElement.closest("section")?.id);
		expect(focus === "files", "the focus is in", focus);
		await v.page.getByRole("button", { name: "Apply it" }).click();
		await v.says("files", "2 orders; 1 order rejected");
		await v.page.waitForFunction(() => document.querySelector("[data-digits=customers]")?.textContent !== "" && !document.querySelector("#empty h2"));
		await v.look("applied");
		await v.page.locator("#files").getByRole("button", { name: "rejected" }).or(v.page.locator("#files form[action='/page/rejects'] button")).first().click();
		await v.says("rejects", "1 order of");
		await v.look("rejects");
		const field = v.page.locator("#rejects textarea");
		await field.fill((await field.inputValue()).replace(`"cheap"`, `"dear"`));
		await v.page.locator("#rejects form.stack button").click();
		await v.says("rejects", "want a decimal number");
		await v.look("reject-still-wrong");
		await field.fill((await field.inputValue()).replace(`"dear"`, "2.50"));
		await v.page.locator("#rejects form.stack button").click();
		await v.says("rejects", "Saved: 1 order.");
		await v.look("reject-saved");
		expect((await v.street("acts")).includes("rejects-read"), "nobody knows that rejects were read");
	},

	async "a file that is none"(open) {
		const v = await open({ having: "day" });
		await drop(v, "main", "picture.png", [0x89, ...new TextEncoder().encode("PNG\r\n\x1a\n"), 0, 0, 0, 13]);
		await v.says("files", "Nothing was changed");
		await v.says("files", "an image");
		await v.look("no-file");
	},

	async "figures change when a file is applied"(open) {
		const v = await open({ having: "day" });
		const before = Number(await v.text("[data-digits=orders]"));
		const orders = [7001, 7002].map((id) => ({ id, phone: "555-0150", customer: { first_name: "Gus" }, currency: "USD", created_at: v.shop.now, updated_at: v.shop.now, line_items: [{ name: "Tea", price: "2.50", quantity: 1 }] }));
		await v.page.setInputFiles("#files [type=file]", { name: "day.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify({ orders })) });
		await v.page.click("#files form.drop button");
		await v.page.getByRole("button", { name: "Apply it" }).click();
		await v.page.waitForFunction((want) => Number(document.querySelector("[data-digits=orders]").textContent) === want, before + 2);
	},
};
