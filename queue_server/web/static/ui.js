// What every page shares: the words it was given, safe HTML, the hall's clock, one timer for all that counts.
// A page carries two blocks of data: <script type="application/json" id="words"> and … id="page">.

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const data = (id) => JSON.parse($(`#${id}`)?.textContent || "{}");
export const page = data("page");
const words = data("words");
export const lang = document.documentElement.lang === "en" ? "en" : "zh";

/** t("queue.people", {n: 3}): a sentence of the catalogue, its curly brackets filled in. A key without words shows itself. */
export const t = (key, facts = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => facts[name] ?? "");
/** A name of the hall's settings in the reader's language. */
export const named = (name) => name?.[lang] || name?.zh || "";

// ---- HTML: whatever is put in is escaped, unless it was made here ----
class Safe { constructor(text) { this.text = text; } }
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (value) =>
  value instanceof Safe ? value.text
  : Array.isArray(value) ? value.map(escaped).join("")
  : value === false ? ""
  : String(value ?? "").replace(/[&<>"']/g, (c) => ESCAPES[c]);
export const html = (parts, ...values) => new Safe(parts.reduce((out, part, i) => out + escaped(values[i - 1]) + part));

/** Puts content into an element; the same content again touches nothing, so that focus and screen readers stay calm. */
export function show(where, content) {
  const el = typeof where === "string" ? $(where) : where, text = escaped(content);
  if (el.shownHtml === text) return;
  el.shownHtml = text;
  el.innerHTML = text;
  $$("[data-hue]", el).forEach((one) => one.style.setProperty("--hue", one.dataset.hue));  // a style attribute would need CSP's unsafe-inline
}
/** The same for plain text. */
export function say(where, text) {
  const el = typeof where === "string" ? $(where) : where;
  if (el.textContent !== String(text)) el.textContent = text;
}

// ---- times: the server's clock and the hall's zone, whatever this machine believes ----
let ahead = 0;    // ms by which the server's clock is ahead of this machine's
export const setClock = (instant) => { ahead = new Date(instant).getTime() - Date.now(); };
if (page.at) setClock(page.at);
export const now = () => new Date(Date.now() + ahead);
export const secondsSince = (instant) => Math.max(0, (now() - new Date(instant)) / 1000);
const two = (n) => String(Math.floor(n)).padStart(2, "0");
/** Seconds as 04:37, from an hour on as 1:04:37. */
export const clockOf = (seconds) => (seconds >= 3600 ? `${Math.floor(seconds / 3600)}:` : "") + `${two(seconds / 60 % 60)}:${two(seconds % 60)}`;
const inHall = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.time_zone });
export const hhmm = (instant) => inHall.format(new Date(instant));

/** Calls `tick` now and on every second; it stands still while nobody looks, and catches up when somebody does. */
export function everySecond(tick) {
  const look = () => { if (!document.hidden) tick(); };
  tick();
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
}

// ---- small pictures ----
export const icon = (name) => html`<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#${name}"/></svg>`;
/** The letter of a line of business on a tint of its colour: {letter, colour}. */
export const letter = (line) => html`<span class="letter" data-hue="${line.colour}" aria-hidden="true">${line.letter}</span>`;
