// Runs all scenarios in one browser, and writes a line of JSON for each.
import { browser, open } from "./visit.mjs";
import * as people from "./people.mjs";
import * as files from "./files.mjs";
import * as live from "./live.mjs";
import * as looks from "./looks.mjs";

const wanted = process.env.SCENARIOS; // a pattern of names, to run few of them
const todo = [files, live, people, looks].flatMap((m) => Object.entries(m.scenarios)).filter(([name]) => !wanted || new RegExp(wanted).test(name));

async function work() {
	for (let one; (one = todo.shift()); ) {
		const [name, scenario] = one, start = Date.now();
		let failed = "";
		const opened = [];
		try {
			await scenario((o) => open({ ...o, opened }));
		} catch (e) {
			failed = String(e.stack);
		}
		for (const visit of opened) {
			failed += visit.wrong.map((w) => "\n" + w).join("");
			await visit.end(failed && name).catch(() => {});
		}
		console.log(JSON.stringify({ Name: name, Failed: failed, Took: Date.now() - start }));
	}
}
await Promise.all([work(), work(), work()]);
await browser.close();
