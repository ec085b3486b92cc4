"use strict";
// The script of the page. The server makes all HTML; the script asks for it, and puts it into its
// place. frame.html and the templates of the parts say what it does for them.
{
const root = document.documentElement;
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
const at = (id) => document.getElementById(id);
const policy = window.trustedTypes?.createPolicy("page", { createHTML: (html) => html });
const fields = "input:not([type=hidden]), select, textarea";

// Putting HTML into a section.

const shown = {}; // the HTML that each part was given last

// put shows a part. What its reader did there is kept.
function put(name, html, isAnswer) {
	const section = at(name);
	if (!section || !isAnswer && shown[name] === html) return;
	shown[name] = html;
	const keys = all("[data-key]", section).map((li) => li.dataset.key);
	const digits = new Map(all("[data-digits]", section).map((d) => [d.dataset.digits, d.textContent]));
	const restore = keep(section);
	section.innerHTML = policy ? policy.createHTML(html) : html;
	restore();
	for (const li of all("[data-key]", section)) li.classList.toggle("new", keys.length > 0 && !keys.includes(li.dataset.key));
	for (const d of all("[data-digits]", section)) move(d, digits.get(d.dataset.digits));
	all("[data-pause]", section).forEach(showPause);
	again(section);
}

// keep notes what a reader has done in a section, and returns what does it again: which details are
// open, how far something is scrolled, where the focus is, and what is selected there.
function keep(section) {
	const open = new Map(all("details[id]", section).map((d) => [d.id, d.open]));
	const scrolled = all(".scroll", section).map((e) => [e.scrollLeft, e.scrollTop]);
	const focus = section.contains(document.activeElement) && document.activeElement;
	const nth = focus && alike(focus, section).indexOf(focus);
	const range = focus && focus.selectionStart !== undefined && [focus.selectionStart, focus.selectionEnd];
	return () => {
		for (const d of all("details[id]", section)) if (open.has(d.id)) d.open = open.get(d.id);
		all(".scroll", section).forEach((e, i) => [e.scrollLeft, e.scrollTop] = scrolled[i] || [0, 0]);
		const now = focus && alike(focus, section)[nth];
		if (now) focusOn(now);
		if (now && range && range[0] !== null) now.setSelectionRange(...range);
	};
}

// focusOn puts the focus on an element, even if Tab does not lead there.
function focusOn(one, preventScroll = true) {
	if (one.tabIndex < 0) one.tabIndex = -1;
	one.focus({ preventScroll });
}

// alike are the elements of a section that are what one is: of its id, or of its text.
function alike(one, section) {
	if (one.id) return all("#" + CSS.escape(one.id), section);
	const text = (e) => (e.getAttribute("aria-label") || e.textContent) + (e.closest("[id]")?.id || "");
	return all(one.localName, section).filter((e) => text(e) === text(one));
}

// move lets the digits move that have changed.
function move(one, before) {
	const text = one.textContent;
	if (before === undefined || before === text || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
	let from = 0;
	if (before.length === text.length) while (before[from] === text[from]) from++;
	const moving = document.createElement("span");
	moving.className = "moving";
	moving.textContent = text.slice(from);
	moving.addEventListener("animationend", () => one.textContent = text);
	one.replaceChildren(text.slice(0, from), moving);
}

// What comes from the server while the page is open.

const waiting = {}; // parts that are not shown yet, as they are paused or written into
const paused = new Map(); // the id of each pressed button, and the parts that it stops

const isPaused = (name) => [...paused.values()].some((names) => names.includes(name));

function isHeld(name) {
	const section = at(name);
	return isPaused(name) || section && (section.contains(document.activeElement) && document.activeElement.matches(fields) || section.querySelector("[data-hold]"));
}

function showWaiting() {
	for (const name in waiting) {
		if (isHeld(name)) continue;
		put(name, waiting[name]);
		delete waiting[name];
	}
	refresh();
	announceOrders();
}
document.addEventListener("focusout", () => setTimeout(showWaiting));

let source, tries = 0, watchdog, next;

function connect() {
	if (document.hidden) return;
	source = new EventSource(document.body.dataset.events);
	watch();
	source.addEventListener("parts", (e) => {
		alive();
		Object.assign(waiting, JSON.parse(e.data));
		showWaiting();
	});
	source.addEventListener("alive", alive);
	source.addEventListener("error", lost);
}

function alive() {
	tries = 0;
	root.classList.add("live");
	root.classList.remove("stale");
	watch();
}

function watch() {
	clearTimeout(watchdog);
	watchdog = setTimeout(lost, 40000);
}

// lost says that nothing comes any more, and connects again: after 1 to 5 s, and later each time.
async function lost() {
	source.close();
	clearTimeout(watchdog);
	clearTimeout(next);
	since();
	root.classList.remove("live");
	root.classList.add("stale");
	const answer = tries++ > 0 && await ask("HEAD", document.body.dataset.events).catch(() => null);
	if (answer?.status === 401) return location.assign("/");
	next = setTimeout(connect, Math.min(30000, (1000 + 4000 * Math.random()) * 2 ** (tries - 1)));
}

// A browser has six connections to a server that has no HTTP/2, so a page that nobody sees gives its
// own back, and is as it was until it is seen again.
document.addEventListener("visibilitychange", () => {
	if (!document.body.dataset.events) return;
	source?.close();
	clearTimeout(watchdog);
	clearTimeout(next);
	root.classList.remove("live");
	connect();
});

// since writes as of when the page is what it is.
function since() {
	const time = document.querySelector("[data-as-of]")?.textContent || "";
	for (const e of all("[data-since]")) e.textContent = time;
}

// Pauses.

function showPause(button) {
	const isOn = paused.has(button.id);
	if (isOn === button.hasAttribute("data-off")) return;
	if (isOn) {
		button.dataset.off = button.textContent;
		button.dataset.label = button.getAttribute("aria-label") || "";
		button.removeAttribute("aria-label");
		button.textContent = button.dataset.resume;
	} else {
		button.textContent = button.dataset.off;
		if (button.dataset.label) button.setAttribute("aria-label", button.dataset.label);
		button.removeAttribute("data-off");
	}
}

document.addEventListener("click", (e) => {
	const button = e.target.closest("[data-pause]");
	if (!button) return;
	if (!paused.delete(button.id)) paused.set(button.id, button.dataset.pause.split(" "));
	showPause(button);
	since();
	root.classList.toggle("paused", isPaused("status"));
	showWaiting();
});

// Announcements, for those who hear the page.

const say = (text) => at("announce") && (at("announce").textContent = text);
const ordersNow = () => Number(document.querySelector("[data-digits=orders]")?.textContent.replace(/\D/g, "") || NaN);
let announced = ordersNow(), isQuiet = false;

function announceOrders() {
	const now = ordersNow(), more = now - announced;
	if (isQuiet || paused.size > 0 || more === 0) return;
	announced = now;
	if (!(more > 0)) return; // it is another day
	const words = at("announce").dataset;
	say((more === 1 ? words.one : words.many).replace("{}", more));
	isQuiet = true;
	setTimeout(() => { isQuiet = false; announceOrders(); }, 10000);
}

// Forms.

// ask sends a request. XMLHttpRequest can say how much was sent, which fetch cannot.
function ask(method, path, body, part, progress) {
	return new Promise((done, failed) => {
		const r = new XMLHttpRequest();
		r.open(method, path);
		if (part) r.setRequestHeader("X-Part", part);
		if (progress) r.upload.onprogress = (e) => progress.value = 100 * e.loaded / e.total;
		r.onload = () => done(r);
		r.onerror = r.onabort = r.ontimeout = failed;
		r.send(body);
	});
}

// show puts an answer into its place, and returns the element in which it is.
function show(answer, part) {
	const name = answer.getResponseHeader("X-Part");
	if (name === "problem") return tell(part, answer.responseText);
	if (!name || name === "signin" || !at(name)) return location.assign("/");
	delete waiting[name];
	put(name, answer.responseText, true);
	return at(name);
}

// tell shows a problem at the top of a part, until the part is put anew.
function tell(part, html) {
	const section = at(part), box = document.createElement("div");
	box.className = "note bad problem";
	box.innerHTML = policy ? policy.createHTML(html) : html;
	section.querySelector(".problem")?.remove();
	section.querySelector("h2").after(box);
	return box;
}

// lead leads the reader to what was answered, unless the focus is still where it was.
function lead(box) {
	const says = box.querySelector("[role=alert], [role=status]");
	if (box.contains(document.activeElement)) return says && say(says.textContent);
	const to = box.querySelector("[aria-invalid=true]") || says || box.querySelector("article h3") || box.querySelector("h2");
	if (to) focusOn(to, false);
}

const answered = {}; // when a form of each part was answered

async function send(form) {
	const part = form.dataset.part || form.closest("section").id, progress = form.querySelector("progress");
	const isFile = form.enctype === "multipart/form-data", data = new FormData(form);
	if (form.getAttribute("aria-busy")) return;
	form.setAttribute("aria-busy", "true");
	if (isFile && progress) progress.hidden = false;
	const answer = await ask("POST", form.action, isFile ? data : new URLSearchParams(data), part, isFile && progress).catch(() => null);
	form.removeAttribute("aria-busy");
	if (progress) progress.hidden = true;
	if (answer && isFile) form.reset();
	answered[part] = Date.now();
	const box = answer ? show(answer, part) : tell(part, at("no-answer").innerHTML);
	if (box) lead(box);
}

document.addEventListener("submit", (e) => {
	const form = e.target;
	if (form.method !== "post" || !form.closest("section") || form.matches("[data-plain], [data-download]")) return;
	e.preventDefault();
	send(form);
});

// What the status links to is asked for again if the status says something else of it, as not all
// parts are live.
let concerns = concernsNow();

function concernsNow() {
	return new Map(all("#status a[href^='#']").map((a) => [a.hash.slice(1), a.parentElement.textContent]));
}

function refresh() {
	const before = concerns;
	concerns = concernsNow();
	for (const name of new Set([...before.keys(), ...concerns.keys()])) {
		if (before.get(name) === concerns.get(name)) continue;
		setTimeout(renew, 2000 * Math.random(), name); // not all open pages at once
	}
}

// renew asks for a part again, once its reader has read what was answered there.
async function renew(name) {
	if (!at(name) || isHeld(name)) return;
	if (Date.now() - answered[name] < 10000) return setTimeout(renew, 10000, name);
	const answer = await ask("GET", location.href, null, name).catch(() => null);
	if (answer?.status === 200 && !isHeld(name)) show(answer, name);
}

// again asks for a part that says so after a second: it is still being worked on.
function again(section) {
	const path = section.querySelector("[data-again]")?.dataset.again;
	if (!path) return;
	setTimeout(async () => {
		if (section.querySelector("[data-again]")?.dataset.again !== path || section.contains(document.activeElement) && document.activeElement.matches(fields)) return again(section);
		const answer = await ask("GET", path, null, section.id).catch(() => null);
		if (!answer) return again(section);
		const isDone = !answer.responseText.includes("data-again");
		const box = show(answer, section.id);
		if (box && isDone) say(all("[role=alert], [role=status]", box)[0]?.textContent || "");
	}, 1000);
}
all("main > section").forEach(again);

// Files that are dropped: on a form, or else anywhere, for the first form that takes them.

const dropForm = (e) => e.dataTransfer?.types.includes("Files") && (e.target.closest?.("[data-drop]") || document.querySelector("[data-drop]"));
const over = (form) => all("[data-drop]").forEach((f) => f.classList.toggle("over", f === form));

document.addEventListener("dragover", (e) => {
	const form = dropForm(e);
	if (form) e.preventDefault();
	over(form);
});
document.addEventListener("dragleave", (e) => e.relatedTarget || over());
document.addEventListener("drop", (e) => {
	const form = dropForm(e);
	over();
	if (!form) return;
	e.preventDefault();
	form.querySelector("[type=file]").files = e.dataTransfer.files;
	form.requestSubmit();
});

for (const field of all("[data-zone]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
root.classList.add("has-script");
if (document.body.dataset.events) connect();
}
